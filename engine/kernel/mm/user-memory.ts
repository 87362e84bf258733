/**
 * Memory of processes: reserved, committed, protected, secured. A region is what one call reserved; its pieces are
 * mappings that name its start.
 */
import {
  bytesToPages,
  PAGE_SIZE,
  pageAlign,
  spanPages,
  type VirtualAddress,
  virtual,
} from '../../base/addresses.ts';
import { hex } from '../../base/int64.ts';
import type { Table } from '../../base/store.ts';
import {
  type AddressSpace,
  endOf,
  type Mapping,
  type Protection,
} from '../../machine/address-space.ts';
import { anyFrames, type FrameRunGrant } from '../../machine/frames.ts';
import type { NativeCall, NativeTable } from '../../vm/natives.ts';
import { APC_LEVEL } from '../context.ts';
import { status } from '../status.ts';
import { checkHighestIrql } from '../verifier/irql-rules.ts';
import { type MemoryRoutines, refuse } from './calls.ts';
import { bytesText } from './describe.ts';
import { cutMapping } from './paging.ts';
import { skipPages } from './pieces.ts';

const MEM_COMMIT = 0x1000;
const MEM_RESERVE = 0x2000;
const MEM_DECOMMIT = 0x4000;
const MEM_RELEASE = 0x8000;
const MEM_RESET = 0x8_0000;
/** Reserved regions begin at multiples of this. */
const GRANULARITY = 0x1_0000;

const SECURE_PAGE = 'nf-ntddk-mmsecurevirtualmemory';
const UNSECURE_PAGE = 'nf-ntddk-mmunsecurevirtualmemory';

/** PAGE_ values and what they allow. */
const protections: Readonly<Record<number, Protection>> = {
  1: 'noAccess',
  2: 'readOnly',
  4: 'readWrite',
  8: 'readWrite',
  16: 'execute',
  32: 'executeRead',
  64: 'executeReadWrite',
  128: 'executeReadWrite',
};

/** What a PAGE_ value allows; undefined for none or several. */
export const userProtection = (value: number): Protection | undefined => protections[value & 0xff];

/** The PAGE_ value of a protection. */
function protectionValue(protection: Protection): number {
  const found = Object.entries(protections).find(([, value]) => value === protection);
  return Number(found?.[0] ?? 1);
}

const mayBeWritten = (protection: Protection): boolean => protection.endsWith('eadWrite');

/** A range that MmSecureVirtualMemory keeps as it is. Plain data. */
interface SecuredRange {
  readonly process: number;
  readonly start: number;
  readonly end: number;
  readonly writable: boolean;
}

interface Range {
  readonly start: VirtualAddress;
  readonly pages: number;
}

/** The routines' table. */
export function userMemoryRoutines(context: MemoryRoutines): NativeTable {
  const memory = new UserMemory(context);
  return {
    NtAllocateVirtualMemory: (call) => memory.allocate(call) | 0,
    NtFreeVirtualMemory: (call) => memory.free(call) | 0,
    NtProtectVirtualMemory: (call) => memory.protect(call) | 0,
    MmSecureVirtualMemory: (call) => memory.secure(call),
    MmSecureVirtualMemoryEx: (call) => memory.secure(call),
    MmUnsecureVirtualMemory: (call) => memory.unsecure(call),
  };
}

class UserMemory {
  private readonly secured: Table<number, SecuredRange>;

  constructor(private readonly context: MemoryRoutines) {
    const { store, host } = context.memory;
    this.secured = store.table(`${host.name}.securedRanges`);
  }

  // ---- Allocating ----------------------------------------------------------------------------------

  /** NtAllocateVirtualMemory: reserves a region, commits pages of one, or both. */
  allocate(call: NativeCall): number {
    const space = this.context.kernel.userSpace(call.process);
    const wanted = call.memory.readNumber(call.number(1), '*BaseAddress');
    const size = call.memory.readNumber(call.number(3), '*RegionSize');
    const type = call.number(4) >>> 0;
    const protection = userProtection(call.number(5));
    if (space === undefined || size <= 0 || protection === undefined) {
      return status.STATUS_INVALID_PARAMETER;
    }
    if ((type & MEM_RESET) !== 0) return status.STATUS_SUCCESS;
    if ((type & (MEM_COMMIT | MEM_RESERVE)) === 0) return status.STATUS_INVALID_PARAMETER;
    const isNew = wanted === 0 || (type & MEM_RESERVE) !== 0;
    const range = isNew ? this.reserve(space, wanted, size, protection) : rangeOf(wanted, size);
    if (range === undefined) {
      return wanted === 0 ? status.STATUS_NO_MEMORY : status.STATUS_CONFLICTING_ADDRESSES;
    }
    if ((type & MEM_COMMIT) !== 0) {
      const pieces = isNew ? this.piecesOf(space, range) : this.regionPieces(space, range);
      if (pieces === undefined) return status.STATUS_CONFLICTING_ADDRESSES;
      if (!this.commit(space, pieces, range, protection)) {
        if (isNew) space.remove(range.start);
        return status.STATUS_NO_MEMORY;
      }
    }
    call.memory.write64(call.number(1), range.start);
    call.memory.write64(call.number(3), range.pages * PAGE_SIZE);
    return status.STATUS_SUCCESS;
  }

