import { describe, expect, it } from 'vitest';
import { type VirtualAddress, virtual } from '../../../../engine/base/addresses.ts';
import { mdlFlags, mdlLayout } from '../../../../engine/kernel/mm/mdl.ts';
import { Rig } from './support.ts';

const STANDARD = 0x209bb;
const KernelMode = 0;
const UserMode = 1;
const IoReadAccess = 0;
const IoWriteAccess = 1;
const MmCached = 1;
const NormalPagePriority = 16;
const TAG = 0x776f_4c4e;

const {
  MDL_MAPPED_TO_SYSTEM_VA,
  MDL_PAGES_LOCKED,
  MDL_SOURCE_IS_NONPAGED_POOL,
  MDL_ALLOCATED_FIXED_SIZE,
  MDL_PARTIAL,
  MDL_PARTIAL_HAS_BEEN_MAPPED,
  MDL_WRITE_OPERATION,
} = mdlFlags;

class MdlRig extends Rig {
  /** A user buffer of process 1. */
  userBuffer(pages: number): VirtualAddress {
    const address = this.memory.allocateUser(this.user, pages, 'userMemory', 'readWrite');
    if (address === undefined) throw new Error('no user memory');
    return address;
  }

  allocate(address: number, length: number): number {
    return this.number('IoAllocateMdl', address, length, 0, 0, 0);
  }

  /** An MDL over a user buffer, locked. */
  locked(pages: number, operation = IoWriteAccess): { mdl: number; buffer: number } {
    const buffer = this.userBuffer(pages);
    const mdl = this.allocate(buffer, pages * 4096);
    this.call('MmProbeAndLockPages', mdl, UserMode, operation);
    return { mdl, buffer };
  }

  /** MmGetSystemAddressForMdlSafe's call. */
  map(mdl: number, priority = NormalPagePriority): number {
    return this.number('MmMapLockedPagesSpecifyCache', mdl, KernelMode, MmCached, 0, 0, priority);
  }

  mapUser(mdl: number): number {
    return this.number('MmMapLockedPagesSpecifyCache', mdl, UserMode, MmCached, 0, 0, 16);
  }

  flags(mdl: number): number {
    return this.driver.readUnsigned(mdl + mdlLayout.mdlFlags, 2);
  }

  pfn(mdl: number, index: number): number {
    return this.driver.readNumber(mdl + mdlLayout.pfnArray + 8 * index);
  }

  /** A verified driver without special pool. */
  verify(): void {
    this.verifierFlags = STANDARD & ~1;
  }
}

describe('an MDL of IoAllocateMdl', () => {
  it('has the bytes of MmInitializeMdl, and no page numbers yet', () => {
    const rig = new MdlRig();
    const mdl = rig.allocate(0x1234_5678, 0x2000);
    const field = (offset: number, size: 2 | 4) => rig.driver.readUnsigned(mdl + offset, size);
    expect(rig.driver.readNumber(mdl + mdlLayout.next)).toBe(0);
    expect(field(mdlLayout.size, 2)).toBe(0x30 + 3 * 8);
    expect(rig.flags(mdl)).toBe(MDL_ALLOCATED_FIXED_SIZE);
    expect(rig.driver.readNumber(mdl + mdlLayout.startVa)).toBe(0x1234_5000);
    expect(field(mdlLayout.byteOffset, 4)).toBe(0x678);
    expect(field(mdlLayout.byteCount, 4)).toBe(0x2000);
    expect(rig.violations).toEqual([]);
    rig.pfn(mdl, 0);
    expect(rig.rules).toEqual(['uninitialized_memory']);
  });

  it('goes into an IRP, the first one or at the end of the chain', () => {
    const rig = new MdlRig();
    const irp = rig.number('ExAllocatePool2', 0x40, 0xd0, TAG);
    const first = rig.number('IoAllocateMdl', 0x1000, 16, 0, 0, irp);
    const second = rig.number('IoAllocateMdl', 0x2000, 16, 1, 0, irp);
    const third = rig.number('IoAllocateMdl', 0x3000, 16, 1, 0, irp);
    expect(rig.driver.readNumber(irp + 8)).toBe(first);
    expect(rig.driver.readNumber(first)).toBe(second);
    expect(rig.driver.readNumber(second)).toBe(third);
  });

  it('does not describe more than this Windows allows', () => {
    const old = new MdlRig({ windows: 'Server 2003' });
    expect(old.allocate(0, 64 * 1024 * 1024)).toBe(0);
    expect(old.explanations[0]).toContain('at most on this Windows');
    expect(new MdlRig().allocate(0, 64 * 1024 * 1024)).not.toBe(0);
  });

  it('leaks under its call when it is not freed', () => {
    const rig = new MdlRig();
    rig.line = 42;
    rig.allocate(0x1000, 100);
    expect([...rig.ledger.live()]).toMatchObject([{ kind: 'MDL', bytes: 100, site: { line: 42 } }]);
  });

  it('stops the host when it is freed twice', () => {
    const rig = new MdlRig();
    const mdl = rig.allocate(0x1000, 100);
    rig.call('IoFreeMdl', mdl);
    expect([...rig.ledger.live()]).toEqual([]);
    expect(rig.bugCheck('IoFreeMdl', mdl).parameters[0]).toBe(7);
  });
});

