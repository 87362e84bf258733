/** Looks for a name in C text without making tokens of all of it. */
import type { SourceFile, SourceRange } from './source.ts';
import { knownTokensOf, tokensOf } from './tokenizer.ts';

/** What may hold a name that is none: comments and literals, each as a whole. */
const others = [
  String.raw`\/\*[\s\S]*?(?:\*\/|$)`,
  String.raw`\/\/(?:\\\r\n|\\[\r\n]|[^\n\r])*`,
  String.raw`"(?:\\\r\n|\\[\s\S]|[^"\\\n\r])*"?`,
  String.raw`'(?:\\\r\n|\\[\s\S]|[^'\\\n\r])*'?`,
];

/** A line continuation that does not stand where something has ended: it may be inside of a word, or of `//`. */
const splitWord = /[^\s;{}(),]\\[\r\n]/;

/** Whether a character may be part of a word, as far as ASCII goes. */
const isWordPart = (character: string): boolean => /[\w$]/.test(character);

/** The last place where an ASCII name stands as a token; undefined when there is none. */
export function lastUse(file: SourceFile, name: string): SourceRange | undefined {
  const { text } = file;
  if (!text.includes(name)) return undefined;
  if (knownTokensOf(file) === undefined && !splitWord.test(text)) {
    const parts = new RegExp([...others, name].join('|'), 'g');
    let last: number | undefined;
    for (let from = 0; parts.test(text); from = parts.lastIndex) {
      const start = parts.lastIndex - name.length;
      if (!text.startsWith(name, start) || start < from) continue;
      // A comment or literal may end so: it begins before.
      parts.lastIndex = from;
      if (parts.exec(text)?.index !== start) continue;
      if (isWordPart(text.charAt(start - 1)) || isWordPart(text.charAt(parts.lastIndex))) continue;
      last = start;
    }
    if (last === undefined) return undefined;
    const end = last + name.length;
    // A letter that is none of ASCII may make it another name.
    if (!(text.charCodeAt(last - 1) > 127 || text.charCodeAt(end) > 127)) {
      return { file, start: last, end };
    }
  }
  return tokensOf(file).tokens.findLast((token) => token.text === name)?.range;
}
