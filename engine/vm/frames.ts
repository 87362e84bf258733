/** Walks the frames of a thread, through dispatched exceptions and across the user/kernel boundary. */
import { type VirtualAddress, virtual } from '../base/addresses.ts';
import { frameHeader, type Region } from './ir.ts';
import type { Module, Routine } from './module.ts';
import type { Mode, Registers } from './threads.ts';

/** The private part of an exception's record on the stack. */
export const dispatchRecord = {
  previous: 0,
  pc: 8,
  fp: 16,
  sp: 24,
  /** How many frames up, and at which of its regions, the search for a handler stands. */
  depth: 32,
  region: 40,
  code: 48,
  /** 1: raised by a native routine, which counts as returned when execution continues. */
  native: 56,
  pointers: 64,
  exception: 80,
  context: 240,
  size: 1472,
} as const;

/** Reads 8 bytes of the thread's memory as a number; undefined when it cannot. */
export type ReadWord = (address: number) => number | undefined;

export interface Frame extends Registers {
  /** Undefined when the address is in no module. */
  readonly module: Module | undefined;
  readonly routine: Routine | undefined;
  /** Of the instruction that runs or that called. */
  readonly index: number;
  /** Whether the caller is user code on another stack. */
  readonly boundary: boolean;
  /** The filter that runs, when this frame is only visited to evaluate it. */
  readonly filter: Region | undefined;
}

export class FrameWalker {
  constructor(
    private readonly moduleAt: (address: number) => Module | undefined,
    private readonly read: ReadWord,
  ) {}

  /** The frame of registers whose pc is the instruction that runs. */
  frame(registers: Registers): Frame {
    return this.at(registers, 0);
  }

  /** The frame that called, or where the exception was raised that a filter judges. */
  caller(frame: Frame): Frame | undefined {
    if (frame.filter !== undefined && frame.dispatch !== 0) {
      const word = (offset: number): number => this.read(frame.dispatch + offset) ?? 0;
      return this.at(
        {
          pc: virtual(word(dispatchRecord.pc)),
          fp: word(dispatchRecord.fp),
          sp: word(dispatchRecord.sp),
          mode: frame.mode,
          dispatch: word(dispatchRecord.previous),
        },
        0,
      );
    }
    const pc = this.read(frame.fp + frameHeader.returnAddress);
    const fp = this.read(frame.fp + frameHeader.callerFrame);
    const sp = this.read(frame.fp + frameHeader.callerStack);
    if (pc === undefined || pc === 0 || fp === undefined || sp === undefined) return undefined;
    // A frame that does not lie above its callee was overwritten.
    if (!frame.boundary && fp <= frame.fp) return undefined;
    const mode: Mode = frame.boundary ? 'user' : frame.mode;
    const dispatch = frame.boundary
      ? (this.read(frame.fp + frameHeader.callerDispatch) ?? 0)
      : frame.dispatch;
    return this.at({ pc, fp, sp, mode, dispatch }, 1);
  }

  private at(registers: Registers, back: 0 | 1): Frame {
    const module = this.moduleAt(registers.pc);
    const index = module === undefined ? -1 : module.indexOf(registers.pc) - back;
    const routine = module?.routineAt(index);
    const boundary =
      registers.mode === 'kernel' && this.read(registers.fp + frameHeader.boundary) === 1;
    const filter = routine && filterAt(routine, index);
    return { ...registers, module, routine, index, boundary, filter };
  }

  /** Code address of a frame's instruction. */
  addressOf(frame: Frame): VirtualAddress {
    return frame.module?.addressAt(frame.index) ?? virtual(frame.pc);
  }
}

/** The region whose filter holds an instruction of the routine. */
export function filterAt(routine: Routine, index: number): Region | undefined {
  const at = index - routine.first;
  return routine.code?.regions.find((region) => at >= region.filter && at < region.filterEnd);
}
