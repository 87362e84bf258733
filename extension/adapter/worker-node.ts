/** Adapter and engine in a worker thread of VS Code's Node extension host. */
import { parentPort } from 'node:worker_threads';
import { serveWorker } from './worker.ts';
import type { ToWorker } from './worker-protocol.ts';

if (parentPort === null) {
  throw new Error('This file runs as a worker; `dms debug-adapter` is the one that runs alone.');
}
const port = parentPort;
const receive = serveWorker({
  post: (message) => port.postMessage(message),
  schedule: (callback) => setImmediate(callback),
});
port.on('message', (message: ToWorker) => receive(message));
