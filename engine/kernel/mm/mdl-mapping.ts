/** Mappings of an MDL's pages, in system and in user space. */
import {
  formatPhysical,
  PAGE_SIZE,
  pageAlign,
  physical,
  type VirtualAddress,
  virtual,
} from '../../base/addresses.ts';
import { hex } from '../../base/int64.ts';
import type { AddressSpace, CacheType, Protection } from '../../machine/address-space.ts';
import type { FrameRunGrant } from '../../machine/frames.ts';
import {
  BugCheck,
  type NativeCall,
  type NativeResult,
  type NativeTable,
  RaiseException,
} from '../../vm/natives.ts';
import { bugCheckCodes } from '../bug-check-codes.ts';
import { APC_LEVEL, DISPATCH_LEVEL } from '../context.ts';
import type { Holding } from '../ledger.ts';
import { status } from '../status.ts';
import { checkHighestIrql } from '../verifier/irql-rules.ts';
import {
  addressText,
  cacheTypeOf,
  failsByInjection,
  injectionText,
  isVerified,
  type MemoryRoutines,
  recordHolding,
  refuse,
  releaseHolding,
  verifierBugCheck,
} from './calls.ts';
import { CODE_INTEGRITY } from './contiguous-memory.ts';
import { describeHolding } from './describe.ts';
import { flagsText, Mdl, type MdlFields, mdlFlags, mdlLayout, PFN_SIZE } from './mdl.ts';
import { firstMovable } from './physical-addresses.ts';
import { PIECE_PAGES, pieceOf } from './pieces.ts';

const {
  MDL_MAPPED_TO_SYSTEM_VA,
  MDL_PAGES_LOCKED,
  MDL_SOURCE_IS_NONPAGED_POOL,
  MDL_PARTIAL,
  MDL_PARTIAL_HAS_BEEN_MAPPED,
  MDL_LOCKED_PAGE_TABLES,
  MDL_IO_SPACE,
} = mdlFlags;

/** Bits of the priority argument. */
const NO_WRITE = 0x8000_0000;
const NO_EXECUTE = 0x4000_0000;
/** KPROCESSOR_MODE. */
const USER_MODE = 1;

const MAP_PAGE = 'nf-wdm-mmmaplockedpagesspecifycache';
const UNMAP_PAGE = 'nf-wdm-mmunmaplockedpages';
const PTE_PAGE = 'bug-check-0xda--system-pte-misuse';

const protections: ReadonlyMap<number, Protection> = new Map<number, Protection>([
  [0x01, 'noAccess'],
  [0x02, 'readOnly'],
  [0x04, 'readWrite'],
  [0x10, 'execute'],
  [0x20, 'executeRead'],
  [0x40, 'executeReadWrite'],
]);

/** A request for a mapping, whichever routine it came from. */
interface MapRequest {
  readonly mdl: Mdl;
  readonly mode: number;
  readonly cache: CacheType;
  readonly requested: number;
  readonly bugCheckOnFailure: boolean;
  readonly noWrite: boolean;
  readonly noExecute: boolean;
}

/** The routines' table. */
export function mdlMappingRoutines(context: MemoryRoutines): NativeTable {
  const mappings = new MdlMappings(context);
  return {
    MmMapLockedPagesSpecifyCache: (call) => mappings.mapWithCache(call),
    MmMapLockedPages: (call) => mappings.mapObsolete(call),
    MmUnmapLockedPages: (call) => mappings.unmap(call),
    MmProtectMdlSystemAddress: (call) => mappings.protect(call),
  };
}

/**
 * Takes the system mapping at an address away, as unlocking and freeing do by themselves. An address that is
 * not mapped (a driver changed the MDL) is bug check 0xDA/6. One piece of work: false when more is left.
 */
export function releaseMapping(context: MemoryRoutines, call: NativeCall, base: number): boolean {
  const { memory } = context;
  const start = pageAlign(virtual(base));
  if (memory.ledger.find('reserved mapping', base) !== undefined) {
    if (!memory.shortenMapping(memory.host.system, start)) return false;
    memory.emptyReserved(virtual(base));
    return true;
  }
  const holding = mappingAt(context, call, base);
  if (holding === undefined) throw neverMapped(context, call, 0, base);
  if (!memory.shortenMapping(memory.host.system, start)) return false;
  memory.unmapSystem(start);
  releaseHolding(context, call, holding);
  return true;
}

