/**
 * IRPs: allocated and freed here, sent and completed by `call-driver.c` and `complete-request.c`. The kernel
 * knows which IRPs exist and where they are, for double completion and for whoever still holds a device.
 */
import { virtual } from '../../base/addresses.ts';
import { hex } from '../../base/int64.ts';
import type { OrderedMap } from '../../base/ordered-map.ts';
import type { Table } from '../../base/store.ts';
import { BugCheck, type NativeCall, type NativeTable } from '../../vm/natives.ts';
import type { Site } from '../../vm/reports.ts';
import { bugCheckCodes } from '../bug-check-codes.ts';
import { DISPATCH_LEVEL, irqlName, type KernelContext } from '../context.ts';
import { FINISH, type Processes } from '../ps/processes.ts';
import { verifierFlags } from '../services.ts';
import { status, statusName } from '../status.ts';
import { checkHighestIrql } from '../verifier/irql-rules.ts';

/** An IRP that exists. Plain data. */
export interface IrpRecord {
  readonly address: number;
  readonly stackSize: number;
  readonly module: string;
  readonly own: boolean;
  readonly thread: number;
  readonly process: number;
  /** The device that it was sent to last and has not come back from. */
  readonly device: number | undefined;
  readonly completed: Site | undefined;
  readonly site: Site;
  /** A thread waits for its end. */
  readonly awaited?: boolean;
  /** The process that made it has ended. */
  readonly orphan?: boolean;
  /** Freed: its memory stays for a while, as on Windows' lookaside lists, so that late use can be named. */
  readonly freed: boolean;
}

const TYPE = 'IRP';
const IO_TYPE_IRP = 6;
const POOL_TAG = 0x20707249; // 'Irp '
/** Freed IRPs whose memory is kept. */
const KEPT = 32;
/** IO_STACK_LOCATION.Control, and the bit that IoMarkIrpPending sets. */
const CONTROL = 3;
const SL_PENDING_RETURNED = 1;

export class Irps {
  private readonly table: Table<number, IrpRecord>;
  private readonly freedOrder: Table<number, number>;
  /** Stack locations whose dispatch routine returned STATUS_PENDING without a mark, with the routine. */
  private readonly unmarked: Table<number, number>;

  constructor(
    private readonly kernel: KernelContext,
    private readonly processes: Processes,
  ) {
    this.table = kernel.store.table(`${kernel.host.name}.irps`);
    this.freedOrder = kernel.store.table(`${kernel.host.name}.freedIrps`);
    this.unmarked = kernel.store.table(`${kernel.host.name}.unmarkedLocations`);
  }

  get all(): OrderedMap<number, IrpRecord> {
    return this.kernel.store.all(this.table);
  }

  /** IRPs that are at a device now. */
  at(device: number): readonly IrpRecord[] {
    return [...this.all.values()].filter((irp) => irp.device === device);
  }

  natives(): NativeTable {
    return {
      IoAllocateIrp: (call) => this.allocate(call, call.number(0)),
      IoAllocateIrpEx: (call) => this.allocate(call, call.number(1)),
      IoFreeIrp: (call) => this.free(call),
      IoInitializeIrp: (call) => {
        this.initialize(call, call.number(0), call.number(1), call.number(2));
        return undefined;
      },
      IoReuseIrp: (call) => this.reuse(call),
      IopNoteCallDriver: (call) => this.noteCall(call),
      IopNoteDispatchReturn: (call) => this.noteReturn(call),
      IopNoteCompletion: (call) => this.noteCompletion(call),
      IopOrphanRequests: (call) => this.orphan(call),
      IopMarkAwaited: (call) => {
        this.kernel.store.update(this.table, call.number(0), (record) => ({
          ...record,
          awaited: true,
        }));
        return undefined;
      },
      IopIsAwaited: (call) =>
        this.kernel.store.get(this.table, call.number(0))?.awaited === true ? 1 : 0,
      IopNextRequestOf: (call) => this.nextOf(call),
      IopQueueFinish: (call) => this.queueFinish(call.number(0)),
      IopNextPendingRequest: (call) => this.nextPending(call.process, call.number(0)),
      IoGetRequestorProcess: (call) => {
        const process = this.kernel.store.get(this.table, call.number(0))?.process ?? 0;
        return this.kernel.processObject(process);
      },
    };
  }

  /** Requests of a process that drivers still have, by address. */
  private pendingOf(process: number): readonly IrpRecord[] {
    return [...this.all.values()].filter(
      (irp) => irp.process === process && !irp.own && !irp.freed && irp.device !== undefined,
    );
  }