  /** Address space of its own for a region; undefined where something else lies. */
  private reserve(
    space: AddressSpace,
    wanted: number,
    size: number,
    protection: Protection,
  ): Range | undefined {
    const { memory } = this.context;
    let start: VirtualAddress | undefined;
    let pages = bytesToPages(size);
    if (wanted === 0) {
      start = memory.reserveUser(space, pages);
    } else {
      start = virtual(Math.floor(wanted / GRANULARITY) * GRANULARITY);
      pages = Math.ceil((wanted + size - start) / PAGE_SIZE);
      if (start < space.first || start + pages * PAGE_SIZE - 1 > space.last) return undefined;
      if (!memory.clearFreed(space, start, pages)) return undefined;
    }
    if (start === undefined) return undefined;
    space.put({
      start,
      pages,
      use: 'userMemory',
      runs: [],
      absent: 'reserved',
      protection,
      user: true,
      cache: 'cached',
      pageable: true,
      region: start,
    });
    return { start, pages };
  }

  /** Gives pages that are only reserved zeroed memory, and all of the range the protection; false when there is none. */
  private commit(
    space: AddressSpace,
    pieces: readonly Mapping[],
    range: Range,
    protection: Protection,
  ): boolean {
    const { memory } = this.context;
    const missing = pieces.reduce(
      (sum, piece) => sum + (piece.absent === 'reserved' ? overlap(piece, range).count : 0),
      0,
    );
    const granted = missing === 0 ? [] : this.zeroedFrames(missing);
    if (granted === undefined) return false;
    let used = 0;
    for (const piece of pieces) {
      const { first, count } = overlap(piece, range);
      const middle = this.split(space, piece, first, count);
      if (piece.absent !== 'reserved') {
        space.put({ ...middle, protection });
        continue;
      }
      space.remove(middle.start);
      memory.mapAt(space, middle.start, true, {
        use: 'userMemory',
        runs: takePages(granted, used, count),
        protection,
        cache: 'cached',
        pageable: true,
        allocation: undefined,
        ...(middle.region === undefined ? {} : { region: middle.region }),
      });
      used += count;
    }
    return true;
  }

  private zeroedFrames(pages: number): readonly FrameRunGrant[] | undefined {
    const { memory } = this.context;
    const answer = memory.allocateFrames({
      pages,
      ...anyFrames,
      owner: 'user memory',
    });
    if (!answer.granted) return undefined;
    for (const run of answer.runs) memory.host.memory.zero(run.frame, run.count);
    memory.store.invalidate();
    return answer.runs;
  }

  // ---- Freeing -------------------------------------------------------------------------------------

  /** NtFreeVirtualMemory: gives pages back (MEM_DECOMMIT), or with MEM_RELEASE the region that begins there. */
  free(call: NativeCall): number {
    const { memory } = this.context;
    const space = this.context.kernel.userSpace(call.process);
    const base = call.memory.readNumber(call.number(1), '*BaseAddress');
    const size = call.memory.readNumber(call.number(2), '*RegionSize');
    const type = call.number(3) >>> 0;
    const at = space?.find(base);
    if (space === undefined || at === undefined || at.absent === 'freed') {
      return status.STATUS_MEMORY_NOT_ALLOCATED;
    }
    if (at.use === 'sectionView') return status.STATUS_UNABLE_TO_DELETE_SECTION;
    if (at.use !== 'userMemory') return status.STATUS_INVALID_PARAMETER;
    if (type !== MEM_DECOMMIT && type !== MEM_RELEASE) return status.STATUS_INVALID_PARAMETER;
    const region = at.region ?? at.start;
    if (size === 0 && pageAlign(base) !== region) return status.STATUS_FREE_VM_NOT_AT_BASE;
    const whole = this.regionFrom(space, region);
    const range = size === 0 ? whole : rangeOf(base, size);
    if (endOfRange(range) > endOfRange(whole)) return status.STATUS_UNABLE_TO_FREE_VM;
    if (this.isSecured(call.process, range, undefined))
      return status.STATUS_INVALID_PAGE_PROTECTION;
    for (const piece of this.piecesOf(space, range)) {
      const { first, count } = overlap(piece, range);
      const middle = this.split(space, piece, first, count);
      memory.freeUser(space, middle.start);
      if (type === MEM_RELEASE) continue;
      const { paged: _gone, ...rest } = middle;
      space.put({ ...rest, runs: [], absent: 'reserved' });
    }
    call.memory.write64(call.number(1), range.start);
    call.memory.write64(call.number(2), range.pages * PAGE_SIZE);
    return status.STATUS_SUCCESS;
  }