/** The live mapping of MDL pages that an address lies in. */
function mappingAt(context: MemoryRoutines, call: NativeCall, base: number): Holding | undefined {
  const mapping = context.memory.spaceOf(call.process, base)?.find(base);
  if (mapping === undefined || mapping.absent !== undefined || mapping.allocation === undefined) {
    return undefined;
  }
  const holding = context.memory.ledger.get(mapping.allocation);
  return holding?.kind === 'mapping' && holding.live && mapping.start === pageAlign(base)
    ? holding
    : undefined;
}

/** Bug check 0xDA/6: the mapping does not exist, or no longer. */
function neverMapped(
  context: MemoryRoutines,
  call: NativeCall,
  mdl: number,
  base: number,
): BugCheck {
  return new BugCheck(
    bugCheckCodes.SYSTEM_PTE_MISUSE,
    [0x06, mdl, base, 0],
    `${call.caller.module} takes away a mapping that is not there, or no longer: ${addressText(context, call, base)}.`,
    PTE_PAGE,
  );
}

/** The routines of one host. */
class MdlMappings {
  constructor(private readonly context: MemoryRoutines) {}

  /** MmMapLockedPagesSpecifyCache, which MmGetSystemAddressForMdlSafe calls. */
  mapWithCache(call: NativeCall): NativeResult {
    const { kernel } = this.context;
    if (call.progress > 0) return this.mapOn(call);
    const mode = call.number(1) & 0xff;
    const type = call.number(2) >>> 0;
    const priority = call.number(5) >>> 0;
    const mdl = new Mdl(call.memory, virtual(call.number(0)));
    this.checkIrql(call, mdl, mode, 0x76, 0x77);
    const bugCheckOnFailure = call.number(4) !== 0;
    if (bugCheckOnFailure && mode !== USER_MODE && isVerified(this.context, call)) {
      throw verifierBugCheck(
        [0x82, mdl.address, mdl.flags, 0],
        `${call.caller.module} calls ${call.routine} with BugCheckOnFailure; drivers must pass FALSE.`,
      );
    }
    const noExecute = (priority & NO_EXECUTE) !== 0;
    if (!noExecute && mode !== USER_MODE && kernel.verified(call, CODE_INTEGRITY)) {
      throw verifierBugCheck(
        [0x2002, call.caller.driver ?? 0, priority, 0],
        `${call.routine} makes an executable mapping; MdlMappingNoExecute is expected.`,
      );
    }
    return this.map(call, {
      mdl,
      mode,
      cache: cacheTypeOf(type) ?? 'cached',
      requested: call.number(3),
      bugCheckOnFailure,
      noWrite: (priority & NO_WRITE) !== 0,
      noExecute,
    });
  }

  /** MmMapLockedPages: a kernel mapping that fails stops the system. */
  mapObsolete(call: NativeCall): NativeResult {
    if (call.progress > 0) return this.mapOn(call);
    const mode = call.number(1) & 0xff;
    const mdl = new Mdl(call.memory, virtual(call.number(0)));
    this.checkIrql(call, mdl, mode, 0x74, 0x75);
    if (isVerified(this.context, call)) {
      throw verifierBugCheck(
        [0x81, mdl.address, mdl.flags, 0],
        `${call.caller.module} calls MmMapLockedPages, which is obsolete: it stops the system when it fails. MmMapLockedPagesSpecifyCache can answer NULL.`,
      );
    }
    return this.map(call, {
      mdl,
      mode,
      cache: 'cached',
      requested: 0,
      bugCheckOnFailure: true,
      noWrite: false,
      noExecute: false,
    });
  }

