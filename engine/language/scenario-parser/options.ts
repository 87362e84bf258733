/** Options of machines, NICs, drivers and processes, read by the kind of value that the syntax table names. */

import {
  type ArgumentKind,
  type SyntaxContext,
  type SyntaxEntry,
  verifierOptions,
  windowsVersions,
  wordsIn,
} from '../scenario-syntax.ts';
import type { SourceRange } from '../source.ts';
import type { Cursor } from './cursor.ts';
import { didYouMean, meantInstead } from './messages.ts';
import { quantity } from './quantities.ts';
import type { LocatedRange, Name, OptionNode, OptionValue } from './tree.ts';

type OptionContext = Extract<SyntaxContext, 'machine' | 'nic' | 'device' | 'driver' | 'process'>;

const owners: Readonly<Record<OptionContext, string>> = {
  machine: 'a machine',
  nic: 'a NIC',
  device: 'a device',
  driver: 'a driver',
  process: 'a process',
};

/** `{ option; .. }`; the cursor stands at the opening brace or reports that there is none. */
export function parseOptions(cursor: Cursor, context: OptionContext): OptionNode[] {
  const options: OptionNode[] = [];
  const open = cursor.token;
  if (!cursor.accept('{')) {
    cursor.expected(`'{' before the options of ${owners[context]}`);
    return options;
  }
  const known = wordsIn(context);
  for (let token = cursor.token; token?.text !== '}'; token = cursor.token) {
    if (token === undefined || (token.firstInLine && endsOptions(token.text, known))) {
      cursor.error(
        'missing-brace',
        open?.range ?? cursor.gap,
        `The options of ${owners[context]} are not closed: expected '}' before ${cursor.found}`,
      );
      break;
    }
    if (cursor.accept(';')) continue;
    const option = parseOption(cursor, context, known);
    if (option === undefined) cursor.skipDeclaration(known);
    else options.push(option);
  }
  cursor.regions.push({
    context,
    start: open?.range.end ?? 0,
    end: cursor.token?.range.start ?? cursor.file.text.length,
  });
  cursor.accept('}');
  return options;
}

/** A word at the beginning of a line that can only belong to what is around the options. */
function endsOptions(word: string, known: ReadonlyMap<string, unknown>): boolean {
  return (
    !known.has(word) && (wordsIn('scenario').has(word) || wordsIn('file').has(word) || word === '#')
  );
}

function parseOption(
  cursor: Cursor,
  context: OptionContext,
  known: ReadonlyMap<string, SyntaxEntry>,
): OptionNode | undefined {
  const word = cursor.name(`an option of ${owners[context]}`);
  if (word === undefined) return undefined;
  const entry = known.get(word.text);
  if (entry?.argument === undefined) {
    cursor.error(
      'unknown-option',
      word.range,
      `'${word.text}' is no option of ${owners[context]}${didYouMean(word.text, known.keys(), `Known options: ${[...known.keys()].join(', ')}`)}`,
      meantInstead(word.range, word.text, known.keys()),
    );
    return undefined;
  }
  const first = cursor.token;
  const value = parseValue(cursor, entry, entry.argument);
  if (value === undefined) return undefined;
  const valueRange =
    first === undefined || cursor.token === first ? word.range : cursor.rangeFrom(first.range);
  cursor.semicolon(`option '${word.text}'`);
  return { word, value, valueRange };
}

