/** The C of drivers and processes: which files, with which definitions, checked once for each set of these. */
import { headerOf } from '../builtin-headers.ts';
import { type CompiledUnit, compileUnit } from '../compile-unit.ts';
import type { Diagnostics } from '../diagnostics.ts';
import type { Mode } from '../header-modes.ts';
import type { Unit } from '../program.ts';
import { recheckUnit } from '../recheck.ts';
import type { Definition } from '../scenario.ts';
import type { Name } from '../scenario-parser/tree.ts';
import { folderOf, type SourceFile, type SourceRange } from '../source.ts';
import { beside, isRelative, type SourceFiles } from '../source-files.ts';
import { checkLinks } from './links.ts';

export interface ProgramText {
  /** The scenario file, beside which the sources are. */
  readonly file: SourceFile;
  readonly mode: Mode;
  /** What the linker expects of it. */
  readonly role: 'driver' | 'process' | 'device' | 'component';
  /** Where findings about the whole program are shown. */
  readonly place: SourceRange;
  readonly sources: readonly Name[];
  readonly block: SourceRange | undefined;
  readonly definitions: readonly Definition[];
  readonly folders: readonly Name[];
}

export interface CompiledProgram {
  readonly sources: readonly { readonly path: string; readonly range: SourceRange }[];
  readonly includeFolders: readonly string[];
  readonly units: readonly Unit[];
}

export interface CheckedUnit extends CompiledUnit {
  /** Paths that an `#include` tried in vain: if one of them appears, the unit is to be checked again. */
  readonly absent: readonly string[];
}

export type UnitCache = Map<string, CheckedUnit>;

export class ProgramCompiler {
  /** Units that this compilation used, for the next one. */
  readonly used: UnitCache = new Map();

  constructor(
    private readonly files: SourceFiles,
    /** Preprocessor lines of the scenario file, which stand before each block. */
    private readonly prelude: readonly SourceRange[],
    private readonly cache: UnitCache,
  ) {}

  /** All files that the checked units read, built-in headers too. */
  get filesRead(): readonly SourceFile[] {
    return [...new Set([...this.used.values()].flatMap(({ unit }) => unit.files))];
  }

  /** Checks all C of a driver or process; what is found goes to `diagnostics`. */
  compile(text: ProgramText, diagnostics: Diagnostics): CompiledProgram {
    const folder = folderOf(text.file.path);
    const includeFolders = text.folders.flatMap(({ text: path, range }) => {
      if (isRelative(path)) return [beside(folder, path)];
      this.reportOutside(path, range, diagnostics);
      return [];
    });
    const units: Unit[] = [];
    const sources: { path: string; range: SourceRange }[] = [];
    for (const { text: written, range } of text.sources) {
      const file = this.source(folder, written, range, diagnostics);
      if (file === undefined) continue;
      if (sources.some(({ path }) => path === file.path)) {
        diagnostics.error('duplicate-file', range, `"${written}" is listed twice`, {
          documentation: 'language.md',
        });
        continue;
      }
      sources.push({ path: file.path, range });
      units.push(this.unit(file, undefined, text, includeFolders, diagnostics));
    }
    if (text.block !== undefined) {
      units.push(this.unit(text.file, text.block, text, includeFolders, diagnostics));
    }
    const complete = units.length === Math.max(text.sources.length, text.block ? 1 : 0);
    if (complete && units.length > 0) checkLinks(units, text, diagnostics);
    return { sources, includeFolders, units };
  }

  /** A reference component; undefined when the caller did not bring it. */
  compileBuiltin(name: string, mode: Mode, diagnostics: Diagnostics): Unit | undefined {
    const file = this.files.builtin(name);
    return file && this.compileFile(file, mode, [], diagnostics);
  }

  /** One file by itself. */
  compileFile(
    file: SourceFile,
    mode: Mode,
    definitions: readonly Definition[],
    diagnostics: Diagnostics,
  ): Unit {
    const place: SourceRange = { file, start: 0, end: 0 };
    const text: ProgramText = {
      file,
      mode,
      role: 'component',
      place,
      sources: [],
      block: undefined,
      definitions,
      folders: [],
    };
    return this.unit(file, undefined, text, [], diagnostics);
  }

  private source(
    folder: string,
    written: string,
    range: SourceRange,
    diagnostics: Diagnostics,
  ): SourceFile | undefined {
    if (!isRelative(written)) {
      this.reportOutside(written, range, diagnostics);
      return undefined;
    }
    const path = beside(folder, written);
    const file = this.files.read(path);
    if (file !== undefined) return file;
    diagnostics.error(
      'unknown-file',
      range,
      `Cannot find "${written}"${folder === '' ? '' : ' beside the scenario file'}`,
      { documentation: 'language.md' },
    );
    return undefined;
  }

  private reportOutside(path: string, range: SourceRange, diagnostics: Diagnostics): void {
    diagnostics.error(
      'path-outside',
      range,
      `"${path}" is not relative: a scenario reads only files beside itself`,
      { documentation: 'language.md' },
    );
  }

  private unit(
    file: SourceFile,
    block: SourceRange | undefined,
    { mode, definitions, file: scenario }: ProgramText,
    includeFolders: readonly string[],
    diagnostics: Diagnostics,
  ): Unit {
    const key = JSON.stringify([
      file.path,
      block?.start,
      mode,
      definitions.map(({ name, value }) => [name, value]),
      includeFolders,
    ]);
    let checked = this.used.get(key);
    if (checked === undefined) {
      const earlier = this.cache.get(key);
      checked =
        earlier !== undefined && this.isCurrent(earlier)
          ? earlier
          : (this.recheck(earlier, file) ??
            this.check(file, block, mode, definitions, includeFolders, folderOf(scenario.path)));
      this.used.set(key, checked);
    }
    for (const diagnostic of checked.diagnostics) diagnostics.report(diagnostic);
    return checked.unit;
  }

  /** A unit whose own file alone has changed, and in bodies of functions alone. */
  private recheck(earlier: CheckedUnit | undefined, file: SourceFile): CheckedUnit | undefined {
    const { kept, absent } = earlier ?? {};
    if (earlier === undefined || kept === undefined || absent === undefined) return undefined;
    if (!this.isCurrent(earlier, kept.file)) return undefined;
    const result = recheckUnit(kept, file);
    return result && { ...result, absent };
  }

  /**
   * Whether every file that the unit read is still the same, but for one, and every one it missed is still missing.
   */
  private isCurrent({ unit, absent }: CheckedUnit, but?: SourceFile): boolean {
    return (
      unit.files.every((file) => {
        if (file === but) return true;
        if (file.origin === 'user') return this.files.read(file.path) === file;
        const component = /^dms:\/pipeline\/(.*)$/.exec(file.path)?.[1];
        return component === undefined || this.files.builtin(component) === file;
      }) && absent.every((path) => this.files.read(path) === undefined)
    );
  }

  private check(
    file: SourceFile,
    block: SourceRange | undefined,
    mode: Mode,
    definitions: readonly Definition[],
    includeFolders: readonly string[],
    folder: string,
  ): CheckedUnit {
    const { result, misses: absent } = this.files.missesOf(() =>
      compileUnit({
        file,
        ...(block === undefined ? {} : { range: block, prelude: this.prelude }),
        definitions,
        resolveInclude: (name, quoted, from) =>
          this.files.include(name, quoted, from, folder, includeFolders),
        mode,
        headerOf: (name) => headerOf(name, mode),
      }),
    );
    return { ...result, absent };
  }
}
