/** Variants: the combinations of values that `vary` spans, and what a variant's values mean. */
import type { Fault, ScenarioDeclaration, VaryDimension } from './scenario.ts';

/** Values by dimension name, as in the JSON output. */
export type Variant = Readonly<Record<string, string>>;

/** Combinations beyond this number are not listed. */
const VARIANT_LIMIT = 100_000;

/** A dimension's name: `nic.address_bits`, `machine`, `define NAME`, `seed`, `fault.allocation`. */
export function dimensionName(dimension: VaryDimension): string {
  switch (dimension.kind) {
    case 'nic':
      return dimension.option === '' ? dimension.name : `${dimension.name}.${dimension.option}`;
    case 'machine':
      return dimension.option === '' ? 'machine' : `machine.${dimension.option}`;
    case 'define':
      return `define ${dimension.name}`;
    case 'seed':
      return 'seed';
    case 'fault':
      return `fault.${dimension.point}`;
  }
}

/**
 * All variants, the last dimension changing fastest; one empty variant when nothing varies. A fault
 * dimension's `each` stands as it is (see `expandEach`), unless `faultCounts` says how many calls there are.
 * @param faultCounts calls by fault point, as the run with `none` counted them.
 */
export function variantsOf(
  scenario: ScenarioDeclaration,
  faultCounts?: Readonly<Record<string, number>>,
): Variant[] {
  let variants: Variant[] = [{}];
  for (const dimension of scenario.vary) {
    const name = dimensionName(dimension);
    const next: Variant[] = [];
    for (const variant of variants) {
      for (const value of dimension.values) {
        if (next.length < VARIANT_LIMIT) next.push({ ...variant, [name]: value });
      }
    }
    variants = next;
  }
  return faultCounts === undefined
    ? variants
    : variants.flatMap((variant) => expandEach(scenario, variant, faultCounts));
}

/** Whether a variant still has an `each` in it. */
export function hasEach(scenario: ScenarioDeclaration, variant: Variant): boolean {
  return scenario.vary.some(
    (dimension) => dimension.kind === 'fault' && variant[dimensionName(dimension)] === 'each',
  );
}

/** The run that counts the calls for a variant with `each`: the same values, and no fault. */
export function countingVariant(scenario: ScenarioDeclaration, variant: Variant): Variant {
  const counting: Record<string, string> = { ...variant };
  for (const dimension of scenario.vary) {
    const name = dimensionName(dimension);
    if (dimension.kind === 'fault' && counting[name] === 'each') counting[name] = 'none';
  }
  return counting;
}

/** One variant for each call, in place of one with `each`; without `each` the variant itself. */
export function expandEach(
  scenario: ScenarioDeclaration,
  variant: Variant,
  faultCounts: Readonly<Record<string, number>>,
): Variant[] {
  let variants: Variant[] = [variant];
  for (const dimension of scenario.vary) {
    const name = dimensionName(dimension);
    if (dimension.kind !== 'fault' || variant[name] !== 'each') continue;
    const count = Math.min(faultCounts[dimension.point] ?? 0, VARIANT_LIMIT);
    variants = variants.flatMap((open) =>
      Array.from({ length: count }, (_, index) => ({ ...open, [name]: String(index + 1) })),
    );
  }
  return variants;
}

/** The variant with every missing name at its first value, in the order of the dimensions. */
export function completeVariant(scenario: ScenarioDeclaration, variant: Variant): Variant {
  return Object.fromEntries(
    scenario.vary.map((dimension) => {
      const name = dimensionName(dimension);
      return [name, variant[name] ?? dimension.values[0] ?? ''];
    }),
  );
}

/** The faults to inject in a variant: those of the scenario and those that its values name. */
export function faultsOf(scenario: ScenarioDeclaration, variant: Variant): readonly Fault[] {
  const complete = completeVariant(scenario, variant);
  const varied = scenario.vary.flatMap((dimension): Fault[] => {
    if (dimension.kind !== 'fault') return [];
    const value = complete[dimensionName(dimension)] ?? 'none';
    const ordinal = value === 'every' ? 0 : Number(value);
    if (!Number.isSafeInteger(ordinal)) return [];
    return [{ point: dimension.point, ordinal, range: dimension.range }];
  });
  return [...scenario.faults, ...varied];
}

/** The seed of a variant; undefined when the scenario does not vary it. */
export function seedOf(scenario: ScenarioDeclaration, variant: Variant): number | undefined {
  const value = completeVariant(scenario, variant)['seed'];
  return value === undefined ? undefined : Number(value);
}
