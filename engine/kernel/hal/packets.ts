/**
 * Packets: MapTransfer and FlushAdapterBuffers, with an address in an MDL, and their successors of version 3,
 * with an offset in a chain of MDLs. Bytes move through map registers here and nowhere else: to the device when
 * a transfer is mapped, from the device when it is flushed.
 */
import { PAGE_SIZE, spanPages } from '../../base/addresses.ts';
import { hex, int64 } from '../../base/int64.ts';
import type { NativeCall, NativeResult, NativeTable } from '../../vm/natives.ts';
import { DISPATCH_LEVEL, type KernelContext } from '../context.ts';
import { status } from '../status.ts';
import { judgeFlush, judgeMapping } from '../verifier/dma-transfers.ts';
import type { Adapter, Adapters } from './adapters.ts';
import { type BufferMapper, type BufferRange, type MapJob, takesLists } from './buffer-mapper.ts';
import type { MapRegisters, RegisterBlock } from './map-registers.ts';
import { chainOf, type MdlView, rangeText, registersFor } from './mdl-pieces.ts';
import type { ScatterGatherLists } from './scatter-gather.ts';
import type { SystemDma } from './system-dma.ts';

export interface PacketParts {
  readonly adapters: Adapters;
  readonly registers: MapRegisters;
  readonly mapper: BufferMapper;
  readonly lists: ScatterGatherLists;
  readonly controller: SystemDma;
}

/** Pieces of one slice of a flush, and pages that it copies. */
const SLICE = 256;
const MAP_PAGE = 'nc-wdm-pmap_transfer_ex';

export class Packets {
  constructor(
    private readonly kernel: KernelContext,
    private readonly parts: PacketParts,
  ) {}

  natives(): NativeTable {
    return {
      MapTransfer: (call) => this.map(call),
      FlushAdapterBuffers: (call) => this.flush(call),
      MapTransferEx: (call) => this.mapExtended(call),
      FlushAdapterBuffersEx: (call) => this.flushExtended(call),
    };
  }

  // ---- Mapping -------------------------------------------------------------------------------------

  /** MapTransfer(DmaAdapter, Mdl, MapRegisterBase, CurrentVa, *Length, WriteToDevice). */
  private map(call: NativeCall): NativeResult {
    const { adapters, registers, mapper } = this.parts;
    const adapter = adapters.check(call, { highest: DISPATCH_LEVEL });
    if (adapter === undefined) return 0;
    const va = call.number(3);
    const wanted = call.memory.readUnsigned(call.number(4), 4, '*Length');
    const block = this.blockAt(call, call.number(2));
    if (wanted === 0) {
      this.zeroLength(call);
      return 0;
    }
    if (block === undefined) {
      mapper.breach(call, {
        parameters: [0x00, 2, registersFor(va, wanted), 0],
        text: `MapTransfer is given ${hex(call.number(2), 16)} as MapRegisterBase, which AdapterControl was not given (or which was freed).`,
      });
      return 0;
    }
    mapper.reset(call);
    const range = mapper.rangeFromVa(call, call.number(1), { va, length: wanted }, 'MapTransfer');
    if (range === undefined) return 0;
    if (call.progress === 0) {
      const pieces = registers.piecesIn(block.base, va, wanted, 1);
      const breach = judgeMapping({ ...block, pieces }, va, wanted);
      if (breach !== undefined) mapper.breach(call, breach);
    }
    const job = this.work(call, adapter, block, {
      range,
      writeToDevice: call.boolean(5),
      list: 0,
      // Who takes lists gets piece after piece, the others all at once.
      capacity: 1,
    });
    if (job === undefined) return call.again(call.progress + 1);
    const whole = takesLists(adapter) || job.mapped === wanted;
    if (job.mapped === 0 || !whole) {
      const now = registers.find(block.base) ?? block;
      mapper.breach(call, {
        parameters: [0x00, 2, registersFor(va, wanted), Math.max(now.count - now.used, 0)],
        text: `MapTransfer has no map registers left for ${rangeText(va, wanted)}: ${now.used} of ${now.count} are in use.`,
      });
    }
    if (job.mapped === 0) return 0;
    call.memory.write(call.number(4), 4, job.mapped);
    if (adapter.description.Master === 0) {
      this.parts.controller.program(call, adapter, {
        base: block.base,
        va,
        length: job.mapped,
        writeToDevice: call.boolean(5),
        deviceOffset: 0,
        completion: 0,
        context: 0,
      });
    }
    return int64(job.logical);
  }

