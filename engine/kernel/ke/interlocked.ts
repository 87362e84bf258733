/** Interlocked routines: atomic because a native runs to its end. All work on the bytes of their target. */
import { add64, and64, type Int64, or64, subtract64, xor64 } from '../../base/int64.ts';
import type { NativeCall, NativeTable } from '../../vm/natives.ts';

/** Changes a 32-bit target; answers the value before or after. */
function change32(
  call: NativeCall,
  change: (value: number) => number,
  answer: 'before' | 'after',
): Int64 {
  const target = call.number(0);
  const before = call.memory.readSigned(target, 4, targetName(call));
  const after = change(before) | 0;
  call.memory.write(target, 4, after >>> 0);
  return answer === 'before' ? before : after;
}

/** Changes a 64-bit target; answers the value before or after. */
function change64(
  call: NativeCall,
  change: (value: Int64) => Int64,
  answer: 'before' | 'after',
): Int64 {
  const target = call.number(0);
  const before = call.memory.read64(target, targetName(call));
  const after = change(before);
  call.memory.write64(target, after);
  return answer === 'before' ? before : after;
}

function change16(
  call: NativeCall,
  change: (value: number) => number,
  answer: 'before' | 'after',
): Int64 {
  const target = call.number(0);
  const before = call.memory.readSigned(target, 2, targetName(call));
  const after = (change(before) << 16) >> 16;
  call.memory.write(target, 2, after & 0xffff);
  return answer === 'before' ? before : after;
}

function targetName(call: NativeCall): string {
  return `the target of ${call.routine}`;
}

const operand = (call: NativeCall): number => Number(call.integer(1)) | 0;

const exchange64 = (call: NativeCall): Int64 => change64(call, () => call.integer(1), 'before');
const compareExchange64 = (call: NativeCall): Int64 =>
  change64(call, (value) => (value === call.integer(2) ? call.integer(1) : value), 'before');
const exchangeAdd64 = (call: NativeCall): Int64 =>
  change64(call, (value) => add64(value, call.integer(1)), 'before');

export const interlockedNatives: NativeTable = {
  InterlockedIncrement: (call) => change32(call, (value) => value + 1, 'after'),
  InterlockedDecrement: (call) => change32(call, (value) => value - 1, 'after'),
  InterlockedIncrement16: (call) => change16(call, (value) => value + 1, 'after'),
  InterlockedDecrement16: (call) => change16(call, (value) => value - 1, 'after'),
  InterlockedIncrement64: (call) => change64(call, (value) => add64(value, 1), 'after'),
  InterlockedDecrement64: (call) => change64(call, (value) => subtract64(value, 1), 'after'),
  InterlockedExchange: (call) => change32(call, () => operand(call), 'before'),
  InterlockedExchange64: exchange64,
  InterlockedExchangePointer: exchange64,
  InterlockedExchangeAdd: (call) => change32(call, (value) => value + operand(call), 'before'),
  InterlockedExchangeAdd64: exchangeAdd64,
  InterlockedCompareExchange16: (call) =>
    change16(
      call,
      (value) =>
        value === (Number(call.integer(2)) << 16) >> 16 ? Number(call.integer(1)) : value,
      'before',
    ),
  InterlockedAdd: (call) => change32(call, (value) => value + operand(call), 'after'),
  InterlockedAdd64: (call) => change64(call, (value) => add64(value, call.integer(1)), 'after'),
  InterlockedCompareExchange: (call) =>
    change32(
      call,
      (value) => (value === (Number(call.integer(2)) | 0) ? operand(call) : value),
      'before',
    ),
  InterlockedCompareExchange64: compareExchange64,
  InterlockedCompareExchangePointer: compareExchange64,
  InterlockedAnd: (call) => change32(call, (value) => value & operand(call), 'before'),
  InterlockedOr: (call) => change32(call, (value) => value | operand(call), 'before'),
  InterlockedXor: (call) => change32(call, (value) => value ^ operand(call), 'before'),
  InterlockedAnd64: (call) => change64(call, (value) => and64(value, call.integer(1)), 'before'),
  InterlockedOr64: (call) => change64(call, (value) => or64(value, call.integer(1)), 'before'),
  InterlockedXor64: (call) => change64(call, (value) => xor64(value, call.integer(1)), 'before'),
  InterlockedBitTestAndSet: (call) => bitTest(call, (value, bit) => value | bit),
  InterlockedBitTestAndReset: (call) => bitTest(call, (value, bit) => value & ~bit),
  ExInterlockedAddUlong: (call) => {
    const before = change32(call, (value) => value + operand(call), 'before');
    return Number(before) >>> 0;
  },
  ExInterlockedAddLargeInteger: exchangeAdd64,
};

function bitTest(call: NativeCall, change: (value: number, bit: number) => number): Int64 {
  const target = call.number(0) + 4 * Math.floor(call.number(1) / 32);
  const bit = 1 << (call.number(1) & 31);
  const before = call.memory.readUnsigned(target, 4, targetName(call));
  call.memory.write(target, 4, change(before, bit) >>> 0);
  return (before & bit) === 0 ? 0 : 1;
}
