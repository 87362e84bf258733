/**
 * The memory manager's services: frames, system address space, user address space, pool. The native routines
 * of the families beside this file are built on it.
 *
 * System addresses are given out upwards and not again before the area is used up, with a guard page behind
 * each range: a stale pointer or an overrun meets a fault that can name what was there.
 */
import {
  byteOffset,
  frame,
  PAGE_SIZE,
  type PhysicalAddress,
  physical,
  type VirtualAddress,
  virtual,
} from '../../base/addresses.ts';
import type { Store, Table } from '../../base/store.ts';
import type {
  AddressSpace,
  CacheType,
  Mapping,
  MappingUse,
  Protection,
} from '../../machine/address-space.ts';
import {
  anyFrames,
  type FrameGrant,
  type FrameRefusal,
  type FrameRequest,
  type FrameRunGrant,
  Frames,
} from '../../machine/frames.ts';
import { type Host, layout } from '../../machine/host.ts';
import { Pool } from '../ex/pool.ts';
import type { Ledger } from '../ledger.ts';
import type { MemoryServices, PoolRequest, SystemMapping } from '../services.ts';
import { describeHolding } from './describe.ts';
import { LockAccounts } from './lock-accounts.ts';
import { MdlIndex } from './mdl-index.ts';
import { Paging } from './paging.ts';
import { PIECE_RUNS, UnfinishedCalls } from './pieces.ts';
import { SectionLocks } from './section-locks.ts';
import { Sections } from './sections.ts';

export interface MemoryManagerOptions {
  readonly store: Store;
  readonly host: Host;
  readonly ledger: Ledger;
  /** The user address space of a process (undefined for 0 and for unknown ones). */
  userSpace(process: number): AddressSpace | undefined;
  /** All processes, the system left out. */
  processes(): readonly number[];
  /** The address of a process object, for `MDL.Process` and bug check parameters. */
  processObject(process: number): VirtualAddress;
}

const AREA = 0x0800_0000_0000;

/** Parts of system space, so that an address tells what it is for. */
const areas: Readonly<Record<string, { readonly first: number; readonly last: number }>> = {
  nonpagedPool: area(0, 2),
  pagedPool: area(2, 1),
  contiguous: area(3, 1),
  mapping: area(4, 1),
  other: area(5, 1),
};

function area(index: number, count: number): { readonly first: number; readonly last: number } {
  const first = layout.systemFirst + index * AREA;
  return { first, last: first + count * AREA - 1 };
}

const areaOf: Readonly<Record<MappingUse, keyof typeof areas>> = {
  image: 'other',
  nonpagedPool: 'nonpagedPool',
  pagedPool: 'pagedPool',
  specialPool: 'nonpagedPool',
  contiguous: 'contiguous',
  nonCachedMemory: 'contiguous',
  commonBuffer: 'contiguous',
  mdl: 'mapping',
  ioSpace: 'mapping',
  reservedMapping: 'mapping',
  kernelStack: 'other',
  userStack: 'other',
  userMemory: 'other',
  sectionView: 'mapping',
  systemData: 'other',
};

/** The owner of frames that are freed when their last lock goes. */
export const FREED_WHILE_LOCKED = 'locked pages of freed memory';

/** Freed ranges that are still remembered as such. */
const REMEMBERED = 4096;

/** VirtualAlloc's granularity, in pages. */
const USER_GRANULARITY = 16;

/** The memory manager of one host. */
export class MemoryManager implements MemoryServices {
  readonly frames: Frames;
  readonly pool: Pool;
  readonly locks: LockAccounts;
  readonly mdls: MdlIndex;
  readonly sections: SectionLocks;
  readonly unfinished: UnfinishedCalls;
  readonly paging: Paging;
  readonly views: Sections;
  readonly host: Host;
  readonly ledger: Ledger;
  readonly store: Store;
  /** The next address of each area (and of each user space). */
  private readonly cursors: Table<string, number>;
  /** Freed system ranges in the order of their freeing. */
  private readonly retired: Table<number, number>;

  constructor(private readonly options: MemoryManagerOptions) {
    const { store, host, ledger } = options;
    this.store = store;
    this.host = host;
    this.ledger = ledger;
    this.frames = new Frames(store, host.name, host.machine);
    this.cursors = store.table(`${host.name}.addressCursors`);
    this.retired = store.table(`${host.name}.retiredMappings`);
    this.locks = new LockAccounts(store, host.name);
    this.mdls = new MdlIndex(store, host.name);
    this.sections = new SectionLocks(store, host.name);
    this.unfinished = new UnfinishedCalls(store, host.name);
    this.paging = new Paging({
      store,
      host,
      frames: this.frames,
      shared: {
        placesOf: (space, address, count) => this.views.placesOf(space, address, count),
        moved: (place, to, isInMemory) => this.views.moved(place, to, isInMemory),
      },
    });
    this.views = new Sections(this);
    this.pool = new Pool(this);
  }

