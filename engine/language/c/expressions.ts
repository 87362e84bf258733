/** Parses expressions and checks them on the way. */
import type { BinaryOperator, Expression, Initializer, Variable } from '../program.ts';
import type { Token } from '../tokens.ts';
import type { CType, RecordType } from '../types.ts';
import { alignmentOf, findMember, integerTypes, sizeOf, typeName } from '../types.ts';
import { Calls } from './calls.ts';
import { CompilerWords } from './compiler-words.ts';
import type { IntegerConstant } from './constants.ts';
import { isIntegerConstant } from './constants.ts';
import type { Context } from './context.ts';
import { replacement } from './context.ts';
import { isComplete, isUnknown, qualified, unknownType, unqualified } from './conversions.ts';
import { spanning } from './cursor.ts';
import { describe } from './describe.ts';
import { characterLiteral, floatingLiteral, integerLiteral, stringLiteral } from './literals.ts';
import { decayed, errorNode, integerNode, span } from './nodes.ts';
import { Operators } from './operators.ts';
import { checkSequence } from './sequence-points.ts';
import { keywords } from './words.ts';

/** What expressions need of declarations. */
export interface TypeNames {
  /** Whether a type name begins at the token. */
  startsType(token: Token): boolean;
  /** Parses a type name, as in a cast. */
  typeName(): CType;
  /** Parses a braced initialiser; answers the type too, which it may complete. */
  braced(type: CType): { readonly initializer: Initializer; readonly type: CType };
}

const precedences: ReadonlyMap<string, number> = new Map([
  ['*', 10],
  ['/', 10],
  ['%', 10],
  ['+', 9],
  ['-', 9],
  ['<<', 8],
  ['>>', 8],
  ['<', 7],
  ['>', 7],
  ['<=', 7],
  ['>=', 7],
  ['==', 6],
  ['!=', 6],
  ['&', 5],
  ['^', 4],
  ['|', 3],
  ['&&', 2],
  ['||', 1],
]);

const assignmentOperators: ReadonlySet<string> = new Set<string>([
  '=',
  ...(['*', '/', '%', '+', '-', '<<', '>>', '&', '^', '|'] satisfies BinaryOperator[]).map(
    (operator) => `${operator}=`,
  ),
]);

/** Nodes whose operator binds otherwise than some readers think. */
const operatorKinds: ReadonlySet<Expression['kind']> = new Set([
  'assign',
  'compare',
  'binary',
  'and',
  'not',
]);

/** Operators in one expression: more would make a tree too deep to walk. */
const MAXIMUM_OPERATORS = 2000;

const sizeType: CType = { ...integerTypes['unsigned long long'], alias: 'size_t' };

export class Expressions {
  readonly operators: Operators;
  private readonly calls: Calls;
  private readonly words: CompilerWords;
  private nesting = 0;
  private operatorCount = 0;

  constructor(
    private readonly context: Context,
    private readonly types: TypeNames,
  ) {
    this.operators = new Operators(context);
    this.calls = new Calls(context, this);
    this.words = new CompilerWords(context, this, types);
  }

  /** A full expression, commas included. */
  expression(): Expression {
    if (this.nesting === 0) this.begin();
    this.nesting++;
    let left = this.assignment();
    while (this.context.cursor.at(',') && this.counts()) {
      this.context.cursor.advance();
      left = this.operators.comma(left, this.assignment());
    }
    this.nesting--;
    if (this.nesting === 0) this.checkChanges(left);
    return left;
  }

  private begin(): void {
    this.operatorCount = 0;
    this.context.changes = 0;
  }

  /** One change that is the whole expression has no order to be wrong. */
  private checkChanges(expression: Expression): void {
    const { changes } = this.context;
    const isAssignment = expression.kind === 'assign' || expression.kind === 'compoundAssign';
    const isAlone = isAssignment || expression.kind === 'increment';
    if (changes > (isAlone ? 1 : 0)) checkSequence(this.context, expression);
  }

