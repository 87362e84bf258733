/** `dms lint`. */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Diagnostic, lintProgram } from '../../engine/index.ts';
import { scenarioFiles } from './files-node.ts';
import { fixedTexts } from './fixes.ts';
import { loadProgram } from './program-node.ts';
import { findingsJson, findingsText } from './report/findings.ts';
import { sarifReport } from './report/sarif.ts';
import { choose } from './usage.ts';

/** Answers the exit code. @param version of the product, for SARIF. */
export function lintCommand(words: readonly string[], version: string): number {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      format: { type: 'string', default: 'text' },
      fix: { type: 'boolean', default: false },
    },
  });
  const format = choose('--format', values.format, ['text', 'json', 'sarif']);
  const paths = scenarioFiles(positionals);
  let findings = findingsIn(paths);
  for (let round = 0; values.fix && round < MAXIMUM_ROUNDS && writeFixes(findings); round++) {
    findings = findingsIn(paths);
  }
  const text = {
    text: () => findingsText(findings),
    json: () => findingsJson(findings),
    sarif: () => sarifReport(findings, version, process.cwd()),
  }[format]();
  process.stdout.write(text);
  return findings.some(({ severity }) => severity === 'error' || severity === 'warning') ? 1 : 0;
}

/** A fix may bring the next finding to light; more rounds than this are two fixes that undo each other. */
const MAXIMUM_ROUNDS = 10;

function findingsIn(paths: readonly string[]): readonly Diagnostic[] {
  return distinct(
    paths.flatMap((path) => {
      const program = loadProgram(path);
      return [...program.diagnostics, ...lintProgram(program)];
    }),
  );
}

/** Answers whether anything was changed. */
function writeFixes(findings: readonly Diagnostic[]): boolean {
  const texts = fixedTexts(findings);
  for (const [path, text] of texts) writeFileSync(path, text);
  return texts.size > 0;
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
