/** The table that `dms run` prints for people. */
import type { Location, RunResult } from '../run/run-variant.ts';

/** `fault.allocation = 2 (ExAllocatePoolWithTag), nic.address_bits = 32`; empty without dimensions. */
export function variantName(
  variant: RunResult['variant'],
  routines: Readonly<Record<string, string>> = {},
): string {
  return Object.entries(variant)
    .map(([name, value]) => {
      const routine = routines[name];
      return `${name} = ${value}${routine === undefined ? '' : ` (${routine})`}`;
    })
    .join(', ');
}

/** One line for each run, the reasons under those that did not pass, and a sum. */
export function textReport(
  results: readonly RunResult[],
  nameOf: (result: RunResult) => string,
): string {
  const lines: string[] = [];
  let file = '';
  for (const result of results) {
    if (result.file !== file) {
      file = result.file;
      if (lines.length > 0) lines.push('');
      lines.push(file);
    }
    const name = nameOf(result);
    const statements = `${result.statements.toLocaleString('en-US')} statements`;
    lines.push(
      `  ${mark(result.outcome)}  ${result.scenario}${name === '' ? '' : ` [${name}]`}  (${statements}, ${result.milliseconds} ms)`,
    );
    if (result.outcome === 'passed') continue;
    for (const { message, location } of result.failures) {
      lines.push(`        ${place(location)}${indentFurther(message)}`);
    }
  }
  const count = (outcome: RunResult['outcome']): number =>
    results.filter((result) => result.outcome === outcome).length;
  const errors = count('error');
  lines.push(
    '',
    `${count('passed')} passed, ${count('failed')} failed${errors === 0 ? '' : `, ${errors} could not run`}`,
  );
  return `${lines.join('\n')}\n`;
}

function mark(outcome: RunResult['outcome']): string {
  return { passed: 'pass ', failed: 'FAIL ', error: 'ERROR' }[outcome];
}

function place(location: Location | null): string {
  return location === null ? '' : `${location.file}:${location.line}:${location.column}: `;
}

function indentFurther(message: string): string {
  return message.replaceAll('\n', '\n          ');
}
