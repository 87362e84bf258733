/** The language server in a web worker. */
import * as vscode from 'vscode';
import { LanguageClient } from 'vscode-languageclient/browser';
import { clientId, clientName, clientOptions, startClient } from './language-client.ts';
import type { LanguageClientHandle } from './platform.ts';

export function startLanguageClient(
  context: vscode.ExtensionContext,
): Promise<LanguageClientHandle> {
  const file = vscode.Uri.joinPath(context.extensionUri, 'dist/language-server-web.js');
  const worker = new Worker(file.toString(true));
  return startClient(new LanguageClient(clientId, clientName, worker, clientOptions()));
}
