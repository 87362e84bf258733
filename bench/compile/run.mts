// How long 10,000 lines of a driver take to be checked: with everything warm, after one edit, and in a process that
// starts from nothing, in processor time, which other work on the machine does not count into. Baselines of the same run where they are installed: gcc on the same file without headers, and
// mingw-w64 with its ntddk.h. Ratios below 1 are faster than the baseline.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle, loadEngine } from '../load-engine.mts';
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

/** The least processor time of several runs of some work in this process, in milliseconds. */
const best = (runs: number, work: (run: number) => void): number =>
  least(runs, (run) => {
    const start = process.cpuUsage();
    work(run);
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  });

/** The least of what several runs answer. */
function least(runs: number, measure: (run: number) => number): number {
  let found = Number.POSITIVE_INFINITY;
  for (let run = 0; run < runs; run++) found = Math.min(found, measure(run));
  return found;
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

/** Runs a command and answers its processor time in milliseconds: the shell knows what its children took. */
function command(name: string, words: readonly string[]): number {
  const { status, stdout, stderr } = spawnSync(
    'sh',
    ['-c', '"$@" || exit; times', 'sh', name, ...words],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(stderr);
  const children = [...stdout.matchAll(/(\d+)m([\d.]+)s/g)].slice(-2);
  return children.reduce(
    (sum, [, minutes, seconds]) => sum + (Number(minutes) * 60 + Number(seconds)) * 1000,
    0,
  );
}

/** The best time of a compiler; undefined where it is not installed. */
function compiler(name: string, words: readonly string[]): number | undefined {
  if (spawnSync(name, ['--version']).status !== 0) return undefined;
  return least(COLD_RUNS, () => command(name, [...words, '-fsyntax-only', '-w', file]));
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
const coldScript = await bundle('bench/compile/cold.mts', 'cold');
const cold = least(COLD_RUNS, () => command(process.execPath, [coldScript, file]));
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
    ['check', 'processor ms', 'baseline', 'ratio'],
    row('warm, the file is new', warm, 'gcc -fsyntax-only', gcc),
    row('warm, after one edit in the file', edited, 'gcc -fsyntax-only', gcc),
    row('warm, after one edit, ten files', editedPart, 'gcc -fsyntax-only', gcc),
    row('cold, from the start of the process', cold, 'mingw-w64 with ntddk.h', mingw),
  ])}\n`,
);
