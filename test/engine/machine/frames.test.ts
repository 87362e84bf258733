import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frame, PAGE_SIZE } from '../../../engine/base/addresses.ts';
import { Store } from '../../../engine/base/store.ts';
import {
  FRAME_4G,
  type FrameGrant,
  type FrameRefusal,
  type FrameRequest,
  Frames,
  frameBounds,
} from '../../../engine/machine/frames.ts';

const K = 1024;
const M = 1024 * K;
const G = 1024 * M;
const T = 1024 * G;

type Machine = ConstructorParameters<typeof Frames>[2];

function machine(changes: Partial<Machine> = {}): Machine {
  return {
    memory: [{ start: 0, end: 16 * M }],
    nolowmem: false,
    freeMemory: { kind: 'all' },
    nodes: 1,
    ...changes,
  };
}

const frames = (changes: Partial<Machine> = {}): Frames =>
  new Frames(new Store(() => undefined), 'alpha', machine(changes));

function request(changes: Partial<FrameRequest> = {}): FrameRequest {
  return {
    pages: 1,
    lowest: frame(0),
    highest: frame(2 ** 52 - 1),
    boundary: 0,
    contiguous: true,
    alignment: 1,
    node: undefined,
    owner: 'test',
    allocation: undefined,
    ...changes,
  };
}

const exact = (...ranges: readonly [number, number][]): Machine['freeMemory'] => ({
  kind: 'exact',
  ranges: ranges.map(([start, end]) => ({ start, end })),
});

function granted(answer: FrameGrant | FrameRefusal): FrameGrant {
  if (!answer.granted) throw new Error(`refused: ${answer.explanation}`);
  return answer;
}

function refused(answer: FrameGrant | FrameRefusal): FrameRefusal {
  if (answer.granted) throw new Error(`granted: ${JSON.stringify(answer.runs)}`);
  return answer;
}

const startOf = (answer: FrameGrant | FrameRefusal): number | undefined =>
  granted(answer).runs[0]?.frame;

describe('placement of a contiguous block', () => {
  it('counts the page at the highest address in', () => {
    const memory = frames({ freeMemory: exact([0xf0_0000, 0x100_0000]) });
    const { lowest, highest } = frameBounds(0, 0xff_ffff);
    expect(startOf(memory.allocate(request({ pages: 2, lowest, highest })))).toBe(0xffe);
  });

  it('does not let a multiple of the boundary fall inside, but at the start', () => {
    const free = exact([0x1_f000, 0x2_1000]);
    const across = refused(
      frames({ freeMemory: free }).allocate(request({ pages: 2, boundary: 0x10 })),
    );
    expect(across.rule).toBe('boundary');
    expect(across.longestRun).toBe(1);
    const at = frames({ freeMemory: exact([0x1_0000, 0x2_0000]) });
    expect(startOf(at.allocate(request({ pages: 16, boundary: 0x10 })))).toBe(0x10);
  });

  it('can never satisfy a boundary that is smaller than the block', () => {
    const answer = refused(frames().allocate(request({ pages: 17, boundary: 16 })));
    expect(answer.rule).toBe('boundary');
    expect(answer.explanation).toContain('0x10000');
  });

  it('converts addresses to whole pages: up for the lowest, down for the highest', () => {
    expect(frameBounds(0x1001, 0x100_0000)).toEqual({ lowest: 2, highest: 0x1000 });
    expect(frameBounds(0x1000, 0xff_ffff)).toEqual({ lowest: 1, highest: 0xfff });
  });

  it('keeps to one NUMA node when asked, without falling back', () => {
    const memory = frames({ nodes: 2, freeMemory: exact([8 * M, 16 * M]) });
    const other = refused(memory.allocate(request({ node: 0 })));
    expect(other.rule).toBe('node');
    expect(other.freePages).toBe(0);
    expect(memory.nodeOf(startOf(memory.allocate(request({ node: 1 }))) ?? 0)).toBe(1);
  });

  it('takes any node on a machine with one', () => {
    expect(frames().allocate(request({ node: 7 })).granted).toBe(true);
  });
});

