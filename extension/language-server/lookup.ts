/** What stands at a place: a C name, a header, a name or a word of the scenario language. */
import type {
  DeviceProgram,
  DriverDeclaration,
  NameReference,
  ProcessDeclaration,
  Reference,
  ScenarioProgram,
  SourceFile,
  SourceRange,
  Unit,
} from '../../engine/index.ts';

/** All drivers, processes and devices of a program's first variants. */
export function imagesOf(
  program: ScenarioProgram,
): readonly (DriverDeclaration | ProcessDeclaration | DeviceProgram)[] {
  return program.scenarios.flatMap(({ hosts }) =>
    hosts.flatMap((host) => [
      ...host.drivers,
      ...host.processes,
      ...host.nics.flatMap(({ program: device }) => device ?? []),
    ]),
  );
}

/** All checked C of a program's first variants, each unit once. */
export function unitsOf(program: ScenarioProgram): readonly Unit[] {
  return [...new Set(imagesOf(program).flatMap(({ units }) => units))];
}

export function fileOf(program: ScenarioProgram, path: string): SourceFile | undefined {
  return program.files.find((file) => file.path === path);
}

const isAt = ({ range }: { readonly range: SourceRange }, path: string, offset: number): boolean =>
  range.file.path === path && offset >= range.start && offset <= range.end;

/** The innermost use of a C name at an offset. */
export function referenceAt(
  program: ScenarioProgram,
  path: string,
  offset: number,
): Reference | undefined {
  let best: Reference | undefined;
  for (const unit of unitsOf(program)) {
    for (const reference of unit.references) {
      if (!isAt(reference, path, offset)) continue;
      const { range } = reference;
      if (best === undefined || range.end - range.start < best.range.end - best.range.start) {
        best = reference;
      }
    }
  }
  return best;
}

/** The use of a scenario name at an offset. */
export function nameAt(
  program: ScenarioProgram,
  path: string,
  offset: number,
): NameReference | undefined {
  return program.names.find((name) => isAt(name, path, offset));
}

/** The file that `driver "a.c"` or `process client "b.c"` names at an offset. */
export function sourceAt(
  program: ScenarioProgram,
  path: string,
  offset: number,
): SourceFile | undefined {
  for (const { sources } of imagesOf(program)) {
    const source = sources.find((candidate) => isAt(candidate, path, offset));
    if (source !== undefined) return fileOf(program, source.path);
  }
  return undefined;
}

/** The file that the `#include` line at an offset reads, with the place of its name. */
export function includeAt(
  program: ScenarioProgram,
  file: SourceFile,
  offset: number,
): { readonly file: SourceFile; readonly range: SourceRange } | undefined {
  const { text } = file;
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const end = text.indexOf('\n', offset);
  const line = text.slice(start, end < 0 ? text.length : end);
  const match = /^(\s*#\s*include\s*)(["<])([^">]+)[">]/.exec(line);
  const name = match?.[3]?.replaceAll('\\', '/').replace(/^(\.\/)+/, '');
  if (match === null || name === undefined) return undefined;
  const range: SourceRange = { file, start: start + (match[1] ?? '').length, end: 0 };
  const found = nearest(program.files, file.path, name, match[2] === '"');
  return found && { file: found, range: { ...range, end: start + match[0].length } };
}

/** Among the files that were read, the one that an include from a file means. */
function nearest(
  files: readonly SourceFile[],
  from: string,
  name: string,
  quoted: boolean,
): SourceFile | undefined {
  const inner = name.replace(/^(\.\.\/)+/, '');
  const fits = files.filter(({ path }) => path.toLowerCase().endsWith(`/${inner.toLowerCase()}`));
  const beside = `${from.slice(0, from.lastIndexOf('/'))}/${name}`;
  const builtin = fits.find(({ origin }) => origin === 'builtin');
  const own =
    fits.find(({ path }) => path === beside) ?? fits.find(({ origin }) => origin === 'user');
  return quoted ? (own ?? builtin) : (builtin ?? own);
}

/** The word around an offset, with where it stands. */
export function wordAt(
  text: string,
  offset: number,
): { readonly word: string; readonly start: number; readonly end: number } | undefined {
  const isPart = (index: number): boolean => /[A-Za-z0-9_]/.test(text[index] ?? '');
  const start = wordStart(text, offset);
  let end = offset;
  while (isPart(end)) end++;
  return start === end ? undefined : { word: text.slice(start, end), start, end };
}

/** Where the word that ends at an offset begins. */
export function wordStart(text: string, offset: number): number {
  let start = offset;
  while (start > 0 && /[A-Za-z0-9_]/.test(text[start - 1] ?? '')) start--;
  return start;
}
