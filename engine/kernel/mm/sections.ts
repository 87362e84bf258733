/**
 * Sections that the page file backs: memory that several processes and the system show at once. Each page of a section
 * is one frame, or one place in the page file, for all views.
 */
import {
  bytesToPages,
  frame,
  PAGE_SIZE,
  type VirtualAddress,
  virtual,
} from '../../base/addresses.ts';
import type { Store, Table } from '../../base/store.ts';
import type { AddressSpace, Protection } from '../../machine/address-space.ts';
import type { FrameRefusal, FrameRunGrant } from '../../machine/frames.ts';
import type { MemoryManager } from './memory-manager.ts';
import { pieceOf, skipPages } from './pieces.ts';

/** A section's memory. Plain data. */
export interface SectionRecord {
  readonly pages: number;
  readonly bytes: number;
  readonly protection: Protection;
  readonly runs: readonly FrameRunGrant[];
  /** Views that show it. */
  readonly views: number;
  /** Nothing refers to the object any more: the memory goes with the last view. */
  readonly deleted: boolean;
}

export class Sections {
  /** By the address of the section's object. */
  private readonly records: Table<number, SectionRecord>;
  /** The section of a view, by space and address. */
  private readonly views: Table<string, number>;
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
      lowest: frame(0),
      highest: frame(Number.MAX_SAFE_INTEGER),
      boundary: 0,
      contiguous: false,
      alignment: 1,
      node: undefined,
      owner: 'section',
      allocation: undefined,
    });
    if (!answer.granted) return answer;
    for (const run of answer.runs) memory.host.memory.zero(run.frame, run.count);
    const { runs } = answer;
    this.store.set(this.records, object, {
      pages,
      bytes,
      protection,
      runs,
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
    const runs: FrameRunGrant[] = [];
    let left = view.pages;
    let from = view.first;
    while (left > 0) {
      const piece = pieceOf(skipPages(section.runs, from), left);
      if (piece.pages === 0) break;
      runs.push(...piece.runs);
      left -= piece.pages;
      from += piece.pages;
    }
    memory.mapAt(space, start, isUser, {
      use: 'sectionView',
      runs,
      protection: view.protection,
      cache: 'cached',
      pageable: true,
      allocation: undefined,
      ...(isUser ? { region: start } : {}),
    });
    this.store.set(this.views, keyOf(space, start), object);
    this.store.set(this.records, object, { ...section, views: section.views + 1 });
    return start;
  }

  /** Takes the view that begins at an address away; false when none does. */
  unmap(space: AddressSpace, start: VirtualAddress): boolean {
    const object = this.store.get(this.views, keyOf(space, start));
    if (object === undefined) return false;
    this.store.delete(this.views, keyOf(space, start));
    if (space === this.memory.host.system) this.memory.unmapSystem(start);
    else this.memory.unmapUser(space, start);
    const section = this.find(object);
    if (section === undefined) return true;
    this.store.set(this.records, object, { ...section, views: section.views - 1 });
    this.freeUnused(object);
    return true;
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
  | 'host'
  | 'allocateFrames'
  | 'freeUnlocked'
  | 'mapAt'
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
