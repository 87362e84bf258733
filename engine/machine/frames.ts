/**
 * Which frames of physical memory exist, whom each belongs to, and which of them a request gets.
 *
 * Ownership is kept as runs with a measure (free pages, longest free run), so that a machine of 16 TiB costs
 * as much as one of 16 MiB, and a search passes over whole subtrees that cannot help.
 *
 * Placement. Contiguous requests get the highest place that fits, so that low memory stays for those who ask
 * for it. Other requests get frames from the top downwards, in pieces with a page left out between them: memory
 * that nobody promised to be contiguous is not, here. Windows promises no order; this one is a choice.
 */
import {
  addressOf,
  bytesToPages,
  formatPhysical,
  frame,
  PAGE_SIZE,
  type PageFrame,
  type PhysicalAddress,
  physical,
} from '../base/addresses.ts';
import type { Measure } from '../base/ordered-map.ts';
import { SeededRandom } from '../base/random.ts';
import type { Store, Table } from '../base/store.ts';
import type { CacheType } from './address-space.ts';
import { changeRange, type FrameMap, type FrameRecord, recordAt, stretches } from './frame-runs.ts';
import type { MachineConfiguration } from './host.ts';

/** A request for frames. Frame numbers are inclusive bounds. */
export interface FrameRequest {
  readonly pages: number;
  readonly lowest: PageFrame;
  readonly highest: PageFrame;
  /** In pages, a power of two; 0: none. No multiple of it may lie inside a contiguous block. */
  readonly boundary: number;
  /** One run of adjacent frames; else any frames. */
  readonly contiguous: boolean;
  /** A contiguous block starts at a multiple of this many pages (1: any). */
  readonly alignment: number;
  /** Only this NUMA node; undefined: any. */
  readonly node: number | undefined;
  /** Whom the frames belong to from now on, for views: `nonpaged pool`, `contiguous memory`, ... */
  readonly owner: string;
  /** The ledger's number, when there is one already. */
  readonly allocation: number | undefined;
  /**
   * From what Windows took at boot, while that lasts: for what the system itself needs (images, stacks, its
   * own pool), so that the free memory of a scenario is there for the scenario's drivers.
   */
  readonly reserve?: boolean;
  /** Of scattered frames: a grant ends behind so many runs, with fewer pages then. */
  readonly mostRuns?: number;
}

/** A request's demands when any frames will do, for nobody in the ledger yet. */
export const anyFrames = {
  lowest: frame(0),
  highest: frame(Number.MAX_SAFE_INTEGER),
  boundary: 0,
  contiguous: false,
  alignment: 1,
  node: undefined,
  allocation: undefined,
} as const satisfies Partial<FrameRequest>;

export interface FrameRunGrant {
  readonly frame: PageFrame;
  readonly count: number;
}

export interface FrameGrant {
  readonly granted: true;
  readonly runs: readonly FrameRunGrant[];
}

/** Why a request failed, in figures of the search that failed. */
export interface FrameRefusal {
  readonly granted: false;
  /** What decided. */
  readonly rule:
    | 'range'
    | 'boundary'
    | 'contiguity'
    | 'amount'
    | 'nolowmem'
    | 'node'
    | 'alignment'
    | 'fault';
  /** Free pages within the bounds. */
  readonly freePages: number;
  /** The longest run that the bounds leave, and where (undefined when there is none). */
  readonly longestRun: number;
  readonly longestAt: PhysicalAddress | undefined;
  /** The whole explanation: what was asked, what there is, which rule decided. */
  readonly explanation: string;
  readonly page: string;
}

/** Whom a run of frames belongs to; without an owner it is free. */
export interface FrameUse {
  readonly owner: string | undefined;
  readonly allocation: number | undefined;
  /** Goes back to Windows when it is freed. */
  readonly reserve?: true;
}

/** What the search asks of a subtree. */
export interface FreeSummary {
  readonly free: number;
  readonly longest: number;
  /** Frame where the lowest of the longest free runs starts; -1 when nothing is free. */
  readonly longestAt: number;
  /** Free runs. */
  readonly runs: number;
  /** Pages that Windows keeps and can still give to itself. */
  readonly kept: number;
  /** Pages that `free_memory fragmented` took away, and their runs. */
  readonly taken: number;
  readonly takenRuns: number;
  /** Runs that somebody else owns: allocations, images, stacks, pool. */
  readonly owned: number;
}

/** Caching behaviour of a frame and how many mappings it has. */
export interface FrameAttribute {
  readonly cache: CacheType;
  readonly mappings: number;
}

/** The owner of what the boot takes. */
export const WINDOWS = 'Windows';
/** The owner of what `free_memory fragmented` takes away. */
export const IN_USE = 'in use';

/** The first frame at 4 GiB, where NOLOWMEM divides memory. */
export const FRAME_4G = frame(0x10_0000);

/** Runs that are long enough and lie wrongly, before the search prefers longer ones. */
const MOST_TRIES = 64;

