/** Between the engine's places and the protocol's. */
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

/** Engine paths are what stands behind `file://`; other schemes keep their whole address. */
export interface Addresses {
  pathOf(uri: string): string;
  uriOf(path: string): string;
}

/** For Node, where files are on disk. Windows drives are written `C:/..`. */
export const fileAddresses: Addresses = {
  pathOf(uri) {
    if (!uri.startsWith('file://')) return uri;
    const path = decodeURIComponent(uri.slice('file://'.length));
    return /^\/[A-Za-z]:/.test(path) ? path.slice(1) : path;
  },
  uriOf(path) {
    if (/^[A-Za-z][A-Za-z0-9+.-]+:/.test(path)) return path;
    const absolute = path.startsWith('/') ? path : `/${path}`;
    return `file://${absolute.split('/').map(encodeURIComponent).join('/')}`;
  },
};

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

export function toDiagnostic(finding: Diagnostic, addresses: Addresses): LspDiagnostic {
  const href = finding.documentation && documentationAddress(finding.documentation);
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
            location: { uri: addresses.uriOf(range.file.path), range: toRange(range) },
          })),
        }),
  };
}

/** Pages of the WDK have a public address; pages of this product come with the extension. */
export function documentationAddress(page: string): string | undefined {
  if (page.startsWith('docs/')) {
    return `command:dms.openDocumentation?${encodeURIComponent(JSON.stringify([page]))}`;
  }
  const header = /^n[a-z]-([a-z0-9]+)-/.exec(page)?.[1];
  return header === undefined
    ? undefined
    : `https://learn.microsoft.com/windows-hardware/drivers/ddi/${header}/${page}`;
}
