/** Checks and builds operators from parsed operands. */
import type { Int64 } from '../../base/int64.ts';
import type { BinaryOperator, ComparisonOperator, Expression } from '../program.ts';
import type { Token } from '../tokens.ts';
import type { CType, PointerType } from '../types.ts';
import {
  integerTypes,
  isArithmetic,
  isInteger,
  isScalar,
  isSigned,
  sizeOf,
  typeName,
  voidType,
} from '../types.ts';
import { assigned } from './assignability.ts';
import { checkComparison, checkLiterals } from './comparisons.ts';
import {
  compareConstants,
  complement,
  foldComparison,
  foldFloating,
  foldInteger,
  isIntegerConstant,
  isNullPointer,
  isSignedValue,
  truthOf,
} from './constants.ts';
import type { Context } from './context.ts';
import { commonType, isComplete, isUnknown, sameType, unqualified } from './conversions.ts';
import type { Place } from './cursor.ts';
import { checkNarrowing, isOwnText } from './narrowing.ts';
import {
  addressOf,
  bitsOf,
  convert,
  decayed,
  errorNode,
  indexNode,
  integerNode,
  isLvalue,
  pointerAdd,
  promote,
  span,
} from './nodes.ts';
import { checkPrecedence } from './precedence.ts';
import { checkDiscarded, checkOperands, checkTruth } from './suspicions.ts';

const isPointer = (value: Expression): value is Expression & { type: PointerType } =>
  value.type.kind === 'pointer';
const nameOf = (value: Expression): string => typeName(unqualified(value.type));
/** Whether something was reported about the value already. */
const isFailed = (value: Expression): boolean => value.kind === 'error' || isUnknown(value.type);

export class Operators {
  constructor(private readonly context: Context) {}

  // ---- Operands ------------------------------------------------------------------------------------

  /** The value of an operand that has to be a number or a pointer; an error node when it is neither. */
  scalar(expression: Expression, user: string): Expression {
    const value = decayed(expression);
    if (isFailed(value)) return errorNode(value);
    if (isScalar(value.type)) return value;
    if (value.type.kind === 'void') {
      this.context.error('void-value', value, `${user} needs a value, found none (void)`);
    } else {
      this.context.error(
        'wrong-operand',
        value,
        `${user} needs a number or a pointer, found ${nameOf(value)}`,
      );
    }
    return errorNode(value);
  }

  /** A condition: a scalar, which is compared with zero. */
  condition(expression: Expression, user: string): Expression {
    this.checkAddress(expression, user);
    checkTruth(this.context, expression, user);
    if (expression.kind === 'assign' && !this.context.parenthesised.has(expression)) {
      this.context.warning(
        'assignment-in-condition',
        expression,
        `${user} is an assignment ('='); a comparison is written '=='; put a meant assignment in parentheses`,
      );
    }
    return this.scalar(expression, user);
  }

  /** The address of an object or a function is never 0: most often the call was forgotten. */
  private checkAddress(expression: Expression, user: string): void {
    if (expression.macro !== undefined || !isOwnText(expression)) return;
    const { kind } = expression;
    const isAddress =
      kind === 'function' ||
      (kind === 'variable' && expression.type.kind === 'array') ||
      (kind === 'addressOf' && expression.operand.kind === 'variable');
    if (!isAddress) return;
    const what = kind === 'function' ? `the function '${expression.function.name}'` : 'an address';
    this.context.warning(
      'address-as-condition',
      expression,
      `${user} is ${what}, which is never 0${kind === 'function' ? ': is the call missing?' : ''}`,
    );
  }

  // ---- Unary ---------------------------------------------------------------------------------------