/** Pages of the documentation by name. */
const PLACEMENT_PAGE = 'nf-wdm-mmallocatecontiguousmemoryspecifycache';
const rulePages: Partial<Record<FrameRefusal['rule'], string>> = {
  nolowmem: 'bcdedit--set',
  node: 'nf-wdm-mmallocatecontiguousmemoryspecifycachenode',
};

const nothing: FreeSummary = {
  free: 0,
  longest: 0,
  longestAt: -1,
  runs: 0,
  kept: 0,
  taken: 0,
  takenRuns: 0,
  owned: 0,
};

const summarise: Measure<number, FrameRecord<FrameUse>, FreeSummary> = {
  of: (start, record) => summaryOf(nothing, start, record, nothing),
  join: (left, right) => ({
    free: left.free + right.free,
    longest: Math.max(left.longest, right.longest),
    longestAt: left.longest >= right.longest ? left.longestAt : right.longestAt,
    runs: left.runs + right.runs,
    kept: left.kept + right.kept,
    taken: left.taken + right.taken,
    takenRuns: left.takenRuns + right.takenRuns,
    owned: left.owned + right.owned,
  }),
  between: (left, start, record, right) =>
    summaryOf(left ?? nothing, start, record, right ?? nothing),
};

/** A run between two summaries, without further objects: every change makes some twenty of these. */
function summaryOf(
  left: FreeSummary,
  start: number,
  record: FrameRecord<FrameUse>,
  right: FreeSummary,
): FreeSummary {
  const { count, value } = record;
  const { owner } = value;
  const isFree = owner === undefined;
  const isTaken = owner === IN_USE;
  const isKept = owner === WINDOWS;
  let { longest, longestAt } = left;
  if (isFree && count > longest) {
    longest = count;
    longestAt = start;
  }
  if (right.longest > longest) {
    longest = right.longest;
    longestAt = right.longestAt;
  }
  return {
    free: left.free + right.free + (isFree ? count : 0),
    longest,
    longestAt,
    runs: left.runs + right.runs + (isFree ? 1 : 0),
    kept: left.kept + right.kept + (isKept ? count : 0),
    taken: left.taken + right.taken + (isTaken ? count : 0),
    takenRuns: left.takenRuns + right.takenRuns + (isTaken ? 1 : 0),
    owned: left.owned + right.owned + (isFree || isKept || isTaken ? 0 : 1),
  };
}

const sameUse = (left: FrameUse, right: FrameUse): boolean =>
  left.owner === right.owner &&
  left.allocation === right.allocation &&
  left.reserve === right.reserve;

const FREE: FrameUse = { owner: undefined, allocation: undefined };
const RESERVE: FrameUse = { owner: WINDOWS, allocation: undefined, reserve: true };

/** Bounds in frames of an address range whose ends are inclusive: only whole pages above `lowest` count. */
export function frameBounds(
  lowest: number,
  highest: number,
): { readonly lowest: PageFrame; readonly highest: PageFrame } {
  return {
    lowest: frame(Math.ceil(lowest / PAGE_SIZE)),
    highest: frame(Math.floor(highest / PAGE_SIZE)),
  };
}

interface Bounds {
  readonly low: number;
  readonly high: number;
}

export class Frames {
  /** Installed memory in ascending order, in frames; holes lie between. */
  readonly ranges: readonly FrameRunGrant[];
  readonly totalPages: number;
  /** The last frame of installed memory; -1 when there is none. */
  readonly highest: number;
  /** Inclusive frame bounds of each NUMA node. */
  readonly nodes: readonly Bounds[];
  private readonly uses: Table<number, FrameRecord<FrameUse>, FreeSummary>;
  private readonly locks: Table<number, FrameRecord<number>>;
  private readonly attributes: Table<number, FrameRecord<FrameAttribute>>;

  constructor(
    private readonly store: Store,
    host: string,
    private readonly machine: Pick<
      MachineConfiguration,
      'memory' | 'nolowmem' | 'freeMemory' | 'nodes'
    >,
  ) {
    this.uses = store.table(`${host}.frames`, summarise);
    this.locks = store.table(`${host}.frames.locks`);
    this.attributes = store.table(`${host}.frames.attributes`);
    this.ranges = installedRanges(machine.memory);
    this.totalPages = this.ranges.reduce((sum, range) => sum + range.count, 0);
    const last = this.ranges.at(-1);
    this.highest = last === undefined ? -1 : last.frame + last.count - 1;
    this.nodes = splitIntoNodes(this.ranges, this.totalPages, machine.nodes);
    this.boot();
  }

  // ---- Ownership -----------------------------------------------------------------------------------

  /** Runs of equal ownership by first frame; frames outside are not memory. */
  get all(): FrameMap<FrameUse, FreeSummary> {
    return this.store.all(this.uses);
  }

  /** Whether a frame is installed memory (and not a hole or a device's registers). */
  isMemory(page: number): boolean {
    return recordAt(this.all, page) !== undefined;
  }

  /** Whom a frame belongs to; undefined when it is not memory. */
  useOf(page: number): FrameUse | undefined {
    return recordAt(this.all, page)?.[1].value;
  }

