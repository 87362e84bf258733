/** `device`: options and C at file level; in a scenario or host also the mere choice of one, as with a NIC. */
import { wordsIn } from '../scenario-syntax.ts';
import type { SourceRange } from '../source.ts';
import type { Cursor } from './cursor.ts';
import { parseOptions } from './options.ts';
import { parseBlock } from './programs.ts';
import type { DeviceNode, Name, OptionNode, UseNode } from './tree.ts';

/** A declaration with its code. With `mayChoose` one without code chooses a device declared elsewhere. */
export function parseDevice(cursor: Cursor, mayChoose: boolean): DeviceNode | UseNode | undefined {
  const start = cursor.here;
  cursor.index++;
  const name = cursor.name('the name of the device');
  if (name === undefined) {
    cursor.skipDeclaration(wordsIn(mayChoose ? 'scenario' : 'file'));
    return undefined;
  }
  const { options, sources } = readClauses(cursor);
  const device = (block: SourceRange | undefined): DeviceNode => ({
    kind: 'device',
    name,
    options,
    sources,
    block,
    keyword: start,
    range: cursor.rangeFrom(start),
  });
  if (cursor.at('{')) {
    const block = parseBlock(cursor);
    if (sources[0] !== undefined) {
      cursor.error(
        'syntax',
        sources[0].range,
        "A device has either C files or a block of C: options follow 'with { .. }'",
      );
    }
    return device(block);
  }
  const braced = cursor.previous?.text === '}';
  if (sources.length === 0) {
    if (mayChoose) {
      const range = cursor.rangeFrom(start);
      if (braced) cursor.accept(';');
      else cursor.semicolon(`device '${name.text}'`);
      return { kind: 'useNic', name, options, range };
    }
    cursor.expected(`'{' and C, or a C file in quotes, after 'device ${name.text}'`);
    cursor.skipDeclaration(wordsIn('file'));
    return device(undefined);
  }
  const result = device(undefined);
  if (braced) cursor.accept(';');
  else cursor.semicolon('the files of the device');
  return result;
}

/** `with { .. }` and file names, in any order. */
function readClauses(cursor: Cursor): { options: OptionNode[]; sources: Name[] } {
  let options: OptionNode[] = [];
  const sources: Name[] = [];
  for (;;) {
    if (cursor.accept('with')) {
      options = [...options, ...parseOptions(cursor, 'device')];
    } else if (cursor.token?.kind === 'string' && sources.length === 0) {
      do {
        const source = cursor.string('a C file in quotes');
        if (source === undefined) break;
        sources.push(source);
      } while (cursor.accept(','));
    } else {
      return { options, sources };
    }
  }
}
