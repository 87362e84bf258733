/**
 * Common buffers: memory that processor and device share, contiguous for the device and within its reach.
 * Documentation: nc-wdm-pallocate_common_buffer, nc-wdm-pfree_common_buffer.
 */
import { bytesToPages, frame, PAGE_SIZE, virtual } from '../../base/addresses.ts';
import { hex, int64, unsigned64 } from '../../base/int64.ts';
import type { OrderedMap } from '../../base/ordered-map.ts';
import type { Table } from '../../base/store.ts';
import type { CacheType } from '../../machine/address-space.ts';
import type { FrameRunGrant } from '../../machine/frames.ts';
import type { NativeCall, NativeTable } from '../../vm/natives.ts';
import { type KernelContext, PASSIVE_LEVEL } from '../context.ts';
import { cacheTypeOf, nodeOf } from '../mm/calls.ts';
import { status } from '../status.ts';
import {
  type Adapter,
  type Adapters,
  dmaViolation,
  highestAddress,
  reachText,
} from './adapters.ts';
import { controllerLine, isIsa } from './device-description.ts';
import type { LogicalSpace } from './logical-space.ts';

/** One common buffer. Plain data. */
export interface CommonBuffer {
  readonly address: number;
  readonly logical: number;
  readonly length: number;
  /** CacheEnabled of the allocation; undefined where it has no such parameter. */
  readonly cached: boolean | undefined;
  readonly adapter: number;
  readonly holding: number;
  /** Start of the mapping: before the buffer when Driver Verifier put a guard page there. */
  readonly mapping: number;
  readonly runs: readonly FrameRunGrant[];
  readonly guarded: boolean;
  /** Made of an MDL of the driver: mapping and pages stay its own. */
  readonly ofMdl: boolean;
  /** Pages with guards, and the domain whose devices see them. */
  readonly pages: number;
  readonly domain: number;
  readonly live: boolean;
}

/** What is asked for. */
export interface BufferRequest {
  readonly length: number;
  /** Receives the logical address; 0: nobody asks. */
  readonly logicalAddress: number;
  readonly cached: boolean | undefined;
  readonly cache: CacheType;
  /** Logical addresses, inclusive. */
  readonly lowest: number;
  readonly highest: number;
  readonly node: number | undefined;
  readonly domain: number;
  readonly largePages: boolean;
  /** The routine's page. */
  readonly page: string;
  /** Without a limit by the adapter's map registers (for buffers of a vector, and of a domain). */
  readonly unlimited?: boolean;
}

const ALLOCATE_PAGE = 'nc-wdm-pallocate_common_buffer';
const FREE_PAGE = 'nc-wdm-pfree_common_buffer';
/** What Driver Verifier writes beside a buffer, and into the rest of the pages around it. */
const GUARD_TAG = 'DmaVrfy0';
const GUARD_FILL = 0x0f;
/** A master's buffer does not straddle 4 GB, an ISA device's not 64 KB; in pages. */
const MASTER_BOUNDARY = 0x10_0000;
const ISA_BOUNDARY = 0x10;
/** DOMAIN_COMMON_BUFFER_LARGE_PAGE, and the pages of a large one. */
const LARGE_PAGE = 0x1;
const LARGE_PAGES = 512;
/** Routines that answer an NTSTATUS; the others answer an address. */
const returnsStatus: ReadonlySet<string> = new Set([
  'AllocateDomainCommonBuffer',
  'AllocateCommonBufferVector',
]);

export class CommonBuffers {
  private readonly table: Table<number, CommonBuffer>;

  constructor(
    private readonly kernel: KernelContext,
    private readonly adapters: Adapters,
    private readonly logical: LogicalSpace,
  ) {
    this.table = kernel.store.table(`${kernel.host.name}.commonBuffers`);
  }

  get all(): OrderedMap<number, CommonBuffer> {
    return this.kernel.store.all(this.table);
  }

