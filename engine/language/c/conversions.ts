/** C's rules about types: compatibility, promotions, usual arithmetic conversions. */
import type {
  CType,
  EnumType,
  FloatingType,
  FunctionType,
  IntegerKind,
  IntegerType,
  Qualifiers,
} from '../types.ts';
import { doubleType, floatType, integerTypes } from '../types.ts';

/** The name that stands for a type that could not be found: what it touches is not complained about again. */
const UNKNOWN = '<unknown>';
export const unknownType: IntegerType = { ...integerTypes.int, alias: UNKNOWN };

/** Whether a type was built upon one that could not be found. */
export function isUnknown(type: CType): boolean {
  let inner = type;
  for (;;) {
    if (inner.alias === UNKNOWN) return true;
    if (inner.kind === 'pointer') inner = inner.target;
    else if (inner.kind === 'array') inner = inner.element;
    else if (inner.kind === 'function') inner = inner.result;
    else return false;
  }
}

/** A copy that bears the name of a typedef. */
export const named = (type: CType, alias: string): CType =>
  isUnknown(type) ? type : { ...type, alias };

/** The type without `const` and `volatile` of its own: what a value of it has. */
export function unqualified<T extends CType>(type: T): T {
  if (type.const !== true && type.volatile !== true) return type;
  const copy: T = { ...type };
  delete (copy as { const?: boolean }).const;
  delete (copy as { volatile?: boolean }).volatile;
  return copy;
}

/** The type with qualifiers added; those of an array belong to its elements as well. */
export function qualified(type: CType, qualifiers: Qualifiers): CType {
  if (qualifiers.const !== true && qualifiers.volatile !== true) return type;
  const added = {
    ...(qualifiers.const === true ? { const: true } : {}),
    ...(qualifiers.volatile === true ? { volatile: true } : {}),
  };
  if (type.kind === 'array') {
    return { ...type, ...added, element: qualified(type.element, qualifiers) };
  }
  return { ...type, ...added };
}

/** wchar_t is no type of its own in C, but the name of unsigned short. */
const canonical = (kind: IntegerKind): IntegerKind =>
  kind === 'wchar_t' ? 'unsigned short' : kind;

/** Compatible types, whatever their own qualifiers and typedef names. */
export function sameType(left: CType, right: CType): boolean {
  if (left === right) return true;
  switch (left.kind) {
    case 'void':
      return right.kind === 'void';
    case 'integer':
      return (
        (right.kind === 'integer' && canonical(left.integer) === canonical(right.integer)) ||
        (right.kind === 'enum' && left.integer === 'int')
      );
    case 'enum':
      return right.kind === 'enum' || (right.kind === 'integer' && right.integer === 'int');
    case 'floating':
      return right.kind === 'floating' && left.size === right.size;
    case 'record':
      return right.kind === 'record' && left.definition === right.definition;
    case 'pointer':
      return right.kind === 'pointer' && sameQualified(left.target, right.target);
    case 'array':
      return (
        right.kind === 'array' &&
        (left.length === undefined || right.length === undefined || left.length === right.length) &&
        sameQualified(left.element, right.element)
      );
    case 'function':
      return right.kind === 'function' && sameFunction(left, right);
  }
}

/** Compatible, with the same qualifiers. */
export function sameQualified(left: CType, right: CType): boolean {
  return (
    (left.const ?? false) === (right.const ?? false) &&
    (left.volatile ?? false) === (right.volatile ?? false) &&
    sameType(left, right)
  );
}

/** Parameters are compared without their own qualifiers; a list that was not given fits any. */
function sameFunction(left: FunctionType, right: FunctionType): boolean {
  if (!sameType(left.result, right.result)) return false;
  if (left.unprototyped || right.unprototyped) return true;
  return (
    left.variadic === right.variadic &&
    left.parameters.length === right.parameters.length &&
    left.parameters.every((parameter, index) => {
      const other = right.parameters[index];
      return other !== undefined && sameType(parameter.type, other.type);
    })
  );
}

/** Integer promotion; for a bit-field by its width. */
export function promoted(
  type: IntegerType | EnumType | FloatingType,
  bits?: { readonly width: number },
): IntegerType | FloatingType {
  if (type.kind === 'floating') return unqualified(type);
  if (type.kind === 'enum') return integerTypes.int;
  if (type.size < 4) return integerTypes.int;
  if (bits !== undefined && (bits.width < 32 || (bits.width === 32 && type.signed))) {
    return integerTypes.int;
  }
  return unqualified(type);
}

/** The integer conversion rank, from int upwards; promoted types only. */
const rankOf = (type: IntegerType): number => {
  switch (type.integer) {
    case 'long':
    case 'unsigned long':
      return 2;
    case 'long long':
    case 'unsigned long long':
      return 3;
    default:
      return 1;
  }
};

/** Usual arithmetic conversions of two promoted types. An alias survives where the type itself does. */
export function commonType(
  left: IntegerType | FloatingType,
  right: IntegerType | FloatingType,
): IntegerType | FloatingType {
  if (left.kind === 'floating' || right.kind === 'floating') {
    const isDouble =
      (left.kind === 'floating' && left.size === 8) ||
      (right.kind === 'floating' && right.size === 8);
    return isDouble ? doubleType : floatType;
  }
  const leftRank = rankOf(left);
  const rightRank = rankOf(right);
  if (left.signed === right.signed) return leftRank >= rightRank ? left : right;
  const [unsigned, signed] = left.signed ? [right, left] : [left, right];
  if (rankOf(unsigned) >= rankOf(signed)) return unsigned;
  // The signed type wins only when it is wider; `long` and `unsigned int` have the same size here.
  if (signed.size > unsigned.size) return signed;
  return signed.integer === 'long' ? integerTypes['unsigned long'] : unsigned;
}

/** Whether objects of the type can exist. */
export function isComplete(type: CType): boolean {
  switch (type.kind) {
    case 'void':
    case 'function':
      return false;
    case 'array':
      return type.length !== undefined && isComplete(type.element);
    case 'record':
      return type.definition.members !== undefined;
    default:
      return true;
  }
}
