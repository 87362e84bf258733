/**
 * DMA transfers: channels, map registers, MapTransfer, scatter/gather lists. What calls the driver back is in
 * `dma-requests.c`; here is what it is built on.
 */
import { hex, int64 } from '../../base/int64.ts';
import type { OrderedMap } from '../../base/ordered-map.ts';
import type { Table } from '../../base/store.ts';
import type { NativeCall, NativeTable } from '../../vm/natives.ts';
import { DISPATCH_LEVEL, type KernelContext } from '../context.ts';
import { status } from '../status.ts';
import {
  type DmaBreach,
  type DmaRange,
  judgeChannelRelease,
  judgeFlush,
  judgeMapping,
  judgeRange,
  judgeRelease,
} from '../verifier/dma-transfers.ts';
import { type Adapter, type Adapters, dmaViolation } from './adapters.ts';
import type { MappedPiece, MapRegisters, RegisterBlock } from './map-registers.ts';
import {
  bytesFrom,
  isResident,
  type MdlView,
  type Piece,
  piecesOf,
  rangeText,
  readMdl,
  registersFor,
} from './mdl-pieces.ts';

/** A request that waits for channel or registers. Plain data. */
interface Request {
  readonly kind: 'channel' | 'list';
  readonly adapter: number;
  readonly device: number;
  readonly count: number;
  readonly routine: number;
  readonly context: number;
  readonly mdl: number;
  readonly va: number;
  readonly length: number;
  readonly writeToDevice: boolean;
  readonly buffer: number;
}

/** A scatter/gather list in use. Plain data. */
export interface ListRecord {
  readonly address: number;
  readonly base: number;
  readonly adapter: number;
  readonly writeToDevice: boolean;
  /** The list lies in memory of the driver. */
  readonly callerBuffer: boolean;
  readonly holding: number;
  readonly elements: number;
}

const KEEP_OBJECT = 1;
const DEALLOCATE_OBJECT_KEEP_REGISTERS = 3;
const LIST_TAG = 0x4c2f4753; // 'SG/L'
const GRANT = 'HALP_GRANT';

export class Transfers {
  private readonly queue: Table<number, Request>;
  private readonly lists: Table<number, ListRecord>;
  private readonly ticket: number;

  constructor(
    private readonly kernel: KernelContext,
    private readonly adapters: Adapters,
    private readonly registers: MapRegisters,
  ) {
    this.queue = kernel.store.table(`${kernel.host.name}.dmaQueue`);
    this.lists = kernel.store.table(`${kernel.host.name}.scatterGatherLists`);
    this.ticket = kernel.store.cell();
  }

  get allLists(): OrderedMap<number, ListRecord> {
    return this.kernel.store.all(this.lists);
  }

  natives(): NativeTable {
    return {
      HalpRequestChannel: (call) => this.requestChannel(call),
      HalpRequestList: (call) => this.requestList(call),
      HalpNextGrant: (call) => this.nextGrant(call),
      HalpFinishControl: (call) => this.finishControl(call),
      HalpFreeChannel: (call) => this.freeChannel(call),
      HalpFreeRegisters: (call) => this.freeRegisters(call),
      HalpPutList: (call) => this.putList(call),
      MapTransfer: (call) => this.mapTransfer(call),
      FlushAdapterBuffers: (call) => this.flush(call),
      CalculateScatterGatherList: (call) => this.calculate(call),
    };
  }

  // ---- Channels ------------------------------------------------------------------------------------

