/**
 * What an MDL (or a chain of them) says about a buffer, read from its bytes, for DMA. A walk over a buffer can
 * be left and taken up again: natives work on long buffers in slices.
 */
import { PAGE_SIZE, spanPages } from '../../base/addresses.ts';
import { hex } from '../../base/int64.ts';
import type { NativeCall } from '../../vm/natives.ts';
import type { Layouts } from '../layouts.ts';

/** One MDL. */
export interface MdlView {
  readonly address: number;
  readonly start: number;
  readonly length: number;
  readonly flags: number;
  readonly next: number;
  readonly frames: number;
}

/** Adjacent bytes of physical memory; no chunk has more pages than a slice can work on. */
export interface Chunk {
  readonly physical: number;
  readonly length: number;
  /** From the chain's first byte. */
  readonly offset: number;
  /** It continues the chunk before it: both are one piece of the buffer. */
  readonly joins: boolean;
  /** The MDL that it lies in, and from which byte of that one's buffer on. */
  readonly mdl: number;
  readonly inMdl: number;
}

/** Which pages make one piece. */
export interface MergeRules {
  /** Adjacent pages are merged. */
  readonly merge: boolean;
  /** Lines over which nothing is merged, in bytes. */
  readonly boundary: number;
  /** The last address that the device reaches: what lies beyond is another piece. */
  readonly reach: number;
}

/** Where a walk stands. Plain data. */
export interface WalkState {
  /** The MDL that holds the next byte, and the chain's offset of its first one. */
  readonly mdl: number;
  readonly base: number;
  /** The next byte, from the chain's first one, and how many are left. */
  readonly at: number;
  readonly left: number;
  /** Physical address behind the last chunk when another one of the same MDL may join it. */
  readonly end: number | undefined;
}

const PAGES_LOCKED = 0x2;
const NONPAGED_POOL = 0x4;
const PARTIAL = 0x10;
const IO_SPACE = 0x800;
/** Pages of one chunk, and PFNs that are read at once. */
export const CHUNK_PAGES = 64;
/** MDLs of a chain that are looked at: a chain that bites its tail ends somewhere. */
const CHAIN_LIMIT = 0x1_0000;

export function readMdl(call: NativeCall, layouts: Layouts, address: number): MdlView {
  const read = (member: string): number =>
    layouts.read(call.memory, address, 'MDL', member, `Mdl->${member}`);
  return {
    address,
    start: read('StartVa') + read('ByteOffset'),
    length: read('ByteCount'),
    flags: read('MdlFlags'),
    next: read('Next'),
    frames: address + layouts.size('MDL'),
  };
}

/** Whether the MDL's pages stay where they are: locked, nonpaged, part of such an MDL, or no memory at all. */
export const isResident = (mdl: MdlView): boolean =>
  (mdl.flags & (PAGES_LOCKED | NONPAGED_POOL | PARTIAL | IO_SPACE)) !== 0;

/** The MDLs of a chain, as far as `bytes` reach. */
export function chainOf(
  call: NativeCall,
  layouts: Layouts,
  first: number,
  bytes: number,
): readonly MdlView[] {
  const chain: MdlView[] = [];
  let length = 0;
  for (let at = first; at !== 0 && length < bytes && chain.length < CHAIN_LIMIT; ) {
    const mdl = readMdl(call, layouts, at);
    chain.push(mdl);
    length += mdl.length;
    at = mdl.next;
  }
  return chain;
}

/** A walk over `length` bytes of a chain from `offset` on; the chain has to have that many. */
export function startWalk(chain: readonly MdlView[], offset: number, length: number): WalkState {
  let base = 0;
  for (const mdl of chain) {
    if (offset < base + mdl.length) {
      return { mdl: mdl.address, base, at: offset, left: length, end: undefined };
    }
    base += mdl.length;
  }
  return { mdl: 0, base, at: offset, left: 0, end: undefined };
}

