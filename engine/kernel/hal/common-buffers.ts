/**
 * Common buffers: memory that processor and device share, contiguous for the device and within its reach.
 * Documentation: nc-wdm-pallocate_common_buffer, nc-wdm-pfree_common_buffer.
 */
import { bytesToPages, frame, PAGE_SIZE, virtual } from '../../base/addresses.ts';
import { hex, int64, unsigned64 } from '../../base/int64.ts';
import type { OrderedMap } from '../../base/ordered-map.ts';
import type { Table } from '../../base/store.ts';
import type { FrameRunGrant } from '../../machine/frames.ts';
import type { NativeCall, NativeTable } from '../../vm/natives.ts';
import { type KernelContext, PASSIVE_LEVEL } from '../context.ts';
import {
  type Adapter,
  type Adapters,
  dmaViolation,
  highestAddress,
  reachText,
} from './adapters.ts';
import { isIsa } from './device-description.ts';
import type { LogicalSpace } from './logical-space.ts';

/** One common buffer. Plain data. */
export interface CommonBuffer {
  readonly address: number;
  readonly logical: number;
  readonly length: number;
  readonly cached: boolean;
  readonly adapter: number;
  readonly holding: number;
  /** Start of the mapping: before the buffer when Driver Verifier put a guard page there. */
  readonly mapping: number;
  readonly runs: readonly FrameRunGrant[];
  readonly guarded: boolean;
  readonly live: boolean;
}

