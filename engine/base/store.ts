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

/** Where the bytes of a page lie, with their written marks. */
export interface Place {
  /** Of many pages: this one begins at `start`, and the mark of the byte at `n` is a bit of the byte at `marks + n / 8`. */
  readonly view: DataView;
  readonly start: number;
  readonly marks: number;
  readonly bytes: Uint8Array;
  /** One bit for each byte: set once the byte was written. */
  readonly written: Uint8Array;
  /** By offset, the bits that were written of bytes that bit-fields have written in part. */
  partly?: Map<number, number> | undefined;
}

/** One page of physical memory. Only the store makes and replaces pages. */
export interface Page extends Place {
  readonly frame: PageFrame;
  /** The epoch in which this page was made: it may be changed in place only in that epoch. */
  readonly epoch: number;
  /** Where the present has the frame, until `places` changes; the page itself may move out when it is written to. */
  readonly place: Place;
  /** Whether writing leaves the frame in that place; otherwise readers are told. */
  readonly stays: boolean;
}

const MARK_BYTES = PAGE_SIZE / 8;
const PAGE_WITH_MARKS = PAGE_SIZE + MARK_BYTES;

/** Places that share a buffer. Those of the past go with their snapshots. */
const CHUNK = 16;
/** Pages that lie side by side in the order of their numbers, once so many of them have come to be. */
const NEIGHBOURS = 1_024;
const MANY = 32;
/** Places of the present that are looked at, one time after the other, before a new one is made. */
const SWEPT = 16;

/** A table of immutable records; the handle is static, the contents live in the store. */
export interface Table<K extends Key, V, M = undefined> {
  readonly name: string;
  readonly index: number;
  readonly empty: OrderedMap<K, V, M>;
}

/** A state to go back to. Opaque; shares everything unchanged with the present. */
export interface Snapshot {
  readonly tables: readonly OrderedMap<Key, unknown, unknown>[];
  readonly pages: OrderedMap<PageFrame, StoredPage>;
  readonly cells: Float64Array;
}

/** What fills a page that was never written; must depend on nothing but its argument and the seed. */
export type FillPage = (frame: PageFrame, bytes: Uint8Array) => void;

export class Store {
  private tables: OrderedMap<Key, unknown, unknown>[] = [];
  private readonly names: string[] = [];
  private pages = OrderedMap.empty<PageFrame, StoredPage>();
  private cellCount = 0;
  private currentEpoch = 1;
  private currentVersion = 1;
  private currentPlaces = 1;
  private readonly readers: ((frame: PageFrame) => void)[] = [];
  private copies = 0;
  private made = 0;
  /** By what numbers them, divided by `NEIGHBOURS`. */
  private readonly neighbourhoods = new Map<number, Neighbourhood>();
  /** Neighbourhoods with rooms, of which the first is the next to be looked at: its pages may be gone. */
  private readonly settled: number[] = [];
  /** Places for pages without many neighbours, and those of them that are free. */
  private readonly rooms: Room[] = [];
  private readonly free: Room[] = [];
  /** Rooms from here on may belong to pages that the present has given up. */
  private swept = 0;
  private unswept = 0;
  /** Where the next rooms come from, for the present and for what snapshots hold. */
  private chunk = new Chunk(CHUNK);
  private past = new Chunk(CHUNK);
  /** Hot registers of the vm; allocate with `cell`. Read and written in place. */
  cells = new Float64Array(64);

  /** `fillPattern` also serves tooling that shows a page nobody ever touched. */
  constructor(readonly fillPattern: FillPage) {}

  /** Counts whatever makes fetched pages and translations stale. Caches compare it and forget all. */
  get version(): number {
    return this.currentVersion;
  }

  /** As `version`, but a snapshot does not count: after it pages are where they were, and may not be written to. */
  get places(): number {
    return this.currentPlaces;
  }

