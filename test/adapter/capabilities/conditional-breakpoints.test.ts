import { expect, test } from 'vitest';
import { standing, startSession } from '../support/debuggee.ts';

test('a line stops where its condition holds', async () => {
  const session = await standing({ breakpoints: [{ mark: '#LOOP', condition: 'index == 7' }] });
  expect((await session.evaluate('index')).result).toMatch(/^7\b/);
  await session.client.request('continue', { threadId: session.threadId });
  await session.client.event('terminated');
});

test('an empty condition is none', async () => {
  const session = await standing({ breakpoints: [{ mark: '#LOOP', condition: '' }] });
  expect((await session.evaluate('index')).result).toMatch(/^0\b/);
});

test('a condition that cannot be understood leaves the breakpoint unverified and says why', async () => {
  const { lines, client } = await startSession({
    breakpoints: [{ mark: '#LOOP', condition: 'index ==' }],
  });
  expect(lines[0]?.verified).toBe(false);
  expect(lines[0]?.message).toBeTruthy();
  await client.event('terminated');
});
