import { describe, expect, test } from 'vitest';
import type { ViewName } from '../../engine/index.ts';
import { commonBuffer, commonBufferDriver, standing, standingAt } from './support/debuggee.ts';

const views: readonly ViewName[] = ['physicalMemory', 'mdls', 'dmaAdapters'];

describe('the views', () => {
  test('answer rows with ids that no two share', async () => {
    const { client } = await standingAt('#FREE');
    for (const view of views) {
      const { rows } = await client.request('dms/view', { view });
      expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
    }
  });

  test('keep the ids of what is still there after a step', async () => {
    const session = await standingAt('#LOOP');
    const ids = async () => {
      const { rows } = await session.client.request('dms/view', { view: 'physicalMemory' });
      return rows.map(({ id }) => id);
    };
    const before = await ids();
    await session.resume('next');
    expect(await ids()).toEqual(before);
  });

  test('come by pages', async () => {
    const { client } = await standingAt('#FREE');
    const { rows } = await client.request('dms/view', { view: 'physicalMemory' });
    const page = await client.request('dms/view', { view: 'physicalMemory', start: 1, count: 1 });
    expect(page.rows).toEqual(rows.slice(1, 2));
  });

  test('are told of each stop by a number that grows', async () => {
    const session = await standingAt('#FIRST');
    await session.resume('next');
    await session.resume('stepBack');
    const states = session.client.seen('dms/state');
    expect(states.map(({ stop }) => stop)).toEqual([1, 2, 3]);
    expect(states.map(({ inThePast }) => inThePast)).toEqual([false, false, true]);
    const { stop } = await session.client.request('dms/view', { view: 'mdls' });
    expect(stop).toBe(3);
  });

  test('change nothing', async () => {
    const session = await standingAt('#FREE');
    const { client } = session;
    const state = async () => [
      await client.request('dms/position', {}),
      await client.request('readMemory', {
        memoryReference: (await session.evaluate('small')).memoryReference ?? '',
        count: 256,
      }),
    ];
    const before = await state();
    for (const view of views) {
      const { rows } = await client.request('dms/view', { view });
      for (const { id, hasChildren } of rows) {
        if (hasChildren) await client.request('dms/view', { view, parent: id });
      }
    }
    expect(await state()).toEqual(before);
  });
});

test('a common buffer is listed below its adapter and leads to the call that made it', async () => {
  const session = await standing({
    program: commonBuffer,
    functions: [{ name: 'AllocateCommonBuffer' }],
  });
  const out = await session.resume('stepOut');
  await out.resume('next');
  const { client } = session;
  const { rows } = await client.request('dms/view', { view: 'dmaAdapters' });
  const [adapter] = rows;
  expect(adapter?.kind).toBe('adapter');
  expect(adapter?.site?.file).toBe(commonBufferDriver);
  const below = await client.request('dms/view', {
    view: 'dmaAdapters',
    parent: adapter?.id ?? '',
  });
  const buffer = below.rows.find(({ kind }) => kind === 'commonBuffer');
  expect(buffer).toMatchObject({ bytes: 16384 });
  expect(buffer?.site?.file).toBe(commonBufferDriver);
  await client.request('dms/goTo', { tick: buffer?.site?.tick ?? -1 });
  const stopped = await client.event('stopped');
  const { stackFrames } = await client.request('stackTrace', {
    threadId: stopped.threadId ?? 0,
  });
  expect(stackFrames.some(({ source }) => source?.path === commonBufferDriver)).toBe(true);
});
