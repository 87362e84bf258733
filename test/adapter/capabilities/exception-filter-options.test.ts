import { describe, expect, test } from 'vitest';
import { commonBuffer, standing, startSession } from '../support/debuggee.ts';

describe('ticks for classes of calls', () => {
  test('stop on each call of the class', async () => {
    const session = await standing({ filters: [{ filterId: 'pool' }] });
    expect((await session.top()).name).toContain('ExAllocatePoolWithTag');
    const second = await session.resume('continue');
    expect((await second.top()).name).toContain('ExAllocatePoolWithTag');
    const third = await second.resume('continue');
    expect((await third.top()).name).toContain('ExFreePoolWithTag');
  });

  test('take a condition over the parameters of the call', async () => {
    const session = await standing({
      filters: [{ filterId: 'pool', condition: 'NumberOfBytes > 0x10000' }],
    });
    expect((await session.variable('Arguments', 'NumberOfBytes')).value).toMatch(/0x20000|131072/);
    await session.client.request('continue', { threadId: session.threadId });
    await session.client.event('terminated');
  });

  test('stop on common buffers', async () => {
    const session = await standing({
      program: commonBuffer,
      filters: [{ filterId: 'commonBuffers' }],
    });
    expect((await session.top()).name).toContain('IoGetDmaAdapter');
    const next = await session.resume('continue');
    expect((await next.top()).name).toContain('AllocateCommonBuffer');
  });

  test('leave other classes alone', async () => {
    const { client } = await startSession({ filters: [{ filterId: 'contiguousMemory' }] });
    await client.event('terminated');
    expect(client.seen('stopped')).toEqual([]);
  });
});

test('a filter that does not exist is answered with a message, the others work', async () => {
  const { filters, client } = await startSession({
    filters: [{ filterId: 'nonsense' }, { filterId: 'pool' }],
  });
  expect(filters[0]).toMatchObject({
    verified: false,
    message: expect.stringContaining('nonsense'),
  });
  expect(filters[1]?.verified).toBe(true);
  await client.event('stopped');
});

test('by default a session stops on bug checks, violations and failed assertions', async () => {
  const { client } = await startSession({});
  await client.event('terminated');
  const { exceptionBreakpointFilters } = await newCapabilities();
  const byDefault = (exceptionBreakpointFilters ?? [])
    .filter((filter) => filter.default)
    .map(({ filter }) => filter);
  expect(byDefault).toEqual(['bugCheck', 'violation', 'assertion']);
});

async function newCapabilities() {
  const { capabilities } = await import('../../../extension/adapter/capabilities.ts');
  return capabilities();
}
