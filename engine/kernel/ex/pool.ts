/**
 * Pools. Blocks of less than a page lie in pages of their kind, each behind a header of 16 bytes in emulated
 * memory that freeing reads back; larger ones are whole pages. Which parts of a page are free is kept beside,
 * and so is what each block was: that only diagnoses.
 *
 * Header, as the kernel's symbols have it on x64: PreviousSize, PoolIndex, BlockSize, PoolType (a byte each,
 * sizes in units of 16 bytes), PoolTag, ProcessBilled.
 */
import {
  byteOffset,
  bytesToPages,
  PAGE_SIZE,
  pageAlign,
  type VirtualAddress,
  virtual,
} from '../../base/addresses.ts';
import type { Measure } from '../../base/ordered-map.ts';
import type { Table } from '../../base/store.ts';
import { anyFrames, type FrameGrant, type FrameRefusal } from '../../machine/frames.ts';
import { describeHolding } from '../mm/describe.ts';
import type { MemoryManager } from '../mm/memory-manager.ts';
import { firstWritten, forgetWritten } from '../mm/written-marks.ts';
import type { PoolRequest } from '../services.ts';
import { SystemMemory } from '../system-memory.ts';

/** Bytes of a pool header and the unit of block sizes. */
export const POOL_UNIT = 16;
/** The largest request that shares its page with others. */
export const LARGEST_SHARED = PAGE_SIZE - 2 * POOL_UNIT;
const UNITS_PER_PAGE = PAGE_SIZE / POOL_UNIT;
/** What a page of special pool holds around its block. */
const SPECIAL_FILL = 0x5f;
/** PoolType of a block in use; bit 0 marks paged pool. */
const IN_USE = 2;

export type SpecialPlace = 'end' | 'start';

export interface PoolAllocation extends PoolRequest {
  /** The kernel's own: from what Windows keeps for itself, and never beside a driver's blocks. */
  readonly system: boolean;
  /**
   * A page of its own between inaccessible ones (special pool): with the block at its end, where an overrun
   * faults, or at its start, where an underrun does.
   */
  readonly special?: SpecialPlace | undefined;
  /** A start that is a multiple of the cache line. */
  readonly cacheAligned?: boolean;
  /** Only this NUMA node. */
  readonly node?: number;
  /** The NUMA node that blocks with pages of their own come from while it has any; then that of the processor. */
  readonly preferredNode?: number;
}

export type PoolAnswer =
  | {
      readonly granted: true;
      readonly address: VirtualAddress;
      /** A byte of the place that was written since it was free, and what lay there. */
      readonly stale?: { readonly at: number; readonly what: string } | undefined;
    }
  | FrameRefusal;

/** One block, live or freed, by its address. Plain data. */
export interface PoolBlock {
  /** `shared` blocks have a header; `pages` and `special` ones do not. */
  readonly kind: 'shared' | 'pages' | 'special';
  readonly bytes: number;
  readonly tag: number;
  readonly paged: boolean;
  readonly live: boolean;
  /** The ledger's number; the kernel's own blocks have none. */
  readonly holding: number | undefined;
}

/** What freeing an address would find. */
export type FreeJudgement =
  | { readonly kind: 'block'; readonly block: PoolBlock }
  /** The header and its neighbours disagree. */
  | {
      readonly kind: 'damaged';
      readonly block: PoolBlock;
      readonly next: number;
      readonly why: string;
    }
  | { readonly kind: 'freed'; readonly block: PoolBlock }
  /** Inside a block, not at its start. */
  | { readonly kind: 'interior'; readonly block: PoolBlock; readonly start: number }
  | { readonly kind: 'notPool' };

/** A byte that was written around a block. */
export interface PoolDamage {
  readonly at: number;
  readonly before: boolean;
  /** Bits that differ from special pool's pattern; 8 outside of special pool, where there is none. */
  readonly bits: number;
}

/** The longest free stretch of a subtree. */
interface Longest {
  readonly units: number;
}

const longestUnits: Measure<number, number, Longest> = {
  of: (_address, units) => ({ units }),
  join: (left, right) => ({ units: Math.max(left.units, right.units) }),
};

/** How many live blocks belong to drivers. */
interface DriverBlocks {
  readonly live: number;
}

const countDriverBlocks: Measure<number, PoolBlock, DriverBlocks> = {
  of: (_address, block) => ({ live: block.live && block.holding !== undefined ? 1 : 0 }),
  join: (left, right) => ({ live: left.live + right.live }),
};

const arenas = ['nonpaged', 'executable', 'paged'] as const;
type ArenaName = `${(typeof arenas)[number]}${'' | '.system'}`;