describe('sizes', () => {
  it.each([
    [0x1fff, 2, 0x40],
    [0x1000, 0x1000, 0x38],
    [0x1001, 0, 0x38],
    [0x1000, 0, 0x30],
  ])('MmSizeOfMdl(%i, %i)', (base, length, size) => {
    expect(new MdlRig().number('MmSizeOfMdl', base, length)).toBe(size);
  });
});

describe('locking a user buffer', () => {
  it('writes the page numbers, marks the MDL and counts the pages of the process', () => {
    const rig = new MdlRig();
    const { mdl, buffer } = rig.locked(3);
    expect(rig.flags(mdl) & (MDL_PAGES_LOCKED | MDL_WRITE_OPERATION)).toBe(
      MDL_PAGES_LOCKED | MDL_WRITE_OPERATION,
    );
    for (let page = 0; page < 3; page++) {
      expect(rig.pfn(mdl, page)).toBe(rig.user.frameAt(buffer + page * 4096));
      expect(rig.memory.frames.lockCount(rig.pfn(mdl, page))).toBe(1);
    }
    expect(rig.memory.lockedPages(1)).toBe(3);
    rig.call('MmUnlockPages', mdl);
    rig.call('IoFreeMdl', mdl);
    expect(rig.memory.lockedPages(1)).toBe(0);
    expect([...rig.ledger.live()]).toEqual([]);
    expect(rig.violations).toEqual([]);
  });

  it.each([
    ['nothing is mapped there', 0x5000_0000, UserMode],
    ['it is a kernel address and the mode is UserMode', -0x5000_0000_0000, UserMode],
  ])('raises an access violation when %s', (_name, address, mode) => {
    const rig = new MdlRig();
    const mdl = rig.allocate(address, 100);
    const raised = rig.exception('MmProbeAndLockPages', mdl, mode, IoWriteAccess);
    expect([raised.code, ...raised.parameters]).toEqual([0xc000_0005, 1, address]);
    expect(rig.flags(mdl) & MDL_PAGES_LOCKED).toBe(0);
    expect(rig.explanations[0]).toContain('STATUS_ACCESS_VIOLATION');
  });

  it('locks a read-only page for reading only, and nothing of a range that fails', () => {
    const rig = new MdlRig();
    const buffer = rig.userBuffer(2);
    const mapping = rig.user.find(buffer);
    if (mapping === undefined) throw new Error('not mapped');
    rig.user.put({ ...mapping, protection: 'readOnly' });
    const mdl = rig.allocate(buffer, 8192);
    rig.exception('MmProbeAndLockPages', mdl, UserMode, IoWriteAccess);
    expect(rig.memory.frames.lockCount(rig.user.frameAt(buffer) ?? 0)).toBe(0);
    rig.call('MmProbeAndLockPages', mdl, UserMode, IoReadAccess);
    expect(rig.flags(mdl) & MDL_WRITE_OPERATION).toBe(0);
  });

  it('keeps a page locked until the last of several MDLs lets go', () => {
    const rig = new MdlRig();
    const { mdl, buffer } = rig.locked(1);
    const other = rig.allocate(buffer, 10);
    rig.call('MmProbeAndLockPages', other, UserMode, IoReadAccess);
    const page = rig.pfn(mdl, 0);
    rig.call('MmUnlockPages', mdl);
    expect(rig.memory.frames.lockCount(page)).toBe(1);
    rig.call('MmUnlockPages', other);
    expect(rig.memory.frames.lockCount(page)).toBe(0);
  });

  it('keeps the pages of memory that is freed meanwhile until they are unlocked', () => {
    const rig = new MdlRig();
    const before = rig.free;
    const { mdl, buffer } = rig.locked(2);
    rig.memory.freeUser(rig.user, virtual(buffer));
    expect(rig.free).toBe(before - 2);
    rig.call('MmUnlockPages', mdl);
    expect(rig.free).toBe(before);
  });

  it('fails by injection', () => {
    const rig = new MdlRig();
    rig.failing.add('lock');
    const mdl = rig.allocate(rig.userBuffer(1), 10);
    expect(rig.exception('MmProbeAndLockPages', mdl, UserMode, 0).code).toBe(0xc000_009a);
  });

  it('stops the host for pageable memory at DISPATCH_LEVEL', () => {
    const rig = new MdlRig();
    const mdl = rig.allocate(rig.userBuffer(1), 10);
    rig.host.irql = 2;
    const check = rig.bugCheck('MmProbeAndLockPages', mdl, UserMode, IoReadAccess);
    expect([check.code, check.parameters[1]]).toEqual([0xa, 2]);
  });
});

