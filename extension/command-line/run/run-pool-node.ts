/** Makes planned runs on several threads; results keep the order of the plan. */
import { Worker } from 'node:worker_threads';
import type { RunOptions, RunResult } from './run-variant.ts';
import type { RunAnswer, RunRequest, WorkerSetUp } from './run-worker-node.ts';

/** @param script the built command, which each thread starts again as a worker. */
export async function runOnThreads(
  script: string,
  runs: readonly Omit<RunRequest, 'index'>[],
  threads: number,
  options: RunOptions,
): Promise<readonly RunResult[]> {
  const results: (RunResult | undefined)[] = runs.map(() => undefined);
  let next = 0;
  const work = (): Promise<void> =>
    new Promise((done, failed) => {
      const workerData: WorkerSetUp = { dmsRunWorker: true, options };
      const worker = new Worker(script, { workerData });
      const give = (): void => {
        const run = runs[next];
        if (run === undefined) {
          void worker.terminate().then(() => done());
          return;
        }
        worker.postMessage({ index: next++, ...run } satisfies RunRequest);
      };
      worker.on('message', ({ index, result }: RunAnswer) => {
        results[index] = result;
        give();
      });
      worker.on('error', failed);
      give();
    });
  await Promise.all(Array.from({ length: Math.min(threads, runs.length) }, work));
  return results.filter((result) => result !== undefined);
}
