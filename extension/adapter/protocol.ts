/** Every request and event of the adapter by name, with the types of its two ends. */
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import type { ByteRange, ViewRequest, ViewRow } from '../../engine/index.ts';
import type { Call } from './cancellation.ts';
import type { Question } from './questions.ts';

/** What `launch` takes; see the `debuggers` contribution for what each means. */
export interface LaunchArguments extends Dap.LaunchRequestArguments {
  readonly program?: string;
  readonly scenario?: string;
  readonly variant?: Readonly<Record<string, string>>;
  readonly stopOnEntry?: boolean;
  readonly seed?: number;
  readonly verifier?: boolean;
  readonly breakOn?: readonly string[];
  readonly maxStatements?: number;
  readonly pastEdits?: 'warn' | 'refuse';
}

/** Answer to `dms/position`: where in the run's history the user is. */
export interface PositionBody {
  readonly tick: number;
  readonly statements: number;
  /** The last moment ever reached. */
  readonly frontier: number;
  readonly inThePast: boolean;
}

/** Answer to `dms/view`, with the stop that it shows. */
export interface ViewBody {
  readonly stop: number;
  readonly rows: readonly ViewRow[];
}

/**
 * Body of the `dms/state` event: sent at each stop, and when memory was edited. Views refresh once for each `stop`
 * number, which only ever grows.
 */
export interface StateBody {
  readonly stop: number;
  readonly tick: number;
  readonly inThePast: boolean;
  readonly threadId: number | undefined;
}

/** How one run of a scenario ended. */
export interface RunOutcome {
  readonly outcome: 'passed' | 'failed' | 'error';
  readonly failures: readonly {
    readonly message: string;
    /** Where it failed; lines and columns from 1. */
    readonly place:
      | { readonly path: string; readonly line: number; readonly column: number }
      | undefined;
  }[];
}

/** Answer to `dms/test`: every variant of a scenario, run to its end. */
export interface TestBody {
  readonly variants: readonly (RunOutcome & {
    /** `nic.address_bits=32`; empty where nothing varies. */
    readonly name: string;
    /** What `launch` takes to run it. */
    readonly variant: Readonly<Record<string, string>>;
  })[];
}

/** Answer to `dms/variants`: what `dms/test` would run. */
export interface VariantsBody {
  readonly variants: readonly Pick<TestBody['variants'][number], 'name' | 'variant'>[];
}

/** A moment of the run that one can go to. */
export interface MomentBody {
  readonly tick: number;
  /** What happens there, in one line. */
  readonly text: string;
  readonly source?: Dap.Source;
  readonly line?: number;
  readonly column?: number;
}

/** Answer to `dms/ask`, in the order of the run. */
export interface AnswerBody {
  readonly moments: readonly MomentBody[];
  /** There are earlier ones. */
  readonly more: boolean;
  /** Why there are none. */
  readonly message: string;
}

/** Arguments and answer of each request. */
export interface Requests {
  initialize: [Dap.InitializeRequestArguments, Dap.Capabilities];
  launch: [LaunchArguments, undefined];
  configurationDone: [Dap.ConfigurationDoneArguments, undefined];
  restart: [{ readonly arguments?: LaunchArguments }, undefined];
  terminate: [Dap.TerminateArguments, undefined];
  disconnect: [Dap.DisconnectArguments, undefined];
  cancel: [Dap.CancelArguments, undefined];

  setBreakpoints: [Dap.SetBreakpointsArguments, Dap.SetBreakpointsResponse['body']];
  setFunctionBreakpoints: [
    Dap.SetFunctionBreakpointsArguments,
    Dap.SetFunctionBreakpointsResponse['body'],
  ];
  setExceptionBreakpoints: [
    Dap.SetExceptionBreakpointsArguments,
    { readonly breakpoints: Dap.Breakpoint[] },
  ];
  dataBreakpointInfo: [Dap.DataBreakpointInfoArguments, Dap.DataBreakpointInfoResponse['body']];
  setDataBreakpoints: [Dap.SetDataBreakpointsArguments, Dap.SetDataBreakpointsResponse['body']];
  breakpointLocations: [Dap.BreakpointLocationsArguments, Dap.BreakpointLocationsResponse['body']];

