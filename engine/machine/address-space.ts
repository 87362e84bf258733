/**
 * Virtual address spaces as extents: what the page tables of a host say, without an entry for each page.
 * A host has one system space and one user space for each process.
 */
import { PAGE_SIZE, type PageFrame, type VirtualAddress } from '../base/addresses.ts';
import type { OrderedMap } from '../base/ordered-map.ts';
import type { Store, Table } from '../base/store.ts';

export type Protection =
  | 'noAccess'
  | 'readOnly'
  | 'readWrite'
  | 'execute'
  | 'executeRead'
  | 'executeReadWrite';

/** MEMORY_CACHING_TYPE as far as drivers use it. */
export type CacheType = 'cached' | 'nonCached' | 'writeCombined';

/** `count` frames from `frame` on, mapped from page `page` of the mapping on. */
export interface FrameRun {
  readonly page: number;
  readonly frame: PageFrame;
  readonly count: number;
}

/** What a mapping is for; views and fault reports say so. */
export type MappingUse =
  | 'image'
  | 'nonpagedPool'
  | 'pagedPool'
  | 'specialPool'
  | 'contiguous'
  | 'nonCachedMemory'
  | 'commonBuffer'
  | 'mdl' // a system or user mapping of an MDL's pages
  | 'ioSpace'
  | 'reservedMapping'
  | 'kernelStack'
  | 'userStack'
  | 'userMemory'
  | 'sectionView'
  | 'systemData';

export interface Mapping {
  readonly start: VirtualAddress;
  readonly pages: number;
  readonly use: MappingUse;
  /** Frames in page order; empty: nothing present (`absent` says why). */
  readonly runs: readonly FrameRun[];
  /** Pages that lie in the page file, in page order, with the frames that hold them there. */
  readonly paged?: readonly FrameRun[];
  /** Why an access faults although the range is known. */
  readonly absent?: 'guard' | 'freed' | 'reserved' | 'pagedOut';
  readonly protection: Protection;
  /** Reachable from user mode. */
  readonly user: boolean;
  readonly cache: CacheType;
  /** May be trimmed: an access at DISPATCH_LEVEL or above is a mistake. */
  readonly pageable: boolean;
  /** The ledger's number of the allocation or MDL behind it. */
  readonly allocation?: number;
  /** Start of the region that a process reserved, of which this is a piece. */
  readonly region?: VirtualAddress;
}

export class AddressSpace {
  private readonly table: Table<number, Mapping>;
  /** Of all the spaces of a machine, from 1 on. */
  readonly number: number;

  /** `first` and `last` bound the addresses that `reserve` gives out. */
  constructor(
    private readonly store: Store,
    readonly name: string,
    readonly first: VirtualAddress,
    readonly last: VirtualAddress,
    /** Brings a page back from the page file; false when it is not there or may not come now. */
    private readonly pager: (space: AddressSpace, address: number) => boolean = () => false,
  ) {
    this.table = store.table(`${name}.mappings`);
    this.number = this.table.index + 1;
  }

  /** All mappings by start address. */
  get mappings(): OrderedMap<number, Mapping> {
    return this.store.all(this.table);
  }

  /** The mapping that covers an address. */
  find(address: number): Mapping | undefined {
    const entry = this.mappings.atOrBelow(address);
    return entry !== undefined && address < entry[0] + entry[1].pages * PAGE_SIZE
      ? entry[1]
      : undefined;
  }

  /** The frame behind an address, or undefined when no page is present there. */
  frameAt(address: number): PageFrame | undefined {
    const mapping = this.find(address);
    return mapping && frameInMapping(mapping, address);
  }

  /** The frame that holds a page's contents: in memory, or in the page file. */
  contentFrameAt(address: number): PageFrame | undefined {
    const mapping = this.find(address);
    return mapping && contentFrame(mapping, address);
  }

  /** Fetches a page that was paged out; false when there is none, or none can be fetched now. */
  pageIn(address: number): boolean {
    return this.pager(this, address);
  }

  /** Adds or replaces the mapping at its start. Ranges must not overlap others. */
  put(mapping: Mapping): void {
    this.store.set(this.table, mapping.start, mapping);
    this.store.invalidate();
  }

  remove(start: VirtualAddress): void {
    this.store.delete(this.table, start);
    this.store.invalidate();
  }

  /**
   * The lowest free range of `pages` pages with one free page on either side, at or above `from`, whose
   * start is a multiple of `alignment` pages; undefined when the space is full.
   */
  findFree(
    pages: number,
    from: VirtualAddress = this.first,
    alignment = 1,
  ): VirtualAddress | undefined {
    const unit = alignment * PAGE_SIZE;
    const align = (address: number): number => Math.ceil(address / unit) * unit;
    let candidate = align(from);
    const below = this.mappings.atOrBelow(candidate);
    if (below !== undefined) candidate = Math.max(candidate, align(endOf(below[1]) + PAGE_SIZE));
    for (const [start, mapping] of this.mappings.entries(candidate)) {
      if (candidate + (pages + 1) * PAGE_SIZE <= start) break;
      candidate = align(endOf(mapping) + PAGE_SIZE);
    }
    return candidate + pages * PAGE_SIZE - 1 <= this.last
      ? (candidate as VirtualAddress)
      : undefined;
  }
}

/** The address behind a mapping's last byte. */
export function endOf(mapping: Mapping): number {
  return mapping.start + mapping.pages * PAGE_SIZE;
}

/** The frame that a mapping has for an address inside it. */
export function frameInMapping(mapping: Mapping, address: number): PageFrame | undefined {
  return frameOfPage(mapping.runs, Math.floor((address - mapping.start) / PAGE_SIZE));
}

/** The frame, in memory or in the page file, that has the contents of an address inside a mapping. */
export function contentFrame(mapping: Mapping, address: number): PageFrame | undefined {
  const page = Math.floor((address - mapping.start) / PAGE_SIZE);
  const present = frameOfPage(mapping.runs, page);
  return present ?? (mapping.paged && frameOfPage(mapping.paged, page));
}

function frameOfPage(runs: readonly FrameRun[], page: number): PageFrame | undefined {
  let low = 0;
  let high = runs.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const run = runs[middle];
    if (run === undefined) return undefined;
    if (page < run.page) high = middle - 1;
    else if (page >= run.page + run.count) low = middle + 1;
    else return (run.frame + (page - run.page)) as PageFrame;
  }
  return undefined;
}
