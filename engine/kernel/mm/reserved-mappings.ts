/** Reserved mappings: address space that is set aside once, so that mapping an MDL into it cannot fail. */
import { bytesToPages, PAGE_SIZE, type VirtualAddress, virtual } from '../../base/addresses.ts';
import { hex, type Int64 } from '../../base/int64.ts';
import type { FrameRunGrant } from '../../machine/frames.ts';
import { BugCheck, type NativeCall, type NativeTable } from '../../vm/natives.ts';
import { bugCheckCodes } from '../bug-check-codes.ts';
import { APC_LEVEL, DISPATCH_LEVEL } from '../context.ts';
import type { Holding } from '../ledger.ts';
import { checkHighestIrql } from '../verifier/irql-rules.ts';
import {
  addressText,
  cacheTypeOf,
  failsByInjection,
  type MemoryRoutines,
  recordHolding,
  refuse,
  releaseHolding,
  sizeArgument,
} from './calls.ts';
import { pagesText, tagText } from './describe.ts';
import { flagsText, Mdl, mdlFlags } from './mdl.ts';

const { MDL_PAGES_LOCKED, MDL_PARTIAL, MDL_MAPPED_TO_SYSTEM_VA, MDL_IO_SPACE } = mdlFlags;

const RESERVE_PAGE = 'nf-wdm-mmallocatemappingaddress';
const MAP_PAGE = 'nf-wdm-mmmaplockedpageswithreservedmapping';
const PTE_PAGE = 'bug-check-0xda--system-pte-misuse';

/** The routines' table. */
export function reservedMappingRoutines(context: MemoryRoutines): NativeTable {
  const reserved = new ReservedMappings(context);
  return {
    MmAllocateMappingAddress: (call) => reserved.reserve(call),
    MmFreeMappingAddress: (call) => reserved.free(call),
    MmMapLockedPagesWithReservedMapping: (call) => reserved.map(call),
    MmUnmapReservedMapping: (call) => reserved.unmap(call),
  };
}

/** The routines of one host. */
class ReservedMappings {
  constructor(private readonly context: MemoryRoutines) {}

  /** Sets address space aside; touching it faults until something is mapped there. */
  reserve(call: NativeCall): VirtualAddress | 0 {
    const { kernel, memory } = this.context;
    const bytes = sizeArgument(call, 0);
    const tag = call.number(1) >>> 0;
    checkHighestIrql(kernel, call, APC_LEVEL, RESERVE_PAGE);
    if (bytes === 0) {
      throw this.misuse(call, [0x100, 0, tag, 0], 'reserves address space of 0 pages');
    }
    if (failsByInjection(this.context, call, 'mapping')) return 0;
    const pages = bytesToPages(bytes);
    const start = memory.reserveSystem(pages, 'reservedMapping');
    if (start === undefined) {
      return refuse(this.context, call, {
        explanation: `no ${pages} pages of system address space are left`,
        page: RESERVE_PAGE,
      });
    }
    const id = recordHolding(this.context, call, 'reserved mapping', start, bytes, { tag, pages });
    memory.host.system.put({
      start,
      pages,
      use: 'reservedMapping',
      runs: [],
      absent: 'reserved',
      protection: 'noAccess',
      user: false,
      cache: 'cached',
      pageable: false,
      allocation: id,
    });
    return start;
  }

  /** Gives the address space back; it must be empty. */
  free(call: NativeCall): undefined {
    const { kernel, memory } = this.context;
    const base = call.number(0);
    const tag = call.number(1) >>> 0;
    checkHighestIrql(kernel, call, APC_LEVEL, 'nf-wdm-mmfreemappingaddress');
    const holding = kernel.ledger.find('reserved mapping', base);
    if (holding === undefined) {
      throw this.misuse(
        call,
        [0x102, base, tag, 0],
        `frees ${addressText(this.context, call, base)}, where nothing is reserved`,
      );
    }
    this.checkTag(call, holding, 0x101, tag);
    const mapped = mappedPages(memory.host.system.mappings.get(base)?.runs);
    if (mapped > 0) {
      throw this.misuse(
        call,
        [0x103, base, tag, mapped],
        `frees reserved address space in which ${pagesText(mapped)} are still mapped`,
      );
    }
    memory.unmapSystem(virtual(base));
    releaseHolding(this.context, call, holding);
  }

