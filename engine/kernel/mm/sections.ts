/**
 * Sections that the page file backs: memory that several processes and the system show at once. Each page of a section
 * is one frame, or one place in the page file, for all views.
 */
import {
  bytesToPages,
  PAGE_SIZE,
  type PageFrame,
  type VirtualAddress,
  virtual,
} from '../../base/addresses.ts';
import type { Store, Table } from '../../base/store.ts';
import type { AddressSpace, FrameRun, Protection } from '../../machine/address-space.ts';
import { anyFrames, type FrameRefusal } from '../../machine/frames.ts';
import type { MemoryManager } from './memory-manager.ts';
import { cutRuns, type Place, type SharedPages, without, withRun } from './paging.ts';

/** A section's memory. Plain data. */
export interface SectionRecord {
  readonly pages: number;
  readonly bytes: number;
  readonly protection: Protection;
  /** Frames of its pages in memory, and of those in the page file. */
  readonly runs: readonly FrameRun[];
  readonly paged: readonly FrameRun[];
  /** Views that show it. */
  readonly views: number;
  /** Nothing refers to the object any more: the memory goes with the last view. */
  readonly deleted: boolean;
}

/** What a view shows. Plain data. */
interface ViewRecord {
  readonly object: number;
  /** The first page of the section that it shows, and how many. */
  readonly first: number;
  readonly pages: number;
  readonly start: VirtualAddress;
}

export class Sections implements SharedPages {
  /** By the address of the section's object. */
  private readonly records: Table<number, SectionRecord>;
  /** By space and address. */
  private readonly views: Table<string, ViewRecord>;
  private readonly store: Store;

  constructor(private readonly memory: Pick<MemoryManager, SectionMemory>) {
    const { store, host } = memory;
    this.store = store;
    this.records = store.table(`${host.name}.sections`);
    this.views = store.table(`${host.name}.sectionViews`);
  }

  find(object: number): SectionRecord | undefined {
    return this.store.get(this.records, object);
  }

  /** Zeroed memory for a section of `bytes` bytes. */
  create(object: number, bytes: number, protection: Protection): FrameRefusal | undefined {
    const { memory } = this;
    const pages = bytesToPages(bytes);
    const answer = memory.allocateFrames({
      pages,
      ...anyFrames,
      owner: 'section',
    });
    if (!answer.granted) return answer;
    for (const run of answer.runs) memory.host.memory.zero(run.frame, run.count);
    let page = 0;
    const runs = answer.runs.map((run) => {
      const placed = { ...run, page };
      page += run.count;
      return placed;
    });
    this.store.set(this.records, object, {
      pages,
      bytes,
      protection,
      runs,
      paged: [],
      views: 0,
      deleted: false,
    });
    return undefined;
  }

  /**
   * Shows `pages` pages of a section from page `first` on, in a process or in system space; undefined when there is no
   * room (or the place that is wanted is taken).
   */
  map(
    object: number,
    space: AddressSpace,
    view: {
      readonly first: number;
      readonly pages: number;
      readonly protection: Protection;
      readonly wanted: number;
    },
  ): VirtualAddress | undefined {
    const { memory } = this;
    const section = this.find(object);
    if (section === undefined) return undefined;
    const isUser = space !== memory.host.system;
    const start = this.placeOf(space, isUser, view);
    if (start === undefined) return undefined;
    const end = view.first + view.pages;
    const runs = cutRuns(section.runs, view.first, end);
    const paged = cutRuns(section.paged, view.first, end);
    space.put({
      start,
      pages: view.pages,
      use: 'sectionView',
      runs,
      protection: view.protection,
      user: isUser,
      cache: 'cached',
      pageable: true,
      ...(paged.length === 0 ? {} : { paged }),
      ...(isUser ? { region: start } : {}),
    });
    for (const run of runs) memory.frames.addMapping(run.frame, run.count, 'cached');
    const { first, pages } = view;
    this.store.set(this.views, keyOf(space, start), { object, first, pages, start });
    this.store.set(this.records, object, { ...section, views: section.views + 1 });
    return start;
  }

