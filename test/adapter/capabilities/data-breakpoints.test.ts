import { expect, test } from 'vitest';
import { standingAt } from '../support/debuggee.ts';

test('a variable that is written stops the program, forwards and backwards', async () => {
  const session = await standingAt('#FIRST');
  const { client } = session;
  const { scopes } = await client.request('scopes', { frameId: (await session.top()).id });
  const globals = scopes.find(({ name }) => name === 'Globals');
  const info = await client.request('dataBreakpointInfo', {
    variablesReference: globals?.variablesReference ?? 0,
    name: 'Calls',
  });
  expect(info.dataId).toBeTruthy();
  const { breakpoints } = await client.request('setDataBreakpoints', {
    breakpoints: [{ dataId: info.dataId ?? '', accessType: 'write' }],
  });
  expect(breakpoints[0]?.verified).toBe(true);
  await client.request('setBreakpoints', { source: { path: '' }, breakpoints: [] });
  const hit = await session.resume('continue');
  expect(hit.stopped.reason).toBe('data breakpoint');
  expect(hit.stopped.hitBreakpointIds).toEqual([breakpoints[0]?.id]);
  expect((await hit.stack())[0]?.name).toContain('Add');
  const again = await hit.resume('continue');
  expect(again.stopped.reason).toBe('data breakpoint');
  const back = await again.resume('reverseContinue');
  expect(back.stopped.reason).toBe('data breakpoint');
});

test('an expression that is not in memory cannot be watched and says so', async () => {
  const session = await standingAt('#FIRST');
  const info = await session.client.request('dataBreakpointInfo', {
    name: 'total + 1',
    frameId: (await session.top()).id,
  });
  expect(info.dataId).toBeNull();
  expect(info.description).toBeTruthy();
});
