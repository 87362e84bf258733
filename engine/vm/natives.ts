/**
 * How native routines (the leaf routines of kernel and Winsock) are called. A native never waits and never
 * calls back: a routine that does is written in C over natives that do neither.
 */
import type { VirtualAddress } from '../base/addresses.ts';
import type { Int64 } from '../base/int64.ts';
import type { MemoryAccess, Peek } from './access.ts';
import type { Site } from './reports.ts';

/** Code by NTSTATUS, its parameters, and whether the thread may go on from it. */
export interface ExceptionRecord {
  /** Unsigned 32-bit. */
  readonly code: number;
  readonly address: VirtualAddress;
  readonly parameters: readonly Int64[];
  /** EXCEPTION_NONCONTINUABLE: going on from it is an exception of its own. */
  readonly noncontinuable?: boolean;
  /** Where EXCEPTION_RECORD and CONTEXT lie on the thread's stack, once it is being dispatched. */
  readonly pointers?: { readonly record: VirtualAddress; readonly context: VirtualAddress };
}

/** Thrown by a native to raise an exception in the calling thread (ExRaiseStatus and the like). */
export class RaiseException extends Error {
  constructor(
    readonly code: number,
    readonly parameters: readonly Int64[] = [],
    /** EXCEPTION_NONCONTINUABLE; by default what kernel routines raise has it, and nothing else. */
    readonly noncontinuable?: boolean,
  ) {
    super(`exception 0x${(code >>> 0).toString(16)}`);
  }
}

/** Thrown to stop the host with a bug check. */
export class BugCheck extends Error {
  constructor(
    readonly code: number,
    readonly parameters: readonly [Int64, Int64, Int64, Int64],
    /** What happened and which rule decided, in sentences; shown under the code. */
    readonly explanation: string,
    /** Documentation page. */
    readonly page?: string,
  ) {
    super(explanation);
  }
}

/** What a native learns and may do during one call. Valid only until it returns. */
export interface NativeCall {
  readonly routine: string;
  /** Where the call stands: the innermost frame with source of the caller. */
  readonly site: Site;
  /** Module that called (`Proxy`, `ntoskrnl`), and whether it is one of the scenario's own drivers. */
  readonly caller: {
    readonly module: string;
    readonly own: boolean;
    readonly driver: VirtualAddress | undefined;
  };
  readonly thread: number;
  /** 0 is the system process. */
  readonly process: number;
  readonly mode: 'kernel' | 'user';
  readonly memory: MemoryAccess;
  readonly peek: Peek;

  /** Argument by position in the prototype; integers and pointers in the parameter's type, 8-byte records as integers. */
  integer(index: number): Int64;
  /** An argument that has to be usable as a number: addresses, sizes, counts (SIZE_T beyond 2^53 reads as Infinity). */
  number(index: number): number;
  /** A BOOLEAN argument. */
  boolean(index: number): boolean;
  floating(index: number): number;
  /** Arguments behind the last named one, 8 bytes each, in order. */
  variadic(position: number): Int64;

  /** Progress of a call that works in slices: 0 at first, later what `again` was given. */
  readonly progress: number;
  /** Returned instead of a result: the call is entered again, with this progress, after others had a turn. */
  again(progress: number): NativeResult;

  /** Reports what only the emulator can know; once for each origin. The run goes on. */
  violation(rule: string, message: string, page?: string): void;
}

export interface Again {
  readonly again: number;
}

/** An integer or pointer result in the prototype's type, a floating one, nothing for void, or `again`. */
export type NativeResult = Int64 | Again | undefined;
/** A routine that returns VOID simply has no return statement. */
export type Native = (call: NativeCall) => NativeResult;

/** Routines by the name of their prototype in engine/include. */
export type NativeTable = Readonly<Record<string, Native>>;
