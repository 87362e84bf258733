/**
 * Values as text, by their C type, in the way that WinDbg and VS Code users know: pointers in full, unsigned
 * numbers in hexadecimal, names for enumerators and NTSTATUS values, short previews of what is behind.
 */
import { hex, type Int64, truncate } from '../../base/int64.ts';
import type { Unit } from '../../language/program.ts';
import {
  type CType,
  findMember,
  isInteger,
  type RecordType,
  sizeOf,
} from '../../language/types.ts';
import { Fault } from '../access.ts';
import type { Bits } from '../ir.ts';
import { scalarOf } from '../lowering/scalars.ts';
import { loader } from '../values.ts';
import type { VirtualMachine } from '../virtual-machine.ts';

/** A typed value: storage at an address, or a value without storage. */
export interface Place {
  readonly type: CType;
  readonly host: number;
  readonly process: number;
  readonly address: number | undefined;
  readonly bits: Bits | undefined;
  /** What a value without storage is. */
  readonly value: Int64 | undefined;
}

export interface Shown {
  readonly text: string;
  readonly undefinedBytes: boolean;
}

export const NEVER_WRITTEN = '<never written>';

const STRING_LIMIT = 80;
const PREVIEW_MEMBERS = 4;
const PREVIEW_ELEMENTS = 8;

type Scalar = { readonly value: Int64; readonly unwritten: boolean } | undefined;

export class Formatter {
  private readonly statusNames = new Map<Unit, ReadonlyMap<number, string>>();

  constructor(private readonly machine: VirtualMachine) {}

  /** The text of a value; `units` know the names of NTSTATUS values. */
  show(place: Place, units: readonly Unit[], depth = 1): Shown {
    const { type } = place;
    switch (type.kind) {
      case 'record':
        return this.showRecord({ ...place, type }, units, depth);
      case 'array':
        return this.showArray(place, type.element, type.length ?? 0, units, depth);
      case 'void':
        return { text: 'void', undefinedBytes: false };
      case 'function':
        return { text: this.codeName(place.host, place.address ?? 0), undefinedBytes: false };
      default: {
        const scalar = this.read(place);
        if (scalar === undefined) return { text: unreadable(place), undefinedBytes: false };
        if (scalar.unwritten) return { text: NEVER_WRITTEN, undefinedBytes: true };
        return {
          text: this.scalarText(type, scalar.value, place, units, depth),
          undefinedBytes: false,
        };
      }
    }
  }

  /** The number behind a scalar; undefined where it cannot be read. */
  read(place: Place): Scalar {
    const { address, type, bits } = place;
    if (address === undefined) {
      return place.value === undefined ? undefined : { value: place.value, unwritten: false };
    }
    const door = this.machine.peekDoor(place.host, place.process);
    door.taint = 0;
    try {
      const value = loader(scalarOf(type), bits)(door, address);
      return { value, unwritten: door.taint !== 0 };
    } catch (error) {
      if (error instanceof Fault) return undefined;
      throw error;
    } finally {
      door.taint = 0;
    }
  }

  private scalarText(
    type: CType,
    value: Int64,
    place: Place,
    units: readonly Unit[],
    depth: number,
  ): string {
    switch (type.kind) {
      case 'floating':
        return String(Number(value));
      case 'enum': {
        const name = type.definition.enumerators?.find((one) => one.value === value)?.name;
        return name ?? String(value);
      }
      case 'pointer':
        return this.pointerText(type.target, value, place, units, depth);
      case 'integer':
        return this.integerText(type, value, units);
      default:
        return String(value);
    }
  }

  private integerText(
    type: Extract<CType, { kind: 'integer' }>,
    value: Int64,
    units: readonly Unit[],
  ): string {
    if (type.integer === 'bool') return value === 0 ? 'false' : 'true';
    if (type.alias === 'BOOLEAN' || type.alias === 'BOOL') {
      if (value === 0) return 'FALSE';
      if (value === 1) return 'TRUE';
    }
    if (type.alias === 'NTSTATUS') {
      const code = Number(truncate(value, 4, false));
      const name = this.statusName(code, units);
      return name === undefined ? hex(code, 8) : `${name} (${hex(code, 8)})`;
    }
    if (type.integer === 'char') return `${value} ${quoted(Number(value) & 0xff)}`;
    if (type.integer === 'wchar_t') return `${value} L${quoted(Number(value))}`;
    if (type.signed || (value >= 0 && value < 10)) return String(value);
    return hex(value);
  }

