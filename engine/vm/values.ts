/**
 * Turns values of the intermediate form into closures. The same closures serve the interpreter and the
 * debugger's evaluation, which hand in different contexts.
 */
import { PAGE_SIZE } from '../base/addresses.ts';
import {
  add64,
  and64,
  fromWords,
  hex,
  type Int64,
  low32,
  not64,
  or64,
  shiftLeft64,
  shiftRight64,
} from '../base/int64.ts';
import {
  type BinaryFunction,
  binaryFunction,
  compareFunction,
  complementFunction,
  conversion,
  negateFunction,
  overflows,
} from './arithmetic.ts';
import type { Door, TaintedField } from './door.ts';
import {
  type Bits,
  isSignedScalar,
  type Operator,
  type Resolve,
  type Scalar,
  scalarSize,
  type Value,
} from './ir.ts';

/** What a closure works on. */
export interface Context {
  fp: number;
  door: Door;
  /** What the page of the frame lies in, where no access to it has to be checked, and where the page begins there. */
  readonly frame?: DataView | undefined;
  readonly frameStart?: number;
  /** Where the written marks of the page begin. */
  readonly frameMarks?: number;
  /** The frame pointer's offset in the page. */
  readonly fo?: number;
  /** First address of the live frames of the stack, and of the stack. */
  readonly sp: number;
  readonly lowestStack: number;
  /** A never-written value decides something: reports it and goes on as if it had been written. */
  tainted(use: 'branch' | 'address'): void;
  /** C leaves open what happens now; the processor goes on. */
  undefinedBehaviour(rule: UndefinedRule, message: string): void;
  /** The address of a local may have been stored outside of the frame. */
  leaked?(place: Int64): void;
}

/** What C leaves undefined and the processor does not notice. */
export type UndefinedRule =
  | 'signed_overflow'
  | 'shift_count'
  | 'array_bounds'
  | 'dangling_pointer'
  | 'use_after_free'
  | 'heap_overrun'
  | 'dma_stale_buffer';

export type Evaluate = (context: Context) => Int64;

type Load = (door: Door, address: Int64) => Int64;
type Store = (door: Door, address: Int64, value: Int64) => void;

const loads: Readonly<Record<Scalar, Load>> = {
  i8: (door, address) => door.readI8(address),
  u8: (door, address) => door.readU8(address),
  i16: (door, address) => door.readI16(address),
  u16: (door, address) => door.readU16(address),
  i32: (door, address) => door.readI32(address),
  u32: (door, address) => door.readU32(address),
  i64: (door, address) => door.readI64(address),
  u64: (door, address) => door.readI64(address),
  f32: (door, address) => door.readF32(address),
  f64: (door, address) => door.readF64(address),
};

const stores: Readonly<Record<Scalar, Store>> = {
  i8: (door, address, value) => door.write8(address, value as number),
  u8: (door, address, value) => door.write8(address, value as number),
  i16: (door, address, value) => door.write16(address, value as number),
  u16: (door, address, value) => door.write16(address, value as number),
  i32: (door, address, value) => door.write32(address, value as number),
  u32: (door, address, value) => door.write32(address, value as number),
  i64: (door, address, value) => door.write64(address, value),
  u64: (door, address, value) => door.write64(address, value),
  f32: (door, address, value) => door.writeF32(address, value as number),
  f64: (door, address, value) => door.writeF64(address, value as number),
};

/** Reads a scalar, or a bit-field in a unit of that type. */
export function loader(scalar: Scalar, bits: Bits | undefined): Load {
  const load = loads[scalar];
  if (bits === undefined) return load;
  return (door, address) => {
    const { taint, taintSize, taintField } = door;
    door.taint = 0;
    const unit = load(door, address);
    if (door.taint !== 0) {
      const field = unwrittenField(door, address as number, bits);
      door.taint = field?.at ?? 0;
      door.taintSize = 1;
      door.taintField = field;
    }
    if (taint !== 0) {
      door.taint = taint;
      door.taintSize = taintSize;
      door.taintField = taintField;
    }
    return extract(unit, scalar, bits);
  };
}

