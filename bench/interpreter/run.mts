// Statements per second of the emulated machine, with everything on and with one thing after the other off, beside
// compilers and checkers of the same run where they are installed, else beside what was recorded of them.
//
// All figures are processor time, net of a small run, the best of several: the machine need not be quiet.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { table } from '../statistics.mts';
import type { Configuration, Measured } from './in-engine.mts';
import { inJavaScript } from './in-javascript.mts';
import { type Program, programs, SMALL } from './programs.mts';

const RUNS = Number(process.env['BENCH_RUNS'] ?? 4);
const folder = mkdtempSync(join(tmpdir(), 'dms-bench-'));

type Options = Omit<Configuration, 'program' | 'n' | 'runs'>;
const everything: Options = { breakpoint: true, options: {} };
const configurations: readonly (readonly [string, Options])[] = [
  ['engine, everything on', everything],
  ['  without the breakpoint', { breakpoint: false, options: {} }],
  ['  without history', { breakpoint: true, options: { history: false } }],
  [
    '  without never-written bytes',
    { breakpoint: true, options: { generatedCode: 'withoutMarks' } },
  ],
  [
    '  without undefined behaviour',
    { breakpoint: true, options: { generatedCode: 'withoutRules' } },
  ],
  ['  the interpreter alone', { breakpoint: true, options: { generatedCode: 'never' } }],
];

function inEngine(program: Program, { breakpoint, options }: Options): Measured & { n: number } {
  const n = program.sizes[options.generatedCode === 'never' ? 'interpreter' : 'engine'];
  const configuration: Configuration = {
    program: program.name,
    n,
    runs: RUNS,
    breakpoint,
    options,
  };
  const script = join(import.meta.dirname, 'in-engine.mts');
  const text = execFileSync(process.execPath, [script, JSON.stringify(configuration)], {
    encoding: 'utf8',
  });
  return { ...(JSON.parse(text) as Measured), n };
}

const isInstalled = (command: string): boolean => spawnSync(command, ['--version']).status === 0;

/** Processor time of a command in milliseconds, and what it printed. */
function timed(command: readonly string[]): Measured {
  const quoted = command.map((word) => `'${word}'`).join(' ');
  const { stdout, stderr, status } = spawnSync(
    'bash',
    ['-c', `TIMEFORMAT='@ %U %S'; time ${quoted}`],
    { encoding: 'utf8' },
  );
  const match = /@ ([\d.]+) ([\d.]+)/.exec(stderr);
  if (status !== 0 || match === null) throw new Error(`${quoted}: ${stderr}`);
  return { milliseconds: (Number(match[1]) + Number(match[2])) * 1000, answer: stdout.trim() };
}

function compiled(program: Program, n: number, before: readonly string[]): Measured {
  const build = (size: number): string => {
    const binary = join(folder, `${program.name}-${size}`);
    const source = `bench/interpreter/${program.name}.c`;
    execFileSync('gcc', ['-O0', '-w', `-DN=${size}`, '-o', binary, source]);
    return binary;
  };
  const large = build(n);
  const small = build(SMALL);
  let best = Number.POSITIVE_INFINITY;
  let least = Number.POSITIVE_INFINITY;
  let answer = '';
  for (let run = 0; run < RUNS; run++) {
    least = Math.min(least, timed([...before, small]).milliseconds);
    const measured = timed([...before, large]);
    best = Math.min(best, measured.milliseconds);
    answer = measured.answer;
  }
  return { milliseconds: Math.max(best - least, 0.1), answer };
}

function scripted(program: Program, n: number): number {
  const run = inJavaScript[program.name];
  if (run === undefined) return Number.NaN;
  let best = Number.POSITIVE_INFINITY;
  for (let count = 0; count < RUNS; count++) {
    const start = process.cpuUsage();
    run(n);
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, (user + system) / 1000);
  }
  return best;
}

const gcc = isInstalled('gcc');
const valgrind = gcc && isInstalled('valgrind');
// `npm run bench:interpreter -- loop mem` runs only these.
const wanted = process.argv.slice(2);
for (const program of programs) {
  if (wanted.length > 0 && !wanted.includes(program.name)) continue;
  const { name, statements, sizes, recorded } = program;
  const rows: string[][] = [[name, 'M statements/s', 'times slower than gcc -O0']];
  const native = gcc ? compiled(program, sizes.compiled, []) : undefined;
  const nativeUnit = native === undefined ? Number.NaN : native.milliseconds / sizes.compiled;
  const add = (title: string, milliseconds: number, n: number): void => {
    const ratio = milliseconds / n / nativeUnit;
    rows.push([
      title,
      ((statements * n) / milliseconds / 1000).toPrecision(3),
      Number.isNaN(ratio) ? '' : ratio.toPrecision(2),
    ]);
  };
  if (native !== undefined) add('gcc -O0', native.milliseconds, sizes.compiled);
  add('the same in JavaScript', scripted(program, sizes.engine), sizes.engine);
  const instruments: readonly (readonly [string, string])[] = [
    ['valgrind none', 'none'],
    ['valgrind memcheck', 'memcheck'],
  ];
  for (const [title, tool] of instruments) {
    if (valgrind) {
      const before = ['valgrind', '-q', `--tool=${tool}`];
      add(title, compiled(program, sizes.instrument, before).milliseconds, sizes.instrument);
    } else if (recorded[title] !== undefined) {
      rows.push([`${title} (recorded)`, '', String(recorded[title])]);
    }
  }
  for (const [title, options] of configurations) {
    const { milliseconds, answer, n } = inEngine(program, options);
    const expected = String(inJavaScript[name]?.(n));
    if (answer !== expected) throw new Error(`${name}: the engine says ${answer}, not ${expected}`);
    add(title, milliseconds, n);
  }
  for (const peer of ['picoc', 'jscpp']) {
    if (recorded[peer] !== undefined) rows.push([`${peer} (recorded)`, '', String(recorded[peer])]);
  }
  process.stdout.write(`${table(rows)}\n\n`);
}
rmSync(folder, { recursive: true });
