/** The last lines of a run in the Debug Console: whether the scenario held, and what broke it. */
import type { LeakReport, SessionResult, Site } from '../../engine/index.ts';

/** Clients paint `console` as a warning, which a passed scenario is not. */
export interface SummaryLine {
  readonly category: 'stdout' | 'stderr';
  readonly text: string;
  /** Makes the line a link. */
  readonly site: Site | undefined;
}

/**
 * Plain text, one entry for each line; failures before leaks, the verdict last.
 * @param onHost ` on alpha`, or nothing where the scenario has one host.
 */
export function summaryLines(
  scenario: string,
  result: SessionResult,
  onHost: (host: string) => string,
): SummaryLine[] {
  const failures = result.failures.map(
    ({ message, site }): SummaryLine => ({
      category: 'stderr',
      text: `failed: ${message}`,
      site,
    }),
  );
  const leaks = result.leaks.map(
    (leak): SummaryLine => ({
      category: leak.resident ? 'stdout' : 'stderr',
      text: leakText(leak, onHost(leak.host)),
      site: leak.site,
    }),
  );
  const verdict = {
    passed: 'passed',
    failed: `failed (${count(result.failures.length, 'failure')})`,
    error: 'could not run',
  }[result.outcome];
  return [
    ...failures,
    ...leaks,
    {
      category: result.outcome === 'passed' ? 'stdout' : 'stderr',
      text: `Scenario "${scenario}" ${verdict} after ${count(result.statements, 'statement')}.`,
      site: undefined,
    },
  ];
}

function leakText(leak: LeakReport, onHost: string): string {
  const kind = leak.resident ? 'resident' : 'leak';
  const by = leak.site === undefined ? '' : `, allocated in ${leak.site.function}`;
  return `${kind}${onHost}: ${leak.kind}, ${count(leak.bytes, 'byte')}${by}: ${leak.message}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
