/** A scenario file's declarations, by recursive descent; an error in one loses nothing of the others. */
import type { Diagnostics } from '../diagnostics.ts';
import { wordsIn } from '../scenario-syntax.ts';
import type { SourceFile, SourceRange } from '../source.ts';
import { type SourceToken, tokenize } from '../tokenizer.ts';
import { bracketBlock } from './block.ts';
import { Cursor } from './cursor.ts';
import { parseDevice } from './devices.ts';
import { parseEvent } from './events.ts';
import { parseExpect, parseFault, parseVary } from './expectations.ts';
import { didYouMean, meantInstead, oneOf } from './messages.ts';
import { parseOptions } from './options.ts';
import { parseDriver, parseProcess } from './programs.ts';
import type {
  DeviceNode,
  HostMember,
  HostNode,
  MachineNode,
  NicNode,
  ScenarioMember,
  ScenarioNode,
  ScenarioTree,
  UseNode,
} from './tree.ts';

/** Reads a `.dms` file. Every finding goes to `diagnostics`; what could be read is in the tree. */
export function parseScenarioFile(file: SourceFile, diagnostics: Diagnostics): ScenarioTree {
  const { tokens, unterminatedComment } = tokenize(file, 0, file.text.length, 'scenario');
  const cursor = new Cursor(file, tokens, diagnostics);
  if (unterminatedComment !== undefined) {
    cursor.error(
      'unterminated-comment',
      { file, start: unterminatedComment, end: unterminatedComment + 2 },
      "The comment is not closed: expected '*/'",
    );
  }
  return new FileParser(cursor).run();
}

class FileParser {
  private readonly machines: MachineNode[] = [];
  private readonly nics: NicNode[] = [];
  private readonly devices: DeviceNode[] = [];
  private readonly scenarios: ScenarioNode[] = [];
  private readonly prelude: SourceRange[] = [];
  /** Conditionals of the prelude that are open, to warn of declarations inside. */
  private readonly conditionals: SourceRange[] = [];

  constructor(private readonly cursor: Cursor) {}

  run(): ScenarioTree {
    const { cursor, machines, nics, devices, scenarios, prelude } = this;
    cursor.regions.push({ context: 'file', start: 0, end: cursor.file.text.length });
    for (let token = cursor.token; token !== undefined; token = cursor.token) {
      if (token.text === '#' && token.firstInLine) {
        this.preprocessorLine(token);
        continue;
      }
      this.checkConditional(token);
      this.declaration(token);
    }
    cursor.regions.sort((left, right) => left.start - right.start || right.end - left.end);
    const { file, regions } = cursor;
    return { file, machines, nics, devices, scenarios, prelude, regions };
  }

  private preprocessorLine(hash: SourceToken): void {
    const { cursor } = this;
    const word = cursor.peek()?.text ?? '';
    cursor.index++;
    while (cursor.token !== undefined && !cursor.token.firstInLine) cursor.index++;
    const range = cursor.rangeFrom(hash.range);
    this.prelude.push(range);
    if (word === 'if' || word === 'ifdef' || word === 'ifndef') this.conditionals.push(range);
    if (word === 'endif') this.conditionals.pop();
  }

  /** Declarations are not subject to conditionals; who writes one around them expects otherwise. */
  private checkConditional(token: SourceToken): void {
    const conditional = this.conditionals.at(-1);
    if (conditional === undefined) return;
    this.cursor.diagnostics.warning(
      'conditional-declaration',
      conditional,
      `Preprocessor conditionals do not leave out declarations: '${token.text}' is declared all the same`,
      { documentation: 'language.md' },
    );
  }

  private declaration(token: SourceToken): void {
    const { cursor } = this;
    const words = wordsIn('file');
    switch (token.kind === 'identifier' ? token.text : '') {
      case 'machine': {
        const machine = parseDeclaration(cursor, 'machine');
        if (machine !== undefined) this.machines.push({ kind: 'machine', ...machine });
        break;
      }
      case 'nic': {
        const nic = parseDeclaration(cursor, 'nic');
        if (nic !== undefined) this.nics.push({ kind: 'nic', ...nic });
        break;
      }
      case 'device': {
        const device = parseDevice(cursor, false);
        if (device?.kind === 'device') this.devices.push(device);
        break;
      }
      case 'scenario': {
        const scenario = parseScenario(cursor);
        if (scenario !== undefined) this.scenarios.push(scenario);
        break;
      }
      default: {
        if (cursor.accept(';')) break;
        if (token.text === '}') {
          cursor.error('unmatched-brace', token.range, "'}' closes nothing");
          cursor.index++;
          break;
        }
        const inside = wordsIn('scenario').has(token.text);
        cursor.error(
          'syntax',
          token.range,
          inside
            ? `'${token.text}' stands inside a scenario: expected 'scenario "NAME" {' before it`
            : `Expected ${oneOf([...words.keys()])}, found ${cursor.found}${didYouMean(token.text, words.keys())}`,
          inside ? {} : meantInstead(token.range, token.text, words.keys()),
        );
        cursor.index++;
        cursor.skipDeclaration(words);
      }
    }
  }
}

