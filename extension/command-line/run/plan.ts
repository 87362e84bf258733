/** Which runs a file asks for: every scenario in every variant, each call of a fault point in its turn. */
import {
  countingVariant,
  expandEach,
  hasEach,
  type ScenarioDeclaration,
  type ScenarioProgram,
  type Variant,
  variantsOf,
} from '../../../engine/index.ts';

/** One run to make. */
export interface PlannedRun {
  readonly scenario: string;
  readonly variant: Variant;
  /** Routines of the injected faults, for the variant's name: `ExAllocatePoolWithTag`. */
  readonly routines: Readonly<Record<string, string>>;
}

/** Calls of fault points in the order in which a run without faults makes them. */
export type CountCalls = (
  scenario: ScenarioDeclaration,
  variant: Variant,
) => Promise<readonly { readonly point: string; readonly routine: string }[]>;

/**
 * All runs of a program, in the order of the text. `countCalls` makes the run that `each` takes its count
 * from; it is asked once for each distinct setting of the other dimensions.
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
      if (!hasEach(scenario, variant)) {
        runs.push({ scenario: scenario.name, variant, routines: {} });
        continue;
      }
      const calls = await countCalls(scenario, countingVariant(scenario, variant));
      const counts: Record<string, number> = {};
      for (const { point, routine } of calls) {
        counts[point] = (counts[point] ?? 0) + 1;
        if (routine !== point) counts[routine] = (counts[routine] ?? 0) + 1;
      }
      for (const expanded of expandEach(scenario, variant, counts)) {
        runs.push({
          scenario: scenario.name,
          variant: expanded,
          routines: faultRoutines(expanded, calls),
        });
      }
    }
  }
  return runs;
}

function faultRoutines(
  variant: Variant,
  calls: readonly { readonly point: string; readonly routine: string }[],
): Record<string, string> {
  const routines: Record<string, string> = {};
  for (const [name, value] of Object.entries(variant)) {
    if (!name.startsWith('fault.')) continue;
    const point = name.slice('fault.'.length);
    const call = calls.filter((c) => c.point === point || c.routine === point)[Number(value) - 1];
    if (call !== undefined) routines[name] = call.routine;
  }
  return routines;
}