  private pointerText(
    target: CType,
    value: Int64,
    place: Place,
    units: readonly Unit[],
    depth: number,
  ): string {
    if (value === 0) return 'NULL';
    const text = hex(value, 16);
    if (typeof value !== 'number') return text;
    if (target.kind === 'function') return `${text} {${this.codeName(place.host, value)}}`;
    const unit = characterSize(target);
    if (unit !== 0) {
      const content = this.readText(place, value, unit, STRING_LIMIT);
      return content === undefined ? text : `${text} ${content}`;
    }
    if (depth <= 0 || target.kind === 'void' || sizeOf(target) === 0) return text;
    if (target.kind !== 'record') return text;
    const behind = this.show(behindPointer(place, target, value), units, 0);
    return behind.text.startsWith('<cannot') ? `${text} ${behind.text}` : `${text} ${behind.text}`;
  }

  private showRecord(
    place: Place & { readonly type: RecordType },
    units: readonly Unit[],
    depth: number,
  ): Shown {
    const { definition } = place.type;
    const { address } = place;
    if (address === undefined) return { text: '{...}', undefinedBytes: false };
    const undefinedBytes = this.hasUnwritten(place, sizeOf(place.type));
    const door = this.machine.peekDoor(place.host, place.process);
    try {
      door.probe(address, Math.max(definition.size, 1), 'read');
    } catch (error) {
      if (error instanceof Fault) return { text: unreadable(place), undefinedBytes: false };
      throw error;
    }
    const member = (name: string): Place | undefined => {
      const found = findMember(definition, name);
      return (
        found && {
          ...place,
          type: found.type,
          address: address + found.offset,
          bits: found.bits,
        }
      );
    };
    const quad = member('QuadPart');
    if (quad !== undefined && definition.size === 8) {
      return this.show(
        {
          ...quad,
          type: { kind: 'integer', integer: 'unsigned long long', size: 8, signed: false },
        },
        units,
        0,
      );
    }
    const counted = this.countedString(member('Length'), member('Buffer'));
    if (counted !== undefined && member('MaximumLength') !== undefined) {
      return { text: counted, undefinedBytes };
    }
    if (depth < 0) return { text: '{...}', undefinedBytes };
    const parts: string[] = [];
    for (const one of definition.members ?? []) {
      if (one.name === undefined) continue;
      if (parts.length === PREVIEW_MEMBERS) {
        parts.push('...');
        break;
      }
      const shown = this.show(
        { ...place, type: one.type, address: address + one.offset, bits: one.bits },
        units,
        depth - 1,
      );
      parts.push(`${one.name}=${shown.text}`);
    }
    return { text: `{${parts.join(', ')}}`, undefinedBytes };
  }

  private countedString(length: Place | undefined, buffer: Place | undefined): string | undefined {
    if (length === undefined || buffer?.type.kind !== 'pointer') return undefined;
    const unit = characterSize(buffer.type.target);
    const bytes = this.read(length);
    const start = this.read(buffer);
    if (unit === 0 || bytes === undefined || start === undefined) return undefined;
    if (bytes.unwritten || start.unwritten) return NEVER_WRITTEN;
    const count = Number(bytes.value) / unit;
    if (start.value === 0 || typeof start.value !== 'number') return count === 0 ? '""' : undefined;
    return this.readText(buffer, start.value, unit, Math.min(count, STRING_LIMIT), count);
  }

