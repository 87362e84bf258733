/** The language server over one connection: documents in, diagnostics out, one thin handler a feature. */
import {
  type CancellationToken,
  CodeActionKind,
  type Connection,
  type InitializeResult,
  type Position,
  TextDocumentSyncKind,
  TextDocuments,
} from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { builtinText, type ScenarioProgram, type SourceFile } from '../../engine/index.ts';
import { pathOf, schemeOf, uriOf } from './addresses.ts';
import { toOffset } from './conversions.ts';
import { builtinPages, type ProductPages, pageText } from './documentation.ts';
import { codeActions } from './features/code-actions.ts';
import { completion } from './features/completion.ts';
import { definition } from './features/definition.ts';
import { hover } from './features/hover.ts';
import { documentSymbols } from './features/symbols.ts';
import { fileOf } from './lookup.ts';
import { Problems } from './problems.ts';
import { Workspace, type WorkspaceFiles } from './workspace.ts';

export interface ServerOptions {
  readonly files: WorkspaceFiles;
  /** Runs a task after a pause; answers how to cancel it. */
  readonly later: (task: () => void, milliseconds: number) => () => void;
  /** This product's pages for clients that cannot show built-in documents. */
  readonly pages?: ProductPages;
}

/** What the client says of itself; all of it may be missing. */
interface InitializationOptions {
  /** Hover, definition, completion and outline in C files (setting `dms.c.languageFeatures`). Default true. */
  readonly languageFeaturesInC?: boolean;
  /** The client opens `dms:` documents with the text that `dms/builtinText` answers. Default false. */
  readonly builtinDocuments?: boolean;
}

/** Serves until the connection ends. */
export function startServer(connection: Connection, options: ServerOptions): void {
  const { later } = options;
  const breathe = (): Promise<void> => new Promise((done) => void later(done, 0));
  const workspace = new Workspace(options.files, breathe);
  const documents = new TextDocuments(TextDocument);
  /** The client's spelling of what it opened, by path. */
  const spelled = new Map<string, string>();
  const clientUri = (path: string): string => spelled.get(path) ?? uriOf(path);
  const folders = new Set<string>();
  let featuresInC = true;
  let builtinDocuments = false;
  const pages = (): ProductPages =>
    builtinDocuments ? builtinPages : (options.pages ?? (() => undefined));

  const problems = new Problems({
    workspace,
    later,
    pages,
    uriOf: clientUri,
    versionOf: (uri) => documents.get(uri)?.version,
    publish: (parameters) => void connection.sendDiagnostics(parameters),
    failed: (error) => connection.console.error(String(error)),
  });

  connection.onInitialize(({ initializationOptions, workspaceFolders, capabilities }) => {
    const wanted = initializationOptions as InitializationOptions | null | undefined;
    featuresInC = wanted?.languageFeaturesInC ?? true;
    builtinDocuments = wanted?.builtinDocuments ?? false;
    for (const { uri } of workspaceFolders ?? []) folders.add(pathOf(uri));
    workspace.setFolders([...folders]);
    const foldersChange = capabilities.workspace?.workspaceFolders === true;
    if (foldersChange) connection.onInitialized(watchFolders);
    return serverCapabilities(foldersChange);
  });

  const watchFolders = (): void => {
    connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
      for (const { uri } of added) folders.add(pathOf(uri));
      for (const { uri } of removed) folders.delete(pathOf(uri));
      workspace.setFolders([...folders]);
      problems.schedule();
    });
  };

  connection.onShutdown(() => problems.stop());

  // ---- Documents

  /** Versions out of a repository, output channels and the like are no files of the workspace. */
  const isWorkspaceFile = (uri: string): boolean => {
    const scheme = schemeOf(uri);
    if (scheme === 'file' || scheme === 'untitled') return true;
    return [...folders].some((folder) => schemeOf(folder) === scheme);
  };

  documents.onDidOpen(({ document: { uri } }) => {
    if (isWorkspaceFile(uri)) spelled.set(pathOf(uri), uri);
  });
  documents.onDidChangeContent(({ document }) => {
    if (!isWorkspaceFile(document.uri)) return;
    workspace.setOpen(pathOf(document.uri), document.getText());
    problems.schedule();
  });
  documents.onDidClose(({ document: { uri } }) => {
    workspace.close(pathOf(uri));
    problems.schedule();
  });
  connection.onDidChangeWatchedFiles(({ changes }) => {
    for (const { uri } of changes) workspace.changed(pathOf(uri));
    problems.schedule();
  });

  // ---- Features

  interface Place {
    readonly program: ScenarioProgram;
    readonly file: SourceFile;
    readonly offset: number;
  }

  /** Answers a question about a place; null where there is nothing to say or nobody waits any more. */
  const at = async <T>(
    uri: string,
    position: Position,
    token: CancellationToken,
    answer: (place: Place) => T | undefined,
  ): Promise<T | null> => {
    const path = pathOf(uri);
    if (!featuresInC && !path.endsWith('.dms')) return null;
    const checked = await workspace.programOf(path);
    const file = checked && fileOf(checked.program, path);
    if (checked === undefined || file === undefined || token.isCancellationRequested) return null;
    const offset = toOffset(file, position);
    return answer({ program: checked.program, file, offset }) ?? null;
  };

  connection.onHover(({ textDocument, position }, token) =>
    at(textDocument.uri, position, token, ({ program, file, offset }) =>
      hover(program, file, offset, pages()),
    ),
  );
  connection.onDefinition(({ textDocument, position }, token) =>
    at(textDocument.uri, position, token, ({ program, file, offset }) =>
      definition(program, file, offset, (path) =>
        schemeOf(path) === 'dms' && !builtinDocuments ? undefined : clientUri(path),
      ),
    ),
  );
  connection.onCompletion(({ textDocument, position, context }, token) =>
    at(textDocument.uri, position, token, ({ program, file, offset }) =>
      completion(program, file, offset, context?.triggerCharacter, pages()),
    ),
  );
  connection.onDocumentSymbol(({ textDocument }, token) =>
    at(textDocument.uri, { line: 0, character: 0 }, token, ({ program, file }) =>
      documentSymbols(program, file),
    ),
  );
  connection.onCodeAction(async ({ textDocument, range }) => {
    const path = pathOf(textDocument.uri);
    return codeActions(await workspace.programsOf(path), path, range, clientUri, pages());
  });

  connection.onRequest(
    'dms/builtinText',
    ({ path }: { readonly path: string }) => builtinText(path) ?? pageText(path) ?? null,
  );

  documents.listen(connection);
  connection.listen();
}

function serverCapabilities(foldersChange: boolean): InitializeResult {
  return {
    capabilities: {
      textDocumentSync: TextDocumentSyncKind.Incremental,
      documentSymbolProvider: true,
      hoverProvider: true,
      definitionProvider: true,
      completionProvider: { triggerCharacters: ['.', '>', '<', '"'] },
      codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
      ...(foldersChange
        ? { workspace: { workspaceFolders: { supported: true, changeNotifications: true } } }
        : {}),
    },
    serverInfo: { name: 'driver-memory-scenarios' },
  };
}