  /** Maps an MDL at the start of the address space. NULL only for wrong parameters. */
  map(call: NativeCall): VirtualAddress | 0 {
    const { kernel, memory } = this.context;
    const base = call.number(0);
    const tag = call.number(1) >>> 0;
    const mdl = new Mdl(call.memory, virtual(call.number(2)));
    checkHighestIrql(kernel, call, DISPATCH_LEVEL, MAP_PAGE);
    const holding = kernel.ledger.find('reserved mapping', base);
    const reserved = memory.host.system.mappings.get(base);
    if (holding === undefined || reserved === undefined) {
      throw this.misuse(
        call,
        [0x105, base, tag, 0],
        `maps an MDL at ${hex(base, 16)}, which is not the start of reserved address space`,
      );
    }
    this.checkTag(call, holding, 0x104, tag);
    const occupied = mappedPages(reserved.runs);
    if (occupied > 0) {
      throw this.misuse(
        call,
        [0x107, base, base, base + (occupied - 1) * PAGE_SIZE],
        'maps an MDL into reserved address space that holds a mapping already',
      );
    }
    const fields = mdl.read();
    if ((fields.flags & (MDL_PAGES_LOCKED | MDL_PARTIAL | MDL_IO_SPACE)) === 0) {
      return refuse(this.context, call, {
        explanation: `the MDL is not locked (${flagsText(fields.flags)})`,
        page: MAP_PAGE,
      });
    }
    if (fields.pages > reserved.pages) {
      return refuse(this.context, call, {
        explanation: `the MDL has ${pagesText(fields.pages)}, and ${pagesText(reserved.pages)} ${reserved.pages === 1 ? 'is' : 'are'} reserved`,
        page: MAP_PAGE,
      });
    }
    const frames = mdl.readFrames(fields.pages);
    const wanted = cacheTypeOf(call.number(3) >>> 0) ?? 'cached';
    const first = frames[0];
    const cache = (first && memory.frames.attributeOf(first.frame)?.cache) ?? wanted;
    memory.fillReserved(virtual(base), frames, cache);
    mdl.mappedSystemVa = base;
    mdl.changeFlags(MDL_MAPPED_TO_SYSTEM_VA);
    return virtual(base + fields.byteOffset);
  }

  /** Takes exactly what was mapped out again. */
  unmap(call: NativeCall): undefined {
    const { kernel, memory } = this.context;
    const base = call.number(0);
    const tag = call.number(1) >>> 0;
    const mdl = new Mdl(call.memory, virtual(call.number(2)));
    checkHighestIrql(kernel, call, DISPATCH_LEVEL, 'nf-wdm-mmunmapreservedmapping');
    const holding = kernel.ledger.find('reserved mapping', base);
    if (holding === undefined) {
      throw this.misuse(
        call,
        [0x108, base, tag, 0],
        `unmaps ${addressText(this.context, call, base)}, which is not reserved address space`,
      );
    }
    this.checkTag(call, holding, 0x108, tag);
    const mapped = mappedPages(memory.host.system.mappings.get(base)?.runs);
    const { pages } = mdl.read();
    if (mapped === 0) {
      throw this.misuse(call, [0x109, base, tag, 0], 'unmaps reserved address space that is empty');
    }
    if (pages > mapped) {
      throw this.misuse(
        call,
        [0x10a, base, mapped, pages],
        `unmaps ${pagesText(pages)} where ${pagesText(mapped)} are mapped`,
      );
    }
    if (pages < mapped) {
      throw this.misuse(
        call,
        [0x10c, base, tag, pages],
        `unmaps ${pagesText(pages)} of the ${pagesText(mapped)} that are mapped`,
      );
    }
    memory.emptyReserved(virtual(base));
    mdl.changeFlags(0, MDL_MAPPED_TO_SYSTEM_VA);
  }

  /** Whoever knows the tag owns the address space. */
  private checkTag(call: NativeCall, holding: Holding, code: number, tag: number): void {
    const owner = Number(holding.details['tag']);
    if (owner === tag) return;
    throw this.misuse(
      call,
      [code, holding.address, tag, owner],
      `gives the tag '${tagText(tag)}' for address space that was reserved with '${tagText(owner)}'`,
    );
  }

  /** Bug check 0xDA. */
  private misuse(
    call: NativeCall,
    parameters: readonly [Int64, Int64, Int64, Int64],
    what: string,
  ): BugCheck {
    return new BugCheck(
      bugCheckCodes.SYSTEM_PTE_MISUSE,
      parameters,
      `${call.caller.module} ${what}.`,
      PTE_PAGE,
    );
  }
}

const mappedPages = (runs: readonly Pick<FrameRunGrant, 'count'>[] | undefined): number =>
  (runs ?? []).reduce((sum, run) => sum + run.count, 0);
