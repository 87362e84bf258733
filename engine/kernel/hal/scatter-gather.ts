/**
 * Scatter/gather lists: their storage, their elements, what ends them, and MDLs of the memory that they really
 * use. Documentation: ns-wdm-_scatter_gather_list and the pages of the routines.
 */
import { frame, PAGE_SIZE, spanPages, virtual } from '../../base/addresses.ts';
import { hex } from '../../base/int64.ts';
import type { OrderedMap } from '../../base/ordered-map.ts';
import type { Table } from '../../base/store.ts';
import type { NativeCall, NativeResult, NativeTable } from '../../vm/natives.ts';
import { DISPATCH_LEVEL, HIGH_LEVEL, type KernelContext } from '../context.ts';
import { MDL_SIZE, Mdl, mdlFlags, mdlLayout, PFN_SIZE } from '../mm/mdl.ts';
import { releaseMapping } from '../mm/mdl-mapping.ts';
import { status } from '../status.ts';
import type { Adapters } from './adapters.ts';
import { type BufferMapper, takesLists, type Way } from './buffer-mapper.ts';
import type { DmaRequest } from './dma-requests.ts';
import type { MappedPiece, MapRegisters, RegisterBlock } from './map-registers.ts';
import { chainOf, type MdlView, registersFor } from './mdl-pieces.ts';
import type { TransferContexts } from './transfer-contexts.ts';

/** A scatter/gather list in use. Plain data. */
export interface ListRecord {
  readonly address: number;
  readonly base: number;
  readonly adapter: number;
  readonly routine: string;
  readonly writeToDevice: boolean;
  /** The list lies in memory of the driver. */
  readonly callerBuffer: boolean;
  readonly bytes: number;
  readonly holding: number;
  readonly elements: number;
  readonly mdl: number;
  readonly offset: number;
  readonly length: number;
  readonly way: Way;
  /** MDLs that BuildMdlFromScatterGatherList has made; undefined: it was not called. */
  readonly mdls: readonly number[] | undefined;
}

const LIST_TAG = 0x4c2f4753; // 'SG/L'
const MDL_TAG = 0x206c644d; // 'Mdl '
/** What the system keeps behind the elements of a list of version 3, in bytes. */
const PRIVATE_BYTES = 0x40;
/** Pieces of one slice. */
const SLICE = 64;
const BUILD_MDL_PAGE = 'nc-wdm-pbuild_mdl_from_scatter_gather_list';

export interface ScatterGatherParts {
  readonly adapters: Adapters;
  readonly registers: MapRegisters;
  readonly mapper: BufferMapper;
  readonly contexts: TransferContexts;
}

export class ScatterGatherLists {
  private readonly lists: Table<number, ListRecord>;

  constructor(
    private readonly kernel: KernelContext,
    private readonly parts: ScatterGatherParts,
  ) {
    this.lists = kernel.store.table(`${kernel.host.name}.scatterGatherLists`);
  }

  get all(): OrderedMap<number, ListRecord> {
    return this.kernel.store.all(this.lists);
  }

  natives(): NativeTable {
    return {
      HalpBuildList: (call) => this.build(call),
      HalpPutList: (call) => this.put(call),
      CalculateScatterGatherList: (call) => this.calculate(call),
      BuildMdlFromScatterGatherList: (call) => this.buildMdl(call),
    };
  }

  // ---- Storage -------------------------------------------------------------------------------------

  /** Bytes of a list; with the system's own part for the routines of version 3. */
  bytesFor(elements: number, withPrivate: boolean): number {
    const { layouts } = this.kernel;
    return (
      layouts.offset('SCATTER_GATHER_LIST', 'Elements') +
      elements * layouts.size('SCATTER_GATHER_ELEMENT') +
      (withPrivate ? PRIVATE_BYTES : 0)
    );
  }

  /** Elements that fit into so many bytes of a caller of version 3. */
  capacityOf(bytes: number): number {
    const room = bytes - this.bytesFor(0, true);
    return Math.max(Math.floor(room / this.kernel.layouts.size('SCATTER_GATHER_ELEMENT')), 0);
  }

