/** Findings about a user's text: always with a code, a range and, where there is one, a documentation link. */
import type { SourceRange } from './source.ts';

export type Severity = 'error' | 'warning' | 'information' | 'hint';

export interface RelatedInformation {
  readonly message: string;
  readonly range: SourceRange;
}

/** A text change that resolves the finding. */
export interface Fix {
  readonly title: string;
  readonly edits: readonly { readonly range: SourceRange; readonly text: string }[];
}

export interface Diagnostic {
  /** Stable, kebab-case: `missing-semicolon`, `undeclared-name`, `unused-result`. */
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly range: SourceRange;
  readonly related?: readonly RelatedInformation[];
  /** A documentation page: a file name under docs/ of this product, or a WDK page's name. */
  readonly documentation?: string;
  readonly fix?: Fix;
}

/** Collects findings; one at the same place with the same code is kept once. */
export class Diagnostics {
  private readonly found: Diagnostic[] = [];
  private readonly seen = new Set<string>();

  report(diagnostic: Diagnostic): void {
    const { range } = diagnostic;
    const key = `${range.file.path}:${range.start}:${diagnostic.code}`;
    if (this.seen.has(key)) return;
    this.seen.add(key);
    this.found.push(diagnostic);
  }

  error(code: string, range: SourceRange, message: string, extra: Partial<Diagnostic> = {}): void {
    this.report({ code, severity: 'error', message, range, ...extra });
  }

  warning(
    code: string,
    range: SourceRange,
    message: string,
    extra: Partial<Diagnostic> = {},
  ): void {
    this.report({ code, severity: 'warning', message, range, ...extra });
  }

  get all(): readonly Diagnostic[] {
    return this.found;
  }

  get hasErrors(): boolean {
    return this.found.some((diagnostic) => diagnostic.severity === 'error');
  }
}
