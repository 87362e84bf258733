/** A scenario in all of its variants, run to the end without a debugger: what the Testing view asks for. */
import {
  countingVariant,
  expandEach,
  hasEach,
  type ScenarioDeclaration,
  type ScenarioProgram,
  type SessionResult,
  type Variant,
  variantsOf,
} from '../../engine/index.ts';
import type { AdapterContext } from './context.ts';
import { prepareProgram, prepareSession } from './launching.ts';
import type { LaunchArguments, TestBody } from './protocol.ts';
import { emitReports, runOutcome } from './run-events.ts';

/** As in a debug session: between two slices, messages are answered. */
const sliceMilliseconds = 10;

/** Runs variant after variant. Throws as a launch does where the files have errors. */
export async function testScenario(
  context: AdapterContext,
  launch: LaunchArguments,
  signal: AbortSignal,
): Promise<TestBody> {
  const { program, scenario } = await prepareProgram(context, launch, signal);
  const run = (variant: Variant, report: boolean) =>
    runToEnd(
      context,
      program,
      { ...launch, noDebug: true, scenario: scenario.name, variant },
      report,
      signal,
    );
  const variants: TestBody['variants'][number][] = [];
  for (const open of variantsOf(scenario)) {
    for (const variant of await closed(scenario, open, (counting) => run(counting, false))) {
      const name = variantName(variant);
      const result = await run(variant, true);
      for (const { message, site } of result.failures) {
        context.emit('output', {
          category: 'stderr',
          output: `failed: ${message}\n`,
          ...context.place(site),
        });
      }
      context.output('stdout', `${name === '' ? scenario.name : name}: ${result.outcome}`);
      variants.push({ name, ...runOutcome(result) });
    }
  }
  return { variants };
}

/** The variant itself, or one for each call of the fault points that are still open in it. */
async function closed(
  scenario: ScenarioDeclaration,
  variant: Variant,
  count: (counting: Variant) => Promise<SessionResult>,
): Promise<readonly Variant[]> {
  if (!hasEach(scenario, variant)) return [variant];
  const counts: Record<string, number> = {};
  const { faultPoints } = await count(countingVariant(scenario, variant));
  for (const { point, routine } of faultPoints) {
    for (const name of new Set([point, routine])) counts[name] = (counts[name] ?? 0) + 1;
  }
  return expandEach(scenario, variant, counts);
}

async function runToEnd(
  context: AdapterContext,
  program: ScenarioProgram,
  launch: LaunchArguments,
  report: boolean,
  signal: AbortSignal,
): Promise<SessionResult> {
  const { host } = context.options;
  const session = prepareSession(context, program, launch.scenario ?? '', launch);
  session.resume('continue');
  while (session.work(sliceMilliseconds, () => host.now()).kind === 'running') {
    if (report) emitReports(context, session);
    await new Promise<void>((resume) => host.schedule(resume));
    signal.throwIfAborted();
  }
  if (report) emitReports(context, session);
  return session.result();
}

function variantName(variant: Variant): string {
  return Object.entries(variant)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ');
}