  /** Memory for a list: the caller's, or pool; an NTSTATUS when there is none. */
  storage(
    call: NativeCall,
    want: {
      readonly elements: number;
      readonly buffer: number;
      readonly bufferLength: number;
      readonly withPrivate: boolean;
    },
  ): { readonly address: number; readonly bytes: number } | number {
    const { kernel } = this;
    const bytes = this.bytesFor(want.elements, want.withPrivate);
    if (want.buffer !== 0) {
      if (want.bufferLength >= bytes) return { address: want.buffer, bytes };
      kernel.explain(
        call,
        `STATUS_BUFFER_TOO_SMALL: a list of ${want.elements} elements takes ${bytes} bytes, and the buffer has ${want.bufferLength}.`,
        'nc-wdm-pbuild_scatter_gather_list',
      );
      return status.STATUS_BUFFER_TOO_SMALL | 0;
    }
    const address = kernel.memory.allocateSystemPool({
      bytes,
      paged: false,
      executable: false,
      tag: LIST_TAG,
      zeroed: true,
    });
    if (address !== undefined) return { address, bytes };
    kernel.explain(
      call,
      `There is no nonpaged pool for a scatter/gather list of ${bytes} bytes.`,
      'nc-wdm-pget_scatter_gather_list',
    );
    return status.STATUS_INSUFFICIENT_RESOURCES | 0;
  }

  /** Frees the storage of a list that does not come about. */
  discard(address: number, callerBuffer: boolean): void {
    if (address !== 0 && !callerBuffer) this.kernel.memory.freeSystemPool(virtual(address));
  }

  // ---- Lists ---------------------------------------------------------------------------------------

  /** Records the list of a request that was granted its registers. */
  enter(call: NativeCall, request: DmaRequest, block: RegisterBlock): void {
    const { kernel } = this;
    const { adapters } = this.parts;
    const adapter = adapters.find(request.adapter);
    const own = adapter !== undefined && kernel.ledger.get(adapter.holding)?.own === true;
    const holding = kernel.ledger.add({
      kind: 'scatter/gather list',
      address: virtual(request.list),
      bytes: request.listBytes,
      module: (adapter && kernel.ledger.get(adapter.holding)?.module) ?? adapters.driverOf(call),
      own,
      routine: request.routineName,
      site: kernel.vm.siteOf(call.thread, true) ?? call.site,
      details: { elements: 0, adapter: adapter?.number ?? 0 },
    });
    kernel.store.set(this.lists, request.list, {
      address: request.list,
      base: block.base,
      adapter: request.adapter,
      routine: request.routineName,
      writeToDevice: request.writeToDevice,
      callerBuffer: request.callerBuffer,
      bytes: request.listBytes,
      holding,
      elements: 0,
      mdl: request.mdl,
      offset: request.offset,
      length: request.length,
      way: request.way,
      mdls: undefined,
    });
    adapters.update(request.adapter, (record) => ({
      ...record,
      listsAllocated: record.listsAllocated + 1,
    }));
  }

  /** HalpBuildList(DmaAdapter, Request): maps the buffer and writes the elements. */
  private build(call: NativeCall): NativeResult {
    const { kernel } = this;
    const { adapters, mapper } = this.parts;
    const { layouts } = kernel;
    const address = layouts.read(call.memory, call.number(1), 'HALP_REQUEST', 'ScatterGather');
    const list = this.all.get(address);
    const adapter = list && adapters.find(list.adapter);
    if (list === undefined || adapter === undefined) return undefined;
    mapper.reset(call);
    const chain = chainOf(call, layouts, list.mdl, list.offset + list.length);
    if (call.progress === 0) this.writeHeader(call, address, list.base);
    const job = mapper.map(call, adapter, () => ({
      base: list.base,
      way: list.way,
      writeToDevice: list.writeToDevice,
      list: address,
      capacity: Number.POSITIVE_INFINITY,
      start: chain[0]?.start ?? 0,
      range: { chain, offset: list.offset, length: list.length },
    }));
    if (job === undefined) return call.again(call.progress + 1);
    kernel.store.update(this.lists, address, (record) => ({ ...record, elements: job.elements }));
    kernel.ledger.change(list.holding, { elements: job.elements });
    return undefined;
  }

