import { expect, test } from 'vitest';
import { buffers, newClient, startSession } from '../support/debuggee.ts';

test('nothing runs before the client has configured', async () => {
  const client = newClient();
  await client.initialize();
  await client.request('launch', { program: buffers });
  await client.event('initialized');
  await client.request('threads', {});
  expect(client.seen('output').filter(({ category }) => category === 'stdout')).toEqual([]);
  await client.request('configurationDone', {});
  await client.event('terminated');
  expect(client.console('stdout')).toContain('total 45 of 16');
});

test('a client that configures before the launch is served as well', async () => {
  const client = newClient();
  await client.initialize();
  await client.request('configurationDone', {});
  await client.request('launch', { program: buffers });
  await client.event('terminated');
  expect(client.console('stdout')).toContain('total 45 of 16');
});

test('a scenario that holds exits with 0 and says so', async () => {
  const { client } = await startSession({});
  expect(await client.event('exited')).toEqual({ exitCode: 0 });
  await client.event('terminated');
  expect(client.console('stdout')).toMatch(/Scenario "buffers" passed after \d+ statements\./);
});

test('a scenario that leaks exits with 1, names the call and links to it', async () => {
  const { client } = await startSession({ launch: { scenario: 'a leak' } });
  expect(await client.event('exited')).toEqual({ exitCode: 1 });
  const leak = client.seen('output').find(({ output }) => output.startsWith('leak'));
  expect(leak?.output).toContain('256 bytes');
  expect(leak?.source?.path).toBe(buffers);
  expect(leak?.line).toBeGreaterThan(0);
});
