/** Values and types of literals, by the rules of the Microsoft compiler. */
import type { Int64 } from '../../base/int64.ts';
import { int64 } from '../../base/int64.ts';
import type { CType, FloatingType, IntegerType } from '../types.ts';
import { doubleType, floatType, integerTypes } from '../types.ts';

export interface IntegerLiteral {
  readonly value: Int64;
  readonly type: IntegerType;
  /** What is wrong with it, for a message; the value is then a guess. */
  readonly problem?: string;
}

const LITERAL = /^(0[xX][0-9a-fA-F]+|0[bB][01]+|[0-9]+)(.*)$/;
/** An `int` whose digits mean what they mean to JavaScript: nine decimal ones, or 31 bits of hexadecimal ones. */
const SHORT = /^(?:0|[1-9]\d{0,8}|0[xX][0-9a-fA-F]{1,7})$/;
const SUFFIX = /^(?:([uU]?)(?:([lL]{0,2})|[iI](8|16|32|64))|([lL]{1,2})[uU])$/;

/** Reads `10`, `0x10UL`, `-` is no part of it; suffixes as in C and Microsoft's i64, ui32 ... */
export function integerLiteral(text: string): IntegerLiteral {
  // Most are short and plain.
  if (SHORT.test(text)) return { value: Number(text), type: integerTypes.int };
  const match = LITERAL.exec(text);
  const digits = match?.[1] ?? '0';
  const suffix = match?.[2] ?? '';
  const parts = SUFFIX.exec(suffix);
  const isOctal = digits.length > 1 && /^0[0-9]/.test(digits);
  const isDecimal = !isOctal && !/^0[xXbB]/.test(digits);
  let problem: string | undefined;
  if (match === null) problem = `'${text}' is not a number`;
  else if (parts === null) problem = `'${suffix}' is not a suffix of an integer constant`;
  else if (isOctal && /[89]/.test(digits)) {
    problem = `'${digits}' is octal because it begins with 0, and has a digit above 7`;
  }
  const value = magnitude(digits, isOctal && problem === undefined);
  if (value > 0xffff_ffff_ffff_ffffn) problem ??= `'${digits}' does not fit in 64 bits`;
  const type = literalType(value, isDecimal, parts);
  const wrapped = int64(value);
  return problem === undefined ? { value: wrapped, type } : { value: wrapped, type, problem };
}

/** The digits as a number, whatever their size. */
function magnitude(digits: string, isOctal: boolean): bigint {
  if (isOctal) return BigInt(`0o${digits.slice(1)}`);
  return BigInt(/^0[0-9]/.test(digits) ? digits.replace(/^0+(?=.)/, '') : digits);
}

/** The first type of the list that holds the value; the list depends on base and suffix. */
function literalType(
  value: bigint,
  isDecimal: boolean,
  parts: RegExpExecArray | null,
): IntegerType {
  const isUnsigned = /u/i.test(parts?.[0] ?? '');
  const width = parts?.[3];
  if (width !== undefined) {
    if (width === '64') return integerTypes[isUnsigned ? 'unsigned long long' : 'long long'];
    return integerTypes[isUnsigned ? 'unsigned int' : 'int'];
  }
  const longs = (parts?.[2] ?? parts?.[4] ?? '').length;
  const unsignedWord = longs === 0 ? integerTypes['unsigned int'] : integerTypes['unsigned long'];
  if (longs < 2) {
    if (isUnsigned) {
      if (value <= 0xffff_ffffn) return unsignedWord;
    } else {
      if (value <= 0x7fff_ffffn) return longs === 0 ? integerTypes.int : integerTypes.long;
      // The Microsoft compiler takes unsigned long for decimal constants as well, before long long.
      if (value <= 0xffff_ffffn) return isDecimal ? integerTypes['unsigned long'] : unsignedWord;
    }
  }
  return isUnsigned || value > 0x7fff_ffff_ffff_ffffn
    ? integerTypes['unsigned long long']
    : integerTypes['long long'];
}

/** Reads `1.5`, `2e3f`, hexadecimal ones too. */
export function floatingLiteral(text: string): { value: number; type: FloatingType } | undefined {
  const match = /^(.*?)([fFlL]?)$/.exec(text);
  const isHexadecimal = /^0[xX]/.test(text);
  const digits = isHexadecimal ? text.replace(/[lL]$/, '') : (match?.[1] ?? '');
  const suffix = isHexadecimal ? '' : (match?.[2] ?? '');
  let value: number;
  if (isHexadecimal) {
    const parts = /^0[xX]([0-9a-fA-F]*)\.?([0-9a-fA-F]*)[pP]([+-]?\d+)[fF]?$/.exec(digits);
    if (parts === null) return undefined;
    const mantissa = Number.parseInt(`${parts[1]}${parts[2]}` || '0', 16);
    value = mantissa * 2 ** (Number(parts[3]) - 4 * (parts[2] ?? '').length);
  } else {
    value = Number(digits);
    if (Number.isNaN(value)) return undefined;
  }
  return suffix.toLowerCase() === 'f'
    ? { value: Math.fround(value), type: floatType }
    : { value, type: doubleType };
}

