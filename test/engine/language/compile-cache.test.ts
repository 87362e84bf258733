import { expect, test } from 'vitest';
import { CompileCache, compileScenarioFile } from '../../../engine/index.ts';

test('a file that appears later is found by every unit that had missed it', () => {
  const block = '{ NTSTATUS DriverEntry(PDRIVER_OBJECT D, PUNICODE_STRING R) { return ANSWER; } }';
  const files = new Map([
    [
      '/w/a.dms',
      `#include <ntddk.h>\n#include "b.h"\nscenario "one" { driver A ${block} }\nscenario "two" { driver B ${block} }\n`,
    ],
  ]);
  const cache = new CompileCache();
  const compile = () => compileScenarioFile('/w/a.dms', { read: (path) => files.get(path) }, cache);
  const before = compile();
  expect(before.missing).toEqual(['/w/b.h']);
  expect(before.diagnostics.map(({ message }) => message).join()).toContain("Cannot find 'b.h'");
  files.set('/w/b.h', '#define ANSWER STATUS_SUCCESS\n');
  expect(compile().diagnostics).toEqual([]);
});
