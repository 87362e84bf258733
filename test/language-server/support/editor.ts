/** An editor beside the real server: both ends of the protocol over streams, files from a record. */
import { PassThrough } from 'node:stream';
import { onTestFinished } from 'vitest';
import type {
  CodeAction,
  CompletionList,
  Diagnostic,
  DocumentSymbol,
  Hover,
  InitializeResult,
  Location,
  ProtocolConnection,
  PublishDiagnosticsParams,
  TextDocumentPositionParams,
} from 'vscode-languageserver/node';
import {
  createConnection,
  createProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';
import { type ServerOptions, startServer } from '../../../extension/language-server/server.ts';
import { cursorOf } from './cursor.ts';

export interface EditorOptions {
  readonly initializationOptions?: unknown;
  /** How paths are spelled as URIs; `file://` in front by default. */
  readonly uriOf?: (path: string) => string;
  readonly folders?: readonly string[];
  readonly later?: ServerOptions['later'];
  readonly pages?: ServerOptions['pages'];
}

/** No pause: a test has typed what it wants to see checked. */
const atOnce: ServerOptions['later'] = (task) => {
  const timer = setTimeout(task, 0);
  return () => clearTimeout(timer);
};

export class Editor {
  /** Everything that the server wrote to its log as an error. */
  readonly errors: string[] = [];
  readonly published: PublishDiagnosticsParams[] = [];
  private readonly waiting = new Set<() => void>();
  private readonly versions = new Map<string, number>();
  private readonly texts = new Map<string, string>();

  private constructor(
    readonly connection: ProtocolConnection,
    readonly initialized: InitializeResult,
    private readonly files: Record<string, string>,
    readonly uriOf: (path: string) => string,
  ) {}

  /** @param files by path; what is missing here is not there. They may be changed on the way. */
  static async start(files: Record<string, string>, options: EditorOptions = {}): Promise<Editor> {
    const uriOf = options.uriOf ?? ((path: string) => `file://${path}`);
    const toServer = new PassThrough();
    const toClient = new PassThrough();
    const server = createConnection(toServer, toClient);
    startServer(server, {
      later: options.later ?? atOnce,
      ...(options.pages === undefined ? {} : { pages: options.pages }),
      files: {
        read: async (path, within) =>
          within.some((folder) => path.startsWith(`${folder}/`)) ? files[path] : undefined,
        scenarios: async (folders) =>
          Object.keys(files).filter(
            (path) => path.endsWith('.dms') && folders.some((folder) => path.startsWith(folder)),
          ),
      },
    });
    const connection = createProtocolConnection(
      new StreamMessageReader(toClient),
      new StreamMessageWriter(toServer),
    );
    connection.listen();
    const folders = (options.folders ?? ['/w']).map((path) => ({ uri: uriOf(path), name: path }));
    const initialized = await connection.sendRequest<InitializeResult>('initialize', {
      processId: null,
      rootUri: null,
      capabilities: { workspace: { workspaceFolders: true } },
      workspaceFolders: folders,
      initializationOptions: options.initializationOptions ?? { builtinDocuments: true },
    });
    const editor = new Editor(connection, initialized, files, uriOf);
    editor.listen();
    await connection.sendNotification('initialized', {});
    onTestFinished(async () => {
      await connection.sendRequest('shutdown');
      connection.dispose();
      server.dispose();
    });
    return editor;
  }

  private listen(): void {
    this.connection.onNotification('textDocument/publishDiagnostics', (parameters) => {
      this.published.push(parameters as PublishDiagnosticsParams);
      for (const look of this.waiting) look();
    });
    this.connection.onNotification('window/logMessage', ({ type, message }) => {
      if (type === 1) this.errors.push(message);
    });
    this.connection.onRequest('client/registerCapability', () => null);
  }

  // ---- Documents

  async open(path: string, text = this.files[path] ?? ''): Promise<void> {
    const uri = this.uriOf(path);
    this.texts.set(path, text);
    this.versions.set(uri, 1);
    const languageId = path.endsWith('.dms') ? 'dms' : 'c';
    await this.connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri, languageId, version: 1, text },
    });
  }

  /** Replaces the first occurrence of a text, as an edit of just these characters. */
  async edit(path: string, before: string, after: string): Promise<void> {
    const text = this.texts.get(path) ?? '';
    const start = text.indexOf(before);
    if (start < 0) throw new Error(`${path} does not contain ${before}`);
    await this.change(path, after, {
      start: positionOf(text, start),
      end: positionOf(text, start + before.length),
    });
    this.texts.set(path, text.slice(0, start) + after + text.slice(start + before.length));
  }

  /** Replaces the whole text. */
  async setText(path: string, text: string): Promise<void> {
    await this.change(path, text);
    this.texts.set(path, text);
  }

  private async change(path: string, text: string, range?: object): Promise<void> {
    const uri = this.uriOf(path);
    const version = (this.versions.get(uri) ?? 0) + 1;
    this.versions.set(uri, version);
    await this.connection.sendNotification('textDocument/didChange', {
      textDocument: { uri, version },
      contentChanges: [range === undefined ? { text } : { range, text }],
    });
  }

  async close(path: string): Promise<void> {
    const uri = this.uriOf(path);
    this.versions.delete(uri);
    await this.connection.sendNotification('textDocument/didClose', { textDocument: { uri } });
  }

  /** The file changes on the disk, and the editor's watcher says so. */
  async writeFile(path: string, text: string | undefined): Promise<void> {
    if (text === undefined) delete this.files[path];
    else this.files[path] = text;
    await this.connection.sendNotification('workspace/didChangeWatchedFiles', {
      changes: [{ uri: this.uriOf(path), type: text === undefined ? 3 : 2 }],
    });
  }

  // ---- What a user sees

  /** What is shown in a file now. */
  shown(path: string): readonly Diagnostic[] {
    const uri = this.uriOf(path);
    return this.published.findLast((published) => published.uri === uri)?.diagnostics ?? [];
  }

  /** Waits until the server has judged the text that an open file has. */
  async problems(path: string): Promise<readonly Diagnostic[]> {
    const uri = this.uriOf(path);
    const version = this.versions.get(uri);
    await this.until(() =>
      this.published.some((published) => published.uri === uri && published.version === version),
    );
    return this.shown(path);
  }

  /** Waits until what is shown satisfies a condition. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((done) => {
      const look = (): void => {
        if (!condition()) return;
        this.waiting.delete(look);
        done();
      };
      this.waiting.add(look);
      look();
    });
  }

  // ---- Questions about the place of the mark `<|>`

  hover(path: string, marked: string): Promise<Hover | null> {
    return this.ask('textDocument/hover', path, marked);
  }

  definition(path: string, marked: string): Promise<Location | null> {
    return this.ask('textDocument/definition', path, marked);
  }

  completion(path: string, marked: string, trigger?: string): Promise<CompletionList | null> {
    const context =
      trigger === undefined ? { triggerKind: 1 } : { triggerKind: 2, triggerCharacter: trigger };
    return this.ask('textDocument/completion', path, marked, { context });
  }

  symbols(path: string): Promise<DocumentSymbol[] | null> {
    return this.connection.sendRequest('textDocument/documentSymbol', {
      textDocument: { uri: this.uriOf(path) },
    });
  }

  codeActions(path: string, diagnostic: Diagnostic): Promise<CodeAction[]> {
    return this.connection.sendRequest('textDocument/codeAction', {
      textDocument: { uri: this.uriOf(path) },
      range: diagnostic.range,
      context: { diagnostics: [diagnostic] },
    });
  }

  builtinText(path: string): Promise<string | null> {
    return this.connection.sendRequest('dms/builtinText', { path });
  }

  /** Opens the marked text and asks about the mark's place. */
  private async ask<T>(method: string, path: string, marked: string, more = {}): Promise<T> {
    const { text, offset } = cursorOf(marked);
    if (this.texts.has(path)) await this.setText(path, text);
    else await this.open(path, text);
    const parameters: TextDocumentPositionParams = {
      textDocument: { uri: this.uriOf(path) },
      position: positionOf(text, offset),
    };
    return this.connection.sendRequest<T>(method, { ...parameters, ...more });
  }
}

function positionOf(text: string, offset: number): { line: number; character: number } {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
}
