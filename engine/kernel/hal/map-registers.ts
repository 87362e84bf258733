/**
 * Map registers: what stands between a device and the pages of a buffer. Without an IOMMU they are pages of
 * memory within the device's reach that stand in for pages beyond it, and all adapters of a machine share
 * them; with one they are pages of logical addresses. A block of them belongs to one transfer until it is freed.
 */
import { frame, PAGE_SIZE, physical, spanPages } from '../../base/addresses.ts';
import { hex, unsigned64 } from '../../base/int64.ts';
import type { OrderedMap } from '../../base/ordered-map.ts';
import type { Table } from '../../base/store.ts';
import type { FrameRunGrant } from '../../machine/frames.ts';
import {
  firstUnwritten,
  markBits,
  markWritten,
  writtenBits,
} from '../../machine/physical-memory.ts';
import type { NativeCall } from '../../vm/natives.ts';
import type { KernelContext } from '../context.ts';
import {
  fillRegisters,
  frameRegisters,
  judgeFrame,
  judgeFree,
  refillRegisters,
} from '../verifier/register-file.ts';
import { type Adapter, type Adapters, dmaViolation, highestAddress } from './adapters.ts';
import type { LogicalSpace } from './logical-space.ts';
import { CHUNK_PAGES } from './mdl-pieces.ts';
import { StaleBuffers } from './stale-buffers.ts';

/** A piece of memory that a transfer uses, and what the device was given for it. Plain data. */
export interface MappedPiece {
  /** Of the buffer. */
  readonly physical: number;
  /** Given to the device. */
  readonly logical: number;
  readonly length: number;
  /** The bounce copy's physical address; undefined: the device uses the buffer itself. */
  readonly bounce: number | undefined;
  /** Of the bytes that were copied for the device; undefined: none were. */
  readonly checksum?: number;
  /** Virtual address of the piece, as the first MDL of its chain counts. */
  readonly va: number;
  readonly writeToDevice: boolean;
  /** The MDL that it lies in, and from which byte of that one's buffer on. */
  readonly mdl: number;
  readonly inMdl: number;
  /** Whose user addresses its address is one of. */
  readonly process: number;
  /** The device has written into its registers. */
  readonly stale?: true;
}

/** Registers in the hands of one transfer. Plain data. */
export interface RegisterBlock {
  /** MapRegisterBase: opaque to drivers. */
  readonly base: number;
  readonly adapter: number;
  readonly count: number;
  /** Pages behind the registers; none when the adapter needs none. */
  readonly runs: readonly FrameRunGrant[];
  /** DMA verification: everything goes through the registers, which have tags around what is mapped. */
  readonly verified: boolean;
  /** The pages are Driver Verifier's own, and none of the machine's registers. */
  readonly borrowed: boolean;
  /** The first logical address of the block behind an IOMMU, and its domain. */
  readonly logical: number | undefined;
  readonly domain: number;
  /** Registers used by the pieces so far, and the bytes in them when pieces are packed without gaps. */
  readonly used: number;
  readonly packed: number;
  /** Pieces and bytes that are mapped now. */
  readonly mapped: number;
  readonly bytes: number;
  /** Something was mapped with them, now or before. */
  readonly everMapped: boolean;
  /** They go with the adapter's channel. */
  readonly ofChannel: boolean;
  /** Of a scatter/gather list. */
  readonly ofList: boolean;
  /** The transfer context that they were allocated with; 0: none. */
  readonly context: number;
  /** The device object that they were asked for. */
  readonly device: number;
  readonly holding: number;
}

/** What a block is wanted for. */
export interface RegisterRequest {
  readonly count: number;
  readonly routine: string;
  readonly ofChannel: boolean;
  readonly ofList: boolean;
  readonly context: number;
  readonly device: number;
  /** The registers' pages are zeroed (DMA_ZERO_BUFFERS). */
  readonly zeroed: boolean;
}

/** How a piece gets through: itself, or by registers one behind the other. */
export type MappingMode = 'direct' | 'registers' | 'packed';

/** A piece before it is mapped. */
export type UnmappedPiece = Omit<MappedPiece, 'logical' | 'bounce' | 'checksum' | 'stale'>;

