/**
 * Typed memory of one address space and processor mode, with a small translation cache. The interpreter
 * reads and writes through it; the debugger uses a variant that neither faults the machine nor changes it.
 *
 * `taint` tells that a load since the last reset met a byte that was never written: its address.
 */
import {
  byteOffset,
  isCanonical,
  PAGE_SHIFT,
  PAGE_SIZE,
  type PageFrame,
  pageAlign,
} from '../base/addresses.ts';
import { fromWords, high32, type Int64, low32 } from '../base/int64.ts';
import type { Place, Store } from '../base/store.ts';
import { type AddressSpace, frameInMapping, type Mapping } from '../machine/address-space.ts';
import {
  firstUnwritten,
  forgetPartly,
  markBits,
  markUnwritten,
  markWritten,
  type PhysicalMemory,
  writtenBits,
} from '../machine/physical-memory.ts';
import { Fault } from './access.ts';
import type { Bits } from './ir.ts';

/** Learns of accesses to pages that hold a data breakpoint. */
export interface AccessWatch {
  /** Whether the page of a virtual address, or its frame, holds a watched byte. */
  covers(address: number, frame: number): boolean;
  touched(address: number, frame: number, size: number, access: 'read' | 'write'): void;
}

/**
 * Knows ranges that nobody may use; pages that hold one stay out of the cache of writes. Their bytes count as never
 * written, so that reads find them without a cache that knows.
 */
export interface Guard {
  covers(address: number): boolean;
  written(address: number, size: number): void;
  /** Never-written bytes are read; answers whether that was reported, or would be, as more than that. */
  read(address: number, size: number): boolean;
}

/** Registers of devices, which lie in physical address space and are no memory. */
export interface RegisterDoor {
  covers(frame: PageFrame): boolean;
  /** A page to read the answer from or to leave the value in; undefined: the frame is memory. May throw. */
  page(
    access: 'read' | 'write',
    frame: PageFrame,
    address: number,
    size: number,
  ): Place | undefined;
}

/** Entries of a translation cache: at first, and where a program has touched more pages than fit. */
const ENTRIES = 512;
const MOST_ENTRIES = 16_384;

/** More than an address space has. */
const PAGES_PER_SPACE = 2 ** 37;

/** The low word of no page's address. */
const NOWHERE = 1;

/** Bytes beyond which a range is looked at before memory is spent on it. */
const LONG = 0x1_0000;

/** The written marks of an aligned object within its group of eight bytes. */
const bits = { 1: 1, 2: 3, 4: 15 } as const;

/** A bit-field that was loaded although a bit of it was never written. */
export interface TaintedField {
  /** The byte with the first such bit, and the bit. */
  readonly at: number;
  readonly bit: number;
  /** The field within the unit at an address. */
  readonly unit: number;
  readonly bits: Bits;
}

export class Door {
  /** Address of the first never-written byte that a load met, or 0, and the size of that load. */
  taint = 0;
  taintSize = 0;
  /** The bit-field that `taint` lies in, where the addresses agree. */
  taintField: TaintedField | undefined;
  watch: AccessWatch | undefined;
  registers: RegisterDoor | undefined;
  guard: Guard | undefined;
  /** Marks are set, which is no write of the program. */
  private isAccepting = false;

  /**
   * Pages by the low bits of their number. A tag is the address of the page, or NaN. The same for generated code: the
   * view that the page lies in, and four words for each, the low and the high one of its address, start and marks. It
   * asks `placeToRead` and `placeToWrite` for what it does not find.
   */
  readTags = new Float64Array(ENTRIES).fill(Number.NaN);
  readViews: (DataView | undefined)[] = new Array(ENTRIES).fill(undefined);
  readWords = new Int32Array(ENTRIES * 4).fill(NOWHERE);
  writeTags = new Float64Array(ENTRIES).fill(Number.NaN);
  writeViews: (DataView | undefined)[] = new Array(ENTRIES).fill(undefined);
  writeWords = new Int32Array(ENTRIES * 4).fill(NOWHERE);
  /** One less than the number of entries, which is a power of two. */
  mask = ENTRIES - 1;

