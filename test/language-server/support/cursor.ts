/** Texts with marks: `<|>` is the cursor, `<|words|>` a range. */

export interface MarkedText {
  readonly text: string;
  readonly offset: number;
}

/** The text without its one cursor. */
export function cursorOf(marked: string): MarkedText {
  const parts = marked.split('<|>');
  const [before = '', after = ''] = parts;
  if (parts.length !== 2) throw new Error(`There is not exactly one <|> in:\n${marked}`);
  return { text: before + after, offset: before.length };
}

export interface MarkedRange {
  readonly text: string;
  readonly range: {
    readonly start: { readonly line: number; readonly character: number };
    readonly end: { readonly line: number; readonly character: number };
  };
}

/** The text without its one marked range. */
export function rangeOf(marked: string): MarkedRange {
  const match = /^([\s\S]*?)<\|([\s\S]*?)\|>([\s\S]*)$/.exec(marked);
  if (match === null) throw new Error(`There is no <|..|> in:\n${marked}`);
  const [, before = '', inside = '', after = ''] = match;
  return {
    text: before + inside + after,
    range: { start: placeAfter(before), end: placeAfter(before + inside) },
  };
}

function placeAfter(text: string): { line: number; character: number } {
  const lines = text.split('\n');
  return { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
}

/** The text that a range of a document covers. */
export function textIn(text: string, { start, end }: MarkedRange['range']): string {
  const lines = text.split('\n');
  const offset = ({ line, character }: { line: number; character: number }): number =>
    lines.slice(0, line).reduce((sum, words) => sum + words.length + 1, 0) + character;
  return text.slice(offset(start), offset(end));
}
