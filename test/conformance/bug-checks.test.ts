// The bug checks that drivers can raise, each with the parameters that its documentation promises.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { dms, repository } from '../command-line/support/command.ts';
import { bugCheckRules } from './bug-check-rules.ts';

const folder = 'test/conformance/bug-checks';
const files = globSync(`${folder}/*.dms`, { cwd: repository }).sort();
const named = files.flatMap((file) =>
  [...readFileSync(join(repository, file), 'utf8').matchAll(/^scenario "(.*)"/gm)].map(
    ([, scenario = '']): [string, string] => [file.slice(folder.length + 1), scenario],
  ),
);

interface Result {
  readonly file: string;
  readonly scenario: string;
  readonly outcome: string;
  readonly bugchecks: readonly { readonly code: string; readonly parameters: readonly string[] }[];
  readonly failures: readonly { readonly message: string }[];
}

let results: readonly Result[];

beforeAll(async () => {
  const { out } = await dms(['run', folder, '--format', 'json']);
  results = (JSON.parse(out) as { results: Result[] }).results;
}, 300_000);

test.each(named)('%s: %s', (file, scenario) => {
  const result = results.find(
    (candidate) => candidate.file === `${folder}/${file}` && candidate.scenario === scenario,
  );
  expect(result?.failures).toEqual([]);
  expect(result?.outcome).toBe('passed');
});

describe('together they raise', () => {
  test.each([
    ...[
      '0xA',
      '0xC',
      '0xF',
      '0x10',
      '0x19',
      '0x1A',
      '0x40',
      '0x4E',
      '0x50',
      '0x76',
      '0x7E',
      '0x7F',
    ],
    ...[
      '0xBE',
      '0xC1',
      '0xC2',
      '0xC4',
      '0xC8',
      '0xCB',
      '0xCC',
      '0xCD',
      '0xCE',
      '0xD1',
      '0xD3',
      '0xD4',
    ],
    ...['0xD5', '0xD6', '0xD7', '0xDA', '0xE2', '0xE6', '0xFC', '0x12E', '0x139'],
  ])('%s', (code) => {
    const raised = results.flatMap(({ bugchecks }) => bugchecks);
    expect(raised.filter((bugcheck) => bugcheck.code === code)).not.toEqual([]);
    for (const { parameters } of raised) {
      expect(parameters).toHaveLength(4);
      for (const parameter of parameters) expect(parameter).toMatch(/^0x[0-9A-F]+$/);
    }
  });
});

test('the page table entries of 0xBE and 0xFC are of pages that are there', () => {
  const entries = (code: string): readonly bigint[] =>
    results
      .flatMap(({ bugchecks }) => bugchecks)
      .filter((bugcheck) => bugcheck.code === code)
      .map(({ parameters }) => BigInt(parameters[1] ?? 0));
  // Present; not writable, and not executable.
  for (const entry of entries('0xBE')) expect(entry & 3n).toBe(1n);
  for (const entry of entries('0xFC')) expect(entry & ((1n << 63n) | 1n)).toBe((1n << 63n) | 1n);
  expect(entries('0xFC').length).toBeGreaterThan(0);
});

test('0xCB names the MDL and the pages, 0x76 the process and the pages', () => {
  const raised = results.flatMap(({ bugchecks }) => bugchecks);
  const parameters = (code: string): readonly bigint[] =>
    (raised.find((bugcheck) => bugcheck.code === code)?.parameters ?? []).map(BigInt);
  const [tracker, second, mdl, pages] = parameters('0xCB');
  expect([second, pages]).toEqual([0n, 2n]);
  for (const address of [tracker, mdl]) expect(address).toBeGreaterThan(1n << 63n);
  const [kind, process, locked, stacks] = parameters('0x76');
  expect([kind, locked, stacks]).toEqual([0n, 2n, 0n]);
  expect(process).toBeGreaterThan(1n << 63n);
});

const hex = (value: number): string => `0x${value.toString(16).toUpperCase()}`;

describe('of the documented bug checks', () => {
  /** Of 0xC1 the last parameter is the sub-code, of all others the first. */
  const happened = (code: number, sub: number | undefined): boolean =>
    results
      .flatMap(({ bugchecks }) => bugchecks)
      .some(
        (bugcheck) =>
          bugcheck.code === hex(code) &&
          (sub === undefined || bugcheck.parameters[code === 0xc1 ? 3 : 0] === hex(sub)),
      );
  const rows = bugCheckRules.map(
    ({ code, sub, reason }) =>
      [`${hex(code)}${sub === undefined ? '' : `/${hex(sub)}`}`, reason, code, sub] as const,
  );

  test('each stands once', () => {
    const names = rows.map(([name]) => name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  test.each(rows.filter(([, reason]) => reason === undefined))(
    '%s is raised',
    (_, __, code, sub) => {
      expect(happened(code, sub)).toBe(true);
    },
  );

  test.each(rows.filter(([, reason]) => reason !== undefined))(
    '%s is not: %s',
    (_, __, code, sub) => {
      expect(happened(code, sub)).toBe(false);
    },
  );

  test('all that is raised stands there', () => {
    const listed = new Set(rows.map(([name]) => name));
    const known = new Set(bugCheckRules.map(({ code }) => hex(code)));
    const missing = results
      .flatMap(({ bugchecks }) => bugchecks)
      .map(({ code, parameters }) => [code, parameters[code === '0xC1' ? 3 : 0]] as const)
      .filter(([code]) => known.has(code))
      .filter(([code, sub]) => !listed.has(code) && !listed.has(`${code}/${sub}`));
    expect(missing).toEqual([]);
  });
});