  /** An expression without commas: an argument, an initialiser. */
  assignment(): Expression {
    const { cursor } = this.context;
    if (this.nesting === 0) this.begin();
    if (!this.context.deeper()) {
      this.context.shallower();
      return errorNode(cursor.token);
    }
    this.nesting++;
    let result = this.conditional();
    if (assignmentOperators.has(cursor.token.text) && this.counts()) {
      const operator = cursor.advance();
      const value = this.assignment();
      result = this.operators.assignment(operator, result, value);
    }
    this.nesting--;
    if (this.nesting === 0) this.checkChanges(result);
    this.context.shallower();
    return result;
  }

  /** `a ? b : c`, or what binds tighter. */
  conditional(): Expression {
    const { cursor } = this.context;
    const condition = this.binary(1);
    if (!cursor.at('?') || !this.counts()) return condition;
    const mark = cursor.advance();
    const whenTrue = this.expression();
    this.expect(':', mark, "the '?'");
    if (!this.context.deeper()) {
      this.context.shallower();
      return errorNode(condition);
    }
    const whenFalse = this.conditional();
    this.context.shallower();
    return this.operators.conditional(condition, whenTrue, whenFalse);
  }

  /**
   * A constant integer expression; an error is reported and undefined answered when it is none. `what` names
   * it at the start of a message: "the width of a bit-field".
   */
  constant(what: string): IntegerConstant | undefined {
    const parsed = decayed(this.conditional());
    if (isIntegerConstant(parsed)) return parsed;
    if (parsed.kind !== 'error') {
      this.context.error('not-constant', parsed, `${what} must be an integer constant`);
    }
    return undefined;
  }

  /** A scalar condition in parentheses, both required. */
  parenthesisedCondition(user: string): Expression {
    const { cursor } = this.context;
    const open = cursor.token;
    const isOpen = cursor.accept('(');
    if (!isOpen) {
      this.context.syntaxError(
        'syntax',
        `expected '(' before ${user}, found ${describe(cursor.token)}`,
      );
    }
    const condition = this.operators.condition(this.expression(), user);
    // Without the opening one, a missing closing one is no second mistake.
    if (isOpen) this.expect(')', open, "the '('");
    else cursor.accept(')');
    return condition;
  }

  /** Takes a closing token; reports when it is missing, with a note at its partner, and goes on. */
  expect(text: string, open: Token, partner: string): boolean {
    const { cursor } = this.context;
    if (cursor.accept(text)) return true;
    this.context.syntaxError(
      text === ')' || text === ']' ? 'unbalanced-parenthesis' : 'syntax',
      `expected '${text}', found ${describe(cursor.token)}`,
      cursor.token,
      { related: [{ message: `to match ${partner} here`, range: open.range }] },
    );
    return false;
  }

  // ---- Precedence levels ---------------------------------------------------------------------------

  /** Counts an operator; false when the expression has too many of them. */
  private counts(): boolean {
    if (++this.operatorCount <= MAXIMUM_OPERATORS) return true;
    this.context.giveUp(`an expression of more than ${MAXIMUM_OPERATORS} operators`);
    return false;
  }

  /**
   * Binary operators by precedence climbing: those of at least `minimum`, all of them grouping to
   * the left.
   */
  private binary(minimum: number): Expression {
    const { cursor } = this.context;
    let left = this.unary();
    for (;;) {
      const operator = cursor.token;
      if (operator.kind !== 'punctuator') return left;
      const precedence = precedences.get(operator.text);
      if (precedence === undefined || precedence < minimum || !this.counts()) return left;
      cursor.advance();
      const right = this.binary(precedence + 1);
      left = this.operators.binary(operator, left, right);
    }
  }

  /** Prefix operators, casts and `sizeof`. */
  private unary(): Expression {
    const { cursor } = this.context;
    const { token } = cursor;
    if (token.kind !== 'punctuator') {
      if (token.kind === 'identifier') {
        if (token.text === 'sizeof') return this.sizeOf();
        if (token.text === '_Alignof' || token.text === '__alignof') return this.alignOf();
      }
      return this.postfix(this.primary());
    }
    switch (token.text) {
      case '(':
        return this.parenthesised();
      case '&':
      case '*':
      case '+':
      case '-':
      case '~':
      case '!':
      case '++':
      case '--':
        break;
      case '&&':
        // A label's address (GNU) or a missing left operand; both are refused by what follows.
        return this.postfix(this.primary());
      default:
        return this.postfix(this.primary());
    }
    if (!this.context.deeper() || !this.counts()) {
      this.context.shallower();
      return errorNode(token);
    }
    cursor.advance();
    const operand = this.unary();
    this.context.shallower();
    return token.text === '++' || token.text === '--'
      ? this.operators.increment(token, operand, true)
      : this.operators.unary(token, operand);
  }