  /**
   * The threads of the process and their stacks are gone: no event is set there, no status written. What it did not
   * wait for refers to objects, which are still there.
   */
  private orphan(call: NativeCall): undefined {
    const { layouts, store } = this.kernel;
    for (const record of this.pendingOf(call.process)) {
      store.set(this.table, record.address, { ...record, orphan: true });
      if (record.awaited !== true) continue;
      for (const member of ['UserEvent', 'UserIosb']) {
        layouts.write(call.memory, record.address, TYPE, member, 0);
      }
    }
    return undefined;
  }

  private nextPending(process: number, last: number): number {
    return following(this.pendingOf(process), last);
  }

  /** IopNextRequestOf(File, OfThread, StatusBlock, Last). */
  private nextOf(call: NativeCall): number {
    const { layouts } = this.kernel;
    const [file, block] = [call.number(0), call.number(2)];
    const read = (irp: IrpRecord, member: string): number =>
      layouts.read(call.memory, irp.address, TYPE, member);
    const requests = this.pendingOf(call.process).filter(
      (irp) =>
        read(irp, 'Tail.Overlay.OriginalFileObject') === file &&
        (!call.boolean(1) || irp.thread === call.thread) &&
        (block === 0 || read(irp, 'UserIosb') === block),
    );
    return following(requests, call.number(3));
  }

  /** What Windows does in an APC of the thread that made the request is done by a thread of its process here. */
  private queueFinish(address: number): number {
    const { kernel } = this;
    const record = kernel.store.get(this.table, address);
    const orphan = record?.orphan === true;
    const entry = kernel.vm.addressOf(
      kernel.host.index,
      'ntoskrnl',
      orphan ? 'IopDiscardRequest' : 'IopFinishRequest',
    );
    if (record === undefined || entry === undefined) return 0;
    const thread = this.processes.startSystemThread({
      name: 'System',
      process: orphan ? 0 : record.process,
      entry,
      arguments: [address],
      purpose: FINISH,
    });
    return thread === undefined ? 0 : 1;
  }

  private allocate(call: NativeCall, stackSize: number): number {
    const { kernel } = this;
    checkHighestIrql(kernel, call, DISPATCH_LEVEL, 'nf-wdm-ioallocateirp');
    if (kernel.injectFault(call, 'allocation')) return 0;
    const bytes = this.bytes(stackSize);
    const address = kernel.memory.allocateSystemPool({
      bytes,
      paged: false,
      executable: false,
      tag: POOL_TAG,
      zeroed: true,
    });
    if (address === undefined) return 0;
    this.initialize(call, address, bytes, stackSize);
    kernel.store.set(this.table, address, {
      address,
      stackSize,
      module: call.caller.module,
      own: call.caller.own,
      thread: call.thread,
      process: call.process,
      device: undefined,
      completed: undefined,
      site: this.kernel.vm.siteOf(call.thread, true) ?? call.site,
      freed: false,
    });
    return address;
  }

  private bytes(stackSize: number): number {
    const { layouts } = this.kernel;
    return layouts.size(TYPE) + stackSize * layouts.size('IO_STACK_LOCATION');
  }

  private initialize(call: NativeCall, address: number, bytes: number, stackSize: number): void {
    const { layouts } = this.kernel;
    call.memory.fill(address, bytes, 0);
    const write = (path: string, value: number): void =>
      layouts.write(call.memory, address, TYPE, path, value);
    write('Type', IO_TYPE_IRP);
    write('Size', bytes);
    write('StackCount', stackSize);
    write('CurrentLocation', stackSize + 1);
    const list = address + layouts.offset(TYPE, 'ThreadListEntry');
    call.memory.write64(list, list);
    call.memory.write64(list + 8, list);
    write('Tail.Overlay.CurrentStackLocation', address + bytes);
  }

  private reuse(call: NativeCall): undefined {
    const record = this.kernel.store.get(this.table, call.number(0));
    if (record === undefined) return undefined;
    this.initialize(call, record.address, this.bytes(record.stackSize), record.stackSize);
    this.kernel.layouts.write(
      call.memory,
      record.address,
      TYPE,
      'IoStatus.Status',
      Number(call.integer(1)) >>> 0,
    );
    this.kernel.store.set(this.table, record.address, {
      ...record,
      completed: undefined,
      device: undefined,
    });
    return undefined;
  }

  private free(call: NativeCall): undefined {
    const { kernel } = this;
    const address = call.number(0);
    const record = kernel.store.get(this.table, address);
    if (record === undefined || record.freed) {
      const text = `IoFreeIrp is given ${hex(address, 16)}, which is no IRP of IoAllocateIrp (or was freed already).`;
      this.breach(call, [0x01, address, 0, 0], text);
      return undefined;
    }
    kernel.store.set(this.table, address, { ...record, freed: true, device: undefined });
    const queue = kernel.store.all(this.freedOrder);
    kernel.store.set(this.freedOrder, (queue.last()?.[0] ?? 0) + 1, address);
    const oldest = queue.first();
    if (queue.size >= KEPT && oldest !== undefined) {
      kernel.store.delete(this.freedOrder, oldest[0]);
      kernel.store.delete(this.table, oldest[1]);
      kernel.memory.freeSystemPool(virtual(oldest[1]));
    }
    return undefined;
  }

