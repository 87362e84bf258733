/** MmAllocatePagesForMdl and its relatives: frames without an address, described by an MDL. */
import {
  addressOf,
  bytesToPages,
  formatPhysical,
  frame,
  PAGE_SIZE,
  physical,
  virtual,
} from '../../base/addresses.ts';
import { hex } from '../../base/int64.ts';
import { type FrameRefusal, type FrameRunGrant, frameBounds } from '../../machine/frames.ts';
import {
  BugCheck,
  type NativeCall,
  type NativeResult,
  type NativeTable,
} from '../../vm/natives.ts';
import { bugCheckCodes } from '../bug-check-codes.ts';
import { DISPATCH_LEVEL } from '../context.ts';
import { verifierFlags } from '../services.ts';
import { status } from '../status.ts';
import { checkHighestIrql } from '../verifier/irql-rules.ts';
import {
  addressText,
  checkLowRequest,
  failsByInjection,
  type MemoryRoutines,
  recordHolding,
  refuse,
  releaseHolding,
  sizeArgument,
  unsignedArgument,
  verifierBugCheck,
} from './calls.ts';
import { pagesText } from './describe.ts';
import { MDL_SIZE, Mdl, mdlFlags, PFN_SIZE } from './mdl.ts';
import { releaseMapping } from './mdl-mapping.ts';
import { MDL_TAG } from './mdl-routines.ts';
import { PIECE_PAGES, pieceOf, skipPages, type UnfinishedCall } from './pieces.ts';

const { MDL_PAGES_LOCKED, MDL_MAPPED_TO_SYSTEM_VA, MDL_IO_SPACE } = mdlFlags;

/** Flags of MmAllocatePagesForMdlEx. */
const DONT_ZERO = 0x01;
const LOCAL_NODE_ONLY = 0x02;
const FULLY_REQUIRED = 0x04;
const PREFER_CONTIGUOUS = 0x10;
const REQUIRE_CONTIGUOUS_CHUNKS = 0x20;
const FAST_LARGE_PAGES = 0x40;
const AND_HOT_REMOVE = 0x100;
/** Bytes of a large page. */
const LARGE_PAGE = 0x20_0000;

/** One call describes at most this. */
const CEILING = 0x1_0000_0000 - PAGE_SIZE;

const OWNER = 'pages for MDL';
const PAGE = 'nf-wdm-mmallocatepagesformdlex';
const FREE_PAGE = 'nf-wdm-mmfreepagesfrommdl';

/** Progress of MmFreePagesFromMdl while it takes the system mapping away. */
const MAPPING_GOES = -1;
/** Searches, and runs that one of them may answer, of one piece of work. */
const SEARCHES = 64;
const SEARCHED_RUNS = 512;

type Allocating = Extract<UnfinishedCall, { kind: 'allocating' }>;

const nothingYet: Allocating = {
  kind: 'allocating',
  runs: [],
  skipped: 0,
  refusal: undefined,
  collected: false,
  mdl: undefined,
  holding: undefined,
  filled: 0,
};

const pagesIn = (runs: readonly FrameRunGrant[]): number =>
  runs.reduce((sum, run) => sum + run.count, 0);

/** The arguments of the family. Addresses and sizes in bytes. */
interface PagesRequest {
  readonly low: number;
  readonly high: number;
  readonly skip: number;
  readonly bytes: number;
  readonly flags: number;
  readonly node: number;
}

/** The routines' table. */
export function pagesForMdlRoutines(context: MemoryRoutines): NativeTable {
  const pages = new PagesForMdl(context);
  return {
    MmAllocatePagesForMdl: (call) => pages.allocate(call, 0, context.kernel.host.currentNode),
    MmAllocatePagesForMdlEx: (call) =>
      pages.allocate(call, call.number(5) >>> 0, context.kernel.host.currentNode),
    MmAllocateNodePagesForMdlEx: (call) =>
      pages.allocate(call, call.number(6) >>> 0, call.number(5) >>> 0),
    MmFreePagesFromMdl: (call) => pages.free(call),
    MmAllocateMdlForIoSpace: (call) => pages.describeIoSpace(call),
  };
}

/** The routines of one host. */
class PagesForMdl {
  constructor(private readonly context: MemoryRoutines) {}

