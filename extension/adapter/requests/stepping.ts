/** continue, the steps forwards and backwards that the protocol has, and pause. */
import type { AdapterContext } from '../context.ts';
import type { Handlers } from '../protocol.ts';
import { resume } from '../resuming.ts';

type Names = 'continue' | 'next' | 'stepIn' | 'stepOut' | 'stepBack' | 'reverseContinue' | 'pause';

export const steppingRequests = {
  continue(context, { threadId }, call) {
    resume(context, 'continue', threadId, call);
    return { allThreadsContinued: true };
  },

  next: (context, { threadId }, call) => resume(context, 'stepOver', threadId, call),
  stepIn: (context, { threadId }, call) => resume(context, 'stepIn', threadId, call),
  stepOut: (context, { threadId }, call) => resume(context, 'stepOut', threadId, call),
  stepBack: (context, { threadId }, call) => resume(context, 'stepBack', threadId, call),

  reverseContinue: (context, { threadId }, call) =>
    resume(context, 'reverseContinue', threadId, call),

  pause(context) {
    context.run?.pause();
  },
} satisfies Handlers<AdapterContext, Names>;
