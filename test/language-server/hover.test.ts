import { expect, test } from 'vitest';
import type { Hover } from 'vscode-languageserver';
import { Editor } from './support/editor.ts';
import { driverWith } from './support/texts.ts';

async function hoverIn(
  path: string,
  marked: string,
): Promise<{ text: string; hover: Hover | null }> {
  const editor = await Editor.start({});
  const hover = await editor.hover(path, marked);
  const contents = hover?.contents;
  return { text: typeof contents === 'object' && 'value' in contents ? contents.value : '', hover };
}

const inDriver = (body: string) => hoverIn('/w/a.c', driverWith(body));

test('a routine shows its prototype, parameters, result, IRQL and the page of the WDK', async () => {
  const { text } = await inDriver(
    '    PVOID p = MmAllocate<|>ContiguousMemorySpecifyCache(1, (PHYSICAL_ADDRESS){0}, (PHYSICAL_ADDRESS){0}, (PHYSICAL_ADDRESS){0}, MmCached);',
  );
  expect(text).toContain('```c\nPVOID MmAllocateContiguousMemorySpecifyCache(');
  expect(text).toContain('- `HighestAcceptableAddress` ');
  expect(text).toContain('**Returns** ');
  expect(text).toContain('**IRQL** <= DISPATCH_LEVEL');
  expect(text).toContain(
    '(https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-mmallocatecontiguousmemoryspecifycache)',
  );
  expect(text).not.toMatch(/@(param|returns|irql|page)/);
});

test('a local variable shows its type as the source names it', async () => {
  const { text } = await inDriver('    PHYSICAL_ADDRESS highest;\n\n    high<|>est.QuadPart = 0;');
  expect(text).toContain('PHYSICAL_ADDRESS highest');
});

test('a member shows its record and offset', async () => {
  const { text } = await inDriver('    PMDL mdl = NULL;\n\n    mdl->Mdl<|>Flags = 0;');
  expect(text).toContain('MdlFlags');
  expect(text).toContain('offset 0xa');
});

test('a macro shows what stands for it', async () => {
  const { text } = await inDriver('    ULONG size = PAGE_<|>SIZE;');
  expect(text).toContain('#define PAGE_SIZE 0x1000');
});

test('a routine of the driver shows its own comment', async () => {
  const { text } = await hoverIn(
    '/w/a.c',
    `#include <wdm.h>
/**
 * Halves a length.
 * @param Length in bytes
 * @returns half of it
 */
static ULONG Half(ULONG Length)
{
    return Length / 2;
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    return (NTSTATUS)Ha<|>lf(4);
}
`,
  );
  expect(text).toContain('Halves a length.');
  expect(text).toContain('- `Length` in bytes');
  expect(text).toContain('**Returns** half of it');
});

test('the range is that of the name', async () => {
  const { hover } = await inDriver('    ULONG size = PAGE_<|>SIZE;');
  expect(hover?.range).toEqual({
    start: { line: 4, character: 17 },
    end: { line: 4, character: 26 },
  });
});

test.each([
  ['a declaration', 'scen<|>ario "a" { driver "a.c"; }', 'scenario "'],
  ['an option of a NIC', 'nic N { address<|>_bits 32; }', 'address_bits'],
  ['an option of a machine', 'machine M { nolow<|>mem; }', 'nolowmem'],
  ['a value', 'nic N { interface PCI<|>Bus; }', 'PCI'],
  ['an expectation', 'scenario "a" { driver "a.c"; expect n<|>o leaks; }', 'expect no leaks'],
])('in scenario text: %s', async (_what, marked, part) => {
  const { text } = await hoverIn('/w/a.dms', marked);
  expect(text).toContain(part);
});

test('in scenario text: the name of a machine or NIC', async () => {
  const { text } = await hoverIn(
    '/w/a.dms',
    'nic SanNic { }\nscenario "a" { nic San<|>Nic; driver "a.c"; }',
  );
  expect(text).toBe('nic **SanNic**');
});

test('there is nothing to say between words', async () => {
  const { hover } = await hoverIn('/w/a.dms', 'nic N { address_bits 32; }\n<|>\n');
  expect(hover).toBeNull();
});

test('C blocks of a scenario have it too', async () => {
  const { text } = await hoverIn(
    '/w/a.dms',
    `#include <wdm.h>
scenario "a" {
    driver D {
        NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
        {
            return STATUS_SUC<|>CESS;
        }
    }
}
`,
  );
  expect(text).toContain('#define STATUS_SUCCESS');
});

test('C files have none where the client keeps them to another extension', async () => {
  const editor = await Editor.start({}, { initializationOptions: { languageFeaturesInC: false } });
  expect(await editor.hover('/w/a.c', driverWith('    ULONG size = PAGE_<|>SIZE;'))).toBeNull();
  expect(await editor.hover('/w/a.dms', 'nic N { address<|>_bits 32; }')).not.toBeNull();
});
