import type { Locator, Page } from 'playwright-core';
import { eventually } from './eventually.ts';
import { throughQuickInput } from './quick-input.ts';
import { tidy } from './tidy.ts';

export interface Breakpoint {
  readonly line: number;
  /** What VS Code draws: `debug-breakpoint`, `debug-breakpoint-unverified`, `debug-breakpoint-conditional` ... */
  readonly icon: string;
}

/** The active text editor. */
export class Editor {
  private readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Waits until the active editor shows a file of this name. */
  async waitForFile(name: string): Promise<void> {
    await this.page
      .locator(`.editor-group-container.active .tab.active[data-resource-name="${name}"]`)
      .waitFor();
    await this.root().locator('.view-line').first().waitFor();
  }

  async fileName(): Promise<string> {
    const tab = this.page.locator('.editor-group-container.active .tab.active');
    return (await tab.getAttribute('data-resource-name')) ?? '';
  }

  /** Waits until the status bar shows this language: extensions are found after the first file opens. */
  async waitForLanguage(name: string): Promise<void> {
    await this.page.locator('#status\\.editor\\.mode', { hasText: name }).waitFor();
  }

  /** Scrolls to a line and puts the cursor there. */
  async goToLine(line: number): Promise<void> {
    await throughQuickInput(this.page, 'Control+G', `:${line}`, (input, timeout) =>
      input.press('Enter', { timeout }),
    );
    await this.lineNumber(line).waitFor();
  }

  /** Scrolls to a line and clicks the margin there, where breakpoints are set. */
  async clickGutter(line: number): Promise<void> {
    await this.goToLine(line);
    // The editor redraws lines as it learns about them, and code lenses that arrive move them: a box may vanish while
    // it is asked for, and only one that stays where it is may be clicked.
    let before = Number.NaN;
    const place = await eventually(`the margin of line ${line}`, async () => {
      const [number, margin] = await Promise.all([
        this.lineNumber(line).first().boundingBox(),
        this.root().locator('.margin .glyph-margin').boundingBox(),
      ]);
      const isStill = number?.y === before;
      before = number?.y ?? Number.NaN;
      if (!isStill) await this.page.waitForTimeout(400);
      return isStill && number && margin
        ? { x: margin.x + margin.width / 2, y: number.y + number.height / 2 }
        : undefined;
    });
    await this.page.mouse.click(place.x, place.y);
  }

  /** The breakpoints that the margin shows, on the lines that are on the screen. */
  async breakpoints(): Promise<readonly Breakpoint[]> {
    const found = await this.root().evaluate((editor) => {
      const lineAt = new Map<string, number>();
      for (const row of editor.querySelectorAll<HTMLElement>('.margin-view-overlays > div')) {
        const number = row.querySelector('.line-numbers')?.textContent;
        if (number) {
          lineAt.set(row.style.top, Number(number));
        }
      }
      return [...editor.querySelectorAll<HTMLElement>('.glyph-margin-widgets .cgmr')].map(
        ({ style, className }) => ({ line: lineAt.get(style.top) ?? 0, classes: className }),
      );
    });
    return found.flatMap(({ line, classes }) => {
      const icon = /codicon-(debug-breakpoint\S*)/.exec(classes)?.[1];
      return icon === undefined || icon === 'debug-breakpoint-hint' ? [] : [{ line, icon }];
    });
  }

  /** Waits until the margin shows a breakpoint on the line, and answers its icon. */
  async waitForBreakpoint(line: number): Promise<string> {
    return await eventually(`a breakpoint on line ${line}`, async () => {
      const found = (await this.breakpoints()).find((breakpoint) => breakpoint.line === line);
      return found?.icon;
    });
  }

  /** The line that the debugger shows as the one that runs next; undefined when none is shown. */
  async currentLine(): Promise<number | undefined> {
    const editor = this.root();
    if ((await editor.count()) === 0) {
      return undefined;
    }
    return await editor.evaluate((element) => {
      const mark = element.querySelector('.debug-top-stack-frame-line');
      const top = mark?.parentElement?.style.top;
      const rows = [...element.querySelectorAll<HTMLElement>('.margin-view-overlays > div')];
      const row = rows.find(({ style }) => top !== undefined && style.top === top);
      const number = row?.querySelector('.line-numbers')?.textContent;
      return number ? Number(number) : undefined;
    });
  }

  /** The text of a line that is on the screen. */
  async lineText(line: number): Promise<string> {
    const text = await this.root().evaluate((editor, wanted) => {
      const rows = [...editor.querySelectorAll<HTMLElement>('.margin-view-overlays > div')];
      const row = rows.find(
        (candidate) => candidate.querySelector('.line-numbers')?.textContent === String(wanted),
      );
      const lines = [...editor.querySelectorAll<HTMLElement>('.view-lines > .view-line')];
      return lines.find(({ style }) => row && style.top === row.style.top)?.textContent ?? '';
    }, line);
    return text.replaceAll('\u00a0', ' ');
  }

  /** The colour in which a word is drawn, on the lines that are on the screen. */
  async colourOf(word: string): Promise<string> {
    const piece = this.root().locator('.view-line span > span', { hasText: word }).first();
    return await piece.evaluate((element) => getComputedStyle(element).color);
  }

  /** The titles of the code lenses on the screen, in order. */
  async codeLenses(): Promise<readonly string[]> {
    const lenses = this.root().locator('.codelens-decoration a');
    await lenses.first().waitFor();
    return (await lenses.allTextContents()).map(tidy);
  }

  /** Presses the `index`-th code lens with this title, counted from 0. */
  async pressCodeLens(title: string, index = 0): Promise<void> {
    await this.root().locator('.codelens-decoration a', { hasText: title }).nth(index).click();
  }

  /** Types at the cursor. */
  async type(text: string): Promise<void> {
    await this.focus();
    await this.page.keyboard.type(text);
  }

  async focus(): Promise<void> {
    await this.page.keyboard.press('Control+1');
    await this.page.locator('.editor-instance .monaco-editor.focused').first().waitFor();
  }

  private root(): Locator {
    return this.page
      .locator('.editor-group-container.active .editor-instance .monaco-editor')
      .first();
  }

  private lineNumber(line: number): Locator {
    return this.root().locator('.margin .line-numbers', { hasText: new RegExp(`^${line}$`) });
  }
}
