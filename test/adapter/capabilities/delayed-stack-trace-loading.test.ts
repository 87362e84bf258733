import { expect, test } from 'vitest';
import { standing } from '../support/debuggee.ts';

test('the top frame comes alone, the others when they are asked for', async () => {
  const session = await standing({ functions: [{ name: 'ExAllocatePoolWithTag' }] });
  const { client, threadId } = session;
  const first = await client.request('stackTrace', { threadId, startFrame: 0, levels: 1 });
  expect(first.stackFrames).toHaveLength(1);
  const total = first.totalFrames ?? 0;
  expect(total).toBeGreaterThan(1);
  const rest = await client.request('stackTrace', { threadId, startFrame: 1, levels: total });
  expect(rest.stackFrames).toHaveLength(total - 1);
  expect(rest.stackFrames[0]?.name).toContain('DriverEntry');
  const ids = [...first.stackFrames, ...rest.stackFrames].map(({ id }) => id);
  expect(new Set(ids).size).toBe(total);
});

test('a frame of an earlier stop is refused, not mistaken for another', async () => {
  const session = await standing({ functions: [{ name: 'Add' }] });
  const { id } = await session.top();
  await session.resume('stepOut');
  await expect(session.client.request('scopes', { frameId: id })).rejects.toThrow(/earlier stop/);
});
