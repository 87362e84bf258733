/**
 * I/O verification beyond what `io/irps.ts` looks at: how an IRP is passed on, what completion routines do, when it
 * may be freed. Driver Verifier stops for a breach by a driver that it checks; what a driver without it can feel as
 * well is the violation `irp`.
 */
import { virtual } from '../../base/addresses.ts';
import { hex } from '../../base/int64.ts';
import type { Table } from '../../base/store.ts';
import { BugCheck, type Native, type NativeCall, type NativeTable } from '../../vm/natives.ts';
import { bugCheckCodes } from '../bug-check-codes.ts';
import { DISPATCH_LEVEL, irqlName, type KernelContext } from '../context.ts';
import type { Devices } from '../io/devices.ts';
import type { DriverObjects } from '../io/driver-objects.ts';
import type { Irps } from '../io/irps.ts';
import { verifierFlags } from '../services.ts';
import type { InvariantBuffers } from './invariant-buffers.ts';
import type { IrpLog } from './irp-log.ts';
import { verifierViolation } from './irql-rules.ts';
import { breakCompliance, isUserAddress } from './routine-rules.ts';

const IO_TYPE_IRP = 6;
const IO_TYPE_DEVICE = 3;
const IRP_MJ_CREATE = 0;
const IRP_MJ_DEVICE_CONTROL = 14;
const FO_CLEANUP_COMPLETE = 0x4000;
const FO_FILE_OPEN_CANCELLED = 0x200000;
const DO_BUFFERED_IO = 0x4;
const DO_DIRECT_IO = 0x10;
const DO_DEVICE_INITIALIZING = 0x80;
const SL_PENDING_RETURNED = 1;
/** IO_STACK_LOCATION.Control. */
const CONTROL = 3;
const IRP = 'IRP';
const STACK = 'IO_STACK_LOCATION';
const DEVICE = 'DEVICE_OBJECT';
const PAGE = 'bug-check-0xc9--driver-verifier-iomanager-violation';
/** The time that a driver has for a cancelled request. */
const CANCEL_MILLISECONDS = 300_000;
/** From this code on Enhanced I/O Verification makes the checks; I/O verification has included it since Windows 7. */
const FIRST_ENHANCED = 0x23c;
/** Read, write, controls and power requests come at DISPATCH_LEVEL too. */
const AT_DISPATCH: ReadonlySet<number> = new Set([3, 4, 14, 15, 22]);
export interface IoRuleParts {
  readonly irps: Irps;
  readonly devices: Devices;
  readonly drivers: DriverObjects;
  readonly log: IrpLog;
  readonly invariants: InvariantBuffers;
  /** Critical and guarded regions that a thread is in. */
  regionDepth(thread: number): number;
  /** Whether a thread holds a spin lock, and of which kind. */
  heldSpinLock(thread: number): 'spin lock' | 'queued spin lock' | undefined;
}

export class IoRules {
  /** IRPs that the I/O manager frees when they are completed. */
  private readonly tied: Table<number, true>;

  constructor(
    private readonly kernel: KernelContext,
    private readonly parts: IoRuleParts,
  ) {
    this.tied = kernel.store.table(`${kernel.host.name}.tiedIrps`);
  }

  natives(): NativeTable {
    return {
      ViBeforeCallDriver: (call) => this.beforeCall(call, call.number(0), call.number(1)),
      ViAfterDispatch: (call) => this.afterDispatch(call),
      ViBeforeComplete: (call) => this.beforeComplete(call, call.number(0)),
      ViLeaveLocation: (call) => this.leaveLocation(call, call.number(0), call.number(1)),
      ViAfterCompletion: (call) => this.afterCompletion(call),
      ViAfterPendingCompletion: (call) => this.afterPending(call),
      ViBadRequestBuffer: (call) => this.badBuffer(call),
      ViTieToThread: (call) => {
        this.kernel.store.set(this.tied, call.number(0), true);
        return undefined;
      },
      ViAfterAddDevice: (call) => this.afterAddDevice(call, call.number(0)),
      ViTimerAgain: (call) => {
        const device = call.number(0);
        this.breach(call, this.driverOf(call), [0x0a, device, 0, 0], {
          text: `IoInitializeTimer is called for the device object at ${hex(device, 16)}, which has a timer already.`,
          silent: true,
        });
        return undefined;
      },
      IopIsCompleted: (call) => (this.record(call.number(0))?.completed === undefined ? 0 : 1),
    };
  }

