import { expect, test } from 'vitest';
import { standingAt } from '../support/debuggee.ts';

test('bytes at an address can be watched, by virtual reference', async () => {
  const session = await standingAt('#FIRST');
  const { client } = session;
  const address = (await session.evaluate('&Calls')).memoryReference;
  const info = await client.request('dataBreakpointInfo', {
    name: address ?? '',
    asAddress: true,
    bytes: 4,
  });
  expect(info.description).toContain('4 bytes');
  await client.request('setDataBreakpoints', {
    breakpoints: [{ dataId: info.dataId ?? '', accessType: 'write' }],
  });
  const hit = await session.resume('continue');
  expect(hit.stopped.reason).toBe('data breakpoint');
});
