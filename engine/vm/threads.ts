/** Threads as records in the store. The running thread's registers are in cells until it is switched away. */
import type { Store, Table } from '../base/store.ts';
import type { ThreadOptions, ThreadState } from './system.ts';

export type Mode = 'kernel' | 'user';

/** Of a thread that nobody gave another. */
export const DEFAULT_PRIORITY = 8;

/** What a thread goes on with. Addresses in their signed reading. */
export interface Registers {
  readonly pc: number;
  readonly fp: number;
  readonly sp: number;
  readonly mode: Mode;
  /** The innermost record of an exception being dispatched on this stack, or 0. */
  readonly dispatch: number;
}

interface StackRange {
  readonly limit: number;
  readonly base: number;
}

export interface ThreadRecord extends ThreadState {
  readonly registers: Registers;
  readonly kernelStack: StackRange;
  readonly userStack: StackRange | undefined;
  /** IRQL to go on at; of the running thread it is the host's. */
  readonly irql: number;
  /** It has executed something. An interrupt or DPC that has not only waits for its processor. */
  readonly begun: boolean;
  /** The observer has been told of the instruction that it goes on at. */
  readonly arrived: boolean;
  /** One bit for each processor that it may run on; undefined: all. */
  readonly affinity: bigint | undefined;
  /** The process whose memory it sees while it is attached to one that is not its own. */
  readonly attached: number | undefined;
  /** From 1 to 31: below DISPATCH_LEVEL the highest of those that may have a processor run there. */
  readonly priority: number;
  /** Among interrupts and DPCs of one level the lowest comes first. */
  readonly order: number;
  /** An interrupt is not taken before this moment unless nothing else runs. */
  readonly notBefore: number;
  /** The thread that had the processor when this interrupt or DPC began; 0: none. */
  readonly interrupted: number;
}

export class ThreadTable {
  private readonly table: Table<number, ThreadRecord>;
  /** Threads that have not ended. */
  private readonly live: Table<number, true>;
  /** Hosts that a bug check stopped. */
  private readonly stopped: Table<number, true>;

  constructor(private readonly store: Store) {
    this.table = store.table('vm.threads');
    this.live = store.table('vm.liveThreads');
    this.stopped = store.table('vm.stoppedHosts');
  }

  get(id: number): ThreadRecord | undefined {
    return this.store.get(this.table, id);
  }

  add(options: ThreadOptions, registers: Registers): number {
    const id = (this.store.all(this.table).last()?.[0] ?? 0) + 1;
    this.store.set(this.table, id, {
      id,
      host: options.host,
      process: options.process,
      name: options.name,
      purpose: options.purpose,
      state: 'runnable',
      waitingFor: undefined,
      level: options.level ?? 'thread',
      processor: options.processor ?? 0,
      registers,
      kernelStack: { ...options.kernelStack },
      userStack: options.userStack && { ...options.userStack },
      irql: options.irql ?? 0,
      begun: false,
      arrived: false,
      affinity: undefined,
      attached: undefined,
      priority: DEFAULT_PRIORITY,
      order: options.urgent === true ? -id : id,
      notBefore: options.notBefore ?? 0,
      interrupted: 0,
    });
    this.store.set(this.live, id, true);
    return id;
  }

  update(id: number, changes: Partial<ThreadRecord>): void {
    this.store.update(this.table, id, (thread) => ({ ...thread, ...changes }));
    if (changes.state === 'ended') this.store.delete(this.live, id);
  }

  /** Forgets a thread that has ended. */
  remove(id: number): void {
    this.store.delete(this.live, id);
    this.store.delete(this.table, id);
  }

  /** Threads that have not ended, of hosts that run, by number. */
  *running(): Generator<ThreadRecord> {
    for (const id of this.store.all(this.live).keys()) {
      const thread = this.get(id);
      if (thread !== undefined && !this.isStopped(thread.host)) yield thread;
    }
  }

  ofHost(host: number): readonly ThreadRecord[] {
    return [...this.all()].filter((thread) => thread.host === host);
  }

  all(): Iterable<ThreadRecord> {
    return this.store.all(this.table).values();
  }

  stopHost(host: number): void {
    this.store.set(this.stopped, host, true);
  }

  isStopped(host: number): boolean {
    return this.store.get(this.stopped, host) !== undefined;
  }

  isRunnable(id: number): boolean {
    const thread = this.get(id);
    return thread?.state === 'runnable' && !this.isStopped(thread.host);
  }
}

/** A thread record without what only the vm needs. */
export function stateOf(thread: ThreadRecord): ThreadState {
  const { id, host, process, name, purpose, state, waitingFor, level, processor } = thread;
  return { id, host, process, name, purpose, state, waitingFor, level, processor };
}
