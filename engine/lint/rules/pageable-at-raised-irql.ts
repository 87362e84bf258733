/** Code that may be paged out is called while the function holds a spin lock or has raised IRQL. */
import type { Expression, FunctionSymbol, Statement } from '../../language/program.ts';
import {
  expressionsOf,
  statementsIn,
  visitAllExpressions,
  visitExpression,
} from '../../language/traverse.ts';
import { routineOf } from '../flow/routines.ts';
import type { LintRule, Report } from '../rule.ts';

const raises = new Set([
  'KeAcquireSpinLockRaiseToDpc',
  'KfAcquireSpinLock',
  'KeAcquireSpinLock',
  'KfRaiseIrql',
  'KeRaiseIrql',
  'KeRaiseIrqlToDpcLevel',
]);
const lowers = new Set(['KeReleaseSpinLock', 'KfReleaseSpinLock', 'KeLowerIrql', 'KfLowerIrql']);

export const pageableAtRaisedIrql: LintRule = {
  code: 'pageable-at-raised-irql',
  severity: 'error',
  title: 'A pageable routine is called at raised IRQL.',
  subject: 'driver',
  check(driver, report) {
    const pageable = new Set(driver.functions.filter(isPageable).map((symbol) => symbol.name));
    for (const symbol of driver.functions) checkFunction(symbol, pageable, report);
  },
};

/** In a section `PAGE..`, or asserting PAGED_CODE(). */
function isPageable(symbol: FunctionSymbol): boolean {
  if (symbol.section?.startsWith('PAGE') === true) return true;
  let asserts = false;
  if (symbol.body !== undefined) {
    visitAllExpressions(symbol.body.block, (expression) => {
      if (expression.macro?.name === 'PAGED_CODE') asserts = true;
    });
  }
  return asserts;
}

function checkFunction(
  symbol: FunctionSymbol,
  pageable: ReadonlySet<string>,
  report: Report,
): void {
  // Textual order within a block: an early release on a branch that returns does not count behind it.
  const walk = (statement: Statement, raisedBefore: boolean): boolean => {
    let raised = raisedBefore;
    for (const expression of expressionsOf(statement)) {
      visitExpression(expression, (inner) => {
        if (inner.kind === 'call') raised = afterCall(inner, raised);
      });
    }
    const inner = statementsIn(statement);
    if (statement.kind === 'block') {
      for (const part of inner) raised = walk(part, raised);
      return raised;
    }
    const results = inner.map((part) => ({ raised: walk(part, raised), ends: endsControl(part) }));
    const goingOn = results.filter((result) => !result.ends);
    if (goingOn.length === 0) return raised;
    return statement.kind === 'if' && statement.whenFalse === undefined
      ? raised && goingOn.every((result) => result.raised)
      : goingOn.every((result) => result.raised);
  };
  const afterCall = (call: Extract<Expression, { kind: 'call' }>, raised: boolean): boolean => {
    const routine = routineOf(call);
    if (routine === undefined) return raised;
    if (raises.has(routine)) return true;
    if (lowers.has(routine)) return false;
    if (raised && pageable.has(routine)) {
      report(call.range, `${routine} may be paged out, and this is at DISPATCH_LEVEL or above`);
    }
    return raised;
  };
  if (symbol.body !== undefined) walk(symbol.body.block, false);
}

/** Whether control never goes on behind the statement. */
function endsControl(statement: Statement): boolean {
  switch (statement.kind) {
    case 'return':
    case 'goto':
    case 'break':
    case 'continue':
    case 'leave':
      return true;
    case 'block':
      return statement.statements.some(endsControl);
    default:
      return false;
  }
}