/** The first bit of a bit-field that was never written, or undefined. */
export function unwrittenField(door: Door, unit: number, bits: Bits): TaintedField | undefined {
  const { first, count } = bytesOf(bits);
  const written = door.writtenBits(unit + first, count);
  const own = bitsIn(bits);
  for (let index = 0; index < count; index++) {
    const missing = (own[index] ?? 0) & ~(written[index] ?? 0);
    if (missing === 0) continue;
    const bit = 31 - Math.clz32(missing & -missing);
    return { at: unit + first + index, bit, unit, bits };
  }
  return undefined;
}

/** Makes the bits of a bit-field, and none of its neighbours in a byte, count as written or never written. */
export function markField(door: Door, unit: number, bits: Bits, isWritten: boolean): void {
  const { first, count } = bytesOf(bits);
  const written = door.writtenBits(unit + first, count);
  const own = bitsIn(bits);
  for (let index = 0; index < count; index++) {
    const before = written[index] ?? 0;
    const mask = own[index] ?? 0;
    written[index] = isWritten ? before | mask : before & ~mask;
  }
  door.setWrittenBits(unit + first, written);
}

/** The bytes of its unit that a bit-field has a part in. */
export function bytesOf({ first, width }: Bits): {
  readonly first: number;
  readonly count: number;
} {
  const start = first >> 3;
  return { first: start, count: ((first + width + 7) >> 3) - start };
}

/** The bits of these bytes that are the field's. */
function bitsIn(bits: Bits): Uint8Array {
  const { first, count } = bytesOf(bits);
  const own = new Uint8Array(count);
  for (let bit = bits.first; bit < bits.first + bits.width; bit++) {
    const index = (bit >> 3) - first;
    own[index] = (own[index] ?? 0) | (1 << (bit & 7));
  }
  return own;
}

/** Writes a scalar or a bit-field; other bits of the unit stay. */
export function storer(scalar: Scalar, bits: Bits | undefined): Store {
  const store = stores[scalar];
  if (bits === undefined) return store;
  const load = loads[scalar];
  const size = scalarSize[scalar];
  return (door, address, value) => {
    // The neighbours in the unit may be unwritten; that is no use of them, and they stay so.
    const { taint } = door;
    door.taint = 0;
    const unit = load(door, address);
    const written = door.taint === 0 ? undefined : door.writtenBits(address, size);
    door.taint = taint;
    store(door, address, insert(unit, value, scalar, bits));
    if (written === undefined) return;
    door.setWrittenBits(address, written);
    markField(door, address as number, bits, true);
  };
}

/** Value and operand of a store were never written: neither are the bits that it goes to. */
function forgetStored(door: Door, address: Int64, scalar: Scalar, bits: Bits | undefined): void {
  if (bits === undefined) door.forget(address, scalarSize[scalar]);
  else markField(door, address as number, bits, false);
}

