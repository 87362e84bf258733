/**
 * What a processor fault means: an exception that `__try` can take, or the bug check that Windows would
 * stop with. Codes and parameters: the `bug-check-0x..` pages of the driver documentation.
 */
import { PAGE_SIZE, type VirtualAddress, virtual } from '../base/addresses.ts';
import { hex, type Int64 } from '../base/int64.ts';
import {
  type AddressSpace,
  contentFrame,
  frameInMapping,
  type Mapping,
} from '../machine/address-space.ts';
import type { Host } from '../machine/host.ts';
import type { Fault } from '../vm/access.ts';
import { BugCheck, type ExceptionRecord } from '../vm/natives.ts';
import { bugCheckCodes } from './bug-check-codes.ts';
import { DISPATCH_LEVEL, irqlName } from './context.ts';
import { pageTableEntry } from './page-table-entries.ts';
import { status, statusName } from './status.ts';

/** What the judge needs to know of the place where the fault happened. */
export interface FaultPlace {
  readonly host: Host;
  readonly mode: 'kernel' | 'user';
  /** The user address space of the thread's process. */
  readonly space: AddressSpace | undefined;
  readonly pc: VirtualAddress;
  /** The module whose code runs: `ntoskrnl` is the kernel itself. */
  readonly module: string;
  /** Whether the instruction lies in the kernel: its bug checks have codes of their own. */
  readonly byKernel: boolean;
  /** Windows 10 and later print accesses in bug check 0x50 by the bits of the page fault. */
  readonly pageFaultBits: boolean;
  /** What is (or was) allocated at an address, in words. */
  describe(address: number): string | undefined;
}

/** The highest user address and a bit more: everything non-negative below the canonical hole. */
const USER_END = 0x8000_0000_0000;

const accessCode = { read: 0, write: 1, execute: 8 } as const;
const accessWord = { read: 'read', write: 'written', execute: 'executed' } as const;

/** Decides what a fault of the running thread means. */
export function judgeFault(fault: Fault, place: FaultPlace): ExceptionRecord | BugCheck {
  if (fault.kind === 'nonCanonical' || typeof fault.address === 'bigint') {
    // The processor raises a general protection fault, which carries no address.
    return accessViolation(fault, place.pc, -1, 0);
  }
  const address = fault.address;
  const isUser = address >= 0 && address < USER_END;
  if (place.mode === 'user') {
    if (isUser && isStackGuard(place.space, address, 'userStack')) {
      return exception(status.STATUS_STACK_OVERFLOW, place.pc, [accessCode[fault.access], address]);
    }
    return accessViolation(fault, place.pc, address);
  }
  if (place.host.irql >= DISPATCH_LEVEL) return raisedIrql(fault, address, place);
  if (isUser) return accessViolation(fault, place.pc, address);
  return systemAddress(fault, address, place);
}

function systemAddress(fault: Fault, address: number, place: FaultPlace): BugCheck {
  const space = place.host.system;
  const mapping = space.find(address);
  if (isStackGuard(space, address, 'kernelStack')) {
    return new BugCheck(
      bugCheckCodes.UNEXPECTED_KERNEL_MODE_TRAP,
      [8, 0, 0, 0],
      `The kernel stack is used up: the guard page below it was touched at ${hex(address, 16)}. ` +
        'A kernel stack is small and does not grow; deep recursion or large local variables end in a double fault (trap 8).',
      'bug-check-0x7f--unexpected-kernel-mode-trap',
    );
  }
  const special = specialPool(fault, address, place, mapping);
  if (special !== undefined) return special;
  const forbidden = protectedPage(fault, address, place, mapping);
  if (forbidden !== undefined) return forbidden;
  if (mapping !== undefined && isUnloaded(mapping)) {
    return unloadedDriver(fault, address, place, mapping);
  }
  const access = place.pageFaultBits
    ? { read: 0, write: 2, execute: 0x10 }[fault.access]
    : { read: 0, write: 1, execute: 0 }[fault.access];
  return new BugCheck(
    bugCheckCodes.PAGE_FAULT_IN_NONPAGED_AREA,
    [address, access, place.pc, mapping?.absent === 'freed' ? 0 : 2],
    `${place.module} ${verb(fault)} ${bytes(fault.size)} at ${hex(address, 16)}, where ${whatIsThere(place, address, mapping)}. ` +
      'An invalid address in system space cannot be caught by __except.',
    'bug-check-0x50--page-fault-in-nonpaged-area',
  );
}

