/** Text of floating values as the universal C runtime writes it: from the exact value, ties to even. */

/** A positive value as mantissa * 2^exponent. */
function split(value: number): readonly [bigint, number] {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const exponent = Number(bits >> 52n) & 0x7ff;
  const fraction = bits & 0xf_ffff_ffff_ffffn;
  return exponent === 0 ? [fraction, -1074] : [fraction | (1n << 52n), exponent - 1075];
}

/** value * 10^power, rounded to an integer. */
function scaled(value: number, power: number): bigint {
  const [mantissa, exponent] = split(value);
  const ten = 10n ** BigInt(Math.abs(power));
  let numerator = power >= 0 ? mantissa * ten : mantissa;
  let denominator = power >= 0 ? 1n : ten;
  if (exponent >= 0) numerator <<= BigInt(exponent);
  else denominator <<= BigInt(-exponent);
  const whole = numerator / denominator;
  const twice = (numerator - whole * denominator) * 2n;
  const isUp = twice > denominator || (twice === denominator && (whole & 1n) === 1n);
  return isUp ? whole + 1n : whole;
}

/** Digits with a point before the last `precision` ones; `#` keeps the point where none follows. */
function pointed(digits: string, precision: number, alternative: boolean): string {
  const padded = digits.padStart(precision + 1, '0');
  const whole = padded.slice(0, padded.length - precision);
  return precision === 0
    ? `${whole}${alternative ? '.' : ''}`
    : `${whole}.${padded.slice(-precision)}`;
}

/** %f of a value that is not negative. */
export const fixedText = (value: number, precision: number, alternative: boolean): string =>
  pointed(scaled(value, precision).toString(), precision, alternative);

/** `precision` + 1 significant digits and the decimal exponent of the first. */
function significant(value: number, precision: number): readonly [string, number] {
  if (value === 0) return ['0'.repeat(precision + 1), 0];
  let exponent = Math.floor(Math.log10(value));
  for (;;) {
    const digits = scaled(value, precision - exponent).toString();
    if (digits.length === precision + 1) return [digits, exponent];
    exponent += digits.length > precision + 1 ? 1 : -1;
  }
}

/** %e: at least two digits of exponent. */
export function exponentialText(value: number, precision: number, alternative: boolean): string {
  const [digits, exponent] = significant(value, precision);
  const power = Math.abs(exponent).toString().padStart(2, '0');
  return `${pointed(digits, precision, alternative)}e${exponent < 0 ? '-' : '+'}${power}`;
}

/** %g: the shorter form for the exponent, without trailing zeros unless `#` asks for them. */
export function generalText(value: number, precision: number, alternative: boolean): string {
  const count = Math.max(precision, 1);
  const [, exponent] = significant(value, count - 1);
  const text =
    exponent < -4 || exponent >= count
      ? exponentialText(value, count - 1, alternative)
      : fixedText(value, count - 1 - exponent, alternative);
  if (alternative || !text.includes('.')) return text;
  const [mantissa = '', tail] = text.split('e');
  const shortened = mantissa.replace(/\.?0+$/, '');
  return tail === undefined ? shortened : `${shortened}e${tail}`;
}

/** %a without its `0x`: a leading digit of 1 (0 for zero and denormals), and a binary exponent. */
export function hexadecimalText(
  value: number,
  precision: number | undefined,
  alternative: boolean,
): string {
  const [mantissa, exponent] = split(value);
  let power = value === 0 ? 0 : exponent + 52;
  let digits = mantissa;
  let kept = 13;
  if (precision !== undefined && precision < 13) {
    const dropped = BigInt(4 * (13 - precision));
    const rest = digits & ((1n << dropped) - 1n);
    const half = 1n << (dropped - 1n);
    digits >>= dropped;
    if (rest > half || (rest === half && (digits & 1n) === 1n)) digits += 1n;
    kept = precision;
  }
  const lead = digits >> BigInt(4 * kept);
  let tail = (digits & ((1n << BigInt(4 * kept)) - 1n)).toString(16).padStart(kept, '0');
  if (kept === 0) tail = '';
  tail = precision === undefined ? tail.replace(/0+$/, '') : tail.padEnd(precision, '0');
  if (lead === 0n && value !== 0) power = -1022;
  const point = tail !== '' || alternative ? '.' : '';
  return `${lead.toString(16)}${point}${tail}p${power < 0 ? '-' : '+'}${Math.abs(power)}`;
}

/** The value of a number that strtod found: decimal, hexadecimal, `inf` or `nan`, with a sign. */
export function parseFloating(text: string): number {
  const match = /^([+-]?)(?:0x([0-9a-f]*)(?:\.([0-9a-f]*))?(?:p([+-]?\d+))?|(.*))$/i.exec(text);
  const sign = match?.[1] === '-' ? -1 : 1;
  const decimal = match?.[5];
  if (decimal !== undefined) {
    if (/^inf/i.test(decimal)) return sign * Number.POSITIVE_INFINITY;
    return /^nan/i.test(decimal) ? Number.NaN : sign * Number(decimal);
  }
  const fraction = match?.[3] ?? '';
  const digits = BigInt(`0x0${match?.[2] ?? ''}${fraction}`);
  let power = Number(match?.[4] ?? 0) - 4 * fraction.length;
  let value = Number(digits);
  // A single factor would leave the range of doubles before the product does.
  for (; Math.abs(power) > 1000 && value !== 0 && Number.isFinite(value); ) {
    const step = Math.sign(power) * 1000;
    value *= 2 ** step;
    power -= step;
  }
  return sign * value * 2 ** Math.max(-1000, Math.min(power, 1000));
}
