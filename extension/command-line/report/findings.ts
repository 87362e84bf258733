/** Findings of `dms lint` as text and JSON. */
import { type Diagnostic, positionAt, type SourceRange } from '../../../engine/index.ts';

/** `file:line:column: severity: message [code]`, as compilers print it, and notes on places that belong to it. */
export function findingsText(findings: readonly Diagnostic[]): string {
  const lines = findings.flatMap(({ range, severity, message, code, related = [] }) => [
    `${placeOf(range)}: ${severity}: ${message} [${code}]`,
    ...related.map((note) => `${placeOf(note.range)}: note: ${note.message}`),
  ]);
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

function placeOf({ file, start }: SourceRange): string {
  const { line, column } = positionAt(file, start);
  return `${file.path}:${line}:${column}`;
}

/** Version 1 of the machine-readable findings. */
export function findingsJson(findings: readonly Diagnostic[]): string {
  const plain = findings.map(({ code, severity, message, range, documentation, related }) => ({
    code,
    severity,
    message,
    location: locationOf(range),
    documentation: documentation ?? null,
    related: (related ?? []).map((note) => ({
      message: note.message,
      location: locationOf(note.range),
    })),
  }));
  return `${JSON.stringify({ version: 1, findings: plain }, undefined, 2)}\n`;
}

function locationOf({ file, start, end }: SourceRange): object {
  const to = positionAt(file, end);
  return {
    file: file.path,
    ...positionAt(file, start),
    endLine: to.line,
    endColumn: to.column,
  };
}
