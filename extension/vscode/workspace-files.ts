/** The files that an adapter may read: those beside the scenario, in its workspace folder. */
import * as vscode from 'vscode';
import { folderOf, isInside, uriOf } from './uris.ts';

/** Sources are text that people write; anything larger is a mistake. */
const maximumFileBytes = 16 * 1024 * 1024;

/**
 * Reads a file for the adapter that runs `program`; undefined when it is not there, too large, or outside of both the
 * scenario's folder and the workspace folder that the scenario belongs to.
 */
export async function readBeside(program: vscode.Uri, path: string): Promise<string | undefined> {
  const uri = uriOf(path);
  const folder = vscode.workspace.getWorkspaceFolder(program)?.uri ?? folderOf(program);
  if (!isInside(uri, folder) && !isInside(uri, folderOf(program))) return undefined;
  try {
    const { size } = await vscode.workspace.fs.stat(uri);
    if (size > maximumFileBytes) return undefined;
    return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
  } catch {
    return undefined; // not there, which the compiler reports at the place that names it
  }
}
