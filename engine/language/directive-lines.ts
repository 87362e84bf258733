/** The lines of directives: their places, and the names in them. */
import { spellingOf } from './macros.ts';
import type { SourceFile, SourceRange } from './source.ts';
import { SourceToken } from './tokenizer.ts';

/** From the `#` to the end of the line. */
export function lineRange(hash: SourceToken, line: readonly SourceToken[]): SourceRange {
  const { file, start } = hash.range;
  return { file, start, end: (line.at(-1) ?? hash).range.end };
}

/** The text behind a directive's word, as written: it need not be made of tokens. */
export function restOfLine(word: SourceToken, rest: readonly SourceToken[]): string {
  const last = rest.at(-1);
  return last === undefined
    ? ''
    : word.range.file.text.slice(word.range.end, last.range.end).trim();
}

/** Paints the operands of `defined`, which are asked about and not replaced. */
export function protectDefined(tokens: readonly SourceToken[]): readonly SourceToken[] {
  if (!tokens.some((token) => token.text === 'defined')) return tokens;
  return tokens.map((token, index) => {
    const before = tokens[index - 1];
    const asked =
      before?.text === 'defined' || (before?.text === '(' && tokens[index - 2]?.text === 'defined');
    if (!asked || token.kind !== 'identifier') return token;
    return new SourceToken(
      token.kind,
      token.text,
      token.range,
      token.spelling,
      token.macro,
      token.spaceBefore,
      token.firstInLine,
      true,
      token.flaw,
    );
  });
}

/** What an `#include` asks for. */
export interface HeaderName {
  readonly name: string;
  readonly quoted: boolean;
  /** Tokens that it took. */
  readonly length: number;
  readonly place: SourceRange | undefined;
}

/**
 * The file named by `"x"` or `<x>`.
 * @param file where the tokens stand, for the characters between the brackets; undefined when they come from
 * a macro.
 */
export function headerName(
  tokens: readonly SourceToken[],
  file: SourceFile | undefined,
): HeaderName | undefined {
  const first = tokens[0];
  if (first === undefined) return undefined;
  if (first.kind === 'string' && first.text.startsWith('"')) {
    if (first.flaw !== undefined || first.text.length < 3) return undefined;
    const name = first.text.slice(1, -1).replaceAll('\\\\', '/').replaceAll('\\', '/');
    return { name, quoted: true, length: 1, place: first.range };
  }
  if (first.text !== '<') return undefined;
  const close = tokens.findIndex((token) => token.text === '>');
  const last = tokens[close];
  if (last === undefined || close < 2) return undefined;
  const name =
    file === undefined
      ? spellingOf(tokens.slice(1, close)).trim()
      : file.text.slice(first.range.end, last.range.start).trim();
  return {
    name: name.replaceAll('\\', '/'),
    quoted: false,
    length: close + 1,
    place: file === undefined ? undefined : { file, start: first.range.start, end: last.range.end },
  };
}

/** The macro X of a file that is all `#ifndef X` .. `#endif`. */
export function includeGuard(tokens: readonly SourceToken[]): string | undefined {
  const name = tokens[2];
  if (tokens[0]?.text !== '#' || tokens[1]?.text !== 'ifndef' || name?.kind !== 'identifier') {
    return undefined;
  }
  let depth = 0;
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index];
    if (token?.text !== '#' || !token.firstInLine) continue;
    const word = tokens[index + 1]?.text;
    if (word === 'if' || word === 'ifdef' || word === 'ifndef') depth++;
    else if ((word === 'else' || word === 'elif') && depth === 1) return undefined;
    else if (word === 'endif' && --depth === 0) {
      return tokens.length === index + 2 ? name.text : undefined;
    }
  }
  return undefined;
}
