/**
 * Pointers to locals whose function has returned. C makes such a pointer indeterminate, as if it had never been written:
 * so its bytes are marked, with what they hold kept, and a use of it is told from other never-written bytes by its value.
 */
import { type Int64, int64 } from '../base/int64.ts';
import type { Store, Table } from '../base/store.ts';
import { sizeOf } from '../language/types.ts';
import { Fault } from './access.ts';
import type { Door } from './door.ts';
import type { Frame } from './frames.ts';
import { keyOf } from './guards.ts';
import { describeObject } from './origins.ts';

const POINTER = 8;

/** The locals of one host's ended functions that something still points to. */
export class Danglings {
  /** By the first address of the local. */
  private readonly locals: Table<number, { readonly end: number; readonly text: string }>;
  /** Addresses outside of a frame that a pointer into it was stored to, by frame pointer. */
  private readonly places: Table<number, readonly number[]>;

  constructor(
    private readonly store: Store,
    host: number,
  ) {
    this.locals = store.table(`danglingLocals.${host}`);
    this.places = store.table(`leakedPointers.${host}`);
  }

  /** A pointer to a local of the running function was stored. */
  stored(process: number, frame: Frame, place: Int64): void {
    const key = keyOf(process, frame.fp);
    if (key === undefined || typeof place !== 'number') return;
    const known = this.store.get(this.places, key) ?? [];
    if (!known.includes(place)) this.store.set(this.places, key, [...known, place]);
  }

  /** A function returns. Answers whether its result points to one of its locals. */
  left(process: number, frame: Frame, door: Door, result: Int64 | undefined): boolean {
    const key = keyOf(process, frame.fp);
    const places = key === undefined ? undefined : this.store.get(this.places, key);
    if (key !== undefined && places !== undefined) {
      this.store.delete(this.places, key);
      for (const place of places) {
        const value = pointerAt(door, place, true);
        if (value !== undefined && this.note(process, frame, value)) {
          door.setWrittenBits(place, new Uint8Array(POINTER));
        }
      }
    }
    return typeof result === 'number' && this.note(process, frame, result);
  }

  /** The local of an ended function that the never-written pointer at an address points to. */
  pointedTo(process: number, door: Door, address: number): string | undefined {
    const value = pointerAt(door, address, false);
    const key = value === undefined ? undefined : keyOf(process, value);
    if (key === undefined) return undefined;
    const found = this.store.all(this.locals).atOrBelow(key)?.[1];
    return found !== undefined && key < found.end ? found.text : undefined;
  }

  /** Remembers the local of a frame that an address lies in. */
  private note(process: number, { routine, fp }: Frame, address: number): boolean {
    for (const { variable, offset, indirect } of routine?.code?.variables ?? []) {
      const start = fp + offset;
      const size = Math.max(sizeOf(variable.type), 1);
      const key = keyOf(process, start);
      if (indirect || key === undefined || address < start || address >= start + size) continue;
      const text = `${describeObject(variable)} of ${routine?.name}, which has returned`;
      this.forget(key, key + size);
      this.store.set(this.locals, key, { end: key + size, text });
      return true;
    }
    return false;
  }

  /** Other locals take the place: what is known of those that lay there before is given up. */
  private forget(start: number, end: number): void {
    for (;;) {
      const last = this.store.all(this.locals).atOrBelow(end - 1);
      if (last === undefined || last[1].end <= start) return;
      this.store.delete(this.locals, last[0]);
    }
  }
}

/** The pointer at an address; undefined where none can be read, or none that was written. */
function pointerAt(door: Door, address: number, isWritten: boolean): number | undefined {
  try {
    if (isWritten && door.firstUnwritten(address, POINTER) !== undefined) return undefined;
    const bytes = door.readBytes(address, POINTER);
    const value = int64(new DataView(bytes.buffer).getBigInt64(0, true));
    return typeof value === 'number' ? value : undefined;
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}
