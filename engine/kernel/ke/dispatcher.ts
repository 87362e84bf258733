/**
 * Dispatcher objects and waiting. Their state is the bytes of DISPATCHER_HEADER; who waits for them is kept
 * beside (KTHREAD is opaque). `wait.c` holds the routines that block.
 */
import { hex, type Int64, int64 } from '../../base/int64.ts';
import type { Table } from '../../base/store.ts';
import { BugCheck, type NativeCall, type NativeTable, RaiseException } from '../../vm/natives.ts';
import type { Site } from '../../vm/reports.ts';
import { bugCheckCodes } from '../bug-check-codes.ts';
import { APC_LEVEL, DISPATCH_LEVEL, type KernelContext } from '../context.ts';
import { placeOf } from '../mm/describe.ts';
import { status } from '../status.ts';
import { checkHighestIrql, verifierViolation } from '../verifier/irql-rules.ts';
import type { WaitLink } from './wait-chains.ts';

/** DISPATCHER_HEADER.Type. */
export const objectTypes = {
  notificationEvent: 0,
  synchronizationEvent: 1,
  mutant: 2,
  queue: 4,
  semaphore: 5,
  notificationTimer: 8,
  synchronizationTimer: 9,
  thread: 6,
} as const;

const typeNames: Readonly<Record<number, string>> = {
  0: 'notification event',
  1: 'synchronization event',
  2: 'mutex',
  4: 'queue',
  5: 'semaphore',
  6: 'thread',
  8: 'notification timer',
  9: 'synchronization timer',
};

/** A blocked thread. Plain data. */
interface Wait {
  readonly thread: number;
  readonly objects: readonly number[];
  readonly all: boolean;
  /** Order of waiting. */
  readonly order: number;
  readonly due: number | undefined;
  /** Unsigned NTSTATUS once the wait is over. */
  readonly result: number | undefined;
}

interface Mutex {
  readonly owner: number;
  readonly count: number;
  readonly since: Site | undefined;
}

/** What a thread waits for by way of an event of the kernel's own. Plain data. */
interface Note {
  readonly kind: string;
  readonly object: number;
}

/** Who has acquired something that the kernel's C builds on events. Plain data. */
interface Holder {
  readonly thread: number;
  readonly since: Site | undefined;
}

/** Kinds of KiNoteWait, in the order of KI_WAIT_KIND. */
const noteKinds = [
  'fast mutex',
  'guarded mutex',
  'resource',
  'remove lock',
  'rundown protection',
  'queue',
] as const;

/** What waiting has to do with the rest of the kernel. */
export interface DispatcherHooks {
  /** A thread has begun to wait. */
  blocked(thread: number): void;
  /** The thread whose object lies at an address. */
  threadOf(object: number): number | undefined;
}

const header = 'DISPATCHER_HEADER';
/** LIST_ENTRY.Blink. */
const LINK = 8;

export class Dispatcher {
  private readonly waits: Table<number, Wait>;
  private readonly mutexes: Table<number, Mutex>;
  private readonly notes: Table<number, Note>;
  private readonly holders: Table<number, readonly Holder[]>;
  private readonly orderCell: number;

  constructor(
    private readonly kernel: KernelContext,
    private readonly hooks: DispatcherHooks,
  ) {
    this.waits = kernel.store.table(`${kernel.host.name}.waits`);
    this.mutexes = kernel.store.table(`${kernel.host.name}.mutexes`);
    this.notes = kernel.store.table(`${kernel.host.name}.waitNotes`);
    this.holders = kernel.store.table(`${kernel.host.name}.lockHolders`);
    this.orderCell = kernel.store.cell();
  }

