// Sessions of the samples as a front end makes them: the files from the disk, nothing in between.
import { existsSync, readFileSync } from 'node:fs';
import {
  compileScenarioFile,
  createSession,
  type Progress,
  type Session,
  type SessionOptions,
  type Stop,
} from '../../../engine/index.ts';

type Options = Omit<SessionOptions, 'program'>;

const reader = {
  read: (path: string): string | undefined =>
    existsSync(path) ? readFileSync(path, 'utf8') : undefined,
};

/** A session of a sample by its file name. */
export function sampleSession(file: string, options: Options = {}): Session {
  return sessionOf(compileScenarioFile(`samples/${file}`, reader), options);
}

/** The scenarios of a sample that compile by themselves. */
export function scenarioNames(file: string): string[] {
  return compileScenarioFile(`samples/${file}`, reader).scenarios.map(({ name }) => name);
}

/** A session of a scenario text, with further files by name. */
export function textSession(
  text: string,
  options: Options = {},
  files: Readonly<Record<string, string>> = {},
): Session {
  const all: Readonly<Record<string, string>> = { 'case.dms': text, ...files };
  return sessionOf(compileScenarioFile('case.dms', { read: (path) => all[path] }), options);
}

function sessionOf(program: SessionOptions['program'], options: Options): Session {
  const errors = program.diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n'));
  return createSession({ program, ...options });
}

/** Works until there is anything but more work. */
export function work(session: Session): Exclude<Progress, { kind: 'running' }> {
  for (let slice = 0; slice < 10_000; slice++) {
    const progress = session.work(1000, () => performance.now());
    if (progress.kind !== 'running') return progress;
  }
  throw new Error('the session neither stops nor ends');
}

/** Works until the session stops or ends. */
export function untilStop(session: Session): Stop | undefined {
  const progress = work(session);
  return progress.kind === 'stop' ? progress : undefined;
}

/** Resumes and works until the next stop; undefined when the run ended. */
export function resume(
  session: Session,
  kind: Parameters<Session['resume']>[0],
  thread?: number,
): Stop | undefined {
  session.resume(kind, thread);
  return untilStop(session);
}

/** Goes to a moment. */
export function goTo(session: Session, tick: number): Stop | undefined {
  session.goTo(tick);
  return untilStop(session);
}

/** Runs to the end, whatever stops on the way. */
export function finish(session: Session): void {
  while (resume(session, 'continue') !== undefined);
}

/** Function names of a thread's stack, innermost first. */
export function stackOf(session: Session, stop: Stop): string[] {
  return session.stack(stop.thread, 0, 0).frames.map((frame) => frame.function);
}
