/** A DEVICE_DESCRIPTION on the stack is filled member by member without having been zeroed. */
import type { Expression, FunctionSymbol, Variable } from '../../language/program.ts';
import { visitAllExpressions, visitStatements } from '../../language/traverse.ts';
import { routineOf, unconverted } from '../flow/routines.ts';
import type { LintRule, Report } from '../rule.ts';

export const descriptionNotZeroed: LintRule = {
  code: 'description-not-zeroed',
  severity: 'warning',
  title: 'A DEVICE_DESCRIPTION is handed to IoGetDmaAdapter without having been zeroed.',
  subject: 'driver',
  check(driver, report) {
    // A scenario that is about this mistake has said so.
    const expected = driver.scenario.expectations.some(
      (expectation) =>
        expectation.kind === 'violation' && expectation.rule === 'uninitialized_memory',
    );
    if (expected) return;
    for (const symbol of driver.functions) checkFunction(symbol, report);
  },
};

function checkFunction(symbol: FunctionSymbol, report: Report): void {
  if (symbol.body === undefined) return;
  const zeroed = new Set<Variable>();
  visitStatements(symbol.body.block, (statement) => {
    if (statement.kind !== 'declaration') return;
    for (const { variable, initializer } of statement.variables) {
      if (initializer !== undefined) zeroed.add(variable);
    }
  });
  visitAllExpressions(symbol.body.block, (expression) => {
    if (expression.kind === 'assign' && expression.target.kind === 'variable') {
      zeroed.add(expression.target.variable);
    }
    if (expression.kind !== 'call') return;
    const routine = routineOf(expression);
    const first = variableBehind(expression.arguments[0]);
    if ((routine === 'memset' || routine === 'RtlZeroMemory') && first !== undefined) {
      zeroed.add(first);
    }
    if (routine !== 'IoGetDmaAdapter') return;
    const description = variableBehind(expression.arguments[1]);
    if (description?.storage === 'automatic' && !zeroed.has(description)) {
      report(
        expression.range,
        `${description.name} was not zeroed: IoGetDmaAdapter reads members that nobody set`,
        { related: [{ message: 'declared here', range: description.range }] },
      );
    }
  });
}

function variableBehind(expression: Expression | undefined): Variable | undefined {
  if (expression === undefined) return undefined;
  const inner = unconverted(expression);
  if (inner.kind !== 'addressOf' || inner.operand.kind !== 'variable') return undefined;
  return inner.operand.variable;
}
