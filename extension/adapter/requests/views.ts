/** What the side bar's views ask beyond the protocol. */
import type { AdapterContext } from '../context.ts';
import type { Handlers } from '../protocol.ts';

type Names = 'dms/view' | 'dms/position';

export const viewRequests = {
  'dms/view': (context, request) => ({
    stop: context.stopNumber,
    rows: context.stoppedSession.view(request),
  }),

  'dms/position'(context) {
    const { tick, statements, frontier } = context.session.position;
    return { tick, statements, frontier, inThePast: tick < frontier };
  },
} satisfies Handlers<AdapterContext, Names>;
