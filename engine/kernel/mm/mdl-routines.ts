/** MDLs made, freed, built and divided; locking and mapping have files of their own. */
import {
  PAGE_SIZE,
  pageAlign,
  spanPages,
  type VirtualAddress,
  virtual,
} from '../../base/addresses.ts';
import { hex } from '../../base/int64.ts';
import type { MappingUse } from '../../machine/address-space.ts';
import type { FrameRunGrant } from '../../machine/frames.ts';
import {
  BugCheck,
  type NativeCall,
  type NativeResult,
  type NativeTable,
} from '../../vm/natives.ts';
import { bugCheckCodes } from '../bug-check-codes.ts';
import { DISPATCH_LEVEL } from '../context.ts';
import { status } from '../status.ts';
import { checkHighestIrql } from '../verifier/irql-rules.ts';
import {
  addressText,
  failsByInjection,
  isVerified,
  type MemoryRoutines,
  recordHolding,
  refuse,
  releaseHolding,
  sizeArgument,
  verifierBugCheck,
} from './calls.ts';
import { bytesText, describeHolding } from './describe.ts';
import {
  FIXED_SIZE_PAGES,
  flagsText,
  MDL_SIZE,
  Mdl,
  type MdlFields,
  mdlFlags,
  mdlLayout,
  PFN_SIZE,
} from './mdl.ts';
import { releaseMapping } from './mdl-mapping.ts';
import { unlockFrames } from './page-locking.ts';
import { PIECE_PAGES, pieceOf } from './pieces.ts';
import { framesBehind } from './translation.ts';

/** The tag of MDLs: 'Mdl '. */
export const MDL_TAG = 0x206c_644d;
/** IRP.MdlAddress. */
const IRP_MDL_ADDRESS = 0x08;

const {
  MDL_MAPPED_TO_SYSTEM_VA,
  MDL_PAGES_LOCKED,
  MDL_SOURCE_IS_NONPAGED_POOL,
  MDL_ALLOCATED_FIXED_SIZE,
  MDL_PARTIAL,
  MDL_PARTIAL_HAS_BEEN_MAPPED,
  MDL_IO_PAGE_READ,
  MDL_LOCKED_PAGE_TABLES,
  MDL_IO_SPACE,
  MDL_NETWORK_HEADER,
} = mdlFlags;

/** What MmBuildMdlForNonPagedPool may be used on. */
const nonPageable: ReadonlySet<MappingUse> = new Set<MappingUse>([
  'nonpagedPool',
  'specialPool',
  'contiguous',
  'nonCachedMemory',
  'commonBuffer',
  'image',
  'ioSpace',
  'systemData',
]);

/** The routines' table. */
export function mdlRoutines(context: MemoryRoutines): NativeTable {
  const mdls = new MdlRoutines(context);
  return {
    IoAllocateMdl: (call) => mdls.allocate(call),
    IoFreeMdl: (call) => mdls.free(call),
    MmBuildMdlForNonPagedPool: (call) => mdls.buildForNonPagedPool(call),
    IoBuildPartialMdl: (call) => mdls.buildPartial(call),
    MmAdvanceMdl: (call) => mdls.advance(call),
    MmSizeOfMdl: (call) => MDL_SIZE + PFN_SIZE * spanPages(call.number(0), sizeArgument(call, 1)),
  };
}

/** The routines of one host. */
class MdlRoutines {
  constructor(private readonly context: MemoryRoutines) {}

