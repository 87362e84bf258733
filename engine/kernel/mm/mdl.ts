/**
 * The MDL as bytes. Every routine reads the fields from emulated memory when it is called, so that a driver
 * that changes an MDL by hand gets what Windows would make of it.
 */
import { frame, PAGE_SIZE, spanPages, type VirtualAddress, virtual } from '../../base/addresses.ts';
import type { Int64 } from '../../base/int64.ts';
import type { FrameRunGrant } from '../../machine/frames.ts';
import type { MemoryAccess, Peek } from '../../vm/access.ts';

/** MdlFlags by the names of wdm.h. */
export const mdlFlags = {
  MDL_MAPPED_TO_SYSTEM_VA: 0x0001,
  MDL_PAGES_LOCKED: 0x0002,
  MDL_SOURCE_IS_NONPAGED_POOL: 0x0004,
  MDL_ALLOCATED_FIXED_SIZE: 0x0008,
  MDL_PARTIAL: 0x0010,
  MDL_PARTIAL_HAS_BEEN_MAPPED: 0x0020,
  MDL_IO_PAGE_READ: 0x0040,
  MDL_WRITE_OPERATION: 0x0080,
  MDL_LOCKED_PAGE_TABLES: 0x0100,
  MDL_FREE_EXTRA_PTES: 0x0200,
  MDL_DESCRIBES_AWE: 0x0400,
  MDL_IO_SPACE: 0x0800,
  MDL_NETWORK_HEADER: 0x1000,
  MDL_MAPPING_CAN_FAIL: 0x2000,
  MDL_PAGE_CONTENTS_INVARIANT: 0x4000,
  MDL_INTERNAL: 0x8000,
} as const;

/** Offsets of the members on x64; the PFN array follows the structure. */
export const mdlLayout = {
  next: 0x00,
  size: 0x08,
  mdlFlags: 0x0a,
  process: 0x10,
  mappedSystemVa: 0x18,
  startVa: 0x20,
  byteCount: 0x28,
  byteOffset: 0x2c,
  pfnArray: 0x30,
} as const;

export const MDL_SIZE = 0x30;
/** sizeof(PFN_NUMBER). */
export const PFN_SIZE = 8;
/** IoAllocateMdl takes MDLs of up to this many pages from a list of fixed-size ones. */
export const FIXED_SIZE_PAGES = 23;

/** The names of the flags that are set, in the order of their bits. */
export function flagNames(flags: number): readonly string[] {
  return Object.entries(mdlFlags)
    .filter(([, bit]) => (flags & bit) !== 0)
    .map(([name]) => name);
}

/** `MDL_PAGES_LOCKED | MDL_WRITE_OPERATION (0x82)`. */
export function flagsText(flags: number): string {
  const value = `0x${flags.toString(16).toUpperCase()}`;
  return flags === 0 ? 'no flags' : `${flagNames(flags).join(' | ')} (${value})`;
}

/** What every routine needs of an MDL. */
export interface MdlFields {
  readonly address: VirtualAddress;
  readonly flags: number;
  readonly startVa: number;
  readonly byteCount: number;
  readonly byteOffset: number;
  /** Pages that the MDL describes. */
  readonly pages: number;
  /** StartVa + ByteOffset. */
  readonly virtualAddress: number;
}

/** An MDL in memory, through the running thread's door. */
export class Mdl {
  constructor(
    private readonly door: MemoryAccess,
    readonly address: VirtualAddress,
  ) {}

  read(): MdlFields {
    const { door, address } = this;
    const flags = door.readUnsigned(address + mdlLayout.mdlFlags, 2, 'Mdl->MdlFlags');
    const startVa = door.readNumber(address + mdlLayout.startVa, 'Mdl->StartVa');
    const byteCount = door.readUnsigned(address + mdlLayout.byteCount, 4, 'Mdl->ByteCount');
    const byteOffset = door.readUnsigned(address + mdlLayout.byteOffset, 4, 'Mdl->ByteOffset');
    return {
      address,
      flags,
      startVa,
      byteCount,
      byteOffset,
      pages: spanPages(byteOffset, byteCount),
      virtualAddress: startVa + byteOffset,
    };
  }

  get flags(): number {
    return this.door.readUnsigned(this.address + mdlLayout.mdlFlags, 2, 'Mdl->MdlFlags');
  }

  /** Sets and clears flags. */
  changeFlags(set: number, clear = 0): void {
    this.door.write(this.address + mdlLayout.mdlFlags, 2, (this.flags & ~clear) | set);
  }

