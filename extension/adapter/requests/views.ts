/** What VS Code's views ask beyond the protocol: rows, the place in history, tests. */
import type { AdapterContext } from '../context.ts';
import type { Handlers } from '../protocol.ts';
import { testScenario } from '../test-run.ts';

type Names = 'dms/view' | 'dms/position' | 'dms/test';

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
} satisfies Handlers<AdapterContext, Names>;
