/** A running scenario, as every front end sees it. */
import type { Diagnostic } from './language/diagnostics.ts';
import type { ScenarioDeclaration } from './language/scenario.ts';
import { completeVariant, type Variant } from './language/variants.ts';
import { type BuiltMachine, buildMachine } from './session/build.ts';
import { builtinText } from './session/builtin-text.ts';
import { routinesOfClass } from './session/call-classes.ts';
import { judge } from './session/expectations.ts';
import { Inspection, knownStatusName } from './session/inspection.ts';
import { memoryCalls } from './session/memory-calls.ts';
import { viewRows } from './session/views.ts';
import type {
  BoundBreakpoint,
  ByteRange,
  CallClass,
  DataBreakpoint,
  Evaluation,
  ExceptionFilter,
  FrameInfo,
  FunctionBreakpoint,
  LineBreakpoint,
  MemoryBlock,
  MemoryCall,
  Moment,
  Progress,
  Query,
  ResumeKind,
  ScopeInfo,
  Session,
  SessionOptions,
  SessionResult,
  Stop,
  ThreadInfo,
  VariableInfo,
  ViewRequest,
  ViewRow,
} from './session-types.ts';
import type { Peek } from './vm/access.ts';
import type { CallClassBreakpoint } from './vm/debug/breakpoints.ts';
import { Debugger } from './vm/debug/debugger.ts';
import type { EventBreakpoint } from './vm/debug/events.ts';
import type { ReportTypes } from './vm/reports.ts';

const DEFAULT_STATEMENT_LIMIT = 200_000_000;
const DEFAULT_MEMORY_BUDGET = 2 ** 30;

/**
 * Makes a run that stands before its first statement. Errors in the variant's C are in `diagnostics`: such a
 * session must not be run. Throws `RangeError` when the file has no such scenario.
 */
export function createSession(options: SessionOptions): Session {
  const { program } = options;
  const scenario =
    options.scenario === undefined
      ? program.scenarios[0]
      : program.scenarios.find(({ name }) => name === options.scenario);
  if (scenario === undefined) {
    throw new RangeError(`there is no scenario "${options.scenario ?? ''}"`);
  }
  return new RunningScenario(scenario, options);
}

const eventFilters: ReadonlySet<string> = new Set(['bugCheck', 'violation', 'assertion', 'status']);

class RunningScenario implements Session {
  readonly diagnostics: readonly Diagnostic[];
  private readonly variant: Variant;
  private readonly machine: BuiltMachine;
  private readonly debugger: Debugger;
  private readonly inspection: Inspection;
  private readonly lines = new Map<string, readonly LineBreakpoint[]>();
  private functions: readonly FunctionBreakpoint[] = [];
  private classes: readonly CallClassBreakpoint[] = [];
  /** The stop at a limit or a violation, while the run stands there. */
  private limit: Stop | undefined;
  /** How many reports of each kind were handed out. */
  private taken: Record<keyof ReportTypes, number> = {
    output: 0,
    bugCheck: 0,
    violation: 0,
    leak: 0,
    failure: 0,
  };

  constructor(
    private readonly scenario: ScenarioDeclaration,
    private readonly options: SessionOptions,
  ) {
    this.variant = completeVariant(scenario, options.variant ?? {});
    this.diagnostics = scenario.diagnosticsFor(this.variant);
    this.machine = buildMachine(scenario, scenario.hostsFor(this.variant), this.variant, options);
    this.debugger = new Debugger(this.machine.vm, {
      history: options.history ?? true,
      maxStatements: options.maxStatements ?? DEFAULT_STATEMENT_LIMIT,
      memoryBudget: options.memoryBudget ?? DEFAULT_MEMORY_BUDGET,
      statusName: knownStatusName,
    });
    this.inspection = new Inspection(this.machine.vm, this.debugger.evaluator);
  }

  // ---- Running ---------------------------------------------------------------------------------------

