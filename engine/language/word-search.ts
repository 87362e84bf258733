/** Looks for a name in C text without making tokens of all of it. */
import type { SourceFile, SourceRange } from './source.ts';
import { knownTokensOf, tokensOf } from './tokenizer.ts';

/** Comments, literals and words, each as a whole; what is left between them has no words. */
const parts = new RegExp(
  [
    String.raw`\/\*[\s\S]*?(?:\*\/|$)`,
    String.raw`\/\/(?:\\\r\n|\\[\r\n]|[^\n\r])*`,
    String.raw`"(?:\\\r\n|\\[\s\S]|[^"\\\n\r])*"?`,
    String.raw`'(?:\\\r\n|\\[\s\S]|[^'\\\n\r])*'?`,
    String.raw`[\w$]+`,
  ].join('|'),
  'g',
);

/** A line continuation that does not stand where something has ended: it may be inside of a word, or of `//`. */
const splitWord = /[^\s;{}(),]\\[\r\n]/;

/** The last place where an ASCII name stands as a token; undefined when there is none. */
export function lastUse(file: SourceFile, name: string): SourceRange | undefined {
  const { text } = file;
  if (!text.includes(name)) return undefined;
  if (knownTokensOf(file) === undefined && !splitWord.test(text)) {
    let last: number | undefined;
    for (const match of text.matchAll(parts)) if (match[0] === name) last = match.index;
    if (last === undefined) return undefined;
    const end = last + name.length;
    // A letter that is none of ASCII may make it another name.
    if (!(text.charCodeAt(last - 1) > 127 || text.charCodeAt(end) > 127)) {
      return { file, start: last, end };
    }
  }
  return tokensOf(file).tokens.findLast((token) => token.text === name)?.range;
}
