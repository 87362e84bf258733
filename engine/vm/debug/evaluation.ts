/**
 * C expressions in a stopped frame: conditions, watches, hovers, log messages. They read through the
 * tooling's door; only an assignment that is allowed writes.
 */
import type { Int64 } from '../../base/int64.ts';
import { checkExpression } from '../../language/check.ts';
import { Diagnostics } from '../../language/diagnostics.ts';
import { preprocess } from '../../language/preprocess.ts';
import type { Expression, Unit, Variable } from '../../language/program.ts';
import type { SourceFile } from '../../language/source.ts';
import type { CType } from '../../language/types.ts';
import { Fault } from '../access.ts';
import type { Frame } from '../frames.ts';
import { argumentOffset, type Bits, type LinkSymbol, type Value } from '../ir.ts';
import { CannotLower, ExpressionLowering, type ExpressionTarget } from '../lowering/expressions.ts';
import { fitsRegister } from '../lowering/scalars.ts';
import type { Module, Routine } from '../module.ts';
import { RaiseException } from '../natives.ts';
import { type Context, compileValue, type Evaluate } from '../values.ts';
import type { VirtualMachine } from '../virtual-machine.ts';

/** A variable that a frame shows, with its place relative to the frame. */
export interface VisibleVariable {
  readonly variable: Variable;
  readonly offset: number;
  readonly indirect: boolean;
}

export interface CompiledExpression {
  readonly expression: Expression;
  readonly type: CType;
  /** The value; the address for records and arrays. */
  readonly value: Evaluate;
  /** The address of an lvalue. */
  readonly address: Evaluate | undefined;
  readonly bits: Bits | undefined;
  readonly assigns: boolean;
}

export type Compilation =
  | { readonly ok: true; readonly compiled: CompiledExpression }
  | { readonly ok: false; readonly message: string };

export interface EvaluatedValue {
  readonly type: CType;
  readonly value: Int64;
  readonly address: number | undefined;
  readonly bits: Bits | undefined;
  /** Some byte that it depends on was never written. */
  readonly undefinedBytes: boolean;
}

export type Outcome =
  | { readonly ok: true; readonly result: EvaluatedValue }
  | { readonly ok: false; readonly message: string };

/** Where an expression is evaluated. */
export interface EvaluationScope {
  readonly host: number;
  readonly process: number;
  readonly module: Module;
  readonly routine: Routine | undefined;
  /** Instruction index in the module. */
  readonly index: number;
  readonly fp: number;
}

/** Parameters and locals of a routine that are in scope at an instruction, innermost last. */
export function visibleVariables(routine: Routine, index: number): readonly VisibleVariable[] {
  const { code, symbol, module } = routine;
  if (code === undefined) {
    const type = symbol?.type;
    if (symbol === undefined || type === undefined) return [];
    const shift = type.result.kind === 'record' && !fitsRegister(type.result) ? 1 : 0;
    return type.parameters.map((parameter, position) => ({
      variable: {
        kind: 'variable',
        name: parameter.name ?? `argument${position + 1}`,
        type: parameter.type,
        storage: 'parameter',
        external: false,
        defined: true,
        range: parameter.range ?? symbol.range,
        alignment: 0,
        initializer: undefined,
        owner: symbol,
        scope: undefined,
      },
      offset: argumentOffset(position + shift),
      indirect: parameter.type.kind === 'record' && !fitsRegister(parameter.type),
    }));
  }
  const at = module.instructions[index]?.range;
  return code.variables.filter(({ variable }) => {
    const { scope } = variable;
    if (scope === undefined || at === undefined || scope.file !== at.file) return true;
    return at.start >= scope.start && at.start <= scope.end;
  });
}

/** Compiles text once for each place and keeps it: a condition in a hot loop is a closure like the program's own. */
export class Evaluator {
  private readonly cache = new Map<string, Compilation>();

  constructor(private readonly machine: VirtualMachine) {}

