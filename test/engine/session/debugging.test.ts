// What a user of the debugger relies on: stops, stacks through all layers, variables, views.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Session, ViewName, ViewRow } from '../../../engine/index.ts';
import { finish, resume, sampleSession, stackOf, textSession } from './sample-session.ts';

/** The 1-based line of a text that contains a mark. */
function lineOf(text: string, mark: string): number {
  return text.slice(0, text.indexOf(mark)).split('\n').length;
}

/** All rows of a view, opened to the bottom. */
function allRows(session: Session, view: ViewName, parent?: string): ViewRow[] {
  const rows = session.view({ view, ...(parent === undefined ? {} : { parent }) });
  return rows.flatMap((row) => [
    row,
    ...(row.hasChildren && !/free/i.test(row.kind) ? allRows(session, view, row.id) : []),
  ]);
}

test('a breakpoint on AllocateCommonBuffer shows the buffer come and go', () => {
  const session = sampleSession('common-buffer.dms');
  session.setFunctionBreakpoints([{ id: 'f', name: 'AllocateCommonBuffer' }]);
  const stop = resume(session, 'continue');
  expect(stop).toMatchObject({ reason: 'functionBreakpoint', breakpoints: ['f'] });
  if (stop === undefined) return;
  expect(stackOf(session, stop).slice(0, 2)).toEqual(['AllocateCommonBuffer', 'AddDevice']);
  const buffers = (): ViewRow[] =>
    allRows(session, 'dmaAdapters').filter(({ kind }) => kind === 'commonBuffer');
  expect(buffers()).toEqual([]);

  resume(session, 'stepOut');
  expect(buffers()).toHaveLength(1);
  expect(buffers()[0]?.site).toMatchObject({ file: 'samples/drivers/common-buffer.c' });

  const back = resume(session, 'stepBack');
  expect(back?.inThePast).toBe(true);
  expect(buffers()).toEqual([]);
  finish(session);
  expect(session.result().outcome).toBe('passed');
});

test('the stack leads from the application to the kernel', () => {
  const session = sampleSession('register-memory.dms');
  session.setFunctionBreakpoints([{ id: 'f', name: 'MmProbeAndLockPages' }]);
  const stop = resume(session, 'continue');
  expect(stop).toBeDefined();
  if (stop === undefined) return;
  const { frames } = session.stack(stop.thread, 0, 0);
  const modules = frames.map(({ module, kind }) => (kind === 'boundary' ? '--' : module));
  expect(modules.filter((module, index) => module !== modules[index - 1])).toEqual([
    'ntoskrnl',
    'proxy',
    'ntoskrnl',
    '--',
    'kernel32',
    'sanprov',
    'mswsock',
    'client',
    'msvcrt',
  ]);
  expect(frames.map((frame) => frame.function)).toEqual(
    expect.arrayContaining([
      'ProxyDeviceControl',
      'DeviceIoControl',
      'WSPRegisterMemory',
      'connect',
      'main',
    ]),
  );
  for (const frame of frames) {
    if (frame.kind === 'source') expect(session.sourceText(frame.file)).toContain(frame.function);
  }
});

test('classes of calls stop with a condition on the parameters', () => {
  const session = sampleSession('register-memory.dms');
  session.setExceptionFilters([
    { filter: 'contiguousMemory', condition: 'NumberOfBytes > 0x8000' },
    { filter: 'pool', condition: 'NumberOfBytes > 0x100000' },
  ]);
  const stop = resume(session, 'continue');
  expect(stop?.reason).toBe('callClass');
  if (stop === undefined) return;
  expect(stackOf(session, stop)[0]).toBe('MmAllocateContiguousMemorySpecifyCache');
  // The pool's condition never holds, so the next one is the release of the same memory.
  const next = resume(session, 'continue');
  expect(next && stackOf(session, next)[0]).toBe('MmFreeContiguousMemorySpecifyCache');
  expect(resume(session, 'continue')).toBeUndefined();
});

