/** Walks a token list. Pragma lines are set aside: they are no part of the grammar. */
import type { SourceRange } from '../source.ts';
import type { MacroUse, Token } from '../tokens.ts';

/** Where something stands, and the macro that it came out of. Tokens and expressions are places. */
export interface Place {
  readonly range: SourceRange;
  readonly macro?: MacroUse | undefined;
}

/** The text that covers both places; the first alone when they stand in different files. */
export function spanning(first: SourceRange, last: SourceRange): SourceRange {
  if (first === last || first.file !== last.file) return first;
  const { start, end } = first;
  if (start <= last.start && end >= last.end) return first;
  // Tokens out of macros may run backwards.
  return { file: first.file, start: Math.min(start, last.start), end: Math.max(end, last.end) };
}

/** The empty range right behind a place. */
export const after = (range: SourceRange): SourceRange => ({
  file: range.file,
  start: range.end,
  end: range.end,
});

/** A pragma, and the number of proper tokens before it. */
export interface Pragma {
  readonly token: Token;
  readonly index: number;
}

/** The tokens that the grammar is about; most lists have no others and are taken as they are. */
function withoutPragmas(tokens: readonly Token[], pragmas: Pragma[]): readonly Token[] {
  const first = tokens.findIndex(({ kind }) => kind === 'pragma');
  if (first < 0) return tokens;
  const proper = tokens.slice(0, first);
  for (let index = first; index < tokens.length; index++) {
    const token = tokens[index];
    if (token === undefined) break;
    if (token.kind === 'pragma') pragmas.push({ token, index: proper.length });
    else proper.push(token);
  }
  return proper;
}

export class Cursor {
  readonly pragmas: readonly Pragma[];
  /** The token at the cursor. */
  token: Token;
  private tokens: readonly Token[];
  private position = 0;
  private readonly end: Token;

  /** The list ends with an `end` token; one is made up if not. */
  constructor(tokens: readonly Token[], fallback: SourceRange) {
    const last = tokens.at(-1);
    const end: Token =
      last?.kind === 'end'
        ? last
        : {
            kind: 'end',
            text: '',
            range: last?.range ?? fallback,
            spelling: last?.range ?? fallback,
            macro: undefined,
            spaceBefore: true,
            firstInLine: true,
          };
    const pragmas: Pragma[] = [];
    this.tokens = withoutPragmas(last === end ? tokens : [...tokens, end], pragmas);
    this.pragmas = pragmas;
    this.end = end;
    this.token = this.tokens[0] ?? end;
  }

  /** Position of the token at the cursor, for `moveTo`. */
  get index(): number {
    return this.position;
  }

  /** Whether all tokens were read. */
  get atEnd(): boolean {
    return this.token === this.end;
  }

  /** The token `distance` tokens on; the end token beyond the end. */
  peek(distance: number): Token {
    return this.tokens[this.position + distance] ?? this.end;
  }

  /** The token before the cursor; at the start, the one at it. */
  get previous(): Token {
    return this.tokens[this.position - 1] ?? this.token;
  }

  /** Answers the token at the cursor and steps over it. The end token stays. */
  advance(): Token {
    const { token } = this;
    if (token !== this.end) {
      this.position++;
      this.token = this.tokens[this.position] ?? this.end;
    }
    return token;
  }

  /** Goes to a position that `index` answered before. */
  moveTo(index: number): void {
    this.position = Math.min(index, this.tokens.length - 1);
    this.token = this.tokens[this.position] ?? this.end;
  }

  /** Lets go of the tokens once all are read; a kept context must not hold them. */
  release(): void {
    this.tokens = [];
    this.position = 0;
    this.token = this.end;
  }

  /** Skips everything. */
  moveToEnd(): void {
    this.moveTo(this.tokens.length - 1);
  }

  /**
   * Whether the token at the cursor is spelt so. Literals carry their quotes and are never confused
   * with words.
   */
  at(text: string): boolean {
    return this.token.text === text;
  }

  /** Steps over the token if it is spelt so. */
  accept(text: string): boolean {
    if (this.token.text !== text) return false;
    this.advance();
    return true;
  }
}