  /** A cast, a compound literal, or an expression in parentheses. */
  private parenthesised(): Expression {
    const { cursor } = this.context;
    const open = cursor.token;
    const next = cursor.peek(1);
    if (this.types.startsType(next)) {
      cursor.advance();
      const type = this.types.typeName();
      const closed = this.expect(')', open, "the '('");
      if (closed && cursor.at('{')) return this.postfix(this.compoundLiteral(open, type));
      return this.castOperand(open, type);
    }
    if (this.looksLikeCast(next)) {
      this.context.unknownTypeName(next);
      while (!cursor.accept(')')) cursor.advance();
      if (cursor.at('{')) {
        this.skipBraces();
        return errorNode(open);
      }
      return this.castOperand(open, unknownType);
    }
    if (!this.context.deeper() || !this.counts()) {
      this.context.shallower();
      return errorNode(open);
    }
    cursor.advance();
    if (cursor.at('{')) {
      this.context.notSupported(cursor.token, 'a statement inside an expression is');
      this.skipBraces();
      this.expect(')', open, "the '('");
      this.context.shallower();
      return errorNode(open);
    }
    const inner = this.expression();
    this.expect(')', open, "the '('");
    this.context.shallower();
    return this.postfix(this.inParentheses(open, inner));
  }

  /** The expression with the parentheses in its range. */
  private inParentheses(open: Token, inner: Expression): Expression {
    const result: Expression = {
      ...inner,
      range: spanning(open.range, this.context.cursor.previous.range),
    };
    if (operatorKinds.has(inner.kind)) this.context.parenthesised.add(result);
    const operand = this.context.measured.get(inner);
    if (operand !== undefined) this.context.measured.set(result, operand);
    return result;
  }

  /** `(NAME *)x` and `(NAME)x` where NAME is not declared: meant as a cast. */
  private looksLikeCast(token: Token): boolean {
    if (token.kind !== 'identifier' || keywords.has(token.text)) return false;
    if (this.context.scopes.ordinary.find(token.text) !== undefined) return false;
    const { cursor } = this.context;
    let distance = 2;
    while (cursor.peek(distance).text === '*') distance++;
    if (cursor.peek(distance).text !== ')') return false;
    if (distance > 2) return true;
    const behind = cursor.peek(distance + 1);
    return (
      behind.text === '{' ||
      (behind.kind === 'identifier' && !keywords.has(behind.text)) ||
      behind.kind === 'integer' ||
      behind.kind === 'string'
    );
  }

  /** What a cast applies to: a unary expression, so that `(T)a.b` casts the member. */
  private castOperand(open: Token, type: CType): Expression {
    if (!this.context.deeper() || !this.counts()) {
      this.context.shallower();
      return errorNode(open);
    }
    const operand = this.unary();
    this.context.shallower();
    return this.operators.cast(type, operand, span(open, operand));
  }

  /** `(T){ .. }`: an object of its own, static outside of functions. */
  private compoundLiteral(open: Token, type: CType): Expression {
    const { initializer, type: complete } = this.types.braced(type);
    const owner = this.context.open?.symbol;
    const place = span(open, this.context.cursor.previous);
    if (!isComplete(complete)) {
      if (!isUnknown(complete)) {
        this.context.error('incomplete-type', place, `${typeName(complete)} is not complete here`);
      }
      return errorNode(place);
    }
    const variable: Variable = {
      kind: 'variable',
      name: '',
      type: complete,
      storage: owner === undefined ? 'static' : 'automatic',
      external: false,
      defined: true,
      range: place.range,
      alignment: 0,
      initializer: owner === undefined ? initializer : undefined,
      owner,
      scope: undefined,
    };
    // At file scope the object lives as long as the module.
    if (owner === undefined) this.context.variables.push(variable);
    return {
      kind: 'compoundLiteral',
      variable,
      initializer,
      type: complete,
      ...place,
    };
  }

