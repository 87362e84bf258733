/** Between VS Code's URIs and the paths that launch configurations and the engine use. */
import * as vscode from 'vscode';
import { toClientPath } from '../adapter/paths.ts';

/** A file as `program` of a launch configuration: a path on the disk, else the URI. */
export function programOf(uri: vscode.Uri): string {
  return uri.scheme === 'file' ? uri.fsPath : uri.toString();
}

/** The URI of an engine path, or of a `program`. */
export function uriOf(path: string): vscode.Uri {
  const spelled = toClientPath(path);
  return /^[A-Za-z][A-Za-z0-9+.-]+:/.test(spelled)
    ? vscode.Uri.parse(spelled, true)
    : vscode.Uri.file(spelled);
}

/**
 * What a launch configuration's `program` means in a workspace folder: relative paths begin there, and `${file}` is a
 * bare path even where the folder is not on a disk.
 */
export function absoluteProgram(folder: vscode.Uri | undefined, program: string): string {
  if (folder === undefined || /^[A-Za-z][A-Za-z0-9+.-]+:/.test(program)) return program;
  const absolute = /^([A-Za-z]:)?[\\/]/.test(program);
  if (!absolute) return programOf(vscode.Uri.joinPath(folder, program.replaceAll('\\', '/')));
  return folder.scheme === 'file' ? program : programOf(folder.with({ path: program }));
}

/** Whether two URIs name the same file, however they are escaped. */
export function sameUri(left: vscode.Uri, right: vscode.Uri): boolean {
  return left.toString() === right.toString();
}

/** The folder that a file lies in. */
export function folderOf(uri: vscode.Uri): vscode.Uri {
  return vscode.Uri.joinPath(uri, '..');
}

/** A file named relative to another, as in `driver "drivers/a.c"`. */
export function besideUri(uri: vscode.Uri, relative: string): vscode.Uri {
  return vscode.Uri.joinPath(uri, '..', relative.replaceAll('\\', '/'));
}

/** Whether a file lies in a folder or below it. */
export function isInside(uri: vscode.Uri, folder: vscode.Uri): boolean {
  const base = folder.path.endsWith('/') ? folder.path : `${folder.path}/`;
  return (
    uri.scheme === folder.scheme && uri.authority === folder.authority && uri.path.startsWith(base)
  );
}
