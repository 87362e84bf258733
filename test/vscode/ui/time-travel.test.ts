// Going back, with the commands, menus and keys that VS Code does not have by itself.
import { describe, expect, test, vi } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { extensionHosts } from '../support/open-page.ts';
import { useWorkbench } from '../support/use-workbench.ts';

// The first test of a workbench waits for all of VS Code to start, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 240_000 });

const scenarioFile = 'common-buffer.dms';
const driverFile = 'drivers/common-buffer.c';
const driverName = 'common-buffer.c';
const firstStatement = 'UNREFERENCED_PARAMETER(RegistryPath)';

describe.each(extensionHosts)('time travel, %s extension host', (extensionHost) => {
  const shared = useWorkbench(extensionHost);
  const line = (text: string): number => shared.lineOf(driverFile, text);

  /** Waits until the program stands on the line with a text. */
  const standsAt = (text: string) => shared.workbench.debug.waitForStopAt(driverName, line(text));

  const goTo = async (command: string, text: string): Promise<void> => {
    await shared.workbench.runCommand(`Driver Memory: ${command}`);
    await standsAt(text);
  };

  /** The end is where the driver is unloaded. */
  const goToEnd = async (): Promise<void> => {
    await shared.workbench.runCommand('Driver Memory: Go to the End of the Run');
    await eventually('the end of the run', async () => {
      const stack = await shared.workbench.view('Call Stack').text();
      return stack.some((row) => row.includes('!Unload')) ? stack : undefined;
    });
  };

  test('a key steps back, and the status bar leads to the latest moment again', async () => {
    const { workbench } = shared;
    const { page } = workbench;
    await workbench.openFile(driverFile);
    await workbench.editor.clickGutter(line('DbgPrint("common buffer'));
    await workbench.editor.waitForBreakpoint(line('DbgPrint("common buffer'));
    await workbench.openFile(scenarioFile);
    await workbench.editor.goToLine(shared.lineOf(scenarioFile, 'scenario "a common buffer'));
    await workbench.debug.pressF5();
    await standsAt('DbgPrint("common buffer');
    await page.keyboard.press('Alt+F10');
    await standsAt('RtlFillMemory(');
    expect(await workbench.statusBar()).toContainEqual(expect.stringContaining('In the past'));
    await page.locator('.statusbar-item', { hasText: 'In the past' }).click();
    await standsAt('DbgPrint("common buffer');
    expect(await workbench.statusBar()).not.toContainEqual(expect.stringContaining('In the past'));
  });

  test('the menu of a variable runs back to its last write', async () => {
    const { workbench } = shared;
    await workbench.showRunAndDebug();
    const variables = workbench.view('Variables');
    await variables.waitForText((rows) => rows.some((row) => row.includes('Globals')));
    await variables.expand('Globals');
    await variables.waitForText((rows) => rows.some((row) => row.includes('MapRegisters')));
    await variables.chooseFromMenu('MapRegisters', 'Run Back to the Last Write');
    // IoGetDmaAdapter wrote it: the stack shows the routine on top of the driver's call.
    await eventually('the write to be on the stack', async () => {
      const stack = await workbench.view('Call Stack').text();
      return stack.some((row) => row.includes('IoGetDmaAdapter')) ? stack : undefined;
    });
    await workbench.screenshot(`last write ${extensionHost}`);
  });

  test('a variable changed in the past is asked about first', async () => {
    const { workbench } = shared;
    const { page } = workbench;
    const variables = workbench.view('Variables');
    await variables.waitForText((rows) => rows.some((row) => row.includes('Globals')));
    await workbench.runCommand('Driver Memory: Step Back Out');
    await variables.expand('Globals');
    await variables.waitForText((rows) => rows.some((row) => row.includes('MapRegisters')));
    // The rows are drawn anew when the stop arrives, and an input that was open is gone then.
    const input = page.locator('.sidebar .monaco-inputbox input');
    await eventually('the new value to be taken', async () => {
      await variables.chooseFromMenu('MapRegisters', 'Set Value');
      try {
        await input.fill('3', { timeout: 3000 });
        await input.press('Enter', { timeout: 3000 });
        return true;
      } catch {
        return undefined;
      }
    });
    const dialog = page.locator('.monaco-dialog-box');
    await dialog.waitFor();
    expect(await dialog.textContent()).toContain('in the past');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    expect(await workbench.statusBar()).toContainEqual(expect.stringContaining('In the past'));
  });

  test('the menu of a row runs back to the call that allocated it', async () => {
    const { workbench } = shared;
    await workbench.runCommand('Driver Memory: Return to the Latest Moment');
    await standsAt('DbgPrint("common buffer');
    await workbench.showRunAndDebug();
    const adapters = workbench.view('DMA Adapters');
    const [adapter] = await adapters.rows();
    await adapters.expand(adapter?.label ?? '');
    const buffer = await eventually('the common buffer', async () => {
      const rows = await adapters.rows();
      return rows.find(({ label }) => label.startsWith('0x'));
    });
    await adapters.chooseFromMenu(buffer.label, 'Run Back to the Call That Allocated It');
    await standsAt('AllocateCommonBuffer(');
  });

  test('the start and the end of the run are commands', async () => {
    await goTo('Go to the Start of the Run', firstStatement);
    await goToEnd();
  });

  test('the calls of a routine can be chosen from', async () => {
    const { workbench } = shared;
    const { page } = workbench;
    await workbench.runCommand('Driver Memory: Show Calls of a Routine...');
    await page.locator('.quick-input-widget input').first().fill('*CommonBuffer');
    await page.keyboard.press('Enter');
    const calls = await eventually('the calls', async () => {
      const labels = await workbench.quickPickLabels();
      return labels.some((label) => label.includes('CommonBuffer(')) ? labels : undefined;
    });
    expect(calls.some((label) => label.includes('AllocateCommonBuffer('))).toBe(true);
    await workbench.chooseQuickPick('AllocateCommonBuffer(');
    await eventually('the call to be on the stack', async () => {
      const stack = await workbench.view('Call Stack').text();
      return stack.some((row) => row.includes('AllocateCommonBuffer')) ? stack : undefined;
    });
  });

  test('the console answers who wrote, with a link to the moment', async () => {
    const { workbench } = shared;
    const { page } = workbench;
    await goToEnd();
    await page.locator('.repl-input-wrapper').click();
    await page.keyboard.type('who wrote CommonBuffer');
    await page.keyboard.press('Enter');
    const console = page.locator('.repl .monaco-list-row');
    await expect
      .poll(async () => (await console.allInnerTexts()).join('\n'), { timeout: 30_000 })
      .toMatch(/AddDevice wrote 0x[0-9A-F]+, before 0x0.*\/moment\/\d+/);
    await workbench.screenshot(`who wrote ${extensionHost}`);
    await page.keyboard.type('go to start');
    await page.keyboard.press('Enter');
    await standsAt(firstStatement);
  });

  test('Stop ends the session', async () => {
    const { workbench } = shared;
    await workbench.debug.press('Stop');
    await workbench.debug.waitForEnd();
  });
});