  /** IopNoteCallDriver(DeviceObject, Irp): the checks of IoCallDriver. */
  private noteCall(call: NativeCall): undefined {
    const { kernel } = this;
    const [device, address] = [call.number(0), call.number(1)];
    if (kernel.host.irql > DISPATCH_LEVEL) {
      this.breach(
        call,
        [0x10, kernel.host.irql, 0, 0],
        `IoCallDriver is called at ${irqlName(kernel.host.irql)}; it may be called at DISPATCH_LEVEL or below.`,
      );
    }
    const type = kernel.layouts.read(call.memory, address, TYPE, 'Type', 'Irp->Type');
    if (type !== IO_TYPE_IRP) {
      this.breach(
        call,
        [0x03, address, 0, 0],
        `IoCallDriver is given ${hex(address, 16)}, which is no IRP.`,
      );
    }
    const cancel = kernel.layouts.read(call.memory, address, TYPE, 'CancelRoutine');
    if (cancel !== 0) {
      this.breach(
        call,
        [0x203, cancel, address, 0],
        `The IRP at ${hex(address, 16)} is passed on while a cancel routine is set: the next driver sets its own.`,
      );
    }
    const record = kernel.store.get(this.table, address);
    if (record !== undefined) {
      kernel.store.set(this.table, address, { ...record, device, completed: undefined });
    }
    return undefined;
  }

  /** IopNoteDispatchReturn(DeviceObject, Irp, IrqlBefore, Status, Stack). */
  private noteReturn(call: NativeCall): undefined {
    const { irql } = this.kernel.host;
    const [device, address, before] = [call.number(0), call.number(1), call.number(2)];
    if (irql === before) return this.noteStatus(call);
    const text = `A dispatch routine was called at ${irqlName(before)} and returned at ${irqlName(irql)}: it must return at the IRQL that it was called at.`;
    const stack = call.number(4);
    const driver = this.kernel.moduleAt(this.dispatchRoutine(call, device, stack));
    if (driver !== undefined && this.kernel.verifiedModule(driver, verifierFlags.io)) {
      throw ioViolation([0x05, device, before, irql], text);
    }
    throw new BugCheck(
      bugCheckCodes.IRQL_UNEXPECTED_VALUE,
      [irql * 0x10000 + before * 0x100, device, address, 0],
      text,
      'dispatch-routines-and-irqls',
    );
  }

  /** Whether the status of a dispatch routine fits what it did with the IRP. */
  private noteStatus(call: NativeCall): undefined {
    const { kernel } = this;
    const [device, address, stack] = [call.number(0), call.number(1), call.number(4)];
    const returned = call.number(3) >>> 0;
    const record = kernel.store.get(this.table, address);
    if (record === undefined) return undefined;
    const control = call.peek.readUnsigned(virtual(stack + CONTROL), 1) ?? 0;
    const isMarked = (control & SL_PENDING_RETURNED) !== 0;
    const breach = (code: number, parameter: number, what: string): undefined => {
      this.breach(
        call,
        [code, this.dispatchRoutine(call, device, stack), address, parameter],
        `A dispatch routine returned ${statusName(returned)} for the IRP at ${hex(address, 16)}, ${what}.`,
        address,
      );
    };
    if (returned === status.STATUS_PENDING) {
      if (isMarked) return undefined;
      if (record.device !== undefined && record.device !== device) {
        // It has gone on to a lower device: its completion routine has until the way back.
        kernel.store.set(this.unmarked, stack, this.dispatchRoutine(call, device, stack));
        return undefined;
      }
      return breach(0x23d, returned, 'which it did not mark pending');
    }
    if (isMarked) return breach(0x23e, returned, 'which it had marked pending');
    if (record.completed === undefined) {
      return record.device === device && !record.freed
        ? breach(0x226, 0, 'which it neither completed, nor passed on, nor marked pending')
        : undefined;
    }
    const final = kernel.layouts.offset(TYPE, 'IoStatus.Status');
    const expected = call.peek.readUnsigned(virtual(address + final), 4) ?? returned;
    return expected === returned
      ? undefined
      : breach(0x224, expected, `which was completed with ${statusName(expected)}`);
  }

