import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { buffers, lineOf, newClient, Standing, standingAt } from '../support/debuggee.ts';

describe('restart', () => {
  test('begins again with the same breakpoints, ten times over', async () => {
    const session = await standingAt('#SMALL');
    const { client } = session;
    const first = (await session.evaluate('total')).result;
    for (let round = 0; round < 10; round++) {
      await client.request('restart', {});
      const again = new Standing(client, await client.event('stopped'));
      expect(await again.line()).toBe(lineOf(buffers, '#SMALL'));
      expect((await again.evaluate('total')).result).toBe(first);
      expect(again.stopped.hitBreakpointIds).toEqual(session.stopped.hitBreakpointIds);
    }
    expect(client.seen('terminated')).toEqual([]);
  });

  test('is allowed while the scenario runs', async () => {
    const client = newClient();
    await client.start({ program: buffers, scenario: 'without end' });
    await client.request('restart', {});
    await client.request('pause', { threadId: 1 });
    expect((await client.event('stopped')).reason).toBe('pause');
  });

  test('reads the files again', async () => {
    let text = readFileSync(buffers, 'utf8');
    const client = newClient({ files: async (path) => (path === buffers ? text : undefined) });
    const session = await standingAt('#PRINT', { client });
    text = text.replace('"total %u of %u\\n"', '"new text %u %u\\n"');
    await client.request('restart', {});
    const again = new Standing(client, await client.event('stopped'));
    await client.request('continue', { threadId: again.threadId });
    await client.event('terminated');
    expect(client.console('stdout')).toContain('new text 45');
    expect(session.threadId).toBeGreaterThan(0);
  });

  test('of a file that no longer compiles succeeds, says why, and ends the session', async () => {
    let text = readFileSync(buffers, 'utf8');
    const client = newClient({ files: async (path) => (path === buffers ? text : undefined) });
    await standingAt('#PRINT', { client });
    text = text.replace('ULONG total = 0;', 'ULONG total = ;');
    await client.request('restart', {});
    await client.event('terminated');
    expect(client.console('stderr')).toContain('cannot be restarted');
  });
});
