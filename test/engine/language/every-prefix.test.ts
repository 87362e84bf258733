/**
 * Typing from the first to the last character: each beginning of each sample and of a long driver is compiled and linted
 * as the language server does it, and every finding lies within the text. One beginning in a few is tried, another one
 * in each file; with EVERY_PREFIX=1 all of them are.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CompileCache, compileScenarioFile, lintProgram } from '../../../engine/index.ts';

const repository = join(import.meta.dirname, '../../..');
const samples = join(repository, 'samples');
const all = process.env['EVERY_PREFIX'] === '1';
/** All beginnings of all files take some minutes. */
const timeout = all ? 7_200_000 : 1_200_000;

const paths = readdirSync(samples, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(dms|c|h)$/.test(name))
  .sort();

/** Compiles the file with the text cut at each length; everything else is as it is on disk. */
function typeIn(path: string, whole: string, step: number, first: number): number {
  const cache = new CompileCache();
  let typed = '';
  const reader = {
    read: (wanted: string): string | undefined => {
      if (wanted === path) return typed;
      try {
        return readFileSync(join(repository, wanted), 'utf8');
      } catch {
        return undefined;
      }
    },
  };
  let count = 0;
  for (let length = first; length <= whole.length; length += step) {
    typed = whole.slice(0, length);
    const program = compileScenarioFile(path, reader, cache);
    for (const { range } of [...program.diagnostics, ...lintProgram(program)]) {
      if (range.file.path !== path) continue;
      if (range.start < 0 || range.start > range.end || range.end > length) {
        expect.fail(`${range.start} .. ${range.end} in ${length} characters of ${path}`);
      }
    }
    count++;
  }
  return count;
}

describe('a sample is answered while it is typed', () => {
  test.each(paths)('%s', { timeout }, (name) => {
    const path = relative(repository, join(samples, name));
    const whole = readFileSync(join(samples, name), 'utf8');
    // Steps without a common divisor meet all kinds of places.
    const step = all ? 1 : name.endsWith('.dms') ? 7 : 41;
    expect(typeIn(path, whole, step, name.length % step)).toBeGreaterThan(1);
  });
});

test('a driver of a thousand lines is answered while it is typed', { timeout }, () => {
  const channel = readFileSync(join(repository, 'bench/compile/channel.c'), 'utf8');
  const channels = Array.from({ length: 5 }, (_, index) =>
    channel.replaceAll('@', String(index + 1)),
  );
  const whole = `#include <ntddk.h>\n${channels.join('')}`;
  expect(whole.split('\n').length).toBeGreaterThan(1000);
  expect(typeIn('driver.c', whole, all ? 1 : 211, 0)).toBeGreaterThan(100);
});
