import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as int64 from '../../../engine/base/int64.ts';

const signed = (value: bigint): bigint => BigInt.asIntN(64, value);
const unsigned = (value: bigint): bigint => BigInt.asUintN(64, value);

/** Values at the edges of words and of the exact range, beside random ones. */
const value = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.integer().map(BigInt),
  fc.constantFrom(
    ...[0n, 1n, 2n ** 31n, 2n ** 32n, 2n ** 53n, 2n ** 63n - 1n].flatMap((edge) => [
      edge,
      edge - 1n,
      -edge,
      -edge - 1n,
    ]),
  ),
);

/** The normal form: a number exactly when it is a safe integer. */
function check(actual: int64.Int64, expected: bigint): void {
  const wrapped = signed(expected);
  const isSafe = Number.isSafeInteger(Number(wrapped));
  expect(typeof actual).toBe(isSafe ? 'number' : 'bigint');
  expect(BigInt(actual)).toBe(wrapped);
  expect(Object.is(actual, -0)).toBe(false);
}

const binary = (
  operate: (left: int64.Int64, right: int64.Int64) => int64.Int64,
  reference: (left: bigint, right: bigint) => bigint,
): void => {
  fc.assert(
    fc.property(value, value, (left, right) => {
      const [a, b] = [signed(left), signed(right)];
      check(operate(int64.int64(a), int64.int64(b)), reference(a, b));
    }),
    { numRuns: 1000 },
  );
};

describe('64-bit integers agree with BigInt', () => {
  test('sum, difference, product', () => {
    binary(int64.add64, (a, b) => a + b);
    binary(int64.subtract64, (a, b) => a - b);
    binary(int64.multiply64, (a, b) => a * b);
  });

  test('quotient and remainder in both readings', () => {
    const nonZero = (b: bigint): bigint => (b === 0n ? 7n : b);
    const over = (b: int64.Int64): int64.Int64 => (b === 0 ? 7 : b);
    binary(
      (a, b) => int64.divide64(a, over(b), true),
      (a, b) => a / nonZero(b),
    );
    binary(
      (a, b) => int64.remainder64(a, over(b), true),
      (a, b) => a % nonZero(b),
    );
    binary(
      (a, b) => int64.divide64(a, over(b), false),
      (a, b) => unsigned(a) / unsigned(nonZero(b)),
    );
    binary(
      (a, b) => int64.remainder64(a, over(b), false),
      (a, b) => unsigned(a) % unsigned(nonZero(b)),
    );
  });

  test('bitwise operators and shifts', () => {
    binary(int64.and64, (a, b) => a & b);
    binary(int64.or64, (a, b) => a | b);
    binary(int64.xor64, (a, b) => a ^ b);
    binary(
      (a) => int64.not64(a),
      (a) => ~a,
    );
    const by = (b: int64.Int64): number => int64.low32(b) & 63;
    const bits = (b: bigint): bigint => unsigned(b) & 63n;
    binary(
      (a, b) => int64.shiftLeft64(a, by(b)),
      (a, b) => a << bits(b),
    );
    binary(
      (a, b) => int64.shiftRight64(a, by(b), true),
      (a, b) => a >> bits(b),
    );
    binary(
      (a, b) => int64.shiftRight64(a, by(b), false),
      (a, b) => unsigned(a) >> bits(b),
    );
  });

  test('order in both readings', () => {
    fc.assert(
      fc.property(value, value, (left, right) => {
        const [a, b] = [signed(left), signed(right)];
        const order = (x: bigint, y: bigint): number => (x < y ? -1 : x > y ? 1 : 0);
        expect(int64.compare64(int64.int64(a), int64.int64(b), true)).toBe(order(a, b));
        expect(int64.compare64(int64.int64(a), int64.int64(b), false)).toBe(
          order(unsigned(a), unsigned(b)),
        );
      }),
    );
  });

  test('words, cuts and text', () => {
    fc.assert(
      fc.property(value, fc.constantFrom(1, 2, 4, 8), fc.boolean(), (wide, size, isSigned) => {
        const one = int64.int64(signed(wide));
        check(int64.fromWords(int64.high32(one), int64.low32(one)), wide);
        const cut = int64.truncate(one, size, isSigned);
        const bits = size * 8;
        const expected =
          isSigned || size === 8 ? BigInt.asIntN(bits, wide) : BigInt.asUintN(bits, wide);
        expect(BigInt(cut)).toBe(expected);
        expect(BigInt(int64.hex(one))).toBe(unsigned(wide));
      }),
    );
    expect(int64.hex(-1)).toBe('0xFFFFFFFFFFFFFFFF');
    expect(int64.hex(10, 4)).toBe('0x000A');
  });
});
