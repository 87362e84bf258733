import { describe, expect, test } from 'vitest';
import { RefusedError } from '../support/client.ts';
import { standingAt } from '../support/debuggee.ts';

describe('an expression', () => {
  test.each([
    ['total', /^45\b/],
    ['Item.Size * 2', /^(32|0x20)\b/],
    ['item->Next->Size', /^(16|0x10)\b/],
    ['sizeof(ITEM)', /^(816|0x330)\b/],
  ])('%s has its value', async (expression, value) => {
    const session = await standingAt('#SMALL');
    expect((await session.evaluate(expression, 'hover')).result).toMatch(value);
  });

  test('of a structure can be expanded, and offers its memory', async () => {
    const session = await standingAt('#SMALL');
    const item = await session.evaluate('*item', 'watch');
    expect(item.memoryReference).toMatch(/^va:[^:]+:\d+:0x[0-9A-F]+$/i);
    const names = (await session.children(item.variablesReference)).map(({ name }) => name);
    expect(names).toEqual(['Size', 'Numbers', 'Next']);
  });

  test('that assigns is refused in hover and watch, and changes nothing', async () => {
    const session = await standingAt('#SMALL');
    await expect(session.evaluate('total = 7', 'hover')).rejects.toThrow();
    await expect(session.evaluate('total++', 'watch')).rejects.toThrow();
    expect((await session.evaluate('total')).result).toMatch(/^45\b/);
  });

  test('that assigns works in the Debug Console', async () => {
    const session = await standingAt('#SMALL');
    await session.evaluate('total = 7', 'repl');
    expect((await session.evaluate('total')).result).toMatch(/^7\b/);
    await session.client.event('invalidated');
  });

  test('with a mistake is answered with a message that no box shows', async () => {
    const session = await standingAt('#SMALL');
    const error = await session.evaluate('totle', 'hover').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RefusedError);
    expect((error as RefusedError).message).toContain('totle');
    expect((error as RefusedError).shown).toBe(false);
  });

  test('means the frame that is asked about', async () => {
    const session = await standingAt('#ADD_RETURN');
    const [, caller] = await session.stack();
    const { result } = await session.client.request('evaluate', {
      expression: 'index',
      frameId: caller?.id ?? 0,
      context: 'watch',
    });
    expect(result).toMatch(/^0\b/);
    await expect(session.evaluate('index')).rejects.toThrow();
  });
});
