/** The bitmaps of the run-time library: bits in ULONGs of the caller, the lowest first. */
import type { NativeCall, NativeResult, NativeTable } from '../../vm/natives.ts';

const NOT_FOUND = -1;
const BUFFER = 8;
/** RTL_BITMAP_RUN: StartingIndex, NumberOfBits. */
const RUN_BYTES = 8;

/** A run of equal bits. */
interface Run {
  readonly start: number;
  readonly count: number;
}

/** A header as the caller has it. */
class Bitmap {
  readonly size: number;
  private readonly buffer: number;

  constructor(private readonly call: NativeCall) {
    const header = call.number(0);
    this.size = call.memory.readUnsigned(header, 4, 'BitMapHeader->SizeOfBitMap');
    this.buffer = call.memory.readNumber(header + BUFFER, 'BitMapHeader->Buffer');
  }

  /** One for each bit of a range inside the bitmap. */
  bits(start: number, count: number): Uint8Array {
    const end = Math.min(start + count, this.size);
    const result = new Uint8Array(Math.max(end - start, 0));
    if (result.length === 0) return result;
    const first = start >> 3;
    const bytes = this.call.memory.readBytes(
      this.buffer + first,
      ((end - 1) >> 3) - first + 1,
      'BitMapHeader->Buffer[]',
    );
    for (let bit = start; bit < end; bit++) {
      result[bit - start] = ((bytes[(bit >> 3) - first] ?? 0) >> (bit & 7)) & 1;
    }
    return result;
  }

  get all(): Uint8Array {
    return this.bits(0, this.size);
  }

  /** Sets or clears a range, whatever the size says: Windows does not look either. */
  put(start: number, count: number, value: 0 | 1): void {
    if (count <= 0) return;
    const [first, last] = [Math.floor(start / 8), Math.floor((start + count - 1) / 8)];
    const { memory } = this.call;
    for (const byte of new Set([first, last])) {
      const mask = maskOf(start, start + count, byte);
      const old =
        mask === 0xff ? 0 : memory.readUnsigned(this.buffer + byte, 1, 'BitMapHeader->Buffer[]');
      memory.write(this.buffer + byte, 1, value === 1 ? old | mask : old & ~mask & 0xff);
    }
    if (last - first > 1) {
      memory.fill(this.buffer + first + 1, last - first - 1, value === 1 ? 0xff : 0);
    }
  }

  /** Whole ULONGs, the bits behind the last one included. */
  putAll(value: 0 | 1): void {
    const bytes = Math.ceil(this.size / 32) * 4;
    if (bytes > 0) this.call.memory.fill(this.buffer, bytes, value === 1 ? 0xff : 0);
  }

  runs(value: 0 | 1): readonly Run[] {
    const found: Run[] = [];
    const bits = this.all;
    for (let at = 0; at < bits.length; ) {
      const start = at;
      while (at < bits.length && bits[at] === value) at++;
      if (at > start) found.push({ start, count: at - start });
      while (at < bits.length && bits[at] !== value) at++;
    }
    return found;
  }

  /** A run of at least so many bits, from a hint on, then from the beginning. */
  find(value: 0 | 1, count: number, hint: number): number {
    const from = hint < this.size ? hint : 0;
    if (count === 0) return from;
    const bits = this.all;
    const search = (start: number, end: number): number => {
      let length = 0;
      for (let at = start; at < end; at++) {
        length = bits[at] === value ? length + 1 : 0;
        if (length === count) return at - count + 1;
      }
      return NOT_FOUND;
    };
    const behind = search(from, this.size);
    return behind === NOT_FOUND ? search(0, Math.min(from + count - 1, this.size)) : behind;
  }
}

/** The bits of a range that lie in a byte. */
function maskOf(start: number, end: number, byte: number): number {
  let mask = 0;
  for (let bit = 0; bit < 8; bit++) {
    const at = byte * 8 + bit;
    if (at >= start && at < end) mask |= 1 << bit;
  }
  return mask;
}

function are(call: NativeCall, value: 0 | 1): number {
  const map = new Bitmap(call);
  const [start, count] = [call.number(1), call.number(2)];
  if (count === 0 || start + count > map.size) return 0;
  return map.bits(start, count).every((bit) => bit === value) ? 1 : 0;
}

function find(call: NativeCall, value: 0 | 1, turn: boolean): number {
  const map = new Bitmap(call);
  const at = map.find(value, call.number(1), call.number(2));
  if (turn && at !== NOT_FOUND) map.put(at, call.number(1), value === 1 ? 0 : 1);
  return at;
}

