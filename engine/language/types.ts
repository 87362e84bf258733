/**
 * C types of the x64 Windows ABI (LLP64) as the checker builds them, with their layout.
 * Types are immutable but for records and enumerations, which are completed once.
 */
import type { Int64 } from '../base/int64.ts';
import type { SourceRange } from './source.ts';

export type IntegerKind =
  | 'bool'
  | 'char' // signed, distinct from signed char
  | 'signed char'
  | 'unsigned char'
  | 'short'
  | 'unsigned short'
  | 'int'
  | 'unsigned int'
  | 'long' // 4 bytes
  | 'unsigned long'
  | 'long long' // __int64
  | 'unsigned long long'
  | 'wchar_t'; // unsigned 2 bytes

export interface Qualifiers {
  readonly const?: boolean;
  readonly volatile?: boolean;
}

interface Common extends Qualifiers {
  /** The typedef name that the source used (`PVOID`, `NTSTATUS`): what users see. Not part of type identity. */
  readonly alias?: string;
}

export interface VoidType extends Common {
  readonly kind: 'void';
}

export interface IntegerType extends Common {
  readonly kind: 'integer';
  readonly integer: IntegerKind;
  readonly size: 1 | 2 | 4 | 8;
  readonly signed: boolean;
}

export interface FloatingType extends Common {
  readonly kind: 'floating';
  readonly size: 4 | 8;
}

export interface PointerType extends Common {
  readonly kind: 'pointer';
  readonly target: CType;
}

export interface ArrayType extends Common {
  readonly kind: 'array';
  readonly element: CType;
  /** Undefined: incomplete (`[]`), or a flexible array at the end of a record. */
  readonly length: number | undefined;
}

export interface Parameter {
  readonly name: string | undefined;
  readonly type: CType;
  readonly range: SourceRange | undefined;
}

export interface FunctionType extends Common {
  readonly kind: 'function';
  readonly result: CType;
  readonly parameters: readonly Parameter[];
  readonly variadic: boolean;
  /** Declared with `()`: any arguments. */
  readonly unprototyped: boolean;
}

export interface Member {
  /** Undefined for a nameless structure or union member, whose members are found through it. */
  readonly name: string | undefined;
  readonly type: CType;
  /** Bytes from the start of the record. */
  readonly offset: number;
  /** For a bit-field: its lowest bit within the unit at `offset` (whose size is the type's), and its width. */
  readonly bits?: { readonly first: number; readonly width: number };
  readonly range: SourceRange | undefined;
  readonly documentation?: string;
}

/** One object for each definition; identity is by object. */
export interface RecordDefinition {
  readonly kind: 'struct' | 'union';
  readonly tag: string | undefined;
  /** Undefined until completed. */
  members: readonly Member[] | undefined;
  size: number;
  alignment: number;
  /** What `__declspec(align(n))` asks for: packing does not lower it. */
  requiredAlignment?: number;
  range: SourceRange | undefined;
  documentation?: string;
}

export interface RecordType extends Common {
  readonly kind: 'record';
  readonly definition: RecordDefinition;
}

export interface Enumerator {
  readonly name: string;
  readonly value: number;
  readonly range: SourceRange;
}

export interface EnumDefinition {
  readonly tag: string | undefined;
  enumerators: readonly Enumerator[] | undefined;
  range: SourceRange | undefined;
  documentation?: string;
}

/** Always an `int` underneath, as MSVC has it. */
export interface EnumType extends Common {
  readonly kind: 'enum';
  readonly definition: EnumDefinition;
}

export type CType =
  | VoidType
  | IntegerType
  | FloatingType
  | PointerType
  | ArrayType
  | FunctionType
  | RecordType
  | EnumType;

export type { Int64 };

const integer = (kind: IntegerKind, size: 1 | 2 | 4 | 8, signed: boolean): IntegerType => ({
  kind: 'integer',
  integer: kind,
  size,
  signed,
});

export const integerTypes = {
  bool: integer('bool', 1, false),
  char: integer('char', 1, true),
  'signed char': integer('signed char', 1, true),
  'unsigned char': integer('unsigned char', 1, false),
  short: integer('short', 2, true),
  'unsigned short': integer('unsigned short', 2, false),
  int: integer('int', 4, true),
  'unsigned int': integer('unsigned int', 4, false),
  long: integer('long', 4, true),
  'unsigned long': integer('unsigned long', 4, false),
  'long long': integer('long long', 8, true),
  'unsigned long long': integer('unsigned long long', 8, false),
  wchar_t: integer('wchar_t', 2, false),
} as const satisfies Record<IntegerKind, IntegerType>;

