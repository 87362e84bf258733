import { describe, expect, it } from 'vitest';
import { Rig } from './support.ts';

const K = 1024;
const ANY = -1; // MAXULONG64

const allocate = (rig: Rig, bytes: number, lowest = 0, highest = ANY, boundary = 0, cache = 1) =>
  rig.number('MmAllocateContiguousMemorySpecifyCache', bytes, lowest, highest, boundary, cache);

const physicalOf = (rig: Rig, address: number): number =>
  rig.number('MmGetPhysicalAddress', address);

describe('a contiguous block', () => {
  it('is physically contiguous, page aligned and within the bounds', () => {
    const rig = new Rig();
    const address = allocate(rig, 5 * 4096, 0x20_0000, 0x2f_ffff);
    expect(address & 0xfff).toBe(0);
    const first = physicalOf(rig, address);
    expect(first).toBeGreaterThanOrEqual(0x20_0000);
    expect(first + 5 * 4096 - 1).toBeLessThanOrEqual(0x2f_ffff);
    for (let page = 1; page < 5; page++) {
      expect(physicalOf(rig, address + page * 4096)).toBe(first + page * 4096);
    }
  });

  it('is not zeroed: reading it before writing is noticed', () => {
    const rig = new Rig();
    const address = allocate(rig, 4096);
    rig.driver.read64(address, '*Buffer');
    expect(rig.violations).toEqual([{ rule: 'uninitialized_memory', message: '*Buffer' }]);
    rig.driver.write64(address + 8, 1);
    expect(rig.driver.read64(address + 8)).toBe(1);
    expect(rig.violations).toHaveLength(1);
  });

  it('comes back whole when freed, and its address then faults', () => {
    const rig = new Rig();
    const before = rig.free;
    const address = allocate(rig, 64 * K);
    expect(rig.free).toBe(before - 16);
    rig.call('MmFreeContiguousMemorySpecifyCache', address, 64 * K, 1);
    expect(rig.free).toBe(before);
    expect(() => rig.driver.read64(address)).toThrow('read');
    expect(rig.violations).toEqual([]);
  });

  it('has the caching behaviour that was asked for', () => {
    const rig = new Rig();
    const address = allocate(rig, 4096, 0, ANY, 0, 2);
    expect(rig.host.system.find(address)?.cache).toBe('writeCombined');
  });

  it('is recorded with its call, and named by any address inside', () => {
    const rig = new Rig();
    rig.line = 12;
    const address = allocate(rig, 100);
    expect([...rig.ledger.live()]).toMatchObject([
      { kind: 'contiguous memory', bytes: 100, module: 'Proxy', site: { line: 12 } },
    ]);
    expect(rig.memory.describeAddress(0, address + 50)).toBe(
      '100 bytes of contiguous memory, allocated by Proxy at proxy.c:12',
    );
    rig.line = 30;
    rig.call('MmFreeContiguousMemory', address);
    expect(rig.memory.describeAddress(0, address + 50)).toBe(
      '100 bytes of contiguous memory, allocated by Proxy at proxy.c:12, freed at proxy.c:30',
    );
    expect([...rig.ledger.live()]).toEqual([]);
  });
});

describe('a request that cannot be served', () => {
  it('returns NULL and explains itself with the figures of the search', () => {
    const rig = new Rig({
      freeMemory: {
        kind: 'exact',
        ranges: [
          { start: 0x1f4_1000, end: 0x1f4_8000 },
          { start: 0x5_0000, end: 0x5_3000 },
        ],
      },
    });
    expect(allocate(rig, 64 * K, 0, 0xffff_ffff)).toBe(0);
    expect(rig.explanations).toEqual([
      'MmAllocateContiguousMemorySpecifyCache returns NULL: 16 contiguous pages at or below 0xFFFFFFFF ' +
        'were asked for; the longest free run there is 7 pages, at 0x1F41000.',
    ]);
  });

  it.each([
    ['the boundary is no power of two', 4096, 0x3000, 'not a power of two'],
    ['the boundary is smaller than a page', 4096, 0x800, 'not a multiple of the page size'],
    ['the block is larger than the boundary', 0x1_1000, 0x1_0000, 'cannot avoid the multiples'],
  ])('returns NULL when %s', (_name, bytes, boundary, reason) => {
    const rig = new Rig();
    expect(allocate(rig, bytes, 0, ANY, boundary)).toBe(0);
    expect(rig.explanations[0]).toContain(reason);
  });

  it('fails when the scenario injects a fault, and holds nothing', () => {
    const rig = new Rig();
    const before = rig.free;
    rig.failing.add('allocation');
    expect(allocate(rig, 4096)).toBe(0);
    expect(rig.free).toBe(before);
    expect(rig.explanations[0]).toContain('injects a fault');
  });

  it('is 0 bytes long', () => {
    const rig = new Rig();
    expect(allocate(rig, 0)).toBe(0);
    expect(rig.rules).toEqual(['zero_bytes']);
  });
});

