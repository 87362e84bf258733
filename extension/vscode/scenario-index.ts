/** The scenarios of the workspace, as a light scan of its `.dms` files shows them. */
import * as vscode from 'vscode';
import { type ScannedScenario, scanScenarios } from './scenario-scan.ts';
import { besideUri, sameUri } from './uris.ts';

/** A workspace with more scenario files than this is searched only that far. */
const maximumFiles = 2000;

export interface ScenarioFile {
  readonly uri: vscode.Uri;
  readonly scenarios: readonly ScannedScenario[];
}

/** Text as the user sees it: the editor's, else the disk's. */
export async function textOf(uri: vscode.Uri): Promise<string> {
  const open = vscode.workspace.textDocuments.find((document) => sameUri(document.uri, uri));
  if (open !== undefined) return open.getText();
  return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
}

export async function scanFile(uri: vscode.Uri): Promise<ScenarioFile> {
  return { uri, scenarios: scanScenarios(await textOf(uri)) };
}

/** All scenario files of the workspace, in the order of their paths. */
export async function scanWorkspace(): Promise<ScenarioFile[]> {
  const uris = await vscode.workspace.findFiles('**/*.dms', '**/node_modules/**', maximumFiles);
  uris.sort((left, right) => left.path.localeCompare(right.path));
  return Promise.all(uris.map(scanFile));
}

/** Files with those of their scenarios that name the given C file. */
export async function scenariosUsing(source: vscode.Uri): Promise<ScenarioFile[]> {
  const files = await scanWorkspace();
  return files
    .map(({ uri, scenarios }) => ({
      uri,
      scenarios: scenarios.filter(({ sources }) =>
        sources.some((name) => sameUri(besideUri(uri, name), source)),
      ),
    }))
    .filter(({ scenarios }) => scenarios.length > 0);
}
