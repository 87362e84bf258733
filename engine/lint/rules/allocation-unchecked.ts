/** An allocation that may have failed is used before anyone looked. */
import type { LintRule } from '../rule.ts';

export const allocationUnchecked: LintRule = {
  code: 'allocation-unchecked',
  severity: 'warning',
  title: 'The result of an allocation is used without a test for NULL.',
  subject: 'driver',
  check(driver, report) {
    for (const events of driver.events.values()) {
      for (const event of events) {
        if (event.kind !== 'unchecked') continue;
        report(
          event.use.range,
          `${event.resource.routine} may have answered NULL here; test its result first`,
          {
            related: [{ message: 'the allocation', range: event.resource.call.range }],
          },
        );
      }
    }
  },
};