  /** The scope of a frame, or undefined where there is no module. */
  scopeOf(frame: Frame, host: number, process: number): EvaluationScope | undefined {
    const { module, routine, index, fp } = frame;
    return module && { host, process, module, routine, index, fp };
  }

  /** Evaluates text in a scope. */
  evaluate(text: string, scope: EvaluationScope, mayWrite = false): Outcome {
    const compilation = this.compile(text, scope);
    if (!compilation.ok) return compilation;
    const { compiled } = compilation;
    if (compiled.assigns && !mayWrite) {
      return { ok: false, message: 'An assignment is not allowed here.' };
    }
    return this.perform(compiled, scope, mayWrite);
  }

  /** Checks and lowers text; kept for the next time at this place. */
  compile(text: string, scope: EvaluationScope): Compilation {
    const { module, routine, index } = scope;
    const key = `${module.declaration.host}/${module.name}/${routine?.first ?? -1}/${index}/${text}`;
    let compilation = this.cache.get(key);
    if (compilation === undefined) {
      compilation = this.compileAnew(text, scope);
      this.cache.set(key, compilation);
    }
    return compilation;
  }

  /** Runs compiled text against the tooling's memory; what the program would fault on becomes a message. */
  private perform(
    compiled: CompiledExpression,
    scope: EvaluationScope,
    mayWrite: boolean,
  ): Outcome {
    const door = this.machine.peekDoor(scope.host, scope.process, mayWrite);
    const context: Context = {
      fp: scope.fp,
      door,
      sp: 0,
      lowestStack: 0,
      tainted: () => {},
      undefinedBehaviour: () => {},
    };
    door.taint = 0;
    try {
      const value = compiled.value(context);
      const undefinedBytes = door.taint !== 0;
      const address = compiled.address?.(context);
      return {
        ok: true,
        result: {
          type: compiled.type,
          value,
          address: typeof address === 'number' ? address : undefined,
          bits: compiled.bits,
          undefinedBytes,
        },
      };
    } catch (error) {
      if (error instanceof Fault) {
        const place = BigInt.asUintN(64, BigInt(error.address)).toString(16).toUpperCase();
        return { ok: false, message: `Cannot ${error.access} memory at 0x${place}.` };
      }
      if (error instanceof RaiseException) return { ok: false, message: 'Division by zero.' };
      throw error;
    } finally {
      door.taint = 0;
    }
  }

  private compileAnew(text: string, scope: EvaluationScope): Compilation {
    const { module, routine, index } = scope;
    const units = unitsFor(module, routine);
    const visible = routine === undefined ? [] : visibleVariables(routine, index);
    const variables = new Map<string, Variable>();
    for (const unit of units) {
      for (const variable of unit.variables) {
        if (variable.owner !== undefined && variable.owner === routine?.symbol) {
          variables.set(variable.name, variable);
        }
      }
    }
    for (const { variable } of visible) variables.set(variable.name, variable);
    const diagnostics = new Diagnostics();
    const file: SourceFile = {
      path: 'expression',
      text: `${macrosFor(text, units)}${text}`,
      origin: 'user',
    };
    const { tokens } = preprocess({
      file,
      definitions: [],
      resolveInclude: () => undefined,
      knownHeaders: [],
      mode: module.declaration.mode,
      diagnostics,
    });
    const expression = checkExpression({ tokens, unit: units, variables, diagnostics });
    const error = diagnostics.all.find((one) => one.severity === 'error');
    if (error !== undefined) return { ok: false, message: error.message };
    try {
      return { ok: true, compiled: lower(expression, module, visible) };
    } catch (problem) {
      if (problem instanceof CannotLower) return { ok: false, message: problem.message };
      throw problem;
    }
  }
}

/** The checked expression as closures; calls and literals have no place in a stopped program. */
function lower(
  expression: Expression,
  module: Module,
  visible: readonly VisibleVariable[],
): CompiledExpression {
  const lowering = new ExpressionLowering(watchTarget(visible));
  const compile = (value: Value): Evaluate => compileValue(value, module.resolve);
  return {
    expression,
    type: expression.type,
    value: compile(lowering.value(expression)),
    address: isLvalue(expression) ? compile(lowering.address(expression)) : undefined,
    bits: expression.kind === 'member' ? expression.member.bits : undefined,
    assigns: assigns(expression),
  };
}

