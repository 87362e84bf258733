// Formatting, lint rules and types are tests like any other.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const minute = 60_000;

function complaints(script: string, ...parameters: string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...parameters], {
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
  return status === 0 ? '' : stdout + stderr;
}

test(
  'Biome finds nothing to format or to mend',
  () => {
    expect(complaints('node_modules/@biomejs/biome/bin/biome', 'check', '.')).toBe('');
  },
  minute,
);

describe('types', () => {
  const solution = JSON.parse(readFileSync('tsconfig.json', 'utf8')) as {
    references: { path: string }[];
  };

  test.each(solution.references)(
    'hold in $path',
    ({ path }) => {
      expect(complaints('node_modules/typescript/bin/tsc', '-p', path)).toBe('');
    },
    minute,
  );
});
