/** `expect`, `vary` and `fault`. */
import { wordsIn } from '../scenario-syntax.ts';
import type { Cursor } from './cursor.ts';
import { didYouMean, meantInstead, oneOf } from './messages.ts';
import { parseNumber } from './options.ts';
import { quantity } from './quantities.ts';
import type {
  ConditionNode,
  ExpectedNode,
  ExpectNode,
  FaultNode,
  Name,
  VariedNode,
  VaryNode,
} from './tree.ts';

/** Values of one dimension; more is a mistake in `to`. */
const VALUE_LIMIT = 10_000;

export function parseExpect(cursor: Cursor): ExpectNode | undefined {
  const start = cursor.here;
  cursor.index++;
  const what = parseExpected(cursor);
  if (what === undefined) {
    cursor.skipDeclaration(wordsIn('scenario'));
    return undefined;
  }
  const when = cursor.at('when') ? parseCondition(cursor) : undefined;
  const range = cursor.rangeFrom(start);
  cursor.semicolon('the expectation');
  return { kind: 'expect', what, when, range };
}

function parseExpected(cursor: Cursor): ExpectedNode | undefined {
  const word = cursor.token;
  const text = word?.kind === 'identifier' ? word.text : '';
  switch (text) {
    case 'no':
      cursor.index++;
      return parseNegated(cursor);
    case 'output': {
      cursor.index++;
      const line = cursor.string("the text in quotes after 'output'");
      return line && { kind: 'output', text: line.text, negated: false };
    }
    case 'leak':
    case 'leaks':
      cursor.index++;
      return parseLeak(cursor);
    case 'bugcheck':
      cursor.index++;
      return parseBugcheck(cursor);
    case 'violation': {
      cursor.index++;
      const rule = cursor.name("the name of a rule after 'violation'");
      return rule && { kind: 'violation', rule };
    }
    case 'assertion':
      cursor.index++;
      return { kind: 'assertion' };
    case 'process':
      cursor.index++;
      return parseExit(cursor);
    case 'driver':
      cursor.index++;
      return parseLoadFailure(cursor);
    default:
      cursor.error(
        'syntax',
        cursor.here,
        `Expected ${oneOf([...wordsIn('expect').keys()])} after 'expect', found ${cursor.found}${didYouMean(text, [...wordsIn('expect').keys(), 'leaks'])}`,
        meantInstead(cursor.here, text ?? '', [...wordsIn('expect').keys(), 'leaks']),
      );
      return undefined;
  }
}

const negatable: readonly string[] = ['leaks', 'bugcheck', 'violation', 'output'];

function parseNegated(cursor: Cursor): ExpectedNode | undefined {
  if (cursor.accept('leaks') || cursor.accept('leak')) return { kind: 'noLeaks' };
  if (cursor.accept('bugcheck') || cursor.accept('bugchecks')) return { kind: 'noBugcheck' };
  if (cursor.accept('violation') || cursor.accept('violations')) {
    const named = cursor.token?.kind === 'identifier' && !cursor.at('when');
    const rule = named && !cursor.token?.firstInLine ? cursor.name('a rule') : undefined;
    return { kind: 'noViolation', rule };
  }
  if (cursor.accept('output')) {
    const line = cursor.string("the text in quotes after 'output'");
    return line && { kind: 'output', text: line.text, negated: true };
  }
  cursor.error(
    'syntax',
    cursor.here,
    `Expected ${oneOf(negatable)} after 'no', found ${cursor.found}${didYouMean(cursor.token?.text ?? '', negatable)}`,
    meantInstead(cursor.here, cursor.token?.text ?? '', negatable),
  );
  return undefined;
}

function parseLeak(cursor: Cursor): ExpectedNode | undefined {
  if (!cursor.accept('of')) return { kind: 'leak', bytes: undefined };
  const bytes = parseNumber(cursor, "a number of bytes after 'of'");
  if (bytes === undefined) return undefined;
  if (!cursor.accept('bytes') && !cursor.accept('byte')) {
    cursor.expected("'bytes' after their number");
    return undefined;
  }
  return { kind: 'leak', bytes };
}

