/** A side bar tree over the rows of one engine view. */
import * as vscode from 'vscode';
import type { ViewName, ViewRow } from '../../../engine/index.ts';
import type { Sessions } from '../sessions.ts';

/** Rows fetched at first below one parent, and more at each "Show more". */
const pageRows = 200;

export type TreeRow = ViewRow | MoreRow;

/** Stands for the rows that were not fetched yet. */
export interface MoreRow {
  readonly kind: 'more';
  readonly id: string;
  readonly parent: string | undefined;
}

export class RowTree implements vscode.TreeDataProvider<TreeRow>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<TreeRow | undefined>();
  private readonly listening: vscode.Disposable;
  /** What each parent showed last: stays while the scenario runs, so that nothing flickers. */
  private readonly shown = new Map<string, readonly TreeRow[]>();
  private readonly limits = new Map<string, number>();
  readonly onDidChangeTreeData = this.changed.event;

  constructor(
    private readonly view: ViewName,
    private readonly sessions: Sessions,
  ) {
    this.listening = sessions.onDidChange(() => {
      if (sessions.current === undefined) this.shown.clear();
      this.changed.fire(undefined);
    });
  }

  async getChildren(parent?: TreeRow): Promise<TreeRow[]> {
    if (this.sessions.state === undefined) return [];
    const key = parent?.id ?? '';
    const limit = this.limits.get(key) ?? pageRows;
    try {
      const { rows } = await this.sessions.request('dms/view', {
        view: this.view,
        ...(parent === undefined ? {} : { parent: parent.id }),
        start: 0,
        count: limit + 1,
      });
      const page: TreeRow[] = rows.slice(0, limit);
      if (rows.length > limit) page.push({ kind: 'more', id: `${key}/more`, parent: parent?.id });
      this.shown.set(key, page);
      return page;
    } catch {
      // Running, or ending: the last stop is what there is to show.
      return [...(this.shown.get(key) ?? [])];
    }
  }

  getTreeItem(row: TreeRow): vscode.TreeItem {
    return isMore(row) ? this.moreItem(row) : rowItem(row);
  }

  /** Fetches another page below the parent of a "Show more" row. */
  showMore(row: MoreRow): void {
    const key = row.parent ?? '';
    this.limits.set(key, (this.limits.get(key) ?? pageRows) + pageRows);
    this.changed.fire(undefined);
  }

  dispose(): void {
    this.listening.dispose();
    this.changed.dispose();
  }

  private moreItem(row: MoreRow): vscode.TreeItem {
    const item = new vscode.TreeItem(vscode.l10n.t('Show more'));
    item.id = row.id;
    item.iconPath = new vscode.ThemeIcon('ellipsis');
    item.command = {
      title: vscode.l10n.t('Show more'),
      command: 'dms.showMoreRows',
      arguments: [this.view, row],
    };
    return item;
  }
}

function rowItem(row: ViewRow): vscode.TreeItem {
  const item = new vscode.TreeItem(
    row.label,
    row.hasChildren
      ? vscode.TreeItemCollapsibleState.Collapsed
      : vscode.TreeItemCollapsibleState.None,
  );
  item.id = row.id;
  item.description = row.description;
  item.tooltip = new vscode.MarkdownString(row.tooltip);
  item.iconPath = new vscode.ThemeIcon(row.icon);
  item.contextValue = contextValue(row);
  return item;
}

/** Words that the menus of package.json ask for. */
function contextValue(row: ViewRow): string {
  return [
    row.kind,
    ...(row.site === undefined ? [] : ['call']),
    ...(row.memoryReference === undefined ? [] : ['address']),
    ...(row.memoryReference === undefined || row.bytes === undefined ? [] : ['memory']),
  ].join(' ');
}

export function isMore(row: TreeRow): row is MoreRow {
  return row.kind === 'more';
}