  private readPlaces: (Place | undefined)[] = new Array(ENTRIES).fill(undefined);
  private writePlaces: (Place | undefined)[] = new Array(ENTRIES).fill(undefined);
  /** Entries of pages that a write will put elsewhere, by frame. */
  private readonly replaceable = new Map<number, number>();
  private version = -1;
  private places = -1;
  /** The mapping that was found last. */
  private known: Mapping | undefined;
  /** Pages fetched since the cache had its present size. */
  private fetched = 0;
  /** Reinterprets bits of floating values; holds nothing between two calls. */
  private readonly scratch = new DataView(new ArrayBuffer(8));

  constructor(
    readonly store: Store,
    protected readonly memory: PhysicalMemory,
    readonly system: AddressSpace,
    readonly user: AddressSpace | undefined,
    readonly mode: 'kernel' | 'user',
  ) {
    // Pages of the present stay where they are until the next flush, except for those that come to be by a write.
    store.addReader((frame) => {
      const entry = this.replaceable.get(frame);
      if (entry === undefined) return;
      this.replaceable.delete(frame);
      this.forgetEntry(entry);
    });
  }

  // ---- Loads -----------------------------------------------------------------------------------------

  readI8(address: Int64): number {
    const { view, start, marks } = this.readable(address, 1);
    const offset = (address as number) & (PAGE_SIZE - 1);
    const mark = view.getUint8(marks + ((start + offset) >> 3));
    if ((mark & (1 << (offset & 7))) === 0) this.note(address, 1);
    return view.getInt8(start + offset);
  }

  readU8(address: Int64): number {
    return this.readI8(address) & 0xff;
  }

  readU16(address: Int64): number {
    const offset = offsetOf(address);
    if ((offset & 1) !== 0) return this.scattered(address, 2) & 0xffff;
    const { view, start, marks } = this.readable(address, 2);
    const mark = view.getUint8(marks + ((start + offset) >> 3));
    if (((mark >> (offset & 7)) & bits[2]) !== bits[2]) this.note(address, 2);
    return view.getUint16(start + offset, true);
  }

  readI16(address: Int64): number {
    return (this.readU16(address) << 16) >> 16;
  }

  readI32(address: Int64): number {
    const offset = offsetOf(address);
    if ((offset & 3) !== 0) return this.scattered(address, 4);
    const { view, start, marks } = this.readable(address, 4);
    const mark = view.getUint8(marks + ((start + offset) >> 3));
    if (((mark >> (offset & 4)) & bits[4]) !== bits[4]) this.note(address, 4);
    return view.getInt32(start + offset, true);
  }

  readU32(address: Int64): number {
    return this.readI32(address) >>> 0;
  }

  /** 8 bytes in the signed reading. */
  readI64(address: Int64): Int64 {
    const offset = offsetOf(address);
    if ((offset & 7) === 0) {
      const { view, start, marks } = this.readable(address, 8);
      if (view.getUint8(marks + ((start + offset) >> 3)) !== 0xff) this.note(address, 8);
      const high = view.getInt32(start + offset + 4, true);
      const low = view.getUint32(start + offset, true);
      // Below 2^53 in magnitude: no bigint.
      return high < 0x20_0000 && high > -0x20_0000
        ? high * 0x1_0000_0000 + low
        : fromWords(high, low);
    }
    const taint = this.taint;
    const low = this.scattered(address, 4) >>> 0;
    const high = this.scattered((address as number) + 4, 4);
    if (this.taint !== taint) this.taintSize = 8;
    return fromWords(high, low);
  }

  readF32(address: Int64): number {
    this.scratch.setInt32(0, this.readI32(address));
    return this.scratch.getFloat32(0);
  }

  readF64(address: Int64): number {
    const value = this.readI64(address);
    this.scratch.setInt32(0, high32(value));
    this.scratch.setUint32(4, low32(value));
    return this.scratch.getFloat64(0);
  }

  // ---- Stores ----------------------------------------------------------------------------------------

  write8(address: Int64, value: number): void {
    const { view, start, marks } = this.writable(address, 1);
    const offset = (address as number) & (PAGE_SIZE - 1);
    view.setInt8(start + offset, value);
    const mark = marks + ((start + offset) >> 3);
    view.setUint8(mark, view.getUint8(mark) | (1 << (offset & 7)));
  }

