import { describe, expect, test } from 'vitest';
import { isBelow, pathOf, uriOf } from '../../extension/language-server/addresses.ts';
import { Editor } from './support/editor.ts';
import { driverWith } from './support/texts.ts';

describe('paths and URIs', () => {
  test.each([
    ['file:///home/me/a.dms', '/home/me/a.dms'],
    ['file:///home/me/a%20b%23c.dms', '/home/me/a b#c.dms'],
    ['file:///c%3A/drivers/a.c', 'c:/drivers/a.c'],
    ['file:///C:/drivers/a.c', 'c:/drivers/a.c'],
    ['file://server/share/a.c', '//server/share/a.c'],
    ['memfs:/w/a%20b.dms', 'memfs:/w/a b.dms'],
    ['vscode-remote://wsl%2Bubuntu/home/a.c', 'vscode-remote://wsl+ubuntu/home/a.c'],
    ['dms:/include/wdm.h', 'dms:/include/wdm.h'],
  ])('%s is %s', (uri, path) => {
    expect(pathOf(uri)).toBe(path);
    expect(pathOf(uriOf(path))).toBe(path);
  });

  test.each([
    ['/home/me/a b#c.dms', 'file:///home/me/a%20b%23c.dms'],
    ['c:/drivers/a.c', 'file:///c%3A/drivers/a.c'],
    ['//server/share/a.c', 'file://server/share/a.c'],
    ['memfs:/w/a b.dms', 'memfs:/w/a%20b.dms'],
    ['dms:/include/wdm.h', 'dms:/include/wdm.h'],
  ])('%s is written %s', (path, uri) => {
    expect(uriOf(path)).toBe(uri);
  });

  test('a folder holds what is below it', () => {
    expect(isBelow('/w/a/b.c', '/w')).toBe(true);
    expect(isBelow('/work/b.c', '/w')).toBe(false);
    expect(isBelow('/w/../etc/b.c', '/w')).toBe(false);
  });
});

describe('workspaces that are not on a disk', () => {
  const files = (): Record<string, string> => ({
    'memfs:/my drivers/a.dms': 'scenario "a" { driver "src/a.c"; }\n',
    'memfs:/my drivers/src/a.c': `#include "own.h"\n${driverWith('    return Missing;')}`,
    'memfs:/my drivers/src/own.h': 'static int x = Absent;\n',
  });
  const uriOfPath = (path: string): string => path.replaceAll(' ', '%20');
  const start = () => Editor.start(files(), { folders: ['memfs:/my drivers'], uriOf: uriOfPath });

  test('files beside the scenario are found, and their problems shown at their addresses', async () => {
    const editor = await start();
    await editor.open('memfs:/my drivers/a.dms');
    await editor.until(() => editor.shown('memfs:/my drivers/src/own.h').length > 0);
    expect(editor.shown('memfs:/my drivers/src/own.h')).toMatchObject([
      { code: 'undeclared-name' },
    ]);
    await editor.until(() => editor.shown('memfs:/my drivers/src/a.c').length > 0);
    expect(editor.shown('memfs:/my drivers/src/a.c')).toMatchObject([{ code: 'undeclared-name' }]);
  });

  test('definitions lead to their addresses', async () => {
    const editor = await start();
    const found = await editor.definition(
      'memfs:/my drivers/a.dms',
      'scenario "a" { driver "src/<|>a.c"; }\n',
    );
    expect(found?.uri).toBe('memfs:/my%20drivers/src/a.c');
  });
});

describe('what may be read', () => {
  test('nothing outside of the workspace and the folder of the scenario', async () => {
    const editor = await Editor.start({
      '/secret/a.c': driverWith(''),
      '/w/a.dms': 'scenario "a" { driver "../secret/a.c"; }\n',
    });
    await editor.open('/w/a.dms');
    expect((await editor.problems('/w/a.dms')).map(({ code }) => code)).toEqual(['unknown-file']);
  });

  test('without a workspace, what lies beside the scenario', async () => {
    const editor = await Editor.start(
      {
        '/single/a.dms': 'scenario "a" { driver "a.c"; }\n',
        '/single/a.c': driverWith(''),
      },
      { folders: [] },
    );
    await editor.open('/single/a.dms');
    expect(await editor.problems('/single/a.dms')).toEqual([]);
  });
});
