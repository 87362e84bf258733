/** Lowers statements: structured control flow to branches, `__try` to static regions. */
import type { Expression, FunctionSymbol, Statement, Variable } from '../../language/program.ts';
import type { SourceRange } from '../../language/source.ts';
import { visitAllExpressions, visitExpression } from '../../language/traverse.ts';
import { sizeOf } from '../../language/types.ts';
import {
  type Argument,
  exceptSlot,
  type FunctionCode,
  finallySlot,
  type LinkSymbol,
  type Operation,
  type Value,
} from '../ir.ts';
import { markEscapes } from './escapes.ts';
import { ExpressionLowering, type ExpressionTarget } from './expressions.ts';
import { FunctionBuilder, type Label, type OpenRegion } from './function-builder.ts';
import { hasBitFields, scalarOf } from './scalars.ts';

/** What surrounds a statement, innermost last. */
type Surrounding =
  | { readonly kind: 'loop'; readonly breakLabel: Label; readonly continueLabel: Label }
  | {
      readonly kind: 'switch';
      readonly breakLabel: Label;
      readonly cases: { value: number | bigint; target: number }[];
      otherwise: number;
    }
  | { readonly kind: 'try'; readonly leaveLabel: Label }
  | { readonly kind: 'finally'; readonly statement: Statement; readonly region: OpenRegion };

/** Lowers a function with a body. `use` learns of every symbol that it refers to. */
export function lowerFunction(
  symbol: FunctionSymbol,
  use: (symbol: LinkSymbol) => void,
): FunctionCode {
  return new StatementLowering(symbol, use).lower();
}

class StatementLowering implements ExpressionTarget {
  private readonly builder: FunctionBuilder;
  private readonly expressions = new ExpressionLowering(this);
  private readonly surroundings: Surrounding[] = [];
  private readonly labels = new Map<string, Label>();
  /** The `__try/__finally` bodies around each label of the function, outermost first. */
  private readonly finallyAround = new Map<string, readonly Statement[]>();
  private readonly finallyCalls: (() => void)[] = [];
  exceptionSlot: number | undefined;
  finallySlot: number | undefined;
  /** A label may be jumped back to. */
  private repeats = false;

  constructor(
    private readonly symbol: FunctionSymbol,
    use: (symbol: LinkSymbol) => void,
  ) {
    this.builder = new FunctionBuilder(symbol, use);
  }

  // What expressions need of a function.
  emit = (operation: Operation): void => this.builder.emit(operation);
  label = (): Label => this.builder.label();
  place = (label: Label): void => this.builder.place(label);
  temporary = (size: number): number => this.builder.temporary(size);
  placeOf: ExpressionTarget['placeOf'] = (variable) => this.builder.placeOf(variable);
  symbolAddress: ExpressionTarget['symbolAddress'] = (symbol, addend) =>
    this.builder.symbolAddress(symbol, addend);

  get parameterSlots(): number {
    return (this.symbol.body?.parameters.length ?? 0) + (this.builder.hiddenResult ? 1 : 0);
  }

  lower(): FunctionCode {
    const { body } = this.symbol;
    if (body !== undefined) {
      // Places in order of declaration, so that neighbours in the source are neighbours in memory.
      for (const variable of body.locals) this.builder.placeOf(variable);
      this.findLabels(body.block, []);
      this.repeats = this.finallyAround.size > 0;
      this.statement(body.block);
      this.builder.begin(closingBrace(body.block.range));
      this.emit({ op: 'return', value: undefined });
    }
    for (const fill of this.finallyCalls) fill();
    return markEscapes(this.builder.finish());
  }

