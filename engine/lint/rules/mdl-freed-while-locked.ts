/** IoFreeMdl on a path on which the pages are still locked. */
import type { LintRule } from '../rule.ts';

export const mdlFreedWhileLocked: LintRule = {
  code: 'mdl-freed-while-locked',
  severity: 'error',
  title: 'An MDL is freed while its pages are locked.',
  subject: 'driver',
  check(driver, report) {
    for (const events of driver.events.values()) {
      for (const event of events) {
        if (event.kind !== 'mdlFreedWhileLocked') continue;
        report(
          event.call.range,
          'the pages of this MDL are still locked here: call MmUnlockPages first, or they stay locked until the process ends with bug check 0x76',
          { related: [{ message: 'the MDL', range: event.resource.call.range }] },
        );
      }
    }
  },
};
