import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { violationPage, violationRules } from '../../../engine/language/violations.ts';
import { compiled } from './scenario-support.ts';

const names = violationRules.map(({ rule }) => rule).sort();

/** Names that the engine reports, by its source. */
function reported(): ReadonlySet<string> {
  const found = new Set<string>();
  for (const file of globSync('engine/**/*.ts')) {
    const text = readFileSync(file, 'utf8');
    for (const [, name = ''] of text.matchAll(/\bviolation\(\s*'([a-z_]+)'/g)) found.add(name);
    if (!file.endsWith('values.ts')) continue;
    const undefinedRules = /type UndefinedRule =([^;]*);/.exec(text)?.[1] ?? '';
    for (const [, name = ''] of undefinedRules.matchAll(/'([a-z_]+)'/g)) found.add(name);
  }
  found.add('uninitialized_memory');
  return found;
}

describe('violations', () => {
  it('are those that the engine reports', () => {
    expect(names).toEqual([...reported()].sort());
  });

  it('have a section in the documentation', () => {
    const page = readFileSync('docs/violations.md', 'utf8');
    const sections = page.split(/^## /m).slice(1);
    expect(sections.map((section) => section.split('\n')[0]).sort()).toEqual(names);
    for (const { rule, summary } of violationRules) {
      const section = sections.find((text) => text.startsWith(`${rule}\n`));
      expect(section, rule).toContain(summary);
      expect(violationPage(rule)).toBe(`docs/violations.md#${rule}`);
    }
  });
});

describe('an expectation', () => {
  const findings = (text: string): readonly string[] =>
    compiled(`scenario "x" { driver "a.c"; ${text} }`).findings.filter((finding) =>
      finding.startsWith('unknown-'),
    );

  it('of a violation that exists is fine', () => {
    expect(findings('expect violation mdl_state; expect no violation wrong_irql;')).toEqual([]);
  });

  it.each(['expect violation', 'expect no violation'])(
    '%s of an unknown one is an error',
    (text) => {
      expect(findings(`${text} mdl_stat;`)).toEqual([
        "unknown-violation: 'mdl_stat' is no name of a violation; did you mean 'mdl_state'? @ mdl_stat",
      ]);
    },
  );
});
