/** Questions about the past and ways back to what they answer; the protocol itself has only the two steps. */
import type { Moment } from '../../../engine/index.ts';
import type { Call } from '../cancellation.ts';
import type { AdapterContext } from '../context.ts';
import { userError } from '../errors.ts';
import type { Handlers, MomentBody } from '../protocol.ts';
import { ask } from '../questions.ts';
import { resume, travel } from '../resuming.ts';

type Names = 'dms/goTo' | 'dms/stepBackIn' | 'dms/stepBackOut' | 'dms/ask' | 'dms/runBackTo';

export const timeTravelRequests = {
  'dms/goTo'(context, { tick }, call) {
    if (tick === 'start') resume(context, 'toStart', undefined, call);
    else if (tick === 'end') resume(context, 'toEnd', undefined, call);
    else travel(context, tick, call);
  },

  'dms/stepBackIn': (context, { threadId }, call) => resume(context, 'stepBackIn', threadId, call),

  'dms/stepBackOut': (context, { threadId }, call) =>
    resume(context, 'stepBackOut', threadId, call),

  async 'dms/ask'(context, question, call) {
    const { moments, more, message } = await ask(context, question, call.signal);
    return { moments: moments.map((moment) => momentBody(context, moment)), more, message };
  },

  /** Goes to the last such moment before the present one. */
  async 'dms/runBackTo'(context, question, call) {
    const { moments, message } = await ask(context, question, call.signal);
    const { tick } = context.session.position;
    const target = moments.findLast((moment) => moment.tick < tick);
    if (target === undefined) {
      throw userError(moments.length > 0 ? 'The scenario stands at that moment.' : message);
    }
    return goTo(context, target, call);
  },
} satisfies Handlers<AdapterContext, Names>;

function goTo(context: AdapterContext, moment: Moment, call: Call): MomentBody {
  travel(context, moment.tick, call);
  return momentBody(context, moment);
}

function momentBody(context: AdapterContext, { tick, text, site }: Moment): MomentBody {
  return { tick, text, ...context.place(site) };
}