  private showArray(
    place: Place,
    element: CType,
    length: number,
    units: readonly Unit[],
    depth: number,
  ): Shown {
    const { address } = place;
    if (address === undefined) return { text: '{...}', undefinedBytes: false };
    const undefinedBytes = this.hasUnwritten(place, sizeOf(place.type));
    const unit = isText(element) ? characterSize(element) : 0;
    if (unit !== 0) {
      const text = this.readText(place, address, unit, Math.min(length, STRING_LIMIT));
      if (text !== undefined) return { text, undefinedBytes };
    }
    if (depth < 0) return { text: '{...}', undefinedBytes };
    const parts: string[] = [];
    const size = sizeOf(element);
    for (let index = 0; index < Math.min(length, PREVIEW_ELEMENTS); index++) {
      const shown = this.show(
        { ...place, type: element, address: address + index * size, bits: undefined },
        units,
        depth - 1,
      );
      if (shown.text.startsWith('<cannot')) return { text: shown.text, undefinedBytes };
      parts.push(shown.text);
    }
    if (length > PREVIEW_ELEMENTS) parts.push('...');
    return { text: `{${parts.join(', ')}}`, undefinedBytes };
  }

  private hasUnwritten(place: Place, size: number): boolean {
    if (place.address === undefined || size === 0) return false;
    const door = this.machine.peekDoor(place.host, place.process);
    try {
      return door.firstUnwritten(place.address, size) !== undefined;
    } catch (error) {
      if (error instanceof Fault) return false;
      throw error;
    }
  }

  /** A quoted string up to its terminator (or of `exact` characters), or undefined where unreadable. */
  private readText(
    place: Place,
    address: number,
    unit: 1 | 2,
    limit: number,
    exact?: number,
  ): string | undefined {
    const door = this.machine.peekDoor(place.host, place.process);
    let text = '';
    let ended = false;
    door.taint = 0;
    try {
      for (let index = 0; index < limit && !ended; index++) {
        const at = address + index * unit;
        const code = unit === 1 ? door.readU8(at) : door.readU16(at);
        if (door.taint !== 0) return text === '' ? NEVER_WRITTEN : `"${text}" ${NEVER_WRITTEN}`;
        if (code === 0 && exact === undefined) ended = true;
        else text += escaped(code);
      }
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      if (text === '') return undefined;
    } finally {
      door.taint = 0;
    }
    const more = !ended && limit === STRING_LIMIT && (exact ?? limit) >= limit ? '...' : '';
    return `${unit === 2 ? 'L' : ''}"${text}"${more}`;
  }

  private codeName(host: number, address: number): string {
    const routine = this.machine.routineAt(host, address);
    return routine === undefined ? 'no code' : `${routine.module}!${routine.name}`;
  }

  private statusName(code: number, units: readonly Unit[]): string | undefined {
    for (const unit of units) {
      let names = this.statusNames.get(unit);
      if (names === undefined) {
        names = statusNamesOf(unit);
        this.statusNames.set(unit, names);
      }
      const name = names.get(code);
      if (name !== undefined) return name;
    }
    return undefined;
  }
}

/** The object that a pointer's value points at. */
export function behindPointer(place: Place, target: CType, value: number): Place {
  return { ...place, type: target, address: value, bits: undefined, value: undefined };
}

/** Bytes of a character for types that hold text, else 0. */
function characterSize(type: CType): 0 | 1 | 2 {
  if (!isInteger(type) || type.kind !== 'integer') return 0;
  if (type.integer === 'wchar_t') return 2;
  if (type.integer === 'char') return 1;
  return 0;
}

const isText = (type: CType): boolean => characterSize(type) !== 0;

const unreadable = (place: Place): string => `<cannot read ${hex(place.address ?? 0, 16)}>`;

const quoted = (code: number): string => `'${code === 39 ? "\\'" : escaped(code)}'`;

function escaped(code: number): string {
  switch (code) {
    case 0:
      return '\\0';
    case 9:
      return '\\t';
    case 10:
      return '\\n';
    case 13:
      return '\\r';
    case 34:
      return '\\"';
    case 92:
      return '\\\\';
    default:
      return code < 32 || (code >= 127 && code < 160)
        ? `\\x${code.toString(16).padStart(2, '0')}`
        : String.fromCharCode(code);
  }
}

function statusNamesOf(unit: Unit): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const [name, { replacement }] of unit.macros) {
    if (!name.startsWith('STATUS_')) continue;
    const match = /^\(?\(NTSTATUS\)\s*(0x[0-9a-f]+)L?\)?$/i.exec(replacement.trim());
    const code = match === null ? undefined : Number(match[1]);
    if (code !== undefined && !names.has(code)) names.set(code, name);
  }
  return names;
}