function raisedIrql(fault: Fault, address: number, place: FaultPlace): BugCheck {
  const mapping = place.host.system.find(address);
  if (isStackGuard(place.host.system, address, 'kernelStack')) {
    return systemAddress(fault, address, place);
  }
  const special = specialPool(fault, address, place, mapping);
  if (special !== undefined) return special;
  const forbidden = protectedPage(fault, address, place, mapping);
  if (forbidden !== undefined) return forbidden;
  if (mapping !== undefined && isUnloaded(mapping)) {
    return unloadedDriver(fault, address, place, mapping);
  }
  const { byKernel } = place;
  if (!byKernel && mapping?.use === 'image' && mapping.absent === 'pagedOut') {
    return new BugCheck(
      bugCheckCodes.DRIVER_PORTION_MUST_BE_NONPAGED,
      [address, place.host.irql, fault.access === 'write' ? 1 : 0, place.pc],
      `${place.module} ${verb(fault)} ${bytes(fault.size)} at ${hex(address, 16)} at ${irqlName(place.host.irql)}: a part of an image that is marked pageable (${describe(mapping)}) and paged out.`,
      'bug-check-0xd3--driver-portion-must-be-nonpaged',
    );
  }
  const code = byKernel
    ? bugCheckCodes.IRQL_NOT_LESS_OR_EQUAL
    : bugCheckCodes.DRIVER_IRQL_NOT_LESS_OR_EQUAL;
  const there =
    mapping !== undefined && isPagedOut(mapping, address)
      ? `lies pageable memory (${describe(mapping)}) that is paged out`
      : whatIsThere(place, address, mapping);
  return new BugCheck(
    code,
    [address, place.host.irql, accessCode[fault.access], place.pc],
    `${place.module} ${verb(fault)} ${bytes(fault.size)} at ${hex(address, 16)} at ${irqlName(place.host.irql)}, where ${there}. ` +
      'At DISPATCH_LEVEL and above no page fault can be resolved.',
    byKernel
      ? 'bug-check-0xa--irql-not-less-or-equal'
      : 'bug-check-0xd1--driver-irql-not-less-or-equal',
  );
}

/** A page that is present and may not be used like this, at whatever IRQL: nothing has to be paged in. */
function protectedPage(
  fault: Fault,
  address: number,
  place: FaultPlace,
  mapping: Mapping | undefined,
): BugCheck | undefined {
  if (fault.kind !== 'protection' || mapping === undefined) return undefined;
  const parameters: BugCheck['parameters'] = [address, pageTableEntry(mapping, address), 0, 0];
  if (fault.access === 'write') {
    return new BugCheck(
      bugCheckCodes.ATTEMPTED_WRITE_TO_READONLY_MEMORY,
      parameters,
      `${place.module} wrote ${bytes(fault.size)} at ${hex(address, 16)}, which is mapped read-only (${describe(mapping)}).`,
      'bug-check-0xbe--attempted-write-to-readonly-memory',
    );
  }
  if (fault.access !== 'execute') return undefined;
  return new BugCheck(
    bugCheckCodes.ATTEMPTED_EXECUTE_OF_NOEXECUTE_MEMORY,
    parameters,
    `${place.module} jumped to ${hex(address, 16)}, which is not executable (${describe(mapping)}).`,
    'bug-check-0xfc---attempted-execute-of-noexecute-memory',
  );
}

/** Where the image of a driver was before it was unloaded. */
const isUnloaded = (mapping: Mapping): boolean =>
  mapping.use === 'image' && mapping.absent === 'freed';