  /** An empty list; its Reserved member leads back to the registers. */
  writeHeader(call: NativeCall, address: number, base: number): void {
    const { layouts } = this.kernel;
    layouts.write(call.memory, address, 'SCATTER_GATHER_LIST', 'NumberOfElements', 0);
    layouts.write(call.memory, address, 'SCATTER_GATHER_LIST', 'Reserved', base);
  }

  /** HalpPutList(DmaAdapter, ScatterGather, WriteToDevice). */
  private put(call: NativeCall): NativeResult {
    const { adapters, registers, mapper } = this.parts;
    const address = call.number(1);
    const name = 'PutScatterGatherList';
    const adapter = adapters.check(call, { exact: DISPATCH_LEVEL }, name);
    if (adapter === undefined) return undefined;
    const list = this.all.get(address);
    if (list === undefined) {
      mapper.breach(call, {
        parameters: [0x06, adapter.listsAllocated, adapter.listsFreed + 1, 0],
        text: `PutScatterGatherList is given ${hex(address, 16)}, which is no scatter/gather list (or was put already).`,
      });
      return undefined;
    }
    if (list.writeToDevice !== call.boolean(2)) {
      call.violation(
        'dma_direction',
        `PutScatterGatherList is told another direction than ${list.routine} was.`,
        'nc-wdm-pput_scatter_gather_list',
      );
    }
    let pages = 0;
    for (const piece of this.somePieces(list.base)) {
      registers.judgeEnd(call, list.base, piece);
      registers.flush(list.base, piece);
      pages += piece.bounce === undefined ? 0 : spanPages(piece.physical, piece.length);
      if (pages >= 4 * SLICE) break;
    }
    const block = registers.find(list.base);
    if (block !== undefined && block.mapped > 0) return call.again(call.progress + 1);
    this.finish(call, list, block);
    return undefined;
  }

  /** Pieces of one slice. */
  private somePieces(base: number): readonly MappedPiece[] {
    const found: MappedPiece[] = [];
    for (const piece of this.parts.registers.piecesOf(base)) {
      found.push(piece);
      if (found.length >= 4 * SLICE) break;
    }
    return found;
  }

  private finish(call: NativeCall, list: ListRecord, block: RegisterBlock | undefined): void {
    const { kernel } = this;
    const { adapters, registers, contexts } = this.parts;
    for (const mdl of list.mdls ?? []) this.freeMdl(call, mdl);
    if (block !== undefined) {
      registers.release(block, call);
      if (block.context !== 0) contexts.change(block.context, 'used');
    }
    kernel.store.delete(this.lists, list.address);
    kernel.ledger.release(list.holding, call.site);
    this.discard(list.address, list.callerBuffer);
    adapters.update(list.adapter, (record) => ({ ...record, listsFreed: record.listsFreed + 1 }));
  }

  /** CalculateScatterGatherList(DmaAdapter, Mdl, CurrentVa, Length, *ListSize, *NumberOfMapRegisters). */
  private calculate(call: NativeCall): NativeResult {
    const { adapters, mapper } = this.parts;
    const adapter = adapters.check(call, { highest: HIGH_LEVEL });
    if (adapter === undefined) return status.STATUS_INVALID_PARAMETER | 0;
    const [mdl, va, length] = [call.number(1), call.number(2), call.number(3)];
    let count = registersFor(va, length);
    let elements = takesLists(adapter) ? count : 1;
    if (mdl !== 0) {
      const { layouts } = this.kernel;
      const [first] = chainOf(call, layouts, mdl, 1);
      const offset = va - (first?.start ?? va);
      const chain = chainOf(call, layouts, mdl, offset + length);
      const bytes = chain.reduce((sum, one) => sum + one.length, 0);
      if (offset < 0 || offset + length > bytes) return status.STATUS_BUFFER_TOO_SMALL | 0;
      const range = { chain, offset, length };
      const survey = mapper.survey(call, adapter, range);
      if (survey === undefined) return call.again(call.progress + 1);
      count = mapper.registersFor(adapter, range, survey);
      if (takesLists(adapter)) elements = survey.pieces;
    }
    if (count > adapter.granted) return status.STATUS_INSUFFICIENT_RESOURCES | 0;
    call.memory.write(call.number(4), 4, this.bytesFor(elements, false));
    if (call.number(5) !== 0) call.memory.write(call.number(5), 4, count);
    return 0;
  }

