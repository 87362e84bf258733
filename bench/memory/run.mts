// What the search for frames costs: allocating, freeing, looking up, listing and refusing, by the size of the machine
// and by the number of free runs, beside a scan of page records in the same language; and a million live allocations.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadBundle } from '../load-engine.mts';
import { median, table } from '../statistics.mts';
import { PageRecords } from './page-records.mts';
import type * as Parts from './parts.mts';

const { frame, Frames, SeededRandom, Store } = (
  (await loadBundle('bench/memory/parts.mts', 'memory-parts')) as typeof Parts
).parts;
type FrameTable = InstanceType<typeof Frames>;

const PAGE = 4096;
const M = 2 ** 20;
const G = 2 ** 30;
const T = 2 ** 40;
/** Pages of the allocations that are timed. */
const ASKED = 4;
const BOUNDARY = 16;
/** Page records of larger machines would not fit in memory. */
const MOST_RECORDS = T / PAGE;
const REPEATS = 400;

/** A machine without holes, half of it taken in so many runs. */
function machine(bytes: number, runs: number): FrameTable {
  return new Frames(new Store(() => {}), 'bench', {
    memory: [{ start: 0, end: bytes }],
    nolowmem: false,
    freeMemory: { kind: 'fragmented', percent: 50, runs, seed: 1 },
    nodes: 1,
  });
}

const request = (pages: number, boundary = 0) => ({
  pages,
  lowest: frame(0),
  highest: frame(Number.MAX_SAFE_INTEGER),
  boundary,
  contiguous: true,
  alignment: 1,
  node: undefined,
  owner: 'contiguous memory',
  allocation: undefined,
});

/** Median time of a call in microseconds: it is timed in batches, since one is too short for the clock. */
function microseconds(call: (index: number) => void, batch = 20): number {
  const times: number[] = [];
  for (let index = 0; index < REPEATS; ) {
    const start = performance.now();
    for (let one = 0; one < batch; one++) call(index++);
    times.push(((performance.now() - start) * 1000) / batch);
  }
  return median(times);
}

interface Costs {
  readonly allocate: number;
  readonly free: number;
  readonly lookUp: number;
  readonly list: number;
  readonly refuse: number;
  /** Blocks that may not lie over a multiple of 16 pages. */
  readonly boundary: number;
}

function costsOf(frames: FrameTable): Costs {
  const random = new SeededRandom(7);
  const places = Array.from({ length: REPEATS }, () => random.below(frames.highest));
  const { runs: freeRuns, longest } = frames.summary(0, frames.highest);
  const place = (index: number): number => places[index % places.length] ?? 0;
  const granted: { readonly frame: ReturnType<typeof frame>; readonly count: number }[] = [];
  const once = (): Costs => ({
    allocate: microseconds((index) => {
      const answer = frames.allocate({ ...request(ASKED), allocation: index });
      if (!answer.granted) throw new Error(answer.explanation);
      granted.push(...answer.runs);
    }),
    free: microseconds(() => {
      const run = granted.pop();
      if (run !== undefined) frames.free([run]);
    }),
    lookUp: microseconds((index) => {
      frames.useOf(place(index));
    }),
    // What a view asks for: fifty rows from somewhere in the middle.
    list: microseconds((index) => {
      frames.freeRuns(0, frames.highest, place(index) % Math.max(1, freeRuns - 50), 50);
    }, 4),
    refuse: microseconds(() => {
      if (frames.allocate(request(longest + 1)).granted) throw new Error('not refused');
    }),
    boundary: microseconds(() => {
      const answer = frames.allocate(request(ASKED, BOUNDARY));
      if (!answer.granted) throw new Error(answer.explanation);
      frames.free(answer.runs);
    }),
  });
  // The first round warms the code up.
  once();
  return once();
}

interface ScanCosts {
  readonly allocate: number;
  readonly refuse: number;
}

function scanCosts(frames: FrameTable): ScanCosts | undefined {
  const pages = frames.highest + 1;
  if (pages > MOST_RECORDS) return undefined;
  const { runs, longest } = frames.summary(0, frames.highest);
  const records = new PageRecords(pages, frames.freeRuns(0, frames.highest, 0, runs));
  const time = (call: () => void): number => {
    const times: number[] = [];
    const end = performance.now() + 300;
    do {
      const start = performance.now();
      call();
      times.push((performance.now() - start) * 1000);
    } while (performance.now() < end && times.length < 100);
    return median(times);
  };
  return {
    allocate: time(() => {
      if (records.allocate(ASKED) < 0) throw new Error('nothing found');
    }),
    refuse: time(() => {
      if (records.allocate(longest + 1) >= 0) throw new Error('not refused');
    }),
  };
}