  /** A prefix operator but for `++` and `--`. */
  unary(operator: Token, operand: Expression): Expression {
    const place = { ...span(operator, operand) };
    switch (operator.text) {
      case '&':
        return this.address(operator, operand);
      case '*':
        return this.dereference(operator, operand);
      case '!': {
        const value = this.condition(operand, "the operand of '!'");
        if (value.kind === 'error') return value;
        const truth = truthOf(value);
        if (truth !== undefined) return integerNode(truth ? 0 : 1, place);
        return { kind: 'not', operand: value, type: integerTypes.int, ...place };
      }
      default:
        return this.arithmeticUnary(operator, operand, place);
    }
  }

  /** `+`, `-` and `~` promote their operand. */
  private arithmeticUnary(operator: Token, operand: Expression, place: Place): Expression {
    const value = this.scalar(operand, `'${operator.text}'`);
    if (value.kind === 'error') return value;
    const needsInteger = operator.text === '~';
    if (needsInteger ? !isInteger(value.type) : !isArithmetic(value.type)) {
      this.context.error(
        'wrong-operand',
        value,
        `'${operator.text}' needs ${needsInteger ? 'an integer' : 'a number'}, found ${nameOf(value)}`,
      );
      return errorNode(place);
    }
    const promotedValue = promote(value);
    const { type } = promotedValue;
    const at = span(place);
    if (operator.text === '+') return { ...promotedValue, ...at };
    if (promotedValue.kind === 'integer') {
      if (operator.text === '~') {
        return { kind: 'integer', value: complement(promotedValue.value, type), type, ...at };
      }
      if (value.kind === 'integer' && value.value === 0x8000_0000 && !isSignedValue(type)) {
        this.context.warning(
          'unsigned-negation',
          place,
          `2147483648 does not fit in int and is ${typeName(type)}, and so is its negation; write (-2147483647 - 1)`,
        );
      }
      const negated = foldInteger('-', 0, promotedValue.value, type) ?? 0;
      return { kind: 'integer', value: negated, type, ...at };
    }
    if (promotedValue.kind === 'floating') {
      return { kind: 'floating', value: -promotedValue.value, type, ...at };
    }
    return {
      kind: operator.text === '~' ? 'complement' : 'negate',
      operand: promotedValue,
      type,
      ...at,
    };
  }

  /** `&` takes objects and functions; a bit-field has no address. */
  private address(operator: Token, operand: Expression): Expression {
    const place = span(operator, operand);
    if (isFailed(operand)) return errorNode(place);
    this.context.usedFor(operand, 'address');
    if (bitsOf(operand) !== undefined) {
      this.context.error('address-of-bit-field', operand, 'a bit-field has no address');
      return errorNode(place);
    }
    if (operand.kind === 'function' || isLvalue(operand) || operand.type.kind === 'function') {
      return addressOf(operand, place);
    }
    this.context.error(
      'not-an-object',
      operand,
      `'&' needs an object or a function, found a value of ${nameOf(operand)}`,
    );
    return errorNode(place);
  }

  /** `*` of a pointer; arrays and functions have become pointers by then. */
  dereference(operator: Token, operand: Expression): Expression {
    const value = decayed(operand);
    const place = span(operator, operand);
    if (isFailed(value)) return errorNode(place);
    if (!isPointer(value)) {
      this.context.error('wrong-operand', operand, `'*' needs a pointer, found ${nameOf(value)}`);
      return errorNode(place);
    }
    return this.pointee(value, place);
  }

  /** The object that a pointer points at. */
  pointee(value: Expression & { type: PointerType }, place: Place): Expression {
    const { target } = value.type;
    if (target.kind === 'void') {
      this.context.error(
        'void-value',
        place,
        `${nameOf(value)} points at nothing that has a type; cast it first`,
      );
      return errorNode(place);
    }
    // `*f` of a function is the function again.
    if (
      target.kind === 'function' &&
      value.kind === 'convert' &&
      value.operand.kind === 'function'
    ) {
      return value.operand;
    }
    return { kind: 'dereference', operand: value, type: target, ...span(place) };
  }

