/** What a front end asks of the debugger, and what it hears of it. */
import type { Site } from '../reports.ts';

// ---- Running ---------------------------------------------------------------------------------------

export type ResumeKind =
  | 'continue'
  | 'stepIn'
  | 'stepOver'
  | 'stepOut'
  | 'stepBack' // the statement before, over calls
  | 'stepBackIn'
  | 'stepBackOut'
  | 'reverseContinue'
  | 'toStart' // the first statement of the run
  | 'toEnd'; // the last one, whatever stops on the way

export type StopReason =
  | 'entry'
  | 'step'
  | 'breakpoint'
  | 'functionBreakpoint'
  | 'callClass'
  | 'dataBreakpoint'
  | 'bugCheck'
  | 'violation'
  | 'assertion'
  | 'status'
  | 'pause'
  | 'goto'
  | 'start' // reached the beginning of history going backwards
  | 'end' // stands at the last statement of the run
  | 'budget'; // memory budget or statement limit

export interface Stop {
  readonly kind: 'stop';
  readonly reason: StopReason;
  readonly thread: number;
  /** One line for the call stack view. */
  readonly description: string;
  /** Details for an exception stop: the explanation of the bug check or violation. */
  readonly details: StopDetails | undefined;
  readonly breakpoints: readonly string[];
  readonly tick: number;
  /** Whether history lies ahead (the user is in the past). */
  readonly inThePast: boolean;
}

export interface StopDetails {
  /** `0xE6 DRIVER_VERIFIER_DMA_VIOLATION`, `uninitialized_memory`, `STATUS_ASSERTION_FAILURE`. */
  readonly id: string;
  readonly message: string;
  readonly page: string | undefined;
  readonly site: Site | undefined;
}

/** What one slice of work brought. */
export type Progress =
  | { readonly kind: 'running' } // call `work` again
  | Stop
  | { readonly kind: 'ended' }
  | Found;

// ---- Questions about the past ----------------------------------------------------------------------

export type Query =
  /** Who wrote any of these bytes last, before the present moment. */
  | {
      readonly kind: 'lastWrite';
      /** `phys:HOST:0x..` or `va:HOST:PID:0x..`; a virtual one is translated as it maps now. */
      readonly reference: string;
      readonly bytes: number;
    }
  /** Calls of routines by name, `*` and `?` allowed, `module!name` too: the latest ones that are known. */
  | { readonly kind: 'calls'; readonly name: string; readonly limit: number };

/** A moment that answers a question: one can go to it. */
export interface Moment {
  readonly tick: number;
  /** What happens there, in one line. */
  readonly text: string;
  readonly site: Site | undefined;
}

/** The answer to a `Query`. The program stands where it stood before. */
export interface Found {
  readonly kind: 'found';
  /** In the order of the run. */
  readonly moments: readonly Moment[];
  /** Whether there are more than were asked for. */
  readonly more: boolean;
  /** Why there are none. */
  readonly message: string | undefined;
}

// ---- Breakpoints -----------------------------------------------------------------------------------

export interface LineBreakpoint {
  /** Chosen by the front end, stable. */
  readonly id: string;
  readonly file: string;
  readonly line: number;
  readonly column?: number;
  readonly condition?: string;
  /** `5`, `>= 5`, `% 2`: a bare number means "from the n-th hit on". */
  readonly hitCondition?: string;
  /** Logs instead of stopping; `{expression}` is replaced. */
  readonly logMessage?: string;
}

export interface FunctionBreakpoint {
  readonly id: string;
  /** A routine's name, `*` and `?` allowed; `module!name` too. */
  readonly name: string;
  readonly condition?: string;
  readonly hitCondition?: string;
}

export interface DataBreakpoint {
  readonly id: string;
  /** `phys:HOST:0x..` or `va:HOST:PID:0x..`. */
  readonly reference: string;
  readonly bytes: number;
  readonly access: 'read' | 'write' | 'readWrite';
}

export interface BoundBreakpoint {
  readonly id: string;
  readonly verified: boolean;
  /** Why it is not verified, or what to know. */
  readonly message?: string;
  /** Where it binds; 1-based. */
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
}
