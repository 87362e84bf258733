/**
 * Devices, whose behaviour is C (of the scenario, or of the built-in network card): each has memory of its own, runs when a processor touches its registers or a
 * timer of it runs out, and reaches the machine by the routines of `<dmsdevice.h>`.
 */
import { frame, PAGE_SIZE, type VirtualAddress, virtual } from '../../base/addresses.ts';
import { type Int64, int64, unsigned64 } from '../../base/int64.ts';
import type { Table } from '../../base/store.ts';
import { deviceRoutines } from '../../language/device-routines.ts';
import type { Unit } from '../../language/program.ts';
import type { DeviceProgram } from '../../language/scenario.ts';
import type { AddressSpace, MappingUse, Protection } from '../../machine/address-space.ts';
import type { NicConfiguration } from '../../machine/host.ts';
import type { NativeCall, NativeTable } from '../../vm/natives.ts';
import type { RegisterAccess } from '../../vm/register-accesses.ts';
import type { ModuleDeclaration, ModuleImage, ThreadState } from '../../vm/system.ts';
import type { Timer } from '../clock.ts';
import type { KernelContext } from '../context.ts';
import type { Interrupts } from '../ke/interrupts.ts';
import type { BusMaster } from './bus-master.ts';
import type { SystemDma } from './system-dma.ts';

/** A device with its code. */
interface CodedDevice {
  readonly nic: NicConfiguration;
  /** Of the scenario; undefined for the built-in network card. */
  readonly program: DeviceProgram | undefined;
  /** The vm's number of its address space. */
  readonly process: number;
  readonly space: AddressSpace;
}

/** Device memory lies in frames that no machine has: it is not on the bus. */
const DEVICE_FRAMES = 2 ** 39;
const FRAMES_PER_DEVICE = 2 ** 20;
/** Beyond the numbers of processes. */
const FIRST_PROCESS = 0x4000_0000;
const STACK_PAGES = 64;
const STACK_BASE = virtual(0x7000_0000);
const TIMER = 'device:';

/** The name of a device's image, apart from a driver's of the same name. */
const moduleOf = (device: string): string => `${device} (device)`;

export class DeviceCode {
  private readonly devices: readonly CodedDevice[];
  /** Powered on and still working, by name. */
  private readonly working: Table<string, true>;
  private readonly timerCell: number;

  constructor(
    private readonly kernel: KernelContext,
    private readonly parts: {
      readonly busMaster: BusMaster;
      readonly controller: SystemDma;
      readonly interrupts: Interrupts;
      /** The code of the built-in network card. */
      readonly nicUnits: () => readonly Unit[];
    },
  ) {
    const { store, host, declaration } = kernel;
    this.devices = declaration.nics.map((nic, index) => ({
      nic,
      program: nic.program,
      process: FIRST_PROCESS + index,
      space: host.userSpace(`device ${nic.name}`),
    }));
    this.working = store.table(`${host.name}.devicesPowered`);
    this.timerCell = store.cell();
  }

  natives(): NativeTable {
    const { busMaster, interrupts } = this.parts;
    return {
      DeviceRead: (call) => busMaster.transfer(call, this.callerOf(call).nic, 'read'),
      DeviceWrite: (call) => busMaster.transfer(call, this.callerOf(call).nic, 'write'),
      DeviceDmaRequest: (call) => this.parts.controller.request(call, this.callerOf(call).nic.name),
      DeviceInterrupt: (call) => {
        interrupts.pulse(this.callerOf(call).nic.name, call.number(0));
        return undefined;
      },
      DeviceInterruptLine: (call) => {
        const { name } = this.callerOf(call).nic;
        if (call.boolean(0)) interrupts.raise(name);
        else interrupts.lower(name);
        return undefined;
      },
      DeviceTimer: (call) => this.setTimer(call),
    };
  }

  /** The images of the devices, to be linked with the host's. */
  modules(): readonly ModuleDeclaration[] {
    return this.devices.map(({ nic, program, process }) => ({
      name: moduleOf(nic.name),
      host: this.kernel.host.index,
      process,
      mode: 'user',
      units: program?.units ?? this.parts.nicUnits(),
      own: program !== undefined,
      imports: [],
      routines: deviceRoutines,
    }));
  }

  spaceOf(process: number): AddressSpace | undefined {
    return this.devices.find((device) => device.process === process)?.space;
  }

  /** The device whose code runs in an address space. */
  named(process: number): string | undefined {
    return this.devices.find((device) => device.process === process)?.nic.name;
  }