/** Walks over a buffer chunk by chunk. */
export class BufferWalk {
  private mdl: MdlView | undefined;
  private pfns: { readonly first: number; readonly frames: readonly number[] } | undefined;

  constructor(
    private readonly call: NativeCall,
    private readonly layouts: Layouts,
    private readonly rules: MergeRules,
    private place: WalkState,
  ) {}

  get state(): WalkState {
    return this.place;
  }

  /** The next chunk; undefined at the end. It is passed over when `accept` takes it. */
  next(): Chunk | undefined {
    if (this.place.left === 0) return undefined;
    const mdl = this.currentMdl();
    if (mdl === undefined) return undefined;
    const { rules, place } = this;
    const bytes = Math.min(place.left, place.base + mdl.length - place.at);
    const va = mdl.start + place.at - place.base;
    const first = this.physicalAt(mdl, va);
    let length = Math.min(bytes, PAGE_SIZE - (va & (PAGE_SIZE - 1)));
    for (let pages = 1; rules.merge && length < bytes && pages < CHUNK_PAGES; pages++) {
      const physical = this.physicalAt(mdl, va + length);
      if (physical !== first + length || this.isLine(physical)) break;
      length += Math.min(bytes - length, PAGE_SIZE);
    }
    const joins = rules.merge && place.end === first && !this.isLine(first);
    return {
      physical: first,
      length,
      offset: place.at,
      joins,
      mdl: mdl.address,
      inMdl: place.at - place.base,
    };
  }

  /** Passes over a chunk, or over the first bytes of it. */
  accept(chunk: Chunk, length: number = chunk.length): void {
    const { place, mdl } = this;
    const at = chunk.offset + length;
    const inMdl = mdl !== undefined && at < place.base + mdl.length;
    this.place = {
      ...place,
      at,
      left: place.left - length,
      end: inMdl ? chunk.physical + length : undefined,
    };
  }

  private isLine(physical: number): boolean {
    return physical % this.rules.boundary === 0 || physical === this.rules.reach + 1;
  }

  /** The MDL that holds the next byte. */
  private currentMdl(): MdlView | undefined {
    let mdl = this.mdl ?? readMdl(this.call, this.layouts, this.place.mdl);
    for (let passed = 0; this.place.at >= this.place.base + mdl.length; passed++) {
      if (mdl.next === 0 || passed > CHAIN_LIMIT) return undefined;
      this.place = { ...this.place, base: this.place.base + mdl.length, mdl: mdl.next };
      mdl = readMdl(this.call, this.layouts, mdl.next);
      this.pfns = undefined;
    }
    this.mdl = mdl;
    return mdl;
  }

  private physicalAt(mdl: MdlView, va: number): number {
    const firstPage = mdl.start - (mdl.start & (PAGE_SIZE - 1));
    const index = Math.floor((va - firstPage) / PAGE_SIZE);
    const known = this.pfns?.frames[index - this.pfns.first];
    const pfn = known ?? this.readFrames(mdl, index);
    return pfn * PAGE_SIZE + (va & (PAGE_SIZE - 1));
  }

  private readFrames(mdl: MdlView, index: number): number {
    const pages = spanPages(mdl.start, mdl.length);
    const count = Math.min(CHUNK_PAGES, pages - index);
    const bytes = this.call.memory.readBytes(
      mdl.frames + 8 * index,
      8 * count,
      `MmGetMdlPfnArray(Mdl)[${index}]`,
    );
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const frames = Array.from(
      { length: count },
      (_, at) => view.getUint32(8 * at, true) + view.getUint32(8 * at + 4, true) * 0x1_0000_0000,
    );
    this.pfns = { first: index, frames };
    return frames[0] ?? 0;
  }
}

/** Registers that a range needs at most. */
export const registersFor = (va: number, length: number): number => spanPages(va, length);

export const rangeText = (va: number, length: number): string =>
  `${length} bytes at ${hex(va, 16)}`;
