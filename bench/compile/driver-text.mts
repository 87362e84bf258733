// A driver of any length for compilers to check: one channel of a device after another.
import { readFileSync } from 'node:fs';

const prologue = readFileSync('bench/compile/prologue.h', 'utf8');
const channel = readFileSync('bench/compile/channel.c', 'utf8');

const entry = `
NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    return STATUS_SUCCESS;
}
`;

/** At least `lines` lines of C that the engine, gcc and mingw-w64 take without a word. */
export function driverText(lines: number): string {
  const count = Math.ceil(lines / channel.split('\n').length);
  const channels = Array.from({ length: count }, (_, index) =>
    channel.replaceAll('@', String(index + 1)),
  );
  return `${prologue}${channels.join('')}#ifdef _WIN32${entry}#endif\n`;
}
