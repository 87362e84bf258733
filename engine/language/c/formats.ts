/** Checks arguments against the format of printf-like routines, by the kernel's format set. */
import type { Expression, FunctionSymbol } from '../program.ts';
import type { CType } from '../types.ts';
import { isInteger, sizeOf, typeName } from '../types.ts';
import type { Context } from './context.ts';
import { unqualified } from './conversions.ts';

/** Position of the format among the arguments of each routine whose format is text in the source. */
const formatPositions: ReadonlyMap<string, number> = new Map([
  ['DbgPrint', 0],
  ['DbgPrintEx', 2],
  ['KdPrintEx', 2],
  ['printf', 0],
  ['wprintf', 0],
  ['fprintf', 1],
  ['fwprintf', 1],
  ['sprintf', 1],
  ['swprintf', 2],
  ['sprintf_s', 2],
  ['swprintf_s', 2],
  ['snprintf', 2],
  ['_snprintf', 2],
  ['_snwprintf', 2],
  ['wsprintfA', 1],
  ['wsprintfW', 1],
  ['RtlStringCbPrintfA', 2],
  ['RtlStringCbPrintfW', 2],
  ['RtlStringCchPrintfA', 2],
  ['RtlStringCchPrintfW', 2],
  ['StringCbPrintfA', 2],
  ['StringCbPrintfW', 2],
  ['StringCchPrintfA', 2],
  ['StringCchPrintfW', 2],
]);

type Wanted =
  | 'integer'
  | 'long integer'
  | 'pointer'
  | 'text'
  | 'wide text'
  | 'counted text'
  | 'floating'
  | 'any';

interface Conversion {
  readonly text: string;
  readonly wants: readonly Wanted[];
  /** Undefined for an unknown letter. */
  readonly known: boolean;
}

const SPECIFICATION =
  /%(?:%|!\w+!|[-+ #0]*(\*|\d+)?(?:\.(\*|\d*))?(I64|I32|I|ll|hh|l|h|w|L|z|t|j)?([A-Za-z]?))/g;

/**
 * The conversions of a format, in order.
 * @param isWide the format has wide characters: `%s` takes such, too, as the Microsoft library has it.
 */
export function conversionsOf(format: string, isWide = false): Conversion[] {
  const conversions: Conversion[] = [];
  for (const match of format.matchAll(SPECIFICATION)) {
    const [text, width, precision, size = '', letter = ''] = match;
    if (text === '%%') continue;
    const wants: Wanted[] = [];
    if (width === '*') wants.push('integer');
    if (precision === '*') wants.push('integer');
    if (text.startsWith('%!')) {
      conversions.push({ text, wants: ['any'], known: true });
      continue;
    }
    const wanted = wantedBy(size, letter, isWide);
    if (wanted !== undefined) wants.push(wanted);
    conversions.push({ text, wants, known: wanted !== undefined });
  }
  return conversions;
}

/** What a conversion letter with its size prefix takes; undefined for an unknown one. */
function wantedBy(size: string, letter: string, isWide: boolean): Wanted | undefined {
  switch (letter) {
    case 'd':
    case 'i':
    case 'u':
    case 'x':
    case 'X':
    case 'o':
      // On x64 %I, %z, %t take a word as wide as a pointer; %l is a 32-bit long.
      return ['I64', 'I', 'll', 'z', 't', 'j'].includes(size) ? 'long integer' : 'integer';
    case 'c':
    case 'C':
      return 'integer';
    case 'p':
      return 'pointer';
    case 's':
    case 'S': {
      if (size === 'h') return 'text';
      if (size === 'l' || size === 'w') return 'wide text';
      return (letter === 's') === isWide ? 'wide text' : 'text';
    }
    case 'Z':
      return 'counted text';
    case 'f':
    case 'e':
    case 'E':
    case 'g':
    case 'G':
    case 'a':
    case 'A':
      return 'floating';
    case 'n':
      return 'pointer';
    default:
      return undefined;
  }
}

/** The format, when the argument is a literal. */
function literalText(
  argument: Expression | undefined,
): { readonly text: string; readonly isWide: boolean } | undefined {
  let node = argument;
  while (node?.kind === 'convert') node = node.operand;
  if (node?.kind !== 'string' || node.type.kind !== 'array') return undefined;
  const step = sizeOf(node.type.element);
  let text = '';
  for (let index = 0; index + step < node.bytes.length; index += step) {
    const low = node.bytes[index] ?? 0;
    text += String.fromCharCode(step === 2 ? low | ((node.bytes[index + 1] ?? 0) << 8) : low);
  }
  return { text, isWide: step === 2 };
}

/**
 * Every argument fills eight bytes on x64, so signs do not matter and only size and kind are
 * compared.
 */
function fits(wanted: Wanted, type: CType): boolean {
  switch (wanted) {
    case 'any':
      return true;
    case 'integer':
      return isInteger(type) && sizeOf(type) <= 4;
    case 'long integer':
      return (isInteger(type) && sizeOf(type) === 8) || type.kind === 'pointer';
    case 'pointer':
      return type.kind === 'pointer' || (isInteger(type) && sizeOf(type) === 8);
    case 'text':
    case 'wide text': {
      if (type.kind !== 'pointer') return false;
      const { target } = type;
      const width = wanted === 'text' ? 1 : 2;
      return target.kind === 'void' || (isInteger(target) && sizeOf(target) === width);
    }
    case 'counted text':
      return (
        type.kind === 'pointer' && (type.target.kind === 'record' || type.target.kind === 'void')
      );
    case 'floating':
      return type.kind === 'floating';
  }
}

const descriptions: Readonly<Record<Wanted, string>> = {
  any: 'a value',
  integer: 'a 32-bit integer',
  'long integer': 'a 64-bit integer',
  pointer: 'a pointer',
  text: 'a pointer to characters',
  'wide text': 'a pointer to wide characters',
  'counted text': 'a pointer to a UNICODE_STRING or ANSI_STRING',
  floating: 'a double',
};

/** Warns about arguments that do not go with a literal format. */
export function checkFormat(
  context: Context,
  routine: FunctionSymbol,
  values: readonly Expression[],
): void {
  const position = formatPositions.get(routine.name);
  const argument = position === undefined ? undefined : values[position];
  const format = literalText(argument);
  if (position === undefined || argument === undefined || format === undefined) return;
  let next = position + 1;
  for (const { text, wants, known } of conversionsOf(format.text, format.isWide)) {
    if (!known) {
      context.warning(
        'format-unknown',
        argument,
        `'${text}' is no conversion that ${routine.name} knows`,
      );
      return;
    }
    for (const wanted of wants) {
      const value = values[next++];
      if (value === undefined) {
        context.warning(
          'format-missing',
          argument,
          `'${text}' has no argument: the format asks for more than the ${values.length - position - 1} given`,
        );
        return;
      }
      if (value.kind === 'error' || fits(wanted, value.type)) continue;
      context.warning(
        'format-argument',
        value,
        `'${text}' needs ${descriptions[wanted]}, found ${typeName(unqualified(value.type))}`,
      );
    }
  }
  const extra = values[next];
  if (extra !== undefined) {
    context.warning(
      'format-extra',
      extra,
      `the format of ${routine.name} has no conversion for this argument`,
    );
  }
}
