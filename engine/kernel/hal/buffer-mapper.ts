/**
 * Buffers of transfers: which bytes of an MDL chain are meant, what they need, and their way through map
 * registers to the device. Long buffers are worked on in slices, whose state belongs to the calling thread.
 */
import { PAGE_SIZE } from '../../base/addresses.ts';
import { hex } from '../../base/int64.ts';
import type { Table } from '../../base/store.ts';
import type { NativeCall } from '../../vm/natives.ts';
import type { KernelContext } from '../context.ts';
import { type DmaBreach, judgeRange } from '../verifier/dma-transfers.ts';
import { type Adapter, type Adapters, dmaViolation } from './adapters.ts';
import type { MapRegisters } from './map-registers.ts';
import {
  BufferWalk,
  CHUNK_PAGES,
  type Chunk,
  chainOf,
  isResident,
  type MdlView,
  registersFor,
  startWalk,
  type WalkState,
} from './mdl-pieces.ts';

/** Bytes of a chain of MDLs. */
export interface BufferRange {
  readonly chain: readonly MdlView[];
  /** From the chain's first byte. */
  readonly offset: number;
  readonly length: number;
}

/** What a buffer needs. Plain data. */
export interface Survey {
  readonly walk: WalkState;
  /** Pieces that the device sees when it takes lists. */
  readonly pieces: number;
  /** Pages that it touches, MDL by MDL. */
  readonly pages: number;
  /** Some of it lies beyond the device's reach. */
  readonly bounces: boolean;
  /** No page of it but the first and the last is used in part. */
  readonly seamless: boolean;
}

/** How a buffer has to get to its device. */
export interface Way {
  /** As one range. */
  readonly single: boolean;
  /** Its pieces are copied one behind the other into registers. */
  readonly packed: boolean;
}

/** How a buffer is given to the device. */
export interface MapOrder {
  /** The block of map registers. */
  readonly base: number;
  readonly way: Way;
  readonly writeToDevice: boolean;
  /** The scatter/gather list, and how many elements it can have; 0 as address: none is written. */
  readonly list: number;
  readonly capacity: number;
  /** Virtual address of the chain's first byte. */
  readonly start: number;
}

/** How far the mapping of a buffer has come. Plain data. */
export interface MapJob extends MapOrder {
  readonly walk: WalkState;
  readonly mapped: number;
  readonly elements: number;
  /** The last element: its first logical address and its length. */
  readonly logical: number;
  readonly length: number;
  readonly done: boolean;
}

/** Work of one slice, about in pages copied or chunks walked. */
const SLICE = 256;

export class BufferMapper {
  private readonly surveys: Table<number, Survey>;
  private readonly jobs: Table<number, MapJob>;

  constructor(
    private readonly kernel: KernelContext,
    private readonly adapters: Adapters,
    private readonly registers: MapRegisters,
  ) {
    const { store, host } = kernel;
    this.surveys = store.table(`${host.name}.dmaSurveys`);
    this.jobs = store.table(`${host.name}.dmaMappings`);
  }

  // ---- Ranges --------------------------------------------------------------------------------------

  /** A range by an address in its first MDL; undefined when it is not there, which is reported. */
  rangeFromVa(
    call: NativeCall,
    mdl: number,
    range: { readonly va: number; readonly length: number },
    routine: string,
  ): BufferRange | undefined {
    const { va, length } = range;
    const chain = this.chain(call, mdl, (first) => va - first.start + length);
    const [first] = chain;
    if (first === undefined || !this.checkResident(call, chain, routine)) return undefined;
    const available = bytesOf(chain) - (va - first.start);
    const breach = judgeRange(
      { va, length, mdl: first, available, chained: first.next !== 0 },
      routine,
    );
    if (breach !== undefined) {
      this.breach(call, breach);
      return undefined;
    }
    return { chain, offset: va - first.start, length };
  }

  /** A range by its offset in the chain; undefined when it is not there, which is reported. */
  rangeFromOffset(
    call: NativeCall,
    mdl: number,
    range: { readonly offset: number; readonly length: number },
    routine: string,
  ): BufferRange | undefined {
    const { offset, length } = range;
    const chain = this.chain(call, mdl, () => offset + length);
    const [first] = chain;
    if (first === undefined || !this.checkResident(call, chain, routine)) return undefined;
    const bytes = bytesOf(chain);
    if (offset < bytes && length <= bytes - offset) return { chain, offset, length };
    const missing = Math.min(offset + length - bytes, 0xffff_ffff);
    this.breach(call, {
      parameters: [0x24, missing, 0, 0],
      text: `${routine} is asked for ${length} bytes from offset ${offset} on; the chain of MDLs at ${hex(first.address, 16)} has ${bytes}.`,
    });
    return undefined;
  }

