/** Every edit of the emulated state from the user's side ends here: warn, and tell all who show it. */
import type { AdapterContext } from './context.ts';
import { userError } from './errors.ts';

/**
 * Looks before an edit whether the user is in the past; the returned function, called after it, says that the future
 * is gone. Refuses where the launch configuration says so: an adapter cannot ask by itself.
 */
export function warnIfInThePast(context: AdapterContext): () => void {
  const { tick, frontier } = context.session.position;
  if (tick < frontier && refusesPastEdits(context)) throw userError(pastIsLocked);
  return () => {
    if (tick >= frontier) return;
    context.output(
      'important',
      'State was changed in the past: what had happened after this moment is dropped.',
    );
  };
}

/** Whether edits are refused where the scenario stands now. */
export function isPastLocked(context: AdapterContext): boolean {
  const { tick, frontier } = context.session.position;
  return tick < frontier && refusesPastEdits(context);
}

export const pastIsLocked =
  'The scenario stands in the past, and "pastEdits" is "refuse": nothing was changed. Go to the end first.';

function refusesPastEdits(context: AdapterContext): boolean {
  return context.launch?.pastEdits === 'refuse';
}

/** Sends `memory` and `invalidated` to clients that know them, and refreshes the views. */
export function changed(
  context: AdapterContext,
  memoryReference: string | undefined,
  offset = 0,
  count = 8,
): void {
  if (context.client.memoryEvent && memoryReference !== undefined) {
    context.emit('memory', { memoryReference, offset, count });
  }
  if (context.client.invalidatedEvent) context.emit('invalidated', { areas: ['variables'] });
  context.emitState(context.run?.stop?.thread);
}
