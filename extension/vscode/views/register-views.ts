/** The three trees of the "Driver Memory" group, and what can be done with their rows. */
import * as vscode from 'vscode';
import type { ViewName } from '../../../engine/index.ts';
import { openMemory } from '../memory-document.ts';
import type { Sessions } from '../sessions.ts';
import { uriOf } from '../uris.ts';
import { isMore, type MoreRow, RowTree, type TreeRow } from './row-tree.ts';

const viewNames: readonly ViewName[] = ['physicalMemory', 'mdls', 'dmaAdapters'];

export function registerViews(sessions: Sessions): vscode.Disposable {
  const trees = new Map(viewNames.map((name) => [name, new RowTree(name, sessions)]));
  const views = [...trees].map(([name, tree]) =>
    vscode.window.createTreeView(`dms.${name}`, { treeDataProvider: tree }),
  );
  const register = vscode.commands.registerCommand;
  return vscode.Disposable.from(
    ...trees.values(),
    ...views,
    register('dms.copyAddress', copyAddress),
    register('dms.openMemory', (row: TreeRow) => openRowMemory(sessions, row)),
    register('dms.goToCall', goToCall),
    register('dms.travelToCall', (row: TreeRow) => travelToCall(sessions, row)),
    register('dms.showMoreRows', (name: ViewName, row: MoreRow) => trees.get(name)?.showMore(row)),
  );
}

/** The address alone, as it is typed into Watch or the Debug Console. */
async function copyAddress(row: TreeRow): Promise<void> {
  if (isMore(row) || row.memoryReference === undefined) return;
  const reference = row.memoryReference;
  await vscode.env.clipboard.writeText(reference.slice(reference.lastIndexOf(':') + 1));
}

async function openRowMemory(sessions: Sessions, row: TreeRow): Promise<void> {
  const session = sessions.current;
  if (session === undefined || isMore(row) || row.memoryReference === undefined) return;
  await openMemory(session, row.memoryReference, row.bytes ?? 4096, row.label);
}

async function goToCall(row: TreeRow): Promise<void> {
  if (isMore(row) || row.site === undefined) return;
  const { file, line, column } = row.site;
  const position = new vscode.Position(line - 1, column - 1);
  await vscode.window.showTextDocument(uriOf(file), {
    selection: new vscode.Range(position, position),
    preview: true,
  });
}

/** Goes back in time to the call that made the row's object. */
async function travelToCall(sessions: Sessions, row: TreeRow): Promise<void> {
  if (isMore(row) || row.site === undefined) return;
  await sessions.request('dms/goTo', { tick: row.site.tick });
}