  /** Frames described by an MDL, zeroed unless the driver declines. Fewer than asked for are a success. */
  allocate(call: NativeCall, flags: number, node: number): NativeResult {
    const { memory } = this.context;
    const request: PagesRequest = {
      low: unsignedArgument(call, 0),
      high: unsignedArgument(call, 1),
      skip: unsignedArgument(call, 2),
      bytes: Math.min(sizeArgument(call, 3), CEILING),
      flags,
      node,
    };
    let found = memory.unfinished.get(call.thread, 'allocating');
    if (call.progress === 0 || found === undefined) {
      this.checkIrql(call, PAGE);
      checkLowRequest(this.context, call, request.high, request.bytes);
      if (failsByInjection(this.context, call)) return 0;
      const wrong = wrongRequest(request);
      if (wrong !== undefined)
        return refuse(this.context, call, { explanation: wrong, page: PAGE });
      found = nothingYet;
    }
    if (found.collected) return this.fill(call, request, found);
    found = this.collect(request, bytesToPages(request.bytes), found);
    memory.unfinished.set(call.thread, found);
    if (!found.collected) return call.again(call.progress + 1);
    return this.describe(call, request, found);
  }

  /** MmFreePagesFromMdl: frees the frames that the array names now; the MDL itself needs ExFreePool. */
  free(call: NativeCall): NativeResult {
    const { kernel } = this.context;
    const mdl = new Mdl(call.memory, virtual(call.number(0)));
    if (call.progress !== 0) return this.freeOn(call, mdl);
    this.checkIrql(call, FREE_PAGE);
    const fields = mdl.read();
    const holding = kernel.ledger.find('pages for MDL', mdl.address);
    if (holding === undefined && (fields.flags & MDL_PAGES_LOCKED) === 0) {
      throw this.notHeld(call, mdl);
    }
    if (holding === undefined) {
      call.violation(
        'free_mismatch',
        `${call.routine} is given ${addressText(this.context, call, mdl.address)}, whose pages MmAllocatePagesForMdl did not allocate.`,
        FREE_PAGE,
      );
    }
    return this.freeOn(call, mdl);
  }

  /** Frees the next piece of an MDL's pages; a system mapping goes first. */
  private freeOn(call: NativeCall, mdl: Mdl): NativeResult {
    const { kernel, memory } = this.context;
    const fields = mdl.read();
    const done = Math.max(call.progress, 0);
    if ((fields.flags & MDL_MAPPED_TO_SYSTEM_VA) !== 0) {
      if (call.progress === 0) this.checkMapped(call);
      if (!releaseMapping(this.context, call, mdl.mappedSystemVa)) return call.again(MAPPING_GOES);
      mdl.changeFlags(0, MDL_MAPPED_TO_SYSTEM_VA);
    }
    const piece = pieceOf(mdl.readFrames(Math.min(PIECE_PAGES, fields.pages - done), done));
    for (const run of piece.runs) this.checkFrames(call, run);
    for (const run of piece.runs) memory.frames.unlock(run.frame, run.count);
    memory.freeFrames(piece.runs);
    if (done + piece.pages < fields.pages) return call.again(done + piece.pages);
    mdl.changeFlags(0, MDL_PAGES_LOCKED);
    const holding = kernel.ledger.find('pages for MDL', mdl.address);
    if (holding !== undefined) releaseHolding(this.context, call, holding);
    return undefined;
  }

  /** NTSTATUS MmAllocateMdlForIoSpace: an MDL over ranges of device memory. */
  describeIoSpace(call: NativeCall): number {
    const { kernel, memory } = this.context;
    const page = 'nf-wdm-mmallocatemdlforiospace';
    const list = call.number(0);
    const entries = call.number(1);
    checkHighestIrql(kernel, call, DISPATCH_LEVEL, page);
    if (failsByInjection(this.context, call)) return status.STATUS_INSUFFICIENT_RESOURCES;
    const runs: FrameRunGrant[] = [];
    let total = 0;
    for (let index = 0; index < entries; index++) {
      const at = list + index * 16;
      const start = call.memory.readNumber(at, 'PhysicalAddressList->PhysicalAddress');
      const bytes = call.memory.readNumber(at + 8, 'PhysicalAddressList->NumberOfBytes');
      const run = { frame: frame(start / PAGE_SIZE), count: bytes / PAGE_SIZE };
      total += bytes;
      const whole = Number.isInteger(run.frame) && Number.isInteger(run.count) && bytes > 0;
      const isMemory =
        whole &&
        memory.frames.ranges.some(
          (range) => run.frame < range.frame + range.count && range.frame < run.frame + run.count,
        );
      if (!whole || isMemory || total > 0xffff_ffff) {
        kernel.explain(
          call,
          `${call.routine} fails: range ${index}, ${hex(bytes)} bytes at ${hex(start)}, ${
            isMemory
              ? 'is memory of the system'
              : total > 0xffff_ffff
                ? 'makes the MDL longer than 4 GB'
                : 'is not of whole pages'
          }.`,
          page,
        );
        return status.STATUS_INVALID_PARAMETER_1;
      }
      runs.push(run);
    }
    const pages = total / PAGE_SIZE;
    const mdl = this.makeMdl(call, pages, true);
    if (mdl === undefined) return status.STATUS_INSUFFICIENT_RESOURCES;
    mdl.initialise(0, total, MDL_IO_SPACE);
    mdl.process = 0;
    mdl.writeFrames(runs);
    call.memory.write64(call.number(2), mdl.address);
    return status.STATUS_SUCCESS;
  }

