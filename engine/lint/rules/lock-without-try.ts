/** MmProbeAndLockPages on a user buffer outside __try: a bad address becomes a bug check. */
import type { FunctionSymbol, Statement } from '../../language/program.ts';
import { expressionsOf, statementsIn, visitExpression } from '../../language/traverse.ts';
import { constantOf, routineOf } from '../flow/routines.ts';
import type { LintRule, Report } from '../rule.ts';

const raising = new Set([
  'MmProbeAndLockPages',
  'ProbeForRead',
  'ProbeForWrite',
  'MmProbeAndLockProcessPages',
]);
const KERNEL_MODE = 0;

export const lockWithoutTry: LintRule = {
  code: 'lock-without-try',
  severity: 'warning',
  title: 'A user buffer is locked or probed outside __try.',
  subject: 'driver',
  check(driver, report) {
    for (const symbol of driver.functions) checkFunction(symbol, report);
  },
};

function checkFunction(symbol: FunctionSymbol, report: Report): void {
  const walk = (statement: Statement, guarded: boolean): void => {
    if (!guarded) {
      for (const expression of expressionsOf(statement)) {
        visitExpression(expression, (inner) => {
          if (inner.kind !== 'call') return;
          const routine = routineOf(inner);
          if (routine === undefined || !raising.has(routine)) return;
          if (routine.startsWith('Mm') && constantOf(inner.arguments[1]) === KERNEL_MODE) return;
          report(
            inner.range,
            `${routine} raises an exception for a bad address; outside __try that is a bug check`,
          );
        });
      }
    }
    if (statement.kind === 'tryExcept') {
      walk(statement.body, true);
      walk(statement.handler, guarded);
      return;
    }
    for (const inner of statementsIn(statement)) walk(inner, guarded);
  };
  if (symbol.body !== undefined) walk(symbol.body.block, false);
}
