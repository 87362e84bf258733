/** MmProbeAndLockPages and MmUnlockPages. */
import { formatPhysical, PAGE_SIZE, pageAlign, physical, virtual } from '../../base/addresses.ts';
import { hex } from '../../base/int64.ts';
import type { FrameRunGrant } from '../../machine/frames.ts';
import {
  BugCheck,
  type NativeCall,
  type NativeResult,
  type NativeTable,
  RaiseException,
} from '../../vm/natives.ts';
import { bugCheckCodes } from '../bug-check-codes.ts';
import { DISPATCH_LEVEL, irqlName } from '../context.ts';
import { status, statusName } from '../status.ts';
import { checkHighestIrql } from '../verifier/irql-rules.ts';
import {
  addressText,
  failsByInjection,
  isVerified,
  type MemoryRoutines,
  recordHolding,
  releaseHolding,
  verifierBugCheck,
} from './calls.ts';
import { bytesText } from './describe.ts';
import { flagsText, Mdl, type MdlFields, mdlFlags, mdlLayout, PFN_SIZE } from './mdl.ts';
import { releaseMapping } from './mdl-mapping.ts';
import { FREED_WHILE_LOCKED } from './memory-manager.ts';
import { PIECE_PAGES, PIECE_RUNS, pieceOf } from './pieces.ts';
import { type FramesPart, framesBehind } from './translation.ts';

const {
  MDL_MAPPED_TO_SYSTEM_VA,
  MDL_PAGES_LOCKED,
  MDL_SOURCE_IS_NONPAGED_POOL,
  MDL_PARTIAL,
  MDL_IO_SPACE,
  MDL_WRITE_OPERATION,
  MDL_PARTIAL_HAS_BEEN_MAPPED,
} = mdlFlags;

/** LOCK_OPERATION. */
const IO_READ_ACCESS = 0;
/** KPROCESSOR_MODE. */
const USER_MODE = 1;
/** Progress of MmUnlockPages while it takes the system mapping away. */
const MAPPING_GOES = -1;

const LOCK_PAGE = 'nf-wdm-mmprobeandlockpages';
const PROCESS_PAGE = 'nf-wdm-mmprobeandlockprocesspages';
const SELECTED_PAGE = 'nf-wdm-mmprobeandlockselectedpages';
const UNLOCK_PAGE = 'nf-wdm-mmunlockpages';
const PFN_PAGE = 'bug-check-0x4e--pfn-list-corrupt';

/** The routines' table. */
export function pageLockingRoutines(context: MemoryRoutines): NativeTable {
  return {
    MmProbeAndLockPages: (call) => probeAndLock(context, call),
    MmProbeAndLockProcessPages: (call) => lockOfProcess(context, call),
    MmProbeAndLockSelectedPages: (call) => lockSelected(context, call),
    MmUnlockPages: (call) => unlock(context, call),
  };
}

/** What a routine of the family is to lock. */
interface LockRequest {
  readonly mdl: Mdl;
  readonly mode: number;
  readonly write: boolean;
  /** Whose addresses they are. */
  readonly process: number;
  /** Sub-codes of 0xC4 for a wrong IRQL and for flags that forbid a lock. */
  readonly irqlCode: number;
  readonly flagsCode: number;
  readonly page: string;
  /** `most` pages from number `first` on. */
  parts(fields: MdlFields, first: number, most: number): Iterable<FramesPart>;
}

/**
 * Locks the pages of the buffer, all or none. Failure is an exception, never a result; the pages before the one
 * that fails keep no lock. Works in pieces: pages and page numbers are there for those that are locked so far.
 */
function probeAndLock(context: MemoryRoutines, call: NativeCall): NativeResult {
  return lockPages(context, call, {
    mdl: new Mdl(call.memory, virtual(call.number(0))),
    mode: call.number(1) & 0xff,
    write: call.number(2) !== IO_READ_ACCESS,
    process: call.process,
    irqlCode: 0x70,
    flagsCode: 0xb0,
    page: LOCK_PAGE,
    parts: adjacent(context, call.process),
  });
}

