/** continue, the steps forwards and backwards, pause, and going to a moment. */
import type { ResumeKind } from '../../../engine/index.ts';
import type { Call } from '../cancellation.ts';
import type { AdapterContext } from '../context.ts';
import { quietError } from '../errors.ts';
import type { Handlers } from '../protocol.ts';

type Names =
  | 'continue'
  | 'next'
  | 'stepIn'
  | 'stepOut'
  | 'stepBack'
  | 'reverseContinue'
  | 'pause'
  | 'dms/goTo'
  | 'dms/stepBackIn'
  | 'dms/stepBackOut';

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

  'dms/stepBackIn': (context, { threadId }, call) => resume(context, 'stepBackIn', threadId, call),

  'dms/stepBackOut': (context, { threadId }, call) =>
    resume(context, 'stepBackOut', threadId, call),

  pause(context) {
    context.run?.pause();
  },

  'dms/goTo'(context, { tick }, call) {
    const run = standing(context);
    call.afterResponse(() => {
      announce(context);
      run.goTo(tick);
    });
  },
} satisfies Handlers<AdapterContext, Names>;

function resume(
  context: AdapterContext,
  kind: ResumeKind,
  thread: number | undefined,
  call: Call,
): undefined {
  const run = standing(context);
  const custom = kind === 'stepBackIn' || kind === 'stepBackOut';
  call.afterResponse(() => {
    if (custom) announce(context);
    run.resume(kind, thread ?? run.stop?.thread);
  });
}

/** A client knows that its own requests resume the program, but not that ours do. */
function announce(context: AdapterContext): void {
  const threadId = context.run?.stop?.thread;
  if (threadId !== undefined) context.emit('continued', { threadId, allThreadsContinued: true });
}

function standing(context: AdapterContext) {
  const { run } = context;
  if (run === undefined || run.state !== 'stopped') {
    throw quietError('The scenario is not stopped.');
  }
  return run;
}