  /** MmUnmapLockedPages, for system and user addresses. */
  unmap(call: NativeCall): NativeResult {
    const { kernel } = this.context;
    const base = call.number(0);
    const mdl = new Mdl(call.memory, virtual(call.number(1)));
    const user = base >= 0;
    if (call.progress === 0) {
      checkHighestIrql(kernel, call, user ? APC_LEVEL : DISPATCH_LEVEL, UNMAP_PAGE, [
        user ? 0x7a : 0x79,
        kernel.host.irql,
        base,
        mdl.address,
      ]);
    }
    return user ? this.unmapFromUser(call, base, mdl) : this.unmapFromSystem(call, base, mdl);
  }

  /** MmProtectMdlSystemAddress: the protection of an existing system mapping. */
  protect(call: NativeCall): number {
    const { kernel, memory } = this.context;
    const mdl = new Mdl(call.memory, virtual(call.number(0)));
    const value = call.number(1) >>> 0;
    checkHighestIrql(kernel, call, DISPATCH_LEVEL, 'nf-wdm-mmprotectmdlsystemaddress');
    const protection = protections.get(value);
    if (protection === undefined) return status.STATUS_INVALID_PAGE_PROTECTION;
    if ((mdl.flags & MDL_MAPPED_TO_SYSTEM_VA) === 0) return status.STATUS_NOT_MAPPED_VIEW;
    if (protection.startsWith('execute') && kernel.verified(call, CODE_INTEGRITY)) {
      throw verifierBugCheck(
        [0x2001, call.caller.driver ?? 0, value, 0],
        `${call.routine} is asked for executable memory (protection ${hex(value)}).`,
      );
    }
    const base = mdl.mappedSystemVa;
    const mapping = memory.host.system.find(base);
    if (mapping === undefined || mapping.absent !== undefined || mapping.use !== 'mdl') {
      throw new BugCheck(
        bugCheckCodes.MEMORY_MANAGEMENT,
        [0x1235, mdl.address, base, 0],
        `${call.caller.module} changes the protection of an MDL's mapping that is not there: ${addressText(this.context, call, base)}.`,
        'bug-check-0x1a--memory-management',
      );
    }
    memory.host.system.put({ ...mapping, protection });
    return status.STATUS_SUCCESS;
  }

  // ---- Mapping -------------------------------------------------------------------------------------

  /** Kernel mappings up to DISPATCH_LEVEL, user mappings up to APC_LEVEL. */
  private checkIrql(
    call: NativeCall,
    mdl: Mdl,
    mode: number,
    kernelCode: number,
    userCode: number,
  ): void {
    const { kernel } = this.context;
    const user = mode === USER_MODE;
    checkHighestIrql(kernel, call, user ? APC_LEVEL : DISPATCH_LEVEL, MAP_PAGE, [
      user ? userCode : kernelCode,
      kernel.host.irql,
      mdl.address,
      mode,
    ]);
  }

  /** Maps the pages that the array names now. The flags decide whether it may; the array is judged page by page. */
  private map(call: NativeCall, request: MapRequest): NativeResult {
    const { memory } = this.context;
    const { mdl, mode } = request;
    const fields = mdl.read();
    const user = mode === USER_MODE;
    this.checkFlags(call, fields, user);
    if (failsByInjection(this.context, call, 'mapping')) {
      return this.fail(call, request, injectionText(this.context, call));
    }
    const first = mdl.readFrames(Math.min(1, fields.pages))[0];
    if (first === undefined) return this.fail(call, request, 'the MDL describes no bytes');
    const space = user ? this.context.kernel.userSpace(call.process) : memory.host.system;
    if (space === undefined) {
      return this.fail(call, request, 'the current process has no user address space');
    }
    const start = user
      ? this.placeInUser(call, request, fields, space)
      : memory.reserveSystem(fields.pages, 'mdl');
    if (start === undefined) {
      return this.fail(call, request, `no ${fields.pages} pages of address space are left`);
    }
    // A page that has a caching behaviour keeps it, whatever is asked for.
    const cache = memory.frames.attributeOf(first.frame)?.cache ?? request.cache;
    space.put({
      start,
      pages: fields.pages,
      use: 'mdl',
      runs: [],
      protection: protectionOf(request, user),
      user,
      cache,
      pageable: false,
    });
    memory.unfinished.set(call.thread, { kind: 'mapping', start, cache });
    return this.mapOn(call);
  }

