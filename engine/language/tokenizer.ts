/**
 * Text to preprocessing tokens in one pass over character codes. Both dialects share it: C, and the scenario
 * language, in which `..` spans addresses (`1M..3G`).
 */
import type { SourceFile, SourceRange } from './source.ts';
import type { MacroUse, Token, TokenKind } from './tokens.ts';

/** What is wrong with a token; told only when the token is used, so that text left out by `#if` may be anything. */
export type TokenFlaw = 'unterminated-string' | 'unterminated-character' | 'stray-character';

export class SourceToken implements Token {
  constructor(
    readonly kind: TokenKind,
    readonly text: string,
    readonly range: SourceRange,
    readonly spelling: SourceRange,
    readonly macro: MacroUse | undefined,
    readonly spaceBefore: boolean,
    readonly firstInLine: boolean,
    /** The name of a macro met inside its own expansion: never expanded again. */
    readonly painted: boolean,
    readonly flaw: TokenFlaw | undefined,
  ) {}
}

export interface TokenList {
  /** Without an `end` token. */
  readonly tokens: readonly SourceToken[];
  /** Where a comment begins that does not end; undefined when all do. */
  readonly unterminatedComment: number | undefined;
  /** Comments that seem to reach further than they were meant to. */
  readonly strangeComments: readonly StrangeComment[];
}

export interface StrangeComment {
  /** `/*` within a comment, or a backslash that takes the next line into it. */
  readonly what: 'nested' | 'continued';
  readonly start: number;
  readonly end: number;
}

export type Dialect = 'c' | 'scenario';

/** Splits `file.text` from `start` to `end`. Never throws; every character is white space, comment or token. */
export function tokenize(
  file: SourceFile,
  start = 0,
  end: number = file.text.length,
  dialect: Dialect = 'c',
): TokenList {
  return new Tokenizer(file, Math.min(end, file.text.length), dialect).run(start);
}

const wholeFiles = new WeakMap<SourceFile, TokenList>();

/** The C tokens of a whole file, if somebody asked for them before. */
export const knownTokensOf = (file: SourceFile): TokenList | undefined => wholeFiles.get(file);

/** The C tokens of a whole file, kept as long as the file object is. */
export function tokensOf(file: SourceFile): TokenList {
  let list = wholeFiles.get(file);
  if (list === undefined) {
    list = tokenize(file);
    wholeFiles.set(file, list);
  }
  return list;
}

const SPACE = 1;
const NEWLINE = 2;
const LETTER = 3;
const DIGIT = 4;
const QUOTE = 5;
const PUNCTUATION = 6;
const SLASH = 7;
const DOT = 8;
const BACKSLASH = 9;

const LINE_FEED = 10;
const RETURN = 13;

const classes = ((): Uint8Array => {
  const table = new Uint8Array(128);
  for (const code of [0, 9, 11, 12, 26, 32]) table[code] = SPACE;
  table[LINE_FEED] = NEWLINE;
  table[RETURN] = NEWLINE;
  for (let code = 48; code <= 57; code++) table[code] = DIGIT;
  for (let code = 65; code <= 90; code++) {
    table[code] = LETTER;
    table[code + 32] = LETTER;
  }
  table[36] = LETTER; // $ is a letter to the Microsoft compiler
  table[95] = LETTER;
  table[34] = QUOTE;
  table[39] = QUOTE;
  for (const mark of '!#%&()*+,-:;<=>?[]^{|}~') table[mark.charCodeAt(0)] = PUNCTUATION;
  table[47] = SLASH;
  table[46] = DOT;
  table[92] = BACKSLASH;
  return table;
})();

const isNewline = (code: number): boolean => code === LINE_FEED || code === RETURN;
const letter = /[\p{ID_Continue}\u200c\u200d]/u;

function classOf(text: string, position: number): number {
  const code = text.charCodeAt(position);
  if (code < 128) return classes[code] ?? 0;
  if (code === 0xfeff || code === 0xa0 || code === 0x2028 || code === 0x2029) return SPACE;
  return letter.test(text.charAt(position)) || (code >= 0xd800 && code <= 0xdfff) ? LETTER : 0;
}

/** Length of a backslash and the line end behind it; 0 when there is no line continuation. */
function spliceAt(text: string, position: number): number {
  if (text.charCodeAt(position) !== 92) return 0;
  const next = text.charCodeAt(position + 1);
  if (next === LINE_FEED) return 2;
  if (next === RETURN) return text.charCodeAt(position + 2) === LINE_FEED ? 3 : 2;
  return 0;
}

