/** Initialisers: braces, elided braces, designators, strings; flattened to offsets. */
import type { Expression, Initializer, InitializerItem } from '../program.ts';
import type { Token } from '../tokens.ts';
import type { ArrayType, CType, Member, RecordType } from '../types.ts';
import { findMember, isInteger, sizeOf, typeName } from '../types.ts';
import { assigned } from './assignability.ts';
import { numberOf } from './constants.ts';
import type { Context } from './context.ts';
import { replacement } from './context.ts';
import { isComplete, isUnknown, sameType, unqualified } from './conversions.ts';
import { describe } from './describe.ts';
import type { Expressions } from './expressions.ts';
import { span } from './nodes.ts';
import { checkOverridden } from './suspicions.ts';

/** An object or a part of one, that values are put into. */
interface Target {
  readonly type: CType;
  readonly offset: number;
  readonly bits?: Member['bits'];
}

/** Elements of an array whose length its initialiser decides. */
interface Extent {
  highest: number;
}

/** What a string literal may initialise. */
const isCharacterArray = (type: CType): type is ArrayType =>
  type.kind === 'array' && isInteger(type.element) && sizeOf(type.element) <= 2;

const isAggregate = (type: CType): type is ArrayType | RecordType =>
  type.kind === 'array' || type.kind === 'record';

export class Initializers {
  private items: InitializerItem[] = [];

  constructor(
    private readonly context: Context,
    private readonly expressions: Expressions,
  ) {}

  /** What stands behind `=`. Answers the type completed by it. `name` is the object's, for messages. */
  parse(type: CType, name: string): { initializer: Initializer; type: CType } {
    const { cursor } = this.context;
    if (cursor.at('{')) return this.braced(type);
    const value = this.expressions.assignment();
    if (isCharacterArray(type) && value.kind === 'string') return this.fromString(type, value);
    if (type.kind === 'array') {
      if (value.kind !== 'error') {
        this.context.error(
          'wrong-type',
          value,
          `the array '${name}' needs a list in braces${isCharacterArray(type) ? ' or a string' : ''}, found ${typeName(unqualified(value.type))}`,
        );
      }
      return { initializer: { kind: 'value', value: { ...value, kind: 'error' } }, type };
    }
    const converted = assigned(this.context, value, type, `the initialiser of '${name}'`);
    return { initializer: { kind: 'value', value: converted }, type };
  }

  /** A list in braces for an object of the type. */
  braced(type: CType): { initializer: Initializer; type: CType } {
    const outer = this.items;
    this.items = [];
    const open = this.context.cursor.token;
    const extent: Extent = { highest: 0 };
    const only = this.soleString(type);
    if (only !== undefined) {
      this.items = outer;
      return this.fromString(type as ArrayType, only);
    }
    this.list({ type, offset: 0 }, extent);
    const range = span(open, this.context.cursor.previous).range;
    const initializer: Initializer = { kind: 'list', range, items: this.items };
    this.items = outer;
    if (type.kind === 'array' && type.length === undefined) {
      return { initializer, type: { ...type, length: extent.highest } };
    }
    return { initializer, type };
  }

  /** `{ "text" }` for a character array. */
  private soleString(type: CType): (Expression & { kind: 'string' }) | undefined {
    const { cursor } = this.context;
    if (!isCharacterArray(type) || cursor.peek(1).kind !== 'string') return undefined;
    let distance = 1;
    while (cursor.peek(distance).kind === 'string') distance++;
    if (cursor.peek(distance).text === ',') distance++;
    if (cursor.peek(distance).text !== '}') return undefined;
    cursor.advance();
    const value = this.expressions.assignment();
    cursor.accept(',');
    cursor.accept('}');
    return value.kind === 'string' ? value : undefined;
  }

  /** A literal for a character array, whose length it may decide. */
  private fromString(
    type: ArrayType,
    value: Expression & { kind: 'string' },
  ): { initializer: Initializer; type: CType } {
    const bytes = this.stringBytes(type, value);
    const width = sizeOf(type.element);
    const complete: CType =
      type.length === undefined ? { ...type, length: value.bytes.length / width } : type;
    return { initializer: { kind: 'bytes', bytes, range: value.range }, type: complete };
  }

  /** The literal's bytes, cut to the array. */
  private stringBytes(type: ArrayType, value: Expression & { kind: 'string' }): Uint8Array {
    const width = sizeOf(type.element);
    const given = value.type.kind === 'array' ? sizeOf(value.type.element) : 1;
    if (given !== width) {
      this.context.error(
        'wrong-type',
        value,
        `an array of ${typeName(type.element)} needs a ${width === 2 ? 'wide string (L"..")' : 'string without L'}`,
      );
    }
    const room = (type.length ?? Number.POSITIVE_INFINITY) * width;
    // The terminator alone may be cut off.
    if (value.bytes.length - width > room) {
      this.context.error(
        'excess-initializers',
        value,
        `the string has ${value.bytes.length / width - 1} characters, the array room for ${type.length}`,
      );
    }
    return value.bytes.length > room ? value.bytes.slice(0, room) : value.bytes;
  }