  /** Stretches of a run with equal ownership; no `use` where no memory is. */
  *usesOf(
    first: number,
    count: number,
  ): Generator<FrameRunGrant & { readonly use: FrameUse | undefined }> {
    for (const stretch of [...stretches(this.all, first, count)]) {
      yield { frame: frame(stretch.start), count: stretch.count, use: stretch.value };
    }
  }

  /** The NUMA node of a frame; undefined when it is not memory. */
  nodeOf(page: number): number | undefined {
    const index = this.nodes.findIndex((node) => page >= node.low && page <= node.high);
    return index < 0 ? undefined : index;
  }

  /** What is free between two frames, inclusive; runs are cut at the bounds. */
  summary(low: number, high: number): FreeSummary {
    if (high < low) return nothing;
    const map = this.all;
    let result = nothing;
    const clipped = (entry: readonly [number, FrameRecord<FrameUse>] | undefined): void => {
      if (entry === undefined) return;
      const start = Math.max(entry[0], low);
      const count = Math.min(entry[0] + entry[1].count, high + 1) - start;
      if (count > 0) {
        result = summarise.join(result, summarise.of(start, { count, value: entry[1].value }));
      }
    };
    const first = recordAt(map, low);
    const last = recordAt(map, high);
    clipped(first);
    if (first !== undefined && last !== undefined && first[0] === last[0]) return result;
    const inner = map.measureBetween(
      first === undefined ? low : first[0] + first[1].count,
      last === undefined ? high + 1 : last[0],
    );
    if (inner !== undefined) result = summarise.join(result, inner);
    clipped(last);
    return result;
  }

  /** Free runs between two frames in ascending order, cut at them: `count` from number `start` on. */
  freeRuns(low: number, high: number, start: number, count: number): readonly FrameRunGrant[] {
    return [...this.list((part) => part.runs, { low, high }, start, count)].map(
      ({ frame: first, count: length }) => ({ frame: first, count: length }),
    );
  }

  /** Runs with an owner other than Windows, in the same way. */
  ownedRuns(
    low: number,
    high: number,
    start: number,
    count: number,
  ): readonly (FrameRunGrant & { readonly use: FrameUse })[] {
    return [...this.list((part) => part.owned, { low, high }, start, count)];
  }

  /** Gives frames to a request, or says why not. */
  allocate(request: FrameRequest): FrameGrant | FrameRefusal {
    const bounds = this.boundsOf(request);
    const runs =
      request.reserve === true
        ? this.takeReserve(request)
        : 'refused' in bounds
          ? undefined
          : this.search(request, bounds);
    if (runs === undefined) return this.refuse(request, bounds);
    let map = this.all;
    for (const run of runs) {
      map =
        cutFromFree(map, run, request) ??
        changeRange(
          map,
          run.frame,
          run.count,
          (old) => ({
            owner: request.owner,
            allocation: request.allocation,
            ...(old?.reserve === true ? { reserve: true as const } : {}),
          }),
          sameUse,
        );
    }
    this.replaceUses(map);
    return { granted: true, runs };
  }

  /** Gives frames back. Their caching behaviour is forgotten. */
  free(runs: readonly FrameRunGrant[]): void {
    let map = this.all;
    for (const run of runs) {
      map =
        joinToFree(map, run) ??
        changeRange(
          map,
          run.frame,
          run.count,
          (old) => (old === undefined ? undefined : old.reserve === true ? RESERVE : FREE),
          sameUse,
        );
      this.change(this.attributes, run.frame, run.count, () => undefined, sameAttribute);
    }
    this.replaceUses(map);
  }

  /** Names the owner of frames that are held already. */
  assign(runs: readonly FrameRunGrant[], owner: string, allocation: number | undefined): void {
    for (const run of runs) {
      this.change(
        this.uses,
        run.frame,
        run.count,
        (old) => (old === undefined ? undefined : { ...old, owner, allocation }),
        sameUse,
      );
    }
  }

  // ---- Locks ---------------------------------------------------------------------------------------

  /** How often a frame is locked in memory. */
  lockCount(page: number): number {
    return recordAt(this.store.all(this.locks), page)?.[1].value ?? 0;
  }

  /** Locks `count` frames once more. */
  lock(first: number, count = 1): void {
    this.change(this.locks, first, count, (old) => (old ?? 0) + 1, equal);
  }

  /** Takes one lock off each of `count` frames; the caller made sure that each has one. */
  unlock(first: number, count = 1): void {
    this.change(
      this.locks,
      first,
      count,
      (old) => (old === undefined || old <= 1 ? undefined : old - 1),
      equal,
    );
  }

  /** The first frame of a run that has no lock. */
  firstUnlocked(first: number, count: number): PageFrame | undefined {
    for (const stretch of stretches(this.store.all(this.locks), first, count)) {
      if (stretch.value === undefined) return frame(stretch.start);
    }
    return undefined;
  }

  /** The first locked frame of a run. */
  firstLocked(first: number, count: number): PageFrame | undefined {
    for (const stretch of stretches(this.store.all(this.locks), first, count)) {
      if (stretch.value !== undefined) return frame(stretch.start);
    }
    return undefined;
  }