  /** `++` and `--`, before or behind; pointers step by the size of what they point at. */
  increment(operator: Token, operand: Expression, prefix: boolean): Expression {
    const place = prefix ? span(operator, operand) : span(operand, operator);
    if (isFailed(operand) || !this.modifiable(operand, operator)) return errorNode(place);
    this.context.usedFor(operand, 'update');
    this.context.changes++;
    const sign = operator.text === '++' ? 1 : -1;
    const { type } = operand;
    if (type.kind === 'pointer') {
      if (!this.hasKnownSize(type.target, operand)) return errorNode(place);
      const step = sign * sizeOf(type.target);
      return {
        kind: 'increment',
        target: operand,
        step,
        prefix,
        type: unqualified(type),
        ...place,
      };
    }
    if (!isArithmetic(type)) {
      this.context.error(
        'wrong-operand',
        operand,
        `'${operator.text}' needs a number or a pointer, found ${typeName(type)}`,
      );
      return errorNode(place);
    }
    return {
      kind: 'increment',
      target: operand,
      step: sign,
      prefix,
      type: unqualified(type),
      ...place,
    };
  }

  // ---- Binary --------------------------------------------------------------------------------------

  /** A binary operator but for assignments and the comma. */
  binary(operator: Token, leftOperand: Expression, rightOperand: Expression): Expression {
    const text = operator.text;
    checkPrecedence(this.context, operator, leftOperand, rightOperand);
    checkOperands(this.context, operator, leftOperand, rightOperand);
    if (text === '==' || text === '!=') {
      checkLiterals(this.context, [leftOperand, rightOperand]);
    }
    if (text === '&&' || text === '||') return this.logical(operator, leftOperand, rightOperand);
    const left = this.scalar(leftOperand, `'${text}'`);
    const right = this.scalar(rightOperand, `'${text}'`);
    const place = span(leftOperand, rightOperand);
    if (left.kind === 'error' || right.kind === 'error') return errorNode(place);
    switch (text) {
      case '<':
      case '>':
      case '<=':
      case '>=':
      case '==':
      case '!=':
        return this.comparison(text, left, right, place);
      default:
        break;
    }
    if (isPointer(left) || isPointer(right)) {
      return this.pointerArithmetic(operator, left, right, place);
    }
    return this.arithmetic(text as BinaryOperator, operator, left, right, place);
  }

  /** Both operands are brought to one type by the usual arithmetic conversions. */
  private arithmetic(
    text: BinaryOperator,
    operator: Token,
    left: Expression,
    right: Expression,
    place: Place,
  ): Expression {
    const integersOnly = text !== '+' && text !== '-' && text !== '*' && text !== '/';
    if (integersOnly && !(isInteger(left.type) && isInteger(right.type))) {
      this.wrongOperands(operator, left, right, place);
      return errorNode(place);
    }
    const promotedLeft = promote(left);
    const promotedRight = promote(right);
    this.checkDivisor(text, promotedLeft, promotedRight);
    if (text === '<<' || text === '>>') return this.shift(text, promotedLeft, promotedRight, place);
    const type = commonType(promotedLeft.type, promotedRight.type);
    const a = convert(promotedLeft, type);
    const b = convert(promotedRight, type);
    if (a.kind === 'integer' && b.kind === 'integer') {
      const value = foldInteger(text, a.value, b.value, type);
      if (value !== undefined) this.checkOverflow(text, a, b, value, place);
      return value === undefined
        ? errorNode(place)
        : { kind: 'integer', value, type, ...span(place) };
    }
    if (a.kind === 'floating' && b.kind === 'floating') {
      const value = foldFloating(
        text,
        a.value,
        b.value,
        type.kind === 'floating' && type.size === 4,
      );
      return { kind: 'floating', value, type, ...span(place) };
    }
    return { kind: 'binary', operator: text, left: a, right: b, type, ...span(place) };
  }