  /** Every statement that a user can stop at begins with `begin`, which marks its first instruction. */
  private statement(statement: Statement): void {
    switch (statement.kind) {
      case 'block':
        statement.statements.forEach((one, index) => {
          this.statement(one);
          if (one.kind === 'declaration') this.revive(one, statement.statements.slice(index + 1));
        });
        return;
      case 'expression':
        this.builder.begin(statement.range);
        this.expressions.discard(statement.expression);
        return;
      case 'declaration':
        for (const { variable, initializer, range } of statement.variables) {
          if (initializer === undefined) continue;
          this.builder.begin(range);
          const { offset } = this.builder.placeOf(variable);
          this.expressions.initialize({ op: 'frame', offset }, variable.type, initializer);
        }
        return;
      case 'if': {
        const otherwise = this.label();
        this.builder.begin(head(statement.range, statement.condition));
        this.expressions.branch(statement.condition, false, otherwise);
        this.statement(statement.whenTrue);
        if (statement.whenFalse === undefined) {
          this.place(otherwise);
          return;
        }
        const end = this.label();
        this.emit({ op: 'jump', target: end.number });
        this.place(otherwise);
        this.statement(statement.whenFalse);
        this.place(end);
        return;
      }
      case 'while': {
        const top = this.label();
        const end = this.label();
        this.place(top);
        this.builder.begin(head(statement.range, statement.condition));
        this.expressions.branch(statement.condition, false, end);
        this.within({ kind: 'loop', breakLabel: end, continueLabel: top }, statement.body);
        this.emit({ op: 'jump', target: top.number });
        this.place(end);
        return;
      }
      case 'do': {
        const top = this.label();
        const next = this.label();
        const end = this.label();
        this.place(top);
        this.within({ kind: 'loop', breakLabel: end, continueLabel: next }, statement.body);
        this.place(next);
        this.builder.begin(statement.condition.range);
        this.expressions.branch(statement.condition, true, top);
        this.place(end);
        return;
      }
      case 'for':
        this.forLoop(statement);
        return;
      case 'switch': {
        const end = this.label();
        this.builder.begin(head(statement.range, statement.value));
        const value = this.expressions.value(statement.value);
        const surrounding: Extract<Surrounding, { kind: 'switch' }> = {
          kind: 'switch',
          breakLabel: end,
          cases: [],
          otherwise: end.number,
        };
        // The cases are known once the body is lowered.
        const fill = this.builder.emitLater();
        this.within(surrounding, statement.body);
        const { cases, otherwise } = surrounding;
        fill({ op: 'switch', value, cases, otherwise });
        this.place(end);
        return;
      }
      case 'case':
      case 'default': {
        const label = this.label();
        this.place(label);
        const around = this.surroundings.findLast((one) => one.kind === 'switch');
        if (around?.kind === 'switch') {
          if (statement.kind === 'default') around.otherwise = label.number;
          else around.cases.push({ value: statement.value, target: label.number });
        }
        this.statement(statement.body);
        return;
      }
      case 'break':
      case 'continue':
        this.builder.begin(statement.range);
        this.exitLoop(statement.kind);
        return;
      case 'empty':
        return;
      case 'leave': {
        this.builder.begin(statement.range);
        const index = this.surroundings.findLastIndex((one) => one.kind === 'try');
        const around = this.surroundings[index];
        this.runFinally(index);
        if (around?.kind === 'try') this.emit({ op: 'jump', target: around.leaveLabel.number });
        return;
      }
      case 'breakpoint':
        this.builder.begin(statement.range);
        this.emit({ op: 'breakpoint' });
        return;
      case 'goto': {
        this.builder.begin(statement.range);
        const around = this.finallyAround.get(statement.label) ?? [];
        for (let index = this.surroundings.length - 1; index >= 0; index--) {
          const one = this.surroundings[index];
          if (one?.kind !== 'finally') continue;
          if (around.includes(one.statement)) break;
          this.callFinally(one.region, true);
        }
        this.emit({ op: 'jump', target: this.namedLabel(statement.label).number });
        return;
      }
      case 'label':
        this.place(this.namedLabel(statement.name));
        this.statement(statement.body);
        return;
      case 'return':
        this.builder.begin(statement.range);
        this.returnStatement(statement.value);
        return;
      case 'tryExcept':
        this.tryExcept(statement);
        return;
      case 'tryFinally':
        this.tryFinally(statement);
    }
  }

  /**
   * Locals without a first value are never written again each time that their declaration is reached, which matters
   * where it is reached more than once. What the statements behind assign at once needs no care.
   */
  private revive(
    declaration: Extract<Statement, { kind: 'declaration' }>,
    following: readonly Statement[],
  ): void {
    if (!this.repeats && !this.surroundings.some(({ kind }) => kind === 'loop')) return;
    for (const { variable, initializer } of declaration.variables) {
      if (initializer !== undefined || isAssignedFirst(variable, following)) continue;
      const { offset } = this.builder.placeOf(variable);
      const address: Value = { op: 'frame', offset };
      const size = Math.max(sizeOf(variable.type), 1);
      const bitFields = hasBitFields(variable.type);
      this.emit({ op: 'evaluate', value: { op: 'forget', address, size, bitFields } });
    }
  }

