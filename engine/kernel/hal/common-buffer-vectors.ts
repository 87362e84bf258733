/**
 * Vectors of common buffers: several of one size, allocated together and freed one by one. Misuse stops the
 * system with 0x1DC. Documentation: nc-wdm-pallocate_common_buffer_vector.
 */
import { virtual } from '../../base/addresses.ts';
import { hex, int64, unsigned64 } from '../../base/int64.ts';
import type { Table } from '../../base/store.ts';
import {
  BugCheck,
  type NativeCall,
  type NativeResult,
  type NativeTable,
} from '../../vm/natives.ts';
import { bugCheckCodes } from '../bug-check-codes.ts';
import { irqlName, type KernelContext, PASSIVE_LEVEL } from '../context.ts';
import { cacheTypeOf } from '../mm/calls.ts';
import { status } from '../status.ts';
import type { Adapter, Adapters } from './adapters.ts';
import type { CommonBuffers } from './common-buffers.ts';

/** One vector. Plain data. */
interface Vector {
  readonly address: number;
  readonly adapter: number;
  /** System addresses; 0: freed. */
  readonly buffers: readonly number[];
}

const VECTOR_TAG = 0x56616d44; // 'DmaV'
const VECTOR_BYTES = 0x40;
const PAGE = 'nc-wdm-pallocate_common_buffer_vector';
const BUG_CHECK_PAGE = 'bug-check-0x1dc--dma-common-buffer-vector-error';
const LARGE_PAGE = 0x1;
/** Parameter 1 of the bug check. */
const misuse = { irql: 1, notEmpty: 2, outOfBounds: 3, freed: 4 } as const;

export class CommonBufferVectors {
  private readonly table: Table<number, Vector>;
  /** Buffers of an allocation that is under way, by thread. */
  private readonly begun: Table<number, readonly number[]>;

  constructor(
    private readonly kernel: KernelContext,
    private readonly adapters: Adapters,
    private readonly buffers: CommonBuffers,
  ) {
    const { store, host } = kernel;
    this.table = store.table(`${host.name}.commonBufferVectorContents`);
    this.begun = store.table(`${host.name}.commonBufferVectorsBegun`);
  }

  natives(): NativeTable {
    return {
      AllocateCommonBufferVector: (call) => this.allocate(call),
      GetCommonBufferFromVectorByIndex: (call) => this.get(call),
      FreeCommonBufferFromVector: (call) => this.freeOne(call),
      FreeCommonBufferVector: (call) => this.free(call),
    };
  }

  /**
   * AllocateCommonBufferVector(DmaAdapter, LowAddress, HighAddress, CacheType, IdealNode, Flags,
   * NumberOfElements, SizeOfElements, *VectorOut): one buffer for each slice.
   */
  private allocate(call: NativeCall): NativeResult {
    const { store } = this.kernel;
    const adapter = this.enter(call);
    if (adapter === undefined) return status.STATUS_INVALID_PARAMETER | 0;
    const [count, size] = [call.number(6), call.number(7)];
    const cache = cacheTypeOf(call.number(3));
    if (
      count === 0 ||
      size === 0 ||
      size > 0xffff_ffff ||
      cache === undefined ||
      cache === 'writeCombined'
    ) {
      return status.STATUS_INVALID_PARAMETER | 0;
    }
    const done = call.progress === 0 ? [] : (store.get(this.begun, call.thread) ?? []);
    const plain = this.buffers.plain(adapter, size);
    const address = this.buffers.allocate(call, adapter, {
      ...plain,
      cache,
      lowest: Number(unsigned64(call.integer(1))),
      highest: Math.min(Number(unsigned64(call.integer(2))), plain.highest),
      node: this.buffers.nodeOf(call.number(4)),
      largePages: (call.number(5) & LARGE_PAGE) !== 0,
      page: PAGE,
      unlimited: true,
    });
    if (address === 0) {
      this.undo(call, done);
      return status.STATUS_INSUFFICIENT_RESOURCES | 0;
    }
    const buffers = [...done, address];
    if (buffers.length < count) {
      store.set(this.begun, call.thread, buffers);
      return call.again(call.progress + 1);
    }
    store.delete(this.begun, call.thread);
    return this.make(call, adapter, buffers);
  }

