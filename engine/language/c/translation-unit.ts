/** Declarations at file scope, and how reading goes on after mistakes there. */
import type { FunctionSymbol } from '../program.ts';
import type { Token } from '../tokens.ts';
import { typeName } from '../types.ts';
import { recordBody } from './checked-bodies.ts';
import type { Context } from './context.ts';
import { isComplete, isUnknown } from './conversions.ts';
import { Declarations } from './declarations.ts';
import { describe } from './describe.ts';
import { CodeSections } from './pragmas.ts';
import { Statements } from './statements.ts';
import { cPlusPlusWords, keywords, statementWords } from './words.ts';

export class TranslationUnit {
  private readonly declarations: Declarations;
  private readonly statements: Statements;
  private readonly sections: CodeSections;
  /** After a surplus brace, statements of its function stand at file scope: they are passed over. */
  private isAstray = false;
  /** The function defined last: what stands astray behind it is taken for its own. */
  private last: FunctionSymbol | undefined;

  constructor(private readonly context: Context) {
    this.declarations = new Declarations(context);
    this.statements = new Statements(context, this.declarations);
    this.sections = new CodeSections(context.cursor.pragmas);
  }

  /** Reads all declarations of the unit. */
  parse(): void {
    const { cursor } = this.context;
    while (!cursor.atEnd) {
      const before = cursor.index;
      this.external();
      // A function inside an unclosed one is read again from its start, so the cursor may have gone back.
      if (cursor.index === before) cursor.advance();
    }
  }

  /** One declaration at file scope, or what stands in its place. */
  private external(): void {
    const { cursor } = this.context;
    const { token } = cursor;
    if (cursor.accept(';')) return;
    if (token.text === '}') {
      this.surplusBrace(token);
      return;
    }
    if (this.declarations.staticAssertion()) return;
    if (token.text === 'extern' && cursor.peek(1).kind === 'string') {
      this.linkage();
      return;
    }
    if (token.text === '__asm' || token.text === '_asm') {
      this.context.notSupported(token, 'inline assembly is');
      this.skipToDeclaration();
      return;
    }
    const isCPlusPlus =
      cPlusPlusWords.has(token.text) && this.context.scopes.ordinary.find(token.text) === undefined;
    if (isCPlusPlus) {
      this.context.notSupported(token, `C++ ('${token.text}') is`);
      this.skipToDeclaration();
      return;
    }
    if (token.kind !== 'identifier' || statementWords.has(token.text)) {
      this.notADeclaration(token);
      return;
    }
    if (!this.declarations.atDeclaration && !this.looksLikeDeclaration(token)) {
      this.notADeclaration(token);
      return;
    }
    this.declaration(token);
  }

  /** A name without a type that a body or a declarator's end follows: a declaration with the type left out. */
  private looksLikeDeclaration(token: Token): boolean {
    if (keywords.has(token.text)) return false;
    const { cursor } = this.context;
    if (cursor.peek(1).text !== '(') return false;
    // Finds what stands behind the parameter list.
    let depth = 0;
    for (let distance = 1; ; distance++) {
      const { text, kind } = cursor.peek(distance);
      if (kind === 'end') return false;
      if (text === '(') depth++;
      else if (text === ')' && --depth === 0) return cursor.peek(distance + 1).text === '{';
    }
  }

  /** A `}` that no block is open for; it ended a function too early, or closes nothing. */
  private surplusBrace(token: Token): void {
    this.context.cursor.advance();
    if (this.isAstray) return;
    this.context.error('unbalanced-brace', token, "this '}' closes nothing");
    this.goAstray();
  }

  /**
   * From here on until the next sound declaration nothing is said: it follows from the mistake
   * before.
   */
  private goAstray(): void {
    this.isAstray = true;
    if (this.last !== undefined) this.context.faulty.add(this.last);
  }

  /** Something that no declaration begins with. */
  private notADeclaration(token: Token): void {
    if (!this.isAstray) {
      const hint = statementWords.has(token.text) ? "; a '}' before it may be one too many" : '';
      this.context.syntaxError(
        'expected-declaration',
        `expected a declaration, found ${describe(token)}${hint}`,
      );
      this.goAstray();
    }
    this.skipToDeclaration();
  }

  /** Steps over a statement or a braced body, to where the next declaration may begin. */
  private skipToDeclaration(): void {
    const { cursor } = this.context;
    let depth = 0;
    let isFirst = true;
    while (!cursor.atEnd) {
      const { token } = cursor;
      if (depth === 0 && !isFirst) {
        const { text, start } = { text: token.range.file.text, start: token.range.start };
        const atLineStart = start === 0 || text.charCodeAt(start - 1) === 10;
        if (token.firstInLine && atLineStart && this.declarations.startsType(token)) return;
        if (token.text === '}') return;
      }
      isFirst = false;
      cursor.advance();
      if (token.text === '{') depth++;
      else if (token.text === '}') {
        depth--;
        if (depth <= 0) return;
      } else if (token.text === ';' && depth === 0) return;
    }
  }

  /** `extern "C"`, with or without braces. */
  private linkage(): void {
    const { cursor } = this.context;
    const word = cursor.advance();
    this.context.notSupported(word, `C++ ('extern ${cursor.token.text}') is`);
    cursor.advance();
    if (!cursor.at('{')) return;
    cursor.advance();
    while (!cursor.at('}') && !cursor.atEnd) {
      const before = cursor.index;
      this.external();
      if (cursor.index === before) cursor.advance();
    }
    cursor.accept('}');
  }

  /** Specifiers, and declarators or one function body. */
  private declaration(start: Token): void {
    const { cursor } = this.context;
    const specifiers = this.declarations.specifiers();
    if (specifiers.ended || cursor.accept(';')) {
      if (!specifiers.tagged && !isUnknown(specifiers.type)) {
        this.context.warning('no-declarator', start, 'this declares nothing');
      }
      this.isAstray = false;
      return;
    }
    for (let isFirst = true; ; isFirst = false) {
      const declarator = this.declarations.declarators.parse('named');
      const type = this.declarations.declarators.apply(declarator, specifiers.type);
      const { name } = declarator;
      if (name === undefined) break;
      if (isFirst && cursor.at('{') && specifiers.storage !== 'typedef') {
        if (type.kind === 'function') {
          this.define(this.declarations.names.declareFunction(specifiers, name, type, true), start);
          return;
        }
        this.context.syntaxError('syntax', `expected ';' or '=' after '${name.text}', found '{'`);
      }
      this.declarations.names.declare(specifiers, declarator, type);
      if (!cursor.accept(',')) break;
    }
    if (this.isAstray && this.context.isPanicking) {
      this.skipToDeclaration();
      return;
    }
    this.isAstray = false;
    this.declarations.expectSemicolon('the declaration');
  }

  /** Reads a function's body. */
  private define(symbol: FunctionSymbol, start: Token): void {
    const { result } = symbol.type;
    if (result.kind === 'record' && !isComplete(result) && !isUnknown(result)) {
      this.context.error(
        'incomplete-type',
        { range: symbol.range },
        `'${symbol.name}' returns ${typeName(result)}, which is not defined here`,
      );
    }
    const section = this.sections.at(this.context.cursor.index);
    if (section !== undefined) symbol.section ??= section;
    this.last = symbol;
    if (this.context.isPanicking) this.context.faulty.add(symbol);
    const pack = this.declarations.packing.at(this.context.cursor.index);
    recordBody(this.context, { symbol, start, pack }, () => {
      symbol.body = this.statements.body(symbol, start);
    });
    this.context.unclosedAt = undefined;
    this.isAstray = false;
  }
}