  /** Makes caches of translations and pages stale; whoever changes a mapping calls it. */
  invalidate(): void {
    this.forget();
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

  /**
   * A page to read through the machine: made on first use. A later `writePage` may replace the object. Pages that the
   * same program goes through are quickest side by side: `near` numbers them in its order.
   */
  readPage(frame: PageFrame, near?: number): Page {
    return this.pages.get(frame) ?? this.addPage(frame, near);
  }

  /** A page that may be changed in place until the epoch ends. */
  writePage(frame: PageFrame, near?: number): Page {
    const page = this.pages.get(frame);
    if (page === undefined) return this.addPage(frame, near);
    return page.epoch === this.currentEpoch ? page : this.separate(page);
  }

  /**
   * Forgets contents and written marks of frames, as when freed memory is handed out again: the next
   * owner finds the fill pattern, never written.
   */
  discardPages(first: PageFrame, count: number): void {
    const before = this.pages;
    this.pages = before.deleteBetween(first, frame(first + count));
    if (this.pages !== before) this.unswept = this.rooms.length;
    this.forget();
  }

  /** Moves pages to other frames, of which none may hold a page. */
  movePages(first: PageFrame, count: number, to: PageFrame): void {
    const moved: StoredPage[] = [];
    for (const [at, page] of this.pages.entries(first)) {
      if (at >= first + count) break;
      moved.push(this.successor(page, frame(to + at - first)));
    }
    this.discardPages(first, count);
    for (const page of moved) this.pages = this.pages.set(page.frame, page);
  }

  /** `forget` is told of each frame that lies in another place from now on: who fetched it to read fetches again. */
  addReader(forget: (frame: PageFrame) => void): void {
    this.readers.push(forget);
  }

  /** Tells readers that a frame lies in another place from now on. */
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

  /** Pages made or copied so far: between two snapshots, those that may be changed in place. */
  get changedPages(): number {
    return this.copies + this.made;
  }

  /** Tables and pages as they are now, for counting what snapshots share with them; pages go on changing. */
  present(): Pick<Snapshot, 'tables' | 'pages'> {
    return { tables: this.tables, pages: this.pages };
  }

  snapshot(): Snapshot {
    this.currentEpoch++;
    this.currentVersion++;
    // What was fetched to read stays where it is.
    return { tables: this.tables.slice(), pages: this.pages, cells: this.cells.slice() };
  }

  restore(snapshot: Snapshot): void {
    this.currentEpoch++;
    this.forget();
    this.unswept = this.rooms.length;
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

  private forget(): void {
    this.currentVersion++;
    this.currentPlaces++;
  }

  /** A page where the store has none: zeros, all of them written. */
  addZeros(number: PageFrame, near?: number): Page {
    const page = this.makePage(number, near);
    if (page.place.isUsed) page.bytes.fill(0);
    page.place.isUsed = true;
    page.written.fill(0xff);
    return page;
  }

  private addPage(number: PageFrame, near: number | undefined): StoredPage {
    const page = this.makePage(number, near);
    page.place.isUsed = true;
    page.written.fill(0);
    this.fillPattern(number, page.bytes);
    return page;
  }

  private makePage(number: PageFrame, near: number | undefined): StoredPage {
    const page = new StoredPage(number, this.currentEpoch, this.takeRoom(near ?? -1 - number));
    page.place.owner = page;
    page.place.partly = undefined;
    this.made++;
    this.pages = this.pages.set(number, page);
    return page;
  }

  /** A page that snapshots may hold gets a successor that may be written to. */
  private separate(page: StoredPage): StoredPage {
    const { place, frame } = page;
    const next = this.successor(page, frame);
    this.pages = this.pages.set(frame, next);
    this.copies++;
    if (next.place !== place) this.replaced(frame);
    return next;
  }

  /** The same contents for the present, where it has them already if it can: then it is the past that moves out. */
  private successor(page: StoredPage, number: PageFrame): StoredPage {
    const { place } = page;
    if (place.owner !== page) {
      const next = new StoredPage(number, this.currentEpoch, this.takeRoom(-1 - number));
      next.place.copy(place);
      next.place.isUsed = true;
      next.place.owner = next;
      return next;
    }
    if (page.epoch !== this.currentEpoch) this.moveOut(page);
    const next = new StoredPage(number, this.currentEpoch, place);
    place.owner = next;
    return next;
  }

  private moveOut(page: StoredPage): void {
    if (this.past.isFull) this.past = new Chunk(CHUNK);
    const room = this.past.take();
    room.copy(page.place);
    page.place = room;
  }

  /** A place whose contents nobody needs, among its neighbours if it has many. */
  private takeRoom(number: number): Room {
    const near = Math.floor(number / NEIGHBOURS);
    let neighbourhood = this.neighbourhoods.get(near);
    if (neighbourhood === undefined) {
      neighbourhood = new Neighbourhood();
      this.neighbourhoods.set(near, neighbourhood);
    }
    if (neighbourhood.chunk === undefined) {
      if (++neighbourhood.count <= MANY) return this.takeIsland();
      neighbourhood.chunk = this.takeChunk();
      this.settled.push(near);
    }
    const room = neighbourhood.room(number - near * NEIGHBOURS);
    if (this.isTaken(room)) return this.takeIsland();
    this.vacate(room);
    return room;
  }

  /** Of a neighbourhood whose pages are all gone, if the one that is looked at now is one; else a new one. */
  private takeChunk(): Chunk {
    const near = this.settled.shift();
    const neighbourhood = near === undefined ? undefined : this.neighbourhoods.get(near);
    const chunk = neighbourhood?.chunk;
    if (near === undefined || neighbourhood === undefined || chunk === undefined) {
      return new Chunk(NEIGHBOURS);
    }
    if (neighbourhood.rooms.some((room) => room !== undefined && this.isTaken(room))) {
      this.settled.push(near);
      return new Chunk(NEIGHBOURS);
    }
    for (const room of neighbourhood.rooms) if (room !== undefined) this.vacate(room);
    this.neighbourhoods.delete(near);
    chunk.isUsed = true;
    return chunk;
  }

  /** Whether the present has a page there. */
  private isTaken({ owner }: Room): boolean {
    return owner !== undefined && this.pages.get(owner.frame) === owner;
  }

  private takeIsland(): Room {
    if (this.free.length === 0) this.sweep();
    const free = this.free.pop();
    if (free !== undefined) return free;
    if (this.chunk.isFull) this.chunk = new Chunk(CHUNK);
    const room = this.chunk.take();
    this.rooms.push(room);
    return room;
  }

  /** Finds rooms of pages that the present does not have any more. Snapshots may. */
  private sweep(): void {
    for (let step = 0; step < SWEPT && this.unswept > 0; step++) {
      this.unswept--;
      this.swept = this.swept + 1 < this.rooms.length ? this.swept + 1 : 0;
      const room = this.rooms[this.swept];
      if (room?.owner === undefined || this.isTaken(room)) continue;
      this.vacate(room);
      this.free.push(room);
    }
  }

  /** The page in a room is none of the present's. */
  private vacate(room: Room): void {
    const page = room.owner;
    if (page !== undefined && page.epoch !== this.currentEpoch) this.moveOut(page);
    room.owner = undefined;
  }
}

/** Pages whose numbers follow one another. */
class Neighbourhood {
  /** Places that were asked for before there was a chunk. */
  count = 0;
  chunk: Chunk | undefined;
  readonly rooms: (Room | undefined)[] = [];

  room(index: number): Room {
    let room = this.rooms[index];
    if (room === undefined) {
      this.chunk ??= new Chunk(NEIGHBOURS);
      room = this.chunk.at(index);
      this.rooms[index] = room;
    }
    return room;
  }
}

/** A buffer of many places: first the bytes of all, then their marks. */
class Chunk {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView<ArrayBuffer>;
  /** Its places belonged to others before. */
  isUsed = false;
  private taken = 0;

  constructor(readonly rooms: number) {
    this.bytes = new Uint8Array(rooms * PAGE_WITH_MARKS);
    this.view = new DataView(this.bytes.buffer);
  }

  get isFull(): boolean {
    return this.taken === this.rooms;
  }

  take(): Room {
    return this.at(this.taken++);
  }

  at(index: number): Room {
    return new Room(this, index * PAGE_SIZE);
  }
}

class Room implements Place {
  /** The page of the present that lies here. */
  owner: StoredPage | undefined;
  /** Otherwise its bytes are zeros. */
  isUsed: boolean;
  partly: Map<number, number> | undefined;
  readonly view: DataView;
  readonly marks: number;
  private ownBytes: Uint8Array | undefined;
  private ownMarks: Uint8Array | undefined;

  constructor(
    private readonly chunk: Chunk,
    readonly start: number,
  ) {
    this.view = chunk.view;
    this.isUsed = chunk.isUsed;
    this.marks = chunk.rooms * PAGE_SIZE;
  }

  get bytes(): Uint8Array {
    this.ownBytes ??= this.chunk.bytes.subarray(this.start, this.start + PAGE_SIZE);
    return this.ownBytes;
  }

  get written(): Uint8Array {
    const start = this.marks + this.start / 8;
    this.ownMarks ??= this.chunk.bytes.subarray(start, start + MARK_BYTES);
    return this.ownMarks;
  }

  copy({ bytes, written, partly }: Room): void {
    this.partly = partly && new Map(partly);
    this.chunk.bytes.set(bytes, this.start);
    this.chunk.bytes.set(written, this.marks + this.start / 8);
  }
}

class StoredPage implements Page {
  constructor(
    readonly frame: PageFrame,
    readonly epoch: number,
    public place: Room,
  ) {}

  get stays(): boolean {
    return this.place.owner === this;
  }

  get view(): DataView {
    return this.place.view;
  }

  get start(): number {
    return this.place.start;
  }

  get marks(): number {
    return this.place.marks;
  }

  get bytes(): Uint8Array {
    return this.place.bytes;
  }

  get written(): Uint8Array {
    return this.place.written;
  }

  get partly(): Map<number, number> | undefined {
    return this.place.partly;
  }

  set partly(partly: Map<number, number> | undefined) {
    this.place.partly = partly;
  }
}

/** A page outside of the store: zeroed bytes and cleared marks. */
export function loosePage(frame: PageFrame, epoch = -1): Page {
  const place = new Chunk(1).take();
  const { view, start, marks, bytes, written } = place;
  return { frame, epoch, view, start, marks, bytes, written, place, stays: false };
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
