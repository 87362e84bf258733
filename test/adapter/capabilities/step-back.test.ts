import { describe, expect, test } from 'vitest';
import {
  buffers,
  commonBuffer,
  commonBufferDriver,
  lineOf,
  lineWith,
  standing,
  standingAt,
} from '../support/debuggee.ts';

describe('backwards', () => {
  test('a step goes over the call before, and memory goes with it', async () => {
    const session = await standingAt('#SMALL');
    expect((await session.evaluate('total')).result).toMatch(/^45\b/);
    let back = session;
    while ((await back.line()) !== lineOf(buffers, '#LOOP')) back = await back.resume('stepBack');
    expect((await back.evaluate('total')).result).toMatch(/^36\b/);
    expect((await back.stack())[0]?.name).toContain('DriverEntry');
  });

  test('a step is the inverse of a step', async () => {
    const session = await standingAt('#FIRST');
    const line = await session.line();
    const forth = await session.resume('next');
    expect(await forth.line()).not.toBe(line);
    const back = await forth.resume('stepBack');
    expect(await back.line()).toBe(line);
    expect(back.stopped.description).toContain('in the past');
  });

  test('continuing stops at the breakpoint that was last passed', async () => {
    const session = await standing({
      breakpoints: [{ mark: '#PRINT' }, { mark: '#ADD_RETURN' }],
    });
    let at = session;
    while ((await at.line()) !== lineOf(buffers, '#PRINT')) at = await at.resume('continue');
    const back = await at.resume('reverseContinue');
    expect(await back.line()).toBe(lineOf(buffers, '#ADD_RETURN'));
    expect((await back.evaluate('right')).result).toMatch(/^9\b/);
  });

  test('continuing without a breakpoint ends at the beginning and says so', async () => {
    const session = await standingAt('#PRINT');
    const back = await session.resume('reverseContinue');
    expect(back.stopped.reason).toBe('entry');
    const forth = await back.resume('continue');
    expect(await forth.line()).toBe(lineOf(buffers, '#PRINT'));
  });

  test('kernel objects go too: before the call there is no common buffer', async () => {
    const session = await standing({
      program: commonBuffer,
      functions: [{ name: 'AllocateCommonBuffer' }],
    });
    const { client } = session;
    const out = await session.resume('stepOut');
    const after = await out.resume('next');
    const count = async () => {
      const { rows } = await client.request('dms/view', { view: 'dmaAdapters' });
      const below = await Promise.all(
        rows.map(({ id }) => client.request('dms/view', { view: 'dmaAdapters', parent: id })),
      );
      return below.flatMap((answer) => answer.rows).filter(({ kind }) => kind === 'commonBuffer')
        .length;
    };
    expect(await count()).toBe(1);
    let back = after;
    const call = lineWith(commonBufferDriver, 'if (Adapter == NULL)');
    while ((await back.line()) > call) back = await back.resume('stepBack');
    expect(await count()).toBe(0);
  });
});
