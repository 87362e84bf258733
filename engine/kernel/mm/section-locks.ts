/** How often each pageable section of an image is locked into memory. */
import type { Store, Table } from '../../base/store.ts';

export class SectionLocks {
  private readonly counts: Table<number, number>;

  constructor(
    private readonly store: Store,
    host: string,
  ) {
    this.counts = store.table(`${host}.lockedSections`);
  }

  count(section: number): number {
    return this.store.get(this.counts, section) ?? 0;
  }

  set(section: number, count: number): void {
    if (count === 0) this.store.delete(this.counts, section);
    else this.store.set(this.counts, section, count);
  }
}
