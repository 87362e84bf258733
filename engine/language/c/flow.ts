/** What the order of statements tells: ends of functions without `return`, locals used before they are set. */
import type { Expression, FunctionSymbol, Initializer, Statement, Variable } from '../program.ts';
import { isScalar, typeName } from '../types.ts';
import { truthOf } from './constants.ts';
import type { Context } from './context.ts';
import { isUnknown } from './conversions.ts';
import type { Place } from './cursor.ts';

/** Checks the body of a function. */
export function checkFlow(context: Context, symbol: FunctionSymbol): void {
  new Flow(context, symbol).check();
}

/** Locals that no path has set yet; undefined where no path arrives. */
type State = ReadonlySet<Variable> | undefined;

interface Target {
  /** States at the jumps to it. */
  readonly arriving: State[];
}

interface Loop {
  /** Locals set anywhere in the loop: an earlier turn may have set what a use finds unset. */
  readonly assigned: Set<Variable>;
  readonly uses: { readonly variable: Variable; readonly place: Place }[];
}

class Flow {
  private state: State = new Set();
  private readonly breaks: Target[] = [];
  private readonly continues: Target[] = [];
  private readonly leaves: Target[] = [];
  /** States at the entries of the switches around. */
  private readonly entries: State[] = [];
  private readonly loops: Loop[] = [];
  private readonly reported = new Set<Variable>();
  private hasReturn = false;

  constructor(
    private readonly context: Context,
    private readonly symbol: FunctionSymbol,
  ) {}

  /** Walks the body; its end must not be reached where a value is to be returned. */
  check(): void {
    const { body, type, name } = this.symbol;
    if (body === undefined) return;
    this.statement(body.block);
    if (this.state === undefined || type.result.kind === 'void' || isUnknown(type.result)) return;
    if (name === 'main' || name === 'wmain') return;
    const { file, end } = body.block.range;
    const result = typeName(type.result);
    const place = { range: { file, start: Math.max(end - 1, 0), end } };
    if (this.hasReturn) {
      this.context.warning(
        'missing-return',
        place,
        `'${name}' returns ${result}, but its end can be reached without 'return'`,
      );
    } else {
      this.context.error(
        'missing-return',
        place,
        `'${name}' returns ${result}, but has no 'return'`,
      );
    }
  }

  // ---- Statements ----------------------------------------------------------------------------------

  /** Walks a statement: the state becomes the one behind it. */
  private statement(statement: Statement): void {
    switch (statement.kind) {
      case 'block':
        for (const inner of statement.statements) this.statement(inner);
        return;
      case 'expression':
        this.value(statement.expression);
        if (neverReturns(statement.expression)) this.state = undefined;
        return;
      case 'declaration':
        for (const { variable, initializer } of statement.variables) {
          if (initializer !== undefined) this.initializer(initializer);
          else if (isScalar(variable.type) && this.state !== undefined) {
            this.state = new Set(this.state).add(variable);
          }
        }
        return;
      case 'if':
        this.ifStatement(statement);
        return;
      case 'while':
      case 'do':
      case 'for':
        this.loop(statement);
        return;
      case 'switch':
        this.switchStatement(statement);
        return;
      case 'case':
      case 'default':
        this.state = join(this.state, this.entries.at(-1));
        this.statement(statement.body);
        return;
      case 'label':
        // Jumps may come from anywhere: nothing is known to be unset.
        this.state = new Set();
        this.statement(statement.body);
        return;
      case 'break':
        this.jump(this.breaks.at(-1));
        return;
      case 'continue':
        this.jump(this.continues.at(-1));
        return;
      case 'leave':
        this.jump(this.leaves.at(-1));
        return;
      case 'goto':
        this.state = undefined;
        return;
      case 'return':
        this.hasReturn = true;
        if (statement.value !== undefined) this.value(statement.value);
        this.state = undefined;
        return;
      case 'tryExcept': {
        const entry = this.state;
        const end = this.guarded(statement.body);
        this.state = entry === undefined ? undefined : (end ?? new Set());
        this.value(statement.filter);
        this.statement(statement.handler);
        this.state = join(end, this.state);
        return;
      }
      case 'tryFinally': {
        const entry = this.state;
        const end = this.guarded(statement.body);
        this.state = end ?? (entry === undefined ? undefined : new Set());
        this.statement(statement.handler);
        if (end === undefined) this.state = undefined;
        return;
      }
      case 'empty':
      case 'breakpoint':
        return;
    }
  }