  natives(): NativeTable {
    return {
      KeInitializeEvent: (call) => {
        const type = call.number(1) === 0 ? 'notificationEvent' : 'synchronizationEvent';
        this.initialize(call, call.number(0), objectTypes[type], 'KEVENT', call.boolean(2) ? 1 : 0);
        return undefined;
      },
      KeSetEvent: (call) => this.setEvent(call),
      KeClearEvent: (call) => {
        checkHighestIrql(this.kernel, call, DISPATCH_LEVEL, 'nf-wdm-keclearevent');
        this.setState(call, call.number(0), 0);
        return undefined;
      },
      KeResetEvent: (call) => {
        checkHighestIrql(this.kernel, call, DISPATCH_LEVEL, 'nf-wdm-keresetevent');
        const before = this.state(call, call.number(0), 'Event->Header.SignalState');
        this.setState(call, call.number(0), 0);
        return before;
      },
      KeReadStateEvent: (call) => this.state(call, call.number(0), 'Event->Header.SignalState'),
      KeInitializeMutex: (call) => {
        this.initialize(call, call.number(0), objectTypes.mutant, 'KMUTEX', 1);
        this.kernel.store.delete(this.mutexes, call.number(0));
        return undefined;
      },
      KeReleaseMutex: (call) => this.releaseMutex(call),
      KeReadStateMutex: (call) => this.state(call, call.number(0), 'Mutex->Header.SignalState'),
      KeInitializeSemaphore: (call) => {
        this.initialize(call, call.number(0), objectTypes.semaphore, 'KSEMAPHORE', call.number(1));
        this.kernel.layouts.write(
          call.memory,
          call.number(0),
          'KSEMAPHORE',
          'Limit',
          call.number(2),
        );
        return undefined;
      },
      KeReleaseSemaphore: (call) => this.releaseSemaphore(call),
      KeReadStateSemaphore: (call) =>
        this.state(call, call.number(0), 'Semaphore->Header.SignalState'),
      KeInitializeQueue: (call) => this.initializeQueue(call),
      KeReadStateQueue: (call) => this.state(call, call.number(0), 'Queue->Header.SignalState'),
      KeInsertQueue: (call) => this.insertQueue(call, false),
      KeInsertHeadQueue: (call) => this.insertQueue(call, true),
      KiTakeQueue: (call) => this.takeQueue(call),
      KeRundownQueue: (call) => this.rundownQueue(call),
      KiNoteWait: (call) => {
        const kind = noteKinds[call.number(0)] ?? 'object';
        this.kernel.store.set(this.notes, call.thread, { kind, object: call.number(1) });
        return undefined;
      },
      KiNoteHolder: (call) => {
        this.noteHolder(call.thread, call.number(0), call.number(1));
        return undefined;
      },
      KiForgetHolders: (call) => {
        this.kernel.store.delete(this.holders, call.number(0));
        return undefined;
      },
      KiBeginWait: (call) => this.beginWait(call),
      KiEndWait: (call) => this.endWait(call),
      KiBeginDelay: (call) => this.beginDelay(call),
    };
  }

  /** What a thread waits for and who holds it, for the wait chain. */
  linkOf(thread: number): WaitLink | undefined {
    const { store } = this.kernel;
    const wait = store.get(this.waits, thread);
    if (wait === undefined) return undefined;
    const isFirm = wait.due === undefined && (wait.all || wait.objects.length === 1);
    const note = store.get(this.notes, thread);
    if (note !== undefined) {
      const what = `the ${note.kind} at ${hex(note.object, 16)}`;
      const holders = store.get(this.holders, note.object) ?? [];
      // Anybody may release these for whoever acquired them.
      const isOpen = note.kind === 'remove lock' || note.kind === 'rundown protection';
      return { what, holders, isFirm: isFirm && !isOpen };
    }
    if (wait.objects.length === 0) return { what: 'a delay', holders: [], isFirm };
    const what = wait.objects
      .map((object) => {
        const type = this.kernel.system.readUnsigned(object, 1);
        return `the ${typeNames[type] ?? 'object'} at ${hex(object, 16)}`;
      })
      .join(wait.all ? ' and ' : ' or ');
    return { what, holders: wait.objects.flatMap((object) => this.holdersOf(object)), isFirm };
  }