  natives(): NativeTable {
    return {
      AllocateCommonBuffer: (call) => {
        const adapter = this.adapters.check(call, { exact: PASSIVE_LEVEL });
        if (adapter === undefined) return 0;
        return this.allocate(call, adapter, {
          ...this.plain(adapter, call.number(1)),
          logicalAddress: call.number(2),
          cached: call.boolean(3),
        });
      },
      AllocateCommonBufferEx: (call) => {
        const adapter = this.adapters.check(call, { exact: PASSIVE_LEVEL });
        if (adapter === undefined) return 0;
        const plain = this.plain(adapter, call.number(2));
        const highest = this.addressAt(call, call.number(1), '*MaximumAddress');
        return this.allocate(call, adapter, {
          ...plain,
          logicalAddress: call.number(3),
          cached: call.boolean(4),
          cache: call.boolean(4) ? 'cached' : 'nonCached',
          highest: Math.min(highest ?? plain.highest, plain.highest),
          node: this.nodeOf(call.number(5)),
          page: 'nc-wdm-pallocate_common_buffer_ex',
        });
      },
      AllocateCommonBufferWithBounds: (call) => this.allocateWithBounds(call),
      AllocateDomainCommonBuffer: (call) => this.allocateInDomain(call),
      FreeCommonBuffer: (call) => {
        const adapter = this.adapters.check(call, { exact: PASSIVE_LEVEL });
        this.free(call, adapter);
        return undefined;
      },
    };
  }

  /** What a request has where its routine says nothing else. */
  plain(adapter: Adapter, length: number): BufferRequest {
    return {
      length,
      logicalAddress: 0,
      cached: undefined,
      cache: 'cached',
      lowest: 0,
      highest: highestAddress(adapter.bits),
      node: undefined,
      domain: adapter.domain,
      largePages: false,
      page: ALLOCATE_PAGE,
    };
  }

  /** A node that was asked for; on machines with one node there is no choice. */
  nodeOf(node: number): number | undefined {
    return this.kernel.host.machine.nodes > 1 ? nodeOf(node) : undefined;
  }

  /** A PHYSICAL_ADDRESS by pointer; undefined without one. */
  private addressAt(call: NativeCall, pointer: number, what: string): number | undefined {
    return pointer === 0 ? undefined : Number(unsigned64(call.memory.read64(pointer, what)));
  }

  /** A MEMORY_CACHING_TYPE by pointer: the default without one, undefined when it is none for buffers. */
  private cacheAt(call: NativeCall, pointer: number): CacheType | undefined {
    if (pointer === 0) return 'cached';
    const cache = cacheTypeOf(call.memory.readUnsigned(pointer, 4, '*CacheType'));
    return cache === 'writeCombined' ? undefined : cache;
  }

  /**
   * AllocateCommonBufferWithBounds(DmaAdapter, *MinimumAddress, *MaximumAddress, Length, Flags, *CacheType,
   * PreferredNode, *LogicalAddress).
   */
  private allocateWithBounds(call: NativeCall): number {
    const adapter = this.adapters.check(call, { exact: PASSIVE_LEVEL });
    if (adapter === undefined) return 0;
    const page = 'nc-wdm-pallocate_common_buffer_with_bounds';
    const cache = this.cacheAt(call, call.number(5));
    if (cache === undefined) {
      return this.refuse(call, 'CacheType has to be MmNonCached or MmCached', page);
    }
    const plain = this.plain(adapter, call.number(3));
    const maximum = this.addressAt(call, call.number(2), '*MaximumAddress');
    return this.allocate(call, adapter, {
      ...plain,
      logicalAddress: call.number(7),
      cache,
      lowest: this.addressAt(call, call.number(1), '*MinimumAddress') ?? 0,
      // The upper bound does not belong to the range.
      highest: maximum === undefined ? plain.highest : Math.min(maximum - 1, plain.highest),
      node: this.nodeOf(call.number(6)),
      largePages: (call.number(4) & LARGE_PAGE) !== 0,
      page,
    });
  }

  /**
   * AllocateDomainCommonBuffer(DmaAdapter, DomainHandle, *MaximumAddress, Length, Flags, *CacheType,
   * PreferredNode, *LogicalAddress, *VirtualAddress).
   */
  private allocateInDomain(call: NativeCall): number {
    const adapter = this.adapters.check(call, { exact: PASSIVE_LEVEL });
    if (adapter === undefined) return status.STATUS_INVALID_PARAMETER | 0;
    if (!this.kernel.host.machine.iommu) return status.STATUS_NOT_SUPPORTED | 0;
    const domain = this.adapters.domainOf(call.number(1));
    const cache = this.cacheAt(call, call.number(5));
    if (domain === undefined || cache === undefined) return status.STATUS_INVALID_PARAMETER | 0;
    const plain = this.plain(adapter, call.number(3));
    const highest = this.addressAt(call, call.number(2), '*MaximumAddress');
    const address = this.allocate(call, adapter, {
      ...plain,
      logicalAddress: call.number(7),
      cache,
      highest: Math.min(highest ?? plain.highest, plain.highest),
      node: this.nodeOf(call.number(6)),
      domain,
      largePages: (call.number(4) & LARGE_PAGE) !== 0,
      page: 'nc-wdm-pallocate_domain_common_buffer',
      unlimited: true,
    });
    if (address === 0) return status.STATUS_INSUFFICIENT_RESOURCES | 0;
    call.memory.write64(call.number(8), address);
    return 0;
  }

