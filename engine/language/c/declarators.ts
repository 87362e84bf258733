/** Declarators: what surrounds a declared name and turns the base type into its own. */
import type { Token } from '../tokens.ts';
import type { CType, FunctionType, Parameter, Qualifiers } from '../types.ts';
import { pointerTo, sizeOf, typeName } from '../types.ts';
import { numberOf } from './constants.ts';
import type { Context } from './context.ts';
import { isComplete, isUnknown, qualified, unknownType, unqualified } from './conversions.ts';
import type { Place } from './cursor.ts';
import { describe } from './describe.ts';
import type { Expressions } from './expressions.ts';
import { span } from './nodes.ts';
import { isPointerWord, keywords, specifierWords } from './words.ts';

type Suffix =
  | { readonly kind: 'array'; readonly length: number | undefined; readonly place: Place }
  | {
      readonly kind: 'function';
      readonly parameters: readonly Parameter[];
      readonly variadic: boolean;
      readonly unprototyped: boolean;
      readonly place: Place;
    };

export interface Declarator {
  readonly name: Token | undefined;
  readonly pointers: readonly Qualifiers[];
  readonly inner: Declarator | undefined;
  readonly suffixes: readonly Suffix[];
}

/** What declarators need of specifiers: they stand in parameter lists. */
export interface ParameterTypes {
  startsType(token: Token): boolean;
  /** Whether an undeclared name stands where a type is meant. */
  looksLikeType(token: Token): boolean;
  /** Parses the specifiers of a parameter. */
  parameterBase(): CType;
}

/** `named`: a name is needed; `abstract`: none may stand; `either`: in parameters. */
export type Form = 'named' | 'abstract' | 'either';

const MAXIMUM_ARRAY_BYTES = 0x7fff_ffff;
const MAXIMUM_DERIVATIONS = 64;

export class Declarators {
  constructor(
    private readonly context: Context,
    private readonly expressions: Expressions,
    private readonly types: ParameterTypes,
  ) {}

  /**
   * Reads one declarator: pointers, the name or a nested declarator, arrays and parameter lists.
   */
  parse(form: Form): Declarator {
    const { cursor } = this.context;
    const pointers: Qualifiers[] = [];
    this.skipWords();
    while (cursor.at('*')) {
      if (pointers.length === MAXIMUM_DERIVATIONS) {
        this.context.giveUp(`a type of more than ${MAXIMUM_DERIVATIONS} pointers`);
        break;
      }
      cursor.advance();
      pointers.push(this.pointerQualifiers());
    }
    if (cursor.at('&') && form !== 'abstract') {
      this.context.notSupported(cursor.token, 'a reference (C++) is');
      cursor.advance();
    }
    let name: Token | undefined;
    let inner: Declarator | undefined;
    if (cursor.at('(') && this.isNested(form)) {
      const open = cursor.advance();
      inner = this.context.deeper() ? this.parse(form) : undefined;
      this.context.shallower();
      name = inner?.name;
      this.expressions.expect(')', open, "the '('");
    } else if (cursor.token.kind === 'identifier' && !keywords.has(cursor.token.text)) {
      if (form !== 'abstract') name = cursor.advance();
    } else if (form === 'named') {
      this.context.syntaxError('syntax', `expected a name, found ${describe(cursor.token)}`);
    }
    return { name, pointers, inner, suffixes: this.suffixes() };
  }

  /** The type that a declarator gives to its name. */
  apply(declarator: Declarator, base: CType): CType {
    let type = base;
    for (const qualifiers of declarator.pointers) type = qualified(pointerTo(type), qualifiers);
    for (const suffix of declarator.suffixes.toReversed()) {
      type = suffix.kind === 'array' ? this.arrayOf(type, suffix) : this.functionOf(type, suffix);
    }
    return declarator.inner === undefined ? type : this.apply(declarator.inner, type);
  }

  // ---- Pieces --------------------------------------------------------------------------------------

  /** Calling conventions and the like: on x64 there is one convention. */
  private skipWords(): void {
    const { cursor } = this.context;
    for (;;) {
      const { text } = cursor.token;
      if (isPointerWord(text)) {
        cursor.advance();
        if (text === '__based') this.expressions.skipParentheses();
      } else if (text === '__declspec' || text === '__attribute__') {
        cursor.advance();
        this.expressions.skipParentheses();
      } else {
        return;
      }
    }
  }

