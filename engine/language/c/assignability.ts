/** Whether a value may initialise, be assigned to or be passed as a type, and what is said when not. */
import type { Expression } from '../program.ts';
import type { CType, Member, PointerType } from '../types.ts';
import { isArithmetic, isInteger, sizeOf, typeName } from '../types.ts';
import { isNullPointer } from './constants.ts';
import type { Context } from './context.ts';
import { isUnknown, sameType, unqualified } from './conversions.ts';
import { checkNarrowing, isOwnText } from './narrowing.ts';
import { convert, decayed } from './nodes.ts';

/** Names the receiving side in messages: "argument 2 ('Length') of 'f'", "the assignment". */
export type Receiver = string | (() => string);

const nameOf = (receiver: Receiver): string =>
  typeof receiver === 'string' ? receiver : receiver();

/** Converts `source` to `target` as by assignment; mismatches are reported, and converted all the same. */
export function assigned(
  context: Context,
  source: Expression,
  target: CType,
  receiver: Receiver,
  bits?: Member['bits'],
): Expression {
  const value = decayed(source);
  if (value.kind === 'error' || isUnknown(target) || isUnknown(value.type)) return value;
  const found = value.type;
  const mismatch = (): Expression => {
    context.error(
      'wrong-type',
      value,
      `${nameOf(receiver)} needs ${typeName(unqualified(target))}, found ${typeName(unqualified(found))}`,
    );
    return { kind: 'error', type: unqualified(target), range: value.range };
  };
  if (found.kind === 'void') {
    context.error('void-value', value, `${nameOf(receiver)} needs a value, found none (void)`);
    return { kind: 'error', type: unqualified(target), range: value.range };
  }
  if (target.kind === 'record' || found.kind === 'record') {
    return sameType(target, found) ? value : mismatch();
  }
  if (isArithmetic(target)) {
    if (isArithmetic(found)) {
      checkEnumerations(context, value, target, receiver);
      const narrowed = bits === undefined ? { type: target } : { type: target, bits };
      checkNarrowing(context, value, narrowed, () => nameOf(receiver));
      return convert(value, target);
    }
    if (found.kind !== 'pointer') return mismatch();
    if (target.kind === 'floating') return mismatch();
    if (target.kind === 'integer' && target.integer === 'bool') return convert(value, target);
    pointerToInteger(context, value, target, receiver);
    return convert(value, target);
  }
  if (target.kind !== 'pointer') return mismatch();
  if (found.kind === 'floating') return mismatch();
  if (isInteger(found)) {
    if (!isNullPointer(value)) integerToPointer(context, value, target, receiver);
    return convert(value, target);
  }
  if (found.kind !== 'pointer') return mismatch();
  checkPointers(context, value, found, target, receiver);
  return convert(value, target);
}

/** To C all enumerations are numbers; to their reader a value of another one is a mistake. */
function checkEnumerations(
  context: Context,
  value: Expression,
  target: CType,
  receiver: Receiver,
): void {
  const { type } = value;
  if (type.kind !== 'enum' || target.kind !== 'enum') return;
  if (type.definition === target.definition || !isOwnText(value)) return;
  context.report(
    'information',
    'enum-mismatch',
    value,
    `${nameOf(receiver)} needs ${typeName(unqualified(target))}, found ${typeName(unqualified(type))}`,
  );
}

/**
 * C has no implicit conversion from a pointer to an integer; the Microsoft compiler warns (C4047)
 * and goes on.
 */
function pointerToInteger(
  context: Context,
  value: Expression,
  target: CType,
  receiver: Receiver,
): void {
  const message = `${nameOf(receiver)} needs the integer ${typeName(unqualified(target))}, found the pointer ${typeName(unqualified(value.type))}`;
  // NULL for 0 is a habit that harms nobody.
  if (isNullPointer(value)) context.warning('integer-from-pointer', value, message);
  else context.error('integer-from-pointer', value, message);
}

