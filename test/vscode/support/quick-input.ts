// The quick input of VS Code: the command palette, and the line to go to. VS Code closes it when something else takes the
// focus, such as a stop of the debugger that arrives late; a user opens it again then, and so does this.
import type { Locator, Page } from 'playwright-core';

const ATTEMPTS = 6;
/** Milliseconds for one step before the quick input is opened again. */
const PATIENCE = 5000;

export const quickRows = (page: Page): Locator =>
  page.locator('.quick-input-widget .quick-input-list .monaco-list-row');

/** Opens the quick input by a key, types a text and finishes by `finish`, all again when it was closed meanwhile. */
export async function throughQuickInput(
  page: Page,
  key: string,
  text: string,
  finish: (input: Locator, patience: number) => Promise<void>,
): Promise<void> {
  const input = page.locator('.quick-input-widget .quick-input-box input');
  for (let attempt = 1; ; attempt++) {
    await page.keyboard.press(key);
    try {
      await input.waitFor({ timeout: PATIENCE });
      await input.fill(text, { timeout: PATIENCE });
      await finish(input, PATIENCE);
      return;
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
      await page.keyboard.press('Escape');
    }
  }
}
