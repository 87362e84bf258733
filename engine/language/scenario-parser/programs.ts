/** `driver` and `process`: C files by name, or a block of C in braces. */
import { wordsIn } from '../scenario-syntax.ts';
import type { SourceRange } from '../source.ts';
import { bracketBlock, indentedBlock } from './block.ts';
import type { Cursor } from './cursor.ts';
import { parseOptions } from './options.ts';
import type { DriverNode, Name, OptionNode, ProcessNode } from './tree.ts';

export function parseDriver(cursor: Cursor): DriverNode | undefined {
  const parts = parseProgram(cursor, 'driver');
  return parts === undefined ? undefined : { kind: 'driver', ...parts };
}

export function parseProcess(cursor: Cursor): ProcessNode | undefined {
  const parts = parseProgram(cursor, 'process');
  if (parts === undefined) return undefined;
  const { nics, ...rest } = parts;
  const [nic] = nics;
  if (nic !== undefined) {
    cursor.error('syntax', nic.range, "A process is bound to no NIC: 'for' belongs to a driver");
  }
  return { kind: 'process', ...rest };
}

function parseProgram(
  cursor: Cursor,
  kind: 'driver' | 'process',
): Omit<DriverNode, 'kind'> | undefined {
  const start = cursor.here;
  cursor.index++;
  const keyword = start;
  let name: Name | undefined;
  let host: Name | undefined;
  let options: OptionNode[] = [];
  const sources: Name[] = [];
  const nics: Name[] = [];
  const done = (block: SourceRange | undefined): Omit<DriverNode, 'kind'> => ({
    name,
    sources,
    block,
    options,
    host,
    nics,
    keyword,
    range: cursor.rangeFrom(start),
  });
  if (cursor.token?.kind === 'identifier' && !clauses.has(cursor.token.text)) {
    name = cursor.name('');
  }
  for (;;) {
    if (cursor.accept('on')) {
      host = cursor.name("the name of a host after 'on'") ?? host;
    } else if (cursor.accept('for')) {
      do {
        const nic = cursor.name("the name of a NIC after 'for'");
        if (nic === undefined) break;
        nics.push(nic);
      } while (cursor.accept(','));
    } else if (cursor.accept('with')) {
      options = [...options, ...parseOptions(cursor, kind)];
    } else if (cursor.token?.kind === 'string' && sources.length === 0) {
      do {
        const source = cursor.string('a C file in quotes');
        if (source === undefined) break;
        sources.push(source);
      } while (cursor.accept(','));
    } else {
      break;
    }
  }
  if (cursor.at('{')) {
    const block = parseBlock(cursor);
    if (sources[0] !== undefined) {
      cursor.error(
        'syntax',
        sources[0].range,
        `A ${kind} has either C files or a block of C: options follow 'with { .. }'`,
      );
    } else if (name === undefined) {
      cursor.error(
        'syntax',
        keyword,
        `Expected a name between '${kind}' and the block of C: '${kind} NAME { .. }'`,
      );
    }
    return done(block);
  }
  if (sources.length === 0) {
    cursor.expected(
      name === undefined
        ? `a C file in quotes or a name after '${kind}'`
        : `'{' and C, or a C file in quotes, after '${kind} ${name.text}'`,
    );
    cursor.skipDeclaration(wordsIn('scenario'));
    return name === undefined ? undefined : done(undefined);
  }
  const result = done(undefined);
  // What ends in a brace needs no semicolon.
  if (cursor.previous?.text === '}') cursor.accept(';');
  else cursor.semicolon(`the files of the ${kind}`);
  return result;
}

const clauses: ReadonlySet<string> = new Set(['on', 'for', 'with']);

/**
 * The text between the braces of a block of C. When the braces of the scenario do not match, the layout
 * decides where the block ends, so that the declarations behind it are read; the C parser then tells which
 * brace is missing.
 */
export function parseBlock(cursor: Cursor): SourceRange {
  const { tokens, index: open, file } = cursor;
  const opening = cursor.here;
  const block =
    (cursor.bracesMatch ? undefined : indentedBlock(tokens, open)) ?? bracketBlock(tokens, open);
  if (block.close === undefined) {
    cursor.error(
      'missing-brace',
      opening,
      "The block of C is not closed: expected '}' before " +
        (tokens[block.end] === undefined ? 'the end of the file' : "'scenario'"),
    );
  }
  const end = block.close?.range.start ?? tokens[block.end - 1]?.range.end ?? file.text.length;
  const range: SourceRange = { file, start: opening.end, end: Math.max(end, opening.end) };
  cursor.regions.push({ context: 'c', start: range.start, end: range.end });
  cursor.index = block.close === undefined ? block.end : block.end + 1;
  cursor.accept(';');
  return range;
}
