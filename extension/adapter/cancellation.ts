/** A token for each request in progress, so that `cancel` and the end of the session can stop long work. */
import { cancelledError } from './errors.ts';

export interface Call {
  readonly seq: number;
  readonly signal: AbortSignal;
  /** Runs `action` when the response has left: what follows it may send `stopped`. */
  afterResponse(action: () => void): void;
}

export class Calls {
  private readonly controllers = new Map<number, AbortController>();

  /** Must be ended by `end`; a request is known from its arrival, so that a waiting one can be cancelled. */
  begin(seq: number): AbortSignal {
    const controller = new AbortController();
    this.controllers.set(seq, controller);
    return controller.signal;
  }

  end(seq: number): void {
    this.controllers.delete(seq);
  }

  /** A request that has ended already is not an error: the client could not know. */
  cancel(seq: number): void {
    this.controllers.get(seq)?.abort(cancelledError());
  }

  cancelAll(except: number): void {
    for (const seq of this.controllers.keys()) {
      if (seq !== except) this.cancel(seq);
    }
  }
}

/** Rejects as soon as the signal says so, whatever `work` still waits for. */
export function orCancelled<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
