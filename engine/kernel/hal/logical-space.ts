/**
 * Logical addresses behind an IOMMU: ranges of their own, translated page by page to frames. Without an IOMMU
 * a logical address is the physical one and nothing is kept here.
 */
import { PAGE_SIZE } from '../../base/addresses.ts';
import type { Table } from '../../base/store.ts';
import type { FrameRunGrant } from '../../machine/frames.ts';
import type { KernelContext } from '../context.ts';

interface LogicalRange {
  readonly start: number;
  readonly pages: number;
  readonly runs: readonly FrameRunGrant[];
}

/** The first logical address given out: low enough for devices of 24 bits, and never a RAM address of page 0. */
const FIRST = 0x10_0000;

export class LogicalSpace {
  private readonly table: Table<number, LogicalRange>;

  constructor(private readonly kernel: KernelContext) {
    this.table = kernel.store.table(`${kernel.host.name}.logicalSpace`);
  }

  /** Maps frames at the lowest free logical range within reach; undefined when there is none. */
  map(runs: readonly FrameRunGrant[], pages: number, highest: number): number | undefined {
    let start = FIRST;
    for (const range of this.kernel.store.all(this.table).values()) {
      if (start + pages * PAGE_SIZE <= range.start) break;
      start = range.start + range.pages * PAGE_SIZE;
    }
    if (start + pages * PAGE_SIZE - 1 > highest) return undefined;
    this.kernel.store.set(this.table, start, { start, pages, runs });
    return start;
  }

  unmap(start: number): void {
    this.kernel.store.delete(this.table, start);
  }

  /** The physical address that the IOMMU makes of a logical one; undefined: it refuses the access. */
  translate(logical: number): number | undefined {
    if (!this.kernel.host.machine.iommu) return logical;
    const range = this.kernel.store.all(this.table).atOrBelow(logical)?.[1];
    if (range === undefined) return undefined;
    let offset = logical - range.start;
    for (const run of range.runs) {
      const bytes = run.count * PAGE_SIZE;
      if (offset < bytes) return run.frame * PAGE_SIZE + offset;
      offset -= bytes;
    }
    return undefined;
  }
}
