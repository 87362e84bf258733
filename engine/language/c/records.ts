/** Structures and unions: tags, bodies, members and bit-fields. `layout.ts` gives them their places. */
import type { Token } from '../tokens.ts';
import type { CType, RecordDefinition } from '../types.ts';
import { isInteger, sizeOf, typeName } from '../types.ts';
import { numberOf } from './constants.ts';
import type { Context } from './context.ts';
import { isComplete, isUnknown, unknownType } from './conversions.ts';
import type { Place } from './cursor.ts';
import type { Declarations, Specifiers } from './declarations.ts';
import { describe } from './describe.ts';
import type { DeclaredMember } from './layout.ts';
import { layOut } from './layout.ts';
import { span } from './nodes.ts';
import { reportRedefinition, reportTagKind } from './redeclarations.ts';
import { keywords, specifierWords, statementWords } from './words.ts';

export class Records {
  constructor(
    private readonly context: Context,
    private readonly declarations: Declarations,
  ) {}

  /** `struct` or `union`, with a tag, a body or both. */
  parse(specifiers: Specifiers): CType {
    const { cursor } = this.context;
    const before = cursor.previous;
    const word = cursor.advance();
    const kind = word.text === 'union' ? 'union' : 'struct';
    const required: Specifiers = { ...specifiers };
    while (cursor.token.kind === 'identifier') {
      const what = specifierWords.get(cursor.token.text);
      if (what === 'declspec') this.declarations.declspec(required);
      else if (what === 'alignas') this.declarations.alignAs(required);
      else if (what === 'ignored' || what === 'attribute') {
        cursor.advance();
        this.declarations.expressions.skipParentheses();
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
        ? this.declarations.documentationOf(specifiers.first, specifiers.before)
        : this.declarations.documentationOf(word, before);
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
      if (found !== kind) reportTagKind(this.context, word, tag, found, known.range);
      return known.type;
    }
    const definition = newRecord(kind, tag.text);
    const type: CType = { kind: 'record', definition };
    const symbol = { kind: 'tag' as const, type, range: tag.range };
    scopes.tags.declare(tag.text, symbol);
    this.context.reference(tag, symbol, 'declaration');
    return type;
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
        reportRedefinition(this.context, tag, known.range, `${kind} ${tag.text}`);
      } else {
        const found = known.type.kind === 'record' ? known.type.definition.kind : 'enum';
        reportTagKind(this.context, word, tag, found, known.range);
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

  /**
   * Parses `{ members }` and completes the definition. False when the body was not closed and something else
   * begins at the cursor.
   */
  private members(definition: RecordDefinition, alignment: number): boolean {
    const { cursor } = this.context;
    const pack = this.declarations.packing.at(cursor.index);
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
    if (cursor.accept(';') || this.declarations.staticAssertion()) return true;
    if (!this.declarations.startsType(start) && !this.declarations.looksLikeType(start)) {
      if (this.atDeclarators()) return false;
      this.memberWithoutType(start, declared);
      return true;
    }
    const specifiers = this.declarations.specifiers();
    if (specifiers.ended || cursor.at(';')) {
      this.namelessMember(specifiers, declared, names);
      if (!specifiers.ended) cursor.advance();
      return true;
    }
    for (;;) {
      if (!this.member(specifiers, declared, names)) return false;
      if (!cursor.accept(',')) break;
    }
    this.declarations.expectSemicolon('the member', true);
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
    this.declarations.skipStatement();
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
    if (known !== undefined) reportRedefinition(this.context, token, known.range, name);
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
    const declarator = isNameless ? undefined : this.declarations.declarators.parse('named');
    let type =
      declarator === undefined
        ? specifiers.type
        : this.declarations.declarators.apply(declarator, specifiers.type);
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
      documentation: this.declarations.documentationOf(specifiers.first, specifiers.before),
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
    const parsed = this.declarations.expressions.constant('the width of a bit-field');
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
