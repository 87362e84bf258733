/** How the debugger shows C values: by type, in the forms that driver developers know from WinDbg. */
import { virtual } from '../../base/addresses.ts';
import { hex, type Int64, low32, unsigned64 } from '../../base/int64.ts';
import { type CType, findMember, type RecordType, sizeOf } from '../../language/types.ts';
import {
  asAddress,
  type DebugStorage,
  EvaluationError,
  loadScalar,
  readableBytes,
  type TypedValue,
} from './typed-value.ts';

const PREVIEW_LENGTH = 80;
const STRING_LIMIT = 256;

export const NEVER_WRITTEN = '<never written>';

/** One line for a value. Never throws: what cannot be read says so. */
export function formatValue(typed: TypedValue, storage: DebugStorage): string {
  try {
    return format(typed, storage, 0);
  } catch (error) {
    if (error instanceof EvaluationError) return `<${error.message}>`;
    throw error;
  }
}

function format(typed: TypedValue, storage: DebugStorage, depth: number): string {
  const { type } = typed;
  switch (type.kind) {
    case 'void':
      return '';
    case 'function':
      return typed.location.kind === 'memory'
        ? (storage.codeName(typed.location.address) ?? hex(typed.location.address, 16))
        : '';
    case 'record':
      return formatRecord(type, typed, storage, depth);
    case 'array':
      return formatArray(type, typed, storage, depth);
    default: {
      const { value, neverWritten } = loadScalar(typed, storage);
      return neverWritten ? NEVER_WRITTEN : formatScalar(type, value, storage, depth);
    }
  }
}

/** A scalar of a type: `TRUE`, `0xC0000017 STATUS_NO_MEMORY`, `65 'A'`, `MmCached (1)`, `4096 (0x1000)`. */
export function formatScalar(type: CType, value: Int64, storage: DebugStorage, depth = 0): string {
  switch (type.kind) {
    case 'floating':
      return Number.isInteger(value) ? `${value}.0` : `${value}`;
    case 'pointer':
      return formatPointer(type.target, value, storage, depth);
    case 'enum': {
      const name = type.definition.enumerators?.find((e) => e.value === value)?.name;
      return name === undefined ? `${value}` : `${name} (${value})`;
    }
    case 'integer': {
      if (type.alias === 'NTSTATUS') {
        const name = storage.statusName(low32(value));
        return name === undefined ? hex(low32(value), 8) : `${hex(low32(value), 8)} ${name}`;
      }
      if (type.integer === 'bool') return value === 0 ? 'false' : 'true';
      if (type.alias === 'BOOLEAN' || type.alias === 'BOOL') {
        if (value === 0) return 'FALSE';
        if (value === 1) return 'TRUE';
      }
      if (type.integer === 'char' || type.alias === 'CHAR' || type.alias === 'WCHAR') {
        const code = low32(value) & (type.size === 1 ? 0xff : 0xffff);
        return code >= 0x20 && code < 0x7f ? `${value} '${String.fromCharCode(code)}'` : `${value}`;
      }
      if (type.signed) return `${value}`;
      const plain = unsigned64(value);
      return plain > 9n ? `${plain} (0x${plain.toString(16).toUpperCase()})` : `${plain}`;
    }
    default:
      return '';
  }
}

function formatPointer(target: CType, value: Int64, storage: DebugStorage, depth: number): string {
  if (value === 0) return 'NULL';
  const text = hex(value, 16);
  if (target.kind === 'function') {
    const name = storage.codeName(value);
    return name === undefined ? text : `${text} ${name}`;
  }
  if (isCharacter(target)) {
    try {
      const preview = stringAt(Number(asAddress(value)), target, STRING_LIMIT, storage);
      return preview === undefined ? text : `${text} ${preview}`;
    } catch (error) {
      if (error instanceof EvaluationError) return text;
      throw error;
    }
  }
  // One look at what is behind, for pointers that are shown by themselves.
  if (depth > 0 || target.kind !== 'record' || sizeOf(target) === 0) return text;
  const location = { kind: 'memory', address: virtual(Number(value)) } as const;
  return `${text} ${formatBehind({ type: target, location }, storage)}`;
}

function formatBehind(typed: TypedValue, storage: DebugStorage): string {
  try {
    return format(typed, storage, 1);
  } catch (error) {
    if (error instanceof EvaluationError) return `<${error.message}>`;
    throw error;
  }
}

/** Whether text in an array of this type is worth showing as a string. */
export function isCharacter(type: CType): boolean {
  return (
    type.kind === 'integer' &&
    (type.integer === 'char' || type.integer === 'wchar_t' || type.alias === 'WCHAR')
  );
}

