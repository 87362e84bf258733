import { describe, expect, test } from 'vitest';
import { buffers, lineOf, standingAt } from '../support/debuggee.ts';

describe('setting a variable', () => {
  test('changes what the program sees', async () => {
    const session = await standingAt('#PRINT');
    const { client } = session;
    const { scopes } = await client.request('scopes', { frameId: (await session.top()).id });
    const locals = scopes.find(({ name }) => name === 'Locals');
    const answer = await client.request('setVariable', {
      variablesReference: locals?.variablesReference ?? 0,
      name: 'total',
      value: '0x2D + 1',
    });
    expect(answer.value).toMatch(/^46\b/);
    await client.event('invalidated');
    await client.request('continue', { threadId: session.threadId });
    await client.event('terminated');
    expect(client.console('stdout')).toContain('total 46');
  });

  test('keeps expanded variables valid', async () => {
    const session = await standingAt('#PRINT');
    const item = await session.variable('Globals', 'Item');
    await session.client.request('setVariable', {
      variablesReference: item.variablesReference,
      name: 'Size',
      value: '99',
    });
    const [size] = await session.children(item.variablesReference);
    expect(size?.value).toMatch(/^(99|0x63)\b/);
  });

  test('to something that is no value is refused with a reason', async () => {
    const session = await standingAt('#PRINT');
    const item = await session.variable('Globals', 'Item');
    await expect(
      session.client.request('setVariable', {
        variablesReference: item.variablesReference,
        name: 'Size',
        value: 'nonsense(',
      }),
    ).rejects.toThrow(/./);
  });

  test('in the past drops the future and says so', async () => {
    const session = await standingAt('#FIRST');
    const forth = await session.resume('next');
    const back = await forth.resume('stepBack');
    expect(await back.line()).toBe(lineOf(buffers, '#FIRST'));
    const before = await back.client.request('dms/position', {});
    expect(before.inThePast).toBe(true);
    await back.evaluate('Item.Size = 3', 'repl');
    const after = await back.client.request('dms/position', {});
    expect(after.inThePast).toBe(false);
    expect(back.client.console('important')).toContain('dropped');
  });
});
