/** What both language clients share: which documents, which settings, which requests. */
import * as vscode from 'vscode';
import type { BaseLanguageClient, LanguageClientOptions } from 'vscode-languageclient';
import type { LanguageClientHandle } from './platform.ts';
import { languageFeaturesInC } from './settings.ts';
import { uriOf } from './uris.ts';

export const clientId = 'dms';
export const clientName = 'Driver Memory Scenarios';

/** Extensions that understand C themselves: with one of them active, `auto` leaves C files alone. */
const otherCExtensions = [
  'ms-vscode.cpptools',
  'llvm-vs-code-extensions.vscode-clangd',
  'ccls-project.ccls',
];

export function clientOptions(): LanguageClientOptions {
  return {
    documentSelector: [
      { language: 'dms' },
      { language: 'c' },
      { language: 'cpp', pattern: '**/*.h' },
    ],
    initializationOptions: { languageFeaturesInC: featuresInC(), builtinDocuments: true },
    synchronize: {
      fileEvents: vscode.workspace.createFileSystemWatcher('**/*.{dms,c,h}'),
    },
  };
}

/** Starts the client and answers what the rest of the extension may ask of it. */
export async function startClient(client: BaseLanguageClient): Promise<LanguageClientHandle> {
  // The server may run where there is no disk: it asks for files.
  client.onRequest('dms/readFile', async ({ path }: { path: string }) => {
    try {
      return new TextDecoder().decode(await vscode.workspace.fs.readFile(uriOf(path)));
    } catch {
      return null;
    }
  });
  client.onRequest('dms/scenarioFiles', async () => {
    const uris = await vscode.workspace.findFiles('**/*.dms', '**/node_modules/**');
    return uris.map((uri) => uri.toString());
  });
  await client.start();
  return {
    async builtinText(path) {
      const text = await client.sendRequest<string | null>('dms/builtinText', { path });
      return text ?? undefined;
    },
    stop: () => client.dispose(),
  };
}

function featuresInC(): boolean {
  const setting = languageFeaturesInC();
  if (setting !== 'auto') return setting === 'on';
  return !otherCExtensions.some((id) => vscode.extensions.getExtension(id) !== undefined);
}