  /** Whether a thread has a KMUTEX. */
  ownsMutex(thread: number): boolean {
    for (const { owner } of this.kernel.store.all(this.mutexes).values()) {
      if (owner === thread) return true;
    }
    return false;
  }

  /** A thread has ended; one that still owns a mutex stops the host. */
  threadOver(thread: number): void {
    for (const [address, mutex] of this.kernel.store.all(this.mutexes).entries()) {
      if (mutex.owner !== thread) continue;
      this.kernel.store.delete(this.mutexes, address);
      this.kernel.stopWith(
        new BugCheck(
          bugCheckCodes.THREAD_TERMINATE_HELD_MUTEX,
          [thread, address, 0, 0],
          `Thread ${thread} has ended while it owns the mutex at ${hex(address, 16)}${mutex.since === undefined ? '' : `, acquired at ${placeOf(mutex.since)}`}.`,
          'bug-check-0x4000008a--thread-terminate-held-mutex',
        ),
      );
      return;
    }
  }

  private holdersOf(object: number): readonly Holder[] {
    const mutex = this.kernel.store.get(this.mutexes, object);
    if (mutex !== undefined) return [{ thread: mutex.owner, since: mutex.since }];
    const thread = this.hooks.threadOf(object);
    return thread === undefined ? [] : [{ thread, since: undefined }];
  }

  /** A thread acquires (1) or releases (-1) something; what others release, its oldest holder has. */
  private noteHolder(thread: number, object: number, change: number): void {
    const { store, vm } = this.kernel;
    const list = store.get(this.holders, object) ?? [];
    if (change > 0) {
      store.set(this.holders, object, [...list, { thread, since: vm.siteOf(thread, true) }]);
      return;
    }
    const own = list.findLastIndex((holder) => holder.thread === thread);
    const rest = list.filter((_, index) => index !== Math.max(own, 0));
    if (rest.length > 0) store.set(this.holders, object, rest);
    else store.delete(this.holders, object);
  }

  /** A timer of this kind has come due: ends the wait of its thread. */
  timerDue(purpose: string): boolean {
    if (!purpose.startsWith('wait:')) return false;
    const thread = Number(purpose.slice('wait:'.length));
    const wait = this.kernel.store.get(this.waits, thread);
    if (wait === undefined || wait.result !== undefined) return true;
    // A delay that ends is a success; a wait that ends by time is a timeout.
    const result = wait.objects.length === 0 ? status.STATUS_SUCCESS : status.STATUS_TIMEOUT;
    this.kernel.store.set(this.waits, thread, { ...wait, result });
    this.kernel.vm.wake(thread);
    return true;
  }

  /** Signals an event from code that is no native call (a device, process death). */
  signal(object: number): void {
    const { layouts, system } = this.kernel;
    layouts.write(system, object, header, 'SignalState', 1);
    this.satisfy(system, object);
  }

  private initialize(
    call: NativeCall,
    object: number,
    type: number,
    structure: string,
    state: number,
  ): void {
    const { layouts } = this.kernel;
    call.memory.write(object + layouts.offset(header, 'Type'), 1, type);
    call.memory.write(object + 1, 1, 0);
    call.memory.write(object + 2, 1, layouts.size(structure) / 4);
    call.memory.write(object + 3, 1, 0);
    this.setState(call, object, state);
    const list = object + layouts.offset(header, 'WaitListHead');
    call.memory.write64(list, list);
    call.memory.write64(list + 8, list);
  }

  private state(call: NativeCall, object: number, what: string): number {
    return call.memory.readSigned(
      object + this.kernel.layouts.offset(header, 'SignalState'),
      4,
      what,
    );
  }

  private setState(call: Pick<NativeCall, 'memory'>, object: number, state: number): void {
    call.memory.write(object + this.kernel.layouts.offset(header, 'SignalState'), 4, state);
  }

