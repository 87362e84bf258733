/** The language server in a Node process of its own. */
import * as vscode from 'vscode';
import { LanguageClient, TransportKind } from 'vscode-languageclient/node';
import { clientId, clientName, clientOptions, startClient } from './language-client.ts';
import type { LanguageClientHandle } from './platform.ts';

export function startLanguageClient(
  context: vscode.ExtensionContext,
): Promise<LanguageClientHandle> {
  const module = vscode.Uri.joinPath(context.extensionUri, 'dist/language-server-node.js').fsPath;
  // A check makes many short-lived objects: room for those of a long file spares it half of the collections.
  const options = { execArgv: ['--max-semi-space-size=64'] };
  const server = { module, transport: TransportKind.ipc, options };
  return startClient(new LanguageClient(clientId, clientName, server, clientOptions()));
}