  /** What stands behind a `*`. */
  private pointerQualifiers(): Qualifiers {
    const { cursor } = this.context;
    let isConst = false;
    let isVolatile = false;
    for (;;) {
      const { text } = cursor.token;
      if (text === 'const' || text === '__const') isConst = true;
      else if (text === 'volatile' || text === '__volatile') isVolatile = true;
      else if (specifierWords.get(text) !== 'qualifier' && !isPointerWord(text)) break;
      cursor.advance();
    }
    return { const: isConst, volatile: isVolatile };
  }

  /** Whether a parenthesis groups a declarator rather than opens a parameter list. */
  private isNested(form: Form): boolean {
    if (form === 'named') return true;
    const next = this.context.cursor.peek(1);
    if (next.text === '*' || next.text === '(' || next.text === '[') return true;
    if (isPointerWord(next.text)) return true;
    return form === 'either' && next.kind === 'identifier' && !this.types.startsType(next);
  }

  /** Arrays and parameter lists, in the order in which they are written. */
  private suffixes(): Suffix[] {
    const { cursor } = this.context;
    const suffixes: Suffix[] = [];
    for (;;) {
      if (suffixes.length === MAXIMUM_DERIVATIONS) {
        this.context.giveUp(`a type of more than ${MAXIMUM_DERIVATIONS} dimensions`);
        return suffixes;
      }
      if (cursor.at('[')) suffixes.push(this.arraySuffix());
      else if (cursor.at('(')) suffixes.push(this.functionSuffix());
      else if (cursor.at('__attribute__')) this.skipWords();
      else return suffixes;
    }
  }

  /** `[n]`, `[]`; `static` and qualifiers inside mean nothing to a caller here. */
  private arraySuffix(): Suffix {
    const { cursor } = this.context;
    const open = cursor.advance();
    while (cursor.at('static') || specifierWords.get(cursor.token.text) === 'qualifier') {
      cursor.advance();
    }
    let length: number | undefined;
    if (!cursor.at(']')) length = this.arrayLength();
    this.expressions.expect(']', open, "the '['");
    return { kind: 'array', length, place: span(open, cursor.previous) };
  }

  /**
   * A constant from 0 on: `[0]` is a flexible array to the Microsoft compiler. C_ASSERT declares an
   * array of -1 elements when its condition is false.
   */
  private arrayLength(): number {
    const { cursor } = this.context;
    const first = cursor.token;
    const parsed = this.expressions.assignment();
    if (parsed.kind === 'error') return 1;
    if (parsed.kind !== 'integer' || parsed.type.kind === 'pointer') {
      this.context.notSupported(
        parsed,
        'an array size that is no constant: arrays of variable length are',
      );
      return 1;
    }
    const length = numberOf(parsed);
    if (length >= 0) return length;
    if (macroNames(first).includes('C_ASSERT')) {
      this.context.error('assertion-failed', first, 'C_ASSERT: the condition is false');
    } else {
      this.context.error('array-size', parsed, `an array cannot have ${length} elements`);
    }
    return 1;
  }

  /** `(void)` is an empty list, `()` an unknown one. */
  private functionSuffix(): Suffix {
    const { cursor } = this.context;
    const open = cursor.advance();
    const parameters: Parameter[] = [];
    let variadic = false;
    const unprototyped = cursor.at(')');
    const isVoid = cursor.at('void') && cursor.peek(1).text === ')';
    if (isVoid) {
      cursor.advance();
    } else if (this.isOldStyle()) {
      this.context.notSupported(cursor.token, 'a parameter list in the style of K&R is');
      this.skipOldStyle();
      const place = span(open, cursor.previous);
      return { kind: 'function', parameters, variadic, unprototyped: true, place };
    } else {
      while (!cursor.at(')') && !cursor.atEnd) {
        const before = cursor.index;
        if (cursor.accept('...')) {
          variadic = true;
          break;
        }
        const parameter = this.parameter(parameters.length);
        if (parameter !== undefined) parameters.push(parameter);
        if (!cursor.accept(',')) break;
        if (cursor.index === before) break;
      }
    }
    this.expressions.expect(')', open, "the '('");
    const place = span(open, cursor.previous);
    return { kind: 'function', parameters, variadic, unprototyped, place };
  }