/** The closure that computes a value. */
export function compileValue(value: Value, resolve: Resolve): Evaluate {
  const compile = (one: Value): Evaluate => compileValue(one, resolve);
  switch (value.op) {
    case 'constant': {
      const { value: known } = value;
      return () => known;
    }
    case 'frame': {
      const { offset } = value;
      return (context) => context.fp + offset;
    }
    case 'symbol': {
      const address = resolve(value.symbol) + value.addend;
      return () => address;
    }
    case 'load':
      return compileLoad(value, resolve);
    case 'store':
      return compileStore(value, resolve);
    case 'update':
      return compileUpdate(value, resolve);
    case 'copy': {
      const destination = compileAddress(value.destination, resolve);
      const source = compileAddress(value.source, resolve);
      const { size } = value;
      return (context) => {
        const from = source(context);
        const to = destination(context);
        context.door.copy(to, from, size);
        return to;
      };
    }
    case 'fill': {
      const destination = compileAddress(value.destination, resolve);
      const bytes = new Uint8Array(value.size);
      bytes.set(value.bytes.subarray(0, value.size));
      return (context) => {
        const to = destination(context);
        context.door.writeBytes(to, bytes);
        return to;
      };
    }
    case 'forget': {
      const address = compileAddress(value.address, resolve);
      const { size, bitFields } = value;
      return (context) => {
        const at = address(context);
        if (bitFields === true) context.door.forget(at, size);
        else context.door.revive(at, size);
        return at;
      };
    }
    case 'negate':
    case 'complement': {
      const operand = compile(value.operand);
      if (value.op === 'complement') {
        const complement = complementFunction(value.scalar);
        return (context) => complement(operand(context));
      }
      const negate = negateFunction(value.scalar);
      const { scalar } = value;
      if (scalar !== 'i32' && scalar !== 'i64') return (context) => negate(operand(context));
      return (context) => {
        const number = operand(context);
        const result = negate(number);
        // The lowest number is its own negative.
        if (result === number && number !== 0)
          reportOverflow(context, scalar, `-(${number})`, result);
        return result;
      };
    }
    case 'not': {
      const operand = compile(value.operand);
      return (context) => (operand(context) === 0 ? 1 : 0);
    }
    case 'binary':
      return compileBinary(value, resolve);
    case 'compare': {
      const left = compile(value.left);
      const compare = compareFunction(value.operator, value.scalar);
      if (value.right.op === 'constant') {
        const right = value.right.value;
        if (value.operator === '==') return (context) => (left(context) === right ? 1 : 0);
        if (value.operator === '!=') return (context) => (left(context) !== right ? 1 : 0);
        if (value.operator === '<' && value.scalar !== 'u64') {
          return (context) => (left(context) < right ? 1 : 0);
        }
        return (context) => (compare(left(context), right) ? 1 : 0);
      }
      const right = compile(value.right);
      if (value.scalar !== 'u64') {
        if (value.operator === '<') return (context) => (left(context) < right(context) ? 1 : 0);
        if (value.operator === '==') return (context) => (left(context) === right(context) ? 1 : 0);
        if (value.operator === '!=') return (context) => (left(context) !== right(context) ? 1 : 0);
      }
      return (context) => (compare(left(context), right(context)) ? 1 : 0);
    }
    case 'convert': {
      const operand = compile(value.operand);
      const convert = conversion(value.from, value.to);
      return convert === undefined ? operand : (context) => convert(operand(context));
    }
    case 'bound': {
      const index = compile(value.index);
      const { last } = value;
      return (context) => {
        const at = index(context);
        if (!(at >= 0 && at <= last) && context.door.taint === 0) {
          context.undefinedBehaviour(
            'array_bounds',
            `The index ${at} is outside the array, whose last element is ${last}.`,
          );
        }
        return at;
      };
    }
    case 'and': {
      const left = compileCondition(value.left, resolve);
      const right = compileCondition(value.right, resolve);
      return (context) => (left(context) && right(context) ? 1 : 0);
    }
    case 'or': {
      const left = compileCondition(value.left, resolve);
      const right = compileCondition(value.right, resolve);
      return (context) => (left(context) || right(context) ? 1 : 0);
    }
    case 'conditional': {
      const condition = compileCondition(value.condition, resolve);
      const whenTrue = compile(value.whenTrue);
      const whenFalse = compile(value.whenFalse);
      return (context) => (condition(context) ? whenTrue(context) : whenFalse(context));
    }
    case 'sequence': {
      const first = compile(value.first);
      const next = compile(value.next);
      return (context) => {
        const taint = context.door.taint;
        first(context);
        context.door.taint = taint;
        return next(context);
      };
    }
  }
}

/** The truth of a value; a never-written one is reported as a branch on it. */
export function compileCondition(
  condition: Value,
  resolve: Resolve,
): (context: Context) => boolean {
  const evaluate = compileValue(condition, resolve);
  return (context) => {
    const { door } = context;
    const taint = door.taint;
    door.taint = 0;
    const value = evaluate(context);
    if (door.taint !== 0) context.tainted('branch');
    door.taint = taint;
    return value !== 0;
  };
}

/** An address that is about to be used; a never-written one is reported. */
export function compileAddress(address: Value, resolve: Resolve): Evaluate {
  const evaluate = compileValue(address, resolve);
  if (address.op === 'frame' || address.op === 'symbol') return evaluate;
  return (context) => {
    const { door } = context;
    const taint = door.taint;
    door.taint = 0;
    const value = evaluate(context);
    const isTainted = door.taint !== 0;
    if (isTainted) context.tainted('address');
    door.taint = taint;
    if (!isTainted && value < context.sp && value >= context.lowestStack)
      reportDangling(context, value);
    return value;
  };
}

