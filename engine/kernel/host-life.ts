/** One host's part in a scenario's life: drivers by the loader, processes by `Processes`. */
import type { Int64 } from '../base/int64.ts';
import { BugCheck } from '../vm/natives.ts';
import type { ThreadState } from '../vm/system.ts';
import { bugCheckCodes } from './bug-check-codes.ts';
import type { Timer } from './clock.ts';
import type { KernelContext } from './context.ts';
import type { DeviceCode } from './hal/device-code.ts';
import type { SystemDma } from './hal/system-dma.ts';
import { type DriverLoader, nicsOf } from './io/driver-loader.ts';
import type { Deferred } from './ke/deferred.ts';
import type { Dispatcher } from './ke/dispatcher.ts';
import type { IrqlManager } from './ke/irql.ts';
import type { WaitChains } from './ke/wait-chains.ts';
import type { LifeHost } from './life.ts';
import { setSystemVariables } from './mm/system-variables.ts';
import { mapImage } from './ps/images.ts';
import type { Processes } from './ps/processes.ts';
import type { DebugOutput } from './rtl/debug-print.ts';
import { verifierFlags } from './services.ts';
import { statusName } from './status.ts';
import type { IoRules } from './verifier/io-rules.ts';
import type { IrpLog } from './verifier/irp-log.ts';

const KERNEL = 'ntoskrnl';
/** Purpose of the thread that tells drivers of a process, before its name. */
export const ANNOUNCE = 'announce:';

export interface HostLifeParts {
  readonly loader: DriverLoader;
  readonly processes: Processes;
  readonly dispatcher: Dispatcher;
  readonly irql: IrqlManager;
  readonly waitChains: WaitChains;
  readonly deferred: Deferred;
  readonly deviceCode: DeviceCode;
  readonly dmaController: SystemDma;
  readonly debugOutput: DebugOutput;
  readonly ioRules: IoRules;
  readonly irpLog: IrpLog;
}

export class HostLife implements LifeHost {
  readonly index: number;
  readonly name: string;
  readonly drivers: LifeHost['drivers'];
  readonly events: LifeHost['events'];

  constructor(
    private readonly kernel: KernelContext,
    private readonly parts: HostLifeParts,
  ) {
    this.index = kernel.host.index;
    this.name = kernel.host.name;
    this.events = kernel.declaration.events;
    this.drivers = kernel.declaration.drivers.map((driver) => ({
      name: driver.name,
      nics: nicsOf(driver),
    }));
  }

  boot(): void {
    this.parts.deviceCode.powerOn();
    const image = this.kernel.vm.image(this.index, KERNEL);
    if (image !== undefined && !mapImage(this.kernel, image, this.kernel.host.system)) {
      throw new RangeError(`host ${this.name} has too little memory to boot`);
    }
    if (image !== undefined) setSystemVariables(this.kernel);
  }

  loadDriver(driver: string): number | undefined {
    return this.parts.loader.load(driver);
  }

  driverEntered(driver: string, result: Int64): void {
    this.checkIrql('DriverEntry', driver);
    this.parts.loader.entered(driver, result);
  }

  addDevice(driver: string, nic: string): number | undefined {
    return this.parts.loader.addDevice(driver, nic);
  }

  deviceAdded(driver: string, nic: string, result: Int64): void {
    this.checkIrql('AddDevice', driver);
    this.parts.loader.added(driver, nic, result);
  }

  startDevice(driver: string, nic: string): number | undefined {
    return this.parts.loader.startDevice(driver, nic);
  }

  deviceStarted(driver: string, nic: string, result: Int64): boolean {
    return this.parts.loader.started(driver, nic, result);
  }

  removeDevice(nic: string): number | undefined {
    return this.parts.loader.removeDevice(nic);
  }

  deviceRemoved(nic: string): void {
    this.parts.loader.removed(nic);
  }

  unloadDriver(driver: string): number | undefined {
    return this.parts.loader.unload(driver);
  }

  driverUnloaded(driver: string): void {
    this.checkIrql('DriverUnload', driver);
    this.parts.debugOutput.flush(driver);
    this.parts.irpLog.print(driver);
    this.parts.loader.unloaded(driver);
  }

  shutDown(): void {
    this.parts.debugOutput.flush();
  }

  startProcess(process: string): number | undefined {
    const entry = this.parts.processes.named(process);
    const announce = this.kernel.vm.addressOf(this.index, KERNEL, 'PspAnnounceProcess');
    if (entry !== undefined && announce !== undefined && this.parts.processes.areAnnounced) {
      return this.parts.processes.startSystemThread({
        name: 'System',
        process: 0,
        entry: announce,
        arguments: [entry.id],
        purpose: `${ANNOUNCE}${process}`,
      });
    }
    return this.beginProcess(process);
  }

  /** The drivers have heard of a process, and one of them may have refused it; answers its thread. */
  announced(purpose: string, result: Int64): number | undefined {
    const process = purpose.slice(ANNOUNCE.length);
    const code = Number(result) | 0;
    if (code >= 0) return this.beginProcess(process);
    this.reportNotStarted(process, `a driver refused it with ${statusName(code)}`);
    return undefined;
  }

  private beginProcess(process: string): number | undefined {
    const entry = this.parts.processes.named(process);
    const started =
      entry === undefined
        ? 'it is not declared'
        : this.parts.processes.start(entry, `main:${process}`);
    if (typeof started === 'number') return started;
    this.reportNotStarted(process, started);
    return undefined;
  }