  resume(kind: ResumeKind, thread?: number): void {
    this.debugger.resume(kind, thread);
  }

  goTo(tick: number): void {
    this.debugger.goTo(tick);
  }

  search(query: Query): void {
    this.debugger.search(query);
  }

  work(milliseconds: number, now: () => number): Progress {
    const progress = this.debugger.work(milliseconds, now);
    if (progress.kind === 'stop') {
      const ends = progress.reason === 'budget' || progress.reason === 'violation';
      this.limit = ends ? progress : undefined;
    }
    return progress;
  }

  pause(): void {
    this.debugger.pause();
  }

  get ended(): boolean {
    return this.machine.vm.ended;
  }

  get position(): {
    readonly tick: number;
    readonly statements: number;
    readonly frontier: number;
  } {
    const { tick, statements } = this.machine.vm;
    return { tick, statements, frontier: this.debugger.history.frontier };
  }

  // ---- Breakpoints -----------------------------------------------------------------------------------

  setLineBreakpoints(
    file: string,
    breakpoints: readonly LineBreakpoint[],
  ): readonly BoundBreakpoint[] {
    this.lines.set(file, breakpoints);
    return this.bind(breakpoints);
  }

  setFunctionBreakpoints(breakpoints: readonly FunctionBreakpoint[]): readonly BoundBreakpoint[] {
    this.functions = breakpoints;
    return this.bind(breakpoints);
  }

  setExceptionFilters(filters: readonly ExceptionFilter[]): readonly BoundBreakpoint[] {
    const events: EventBreakpoint[] = [];
    const classes: CallClassBreakpoint[] = [];
    for (const { filter, condition } of filters) {
      if (isCallClass(filter)) {
        classes.push({
          id: filter,
          routines: new Set(routinesOfClass[filter]),
          ...(condition === undefined ? {} : { condition }),
        });
      } else {
        events.push({ filter, ...(condition === undefined ? {} : { condition }) });
      }
    }
    this.classes = classes;
    const bound = [...this.debugger.setEvents(events), ...this.bind(classes)];
    return filters.map(
      ({ filter }) => bound.find(({ id }) => id === filter) ?? { id: filter, verified: true },
    );
  }

  setDataBreakpoints(breakpoints: readonly DataBreakpoint[]): readonly BoundBreakpoint[] {
    return this.debugger.setDataBreakpoints(breakpoints);
  }

  breakpointLocations(
    file: string,
    line: number,
    endLine: number,
  ): readonly { line: number; column: number }[] {
    const found = new Map<string, { line: number; column: number }>();
    for (const place of this.debugger.lines.statements(file)) {
      if (place.line < line || place.line > endLine) continue;
      found.set(`${place.line}:${place.column}`, { line: place.line, column: place.column });
    }
    return [...found.values()].sort(
      (one, other) => one.line - other.line || one.column - other.column,
    );
  }

  /** Arms all breakpoints anew and answers those that were asked about. */
  private bind(asked: readonly { readonly id: string }[]): readonly BoundBreakpoint[] {
    const bound = this.debugger.setBreakpoints({
      lines: [...this.lines.values()].flat(),
      functions: this.functions,
      classes: this.classes,
    });
    return asked.map(({ id }) => bound.find((one) => one.id === id) ?? { id, verified: false });
  }

  // ---- Inspection ------------------------------------------------------------------------------------

  threads(): readonly ThreadInfo[] {
    return this.inspection.threads();
  }

  stack(
    thread: number,
    start: number,
    count: number,
  ): { readonly frames: readonly FrameInfo[]; readonly total: number } {
    return this.inspection.stack(thread, start, count);
  }

  scopes(frame: number): readonly ScopeInfo[] {
    return this.inspection.scopes(frame);
  }

  variables(handle: number, start?: number, count?: number): readonly VariableInfo[] {
    return this.inspection.variables(handle, start, count);
  }