type Declared = Pick<MachineNode, 'name' | 'base' | 'options' | 'range'>;

/** `machine NAME : BASE { .. }`, and the same for a NIC. */
function parseDeclaration(cursor: Cursor, kind: 'machine' | 'nic'): Declared | undefined {
  const start = cursor.here;
  cursor.index++;
  const what = kind === 'machine' ? 'machine' : 'NIC';
  const name = cursor.name(`the name of the ${what}`);
  if (name === undefined) {
    cursor.skipDeclaration(wordsIn('file'));
    return undefined;
  }
  let base: MachineNode['base'];
  if (cursor.accept(':')) base = cursor.name(`the name of the ${what} that it derives from`);
  if (cursor.at('with')) {
    cursor.error(
      'syntax',
      cursor.here,
      `A declaration has no 'with': expected '{', or ':' and a ${what} to derive from`,
    );
    cursor.index++;
  }
  if (!cursor.at('{')) {
    cursor.expected(`'{' before the options of ${what} '${name.text}'`);
    cursor.skipDeclaration(wordsIn('file'));
    return { name, base, options: [], range: cursor.rangeFrom(start) };
  }
  const options = parseOptions(cursor, kind);
  const range = cursor.rangeFrom(start);
  cursor.accept(';');
  return { name, base, options, range };
}

function parseScenario(cursor: Cursor): ScenarioNode | undefined {
  const start = cursor.here;
  cursor.index++;
  const name = cursor.string('the name of the scenario in quotes');
  if (name === undefined) {
    // The body is worth reading: its errors and its C are the user's.
    if (cursor.token?.kind === 'identifier') cursor.index++;
    if (!cursor.at('{')) {
      cursor.skipDeclaration(wordsIn('file'));
      return undefined;
    }
  }
  const open = cursor.token;
  const shown = name ?? { text: '', range: start };
  cursor.bracesMatch = cursor.at('{') && bracesMatch(cursor);
  if (!cursor.accept('{')) {
    cursor.expected(`'{' after the name of scenario "${shown.text}"`);
    if (!wordsIn('scenario').has(cursor.token?.text ?? '')) {
      return { kind: 'scenario', name: shown, members: [], range: cursor.rangeFrom(start) };
    }
  }
  const members = parseMembers(cursor, open?.range ?? start, 'scenario', (token) => {
    switch (token.text) {
      case 'host':
        return parseHost(cursor);
      case 'expect':
        return parseExpect(cursor);
      case 'vary':
        return parseVary(cursor);
      case 'fault':
        return parseFault(cursor);
      default:
        return parseHostMember(cursor, token);
    }
  });
  return { kind: 'scenario', name: shown, members, range: cursor.rangeFrom(start) };
}

/** Whether the block that begins at the cursor ends, and the file goes on behind it with a declaration. */
function bracesMatch({ tokens, index }: Cursor): boolean {
  const { end, close } = bracketBlock(tokens, index);
  if (close === undefined) return false;
  const next = tokens[end + 1];
  return next === undefined || next.text === '#' || wordsIn('file').has(next.text);
}

function parseHost(cursor: Cursor): HostNode | undefined {
  const start = cursor.here;
  cursor.index++;
  const name = cursor.name('the name of the host');
  const open = cursor.token;
  if (!cursor.accept('{')) {
    if (name !== undefined) cursor.expected(`'{' after the name of host '${name.text}'`);
    cursor.skipDeclaration(wordsIn('scenario'));
    return undefined;
  }
  const members = parseMembers(cursor, open?.range ?? start, 'host', (token) =>
    parseHostMember(cursor, token),
  );
  const range = cursor.rangeFrom(start);
  cursor.accept(';');
  return { kind: 'host', name: name ?? { text: '', range: start }, members, range };
}

