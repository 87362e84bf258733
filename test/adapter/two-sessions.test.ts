import { expect, test } from 'vitest';
import { buffers, commonBuffer, standing, standingAt } from './support/debuggee.ts';

test('two sessions at once know nothing of each other', async () => {
  const one = await standingAt('#SMALL');
  const other = await standing({ program: commonBuffer, functions: [{ name: 'IoGetDmaAdapter' }] });
  await other.client.request('continue', { threadId: other.threadId });
  await other.client.event('terminated');
  expect(other.client.console('stdout')).toContain('common buffer');
  expect((await one.evaluate('total')).result).toMatch(/^45\b/);
  const next = await one.resume('next');
  expect((await next.top()).source?.path).toBe(buffers);
  expect(one.client.console('stdout')).not.toContain('common buffer');
});

test('the same scenario runs the same way twice', async () => {
  const [one, other] = await Promise.all([standingAt('#FREE'), standingAt('#FREE')]);
  for (const expression of ['small', 'large', 'total']) {
    expect((await one.evaluate(expression)).result).toBe((await other.evaluate(expression)).result);
  }
});
