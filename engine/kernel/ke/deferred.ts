/**
 * Timers, deferred procedure calls, work items. Objects are their bytes; what is due runs on a system thread
 * (`dpc.c`) as soon as the processor is free.
 */
import { virtual } from '../../base/addresses.ts';
import type { Table } from '../../base/store.ts';
import type { NativeCall, NativeTable } from '../../vm/natives.ts';
import type { Timer } from '../clock.ts';
import { DISPATCH_LEVEL, type KernelContext } from '../context.ts';
import type { Devices } from '../io/devices.ts';
import type { Processes } from '../ps/processes.ts';
import { checkHighestIrql } from '../verifier/irql-rules.ts';
import { type Dispatcher, objectTypes } from './dispatcher.ts';

const DPC_TYPE = 0x13;
const WORK_ITEM_BYTES = 0x58;
const WORK_ITEM_TAG = 0x20206f49; // 'Io  '
/** 100 ns units of a millisecond: the unit of periods. */
const MILLISECOND = 10_000;

/** A timer that is set. Plain data. */
interface SetTimer {
  readonly due: number;
  /** 100 ns units; 0: once. */
  readonly period: number;
  readonly dpc: number;
}

export class Deferred {
  private readonly timers: Table<number, SetTimer>;
  /** Queued and not yet running. */
  private readonly queued: Table<number, number>;
  private readonly workItems: Table<number, number>;

  constructor(
    private readonly kernel: KernelContext,
    private readonly parts: {
      readonly dispatcher: Dispatcher;
      readonly processes: Processes;
      readonly devices: Devices;
    },
  ) {
    this.timers = kernel.store.table(`${kernel.host.name}.timers`);
    this.queued = kernel.store.table(`${kernel.host.name}.dpcs`);
    this.workItems = kernel.store.table(`${kernel.host.name}.workItems`);
  }

  natives(): NativeTable {
    return {
      KeInitializeTimer: (call) => this.initializeTimer(call, objectTypes.notificationTimer),
      KeInitializeTimerEx: (call) =>
        this.initializeTimer(
          call,
          call.number(1) === 0 ? objectTypes.notificationTimer : objectTypes.synchronizationTimer,
        ),
      KeSetTimer: (call) => this.setTimer(call, 0, call.number(2)),
      KeSetTimerEx: (call) => this.setTimer(call, call.number(2), call.number(3)),
      KeCancelTimer: (call) => (this.cancelTimer(call.number(0)) ? 1 : 0),
      KeReadStateTimer: (call) =>
        this.kernel.layouts.read(call.memory, call.number(0), 'KTIMER', 'Header.SignalState') === 0
          ? 0
          : 1,
      KeInitializeDpc: (call) => this.initializeDpc(call),
      KeInsertQueueDpc: (call) =>
        this.queueDpc(call.number(0), call.number(1), call.number(2)) ? 1 : 0,
      KeRemoveQueueDpc: (call) => this.removeDpc(call.number(0)),
      IoAllocateWorkItem: (call) => this.allocateWorkItem(call),
      IoFreeWorkItem: (call) => {
        this.kernel.store.delete(this.workItems, call.number(0));
        this.kernel.memory.freeSystemPool(virtual(call.number(0)));
        return undefined;
      },
      IoQueueWorkItem: (call) => {
        const device = this.kernel.store.get(this.workItems, call.number(0)) ?? 0;
        // The device stays until the routine has run.
        if (device !== 0) this.parts.devices.reference(call.memory, device, 1);
        this.start('IopRunWorkItem', [device, call.number(1), call.number(3)], 'work item');
        return undefined;
      },
    };
  }

  /** A timer of the kernel came due: signals it, queues its DPC, sets it again when it is periodic. */
  timerDue(timer: Timer): boolean {
    if (!timer.purpose.startsWith('timer:')) return false;
    const address = Number(timer.purpose.slice('timer:'.length));
    const set = this.kernel.store.get(this.timers, address);
    if (set === undefined || set.due !== timer.due) return true;
    if (set.period > 0) this.arm(address, { ...set, due: set.due + set.period });
    else this.kernel.store.delete(this.timers, address);
    this.parts.dispatcher.signal(address);
    if (set.dpc !== 0) this.queueDpc(set.dpc, 0, 0);
    return true;
  }