  /** Maps the next piece of an MDL; `progress` pages are mapped. */
  private mapOn(call: NativeCall): NativeResult {
    const { memory } = this.context;
    const mdl = new Mdl(call.memory, virtual(call.number(0)));
    const fields = mdl.read();
    const unfinished = memory.unfinished.get(call.thread, 'mapping');
    if (unfinished === undefined) return 0;
    const { start, cache } = unfinished;
    const user = start >= 0;
    const space = memory.spaceOf(call.process, start);
    if (space === undefined) return 0;
    const left = Math.min(PIECE_PAGES, fields.pages - call.progress);
    const piece = pieceOf(mdl.readFrames(left, call.progress));
    this.checkFrames(call, fields, piece.runs, call.progress);
    memory.extendMapping(space, start, piece.runs);
    const done = call.progress + piece.pages;
    if (done < fields.pages) return call.again(done);
    memory.unfinished.delete(call.thread);
    const address = virtual(start + fields.byteOffset);
    const placed = space.mappings.get(start);
    const id = recordHolding(this.context, call, 'mapping', address, fields.byteCount, {
      mdl: mdl.address,
      process: user ? call.process : 0,
      pages: fields.pages,
      startVa: fields.startVa,
      firstFrame: placed?.runs[0]?.frame ?? 0,
      cache,
    });
    if (placed !== undefined) space.put({ ...placed, allocation: id });
    if (!user) {
      mdl.mappedSystemVa = address;
      const partial = (fields.flags & MDL_PARTIAL) !== 0 ? MDL_PARTIAL_HAS_BEEN_MAPPED : 0;
      mdl.changeFlags(MDL_MAPPED_TO_SYSTEM_VA | partial);
    }
    return address;
  }

  /** A place in the current process: anywhere, or exactly where the driver wants it. */
  private placeInUser(
    call: NativeCall,
    request: MapRequest,
    fields: MdlFields,
    space: AddressSpace,
  ): VirtualAddress | undefined {
    const { kernel, memory } = this.context;
    if (request.requested === 0) return memory.reserveUser(space, fields.pages);
    const start = pageAlign(virtual(request.requested));
    if (!memory.clearFreed(space, start, fields.pages)) {
      kernel.explain(
        call,
        `${call.routine} raises STATUS_CONFLICTING_ADDRESSES: ${fields.pages} pages at ${hex(start, 16)} are not free.`,
        MAP_PAGE,
      );
      throw new RaiseException(status.STATUS_CONFLICTING_ADDRESSES);
    }
    return start;
  }

  /** NULL for a kernel mapping, an exception for a user one, a bug check where the caller asked for it. */
  private fail(call: NativeCall, request: MapRequest, explanation: string): 0 {
    if (request.mode === USER_MODE) {
      this.context.kernel.explain(
        call,
        `${call.routine} raises STATUS_INSUFFICIENT_RESOURCES: ${explanation}.`,
        MAP_PAGE,
      );
      throw new RaiseException(status.STATUS_INSUFFICIENT_RESOURCES);
    }
    if (request.bugCheckOnFailure) {
      throw new BugCheck(
        bugCheckCodes.NO_MORE_SYSTEM_PTES,
        [0, 0, 0, 0],
        `${call.routine} cannot map the MDL (${explanation}) and was asked to stop the system then.`,
        MAP_PAGE,
      );
    }
    return refuse(this.context, call, { explanation, page: MAP_PAGE });
  }

