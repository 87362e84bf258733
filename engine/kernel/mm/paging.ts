/**
 * The page file: pageable pages leave memory and come back, at other frames. Who kept the physical address of a page
 * that nothing held in place then has that of somebody else's.
 *
 * A page goes when memory is short (`relieve`), or, on a machine with `trim`, as soon as its last lock is taken off. It
 * comes back when it is touched or locked. Its contents lie in frames behind all that a machine can have, so that
 * moving them copies nothing and tooling can look at them there.
 */
import { frame, PAGE_SIZE, type PageFrame, physical, virtual } from '../../base/addresses.ts';
import type { Store, Table } from '../../base/store.ts';
import {
  type AddressSpace,
  endOf,
  type FrameRun,
  type Mapping,
} from '../../machine/address-space.ts';
import { changeRange, type FrameRecord, recordAt } from '../../machine/frame-runs.ts';
import { anyFrames, type FrameRequest, type Frames } from '../../machine/frames.ts';
import type { Host } from '../../machine/host.ts';
import { DISPATCH_LEVEL } from '../context.ts';

/** The first frame of the page file: physical memory ends far below it. */
const PAGE_FILE = 2 ** 39;
/** Pages that come back together. */
const CLUSTER = 16;
/** Pages that the other process holds before it gives the oldest back. */
const OTHERS_PAGES = 64;

/** Whom the pages belong to that a machine with `trim` gives freed frames to. */
export const ANOTHER_PROCESS = 'another process';
const OTHERS_DATA = new TextEncoder().encode('data of another process. ');

/** Whom a page belonged to while it was in memory. */
interface Owner {
  readonly owner: string;
  readonly allocation: number | undefined;
}

const sameOwner = (left: Owner, right: Owner): boolean =>
  left.owner === right.owner && left.allocation === right.allocation;

/** A place that shows pages: so many of them from an address on. */
export interface Place {
  readonly space: AddressSpace;
  readonly address: number;
  readonly count: number;
  /** Pages that were asked about and lie before these. */
  readonly offset?: number;
}

/** Sections, whose pages several places show. */
export interface SharedPages {
  /** All places that show a part of these pages of a view, the view itself among them. */
  placesOf(space: AddressSpace, address: number, count: number): readonly Place[];
  /** Pages of a view are at other frames now, in memory or in the page file. */
  moved(place: Place, to: PageFrame, isInMemory: boolean): void;
}

export interface PagingParts {
  readonly store: Store;
  readonly host: Host;
  readonly frames: Frames;
  readonly shared: SharedPages;
}

export class Paging {
  /** Owners of the pages in the page file, by slot. */
  private readonly slots: Table<number, FrameRecord<Owner>>;
  /** Frames of the other process, by their number in time. */
  private readonly others: Table<number, PageFrame>;
  private readonly nextSlot: number;
  private readonly usedSlots: number;

  constructor(private readonly parts: PagingParts) {
    const { store, host } = parts;
    this.slots = store.table(`${host.name}.pageFile`);
    this.others = store.table(`${host.name}.anotherProcess`);
    this.nextSlot = store.cell();
    this.usedSlots = store.cell();
    host.pager = (space, address) => this.pageIn(space, address);
  }

  /**
   * Takes pages of a range out of memory: those that are pageable, not locked, and shown by no other mapping. Answers
   * the frames that came free.
   */
  pageOut(
    space: AddressSpace,
    start: number,
    pages: number,
    within: { readonly lowest: number; readonly highest: number } = everywhere,
  ): readonly { readonly frame: PageFrame; readonly count: number }[] {
    const { frames, host, store } = this.parts;
    const freed: { frame: PageFrame; count: number }[] = [];
    const end = start + pages * PAGE_SIZE;
    for (let address = start; address < end; ) {
      const mapping = space.find(address);
      if (mapping === undefined) {
        address += PAGE_SIZE;
        continue;
      }
      const first = Math.floor((address - mapping.start) / PAGE_SIZE);
      const last = Math.min(mapping.pages, Math.ceil((end - mapping.start) / PAGE_SIZE));
      address = mapping.start + last * PAGE_SIZE;
      if (!mayGo(mapping)) continue;
      const gone: FrameRun[] = [];
      for (const run of mapping.runs) {
        const from = Math.max(run.page, first);
        const count = Math.min(run.page + run.count, last) - from;
        if (count <= 0) continue;
        for (const part of this.loose(run.frame + (from - run.page), count, within)) {
          const page = run.page + (part.frame - run.frame);
          const at = mapping.start + page * PAGE_SIZE;
          const places = this.placesOf(space, mapping, at, part.count);
          // Who else shows the page (a driver, by an MDL) keeps it.
          const isWhole = places.every((place) => place.count === part.count);
          if (isWhole && part.mappings <= places.length) gone.push({ page, ...part });
        }
      }
      for (const part of gone) {
        const slot = this.takeSlots(part.count);
        const use = frames.useOf(part.frame);
        store.replaceAll(
          this.slots,
          changeRange(
            store.all(this.slots),
            slot,
            part.count,
            () => ({ owner: use?.owner ?? '', allocation: use?.allocation }),
            sameOwner,
          ),
        );
        host.memory.move(part.frame, part.count, slot);
        frames.free([part]);
        freed.push({ frame: part.frame, count: part.count });
        const at = mapping.start + part.page * PAGE_SIZE;
        for (const place of this.placesOf(space, mapping, at, part.count)) {
          changeRuns(place, slot, false);
        }
        if (mapping.use === 'sectionView') {
          this.parts.shared.moved({ space, address: at, count: part.count }, slot, false);
        }
      }
    }
    return freed;
  }

