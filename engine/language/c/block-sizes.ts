/** Sizes given to routines that fill, copy and compare blocks of memory. */
import type { Expression } from '../program.ts';
import { typeName } from '../types.ts';
import type { Context } from './context.ts';
import { unqualified } from './conversions.ts';

/** Routines whose first arguments are blocks of the size that their last one says. */
const routines: ReadonlySet<string> = new Set([
  'memcmp',
  'memcpy',
  'memmove',
  'memset',
  'RtlCompareMemory',
  'RtlSecureZeroMemory',
]);

/** Reports `memset(p, 0, sizeof(p))`: the size of the pointer in place of what it points at. */
export function checkBlockSize(
  context: Context,
  routine: string,
  given: readonly Expression[],
): void {
  const last = given.at(-1);
  if (last === undefined || !routines.has(routine)) return;
  const measured = context.measured.get(last);
  if (measured === undefined || measured.type.kind !== 'pointer') return;
  const block = given
    .slice(0, -1)
    .find((argument) => isSame(withoutConversions(argument), measured));
  if (block === undefined) return;
  context.warning(
    'size-of-pointer',
    measured,
    `this is the size of the pointer itself (${typeName(unqualified(measured.type))}); '*' before it gives that of what it points at`,
  );
}

const withoutConversions = (expression: Expression): Expression =>
  expression.kind === 'convert' ? withoutConversions(expression.operand) : expression;

/** Whether two expressions name the same object by the same path. */
function isSame(a: Expression, b: Expression): boolean {
  if (a.kind === 'variable') return b.kind === 'variable' && a.variable === b.variable;
  if (a.kind === 'dereference') return b.kind === 'dereference' && isSame(a.operand, b.operand);
  return (
    a.kind === 'member' &&
    b.kind === 'member' &&
    a.member === b.member &&
    isSame(a.object, b.object)
  );
}
