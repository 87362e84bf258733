/** What VS Code's views ask beyond the protocol: rows, the place in history, tests. */
import type { AdapterContext } from '../context.ts';
import type { Handlers } from '../protocol.ts';
import { scenarioVariants, testScenario } from '../test-run.ts';

type Names = 'dms/view' | 'dms/position' | 'dms/test' | 'dms/variants';

export const viewRequests = {
  'dms/view': (context, request) => ({
    stop: context.stopNumber,
    rows: context.stoppedSession.view(request),
  }),

  'dms/position'(context) {
    const { tick, statements, frontier } = context.session.position;
    return { tick, statements, frontier, inThePast: tick < frontier };
  },

  'dms/test': (context, what, call) => testScenario(context, what, call.signal),

  'dms/variants': (context, what, call) => scenarioVariants(context, what, call.signal),
} satisfies Handlers<AdapterContext, Names>;
