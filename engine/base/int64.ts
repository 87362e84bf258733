/**
 * 64-bit integers of the emulated machine.
 *
 * A value is held in its signed reading: as a number while that is a safe integer, else as a bigint.
 * Canonical x64 addresses (kernel addresses are small negative numbers), sizes and counters are numbers, so
 * the hot paths never see a bigint. An unsigned reading is made only where it matters: comparison,
 * division, right shift, printing.
 */
export type Int64 = number | bigint;

/** Brings any integer (of any magnitude) into the normal form: signed 64 bits, a number where it is safe. */
export function int64(value: Int64): Int64 {
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) return value;
    return normalise(BigInt(Math.trunc(value)));
  }
  return normalise(value);
}

function normalise(value: bigint): Int64 {
  const wrapped = BigInt.asIntN(64, value);
  const number = Number(wrapped);
  return Number.isSafeInteger(number) ? number : wrapped;
}

/** The value read as an unsigned 64-bit integer. */
export function unsigned64(value: Int64): bigint {
  return BigInt.asUintN(64, BigInt(value));
}

/** Sum, wrapped to 64 bits. */
export function add64(left: Int64, right: Int64): Int64 {
  if (typeof left === 'number' && typeof right === 'number') {
    const sum = left + right;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return normalise(BigInt(left) + BigInt(right));
}

/** Difference, wrapped to 64 bits. */
export function subtract64(left: Int64, right: Int64): Int64 {
  if (typeof left === 'number' && typeof right === 'number') {
    const difference = left - right;
    if (Number.isSafeInteger(difference)) return difference;
  }
  return normalise(BigInt(left) - BigInt(right));
}

/** Product, wrapped to 64 bits. */
export function multiply64(left: Int64, right: Int64): Int64 {
  if (typeof left === 'number' && typeof right === 'number') {
    const product = left * right;
    if (Number.isSafeInteger(product)) return product + 0;
  }
  return normalise(BigInt(left) * BigInt(right));
}

/** Quotient of the signed or unsigned reading, towards zero. The divisor must not be zero. */
export function divide64(left: Int64, right: Int64, signed: boolean): Int64 {
  if (
    typeof left === 'number' &&
    typeof right === 'number' &&
    (signed || (left >= 0 && right > 0))
  ) {
    // Exact: below 2^53 a quotient differs from the next integer by more than half a unit of its last place.
    return Math.trunc(left / right) + 0;
  }
  return signed
    ? normalise(BigInt(left) / BigInt(right))
    : normalise(unsigned64(left) / unsigned64(right));
}

/** Remainder with the sign of the dividend, as C has it. The divisor must not be zero. */
export function remainder64(left: Int64, right: Int64, signed: boolean): Int64 {
  if (
    typeof left === 'number' &&
    typeof right === 'number' &&
    (signed || (left >= 0 && right > 0))
  ) {
    return (left % right) + 0;
  }
  return signed
    ? normalise(BigInt(left) % BigInt(right))
    : normalise(unsigned64(left) % unsigned64(right));
}

const isInt32 = (value: Int64): value is number =>
  typeof value === 'number' && (value | 0) === value;

/** Bitwise and. */
export function and64(left: Int64, right: Int64): Int64 {
  if (isInt32(left) && isInt32(right)) return left & right;
  if (typeof left === 'number' && typeof right === 'number') {
    // Splitting into words keeps masks such as PAGE_SIZE - 1 on addresses off the bigint path.
    return fromWords(high32(left) & high32(right), (left & right) >>> 0);
  }
  return normalise(BigInt(left) & BigInt(right));
}

/** Bitwise or. */
export function or64(left: Int64, right: Int64): Int64 {
  if (isInt32(left) && isInt32(right)) return left | right;
  if (typeof left === 'number' && typeof right === 'number') {
    return fromWords(high32(left) | high32(right), (left | right) >>> 0);
  }
  return normalise(BigInt(left) | BigInt(right));
}

/** Bitwise exclusive or. */
export function xor64(left: Int64, right: Int64): Int64 {
  if (isInt32(left) && isInt32(right)) return left ^ right;
  if (typeof left === 'number' && typeof right === 'number') {
    return fromWords(high32(left) ^ high32(right), (left ^ right) >>> 0);
  }
  return normalise(BigInt(left) ^ BigInt(right));
}

/** Bitwise complement. */
export function not64(value: Int64): Int64 {
  if (typeof value === 'number') {
    const flipped = -value - 1;
    if (Number.isSafeInteger(flipped)) return flipped;
  }
  return normalise(~BigInt(value));
}

/** Left shift by 0 to 63. */
export function shiftLeft64(value: Int64, count: number): Int64 {
  if (typeof value === 'number') {
    const shifted = value * 2 ** count;
    if (Number.isSafeInteger(shifted)) return shifted;
  }
  return normalise(BigInt(value) << BigInt(count));
}

/** Right shift by 0 to 63: arithmetic when signed, else logical. */
export function shiftRight64(value: Int64, count: number, signed: boolean): Int64 {
  if (typeof value === 'number' && (signed || value >= 0)) return Math.floor(value / 2 ** count);
  return signed
    ? normalise(BigInt(value) >> BigInt(count))
    : normalise(unsigned64(value) >> BigInt(count));
}

/** -1, 0 or 1. */
export function compare64(left: Int64, right: Int64, signed: boolean): number {
  if (typeof left === 'number' && typeof right === 'number' && (signed || left < 0 === right < 0)) {
    return left < right ? -1 : left > right ? 1 : 0;
  }
  const a = signed ? BigInt(left) : unsigned64(left);
  const b = signed ? BigInt(right) : unsigned64(right);
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The low 32 bits as an unsigned number. */
export function low32(value: Int64): number {
  return typeof value === 'number' ? value >>> 0 : Number(BigInt.asUintN(32, value));
}

/** The high 32 bits as a signed number. */
export function high32(value: Int64): number {
  return typeof value === 'number'
    ? Math.floor(value / 0x1_0000_0000) | 0
    : Number(BigInt.asIntN(32, value >> 32n));
}

/** The nearest `float`, rounded once: an integer on the way to double would be rounded twice. */
export function toFloat32(value: Int64): number {
  if (typeof value === 'number') return Math.fround(value);
  const direct = Number(value);
  if (Number.isSafeInteger(direct)) return Math.fround(direct);
  // 40 bits and one that stands for all below it are exact in a double.
  const kept = (value >> 24n) | ((value & 0xff_ffffn) === 0n ? 0n : 1n);
  return Math.fround(Number(kept)) * 0x100_0000;
}

/** Joins a high word (any reading) and an unsigned low word. */
export function fromWords(high: number, low: number): Int64 {
  const joined = (high | 0) * 0x1_0000_0000 + low;
  return Number.isSafeInteger(joined) ? joined : normalise((BigInt(high | 0) << 32n) | BigInt(low));
}

/** Cuts to `size` bytes (1, 2, 4 or 8) and reads the result as signed or unsigned (8 bytes: always signed). */
export function truncate(value: Int64, size: number, signed: boolean): Int64 {
  switch (size) {
    case 1: {
      const byte = low32(value) & 0xff;
      return signed ? (byte << 24) >> 24 : byte;
    }
    case 2: {
      const word = low32(value) & 0xffff;
      return signed ? (word << 16) >> 16 : word;
    }
    case 4: {
      const word = low32(value);
      return signed ? word | 0 : word;
    }
    default:
      return int64(value);
  }
}

/** `0x` and the unsigned reading in upper-case hexadecimal, at least `digits` long. */
export function hex(value: Int64, digits = 1): string {
  return `0x${unsigned64(value).toString(16).toUpperCase().padStart(digits, '0')}`;
}
