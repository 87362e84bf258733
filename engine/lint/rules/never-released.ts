/** Nothing releases it: lost when the function returns, or stored where no function of the driver frees it. */
import { releasersOf } from '../flow/routines.ts';
import type { LintRule } from '../rule.ts';

export const neverReleased: LintRule = {
  code: 'never-released',
  severity: 'warning',
  title: 'An allocation is never released.',
  subject: 'driver',
  check(driver, report) {
    // A scenario that expects the leak has said so.
    if (driver.scenario.expectations.some((expectation) => expectation.kind === 'leak')) return;
    const all = [...driver.events.values()].flat();
    const released = new Set(
      all.flatMap((event) =>
        event.kind === 'releasedFromStore' && event.place.shared !== undefined
          ? [event.place.shared]
          : [],
      ),
    );
    for (const event of all) {
      if (event.kind === 'lost') {
        const { routine, allocator, call } = event.resource;
        report(
          call.range,
          `${allocator.noun} of ${routine} is not released on every path (${releasersOf(allocator.family).join(' or ')})`,
        );
      }
      if (event.kind !== 'stored' || !event.place.shared?.startsWith('static ')) continue;
      const { resource, place } = event;
      const freedHere = all.some(
        (other) => other.kind === 'released' && other.resource.call === resource.call,
      );
      if (!released.has(place.shared ?? '') && !freedHere) {
        report(
          resource.call.range,
          `${resource.allocator.noun} is kept in ${place.text}, and no routine of the driver releases it`,
        );
      }
    }
  },
};
