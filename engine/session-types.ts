/**
 * A running scenario as every front end sees it: the debug adapter, the command line, tests. All values are
 * plain data that can be sent between threads; 64-bit numbers are `0x` strings.
 */
import type { Diagnostic } from './language/diagnostics.ts';
import type { ScenarioProgram } from './language/scenario.ts';
import type { Peek } from './vm/access.ts';
import type { Generation } from './vm/codegen/generated-code.ts';
import type {
  BoundBreakpoint,
  DataBreakpoint,
  FunctionBreakpoint,
  LineBreakpoint,
  Moment,
  Progress,
  Query,
  ResumeKind,
} from './vm/debug/requests.ts';
import type {
  BugCheckReport,
  FailureReport,
  LeakReport,
  OutputReport,
  Site,
  ViolationReport,
} from './vm/reports.ts';
import type { ViewRow } from './vm/view-row.ts';

export type {
  BoundBreakpoint,
  DataBreakpoint,
  Found,
  FunctionBreakpoint,
  LineBreakpoint,
  Moment,
  Progress,
  Query,
  ResumeKind,
  Stop,
  StopDetails,
  StopReason,
} from './vm/debug/requests.ts';

export interface SessionOptions {
  readonly program: ScenarioProgram;
  /** The first scenario when absent. */
  readonly scenario?: string;
  /** Values by dimension name (`nic.address_bits`); missing ones take their first value. */
  readonly variant?: Readonly<Record<string, string>>;
  readonly seed?: number;
  /** Overrides the verifier setting of every driver. */
  readonly verifier?: boolean;
  /** Keep snapshots, so that there is a way back; default true. Runs in CI do without. */
  readonly history?: boolean;
  /** Which routines run as generated JavaScript; default: hot ones. The outcome is the same. */
  readonly generatedCode?: Generation;
  /** Default 200 million. */
  readonly maxStatements?: number;
  /** Bytes of emulated memory that the host may spend; default 1 GiB. */
  readonly memoryBudget?: number;
}

// ---- Breakpoints by class ----------------------------------------------------------------------------

/** Classes of calls that the Breakpoints view lists as ticks. */
export type CallClass =
  | 'contiguousMemory'
  | 'commonBuffers'
  | 'mdl' // MDL and page locking
  | 'pool'
  | 'registration';

/** A tick in the Breakpoints view; the condition is a C expression over the call's parameters. */
export type ExceptionFilter =
  | { readonly filter: CallClass; readonly condition?: string }
  | {
      readonly filter: 'bugCheck' | 'violation' | 'assertion' | 'status';
      readonly condition?: string;
    };

// ---- Inspection ------------------------------------------------------------------------------------

export interface ThreadInfo {
  readonly id: number;
  /** `alpha: System`, `alpha: client (main)`. */
  readonly name: string;
}

export interface FrameInfo {
  /** Stable for (thread, depth, activation) during one stop. */
  readonly id: number;
  readonly function: string;
  readonly module: string;
  /** `native` frames are leaf routines: their source is the prototype in the header. */
  readonly kind: 'source' | 'native' | 'boundary';
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  /** `user` code of the scenario, or a built-in (reference component, header, kernel C). */
  readonly origin: 'user' | 'builtin';
  /** Code address, `0x` string. */
  readonly instructionPointer: string;
}

export interface ScopeInfo {
  readonly name: 'Arguments' | 'Locals' | 'Globals' | 'Result';
  /** Handle of its variables. */
  readonly handle: number;
  readonly expensive: boolean;
}

export interface VariableInfo {
  readonly name: string;
  readonly value: string;
  readonly type: string;
  /** Handle of its children, 0 when it has none. */
  readonly handle: number;
  readonly named: number;
  readonly indexed: number;
  /** For storage and for pointers: `va:..`. */
  readonly memoryReference: string | undefined;
  /** C expression that denotes it, for Watch and for setting it. */
  readonly expression: string | undefined;
  /** Fetch the value only when asked (through `handle`). */
  readonly lazy: boolean;
  readonly writable: boolean;
  /** Some of its bytes were never written. */
  readonly undefinedBytes: boolean;
  /** Where the variable is declared. */
  readonly declaration: Site | undefined;
}

export type Evaluation =
  | { readonly ok: true; readonly variable: VariableInfo }
  | { readonly ok: false; readonly message: string };

export interface MemoryBlock {
  /** Address as `0x` string. */
  readonly address: string;
  readonly bytes: Uint8Array;
  /** Bytes behind `bytes` that cannot be read. */
  readonly unreadable: number;
}

/** Bytes from `offset` behind a reference on. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** What a call did with memory. */
export type MemoryCall = 'allocated' | 'freed' | 'locked';

// ---- Views -----------------------------------------------------------------------------------------