  get mappedSystemVa(): number {
    return this.door.readNumber(this.address + mdlLayout.mappedSystemVa, 'Mdl->MappedSystemVa');
  }

  set mappedSystemVa(value: number) {
    this.door.write64(this.address + mdlLayout.mappedSystemVa, value);
  }

  get process(): Int64 {
    return this.door.read64(this.address + mdlLayout.process, 'Mdl->Process');
  }

  set process(value: Int64) {
    this.door.write64(this.address + mdlLayout.process, value);
  }

  /** The Size member: bytes of structure and array, cut to 16 bits. */
  get size(): number {
    return this.door.readUnsigned(this.address + mdlLayout.size, 2, 'Mdl->Size');
  }

  get next(): number {
    return this.door.readNumber(this.address + mdlLayout.next, 'Mdl->Next');
  }

  set next(value: number) {
    this.door.write64(this.address + mdlLayout.next, value);
  }

  /** Fills the structure as MmInitializeMdl does; Process, MappedSystemVa and the array stay as they are. */
  initialise(baseVa: number, length: number, flags: number): void {
    const { door, address } = this;
    const offset = baseVa & (PAGE_SIZE - 1);
    const pages = spanPages(offset, length);
    door.write64(address + mdlLayout.next, 0);
    door.write(address + mdlLayout.size, 2, MDL_SIZE + pages * PFN_SIZE);
    door.write(address + mdlLayout.mdlFlags, 2, flags);
    this.setRange(baseVa - offset, offset, length);
  }

  setRange(startVa: number, byteOffset: number, byteCount: number): void {
    this.door.write64(this.address + mdlLayout.startVa, startVa);
    this.door.write(this.address + mdlLayout.byteCount, 4, byteCount);
    this.door.write(this.address + mdlLayout.byteOffset, 4, byteOffset);
  }

  /** `pages` entries of the PFN array from number `first` on, in runs of adjacent frames. */
  readFrames(pages: number, first = 0): readonly FrameRunGrant[] {
    if (pages <= 0) return [];
    const bytes = this.door.readBytes(
      this.address + mdlLayout.pfnArray + first * PFN_SIZE,
      pages * PFN_SIZE,
      'MmGetMdlPfnArray(Mdl)',
    );
    return framesIn(bytes, pages);
  }

  /** Fills the PFN array from entry `first` on. */
  writeFrames(runs: readonly FrameRunGrant[], first = 0): void {
    const pages = runs.reduce((sum, run) => sum + run.count, 0);
    const bytes = new Uint8Array(pages * PFN_SIZE);
    const view = new DataView(bytes.buffer);
    let at = 0;
    for (const run of runs) {
      for (let index = 0; index < run.count; index++, at += PFN_SIZE) {
        const page = run.frame + index;
        view.setUint32(at, page >>> 0, true);
        view.setUint32(at + 4, Math.floor(page / 0x1_0000_0000), true);
      }
    }
    this.door.writeBytes(this.address + mdlLayout.pfnArray + first * PFN_SIZE, bytes);
  }
}

/** Page frame numbers from the bytes of an array, in runs of adjacent frames. */
export function framesIn(bytes: Uint8Array, pages: number): readonly FrameRunGrant[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const runs: { frame: number; count: number }[] = [];
  for (let index = 0; index < pages; index++) {
    const page =
      view.getUint32(index * PFN_SIZE, true) +
      view.getUint32(index * PFN_SIZE + 4, true) * 0x1_0000_0000;
    const last = runs.at(-1);
    if (last !== undefined && last.frame + last.count === page) last.count++;
    else runs.push({ frame: page, count: 1 });
  }
  return runs.map((run) => ({ frame: frame(run.frame), count: run.count }));
}

/** The fields as tooling sees them; undefined where nothing is mapped. */
export function peekMdl(peek: Peek, address: VirtualAddress): MdlFields | undefined {
  const at = (offset: number): VirtualAddress => virtual(address + offset);
  const flags = peek.readUnsigned(at(mdlLayout.mdlFlags), 2);
  const startVa = peek.read64(at(mdlLayout.startVa));
  const byteCount = peek.readUnsigned(at(mdlLayout.byteCount), 4);
  const byteOffset = peek.readUnsigned(at(mdlLayout.byteOffset), 4);
  if (
    flags === undefined ||
    startVa === undefined ||
    byteCount === undefined ||
    byteOffset === undefined
  ) {
    return undefined;
  }
  return {
    address,
    flags,
    startVa: Number(startVa),
    byteCount,
    byteOffset,
    pages: spanPages(byteOffset, byteCount),
    virtualAddress: Number(startVa) + byteOffset,
  };
}
