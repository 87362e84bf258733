/** Compiles a scenario file, or a lone C file, with everything that it reaches. */
import { type Diagnostic, Diagnostics } from './diagnostics.ts';
import type { Mode } from './header-modes.ts';
import type { Unit } from './program.ts';
import type {
  Definition,
  MachineDeclaration,
  NameReference,
  NicDeclaration,
  ScenarioDeclaration,
  ScenarioProgram,
} from './scenario.ts';
import { parseScenarioFile } from './scenario-parser/parse.ts';
import type { Name, ScenarioTree } from './scenario-parser/tree.ts';
import { Names } from './scenario-resolver/names.ts';
import { ProgramCompiler, type UnitCache } from './scenario-resolver/programs.ts';
import { resolveScenarios } from './scenario-resolver/resolve.ts';
import type { SourceFile, SourceRange, SourceReader } from './source.ts';
import { SourceFiles } from './source-files.ts';
import { tokensOf } from './tokenizer.ts';
import { lastUse } from './word-search.ts';

/** Files and checked units of the last compilation: what has not changed is not checked again. */
export class CompileCache {
  files: ReadonlyMap<string, SourceFile> = new Map();
  units: UnitCache = new Map();
}

export interface CompileInput {
  /** Of a `.dms` or a `.c`. */
  readonly path: string;
  readonly reader: SourceReader;
  /** Texts of the reference components by name: `proxy.c`, `provider.c`, `switch.c` and their headers. */
  readonly builtins?: ReadonlyMap<string, string>;
  /** Kept by whoever compiles again and again. */
  readonly cache?: CompileCache;
}

/**
 * Compiles a scenario file, or makes an implicit scenario of a lone C file that defines DriverEntry. Never
 * throws for what a text says: everything is in `diagnostics`.
 */
export function compileScenarioFile(input: CompileInput): ScenarioProgram {
  const { path, reader, builtins = new Map(), cache = new CompileCache() } = input;
  const files = new SourceFiles(reader, builtins, cache.files);
  const diagnostics = new Diagnostics();
  const read = files.read(path);
  const file: SourceFile = read ?? { path, text: '', origin: 'user' };
  if (read === undefined) {
    diagnostics.error('unknown-file', { file, start: 0, end: 0 }, `Cannot read the file ${path}`);
  }
  const lone = /\.[ch]$/i.test(path);
  // A check from the start needs all tokens anyway, and they tell the name at no cost.
  if (lone && !cache.files.has(path)) tokensOf(file);
  const tree = lone ? implicitTree(file) : parseScenarioFile(file, diagnostics);
  const compiler = new ProgramCompiler(files, tree?.prelude ?? [], cache.units);
  const names = tree && new Names(tree, diagnostics);
  let scenarios: readonly ScenarioDeclaration[] = [];
  if (tree === undefined || names === undefined) checkAlone(file, compiler, diagnostics);
  else scenarios = resolveScenarios(tree, names, compiler, diagnostics);
  cache.files = files.byPath;
  cache.units = compiler.used;
  return new CompiledFile(
    file,
    scenarios,
    lone ? undefined : tree,
    names,
    diagnostics,
    files,
    compiler,
  );
}

/** Later variants read further files and check further C, so the lists of these are asked for anew. */
class CompiledFile implements ScenarioProgram {
  readonly machines: readonly MachineDeclaration[];
  readonly nics: readonly NicDeclaration[];
  readonly names: readonly NameReference[];

  constructor(
    readonly file: SourceFile,
    readonly scenarios: readonly ScenarioDeclaration[],
    readonly tree: ScenarioTree | undefined,
    names: Names | undefined,
    private readonly found: Diagnostics,
    private readonly sources: SourceFiles,
    private readonly compiler: ProgramCompiler,
  ) {
    this.machines = names?.allMachines ?? [];
    this.nics = names?.allNics ?? [];
    const byPlace = new Map<number, NameReference>();
    if (tree !== undefined) {
      for (const reference of names?.references ?? [])
        byPlace.set(reference.range.start, reference);
    }
    this.names = [...byPlace.values()].sort((left, right) => left.range.start - right.range.start);
  }

  get diagnostics(): readonly Diagnostic[] {
    return this.found.all;
  }

  get files(): readonly SourceFile[] {
    return [...new Set([...this.sources.all, ...this.compiler.filesRead])];
  }

  get missing(): readonly string[] {
    return this.sources.missing;
  }
}

/** Whether a C file uses a name, as far as its tokens show. */
const mentions = (file: SourceFile, name: string): boolean => lastUse(file, name) !== undefined;

/** `scenario "a" { driver "a.c"; }` for a C file with DriverEntry; undefined for any other. */
function implicitTree(file: SourceFile): ScenarioTree | undefined {
  const entry = /\.h$/i.test(file.path) ? undefined : lastUse(file, 'DriverEntry');
  if (entry === undefined) return undefined;
  const range: SourceRange = { file, start: 0, end: file.text.length };
  const base = file.path.slice(file.path.lastIndexOf('/') + 1);
  const source: Name = { text: base, range: entry };
  return {
    file,
    machines: [],
    nics: [],
    devices: [],
    prelude: [],
    regions: [],
    scenarios: [
      {
        kind: 'scenario',
        name: { text: base.replace(/\.c$/i, ''), range: entry },
        range,
        members: [
          {
            kind: 'driver',
            name: undefined,
            sources: [source],
            block: undefined,
            options: [],
            host: undefined,
            nics: [],
            keyword: entry,
            range,
          },
        ],
      },
    ],
  };
}

/** Checks a C file that is no driver by itself, for its findings. */
function checkAlone(file: SourceFile, compiler: ProgramCompiler, diagnostics: Diagnostics): void {
  const mode: Mode = mentions(file, 'main') || mentions(file, 'wmain') ? 'user' : 'kernel';
  compiler.compileFile(file, mode, [], diagnostics);
}

export interface CompileTextInput {
  readonly text: string;
  /** Default `text.c`. */
  readonly path?: string;
  /** Default `kernel`. */
  readonly mode?: Mode;
  readonly definitions?: readonly Definition[];
  readonly reader?: SourceReader;
  readonly builtins?: ReadonlyMap<string, string>;
}

/** Preprocesses and checks one C text by itself. */
export function compileText(input: CompileTextInput): {
  readonly unit: Unit;
  readonly diagnostics: Diagnostics;
} {
  const { text, path = 'text.c', mode = 'kernel', definitions = [] } = input;
  const reader: SourceReader = {
    read: (wanted) => (wanted === path ? text : input.reader?.read(wanted)),
  };
  const files = new SourceFiles(reader, input.builtins ?? new Map(), new Map());
  const diagnostics = new Diagnostics();
  const file = files.read(path) ?? { path, text, origin: 'user' };
  const compiler = new ProgramCompiler(files, [], new Map());
  return { unit: compiler.compileFile(file, mode, definitions, diagnostics), diagnostics };
}

/**
 * A reference component by its name among the builtins: the switch and the provider that are loaded into a
 * process which uses Winsock, or the proxy driver. Undefined when there is no such text.
 */
export function compileBuiltin(
  name: string,
  mode: Mode,
  builtins: ReadonlyMap<string, string>,
): { readonly unit: Unit; readonly diagnostics: Diagnostics } | undefined {
  const files = new SourceFiles({ read: () => undefined }, builtins, new Map());
  const diagnostics = new Diagnostics();
  const unit = new ProgramCompiler(files, [], new Map()).compileBuiltin(name, mode, diagnostics);
  return unit && { unit, diagnostics };
}
