import { spawn } from 'node:child_process';

/** Runs a program with this terminal; answers its exit code, or 1 when a signal ended it. */
export function run(program: string, parameters: readonly string[]): Promise<number> {
  return new Promise((done, fail) => {
    const child = spawn(program, parameters, { stdio: ['ignore', 'inherit', 'inherit'] });
    child.once('error', fail);
    child.once('exit', (code) => done(code ?? 1));
  });
}

/** Runs a script on the Node that runs this one. */
export function runNode(...parameters: readonly string[]): Promise<number> {
  return run(process.execPath, parameters);
}
