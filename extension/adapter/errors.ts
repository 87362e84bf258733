/** The adapter's vocabulary of failures: who is to blame decides what the client shows. */
import type { DebugProtocol } from '@vscode/debugprotocol';

/**
 * `user`: something the user can put right, shown in a box. `quiet`: the same, but the place where it was asked
 * shows it (hover, Watch, the Debug Console). `cancelled`: nobody waits for the answer any more.
 * `internal`: a fault of ours.
 */
export type ErrorKind = 'user' | 'quiet' | 'cancelled' | 'internal';

const errorIds: Readonly<Record<ErrorKind, number>> = {
  user: 1000,
  quiet: 1001,
  cancelled: 1002,
  internal: 1003,
};

export class AdapterError extends Error {
  constructor(
    readonly kind: ErrorKind,
    message: string,
  ) {
    super(message);
  }
}

export function userError(message: string): AdapterError {
  return new AdapterError('user', message);
}

export function quietError(message: string): AdapterError {
  return new AdapterError('quiet', message);
}

/** DAP wants exactly the text `cancelled` as the response's message. */
export function cancelledError(): AdapterError {
  return new AdapterError('cancelled', 'cancelled');
}

export interface Failure {
  readonly kind: ErrorKind;
  readonly message: string;
  readonly body: DebugProtocol.ErrorResponse['body'];
}

/** Any thrown value as the failing response's message and body. */
export function failureOf(thrown: unknown): Failure {
  const kind = thrown instanceof AdapterError ? thrown.kind : 'internal';
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  const message = kind === 'internal' ? `Internal error of the debug adapter: ${text}` : text;
  const showUser = kind === 'user' || kind === 'internal';
  // Braces in `format` stand for variables, and C text is full of them.
  const error = { id: errorIds[kind], format: '{text}', variables: { text: message }, showUser };
  return { kind, message, body: { error } };
}
