/** Folding of constant expressions. */
import type { Int64 } from '../../base/int64.ts';
import {
  add64,
  and64,
  compare64,
  divide64,
  int64,
  multiply64,
  not64,
  or64,
  remainder64,
  shiftLeft64,
  shiftRight64,
  subtract64,
  toFloat32,
  truncate,
  unsigned64,
  xor64,
} from '../../base/int64.ts';
import type { BinaryOperator, ComparisonOperator, Expression, Initializer } from '../program.ts';
import type { CType } from '../types.ts';
import { isInteger, isSigned, sizeOf } from '../types.ts';

export type IntegerConstant = Expression & { readonly kind: 'integer' };
export type FloatingConstant = Expression & { readonly kind: 'floating' };

/** A constant of integer type (not a folded pointer). */
export const isIntegerConstant = (expression: Expression): expression is IntegerConstant =>
  expression.kind === 'integer' && isInteger(expression.type);

/** `0`, or `0` cast to `void *`. */
export const isNullPointer = (expression: Expression): boolean =>
  expression.kind === 'integer' &&
  expression.value === 0 &&
  (isInteger(expression.type) ||
    (expression.type.kind === 'pointer' && expression.type.target.kind === 'void'));

/** Whether the type's values compare and divide as signed ones; pointers do not. */
export const isSignedValue = (type: CType): boolean => isInteger(type) && isSigned(type);

/** The value as the type holds it. */
export function wrap(value: Int64, type: CType): Int64 {
  if (type.kind === 'integer') {
    if (type.integer === 'bool') return value === 0 ? 0 : 1;
    return truncate(value, type.size, type.signed);
  }
  return type.kind === 'enum' ? truncate(value, 4, true) : truncate(value, 8, true);
}

/** The constant as a JavaScript number, read by its type's signedness. */
export function numberOf(expression: IntegerConstant): number {
  return isSignedValue(expression.type) || sizeOf(expression.type) < 8
    ? Number(expression.value)
    : Number(unsigned64(expression.value));
}

/** Undefined for a division by zero. Shift counts are cut as the processor does it. */
export function foldInteger(
  operator: BinaryOperator,
  left: Int64,
  right: Int64,
  type: CType,
): Int64 | undefined {
  const signed = isSignedValue(type);
  const bits = sizeOf(type) === 8 ? 63 : 31;
  switch (operator) {
    case '+':
      return wrap(add64(left, right), type);
    case '-':
      return wrap(subtract64(left, right), type);
    case '*':
      return wrap(multiply64(left, right), type);
    case '/':
      return right === 0 ? undefined : wrap(divide64(left, right, signed), type);
    case '%':
      return right === 0 ? undefined : wrap(remainder64(left, right, signed), type);
    case '&':
      return wrap(and64(left, right), type);
    case '|':
      return wrap(or64(left, right), type);
    case '^':
      return wrap(xor64(left, right), type);
    case '<<':
      return wrap(shiftLeft64(left, Number(right) & bits), type);
    case '>>':
      return wrap(shiftRight64(left, Number(right) & bits, signed), type);
  }
}

/** `float` is rounded after each operation, as at run time. */
export function foldFloating(
  operator: BinaryOperator,
  left: number,
  right: number,
  single: boolean,
): number {
  const value = computeDouble(operator, left, right);
  return single ? Math.fround(value) : value;
}

function computeDouble(operator: BinaryOperator, left: number, right: number): number {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return left / right;
    default:
      return Number.NaN;
  }
}

/** 1 or 0 for an order of -1, 0 or 1. */
export function foldComparison(operator: ComparisonOperator, order: number): number {
  switch (operator) {
    case '<':
      return order < 0 ? 1 : 0;
    case '>':
      return order > 0 ? 1 : 0;
    case '<=':
      return order <= 0 ? 1 : 0;
    case '>=':
      return order >= 0 ? 1 : 0;
    case '==':
      return order === 0 ? 1 : 0;
    case '!=':
      return order !== 0 ? 1 : 0;
  }
}

/** The order of two constants of one type: -1, 0 or 1. */
export const compareConstants = (left: IntegerConstant, right: IntegerConstant): number =>
  compare64(left.value, right.value, isSignedValue(left.type));

