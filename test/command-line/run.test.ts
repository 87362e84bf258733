import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { dms, driverWith, folderWith } from './support/command.ts';

const passing = { 'good.dms': 'scenario "good" { driver "a.c"; }\n', 'a.c': driverWith('') };
const asserting = 'scenario "bad" { driver "bad.c"; }\n';
const assertion = driverWith('    NT_ASSERT(DriverObject == NULL);');

describe('exit codes', () => {
  test('0: all expectations held', async () => {
    const { code, out, err } = await dms(['run', 'good.dms'], folderWith(passing));
    expect(err).toBe('');
    expect(out).toMatch(
      /^good\.dms\n {2}pass {3}good {2}\(\d+ statements, \d+ ms\)\n\n1 passed, 0 failed\n$/,
    );
    expect(code).toBe(0);
  });

  test('1: some did not, and the table says where and why', async () => {
    const folder = folderWith({ ...passing, 'bad.dms': asserting, 'bad.c': assertion });
    const { code, out } = await dms(['run', '.'], folder);
    expect(out).toContain('  FAIL   bad');
    expect(out).toMatch(/bad\.c:12:\d+: .*DriverObject == NULL/);
    expect(out).toContain('1 passed, 1 failed');
    expect(code).toBe(1);
  });

  test('1: an expectation that does not hold is named by its place', async () => {
    const folder = folderWith({
      ...passing,
      'good.dms':
        'scenario "good" {\n    driver "a.c";\n    expect output "nobody says this";\n}\n',
    });
    const { code, out } = await dms(['run', 'good.dms'], folder);
    expect(out).toContain('good.dms:3:5: ');
    expect(out).toContain('nobody says this');
    expect(code).toBe(1);
  });

  test('2: a file does not compile', async () => {
    const folder = folderWith({ ...passing, 'a.c': driverWith('    return STATUS_SUCCES;') });
    const { code, out, err } = await dms(['run', 'good.dms'], folder);
    expect(err).toMatch(/^a\.c:12:12: error: .*STATUS_SUCCES.* \[undeclared-name\]\n$/);
    expect(out).toBe('');
    expect(code).toBe(2);
  });

  const mixed = {
    ...passing,
    'mixed.dms': 'scenario "broken" { driver "b.c"; }\nscenario "whole" { driver "a.c"; }\n',
    'b.c': driverWith('    return STATUS_SUCCES;'),
  };

  test('2: a scenario does not compile; the others of the file run all the same', async () => {
    const { code, out, err } = await dms(['run', 'mixed.dms'], folderWith(mixed));
    expect(err).toMatch(/^b\.c:12:12: error: .*STATUS_SUCCES.* \[undeclared-name\]\n$/);
    expect(out).toMatch(/^ {2}ERROR {2}broken /m);
    expect(out).toMatch(/^ {2}pass {3}whole /m);
    expect(code).toBe(2);
  });

  test('0: what does not compile is not asked for', async () => {
    const words = ['run', 'mixed.dms', '--scenario', 'whole'];
    const { code, err } = await dms(words, folderWith(mixed));
    expect(err).toBe('');
    expect(code).toBe(0);
  });

  test('2: a file that is no scenario at all; the others run', async () => {
    const folder = folderWith({ ...passing, 'other.dms': 'scenari "x" { }\n' });
    const { code, out, err } = await dms(['run', '.'], folder);
    expect(err).toMatch(/^other\.dms:1:1: error: /);
    expect(out).toContain('1 passed, 0 failed');
    expect(code).toBe(2);
  });

  test.each<[string, readonly string[], RegExp]>([
    ['no path', ['run'], /no file or folder/],
    ['a path that is not there', ['run', 'nowhere.dms'], /nowhere\.dms: no such file or folder/],
    ['a folder without scenarios', ['run', 'empty'], /empty: no \.dms file/],
    [
      'an unknown format',
      ['run', 'good.dms', '--format', 'yaml'],
      /--format takes text, json, junit/,
    ],
    ['an unknown option', ['run', 'good.dms', '--frmat', 'json'], /--frmat/],
    ['a seed that is no number', ['run', 'good.dms', '--seed', 'x'], /--seed takes a whole number/],
    ['no job at all', ['run', 'good.dms', '--jobs', '0'], /--jobs takes a whole number from 1/],
    ['a limit of nothing', ['run', 'good.dms', '--max-statements', '0'], /--max-statements/],
    ['a shard beyond the last', ['run', 'good.dms', '--shard', '3/2'], /--shard takes I\/N/],
    ['a shard that is none', ['run', 'good.dms', '--shard', 'half'], /--shard takes I\/N/],
    [
      'an unknown scenario',
      ['run', 'good.dms', '--scenario', 'goood'],
      /no scenario is called "goood"/,
    ],
    [
      'a report that cannot be written',
      ['run', 'good.dms', '--output', 'no/where'],
      /cannot write no\/where/,
    ],
  ])('2: %s', async (_what, words, message) => {
    const { code, out, err } = await dms(words, folderWith({ ...passing, 'empty/a.txt': '' }));
    expect(err).toMatch(message);
    expect(err).toMatch(/^dms: .*\nTry "dms --help"\.\n$/);
    expect(out).toBe('');
    expect(code).toBe(2);
  });
});

