// Runs one program in one configuration and prints the processor time that it took, net of a small run.
import { readFileSync } from 'node:fs';
import type { SessionOptions } from '../../engine/index.ts';
import { loadEngine } from '../load-engine.mts';
import { SMALL } from './programs.mts';

export interface Configuration {
  readonly program: string;
  readonly n: number;
  readonly runs: number;
  /** A function breakpoint that is never reached. */
  readonly breakpoint: boolean;
  readonly options: Pick<SessionOptions, 'history' | 'generatedCode'>;
}

export interface Measured {
  readonly milliseconds: number;
  readonly answer: string;
}

const engine = await loadEngine();
const configuration = JSON.parse(process.argv[2] ?? '') as Configuration;
const { program: name, n, runs, breakpoint, options } = configuration;

/** From the first statement to the end of the scenario, in milliseconds of the processor. */
function run(size: number): Measured {
  const files: Readonly<Record<string, string>> = {
    'bench.dms': `scenario "bench" { process bench with { define N ${size}; } "${name}.c"; }`,
    [`${name}.c`]: readFileSync(`bench/interpreter/${name}.c`, 'utf8'),
  };
  const program = engine.compileScenarioFile('bench.dms', { read: (path) => files[path] });
  const session = engine.createSession({ program, maxStatements: 1e12, ...options });
  if (breakpoint) {
    session.setFunctionBreakpoints([{ id: 'armed', name: 'MmAllocateContiguousMemory*' }]);
  }
  session.resume('continue');
  const start = process.cpuUsage();
  while (session.work(10, () => performance.now()).kind === 'running');
  const { user, system } = process.cpuUsage(start);
  const result = session.result();
  if (result.outcome !== 'passed') throw new Error(JSON.stringify(result.failures));
  return { milliseconds: (user + system) / 1000, answer: result.output.at(-1)?.text ?? '' };
}

run(n / 10);
let large = Number.POSITIVE_INFINITY;
let small = Number.POSITIVE_INFINITY;
let answer = '';
for (let count = 0; count < runs; count++) {
  small = Math.min(small, run(SMALL).milliseconds);
  const measured = run(n);
  large = Math.min(large, measured.milliseconds);
  answer = measured.answer;
}
const measured: Measured = { milliseconds: large - small, answer };
process.stdout.write(JSON.stringify(measured));