describe('a refusal', () => {
  it('names what was asked, the longest free run and where it is', () => {
    const memory = frames({
      memory: [{ start: 0, end: 8 * G }],
      freeMemory: exact(
        [0x2f4_1000, 0x2f4_8000],
        [0x5_0000, 0x5_3000],
        [6 * G, 7 * G],
        [M, M + 0x6000],
      ),
    });
    const answer = refused(
      memory.allocate(request({ pages: 16, highest: frameBounds(0, 0xffff_ffff).highest })),
    );
    expect(answer).toMatchObject({
      rule: 'contiguity',
      freePages: 16,
      longestRun: 7,
      longestAt: 0x2f4_1000,
    });
    expect(answer.explanation).toBe(
      '16 contiguous pages at or below 0xFFFFFFFF were asked for; ' +
        'the longest free run there is 7 pages, at 0x2F41000',
    );
  });

  it('says that no memory lies within bounds that fall into a hole', () => {
    const memory = frames({
      memory: [
        { start: 0, end: 640 * K },
        { start: M, end: 16 * M },
      ],
    });
    const { lowest, highest } = frameBounds(640 * K, M - 1);
    expect(refused(memory.allocate(request({ lowest, highest }))).rule).toBe('range');
  });

  it('changes nothing', () => {
    const store = new Store(() => undefined);
    const memory = new Frames(store, 'alpha', machine({ freeMemory: exact([0, 0x3000]) }));
    const before = store.hash();
    refused(memory.allocate(request({ pages: 4 })));
    refused(memory.allocate(request({ pages: 4, contiguous: false })));
    expect(store.hash()).toBe(before);
  });
});

describe('nolowmem', () => {
  const server: Partial<Machine> = {
    memory: [
      { start: 0, end: 640 * K },
      { start: M, end: 3 * G },
      { start: 4 * G, end: 8 * G },
    ],
    nolowmem: true,
  };

  it('serves only those from below 4 GiB whose highest address is below it', () => {
    const memory = frames(server);
    const low = startOf(memory.allocate(request({ highest: frame(FRAME_4G - 1) })));
    const any = startOf(memory.allocate(request()));
    const many = granted(memory.allocate(request({ pages: 1000, contiguous: false })));
    expect(low).toBeLessThan(FRAME_4G);
    expect(any).toBeGreaterThanOrEqual(FRAME_4G);
    expect(many.runs.every((run) => run.frame >= FRAME_4G)).toBe(true);
  });

  it('is named when it decided', () => {
    const memory = frames({ ...server, freeMemory: exact([M, 2 * M]) });
    const answer = refused(memory.allocate(request()));
    expect(answer.rule).toBe('nolowmem');
    expect(answer.explanation).toContain('256 pages are free');
    expect(memory.allocate(request({ highest: frame(FRAME_4G - 1) })).granted).toBe(true);
  });
});

describe('what is free at first', () => {
  it('is exactly what the scenario lists, where memory is', () => {
    const memory = frames({ freeMemory: exact([0xe000, 0x1_4000], [15 * M, 17 * M]) });
    expect(memory.summary(0, memory.highest).free).toBe(6 + 256);
    expect(memory.freeRuns(0, memory.highest, 0, 1)).toEqual([{ frame: 0xe, count: 6 }]);
  });

  it('is what the percentage leaves, in the number of runs asked for', () => {
    const memory = frames({
      memory: [{ start: 0, end: 20 * G }],
      freeMemory: { kind: 'fragmented', percent: 40, runs: 4096, seed: 7 },
    });
    const { free, runs } = memory.summary(0, memory.highest);
    expect(free).toBe(Math.round(memory.totalPages * 0.6));
    // Runs taken at the very end of a free stretch make no new free run.
    expect(runs).toBeGreaterThan(4090);
    expect(runs).toBeLessThan(4100);
  });

  it('depends on the seed alone', () => {
    const layout = (seed: number): string => {
      const store = new Store(() => undefined);
      const memory = new Frames(
        store,
        'alpha',
        machine({ freeMemory: { kind: 'fragmented', percent: 30, runs: 50, seed } }),
      );
      expect(memory.totalPages).toBe(4096);
      return store.hash();
    };
    expect(layout(1)).toBe(layout(1));
    expect(layout(1)).not.toBe(layout(2));
  });

  it('never includes the page at physical address 0 unless the scenario says so', () => {
    const memory = frames();
    expect(memory.useOf(0)?.owner).toBe('firmware');
    expect(frames({ freeMemory: exact([0, 0x1000]) }).useOf(0)?.owner).toBeUndefined();
  });
});

