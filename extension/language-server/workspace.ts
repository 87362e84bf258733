/** What the language server knows of the workspace: open texts first, then whatever the front end reads. */
import {
  CompileCache,
  compileScenarioFile,
  type Diagnostic,
  lintProgram,
  type ScenarioProgram,
} from '../../engine/index.ts';
import { isBelow } from './addresses.ts';

/** How the server reaches files; the Node entry reads the disk, the web entry asks the client. */
export interface WorkspaceFiles {
  /** Undefined when there is no such file, or when it is in none of these folders. */
  read(path: string, within: readonly string[]): Promise<string | undefined>;
  /** Paths of all scenario files below these folders. */
  scenarios(folders: readonly string[]): Promise<readonly string[]>;
}

/** A compiled file with everything found in it. */
export interface CheckedProgram {
  readonly program: ScenarioProgram;
  readonly findings: readonly Diagnostic[];
}

/** More rounds than this are a cycle of missing files. */
const MAXIMUM_ROUNDS = 100;

export class Workspace {
  private folders: readonly string[] = [];
  /** Open texts by path. */
  private readonly open = new Map<string, string>();
  /** Read texts by path; undefined: not there. */
  private readonly read = new Map<string, string | undefined>();
  private readonly checked = new Map<string, CheckedProgram>();
  private readonly caches = new Map<string, CompileCache>();
  private scenarios: Promise<readonly string[]> | undefined;

  /** @param breathe lets messages in between two programs, so that an edit or a cancellation gets through. */
  constructor(
    private readonly files: WorkspaceFiles,
    private readonly breathe: () => Promise<void>,
  ) {}

  setFolders(folders: readonly string[]): void {
    this.folders = folders;
    this.scenarios = undefined;
  }

  setOpen(path: string, text: string): void {
    if (this.open.get(path) === text) return;
    this.open.set(path, text);
    this.invalidate(path);
  }

  close(path: string): void {
    const text = this.open.get(path);
    this.open.delete(path);
    // What was typed and not saved is gone; what was saved is what the disk has.
    if (this.read.get(path) !== text) this.changed(path);
  }

  /** A file changed outside of the editor. */
  changed(path: string): void {
    this.read.delete(path);
    if (path.endsWith('.dms')) this.scenarios = undefined;
    if (!this.open.has(path)) this.invalidate(path);
  }

  get openPaths(): readonly string[] {
    return [...this.open.keys()];
  }

  textOf(path: string): string | undefined {
    return this.open.get(path);
  }

  /** Compiles and lints a scenario file, or a C file on its own, unless that was done already. */
  async check(path: string): Promise<CheckedProgram | undefined> {
    if ((await this.text(path, path)) === undefined) return undefined;
    for (let round = 0; round < MAXIMUM_ROUNDS; round++) {
      const known = this.checked.get(path);
      if (known !== undefined) return known;
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
      await Promise.all(unknown.map((wanted) => this.text(wanted, path)));
    }
    return undefined;
  }

  /**
   * The programs that a file belongs to: itself for a scenario; for a C file the scenarios that reach it,
   * else the file alone.
   */
  async programsOf(path: string): Promise<readonly CheckedProgram[]> {
    if (path.endsWith('.dms')) return listed(await this.check(path));
    const reaching: CheckedProgram[] = [];
    for (const scenario of await this.allScenarios()) {
      if (!this.checked.has(scenario)) await this.breathe();
      const checked = await this.check(scenario);
      if (checked !== undefined && reaches(checked, path)) reaching.push(checked);
    }
    if (reaching.length > 0 || !path.endsWith('.c')) return reaching;
    return listed(await this.check(path));
  }

  /** One program that a file belongs to, the quickest to have. */
  async programOf(path: string): Promise<CheckedProgram | undefined> {
    for (const checked of this.checked.values()) {
      if (reaches(checked, path) && checked.program.file.path.endsWith('.dms')) return checked;
    }
    const [first] = await this.programsOf(path);
    return first;
  }

  /** Scenario files of the workspace, and open ones outside of it. */
  private async allScenarios(): Promise<readonly string[]> {
    this.scenarios ??= this.files.scenarios(this.folders);
    const open = this.openPaths.filter((path) => path.endsWith('.dms'));
    return [...new Set([...open, ...(await this.scenarios)])];
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

  /** @param root the program that wants the file: it may read what is beside it, and the workspace. */
  private async text(path: string, root: string): Promise<string | undefined> {
    const open = this.open.get(path);
    if (open !== undefined) return open;
    if (!this.read.has(path)) {
      const beside = root.slice(0, Math.max(root.lastIndexOf('/'), 0));
      const text = await this.files.read(path, [...this.folders, beside]);
      if (!this.read.has(path)) this.read.set(path, text);
    }
    return this.read.get(path);
  }

  private invalidate(path: string): void {
    for (const [key, checked] of this.checked) {
      if (key === path || reaches(checked, path) || checked.program.missing.includes(path)) {
        this.checked.delete(key);
      }
    }
  }
}

function reaches({ program }: CheckedProgram, path: string): boolean {
  return program.files.some((file) => file.path === path);
}

function listed(checked: CheckedProgram | undefined): readonly CheckedProgram[] {
  return checked === undefined ? [] : [checked];
}

/** Whether a path may be read by a front end that knows nothing of links in its file system. */
export function isReadable(path: string, within: readonly string[]): boolean {
  return within.some((folder) => isBelow(path, folder));
}
