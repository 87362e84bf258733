/** Outline. */
import { type DocumentSymbol, SymbolKind } from 'vscode-languageserver';
import { type OutlineEntry, outline, type ScenarioProgram } from '../../../engine/index.ts';
import { toRange } from '../conversions.ts';

export function documentSymbols(program: ScenarioProgram, path: string): DocumentSymbol[] {
  return outline(program, path).map(toSymbol);
}

const kinds: Readonly<Record<OutlineEntry['kind'], SymbolKind>> = {
  scenario: SymbolKind.Event,
  machine: SymbolKind.Class,
  nic: SymbolKind.Interface,
  host: SymbolKind.Namespace,
  driver: SymbolKind.Module,
  process: SymbolKind.Package,
  expect: SymbolKind.Boolean,
  vary: SymbolKind.Array,
  fault: SymbolKind.Key,
  function: SymbolKind.Function,
  variable: SymbolKind.Variable,
  type: SymbolKind.Struct,
};

function toSymbol(entry: OutlineEntry): DocumentSymbol {
  return {
    name: entry.name,
    ...(entry.detail === undefined ? {} : { detail: entry.detail }),
    kind: kinds[entry.kind],
    range: toRange(entry.range),
    selectionRange: toRange(entry.selectionRange),
    children: entry.children.map(toSymbol),
  };
}
