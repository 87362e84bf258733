/** One scenario in one variant, run to its end; the result in the form that `--format json` prints. */
import {
  createSession,
  type Diagnostic,
  positionAt,
  type ScenarioProgram,
  type Session,
  type SessionResult,
  type Site,
  scenarioFindings,
  type Variant,
} from '../../../engine/index.ts';

export interface Location {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  readonly column: number;
}

export interface RunResult {
  readonly file: string;
  readonly scenario: string;
  readonly variant: Variant;
  readonly outcome: 'passed' | 'failed' | 'error';
  readonly bugchecks: readonly {
    readonly host: string;
    readonly code: string;
    readonly name: string;
    readonly parameters: readonly string[];
  }[];
  readonly violations: readonly {
    readonly host: string;
    readonly rule: string;
    readonly message: string;
    readonly location: Location | null;
  }[];
  readonly leaks: readonly {
    readonly host: string;
    readonly kind: string;
    readonly bytes: number;
    readonly location: Location | null;
  }[];
  readonly output: readonly {
    readonly host: string;
    readonly source: string;
    readonly text: string;
  }[];
  readonly failures: readonly { readonly message: string; readonly location: Location | null }[];
  readonly statements: number;
  readonly milliseconds: number;
}

export interface RunOptions {
  readonly seed?: number;
  readonly maxStatements?: number;
  /** Violations that end a run: rules (`signed_overflow, heap*`), or C over rule, module and function. */
  readonly stopOn?: string;
}

export type Clock = () => number;

/** Milliseconds of work between two looks at the clock. */
const SLICE = 100;

/** Runs to the end. Never throws for what a scenario does: a file that cannot run is outcome `error`. */
export function runVariant(
  program: ScenarioProgram,
  scenario: string,
  variant: Variant,
  options: RunOptions,
  now: Clock,
): RunResult {
  const started = now();
  const errors = errorsIn(program, scenario, variant);
  if (errors.length > 0) {
    return {
      ...emptyResult(program, scenario, variant),
      outcome: 'error',
      failures: errors.map(({ message, range }) => ({
        message,
        location: { file: range.file.path, ...positionAt(range.file, range.start) },
      })),
      milliseconds: Math.round(now() - started),
    };
  }
  const session = startSession(program, scenario, variant, options);
  finish(session, now);
  return {
    ...emptyResult(program, scenario, variant),
    ...plainResult(session.result()),
    milliseconds: Math.round(now() - started),
  };
}

/** Makes the run that counts the calls of fault points. */
export function countCalls(
  program: ScenarioProgram,
  scenario: string,
  variant: Variant,
  options: RunOptions,
  now: Clock,
): SessionResult['faultPoints'] {
  if (errorsIn(program, scenario, variant).length > 0) return [];
  const session = startSession(program, scenario, variant, options);
  finish(session, now);
  return session.result().faultPoints;
}

/** What keeps a scenario from running in a variant; other scenarios of the file may run all the same. */
export function errorsIn(
  program: ScenarioProgram,
  scenario: string,
  variant: Variant,
): readonly Diagnostic[] {
  return program.scenarios
    .filter(({ name }) => name === scenario)
    .flatMap((declaration) => scenarioFindings(program, declaration, variant))
    .filter(({ severity }) => severity === 'error');
}

function startSession(
  program: ScenarioProgram,
  scenario: string,
  variant: Variant,
  options: RunOptions,
): Session {
  const session = createSession({
    program,
    scenario,
    variant,
    history: false,
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    ...(options.maxStatements === undefined ? {} : { maxStatements: options.maxStatements }),
  });
  if (options.stopOn !== undefined) {
    session.setExceptionFilters([{ filter: 'violation', condition: options.stopOn }]);
  }
  return session;
}

function finish(session: Session, now: Clock): void {
  session.resume('continue');
  for (;;) {
    const progress = session.work(SLICE, now);
    if (progress.kind !== 'running') return;
  }
}

function emptyResult(program: ScenarioProgram, scenario: string, variant: Variant): RunResult {
  return {
    file: program.file.path,
    scenario,
    variant,
    outcome: 'passed',
    bugchecks: [],
    violations: [],
    leaks: [],
    output: [],
    failures: [],
    statements: 0,
    milliseconds: 0,
  };
}

function plainResult(
  result: SessionResult,
): Omit<RunResult, 'file' | 'scenario' | 'variant' | 'milliseconds'> {
  return {
    outcome: result.outcome,
    bugchecks: result.bugChecks.map(({ host, code, name, parameters }) => ({
      host,
      code: `0x${code.toString(16).toUpperCase()}`,
      name,
      parameters,
    })),
    violations: result.violations.map(({ host, rule, message, site }) => ({
      host,
      rule,
      message,
      location: locationOf(site),
    })),
    leaks: result.leaks.map(({ host, kind, bytes, site }) => ({
      host,
      kind,
      bytes,
      location: locationOf(site),
    })),
    output: result.output.map(({ host, source, text }) => ({ host, source, text })),
    failures: result.failures.map(({ message, site }) => ({ message, location: locationOf(site) })),
    statements: result.statements,
  };
}

function locationOf(site: Site | undefined): Location | null {
  return site === undefined ? null : { file: site.file, line: site.line, column: site.column };
}