describe('an MDL locked twice', () => {
  it('is 0xC4/B0 with the verifier', () => {
    const rig = new MdlRig();
    const { mdl } = rig.locked(1);
    rig.verify();
    const check = rig.bugCheck('MmProbeAndLockPages', mdl, UserMode, IoWriteAccess);
    expect([check.code, ...check.parameters]).toEqual([
      0xc4,
      0xb0,
      mdl,
      rig.flags(mdl),
      MDL_PAGES_LOCKED,
    ]);
  });

  it('keeps its pages locked for good without', () => {
    const rig = new MdlRig();
    const { mdl } = rig.locked(1);
    rig.call('MmProbeAndLockPages', mdl, UserMode, IoWriteAccess);
    expect(rig.rules).toEqual(['mdl_state']);
    rig.call('MmUnlockPages', mdl);
    expect(rig.memory.frames.lockCount(rig.pfn(mdl, 0))).toBe(1);
    expect(rig.memory.lockedPages(1)).toBe(1);
  });
});

describe('unlocking once too often', () => {
  it('is 0x76/1 for a buffer of a process', () => {
    const rig = new MdlRig();
    const { mdl } = rig.locked(1);
    rig.call('MmUnlockPages', mdl);
    const check = rig.bugCheck('MmUnlockPages', mdl);
    expect([check.code, ...check.parameters]).toEqual([0x76, 1, mdl, 0, 0]);
  });

  it('is 0x4E/7 with the page number for system memory', () => {
    const rig = new MdlRig();
    const pool = rig.number('ExAllocatePoolWithTag', 0, 100, TAG);
    const mdl = rig.allocate(pool, 100);
    rig.call('MmProbeAndLockPages', mdl, KernelMode, IoReadAccess);
    rig.call('MmUnlockPages', mdl);
    const check = rig.bugCheck('MmUnlockPages', mdl);
    expect([check.code, ...check.parameters]).toEqual([0x4e, 7, rig.pfn(mdl, 0), 0, 0]);
  });

  it.each([
    ['never locked', 0x7c],
    ['built for nonpaged pool', 0x7d],
    ['partial', 0xb4],
  ])('is 0xC4 with the verifier: %s', (kind, code) => {
    const rig = new MdlRig();
    const pool = rig.number('ExAllocatePoolWithTag', 0, 100, TAG);
    let mdl = rig.allocate(pool, 100);
    if (code !== 0x7c) rig.call('MmBuildMdlForNonPagedPool', mdl);
    if (code === 0xb4) {
      const target = rig.allocate(pool, 100);
      rig.call('IoBuildPartialMdl', mdl, target, pool, 50);
      mdl = target;
    }
    rig.verify();
    expect(rig.bugCheck('MmUnlockPages', mdl).parameters.slice(0, 2), kind).toEqual([code, mdl]);
  });

  it('is noticed by the frames when the driver changed the page numbers', () => {
    const rig = new MdlRig();
    const { mdl } = rig.locked(2);
    rig.driver.write64(mdl + mdlLayout.pfnArray + 8, 0x2345);
    const check = rig.bugCheck('MmUnlockPages', mdl);
    expect([check.code, check.parameters[0], check.parameters[1]]).toEqual([0x4e, 7, 0x2345]);
  });
});