  /**
   * IoAllocateMdl. Like MmInitializeMdl it leaves Process, MappedSystemVa and the page numbers alone: they
   * count as never written until a routine sets them.
   */
  allocate(call: NativeCall): VirtualAddress | 0 {
    const { kernel, memory } = this.context;
    const page = 'nf-wdm-ioallocatemdl';
    const start = call.number(0);
    const length = call.number(1) >>> 0;
    const secondary = call.boolean(2);
    const irp = call.number(4);
    checkHighestIrql(kernel, call, DISPATCH_LEVEL, page);
    if (secondary && irp === 0) {
      call.violation(
        'mdl_parameters',
        `${call.routine} is given SecondaryBuffer without an IRP.`,
        page,
      );
    }
    if (failsByInjection(this.context, call)) return 0;
    const limit = this.lengthLimit();
    if (length > limit) {
      return refuse(this.context, call, {
        explanation: `${bytesText(length)} were asked for, and an MDL describes ${bytesText(limit)} at most on this Windows`,
        page,
      });
    }
    const pages = spanPages(start, length);
    const answer = memory.pool.allocate({
      bytes: MDL_SIZE + pages * PFN_SIZE,
      tag: MDL_TAG,
      paged: false,
      executable: false,
      zeroed: false,
      system: true,
    });
    if (!answer.granted) return refuse(this.context, call, answer);
    const { address } = answer;
    const mdl = new Mdl(call.memory, address);
    mdl.initialise(start, length, pages <= FIXED_SIZE_PAGES ? MDL_ALLOCATED_FIXED_SIZE : 0);
    const id = recordHolding(this.context, call, 'MDL', address, length, {
      virtualAddress: start,
      capacity: pages,
    });
    memory.pool.attribute(address, id);
    if (irp !== 0) this.attachToIrp(call, irp, address, secondary);
    return address;
  }

  /**
   * IoFreeMdl. Only the mapping of a partial MDL goes by itself; for others Driver Verifier reports one that is
   * left (0xC4/B8), and without it the mapping is lost.
   */
  free(call: NativeCall): NativeResult {
    const { kernel, memory } = this.context;
    const address = call.number(0);
    const page = 'nf-wdm-iofreemdl';
    const holding = kernel.ledger.find('MDL', address);
    if (call.progress === 0) {
      checkHighestIrql(kernel, call, DISPATCH_LEVEL, page);
      if (holding === undefined) this.checkForeign(call, address);
    }
    const mdl = new Mdl(call.memory, virtual(address));
    const { flags } = mdl;
    if ((flags & MDL_PARTIAL_HAS_BEEN_MAPPED) !== 0) {
      if (!releaseMapping(this.context, call, mdl.mappedSystemVa)) return call.again(1);
    } else if ((flags & MDL_MAPPED_TO_SYSTEM_VA) !== 0 && (flags & MDL_PARTIAL) === 0) {
      if (isVerified(this.context, call)) {
        throw verifierBugCheck(
          [0xb8, address, flags, 0],
          `${call.caller.module} frees an MDL whose pages are still mapped: ${flagsText(flags)}.`,
        );
      }
    }
    // Locked pages stay locked: they are listed as a leak, and stop the host when their process ends.
    const block = memory.pool.release(address);
    if (holding !== undefined) releaseHolding(this.context, call, holding);
    else if (block?.holding !== undefined) kernel.ledger.release(block.holding, call.site);
    return undefined;
  }

  /** MmBuildMdlForNonPagedPool: page numbers without a lock, and the buffer's own address as the system address. */
  buildForNonPagedPool(call: NativeCall): NativeResult {
    const mdl = new Mdl(call.memory, virtual(call.number(0)));
    if (call.progress === 0) this.checkBuildable(call, mdl);
    const fields = mdl.read();
    const runs: FrameRunGrant[] = [];
    let done = call.progress;
    const start = fields.startVa + done * PAGE_SIZE;
    const left = Math.min(PIECE_PAGES, fields.pages - done);
    for (const part of framesBehind(this.context, call.process, start, left)) {
      if (part.run === undefined) {
        throw new BugCheck(
          bugCheckCodes.MEMORY_MANAGEMENT,
          [0x1240, fields.address, part.address, 0],
          `${call.caller.module} builds an MDL for ${bytesText(fields.byteCount)} at ${hex(fields.virtualAddress, 16)}, ` +
            `but no page is present at ${addressText(this.context, call, part.address)}.`,
          'bug-check-0x1a--memory-management',
        );
      }
      runs.push(part.run);
      done += part.run.count;
    }
    mdl.writeFrames(runs, call.progress);
    if (done < fields.pages) return call.again(done);
    mdl.process = 0;
    mdl.mappedSystemVa = fields.virtualAddress;
    mdl.changeFlags(MDL_SOURCE_IS_NONPAGED_POOL);
    return undefined;
  }

