/** Physical addresses and ranges, and mappings of I/O space. */
import {
  byteOffset,
  formatPhysical,
  frame,
  PAGE_SIZE,
  type PhysicalAddress,
  pageAlign,
  physical,
  spanPages,
  type VirtualAddress,
  virtual,
} from '../../base/addresses.ts';
import { hex } from '../../base/int64.ts';
import type { CacheType, Protection } from '../../machine/address-space.ts';
import type { Frames } from '../../machine/frames.ts';
import { BugCheck, type NativeCall, type NativeTable } from '../../vm/natives.ts';
import { bugCheckCodes } from '../bug-check-codes.ts';
import { DISPATCH_LEVEL, PASSIVE_LEVEL } from '../context.ts';
import { checkHighestIrql } from '../verifier/irql-rules.ts';
import {
  cacheName,
  cacheTypeOf,
  failsByInjection,
  isVerified,
  type MemoryRoutines,
  recordHolding,
  refuse,
  sizeArgument,
  unsignedArgument,
  verifierBugCheck,
} from './calls.ts';
import { bytesText, describeHolding } from './describe.ts';

/** The tag of MmGetPhysicalMemoryRanges' array: 'hPmM'. */
const RANGES_TAG = 0x6850_6d4d;
/** PHYSICAL_MEMORY_RANGE: base address and byte count. */
const RANGE_SIZE = 16;

const MAP_PAGE = 'nf-wdm-mmmapiospace';
const UNMAP_PAGE = 'nf-wdm-mmunmapiospace';

/** PAGE_ protections and what they allow. */
const protections: ReadonlyMap<number, Protection> = new Map<number, Protection>([
  [0x02, 'readOnly'],
  [0x04, 'readWrite'],
  [0x10, 'execute'],
  [0x20, 'executeRead'],
  [0x40, 'executeReadWrite'],
]);
const PAGE_NOCACHE = 0x200;
const PAGE_WRITECOMBINE = 0x400;

/** The routines' table. */
export function physicalMemoryRoutines(context: MemoryRoutines): NativeTable {
  return {
    MmGetPhysicalAddress: (call) => getPhysicalAddress(context, call),
    MmIsAddressValid: (call) => {
      const address = call.number(0);
      return context.memory.spaceOf(call.process, address)?.frameAt(address) === undefined ? 0 : 1;
    },
    MmGetPhysicalMemoryRanges: (call) => getRanges(context, call),
    MmGetPhysicalMemoryRangesEx2: (call) => getRanges(context, call),
    MmGetVirtualForPhysical: (call) => getVirtual(context, unsignedArgument(call, 0)),
    MmMapIoSpace: (call) => {
      const cache = cacheTypeOf(call.number(2) >>> 0);
      if (cache === undefined) {
        return refuse(context, call, {
          explanation: `cache type ${call.number(2)} is not one that drivers may ask for`,
          page: MAP_PAGE,
        });
      }
      return mapIoSpace(context, call, cache, 'executeReadWrite');
    },
    MmMapIoSpaceEx: (call) => {
      const protect = call.number(2) >>> 0;
      const caching = protect & (PAGE_NOCACHE | PAGE_WRITECOMBINE);
      const protection = protections.get(protect & ~caching);
      if (protection === undefined || caching === (PAGE_NOCACHE | PAGE_WRITECOMBINE)) {
        return refuse(context, call, {
          explanation: `protection ${hex(protect)} is none that the routine takes`,
          page: 'nf-wdm-mmmapiospaceex',
        });
      }
      const cache: CacheType =
        caching === PAGE_NOCACHE
          ? 'nonCached'
          : caching === PAGE_WRITECOMBINE
            ? 'writeCombined'
            : 'cached';
      return mapIoSpace(context, call, cache, protection);
    },
    MmUnmapIoSpace: (call) => unmapIoSpace(context, call),
  };
}

