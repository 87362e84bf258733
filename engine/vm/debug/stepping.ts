/** When a step is over, forwards and backwards, by frame depth and statement starts. */
import { codeFlags } from '../module.ts';
import type { Processor } from '../processor.ts';
import type { Mode } from '../threads.ts';

/** The frame that a step starts in. */
export interface StepOrigin {
  readonly thread: number;
  readonly mode: Mode;
  readonly fp: number;
}

export type ForwardStep = 'stepIn' | 'stepOver' | 'stepOut';
export type BackwardStep = 'stepBack' | 'stepBackIn' | 'stepBackOut';

export function originOf(processor: Processor): StepOrigin {
  const { thread, mode, fp } = processor;
  return { thread, mode, fp };
}

/** Positive when the running frame is an outer one, negative when it was called, 0 for the same. */
export function depthAgainst(processor: Processor, origin: StepOrigin): number {
  if (processor.mode !== origin.mode) return processor.mode === 'user' ? 1 : -1;
  return processor.fp - origin.fp;
}

/** Whether a forward step ends where the running thread is. */
export function endsStep(
  kind: ForwardStep,
  origin: StepOrigin,
  originEnded: boolean,
  processor: Processor,
  flags: number,
): boolean {
  const isStatement = (flags & codeFlags.statement) !== 0;
  // The thread that was stepped has ended: the next statement of any thread follows.
  if (originEnded) return isStatement;
  if (processor.thread !== origin.thread) return false;
  const depth = depthAgainst(processor, origin);
  const isReturn = (flags & codeFlags.returnSite) !== 0 && depth > 0;
  switch (kind) {
    case 'stepIn':
      return isStatement || isReturn;
    case 'stepOver':
      return (isStatement && depth >= 0) || isReturn;
    case 'stepOut':
      return depth > 0 && (isStatement || isReturn);
  }
}

/** Collects, while a stretch is replayed, the last moment at which a backward step ends. */
export class BackwardProbe {
  private same: number | undefined;
  private outer: number | undefined;
  /** A later stretch has shown that frames of the same address before it belong to other calls. */
  private sameIsStale = false;

  constructor(
    private readonly kind: BackwardStep,
    private readonly origin: StepOrigin,
  ) {}

  arrived(processor: Processor, flags: number, tick: number): void {
    // With no thread running (the run has ended) the statement of any thread is the one before.
    const isAny = this.origin.thread === 0;
    if (!isAny && processor.thread !== this.origin.thread) return;
    const isStatement = (flags & codeFlags.statement) !== 0;
    const depth = depthAgainst(processor, this.origin);
    if (isAny || this.kind === 'stepBackIn') {
      if (isStatement) this.same = tick;
      return;
    }
    if (depth > 0) {
      // Whatever ran at the same depth before was another call.
      this.same = undefined;
      this.left = true;
      if (isStatement) this.outer = tick;
    } else if (depth === 0 && isStatement && this.kind === 'stepBack') {
      this.same = tick;
    }
  }

  private left = false;

  /** The answer of the stretch that was replayed, if it has one; else prepares for the one before. */
  finish(): number | undefined {
    const found = this.sameIsStale ? this.outer : (this.same ?? this.outer);
    if (this.left) this.sameIsStale = true;
    this.same = undefined;
    this.outer = undefined;
    this.left = false;
    return found;
  }
}
