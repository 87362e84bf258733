/** Every edit of the emulated state from the user's side ends here: warn, and tell all who show it. */
import type { AdapterContext } from './context.ts';

/**
 * Looks before an edit whether the user is in the past; the returned function, called after it, says that the future
 * is gone.
 */
export function warnIfInThePast(context: AdapterContext): () => void {
  const { tick, frontier } = context.session.position;
  return () => {
    if (tick >= frontier) return;
    context.output(
      'console',
      'State was changed in the past: what had happened after this moment is dropped.',
    );
  };
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
