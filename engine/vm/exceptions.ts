/**
 * Structured exception handling as x64 Windows has it: a search for a handler while all frames still exist,
 * filters run in the frame of their function on top of the stack, then an unwind that runs finally blocks
 * from the inside out. All state lies on the emulated stack.
 */
import { virtual } from '../base/addresses.ts';
import type { Int64 } from '../base/int64.ts';
import { dispatchRecord, type Frame, type FrameWalker } from './frames.ts';
import { exceptSlot, finallySlot, type Region } from './ir.ts';
import type { ExceptionRecord } from './natives.ts';
import type { Processor } from './processor.ts';

/** What becomes of an exception that no frame takes, and how frames are walked. */
export interface ExceptionEnvironment {
  readonly walker: FrameWalker;
  unhandled(record: ExceptionRecord): void;
  /** No room on the stack for the record. */
  stackExhausted(record: ExceptionRecord): void;
}

/** Offsets in CONTEXT (x64) of what the emulated processor has. */
const contextFields = { flags: 0x30, rsp: 0x98, rbp: 0xa0, rip: 0xf8 } as const;
const CONTEXT_CONTROL = 0x10_0001;
const MAXIMUM_PARAMETERS = 15;
const EXCEPTION_NONCONTINUABLE = 1;
const STATUS_NONCONTINUABLE_EXCEPTION = 0xc0000025;

/** A frame that is visited only to run a filter takes part in nothing. */
const regionsAround = (frame: Frame): readonly (readonly [number, Region])[] => {
  const { routine } = frame;
  if (routine?.code === undefined || frame.filter !== undefined) return [];
  const at = frame.index - routine.first;
  return [...routine.code.regions.entries()].filter(
    ([, region]) => at >= region.start && at < region.end,
  );
};

/** Documentation: `try-except statement`, `try-finally statement`, `x64 exception handling`. */
export class Exceptions {
  constructor(
    private readonly processor: Processor,
    private readonly environment: ExceptionEnvironment,
  ) {}

  /**
   * Raises an exception at the running instruction and goes to the first filter. `nested` is the address of the
   * EXCEPTION_RECORD that it came of.
   */
  raise(record: ExceptionRecord, byNative: boolean, nested = 0): void {
    const { processor } = this;
    const base = processor.reserve(dispatchRecord.size);
    if (base === undefined) {
      this.environment.stackExhausted(record);
      return;
    }
    const { door } = processor;
    door.forget(base, dispatchRecord.size);
    const word = (offset: number, value: Int64): void => door.write64(base + offset, value);
    word(dispatchRecord.previous, processor.dispatch);
    word(dispatchRecord.pc, processor.pc);
    word(dispatchRecord.fp, processor.fp);
    word(dispatchRecord.sp, processor.sp);
    word(dispatchRecord.code, record.code);
    word(dispatchRecord.native, byNative ? 1 : 0);
    word(dispatchRecord.pointers, base + dispatchRecord.exception);
    word(dispatchRecord.pointers + 8, base + dispatchRecord.context);
    const at = base + dispatchRecord.exception;
    door.write32(at, record.code);
    door.write32(at + 4, record.noncontinuable === true ? EXCEPTION_NONCONTINUABLE : 0);
    door.write64(at + 8, nested);
    door.write64(at + 16, record.address);
    const parameters = record.parameters.slice(0, MAXIMUM_PARAMETERS);
    door.write32(at + 24, parameters.length);
    door.write32(at + 28, 0);
    parameters.forEach((value, index) => {
      door.write64(at + 32 + index * 8, value);
    });
    const context = base + dispatchRecord.context;
    door.write32(context + contextFields.flags, CONTEXT_CONTROL);
    door.write64(context + contextFields.rsp, processor.sp);
    door.write64(context + contextFields.rbp, processor.fp);
    door.write64(context + contextFields.rip, record.address);
    processor.dispatch = base;
    processor.sp = base;
    this.search(base, 0, 0);
  }

