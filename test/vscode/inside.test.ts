// The suite in test/vscode/suite runs inside VS Code; each of its tests shows here as one.
import { describe, test } from 'vitest';
import { runInside } from './support/inside.ts';
import { extensionHosts } from './support/open-page.ts';
import { temporaryWorkspace } from './support/temporary-workspace.ts';

for (const extensionHost of extensionHosts) {
  const workspace = temporaryWorkspace('samples');
  const results = await runInside(extensionHost, workspace.folder).finally(workspace.remove);
  describe(`inside VS Code, ${extensionHost} extension host`, () => {
    for (const { name, error } of results) {
      test(name, () => {
        if (error !== undefined) {
          throw new Error(error);
        }
      });
    }
  });
}
