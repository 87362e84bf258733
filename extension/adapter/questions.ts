/** Questions about the past: who wrote, which call allocated, freed or locked, which calls there were. */
import type { MemoryCall, Moment } from '../../engine/index.ts';
import type { AdapterContext } from './context.ts';
import { pointee, storageOf, type Target } from './memory-targets.ts';

export type MemoryQuestion = 'wrote' | MemoryCall;

export type Question =
  | ({ readonly question: MemoryQuestion } & Target)
  | { readonly question: 'calls'; readonly name: string; readonly limit?: number };

export interface Answer {
  /** In the order of the run. */
  readonly moments: readonly Moment[];
  /** There are earlier ones. */
  readonly more: boolean;
  /** Why there are none. */
  readonly message: string;
}

/** Calls that are listed unless a client asks for more. */
const defaultCalls = 100;

const nothing: Readonly<Record<MemoryCall, string>> = {
  allocated: 'No call that is known by now allocated this memory.',
  freed: 'No call that is known by now freed this memory.',
  locked: 'No call that is known by now locked this memory.',
};

/** Answers a question; the scenario stands where it stood. Long searches end when the request is cancelled. */
export async function ask(
  context: AdapterContext,
  question: Question,
  signal: AbortSignal,
): Promise<Answer> {
  const session = context.stoppedSession;
  switch (question.question) {
    case 'calls': {
      const { name, limit = defaultCalls } = question;
      return search(context, { kind: 'calls', name, limit }, signal);
    }
    case 'wrote':
      return search(context, { kind: 'lastWrite', ...storageOf(context, question) }, signal);
    default: {
      const kind = question.question;
      const moments = session.memoryCalls(pointee(context, question).reference, kind);
      return { moments, more: false, message: nothing[kind] };
    }
  }
}

async function search(
  context: AdapterContext,
  query: Parameters<NonNullable<AdapterContext['run']>['search']>[0],
  signal: AbortSignal,
): Promise<Answer> {
  const { run } = context;
  if (run === undefined) return { moments: [], more: false, message: 'No scenario is loaded.' };
  const { moments, more, message } = await run.search(query, signal);
  return { moments, more, message: message ?? '' };
}