const digraphs: Readonly<Record<string, string>> = {
  '<:': '[',
  ':>': ']',
  '<%': '{',
  '%>': '}',
  '%:': '#',
  '%:%:': '##',
};

class Tokenizer {
  private readonly text: string;
  private readonly tokens: SourceToken[] = [];
  private kind: TokenKind = 'end';
  private flaw: TokenFlaw | undefined;
  private unterminatedComment: number | undefined;
  private readonly strangeComments: StrangeComment[] = [];

  constructor(
    private readonly file: SourceFile,
    private readonly end: number,
    private readonly dialect: Dialect,
  ) {
    this.text = file.text;
  }

  run(start: number): TokenList {
    const { text, end, file, tokens } = this;
    let position = start;
    let space = false;
    let first = true;
    while (position < end) {
      const code = text.charCodeAt(position);
      const kind = code < 128 ? (classes[code] ?? 0) : classOf(text, position);
      if (kind === SPACE) {
        space = true;
        position++;
        continue;
      }
      if (kind === NEWLINE) {
        space = true;
        first = true;
        position++;
        continue;
      }
      if (kind === SLASH) {
        const behind = this.skipComment(position);
        if (behind !== position) {
          space = true;
          position = behind;
          continue;
        }
      } else if (kind === BACKSLASH) {
        const splice = spliceAt(text, position);
        if (splice > 0) {
          position += splice;
          continue;
        }
      }
      this.flaw = undefined;
      let behind = this.scan(text, position, end, kind);
      let spelling: string | undefined;
      if (behind < end && text.charCodeAt(behind) === 92 && spliceAt(text, behind) > 0) {
        [spelling, behind] = this.scanSpliced(position);
      }
      spelling ??= text.slice(position, behind);
      const range: SourceRange = { file, start: position, end: behind };
      if (this.kind === 'punctuator') spelling = digraphs[spelling] ?? spelling;
      tokens.push(
        new SourceToken(
          this.kind,
          spelling,
          range,
          range,
          undefined,
          space,
          first,
          false,
          this.flaw,
        ),
      );
      space = false;
      first = false;
      position = behind;
    }
    const { unterminatedComment, strangeComments } = this;
    return { tokens, unterminatedComment, strangeComments };
  }

  /** The position behind the comment that begins here, or the same position when none does. */
  private skipComment(start: number): number {
    const { text, end } = this;
    let position = start + 1;
    for (let splice = spliceAt(text, position); splice > 0; splice = spliceAt(text, position)) {
      position += splice;
    }
    const next = position < end ? text.charCodeAt(position) : 0;
    if (next === 47) {
      while (position < end && !isNewline(text.charCodeAt(position))) {
        const splice = spliceAt(text, position);
        if (splice > 0) this.noteComment('continued', position, position + 1);
        position += Math.max(splice, 1);
      }
      return Math.min(position, end);
    }
    if (next !== 42) return start;
    const close = text.indexOf('*/', position + 1);
    if (close < 0 || close + 2 > end) {
      this.unterminatedComment ??= start;
      return end;
    }
    if (this.file.origin === 'user') {
      const inner = text.slice(position + 1, close).indexOf('/*');
      if (inner >= 0) this.noteComment('nested', position + 1 + inner, position + 3 + inner);
    }
    return close + 2;
  }

  private noteComment(what: StrangeComment['what'], start: number, end: number): void {
    this.strangeComments.push({ what, start, end });
  }

  /** Scans one token; answers the position behind it and sets `kind` and `flaw`. */
  private scan(text: string, start: number, end: number, kind: number): number {
    switch (kind) {
      case LETTER:
        return this.scanWord(text, start, end);
      case DIGIT:
        return this.scanNumber(text, start, end);
      case QUOTE:
        return this.scanLiteral(text, start, end);
      case DOT: {
        const next = start + 1 < end ? text.charCodeAt(start + 1) : 0;
        if (next >= 48 && next <= 57 && this.dialect === 'c') {
          return this.scanNumber(text, start, end);
        }
        this.kind = 'punctuator';
        if (next !== 46) return start + 1;
        if (this.dialect === 'scenario') return start + 2;
        return start + 2 < end && text.charCodeAt(start + 2) === 46 ? start + 3 : start + 1;
      }
      case PUNCTUATION:
      case SLASH:
        this.kind = 'punctuator';
        return Math.min(start + punctuatorLength(text, start), end);
      default:
        this.kind = 'punctuator';
        this.flaw = 'stray-character';
        return start + 1;
    }
  }