describe('frames that are not asked to be adjacent', () => {
  it('are not, so that a driver that counts on it is found out', () => {
    const runs = granted(frames().allocate(request({ pages: 8, contiguous: false }))).runs;
    expect(runs).toHaveLength(8);
  });

  it('are granted down to the last free page', () => {
    const memory = frames({ freeMemory: exact([0, 0x5000], [0x8000, 0xb000]) });
    granted(memory.allocate(request({ pages: 8, contiguous: false })));
    const answer = refused(memory.allocate(request({ contiguous: false })));
    expect(answer).toMatchObject({ rule: 'amount', freePages: 0 });
  });

  it('come from what Windows keeps when the system itself asks', () => {
    const memory = frames({ freeMemory: exact([0xe000, 0x1_4000]) });
    const own = granted(
      memory.allocate(request({ pages: 100, contiguous: false, reserve: true })),
    ).runs;
    expect(memory.summary(0, memory.highest).free).toBe(6);
    const block = granted(memory.allocate(request({ pages: 16, reserve: true }))).runs;
    expect(block).toHaveLength(1);
    memory.free([...own, ...block]);
    expect(memory.summary(0, memory.highest)).toMatchObject({ free: 6, kept: 4096 - 6, owned: 0 });
  });
});

describe('locks, caching and mappings of a frame', () => {
  it('counts locks, and tells where there are none', () => {
    const memory = frames();
    memory.lock(10, 5);
    memory.lock(12);
    expect([9, 10, 12, 14, 15].map((page) => memory.lockCount(page))).toEqual([0, 1, 2, 1, 0]);
    memory.unlock(12);
    expect(memory.firstUnlocked(10, 5)).toBeUndefined();
    memory.unlock(12);
    expect(memory.firstUnlocked(10, 5)).toBe(12);
    expect(memory.firstLocked(12, 4)).toBe(13);
  });

  it('lets a frame keep its first caching behaviour until it is freed', () => {
    const memory = frames();
    const runs = granted(memory.allocate(request({ pages: 2 }))).runs;
    const first = runs[0]?.frame ?? 0;
    memory.addMapping(first, 2, 'nonCached');
    memory.addMapping(first, 1, 'cached');
    expect(memory.attributeOf(first)).toEqual({ cache: 'nonCached', mappings: 2 });
    memory.removeMapping(first, 2);
    expect(memory.attributeOf(first + 1)).toEqual({ cache: 'nonCached', mappings: 0 });
    memory.free(runs);
    expect(memory.attributeOf(first)).toBeUndefined();
  });
});

describe('a machine of 16 TiB', () => {
  it('costs no more records than one of 16 MiB', () => {
    const records = (end: number): number => frames({ memory: [{ start: 0, end }] }).all.size;
    expect(records(16 * T)).toBe(records(16 * M));
  });

  it('finds a run that a boundary does not cut among thousands that it cuts', () => {
    // Each of these has three pages, two of them in front of a multiple of four.
    const cut = Array.from({ length: 4000 }, (_, index): [number, number] => [
      (1024 + 8 * index + 2) * PAGE_SIZE,
      (1024 + 8 * index + 5) * PAGE_SIZE,
    ]);
    const asked = request({ pages: 3, boundary: 4 });
    const memory = [{ start: 0, end: 512 * M }];
    const none = refused(frames({ memory, freeMemory: exact(...cut) }).allocate(asked));
    expect([none.rule, none.longestRun, none.freePages]).toEqual(['boundary', 2, 12_000]);
    const lowest: [number, number] = [16 * PAGE_SIZE, 19 * PAGE_SIZE];
    const one = frames({ memory, freeMemory: exact(lowest, ...cut) });
    expect(granted(one.allocate(asked)).runs).toEqual([{ frame: 16, count: 3 }]);
    const longer: [number, number] = [33 * PAGE_SIZE, 38 * PAGE_SIZE];
    const two = frames({ memory, freeMemory: exact(lowest, longer, ...cut) });
    expect(granted(two.allocate(asked)).runs).toEqual([{ frame: 33, count: 3 }]);
    expect(granted(two.allocate(asked)).runs).toEqual([{ frame: 16, count: 3 }]);
  });

  it('finds the one run that is long enough among thousands without looking at each', () => {
    const memory = frames({
      memory: [{ start: 0, end: 16 * T }],
      freeMemory: { kind: 'fragmented', percent: 50, runs: 8192, seed: 3 },
    });
    const longest = memory.summary(0, memory.highest).longest;
    expect(granted(memory.allocate(request({ pages: longest }))).runs).toHaveLength(1);
    expect(memory.summary(0, memory.highest).longest).toBeLessThanOrEqual(longest);
  });
});

