// Locks of another process's pages and of a list of pages; memory that is secured against its process.
import { beforeEach, describe, expect, test } from 'vitest';
import { PAGE_SIZE, virtual } from '../../../../engine/base/addresses.ts';
import { status } from '../../../../engine/kernel/status.ts';
import { Rig } from './support.ts';

const UserMode = 1;
const IoReadAccess = 0;
const IoWriteAccess = 1;
const PAGE_READONLY = 0x02;
const PAGE_READWRITE = 0x04;
const MEM_COMMIT = 0x1000;
const MEM_RESERVE = 0x2000;
const MEM_DECOMMIT = 0x4000;
const MEM_RELEASE = 0x8000;
const processObject = virtual(-0x2000_0000_0000 + 0x1000);

let rig: Rig;
/** Memory for parameters that are passed by address. */
let cells: number;

beforeEach(() => {
  rig = new Rig();
  cells = rig.number('ExAllocatePoolWithTag', 0, 256, 0x31323334);
});

function userMemory(pages: number): number {
  const start = rig.memory.allocateUser(rig.user, pages, 'userMemory', 'readWrite');
  if (start === undefined) throw new Error('no user memory');
  return start;
}

/** NtFreeVirtualMemory and NtProtectVirtualMemory on behalf of the process. */
function service(routine: string, base: number, size: number, last: number): number {
  rig.driver.write64(cells, base);
  rig.driver.write64(cells + 8, size);
  return rig.number(routine, -1, cells, cells + 8, last, cells + 16);
}

const framesOf = (mdl: number, pages: number): number[] =>
  Array.from({ length: pages }, (_, index) => rig.driver.readNumber(mdl + 0x30 + 8 * index));

const frameOf = (address: number): number =>
  rig.number('MmGetPhysicalAddress', address) / PAGE_SIZE;

describe('MmProbeAndLockProcessPages', () => {
  test('locks pages of the process that it is given, from the system process', () => {
    const start = userMemory(3);
    const mdl = rig.number('IoAllocateMdl', start + 100, 2 * PAGE_SIZE, 0, 0, 0);
    rig.callIn(0, 'MmProbeAndLockProcessPages', mdl, processObject, UserMode, IoWriteAccess);
    expect(framesOf(mdl, 3)).toEqual([0, 1, 2].map((page) => frameOf(start + page * PAGE_SIZE)));
    expect(rig.memory.lockedPages(1)).toBe(3);
    rig.callIn(0, 'MmUnlockPages', mdl);
    expect(rig.memory.lockedPages(1)).toBe(0);
  });

  test('raises the access violation of that process', () => {
    const mdl = rig.number('IoAllocateMdl', 0x5000_0000, PAGE_SIZE, 0, 0, 0);
    const raised = rig.exception(
      'MmProbeAndLockProcessPages',
      mdl,
      processObject,
      UserMode,
      IoReadAccess,
    );
    expect(raised.code).toBe(status.STATUS_ACCESS_VIOLATION);
    expect(rig.explanations.at(-1)).toContain('0x0000000050000000');
  });

  test('something that is no process is reported', () => {
    const mdl = rig.number('IoAllocateMdl', userMemory(1), PAGE_SIZE, 0, 0, 0);
    rig.exception('MmProbeAndLockProcessPages', mdl, cells, UserMode, IoReadAccess);
    expect(rig.rules).toEqual(['wrong_object']);
  });

  test.each([
    ['MmProbeAndLockProcessPages', 0x71],
    ['MmProbeAndLockSelectedPages', 0x72],
  ])('%s above DISPATCH_LEVEL is 0xC4/%i with Driver Verifier', (routine, code) => {
    rig.verifierFlags = 0x9bb;
    const mdl = rig.number('IoAllocateMdl', userMemory(1), PAGE_SIZE, 0, 0, 0);
    rig.host.irql = 5;
    const stop = rig.bugCheck(routine, mdl, processObject, UserMode, IoReadAccess);
    expect([stop.code, ...stop.parameters]).toEqual([0xc4, code, 5, mdl, processObject]);
  });

  test('an MDL that is built already is 0xC4/B1', () => {
    rig.verifierFlags = 0x9bb;
    const block = rig.number('ExAllocatePoolWithTag', 0, 100, 0x31323334);
    const mdl = rig.number('IoAllocateMdl', block, 100, 0, 0, 0);
    rig.call('MmBuildMdlForNonPagedPool', mdl);
    const stop = rig.bugCheck('MmProbeAndLockProcessPages', mdl, processObject, 0, IoReadAccess);
    expect(stop.parameters[0]).toBe(0xb1);
  });
});

describe('MmProbeAndLockSelectedPages', () => {
  /** An array of addresses in nonpaged pool. */
  function segments(addresses: readonly number[]): number {
    const list = rig.number('ExAllocatePoolWithTag', 0, 8 * addresses.length, 0x31323334);
    for (const [index, address] of addresses.entries()) {
      rig.driver.write64(list + 8 * index, address);
    }
    return list;
  }

  test('the MDL describes the pages in the order of the list', () => {
    const start = userMemory(5);
    const wanted = [4, 0, 2].map((page) => start + page * PAGE_SIZE);
    const mdl = rig.number('IoAllocateMdl', 0, 3 * PAGE_SIZE, 0, 0, 0);
    rig.call('MmProbeAndLockSelectedPages', mdl, segments(wanted), UserMode, IoWriteAccess);
    expect(framesOf(mdl, 3)).toEqual(wanted.map(frameOf));
    for (const address of wanted) expect(rig.memory.frames.lockCount(frameOf(address))).toBe(1);
    expect(rig.memory.frames.lockCount(frameOf(start + PAGE_SIZE))).toBe(0);
    rig.call('MmUnlockPages', mdl);
    for (const address of wanted) expect(rig.memory.frames.lockCount(frameOf(address))).toBe(0);
  });

  test('one bad address, and nothing stays locked', () => {
    const start = userMemory(2);
    const mdl = rig.number('IoAllocateMdl', 0, 3 * PAGE_SIZE, 0, 0, 0);
    const list = segments([start, start + PAGE_SIZE, 0x5000_0000]);
    const raised = rig.exception('MmProbeAndLockSelectedPages', mdl, list, UserMode, IoWriteAccess);
    expect(raised.parameters).toEqual([1, 0x5000_0000]);
    expect(rig.memory.frames.lockCount(frameOf(start))).toBe(0);
  });
});