/** Whether the expression denotes storage whose address can be shown and assigned. */
export function isLvalue(expression: Expression): boolean {
  switch (expression.kind) {
    case 'variable':
    case 'dereference':
    case 'string':
      return true;
    case 'member':
      return isLvalue(expression.object);
    default:
      return false;
  }
}

/** Whether evaluating would change memory. */
function assigns(expression: Expression): boolean {
  switch (expression.kind) {
    case 'assign':
    case 'compoundAssign':
    case 'pointerAssign':
    case 'increment':
      return true;
    case 'dereference':
    case 'addressOf':
    case 'convert':
    case 'negate':
    case 'complement':
    case 'not':
      return assigns(expression.operand);
    case 'member':
      return assigns(expression.object);
    case 'binary':
    case 'compare':
    case 'pointerDifference':
    case 'and':
    case 'or':
    case 'comma':
      return assigns(expression.left) || assigns(expression.right);
    case 'pointerAdd':
      return assigns(expression.pointer) || assigns(expression.index);
    case 'conditional':
      return (
        assigns(expression.condition) ||
        assigns(expression.whenTrue) ||
        assigns(expression.whenFalse)
      );
    default:
      return false;
  }
}

/** What lowering may ask for here: frame variables and static storage. */
function watchTarget(visible: readonly VisibleVariable[]): ExpressionTarget {
  const refuse = (): never => {
    throw new CannotLower('Calls cannot be evaluated while the program is stopped.');
  };
  return {
    emit: refuse,
    label: refuse,
    place: refuse,
    temporary: refuse,
    placeOf: (variable) => {
      const found = visible.find((one) => one.variable === variable);
      if (found === undefined) throw new CannotLower(`${variable.name} is not in scope here.`);
      return found;
    },
    symbolAddress: (symbol: LinkSymbol, addend = 0) => {
      if (symbol.kind === 'string') {
        throw new CannotLower('A string literal has no storage in the stopped program.');
      }
      return { op: 'symbol', symbol, addend };
    },
    parameterSlots: 0,
    exceptionSlot: undefined,
    finallySlot: undefined,
  };
}

/** The unit that defines the routine first, then the module's others. */
function unitsFor(module: Module, routine: Routine | undefined): readonly Unit[] {
  const { units } = module.declaration;
  const own = units.find(
    (unit) => routine?.symbol !== undefined && unit.functions.includes(routine.symbol),
  );
  const rest = units.filter((unit) => unit !== own);
  return own === undefined ? (rest.length > 0 ? rest : [emptyUnit]) : [own, ...rest];
}

const emptyUnit: Unit = {
  file: { path: '', text: '', origin: 'builtin' },
  functions: [],
  variables: [],
  typedefs: new Map(),
  tags: new Map(),
  enumerators: new Map(),
  macros: new Map(),
  references: [],
  files: [],
};

/** Definitions of the macros that the text mentions, and of those that they mention. */
function macrosFor(text: string, units: readonly Unit[]): string {
  const found = new Map<string, string>();
  const visit = (part: string): void => {
    for (const [name] of part.matchAll(/[A-Za-z_]\w*/g)) {
      if (found.has(name)) continue;
      const macro = units.map((unit) => unit.macros.get(name)).find((one) => one !== undefined);
      if (macro === undefined || macro.range === undefined) continue;
      const names = macro.parameters ?? [];
      const list = macro.variadic ? [...names.filter((one) => one !== '...'), '...'] : names;
      const head = macro.parameters === undefined ? '' : `(${list.join(',')})`;
      found.set(name, `#define ${name}${head} ${macro.replacement.replaceAll(/\s+/g, ' ')}\n`);
      visit(macro.replacement);
    }
  };
  visit(text);
  return [...found.values()].join('');
}