describe('nolowmem', () => {
  it('gives low memory to those who ask for it, and keeps pool out of it', () => {
    const G = 1024 ** 3;
    const rig = new Rig({
      memory: [
        { start: 0, end: 640 * K },
        { start: 1024 * K, end: 3 * G },
        { start: 4 * G, end: 20 * G },
      ],
      nolowmem: true,
      freeMemory: { kind: 'fragmented', percent: 40, runs: 4096, seed: 7 },
    });
    expect(physicalOf(rig, allocate(rig, 64 * K, 0, 0xffff_ffff))).toBeLessThan(4 * G);
    expect(physicalOf(rig, allocate(rig, 64 * K))).toBeGreaterThanOrEqual(4 * G);
    const pool = rig.number('ExAllocatePoolWithTag', 0, 4096, 0x776f_4c4e);
    expect(physicalOf(rig, pool)).toBeGreaterThanOrEqual(4 * G);
  });
});

describe('a NUMA node', () => {
  it('is the only source when it is preferred', () => {
    const rig = new Rig({ nodes: 2 });
    const routine = 'MmAllocateContiguousNodeMemory';
    const address = rig.number(routine, 4096, 0, ANY, 0, 0x04, 0);
    expect(rig.memory.frames.nodeOf(physicalOf(rig, address) / 4096)).toBe(0);
    expect(rig.host.system.find(address)?.protection).toBe('readWrite');
    expect(rig.number(routine, 40 * 1024 * K, 0, ANY, 0, 0x04, 0)).toBe(0);
    expect(rig.explanations[0]).toContain('on node 0');
  });

  it('takes exactly one protection and at most one caching behaviour', () => {
    const rig = new Rig();
    const routine = 'MmAllocateContiguousNodeMemory';
    expect(rig.number(routine, 4096, 0, ANY, 0, 0x44, 0x8000_0000)).toBe(0);
    expect(rig.number(routine, 4096, 0, ANY, 0, 0x604, 0x8000_0000)).toBe(0);
    const address = rig.number(routine, 4096, 0, ANY, 0, 0x204, 0x8000_0000);
    expect(rig.host.system.find(address)?.cache).toBe('nonCached');
  });
});

describe('freeing', () => {
  it('stops the host with 0xC2/60 for anything but the start of a live block', () => {
    const rig = new Rig();
    const address = allocate(rig, 3 * 4096);
    const inside = rig.bugCheck('MmFreeContiguousMemory', address + 4096);
    expect([inside.code, ...inside.parameters]).toEqual([0xc2, 0x60, address + 4096, 0, 0]);
    rig.call('MmFreeContiguousMemory', address);
    const twice = rig.bugCheck('MmFreeContiguousMemory', address);
    expect([twice.code, twice.parameters[0]]).toEqual([0xc2, 0x60]);
    expect(twice.explanation).toContain('freed already');
  });

  it('notices another size or cache type', () => {
    const rig = new Rig();
    rig.call('MmFreeContiguousMemorySpecifyCache', allocate(rig, 64 * K), 32 * K, 1);
    rig.call('MmFreeContiguousMemorySpecifyCache', allocate(rig, 64 * K), 64 * K, 0);
    expect(rig.rules).toEqual(['free_mismatch', 'free_mismatch']);
  });

  it('notices writes behind the end, in the rest of the last page', () => {
    const rig = new Rig();
    const address = allocate(rig, 100);
    rig.driver.write(address + 99, 1, 1);
    rig.call('MmFreeContiguousMemory', address);
    expect(rig.rules).toEqual([]);
    const other = allocate(rig, 100);
    rig.driver.write(other + 107, 1, 1);
    rig.call('MmFreeContiguousMemory', other);
    expect(rig.violations).toMatchObject([{ rule: 'contiguous_overrun' }]);
    expect(rig.violations[0]?.message).toContain('8 bytes');
  });
});