  // ---- Frames --------------------------------------------------------------------------------------

  /** Frames with new contents: never written. When there are too few, pageable memory makes room. */
  allocateFrames(request: FrameRequest): FrameGrant | FrameRefusal {
    let answer = this.frames.allocate(request);
    if (!answer.granted && answer.rule === 'amount' && this.paging.relieve(request)) {
      answer = this.frames.allocate(request);
    }
    if (answer.granted) {
      for (const run of answer.runs) this.host.memory.discard(run.frame, run.count);
    }
    return answer;
  }

  /** Gives frames back; what they held is gone. */
  freeFrames(runs: readonly FrameRunGrant[]): void {
    this.frames.free(runs);
    for (const run of runs) this.host.memory.discard(run.frame, run.count);
  }

  // ---- System space --------------------------------------------------------------------------------

  /** A free range of system space with guard pages around it; undefined when the area is full. */
  reserveSystem(pages: number, use: MappingUse): VirtualAddress | undefined {
    const bounds = areas[areaOf[use]];
    if (bounds === undefined) return undefined;
    return this.reserve(this.host.system, areaOf[use], bounds, pages, 1);
  }

  mapSystem(mapping: SystemMapping): VirtualAddress | undefined {
    const pages = mapping.runs.reduce((sum, run) => sum + run.count, 0);
    const start = this.reserveSystem(pages, mapping.use);
    if (start === undefined) return undefined;
    this.mapAt(this.host.system, start, false, mapping);
    return start;
  }

  /** Maps frames at an address that is free (or only reserved). */
  mapAt(space: AddressSpace, start: VirtualAddress, user: boolean, mapping: SystemMapping): void {
    let page = 0;
    const runs = mapping.runs.map((run) => {
      const placed = { page, frame: run.frame, count: run.count };
      page += run.count;
      return placed;
    });
    space.put({
      start,
      pages: page,
      use: mapping.use,
      runs,
      protection: mapping.protection,
      user,
      cache: mapping.cache,
      pageable: mapping.pageable,
      ...(mapping.allocation === undefined ? {} : { allocation: mapping.allocation }),
      ...(mapping.region === undefined ? {} : { region: mapping.region }),
    });
    for (const run of mapping.runs) this.frames.addMapping(run.frame, run.count, mapping.cache);
  }

  /** Maps further frames behind those that a mapping has already. */
  extendMapping(space: AddressSpace, start: VirtualAddress, runs: readonly FrameRunGrant[]): void {
    const mapping = space.mappings.get(start);
    if (mapping === undefined) return;
    const all = mapping.runs.slice();
    const last = all.at(-1);
    let page = last === undefined ? 0 : last.page + last.count;
    for (const run of runs) {
      const before = all.at(-1);
      if (before !== undefined && before.frame + before.count === run.frame) {
        all[all.length - 1] = { ...before, count: before.count + run.count };
      } else {
        all.push({ page, frame: run.frame, count: run.count });
      }
      page += run.count;
      this.frames.addMapping(run.frame, run.count, mapping.cache);
    }
    space.put({ ...mapping, runs: all });
  }

  /**
   * Takes the last frames of a mapping away, as many as make a piece of work; true when none is left. Frames stay
   * whose they are.
   */
  shortenMapping(space: AddressSpace, start: VirtualAddress): boolean {
    const mapping = space.mappings.get(start);
    if (mapping === undefined || mapping.runs.length <= PIECE_RUNS) return true;
    for (const run of mapping.runs.slice(-PIECE_RUNS)) {
      this.frames.removeMapping(run.frame, run.count);
    }
    space.put({ ...mapping, runs: mapping.runs.slice(0, -PIECE_RUNS) });
    return false;
  }

  /** Takes a mapping away; the range stays known as freed for a while. Frames stay whose they are. */
  unmapSystem(start: VirtualAddress): void {
    const mapping = this.host.system.mappings.get(start);
    if (mapping === undefined || mapping.absent === 'freed') return;
    this.forgetMappings(mapping);
    this.host.system.put(emptied(mapping));
    const retired = this.store.all(this.retired);
    this.store.set(this.retired, (retired.last()?.[0] ?? 0) + 1, start);
    const oldest = retired.first();
    if (retired.size >= REMEMBERED && oldest !== undefined) {
      this.store.delete(this.retired, oldest[0]);
      const old = this.host.system.mappings.get(oldest[1]);
      if (old?.absent === 'freed') this.host.system.remove(old.start);
    }
  }

