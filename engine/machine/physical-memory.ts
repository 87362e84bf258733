/**
 * The bytes of one host's physical memory. Which frames exist and whom they belong to is the business of
 * `frames.ts`; here a frame is bytes and written marks.
 */
import {
  byteOffset,
  frame,
  frameOf,
  PAGE_SIZE,
  type PageFrame,
  type PhysicalAddress,
} from '../base/addresses.ts';
import { loosePage, type Page, type Place, type Store, type Table } from '../base/store.ts';
import { changeRange, type FrameMap, type FrameRecord, recordAt, stretches } from './frame-runs.ts';

/** Frames of different hosts live in one store: each host has 2^40 of them (2^52 bytes). */
const FRAMES_PER_HOST = 2 ** 40;

/** What every zeroed page shows until somebody writes to it. Nobody writes here. */
const zeroPage = loosePage(frame(0));
zeroPage.written.fill(0xff);

export class PhysicalMemory {
  private readonly base: number;
  /** Frames that were zeroed; the first write to one makes its page. */
  private readonly zeroed: Table<number, FrameRecord<true>>;

  constructor(
    readonly store: Store,
    readonly hostIndex: number,
  ) {
    this.base = hostIndex * FRAMES_PER_HOST;
    this.zeroed = store.table(`zeroedFrames.${hostIndex}`);
  }

  /** The number under which the store keeps a frame: snapshots hold its page by it. */
  storedFrame(page: PageFrame): PageFrame {
    return frame(this.base + page);
  }

  /** The page behind a frame for a processor or device read. A later write may replace it. */
  readPage(page: PageFrame, near?: number): Page {
    return this.peekPage(page) ?? this.store.readPage(frame(this.base + page), near);
  }

  /** The page behind a frame for a processor or device write. */
  writePage(page: PageFrame, near?: number): Page {
    const number = frame(this.base + page);
    if (this.store.peekPage(number) !== undefined || !this.isZeroed(page)) {
      return this.store.writePage(number, near);
    }
    const made = this.store.addZeros(number, near);
    // Whoever fetched the common page of zeroes has to fetch again.
    this.store.replaced(number);
    return made;
  }

  /** The page if anything was ever stored in it; tooling reads through this and changes nothing. */
  peekPage(page: PageFrame): Page | undefined {
    const number = frame(this.base + page);
    const found = this.store.peekPage(number);
    if (found !== undefined || !this.isZeroed(page)) return found;
    return { ...zeroPage, frame: number };
  }

  /** New owner, new contents: the fill pattern, never written. */
  discard(first: PageFrame, count: number): void {
    this.setZeroed(first, count, undefined);
    this.store.discardPages(frame(this.base + first), count);
  }

  /**
   * Zeroes frames as the memory manager does: the bytes count as written. Costs nothing for pages that
   * nobody writes to.
   */
  zero(first: PageFrame, count: number): void {
    this.setZeroed(first, count, true);
    this.store.discardPages(frame(this.base + first), count);
  }

  /** Moves contents and written marks to other frames; those that are left count as discarded. */
  move(first: PageFrame, count: number, to: PageFrame): void {
    const zeroed = [...stretches(this.store.all(this.zeroed), first, count)];
    this.setZeroed(to, count, undefined);
    this.store.discardPages(frame(this.base + to), count);
    for (const part of zeroed) {
      if (part.value === true) this.setZeroed(frame(to + part.start - first), part.count, true);
    }
    this.store.movePages(frame(this.base + first), count, frame(this.base + to));
    this.setZeroed(first, count, undefined);
  }