  /** Takes the view that begins at an address away; false when none does. */
  unmap(space: AddressSpace, start: VirtualAddress): boolean {
    const object = this.store.get(this.views, keyOf(space, start))?.object;
    if (object === undefined) return false;
    this.store.delete(this.views, keyOf(space, start));
    if (space === this.memory.host.system) {
      this.memory.unmapSystem(start);
    } else {
      // Pages with a protection of their own are pieces of the view.
      for (const [at, piece] of [...space.mappings.entries(start)]) {
        if (piece.region !== start) break;
        this.memory.unmapUser(space, virtual(at));
      }
    }
    const section = this.find(object);
    if (section === undefined) return true;
    this.store.set(this.records, object, { ...section, views: section.views - 1 });
    this.freeUnused(object);
    return true;
  }

  placesOf(space: AddressSpace, address: number, count: number): readonly Place[] {
    const own = this.viewAround(space, address);
    if (own === undefined) return [];
    const from = own.first + (address - own.start) / PAGE_SIZE;
    const { userSpaces, system } = this.memory.host;
    const places: Place[] = [];
    for (const [key, view] of this.store.all(this.views).entries()) {
      if (view.object !== own.object) continue;
      const low = Math.max(from, view.first);
      const high = Math.min(from + count, view.first + view.pages);
      const other = [...userSpaces, system].find((one) => keyOf(one, view.start) === key);
      if (high <= low || other === undefined) continue;
      places.push({
        space: other,
        address: view.start + (low - view.first) * PAGE_SIZE,
        count: high - low,
        offset: low - from,
      });
    }
    return places;
  }

  moved(place: Place, to: PageFrame, isInMemory: boolean): void {
    const view = this.viewAround(place.space, place.address);
    if (view === undefined) return;
    const page = view.first + (place.address - view.start) / PAGE_SIZE;
    const { count } = place;
    const added = { page, frame: to, count };
    this.store.update(this.records, view.object, (section) => ({
      ...section,
      runs: isInMemory ? withRun(section.runs, added) : without(section.runs, page, count),
      paged: isInMemory ? without(section.paged, page, count) : withRun(section.paged, added),
    }));
  }

  /** The view that an address lies in. */
  private viewAround(space: AddressSpace, address: number): ViewRecord | undefined {
    const mapping = space.find(address);
    return mapping && this.store.get(this.views, keyOf(space, mapping.region ?? mapping.start));
  }

  /** Nothing refers to a section any more. */
  delete(object: number): void {
    this.store.update(this.records, object, (section) => ({ ...section, deleted: true }));
    this.freeUnused(object);
  }

  private freeUnused(object: number): void {
    const section = this.find(object);
    if (section === undefined || !section.deleted || section.views > 0) return;
    this.memory.freeUnlocked(section.runs);
    this.memory.paging.forgetRuns(section.paged);
    this.store.delete(this.records, object);
  }

  private placeOf(
    space: AddressSpace,
    isUser: boolean,
    view: { readonly pages: number; readonly wanted: number },
  ): VirtualAddress | undefined {
    const { memory } = this;
    if (!isUser) return memory.reserveSystem(view.pages, 'sectionView');
    if (view.wanted === 0) return memory.reserveUser(space, view.pages);
    const start = virtual(view.wanted);
    return memory.clearFreed(space, start, view.pages) ? start : undefined;
  }
}

/** What sections need of the memory manager. */
type SectionMemory =
  | 'store'
  | 'frames'
  | 'paging'
  | 'host'
  | 'allocateFrames'
  | 'freeUnlocked'
  | 'unmapSystem'
  | 'unmapUser'
  | 'reserveSystem'
  | 'reserveUser'
  | 'clearFreed';

const keyOf = (space: AddressSpace, start: number): string => `${space.name}/${start}`;

/** Bytes of a view: what is asked for, up to the end of the section. Undefined when it lies outside. */
export function viewPages(
  section: SectionRecord,
  offset: number,
  size: number,
): number | undefined {
  const rest = section.pages * PAGE_SIZE - offset;
  if (rest <= 0) return undefined;
  if (size === 0) return bytesToPages(rest);
  return size <= rest ? bytesToPages(size) : undefined;
}
