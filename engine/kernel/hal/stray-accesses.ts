/** Accesses of devices to memory that no driver had given them, for the views: a page remembers the last one. */
import { PAGE_SIZE, type PageFrame, type PhysicalAddress } from '../../base/addresses.ts';
import type { OrderedMap } from '../../base/ordered-map.ts';
import type { Store, Table } from '../../base/store.ts';
import type { Site } from '../../vm/reports.ts';

/** Plain data. */
export interface StrayAccess {
  readonly device: string;
  readonly access: 'read' | 'write';
  readonly address: PhysicalAddress;
  /** Bytes, within one page. */
  readonly length: number;
  /** Whose memory it was then, in words. */
  readonly owner: string;
  readonly site: Site;
}

export class StrayAccesses {
  private readonly table: Table<number, StrayAccess>;

  constructor(
    private readonly store: Store,
    host: string,
  ) {
    this.table = store.table(`${host}.strayAccesses`);
  }

  /** By page frame. */
  get all(): OrderedMap<number, StrayAccess> {
    return this.store.all(this.table);
  }

  add(access: StrayAccess): void {
    this.store.set(this.table, Math.floor(access.address / PAGE_SIZE), access);
  }

  /** The first one in a run of frames. */
  in(first: PageFrame | number, count: number): StrayAccess | undefined {
    const found = this.all.atOrAbove(first);
    return found !== undefined && found[0] < first + count ? found[1] : undefined;
  }
}