/** The address behind a virtual one of the current process or the system; 0 where nothing is mapped. */
function getPhysicalAddress(context: MemoryRoutines, call: NativeCall): PhysicalAddress | 0 {
  const address = call.number(0);
  const space = context.memory.spaceOf(call.process, address);
  const found = space && context.memory.physicalOf(address, space);
  if (found !== undefined) return found;
  context.kernel.explain(
    call,
    `${call.routine} answers 0: nothing is mapped at ${hex(address, 16)}.`,
    'nf-ntddk-mmgetphysicaladdress',
  );
  return 0;
}

/** The lowest system address whose page is the one of a physical address; 0 when there is none. */
function getVirtual(context: MemoryRoutines, address: number): VirtualAddress | 0 {
  const page = Math.floor(address / PAGE_SIZE);
  for (const mapping of context.memory.host.system.mappings.values()) {
    for (const run of mapping.runs) {
      if (page < run.frame || page >= run.frame + run.count) continue;
      const index = run.page + page - run.frame;
      return virtual(mapping.start + index * PAGE_SIZE + byteOffset(address));
    }
  }
  return 0;
}

/**
 * An array in nonpaged pool, ended by an entry of zeroes; the caller frees it. Byte counts, not pages, whatever
 * the page of the Ex2 variant says.
 */
function getRanges(context: MemoryRoutines, call: NativeCall): VirtualAddress | 0 {
  const { kernel, memory } = context;
  checkHighestIrql(kernel, call, PASSIVE_LEVEL, 'nf-ntddk-mmgetphysicalmemoryrangesex2');
  if (failsByInjection(context, call)) return 0;
  const { ranges } = memory.frames;
  const bytes = (ranges.length + 1) * RANGE_SIZE;
  const answer = memory.pool.allocate({
    bytes,
    tag: RANGES_TAG,
    paged: false,
    executable: false,
    zeroed: true,
    system: false,
  });
  if (!answer.granted) return refuse(context, call, answer);
  const { address } = answer;
  for (const [index, range] of ranges.entries()) {
    call.memory.write64(address + index * RANGE_SIZE, range.frame * PAGE_SIZE);
    call.memory.write64(address + index * RANGE_SIZE + 8, range.count * PAGE_SIZE);
  }
  const id = recordHolding(context, call, 'pool', address, bytes, {
    tag: RANGES_TAG,
    poolType: 'nonpaged',
    executable: false,
  });
  memory.pool.attribute(address, id);
  return address;
}

/** Device registers, or frames that somebody holds in place. The address keeps the offset in its page. */
function mapIoSpace(
  context: MemoryRoutines,
  call: NativeCall,
  cache: CacheType,
  protection: Protection,
): VirtualAddress | 0 {
  const { kernel, memory } = context;
  const start = unsignedArgument(call, 0);
  const bytes = sizeArgument(call, 1);
  checkHighestIrql(kernel, call, DISPATCH_LEVEL, MAP_PAGE, [
    0x73,
    kernel.host.irql,
    call.integer(0),
    bytes,
  ]);
  if (failsByInjection(context, call, 'mapping')) return 0;
  if (bytes === 0 || start + bytes > 2 ** 52) {
    return refuse(context, call, {
      explanation:
        bytes === 0 ? '0 bytes were asked for' : 'the range leaves the physical address space',
      page: MAP_PAGE,
    });
  }
  const first = Math.floor(start / PAGE_SIZE);
  const pages = spanPages(start, bytes);
  checkMemoryBehind(context, call, start, bytes, first, pages);
  checkCache(context, call, first, pages, cache);
  const mapped = memory.mapSystem({
    use: 'ioSpace',
    runs: [{ frame: frame(first), count: pages }],
    protection,
    cache,
    pageable: false,
    allocation: undefined,
  });
  if (mapped === undefined) {
    return refuse(context, call, {
      explanation: `no ${pages} pages of system address space are left`,
      page: MAP_PAGE,
    });
  }
  const address = virtual(mapped + byteOffset(start));
  const id = recordHolding(context, call, 'I/O space mapping', address, bytes, {
    physical: start,
    cache,
    pages,
  });
  memory.attribute(mapped, id);
  return address;
}

