import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { type ExtensionHost, type OpenPage, openPage } from './open-page.ts';
import { type TemporaryWorkspace, temporaryWorkspace } from './temporary-workspace.ts';
import { Workbench } from './workbench.ts';

/** What the tests of one `describe` share; filled before the first of them. */
export interface SharedWorkbench {
  readonly workbench: Workbench;
  /** The folder that VS Code shows: a copy, which tests may change. */
  readonly folder: string;
  /** The number of the first line of a file that contains the text. */
  lineOf(path: string, text: string): number;
}

/**
 * Opens VS Code for the tests of the current `describe`, closes it after them, and leaves a
 * screenshot behind for each test that fails.
 */
export function useWorkbench(extensionHost: ExtensionHost, workspace = 'samples'): SharedWorkbench {
  let opened: { page: OpenPage; workbench: Workbench; copy: TemporaryWorkspace } | undefined;

  beforeAll(async () => {
    const copy = temporaryWorkspace(workspace);
    const page = await openPage({ extensionHost, workspace: copy.folder });
    opened = { page, workbench: new Workbench(page.page), copy };
    await opened.workbench.ready();
  });

  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') {
      await opened?.workbench.screenshot(`failed ${extensionHost} ${task.name}`);
    }
  });

  afterAll(async () => {
    await opened?.page.close();
    opened?.copy.remove();
  });

  const now = () => {
    if (!opened) {
      throw new Error('VS Code is open only while tests run');
    }
    return opened;
  };
  return {
    get workbench() {
      return now().workbench;
    },
    get folder() {
      return now().copy.folder;
    },
    lineOf(path, text) {
      const lines = readFileSync(join(now().copy.folder, path), 'utf8').split('\n');
      const index = lines.findIndex((line) => line.includes(text));
      if (index < 0) {
        throw new Error(`${path} has no line with '${text}'`);
      }
      return index + 1;
    },
  };
}
