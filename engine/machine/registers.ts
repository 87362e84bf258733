/**
 * Where the registers of a host's devices lie in physical address space. Decided by the declarations alone, as
 * firmware assigns base addresses before Windows boots.
 */
import { bytesToPages, frame, PAGE_SIZE, type PageFrame } from '../base/addresses.ts';

/** What has registers: a network card or a device of the scenario. Bytes. */
export interface RegisterOwner {
  readonly name: string;
  readonly bars: readonly { readonly index: number; readonly size: number }[];
}

/** The range behind one base address register. Bytes; whole pages. */
export interface RegisterRange {
  readonly device: string;
  readonly bar: number;
  readonly start: number;
  readonly size: number;
}

/** Devices' part of the hole below 4 GB, where firmware puts them. */
const LOW = 0xe000_0000;
const LOW_END = 0xfec0_0000;
const GIB = 2 ** 30;

/** Gives every range an address that is a multiple of its size, clear of the machine's memory. */
export function placeRegisters(
  memory: readonly { readonly start: number; readonly end: number }[],
  owners: readonly RegisterOwner[],
): readonly RegisterRange[] {
  const isTaken = memory.some(({ start, end }) => start < LOW_END && end > LOW);
  const top = Math.max(0, ...memory.map(({ end }) => end));
  let next = isTaken ? Math.ceil(top / GIB) * GIB : LOW;
  const ranges: RegisterRange[] = [];
  for (const { name, bars } of owners) {
    for (const { index, size } of bars) {
      const start = Math.ceil(next / size) * size;
      ranges.push({ device: name, bar: index, start, size });
      next = start + size;
    }
  }
  return ranges;
}

/** Finds the range that a frame belongs to. Asked for every page that is not in a translation cache. */
export class RegisterMap {
  private readonly first: PageFrame;
  private readonly last: number;

  constructor(readonly ranges: readonly RegisterRange[]) {
    const starts = ranges.map(({ start }) => start / PAGE_SIZE);
    const ends = ranges.map(({ start, size }) => start / PAGE_SIZE + bytesToPages(size));
    this.first = frame(Math.min(Number.MAX_SAFE_INTEGER, ...starts));
    this.last = Math.max(-1, ...ends) - 1;
  }

  find(page: PageFrame): RegisterRange | undefined {
    if (page < this.first || page > this.last) return undefined;
    const address = page * PAGE_SIZE;
    return this.ranges.find(({ start, size }) => start <= address && address < start + size);
  }

  /** The ranges of one device, by number of the base address register. */
  of(device: string): readonly RegisterRange[] {
    return this.ranges.filter((range) => range.device === device);
  }
}
