import { expect, test } from 'vitest';
import { buffers, lineOf, standing, startSession } from '../support/debuggee.ts';

test('a logpoint prints its values and does not stop', async () => {
  const { client } = await startSession({
    breakpoints: [{ mark: '#LOOP', logMessage: 'round {index}: {total}' }],
  });
  await client.event('terminated');
  expect(client.seen('stopped')).toEqual([]);
  const lines = client.console().match(/round \d+: \d+/g);
  expect(lines).toHaveLength(10);
  expect(lines?.[9]).toBe('round 9: 36');
});

test('going back prints nothing twice', async () => {
  const session = await standing({
    breakpoints: [{ mark: '#LOOP', logMessage: 'round {index}' }, { mark: '#PRINT' }],
  });
  expect(await session.line()).toBe(lineOf(buffers, '#PRINT'));
  await session.resume('reverseContinue');
  await session.resume('continue');
  expect(session.client.console().match(/round \d+/g)).toHaveLength(10);
});