  /** What MmBuildMdlForNonPagedPool asks of its MDL. */
  private checkBuildable(call: NativeCall, mdl: Mdl): void {
    const { kernel } = this.context;
    const page = 'nf-wdm-mmbuildmdlfornonpagedpool';
    checkHighestIrql(kernel, call, DISPATCH_LEVEL, page);
    const fields = mdl.read();
    const wrong =
      fields.flags &
      (MDL_PAGES_LOCKED | MDL_MAPPED_TO_SYSTEM_VA | MDL_SOURCE_IS_NONPAGED_POOL | MDL_PARTIAL);
    if (wrong !== 0) {
      call.violation(
        'mdl_state',
        `${call.routine} is given an MDL with ${flagsText(wrong)}: it is for MDLs that are neither locked nor built.`,
        page,
      );
    }
    this.checkNonPageable(call, fields);
  }

  /** IoBuildPartialMdl: a part of a source by the source's virtual addresses. It borrows the system mapping. */
  buildPartial(call: NativeCall): NativeResult {
    const { kernel } = this.context;
    const page = 'nf-wdm-iobuildpartialmdl';
    const source = new Mdl(call.memory, virtual(call.number(0)));
    const target = new Mdl(call.memory, virtual(call.number(1)));
    if (call.progress > 0) {
      const first = (target.read().startVa - source.read().startVa) / PAGE_SIZE;
      return this.copyNumbers(call, target, source, first, target.read().pages);
    }
    checkHighestIrql(kernel, call, DISPATCH_LEVEL, page);
    const start = call.number(2);
    const from = source.read();
    const offset = start - from.virtualAddress;
    const asked = call.number(3) >>> 0;
    const length = asked === 0 ? from.byteCount - offset : asked;
    if (offset < 0 || length < 0 || offset + length > from.byteCount) {
      throw new BugCheck(
        bugCheckCodes.INVALID_MDL_RANGE,
        [source.address, target.address, start, asked],
        `${call.caller.module} asks for ${bytesText(asked)} at ${hex(start, 16)}, outside the source MDL, ` +
          `which describes ${bytesText(from.byteCount)} at ${hex(from.virtualAddress, 16)}.`,
        'bug-check-0x12e--invalid-mdl-range',
      );
    }
    const ready =
      from.flags & (MDL_PAGES_LOCKED | MDL_SOURCE_IS_NONPAGED_POOL | MDL_PARTIAL | MDL_IO_SPACE);
    if (ready === 0) {
      call.violation(
        'mdl_state',
        `${call.routine} is given a source MDL that is neither locked nor built for nonpaged pool (${flagsText(from.flags)}): its page numbers mean nothing.`,
        page,
      );
    }
    const startPage = pageAlign(start);
    const byteOffset = start - startPage;
    const pages = spanPages(byteOffset, length);
    this.checkRoom(call, target, pages);
    target.setRange(startPage, byteOffset, length);
    const inherited =
      from.flags &
      (MDL_SOURCE_IS_NONPAGED_POOL | MDL_MAPPED_TO_SYSTEM_VA | MDL_IO_PAGE_READ | MDL_IO_SPACE);
    const parentMapped = (from.flags & MDL_MAPPED_TO_SYSTEM_VA) !== 0;
    const kept = target.flags & (MDL_ALLOCATED_FIXED_SIZE | MDL_NETWORK_HEADER);
    target.changeFlags(
      kept | inherited | MDL_PARTIAL | (parentMapped ? MDL_LOCKED_PAGE_TABLES : 0),
      0xffff,
    );
    call.memory.copy(target.address + mdlLayout.process, source.address + mdlLayout.process, 8);
    if ((inherited & (MDL_SOURCE_IS_NONPAGED_POOL | MDL_MAPPED_TO_SYSTEM_VA)) !== 0) {
      target.mappedSystemVa = source.mappedSystemVa + offset;
    }
    const first = (startPage - from.startVa) / PAGE_SIZE;
    return this.copyNumbers(call, target, source, first, pages);
  }