  /** The live buffer that holds a system address. */
  at(address: number): CommonBuffer | undefined {
    const found = this.all.atOrBelow(address)?.[1];
    return found?.live === true && address < found.address + found.length ? found : undefined;
  }

  /** A common buffer's system address; 0 when there is none, which is explained. */
  allocate(call: NativeCall, adapter: Adapter, request: BufferRequest): number {
    const { kernel } = this;
    const { length } = request;
    if (length === 0) {
      return this.refuse(call, 'a common buffer of 0 bytes cannot be allocated', request.page);
    }
    const pages = request.largePages
      ? Math.ceil(bytesToPages(length) / LARGE_PAGES) * LARGE_PAGES
      : bytesToPages(length);
    if (bytesToPages(length) > adapter.granted && request.unlimited !== true) {
      call.violation(
        'dma_map_registers',
        `${call.routine} asks for ${length} bytes, which take ${bytesToPages(length)} pages; IoGetDmaAdapter granted ${adapter.granted} map registers, and a common buffer must not be longer than that.`,
        'using-common-buffer-bus-master-dma',
      );
    }
    if (kernel.injectFault(call, 'allocation')) return 0;
    const guarded = this.adapters.verified(call) && !request.largePages;
    // Without room for the guard pages Driver Verifier does without them.
    const withGuards = guarded ? this.frames(adapter, pages + 2, request) : undefined;
    const grant =
      withGuards === undefined || typeof withGuards === 'string'
        ? this.frames(adapter, pages, request)
        : withGuards;
    if (typeof grant === 'string') return this.refuse(call, grant, request.page);
    return this.enter(call, adapter, request, grant.runs, {
      pages,
      guarded: grant.pages > pages,
    });
  }

  /** Frames within the device's reach, or the explanation why there are none. */
  private frames(
    adapter: Adapter,
    pages: number,
    request: BufferRequest,
  ): { readonly runs: readonly FrameRunGrant[]; readonly pages: number } | string {
    const { kernel } = this;
    const { iommu } = kernel.host.machine;
    const answer = kernel.memory.allocateFrames({
      pages,
      lowest: frame(iommu ? 0 : Math.ceil(request.lowest / PAGE_SIZE)),
      highest: frame(
        iommu
          ? Number.MAX_SAFE_INTEGER
          : Math.floor(Math.min(request.highest, 2 ** 52) / PAGE_SIZE),
      ),
      boundary: iommu ? 0 : boundaryFor(adapter, request.highest),
      contiguous: !iommu || request.largePages,
      alignment: request.largePages ? LARGE_PAGES : 1,
      node: request.node,
      owner: 'common buffer',
      allocation: undefined,
    });
    if (answer.granted) return { runs: answer.runs, pages };
    return `the adapter reaches ${reachText(adapter.bits)} (${adapter.because}). ${answer.explanation}.`;
  }

  private enter(
    call: NativeCall,
    adapter: Adapter,
    request: BufferRequest,
    runs: readonly FrameRunGrant[],
    size: { readonly pages: number; readonly guarded: boolean },
  ): number {
    const { kernel } = this;
    const total = size.pages + (size.guarded ? 2 : 0);
    const logicalStart = this.logicalFor(request, runs, total);
    const mapping = kernel.memory.mapSystem({
      use: 'commonBuffer',
      runs,
      protection: 'readWrite',
      cache: request.cache,
      pageable: false,
      allocation: undefined,
    });
    if (logicalStart === undefined || mapping === undefined) {
      if (mapping !== undefined) kernel.memory.unmapSystem(mapping);
      if (logicalStart !== undefined && kernel.host.machine.iommu) {
        this.logical.release(logicalStart, total);
      }
      kernel.memory.freeFrames(runs);
      const what =
        mapping === undefined
          ? 'address space for it is used up'
          : `no ${total} pages of logical addresses from ${hex(request.lowest)} to ${hex(request.highest)} are free`;
      return this.refuse(call, what, request.page);
    }
    const skip = size.guarded ? PAGE_SIZE : 0;
    const address = virtual(mapping + skip);
    const logical = logicalStart + skip;
    const holding = this.record(call, adapter, {
      address,
      logical,
      length: request.length,
      cached: request.cached,
      mapping,
      runs,
      guarded: size.guarded,
      ofMdl: false,
      pages: total,
      domain: request.domain,
    });
    kernel.memory.attribute(mapping, holding, 'common buffer');
    if (size.guarded) this.writeGuards(call, address, request.length, size.pages);
    if (request.logicalAddress !== 0) {
      call.memory.write64(request.logicalAddress, int64(logical));
    }
    this.adapters.checkReach(call, adapter, logical, request.length);
    return address;
  }