  // ---- Lists ---------------------------------------------------------------------------------------

  /** A whole `{ .. }` at the cursor. */
  private list(target: Target, extent: Extent): void {
    const { cursor } = this.context;
    const open = cursor.advance();
    if (!this.context.deeper()) {
      this.context.shallower();
      return;
    }
    const { type } = target;
    if (!isAggregate(type)) {
      if (!cursor.at('}')) {
        this.element(target);
        cursor.accept(',');
      }
    } else if (type.kind === 'record' && type.definition.members === undefined) {
      if (!isUnknown(type)) {
        this.context.error('incomplete-type', open, `${typeName(type)} is not defined here`);
      }
      this.skipRest();
    } else {
      this.aggregate({ ...target, type }, true, extent, undefined, false);
    }
    if (!cursor.at('}') && !this.context.isPanicking && !isUnknown(type)) {
      this.context.error(
        'excess-initializers',
        cursor.token,
        `more values than ${typeName(unqualified(type))} takes`,
      );
      this.skipRest();
    } else if (!cursor.at('}')) {
      this.skipRest();
    }
    this.expressions.expect('}', open, "the '{'");
    this.context.shallower();
  }

  /** Steps to the closing brace of the list. */
  private skipRest(): void {
    const { cursor } = this.context;
    let depth = 0;
    while (!cursor.atEnd) {
      const { text } = cursor.token;
      if (text === ';' || (text === '}' && depth === 0)) return;
      if (text === '{' || text === '(') depth++;
      else if (text === '}' || text === ')') depth--;
      cursor.advance();
    }
  }

  /**
   * Values for the parts of an array or record: all of a braced list, or, where the braces were left out, as
   * many as there are parts. `first` is a value that was read already; `designated` says that the cursor is at
   * a designator for a part of this aggregate.
   */
  private aggregate(
    target: Target & { readonly type: ArrayType | RecordType },
    isBraced: boolean,
    extent: Extent,
    first: Expression | undefined,
    designated: boolean,
  ): void {
    const { cursor } = this.context;
    let position = 0;
    let pending = first;
    let atDesignator = designated;
    for (;;) {
      if (pending === undefined && (cursor.at('}') || cursor.atEnd)) return;
      const before = cursor.index;
      const { token } = cursor;
      if (pending === undefined && (token.text === '.' || token.text === '[')) {
        if (!isBraced && !atDesignator) return;
        atDesignator = false;
        const next = this.designated(target, extent);
        if (next === undefined) {
          if (!isBraced) return;
          this.skipElement();
        } else {
          position = next;
        }
      } else {
        const part = this.part(target, position);
        if (part === undefined) return;
        this.element(part, pending);
        pending = undefined;
        position++;
      }
      extent.highest = Math.max(extent.highest, position);
      if (!cursor.at(',')) return;
      if (isBraced) {
        cursor.advance();
      } else {
        const next = cursor.peek(1).text;
        const hasMore = this.part(target, position) !== undefined;
        if (!hasMore || next === '}' || next === '.' || next === '[') return;
        cursor.advance();
      }
      if (cursor.index === before) return;
    }
  }

  /** The part at a position; undefined past the last one. */
  private part(
    { type, offset }: Target & { readonly type: ArrayType | RecordType },
    position: number,
  ): Target | undefined {
    if (type.kind === 'array') {
      if (type.length !== undefined && position >= type.length) return undefined;
      return { type: type.element, offset: offset + position * sizeOf(type.element) };
    }
    const { kind, members = [] } = type.definition;
    const member = kind === 'union' && position > 0 ? undefined : members[position];
    return member === undefined ? undefined : memberTarget(member, offset);
  }

  /** One value, or a nested list, for a part. */
  private element(target: Target, read?: Expression): void {
    const { cursor } = this.context;
    const { type } = target;
    if (read === undefined && cursor.at('{')) {
      if (isAggregate(type)) {
        const only = this.soleString(type);
        if (only !== undefined)
          this.put(target, this.fromString(type as ArrayType, only).initializer);
        else this.list(target, { highest: 0 });
      } else {
        this.list(target, { highest: 0 });
      }
      return;
    }
    const value = read ?? this.expressions.assignment();
    if (!isAggregate(type)) {
      const converted = assigned(this.context, value, type, 'the initialiser', target.bits);
      this.put(target, { kind: 'value', value: converted });
    } else if (value.kind === 'string' && isCharacterArray(type)) {
      this.put(target, this.fromString(type, value).initializer);
    } else if (value.kind === 'error' || (type.kind === 'record' && sameType(type, value.type))) {
      this.put(target, { kind: 'value', value });
    } else if (type.kind === 'record' && type.definition.members === undefined) {
      this.context.error('incomplete-type', value, `${typeName(type)} is not defined here`);
    } else {
      if (!this.context.deeper()) {
        this.context.shallower();
        return;
      }
      this.aggregate({ ...target, type }, false, { highest: 0 }, value, false);
      this.context.shallower();
    }
  }

