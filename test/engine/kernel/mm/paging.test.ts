// Pageable memory leaves and comes back; a physical address is good only while something holds the page.
import { beforeEach, describe, expect, test } from 'vitest';
import {
  PAGE_SIZE,
  physical,
  type VirtualAddress,
  virtual,
} from '../../../../engine/base/addresses.ts';
import { Rig } from './support.ts';

const M = 1024 * 1024;
const UserMode = 1;
const IoWriteAccess = 1;

let rig: Rig;

/** Memory of the client, `pages` pages, each beginning with its number. */
function userMemory(pages: number): VirtualAddress {
  const start = rig.memory.allocateUser(rig.user, pages, 'userMemory', 'readWrite');
  if (start === undefined) throw new Error('no user memory');
  for (let page = 0; page < pages; page++) {
    rig.process.write64(start + page * PAGE_SIZE, 1000 + page);
  }
  return start;
}

const mdlOver = (start: number, bytes: number): number =>
  rig.number('IoAllocateMdl', start, bytes, 0, 0, 0);

const physicalOf = (address: number): number => rig.number('MmGetPhysicalAddress', address);

/** What lies at a physical address, as a device would find it. */
const atPhysical = (address: number, length: number): string =>
  new TextDecoder().decode(rig.host.memory.peek(physical(address), length));

describe('on a machine with trim', () => {
  beforeEach(() => {
    rig = new Rig({ trim: true });
  });

  test('an unlocked page moves: its physical address is somebody else’s', () => {
    const start = userMemory(2);
    const mdl = mdlOver(start, 2 * PAGE_SIZE);
    rig.call('MmProbeAndLockPages', mdl, UserMode, IoWriteAccess);
    const stale = physicalOf(start);
    rig.call('MmUnlockPages', mdl);

    expect(physicalOf(start)).toBe(0);
    expect(rig.memory.frames.useOf(stale / PAGE_SIZE)?.owner).toBe('another process');
    expect(atPhysical(stale, 12)).toBe('data of anot');
    // The process finds its own data again, at another place.
    expect(rig.process.read64(start)).toBe(1000);
    expect(rig.process.read64(start + PAGE_SIZE)).toBe(1001);
    expect(physicalOf(start)).not.toBe(stale);
    expect(rig.violations).toEqual([]);
  });

  test('a page that a second MDL holds stays until that lock goes as well', () => {
    const start = userMemory(1);
    const [one, other] = [mdlOver(start, 100), mdlOver(start, 100)];
    rig.call('MmProbeAndLockPages', one, UserMode, IoWriteAccess);
    rig.call('MmProbeAndLockPages', other, UserMode, IoWriteAccess);
    const held = physicalOf(start);
    rig.call('MmUnlockPages', one);
    expect(physicalOf(start)).toBe(held);
    rig.call('MmUnlockPages', other);
    expect(physicalOf(start)).toBe(0);
  });

  test('locking brings pages back and holds them', () => {
    const start = userMemory(40);
    const mdl = mdlOver(start, 40 * PAGE_SIZE);
    for (let round = 0; round < 3; round++) {
      rig.call('MmProbeAndLockPages', mdl, UserMode, IoWriteAccess);
      for (let page = 0; page < 40; page++) {
        expect(physicalOf(start + page * PAGE_SIZE)).not.toBe(0);
      }
      rig.call('MmUnlockPages', mdl);
    }
    for (let page = 0; page < 40; page++) {
      expect(rig.process.read64(start + page * PAGE_SIZE)).toBe(1000 + page);
    }
  });

  test('a fault at DISPATCH_LEVEL is not resolved', () => {
    const start = userMemory(1);
    const mdl = mdlOver(start, 100);
    rig.call('MmProbeAndLockPages', mdl, UserMode, IoWriteAccess);
    rig.call('MmUnlockPages', mdl);
    rig.host.irql = 2;
    expect(() => rig.driver.read64(start)).toThrow();
    rig.host.irql = 0;
    expect(rig.driver.read64(start)).toBe(1000);
  });

  test('freed memory gives its room in the page file back, and nothing of it stays', () => {
    const before = rig.store.pageCount;
    for (let round = 0; round < 20; round++) {
      const start = userMemory(100);
      const mdl = mdlOver(start, 100 * PAGE_SIZE);
      rig.call('MmProbeAndLockPages', mdl, UserMode, IoWriteAccess);
      rig.call('MmUnlockPages', mdl);
      rig.call('IoFreeMdl', mdl);
      rig.memory.freeUser(rig.user, start);
    }
    // 64 pages of the other process, and pool for the MDL.
    expect(rig.store.pageCount - before).toBeLessThan(80);
  });

  test('nonpaged memory stays', () => {
    const block = rig.number('MmAllocateContiguousMemory', PAGE_SIZE, -1);
    const mdl = mdlOver(block, PAGE_SIZE);
    rig.call('MmProbeAndLockPages', mdl, 0, IoWriteAccess);
    const held = physicalOf(block);
    rig.call('MmUnlockPages', mdl);
    expect(physicalOf(block)).toBe(held);
  });
});

