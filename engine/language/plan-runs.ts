/** Which runs a file asks for: every scenario in every variant, each call of a fault point in its turn. */
import type { ScenarioDeclaration, ScenarioProgram } from './scenario.ts';
import { countingVariant, expandEach, hasEach, type Variant, variantsOf } from './variants.ts';

/** One run to make. */
export interface PlannedRun {
  readonly scenario: string;
  readonly variant: Variant;
  /** Routines of the injected faults, for the variant's name: `ExAllocatePoolWithTag`. */
  readonly routines: Readonly<Record<string, string>>;
}

/** A call of a fault point: `allocation` and the routine that was called. */
export interface FaultCall {
  readonly point: string;
  readonly routine: string;
}

/** Calls of fault points in the order in which a run without faults makes them. */
export type CountCalls = (
  scenario: ScenarioDeclaration,
  variant: Variant,
) => Promise<readonly FaultCall[]>;

/**
 * All runs of a program, in the order of the text. `countCalls` makes the run that `each` takes its count
 * from; it is asked once for each distinct setting of the other dimensions.
 * @param wanted the name of the one scenario to plan; undefined for all.
 */
export async function planRuns(
  program: ScenarioProgram,
  wanted: string | undefined,
  countCalls: CountCalls,
): Promise<readonly PlannedRun[]> {
  const runs: PlannedRun[] = [];
  for (const scenario of program.scenarios) {
    if (wanted !== undefined && scenario.name !== wanted) continue;
    for (const variant of variantsOf(scenario)) {
      const calls = hasEach(scenario, variant)
        ? await countCalls(scenario, countingVariant(scenario, variant))
        : [];
      for (const expanded of expandEach(scenario, variant, countsOf(calls))) {
        const routines = faultRoutines(expanded, calls);
        runs.push({ scenario: scenario.name, variant: expanded, routines });
      }
    }
  }
  return runs;
}

/** Calls by fault point; a routine is one by its own name too. */
function countsOf(calls: readonly FaultCall[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { point, routine } of calls) {
    for (const name of new Set([point, routine])) counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

function faultRoutines(variant: Variant, calls: readonly FaultCall[]): Record<string, string> {
  const routines: Record<string, string> = {};
  for (const [name, value] of Object.entries(variant)) {
    if (!name.startsWith('fault.')) continue;
    const point = name.slice('fault.'.length);
    const call = calls.filter((c) => c.point === point || c.routine === point)[Number(value) - 1];
    if (call !== undefined) routines[name] = call.routine;
  }
  return routines;
}
