import { mkdirSync } from 'node:fs';
import type { Locator, Page } from 'playwright-core';
import { DebugToolbar } from './debug-toolbar.ts';
import { Editor } from './editor.ts';
import { eventually } from './eventually.ts';
import { quickRows, throughQuickInput } from './quick-input.ts';
import { tidy } from './tidy.ts';
import { TreeView } from './tree-view.ts';

const screenshots = 'test-results/screenshots';

/** VS Code as a person sees it: everything goes through the keyboard, the mouse and the screen. */
export class Workbench {
  readonly page: Page;
  readonly editor: Editor;
  readonly debug: DebugToolbar;

  constructor(page: Page) {
    this.page = page;
    this.editor = new Editor(page);
    this.debug = new DebugToolbar(page, this.editor);
  }

  /** Waits until the workbench is there and the explorer shows the folder. */
  async ready(): Promise<void> {
    await this.page
      .locator('.explorer-folders-view .monaco-list-row')
      .first()
      .waitFor({ timeout: 60_000 });
  }

  /** Opens a file of the workspace by its path, `drivers/common-buffer.c`, from the explorer. */
  async openFile(path: string): Promise<void> {
    const names = path.split('/');
    const name = names.at(-1) ?? path;
    const tab = this.page.locator(`.tab[data-resource-name="${name}"]`);
    if ((await tab.count()) > 0) {
      await tab.first().click();
    } else {
      await this.showContainer('Explorer');
      for (const folder of names.slice(0, -1)) {
        const row = this.explorerRow(folder);
        if ((await row.getAttribute('aria-expanded')) !== 'true') {
          await row.click();
        }
      }
      await this.explorerRow(name).dblclick();
    }
    await this.editor.waitForFile(name);
  }

  /** Runs a command by its title, `Driver Memory: Debug Scenario`. */
  async runCommand(title: string): Promise<void> {
    await throughQuickInput(this.page, 'F1', `>${title}`, (_input, timeout) =>
      quickRows(this.page).filter({ hasText: title }).first().click({ timeout }),
    );
  }

  /** Takes an entry of the quick pick that is open. */
  async chooseQuickPick(label: string): Promise<void> {
    const row = quickRows(this.page).filter({ hasText: label }).first();
    await row.click();
  }

  /** What the open quick pick offers. */
  async quickPickLabels(): Promise<readonly string[]> {
    await quickRows(this.page).first().waitFor();
    return quickRows(this.page).locator('.monaco-icon-label .label-name').allTextContents();
  }

  /** A tree by the title that its view shows, `Physical Memory`. The side bar must show its container. */
  view(title: string): TreeView {
    return new TreeView(this.page, title);
  }

  async showRunAndDebug(): Promise<void> {
    await this.showContainer('Run and Debug');
  }

  async showTesting(): Promise<void> {
    await this.showContainer('Testing');
  }

  /** Shows a container of the side bar by its title. */
  async showContainer(title: string): Promise<void> {
    const tab = this.page.locator(`.activitybar .action-item[role="tab"]`, {
      has: this.page.locator(`[aria-label^="${title}"]`),
    });
    if ((await tab.getAttribute('aria-selected')) !== 'true') {
      await tab.click();
    }
    await this.page
      .locator('.sidebar .composite.title', { hasText: new RegExp(title, 'i') })
      .waitFor();
  }

  /** Every problem as the Problems view reads it out: message, source, code and position. */
  async problems(): Promise<readonly string[]> {
    await this.runCommand('Problems: Focus on Problems View');
    const panel = this.page.locator('.markers-panel');
    await panel.waitFor();
    const rows = await panel
      .locator('.monaco-list-row')
      .evaluateAll((elements) =>
        elements.map((element) => element.getAttribute('aria-label') ?? ''),
      );
    return rows;
  }

  /** The lines of the debug console that are on the screen. */
  async debugConsole(): Promise<readonly string[]> {
    await this.runCommand('Debug Console: Focus on Debug Console View');
    const rows = this.page.locator('.repl .monaco-list-row');
    await this.page.locator('.repl').waitFor();
    return (await rows.allInnerTexts()).map(tidy);
  }

  /** The messages of all notifications. They show in their centre: under test, none pops up. */
  async notifications(): Promise<readonly string[]> {
    const centre = this.notificationCentre();
    if ((await centre.count()) === 0) {
      await this.runCommand('Notifications: Show Notifications');
      await centre.waitFor();
    }
    const messages = centre.locator('.notification-list-item-message');
    return (await messages.allTextContents()).map(tidy);
  }

  /** Waits for a notification that contains the text, and answers all of it. */
  async waitForNotification(text: string): Promise<string> {
    return await eventually(`a notification with '${text}'`, async () => {
      const messages = await this.notifications();
      return messages.find((message) => message.includes(text));
    });
  }

  /** Presses a button of a notification. */
  async answerNotification(button: string): Promise<void> {
    await this.notifications();
    await this.notificationCentre().getByRole('button', { name: button }).first().click();
  }

  /** The entries of the status bar. */
  async statusBar(): Promise<readonly string[]> {
    const items = this.page.locator('.statusbar-item:not(.hidden) .statusbar-item-label');
    return (await items.allTextContents()).map(tidy).filter((text) => text !== '');
  }

  /** Writes `test-results/screenshots/NAME.png` and answers the path. */
  async screenshot(name: string): Promise<string> {
    mkdirSync(screenshots, { recursive: true });
    const path = `${screenshots}/${name.replaceAll(/[^\w.-]+/g, '-')}.png`;
    await this.page.screenshot({ path });
    return path;
  }

  private notificationCentre(): Locator {
    return this.page.locator('.notifications-center.visible');
  }

  private explorerRow(name: string): Locator {
    return this.page
      .locator('.explorer-folders-view .monaco-list-row')
      .filter({ has: this.page.getByText(name, { exact: true }) });
  }
}