  /** The condition and the step are stops of their own, as in other debuggers. */
  private forLoop(statement: Extract<Statement, { kind: 'for' }>): void {
    const top = this.label();
    const next = this.label();
    const end = this.label();
    if (statement.initial !== undefined) this.statement(statement.initial);
    this.place(top);
    if (statement.condition !== undefined) {
      this.builder.begin(statement.condition.range);
      this.expressions.branch(statement.condition, false, end);
    }
    this.within({ kind: 'loop', breakLabel: end, continueLabel: next }, statement.body);
    this.place(next);
    if (statement.step !== undefined) {
      this.builder.begin(statement.step.range);
      this.expressions.discard(statement.step);
    } else if (statement.condition === undefined) {
      // `for (;;)` has nothing to stop at, and an empty one would run without executing a statement.
      const { file, start } = statement.range;
      this.builder.begin({ file, start, end: start + 'for'.length });
    }
    this.emit({ op: 'jump', target: top.number });
    this.place(end);
  }

  /**
   * Body, filter and handler stand one behind the other; only the dispatcher of exceptions goes to the filter.
   * Documentation: `try-except statement`.
   */
  private tryExcept(statement: Extract<Statement, { kind: 'tryExcept' }>): void {
    const region = this.openRegion('except', exceptSlot.size);
    const end = this.label();
    this.place(region.start);
    this.within({ kind: 'try', leaveLabel: end }, statement.body);
    this.place(region.end);
    this.builder.addRegion(region);
    this.emit({ op: 'jump', target: end.number });

    const outer = this.exceptionSlot;
    this.exceptionSlot = region.slot;
    this.place(region.filter);
    this.builder.beginFilter(statement.filter.range);
    const value = this.expressions.value(statement.filter);
    this.emit({ op: 'filterEnd', value });
    this.builder.endFilter();
    this.place(region.filterEnd);
    this.place(region.handler);
    this.statement(statement.handler);
    this.exceptionSlot = outer;
    this.place(end);
  }

  /**
   * The block is entered in three ways: at the end of the body, by a jump out of it (both by `finallyCall`), and by an
   * unwind. Documentation: `try-finally statement`.
   */
  private tryFinally(statement: Extract<Statement, { kind: 'tryFinally' }>): void {
    const region = this.openRegion('finally', finallySlot.size);
    const leave = this.label();
    const end = this.label();
    this.place(region.start);
    this.surroundings.push({ kind: 'finally', statement, region });
    this.within({ kind: 'try', leaveLabel: leave }, statement.body);
    this.surroundings.pop();
    this.place(region.end);
    this.builder.addRegion(region);
    this.place(leave);
    this.callFinally(region, false);
    this.emit({ op: 'jump', target: end.number });

    const outer = this.finallySlot;
    this.finallySlot = region.slot;
    this.place(region.filter);
    this.place(region.filterEnd);
    this.place(region.handler);
    this.statement(statement.handler);
    this.builder.begin(closingBrace(statement.handler.range));
    this.emit({ op: 'finallyEnd', region: this.builder.regionIndex(region) });
    this.finallySlot = outer;
    this.place(end);
  }

  /** A region with labels for its places and a slot in the frame for its state. */
  private openRegion(kind: 'except' | 'finally', size: number): OpenRegion {
    return {
      kind,
      slot: this.builder.fixed(size, 8),
      start: this.label(),
      end: this.label(),
      filter: this.label(),
      filterEnd: this.label(),
      handler: this.label(),
    };
  }

  /** Runs a finally block in the course of normal execution and comes back. */
  private callFinally(region: OpenRegion, abnormal: boolean): void {
    // A jump out of the body is lowered before the region has its number.
    const fill = this.builder.emitLater();
    this.finallyCalls.push(() =>
      fill({ op: 'finallyCall', region: this.builder.regionIndex(region), abnormal }),
    );
  }