  /** Names the allocation behind a mapping once the ledger has its number. */
  attribute(start: VirtualAddress, allocation: number, owner?: string): void {
    const mapping = this.host.system.mappings.get(start);
    if (mapping === undefined) return;
    this.host.system.put({ ...mapping, allocation });
    if (owner !== undefined) this.frames.assign(mapping.runs, owner, allocation);
  }

  physicalOf(address: number, space: AddressSpace = this.host.system): PhysicalAddress | undefined {
    const found = space.frameAt(address);
    return found === undefined ? undefined : physical(found * PAGE_SIZE + byteOffset(address));
  }

  /** The space that an address belongs to, as seen by a process. */
  spaceOf(process: number, address: number): AddressSpace | undefined {
    return address < 0 ? this.host.system : this.options.userSpace(process);
  }

  /** The object of a process, as MDLs and bug checks name it. */
  processObject(process: number): VirtualAddress {
    return this.options.processObject(process);
  }

  /** The process whose object lies at an address; undefined for any other address. */
  processBehind(object: number): number | undefined {
    return [0, ...this.options.processes()].find(
      (process) => this.processObject(process) === object,
    );
  }

  /** Puts frames at the start of reserved address space. */
  fillReserved(start: VirtualAddress, runs: readonly FrameRunGrant[], cache: CacheType): void {
    const reserved = this.host.system.mappings.get(start);
    if (reserved === undefined) return;
    let page = 0;
    const placed = runs.map((run) => {
      const at = { page, frame: run.frame, count: run.count };
      page += run.count;
      return at;
    });
    const { absent: _reserved, ...known } = reserved;
    this.host.system.put({ ...known, runs: placed, protection: 'readWrite', cache });
    for (const run of runs) this.frames.addMapping(run.frame, run.count, cache);
  }

  /** Takes the frames out of reserved address space, which stays reserved. */
  emptyReserved(start: VirtualAddress): void {
    const mapping = this.host.system.mappings.get(start);
    if (mapping === undefined) return;
    this.forgetMappings(mapping);
    this.host.system.put({ ...mapping, runs: [], absent: 'reserved', protection: 'noAccess' });
  }

  /** Cuts pages off the front of a mapping. */
  trimMapping(start: VirtualAddress, pages: number): void {
    const { system } = this.host;
    const mapping = system.mappings.get(start);
    if (mapping === undefined || pages === 0) return;
    system.remove(start);
    const runs: FrameRunGrant[] = [];
    for (const run of mapping.runs) {
      const cut = Math.max(0, Math.min(run.count, pages - run.page));
      if (cut > 0) this.frames.removeMapping(run.frame, cut);
      if (cut < run.count) runs.push({ frame: frame(run.frame + cut), count: run.count - cut });
    }
    if (runs.length === 0) return;
    let page = 0;
    system.put({
      ...mapping,
      start: virtual(start + pages * PAGE_SIZE),
      pages: mapping.pages - pages,
      runs: runs.map((run) => {
        const placed = { ...run, page };
        page += run.count;
        return placed;
      }),
    });
  }

  // ---- Pool for the kernel itself --------------------------------------------------------------------

  allocateSystemPool(request: PoolRequest): VirtualAddress | undefined {
    const answer = this.pool.allocate({ ...request, system: true });
    return answer.granted ? answer.address : undefined;
  }

  freeSystemPool(address: VirtualAddress): void {
    this.pool.release(address);
  }

  // ---- User space ----------------------------------------------------------------------------------

  allocateUser(
    space: AddressSpace,
    pages: number,
    use: MappingUse,
    protection: Protection,
  ): VirtualAddress | undefined {
    const answer = this.allocateFrames({
      pages,
      ...anyFrames,
      owner: use === 'userStack' ? 'user stack' : use === 'image' ? 'image' : 'user memory',
      reserve: use !== 'userMemory',
    });
    if (!answer.granted) return undefined;
    const start = this.reserveUser(space, pages);
    if (start === undefined) {
      this.freeFrames(answer.runs);
      return undefined;
    }
    // Variables on a stack have no value before they get one, although Windows hands out zeroed pages.
    if (use !== 'userStack') {
      for (const run of answer.runs) this.host.memory.zero(run.frame, run.count);
      this.store.invalidate();
    }
    this.mapAt(space, start, true, {
      use,
      runs: answer.runs,
      protection,
      cache: 'cached',
      pageable: true,
      allocation: undefined,
      ...(use === 'userMemory' ? { region: start } : {}),
    });
    return start;
  }