  /** The next piece of a partial MDL's page numbers, from number `first` of the source on. */
  private copyNumbers(
    call: NativeCall,
    target: Mdl,
    source: Mdl,
    first: number,
    pages: number,
  ): NativeResult {
    const done = call.progress;
    const piece = Math.min(PIECE_PAGES, pages - done);
    call.memory.copy(
      target.address + mdlLayout.pfnArray + done * PFN_SIZE,
      source.address + mdlLayout.pfnArray + (first + done) * PFN_SIZE,
      piece * PFN_SIZE,
    );
    return done + piece < pages ? call.again(done + piece) : undefined;
  }

  /**
   * MmAdvanceMdl: pages passed over lose their lock and their place in the mapping at once. Progress counts the
   * pages unlocked, then the page numbers moved.
   */
  advance(call: NativeCall): NativeResult {
    const { kernel, memory } = this.context;
    const page = 'nf-wdm-mmadvancemdl';
    const mdl = new Mdl(call.memory, virtual(call.number(0)));
    const bytes = call.number(1) >>> 0;
    const fields = mdl.read();
    if (call.progress === 0) {
      checkHighestIrql(kernel, call, DISPATCH_LEVEL, page);
      if (bytes > fields.byteCount) return status.STATUS_INVALID_PARAMETER_2;
    }
    const passed = Math.floor((fields.byteOffset + bytes) / PAGE_SIZE);
    const left = fields.byteCount - bytes;
    const pages = spanPages((fields.byteOffset + bytes) % PAGE_SIZE, left);
    const locked = (fields.flags & MDL_PAGES_LOCKED) !== 0;
    if (call.progress < passed && locked) {
      const most = Math.min(PIECE_PAGES, passed - call.progress);
      const piece = pieceOf(mdl.readFrames(most, call.progress));
      unlockFrames(this.context, call, mdl, piece.runs, piece.pages);
      const done = call.progress + piece.pages;
      if (done < passed || pages > PIECE_PAGES) return call.again(done);
    }
    const moved = Math.max(0, call.progress - passed);
    const piece = Math.min(PIECE_PAGES, pages - moved);
    call.memory.copy(
      mdl.address + mdlLayout.pfnArray + moved * PFN_SIZE,
      mdl.address + mdlLayout.pfnArray + (passed + moved) * PFN_SIZE,
      piece * PFN_SIZE,
    );
    if (moved + piece < pages) return call.again(passed + moved + piece);
    mdl.setRange(
      fields.startVa + passed * PAGE_SIZE,
      (fields.byteOffset + bytes) % PAGE_SIZE,
      left,
    );
    if ((fields.flags & MDL_MAPPED_TO_SYSTEM_VA) !== 0) {
      const old = mdl.mappedSystemVa;
      memory.trimMapping(pageAlign(virtual(old)), passed);
      mdl.mappedSystemVa = old + bytes;
    } else if ((fields.flags & MDL_SOURCE_IS_NONPAGED_POOL) !== 0) {
      mdl.mappedSystemVa += bytes;
    }
    return status.STATUS_SUCCESS;
  }

  /** The length limits of IoAllocateMdl by version. */
  private lengthLimit(): number {
    const { kernel } = this.context;
    if (kernel.atLeast('Windows 7')) return 0x1_0000_0000 - PAGE_SIZE;
    if (kernel.atLeast('Vista')) return 0x8000_0000 - PAGE_SIZE;
    return PAGE_SIZE * Math.floor((65535 - MDL_SIZE) / PFN_SIZE);
  }

