/** Names in force at a place: nested scopes over one table, so that a look-up is one step. */
import type {
  EnumeratorSymbol,
  FunctionSymbol,
  TagSymbol,
  TypedefSymbol,
  Variable,
} from '../program.ts';
import type { CType } from '../types.ts';
import { named } from './conversions.ts';
import type { FileScopeHistory } from './file-scope-history.ts';

/** A typedef with the type that a use of its name has: the same, bearing the name. */
export interface NamedTypedef extends TypedefSymbol {
  readonly named: CType;
}

export type Ordinary = Variable | FunctionSymbol | NamedTypedef | EnumeratorSymbol;

/** Prepares a typedef for its uses. */
export const namedTypedef = (symbol: TypedefSymbol): NamedTypedef => ({
  ...symbol,
  named: named(symbol.type, symbol.name),
});

/** What a scope's name means, and what it hides. */
export interface Binding<T> {
  readonly symbol: T;
  readonly depth: number;
  readonly outer: Binding<T> | undefined;
}

class Table<T> {
  private readonly bindings: Map<string, Binding<T>>;
  /** Names declared in each open scope, without those that the table began with. */
  private readonly declared: string[][] = [[]];

  /**
   * @param first bindings of the file scope that stand before everything else.
   * @param history takes note of what the file scope gets.
   */
  constructor(
    first: ReadonlyMap<string, Binding<T>> | undefined,
    private readonly history: FileScopeHistory | undefined,
  ) {
    this.bindings = new Map(first);
  }

  enter(): void {
    this.declared.push([]);
  }

  leave(): void {
    for (const name of this.declared.pop() ?? []) {
      const outer = this.bindings.get(name)?.outer;
      if (outer === undefined) this.bindings.delete(name);
      else this.bindings.set(name, outer);
    }
  }

  /** The symbol in force. */
  find(name: string): T | undefined {
    return this.bindings.get(name)?.symbol;
  }

  /** Only what the innermost scope itself declares. */
  findHere(name: string): T | undefined {
    const binding = this.bindings.get(name);
    return binding?.depth === this.declared.length ? binding.symbol : undefined;
  }

  /** The file-scope symbol, whatever hides it. */
  findOutermost(name: string): T | undefined {
    let binding = this.bindings.get(name);
    while (binding?.outer !== undefined) binding = binding.outer;
    return binding?.depth === 1 ? binding.symbol : undefined;
  }

  /** Declares a name in the innermost scope; a second time it replaces the first. */
  declare(name: string, symbol: T): void {
    const depth = this.declared.length;
    const before = this.bindings.get(name);
    const isRepeated = before?.depth === depth;
    const binding = { symbol, depth, outer: isRepeated ? before.outer : before };
    this.bindings.set(name, binding);
    if (!isRepeated) this.declared.at(-1)?.push(name);
    if (depth === 1) this.note(name, before, binding);
  }

  /** Puts a symbol in the place of another one at file scope, whatever hides it. */
  replace(name: string, symbol: T): void {
    const before = this.bindings.get(name);
    if (before === undefined) return;
    const after = replaced(before, symbol);
    this.bindings.set(name, after);
    if (this.declared.length === 1) this.note(name, before, after);
  }

  /** Notes a change of the file scope. */
  private note(name: string, before: Binding<T> | undefined, after: Binding<T>): void {
    const { bindings } = this;
    this.history?.record({
      before: before?.symbol,
      undo: () => {
        if (before === undefined) bindings.delete(name);
        else bindings.set(name, before);
      },
      redo: () => {
        bindings.set(name, after);
      },
    });
  }

  /** Names that the file scope has got since the table was made. */
  get ownNames(): readonly string[] {
    return this.declared[0] ?? [];
  }

  /** The bindings as they are now, for a table that begins with them. */
  get snapshot(): ReadonlyMap<string, Binding<T>> {
    return this.bindings;
  }

  /** All names in force. */
  names(): Iterable<string> {
    return this.bindings.keys();
  }
}

/** The binding of the outermost scope with another symbol. */
function replaced<T>(binding: Binding<T>, symbol: T): Binding<T> {
  const { outer } = binding;
  return outer === undefined
    ? { ...binding, symbol }
    : { ...binding, outer: replaced(outer, symbol) };
}

/** The file scope of headers that were checked before. */
export interface FileScope {
  readonly ordinary: ReadonlyMap<string, Binding<Ordinary>>;
  readonly tags: ReadonlyMap<string, Binding<TagSymbol>>;
}

export class Scopes {
  /** Variables, functions, typedefs, enumerators. */
  readonly ordinary: Table<Ordinary>;
  /** Structures, unions, enumerations. */
  readonly tags: Table<TagSymbol>;
  private open = 1;

  constructor(first?: FileScope, history?: FileScopeHistory) {
    this.ordinary = new Table(first?.ordinary, history);
    this.tags = new Table(first?.tags, history);
  }

  enter(): void {
    this.ordinary.enter();
    this.tags.enter();
    this.open++;
  }

  leave(): void {
    this.ordinary.leave();
    this.tags.leave();
    this.open--;
  }

  /** Whether no block is open. */
  get isFileScope(): boolean {
    return this.open === 1;
  }
}