  /** Brings the page of an address, and those behind it, back into memory; false when it is not in the page file. */
  pageIn(space: AddressSpace, address: number): boolean {
    const { frames, host, store } = this.parts;
    const mapping = space.find(address);
    const page = mapping && Math.floor((address - mapping.start) / PAGE_SIZE);
    const run = mapping?.paged?.find((one) => page !== undefined && holds(one, page));
    if (mapping === undefined || page === undefined || run === undefined) return false;
    // At DISPATCH_LEVEL and above no page fault can be resolved.
    if (host.irql >= DISPATCH_LEVEL) return false;
    const count = Math.min(CLUSTER, run.page + run.count - page);
    const slot = run.frame + (page - run.page);
    const owner = recordAt(store.all(this.slots), slot)?.[1].value;
    const request: FrameRequest = {
      ...anyFrames,
      pages: count,
      owner: owner?.owner ?? 'user memory',
      allocation: owner?.allocation,
    };
    let answer = frames.allocate(request);
    if (!answer.granted && this.relieve(request)) answer = frames.allocate(request);
    if (!answer.granted) answer = frames.allocate({ ...request, reserve: true });
    if (!answer.granted) return false;
    let done = 0;
    for (const part of answer.runs) {
      host.memory.move(frame(slot + done), part.count, part.frame);
      const at = mapping.start + (page + done) * PAGE_SIZE;
      for (const place of this.placesOf(space, mapping, at, part.count)) {
        const first = frame(part.frame + place.offset);
        changeRuns(place, first, true);
        frames.addMapping(first, place.count, mapping.cache);
      }
      if (mapping.use === 'sectionView') {
        this.parts.shared.moved({ space, address: at, count: part.count }, part.frame, true);
      }
      done += part.count;
    }
    this.releaseSlots(slot, count);
    return true;
  }

  /** Who shows pages of a mapping; `offset` counts from the first of them. */
  private placesOf(
    space: AddressSpace,
    mapping: Mapping,
    address: number,
    count: number,
  ): readonly (Place & { readonly offset: number })[] {
    if (mapping.use !== 'sectionView') return [{ space, address, count, offset: 0 }];
    return this.parts.shared
      .placesOf(space, address, count)
      .map((place) => ({ offset: 0, ...place }));
  }

  /** Brings all pages of a range that are in the page file back. */
  makeResident(space: AddressSpace, start: number, pages: number): void {
    const end = start + pages * PAGE_SIZE;
    for (let address = start; address < end; ) {
      const mapping = space.find(address);
      if (mapping === undefined) return;
      const first = Math.floor((address - mapping.start) / PAGE_SIZE);
      const absent = mapping.paged?.find((run) => run.page + run.count > first);
      if (absent === undefined) {
        address = endOf(mapping);
        continue;
      }
      address = mapping.start + Math.max(first, absent.page) * PAGE_SIZE;
      if (address >= end || !this.pageIn(space, address)) return;
    }
  }

