/** What stands at a place: a C name, a name or a word of the scenario language. */
import type {
  NameReference,
  Reference,
  ScenarioProgram,
  SourceFile,
  Unit,
} from '../../engine/index.ts';

/** All checked C of a program's first variants. */
export function unitsOf(program: ScenarioProgram): readonly Unit[] {
  return program.scenarios.flatMap((scenario) =>
    scenario.hosts.flatMap((host) =>
      [...host.drivers, ...host.processes].flatMap((image) => image.units),
    ),
  );
}

export function fileOf(program: ScenarioProgram, path: string): SourceFile | undefined {
  return program.files.find((file) => file.path === path);
}

/** The innermost use of a C name at an offset. */
export function referenceAt(
  program: ScenarioProgram,
  path: string,
  offset: number,
): Reference | undefined {
  let best: Reference | undefined;
  for (const unit of unitsOf(program)) {
    for (const reference of unit.references) {
      const { range } = reference;
      if (range.file.path !== path || offset < range.start || offset > range.end) continue;
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
  return program.names.find(
    ({ range }) => range.file.path === path && offset >= range.start && offset <= range.end,
  );
}

/** The word around an offset, with where it stands. */
export function wordAt(
  text: string,
  offset: number,
): { readonly word: string; readonly start: number; readonly end: number } | undefined {
  const isPart = (index: number): boolean => /[A-Za-z0-9_]/.test(text[index] ?? '');
  let start = offset;
  while (start > 0 && isPart(start - 1)) start--;
  let end = offset;
  while (isPart(end)) end++;
  return start === end ? undefined : { word: text.slice(start, end), start, end };
}