  /** What a filter answered. */
  filtered(answer: number): void {
    const { processor } = this;
    const base = processor.dispatch;
    if (answer > 0) this.unwind(base);
    else if (answer < 0 && this.isNoncontinuable(base)) this.raiseNoncontinuable(base);
    else if (answer < 0) this.continueExecution(base);
    else {
      const depth = this.word(base, dispatchRecord.depth);
      this.search(base, depth, this.word(base, dispatchRecord.region) + 1);
    }
  }

  /** Enters a finally block in the course of normal execution. */
  callFinally(region: Region, first: number, next: number, abnormal: boolean): number {
    const slot = this.processor.fp + region.slot;
    const { door } = this.processor;
    door.write32(slot + finallySlot.abnormal, abnormal ? 1 : 0);
    door.write64(slot + finallySlot.continuation, next);
    return first + region.handler;
  }

  /** A finally block is done: goes on behind it, or with the unwind; answers the index to go on at. */
  endFinally(regionIndex: number, region: Region): number {
    const { processor } = this;
    const { door } = processor;
    const slot = processor.fp + region.slot;
    const continuation = Number(door.readI64(slot + finallySlot.continuation));
    door.taint = 0;
    if (continuation >= 0) return continuation;
    const targetFrame = Number(door.readI64(slot + finallySlot.targetFrame));
    const targetRegion = Number(door.readI64(slot + finallySlot.targetRegion));
    const here = this.environment.walker.frame(processor.registers);
    const first = here.routine?.first ?? 0;
    this.unwindFrom(
      { ...here, index: first + region.start, filter: undefined },
      regionIndex,
      targetFrame,
      targetRegion,
    );
    return processor.index;
  }

  /** Looks for the next `__except` from a frame and a region on, outwards, and runs its filter. */
  private search(base: number, startDepth: number, startRegion: number): void {
    const { walker } = this.environment;
    let frame: Frame | undefined = this.raisingFrame(base);
    for (let skipped = 0; skipped < startDepth && frame !== undefined; skipped++) {
      frame = walker.caller(frame);
    }
    let depth = startDepth;
    let from = startRegion;
    while (frame !== undefined) {
      for (const [number, region] of regionsAround(frame)) {
        if (number < from || region.kind !== 'except') continue;
        this.runFilter(base, frame, depth, number, region);
        return;
      }
      // The boundary is no frame that an exception of kernel mode crosses.
      if (frame.boundary) break;
      from = 0;
      depth++;
      frame = walker.caller(frame);
    }
    this.environment.unhandled(this.recordAt(base));
  }

  /** The filter runs in its function's frame, on top of the stack that raised. */
  private runFilter(
    base: number,
    frame: Frame,
    depth: number,
    number: number,
    region: Region,
  ): void {
    const { processor } = this;
    const { door } = processor;
    door.write64(base + dispatchRecord.depth, depth);
    door.write64(base + dispatchRecord.region, number);
    const slot = frame.fp + region.slot;
    door.write64(slot + exceptSlot.code, this.word(base, dispatchRecord.code));
    door.write64(slot + exceptSlot.pointers, base + dispatchRecord.pointers);
    this.enter(frame, region.filter);
    processor.sp = base;
    processor.dispatch = base;
  }

  /** The filter has taken the exception: everything between goes. */
  private unwind(base: number): void {
    const { walker } = this.environment;
    const depth = this.word(base, dispatchRecord.depth);
    const region = this.word(base, dispatchRecord.region);
    const raising = this.raisingFrame(base);
    let target: Frame | undefined = raising;
    for (let up = 0; up < depth && target !== undefined; up++) target = walker.caller(target);
    if (target === undefined) {
      this.environment.unhandled(this.recordAt(base));
      return;
    }
    this.unwindFrom(raising, -1, target.fp, region);
  }

