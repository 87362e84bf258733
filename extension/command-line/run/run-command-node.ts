/** `dms run`. */
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import {
  type Diagnostic,
  type PlannedRun,
  planRuns,
  type ScenarioProgram,
} from '../../../engine/index.ts';
import { scenarioFiles } from '../files-node.ts';
import { errorsOf, loadProgram } from '../program-node.ts';
import { findingsText } from '../report/findings.ts';
import { jsonReport } from '../report/json.ts';
import { junitReport } from '../report/junit.ts';
import { textReport, variantName } from '../report/text.ts';
import { choose, UsageError, whole } from '../usage.ts';
import { runOnThreads } from './run-pool-node.ts';
import {
  countCalls,
  errorsIn,
  type RunOptions,
  type RunResult,
  runVariant,
} from './run-variant.ts';

interface Settings {
  readonly paths: readonly string[];
  readonly scenario: string | undefined;
  readonly format: 'text' | 'json' | 'junit';
  readonly output: string | undefined;
  readonly shard: { readonly index: number; readonly count: number };
  readonly jobs: number;
  readonly options: RunOptions;
}

const now = (): number => performance.now();

/** Answers the exit code. */
export async function runCommand(words: readonly string[]): Promise<number> {
  const settings = readSettings(words);
  const programs = scenarioFiles(settings.paths).map((path) => loadProgram(path));
  const plans = await planAll(programs, settings);
  const broken = findErrors(programs, plans);
  if (broken.findings.size > 0) process.stderr.write(findingsText([...broken.findings]));
  else if (plans.length === 0) throw nothingToRun(settings.scenario);
  if (broken.plans.size === plans.length) return 2;
  const chosen = plans.filter(
    (_plan, index) => index % settings.shard.count === settings.shard.index - 1,
  );
  const results = await makeRuns(chosen, settings);
  const names = new Map(results.map((result, index) => [result, nameOf(chosen[index])]));
  const text = report(results, settings.format, (result) => names.get(result) ?? '');
  writeReport(settings.output, text);
  if (broken.findings.size > 0) return 2;
  return results.every((result) => result.outcome === 'passed') ? 0 : 1;
}

function nothingToRun(scenario: string | undefined): UsageError {
  return new UsageError(
    scenario === undefined
      ? 'the files declare no scenario'
      : `no scenario is called "${scenario}"`,
  );
}

function writeReport(output: string | undefined, text: string): void {
  if (output === undefined) {
    process.stdout.write(text);
    return;
  }
  try {
    writeFileSync(output, text);
  } catch (error) {
    throw new UsageError(`cannot write ${output}: ${(error as Error).message}`);
  }
}

interface FilePlan {
  readonly program: ScenarioProgram;
  readonly run: PlannedRun;
}

/**
 * What does not compile among the runs that are asked for. One scenario's mistake leaves the others to run; a file
 * without any scenario is broken as a whole.
 */
function findErrors(
  programs: readonly ScenarioProgram[],
  plans: readonly FilePlan[],
): { readonly findings: ReadonlySet<Diagnostic>; readonly plans: ReadonlySet<FilePlan> } {
  const findings = new Set<Diagnostic>();
  const broken = new Set<FilePlan>();
  for (const program of programs) {
    if (program.scenarios.length === 0) for (const error of errorsOf(program)) findings.add(error);
  }
  for (const plan of plans) {
    const errors = errorsIn(plan.program, plan.run.scenario, plan.run.variant);
    for (const error of errors) findings.add(error);
    if (errors.length > 0) broken.add(plan);
  }
  return { findings, plans: broken };
}

async function planAll(
  programs: readonly ScenarioProgram[],
  settings: Settings,
): Promise<readonly FilePlan[]> {
  const plans: FilePlan[] = [];
  for (const program of programs) {
    const runs = await planRuns(program, settings.scenario, async (scenario, variant) =>
      countCalls(program, scenario.name, variant, settings.options, now),
    );
    plans.push(...runs.map((run) => ({ program, run })));
  }
  return plans;
}

async function makeRuns(
  plans: readonly FilePlan[],
  settings: Settings,
): Promise<readonly RunResult[]> {
  const script = process.argv[1];
  if (settings.jobs > 1 && plans.length > 1 && script !== undefined) {
    const runs = plans.map(({ program, run }) => ({
      file: program.file.path,
      scenario: run.scenario,
      variant: run.variant,
    }));
    return runOnThreads(script, runs, settings.jobs, settings.options);
  }
  return plans.map(({ program, run }) =>
    runVariant(program, run.scenario, run.variant, settings.options, now),
  );
}

function nameOf(plan: FilePlan | undefined): string {
  return plan === undefined ? '' : variantName(plan.run.variant, plan.run.routines);
}

function report(
  results: readonly RunResult[],
  format: Settings['format'],
  name: (result: RunResult) => string,
): string {
  switch (format) {
    case 'text':
      return textReport(results, name);
    case 'json':
      return jsonReport(results);
    case 'junit':
      return junitReport(results, name);
  }
}

function readSettings(words: readonly string[]): Settings {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      scenario: { type: 'string' },
      format: { type: 'string', default: 'text' },
      output: { type: 'string' },
      seed: { type: 'string' },
      shard: { type: 'string', default: '1/1' },
      jobs: { type: 'string' },
      'max-statements': { type: 'string' },
      'stop-on': { type: 'string' },
    },
  });
  const seed = values.seed === undefined ? undefined : whole('--seed', values.seed, 0);
  const maxStatements =
    values['max-statements'] === undefined
      ? undefined
      : whole('--max-statements', values['max-statements'], 1);
  return {
    paths: positionals,
    scenario: values.scenario,
    format: choose('--format', values.format, ['text', 'json', 'junit']),
    output: values.output,
    shard: readShard(values.shard),
    jobs: values.jobs === undefined ? availableParallelism() : whole('--jobs', values.jobs, 1),
    options: {
      ...(seed === undefined ? {} : { seed }),
      ...(maxStatements === undefined ? {} : { maxStatements }),
      ...(values['stop-on'] === undefined ? {} : { stopOn: values['stop-on'] }),
    },
  };
}

function readShard(text: string): Settings['shard'] {
  const match = /^(\d+)\/(\d+)$/.exec(text);
  const index = Number(match?.[1]);
  const count = Number(match?.[2]);
  if (match === null || index < 1 || index > count) {
    throw new UsageError(`--shard takes I/N with I from 1 to N, not ${text}`);
  }
  return { index, count };
}