/** The pools of one host. */
export class Pool {
  /** Free stretches of shared pages by address, in units; one table for each kind of page. */
  private readonly free: ReadonlyMap<string, Table<number, number, Longest>>;
  /** Shared pages by address, with their kind. */
  private readonly pages: Table<number, ArenaName>;
  /** Blocks by address. A freed one is kept until another block takes its place. */
  private readonly blocks: Table<number, PoolBlock, DriverBlocks>;
  private readonly bytes: SystemMemory;

  constructor(private readonly memory: MemoryManager) {
    const { store, host } = memory;
    const free = new Map<string, Table<number, number, Longest>>();
    for (const name of arenas) {
      for (const suffix of ['', '.system']) {
        free.set(name + suffix, store.table(`${host.name}.pool.${name}${suffix}`, longestUnits));
      }
    }
    this.free = free;
    this.pages = store.table(`${host.name}.pool.pages`);
    this.blocks = store.table(`${host.name}.pool.blocks`, countDriverBlocks);
    this.bytes = new SystemMemory(host);
  }

  /** The block that starts at exactly this address, live or the last one that did. */
  blockAt(address: number): PoolBlock | undefined {
    return this.memory.store.get(this.blocks, address);
  }

  /** Live blocks that drivers hold. */
  get driverBlocks(): number {
    return this.memory.store.all(this.blocks).total?.live ?? 0;
  }

  /** Live blocks of drivers by address: `count` from number `start` on. */
  listDriverBlocks(
    start: number,
    count: number,
  ): readonly { readonly address: number; readonly block: PoolBlock }[] {
    const blocks = this.memory.store.all(this.blocks);
    const found: { address: number; block: PoolBlock }[] = [];
    for (let index = start; index < start + count; index++) {
      const entry = blocks.nth((part) => part.live, index);
      if (entry === undefined) break;
      found.push({ address: entry[0], block: entry[1] });
    }
    return found;
  }

  /** Names the holding behind a block. */
  attribute(address: VirtualAddress, holding: number): void {
    const block = this.blockAt(address);
    if (block === undefined) return;
    this.memory.store.set(this.blocks, address, { ...block, holding });
    if (block.kind !== 'shared') {
      this.memory.attribute(pageAlign(address), holding, ownerName(block.paged));
    }
  }

  /** Memory of a pool, never written unless it is to be zeroed. */
  allocate(request: PoolAllocation): PoolAnswer {
    const special = request.bytes <= LARGEST_SHARED ? request.special : undefined;
    const shared = !special && request.bytes <= LARGEST_SHARED && request.cacheAligned !== true;
    const answer = shared ? this.allocateShared(request) : this.allocatePages(request, special);
    // Special pool that is exhausted is no reason to refuse.
    if (!answer.granted && special) return this.allocate({ ...request, special: undefined });
    if (!answer.granted) return answer;
    this.memory.store.set(this.blocks, answer.address, {
      kind: shared ? 'shared' : special ? 'special' : 'pages',
      bytes: request.bytes,
      tag: request.tag,
      paged: request.paged,
      live: true,
      holding: undefined,
    });
    if (request.zeroed) this.zero(answer.address, request.bytes);
    return answer;
  }

  /** What freeing the address would find, by the bytes of its header. */
  judge(address: number): FreeJudgement {
    const mapping = this.memory.host.system.find(address);
    const block = this.blockAt(address);
    if (mapping === undefined || (mapping.runs.length === 0 && block === undefined)) {
      return { kind: 'notPool' };
    }
    if (block === undefined) {
      const around = this.blockAround(address);
      return around?.block.live === true
        ? { kind: 'interior', block: around.block, start: around.start }
        : around !== undefined
          ? { kind: 'freed', block: around.block }
          : { kind: 'notPool' };
    }
    if (!block.live) return { kind: 'freed', block };
    if (block.kind !== 'shared') return { kind: 'block', block };
    const header = address - POOL_UNIT;
    const size = this.bytes.readUnsigned(header + 2, 1);
    const next = header + size * POOL_UNIT;
    const damaged = (why: string): FreeJudgement => ({ kind: 'damaged', block, next, why });
    if ((this.bytes.readUnsigned(header + 3, 1) & IN_USE) === 0) {
      return damaged('its header is not that of a block in use');
    }
    if (size === 0 || byteOffset(header) + size * POOL_UNIT > PAGE_SIZE) {
      return damaged(`its header says ${size * POOL_UNIT} bytes, which leave the page`);
    }
    if (byteOffset(next) !== 0 && this.bytes.readUnsigned(next, 1) !== size) {
      return damaged('the header behind it does not fit its size');
    }
    const previous = this.bytes.readUnsigned(header, 1);
    const before = header - previous * POOL_UNIT;
    if (byteOffset(header) !== 0) {
      const fits =
        previous !== 0 &&
        pageAlign(before) === pageAlign(header) &&
        this.bytes.readUnsigned(before + 2, 1) === previous;
      if (!fits) return damaged('its header does not fit the block before it');
    }
    return { kind: 'block', block };
  }

