/** `dms lint`. */
import { parseArgs } from 'node:util';
import { type Diagnostic, lintProgram } from '../../engine/index.ts';
import { scenarioFiles } from './files-node.ts';
import { loadProgram } from './program-node.ts';
import { findingsJson, findingsText } from './report/findings.ts';
import { sarifReport } from './report/sarif.ts';
import { choose } from './usage.ts';

/** Answers the exit code. @param version of the product, for SARIF. */
export function lintCommand(words: readonly string[], version: string): number {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: { format: { type: 'string', default: 'text' } },
  });
  const format = choose('--format', values.format, ['text', 'json', 'sarif']);
  const findings = distinct(
    scenarioFiles(positionals).flatMap((path) => {
      const program = loadProgram(path);
      return [...program.diagnostics, ...lintProgram(program)];
    }),
  );
  const text = {
    text: () => findingsText(findings),
    json: () => findingsJson(findings),
    sarif: () => sarifReport(findings, version, process.cwd()),
  }[format]();
  process.stdout.write(text);
  return findings.some(({ severity }) => severity === 'error' || severity === 'warning') ? 1 : 0;
}

/** A driver that several scenarios load is found fault with once. */
function distinct(findings: readonly Diagnostic[]): readonly Diagnostic[] {
  const seen = new Set<string>();
  return findings.filter(({ range, code }) => {
    const key = `${range.file.path}:${range.start}:${code}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