  /** What the flags must and must not say; with Driver Verifier 0xC4/B2 and B3. */
  private checkFlags(call: NativeCall, fields: MdlFields, user: boolean): void {
    const { flags, address } = fields;
    const verified = isVerified(this.context, call);
    const caller = call.caller.module;
    const wrong = user ? 0 : flags & (MDL_MAPPED_TO_SYSTEM_VA | MDL_SOURCE_IS_NONPAGED_POOL);
    if (wrong !== 0) {
      const text = `${caller} maps an MDL with ${flagsText(wrong)} into system space: ${
        (wrong & MDL_MAPPED_TO_SYSTEM_VA) !== 0
          ? 'it is mapped there already, and MappedSystemVa holds one address'
          : 'its buffer has a system address already'
      }. MmGetSystemAddressForMdlSafe answers that one.`;
      if (verified) throw verifierBugCheck([0xb2, address, flags, wrong], text);
      call.violation('mdl_state', text, MAP_PAGE);
    }
    const ready = MDL_PAGES_LOCKED | MDL_PARTIAL | MDL_SOURCE_IS_NONPAGED_POOL | MDL_IO_SPACE;
    if ((flags & ready) !== 0) return;
    const text = `${caller} maps an MDL whose pages are not locked down (${flagsText(flags)}).`;
    if (verified) throw verifierBugCheck([0xb3, address, flags, MDL_PAGES_LOCKED], text);
    const slot = virtual(address + mdlLayout.pfnArray);
    throw new BugCheck(
      bugCheckCodes.MEMORY_MANAGEMENT,
      [0x1236, address, slot, call.peek.read64(slot) ?? 0],
      text,
      'bug-check-0x1a--memory-management',
    );
  }

  /** Every page number must be of memory that stays where it is. */
  private checkFrames(
    call: NativeCall,
    fields: MdlFields,
    runs: readonly FrameRunGrant[],
    first: number,
  ): void {
    if ((fields.flags & MDL_IO_SPACE) !== 0) return;
    const { frames } = this.context.memory;
    const builtOver = (fields.flags & MDL_SOURCE_IS_NONPAGED_POOL) !== 0;
    let index = first;
    for (const run of runs) {
      for (const owned of frames.usesOf(run.frame, run.count)) {
        if (owned.use === undefined) throw this.noMemory(call, fields, index, owned.frame);
        const loose = builtOver ? undefined : firstMovable(frames, owned.frame, owned.count);
        if (loose !== undefined) {
          throw this.notLocked(call, fields, index + loose - owned.frame, loose);
        }
        index += owned.count;
      }
    }
  }

  /** A page number that no memory of the machine has. */
  private noMemory(call: NativeCall, fields: MdlFields, index: number, page: number): BugCheck {
    const slot = fields.address + mdlLayout.pfnArray + index * PFN_SIZE;
    const text = `${call.caller.module} maps an MDL whose page ${index} has the number ${hex(page)}, which is no memory of this machine.`;
    return isVerified(this.context, call)
      ? verifierBugCheck([0x89, fields.address, slot, page], text)
      : new BugCheck(
          bugCheckCodes.MEMORY_MANAGEMENT,
          [0x1236, fields.address, slot, page],
          text,
          'bug-check-0x1a--memory-management',
        );
  }

  /** A page that may be paged or traded meanwhile. */
  private notLocked(call: NativeCall, fields: MdlFields, index: number, page: number): BugCheck {
    const text = `${call.caller.module} maps an MDL whose page ${index}, at ${formatPhysical(physical(page * PAGE_SIZE))}, is not locked.`;
    return isVerified(this.context, call)
      ? verifierBugCheck([0x85, fields.address, fields.pages, page], text)
      : new BugCheck(
          bugCheckCodes.MEMORY_MANAGEMENT,
          [0x1233, page, 0, 0],
          text,
          'bug-check-0x1a--memory-management',
        );
  }

  // ---- Unmapping -----------------------------------------------------------------------------------

  /** Takes the mapping away by what the system remembers; the MDL only has to agree. */
  private unmapFromSystem(call: NativeCall, base: number, mdl: Mdl): NativeResult {
    const start = pageAlign(virtual(base));
    if (call.progress > 0) {
      const going = mappingAt(this.context, call, base);
      if (going === undefined) throw neverMapped(this.context, call, mdl.address, base);
      return this.unmapOn(call, start, mdl, going);
    }
    const fields = mdl.read();
    const { flags, address } = fields;
    const verified = isVerified(this.context, call);
    const borrowed = (flags & MDL_PARTIAL) !== 0 && (flags & MDL_PARTIAL_HAS_BEEN_MAPPED) === 0;
    if (borrowed) {
      const text = `${call.caller.module} unmaps a partial MDL that has no mapping of its own.`;
      if (verified) throw verifierBugCheck([0xb5, address, flags, MDL_PARTIAL], text);
      call.violation('mdl_state', text, UNMAP_PAGE);
    }
    if ((flags & MDL_MAPPED_TO_SYSTEM_VA) === 0 && verified) {
      throw verifierBugCheck(
        [0xb6, address, flags, MDL_MAPPED_TO_SYSTEM_VA],
        `${call.caller.module} unmaps an MDL that is not mapped into system space (${flagsText(flags)}).`,
      );
    }
    const holding = mappingAt(this.context, call, base);
    if (holding === undefined) throw neverMapped(this.context, call, address, base);
    this.checkUnchanged(call, base, mdl, fields, holding);
    return this.unmapOn(call, start, mdl, holding);
  }

