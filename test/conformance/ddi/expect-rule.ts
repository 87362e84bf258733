/** Compares what a row did with what it promises. */
import { expect } from 'vitest';
import type { Rule } from './rules.ts';
import { expectedText, hex, type RuleTable } from './run-rules.ts';

/** Runs row number `index` of a table. */
export function expectRule(table: RuleTable, { sees, bugCheck, scene }: Rule, index: number): void {
  expect(table.errorsOf(index)).toEqual([]);
  const { map, told, ...outcome } = table.run(index);
  expect(outcome).toEqual({
    // What is printed before a bug check is there for its parameters.
    sees:
      bugCheck === undefined
        ? sees.map((value, at) => expectedText(value, outcome.sees, outcome.sees[at]))
        : outcome.sees,
    bugCheck: bugCheck && [
      hex(bugCheck[0]),
      ...bugCheck
        .slice(1)
        .map((parameter, at) => expectedText(parameter, outcome.sees, outcome.bugCheck?.[at + 1])),
    ],
    violations: scene.violations ?? [],
    leaks: scene.leaks ?? [],
    failures: scene.failures ?? [],
  });
  for (const text of scene.says ?? []) expect(told.join('\n')).toContain(text);
  for (const row of scene.map ?? []) expect(map).toContain(row);
}
