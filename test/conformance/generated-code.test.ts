// Generated code and the interpreter agree on everything there is to run: the same moments, memory and reports.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  compileScenarioFile,
  createSession,
  type Session,
  type SessionOptions,
} from '../../engine/index.ts';
import { repository } from '../command-line/support/command.ts';

const MOST_STATEMENTS = 2_000_000;

const files = globSync(['samples/*.dms', 'test/conformance/*.dms', 'test/conformance/*/*.dms'], {
  cwd: repository,
}).sort();

function programOf(file: string) {
  return compileScenarioFile(file, {
    read: (path) => {
      const real = join(repository, path);
      return existsSync(real) ? readFileSync(real, 'utf8') : undefined;
    },
  });
}

/** Everything that can be seen of a run that came to its end. */
function outcomeOf(options: SessionOptions): { session: Session; outcome: unknown } {
  const session = createSession({ ...options, history: false, maxStatements: MOST_STATEMENTS });
  if (session.diagnostics.some(({ severity }) => severity === 'error')) {
    return { session, outcome: session.diagnostics.length };
  }
  session.resume('continue');
  while (session.work(50, () => performance.now()).kind === 'running');
  const { position } = session;
  return { session, outcome: { position, hash: session.hash(), result: session.result() } };
}

test.each(files)(
  '%s',
  (file) => {
    const program = programOf(file);
    for (const { name } of program.scenarios) {
      const options: SessionOptions = { program, scenario: name };
      const plain = outcomeOf({ ...options, generatedCode: 'never' });
      const fast = outcomeOf({ ...options, generatedCode: 'always' });
      expect(fast.outcome, name).toEqual(plain.outcome);
    }
  },
  300_000,
);
