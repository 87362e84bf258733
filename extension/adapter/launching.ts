/** From a launch configuration to a run: compile, choose the scenario, report what is wrong with the files. */
import {
  createSession,
  type Diagnostic,
  positionAt,
  type ScenarioDeclaration,
  type ScenarioProgram,
  type Session,
  type SessionOptions,
} from '../../engine/index.ts';
import type { AdapterContext } from './context.ts';
import { userError } from './errors.ts';
import { loadProgram } from './files.ts';
import { baseName, toEnginePath } from './paths.ts';
import type { LaunchArguments } from './protocol.ts';
import { RunEvents } from './run-events.ts';
import { ScenarioRun } from './scenario-run.ts';

/**
 * Compiles and makes a run that has not begun. Diagnostics of the files go to the Debug Console; an error among them,
 * or a scenario that is not there, is a user error.
 */
export async function prepareRun(
  context: AdapterContext,
  launch: LaunchArguments,
  signal: AbortSignal,
): Promise<ScenarioRun> {
  const { program, scenario } = await prepareProgram(context, launch, signal);
  const session = prepareSession(context, program, scenario.name, launch);
  return new ScenarioRun(session, scenario.name, context.options.host, new RunEvents(context));
}

/** The compiled program without errors, and the scenario in it that is meant. */
export async function prepareProgram(
  context: AdapterContext,
  launch: LaunchArguments,
  signal: AbortSignal,
): Promise<{ program: ScenarioProgram; scenario: ScenarioDeclaration }> {
  checkArguments(launch);
  const path = toEnginePath(launch.program ?? '');
  const program = await loadProgram(path, context.options.files, signal);
  showDiagnostics(context, program.diagnostics);
  refuseErrors(program.diagnostics);
  const scenario = chosenScenario(program, launch.scenario);
  context.severalHosts = scenario.hosts.length > 1;
  return { program, scenario };
}

/** A session that can run; it adds what shows only when the scenario's parts are put together. */
export function prepareSession(
  context: AdapterContext,
  program: ScenarioProgram,
  scenario: string,
  launch: LaunchArguments,
): Session {
  const session = createSession(sessionOptions(program, scenario, launch));
  const added = session.diagnostics.filter(
    (diagnostic) => !program.diagnostics.includes(diagnostic),
  );
  showDiagnostics(context, added);
  refuseErrors(added);
  return session;
}

function refuseErrors(diagnostics: readonly Diagnostic[]): void {
  const error = diagnostics.find((diagnostic) => diagnostic.severity === 'error');
  if (error === undefined) return;
  throw userError(`${location(error)}: ${error.message}${andMore(diagnostics)}`);
}

function checkArguments(launch: LaunchArguments): void {
  if (typeof launch.program !== 'string' || launch.program === '') {
    throw userError('The launch configuration names no "program": the .dms file to debug.');
  }
  const { seed, maxStatements } = launch;
  if (seed !== undefined && (!Number.isInteger(seed) || seed < 0)) {
    throw userError(`"seed" must be a whole number from 0 on, not ${seed}.`);
  }
  if (maxStatements !== undefined && (!Number.isInteger(maxStatements) || maxStatements < 1)) {
    throw userError(`"maxStatements" must be a whole number from 1 on, not ${maxStatements}.`);
  }
}

function chosenScenario(program: ScenarioProgram, wanted: string | undefined): ScenarioDeclaration {
  const file = baseName(program.file.path);
  const [first] = program.scenarios;
  if (first === undefined) throw userError(`${file} declares no scenario.`);
  if (wanted === undefined || wanted === '') return first;
  const found = program.scenarios.find(({ name }) => name === wanted);
  if (found !== undefined) return found;
  const list = program.scenarios.map(({ name }) => `"${name}"`).join(', ');
  throw userError(`${file} declares no scenario "${wanted}". It has ${list}.`);
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
    const { file, start } = diagnostic.range;
    context.emit('output', {
      category: diagnostic.severity === 'error' ? 'stderr' : 'console',
      output: `${location(diagnostic)}: ${diagnostic.severity}: ${diagnostic.message}\n`,
      ...context.place({ file: file.path, ...positionAt(file, start) }),
    });
  }
}

/** `proxy.c:12:5` */
function location(diagnostic: Diagnostic): string {
  const { file, start } = diagnostic.range;
  const { line, column } = positionAt(file, start);
  return `${baseName(file.path)}:${line}:${column}`;
}

function andMore(diagnostics: readonly Diagnostic[]): string {
  const more = diagnostics.filter((diagnostic) => diagnostic.severity === 'error').length - 1;
  if (more <= 0) return '';
  return ` (and ${more} more error${more === 1 ? '' : 's'}; the Debug Console lists them)`;
}
