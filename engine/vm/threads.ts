/** Threads as records in the store. The running thread's registers are in cells until it is switched away. */
import type { Store, Table } from '../base/store.ts';
import type { ThreadOptions, ThreadState } from './system.ts';

export type Mode = 'kernel' | 'user';

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
}

export class ThreadTable {
  private readonly table: Table<number, ThreadRecord>;
  /** Hosts that a bug check stopped. */
  private readonly stopped: Table<number, true>;

  constructor(private readonly store: Store) {
    this.table = store.table('vm.threads');
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
      registers,
      kernelStack: { ...options.kernelStack },
      userStack: options.userStack && { ...options.userStack },
    });
    return id;
  }

  update(id: number, changes: Partial<ThreadRecord>): void {
    this.store.update(this.table, id, (thread) => ({ ...thread, ...changes }));
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

  /** The next thread by number behind `id`, then from the first on; 0 when none can run. */
  nextRunnable(id: number): number {
    let first = 0;
    for (const thread of this.all()) {
      if (thread.state !== 'runnable' || this.isStopped(thread.host)) continue;
      if (thread.id > id) return thread.id;
      if (first === 0) first = thread.id;
    }
    return first;
  }
}

/** A thread record without what only the vm needs. */
export function stateOf(thread: ThreadRecord): ThreadState {
  const { id, host, process, name, purpose, state, waitingFor } = thread;
  return { id, host, process, name, purpose, state, waitingFor };
}
