import { expect, test } from 'vitest';
import { buffers, newClient, standingAt } from '../support/debuggee.ts';

test('a session that stands ends when it is told to', async () => {
  const { client } = await standingAt('#FIRST');
  await client.request('terminate', {});
  await client.event('terminated');
  await client.request('disconnect', {});
  expect(client.seen('terminated')).toHaveLength(1);
});

test('a session that runs without end ends when it is told to', async () => {
  const client = newClient();
  await client.start({ program: buffers, scenario: 'without end' });
  await client.request('disconnect', { terminateDebuggee: true });
  await client.event('terminated');
});