  /** Stretches of a run with equal lock counts, in order. */
  *locksOf(first: number, count: number): Generator<FrameRunGrant & { readonly locks: number }> {
    for (const stretch of [...stretches(this.store.all(this.locks), first, count)]) {
      yield {
        frame: frame(stretch.start),
        count: stretch.count,
        locks: stretch.value ?? 0,
      };
    }
  }

  // ---- Caching behaviour and mappings ----------------------------------------------------------------

  /** Caching behaviour and number of mappings; undefined for a frame that was never mapped. */
  attributeOf(page: number): FrameAttribute | undefined {
    return recordAt(this.store.all(this.attributes), page)?.[1].value;
  }

  /** Counts a mapping of frames; a frame that has a caching behaviour keeps it. */
  addMapping(first: number, count: number, cache: CacheType): void {
    this.change(
      this.attributes,
      first,
      count,
      (old) => ({ cache: old?.cache ?? cache, mappings: (old?.mappings ?? 0) + 1 }),
      sameAttribute,
    );
  }

  /** The first frame of a run that more than one mapping shows. */
  firstShared(first: number, count: number): PageFrame | undefined {
    for (const stretch of stretches(this.store.all(this.attributes), first, count)) {
      if (stretch.value !== undefined && stretch.value.mappings > 1) return frame(stretch.start);
    }
    return undefined;
  }

  /** Stretches of a run with an equal number of mappings, in order. */
  *mappingsOf(
    first: number,
    count: number,
  ): Generator<FrameRunGrant & { readonly mappings: number }> {
    for (const stretch of [...stretches(this.store.all(this.attributes), first, count)]) {
      yield {
        frame: frame(stretch.start),
        count: stretch.count,
        mappings: stretch.value?.mappings ?? 0,
      };
    }
  }

  /** The first frame of a run that is mapped with another caching behaviour. */
  firstOtherCache(
    first: number,
    count: number,
    cache: CacheType,
  ): { readonly frame: PageFrame; readonly cache: CacheType } | undefined {
    for (const stretch of stretches(this.store.all(this.attributes), first, count)) {
      if (
        stretch.value !== undefined &&
        stretch.value.mappings > 0 &&
        stretch.value.cache !== cache
      ) {
        return { frame: frame(stretch.start), cache: stretch.value.cache };
      }
    }
    return undefined;
  }

  /** Takes a mapping off frames. The caching behaviour stays until the frames are freed. */
  removeMapping(first: number, count: number): void {
    this.change(
      this.attributes,
      first,
      count,
      (old) => old && { cache: old.cache, mappings: Math.max(0, old.mappings - 1) },
      sameAttribute,
    );
  }

  // ---- The search ----------------------------------------------------------------------------------

  /** The bounds that machine and node leave of a request's own. */
  private boundsOf(request: FrameRequest): Bounds & {
    readonly refused?: 'range' | 'nolowmem' | 'node';
    readonly byNolowmem: boolean;
    readonly byNode: boolean;
  } {
    let low: number = request.lowest;
    let high: number = Math.min(request.highest, this.highest);
    let refused: 'range' | 'nolowmem' | 'node' | undefined;
    if (high < low) refused = 'range';
    const byNolowmem = this.machine.nolowmem && request.highest >= FRAME_4G && low < FRAME_4G;
    if (byNolowmem) {
      low = FRAME_4G;
      if (high < low) refused ??= 'nolowmem';
    }
    let byNode = false;
    if (request.node !== undefined && this.nodes.length > 1) {
      byNode = true;
      const node = this.nodes[request.node];
      low = Math.max(low, node?.low ?? 0);
      high = Math.min(high, node?.high ?? -1);
      if (high < low) refused ??= 'node';
    }
    return { low, high, byNolowmem, byNode, ...(refused === undefined ? {} : { refused }) };
  }

  private search(request: FrameRequest, bounds: Bounds): readonly FrameRunGrant[] | undefined {
    if (request.contiguous) {
      const start = this.findContiguous(request, bounds);
      return start === undefined ? undefined : [{ frame: frame(start), count: request.pages }];
    }
    if (this.summary(bounds.low, bounds.high).free < request.pages) return undefined;
    return this.takeScattered(
      request.pages,
      bounds,
      (value) => value.owner === undefined,
      request.mostRuns,
    );
  }

  /** The highest start that satisfies every rule, in free memory or in what Windows keeps. */
  private findContiguous(
    request: FrameRequest,
    bounds: Bounds,
    source: 'free' | 'kept' = 'free',
  ): number | undefined {
    const { pages } = request;
    if (request.boundary !== 0 && pages > request.boundary) return undefined;
    const owner = source === 'free' ? undefined : WINDOWS;
    const place = (start: number, record: FrameRecord<FrameUse>): number | undefined =>
      record.value.owner === owner
        ? placeInRun(
            request,
            Math.max(start, bounds.low),
            Math.min(start + record.count - 1, bounds.high),
          )
        : undefined;
    const find = (least: number, from: number, tries: number): number | undefined => {
      let left = tries;
      const found = this.all.findLast(
        (summary) => (source === 'free' ? summary.longest : summary.kept) >= least,
        // A run that ends below the bounds ends the search.
        (start, record) => {
          if (start + record.count <= bounds.low || place(start, record) !== undefined) return true;
          if (record.value.owner === owner && record.count >= least) left--;
          return left < 0;
        },
        from,
      );
      if (found === undefined) return undefined;
      const start = place(found[0], found[1]);
      // Many runs are long enough and lie wrongly: one that cannot is looked for before the rest of them.
      if (start !== undefined || left >= 0) return start;
      return (
        find(this.sureLength(request), found[0] - 1, Number.POSITIVE_INFINITY) ??
        find(least, found[0] - 1, Number.POSITIVE_INFINITY)
      );
    };
    return find(pages, bounds.high, MOST_TRIES);
  }