  private setEvent(call: NativeCall): number {
    const event = call.number(0);
    const { irql } = this.kernel.host;
    checkHighestIrql(
      this.kernel,
      call,
      call.boolean(2) ? APC_LEVEL : DISPATCH_LEVEL,
      'nf-wdm-kesetevent',
      irql > DISPATCH_LEVEL ? [0x80, irql, event, 0] : [0x20016, 0, 0, 0],
    );
    const before = this.state(call, event, 'Event->Header.SignalState');
    this.setState(call, event, 1);
    this.satisfy(call.memory, event);
    return before;
  }

  private releaseMutex(call: NativeCall): number {
    const mutex = call.number(0);
    const record = this.kernel.store.get(this.mutexes, mutex);
    const before = this.state(call, mutex, 'Mutex->Header.SignalState');
    if (record?.owner !== call.thread) throw new RaiseException(status.STATUS_MUTANT_NOT_OWNED);
    this.setState(call, mutex, before + 1);
    if (record.count > 1) {
      this.kernel.store.set(this.mutexes, mutex, { ...record, count: record.count - 1 });
    } else {
      this.kernel.store.delete(this.mutexes, mutex);
      this.satisfy(call.memory, mutex);
    }
    return before;
  }

  private releaseSemaphore(call: NativeCall): number {
    const semaphore = call.number(0);
    const adjustment = call.number(2);
    const before = this.state(call, semaphore, 'Semaphore->Header.SignalState');
    const limit = call.memory.readSigned(
      semaphore + this.kernel.layouts.offset('KSEMAPHORE', 'Limit'),
      4,
      'Semaphore->Limit',
    );
    if (before + adjustment > limit || adjustment <= 0) {
      throw new RaiseException(status.STATUS_SEMAPHORE_LIMIT_EXCEEDED);
    }
    this.setState(call, semaphore, before + adjustment);
    this.satisfy(call.memory, semaphore);
    return before;
  }

  /** KeInitializeQueue(Queue, Count): 0 stands for the number of processors. */
  private initializeQueue(call: NativeCall): undefined {
    const { layouts, host } = this.kernel;
    const queue = call.number(0);
    call.memory.fill(queue, layouts.size('KQUEUE'), 0);
    this.initialize(call, queue, objectTypes.queue, 'KQUEUE', 0);
    for (const member of ['EntryListHead', 'ThreadListHead']) {
      const head = queue + layouts.offset('KQUEUE', member);
      call.memory.write64(head, head);
      call.memory.write64(head + LINK, head);
    }
    const most = call.number(1) === 0 ? host.machine.processors : call.number(1);
    layouts.write(call.memory, queue, 'KQUEUE', 'MaximumCount', most);
    return undefined;
  }

  /** KeInsert(Head)Queue(Queue, Entry): answers how many entries there were. */
  private insertQueue(call: NativeCall, atHead: boolean): number {
    checkHighestIrql(this.kernel, call, DISPATCH_LEVEL, 'nf-ntifs-keinsertqueue');
    const { memory } = call;
    const [queue, entry] = [call.number(0), call.number(1)];
    const head = queue + this.kernel.layouts.offset('KQUEUE', 'EntryListHead');
    const before = this.state(call, queue, 'Queue->Header.SignalState');
    const left = atHead ? head : memory.readNumber(head + LINK, 'Queue->EntryListHead');
    const right = memory.readNumber(left, 'Queue->EntryListHead');
    memory.write64(entry, right);
    memory.write64(entry + LINK, left);
    memory.write64(left, entry);
    memory.write64(right + LINK, entry);
    this.setState(call, queue, before + 1);
    this.satisfy(memory, queue);
    return before;
  }

  /** KiTakeQueue(Queue): the first entry, once a wait for the queue has succeeded. */
  private takeQueue(call: NativeCall): number {
    const { memory } = call;
    const head = call.number(0) + this.kernel.layouts.offset('KQUEUE', 'EntryListHead');
    const entry = memory.readNumber(head, 'Queue->EntryListHead');
    const next = memory.readNumber(entry, 'Entry->Flink');
    memory.write64(head, next);
    memory.write64(next + LINK, head);
    memory.write64(entry, 0);
    return entry;
  }

