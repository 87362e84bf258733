import { describe, expect, test } from 'vitest';
import { buffers, lineOf, newClient, Standing, standing, standingAt } from './support/debuggee.ts';

describe('a step', () => {
  test('over a call ends on the next line', async () => {
    const session = await standingAt('#SMALL');
    const next = await session.resume('next');
    expect(await next.line()).toBe(lineOf(buffers, '#LARGE'));
    expect(next.stopped).toMatchObject({ reason: 'step', allThreadsStopped: true });
  });

  test('into a call ends in it, and out of it ends at the call', async () => {
    const session = await standingAt('#LOOP');
    const inside = await session.resume('stepIn');
    const [top, caller] = await inside.stack();
    expect(top?.name).toContain('Add');
    expect(caller?.line).toBe(lineOf(buffers, '#LOOP'));
    const outside = await inside.resume('stepOut');
    expect((await outside.top()).name).toContain('DriverEntry');
  });

  test('over a breakpoint stops there', async () => {
    const session = await standing({ breakpoints: [{ mark: '#LOOP' }, { mark: '#ADD_RETURN' }] });
    const hit = await session.resume('next');
    expect(hit.stopped.reason).toBe('breakpoint');
    expect(await hit.line()).toBe(lineOf(buffers, '#ADD_RETURN'));
  });

  test('back into a call ends in it', async () => {
    const session = await standingAt('#SMALL');
    const { client, threadId } = session;
    await client.request('dms/stepBackIn', { threadId });
    let stop = await client.event('stopped');
    for (let tries = 0; tries < 5; tries++) {
      const { stackFrames } = await client.request('stackTrace', { threadId, levels: 1 });
      if (stackFrames[0]?.name.includes('Add')) break;
      await client.request('dms/stepBackIn', { threadId });
      stop = await client.event('stopped');
    }
    const { stackFrames } = await client.request('stackTrace', { threadId });
    expect(stackFrames[0]?.name).toContain('Add');
    expect(stop.reason).toBe('step');
    await client.request('dms/stepBackOut', { threadId });
    await client.event('stopped');
    const after = await client.request('stackTrace', { threadId });
    expect(after.stackFrames[0]?.name).toContain('DriverEntry');
  });
});

describe('a breakpoint', () => {
  test('on a line stops there and is named as the one that was hit', async () => {
    const session = await standingAt('#SMALL');
    expect(session.stopped.reason).toBe('breakpoint');
    expect(session.stopped.hitBreakpointIds).toHaveLength(1);
    expect(await session.line()).toBe(lineOf(buffers, '#SMALL'));
  });

  test('set while the scenario stands counts from then on', async () => {
    const session = await standingAt('#FIRST');
    const { breakpoints } = await session.client.request('setBreakpoints', {
      source: { path: buffers },
      breakpoints: [{ line: lineOf(buffers, '#PRINT') }],
    });
    expect(breakpoints[0]?.verified).toBe(true);
    const next = await session.resume('continue');
    expect(await next.line()).toBe(lineOf(buffers, '#PRINT'));
  });

  test('keeps its id when others change, and a new one never gets an old id', async () => {
    const session = await standingAt('#FIRST');
    const set = async (...marks: string[]) => {
      const { breakpoints } = await session.client.request('setBreakpoints', {
        source: { path: buffers },
        breakpoints: marks.map((mark) => ({ line: lineOf(buffers, mark) })),
      });
      return breakpoints.map(({ id }) => id);
    };
    const [first, print] = await set('#FIRST', '#PRINT');
    const [, end] = await set('#PRINT', '#END');
    expect(await set('#PRINT')).toEqual([print]);
    const [again] = await set('#FIRST');
    expect(new Set([first, print, end, again]).size).toBe(4);
  });

  test('in a file that the scenario does not use is not verified and says so', async () => {
    const session = await standingAt('#FIRST');
    const { breakpoints } = await session.client.request('setBreakpoints', {
      source: { path: '/somewhere/else.c' },
      breakpoints: [{ line: 1 }],
    });
    expect(breakpoints[0]).toMatchObject({
      verified: false,
      message: expect.stringContaining('does not use this file'),
    });
  });

  test('in a file that was changed since is not verified until a restart', async () => {
    const session = await standingAt('#FIRST');
    const { client } = session;
    const set = (sourceModified: boolean) =>
      client.request('setBreakpoints', {
        source: { path: buffers },
        breakpoints: [{ line: lineOf(buffers, '#PRINT') }],
        sourceModified,
      });
    const { breakpoints } = await set(true);
    expect(breakpoints[0]).toMatchObject({
      verified: false,
      message: expect.stringContaining('changed since'),
    });
    expect((await set(false)).breakpoints[0]?.verified).toBe(false);
    await client.request('restart', {});
    const event = await client.event('breakpoint', ({ breakpoint }) => breakpoint.verified);
    expect(event.breakpoint.id).toBe(breakpoints[0]?.id);
    const again = new Standing(client, await client.event('stopped'));
    expect(await again.line()).toBe(lineOf(buffers, '#PRINT'));
  });

  test('on a line without a statement moves to one or says that there is none', async () => {
    const session = await standingAt('#FIRST');
    const comment = lineOf(buffers, '#PRINT') + 2;
    const { breakpoints } = await session.client.request('setBreakpoints', {
      source: { path: buffers },
      breakpoints: [{ line: 1 }, { line: comment }],
    });
    for (const { verified, message, line } of breakpoints) {
      expect(verified ? line : message).toBeTruthy();
    }
  });
});

describe('pause', () => {
  test('stops an endless loop within a slice or two', async () => {
    const client = newClient();
    await client.start({ program: buffers, scenario: 'without end', maxStatements: 2e9 });
    await new Promise((done) => setTimeout(done, 200));
    expect(client.slices).toBeGreaterThan(2);
    const before = client.slices;
    await client.request('pause', { threadId: 1 });
    const stopped = await client.event('stopped');
    // A slice lasts 10 ms, so this many keep the promise of 50 ms.
    expect(client.slices - before).toBeLessThan(4);
    expect(stopped.reason).toBe('pause');
    const { stackFrames } = await client.request('stackTrace', { threadId: stopped.threadId ?? 0 });
    expect(stackFrames[0]?.line).toBeGreaterThanOrEqual(lineOf(buffers, '#ENDLESS') - 1);
  });

  test('leaves requests answered while the scenario runs', async () => {
    const client = newClient();
    await client.start({ program: buffers, scenario: 'without end', maxStatements: 2e9 });
    expect((await client.request('threads', {})).threads.length).toBeGreaterThan(0);
    await expect(client.request('stackTrace', { threadId: 1 })).rejects.toThrow(/running/);
    await expect(client.request('next', { threadId: 1 })).rejects.toThrow(/not stopped/);
  });
});

test('a moment can be gone to', async () => {
  const session = await standingAt('#PRINT');
  const { client } = session;
  const before = await client.request('dms/position', {});
  expect(before).toMatchObject({ inThePast: false });
  const { rows } = await client.request('dms/view', { view: 'physicalMemory' });
  expect(rows.length).toBeGreaterThan(0);
  await client.request('dms/goTo', { tick: Math.floor(before.tick / 2) });
  const stopped = await client.event('stopped');
  expect(stopped.reason).toBe('goto');
  const after = await client.request('dms/position', {});
  expect(after).toMatchObject({ inThePast: true, frontier: before.frontier });
  expect(after.tick).toBeLessThanOrEqual(before.tick / 2);
});
