// The baseline: one record for each page of memory, as an operating system keeps it, walked from the lowest page up.
// In the spirit of what is measured in C elsewhere; here in the same language as the engine, one byte for each page.

export class PageRecords {
  /** 1: free. */
  private readonly free: Uint8Array;

  constructor(pages: number, runs: Iterable<{ readonly frame: number; readonly count: number }>) {
    this.free = new Uint8Array(pages);
    for (const run of runs) this.free.fill(1, run.frame, run.frame + run.count);
  }

  /** The first of `pages` free pages in a row, taken; -1 when there are none. */
  allocate(pages: number): number {
    const { free } = this;
    let run = 0;
    for (let page = 0; page < free.length; page++) {
      run = free[page] === 1 ? run + 1 : 0;
      if (run === pages) {
        const first = page - pages + 1;
        free.fill(0, first, page + 1);
        return first;
      }
    }
    return -1;
  }

  release(first: number, pages: number): void {
    this.free.fill(1, first, first + pages);
  }
}
