/** Which machine type a C type has, and how records travel. */
import { type CType, sizeOf } from '../../language/types.ts';
import type { Scalar } from '../ir.ts';

const integerScalar = {
  1: ['i8', 'u8'],
  2: ['i16', 'u16'],
  4: ['i32', 'u32'],
  8: ['i64', 'u64'],
} as const;

/** The machine type of a scalar C type; arrays and functions count as addresses. */
export function scalarOf(type: CType): Scalar {
  switch (type.kind) {
    case 'integer':
      return integerScalar[type.size][type.signed ? 0 : 1];
    case 'floating':
      return type.size === 4 ? 'f32' : 'f64';
    case 'enum':
      return 'i32';
    case 'pointer':
    case 'array':
    case 'function':
      return 'u64';
    case 'record':
    case 'void':
      break;
  }
  return 'i64';
}

/** `_Bool` has conversion rules of its own: everything but zero becomes 1. */
export const isBool = (type: CType): boolean => type.kind === 'integer' && type.integer === 'bool';

/** Whether a record is passed and returned in a register (x64 calling convention). */
export function fitsRegister(type: CType): boolean {
  const size = sizeOf(type);
  return size === 1 || size === 2 || size === 4 || size === 8;
}

/** Whether a bit-field lies in an object of a type. */
export function hasBitFields(type: CType): boolean {
  if (type.kind === 'array') return hasBitFields(type.element);
  if (type.kind !== 'record') return false;
  const members = type.definition.members ?? [];
  return members.some((member) => member.bits !== undefined || hasBitFields(member.type));
}