  /** IoFreeIrp with the rules before it. */
  guard(table: NativeTable): NativeTable {
    const free = table['IoFreeIrp'];
    if (free === undefined) return table;
    const guarded: Native = (call) => {
      if (call.caller.own) this.beforeFree(call, call.number(0));
      this.kernel.store.delete(this.tied, call.number(0));
      return free(call);
    };
    return { ...table, IoFreeIrp: guarded };
  }

  // ---- Passing on ----------------------------------------------------------------------------------

  private beforeCall(call: NativeCall, device: number, irp: number): undefined {
    const { kernel } = this;
    const { layouts } = kernel;
    const read = (member: string): number => layouts.read(call.memory, irp, IRP, member);
    if (kernel.host.irql > DISPATCH_LEVEL) return undefined;
    if (layouts.read(call.memory, irp, IRP, 'Type', 'Irp->Type') !== IO_TYPE_IRP) return undefined;
    const driver = this.driverOf(call);
    const address = this.codeAddress(call);
    const report = (parameters: BugCheck['parameters'], text: string, silent = false): void =>
      this.breach(call, driver, parameters, { text, silent });
    if (call.peek.readUnsigned(virtual(device), 2) !== IO_TYPE_DEVICE) {
      report(
        [0x04, device, 0, 0],
        `IoCallDriver is given ${hex(device, 16)}, which is no device object.`,
      );
    }
    const at = this.foreignDevice(irp, driver);
    if (at !== undefined) {
      report(
        [0x205, address, irp, 0],
        `The IRP at ${hex(irp, 16)} is passed on while it is still at ${at}, which has not completed it.`,
      );
    }
    const current = read('CurrentLocation');
    this.observe(call, device, irp, current);
    if (driver === undefined || current <= 1 || current > read('StackCount') + 1) return undefined;
    const needed = layouts.read(call.memory, device, DEVICE, 'StackSize');
    if (current - 1 < needed) {
      report(
        [0x208, address, irp, 0],
        `The IRP at ${hex(irp, 16)} has ${current - 1} stack locations left; the device that it is passed to needs ${needed} (DeviceObject->StackSize).`,
        true,
      );
    }
    const size = layouts.size(STACK);
    const here = read('Tail.Overlay.CurrentStackLocation');
    const next = here - size;
    const major = call.peek.readUnsigned(virtual(next), 1) ?? 0;
    const routine = layouts.read(call.memory, next, STACK, 'CompletionRoutine');
    const hasOwner = current <= read('StackCount');
    if (hasOwner && routine !== 0) this.checkCopy(call, { irp, here, next, routine, driver });
    if (routine !== 0 && kernel.host.system.find(routine)?.pageable === true) {
      report(
        [0x227, routine, irp, 0],
        `The completion routine at ${hex(routine, 16)} lies in pageable code; it may be called at DISPATCH_LEVEL.`,
        true,
      );
    }
    if (kernel.host.irql === DISPATCH_LEVEL && !AT_DISPATCH.has(major)) {
      report(
        [0x23a, address, irp, 0],
        `An IRP of major function ${major} is passed on at ${irqlName(kernel.host.irql)}; its dispatch routines run at PASSIVE_LEVEL.`,
        true,
      );
    }
    if (major === IRP_MJ_CREATE) this.checkFile(call, { device, irp, next, driver });
    this.checkBuffers(call, irp, next, major);
    return undefined;
  }

  /** The options that only look: IRP logging, and signatures of buffers. */
  private observe(call: NativeCall, device: number, irp: number, current: number): void {
    const { layouts } = this.kernel;
    if (current <= 1) return;
    const next =
      layouts.read(call.memory, irp, IRP, 'Tail.Overlay.CurrentStackLocation') -
      layouts.size(STACK);
    const record = this.parts.devices.find(device);
    const driver = this.parts.drivers.at(record?.driver ?? 0)?.name;
    const name = record?.name ?? `the device object at ${hex(device, 16)}`;
    this.parts.log.note(call, { device, driver, name }, next);
    const isLast = record?.below === undefined;
    this.parts.invariants.beforeCall(call, { irp, device, next, isLast });
  }

