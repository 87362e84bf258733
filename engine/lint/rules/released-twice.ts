/** The same thing is released twice on a path, or used after its release. */
import type { LintRule } from '../rule.ts';

export const releasedTwice: LintRule = {
  code: 'released-twice',
  severity: 'error',
  title: 'Memory is released twice on a path, or used after its release.',
  subject: 'driver',
  check(driver, report) {
    for (const events of driver.events.values()) {
      for (const event of events) {
        if (event.kind === 'releasedTwice') {
          report(
            event.call.range,
            `what ${event.resource.routine} gave was released already on this path`,
            {
              related: [{ message: 'the allocation', range: event.resource.call.range }],
            },
          );
        }
        if (event.kind === 'usedAfterRelease') {
          report(
            event.use.range,
            `what ${event.resource.routine} gave is used here after its release`,
            {
              related: [{ message: 'the allocation', range: event.resource.call.range }],
            },
          );
        }
      }
    }
  },
};
