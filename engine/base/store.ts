/**
 * The one store of every mutable bit of machine, kernel, winsock and vm.
 *
 * Three kinds of state, all copy-on-write, so that a snapshot costs nothing and going back is exact:
 * pages of physical memory (bytes and, for each byte, whether it was ever written), records in ordered
 * tables (immutable values), and cells (plain numbers for the vm's hot registers).
 *
 * Nothing outside may keep mutable state of its own beyond caches that `version` invalidates.
 */
import { frame, PAGE_SIZE, type PageFrame } from './addresses.ts';
import { type Key, type Measure, OrderedMap } from './ordered-map.ts';

/** One page of physical memory. Only the store makes and replaces pages. */
export interface Page {
  readonly frame: PageFrame;
  readonly bytes: Uint8Array;
  /** The bytes and, from `MARKS` on, the written marks: whoever is in a hurry needs only this object. */
  readonly view: DataView;
  /** One bit for each byte: set once the byte was written. */
  readonly written: Uint8Array;
  /** By offset, the bits that were written of bytes that bit-fields have written in part. */
  partly?: Map<number, number>;
  /** The epoch in which this copy was made: it may be changed in place only in that epoch. */
  readonly epoch: number;
}

/** Where the written marks begin in a page's view. */
export const MARKS = PAGE_SIZE;
const MARK_BYTES = PAGE_SIZE / 8;
const PAGE_WITH_MARKS = PAGE_SIZE + MARK_BYTES;

/** Pages that share a buffer: pages made one after the other mostly go together, and a buffer for each is slow. */
const PAGES_PER_CHUNK = 16;

/** A table of immutable records; the handle is static, the contents live in the store. */
export interface Table<K extends Key, V, M = undefined> {
  readonly name: string;
  readonly index: number;
  readonly empty: OrderedMap<K, V, M>;
}

/** A state to go back to. Opaque; shares everything unchanged with the present. */
export interface Snapshot {
  readonly tables: readonly OrderedMap<Key, unknown, unknown>[];
  readonly pages: OrderedMap<PageFrame, Page>;
  readonly cells: Float64Array;
}

/** What fills a page that was never written; must depend on nothing but its argument and the seed. */
export type FillPage = (frame: PageFrame, bytes: Uint8Array) => void;

export class Store {
  private tables: OrderedMap<Key, unknown, unknown>[] = [];
  private readonly names: string[] = [];
  private pages = OrderedMap.empty<PageFrame, Page>();
  private cellCount = 0;
  private currentEpoch = 1;
  private currentVersion = 1;
  private readonly readers: ((frame: PageFrame) => void)[] = [];
  private copies = 0;
  /** Where the next pages are made, and how many of its places are taken. */
  private chunk = new ArrayBuffer(0);
  private chunkPages = PAGES_PER_CHUNK;
  /** Hot registers of the vm; allocate with `cell`. Read and written in place. */
  cells = new Float64Array(64);

  /** `fillPattern` also serves tooling that shows a page nobody ever touched. */
  constructor(readonly fillPattern: FillPage) {}

  /** Counts whatever makes fetched pages and translations stale. Caches compare it and forget all. */
  get version(): number {
    return this.currentVersion;
  }

  /** Makes caches of translations and pages stale; whoever changes a mapping calls it. */
  invalidate(): void {
    this.currentVersion++;
  }

  /** Declares a table. Call once for each table while the machine is built, always in the same order. */
  table<K extends Key, V>(name: string): Table<K, V>;
  table<K extends Key, V, M>(name: string, measure: Measure<K, V, M>): Table<K, V, M>;
  table<K extends Key, V, M>(name: string, measure?: Measure<K, V, M>): Table<K, V, M> {
    const empty =
      measure === undefined
        ? (OrderedMap.empty<K, V>() as unknown as OrderedMap<K, V, M>)
        : OrderedMap.empty<K, V, M>(measure);
    this.tables.push(empty as unknown as OrderedMap<Key, unknown, unknown>);
    this.names.push(name);
    return { name, index: this.tables.length - 1, empty };
  }

  /** Reserves a hot register and answers its index in `cells`. */
  cell(): number {
    if (this.cellCount === this.cells.length) {
      const larger = new Float64Array(this.cells.length * 2);
      larger.set(this.cells);
      this.cells = larger;
    }
    return this.cellCount++;
  }

  /** The present contents of a table, as a value that never changes. */
  all<K extends Key, V, M>(table: Table<K, V, M>): OrderedMap<K, V, M> {
    return this.tables[table.index] as unknown as OrderedMap<K, V, M>;
  }

