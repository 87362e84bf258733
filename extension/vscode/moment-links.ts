/** Links in the Debug Console that go to a moment of the run. */
import * as vscode from 'vscode';
import type { Sessions } from './sessions.ts';

const path = '/moment/';

/** With the number of a moment behind it, a link that VS Code gives back to this extension. */
export function momentLink({ extension }: vscode.ExtensionContext): string {
  return `${vscode.env.uriScheme}://${extension.id}${path}`;
}

/** Follows such links in the session that the views follow. */
export function registerMomentLinks(sessions: Sessions): vscode.Disposable {
  return vscode.window.registerUriHandler({
    handleUri: async (uri) => {
      const tick = Number(uri.path.slice(path.length));
      if (!uri.path.startsWith(path) || !Number.isSafeInteger(tick) || tick < 0) return;
      await sessions.attempt('dms/goTo', { tick });
    },
  });
}