  // ---- Allocating ----------------------------------------------------------------------------------

  /**
   * The next piece of the search: the first range, then, by SkipBytes further up each time, the next ones. With
   * chunks each is a search of its own.
   */
  private collect(request: PagesRequest, wanted: number, before: Allocating): Allocating {
    const { frames } = this.context.memory;
    const runs = [...before.runs];
    let left = wanted - pagesIn(runs);
    let { skipped, refusal } = before;
    const isChunked = (request.flags & REQUIRE_CONTIGUOUS_CHUNKS) !== 0;
    for (let searches = 0; searches < SEARCHES && left > 0; searches++) {
      if (isChunked) {
        const chunk = request.skip === 0 ? wanted : request.skip / PAGE_SIZE;
        const answer = this.take(request, chunk, request.low, request.high, true, chunk);
        if (!answer.granted) {
          return { ...before, runs, refusal: answer, collected: true };
        }
        runs.push(...answer.runs);
        left -= chunk;
        continue;
      }
      const low = request.low + skipped;
      const high = request.high + skipped;
      const taken = this.takeWithin(request, left, low, high);
      runs.push(...taken.runs);
      left -= pagesIn(taken.runs);
      refusal ??= taken.refusal;
      if (taken.more) return { ...before, runs, skipped, refusal };
      if (left === 0 || request.skip === 0) break;
      skipped += request.skip;
      if (request.low + skipped > addressOf(frame(frames.highest))) break;
      if (searches === SEARCHES - 1) return { ...before, runs, skipped, refusal };
    }
    const collected = left === 0 || !isChunked;
    return { ...before, runs, skipped, refusal, collected };
  }

  /** What one range has, up to `pages` pages; `more` when the piece of work ended before the range did. */
  private takeWithin(
    request: PagesRequest,
    pages: number,
    low: number,
    high: number,
  ): {
    readonly runs: readonly FrameRunGrant[];
    readonly refusal: FrameRefusal | undefined;
    readonly more: boolean;
  } {
    const ideal = this.takeIdeal(request, pages, low, high);
    if (ideal !== undefined) return ideal;
    const preferred =
      (request.flags & PREFER_CONTIGUOUS) !== 0
        ? this.take(request, pages, low, high, true, 1)
        : undefined;
    let answer =
      preferred?.granted === true ? preferred : this.take(request, pages, low, high, false, 1);
    let refusal: FrameRefusal | undefined;
    let wanted = pages;
    if (!answer.granted) {
      refusal = answer;
      // Fewer pages are better than none: the MDL then describes fewer bytes.
      if (answer.freePages === 0) return { runs: [], refusal, more: false };
      wanted = answer.freePages;
      answer = this.take(request, wanted, low, high, false, 1);
      if (!answer.granted) return { runs: [], refusal, more: false };
    }
    return { runs: answer.runs, refusal, more: pagesIn(answer.runs) < wanted };
  }

  /** On a machine of several nodes, what the ideal one has; undefined when it has nothing (or is the only one). */
  private takeIdeal(
    request: PagesRequest,
    pages: number,
    low: number,
    high: number,
  ): ReturnType<PagesForMdl['takeWithin']> | undefined {
    const { frames } = this.context.memory;
    if ((request.flags & LOCAL_NODE_ONLY) !== 0) return undefined;
    const node = frames.nodes.length > 1 ? frames.nodes[request.node] : undefined;
    if (node === undefined) return undefined;
    const bounds = frameBounds(low, high);
    const first = Math.max(bounds.lowest, node.low);
    const { free } = frames.summary(first, Math.min(bounds.highest, node.high));
    if (free === 0) return undefined;
    const local = { ...request, flags: request.flags | LOCAL_NODE_ONLY };
    const answer = this.take(local, Math.min(free, pages), low, high, false, 1);
    if (!answer.granted) return undefined;
    return { runs: answer.runs, refusal: undefined, more: pagesIn(answer.runs) < pages };
  }

