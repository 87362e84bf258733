import { builtinHeaders, knownHeaders } from '../../../engine/language/builtin-headers.ts';
import { type Diagnostic, Diagnostics } from '../../../engine/language/diagnostics.ts';
import { type PreprocessResult, preprocess } from '../../../engine/language/preprocess.ts';
import type { Definition } from '../../../engine/language/scenario.ts';
import type { SourceFile } from '../../../engine/language/source.ts';

export interface PreprocessOptions {
  readonly path?: string;
  readonly mode?: 'kernel' | 'user';
  readonly definitions?: readonly Definition[];
  readonly range?: { readonly start: number; readonly end: number };
  /** Offsets of the lines before the block. */
  readonly prelude?: readonly (readonly [number, number])[];
  /** The user's headers by name. */
  readonly files?: Readonly<Record<string, string>>;
}

export interface Preprocessed extends PreprocessResult {
  readonly diagnostics: readonly Diagnostic[];
}

export function preprocessed(text: string, options: PreprocessOptions = {}): Preprocessed {
  const { path = 'a.c', mode = 'kernel', definitions = [], range, prelude = [] } = options;
  const file: SourceFile = { path, text, origin: 'user' };
  const headers = new Map(
    Object.entries(options.files ?? {}).map(([name, header]): [string, SourceFile] => [
      name,
      { path: name, text: header, origin: 'user' },
    ]),
  );
  const diagnostics = new Diagnostics();
  const result = preprocess({
    file,
    ...(range === undefined ? {} : { range }),
    prelude: prelude.map(([start, end]) => ({ file, start, end })),
    definitions,
    resolveInclude: (name) => headers.get(name) ?? builtinHeaders.get(name.toLowerCase()),
    knownHeaders,
    mode,
    diagnostics,
  });
  return { ...result, diagnostics: diagnostics.all };
}

/** The lines that come out, each token behind the white space that stood before it. */
export function spelt(text: string, options: PreprocessOptions = {}): string[] {
  const { tokens, diagnostics } = preprocessed(text, options);
  const problems = diagnostics.filter(({ severity }) => severity === 'error');
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join('\n'));
  const lines: string[] = [];
  let line = '';
  let open = 0;
  for (const token of tokens) {
    if (token.kind === 'end') break;
    // Arguments may come from several lines; a line of output ends where all parentheses are closed.
    if (token.firstInLine && line !== '' && open === 0) {
      lines.push(line);
      line = '';
    }
    line += token.spaceBefore && line !== '' ? ` ${token.text}` : token.text;
    if (token.text === '(') open++;
    if (token.text === ')') open--;
  }
  if (line !== '') lines.push(line);
  return lines;
}

/** Findings as `code: message @ text they point at`. */
export function findings(text: string, options: PreprocessOptions = {}): string[] {
  return preprocessed(text, options).diagnostics.map(
    ({ code, message, range }) =>
      `${code}: ${message} @ ${range.file.text.slice(range.start, range.end)}`,
  );
}
