/** Lets a standing scenario go on, in whatever direction. */
import type { ResumeKind } from '../../engine/index.ts';
import type { Call } from './cancellation.ts';
import type { AdapterContext } from './context.ts';
import { quietError } from './errors.ts';
import type { ScenarioRun } from './scenario-run.ts';

/** What a client of the protocol can ask for by itself. */
const standard: ReadonlySet<ResumeKind> = new Set([
  'continue',
  'stepIn',
  'stepOver',
  'stepOut',
  'stepBack',
  'reverseContinue',
]);

/** Begins when the response has left. Throws when the scenario does not stand. */
export function resume(
  context: AdapterContext,
  kind: ResumeKind,
  thread: number | undefined,
  call: Call,
): undefined {
  const run = standing(context);
  call.afterResponse(() => {
    if (!standard.has(kind)) announce(context);
    run.resume(kind, thread ?? run.stop?.thread);
  });
}

/** Goes to a moment, in the same way. */
export function travel(context: AdapterContext, tick: number, call: Call): undefined {
  const run = standing(context);
  call.afterResponse(() => {
    announce(context);
    run.goTo(tick);
  });
}

/** A client knows that its own requests resume the program, but not that ours do. */
function announce(context: AdapterContext): void {
  const threadId = context.run?.stop?.thread;
  if (threadId !== undefined) context.emit('continued', { threadId, allThreadsContinued: true });
}

function standing(context: AdapterContext): ScenarioRun {
  const { run } = context;
  if (run === undefined || run.state !== 'stopped') {
    throw quietError('The scenario is not stopped.');
  }
  return run;
}