  private chain(
    call: NativeCall,
    mdl: number,
    bytes: (first: MdlView) => number,
  ): readonly MdlView[] {
    const { layouts } = this.kernel;
    const [first] = chainOf(call, layouts, mdl, 1);
    if (first === undefined) {
      // Faults, as reading the MDL would.
      layouts.read(call.memory, mdl, 'MDL', 'ByteCount', 'Mdl->ByteCount');
      return [];
    }
    return chainOf(call, layouts, mdl, Math.max(bytes(first), 1));
  }

  private checkResident(call: NativeCall, chain: readonly MdlView[], routine: string): boolean {
    const loose = chain.find((mdl) => !isResident(mdl));
    if (loose === undefined) return true;
    this.breach(call, {
      parameters: [0x0e, loose.address, 0, 0],
      text: `${routine} is given the MDL at ${hex(loose.address, 16)}, whose pages are neither locked nor nonpaged: they may move during the transfer.`,
    });
    return false;
  }

  /** Bug check 0xE6 with DMA verification, else a violation. */
  breach(call: NativeCall, { parameters, text }: DmaBreach): void {
    if (this.adapters.verified(call)) throw dmaViolation(parameters, text);
    call.violation('dma_transfer', text, 'bug-check-0xe6--driver-verifier-dma-violation');
  }

  // ---- What a buffer needs -------------------------------------------------------------------------

  /** Counts pieces and pages; undefined when the native has to go on with `call.again`. */
  survey(call: NativeCall, adapter: Adapter, range: BufferRange): Survey | undefined {
    const { store, layouts } = this.kernel;
    const begun = call.progress > 0 ? store.get(this.surveys, call.thread) : undefined;
    let survey: Survey = begun ?? {
      walk: startWalk(range.chain, range.offset, range.length),
      pieces: 0,
      pages: 0,
      bounces: false,
      seamless: true,
    };
    const walk = new BufferWalk(call, layouts, this.adapters.mergeRules(adapter), survey.walk);
    for (let work = 0; work < SLICE; work++) {
      const chunk = walk.next();
      if (chunk === undefined) {
        if (begun !== undefined) store.delete(this.surveys, call.thread);
        return { ...survey, walk: walk.state };
      }
      walk.accept(chunk);
      survey = {
        ...survey,
        pieces: survey.pieces + (chunk.joins ? 0 : 1),
        pages: survey.pages + registersFor(chunk.physical, chunk.length),
        bounces: survey.bounces || this.registers.modeFor(adapter, chunk) === 'registers',
        seamless:
          survey.seamless &&
          (survey.pieces === 0 || chunk.physical % PAGE_SIZE === 0) &&
          (walk.state.left === 0 || (chunk.physical + chunk.length) % PAGE_SIZE === 0),
      };
    }
    store.set(this.surveys, call.thread, { ...survey, walk: walk.state });
    return undefined;
  }

  /** Map registers for a whole buffer. */
  registersFor(adapter: Adapter, range: BufferRange, survey: Survey): number {
    if (takesLists(adapter)) return survey.pages;
    const [first] = range.chain;
    return registersFor((first?.start ?? 0) + range.offset, range.length);
  }

  /** How a buffer gets to the device: as it is, as one range, or as one range that has to be made. */
  wayOf(adapter: Adapter, survey: Survey): Way {
    if (takesLists(adapter)) return { single: false, packed: false };
    const apart = survey.pieces > 1 && !(this.kernel.host.machine.iommu && survey.seamless);
    return { single: true, packed: apart || survey.bounces };
  }

  // ---- Mapping -------------------------------------------------------------------------------------

