import type { Locator, Page } from 'playwright-core';
import { eventually } from './eventually.ts';
import { tidy } from './tidy.ts';

export interface TreeRow {
  /** From 1. */
  readonly level: number;
  readonly label: string;
  readonly description: string;
  /** Undefined where there is nothing to expand. */
  readonly expanded: boolean | undefined;
  /** What a screen reader says. */
  readonly spoken: string;
}

interface FoundRow extends TreeRow {
  readonly index: number;
  readonly last: boolean;
}

/** A tree in the side bar: one of ours, or one of VS Code's such as `Call Stack` and `Variables`. */
export class TreeView {
  private readonly page: Page;
  private readonly title: string;

  constructor(page: Page, title: string) {
    this.page = page;
    this.title = title;
  }

  async isShown(): Promise<boolean> {
    return (await this.pane().count()) > 0;
  }

  /** Waits until the view is there, and opens it with its neighbours closed, to have room. */
  async open(): Promise<void> {
    await this.pane().waitFor();
    const titles = await this.page
      .locator('.sidebar .pane-header[aria-expanded="true"] .title')
      .allTextContents();
    for (const title of titles.filter((other) => other !== this.title)) {
      await this.paneOf(title).locator('.pane-header .title').click();
    }
    const header = this.header();
    if ((await header.getAttribute('aria-expanded')) !== 'true') {
      await header.locator('.title').click();
    }
    await this.pane()
      .locator('.pane-body .monaco-list, .pane-body .welcome-view')
      .first()
      .waitFor();
  }

  /** Every row, from top to bottom; rows that are collapsed into their parent are not there. */
  async rows(): Promise<readonly TreeRow[]> {
    await this.open();
    const list = this.pane().locator('.monaco-list').filter({ visible: true }).first();
    if ((await list.count()) === 0) {
      return [];
    }
    const found = new Map<number, FoundRow>();
    await this.scrollToTop(list);
    for (let page = 0; page < 200; page += 1) {
      const shown = await this.shownRows(list);
      const before = found.size;
      for (const row of shown) {
        found.set(row.index, row);
      }
      if (shown.length === 0 || shown.some(({ last }) => last) || found.size === before) {
        break;
      }
      await this.scrollOn(list);
    }
    return [...found.values()]
      .sort((one, other) => one.index - other.index)
      .map(({ index: _index, last: _last, ...row }) => row);
  }

  /** The rows as indented text, `label  description`, which reads well in an assertion. */
  async text(): Promise<readonly string[]> {
    const rows = await this.rows();
    return rows.map(({ level, label, description }) => {
      const text = description === '' ? label : `${label}  ${description}`;
      return '  '.repeat(level - 1) + text;
    });
  }

  /** Waits until the text of the rows is as wanted, and answers it. */
  async waitForText(wanted: (rows: readonly string[]) => boolean): Promise<readonly string[]> {
    return await eventually(`rows of ${this.title}`, async () => {
      const rows = await this.text();
      return wanted(rows) ? rows : undefined;
    });
  }

  /** The message that stands where rows would be. */
  async welcome(): Promise<string> {
    await this.open();
    return tidy((await this.pane().locator('.welcome-view').textContent()) ?? '');
  }

  /** Expands the first row whose label contains the text. */
  async expand(label: string): Promise<void> {
    await this.open();
    const row = this.row(label);
    if ((await row.getAttribute('aria-expanded')) === 'false') {
      await row.locator('.monaco-tl-twistie').click();
      await eventually(`${label} to expand`, async () =>
        (await row.getAttribute('aria-expanded')) === 'true' ? true : undefined,
      );
    }
  }

  async click(label: string): Promise<void> {
    await this.open();
    await this.row(label).click();
  }

  /** Presses a button that shows in the row while the mouse is on it. */
  async pressInline(label: string, button: string): Promise<void> {
    await this.open();
    const row = this.row(label);
    await row.hover();
    await row.locator(`.action-label[aria-label^="${button}"]`).click();
  }

  /** Takes an entry of the row's context menu. */
  async chooseFromMenu(label: string, entry: string): Promise<void> {
    await this.open();
    const item = this.page.locator('.context-view .action-menu-item', { hasText: entry });
    // Rows that are drawn anew, because a stop arrives, take their menu with them.
    await eventually(`the menu of ${label}`, async () => {
      await this.row(label).click({ button: 'right' });
      return await item.waitFor({ timeout: 3000 }).then(
        () => true,
        () => undefined,
      );
    });
    // A menu that has just opened does not take clicks yet.
    await eventually(`${entry} to be taken`, async () => {
      if ((await item.count()) === 0) return true;
      await item.click({ timeout: 1000 }).catch(() => undefined);
      await this.settle();
      return (await item.count()) === 0 ? true : undefined;
    });
  }

  private pane(): Locator {
    return this.paneOf(this.title);
  }

  private paneOf(title: string): Locator {
    return this.page.locator('.sidebar .pane', {
      has: this.page.locator(`.pane-header[aria-label="${title} Section"]`),
    });
  }

  private header(): Locator {
    return this.pane().locator('.pane-header');
  }

  private row(label: string): Locator {
    return this.pane().locator('.monaco-list-row', { hasText: label }).first();
  }

  private async shownRows(list: Locator): Promise<readonly FoundRow[]> {
    const rows = await list.locator('.monaco-list-row').evaluateAll((elements) =>
      elements.map((element) => {
        const read = (selector: string): string =>
          element.querySelector(selector)?.textContent ?? '';
        const contents = element.querySelector('.monaco-tl-contents') ?? element;
        const words: string[] = [];
        const walker = document.createTreeWalker(contents, NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) {
          words.push(walker.currentNode.textContent ?? '');
        }
        const label = read('.label-name');
        const expanded = element.getAttribute('aria-expanded');
        return {
          index: Number(element.getAttribute('data-index')),
          last: element.getAttribute('data-last-element') === 'true',
          level: Number(element.getAttribute('aria-level') ?? '1'),
          label: label === '' ? words.join(' ') : label,
          description: read('.label-description'),
          expanded: expanded === null ? undefined : expanded === 'true',
          spoken: element.getAttribute('aria-label') ?? '',
        };
      }),
    );
    return rows.map((row) => ({
      ...row,
      label: tidy(row.label),
      description: tidy(row.description),
    }));
  }

  private async scrollToTop(list: Locator): Promise<void> {
    await list.hover();
    await this.page.mouse.wheel(0, -100_000);
    await this.settle();
  }

  private async scrollOn(list: Locator): Promise<void> {
    const height = (await list.boundingBox())?.height ?? 100;
    await list.hover();
    await this.page.mouse.wheel(0, Math.max(22, height - 44));
    await this.settle();
  }

  /** Two frames: one to scroll, one to draw. */
  private async settle(): Promise<void> {
    await this.page.evaluate(
      () =>
        new Promise<void>((done) => {
          requestAnimationFrame(() => requestAnimationFrame(() => done()));
        }),
    );
  }
}