  /** A sum or product of signed constants that its type cannot hold (C4307). */
  private checkOverflow(
    text: BinaryOperator,
    left: Expression & { kind: 'integer' },
    right: Expression & { kind: 'integer' },
    value: Int64,
    place: Place,
  ): void {
    if (!isSignedValue(left.type) || !isOwnText(place)) return;
    const [a, b] = [BigInt(left.value), BigInt(right.value)];
    const exact = text === '+' ? a + b : text === '-' ? a - b : text === '*' ? a * b : undefined;
    if (exact === undefined || exact === BigInt(value)) return;
    this.context.warning(
      'constant-overflow',
      place,
      `'${text}' gives ${exact}, which ${typeName(left.type)} cannot hold: it becomes ${value}`,
    );
  }

  /** The operands of a shift are promoted one by one: the left one decides the type. */
  private shift(text: '<<' | '>>', left: Expression, right: Expression, place: Place): Expression {
    const { type } = left;
    this.checkShiftCount(type, right);
    if (left.kind === 'integer' && right.kind === 'integer') {
      const value = foldInteger(text, left.value, right.value, type) ?? 0;
      return { kind: 'integer', value, type, ...span(place) };
    }
    return { kind: 'binary', operator: text, left, right, type, ...span(place) };
  }

  /** A shift by the width or more is undefined; the processor would cut the count. */
  private checkShiftCount(type: CType, count: Expression): void {
    if (count.kind !== 'integer') return;
    const bits = sizeOf(type) * 8;
    if (typeof count.value === 'number' && count.value >= 0 && count.value < bits) return;
    this.context.warning(
      'shift-count',
      count,
      `'${typeName(type)}' has ${bits} bits: a shift by ${count.value} is undefined`,
    );
  }

  /**
   * In a constant expression the Microsoft compiler refuses a zero divisor (C2124), else it warns
   * (C4723).
   */
  private checkDivisor(operator: string, dividend: Expression, divisor: Expression): void {
    if ((operator !== '/' && operator !== '%') || divisor.kind !== 'integer') return;
    if (divisor.value !== 0) return;
    const severity = dividend.kind === 'integer' ? 'error' : 'warning';
    this.context.report(severity, 'division-by-zero', divisor, 'division by zero');
  }

  /** Comparisons give an int; unsigned wins over signed of the same size. */
  private comparison(
    operator: ComparisonOperator,
    left: Expression,
    right: Expression,
    place: Place,
  ): Expression {
    const type = integerTypes.int;
    let a: Expression;
    let b: Expression;
    if (isPointer(left) || isPointer(right)) {
      [a, b] = this.comparedPointers(operator, left, right, place);
    } else {
      const promotedLeft = promote(left);
      const promotedRight = promote(right);
      const common = commonType(promotedLeft.type, promotedRight.type);
      a = convert(promotedLeft, common);
      b = convert(promotedRight, common);
      const isUnsigned = isInteger(common) && !isSigned(common);
      checkComparison(this.context, operator, promotedLeft, promotedRight, isUnsigned, place);
    }
    if (a.kind === 'integer' && b.kind === 'integer') {
      return integerNode(foldComparison(operator, compareConstants(a, b)), place);
    }
    if (a.kind === 'floating' && b.kind === 'floating') {
      const order = a.value < b.value ? -1 : a.value > b.value ? 1 : 0;
      return integerNode(foldComparison(operator, order), place);
    }
    return { kind: 'compare', operator, left: a, right: b, type, ...span(place) };
  }

  /** Both sides as pointers of one type; integers but 0 are not compared with pointers. */
  private comparedPointers(
    operator: ComparisonOperator,
    left: Expression,
    right: Expression,
    place: Place,
  ): [Expression, Expression] {
    const [pointer, other] = isPointer(left) ? [left, right] : [right, left];
    const { type } = pointer;
    if (!isPointer(other)) {
      if (!isNullPointer(other)) {
        this.context.warning(
          'pointer-integer-comparison',
          place,
          `'${operator}' compares the pointer ${typeName(unqualified(type))} with the integer ${nameOf(other)}`,
        );
      }
    } else if (!this.comparable(type, other)) {
      this.context.warning(
        'incompatible-pointer',
        place,
        `'${operator}' compares ${nameOf(left)} with ${nameOf(right)}`,
      );
    }
    return [convert(left, type), convert(right, type)];
  }

