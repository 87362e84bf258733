/**
 * Which places of a frame generated code keeps in variables of its own, and where they are needed. The frame always
 * holds the truth: a kept value is a copy that saves the load.
 */
import {
  type FunctionCode,
  type Instruction,
  isFloat,
  type Scalar,
  scalarSize,
  type Value,
} from '../ir.ts';

/** A scalar in the frame that is only ever read and written whole. */
export interface Slot {
  readonly offset: number;
  readonly size: 1 | 2 | 4 | 8;
  /** How a kept value of less than 4 bytes is read. */
  readonly scalar: Scalar;
  /** Its bit in the sets of liveness. */
  readonly bit: number;
}

/** As many as there are bits in a word with a sign. */
const MOST_SLOTS = 30;

export class FrameSlots {
  /** By offset from the frame pointer. */
  readonly byOffset: ReadonlyMap<number, Slot>;
  private readonly liveIn: Int32Array;

  constructor(private readonly code: FunctionCode) {
    this.byOffset = findSlots(code);
    this.liveIn = this.computeLiveness();
  }

  /** Slots whose value at an instruction may still be read. */
  liveAt(index: number): readonly Slot[] {
    const live = this.liveIn[index] ?? 0;
    return [...this.byOffset.values()].filter(({ bit }) => (live & (1 << bit)) !== 0);
  }

  /** The slot of a whole access, if it is one. */
  at(address: Value, scalar: Scalar): Slot | undefined {
    if (address.op !== 'frame') return undefined;
    const slot = this.byOffset.get(address.offset);
    return slot?.size === scalarSize[scalar] && !isFloat(scalar) ? slot : undefined;
  }

  private computeLiveness(): Int32Array {
    const { instructions } = this.code;
    const effects = instructions.map((instruction) => this.effectsOf(instruction));
    const live = new Int32Array(instructions.length + 1);
    for (let changed = true; changed; ) {
      changed = false;
      for (let index = instructions.length - 1; index >= 0; index--) {
        const instruction = instructions[index];
        const effect = effects[index];
        if (instruction === undefined || effect === undefined) continue;
        let out = 0;
        for (const next of successors(instruction, index)) out |= live[next] ?? 0;
        const before = effect.reads | (out & ~effect.writes);
        if (before !== live[index]) {
          live[index] = before;
          changed = true;
        }
      }
    }
    return live;
  }

  /** Slots that an instruction may read before it writes them, and those that it writes whatever happens. */
  private effectsOf(instruction: Instruction): { reads: number; writes: number } {
    let reads = 0;
    let writes = 0;
    const bitOf = (address: Value, scalar: Scalar): number => {
      const slot = this.at(address, scalar);
      return slot === undefined ? 0 : 1 << slot.bit;
    };
    const visit = (value: Value, certain: boolean): void => {
      switch (value.op) {
        case 'load': {
          const bit = bitOf(value.address, value.scalar);
          reads |= bit & ~writes;
          if (bit === 0) visit(value.address, certain);
          return;
        }
        case 'store': {
          visit(value.value, certain);
          const bit = bitOf(value.address, value.scalar);
          if (bit === 0) visit(value.address, certain);
          else if (certain) writes |= bit;
          return;
        }
        case 'update': {
          visit(value.operand, certain);
          const bit = bitOf(value.address, value.scalar);
          reads |= bit & ~writes;
          if (bit === 0) visit(value.address, certain);
          else if (certain) writes |= bit;
          return;
        }
        case 'and':
        case 'or':
          visit(value.left, certain);
          visit(value.right, false);
          return;
        case 'conditional':
          visit(value.condition, certain);
          visit(value.whenTrue, false);
          visit(value.whenFalse, false);
          return;
        default:
          for (const operand of operandsOf(value)) visit(operand, certain);
      }
    };
    for (const value of valuesOf(instruction)) visit(value, true);
    if (instruction.op === 'call' && instruction.result?.kind === 'scalar') {
      const { offset, scalar } = instruction.result;
      writes |= bitOf({ op: 'frame', offset }, scalar);
    }
    return { reads, writes };
  }
}