  private reportNotStarted(process: string, why: string): void {
    this.kernel.reports.add('failure', {
      host: this.name,
      kind: 'process',
      subject: process,
      status: undefined,
      message: `Process ${process} did not start: ${why}`,
      site: undefined,
    });
  }

  cleanUpProcess(process: string): number | undefined {
    const { kernel } = this;
    const entry = this.parts.processes.named(process);
    const routine = kernel.vm.addressOf(this.index, KERNEL, 'ObKillProcess');
    if (entry === undefined || routine === undefined) return undefined;
    return this.parts.processes.startSystemThread({
      name: process,
      process: entry.id,
      entry: routine,
      arguments: [],
      purpose: `exit:${process}`,
    });
  }

  processGone(process: string, code: number): void {
    const { kernel, parts } = this;
    parts.debugOutput.flush(process);
    const entry = parts.processes.named(process);
    if (entry === undefined) return;
    parts.processes.endThreads(entry.id, 0);
    const locked = kernel.memory.lockedPages(entry.id);
    if (locked > 0) {
      this.stopForLockedPages(entry.id, process, locked);
      return;
    }
    parts.processes.releaseSpace(entry);
    if (code !== 0 && !this.endedByException(process)) {
      kernel.reports.add('failure', {
        host: this.name,
        kind: 'process',
        subject: process,
        status: code,
        message: `Process ${process} ended with exit code ${code | 0}`,
        site: undefined,
      });
    }
  }

  threads(): readonly ThreadState[] {
    return this.kernel.vm.threads(this.index);
  }

  timerDue(timer: Timer): void {
    const { dispatcher, deferred, deviceCode, dmaController } = this.parts;
    if (dispatcher.timerDue(timer.purpose) || deviceCode.timerDue(timer)) return;
    if (dmaController.timerDue(timer)) return;
    deferred.timerDue(timer);
  }

  startEvent(index: number): number | undefined {
    const event = this.kernel.declaration.events[index];
    return event && this.parts.loader.startEvent(event.kind, event.nic, `event:${index}`);
  }

  eventDone(index: number, result: Int64): void {
    const event = this.kernel.declaration.events[index];
    if (event !== undefined) this.parts.loader.eventDone(event.kind, event.nic, result);
  }

  recheck(): boolean {
    return this.parts.irql.recheckSpinners();
  }

  reportDeadlock(): void {
    const { kernel } = this;
    const late = this.parts.ioRules.neverCompleted();
    if (late !== undefined) {
      kernel.stopWith(late);
      return;
    }
    for (const thread of this.threads()) {
      if (thread.state !== 'blocked' || this.parts.waitChains.isReported(thread.id)) continue;
      const waits = this.parts.waitChains.describe(thread.id) ?? thread.waitingFor ?? 'something';
      kernel.reports.add('failure', {
        host: this.name,
        kind: 'deadlock',
        subject: thread.name,
        status: undefined,
        message: `No thread can run any more: thread ${thread.id} (${thread.name}) waits for ${waits}`,
        site: kernel.vm.siteOf(thread.id),
      });
    }
  }

  /** A routine of a driver has to return at the IRQL that it was called at. */
  private checkIrql(routine: string, driver: string): void {
    const { host } = this.kernel;
    if (host.irql === 0) return;
    const { irql } = host;
    host.irql = 0;
    this.kernel.stopWith(
      new BugCheck(
        bugCheckCodes.IRQL_UNEXPECTED_VALUE,
        [irql * 0x10000, 0, 0, 0],
        `${routine} of ${driver} was called at PASSIVE_LEVEL and returned at IRQL ${irql}.`,
        'bug-check-0xc8--irql-unexpected-value',
      ),
    );
  }

  private endedByException(process: string): boolean {
    return this.kernel.reports
      .list('failure')
      .some(
        (failure) =>
          failure.kind === 'process' && failure.host === this.name && failure.subject === process,
      );
  }

  private stopForLockedPages(id: number, process: string, locked: number): void {
    const { kernel } = this;
    const tracking = kernel.declaration.drivers.some((driver) =>
      kernel.verifiedModule(driver.name, verifierFlags.poolTracking),
    );
    const object = kernel.processObject(id);
    const lock = [...kernel.ledger.live()].find(
      ({ kind, details }) => kind === 'locked pages' && details['process'] === id,
    );
    const by =
      lock?.site === undefined
        ? 'a driver did not call MmUnlockPages'
        : `${lock.module} locked them in ${lock.site.function} (line ${lock.site.line}) and did not call MmUnlockPages`;
    const text = `Process ${process} has ended, and ${locked} page${locked === 1 ? ' of it is' : 's of it are'} still locked: ${by}.`;
    kernel.stopWith(
      tracking
        ? new BugCheck(
            bugCheckCodes.DRIVER_LEFT_LOCKED_PAGES_IN_PROCESS,
            [object, 0, lock?.address ?? 0, locked],
            text,
            'bug-check-0xcb--driver-left-locked-pages-in-process',
          )
        : new BugCheck(
            bugCheckCodes.PROCESS_HAS_LOCKED_PAGES,
            [0, object, locked, 0],
            text,
            'bug-check-0x76--process-has-locked-pages',
          ),
    );
  }
}