  /** The tag that a block's header holds (that of its allocation when it has no header). */
  tagAt(address: number): number {
    const block = this.blockAt(address);
    return block?.kind === 'shared'
      ? this.bytes.readUnsigned(address - POOL_UNIT + 4, 4)
      : (block?.tag ?? 0);
  }

  /**
   * The first byte that was written outside the block but inside the memory that came with it: slack behind
   * it, and before it in special pool.
   */
  damageAround(address: number): PoolDamage | undefined {
    const block = this.blockAt(address);
    if (block === undefined) return undefined;
    const start = block.kind === 'special' ? pageAlign(address) : address;
    const end = address + this.capacity(address, block);
    const isSpecial = block.kind === 'special';
    return (
      this.damageIn(start, address, true, isSpecial) ??
      this.damageIn(address + block.bytes, end, false, isSpecial)
    );
  }

  private damageIn(
    start: number,
    end: number,
    before: boolean,
    isSpecial: boolean,
  ): PoolDamage | undefined {
    if (end <= start) return undefined;
    if (isSpecial) {
      // Windows sees bytes that differ from the pattern, whoever wrote them.
      const bytes = this.specialBytes(start, end - start);
      const changed = bytes.findIndex((byte) => byte !== SPECIAL_FILL);
      if (changed >= 0) {
        const bits = bitsIn((bytes[changed] ?? 0) ^ SPECIAL_FILL);
        return { at: start + changed, before, bits };
      }
    }
    const first = firstWritten(this.memory.host, start, end - start);
    if (first === undefined) return undefined;
    return { at: first, before, bits: isSpecial ? 0 : 8 };
  }

  /** Bytes of a page of special pool, which comes back from the page file first. */
  private specialBytes(start: number, length: number): Uint8Array {
    this.bytes.readUnsigned(start, 1);
    const at = this.memory.physicalOf(start);
    return at === undefined ? new Uint8Array() : this.memory.host.memory.peek(at, length);
  }

  /** Frees a block that `judge` found sound; answers its record. */
  release(address: number): PoolBlock | undefined {
    const { store } = this.memory;
    const block = this.blockAt(address);
    if (block === undefined || !block.live) return undefined;
    store.set(this.blocks, address, { ...block, live: false });
    if (block.kind === 'shared') {
      this.releaseShared(address);
    } else {
      const start = pageAlign(virtual(address));
      const runs = this.memory.host.system.mappings.get(start)?.runs ?? [];
      this.memory.unmapSystem(start);
      this.memory.freeFrames(runs);
    }
    return block;
  }

  /** The block that covers an address, live or freed, or the header before it. */
  blockAround(address: number): { readonly start: number; readonly block: PoolBlock } | undefined {
    const entry = this.memory.store.all(this.blocks).atOrBelow(address);
    if (entry === undefined) return undefined;
    const [start, block] = entry;
    const end =
      block.kind === 'pages'
        ? start + Math.ceil(block.bytes / PAGE_SIZE) * PAGE_SIZE
        : block.kind === 'special'
          ? pageAlign(start) + PAGE_SIZE
          : start + roundUp(block.bytes);
    return address < end ? { start, block } : undefined;
  }

  /** What the block at an address is, in words; undefined when no pool lies there. */
  describe(address: number): string | undefined {
    const found = this.blockAround(address);
    if (found === undefined) return undefined;
    const { block, start } = found;
    const holding = block.holding === undefined ? undefined : this.memory.ledger.get(block.holding);
    const offset = address - start;
    const where = offset === 0 ? '' : `byte ${offset} of `;
    return holding === undefined
      ? `${where}${block.bytes} bytes of the system's ${ownerName(block.paged)}${block.live ? '' : ', freed'}`
      : `${where}${describeHolding(holding)}`;
  }

  /** As `describe`; undefined for what is no freed block. */
  describeFreed(address: number): string | undefined {
    const found = this.blockAround(address);
    return found === undefined || found.block.live ? undefined : this.describe(address);
  }

