/** Released by a routine of another family, or with another size, tag or cache type than at the allocation. */
import type { Expression } from '../../language/program.ts';
import { type Allocator, constantOf, type Releaser, releasersOf } from '../flow/routines.ts';
import type { LintRule, Report } from '../rule.ts';

type Call = Extract<Expression, { kind: 'call' }>;

export const releasedOtherwise: LintRule = {
  code: 'released-otherwise',
  severity: 'warning',
  title:
    'Memory is released by another routine, size, tag or cache type than it was allocated with.',
  subject: 'driver',
  check(driver, report) {
    const all = [...driver.events.values()].flat();
    const stores = all.filter((event) => event.kind === 'stored');
    for (const event of all) {
      if (event.kind === 'released') {
        const { resource } = event;
        compare(
          resource.call,
          resource.routine,
          resource.allocator,
          event.call,
          event.routine,
          event.releaser,
          report,
        );
      }
      if (event.kind === 'releasedFromStore' && event.place.shared !== undefined) {
        // Only where one allocation alone is ever stored: else it may be the other's.
        const sources = stores.filter((store) => store.place.shared === event.place.shared);
        const [only] = sources;
        if (only === undefined || sources.length > 1) continue;
        const { resource } = only;
        compare(
          resource.call,
          resource.routine,
          resource.allocator,
          event.call,
          event.routine,
          event.releaser,
          report,
        );
      }
    }
  },
};

function compare(
  allocation: Call,
  allocated: string,
  allocator: Allocator,
  release: Call,
  released: string,
  releaser: Releaser,
  report: Report,
): void {
  const related = [{ message: `allocated by ${allocated}`, range: allocation.range }];
  // The MDL of MmAllocatePagesForMdl itself is pool.
  const families = allocator.family === 'mdlPages' ? ['mdlPages', 'pool'] : [allocator.family];
  if (!families.includes(releaser.family)) {
    report(
      release.range,
      `${released} does not release ${allocator.noun}; use ${releasersOf(allocator.family).join(' or ')}`,
      { related },
    );
    return;
  }
  const differs = (what: string, from: number | undefined, to: number | undefined): void => {
    if (from === undefined || to === undefined) return;
    const given = release.arguments[to];
    const wanted = constantOf(allocation.arguments[from]);
    const found = constantOf(given);
    if (given !== undefined && wanted !== undefined && found !== undefined && wanted !== found) {
      report(
        given.range,
        `${what} is ${found} here but was ${wanted} when the memory was allocated`,
        {
          related,
        },
      );
    }
  };
  differs('the size', allocator.size, releaser.size);
  differs('the pool tag', allocator.tag, releaser.tag);
  differs('the cache type', allocator.cache, releaser.cache);
}