  write16(address: Int64, value: number): void {
    const offset = offsetOf(address);
    if ((offset & 1) !== 0) {
      this.scatter(address, 2, value);
      return;
    }
    const { view, start, marks } = this.writable(address, 2);
    view.setInt16(start + offset, value, true);
    const mark = marks + ((start + offset) >> 3);
    view.setUint8(mark, view.getUint8(mark) | (bits[2] << (offset & 7)));
  }

  write32(address: Int64, value: number): void {
    const offset = offsetOf(address);
    if ((offset & 3) !== 0) {
      this.scatter(address, 4, value);
      return;
    }
    const { view, start, marks } = this.writable(address, 4);
    view.setInt32(start + offset, value, true);
    const mark = marks + ((start + offset) >> 3);
    view.setUint8(mark, view.getUint8(mark) | (bits[4] << (offset & 4)));
  }

  write64(address: Int64, value: Int64): void {
    const offset = offsetOf(address);
    if ((offset & 7) === 0) {
      const { view, start, marks } = this.writable(address, 8);
      if (typeof value === 'number') {
        view.setInt32(start + offset, value, true);
        view.setInt32(start + offset + 4, Math.floor(value / 0x1_0000_0000), true);
      } else {
        view.setBigInt64(start + offset, value, true);
      }
      view.setUint8(marks + ((start + offset) >> 3), 0xff);
      return;
    }
    // Both halves have to be there before the first is stored.
    this.probe(address, 8, 'write');
    this.scatter(address, 4, low32(value));
    this.scatter((address as number) + 4, 4, high32(value));
  }

  writeF32(address: Int64, value: number): void {
    this.scratch.setFloat32(0, value);
    this.write32(address, this.scratch.getInt32(0));
  }

  writeF64(address: Int64, value: number): void {
    this.scratch.setFloat64(0, value);
    this.write64(address, fromWords(this.scratch.getInt32(0), this.scratch.getUint32(4)));
  }

  /** The page to write a range to that lies in one page; undefined when it crosses into another. */
  span(address: number, length: number): Place | undefined {
    return (address & (PAGE_SIZE - 1)) + length <= PAGE_SIZE
      ? this.writable(address, length)
      : undefined;
  }

  /** As `span`, to read. */
  readSpan(address: number, length: number): Place | undefined {
    return (address & (PAGE_SIZE - 1)) + length <= PAGE_SIZE
      ? this.readable(address, length)
      : undefined;
  }

  // ---- Ranges ----------------------------------------------------------------------------------------

  /** Bytes as they are; no judgement about written marks. */
  readBytes(address: Int64, length: number): Uint8Array {
    this.probeLong(address, length);
    const bytes = new Uint8Array(length);
    this.pieces(address, length, 'read', (page, offset, count, done) => {
      bytes.set(page.bytes.subarray(offset, offset + count), done);
    });
    return bytes;
  }

  /** One bit for each byte, as a page has them. */
  readMarks(address: Int64, length: number): Uint8Array {
    this.probeLong(address, length);
    const written = new Uint8Array((length + 7) >> 3);
    if (this.isRegister(address, length, 'read')) return written.fill(0xff);
    this.pieces(address, length, 'read', (page, offset, count, done) => {
      for (let index = 0; index < count; index++) {
        const at = offset + index;
        if (((page.written[at >> 3] ?? 0) & (1 << (at & 7))) === 0) continue;
        const to = done + index;
        written[to >> 3] = (written[to >> 3] ?? 0) | (1 << (to & 7));
      }
    });
    return written;
  }

  writeBytes(address: Int64, bytes: Uint8Array): void {
    this.pieces(address, bytes.length, 'write', (page, offset, count, done) => {
      page.bytes.set(bytes.subarray(done, done + count), offset);
      markWritten(page.written, offset, count);
    });
  }

  /** Moves bytes with their marks; the ranges may overlap. */
  copy(destination: Int64, source: Int64, length: number): void {
    if (length === 0) return;
    const bytes = this.readBytes(source, length);
    const isWhole = this.firstUnwritten(source, length) === undefined;
    const bits = isWhole ? undefined : this.writtenBits(source, length);
    if (!isWhole) this.guard?.read(source as number, length);
    this.writeBytes(destination, bytes);
    if (bits !== undefined) this.setWrittenBits(destination, bits);
  }