describe('MmSecureVirtualMemory', () => {
  test('keeps the range from being freed or protected more, until it is unsecured', () => {
    const start = userMemory(4);
    const handle = rig.number('MmSecureVirtualMemory', start + PAGE_SIZE, 100, PAGE_READWRITE);
    expect(handle).not.toBe(0);
    const refused = status.STATUS_INVALID_PAGE_PROTECTION | 0;
    expect(service('NtFreeVirtualMemory', start, 0, MEM_RELEASE)).toBe(refused);
    expect(service('NtFreeVirtualMemory', start + PAGE_SIZE, 1, MEM_DECOMMIT)).toBe(refused);
    expect(service('NtProtectVirtualMemory', start, 4 * PAGE_SIZE, PAGE_READONLY)).toBe(refused);
    // Pages beside it are free to change.
    expect(service('NtProtectVirtualMemory', start, PAGE_SIZE, PAGE_READONLY)).toBe(0);
    rig.call('MmUnsecureVirtualMemory', handle);
    expect(service('NtProtectVirtualMemory', start, 4 * PAGE_SIZE, PAGE_READONLY)).toBe(0);
    expect(service('NtFreeVirtualMemory', start, 0, MEM_RELEASE)).toBe(0);
    expect(rig.violations).toEqual([]);
  });

  test('secured for reading, it may still become read-only', () => {
    const start = userMemory(1);
    rig.call('MmSecureVirtualMemory', start, 100, PAGE_READONLY);
    expect(service('NtProtectVirtualMemory', start, 1, PAGE_READONLY)).toBe(0);
    expect(service('NtProtectVirtualMemory', start, 1, 0x01)).toBe(
      status.STATUS_INVALID_PAGE_PROTECTION | 0,
    );
  });

  test.each([
    ['no user address', () => cells, PAGE_READONLY, 'not an address of user space'],
    ['nothing there', () => 0x5000_0000, PAGE_READONLY, 'not all of it is committed'],
    ['a probe mode of its own', () => userMemory(1), 0x40, 'PAGE_READONLY or PAGE_READWRITE'],
  ])('%s: NULL, and it says why', (_what, address, mode, why) => {
    expect(rig.number('MmSecureVirtualMemory', address(), 16, mode)).toBe(0);
    expect(rig.explanations.at(-1)).toContain(why);
    expect(rig.explanations.at(-1)).toContain('16 bytes');
  });

  test('memory that is read-only cannot be secured for writing', () => {
    const start = userMemory(1);
    service('NtProtectVirtualMemory', start, 1, PAGE_READONLY);
    expect(rig.number('MmSecureVirtualMemory', start, 16, PAGE_READWRITE)).toBe(0);
    expect(rig.explanations.at(-1)).toContain('readOnly');
  });

  test('a handle that is not one, and one that was given back', () => {
    rig.call('MmUnsecureVirtualMemory', 0x1234);
    const handle = rig.number('MmSecureVirtualMemory', userMemory(1), 16, PAGE_READONLY);
    rig.callIn(0, 'MmUnsecureVirtualMemory', handle);
    expect(rig.rules).toEqual(['wrong_handle', 'wrong_handle']);
  });

  test('securing is no lock: the pages may be paged out', () => {
    rig = new Rig({ trim: true });
    const start = userMemory(1);
    rig.call('MmSecureVirtualMemory', start, 16, PAGE_READONLY);
    const mdl = rig.number('IoAllocateMdl', start, 16, 0, 0, 0);
    rig.call('MmProbeAndLockPages', mdl, UserMode, IoReadAccess);
    rig.call('MmUnlockPages', mdl);
    expect(rig.number('MmGetPhysicalAddress', start)).toBe(0);
  });
});

test('user memory is reserved and committed page by page', () => {
  rig.driver.write64(cells, 0);
  rig.driver.write64(cells + 8, 10 * PAGE_SIZE);
  const before = rig.free;
  expect(
    rig.number('NtAllocateVirtualMemory', -1, cells, 0, cells + 8, MEM_RESERVE, PAGE_READWRITE),
  ).toBe(0);
  expect(rig.free).toBe(before);
  const start = rig.driver.readNumber(cells);
  rig.driver.write64(cells, start + PAGE_SIZE);
  rig.driver.write64(cells + 8, 3 * PAGE_SIZE);
  expect(
    rig.number('NtAllocateVirtualMemory', -1, cells, 0, cells + 8, MEM_COMMIT, PAGE_READWRITE),
  ).toBe(0);
  expect(before - rig.free).toBe(3);
  expect(service('NtFreeVirtualMemory', start, 0, MEM_RELEASE)).toBe(0);
  expect(rig.free).toBe(before);
});
