/** Findings of `dms lint` as text and JSON. */
import { type Diagnostic, positionAt } from '../../../engine/index.ts';

/** `file:line:column: severity: message [code]`, as compilers print it. */
export function findingsText(findings: readonly Diagnostic[]): string {
  const lines = findings.map((finding) => {
    const { line, column } = positionAt(finding.range.file, finding.range.start);
    return `${finding.range.file.path}:${line}:${column}: ${finding.severity}: ${finding.message} [${finding.code}]`;
  });
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

/** Version 1 of the machine-readable findings. */
export function findingsJson(findings: readonly Diagnostic[]): string {
  const plain = findings.map((finding) => {
    const { file, start, end } = finding.range;
    const from = positionAt(file, start);
    const to = positionAt(file, end);
    return {
      code: finding.code,
      severity: finding.severity,
      message: finding.message,
      location: { file: file.path, ...from, endLine: to.line, endColumn: to.column },
      documentation: finding.documentation ?? null,
    };
  });
  return `${JSON.stringify({ version: 1, findings: plain }, undefined, 2)}\n`;
}