/** The frequent loads get closures of their own: a frame variable of 4 or 8 bytes, and a pointer's target. */
function compileLoad(value: Extract<Value, { op: 'load' }>, resolve: Resolve): Evaluate {
  const { address } = value;
  if (value.bits === undefined && address.op === 'frame') {
    const { offset } = address;
    if ((offset & (scalarSize[value.scalar] - 1)) === 0) {
      switch (value.scalar) {
        case 'i32':
          return (context) => frameWord(context, offset);
        case 'u32':
          return (context) => frameWord(context, offset) >>> 0;
        case 'i64':
        case 'u64':
          return (context) => frameLong(context, offset);
        default:
          break;
      }
    }
  }
  const place = compileAddress(address, resolve);
  if (value.bits === undefined) {
    switch (value.scalar) {
      case 'i32':
        return (context) => context.door.readI32(place(context));
      case 'u32':
        return (context) => context.door.readI32(place(context)) >>> 0;
      case 'i64':
      case 'u64':
        return (context) => context.door.readI64(place(context));
      case 'u8':
        return (context) => context.door.readU8(place(context));
      default:
        break;
    }
  }
  const load = loader(value.scalar, value.bits);
  return (context) => load(context.door, place(context));
}

/** Four bytes of the frame, at an aligned offset. */
function frameWord(context: Context, offset: number): number {
  const { frame, frameStart = 0, frameMarks = 0, fo = 0 } = context;
  if (frame !== undefined) {
    const at = fo + offset;
    if (
      at >= 0 &&
      at < PAGE_SIZE &&
      ((frame.getUint8(frameMarks + (at >> 3)) >> (at & 4)) & 15) === 15
    ) {
      return frame.getInt32(frameStart + at, true);
    }
  }
  return context.door.readI32(context.fp + offset);
}

/** Eight bytes of the frame, at an aligned offset. */
function frameLong(context: Context, offset: number): Int64 {
  const { frame, frameStart = 0, frameMarks = 0, fo = 0 } = context;
  if (frame !== undefined) {
    const at = fo + offset;
    if (at >= 0 && at < PAGE_SIZE && frame.getUint8(frameMarks + (at >> 3)) === 0xff) {
      const high = frame.getInt32(frameStart + at + 4, true);
      const low = frame.getUint32(frameStart + at, true);
      return high < 0x20_0000 && high > -0x20_0000
        ? high * 0x1_0000_0000 + low
        : fromWords(high, low);
    }
  }
  return context.door.readI64(context.fp + offset);
}

/** Stores four bytes at an aligned offset in the frame. */
function setFrameWord(context: Context, offset: number, value: number): void {
  const { frame, frameStart = 0, frameMarks = 0, fo = 0 } = context;
  const at = fo + offset;
  if (frame === undefined || at < 0 || at >= PAGE_SIZE) {
    context.door.write32(context.fp + offset, value);
    return;
  }
  frame.setInt32(frameStart + at, value, true);
  const mark = frameMarks + (at >> 3);
  const marks = frame.getUint8(mark);
  const own = 15 << (at & 4);
  if ((marks & own) !== own) frame.setUint8(mark, marks | own);
}

/** Value first, then the address. Taint of the value goes to the bytes stored, taint of the address is a use. */
function compileStore(value: Extract<Value, { op: 'store' }>, resolve: Resolve): Evaluate {
  const place = compileAddress(value.address, resolve);
  const source = compileValue(value.value, resolve);
  const store = storer(value.scalar, value.bits);
  const { bits, scalar, leaks } = value;
  const isWord = bits === undefined && (scalar === 'i32' || scalar === 'u32');
  if (isWord && value.address.op === 'frame' && (value.address.offset & 3) === 0) {
    const { offset } = value.address;
    return (context) => {
      const { door } = context;
      const taint = door.taint;
      door.taint = 0;
      const stored = source(context);
      setFrameWord(context, offset, stored as number);
      if (door.taint !== 0) door.forget(context.fp + offset, 4);
      door.taint = taint === 0 ? door.taint : taint;
      return stored;
    };
  }
  const isWide = bits === undefined && (scalar === 'i64' || scalar === 'u64');
  return (context) => {
    const { door } = context;
    const taint = door.taint;
    door.taint = 0;
    const stored = source(context);
    const address = place(context);
    if (isWord) door.write32(address, stored as number);
    else if (isWide) door.write64(address, stored);
    else store(door, address, stored);
    if (door.taint !== 0) forgetStored(door, address, scalar, bits);
    if (taint !== 0) door.taint = taint;
    if (leaks === true) context.leaked?.(address);
    return bits === undefined ? stored : extract(stored, scalar, { first: 0, width: bits.width });
  };
}

