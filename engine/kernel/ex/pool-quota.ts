/** Pool quota: what processes are charged for blocks that a driver allocates on their behalf. */
import { PAGE_SIZE } from '../../base/addresses.ts';
import type { Table } from '../../base/store.ts';
import type { NativeCall } from '../../vm/natives.ts';
import type { MemoryRoutines } from '../mm/calls.ts';
import { bytesText } from '../mm/describe.ts';

/** A process may be charged for this part of the machine's memory in each pool. */
const SHARE = 1 / 2;

export class PoolQuota {
  /** Bytes by process and pool. */
  private readonly charges: Table<number, number>;

  constructor(private readonly context: MemoryRoutines) {
    const { store, host } = context.memory;
    this.charges = store.table(`${host.name}.pool.quota`);
  }

  /**
   * Charges the calling process. Answers why that cannot be; undefined when it was done. The system's own process is
   * not charged.
   */
  charge(call: NativeCall, paged: boolean, bytes: number): string | undefined {
    if (call.process === 0) return undefined;
    const key = keyOf(call.process, paged);
    const used = this.used(key);
    const limit = Math.floor(this.context.memory.frames.totalPages * SHARE) * PAGE_SIZE;
    if (used + bytes > limit) {
      return (
        `the quota of the process for ${paged ? 'paged' : 'nonpaged'} pool is ${bytesText(limit)}, ` +
        `of which ${bytesText(used)} are charged`
      );
    }
    this.context.memory.store.set(this.charges, key, used + bytes);
    return undefined;
  }

  /** Takes a charge back: the block was freed, or never came about. */
  release(process: number, paged: boolean, bytes: number): void {
    if (process === 0) return;
    const key = keyOf(process, paged);
    const left = this.used(key) - bytes;
    if (left > 0) this.context.memory.store.set(this.charges, key, left);
    else this.context.memory.store.delete(this.charges, key);
  }

  private used(key: number): number {
    return this.context.memory.store.get(this.charges, key) ?? 0;
  }
}

const keyOf = (process: number, paged: boolean): number => process * 2 + (paged ? 1 : 0);
