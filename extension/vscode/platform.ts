/** What differs between the Node extension host and the web worker's; the two entries provide it. */
import type * as vscode from 'vscode';
import type { FromWorker, ToWorker } from '../adapter/worker-protocol.ts';

/** A worker with adapter and engine in it. */
export interface AdapterWorker {
  post(message: ToWorker): void;
  terminate(): void;
}

export interface AdapterWorkerListener {
  message(message: FromWorker): void;
  /** The worker died; nothing more comes from it. */
  failed(reason: string): void;
}

export interface Platform {
  startAdapter(context: vscode.ExtensionContext, listener: AdapterWorkerListener): AdapterWorker;
  startLanguageClient(context: vscode.ExtensionContext): Promise<LanguageClientHandle>;
}

/** The running language server, as the rest of the extension needs it. */
export interface LanguageClientHandle {
  /** The text of a built-in file by its `dms:` path. */
  builtinText(path: string): Promise<string | undefined>;
  stop(): Promise<void>;
}
