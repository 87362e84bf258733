/** Walks over the checked tree. */
import type { Expression, Initializer, Statement } from './program.ts';

/** The direct operands of an expression, in order of evaluation. */
export function operandsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'integer':
    case 'floating':
    case 'string':
    case 'variable':
    case 'function':
    case 'exceptionCode':
    case 'exceptionInformation':
    case 'abnormalTermination':
    case 'error':
      return [];
    case 'dereference':
    case 'addressOf':
    case 'convert':
    case 'negate':
    case 'complement':
    case 'not':
      return [expression.operand];
    case 'member':
      return [expression.object];
    case 'binary':
    case 'compare':
    case 'pointerDifference':
    case 'and':
    case 'or':
    case 'comma':
      return [expression.left, expression.right];
    case 'pointerAdd':
      return [expression.pointer, expression.index];
    case 'conditional':
      return [expression.condition, expression.whenTrue, expression.whenFalse];
    case 'assign':
    case 'compoundAssign':
      return [expression.target, expression.value];
    case 'pointerAssign':
      return [expression.target, expression.index];
    case 'increment':
      return [expression.target];
    case 'call':
      return [expression.callee, ...expression.arguments];
    case 'compoundLiteral':
      return initializerValues(expression.initializer);
    case 'vaStart':
    case 'vaArg':
      return [expression.list];
  }
}

/** The expressions of an initialiser. */
export function initializerValues(initializer: Initializer): readonly Expression[] {
  switch (initializer.kind) {
    case 'value':
      return [initializer.value];
    case 'bytes':
      return [];
    case 'list':
      return initializer.items.flatMap((item) => initializerValues(item.initializer));
  }
}

/** Calls `visit` for the expression and everything inside it, operands first. */
export function visitExpression(
  expression: Expression,
  visit: (expression: Expression) => void,
): void {
  for (const operand of operandsOf(expression)) visitExpression(operand, visit);
  visit(expression);
}

/** The statements directly inside a statement. */
export function statementsIn(statement: Statement): readonly Statement[] {
  switch (statement.kind) {
    case 'block':
      return statement.statements;
    case 'if':
      return statement.whenFalse === undefined
        ? [statement.whenTrue]
        : [statement.whenTrue, statement.whenFalse];
    case 'while':
    case 'do':
    case 'switch':
    case 'case':
    case 'default':
    case 'label':
      return [statement.body];
    case 'for':
      return statement.initial === undefined
        ? [statement.body]
        : [statement.initial, statement.body];
    case 'tryExcept':
    case 'tryFinally':
      return [statement.body, statement.handler];
    default:
      return [];
  }
}

/** The expressions that belong to a statement itself, not to statements inside it. */
export function expressionsOf(statement: Statement): readonly Expression[] {
  switch (statement.kind) {
    case 'expression':
      return [statement.expression];
    case 'declaration':
      return statement.variables.flatMap(({ initializer }) =>
        initializer === undefined ? [] : initializerValues(initializer),
      );
    case 'if':
    case 'while':
    case 'do':
      return [statement.condition];
    case 'for':
      return [statement.condition, statement.step].filter((e) => e !== undefined);
    case 'switch':
      return [statement.value];
    case 'return':
      return statement.value === undefined ? [] : [statement.value];
    case 'tryExcept':
      return [statement.filter];
    default:
      return [];
  }
}

/** Calls `visit` for every statement, outer ones first. */
export function visitStatements(statement: Statement, visit: (statement: Statement) => void): void {
  visit(statement);
  for (const inner of statementsIn(statement)) visitStatements(inner, visit);
}

/** Calls `visit` for every expression in a statement and in those inside it. */
export function visitAllExpressions(
  statement: Statement,
  visit: (expression: Expression) => void,
): void {
  visitStatements(statement, (inner) => {
    for (const expression of expressionsOf(inner)) visitExpression(expression, visit);
  });
}