  // ---- MDLs of the memory that a list uses -----------------------------------------------------------

  /** BuildMdlFromScatterGatherList(DmaAdapter, ScatterGather, OriginalMdl, *TargetMdl). */
  private buildMdl(call: NativeCall): NativeResult {
    const { kernel } = this;
    const { adapters, registers } = this.parts;
    const adapter = adapters.check(call, { highest: DISPATCH_LEVEL });
    const [address, original, target] = [call.number(1), call.number(2), call.number(3)];
    const list = this.all.get(address);
    if (adapter === undefined || original === 0) return status.STATUS_INVALID_PARAMETER | 0;
    if (list === undefined || list.adapter !== adapter.address) {
      call.violation(
        'dma_transfer',
        `BuildMdlFromScatterGatherList is given ${hex(address, 16)}, which is no scatter/gather list of the adapter.`,
        BUILD_MDL_PAGE,
      );
      return status.STATUS_INVALID_PARAMETER | 0;
    }
    if (call.progress === 0) {
      if (list.mdls !== undefined) return status.STATUS_NONE_MAPPED | 0;
      const made = this.makeMdls(call, list);
      if (made === undefined) {
        kernel.explain(
          call,
          'BuildMdlFromScatterGatherList fails: there is no nonpaged pool for the MDL.',
          BUILD_MDL_PAGE,
        );
        return status.STATUS_INSUFFICIENT_RESOURCES | 0;
      }
      kernel.store.update(this.lists, address, (record) => ({ ...record, mdls: made }));
      if (made.length === 0) {
        call.memory.write64(target, original);
        return 0;
      }
      return call.again(1);
    }
    const mdls = list.mdls ?? [];
    const chain = chainOf(call, kernel.layouts, list.mdl, list.offset + list.length);
    const from = (chain[0]?.start ?? 0) + list.offset + call.progress - 1;
    const pieces = registers.piecesIn(list.base, from, list.length - call.progress + 1, SLICE);
    for (const piece of pieces) this.writeFrames(call, mdls, list, chain, piece);
    const last = pieces.at(-1);
    const done =
      last === undefined
        ? list.length
        : last.va + last.length - (chain[0]?.start ?? 0) - list.offset;
    if (done < list.length && last !== undefined) return call.again(done + 1);
    call.memory.write64(target, mdls[0] ?? original);
    return 0;
  }

  /** MDLs without page numbers; none when the device uses the buffer itself, undefined without memory. */
  private makeMdls(call: NativeCall, list: ListRecord): readonly number[] | undefined {
    const { registers } = this.parts;
    let bounced = false;
    let first: MappedPiece | undefined;
    for (const piece of registers.piecesOf(list.base)) {
      first ??= piece;
      bounced ||= piece.bounce !== undefined;
      if (bounced) break;
    }
    if (!bounced || first === undefined) return [];
    const chain = chainOf(call, this.kernel.layouts, list.mdl, list.offset + list.length);
    const parts = list.way.packed
      ? [
          {
            va: (chain[0]?.start ?? 0) + list.offset,
            offset: (first.bounce ?? 0) % PAGE_SIZE,
            length: list.length,
          },
        ]
      : partsOf(chain, list).map(({ va, length }) => ({
          va,
          offset: va & (PAGE_SIZE - 1),
          length,
        }));
    const made: number[] = [];
    for (const part of parts) {
      const address = this.newMdl(call, part);
      if (address === undefined) {
        for (const mdl of made) this.kernel.memory.freeSystemPool(virtual(mdl));
        return undefined;
      }
      const before = made.at(-1);
      if (before !== undefined) call.memory.write64(before + mdlLayout.next, address);
      made.push(address);
    }
    return made;
  }