/** A driver went while something could still come back to it: 0xCE, at raised IRQL 0xD4. */
function unloadedDriver(
  fault: Fault,
  address: number,
  place: FaultPlace,
  mapping: Mapping,
): BugCheck {
  const { irql } = place.host;
  const access = fault.access === 'write' ? 1 : 0;
  const raised = irql >= DISPATCH_LEVEL;
  return new BugCheck(
    raised
      ? bugCheckCodes.SYSTEM_SCAN_AT_RAISED_IRQL_CAUGHT_IMPROPER_DRIVER_UNLOAD
      : bugCheckCodes.DRIVER_UNLOADED_WITHOUT_CANCELLING_PENDING_OPERATIONS,
    raised ? [address, irql, access, place.pc] : [address, access, place.pc, 0],
    `${place.module} ${verb(fault)} ${bytes(fault.size)} at ${hex(address, 16)}, where a driver was that is unloaded now (${describe(mapping)}): a thread, timer, DPC, work item or request of it was still pending.`,
    raised
      ? 'bug-check-0xd4--system-scan-at-raised-irql-caught-improper-driver-unlo'
      : 'bug-check-0xce--driver-unloaded-without-cancelling-pending-operations',
  );
}

/** Freed special pool, or the inaccessible page behind (or before) a block of it. */
function specialPool(
  fault: Fault,
  address: number,
  place: FaultPlace,
  mapping: Mapping | undefined,
): BugCheck | undefined {
  const access = fault.access === 'write' ? 1 : 0;
  const parameters: readonly [Int64, Int64, Int64, Int64] = [address, access, place.pc, 0];
  const { byKernel } = place;
  // The block of the page, or of a neighbour of the guard.
  const block =
    place.describe(address) ??
    place.describe(address - PAGE_SIZE) ??
    place.describe(address + PAGE_SIZE);
  const known = block === undefined ? '' : ` (${block})`;
  if (mapping?.use === 'specialPool' && mapping.absent === 'freed') {
    return new BugCheck(
      byKernel
        ? bugCheckCodes.PAGE_FAULT_IN_FREED_SPECIAL_POOL
        : bugCheckCodes.DRIVER_PAGE_FAULT_IN_FREED_SPECIAL_POOL,
      parameters,
      `${place.module} ${verb(fault)} ${bytes(fault.size)} at ${hex(address, 16)}, in special pool that was freed${known}.`,
      byKernel
        ? 'bug-check-0xcc--page-fault-in-freed-special-pool'
        : 'bug-check-0xd5--driver-page-fault-in-freed-special-pool',
    );
  }
  const isGuard =
    (mapping?.use === 'specialPool' && mapping.absent === 'guard') ||
    (mapping === undefined && isBesideSpecialPool(place.host.system, address));
  if (!isGuard) return undefined;
  return new BugCheck(
    byKernel
      ? bugCheckCodes.PAGE_FAULT_BEYOND_END_OF_ALLOCATION
      : bugCheckCodes.DRIVER_PAGE_FAULT_BEYOND_END_OF_ALLOCATION,
    parameters,
    `${place.module} ${verb(fault)} ${bytes(fault.size)} at ${hex(address, 16)}, beyond the end of a block of special pool${known}.`,
    byKernel
      ? 'bug-check-0xcd--page-fault-beyond-end-of-allocation'
      : 'bug-check-0xd6--driver-page-fault-beyond-end-of-allocation',
  );
}

/** The inaccessible pages before and behind a page of special pool. */
function isBesideSpecialPool(space: AddressSpace, address: number): boolean {
  return [address - PAGE_SIZE, address + PAGE_SIZE].some(
    (neighbour) => space.find(neighbour)?.use === 'specialPool',
  );
}

/** What ends a kernel-mode thread whose exception no handler took. */
export function unhandledInKernel(
  exception: ExceptionRecord,
  running: 'service' | 'thread' | 'dpc',
  where: {
    readonly module: string;
    readonly exceptionRecord: Int64;
    readonly contextRecord: Int64;
  },
): BugCheck {
  const name = statusName(exception.code);
  const details =
    exception.code === status.STATUS_ACCESS_VIOLATION && exception.parameters.length >= 2
      ? ` (${accessOf(exception.parameters[0])} ${hex(exception.parameters[1] ?? 0, 16)})`
      : '';
  const text = `${where.module} raised ${name}${details} in kernel mode, and no __try block around it takes it.`;
  if (running === 'dpc') {
    const [one = 0, two = 0] = exception.parameters;
    return new BugCheck(
      bugCheckCodes.KMODE_EXCEPTION_NOT_HANDLED,
      [exception.code, exception.address, one, two],
      `${text} It happened in a DPC or an interrupt service routine.`,
      'bug-check-0x1e--kmode-exception-not-handled',
    );
  }
  return running === 'service'
    ? new BugCheck(
        bugCheckCodes.SYSTEM_SERVICE_EXCEPTION,
        [exception.code, exception.address, where.contextRecord, 0],
        `${text} It happened in a system service that a process called.`,
        'bug-check-0x3b--system-service-exception',
      )
    : new BugCheck(
        bugCheckCodes.SYSTEM_THREAD_EXCEPTION_NOT_HANDLED,
        [exception.code, exception.address, where.exceptionRecord, where.contextRecord],
        `${text} It happened in a system thread.`,
        'bug-check-0x7e--system-thread-exception-not-handled',
      );
}

