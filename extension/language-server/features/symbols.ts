/** Outline. */
import { type DocumentSymbol, SymbolKind } from 'vscode-languageserver';
import {
  fileOutline,
  type OutlineKind,
  type OutlineSymbol,
  type ScenarioProgram,
  type SourceFile,
} from '../../../engine/index.ts';
import { toRange } from '../conversions.ts';

const kinds: Readonly<Record<OutlineKind, SymbolKind>> = {
  scenario: SymbolKind.Event,
  machine: SymbolKind.Class,
  nic: SymbolKind.Interface,
  device: SymbolKind.Interface,
  host: SymbolKind.Namespace,
  driver: SymbolKind.Module,
  process: SymbolKind.Package,
  function: SymbolKind.Function,
  variable: SymbolKind.Variable,
  type: SymbolKind.Struct,
};

export function documentSymbols(program: ScenarioProgram, file: SourceFile): DocumentSymbol[] {
  return fileOutline(program, file).map(toSymbol);
}

function toSymbol(symbol: OutlineSymbol): DocumentSymbol {
  return {
    name: symbol.name,
    kind: kinds[symbol.kind],
    range: toRange(symbol.range),
    selectionRange: toRange(symbol.selectionRange),
    children: symbol.children.map(toSymbol),
  };
}
