/** Go to definition: of C names, scenario names and the files of a driver. */
import type { Location } from 'vscode-languageserver';
import type {
  Symbol as CSymbol,
  ScenarioProgram,
  SourceFile,
  SourceRange,
} from '../../../engine/index.ts';
import { type Addresses, toRange } from '../conversions.ts';
import { nameAt, referenceAt } from '../lookup.ts';

export function definition(
  program: ScenarioProgram,
  file: SourceFile,
  offset: number,
  addresses: Addresses,
): Location | undefined {
  const to = (range: SourceRange | undefined): Location | undefined =>
    range && { uri: addresses.uriOf(range.file.path), range: toRange(range) };
  const reference = referenceAt(program, file.path, offset);
  if (reference !== undefined) return to(declarationRange(reference.symbol));
  const name = nameAt(program, file.path, offset);
  if (name !== undefined) return to(name.declaration);
  for (const { hosts } of program.scenarios) {
    for (const image of hosts.flatMap((host) => [...host.drivers, ...host.processes])) {
      const source = image.sources.find(
        ({ range }) =>
          range.file.path === file.path && offset >= range.start && offset <= range.end,
      );
      const target = source && program.files.find((candidate) => candidate.path === source.path);
      if (target !== undefined) return to({ file: target, start: 0, end: 0 });
    }
  }
  return undefined;
}

/** Where a symbol is declared; a function's definition where there is one. */
function declarationRange(symbol: CSymbol): SourceRange | undefined {
  return symbol.kind === 'member' ? symbol.member.range : symbol.range;
}