  /**
   * Maps a buffer as far as registers and list reach; undefined when the native has to go on with
   * `call.again`.
   */
  map(
    call: NativeCall,
    adapter: Adapter,
    order: () => MapOrder & { readonly range: BufferRange },
  ): MapJob | undefined {
    const { store, layouts } = this.kernel;
    const begun = store.get(this.jobs, call.thread);
    let job = begun ?? this.begin(order());
    const walk = new BufferWalk(call, layouts, this.adapters.mergeRules(adapter), job.walk);
    for (let work = 0; work < SLICE && !job.done; ) {
      const chunk = walk.next();
      const next = chunk && this.mapChunk(call, adapter, job, chunk);
      if (chunk === undefined || next === undefined) {
        job = { ...job, done: true };
        break;
      }
      walk.accept(chunk, next.mapped - job.mapped);
      work += 1 + (next.copied ? registersFor(chunk.physical, chunk.length) : 0);
      job = next.job;
    }
    job = { ...job, walk: walk.state };
    if (!job.done) {
      store.set(this.jobs, call.thread, job);
      return undefined;
    }
    if (begun !== undefined) store.delete(this.jobs, call.thread);
    return job;
  }

  /** Forgets what an earlier call of the thread left unfinished. */
  reset(call: NativeCall): void {
    const { store } = this.kernel;
    if (call.progress > 0) return;
    store.delete(this.jobs, call.thread);
    store.delete(this.surveys, call.thread);
  }

  /** Whether `map` has begun a job of the calling thread. */
  isMapping(call: NativeCall): boolean {
    return this.kernel.store.get(this.jobs, call.thread) !== undefined;
  }

  private begin(order: MapOrder & { readonly range: BufferRange }): MapJob {
    const { range, ...rest } = order;
    return {
      ...rest,
      walk: startWalk(range.chain, range.offset, range.length),
      mapped: 0,
      elements: 0,
      logical: 0,
      length: 0,
      done: false,
    };
  }

  /** Maps one chunk, or as much of it as registers are left for; undefined when nothing more goes. */
  private mapChunk(
    call: NativeCall,
    adapter: Adapter,
    job: MapJob,
    chunk: Chunk,
  ): { readonly job: MapJob; readonly mapped: number; readonly copied: boolean } | undefined {
    const continues = job.elements > 0 && (job.way.single || chunk.joins);
    if (!continues && job.elements >= job.capacity) return undefined;
    const mode = job.way.packed ? 'packed' : this.registers.modeIn(job.base, adapter, chunk);
    const length = Math.min(chunk.length, this.room(job, mode, chunk));
    if (length <= 0) return undefined;
    const piece = this.registers.map(
      job.base,
      {
        physical: chunk.physical,
        length,
        va: job.start + chunk.offset,
        writeToDevice: job.writeToDevice,
        mdl: chunk.mdl,
        inMdl: chunk.inMdl,
        process: call.process,
      },
      mode,
    );
    if (piece === undefined) return undefined;
    this.adapters.checkReach(call, adapter, piece.logical, length);
    const next: MapJob = continues
      ? { ...job, length: job.length + length, mapped: job.mapped + length }
      : {
          ...job,
          elements: job.elements + 1,
          logical: piece.logical,
          length,
          mapped: job.mapped + length,
        };
    if (job.list !== 0) this.writeElement(call, next);
    return { job: next, mapped: next.mapped, copied: piece.bounce !== undefined };
  }

  /** Bytes of a chunk that the registers of its block still have room for. */
  private room(job: MapJob, mode: 'direct' | 'registers' | 'packed', chunk: Chunk): number {
    const block = this.registers.find(job.base);
    if (block === undefined) return 0;
    const offset = chunk.physical % PAGE_SIZE;
    if (mode === 'packed') return this.registers.packedRoom(block, offset);
    if (mode === 'direct' && block.logical === undefined) return chunk.length;
    return Math.min(block.count - block.used, CHUNK_PAGES + 1) * PAGE_SIZE - offset;
  }

  private writeElement(call: NativeCall, job: MapJob): void {
    const { layouts } = this.kernel;
    const at =
      job.list +
      layouts.offset('SCATTER_GATHER_LIST', 'Elements') +
      (job.elements - 1) * layouts.size('SCATTER_GATHER_ELEMENT');
    const write = (path: string, value: number): void =>
      layouts.write(call.memory, at, 'SCATTER_GATHER_ELEMENT', path, value);
    write('Address.QuadPart', job.logical);
    write('Length', job.length);
    write('Reserved', 0);
    layouts.write(call.memory, job.list, 'SCATTER_GATHER_LIST', 'NumberOfElements', job.elements);
  }
}

const bytesOf = (chain: readonly MdlView[]): number =>
  chain.reduce((sum, mdl) => sum + mdl.length, 0);

/** Whether a device takes lists of pieces: a bus master that says so. */
export const takesLists = ({ description }: Pick<Adapter, 'description'>): boolean =>
  description.Master !== 0 && description.ScatterGather !== 0;
