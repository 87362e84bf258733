// Adds up what the suites wrote into test-results/.
import { existsSync, readFileSync } from 'node:fs';

export interface Count {
  readonly passed: number;
  readonly failed: number;
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly unknown[];
  }[];
}

/** Adds up several counts. */
export function sum(counts: readonly Count[]): Count {
  return {
    passed: counts.reduce((total, { passed }) => total + passed, 0),
    failed: counts.reduce((total, { failed }) => total + failed, 0),
  };
}

/**
 * The count in one results file, which is Vitest's report or just a {@link Count}. A test file that
 * failed before its first test counts as one failure; so does a suite that left no results, ran
 * nothing, or ended badly although no test of it failed.
 */
export function countOf(file: string, exitCode: number): Count {
  if (!existsSync(file)) {
    return { passed: 0, failed: 1 };
  }
  const { passed, failed } = read(JSON.parse(readFileSync(file, 'utf8')) as VitestReport | Count);
  const amiss = failed === 0 && (exitCode !== 0 || passed === 0);
  return { passed, failed: amiss ? 1 : failed };
}

function read(report: VitestReport | Count): Count {
  if (!('testResults' in report)) {
    return report;
  }
  const broken = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
  };
}
