/** Declarations: their specifiers, declarations in blocks, and how reading goes on behind mistakes. */
import { documentationBefore } from '../documentation.ts';
import type { Initializer, Statement } from '../program.ts';
import type { Token } from '../tokens.ts';
import type { CType } from '../types.ts';
import { doubleType, floatType, integerTypes, sizeOf, voidType } from '../types.ts';
import { numberOf } from './constants.ts';
import type { Context } from './context.ts';
import { isUnknown, qualified, unknownType } from './conversions.ts';
import type { Place } from './cursor.ts';
import { after, spanning } from './cursor.ts';
import type { ParameterTypes } from './declarators.ts';
import { Declarators } from './declarators.ts';
import { DeclaredNames } from './declared-names.ts';
import { describe } from './describe.ts';
import { Enumerations } from './enumerations.ts';
import type { TypeNames } from './expressions.ts';
import { Expressions } from './expressions.ts';
import { Initializers } from './initializers.ts';
import { isOwnText } from './narrowing.ts';
import { span } from './nodes.ts';
import { Packing } from './pragmas.ts';
import { Records } from './records.ts';
import type { SpecifierWord } from './words.ts';
import { keywords, specifierWords, statementWords } from './words.ts';

export interface Specifiers {
  readonly first: Token;
  /** The token before the first. */
  readonly before: Token;
  type: CType;
  storage: 'typedef' | 'extern' | 'static' | 'register' | 'auto' | undefined;
  inline: boolean;
  noReturn: boolean;
  /** `__declspec(align(n))`, or 0. */
  alignment: number;
  /** Whether a structure or enumeration was named or defined: enough without a declarator. */
  tagged: boolean;
  /** The semicolon behind a body was missing, and was reported: the declaration ends here. */
  ended: boolean;
}

type DeclarationStatement = Statement & { readonly kind: 'declaration' };

const basicTypes: ReadonlyMap<string, CType> = new Map<string, CType>([
  ['void', voidType],
  ['_Bool', integerTypes.bool],
  ['char', integerTypes.char],
  ['char signed', integerTypes['signed char']],
  ['char unsigned', integerTypes['unsigned char']],
  ['short', integerTypes.short],
  ['short signed', integerTypes.short],
  ['short unsigned', integerTypes['unsigned short']],
  ['int', integerTypes.int],
  ['signed', integerTypes.int],
  ['unsigned', integerTypes['unsigned int']],
  ['long', integerTypes.long],
  ['long signed', integerTypes.long],
  ['long unsigned', integerTypes['unsigned long']],
  ['long long', integerTypes['long long']],
  ['long long signed', integerTypes['long long']],
  ['long long unsigned', integerTypes['unsigned long long']],
  ['float', floatType],
  ['double', doubleType],
  ['double long', doubleType],
  ['__wchar_t', integerTypes.wchar_t],
]);

/** Microsoft's words for sizes, as the standard words they equal. */
const sizedWords: ReadonlyMap<string, readonly string[]> = new Map([
  ['__int8', ['char']],
  ['__int16', ['short']],
  ['__int32', ['int']],
  ['__int64', ['long', 'long']],
  ['__signed', ['signed']],
]);

export class Declarations implements TypeNames, ParameterTypes {
  readonly expressions: Expressions;
  readonly declarators: Declarators;
  readonly names: DeclaredNames;
  private readonly initializers: Initializers;
  private readonly records: Records;
  private readonly enumerations: Enumerations;
  readonly packing: Packing;

  constructor(private readonly context: Context) {
    this.expressions = new Expressions(context, this);
    this.declarators = new Declarators(context, this.expressions, this);
    this.initializers = new Initializers(context, this.expressions);
    this.names = new DeclaredNames(context, this, this.initializers);
    this.records = new Records(context, this);
    this.enumerations = new Enumerations(context, this);
    this.packing = new Packing(context.cursor.pragmas, context.pack);
  }

  // ---- Where types begin ---------------------------------------------------------------------------

  /**
   * Whether a declaration or type name begins with the token: a word of C or a typedef in scope.
   */
  startsType(token: Token): boolean {
    if (token.kind !== 'identifier') return false;
    return (
      specifierWords.has(token.text) ||
      this.context.scopes.ordinary.find(token.text)?.kind === 'typedef'
    );
  }

