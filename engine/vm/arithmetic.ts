/** C arithmetic on machine types, on values in normal form. */
import {
  add64,
  and64,
  compare64,
  divide64,
  type Int64,
  int64,
  low32,
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
} from '../base/int64.ts';
import {
  type Comparison,
  isFloat,
  isSignedScalar,
  type Operator,
  type Scalar,
  scalarSize,
} from './ir.ts';
import { RaiseException } from './natives.ts';

/** What the processor's divide error becomes: NTSTATUS values of the `ntstatus` page. */
const STATUS_INTEGER_DIVIDE_BY_ZERO = 0xc0000094;
const STATUS_INTEGER_OVERFLOW = 0xc0000095;

/** Operands and result in the normal form of the operator's type. */
export type BinaryFunction = (left: Int64, right: Int64) => Int64;

/** The function of an operator on two values of a type. Shift counts are masked as the processor does. */
export function binaryFunction(operator: Operator, scalar: Scalar): BinaryFunction {
  if (scalar === 'f32' || scalar === 'f64') return floating(operator, scalar);
  if (scalarSize[scalar] === 8) return wide(operator, isSignedScalar(scalar));
  const compute = word(operator, isSignedScalar(scalar));
  if (scalar === 'i32') return (left, right) => compute(left as number, right) | 0;
  if (scalar === 'u32') return (left, right) => compute(left as number, right) >>> 0;
  const size = scalarSize[scalar];
  const signed = isSignedScalar(scalar);
  return (left, right) => truncate(compute(left as number, right), size, signed);
}

/**
 * The function of a comparison. Only 64-bit unsigned values need more than the order of numbers: all others
 * are held in the reading of their type.
 */
export function compareFunction(
  operator: Comparison,
  scalar: Scalar,
): (left: Int64, right: Int64) => boolean {
  const order =
    scalar === 'u64'
      ? (left: Int64, right: Int64): number => compare64(left, right, false)
      : undefined;
  switch (operator) {
    case '==':
      return (left, right) => left === right;
    case '!=':
      return (left, right) => left !== right;
    case '<':
      return order ? (left, right) => order(left, right) < 0 : (left, right) => left < right;
    case '>':
      return order ? (left, right) => order(left, right) > 0 : (left, right) => left > right;
    case '<=':
      return order ? (left, right) => order(left, right) <= 0 : (left, right) => left <= right;
    case '>=':
      return order ? (left, right) => order(left, right) >= 0 : (left, right) => left >= right;
  }
}

/**
 * Whether a signed sum, difference or product is another one than its exact value. The operands and the result are in
 * the normal form of the type, `i32` or `i64`.
 */
export function overflows(
  operator: '+' | '-' | '*',
  left: Int64,
  right: Int64,
  result: Int64,
): boolean {
  if (typeof left === 'number' && typeof right === 'number') {
    const near = operator === '+' ? left + right : operator === '-' ? left - right : left * right;
    // A result in the range of exact doubles tells; a larger one was rounded.
    if (near === result) return false;
  }
  const [a, b] = [BigInt(left), BigInt(right)];
  return (operator === '+' ? a + b : operator === '-' ? a - b : a * b) !== BigInt(result);
}

/** Conversion between machine types; undefined when the value stays as it is. */
export function conversion(from: Scalar, to: Scalar): ((value: Int64) => Int64) | undefined {
  if (from === to) return undefined;
  if (isFloat(to)) {
    if (to === 'f32') {
      return from === 'u64' ? (value) => toFloat32(unsigned64(value)) : toFloat32;
    }
    if (from === 'u64') return (value) => Number(value < 0 ? unsigned64(value) : value);
    return typeof from === 'string' && isFloat(from) ? undefined : (value) => Number(value);
  }
  const size = scalarSize[to];
  const signed = isSignedScalar(to);
  if (isFloat(from)) {
    return (value) => truncate(floatToInteger(value as number, size, signed), size, signed);
  }
  if (size === 8) return undefined;
  if (to === 'i32') return (value) => (typeof value === 'number' ? value | 0 : low32(value) | 0);
  if (to === 'u32') return (value) => low32(value);
  return (value) => truncate(value, size, signed);
}