  private scanWord(text: string, start: number, end: number): number {
    let position = start + 1;
    while (position < end) {
      const code = text.charCodeAt(position);
      const kind = code < 128 ? (classes[code] ?? 0) : classOf(text, position);
      if (kind !== LETTER && kind !== DIGIT) break;
      position++;
    }
    if (position - start <= 2 && position < end && this.dialect === 'c') {
      const next = text.charCodeAt(position);
      if ((next === 34 || next === 39) && /^(L|u8?|U)$/.test(text.slice(start, position))) {
        return this.scanLiteral(text, position, end);
      }
    }
    this.kind = 'identifier';
    return position;
  }

  /** A C preprocessing number, except that `0x1E+1` ends before the sign: every reader means a sum. */
  private scanNumber(text: string, start: number, end: number): number {
    const second = text.charCodeAt(start + 1) | 32;
    const hexadecimal = text.charCodeAt(start) === 48 && second === 120;
    let floating = false;
    let position = start;
    while (position < end) {
      const code = text.charCodeAt(position);
      if (code === 46) {
        if (this.dialect === 'scenario') {
          // `.` belongs to the number only between digits; `1M..3G` is a span.
          const next = text.charCodeAt(position + 1);
          if (!(next >= 48 && next <= 57)) break;
        }
        floating = true;
        position++;
        continue;
      }
      const kind = code < 128 ? (classes[code] ?? 0) : classOf(text, position);
      if (kind !== LETTER && kind !== DIGIT) break;
      position++;
      const lower = code | 32;
      const exponent = hexadecimal ? lower === 112 : lower === 101;
      if (exponent && this.dialect === 'c') {
        floating = true;
        const sign = text.charCodeAt(position);
        if (sign === 43 || sign === 45) position++;
      }
    }
    this.kind = floating ? 'floating' : 'integer';
    return Math.min(position, end);
  }

  /** A string or character literal from its quote on, up to the end of the line when it is not closed. */
  private scanLiteral(text: string, start: number, end: number): number {
    const quote = text.charCodeAt(start);
    this.kind = quote === 34 ? 'string' : 'character';
    let position = start + 1;
    while (position < end) {
      const code = text.charCodeAt(position);
      if (code === quote) return position + 1;
      if (isNewline(code)) break;
      if (code === 92) {
        // A line continuation ends the scan here; the caller sees it and takes the slow way.
        if (spliceAt(text, position) > 0) return position;
        position++;
        if (position >= end || isNewline(text.charCodeAt(position))) break;
      }
      position++;
    }
    this.flaw = quote === 34 ? 'unterminated-string' : 'unterminated-character';
    return Math.min(position, end);
  }

  /** Scans the token at `start` with all line continuations of its line taken out. */
  private scanSpliced(start: number): [string, number] {
    const { text, end } = this;
    const offsets: number[] = [];
    let line = '';
    let position = start;
    while (position < end && !isNewline(text.charCodeAt(position))) {
      const splice = spliceAt(text, position);
      if (splice > 0) {
        position += splice;
      } else {
        line += text.charAt(position);
        offsets.push(position);
        position++;
      }
    }
    this.flaw = undefined;
    const length = this.scan(line, 0, line.length, classOf(line, 0));
    return [line.slice(0, length), (offsets[length - 1] ?? start) + 1];
  }
}

function punctuatorLength(text: string, start: number): number {
  const next = text.charCodeAt(start + 1);
  switch (text.charCodeAt(start)) {
    case 43: // +
      return next === 43 || next === 61 ? 2 : 1;
    case 45: // -
      return next === 45 || next === 61 || next === 62 ? 2 : 1;
    case 38: // &
      return next === 38 || next === 61 ? 2 : 1;
    case 124: // |
      return next === 124 || next === 61 ? 2 : 1;
    case 42: // *
    case 47: // /
    case 94: // ^
    case 61: // =
    case 33: // !
      return next === 61 ? 2 : 1;
    case 37: // %
      if (next === 58) {
        return text.charCodeAt(start + 2) === 37 && text.charCodeAt(start + 3) === 58 ? 4 : 2;
      }
      return next === 61 || next === 62 ? 2 : 1;
    case 60: // <
      if (next === 60) return text.charCodeAt(start + 2) === 61 ? 3 : 2;
      return next === 61 || next === 58 || next === 37 ? 2 : 1;
    case 62: // >
      if (next === 62) return text.charCodeAt(start + 2) === 61 ? 3 : 2;
      return next === 61 ? 2 : 1;
    case 35: // #
      return next === 35 ? 2 : 1;
    case 58: // :
      return next === 62 ? 2 : 1;
    default:
      return 1;
  }
}
