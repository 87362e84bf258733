/**
 * The formatter behind DbgPrint, the kernel's sprintf family, ntstrsafe and the user-mode printf: Microsoft's
 * conversions, with `I64`, `I32`, `I`, `w`, `Z`.
 */
import { type Int64, truncate, unsigned64 } from '../../base/int64.ts';
import { exponentialText, fixedText, generalText, hexadecimalText } from './floating-text.ts';

/** Where the values come from. Each integer is a whole 8-byte argument slot. */
export interface FormatArguments {
  integer(): Int64;
  floating(): number;
  /** 8-bit characters up to a terminator or the limit. */
  narrow(address: number, limit: number | undefined): string;
  /** 16-bit characters up to a terminator or the limit. */
  wide(address: number, limit: number | undefined): string;
  /** The text of a counted string (ANSI_STRING, UNICODE_STRING). */
  counted(address: number, wide: boolean): string;
}

export interface FormatOptions {
  /** %e %f %g convert; the kernel's own routines do not know them. */
  readonly floating: boolean;
  /** The format is one of wide characters: %s and %c are wide, %S and %C narrow. */
  readonly wide: boolean;
  /** Told of each conversion that works on Unicode, before it is done. */
  readonly onUnicode?: (conversion: string) => void;
}

interface Conversion {
  readonly flags: string;
  readonly width: number;
  readonly precision: number | undefined;
  readonly size: string;
  readonly letter: string;
}

