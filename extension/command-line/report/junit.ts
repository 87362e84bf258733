/** JUnit XML: a suite for each file, a test case for each run. */
import type { RunResult } from '../run/run-variant.ts';

export function junitReport(
  results: readonly RunResult[],
  nameOf: (result: RunResult) => string,
): string {
  const files = [...new Set(results.map((result) => result.file))];
  const suites = files.map((file) => {
    const runs = results.filter((result) => result.file === file);
    return [
      `  <testsuite name=${attribute(file)} ${counts(runs)}>`,
      ...runs.map((run) => testCase(run, nameOf(run))),
      '  </testsuite>',
    ].join('\n');
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="driver memory scenarios" ${counts(results)}>`,
    ...suites,
    '</testsuites>',
    '',
  ].join('\n');
}

function counts(runs: readonly RunResult[]): string {
  const failures = runs.filter((run) => run.outcome === 'failed').length;
  const errors = runs.filter((run) => run.outcome === 'error').length;
  const seconds = runs.reduce((sum, run) => sum + run.milliseconds, 0) / 1000;
  return `tests="${runs.length}" failures="${failures}" errors="${errors}" time="${seconds.toFixed(3)}"`;
}

function testCase(run: RunResult, variant: string): string {
  const name = variant === '' ? run.scenario : `${run.scenario} [${variant}]`;
  const open = `    <testcase classname=${attribute(run.file)} name=${attribute(name)} time="${(run.milliseconds / 1000).toFixed(3)}">`;
  const parts: string[] = [];
  if (run.outcome !== 'passed') {
    const element = run.outcome === 'failed' ? 'failure' : 'error';
    const text = run.failures
      .map(({ message, location }) =>
        location === null
          ? message
          : `${location.file}:${location.line}:${location.column}: ${message}`,
      )
      .join('\n');
    parts.push(
      `      <${element} message=${attribute(run.failures[0]?.message ?? run.outcome)}>${xmlText(text)}</${element}>`,
    );
  }
  if (run.output.length > 0) {
    const text = run.output
      .map(({ host, source, text }) => `${host}!${source}: ${text}`)
      .join('\n');
    parts.push(`      <system-out>${xmlText(text)}</system-out>`);
  }
  return [open, ...parts, '    </testcase>'].join('\n');
}

function attribute(text: string): string {
  return `"${xmlText(text).replaceAll('"', '&quot;').replaceAll('\n', '&#10;')}"`;
}

/** XML 1.0 has no way to write most control characters: they become U+FFFD. */
function xmlText(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}
