import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { knownHeaders, lintRules } from '../../engine/index.ts';
import {
  builtinPages,
  documentationAddress,
  pageText,
} from '../../extension/language-server/documentation.ts';
import { Editor } from './support/editor.ts';

test.each(lintRules.map(({ code }) => code))('the page of %s can be opened', (code) => {
  const page = `docs/lint/${code}.md`;
  const address = documentationAddress(page, builtinPages);
  expect(address).toBe(`dms:/${page}`);
  const file = readFileSync(new URL(`../../${page}`, import.meta.url), 'utf8');
  expect(pageText(address ?? '')).toBe(file);
});

test('findings about scenario text lead to the language reference', () => {
  expect(documentationAddress('language.md', builtinPages)).toBe('dms:/docs/language.md');
  expect(pageText('dms:/docs/language.md')).toMatch(/^# /);
});

describe('pages of Microsoft', () => {
  test.each([
    ['nf-wdm-iogetdmaadapter', 'windows-hardware/drivers/ddi/wdm/nf-wdm-iogetdmaadapter'],
    ['ns-wdm-_mdl', 'windows-hardware/drivers/ddi/wdm/ns-wdm-_mdl'],
    ['nf-fileapi-createfilew', 'windows/win32/api/fileapi/nf-fileapi-createfilew'],
    [
      'bug-check-0xc2--bad-pool-caller',
      'windows-hardware/drivers/debugger/bug-check-0xc2--bad-pool-caller',
    ],
  ])('%s', (page, path) => {
    expect(documentationAddress(page, builtinPages)).toBe(`https://learn.microsoft.com/${path}`);
  });

  test('a name that says nothing has no address', () => {
    expect(documentationAddress('something', builtinPages)).toBeUndefined();
    expect(documentationAddress('docs/nothing.md', builtinPages)).toBeUndefined();
  });
});

describe('built-in documents', () => {
  test.each(knownHeaders)('the header %s has a text', async (header) => {
    const editor = await Editor.start({});
    expect(await editor.builtinText(`dms:/include/${header}`)).toEqual(expect.any(String));
  });

  test('others have none', async () => {
    const editor = await Editor.start({});
    expect(await editor.builtinText('dms:/include/nothing.h')).toBeNull();
  });
});