  get<K extends Key, V, M>(table: Table<K, V, M>, key: K): V | undefined {
    return this.all(table).get(key);
  }

  set<K extends Key, V, M>(table: Table<K, V, M>, key: K, value: V): void {
    this.replace(table, this.all(table).set(key, value));
  }

  delete<K extends Key, V, M>(table: Table<K, V, M>, key: K): void {
    this.replace(table, this.all(table).delete(key));
  }

  /** Puts other contents, made from the present ones, into a table. */
  replaceAll<K extends Key, V, M>(table: Table<K, V, M>, contents: OrderedMap<K, V, M>): void {
    this.replace(table, contents);
  }

  /** Reads a record, changes it, writes it back; does nothing when there is none. */
  update<K extends Key, V, M>(table: Table<K, V, M>, key: K, change: (value: V) => V): void {
    const value = this.get(table, key);
    if (value !== undefined) this.set(table, key, change(value));
  }

  /** A page to read; undefined when nothing was ever stored there (its bytes are the fill pattern). */
  peekPage(frame: PageFrame): Page | undefined {
    return this.pages.get(frame);
  }

  /** A page to read through the machine: made on first use. A later `writePage` may replace the object. */
  readPage(frame: PageFrame): Page {
    return this.pages.get(frame) ?? this.addPage(frame);
  }

  /** A page that may be changed in place until the epoch ends. */
  writePage(frame: PageFrame): Page {
    const page = this.pages.get(frame);
    if (page === undefined) return this.addPage(frame);
    if (page.epoch === this.currentEpoch) return page;
    const copy = this.makePage(frame);
    copy.bytes.set(page.bytes);
    copy.written.set(page.written);
    if (page.partly !== undefined) copy.partly = new Map(page.partly);
    this.pages = this.pages.set(frame, copy);
    this.copies++;
    this.replaced(frame);
    return copy;
  }

  /**
   * Forgets contents and written marks of frames, as when freed memory is handed out again: the next
   * owner finds the fill pattern, never written.
   */
  discardPages(first: PageFrame, count: number): void {
    this.pages = this.pages.deleteBetween(first, frame(first + count));
    this.currentVersion++;
  }

  /** Moves pages to other frames, of which none may hold a page. */
  movePages(first: PageFrame, count: number, to: PageFrame): void {
    const moved: Page[] = [];
    for (const [at, page] of this.pages.entries(first)) {
      if (at >= first + count) break;
      moved.push({ ...page, frame: frame(to + at - first) });
    }
    this.discardPages(first, count);
    for (const page of moved) this.pages = this.pages.set(page.frame, page);
  }

  /** `forget` is told of each frame whose page another takes the place of: who fetched it to read fetches again. */
  addReader(forget: (frame: PageFrame) => void): void {
    this.readers.push(forget);
  }

  /** Tells readers that another page is behind a frame from now on. */
  replaced(frame: PageFrame): void {
    for (const forget of this.readers) forget(frame);
  }

  /** Pages of this epoch stay the same objects until it ends; older ones are replaced when they are written. */
  get epoch(): number {
    return this.currentEpoch;
  }

  /** Pages held, for the memory budget. */
  get pageCount(): number {
    return this.pages.size;
  }

  /** Pages copied so far because a snapshot held them; tells what snapshots cost. */
  get copiedPages(): number {
    return this.copies;
  }

  /** Tables and pages as they are now, for counting what snapshots share with them; pages go on changing. */
  present(): Pick<Snapshot, 'tables' | 'pages'> {
    return { tables: this.tables, pages: this.pages };
  }

  snapshot(): Snapshot {
    this.currentEpoch++;
    this.currentVersion++;
    return { tables: this.tables.slice(), pages: this.pages, cells: this.cells.slice() };
  }

  restore(snapshot: Snapshot): void {
    this.currentEpoch++;
    this.currentVersion++;
    this.tables = snapshot.tables.slice();
    this.pages = snapshot.pages;
    this.cells = snapshot.cells.slice();
  }

  /**
   * A hash over every page, record and cell. Two equal states have equal hashes, and a change of any single
   * record, byte, written mark or cell changes it. Pages that hold only their fill pattern do not count.
   */
  hash(): string {
    const hasher = new StateHasher();
    this.tables.forEach((table, index) => {
      hasher.text(this.names[index] ?? '');
      for (const [key, value] of table.entries()) {
        hasher.value(key);
        hasher.value(value);
      }
    });
    for (const page of this.pages.values()) {
      if (page.written.every((byte) => byte === 0)) continue;
      hasher.number(page.frame);
      hasher.bytes(page.bytes);
      hasher.bytes(page.written);
      for (const [offset, bits] of [...(page.partly ?? [])].sort(([a], [b]) => a - b)) {
        hasher.number(offset);
        hasher.number(bits);
      }
    }
    for (let index = 0; index < this.cellCount; index++) hasher.number(this.cells[index] ?? 0);
    return hasher.digest();
  }

