/** Compiles C text as the product does, with the built-in headers. */
import {
  builtinHeaders,
  headerOf,
  knownHeaders,
} from '../../../engine/language/builtin-headers.ts';
import { checkUnit } from '../../../engine/language/check.ts';
import type { Diagnostic } from '../../../engine/language/diagnostics.ts';
import { Diagnostics } from '../../../engine/language/diagnostics.ts';
import { preprocess } from '../../../engine/language/preprocess.ts';
import type { Unit } from '../../../engine/language/program.ts';
import type { SourceFile, SourceRange } from '../../../engine/language/source.ts';
import { positionAt } from '../../../engine/language/source.ts';

export interface Compiled {
  readonly file: SourceFile;
  readonly unit: Unit;
  readonly diagnostics: readonly Diagnostic[];
}

export function compile(
  text: string,
  mode: 'kernel' | 'user' = 'kernel',
  resolve: (name: string) => SourceFile | undefined = () => undefined,
): Compiled {
  const file: SourceFile = { path: 'driver.c', text, origin: 'user' };
  const diagnostics = new Diagnostics();
  const { tokens, macros, macroReferences, files } = preprocess({
    file,
    definitions: [],
    resolveInclude: (name) => builtinHeaders.get(name) ?? resolve(name),
    knownHeaders,
    mode,
    diagnostics,
  });
  const unit = checkUnit({
    file,
    tokens,
    macros,
    macroReferences,
    files,
    mode,
    diagnostics,
    headerOf: (name) => headerOf(name, mode),
  });
  return { file, unit, diagnostics: diagnostics.all };
}

/** `line:column-column` of a range in one line, else `line:column-line:column`. */
export function place(range: SourceRange): string {
  const start = positionAt(range.file, range.start);
  const end = positionAt(range.file, range.end);
  const file = range.file.origin === 'user' ? '' : `${range.file.path}:`;
  return start.line === end.line
    ? `${file}${start.line}:${start.column}-${end.column}`
    : `${file}${start.line}:${start.column}-${end.line}:${end.column}`;
}

/**
 * Each finding as `severity code place: message`, in text order. Names that nobody uses are left out: short texts are
 * full of them.
 */
export function findings(text: string, mode: 'kernel' | 'user' = 'kernel'): string[] {
  return compile(text, mode)
    .diagnostics.filter(({ code }) => !/^unused-(variable|parameter|function|label)$/.test(code))
    .sort((a, b) => a.range.start - b.range.start)
    .map(({ severity, code, range, message }) => `${severity} ${code} ${place(range)}: ${message}`);
}