/** A quoted, escaped string up to its terminator; undefined when it is not readable text. */
function stringAt(
  address: number,
  element: CType,
  limit: number,
  storage: DebugStorage,
): string | undefined {
  const size = sizeOf(element);
  const bytes = readableBytes(virtual(address), limit * size, storage);
  const characters: string[] = [];
  for (let index = 0; index + size <= bytes.length; index += size) {
    const code = (bytes[index] ?? 0) | (size === 2 ? (bytes[index + 1] ?? 0) << 8 : 0);
    if (code === 0) return quote(characters.join(''), size === 2, false);
    if (code < 0x20 && code !== 9 && code !== 10 && code !== 13) return undefined;
    characters.push(String.fromCharCode(code));
  }
  return characters.length === 0 ? undefined : quote(characters.join(''), size === 2, true);
}

function quote(text: string, wide: boolean, cut: boolean): string {
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t');
  return `${wide ? 'L' : ''}"${escaped}${cut ? '...' : ''}"`;
}

function formatArray(
  type: Extract<CType, { kind: 'array' }>,
  typed: TypedValue,
  storage: DebugStorage,
  depth: number,
): string {
  if (typed.location.kind !== 'memory') return '';
  const { address } = typed.location;
  const length = type.length ?? 0;
  if (isCharacter(type.element) && length > 0) {
    if (storage.peek.isWritten(address, sizeOf(type.element)) === false) return NEVER_WRITTEN;
    const text = stringAt(address, type.element, Math.min(length, STRING_LIMIT), storage);
    if (text !== undefined) return text;
  }
  if (depth > 0) return `[${length}]`;
  const size = sizeOf(type.element);
  const parts: string[] = [];
  let used = 0;
  for (let index = 0; index < length && used < PREVIEW_LENGTH; index++) {
    const part = format(
      {
        type: type.element,
        location: { kind: 'memory', address: virtual(address + index * size) },
      },
      storage,
      depth + 1,
    );
    parts.push(part);
    used += part.length + 2;
  }
  const more = parts.length < length ? ', ...' : '';
  return `[${length}] {${parts.join(', ')}${more}}`;
}

function formatRecord(
  type: RecordType,
  typed: TypedValue,
  storage: DebugStorage,
  depth: number,
): string {
  if (typed.location.kind === 'value') {
    // Records that travel in a register: LARGE_INTEGER and its like.
    return hex(typed.location.value);
  }
  const known = formatKnownRecord(type, typed, storage);
  if (known !== undefined) return known;
  if (depth > 1) return '{...}';
  const members = type.definition.members ?? [];
  const { address } = typed.location;
  const parts: string[] = [];
  let used = 0;
  for (const member of members) {
    if (used >= PREVIEW_LENGTH || type.definition.kind === 'union') break;
    if (member.name === undefined) continue;
    const place = virtual(address + member.offset);
    const part = `${member.name}=${format(
      {
        type: member.type,
        location:
          member.bits === undefined
            ? { kind: 'memory', address: place }
            : { kind: 'memory', address: place, bits: member.bits },
      },
      storage,
      depth + 1,
    )}`;
    parts.push(part);
    used += part.length + 2;
  }
  return parts.length === 0
    ? '{...}'
    : `{${parts.join(', ')}${parts.length < members.length ? ', ...' : ''}}`;
}

/** Types whose meaning is shorter than their members: strings, addresses, identifiers. */
function formatKnownRecord(
  type: RecordType,
  typed: TypedValue,
  storage: DebugStorage,
): string | undefined {
  const name = type.alias ?? type.definition.tag ?? '';
  const read = (member: string): Int64 | undefined => {
    const found = findMember(type.definition, member);
    if (found === undefined || typed.location.kind !== 'memory') return undefined;
    const scalar = loadScalar(
      {
        type: found.type,
        location: { kind: 'memory', address: virtual(typed.location.address + found.offset) },
      },
      storage,
    );
    return scalar.neverWritten ? undefined : scalar.value;
  };
  switch (name.replace(/^_/, '')) {
    case 'UNICODE_STRING':
    case 'ANSI_STRING':
    case 'STRING': {
      const length = read('Length');
      const buffer = read('Buffer');
      if (typeof length !== 'number' || typeof buffer !== 'number') return NEVER_WRITTEN;
      if (buffer === 0) return 'NULL';
      const wide = name.endsWith('UNICODE_STRING');
      const bytes = readableBytes(asAddress(buffer), Math.min(length, STRING_LIMIT * 2), storage);
      let text = '';
      for (let index = 0; index + (wide ? 2 : 1) <= bytes.length; index += wide ? 2 : 1) {
        text += String.fromCharCode(
          (bytes[index] ?? 0) | (wide ? (bytes[index + 1] ?? 0) << 8 : 0),
        );
      }
      return quote(text, wide, bytes.length < length);
    }
    case 'LARGE_INTEGER':
    case 'ULARGE_INTEGER':
    case 'PHYSICAL_ADDRESS': {
      const quad = read('QuadPart');
      return quad === undefined ? NEVER_WRITTEN : hex(quad);
    }
    case 'LIST_ENTRY': {
      const next = read('Flink');
      if (next === undefined) return NEVER_WRITTEN;
      return typed.location.kind === 'memory' && next === typed.location.address
        ? '{empty}'
        : `{Flink=${hex(next, 16)}}`;
    }
    default:
      return undefined;
  }
}
