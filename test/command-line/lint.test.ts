import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { dms, driverWith, folderWith } from './support/command.ts';

const unchecked = driverWith(`    PVOID buffer = ExAllocatePoolWithTag(NonPagedPool, 64, 'tseT');

    RtlZeroMemory(buffer, 64);
    ExFreePoolWithTag(buffer, 'tseT');`);
const files = { 'a.dms': 'scenario "a" { driver "a.c"; }\n', 'a.c': unchecked };

test('the samples are clean', async () => {
  const { code, out } = await dms(['lint', 'samples']);
  expect(out).toBe('');
  expect(code).toBe(0);
});

test('a finding has its place, severity and code, and the exit code is 1', async () => {
  const { code, out, err } = await dms(['lint', '.'], folderWith(files));
  expect(out).toMatch(
    /^a\.c:14:\d+: warning: .* \[allocation-unchecked\]\na\.c:12:\d+: note: the allocation\n$/,
  );
  expect(err).toBe('');
  expect(code).toBe(1);
});

describe('a finding inside a macro', () => {
  const folder = () =>
    folderWith({
      ...files,
      'a.c': driverWith('    ADD(DriverObject);').replace(
        '#include <wdm.h>',
        '#include <wdm.h>\n#define ADD(x) ((x) + nothing)',
      ),
    });

  test('has a note at the definition', async () => {
    const { out } = await dms(['lint', 'a.dms'], folder());
    expect(out).toMatch(
      /^a\.c:13:5: error: 'nothing' is not declared \[undeclared-name\]\na\.c:2:9: note: in the expansion of macro 'ADD'\n$/i,
    );
  });

  test('has it in JSON and SARIF too', async () => {
    const json = JSON.parse((await dms(['lint', 'a.dms', '--format', 'json'], folder())).out);
    expect(json.findings[0].related).toMatchObject([
      { message: "in the expansion of macro 'ADD'", location: { file: 'a.c', line: 2, column: 9 } },
    ]);
    const sarif = JSON.parse((await dms(['lint', 'a.dms', '--format', 'sarif'], folder())).out);
    expect(sarif.runs[0].results[0].relatedLocations).toMatchObject([
      { physicalLocation: { region: { startLine: 2, startColumn: 9 } } },
    ]);
  });
});

test('a driver that two scenarios load is found fault with once', async () => {
  const folder = folderWith({ ...files, 'b.dms': 'scenario "b" { driver "a.c"; }\n' });
  const { out } = await dms(['lint', '.'], folder);
  expect(out.match(/: warning: /g)).toHaveLength(1);
});

test('findings that only inform leave the exit code 0', async () => {
  const folder = folderWith({
    'a.dms':
      'machine M { windows "Windows 11"; nolowmem; }\nscenario "a" { machine M; driver "a.c"; }\n',
    'a.c': driverWith(''),
  });
  const { code, out } = await dms(['lint', 'a.dms'], folder);
  expect(out).toMatch(/: (information|hint): .* \[nolowmem-ignored\]/);
  expect(code).toBe(0);
});

test('mistakes of the language are findings too', async () => {
  const { code, out } = await dms(
    ['lint', '.'],
    folderWith({ 'a.dms': 'scenario "a" { driver "nowhere.c"; }\n' }),
  );
  expect(out).toMatch(/^a\.dms:1:23: error: .*nowhere\.c.* \[unknown-file\]\n$/);
  expect(code).toBe(1);
});

test.each<[string, readonly string[], RegExp]>([
  ['no path', ['lint'], /no file or folder/],
  ['a path that is not there', ['lint', 'nowhere'], /nowhere: no such file or folder/],
  ['an unknown format', ['lint', '.', '--format', 'junit'], /--format takes text, json, sarif/],
])('bad usage: %s', async (_what, words, message) => {
  const { code, err } = await dms(words, folderWith(files));
  expect(err).toMatch(message);
  expect(code).toBe(2);
});

describe('formats for machines', () => {
  test('JSON', async () => {
    const { out } = await dms(['lint', '.', '--format', 'json'], folderWith(files));
    expect(JSON.parse(out)).toEqual({
      version: 1,
      findings: [
        {
          code: 'allocation-unchecked',
          severity: 'warning',
          message: expect.any(String),
          location: {
            file: 'a.c',
            line: 14,
            column: expect.any(Number),
            endLine: 14,
            endColumn: expect.any(Number),
          },
          documentation: 'docs/lint/allocation-unchecked.md',
          related: [
            {
              message: 'the allocation',
              location: {
                file: 'a.c',
                line: 12,
                column: expect.any(Number),
                endLine: 12,
                endColumn: expect.any(Number),
              },
            },
          ],
        },
      ],
    });
  });

  test('SARIF: rule with its page, level and region', async () => {
    const { out } = await dms(['lint', '.', '--format', 'sarif'], folderWith(files));
    expect(JSON.parse(out)).toMatchObject({
      version: '2.1.0',
      runs: [
        {
          tool: {
            driver: {
              name: 'driver-memory-scenarios',
              version: expect.stringMatching(/^\d+\.\d+\.\d+/),
              rules: [
                {
                  id: 'allocation-unchecked',
                  help: { markdown: expect.stringContaining('# allocation-unchecked') },
                },
              ],
            },
          },
          results: [
            {
              ruleId: 'allocation-unchecked',
              ruleIndex: 0,
              level: 'warning',
              locations: [
                {
                  physicalLocation: {
                    artifactLocation: { uri: 'a.c' },
                    region: { startLine: 14 },
                  },
                },
              ],
            },
          ],
        },
      ],
    });
  });

  test('without findings they are whole all the same', async () => {
    const folder = folderWith({ ...files, 'a.c': driverWith('') });
    const json = await dms(['lint', '.', '--format', 'json'], folder);
    expect(JSON.parse(json.out)).toEqual({ version: 1, findings: [] });
    const sarif = await dms(['lint', '.', '--format', 'sarif'], folder);
    expect(JSON.parse(sarif.out)).toMatchObject({ runs: [{ results: [] }] });
    expect([json.code, sarif.code]).toEqual([0, 0]);
  });
});

test('--fix makes the changes that are suggested and reports the rest', async () => {
  const folder = folderWith({
    'a.dms': 'scenario "a" { driver "a.c"; expct no leaks; }\n',
    'a.c': driverWith(
      '    ULONG size = 1\n    size += PAGE_SIZ;\n    return size == STATUS_SUCCES;',
    ),
  });
  const { code, out } = await dms(['lint', 'a.dms', '--fix'], folder);
  expect(readFileSync(join(folder, 'a.c'), 'utf8')).toBe(
    driverWith('    ULONG size = 1;\n    size += PAGE_SIZE;\n    return size == STATUS_SUCCESS;'),
  );
  expect(readFileSync(join(folder, 'a.dms'), 'utf8')).toContain('expect no leaks');
  expect(out).toBe('');
  expect(code).toBe(0);
});
