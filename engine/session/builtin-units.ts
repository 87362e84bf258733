/** Checks the C that the engine brings along: kernel routines, libraries, reference components. */
import { builtinHeaders } from '../language/builtin-headers.ts';
import { compileUnit } from '../language/compile-unit.ts';
import type { Unit } from '../language/program.ts';
import { positionAt, type SourceFile } from '../language/source.ts';

export interface BuiltinSources {
  /** Part of the shown path: `dms:/kernel/wait.c`. */
  readonly folder: string;
  readonly mode: 'kernel' | 'user';
  /** Texts by file name; every `.c` becomes a unit, the others are headers. */
  readonly texts: ReadonlyMap<string, string>;
  /** Further private headers, by the name in `#include`. */
  readonly headers?: readonly BuiltinSources[];
}

/** Checked units by the texts that they come from: the texts never change, so neither do these. */
const checked = new WeakMap<ReadonlyMap<string, string>, readonly Unit[]>();

/** A mistake in the product itself, not in what a user wrote. */
export class BuiltinSourceError extends Error {}

/** Units of built-in C, checked once. Throws `BuiltinSourceError` when one of them has an error. */
export function builtinUnits(sources: BuiltinSources): readonly Unit[] {
  let units = checked.get(sources.texts);
  if (units === undefined) {
    units = checkAll(sources);
    checked.set(sources.texts, units);
  }
  return units;
}

function checkAll(sources: BuiltinSources): readonly Unit[] {
  const files = new Map<string, SourceFile>();
  for (const { folder, texts } of [sources, ...(sources.headers ?? [])]) {
    for (const [name, text] of texts) {
      files.set(name, { path: `dms:/${folder}/${name}`, text, origin: 'builtin' });
    }
  }
  const units: Unit[] = [];
  for (const name of sources.texts.keys()) {
    const file = files.get(name);
    if (file === undefined || !name.endsWith('.c')) continue;
    const { unit, diagnostics } = compileUnit({
      file,
      definitions: [],
      resolveInclude: (wanted) => builtinHeaders.get(wanted.toLowerCase()) ?? files.get(wanted),
      mode: sources.mode,
    });
    units.push(unit);
    const error = diagnostics.find(({ severity }) => severity === 'error');
    if (error !== undefined) {
      const { line } = positionAt(error.range.file, error.range.start);
      throw new BuiltinSourceError(`${error.range.file.path}:${line}: ${error.message}`);
    }
  }
  return units;
}