  /** One parameter, its name optional; undefined when none can be read. */
  private parameter(index: number): Parameter | undefined {
    const { cursor } = this.context;
    const { token } = cursor;
    if (!this.types.startsType(token) && !this.types.looksLikeType(token)) {
      const isName = token.kind === 'identifier' && !keywords.has(token.text);
      if (isName && (cursor.peek(1).text === ',' || cursor.peek(1).text === ')')) {
        this.context.unknownTypeName(token);
        cursor.advance();
        return { name: undefined, type: unknownType, range: undefined };
      }
      this.context.syntaxError('syntax', `expected a parameter, found ${describe(token)}`);
      return undefined;
    }
    if (token.text === 'static' || token.text === 'extern' || token.text === 'typedef') {
      this.context.error('storage-class', token, `a parameter cannot be '${token.text}'`);
    }
    const base = this.types.parameterBase();
    const declarator = this.parse('either');
    const declared = this.apply(declarator, base);
    const { name } = declarator;
    if (cursor.at('=')) {
      this.context.notSupported(cursor.advance(), 'a default argument (C++) is');
      this.expressions.assignment();
    }
    if (declared.kind === 'void') {
      this.context.error(
        'void-variable',
        name ?? token,
        index === 0 && name === undefined
          ? "'void' as a parameter list stands alone"
          : 'a parameter cannot be void',
      );
      return { name: name?.text, type: unknownType, range: name?.range };
    }
    return { name: name?.text, type: adjusted(declared), range: name?.range };
  }

  /** `f(a, b) int a; ..`: names without types, followed by declarations or a body. */
  private isOldStyle(): boolean {
    const { cursor } = this.context;
    let distance = 0;
    for (;;) {
      const name = cursor.peek(distance);
      if (name.kind !== 'identifier' || keywords.has(name.text)) return false;
      if (this.types.startsType(name)) return false;
      const behind = cursor.peek(distance + 1).text;
      if (behind === ')') {
        const next = cursor.peek(distance + 2);
        return next.text === '{' ? distance > 0 : this.types.startsType(next);
      }
      if (behind !== ',') return false;
      distance += 2;
    }
  }

  /** Steps over the names, and over the declarations that follow the parenthesis. */
  private skipOldStyle(): void {
    const { cursor } = this.context;
    while (!cursor.at(')') && !cursor.atEnd) cursor.advance();
    cursor.accept(')');
    while (!cursor.at('{') && !cursor.atEnd) cursor.advance();
  }

  // ---- Types ---------------------------------------------------------------------------------------

  /** Elements need a size; the whole stays below 2 GiB, the limit of the Microsoft compiler. */
  private arrayOf(element: CType, suffix: Suffix & { kind: 'array' }): CType {
    if (isUnknown(element)) return element;
    let { length } = suffix;
    if (!isComplete(element)) {
      const what =
        element.kind === 'function'
          ? 'functions; pointers to them may be meant: (*name[n])(..)'
          : `${typeName(element)}, which has no size here`;
      this.context.error('incomplete-type', suffix.place, `no array of ${what}`);
      return unknownType;
    }
    if (length !== undefined && length * sizeOf(element) > MAXIMUM_ARRAY_BYTES) {
      this.context.error(
        'array-size',
        suffix.place,
        `an array of ${length} ${typeName(element)} is larger than ${MAXIMUM_ARRAY_BYTES} bytes`,
      );
      length = 1;
    }
    return { kind: 'array', element, length };
  }

  /** Functions return neither arrays nor functions. */
  private functionOf(result: CType, suffix: Suffix & { kind: 'function' }): CType {
    const { parameters, variadic, unprototyped } = suffix;
    if (result.kind === 'array' || result.kind === 'function') {
      this.context.error(
        'wrong-result',
        suffix.place,
        `a function cannot return ${result.kind === 'array' ? 'an array' : 'a function'}; a pointer to it may be meant`,
      );
      return unknownType;
    }
    const type: FunctionType = {
      kind: 'function',
      result: unqualified(result),
      parameters,
      variadic,
      unprototyped,
    };
    return type;
  }
}

/** Parameters of array and function type are pointers. */
function adjusted(type: CType): CType {
  if (type.kind === 'array') return pointerTo(type.element);
  return type.kind === 'function' ? pointerTo(type) : type;
}

/** Names of the macros that a token came out of. */
function macroNames(token: Token): string[] {
  const names: string[] = [];
  for (let use = token.macro; use !== undefined; use = use.outer) names.push(use.name);
  return names;
}
