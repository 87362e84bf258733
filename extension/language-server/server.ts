/** The language server over one connection: documents in, diagnostics out, one thin handler a feature. */
import {
  type CodeAction,
  CodeActionKind,
  type Connection,
  TextDocumentSyncKind,
  TextDocuments,
} from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import {
  builtinText,
  type Diagnostic,
  type ScenarioProgram,
  type SourceFile,
} from '../../engine/index.ts';
import { type Addresses, toDiagnostic, toOffset, toRange } from './conversions.ts';
import { completion } from './features/completion.ts';
import { definition } from './features/definition.ts';
import { hover } from './features/hover.ts';
import { documentSymbols } from './features/symbols.ts';
import { fileOf } from './lookup.ts';
import { Workspace, type WorkspaceFiles } from './workspace.ts';

export interface ServerOptions {
  readonly files: WorkspaceFiles;
  readonly addresses: Addresses;
  /** Told the workspace folders, by path, before anything else. */
  readonly opened?: (folders: readonly string[]) => void;
  /** Runs a task after a pause in typing; answers how to cancel it. */
  readonly later: (task: () => void, milliseconds: number) => () => void;
}

/** Long enough that a word being typed is not checked letter by letter. */
const TYPING_PAUSE = 120;

/** C files get navigation only where the client asked for it (setting `dms.languageFeaturesInC`). */
interface InitializationOptions {
  readonly languageFeaturesInC?: boolean;
}

export function startServer(connection: Connection, options: ServerOptions): void {
  const { addresses } = options;
  const workspace = new Workspace(options.files);
  const documents = new TextDocuments(TextDocument);
  /** Files that show findings, so that they can be cleared. */
  const shown = new Map<string, Set<string>>();
  const pending = new Map<string, () => void>();
  let featuresInC = true;

  connection.onInitialize(({ initializationOptions, workspaceFolders }) => {
    options.opened?.((workspaceFolders ?? []).map(({ uri }) => addresses.pathOf(uri)));
    const wanted = initializationOptions as InitializationOptions | undefined;
    featuresInC = wanted?.languageFeaturesInC ?? true;
    return {
      capabilities: {
        textDocumentSync: TextDocumentSyncKind.Incremental,
        documentSymbolProvider: true,
        hoverProvider: true,
        definitionProvider: true,
        completionProvider: { triggerCharacters: ['.', '>'] },
        codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
      },
      serverInfo: { name: 'driver-memory-scenarios' },
    };
  });

  // ---- Diagnostics

  const publish = async (path: string): Promise<void> => {
    const programs = await workspace.programsOf(path);
    if (programs.length === 0) clear(path, new Set());
    for (const { program, findings } of programs) show(program, findings);
  };

  const show = (program: ScenarioProgram, findings: readonly Diagnostic[]): void => {
    const byFile = new Map<string, Diagnostic[]>();
    for (const { path, origin } of program.files) if (origin === 'user') byFile.set(path, []);
    for (const finding of findings) byFile.get(finding.range.file.path)?.push(finding);
    for (const [path, found] of byFile) {
      void connection.sendDiagnostics({
        uri: addresses.uriOf(path),
        diagnostics: found.map((finding) => toDiagnostic(finding, addresses)),
      });
    }
    clear(program.file.path, new Set(byFile.keys()));
  };

  /** Takes findings away from files that a program no longer reaches. */
  const clear = (root: string, kept: Set<string>): void => {
    for (const path of shown.get(root) ?? []) {
      if (!kept.has(path)) {
        void connection.sendDiagnostics({ uri: addresses.uriOf(path), diagnostics: [] });
      }
    }
    shown.set(root, kept);
  };

  const schedule = (path: string): void => {
    pending.get(path)?.();
    pending.set(
      path,
      options.later(() => {
        pending.delete(path);
        publish(path).catch((error: unknown) => connection.console.error(String(error)));
      }, TYPING_PAUSE),
    );
  };

  documents.onDidChangeContent(({ document }) => {
    const path = addresses.pathOf(document.uri);
    workspace.setOpen(path, document.getText());
    schedule(path);
  });
  documents.onDidClose(({ document }) => {
    const path = addresses.pathOf(document.uri);
    workspace.close(path);
    if (path.endsWith('.dms')) clear(path, new Set());
  });
  connection.onDidChangeWatchedFiles(({ changes }) => {
    for (const { uri } of changes) workspace.changed(addresses.pathOf(uri));
    for (const document of documents.all()) schedule(addresses.pathOf(document.uri));
  });

  // ---- Features

  /** The program and file behind a document, and the offset of a position in it. */
  const locate = async (
    uri: string,
    position: { line: number; character: number },
  ): Promise<{ program: ScenarioProgram; file: SourceFile; offset: number } | undefined> => {
    const path = addresses.pathOf(uri);
    if (!featuresInC && !path.endsWith('.dms')) return undefined;
    const document = documents.get(uri);
    if (document !== undefined) workspace.setOpen(path, document.getText());
    const [checked] = await workspace.programsOf(path);
    const file = checked && fileOf(checked.program, path);
    if (checked === undefined || file === undefined) return undefined;
    return { program: checked.program, file, offset: toOffset(file, position) };
  };

  connection.onHover(async ({ textDocument, position }) => {
    const at = await locate(textDocument.uri, position);
    return at && hover(at.program, at.file, at.offset);
  });
  connection.onDefinition(async ({ textDocument, position }) => {
    const at = await locate(textDocument.uri, position);
    return at && definition(at.program, at.file, at.offset, addresses);
  });
  connection.onCompletion(async ({ textDocument, position }) => {
    const at = await locate(textDocument.uri, position);
    return at && completion(at.program, at.file, at.offset);
  });
  connection.onDocumentSymbol(async ({ textDocument }) => {
    const at = await locate(textDocument.uri, { line: 0, character: 0 });
    return at ? documentSymbols(at.program, at.file) : [];
  });
  connection.onCodeAction(async ({ textDocument, range }): Promise<CodeAction[]> => {
    const path = addresses.pathOf(textDocument.uri);
    const programs = await workspace.programsOf(path);
    const actions: CodeAction[] = [];
    for (const finding of programs.flatMap(({ findings }) => findings)) {
      const { fix } = finding;
      if (fix === undefined || finding.range.file.path !== path) continue;
      const place = toRange(finding.range);
      if (place.end.line < range.start.line || place.start.line > range.end.line) continue;
      actions.push({
        title: fix.title,
        kind: CodeActionKind.QuickFix,
        diagnostics: [toDiagnostic(finding, addresses)],
        edit: {
          changes: Object.fromEntries(
            fix.edits.map((edit) => [
              addresses.uriOf(edit.range.file.path),
              [{ range: toRange(edit.range), newText: edit.text }],
            ]),
          ),
        },
      });
    }
    return actions;
  });

  connection.onRequest(
    'dms/builtinText',
    ({ path }: { path: string }) => builtinText(path) ?? null,
  );

  documents.listen(connection);
  connection.listen();
}
