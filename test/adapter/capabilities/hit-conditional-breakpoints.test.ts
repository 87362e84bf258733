import { expect, test } from 'vitest';
import { standing, startSession } from '../support/debuggee.ts';

test.each([
  ['5', ['4', '5']],
  ['>= 9', ['8', '9']],
  ['% 4', ['3', '7']],
])('hit condition %s stops where the count fits', async (hitCondition, [first, second]) => {
  const session = await standing({ breakpoints: [{ mark: '#LOOP', hitCondition }] });
  expect((await session.evaluate('index')).result).toMatch(new RegExp(`^${first}\\b`));
  const next = await session.resume('continue');
  expect((await next.evaluate('index')).result).toMatch(new RegExp(`^${second}\\b`));
});

test('a hit condition that is none leaves the breakpoint unverified and says why', async () => {
  const { lines, client } = await startSession({
    breakpoints: [{ mark: '#LOOP', hitCondition: 'often' }],
  });
  expect(lines[0]?.verified).toBe(false);
  expect(lines[0]?.message).toBeTruthy();
  await client.event('terminated');
});
