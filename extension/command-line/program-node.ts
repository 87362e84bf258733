/** Compiling a file for a command, and showing what is wrong with it. */
import { compileScenarioFile, type Diagnostic, type ScenarioProgram } from '../../engine/index.ts';
import { workspaceReader } from './files-node.ts';

export function loadProgram(path: string): ScenarioProgram {
  return compileScenarioFile(path, workspaceReader(path));
}

export function errorsOf(program: ScenarioProgram): readonly Diagnostic[] {
  return program.diagnostics.filter((diagnostic) => diagnostic.severity === 'error');
}