  /**
   * MapTransferEx(DmaAdapter, Mdl, MapRegisterBase, Offset, DeviceOffset, *Length, WriteToDevice,
   * ScatterGatherBuffer, ScatterGatherBufferLength, DmaCompletionRoutine, CompletionContext).
   */
  private mapExtended(call: NativeCall): NativeResult {
    const { adapters, registers, mapper, lists, controller } = this.parts;
    const adapter = adapters.check(call, { highest: DISPATCH_LEVEL });
    if (adapter === undefined) return status.STATUS_INVALID_PARAMETER | 0;
    const wanted = call.memory.readUnsigned(call.number(5), 4, '*Length');
    const list = call.number(7);
    const refusal = this.judgeExtended(call, adapter, wanted);
    if (refusal !== 0) return refusal;
    const block = this.blockAt(call, call.number(2));
    if (block === undefined) {
      mapper.breach(call, {
        parameters: [0x00, 2, registersFor(0, wanted), 0],
        text: `MapTransferEx is given ${hex(call.number(2), 16)} as MapRegisterBase, which was not allocated (or which was freed).`,
      });
      return status.STATUS_INVALID_PARAMETER | 0;
    }
    if (controller.cancelledBefore(block)) return status.STATUS_CANCELLED | 0;
    mapper.reset(call);
    if (call.progress === 0 && block.mapped > 0) {
      mapper.breach(call, {
        parameters: [0x0d, block.bytes, block.count * PAGE_SIZE, 0],
        text: `MapTransferEx is called while ${block.bytes} bytes of the transfer before are still mapped: each needs its FlushAdapterBuffersEx first.`,
      });
    }
    const range = mapper.rangeFromOffset(
      call,
      call.number(1),
      { offset: call.number(3), length: wanted },
      'MapTransferEx',
    );
    if (range === undefined) return status.STATUS_INVALID_PARAMETER | 0;
    if (call.progress === 0 && list !== 0) lists.writeHeader(call, list, block.base);
    const job = this.work(call, adapter, block, {
      range,
      writeToDevice: call.boolean(6),
      list,
      capacity: takesLists(adapter) ? lists.capacityOf(call.number(8)) : 1,
    });
    if (job === undefined) return call.again(call.progress + 1);
    if (job.mapped === 0) {
      const now = registers.find(block.base) ?? block;
      this.kernel.explain(
        call,
        `MapTransferEx fails: ${now.used} of the ${now.count} map registers are in use.`,
        MAP_PAGE,
      );
      return status.STATUS_INSUFFICIENT_RESOURCES | 0;
    }
    call.memory.write(call.number(5), 4, job.mapped);
    if (adapter.description.Master === 0) {
      controller.program(call, adapter, {
        base: block.base,
        va: (range.chain[0]?.start ?? 0) + range.offset,
        length: job.mapped,
        writeToDevice: call.boolean(6),
        deviceOffset: call.number(4),
        completion: call.number(9),
        context: call.number(10),
      });
    }
    return 0;
  }

  /** What MapTransferEx refuses before it looks at the buffer. */
  private judgeExtended(call: NativeCall, adapter: Adapter, wanted: number): number {
    const [deviceOffset, list, bytes, completion] = [4, 7, 8, 9].map((at) => call.number(at));
    const refuse = (text: string): number => {
      this.kernel.explain(call, `MapTransferEx fails: ${text}`, MAP_PAGE);
      return status.STATUS_INVALID_PARAMETER | 0;
    };
    if (adapter.description.Master !== 0) {
      if (list === 0) return refuse('a bus master needs a buffer for the scatter/gather list.');
      if (deviceOffset !== 0) return refuse('DeviceOffset is for system DMA; here it has to be 0.');
      if (completion !== 0) return refuse('a completion routine is for system DMA.');
    }
    if (wanted === 0) {
      this.zeroLength(call);
      return status.STATUS_INVALID_PARAMETER | 0;
    }
    if (list !== 0 && this.parts.lists.capacityOf(bytes ?? 0) < 1) {
      this.kernel.explain(
        call,
        `MapTransferEx fails: ${bytes} bytes have no room for one element and the system's own data; GetDmaTransferInfo tells how many are needed.`,
        MAP_PAGE,
      );
      return status.STATUS_BUFFER_TOO_SMALL | 0;
    }
    return 0;
  }

  /** Maps as much as goes; undefined when the native has to go on with `call.again`. */
  private work(
    call: NativeCall,
    adapter: Adapter,
    block: RegisterBlock,
    order: {
      readonly range: BufferRange;
      readonly writeToDevice: boolean;
      readonly list: number;
      readonly capacity: number;
    },
  ): MapJob | undefined {
    const { mapper } = this.parts;
    let way = { single: false, packed: false };
    if (!takesLists(adapter) && !mapper.isMapping(call)) {
      const survey = mapper.survey(call, adapter, order.range);
      if (survey === undefined) return undefined;
      way = mapper.wayOf(adapter, survey);
    }
    return mapper.map(call, adapter, () => ({
      ...order,
      base: block.base,
      way,
      start: order.range.chain[0]?.start ?? 0,
    }));
  }

  /** Registers of a packet; those of a scatter/gather list are none. */
  private blockAt(call: NativeCall, base: number): RegisterBlock | undefined {
    const block = this.parts.registers.find(base);
    return block !== undefined && block.adapter === call.number(0) && !block.ofList
      ? block
      : undefined;
  }

  private zeroLength(call: NativeCall): void {
    this.parts.mapper.breach(call, {
      parameters: [0x21, 0, 0, 0],
      text: `${call.routine} is asked to map 0 bytes.`,
    });
  }

  // ---- Flushing ------------------------------------------------------------------------------------

