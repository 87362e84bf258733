import { expect, test } from 'vitest';
import { standingAt } from '../support/debuggee.ts';

test('bytes that are written are what the program has', async () => {
  const session = await standingAt('#PRINT');
  const { client } = session;
  const item = await session.variable('Globals', 'Item');
  const answer = await client.request('writeMemory', {
    memoryReference: item.memoryReference ?? '',
    data: Buffer.from([77, 0, 0, 0]).toString('base64'),
  });
  expect(answer.bytesWritten).toBe(4);
  const event = await client.event('memory');
  expect(event).toEqual({ memoryReference: item.memoryReference, offset: 0, count: 4 });
  await client.event('invalidated');
  expect((await session.evaluate('Item.Size')).result).toMatch(/^(77|0x4D)\b/i);
  await client.request('continue', { threadId: session.threadId });
  await client.event('terminated');
  expect(client.console('stdout')).toContain('of 77');
});

test('memory that is not there is not written, and nothing else is', async () => {
  const session = await standingAt('#PRINT');
  await expect(
    session.client.request('writeMemory', { memoryReference: '0x10', data: 'AAAA' }),
  ).rejects.toThrow(/mapped/);
});
