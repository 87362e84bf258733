/**
 * What the checker says, in its words and at its places, about a hundred texts that are wrong or not what was meant.
 * `mistakes/findings.c` has them: `//// name`, the text, and a line `//>` for each finding; indented ones are its notes.
 * A text that includes the kernel's headers is a driver.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compileText } from '../../../engine/language/compile.ts';
import { place } from './check-support.ts';

const [, ...parts] = readFileSync(join(import.meta.dirname, 'mistakes/findings.c'), 'utf8').split(
  /^\/{4} /m,
);

const texts = parts.map((part) => {
  const [name = '', ...lines] = part.trimEnd().split('\n');
  const isFinding = (line: string): boolean => line.startsWith('//> ');
  return {
    name,
    text: `${lines.filter((line) => !isFinding(line)).join('\n')}\n`,
    findings: lines.filter(isFinding).map((line) => line.slice(4)),
  };
});

/** The header's own lines may move: of a note in there only the file is told. */
const where = (range: Parameters<typeof place>[0]): string =>
  range.file.origin === 'user' ? place(range) : range.file.path.replace(/.*\//, '');

test.each(texts)('$name', ({ text, findings }) => {
  const mode = /#include <(ntddk|windows)\.h>|PDEVICE_OBJECT/.test(text) ? 'kernel' : 'user';
  const found = compileText({ text, mode }).diagnostics.all.flatMap(
    ({ severity, code, range, message, related = [] }) => [
      `${severity} ${code} ${where(range)}: ${message}`,
      ...related.map((note) => `  ${where(note.range)}: ${note.message}`),
    ],
  );
  expect(found).toEqual(findings);
});
