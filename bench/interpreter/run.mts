// Statements per second of the emulated machine: memory checks, never-written tracking and history on, a
// function breakpoint armed. Baselines of the same run: the same program in JavaScript, and gcc -O0 where a
// compiler is installed. Ratios are times slower than the baseline.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadEngine } from '../load-engine.mts';
import { median, table, timed } from '../statistics.mts';
import { inJavaScript } from './in-javascript.mts';

const engine = await loadEngine();
const RUNS = 5;
const programs: Readonly<Record<string, number>> = { loop: 300_000, list: 60_000, mem: 150_000 };

interface Measured {
  readonly milliseconds: number;
  readonly statements: number;
  readonly answer: string;
}

/** One run of a process in a scenario, from the first statement to the end of the scenario. */
function inEngine(name: string, n: number): Measured {
  const files: Readonly<Record<string, string>> = {
    'bench.dms': `scenario "bench" { process bench with { define N ${n}; } "${name}.c"; }`,
    [`${name}.c`]: readFileSync(`bench/interpreter/${name}.c`, 'utf8'),
  };
  const program = engine.compileScenarioFile('bench.dms', { read: (path) => files[path] });
  const session = engine.createSession({ program, maxStatements: 1e9 });
  session.setFunctionBreakpoints([{ id: 'armed', name: 'MmAllocateContiguousMemory*' }]);
  session.resume('continue');
  const start = performance.now();
  while (session.work(1000, () => performance.now()).kind === 'running');
  const milliseconds = performance.now() - start;
  const result = session.result();
  if (result.outcome !== 'passed') throw new Error(JSON.stringify(result.failures));
  return {
    milliseconds,
    statements: result.statements,
    answer: result.output.at(-1)?.text ?? '',
  };
}

function hasGcc(): boolean {
  return spawnSync('gcc', ['--version']).status === 0;
}

/** Median time of the compiled program, start-up taken away by an empty run. */
function inGcc(name: string, n: number, folder: string): { milliseconds: number; answer: string } {
  const binary = join(folder, name);
  // Far more iterations, so that the run is longer than what starting a process costs.
  const factor = 200;
  const compile = (count: number): void => {
    execFileSync('gcc', ['-O0', '-w', `-DN=${count}`, '-o', binary, `bench/interpreter/${name}.c`]);
  };
  compile(n);
  const answer = execFileSync(binary, { encoding: 'utf8' }).trim();
  compile(1);
  const empty = timed(RUNS, () => execFileSync(binary));
  compile(n * factor);
  const full = timed(RUNS, () => execFileSync(binary));
  return { milliseconds: Math.max(full - empty, 0.01) / factor, answer };
}

const folder = mkdtempSync(join(tmpdir(), 'dms-bench-'));
const gcc = hasGcc();
const rows: string[][] = [
  ['program', 'statements', 'M statements/s', 'times slower than JavaScript', 'than gcc -O0'],
];
for (const [name, n] of Object.entries(programs)) {
  const runs = Array.from({ length: RUNS }, () => inEngine(name, n));
  const time = median(runs.map(({ milliseconds }) => milliseconds));
  const { statements, answer } = runs[0] ?? { statements: 0, answer: '' };
  const script = inJavaScript[name];
  const expected = String(script?.(n));
  const scriptTime = timed(RUNS, () => void script?.(n * 20)) / 20;
  if (answer !== expected) throw new Error(`${name}: the engine says ${answer}, not ${expected}`);
  let beside = 'not installed';
  if (gcc) {
    const native = inGcc(name, n, folder);
    if (native.answer !== answer) throw new Error(`${name}: gcc says ${native.answer}`);
    beside = (time / native.milliseconds).toFixed(0);
  }
  rows.push([
    name,
    statements.toLocaleString('en-US'),
    (statements / time / 1000).toFixed(2),
    (time / scriptTime).toFixed(0),
    beside,
  ]);
}
rmSync(folder, { recursive: true });
process.stdout.write(
  `Breakpoints armed, memory checks and history on; median of ${RUNS} runs.\n\n`,
);
process.stdout.write(`${table(rows)}\n`);