  /** FlushAdapterBuffers(DmaAdapter, Mdl, MapRegisterBase, CurrentVa, Length, WriteToDevice). */
  private flush(call: NativeCall): NativeResult {
    const { adapters } = this.parts;
    const adapter = adapters.check(call, { highest: DISPATCH_LEVEL });
    if (adapter === undefined) return 0;
    const [va, length] = [call.number(3), call.number(4)];
    const { first, bytes } = this.chainAt(call, (mdl) => va - mdl.start + length);
    if (first === undefined) return 0;
    const done = this.flushRange(call, adapter, { va, length, first, bytes });
    return done === 'again' ? call.again(call.progress + 1) : done ? 1 : 0;
  }

  /** FlushAdapterBuffersEx(DmaAdapter, Mdl, MapRegisterBase, Offset, Length, WriteToDevice). */
  private flushExtended(call: NativeCall): NativeResult {
    const { adapters, controller, mapper } = this.parts;
    const adapter = adapters.check(call, { highest: DISPATCH_LEVEL });
    if (adapter === undefined) return status.STATUS_INVALID_PARAMETER | 0;
    const [offset, length] = [call.number(3), call.number(4)];
    const { first, bytes } = this.chainAt(call, () => offset + length);
    if (first === undefined) return status.STATUS_INVALID_PARAMETER | 0;
    if (call.progress === 0 && controller.isRunning(adapter)) {
      mapper.breach(call, {
        parameters: [0x23, 0, 0, controller.lineOf(adapter)],
        text: 'FlushAdapterBuffersEx is called while the DMA controller still works on the transfer: it has neither ended nor been cancelled.',
      });
    }
    const done = this.flushRange(call, adapter, { va: first.start + offset, length, first, bytes });
    if (done === 'again') return call.again(call.progress + 1);
    return done ? 0 : status.STATUS_INVALID_PARAMETER | 0;
  }

  private chainAt(
    call: NativeCall,
    reach: (first: MdlView) => number,
  ): { readonly first: MdlView | undefined; readonly bytes: number } {
    const { layouts } = this.kernel;
    const [first] = chainOf(call, layouts, call.number(1), 1);
    if (first === undefined) {
      layouts.read(call.memory, call.number(1), 'MDL', 'ByteCount', 'Mdl->ByteCount');
      return { first, bytes: 0 };
    }
    const chain = chainOf(call, layouts, first.address, Math.max(reach(first), 1));
    return { first, bytes: chain.reduce((sum, mdl) => sum + mdl.length, 0) };
  }

  /** Ends the use of a range; whether there was something to end. */
  private flushRange(
    call: NativeCall,
    adapter: Adapter,
    range: {
      readonly va: number;
      readonly length: number;
      readonly first: MdlView;
      readonly bytes: number;
    },
  ): boolean | 'again' {
    const { registers, controller } = this.parts;
    const { va, length } = range;
    const block = this.blockAt(call, call.number(2));
    if (call.progress === 0) this.judgeFlush(call, block, range);
    if (block === undefined) return false;
    // The controller stops; what it has not moved does not come back from the registers either.
    const moved =
      adapter.description.Master === 0 ? controller.stop(adapter, block.base) : undefined;
    // What a device's code answers arrives before the processor goes on.
    if (moved !== undefined && controller.isWaiting(adapter)) return 'again';
    const pieces = registers.piecesIn(block.base, va, length, SLICE);
    const [one] = pieces;
    if (one === undefined) return call.progress > 0;
    if (call.progress === 0 && one.writeToDevice !== call.boolean(5)) {
      call.violation(
        'dma_direction',
        `${call.routine} is told another direction for ${rangeText(va, length)} than the mapping was.`,
        'nc-wdm-pflush_adapter_buffers',
      );
    }
    let pages = 0;
    for (const piece of pieces) {
      const limit = moved === undefined ? piece.length : moved.bytes - (piece.va - moved.va);
      registers.judgeEnd(call, block.base, piece);
      registers.flush(block.base, piece, limit);
      if (piece.bounce !== undefined) pages += spanPages(piece.physical, piece.length);
      if (pages >= SLICE) break;
    }
    if (registers.piecesIn(block.base, va, length, 1).length > 0) return 'again';
    if (moved !== undefined) controller.forget(adapter);
    return true;
  }

  private judgeFlush(
    call: NativeCall,
    block: RegisterBlock | undefined,
    range: {
      readonly va: number;
      readonly length: number;
      readonly first: MdlView;
      readonly bytes: number;
    },
  ): void {
    const { registers, mapper } = this.parts;
    const { va, length, first, bytes } = range;
    // Of very many pieces the sum has to do.
    const pieces =
      block === undefined
        ? []
        : block.mapped > SLICE
          ? [{ va, length: Math.min(block.bytes, length) }]
          : registers.piecesIn(block.base, va, length, SLICE);
    const breach = judgeFlush(block && { ...block, pieces }, call.number(2), {
      va,
      length,
      mdl: { address: first.address, start: first.start, length: bytes },
      available: bytes - (va - first.start),
      chained: first.next !== 0,
    });
    if (breach !== undefined) mapper.breach(call, breach);
  }
}