/** Where the opaque handles lie: system addresses at which nothing is ever mapped. */
const FIRST_BASE = -0x0700_0000_0000;
const BASES = 2 ** 30;
const LONGEST_PIECE = CHUNK_PAGES * PAGE_SIZE;

export class MapRegisters {
  private readonly table: Table<number, RegisterBlock>;
  /** By block and virtual address. */
  private readonly pieces: Table<string, MappedPiece>;
  /** The same by logical address: block and virtual address. */
  private readonly byLogical: Table<string, { readonly base: number; readonly key: string }>;
  private readonly counter: number;
  private readonly taken: number;
  private readonly stale: StaleBuffers;

  constructor(
    private readonly kernel: KernelContext,
    private readonly adapters: Adapters,
    private readonly logical: LogicalSpace,
  ) {
    const { store, host } = kernel;
    this.table = store.table(`${host.name}.mapRegisters`);
    this.pieces = store.table(`${host.name}.mappedPieces`);
    this.byLogical = store.table(`${host.name}.mappedPiecesByLogical`);
    this.counter = store.cell();
    this.taken = store.cell();
    this.stale = new StaleBuffers(kernel);
  }

  get all(): OrderedMap<number, RegisterBlock> {
    return this.kernel.store.all(this.table);
  }

  find(base: number): RegisterBlock | undefined {
    return this.kernel.store.get(this.table, base);
  }

  /** Whether devices see memory through an IOMMU. */
  get translated(): boolean {
    return this.kernel.host.machine.iommu;
  }

  /** Registers of the machine that transfers hold now. */
  get inUse(): number {
    return this.kernel.store.cells[this.taken] ?? 0;
  }

  /** A block of registers; `later` when others have to give some back first. */
  allocate(
    call: NativeCall,
    adapter: Adapter,
    request: RegisterRequest,
  ): RegisterBlock | 'later' | 'never' {
    const { kernel } = this;
    const { count } = request;
    const { machine } = kernel.host;
    let runs: readonly FrameRunGrant[] = [];
    if (this.adapters.needsRegisters(adapter) && count > 0) {
      if (this.inUse + count > Math.max(machine.mapRegisters, 1)) return 'later';
      const answer = kernel.memory.allocateFrames({
        pages: count,
        lowest: frame(0),
        highest: frame(Math.floor(Math.min(highestAddress(adapter.bits), 2 ** 52) / PAGE_SIZE)),
        boundary: this.adapters.registerBoundary(adapter) / PAGE_SIZE,
        contiguous: true,
        alignment: 1,
        node: undefined,
        owner: 'map registers',
        allocation: undefined,
        reserve: true,
      });
      if (!answer.granted) {
        if (this.inUse > 0) return 'later';
        kernel.explain(
          call,
          `There are no ${count} map registers: ${answer.explanation}`,
          'map-registers',
        );
        return 'never';
      }
      runs = answer.runs;
      if (request.zeroed) {
        for (const run of runs) kernel.host.memory.zero(run.frame, run.count);
        kernel.store.invalidate();
      }
    }
    const verified = this.adapters.doubles(adapter);
    const borrowed = verified && runs.length === 0;
    if (borrowed) runs = this.borrow(adapter, count);
    if (verified) {
      fillRegisters(kernel.host.memory, runs);
      kernel.store.invalidate();
    }
    const logical = this.reserveLogical(adapter, count);
    if (logical === 'none') {
      kernel.memory.freeFrames(runs);
      return this.all.size > 0 ? 'later' : 'never';
    }
    return this.enter(call, adapter, request, { runs, logical, verified, borrowed });
  }

  update(base: number, change: (block: RegisterBlock) => RegisterBlock): void {
    this.kernel.store.update(this.table, base, change);
  }

