/** `event KIND NIC after N ms;`: what Plug and Play does to a device while the processes run. */
import { wordsIn } from '../scenario-syntax.ts';
import type { Cursor } from './cursor.ts';
import { parseNumber } from './options.ts';
import type { EventNode } from './tree.ts';

/** Units of 100 ns. */
const units: Readonly<Record<string, number>> = { us: 10, ms: 10_000, s: 10_000_000 };

export function parseEvent(cursor: Cursor): EventNode | undefined {
  const start = cursor.here;
  cursor.index++;
  const kinds = [...wordsIn('event').keys()];
  const what = cursor.name(`what happens: ${kinds.join(', ')}`);
  if (what !== undefined && !kinds.includes(what.text)) {
    cursor.error('syntax', what.range, `Expected ${kinds.join(', ')}, found '${what.text}'`);
  }
  const nic = what && cursor.name('the NIC or device that it happens to');
  if (what === undefined || nic === undefined) {
    cursor.skipDeclaration(wordsIn('scenario'));
    return undefined;
  }
  let after = 0;
  if (cursor.accept('after')) {
    const amount = parseNumber(cursor, "a time after 'after': 5 ms");
    const unit = cursor.name("the unit of the time: 'us', 'ms' or 's'");
    if (amount === undefined || unit === undefined) {
      cursor.skipDeclaration(wordsIn('scenario'));
      return undefined;
    }
    const length = units[unit.text];
    if (length === undefined) {
      cursor.error('syntax', unit.range, `Expected 'us', 'ms' or 's', found '${unit.text}'`);
    }
    after = amount * (length ?? 0);
  }
  const range = cursor.rangeFrom(start);
  cursor.semicolon("'event'");
  return { kind: 'event', what, nic, after, range };
}