  /** `sizeof(type)`, `sizeof expression`, `sizeof(expression)->member`; nothing of it is run. */
  private sizeOf(): Expression {
    const { cursor } = this.context;
    const word = cursor.advance();
    if (cursor.at('(') && this.types.startsType(cursor.peek(1))) {
      const open = cursor.advance();
      const type = this.types.typeName();
      this.expect(')', open, "the '('");
      if (!cursor.at('{')) return this.sizeNode(word, type);
      const literal = this.postfix(this.compoundLiteral(open, type));
      return this.sizeNode(word, literal.type);
    }
    this.context.unevaluated++;
    if (!this.context.deeper() || !this.counts()) {
      this.context.shallower();
      return errorNode(word);
    }
    const operand = this.unary();
    this.context.shallower();
    this.context.unevaluated--;
    if (operand.kind === 'error') return errorNode(span(word, operand));
    const size = this.sizeNode(word, operand.type);
    this.context.measured.set(size, operand);
    return size;
  }

  /** The size as a constant. That of a flexible array is 0, as the Microsoft compiler has it. */
  private sizeNode(word: Token, type: CType): Expression {
    const place = span(word, this.context.cursor.previous);
    if (isUnknown(type)) return errorNode(place);
    if (!isComplete(type) && !(type.kind === 'array' && type.length === undefined)) {
      this.context.error(
        'incomplete-type',
        place,
        `the size of ${typeName(type)} is not known here`,
      );
      return errorNode(place);
    }
    return integerNode(sizeOf(type), place, sizeType);
  }

  /** C11 takes a type, the Microsoft compiler an expression as well. */
  private alignOf(): Expression {
    const { cursor } = this.context;
    const word = cursor.advance();
    const open = cursor.token;
    if (cursor.at('(') && this.types.startsType(cursor.peek(1))) {
      cursor.advance();
      const type = this.types.typeName();
      this.expect(')', open, "the '('");
      const place = span(word, cursor.previous);
      return isUnknown(type) ? errorNode(place) : integerNode(alignmentOf(type), place, sizeType);
    }
    const operand = this.unary();
    return integerNode(alignmentOf(operand.type), span(word, operand), sizeType);
  }

  // ---- Postfix -------------------------------------------------------------------------------------

  /** Members, indexes, calls, `++` and `--` behind a primary expression. */
  private postfix(first: Expression): Expression {
    const { cursor } = this.context;
    let result = first;
    while (cursor.token.kind === 'punctuator') {
      const { token } = cursor;
      switch (token.text) {
        case '.':
        case '->':
          if (!this.counts()) return result;
          cursor.advance();
          result = this.member(result, token);
          break;
        case '[': {
          if (!this.counts()) return result;
          cursor.advance();
          const index = this.expression();
          this.expect(']', token, "the '['");
          result = this.operators.index(result, index, span(result, cursor.previous));
          break;
        }
        case '(':
          if (!this.counts()) return result;
          result = this.calls.parse(result);
          break;
        case '++':
        case '--':
          if (!this.counts()) return result;
          cursor.advance();
          result = this.operators.increment(token, result, false);
          break;
        default:
          return result;
      }
    }
    return result;
  }

  /** `object.name` or `object->name`; members of nameless structures are found through them. */
  private member(object: Expression, operator: Token): Expression {
    const { cursor } = this.context;
    const name = cursor.token;
    if (name.kind !== 'identifier') {
      this.context.syntaxError(
        'syntax',
        `expected a member's name after '${operator.text}', found ${describe(name)}`,
      );
      return errorNode(object);
    }
    cursor.advance();
    const place = span(object, name);
    if (object.kind === 'error' || isUnknown(object.type)) return errorNode(place);
    const container = this.container(object, operator);
    if (container === undefined) return errorNode(place);
    const record = container.type;
    if (record.definition.members === undefined) {
      const what = `${record.definition.kind} ${record.definition.tag ?? ''}`.trim();
      this.context.error(
        'incomplete-type',
        name,
        `'${name.text}' cannot be reached: ${what} is declared but not defined here`,
      );
      return errorNode(place);
    }
    const member = findMember(record.definition, name.text);
    if (member === undefined) {
      const suggestion = this.context.suggest(name.text, memberNames(record));
      const hint = suggestion === undefined ? '' : `; did you mean '${suggestion}'?`;
      this.context.error(
        'unknown-member',
        name,
        `'${typeName(unqualified(record))}' has no member '${name.text}'${hint}`,
        replacement(name, suggestion),
      );
      return errorNode(place);
    }
    if (isUnknown(member.type)) return errorNode(place);
    const node: Expression = {
      kind: 'member',
      object: container,
      member,
      type: qualified(member.type, record),
      ...place,
    };
    this.context.reference(name, { kind: 'member', member, record }, 'read', node);
    return node;
  }

