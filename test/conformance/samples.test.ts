// The samples run as they stand, and their drivers are plain WDM C.
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { compileScenarioFile, positionAt, type ScenarioProgram } from '../../engine/index.ts';
import { dms, repository } from '../command-line/support/command.ts';

const files = globSync('samples/*.dms', { cwd: repository }).sort();

interface Result {
  readonly file: string;
  readonly scenario: string;
  readonly variant: Readonly<Record<string, string>>;
  readonly outcome: string;
  readonly failures: readonly { readonly message: string }[];
  readonly statements: number;
}

function compiled(file: string): ScenarioProgram {
  return compileScenarioFile(file, {
    read: (path) => {
      const real = join(repository, path);
      return existsSync(real) ? readFileSync(real, 'utf8') : undefined;
    },
  });
}

describe('every sample', () => {
  let text: string;
  let results: readonly Result[];

  beforeAll(async () => {
    text = (await dms(['run', 'samples', '--format', 'json', '--jobs', '2'])).out;
    results = (JSON.parse(text) as { results: Result[] }).results;
  }, 300_000);

  test.each(files)('%s passes in every variant', (file) => {
    const own = results.filter((result) => result.file === file);
    const scenarios = new Set(own.map(({ scenario }) => scenario));
    expect([...scenarios].sort()).toEqual(
      compiled(file)
        .scenarios.map(({ name }) => name)
        .sort(),
    );
    expect(own.filter(({ outcome }) => outcome !== 'passed')).toEqual([]);
    for (const { statements } of own) expect(statements).toBeGreaterThan(0);
  });

  test('each allocation of common-buffer.c fails once, for each reach of the device', () => {
    const varied = results.filter(
      ({ file, variant }) => file.endsWith('common-buffer.dms') && 'fault.allocation' in variant,
    );
    expect(varied.map(({ variant }) => Object.values(variant).join(' ')).sort()).toEqual(
      ['32', '36', '64']
        .flatMap((bits) => ['1', '2', 'none'].map((ordinal) => `${ordinal} ${bits}`))
        .sort(),
    );
  });

  test('a second run is the same to the byte, but for the time it took', async () => {
    const again = await dms(['run', 'samples', '--format', 'json', '--jobs', '1']);
    const timeless = (report: string): string =>
      report.replaceAll(/"milliseconds": \d+/g, '"milliseconds": 0');
    expect(timeless(again.out)).toBe(timeless(text));
  }, 300_000);
});

describe('drivers', () => {
  const drivers = files.flatMap((file) =>
    compiled(file).scenarios.flatMap(({ hosts }) => hosts.flatMap((host) => host.drivers)),
  );

  test('at least three routines of 50 lines or more are loaded from files of their own', () => {
    const long = new Set<string>();
    for (const { sources, units } of drivers) {
      for (const { file, functions } of units) {
        if (!sources.some(({ path }) => path === file.path)) continue;
        for (const { name, body, range } of functions) {
          if (body === undefined || body.range.file !== file || range.file !== file) continue;
          const first = positionAt(file, body.range.start).line;
          const last = positionAt(file, body.range.end).line;
          if (last - first + 1 >= 50) long.add(`${file.path}: ${name}`);
        }
      }
    }
    expect([...long].length, [...long].join(', ')).toBeGreaterThanOrEqual(3);
  });
});

/** Debian's gcc-mingw-w64-x86-64 brings a compiler and the headers of an older driver kit. */
const compiler = 'x86_64-w64-mingw32-gcc';
const headers = '/usr/x86_64-w64-mingw32/include/ddk';
const installed = spawnSync(compiler, ['--version']).status === 0 && existsSync(headers);

/** Without structured exception handling, which GCC does not have, and without the code of devices. */
const portable = globSync('samples/drivers/*.c', { cwd: repository })
  .sort()
  .filter(
    (file) =>
      !/\b__(try|except|finally)\b|<dmsdevice\.h>/.test(
        readFileSync(join(repository, file), 'utf8'),
      ),
  );

describe('the headers of mingw-w64', () => {
  test('there are drivers for them', () => {
    expect(portable.length).toBeGreaterThanOrEqual(3);
  });

  test.skipIf(!installed).each(portable)(`${compiler} takes %s`, (file) => {
    // Four letters in quotes are a pool tag; gcc warns about them.
    const words = [
      '-std=gnu11',
      '-fsyntax-only',
      '-Wall',
      '-Werror',
      '-Wno-multichar',
      '-Wno-unknown-pragmas',
    ];
    const { status, stderr } = spawnSync(
      compiler,
      [...words, '-D_AMD64_', '-DZERO_DESCRIPTION=1', `-isystem${headers}`, file],
      { cwd: repository, encoding: 'utf8' },
    );
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });
});