  /** Whether two pointers point at things of one type; `void *` and a constant fit any. */
  private comparable(type: CType, other: Expression & { type: PointerType }): boolean {
    if (type.kind !== 'pointer' || other.kind === 'integer') return true;
    const a = type.target;
    const b = other.type.target;
    if (a.kind === 'void' || b.kind === 'void') return true;
    return sameType(a, b) || (isInteger(a) && isInteger(b) && sizeOf(a) === sizeOf(b));
  }

  /** Pointer plus or minus an integer, in units of what it points at. */
  private pointerArithmetic(
    operator: Token,
    left: Expression,
    right: Expression,
    place: Place,
  ): Expression {
    const text = operator.text;
    if (text === '-' && isPointer(left) && isPointer(right)) {
      return this.pointerDifference(left, right, place);
    }
    const [pointer, index] = isPointer(left) ? [left, right] : [right, left];
    const fits = text === '+' || (text === '-' && isPointer(left));
    if (!fits || !isPointer(pointer) || !isInteger(index.type)) {
      this.wrongOperands(operator, left, right, place);
      return errorNode(place);
    }
    if (!this.hasKnownSize(pointer.type.target, pointer)) return errorNode(place);
    return pointerAdd(pointer, index, text === '+' ? 1 : -1, place);
  }

  /** The distance in elements, as a ptrdiff_t. */
  private pointerDifference(
    left: Expression & { type: PointerType },
    right: Expression & { type: PointerType },
    place: Place,
  ): Expression {
    if (!this.comparable(left.type, right) || !this.hasKnownSize(left.type.target, left)) {
      if (this.hasKnownSize(left.type.target, left)) {
        this.context.error(
          'wrong-operand',
          place,
          `'-' needs pointers to the same type, found ${nameOf(left)} and ${nameOf(right)}`,
        );
      }
      return errorNode(place);
    }
    const type = { ...integerTypes['long long'], alias: 'ptrdiff_t' };
    const scale = Math.max(sizeOf(left.type.target), 1);
    if (left.kind === 'integer' && right.kind === 'integer') {
      const bytes = BigInt(left.value) - BigInt(right.value);
      return integerNode(Number(bytes / BigInt(scale)), place, type);
    }
    const other = convert(right, left.type);
    return { kind: 'pointerDifference', left, right: other, scale, type, ...span(place) };
  }

  /** Whether arithmetic may count in units of the type. */
  hasKnownSize(target: CType, place: Place): boolean {
    if (isComplete(target)) return true;
    this.context.error(
      'incomplete-type',
      place,
      target.kind === 'void' || target.kind === 'function'
        ? `no arithmetic on ${typeName({ kind: 'pointer', target })}: what it points at has no size; cast it first`
        : `the size of ${typeName(target)} is not known here: it is declared but not defined`,
    );
    return false;
  }

  /** Reports operands that an operator cannot take together. */
  private wrongOperands(operator: Token, left: Expression, right: Expression, place: Place): void {
    this.context.error(
      'wrong-operand',
      place,
      `'${operator.text}' cannot take ${nameOf(left)} and ${nameOf(right)}`,
    );
  }

  /**
   * `&&` and `||`; what a constant left side decides is folded, and the right side is never run.
   */
  private logical(operator: Token, leftOperand: Expression, rightOperand: Expression): Expression {
    const user = `an operand of '${operator.text}'`;
    const left = this.condition(leftOperand, user);
    const right = this.condition(rightOperand, user);
    const place = span(leftOperand, rightOperand);
    if (left.kind === 'error' || right.kind === 'error') return errorNode(place);
    const decided = operator.text === '||';
    const truth = truthOf(left);
    if (truth === decided) return integerNode(decided ? 1 : 0, place);
    const second = truthOf(right);
    if (truth !== undefined && second !== undefined) return integerNode(second ? 1 : 0, place);
    const kind = decided ? 'or' : 'and';
    return { kind, left, right, type: integerTypes.int, ...span(place) };
  }

