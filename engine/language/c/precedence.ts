/** Operators that bind otherwise than they read, unless parentheses say what is meant. */
import type { Expression } from '../program.ts';
import type { Token } from '../tokens.ts';
import type { Context } from './context.ts';
import { isOwnText } from './narrowing.ts';

const relational: ReadonlySet<string> = new Set(['<', '>', '<=', '>=']);
const comparing: ReadonlySet<string> = new Set([...relational, '==', '!=']);
const masking: ReadonlySet<string> = new Set(['&', '|', '^']);
const shifting: ReadonlySet<string> = new Set(['<<', '>>']);

/**
 * Checks one operator with its operands as they were parsed. The Microsoft compiler's C4554 covers masks and shifts;
 * gcc's -Wparentheses and -Wlogical-not-parentheses the others.
 */
export function checkPrecedence(
  context: Context,
  operator: Token,
  left: Expression,
  right: Expression,
): void {
  const { text } = operator;
  if (!isOwnText(operator) || operator.macro !== undefined) return;
  const bare = (operand: Expression): boolean => !context.parenthesised.has(operand);
  const warn = (place: Expression, message: string): void =>
    context.warning(
      'precedence',
      place,
      `${message}: put parentheses around what belongs together`,
    );
  for (const operand of [left, right]) {
    if (!bare(operand)) continue;
    if (masking.has(text) && operand.kind === 'compare') {
      warn(operand, `'${operand.operator}' binds tighter than '${text}'`);
    } else if (text === '||' && operand.kind === 'and') {
      context.report(
        'information',
        'precedence',
        operand,
        "'&&' binds tighter than '||': parentheses would show it",
      );
    } else if (shifting.has(text) && operand.kind === 'binary' && isSum(operand)) {
      warn(operand, `'${operand.operator}' binds tighter than '${text}'`);
    }
  }
  if (!bare(left)) return;
  if (comparing.has(text) && left.kind === 'compare' && relational.has(left.operator)) {
    warn(left, `'${left.operator}' gives 0 or 1, which '${text}' compares`);
  } else if (left.kind === 'not' && (comparing.has(text) || text === '&') && !isTruth(right)) {
    warn(left, `'!' applies to the left side alone, and '${text}' to 0 or 1`);
  }
}

const isSum = ({ operator }: Expression & { kind: 'binary' }): boolean =>
  operator === '+' || operator === '-';

/** 0 or 1: what another truth value may well be compared with. */
const isTruth = ({ kind }: Expression): boolean =>
  kind === 'not' || kind === 'compare' || kind === 'and' || kind === 'or';