  /** Forgets what was freed in a range of a user space, to use it again; false when something else lies there. */
  clearFreed(space: AddressSpace, start: VirtualAddress, pages: number): boolean {
    const end = start + pages * PAGE_SIZE;
    const gone: Mapping[] = [];
    const from = space.find(start)?.start ?? start;
    for (const [at, mapping] of space.mappings.entries(from)) {
      if (at >= end) break;
      if (mapping.absent !== 'freed') return false;
      gone.push(mapping);
    }
    for (const mapping of gone) space.remove(mapping.start);
    return true;
  }

  /** A free range of a user space; undefined when it is full. */
  reserveUser(space: AddressSpace, pages: number): VirtualAddress | undefined {
    return this.reserve(
      space,
      space.name,
      { first: space.first, last: space.last },
      pages,
      USER_GRANULARITY,
    );
  }

  /** Frees memory of a process. Pages that an MDL has locked go with their last lock. */
  freeUser(space: AddressSpace, start: VirtualAddress): void {
    const mapping = space.mappings.get(start);
    if (mapping === undefined || mapping.absent === 'freed') return;
    if (mapping.use === 'sectionView') {
      // Pieces with a protection of their own go with the first one, which has the view's address.
      if (!this.views.unmap(space, start)) this.unmapUser(space, start);
      return;
    }
    this.forgetMappings(mapping);
    this.freeUnlocked(mapping.runs);
    space.put(emptied(mapping));
  }

  /** Takes a user mapping of somebody else's frames away. */
  unmapUser(space: AddressSpace, start: VirtualAddress): void {
    const mapping = space.mappings.get(start);
    if (mapping === undefined) return;
    this.forgetMappings(mapping);
    space.put(emptied(mapping));
  }

  lockedPages(process: number): number {
    return this.locks.of(process);
  }

  // ---- Diagnosis -----------------------------------------------------------------------------------

  /**
   * What lies (or lay) at an address: `48 bytes of nonpaged pool 'LNow', allocated by Proxy at x.c:12, freed at
   * y.c:30`. Undefined where nothing is known.
   */
  describeAddress(process: number, address: number): string | undefined {
    const space = this.spaceOf(process, address);
    const mapping = space?.find(address);
    if (mapping === undefined) return undefined;
    const block = this.pool.describe(address);
    if (block !== undefined) return block;
    if (mapping.allocation === undefined) return undefined;
    const holding = this.ledger.get(mapping.allocation);
    return holding && describeHolding(holding);
  }

  /** The same with a key that is equal for all bytes of one block, to report each block once. */
  originOf(
    process: number,
    address: number,
  ): { readonly text: string; readonly key: string } | undefined {
    const text = this.describeAddress(process, address);
    if (text === undefined) return undefined;
    const block = this.pool.blockAround(address);
    const holding =
      block?.block.holding ?? this.spaceOf(process, address)?.find(address)?.allocation;
    return { text, key: holding === undefined ? text : `allocation ${holding}` };
  }

  /** Takes the count of a mapping off its frames. */
  private forgetMappings(mapping: Mapping): void {
    this.paging.forget(mapping);
    for (const run of mapping.runs) this.frames.removeMapping(run.frame, run.count);
  }

  /** Frees frames, but for locked ones: those go when the last lock does. */
  freeUnlocked(runs: readonly FrameRunGrant[]): void {
    for (const run of runs) {
      for (const part of this.frames.locksOf(run.frame, run.count)) {
        if (part.locks > 0) this.frames.assign([part], FREED_WHILE_LOCKED, undefined);
        else this.freeFrames([part]);
      }
    }
  }

  /** The next range of an area, or a gap in it once the area was passed through. */
  private reserve(
    space: AddressSpace,
    cursor: string,
    bounds: { readonly first: number; readonly last: number },
    pages: number,
    granularity: number,
  ): VirtualAddress | undefined {
    const unit = granularity * PAGE_SIZE;
    const at = this.store.get(this.cursors, cursor) ?? bounds.first + unit;
    const end = at + (pages + 1) * PAGE_SIZE;
    if (end - 1 <= bounds.last) {
      this.store.set(this.cursors, cursor, Math.ceil(end / unit) * unit);
      return virtual(at);
    }
    // The area was passed through once: look for a gap.
    const found = space.findFree(pages, virtual(bounds.first + unit), granularity);
    return found !== undefined && found + pages * PAGE_SIZE - 1 <= bounds.last ? found : undefined;
  }
}

/** A mapping whose memory was freed: nothing is there any more, in memory or in the page file. */
function emptied(mapping: Mapping): Mapping {
  const { paged: _gone, ...rest } = mapping;
  return { ...rest, runs: [], absent: 'freed' };
}