  /** Leaves for a target: what follows is not reached from here. */
  private jump(target: Target | undefined): void {
    target?.arriving.push(this.state);
    this.state = undefined;
  }

  /** The state behind a guarded block, reached from its end or by `__leave`. */
  private guarded(body: Statement): State {
    const target: Target = { arriving: [] };
    this.leaves.push(target);
    this.statement(body);
    this.leaves.pop();
    return target.arriving.reduce(join, this.state);
  }

  /** Branches that a constant condition rules out are walked as unreachable. */
  private ifStatement(statement: Statement & { kind: 'if' }): void {
    this.value(statement.condition);
    const truth = truthOf(statement.condition);
    const before = this.state;
    this.state = truth === false ? undefined : before;
    this.statement(statement.whenTrue);
    const afterTrue = this.state;
    this.state = truth === true ? undefined : before;
    if (statement.whenFalse !== undefined) this.statement(statement.whenFalse);
    this.state = join(afterTrue, this.state);
  }

  /** The body is walked once. `for (;;)` and `while (1)` end by `break` alone. */
  private loop(statement: Statement & { kind: 'while' | 'do' | 'for' }): void {
    if (statement.kind === 'for' && statement.initial !== undefined) {
      this.statement(statement.initial);
    }
    const out: Target = { arriving: [] };
    const again: Target = { arriving: [] };
    this.breaks.push(out);
    this.continues.push(again);
    const loop: Loop = { assigned: new Set(), uses: [] };
    this.loops.push(loop);
    const { condition } = statement;
    const truth = condition === undefined ? true : truthOf(condition);
    let skipped: State;
    if (statement.kind !== 'do') {
      if (condition !== undefined) this.value(condition);
      skipped = truth === true ? undefined : this.state;
      if (truth === false) this.state = undefined;
    }
    this.statement(statement.body);
    this.state = again.arriving.reduce(join, this.state);
    if (statement.kind === 'for' && statement.step !== undefined) this.value(statement.step);
    if (statement.kind === 'do') {
      if (condition !== undefined) this.value(condition);
      skipped = truth === true ? undefined : this.state;
    } else {
      skipped = truth === true ? undefined : join(skipped, this.state);
    }
    this.loops.pop();
    this.continues.pop();
    this.breaks.pop();
    this.closeLoop(loop);
    this.state = out.arriving.reduce(join, skipped);
  }

  /** Uses in the loop count when no turn of it sets the variable. */
  private closeLoop(loop: Loop): void {
    const outer = this.loops.at(-1);
    for (const use of loop.uses) {
      if (loop.assigned.has(use.variable)) continue;
      if (outer === undefined) this.reportUse(use.variable, use.place);
      else outer.uses.push(use);
    }
    for (const variable of loop.assigned) outer?.assigned.add(variable);
  }

  /** Each case may be entered from the top or from the statement before it. */
  private switchStatement(statement: Statement & { kind: 'switch' }): void {
    const { body } = statement;
    this.value(statement.value);
    const entry = this.state;
    const out: Target = { arriving: [] };
    this.breaks.push(out);
    this.entries.push(entry);
    const first = body.kind === 'block' ? body.statements[0] : body;
    if (first !== undefined && !startsSwitch.has(first.kind)) {
      this.context.warning(
        'switch-unreachable',
        { range: first.range },
        "this stands before the first 'case' and is never reached",
      );
    }
    this.state = undefined;
    this.statement(body);
    this.entries.pop();
    this.breaks.pop();
    const end = hasDefault(body) ? this.state : join(this.state, entry);
    this.state = out.arriving.reduce(join, end);
  }

  // ---- Expressions ---------------------------------------------------------------------------------

  /** A read. In a loop the verdict waits until it is known what the loop sets. */
  private use(variable: Variable, place: Place): void {
    if (this.state?.has(variable) !== true) return;
    const loop = this.loops.at(-1);
    if (loop === undefined) this.reportUse(variable, place);
    else loop.uses.push({ variable, place });
  }