/** MmProbeAndLockProcessPages: the same with the addresses of another process. */
function lockOfProcess(context: MemoryRoutines, call: NativeCall): NativeResult {
  const process = context.memory.processBehind(call.number(1));
  if (process === undefined) {
    call.violation(
      'wrong_object',
      `${call.routine} is given ${hex(call.number(1), 16)}, which is no process.`,
      PROCESS_PAGE,
    );
    throw new RaiseException(status.STATUS_ACCESS_VIOLATION);
  }
  return lockPages(context, call, {
    mdl: new Mdl(call.memory, virtual(call.number(0))),
    mode: call.number(2) & 0xff,
    write: call.number(3) !== IO_READ_ACCESS,
    process,
    irqlCode: 0x71,
    flagsCode: 0xb1,
    page: PROCESS_PAGE,
    parts: adjacent(context, process),
  });
}

/** MmProbeAndLockSelectedPages: single pages by a list of addresses, in the order of the list. */
function lockSelected(context: MemoryRoutines, call: NativeCall): NativeResult {
  const list = call.number(1);
  return lockPages(context, call, {
    mdl: new Mdl(call.memory, virtual(call.number(0))),
    mode: call.number(2) & 0xff,
    write: call.number(3) !== IO_READ_ACCESS,
    process: call.process,
    irqlCode: 0x72,
    flagsCode: 0xb0,
    page: SELECTED_PAGE,
    *parts(_fields, first, most) {
      for (let index = first; index < first + most; index++) {
        const address = call.memory.readNumber(list + 8 * index, `SegmentArray[${index}].Buffer`);
        const space = context.memory.spaceOf(call.process, address);
        if (space !== undefined) context.memory.paging.makeResident(space, pageAlign(address), 1);
        yield* framesBehind(context, call.process, address, 1);
      }
    },
  });
}

/** The pages of an MDL's own range. */
function adjacent(context: MemoryRoutines, process: number): LockRequest['parts'] {
  return ({ startVa }, first, most) => {
    const start = startVa + first * PAGE_SIZE;
    const space = context.memory.spaceOf(process, start);
    if (space !== undefined) context.memory.paging.makeResident(space, start, most);
    return framesBehind(context, process, start, most);
  };
}

/** One piece of a lock. */
function lockPages(context: MemoryRoutines, call: NativeCall, request: LockRequest): NativeResult {
  const { memory } = context;
  const { mdl, process } = request;
  const { progress } = call;
  if (progress < 0) return unlockAgain(context, call, mdl, -progress);
  if (progress === 0) {
    const { kernel } = context;
    const { irql } = kernel.host;
    checkHighestIrql(kernel, call, DISPATCH_LEVEL, request.page, [
      request.irqlCode,
      irql,
      mdl.address,
      request.irqlCode === 0x70 ? request.mode : memory.processObject(process),
    ]);
  }
  const fields = mdl.read();
  if (progress === 0) {
    checkLockable(context, call, fields, request.flagsCode);
    if (failsByInjection(context, call, 'lock')) {
      throw new RaiseException(status.STATUS_INSUFFICIENT_RESOURCES);
    }
  }
  const runs: FrameRunGrant[] = [];
  let done = progress;
  let inputOutput = false;
  const most = Math.min(PIECE_PAGES, fields.pages - progress);
  for (const part of request.parts(fields, progress, most)) {
    // The first byte of the range for its first page, the page's start for the others.
    const isFirst = part.address === fields.startVa;
    const address = isFirst ? fields.virtualAddress : part.address;
    const why = whyNotLocked(context, call, request, part, address);
    if (why !== undefined || part.run === undefined) {
      const text = `${call.routine} raises ${statusName(status.STATUS_ACCESS_VIOLATION)} for ${bytesText(fields.byteCount)} at ${hex(fields.virtualAddress, 16)}: at ${hex(address, 16)}, ${why}.`;
      context.kernel.explain(call, text, request.page);
      for (const run of runs) memory.frames.unlock(run.frame, run.count);
      memory.unfinished.set(call.thread, { kind: 'unlocking', address, write: request.write });
      return unlockAgain(context, call, mdl, progress);
    }
    if (!memory.frames.isMemory(part.run.frame)) {
      inputOutput = true;
      reportRegisters(context, call, fields, part.run);
    } else {
      memory.frames.lock(part.run.frame, part.run.count);
    }
    runs.push(part.run);
    done += part.run.count;
    if (runs.length === PIECE_RUNS) break;
  }
  mdl.writeFrames(runs, progress);
  if (inputOutput) return describeRegisters(context, request, fields, done);
  if (done < fields.pages) return call.again(done);
  const user = fields.startVa >= 0;
  mdl.process = user ? memory.processObject(process) : 0;
  mdl.changeFlags(MDL_PAGES_LOCKED | (request.write ? MDL_WRITE_OPERATION : 0));
  if (user) memory.locks.add(process, fields.pages);
  recordHolding(context, call, 'locked pages', mdl.address, fields.byteCount, {
    process: user ? process : 0,
    pages: fields.pages,
    virtualAddress: fields.virtualAddress,
    operation: request.write ? 'IoWriteAccess' : 'IoReadAccess',
  });
  return undefined;
}