  // ---- Protection ----------------------------------------------------------------------------------

  /** NtProtectVirtualMemory: every page of the range must be committed and none secured against it. */
  protect(call: NativeCall): number {
    const space = this.context.kernel.userSpace(call.process);
    const base = call.memory.readNumber(call.number(1), '*BaseAddress');
    const size = call.memory.readNumber(call.number(2), '*RegionSize');
    const protection = userProtection(call.number(3));
    if (protection === undefined) return status.STATUS_INVALID_PAGE_PROTECTION;
    if (space === undefined || size <= 0) return status.STATUS_INVALID_PARAMETER;
    const range = rangeOf(base, size);
    const pieces = this.piecesOf(space, range);
    const [first] = pieces;
    if (first === undefined || first.absent === 'freed' || !covers(pieces, range)) {
      return status.STATUS_CONFLICTING_ADDRESSES;
    }
    if (pieces.some((piece) => piece.absent !== undefined)) return status.STATUS_NOT_COMMITTED;
    // The protection of a driver's mapping cannot be changed from user mode.
    if (pieces.some((piece) => piece.use === 'mdl')) return status.STATUS_INVALID_PAGE_PROTECTION;
    if (this.isSecured(call.process, range, protection)) {
      return status.STATUS_INVALID_PAGE_PROTECTION;
    }
    call.memory.write(call.number(4), 4, protectionValue(first.protection));
    for (const piece of pieces) {
      const part = overlap(piece, range);
      space.put({ ...this.split(space, piece, part.first, part.count), protection });
    }
    call.memory.write64(call.number(1), range.start);
    call.memory.write64(call.number(2), range.pages * PAGE_SIZE);
    return status.STATUS_SUCCESS;
  }

  // ---- Securing ------------------------------------------------------------------------------------

  /**
   * MmSecureVirtualMemory: until it is ended nobody frees the range or takes the access of the probe mode away. The
   * pages may still be paged out: it is no lock.
   */
  secure(call: NativeCall): number {
    const { kernel, memory } = this.context;
    const address = call.number(0);
    const size = call.number(1);
    const mode = call.number(2) >>> 0;
    checkHighestIrql(kernel, call, APC_LEVEL, SECURE_PAGE);
    const space = address < 0 ? undefined : kernel.userSpace(call.process);
    const writable = mode === 0x04;
    const why = this.whyNotSecured(space, address, size, mode, writable);
    if (why !== undefined) {
      const text = `${bytesText(size)} at ${hex(address, 16)}, ${writable ? 'PAGE_READWRITE' : hex(mode)}: ${why}`;
      return refuse(this.context, call, { explanation: text, page: SECURE_PAGE });
    }
    const { store } = memory;
    const handle = (store.all(this.secured).last()?.[0] ?? 0x1000) + 0x10;
    const { start, pages } = rangeOf(address, size);
    store.set(this.secured, handle, {
      process: call.process,
      start,
      end: start + pages * PAGE_SIZE,
      writable,
    });
    return handle;
  }

  /** MmUnsecureVirtualMemory, in the process of the range. */
  unsecure(call: NativeCall): undefined {
    const { kernel, memory } = this.context;
    const handle = call.number(0);
    checkHighestIrql(kernel, call, APC_LEVEL, UNSECURE_PAGE);
    const found = memory.store.get(this.secured, handle);
    if (found === undefined || found.process !== call.process) {
      call.violation(
        'wrong_handle',
        `${call.routine} is given ${hex(handle)}, which ${
          found === undefined
            ? 'is no handle of MmSecureVirtualMemory, or no longer'
            : 'secures memory of another process: it is ended in the process that it was made in'
        }.`,
        UNSECURE_PAGE,
      );
      return undefined;
    }
    memory.store.delete(this.secured, handle);
    return undefined;
  }

