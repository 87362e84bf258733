import { describe, expect, test } from 'vitest';
import { samePath, toClientPath, toEnginePath } from '../../extension/adapter/paths.ts';

describe('paths on the wire', () => {
  test.each([
    ['/home/me/a driver.c', '/home/me/a driver.c'],
    ['/home/me/100%25.c', '/home/me/100%25.c'],
    ['C:\\drivers\\sub\\a.c', 'c:/drivers/sub/a.c'],
    ['vscode-remote://remote/work/a%20driver.c', 'vscode-remote://remote/work/a driver.c'],
    ['dms:/include/wdm.h', 'dms:/include/wdm.h'],
  ])('%s is %s in the engine', (client, engine) => {
    expect(toEnginePath(client)).toBe(engine);
  });

  test.each([
    '/home/me/a driver.c',
    'c:\\drivers\\sub\\a.c',
    'vscode-remote://remote/work/a%20%23driver%3F.c',
  ])('%s comes back as it went', (path) => {
    expect(toClientPath(toEnginePath(path))).toBe(path);
  });

  test('Windows ignores case, others do not', () => {
    expect(samePath(toEnginePath('C:\\Drivers\\A.c'), toEnginePath('c:\\drivers\\a.C'))).toBe(true);
    expect(samePath('/Drivers/A.c', '/drivers/a.c')).toBe(false);
  });
});