/** Unary minus. */
export function negateFunction(scalar: Scalar): (value: Int64) => Int64 {
  if (isFloat(scalar)) return (value) => -(value as number);
  if (scalar === 'i32') return (value) => (0 - (value as number)) | 0;
  if (scalar === 'u32') return (value) => (0 - (value as number)) >>> 0;
  return (value) => subtract64(0, value);
}

/** `~`. */
export function complementFunction(scalar: Scalar): (value: Int64) => Int64 {
  if (scalar === 'i32') return (value) => ~(value as number);
  if (scalar === 'u32') return (value) => ~(value as number) >>> 0;
  return not64;
}

/** Results that do not fit are the processor's "integer indefinite". */
function floatToInteger(value: number, size: number, signed: boolean): Int64 {
  if (size === 8 && !signed && value >= 2 ** 63 && value < 2 ** 64) {
    return int64(BigInt(Math.trunc(value)));
  }
  const limit = size === 8 ? 2 ** 63 : signed ? 2 ** 31 : 2 ** 63;
  if (!(value > -limit - 1 && value < limit)) {
    return size === 8 || !signed ? int64(-(2n ** 63n)) : -(2 ** 31);
  }
  const whole = Math.trunc(value) + 0;
  return Number.isSafeInteger(whole) ? whole : int64(BigInt(whole));
}

/** Operators on 1, 2 and 4 bytes; the caller cuts the result to its type. */
function word(operator: Operator, signed: boolean): (left: number, right: Int64) => number {
  switch (operator) {
    case '+':
      return (left, right) => left + (right as number);
    case '-':
      return (left, right) => left - (right as number);
    case '*':
      return (left, right) => Math.imul(left, right as number);
    case '/':
      return (left, right) => {
        if (right === 0) throw new RaiseException(STATUS_INTEGER_DIVIDE_BY_ZERO);
        // The quotient does not fit, and `idiv` raises the divide error for it.
        if (signed && right === -1 && left === -0x8000_0000) {
          throw new RaiseException(STATUS_INTEGER_OVERFLOW);
        }
        return Math.trunc(left / (right as number));
      };
    case '%':
      return (left, right) => {
        if (right === 0) throw new RaiseException(STATUS_INTEGER_DIVIDE_BY_ZERO);
        if (signed && right === -1 && left === -0x8000_0000) {
          throw new RaiseException(STATUS_INTEGER_OVERFLOW);
        }
        return left % (right as number);
      };
    case '&':
      return (left, right) => left & (right as number);
    case '|':
      return (left, right) => left | (right as number);
    case '^':
      return (left, right) => left ^ (right as number);
    case '<<':
      return (left, right) => left << (low32(right) & 31);
    case '>>':
      return signed
        ? (left, right) => left >> (low32(right) & 31)
        : (left, right) => left >>> (low32(right) & 31);
  }
}

/** Operators on 8 bytes. */
function wide(operator: Operator, signed: boolean): BinaryFunction {
  switch (operator) {
    case '+':
      return add64;
    case '-':
      return subtract64;
    case '*':
      return multiply64;
    case '/':
    case '%': {
      const compute = operator === '/' ? divide64 : remainder64;
      return (left, right) => {
        if (right === 0) throw new RaiseException(STATUS_INTEGER_DIVIDE_BY_ZERO);
        if (signed && right === -1 && left === -(2n ** 63n)) {
          throw new RaiseException(STATUS_INTEGER_OVERFLOW);
        }
        return compute(left, right, signed);
      };
    }
    case '&':
      return and64;
    case '|':
      return or64;
    case '^':
      return xor64;
    case '<<':
      return (left, right) => shiftLeft64(left, low32(right) & 63);
    case '>>':
      return (left, right) => shiftRight64(left, low32(right) & 63, signed);
  }
}

/** Operators on `float` and `double`; `float` is rounded after each operation. */
function floating(operator: Operator, scalar: 'f32' | 'f64'): BinaryFunction {
  const round = scalar === 'f32' ? Math.fround : (value: number): number => value;
  switch (operator) {
    case '+':
      return (left, right) => round((left as number) + (right as number));
    case '-':
      return (left, right) => round((left as number) - (right as number));
    case '*':
      return (left, right) => round((left as number) * (right as number));
    case '/':
      return (left, right) => round((left as number) / (right as number));
    case '%':
    case '&':
    case '|':
    case '^':
    case '<<':
    case '>>':
      throw new TypeError(`${operator} on floating values`);
  }
}