  /** One report a variable: the others are its consequences. */
  private reportUse(variable: Variable, place: Place): void {
    if (this.reported.has(variable)) return;
    this.reported.add(variable);
    this.context.warning(
      'uninitialized-local',
      place,
      `'${variable.name}' is used before it has a value`,
      { related: [{ message: `'${variable.name}' is declared here`, range: variable.range }] },
    );
  }

  /** An assignment, or the address handed out. */
  private set(variable: Variable): void {
    this.loops.at(-1)?.assigned.add(variable);
    if (this.state?.has(variable) !== true) return;
    const state = new Set(this.state);
    state.delete(variable);
    this.state = state;
  }

  /** Values of an initialiser, in order. */
  private initializer(initializer: Initializer): void {
    if (initializer.kind === 'value') this.value(initializer.value);
    else if (initializer.kind === 'list') {
      for (const item of initializer.items) this.initializer(item.initializer);
    }
  }

  /** Walks an expression in the order of its evaluation. */
  private value(expression: Expression): void {
    switch (expression.kind) {
      case 'variable':
        this.use(expression.variable, expression);
        return;
      case 'dereference':
      case 'convert':
      case 'negate':
      case 'complement':
      case 'not':
        this.value(expression.operand);
        return;
      case 'member':
        this.value(expression.object);
        return;
      case 'addressOf':
        // Who has the address may set it.
        if (expression.operand.kind === 'variable') this.set(expression.operand.variable);
        else this.value(expression.operand);
        return;
      case 'binary':
      case 'compare':
      case 'pointerDifference':
      case 'and':
      case 'or':
      case 'comma':
        this.value(expression.left);
        this.value(expression.right);
        return;
      case 'pointerAdd':
        this.value(expression.pointer);
        this.value(expression.index);
        return;
      case 'conditional':
        this.value(expression.condition);
        this.value(expression.whenTrue);
        this.value(expression.whenFalse);
        return;
      case 'assign':
        this.value(expression.value);
        if (expression.target.kind === 'variable') this.set(expression.target.variable);
        else this.value(expression.target);
        return;
      case 'compoundAssign':
        this.value(expression.value);
        this.change(expression.target);
        return;
      case 'pointerAssign':
        this.value(expression.index);
        this.change(expression.target);
        return;
      case 'increment':
        this.change(expression.target);
        return;
      case 'call':
        if (expression.callee.kind !== 'function') this.value(expression.callee);
        for (const argument of expression.arguments) this.value(argument);
        return;
      case 'compoundLiteral':
        this.initializer(expression.initializer);
        return;
      case 'vaStart':
      case 'vaArg':
        this.value(expression.list);
        return;
      default:
        return;
    }
  }

  /** A target that is read and then written. */
  private change(target: Expression): void {
    this.value(target);
    if (target.kind === 'variable') this.set(target.variable);
  }
}

const startsSwitch: ReadonlySet<Statement['kind']> = new Set([
  'case',
  'default',
  'label',
  'declaration',
  'empty',
]);

/** Where two paths meet: unset is what neither of them has set. */
function join(left: State, right: State): State {
  if (left === undefined || left === right) return right;
  if (right === undefined) return left;
  const both = new Set<Variable>();
  for (const variable of left) if (right.has(variable)) both.add(variable);
  return both;
}

/** Whether a `default` belongs to the switch with this body. */
function hasDefault(statement: Statement): boolean {
  switch (statement.kind) {
    case 'default':
      return true;
    case 'block':
      return statement.statements.some(hasDefault);
    case 'case':
    case 'label':
    case 'while':
    case 'do':
    case 'for':
      return hasDefault(statement.body);
    case 'if':
      return (
        hasDefault(statement.whenTrue) ||
        (statement.whenFalse !== undefined && hasDefault(statement.whenFalse))
      );
    default:
      return false;
  }
}

/** A call of a routine that is declared noreturn, such as KeBugCheckEx. */
function neverReturns(expression: Expression): boolean {
  switch (expression.kind) {
    case 'call':
      return expression.callee.kind === 'function' && expression.callee.function.noReturn === true;
    case 'convert':
      return neverReturns(expression.operand);
    case 'comma':
      return neverReturns(expression.left) || neverReturns(expression.right);
    default:
      return false;
  }
}
