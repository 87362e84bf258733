import { expect, test } from 'vitest';
import type { CodeAction } from 'vscode-languageserver';
import { Editor } from './support/editor.ts';
import { driverWith } from './support/texts.ts';

/** The text after the one quick fix that is offered for a text's first problem. */
async function fixed(path: string, text: string): Promise<{ action: CodeAction; text: string }> {
  const editor = await Editor.start({ [path]: text, '/w/drivers/a.c': driverWith('') });
  await editor.open(path);
  const [problem] = await editor.problems(path);
  if (problem === undefined) throw new Error('there is no problem to fix');
  const [action] = await editor.codeActions(path, problem);
  if (action === undefined) throw new Error(`nothing is offered for: ${problem.message}`);
  const lines = text.split('\n');
  for (const { range, newText } of action.edit?.changes?.[`file://${path}`] ?? []) {
    const line = lines[range.start.line] ?? '';
    lines[range.start.line] =
      line.slice(0, range.start.character) + newText + line.slice(range.end.character);
  }
  return { action, text: lines.join('\n') };
}

test('a missing semicolon is put in', async () => {
  const { action, text } = await fixed('/w/a.c', driverWith('    ULONG size = 1'));
  expect(action.kind).toBe('quickfix');
  expect(action.diagnostics).toHaveLength(1);
  expect(text).toBe(driverWith('    ULONG size = 1;'));
});

test('a misspelt name becomes the one that was meant', async () => {
  const { text } = await fixed('/w/a.c', driverWith('    return STATUS_SUCCES;'));
  expect(text).toBe(driverWith('    return STATUS_SUCCESS;'));
});

test('a misspelt option becomes the one that was meant', async () => {
  const { text } = await fixed('/w/a.dms', 'nic N { addres_bits 32; }\n');
  expect(text).toBe('nic N { address_bits 32; }\n');
});

test('a place without problems has none', async () => {
  const editor = await Editor.start({});
  await editor.open('/w/a.c', driverWith(''));
  const place = { start: { line: 0, character: 0 }, end: { line: 0, character: 1 } };
  expect(await editor.codeActions('/w/a.c', { range: place, message: '' })).toEqual([]);
});
