/** Shows that the scenario stands in the past. */
import * as vscode from 'vscode';
import type { Sessions } from './sessions.ts';

export function registerHistory(sessions: Sessions): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('dms.history', vscode.StatusBarAlignment.Left, 50);
  item.name = vscode.l10n.t('Scenario History');
  const show = () => {
    if (sessions.state?.inThePast !== true) {
      item.hide();
      return;
    }
    item.text = `$(history) ${vscode.l10n.t('In the past')}`;
    item.tooltip = vscode.l10n.t(
      'The scenario stands before the latest moment it reached. A change made now drops what came after. Click to return to the latest moment.',
    );
    item.command = 'dms.goToLatest';
    item.backgroundColor = new vscode.ThemeColor('statusBarItem.warningBackground');
    item.show();
  };
  return vscode.Disposable.from(item, sessions.onDidChange(show));
}