  /** Takes the next piece of a system mapping away. */
  private unmapOn(
    call: NativeCall,
    start: VirtualAddress,
    mdl: Mdl,
    holding: Holding,
  ): NativeResult {
    const { memory } = this.context;
    if (!memory.shortenMapping(memory.host.system, start)) return call.again(1);
    memory.unmapSystem(start);
    releaseHolding(this.context, call, holding);
    mdl.changeFlags(
      0,
      MDL_MAPPED_TO_SYSTEM_VA | MDL_PARTIAL_HAS_BEEN_MAPPED | MDL_LOCKED_PAGE_TABLES,
    );
    return undefined;
  }

  /** What the system remembers of a mapping against what the MDL says now. */
  private checkUnchanged(
    call: NativeCall,
    base: number,
    mdl: Mdl,
    fields: MdlFields,
    holding: Holding,
  ): void {
    const { details } = holding;
    const misuse = (code: number, expected: number, given: number, what: string): BugCheck =>
      new BugCheck(
        bugCheckCodes.SYSTEM_PTE_MISUSE,
        [code, 0, expected, given],
        `${call.caller.module} unmaps ${describeHolding(holding)}: ${what}.`,
        PTE_PAGE,
      );
    if (base !== holding.address) {
      throw misuse(0x03, holding.address, base, 'the address is not the one that mapping answered');
    }
    if (details['pages'] !== fields.pages) {
      const pages = Number(details['pages']);
      throw misuse(
        0x02,
        pages,
        fields.pages,
        `${pages} pages were mapped, and the MDL now describes ${fields.pages}`,
      );
    }
    if (details['startVa'] !== fields.startVa) {
      throw misuse(
        0x05,
        Number(details['startVa']),
        fields.startVa,
        'the start address in the MDL has changed since',
      );
    }
    const first = mdl.readFrames(Math.min(1, fields.pages))[0]?.frame;
    if (first !== undefined && first !== details['firstFrame']) {
      throw misuse(
        0x04,
        Number(details['firstFrame']),
        first,
        'the first page number in the MDL has changed since',
      );
    }
  }

  /** A user mapping is undone in its own process. */
  private unmapFromUser(call: NativeCall, base: number, mdl: Mdl): NativeResult {
    const { kernel, memory } = this.context;
    const space = kernel.userSpace(call.process);
    const holding = space && mappingAt(this.context, call, base);
    if (space === undefined || holding === undefined) {
      const text = `${call.caller.module} unmaps ${hex(base, 16)}, where the current process has no mapping of an MDL. A user mapping is undone in the process that it was made in.`;
      if (isVerified(this.context, call)) {
        throw verifierBugCheck([0xb9, base, mdl.address, 0], text);
      }
      throw new BugCheck(
        bugCheckCodes.DRIVER_UNMAPPING_INVALID_VIEW,
        [base, 1, 0, 0],
        text,
        'bug-check-0xd7--driver-unmapping-invalid-view',
      );
    }
    const start = pageAlign(virtual(base));
    if (!memory.shortenMapping(space, start)) return call.again(1);
    memory.unmapUser(space, start);
    releaseHolding(this.context, call, holding);
    return undefined;
  }
}

/** Protection by the priority argument's bits. */
function protectionOf(request: MapRequest, user: boolean): Protection {
  // A user mapping is never executable.
  if (user || request.noExecute) return request.noWrite ? 'readOnly' : 'readWrite';
  return request.noWrite ? 'executeRead' : 'executeReadWrite';
}
