import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { countOf, sum } from '../../scripts/results.mts';

function file(content: object): string {
  const path = join(mkdtempSync(join(tmpdir(), 'dms-results-')), 'results.json');
  writeFileSync(path, JSON.stringify(content));
  return path;
}

const report = (
  numPassedTests: number,
  numFailedTests: number,
  testResults: object[] = [],
): string => file({ numPassedTests, numFailedTests, testResults });

describe('the sum of the suites', () => {
  test('reads reports and plain counts', () => {
    expect(countOf(report(3, 0), 0)).toEqual({ passed: 3, failed: 0 });
    expect(countOf(report(3, 2), 1)).toEqual({ passed: 3, failed: 2 });
    expect(countOf(file({ passed: 4, failed: 1 }), 1)).toEqual({ passed: 4, failed: 1 });
  });

  test('a test file that broke before its first test is a failure', () => {
    const broken = { status: 'failed', assertionResults: [] };
    expect(countOf(report(3, 0, [broken]), 1)).toEqual({ passed: 3, failed: 1 });
  });

  test('a suite that left nothing, ran nothing or ended badly is a failure', () => {
    expect(countOf('/nowhere/results.json', 0)).toEqual({ passed: 0, failed: 1 });
    expect(countOf(report(0, 0), 0)).toEqual({ passed: 0, failed: 1 });
    expect(countOf(report(3, 0), 1)).toEqual({ passed: 3, failed: 1 });
  });

  test('adds up', () => {
    expect(
      sum([
        { passed: 1, failed: 0 },
        { passed: 2, failed: 3 },
      ]),
    ).toEqual({ passed: 3, failed: 3 });
  });
});