describe('a system mapping of locked pages', () => {
  it('shows the same memory at an address with the same offset', () => {
    const rig = new MdlRig();
    const buffer = rig.userBuffer(2);
    const mdl = rig.allocate(buffer + 0x123, 4096);
    rig.call('MmProbeAndLockPages', mdl, UserMode, IoWriteAccess);
    const address = rig.map(mdl);
    expect(address & 0xfff).toBe(0x123);
    expect(rig.driver.readNumber(mdl + mdlLayout.mappedSystemVa)).toBe(address);
    expect(rig.flags(mdl) & MDL_MAPPED_TO_SYSTEM_VA).not.toBe(0);
    rig.driver.write(address + 4000, 4, 0x1234_5678);
    expect(rig.process.readUnsigned(buffer + 0x123 + 4000, 4)).toBe(0x1234_5678);
  });

  it('goes with the lock', () => {
    const rig = new MdlRig();
    const { mdl } = rig.locked(1);
    const address = rig.map(mdl);
    rig.call('MmUnlockPages', mdl);
    expect(() => rig.driver.readUnsigned(address, 4)).toThrow('read');
    expect([...rig.ledger.live()].map((holding) => holding.kind)).toEqual(['MDL']);
  });

  it('obeys MdlMappingNoWrite and MdlMappingNoExecute', () => {
    const rig = new MdlRig();
    const address = rig.map(rig.locked(1).mdl, 0xc000_0010);
    expect(rig.host.system.find(address)?.protection).toBe('readOnly');
    expect(rig.driver.readUnsigned(address, 4)).toBe(0);
    expect(() => rig.driver.write(address, 4, 1)).toThrow('write');
  });

  it('keeps the caching behaviour that the pages have', () => {
    const rig = new MdlRig();
    const block = rig.number('MmAllocateContiguousMemorySpecifyCache', 4096, 0, -1, 0, 0);
    const mdl = rig.allocate(block, 4096);
    rig.call('MmProbeAndLockPages', mdl, KernelMode, IoWriteAccess);
    expect(rig.host.system.find(rig.map(mdl))?.cache).toBe('nonCached');
  });

  it('returns NULL, or stops the host where the driver asked for that, when it fails', () => {
    const rig = new MdlRig();
    const { mdl } = rig.locked(1);
    rig.failing.add('mapping');
    expect(rig.map(mdl)).toBe(0);
    const check = rig.bugCheck('MmMapLockedPagesSpecifyCache', mdl, KernelMode, MmCached, 0, 1, 16);
    expect(check.code).toBe(0x3f);
    rig.verify();
    expect(
      rig.bugCheck('MmMapLockedPagesSpecifyCache', mdl, KernelMode, MmCached, 0, 1, 16).parameters,
    ).toEqual([0x82, mdl, rig.flags(mdl), 0]);
  });

  it('is refused for an MDL that is not locked: 0x1A/1236, or 0xC4/B3', () => {
    const rig = new MdlRig();
    const mdl = rig.allocate(rig.userBuffer(1), 10);
    const bare = rig.bugCheck('MmMapLockedPages', mdl, KernelMode);
    expect([bare.code, bare.parameters[0], bare.parameters[1]]).toEqual([0x1a, 0x1236, mdl]);
    rig.verify();
    expect(rig.bugCheck('MmMapLockedPagesSpecifyCache', mdl, 0, 1, 0, 0, 16).parameters).toEqual([
      0xb3,
      mdl,
      rig.flags(mdl),
      MDL_PAGES_LOCKED,
    ]);
    expect(rig.bugCheck('MmMapLockedPages', mdl, KernelMode).parameters[0]).toBe(0x81);
  });

  it('is refused for a page that nobody locked: 0x1A/1233, or 0xC4/85', () => {
    const rig = new MdlRig();
    const { mdl } = rig.locked(1);
    const buffer = rig.userBuffer(1);
    const page = rig.user.frameAt(buffer) ?? 0;
    rig.driver.write64(mdl + mdlLayout.pfnArray, page);
    const bare = rig.bugCheck('MmMapLockedPagesSpecifyCache', mdl, 0, 1, 0, 0, 16);
    expect([bare.code, ...bare.parameters.slice(0, 2)]).toEqual([0x1a, 0x1233, page]);
    rig.verify();
    expect(rig.bugCheck('MmMapLockedPagesSpecifyCache', mdl, 0, 1, 0, 0, 16).parameters).toEqual([
      0x85,
      mdl,
      1,
      page,
    ]);
  });

  it('is refused a second time: 0xC4/B2, or a violation and a lost mapping', () => {
    const rig = new MdlRig();
    const { mdl } = rig.locked(1);
    rig.map(mdl);
    rig.map(mdl);
    expect(rig.rules).toEqual(['mdl_state']);
    rig.call('MmUnlockPages', mdl);
    expect([...rig.ledger.live()].map((holding) => holding.kind)).toContain('mapping');
    const other = new MdlRig();
    const { mdl: verified } = other.locked(1);
    other.map(verified);
    other.verify();
    expect(
      other.bugCheck('MmMapLockedPagesSpecifyCache', verified, 0, 1, 0, 0, 16).parameters[0],
    ).toBe(0xb2);
  });

  it('changes its protection', () => {
    const rig = new MdlRig();
    const { mdl } = rig.locked(1);
    expect(rig.number('MmProtectMdlSystemAddress', mdl, 2)).toBe(0xc000_0019);
    const address = rig.map(mdl);
    expect(rig.number('MmProtectMdlSystemAddress', mdl, 3)).toBe(0xc000_0045);
    expect(rig.number('MmProtectMdlSystemAddress', mdl, 2)).toBe(0);
    expect(() => rig.driver.write(address, 4, 1)).toThrow('write');
  });
});

