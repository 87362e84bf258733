/**
 * The control flow of a function as a graph of small steps, for rules that follow paths. Conditions are
 * split at `&&`, `||` and `!`, so that each branch tests one thing.
 */
import type { Expression, FunctionBody, Statement, Variable } from '../../language/program.ts';
import { initializerValues } from '../../language/traverse.ts';

export interface FlowNode {
  readonly id: number;
  readonly action:
    | { readonly kind: 'evaluate'; readonly expression: Expression }
    | { readonly kind: 'initialize'; readonly variable: Variable; readonly value: Expression }
    | { readonly kind: 'declare'; readonly variable: Variable }
    | { readonly kind: 'branch'; readonly condition: Expression }
    | { readonly kind: 'return'; readonly value: Expression | undefined }
    | { readonly kind: 'join' };
  /** Where it goes on; for a branch `[when true, when false]`. */
  next: FlowNode[];
  /** Where an exception raised by it goes, with the state before it. */
  readonly handler: FlowNode | undefined;
}

export interface FlowGraph {
  readonly entry: FlowNode;
  readonly exit: FlowNode;
  readonly nodes: readonly FlowNode[];
}

interface Targets {
  readonly breakTo: FlowNode | undefined;
  readonly continueTo: FlowNode | undefined;
  readonly leaveTo: FlowNode | undefined;
  readonly handler: FlowNode | undefined;
  readonly cases: CaseCollector | undefined;
}

interface CaseCollector {
  readonly entries: FlowNode[];
  hasDefault: boolean;
}

export function flowGraph(body: FunctionBody): FlowGraph {
  return new Builder().build(body);
}

class Builder {
  private readonly nodes: FlowNode[] = [];
  private readonly labels = new Map<string, FlowNode>();
  private readonly exit = this.node({ kind: 'join' }, undefined);

  build(body: FunctionBody): FlowGraph {
    const entry = this.node({ kind: 'join' }, undefined);
    const end = this.statement(body.block, entry, {
      breakTo: undefined,
      continueTo: undefined,
      leaveTo: undefined,
      handler: undefined,
      cases: undefined,
    });
    end?.next.push(this.exit);
    return { entry, exit: this.exit, nodes: this.nodes };
  }

  private node(action: FlowNode['action'], handler: FlowNode | undefined): FlowNode {
    const node: FlowNode = { id: this.nodes.length, action, next: [], handler };
    this.nodes.push(node);
    return node;
  }

  private join(handler: FlowNode | undefined): FlowNode {
    return this.node({ kind: 'join' }, handler);
  }

  /** Appends a step behind `from`. */
  private step(from: FlowNode, action: FlowNode['action'], targets: Targets): FlowNode {
    const node = this.node(action, targets.handler);
    from.next.push(node);
    return node;
  }

  private evaluate(from: FlowNode, expression: Expression, targets: Targets): FlowNode {
    return this.step(from, { kind: 'evaluate', expression }, targets);
  }

  /** Branches on a condition; answers where each outcome goes on. */
  private condition(
    from: FlowNode,
    condition: Expression,
    targets: Targets,
  ): { whenTrue: FlowNode; whenFalse: FlowNode } {
    if (condition.kind === 'not') {
      const inner = this.condition(from, condition.operand, targets);
      return { whenTrue: inner.whenFalse, whenFalse: inner.whenTrue };
    }
    if (condition.kind === 'and') {
      const left = this.condition(from, condition.left, targets);
      const right = this.condition(left.whenTrue, condition.right, targets);
      const whenFalse = this.join(targets.handler);
      left.whenFalse.next.push(whenFalse);
      right.whenFalse.next.push(whenFalse);
      return { whenTrue: right.whenTrue, whenFalse };
    }
    if (condition.kind === 'or') {
      const left = this.condition(from, condition.left, targets);
      const right = this.condition(left.whenFalse, condition.right, targets);
      const whenTrue = this.join(targets.handler);
      left.whenTrue.next.push(whenTrue);
      right.whenTrue.next.push(whenTrue);
      return { whenTrue, whenFalse: right.whenFalse };
    }
    const branch = this.step(from, { kind: 'branch', condition }, targets);
    const whenTrue = this.join(targets.handler);
    const whenFalse = this.join(targets.handler);
    branch.next.push(whenTrue, whenFalse);
    return { whenTrue, whenFalse };
  }

  private label(name: string): FlowNode {
    let node = this.labels.get(name);
    if (node === undefined) {
      node = this.join(undefined);
      this.labels.set(name, node);
    }
    return node;
  }