  /** Gives a block back, whatever it still maps. */
  release(block: RegisterBlock, call: NativeCall): void {
    const { kernel } = this;
    for (const piece of [...this.piecesOf(block.base)]) this.forget(block.base, piece);
    kernel.memory.freeFrames(block.runs);
    if (takesRegisters(block)) kernel.store.cells[this.taken] = this.inUse - block.count;
    if (block.logical !== undefined) this.logical.release(block.logical, block.count);
    kernel.ledger.release(block.holding, call.site);
    kernel.store.delete(this.table, block.base);
    this.adapters.update(block.adapter, (record) => ({
      ...record,
      registersHeld: record.registersHeld - block.count,
    }));
  }

  // ---- Pieces --------------------------------------------------------------------------------------

  /** Pieces of a block in the order of their addresses, from the one that holds `va` on. */
  *piecesOf(base: number, va?: number): Generator<MappedPiece> {
    const pieces = this.kernel.store.all(this.pieces);
    const prefix = prefixOf(base);
    let from = prefix;
    if (va !== undefined) {
      from = keyOf(base, va);
      const holder = pieces.atOrBelow(from);
      if (holder?.[0].startsWith(prefix) && holder[1].va + holder[1].length > va) from = holder[0];
    }
    for (const [key, piece] of pieces.entries(from)) {
      if (!key.startsWith(prefix)) return;
      yield piece;
    }
  }

  /** Pieces that lie in a range, at most `limit`. */
  piecesIn(base: number, va: number, length: number, limit: number): readonly MappedPiece[] {
    const found: MappedPiece[] = [];
    for (const piece of this.piecesOf(base, va)) {
      if (piece.va >= va + Math.max(length, 1) || found.length >= limit) break;
      found.push(piece);
    }
    return found;
  }

  /** Pieces that the device was given in a range of logical addresses, in their order. */
  piecesAt(
    logical: number,
    length: number,
  ): readonly { readonly piece: MappedPiece; readonly adapter: number; readonly base: number }[] {
    const { store } = this.kernel;
    const found: { piece: MappedPiece; adapter: number; base: number }[] = [];
    // No piece is longer than this, so that no earlier one reaches the range.
    const from = logicalKey(Math.max(logical - LONGEST_PIECE, 0), '');
    const end = logicalKey(logical + length, '');
    for (const [at, { base, key }] of store.all(this.byLogical).entries(from)) {
      if (at >= end) break;
      const piece = store.get(this.pieces, key);
      const adapter = this.find(base)?.adapter;
      if (piece === undefined || adapter === undefined) continue;
      if (piece.logical + piece.length > logical) found.push({ piece, adapter, base });
    }
    return found;
  }

  /** As `modeFor`, for a block whose transfers may all have to be copied. */
  modeIn(
    base: number,
    adapter: Adapter,
    chunk: { readonly physical: number; readonly length: number },
  ): MappingMode {
    const block = this.find(base);
    const isDoubled = block?.verified === true && block.runs.length > 0;
    return isDoubled ? 'registers' : this.modeFor(adapter, chunk);
  }

  /** How a chunk of a buffer has to get through for a device that takes lists of pieces. */
  modeFor(
    adapter: Adapter,
    chunk: { readonly physical: number; readonly length: number },
  ): MappingMode {
    if (this.kernel.host.machine.iommu) return 'direct';
    const last = chunk.physical + chunk.length - 1;
    return last <= highestAddress(adapter.bits) ? 'direct' : 'registers';
  }

  /**
   * Maps physically adjacent memory for the device: copies it into registers when it goes to the device through
   * them. Undefined when the block has no registers left.
   */
  map(base: number, piece: UnmappedPiece, mode: MappingMode): MappedPiece | undefined {
    const block = this.find(base);
    if (block === undefined) return undefined;
    if (mode === 'direct') {
      return block.logical === undefined
        ? this.record(block, { ...piece, logical: piece.physical, bounce: undefined }, {})
        : this.mapLogical(block, block.logical, piece);
    }
    return mode === 'packed' ? this.mapPacked(block, piece) : this.mapRegisters(block, piece);
  }

  /** Bytes that packed pieces can still have, when the first of them starts at this offset in its page. */
  packedRoom(block: RegisterBlock, offset: number): number {
    const taken = block.packed === 0 ? block.used * PAGE_SIZE + offset : block.packed;
    return Math.max(block.count * PAGE_SIZE - taken, 0);
  }