  /** One request for frames of the family. */
  private take(
    request: PagesRequest,
    pages: number,
    low: number,
    high: number,
    contiguous: boolean,
    alignment: number,
  ) {
    return this.context.memory.allocateFrames({
      pages,
      ...frameBounds(low, high),
      boundary: 0,
      contiguous,
      alignment: request.skip === 0 ? 1 : alignment,
      node: (request.flags & LOCAL_NODE_ONLY) !== 0 ? request.node : undefined,
      owner: OWNER,
      allocation: undefined,
      mostRuns: SEARCHED_RUNS,
    });
  }

  /** Judges what was found, and makes the MDL for it: no virtual address, pages locked. */
  private describe(call: NativeCall, request: PagesRequest, found: Allocating): NativeResult {
    const { kernel, memory } = this.context;
    const wanted = bytesToPages(request.bytes);
    const got = pagesIn(found.runs);
    memory.unfinished.delete(call.thread);
    if (got < wanted) {
      const why = found.refusal?.explanation ?? 'no page is left within the bounds';
      const all = (request.flags & FULLY_REQUIRED) !== 0;
      if (got === 0 || all) {
        memory.freeFrames(found.runs);
        return refuse(this.context, call, {
          explanation: `${all && got > 0 ? `all ${pagesText(wanted)} are required: ` : ''}${why}`,
          page: found.refusal?.rule === 'amount' ? PAGE : (found.refusal?.page ?? PAGE),
        });
      }
      kernel.explain(
        call,
        `${call.routine} answers an MDL for ${got} of ${pagesText(wanted)}: ${why}. MmGetMdlByteCount tells how much it describes.`,
        PAGE,
      );
    }
    const mdl = this.makeMdl(call, got, false);
    if (mdl === undefined) {
      memory.freeFrames(found.runs);
      return 0;
    }
    mdl.initialise(0, got * PAGE_SIZE, MDL_PAGES_LOCKED);
    mdl.process = 0;
    const holding = recordHolding(
      this.context,
      call,
      'pages for MDL',
      mdl.address,
      got * PAGE_SIZE,
      { pages: got },
    );
    const described: Allocating = { ...found, mdl: mdl.address, holding };
    memory.unfinished.set(call.thread, described);
    return this.fill(call, request, described);
  }

  /** The next piece of the page numbers: those frames are zeroed, locked and entered now. */
  private fill(call: NativeCall, request: PagesRequest, found: Allocating): NativeResult {
    const { memory } = this.context;
    if (found.mdl === undefined) return this.describe(call, request, found);
    const mdl = new Mdl(call.memory, found.mdl);
    const piece = pieceOf(skipPages(found.runs, found.filled));
    for (const run of piece.runs) {
      if ((request.flags & DONT_ZERO) === 0) memory.host.memory.zero(run.frame, run.count);
      memory.frames.lock(run.frame, run.count);
    }
    mdl.writeFrames(piece.runs, found.filled);
    memory.frames.assign(piece.runs, OWNER, found.holding);
    const filled = found.filled + piece.pages;
    if (filled < pagesIn(found.runs)) {
      memory.unfinished.set(call.thread, { ...found, filled });
      return call.again(call.progress + 1);
    }
    memory.unfinished.delete(call.thread);
    return mdl.address;
  }

  /** Memory for the MDL itself: freed by ExFreePool, or by IoFreeMdl for I/O space. */
  private makeMdl(call: NativeCall, pages: number, forIoFreeMdl: boolean): Mdl | undefined {
    const { memory } = this.context;
    const bytes = MDL_SIZE + pages * PFN_SIZE;
    const answer = memory.pool.allocate({
      bytes,
      tag: MDL_TAG,
      paged: false,
      executable: false,
      zeroed: false,
      system: true,
    });
    if (!answer.granted) {
      refuse(this.context, call, answer);
      return undefined;
    }
    const id = forIoFreeMdl
      ? recordHolding(this.context, call, 'MDL', answer.address, pages * PAGE_SIZE, {
          virtualAddress: 0,
          capacity: pages,
        })
      : recordHolding(this.context, call, 'pool', answer.address, bytes, {
          tag: MDL_TAG,
          poolType: 'nonpaged',
          executable: false,
        });
    memory.pool.attribute(answer.address, id);
    return new Mdl(call.memory, answer.address);
  }

