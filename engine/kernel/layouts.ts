/**
 * Offsets and sizes of the kernel's structures, taken from the checked headers that the kernel's own C
 * includes: one source for drivers, kernel and views.
 */
import type { Int64 } from '../base/int64.ts';
import type { Unit } from '../language/program.ts';
import { type CType, findMember, sizeOf } from '../language/types.ts';

/** A member's place in its structure, in bytes. */
export interface Field {
  readonly offset: number;
  readonly size: number;
  readonly type: CType;
}

/** The part of a memory door that structures need; both `MemoryAccess` and `SystemMemory` are one. */
export interface StructureDoor {
  readUnsigned(address: Int64, size: 1 | 2 | 4, what?: string): number;
  readNumber(address: Int64, what?: string): number;
  write(address: Int64, size: 1 | 2 | 4, value: number): void;
  write64(address: Int64, value: Int64): void;
}

/** Thrown when the kernel asks for a type or member that its headers lack: a mistake in the kernel itself. */
export class LayoutError extends Error {}

export class Layouts {
  private readonly known: Map<string, Field> = new Map();

  constructor(private readonly units: readonly Unit[]) {}

  /** Bytes of a structure by its typedef name (`IRP`). */
  size(type: string): number {
    return sizeOf(this.typeOf(type));
  }

  /** A member by path: `Tail.Overlay.CurrentStackLocation`, `MajorFunction[3]`. */
  field(type: string, path: string): Field {
    const key = `${type}.${path}`;
    let field = this.known.get(key);
    if (field === undefined) {
      field = this.find(type, path);
      this.known.set(key, field);
    }
    return field;
  }

  offset(type: string, path: string): number {
    return this.field(type, path).offset;
  }

  /** Reads an integer or pointer member; 8-byte ones have to be usable as numbers. */
  read(door: StructureDoor, base: number, type: string, path: string, what?: string): number {
    const { offset, size } = this.field(type, path);
    return size === 8
      ? door.readNumber(base + offset, what)
      : door.readUnsigned(base + offset, scalarSize(size, type, path), what);
  }

  /** Writes an integer or pointer member. */
  write(door: StructureDoor, base: number, type: string, path: string, value: Int64): void {
    const { offset, size } = this.field(type, path);
    if (size === 8) door.write64(base + offset, value);
    else door.write(base + offset, scalarSize(size, type, path), Number(value));
  }

  private typeOf(name: string): CType {
    for (const unit of this.units) {
      const type =
        unit.typedefs.get(name)?.type ?? unit.tags.get(name) ?? unit.tags.get(`_${name}`);
      if (type !== undefined) return type;
    }
    throw new LayoutError(`the kernel's headers declare no ${name}`);
  }

  private find(type: string, path: string): Field {
    let current = this.typeOf(type);
    let offset = 0;
    for (const part of path.split(/[.[]/)) {
      if (part.endsWith(']')) {
        if (current.kind !== 'array') throw new LayoutError(`${type}.${path} is not an array`);
        current = current.element;
        offset += Number.parseInt(part, 10) * sizeOf(current);
        continue;
      }
      const member = current.kind === 'record' ? findMember(current.definition, part) : undefined;
      if (member === undefined) throw new LayoutError(`${type} has no member ${path}`);
      offset += member.offset;
      current = member.type;
    }
    return { offset, size: sizeOf(current), type: current };
  }
}

function scalarSize(size: number, type: string, path: string): 1 | 2 | 4 {
  if (size === 1 || size === 2 || size === 4) return size;
  throw new LayoutError(`${type}.${path} is no scalar`);
}
