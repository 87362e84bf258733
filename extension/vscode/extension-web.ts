/** Entry in the web-worker extension host: adapter and engine run in a worker of their own. */
import * as vscode from 'vscode';
import type { FromWorker } from '../adapter/worker-protocol.ts';
import type { AdapterWorker, AdapterWorkerListener, Platform } from './platform.ts';
import { wire } from './wiring.ts';

const platform: Platform = {
  startAdapter,
  // Evaluated when it is first needed: the client is the largest part of this bundle.
  startLanguageClient: async (context) =>
    (await import('./language-client-web.ts')).startLanguageClient(context),
};

export function activate(context: vscode.ExtensionContext): void {
  wire(context, platform);
}

function startAdapter(
  context: vscode.ExtensionContext,
  listener: AdapterWorkerListener,
): AdapterWorker {
  const file = vscode.Uri.joinPath(context.extensionUri, 'dist/adapter-worker-web.js');
  const worker = new Worker(file.toString(true));
  worker.onmessage = (event: MessageEvent<FromWorker>) => listener.message(event.data);
  worker.onerror = (event) => listener.failed(event.message);
  return {
    post: (message) => worker.postMessage(message),
    terminate: () => worker.terminate(),
  };
}