  private whyNotSecured(
    space: AddressSpace | undefined,
    address: number,
    size: number,
    mode: number,
    writable: boolean,
  ): string | undefined {
    if (mode !== 0x02 && !writable) return 'the probe mode is PAGE_READONLY or PAGE_READWRITE';
    if (space === undefined) return 'it is not an address of user space';
    if (size <= 0) return 'no byte is asked for';
    const range = rangeOf(address, size);
    const pieces = this.piecesOf(space, range);
    if (!covers(pieces, range) || pieces.some((piece) => piece.absent !== undefined)) {
      return 'not all of it is committed';
    }
    const bad = pieces.find(({ protection }) =>
      writable ? !mayBeWritten(protection) : protection === 'noAccess',
    );
    return bad && `at ${hex(Math.max(bad.start, range.start), 16)} the pages are ${bad.protection}`;
  }

  /** Whether a change takes something away that was secured; without a protection the memory itself goes. */
  private isSecured(process: number, range: Range, protection: Protection | undefined): boolean {
    for (const one of this.context.memory.store.all(this.secured).values()) {
      if (one.process !== process || one.start >= endOfRange(range) || range.start >= one.end) {
        continue;
      }
      if (protection === undefined) return true;
      if (one.writable ? !mayBeWritten(protection) : protection === 'noAccess') return true;
    }
    return false;
  }

  // ---- Regions -------------------------------------------------------------------------------------

  /** A region, from its start to its last piece. */
  private regionFrom(space: AddressSpace, region: VirtualAddress): Range {
    let end = region;
    for (const [, piece] of space.mappings.entries(region)) {
      if (piece.start !== end || (piece.region ?? piece.start) !== region) break;
      if (piece.absent === 'freed') break;
      end = virtual(endOf(piece));
    }
    return { start: region, pages: (end - region) / PAGE_SIZE };
  }

  /** Pieces of one region that cover a range; undefined when they do not. */
  private regionPieces(space: AddressSpace, range: Range): readonly Mapping[] | undefined {
    const pieces = this.piecesOf(space, range);
    const region = pieces[0]?.region;
    const isOne =
      region !== undefined &&
      pieces.every((piece) => piece.region === region && piece.absent !== 'freed');
    return isOne && covers(pieces, range) ? pieces : undefined;
  }

  /** Mappings that overlap a range, in order. */
  private piecesOf(space: AddressSpace, range: Range): readonly Mapping[] {
    const found: Mapping[] = [];
    const from = space.find(range.start)?.start ?? range.start;
    for (const [start, mapping] of space.mappings.entries(from)) {
      if (start >= endOfRange(range)) break;
      found.push(mapping);
    }
    return found;
  }

  /** Cuts a mapping so that `count` pages from page `first` on are one of their own, which is the answer. */
  private split(space: AddressSpace, mapping: Mapping, first: number, count: number): Mapping {
    const end = first + count;
    if (first === 0 && end === mapping.pages) return mapping;
    if (end < mapping.pages) space.put(cutMapping(mapping, end, mapping.pages));
    const middle = cutMapping(mapping, first, end);
    space.put(middle);
    if (first > 0) space.put(cutMapping(mapping, 0, first));
    return middle;
  }
}

const rangeOf = (address: number, size: number): Range => ({
  start: pageAlign(virtual(address)),
  pages: spanPages(address, size),
});

const endOfRange = (range: Range): number => range.start + range.pages * PAGE_SIZE;

/** Which pages of a mapping a range touches. */
function overlap(
  mapping: Mapping,
  range: Range,
): { readonly first: number; readonly count: number } {
  const start = Math.max(mapping.start, range.start);
  const end = Math.min(endOf(mapping), endOfRange(range));
  return { first: (start - mapping.start) / PAGE_SIZE, count: (end - start) / PAGE_SIZE };
}

/** Whether mappings, in order, leave no page of a range out. */
function covers(pieces: readonly Mapping[], range: Range): boolean {
  let end: number = range.start;
  for (const piece of pieces) {
    if (piece.start > end) return false;
    end = endOf(piece);
  }
  return end >= endOfRange(range);
}

/** `count` pages of runs from page `first` on. */
function takePages(
  runs: readonly FrameRunGrant[],
  first: number,
  count: number,
): readonly FrameRunGrant[] {
  const taken: FrameRunGrant[] = [];
  let left = count;
  for (const run of skipPages(runs, first)) {
    if (left === 0) break;
    const part = Math.min(run.count, left);
    taken.push({ frame: run.frame, count: part });
    left -= part;
  }
  return taken;
}
