/** The thread that makes runs for `dms run --jobs`: it compiles a file once and answers one run at a time. */
import { parentPort, workerData } from 'node:worker_threads';
import type { ScenarioProgram, Variant } from '../../../engine/index.ts';
import { loadProgram } from '../program-node.ts';
import { type RunOptions, type RunResult, runVariant } from './run-variant.ts';

export interface WorkerSetUp {
  readonly dmsRunWorker: true;
  readonly options: RunOptions;
}

export interface RunRequest {
  readonly index: number;
  readonly file: string;
  readonly scenario: string;
  readonly variant: Variant;
}

export interface RunAnswer {
  readonly index: number;
  readonly result: RunResult;
}

/** Whether this thread was started to make runs. */
export function isRunWorker(): boolean {
  return parentPort !== null && (workerData as WorkerSetUp | null)?.dmsRunWorker === true;
}

export function serveRuns(): void {
  const port = parentPort;
  if (port === null) return;
  const { options } = workerData as WorkerSetUp;
  const programs = new Map<string, ScenarioProgram>();
  port.on('message', ({ index, file, scenario, variant }: RunRequest) => {
    let program = programs.get(file);
    if (program === undefined) {
      program = loadProgram(file);
      programs.set(file, program);
    }
    const result = runVariant(program, scenario, variant, options, () => performance.now());
    port.postMessage({ index, result } satisfies RunAnswer);
  });
}