  /**
   * The device wrote a range of logical addresses: what of it lies in registers is not in the driver's buffer yet.
   */
  noteDeviceWrite(logical: number, length: number): void {
    const { store } = this.kernel;
    for (const { piece, base } of this.piecesAt(logical, length)) {
      const start = Math.max(logical, piece.logical);
      const end = Math.min(logical + length, piece.logical + piece.length);
      this.noteWrite(store.get(this.pieces, keyOf(base, piece.va)), base, {
        offset: start - piece.logical,
        length: end - start,
      });
    }
  }

  /** The same for a part of one piece. */
  noteWrite(
    piece: MappedPiece | undefined,
    base: number,
    part: { readonly offset: number; readonly length: number },
  ): void {
    if (piece?.bounce === undefined || piece.writeToDevice || part.length <= 0) return;
    if (this.isEndless(base)) return;
    this.stale.mark(piece, part.offset, part.length);
    this.kernel.store.set(this.pieces, keyOf(base, piece.va), { ...piece, stale: true });
  }

  /** A cycle that never ends is read while it goes on. */
  private isEndless(base: number): boolean {
    const adapter = this.adapters.find(this.find(base)?.adapter ?? 0);
    return adapter !== undefined && adapter.description.AutoInitialize !== 0;
  }

  /** Ends the use of a piece: what the device wrote into registers goes to the buffer, up to `limit` bytes. */
  flush(base: number, piece: MappedPiece, limit = Number.POSITIVE_INFINITY): void {
    if (piece.bounce !== undefined && !piece.writeToDevice) {
      const length = Math.min(piece.length, Math.max(limit, 0));
      if (length > 0) this.copy(piece.bounce, piece.physical, length);
    }
    const block = this.find(base);
    if (piece.bounce !== undefined && block?.verified === true && block.packed === 0) {
      refillRegisters(this.kernel.host.memory, { ...piece, bounce: piece.bounce });
      this.kernel.store.invalidate();
    }
    this.forget(base, piece);
    this.update(base, (record) => {
      const mapped = record.mapped - 1;
      const bytes = record.bytes - piece.length;
      return mapped === 0
        ? { ...record, mapped, bytes, used: 0, packed: 0 }
        : { ...record, mapped, bytes };
    });
  }

  /**
   * Reports bytes that were written after they were copied for the device: it has not got them. Only who copies
   * loses them, so that another machine hides the mistake.
   */
  judgeEnd(call: NativeCall, base: number, piece: MappedPiece): void {
    this.judgeFrame(base, piece);
    if (piece.checksum === undefined || piece.checksum === this.checksumOf(piece)) return;
    call.violation(
      'dma_lost_update',
      `The ${piece.length} bytes at ${hex(piece.va, 16)} were changed after the transfer had been mapped: they go through map registers, and the device has the bytes of before.`,
      'map-registers',
    );
  }

  /** With DMA verification: what was written around the piece. */
  private judgeFrame(base: number, piece: MappedPiece): void {
    const block = this.find(base);
    if (piece.bounce === undefined || block?.verified !== true || block.packed > 0) return;
    const breach = judgeFrame(this.kernel.host.memory, { ...piece, bounce: piece.bounce });
    if (breach !== undefined) throw dmaViolation(breach.parameters, breach.text);
  }

  /** FNV-1a over the bytes of a piece. */
  private checksumOf({
    physical: start,
    length,
  }: Pick<MappedPiece, 'physical' | 'length'>): number {
    let sum = 0x811c9dc5;
    for (const byte of this.kernel.host.memory.peek(physical(start), length)) {
      sum = Math.imul(sum ^ byte, 0x01000193);
    }
    return sum;
  }

  /** Copies physical memory with its written marks. */
  copy(from: number, to: number, length: number): void {
    const { memory } = this.kernel.host;
    for (let done = 0; done < length; ) {
      const source = from + done;
      const target = to + done;
      const part = Math.min(
        length - done,
        PAGE_SIZE - (source % PAGE_SIZE),
        PAGE_SIZE - (target % PAGE_SIZE),
      );
      const write = memory.writePage(frame(Math.floor(target / PAGE_SIZE)));
      const read = memory.readPage(frame(Math.floor(source / PAGE_SIZE)));
      const [a, b] = [source % PAGE_SIZE, target % PAGE_SIZE];
      write.bytes.set(read.bytes.subarray(a, a + part), b);
      if (firstUnwritten(read.written, a, part) < 0) {
        markWritten(write.written, b, part);
      } else {
        markBits(write, b, writtenBits(read, a, part));
      }
      done += part;
    }
    this.kernel.store.invalidate();
  }