  /** Enters a buffer into the books; answers the number of its holding. */
  record(
    call: NativeCall,
    adapter: Adapter,
    buffer: Omit<CommonBuffer, 'adapter' | 'holding' | 'live'>,
  ): number {
    const { kernel } = this;
    const holding = kernel.ledger.add({
      kind: 'common buffer',
      address: virtual(buffer.address),
      bytes: buffer.length,
      module: call.caller.module,
      own: call.caller.own,
      routine: call.routine,
      site: call.site,
      details: {
        logical: buffer.logical,
        adapter: adapter.number,
        pages: bytesToPages(buffer.length),
      },
    });
    kernel.store.set(this.table, buffer.address, {
      ...buffer,
      adapter: adapter.address,
      holding,
      live: true,
    });
    this.adapters.update(adapter.address, (record) => ({
      ...record,
      buffersAllocated: record.buffersAllocated + 1,
    }));
    return holding;
  }

  /** Logical is physical, but behind an IOMMU, where the device gets addresses of its own. */
  private logicalFor(
    request: BufferRequest,
    runs: readonly FrameRunGrant[],
    pages: number,
  ): number | undefined {
    if (!this.kernel.host.machine.iommu) return (runs[0]?.frame ?? 0) * PAGE_SIZE;
    const start = this.logical.reserve(pages, {
      lowest: request.lowest,
      highest: Math.min(request.highest, 2 ** 52 - 1),
      ...(request.largePages ? { alignment: LARGE_PAGES * PAGE_SIZE } : {}),
    });
    if (start !== undefined) this.logical.mapRuns(start, runs, request.domain);
    return start;
  }

  private writeGuards(call: NativeCall, address: number, length: number, pages: number): void {
    const tag = Uint8Array.from(GUARD_TAG, (character) => character.charCodeAt(0));
    const end = address + length;
    call.memory.fill(address - PAGE_SIZE, PAGE_SIZE - tag.length, GUARD_FILL);
    call.memory.writeBytes(address - tag.length, tag);
    call.memory.writeBytes(end, tag);
    const rest = (pages + 1) * PAGE_SIZE - length - tag.length;
    call.memory.fill(end + tag.length, rest, GUARD_FILL);
  }

  private free(call: NativeCall, adapter: Adapter | undefined): void {
    const { kernel } = this;
    const [length, address] = [call.number(1), call.number(3)];
    const logical = Number(unsigned64(call.integer(2)));
    const buffer = kernel.store.get(this.table, address);
    if (buffer === undefined || !buffer.live) {
      this.reportUnknown(call, adapter, address, buffer);
      return;
    }
    const wrong = [
      buffer.length === length ? undefined : `Length ${length} instead of ${buffer.length}`,
      buffer.logical === logical
        ? undefined
        : `LogicalAddress ${hex(logical)} instead of ${hex(buffer.logical)}`,
      buffer.cached === undefined || buffer.cached === call.boolean(4)
        ? undefined
        : 'another CacheEnabled',
      buffer.adapter === call.number(0) ? undefined : 'another adapter',
    ].filter((text) => text !== undefined);
    if (wrong.length > 0) {
      call.violation(
        'common_buffer_mismatch',
        `FreeCommonBuffer is given ${wrong.join(', ')} for the common buffer at ${hex(address, 16)}: all values must be those of its allocation.`,
        FREE_PAGE,
      );
    }
    this.release(call, buffer);
  }

