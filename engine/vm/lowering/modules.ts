/** Lowers all units of a module: functions to code, static initialisers to pieces of data. */
import type { FunctionSymbol, Initializer, Unit, Variable } from '../../language/program.ts';
import type { CType } from '../../language/types.ts';
import type { Bits, FunctionCode, LinkSymbol, Scalar, Value } from '../ir.ts';
import type { ModuleDeclaration } from '../system.ts';
import { CannotLower, ExpressionLowering, type ExpressionTarget } from './expressions.ts';
import { scalarOf } from './scalars.ts';
import { lowerFunction } from './statements.ts';

/** A piece of a variable's first contents. */
export type DataPiece =
  | {
      readonly kind: 'value';
      readonly offset: number;
      readonly scalar: Scalar;
      readonly bits: Bits | undefined;
      readonly value: Value;
    }
  | { readonly kind: 'bytes'; readonly offset: number; readonly bytes: Uint8Array };

export interface LoweredVariable {
  readonly variable: Variable;
  readonly unit: Unit;
  readonly pieces: readonly DataPiece[];
}

export interface LoweredFunction {
  readonly code: FunctionCode;
  readonly unit: Unit;
}

/** A module before it has addresses. */
export interface LoweredModule {
  readonly declaration: ModuleDeclaration;
  readonly functions: readonly LoweredFunction[];
  readonly variables: readonly LoweredVariable[];
  /** Literals by contents. */
  readonly strings: ReadonlyMap<string, Uint8Array>;
  /** Functions and variables that code or data refers to. */
  readonly uses: ReadonlySet<FunctionSymbol | Variable>;
}

/** Lowers a module. Definitions that other files of the module repeat (inline functions) appear once. */
export function lowerModule(declaration: ModuleDeclaration): LoweredModule {
  const strings = new Map<string, Uint8Array>();
  const uses = new Set<FunctionSymbol | Variable>();
  const use = (symbol: LinkSymbol): void => {
    if (symbol.kind === 'string') strings.set(literalKey(symbol.bytes), symbol.bytes);
    else uses.add(symbol.kind === 'variable' ? symbol.variable : symbol.function);
  };
  const variables: LoweredVariable[] = [];
  const candidates = definitionsOf(declaration.units);
  const lowered = new Map<FunctionSymbol, LoweredFunction>();
  const lower = ({ symbol, unit }: Definition): void => {
    if (!lowered.has(symbol)) lowered.set(symbol, { code: lowerFunction(symbol, use), unit });
  };
  for (const definition of candidates) if (!definition.symbol.inline) lower(definition);
  const seen = new Set<Variable>();
  for (const unit of declaration.units) {
    for (const variable of unit.variables) {
      if (!variable.defined || seen.has(variable)) continue;
      seen.add(variable);
      variables.push({ variable, unit, pieces: lowerStatic(variable, use) });
    }
  }
  // Inline functions that nobody calls make no code, and so need none of the routines that they call.
  const byName = new Map(candidates.map((one) => [one.symbol.name, one]));
  const bySymbol = new Map(candidates.map((one) => [one.symbol, one]));
  for (const symbol of uses) {
    if (symbol.kind !== 'function') continue;
    const definition =
      bySymbol.get(symbol) ?? (symbol.internal ? undefined : byName.get(symbol.name));
    if (definition !== undefined) lower(definition);
  }
  const functions = candidates.flatMap(({ symbol }) => lowered.get(symbol) ?? []);
  return { declaration, functions, variables, strings, uses };
}

interface Definition {
  readonly symbol: FunctionSymbol;
  readonly unit: Unit;
}

/** Functions that the units define; an external one that several define counts once. */
function definitionsOf(units: readonly Unit[]): readonly Definition[] {
  const seen = new Set<string>();
  /** Units that begin with the same headers have these symbols in common. */
  const shared = new Set<FunctionSymbol>();
  const found: Definition[] = [];
  for (const unit of units) {
    for (const symbol of unit.functions) {
      if (symbol.body === undefined || shared.has(symbol)) continue;
      shared.add(symbol);
      if (!symbol.internal) {
        if (seen.has(symbol.name)) continue;
        seen.add(symbol.name);
      }
      found.push({ symbol, unit });
    }
  }
  return found;
}

/** Equal literals share storage; the key is their contents. */
export function literalKey(bytes: Uint8Array): string {
  let key = '';
  for (const byte of bytes) key += String.fromCharCode(byte);
  return key;
}

/** Pieces in the order of the initialiser, so that later designators win. */
function lowerStatic(variable: Variable, use: (symbol: LinkSymbol) => void): readonly DataPiece[] {
  if (variable.initializer === undefined) return [];
  const pieces: DataPiece[] = [];
  const lowering = new ExpressionLowering(staticTarget(use));
  const collect = (
    offset: number,
    type: CType,
    bits: Bits | undefined,
    initializer: Initializer,
  ): void => {
    switch (initializer.kind) {
      case 'bytes':
        pieces.push({ kind: 'bytes', offset, bytes: initializer.bytes });
        return;
      case 'list':
        for (const item of initializer.items) {
          collect(offset + item.offset, item.type, item.bits, item.initializer);
        }
        return;
      case 'value': {
        const value = lowering.value(initializer.value);
        pieces.push({ kind: 'value', offset, scalar: scalarOf(type), bits, value });
      }
    }
  };
  collect(0, variable.type, undefined, variable.initializer);
  return pieces;
}

/** Static initialisers are constants and addresses; the checker has refused everything else. */
function staticTarget(use: (symbol: LinkSymbol) => void): ExpressionTarget {
  const refuse = (): never => {
    throw new CannotLower('not a constant expression');
  };
  return {
    emit: refuse,
    label: refuse,
    place: refuse,
    temporary: refuse,
    placeOf: refuse,
    symbolAddress: (symbol, addend = 0) => {
      use(symbol);
      return { op: 'symbol', symbol, addend };
    },
    parameterSlots: 0,
    exceptionSlot: undefined,
    finallySlot: undefined,
  };
}