export type { ViewRow } from './vm/view-row.ts';

export type ViewName = 'physicalMemory' | 'mdls' | 'dmaAdapters';

export interface ViewRequest {
  readonly view: ViewName;
  /** Children of this row; the roots when absent. */
  readonly parent?: string;
  /** Page through long lists. */
  readonly start?: number;
  readonly count?: number;
}

// ---- Results ---------------------------------------------------------------------------------------

export interface SessionResult {
  readonly outcome: 'passed' | 'failed' | 'error';
  readonly bugChecks: readonly BugCheckReport[];
  readonly violations: readonly ViolationReport[];
  readonly leaks: readonly LeakReport[];
  readonly output: readonly OutputReport[];
  /** Expectations that did not hold and whatever failed the scenario, each with its place. */
  readonly failures: readonly { readonly message: string; readonly site: Site | undefined }[];
  /** What the machine itself reported; `failures` tells which of them count. */
  readonly reports: readonly FailureReport[];
  readonly statements: number;
  /** Calls of each fault point that the scenario's own drivers made, for `each`. */
  readonly faultPoints: readonly { readonly point: string; readonly routine: string }[];
}

/** A running scenario. Nothing here waits: `work` does one slice and returns. */
export interface Session {
  readonly diagnostics: readonly Diagnostic[];

  /** Sets the goal; `work` pursues it. */
  resume(kind: ResumeKind, thread?: number): void;
  /** Goes to a moment (a site's tick), forwards or backwards; the next `work` reports the stop. */
  goTo(tick: number): void;
  /** Looks for moments of the past: `work` answers `found` at the end, and the program stands where it stood. */
  search(query: Query): void;
  /** Works for about `milliseconds` by the given clock, or until something happens. */
  work(milliseconds: number, now: () => number): Progress;
  /** Makes the next `work` stop with reason `pause`. */
  pause(): void;
  readonly ended: boolean;
  /** Moment, statements executed, and the last moment ever reached. */
  readonly position: {
    readonly tick: number;
    readonly statements: number;
    readonly frontier: number;
  };

  setLineBreakpoints(
    file: string,
    breakpoints: readonly LineBreakpoint[],
  ): readonly BoundBreakpoint[];
  setFunctionBreakpoints(breakpoints: readonly FunctionBreakpoint[]): readonly BoundBreakpoint[];
  setExceptionFilters(filters: readonly ExceptionFilter[]): readonly BoundBreakpoint[];
  setDataBreakpoints(breakpoints: readonly DataBreakpoint[]): readonly BoundBreakpoint[];
  /** Places in a file where a line breakpoint can bind; 1-based. */
  breakpointLocations(
    file: string,
    line: number,
    endLine: number,
  ): readonly { line: number; column: number }[];

  threads(): readonly ThreadInfo[];
  stack(
    thread: number,
    start: number,
    count: number,
  ): { readonly frames: readonly FrameInfo[]; readonly total: number };
  scopes(frame: number): readonly ScopeInfo[];
  variables(handle: number, start?: number, count?: number): readonly VariableInfo[];
  /** A C expression in a frame (globals only without one). Hover and watch must not change anything. */
  evaluate(expression: string, frame: number | undefined, mayWrite: boolean): Evaluation;
  setVariable(handle: number, name: string, value: string): Evaluation;

  readMemory(reference: string, offset: number, count: number): MemoryBlock | undefined;
  /** Which of `count` bytes from `offset` on were never written, in order. */
  neverWritten(reference: string, offset: number, count: number): readonly ByteRange[];
  /**
   * Calls up to the present moment that allocated, freed or locked the memory at a reference, in the order of
   * the run.
   */
  memoryCalls(reference: string, kind: MemoryCall): readonly Moment[];
  /** Bytes written. In the past it drops the future. */
  writeMemory(reference: string, offset: number, bytes: Uint8Array): number;

  view(request: ViewRequest): readonly ViewRow[];
  /** Where a file's text comes from, for `source` requests of built-in files. */
  sourceText(path: string): string | undefined;
  readonly sources: readonly { readonly path: string; readonly origin: 'user' | 'builtin' }[];

  /** Output, violations, bug checks that are new since the last call; going back repeats nothing. */
  takeReports(): {
    readonly output: readonly OutputReport[];
    readonly violations: readonly ViolationReport[];
    readonly bugChecks: readonly BugCheckReport[];
    readonly leaks: readonly LeakReport[];
    readonly failures: readonly FailureReport[];
  };

  /** Of the whole state: equal states, equal hashes. */
  hash(): string;
  /** Checks expectations and leaks; call once ended. */
  result(): SessionResult;

  /** Tooling's view of memory of a process (0: system) on a host. */
  peek(host: string, process: number): Peek | undefined;
}
