/** Which scenario F5 means when no launch configuration says it. */
import * as vscode from 'vscode';
import {
  type ScenarioFile,
  scanFile,
  scanWorkspace,
  scenariosUsing,
  textOf,
} from './scenario-index.ts';
import { definesDriverEntry, scenarioAt } from './scenario-scan.ts';
import { programOf, sameUri, uriOf } from './uris.ts';

export interface ChosenScenario {
  readonly program: string;
  /** Absent for the implicit scenario of a lone driver. */
  readonly scenario?: string;
}

const lastKey = 'dms.lastScenario';

/** Remembers the scenario debugged last in this workspace. */
export function rememberScenario(state: vscode.Memento, chosen: ChosenScenario): void {
  void state.update(lastKey, chosen);
}

/**
 * The scenario at the cursor, else the last one debugged, else what the user picks. In a C file only the scenarios
 * that use it count; where there is none, a driver runs alone. Undefined when the user gave up or was told why not.
 */
export async function chooseScenario(state: vscode.Memento): Promise<ChosenScenario | undefined> {
  const last = state.get<ChosenScenario>(lastKey);
  const editor = vscode.window.activeTextEditor;
  const name = editor?.document.uri.path ?? '';
  if (editor !== undefined && /\.dms$/i.test(name)) return inScenarioFile(editor, last);
  if (editor !== undefined && /\.(c|h)$/i.test(name))
    return inSourceFile(editor.document.uri, last);
  if (last !== undefined && (await exists(last))) return last;
  return pick(await scanWorkspace());
}

async function inScenarioFile(
  editor: vscode.TextEditor,
  last: ChosenScenario | undefined,
): Promise<ChosenScenario | undefined> {
  const { uri } = editor.document;
  const file = await scanFile(uri);
  const at = scenarioAt(file.scenarios, editor.document.offsetAt(editor.selection.active));
  if (at !== undefined) return { program: programOf(uri), scenario: at.name };
  const again = file.scenarios.find(
    ({ name }) => last?.program === programOf(uri) && last.scenario === name,
  );
  if (again !== undefined) return { program: programOf(uri), scenario: again.name };
  return pick([file]);
}

async function inSourceFile(
  uri: vscode.Uri,
  last: ChosenScenario | undefined,
): Promise<ChosenScenario | undefined> {
  const users = await scenariosUsing(uri);
  const again = users.some(
    (file) =>
      last !== undefined &&
      sameUri(file.uri, uriOf(last.program)) &&
      file.scenarios.some(({ name }) => name === last.scenario),
  );
  if (again) return last;
  if (users.length > 0) return pick(users);
  if (definesDriverEntry(await textOf(uri))) return { program: programOf(uri) };
  void vscode.window.showInformationMessage(
    vscode.l10n.t(
      'No scenario of this workspace uses {0}, and it defines no DriverEntry. Write a .dms file with: scenario "name" { driver "{0}"; }',
      uri.path.slice(uri.path.lastIndexOf('/') + 1),
    ),
  );
  return undefined;
}

interface Item extends vscode.QuickPickItem {
  readonly chosen: ChosenScenario;
}

/** A single scenario needs no question. */
async function pick(files: readonly ScenarioFile[]): Promise<ChosenScenario | undefined> {
  const items = files.flatMap(({ uri, scenarios }) =>
    scenarios.map(
      ({ name }): Item => ({
        label: name,
        description: vscode.workspace.asRelativePath(uri),
        chosen: { program: programOf(uri), scenario: name },
      }),
    ),
  );
  if (items.length === 0) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t(
        'There is no scenario to debug here. Open a .dms file, or write one: scenario "name" { driver "driver.c"; }',
      ),
    );
    return undefined;
  }
  if (items.length === 1) return items[0]?.chosen;
  const picked = await vscode.window.showQuickPick(items, {
    placeHolder: vscode.l10n.t('Scenario to debug'),
    matchOnDescription: true,
  });
  return picked?.chosen;
}

async function exists(chosen: ChosenScenario): Promise<boolean> {
  try {
    const { scenarios } = await scanFile(uriOf(chosen.program));
    return chosen.scenario === undefined || scenarios.some(({ name }) => name === chosen.scenario);
  } catch {
    return false; // deleted since
  }
}
