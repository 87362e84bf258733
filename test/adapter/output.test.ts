import { describe, expect, test } from 'vitest';
import { newClient, startSession } from './support/debuggee.ts';

const printing = (statement: string) => `
#include <ntddk.h>
scenario "printing" {
    driver Printer {
        static VOID Unload(PDRIVER_OBJECT DriverObject) { UNREFERENCED_PARAMETER(DriverObject); }
        NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
        {
            ULONG index;
            UNREFERENCED_PARAMETER(RegistryPath);
            DriverObject->DriverUnload = Unload;
            for (index = 0; index < 5000; index++) { ${statement} }
            return STATUS_SUCCESS;
        }
    }
}
`;

describe('what a driver prints', () => {
  test('is all there, in order, in few events', async () => {
    const files = { '/w/print.dms': printing('DbgPrint("line %u\\n", index);') };
    const client = newClient({ files });
    await client.start({ program: '/w/print.dms' });
    await client.event('terminated');
    const lines = client.console('stdout').match(/line \d+/g);
    expect(lines).toEqual(Array.from({ length: 5000 }, (_, index) => `line ${index}`));
    expect(client.seen('output').length).toBeLessThan(500);
  });

  test('links to the statement that printed it', async () => {
    const { client } = await startSession({});
    await client.event('terminated');
    const [printed] = client.seen('output').filter(({ output }) => output.includes('total 45'));
    expect(printed?.source?.name).toBe('buffers.dms');
    expect(printed?.line).toBeGreaterThan(0);
  });

  test('names its host only where there are several', async () => {
    const one = await startSession({});
    await one.client.event('terminated');
    expect(one.client.console('stdout')).toMatch(/^total 45/);
    const driver = 'NTSTATUS DriverEntry(PDRIVER_OBJECT D, PUNICODE_STRING R)';
    const body =
      '{ UNREFERENCED_PARAMETER(D); UNREFERENCED_PARAMETER(R); DbgPrint("here\\n"); return 0; }';
    const text = `
#include <ntddk.h>
scenario "two" {
    host alpha { driver A { ${driver} ${body} } }
    host beta { driver B { ${driver} ${body} } }
}
`;
    const client = newClient({ files: { '/w/two.dms': text } });
    await client.start({ program: '/w/two.dms' });
    await client.event('terminated');
    expect(client.console('stdout')).toContain('alpha: here');
    expect(client.console('stdout')).toContain('beta: here');
  });
});