describe('unmapping', () => {
  it('takes exactly the mapping away that was made', () => {
    const rig = new MdlRig();
    const { mdl } = rig.locked(1);
    const address = rig.map(mdl);
    rig.call('MmUnmapLockedPages', address, mdl);
    expect(rig.flags(mdl) & MDL_MAPPED_TO_SYSTEM_VA).toBe(0);
    const again = rig.bugCheck('MmUnmapLockedPages', address, mdl);
    expect([again.code, ...again.parameters.slice(0, 3)]).toEqual([0xda, 6, mdl, address]);
    rig.verify();
    expect(rig.bugCheck('MmUnmapLockedPages', address, mdl).parameters).toEqual([
      0xb6,
      mdl,
      rig.flags(mdl),
      MDL_MAPPED_TO_SYSTEM_VA,
    ]);
  });

  it.each([
    ['another address', 0x03],
    ['another number of pages', 0x02],
    ['another start address in the MDL', 0x05],
    ['another first page number', 0x04],
  ])('stops the host on %s', (_name, code) => {
    const rig = new MdlRig();
    const { mdl } = rig.locked(2);
    let address = rig.map(mdl);
    if (code === 0x03) address += 8;
    if (code === 0x02) rig.driver.write(mdl + mdlLayout.byteCount, 4, 100);
    if (code === 0x05) rig.driver.write64(mdl + mdlLayout.startVa, 0x1000);
    if (code === 0x04) rig.driver.write64(mdl + mdlLayout.pfnArray, 0x2222);
    const check = rig.bugCheck('MmUnmapLockedPages', address, mdl);
    expect([check.code, check.parameters[0]]).toEqual([0xda, code]);
  });

  it('leaves the lock of a mapped MDL that is freed without unlocking', () => {
    const rig = new MdlRig();
    const { mdl } = rig.locked(1);
    rig.map(mdl);
    rig.verify();
    expect(rig.bugCheck('IoFreeMdl', mdl).parameters.slice(0, 2)).toEqual([0xb8, mdl]);
    rig.verifierFlags = 0;
    rig.call('IoFreeMdl', mdl);
    expect([...rig.ledger.live()].map((holding) => holding.kind)).toEqual([
      'locked pages',
      'mapping',
    ]);
    expect(rig.memory.lockedPages(1)).toBe(1);
  });
});

