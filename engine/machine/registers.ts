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

/**
 * Gives every range an address that is a multiple of its size, clear of the machine's memory: all of them where firmware
 * puts them, and behind those where Windows moves a device to when it is stopped and started again.
 */
export function placeRegisters(
  memory: readonly { readonly start: number; readonly end: number }[],
  owners: readonly RegisterOwner[],
): { readonly first: readonly RegisterRange[]; readonly second: readonly RegisterRange[] } {
  const isTaken = memory.some(({ start, end }) => start < LOW_END && end > LOW);
  const top = Math.max(0, ...memory.map(({ end }) => end));
  let next = isTaken ? Math.ceil(top / GIB) * GIB : LOW;
  const place = (): readonly RegisterRange[] =>
    owners.flatMap(({ name, bars }) =>
      bars.map(({ index, size }) => {
        const start = Math.ceil(next / size) * size;
        next = start + size;
        return { device: name, bar: index, start, size };
      }),
    );
  return { first: place(), second: place() };
}

/** Nobody answers at a range that a device has been moved away from, or not to yet. */
export const NOBODY = '';

/** Finds the range that a frame belongs to. Asked for every page that is not in a translation cache. */
export class RegisterMap {
  private readonly first: PageFrame;
  private readonly last: number;

  private readonly ranges: readonly RegisterRange[];

  constructor(
    private readonly places: ReturnType<typeof placeRegisters>,
    /** Whether a device is at its second place now. */
    private readonly isMoved: (device: string) => boolean = () => false,
  ) {
    this.ranges = [...places.first, ...places.second];
    const { ranges } = this;
    const starts = ranges.map(({ start }) => start / PAGE_SIZE);
    const ends = ranges.map(({ start, size }) => start / PAGE_SIZE + bytesToPages(size));
    this.first = frame(Math.min(Number.MAX_SAFE_INTEGER, ...starts));
    this.last = Math.max(-1, ...ends) - 1;
  }

  find(page: PageFrame): RegisterRange | undefined {
    if (page < this.first || page > this.last) return undefined;
    const address = page * PAGE_SIZE;
    const found = this.ranges.find(({ start, size }) => start <= address && address < start + size);
    if (found === undefined || this.placesOf(found.device).includes(found)) return found;
    return { ...found, device: NOBODY };
  }

  /** The ranges of one device, by number of the base address register. */
  of(device: string): readonly RegisterRange[] {
    return this.placesOf(device).filter((range) => range.device === device);
  }

  private placesOf(device: string): readonly RegisterRange[] {
    return this.isMoved(device) ? this.places.second : this.places.first;
  }
}