  private make(call: NativeCall, adapter: Adapter, buffers: readonly number[]): number {
    const address = this.kernel.memory.allocateSystemPool({
      bytes: VECTOR_BYTES,
      paged: false,
      executable: false,
      tag: VECTOR_TAG,
      zeroed: true,
    });
    if (address === undefined) {
      this.undo(call, buffers);
      return status.STATUS_INSUFFICIENT_RESOURCES | 0;
    }
    const vector: Vector = { address, adapter: adapter.address, buffers };
    this.kernel.store.set(this.table, address, vector);
    this.adapters.noteVector(address, adapter.address);
    call.memory.write64(call.number(8), address);
    return 0;
  }

  /** All or nothing. */
  private undo(call: NativeCall, addresses: readonly number[]): void {
    for (const address of addresses) {
      const buffer = this.buffers.at(address);
      if (buffer !== undefined) this.buffers.release(call, buffer);
    }
    this.kernel.store.delete(this.begun, call.thread);
  }

  /** GetCommonBufferFromVectorByIndex(DmaAdapter, Vector, Index, *VirtualAddressOut, *LogicalAddressOut). */
  private get(call: NativeCall): undefined {
    const vector = this.vectorOf(call);
    if (vector === undefined) return undefined;
    const buffer = this.buffers.at(this.element(call, vector, call.number(2)));
    if (buffer === undefined) return undefined;
    call.memory.write64(call.number(3), buffer.address);
    call.memory.write64(call.number(4), int64(buffer.logical));
    return undefined;
  }

  /** FreeCommonBufferFromVector(DmaAdapter, Vector, Index). */
  private freeOne(call: NativeCall): undefined {
    const vector = this.vectorOf(call);
    if (vector === undefined) return undefined;
    const index = call.number(2);
    const buffer = this.buffers.at(this.element(call, vector, index));
    if (buffer !== undefined) this.buffers.release(call, buffer);
    this.kernel.store.set(this.table, vector.address, {
      ...vector,
      buffers: vector.buffers.map((one, at) => (at === index ? 0 : one)),
    });
    return undefined;
  }

  /** FreeCommonBufferVector(DmaAdapter, Vector). */
  private free(call: NativeCall): undefined {
    const vector = this.vectorOf(call);
    if (vector === undefined) return undefined;
    const index = vector.buffers.findIndex((address) => address !== 0);
    if (index >= 0) {
      const address = vector.buffers[index] ?? 0;
      const logical = this.buffers.at(address)?.logical ?? 0;
      throw stop(
        [misuse.notEmpty, index, address, logical],
        `FreeCommonBufferVector is called while buffer ${index} of the vector is not freed: FreeCommonBufferFromVector has to free each of them first.`,
      );
    }
    this.kernel.store.delete(this.table, vector.address);
    this.adapters.noteVector(vector.address, undefined);
    this.kernel.memory.freeSystemPool(virtual(vector.address));
    return undefined;
  }

  /** The buffer at an index, whose misuse stops the system. */
  private element(call: NativeCall, vector: Vector, index: number): number {
    const { buffers } = vector;
    const address = buffers[index];
    if (address === undefined) {
      throw stop(
        [misuse.outOfBounds, buffers.length, index, 0],
        `${call.routine} is given the index ${index}; the vector has ${buffers.length} buffers.`,
      );
    }
    if (address === 0) {
      throw stop(
        [misuse.freed, index, 0, 0],
        `${call.routine} is given the index ${index}, whose buffer was freed already.`,
      );
    }
    return address;
  }

  private vectorOf(call: NativeCall): Vector | undefined {
    if (this.enter(call) === undefined) return undefined;
    const vector = this.kernel.store.get(this.table, call.number(1));
    if (vector !== undefined) return vector;
    call.violation(
      'common_buffer_free',
      `${call.routine} is given ${hex(call.number(1), 16)}, which is no common buffer vector (or was freed).`,
      PAGE,
    );
    return undefined;
  }

  /** The adapter of a call at PASSIVE_LEVEL. */
  private enter(call: NativeCall): Adapter | undefined {
    const { irql } = this.kernel.host;
    if (irql !== PASSIVE_LEVEL) {
      throw stop(
        [misuse.irql, irql, 0, 0],
        `${call.routine} must be called at PASSIVE_LEVEL; ${call.caller.module} called it at ${irqlName(irql)}.`,
      );
    }
    return this.adapters.check(call, { exact: PASSIVE_LEVEL });
  }
}

function stop(parameters: BugCheck['parameters'], text: string): BugCheck {
  return new BugCheck(
    bugCheckCodes.DMA_COMMON_BUFFER_VECTOR_ERROR,
    parameters,
    text,
    BUG_CHECK_PAGE,
  );
}