  /** A run of so many pages holds the block wherever it lies. */
  private sureLength({ pages, alignment, boundary }: FrameRequest): number {
    const aligned = pages + alignment - 1;
    return boundary === 0 ? aligned : 2 * aligned - 1;
  }

  /**
   * Frames from the top downwards in pieces with a gap between them; what the gaps leave short is filled up
   * from the gaps themselves. The caller made sure that there are enough.
   */
  private takeScattered(
    pages: number,
    bounds: Bounds,
    accepts: (value: FrameUse) => boolean,
    mostRuns = Number.POSITIVE_INFINITY,
  ): readonly FrameRunGrant[] {
    // Bounds the number of runs of a huge request.
    const piece = Math.max(1, Math.ceil(pages / 64));
    const taken: FrameRunGrant[] = [];
    const gaps: number[] = [];
    let left = pages;
    const mayHold = (summary: FreeSummary): boolean =>
      accepts(FREE) ? summary.free > 0 : summary.kept > 0;
    let from = bounds.high;
    while (left > 0 && from >= bounds.low && taken.length < mostRuns) {
      const entry = this.all.findLast(mayHold, (_start, record) => accepts(record.value), from);
      if (entry === undefined) break;
      const low = Math.max(entry[0], bounds.low);
      let top = Math.min(entry[0] + entry[1].count - 1, bounds.high);
      while (left > 0 && top >= low) {
        const count = Math.min(piece, left, top - low + 1);
        taken.push({ frame: frame(top - count + 1), count });
        left -= count;
        top -= count;
        if (left > 0 && top >= low) gaps.push(top--);
      }
      from = entry[0] - 1;
    }
    for (const gap of gaps) {
      if (left === 0) break;
      taken.push({ frame: frame(gap), count: 1 });
      left--;
    }
    return taken;
  }

  private takeReserve(request: FrameRequest): readonly FrameRunGrant[] | undefined {
    const isKept = (value: FrameUse): boolean => value.owner === WINDOWS && value.reserve === true;
    const whole = { low: request.lowest, high: Math.min(request.highest, this.highest) };
    const upper = { low: Math.max(whole.low, FRAME_4G), high: whole.high };
    for (const bounds of this.machine.nolowmem ? [upper, whole] : [whole]) {
      if (request.contiguous) {
        const start = this.findContiguous(request, bounds, 'kept');
        if (start !== undefined) return [{ frame: frame(start), count: request.pages }];
      } else if (this.summary(bounds.low, bounds.high).kept >= request.pages) {
        return this.takeScattered(request.pages, bounds, isKept);
      }
    }
    const bounds = this.boundsOf(request);
    return this.search(request, bounds) ?? this.search(request, whole);
  }

  // ---- Refusals ------------------------------------------------------------------------------------

  private refuse(request: FrameRequest, bounds: ReturnType<Frames['boundsOf']>): FrameRefusal {
    const { low, high } = bounds;
    const { free, longest, longestAt } = this.longestWithin(low, high, request.boundary);
    const rule = this.ruleThatDecided(request, bounds, free, longest);
    const there = `${bounds.byNode ? ` on node ${request.node}` : ''}${describeBounds(request)}`;
    const asked = `${pagesText(request.pages, request.contiguous)}${there} ${request.pages === 1 ? 'was' : 'were'} asked for`;
    let explanation: string;
    if (rule === 'range') {
      explanation = `${asked}; no page of this machine's memory lies there`;
    } else {
      explanation = `${asked}; ${describeFree(request, free, longest, longestAt)}`;
    }
    explanation += this.because(request, rule);
    return {
      granted: false,
      rule,
      freePages: free,
      longestRun: longest,
      longestAt: longestAt < 0 ? undefined : addressOf(frame(longestAt)),
      explanation,
      page: rulePages[rule] ?? PLACEMENT_PAGE,
    };
  }

  private ruleThatDecided(
    request: FrameRequest,
    bounds: ReturnType<Frames['boundsOf']>,
    free: number,
    longest: number,
  ): FrameRefusal['rule'] {
    if (bounds.refused !== undefined) return bounds.refused;
    const own = { low: request.lowest, high: Math.min(request.highest, this.highest) };
    if (this.pagesBetween(own) === 0) return 'range';
    if (bounds.byNolowmem && this.search({ ...request }, { ...bounds, low: own.low })) {
      return 'nolowmem';
    }
    if (
      bounds.byNode &&
      this.search(request, { low: bounds.byNolowmem ? FRAME_4G : own.low, high: own.high })
    ) {
      return 'node';
    }
    if (free < request.pages) return 'amount';
    if (request.boundary !== 0) {
      const whole = this.summary(bounds.low, bounds.high).longest;
      if (whole >= request.pages && longest < request.pages) return 'boundary';
    }
    if (longest < request.pages) return 'contiguity';
    return 'alignment';
  }