describe('a user mapping', () => {
  it('shows the pages to the process, never executable', () => {
    const rig = new MdlRig();
    const block = rig.number('MmAllocateContiguousMemory', 4096, -1);
    rig.driver.fill(block, 4096, 7);
    const mdl = rig.allocate(block, 4096);
    rig.call('MmBuildMdlForNonPagedPool', mdl);
    const address = rig.mapUser(mdl);
    expect(address).toBeGreaterThan(0);
    expect(rig.process.readUnsigned(address, 1)).toBe(7);
    expect(rig.user.find(address)?.protection).toBe('readWrite');
    rig.call('MmUnmapLockedPages', address, mdl);
    expect(() => rig.process.readUnsigned(address, 1)).toThrow('read');
  });

  it('raises when it fails, and goes to the address that was asked for', () => {
    const rig = new MdlRig();
    const { mdl } = rig.locked(1);
    const routine = 'MmMapLockedPagesSpecifyCache';
    expect(rig.number(routine, mdl, UserMode, MmCached, 0x7000_0123, 0, 16)).toBe(0x7000_0000);
    expect(rig.exception(routine, mdl, UserMode, MmCached, 0x7000_0000, 0, 16).code).toBe(
      0xc000_0018,
    );
    rig.failing.add('mapping');
    expect(rig.exception(routine, mdl, UserMode, MmCached, 0, 0, 16).code).toBe(0xc000_009a);
  });

  it('must be undone in its process: 0xD7, or 0xC4/B9', () => {
    const rig = new MdlRig();
    const { mdl } = rig.locked(1);
    expect(rig.bugCheck('MmUnmapLockedPages', 0x7000_0000, mdl).code).toBe(0xd7);
    rig.verify();
    expect(rig.bugCheck('MmUnmapLockedPages', 0x7000_0000, mdl).parameters[0]).toBe(0xb9);
  });
});

describe('an MDL for nonpaged memory', () => {
  it('has the page numbers, and the original address as its system address', () => {
    const rig = new MdlRig();
    const pool = rig.number('ExAllocatePoolWithTag', 512, 8192, TAG);
    const mdl = rig.allocate(pool, 8192);
    rig.call('MmBuildMdlForNonPagedPool', mdl);
    expect(rig.flags(mdl) & MDL_SOURCE_IS_NONPAGED_POOL).not.toBe(0);
    expect(rig.driver.readNumber(mdl + mdlLayout.mappedSystemVa)).toBe(pool);
    expect(rig.pfn(mdl, 1) * 4096).toBe(rig.number('MmGetPhysicalAddress', pool + 4096));
    rig.call('IoFreeMdl', mdl);
    rig.call('ExFreePool', pool);
    expect(rig.violations).toEqual([]);
  });

  it.each([
    ['paged pool', 0x7f],
    ['a user buffer', 0x140],
  ])('is a mistake over %s', (what, code) => {
    const rig = new MdlRig();
    const address =
      what === 'paged pool' ? rig.number('ExAllocatePoolWithTag', 1, 100, TAG) : rig.userBuffer(1);
    rig.call('MmBuildMdlForNonPagedPool', rig.allocate(address, 100));
    expect(rig.rules).toEqual(['pageable_mdl']);
    rig.verify();
    const mdl = rig.allocate(address, 100);
    expect(rig.bugCheck('MmBuildMdlForNonPagedPool', mdl).parameters[0]).toBe(code);
  });

  it('stops the host over memory that is not there', () => {
    const rig = new MdlRig();
    const mdl = rig.allocate(-0x4000_0000_0000, 100);
    const check = rig.bugCheck('MmBuildMdlForNonPagedPool', mdl);
    expect([check.code, check.parameters[0], check.parameters[1]]).toEqual([0x1a, 0x1240, mdl]);
  });
});

describe('a partial MDL', () => {
  it("describes a part by the source's addresses and shares its mapping", () => {
    const rig = new MdlRig();
    const { mdl, buffer } = rig.locked(4);
    const mapped = rig.map(mdl);
    const part = rig.allocate(buffer + 0x1800, 0x1000);
    rig.call('IoBuildPartialMdl', mdl, part, buffer + 0x1800, 0x1000);
    expect(rig.flags(part) & (MDL_PARTIAL | MDL_MAPPED_TO_SYSTEM_VA)).toBe(
      MDL_PARTIAL | MDL_MAPPED_TO_SYSTEM_VA,
    );
    expect(rig.driver.readNumber(part + mdlLayout.mappedSystemVa)).toBe(mapped + 0x1800);
    expect([rig.pfn(part, 0), rig.pfn(part, 1)]).toEqual([rig.pfn(mdl, 1), rig.pfn(mdl, 2)]);
    rig.call('IoFreeMdl', part);
    expect(rig.driver.readUnsigned(mapped + 0x1800, 4)).toBe(0);
  });

  it('takes the rest of the source for a length of 0', () => {
    const rig = new MdlRig();
    const { mdl, buffer } = rig.locked(2);
    const part = rig.allocate(buffer + 100, 8092);
    rig.call('IoBuildPartialMdl', mdl, part, buffer + 100, 0);
    expect(rig.driver.readUnsigned(part + mdlLayout.byteCount, 4)).toBe(8092);
  });

  it('gets a mapping of its own, which goes when it is freed', () => {
    const rig = new MdlRig();
    const { mdl, buffer } = rig.locked(2);
    const part = rig.allocate(buffer, 4096);
    rig.call('IoBuildPartialMdl', mdl, part, buffer, 4096);
    const address = rig.map(part);
    expect(rig.flags(part) & MDL_PARTIAL_HAS_BEEN_MAPPED).not.toBe(0);
    rig.call('IoFreeMdl', part);
    expect(() => rig.driver.readUnsigned(address, 4)).toThrow('read');
    expect(rig.violations).toEqual([]);
  });

  it('stops the host outside the source (0x12E) and without room (0x40)', () => {
    const rig = new MdlRig();
    const { mdl, buffer } = rig.locked(2);
    const part = rig.allocate(buffer, 4096);
    const outside = rig.bugCheck('IoBuildPartialMdl', mdl, part, buffer + 8000, 400);
    expect([outside.code, ...outside.parameters]).toEqual([0x12e, mdl, part, buffer + 8000, 400]);
    const small = rig.bugCheck('IoBuildPartialMdl', mdl, part, buffer, 8192);
    expect([small.code, ...small.parameters]).toEqual([0x40, 0, 0, 0, 0]);
  });
});

