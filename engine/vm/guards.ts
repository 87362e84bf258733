/**
 * Ranges that nobody may use: freed blocks, and what lies between blocks of a heap. Pages with such a range stay out
 * of the caches of writes; their bytes count as never written, so that reads come by as well.
 */
import { PAGE_SIZE, pageAlign } from '../base/addresses.ts';
import type { Store, Table } from '../base/store.ts';

export interface GuardedRange {
  /** Behind the last byte. */
  readonly end: number;
  /** What a write to it breaks. */
  readonly rule: GuardRule;
  /** What the range is, for the report; undefined: the owner of the memory is asked. */
  readonly text: string | undefined;
}

export type GuardRule = 'use_after_free' | 'heap_overrun' | 'dma_stale_buffer';

/** Addresses of processes follow one another as keys; system addresses are negative. */
const PROCESS_ROOM = 2 ** 40;
const MOST_PROCESSES = 2 ** 12;

/** The ranges of one host. They do not overlap. */
export class Guards {
  private readonly table: Table<number, GuardedRange>;
  /** Where each block of a heap was allocated or freed last, by its start. */
  private readonly blocks: Table<number, { readonly end: number; readonly text: string }>;

  constructor(
    private readonly store: Store,
    host: number,
  ) {
    this.table = store.table(`guards.${host}`);
    this.blocks = store.table(`heapBlocks.${host}`);
  }

  add(
    process: number,
    address: number,
    length: number,
    rule: GuardRule,
    text: string | undefined,
  ): void {
    const start = keyOf(process, address);
    if (start === undefined || length <= 0) return;
    this.remove(process, address, length);
    // Pages without a guard may be in caches.
    for (let page = pageAlign(address); page < address + length; page += PAGE_SIZE) {
      if (this.covers(process, page)) continue;
      this.store.invalidate();
      break;
    }
    this.store.set(this.table, start, { end: start + length, rule, text });
  }

  remove(process: number, address: number, length: number): void {
    const start = keyOf(process, address);
    if (start === undefined || length <= 0) return;
    const end = start + length;
    for (const [at, range] of this.overlapping(start, end)) {
      this.store.delete(this.table, at);
      if (at < start) this.store.set(this.table, at, { ...range, end: start });
      if (range.end > end) this.store.set(this.table, end, range);
    }
  }

  /** Whether a byte of the page of an address is guarded. */
  covers(process: number, address: number): boolean {
    return this.find(process, pageAlign(address), PAGE_SIZE) !== undefined;
  }

  /** The first guarded range that an access meets. */
  find(process: number, address: number, size: number): GuardedRange | undefined {
    const start = keyOf(process, address);
    if (start === undefined) return undefined;
    const ranges = this.store.all(this.table);
    const before = ranges.atOrBelow(start);
    if (before !== undefined && before[1].end > start) return before[1];
    const next = ranges.atOrAbove(start);
    return next !== undefined && next[0] < start + size ? next[1] : undefined;
  }

  /** Remembers what a block is, for reports about bytes of it. */
  note(process: number, address: number, length: number, text: string): void {
    const start = keyOf(process, address);
    if (start !== undefined) this.store.set(this.blocks, start, { end: start + length, text });
  }

  /** The last block that was noted at an address. */
  noted(process: number, address: number): string | undefined {
    const at = keyOf(process, address);
    const block = at === undefined ? undefined : this.store.all(this.blocks).atOrBelow(at)?.[1];
    return block === undefined || at === undefined || block.end <= at ? undefined : block.text;
  }

  private overlapping(start: number, end: number): (readonly [number, GuardedRange])[] {
    const ranges = this.store.all(this.table);
    const found: (readonly [number, GuardedRange])[] = [];
    const before = ranges.atOrBelow(start);
    if (before !== undefined && before[1].end > start) found.push(before);
    for (let next = ranges.atOrAbove(start + 1); next !== undefined && next[0] < end; ) {
      found.push(next);
      next = ranges.atOrAbove(next[0] + 1);
    }
    return found;
  }
}

/** A key for an address of a process; undefined where there is no room for one: nothing is guarded there. */
export function keyOf(process: number, address: number): number | undefined {
  if (address < 0) return address;
  if (address >= PROCESS_ROOM || process >= MOST_PROCESSES) return undefined;
  return process * PROCESS_ROOM + address;
}
