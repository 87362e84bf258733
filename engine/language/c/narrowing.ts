/** Implicit conversions that lose bits, signs or fractions, as the Microsoft compiler tells them at level 4. */
import type { Diagnostic } from '../diagnostics.ts';
import type { Expression } from '../program.ts';
import type { CType, Member } from '../types.ts';
import { isInteger, sizeOf, typeName } from '../types.ts';
import { isIntegerConstant, numberOf } from './constants.ts';
import type { Context } from './context.ts';
import { unqualified } from './conversions.ts';
import type { Place } from './cursor.ts';
import { contains, rangeOf, rangeOfBits, rangeOfType, type ValueRange } from './value-range.ts';

/** What takes the value: a type, of which a bit-field has fewer bits. */
export interface Target {
  readonly type: CType;
  readonly bits?: Member['bits'];
}

/** Text of the user's own: what a macro of a built-in header expands to is the header's business. */
export const isOwnText = ({ range, macro }: Place): boolean =>
  range.file.origin === 'user' && macro?.definition?.file.origin !== 'builtin';

/**
 * Reports an arithmetic value that its target cannot hold. A fraction lost, a constant changed (C4305, C4309) and,
 * in a driver, half of 64 bits lost (C4244 at level 3, C4267) are warnings: addresses and lengths of a driver have 64
 * bits. The rest is information, for the integer promotions make an int of every sum of bytes (C4244 at level 4).
 * @param receiver names the target in messages: "the assignment".
 */
export function checkNarrowing(
  context: Context,
  value: Expression,
  target: Target,
  receiver: () => string,
): void {
  const { type, bits } = target;
  if (type.kind === 'integer' && type.integer === 'bool') return;
  const floats = value.type.kind === 'floating' || type.kind === 'floating';
  if (floats) {
    if (losesFloating(value, type)) report('warning', 'loses');
    return;
  }
  if (!isInteger(type) || !isInteger(value.type)) return;
  const room = bits === undefined ? rangeOfType(type) : rangeOfBits(bits.width, false);
  if (isIntegerConstant(value)) {
    // As many bits keep every constant; numbers near 2^64 are not exact here.
    if (bits === undefined && sizeOf(type) >= sizeOf(value.type)) return;
    if (!holdsBits(room, numberOf(value))) reportConstant(numberOf(value));
    return;
  }
  const size = bits === undefined ? sizeOf(type) * 8 : bits.width;
  if (size >= sizeOf(value.type) * 8 || !isOwnText(value)) return;
  const range = rangeOf(value);
  // Another reading of the same bits loses none of them.
  if (contains(rangeOfBits(size, false), range) || contains(rangeOfBits(size, true), range)) return;
  const isHalf = sizeOf(value.type) === 8 && context.mode === 'kernel';
  report(isHalf ? 'warning' : 'information', 'may lose');

  function report(severity: Diagnostic['severity'], verb: string): void {
    if (!isOwnText(value)) return;
    const lost = floats ? 'a fraction or precision' : 'the upper bits';
    context.report(
      severity,
      'conversion-loses-bits',
      value,
      `${receiver()} ${verb} ${lost}: ${typeName(unqualified(value.type))} becomes ${nameOf(target)}; a cast says that this is meant`,
    );
  }

  function reportConstant(number: number): void {
    const size = bits === undefined ? sizeOf(type) : 0;
    const room =
      bits === undefined
        ? `${size} byte${size === 1 ? '' : 's'}`
        : `${bits.width} bit${bits.width === 1 ? '' : 's'}`;
    context.warning(
      'constant-truncated',
      value,
      `${receiver()} needs ${nameOf(target)}: ${number} does not fit in ${room}`,
    );
  }
}

const nameOf = ({ type, bits }: Target): string =>
  bits === undefined
    ? typeName(unqualified(type))
    : `a bit-field of ${typeName(unqualified(type))}`;

/** Either reading of the target's bits may be meant: `UCHAR c = -1;` and `CHAR c = 0xFF;` are both in use. */
const holdsBits = ({ least, greatest }: ValueRange, value: number): boolean => {
  const values = greatest - least + 1;
  return value >= -values / 2 && value < values;
};

/** A fraction lost on the way to an integer, digits on the way to `float`. */
function losesFloating(value: Expression, type: CType): boolean {
  if (type.kind !== 'floating') {
    return value.kind !== 'floating' || !Number.isInteger(value.value);
  }
  if (value.type.kind === 'floating') {
    if (type.size >= value.type.size) return false;
    return value.kind !== 'floating' || Math.fround(value.value) !== value.value;
  }
  if (!isInteger(value.type)) return false;
  const { least, greatest } = rangeOf(value);
  const exact = type.size === 4 ? 2 ** 24 : 2 ** 53;
  if (isIntegerConstant(value)) {
    const number = numberOf(value);
    return type.size === 4 && Math.fround(number) !== number;
  }
  return least < -exact || greatest > exact;
}
