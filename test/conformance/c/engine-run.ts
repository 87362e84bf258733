/** Runs C as a user's scenario does: compiled by the engine, as a process or as a driver. */
import { compileScenarioFile, createSession, positionAt } from '../../../engine/index.ts';
import type { SessionOptions } from '../../../engine/session-types.ts';

export interface EngineRun {
  /** Lines that were printed. */
  readonly output: readonly string[];
  /** `rule: message (line)`, in order. */
  readonly violations: readonly string[];
  /** `0xC4`, ... */
  readonly bugChecks: readonly string[];
  readonly failures: readonly string[];
  readonly statements: number;
}

/** Files by name; whatever a test does not say takes its default. */
export type Files = Readonly<Record<string, string>>;

/** Options beyond those of every run, for instance how code is executed. */
export type RunOptions = Partial<Omit<SessionOptions, 'program'>>;

/** Runs the first scenario of `main.dms` to its end; throws with all errors when it does not compile. */
export function runScenario(files: Files, options: RunOptions = {}): EngineRun {
  const program = compileScenarioFile('main.dms', { read: (path) => files[path] });
  const errors = program.diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) {
    throw new Error(
      errors
        .map(({ range, message }) => {
          const { line, column } = positionAt(range.file, range.start);
          return `${range.file.path}:${line}:${column}: ${message}`;
        })
        .join('\n'),
    );
  }
  const session = createSession({ program, history: false, ...options });
  session.resume('continue');
  while (session.work(1000, Date.now).kind === 'running') {
    // Slices end after a second.
  }
  const result = session.result();
  return {
    output: result.output.map(({ text }) => text),
    violations: result.violations.map(
      ({ rule, message, site }) => `${rule}: ${message} (${site?.line ?? 'nowhere'})`,
    ),
    bugChecks: result.bugChecks.map(({ code }) => `0x${code.toString(16).toUpperCase()}`),
    failures: result.failures.map(({ message }) => message),
    statements: result.statements,
  };
}

/** Runs a program with `main` in a process. Further files belong to the same program. */
export function runProcess(source: string, more: Files = {}, options: RunOptions = {}): EngineRun {
  const names = ['main.c', ...Object.keys(more).filter((name) => name.endsWith('.c'))];
  const list = names.map((name) => `"${name}"`).join(', ');
  return runScenario(
    {
      ...more,
      'main.c': source,
      'main.dms': `scenario "c" { process p ${list}; }\n`,
    },
    options,
  );
}

/** Runs a driver with `DriverEntry`; `with` is the text of its option block. */
export function runDriver(
  source: string,
  more: Files = {},
  settings = '',
  options: RunOptions = {},
): EngineRun {
  const names = ['main.c', ...Object.keys(more).filter((name) => name.endsWith('.c'))];
  const list = names.map((name) => `"${name}"`).join(', ');
  return runScenario(
    {
      ...more,
      'main.c': source,
      'main.dms': `scenario "c" { driver ${list} with { ${settings} } }\n`,
    },
    options,
  );
}
