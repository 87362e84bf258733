/** The language server in a Node process of its own. */
import * as vscode from 'vscode';
import { LanguageClient, TransportKind } from 'vscode-languageclient/node';
import { clientId, clientName, clientOptions, startClient } from './language-client.ts';
import type { LanguageClientHandle } from './platform.ts';

export function startLanguageClient(
  context: vscode.ExtensionContext,
): Promise<LanguageClientHandle> {
  const module = vscode.Uri.joinPath(context.extensionUri, 'dist/language-server-node.js').fsPath;
  const server = { module, transport: TransportKind.ipc };
  return startClient(new LanguageClient(clientId, clientName, server, clientOptions()));
}
