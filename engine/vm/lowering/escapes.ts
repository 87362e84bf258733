/**
 * Finds where the address of a local may outlive its frame: stores of it outside of the frame, and returns. Only these
 * are looked at when they are executed; code without them pays nothing.
 */
import type { FunctionCode, Instruction, Value } from '../ir.ts';

/** The function with such stores and its returns marked. */
export function markEscapes(code: FunctionCode): FunctionCode {
  const holders = findHolders(code);
  let leaks = false;
  const stores = code.instructions.map((one): Instruction => {
    if (one.op !== 'evaluate') return one;
    const value = markStores(one.value, holders);
    if (value === one.value) return one;
    leaks = true;
    return { ...one, value };
  });
  const isPointer = code.symbol.type.result.kind === 'pointer';
  if (!leaks && !(isPointer && code.instructions.some((one) => givesAway(one, holders)))) {
    return code;
  }
  const watch = leaks ? 'stores' : 'result';
  const instructions = stores.map(
    (one): Instruction => (one.op === 'return' ? { ...one, watch } : one),
  );
  return { ...code, instructions };
}

/** Offsets of locals that the address of another local, or their own, is assigned to. */
function findHolders(code: FunctionCode): ReadonlySet<number> {
  const holders = new Set<number>();
  for (let size = -1; size !== holders.size; ) {
    size = holders.size;
    for (const one of code.instructions) {
      if (one.op === 'evaluate') note(one.value, holders);
    }
  }
  return holders;
}

function note(value: Value, holders: Set<number>): void {
  if (value.op === 'sequence') {
    note(value.first, holders);
    note(value.next, holders);
  } else if (value.op === 'store' && value.address.op === 'frame') {
    if (holds(value.value, holders)) holders.add(value.address.offset);
  }
}

/** Whether a value may be the address of a local. */
function holds(value: Value, holders: ReadonlySet<number>): boolean {
  switch (value.op) {
    case 'frame':
      return true;
    case 'load':
      return value.address.op === 'frame' && holders.has(value.address.offset);
    case 'binary':
      return holds(value.left, holders) || holds(value.right, holders);
    case 'convert':
      return holds(value.operand, holders);
    case 'conditional':
      return holds(value.whenTrue, holders) || holds(value.whenFalse, holders);
    case 'sequence':
      return holds(value.next, holders);
    case 'store':
      return holds(value.value, holders);
    default:
      return false;
  }
}

/** Whether an instruction hands the address of a local to a call or to the caller. */
function givesAway(one: Instruction, holders: ReadonlySet<number>): boolean {
  const list =
    one.op === 'call' ? one.arguments : one.op === 'return' && one.value ? [one.value] : [];
  return list.some((item) => item.kind === 'scalar' && holds(item.value, holders));
}

function markStores(value: Value, holders: ReadonlySet<number>): Value {
  if (value.op === 'sequence') {
    const first = markStores(value.first, holders);
    const next = markStores(value.next, holders);
    return first === value.first && next === value.next ? value : { ...value, first, next };
  }
  if (value.op !== 'store' || value.scalar !== 'u64') return value;
  if (isInFrame(value.address) || !holds(value.value, holders)) return value;
  return { ...value, leaks: true };
}

/** An address that is computed from the frame itself. */
const isInFrame = (address: Value): boolean =>
  address.op === 'frame' || (address.op === 'binary' && isInFrame(address.left));
