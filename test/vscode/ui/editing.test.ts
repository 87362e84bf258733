import { describe, expect, test } from 'vitest';
import { extensionHosts } from '../support/open-page.ts';
import { useWorkbench } from '../support/use-workbench.ts';

describe.each(extensionHosts)('editing a scenario, %s extension host', (extensionHost) => {
  const shared = useWorkbench(extensionHost);

  test('a scenario file has its language and colours', async () => {
    const { workbench } = shared;
    await workbench.openFile('nolowmem.dms');
    const { editor } = workbench;
    await editor.waitForLanguage('Driver Memory Scenario');
    await editor.goToLine(shared.lineOf('nolowmem.dms', 'expect output'));
    await expect
      .poll(async () => (await editor.colourOf('expect')) !== (await editor.colourOf('lowest')))
      .toBe(true);
    expect(await editor.colourOf('return')).not.toBe(await editor.colourOf('lowest'));
  });

  test('a click into the margin sets a breakpoint, another removes it', async () => {
    const { editor } = shared.workbench;
    await shared.workbench.openFile('nolowmem.dms');
    const line = shared.lineOf('nolowmem.dms', 'if (Buffer == NULL)');
    await editor.goToLine(line);
    expect(await editor.lineText(line)).toContain('if (Buffer == NULL)');
    await editor.clickGutter(line);
    expect(await editor.waitForBreakpoint(line)).toMatch(/^debug-breakpoint/);
    await editor.clickGutter(line);
    await expect.poll(() => editor.breakpoints()).toEqual([]);
  });

  test('a driver takes breakpoints as well', async () => {
    const { workbench } = shared;
    await workbench.openFile('drivers/common-buffer.c');
    const line = shared.lineOf('drivers/common-buffer.c', 'AllocateCommonBuffer(');
    await workbench.editor.clickGutter(line);
    await workbench.editor.waitForBreakpoint(line);
    await workbench.screenshot(`breakpoint ${extensionHost}`);
    await workbench.showRunAndDebug();
    const [row] = await workbench.view('Breakpoints').rows();
    expect(row?.spoken).toContain('common-buffer.c');
    await workbench.editor.clickGutter(line);
  });
});
