// What happens between two keys: nothing may break the server, and nothing may pile up.
import { expect, test } from 'vitest';
import type { ServerOptions } from '../../extension/language-server/server.ts';
import { type CheckedProgram, Workspace } from '../../extension/language-server/workspace.ts';
import { Editor } from './support/editor.ts';
import { commonBufferFiles, driverWith, sample } from './support/texts.ts';

/** A pause that ends when the test says so. */
class Pause {
  private readonly tasks = new Set<() => void>();
  /** How many tasks of the typing pause were ever run. */
  ran = 0;

  readonly later: ServerOptions['later'] = (task, milliseconds) => {
    if (milliseconds === 0) {
      const timer = setTimeout(task, 0);
      return () => clearTimeout(timer);
    }
    this.tasks.add(task);
    return () => this.tasks.delete(task);
  };

  get waiting(): number {
    return this.tasks.size;
  }

  end(): void {
    const tasks = [...this.tasks];
    this.tasks.clear();
    for (const task of tasks) {
      this.ran++;
      task();
    }
  }
}

test('every prefix of a scenario can be asked about', async () => {
  const text = sample('nolowmem.dms');
  const path = '/w/nolowmem.dms';
  const editor = await Editor.start({ [path]: '' });
  await editor.open(path, '');
  for (let length = 0; length <= text.length; length += 7) {
    const prefix = text.slice(0, length);
    await editor.completion(path, `${prefix}<|>`);
    await editor.hover(path, `${prefix}<|>`);
    await editor.symbols(path);
  }
  await editor.setText(path, text);
  expect(await editor.problems(path)).toEqual([]);
  expect(editor.errors).toEqual([]);
}, 120_000);

test('every prefix of a driver, too', async () => {
  const text = sample('drivers/common-buffer.c');
  const path = '/w/a.c';
  const editor = await Editor.start({ [path]: '' });
  await editor.open(path, '');
  for (let length = 0; length <= text.length; length += 61) {
    await editor.completion(path, `${text.slice(0, length)}<|>`);
  }
  await editor.setText(path, text);
  await editor.problems(path);
  expect(editor.errors).toEqual([]);
}, 120_000);

test('a burst of edits is checked once', async () => {
  const pause = new Pause();
  const path = '/w/a.c';
  const editor = await Editor.start({ [path]: '' }, { later: pause.later });
  await editor.open(path, driverWith(''));
  for (let index = 0; index < 200; index++) {
    await editor.setText(path, driverWith(`    int count = ${index};`));
  }
  await editor.setText(path, driverWith('    return Missing;'));
  // An answer to a request says that everything before it has arrived.
  await editor.builtinText('dms:/include/wdm.h');
  expect(pause.waiting).toBe(1);
  pause.end();
  expect(await editor.problems(path)).toHaveLength(1);
  expect(editor.published).toHaveLength(1);
  expect(pause.ran).toBe(1);
});

test('edits during a check lead to one further check of the last text', async () => {
  const path = '/w/common-buffer.dms';
  const driver = '/w/drivers/common-buffer.c';
  const editor = await Editor.start(commonBufferFiles());
  await editor.open(path);
  await editor.open(driver);
  for (let index = 0; index < 40; index++) {
    await editor.edit(driver, 'STATUS_SUCCESS', 'STATUS_SUCCES');
    await editor.edit(driver, 'STATUS_SUCCES', 'STATUS_SUCCESS');
  }
  expect(await editor.problems(driver)).toEqual([]);
  const versions = editor.published
    .filter(({ uri }) => uri === editor.uriOf(driver))
    .map(({ version }) => version ?? 0);
  expect(versions).toEqual([...versions].sort((one, other) => one - other));
  expect(versions.at(-1)).toBe(81);
});

test('an edit of scenario text does not check the C again', async () => {
  const files = commonBufferFiles();
  const path = '/w/common-buffer.dms';
  const workspace = new Workspace(
    { read: async (wanted) => files[wanted], scenarios: async () => [path] },
    () => Promise.resolve(),
  );
  const unitsOf = (checked: CheckedProgram | undefined) =>
    checked?.program.scenarios.flatMap(({ hosts }) => hosts[0]?.drivers[0]?.units ?? []) ?? [];
  const before = await workspace.check(path);
  workspace.setOpen(path, sample('common-buffer.dms').replace('64K', '32K'));
  const after = await workspace.check(path);
  expect(after?.program.nics.find(({ name }) => name === 'SanNic')?.maximumLength).toBe(32 * 1024);
  expect(unitsOf(before)).toHaveLength(3);
  expect(unitsOf(after).every((unit, index) => unit === unitsOf(before)[index])).toBe(true);
  workspace.setOpen('/w/drivers/common-buffer.c', `\n${sample('drivers/common-buffer.c')}`);
  const later = await workspace.check(path);
  expect(unitsOf(later).some((unit, index) => unit === unitsOf(before)[index])).toBe(false);
});
