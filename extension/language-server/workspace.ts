/** What the language server knows of the workspace: open texts first, then whatever the front end reads. */
import {
  CompileCache,
  compileScenarioFile,
  type Diagnostic,
  lintProgram,
  type ScenarioProgram,
} from '../../engine/index.ts';

/** How the server reaches files; the Node entry reads the disk, the web entry asks the client. */
export interface WorkspaceFiles {
  /** Undefined when there is no such file or it may not be read. */
  read(path: string): Promise<string | undefined>;
  /** Paths of all scenario files of the workspace. */
  scenarios(): Promise<readonly string[]>;
}

/** A compiled file with everything found in it. */
export interface CheckedProgram {
  readonly program: ScenarioProgram;
  readonly findings: readonly Diagnostic[];
}

/** More rounds than this are a cycle of missing files. */
const MAXIMUM_ROUNDS = 100;

export class Workspace {
  /** Open texts by path. */
  private readonly open = new Map<string, string>();
  /** Read texts by path; undefined: not there. */
  private readonly read = new Map<string, string | undefined>();
  private readonly checked = new Map<string, CheckedProgram>();
  private readonly caches = new Map<string, CompileCache>();

  constructor(private readonly files: WorkspaceFiles) {}

  setOpen(path: string, text: string): void {
    if (this.open.get(path) === text) return;
    this.open.set(path, text);
    this.invalidate(path);
  }

  close(path: string): void {
    this.open.delete(path);
    this.read.delete(path);
    this.invalidate(path);
  }

  /** A file changed on disk. */
  changed(path: string): void {
    this.read.delete(path);
    this.invalidate(path);
  }

  isOpen(path: string): boolean {
    return this.open.has(path);
  }

  /** Programs that were compiled and are still true. */
  get programs(): readonly CheckedProgram[] {
    return [...this.checked.values()];
  }

  /** Compiles and lints a scenario file, or a C file on its own, unless that was done already. */
  async check(path: string): Promise<CheckedProgram | undefined> {
    const known = this.checked.get(path);
    if (known !== undefined) return known;
    if ((await this.text(path)) === undefined) return undefined;
    for (let round = 0; round < MAXIMUM_ROUNDS; round++) {
      const program = compileScenarioFile(
        path,
        { read: (wanted) => this.open.get(wanted) ?? this.read.get(wanted) },
        this.cacheOf(path),
      );
      const unknown = program.missing.filter(
        (wanted) => !this.open.has(wanted) && !this.read.has(wanted),
      );
      if (unknown.length === 0) {
        const result = { program, findings: [...program.diagnostics, ...lintProgram(program)] };
        this.checked.set(path, result);
        return result;
      }
      await Promise.all(unknown.map((wanted) => this.text(wanted)));
    }
    return undefined;
  }

  /**
   * The programs that a file belongs to: itself for a scenario; for a C file the scenarios that reach it,
   * else the file alone.
   */
  async programsOf(path: string): Promise<readonly CheckedProgram[]> {
    if (path.endsWith('.dms')) {
      const own = await this.check(path);
      return own === undefined ? [] : [own];
    }
    const reaching: CheckedProgram[] = [];
    for (const scenario of await this.files.scenarios()) {
      const checked = await this.check(scenario);
      if (checked?.program.files.some((file) => file.path === path)) reaching.push(checked);
    }
    if (reaching.length > 0 || !path.endsWith('.c')) return reaching;
    const alone = await this.check(path);
    return alone === undefined ? [] : [alone];
  }

  /** Unchanged C is not checked again while a scenario is being typed. */
  private cacheOf(path: string): CompileCache {
    let cache = this.caches.get(path);
    if (cache === undefined) {
      cache = new CompileCache();
      this.caches.set(path, cache);
    }
    return cache;
  }

  private async text(path: string): Promise<string | undefined> {
    const open = this.open.get(path);
    if (open !== undefined) return open;
    if (!this.read.has(path)) this.read.set(path, await this.files.read(path));
    return this.read.get(path);
  }

  private invalidate(path: string): void {
    for (const [key, { program }] of this.checked) {
      const concerned =
        key === path ||
        program.files.some((file) => file.path === path) ||
        program.missing.includes(path);
      if (concerned) this.checked.delete(key);
    }
  }
}