/** `~` of a constant, cut to its type. */
export const complement = (value: Int64, type: CType): Int64 => wrap(not64(value), type);

/** A floating value cut to an integer type. */
export const toInteger = (value: number, type: CType): Int64 =>
  Number.isFinite(value) ? wrap(int64(value), type) : 0;

/** An integer constant as a floating value. */
export const toFloating = (expression: IntegerConstant, size: 4 | 8): number => {
  const { type, value } = expression;
  const read = isSignedValue(type) || sizeOf(type) < 8 ? value : unsigned64(value);
  return size === 4 ? toFloat32(read) : Number(read);
};

/**
 * The truth of a condition where it is known without running anything; undefined otherwise.
 */
export function truthOf(expression: Expression): boolean | undefined {
  switch (expression.kind) {
    case 'integer':
    case 'floating':
      return expression.value !== 0;
    case 'string':
      return true;
    case 'convert':
      // The address of an array or a function is never null.
      return expression.operand.kind === 'string' || expression.operand.kind === 'function'
        ? true
        : undefined;
    default:
      return undefined;
  }
}

/** The address that an lvalue has by constants alone, as in `&((T *)0)->member`. */
export function constantAddress(lvalue: Expression): Int64 | undefined {
  switch (lvalue.kind) {
    case 'dereference':
      return lvalue.operand.kind === 'integer' ? lvalue.operand.value : undefined;
    case 'member': {
      const object = constantAddress(lvalue.object);
      return object === undefined ? undefined : add64(object, lvalue.member.offset);
    }
    default:
      return undefined;
  }
}

/** Whether static storage may begin with the value: a number, or an address known when the module is loaded. */
export function isLoadTimeConstant(expression: Expression): boolean {
  switch (expression.kind) {
    case 'integer':
    case 'floating':
    case 'function':
    case 'error':
      return true;
    case 'addressOf':
      return isStaticPlace(expression.operand);
    case 'convert': {
      const { operand } = expression;
      if (operand.type.kind === 'array') return isStaticPlace(operand);
      return isLoadTimeConstant(operand);
    }
    case 'pointerAdd':
      return isLoadTimeConstant(expression.pointer) && isLoadTimeConstant(expression.index);
    case 'binary':
    case 'compare':
    case 'and':
    case 'or':
      return isLoadTimeConstant(expression.left) && isLoadTimeConstant(expression.right);
    case 'pointerDifference':
      return isLoadTimeConstant(expression.left) && isLoadTimeConstant(expression.right);
    case 'negate':
    case 'complement':
    case 'not':
      return isLoadTimeConstant(expression.operand);
    case 'conditional':
      return (
        isLoadTimeConstant(expression.condition) &&
        isLoadTimeConstant(expression.whenTrue) &&
        isLoadTimeConstant(expression.whenFalse)
      );
    case 'compoundLiteral':
      return isConstantInitializer(expression.initializer);
    default:
      return false;
  }
}

/** An lvalue with static storage, or a function. */
function isStaticPlace(lvalue: Expression): boolean {
  switch (lvalue.kind) {
    case 'variable':
      return lvalue.variable.storage === 'static';
    case 'string':
    case 'function':
    case 'error':
      return true;
    case 'member':
      return isStaticPlace(lvalue.object);
    case 'dereference':
      return isLoadTimeConstant(lvalue.operand);
    case 'compoundLiteral':
      return lvalue.variable.storage === 'static';
    default:
      return false;
  }
}

/** The first value in an initialiser that is not known when the module is loaded. */
export function firstNotConstant(initializer: Initializer): Expression | undefined {
  switch (initializer.kind) {
    case 'bytes':
      return undefined;
    case 'value':
      return isLoadTimeConstant(initializer.value) ? undefined : initializer.value;
    case 'list':
      for (const item of initializer.items) {
        const found = firstNotConstant(item.initializer);
        if (found !== undefined) return found;
      }
      return undefined;
  }
}

const isConstantInitializer = (initializer: Initializer): boolean =>
  firstNotConstant(initializer) === undefined;