  private initializeTimer(call: NativeCall, type: number): undefined {
    const { layouts } = this.kernel;
    const timer = call.number(0);
    const write = (path: string, value: number): void =>
      layouts.write(call.memory, timer, 'KTIMER', path, value);
    call.memory.fill(timer, layouts.size('KTIMER'), 0);
    write('Header.Type', type);
    call.memory.write(timer + 2, 1, layouts.size('KTIMER') / 4);
    const list = timer + layouts.offset('KTIMER', 'Header.WaitListHead');
    call.memory.write64(list, list);
    call.memory.write64(list + 8, list);
    return undefined;
  }

  /** KeSetTimer(Ex): answers whether the timer was set already. */
  private setTimer(call: NativeCall, period: number, dpc: number): number {
    checkHighestIrql(this.kernel, call, DISPATCH_LEVEL, 'nf-wdm-kesettimerex');
    const { layouts, clock } = this.kernel;
    const timer = call.number(0);
    const wasSet = this.cancelTimer(timer);
    const limit = BigInt(call.integer(1));
    const due = limit < 0n ? clock.now + Number(-limit) : clock.fromSystemTime(limit);
    layouts.write(call.memory, timer, 'KTIMER', 'Header.SignalState', 0);
    layouts.write(call.memory, timer, 'KTIMER', 'DueTime.QuadPart', due);
    layouts.write(call.memory, timer, 'KTIMER', 'Dpc', dpc);
    layouts.write(call.memory, timer, 'KTIMER', 'Period', period);
    this.arm(timer, { due, period: period * MILLISECOND, dpc });
    return wasSet ? 1 : 0;
  }

  private arm(address: number, set: SetTimer): void {
    this.kernel.store.set(this.timers, address, set);
    this.kernel.clock.set(this.clockTimer(address, set));
  }

  private cancelTimer(address: number): boolean {
    const set = this.kernel.store.get(this.timers, address);
    if (set === undefined) return false;
    this.kernel.clock.cancel(this.clockTimer(address, set));
    this.kernel.store.delete(this.timers, address);
    return true;
  }

  private clockTimer(address: number, set: SetTimer): Timer {
    return { due: set.due, host: this.kernel.host.index, purpose: `timer:${address}` };
  }

  private initializeDpc(call: NativeCall): undefined {
    const { layouts } = this.kernel;
    const dpc = call.number(0);
    call.memory.fill(dpc, layouts.size('KDPC'), 0);
    layouts.write(call.memory, dpc, 'KDPC', 'Type', DPC_TYPE);
    layouts.write(call.memory, dpc, 'KDPC', 'Importance', 1);
    layouts.write(call.memory, dpc, 'KDPC', 'DeferredRoutine', call.number(1));
    layouts.write(call.memory, dpc, 'KDPC', 'DeferredContext', call.number(2));
    return undefined;
  }

  /** False when it is in the queue already. */
  private queueDpc(dpc: number, first: number, second: number): boolean {
    const { store, vm } = this.kernel;
    const waiting = store.get(this.queued, dpc);
    // The thread counts as queued until it has begun; one that ran or was removed is over.
    if (waiting !== undefined && vm.thread(waiting)?.state !== 'ended') return false;
    const thread = this.start('KiRunDpc', [dpc, first, second], 'dpc');
    if (thread !== undefined) store.set(this.queued, dpc, thread);
    return thread !== undefined;
  }

  private removeDpc(dpc: number): number {
    const thread = this.kernel.store.get(this.queued, dpc);
    if (thread === undefined || this.kernel.vm.thread(thread)?.state === 'ended') return 0;
    this.kernel.vm.endThread(thread);
    this.parts.processes.releaseStack(thread);
    this.kernel.store.delete(this.queued, dpc);
    return 1;
  }

  private allocateWorkItem(call: NativeCall): number {
    if (this.kernel.injectFault(call, 'allocation')) return 0;
    const address = this.kernel.memory.allocateSystemPool({
      bytes: WORK_ITEM_BYTES,
      paged: false,
      executable: false,
      tag: WORK_ITEM_TAG,
      zeroed: true,
    });
    if (address === undefined) return 0;
    this.kernel.store.set(this.workItems, address, call.number(0));
    return address;
  }

  private start(routine: string, values: readonly number[], purpose: string): number | undefined {
    const entry = this.kernel.vm.addressOf(this.kernel.host.index, 'ntoskrnl', routine);
    if (entry === undefined) return undefined;
    return this.parts.processes.startSystemThread({
      name: 'System',
      process: 0,
      entry,
      arguments: values,
      purpose,
    });
  }
}
