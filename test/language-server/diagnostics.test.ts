import { describe, expect, test } from 'vitest';
import { textIn } from './support/cursor.ts';
import { Editor } from './support/editor.ts';
import { commonBufferFiles, driverWith, sample } from './support/texts.ts';

const scenario = '/w/common-buffer.dms';
const driver = '/w/drivers/common-buffer.c';

describe('problems of a scenario', () => {
  test('a sound one has none, in no file', async () => {
    const editor = await Editor.start(commonBufferFiles());
    await editor.open(scenario);
    expect(await editor.problems(scenario)).toEqual([]);
    expect(editor.shown(driver)).toEqual([]);
  });

  test('they come with code, place and source, and go when the text is mended', async () => {
    const editor = await Editor.start(commonBufferFiles());
    await editor.open(scenario);
    await editor.edit(scenario, 'address_bits 32', 'addres_bits 32');
    const [problem] = await editor.problems(scenario);
    expect(problem).toMatchObject({ severity: 1, source: 'dms' });
    expect(problem?.message).toContain('address_bits');
    expect(
      problem && textIn(sample('common-buffer.dms').replace('address_', 'addres_'), problem.range),
    ).toBe('addres_bits');
    await editor.edit(scenario, 'addres_bits', 'address_bits');
    expect(await editor.problems(scenario)).toEqual([]);
  });

  test('a C file of the scenario shows its own, though it is not open', async () => {
    const files = commonBufferFiles();
    files[driver] = files[driver]?.replace('return STATUS_SUCCESS;', 'return STATUS_SUCCES;') ?? '';
    const editor = await Editor.start(files);
    await editor.open(scenario);
    await editor.until(() => editor.shown(driver).length > 0);
    expect(editor.shown(driver)[0]).toMatchObject({ code: 'undeclared-name', severity: 1 });
    expect(editor.shown(scenario)).toEqual([]);
  });

  test('an edit of a C file changes what the scenario reaches', async () => {
    const editor = await Editor.start(commonBufferFiles());
    await editor.open(scenario);
    await editor.open(driver);
    await editor.problems(driver);
    await editor.edit(driver, 'STATUS_SUCCESS', 'STATUS_SUCCES');
    expect(await editor.problems(driver)).toHaveLength(1);
    await editor.edit(driver, 'STATUS_SUCCES', 'STATUS_SUCCESS');
    expect(await editor.problems(driver)).toEqual([]);
  });

  test('a header that two drivers include shows a mistake once', async () => {
    const editor = await Editor.start({
      '/w/a.dms': 'scenario "a" { driver "a.c"; }\n',
      '/w/b.dms': 'scenario "b" { driver "b.c"; }\n',
      '/w/a.c': `#include "shared.h"\n${driverWith('    Shared = 1;')}`,
      '/w/b.c': `#include "shared.h"\n${driverWith('    Shared = 2;')}`,
      '/w/shared.h': 'static int Shared = Missing;\n',
    });
    await editor.open('/w/a.dms');
    await editor.open('/w/b.dms');
    await editor.problems('/w/b.dms');
    expect(editor.shown('/w/shared.h')).toHaveLength(1);
    await editor.close('/w/a.dms');
    await editor.until(() => editor.published.at(-1)?.uri === 'file:///w/a.dms');
    expect(editor.shown('/w/shared.h')).toHaveLength(1);
  });

  test('a file that appears is found', async () => {
    const files = commonBufferFiles();
    const text = files[driver] ?? '';
    delete files[driver];
    const editor = await Editor.start(files);
    await editor.open(scenario);
    const problems = await editor.problems(scenario);
    expect(problems[0]?.code).toBe('unknown-file');
    await editor.writeFile(driver, text);
    await editor.until(() => editor.shown(scenario).length === 0);
  });

  test('closing the scenario clears its files', async () => {
    const files = commonBufferFiles();
    files[driver] = files[driver]?.replace('return STATUS_SUCCESS;', 'return STATUS_SUCCES;') ?? '';
    const editor = await Editor.start(files);
    await editor.open(scenario);
    await editor.until(() => editor.shown(driver).length > 0);
    await editor.close(scenario);
    await editor.until(() => editor.shown(driver).length === 0);
  });

  test('what was typed and not saved is forgotten with the closed file', async () => {
    const editor = await Editor.start(commonBufferFiles());
    await editor.open(scenario);
    await editor.open(driver);
    await editor.edit(driver, 'STATUS_SUCCESS', 'STATUS_SUCCES');
    expect(await editor.problems(driver)).toHaveLength(1);
    await editor.close(driver);
    await editor.until(() => editor.shown(driver).length === 0);
  });
});

describe('problems of a C file', () => {
  test('one that a scenario reaches is judged with the scenario, which is not open', async () => {
    const files = commonBufferFiles();
    const editor = await Editor.start(files);
    // ZERO_DESCRIPTION is defined by the scenario only.
    await editor.open(
      driver,
      `${files[driver]}\n#ifndef ZERO_DESCRIPTION\n#error no scenario\n#endif\n`,
    );
    expect(await editor.problems(driver)).toEqual([]);
  });

  test('one that no scenario reaches is judged alone', async () => {
    const editor = await Editor.start({ '/w/alone.c': driverWith('    return Missing;') });
    await editor.open('/w/alone.c');
    expect((await editor.problems('/w/alone.c')).map(({ code }) => code)).toEqual([
      'undeclared-name',
    ]);
  });

  test('versions out of a repository are left alone', async () => {
    const editor = await Editor.start(
      { '/w/alone.c': driverWith('') },
      { uriOf: (path) => (path.startsWith('/git') ? `git:${path}` : `file://${path}`) },
    );
    await editor.open('/git/alone.c', driverWith('    return Missing;'));
    await editor.open('/w/alone.c');
    await editor.problems('/w/alone.c');
    expect(editor.published.map(({ uri }) => uri)).toEqual(['file:///w/alone.c']);
  });
});

describe('lint findings', () => {
  const text = driverWith(`    PVOID buffer = ExAllocatePoolWithTag(NonPagedPool, 64, 'tseT');

    RtlZeroMemory(buffer, 64);
    ExFreePoolWithTag(buffer, 'tseT');`);

  test('they stand among the problems and link to a page that the server has', async () => {
    const editor = await Editor.start({ '/w/a.c': text });
    await editor.open('/w/a.c');
    const finding = (await editor.problems('/w/a.c')).find(
      ({ code }) => code === 'allocation-unchecked',
    );
    expect(finding?.codeDescription?.href).toBe('dms:/docs/lint/allocation-unchecked.md');
    const page = await editor.builtinText('dms:/docs/lint/allocation-unchecked.md');
    expect(page).toContain('# allocation-unchecked');
  });

  test('a client without built-in documents gets the page that the host names, or none', async () => {
    const pages = (page: string): string => `file:///product/${page}`;
    const named = await Editor.start({ '/w/a.c': text }, { initializationOptions: {}, pages });
    await named.open('/w/a.c');
    const [finding] = await named.problems('/w/a.c');
    expect(finding?.codeDescription?.href).toBe(
      'file:///product/docs/lint/allocation-unchecked.md',
    );
    const plain = await Editor.start({ '/w/a.c': text }, { initializationOptions: {} });
    await plain.open('/w/a.c');
    const [other] = await plain.problems('/w/a.c');
    expect(other).toBeDefined();
    expect(other?.codeDescription).toBeUndefined();
  });
});
