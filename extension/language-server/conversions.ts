/** Between the engine's places and findings and the protocol's. */
import {
  DiagnosticSeverity,
  type Diagnostic as LspDiagnostic,
  type Position as LspPosition,
  type Range,
} from 'vscode-languageserver';
import {
  type Diagnostic,
  offsetAt,
  positionAt,
  type Severity,
  type SourceFile,
  type SourceRange,
} from '../../engine/index.ts';
import { uriOf } from './addresses.ts';
import { documentationAddress, type ProductPages } from './documentation.ts';

export function toPosition(file: SourceFile, offset: number): LspPosition {
  const { line, column } = positionAt(file, offset);
  return { line: line - 1, character: column - 1 };
}

export function toRange(range: Pick<SourceRange, 'file' | 'start' | 'end'>): Range {
  return { start: toPosition(range.file, range.start), end: toPosition(range.file, range.end) };
}

export function toOffset(file: SourceFile, position: LspPosition): number {
  return offsetAt(file, { line: position.line + 1, column: position.character + 1 });
}

const severities: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
};

export function toDiagnostic(finding: Diagnostic, product: ProductPages): LspDiagnostic {
  const href = finding.documentation && documentationAddress(finding.documentation, product);
  return {
    range: toRange(finding.range),
    severity: severities[finding.severity],
    code: finding.code,
    source: 'dms',
    message: finding.message,
    ...(href === undefined ? {} : { codeDescription: { href } }),
    ...(finding.related === undefined
      ? {}
      : {
          relatedInformation: finding.related.map(({ message, range }) => ({
            message,
            location: { uri: uriOf(range.file.path), range: toRange(range) },
          })),
        }),
  };
}