const specification =
  /%([-+ #0]*)(\*|\d+)?(?:\.(\*|\d+)?)?(I64|I32|I|ll|hh|h|l|L|w|z|t|j)?([a-zA-Z%])/y;

/** The formatted text; what is no conversion stands in it as written. */
export function formatText(
  format: string,
  values: FormatArguments,
  options: FormatOptions,
): string {
  let text = '';
  for (let at = 0; at < format.length; ) {
    const percent = format.indexOf('%', at);
    if (percent < 0) return text + format.slice(at);
    text += format.slice(at, percent);
    specification.lastIndex = percent;
    const match = specification.exec(format);
    if (match === null) {
      text += '%';
      at = percent + 1;
      continue;
    }
    at = percent + match[0].length;
    text += convert(match, values, options);
  }
  return text;
}

function convert(match: RegExpExecArray, values: FormatArguments, options: FormatOptions): string {
  const [whole, , widthText, , size = '', letter = ''] = match;
  let flags = match[1] ?? '';
  if (letter === '%') return '%';
  if (!isKnown(letter, options)) return whole;
  let width =
    widthText === '*' ? Number(truncate(values.integer(), 4, true)) : Number(widthText ?? 0);
  if (width < 0) {
    flags += '-';
    width = -width;
  }
  const precision = precisionOf(whole, match[3], values);
  return pad({ flags, width, precision, size, letter }, values, options);
}

function isKnown(letter: string, options: FormatOptions): boolean {
  return 'diuxXopcCsSZ'.includes(letter) || (options.floating && 'eEfFgGaA'.includes(letter));
}

/** `%.s` means precision 0; a negative `*` counts as none. */
function precisionOf(
  whole: string,
  text: string | undefined,
  values: FormatArguments,
): number | undefined {
  if (!whole.includes('.')) return undefined;
  if (text !== '*') return Number(text ?? 0);
  const given = Number(truncate(values.integer(), 4, true));
  return given < 0 ? undefined : given;
}

function pad(conversion: Conversion, values: FormatArguments, options: FormatOptions): string {
  const { flags, width, precision, letter } = conversion;
  const [sign, digits, numeric] = body(conversion, values, options);
  const missing = width - sign.length - digits.length;
  if (missing <= 0) return sign + digits;
  if (flags.includes('-')) return sign + digits + ' '.repeat(missing);
  const zeros =
    flags.includes('0') && numeric && (precision === undefined || 'eEfFgGaA'.includes(letter));
  return zeros ? sign + '0'.repeat(missing) + digits : ' '.repeat(missing) + sign + digits;
}

/** Sign or prefix, digits or text, and whether zeros may fill it up. */
function body(
  conversion: Conversion,
  values: FormatArguments,
  options: FormatOptions,
): readonly [string, string, boolean] {
  const { flags, precision, letter } = conversion;
  switch (letter) {
    case 'd':
    case 'i': {
      const value = BigInt(truncate(values.integer(), integerSize(conversion), true));
      const digits = withPrecision((value < 0n ? -value : value).toString(), precision);
      return [signOf(value < 0n, flags), digits, true];
    }
    case 'u':
      return ['', withPrecision(unsignedOf(conversion, values).toString(), precision), true];
    case 'o': {
      const digits = withPrecision(unsignedOf(conversion, values).toString(8), precision);
      return ['', flags.includes('#') && !digits.startsWith('0') ? `0${digits}` : digits, true];
    }
    case 'x':
    case 'X': {
      const value = unsignedOf(conversion, values);
      const hexadecimal = withPrecision(value.toString(16), precision);
      const prefix = flags.includes('#') && value !== 0n ? `0${letter}` : '';
      return [prefix, letter === 'X' ? hexadecimal.toUpperCase() : hexadecimal, true];
    }
    case 'p': {
      const digits = unsigned64(values.integer()).toString(16).toUpperCase().padStart(16, '0');
      return [flags.includes('#') ? '0X' : '', digits, true];
    }
    case 'c':
    case 'C':
      return ['', character(conversion, values, options), false];
    case 's':
    case 'S':
      return ['', textOf(conversion, values, options), false];
    case 'Z':
      return ['', countedText(conversion, values, options), false];
    default: {
      const value = values.floating();
      const prefix =
        letter.toLowerCase() === 'a' && Number.isFinite(value)
          ? letter === 'a'
            ? '0x'
            : '0X'
          : '';
      const sign = signOf(value < 0 || Object.is(value, -0), flags) + prefix;
      return [sign, floatingText(Math.abs(value), conversion), Number.isFinite(value)];
    }
  }
}

/** Bytes of an integer argument: `long` has 4, pointer-sized ones 8. */
function integerSize({ size }: Conversion): number {
  switch (size) {
    case 'I64':
    case 'I':
    case 'll':
    case 'z':
    case 't':
    case 'j':
      return 8;
    case 'h':
      return 2;
    case 'hh':
      return 1;
    default:
      return 4;
  }
}

function unsignedOf(conversion: Conversion, values: FormatArguments): bigint {
  return BigInt.asUintN(8 * integerSize(conversion), BigInt(values.integer()));
}

function signOf(negative: boolean, flags: string): string {
  if (negative) return '-';
  if (flags.includes('+')) return '+';
  return flags.includes(' ') ? ' ' : '';
}

/** Precision is the least number of digits; zero with precision 0 prints nothing. */
function withPrecision(digits: string, precision: number | undefined): string {
  if (precision === 0 && digits === '0') return '';
  return digits.padStart(precision ?? 1, '0');
}

/** Whether a text conversion is of wide characters: by its size, else by its letter and the format's kind. */
function isWide({ size, letter }: Conversion, options: FormatOptions): boolean {
  if (size === 'h') return false;
  if (size === 'l' || size === 'w') return true;
  const capital = letter === 'S' || letter === 'C';
  return capital !== options.wide;
}

function note(conversion: Conversion, options: FormatOptions): void {
  options.onUnicode?.(`%${conversion.size}${conversion.letter}`);
}

function character(
  conversion: Conversion,
  values: FormatArguments,
  options: FormatOptions,
): string {
  const wide = isWide(conversion, options);
  if (wide) note(conversion, options);
  const code = Number(truncate(values.integer(), 4, false));
  return String.fromCharCode(wide ? code & 0xffff : code & 0xff);
}

function textOf(conversion: Conversion, values: FormatArguments, options: FormatOptions): string {
  const wide = isWide(conversion, options);
  if (wide) note(conversion, options);
  const address = Number(values.integer());
  const { precision } = conversion;
  if (address === 0) return '(null)'.slice(0, precision);
  const text = wide ? values.wide(address, precision) : values.narrow(address, precision);
  return text.slice(0, precision);
}

/** %Z is an ANSI_STRING, %wZ a UNICODE_STRING. */
function countedText(
  conversion: Conversion,
  values: FormatArguments,
  options: FormatOptions,
): string {
  const wide = conversion.size === 'w' || conversion.size === 'l';
  if (wide) note(conversion, options);
  const address = Number(values.integer());
  if (address === 0) return '(null)'.slice(0, conversion.precision);
  return values.counted(address, wide).slice(0, conversion.precision);
}

function floatingText(value: number, conversion: Conversion): string {
  const { letter, flags } = conversion;
  const precision = conversion.precision ?? 6;
  const alternative = flags.includes('#');
  const upper = letter === letter.toUpperCase();
  let text: string;
  if (Number.isNaN(value)) text = 'nan';
  else if (!Number.isFinite(value)) text = 'inf';
  else {
    switch (letter.toLowerCase()) {
      case 'e':
        text = exponentialText(value, precision, alternative);
        break;
      case 'f':
        text = fixedText(value, precision, alternative);
        break;
      case 'a':
        text = hexadecimalText(value, conversion.precision, alternative);
        break;
      default:
        text = generalText(value, precision, alternative);
    }
  }
  return upper ? text.toUpperCase() : text;
}
