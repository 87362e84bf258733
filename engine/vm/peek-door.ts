/**
 * The tooling's memory: the same pages as the processor sees, without faults that matter to the machine,
 * effects, or pages that come into being by looking.
 */
import {
  byteOffset,
  PAGE_SIZE,
  physical,
  type VirtualAddress,
  virtual,
} from '../base/addresses.ts';
import type { Int64 } from '../base/int64.ts';
import { loosePage, type Page, type Place, type Store } from '../base/store.ts';
import { type AddressSpace, contentFrame } from '../machine/address-space.ts';
import { firstUnwritten, type PhysicalMemory } from '../machine/physical-memory.ts';
import { Fault, type Peek, type PeekRun } from './access.ts';
import { Door } from './door.ts';
import type { Bits } from './ir.ts';
import { unwrittenField } from './values.ts';

/** Reads as the kernel would, whatever the protection; writes only where `mayWrite`. */
export class PeekDoor extends Door {
  constructor(
    store: Store,
    memory: PhysicalMemory,
    system: AddressSpace,
    user: AddressSpace | undefined,
    private readonly mayWrite = false,
  ) {
    super(store, memory, system, user, 'kernel');
  }

  protected override readable(address: Int64, size: number): Place {
    const frame = typeof address === 'number' ? this.frameOf(address) : undefined;
    if (frame === undefined) throw new Fault('notPresent', 'read', address, size);
    return this.memory.peekPage(frame) ?? this.untouched(frame);
  }

  protected override writable(address: Int64, size: number): Place {
    const frame = typeof address === 'number' ? this.frameOf(address) : undefined;
    if (frame === undefined || !this.mayWrite) {
      throw new Fault('protection', 'write', address, size);
    }
    return this.memory.writePage(frame);
  }

  /** Whatever is mapped is shown, protected or not. */
  private frameOf(address: number) {
    const mapping = (address < 0 ? this.system : this.user)?.find(address);
    return mapping && contentFrame(mapping, address);
  }

  /** What a page shows that nobody ever touched. */
  private untouched(frame: number): Page {
    const shown = loosePage(frame as Page['frame'], 0);
    shown.bytes.set(this.memory.peek(physical(frame * PAGE_SIZE), PAGE_SIZE));
    return shown;
  }
}

/** `Peek` over a tooling door. */
export class MemoryPeek implements Peek {
  constructor(private readonly door: PeekDoor) {}

  readUnsigned(address: VirtualAddress, size: 1 | 2 | 4): number | undefined {
    return this.attempt(() =>
      size === 1
        ? this.door.readU8(address)
        : size === 2
          ? this.door.readU16(address)
          : this.door.readU32(address),
    );
  }

  read64(address: VirtualAddress): Int64 | undefined {
    return this.attempt(() => this.door.readI64(address));
  }

  read(address: VirtualAddress, length: number): readonly PeekRun[] {
    const runs: PeekRun[] = [];
    for (let done = 0; done < length; ) {
      const start = virtual(address + done);
      const part = Math.min(PAGE_SIZE - byteOffset(start), length - done);
      const bytes = this.attempt(() => this.door.readBytes(start, part));
      if (bytes !== undefined) runs.push({ start, bytes });
      else runs.push({ start, length: part, why: this.absence(start) });
      done += part;
    }
    return merge(runs);
  }

  isWritten(address: VirtualAddress, length: number): boolean | undefined {
    return this.attempt(() => firstUnwritten(this.door.readMarks(address, length), 0, length) < 0);
  }

  isFieldWritten(address: VirtualAddress, bits: Bits): boolean | undefined {
    return this.attempt(() => unwrittenField(this.door, address, bits) === undefined);
  }

  private absence(address: number): 'unmapped' | 'freed' | 'guard' {
    const mapping = (address < 0 ? this.door.system : this.door.user)?.find(address);
    return mapping?.absent === 'freed' || mapping?.absent === 'guard' ? mapping.absent : 'unmapped';
  }

  private attempt<T>(action: () => T): T | undefined {
    try {
      return action();
    } catch (error) {
      if (error instanceof Fault) return undefined;
      throw error;
    } finally {
      this.door.taint = 0;
    }
  }
}

/** Neighbouring runs of one kind become one. */
function merge(runs: readonly PeekRun[]): readonly PeekRun[] {
  const merged: PeekRun[] = [];
  for (const run of runs) {
    const last = merged.at(-1);
    if (last !== undefined && 'bytes' in last && 'bytes' in run) {
      const bytes = new Uint8Array(last.bytes.length + run.bytes.length);
      bytes.set(last.bytes);
      bytes.set(run.bytes, last.bytes.length);
      merged[merged.length - 1] = { start: last.start, bytes };
    } else if (last !== undefined && 'why' in last && 'why' in run && last.why === run.why) {
      merged[merged.length - 1] = { ...last, length: last.length + run.length };
    } else {
      merged.push(run);
    }
  }
  return merged;
}