  /** The record that a member is looked for in; puts the right operator in place of a wrong one. */
  private container(
    object: Expression,
    operator: Token,
  ): (Expression & { type: RecordType }) | undefined {
    const value = decayed(object);
    const isRecord = object.type.kind === 'record';
    const pointsAtRecord = value.type.kind === 'pointer' && value.type.target.kind === 'record';
    if (isRecord || pointsAtRecord) {
      const right = isRecord ? '.' : '->';
      if (operator.text !== right) {
        this.context.error(
          isRecord ? 'arrow-on-record' : 'dot-on-pointer',
          operator,
          isRecord
            ? `'->' needs a pointer, but this is a ${typeName(unqualified(object.type))} itself: use '.'`
            : `'.' needs a structure or union, but this is the pointer ${typeName(unqualified(value.type))}: use '->'`,
          {
            fix: {
              title: `Change to '${right}'`,
              edits: [{ range: operator.spelling, text: right }],
            },
          },
        );
      }
      if (isRecord) return object as Expression & { type: RecordType };
      const pointee = this.operators.dereference(operator, value);
      return { ...pointee, range: object.range } as Expression & { type: RecordType };
    }
    this.context.error(
      'not-a-record',
      object,
      `'${operator.text}' needs a ${operator.text === '.' ? 'structure or union' : 'pointer to a structure or union'}, found ${typeName(unqualified(object.type))}`,
    );
    return undefined;
  }

  // ---- Primary -------------------------------------------------------------------------------------

  /** Names, literals, parentheses. */
  private primary(): Expression {
    const { cursor } = this.context;
    const { token } = cursor;
    switch (token.kind) {
      case 'identifier':
        return this.name(token);
      case 'integer': {
        cursor.advance();
        const { value, type, problem } = integerLiteral(token.text);
        if (problem !== undefined) this.context.error('bad-literal', token, problem);
        return { kind: 'integer', value, type, ...span(token) };
      }
      case 'floating': {
        cursor.advance();
        const literal = floatingLiteral(token.text);
        if (literal === undefined) {
          this.context.error('bad-literal', token, `'${token.text}' is not a number`);
          return errorNode(token);
        }
        return { kind: 'floating', ...literal, ...span(token) };
      }
      case 'character': {
        cursor.advance();
        const { value, type, problem, doubt } = characterLiteral(token.text);
        if (problem !== undefined) this.context.error('bad-literal', token, problem);
        if (doubt !== undefined) this.context.warning('unknown-escape', token, doubt);
        return { kind: 'integer', value, type, ...span(token) };
      }
      case 'string':
        return this.string();
      case 'punctuator':
        // Cast syntax inside primary: a parenthesis reached through sizeof or a postfix operand.
        if (token.text === '(') return this.parenthesised();
        return this.missingOperand(token);
      default:
        return this.missingOperand(token);
    }
  }

  /** Nothing is stepped over: who called decides where to go on. */
  missingOperand(token: Token): Expression {
    this.context.syntaxError('syntax', `expected an expression, found ${describe(token)}`);
    return errorNode(token);
  }

  /** Adjacent literals; `__FUNCTION__` is one of them to the Microsoft compiler. */
  private string(): Expression {
    const { cursor } = this.context;
    const first = cursor.token;
    const texts: string[] = [];
    // `L#argument` in a macro leaves the L apart from its string.
    if (first.text === 'L') {
      cursor.advance();
      texts.push(`L${cursor.advance().text}`);
    }
    while (cursor.token.kind === 'string' || isFunctionName(cursor.token.text)) {
      const { kind, text } = cursor.advance();
      if (kind === 'string') texts.push(text);
      else
        texts.push(`${text.endsWith('W__') ? 'L' : ''}"${this.context.open?.symbol.name ?? ''}"`);
    }
    const { bytes, wide, problem, doubt } = stringLiteral(texts);
    const place = span(first, cursor.previous);
    if (problem !== undefined) this.context.error('bad-literal', place, problem);
    if (doubt !== undefined) this.context.warning('unknown-escape', place, doubt);
    const element = wide ? integerTypes.wchar_t : integerTypes.char;
    const length = bytes.length / sizeOf(element);
    return { kind: 'string', bytes, type: { kind: 'array', element, length }, ...place };
  }