/** `bugcheck`, `bugcheck 0xE6`, `bugcheck PFN_LIST_CORRUPT (7, ..)`. */
function parseBugcheck(cursor: Cursor): ExpectedNode | undefined {
  const token = cursor.token;
  let code: Name | undefined;
  if (token?.kind === 'integer' || (token?.kind === 'identifier' && !cursor.at('when'))) {
    if (!token.firstInLine) {
      code = { text: token.text, range: token.range };
      cursor.index++;
    }
  }
  const parameters: (bigint | undefined)[] = [];
  if (!cursor.accept('(')) return { kind: 'bugcheck', code, parameters };
  for (;;) {
    if (cursor.accept('..')) break;
    if (cursor.accept('*') || cursor.accept('_')) {
      parameters.push(undefined);
    } else {
      const parameter = parseParameter(cursor);
      if (parameter === undefined) return undefined;
      parameters.push(parameter);
    }
    if (!cursor.accept(',')) break;
  }
  if (!cursor.accept(')')) {
    cursor.expected("',' or ')' in the parameters of the bug check");
    return undefined;
  }
  if (parameters.length > 4) {
    cursor.error('bugcheck-parameters', cursor.gap, 'A bug check has four parameters');
  }
  return { kind: 'bugcheck', code, parameters };
}

function parseParameter(cursor: Cursor): bigint | undefined {
  const token = cursor.token;
  if (token?.kind !== 'integer' || !/^(0[xX][0-9a-fA-F]+|[0-9]+)$/.test(token.text)) {
    cursor.expected("a number, '*' for any, or '..' for any others");
    return undefined;
  }
  cursor.index++;
  return BigInt.asUintN(64, BigInt(token.text));
}

function parseExit(cursor: Cursor): ExpectedNode | undefined {
  const process = cursor.nameOrString("the name of a process after 'process'");
  if (process === undefined) return undefined;
  if (!cursor.accept('exits')) {
    cursor.expected("'exits' and a code after the name of the process");
    return undefined;
  }
  const negative = cursor.accept('-');
  const code = parseNumber(cursor, "an exit code after 'exits'");
  if (code === undefined) return undefined;
  return { kind: 'processExits', process, code: (negative ? -code : code) | 0 };
}

function parseLoadFailure(cursor: Cursor): ExpectedNode | undefined {
  const named = !cursor.at('fails');
  const driver = named
    ? cursor.nameOrString("the name of a driver, or 'fails', after 'driver'")
    : undefined;
  if (named && driver === undefined) return undefined;
  if (!cursor.accept('fails')) {
    cursor.expected("'fails' after the name of the driver");
    return undefined;
  }
  const token = cursor.token;
  let status: Name | undefined;
  if (token !== undefined && !token.firstInLine && token.text !== 'when') {
    if (token.kind === 'identifier' || token.kind === 'integer') {
      status = { text: token.text, range: token.range };
      cursor.index++;
    }
  }
  return { kind: 'loadFails', driver, status };
}

/** `when VARIABLE == VALUE`. */
function parseCondition(cursor: Cursor): ConditionNode | undefined {
  const start = cursor.here;
  cursor.index++;
  const first = cursor.here;
  let text = '';
  if (cursor.accept('define')) {
    const name = cursor.name("a macro's name after 'define'");
    if (name === undefined) return undefined;
    text = `define ${name.text}`;
  } else {
    const owner = cursor.name("a name from a 'vary' after 'when'");
    if (owner === undefined) return undefined;
    text = owner.text;
    while (cursor.accept('.')) {
      const part = cursor.name("a name after '.'");
      if (part === undefined) return undefined;
      text += `.${part.text}`;
    }
  }
  const variable = { text, range: cursor.rangeFrom(first) };
  const operator = cursor.at('!=') ? '!=' : '==';
  if (!cursor.accept('==') && !cursor.accept('!=')) {
    if (cursor.at('=')) {
      const { here } = cursor;
      cursor.error('syntax', here, "'=' assigns; a condition compares with '=='", {
        fix: { title: "Write '=='", edits: [{ range: here, text: '==' }] },
      });
      cursor.index++;
    } else {
      cursor.expected("'==' or '!=' in the condition");
      return undefined;
    }
  }
  const value = parseVariedValue(cursor);
  if (value === undefined) return undefined;
  return { variable, operator, value, range: cursor.rangeFrom(start) };
}

