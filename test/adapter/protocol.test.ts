import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import { describe, expect, test } from 'vitest';
import { RefusedError } from './support/client.ts';
import { buffers, newClient, standingAt, startSession } from './support/debuggee.ts';

describe('every request', () => {
  test('that is unknown is answered, and the session lives on', async () => {
    const client = newClient();
    await client.initialize();
    const error = await client.send('nonsense', {}).body.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RefusedError);
    expect((error as RefusedError).message).toContain('"nonsense"');
    expect(await client.request('threads', {})).toEqual({ threads: [] });
  });

  test('before a launch is answered', async () => {
    const client = newClient();
    await client.initialize();
    await expect(client.request('continue', { threadId: 1 })).rejects.toThrow(/not stopped/);
    await expect(client.request('scopes', { frameId: 1 })).rejects.toThrow(/No scenario/);
    await expect(
      client.request('readMemory', { memoryReference: '0x1000', count: 1 }),
    ).rejects.toThrow(/No scenario/);
    const { breakpoints } = await client.request('setBreakpoints', {
      source: { path: '/a.dms' },
      breakpoints: [{ line: 3 }],
    });
    expect(breakpoints[0]).toMatchObject({ verified: false, reason: 'pending' });
  });

  test('has one response, which comes before the stop that it causes', async () => {
    const session = await standingAt('#FIRST');
    await session.resume('next');
    await session.resume('stepBack');
    const { traffic } = session.client;
    const requests = traffic.filter(({ type }) => type === 'request');
    const responses = traffic.filter(({ type }) => type === 'response') as Dap.Response[];
    expect(responses.map(({ request_seq }) => request_seq).sort((a, b) => a - b)).toEqual(
      requests.map(({ seq }) => seq),
    );
    for (const command of ['next', 'stepBack']) {
      const answered = traffic.findIndex(
        (message) => message.type === 'response' && (message as Dap.Response).command === command,
      );
      const next = traffic
        .slice(0, answered)
        .findLastIndex((message) => (message as Dap.Event).event === 'stopped');
      const asked = traffic.findIndex(
        (message) => message.type === 'request' && (message as Dap.Request).command === command,
      );
      expect(next).toBeLessThan(asked);
    }
  });

  test('carries numbers that grow by one', async () => {
    const { client } = await startSession({});
    await client.event('terminated');
    const sent = client.traffic.filter(({ type }) => type !== 'request');
    expect(sent.map(({ seq }) => seq)).toEqual(sent.map((_, index) => index + 1));
  });
});

test('steps that a client sends without waiting are all answered', async () => {
  const session = await standingAt('#FIRST');
  const { client, threadId } = session;
  const steps = Array.from({ length: 100 }, (_, index) =>
    client
      // Those that arrive while another one runs are refused: more go back than forwards, so that none comes to the end.
      .request(index % 4 === 0 ? 'next' : 'stepBack', { threadId })
      .then(() => 'done')
      .catch(() => 'refused'),
  );
  expect(await Promise.all(steps)).toHaveLength(100);
  // Still alive, and it can be stopped and looked at.
  await client.request('pause', { threadId });
  expect((await client.request('threads', {})).threads.length).toBeGreaterThan(0);
});

test('a client that counts lines from 0 gets them from 0', async () => {
  const other = await standingAt('#ADD');
  const { line, column } = await other.top();
  const client = newClient({ initialize: { linesStartAt1: false, columnsStartAt1: false } });
  await client.start({ program: buffers }, () =>
    client.request('setFunctionBreakpoints', { breakpoints: [{ name: 'Add' }] }),
  );
  const { threadId } = await client.event('stopped');
  const { stackFrames } = await client.request('stackTrace', { threadId: threadId ?? 0 });
  expect(stackFrames[0]).toMatchObject({ line: line - 1, column: column - 1 });
});