  /** An undeclared name at the cursor, followed by what a declared name would be: a misspelt type. */
  looksLikeType(token: Token): boolean {
    if (token.kind !== 'identifier' || keywords.has(token.text)) return false;
    const symbol = this.context.scopes.ordinary.find(token.text);
    if (symbol !== undefined) return symbol.kind === 'typedef';
    const { cursor } = this.context;
    let distance = 1;
    while (cursor.peek(distance).text === '*') distance++;
    const behind = cursor.peek(distance);
    if (behind.kind !== 'identifier' || (keywords.has(behind.text) && !this.startsType(behind))) {
      return false;
    }
    // At file scope an annotation may stand in a line of its own; in a function a semicolon is missing.
    if (distance === 1) return !behind.firstInLine || this.context.scopes.isFileScope;
    // `a * b;` of undeclared names declares; `a * b + c` computes.
    return [';', '=', ',', ')', '[', '('].includes(cursor.peek(distance + 1).text);
  }

  /** A type name as in a cast: specifiers and a declarator without a name. */
  typeName(): CType {
    const specifiers = this.specifiers();
    const declarator = this.declarators.parse('abstract');
    return this.declarators.apply(declarator, specifiers.type);
  }

  /**
   * The specifiers of a parameter; `register` is the only storage class that C allows and means
   * nothing.
   */
  parameterBase(): CType {
    return this.specifiers().type;
  }

  /** A list in braces, as compound literals have it. */
  braced(type: CType): { readonly initializer: Initializer; readonly type: CType } {
    return this.initializers.braced(type);
  }

  // ---- Specifiers ----------------------------------------------------------------------------------

  /** Parses declaration specifiers; a missing type is reported and unknown. */
  specifiers(): Specifiers {
    const { cursor, scopes } = this.context;
    const first = cursor.token;
    const found: Specifiers = {
      first,
      before: cursor.previous,
      type: unknownType,
      storage: undefined,
      inline: false,
      noReturn: false,
      alignment: 0,
      tagged: false,
      ended: false,
    };
    let type: CType | undefined;
    let isConst = false;
    let isVolatile = false;
    const basic: string[] = [];
    let basicToken: Token | undefined;
    while (cursor.token.kind === 'identifier' && !found.ended) {
      const { token } = cursor;
      const word = specifierWords.get(token.text);
      if (word === undefined) {
        if (type !== undefined || basic.length > 0) break;
        const symbol = scopes.ordinary.find(token.text);
        if (symbol?.kind === 'typedef') {
          type = symbol.named;
          this.context.reference(token, symbol, 'read');
          cursor.advance();
          continue;
        }
        if (!this.looksLikeType(token)) break;
        this.context.unknownTypeName(token);
        cursor.advance();
        // An annotation that is not known stands before the type itself.
        if (!this.startsType(cursor.token) && !this.looksLikeType(cursor.token)) type = unknownType;
        continue;
      }
      const kind: SpecifierWord = word;
      switch (kind) {
        case 'storage':
          this.storage(found, cursor.advance());
          break;
        case 'qualifier':
          cursor.advance();
          if (token.text === 'const' || token.text === '__const') {
            if (isConst) this.repeatedQualifier(token);
            isConst = true;
          } else if (token.text.includes('volatile')) {
            if (isVolatile) this.repeatedQualifier(token);
            isVolatile = true;
          }
          break;
        case 'basic':
          cursor.advance();
          basicToken ??= token;
          basic.push(...(sizedWords.get(token.text) ?? [token.text]));
          break;
        case 'tagged': {
          const tagged =
            token.text === 'enum' ? this.enumerations.parse(found) : this.records.parse(found);
          if (type !== undefined || basic.length > 0) {
            this.twoTypes(token);
            basicToken = undefined;
          }
          type ??= tagged;
          found.tagged = true;
          found.ended ||= this.endsWithBody();
          break;
        }
        case 'function':
          cursor.advance();
          if (token.text === '_Noreturn') found.noReturn = true;
          else found.inline = true;
          break;
        case 'ignored':
          cursor.advance();
          if (token.text === '__based') this.expressions.skipParentheses();
          break;
        case 'declspec':
          this.declspec(found);
          break;
        case 'attribute':
          cursor.advance();
          this.expressions.skipParentheses();
          break;
        case 'alignas':
          this.alignAs(found);
          break;
        case 'refused':
          cursor.advance();
          this.context.notSupported(token, `'${token.text}' is`);
          this.expressions.skipParentheses();
          type = unknownType;
          break;
      }
    }
    if (basicToken !== undefined) {
      if (type !== undefined && !isUnknown(type)) this.twoTypes(basicToken);
      type ??= this.basicType(basic, basicToken);
    }
    if (type === undefined) {
      this.missingType(first);
      type = unknownType;
    }
    found.type = qualified(type, { const: isConst, volatile: isVolatile });
    return found;
  }

  /** The same word twice (C4114): another one was meant, or a star between them. */
  private repeatedQualifier(token: Token): void {
    if (!isOwnText(token)) return;
    this.context.warning('duplicate-qualifier', token, `'${token.text}' stands here twice`);
  }