  // ---- One kind of mapping each --------------------------------------------------------------------

  /** The offset in the page is kept; each piece takes the next registers. */
  private mapRegisters(block: RegisterBlock, piece: UnmappedPiece): MappedPiece | undefined {
    const offset = piece.physical % PAGE_SIZE;
    const needed = spanPages(offset, piece.length);
    const first = block.runs[0];
    if (first === undefined || block.used + needed > block.count) return undefined;
    return this.bounce(block, piece, {
      at: block.used * PAGE_SIZE + offset,
      change: { used: block.used + needed },
    });
  }

  /** Pieces lie one behind the other, so that the device sees one range. */
  private mapPacked(block: RegisterBlock, piece: UnmappedPiece): MappedPiece | undefined {
    const at =
      block.packed === 0 ? block.used * PAGE_SIZE + (piece.physical % PAGE_SIZE) : block.packed;
    const packed = at + piece.length;
    if (block.runs[0] === undefined || packed > block.count * PAGE_SIZE) return undefined;
    return this.bounce(block, piece, {
      at,
      change: { packed, used: Math.ceil(packed / PAGE_SIZE) },
    });
  }

  private bounce(
    block: RegisterBlock,
    piece: UnmappedPiece,
    place: { readonly at: number; readonly change: Partial<RegisterBlock> },
  ): MappedPiece {
    const first = block.runs[0]?.frame ?? 0;
    const bounce = first * PAGE_SIZE + place.at;
    if (block.verified && place.change.packed === undefined) {
      const { memory } = this.kernel.host;
      const breach = judgeFree(memory, { ...piece, bounce });
      if (breach !== undefined) throw dmaViolation(breach.parameters, breach.text);
      frameRegisters(memory, { ...piece, bounce });
      this.kernel.store.invalidate();
    }
    if (piece.writeToDevice) this.copy(piece.physical, bounce, piece.length);
    let logical = bounce;
    if (block.logical !== undefined) {
      const page = Math.floor(place.at / PAGE_SIZE);
      const pages = spanPages(place.at, piece.length);
      this.logical.map({
        start: block.logical + page * PAGE_SIZE,
        pages,
        frame: frame(first + page),
        domain: block.domain,
        rights: piece.writeToDevice ? 'read' : 'write',
      });
      logical = block.logical + place.at;
    }
    const copied = piece.writeToDevice ? { checksum: this.checksumOf(piece) } : {};
    return this.record(block, { ...piece, ...copied, logical, bounce }, place.change);
  }

  private mapLogical(
    block: RegisterBlock,
    start: number,
    piece: UnmappedPiece,
  ): MappedPiece | undefined {
    const offset = piece.physical % PAGE_SIZE;
    const pages = spanPages(offset, piece.length);
    if (block.used + pages > block.count) return undefined;
    const page = start + block.used * PAGE_SIZE;
    this.logical.map({
      start: page,
      pages,
      frame: frame(Math.floor(piece.physical / PAGE_SIZE)),
      domain: block.domain,
      rights: piece.writeToDevice ? 'read' : 'write',
    });
    return this.record(
      block,
      { ...piece, logical: page + offset, bounce: undefined },
      { used: block.used + pages },
    );
  }

  private record(
    block: RegisterBlock,
    piece: MappedPiece,
    change: Partial<RegisterBlock>,
  ): MappedPiece {
    const { store } = this.kernel;
    const key = keyOf(block.base, piece.va);
    store.set(this.pieces, key, piece);
    store.set(this.byLogical, logicalKey(piece.logical, key), { base: block.base, key });
    store.set(this.table, block.base, {
      ...block,
      ...change,
      mapped: block.mapped + 1,
      bytes: block.bytes + piece.length,
      everMapped: true,
    });
    return piece;
  }