function accessViolation(
  fault: Fault,
  pc: VirtualAddress,
  address: Int64,
  access: number = accessCode[fault.access],
): ExceptionRecord {
  return exception(status.STATUS_ACCESS_VIOLATION, pc, [access, address]);
}

function exception(
  code: number,
  pc: VirtualAddress,
  parameters: readonly Int64[],
): ExceptionRecord {
  return { code: code >>> 0, address: pc, parameters };
}

/** The unmapped page below a stack. */
function isStackGuard(
  space: AddressSpace | undefined,
  address: number,
  use: 'kernelStack' | 'userStack',
): boolean {
  if (space === undefined) return false;
  const mapping = space.find(address);
  if (mapping !== undefined) return mapping.use === use && mapping.absent === 'guard';
  const next = space.mappings.atOrAbove(address);
  return next !== undefined && next[1].use === use && next[0] - address <= PAGE_SIZE;
}

/** Whether a page is away but has contents. */
function isPagedOut(mapping: Mapping, address: number): boolean {
  if (mapping.absent === 'pagedOut') return true;
  return (
    frameInMapping(mapping, address) === undefined && contentFrame(mapping, address) !== undefined
  );
}

function whatIsThere(place: FaultPlace, address: number, mapping: Mapping | undefined): string {
  const space = place.host.system;
  const known = place.describe(address);
  if (known !== undefined) return `there was ${known}`;
  if (mapping !== undefined) {
    if (mapping.absent === 'freed') return `memory was freed (${describe(mapping)})`;
    if (mapping.absent === 'guard') return `a guard page lies (${describe(mapping)})`;
    if (mapping.absent === 'reserved')
      return `address space is only reserved (${describe(mapping)})`;
    if (isPagedOut(mapping, address)) return `memory is paged out (${describe(mapping)})`;
    return `this access is not allowed (${describe(mapping)})`;
  }
  if (address >= 0 && address < PAGE_SIZE * 16) return 'nothing is ever mapped (a NULL pointer)';
  const below = space.mappings.atOrBelow(address);
  if (below !== undefined) {
    const end = below[0] + below[1].pages * PAGE_SIZE;
    const distance = address - end;
    if (distance < 16 * PAGE_SIZE) {
      return `nothing is mapped, ${hex(distance)} bytes behind the end of ${describe(below[1])}`;
    }
  }
  return 'nothing is mapped';
}

const useNames: Readonly<Record<Mapping['use'], string>> = {
  image: 'an image',
  nonpagedPool: 'nonpaged pool',
  pagedPool: 'paged pool',
  specialPool: 'special pool',
  contiguous: 'contiguous memory',
  nonCachedMemory: 'noncached memory',
  commonBuffer: 'a common buffer',
  mdl: "a mapping of an MDL's pages",
  ioSpace: 'a mapping of I/O space',
  reservedMapping: 'a reserved mapping',
  kernelStack: 'a kernel stack',
  userStack: 'a user stack',
  userMemory: 'user memory',
  sectionView: 'a view of a section',
  systemData: 'system data',
};

function describe(mapping: Mapping): string {
  return `${useNames[mapping.use]} at ${hex(mapping.start, 16)}`;
}

function verb(fault: Fault): string {
  return { read: 'read', write: 'wrote', execute: 'executed' }[fault.access];
}

function accessOf(parameter: Int64 | undefined): string {
  if (parameter === 8) return `${accessWord.execute}`;
  return parameter === 1 ? accessWord.write : accessWord.read;
}

function bytes(count: number): string {
  return count === 1 ? '1 byte' : `${count} bytes`;
}

/** The code address reported for a thread that had none. */
export const NO_ADDRESS = virtual(0);