  private replace<K extends Key, V, M>(table: Table<K, V, M>, contents: OrderedMap<K, V, M>): void {
    this.tables[table.index] = contents as unknown as OrderedMap<Key, unknown, unknown>;
  }

  private addPage(frame: PageFrame): Page {
    const page = this.makePage(frame);
    this.fillPattern(frame, page.bytes);
    this.pages = this.pages.set(frame, page);
    return page;
  }

  private makePage(frame: PageFrame): Page {
    if (this.chunkPages === PAGES_PER_CHUNK) {
      this.chunk = new ArrayBuffer(PAGES_PER_CHUNK * PAGE_WITH_MARKS);
      this.chunkPages = 0;
    }
    const start = PAGE_WITH_MARKS * this.chunkPages++;
    return { frame, ...pageIn(this.chunk, start), epoch: this.currentEpoch };
  }
}

/** Zeroed bytes and cleared marks, side by side in one buffer. */
export const pageBuffer = (): Pick<Page, 'bytes' | 'view' | 'written'> =>
  pageIn(new ArrayBuffer(PAGE_WITH_MARKS), 0);

function pageIn(buffer: ArrayBuffer, start: number): Pick<Page, 'bytes' | 'view' | 'written'> {
  return {
    bytes: new Uint8Array(buffer, start, PAGE_SIZE),
    view: new DataView(buffer, start, PAGE_WITH_MARKS),
    written: new Uint8Array(buffer, start + MARKS, MARK_BYTES),
  };
}

/** Two independent 32-bit FNV-1a streams over a canonical serialisation. */
class StateHasher {
  private a = 0x811c9dc5;
  private b = 0x1b873593;
  private readonly scratch = new DataView(new ArrayBuffer(8));

  bytes(bytes: Uint8Array): void {
    for (let index = 0; index < bytes.length; index++) this.byte(bytes[index] ?? 0);
  }

  number(value: number): void {
    this.scratch.setFloat64(0, value);
    this.word(this.scratch.getUint32(0));
    this.word(this.scratch.getUint32(4));
  }

  text(value: string): void {
    this.word(value.length);
    for (let index = 0; index < value.length; index++) this.word(value.charCodeAt(index));
  }

  /** Records are plain data: numbers, strings, booleans, bigints, arrays, objects, byte arrays. */
  value(value: unknown): void {
    switch (typeof value) {
      case 'number':
        this.byte(1);
        this.number(value);
        return;
      case 'string':
        this.byte(2);
        this.text(value);
        return;
      case 'boolean':
        this.byte(value ? 3 : 4);
        return;
      case 'bigint':
        this.byte(5);
        this.text(value.toString());
        return;
      case 'undefined':
        this.byte(6);
        return;
      case 'object':
        this.object(value);
        return;
      default:
        throw new TypeError(`a record in the store holds a ${typeof value}`);
    }
  }

  digest(): string {
    return (
      (this.a >>> 0).toString(16).padStart(8, '0') + (this.b >>> 0).toString(16).padStart(8, '0')
    );
  }

  private object(value: object | null): void {
    if (value === null) {
      this.byte(7);
    } else if (value instanceof Uint8Array) {
      this.byte(8);
      this.word(value.length);
      this.bytes(value);
    } else if (Array.isArray(value)) {
      this.byte(9);
      this.word(value.length);
      for (const item of value) this.value(item);
    } else if (value instanceof OrderedMap) {
      this.byte(10);
      this.word(value.size);
      for (const [key, item] of value.entries()) {
        this.value(key);
        this.value(item);
      }
    } else {
      this.byte(11);
      for (const [name, item] of Object.entries(value)) {
        if (item === undefined) continue;
        this.text(name);
        this.value(item);
      }
      this.byte(12);
    }
  }

  private word(word: number): void {
    this.byte(word & 0xff);
    this.byte((word >>> 8) & 0xff);
    this.byte((word >>> 16) & 0xff);
    this.byte(word >>> 24);
  }

  private byte(byte: number): void {
    this.a = Math.imul(this.a ^ byte, 0x01000193);
    this.b = Math.imul(this.b ^ byte, 0x85ebca6b) ^ (this.b >>> 15);
  }
}