  /** The first MDL of an IRP, or one more at the end of its chain. */
  private attachToIrp(call: NativeCall, irp: number, mdl: number, secondary: boolean): void {
    const field = irp + IRP_MDL_ADDRESS;
    if (!secondary) {
      call.memory.write64(field, mdl);
      return;
    }
    let last = call.memory.readNumber(field, 'Irp->MdlAddress');
    if (last === 0) {
      call.memory.write64(field, mdl);
      return;
    }
    const chained = (address: number): Mdl => new Mdl(call.memory, virtual(address));
    for (let next = chained(last).next; next !== 0; next = chained(last).next) last = next;
    chained(last).next = mdl;
  }

  /** What IoFreeMdl makes of something that IoAllocateMdl never gave out, or that was freed. */
  private checkForeign(call: NativeCall, address: number): void {
    const { kernel, memory } = this.context;
    const freed = kernel.ledger.findFreed('MDL', address);
    const judgement = memory.pool.judge(address);
    if (judgement.kind !== 'block') {
      const text =
        freed === undefined
          ? `${call.caller.module} frees ${addressText(this.context, call, address)} with IoFreeMdl, which is no MDL of IoAllocateMdl.`
          : `${call.caller.module} frees an MDL a second time: ${describeHolding(freed)}.`;
      if (isVerified(this.context, call)) {
        throw verifierBugCheck(
          freed === undefined ? [0x10, address, 0, 0] : [0x13, 0, address - 0x10, 0],
          text,
        );
      }
      throw new BugCheck(
        bugCheckCodes.BAD_POOL_CALLER,
        freed === undefined ? [0x46, address, 0, 0] : [0x07, 0, 0, address],
        text,
        'bug-check-0xc2--bad-pool-caller',
      );
    }
    call.violation(
      'free_mismatch',
      `IoFreeMdl is given ${addressText(this.context, call, address)}, which IoAllocateMdl did not make. Windows frees its pool.`,
      'nf-wdm-iofreemdl',
    );
  }

  /** Pageable memory behind an MDL that claims nonpaged pool. */
  private checkNonPageable(call: NativeCall, fields: MdlFields): void {
    const { kernel, memory } = this.context;
    const space = memory.spaceOf(call.process, fields.startVa);
    const mapping = space?.find(fields.virtualAddress);
    if (mapping === undefined) return;
    if (!mapping.pageable && !mapping.user && nonPageable.has(mapping.use)) return;
    const paged = mapping.use === 'pagedPool';
    const text = `${call.caller.module} builds an MDL with ${call.routine} over ${addressText(this.context, call, fields.virtualAddress)}, which is ${
      paged ? 'paged pool' : 'pageable or may be traded'
    }: its pages must be locked with MmProbeAndLockPages.`;
    if (isVerified(this.context, call)) {
      throw verifierBugCheck(
        paged
          ? [0x7f, kernel.host.irql, fields.address, fields.flags]
          : [0x140, kernel.host.irql, fields.address, fields.virtualAddress],
        text,
      );
    }
    call.violation('pageable_mdl', text, 'nf-wdm-mmbuildmdlfornonpagedpool');
  }

  /** The target of a partial MDL must have room for the page numbers. */
  private checkRoom(call: NativeCall, target: Mdl, pages: number): void {
    const holding = this.context.kernel.ledger.find('MDL', target.address);
    const capacity = holding?.details['capacity'];
    // Size is cut to 16 bits for very large MDLs; there the ledger knows better.
    const room = Math.max(
      Math.floor((target.size - MDL_SIZE) / PFN_SIZE),
      typeof capacity === 'number' && capacity > 4000 ? capacity : 0,
    );
    if (pages <= room) return;
    throw new BugCheck(
      bugCheckCodes.TARGET_MDL_TOO_SMALL,
      [0, 0, 0, 0],
      `${call.caller.module} builds a partial MDL of ${pages} pages in one that has room for ${room}.`,
      'bug-check-0x40--target-mdl-too-small',
    );
  }
}
