import { expect, test } from 'vitest';
import type { DocumentSymbol } from 'vscode-languageserver';
import { Editor } from './support/editor.ts';
import { driverWith, sample } from './support/texts.ts';

const shape = (symbols: readonly DocumentSymbol[] | null): unknown =>
  symbols?.map(({ name, children }) =>
    children && children.length > 0 ? { [name]: shape(children) } : name,
  );

test('a scenario file lists machines, NICs and scenarios with their drivers and routines', async () => {
  const editor = await Editor.start({ '/w/nolowmem.dms': sample('nolowmem.dms') });
  await editor.open('/w/nolowmem.dms');
  expect(shape(await editor.symbols('/w/nolowmem.dms'))).toEqual([
    'Server',
    'SanNic',
    {
      'contiguous memory below 4 GB is there for those who ask': [
        { Proxy: ['Buffer', 'Unload', 'DriverEntry'] },
      ],
    },
    { "pool memory is out of the NIC's reach": [{ Proxy: ['Unload', 'DriverEntry'] }] },
  ]);
});

test('a C file lists its routines, variables and types', async () => {
  const editor = await Editor.start({});
  await editor.open(
    '/w/a.c',
    `static int Count;\ntypedef struct _PAIR { int a; } PAIR;\n${driverWith('')}`,
  );
  expect(shape(await editor.symbols('/w/a.c'))).toEqual(['Count', '_PAIR', 'PAIR', 'DriverEntry']);
});

test('names lie within what they name', async () => {
  const editor = await Editor.start({ '/w/nolowmem.dms': sample('nolowmem.dms') });
  await editor.open('/w/nolowmem.dms');
  const all = (symbols: readonly DocumentSymbol[]): DocumentSymbol[] =>
    symbols.flatMap((symbol) => [symbol, ...all(symbol.children ?? [])]);
  const symbols = all((await editor.symbols('/w/nolowmem.dms')) ?? []);
  expect(symbols.length).toBeGreaterThan(8);
  for (const { range, selectionRange } of symbols) {
    expect(selectionRange.start.line).toBeGreaterThanOrEqual(range.start.line);
    expect(selectionRange.end.line).toBeLessThanOrEqual(range.end.line);
  }
});
