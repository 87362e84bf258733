/**
 * Logical addresses behind an IOMMU: ranges of their own, translated to frames, each for the devices of one
 * domain. Without an IOMMU a logical address is the physical one and nothing is kept here.
 */
import { PAGE_SIZE, type PageFrame } from '../../base/addresses.ts';
import type { Measure } from '../../base/ordered-map.ts';
import type { Table } from '../../base/store.ts';
import type { FrameRunGrant } from '../../machine/frames.ts';
import type { KernelContext } from '../context.ts';

/** What a device may do with a range. */
export type DeviceRights = 'read' | 'write' | 'readWrite';

/** Adjacent logical pages over adjacent frames. Plain data. */
export interface Translation {
  readonly start: number;
  readonly pages: number;
  readonly frame: PageFrame;
  readonly domain: number;
  readonly rights: DeviceRights;
}

/** Where a range of logical addresses may lie; inclusive. */
export interface LogicalBounds {
  readonly lowest: number;
  readonly highest: number;
  /** In bytes, a power of two. */
  readonly alignment?: number;
}

/** The first logical address given out: low enough for devices of 24 bits, and never page 0. */
const FIRST = 0x10_0000;
/** Logical addresses end where physical ones do. */
const END = 2 ** 52;

const longest: Measure<number, number, number> = {
  of: (_start, length) => length,
  join: Math.max,
};

export class LogicalSpace {
  private readonly translations: Table<number, Translation>;
  /** Free ranges by start, in bytes. Empty until the first range is taken: all is free then. */
  private readonly free: Table<number, number, number>;
  private readonly begun: number;

  constructor(private readonly kernel: KernelContext) {
    const { store, host } = kernel;
    this.translations = store.table(`${host.name}.logicalTranslations`);
    this.free = store.table(`${host.name}.logicalFree`, longest);
    this.begun = store.cell();
  }

  /** The lowest free range of so many pages within bounds; undefined when there is none. */
  reserve(pages: number, bounds: LogicalBounds): number | undefined {
    const { store } = this.kernel;
    if (store.cells[this.begun] !== 1) {
      store.cells[this.begun] = 1;
      store.set(this.free, FIRST, END - FIRST);
    }
    const bytes = pages * PAGE_SIZE;
    const unit = Math.max(bounds.alignment ?? PAGE_SIZE, PAGE_SIZE);
    const placeIn = (start: number): number =>
      Math.ceil(Math.max(start, bounds.lowest) / unit) * unit;
    const fits = (start: number, length: number): boolean =>
      placeIn(start) + bytes <= start + length;
    const free = store.all(this.free);
    const below = free.atOrBelow(bounds.lowest);
    const found =
      below !== undefined && fits(below[0], below[1])
        ? below
        : free.findFirst((most) => most >= bytes, fits, bounds.lowest);
    if (found === undefined) return undefined;
    const [start, length] = found;
    const place = placeIn(start);
    if (place + bytes - 1 > bounds.highest) return undefined;
    store.delete(this.free, start);
    if (place > start) store.set(this.free, start, place - start);
    const rest = start + length - place - bytes;
    if (rest > 0) store.set(this.free, place + bytes, rest);
    return place;
  }

  /** Gives a reserved range back, with all that it translates. */
  release(start: number, pages: number): void {
    const { store } = this.kernel;
    const end = start + pages * PAGE_SIZE;
    this.unmap(start, end);
    const free = store.all(this.free);
    const before = free.atOrBelow(start);
    const joinsBefore = before !== undefined && before[0] + before[1] === start;
    const first = joinsBefore ? before[0] : start;
    const after = free.get(end);
    if (after !== undefined) store.delete(this.free, end);
    store.set(this.free, first, end + (after ?? 0) - first);
  }

  /** Translates a part of a reserved range to adjacent frames. */
  map(translation: Translation): void {
    this.kernel.store.set(this.translations, translation.start, translation);
  }

  /** Translates a reserved range to frames, run by run. */
  mapRuns(
    start: number,
    runs: readonly FrameRunGrant[],
    domain: number,
    rights: DeviceRights = 'readWrite',
  ): void {
    let at = start;
    for (const run of runs) {
      this.map({ start: at, pages: run.count, frame: run.frame, domain, rights });
      at += run.count * PAGE_SIZE;
    }
  }

  /** Takes translations away whose first address lies in a range. */
  unmap(start: number, end: number): void {
    const { store } = this.kernel;
    for (;;) {
      const found = store.all(this.translations).atOrAbove(start);
      if (found === undefined || found[0] >= end) return;
      store.delete(this.translations, found[0]);
    }
  }

  /** The translation of a logical address, whichever domain it belongs to. */
  at(logical: number): Translation | undefined {
    const found = this.kernel.store.all(this.translations).atOrBelow(logical)?.[1];
    return found !== undefined && logical < found.start + found.pages * PAGE_SIZE
      ? found
      : undefined;
  }
}