  /** Pages out what it takes to serve a request that found too few free frames; false when that does not help. */
  relieve(request: FrameRequest): boolean {
    const { frames, host } = this.parts;
    if (host.irql >= DISPATCH_LEVEL || request.contiguous || request.node !== undefined)
      return false;
    const within = { lowest: request.lowest, highest: Math.min(request.highest, frames.highest) };
    let missing = request.pages - frames.summary(within.lowest, within.highest).free;
    const room = frames.totalPages - (this.parts.store.cells[this.usedSlots] ?? 0);
    if (missing <= 0 || missing > room) return false;
    if (this.pageablePages(within) < missing) return false;
    for (const space of [...host.userSpaces, host.system]) {
      for (const mapping of [...space.mappings.values()]) {
        if (missing <= 0) return true;
        if (!mayGo(mapping)) continue;
        for (let page = 0; page < mapping.pages && missing > 0; ) {
          const count = Math.min(missing, mapping.pages - page);
          const start = mapping.start + page * PAGE_SIZE;
          for (const run of this.pageOut(space, start, count, within)) missing -= run.count;
          page += count;
        }
      }
    }
    return missing <= 0;
  }

  /**
   * On a machine with `trim`: takes the pages of a range away whose last lock is gone, and gives their frames to
   * somebody else, with data of their own.
   */
  trim(space: AddressSpace, start: number, pages: number): void {
    const { frames, host, store } = this.parts;
    if (host.machine.trim !== true) return;
    for (const run of this.pageOut(space, start, pages)) {
      const count = Math.min(run.count, OTHERS_PAGES);
      const exact = { lowest: run.frame, highest: frame(run.frame + count - 1) };
      const answer = frames.allocate({
        ...anyFrames,
        pages: count,
        ...exact,
        contiguous: true,
        owner: ANOTHER_PROCESS,
        reserve: true,
      });
      if (!answer.granted) continue;
      for (let page = run.frame; page < run.frame + count; page++) {
        host.memory.discard(frame(page), 1);
        host.memory.poke(physical(page * PAGE_SIZE), othersPage);
        this.keepForOther(frame(page));
      }
    }
    store.invalidate();
  }

  /** Forgets the pages of a mapping that lie in the page file, as when its memory is freed. */
  forget(mapping: Mapping): void {
    // The pages of a section go with the section.
    if (mapping.use === 'sectionView') return;
    this.forgetRuns(mapping.paged ?? []);
  }

  /** Forgets places in the page file. */
  forgetRuns(runs: readonly FrameRun[]): void {
    for (const run of runs) {
      this.parts.host.memory.discard(run.frame, run.count);
      this.releaseSlots(run.frame, run.count);
    }
  }

  /** The other process has so many pages; the oldest one is free again. */
  private keepForOther(page: PageFrame): void {
    const { frames, host, store } = this.parts;
    const held = store.all(this.others);
    const oldest = held.first();
    store.set(this.others, (held.last()?.[0] ?? 0) + 1, page);
    if (held.size < OTHERS_PAGES || oldest === undefined) return;
    store.delete(this.others, oldest[0]);
    // A driver may have taken a lock on it by hand.
    if (frames.useOf(oldest[1])?.owner === ANOTHER_PROCESS) {
      frames.free([{ frame: oldest[1], count: 1 }]);
      host.memory.discard(oldest[1], 1);
    }
  }

  /** Parts of a run that nothing holds in place. */
  private *loose(
    first: number,
    count: number,
    within: { readonly lowest: number; readonly highest: number },
  ): Generator<{
    readonly frame: PageFrame;
    readonly count: number;
    readonly mappings: number;
  }> {
    const { frames } = this.parts;
    const low = Math.max(first, within.lowest);
    const high = Math.min(first + count - 1, within.highest);
    if (high < low) return;
    for (const part of frames.locksOf(low, high - low + 1)) {
      if (part.locks > 0) continue;
      yield* frames.mappingsOf(part.frame, part.count);
    }
  }

  /** Pages within bounds that could go. */
  private pageablePages(within: { readonly lowest: number; readonly highest: number }): number {
    const { host } = this.parts;
    let pages = 0;
    for (const space of [...host.userSpaces, host.system]) {
      for (const mapping of space.mappings.values()) {
        if (!mayGo(mapping)) continue;
        for (const run of mapping.runs) {
          for (const part of this.loose(run.frame, run.count, within)) {
            if (part.mappings <= 1) pages += part.count;
          }
        }
      }
    }
    return pages;
  }

  private takeSlots(count: number): PageFrame {
    const { cells } = this.parts.store;
    const slot = PAGE_FILE + (cells[this.nextSlot] ?? 0);
    cells[this.nextSlot] = (cells[this.nextSlot] ?? 0) + count;
    cells[this.usedSlots] = (cells[this.usedSlots] ?? 0) + count;
    return frame(slot);
  }

