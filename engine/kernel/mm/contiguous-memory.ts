/** Physically contiguous memory: MmAllocateContiguousMemory and its relatives. */
import {
  bytesToPages,
  formatPhysical,
  PAGE_SIZE,
  physical,
  type VirtualAddress,
  virtual,
} from '../../base/addresses.ts';
import { hex } from '../../base/int64.ts';
import type { CacheType, Mapping, Protection } from '../../machine/address-space.ts';
import { frameBounds } from '../../machine/frames.ts';
import { BugCheck, type NativeCall, type NativeTable } from '../../vm/natives.ts';
import { bugCheckCodes } from '../bug-check-codes.ts';
import { DISPATCH_LEVEL } from '../context.ts';
import { status } from '../status.ts';
import { checkHighestIrql } from '../verifier/irql-rules.ts';
import {
  addressText,
  cacheName,
  cacheTypeOf,
  checkLowRequest,
  failsByInjection,
  type MemoryRoutines,
  nodeOf,
  recordHolding,
  refuse,
  sizeArgument,
  unsignedArgument,
} from './calls.ts';
import { bytesText, describeHolding } from './describe.ts';
import { writtenExtent } from './written-marks.ts';

/** Protection words of MmAllocateContiguousNodeMemory. */
const PAGE_READWRITE = 0x04;
const PAGE_EXECUTE_READWRITE = 0x40;
const PAGE_NOCACHE = 0x200;
const PAGE_WRITECOMBINE = 0x400;

/** Verifier's code integrity option. */
export const CODE_INTEGRITY = 0x200_0000;

const MAXIMUM_ADDRESS = 2 ** 64;

/** What the routines of the family ask for in common. Addresses and sizes in bytes, bounds inclusive. */
export interface ContiguousRequest {
  readonly bytes: number;
  readonly lowest: number;
  readonly highest: number;
  readonly boundary: number;
  readonly cache: CacheType;
  readonly protection: Protection;
  readonly node: number | undefined;
}

/** The routines' table. */
export function contiguousMemoryRoutines(context: MemoryRoutines): NativeTable {
  const contiguous = new ContiguousMemory(context);
  return {
    MmAllocateContiguousMemory: (call) =>
      contiguous.allocate(call, {
        bytes: sizeArgument(call, 0),
        lowest: 0,
        highest: unsignedArgument(call, 1),
        boundary: 0,
        cache: 'cached',
        protection: 'executeReadWrite',
        node: undefined,
      }),
    MmAllocateContiguousMemorySpecifyCache: (call) => contiguous.allocateWithCache(call, undefined),
    MmAllocateContiguousMemorySpecifyCacheNode: (call) =>
      contiguous.allocateWithCache(call, nodeOf(call.number(5))),
    MmAllocateContiguousNodeMemory: (call) => contiguous.allocateOnNode(call),
    MmAllocateContiguousMemoryEx: (call) => contiguous.allocateExtended(call),
    MmFreeContiguousMemory: (call) => contiguous.free(call),
    MmFreeContiguousMemorySpecifyCache: (call) => contiguous.freeWithCache(call),
  };
}

/** The routines of one host. */
class ContiguousMemory {
  constructor(private readonly context: MemoryRoutines) {}

  /**
   * SpecifyCache and SpecifyCacheNode: bounds, boundary and caching type as the driver gives them.
   * Reserved caching types are refused; what Windows makes of them is not documented.
   */
  allocateWithCache(call: NativeCall, node: number | undefined): VirtualAddress | 0 {
    const type = call.number(4) >>> 0;
    const cache = cacheTypeOf(type);
    if (cache === undefined) {
      return refuse(this.context, call, {
        explanation: `cache type ${type} is not one that drivers may ask for (MmNonCached, MmCached, MmWriteCombined)`,
        page: 'ne-wdm-_memory_caching_type',
      });
    }
    return this.allocate(call, {
      bytes: sizeArgument(call, 0),
      lowest: unsignedArgument(call, 1),
      highest: unsignedArgument(call, 2),
      boundary: unsignedArgument(call, 3),
      cache,
      protection: 'executeReadWrite',
      node,
    });
  }

  /** MmAllocateContiguousNodeMemory: protection and caching in one word, and no fallback to another node. */
  allocateOnNode(call: NativeCall): VirtualAddress | 0 {
    const protect = call.number(4) >>> 0;
    const decoded = this.decodeProtection(call, protect);
    if (decoded === undefined) return refuse(this.context, call, badProtection(protect));
    return this.allocate(call, {
      bytes: sizeArgument(call, 0),
      lowest: unsignedArgument(call, 1),
      highest: unsignedArgument(call, 2),
      boundary: unsignedArgument(call, 3),
      ...decoded,
      node: nodeOf(call.number(5)),
    });
  }

