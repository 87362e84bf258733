import { expect, test } from 'vitest';
import { textIn } from './support/cursor.ts';
import { Editor } from './support/editor.ts';
import { driverWith } from './support/texts.ts';

const editorWith = (files: Record<string, string> = {}) => Editor.start(files);

test('a local variable leads to its declaration', async () => {
  const editor = await editorWith();
  const found = await editor.definition(
    '/w/a.c',
    driverWith('    ULONG size;\n\n    si<|>ze = 1;'),
  );
  expect(found?.uri).toBe('file:///w/a.c');
  expect(found?.range.start).toEqual({ line: 4, character: 10 });
});

test('a routine of another file of the driver leads to its definition', async () => {
  const helper = 'int Helper(void)\n{\n    return 1;\n}\n';
  const editor = await editorWith({
    '/w/a.dms': 'scenario "a" { driver "a.c", "helper.c"; }\n',
    '/w/a.c': '',
    '/w/helper.c': helper,
    '/w/helper.h': 'int Helper(void);\n',
  });
  const found = await editor.definition(
    '/w/a.c',
    `#include "helper.h"\n${driverWith('    Hel<|>per();')}`,
  );
  expect(found?.uri).toBe('file:///w/helper.c');
  expect(found && textIn(helper, found.range)).toBe('Helper');
});

test.each([
  ['a routine', '    MmFreeContiguous<|>Memory(NULL);', 'MmFreeContiguousMemory'],
  ['a type', '    PHYSICAL_<|>ADDRESS highest;', 'PHYSICAL_ADDRESS'],
  ['a constant', '    return STATUS_INSUFFICIENT_<|>RESOURCES;', 'STATUS_INSUFFICIENT_RESOURCES'],
  ['a member', '    DriverObject->Driver<|>Unload = NULL;', 'DriverUnload'],
])('%s of the WDK leads into a built-in header', async (_what, body, name) => {
  const editor = await editorWith();
  const found = await editor.definition('/w/a.c', driverWith(body));
  expect(found?.uri).toMatch(/^dms:\/include\/\w+\.h$/);
  const header = await editor.builtinText(found?.uri ?? '');
  expect(found && header && textIn(header, found.range)).toBe(name);
});

test('a built-in header leads on to others', async () => {
  const editor = await editorWith({
    '/w/a.dms': 'scenario "a" { driver "a.c"; }\n',
    '/w/a.c': driverWith(''),
  });
  const header = (await editor.builtinText('dms:/include/wdm.h')) ?? '';
  const place = header.indexOf('MmAllocateContiguousMemory(');
  const before = header.lastIndexOf('PVOID', place);
  const lines = header.slice(0, before + 1).split('\n');
  const found = await editor.connection.sendRequest('textDocument/definition', {
    textDocument: { uri: 'dms:/include/wdm.h' },
    position: { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 },
  });
  expect(found).toMatchObject({ uri: 'dms:/include/ntdef.h' });
});

test('a client that cannot show built-in headers is not sent there', async () => {
  const editor = await Editor.start({}, { initializationOptions: {} });
  expect(
    await editor.definition('/w/a.c', driverWith('    MmFreeContiguous<|>Memory(NULL);')),
  ).toBeNull();
});

test('the name in an include leads to the header', async () => {
  const editor = await editorWith({ '/w/inc/own.h': '', '/w/a.dms': '' });
  const own = await editor.definition('/w/a.c', `#include "inc/o<|>wn.h"\n${driverWith('')}`);
  expect(own?.uri).toBe('file:///w/inc/own.h');
  const builtin = await editor.definition('/w/a.c', `#include <w<|>dm.h>\n${driverWith('')}`);
  expect(builtin?.uri).toBe('dms:/include/wdm.h');
});

test('the file of a driver leads there', async () => {
  const editor = await editorWith({ '/w/drivers/a.c': driverWith('') });
  const found = await editor.definition('/w/a.dms', 'scenario "a" { driver "drivers/<|>a.c"; }\n');
  expect(found?.uri).toBe('file:///w/drivers/a.c');
});

test('a machine and a NIC lead to their declarations', async () => {
  const text = `machine Server : Server2003 { }
nic SanNic { }
scenario "a" { machine Server; nic SanNic; driver "a.c"; }
`;
  const editor = await editorWith({ '/w/a.c': driverWith('') });
  const machine = await editor.definition(
    '/w/a.dms',
    text.replace('machine Server;', 'machine Ser<|>ver;'),
  );
  expect(machine?.range.start).toEqual({ line: 0, character: 8 });
  const nic = await editor.definition('/w/a.dms', text.replace('nic SanNic;', 'nic San<|>Nic;'));
  expect(nic?.range.start).toEqual({ line: 1, character: 4 });
});

test('a built-in machine leads nowhere', async () => {
  const editor = await editorWith({ '/w/a.c': driverWith('') });
  expect(
    await editor.definition('/w/a.dms', 'scenario "a" { machine Server<|>2003; driver "a.c"; }'),
  ).toBeNull();
});
