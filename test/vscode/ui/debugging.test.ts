// The story that the extension is for, told with mouse and keyboard.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { extensionHosts } from '../support/open-page.ts';
import { useWorkbench } from '../support/use-workbench.ts';

// The first test of a workbench waits for all of VS Code to start, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 150_000 });

const scenarioFile = 'common-buffer.dms';
const driverFile = 'drivers/common-buffer.c';
const driverName = 'common-buffer.c';

/** The row of a common buffer: its address, and what it is. */
const commonBuffer = /^ *0x[0-9A-F]+ .*common buffer/i;

describe.each(extensionHosts)('debugging a driver, %s extension host', (extensionHost) => {
  const shared = useWorkbench(extensionHost);

  test('F5 without a launch.json stops at a breakpoint in the driver', async () => {
    const { workbench } = shared;
    await workbench.openFile(driverFile);
    const line = shared.lineOf(driverFile, 'AllocateCommonBuffer(');
    await workbench.editor.clickGutter(line);
    await workbench.editor.waitForBreakpoint(line);
    await workbench.openFile(scenarioFile);
    await workbench.editor.goToLine(shared.lineOf(scenarioFile, 'scenario "a common buffer'));
    await workbench.debug.pressF5();
    await workbench.debug.waitForStopAt(driverName, line);
    await workbench.showRunAndDebug();
    const stack = await workbench.view('Call Stack').text();
    expect(stack.join('\n')).toContain('AddDevice');
    await workbench.screenshot(`stopped ${extensionHost}`);
  });

  test('the three trees show the machine at the stop', async () => {
    const { workbench } = shared;
    const memory = await workbench.view('Physical Memory').waitForText((rows) => rows.length > 0);
    expect(memory.join('\n')).toMatch(/free/i);
    const [adapter, ...others] = await workbench
      .view('DMA Adapters')
      .waitForText((rows) => rows.length > 0);
    expect(adapter).toMatch(/32.?bit|4 GB/i);
    expect(others).toEqual([]);
    expect(await workbench.view('MDLs').welcome()).toContain('No MDL');
  });

  test('a step over the call puts the common buffer into the tree', async () => {
    const { workbench } = shared;
    const adapters = workbench.view('DMA Adapters');
    const after = await workbench.debug.step('Step Over');
    expect(after.file).toBe(driverName);
    const [adapter] = await adapters.rows();
    await adapters.expand(adapter?.label ?? '');
    const rows = await adapters.waitForText((found) => found.some((row) => commonBuffer.test(row)));
    expect(rows.find((row) => commonBuffer.test(row))).toMatch(/16 KB/);
    await workbench.screenshot(`common buffer ${extensionHost}`);
  });

  test('a step back takes it out again, and the tree stays open', async () => {
    const { workbench } = shared;
    const adapters = workbench.view('DMA Adapters');
    await workbench.debug.step('Step Back');
    const rows = await adapters.waitForText(
      (found) => !found.some((row) => commonBuffer.test(row)),
    );
    expect(rows.length).toBeGreaterThan(1);
    expect(await workbench.statusBar()).toContainEqual(expect.stringContaining('In the past'));
  });

  test('a change in the past is asked about, and can be given up', async () => {
    const { workbench } = shared;
    const { page } = workbench;
    await workbench.debugConsole();
    await page.keyboard.type('MapRegisters = 3');
    await page.keyboard.press('Enter');
    const dialog = page.locator('.monaco-dialog-box');
    await dialog.waitFor();
    expect(await dialog.textContent()).toContain('in the past');
    await workbench.screenshot(`past ${extensionHost}`);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    expect(await workbench.statusBar()).toContainEqual(expect.stringContaining('In the past'));
  });

  test('a row leads to the call that made it', async () => {
    const { workbench } = shared;
    await workbench.debug.step('Step Over');
    const adapters = workbench.view('DMA Adapters');
    const [adapter] = await adapters.rows();
    await adapters.pressInline(adapter?.label ?? '', 'Go to the Call');
    const line = shared.lineOf(driverFile, 'IoGetDmaAdapter(');
    await expect
      .poll(() => workbench.statusBar(), { timeout: 10_000 })
      .toContainEqual(expect.stringContaining(`Ln ${line}, `));
  });

  test('the bytes of a common buffer open with their addresses', async () => {
    const { workbench } = shared;
    const adapters = workbench.view('DMA Adapters');
    const rows = await adapters.rows();
    const buffer = rows.find(({ label, description }) =>
      commonBuffer.test(`${label}  ${description}`),
    );
    await adapters.chooseFromMenu(buffer?.label ?? '', 'Open in Memory View');
    const text = workbench.page.locator('.editor-group-container').last().locator('.view-line');
    await expect
      .poll(async () => (await text.allTextContents()).join('\n'), { timeout: 10_000 })
      .toMatch(/[0-9A-F]{8}`[0-9A-F]{8}/);
  });

  test('continuing runs to the end and says that the scenario passed', async () => {
    const { workbench } = shared;
    await workbench.debug.press('Continue');
    await workbench.debug.waitForEnd();
    await expect
      .poll(async () => (await workbench.debugConsole()).join('\n'), { timeout: 30_000 })
      .toContain('passed after');
  });
});

describe.each(extensionHosts)('stepping through the layers, %s extension host', (extensionHost) => {
  const shared = useWorkbench(extensionHost);
  const file = 'register-memory.dms';

  test('a step into connect shows the C of the Windows Sockets switch', async () => {
    const { workbench } = shared;
    await workbench.openFile(file);
    await workbench.editor.codeLenses(); // they move the lines below when they come
    const line = shared.lineOf(file, 'if (connect(');
    await workbench.editor.clickGutter(line);
    await workbench.editor.waitForBreakpoint(line);
    await workbench.debug.pressF5();
    await workbench.debug.waitForStopAt(file, line);
    expect(await workbench.debug.step('Step Into')).toMatchObject({ file: 'switch.c' });
    await workbench.screenshot(`switch ${extensionHost}`);
    expect(await workbench.debug.step('Step Over')).toMatchObject({ file: 'switch.c' });
    expect(await workbench.debug.step('Step Out')).toMatchObject({ file });
  });

  test('Stop ends the session at once', async () => {
    const { workbench } = shared;
    await workbench.debug.press('Stop');
    await workbench.debug.waitForEnd();
  });
});

describe.each(extensionHosts)('running scenarios, %s extension host', (extensionHost) => {
  const shared = useWorkbench(extensionHost);

  test('Run above a scenario runs it without stopping', async () => {
    const { workbench } = shared;
    await workbench.openFile('nolowmem.dms');
    await workbench.editor.goToLine(shared.lineOf('nolowmem.dms', 'scenario "contiguous'));
    expect(await workbench.editor.codeLenses()).toContainEqual(expect.stringContaining('Run'));
    await workbench.editor.pressCodeLens('Run');
    await expect
      .poll(async () => (await workbench.debugConsole()).join('\n'), { timeout: 30_000 })
      .toContain('low buffer at');
    await workbench.debug.waitForEnd();
  });

  test('the Testing view lists every scenario and runs one', async () => {
    const { workbench } = shared;
    await workbench.showTesting();
    const tests = workbench.view('Test Explorer');
    await tests.waitForText((rows) => rows.some((row) => row.includes('nolowmem.dms')));
    await tests.expand('nolowmem.dms');
    const name = 'contiguous memory below 4 GB';
    await tests.waitForText((rows) => rows.some((row) => row.includes(name)));
    await tests.pressInline(name, 'Run Test');
    await expect
      .poll(async () => (await tests.rows()).find(({ label }) => label.includes(name))?.spoken, {
        timeout: 30_000,
      })
      .toMatch(/passed/i);
    await workbench.screenshot(`testing ${extensionHost}`);
  });

  test('a scenario can be debugged from the Testing view, and its result shows there', async () => {
    const { workbench } = shared;
    const tests = workbench.view('Test Explorer');
    const name = 'pool memory is out of the NIC';
    await tests.pressInline(name, 'Debug Test');
    await expect
      .poll(async () => (await tests.rows()).find(({ label }) => label.includes(name))?.spoken, {
        timeout: 30_000,
      })
      .toMatch(/passed/i);
    await workbench.debug.waitForEnd();
    await workbench.showTesting();
  });

  test('a scenario that fails says why, in the Testing view and at its line', async () => {
    const { workbench } = shared;
    writeFileSync(
      join(shared.folder, 'failing.dms'),
      [
        '#include <ntddk.h>',
        'scenario "a forgotten block" {',
        '    driver Leaky {',
        '        static VOID Unload(PDRIVER_OBJECT DriverObject) { UNREFERENCED_PARAMETER(DriverObject); }',
        '        NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)',
        '        {',
        '            UNREFERENCED_PARAMETER(RegistryPath);',
        '            DriverObject->DriverUnload = Unload;',
        "            return ExAllocatePoolWithTag(NonPagedPool, 64, 'kaeL') ? STATUS_SUCCESS : STATUS_NO_MEMORY;",
        '        }',
        '    }',
        '}',
      ].join('\n'),
    );
    const tests = workbench.view('Test Explorer');
    await tests.waitForText((rows) => rows.some((row) => row.includes('failing.dms')));
    await tests.expand('failing.dms');
    await tests.pressInline('a forgotten block', 'Run Test');
    await expect
      .poll(
        async () =>
          (await tests.rows()).find(({ label }) => label.includes('a forgotten block'))?.spoken,
        { timeout: 30_000 },
      )
      .toMatch(/failed/i);
    const results = workbench.page.locator('.test-output-peek-tree');
    await expect
      .poll(() => results.textContent(), { timeout: 10_000 })
      .toMatch(/did not release 64/);
    await tests.click('a forgotten block');
    await workbench.editor.waitForFile('failing.dms');
    await workbench.screenshot(`failing test ${extensionHost}`);
  });
});
