/** Operands that are sound C, and most likely not what was meant. */
import type { Expression, InitializerItem } from '../program.ts';
import type { Token } from '../tokens.ts';
import { isInteger, typeName } from '../types.ts';
import type { Context } from './context.ts';
import { unqualified } from './conversions.ts';
import { isOwnText } from './narrowing.ts';

const comparing: ReadonlySet<string> = new Set(['<', '>', '<=', '>=', '==', '!=']);
const ordering: ReadonlySet<string> = new Set(['<', '>', '<=', '>=']);

/** Checks the operands of one operator as they were parsed. What a macro makes of its arguments is left alone. */
export function checkOperands(
  context: Context,
  operator: Token,
  left: Expression,
  right: Expression,
): void {
  const { text } = operator;
  const isWritten = [operator, left, right].every(({ macro }) => macro === undefined);
  if (!comparing.has(text) || !isWritten || !isOwnText(operator)) return;
  if (left.type.kind !== 'floating' && isSameObject(left, right)) {
    const answer = text === '==' || text === '<=' || text === '>=';
    context.warning(
      'self-comparison',
      left,
      `both sides of '${text}' are the same: always ${answer}`,
    );
  } else if (left.type.kind === 'enum' && right.type.kind === 'enum') {
    if (left.type.definition === right.type.definition) return;
    context.warning(
      'enum-mismatch',
      left,
      `'${text}' compares ${nameOf(left)} with ${nameOf(right)}: their numbers have nothing to do with each other`,
    );
  } else if (ordering.has(text)) {
    const pointer = [left, right].find(({ type }) => type.kind === 'pointer');
    const other = pointer === left ? right : left;
    if (pointer === undefined || other.kind !== 'integer' || !isInteger(other.type)) return;
    if (other.value !== 0) return;
    context.warning(
      'pointer-order',
      left,
      `'${text}' asks whether an address lies beside 0; '!= NULL' asks whether there is one`,
    );
  }
}

const nameOf = ({ type }: Expression): string => typeName(unqualified(type));

/** Whether two expressions name one object, which nothing changes in between. */
function isSameObject(left: Expression, right: Expression): boolean {
  if (left.type.volatile === true) return false;
  if (left.kind === 'variable')
    return right.kind === 'variable' && left.variable === right.variable;
  if (left.kind === 'member') {
    return (
      right.kind === 'member' &&
      left.member === right.member &&
      isSameObject(left.object, right.object)
    );
  }
  if (left.kind === 'dereference' || left.kind === 'convert') {
    return right.kind === left.kind && isSameObject(left.operand, right.operand);
  }
  return false;
}

/** A shift where a truth value is needed: `<` was meant, or a mask. */
export function checkTruth(context: Context, value: Expression, user: string): void {
  if (value.kind !== 'binary' || value.operator !== '<<') return;
  if (value.macro !== undefined || !isOwnText(value)) return;
  context.warning(
    'shift-as-condition',
    value,
    `${user} is a shift ('<<'); a comparison is written '<', a test of a bit '&'`,
  );
}

/** The left side of a comma does nothing: a call or an assignment was forgotten. */
export function checkDiscarded(context: Context, value: Expression): void {
  if (value.macro !== undefined || !isOwnText(value) || value.type.volatile === true) return;
  const isIdle = ['variable', 'member', 'integer', 'compare', 'binary', 'not'].includes(value.kind);
  if (isIdle) context.warning('unused-result', value, "the left side of ',' is not used");
}

/** One part of an object that a list gives two values, of which the first is lost. */
export function checkOverridden(
  context: Context,
  earlier: readonly InitializerItem[],
  { offset, bits, type }: Pick<InitializerItem, 'offset' | 'bits' | 'type'>,
  place: Token,
): void {
  if (!isOwnText(place)) return;
  const isTwice = earlier.some(
    (item) => item.offset === offset && item.bits?.first === bits?.first && item.type === type,
  );
  if (isTwice)
    context.warning('initializer-overridden', place, 'this has a value already, which is lost');
}