/** Nor one from an integer to a pointer, but for the constant 0. */
function integerToPointer(
  context: Context,
  value: Expression,
  target: CType,
  receiver: Receiver,
): void {
  context.error(
    'pointer-from-integer',
    value,
    `${nameOf(receiver)} needs the pointer ${typeName(unqualified(target))}, found the integer ${typeName(unqualified(value.type))}`,
  );
}

/** Reports pointers to different things, and lost `const`. */
function checkPointers(
  context: Context,
  value: Expression,
  from: PointerType,
  to: PointerType,
  receiver: Receiver,
): void {
  const source = from.target;
  const target = to.target;
  const losesConst = source.const === true && target.const !== true;
  const losesVolatile = source.volatile === true && target.volatile !== true;
  const lost = (losesConst || losesVolatile) && target.kind !== 'function';
  if (source.kind === 'void' || target.kind === 'void' || pointeesAgree(source, target)) {
    if (lost && value.kind !== 'integer') {
      context.warning(
        losesConst ? 'const-lost' : 'volatile-lost',
        value,
        `${nameOf(receiver)} needs ${typeName(unqualified(to))}, found ${typeName(unqualified(from))}: what it points at is ${losesConst ? 'const' : 'volatile'}`,
      );
    }
    checkInnerQualifiers(context, value, from, to, receiver);
    return;
  }
  if (value.kind === 'integer' && value.value === 0) return;
  context.warning(
    'incompatible-pointer',
    value,
    `${nameOf(receiver)} needs ${typeName(unqualified(to))}, found ${typeName(unqualified(from))}`,
  );
}

/** `char **` as `const char **`: through the second a `const char *` could get into the first. */
function checkInnerQualifiers(
  context: Context,
  value: Expression,
  from: PointerType,
  to: PointerType,
  receiver: Receiver,
): void {
  const source = from.target.kind === 'pointer' ? from.target.target : undefined;
  const target = to.target.kind === 'pointer' ? to.target.target : undefined;
  if (source === undefined || target === undefined || value.kind === 'integer') return;
  if (source.kind === 'void' || target.kind === 'void' || !isOwnText(value)) return;
  const isSame =
    (source.const ?? false) === (target.const ?? false) &&
    (source.volatile ?? false) === (target.volatile ?? false);
  if (isSame) return;
  context.warning(
    'incompatible-pointer',
    value,
    `${nameOf(receiver)} needs ${typeName(unqualified(to))}, found ${typeName(unqualified(from))}: the pointers behind them differ in const or volatile`,
  );
}

/**
 * Integers of one size behind pointers are let through whatever their sign or name: drivers mix PUCHAR,
 * PCHAR and PBOOLEAN, PULONG and PLONG, and the Microsoft compiler is silent below level 4.
 */
function pointeesAgree(source: CType, target: CType): boolean {
  if (sameType(source, target)) return true;
  if (isInteger(source) && isInteger(target)) return sizeOf(source) === sizeOf(target);
  if (source.kind === 'pointer' && target.kind === 'pointer') {
    // PVOID * takes the address of any pointer, as in ObReferenceObjectByHandle(.., &Event, ..).
    if (source.target.kind === 'void' || target.target.kind === 'void') return true;
    return pointeesAgree(source.target, target.target);
  }
  if (source.kind === 'array' && target.kind === 'array') {
    return source.length === target.length && pointeesAgree(source.element, target.element);
  }
  if (source.kind === 'function' && target.kind === 'function') {
    return (
      (sameType(source.result, target.result) || pointeesAgree(source.result, target.result)) &&
      (source.unprototyped ||
        target.unprototyped ||
        (source.variadic === target.variadic &&
          source.parameters.length === target.parameters.length &&
          source.parameters.every((parameter, index) => {
            const other = target.parameters[index]?.type;
            return (
              other !== undefined &&
              (sameType(parameter.type, other) || pointeesAgree(parameter.type, other))
            );
          })))
    );
  }
  return false;
}