/** Reads and writes one place, whose address is computed once. */
function compileUpdate(value: Extract<Value, { op: 'update' }>, resolve: Resolve): Evaluate {
  const place = compileAddress(value.address, resolve);
  const operand = compileValue(value.operand, resolve);
  const { scalar, bits, computation, bool, result } = value;
  const load = loader(scalar, bits);
  const store = storer(scalar, bits);
  const widen = conversion(scalar, computation);
  const narrow = conversion(computation, scalar);
  const compute = binaryFunction(value.operator, computation);
  const check = checkOf(value.operator, computation, value.operand);
  const isWord = (scalar === 'i32' || scalar === 'u32') && computation === scalar && !bool;
  if (isWord && bits === undefined && value.address.op === 'frame') {
    const { offset } = value.address;
    if ((offset & 3) === 0)
      return updateFrameWord(offset, scalar === 'u32', operand, compute, check, result);
  }
  return (context) => {
    const { door } = context;
    const taint = door.taint;
    door.taint = 0;
    const by = operand(context);
    const address = place(context);
    const old = load(door, address);
    const left = widen === undefined ? old : widen(old);
    let updated = compute(left, by);
    if (check !== undefined) check(context, left, by, updated);
    if (bool) updated = updated === 0 ? 0 : 1;
    else if (narrow !== undefined) updated = narrow(updated);
    store(door, address, updated);
    if (door.taint !== 0) forgetStored(door, address, scalar, bits);
    if (taint !== 0) door.taint = taint;
    if (result === 'old') return old;
    return bits === undefined ? updated : extract(updated, scalar, { first: 0, width: bits.width });
  };
}

/** `update` of four bytes in the frame. */
function updateFrameWord(
  offset: number,
  isUnsigned: boolean,
  operand: Evaluate,
  compute: BinaryFunction,
  check: Check | undefined,
  result: 'old' | 'new',
): Evaluate {
  return (context) => {
    const { door } = context;
    const taint = door.taint;
    door.taint = 0;
    const by = operand(context);
    const word = frameWord(context, offset);
    const old = isUnsigned ? word >>> 0 : word;
    const updated = compute(old, by);
    if (check !== undefined) check(context, old, by, updated);
    setFrameWord(context, offset, updated as number);
    if (door.taint !== 0) door.forget(context.fp + offset, 4);
    if (taint !== 0) door.taint = taint;
    return result === 'old' ? old : updated;
  };
}

/** Addition and subtraction of `int`, and constants on the right, are worth a closure without an indirect call. */
function compileBinary(value: Extract<Value, { op: 'binary' }>, resolve: Resolve): Evaluate {
  const left = compileValue(value.left, resolve);
  const { operator, scalar } = value;
  if (value.right.op === 'constant') return withConstant(operator, scalar, left, value.right.value);
  const right = compileValue(value.right, resolve);
  const check = checkOf(operator, scalar, value.right);
  if (scalar === 'i32' && check !== undefined) {
    if (operator === '+') {
      return (context) => {
        const one = left(context) as number;
        const other = right(context) as number;
        const sum = one + other;
        const result = sum | 0;
        if (sum !== result) check(context, one, other, result);
        return result;
      };
    }
    if (operator === '-') {
      return (context) => {
        const one = left(context) as number;
        const other = right(context) as number;
        const difference = one - other;
        const result = difference | 0;
        if (difference !== result) check(context, one, other, result);
        return result;
      };
    }
  }
  const compute = binaryFunction(operator, scalar);
  if (check === undefined) return (context) => compute(left(context), right(context));
  return (context) => {
    const one = left(context);
    const other = right(context);
    const result = compute(one, other);
    check(context, one, other, result);
    return result;
  };
}

