import type { Locator, Page } from 'playwright-core';
import type { Editor } from './editor.ts';
import { eventually } from './eventually.ts';
import { tidy } from './tidy.ts';

export type DebugAction =
  | 'Continue'
  | 'Pause'
  | 'Step Over'
  | 'Step Into'
  | 'Step Out'
  | 'Step Back'
  | 'Reverse'
  | 'Restart'
  | 'Stop';

/** Where the program stands. */
export interface Position {
  readonly file: string;
  readonly line: number;
}

const longest = 60_000;

/** The floating bar of a debug session, which is there exactly while one runs. */
export class DebugToolbar {
  private readonly page: Page;
  private readonly editor: Editor;

  constructor(page: Page, editor: Editor) {
    this.page = page;
    this.editor = editor;
  }

  /** Presses F5: starts a session, or goes on. */
  async pressF5(): Promise<void> {
    await this.page.keyboard.press('F5');
  }

  async press(action: DebugAction): Promise<void> {
    await this.button(action).click();
  }

  /**
   * Presses a button that makes the program move, waits until it stands somewhere else, and answers
   * where. For a move that ends on the same line, press and wait for what it changes.
   */
  async step(action: DebugAction): Promise<Position> {
    const before = await this.position();
    await this.press(action);
    return await eventually(
      `the program to move from ${before?.file}:${before?.line}`,
      async () => {
        const now = await this.position();
        return now && (now.file !== before?.file || now.line !== before.line) ? now : undefined;
      },
    );
  }

  /** Waits until the program stands still, and answers where. */
  async waitForStop(): Promise<Position> {
    return await eventually('the program to stop', () => this.position(), longest);
  }

  /** Waits until the program stands on this line of the active editor. */
  async waitForStopAt(file: string, line: number): Promise<void> {
    await eventually(
      `the program to stop at ${file}:${line}`,
      async () => {
        const now = await this.position();
        return now?.file === file && now.line === line ? now : undefined;
      },
      longest,
    );
  }

  /** Where the program stands; undefined while it runs. */
  async position(): Promise<Position | undefined> {
    await this.rejectDialog();
    if ((await this.enabled('Continue').count()) === 0) {
      return undefined;
    }
    const line = await this.editor.currentLine();
    return line === undefined ? undefined : { file: await this.editor.fileName(), line };
  }

  /** Waits until no session runs any more. */
  async waitForEnd(): Promise<void> {
    await this.page.locator('.debug-toolbar').waitFor({ state: 'hidden', timeout: longest });
  }

  /** The buttons that can be pressed now, as they are labelled. */
  async offered(): Promise<readonly string[]> {
    const labels = await this.page
      .locator('.debug-toolbar .action-label:not(.disabled)')
      .evaluateAll((buttons) => buttons.map((button) => button.getAttribute('aria-label') ?? ''));
    return labels.map((label) => label.replace(/ \(.*$/s, ''));
  }

  /** A session that cannot start says so in a dialog, which would hide every button for ever. */
  private async rejectDialog(): Promise<void> {
    const message = this.page.locator('.monaco-dialog-box');
    if ((await message.count()) > 0) {
      throw new Error(`a dialog says: ${tidy((await message.first().textContent()) ?? '')}`);
    }
  }

  private button(action: DebugAction): Locator {
    return this.page.locator(`.debug-toolbar .action-label[aria-label^="${action}"]`).first();
  }

  private enabled(action: DebugAction): Locator {
    return this.page.locator(
      `.debug-toolbar .action-label[aria-label^="${action}"]:not(.disabled)`,
    );
  }
}
