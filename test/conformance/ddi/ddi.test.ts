// Every rule that the documentation of memory routines states, one row each: what a driver does and what it sees.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { repository } from '../../command-line/support/command.ts';
import { chapters } from './chapters.ts';
import { expectRule } from './expect-rule.ts';
import { RuleTable } from './run-rules.ts';
import { sections } from './sections.ts';

describe.each(chapters)('$title', ({ rules }) => {
  const table = new RuleTable(rules);
  const rows = rules.map((rule, index) => [rule.section, rule.rule, rule, index] as const);

  test.each(rows.filter(([, , { code }]) => code !== undefined))('%s %s', (_, __, rule, index) => {
    expectRule(table, rule, index);
  });
});

describe('the tables are whole', () => {
  const all = chapters.flatMap(({ rules }) => rules);

  test.each(Object.entries(sections))('section %s has its rules', (section, count) => {
    expect(all.filter((rule) => rule.section === section).length).toBeGreaterThanOrEqual(count);
  });

  test('no row belongs to another section, and none stands twice', () => {
    expect(all.filter(({ section }) => sections[section] === undefined)).toEqual([]);
    const names = all.map(({ section, rule }) => `${section} ${rule}`);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  test('what nothing shows has a reason', () => {
    for (const { code, reason } of all)
      expect((code === undefined) !== (reason === undefined)).toBe(true);
  });

  test('choices stand in the documentation', () => {
    const text = readFileSync(join(repository, 'docs/emulated-behaviour.md'), 'utf8');
    const subjects = [...text.matchAll(/^\| ([^|]+?) +\|/gm)].map(([, subject]) => subject);
    for (const { scene } of all)
      if (scene.choice !== undefined) expect(subjects).toContain(scene.choice);
  });
});
