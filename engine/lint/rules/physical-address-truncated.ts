/** A physical or logical address loses its upper half. */
import type { Expression } from '../../language/program.ts';
import { visitAllExpressions } from '../../language/traverse.ts';
import { sizeOf } from '../../language/types.ts';
import type { LintRule } from '../rule.ts';

export const physicalAddressTruncated: LintRule = {
  code: 'physical-address-truncated',
  severity: 'warning',
  title: 'A physical address is cut to 32 bits.',
  subject: 'driver',
  check(driver, report) {
    for (const symbol of driver.functions) {
      if (symbol.body === undefined) continue;
      const highRead = new Set<string>();
      const lowRead: Expression[] = [];
      visitAllExpressions(symbol.body.block, (expression) => {
        if (expression.kind === 'convert' && isCut(expression)) {
          report(
            expression.range,
            'the upper 32 bits of a physical address are lost here: the device would use another page',
          );
        }
        if (expression.kind === 'member' && isAddress(expression.object)) {
          if (expression.member.name === 'HighPart') highRead.add(textOf(expression.object));
          if (expression.member.name === 'LowPart') lowRead.push(expression);
        }
      });
      for (const low of lowRead) {
        if (low.kind === 'member' && !highRead.has(textOf(low.object))) {
          report(
            low.range,
            'only LowPart of a physical address is used: above 4 GB the device would use another page',
          );
        }
      }
    }
  },
};

/** `(ULONG)x.QuadPart`, also shifted to a frame number or not. */
function isCut(expression: Extract<Expression, { kind: 'convert' }>): boolean {
  const { operand, type } = expression;
  return (
    type.kind === 'integer' &&
    type.size === 4 &&
    sizeOf(operand.type) === 8 &&
    operand.kind === 'member' &&
    operand.member.name === 'QuadPart' &&
    isAddress(operand.object)
  );
}

function isAddress(expression: Expression): boolean {
  return expression.type.alias === 'PHYSICAL_ADDRESS';
}

function textOf(expression: Expression): string {
  return expression.range.file.text.slice(expression.range.start, expression.range.end);
}