  /** Appends a statement; answers where control goes on behind it, undefined when it never does. */
  private statement(
    statement: Statement,
    start: FlowNode | undefined,
    targets: Targets,
  ): FlowNode | undefined {
    // Unreachable text may still hold labels: give it a start of its own that nothing leads to.
    const from = start ?? this.join(targets.handler);
    switch (statement.kind) {
      case 'block': {
        let at: FlowNode | undefined = start;
        for (const inner of statement.statements) at = this.statement(inner, at, targets);
        return at;
      }
      case 'expression':
        return this.evaluate(from, statement.expression, targets);
      case 'declaration': {
        let at = from;
        for (const { variable, initializer } of statement.variables) {
          if (initializer === undefined) {
            at = this.step(at, { kind: 'declare', variable }, targets);
          } else if (initializer.kind === 'value') {
            at = this.step(at, { kind: 'initialize', variable, value: initializer.value }, targets);
          } else {
            for (const value of initializerValues(initializer))
              at = this.evaluate(at, value, targets);
          }
        }
        return at;
      }
      case 'if': {
        const { whenTrue, whenFalse } = this.condition(from, statement.condition, targets);
        const after = this.join(targets.handler);
        this.statement(statement.whenTrue, whenTrue, targets)?.next.push(after);
        if (statement.whenFalse === undefined) whenFalse.next.push(after);
        else this.statement(statement.whenFalse, whenFalse, targets)?.next.push(after);
        return after;
      }
      case 'while': {
        const head = this.join(targets.handler);
        from.next.push(head);
        const { whenTrue, whenFalse } = this.condition(head, statement.condition, targets);
        const inner = { ...targets, breakTo: whenFalse, continueTo: head };
        this.statement(statement.body, whenTrue, inner)?.next.push(head);
        return whenFalse;
      }
      case 'do': {
        const head = this.join(targets.handler);
        const test = this.join(targets.handler);
        from.next.push(head);
        const after = this.join(targets.handler);
        const inner = { ...targets, breakTo: after, continueTo: test };
        this.statement(statement.body, head, inner)?.next.push(test);
        const { whenTrue, whenFalse } = this.condition(test, statement.condition, targets);
        whenTrue.next.push(head);
        whenFalse.next.push(after);
        return after;
      }
      case 'for': {
        const begun =
          statement.initial === undefined ? from : this.statement(statement.initial, from, targets);
        const head = this.join(targets.handler);
        (begun ?? from).next.push(head);
        const after = this.join(targets.handler);
        let body = head;
        if (statement.condition !== undefined) {
          const { whenTrue, whenFalse } = this.condition(head, statement.condition, targets);
          whenFalse.next.push(after);
          body = whenTrue;
        }
        const step = this.join(targets.handler);
        const inner = { ...targets, breakTo: after, continueTo: step };
        this.statement(statement.body, body, inner)?.next.push(step);
        const stepped =
          statement.step === undefined ? step : this.evaluate(step, statement.step, targets);
        stepped.next.push(head);
        return after;
      }
      case 'switch': {
        const head = this.evaluate(from, statement.value, targets);
        const after = this.join(targets.handler);
        const cases: CaseCollector = { entries: [], hasDefault: false };
        const inner = { ...targets, breakTo: after, cases };
        this.statement(statement.body, undefined, inner)?.next.push(after);
        head.next.push(...cases.entries);
        if (!cases.hasDefault) head.next.push(after);
        return after;
      }
      case 'case':
      case 'default': {
        const entry = this.join(targets.handler);
        start?.next.push(entry);
        targets.cases?.entries.push(entry);
        if (statement.kind === 'default' && targets.cases !== undefined) {
          targets.cases.hasDefault = true;
        }
        return this.statement(statement.body, entry, targets);
      }
      case 'label': {
        const entry = this.label(statement.name);
        start?.next.push(entry);
        return this.statement(statement.body, entry, targets);
      }
      case 'goto':
        from.next.push(this.label(statement.label));
        return undefined;
      case 'break':
        if (targets.breakTo !== undefined) from.next.push(targets.breakTo);
        return undefined;
      case 'continue':
        if (targets.continueTo !== undefined) from.next.push(targets.continueTo);
        return undefined;
      case 'leave':
        if (targets.leaveTo !== undefined) from.next.push(targets.leaveTo);
        return undefined;
      case 'return': {
        const node = this.step(from, { kind: 'return', value: statement.value }, targets);
        node.next.push(this.exit);
        return undefined;
      }
      case 'tryExcept': {
        const after = this.join(targets.handler);
        const handler = this.join(targets.handler);
        const inner = { ...targets, leaveTo: after, handler };
        const body = this.join(handler);
        from.next.push(body);
        this.statement(statement.body, body, inner)?.next.push(after);
        this.statement(statement.handler, handler, targets)?.next.push(after);
        return after;
      }
      case 'tryFinally': {
        const finallyStart = this.join(targets.handler);
        const inner = { ...targets, leaveTo: finallyStart };
        this.statement(statement.body, from, inner)?.next.push(finallyStart);
        return this.statement(statement.handler, finallyStart, targets);
      }
      case 'empty':
      case 'breakpoint':
        return from;
    }
  }
}