  /** KeRundownQueue(Queue): the first of the entries that were left, linked to one another, or NULL. */
  private rundownQueue(call: NativeCall): number {
    checkHighestIrql(this.kernel, call, APC_LEVEL, 'nf-ntifs-kerundownqueue');
    const { memory } = call;
    const queue = call.number(0);
    const head = queue + this.kernel.layouts.offset('KQUEUE', 'EntryListHead');
    const first = memory.readNumber(head, 'Queue->EntryListHead');
    const last = memory.readNumber(head + LINK, 'Queue->EntryListHead');
    this.setState(call, queue, 0);
    memory.write64(head, head);
    memory.write64(head + LINK, head);
    if (first === head) return 0;
    memory.write64(first + LINK, last);
    memory.write64(last, first);
    return first;
  }

  /**
   * KiBeginWait(Count, Objects, WaitAll, Timeout): satisfies the wait at once, or blocks the thread. The
   * result is collected by KiEndWait.
   */
  private beginWait(call: NativeCall): undefined {
    const count = call.number(0);
    const array = call.number(1);
    const all = call.boolean(2);
    const timeout = call.number(3);
    const objects: number[] = [];
    for (let index = 0; index < count; index++) {
      objects.push(call.memory.readNumber(array + 8 * index, `Object[${index}]`));
    }
    const limit = timeout === 0 ? undefined : BigInt(call.memory.read64(timeout, '*Timeout'));
    this.checkWaitIrql(call, objects[0] ?? 0, limit);
    const satisfied = this.trySatisfy(call.memory, call.thread, objects, all);
    if (satisfied !== undefined) {
      this.record(call.thread, objects, all, undefined, satisfied);
      return undefined;
    }
    if (limit === 0n) {
      this.record(call.thread, objects, all, undefined, status.STATUS_TIMEOUT);
      return undefined;
    }
    const due = limit === undefined ? undefined : this.dueTime(limit);
    this.record(call.thread, objects, all, due, undefined);
    this.startTimer(call.thread, due);
    this.kernel.vm.block(this.linkOf(call.thread)?.what ?? 'an object');
    this.hooks.blocked(call.thread);
    return undefined;
  }

  /** KiBeginDelay(Interval). */
  private beginDelay(call: NativeCall): undefined {
    checkHighestIrql(this.kernel, call, APC_LEVEL, 'nf-wdm-kedelayexecutionthread');
    const interval = BigInt(call.memory.read64(call.number(0), '*Interval'));
    const due = this.dueTime(interval);
    this.record(call.thread, [], false, due, undefined);
    this.startTimer(call.thread, due);
    this.kernel.vm.block('a delay');
    return undefined;
  }

  private endWait(call: NativeCall): Int64 {
    const wait = this.kernel.store.get(this.waits, call.thread);
    this.kernel.store.delete(this.waits, call.thread);
    this.kernel.store.delete(this.notes, call.thread);
    return int64((wait?.result ?? status.STATUS_SUCCESS) | 0);
  }

  private checkWaitIrql(call: NativeCall, object: number, limit: bigint | undefined): void {
    const { irql } = this.kernel.host;
    if (irql < DISPATCH_LEVEL || (irql === DISPATCH_LEVEL && limit === 0n)) return;
    const text = `${call.caller.module === 'ntoskrnl' ? 'A wait' : `${call.caller.module}'s wait`} for the object at ${hex(object, 16)} happens at IRQL ${irql}: above APC_LEVEL only a wait with a zero timeout is allowed.`;
    if (this.kernel.verifier(call).flags !== 0) {
      throw verifierViolation([0x3b, irql, object, 0], text, 'nf-wdm-kewaitforsingleobject');
    }
    throw new BugCheck(
      bugCheckCodes.ATTEMPTED_SWITCH_FROM_DPC,
      [call.thread, 0, 0, 0],
      text,
      'bug-check-0xb8--attempted-switch-from-dpc',
    );
  }