  /** HalpRequestChannel(DmaAdapter, DeviceObject, NumberOfMapRegisters, Routine, Context, *Grant). */
  private requestChannel(call: NativeCall): number {
    const name = 'AllocateAdapterChannel';
    const adapter = this.adapters.check(call, { exact: DISPATCH_LEVEL }, name);
    if (adapter === undefined) return status.STATUS_INVALID_PARAMETER | 0;
    const count = call.number(2);
    if (count > adapter.granted) return this.tooMany(call, adapter, count, name);
    if (adapter.channel && this.adapters.verified(call)) {
      throw dmaViolation(
        [0x0b, 1, 0, 0],
        `${this.adapters.driverOf(call)} asks for the channel of the DMA adapter at ${hex(adapter.address, 16)} while it holds it.`,
      );
    }
    return this.grantOrQueue(
      call,
      {
        kind: 'channel',
        adapter: adapter.address,
        device: call.number(1),
        count,
        routine: call.number(3),
        context: call.number(4),
        mdl: 0,
        va: 0,
        length: 0,
        writeToDevice: false,
        buffer: 0,
      },
      call.number(5),
    );
  }

  private tooMany(call: NativeCall, adapter: Adapter, count: number, name: string): number {
    const text = `${name} asks for ${count} map registers; IoGetDmaAdapter granted ${adapter.granted}.`;
    if (this.adapters.verified(call)) throw dmaViolation([0x0c, count, adapter.granted, 0], text);
    this.kernel.explain(call, `${name} fails: ${text}`, 'nc-wdm-pallocate_adapter_channel');
    return status.STATUS_INSUFFICIENT_RESOURCES | 0;
  }

  /** Fills the grant and answers success, or queues the request and answers STATUS_PENDING. */
  private grantOrQueue(call: NativeCall, request: Request, grant: number): number {
    const { store } = this.kernel;
    // First come, first served: nobody overtakes a request that waits.
    const result = store.all(this.queue).size > 0 ? 'later' : this.tryGrant(call, request, grant);
    if (result === 'granted') return 0;
    if (result === 'never') return status.STATUS_INSUFFICIENT_RESOURCES | 0;
    const ticket = (store.cells[this.ticket] ?? 0) + 1;
    store.cells[this.ticket] = ticket;
    store.set(this.queue, ticket, request);
    return status.STATUS_PENDING;
  }

  private tryGrant(
    call: NativeCall,
    request: Request,
    grant: number,
  ): 'granted' | 'later' | 'never' {
    const adapter = this.adapters.find(request.adapter);
    if (adapter === undefined) return 'never';
    if (request.kind === 'channel' && adapter.channel) return 'later';
    const block = this.registers.allocate(call, adapter, request.count);
    if (typeof block === 'string') return block;
    let list = 0;
    if (request.kind === 'list') {
      list = this.buildList(call, adapter, block, request);
      if (list === 0) {
        this.registers.release(this.registers.find(block.base) ?? block, call);
        return 'never';
      }
    } else {
      this.adapters.update(adapter.address, (record) => ({ ...record, channel: true }));
    }
    const { layouts } = this.kernel;
    const write = (member: string, value: number): void =>
      layouts.write(call.memory, grant, GRANT, member, value);
    write('DmaAdapter', adapter.address);
    write('DeviceObject', request.device);
    write('Routine', request.routine);
    write('Context', request.context);
    write('MapRegisterBase', block.base);
    write('List', list);
    return 'granted';
  }

  /** HalpNextGrant(*Grant): the request at the head of the queue, when it can be served now. */
  private nextGrant(call: NativeCall): number {
    const { store } = this.kernel;
    const first = store.all(this.queue).first();
    if (first === undefined) return 0;
    const result = this.tryGrant(call, first[1], call.number(0));
    if (result === 'later') return 0;
    store.delete(this.queue, first[0]);
    return result === 'granted' ? 1 : 0;
  }

  /** HalpFinishControl(DmaAdapter, MapRegisterBase, Action): what AdapterControl wants to keep. */
  private finishControl(call: NativeCall): undefined {
    const [address, base, action] = [call.number(0), call.number(1), call.number(2)];
    if (action === KEEP_OBJECT) return undefined;
    this.adapters.update(address, (record) => ({ ...record, channel: false }));
    if (action === DEALLOCATE_OBJECT_KEEP_REGISTERS) return undefined;
    const block = this.registers.find(base);
    if (block !== undefined) this.registers.release(block, call);
    return undefined;
  }