// ---- Brute force -----------------------------------------------------------------------------------

const PAGES = 160;
/** The brute force works on a machine whose 4 GiB line lies at page 96 of a window. */
const WINDOW = FRAME_4G - 96;

interface Case {
  readonly free: readonly boolean[];
  readonly hole: { readonly start: number; readonly count: number };
  readonly nolowmem: boolean;
  readonly nodes: number;
  readonly requests: readonly FrameRequest[];
}

const requests: fc.Arbitrary<FrameRequest> = fc
  .record({
    pages: fc.integer({ min: 1, max: 20 }),
    low: fc.integer({ min: -20, max: PAGES }),
    span: fc.integer({ min: 0, max: PAGES + 20 }),
    boundary: fc.constantFrom(0, 0, 1, 4, 16, 64),
    contiguous: fc.boolean(),
    alignment: fc.constantFrom(1, 1, 1, 2, 8),
    node: fc.constantFrom(undefined, undefined, 0, 1, 2),
  })
  .map(({ low, span, ...rest }) =>
    request({
      ...rest,
      lowest: frame(Math.max(0, WINDOW + low)),
      highest: frame(WINDOW + low + span),
    }),
  );

const cases: fc.Arbitrary<Case> = fc.record({
  free: fc.array(fc.boolean(), { minLength: PAGES, maxLength: PAGES }),
  hole: fc.record({
    start: fc.integer({ min: 1, max: PAGES - 10 }),
    count: fc.integer({ min: 0, max: 9 }),
  }),
  nolowmem: fc.boolean(),
  nodes: fc.integer({ min: 1, max: 3 }),
  requests: fc.array(requests, { minLength: 1, maxLength: 12 }),
});

/** Runs longer than chance gives them, by filling gaps of the random pattern. */
function stretch(free: readonly boolean[]): boolean[] {
  return free.map(
    (value, index) => value || (free[index - 1] ?? false) || (free[index + 3] ?? false),
  );
}

/** The page array that the extents stand for: undefined is no memory, true is free. */
class PageArray {
  readonly pages: (boolean | undefined)[];
  readonly node: number[] = [];

  constructor(
    private readonly setup: Case,
    free: readonly boolean[],
  ) {
    const { hole } = setup;
    this.pages = free.map((value, index) =>
      index >= hole.start && index < hole.start + hole.count ? undefined : value,
    );
    const total = this.pages.filter((page) => page !== undefined).length;
    let index = 0;
    for (const [at, page] of this.pages.entries()) {
      this.node[at] = Array.from({ length: setup.nodes }, (_, node) => node).findLastIndex(
        (node) => index >= Math.floor((total * node) / setup.nodes),
      );
      if (page !== undefined) index++;
    }
  }

  /** Whether a page may serve the request at all. */
  eligible(asked: FrameRequest, at: number): boolean {
    const page = WINDOW + at;
    if (this.pages[at] !== true || page < asked.lowest || page > asked.highest) return false;
    if (this.setup.nolowmem && asked.highest >= FRAME_4G && page < FRAME_4G) return false;
    return asked.node === undefined || this.setup.nodes === 1 || this.node[at] === asked.node;
  }

