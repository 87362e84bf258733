import { describe, expect, test } from 'vitest';
import {
  buffers,
  commonBuffer,
  commonBufferDriver,
  lineOf,
  lineWith,
  standing,
  startSession,
} from '../support/debuggee.ts';

describe('a breakpoint on a routine', () => {
  test('stops in a kernel routine, with its arguments and the caller below it', async () => {
    const session = await standing({
      program: commonBuffer,
      functions: [{ name: 'AllocateCommonBuffer' }],
    });
    expect(session.stopped.reason).toBe('function breakpoint');
    const [routine, caller] = await session.stack();
    expect(routine?.name).toContain('AllocateCommonBuffer');
    expect(routine?.presentationHint).toBe('subtle');
    expect(routine?.source?.presentationHint).toBe('deemphasize');
    expect(caller?.source?.path).toBe(commonBufferDriver);
    const call = lineWith(commonBufferDriver, 'AllocateCommonBuffer(');
    expect(caller?.line).toBeGreaterThanOrEqual(call - 1);
    expect(caller?.line).toBeLessThanOrEqual(call + 1);
    const names = (await session.scope('Arguments')).map(({ name }) => name);
    expect(names).toContain('Length');
  });

  test('stops in a routine of the driver', async () => {
    const session = await standing({ functions: [{ name: 'Add' }] });
    expect((await session.top()).name).toContain('Add');
    expect(await session.line()).toBe(lineOf(buffers, '#ADD'));
  });

  test('takes a pattern', async () => {
    const session = await standing({ functions: [{ name: 'ExAllocate*' }] });
    expect((await session.top()).name).toContain('ExAllocatePoolWithTag');
  });

  test('takes a condition over the parameters', async () => {
    const session = await standing({
      functions: [{ name: 'ExAllocatePoolWithTag', condition: 'NumberOfBytes > 0x10000' }],
    });
    const length = await session.variable('Arguments', 'NumberOfBytes');
    expect(length.value).toMatch(/0x20000|131072/);
  });

  test('is not verified where no routine has the name', async () => {
    const { functions, client } = await startSession({ functions: [{ name: 'NoSuchRoutine' }] });
    expect(functions[0]?.verified).toBe(false);
    expect(functions[0]?.message).toBeTruthy();
    await client.event('terminated');
  });

  test('may come with the launch configuration', async () => {
    const session = await standing({ launch: { breakOn: ['ExFreePool*'] } });
    expect((await session.top()).name).toContain('ExFreePoolWithTag');
  });
});
