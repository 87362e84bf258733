/** Comparisons that do not compare what they seem to, or have one answer only. */
import type { ComparisonOperator, Expression } from '../program.ts';
import { isInteger, typeName } from '../types.ts';
import { isSignedValue } from './constants.ts';
import type { Context } from './context.ts';
import { unqualified } from './conversions.ts';
import type { Place } from './cursor.ts';
import { isOwnText } from './narrowing.ts';
import { rangeOf, rangeOfType, type ValueRange } from './value-range.ts';

const nameOf = (value: Expression): string => typeName(unqualified(value.type));

/**
 * Checks two promoted integers before they are brought to one type.
 * @param isUnsigned whether that type is unsigned, so that a negative number becomes a large one.
 */
export function checkComparison(
  context: Context,
  operator: ComparisonOperator,
  left: Expression,
  right: Expression,
  isUnsigned: boolean,
  place: Place,
): void {
  if (!isInteger(left.type) || !isInteger(right.type) || !isOwnText(place)) return;
  const a = rangeOf(left);
  const b = rangeOf(right);
  if (isUnsigned && (a.least < 0 || b.least < 0)) {
    const signed = isSignedValue(left.type) ? left : right;
    // Where the constant is the signed one, it is meant as the pattern of its bits.
    if (signed.kind === 'integer') return;
    const isEquality = operator === '==' || operator === '!=';
    // No negative number, read as unsigned, equals a constant that the signed type holds as well.
    const other = rangeOf(signed === left ? right : left);
    if (
      isEquality &&
      other.least === other.greatest &&
      other.greatest <= rangeOfType(signed.type).greatest
    )
      return;
    // C4389 at level 4, C4018 at level 3.
    context.report(
      isEquality ? 'information' : 'warning',
      'sign-compare',
      place,
      `'${operator}' compares ${nameOf(left)} with ${nameOf(right)} as unsigned: a negative number counts as a large one`,
    );
    return;
  }
  if (place.macro !== undefined || (left.kind === 'integer') === (right.kind === 'integer')) return;
  const truth = answerOf(operator, a, b);
  if (truth === undefined) return;
  const value = left.kind === 'integer' ? right : left;
  const isZero = [left, right].some((side) => side.kind === 'integer' && side.value === 0);
  const { least, greatest } = rangeOf(value);
  context.warning(
    'comparison-always',
    place,
    isZero && least === 0
      ? `always ${truth}: '${nameOf(value)}' is unsigned and never below 0`
      : `always ${truth}: this '${nameOf(value)}' lies between ${least} and ${greatest}`,
  );
}

/** The answer that all values of two ranges give; undefined where they differ. */
function answerOf(operator: ComparisonOperator, a: ValueRange, b: ValueRange): boolean | undefined {
  switch (operator) {
    case '<':
      return a.greatest < b.least ? true : a.least >= b.greatest ? false : undefined;
    case '>':
      return answerOf('<', b, a);
    case '<=':
      return a.greatest <= b.least ? true : a.least > b.greatest ? false : undefined;
    case '>=':
      return answerOf('<=', b, a);
    case '==':
      return a.greatest < b.least || b.greatest < a.least ? false : undefined;
    case '!=': {
      const equal = answerOf('==', a, b);
      return equal === undefined ? undefined : !equal;
    }
  }
}

/** Literals are objects of their own: two of the same text need not have one address (C4130). */
export function checkLiterals(context: Context, operands: readonly Expression[]): void {
  const literal = operands.find(({ kind }) => kind === 'string');
  if (literal === undefined || !isOwnText(literal)) return;
  context.warning(
    'text-address-compared',
    literal,
    'this compares addresses, not texts; strcmp or RtlEqualUnicodeString compares texts',
  );
}
