import { expect, test } from 'vitest';
import { buffers, commonBuffer, lineOf, standing, standingAt } from '../support/debuggee.ts';

test('a failed assertion stops where it stands and shows what was asserted', async () => {
  const session = await standing({
    launch: { scenario: 'a failed assertion' },
    filters: [{ filterId: 'assertion' }],
  });
  expect(session.stopped.reason).toBe('exception');
  const frames = await session.stack();
  expect(frames.map(({ line }) => line)).toContain(lineOf(buffers, '#ASSERT'));
  const info = await session.client.request('exceptionInfo', { threadId: session.threadId });
  expect(info.exceptionId).toContain('ASSERTION');
  expect(info.description).toContain('pages == 4');
  expect(info.breakMode).toBe('always');
});

test('a violation names its rule and explains itself', async () => {
  const session = await standing({
    program: commonBuffer,
    launch: { scenario: 'the same driver forgets to zero the DEVICE_DESCRIPTION' },
    filters: [{ filterId: 'violation' }],
  });
  const info = await session.client.request('exceptionInfo', { threadId: session.threadId });
  expect(info.exceptionId).toBe('uninitialized_memory');
  expect(info.description).toContain('description');
});

test('a stop that is no failure has no exception', async () => {
  const session = await standingAt('#FIRST');
  await expect(
    session.client.request('exceptionInfo', { threadId: session.threadId }),
  ).rejects.toThrow(/did not stop by a failure/);
});