  fill(destination: Int64, length: number, byte: number): void {
    this.pieces(destination, length, 'write', (page, offset, count) => {
      page.bytes.fill(byte, offset, offset + count);
      markWritten(page.written, offset, count);
    });
  }

  /** The bytes stay but count as never written. */
  forget(address: Int64, length: number): void {
    this.revive(address, length);
    this.forgetPartly(address, length);
  }

  /**
   * As `forget` for what cannot hold bit-fields, whose bytes may be written in part: the frame of a call, a local. It is
   * what generated code does.
   */
  revive(address: Int64, length: number): void {
    const page = typeof address === 'number' ? this.span(address, length) : undefined;
    if (page !== undefined) {
      clearMarks(page.written, (address as number) & (PAGE_SIZE - 1), length);
      return;
    }
    this.pieces(address, length, 'write', (page, offset, count) => {
      clearMarks(page.written, offset, count);
    });
  }

  /** Bytes that are written in part count as never written. */
  forgetPartly(address: Int64, length: number): void {
    this.pieces(address, length, 'write', (page, offset, count) => {
      if (page.partly !== undefined) forgetPartly(page, offset, count);
    });
  }

  /** Which bits of each byte of a range were written. */
  writtenBits(address: Int64, length: number): Uint8Array {
    const bits = new Uint8Array(length);
    if (this.isRegister(address, length, 'read')) return bits.fill(0xff);
    this.pieces(address, length, 'read', (page, offset, count, done) => {
      bits.set(writtenBits(page, offset, count), done);
    });
    return bits;
  }

  /** Makes exactly these bits of the bytes from an address on count as written; no write of the program. */
  setWrittenBits(address: Int64, bits: Uint8Array): void {
    this.isAccepting = true;
    try {
      this.pieces(address, bits.length, 'write', (page, offset, count, done) => {
        markBits(page, offset, bits.subarray(done, done + count));
      });
    } finally {
      this.isAccepting = false;
    }
  }

  /** The bytes count as written from now on; used once a never-written value was reported. */
  accept(address: Int64, length: number): void {
    this.isAccepting = true;
    try {
      this.pieces(address, length, 'write', (page, offset, count) => {
        markWritten(page.written, offset, count);
      });
    } finally {
      this.isAccepting = false;
    }
  }

  /** The address of the first byte of a range that was never written, or undefined. */
  firstUnwritten(address: Int64, length: number): number | undefined {
    let found: number | undefined;
    if (this.isRegister(address, length, 'read')) return found;
    this.pieces(address, length, 'read', (page, offset, count, done) => {
      if (found !== undefined) return;
      const at = firstUnwritten(page.written, offset, count);
      if (at >= 0) found = (address as number) + done + (at - offset);
    });
    return found;
  }

  probe(address: Int64, length: number, access: 'read' | 'write'): void {
    if (length <= 0) return;
    if (typeof address !== 'number') throw new Fault('nonCanonical', access, address, length);
    for (let done = 0; done < length; ) {
      const part = Math.min(PAGE_SIZE - byteOffset(address + done), length - done);
      this.probePage(address + done, part, access);
      done += part;
    }
  }

  /** Faults as an access would, and touches no register. */
  private probePage(address: number, length: number, access: 'read' | 'write'): void {
    if (this.isRegister(address, length, access)) return;
    if (access === 'read') this.readable(address, length);
    else this.writable(address, length);
  }

  private isRegister(address: Int64, length: number, access: 'read' | 'write'): boolean {
    const { registers } = this;
    if (registers === undefined || typeof address !== 'number' || length <= 0) return false;
    // Registers are never cached.
    const entry = ((address | 0) >>> PAGE_SHIFT) & this.mask;
    const tags = access === 'read' ? this.readTags : this.writeTags;
    if (this.version === this.store.version && tags[entry] === pageAlign(address)) return false;
    return registers.covers(this.translate(address, access, length));
  }

  /** A length from a hostile program faults before anything is allocated for it. */
  private probeLong(address: Int64, length: number): void {
    if (length > LONG) this.probe(address, length, 'read');
  }

