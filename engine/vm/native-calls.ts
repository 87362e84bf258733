/** One call of a native routine, as the routine sees it. */
import type { Int64 } from '../base/int64.ts';
import { type CType, type FunctionType, sizeOf } from '../language/types.ts';
import type { MemoryAccess, Peek } from './access.ts';
import { argumentOffset, frameHeader, type Scalar } from './ir.ts';
import { fitsRegister, scalarOf } from './lowering/scalars.ts';
import { type Again, type NativeCall, type NativeResult, RaiseException } from './natives.ts';
import type { Processor } from './processor.ts';
import type { Site } from './reports.ts';
import { loader } from './values.ts';

/** What a call learns about its surroundings only when it asks. */
export interface CallSurroundings {
  site(): Site;
  caller(): NativeCall['caller'];
  peek(): Peek;
  /** An argument was never written. */
  unwrittenArgument(address: number, size: number, slot: number, name: string): void;
  violation(rule: string, message: string, page: string | undefined): void;
}

const STATUS_INVALID_PARAMETER = 0xc000000d;

/**
 * Arguments are read from the frame's slots when they are asked for, so only those that the routine uses are
 * judged for never-written bytes.
 */
export class RunningCall implements NativeCall {
  private readonly fp: number;
  private readonly shift: number;

  constructor(
    readonly routine: string,
    private readonly processor: Processor,
    private readonly type: FunctionType | undefined,
    readonly memory: MemoryAccess,
    private readonly surroundings: CallSurroundings,
  ) {
    this.fp = processor.fp;
    const result = type?.result;
    this.shift = result?.kind === 'record' && !fitsRegister(result) ? 1 : 0;
  }

  get site(): Site {
    return this.surroundings.site();
  }

  get caller(): NativeCall['caller'] {
    return this.surroundings.caller();
  }

  get thread(): number {
    return this.processor.thread;
  }

  get process(): number {
    return this.processor.process;
  }

  get mode(): 'kernel' | 'user' {
    return this.processor.mode;
  }

  get peek(): Peek {
    return this.surroundings.peek();
  }

  get progress(): number {
    return Number(this.processor.door.readI64(this.fp + frameHeader.progress));
  }

  again(progress: number): Again {
    return { again: progress };
  }

  integer(index: number): Int64 {
    const type = this.typeOf(index);
    if (type?.kind === 'record') {
      return this.load(index, sizeOf(type) <= 4 ? 'u32' : 'i64', Math.min(sizeOf(type), 8));
    }
    return this.load(index, type === undefined ? 'i64' : scalarOf(type), undefined);
  }

  number(index: number): number {
    const value = this.integer(index);
    if (typeof value === 'bigint') return Number.POSITIVE_INFINITY;
    const type = this.typeOf(index);
    const isSize = type?.kind === 'integer' && !type.signed && type.size === 8;
    return isSize && value < 0 ? Number.POSITIVE_INFINITY : value;
  }

  boolean(index: number): boolean {
    return this.integer(index) !== 0;
  }

  floating(index: number): number {
    const type = this.typeOf(index);
    return Number(this.load(index, type?.kind === 'floating' ? scalarOf(type) : 'f64', undefined));
  }

  variadic(position: number): Int64 {
    const named = this.type?.parameters.length ?? 0;
    return this.load(named + position, 'i64', undefined);
  }

  violation(rule: string, message: string, page?: string): void {
    this.surroundings.violation(rule, message, page);
  }

  /** Undefined behind the named parameters, and for routines without a prototype. */
  private typeOf(index: number): CType | undefined {
    return this.type?.parameters[index]?.type;
  }

  /** A slot's value; `judged` bytes of it count, all of the type's without it. */
  private load(index: number, scalar: Scalar, judged: number | undefined): Int64 {
    if (index < 0 || index > 1000) throw new RaiseException(STATUS_INVALID_PARAMETER);
    const { door } = this.processor;
    const address = this.fp + argumentOffset(index + this.shift);
    door.taint = 0;
    const value = loader(scalar, undefined)(door, address);
    const { taint, taintSize } = door;
    door.taint = 0;
    if (taint !== 0 && (judged === undefined || taint < address + judged)) {
      const name = this.type?.parameters[index]?.name ?? `argument ${index + 1}`;
      this.surroundings.unwrittenArgument(taint, taintSize, index + this.shift, name);
    }
    return value;
  }
}

/** Whether a native wants to be entered again. */
export const isAgain = (result: NativeResult): result is Again =>
  typeof result === 'object' && result !== null;