  fits(asked: FrameRequest, at: number): boolean {
    const first = WINDOW + at;
    const last = first + asked.pages - 1;
    for (let page = at; page < at + asked.pages; page++) {
      if (!this.eligible(asked, page)) return false;
    }
    if (first % asked.alignment !== 0) return false;
    return (
      asked.boundary === 0 ||
      Math.floor(first / asked.boundary) === Math.floor(last / asked.boundary)
    );
  }

  free(asked: FrameRequest): number {
    return this.pages.filter((_page, at) => this.eligible(asked, at)).length;
  }

  /** Longest run of eligible pages that no multiple of the boundary cuts, and its lowest place. */
  longest(asked: FrameRequest): { readonly count: number; readonly at: number } {
    let best = { count: 0, at: -1 };
    let start = 0;
    for (let at = 0; at <= PAGES; at++) {
      const cut = asked.boundary !== 0 && (WINDOW + at) % asked.boundary === 0;
      if (at < PAGES && this.eligible(asked, at)) {
        if (cut) start = at;
        if (at + 1 - start > best.count) best = { count: at + 1 - start, at: WINDOW + start };
      } else {
        start = at + 1;
      }
    }
    return best;
  }
}

describe('against an array of pages', () => {
  it('grants what can be granted, where the rules allow it, and refuses with true figures', () => {
    fc.assert(
      fc.property(cases, (setup) => {
        const array = new PageArray(setup, stretch(setup.free));
        const { hole } = setup;
        const memory = frames({
          memory: [
            { start: WINDOW * PAGE_SIZE, end: (WINDOW + hole.start) * PAGE_SIZE },
            {
              start: (WINDOW + hole.start + hole.count) * PAGE_SIZE,
              end: (WINDOW + PAGES) * PAGE_SIZE,
            },
          ],
          nolowmem: setup.nolowmem,
          nodes: setup.nodes,
          freeMemory: exact(
            ...array.pages.flatMap((page, at): [number, number][] =>
              page === true ? [[(WINDOW + at) * PAGE_SIZE, (WINDOW + at + 1) * PAGE_SIZE]] : [],
            ),
          ),
        });
        for (const asked of setup.requests) {
          const answer = memory.allocate(asked);
          const possible = asked.contiguous
            ? array.pages.some((_page, at) => array.fits(asked, at))
            : array.free(asked) >= asked.pages;
          expect(answer.granted).toBe(possible);
          if (answer.granted) {
            let pages = 0;
            for (const run of answer.runs) {
              for (let page = run.frame; page < run.frame + run.count; page++) {
                expect(array.eligible(asked, page - WINDOW)).toBe(true);
                array.pages[page - WINDOW] = false;
                pages++;
              }
            }
            expect(pages).toBe(asked.pages);
            if (asked.contiguous) {
              expect(answer.runs).toHaveLength(1);
              const first = answer.runs[0]?.frame ?? 0;
              expect(first % asked.alignment).toBe(0);
            }
          } else {
            const longest = array.longest(asked);
            expect(answer.freePages).toBe(array.free(asked));
            expect(answer.longestRun).toBe(longest.count);
            expect(answer.longestAt).toBe(longest.count === 0 ? undefined : longest.at * PAGE_SIZE);
            if (answer.longestRun > 0 && asked.contiguous) {
              expect(answer.explanation).toContain(`${longest.count} page`);
            }
          }
        }
      }),
      { numRuns: 400 },
    );
  });

  it('gets everything back, in whatever order it is freed', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ pages: fc.integer({ min: 1, max: 60 }), contiguous: fc.boolean() }), {
          minLength: 1,
          maxLength: 20,
        }),
        fc.integer(),
        (asked, order) => {
          const memory = frames({
            freeMemory: { kind: 'fragmented', percent: 50, runs: 40, seed: 5 },
          });
          const before = [...memory.all.entries()];
          const held = asked
            .map((each) => memory.allocate(request(each)))
            .filter((answer) => answer.granted);
          held.sort(
            (left, right) =>
              ((left.runs[0]?.frame ?? 0) ^ order) - ((right.runs[0]?.frame ?? 0) ^ order),
          );
          for (const each of held) memory.free(each.runs);
          expect([...memory.all.entries()]).toEqual(before);
        },
      ),
      { numRuns: 100 },
    );
  });
});
