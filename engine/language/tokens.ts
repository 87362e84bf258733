/** What the preprocessor hands to the parsers. */
import type { SourceRange } from './source.ts';

export type TokenKind =
  | 'identifier' // keywords too: the parsers know theirs
  | 'integer'
  | 'floating'
  | 'character'
  | 'string'
  | 'punctuator'
  | 'pragma' // a #pragma or __pragma line that means something to the parser; text is all behind the word
  | 'end';

/** A use of a macro, from the outermost expansion inwards. */
export interface MacroUse {
  readonly name: string;
  /** Where the macro's name stands in the text that was expanded. */
  readonly range: SourceRange;
  readonly definition: SourceRange | undefined;
  /** The use inside whose expansion this one stands. */
  readonly outer: MacroUse | undefined;
}

export interface Token {
  readonly kind: TokenKind;
  /** Spelling: `foo`, `0x10UL`, `L"abc"`, `->`. */
  readonly text: string;
  /** Where a reader looks for it: for a token out of a macro, the outermost use in the file. */
  readonly range: SourceRange;
  /** Where its characters stand (in the macro's definition, for one that comes from there). */
  readonly spelling: SourceRange;
  /** The innermost macro it came from. */
  readonly macro: MacroUse | undefined;
  /** Whether white space or a line end precedes it, and whether it is first in its line. */
  readonly spaceBefore: boolean;
  readonly firstInLine: boolean;
}
