import { expect, test } from 'vitest';
import {
  buffers,
  commonBuffer,
  lineOf,
  newClient,
  standing,
  standingAt,
} from '../support/debuggee.ts';

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

test('a bug check explains itself, with a link to its page', async () => {
  const driver = 'NTSTATUS DriverEntry(PDRIVER_OBJECT D, PUNICODE_STRING R)';
  const body = `{
    PVOID block = ExAllocatePoolWithTag(NonPagedPool, 64, 'kaeL');
    UNREFERENCED_PARAMETER(D); UNREFERENCED_PARAMETER(R);
    ExFreePoolWithTag(block, 'kaeL');
    ExFreePoolWithTag(block, 'kaeL');
    return STATUS_SUCCESS;
  }`;
  const text = `#include <ntddk.h>\nscenario "twice" { driver Twice { ${driver} ${body} } }\n`;
  const client = newClient({ files: { '/w/twice.dms': text } });
  await client.start({ program: '/w/twice.dms' }, () =>
    client.request('setExceptionBreakpoints', { filters: ['bugCheck'] }),
  );
  const { threadId } = await client.event('stopped');
  const info = await client.request('exceptionInfo', { threadId: threadId ?? 0 });
  expect(info.exceptionId).toBe('0xC2 BAD_POOL_CALLER');
  expect(info.description).toMatch(/second time/);
  expect(info.description).toMatch(/See https:\/\/.*bug-check-0xc2--bad-pool-caller/);
  expect(info.details?.stackTrace).toContain('twice.dms:6:');
  expect(client.console('important')).toContain('bug check 0xC2 BAD_POOL_CALLER (0x7, ');
});
