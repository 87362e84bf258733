import { expect, test } from 'vitest';
import { standingAt } from '../support/debuggee.ts';

test('an expression of Watch can be assigned to', async () => {
  const session = await standingAt('#PRINT');
  const { client } = session;
  const answer = await client.request('setExpression', {
    expression: 'item->Numbers[3]',
    value: '5 * 5',
    frameId: (await session.top()).id,
  });
  expect(answer.value).toMatch(/^(25|0x19)\b/);
  expect((await session.evaluate('Item.Numbers[3]')).result).toMatch(/^(25|0x19)\b/);
  await client.event('memory');
});

test('one that denotes no storage is refused', async () => {
  const session = await standingAt('#PRINT');
  await expect(
    session.client.request('setExpression', {
      expression: 'total + 1',
      value: '3',
      frameId: (await session.top()).id,
    }),
  ).rejects.toThrow(/./);
});