/** Where execution may go on in the function. */
export function successors(instruction: Instruction, index: number): readonly number[] {
  switch (instruction.op) {
    case 'branch':
      return [index + 1, instruction.target];
    case 'jump':
      return [instruction.target];
    case 'switch':
      return [...instruction.cases.map(({ target }) => target), instruction.otherwise];
    case 'evaluate':
    case 'call':
      return [index + 1];
    case 'return':
    case 'native':
    case 'filterEnd':
    case 'finallyCall':
    case 'finallyEnd':
    case 'breakpoint':
      return [];
  }
}

/** The values that an instruction computes, in their order. */
export function valuesOf(instruction: Instruction): readonly Value[] {
  switch (instruction.op) {
    case 'evaluate':
    case 'switch':
    case 'filterEnd':
      return [instruction.value];
    case 'branch':
      return [instruction.condition];
    case 'call':
      return [
        instruction.callee,
        ...instruction.arguments.map((one) => (one.kind === 'scalar' ? one.value : one.address)),
      ];
    case 'return': {
      const { value } = instruction;
      if (value === undefined) return [];
      return [value.kind === 'scalar' ? value.value : value.address];
    }
    default:
      return [];
  }
}

/** The values inside a value, in the order in which they are computed. */
export function operandsOf(value: Value): readonly Value[] {
  switch (value.op) {
    case 'constant':
    case 'frame':
    case 'symbol':
      return [];
    case 'load':
    case 'forget':
      return [value.address];
    case 'store':
      return [value.value, value.address];
    case 'update':
      return [value.operand, value.address];
    case 'copy':
      return [value.source, value.destination];
    case 'fill':
      return [value.destination];
    case 'negate':
    case 'complement':
    case 'not':
    case 'convert':
      return [value.operand];
    case 'bound':
      return [value.index];
    case 'binary':
    case 'compare':
    case 'and':
    case 'or':
      return [value.left, value.right];
    case 'conditional':
      return [value.condition, value.whenTrue, value.whenFalse];
    case 'sequence':
      return [value.first, value.next];
  }
}

/** The most used places that no access takes apart. */
function findSlots(code: FunctionCode): ReadonlyMap<number, Slot> {
  const uses = new Map<number, { scalar: Scalar; size: 1 | 2 | 4 | 8; count: number }>();
  const unfit = new Set<number>();
  const note = (offset: number, scalar: Scalar, whole: boolean): void => {
    const size = scalarSize[scalar];
    const known = uses.get(offset);
    if (known === undefined) uses.set(offset, { scalar, size, count: 1 });
    else known.count++;
    const isFit = whole && !isFloat(scalar) && (known === undefined || known.size === size);
    if (!isFit || offset % size !== 0) unfit.add(offset);
  };
  const visit = (value: Value): void => {
    if (
      (value.op === 'load' || value.op === 'store' || value.op === 'update') &&
      value.address.op === 'frame'
    ) {
      note(value.address.offset, value.scalar, value.bits === undefined);
    }
    if (value.op === 'forget' && value.address.op === 'frame') {
      // What is kept in a variable counts as written.
      const { offset } = value.address;
      for (let at = offset; at < offset + value.size; at++) unfit.add(at);
    }
    for (const operand of operandsOf(value)) visit(operand);
  };
  for (const instruction of code.instructions) {
    for (const value of valuesOf(instruction)) visit(value);
    if (instruction.op === 'call' && instruction.result?.kind === 'scalar') {
      note(instruction.result.offset, instruction.result.scalar, true);
    }
  }
  const places = [...uses].sort(([one], [other]) => one - other);
  places.forEach(([offset, { size }], position) => {
    const [next] = places[position + 1] ?? [];
    if (next !== undefined && next < offset + size) {
      unfit.add(offset);
      unfit.add(next);
    }
  });
  const chosen = places
    .filter(([offset]) => !unfit.has(offset))
    .sort(([, one], [, other]) => other.count - one.count)
    .slice(0, MOST_SLOTS);
  return new Map(
    chosen.map(([offset, { scalar, size }], bit) => [offset, { offset, size, scalar, bit }]),
  );
}