  /** Frees a buffer: an MDL of the driver stays mapped, and its pages stay its own. */
  release(call: NativeCall, buffer: CommonBuffer): void {
    const { kernel } = this;
    if (!buffer.ofMdl) this.checkOverrun(call, buffer);
    if (kernel.host.machine.iommu) {
      this.logical.release(buffer.logical - (buffer.guarded ? PAGE_SIZE : 0), buffer.pages);
    }
    if (!buffer.ofMdl) {
      kernel.memory.unmapSystem(virtual(buffer.mapping));
      kernel.memory.freeFrames(buffer.runs);
    }
    kernel.ledger.release(buffer.holding, call.site);
    kernel.store.set(this.table, buffer.address, { ...buffer, live: false });
    this.adapters.update(buffer.adapter, (record) => ({
      ...record,
      buffersFreed: record.buffersFreed + 1,
    }));
  }

  private reportUnknown(
    call: NativeCall,
    adapter: Adapter | undefined,
    address: number,
    freed: CommonBuffer | undefined,
  ): void {
    const text =
      freed === undefined
        ? `FreeCommonBuffer is given ${hex(address, 16)}, which is no common buffer.`
        : `FreeCommonBuffer is given the common buffer at ${hex(address, 16)}, which was freed already.`;
    if (adapter !== undefined && this.adapters.verified(call)) {
      const surplus = adapter.buffersFreed + 1 - adapter.buffersAllocated;
      throw dmaViolation([0x03, Math.max(surplus, 1), 0, 0], text, FREE_PAGE);
    }
    call.violation('common_buffer_free', text, FREE_PAGE);
  }

  /** Damaged guards (Driver Verifier), or bytes written behind the length (the emulator's own knowledge). */
  private checkOverrun(call: NativeCall, buffer: CommonBuffer): void {
    const { address, length } = buffer;
    const end = address + length;
    if (!buffer.guarded) {
      const rest = bytesToPages(length) * PAGE_SIZE - length;
      for (let offset = 0; offset < rest; offset++) {
        if (call.peek.isWritten(virtual(end + offset), 1) !== true) continue;
        call.violation(
          'common_buffer_overrun',
          `The common buffer at ${hex(address, 16)} has ${length} bytes, and byte ${length + offset} was written: it lies in the buffer's last page, but does not belong to it.`,
          ALLOCATE_PAGE,
        );
        return;
      }
      return;
    }
    const around = [
      { first: address - GUARD_TAG.length, bytes: GUARD_TAG, code: 1, what: 'just before' },
      { first: end, bytes: GUARD_TAG, code: 2, what: 'just behind' },
    ];
    for (const { first, bytes, code, what } of around) {
      if (call.memory.readString(first, bytes.length) === bytes) continue;
      throw dmaViolation(
        [0x0f, code, length, address],
        `Bytes ${what} the common buffer at ${hex(address, 16)} (${length} bytes) were overwritten: the tag "${GUARD_TAG}" that Driver Verifier put there is damaged.`,
      );
    }
    const padding = [
      { first: address - PAGE_SIZE, last: address - GUARD_TAG.length, code: 4, what: 'before' },
      {
        first: end + GUARD_TAG.length,
        last: buffer.mapping + (bytesToPages(length) + 2) * PAGE_SIZE,
        code: 5,
        what: 'behind',
      },
    ];
    for (const { first, last, code, what } of padding) {
      const bytes = call.memory.readBytes(first, last - first);
      const index = bytes.findIndex((byte) => byte !== GUARD_FILL);
      if (index < 0) continue;
      throw dmaViolation(
        [0x0f, code, address, first + index],
        `Byte ${hex(first + index, 16)} ${what} the common buffer at ${hex(address, 16)} (${length} bytes) was overwritten: the padding of Driver Verifier is damaged.`,
      );
    }
  }

  private refuse(call: NativeCall, text: string, page: string): number {
    const outcome = returnsStatus.has(call.routine) ? 'fails' : 'returns NULL';
    this.kernel.explain(call, `${call.routine} ${outcome}: ${text}`, page);
    return 0;
  }
}

/** Where no line can be straddled within the reach, there is none to respect. */
function boundaryFor(adapter: Adapter, highest: number): number {
  const line = controllerLine(adapter.description);
  if (line !== undefined) return line / PAGE_SIZE;
  if (isIsa(adapter.description)) return ISA_BOUNDARY;
  return highest < MASTER_BOUNDARY * PAGE_SIZE ? 0 : MASTER_BOUNDARY;
}