  private freeChannel(call: NativeCall): undefined {
    const name = 'FreeAdapterChannel';
    const adapter = this.adapters.check(call, { exact: DISPATCH_LEVEL }, name);
    if (adapter === undefined) return undefined;
    if (!adapter.channel) {
      const text = `FreeAdapterChannel is called for the DMA adapter at ${hex(adapter.address, 16)}, whose channel nobody holds. It belongs to an AdapterControl routine that returned KeepObject.`;
      if (this.adapters.verified(call)) throw dmaViolation([0x04, 1, 0, 0], text);
      call.violation('dma_channel', text, 'nc-wdm-pfree_adapter_channel');
      return undefined;
    }
    for (const block of [...this.registers.all.values()]) {
      if (block.adapter !== adapter.address || this.isOfList(block.base)) continue;
      this.checkFlushed(call, judgeChannelRelease(block, block.count));
      this.registers.release(block, call);
    }
    this.adapters.update(adapter.address, (record) => ({ ...record, channel: false }));
    return undefined;
  }

  /** HalpFreeRegisters(DmaAdapter, MapRegisterBase, NumberOfMapRegisters). */
  private freeRegisters(call: NativeCall): undefined {
    const name = 'FreeMapRegisters';
    const adapter = this.adapters.check(call, { exact: DISPATCH_LEVEL }, name);
    if (adapter === undefined) return undefined;
    const block = this.registers.find(call.number(1));
    if (block === undefined || block.count !== call.number(2)) {
      const text =
        block === undefined
          ? `FreeMapRegisters is given ${hex(call.number(1), 16)}, which holds no map registers (any more).`
          : `FreeMapRegisters is told of ${call.number(2)} map registers; ${block.count} were allocated.`;
      if (this.adapters.verified(call)) throw dmaViolation([0x05, 1, 0, 0], text);
      call.violation('map_registers', text, 'nc-wdm-pfree_map_registers');
      if (block === undefined) return undefined;
    }
    this.checkFlushed(call, judgeRelease(block));
    this.registers.release(block, call);
    return undefined;
  }

  private checkFlushed(call: NativeCall, breach: DmaBreach | undefined): void {
    if (breach === undefined) return;
    if (this.adapters.verified(call)) throw dmaViolation(breach.parameters, breach.text);
    call.violation('dma_not_flushed', breach.text, 'nc-wdm-pflush_adapter_buffers');
  }

  private isOfList(base: number): boolean {
    for (const list of this.allLists.values()) if (list.base === base) return true;
    return false;
  }

  // ---- Packets -------------------------------------------------------------------------------------

  /** MapTransfer(DmaAdapter, Mdl, MapRegisterBase, CurrentVa, *Length, WriteToDevice). */
  private mapTransfer(call: NativeCall): number | bigint {
    const adapter = this.adapters.check(call, { highest: DISPATCH_LEVEL });
    if (adapter === undefined) return 0;
    const { layouts } = this.kernel;
    const va = call.number(3);
    const wanted = call.memory.readUnsigned(call.number(4), 4, '*Length');
    const writeToDevice = call.boolean(5);
    const block = this.registers.find(call.number(2));
    const mdl = readMdl(call, layouts, call.number(1));
    if (wanted === 0) {
      this.breach(call, [0x21, 0, 0, 0], 'MapTransfer is asked to map 0 bytes.');
      return 0;
    }
    if (block === undefined) {
      this.breach(
        call,
        [0x00, 2, registersFor(va, wanted), 0],
        `MapTransfer is given ${hex(call.number(2), 16)} as MapRegisterBase, which AdapterControl was not given (or which was freed).`,
      );
      return 0;
    }
    if (!this.checkRange(call, mdl, va, wanted, 'MapTransfer')) return 0;
    const pieces = piecesOf(call, layouts, mdl, va, wanted);
    this.judge(call, judgeMapping(block, va, wanted));
    const mapped = this.mapNext(block, adapter, pieces, writeToDevice);
    if (mapped === undefined) {
      this.breach(
        call,
        [0x00, 2, registersFor(va, wanted), block.count - block.used],
        `MapTransfer has no map registers left for ${rangeText(va, wanted)}: ${block.used} of ${block.count} are in use.`,
      );
      return 0;
    }
    call.memory.write(call.number(4), 4, mapped.length);
    this.adapters.checkReach(call, adapter, mapped.logical, mapped.length);
    return int64(mapped.logical);
  }