/** What forbids to lock a page; undefined when nothing does. Pageable memory at DISPATCH_LEVEL is a bug check. */
function whyNotLocked(
  context: MemoryRoutines,
  call: NativeCall,
  request: LockRequest,
  part: FramesPart,
  address: number,
): string | undefined {
  const { irql } = context.kernel.host;
  const { mapping, run } = part;
  if (mapping?.pageable === true && irql >= DISPATCH_LEVEL) {
    throw new BugCheck(
      bugCheckCodes.IRQL_NOT_LESS_OR_EQUAL,
      [address, irql, request.write ? 1 : 0, 0],
      `${call.caller.module} locks pageable memory at ${irqlName(irql)}: ${addressText(context, call, address)}.`,
      'bug-check-0xa--irql-not-less-or-equal',
    );
  }
  if (mapping === undefined || run === undefined) return 'no page is present there';
  if (request.mode === USER_MODE && !mapping.user) return 'it is not an address of user space';
  return request.write && !mapping.protection.endsWith('eadWrite')
    ? `the page may not be written (${mapping.protection})`
    : undefined;
}

/** Takes the locks of the first `pages` pages off again, the last ones first; then the exception is raised. */
function unlockAgain(
  context: MemoryRoutines,
  call: NativeCall,
  mdl: Mdl,
  pages: number,
): NativeResult {
  const { memory } = context;
  const piece = Math.min(pages, PIECE_PAGES);
  let left = pages;
  for (const run of mdl.readFrames(piece, pages - piece).slice(-PIECE_RUNS)) {
    left -= run.count;
    for (const part of memory.frames.locksOf(run.frame, run.count)) {
      if (part.locks > 0) memory.frames.unlock(part.frame, part.count);
    }
  }
  if (left > 0) return call.again(-left);
  const failure = memory.unfinished.get(call.thread, 'unlocking');
  memory.unfinished.delete(call.thread);
  throw new RaiseException(status.STATUS_ACCESS_VIOLATION, [
    failure?.write === true ? 1 : 0,
    failure?.address ?? 0,
  ]);
}

/**
 * A range with registers of a device in it: the MDL describes I/O space and nothing is locked. All page numbers are
 * written at once: a range of registers is short.
 */
function describeRegisters(
  context: MemoryRoutines,
  request: LockRequest,
  fields: MdlFields,
  locked: number,
): undefined {
  const { frames } = context.memory;
  const { mdl, write } = request;
  const runs: FrameRunGrant[] = [];
  let pages = 0;
  for (const { run } of request.parts(fields, 0, fields.pages)) {
    if (run === undefined) break;
    // Memory in front of the registers was locked already.
    const count = Math.min(run.count, locked - pages);
    if (count > 0 && frames.isMemory(run.frame)) frames.unlock(run.frame, count);
    runs.push(run);
    pages += run.count;
  }
  mdl.writeFrames(runs);
  mdl.process = fields.startVa >= 0 ? context.memory.processObject(request.process) : 0;
  mdl.changeFlags(MDL_IO_SPACE | (write ? MDL_WRITE_OPERATION : 0));
}