  /** Before Windows boots: code and data in place, everything at rest. */
  powerOn(): void {
    this.devices.forEach((device, index) => {
      const image = this.imageOf(device);
      if (image === undefined) return;
      const missing = image.unresolved.map(({ name }) => name);
      if (missing.length > 0) {
        this.fail(
          device.nic.name,
          `Device ${device.nic.name} does not work: ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} defined nowhere. A device calls what <dmsdevice.h> offers, DbgPrint and memory routines`,
          image.unresolved[0]?.site,
        );
        return;
      }
      this.mapAll(device, image, DEVICE_FRAMES + index * FRAMES_PER_DEVICE);
      this.kernel.store.set(this.working, device.nic.name, true);
    });
  }

  /** The thread that answers an access; undefined for a device without code, or one that has failed. */
  access({ access, device, bar, offset, size, value }: RegisterAccess): number | undefined {
    return access === 'read'
      ? this.start(device, 'RegisterRead', [bar, offset, size])
      : this.start(device, 'RegisterWrite', [bar, offset, size, value]);
  }

  /** Whether the timer was one of a device. */
  timerDue(timer: Timer): boolean {
    if (!timer.purpose.startsWith(TIMER)) return false;
    const [, device = '', , context = '0'] = timer.purpose.split(':');
    this.start(device, 'TimerExpired', [int64(BigInt(context))]);
    return true;
  }

  /** A device's code was left by an exception: it answers nothing any more. */
  failed(thread: ThreadState, why: string): void {
    const name = this.named(thread.process) ?? thread.name;
    this.kernel.store.delete(this.working, name);
    this.fail(
      name,
      `Device ${name} stops working: its code was ended by ${why}`,
      undefined,
      thread.id,
    );
  }

  private start(name: string, routine: string, list: readonly Int64[]): number | undefined {
    const { kernel } = this;
    const device = this.devices.find(({ nic }) => nic.name === name);
    if (device === undefined || kernel.store.get(this.working, name) === undefined) {
      return undefined;
    }
    const entry = kernel.vm.addressOf(kernel.host.index, moduleOf(name), routine);
    if (entry === undefined) return undefined;
    const limit = virtual(STACK_BASE - STACK_PAGES * PAGE_SIZE);
    return kernel.vm.createThread({
      host: kernel.host.index,
      process: device.process,
      mode: 'user',
      name,
      entry,
      arguments: list,
      kernelStack: { limit: virtual(0), base: virtual(0) },
      userStack: { limit, base: STACK_BASE },
      purpose: `device:${name}`,
      level: 'device',
      processor: kernel.host.processor,
    });
  }

  private setTimer(call: NativeCall): undefined {
    const { clock, host, store } = this.kernel;
    const { name } = this.callerOf(call).nic;
    const number = (store.cells[this.timerCell] ?? 0) + 1;
    store.cells[this.timerCell] = number;
    const delay = Math.min(Number(unsigned64(call.integer(0))), Number.MAX_SAFE_INTEGER / 2);
    clock.set({
      due: clock.now + delay,
      host: host.index,
      purpose: `${TIMER}${name}:${number}:${call.integer(1)}`,
    });
    return undefined;
  }

  private callerOf(call: NativeCall): CodedDevice {
    const device = this.devices.find(({ process }) => process === call.process);
    if (device === undefined) throw new RangeError(`${call.routine} is not called by a device`);
    return device;
  }

  private imageOf({ nic }: CodedDevice): ModuleImage | undefined {
    return this.kernel.vm.image(this.kernel.host.index, moduleOf(nic.name));
  }

  private mapAll({ space }: CodedDevice, image: ModuleImage, first: number): void {
    let next = first;
    const map = (start: VirtualAddress, pages: number, use: MappingUse, protection: Protection) => {
      const run = frame(next);
      next += pages;
      this.kernel.host.memory.zero(run, pages);
      space.put({
        start,
        pages,
        use,
        runs: [{ page: 0, frame: run, count: pages }],
        protection,
        user: true,
        cache: 'cached',
        pageable: false,
      });
    };
    for (const { start, size, name, writable, bytes } of image.sections) {
      const isCode = name !== '.rdata' && name !== '.data';
      map(
        start,
        size / PAGE_SIZE,
        'image',
        isCode ? 'executeRead' : writable ? 'readWrite' : 'readOnly',
      );
      if (bytes !== undefined) this.kernel.system.of(space).writeBytes(start, bytes);
    }
    map(virtual(STACK_BASE - STACK_PAGES * PAGE_SIZE), STACK_PAGES, 'userStack', 'readWrite');
  }

  private fail(
    subject: string,
    message: string,
    site: ModuleImage['unresolved'][number]['site'] | undefined,
    thread?: number,
  ): void {
    const { reports, host, vm } = this.kernel;
    reports.add('failure', {
      host: host.name,
      kind: 'device',
      subject,
      status: undefined,
      message,
      site: site ?? (thread === undefined ? undefined : vm.siteOf(thread)),
    });
  }
}