  /** The next piece for a device with scatter/gather, the whole in one for others. */
  private mapNext(
    block: RegisterBlock,
    adapter: Adapter,
    pieces: readonly Piece[],
    writeToDevice: boolean,
  ): Pick<MappedPiece, 'logical' | 'length'> | undefined {
    const [first] = pieces;
    if (first === undefined) return undefined;
    if (pieces.length === 1 || adapter.description.ScatterGather) {
      return this.registers.map(block, adapter, { ...first, writeToDevice }, false);
    }
    return this.mapInOne(block, adapter, pieces, writeToDevice);
  }

  /** A device without scatter/gather sees one range: every piece goes through adjacent registers. */
  private mapInOne(
    block: RegisterBlock,
    adapter: Adapter,
    pieces: readonly Piece[],
    writeToDevice: boolean,
  ): Pick<MappedPiece, 'logical' | 'length'> | undefined {
    let start: number | undefined;
    let length = 0;
    for (const piece of pieces) {
      const current = this.registers.find(block.base) ?? block;
      const mapped = this.registers.map(current, adapter, { ...piece, writeToDevice }, true);
      if (mapped === undefined) return undefined;
      start ??= mapped.logical;
      length += piece.length;
    }
    return start === undefined ? undefined : { logical: start, length };
  }

  /** FlushAdapterBuffers(DmaAdapter, Mdl, MapRegisterBase, CurrentVa, Length, WriteToDevice). */
  private flush(call: NativeCall): number {
    const adapter = this.adapters.check(call, { highest: DISPATCH_LEVEL });
    if (adapter === undefined) return 0;
    const [va, length] = [call.number(3), call.number(4)];
    const block = this.registers.find(call.number(2));
    const mdl = readMdl(call, this.kernel.layouts, call.number(1));
    this.judge(call, judgeFlush(block, call.number(2), this.rangeOf(call, mdl, va, length)));
    const pieces = (block?.pieces ?? []).filter(
      (piece) => piece.va >= va && piece.va < va + Math.max(length, 1),
    );
    if (block === undefined || pieces.length === 0) return 0;
    if (pieces.some((piece) => piece.writeToDevice !== call.boolean(5))) {
      call.violation(
        'dma_direction',
        `FlushAdapterBuffers is told another direction for ${rangeText(va, length)} than MapTransfer was.`,
        'nc-wdm-pflush_adapter_buffers',
      );
    }
    for (const piece of pieces) this.registers.flush(block, piece);
    return 1;
  }

  // ---- Scatter/gather lists ------------------------------------------------------------------------

  /**
   * HalpRequestList(DmaAdapter, DeviceObject, Mdl, CurrentVa, Length, Routine, Context, WriteToDevice,
   * Buffer, BufferLength, *Grant).
   */
  private requestList(call: NativeCall): number {
    const buffer = call.number(8);
    const name = buffer === 0 ? 'GetScatterGatherList' : 'BuildScatterGatherList';
    const adapter = this.adapters.check(call, { exact: DISPATCH_LEVEL }, name);
    if (adapter === undefined) return status.STATUS_INVALID_PARAMETER | 0;
    const { layouts } = this.kernel;
    const [va, length] = [call.number(3), call.number(4)];
    const mdl = readMdl(call, layouts, call.number(2));
    if (!this.checkRange(call, mdl, va, length, name)) return status.STATUS_BUFFER_TOO_SMALL | 0;
    const count = registersFor(va, length);
    if (count > adapter.granted) return this.tooMany(call, adapter, count, name);
    if (buffer !== 0) {
      const pieces = piecesOf(call, layouts, mdl, va, length).length;
      if (call.number(9) < this.listBytes(adapter.description.ScatterGather ? pieces : 1)) {
        return status.STATUS_BUFFER_TOO_SMALL | 0;
      }
    }
    return this.grantOrQueue(
      call,
      {
        kind: 'list',
        adapter: adapter.address,
        device: call.number(1),
        count,
        routine: call.number(5),
        context: call.number(6),
        mdl: mdl.address,
        va,
        length,
        writeToDevice: call.boolean(7),
        buffer,
      },
      call.number(10),
    );
  }