  // ---- Shared pages --------------------------------------------------------------------------------

  /** First fit by address within the pages of a kind; what is left of the stretch stays free behind the block. */
  private allocateShared(request: PoolAllocation): PoolAnswer {
    const { store } = this.memory;
    const name = arenaOf(request);
    const free = this.arena(name);
    const units = Math.ceil(request.bytes / POOL_UNIT) + 1;
    const find = (): readonly [number, number] | undefined =>
      store.all(free).findFirst(
        (longest) => longest.units >= units,
        (_at, size) => size >= units,
      );
    let found = find();
    if (found === undefined) {
      const page = this.addPage(request, name);
      if (!page.granted) return page;
      found = find();
    }
    if (found === undefined) throw new Error('a fresh pool page holds no block');
    const [header, size] = found;
    store.delete(free, header);
    const previous = byteOffset(header) === 0 ? 0 : this.bytes.readUnsigned(header, 1);
    const stale = firstWritten(this.memory.host, header + POOL_UNIT, (units - 1) * POOL_UNIT);
    const what = stale === undefined ? undefined : (this.describe(stale) ?? 'no block');
    forgetWritten(this.memory.host, header + POOL_UNIT, (units - 1) * POOL_UNIT);
    this.forgetBlocks(header, units * POOL_UNIT);
    this.writeHeader(header, previous, units, (request.paged ? 1 : 0) | IN_USE, request.tag);
    this.bytes.write64(header + 8, 0);
    if (size > units) {
      const rest = header + units * POOL_UNIT;
      store.set(free, rest, size - units);
      this.writeHeader(rest, units, size - units, 0, 0);
    }
    const next = header + size * POOL_UNIT;
    if (byteOffset(next) !== 0) this.bytes.write(next, 1, size > units ? size - units : units);
    return {
      granted: true,
      address: virtual(header + POOL_UNIT),
      stale: stale === undefined || what === undefined ? undefined : { at: stale, what },
    };
  }

  /** Joins the block with free neighbours. Its bytes count as never written from now on. */
  private releaseShared(address: number): void {
    const { store, host } = this.memory;
    const page = pageAlign(address);
    const name = store.get(this.pages, page);
    if (name === undefined) return;
    const free = this.arena(name);
    let header = address - POOL_UNIT;
    let units = this.bytes.readUnsigned(header + 2, 1);
    forgetWritten(host, address, (units - 1) * POOL_UNIT);
    const next = header + units * POOL_UNIT;
    const behind = pageAlign(next) === page ? store.get(free, next) : undefined;
    // Headers that are joined are memory like any other from now on.
    if (behind !== undefined) {
      store.delete(free, next);
      forgetWritten(host, next, POOL_UNIT);
      units += behind;
    }
    const before = header - this.bytes.readUnsigned(header, 1) * POOL_UNIT;
    const ahead = before < header ? store.get(free, before) : undefined;
    if (ahead !== undefined) {
      store.delete(free, before);
      forgetWritten(host, header, POOL_UNIT);
      header = before;
      units += ahead;
    }
    // One wholly free page is kept for the next request; a second one goes back.
    const full = units === UNITS_PER_PAGE;
    if (full && (store.all(free).total?.units ?? 0) === UNITS_PER_PAGE) {
      const start = virtual(page);
      const runs = host.system.mappings.get(start)?.runs ?? [];
      store.delete(this.pages, page);
      this.memory.unmapSystem(start);
      this.memory.freeFrames(runs);
      return;
    }
    store.set(free, header, units);
    const previous = byteOffset(header) === 0 ? 0 : this.bytes.readUnsigned(header, 1);
    this.writeHeader(header, previous, units, 0, 0);
    const following = header + units * POOL_UNIT;
    if (byteOffset(following) !== 0) this.bytes.write(following, 1, units);
  }

  /** One more page of a kind, wholly free. */
  private addPage(request: PoolAllocation, name: ArenaName): PoolAnswer {
    const answer = this.mapPages(request, 1, false);
    if (!answer.granted) return answer;
    this.memory.store.set(this.pages, answer.address, name);
    this.memory.store.set(this.arena(name), answer.address, UNITS_PER_PAGE);
    return answer;
  }

  /** Header of a block or of a free stretch; ProcessBilled is left alone. */
  private writeHeader(
    header: number,
    previous: number,
    units: number,
    type: number,
    tag: number,
  ): void {
    // A block of a whole page cannot say its size in a byte; only a wholly free page is that large.
    const bytes = new Uint8Array(8);
    bytes[0] = previous;
    bytes[2] = units & 0xff;
    bytes[3] = type;
    new DataView(bytes.buffer).setUint32(4, tag >>> 0, true);
    this.bytes.writeBytes(header, bytes);
  }

