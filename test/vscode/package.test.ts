// The packed extension: what is in it, and that VS Code installs and activates it.
import { existsSync, globSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundles } from '../../scripts/bundles.mts';
import { installServer } from './host/install.mts';
import { type Server, startServer } from './host/server.mts';
import { type OpenPage, openPage } from './support/open-page.ts';
import { type TemporaryWorkspace, temporaryWorkspace } from './support/temporary-workspace.ts';
import { Workbench } from './support/workbench.ts';
import { zipEntries } from './support/zip.ts';

const packed = resolve('test-results/extension.vsix');

describe('the package', () => {
  test('holds what users need and nothing else', () => {
    const names = zipEntries(packed).filter((name) => name.startsWith('extension/'));
    const expected = [
      'package.json',
      'LICENSE.txt',
      ...(existsSync('README.md') ? ['readme.md'] : []),
      ...(existsSync('CHANGELOG.md') ? ['changelog.md'] : []),
      ...bundles.map(({ output }) => output),
      ...globSync(['syntaxes/*', 'samples/**/*.{dms,c,h}', 'media/**/*.*']),
    ];
    expect(names.map((name) => name.slice('extension/'.length)).sort()).toEqual(expected.sort());
  });
});

describe('the installed package', () => {
  let server: Server;
  let opened: OpenPage;
  let workspace: TemporaryWorkspace;
  let workbench: Workbench;

  beforeAll(async () => {
    const installation = await installServer(() => undefined);
    workspace = temporaryWorkspace('samples');
    server = await startServer(installation, { extension: packed });
    opened = await openPage({
      extensionHost: 'node',
      workspace: workspace.folder,
      develop: false,
      server,
    });
    workbench = new Workbench(opened.page);
    await workbench.ready();
  });

  afterAll(async () => {
    await opened.close();
    await server.stop();
    workspace.remove();
  });

  test('activates when a scenario opens', async () => {
    await workbench.openFile('nolowmem.dms');
    await workbench.editor.waitForLanguage('Driver Memory Scenario');
    await workbench.runCommand('Developer: Show Running Extensions');
    await workbench.page
      .locator('.runtime-extensions-editor .monaco-list-row')
      .filter({ hasText: /driver.memory.scenarios/i })
      .filter({ hasText: /Activation: \d+ms/ })
      .waitFor();
  });
});
