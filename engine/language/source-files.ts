/** The files of one compilation: read once, and known by one object for as long as their text is the same. */
import { builtinHeaders } from './builtin-headers.ts';
import { folderOf, joinPath, type SourceFile, type SourceReader } from './source.ts';

export class SourceFiles {
  private readonly known = new Map<string, SourceFile | undefined>();
  private readonly absent = new Set<string>();
  /** Collects for `missesOf`. */
  private misses: Set<string> | undefined;

  /**
   * @param builtins text of the reference components by name (`proxy.c`, `sanproxy.h`).
   * @param earlier files of an earlier compilation, taken over when their text has not changed.
   */
  constructor(
    private readonly reader: SourceReader,
    private readonly builtins: ReadonlyMap<string, string>,
    private readonly earlier: ReadonlyMap<string, SourceFile>,
  ) {}

  /** The workspace's file; undefined when there is none, which is remembered. */
  read(path: string): SourceFile | undefined {
    const file = this.known.has(path) ? this.known.get(path) : this.readAnew(path);
    if (file === undefined) this.misses?.add(path);
    return file;
  }

  /** Does some work and answers which paths it asked for in vain, whether or not others had asked before. */
  missesOf<T>(work: () => T): { readonly result: T; readonly misses: readonly string[] } {
    const misses = new Set<string>();
    this.misses = misses;
    const result = work();
    this.misses = undefined;
    return { result, misses: [...misses] };
  }

  private readAnew(path: string): SourceFile | undefined {
    const text = this.reader.read(path);
    let file: SourceFile | undefined;
    if (text === undefined) {
      this.absent.add(path);
    } else {
      const before = this.earlier.get(path);
      file = before?.text === text ? before : { path, text, origin: 'user' };
    }
    this.known.set(path, file);
    return file;
  }

  /** A reference component's file. */
  builtin(name: string): SourceFile | undefined {
    const path = `dms:/pipeline/${name}`;
    if (this.known.has(path)) return this.known.get(path);
    const text = this.builtins.get(name);
    const before = this.earlier.get(path);
    const file: SourceFile | undefined =
      text === undefined
        ? undefined
        : before?.text === text
          ? before
          : { path, text, origin: 'builtin' };
    this.known.set(path, file);
    return file;
  }

  /**
   * What `#include` finds: beside the including file and the scenario for a name in quotes, then in the
   * include folders, then among the built-in headers. A name in angle brackets that is nowhere else is looked for
   * beside the file, too: project files of drivers name such folders, and a scenario has no project file.
   */
  include(
    name: string,
    quoted: boolean,
    from: SourceFile,
    folder: string,
    includeFolders: readonly string[],
  ): SourceFile | undefined {
    const isOwn = from.origin === 'user' && isRelative(name);
    const around = [folderOf(from.path), folder];
    return (
      (isOwn
        ? this.firstIn(quoted ? [...around, ...includeFolders] : includeFolders, name)
        : undefined) ??
      builtinHeaders.get(name.toLowerCase()) ??
      this.builtin(name) ??
      (isOwn && !quoted ? this.firstIn(around, name) : undefined)
    );
  }

  private firstIn(folders: readonly string[], name: string): SourceFile | undefined {
    for (const place of new Set(folders)) {
      const file = this.read(beside(place, name));
      if (file !== undefined) return file;
    }
    return undefined;
  }

  /** Paths that were asked for and are not there. */
  get missing(): readonly string[] {
    return [...this.absent];
  }

  get all(): readonly SourceFile[] {
    return [...this.known.values()].filter((file) => file !== undefined);
  }

  /** By path, for the next compilation. */
  get byPath(): ReadonlyMap<string, SourceFile> {
    return new Map(this.all.map((file) => [file.path, file]));
  }
}

/** Whether a path is meant beside something; absolute ones and URIs are outside of what a scenario reads. */
export const isRelative = (path: string): boolean =>
  !/^([/\\]|[A-Za-z][A-Za-z0-9+.-]*:)/.test(path);

/** A path beside a folder, also when that has no name. */
export function beside(folder: string, path: string): string {
  return folder === ''
    ? path.replaceAll('\\', '/').replace(/^(\.\/)+/, '')
    : joinPath(folder, path);
}
