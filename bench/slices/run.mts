// The longest slice: how long the adapter, which calls `work(4)`, waits at worst until it can take a pause. Every
// scenario runs in a worker of its own, as under the debugger: its first slices are cold, and its heap is a worker's.
// Baseline: the 10 ms that a slice may take. `npm run bench:slices -- warm` runs each twice and shows the second.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { loadEngine } from '../load-engine.mts';
import { table } from '../statistics.mts';

const ASKED = 4;
const ALLOWED = 10;

/** Processor time of this thread in milliseconds: what a slice takes when nothing else runs on the machine. */
function processorTime(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

interface Measured {
  readonly scenario: string;
  /** Milliseconds of `createSession`. */
  readonly create: number;
  /** Longest and second longest slice, and when the longest began. */
  readonly longest: number;
  readonly second: number;
  /** The same of processor time; the system counts it in steps of some milliseconds. */
  readonly busiest: number;
  readonly at: number;
  readonly slices: number;
  readonly outcome: string;
}

/** Runs one scenario of a file and takes the time of every slice. */
async function measure(file: string, scenario: string, runs: number): Promise<Measured> {
  const engine = await loadEngine();
  const program = engine.compileScenarioFile(file, {
    read: (path) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined),
  });
  let measured: Measured | undefined;
  for (let run = 0; run < runs; run++) {
    const begin = performance.now();
    const session = engine.createSession({ program, scenario });
    const create = performance.now() - begin;
    session.resume('continue');
    const slices: number[] = [];
    let at = 0;
    let busiest = 0;
    for (let goesOn = true; goesOn; ) {
      const start = performance.now();
      const used = processorTime();
      goesOn = session.work(ASKED, () => performance.now()).kind === 'running';
      const taken = performance.now() - start;
      busiest = Math.max(busiest, processorTime() - used);
      if (slices.every((one) => one < taken)) at = start - begin - create;
      slices.push(taken);
    }
    const { outcome } = session.result();
    const sorted = [...slices].sort((one, other) => other - one);
    measured = {
      scenario,
      create,
      longest: sorted[0] ?? 0,
      second: sorted[1] ?? 0,
      busiest,
      at,
      slices: slices.length,
      outcome,
    };
  }
  if (measured === undefined) throw new RangeError('nothing was run');
  return measured;
}

interface Task {
  readonly file: string;
  readonly scenario: string;
  readonly runs: number;
}

/** The same in a worker of its own. */
function measureApart(task: Task): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: task });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

if (!isMainThread) {
  const { file, scenario, runs } = workerData as Task;
  parentPort?.postMessage(await measure(file, scenario, runs));
} else {
  const isWarm = process.argv[2] === 'warm';
  const engine = await loadEngine();
  const files = [
    ...readdirSync('samples')
      .filter((name) => name.endsWith('.dms'))
      .map((name) => `samples/${name}`),
    'bench/slices/large.dms',
  ];
  const rows = [
    [
      'scenario',
      'create ms',
      'longest ms',
      'second',
      'of processor time',
      'at ms',
      'slices',
      'times 10 ms',
      'outcome',
    ],
  ];
  for (const file of files) {
    const program = engine.compileScenarioFile(file, {
      read: (path) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined),
    });
    for (const { name } of program.scenarios) {
      const one = await measureApart({ file, scenario: name, runs: isWarm ? 2 : 1 });
      rows.push([
        name.slice(0, 60),
        one.create.toFixed(0),
        one.longest.toFixed(1),
        one.second.toFixed(1),
        one.busiest.toFixed(0),
        one.at.toFixed(0),
        String(one.slices),
        (one.longest / ALLOWED).toFixed(1),
        one.outcome,
      ]);
    }
  }
  process.stdout.write(`${table(rows)}\n`);
}