  private because(request: FrameRequest, rule: FrameRefusal['rule']): string {
    switch (rule) {
      case 'nolowmem': {
        const below = this.summary(request.lowest, FRAME_4G - 1).free;
        return (
          `. The machine has nolowmem: only a request whose highest address is below ${formatPhysical(physical(0x1_0000_0000))} ` +
          `gets memory from below it, where ${below} ${below === 1 ? 'page is' : 'pages are'} free`
        );
      }
      case 'boundary':
        return request.pages > request.boundary
          ? `. A block of ${request.pages * PAGE_SIZE} bytes cannot avoid the multiples of its boundary, ${formatPhysical(addressOf(frame(request.boundary)))}`
          : `, and longer ones are cut by a multiple of the boundary, ${formatPhysical(addressOf(frame(request.boundary)))}`;
      case 'alignment':
        return `, and none holds the block at a multiple of ${formatPhysical(addressOf(frame(request.alignment)))}`;
      case 'node':
        return this.nodes[request.node ?? 0] === undefined
          ? `. The machine has ${this.nodes.length} nodes, 0 to ${this.nodes.length - 1}`
          : '. Other nodes could have served it';
      default:
        return '';
    }
  }

  /** Free pages and the longest free run within the bounds, cut at multiples of the boundary as well. */
  private longestWithin(
    low: number,
    high: number,
    boundary: number,
  ): { readonly free: number; readonly longest: number; readonly longestAt: number } {
    const summary = this.summary(low, high);
    if (boundary === 0 || summary.free === 0) return summary;
    let longest = 0;
    let longestAt = -1;
    let from = recordAt(this.all, low)?.[0] ?? low;
    while (from <= high) {
      const entry = this.all.findFirst(
        (part) => part.longest > longest,
        (_start, record) => record.value.owner === undefined && record.count > longest,
        from,
      );
      if (entry === undefined || entry[0] > high) break;
      const start = Math.max(entry[0], low);
      const end = Math.min(entry[0] + entry[1].count, high + 1);
      for (const piece of cutAtMultiples(start, end, boundary)) {
        if (piece.count > longest) {
          longest = piece.count;
          longestAt = piece.start;
        }
      }
      from = entry[0] + entry[1].count;
    }
    return { free: summary.free, longest, longestAt };
  }

  private pagesBetween(bounds: Bounds): number {
    let pages = 0;
    for (const range of this.ranges) {
      const start = Math.max(range.frame, bounds.low);
      const end = Math.min(range.frame + range.count, bounds.high + 1);
      pages += Math.max(0, end - start);
    }
    return pages;
  }

  // ---- Boot ----------------------------------------------------------------------------------------

  private boot(): void {
    let map = this.all;
    const { freeMemory } = this.machine;
    const exact = freeMemory.kind === 'exact';
    for (const range of this.ranges) {
      map = map.set(range.frame, { count: range.count, value: exact ? RESERVE : FREE });
    }
    const mark = (first: number, count: number, value: FrameUse): void => {
      map = changeRange(
        map,
        first,
        count,
        (old) => (old === undefined ? undefined : value),
        sameUse,
      );
    };
    if (exact) {
      for (const range of freeMemory.ranges) {
        const first = Math.ceil(range.start / PAGE_SIZE);
        mark(first, Math.floor(range.end / PAGE_SIZE) - first, FREE);
      }
    } else {
      // The firmware's first 64 KiB are nobody's: a physical address of 0 is never handed out.
      mark(0, 16, { owner: 'firmware', allocation: undefined });
      const pages = Math.min(Math.floor(this.totalPages / 8), bytesToPages(512 * 1024 * 1024));
      for (const run of this.bootPlace(pages)) mark(run.frame, run.count, RESERVE);
      if (freeMemory.kind === 'fragmented') {
        const runs: FrameRunGrant[] = [];
        for (const [start, record] of map.entries()) {
          if (record.value.owner === undefined)
            runs.push({ frame: frame(start), count: record.count });
        }
        const taken = this.totalPages - runs.reduce((sum, run) => sum + run.count, 0);
        const wanted = Math.round((this.totalPages * freeMemory.percent) / 100) - taken;
        for (const run of fragment(runs, wanted, freeMemory.runs, freeMemory.seed)) {
          mark(run.frame, run.count, { owner: IN_USE, allocation: undefined });
        }
      }
    }
    this.replaceUses(map);
  }

