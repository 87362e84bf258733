// Every rule that the documentation of the DMA routines states, one row each.
import { describe, expect, it } from 'vitest';
import { bugCheckOf, violationsOf } from '../life/support.ts';
import { dmaChapters, dmaRules } from './dma-rules.ts';
import { printed, runDma } from './support.ts';

const SEE = '#define SEE(value) DbgPrint("%I64x\\n", (ULONG64)(value))\n';

describe.each(Object.keys(dmaChapters))('chapter %s', (chapter) => {
  const rows = dmaRules.filter((rule) => rule.chapter === chapter);

  it.each(rows.map((rule) => [rule.rule, rule] as const))('%s', (_, rule) => {
    const found = runDma(
      rule.description,
      rule.code,
      {
        machine: rule.machine,
        nic: rule.nic,
        ...(rule.verified ? { with: 'verifier on;' } : {}),
      },
      `${SEE}${rule.more}\n`,
    );
    if (rule.bugCheck === undefined) {
      expect(found.reports.list('bugCheck')).toEqual([]);
      expect(printed(found).filter((line) => line !== 'no adapter')).toEqual(rule.sees);
      expect(violationsOf(found)).toEqual(rule.violations);
      return;
    }
    const { code, parameters } = bugCheckOf(found);
    const [wanted, ...rest] = rule.bugCheck;
    expect(code).toBe(wanted);
    rest.forEach((value, index) => {
      if (value !== undefined) expect(parameters[index]).toBe(BigInt(value));
    });
  });
});

describe('the table is whole', () => {
  it.each(Object.entries(dmaChapters))('chapter %s has its rules', (chapter, count) => {
    expect(dmaRules.filter((rule) => rule.chapter === chapter).length).toBeGreaterThanOrEqual(
      count,
    );
  });

  it('no rule belongs to another chapter, and none stands twice', () => {
    expect(dmaRules.filter(({ chapter }) => dmaChapters[chapter] === undefined)).toEqual([]);
    const names = dmaRules.map(({ chapter, rule }) => `${chapter} ${rule}`);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });
});