/**
 * Flags that forbid a lock: 0xC4/B0 with Driver Verifier. Without it Windows goes on, and the pages of an MDL
 * that is locked twice stay locked for good.
 */
function checkLockable(
  context: MemoryRoutines,
  call: NativeCall,
  fields: MdlFields,
  code: number,
): void {
  const wrong =
    fields.flags &
    (MDL_PAGES_LOCKED |
      MDL_SOURCE_IS_NONPAGED_POOL |
      MDL_PARTIAL |
      MDL_MAPPED_TO_SYSTEM_VA |
      MDL_IO_SPACE);
  if (wrong === 0) return;
  const text = `${call.caller.module} locks the pages of an MDL with ${flagsText(wrong)}: ${
    (wrong & MDL_PAGES_LOCKED) !== 0
      ? 'it is locked already, and one MDL holds one lock'
      : 'only an MDL that is not built yet can be locked'
  }.`;
  if (isVerified(context, call)) {
    throw verifierBugCheck([code, fields.address, fields.flags, wrong], text);
  }
  call.violation('mdl_state', text, LOCK_PAGE);
}

/** Frames that are not memory: they get no lock, and the MDL is marked as one of I/O space. */
function reportRegisters(
  context: MemoryRoutines,
  call: NativeCall,
  fields: MdlFields,
  run: FrameRunGrant,
): void {
  const text = `${call.caller.module} locks the page at ${formatPhysical(physical(run.frame * PAGE_SIZE))}, which is not memory of the system (a device's own memory, say).`;
  if (isVerified(context, call)) {
    throw verifierBugCheck([0x6f, fields.address, run.frame, context.memory.frames.highest], text);
  }
  call.violation('lock_of_registers', text, LOCK_PAGE);
}

/** Unlocks by the flags and page numbers in the MDL. A system mapping goes first, as documented. */
function unlock(context: MemoryRoutines, call: NativeCall): NativeResult {
  const { kernel, memory } = context;
  const mdl = new Mdl(call.memory, virtual(call.number(0)));
  const fields = mdl.read();
  if (call.progress === 0) {
    checkHighestIrql(kernel, call, DISPATCH_LEVEL, UNLOCK_PAGE, [
      0x78,
      kernel.host.irql,
      mdl.address,
      0,
    ]);
    checkUnlockable(context, call, mdl, fields);
  }
  const mapped = MDL_MAPPED_TO_SYSTEM_VA;
  if ((fields.flags & mapped) !== 0 && (fields.flags & MDL_SOURCE_IS_NONPAGED_POOL) === 0) {
    if (!releaseMapping(context, call, mdl.mappedSystemVa)) return call.again(MAPPING_GOES);
    mdl.changeFlags(0, mapped | MDL_PARTIAL_HAS_BEEN_MAPPED);
  }
  const before = Math.max(call.progress, 0);
  const left = Math.min(PIECE_PAGES, fields.pages - before);
  const piece = pieceOf(mdl.readFrames(left, before));
  const holding = memory.ledger.find('locked pages', mdl.address);
  unlockFrames(context, call, mdl, piece.runs, piece.pages);
  const start = fields.startVa + before * PAGE_SIZE;
  const space = memory.spaceOf(Number(holding?.details['process'] ?? 0), start);
  // Pages of a list are not the MDL's range.
  const isRange = holding?.routine !== 'MmProbeAndLockSelectedPages';
  if (space !== undefined && isRange) memory.paging.trim(space, start, piece.pages);
  const done = before + piece.pages;
  if (done < fields.pages) return call.again(done);
  mdl.changeFlags(0, MDL_PAGES_LOCKED | mapped | MDL_WRITE_OPERATION | MDL_PARTIAL_HAS_BEEN_MAPPED);
  if (holding !== undefined) releaseHolding(context, call, holding);
  return undefined;
}

