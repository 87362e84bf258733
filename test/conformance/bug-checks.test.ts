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
  test.each(['0xA', '0x4E', '0x50', '0x76', '0x7E', '0xC2', '0xC4', '0xD1', '0xE6'])(
    '%s',
    (code) => {
      const raised = results.flatMap(({ bugchecks }) => bugchecks);
      expect(raised.filter((bugcheck) => bugcheck.code === code)).not.toEqual([]);
      for (const { parameters } of raised) {
        expect(parameters).toHaveLength(4);
        for (const parameter of parameters) expect(parameter).toMatch(/^0x[0-9A-F]+$/);
      }
    },
  );
});

test('most of the subcodes of 0xC4 and 0xE6 that this can raise are among them', () => {
  const subcodes = (code: string): number =>
    new Set(
      results
        .flatMap(({ bugchecks }) => bugchecks)
        .filter((bugcheck) => bugcheck.code === code)
        .map(({ parameters }) => parameters[0]),
    ).size;
  expect(subcodes('0xC4')).toBeGreaterThanOrEqual(25);
  expect(subcodes('0xE6')).toBeGreaterThanOrEqual(7);
});