  continue: [Dap.ContinueArguments, Dap.ContinueResponse['body']];
  next: [Dap.NextArguments, undefined];
  stepIn: [Dap.StepInArguments, undefined];
  stepOut: [Dap.StepOutArguments, undefined];
  stepBack: [Dap.StepBackArguments, undefined];
  reverseContinue: [Dap.ReverseContinueArguments, undefined];
  pause: [Dap.PauseArguments, undefined];

  threads: [Record<string, never>, Dap.ThreadsResponse['body']];
  stackTrace: [Dap.StackTraceArguments, Dap.StackTraceResponse['body']];
  scopes: [Dap.ScopesArguments, Dap.ScopesResponse['body']];
  exceptionInfo: [Dap.ExceptionInfoArguments, Dap.ExceptionInfoResponse['body']];

  variables: [Dap.VariablesArguments, Dap.VariablesResponse['body']];
  setVariable: [Dap.SetVariableArguments, Dap.SetVariableResponse['body']];
  evaluate: [Dap.EvaluateArguments, Dap.EvaluateResponse['body']];
  setExpression: [Dap.SetExpressionArguments, Dap.SetExpressionResponse['body']];
  completions: [Dap.CompletionsArguments, Dap.CompletionsResponse['body']];

  readMemory: [Dap.ReadMemoryArguments, Dap.ReadMemoryResponse['body']];
  writeMemory: [Dap.WriteMemoryArguments, Dap.WriteMemoryResponse['body']];

  source: [Dap.SourceArguments, Dap.SourceResponse['body']];
  loadedSources: [Dap.LoadedSourcesArguments, Dap.LoadedSourcesResponse['body']];

  'dms/view': [ViewRequest, ViewBody];
  'dms/position': [Record<string, never>, PositionBody];
  'dms/test': [
    { readonly program: string; readonly scenario?: string; readonly seed?: number },
    TestBody,
  ];
  'dms/variants': [
    { readonly program: string; readonly scenario?: string; readonly seed?: number },
    VariantsBody,
  ];
  'dms/goTo': [{ readonly tick: number | 'start' | 'end' }, undefined];
  'dms/ask': [Question, AnswerBody];
  'dms/runBackTo': [Question, MomentBody];
  'dms/neverWritten': [
    Pick<Dap.ReadMemoryArguments, 'memoryReference' | 'count'>,
    { readonly ranges: readonly ByteRange[] },
  ];
  'dms/stepBackIn': [{ readonly threadId?: number }, undefined];
  'dms/stepBackOut': [{ readonly threadId?: number }, undefined];
}

export type RequestName = keyof Requests;

/** Body of each event. */
export interface Events {
  initialized: undefined;
  stopped: Dap.StoppedEvent['body'];
  continued: Dap.ContinuedEvent['body'];
  output: Dap.OutputEvent['body'];
  terminated: undefined;
  exited: Dap.ExitedEvent['body'];
  thread: Dap.ThreadEvent['body'];
  breakpoint: Dap.BreakpointEvent['body'];
  invalidated: Dap.InvalidatedEvent['body'];
  memory: Dap.MemoryEvent['body'];
  'dms/state': StateBody;
  /** How the scenario ended, before `exited`. */
  'dms/result': RunOutcome;
}

export type EventName = keyof Events;

/** Answers one request, now or later; what it throws becomes a failing response. */
export type Handler<Context, Name extends RequestName> = (
  context: Context,
  argumentsOf: Requests[Name][0],
  call: Call,
) => Requests[Name][1] | Promise<Requests[Name][1]>;

export type Handlers<Context, Names extends RequestName = RequestName> = {
  readonly [Name in Names]: Handler<Context, Name>;
};
