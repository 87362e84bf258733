/** `--format json` of `dms run`: version 1 of the machine-readable results. */
import type { RunResult } from '../run/run-variant.ts';

export function jsonReport(results: readonly RunResult[]): string {
  return `${JSON.stringify({ version: 1, results }, undefined, 2)}\n`;
}
