/** Launch configurations: what F5 does without a launch.json, and one for each scenario in the picker. */
import type * as vscode from 'vscode';
import { type ChosenScenario, chooseScenario, rememberScenario } from './choose-scenario.ts';
import { scanWorkspace } from './scenario-index.ts';
import { absoluteProgram, programOf } from './uris.ts';

export const debugType = 'dms';

/** The configuration that runs one scenario. */
export function configurationFor(
  chosen: ChosenScenario,
  noDebug = false,
): vscode.DebugConfiguration {
  return {
    type: debugType,
    request: 'launch',
    name: chosen.scenario ?? fileName(chosen.program),
    program: chosen.program,
    ...(chosen.scenario === undefined ? {} : { scenario: chosen.scenario }),
    ...(noDebug ? { noDebug } : {}),
  };
}

export class ConfigurationProvider implements vscode.DebugConfigurationProvider {
  constructor(private readonly state: vscode.Memento) {}

  /** An empty configuration means F5 without a launch.json. */
  async resolveDebugConfiguration(
    _folder: vscode.WorkspaceFolder | undefined,
    configuration: vscode.DebugConfiguration,
  ): Promise<vscode.DebugConfiguration | undefined> {
    if (configuration.type !== undefined && configuration['program'] !== undefined) {
      return configuration;
    }
    const chosen = await chooseScenario(this.state);
    if (chosen === undefined) return undefined;
    return { ...configuration, ...configurationFor(chosen, configuration['noDebug'] === true) };
  }

  /** Runs when `${file}` and the like are replaced: what is debugged is now certain. */
  resolveDebugConfigurationWithSubstitutedVariables(
    folder: vscode.WorkspaceFolder | undefined,
    configuration: vscode.DebugConfiguration,
  ): vscode.DebugConfiguration {
    const { program: written, scenario } = configuration as Partial<ChosenScenario>;
    if (written === undefined) return configuration;
    const program = absoluteProgram(folder?.uri, written);
    rememberScenario(this.state, {
      program,
      ...(scenario === undefined ? {} : { scenario }),
    });
    return { ...configuration, program };
  }
}

/** The scenarios of the workspace, for "Select and Start Debugging". */
export class ScenarioConfigurations implements vscode.DebugConfigurationProvider {
  async provideDebugConfigurations(): Promise<vscode.DebugConfiguration[]> {
    const files = await scanWorkspace();
    return files.flatMap(({ uri, scenarios }) =>
      scenarios.map(({ name }) => configurationFor({ program: programOf(uri), scenario: name })),
    );
  }
}

function fileName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}
