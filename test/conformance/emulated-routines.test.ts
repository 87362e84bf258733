import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { routineList, withList } from '../../scripts/emulated-routines.mts';

test('docs/emulated-behaviour.md lists the routines that run, no more and no fewer', async () => {
  const list = await routineList();
  for (const name of [
    'MmAllocateContiguousMemory',
    'IoGetDmaAdapter',
    'DeviceIoControl',
    'socket',
  ]) {
    expect(list).toMatch(new RegExp(`\\b${name}\\b`));
  }
  const document = readFileSync(
    new URL('../../docs/emulated-behaviour.md', import.meta.url),
    'utf8',
  );
  expect(document, 'run node scripts/emulated-routines.mts').toBe(withList(document, list));
}, 60_000);
