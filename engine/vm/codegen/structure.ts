/**
 * Finds the nested blocks and loops of a flat list of instructions, so that its branches can be written as `break`
 * and `continue`. Code from structured C nests as it stands; a jump into a loop from outside does not.
 */
import type { Instruction } from '../ir.ts';
import { successors } from './slots.ts';

/** Instructions `start` to `end` (exclusive). A branch to a block goes behind its end, one to a loop to its start. */
export interface Interval {
  readonly kind: 'block' | 'loop';
  start: number;
  end: number;
}

export interface Structure {
  /** Outer ones before inner ones. */
  readonly intervals: readonly Interval[];
  /** Instructions that can be reached from the entry without going back behind it, before the end. */
  readonly reachable: ReadonlySet<number>;
  /** Behind the last instruction. */
  readonly end: number;
}

/**
 * The structure of what follows an entry; undefined when it does not nest. Of the top of a loop that is the loop: what
 * comes after it would be compiled for its sake before it has ever run.
 */
export function structureFrom(
  instructions: readonly Instruction[],
  entry: number,
): Structure | undefined {
  const end = entry === 0 ? instructions.length : endOfLoop(instructions, entry);
  const reachable = reachableFrom(instructions, entry, end);
  const blocks = new Map<number, Interval>();
  const loops = new Map<number, Interval>();
  for (const index of reachable) {
    const instruction = instructions[index];
    if (instruction === undefined) return undefined;
    if (instruction.op === 'evaluate' || instruction.op === 'call') continue;
    for (const target of successors(instruction, index)) {
      if (target < entry || target >= end) continue;
      if (target > index) {
        if (instruction.op === 'branch' && target === index + 1) continue;
        const block = blocks.get(target);
        if (block === undefined) blocks.set(target, { kind: 'block', start: index, end: target });
        else block.start = Math.min(block.start, index);
      } else {
        const loop = loops.get(target);
        if (loop === undefined) loops.set(target, { kind: 'loop', start: target, end: index + 1 });
        else loop.end = Math.max(loop.end, index + 1);
      }
    }
  }
  const all = [...blocks.values(), ...loops.values()];
  return nest(all) ? { intervals: sorted(all), reachable, end } : undefined;
}

/** Moves starts of blocks up and ends of loops down until all intervals nest; false when a jump enters a loop. */
function nest(all: readonly Interval[]): boolean {
  for (let changed = true; changed; ) {
    changed = false;
    for (const one of all) {
      for (const other of all) {
        // `one` begins first and ends inside `other`.
        const isCrossing = one.start < other.start && other.start < one.end && one.end < other.end;
        if (!isCrossing) continue;
        if (other.kind === 'block') other.start = one.start;
        else if (one.kind === 'loop') one.end = other.end;
        else return false;
        changed = true;
      }
    }
  }
  return true;
}

/** In the order in which they open; at one place the longer first, and a block around a loop of its length. */
function sorted(all: readonly Interval[]): readonly Interval[] {
  return [...all].sort(
    (one, other) =>
      one.start - other.start ||
      other.end - one.end ||
      (one.kind === other.kind ? 0 : one.kind === 'block' ? -1 : 1),
  );
}

/** Behind the last instruction that goes back to the top of a loop. */
function endOfLoop(instructions: readonly Instruction[], top: number): number {
  let end = top;
  instructions.forEach((instruction, index) => {
    if (index >= top && successors(instruction, index).includes(top)) end = index + 1;
  });
  return end > top ? end : instructions.length;
}

function reachableFrom(
  instructions: readonly Instruction[],
  entry: number,
  end: number,
): ReadonlySet<number> {
  const reached = new Set<number>();
  const open = [entry];
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    const instruction = instructions[index];
    if (index < entry || index >= end || instruction === undefined || reached.has(index)) continue;
    reached.add(index);
    open.push(...successors(instruction, index));
  }
  return reached;
}