describe('advancing an MDL', () => {
  it('unlocks the pages passed over and moves the mapping along', () => {
    const rig = new MdlRig();
    const { mdl, buffer } = rig.locked(3);
    const address = rig.map(mdl);
    const [first, second] = [rig.pfn(mdl, 0), rig.pfn(mdl, 1)];
    expect(rig.number('MmAdvanceMdl', mdl, 4096 + 8)).toBe(0);
    expect(rig.memory.frames.lockCount(first)).toBe(0);
    expect(rig.pfn(mdl, 0)).toBe(second);
    expect(rig.driver.readNumber(mdl + mdlLayout.startVa)).toBe(buffer + 4096);
    expect(rig.driver.readUnsigned(mdl + mdlLayout.byteOffset, 4)).toBe(8);
    expect(rig.driver.readNumber(mdl + mdlLayout.mappedSystemVa)).toBe(address + 4104);
    expect(() => rig.driver.readUnsigned(address, 4)).toThrow('read');
    expect(rig.driver.readUnsigned(address + 4104, 4)).toBe(0);
    rig.call('MmUnlockPages', mdl);
    expect(rig.memory.lockedPages(1)).toBe(0);
    expect(rig.number('MmAdvanceMdl', mdl, 0x10_0000)).toBe(0xc000_00f0);
  });
});

