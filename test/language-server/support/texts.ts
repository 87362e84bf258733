/** Texts that the tests of several features share. */
import { readFileSync } from 'node:fs';

export function sample(name: string): string {
  return readFileSync(new URL(`../../../samples/${name}`, import.meta.url), 'utf8');
}

/** The sample scenario and its driver, as files of a workspace `/w`. */
export function commonBufferFiles(): Record<string, string> {
  return {
    '/w/common-buffer.dms': sample('common-buffer.dms'),
    '/w/drivers/common-buffer.c': sample('drivers/common-buffer.c'),
  };
}

/** A driver around one body of DriverEntry. */
export const driverWith = (body: string): string => `#include <wdm.h>

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
${body}
    return STATUS_SUCCESS;
}
`;