  /** The value of a comma expression is that of its right side. */
  comma(left: Expression, right: Expression): Expression {
    const value = decayed(right);
    checkDiscarded(this.context, left);
    this.context.discard(left);
    return {
      kind: 'comma',
      left: decayed(left),
      right: value,
      type: unqualified(value.type),
      ...span(left, right),
    };
  }

  // ---- Conditional ---------------------------------------------------------------------------------

  /** `?:` with both branches brought to one type. */
  conditional(test: Expression, first: Expression, second: Expression): Expression {
    const condition = this.condition(test, "the condition of '?:'");
    const place = span(test, second);
    const a = decayed(first);
    const b = decayed(second);
    if (condition.kind === 'error' || isFailed(a) || isFailed(b)) return errorNode(place);
    const type = this.conditionalType(a, b, place);
    if (type === undefined) return errorNode(place);
    const whenTrue = type.kind === 'void' ? a : convert(a, type);
    const whenFalse = type.kind === 'void' ? b : convert(b, type);
    const truth = truthOf(condition);
    const chosen = truth === undefined ? undefined : truth ? whenTrue : whenFalse;
    if (chosen?.kind === 'integer' || chosen?.kind === 'floating') {
      return { ...chosen, ...span(place) };
    }
    return { kind: 'conditional', condition, whenTrue, whenFalse, type, ...span(place) };
  }

  /**
   * Arithmetic types by the usual conversions, a null constant takes the other's pointer type, void
   * wins.
   */
  private conditionalType(a: Expression, b: Expression, place: Place): CType | undefined {
    if (isArithmetic(a.type) && isArithmetic(b.type)) {
      return commonType(promote(a).type, promote(b).type);
    }
    if (a.type.kind === 'void' || b.type.kind === 'void') return voidType;
    if (isPointer(a) && isPointer(b)) {
      if (isNullPointer(a)) return unqualified(b.type);
      if (isNullPointer(b)) return unqualified(a.type);
      if (!this.comparable(a.type, b)) {
        this.context.warning(
          'incompatible-pointer',
          place,
          `'?:' chooses between ${nameOf(a)} and ${nameOf(b)}`,
        );
      }
      return unqualified(b.type.target.kind === 'void' ? b.type : a.type);
    }
    if (isPointer(a) && isNullPointer(b)) return unqualified(a.type);
    if (isPointer(b) && isNullPointer(a)) return unqualified(b.type);
    if (sameType(a.type, b.type)) return unqualified(a.type);
    this.context.error(
      'wrong-operand',
      place,
      `'?:' needs two values of one type, found ${nameOf(a)} and ${nameOf(b)}`,
    );
    return undefined;
  }

  // ---- Assignment ----------------------------------------------------------------------------------

  /** `=` and the compound assignments. */
  assignment(operator: Token, target: Expression, value: Expression): Expression {
    const place = span(target, value);
    if (isFailed(target)) return errorNode(place);
    if (!this.modifiable(target, operator)) return errorNode(place);
    this.context.usedFor(target, 'update');
    this.context.changes++;
    if (operator.text === '=') {
      const bits = bitsOf(target);
      const converted = assigned(this.context, value, target.type, 'the assignment', bits);
      const type = unqualified(target.type);
      return { kind: 'assign', target, value: converted, type, ...place };
    }
    return this.compound(operator, target, value, place);
  }

