/** Quick fixes: the changes that findings suggest. */
import { type CodeAction, CodeActionKind, type Range, type TextEdit } from 'vscode-languageserver';
import type { Fix } from '../../../engine/index.ts';
import { toDiagnostic, toRange } from '../conversions.ts';
import type { ProductPages } from '../documentation.ts';
import type { CheckedProgram } from '../workspace.ts';

export function codeActions(
  programs: readonly CheckedProgram[],
  path: string,
  range: Range,
  uriOf: (path: string) => string,
  product: ProductPages,
): CodeAction[] {
  const actions = new Map<string, CodeAction>();
  for (const finding of programs.flatMap(({ findings }) => findings)) {
    const { fix } = finding;
    if (fix === undefined || finding.range.file.path !== path) continue;
    const place = toRange(finding.range);
    if (place.end.line < range.start.line || place.start.line > range.end.line) continue;
    const action: CodeAction = {
      title: fix.title,
      kind: CodeActionKind.QuickFix,
      diagnostics: [toDiagnostic(finding, product)],
      edit: { changes: changesOf(fix, uriOf) },
      isPreferred: true,
    };
    actions.set(JSON.stringify(action), action);
  }
  return [...actions.values()];
}

function changesOf(fix: Fix, uriOf: (path: string) => string): Record<string, TextEdit[]> {
  const changes: Record<string, TextEdit[]> = {};
  for (const { range, text } of fix.edits) {
    const uri = uriOf(range.file.path);
    changes[uri] ??= [];
    changes[uri]?.push({ range: toRange(range), newText: text });
  }
  return changes;
}
