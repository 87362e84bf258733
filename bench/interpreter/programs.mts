// What is run, how large, and what its statements are: assignments, returns, tests of `if` and of loops.

export interface Program {
  readonly name: string;
  /** Statements for each unit of N. */
  readonly statements: number;
  /** N of the engine, of compiled code, of code under an instrument, and of the plain interpreter. */
  readonly sizes: Readonly<Record<'engine' | 'compiled' | 'instrument' | 'interpreter', number>>;
  /** How many times slower than gcc -O0 others were when they were recorded, where they ran at all. */
  readonly recorded: Readonly<Record<string, number>>;
}

export const programs: readonly Program[] = [
  {
    name: 'loop',
    statements: 4,
    sizes: { engine: 1e7, compiled: 1e8, instrument: 2e7, interpreter: 1e6 },
    recorded: { 'valgrind memcheck': 16, 'valgrind none': 3.4, picoc: 1200, jscpp: 15_000 },
  },
  {
    name: 'list',
    statements: 19,
    sizes: { engine: 1e6, compiled: 1e6, instrument: 1e6, interpreter: 1e5 },
    recorded: { 'valgrind memcheck': 2.6, 'valgrind none': 1, picoc: 240 },
  },
  {
    name: 'mem',
    statements: 7,
    sizes: { engine: 5e6, compiled: 2e7, instrument: 5e6, interpreter: 5e5 },
    recorded: { 'valgrind memcheck': 8.8, 'valgrind none': 2.3, picoc: 1300, jscpp: 13_000 },
  },
  {
    name: 'hash',
    statements: 5,
    sizes: { engine: 2e6, compiled: 5e7, instrument: 1e7, interpreter: 2e5 },
    recorded: {},
  },
];

/** N whose time is taken away: starting, loading, compiling. */
export const SMALL = 1000;
