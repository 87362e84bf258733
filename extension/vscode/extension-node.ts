/** Entry in the Node extension host: adapter and engine run in a worker thread. */
import { Worker } from 'node:worker_threads';
import * as vscode from 'vscode';
import type { FromWorker } from '../adapter/worker-protocol.ts';
import type { AdapterWorker, AdapterWorkerListener, Platform } from './platform.ts';
import { wire } from './wiring.ts';

const platform: Platform = {
  startAdapter,
  // Evaluated when it is first needed: the client is the largest part of this bundle.
  startLanguageClient: async (context) =>
    (await import('./language-client-node.ts')).startLanguageClient(context),
};

export function activate(context: vscode.ExtensionContext): void {
  wire(context, platform);
}

function startAdapter(
  context: vscode.ExtensionContext,
  listener: AdapterWorkerListener,
): AdapterWorker {
  const file = vscode.Uri.joinPath(context.extensionUri, 'dist/adapter-worker-node.js').fsPath;
  const worker = new Worker(file);
  worker.on('message', (message: FromWorker) => listener.message(message));
  worker.on('error', (error) => listener.failed(error.message));
  return {
    post: (message) => worker.postMessage(message),
    terminate: () => void worker.terminate(),
  };
}
