/** PutDmaAdapter while a common buffer of the adapter is still allocated. */
import type { LintRule } from '../rule.ts';

export const commonBufferOutlivesAdapter: LintRule = {
  code: 'common-buffer-outlives-adapter',
  severity: 'error',
  title: 'A DMA adapter is put while it still has a common buffer.',
  subject: 'driver',
  check(driver, report) {
    for (const events of driver.events.values()) {
      for (const event of events) {
        if (event.kind !== 'adapterPutWithCommonBuffer') continue;
        report(
          event.call.range,
          'a common buffer of this adapter is still allocated: call FreeCommonBuffer first',
          {
            related: [{ message: 'the common buffer', range: event.resource.call.range }],
          },
        );
      }
    }
  },
};