  /** Throws the fault that executing at the address raises. */
  execute(address: Int64): void {
    if (typeof address !== 'number' || !isCanonical(address)) {
      throw new Fault('nonCanonical', 'execute', address, 4);
    }
    const mapping = this.spaceOf(address, 'execute', 4).find(address);
    if (mapping === undefined || frameInMapping(mapping, address) === undefined) {
      throw new Fault('notPresent', 'execute', address, 4);
    }
    const allowed = mapping.protection.startsWith('execute');
    if (!allowed || (this.mode === 'user' && !mapping.user)) {
      throw new Fault('protection', 'execute', address, 4);
    }
  }

  /** Forgets translations that no longer hold. */
  refresh(): void {
    if (this.version !== this.store.version) this.renew();
  }

  /** Forgets all translations. */
  flush(): void {
    this.readTags.fill(Number.NaN);
    this.readWords.fill(NOWHERE);
    this.writeTags.fill(Number.NaN);
    this.writeWords.fill(NOWHERE);
    this.replaceable.clear();
    this.known = undefined;
    this.current();
  }

  /** Forgets what is stale: after a snapshot only where to write. */
  private renew(): void {
    if (this.places !== this.store.places) {
      this.flush();
      return;
    }
    this.writeTags.fill(Number.NaN);
    this.writeWords.fill(NOWHERE);
    this.current();
  }

  private current(): void {
    this.version = this.store.version;
    this.places = this.store.places;
    if (this.fetched > 2 * this.mask && this.mask + 1 < MOST_ENTRIES) this.grow();
    this.fetched = 0;
  }

  /** The cache keeps up with programs that walk through more pages than it holds. */
  private grow(): void {
    const entries = Math.min((this.mask + 1) * 8, MOST_ENTRIES);
    this.readTags = new Float64Array(entries).fill(Number.NaN);
    this.readViews = new Array(entries).fill(undefined);
    this.readWords = new Int32Array(entries * 4).fill(NOWHERE);
    this.readPlaces = new Array(entries).fill(undefined);
    this.writeTags = new Float64Array(entries).fill(Number.NaN);
    this.writeViews = new Array(entries).fill(undefined);
    this.writeWords = new Int32Array(entries * 4).fill(NOWHERE);
    this.writePlaces = new Array(entries).fill(undefined);
    this.replaceable.clear();
    this.mask = entries - 1;
    this.fetched = 0;
  }

  // ---- Translation -----------------------------------------------------------------------------------

  /** Where a frame lies, to read and to write without asking; undefined for what is watched or faults. */
  framePlace(fp: number): Place | undefined {
    this.refresh();
    const entry = (fp >>> PAGE_SHIFT) & this.mask;
    if (this.writeTags[entry] === fp - byteOffset(fp)) return this.writePlaces[entry];
    return this.placeToWrite(fp, 8);
  }

  /** Where an access goes that the caches do not know; undefined when it faults or is watched. */
  placeToRead(address: number, size: number): Place | undefined {
    return this.placeIf('read', address, size);
  }

  placeToWrite(address: number, size: number): Place | undefined {
    return this.placeIf('write', address, size);
  }

  private placeIf(access: 'read' | 'write', address: number, size: number): Place | undefined {
    try {
      const frame = this.translate(address, access, size);
      if (this.watch?.covers(address, frame) || this.registers?.covers(frame)) return undefined;
      if (access === 'write' && this.guard?.covers(address)) return undefined;
      const place = access === 'read' ? this.readable(address, size) : this.writable(address, size);
      if (this.version !== this.store.version) this.renew();
      return place;
    } catch (error) {
      if (error instanceof Fault) return undefined;
      throw error;
    }
  }

  private note(address: Int64, size: number): void {
    if (this.guard?.read(address as number, size) || this.taint !== 0) return;
    this.taintField = undefined;
    const start = address as number;
    this.taint = this.firstUnwritten(start, size) ?? start;
    this.taintSize = start + size - this.taint;
  }

  protected readable(address: Int64, size: number): Place {
    if (this.version !== this.store.version) this.renew();
    if (typeof address === 'number') {
      const low = address | 0;
      const entry = (low >>> PAGE_SHIFT) & this.mask;
      if (this.readTags[entry] === address - (low & (PAGE_SIZE - 1))) {
        const place = this.readPlaces[entry];
        if (place !== undefined) return place;
      }
      return this.fetch(address, size);
    }
    throw new Fault('nonCanonical', 'read', address, size);
  }