describe('what is run', () => {
  const many = {
    'one.dms': 'scenario "a" { driver "a.c"; }\nscenario "b" { driver "a.c"; }\n',
    'deep/er/two.dms': 'scenario "c" { driver "../../a.c"; }\n',
    'node_modules/no.dms': 'scenario "never" { driver "a.c"; }\n',
    'a.c': driverWith('    DbgPrint("%d\\n", NUMBER);').replace(
      '#include <wdm.h>',
      '#include <wdm.h>\n#ifndef NUMBER\n#define NUMBER 0\n#endif',
    ),
    'vary.dms': 'scenario "v" { driver "a.c"; vary define NUMBER = 1, 2, 3; expect output "2"; }\n',
  };
  const names = (out: string): string[] =>
    [...out.matchAll(/^ {2}(?:pass|FAIL|ERROR) +(.*?) {2}\(/gm)].map(([, name = '']) => name);

  test('a folder is searched, but for what was installed', async () => {
    const { out } = await dms(['run', '.'], folderWith(many));
    expect(names(out)).toEqual([
      'c',
      'a',
      'b',
      'v [define NUMBER = 1]',
      'v [define NUMBER = 2]',
      'v [define NUMBER = 3]',
    ]);
  });

  test('--scenario takes one by name', async () => {
    const { out, code } = await dms(['run', '.', '--scenario', 'b'], folderWith(many));
    expect(names(out)).toEqual(['b']);
    expect(code).toBe(0);
  });

  test('--shard divides the runs without loss', async () => {
    const folder = folderWith(many);
    const shards = await Promise.all(
      ['1/3', '2/3', '3/3'].map((shard) => dms(['run', '.', '--shard', shard], folder)),
    );
    const parts = shards.map(({ out }) => names(out));
    expect(parts.map((part) => part.length)).toEqual([2, 2, 2]);
    expect(parts.flat().sort()).toEqual(names((await dms(['run', '.'], folder)).out).sort());
  });

  test('a shard that nothing falls to is no failure', async () => {
    const { code, out } = await dms(['run', 'good.dms', '--shard', '2/2'], folderWith(passing));
    expect(out).toContain('0 passed, 0 failed');
    expect(code).toBe(0);
  });

  test('a driver without a scenario runs by itself', async () => {
    const { code, out } = await dms(['run', 'a.c'], folderWith(passing));
    expect(names(out)).toEqual(['a']);
    expect(code).toBe(0);
  });

  test('a file outside of the working folder may be named, and reads beside itself', async () => {
    const folder = folderWith(passing);
    const { code } = await dms(['run', join(folder, 'good.dms')]);
    expect(code).toBe(0);
  });

  test('each allocation that may fail is named by its routine', async () => {
    const { out } = await dms(['run', 'samples/common-buffer.dms']);
    expect(out).toContain('[fault.allocation = 2 (AllocateCommonBuffer), nic.address_bits = 36]');
  });
});

describe('limits', () => {
  const endless = (loop: string) =>
    folderWith({
      'loop.dms': 'scenario "loop" { driver "loop.c"; }\n',
      'loop.c': driverWith(loop),
    });

  test.each([
    ['    for (;;) { }'],
    ['    while (1) ;'],
    ['    do { } while (TRUE);'],
    ['again:\n    goto again;'],
    ['    volatile int i;\n    for (i = 0; ; i++) { }'],
  ])('a loop without end fails by the statement limit: %s', async (loop) => {
    const { code, out } = await dms(
      ['run', 'loop.dms', '--max-statements', '50000'],
      endless(loop),
    );
    expect(out).toMatch(/FAIL {3}loop/);
    expect(out).toContain('The limit of 50000 statements is reached');
    expect(out).toMatch(/loop\.c:\d+:\d+/);
    expect(code).toBe(1);
  });

  test('recursion without end is a bug check of the emulated machine, not of the tool', async () => {
    const folder = folderWith({
      'deep.dms': 'scenario "deep" { driver "deep.c"; }\n',
      'deep.c': `static int Deeper(int n);\n${driverWith('    Deeper(1);')}
static int Deeper(int n) { volatile char pad[256]; pad[0] = (char)n; return Deeper(n + 1) + pad[0]; }\n`,
    });
    const { code, out, err } = await dms(['run', 'deep.dms'], folder);
    expect(err).toBe('');
    expect(out).toMatch(/FAIL {3}deep/);
    expect(code).toBe(1);
  });
});

describe('JSON', () => {
  interface Report {
    readonly version: number;
    readonly results: readonly Record<string, unknown>[];
  }
  const report = async (folder: string, ...words: readonly string[]): Promise<Report> =>
    JSON.parse((await dms(['run', '--format', 'json', ...words], folder)).out) as Report;

  test('has what is promised, and nothing else', async () => {
    const folder = folderWith({
      'all.dms': `scenario "all" {
    driver "a.c";
    vary define LEAK = 1;
}
`,
      'a.c': driverWith(`    PVOID kept = ExAllocatePoolWithTag(NonPagedPool, 100, 'tpeK');
    PULONG never = ExAllocatePoolWithTag(NonPagedPool, 4, 'vraN');

    DbgPrint("kept %d\\n", kept != NULL);
    if (never != NULL && *never == 7) {
        DbgPrint("seven\\n");
    }
    ExFreePoolWithTag(never, 'vraN');`),
    });
    const { version, results } = await report(folder, 'all.dms');
    const [result] = results;
    expect(version).toBe(1);
    expect(results).toHaveLength(1);
    expect(Object.keys(result ?? {})).toEqual([
      'file',
      'scenario',
      'variant',
      'outcome',
      'bugchecks',
      'violations',
      'leaks',
      'output',
      'failures',
      'statements',
      'milliseconds',
    ]);
    expect(result).toMatchObject({
      file: 'all.dms',
      scenario: 'all',
      variant: { 'define LEAK': '1' },
      outcome: 'failed',
      bugchecks: [],
      leaks: [{ host: 'local', kind: expect.any(String), location: { file: 'a.c', line: 12 } }],
      output: [{ host: 'local', source: 'a', text: 'kept 1' }],
      statements: expect.any(Number),
      milliseconds: expect.any(Number),
    });
    expect(result?.['violations']).toEqual([
      {
        host: 'local',
        rule: 'uninitialized_memory',
        message: expect.any(String),
        location: { file: 'a.c', line: 16, column: expect.any(Number) },
      },
    ]);
    for (const failure of (result?.['failures'] ?? []) as object[]) {
      expect(Object.keys(failure)).toEqual(['message', 'location']);
    }
  });

  test('shows a bug check with code, name and four parameters', async () => {
    const folder = folderWith({
      'check.dms': 'scenario "check" { driver "a.c"; }\n',
      'a.c': driverWith('    KeBugCheckEx(0xE2, 1, 2, 3, (ULONG_PTR)-1);'),
    });
    const { results } = await report(folder, 'check.dms');
    expect(results[0]).toMatchObject({
      outcome: 'failed',
      bugchecks: [
        {
          host: 'local',
          code: '0xE2',
          name: 'MANUALLY_INITIATED_CRASH',
          parameters: ['0x1', '0x2', '0x3', '0xFFFFFFFFFFFFFFFF'],
        },
      ],
    });
  });

  test('is the same to the byte whatever the number of jobs, but for the time it took', async () => {
    const run = async (...words: readonly string[]): Promise<string> => {
      const { out } = await dms([
        'run',
        'samples/common-buffer.dms',
        'samples/register-memory.dms',
        '--format',
        'json',
        ...words,
      ]);
      return out.replaceAll(/"milliseconds": \d+/g, '"milliseconds": 0');
    };
    const first = await run('--jobs', '1');
    expect(first).toContain('"outcome": "passed"');
    expect(await run('--jobs', '2')).toBe(first);
    expect(await run('--jobs', '1')).toBe(first);
  }, 120_000);

  test('never-written bytes come from the seed: another one gives others, the same one the same', async () => {
    const folder = folderWith({
      'noise.dms': 'scenario "noise" { driver "a.c"; expect violation uninitialized_memory; }\n',
      'a.c': driverWith(`    PULONG noise = ExAllocatePoolWithTag(NonPagedPool, 64, 'sioN');

    if (noise != NULL) {
        DbgPrint("%x %x\\n", noise[0], noise[1]);
        ExFreePoolWithTag(noise, 'sioN');
    }`),
    });
    const run = async (seed: string): Promise<unknown> => {
      const { results } = await report(folder, 'noise.dms', '--seed', seed);
      return results.map(({ output }) => output);
    };
    const first = await run('5');
    expect(first).toMatchObject([[{ text: expect.stringMatching(/^[0-9a-f]+ [0-9a-f]+$/) }]]);
    expect(await run('5')).toEqual(first);
    expect(await run('6')).not.toEqual(first);
  });
});

describe('JUnit', () => {
  test('counts runs, and carries failures and output', async () => {
    const folder = folderWith({
      'mixed.dms': `scenario "a <good> one" { driver "a.c"; }\n${asserting}`,
      'a.c': driverWith('    DbgPrint("<&>\\n");'),
      'bad.c': assertion,
    });
    const { out, code } = await dms(['run', 'mixed.dms', '--format', 'junit'], folder);
    expect(out).toMatch(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites /);
    expect(out).toContain('<testsuite name="mixed.dms" tests="2" failures="1" errors="0"');
    expect(out).toContain('name="a &lt;good&gt; one"');
    expect(out).toContain('&lt;&amp;&gt;');
    expect(out).toMatch(/<failure message="[^"]*DriverObject == NULL/);
    expect(out.match(/<testcase /g)).toHaveLength(2);
    expect(code).toBe(1);
  });
});

test('--output writes the report to a file and nothing to the terminal', async () => {
  const folder = folderWith(passing);
  const { code, out } = await dms(
    ['run', 'good.dms', '--format', 'json', '--output', 'report.json'],
    folder,
  );
  expect(out).toBe('');
  expect(code).toBe(0);
  expect(JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8'))).toMatchObject({
    version: 1,
    results: [{ outcome: 'passed' }],
  });
});