/** The value of an option; reports and answers undefined when it is none. */
export function parseValue(
  cursor: Cursor,
  entry: SyntaxEntry,
  kind: ArgumentKind,
): OptionValue | undefined {
  switch (kind) {
    case 'flag':
      if (cursor.accept('off')) return { kind: 'flag', on: false };
      cursor.accept('on');
      return { kind: 'flag', on: true };
    case 'count':
    case 'size': {
      const value = parseNumber(
        cursor,
        kind === 'size' ? 'a size such as 64K' : `a number after '${entry.word}'`,
      );
      return value === undefined ? undefined : { kind: 'number', value };
    }
    case 'ranges': {
      const ranges = parseRanges(cursor);
      return ranges === undefined ? undefined : { kind: 'ranges', ranges };
    }
    case 'freeMemory':
      return parseFreeMemory(cursor);
    case 'word': {
      const values = (entry.values ?? []).map(({ word }) => word);
      const name = cursor.name(`one of ${values.join(', ')}`);
      if (name === undefined) return undefined;
      if (!values.includes(name.text)) {
        cursor.error(
          'unknown-value',
          name.range,
          `'${name.text}' is no value of '${entry.word}'${didYouMean(name.text, values, `Known values: ${values.join(', ')}`)}`,
          meantInstead(name.range, name.text, values),
        );
      }
      return { kind: 'text', text: name.text };
    }
    case 'text':
    case 'folder': {
      const text = cursor.string(`a string after '${entry.word}'`);
      return text === undefined ? undefined : { kind: 'text', text: text.text };
    }
    case 'windows':
      return parseWindows(cursor);
    case 'verifier':
      return parseVerifier(cursor);
    case 'definition':
      return parseDefinition(cursor);
    case 'bar':
      return parseBar(cursor);
    case 'interrupt':
      return cursor.token?.kind === 'integer'
        ? {
            kind: 'interrupt',
            messages: parseNumber(cursor, 'a number of messages') ?? 0,
          }
        : { kind: 'interrupt', messages: 0 };
  }
}

/** A number, with a unit or without. */
export function parseNumber(cursor: Cursor, what: string): number | undefined {
  const { token } = cursor;
  if (token?.kind !== 'integer') {
    cursor.expected(what);
    return undefined;
  }
  const value = quantity(token.text);
  cursor.index++;
  if (value !== undefined) return value;
  cursor.error(
    'bad-number',
    token.range,
    `'${token.text}' is no number: expected digits, or 0x and hexadecimal digits, and K, M, G or T for a size below 8192T`,
  );
  return 0;
}

/** `0 .. 640K, 1M .. 3G`. */
function parseRanges(cursor: Cursor): LocatedRange[] | undefined {
  const ranges: LocatedRange[] = [];
  do {
    const first = cursor.here;
    const start = parseNumber(cursor, "an address range such as '1M .. 3G'");
    if (start === undefined) return undefined;
    if (!cursor.accept('..')) {
      cursor.expected("'..' between the ends of an address range");
      return undefined;
    }
    const end = parseNumber(cursor, "an address after '..'");
    if (end === undefined) return undefined;
    ranges.push({ start, end, range: cursor.rangeFrom(first) });
  } while (cursor.accept(','));
  return ranges;
}

function parseFreeMemory(cursor: Cursor): OptionValue | undefined {
  if (cursor.accept('all')) return { kind: 'all' };
  if (!cursor.accept('fragmented')) {
    if (cursor.token?.kind === 'identifier') {
      cursor.expected("'fragmented', 'all' or address ranges");
      return undefined;
    }
    const ranges = parseRanges(cursor);
    return ranges === undefined ? undefined : { kind: 'ranges', ranges };
  }
  const percent = parseNumber(cursor, "a share such as '40%' after 'fragmented'");
  if (percent === undefined) return undefined;
  if (!cursor.accept('%')) {
    cursor.expected("'%' after the share of memory that is taken away");
    return undefined;
  }
  let runs = 4096;
  let seed = 0;
  if (cursor.accept('in')) {
    const count = parseNumber(cursor, "a number of runs after 'in'");
    if (count === undefined) return undefined;
    runs = count;
    if (!cursor.accept('runs')) {
      cursor.expected("'runs' after their number");
      return undefined;
    }
  }
  if (cursor.accept('seed')) {
    const value = parseNumber(cursor, "a number after 'seed'");
    if (value === undefined) return undefined;
    seed = value;
  }
  return { kind: 'fragmented', percent, runs, seed };
}

