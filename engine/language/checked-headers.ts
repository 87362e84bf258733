/**
 * Built-in headers that were preprocessed and checked once, for every unit that begins with them. Nothing in here is
 * ever changed: a unit that adds to a symbol makes its own.
 */
import type { FileScope } from './c/scopes.ts';
import type { Macro } from './macros.ts';
import type {
  EnumeratorSymbol,
  FunctionSymbol,
  Reference,
  TypedefSymbol,
  Variable,
} from './program.ts';
import type { SourceFile } from './source.ts';
import type { CType, EnumDefinition, RecordDefinition } from './types.ts';

/** What the preprocessor knows behind the headers. */
export interface PreprocessedHeaders {
  /** The headers, and the definitions before them that they look at. */
  readonly key: string;
  readonly mode: 'kernel' | 'user';
  /** Predefined macros and those of the headers. */
  readonly macros: ReadonlyMap<string, Macro>;
  /** Macros of the unit that the headers have undefined. */
  readonly undefined: ReadonlySet<string>;
  /** Files that say `#pragma once`. */
  readonly once: ReadonlySet<SourceFile>;
  readonly files: readonly SourceFile[];
}

export interface CheckedHeaders extends PreprocessedHeaders {
  readonly scope: FileScope;
  readonly functions: readonly FunctionSymbol[];
  readonly variables: readonly Variable[];
  /** The functions and variables. */
  readonly shared: ReadonlySet<FunctionSymbol | Variable>;
  /** Types that are announced and not defined. */
  readonly incomplete: ReadonlySet<RecordDefinition | EnumDefinition>;
  readonly typedefs: ReadonlyMap<string, TypedefSymbol>;
  readonly enumerators: ReadonlyMap<string, EnumeratorSymbol>;
  readonly tags: ReadonlyMap<string, CType>;
  /** In text order for each file. */
  readonly references: readonly Reference[];
}
