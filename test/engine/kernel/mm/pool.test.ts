import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Rig } from './support.ts';

const NonPagedPool = 0;
const PagedPool = 1;
const NonPagedPoolNx = 512;
/** 'woLN' in source: bytes N L o w in memory. */
const TAG = 0x776f_4c4e;
const STANDARD = 0x209bb;

const allocate = (rig: Rig, bytes: number, type = NonPagedPoolNx): number =>
  rig.number('ExAllocatePoolWithTag', type, bytes, TAG);

/** A verified driver without special pool. */
const ORDINARY = STANDARD & ~1;

describe('where a block lies', () => {
  it('is page aligned from a page on, and never crosses a page below', () => {
    const rig = new Rig();
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20_000 }), (bytes) => {
        const address = allocate(rig, bytes);
        expect(address & 0xf).toBe(0);
        if (bytes >= 4096) expect(address & 0xfff).toBe(0);
        else expect((address & 0xfff) + bytes).toBeLessThanOrEqual(4096);
      }),
      { numRuns: 200 },
    );
  });

  it('has a header of 16 bytes with its tag before it', () => {
    const rig = new Rig();
    const address = allocate(rig, 40);
    expect(rig.driver.readUnsigned(address - 12, 4)).toBe(TAG);
    // Block size in units of 16 bytes: 40 bytes and the header.
    expect(rig.driver.readUnsigned(address - 14, 1)).toBe(4);
  });

  it('is scattered over frames when it is longer than a page', () => {
    const rig = new Rig();
    const address = allocate(rig, 8192);
    const [first, second] = [0, 4096].map((offset) =>
      rig.number('MmGetPhysicalAddress', address + offset),
    );
    expect(second).not.toBe((first ?? 0) + 4096);
  });

  it('never overlaps another live block, and all memory comes back', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ bytes: fc.integer({ min: 1, max: 9000 }), free: fc.nat() }), {
          minLength: 1,
          maxLength: 60,
        }),
        (steps) => {
          const rig = new Rig();
          const live: { address: number; bytes: number }[] = [];
          for (const step of steps) {
            const address = allocate(rig, step.bytes);
            for (const other of live) {
              expect(
                address + step.bytes <= other.address || other.address + other.bytes <= address,
              ).toBe(true);
            }
            live.push({ address, bytes: step.bytes });
            rig.driver.fill(address, step.bytes, 0xab);
            if (step.free % 3 === 0) {
              const [gone] = live.splice(step.free % live.length, 1);
              if (gone !== undefined) rig.call('ExFreePool', gone.address);
            }
          }
          for (const each of live) rig.call('ExFreePoolWithTag', each.address, TAG);
          expect(rig.violations).toEqual([]);
          expect([...rig.ledger.live()]).toEqual([]);
          // One page of each kind is kept for the next request.
          expect(new Rig().free - rig.free).toBeLessThanOrEqual(1);
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('what a block holds', () => {
  it('was never written, also when its place was used before', () => {
    const rig = new Rig();
    const address = allocate(rig, 48);
    rig.driver.fill(address, 48, 1);
    rig.call('ExFreePool', address);
    expect(allocate(rig, 48)).toBe(address);
    rig.driver.read64(address);
    expect(rig.rules).toEqual(['uninitialized_memory']);
  });

  it('is zero from ExAllocatePool2, unless it is to be uninitialized', () => {
    const rig = new Rig();
    const zeroed = rig.number('ExAllocatePool2', 0x40, 48, TAG);
    expect(rig.driver.read64(zeroed + 40)).toBe(0);
    expect(rig.rules).toEqual([]);
    const raw = rig.number('ExAllocatePool2', 0x42, 48, TAG);
    rig.driver.read64(raw);
    expect(rig.rules).toEqual(['uninitialized_memory']);
  });

  it('reads as never written after the free, and the report can name the block', () => {
    const rig = new Rig();
    rig.line = 12;
    const address = allocate(rig, 48);
    rig.driver.fill(address, 48, 7);
    rig.line = 30;
    rig.call('ExFreePool', address);
    rig.driver.read64(address + 8);
    expect(rig.rules).toEqual(['uninitialized_memory']);
    expect(rig.memory.describeAddress(0, address + 8)).toBe(
      "byte 8 of 48 bytes of nonpaged pool 'NLow', allocated by Proxy at proxy.c:12, freed at proxy.c:30",
    );
  });
});

describe('memory that nobody owns', () => {
  it.each([
    ['the block itself', 0],
    ['its end', 47],
  ])('that is written after the free is found by the next block there: %s', (_name, offset) => {
    const rig = new Rig();
    rig.line = 12;
    const address = allocate(rig, 48);
    rig.line = 30;
    rig.call('ExFreePool', address);
    rig.driver.write(address + offset, 1, 1);
    expect(rig.violations).toEqual([]);
    expect(allocate(rig, 48)).toBe(address);
    expect(rig.rules).toEqual(['pool_used_after_free']);
    expect(rig.violations[0]?.message).toContain(
      'allocated by Proxy at proxy.c:12, freed at proxy.c:30',
    );
    expect(allocate(rig, 48)).not.toBe(address);
    expect(rig.violations).toHaveLength(1);
  });

  it('keeps nothing of the headers that were joined', () => {
    const rig = new Rig();
    const blocks = Array.from({ length: 6 }, () => allocate(rig, 48));
    for (const address of [1, 3, 2, 0, 5, 4]) rig.call('ExFreePool', blocks[address] ?? 0);
    allocate(rig, 800);
    expect(rig.violations).toEqual([]);
  });
});

describe('parameters of ExAllocatePool2', () => {
  it.each([
    ['a tag of 0', 0x40, 0, 'tag'],
    ['no pool', 0x2, TAG, 'name no pool'],
    ['two pools', 0x140, TAG, 'or several'],
    ['an unknown required flag', 0x240, TAG, '0x200'],
  ])('answers NULL to %s', (_name, flags, tag, reason) => {
    const rig = new Rig();
    expect(rig.number('ExAllocatePool2', flags, 48, tag)).toBe(0);
    expect(rig.explanations[0]).toContain(reason);
  });

  it('ignores an unknown optional flag', () => {
    expect(new Rig().number('ExAllocatePool2', 0x8000_0000_0040, 48, TAG)).not.toBe(0);
  });
});

describe('a request that fails', () => {
  const small = {
    freeMemory: { kind: 'exact', ranges: [{ start: 0x20_0000, end: 0x20_2000 }] },
  } as const;

  it('returns NULL with the figures', () => {
    const rig = new Rig(small);
    expect(allocate(rig, 3 * 4096)).toBe(0);
    expect(rig.explanations[0]).toBe(
      "ExAllocatePoolWithTag returns NULL: no room for 12288 bytes of nonpaged pool 'NLow': " +
        '3 pages were asked for; 2 pages are free there.',
    );
  });

  it('raises STATUS_INSUFFICIENT_RESOURCES where that was asked for', () => {
    const rig = new Rig(small);
    const raised = rig.exception('ExAllocatePoolWithTag', NonPagedPool | 16, 3 * 4096, TAG);
    expect(raised.code).toBe(0xc000_009a);
    expect(rig.exception('ExAllocatePoolWithQuotaTag', 0, 3 * 4096, TAG).code).toBe(0xc000_009a);
    expect(rig.number('ExAllocatePoolWithQuotaTag', 8, 3 * 4096, TAG)).toBe(0);
    expect(rig.exception('ExAllocatePool2', 0x60, 3 * 4096, TAG).code).toBe(0xc000_009a);
  });

  it('fails by injection', () => {
    const rig = new Rig();
    rig.failing.add('ExAllocatePoolWithTag');
    expect(allocate(rig, 48)).toBe(0);
    expect([...rig.ledger.live()]).toEqual([]);
  });
});

describe('misuse without the verifier', () => {
  it.each([
    ['0 bytes', [NonPagedPool, 0, TAG], [0xc2, 0x00, 0, NonPagedPool, TAG]],
    ['must-succeed pool', [2, 48, TAG], [0xc2, 0x9a, 2, 48, TAG]],
    ['a tag of 0', [0, 48, 0], [0xc2, 0x9b, 0, 48, 0]],
    ["the tag 'BIG'", [0, 48, 0x47_4942], [0xc2, 0x9c, 0, 48, 0]],
    ['a tag without letters', [0, 48, 0x2020_2020], [0xc2, 0x9d, 0x2020_2020, 0, 0]],
  ])('stops on %s', (_name, values, expected) => {
    const check = new Rig().bugCheck('ExAllocatePoolWithTag', ...values);
    expect([check.code, ...check.parameters]).toEqual(expected);
  });

  it('stops on paged pool above APC_LEVEL, at both ends', () => {
    const rig = new Rig();
    const address = allocate(rig, 48, PagedPool);
    rig.host.irql = 2;
    const made = rig.bugCheck('ExAllocatePoolWithTag', PagedPool, 48, TAG);
    expect([made.code, ...made.parameters]).toEqual([0xc2, 0x08, 2, PagedPool, 48]);
    const freed = rig.bugCheck('ExFreePool', address);
    expect([freed.code, ...freed.parameters]).toEqual([0xc2, 0x09, 2, PagedPool, address]);
    expect(allocate(rig, 48)).not.toBe(0);
  });

  it('stops on a double free, and says where the first one was', () => {
    const rig = new Rig();
    const address = allocate(rig, 48);
    allocate(rig, 48);
    rig.line = 77;
    rig.call('ExFreePool', address);
    const check = rig.bugCheck('ExFreePool', address);
    expect([check.code, check.parameters[0], check.parameters[3]]).toEqual([0xc2, 0x07, address]);
    expect(check.explanation).toContain('freed at proxy.c:77');
  });

  it('stops on the wrong tag, which it reads from the header', () => {
    const rig = new Rig();
    const address = allocate(rig, 48);
    const check = rig.bugCheck('ExFreePoolWithTag', address, 0x6161_6161);
    expect([check.code, ...check.parameters]).toEqual([0xc2, 0x0a, address, TAG, 0x6161_6161]);
    rig.driver.write(address - 12, 4, 0x6161_6161);
    rig.call('ExFreePoolWithTag', address, 0x6161_6161);
  });

  it('stops on interior, foreign and user addresses', () => {
    const rig = new Rig();
    const address = allocate(rig, 48);
    const contiguous = rig.number('MmAllocateContiguousMemory', 4096, -1);
    expect(rig.bugCheck('ExFreePool', address + 16).parameters).toEqual([0x99, address + 16, 0, 0]);
    expect(rig.bugCheck('ExFreePool', contiguous).parameters[0]).toBe(0x43);
    expect(rig.bugCheck('ExFreePool', 0x7fff_0000).parameters[0]).toBe(0x40);
    expect(rig.bugCheck('ExFreePool', 0).explanation).toContain('NULL');
  });

  it('stops on a header that an overrun damaged', () => {
    const rig = new Rig();
    const address = allocate(rig, 48);
    const next = allocate(rig, 48);
    rig.driver.fill(address, 56, 0xcc);
    const check = rig.bugCheck('ExFreePool', next);
    expect([check.code, check.parameters[0], check.parameters[1]]).toEqual([0x19, 0x20, next - 16]);
  });

  it('notices bytes written between the end of a block and the next header', () => {
    const rig = new Rig();
    const address = allocate(rig, 41);
    rig.driver.write(address + 43, 1, 1);
    rig.call('ExFreePool', address);
    expect(rig.violations[0]?.message).toContain('2 bytes behind the end');
  });
});

describe('misuse with the verifier', () => {
  it.each([
    ['0 bytes', 0, [NonPagedPool, 0, TAG], [0xc4, 0x00, 0, NonPagedPool, 0]],
    ['paged pool at DISPATCH_LEVEL', 2, [PagedPool, 48, TAG], [0xc4, 0x01, 2, PagedPool, 48]],
    ['nonpaged pool above it', 3, [NonPagedPool, 48, TAG], [0xc4, 0x02, 3, NonPagedPool, 48]],
  ])('is 0xC4 for %s', (_name, irql, values, expected) => {
    const rig = new Rig();
    rig.verifierFlags = ORDINARY;
    rig.host.irql = irql;
    const check = rig.bugCheck('ExAllocatePoolWithTag', ...values);
    expect([check.code, ...check.parameters]).toEqual(expected);
  });

  it('is 0xC4 for frees of unknown, freed and interior addresses', () => {
    const rig = new Rig();
    rig.verifierFlags = ORDINARY;
    const address = allocate(rig, 48);
    expect(rig.bugCheck('ExFreePool', -0x4000_0000_0000).parameters[0]).toBe(0x10);
    expect(rig.bugCheck('ExFreePool', address + 16).parameters).toEqual([
      0x13e,
      address + 16,
      address,
      0,
    ]);
    rig.host.irql = 3;
    expect(rig.bugCheck('ExFreePool', address).parameters).toEqual([0x12, 3, 0, address]);
    rig.host.irql = 0;
    rig.call('ExFreePool', address);
    expect(rig.bugCheck('ExFreePool', address).parameters.slice(0, 3)).toEqual([
      0x13,
      0,
      address - 16,
    ]);
  });
});

describe('special pool', () => {
  const special = (): Rig => {
    const rig = new Rig();
    rig.verifierFlags = STANDARD;
    return rig;
  };

  it('ends each block at the end of a page of its own, with nothing behind it', () => {
    const rig = special();
    const address = allocate(rig, 48);
    expect((address + 48) & 0xfff).toBe(0);
    expect(() => rig.driver.write(address + 48, 1, 1)).toThrow('write');
    expect(rig.host.system.find(address)?.use).toBe('specialPool');
  });

  it('leaves blocks of a page and more where they always are', () => {
    const rig = special();
    expect(allocate(rig, 4096) & 0xfff).toBe(0);
  });

  it('finds writes before the block, and in the slack behind it, when it is freed', () => {
    const rig = special();
    const before = allocate(rig, 48);
    rig.driver.write(before - 1, 1, 1);
    const under = rig.bugCheck('ExFreePool', before);
    expect([under.code, ...under.parameters]).toEqual([0xc1, before, before - 1, 0, 0x23]);
    const behind = allocate(rig, 41);
    rig.driver.write(behind + 44, 1, 1);
    const over = rig.bugCheck('ExFreePool', behind);
    expect([over.code, ...over.parameters]).toEqual([0xc1, behind, behind + 44, 0, 0x24]);
  });

  it('takes the page away with the block', () => {
    const rig = special();
    const before = rig.free;
    const address = allocate(rig, 48);
    rig.call('ExFreePool', address);
    expect(rig.free).toBe(before);
    expect(rig.host.system.find(address)).toMatchObject({ absent: 'freed', use: 'specialPool' });
    expect(rig.bugCheck('ExFreePool', address).parameters[0]).toBe(0x13);
  });
});

describe('the system and its drivers', () => {
  it('do not share pages, and the system lives on what it took at boot', () => {
    const rig = new Rig();
    const before = rig.free;
    const own = rig.memory.allocateSystemPool({
      bytes: 200,
      paged: false,
      executable: false,
      tag: TAG,
      zeroed: true,
    });
    expect(own).toBeDefined();
    expect(rig.free).toBe(before);
    const driver = allocate(rig, 48);
    expect(Math.floor(driver / 4096)).not.toBe(Math.floor((own ?? 0) / 4096));
    if (own !== undefined) rig.memory.freeSystemPool(own);
    expect([...rig.ledger.live()]).toHaveLength(1);
  });
});