  /** The value is computed before finally blocks run, and kept in the frame meanwhile. */
  private returnStatement(value: Expression | undefined): void {
    const leaves = this.surroundings.some((one) => one.kind === 'finally');
    if (value === undefined || value.type.kind === 'void') {
      if (value !== undefined) this.expressions.discard(value);
      this.runFinally(-1);
      this.emit({ op: 'return', value: undefined });
      return;
    }
    const { type } = value;
    let result: Argument;
    if (type.kind === 'record') {
      const size = sizeOf(type);
      let address = this.expressions.address(value);
      if (leaves) {
        const kept: Value = { op: 'frame', offset: this.builder.fixed(size, 16) };
        this.emit({
          op: 'evaluate',
          value: { op: 'copy', destination: kept, source: address, size },
        });
        address = kept;
      }
      result = { kind: 'record', address, size };
    } else {
      const scalar = scalarOf(type);
      let returned = this.expressions.value(value);
      if (leaves) {
        const kept: Value = { op: 'frame', offset: this.builder.fixed(8, 8) };
        this.emit({
          op: 'evaluate',
          value: { op: 'store', scalar, address: kept, value: returned, bits: undefined },
        });
        returned = { op: 'load', scalar, address: kept, bits: undefined };
      }
      result = { kind: 'scalar', scalar, value: returned };
    }
    this.runFinally(-1);
    this.emit({ op: 'return', value: result });
  }

  /** `break` and `continue`, through the finally blocks between. */
  private exitLoop(kind: 'break' | 'continue'): void {
    const index = this.surroundings.findLastIndex(
      (one) => one.kind === 'loop' || (kind === 'break' && one.kind === 'switch'),
    );
    const around = this.surroundings[index];
    if (around === undefined || (around.kind !== 'loop' && around.kind !== 'switch')) return;
    this.runFinally(index);
    const label =
      kind === 'continue' && around.kind === 'loop' ? around.continueLabel : around.breakLabel;
    this.emit({ op: 'jump', target: label.number });
  }

  /** Runs the finally blocks of the bodies inside surrounding number `index` that are being left. */
  private runFinally(index: number): void {
    for (let at = this.surroundings.length - 1; at > index; at--) {
      const one = this.surroundings[at];
      if (one?.kind === 'finally') this.callFinally(one.region, true);
    }
  }

  /** Lowers a body with one more surrounding. */
  private within(surrounding: Surrounding, body: Statement): void {
    this.surroundings.push(surrounding);
    this.statement(body);
    this.surroundings.pop();
  }

  /** A label of the function, whether its place is known yet or not. */
  private namedLabel(name: string): Label {
    let label = this.labels.get(name);
    if (label === undefined) {
      label = this.label();
      this.labels.set(name, label);
    }
    return label;
  }

  /** Notes which finally bodies surround each label, for jumps to it from outside and from inside. */
  private findLabels(statement: Statement, around: readonly Statement[]): void {
    switch (statement.kind) {
      case 'block':
        for (const one of statement.statements) this.findLabels(one, around);
        return;
      case 'if':
        this.findLabels(statement.whenTrue, around);
        if (statement.whenFalse !== undefined) this.findLabels(statement.whenFalse, around);
        return;
      case 'while':
      case 'do':
      case 'for':
      case 'switch':
      case 'case':
      case 'default':
        this.findLabels(statement.body, around);
        return;
      case 'label':
        this.finallyAround.set(statement.name, around);
        this.findLabels(statement.body, around);
        return;
      case 'tryExcept':
        this.findLabels(statement.body, around);
        this.findLabels(statement.handler, around);
        return;
      case 'tryFinally':
        this.findLabels(statement.body, [...around, statement]);
        this.findLabels(statement.handler, around);
        return;
      default:
    }
  }
}

/** Whether the first statement that mentions a variable is an assignment of a value that does not. */
function isAssignedFirst(variable: Variable, following: readonly Statement[]): boolean {
  for (const statement of following) {
    if (!mentions(statement, variable)) continue;
    const first =
      statement.kind === 'for' && statement.initial !== undefined ? statement.initial : statement;
    if (first.kind !== 'expression' || first.expression.kind !== 'assign') return false;
    const { target, value } = first.expression;
    let isOwn = false;
    visitExpression(value, (one) => {
      if (one.kind === 'variable' && one.variable === variable) isOwn = true;
    });
    return target.kind === 'variable' && target.variable === variable && !isOwn;
  }
  return true;
}

function mentions(statement: Statement, variable: Variable): boolean {
  let found = false;
  visitAllExpressions(statement, (one) => {
    if (one.kind === 'variable' && one.variable === variable) found = true;
  });
  return found;
}

/** From the keyword to the end of the condition, where both stand in one file in this order. */
function head(range: SourceRange, condition: Expression): SourceRange {
  const { file, end } = condition.range;
  if (file !== range.file || end <= range.start) return condition.range;
  return { file, start: range.start, end };
}

/** Where a step stands before it leaves a function or a finally block. */
function closingBrace(range: SourceRange): SourceRange {
  return { file: range.file, start: Math.max(range.start, range.end - 1), end: range.end };
}
