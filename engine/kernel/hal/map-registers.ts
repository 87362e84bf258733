/**
 * Map registers: pages of memory within a device's reach that stand in for pages beyond it. All adapters of a
 * machine share them; a block of them belongs to one transfer until it is freed.
 */
import { frame, PAGE_SIZE } from '../../base/addresses.ts';
import type { OrderedMap } from '../../base/ordered-map.ts';
import type { Table } from '../../base/store.ts';
import type { FrameRunGrant } from '../../machine/frames.ts';
import { firstUnwritten, markUnwritten, markWritten } from '../../machine/physical-memory.ts';
import type { NativeCall } from '../../vm/natives.ts';
import type { KernelContext } from '../context.ts';
import { type Adapter, type Adapters, highestAddress } from './adapters.ts';
import type { LogicalSpace } from './logical-space.ts';

/** A piece of memory that a transfer uses, and what the device was given for it. Plain data. */
export interface MappedPiece {
  /** Of the buffer. */
  readonly physical: number;
  /** Given to the device. */
  readonly logical: number;
  readonly length: number;
  /** The bounce copy's physical address; undefined: the device uses the buffer itself. */
  readonly bounce: number | undefined;
  /** Virtual address of the piece, as the MDL counts. */
  readonly va: number;
  readonly writeToDevice: boolean;
}

/** Registers in the hands of one transfer. Plain data. */
export interface RegisterBlock {
  /** MapRegisterBase: opaque to drivers. */
  readonly base: number;
  readonly adapter: number;
  readonly count: number;
  /** Pages behind the registers; none when the adapter needs none. */
  readonly runs: readonly FrameRunGrant[];
  /** Registers used by the pieces so far. */
  readonly used: number;
  readonly pieces: readonly MappedPiece[];
  /** Something was mapped with them, now or before. */
  readonly everMapped: boolean;
  readonly holding: number;
}

/** Where the opaque handles lie: system addresses at which nothing is ever mapped. */
const FIRST_BASE = -0x0700_0000_0000;

export class MapRegisters {
  private readonly table: Table<number, RegisterBlock>;
  private readonly counter: number;

  constructor(
    private readonly kernel: KernelContext,
    private readonly adapters: Adapters,
    private readonly logical: LogicalSpace,
  ) {
    this.table = kernel.store.table(`${kernel.host.name}.mapRegisters`);
    this.counter = kernel.store.cell();
  }

  get all(): OrderedMap<number, RegisterBlock> {
    return this.kernel.store.all(this.table);
  }

  find(base: number): RegisterBlock | undefined {
    return this.kernel.store.get(this.table, base);
  }

  /** Registers that transfers hold now. */
  get inUse(): number {
    let sum = 0;
    for (const block of this.all.values()) {
      if (block.runs.length > 0) sum += block.count;
    }
    return sum;
  }