  /** `target op= value`, computed in the common type and cut to the target's. */
  private compound(
    operator: Token,
    target: Expression,
    value: Expression,
    place: Place,
  ): Expression {
    const text = operator.text.slice(0, -1) as BinaryOperator;
    const right = this.scalar(value, `'${operator.text}'`);
    if (right.kind === 'error') return errorNode(place);
    const type = unqualified(target.type);
    if (target.type.kind === 'pointer') {
      if ((text !== '+' && text !== '-') || !isInteger(right.type)) {
        this.wrongOperands(operator, target, right, place);
        return errorNode(place);
      }
      if (!this.hasKnownSize(target.type.target, target)) return errorNode(place);
      const scale = sizeOf(target.type.target) * (text === '+' ? 1 : -1);
      return {
        kind: 'pointerAssign',
        target,
        index: indexNode(right),
        scale,
        type,
        ...span(place),
      };
    }
    const integersOnly = !['+', '-', '*', '/'].includes(text);
    const fits = (operand: Expression): boolean =>
      integersOnly ? isInteger(operand.type) : isArithmetic(operand.type);
    if (!fits(target) || !fits(right)) {
      this.wrongOperands(operator, target, right, place);
      return errorNode(place);
    }
    const promotedTarget = promote(target).type;
    const promotedRight = promote(right);
    this.checkDivisor(text, target, promotedRight);
    const isShift = text === '<<' || text === '>>';
    if (isShift) this.checkShiftCount(promotedTarget, promotedRight);
    const computation = isShift ? promotedTarget : commonType(promotedTarget, promotedRight.type);
    const operand = isShift ? promotedRight : convert(promotedRight, computation);
    if (text === '+' || text === '-' || text === '*' || text === '|' || text === '^') {
      const bits = bitsOf(target);
      const narrowed = bits === undefined ? { type } : { type, bits };
      checkNarrowing(this.context, right, narrowed, () => `'${operator.text}'`);
    }
    return {
      kind: 'compoundAssign',
      target,
      operator: text,
      value: operand,
      computation,
      type,
      ...span(place),
    };
  }

  /** Whether the operand may be changed; says why not. */
  private modifiable(target: Expression, operator: Token): boolean {
    if (!isLvalue(target) || target.type.kind === 'function') {
      this.context.error(
        'not-assignable',
        target,
        `'${operator.text}' needs an object to change, found ${target.kind === 'integer' ? 'a constant' : target.kind === 'call' ? 'the result of a call' : `a value of ${nameOf(target)}`}`,
      );
      return false;
    }
    if (target.type.kind === 'array') {
      this.context.error(
        'not-assignable',
        target,
        `'${operator.text}' cannot change an array as a whole (${typeName(target.type)}); copy its elements`,
      );
      return false;
    }
    const member = constMemberOf(target.type);
    if (member !== undefined && target.type.const !== true) {
      this.context.error(
        'const-violation',
        target,
        `'${operator.text}' cannot change ${typeName(unqualified(target.type))} as a whole: its member '${member}' is const`,
      );
      return false;
    }
    if (target.type.const === true) {
      const name = target.kind === 'variable' ? `'${target.variable.name}'` : 'it';
      this.context.error(
        'const-violation',
        target,
        `'${operator.text}' cannot change ${name}: its type is ${typeName(target.type)}`,
        target.kind === 'variable'
          ? {
              related: [
                { message: `${name} is declared const here`, range: target.variable.range },
              ],
            }
          : {},
      );
      return false;
    }
    if (target.type.kind === 'record' && !isComplete(target.type)) {
      this.hasKnownSize(target.type, target);
      return false;
    }
    return true;
  }

  // ---- Casts and indexing --------------------------------------------------------------------------