  /** Adds a value for a part. */
  private put(target: Target, initializer: Initializer): void {
    const { offset, type, bits } = target;
    this.items.push(
      bits === undefined ? { offset, type, initializer } : { offset, type, bits, initializer },
    );
  }

  // ---- Designators ---------------------------------------------------------------------------------

  /** `.member = v` or `[index] = v`, or a longer chain; answers the position to go on at. */
  private designated(
    target: Target & { readonly type: ArrayType | RecordType },
    extent: Extent,
  ): number | undefined {
    const { cursor } = this.context;
    const designator = cursor.advance();
    const found =
      designator.text === '.'
        ? this.memberDesignator(target, designator)
        : this.indexDesignator(target, designator, extent);
    if (found === undefined) return undefined;
    const { part, position } = found;
    if (cursor.at('.') || cursor.at('[')) {
      if (!isAggregate(part.type) || !isComplete(part.type)) {
        this.context.error(
          'not-a-record',
          cursor.token,
          `no part of ${typeName(part.type)} can be designated`,
        );
        return undefined;
      }
      if (this.context.deeper()) {
        this.aggregate({ ...part, type: part.type }, false, { highest: 0 }, undefined, true);
      }
      this.context.shallower();
      return position + 1;
    }
    if (!cursor.accept('=')) {
      this.context.syntaxError('syntax', `expected '=', found ${describe(cursor.token)}`);
    }
    checkOverridden(this.context, this.items, part, designator);
    this.element(part);
    return position + 1;
  }

  /** `.name`, also of a member of a nameless structure. */
  private memberDesignator(
    target: Target & { readonly type: ArrayType | RecordType },
    dot: Token,
  ): { part: Target; position: number } | undefined {
    const { cursor } = this.context;
    const name = cursor.token;
    if (name.kind !== 'identifier') {
      this.context.syntaxError('syntax', `expected a member's name, found ${describe(name)}`);
      return undefined;
    }
    cursor.advance();
    const { type } = target;
    if (type.kind !== 'record') {
      this.context.error('not-a-record', span(dot, name), `${typeName(type)} has no members`);
      return undefined;
    }
    const member = findMember(type.definition, name.text);
    if (member === undefined) {
      const names = (type.definition.members ?? []).flatMap(({ name: known }) => known ?? []);
      const suggestion = this.context.suggest(name.text, names);
      this.context.error(
        'unknown-member',
        name,
        `'${typeName(unqualified(type))}' has no member '${name.text}'${suggestion === undefined ? '' : `; did you mean '${suggestion}'?`}`,
        replacement(name, suggestion),
      );
      return undefined;
    }
    this.context.reference(name, { kind: 'member', member, record: type }, 'write');
    const position = (type.definition.members ?? []).findIndex(
      (candidate) =>
        candidate.name === name.text ||
        (candidate.name === undefined &&
          candidate.type.kind === 'record' &&
          findMember(candidate.type.definition, name.text) !== undefined),
    );
    return { part: memberTarget(member, target.offset), position };
  }

  /** `[index]`. */
  private indexDesignator(
    target: Target & { readonly type: ArrayType | RecordType },
    open: Token,
    extent: Extent,
  ): { part: Target; position: number } | undefined {
    const index = this.expressions.constant('the index of a designator');
    this.expressions.expect(']', open, "the '['");
    const { type } = target;
    if (type.kind !== 'array') {
      this.context.error('not-an-array', open, `${typeName(type)} is no array`);
      return undefined;
    }
    if (index === undefined) return undefined;
    const position = numberOf(index);
    // No sensible table is longer; without a limit the type's size would not be a number.
    const length = type.length ?? 0x0fff_ffff;
    if (position < 0 || position >= length) {
      this.context.error(
        'index-out-of-bounds',
        index,
        `the index ${position} is outside of ${typeName(type)}`,
      );
      return undefined;
    }
    extent.highest = Math.max(extent.highest, position + 1);
    const part = { type: type.element, offset: target.offset + position * sizeOf(type.element) };
    return { part, position };
  }

  /** Steps over the value behind a designator that was wrong. */
  private skipElement(): void {
    const { cursor } = this.context;
    let depth = 0;
    while (!cursor.atEnd) {
      const { text } = cursor.token;
      if (depth === 0 && (text === ',' || text === '}' || text === ';')) return;
      if (text === '{' || text === '(' || text === '[') depth++;
      else if (text === '}' || text === ')' || text === ']') depth--;
      cursor.advance();
    }
  }
}

function memberTarget(member: Member, base: number): Target {
  const { type, bits } = member;
  const offset = base + member.offset;
  return bits === undefined ? { type, offset } : { type, offset, bits };
}
