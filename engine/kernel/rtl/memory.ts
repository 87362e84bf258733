/**
 * Blocks of memory. Lengths are worked off in slices, so that a large copy neither holds a pause up nor
 * hides how far it came when it faults.
 */
import { hex } from '../../base/int64.ts';
import type { Native, NativeCall, NativeResult, NativeTable } from '../../vm/natives.ts';
import type { KernelContext } from '../context.ts';
import { verifierFlags } from '../services.ts';
import { verifierViolation } from '../verifier/irql-rules.ts';

/** Bytes of one slice. */
const SLICE = 0x1_0000;

/** Fills; the result is what `answer` says once it is done. */
function fill(
  call: NativeCall,
  destination: number,
  length: number,
  byte: number,
  answer: NativeResult,
): NativeResult {
  const part = Math.min(SLICE, length - call.progress);
  if (part > 0) call.memory.fill(destination + call.progress, part, byte & 0xff);
  const done = call.progress + part;
  return done < length ? call.again(done) : answer;
}

/** Copies as memmove does, with written marks; from the end when the ranges overlap that way. */
function move(call: NativeCall, destination: number, source: number, length: number): NativeResult {
  const part = Math.min(SLICE, length - call.progress);
  const backwards = destination > source && destination < source + length;
  const at = backwards ? length - call.progress - part : call.progress;
  if (part > 0) call.memory.copy(destination + at, source + at, part);
  const done = call.progress + part;
  return done < length ? call.again(done) : destination;
}

/** Copies ranges that must not overlap. */
function copy(kernel: KernelContext, call: NativeCall): NativeResult {
  const [destination, source, length] = [call.number(0), call.number(1), call.number(2)];
  const overlaps = destination < source + length && source < destination + length;
  if (call.progress === 0 && overlaps && length > 0 && destination !== source) {
    const text = `${call.caller.module} copies ${length} bytes from ${hex(source, 16)} to ${hex(destination, 16)} with ${call.routine}: the ranges overlap. Only a move (RtlMoveMemory, memmove) may do that.`;
    if (kernel.verified(call, verifierFlags.specialPool)) {
      throw verifierViolation([0xf0, destination, source, length], text, 'nf-wdm-rtlcopymemory');
    }
    call.violation('overlapping_copy', text, 'nf-wdm-rtlcopymemory');
  }
  return move(call, destination, source, length);
}

/**
 * Index of the first byte that differs, from `call.progress` on: undefined while the slice is equal and more
 * is left.
 */
function firstDifference(
  call: NativeCall,
  left: number,
  right: number,
  length: number,
): { readonly index: number; readonly difference: number } | undefined {
  const part = Math.min(SLICE, length - call.progress);
  if (part <= 0) return { index: length, difference: 0 };
  const a = call.memory.readBytes(left + call.progress, part, 'the first range compared');
  const b = call.memory.readBytes(right + call.progress, part, 'the second range compared');
  for (let index = 0; index < part; index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return { index: call.progress + index, difference };
  }
  return call.progress + part >= length ? { index: length, difference: 0 } : undefined;
}

function compare(
  answer: (found: { readonly index: number; readonly difference: number }) => number,
): Native {
  return (call) => {
    const length = call.number(2);
    const found = firstDifference(call, call.number(0), call.number(1), length);
    return found === undefined ? call.again(call.progress + SLICE) : answer(found);
  };
}

const equalLeading = compare((found) => found.index);

export function memoryNatives(kernel: KernelContext): NativeTable {
  const memset: Native = (call) =>
    fill(call, call.number(0), call.number(2), call.number(1), call.number(0));
  const memmove: Native = (call) => move(call, call.number(0), call.number(1), call.number(2));
  return {
    memset,
    memcpy: (call) => copy(kernel, call),
    memmove,
    RtlCompareMemory: equalLeading,
    memcmp: compare((found) => Math.sign(found.difference)),
    memchr: (call) => {
      const [start, length] = [call.number(0), call.number(2)];
      const part = Math.min(SLICE, length - call.progress);
      if (part <= 0) return 0;
      const bytes = call.memory.readBytes(start + call.progress, part, 'the range searched');
      const index = bytes.indexOf(call.number(1) & 0xff);
      if (index >= 0) return start + call.progress + index;
      return call.progress + part < length ? call.again(call.progress + part) : 0;
    },
  };
}