  /** Casts between scalars; the Microsoft compiler lets a structure be cast to itself. */
  cast(type: CType, operand: Expression, place: Place): Expression {
    const value = decayed(operand);
    if (isFailed(value) || isUnknown(type)) return errorNode(place);
    if (type.kind === 'void') {
      return { kind: 'convert', operand: value, implicit: false, type, ...span(place) };
    }
    const refuse = (message: string, code = 'wrong-operand'): Expression => {
      this.context.error(code, place, message);
      return errorNode(place);
    };
    if (value.type.kind === 'void') {
      return refuse(`a cast to ${typeName(type)} needs a value, found none (void)`, 'void-value');
    }
    if (type.kind === 'record' && sameType(type, value.type)) return value;
    if (!isScalar(type) || !isScalar(value.type)) {
      return refuse(`no cast from ${nameOf(value)} to ${typeName(type)}`);
    }
    const mixesFloating =
      (type.kind === 'pointer' && value.type.kind === 'floating') ||
      (type.kind === 'floating' && value.type.kind === 'pointer');
    if (mixesFloating) return refuse(`no cast from ${nameOf(value)} to ${typeName(type)}`);
    this.checkTruncatedPointer(type, value, place);
    this.checkExtendedPointer(type, value, place);
    const converted = convert(value, type, false);
    return { ...converted, ...span(place) };
  }

  /** The Microsoft compiler's C4311: the upper half of an address gets lost. */
  private checkTruncatedPointer(type: CType, value: Expression, place: Place): void {
    if (value.kind === 'integer' || !isInteger(type) || value.type.kind !== 'pointer') return;
    if (sizeOf(type) >= 8 || (type.kind === 'integer' && type.integer === 'bool')) return;
    this.context.warning(
      'pointer-truncated',
      place,
      `the cast to ${typeName(type)} keeps ${sizeOf(type) * 8} of the 64 bits of ${nameOf(value)}; ULONG_PTR keeps all`,
    );
  }

  /** C4312: the upper half of the address is made up from the sign of the lower. */
  private checkExtendedPointer(type: CType, value: Expression, place: Place): void {
    if (type.kind !== 'pointer' || value.kind === 'integer' || !isOwnText(place)) return;
    if (!isInteger(value.type) || sizeOf(value.type) >= 8) return;
    this.context.warning(
      'pointer-extended',
      place,
      `the cast to ${typeName(type)} makes 64 bits of the ${sizeOf(value.type) * 8} of ${nameOf(value)}; cast to ULONG_PTR first if that is meant`,
    );
  }

  /** `a[i]` is `*(a + i)`, so `i[a]` is the same. */
  index(object: Expression, index: Expression, place: Place): Expression {
    const a = decayed(object);
    const b = decayed(index);
    if (isFailed(a) || isFailed(b)) return errorNode(place);
    const [pointer, number] = isPointer(a) ? [a, b] : [b, a];
    if (!isPointer(pointer)) {
      this.context.error(
        'not-an-array',
        object,
        `'[ ]' needs an array or a pointer, found ${nameOf(a)}`,
      );
      return errorNode(place);
    }
    if (!isInteger(number.type)) {
      this.context.error('wrong-operand', index, `an index is an integer, found ${nameOf(number)}`);
      return errorNode(place);
    }
    if (!this.hasKnownSize(pointer.type.target, object)) return errorNode(place);
    this.checkBounds(object, number);
    const isFirst = number.kind === 'integer' && number.value === 0;
    return this.pointee(isFirst ? pointer : pointerAdd(pointer, number, 1, place), place);
  }

  /** A constant index far outside; one past the end may be meant for an address, and [1] ends a record. */
  private checkBounds(object: Expression, index: Expression): void {
    if (!isIntegerConstant(index) || object.type.kind !== 'array') return;
    const { length } = object.type;
    if (length === undefined || length <= 1 || typeof index.value !== 'number') return;
    if (index.value >= 0 && index.value <= length) return;
    this.context.warning(
      'index-out-of-bounds',
      index,
      `the index ${index.value} is outside of ${typeName(object.type)}`,
    );
  }
}

/** The name of a member that may not change, within structures too. */
function constMemberOf(type: CType): string | undefined {
  if (type.kind === 'array') return constMemberOf(type.element);
  if (type.kind !== 'record') return undefined;
  for (const member of type.definition.members ?? []) {
    if (member.type.const === true) return member.name ?? '';
    const inner = constMemberOf(member.type);
    if (inner !== undefined) return inner;
  }
  return undefined;
}
