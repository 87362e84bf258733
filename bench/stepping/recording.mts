// What it costs to be able to go back: the same run with and without history, in the engine alone.
import { readFileSync } from 'node:fs';
import type * as Engine from '../../engine/index.ts';

type LoadedEngine = typeof Engine;

const RUNS = 3;
const MEBIBYTE = 2 ** 20;

/**
 * Programs and how large they are for ten million statements. `spread` writes to a wide range of pages all the time,
 * the worst that can happen to snapshots.
 */
const programs: Readonly<Record<string, { readonly path: string; readonly size: number }>> = {
  loop: { path: 'bench/interpreter/loop.c', size: 2_500_000 },
  list: { path: 'bench/interpreter/list.c', size: 700_000 },
  mem: { path: 'bench/interpreter/mem.c', size: 2_500_000 },
  spread: { path: 'bench/stepping/spread.c', size: 3_500_000 },
};

interface Run {
  readonly session: Engine.Session;
  readonly milliseconds: number;
  /** Of the host: heap and buffers in use, after everything that can be was collected. */
  readonly bytes: number;
}

function inUse(): number {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Works until the session stops or ends; processor time, which a busy machine does not change as much. */
function work(session: Engine.Session): number {
  const start = process.cpuUsage();
  while (session.work(1000, () => performance.now()).kind === 'running');
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

function run(
  engine: LoadedEngine,
  { path, size }: { readonly path: string; readonly size: number },
  statements: number,
  history: boolean,
): Run {
  const files: Readonly<Record<string, string>> = {
    'bench.dms': `scenario "bench" { process bench with { define N ${size}; } "program.c"; }`,
    'program.c': readFileSync(path, 'utf8'),
  };
  const program = engine.compileScenarioFile('bench.dms', { read: (file) => files[file] });
  const before = inUse();
  const session = engine.createSession({ program, history, maxStatements: statements });
  session.resume('continue');
  const milliseconds = work(session);
  return { session, milliseconds, bytes: inUse() - before };
}

/** The best of some runs of each kind, in turns. */
export function recordingRows(engine: LoadedEngine, statements: number): string[][] {
  const rows = [
    ['program', 'not recorded, ms', 'recorded, ms', 'ratio', 'history, MiB', 'back over it, ms'],
  ];
  for (const [name, source] of Object.entries(programs)) {
    let plain = Number.POSITIVE_INFINITY;
    let recorded = Number.POSITIVE_INFINITY;
    let back = Number.POSITIVE_INFINITY;
    let held = 0;
    for (let count = 0; count < RUNS; count++) {
      const without = run(engine, source, statements, false);
      plain = Math.min(plain, without.milliseconds);
      const withHistory = run(engine, source, statements, true);
      recorded = Math.min(recorded, withHistory.milliseconds);
      held = Math.max(held, withHistory.bytes - without.bytes);
      const { session } = withHistory;
      session.resume('reverseContinue');
      back = Math.min(back, work(session));
      if (session.position.statements > 1) throw new Error(`${name} did not go back to its start`);
    }
    rows.push([
      name,
      plain.toFixed(0),
      recorded.toFixed(0),
      (recorded / plain).toFixed(2),
      globalThis.gc === undefined ? 'run with --expose-gc' : (held / MEBIBYTE).toFixed(1),
      back.toFixed(0),
    ]);
  }
  return rows;
}