type Reader<T> = (token: SourceToken) => T | undefined | 'unknown';

/** The declarations of a scenario or host up to its closing brace. */
function parseMembers<T extends ScenarioMember>(
  cursor: Cursor,
  open: SourceRange,
  context: 'scenario' | 'host',
  read: Reader<T>,
): T[] {
  const members: T[] = [];
  for (let token = cursor.token; token?.text !== '}'; token = cursor.token) {
    if (token === undefined || (token.text === 'scenario' && token.firstInLine)) {
      cursor.error(
        'missing-brace',
        open,
        `The ${context} is not closed: expected '}' before ${cursor.found}`,
      );
      break;
    }
    if (cursor.accept(';')) continue;
    const member = token.kind === 'identifier' ? read(token) : 'unknown';
    if (member === 'unknown') unknownMember(cursor, token, context);
    else if (member !== undefined) members.push(member);
  }
  cursor.regions.push({
    context,
    start: open.end,
    end: cursor.token?.range.start ?? cursor.file.text.length,
  });
  cursor.accept('}');
  return members;
}

function unknownMember(cursor: Cursor, token: SourceToken, context: 'scenario' | 'host'): void {
  const words = wordsIn(context);
  if (token.text === '#') {
    cursor.error(
      'syntax',
      token.range,
      'Preprocessor lines stand outside of scenarios, or inside a block of C',
    );
    cursor.index++;
    while (cursor.token !== undefined && !cursor.token.firstInLine) cursor.index++;
    return;
  }
  const option = (['machine', 'nic', 'device', 'driver'] as const).find((owner) =>
    wordsIn(owner).has(token.text),
  );
  const outside = context === 'host' && wordsIn('scenario').has(token.text);
  const elsewhere =
    option !== undefined
      ? `; an option is written '${option} NAME with { ${token.text} ..; }'`
      : outside
        ? '; it stands in the scenario, outside of its hosts'
        : didYouMean(token.text, words.keys());
  cursor.error(
    'syntax',
    token.range,
    `Expected ${oneOf([...words.keys()])} in a ${context}, found ${cursor.found}${elsewhere}`,
    option !== undefined || outside ? {} : meantInstead(token.range, token.text, words.keys()),
  );
  cursor.index++;
  cursor.skipDeclaration(words);
}

function parseHostMember(cursor: Cursor, token: SourceToken): HostMember | undefined | 'unknown' {
  switch (token.text) {
    case 'machine':
      return parseUse(cursor, 'machine');
    case 'nic':
      return parseUse(cursor, 'nic');
    case 'driver':
      return parseDriver(cursor);
    case 'process':
      return parseProcess(cursor);
    case 'device':
      return parseDevice(cursor, true);
    case 'event':
      return parseEvent(cursor);
    default:
      return 'unknown';
  }
}

/** `machine NAME with { .. };`: a choice inside a scenario or host. */
function parseUse(cursor: Cursor, kind: 'machine' | 'nic'): UseNode | undefined {
  const start = cursor.here;
  cursor.index++;
  const what = kind === 'machine' ? 'machine' : 'NIC';
  let name: UseNode['name'];
  if (!cursor.at('with') && !cursor.at('{')) {
    name = cursor.name(`the name of a ${what}, or 'with' and its options`);
    if (name === undefined) {
      cursor.skipDeclaration(wordsIn('scenario'));
      return undefined;
    }
  }
  if (cursor.at(':') || (cursor.at('{') && name !== undefined)) {
    cursor.error(
      'syntax',
      cursor.here,
      `A ${what} is declared outside of scenarios; here it is chosen, and changed by 'with { .. }'`,
    );
    if (cursor.accept(':')) cursor.name(`the name of a ${what}`);
    const options = cursor.at('{') ? parseOptions(cursor, kind) : [];
    return {
      kind: kind === 'machine' ? 'useMachine' : 'useNic',
      name,
      options,
      range: cursor.rangeFrom(start),
    };
  }
  const braced = cursor.accept('with') || cursor.at('{');
  const options = braced ? parseOptions(cursor, kind) : [];
  const range = cursor.rangeFrom(start);
  if (braced) cursor.accept(';');
  else cursor.semicolon(name === undefined ? `'${kind}'` : `${kind} '${name.text}'`);
  return { kind: kind === 'machine' ? 'useMachine' : 'useNic', name, options, range };
}