describe('without trim', () => {
  beforeEach(() => {
    rig = new Rig();
  });

  test('an unlocked page stays while there is memory', () => {
    const start = userMemory(1);
    const mdl = mdlOver(start, 100);
    rig.call('MmProbeAndLockPages', mdl, UserMode, IoWriteAccess);
    const held = physicalOf(start);
    rig.call('MmUnlockPages', mdl);
    expect(physicalOf(start)).toBe(held);
  });

  test('when memory runs out, unlocked user memory makes room and comes back unharmed', () => {
    const pages = 4096;
    const start = userMemory(pages);
    const locked = mdlOver(start, PAGE_SIZE);
    rig.call('MmProbeAndLockPages', locked, UserMode, IoWriteAccess);
    const held = physicalOf(start);
    const free = rig.free;
    // More than is free: 8 MiB have to come from the process.
    const wanted = free * PAGE_SIZE + 8 * M;
    const mdl = rig.number('MmAllocatePagesForMdlEx', 0, -1, 0, wanted, 1, 4);
    expect(mdl).not.toBe(0);
    expect(physicalOf(start)).toBe(held);
    expect(rig.free).toBe(0);
    rig.call('MmFreePagesFromMdl', mdl);
    for (let page = 0; page < pages; page += 100) {
      expect(rig.process.read64(start + page * PAGE_SIZE)).toBe(1000 + page);
    }
    expect(rig.explanations).toEqual([]);
  });

  test('locked memory makes no room: the request is refused with the figures', () => {
    const start = userMemory(4096);
    const mdl = mdlOver(start, 4096 * PAGE_SIZE);
    rig.call('MmProbeAndLockPages', mdl, UserMode, IoWriteAccess);
    const { free } = rig;
    const wanted = (free + 100) * PAGE_SIZE;
    expect(rig.number('MmAllocatePagesForMdlEx', 0, -1, 0, wanted, 1, 4)).toBe(0);
    expect(rig.explanations.at(-1)).toContain(`${free + 100} pages`);
    expect(rig.explanations.at(-1)).toContain(`${free} pages`);
    expect(rig.free).toBe(free);
  });
});

describe('a section that a process and the system show', () => {
  const OBJECT = 0x1000;
  let user: number;
  let system: number;

  beforeEach(() => {
    rig = new Rig({ trim: true });
    const { views, host } = rig.memory;
    expect(views.create(OBJECT, 4 * PAGE_SIZE, 'readWrite')).toBeUndefined();
    const shown = { pages: 4, protection: 'readWrite', wanted: 0 } as const;
    user = Number(views.map(OBJECT, rig.user, { ...shown, first: 0 }));
    system = Number(views.map(OBJECT, host.system, { ...shown, first: 1, pages: 3 }));
    for (let page = 0; page < 4; page++) rig.process.write64(user + page * PAGE_SIZE, 10 + page);
  });

  /** Locks and unlocks pages of the process's view: they go. */
  function pageOut(first: number, pages: number): void {
    const mdl = mdlOver(user + first * PAGE_SIZE, pages * PAGE_SIZE);
    rig.call('MmProbeAndLockPages', mdl, UserMode, IoWriteAccess);
    rig.call('MmUnlockPages', mdl);
    rig.call('IoFreeMdl', mdl);
  }

  test('is away, and back, for both at once', () => {
    const stale = physicalOf(user + 2 * PAGE_SIZE);
    expect(physicalOf(system + PAGE_SIZE)).toBe(stale);
    pageOut(2, 1);
    expect([physicalOf(user + 2 * PAGE_SIZE), physicalOf(system + PAGE_SIZE)]).toEqual([0, 0]);
    rig.driver.write64(system + PAGE_SIZE, 77);
    expect(rig.process.read64(user + 2 * PAGE_SIZE)).toBe(77);
    expect(physicalOf(user + 2 * PAGE_SIZE)).toBe(physicalOf(system + PAGE_SIZE));
    expect(physicalOf(user + 2 * PAGE_SIZE)).not.toBe(stale);
    expect(rig.process.read64(user + 3 * PAGE_SIZE)).toBe(13);
  });

  test('a view that is made while pages are away shows them as well', () => {
    pageOut(2, 1);
    const later = rig.memory.views.map(OBJECT, rig.user, {
      first: 0,
      pages: 4,
      protection: 'readWrite',
      wanted: 0,
    });
    expect(rig.process.read64(Number(later) + 2 * PAGE_SIZE)).toBe(12);
    rig.process.write64(Number(later) + 2 * PAGE_SIZE, 5);
    expect(rig.driver.read64(system + PAGE_SIZE)).toBe(5);
  });

  test('goes with its last view, in memory and in the page file', () => {
    const fresh = new Rig({ trim: true });
    pageOut(1, 2);
    const { views, host } = rig.memory;
    views.delete(OBJECT);
    views.unmap(rig.user, virtual(user));
    expect(rig.driver.read64(system)).toBe(11);
    views.unmap(host.system, virtual(system));
    expect(views.find(OBJECT)).toBeUndefined();
    // But for what the other process got meanwhile, and a page of pool for the MDL.
    expect(fresh.free - rig.free).toBeLessThan(8);
  });
});

test('paging out and back is part of what one can go back to', () => {
  rig = new Rig({ trim: true });
  const start = userMemory(3);
  const mdl = mdlOver(start, 3 * PAGE_SIZE);
  rig.call('MmProbeAndLockPages', mdl, UserMode, IoWriteAccess);
  const snapshot = rig.store.snapshot();
  const before = rig.store.hash();
  const held = physicalOf(start);
  rig.call('MmUnlockPages', mdl);
  rig.process.write64(start, 5);
  rig.store.restore(snapshot);
  expect(rig.store.hash()).toBe(before);
  expect(physicalOf(start)).toBe(held);
  expect(rig.process.read64(start)).toBe(1000);
});
