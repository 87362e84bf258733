/** Enumerations and their constants. */
import type { EnumeratorSymbol } from '../program.ts';
import type { Token } from '../tokens.ts';
import type { CType, EnumDefinition, Enumerator } from '../types.ts';
import type { Context } from './context.ts';
import { unknownType } from './conversions.ts';
import type { Declarations, Specifiers } from './declarations.ts';
import { describe } from './describe.ts';
import { reportRedefinition, reportTagKind } from './redeclarations.ts';
import { keywords } from './words.ts';

export class Enumerations {
  constructor(
    private readonly context: Context,
    private readonly declarations: Declarations,
  ) {}

  /** `enum`, with a tag, a body or both. */
  parse(specifiers: Specifiers): CType {
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
        reportRedefinition(this.context, tag, known.range, `enum ${tag.text}`);
      }
      const symbol = { kind: 'tag' as const, type, range: tag.range };
      scopes.tags.declare(tag.text, symbol);
      this.context.reference(tag, symbol, 'definition');
    }
    this.context.change(definition, 'range', (tag ?? word).range);
    const documentation = this.declarations.documentationOf(specifiers.first, specifiers.before);
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
        reportTagKind(this.context, word, tag, known.type.definition.kind, known.range);
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
      const documentation = this.declarations.documentationOf(name, cursor.previous);
      cursor.advance();
      if (cursor.accept('=')) {
        const value = this.declarations.expressions.constant(`the value of '${name.text}'`);
        if (value !== undefined) next = Number(BigInt.asIntN(32, BigInt(value.value)));
      } else if (enumerators.length > 0 && next === -0x8000_0000) {
        this.context.warning(
          'constant-overflow',
          name,
          `'${name.text}' is one more than the greatest int, and becomes the least`,
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
      if (known !== undefined) reportRedefinition(this.context, name, known.range, name.text);
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
}