export interface CharacterLiteral {
  readonly value: number;
  readonly type: CType;
  readonly problem?: string;
  /** What its writer may not have meant. */
  readonly doubt?: string;
}

const isWide = (text: string): boolean => text.startsWith('L') || /^[uU]['"]/.test(text);
/** What stands between the quotes; the closing one may be missing. */
const bodyOf = (text: string): string => {
  const quote = text.search(/['"]/);
  const closed = text.length > quote + 1 && text.at(-1) === text[quote];
  return text.slice(quote + 1, closed ? -1 : undefined);
};

/** `'a'` (an int), `'dcba'` (a pool tag: first character in the highest byte), `L'a'` (wchar_t). */
export function characterLiteral(text: string): CharacterLiteral {
  const wide = isWide(text);
  const { units, problem, doubt } = characterUnits(bodyOf(text), wide);
  const type = wide ? integerTypes.wchar_t : integerTypes.int;
  const found = (value: number, extra?: string): CharacterLiteral => {
    const reason = problem ?? extra;
    return {
      value,
      type,
      ...(reason === undefined ? {} : { problem: reason }),
      ...(doubt === undefined ? {} : { doubt }),
    };
  };
  if (units.length === 0) return found(0, 'a character constant holds at least one character');
  if (wide) return found((units[0] ?? 0) & 0xffff);
  if (units.length === 1) return found(((units[0] ?? 0) << 24) >> 24);
  let value = 0;
  for (const unit of units) value = (value << 8) | (unit & 0xff);
  return units.length > 4
    ? found(value, `a character constant holds at most 4 characters, this one has ${units.length}`)
    : found(value);
}

export interface StringLiteral {
  readonly bytes: Uint8Array;
  readonly wide: boolean;
  readonly problem?: string;
  /** What its writer may not have meant. */
  readonly doubt?: string;
}

/** Joins adjacent literals; wide when one of them is. The bytes end with the terminator. */
export function stringLiteral(texts: readonly string[]): StringLiteral {
  const wide = texts.some(isWide);
  const units: number[] = [];
  let problem: string | undefined;
  let doubt: string | undefined;
  for (const text of texts) {
    const part = characterUnits(bodyOf(text), wide);
    for (const unit of part.units) units.push(unit);
    problem ??= part.problem;
    doubt ??= part.doubt;
  }
  units.push(0);
  const bytes = new Uint8Array(units.length * (wide ? 2 : 1));
  units.forEach((unit, index) => {
    if (wide) {
      bytes[2 * index] = unit & 0xff;
      bytes[2 * index + 1] = unit >> 8;
    } else {
      bytes[index] = unit;
    }
  });
  return {
    bytes,
    wide,
    ...(problem === undefined ? {} : { problem }),
    ...(doubt === undefined ? {} : { doubt }),
  };
}

const SIMPLE_ESCAPES: Readonly<Record<string, number>> = {
  n: 10,
  t: 9,
  r: 13,
  a: 7,
  b: 8,
  f: 12,
  v: 11,
  '\\': 92,
  "'": 39,
  '"': 34,
  '?': 63,
};

/** UTF-16 units for wide text, UTF-8 bytes for narrow text. */
function characterUnits(
  body: string,
  wide: boolean,
): { units: number[]; problem: string | undefined; doubt: string | undefined } {
  const units: number[] = [];
  let problem: string | undefined;
  let doubt: string | undefined;
  const encoder = new TextEncoder();
  for (let index = 0; index < body.length; index++) {
    const code = body.charCodeAt(index);
    if (code !== 92) {
      if (wide || code < 0x80) {
        units.push(code);
      } else {
        const point = String.fromCodePoint(body.codePointAt(index) ?? code);
        units.push(...encoder.encode(point));
        index += point.length - 1;
      }
      continue;
    }
    index++;
    const letter = body[index] ?? '';
    const simple = SIMPLE_ESCAPES[letter];
    if (simple !== undefined) {
      units.push(simple);
      continue;
    }
    const number = /^(?:x([0-9a-fA-F]+)|([0-7]{1,3})|u([0-9a-fA-F]{4}))/.exec(
      body.slice(index, index + 12),
    );
    if (number === null) {
      const message = `'\\${letter}' is not an escape sequence`;
      // The Microsoft compiler takes the letter alone, and warns (C4129).
      if (/[xu]/.test(letter) || letter === '') problem ??= message;
      else doubt ??= `${message}: it stands for '${letter}'`;
      if (letter !== '') units.push(letter.charCodeAt(0) & 0xff);
      continue;
    }
    const digits = number[1] ?? number[3];
    const value =
      digits === undefined ? Number.parseInt(number[2] ?? '0', 8) : Number.parseInt(digits, 16);
    if (value > (wide ? 0xffff : 0xff)) {
      problem ??= `'\\${number[0]}' does not fit in a ${wide ? 'wide character' : 'character'}`;
    }
    units.push(value & (wide ? 0xffff : 0xff));
    index += number[0].length - 1;
  }
  return { units, problem, doubt };
}
