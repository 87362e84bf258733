/** Go to definition: of C names, scenario names, headers and the files of a driver. */
import type { Location } from 'vscode-languageserver';
import type {
  Symbol as CSymbol,
  ScenarioProgram,
  SourceFile,
  SourceRange,
} from '../../../engine/index.ts';
import { toRange } from '../conversions.ts';
import { includeAt, nameAt, referenceAt, sourceAt, unitsOf } from '../lookup.ts';

/** @param uriOf the client's address of a path; undefined where it cannot open it. */
export function definition(
  program: ScenarioProgram,
  file: SourceFile,
  offset: number,
  uriOf: (path: string) => string | undefined,
): Location | undefined {
  const range = definitionRange(program, file, offset);
  const uri = range && uriOf(range.file.path);
  return range === undefined || uri === undefined ? undefined : { uri, range: toRange(range) };
}

function definitionRange(
  program: ScenarioProgram,
  file: SourceFile,
  offset: number,
): SourceRange | undefined {
  const reference = referenceAt(program, file.path, offset);
  if (reference !== undefined) return declarationRange(program, reference.symbol);
  const target = includeAt(program, file, offset)?.file ?? sourceAt(program, file.path, offset);
  if (target !== undefined) return { file: target, start: 0, end: 0 };
  return nameAt(program, file.path, offset)?.declaration;
}

/** Where a symbol is declared; a function's definition where one of the program's files has it. */
function declarationRange(program: ScenarioProgram, symbol: CSymbol): SourceRange | undefined {
  if (symbol.kind === 'member') return symbol.member.range;
  if (symbol.kind !== 'function' || symbol.body !== undefined || symbol.internal) {
    return symbol.range;
  }
  for (const { functions } of unitsOf(program)) {
    const definition = functions.find(
      ({ name, body, internal }) => name === symbol.name && body !== undefined && !internal,
    );
    if (definition !== undefined) return definition.range;
  }
  return symbol.range;
}