  /** A stack location copied with what belongs to the driver above. */
  private checkCopy(
    call: NativeCall,
    copy: { irp: number; here: number; next: number; routine: number; driver: string },
  ): void {
    const { layouts } = this.kernel;
    const read = (location: number, member: string): number =>
      layouts.read(call.memory, location, STACK, member);
    const isCopy =
      copy.routine === read(copy.here, 'CompletionRoutine') &&
      read(copy.next, 'Context') === read(copy.here, 'Context') &&
      read(copy.next, 'DeviceObject') === read(copy.here, 'DeviceObject');
    if (!isCopy || this.kernel.moduleAt(copy.routine) === copy.driver) return;
    this.breach(call, copy.driver, [0x207, this.codeAddress(call), copy.irp, 0], {
      text: `The stack location of the IRP at ${hex(copy.irp, 16)} was copied with the completion routine of the driver above; IoCopyCurrentIrpStackLocationToNext leaves that out.`,
      silent: true,
    });
  }

  private checkFile(
    call: NativeCall,
    request: { device: number; irp: number; next: number; driver: string },
  ): void {
    const { layouts } = this.kernel;
    const file = layouts.read(call.memory, request.next, STACK, 'FileObject');
    if (file === 0) return;
    const flags = layouts.read(call.memory, file, 'FILE_OBJECT', 'Flags');
    if ((flags & (FO_CLEANUP_COMPLETE | FO_FILE_OPEN_CANCELLED)) === 0) return;
    this.breach(call, request.driver, [0x0f, request.device, request.irp, file], {
      text: `IRP_MJ_CREATE is sent for the file object at ${hex(file, 16)}, which was closed or whose opening was cancelled.`,
      silent: true,
    });
  }

  /** Security checks: a request of kernel mode is never probed, so a user address in it is anybody's memory. */
  private checkBuffers(call: NativeCall, irp: number, next: number, major: number): void {
    const { kernel } = this;
    const { layouts } = kernel;
    if (!kernel.verified(call, verifierFlags.securityChecks)) return;
    if (layouts.read(call.memory, irp, IRP, 'RequestorMode') !== 0) return;
    const candidates = [
      layouts.read(call.memory, irp, IRP, 'UserBuffer'),
      layouts.read(call.memory, irp, IRP, 'AssociatedIrp.SystemBuffer'),
    ];
    if (major === IRP_MJ_DEVICE_CONTROL) {
      candidates.push(
        layouts.read(call.memory, next, STACK, 'Parameters.DeviceIoControl.Type3InputBuffer'),
      );
    }
    const wrong = candidates.find(isUserAddress);
    if (wrong === undefined) return;
    throw verifierViolation(
      [0xe2, irp, wrong, 0],
      `The IRP at ${hex(irp, 16)} comes from kernel mode and carries the user address ${hex(wrong, 16)}, which nobody probes.`,
    );
  }

  /** ViAfterDispatch(DeviceObject, Stack, IrqlBefore, RegionsBefore). */
  private afterDispatch(call: NativeCall): undefined {
    const { kernel } = this;
    const [device, stack, before] = [call.number(0), call.number(1), call.number(3)];
    const now = this.parts.regionDepth(call.thread);
    const isMoved = kernel.host.irql !== call.number(2);
    if (now === before && !isMoved) return undefined;
    const routine = this.dispatchRoutine(call, device, stack);
    const driver = kernel.moduleAt(routine);
    if (driver === undefined) return undefined;
    if (isMoved) this.checkReturn(driver, call.number(2), call.thread);
    if (now === before || !kernel.verifiedModule(driver, verifierFlags.io)) return undefined;
    throw verifierViolation(
      [0xc5, routine, now, before],
      `The dispatch routine of ${driver} was called inside ${before} critical regions and returned inside ${now}: each has to be left where it was entered.`,
    );
  }

  /** Rules IrqlReturn, SpinLock and QueuedSpinLock, where I/O verification does not look. */
  private checkReturn(driver: string, before: number, thread: number): void {
    const { kernel } = this;
    if (kernel.verifiedModule(driver, verifierFlags.io)) return;
    if (!kernel.verifiedModule(driver, verifierFlags.ddiCompliance)) return;
    const lock = this.parts.heldSpinLock(thread);
    if (lock !== undefined) {
      breakCompliance(
        kernel,
        lock === 'spin lock'
          ? { code: 0x40009, name: 'SpinLock' }
          : { code: 0x40006, name: 'QueuedSpinLock' },
        `A dispatch routine of ${driver} returned while it held a ${lock}.`,
      );
    }
    breakCompliance(
      kernel,
      { code: 0x2001d, name: 'IrqlReturn' },
      `A dispatch routine of ${driver} was called at ${irqlName(before)} and returned at ${irqlName(kernel.host.irql)}.`,
    );
  }

