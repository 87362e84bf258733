/** Walks the tokens of a scenario file and says what was expected where something else stands. */
import type { Diagnostic, Diagnostics } from '../diagnostics.ts';
import type { SourceFile, SourceRange } from '../source.ts';
import type { SourceToken } from '../tokenizer.ts';
import { bracketBlock } from './block.ts';
import type { Name, Region } from './tree.ts';

export class Cursor {
  index = 0;
  /** Whether the braces of the scenario being read match, so that they tell where its blocks end. */
  bracesMatch = true;
  readonly regions: Region[] = [];

  constructor(
    readonly file: SourceFile,
    readonly tokens: readonly SourceToken[],
    readonly diagnostics: Diagnostics,
  ) {}

  /** The token at the cursor; undefined at the end of the file. */
  get token(): SourceToken | undefined {
    return this.tokens[this.index];
  }

  get previous(): SourceToken | undefined {
    return this.tokens[this.index - 1];
  }

  /** The token `distance` tokens on. */
  peek(distance = 1): SourceToken | undefined {
    return this.tokens[this.index + distance];
  }

  at(text: string): boolean {
    const token = this.token;
    return token?.text === text && token.kind !== 'string';
  }

  accept(text: string): boolean {
    if (!this.at(text)) return false;
    this.index++;
    return true;
  }

  /** From the start of a token to the end of the one before the cursor. */
  rangeFrom(start: SourceRange): SourceRange {
    return {
      file: this.file,
      start: start.start,
      end: Math.max(this.previous?.range.end ?? start.end, start.end),
    };
  }

  /** Where something is missing: the end of what stands before it. */
  get gap(): SourceRange {
    const end = this.previous?.range.end ?? this.token?.range.start ?? this.file.text.length;
    return { file: this.file, start: end, end };
  }

  /** The place of the token at the cursor, or the end of the text. */
  get here(): SourceRange {
    return this.token?.range ?? this.gap;
  }

  /** How a message names the token at the cursor. */
  get found(): string {
    const token = this.token;
    if (token === undefined) return 'the end of the file';
    if (token.kind === 'string') return `the string ${token.text}`;
    return `'${token.text}'`;
  }

  error(code: string, range: SourceRange, message: string, extra: Partial<Diagnostic> = {}): void {
    this.diagnostics.error(code, range, message, { documentation: 'language.md', ...extra });
  }

  /** Reports that something else was expected at the cursor. */
  expected(what: string): void {
    if (this.token !== undefined && this.reportFlaw(this.token)) return;
    this.error('syntax', this.here, `Expected ${what}, found ${this.found}`);
  }

  /** Reports a string without its end; false for any other token. */
  private reportFlaw(token: SourceToken): boolean {
    if (token.flaw !== 'unterminated-string') return false;
    this.error(
      'unterminated-string',
      token.range,
      'The string is not closed: expected " before the end of the line',
    );
    return true;
  }

  /** A name; reports and answers undefined when there is none. */
  name(what: string): Name | undefined {
    const token = this.token;
    if (token?.kind !== 'identifier') {
      this.expected(what);
      return undefined;
    }
    this.index++;
    return { text: token.text, range: token.range };
  }

  /** A name as a word, or in quotes: a driver may be called like its file, `packet-pool`. */
  nameOrString(what: string): Name | undefined {
    return this.token?.kind === 'string' ? this.string(what) : this.name(what);
  }

  /** The contents of a string with its escapes; reports and answers undefined when there is none. */
  string(what: string): Name | undefined {
    const token = this.token;
    if (token?.kind !== 'string') {
      this.expected(what);
      return undefined;
    }
    this.index++;
    if (this.reportFlaw(token)) return { text: token.text.slice(1), range: token.range };
    const text = token.text
      .slice(1, -1)
      .replace(/\\(.)/g, (_, letter: string) =>
        letter === 'n' ? '\n' : letter === 't' ? '\t' : letter,
      );
    return { text, range: token.range };
  }

  /**
   * The `;` of a declaration. When it is missing, the next line begins something new and nothing is lost;
   * otherwise the rest of the declaration is passed over.
   */
  semicolon(after: string): void {
    if (this.accept(';')) return;
    const token = this.token;
    if (token === undefined || token.firstInLine || token.text === '}') {
      const { gap } = this;
      this.error('missing-semicolon', gap, `Expected ';' after ${after}`, {
        fix: { title: "Add ';'", edits: [{ range: gap, text: ';' }] },
      });
      return;
    }
    this.error(
      'missing-semicolon',
      token.range,
      `Expected ';' after ${after}, found ${this.found}`,
    );
    this.skipDeclaration();
  }

  /**
   * Passes over what cannot be read: behind the next `;` or block, or before a `}` or a line that begins
   * with a word of `starters`.
   */
  skipDeclaration(starters?: ReadonlyMap<string, unknown>): void {
    const start = this.index;
    for (let token = this.token; token !== undefined; token = this.token) {
      if (token.text === '}') return;
      if (token.firstInLine && this.index > start) {
        if (token.text === '#' || token.text === 'scenario') return;
        if (starters?.has(token.text) === true) return;
      }
      if (token.text === '{') {
        const block = bracketBlock(this.tokens, this.index);
        this.index = block.close === undefined ? block.end : block.end + 1;
        this.accept(';');
        return;
      }
      this.reportFlaw(token);
      this.index++;
      if (token.text === ';') return;
    }
  }
}