test('variables by C type: structures, pointers, enumerations, strings, never-written bytes', () => {
  const session = textSession(`scenario "s" { process p {
      #include <windows.h>
      enum color { Red, Green = 5 };
      struct inner { int x; unsigned short y; };
      struct outer { struct inner in; struct inner *to; enum color c; char name[8]; unsigned flags : 3; };
      int main(void)
      {
          struct outer o = { { 1, 2 }, 0, Green, "abc", 5 };
          int unset;
          BOOLEAN yes = TRUE;
          o.to = &o.in;
          return (int)yes - 1;
      }
  } }`);
  session.setLineBreakpoints('case.dms', [{ id: 'b', file: 'case.dms', line: 12 }]);
  const stop = resume(session, 'continue');
  const [frame] = session.stack(stop?.thread ?? 0, 0, 1).frames;
  const locals = session.scopes(frame?.id ?? 0).find(({ name }) => name === 'Locals');
  const list = session.variables(locals?.handle ?? 0);
  const find = (name: string) => list.find((variable) => variable.name === name);
  expect(find('unset')).toMatchObject({ value: '<never written>', undefinedBytes: true });
  expect(find('yes')).toMatchObject({ value: 'TRUE', type: 'BOOLEAN' });
  const members = session.variables(find('o')?.handle ?? 0);
  const member = (name: string) => members.find((variable) => variable.name === name);
  expect(member('c')?.value).toBe('Green (5)');
  expect(member('name')?.value).toBe('"abc"');
  expect(member('flags')?.value).toBe('5');
  const target = session.variables(member('to')?.handle ?? 0);
  expect(target.map(({ name, value }) => `${name}=${value}`)).toEqual(['x=1', 'y=2']);
  expect(target[0]?.expression).toBe('o.to->x');
  expect(session.setVariable(member('to')?.handle ?? 0, 'x', '41 + 1').ok).toBe(true);
  const evaluated = session.evaluate('o.in.x * 2', frame?.id, false);
  expect(evaluated).toMatchObject({ ok: true, variable: { value: '84', type: 'int' } });
  expect(session.evaluate('o.in.x = 3', frame?.id, false).ok).toBe(false);
  expect(session.evaluate('nothing', frame?.id, false)).toMatchObject({ ok: false });
});

test('a violation stops where it happens and explains itself', () => {
  const session = sampleSession('common-buffer.dms', {
    scenario: 'the same driver forgets to zero the DEVICE_DESCRIPTION',
  });
  session.setExceptionFilters([{ filter: 'violation' }]);
  const stop = resume(session, 'continue');
  expect(stop).toMatchObject({ reason: 'violation', details: { id: 'uninitialized_memory' } });
  expect(stop?.details?.message).toMatch(/description/);
  expect(stop?.details?.site?.file).toBe('samples/drivers/common-buffer.c');
});

test('pausing an endless loop works, and so does going on', () => {
  const session = textSession('scenario "s" { process p { int main(void) { for (;;) { } } } }');
  session.resume('continue');
  session.work(5, () => performance.now());
  session.pause();
  const stop = session.work(1000, () => performance.now());
  expect(stop).toMatchObject({ kind: 'stop', reason: 'pause' });
  session.resume('continue');
  expect(session.work(5, () => performance.now()).kind).toBe('running');
});

test('a user may replace the reference proxy driver by a file of their own', () => {
  const proxy = readFileSync('engine/pipeline/proxy.c', 'utf8').replace(
    'registration->Owner = FileObject;',
    'registration->Owner = FileObject; DbgPrint("mine registers %u bytes\\n", Request->Length);',
  );
  const scenario = readFileSync('samples/register-memory.dms', 'utf8').replace(
    'process client {',
    'driver "my-proxy.c" for SanNic;\n    process client {',
  );
  const session = textSession(
    scenario,
    {},
    { 'my-proxy.c': proxy, 'sanproxy.h': readFileSync('engine/pipeline/sanproxy.h', 'utf8') },
  );
  session.setLineBreakpoints('my-proxy.c', [
    { id: 'b', file: 'my-proxy.c', line: lineOf(proxy, 'mine registers') },
  ]);
  expect(resume(session, 'continue')).toMatchObject({ reason: 'breakpoint', breakpoints: ['b'] });
  finish(session);
  const { outcome, output } = session.result();
  expect(outcome).toBe('passed');
  expect(output.filter(({ text }) => text === 'mine registers 65536 bytes')).toHaveLength(2);
});

test('two sessions at once do not know of each other', () => {
  const [one, other] = [sampleSession('common-buffer.dms'), sampleSession('common-buffer.dms')];
  one.setFunctionBreakpoints([{ id: 'f', name: 'AllocateCommonBuffer' }]);
  expect(resume(one, 'continue')?.reason).toBe('functionBreakpoint');
  expect(resume(other, 'continue')).toBeUndefined();
  finish(one);
  expect(one.hash()).toBe(other.hash());
});
