import { describe, expect, test } from 'vitest';
import { Editor } from './support/editor.ts';
import { driverWith } from './support/texts.ts';

async function offered(path: string, marked: string, trigger?: string): Promise<readonly string[]> {
  const editor = await Editor.start({ '/w/drivers/x.c': driverWith('') });
  const list = await editor.completion(path, marked, trigger);
  return (list?.items ?? []).map(({ label }) => label);
}

const inDriver = (body: string, trigger?: string) => offered('/w/a.c', driverWith(body), trigger);
const inScenario = (text: string) => offered('/w/a.dms', text);

describe('in scenario text', () => {
  test('declarations at the top', async () => {
    const words = await inScenario('<|>');
    expect(words).toEqual(expect.arrayContaining(['machine', 'nic', 'scenario']));
    expect(words).not.toContain('expect');
  });

  test('a half-typed word changes nothing', async () => {
    expect(await inScenario('sce<|>')).toContain('scenario');
    expect(await inScenario('nic N { addr<|> }')).toContain('address_bits');
  });

  test('options of a NIC, not of a machine', async () => {
    const words = await inScenario('nic N { <|> }');
    expect(words).toEqual(expect.arrayContaining(['interface', 'address_bits', 'scatter_gather']));
    expect(words).not.toContain('nolowmem');
  });

  test('options of a machine in "with"', async () => {
    const words = await inScenario(
      'scenario "a" { machine Server2003 with { <|> } driver "a.c"; }',
    );
    expect(words).toContain('nolowmem');
  });

  test('values of an option', async () => {
    expect(await inScenario('nic N { interface <|>; }')).toContain('PCIBus');
  });

  test('what may be expected and varied', async () => {
    expect(await inScenario('scenario "a" { driver "a.c"; expect <|> }')).toEqual(
      expect.arrayContaining(['no', 'output', 'bugcheck']),
    );
    expect(await inScenario('scenario "a" { driver "a.c"; vary <|> }')).toContain('fault');
  });

  test('names that are declared', async () => {
    const text = 'machine Server { }\nnic SanNic { }\n';
    expect(await inScenario(`${text}scenario "a" { machine <|> }`)).toContain('Server');
    expect(await inScenario(`${text}scenario "a" { nic <|> }`)).toContain('SanNic');
  });

  test('nothing in a comment or a text', async () => {
    expect(await inScenario('// sce<|>')).toEqual([]);
    expect(await inScenario('scenario "a dri<|>')).toEqual([]);
  });
});

describe('in C', () => {
  test('names of all kinds by their first letters', async () => {
    expect(await inDriver('    MmAlloc<|>')).toEqual(
      expect.arrayContaining(['MmAllocateContiguousMemory', 'MmAllocatePagesForMdl']),
    );
    expect(await inDriver('    PHYSICAL_A<|>')).toContain('PHYSICAL_ADDRESS');
    expect(await inDriver('    return STATUS_INSUF<|>')).toContain('STATUS_INSUFFICIENT_RESOURCES');
    expect(await inDriver('    x = MmCac<|>')).toContain('MmCached');
  });

  test('locals and parameters, in their scope only', async () => {
    expect(await inDriver('    ULONG lengthOfIt = 0;\n\n    len<|>')).toContain('lengthOfIt');
    expect(await inDriver('    Driver<|>')).toContain('DriverObject');
    expect(await inDriver('    { ULONG lengthOfIt = 0; }\n\n    len<|>')).not.toContain(
      'lengthOfIt',
    );
  });

  test('what is offered explains itself', async () => {
    const editor = await Editor.start({});
    const list = await editor.completion('/w/a.c', driverWith('    MmFreeContiguousM<|>'));
    const item = list?.items.find(({ label }) => label === 'MmFreeContiguousMemory');
    expect(item?.detail).toContain('void MmFreeContiguousMemory(');
    expect(item?.documentation).toMatchObject({ kind: 'markdown' });
  });

  test('too many names are cut, and the client is told to ask again', async () => {
    const editor = await Editor.start({});
    const list = await editor.completion('/w/a.c', driverWith('    <|>'));
    expect(list?.isIncomplete).toBe(true);
    expect(list?.items.length).toBeLessThanOrEqual(500);
  });

  test('built-in headers in an include', async () => {
    expect(await offered('/w/a.c', '#include <w<|>')).toEqual(
      expect.arrayContaining(['wdm.h', 'ntddk.h', 'winsock2.h']),
    );
  });

  test('nothing in a comment or a string', async () => {
    expect(await inDriver('    // MmAlloc<|>')).toEqual([]);
    expect(await inDriver('    DbgPrint("MmAlloc<|>')).toEqual([]);
  });
});

describe('members', () => {
  test.each([
    ['a pointer', '    DriverObject-><|>', 'DriverUnload'],
    ['a record', '    PHYSICAL_ADDRESS a;\n\n    a.<|>', 'QuadPart'],
    ['half a name', '    DriverObject->Driv<|>', 'DriverUnload'],
    ['a chain', '    DriverObject->DeviceObject-><|>', 'NextDevice'],
    ['an element', '    MDL mdls[4];\n\n    mdls[2].<|>', 'MdlFlags'],
    ['a nested subscript', '    MDL mdls[4];\n\n    mdls[(1 + 2) - 1].<|>', 'MdlFlags'],
    ['a call', '    IoGetCurrentIrpStackLocation(NULL)-><|>', 'MajorFunction'],
    [
      'a union in a record',
      '    IoGetCurrentIrpStackLocation(NULL)->Parameters.DeviceIoControl.<|>',
      'IoControlCode',
    ],
    ['a cast', '    ((PMDL)DriverObject->DriverSection)-><|>', 'MdlFlags'],
    ['a cast with a star', '    ((MDL *)RegistryPath)-><|>', 'MdlFlags'],
    ['a dereference', '    (*DriverObject).<|>', 'DriverUnload'],
    ['an address', '    MDL mdl;\n\n    (&mdl)-><|>', 'MdlFlags'],
    ['white space', '    DriverObject ->\n        <|>', 'DriverUnload'],
    ['an argument', '    DbgPrint("%p", DriverObject-><|>', 'DriverUnload'],
  ])('of %s', async (_what, body, member) => {
    expect(await inDriver(body)).toContain(member);
  });

  test('the letters of the operator ask for them', async () => {
    expect(await inDriver('    DriverObject-><|>', '>')).toContain('DriverUnload');
    expect(await inDriver('    1 ><|>', '>')).toEqual([]);
    expect(await inDriver('    double d = 1.<|>', '.')).toEqual([]);
  });

  test('of nothing there are none', async () => {
    expect(await inDriver('    NoSuchThing-><|>')).toEqual([]);
  });

  test('in a block of a scenario', async () => {
    const members = await inScenario(`#include <wdm.h>
scenario "a" {
    driver D {
        NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
        {
            DriverObject-><|>
            return STATUS_SUCCESS;
        }
    }
}
`);
    expect(members).toContain('DriverUnload');
  });
});