function parseWindows(cursor: Cursor): OptionValue | undefined {
  const { token } = cursor;
  const names = windowsVersions.map(({ name }) => `"${name}"`).join(', ');
  if (token?.kind !== 'string' && token?.kind !== 'identifier') {
    cursor.expected(`a version of Windows: ${names}`);
    return undefined;
  }
  const text = token.kind === 'string' ? cursor.string('') : cursor.name('');
  const wanted = fold(text?.text ?? '');
  const version = windowsVersions.find(
    ({ word, name }) => fold(word) === wanted || fold(name) === wanted,
  );
  if (version !== undefined) return { kind: 'windows', version: version.name };
  cursor.error(
    'unknown-value',
    token.range,
    `'${text?.text ?? ''}' is no version of Windows that is known here${didYouMean(
      text?.text ?? '',
      windowsVersions.map(({ name }) => name),
      `Known versions: ${names}`,
    )}`,
  );
  return { kind: 'windows', version: 'Windows 11' };
}

/** `Windows Server 2003`, `Server2003` and `server 2003` are one. */
const fold = (text: string): string => text.toLowerCase().replace(/\s|windows|\./g, '');

function parseVerifier(cursor: Cursor): OptionValue | undefined {
  let flags = 0;
  let lowMemoryRequests = false;
  if (cursor.accept('off')) return { kind: 'verifier', flags, lowMemoryRequests };
  if (cursor.at(';') || cursor.at('}')) {
    return { kind: 'verifier', flags: standardFlags, lowMemoryRequests };
  }
  do {
    if (cursor.token?.kind === 'integer') {
      const bits = parseVerifierBits(cursor);
      if (bits === undefined) return undefined;
      flags |= bits;
      continue;
    }
    const name = cursor.name("'on', 'off' or options of the verifier");
    if (name === undefined) return undefined;
    const option = verifierOptions.find(({ word }) => word === name.text);
    if (name.text === 'on') {
      flags |= standardFlags;
    } else if (option === undefined) {
      const words = verifierOptions.map(({ word }) => word);
      cursor.error(
        'unknown-value',
        name.range,
        `'${name.text}' is no option of the verifier${didYouMean(name.text, words, `Known options: ${words.join(', ')}`)}`,
      );
    } else {
      flags |= option.bit;
      lowMemoryRequests ||= option.word === 'low_memory_requests';
    }
  } while (cursor.accept(','));
  return { kind: 'verifier', flags, lowMemoryRequests };
}

/** Flags as `verifier /flags` takes them; bits that are no option are an error. */
function parseVerifierBits(cursor: Cursor): number | undefined {
  const { here } = cursor;
  const value = parseNumber(cursor, 'flags of the verifier');
  if (value === undefined) return undefined;
  const known = verifierOptions.reduce((bits, { bit }) => bits | bit, 0);
  const unknown = value > 0xffff_ffff ? value : (value & ~known) >>> 0;
  if (unknown !== 0) {
    cursor.error(
      'unknown-value',
      here,
      `0x${unknown.toString(16).toUpperCase()} are no flags of the verifier that are known here`,
    );
  }
  return value & known;
}

/** The options that `verifier on` stands for. */
export const standardFlags = verifierOptions.reduce(
  (flags, { bit, standard }) => (standard ? flags | bit : flags),
  0,
);

/** `NAME VALUE`, the value being all tokens up to the semicolon. */
function parseDefinition(cursor: Cursor): OptionValue | undefined {
  const name = cursor.name("a macro's name after 'define'");
  if (name === undefined) return undefined;
  cursor.accept('=');
  const value = restOfValue(cursor);
  return { kind: 'definition', name: name.text, value: value?.text ?? '1' };
}

/** `INDEX SIZE`. */
function parseBar(cursor: Cursor): OptionValue | undefined {
  const index = parseNumber(cursor, "the number of a base address register after 'bar'");
  if (index === undefined) return undefined;
  const size = parseNumber(cursor, 'the size of its range, such as 4K');
  return size === undefined ? undefined : { kind: 'bar', index, size };
}

/** The text up to a `;`, a `}` or the end of the line; undefined when there is none. */
function restOfValue(cursor: Cursor): Name | undefined {
  const start = cursor.token?.range;
  let end: SourceRange | undefined;
  for (let token = cursor.token; token !== undefined; token = cursor.token) {
    if (token.text === ';' || token.text === '}' || token.firstInLine) break;
    end = token.range;
    cursor.index++;
  }
  if (start === undefined || end === undefined) return undefined;
  const range = { file: cursor.file, start: start.start, end: end.end };
  return { text: cursor.file.text.slice(range.start, range.end), range };
}
