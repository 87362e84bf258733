// Programs with the results that gcc recorded, for machines without it; where it is installed, the records are checked.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runProcess } from './engine-run.ts';
import { hasGcc, outputOfGcc } from './gcc.ts';

const folder = join(import.meta.dirname, 'corpus');
const programs = globSync('*.c', { cwd: folder }).sort();

const sourceOf = (program: string): string => readFileSync(join(folder, program), 'utf8');
const recorded = (program: string): readonly string[] =>
  readFileSync(join(folder, program.replace(/c$/, 'txt')), 'utf8')
    .split('\n')
    .slice(0, -1);

describe('recorded programs', () => {
  test.each(programs)('%s prints what was recorded, and nothing is undefined', (program) => {
    const { output, violations, failures } = runProcess(sourceOf(program));
    expect(output).toEqual(recorded(program));
    expect(violations).toEqual([]);
    expect(failures).toEqual([]);
  });

  test.skipIf(!hasGcc).each(programs)('gcc prints the record of %s', async (program) => {
    expect(await outputOfGcc(sourceOf(program))).toEqual(recorded(program));
  });
});
