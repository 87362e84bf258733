/** Makes expression nodes: conversions with folding, places, small questions about nodes. */
import type { Expression } from '../program.ts';
import type { SourceRange } from '../source.ts';
import type { MacroUse } from '../tokens.ts';
import type { CType, FloatingType, IntegerType, Member, PointerType } from '../types.ts';
import { integerTypes, isArithmetic, isInteger, pointerTo, sizeOf } from '../types.ts';
import { constantAddress, isSignedValue, toFloating, toInteger, wrap } from './constants.ts';
import { promoted, sameType, unknownType, unqualified } from './conversions.ts';
import type { Place } from './cursor.ts';
import { spanning } from './cursor.ts';

/** A span with the macro that its start came out of, to be spread into a node. */
export interface Span {
  readonly range: SourceRange;
  readonly macro?: MacroUse;
}

/** From one place to another; of the macro that both came out of. */
export function span(first: Place, last: Place = first): Span {
  const range = spanning(first.range, last.range);
  return first.macro !== undefined && last.macro !== undefined
    ? { range, macro: first.macro }
    : { range };
}

/** Stands for what could not be checked; whatever takes it in says nothing more. */
export const errorNode = (place: Place): Expression => ({
  kind: 'error',
  type: unknownType,
  ...span(place),
});

/** A constant that fits a number; an int unless said otherwise. */
export const integerNode = (
  value: number,
  place: Place,
  type: CType = integerTypes.int,
): Expression => ({ kind: 'integer', value, type, ...span(place) });

/** Whether the node names an object. */
export function isLvalue(expression: Expression): boolean {
  switch (expression.kind) {
    case 'variable':
    case 'string':
    case 'dereference':
    case 'compoundLiteral':
      return true;
    case 'member':
      return isLvalue(expression.object);
    default:
      return false;
  }
}

/** Where a bit-field lies in its unit; undefined for anything else. */
export const bitsOf = (expression: Expression): Member['bits'] =>
  expression.kind === 'member' ? expression.member.bits : undefined;

/** Converts a value; constants are folded, and nothing is added where the type is the same already. */
export function convert(value: Expression, to: CType, implicit = true): Expression {
  if (value.kind === 'error') return value;
  const type = unqualified(to);
  if (
    implicit &&
    sameType(value.type, type) &&
    value.kind !== 'integer' &&
    value.kind !== 'floating'
  )
    return value;
  const place = span(value);
  if (value.kind === 'integer') {
    if (isInteger(type) || type.kind === 'pointer') {
      return { kind: 'integer', value: wrap(value.value, type), type, ...place };
    }
    if (type.kind === 'floating') {
      return { kind: 'floating', value: toFloating(value, type.size), type, ...place };
    }
  }
  if (value.kind === 'floating') {
    if (type.kind === 'floating') {
      const rounded = type.size === 4 ? Math.fround(value.value) : value.value;
      return { kind: 'floating', value: rounded, type, ...place };
    }
    if (isInteger(type)) {
      // Whatever is not zero is true, one half as well.
      const isBool = type.kind === 'integer' && type.integer === 'bool';
      const number = isBool ? Number(value.value !== 0) : value.value;
      return { kind: 'integer', value: toInteger(number, type), type, ...place };
    }
  }
  if (implicit && sameType(value.type, type)) return value;
  return { kind: 'convert', operand: value, implicit, type, ...place };
}

/**
 * The value of an expression as an operand: arrays become pointers to their first element and functions
 * pointers to themselves.
 */
export function decayed(expression: Expression): Expression {
  const { type } = expression;
  if (type.kind === 'array') {
    const pointer = pointerTo(type.element);
    const address = constantAddress(expression);
    const place = span(expression);
    return address === undefined
      ? { kind: 'convert', operand: expression, implicit: true, type: pointer, ...place }
      : { kind: 'integer', value: address, type: pointer, ...place };
  }
  if (type.kind === 'function' && expression.kind !== 'error') {
    if (expression.kind === 'dereference') return expression.operand;
    const pointer = pointerTo(type);
    return {
      kind: 'convert',
      operand: expression,
      implicit: true,
      type: pointer,
      ...span(expression),
    };
  }
  return expression;
}

/** Integer promotion of an arithmetic value. */
export function promote(value: Expression): Expression & { type: IntegerType | FloatingType } {
  const type = isArithmetic(value.type) ? promoted(value.type, bitsOf(value)) : integerTypes.int;
  const converted = convert(value, type);
  return sameType(converted.type, type) && converted.type.kind !== 'enum'
    ? (converted as Expression & { type: IntegerType | FloatingType })
    : { ...converted, type };
}

/** The index of pointer arithmetic: 64 bits, extended by its own signedness. */
export const indexNode = (value: Expression): Expression =>
  convert(
    promote(value),
    isSignedValue(promote(value).type)
      ? integerTypes['long long']
      : integerTypes['unsigned long long'],
  );

/** `pointer + index * scale`, folded where both are constants. */
export function pointerAdd(
  pointer: Expression & { type: PointerType },
  index: Expression,
  sign: 1 | -1,
  place: Place,
): Expression & { type: PointerType } {
  const scale = sign * sizeOf(pointer.type.target);
  const type = unqualified(pointer.type);
  const wide = indexNode(index);
  if (pointer.kind === 'integer' && wide.kind === 'integer') {
    const offset = BigInt(wide.value) * BigInt(scale);
    return {
      kind: 'integer',
      value: wrap(BigInt(pointer.value) + offset, type),
      type,
      ...span(place),
    };
  }
  return { kind: 'pointerAdd', pointer, index: wide, scale, type, ...span(place) };
}

/** The address of an lvalue or a function, without a detour over `*`. */
export function addressOf(operand: Expression, place: Place): Expression {
  const type = pointerTo(operand.type);
  const address = constantAddress(operand);
  if (address !== undefined) return { kind: 'integer', value: address, type, ...span(place) };
  if (operand.kind === 'dereference') {
    return { ...operand.operand, type: unqualified({ ...operand.operand.type }), ...span(place) };
  }
  return { kind: 'addressOf', operand, type, ...span(place) };
}
