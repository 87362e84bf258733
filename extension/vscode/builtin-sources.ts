/** Read-only documents for the built-in headers and components, under the scheme `dms`. */
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import * as vscode from 'vscode';
import type { LanguageClientHandle } from './platform.ts';
import type { Sessions } from './sessions.ts';

export class BuiltinSources implements vscode.TextDocumentContentProvider {
  constructor(
    private readonly sessions: Sessions,
    private readonly languageClient: () => LanguageClientHandle | undefined,
  ) {}

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const path = uri.toString(true);
    const text = (await this.fromSession(path)) ?? (await this.languageClient()?.builtinText(path));
    if (text !== undefined) return text;
    throw new Error(vscode.l10n.t('There is no built-in source {0}.', path));
  }

  private async fromSession(path: string): Promise<string | undefined> {
    try {
      const body = (await this.sessions.current?.customRequest('source', {
        source: { path },
        sourceReference: 0,
      })) as Dap.SourceResponse['body'] | undefined;
      return body?.content;
    } catch {
      return undefined; // not one of this scenario's
    }
  }
}