  /** NTSTATUS MmAllocateContiguousMemoryEx: size in and out, the address through a pointer. */
  allocateExtended(call: NativeCall): number {
    const sizePointer = call.number(0);
    const protect = call.number(5) >>> 0;
    const decoded = this.decodeProtection(call, protect);
    if (decoded === undefined) {
      this.context.kernel.explain(
        call,
        `${call.routine} fails: ${badProtection(protect).explanation}.`,
        badProtection(protect).page,
      );
      return status.STATUS_INVALID_PARAMETER;
    }
    const bytes = call.memory.readNumber(sizePointer, '*NumberOfBytes');
    const address = this.allocate(call, {
      bytes,
      lowest: unsignedArgument(call, 1),
      highest: unsignedArgument(call, 2),
      boundary: unsignedArgument(call, 3),
      ...decoded,
      node: nodeOf(call.number(4)),
    });
    if (address === 0) return status.STATUS_INSUFFICIENT_RESOURCES;
    call.memory.write64(sizePointer, bytesToPages(bytes) * PAGE_SIZE);
    call.memory.write64(call.number(9), address);
    return status.STATUS_SUCCESS;
  }

  /**
   * The search that all routines share. Answers the base address, or 0 with an explanation.
   * The block is not zeroed: its bytes count as never written.
   */
  allocate(call: NativeCall, request: ContiguousRequest): VirtualAddress | 0 {
    const { kernel, memory } = this.context;
    const { bytes, boundary, highest } = request;
    const page = pageOf(call);
    checkHighestIrql(kernel, call, DISPATCH_LEVEL, page);
    checkLowRequest(this.context, call, highest, bytes);
    if (failsByInjection(this.context, call)) return 0;
    if (bytes === 0) {
      call.violation('zero_bytes', `${call.routine} is asked for 0 bytes.`, page);
      return refuse(this.context, call, { explanation: '0 bytes were asked for', page });
    }
    const wrong = wrongBoundary(boundary, bytes);
    if (wrong !== undefined) return refuse(this.context, call, { explanation: wrong, page });
    const answer = memory.allocateFrames({
      pages: bytesToPages(bytes),
      ...frameBounds(request.lowest, Math.min(highest, MAXIMUM_ADDRESS)),
      boundary: boundary / PAGE_SIZE,
      contiguous: true,
      alignment: 1,
      node: request.node,
      owner: 'contiguous memory',
      allocation: undefined,
    });
    if (!answer.granted) return refuse(this.context, call, answer);
    const address = memory.mapSystem({
      use: 'contiguous',
      runs: answer.runs,
      protection: request.protection,
      cache: request.cache,
      pageable: false,
      allocation: undefined,
    });
    if (address === undefined) {
      memory.freeFrames(answer.runs);
      return refuse(this.context, call, {
        explanation: `no ${bytesToPages(bytes)} pages of system address space are left`,
        page,
      });
    }
    const first = answer.runs[0]?.frame ?? 0;
    const id = recordHolding(this.context, call, 'contiguous memory', address, bytes, {
      cache: request.cache,
      physical: first * PAGE_SIZE,
      pages: bytesToPages(bytes),
    });
    memory.attribute(address, id, 'contiguous memory');
    return address;
  }

  /**
   * MmFreeContiguousMemory. Its page says APC_LEVEL, then DISPATCH_LEVEL from Server 2008 on; the latter is
   * accepted everywhere, as the compliance rule has it.
   */
  free(call: NativeCall): undefined {
    checkHighestIrql(
      this.context.kernel,
      call,
      DISPATCH_LEVEL,
      'nf-wdm-mmfreecontiguousmemory',
      [0x2001a, 0, 0, 0],
    );
    this.release(call, call.number(0));
  }

  /**
   * MmFreeContiguousMemorySpecifyCache: size and caching type must be those of the allocation. Another pair is
   * reported and the whole block freed.
   */
  freeWithCache(call: NativeCall): undefined {
    const address = call.number(0);
    const bytes = sizeArgument(call, 1);
    const cache = cacheTypeOf(call.number(2) >>> 0);
    const page = 'nf-wdm-mmfreecontiguousmemoryspecifycache';
    checkHighestIrql(this.context.kernel, call, DISPATCH_LEVEL, page);
    const holding = this.context.kernel.ledger.find('contiguous memory', address);
    if (holding !== undefined && (holding.bytes !== bytes || holding.details['cache'] !== cache)) {
      call.violation(
        'free_mismatch',
        `${call.routine} is given ${bytesText(bytes)} and ${cache === undefined ? 'an unknown cache type' : cacheName(cache)}, ` +
          `but the block is ${describeHolding(holding)} with ${cacheName(holding.details['cache'] as CacheType)}.`,
        page,
      );
    }
    this.release(call, address);
  }