  evaluate(expression: string, frame: number | undefined, mayWrite: boolean): Evaluation {
    return this.edited(this.inspection.evaluate(expression, frame, mayWrite), mayWrite);
  }

  setVariable(handle: number, name: string, value: string): Evaluation {
    return this.edited(this.inspection.setVariable(handle, name, value), true);
  }

  readMemory(reference: string, offset: number, count: number): MemoryBlock | undefined {
    return this.inspection.readMemory(reference, offset, count);
  }

  neverWritten(reference: string, offset: number, count: number): readonly ByteRange[] {
    return this.inspection.neverWritten(reference, offset, count);
  }

  memoryCalls(reference: string, kind: MemoryCall): readonly Moment[] {
    return memoryCalls(this.machine, reference, kind);
  }

  writeMemory(reference: string, offset: number, bytes: Uint8Array): number {
    const written = this.inspection.writeMemory(reference, offset, bytes);
    if (written > 0) this.dropFuture();
    return written;
  }

  /** After an evaluation that may have assigned: what follows is no longer what was. */
  private edited(evaluation: Evaluation, mayWrite: boolean): Evaluation {
    if (mayWrite && evaluation.ok && this.inspection.takeWrites()) this.dropFuture();
    return evaluation;
  }

  private dropFuture(): void {
    this.debugger.edited();
    for (const kind of reportKinds) {
      this.taken[kind] = Math.min(this.taken[kind], this.machine.reports.count(kind));
    }
  }

  view(request: ViewRequest): readonly ViewRow[] {
    return viewRows(this.machine, request);
  }

  sourceText(path: string): string | undefined {
    return this.options.program.files.find((file) => file.path === path)?.text ?? builtinText(path);
  }

  get sources(): readonly { readonly path: string; readonly origin: 'user' | 'builtin' }[] {
    return this.options.program.files.map(({ path, origin }) => ({ path, origin }));
  }

  // ---- Results ---------------------------------------------------------------------------------------

  takeReports(): ReturnType<Session['takeReports']> {
    const take = <K extends keyof ReportTypes>(kind: K): ReportTypes[K][] => {
      const count = this.machine.reports.count(kind);
      if (count <= this.taken[kind]) return [];
      const fresh = this.machine.reports.list(kind, this.taken[kind]);
      this.taken[kind] = count;
      return fresh;
    };
    return {
      output: take('output'),
      violations: take('violation'),
      bugChecks: take('bugCheck'),
      leaks: take('leak'),
      failures: take('failure'),
    };
  }

  hash(): string {
    return this.machine.vm.hash();
  }

  result(): SessionResult {
    const { reports, life, faults, faulted, vm } = this.machine;
    const failures = [
      ...judge(this.scenario, this.variant, { reports, exits: life.exits, faulted }),
    ];
    if (!vm.ended) {
      failures.push({
        message: `the run did not come to its end: ${this.limit?.description ?? `it was left after ${vm.statements.toLocaleString('en-US')} statements`}`,
        site: vm.siteOf(vm.current),
      });
    }
    return {
      outcome: failures.length === 0 ? 'passed' : 'failed',
      bugChecks: reports.list('bugCheck'),
      violations: reports.list('violation'),
      leaks: reports.list('leak'),
      output: reports.list('output'),
      failures,
      reports: reports.list('failure'),
      statements: vm.statements,
      faultPoints: faults.all,
    };
  }

  peek(host: string, process: number): Peek | undefined {
    const { vm } = this.machine;
    const index = vm.hosts.find((one) => vm.hostName(one) === host);
    return index === undefined ? undefined : vm.peek(index, process);
  }
}

const reportKinds = ['output', 'bugCheck', 'violation', 'leak', 'failure'] as const;

function isCallClass(filter: ExceptionFilter['filter']): filter is CallClass {
  return !eventFilters.has(filter);
}