  protected writable(address: Int64, size: number): Place {
    if (this.version !== this.store.version) this.renew();
    if (typeof address === 'number') {
      const low = address | 0;
      const entry = (low >>> PAGE_SHIFT) & this.mask;
      if (this.writeTags[entry] === address - (low & (PAGE_SIZE - 1))) {
        const place = this.writePlaces[entry];
        if (place !== undefined) return place;
      }
      return this.fetchForWrite(address, size);
    }
    throw new Fault('nonCanonical', 'write', address, size);
  }

  /** Translates, checks, and remembers the page unless it is watched. */
  private fetch(address: number, size: number): Place {
    const frame = this.translate(address, 'read', size);
    const register = this.registers?.page('read', frame, address, size);
    if (register !== undefined) return register;
    const page = this.memory.readPage(frame, this.near(address));
    const { place } = page;
    if (this.watch?.covers(address, frame)) {
      this.watch.touched(address, frame, size, 'read');
    } else if (this.version === this.store.version) {
      this.makeRoom();
      const entry = (address >>> PAGE_SHIFT) & this.mask;
      if (!page.stays) {
        // One place for each frame: a page seen at two addresses is fetched anew at the other.
        const other = this.replaceable.get(page.frame);
        if (other !== undefined) this.forgetEntry(other);
        this.replaceable.set(page.frame, entry);
      }
      const tag = address - byteOffset(address);
      this.readTags[entry] = tag;
      this.readPlaces[entry] = place;
      this.readViews[entry] = place.view;
      setWords(this.readWords, entry * 4, tag, place);
    }
    return place;
  }

  /** As `fetch`; the page is made private to the present first. */
  private fetchForWrite(address: number, size: number): Place {
    const frame = this.translate(address, 'write', size);
    const register = this.registers?.page('write', frame, address, size);
    if (register !== undefined) return register;
    const { place } = this.memory.writePage(frame, this.near(address));
    if (this.watch?.covers(address, frame)) {
      this.watch.touched(address, frame, size, 'write');
    } else if (this.guard?.covers(address)) {
      if (!this.isAccepting) this.guard.written(address, size);
    } else {
      this.makeRoom();
      const entry = (address >>> PAGE_SHIFT) & this.mask;
      const tag = address - byteOffset(address);
      this.writeTags[entry] = tag;
      this.writePlaces[entry] = place;
      this.writeViews[entry] = place.view;
      setWords(this.writeWords, entry * 4, tag, place);
    }
    return place;
  }

  private forgetEntry(entry: number): void {
    this.readTags[entry] = Number.NaN;
    this.readWords[entry * 4] = NOWHERE;
  }

  /** Numbers pages in the order of their addresses, those of another space elsewhere. */
  private near(address: number): number {
    const space = address < 0 ? this.system : this.user;
    return (space?.number ?? 0) * PAGES_PER_SPACE + Math.floor(address / PAGE_SIZE);
  }

  private makeRoom(): void {
    this.fetched++;
    if (this.fetched > 2 * this.mask && this.mask + 1 < MOST_ENTRIES) this.grow();
  }

  /** The frame behind an address, or the fault of the access. */
  protected translate(address: number, access: 'read' | 'write', size: number) {
    if (!isCanonical(address)) throw new Fault('nonCanonical', access, address, size);
    const space = this.spaceOf(address, access, size);
    this.refresh();
    const { known } = this;
    const isKnown =
      known !== undefined &&
      address >= known.start &&
      address < known.start + known.pages * PAGE_SIZE;
    let mapping = isKnown ? known : space.find(address);
    let frame = mapping && frameInMapping(mapping, address);
    if (frame === undefined && mapping?.paged !== undefined && space.pageIn(address)) {
      mapping = space.find(address);
      frame = mapping && frameInMapping(mapping, address);
    }
    if (mapping === undefined || frame === undefined || mapping.absent !== undefined) {
      throw new Fault('notPresent', access, address, size);
    }
    if (!permits(mapping, access) || (this.mode === 'user' && !mapping.user)) {
      throw new Fault('protection', access, address, size);
    }
    if (this.version === this.store.version) this.known = mapping;
    return frame;
  }

