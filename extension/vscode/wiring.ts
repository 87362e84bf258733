/** The whole extension on one screen: what is registered, and what each part is given. */
import * as vscode from 'vscode';
import { AdapterFactory } from './adapter-factory.ts';
import { BuiltinSources } from './builtin-sources.ts';
import { ScenarioLenses } from './code-lens.ts';
import {
  ConfigurationProvider,
  configurationFor,
  debugType,
  ScenarioConfigurations,
} from './configuration-provider.ts';
import { registerHistory } from './history-status.ts';
import { MemoryDocuments } from './memory-document.ts';
import { registerMomentLinks } from './moment-links.ts';
import type { LanguageClientHandle, Platform } from './platform.ts';
import { Sessions } from './sessions.ts';
import { ScenarioTests } from './testing.ts';
import { registerTimeTravel } from './time-travel.ts';
import { programOf } from './uris.ts';
import { registerViews } from './views/register-views.ts';

/** Registers everything that package.json contributes. Loads no engine: that is in the workers. */
export function wire(context: vscode.ExtensionContext, platform: Platform): void {
  const sessions = new Sessions();
  let languageClient: LanguageClientHandle | undefined;
  const { workspaceState } = context;
  const { Dynamic } = vscode.DebugConfigurationProviderTriggerKind;
  context.subscriptions.push(
    sessions,
    vscode.debug.registerDebugAdapterDescriptorFactory(
      debugType,
      new AdapterFactory(context, platform),
    ),
    vscode.debug.registerDebugConfigurationProvider(
      debugType,
      new ConfigurationProvider(workspaceState),
    ),
    vscode.debug.registerDebugConfigurationProvider(
      debugType,
      new ScenarioConfigurations(),
      Dynamic,
    ),
    registerViews(sessions),
    registerHistory(sessions),
    registerTimeTravel(sessions),
    registerMomentLinks(sessions),
    new MemoryDocuments(sessions),
    vscode.workspace.registerTextDocumentContentProvider(
      'dms',
      new BuiltinSources(sessions, () => languageClient),
    ),
    vscode.languages.registerCodeLensProvider({ language: 'dms' }, new ScenarioLenses()),
    new ScenarioTests(context, platform),
    vscode.commands.registerCommand('dms.runScenario', start(true)),
    vscode.commands.registerCommand('dms.debugScenario', start(false)),
    { dispose: () => void languageClient?.stop() },
  );
  platform.startLanguageClient(context).then(
    (client) => {
      languageClient = client;
    },
    (error: unknown) => {
      void vscode.window.showErrorMessage(
        vscode.l10n.t('The language server for scenarios did not start: {0}', String(error)),
      );
    },
  );
}

/** Run or Debug: of a scenario (CodeLens), else of what F5 would take. */
function start(noDebug: boolean) {
  return async (uri?: vscode.Uri, scenario?: string): Promise<void> => {
    const folder = uri === undefined ? undefined : vscode.workspace.getWorkspaceFolder(uri);
    const configuration =
      uri !== undefined && scenario !== undefined
        ? configurationFor({ program: programOf(uri), scenario }, noDebug)
        : { type: debugType, request: 'launch', name: '', noDebug };
    await vscode.debug.startDebugging(folder, configuration);
  };
}