describe('the rules of Driver Verifier', () => {
  it('report explicit requests below 4 GB only with the option of their own', () => {
    const rig = new Rig();
    rig.verifierFlags = 0x209bb;
    expect(allocate(rig, 4096, 0, 0xffff_ffff)).not.toBe(0);
    rig.lowMemoryRequests = true;
    const check = rig.bugCheck(
      'MmAllocateContiguousMemorySpecifyCache',
      8192,
      0,
      0xffff_ffff,
      0,
      1,
    );
    expect([check.code, ...check.parameters]).toEqual([0xc4, 0x141, 0xffff_ffff, 8192, 0]);
  });

  it('report a call above DISPATCH_LEVEL; without them it is a violation', () => {
    const rig = new Rig();
    rig.host.irql = 5;
    allocate(rig, 4096);
    expect(rig.rules).toEqual(['wrong_irql']);
    rig.verifierFlags = 0x209bb;
    expect(rig.bugCheck('MmFreeContiguousMemory', 0).parameters[0]).toBe(0x2001a);
  });
});

describe('noncached memory', () => {
  it('is not contiguous, not cached, and its size must match at the end', () => {
    const rig = new Rig();
    const before = rig.free;
    const address = rig.number('MmAllocateNonCachedMemory', 8192);
    expect(rig.host.system.find(address)?.cache).toBe('nonCached');
    expect(physicalOf(rig, address + 4096)).not.toBe(physicalOf(rig, address) + 4096);
    rig.call('MmFreeNonCachedMemory', address, 4096);
    expect(rig.rules).toEqual(['free_mismatch']);
    expect(rig.free).toBe(before);
  });
});

describe('physical memory as a driver sees it', () => {
  it('lists the ranges with their byte counts and an entry of zeroes', () => {
    const rig = new Rig();
    const array = rig.number('MmGetPhysicalMemoryRanges');
    const entry = (index: number) => [
      rig.driver.read64(array + index * 16),
      rig.driver.read64(array + index * 16 + 8),
    ];
    expect([entry(0), entry(1), entry(2)]).toEqual([
      [0, 640 * K],
      [1024 * K, 63 * 1024 * K],
      [0, 0],
    ]);
    rig.call('ExFreePool', array);
    expect([...rig.ledger.live()]).toEqual([]);
  });

  it('has no physical address for an unmapped one, and says so', () => {
    const rig = new Rig();
    expect(rig.number('MmGetPhysicalAddress', -0x1000_0000_0000)).toBe(0);
    expect(rig.number('MmIsAddressValid', -0x1000_0000_0000)).toBe(0);
    expect(rig.number('MmIsAddressValid', allocate(rig, 1))).toBe(1);
    expect(rig.explanations[0]).toContain('nothing is mapped');
  });

  it('maps registers outside of memory, keeping the offset', () => {
    const rig = new Rig();
    const registers = rig.number('MmMapIoSpace', 0xfebf_0010, 0x100, 0);
    expect(registers & 0xfff).toBe(0x10);
    expect(rig.number('MmGetPhysicalAddress', registers)).toBe(0xfebf_0010);
    rig.call('MmUnmapIoSpace', registers, 0x100);
    const again = rig.bugCheck('MmUnmapIoSpace', registers, 0x100);
    expect([again.code, ...again.parameters]).toEqual([0xda, 0x400, registers, 1, 0]);
    expect(rig.violations).toEqual([]);
  });

  it('notices a mapping of memory that nobody locked', () => {
    const rig = new Rig();
    rig.call('MmMapIoSpace', 0x200_0000, 4096, 1);
    expect(rig.rules).toEqual(['io_space_of_memory']);
    rig.verifierFlags = 0x209bb;
    const check = rig.bugCheck('MmMapIoSpace', 0x200_0000, 4096, 1);
    expect([check.code, ...check.parameters]).toEqual([0xc4, 0x83, 0x200_0000, 4096, 0x2000]);
  });

  it('notices a second mapping with another caching behaviour', () => {
    const rig = new Rig();
    const address = allocate(rig, 4096);
    rig.call('MmMapIoSpace', physicalOf(rig, address), 4096, 0);
    expect(rig.rules).toEqual(['cache_conflict']);
  });
});