  private dispatchRoutine(call: NativeCall, device: number, stack: number): number {
    const { layouts } = this.kernel;
    const driver = layouts.read(call.memory, device, DEVICE, 'DriverObject');
    const major = call.peek.readUnsigned(virtual(stack), 1) ?? 0;
    return layouts.read(call.memory, driver, 'DRIVER_OBJECT', `MajorFunction[${major & 0x1f}]`);
  }

  // ---- Completing ----------------------------------------------------------------------------------

  private beforeComplete(call: NativeCall, irp: number): undefined {
    const { kernel } = this;
    if (kernel.host.irql > DISPATCH_LEVEL) return undefined;
    const driver = this.driverOf(call);
    this.checkUnwound(call, irp, driver);
    this.parts.invariants.beforeComplete(call, irp, this.record(irp)?.device ?? 0);
    const at = this.foreignDevice(irp, driver);
    if (at !== undefined) {
      this.breach(call, driver, [0x209, this.codeAddress(call), irp, 0], {
        text: `The IRP at ${hex(irp, 16)} is completed while it is still at ${at}, to which it was passed on.`,
      });
    }
    // With I/O verification 0xC9/07 says the same.
    const cancel = kernel.layouts.read(call.memory, irp, IRP, 'CancelRoutine');
    if (cancel === 0 || driver === undefined) return undefined;
    if (kernel.verifiedModule(driver, verifierFlags.io)) return undefined;
    if (!kernel.verifiedModule(driver, verifierFlags.enhancedIo)) return undefined;
    throw ioBreach(
      [0x23c, this.codeAddress(call), irp, 0],
      `The IRP at ${hex(irp, 16)} is completed while its cancel routine is still set.`,
    );
  }

  /** What completion writes to lies on a stack, in a call that is over. */
  private checkUnwound(call: NativeCall, irp: number, driver: string | undefined): void {
    const { kernel } = this;
    const thread = this.record(irp)?.thread;
    const end = thread === undefined ? undefined : kernel.vm.stackPointerOf(thread);
    if (end === undefined) return;
    const stack = kernel.host.system.find(end)?.start;
    for (const [code, member] of [
      [0x0c, 'UserIosb'],
      [0x0d, 'UserEvent'],
    ] as const) {
      const object = kernel.layouts.read(call.memory, irp, IRP, member);
      const mapping = object < end ? kernel.host.system.find(object) : undefined;
      if (mapping?.use !== 'kernelStack' || mapping.start !== stack) continue;
      this.breach(call, driver, [code, object, 0, 0], {
        text: `The IRP at ${hex(irp, 16)} is completed with ${member} at ${hex(object, 16)}, on the stack of a call that has returned.`,
      });
    }
  }

  private leaveLocation(call: NativeCall, irp: number, stack: number): undefined {
    const routine = this.parts.irps.takeUnmarked(stack);
    if (routine === undefined) return undefined;
    const control = call.peek.readUnsigned(virtual(stack + CONTROL), 1) ?? 0;
    if ((control & SL_PENDING_RETURNED) !== 0) return undefined;
    this.breach(call, this.kernel.moduleAt(routine), [0x24c, routine, irp, 0x103], {
      text: `A dispatch routine returned STATUS_PENDING for the IRP at ${hex(irp, 16)}; neither it nor its completion routine marked it pending.`,
    });
    return undefined;
  }