  /** Runs the next finally block between a frame and the target, or enters the handler. */
  private unwindFrom(start: Frame, after: number, targetFrame: number, targetRegion: number): void {
    const { processor } = this;
    let frame: Frame | undefined = start;
    let from = after;
    while (frame !== undefined) {
      const isTarget = frame.fp === targetFrame && frame.filter === undefined;
      for (const [number, region] of regionsAround(frame)) {
        if (number <= from || region.kind !== 'finally') continue;
        if (isTarget && number > targetRegion) break;
        this.enter(frame, region.handler);
        const slot = frame.fp + region.slot;
        processor.door.write32(slot + finallySlot.abnormal, 1);
        processor.door.write64(slot + finallySlot.continuation, -1);
        processor.door.write64(slot + finallySlot.targetFrame, targetFrame);
        processor.door.write64(slot + finallySlot.targetRegion, targetRegion);
        return;
      }
      if (isTarget) {
        const region = frame.routine?.code?.regions[targetRegion];
        this.enter(frame, region?.handler ?? 0);
        return;
      }
      from = -1;
      frame = frame.boundary ? undefined : this.environment.walker.caller(frame);
    }
  }

  private isNoncontinuable(base: number): boolean {
    const { door } = this.processor;
    const flags = door.readU32(base + dispatchRecord.exception + 4);
    door.taint = 0;
    return (flags & EXCEPTION_NONCONTINUABLE) !== 0;
  }

  /** A filter wants to go on where that is not possible: the next exception, from the same place. */
  private raiseNoncontinuable(base: number): void {
    const { processor } = this;
    const frame = this.raisingFrame(base);
    const byNative = this.word(base, dispatchRecord.native) === 1;
    const { address } = this.recordAt(base);
    processor.goTo({ ...frame, pc: frame.module?.addressAt(frame.index) ?? frame.pc });
    // The first record stays where it is: the next one points at it.
    processor.sp = base;
    this.raise(
      { code: STATUS_NONCONTINUABLE_EXCEPTION, address, parameters: [], noncontinuable: true },
      byNative,
      base + dispatchRecord.exception,
    );
  }

  /** Back to where it was raised; a native that raised counts as returned. */
  private continueExecution(base: number): void {
    const { processor } = this;
    const frame = this.raisingFrame(base);
    const byNative = this.word(base, dispatchRecord.native) === 1;
    processor.goTo({ ...frame, pc: frame.module?.addressAt(frame.index) ?? frame.pc });
    if (byNative) processor.index = processor.return(0, false, undefined);
  }

  /** Makes a frame the running one, at an instruction of its routine. */
  private enter(frame: Frame, offset: number): void {
    const { module, routine } = frame;
    if (module === undefined || routine === undefined) return;
    this.processor.goTo({ ...frame, pc: module.addressAt(routine.first + offset) });
  }

  /** The frame that raised, as its record on the stack has it. */
  private raisingFrame(base: number): Frame {
    return this.environment.walker.frame({
      pc: virtual(this.word(base, dispatchRecord.pc)),
      fp: this.word(base, dispatchRecord.fp),
      sp: this.word(base, dispatchRecord.sp),
      mode: this.processor.mode,
      dispatch: this.word(base, dispatchRecord.previous),
    });
  }

  /** The EXCEPTION_RECORD on the stack; a filter may have changed it. */
  private recordAt(base: number): ExceptionRecord {
    const { door } = this.processor;
    const at = base + dispatchRecord.exception;
    const count = Math.min(door.readU32(at + 24), MAXIMUM_PARAMETERS);
    const parameters = Array.from({ length: count }, (_, index) =>
      door.readI64(at + 32 + index * 8),
    );
    const address = virtual(Number(door.readI64(at + 16)));
    const code = door.readU32(at);
    door.taint = 0;
    const pointers = { record: virtual(at), context: virtual(base + dispatchRecord.context) };
    return { code, address, parameters, pointers };
  }

  private word(base: number, offset: number): number {
    const { door } = this.processor;
    const { taint } = door;
    const value = Number(door.readI64(base + offset));
    door.taint = taint;
    return value;
  }
}
