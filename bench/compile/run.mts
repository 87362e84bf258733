// How long 10,000 lines of a driver take to be checked: with everything warm, after one edit, and in a process that
// starts from nothing. Baselines of the same run where they are installed: gcc on the same file without headers, and
// mingw-w64 with its ntddk.h. Ratios below 1 are faster than the baseline.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { loadEngine } from '../load-engine.mts';
import { table } from '../statistics.mts';
import { driverFiles, driverText } from './driver-text.mts';

const WARM_RUNS = 60;
const COLD_RUNS = 8;
const LINES = 10_000;

const engine = await loadEngine();
const text = driverText(LINES);
const folder = mkdtempSync(join(tmpdir(), 'dms-bench-'));
const file = join(folder, 'driver.c');
writeFileSync(file, text);

/** The least time of several runs, in milliseconds: what other work on the machine adds is left out. */
function best(runs: number, work: (run: number) => void): number {
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < runs; run++) {
    const start = performance.now();
    work(run);
    least = Math.min(least, performance.now() - start);
  }
  return least;
}

type Cache = InstanceType<typeof engine.CompileCache>;

function check(path: string, files: ReadonlyMap<string, string>, cache?: Cache): void {
  const reader = { read: (wanted: string) => files.get(wanted) };
  const { diagnostics } = engine.compileScenarioFile(path, reader, cache);
  const finding = diagnostics.find(({ severity }) => severity === 'error');
  if (finding !== undefined) throw new Error(finding.message);
}

/** The text with a statement more in its middle. */
function edit(source: string, run: number): string {
  const middle = source.indexOf('Count += ', source.length / 2);
  return `${source.slice(0, middle)}Count += ${run}; ${source.slice(middle)}`;
}

function command(name: string, words: readonly string[]): void {
  const { status, stderr } = spawnSync(name, words, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

/** The best time of a compiler; undefined where it is not installed. */
function compiler(name: string, words: readonly string[]): number | undefined {
  if (spawnSync(name, ['--version']).status !== 0) return undefined;
  return best(COLD_RUNS, () => command(name, [...words, '-fsyntax-only', '-w', file]));
}

const cache = new engine.CompileCache();
const several = driverFiles(LINES, 10);
const severalCache = new engine.CompileCache();

const warm = best(WARM_RUNS, (run) =>
  check('driver.c', new Map([['driver.c', `${text}/* ${run} */\n`]])),
);
const edited = best(WARM_RUNS, (run) =>
  check('driver.c', new Map([['driver.c', edit(text, run)]]), cache),
);
const part = several.get('part5.c') ?? '';
const editedPart = best(WARM_RUNS, (run) =>
  check('driver.dms', new Map([...several, ['part5.c', edit(part, run)]]), severalCache),
);
const bundle = pathToFileURL(resolve('dist/bench/engine.mjs')).href;
const cold = best(COLD_RUNS, () =>
  command(process.execPath, ['bench/compile/cold.mts', bundle, file]),
);
const gcc = compiler('gcc', []);
const mingw = compiler('x86_64-w64-mingw32-gcc', ['-I', '/usr/x86_64-w64-mingw32/include/ddk']);
rmSync(folder, { recursive: true });

const row = (what: string, time: number, name: string, baseline: number | undefined): string[] => [
  what,
  time.toFixed(0),
  baseline === undefined ? `${name}: not installed` : `${name}: ${baseline.toFixed(0)} ms`,
  baseline === undefined ? '' : (time / baseline).toFixed(2),
];

process.stdout.write(
  `${text.split('\n').length} lines and ntddk.h; the best of ${WARM_RUNS} warm and ${COLD_RUNS} cold runs.\n\n`,
);
process.stdout.write(
  `${table([
    ['check', 'ms', 'baseline', 'ratio'],
    row('warm, the file is new', warm, 'gcc -fsyntax-only', gcc),
    row('warm, after one edit in the file', edited, 'gcc -fsyntax-only', gcc),
    row('warm, after one edit, ten files', editedPart, 'gcc -fsyntax-only', gcc),
    row('cold, from the start of the process', cold, 'mingw-w64 with ntddk.h', mingw),
  ])}\n`,
);
