// Generated code and the interpreter agree on everything there is to run: the same moments, memory and reports.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  compileScenarioFile,
  createSession,
  type ScenarioProgram,
  type SessionOptions,
} from '../../engine/index.ts';
import { repository } from '../command-line/support/command.ts';
import { fileOf, generateProgram } from './c/generator/program.ts';

const MOST_STATEMENTS = 2_000_000;

const read = (path: string): string | undefined => {
  const real = join(repository, path);
  return existsSync(real) ? readFileSync(real, 'utf8') : undefined;
};

/** Everything that can be seen of a run that came to its end. */
function outcomeOf(options: SessionOptions): unknown {
  const session = createSession({ ...options, history: false, maxStatements: MOST_STATEMENTS });
  if (session.diagnostics.some(({ severity }) => severity === 'error')) {
    return session.diagnostics.length;
  }
  session.resume('continue');
  while (session.work(50, () => performance.now()).kind === 'running');
  return { position: session.position, hash: session.hash(), result: session.result() };
}

function compare(program: ScenarioProgram): void {
  for (const { name } of program.scenarios) {
    const options: SessionOptions = { program, scenario: name };
    const plain = outcomeOf({ ...options, generatedCode: 'never' });
    expect(outcomeOf({ ...options, generatedCode: 'always' }), name).toEqual(plain);
  }
}

/** A C program as the only one of a scenario. */
const programOf = (source: string): ScenarioProgram =>
  compileScenarioFile('main.dms', {
    read: (path) => (path === 'main.c' ? source : 'scenario "c" { process p "main.c"; }'),
  });

test.each(
  globSync(['samples/*.dms', 'test/conformance/*.dms', 'test/conformance/*/*.dms'], {
    cwd: repository,
  }).sort(),
)('%s', (file) => compare(compileScenarioFile(file, { read })), 300_000);

test.each(globSync('test/conformance/c/corpus/*.c', { cwd: repository }).sort())(
  '%s',
  (file) => compare(programOf(read(file) ?? '')),
  300_000,
);

test.each([1000, 2000, 3000, 4000])(
  'forty random programs from %i on',
  (first) => {
    const seeds = Array.from({ length: 40 }, (_, index) => first + index);
    compare(programOf(fileOf(seeds.map(generateProgram))));
  },
  300_000,
);
