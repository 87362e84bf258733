/**
 * Emulated memory as a read-only document with real addresses, for everyone who has no hex editor installed. It shows
 * the present again after each stop, and what was there last when the session has ended.
 */
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import * as vscode from 'vscode';
import { decodeBase64 } from '../adapter/base64.ts';
import { addressAt, dumpLegend, hexDump } from '../adapter/hex-dump.ts';
import type { Requests } from '../adapter/protocol.ts';
import type { Sessions } from './sessions.ts';

const scheme = 'dms-memory';
const hexEditor = 'ms-vscode.hexeditor';

/** A text document is no place for more. */
const maximumBytes = 64 * 1024;

/** Opens the bytes in the hex editor where it is installed, else in our own document beside. */
export async function openMemory(
  session: vscode.DebugSession,
  reference: string,
  bytes: number,
  label: string,
): Promise<void> {
  if (vscode.extensions.getExtension(hexEditor) !== undefined) {
    await vscode.commands.executeCommand(
      'vscode.openWith',
      debugMemoryUri(session, reference, bytes, label),
      'hexEditor.hexedit',
    );
    return;
  }
  const count = Math.min(bytes, maximumBytes);
  const uri = vscode.Uri.from({
    scheme,
    path: `/${label.replaceAll('/', '-')}.hex`,
    query: `${reference}+${count}`,
  });
  const document = await vscode.workspace.openTextDocument(uri);
  await vscode.window.showTextDocument(document, {
    viewColumn: vscode.ViewColumn.Beside,
    preserveFocus: true,
    preview: true,
  });
}

/** The document that VS Code itself gives to binary editors. */
function debugMemoryUri(
  session: vscode.DebugSession,
  reference: string,
  bytes: number,
  label: string,
): vscode.Uri {
  return vscode.Uri.from({
    scheme: 'vscode-debug-memory',
    authority: session.id,
    path: `/${encodeURIComponent(reference)}/${encodeURIComponent(label)}.bin`,
    query: `?range=0:${bytes}`,
  });
}

export class MemoryDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  private readonly last = new Map<string, string>();
  private readonly disposables: vscode.Disposable[];
  readonly onDidChange = this.changed.event;

  constructor(private readonly sessions: Sessions) {
    this.disposables = [
      this.changed,
      vscode.workspace.registerTextDocumentContentProvider(scheme, this),
      sessions.onDidChange(() => this.refresh()),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.last.delete(uri.toString())),
    ];
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const key = uri.toString();
    const text = await this.read(uri.query);
    if (text !== undefined) this.last.set(key, text);
    return (
      text ?? this.last.get(key) ?? vscode.l10n.t('This memory shows while a scenario stands.')
    );
  }

  dispose(): void {
    for (const disposable of this.disposables) disposable.dispose();
  }

  private async read(query: string): Promise<string | undefined> {
    const session = this.sessions.current;
    if (session === undefined) return undefined;
    const plus = query.lastIndexOf('+');
    const memoryReference = query.slice(0, plus);
    const count = Number(query.slice(plus + 1));
    try {
      const body = (await session.customRequest('readMemory', {
        memoryReference,
        offset: 0,
        count,
      })) as NonNullable<Dap.ReadMemoryResponse['body']>;
      const { ranges } = (await session.customRequest('dms/neverWritten', {
        memoryReference,
        count,
      })) as Requests['dms/neverWritten'][1];
      const dumped = {
        address: BigInt(body.address),
        bytes: decodeBase64(body.data ?? ''),
        unreadable: body.unreadableBytes ?? 0,
        neverWritten: ranges,
      };
      const legend = dumpLegend(dumped);
      const head = legend === '' ? memoryReference : `${memoryReference}  (${legend})`;
      return `${head}\n\n${hexDump(dumped)}\n`;
    } catch {
      return undefined; // running or gone: what was shown last stays
    }
  }

  private refresh(): void {
    for (const { uri } of vscode.workspace.textDocuments) {
      if (uri.scheme === scheme) this.changed.fire(uri);
    }
  }
}

/** The byte under a position in such a document, as a full reference; undefined elsewhere. */
export function referenceAt(
  document: vscode.TextDocument,
  { line, character }: vscode.Position,
): string | undefined {
  if (document.uri.scheme !== scheme) return undefined;
  const { query } = document.uri;
  const reference = query.slice(0, query.lastIndexOf('+'));
  const address = addressAt(document.lineAt(line).text, character);
  if (address === undefined) return reference;
  const start = reference.lastIndexOf(':') + 1;
  return `${reference.slice(0, start)}0x${address.toString(16).toUpperCase()}`;
}