  private forget(base: number, piece: MappedPiece): void {
    const key = keyOf(base, piece.va);
    if (this.kernel.store.get(this.pieces, key)?.stale === true) this.stale.clear(piece);
    this.kernel.store.delete(this.pieces, key);
    this.kernel.store.delete(this.byLogical, logicalKey(piece.logical, key));
    if (this.find(base)?.logical === undefined) return;
    const first = piece.logical - (piece.logical % PAGE_SIZE);
    this.logical.unmap(first, piece.logical + piece.length);
  }

  // ---- Blocks --------------------------------------------------------------------------------------

  /** Pages for a block that needs none: without any, the device gets the buffer itself. */
  private borrow(adapter: Adapter, count: number): readonly FrameRunGrant[] {
    if (count === 0) return [];
    const reach = this.translated ? Number.POSITIVE_INFINITY : highestAddress(adapter.bits);
    const answer = this.kernel.memory.allocateFrames({
      pages: count,
      lowest: frame(0),
      highest: frame(Math.floor(Math.min(reach, 2 ** 52) / PAGE_SIZE)),
      boundary: this.adapters.mergeRules(adapter).boundary / PAGE_SIZE,
      contiguous: true,
      alignment: 1,
      node: undefined,
      owner: 'map registers',
      allocation: undefined,
      reserve: true,
    });
    return answer.granted ? answer.runs : [];
  }

  private reserveLogical(adapter: Adapter, count: number): number | undefined | 'none' {
    if (!this.kernel.host.machine.iommu || count === 0) return undefined;
    const highest = Math.min(highestAddress(adapter.bits), 2 ** 52 - 1);
    return this.logical.reserve(count, { lowest: 0, highest }) ?? 'none';
  }

  private enter(
    call: NativeCall,
    adapter: Adapter,
    request: RegisterRequest,
    place: Pick<RegisterBlock, 'runs' | 'logical' | 'verified' | 'borrowed'>,
  ): RegisterBlock {
    const { store, ledger, vm } = this.kernel;
    const { count, ofChannel, ofList, context, device, routine } = request;
    const base = this.nextBase();
    const holding = ledger.add({
      kind: 'map registers',
      address: base as never,
      bytes: count * PAGE_SIZE,
      module: this.adapters.driverOf(call),
      own: ledger.get(adapter.holding)?.own ?? false,
      routine,
      site: vm.siteOf(call.thread, true) ?? call.site,
      details: { count, adapter: adapter.number },
    });
    const block: RegisterBlock = {
      base,
      adapter: adapter.address,
      count,
      ...place,
      domain: adapter.domain,
      used: 0,
      packed: 0,
      mapped: 0,
      bytes: 0,
      everMapped: false,
      ofChannel,
      ofList,
      context,
      device,
      holding,
    };
    store.set(this.table, base, block);
    if (takesRegisters(block)) store.cells[this.taken] = this.inUse + count;
    this.adapters.update(adapter.address, (record) => ({
      ...record,
      registersHeld: record.registersHeld + count,
    }));
    return block;
  }

  private nextBase(): number {
    const { store } = this.kernel;
    for (;;) {
      const number = ((store.cells[this.counter] ?? 0) % BASES) + 1;
      store.cells[this.counter] = number;
      const base = FIRST_BASE + 16 * number;
      if (this.find(base) === undefined) return base;
    }
  }
}

/** Whether a block holds some of the machine's registers. */
const takesRegisters = ({ runs, borrowed }: Pick<RegisterBlock, 'runs' | 'borrowed'>): boolean =>
  runs.length > 0 && !borrowed;

const prefixOf = (base: number): string => `${(base - FIRST_BASE).toString(16)}:`;

/** Sorts the pieces of a block by their addresses, whether user or system ones. */
const keyOf = (base: number, va: number): string =>
  `${prefixOf(base)}${unsigned64(va).toString(16).padStart(16, '0')}`;

const logicalKey = (logical: number, piece: string): string =>
  `${logical.toString(16).padStart(14, '0')} ${piece}`;
