/** Declarations: specifiers, structures, enumerations, and what their declarators declare. */
import { documentationBefore } from '../documentation.ts';
import type {
  EnumeratorSymbol,
  FunctionSymbol,
  Initializer,
  Statement,
  TypedefSymbol,
  Variable,
} from '../program.ts';
import type { Token } from '../tokens.ts';
import type {
  CType,
  EnumDefinition,
  Enumerator,
  FunctionType,
  RecordDefinition,
} from '../types.ts';
import {
  declarationOf,
  doubleType,
  floatType,
  integerTypes,
  isInteger,
  sizeOf,
  typeName,
  voidType,
} from '../types.ts';
import { firstNotConstant, numberOf } from './constants.ts';
import type { Context } from './context.ts';
import {
  isComplete,
  isUnknown,
  named,
  qualified,
  sameQualified,
  sameType,
  unknownType,
} from './conversions.ts';
import type { Place } from './cursor.ts';
import { after, spanning } from './cursor.ts';
import type { Declarator, ParameterTypes } from './declarators.ts';
import { Declarators } from './declarators.ts';
import type { TypeNames } from './expressions.ts';
import { describe, Expressions } from './expressions.ts';
import { Initializers } from './initializers.ts';
import type { DeclaredMember } from './layout.ts';
import { layOut } from './layout.ts';
import { isOwnText } from './narrowing.ts';
import { span } from './nodes.ts';
import { Packing } from './pragmas.ts';
import type { Ordinary } from './scopes.ts';
import { namedTypedef } from './scopes.ts';
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
  private readonly initializers: Initializers;
  readonly packing: Packing;

  constructor(private readonly context: Context) {
    this.expressions = new Expressions(context, this);
    this.declarators = new Declarators(context, this.expressions, this);
    this.initializers = new Initializers(context, this.expressions);
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
          const tagged = token.text === 'enum' ? this.enumeration(found) : this.record(found);
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
  private declspec(found: Specifiers): void {
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
  private alignAs(found: Specifiers): void {
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

  // ---- Structures and unions -----------------------------------------------------------------------

  /** `struct` or `union`, with a tag, a body or both. */
  private record(specifiers: Specifiers): CType {
    const { cursor } = this.context;
    const before = cursor.previous;
    const word = cursor.advance();
    const kind = word.text === 'union' ? 'union' : 'struct';
    const required: Specifiers = { ...specifiers };
    while (cursor.token.kind === 'identifier') {
      const what = specifierWords.get(cursor.token.text);
      if (what === 'declspec') this.declspec(required);
      else if (what === 'alignas') this.alignAs(required);
      else if (what === 'ignored' || what === 'attribute') {
        cursor.advance();
        this.expressions.skipParentheses();
      } else break;
    }
    const tag =
      cursor.token.kind === 'identifier' && !keywords.has(cursor.token.text)
        ? cursor.advance()
        : undefined;
    if (!cursor.at('{')) {
      if (tag !== undefined) return this.taggedType(word, tag, kind);
      this.context.syntaxError(
        'syntax',
        `expected a tag or '{' after '${word.text}', found ${describe(cursor.token)}`,
      );
      return unknownType;
    }
    const definition = this.openRecord(kind, word, tag);
    this.context.change(definition, 'range', (tag ?? word).range);
    const documentation =
      specifiers.storage === 'typedef'
        ? this.documentationOf(specifiers.first, specifiers.before)
        : this.documentationOf(word, before);
    if (documentation !== undefined) {
      this.context.change(definition, 'documentation', documentation);
    }
    if (!this.members(definition, required.alignment)) specifiers.ended = true;
    return { kind: 'record', definition };
  }

  /** A structure, union or enumeration that is named without a body. */
  private taggedType(word: Token, tag: Token, kind: 'struct' | 'union'): CType {
    const { scopes } = this.context;
    const known =
      this.context.cursor.at(';') && !scopes.isFileScope
        ? scopes.tags.findHere(tag.text)
        : scopes.tags.find(tag.text);
    if (known !== undefined) {
      this.context.reference(tag, known, 'read');
      const found = known.type.kind === 'record' ? known.type.definition.kind : 'enum';
      if (found !== kind) this.wrongTagKind(word, tag, found, known.range);
      return known.type;
    }
    const definition = newRecord(kind, tag.text);
    const type: CType = { kind: 'record', definition };
    const symbol = { kind: 'tag' as const, type, range: tag.range };
    scopes.tags.declare(tag.text, symbol);
    this.context.reference(tag, symbol, 'declaration');
    return type;
  }

  /** A tag is for one kind of type: `struct x` and `union x` cannot both exist in a scope. */
  private wrongTagKind(word: Token, tag: Token, kind: string, range: Place['range']): void {
    this.context.error(
      'conflicting-types',
      word,
      `'${tag.text}' is ${kind === 'enum' ? 'an enum' : `a ${kind}`}, not ${word.text === 'enum' ? 'an enum' : `a ${word.text}`}`,
      { related: [{ message: `'${tag.text}' is declared here`, range }] },
    );
  }

  /** The definition that a body is for: a new one, or one that was announced. */
  private openRecord(
    kind: 'struct' | 'union',
    word: Token,
    tag: Token | undefined,
  ): RecordDefinition {
    const { scopes } = this.context;
    if (tag === undefined) return newRecord(kind, undefined);
    const known = scopes.tags.findHere(tag.text);
    if (known !== undefined) {
      if (known.type.kind === 'record' && known.type.definition.kind === kind) {
        if (known.type.definition.members === undefined) {
          if (!this.context.mayComplete(known.type.definition)) return newRecord(kind, tag.text);
          const symbol = { kind: 'tag' as const, type: known.type, range: tag.range };
          scopes.tags.declare(tag.text, symbol);
          this.context.reference(tag, symbol, 'definition');
          return known.type.definition;
        }
        this.redefined(tag, known.range, `${kind} ${tag.text}`);
      } else {
        const found = known.type.kind === 'record' ? known.type.definition.kind : 'enum';
        this.wrongTagKind(word, tag, found, known.range);
      }
      return newRecord(kind, tag.text);
    }
    const definition = newRecord(kind, tag.text);
    const symbol = {
      kind: 'tag' as const,
      type: { kind: 'record' as const, definition },
      range: tag.range,
    };
    scopes.tags.declare(tag.text, symbol);
    this.context.reference(tag, symbol, 'definition');
    return definition;
  }

  /** Reports the second definition of a name, with a note at the first. */
  private redefined(name: Token, range: Place['range'], what: string): void {
    this.context.error('redefinition', name, `'${what}' is defined twice`, {
      related: [{ message: 'the first definition is here', range }],
    });
  }

  /**
   * Parses `{ members }` and completes the definition. False when the body was not closed and something else
   * begins at the cursor.
   */
  private members(definition: RecordDefinition, alignment: number): boolean {
    const { cursor } = this.context;
    const pack = this.packing.at(cursor.index);
    const open = cursor.advance();
    const declared: DeclaredMember[] = [];
    const names = new Map<string, Token>();
    let isClosed = true;
    if (this.context.deeper()) isClosed = this.memberList(open, declared, names);
    this.context.shallower();
    if (isClosed && declared.length === 0 && !this.context.isPanicking) {
      this.context.error(
        'no-members',
        span(open, cursor.previous),
        `a ${definition.kind} has at least one member`,
      );
    }
    if (definition.kind === 'struct') this.checkOpenArrays(declared);
    const layout = layOut(definition.kind, declared, pack, alignment);
    this.context.change(definition, 'members', layout.members);
    this.context.change(definition, 'size', layout.size);
    this.context.change(definition, 'alignment', layout.alignment);
    const required = Math.max(alignment, ...declared.map((member) => member.required));
    if (required > 0) this.context.change(definition, 'requiredAlignment', required);
    return isClosed;
  }

  /** Where an array without a length ends, nobody knows: nothing can stand behind it. */
  private checkOpenArrays(declared: readonly DeclaredMember[]): void {
    for (const { type, range } of declared.slice(0, -1)) {
      if (type.kind !== 'array' || type.length !== undefined || range === undefined) continue;
      this.context.error(
        'incomplete-type',
        { range },
        'only the last member may be an array without a length',
      );
    }
  }

  /** Members up to and with the closing brace. */
  private memberList(open: Token, declared: DeclaredMember[], names: Map<string, Token>): boolean {
    const { cursor } = this.context;
    while (!cursor.accept('}')) {
      const { token, index } = cursor;
      if (!cursor.atEnd && !this.startsOther(token)) {
        if (this.memberDeclaration(declared, names)) {
          if (cursor.index === index) cursor.advance();
          continue;
        }
        cursor.moveTo(index);
      }
      this.context.syntaxError(
        'unbalanced-brace',
        `expected '}', found ${describe(token)}`,
        token,
        { related: [{ message: "to match the '{' here", range: open.range }] },
      );
      // `struct s { int a;  NAME, *PNAME;`: the names tell that the brace alone is missing.
      return this.atDeclarators();
    }
    return true;
  }

  /** Whether names, stars and commas follow up to a semicolon. */
  private atDeclarators(): boolean {
    const { cursor } = this.context;
    if (cursor.token.kind !== 'identifier' || keywords.has(cursor.token.text)) return false;
    for (let distance = 0; ; distance++) {
      const { text, kind } = cursor.peek(distance);
      if (text === ';')
        return cursor.peek(distance + 1).firstInLine && cursor.peek(distance + 1).text !== '}';
      const fits = text === '*' || text === ',' || (kind === 'identifier' && !keywords.has(text));
      if (!fits) return false;
    }
  }

  /** Words that begin no member, but what stands behind a body. */
  private startsOther(token: Token): boolean {
    const kind = specifierWords.get(token.text);
    return kind === 'storage' || kind === 'function' || statementWords.has(token.text);
  }

  /** False when this is no member, and the body ends before it. */
  private memberDeclaration(declared: DeclaredMember[], names: Map<string, Token>): boolean {
    const { cursor } = this.context;
    const start = cursor.token;
    if (cursor.accept(';') || this.staticAssertion()) return true;
    if (!this.startsType(start) && !this.looksLikeType(start)) {
      if (this.atDeclarators()) return false;
      this.memberWithoutType(start, declared);
      return true;
    }
    const specifiers = this.specifiers();
    if (specifiers.ended || cursor.at(';')) {
      this.namelessMember(specifiers, declared, names);
      if (!specifiers.ended) cursor.advance();
      return true;
    }
    for (;;) {
      if (!this.member(specifiers, declared, names)) return false;
      if (!cursor.accept(',')) break;
    }
    this.expectSemicolon('the member', true);
    return true;
  }

  /** A name that no type stands before. */
  private memberWithoutType(start: Token, declared: DeclaredMember[]): void {
    if (start.kind === 'identifier' && !keywords.has(start.text)) {
      const what = `the member '${start.text}' has no type`;
      this.context.syntaxError('missing-type', what);
      // Uses of the member are no further mistakes.
      declared.push({
        name: start.text,
        type: unknownType,
        width: undefined,
        required: 0,
        range: start.range,
        documentation: undefined,
      });
    } else {
      this.context.syntaxError('syntax', `expected a member, found ${describe(start)}`);
    }
    this.skipStatement();
  }

  /**
   * A structure without a name inside another: its members are found as if they were the outer
   * one's. The Microsoft compiler allows this for tagged and typedef'd structures, too.
   */
  private namelessMember(
    specifiers: Specifiers,
    declared: DeclaredMember[],
    names: Map<string, Token>,
  ): void {
    const { type } = specifiers;
    if (type.kind !== 'record') {
      if (!isUnknown(type) && !(type.kind === 'enum')) {
        this.context.warning('no-declarator', specifiers.first, 'this declares nothing');
      }
      return;
    }
    if (type.definition.members === undefined) {
      // `struct tag;` inside a body only announces the tag.
      return;
    }
    for (const name of namesOf(type.definition)) {
      this.memberName(name, specifiers.first, names);
    }
    declared.push({
      name: undefined,
      type,
      width: undefined,
      required: Math.max(specifiers.alignment, requiredOf(type)),
      range: specifiers.first.range,
      documentation: undefined,
    });
  }

  /** Names are unique within a structure, those of nameless members included. */
  private memberName(name: string, token: Token, names: Map<string, Token>): void {
    const known = names.get(name);
    if (known !== undefined) this.redefined(token, known.range, name);
    names.set(name, token);
  }

  /**
   * One declarator of a member declaration, or a bit-field. False when a function's body follows
   * instead.
   */
  private member(
    specifiers: Specifiers,
    declared: DeclaredMember[],
    names: Map<string, Token>,
  ): boolean {
    const { cursor } = this.context;
    const start = cursor.token;
    const isNameless = cursor.at(':');
    const declarator = isNameless ? undefined : this.declarators.parse('named');
    let type =
      declarator === undefined
        ? specifiers.type
        : this.declarators.apply(declarator, specifiers.type);
    const name = declarator?.name;
    // A function's body: the structure before it was not closed.
    if (type.kind === 'function' && cursor.at('{')) return false;
    const width = cursor.accept(':') ? this.bitFieldWidth(type, name ?? start) : undefined;
    if (width === 0 && name !== undefined) {
      this.context.error(
        'bit-field',
        name,
        `the bit-field '${name.text}' has no bits; without a name, 0 ends a unit`,
      );
    }
    if (name === undefined && !isNameless) return true;
    if (name !== undefined) this.memberName(name.text, name, names);
    if (type.kind === 'function' || type.kind === 'void') {
      this.context.error(
        'void-variable',
        name ?? start,
        `the member '${name?.text ?? ''}' cannot be ${type.kind === 'void' ? 'void' : 'a function; a pointer to one may be meant'}`,
      );
      type = unknownType;
    } else if (!this.fitsAsMember(type)) {
      this.context.error(
        'incomplete-type',
        name ?? start,
        `the member '${name?.text ?? ''}' has the type ${typeName(type)}, which is not complete here`,
      );
      type = unknownType;
    }
    if (type.kind === 'array' && type.length === undefined && !cursor.at(';')) {
      this.context.error(
        'incomplete-type',
        name ?? start,
        'only the last member may be an array without a length',
      );
    }
    declared.push({
      name: name?.text,
      type,
      width,
      required: Math.max(specifiers.alignment, requiredOf(type)),
      range: name?.range,
      documentation: this.documentationOf(specifiers.first, specifiers.before),
    });
    return true;
  }

  /** A flexible array `[]` is the one incomplete type that a member may have. */
  private fitsAsMember(type: CType): boolean {
    if (type.kind === 'array' && type.length === undefined) return isComplete(type.element);
    return isComplete(type);
  }

  /** The width behind the colon, cut to what the declared type has room for. */
  private bitFieldWidth(type: CType, place: Place): number {
    const parsed = this.expressions.constant('the width of a bit-field');
    if (parsed === undefined) return 1;
    const width = numberOf(parsed);
    if (!isInteger(type)) {
      if (!isUnknown(type)) {
        this.context.error(
          'bit-field',
          place,
          `a bit-field has an integer type, not ${typeName(type)}`,
        );
      }
      return 1;
    }
    const room = type.kind === 'integer' && type.integer === 'bool' ? 1 : sizeOf(type) * 8;
    if (width >= 0 && width <= room) return width;
    this.context.error('bit-field', parsed, `'${typeName(type)}' has ${room} bits, not ${width}`);
    return room;
  }

  // ---- Enumerations --------------------------------------------------------------------------------

  /** `enum`, with a tag, a body or both. */
  private enumeration(specifiers: Specifiers): CType {
    const { cursor, scopes } = this.context;
    const word = cursor.advance();
    const tag =
      cursor.token.kind === 'identifier' && !keywords.has(cursor.token.text)
        ? cursor.advance()
        : undefined;
    if (cursor.at(':')) {
      this.context.notSupported(cursor.token, "an enumeration's underlying type is");
      while (!cursor.at('{') && !cursor.at(';') && !cursor.atEnd) cursor.advance();
    }
    if (!cursor.at('{')) {
      if (tag !== undefined) return this.taggedEnum(word, tag);
      this.context.syntaxError(
        'syntax',
        `expected a tag or '{' after 'enum', found ${describe(cursor.token)}`,
      );
      return unknownType;
    }
    let definition: EnumDefinition = { tag: tag?.text, enumerators: undefined, range: undefined };
    let type: CType = { kind: 'enum', definition };
    if (tag !== undefined) {
      const known = scopes.tags.findHere(tag.text);
      if (known?.type.kind === 'enum' && known.type.definition.enumerators === undefined) {
        if (this.context.mayComplete(known.type.definition)) {
          definition = known.type.definition;
          type = known.type;
        }
      } else if (known !== undefined) {
        this.redefined(tag, known.range, `enum ${tag.text}`);
      }
      const symbol = { kind: 'tag' as const, type, range: tag.range };
      scopes.tags.declare(tag.text, symbol);
      this.context.reference(tag, symbol, 'definition');
    }
    this.context.change(definition, 'range', (tag ?? word).range);
    const documentation = this.documentationOf(specifiers.first, specifiers.before);
    if (documentation !== undefined) {
      this.context.change(definition, 'documentation', documentation);
    }
    this.context.change(definition, 'enumerators', this.enumerators(type));
    return type;
  }

  /**
   * An enumeration that is named without a body; the Microsoft compiler lets its definition follow.
   */
  private taggedEnum(word: Token, tag: Token): CType {
    const { scopes } = this.context;
    const known = scopes.tags.find(tag.text);
    if (known !== undefined) {
      this.context.reference(tag, known, 'read');
      if (known.type.kind === 'record') {
        this.wrongTagKind(word, tag, known.type.definition.kind, known.range);
      }
      return known.type;
    }
    const type: CType = {
      kind: 'enum',
      definition: { tag: tag.text, enumerators: undefined, range: undefined },
    };
    const symbol = { kind: 'tag' as const, type, range: tag.range };
    scopes.tags.declare(tag.text, symbol);
    this.context.reference(tag, symbol, 'declaration');
    return type;
  }

  /** Enumerators are int constants; values above that wrap, as in `0x80000000`. */
  private enumerators(type: CType): Enumerator[] {
    const { cursor, scopes } = this.context;
    const open = cursor.advance();
    const enumerators: Enumerator[] = [];
    let next = 0;
    while (!cursor.at('}') && !cursor.atEnd) {
      const name = cursor.token;
      if (name.kind !== 'identifier' || keywords.has(name.text)) {
        this.context.syntaxError(
          'syntax',
          `expected an enumerator's name, found ${describe(name)}`,
        );
        break;
      }
      const documentation = this.documentationOf(name, cursor.previous);
      cursor.advance();
      if (cursor.accept('=')) {
        const value = this.expressions.constant(`the value of '${name.text}'`);
        if (value !== undefined) next = Number(BigInt.asIntN(32, BigInt(value.value)));
      } else if (enumerators.length > 0 && next === -0x8000_0000) {
        this.context.warning(
          'constant-overflow',
          name,
          `'${name.text}' follows the greatest int, and becomes the least`,
        );
      }
      const known = scopes.ordinary.findHere(name.text);
      const symbol: EnumeratorSymbol = {
        kind: 'enumerator',
        name: name.text,
        value: next,
        type,
        range: name.range,
        ...(documentation === undefined ? {} : { documentation }),
      };
      if (known !== undefined) this.redefined(name, known.range, name.text);
      scopes.ordinary.declare(name.text, symbol);
      this.context.reference(name, symbol, 'definition');
      enumerators.push({ name: name.text, value: next, range: name.range });
      next = (next + 1) | 0;
      if (!cursor.accept(',')) break;
    }
    if (!cursor.accept('}')) {
      this.context.syntaxError(
        'unbalanced-brace',
        `expected ',' or '}' in the enumeration, found ${describe(cursor.token)}`,
        cursor.token,
        { related: [{ message: "to match the '{' here", range: open.range }] },
      );
      this.skipTo('}');
    }
    return enumerators;
  }

  /** Steps over everything up to and with a closing token, but not over the end of a statement. */
  private skipTo(close: string): void {
    const { cursor } = this.context;
    while (!cursor.atEnd && !cursor.at(';')) {
      if (cursor.advance().text === close) return;
    }
  }

  // ---- Declared names ------------------------------------------------------------------------------

  /** Declares a declarator's name as a typedef, function or variable, with its initialiser if one follows. */
  declare(
    specifiers: Specifiers,
    declarator: Declarator,
    type: CType,
  ): { variable: Variable; initializer: Initializer | undefined } | undefined {
    const { name } = declarator;
    if (name === undefined) return undefined;
    if (specifiers.storage === 'typedef') {
      this.declareTypedef(specifiers, name, type);
      return undefined;
    }
    if (type.kind === 'function') {
      this.declareFunction(specifiers, name, type, false);
      return undefined;
    }
    const { variable, isNew } = this.declareVariable(specifiers, name, type);
    let initializer: Initializer | undefined;
    const { cursor } = this.context;
    if (cursor.at('=')) {
      if (this.context.open !== undefined) this.context.initialised.add(variable);
      initializer = this.initialise(specifiers, name, variable, cursor.advance());
    }
    if (!isUnknown(variable.type) && !isComplete(variable.type)) {
      this.checkComplete(specifiers, name, variable);
    }
    if (isNew && this.context.open !== undefined && variable.storage === 'automatic') {
      this.context.open.locals.push(variable);
    }
    return { variable, initializer };
  }

  /**
   * An object needs a type whose size is known; an array of the file scope may get its length
   * later.
   */
  private checkComplete(specifiers: Specifiers, name: Token, variable: Variable): void {
    const { type } = variable;
    if (specifiers.storage === 'extern') return;
    const isTentative = type.kind === 'array' && this.context.scopes.isFileScope;
    if (isTentative) return;
    this.context.error(
      type.kind === 'void' ? 'void-variable' : 'incomplete-type',
      name,
      type.kind === 'void'
        ? `'${name.text}' cannot be void`
        : type.kind === 'array'
          ? `the array '${name.text}' needs a length or an initialiser`
          : `'${name.text}' has the type ${typeName(type)}, which is declared but not defined here`,
    );
    this.context.change(variable, 'type', unknownType);
  }

  /** The part behind `=`. Static storage takes constants and addresses only. */
  private initialise(
    specifiers: Specifiers,
    name: Token,
    variable: Variable,
    equals: Token,
  ): Initializer | undefined {
    if (specifiers.storage === 'extern' && !this.context.scopes.isFileScope) {
      this.context.error(
        'storage-class',
        equals,
        "'extern' inside a function takes no initialiser",
      );
    }
    if (variable.type.kind !== 'array' && !isComplete(variable.type)) {
      this.expressions.assignment();
      return undefined;
    }
    const { initializer, type } = this.initializers.parse(variable.type, name.text);
    this.context.change(variable, 'type', type);
    if (variable.storage !== 'static') return initializer;
    if (variable.initializer !== undefined) this.redefined(name, variable.range, name.text);
    const culprit = firstNotConstant(initializer);
    if (culprit !== undefined) {
      this.context.error(
        'not-constant',
        culprit,
        `the initialiser of '${name.text}' must be constant: it has static storage`,
      );
    } else {
      this.context.change(variable, 'initializer', initializer);
    }
    this.context.change(variable, 'defined', true);
    return initializer;
  }

  /** The same typedef may be repeated, as C11 allows. */
  private declareTypedef(specifiers: Specifiers, name: Token, declared: CType): void {
    const { scopes } = this.context;
    // In C, wchar_t is the name of an integer type; keeping it apart lets its values be shown as characters.
    const type =
      name.text === 'wchar_t' && declared.kind === 'integer' && declared.size === 2
        ? integerTypes.wchar_t
        : declared;
    const known = scopes.ordinary.findHere(name.text);
    if (known !== undefined) {
      const isSame =
        known.kind === 'typedef' && (sameQualified(known.type, type) || isUnknown(type));
      if (!isSame) {
        this.conflict(name, known, declarationOf(type, name.text), 'typedef');
      } else {
        this.context.reference(name, known, 'declaration');
        return;
      }
    }
    const documentation = this.documentationOf(specifiers.first, specifiers.before);
    const symbol = namedTypedef({
      kind: 'typedef',
      name: name.text,
      type,
      range: name.range,
      ...(documentation === undefined ? {} : { documentation }),
    } satisfies TypedefSymbol);
    scopes.ordinary.declare(name.text, symbol);
    this.context.reference(name, symbol, 'definition');
    // `typedef struct { .. } NAME, *PNAME;`: the pointer's target is best shown as NAME.
    const isNamelessRecord = type.kind === 'record' && type.definition.tag === undefined;
    if (isNamelessRecord && type === specifiers.type && type.alias === undefined) {
      specifiers.type = named(type, name.text);
    }
  }

  /** One name for two kinds of things. A name of unknown type was complained about already. */
  private conflict(name: Token, known: Ordinary, now: string, what: string): void {
    const { range } = known;
    if (isUnknown(known.type)) return;
    this.context.error(
      'conflicting-types',
      name,
      `'${name.text}' is declared as ${what === 'typedef' ? 'a type ' : ''}${now}, but before as something else`,
      { related: [{ message: 'the declaration before is here', range }] },
    );
  }

  /** Declares a function, or finds the one that was declared before. */
  declareFunction(
    specifiers: Specifiers,
    name: Token,
    type: FunctionType,
    isDefinition: boolean,
  ): FunctionSymbol {
    const { scopes } = this.context;
    if (!scopes.isFileScope) this.context.reachesOut = true;
    const here = scopes.ordinary.findHere(name.text);
    const declared = here ?? scopes.ordinary.findOutermost(name.text);
    const documentation = this.documentationOf(specifiers.first, specifiers.before);
    const isEmptyList = type.unprototyped && this.context.cursor.previous.text === ')';
    if (isEmptyList && declared === undefined && isOwnText(name)) {
      this.context.report(
        isDefinition ? 'hint' : 'information',
        'no-prototype',
        name,
        `'${name.text}' does not say which arguments it takes, so its calls are not checked; '(void)' says none`,
      );
    }
    if (declared?.kind === 'function') {
      if (specifiers.storage === 'static' && !declared.internal) {
        // The Microsoft compiler goes on (C4211); for C itself it is an error.
        this.context.report(
          'information',
          'linkage',
          name,
          `'${name.text}' is static here, but was declared without it`,
          { related: [{ message: 'the declaration before is here', range: declared.range }] },
        );
      }
      const adds =
        isDefinition ||
        (declared.type.unprototyped && !type.unprototyped) ||
        (documentation !== undefined && declared.documentation === undefined) ||
        (specifiers.noReturn && declared.noReturn !== true);
      const known = adds ? this.context.ownFunction(declared) : declared;
      if (!isUnknown(type) && !isUnknown(known.type) && !this.agree(known.type, type)) {
        this.context.error(
          'conflicting-types',
          name,
          `'${name.text}' is declared as ${declarationOf(type, name.text)}, but before as ${declarationOf(known.type, name.text)}`,
          { related: [{ message: 'the declaration before is here', range: known.range }] },
        );
      }
      if (isDefinition) {
        if (known.body !== undefined) this.redefined(name, known.range, name.text);
        this.context.change(known, 'type', type);
        this.context.change(known, 'range', name.range);
      } else if (known.type.unprototyped && !type.unprototyped) {
        this.context.change(known, 'type', type);
      }
      if (documentation !== undefined && known.documentation === undefined) {
        this.context.change(known, 'documentation', documentation);
      }
      if (specifiers.noReturn) this.context.change(known, 'noReturn', true);
      this.context.reference(name, known, isDefinition ? 'definition' : 'declaration');
      if (here === undefined) scopes.ordinary.declare(name.text, known);
      return known;
    }
    if (here !== undefined) {
      this.conflict(name, here, declarationOf(type, name.text), 'function');
    }
    const symbol: FunctionSymbol = {
      kind: 'function',
      name: name.text,
      type,
      internal: specifiers.storage === 'static',
      inline: specifiers.inline,
      range: name.range,
      body: undefined,
      ...(documentation === undefined ? {} : { documentation }),
      ...(specifiers.noReturn ? { noReturn: true } : {}),
    };
    this.context.functions.push(symbol);
    scopes.ordinary.declare(name.text, symbol);
    this.context.reference(name, symbol, isDefinition ? 'definition' : 'declaration');
    return symbol;
  }

  /** Whether two declarations of a function may stand beside each other. */
  private agree(before: FunctionType, now: FunctionType): boolean {
    if (sameType(before, now)) return true;
    const close = (a: CType, b: CType): boolean =>
      sameType(a, b) ||
      (isInteger(a) && isInteger(b) && sizeOf(a) === sizeOf(b)) ||
      isUnknown(a) ||
      isUnknown(b);
    return (
      close(before.result, now.result) &&
      before.variadic === now.variadic &&
      before.parameters.length === now.parameters.length &&
      before.parameters.every((parameter, index) => {
        const other = now.parameters[index];
        return other !== undefined && close(parameter.type, other.type);
      })
    );
  }

  /**
   * Declares an object. At file scope declarations of one name mean one object, and `extern` in a
   * block means that of the file scope.
   */
  private declareVariable(
    specifiers: Specifiers,
    name: Token,
    type: CType,
  ): { variable: Variable; isNew: boolean } {
    const { scopes, open } = this.context;
    const isFileScope = scopes.isFileScope;
    if (specifiers.inline && isOwnText(name)) {
      this.context.warning(
        'storage-class',
        name,
        `'${name.text}' is no function: 'inline' means nothing`,
      );
    }
    const isExtern = specifiers.storage === 'extern';
    if (isExtern && !isFileScope) this.context.reachesOut = true;
    const here = scopes.ordinary.findHere(name.text);
    const found =
      here ?? (isExtern && !isFileScope ? scopes.ordinary.findOutermost(name.text) : undefined);
    if (found !== undefined) {
      const mayRepeat = isFileScope || isExtern;
      if (found.kind === 'variable' && found.storage === 'static' && mayRepeat) {
        const lacksLength = found.type.kind === 'array' && found.type.length === undefined;
        const adds = !isExtern || lacksLength || this.context.cursor.at('=');
        const known = adds ? this.context.ownVariable(found) : found;
        if (!sameType(known.type, type) && !isUnknown(type) && !isUnknown(known.type)) {
          this.context.error(
            'conflicting-types',
            name,
            `'${name.text}' is declared as ${declarationOf(type, name.text)}, but before as ${declarationOf(known.type, name.text)}`,
            { related: [{ message: 'the declaration before is here', range: known.range }] },
          );
        } else if (lacksLength) {
          this.context.change(known, 'type', type);
        }
        if (isFileScope && !isExtern && isOwnText(name)) this.checkLinkage(specifiers, name, known);
        if (!isExtern) this.context.change(known, 'defined', true);
        this.context.reference(name, known, isExtern ? 'declaration' : 'definition');
        if (here === undefined) scopes.ordinary.declare(name.text, known);
        return { variable: known, isNew: false };
      }
      if (here !== undefined) {
        if (found.kind === 'variable') this.redefined(name, found.range, name.text);
        else this.conflict(name, found, declarationOf(type, name.text), 'variable');
      }
    }
    const isStatic = isFileScope || isExtern || specifiers.storage === 'static';
    const documentation = isFileScope
      ? this.documentationOf(specifiers.first, specifiers.before)
      : undefined;
    const variable: Variable = {
      kind: 'variable',
      name: name.text,
      type,
      storage: isStatic ? 'static' : 'automatic',
      external: (isFileScope || isExtern) && specifiers.storage !== 'static',
      defined: !isExtern,
      range: name.range,
      alignment: specifiers.alignment,
      initializer: undefined,
      owner: isExtern || isFileScope ? undefined : open?.symbol,
      scope: undefined,
      ...(documentation === undefined ? {} : { documentation }),
    };
    if (isStatic) this.context.variables.push(variable);
    scopes.ordinary.declare(name.text, variable);
    this.context.reference(name, variable, isExtern ? 'declaration' : 'definition');
    return { variable, isNew: true };
  }

  /** One object is either seen by other files or not (C2370). */
  private checkLinkage(specifiers: Specifiers, name: Token, known: Variable): void {
    const isExternal = specifiers.storage !== 'static';
    if (isExternal === known.external) return;
    this.context.error(
      'linkage',
      name,
      `'${name.text}' is ${isExternal ? 'not static here, but was declared static' : 'static here, but was declared without it'}`,
      { related: [{ message: 'the declaration before is here', range: known.range }] },
    );
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
      const declared = this.declare(specifiers, declarator, type);
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

/** A structure that is announced and not yet defined. */
const newRecord = (kind: 'struct' | 'union', tag: string | undefined): RecordDefinition => ({
  kind,
  tag,
  members: undefined,
  size: 0,
  alignment: 1,
  range: undefined,
});

/** What `__declspec(align)` demands of a type. */
function requiredOf(type: CType): number {
  if (type.kind === 'array') return requiredOf(type.element);
  return type.kind === 'record' ? (type.definition.requiredAlignment ?? 0) : 0;
}

/** Names of all members, those of nameless structures included. */
function* namesOf(definition: RecordDefinition): Generator<string> {
  for (const member of definition.members ?? []) {
    if (member.name !== undefined) yield member.name;
    else if (member.type.kind === 'record') yield* namesOf(member.type.definition);
  }
}