const figure = (value: number | undefined): string =>
  value === undefined
    ? '-'
    : value < 1000
      ? value.toFixed(2)
      : Math.round(value).toLocaleString('en');

const heads = [
  'allocate',
  'free',
  'look up',
  'list 50',
  'refuse',
  'boundary, and free',
  'scan: allocate',
  'scan: refuse',
  'refuse, times the scan',
];

function rowOf(name: string, bytes: number, runs: number): string[] {
  const frames = machine(bytes, runs);
  const costs = costsOf(frames);
  const scan = scanCosts(frames);
  return [
    name,
    ...[costs.allocate, costs.free, costs.lookUp, costs.list, costs.refuse, costs.boundary].map(
      figure,
    ),
    figure(scan?.allocate),
    figure(scan?.refuse),
    scan === undefined ? '-' : `1/${Math.round(scan.refuse / costs.refuse).toLocaleString('en')}`,
  ];
}

const sizes: readonly (readonly [string, number])[] = [
  ['16 MiB', 16 * M],
  ['256 MiB', 256 * M],
  ['4 GiB', 4 * G],
  ['64 GiB', 64 * G],
  ['1 TiB', T],
  ['16 TiB', 16 * T],
];

interface Million {
  readonly allocated: number;
  readonly perSecond: number;
  readonly freedPerSecond: number;
  readonly mebibytes: number;
}

/** Processor time of this thread in milliseconds: other work on the machine does not count. */
function processorTime(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** A million blocks of 1 to 4 pages, each of its own, alive at once on 64 GiB; then all freed in another order. */
function million(): Million {
  const count = 1_000_000;
  const frames = new Frames(new Store(() => {}), 'bench', {
    memory: [{ start: 0, end: 64 * G }],
    nolowmem: false,
    freeMemory: { kind: 'all' },
    nodes: 1,
  });
  const collect = (globalThis as { readonly gc?: () => void }).gc ?? (() => {});
  collect();
  const before = process.memoryUsage().heapUsed;
  const blocks = new Float64Array(count);
  let start = processorTime();
  for (let index = 0; index < count; index++) {
    const pages = 1 + (index & 3);
    const answer = frames.allocate({ ...request(pages), allocation: index + 1 });
    if (!answer.granted) throw new Error(answer.explanation);
    blocks[index] = answer.runs[0]?.frame ?? 0;
  }
  const allocating = processorTime() - start;
  collect();
  const mebibytes = (process.memoryUsage().heapUsed - before) / M;
  start = processorTime();
  // A step that has no factor in common with the count visits every block once.
  for (let index = 0, at = 0; index < count; index++, at = (at + 618_033) % count) {
    frames.free([{ frame: frame(blocks[at] ?? 0), count: 1 + (at & 3) }]);
  }
  const freeing = processorTime() - start;
  if (frames.summary(0, frames.highest).owned > 1) throw new Error('not all blocks were freed');
  return {
    allocated: count,
    perSecond: (count / allocating) * 1000,
    freedPerSecond: (count / freeing) * 1000,
    mebibytes,
  };
}

if (process.argv[2] === '--million') {
  process.stdout.write(JSON.stringify(million()));
} else {
  const lines: string[] = [];
  const print = (text: string): void => {
    lines.push(text);
    process.stdout.write(text);
  };
  print(`Microseconds for each call, median. Blocks of ${ASKED} pages.\n\n`);
  print('By the size of the machine, with 256 free runs:\n\n');
  print(
    `${table([['memory', ...heads], ...sizes.map(([name, bytes]) => rowOf(name, bytes, 256))])}\n\n`,
  );
  print('By the number of free runs, on a machine of 1 TiB:\n\n');
  const counts = [8, 10, 12, 14, 16, 18, 20];
  print(
    `${table([['free runs', ...heads], ...counts.map((power) => rowOf(`2^${power}`, T, 2 ** power))])}\n\n`,
  );
  const child = spawnSync(
    process.execPath,
    ['--expose-gc', fileURLToPath(import.meta.url), '--million'],
    { encoding: 'utf8' },
  );
  if (child.status !== 0) throw new Error(child.stderr);
  const one = JSON.parse(child.stdout) as Million;
  print(
    `A million live allocations: ${Math.round(one.perSecond).toLocaleString('en')} allocated and ` +
      `${Math.round(one.freedPerSecond).toLocaleString('en')} freed a second, ${Math.round(one.mebibytes)} MiB.\n`,
  );
  const [, , output] = process.argv;
  if (output !== undefined) writeFileSync(output, lines.join(''));
}