/** Memory in the range must be locked down, or its owner may free or page it meanwhile. */
function checkMemoryBehind(
  context: MemoryRoutines,
  call: NativeCall,
  start: number,
  bytes: number,
  first: number,
  pages: number,
): void {
  const loose = firstLoose(context.memory.frames, first, pages);
  if (loose === undefined) return;
  const text =
    `${call.caller.module} maps ${bytesText(bytes)} at ${formatPhysical(physical(start))} with ${call.routine}: ` +
    `the page at ${formatPhysical(physical(loose * PAGE_SIZE))} is memory that nobody locked ` +
    `(${context.memory.frames.useOf(loose)?.owner ?? 'free'}).`;
  if (isVerified(context, call)) throw verifierBugCheck([0x83, start, bytes, loose], text);
  call.violation('io_space_of_memory', text, MAP_PAGE);
}

/** Owners whose frames stay where they are without a lock. */
const resident = new Set([
  'contiguous memory',
  'noncached memory',
  'nonpaged pool',
  'common buffer',
  'map registers',
  'pages for MDL',
]);

/** The first frame of a run that may be taken away: not locked, and of a kind that is paged or traded. */
export function firstMovable(frames: Frames, first: number, count: number): number | undefined {
  for (const owned of frames.usesOf(first, count)) {
    if (resident.has(owned.use?.owner ?? '')) continue;
    const bare = frames.firstUnlocked(owned.frame, owned.count);
    if (bare !== undefined) return bare;
  }
  return undefined;
}

/** The first frame of a range that is memory and may be taken away. */
function firstLoose(frames: Frames, first: number, pages: number): number | undefined {
  for (const range of frames.ranges) {
    const low = Math.max(range.frame, first);
    const count = Math.min(range.frame + range.count, first + pages) - low;
    const found = count > 0 ? firstMovable(frames, low, count) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** One caching behaviour for each page at a time. */
function checkCache(
  context: MemoryRoutines,
  call: NativeCall,
  first: number,
  pages: number,
  cache: CacheType,
): void {
  const conflict = context.memory.frames.firstOtherCache(first, pages, cache);
  if (conflict === undefined) return;
  call.violation(
    'cache_conflict',
    `${call.routine} maps the page at ${formatPhysical(physical(conflict.frame * PAGE_SIZE))} as ${cacheName(cache)} ` +
      `while another mapping has it as ${cacheName(conflict.cache)}: one page can have one caching behaviour at a time.`,
    'ne-wdm-_memory_caching_type',
  );
}

/** Unmaps what MmMapIoSpace answered; anything else is bug check 0xDA/400. */
function unmapIoSpace(context: MemoryRoutines, call: NativeCall): undefined {
  const { kernel, memory } = context;
  const address = call.number(0);
  const bytes = sizeArgument(call, 1);
  checkHighestIrql(kernel, call, DISPATCH_LEVEL, UNMAP_PAGE, [
    0x7b,
    kernel.host.irql,
    address,
    bytes,
  ]);
  const holding = kernel.ledger.find('I/O space mapping', address);
  if (holding === undefined) {
    const freed = kernel.ledger.findFreed('I/O space mapping', address);
    throw new BugCheck(
      bugCheckCodes.SYSTEM_PTE_MISUSE,
      [0x400, address, spanPages(address, bytes), 0],
      `${call.caller.module} unmaps ${hex(address, 16)} with ${call.routine}, ` +
        (freed === undefined
          ? 'which is no live mapping of I/O space.'
          : `which was unmapped already: ${describeHolding(freed)}.`),
      'bug-check-0xda--system-pte-misuse',
    );
  }
  if (holding.bytes !== bytes) {
    call.violation(
      'free_mismatch',
      `${call.routine} is given ${bytesText(bytes)} for ${describeHolding(holding)}.`,
      UNMAP_PAGE,
    );
  }
  memory.unmapSystem(pageAlign(virtual(address)));
  kernel.ledger.release(holding.id, call.site);
}