  private releaseSlots(slot: number, count: number): void {
    const { store } = this.parts;
    store.cells[this.usedSlots] = (store.cells[this.usedSlots] ?? 0) - count;
    store.replaceAll(
      this.slots,
      changeRange(store.all(this.slots), slot, count, () => undefined, sameOwner),
    );
  }
}

const everywhere = { lowest: 0, highest: Number.MAX_SAFE_INTEGER };

const othersPage = Uint8Array.from(
  { length: PAGE_SIZE },
  (_, index) => OTHERS_DATA[index % OTHERS_DATA.length] ?? 0,
);

/** Stacks and code stay: the emulator itself walks them at moments when no page can be fetched. */
function mayGo(mapping: Mapping): boolean {
  if (!mapping.pageable || mapping.absent !== undefined || mapping.runs.length === 0) return false;
  switch (mapping.use) {
    case 'userMemory':
    case 'sectionView':
    case 'pagedPool':
      return true;
    case 'image':
      return mapping.user && mapping.protection === 'readWrite';
    default:
      return false;
  }
}

const holds = (run: FrameRun, page: number): boolean =>
  page >= run.page && page < run.page + run.count;

/** Enters in the mappings of a place that its pages are at other frames, in memory or in the page file. */
function changeRuns(place: Place, to: PageFrame, isInMemory: boolean): void {
  const { space, address, count } = place;
  for (let done = 0; done < count; ) {
    const mapping = space.find(address + done * PAGE_SIZE);
    if (mapping === undefined) return;
    const page = Math.floor((address - mapping.start) / PAGE_SIZE) + done;
    const part = Math.min(count - done, mapping.pages - page);
    const added = { page, frame: frame(to + done), count: part };
    const { paged: before = [], ...kept } = mapping;
    const runs = isInMemory ? withRun(mapping.runs, added) : without(mapping.runs, page, part);
    const paged = isInMemory ? without(before, page, part) : withRun(before, added);
    space.put({ ...kept, runs, ...(paged.length === 0 ? {} : { paged }) });
    done += part;
  }
}

/** Runs without those pages. */
export function without(
  runs: readonly FrameRun[],
  page: number,
  count: number,
): readonly FrameRun[] {
  const end = page + count;
  return runs.flatMap((run) => {
    const stop = run.page + run.count;
    if (stop <= page || run.page >= end) return [run];
    const left: FrameRun[] = [];
    if (run.page < page) left.push({ ...run, count: page - run.page });
    if (stop > end) {
      left.push({ page: end, frame: frame(run.frame + (end - run.page)), count: stop - end });
    }
    return left;
  });
}

/** Runs with one more, in page order; joined with its neighbours where the frames go on. */
export function withRun(runs: readonly FrameRun[], added: FrameRun): readonly FrameRun[] {
  const result: FrameRun[] = [];
  const push = (run: FrameRun): void => {
    const last = result.at(-1);
    if (
      last !== undefined &&
      last.page + last.count === run.page &&
      last.frame + last.count === run.frame
    ) {
      result[result.length - 1] = { ...last, count: last.count + run.count };
    } else {
      result.push(run);
    }
  };
  let isIn = false;
  for (const run of runs) {
    if (!isIn && run.page > added.page) {
      push(added);
      isIn = true;
    }
    push(run);
  }
  if (!isIn) push(added);
  return result;
}

/** The part of a mapping's runs from page `from` up to `to`, counted from `from` on. */
export function cutRuns(runs: readonly FrameRun[], from: number, to: number): readonly FrameRun[] {
  return runs.flatMap((run) => {
    const start = Math.max(run.page, from);
    const end = Math.min(run.page + run.count, to);
    return start < end
      ? [{ page: start - from, frame: frame(run.frame + (start - run.page)), count: end - start }]
      : [];
  });
}

/** A mapping's pages from `from` up to `to` as a mapping of its own. */
export function cutMapping(mapping: Mapping, from: number, to: number): Mapping {
  const { paged, ...rest } = mapping;
  const cut = cutRuns(paged ?? [], from, to);
  return {
    ...rest,
    start: virtual(mapping.start + from * PAGE_SIZE),
    pages: to - from,
    runs: cutRuns(mapping.runs, from, to),
    ...(cut.length === 0 ? {} : { paged: cut }),
  };
}