  private newMdl(
    call: NativeCall,
    part: { readonly va: number; readonly offset: number; readonly length: number },
  ): number | undefined {
    const address = this.kernel.memory.allocateSystemPool({
      bytes: MDL_SIZE + PFN_SIZE * spanPages(part.offset, part.length),
      paged: false,
      executable: false,
      tag: MDL_TAG,
      zeroed: true,
    });
    if (address === undefined) return undefined;
    const start = part.va - (part.va & (PAGE_SIZE - 1)) + part.offset;
    new Mdl(call.memory, address).initialise(start, part.length, mdlFlags.MDL_PAGES_LOCKED);
    return address;
  }

  /** The pages of a piece, as the device uses them. */
  private writeFrames(
    call: NativeCall,
    mdls: readonly number[],
    list: ListRecord,
    chain: readonly MdlView[],
    piece: MappedPiece,
  ): void {
    const used = piece.bounce ?? piece.physical;
    const first = Math.floor(used / PAGE_SIZE);
    const pages = spanPages(used, piece.length);
    const offset = piece.va - (chain[0]?.start ?? 0);
    const place = list.way.packed
      ? { mdl: mdls[0], page: this.packedPage(list, piece) }
      : placeOf(chain, list, mdls, offset);
    if (place.mdl === undefined) return;
    const bytes = new Uint8Array(pages * PFN_SIZE);
    const view = new DataView(bytes.buffer);
    for (let index = 0; index < pages; index++) {
      view.setBigUint64(index * PFN_SIZE, BigInt(frame(first + index)), true);
    }
    call.memory.writeBytes(place.mdl + mdlLayout.pfnArray + place.page * PFN_SIZE, bytes);
  }

  /** The page of a packed piece among the list's registers. */
  private packedPage(list: ListRecord, piece: MappedPiece): number {
    const run = this.parts.registers.find(list.base)?.runs[0]?.frame ?? 0;
    return Math.floor((piece.bounce ?? 0) / PAGE_SIZE) - run;
  }

  private freeMdl(call: NativeCall, address: number): void {
    const mdl = new Mdl(call.memory, virtual(address));
    if ((mdl.flags & mdlFlags.MDL_MAPPED_TO_SYSTEM_VA) !== 0) {
      releaseMapping({ kernel: this.kernel, memory: this.kernel.memory }, call, mdl.mappedSystemVa);
    }
    this.kernel.memory.freeSystemPool(virtual(address));
  }
}

/** What of each MDL of a chain a list covers. */
function partsOf(
  chain: readonly MdlView[],
  list: Pick<ListRecord, 'offset' | 'length'>,
): readonly { readonly va: number; readonly length: number; readonly base: number }[] {
  const parts: { va: number; length: number; base: number }[] = [];
  const end = list.offset + list.length;
  let base = 0;
  for (const mdl of chain) {
    const first = Math.max(list.offset, base);
    const last = Math.min(end, base + mdl.length);
    if (last > first)
      parts.push({ va: mdl.start + first - base, length: last - first, base: first });
    base += mdl.length;
  }
  return parts;
}

/** The new MDL and the page in it that a byte of the chain belongs to. */
function placeOf(
  chain: readonly MdlView[],
  list: Pick<ListRecord, 'offset' | 'length'>,
  mdls: readonly number[],
  offset: number,
): { readonly mdl: number | undefined; readonly page: number } {
  const parts = partsOf(chain, list);
  const index = parts.findIndex(({ base, length }) => offset >= base && offset < base + length);
  const part = parts[index];
  if (part === undefined) return { mdl: undefined, page: 0 };
  const start = part.va & (PAGE_SIZE - 1);
  return { mdl: mdls[index], page: Math.floor((start + offset - part.base) / PAGE_SIZE) };
}