  // ---- Freeing -------------------------------------------------------------------------------------

  /** From Windows 7 on a system mapping goes with the pages. */
  private checkMapped(call: NativeCall): void {
    if (this.context.kernel.atLeast('Windows 7')) return;
    call.violation(
      'mdl_state',
      `${call.routine} frees pages that are mapped into system space; before Windows 7 the driver has to unmap them first.`,
      FREE_PAGE,
    );
  }

  /** Each frame must have exactly the lock of its allocation. */
  private checkFrames(call: NativeCall, run: FrameRunGrant): void {
    const { frames } = this.context.memory;
    for (const { frame: page, locks } of frames.locksOf(run.frame, run.count)) {
      if (locks === 1) continue;
      const text = `${call.caller.module} frees the page at ${formatPhysical(physical(page * PAGE_SIZE))} with ${call.routine}, `;
      throw new BugCheck(
        bugCheckCodes.PFN_LIST_CORRUPT,
        locks === 0 ? [0x07, page, 0, 0] : [0x9a, page, 0, locks],
        text + (locks === 0 ? 'which is not allocated.' : 'which is still locked for I/O.'),
        'bug-check-0x4e--pfn-list-corrupt',
      );
    }
  }

  /** An MDL whose pages were freed, or that never had any. */
  private notHeld(call: NativeCall, mdl: Mdl): BugCheck {
    const freed = this.context.kernel.ledger.findFreed('pages for MDL', mdl.address);
    const first = mdl.readFrames(1)[0]?.frame ?? 0;
    return new BugCheck(
      bugCheckCodes.PFN_LIST_CORRUPT,
      [0x07, first, 0, 0],
      freed === undefined
        ? `${call.caller.module} gives ${call.routine} an MDL that holds no pages.`
        : `${call.caller.module} frees the pages of an MDL a second time.`,
      'bug-check-0x4e--pfn-list-corrupt',
    );
  }

  /** Documented up to DISPATCH_LEVEL; the compliance rule IrqlMmApcLte wants APC_LEVEL. */
  private checkIrql(call: NativeCall, page: string): void {
    const { kernel } = this.context;
    const { irql } = kernel.host;
    checkHighestIrql(kernel, call, DISPATCH_LEVEL, page, [0x7e, irql, DISPATCH_LEVEL, 0]);
    if (irql === DISPATCH_LEVEL && kernel.verified(call, verifierFlags.ddiCompliance)) {
      throw verifierBugCheck(
        [0x20019, 0, 0, 0],
        `${call.caller.module} calls ${call.routine} at DISPATCH_LEVEL: rule IrqlMmApcLte wants APC_LEVEL or below.`,
      );
    }
  }
}

/** Why no search could serve a request; undefined when one could. */
function wrongRequest(request: PagesRequest): string | undefined {
  const { skip, bytes, flags } = request;
  if (bytes === 0) return '0 bytes were asked for';
  if ((flags & AND_HOT_REMOVE) !== 0 && (flags & FULLY_REQUIRED) !== 0) {
    return 'MM_ALLOCATE_AND_HOT_REMOVE does not go with MM_ALLOCATE_FULLY_REQUIRED';
  }
  if ((flags & FAST_LARGE_PAGES) !== 0) {
    const isLarge = skip > 0 && skip % LARGE_PAGE === 0;
    if ((flags & REQUIRE_CONTIGUOUS_CHUNKS) === 0 || !isLarge) {
      return `MM_ALLOCATE_FAST_LARGE_PAGES needs chunks (MM_ALLOCATE_REQUIRE_CONTIGUOUS_CHUNKS) of a multiple of ${hex(LARGE_PAGE)}, and SkipBytes is ${hex(skip)}`;
    }
  }
  if (skip % PAGE_SIZE !== 0) return `SkipBytes, ${hex(skip)}, is not a multiple of the page size`;
  if ((flags & REQUIRE_CONTIGUOUS_CHUNKS) === 0 || skip === 0) return undefined;
  if (!Number.isInteger(Math.log2(skip))) {
    return `SkipBytes, ${hex(skip)}, is the size of a chunk here and must be a power of two`;
  }
  return bytes % skip === 0
    ? undefined
    : `TotalBytes, ${hex(bytes)}, is not a multiple of the chunk size ${hex(skip)}`;
}