/** Reports what the operands of an operator make undefined. */
type Check = (context: Context, left: Int64, right: Int64, result: Int64) => void;

/** Undefined where nothing can go wrong. */
function checkOf(operator: Operator, scalar: Scalar, right: Value): Check | undefined {
  switch (operator) {
    case '+':
    case '-':
    case '*':
      if (scalar !== 'i32' && scalar !== 'i64') return undefined;
      return (context, one, other, result) => {
        if (!overflows(operator, one, other, result)) return;
        reportOverflow(context, scalar, `${one} ${operator} ${other}`, result);
      };
    case '<<':
    case '>>': {
      const bits = scalarSize[scalar] * 8;
      if (right.op === 'constant' && right.value >= 0 && right.value < bits) return undefined;
      return (context, _, count) => {
        if ((count >= 0 && count < bits) || context.door.taint !== 0) return;
        context.undefinedBehaviour(
          'shift_count',
          `A value of ${bits} bits is shifted by ${count}; the processor takes the count modulo ${bits}.`,
        );
      };
    }
    default:
      return undefined;
  }
}

function reportOverflow(context: Context, scalar: Scalar, exact: string, result: Int64): void {
  if (context.door.taint !== 0) return;
  context.undefinedBehaviour(
    'signed_overflow',
    `${exact} does not fit a signed integer of ${scalarSize[scalar] * 8} bits; it became ${result}.`,
  );
}

/** A pointer leads to a part of the stack that no live frame has. */
export function reportDangling(context: Context, address: Int64): void {
  context.undefinedBehaviour(
    'dangling_pointer',
    `${hex(address, 16)} lies in a frame that has ended: the function whose variable it was has returned.`,
  );
}

function withConstant(operator: Operator, scalar: Scalar, left: Evaluate, right: Int64): Evaluate {
  const check = checkOf(operator, scalar, { op: 'constant', scalar, value: right });
  if (scalar === 'i32' && typeof right === 'number') {
    if (operator === '+' && check !== undefined) {
      return (context) => {
        const one = left(context) as number;
        const sum = one + right;
        const result = sum | 0;
        if (sum !== result) check(context, one, right, result);
        return result;
      };
    }
    if (operator === '&') return (context) => (left(context) as number) & right;
  }
  if (scalar === 'u64' && operator === '+') {
    return (context) => add64(left(context), right);
  }
  if (scalar === 'u64' && operator === '*' && typeof right === 'number') {
    // Scaling of an index: small numbers.
    const compute = binaryFunction('*', scalar);
    return (context) => {
      const index = left(context);
      if (typeof index === 'number') {
        const product = index * right;
        if (Number.isSafeInteger(product)) return product + 0;
      }
      return compute(index, right);
    };
  }
  const compute = binaryFunction(operator, scalar);
  if (check === undefined) return (context) => compute(left(context), right);
  return (context) => {
    const one = left(context);
    const result = compute(one, right);
    check(context, one, right, result);
    return result;
  };
}

/** The value of a bit-field out of its unit. */
function extract(unit: Int64, scalar: Scalar, bits: Bits): Int64 {
  if (scalarSize[scalar] === 8) {
    const up = shiftLeft64(unit, 64 - bits.first - bits.width);
    return shiftRight64(up, 64 - bits.width, isSignedScalar(scalar));
  }
  const up = (unit as number) << (32 - bits.first - bits.width);
  return isSignedScalar(scalar) ? up >> (32 - bits.width) : up >>> (32 - bits.width);
}

/** The unit with the field replaced. */
function insert(unit: Int64, value: Int64, scalar: Scalar, bits: Bits): Int64 {
  if (scalarSize[scalar] === 8) {
    const low = bits.width === 64 ? -1 : add64(shiftLeft64(1, bits.width), -1);
    const kept = and64(unit, not64(shiftLeft64(low, bits.first)));
    return or64(kept, shiftLeft64(and64(value, low), bits.first));
  }
  const low = bits.width === 32 ? -1 : (1 << bits.width) - 1;
  return ((unit as number) & ~(low << bits.first)) | ((low32(value) & low) << bits.first);
}