  /** A block of registers; `later` when others have to give some back first. */
  allocate(call: NativeCall, adapter: Adapter, count: number): RegisterBlock | 'later' | 'never' {
    const { kernel } = this;
    let runs: readonly FrameRunGrant[] = [];
    if (this.adapters.needsRegisters(adapter) && count > 0) {
      if (this.inUse + count > Math.max(kernel.host.machine.mapRegisters, 1)) return 'later';
      const answer = kernel.memory.allocateFrames({
        pages: count,
        lowest: frame(0),
        highest: frame(Math.floor(Math.min(highestAddress(adapter.bits), 2 ** 52) / PAGE_SIZE)),
        boundary: 0,
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
    }
    return this.enter(call, adapter, count, runs);
  }

  update(base: number, change: (block: RegisterBlock) => RegisterBlock): void {
    this.kernel.store.update(this.table, base, change);
  }

  /** Gives a block back, whatever it still maps. */
  release(block: RegisterBlock, call: NativeCall): void {
    const { kernel } = this;
    for (const piece of block.pieces) this.unmapLogical(piece);
    if (block.runs.length > 0) kernel.memory.freeFrames(block.runs);
    kernel.ledger.release(block.holding, call.site);
    kernel.store.delete(this.table, block.base);
    this.adapters.update(block.adapter, (record) => ({
      ...record,
      registersHeld: record.registersHeld - block.count,
    }));
  }

  /**
   * Maps one physically contiguous piece for the device; through registers when it lies beyond the reach, or
   * always when `always`. Undefined when the block has no registers left.
   */
  map(
    block: RegisterBlock,
    adapter: Adapter,
    piece: Pick<MappedPiece, 'physical' | 'length' | 'va' | 'writeToDevice'>,
    always: boolean,
  ): MappedPiece | undefined {
    if (this.kernel.host.machine.iommu) return this.mapLogical(block, adapter, piece);
    const last = piece.physical + piece.length - 1;
    if (!always && last <= highestAddress(adapter.bits)) {
      return this.record(block, 0, { ...piece, logical: piece.physical, bounce: undefined });
    }
    const offset = piece.physical % PAGE_SIZE;
    const needed = Math.ceil((offset + piece.length) / PAGE_SIZE);
    const first = block.runs[0];
    if (first === undefined || block.used + needed > block.count) return undefined;
    const bounce = (first.frame + block.used) * PAGE_SIZE + offset;
    if (piece.writeToDevice) this.copy(piece.physical, bounce, piece.length);
    return this.record(block, needed, { ...piece, logical: bounce, bounce });
  }

  /** Ends the use of a piece: what the device wrote into registers goes to the buffer. */
  flush(block: RegisterBlock, piece: MappedPiece): void {
    if (piece.bounce !== undefined && !piece.writeToDevice) {
      this.copy(piece.bounce, piece.physical, piece.length);
    }
    this.unmapLogical(piece);
    this.update(block.base, (record) => {
      const pieces = record.pieces.filter((one) => one !== piece);
      return { ...record, pieces, used: pieces.length === 0 ? 0 : record.used };
    });
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
      const read = memory.readPage(frame(Math.floor(source / PAGE_SIZE)));
      const write = memory.writePage(frame(Math.floor(target / PAGE_SIZE)));
      const [a, b] = [source % PAGE_SIZE, target % PAGE_SIZE];
      write.bytes.set(read.bytes.subarray(a, a + part), b);
      if (firstUnwritten(read.written, a, part) < 0) {
        markWritten(write.written, b, part);
      } else {
        for (let index = 0; index < part; index++) {
          const mark = firstUnwritten(read.written, a + index, 1) < 0 ? markWritten : markUnwritten;
          mark(write.written, b + index, 1);
        }
      }
      done += part;
    }
    this.kernel.store.invalidate();
  }

  private enter(
    call: NativeCall,
    adapter: Adapter,
    count: number,
    runs: readonly FrameRunGrant[],
  ): RegisterBlock {
    const { store, ledger, vm } = this.kernel;
    const number = (store.cells[this.counter] ?? 0) + 1;
    store.cells[this.counter] = number;
    const base = FIRST_BASE + 16 * number;
    const module = this.adapters.driverOf(call);
    const holding = ledger.add({
      kind: 'map registers',
      address: base as never,
      bytes: count * PAGE_SIZE,
      module,
      own: ledger.get(adapter.holding)?.own ?? false,
      routine: 'AllocateAdapterChannel',
      site: vm.siteOf(call.thread, true) ?? call.site,
      details: { count, adapter: adapter.number },
    });
    const block: RegisterBlock = {
      base,
      adapter: adapter.address,
      count,
      runs,
      used: 0,
      pieces: [],
      everMapped: false,
      holding,
    };
    store.set(this.table, base, block);
    this.adapters.update(adapter.address, (record) => ({
      ...record,
      registersHeld: record.registersHeld + count,
    }));
    return block;
  }

  private mapLogical(
    block: RegisterBlock,
    adapter: Adapter,
    piece: Pick<MappedPiece, 'physical' | 'length' | 'va' | 'writeToDevice'>,
  ): MappedPiece | undefined {
    const offset = piece.physical % PAGE_SIZE;
    const pages = Math.ceil((offset + piece.length) / PAGE_SIZE);
    const first = frame(Math.floor(piece.physical / PAGE_SIZE));
    const start = this.logical.map(
      [{ frame: first, count: pages }],
      pages,
      highestAddress(adapter.bits),
    );
    if (start === undefined) return undefined;
    return this.record(block, 0, { ...piece, logical: start + offset, bounce: undefined });
  }

  private unmapLogical(piece: MappedPiece): void {
    if (!this.kernel.host.machine.iommu) return;
    this.logical.unmap(piece.logical - (piece.logical % PAGE_SIZE));
  }

  private record(block: RegisterBlock, registers: number, piece: MappedPiece): MappedPiece {
    this.update(block.base, (record) => ({
      ...record,
      used: record.used + registers,
      pieces: [...record.pieces, piece],
      everMapped: true,
    }));
    return piece;
  }
}
