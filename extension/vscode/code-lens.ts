/** Run and Debug above each scenario. */
import * as vscode from 'vscode';
import { scanScenarios } from './scenario-scan.ts';

export class ScenarioLenses implements vscode.CodeLensProvider {
  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    return scanScenarios(document.getText()).flatMap(({ name, start }) => {
      const position = document.positionAt(start);
      const range = new vscode.Range(position, position);
      const parameters = [document.uri, name];
      return [
        new vscode.CodeLens(range, {
          title: `$(play) ${vscode.l10n.t('Run')}`,
          tooltip: vscode.l10n.t('Run "{0}" without stopping', name),
          command: 'dms.runScenario',
          arguments: parameters,
        }),
        new vscode.CodeLens(range, {
          title: `$(debug-alt) ${vscode.l10n.t('Debug')}`,
          tooltip: vscode.l10n.t('Debug "{0}"', name),
          command: 'dms.debugScenario',
          arguments: parameters,
        }),
      ];
    });
  }
}