  /**
   * Where Windows loads: behind the 16 MiB that ISA devices reach (on small machines from 1 MiB on), or, with
   * nolowmem, at the top of memory.
   */
  private *bootPlace(pages: number): Generator<FrameRunGrant> {
    let left = pages;
    const lowest = this.highest >= 0x2000 ? 0x1000 : 0x100;
    const top = this.machine.nolowmem && this.highest >= FRAME_4G;
    const ranges = top ? this.ranges.toReversed() : this.ranges;
    for (const range of ranges) {
      const first = top ? Math.max(range.frame, FRAME_4G) : Math.max(range.frame, lowest);
      const count = Math.min(left, range.frame + range.count - first);
      if (count <= 0) continue;
      yield { frame: frame(top ? range.frame + range.count - count : first), count };
      left -= count;
    }
  }

  /** Runs that `counter` counts, within bounds. */
  private *list(
    counter: (summary: FreeSummary) => number,
    bounds: Bounds,
    start: number,
    count: number,
  ): Generator<FrameRunGrant & { readonly use: FrameUse }> {
    const map = this.all;
    const first = recordAt(map, bounds.low)?.[0] ?? bounds.low;
    const before = map.measureBetween(0, first);
    const base = (before === undefined ? 0 : counter(before)) + start;
    for (let index = 0; index < count; index++) {
      const entry = map.nth(counter, base + index);
      if (entry === undefined || entry[0] > bounds.high) return;
      const from = Math.max(entry[0], bounds.low);
      const end = Math.min(entry[0] + entry[1].count, bounds.high + 1);
      yield { frame: frame(from), count: end - from, use: entry[1].value };
    }
  }

  private replaceUses(map: FrameMap<FrameUse, FreeSummary>): void {
    this.replace(this.uses, map);
  }

  /** `changeRange` of a table. */
  private change<V, M>(
    table: Table<number, FrameRecord<V>, M>,
    first: number,
    count: number,
    change: (value: V | undefined) => V | undefined,
    same: (left: V, right: V) => boolean,
  ): void {
    const map = this.store.all(table);
    if (map.size === 0 && change(undefined) === undefined) return;
    this.replace(table, changeRange(map, first, count, change, same));
  }

  private replace<V, M>(table: Table<number, FrameRecord<V>, M>, contents: FrameMap<V, M>): void {
    this.store.replaceAll(table, contents);
  }
}

/**
 * The map with a block that lies inside a free run, behind its first page, taken out of it; undefined for any other
 * block. What most allocations are costs no more than it must.
 */
function cutFromFree(
  map: FrameMap<FrameUse, FreeSummary>,
  block: FrameRunGrant,
  request: FrameRequest,
): FrameMap<FrameUse, FreeSummary> | undefined {
  const entry = map.atOrBelow(block.frame);
  if (entry === undefined || entry[1].value !== FREE || entry[0] === block.frame) return undefined;
  const [start, record] = entry;
  const end = block.frame + block.count;
  const behind = start + record.count - end;
  if (behind < 0) return undefined;
  const value: FrameUse = { owner: request.owner, allocation: request.allocation };
  if (behind === 0) {
    const next = map.get(end);
    if (next !== undefined && sameUse(next.value, value)) return undefined;
  }
  const before = map.set(start, { count: block.frame - start, value: FREE });
  const cut = before.set(block.frame, { count: block.count, value });
  return behind === 0 ? cut : cut.set(end, { count: behind, value: FREE });
}

/**
 * The map with one whole run made free and joined with the free runs beside it; undefined when the block is more or
 * less than a run, or goes back to Windows.
 */
function joinToFree(
  map: FrameMap<FrameUse, FreeSummary>,
  block: FrameRunGrant,
): FrameMap<FrameUse, FreeSummary> | undefined {
  const record = map.get(block.frame);
  if (record === undefined || record.count !== block.count) return undefined;
  if (record.value.owner === undefined || record.value.reserve === true) return undefined;
  const end = block.frame + block.count;
  const before = map.atOrBelow(block.frame - 1);
  const behind = map.get(end);
  const joinsBehind = behind !== undefined && sameUse(behind.value, FREE);
  const joinsBefore =
    before !== undefined &&
    before[0] + before[1].count === block.frame &&
    sameUse(before[1].value, FREE);
  const count = block.count + (joinsBehind ? behind.count : 0);
  const rest = joinsBehind ? map.delete(end) : map;
  if (!joinsBefore) return rest.set(block.frame, { count, value: FREE });
  const whole = { count: before[1].count + count, value: FREE };
  return rest.delete(block.frame).set(before[0], whole);
}

const equal = (left: number, right: number): boolean => left === right;
const sameAttribute = (left: FrameAttribute, right: FrameAttribute): boolean =>
  left.cache === right.cache && left.mappings === right.mappings;

/** The highest start for the block within a free run `from ..= to`, or undefined. */
function placeInRun(request: FrameRequest, from: number, to: number): number | undefined {
  const { pages, alignment, boundary } = request;
  const align = (start: number): number => Math.floor(start / alignment) * alignment;
  let start = align(to - pages + 1);
  if (boundary !== 0) {
    const last = start + pages - 1;
    const multiple = Math.floor(last / boundary) * boundary;
    // A multiple inside the block: the block moves to end right below it.
    if (multiple > start) start = align(multiple - pages);
  }
  return start >= from ? start : undefined;
}