  /** Maps the range and writes the list; 0 when there is no memory for it. */
  private buildList(
    call: NativeCall,
    adapter: Adapter,
    block: RegisterBlock,
    request: Request,
  ): number {
    const { kernel } = this;
    const { layouts } = kernel;
    const mdl = readMdl(call, layouts, request.mdl);
    const pieces = piecesOf(call, layouts, mdl, request.va, request.length);
    const mapped: Pick<MappedPiece, 'logical' | 'length'>[] = [];
    if (pieces.length > 1 && !adapter.description.ScatterGather) {
      const whole = this.mapInOne(block, adapter, pieces, request.writeToDevice);
      if (whole !== undefined) mapped.push(whole);
    } else {
      for (const piece of pieces) {
        const current = this.registers.find(block.base) ?? block;
        const one = this.registers.map(
          current,
          adapter,
          { ...piece, writeToDevice: request.writeToDevice },
          false,
        );
        if (one !== undefined) mapped.push(one);
      }
    }
    const bytes = this.listBytes(mapped.length);
    const address =
      request.buffer !== 0
        ? request.buffer
        : kernel.memory.allocateSystemPool({
            bytes,
            paged: false,
            executable: false,
            tag: LIST_TAG,
            zeroed: true,
          });
    if (address === undefined || mapped.length === 0) return 0;
    layouts.write(call.memory, address, 'SCATTER_GATHER_LIST', 'NumberOfElements', mapped.length);
    layouts.write(call.memory, address, 'SCATTER_GATHER_LIST', 'Reserved', block.base);
    const first = address + layouts.offset('SCATTER_GATHER_LIST', 'Elements');
    const element = layouts.size('SCATTER_GATHER_ELEMENT');
    mapped.forEach((piece, index) => {
      const at = first + index * element;
      const write = (path: string, value: number): void =>
        layouts.write(call.memory, at, 'SCATTER_GATHER_ELEMENT', path, value);
      write('Address.QuadPart', piece.logical);
      write('Length', piece.length);
      write('Reserved', 0);
      this.adapters.checkReach(call, adapter, piece.logical, piece.length, 'GetScatterGatherList');
    });
    const holding = kernel.ledger.add({
      kind: 'scatter/gather list',
      address: address as never,
      bytes,
      module: this.adapters.driverOf(call),
      own: kernel.ledger.get(adapter.holding)?.own ?? false,
      routine: request.buffer === 0 ? 'GetScatterGatherList' : 'BuildScatterGatherList',
      site: kernel.vm.siteOf(call.thread, true) ?? call.site,
      details: { elements: mapped.length, adapter: adapter.number },
    });
    kernel.store.set(this.lists, address, {
      address,
      base: block.base,
      adapter: adapter.address,
      writeToDevice: request.writeToDevice,
      callerBuffer: request.buffer !== 0,
      holding,
      elements: mapped.length,
    });
    this.adapters.update(adapter.address, (record) => ({
      ...record,
      listsAllocated: record.listsAllocated + 1,
    }));
    return address;
  }

