/** Whatever the text, the front end answers: no input makes it throw or run on. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkUnit } from '../../../engine/language/check.ts';
import { Diagnostics } from '../../../engine/language/diagnostics.ts';
import { preprocess } from '../../../engine/language/preprocess.ts';
import type { SourceFile } from '../../../engine/language/source.ts';
import type { Token } from '../../../engine/language/tokens.ts';
import { findings } from './check-support.ts';

/** All kinds of declarations and statements, without includes, so that thousands of variants are quick. */
const program = readFileSync(new URL('programs/everything.c', import.meta.url), 'utf8');

function tokensOf(text: string): { file: SourceFile; tokens: readonly Token[] } {
  const file: SourceFile = { path: 'driver.c', text, origin: 'user' };
  const { tokens } = preprocess({
    file,
    definitions: [],
    resolveInclude: () => undefined,
    knownHeaders: [],
    mode: 'kernel',
    diagnostics: new Diagnostics(),
  });
  return { file, tokens };
}

function check(file: SourceFile, tokens: readonly Token[]): Diagnostics {
  const diagnostics = new Diagnostics();
  checkUnit({
    file,
    tokens,
    macros: new Map(),
    macroReferences: [],
    files: [file],
    mode: 'kernel',
    diagnostics,
  });
  return diagnostics;
}

const { file, tokens } = tokensOf(program);
const end = tokens.at(-1);

test('the program itself is without an error or a warning', () => {
  expect(findings(program).filter((finding) => !finding.startsWith('information'))).toEqual([]);
});

test('every prefix is answered, and a cut that is no end of a declaration is reported', () => {
  let reported = 0;
  for (let length = 0; length < tokens.length - 1; length++) {
    const diagnostics = check(file, end === undefined ? [] : [...tokens.slice(0, length), end]);
    if (diagnostics.hasErrors) reported++;
    // One cut is one mistake: what follows from it stays within a few findings.
    const errors = diagnostics.all.filter(({ severity }) => severity === 'error');
    expect(errors.length, `after ${length} tokens`).toBeLessThanOrEqual(6);
  }
  expect(reported).toBeGreaterThan(tokens.length / 2);
});

test('deleted, doubled and swapped tokens are answered', () => {
  const index = fc.nat({ max: tokens.length - 2 });
  const edit = fc.record({
    at: index,
    other: index,
    kind: fc.constantFrom('delete', 'double', 'swap'),
  });
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 12 }), (edits) => {
      const changed = [...tokens];
      for (const { at, other, kind } of edits) {
        const token = changed[at];
        const second = changed[other];
        if (token === undefined || second === undefined || token === end || second === end)
          continue;
        if (kind === 'delete') changed.splice(at, 1);
        else if (kind === 'double') changed.splice(at, 0, token);
        else {
          changed[at] = second;
          changed[other] = token;
        }
      }
      check(file, changed);
    }),
    { numRuns: 400, seed: 5 },
  );
});

test('one deleted token is a handful of findings, not a landslide', () => {
  let total = 0;
  let worst = 0;
  for (let at = 0; at < tokens.length - 1; at++) {
    const errors = check(file, tokens.toSpliced(at, 1)).all.filter(
      ({ severity }) => severity === 'error',
    ).length;
    total += errors;
    worst = Math.max(worst, errors);
  }
  expect(total / tokens.length).toBeLessThan(2);
  expect(worst).toBeLessThan(25);
});

test('random characters are answered', () => {
  const pieces = fc.constantFrom(
    ...'{ } ( ) [ ] ; , . -> * & = == + ++ ? : ... " \' # ## \\ int struct x y 1 0x 1.5 for if else switch case __try __except typedef sizeof L'.split(
      ' ',
    ),
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 60 }), (words) => {
      const { file: random, tokens: found } = tokensOf(words.join(' '));
      check(random, found);
    }),
    { numRuns: 1500, seed: 7 },
  );
});

test.each([
  ['parentheses', `int x = ${'('.repeat(100_000)}1;`],
  ['unary operators', `int x = ${'- '.repeat(100_000)}1;`],
  ['blocks', `void f(void) ${'{'.repeat(100_000)}`],
  ['if', `void f(int a) { ${'if (a) '.repeat(50_000)}; }`],
  ['else if', `void f(int a) { ${'if (a) ; else '.repeat(50_000)}; }`],
  ['pointers', `int ${'*'.repeat(100_000)}x;`],
  ['dimensions', `int x${'[1]'.repeat(50_000)};`],
  ['declarators', `int ${'('.repeat(50_000)}x;`],
  ['structures', 'struct { '.repeat(50_000)],
  ['initialisers', `int x[] = ${'{'.repeat(50_000)}`],
  ['assignments', `void f(int a) { ${'a = '.repeat(50_000)}1; }`],
  ['sums', `int f(int a) { return a${' + a'.repeat(100_000)}; }`],
  ['members', `int f(int a) { return a${'.b'.repeat(100_000)}; }`],
  ['calls', `int f(int a) { return f${'(1)'.repeat(100_000)}; }`],
  ['conditions', `int f(int a) { return ${'a ? a : '.repeat(50_000)}a; }`],
  ['labels', `void f(void) { ${Array.from({ length: 5000 }, (_, n) => `l${n}: `).join('')}; }`],
  ['sizeof', `int x = ${'sizeof '.repeat(50_000)}1;`],
  ['casts', `int x = ${'(int)'.repeat(50_000)}1;`],
  ['commas', `int f(int a) { return a${', a'.repeat(100_000)}; }`],
])('%s without end are given up with a finding', (_, text) => {
  const { file: deep, tokens: found } = tokensOf(text);
  const { all, hasErrors } = check(deep, found);
  expect(hasErrors).toBe(true);
  expect(all.length).toBeLessThan(10);
});
