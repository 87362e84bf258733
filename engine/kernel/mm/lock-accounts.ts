/** How many pages each process has locked: what Windows checks when a process ends (bug check 0x76). */
import type { Store, Table } from '../../base/store.ts';

export class LockAccounts {
  private readonly pages: Table<number, number>;

  constructor(
    private readonly store: Store,
    host: string,
  ) {
    this.pages = store.table(`${host}.lockedPages`);
  }

  of(process: number): number {
    return this.store.get(this.pages, process) ?? 0;
  }

  add(process: number, pages: number): void {
    this.store.set(this.pages, process, this.of(process) + pages);
  }
}
