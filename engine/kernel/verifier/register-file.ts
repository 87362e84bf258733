/**
 * The map registers of DMA verification: each transfer of a verified driver goes through pages of its own, filled with
 * 0x0F while they are free, with a tag before and behind the bytes that the device may use.
 */
import { PAGE_SIZE, physical } from '../../base/addresses.ts';
import type { FrameRunGrant } from '../../machine/frames.ts';
import type { PhysicalMemory } from '../../machine/physical-memory.ts';
import type { DmaBreach } from './dma-transfers.ts';

const FILL = 0x0f;
const TAG = Uint8Array.from('DmaVrfy0', (character) => character.charCodeAt(0));

/** Bytes in registers: where they lie, and where in the driver's buffer they belong. */
export interface FramedPiece {
  readonly bounce: number;
  readonly length: number;
  readonly va: number;
}

const pageStart = (address: number): number => address - (address % PAGE_SIZE);
const pageEnd = (address: number): number => pageStart(address + PAGE_SIZE - 1);

/** Fills registers that nothing uses. */
export function fillRegisters(memory: PhysicalMemory, runs: readonly FrameRunGrant[]): void {
  for (const run of runs) fill(memory, run.frame * PAGE_SIZE, run.count * PAGE_SIZE);
}

/** What was written into the registers of a piece before it is mapped there. */
export function judgeFree(memory: PhysicalMemory, piece: FramedPiece): DmaBreach | undefined {
  const start = pageStart(piece.bounce);
  const bytes = memory.peek(physical(start), pageEnd(piece.bounce + piece.length) - start);
  const at = bytes.findIndex((byte) => byte !== FILL);
  if (at < 0) return undefined;
  return {
    parameters: [0x0f, 3, start + at, 0],
    text: `The byte at physical address 0x${(start + at).toString(16)} was written: it belongs to a map register that no transfer used. A device still works on a transfer that has ended, or writes behind its end.`,
  };
}

/** Puts the tags around a piece. */
export function frameRegisters(memory: PhysicalMemory, piece: FramedPiece): void {
  const { before, behind, hasTag } = surroundings(piece);
  if (hasTag.before) memory.poke(physical(before.end - TAG.length), TAG);
  if (hasTag.behind) memory.poke(physical(behind.start), TAG);
}

/** What was written around a piece while it was mapped. */
export function judgeFrame(memory: PhysicalMemory, piece: FramedPiece): DmaBreach | undefined {
  const { before, behind, hasTag } = surroundings(piece);
  const tagBefore = hasTag.before ? before.end - TAG.length : before.end;
  const tagBehind = hasTag.behind ? behind.start + TAG.length : behind.start;
  const what = `a transfer of ${piece.length} bytes`;
  const damaged = (start: number): boolean =>
    memory.peek(physical(start), TAG.length).some((byte, index) => byte !== TAG[index]);
  if (hasTag.before && damaged(tagBefore)) {
    return {
      parameters: [0x0f, 1, piece.length, piece.va],
      text: `The bytes before ${what} were written by the device.`,
    };
  }
  if (hasTag.behind && damaged(behind.start)) {
    return {
      parameters: [0x0f, 2, piece.length, piece.va],
      text: `The bytes behind ${what} were written by the device.`,
    };
  }
  const touched = (start: number, end: number): number =>
    memory.peek(physical(start), end - start).findIndex((byte) => byte !== FILL);
  const first = touched(before.start, tagBefore);
  if (first >= 0) {
    return {
      parameters: [0x0f, 4, piece.va, before.start + first],
      text: `The padding before ${what} was written by the device.`,
    };
  }
  const second = touched(tagBehind, behind.end);
  if (second < 0) return undefined;
  return {
    parameters: [0x0f, 5, piece.va, tagBehind + second],
    text: `The padding behind ${what} was written by the device.`,
  };
}

/** The registers of a piece are free again. */
export function refillRegisters(memory: PhysicalMemory, piece: FramedPiece): void {
  const start = pageStart(piece.bounce);
  fill(memory, start, pageEnd(piece.bounce + piece.length) - start);
}

/** The rest of the pages that a piece begins and ends in. */
function surroundings({ bounce, length }: FramedPiece) {
  const before = { start: pageStart(bounce), end: bounce };
  const behind = { start: bounce + length, end: pageEnd(bounce + length) };
  return {
    before,
    behind,
    hasTag: {
      before: before.end - before.start >= TAG.length,
      behind: behind.end - behind.start >= TAG.length,
    },
  };
}

function fill(memory: PhysicalMemory, start: number, length: number): void {
  const page = new Uint8Array(PAGE_SIZE).fill(FILL);
  for (let at = start; at < start + length; at += PAGE_SIZE) memory.poke(physical(at), page);
}