  /**
   * Bytes as tooling sees them, without faults or effects; never-written pages show the fill pattern.
   * `length` bytes from `address` on.
   */
  peek(address: PhysicalAddress, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const offset = byteOffset(address + done);
      const part = Math.min(PAGE_SIZE - offset, length - done);
      const number = frameOf((address + done) as PhysicalAddress);
      const page = this.peekPage(number);
      if (page === undefined) {
        const pattern = new Uint8Array(PAGE_SIZE);
        this.store.fillPattern(frame(this.base + number), pattern);
        bytes.set(pattern.subarray(offset, offset + part), done);
      } else {
        bytes.set(page.bytes.subarray(offset, offset + part), done);
      }
      done += part;
    }
    return bytes;
  }

  /** Writes bytes, which may cross frames, and marks them written. For devices and for tooling's edits. */
  poke(address: PhysicalAddress, bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) {
      const offset = byteOffset(address + done);
      const part = Math.min(PAGE_SIZE - offset, bytes.length - done);
      const number = frameOf((address + done) as PhysicalAddress);
      const piece = bytes.subarray(done, done + part);
      done += part;
      // The loader writes whole sections, most of which may be zeros that the frames have already.
      if (part === PAGE_SIZE && this.isZeroAndUntouched(number) && isZero(piece)) continue;
      const page = this.writePage(number);
      page.bytes.set(piece, offset);
      markWritten(page.written, offset, part);
    }
  }

  private isZeroAndUntouched(page: PageFrame): boolean {
    return this.isZeroed(page) && this.store.peekPage(frame(this.base + page)) === undefined;
  }

  private isZeroed(page: PageFrame): boolean {
    return recordAt(this.store.all(this.zeroed), page) !== undefined;
  }

  private setZeroed(first: PageFrame, count: number, value: true | undefined): void {
    const map = this.store.all(this.zeroed);
    // Most frames that are discarded were not zeroed: nothing to change then.
    if (value === undefined && !touches(map, first, count)) return;
    this.store.replaceAll(
      this.zeroed,
      changeRange(
        map,
        first,
        count,
        () => value,
        () => true,
      ),
    );
  }
}

/** Whether a page is zeros only; one that lies across words counts as none. */
function isZero({ buffer, byteOffset: start }: Uint8Array): boolean {
  if ((start & 3) !== 0) return false;
  const words = new Int32Array(buffer, start, PAGE_SIZE / 4);
  let any = 0;
  for (let index = 0; index < words.length && any === 0; index++) any |= words[index] ?? 0;
  return any === 0;
}

/** Whether a map has a record for any frame of a range. */
function touches(map: FrameMap<true>, first: PageFrame, count: number): boolean {
  if (recordAt(map, first) !== undefined) return true;
  const next = map.atOrAbove(first);
  return next !== undefined && next[0] < first + count;
}

/** Sets the written bits of `length` bytes from `offset` on, within one page. */
export function markWritten(written: Uint8Array, offset: number, length: number): void {
  for (let index = offset; index < offset + length; ) {
    if ((index & 7) === 0 && index + 8 <= offset + length) {
      written[index >> 3] = 0xff;
      index += 8;
    } else {
      written[index >> 3] = (written[index >> 3] ?? 0) | (1 << (index & 7));
      index++;
    }
  }
}

/** Which bits of each byte of a range within one page were written. */
export function writtenBits(page: Place, offset: number, length: number): Uint8Array {
  const bits = new Uint8Array(length);
  for (let index = 0; index < length; index++) {
    const at = offset + index;
    const isWhole = ((page.written[at >> 3] ?? 0) & (1 << (at & 7))) !== 0;
    bits[index] = isWhole ? 0xff : (page.partly?.get(at) ?? 0);
  }
  return bits;
}

/** Makes exactly these bits of the bytes from `offset` on, within one page, count as written. */
export function markBits(page: Place, offset: number, bits: Uint8Array): void {
  for (let index = 0; index < bits.length; index++) {
    const at = offset + index;
    const written = bits[index] ?? 0;
    if (written === 0xff) markWritten(page.written, at, 1);
    else markUnwritten(page.written, at, 1);
    if (written === 0 || written === 0xff) {
      page.partly?.delete(at);
    } else {
      page.partly ??= new Map();
      page.partly.set(at, written);
    }
  }
}

/** What was written of a range within one page, in whole or in part, counts as never written. */
export function forgetBits(page: Place, offset: number, length: number): void {
  markUnwritten(page.written, offset, length);
  forgetPartly(page, offset, length);
}

/** As `forgetBits` for bytes that are written in part; others stay what they are. */
export function forgetPartly(page: Place, offset: number, length: number): void {
  for (const at of page.partly?.keys() ?? []) {
    if (at >= offset && at < offset + length) page.partly?.delete(at);
  }
}

/** Clears the written bits of `length` bytes from `offset` on, within one page. */
export function markUnwritten(written: Uint8Array, offset: number, length: number): void {
  for (let index = offset; index < offset + length; index++) {
    written[index >> 3] = (written[index >> 3] ?? 0) & ~(1 << (index & 7));
  }
}

/** The first offset in `offset .. offset + length` whose byte was never written; -1 when all were. */
export function firstUnwritten(written: Uint8Array, offset: number, length: number): number {
  for (let index = offset; index < offset + length; index++) {
    if (((written[index >> 3] ?? 0) & (1 << (index & 7))) === 0) return index;
  }
  return -1;
}