const ALLOCATE_PAGE = 'nc-wdm-pallocate_common_buffer';
const FREE_PAGE = 'nc-wdm-pfree_common_buffer';
/** What Driver Verifier writes beside a buffer, and into the rest of the pages around it. */
const GUARD_TAG = 'DmaVrfy0';
const GUARD_FILL = 0x0f;
/** A master's buffer does not straddle 4 GB, an ISA device's not 64 KB; in pages. */
const MASTER_BOUNDARY = 0x10_0000;
const ISA_BOUNDARY = 0x10;

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
          length: call.number(1),
          logicalAddress: call.number(2),
          cached: call.boolean(3),
          highest: highestAddress(adapter.bits),
          node: undefined,
        });
      },
      AllocateCommonBufferEx: (call) => {
        const adapter = this.adapters.check(call, { exact: PASSIVE_LEVEL });
        if (adapter === undefined) return 0;
        const maximum = call.number(1);
        const limit =
          maximum === 0
            ? Number.POSITIVE_INFINITY
            : Number(unsigned64(call.memory.read64(maximum, '*MaximumAddress')));
        return this.allocate(call, adapter, {
          length: call.number(2),
          logicalAddress: call.number(3),
          cached: call.boolean(4),
          highest: Math.min(limit, highestAddress(adapter.bits)),
          node: this.kernel.host.machine.nodes > 1 ? call.number(5) : undefined,
        });
      },
      FreeCommonBuffer: (call) => {
        const adapter = this.adapters.check(call, { exact: PASSIVE_LEVEL });
        this.free(call, adapter);
        return undefined;
      },
    };
  }

  /** The live buffer that holds a system address. */
  at(address: number): CommonBuffer | undefined {
    const found = this.all.atOrBelow(address)?.[1];
    return found?.live === true && address < found.address + found.length ? found : undefined;
  }

  private allocate(
    call: NativeCall,
    adapter: Adapter,
    request: {
      readonly length: number;
      readonly logicalAddress: number;
      readonly cached: boolean;
      readonly highest: number;
      readonly node: number | undefined;
    },
  ): number {
    const { kernel } = this;
    const { length } = request;
    if (length === 0) {
      return this.refuse(call, 'a common buffer of 0 bytes cannot be allocated');
    }
    const pages = bytesToPages(length);
    if (pages > adapter.granted) {
      call.violation(
        'dma_map_registers',
        `${call.routine} asks for ${length} bytes, which take ${pages} pages; IoGetDmaAdapter granted ${adapter.granted} map registers, and a common buffer must not be longer than that.`,
        'using-common-buffer-bus-master-dma',
      );
    }
    if (kernel.injectFault(call, 'allocation')) return 0;
    const guarded = this.adapters.verified(call);
    // Without room for the guard pages Driver Verifier does without them.
    const withGuards = guarded ? this.frames(adapter, pages + 2, request) : undefined;
    const grant =
      withGuards === undefined || typeof withGuards === 'string'
        ? this.frames(adapter, pages, request)
        : withGuards;
    if (typeof grant === 'string') return this.refuse(call, grant);
    return this.enter(call, adapter, request, grant.runs, {
      pages,
      guarded: grant.pages > pages,
    });
  }

  /** Frames within the device's reach, or the explanation why there are none. */
  private frames(
    adapter: Adapter,
    pages: number,
    request: { readonly highest: number; readonly node: number | undefined },
  ): { readonly runs: readonly FrameRunGrant[]; readonly pages: number } | string {
    const { kernel } = this;
    const { iommu } = kernel.host.machine;
    const answer = kernel.memory.allocateFrames({
      pages,
      lowest: frame(0),
      highest: frame(
        iommu
          ? Number.MAX_SAFE_INTEGER
          : Math.floor(Math.min(request.highest, 2 ** 52) / PAGE_SIZE),
      ),
      boundary: iommu ? 0 : boundaryFor(adapter, request.highest),
      contiguous: !iommu,
      alignment: 1,
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
    request: { readonly length: number; readonly logicalAddress: number; readonly cached: boolean },
    runs: readonly FrameRunGrant[],
    size: { readonly pages: number; readonly guarded: boolean },
  ): number {
    const { kernel } = this;
    const total = size.pages + (size.guarded ? 2 : 0);
    const logicalStart = this.logicalFor(adapter, runs, total);
    const mapping = kernel.memory.mapSystem({
      use: 'commonBuffer',
      runs,
      protection: 'readWrite',
      cache: 'cached',
      pageable: false,
      allocation: undefined,
    });
    if (logicalStart === undefined || mapping === undefined) {
      if (mapping !== undefined) kernel.memory.unmapSystem(mapping);
      kernel.memory.freeFrames(runs);
      return this.refuse(call, 'address space for it is used up');
    }
    const skip = size.guarded ? PAGE_SIZE : 0;
    const address = virtual(mapping + skip);
    const logical = logicalStart + skip;
    const holding = kernel.ledger.add({
      kind: 'common buffer',
      address,
      bytes: request.length,
      module: call.caller.module,
      own: call.caller.own,
      routine: call.routine,
      site: call.site,
      details: { logical, adapter: adapter.number, pages: size.pages },
    });
    kernel.memory.attribute(mapping, holding, 'common buffer');
    kernel.store.set(this.table, address, {
      address,
      logical,
      length: request.length,
      cached: request.cached,
      adapter: adapter.address,
      holding,
      mapping,
      runs,
      guarded: size.guarded,
      live: true,
    });
    this.adapters.update(adapter.address, (record) => ({
      ...record,
      buffersAllocated: record.buffersAllocated + 1,
    }));
    if (size.guarded) this.writeGuards(call, address, request.length, size.pages);
    call.memory.write64(request.logicalAddress, int64(logical));
    this.adapters.checkReach(call, adapter, logical, request.length);
    return address;
  }

  /** Logical is physical, but behind an IOMMU, where the device gets addresses of its own. */
  private logicalFor(
    adapter: Adapter,
    runs: readonly FrameRunGrant[],
    pages: number,
  ): number | undefined {
    if (!this.kernel.host.machine.iommu) return (runs[0]?.frame ?? 0) * PAGE_SIZE;
    return this.logical.map(runs, pages, highestAddress(adapter.bits));
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
      buffer.cached === call.boolean(4) ? undefined : 'another CacheEnabled',
      buffer.adapter === call.number(0) ? undefined : 'another adapter',
    ].filter((text) => text !== undefined);
    if (wrong.length > 0) {
      call.violation(
        'common_buffer_mismatch',
        `FreeCommonBuffer is given ${wrong.join(', ')} for the common buffer at ${hex(address, 16)}: all values must be those of its allocation.`,
        FREE_PAGE,
      );
    }
    this.checkOverrun(call, buffer);
    this.release(call, buffer);
  }

  private release(call: NativeCall, buffer: CommonBuffer): void {
    const { kernel } = this;
    kernel.memory.unmapSystem(virtual(buffer.mapping));
    if (kernel.host.machine.iommu) {
      this.logical.unmap(buffer.logical - (buffer.guarded ? PAGE_SIZE : 0));
    }
    kernel.memory.freeFrames(buffer.runs);
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

  private refuse(call: NativeCall, text: string): number {
    this.kernel.explain(call, `${call.routine} returns NULL: ${text}`, ALLOCATE_PAGE);
    return 0;
  }
}

/** Where no line can be straddled within the reach, there is none to respect. */
function boundaryFor(adapter: Adapter, highest: number): number {
  if (isIsa(adapter.description)) return ISA_BOUNDARY;
  return highest < MASTER_BOUNDARY * PAGE_SIZE ? 0 : MASTER_BOUNDARY;
}