  /** The half of the address space: system addresses are negative in their signed reading. */
  private spaceOf(
    address: number,
    access: 'read' | 'write' | 'execute',
    size: number,
  ): AddressSpace {
    if (address < 0) {
      if (this.mode === 'user') throw new Fault('protection', access, address, size);
      return this.system;
    }
    if (this.user === undefined) throw new Fault('notPresent', access, address, size);
    return this.user;
  }

  /** 1 to 4 bytes that are not aligned, or cross a page. */
  private scattered(address: Int64, size: number): number {
    let value = 0;
    let at: number | undefined;
    this.pieces(address, size, 'read', (page, offset, count, done) => {
      for (let index = 0; index < count; index++) {
        value |= (page.bytes[offset + index] ?? 0) << (8 * (done + index));
      }
      const unwritten = firstUnwritten(page.written, offset, count);
      if (unwritten >= 0) at ??= (address as number) + done + (unwritten - offset);
    });
    if (at === undefined || this.guard?.read(address as number, size)) return value;
    if (this.taint === 0) {
      this.taintField = undefined;
      this.taint = at;
      this.taintSize = (address as number) + size - at;
    }
    return value;
  }

  /** Stores 1 to 4 bytes that are not aligned, or cross a page. */
  private scatter(address: Int64, size: number, value: number): void {
    const bytes = new Uint8Array(size);
    for (let index = 0; index < size; index++) bytes[index] = value >>> (8 * index);
    this.writeBytes(address, bytes);
  }

  /** Every page part of a range; all of them are translated before the first is handed out. */
  private pieces(
    address: Int64,
    length: number,
    access: 'read' | 'write',
    use: (page: Place, offset: number, count: number, done: number) => void,
  ): void {
    if (length <= 0) return;
    if (typeof address !== 'number') throw new Fault('nonCanonical', access, address, length);
    const first = byteOffset(address);
    if (first + length <= PAGE_SIZE) {
      const page =
        access === 'read' ? this.readable(address, length) : this.writable(address, length);
      use(page, first, length, 0);
      return;
    }
    for (let done = 0; done < length; ) {
      const part = Math.min(PAGE_SIZE - byteOffset(address + done), length - done);
      this.probePage(address + done, part, access);
      done += part;
    }
    for (let done = 0; done < length; ) {
      const offset = byteOffset(address + done);
      const part = Math.min(PAGE_SIZE - offset, length - done);
      const page =
        access === 'read'
          ? this.readable(address + done, part)
          : this.writable(address + done, part);
      use(page, offset, part, done);
      done += part;
    }
  }
}

function setWords(words: Int32Array, at: number, address: number, { start, marks }: Place): void {
  words[at] = address;
  words[at + 1] = Math.floor(address / 0x1_0000_0000);
  words[at + 2] = start;
  words[at + 3] = marks;
}

/** Within the page; 1 for what is no address, so that it counts as not aligned and faults further on. */
const offsetOf = (address: Int64): number =>
  typeof address === 'number' ? address & (PAGE_SIZE - 1) : 1;

/** Kernel mode honours protection as well: CR0.WP is set. */
function permits(mapping: Mapping, access: 'read' | 'write'): boolean {
  switch (mapping.protection) {
    case 'readWrite':
    case 'executeReadWrite':
      return true;
    case 'readOnly':
    case 'execute':
    case 'executeRead':
      return access === 'read';
    case 'noAccess':
      return false;
  }
}

/** As `markUnwritten`, by whole groups of eight where it can. */
function clearMarks(written: Uint8Array, offset: number, length: number): void {
  if (((offset | length) & 7) === 0) {
    written.fill(0, offset >> 3, (offset + length) >> 3);
    return;
  }
  const end = offset + length;
  const first = (offset + 7) >> 3;
  const last = end >> 3;
  if (first >= last) {
    markUnwritten(written, offset, length);
    return;
  }
  markUnwritten(written, offset, first * 8 - offset);
  written.fill(0, first, last);
  markUnwritten(written, last * 8, end - last * 8);
}