  /** ViAfterCompletion(Routine, IrqlBefore, RegionsBefore). */
  private afterCompletion(call: NativeCall): undefined {
    const { kernel } = this;
    const [routine, before, regions] = [call.number(0), call.number(1), call.number(2)];
    const { irql } = kernel.host;
    const now = this.parts.regionDepth(call.thread);
    if (irql === before && now === regions) return undefined;
    const driver = kernel.moduleAt(routine);
    const isVerified = driver !== undefined && kernel.verifiedModule(driver, verifierFlags.io);
    const text =
      irql === before
        ? `The completion routine at ${hex(routine, 16)} was called inside ${regions} critical regions and returned inside ${now}.`
        : `The completion routine at ${hex(routine, 16)} was called at ${irqlName(before)} and returned at ${irqlName(irql)}.`;
    if (isVerified) {
      throw verifierViolation(
        irql === before ? [0xfb, routine, regions, now] : [0xfa, routine, before, irql],
        text,
      );
    }
    if (irql !== before) {
      throw new BugCheck(
        bugCheckCodes.IRQL_UNEXPECTED_VALUE,
        [irql * 0x10000 + before * 0x100, routine, 0, 0],
        text,
        'bug-check-0xc8--irql-unexpected-value',
      );
    }
    return undefined;
  }

  /** ViAfterPendingCompletion(Routine, Irp). */
  private afterPending(call: NativeCall): undefined {
    const { layouts } = this.kernel;
    const [routine, irp] = [call.number(0), call.number(1)];
    const current = layouts.read(call.memory, irp, IRP, 'CurrentLocation');
    if (current > layouts.read(call.memory, irp, IRP, 'StackCount')) return undefined;
    const stack = layouts.read(call.memory, irp, IRP, 'Tail.Overlay.CurrentStackLocation');
    const control = call.peek.readUnsigned(virtual(stack + CONTROL), 1) ?? 0;
    if ((control & SL_PENDING_RETURNED) !== 0) return undefined;
    this.breach(call, this.kernel.moduleAt(routine), [0x228, routine, irp, 0], {
      text: `Irp->PendingReturned was TRUE for the completion routine at ${hex(routine, 16)}, which did not call IoMarkIrpPending: whoever sent the IRP waits for ever.`,
    });
    return undefined;
  }

  // ---- Building and freeing ------------------------------------------------------------------------

  /** ViBadRequestBuffer(DeviceObject, Code, Exception, IsControl). */
  private badBuffer(call: NativeCall): undefined {
    const [device, code, exception] = [call.number(0), call.number(1) >>> 0, call.number(2) >>> 0];
    const isControl = call.boolean(3);
    const routine = isControl ? 'IoBuildDeviceIoControlRequest' : 'IoBuild..FsdRequest';
    this.breach(call, this.driverOf(call), [isControl ? 0x09 : 0x08, device, code, exception], {
      text: `${routine} answers NULL: the buffer that it is given raised ${hex(exception)}.`,
      silent: true,
    });
    return undefined;
  }

  private beforeFree(call: NativeCall, irp: number): void {
    const driver = this.driverOf(call);
    const record = this.record(irp);
    if (record === undefined || record.freed) return;
    if (record.device !== undefined) {
      const stack = this.kernel.layouts.read(
        call.memory,
        irp,
        IRP,
        'Tail.Overlay.CurrentStackLocation',
      );
      const control = call.peek.readUnsigned(virtual(stack + CONTROL), 1) ?? 0;
      const isQueued = (control & SL_PENDING_RETURNED) !== 0;
      this.breach(
        call,
        driver,
        isQueued
          ? [0x20c, this.codeAddress(call), irp, 0]
          : [0x20b, this.codeAddress(call), irp, 0],
        {
          text: `The IRP at ${hex(irp, 16)} is freed while the driver that it was sent to ${isQueued ? 'has it in a queue' : 'works on it'}.`,
        },
      );
    }
    if (this.kernel.store.get(this.tied, irp) === undefined) return;
    this.breach(call, driver, [0x02, irp, 0, 0], {
      text: `IoFreeIrp is given the IRP at ${hex(irp, 16)}, which belongs to a thread: the I/O manager frees it when it is completed.`,
    });
  }

