/** Types and values of generated programs: a value knows the range that it can have, so that nothing overflows. */

export interface IntegerKind {
  readonly kind: 'integer';
  readonly name: string;
  readonly bits: 8 | 16 | 32 | 64;
  readonly signed: boolean;
}

export interface FloatKind {
  readonly kind: 'float';
  readonly name: 'float' | 'double';
}

export type ScalarKind = IntegerKind | FloatKind;

const integer = (bits: IntegerKind['bits'], signed: boolean): IntegerKind => ({
  kind: 'integer',
  name: `${signed ? '' : 'u'}int${bits}_t`,
  bits,
  signed,
});

export const int32 = integer(32, true);
export const uint32 = integer(32, false);
export const int64 = integer(64, true);
export const uint64 = integer(64, false);
export const integerKinds: readonly IntegerKind[] = [
  integer(8, true),
  integer(8, false),
  integer(16, true),
  integer(16, false),
  int32,
  uint32,
  int64,
  uint64,
];
export const double: FloatKind = { kind: 'float', name: 'double' };
export const float: FloatKind = { kind: 'float', name: 'float' };

export const lowest = ({ bits, signed }: IntegerKind): bigint =>
  signed ? -(1n << BigInt(bits - 1)) : 0n;
export const highest = ({ bits, signed }: IntegerKind): bigint =>
  (1n << BigInt(signed ? bits - 1 : bits)) - 1n;

/** C text of an integer expression without side effects, in parentheses where it needs them. */
export interface IntegerValue {
  readonly text: string;
  readonly type: IntegerKind;
  readonly low: bigint;
  readonly high: bigint;
}

export interface FloatValue {
  readonly text: string;
  readonly type: FloatKind;
}

export type Value = IntegerValue | FloatValue;

export const isInteger = (value: Value): value is IntegerValue => value.type.kind === 'integer';

/** A value of any size that its type allows. */
export const anyOf = (text: string, type: IntegerKind): IntegerValue => ({
  text,
  type,
  low: lowest(type),
  high: highest(type),
});

/** Whether a range lies within a type. */
export const fits = (low: bigint, high: bigint, type: IntegerKind): boolean =>
  low >= lowest(type) && high <= highest(type);

/** The range of a value after a conversion; the text stays. */
export function rangeIn(value: IntegerValue, type: IntegerKind): IntegerValue {
  return fits(value.low, value.high, type)
    ? { ...value, type }
    : { text: value.text, type, low: lowest(type), high: highest(type) };
}

/** Integer promotion: the type of operands narrower than int. */
export const promoted = (type: IntegerKind): IntegerKind => (type.bits < 32 ? int32 : type);

/** The usual arithmetic conversions. */
export function commonType(one: IntegerKind, other: IntegerKind): IntegerKind {
  const left = promoted(one);
  const right = promoted(other);
  if (left.bits !== right.bits) return left.bits > right.bits ? left : right;
  return left.signed ? right : left;
}

/** A literal of a type, with the suffix that both data models understand. */
export function literal(value: bigint, type: IntegerKind, hexadecimal = false): IntegerValue {
  const digits = (magnitude: bigint): string =>
    hexadecimal ? `0x${magnitude.toString(16).toUpperCase()}` : magnitude.toString();
  const suffix = `${type.signed ? '' : 'u'}${type.bits === 64 ? 'll' : ''}`;
  let text: string;
  if (value === lowest(type) && type.signed && type.bits >= 32) {
    text = `(-${highest(type)}${suffix} - 1)`;
  } else {
    text = value < 0n ? `(-${digits(-value)}${suffix})` : `${digits(value)}${suffix}`;
  }
  if (type.bits < 32) text = `(${type.name})${text}`;
  // A hexadecimal constant beyond INT_MAX is unsigned.
  if (hexadecimal && type.signed && value > 0x7fff_ffffn && type.bits === 32) {
    return literal(value, type);
  }
  return { text: type.bits < 32 ? `(${text})` : text, type, low: value, high: value };
}
