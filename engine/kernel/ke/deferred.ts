/**
 * Timers, deferred procedure calls, work items. Objects are their bytes. A queued DPC is a thread at DISPATCH_LEVEL
 * on its processor (`dpc.c`), so it runs there as soon as the IRQL falls below; a work item is one at PASSIVE_LEVEL.
 */
import { virtual } from '../../base/addresses.ts';
import { hex, type Int64 } from '../../base/int64.ts';
import type { Table } from '../../base/store.ts';
import {
  BugCheck,
  type NativeCall,
  type NativeResult,
  type NativeTable,
} from '../../vm/natives.ts';
import { bugCheckCodes } from '../bug-check-codes.ts';
import type { Timer } from '../clock.ts';
import { DISPATCH_LEVEL, type KernelContext, PASSIVE_LEVEL } from '../context.ts';
import type { Devices } from '../io/devices.ts';
import type { StructureDoor } from '../layouts.ts';
import type { Processes } from '../ps/processes.ts';
import { checkHighestIrql } from '../verifier/irql-rules.ts';
import { type Dispatcher, objectTypes } from './dispatcher.ts';

const DPC_TYPE = 0x13;
const THREADED_DPC_TYPE = 0x1a;
/** KDPC.Importance. */
const importance = { low: 0, medium: 1, high: 2, mediumHigh: 3 } as const;
/** KDPC.Number is this and the processor when a target is set, else 0. */
const TARGETED = 0x800;
/** Instructions that a DPC of low importance may wait for while its processor has other work. */
const LOW_IMPORTANCE_DELAY = 100_000;
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
  /** The processor that it was set on. */
  readonly processor: number;
}