  /** Drops the records of freed blocks whose place a new one takes. */
  private forgetBlocks(header: number, length: number): void {
    const { store } = this.memory;
    for (const [address, block] of [...store.all(this.blocks).entries(header)]) {
      if (address >= header + length) break;
      if (!block.live) store.delete(this.blocks, address);
    }
  }

  // ---- Whole pages ---------------------------------------------------------------------------------

  /** Whole pages; special pool places the block at the end (or start) of its page. */
  private allocatePages(request: PoolAllocation, special: SpecialPlace | undefined): PoolAnswer {
    const pages = Math.max(1, bytesToPages(request.bytes));
    const answer = this.mapPages(request, pages, special !== undefined);
    if (!answer.granted || special === undefined) return answer;
    this.bytes.fill(answer.address, PAGE_SIZE, SPECIAL_FILL);
    forgetWritten(this.memory.host, answer.address, PAGE_SIZE);
    const offset = special === 'end' ? PAGE_SIZE - roundUp(request.bytes) : 0;
    return { granted: true, address: virtual(answer.address + offset) };
  }

  /** Frames, address space and mapping for pool pages. */
  private mapPages(request: PoolAllocation, pages: number, special: boolean): PoolAnswer {
    const { memory } = this;
    const framesOf = (node: number | undefined): FrameGrant | FrameRefusal =>
      memory.allocateFrames({
        pages,
        ...anyFrames,
        node,
        owner: ownerName(request.paged),
        reserve: request.system,
      });
    const { machine, currentNode } = memory.host;
    const isFree = request.node === undefined && machine.nodes > 1 && !request.system;
    let frames = framesOf(isFree ? (request.preferredNode ?? currentNode) : request.node);
    if (!frames.granted && isFree) frames = framesOf(undefined);
    if (!frames.granted) return frames;
    const address = memory.mapSystem({
      use: special ? 'specialPool' : request.paged ? 'pagedPool' : 'nonpagedPool',
      runs: frames.runs,
      protection: request.executable ? 'executeReadWrite' : 'readWrite',
      cache: 'cached',
      pageable: request.paged,
      allocation: undefined,
    });
    if (address !== undefined) return { granted: true, address };
    memory.freeFrames(frames.runs);
    return {
      granted: false,
      rule: 'range',
      freePages: 0,
      longestRun: 0,
      longestAt: undefined,
      explanation: `no ${pages} pages of system address space are left for ${ownerName(request.paged)}`,
      page: 'bug-check-0xd8--driver-used-excessive-ptes',
    };
  }

  /** Bytes from the block's address on that came with it. */
  private capacity(address: number, block: PoolBlock): number {
    if (block.kind === 'pages') return Math.max(1, bytesToPages(block.bytes)) * PAGE_SIZE;
    if (block.kind === 'special') return pageAlign(address) + PAGE_SIZE - address;
    return roundUp(block.bytes);
  }

  /** Zeroes what was asked for; the slack behind it stays never written. */
  private zero(address: VirtualAddress, bytes: number): void {
    const whole = byteOffset(address) === 0 ? Math.floor(bytes / PAGE_SIZE) : 0;
    let left = whole;
    for (const run of this.memory.host.system.find(address)?.runs ?? []) {
      const count = Math.min(left, run.count);
      if (count > 0) this.memory.host.memory.zero(run.frame, count);
      left -= count;
    }
    const done = whole * PAGE_SIZE;
    if (bytes > done) this.bytes.fill(address + done, bytes - done, 0);
  }

  private arena(name: ArenaName): Table<number, number, Longest> {
    const table = this.free.get(name);
    if (table === undefined) throw new Error(`no pool ${name}`);
    return table;
  }
}

/** The kind of page that a request shares. */
function arenaOf(request: PoolAllocation): ArenaName {
  const kind = request.paged ? 'paged' : request.executable ? 'executable' : 'nonpaged';
  return request.system ? `${kind}.system` : kind;
}

/** Whom pool pages belong to, for views and explanations. */
function ownerName(paged: boolean): string {
  return paged ? 'paged pool' : 'nonpaged pool';
}

/** How many bits of a byte are set. */
function bitsIn(byte: number): number {
  let count = 0;
  for (let left = byte; left !== 0; left >>= 1) count += left & 1;
  return count;
}

const roundUp = (bytes: number): number => Math.ceil(bytes / POOL_UNIT) * POOL_UNIT;