  /** Negative: from now on; else a system time. */
  private dueTime(limit: bigint): number {
    const { clock } = this.kernel;
    return limit < 0n ? clock.now + Number(-limit) : clock.fromSystemTime(limit);
  }

  private record(
    thread: number,
    objects: readonly number[],
    all: boolean,
    due: number | undefined,
    result: number | undefined,
  ): void {
    const { store } = this.kernel;
    const order = (store.cells[this.orderCell] ?? 0) + 1;
    store.cells[this.orderCell] = order;
    store.set(this.waits, thread, { thread, objects, all, order, due, result });
  }

  private startTimer(thread: number, due: number | undefined): void {
    if (due === undefined) return;
    this.kernel.clock.set({ due, host: this.kernel.host.index, purpose: `wait:${thread}` });
  }

  /** Wakes the threads whose wait an object's new state satisfies, in the order of their waiting. */
  private satisfy(
    door: Pick<NativeCall['memory'], 'readUnsigned' | 'write'>,
    object: number,
  ): void {
    const waiting = [...this.kernel.store.all(this.waits).values()]
      .filter((wait) => wait.result === undefined && wait.objects.includes(object))
      .sort((left, right) => left.order - right.order);
    for (const wait of waiting) {
      const result = this.trySatisfy(door, wait.thread, wait.objects, wait.all);
      if (result === undefined) continue;
      this.kernel.store.set(this.waits, wait.thread, { ...wait, result });
      if (wait.due !== undefined) {
        this.kernel.clock.cancel({
          due: wait.due,
          host: this.kernel.host.index,
          purpose: `wait:${wait.thread}`,
        });
      }
      this.kernel.vm.wake(wait.thread);
    }
  }

  /** Takes the objects if their state allows; the status of the wait, or undefined when it must go on. */
  private trySatisfy(
    door: Pick<NativeCall['memory'], 'readUnsigned' | 'write'>,
    thread: number,
    objects: readonly number[],
    all: boolean,
  ): number | undefined {
    const ready = objects.map((object) => this.isSignaled(door, thread, object));
    if (all) {
      if (!ready.every(Boolean)) return undefined;
      for (const object of objects) this.acquire(door, thread, object);
      return status.STATUS_SUCCESS;
    }
    const index = ready.indexOf(true);
    const object = objects[index];
    if (object === undefined) return undefined;
    this.acquire(door, thread, object);
    return index;
  }

  private isSignaled(
    door: Pick<NativeCall['memory'], 'readUnsigned'>,
    thread: number,
    object: number,
  ): boolean {
    const { layouts } = this.kernel;
    const state = door.readUnsigned(object + layouts.offset(header, 'SignalState'), 4) | 0;
    if (state > 0) return true;
    const type = door.readUnsigned(object, 1);
    return (
      type === objectTypes.mutant && this.kernel.store.get(this.mutexes, object)?.owner === thread
    );
  }

  private acquire(
    door: Pick<NativeCall['memory'], 'readUnsigned' | 'write'>,
    thread: number,
    object: number,
  ): void {
    const at = object + this.kernel.layouts.offset(header, 'SignalState');
    const state = door.readUnsigned(at, 4) | 0;
    switch (door.readUnsigned(object, 1)) {
      case objectTypes.synchronizationEvent:
      case objectTypes.synchronizationTimer:
        door.write(at, 4, 0);
        break;
      case objectTypes.semaphore:
      case objectTypes.queue:
        door.write(at, 4, state - 1);
        break;
      case objectTypes.mutant: {
        door.write(at, 4, state - 1);
        const held = this.kernel.store.get(this.mutexes, object);
        const since = held?.since ?? this.kernel.vm.siteOf(thread, true);
        this.kernel.store.set(this.mutexes, object, {
          owner: thread,
          count: (held?.count ?? 0) + 1,
          since,
        });
        break;
      }
      default:
        // Notification events and timers stay signaled.
        break;
    }
  }
}