export function parseVary(cursor: Cursor): VaryNode | undefined {
  const start = cursor.here;
  cursor.index++;
  const what = parseVaried(cursor);
  if (what === undefined) {
    cursor.skipDeclaration(wordsIn('scenario'));
    return undefined;
  }
  if (!cursor.accept('=')) {
    cursor.expected("'=' and values in a 'vary'");
    cursor.skipDeclaration(wordsIn('scenario'));
    return undefined;
  }
  const values = parseValues(cursor);
  if (values === undefined) {
    cursor.skipDeclaration(wordsIn('scenario'));
    return undefined;
  }
  const range = cursor.rangeFrom(start);
  cursor.semicolon("the values of 'vary'");
  return { kind: 'vary', what, values, range };
}

function parseVaried(cursor: Cursor): VariedNode | undefined {
  if (cursor.accept('define')) {
    const name = cursor.name("a macro's name after 'define'");
    return name && { kind: 'define', name };
  }
  if (cursor.accept('seed')) return { kind: 'seed' };
  if (cursor.accept('fault')) {
    cursor.accept('.');
    const point = cursor.name("a fault point after 'fault': 'allocation' or a routine");
    return point && { kind: 'fault', point };
  }
  const owner = cursor.name(
    `${oneOf([...wordsIn('vary').keys()])} or the name of a NIC after 'vary'`,
  );
  if (owner === undefined) return undefined;
  if (!cursor.accept('.')) return { kind: 'member', owner, option: undefined };
  const option = cursor.name("an option after '.'");
  return option && { kind: 'member', owner, option };
}

/** `1, 5, 10 to 20`, every value by itself. */
function parseValues(cursor: Cursor): Name[] | undefined {
  const values: Name[] = [];
  do {
    const value = parseVariedValue(cursor);
    if (value === undefined) return undefined;
    if (!cursor.accept('to')) {
      values.push(value);
      continue;
    }
    const last = parseVariedValue(cursor);
    if (last === undefined) return undefined;
    const range = cursor.rangeFrom(value.range);
    const [from, to] = [quantity(value.text), quantity(last.text)];
    if (from === undefined || to === undefined || to < from) {
      cursor.error('bad-count', range, `'to' counts upwards from one whole number to another`);
    } else if (to - from >= VALUE_LIMIT) {
      cursor.error(
        'bad-count',
        range,
        `More than ${VALUE_LIMIT} values; a run for each would not end`,
      );
    } else {
      for (let count = from; count <= to; count++) values.push({ text: String(count), range });
    }
  } while (cursor.accept(','));
  return values;
}

/** One value: a number, a word, a string, or C tokens as in `(1 << 4)`. */
function parseVariedValue(cursor: Cursor): Name | undefined {
  const { token } = cursor;
  if (token?.kind === 'string') return cursor.string('a value');
  const start = cursor.index;
  let depth = 0;
  for (let next = cursor.token; next !== undefined; next = cursor.token) {
    if (depth === 0 && (/^[,;{}]$/.test(next.text) || next.text === 'to')) break;
    if (next.firstInLine && cursor.index > start) break;
    if (next.text === '(') depth++;
    if (next.text === ')') depth--;
    cursor.index++;
  }
  const last = cursor.previous;
  if (token === undefined || last === undefined || cursor.index === start) {
    cursor.expected('a value');
    return undefined;
  }
  const range = { file: cursor.file, start: token.range.start, end: last.range.end };
  return { text: cursor.file.text.slice(range.start, range.end), range };
}

export function parseFault(cursor: Cursor): FaultNode | undefined {
  const start = cursor.here;
  cursor.index++;
  const point = cursor.name("a fault point after 'fault': 'allocation' or a routine");
  if (point === undefined) {
    cursor.skipDeclaration(wordsIn('scenario'));
    return undefined;
  }
  cursor.accept('=');
  const ordinals: number[] = [];
  do {
    if (cursor.accept('every')) {
      ordinals.push(0);
      continue;
    }
    const { here } = cursor;
    const ordinal = parseNumber(cursor, "the number of the call that fails, or 'every'");
    if (ordinal === undefined) {
      cursor.skipDeclaration(wordsIn('scenario'));
      return undefined;
    }
    if (ordinal === 0) cursor.error('bad-count', here, 'Calls are counted from 1');
    else ordinals.push(ordinal);
  } while (cursor.accept(','));
  const range = cursor.rangeFrom(start);
  cursor.semicolon("'fault'");
  return { kind: 'fault', point, ordinals, range };
}
