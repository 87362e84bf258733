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

const channels = (first: number, count: number): string =>
  Array.from({ length: count }, (_, index) => channel.replaceAll('@', String(first + index))).join(
    '',
  );

const channelsIn = (lines: number): number => Math.ceil(lines / channel.split('\n').length);

/** At least `lines` lines of C in one file that the engine, gcc and mingw-w64 take without a word. */
export const driverText = (lines: number): string =>
  `${prologue}${channels(1, channelsIn(lines))}#ifdef _WIN32${entry}#endif\n`;

/** The same driver in several files, by name, with the scenario that loads it as `driver.dms`. */
export function driverFiles(lines: number, count: number): Map<string, string> {
  const each = Math.ceil(channelsIn(lines) / count);
  const files = new Map<string, string>();
  for (let index = 0; index < count; index++) {
    const text = `#include <ntddk.h>\n${channels(1 + index * each, each)}${index === 0 ? entry : ''}`;
    files.set(`part${index}.c`, text);
  }
  const names = [...files.keys()].map((name) => `"${name}"`).join(', ');
  files.set('driver.dms', `scenario "compile" { driver ${names}; }\n`);
  return files;
}