  /** `struct s { .. }` and, in the next line, another declaration: the semicolon is missing. */
  private endsWithBody(): boolean {
    const { cursor } = this.context;
    const { token, previous } = cursor;
    if (previous.text !== '}' || !token.firstInLine || !this.startsType(token)) return false;
    if (specifierWords.get(token.text) === 'ignored') return false;
    this.expectSemicolon('the definition');
    return true;
  }

  /** One storage class a declaration. */
  private storage(found: Specifiers, token: Token): void {
    if (found.storage !== undefined) {
      this.context.error(
        'storage-class',
        token,
        `'${token.text}' beside '${found.storage}': a declaration takes one of them`,
      );
      return;
    }
    found.storage = token.text as Specifiers['storage'];
  }

  /** `int char x`, or `struct s { .. } int x` in one line. */
  private twoTypes(token: Token): void {
    this.context.error(
      'two-types',
      token,
      `'${token.text}' behind another type: a declaration takes one`,
    );
  }

  /** The words of a basic type may stand in any order: `long unsigned int`. */
  private basicType(words: string[], token: Token): CType {
    const key = words
      .filter((word) => word !== 'int' || words.length === 1)
      .toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))
      .join(' ');
    const type = basicTypes.get(key === '' ? 'int' : key);
    if (type !== undefined) return type;
    this.context.error('two-types', token, `'${words.join(' ')}' is no type`);
    return unknownType;
  }

  /**
   * C99 knows no implicit int; what is declared is of unknown type, so that its uses are not
   * complained about.
   */
  private missingType(first: Token): void {
    const { cursor } = this.context;
    const { token } = cursor;
    const name =
      token.kind === 'identifier' && !keywords.has(token.text) ? ` of '${token.text}'` : '';
    this.context.syntaxError(
      'missing-type',
      name === ''
        ? `expected a type, found ${describe(token)}`
        : `the declaration${name} has no type`,
      name === '' ? first : token,
    );
  }

  /** `__declspec(..)`: align and noreturn mean something here, dllimport and the rest do not. */
  declspec(found: Specifiers): void {
    const { cursor } = this.context;
    cursor.advance();
    const open = cursor.token;
    if (!cursor.accept('(')) {
      this.context.syntaxError('syntax', `expected '(', found ${describe(open)}`);
      return;
    }
    while (!cursor.at(')') && !cursor.atEnd) {
      const word = cursor.advance();
      if (word.text === 'align' && cursor.at('(')) {
        const inner = cursor.advance();
        const value = this.expressions.constant('an alignment');
        this.expressions.expect(')', inner, "the '('");
        this.setAlignment(found, value === undefined ? 0 : numberOf(value), word);
      } else {
        if (word.text === 'noreturn') found.noReturn = true;
        this.expressions.skipParentheses();
      }
    }
    this.expressions.expect(')', open, "the '('");
  }

  /** C11 `_Alignas(n)` and `_Alignas(type)`. */
  alignAs(found: Specifiers): void {
    const { cursor } = this.context;
    const word = cursor.advance();
    const open = cursor.token;
    if (!cursor.accept('(')) return;
    if (this.startsType(cursor.token)) {
      this.setAlignment(found, Math.max(sizeOf(this.typeName()), 1), word);
    } else {
      const value = this.expressions.constant('an alignment');
      this.setAlignment(found, value === undefined ? 0 : numberOf(value), word);
    }
    this.expressions.expect(')', open, "the '('");
  }

  /** The strictest of several alignments counts. */
  private setAlignment(found: Specifiers, alignment: number, place: Place): void {
    if (alignment !== 0 && (!Number.isInteger(Math.log2(alignment)) || alignment > 8192)) {
      this.context.error(
        'alignment',
        place,
        `an alignment is a power of two up to 8192, not ${alignment}`,
      );
      return;
    }
    found.alignment = Math.max(found.alignment, alignment);
  }

  // ---- Declarations in blocks ----------------------------------------------------------------------

  /** Whether a declaration begins at the cursor. */
  get atDeclaration(): boolean {
    const { token } = this.context.cursor;
    if (token.kind !== 'identifier') return false;
    return this.startsType(token) || this.looksLikeType(token);
  }

  /** A declaration inside a function, its semicolon included. */
  local(): DeclarationStatement {
    const { cursor } = this.context;
    const start = cursor.token;
    const startIndex = cursor.index;
    const variables: DeclarationStatement['variables'][number][] = [];
    const finish = (): DeclarationStatement => ({
      kind: 'declaration',
      variables,
      range: spanning(start.range, cursor.previous.range),
    });
    const specifiers = this.specifiers();
    if (specifiers.ended || cursor.accept(';')) return finish();
    for (;;) {
      const first = cursor.token;
      const declarator = this.declarators.parse('named');
      const type = this.declarators.apply(declarator, specifiers.type);
      if (declarator.name === undefined) break;
      if (type.kind === 'function' && cursor.at('{') && specifiers.storage !== 'typedef') {
        this.functionInside(declarator.name, startIndex);
        return finish();
      }
      const declared = this.names.declare(specifiers, declarator, type);
      if (declared?.variable.storage === 'automatic') {
        const range = spanning(first.range, cursor.previous.range);
        variables.push({ ...declared, range });
      }
      if (!cursor.accept(',')) break;
    }
    this.expectSemicolon('the declaration');
    return finish();
  }

  /** A function definition inside another one: a brace was forgotten. */
  private functionInside(name: Token, startIndex: number): void {
    const { open, cursor } = this.context;
    if (open === undefined) return;
    this.context.error(
      'unbalanced-brace',
      name,
      `expected '}' before the definition of '${name.text}': '${open.symbol.name}' is not closed`,
      { related: [{ message: `'${open.symbol.name}' begins here`, range: open.symbol.range }] },
    );
    cursor.moveTo(startIndex);
    this.context.unclosedAt = startIndex;
  }

  // ---- Ends and recovery ---------------------------------------------------------------------------

  /** `_Static_assert(condition, "text");` at the cursor. */
  staticAssertion(): boolean {
    const { cursor, scopes } = this.context;
    const word = cursor.token;
    const isWord =
      word.text === '_Static_assert' ||
      (word.text === 'static_assert' && scopes.ordinary.find(word.text) === undefined);
    if (!isWord || cursor.peek(1).text !== '(') return false;
    cursor.advance();
    const open = cursor.advance();
    const condition = this.expressions.constant('the condition of a static assertion');
    let text = '';
    if (cursor.accept(',')) {
      const message = cursor.token;
      if (message.kind === 'string') text = `: ${message.text}`;
      while (cursor.token.kind === 'string') cursor.advance();
    }
    this.expressions.expect(')', open, "the '('");
    if (condition?.value === 0) {
      this.context.error(
        'assertion-failed',
        span(word, cursor.previous),
        `the static assertion is false${text}`,
      );
    }
    this.expectSemicolon('the static assertion');
    return true;
  }

  /**
   * Takes a semicolon. When it is missing, that is reported right behind the token before, and reading goes on
   * as if it were there, if the next token can begin something new.
   */
  expectSemicolon(what: string, isMember = false): void {
    const { cursor } = this.context;
    if (cursor.accept(';')) return;
    const { token } = cursor;
    if (this.context.isPanicking) {
      this.skipStatement();
      return;
    }
    const { previous } = cursor;
    if (isUnterminated(previous)) {
      // The preprocessor reported it: the semicolon is inside.
      this.skipStatement();
      return;
    }
    const place = { range: after(previous.range), macro: previous.macro };
    this.context.syntaxError(
      'missing-semicolon',
      `expected ';' after ${what}, found ${describe(token)}`,
      place,
      { fix: { title: "Insert ';'", edits: [{ range: place.range, text: ';' }] } },
    );
    const isNew =
      token.firstInLine ||
      token.text === '}' ||
      statementWords.has(token.text) ||
      (isMember && this.startsType(token));
    if (!isNew) this.skipStatement();
  }

  /** Steps over what is left of a statement that could not be read. */
  skipStatement(): void {
    const { cursor } = this.context;
    while (!cursor.atEnd) {
      const { token } = cursor;
      if (token.text === ';') {
        cursor.advance();
        return;
      }
      if (token.text === '}') return;
      if (token.text === '{') {
        this.expressions.skipBraces();
        return;
      }
      if (token.firstInLine && (statementWords.has(token.text) || this.startsType(token))) return;
      cursor.advance();
    }
  }

  /** The documentation comment before a declaration; `before` is the token before its first one. */
  documentationOf(first: Token, before: Token): string | undefined {
    const { file, start } = first.range;
    // Most declarations have none, and the gap before them is short: it is looked at first.
    if (before !== first && before.range.file === file && before.range.end <= start) {
      if (!file.text.slice(before.range.end, start).includes('*/')) return undefined;
    }
    return documentationBefore(file, start);
  }
}

/** A literal whose closing quote is missing. */
function isUnterminated({ kind, text }: Token): boolean {
  if (kind !== 'string' && kind !== 'character') return false;
  const open = text.search(/['"]/);
  return text.length < open + 2 || text.at(-1) !== text.charAt(open);
}