const count = (call: NativeCall, value: 0 | 1): number =>
  new Bitmap(call).all.reduce((sum, bit) => (bit === value ? sum + 1 : sum), 0);

/** Answers the length of a run and stores where it begins. */
function answer(call: NativeCall, place: number, run: Run | undefined, none: number): number {
  call.memory.write(call.number(place), 4, run?.start ?? none);
  return run?.count ?? 0;
}

const longest = (runs: readonly Run[]): Run | undefined =>
  runs.reduce<Run | undefined>(
    (best, run) => (run.count > (best?.count ?? 0) ? run : best),
    undefined,
  );

/** The part of a run from an index on, or before one. */
function nextRun(call: NativeCall): number {
  const from = call.number(1);
  const map = new Bitmap(call);
  const run = map.runs(0).find(({ start, count: length }) => start + length > from);
  const start = Math.max(run?.start ?? 0, from);
  return answer(call, 2, run && { start, count: run.start + run.count - start }, map.size);
}

function lastRun(call: NativeCall): number {
  const from = call.number(1);
  const run = new Bitmap(call).runs(0).findLast(({ start }) => start <= from);
  const end = run === undefined ? 0 : Math.min(run.start + run.count, from + 1);
  return answer(call, 2, run && { start: run.start, count: end - run.start }, 0);
}

/** RtlFindClearRuns(Header, *Runs, Size, Longest). */
function clearRuns(call: NativeCall): number {
  const room = call.number(2);
  const runs = [...new Bitmap(call).runs(0)];
  if (call.boolean(3))
    runs.sort((one, other) => other.count - one.count || one.start - other.start);
  const taken = runs.slice(0, room);
  taken.forEach((run, index) => {
    call.memory.write(call.number(1) + index * RUN_BYTES, 4, run.start);
    call.memory.write(call.number(1) + index * RUN_BYTES + 4, 4, run.count);
  });
  return taken.length;
}

/** Place of the highest or lowest set bit of 64; -1 without one. */
function significant(call: NativeCall, highest: boolean): number {
  const bits = BigInt.asUintN(64, BigInt(call.integer(0))).toString(2);
  if (bits === '0') return NOT_FOUND;
  return highest ? bits.length - 1 : bits.length - 1 - bits.lastIndexOf('1');
}

const putOne =
  (value: 0 | 1) =>
  (call: NativeCall): NativeResult => {
    new Bitmap(call).put(call.number(1), 1, value);
    return undefined;
  };

const putMany =
  (value: 0 | 1) =>
  (call: NativeCall): NativeResult => {
    new Bitmap(call).put(call.number(1), call.number(2), value);
    return undefined;
  };

export const bitmapNatives: NativeTable = {
  RtlInitializeBitMap: (call) => {
    call.memory.write(call.number(0), 4, call.number(2));
    call.memory.write64(call.number(0) + BUFFER, call.number(1));
    return undefined;
  },
  RtlClearAllBits: (call) => {
    new Bitmap(call).putAll(0);
    return undefined;
  },
  RtlSetAllBits: (call) => {
    new Bitmap(call).putAll(1);
    return undefined;
  },
  RtlClearBit: putOne(0),
  RtlSetBit: putOne(1),
  RtlClearBits: putMany(0),
  RtlSetBits: putMany(1),
  RtlTestBit: (call) => new Bitmap(call).bits(call.number(1), 1)[0] ?? 0,
  RtlAreBitsClear: (call) => are(call, 0),
  RtlAreBitsSet: (call) => are(call, 1),
  RtlFindClearBits: (call) => find(call, 0, false),
  RtlFindSetBits: (call) => find(call, 1, false),
  RtlFindClearBitsAndSet: (call) => find(call, 0, true),
  RtlFindSetBitsAndClear: (call) => find(call, 1, true),
  RtlNumberOfSetBits: (call) => count(call, 1),
  RtlNumberOfClearBits: (call) => count(call, 0),
  RtlFindFirstRunClear: (call) => answer(call, 1, new Bitmap(call).runs(0)[0], 0),
  RtlFindLongestRunClear: (call) => answer(call, 1, longest(new Bitmap(call).runs(0)), 0),
  RtlFindNextForwardRunClear: nextRun,
  RtlFindLastBackwardRunClear: lastRun,
  RtlFindClearRuns: clearRuns,
  RtlFindMostSignificantBit: (call) => significant(call, true),
  RtlFindLeastSignificantBit: (call) => significant(call, false),
};
