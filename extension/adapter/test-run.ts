/** A scenario in all of its variants, run to the end without a debugger: what the Testing view asks for. */
import { type PlannedRun, planRuns, type SessionResult, type Variant } from '../../engine/index.ts';
import type { AdapterContext } from './context.ts';
import { type PreparedProgram, prepareProgram, prepareSession } from './launching.ts';
import type { LaunchArguments, TestBody, VariantsBody } from './protocol.ts';
import { emitReports, runOutcome } from './run-events.ts';
import { sliceMilliseconds } from './scenario-run.ts';

/** Runs variant after variant. Throws as a launch does where the files have errors. */
export async function testScenario(
  context: AdapterContext,
  launch: LaunchArguments,
  signal: AbortSignal,
): Promise<TestBody> {
  const prepared = await prepareProgram(context, launch, signal);
  const { scenario } = prepared;
  const variants: TestBody['variants'][number][] = [];
  for (const { variant } of await planned(context, prepared, launch, signal)) {
    const name = variantName(variant);
    const result = await runToEnd(context, prepared, withVariant(launch, variant), true, signal);
    for (const { message, site } of result.failures) {
      context.emit('output', {
        category: 'stderr',
        output: `failed: ${message}\n`,
        ...context.place(site),
      });
    }
    context.output('stdout', `${name === '' ? scenario.name : name}: ${result.outcome}`);
    variants.push({ name, variant, ...runOutcome(result) });
  }
  return { variants };
}

/** The variants that `testScenario` would run. */
export async function scenarioVariants(
  context: AdapterContext,
  launch: LaunchArguments,
  signal: AbortSignal,
): Promise<VariantsBody> {
  const prepared = await prepareProgram(context, launch, signal);
  const plan = await planned(context, prepared, launch, signal);
  return { variants: plan.map(({ variant }) => ({ name: variantName(variant), variant })) };
}

/** How many variants `each` stands for shows in a run that counts. */
function planned(
  context: AdapterContext,
  prepared: PreparedProgram,
  launch: LaunchArguments,
  signal: AbortSignal,
): Promise<readonly PlannedRun[]> {
  const { program, scenario } = prepared;
  return planRuns(program, scenario.name, async (_scenario, counting) => {
    const run = await runToEnd(context, prepared, withVariant(launch, counting), false, signal);
    return run.faultPoints;
  });
}

const withVariant = (launch: LaunchArguments, variant: Variant): LaunchArguments => ({
  ...launch,
  noDebug: true,
  variant,
});

async function runToEnd(
  context: AdapterContext,
  prepared: PreparedProgram,
  launch: LaunchArguments,
  report: boolean,
  signal: AbortSignal,
): Promise<SessionResult> {
  const { host } = context.options;
  const session = prepareSession(context, prepared, launch);
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