  /** A declared name. How it is used shows later, and is then set by `usedFor`. */
  private name(token: Token): Expression {
    const { cursor, scopes } = this.context;
    const symbol = scopes.ordinary.find(token.text);
    if (symbol === undefined) return this.unboundName(token);
    cursor.advance();
    const place = span(token);
    switch (symbol.kind) {
      case 'variable': {
        if (isUnknown(symbol.type)) return errorNode(token);
        const node: Expression = {
          kind: 'variable',
          variable: symbol,
          type: symbol.type,
          ...place,
        };
        this.context.reference(token, symbol, 'read', node);
        return node;
      }
      case 'function': {
        const node: Expression = {
          kind: 'function',
          function: symbol,
          type: symbol.type,
          ...place,
        };
        this.context.reference(token, symbol, 'address', node);
        return node;
      }
      case 'enumerator':
        this.context.reference(token, symbol, 'read');
        return { kind: 'integer', value: symbol.value, type: integerTypes.int, ...place };
      case 'typedef':
        this.context.syntaxError(
          'syntax',
          `expected an expression, found the type '${token.text}'`,
          token,
        );
        return errorNode(token);
    }
  }

  /** A name without a declaration: a word of the compiler, or a mistake. */
  private unboundName(token: Token): Expression {
    const { cursor } = this.context;
    const isSplitWide = token.text === 'L' && cursor.peek(1).kind === 'string';
    if (isSplitWide || isFunctionName(token.text)) return this.string();
    const builtin = this.words.parse(token);
    if (builtin !== undefined) return builtin;
    if (keywords.has(token.text)) return this.missingOperand(token);
    cursor.advance();
    const called = cursor.at('(');
    if (this.context.isFunctionMacro(token.text)) return this.unexpandedMacro(token, called);
    if (called && /^_?(set|long)jmp(ex)?$/.test(token.text)) {
      this.context.notSupported(token, `'${token.text}' is`);
    } else {
      this.context.undeclaredName(token, called);
    }
    return errorNode(token);
  }

  /** The name of a macro with parameters that was not expanded. */
  private unexpandedMacro(token: Token, called: boolean): Expression {
    if (called) {
      // Its arguments were not closed, which the preprocessor reported.
      const { cursor } = this.context;
      let depth = 0;
      while (!cursor.atEnd && !cursor.at(';') && !cursor.at('}')) {
        const { text } = cursor.advance();
        if (text === '(') depth++;
        else if (text === ')' && --depth === 0) break;
      }
    } else {
      this.context.error(
        'macro-arguments',
        token,
        `'${token.text}' is a macro with parameters: expected '(' after it`,
      );
    }
    return errorNode(token);
  }

  // ---- Skipping ------------------------------------------------------------------------------------

  /** Steps over a balanced `( .. )`. */
  skipParentheses(): void {
    if (this.context.cursor.at('(')) this.skipBalanced('(', ')');
  }

  /** Steps over a balanced `{ .. }`. */
  skipBraces(): void {
    if (this.context.cursor.at('{')) this.skipBalanced('{', '}');
  }

  private skipBalanced(open: string, close: string): void {
    const { cursor } = this.context;
    let depth = 0;
    while (!cursor.atEnd) {
      const { text } = cursor.advance();
      if (text === open) depth++;
      else if (text === close && --depth === 0) return;
    }
  }
}

const isFunctionName = (text: string): boolean =>
  text === '__FUNCTION__' ||
  text === '__func__' ||
  text === '__FUNCSIG__' ||
  text === '__FUNCTIONW__';

/** Names of members for a suggestion. */
function* memberNames(record: RecordType): Generator<string> {
  for (const member of record.definition.members ?? []) {
    if (member.name !== undefined) yield member.name;
    else if (member.type.kind === 'record') yield* memberNames(member.type);
  }
}
