import { describe, expect, it } from 'vitest';
import { frame, physical } from '../../../engine/base/addresses.ts';
import { Store } from '../../../engine/base/store.ts';
import { firstUnwritten, PhysicalMemory } from '../../../engine/machine/physical-memory.ts';

const PATTERN = 0xc5;
const memory = (): PhysicalMemory =>
  new PhysicalMemory(new Store((_frame, bytes) => bytes.fill(PATTERN)), 0);

describe('zeroed memory', () => {
  it('reads as zero and counts as written, at no cost before the first write', () => {
    const ram = memory();
    ram.zero(frame(0), 1024 * 1024 * 1024);
    const page = ram.readPage(frame(123_456_789));
    expect(page.bytes.every((byte) => byte === 0)).toBe(true);
    expect(firstUnwritten(page.written, 0, 4096)).toBe(-1);
    expect(ram.store.pageCount).toBe(0);
  });

  it('keeps the zeroes around a write', () => {
    const ram = memory();
    ram.zero(frame(4), 2);
    ram.poke(physical(0x5004), Uint8Array.of(1, 2, 3));
    expect([...ram.peek(physical(0x5002), 8)]).toEqual([0, 0, 1, 2, 3, 0, 0, 0]);
    expect(ram.store.pageCount).toBe(1);
  });

  it('makes a page that was fetched for reading stale when it is written', () => {
    const ram = memory();
    ram.zero(frame(4), 1);
    ram.readPage(frame(4));
    const stale: number[] = [];
    ram.store.addReader((number) => stale.push(number));
    ram.writePage(frame(4));
    expect(stale).toEqual([4]);
  });

  it('is forgotten when the frames are discarded, and only there', () => {
    const ram = memory();
    ram.zero(frame(10), 10);
    ram.poke(physical(12 * 4096), Uint8Array.of(7));
    ram.discard(frame(12), 3);
    expect(ram.peek(physical(12 * 4096), 1)[0]).toBe(PATTERN);
    expect(ram.peek(physical(14 * 4096), 1)[0]).toBe(PATTERN);
    expect(ram.peek(physical(11 * 4096), 1)[0]).toBe(0);
    expect(ram.peek(physical(15 * 4096), 1)[0]).toBe(0);
    const fresh = ram.readPage(frame(13));
    expect(firstUnwritten(fresh.written, 0, 1)).toBe(0);
  });

  it('takes the place of what was written before, and comes back with a snapshot', () => {
    const ram = memory();
    ram.poke(physical(0x4000), Uint8Array.of(9));
    const before = ram.store.snapshot();
    ram.zero(frame(4), 1);
    expect(ram.peek(physical(0x4000), 1)[0]).toBe(0);
    ram.store.restore(before);
    expect(ram.peek(physical(0x4000), 1)[0]).toBe(9);
  });
});
