/** Runs the rules over a checked program. */
import { type Diagnostic, Diagnostics } from '../language/diagnostics.ts';
import type { FunctionSymbol, Unit } from '../language/program.ts';
import type { DriverDeclaration, ScenarioProgram } from '../language/scenario.ts';
import { lintRules } from './catalogue.ts';
import { followOwnership } from './flow/ownership.ts';
import type { DriverUnderLint, LintRule, Report } from './rule.ts';

/** Findings in the user's files, each with the page of its rule. Text that does not compile yields none. */
export function lintProgram(
  program: ScenarioProgram,
  rules: readonly LintRule[] = lintRules,
): readonly Diagnostic[] {
  const diagnostics = new Diagnostics();
  const drivers = driversOf(program);
  for (const rule of rules) {
    const report: Report = (range, message, extra = {}) => {
      if (range.file.origin !== 'user') return;
      diagnostics.report({
        code: rule.code,
        severity: rule.severity,
        message,
        range,
        documentation: `docs/lint/${rule.code}.md`,
        ...extra,
      });
    };
    if (rule.subject === 'program') rule.check(program, report);
    else for (const driver of drivers) rule.check(driver, report);
  }
  return diagnostics.all;
}

function driversOf(program: ScenarioProgram): readonly DriverUnderLint[] {
  const found: DriverUnderLint[] = [];
  const eventsOf = new Map<FunctionSymbol, ReturnType<typeof followOwnership>>();
  for (const scenario of program.scenarios) {
    for (const host of scenario.hosts) {
      for (const driver of host.drivers) {
        if (driver.builtin) continue;
        const functions = functionsOf(driver);
        for (const symbol of functions) {
          if (!eventsOf.has(symbol)) eventsOf.set(symbol, followOwnership(symbol));
        }
        found.push({
          driver,
          host,
          scenario,
          units: driver.units,
          functions,
          events: pick(eventsOf, functions),
        });
      }
    }
  }
  return found;
}

function functionsOf(driver: DriverDeclaration): readonly FunctionSymbol[] {
  return driver.units.flatMap((unit: Unit) =>
    unit.functions.filter(
      (symbol) => symbol.body !== undefined && symbol.range.file.origin === 'user',
    ),
  );
}

function pick<K, V>(from: ReadonlyMap<K, V>, keys: readonly K[]): ReadonlyMap<K, V> {
  const picked = new Map<K, V>();
  for (const key of keys) {
    const value = from.get(key);
    if (value !== undefined) picked.set(key, value);
  }
  return picked;
}