  /** HalpPutList(DmaAdapter, ScatterGather, WriteToDevice). */
  private putList(call: NativeCall): undefined {
    const { kernel } = this;
    const name = 'PutScatterGatherList';
    const adapter = this.adapters.check(call, { exact: DISPATCH_LEVEL }, name);
    if (adapter === undefined) return undefined;
    const list = kernel.store.get(this.lists, call.number(1));
    if (list === undefined) {
      this.breach(
        call,
        [0x06, adapter.listsAllocated, adapter.listsFreed + 1, 0],
        `PutScatterGatherList is given ${hex(call.number(1), 16)}, which is no scatter/gather list (or was put already).`,
      );
      return undefined;
    }
    if (list.writeToDevice !== call.boolean(2)) {
      call.violation(
        'dma_direction',
        'PutScatterGatherList is told another direction than GetScatterGatherList was.',
        'nc-wdm-pput_scatter_gather_list',
      );
    }
    for (const piece of this.registers.find(list.base)?.pieces ?? []) {
      const block = this.registers.find(list.base);
      if (block !== undefined) this.registers.flush(block, piece);
    }
    const block = this.registers.find(list.base);
    if (block !== undefined) this.registers.release(block, call);
    kernel.store.delete(this.lists, list.address);
    kernel.ledger.release(list.holding, call.site);
    if (!list.callerBuffer) kernel.memory.freeSystemPool(list.address as never);
    this.adapters.update(adapter.address, (record) => ({
      ...record,
      listsFreed: record.listsFreed + 1,
    }));
    return undefined;
  }

  /** CalculateScatterGatherList(DmaAdapter, Mdl, CurrentVa, Length, *ListSize, *NumberOfMapRegisters). */
  private calculate(call: NativeCall): number {
    const adapter = this.adapters.check(call, { highest: 15 });
    if (adapter === undefined) return status.STATUS_INVALID_PARAMETER | 0;
    const { layouts } = this.kernel;
    const [mdlAddress, va, length] = [call.number(1), call.number(2), call.number(3)];
    const count = registersFor(va, length);
    let elements = count;
    if (mdlAddress !== 0) {
      const mdl = readMdl(call, layouts, mdlAddress);
      if (va < mdl.start || length > bytesFrom(call, layouts, mdl, va)) {
        return status.STATUS_BUFFER_TOO_SMALL | 0;
      }
      elements = piecesOf(call, layouts, mdl, va, length).length;
    }
    if (count > adapter.granted) return status.STATUS_INSUFFICIENT_RESOURCES | 0;
    const scattered = adapter.description.ScatterGather;
    call.memory.write(call.number(4), 4, this.listBytes(scattered ? elements : 1));
    if (call.number(5) !== 0) call.memory.write(call.number(5), 4, count);
    return 0;
  }

  private listBytes(elements: number): number {
    const { layouts } = this.kernel;
    return (
      layouts.offset('SCATTER_GATHER_LIST', 'Elements') +
      elements * layouts.size('SCATTER_GATHER_ELEMENT')
    );
  }

  /** Whether a range lies in an MDL whose pages stay; what does not is reported. */
  private checkRange(
    call: NativeCall,
    mdl: MdlView,
    va: number,
    length: number,
    name: string,
  ): boolean {
    if (!isResident(mdl)) {
      this.breach(
        call,
        [0x0e, mdl.address, 0, 0],
        `${name} is given the MDL at ${hex(mdl.address, 16)}, whose pages are neither locked nor nonpaged: they may move during the transfer.`,
      );
      return false;
    }
    return this.judge(call, judgeRange(this.rangeOf(call, mdl, va, length), name));
  }

  private rangeOf(call: NativeCall, mdl: MdlView, va: number, length: number): DmaRange {
    const available = bytesFrom(call, this.kernel.layouts, mdl, va);
    return { va, length, mdl, available, chained: mdl.next !== 0 };
  }

  /** Reports a breach of the rules for transfers; whether there was none. */
  private judge(call: NativeCall, breach: DmaBreach | undefined): boolean {
    if (breach !== undefined) this.breach(call, breach.parameters, breach.text);
    return breach === undefined;
  }

  /** Bug check 0xE6 with DMA verification, else a violation. */
  private breach(
    call: NativeCall,
    parameters: readonly [number, number, number, number],
    text: string,
  ): void {
    if (this.adapters.verified(call)) throw dmaViolation(parameters, text);
    call.violation('dma_transfer', text, 'bug-check-0xe6--driver-verifier-dma-violation');
  }
}