  /** Gives the block at an address back; only the start of a live block will do (0xC2/60). */
  private release(call: NativeCall, address: number): void {
    const { kernel, memory } = this.context;
    const holding = kernel.ledger.find('contiguous memory', address);
    if (holding === undefined) {
      const freed = kernel.ledger.findFreed('contiguous memory', address);
      throw new BugCheck(
        bugCheckCodes.BAD_POOL_CALLER,
        [0x60, address, 0, 0],
        `${call.caller.module} frees ${addressText(this.context, call, address)} with ${call.routine}, ` +
          (freed === undefined
            ? 'which is not the start of a block of contiguous memory.'
            : 'a block that was freed already.'),
        'bug-check-0xc2--bad-pool-caller',
      );
    }
    const mapping = memory.host.system.mappings.get(address);
    const runs = mapping?.runs ?? [];
    for (const run of runs) checkNotLocked(this.context, call, run);
    this.checkTail(call, holding.bytes, address);
    checkNotMapped(this.context, call, mapping);
    memory.unmapSystem(virtual(address));
    memory.freeFrames(runs);
    kernel.ledger.release(holding.id, call.site);
  }

  /** The rest of the last page came with the block but is not its owner's to use. */
  private checkTail(call: NativeCall, bytes: number, address: number): void {
    const rest = bytesToPages(bytes) * PAGE_SIZE - bytes;
    const extent = writtenExtent(this.context.memory.host, address + bytes, rest);
    if (extent === 0) return;
    call.violation(
      'contiguous_overrun',
      `Up to ${bytesText(extent)} behind the end of ${addressText(this.context, call, address)} were written: ` +
        'the rest of the last page must not be touched.',
      'nf-wdm-mmallocatecontiguousmemory',
    );
  }

  /** Protection and caching of a PAGE_ word; undefined when it is none that the routines take. */
  private decodeProtection(
    call: NativeCall,
    protect: number,
  ): { readonly cache: CacheType; readonly protection: Protection } | undefined {
    const access = protect & ~(PAGE_NOCACHE | PAGE_WRITECOMBINE);
    const caching = protect & (PAGE_NOCACHE | PAGE_WRITECOMBINE);
    const known = access === PAGE_READWRITE || access === PAGE_EXECUTE_READWRITE;
    if (!known || caching === (PAGE_NOCACHE | PAGE_WRITECOMBINE)) return undefined;
    if (access === PAGE_EXECUTE_READWRITE && this.context.kernel.verified(call, CODE_INTEGRITY)) {
      throw new BugCheck(
        bugCheckCodes.DRIVER_VERIFIER_DETECTED_VIOLATION,
        [0x2001, call.caller.driver ?? 0, protect, 0],
        `${call.routine} is asked for executable memory (protection ${hex(protect)}).`,
        'bug-check-0xc4--driver-verifier-detected-violation',
      );
    }
    return {
      cache:
        caching === PAGE_NOCACHE
          ? 'nonCached'
          : caching === PAGE_WRITECOMBINE
            ? 'writeCombined'
            : 'cached',
      protection: access === PAGE_READWRITE ? 'readWrite' : 'executeReadWrite',
    };
  }
}

/** Freeing frames that an MDL still has locked: bug check 0x4E/9A. */
export function checkNotLocked(
  context: MemoryRoutines,
  call: NativeCall,
  run: { readonly frame: number; readonly count: number },
): void {
  const locked = context.memory.frames.firstLocked(run.frame, run.count);
  if (locked === undefined) return;
  throw new BugCheck(
    bugCheckCodes.PFN_LIST_CORRUPT,
    [0x9a, locked, 0, context.memory.frames.lockCount(locked)],
    `${call.caller.module} frees memory with ${call.routine} while its page at ` +
      `${formatPhysical(physical(locked * PAGE_SIZE))} is still locked for I/O.`,
    'bug-check-0x4e--pfn-list-corrupt',
  );
}

/** Frames that somebody else's mapping still shows must not be freed. */
export function checkNotMapped(
  context: MemoryRoutines,
  call: NativeCall,
  mapping: Mapping | undefined,
): void {
  for (const run of mapping?.runs ?? []) {
    const shared = context.memory.frames.firstShared(run.frame, run.count);
    if (shared === undefined) continue;
    call.violation(
      'freed_while_mapped',
      `${call.routine} frees memory whose page at ${formatPhysical(physical(shared * PAGE_SIZE))} ` +
        'another mapping still shows.',
      'nf-wdm-mmmaplockedpagesspecifycache',
    );
    return;
  }
}

/** Why a boundary can never be kept; undefined when it can. */
function wrongBoundary(boundary: number, bytes: number): string | undefined {
  if (boundary === 0) return undefined;
  const text = hex(BigInt(boundary));
  if (boundary % PAGE_SIZE !== 0) return `the boundary ${text} is not a multiple of the page size`;
  if (Number.isInteger(Math.log2(boundary))) return undefined;
  return `the boundary ${text} of a block of ${bytesText(bytes)} is not a power of two`;
}

/** The refusal of a protection word. */
function badProtection(protect: number): { readonly explanation: string; readonly page: string } {
  return {
    explanation: `protection ${hex(protect)} is not PAGE_READWRITE or PAGE_EXECUTE_READWRITE with at most one of PAGE_NOCACHE and PAGE_WRITECOMBINE`,
    page: 'nf-wdm-mmallocatecontiguousnodememory',
  };
}

/** The documentation page of the routine that is called. */
function pageOf(call: NativeCall): string {
  return `nf-wdm-${call.routine.toLowerCase()}`;
}
