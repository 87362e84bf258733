/** A name is found without tokens where the tokens have it. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SourceFile } from '../../../engine/language/source.ts';
import { tokenize } from '../../../engine/language/tokenizer.ts';
import { lastUse } from '../../../engine/language/word-search.ts';

const pieces = [
  'DriverEntry',
  'Other',
  '_',
  ' ',
  '\n',
  '\r\n',
  '\\\n',
  '\\\r\n',
  '/',
  '*',
  '/*',
  '*/',
  '//',
  '"',
  "'",
  '\\',
  'L',
  '(',
  '5',
  '§',
  'é',
];

test('the last use of a name is the last token that is spelt so', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 14 }), (parts) => {
      const file: SourceFile = { path: 'a.c', text: parts.join(''), origin: 'user' };
      const token = tokenize(file).tokens.findLast(({ text }) => text === 'DriverEntry');
      expect(lastUse(file, 'DriverEntry')?.start).toBe(token?.range.start);
    }),
    { numRuns: 60_000 },
  );
});
