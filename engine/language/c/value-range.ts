/** Which values an integer expression can have, as far as its types and constants tell. */
import type { BinaryOperator, Expression } from '../program.ts';
import type { CType } from '../types.ts';
import { isInteger, sizeOf } from '../types.ts';
import { isIntegerConstant, isSignedValue, numberOf } from './constants.ts';

/** Both ends included. Beyond 2^53 the ends are rounded, which no comparison with a smaller type's limits shows. */
export interface ValueRange {
  readonly least: number;
  readonly greatest: number;
}

/** What fits in a number of bits. */
export function rangeOfBits(bits: number, signed: boolean): ValueRange {
  return signed
    ? { least: -(2 ** (bits - 1)), greatest: 2 ** (bits - 1) - 1 }
    : { least: 0, greatest: 2 ** bits - 1 };
}

/** The values of an integer type. */
export function rangeOfType(type: CType): ValueRange {
  if (type.kind === 'integer' && type.integer === 'bool') return { least: 0, greatest: 1 };
  return rangeOfBits(sizeOf(type) * 8, isSignedValue(type));
}

export const contains = (outer: ValueRange, inner: ValueRange): boolean =>
  outer.least <= inner.least && outer.greatest >= inner.greatest;

/** The values that an expression of integer type can have. */
export function rangeOf(expression: Expression): ValueRange {
  const limits = rangeOfType(expression.type);
  const computed = computedRange(expression);
  // What does not fit wraps, and can be anything.
  return computed !== undefined && contains(limits, computed) ? computed : limits;
}

function computedRange(expression: Expression): ValueRange | undefined {
  switch (expression.kind) {
    case 'integer': {
      if (!isIntegerConstant(expression)) return undefined;
      const value = numberOf(expression);
      return { least: value, greatest: value };
    }
    case 'convert':
      return isInteger(expression.operand.type) ? rangeOf(expression.operand) : undefined;
    case 'member': {
      const { bits } = expression.member;
      return bits && rangeOfBits(bits.width, isSignedValue(expression.type));
    }
    case 'not':
    case 'compare':
    case 'and':
    case 'or':
      return { least: 0, greatest: 1 };
    case 'conditional':
      return union(rangeOf(expression.whenTrue), rangeOf(expression.whenFalse));
    case 'comma':
      return rangeOf(expression.right);
    case 'negate': {
      const { least, greatest } = rangeOf(expression.operand);
      return { least: -greatest, greatest: -least };
    }
    case 'binary':
      return binaryRange(expression);
    default:
      return undefined;
  }
}

const union = (a: ValueRange, b: ValueRange): ValueRange => ({
  least: Math.min(a.least, b.least),
  greatest: Math.max(a.greatest, b.greatest),
});

function binaryRange(expression: Expression & { kind: 'binary' }): ValueRange | undefined {
  const left = rangeOf(expression.left);
  const right = rangeOf(expression.right);
  const operator: BinaryOperator = expression.operator;
  const isPositive = left.least >= 0 && right.least >= 0;
  switch (operator) {
    case '+':
      return { least: left.least + right.least, greatest: left.greatest + right.greatest };
    case '-':
      return { least: left.least - right.greatest, greatest: left.greatest - right.least };
    case '*': {
      const ends = [left.least, left.greatest].flatMap((a) => [
        a * right.least,
        a * right.greatest,
      ]);
      return { least: Math.min(...ends), greatest: Math.max(...ends) };
    }
    case '/':
      return isPositive ? { least: 0, greatest: left.greatest } : undefined;
    case '%':
      return isPositive && right.greatest > 0
        ? { least: 0, greatest: Math.min(left.greatest, right.greatest - 1) }
        : undefined;
    case '&': {
      // An operand without a sign takes away what the other one has above it.
      const masks = [left, right].filter(({ least }) => least >= 0);
      if (masks.length === 0) return undefined;
      return { least: 0, greatest: Math.min(...masks.map(({ greatest }) => greatest)) };
    }
    case '|':
    case '^':
      return isPositive
        ? { least: 0, greatest: allBitsOf(Math.max(left.greatest, right.greatest)) }
        : undefined;
    case '>>': {
      const by = 2 ** right.least;
      return isPositive ? { least: 0, greatest: Math.floor(left.greatest / by) } : undefined;
    }
    case '<<':
      return isPositive && right.greatest < 64
        ? { least: 0, greatest: left.greatest * 2 ** right.greatest }
        : undefined;
  }
}

/** The greatest number of as many bits. */
const allBitsOf = (value: number): number => 2 ** Math.ceil(Math.log2(value + 1)) - 1;
