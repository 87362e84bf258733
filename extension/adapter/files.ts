/** Where a scenario's files come from, and compiling with a reader that cannot wait. */
import { compileScenarioFile, type ScenarioProgram } from '../../engine/index.ts';
import { orCancelled } from './cancellation.ts';
import { userError } from './errors.ts';

export interface FileProvider {
  /** The text of a file by engine path; undefined when there is none or it is outside of what may be read. */
  read(path: string): Promise<string | undefined>;
}

/** An include chain longer than this is a cycle of missing files, not a program. */
const maximumRounds = 200;

/**
 * Compiles a file with all that it reaches. The compiler asks synchronously, so the files that it missed are fetched
 * and it is asked again, until it misses nothing new.
 */
export async function loadProgram(
  path: string,
  files: FileProvider,
  signal: AbortSignal,
): Promise<ScenarioProgram> {
  const known = new Map<string, string | undefined>();
  const fetch = async (wanted: string): Promise<void> => {
    known.set(wanted, await orCancelled(files.read(wanted), signal));
  };
  await fetch(path);
  if (known.get(path) === undefined) {
    throw userError(`Cannot read ${path}. Check "program" in the launch configuration.`);
  }
  for (let round = 0; round < maximumRounds; round++) {
    const program = compileScenarioFile(path, { read: (wanted) => known.get(wanted) });
    const unknown = program.missing.filter((wanted) => !known.has(wanted));
    if (unknown.length === 0) return program;
    await Promise.all(unknown.map(fetch));
  }
  throw userError(`${path} includes files without end.`);
}
