/** What an MDL (or a chain of them) says about a buffer, read from its bytes, for DMA. */
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

/** A physically contiguous part of a buffer. */
export interface Piece {
  readonly physical: number;
  readonly length: number;
  readonly va: number;
}

const PAGES_LOCKED = 0x2;
const NONPAGED_POOL = 0x4;
const PARTIAL = 0x10;
/** Adapters do not merge pages across a 4 GB line. */
const FOUR_GB = 0x1_0000_0000;

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

/** Whether the MDL's pages stay where they are: locked, nonpaged, or part of such an MDL. */
export const isResident = (mdl: MdlView): boolean =>
  (mdl.flags & (PAGES_LOCKED | NONPAGED_POOL | PARTIAL)) !== 0;

/** Bytes of the chain from an address in its first MDL on. */
export function bytesFrom(call: NativeCall, layouts: Layouts, mdl: MdlView, va: number): number {
  let bytes = mdl.start + mdl.length - va;
  for (let next = mdl.next; next !== 0; ) {
    const view = readMdl(call, layouts, next);
    bytes += view.length;
    next = view.next;
  }
  return bytes;
}

/** The physically contiguous pieces of `length` bytes from `va` on, over the chain. */
export function piecesOf(
  call: NativeCall,
  layouts: Layouts,
  first: MdlView,
  va: number,
  length: number,
): readonly Piece[] {
  const pieces: Piece[] = [];
  let mdl = first;
  let at = va;
  let left = length;
  while (left > 0) {
    const part = Math.min(left, mdl.start + mdl.length - at);
    addPieces(call, pieces, mdl, at, part);
    left -= part;
    if (left === 0 || mdl.next === 0) break;
    mdl = readMdl(call, layouts, mdl.next);
    at = mdl.start;
  }
  return pieces;
}

function addPieces(
  call: NativeCall,
  pieces: Piece[],
  mdl: MdlView,
  va: number,
  length: number,
): void {
  const firstPage = mdl.start - (mdl.start & (PAGE_SIZE - 1));
  for (let done = 0; done < length; ) {
    const address = va + done;
    const offset = address & (PAGE_SIZE - 1);
    const part = Math.min(PAGE_SIZE - offset, length - done);
    const index = Math.floor((address - firstPage) / PAGE_SIZE);
    const pfn = call.memory.readNumber(mdl.frames + 8 * index, `MmGetMdlPfnArray(Mdl)[${index}]`);
    const physical = pfn * PAGE_SIZE + offset;
    const last = pieces.at(-1);
    const joins =
      last !== undefined &&
      last.physical + last.length === physical &&
      Math.floor(last.physical / FOUR_GB) === Math.floor(physical / FOUR_GB) &&
      last.va + last.length === address;
    if (joins) pieces[pieces.length - 1] = { ...last, length: last.length + part };
    else pieces.push({ physical, length: part, va: address });
    done += part;
  }
}

/** Registers that a range needs at most. */
export const registersFor = (va: number, length: number): number => spanPages(va, length);

export const rangeText = (va: number, length: number): string =>
  `${length} bytes at ${hex(va, 16)}`;