export class Deferred {
  private readonly timers: Table<number, SetTimer>;
  /** Threads of DPCs that are queued and not yet running. */
  private readonly queued: Table<number, number>;
  /** Threads of DPCs that are queued or running. */
  private readonly unfinished: Table<number, number>;
  /** Threads that wait for all of these. */
  private readonly flushing: Table<number, true>;
  private readonly workItems: Table<number, number>;
  /** Where threads wait for those of the other processors. */
  private readonly meeting: Table<number, number>;

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
    this.unfinished = kernel.store.table(`${kernel.host.name}.unfinishedDpcs`);
    this.flushing = kernel.store.table(`${kernel.host.name}.dpcFlushes`);
    this.workItems = kernel.store.table(`${kernel.host.name}.workItems`);
    this.meeting = kernel.store.table(`${kernel.host.name}.meetings`);
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
      KeInitializeDpc: (call) => this.initializeDpc(call, DPC_TYPE),
      KeInitializeThreadedDpc: (call) => this.initializeDpc(call, THREADED_DPC_TYPE),
      KeInsertQueueDpc: (call) =>
        this.queueDpc(call.memory, call.number(0), call.integer(1), call.integer(2)) ? 1 : 0,
      KeRemoveQueueDpc: (call) => this.removeDpc(call),
      KeSetImportanceDpc: (call) => {
        const { layouts } = this.kernel;
        layouts.write(call.memory, call.number(0), 'KDPC', 'Importance', call.number(1));
        return undefined;
      },
      KeSetTargetProcessorDpc: (call) => {
        const { layouts } = this.kernel;
        const number = TARGETED + call.number(1);
        layouts.write(call.memory, call.number(0), 'KDPC', 'Number', number);
        return undefined;
      },
      KeFlushQueuedDpcs: (call) => this.flushDpcs(call),
      KiDequeueDpc: (call) => {
        this.kernel.store.delete(this.queued, call.number(0));
        this.kernel.layouts.write(call.memory, call.number(0), 'KDPC', 'DpcData', 0);
        return undefined;
      },
      KiMeet: (call) => this.meet(call),
      IoAllocateWorkItem: (call) => this.allocateWorkItem(call),
      IoFreeWorkItem: (call) => {
        this.kernel.store.delete(this.workItems, call.number(0));
        this.kernel.memory.freeSystemPool(virtual(call.number(0)));
        return undefined;
      },
      IoSizeofWorkItem: () => WORK_ITEM_BYTES,
      IoInitializeWorkItem: (call) => {
        call.memory.fill(call.number(1), WORK_ITEM_BYTES, 0);
        this.kernel.store.set(this.workItems, call.number(1), call.number(0));
        return undefined;
      },
      IoUninitializeWorkItem: (call) => {
        this.kernel.store.delete(this.workItems, call.number(0));
        return undefined;
      },
      IoQueueWorkItemEx: (call) => {
        const object = this.kernel.store.get(this.workItems, call.number(0)) ?? 0;
        if (this.parts.devices.find(object) !== undefined) {
          this.parts.devices.reference(call.memory, object, 1);
        }
        const values = [object, call.number(1), call.number(3), call.number(0)];
        this.start('IopRunWorkItemEx', values, 'work item');
        return undefined;
      },
      ExQueueWorkItem: (call) => this.queueWork(call),
      KeSetCoalescableTimer: (call) => this.setTimer(call, call.number(2), call.number(4)),
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
    if (set.dpc !== 0) this.queueDpc(this.kernel.system, set.dpc, 0, 0, set.processor);
    return true;
  }

  /** A timer in a range that is set. */
  timerWithin(start: number, bytes: number): number | undefined {
    const first = this.kernel.store.all(this.timers).atOrAbove(start)?.[0];
    return first !== undefined && first < start + bytes ? first : undefined;
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
    const { processor } = this.kernel.host;
    this.arm(timer, { due, period: period * MILLISECOND, dpc, processor });
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

  private initializeDpc(call: NativeCall, type: number): undefined {
    const { layouts } = this.kernel;
    const dpc = call.number(0);
    call.memory.fill(dpc, layouts.size('KDPC'), 0);
    layouts.write(call.memory, dpc, 'KDPC', 'Type', type);
    layouts.write(call.memory, dpc, 'KDPC', 'Importance', importance.medium);
    layouts.write(call.memory, dpc, 'KDPC', 'DeferredRoutine', call.number(1));
    layouts.write(call.memory, dpc, 'KDPC', 'DeferredContext', call.number(2));
    return undefined;
  }

  /** False when it is in the queue already. `here` is the processor of a DPC without a target. */
  private queueDpc(
    door: StructureDoor,
    dpc: number,
    first: Int64,
    second: Int64,
    here = this.kernel.host.processor,
  ): boolean {
    const { store, vm, layouts, host } = this.kernel;
    const read = (member: string): number =>
      layouts.read(door, dpc, 'KDPC', member, `Dpc->${member}`);
    if (read('DpcData') !== 0) return false;
    const target = read('Number');
    const urgency = read('Importance');
    const isThreaded = read('Type') === THREADED_DPC_TYPE;
    const processor = target >= TARGETED ? (target - TARGETED) % host.machine.processors : here;
    const thread = this.start('KiRunDpc', [dpc], 'dpc', {
      name: 'DPC',
      level: 'dpc',
      processor,
      irql: isThreaded ? PASSIVE_LEVEL : DISPATCH_LEVEL,
      urgent: urgency === importance.high,
      notBefore: urgency === importance.low ? vm.tick + LOW_IMPORTANCE_DELAY : vm.tick,
    });
    if (thread === undefined) return false;
    layouts.write(door, dpc, 'KDPC', 'SystemArgument1', first);
    layouts.write(door, dpc, 'KDPC', 'SystemArgument2', second);
    layouts.write(door, dpc, 'KDPC', 'DpcData', dpc);
    store.set(this.queued, dpc, thread);
    store.set(this.unfinished, thread, dpc);
    return true;
  }

  private removeDpc(call: NativeCall): number {
    const { store, vm, layouts } = this.kernel;
    const dpc = call.number(0);
    const thread = store.get(this.queued, dpc);
    if (thread === undefined) return 0;
    layouts.write(call.memory, dpc, 'KDPC', 'DpcData', 0);
    vm.endThread(thread);
    store.delete(this.queued, dpc);
    this.finished(thread);
    return 1;
  }

  /** A thread has ended: if it was a DPC's, whoever flushes the queues may go on. */
  threadOver(thread: number): void {
    if (this.kernel.store.get(this.unfinished, thread) !== undefined) this.finished(thread);
  }

  private finished(thread: number): void {
    const { store, vm } = this.kernel;
    this.parts.processes.releaseStack(thread);
    store.delete(this.unfinished, thread);
    if (store.all(this.unfinished).size > 0) return;
    for (const waiting of store.all(this.flushing).keys()) vm.wake(waiting);
    store.replaceAll(this.flushing, this.flushing.empty);
  }

  /** KeFlushQueuedDpcs: goes on when no DPC is queued or running. */
  private flushDpcs(call: NativeCall): NativeResult {
    const { store, vm } = this.kernel;
    if (call.progress === 0) {
      checkHighestIrql(this.kernel, call, PASSIVE_LEVEL, 'nf-wdm-keflushqueueddpcs');
    }
    if (store.all(this.unfinished).size === 0) return undefined;
    store.set(this.flushing, call.thread, true);
    vm.block('the DPCs that are queued');
    return call.again(1);
  }

  /** KiMeet(Arrived, Count): the others keep their processors until the last one is here. */
  private meet(call: NativeCall): NativeResult {
    if (call.progress !== 0) return 0;
    const { store, vm } = this.kernel;
    const [place, count] = [call.number(0), call.number(1)];
    const arrived = call.memory.readUnsigned(place, 4, '*Arrived') + 1;
    call.memory.write(place, 4, arrived % count);
    if (arrived < count) {
      store.set(this.meeting, call.thread, place);
      vm.block('the other processors');
      return call.again(1);
    }
    for (const [thread, where] of [...store.all(this.meeting).entries()]) {
      if (where !== place) continue;
      store.delete(this.meeting, thread);
      vm.wake(thread);
    }
    return 1;
  }

  /** ExQueueWorkItem(WorkItem, QueueType): List.Flink tells whether it is queued. */
  private queueWork(call: NativeCall): undefined {
    const { layouts } = this.kernel;
    checkHighestIrql(this.kernel, call, DISPATCH_LEVEL, 'nf-wdm-exqueueworkitem');
    const item = call.number(0);
    const flink = layouts.read(
      call.memory,
      item,
      'WORK_QUEUE_ITEM',
      'List.Flink',
      'WorkItem->List',
    );
    if (flink !== 0) {
      throw new BugCheck(
        bugCheckCodes.WORKER_INVALID,
        [0, item, call.number(1), 0],
        `The work item at ${hex(item, 16)} is queued, while it is in a queue already (or was never initialised).`,
        'bug-check-0xe4--worker-invalid',
      );
    }
    layouts.write(call.memory, item, 'WORK_QUEUE_ITEM', 'List.Flink', item);
    this.start('ExpRunWorkItem', [item], 'work item');
    return undefined;
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

  private start(
    routine: string,
    values: readonly number[],
    purpose: string,
    options: Partial<Parameters<Processes['startSystemThread']>[0]> = {},
  ): number | undefined {
    const entry = this.kernel.vm.addressOf(this.kernel.host.index, 'ntoskrnl', routine);
    if (entry === undefined) return undefined;
    return this.parts.processes.startSystemThread({
      name: 'System',
      process: 0,
      entry,
      arguments: values,
      purpose,
      ...options,
    });
  }
}