export const voidType: VoidType = { kind: 'void' };
export const doubleType: FloatingType = { kind: 'floating', size: 8 };
export const floatType: FloatingType = { kind: 'floating', size: 4 };
export const pointerTo = (target: CType): PointerType => ({ kind: 'pointer', target });

/** Size in bytes; 0 for an incomplete type, a function or void. */
export function sizeOf(type: CType): number {
  switch (type.kind) {
    case 'integer':
    case 'floating':
      return type.size;
    case 'enum':
      return 4;
    case 'pointer':
      return 8;
    case 'array':
      return (type.length ?? 0) * sizeOf(type.element);
    case 'record':
      return type.definition.size;
    case 'void':
    case 'function':
      return 0;
  }
}

/** Natural alignment in bytes. */
export function alignmentOf(type: CType): number {
  switch (type.kind) {
    case 'integer':
    case 'floating':
      return type.size;
    case 'enum':
      return 4;
    case 'pointer':
      return 8;
    case 'array':
      return alignmentOf(type.element);
    case 'record':
      return type.definition.alignment;
    case 'void':
    case 'function':
      return 1;
  }
}

export const isInteger = (type: CType): type is IntegerType | EnumType =>
  type.kind === 'integer' || type.kind === 'enum';
export const isArithmetic = (type: CType): type is IntegerType | EnumType | FloatingType =>
  isInteger(type) || type.kind === 'floating';
export const isScalar = (type: CType): boolean => isArithmetic(type) || type.kind === 'pointer';
/** Signedness of an integer or enumeration type. */
export const isSigned = (type: IntegerType | EnumType): boolean =>
  type.kind === 'enum' ? true : type.signed;

/**
 * Finds a member by name, looking through nameless members; answers the path's last member with its
 * offset from the start of `definition`.
 */
export function findMember(definition: RecordDefinition, name: string): Member | undefined {
  for (const member of definition.members ?? []) {
    if (member.name === name) return member;
    if (member.name === undefined && member.type.kind === 'record') {
      const inner = findMember(member.type.definition, name);
      if (inner !== undefined) return { ...inner, offset: member.offset + inner.offset };
    }
  }
  return undefined;
}

/** How a C programmer writes the type: `PVOID`, `struct _MDL *`, `char [16]`, `void (*)(PVOID)`. */
export function typeName(type: CType): string {
  return spell(type, '');
}

/** A declaration of `name` with this type. */
export function declarationOf(type: CType, name: string): string {
  return spell(type, name);
}

function spell(type: CType, inner: string): string {
  const qualifiers = `${type.const ? 'const ' : ''}${type.volatile ? 'volatile ' : ''}`;
  const separated = (base: string): string =>
    `${qualifiers}${base}${inner === '' || inner.startsWith('[') ? inner : ` ${inner}`}`;
  if (type.alias !== undefined) return separated(type.alias);
  switch (type.kind) {
    case 'void':
      return separated('void');
    case 'integer':
      return separated(type.integer === 'bool' ? '_Bool' : type.integer);
    case 'floating':
      return separated(type.size === 4 ? 'float' : 'double');
    case 'record':
      return separated(`${type.definition.kind} ${type.definition.tag ?? '<unnamed>'}`);
    case 'enum':
      return separated(`enum ${type.definition.tag ?? '<unnamed>'}`);
    case 'pointer': {
      const star = `*${type.const ? 'const ' : ''}${type.volatile ? 'volatile ' : ''}${inner}`;
      const needsParentheses =
        type.target.alias === undefined &&
        (type.target.kind === 'array' || type.target.kind === 'function');
      return spell(type.target, needsParentheses ? `(${star})` : star);
    }
    case 'array':
      return spell(type.element, `${inner}[${type.length ?? ''}]`);
    case 'function': {
      const parameters = type.parameters.map((p) => spell(p.type, p.name ?? ''));
      if (type.variadic) parameters.push('...');
      const list = parameters.length > 0 ? parameters.join(', ') : type.unprototyped ? '' : 'void';
      return spell(type.result, `${inner}(${list})`);
    }
  }
}