  /** What AddDevice has attached: its flags. */
  private afterAddDevice(call: NativeCall, physical: number): undefined {
    const { layouts } = this.kernel;
    const read = (device: number, member: string): number =>
      layouts.read(call.memory, device, DEVICE, member);
    for (const upper of this.parts.devices.all.values()) {
      if (!this.isAbove(upper.address, physical)) continue;
      const driver = this.parts.drivers.at(upper.driver)?.name;
      const flags = read(upper.address, 'Flags');
      const lower = upper.below === undefined ? 0 : read(upper.below, 'Flags');
      const at = `The device object at ${hex(upper.address, 16)}`;
      const report = (code: number, text: string): void =>
        this.breach(call, driver, [code, 0, 0, 0], { text: `${at} ${text}.`, silent: true });
      if ((flags & DO_DEVICE_INITIALIZING) !== 0) {
        report(0x243, 'has DO_DEVICE_INITIALIZING still set after AddDevice');
      }
      const methods = DO_BUFFERED_IO | DO_DIRECT_IO;
      if ((flags & methods) === methods) {
        report(0x245, 'has both DO_BUFFERED_IO and DO_DIRECT_IO set');
      }
      if ((lower & methods) !== 0 && (flags & methods) !== (lower & methods)) {
        report(0x244, 'has not the DO_BUFFERED_IO and DO_DIRECT_IO of the device below it');
      }
    }
    return undefined;
  }

  private isAbove(device: number, physical: number): boolean {
    for (let at = this.parts.devices.find(device)?.below; at !== undefined; ) {
      if (at === physical) return true;
      at = this.parts.devices.find(at)?.below;
    }
    return false;
  }

  /** Nothing can run any more, and a driver still has a request that was cancelled: its time is over. */
  neverCompleted(): BugCheck | undefined {
    const { layouts, system } = this.kernel;
    for (const irp of this.parts.irps.all.values()) {
      if (irp.freed || irp.device === undefined || irp.completed !== undefined) continue;
      if (layouts.read(system, irp.address, IRP, 'Cancel') === 0) continue;
      const owner = this.parts.drivers.at(this.parts.devices.find(irp.device)?.driver ?? 0)?.name;
      if (owner === undefined || !this.kernel.verifiedModule(owner, verifierFlags.io)) continue;
      return verifierViolation(
        [0x135, irp.address, CANCEL_MILLISECONDS, 0],
        `The IRP at ${hex(irp.address, 16)} was cancelled, and ${owner} has not completed it: nothing can run any more that would.`,
      );
    }
    return undefined;
  }

  // ---- Who -----------------------------------------------------------------------------------------

  /** The scenario's driver whose code is behind a call. */
  private driverOf(call: NativeCall): string | undefined {
    const module = this.kernel.vm.siteOf(call.thread, true)?.module;
    return this.isDriver(module) ? module : undefined;
  }

  private isDriver(module: string | undefined): module is string {
    return this.kernel.declaration.drivers.some(({ name }) => name === module);
  }

  /** Where the routine of the driver behind a call begins. */
  private codeAddress(call: NativeCall): number {
    const { vm, host } = this.kernel;
    const site = vm.siteOf(call.thread, true);
    return site === undefined ? 0 : (vm.addressOf(host.index, site.module, site.function) ?? 0);
  }

  private record(irp: number) {
    return this.parts.irps.all.get(irp);
  }

  /** The device of another driver that has the IRP, for people; undefined when the IRP is the driver's to use. */
  private foreignDevice(irp: number, driver: string | undefined): string | undefined {
    const device = this.record(irp)?.device;
    if (device === undefined || driver === undefined) return undefined;
    const owner = this.parts.drivers.at(this.parts.devices.find(device)?.driver ?? 0)?.name;
    // Drivers of the kernel itself run with the scenario's driver behind them: whose call it is cannot be told.
    if (!this.isDriver(owner) || owner === driver) return undefined;
    return `the device object at ${hex(device, 16)} of ${owner}`;
  }

  private breach(
    call: NativeCall,
    driver: string | undefined,
    parameters: BugCheck['parameters'],
    what: { readonly text: string; readonly silent?: boolean },
  ): void {
    const code = Number(parameters[0]);
    const flag = code >= FIRST_ENHANCED ? verifierFlags.enhancedIo : verifierFlags.io;
    const isVerified =
      driver !== undefined &&
      (this.kernel.verifiedModule(driver, verifierFlags.io) ||
        this.kernel.verifiedModule(driver, flag));
    if (isVerified) throw ioBreach(parameters, what.text);
    if (what.silent !== true) call.violation('irp', what.text, PAGE);
  }
}

/** Bug check 0xC9. */
function ioBreach(parameters: BugCheck['parameters'], text: string): BugCheck {
  return new BugCheck(bugCheckCodes.DRIVER_VERIFIER_IOMANAGER_VIOLATION, parameters, text, PAGE);
}
