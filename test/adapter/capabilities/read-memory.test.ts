import { describe, expect, test } from 'vitest';
import { standingAt } from '../support/debuggee.ts';

const bytesOf = (data: string | undefined) => [...Buffer.from(data ?? '', 'base64')];

describe('memory', () => {
  test('is read by the reference of a variable', async () => {
    const session = await standingAt('#SMALL');
    const item = await session.variable('Globals', 'Item');
    const body = await session.client.request('readMemory', {
      memoryReference: item.memoryReference ?? '',
      count: 4,
    });
    expect(bytesOf(body.data)).toEqual([16, 0, 0, 0]);
    expect(item.memoryReference).toContain(body.address);
  });

  test('is read by a bare address and an offset', async () => {
    const session = await standingAt('#FREE');
    const small = await session.evaluate('small');
    const address = small.memoryReference?.replace(/^.*:/, '') ?? '';
    const body = await session.client.request('readMemory', {
      memoryReference: address,
      offset: 0xfe,
      count: 2,
    });
    expect(bytesOf(body.data)).toEqual([0x41, 0x41]);
    expect(BigInt(body.address)).toBe(BigInt(address) + 0xfen);
  });

  test('is the same by the physical reference', async () => {
    const session = await standingAt('#FREE');
    const { client } = session;
    const { rows } = await client.request('dms/view', { view: 'physicalMemory' });
    const physical = rows.find(({ memoryReference }) => memoryReference?.startsWith('phys:'));
    const body = await client.request('readMemory', {
      memoryReference: physical?.memoryReference ?? '',
      count: 16,
    });
    expect(bytesOf(body.data)).toHaveLength(16);
  });

  test('that is not mapped is unreadable, not an error', async () => {
    const session = await standingAt('#SMALL');
    const body = await session.client.request('readMemory', {
      memoryReference: '0x10',
      count: 32,
    });
    expect(body).toMatchObject({ unreadableBytes: 32 });
    expect(body.data).toBeUndefined();
  });

  test('can be probed with a count of nothing', async () => {
    const session = await standingAt('#SMALL');
    const item = await session.variable('Globals', 'Item');
    const body = await session.client.request('readMemory', {
      memoryReference: item.memoryReference ?? '',
      count: 0,
    });
    expect(body.data).toBeUndefined();
  });

  test('is offered by storage and pointers, never by plain numbers', async () => {
    const session = await standingAt('#SMALL');
    expect((await session.evaluate('1 + 2')).memoryReference).toBeUndefined();
    expect((await session.evaluate('item')).memoryReference).toBeTruthy();
  });

  test('that is no address is refused', async () => {
    const session = await standingAt('#SMALL');
    await expect(
      session.client.request('readMemory', { memoryReference: 'total', count: 4 }),
    ).rejects.toThrow(/not an address/);
  });
});
