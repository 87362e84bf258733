/** From a launch configuration to a run: compile, choose the scenario, report what is wrong with the files. */
import {
  createSession,
  type Diagnostic,
  positionAt,
  type ScenarioDeclaration,
  type ScenarioProgram,
  type Session,
  type SessionOptions,
  type SourceRange,
  scenarioFindings,
} from '../../engine/index.ts';
import type { AdapterContext } from './context.ts';
import { userError } from './errors.ts';
import { loadProgram } from './files.ts';
import { baseName, toEnginePath } from './paths.ts';
import type { LaunchArguments } from './protocol.ts';
import { RunEvents } from './run-events.ts';
import { ScenarioRun } from './scenario-run.ts';

/**
 * Compiles and makes a run that has not begun. What the files say about the scenario goes to the Debug Console; an
 * error among it, or a scenario that is not there, is a user error.
 */
export async function prepareRun(
  context: AdapterContext,
  launch: LaunchArguments,
  signal: AbortSignal,
): Promise<ScenarioRun> {
  const prepared = await prepareProgram(context, launch, signal);
  const session = prepareSession(context, prepared, launch);
  const { name } = prepared.scenario;
  return new ScenarioRun(session, name, context.options.host, new RunEvents(context));
}

/** A compiled program and the scenario in it that is meant. */
export interface PreparedProgram {
  readonly program: ScenarioProgram;
  readonly scenario: ScenarioDeclaration;
  /** Findings that the Debug Console has. */
  readonly shown: ReadonlySet<Diagnostic>;
}

/** Compiles, and refuses what has errors; those in other scenarios of the file are theirs alone. */
export async function prepareProgram(
  context: AdapterContext,
  launch: LaunchArguments,
  signal: AbortSignal,
): Promise<PreparedProgram> {
  checkArguments(launch);
  const path = toEnginePath(launch.program ?? '');
  const program = await loadProgram(path, context.options.files, signal);
  const scenario = chosenScenario(program, launch.scenario);
  const findings =
    scenario === undefined
      ? program.diagnostics
      : scenarioFindings(program, scenario, launch.variant);
  showDiagnostics(context, findings);
  refuseErrors(findings);
  if (scenario === undefined) throw noScenario(program, launch.scenario ?? '');
  context.severalHosts = scenario.hosts.length > 1;
  return { program, scenario, shown: new Set(findings) };
}

/** A session that can run, in the variant that the launch asks for. */
export function prepareSession(
  context: AdapterContext,
  { program, scenario, shown }: PreparedProgram,
  launch: LaunchArguments,
): Session {
  const added = scenarioFindings(program, scenario, launch.variant).filter(
    (finding) => !shown.has(finding),
  );
  showDiagnostics(context, added);
  refuseErrors(added);
  return createSession(sessionOptions(program, scenario.name, launch));
}

function refuseErrors(diagnostics: readonly Diagnostic[]): void {
  const error = diagnostics.find((diagnostic) => diagnostic.severity === 'error');
  if (error === undefined) return;
  throw userError(`${location(error.range)}: ${error.message}${andMore(diagnostics)}`);
}

function checkArguments(launch: LaunchArguments): void {
  if (typeof launch.program !== 'string' || launch.program === '') {
    throw userError('The launch configuration names no "program": the .dms file to debug.');
  }
  const { seed, maxStatements, pastEdits } = launch;
  if (seed !== undefined && (!Number.isInteger(seed) || seed < 0)) {
    throw userError(`"seed" must be a whole number from 0 on, not ${seed}.`);
  }
  if (pastEdits !== undefined && pastEdits !== 'warn' && pastEdits !== 'refuse') {
    throw userError(`"pastEdits" must be "warn" or "refuse", not ${JSON.stringify(pastEdits)}.`);
  }
  if (maxStatements !== undefined && (!Number.isInteger(maxStatements) || maxStatements < 1)) {
    throw userError(`"maxStatements" must be a whole number from 1 on, not ${maxStatements}.`);
  }
}

/** The scenario of that name, or the first one; undefined when there is none. */
function chosenScenario(
  program: ScenarioProgram,
  wanted: string | undefined,
): ScenarioDeclaration | undefined {
  if (wanted === undefined || wanted === '') return program.scenarios[0];
  return program.scenarios.find(({ name }) => name === wanted);
}

function noScenario(program: ScenarioProgram, wanted: string): Error {
  const file = baseName(program.file.path);
  if (program.scenarios.length === 0) return userError(`${file} declares no scenario.`);
  const list = program.scenarios.map(({ name }) => `"${name}"`).join(', ');
  return userError(`${file} declares no scenario "${wanted}". It has ${list}.`);
}

function sessionOptions(
  program: ScenarioProgram,
  scenario: string,
  launch: LaunchArguments,
): SessionOptions {
  return {
    program,
    scenario,
    // What nobody can go back in needs no snapshots.
    history: launch.noDebug !== true,
    ...(launch.variant === undefined ? {} : { variant: launch.variant }),
    ...(launch.seed === undefined ? {} : { seed: launch.seed }),
    ...(launch.verifier === undefined ? {} : { verifier: launch.verifier }),
    ...(launch.maxStatements === undefined ? {} : { maxStatements: launch.maxStatements }),
  };
}

function showDiagnostics(context: AdapterContext, diagnostics: readonly Diagnostic[]): void {
  for (const diagnostic of diagnostics) {
    if (diagnostic.severity === 'hint') continue;
    const { severity, message, range, related = [] } = diagnostic;
    const category = severity === 'error' ? 'stderr' : 'console';
    showLine(context, category, range, `${severity}: ${message}`);
    for (const note of related) showLine(context, category, note.range, `note: ${note.message}`);
  }
}

function showLine(
  context: AdapterContext,
  category: 'stderr' | 'console',
  range: SourceRange,
  text: string,
): void {
  const { file, start } = range;
  context.emit('output', {
    category,
    output: `${location(range)}: ${text}\n`,
    ...context.place({ file: file.path, ...positionAt(file, start) }),
  });
}

/** `proxy.c:12:5` */
function location({ file, start }: SourceRange): string {
  const { line, column } = positionAt(file, start);
  return `${baseName(file.path)}:${line}:${column}`;
}

function andMore(diagnostics: readonly Diagnostic[]): string {
  const more = diagnostics.filter((diagnostic) => diagnostic.severity === 'error').length - 1;
  if (more <= 0) return '';
  return ` (and ${more} more error${more === 1 ? '' : 's'}; the Debug Console lists them)`;
}
