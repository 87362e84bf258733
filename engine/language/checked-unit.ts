/** A checked unit as its readers see it. What only some of them ask for is put together when they do. */
import type { Context } from './c/context.ts';
import type { CheckedHeaders } from './checked-headers.ts';
import type {
  EnumeratorSymbol,
  FunctionSymbol,
  MacroSymbol,
  Reference,
  TypedefSymbol,
  Unit,
  Variable,
} from './program.ts';
import type { SourceFile } from './source.ts';
import type { CType } from './types.ts';

/** What the preprocessor knows of a unit. */
export interface UnitParts {
  readonly file: SourceFile;
  readonly macros: ReadonlyMap<string, MacroSymbol>;
  readonly macroReferences: readonly Reference[];
  readonly files: readonly SourceFile[];
  /** Headers in front of the tokens. */
  readonly headers?: CheckedHeaders | undefined;
}

/** What the text declares, behind what its headers do. */
export const unitOf = (parts: UnitParts, context: Context): Unit => new CheckedText(parts, context);

/** A check after an edit is asked for findings alone: sorting names and copying tables would take half of its time. */
class CheckedText implements Unit {
  readonly file: SourceFile;
  readonly macros: ReadonlyMap<string, MacroSymbol>;
  readonly files: readonly SourceFile[];
  readonly functions: readonly FunctionSymbol[];
  readonly variables: readonly Variable[];
  /** As the check collected them. The list is replaced, never changed, when functions are checked again. */
  private readonly names: readonly Reference[];
  private inOrder: readonly Reference[] | undefined;
  private declared: Pick<Unit, 'typedefs' | 'enumerators' | 'tags'> | undefined;

  constructor(
    private readonly parts: UnitParts,
    private readonly context: Context,
  ) {
    this.file = parts.file;
    this.macros = parts.macros;
    this.files = parts.files;
    this.functions = [...context.functions];
    this.variables = [...context.variables];
    this.names = context.references;
  }

  get typedefs(): ReadonlyMap<string, TypedefSymbol> {
    return this.declarations.typedefs;
  }

  get enumerators(): ReadonlyMap<string, EnumeratorSymbol> {
    return this.declarations.enumerators;
  }

  get tags(): ReadonlyMap<string, CType> {
    return this.declarations.tags;
  }

  get references(): readonly Reference[] {
    this.inOrder ??= [
      ...(this.parts.headers?.references ?? []),
      ...inTextOrder(this.names, this.parts.macroReferences),
    ];
    return this.inOrder;
  }

  private get declarations(): Pick<Unit, 'typedefs' | 'enumerators' | 'tags'> {
    this.declared ??= declarationsOf(this.context, this.parts.headers);
    return this.declared;
  }
}

/** Types and constants of the file scope. */
function declarationsOf(
  { scopes }: Context,
  headers: CheckedHeaders | undefined,
): Pick<Unit, 'typedefs' | 'enumerators' | 'tags'> {
  const { ordinary, tags: tagTable } = scopes;
  const typedefs = new Map<string, TypedefSymbol>(headers?.typedefs);
  const enumerators = new Map<string, EnumeratorSymbol>(headers?.enumerators);
  for (const name of ordinary.ownNames) {
    const symbol = ordinary.find(name);
    if (symbol?.kind === 'typedef') typedefs.set(name, symbol);
    else if (symbol?.kind === 'enumerator') enumerators.set(name, symbol);
  }
  const tags = new Map<string, CType>(headers?.tags);
  for (const name of tagTable.ownNames) {
    const symbol = tagTable.find(name);
    if (symbol !== undefined) tags.set(name, symbol.type);
  }
  return { typedefs, enumerators, tags };
}

/** References grouped by file, in text order; a macro's body that was expanded often counts once. */
function inTextOrder(
  names: readonly Reference[],
  macros: readonly Reference[],
): readonly Reference[] {
  const byFile = new Map<SourceFile, Reference[]>();
  let current: Reference[] = [];
  let currentFile: SourceFile | undefined;
  for (const list of [names, macros]) {
    for (const reference of list) {
      const { file } = reference.range;
      if (file !== currentFile) {
        currentFile = file;
        current = byFile.get(file) ?? [];
        byFile.set(file, current);
      }
      current.push(reference);
    }
  }
  const sorted: Reference[] = [];
  for (const list of byFile.values()) {
    list.sort((a, b) => a.range.start - b.range.start || a.range.end - b.range.end);
    let last: Reference | undefined;
    for (const reference of list) {
      // The body of a macro names the same thing each time it is expanded.
      const isRepeated =
        last !== undefined &&
        last.range.start === reference.range.start &&
        last.symbol === reference.symbol;
      if (!isRepeated) sorted.push(reference);
      last = reference;
    }
  }
  return sorted;
}