/**
 * An MDL that holds no lock. With Driver Verifier 0xC4/7C, 7D or B4; without, the count that goes below zero
 * stops the system: that of the process (0x76/1) or that of the page (0x4E/7).
 */
function checkUnlockable(
  context: MemoryRoutines,
  call: NativeCall,
  mdl: Mdl,
  fields: MdlFields,
): void {
  const { flags, address } = fields;
  const caller = call.caller.module;
  const verified = isVerified(context, call);
  const partial = (flags & MDL_PARTIAL) !== 0;
  const nonPaged = (flags & MDL_SOURCE_IS_NONPAGED_POOL) !== 0;
  if ((flags & MDL_PAGES_LOCKED) !== 0 && !partial && !nonPaged) return;
  const text = partial
    ? `${caller} unlocks a partial MDL; only the source MDL holds the lock.`
    : nonPaged
      ? `${caller} unlocks an MDL that was built for nonpaged pool and holds no lock.`
      : `${caller} unlocks the pages of an MDL that is not locked (${flagsText(flags)}).`;
  if (verified) {
    throw verifierBugCheck(
      partial ? [0xb4, address, flags, MDL_PARTIAL] : [nonPaged ? 0x7d : 0x7c, address, flags, 0],
      text,
    );
  }
  const last = context.memory.ledger.findFreed('locked pages', address);
  const history = last === undefined ? '' : ' Its last lock was taken off before.';
  // A process's account goes below zero, or the first page has no lock to take off.
  const process = isWrittenField(call, address) ? Number(mdl.process) : 0;
  if (process !== 0 && !partial) {
    const account = last?.details['process'];
    throw new BugCheck(
      bugCheckCodes.PROCESS_HAS_LOCKED_PAGES,
      [1, address, context.memory.lockedPages(Number(account ?? call.process)), 0],
      text + history,
      'bug-check-0x76--process-has-locked-pages',
    );
  }
  const first = Number(call.peek.read64(virtual(address + mdlLayout.pfnArray)) ?? 0);
  if (context.memory.frames.lockCount(first) > 0) {
    call.violation('mdl_state', text + history, UNLOCK_PAGE);
    return;
  }
  throw new BugCheck(bugCheckCodes.PFN_LIST_CORRUPT, [0x07, first, 0, 0], text + history, PFN_PAGE);
}

/** Process is set by locking and building only; before, its bytes mean nothing. */
const isWrittenField = (call: NativeCall, address: number): boolean =>
  call.peek.isWritten(virtual(address + mdlLayout.process), PFN_SIZE) === true;

/**
 * Takes a lock off each frame; a frame without one is bug check 0x4E/7. Frames whose memory was freed
 * meanwhile go with their last lock.
 */
export function unlockFrames(
  context: MemoryRoutines,
  call: NativeCall,
  mdl: Mdl,
  runs: readonly FrameRunGrant[],
  pages: number,
): void {
  const { frames, ledger, locks } = context.memory;
  for (const run of runs) {
    const bare = frames.firstUnlocked(run.frame, run.count);
    if (bare !== undefined) {
      const where = frames.isMemory(bare)
        ? `the page at ${formatPhysical(physical(bare * PAGE_SIZE))} is not locked`
        : `page number ${hex(bare)} is no memory of this machine`;
      throw new BugCheck(
        bugCheckCodes.PFN_LIST_CORRUPT,
        [0x07, bare, 0, 0],
        `${call.caller.module} unlocks pages more often than it locked them: ${where}.`,
        PFN_PAGE,
      );
    }
    frames.unlock(run.frame, run.count);
    for (const owned of frames.usesOf(run.frame, run.count)) {
      if (owned.use?.owner !== FREED_WHILE_LOCKED) continue;
      const loose = [...frames.locksOf(owned.frame, owned.count)].filter(
        ({ locks: left }) => left === 0,
      );
      context.memory.freeFrames(loose);
    }
  }
  const holding = ledger.find('locked pages', mdl.address);
  const process = holding?.details['process'];
  if (typeof process === 'number' && process !== 0) locks.add(process, -pages);
}
