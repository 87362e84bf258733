/** Whether a run did what its scenario expects, and what it did besides. */
import type { Condition, Expectation, ScenarioDeclaration } from '../language/scenario.ts';
import { positionAt, type SourceRange } from '../language/source.ts';
import { completeVariant, type Variant } from '../language/variants.ts';
import type { SessionResult } from '../session-types.ts';
import type { FailureReport, Reports, Site } from '../vm/reports.ts';

type Failure = SessionResult['failures'][number];

export interface Observed {
  readonly reports: Reports;
  /** Exit code by process name; undefined for one that did not end. */
  readonly exits: ReadonlyMap<string, number | undefined>;
  /** A fault was injected: failing NTSTATUS and exit codes are allowed. */
  readonly faulted: boolean;
}

/** Expectations that did not hold, and events that fail the scenario because no expectation names them. */
export function judge(
  scenario: ScenarioDeclaration,
  variant: Variant,
  observed: Observed,
): readonly Failure[] {
  const complete = completeVariant(scenario, variant);
  const counting = scenario.expectations.filter(({ when }) => holds(when, complete));
  return [
    ...counting.flatMap((expectation) => unmet(expectation, observed)),
    ...unexpected(counting, observed),
  ];
}

function holds(condition: Condition | undefined, variant: Variant): boolean {
  if (condition === undefined) return true;
  const equal = variant[condition.variable] === condition.value;
  return condition.operator === '==' ? equal : !equal;
}

function unmet(expectation: Expectation, { reports, exits, faulted }: Observed): Failure[] {
  const fail = (message: string): Failure[] => [{ message, site: siteOf(expectation.range) }];
  switch (expectation.kind) {
    case 'output': {
      const line = reports.list('output').find(({ text }) => text.includes(expectation.text));
      if (expectation.negated) {
        return line === undefined
          ? []
          : fail(
              `"${expectation.text}" was not to be printed, but ${line.source} printed "${line.text}"`,
            );
      }
      return line === undefined ? fail(`no line of output contains "${expectation.text}"`) : [];
    }
    case 'leak': {
      const leaks = reports.list('leak').filter(({ resident }) => !resident);
      const wanted = expectation.bytes;
      if (leaks.some(({ bytes }) => wanted === undefined || bytes === wanted)) return [];
      const found = leaks.map(({ bytes }) => bytes).join(', ');
      return fail(
        wanted === undefined
          ? 'a leak was expected; everything was released'
          : `a leak of ${wanted} bytes was expected; ${found === '' ? 'everything was released' : `the leaks have ${found} bytes`}`,
      );
    }
    case 'bugcheck': {
      const found = reports.list('bugCheck');
      const match = found.some(
        ({ code, parameters }) =>
          (expectation.code === undefined || code === expectation.code) &&
          expectation.parameters.every(
            (wanted, index) => wanted === undefined || BigInt(parameters[index] ?? '-1') === wanted,
          ),
      );
      if (match) return [];
      const [first] = found;
      return fail(
        first === undefined
          ? 'a bug check was expected; there was none'
          : `another bug check was expected than ${hexCode(first.code)} (${first.parameters.join(', ')})`,
      );
    }
    case 'violation':
      return reports.list('violation').some(({ rule }) => rule === expectation.rule)
        ? []
        : fail(`the violation ${expectation.rule} was expected; it did not happen`);
    case 'processExits': {
      if (faulted) return [];
      const code = exits.get(expectation.process);
      if (code === expectation.code) return [];
      return fail(
        code === undefined
          ? `process ${expectation.process} was to exit with ${expectation.code}; it did not end`
          : `process ${expectation.process} was to exit with ${expectation.code}; it exited with ${code}`,
      );
    }
    case 'assertion':
      return hasFailure(reports, 'assertion') ? [] : fail('a failed assertion was expected');
    case 'loadFails': {
      const found = reports
        .list('failure')
        .filter(({ kind, subject }) => kind === 'load' && subject === expectation.driver);
      const { status } = expectation;
      if (found.some((failure) => status === undefined || failure.status === status)) return [];
      const [first] = found;
      return fail(
        first === undefined
          ? `driver ${expectation.driver} was expected to fail; it loaded and started`
          : `driver ${expectation.driver} was expected to fail with ${hexCode(status ?? 0)}; ${first.message}`,
      );
    }
    // What must not happen is found among what did.
    case 'noLeaks':
    case 'noBugcheck':
    case 'noViolation':
      return [];
  }
}

/** What happened and fails the scenario unless an expectation names it. */
function unexpected(expectations: readonly Expectation[], observed: Observed): Failure[] {
  const { reports, faulted } = observed;
  const expects = <K extends Expectation['kind']>(
    kind: K,
  ): readonly Extract<Expectation, { kind: K }>[] =>
    expectations.filter((e): e is Extract<Expectation, { kind: K }> => e.kind === kind);
  const failures: Failure[] = [];
  for (const check of reports.list('bugCheck')) {
    const named = expects('bugcheck').some(({ code }) => code === undefined || code === check.code);
    if (named) continue;
    failures.push({
      message: `bug check ${hexCode(check.code)} ${check.name} (${check.parameters.join(', ')}) on ${check.host}: ${check.explanation}`,
      site: check.site,
    });
  }
  for (const violation of reports.list('violation')) {
    if (expects('violation').some(({ rule }) => rule === violation.rule)) continue;
    failures.push({ message: `${violation.rule}: ${violation.message}`, site: violation.site });
  }
  for (const leak of reports.list('leak')) {
    if (leak.resident) continue;
    const named = expects('leak').some(({ bytes }) => bytes === undefined || bytes === leak.bytes);
    if (!named) failures.push({ message: `leak: ${leak.message}`, site: leak.site });
  }
  for (const failure of reports.list('failure')) {
    if (isAllowed(failure, expectations, faulted)) continue;
    failures.push({ message: failure.message, site: failure.site });
  }
  return failures;
}

function isAllowed(
  { kind, subject, status }: FailureReport,
  expectations: readonly Expectation[],
  faulted: boolean,
): boolean {
  switch (kind) {
    case 'assertion':
      return expectations.some((e) => e.kind === 'assertion');
    case 'load':
      return (
        (faulted && status !== undefined) ||
        expectations.some(
          (e) =>
            e.kind === 'loadFails' &&
            e.driver === subject &&
            (e.status === undefined || e.status === status),
        )
      );
    case 'process':
      return (
        (faulted && status !== undefined) ||
        expectations.some(
          (e) => e.kind === 'processExits' && e.process === subject && e.code === status,
        )
      );
    case 'device':
    case 'deadlock':
    case 'unload':
    case 'limit':
      return false;
  }
}

function hasFailure(reports: Reports, kind: FailureReport['kind']): boolean {
  return reports.list('failure').some((failure) => failure.kind === kind);
}

function hexCode(code: number): string {
  return `0x${(code >>> 0).toString(16).toUpperCase()}`;
}

/** A place in the scenario's text as a report's site. */
export function siteOf(range: SourceRange): Site {
  const { line, column } = positionAt(range.file, range.start);
  return { file: range.file.path, line, column, function: '', module: '', tick: 0 };
}
