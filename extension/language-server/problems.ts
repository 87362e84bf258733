/** Diagnostics while typing: which programs the open files need, and what every file of them shows. */
import type { Diagnostic as LspDiagnostic, PublishDiagnosticsParams } from 'vscode-languageserver';
import { toDiagnostic } from './conversions.ts';
import type { ProductPages } from './documentation.ts';
import type { CheckedProgram, Workspace } from './workspace.ts';

export interface ProblemsOptions {
  readonly workspace: Workspace;
  readonly publish: (parameters: PublishDiagnosticsParams) => void;
  /** The version of an open document, by URI. */
  readonly versionOf: (uri: string) => number | undefined;
  /** The address under which the client knows a path: its own spelling for what it opened. */
  readonly uriOf: (path: string) => string;
  readonly pages: () => ProductPages;
  readonly later: (task: () => void, milliseconds: number) => () => void;
  readonly failed: (error: unknown) => void;
}

/** Long enough that a word being typed is not checked letter by letter. */
export const TYPING_PAUSE = 120;

export class Problems {
  /** What was last published, by path. */
  private readonly shown = new Map<string, string>();
  private cancel: (() => void) | undefined;
  private running = false;
  private again = false;
  private stopped = false;

  constructor(private readonly options: ProblemsOptions) {}

  /** Something changed: checks once nothing else has for a moment. */
  schedule(): void {
    this.cancel?.();
    this.cancel = this.options.later(() => {
      this.cancel = undefined;
      void this.run();
    }, TYPING_PAUSE);
  }

  /** Nothing is checked or published any more. */
  stop(): void {
    this.stopped = true;
    this.cancel?.();
  }

  /** One check at a time; what changes meanwhile is one further check, however much it is. */
  private async run(): Promise<void> {
    if (this.running) {
      this.again = true;
      return;
    }
    this.running = true;
    try {
      do {
        this.again = false;
        await this.update();
      } while (this.again && !this.stopped);
    } catch (error) {
      if (!this.stopped) this.options.failed(error);
    } finally {
      this.running = false;
    }
  }

  private async update(): Promise<void> {
    const programs = await this.neededPrograms();
    if (this.stopped) return;
    const found = new Map<string, Map<string, LspDiagnostic>>();
    for (const { program, findings } of programs) {
      for (const { path, origin, text } of program.files) {
        const open = this.options.workspace.textOf(path);
        if (open !== undefined && open !== text) return; // typed meanwhile: the next check is on its way
        if (origin === 'user' && !found.has(path)) found.set(path, new Map());
      }
      for (const finding of findings) {
        const diagnostic = toDiagnostic(finding, this.options.pages());
        // A driver that several scenarios load is found fault with once.
        found.get(finding.range.file.path)?.set(JSON.stringify(diagnostic), diagnostic);
      }
    }
    for (const [path, diagnostics] of found) this.publish(path, [...diagnostics.values()]);
    for (const path of this.shown.keys()) if (!found.has(path)) this.publish(path, undefined);
  }

  private async neededPrograms(): Promise<ReadonlySet<CheckedProgram>> {
    const programs = new Set<CheckedProgram>();
    for (const path of this.options.workspace.openPaths) {
      for (const checked of await this.options.workspace.programsOf(path)) programs.add(checked);
    }
    return programs;
  }

  /** @param diagnostics undefined: the file is of no interest any more. */
  private publish(path: string, diagnostics: LspDiagnostic[] | undefined): void {
    const uri = this.options.uriOf(path);
    const version = this.options.versionOf(uri);
    const parameters: PublishDiagnosticsParams = {
      uri,
      ...(version === undefined ? {} : { version }),
      diagnostics: diagnostics ?? [],
    };
    const text = JSON.stringify(parameters);
    if (this.shown.get(path) !== text) this.options.publish(parameters);
    if (diagnostics === undefined) this.shown.delete(path);
    else this.shown.set(path, text);
  }
}