/** The first, one whole middle and the last piece of a run that is cut at multiples: no other is longer. */
function* cutAtMultiples(
  start: number,
  end: number,
  boundary: number,
): Generator<{ readonly start: number; readonly count: number }> {
  const first = Math.min(end, (Math.floor(start / boundary) + 1) * boundary);
  yield { start, count: first - start };
  if (first + boundary <= end) yield { start: first, count: boundary };
  const last = Math.floor((end - 1) / boundary) * boundary;
  if (last >= first) yield { start: last, count: end - last };
}

function installedRanges(memory: MachineConfiguration['memory']): readonly FrameRunGrant[] {
  const ranges: { frame: PageFrame; count: number }[] = [];
  for (const range of memory.toSorted((left, right) => left.start - right.start)) {
    const first = Math.ceil(range.start / PAGE_SIZE);
    const end = Math.floor(range.end / PAGE_SIZE);
    const last = ranges.at(-1);
    const lastEnd = last === undefined ? -1 : last.frame + last.count;
    if (last !== undefined && first <= lastEnd) {
      last.count = Math.max(lastEnd, end) - last.frame;
    } else if (end > first) {
      ranges.push({ frame: frame(first), count: end - first });
    }
  }
  return ranges;
}

/** Nodes get equal shares of the pages, in ascending order of addresses. */
function splitIntoNodes(
  ranges: readonly FrameRunGrant[],
  total: number,
  nodes: number,
): readonly Bounds[] {
  const frameAt = (index: number): number => {
    let left = index;
    for (const range of ranges) {
      if (left < range.count) return range.frame + left;
      left -= range.count;
    }
    return -1;
  };
  const result: Bounds[] = [];
  const count = Math.max(1, nodes);
  for (let node = 0; node < count && total > 0; node++) {
    const first = Math.floor((total * node) / count);
    const end = Math.floor((total * (node + 1)) / count);
    if (end > first) result.push({ low: frameAt(first), high: frameAt(end - 1) });
  }
  return result;
}

/**
 * Takes `pages` pages in `count` runs out of free memory: the lengths of the runs and of the gaps between
 * them are random, but every run is apart from the next.
 */
function* fragment(
  free: readonly FrameRunGrant[],
  pages: number,
  count: number,
  seed: number,
): Generator<FrameRunGrant> {
  const total = free.reduce((sum, run) => sum + run.count, 0);
  const taken = Math.min(Math.max(0, pages), total);
  const runs = Math.min(count, taken, total - taken + 1);
  if (runs === 0) return;
  const random = new SeededRandom(seed, 0x66726167);
  const lengths = composition(random, taken - runs, runs);
  // Gaps before the first and behind the last run may be empty, those between may not.
  const gaps = composition(random, total - taken - (runs - 1), runs + 1);
  let index = 0;
  let position = 0; // index of the page of `free` where free[index] starts
  let at = 0;
  for (let run = 0; run < runs; run++) {
    at += (gaps[run] ?? 0) + (run === 0 ? 0 : 1);
    let left = (lengths[run] ?? 0) + 1;
    while (left > 0) {
      const range = free[index];
      if (range === undefined) return;
      if (at >= position + range.count) {
        position += range.count;
        index++;
        continue;
      }
      const part = Math.min(left, position + range.count - at);
      yield { frame: frame(range.frame + at - position), count: part };
      at += part;
      left -= part;
    }
  }
}

/** `parts` numbers of at least 0 that add up to `total`. */
function composition(random: SeededRandom, total: number, parts: number): readonly number[] {
  const cuts = Array.from({ length: parts - 1 }, () => random.below(total + 1));
  cuts.sort((left, right) => left - right);
  return [...cuts, total].map((cut, index) => cut - (index === 0 ? 0 : (cuts[index - 1] ?? 0)));
}

function pagesText(pages: number, contiguous: boolean): string {
  return `${pages} ${contiguous && pages > 1 ? 'contiguous ' : ''}${pages === 1 ? 'page' : 'pages'}`;
}

function describeBounds(request: FrameRequest): string {
  const lowest = formatPhysical(addressOf(request.lowest));
  const unlimited = request.highest >= 2 ** 40 - 1;
  const highest = formatPhysical(physical(request.highest * PAGE_SIZE + PAGE_SIZE - 1));
  if (request.lowest > 0) {
    return unlimited ? ` at or above ${lowest}` : ` between ${lowest} and ${highest}`;
  }
  return unlimited ? '' : ` at or below ${highest}`;
}

function describeFree(
  request: FrameRequest,
  free: number,
  longest: number,
  longestAt: number,
): string {
  if (free === 0) return 'no page is free there';
  if (!request.contiguous) return `${free} ${free === 1 ? 'page is' : 'pages are'} free there`;
  const within = request.boundary === 0 ? '' : ' between the boundaries';
  return (
    `the longest free run there${within} is ${longest} ${longest === 1 ? 'page' : 'pages'}, ` +
    `at ${formatPhysical(addressOf(frame(longestAt)))}`
  );
}
