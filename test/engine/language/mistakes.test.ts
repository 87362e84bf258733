/**
 * The checker beside a C compiler, over a corpus of mistakes: every line that gcc complains about with -Wall, -Wextra and
 * -Wconversion has a finding, and no other line has one. `recorded.json` serves machines without the compiler; with
 * RECORD_MISTAKES=1 it is written anew where there is one.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compileText } from '../../../engine/language/compile.ts';
import { positionAt } from '../../../engine/language/source.ts';
import { type Finding, findingsOfCompiler, isInstalled, snippets } from './mistakes/corpus.ts';
import recorded from './mistakes/recorded.json' with { type: 'json' };

const ofCompiler: Readonly<Record<string, readonly Finding[]>> = recorded as never;

/** Where the two differ, and why. The list may only shrink. */
const differences: Readonly<Record<string, string>> = {
  'conversions.c: sum of two bytes to a byte': 'C4244 of the Microsoft compiler; gcc lets sums go',
  'conversions.c: signed and unsigned branches': 'the Microsoft compiler is silent',
  'sound-conversions.c: masked': 'gcc does not see that the result fits',
  'sound-conversions.c: shifted until it fits': 'gcc does not see that the result fits',
  'declarations.c: static behind a declaration that is not':
    'C4211 of the Microsoft compiler goes on, gcc stops',
  'declarations.c: unused static function': 'gcc tells it behind -fsyntax-only',
  'declarations.c: unused static variable': 'gcc tells it behind -fsyntax-only',
  'declarations.c: static function that is declared, used and not defined':
    'told when the files of a program are put together',
  'declarations.c: unused local typedef': 'the Microsoft compiler is silent',
  'declarations.c: unused parameter': 'drivers leave parameters of callbacks unused',
  'declarations.c: local that hides a parameter': 'drivers leave parameters of callbacks unused',
  'statements.c: statement before the first case': 'gcc tells it behind -fsyntax-only',
  'statements.c: size of an array parameter': 'the type of the parameter has become a pointer',
  'statements.c: end without a result': 'gcc tells it behind -fsyntax-only',
  'statements.c: end of a function without any return': 'gcc tells it behind -fsyntax-only',
  'statements.c: local used before it has a value': 'gcc tells it behind -fsyntax-only',
  'statements.c: index outside of the array': 'gcc tells it behind -fsyntax-only',
  'syntax.c: missing brace': 'told behind the last line',
  'syntax.c: unclosed text': 'the brace in the text is missed too',
  'syntax.c: unclosed character': 'the brace in the constant is missed too',
};

const ours = (text: string) =>
  compileText({ text, mode: 'user' }).diagnostics.all.map(({ severity, range }) => ({
    severity,
    line: positionAt(range.file, range.start).line,
  }));

const linesOf = (findings: readonly { readonly line: number }[]): number[] =>
  [...new Set(findings.map(({ line }) => line))].sort((a, b) => a - b);

const agrees = (name: string, text: string): boolean => {
  const compiler = ofCompiler[name] ?? [];
  const found = ours(text);
  const refused = compiler.some(({ severity }) => severity === 'error');
  return (
    linesOf(found).join() === linesOf(compiler).join() &&
    (!refused || found.some(({ severity }) => severity === 'error'))
  );
};

describe('a text with a mistake', () => {
  test.each(snippets.filter(({ name }) => differences[name] === undefined))(
    '$name',
    ({ name, text }) => {
      const compiler = ofCompiler[name] ?? [];
      expect(linesOf(ours(text))).toEqual(linesOf(compiler));
      if (compiler.some(({ severity }) => severity === 'error')) {
        expect(ours(text).map(({ severity }) => severity)).toContain('error');
      }
    },
  );
});

test('what is listed as a difference is one', () => {
  const texts = new Map(snippets.map(({ name, text }) => [name, text]));
  const settled = Object.keys(differences).filter((name) => agrees(name, texts.get(name) ?? ''));
  expect(settled).toEqual([]);
});

test.skipIf(!isInstalled())(
  'the recorded findings are those of the compiler',
  () => {
    const found = findingsOfCompiler();
    if (process.env['RECORD_MISTAKES'] === '1') {
      writeFileSync(
        join(import.meta.dirname, 'mistakes/recorded.json'),
        `${JSON.stringify(found, undefined, 2)}\n`,
      );
      return;
    }
    expect(ofCompiler).toEqual(found);
  },
  120_000,
);