describe('pages for an MDL', () => {
  it('are zeroed, scattered, have no address until they are mapped, and come back', () => {
    const rig = new MdlRig();
    const before = rig.free;
    const mdl = rig.number('MmAllocatePagesForMdl', 0, -1, 0, 4 * 4096);
    expect(rig.driver.readNumber(mdl + mdlLayout.startVa)).toBe(0);
    expect(rig.driver.readUnsigned(mdl + mdlLayout.byteCount, 4)).toBe(4 * 4096);
    const address = rig.map(mdl);
    expect(rig.driver.readNumber(address + 8192)).toBe(0);
    rig.call('MmFreePagesFromMdl', mdl);
    rig.call('ExFreePool', mdl);
    expect(rig.free).toBe(before);
    expect([...rig.ledger.live()]).toEqual([]);
    expect(rig.violations).toEqual([]);
  });

  it('may be fewer than asked for, which is said', () => {
    const free = {
      freeMemory: { kind: 'exact', ranges: [{ start: 0x20_0000, end: 0x20_3000 }] },
    } as const;
    const rig = new MdlRig(free);
    const mdl = rig.number('MmAllocatePagesForMdl', 0, -1, 0, 5 * 4096);
    expect(rig.driver.readUnsigned(mdl + mdlLayout.byteCount, 4)).toBe(3 * 4096);
    expect(rig.explanations[0]).toContain('3 of 5 pages');
    const all = new MdlRig(free);
    expect(all.number('MmAllocatePagesForMdlEx', 0, -1, 0, 5 * 4096, MmCached, 4)).toBe(0);
    expect(all.free).toBe(3);
  });

  it('are looked for further up by SkipBytes', () => {
    const rig = new MdlRig({
      freeMemory: {
        kind: 'exact',
        ranges: [
          { start: 0x10_0000, end: 0x10_1000 },
          { start: 0x30_0000, end: 0x30_2000 },
        ],
      },
    });
    const mdl = rig.number('MmAllocatePagesForMdl', 0x10_0000, 0x1f_ffff, 0x10_0000, 3 * 4096);
    expect(rig.driver.readUnsigned(mdl + mdlLayout.byteCount, 4)).toBe(3 * 4096);
  });

  it('come in aligned chunks when that is required', () => {
    const rig = new MdlRig();
    const flags = 0x20;
    const mdl = rig.number('MmAllocatePagesForMdlEx', 0, -1, 0x4000, 0x8000, MmCached, flags);
    for (const chunk of [0, 4]) {
      expect(rig.pfn(mdl, chunk) % 4).toBe(0);
      expect(rig.pfn(mdl, chunk + 3)).toBe(rig.pfn(mdl, chunk) + 3);
    }
    expect(rig.number('MmAllocatePagesForMdlEx', 0, -1, 0x3000, 0x6000, MmCached, flags)).toBe(0);
  });

  it('stop the host when freed while locked (0x4E/9A) or twice (0x4E/7)', () => {
    const rig = new MdlRig();
    const mdl = rig.number('MmAllocatePagesForMdl', 0, -1, 0, 4096);
    const page = rig.pfn(mdl, 0);
    const other = rig.allocate(rig.map(mdl), 4096);
    rig.call('MmProbeAndLockPages', other, KernelMode, IoReadAccess);
    expect(rig.bugCheck('MmFreePagesFromMdl', mdl).parameters).toEqual([0x9a, page, 0, 2]);
    rig.call('MmUnlockPages', other);
    rig.call('MmFreePagesFromMdl', mdl);
    expect(rig.bugCheck('MmFreePagesFromMdl', mdl).parameters.slice(0, 2)).toEqual([7, page]);
  });

  it('leak when only the MDL is freed', () => {
    const rig = new MdlRig();
    const mdl = rig.number('MmAllocatePagesForMdl', 0, -1, 0, 4096);
    rig.call('ExFreePool', mdl);
    expect([...rig.ledger.live()].map((holding) => holding.kind)).toEqual(['pages for MDL']);
  });
});

describe('an MDL for I/O space', () => {
  it('describes ranges outside memory and can be mapped', () => {
    const rig = new MdlRig();
    const list = rig.number('ExAllocatePool2', 0x40, 48, TAG);
    rig.driver.write64(list, 0xfe00_0000);
    rig.driver.write64(list + 8, 0x2000);
    const out = list + 40;
    expect(rig.number('MmAllocateMdlForIoSpace', list, 1, out)).toBe(0);
    const mdl = rig.driver.readNumber(out);
    expect(rig.number('MmGetPhysicalAddress', rig.map(mdl) + 0x1000)).toBe(0xfe00_1000);
    rig.driver.write64(list, 0x20_0000);
    expect(rig.number('MmAllocateMdlForIoSpace', list, 1, out)).toBe(0xc000_00ef);
  });
});

describe('IRQL rules of Driver Verifier', () => {
  it.each([
    ['MmProbeAndLockPages', [0, 0], 0x70],
    ['MmUnlockPages', [], 0x78],
    ['MmMapLockedPagesSpecifyCache', [0, 1, 0, 0, 16], 0x76],
    ['MmMapLockedPagesSpecifyCache', [1, 1, 0, 0, 16], 0x77],
    ['MmMapLockedPages', [0], 0x74],
    ['MmMapLockedPages', [1], 0x75],
    ['MmFreePagesFromMdl', [], 0x7e],
  ])('%s(.., %j) above its level is 0xC4/%i', (routine, rest, code) => {
    const rig = new MdlRig();
    const { mdl } = rig.locked(1);
    rig.verify();
    rig.host.irql = 3;
    const check = rig.bugCheck(routine, mdl, ...rest);
    expect([check.code, check.parameters[0], check.parameters[1]]).toEqual([0xc4, code, 3]);
  });
});

describe('an MDL that a driver never initialised', () => {
  it('is a violation that names the member', () => {
    const rig = new MdlRig();
    const raw = rig.number('ExAllocatePoolWithTag', 512, 0x38, TAG);
    rig.driver.write64(raw + mdlLayout.startVa, raw);
    rig.driver.write64(raw + mdlLayout.byteCount, 8);
    rig.call('MmBuildMdlForNonPagedPool', raw);
    expect(rig.violations[0]).toEqual({
      rule: 'uninitialized_memory',
      message: 'Mdl->MdlFlags',
    });
  });
});