  /** The routine that was called: of the stack location's major function. */
  private dispatchRoutine(call: NativeCall, device: number, stack: number): number {
    const { layouts } = this.kernel;
    const driver = layouts.read(call.memory, device, 'DEVICE_OBJECT', 'DriverObject');
    const major = call.peek.readUnsigned(virtual(stack), 1) ?? 0;
    return layouts.read(call.memory, driver, 'DRIVER_OBJECT', `MajorFunction[${major & 0x1f}]`);
  }

  /** IopNoteCompletion(Irp): the checks of IoCompleteRequest. */
  private noteCompletion(call: NativeCall): undefined {
    const { kernel } = this;
    const { layouts } = kernel;
    const address = call.number(0);
    const record = kernel.store.get(this.table, address);
    if (kernel.host.irql > DISPATCH_LEVEL) {
      this.breach(
        call,
        [0x0e, kernel.host.irql, address, 0],
        `IoCompleteRequest is called at ${irqlName(kernel.host.irql)}; it may be called at DISPATCH_LEVEL or below.`,
      );
    }
    const type = layouts.read(call.memory, address, TYPE, 'Type', 'Irp->Type');
    const current = layouts.read(call.memory, address, TYPE, 'CurrentLocation');
    const count = layouts.read(call.memory, address, TYPE, 'StackCount');
    if (type !== IO_TYPE_IRP || current > count + 1 || record?.completed !== undefined) {
      const first = record?.completed;
      throw new BugCheck(
        bugCheckCodes.MULTIPLE_IRP_COMPLETE_REQUESTS,
        [address, 0, 0, 0],
        `IoCompleteRequest is called for the IRP at ${hex(address, 16)}, which was completed already` +
          (first === undefined ? '.' : ` by ${first.function} (line ${first.line}).`),
        'bug-check-0x44--multiple-irp-complete-requests',
      );
    }
    const result = layouts.read(
      call.memory,
      address,
      TYPE,
      'IoStatus.Status',
      'Irp->IoStatus.Status',
    );
    if (result === status.STATUS_PENDING || result === 0xffff_ffff) {
      this.breach(
        call,
        [0x06, result, address, 0],
        `The IRP at ${hex(address, 16)} is completed with ${result === 0xffff_ffff ? 'the status -1' : 'STATUS_PENDING'}, which is no final status.`,
      );
    }
    const cancel = layouts.read(call.memory, address, TYPE, 'CancelRoutine');
    if (cancel !== 0) {
      this.breach(
        call,
        [0x07, cancel, address, 0],
        `The IRP at ${hex(address, 16)} is completed while its cancel routine is still set.`,
      );
    }
    return undefined;
  }

  /** What Driver Verifier stops for; without it only the emulator knows. */
  private breach(
    call: NativeCall,
    parameters: BugCheck['parameters'],
    text: string,
    irp: number = call.number(call.routine === 'IopNoteCallDriver' ? 1 : 0),
  ): void {
    // The callers are the kernel's own C: what counts is the driver behind the call, or whose request it is.
    const record = this.kernel.store.get(this.table, irp);
    const { io } = verifierFlags;
    if (
      this.kernel.verified(call, io) ||
      (record !== undefined && this.kernel.verifiedModule(record.module, io))
    ) {
      throw ioViolation(parameters, text);
    }
    call.violation('irp', text, 'bug-check-0xc9--driver-verifier-iomanager-violation');
  }

  /** Called by the last stage of completion. */
  markCompleted(address: number, site: Site): void {
    this.kernel.store.update(this.table, address, (record) => ({
      ...record,
      completed: site,
      device: undefined,
    }));
  }

  /** The routine that returned STATUS_PENDING for an IRP that goes up from this location, if nobody had marked it. */
  takeUnmarked(stack: number): number | undefined {
    const routine = this.kernel.store.get(this.unmarked, stack);
    if (routine !== undefined) this.kernel.store.delete(this.unmarked, stack);
    return routine;
  }

  /** The IRP has left a device upwards. */
  leave(address: number, device: number | undefined): void {
    this.kernel.store.update(this.table, address, (record) => ({ ...record, device }));
  }
}

/** The first request behind an address; 0 behind the last. Addresses of system memory are negative. */
function following(requests: readonly IrpRecord[], last: number): number {
  const addresses = requests
    .map(({ address }) => address)
    .filter((address) => last === 0 || address > last);
  return addresses.length === 0 ? 0 : Math.min(...addresses);
}

/** Bug check 0xC9. */
export function ioViolation(parameters: BugCheck['parameters'], explanation: string): BugCheck {
  return new BugCheck(
    bugCheckCodes.DRIVER_VERIFIER_IOMANAGER_VIOLATION,
    parameters,
    explanation,
    'bug-check-0xc9--driver-verifier-iomanager-violation',
  );
}
