import { expect, test } from 'vitest';
import { commonBuffer, standing, standingAt } from './support/debuggee.ts';

test('!dma lists adapters as the side bar does', async () => {
  const session = await standing({
    program: commonBuffer,
    functions: [{ name: 'AllocateCommonBuffer' }],
  });
  const { rows } = await session.client.request('dms/view', { view: 'dmaAdapters' });
  const { result } = await session.evaluate('!dma', 'repl');
  expect(rows.length).toBeGreaterThan(0);
  for (const { label } of rows) expect(result).toContain(label);
});

test('a command that is none lists those that are', async () => {
  const session = await standingAt('#FIRST');
  const { result } = await session.evaluate('!help', 'repl');
  for (const name of ['!dma', '!mdl', '!memusage']) expect(result).toContain(name);
});

test('a negation is still an expression', async () => {
  const session = await standingAt('#SMALL');
  expect((await session.evaluate('!(total == 45)', 'repl')).result).toMatch(/^0\b/);
});
