// The bug checks that drivers can raise, each with the parameters that its documentation promises.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { dms, repository } from '../command-line/support/command.ts';

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

test('most of the subcodes of 0xC4 and 0xE6 that this can raise are among them', () => {
  const subcodes = (code: string): number =>
    new Set(
      results
        .flatMap(({ bugchecks }) => bugchecks)
        .filter((bugcheck) => bugcheck.code === code)
        .map(({ parameters }) => parameters[0]),
    ).size;
  expect(subcodes('0xC4')).toBeGreaterThanOrEqual(50);
  expect(subcodes('0xE6')).toBeGreaterThanOrEqual(20);
  expect(subcodes('0xDA')).toBeGreaterThanOrEqual(15);
});
