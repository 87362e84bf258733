/**
 * The intermediate form of C code: the unit of execution, of stepping and of the disassembly view.
 *
 * A function is a flat list of instructions. The expression trees inside an instruction hold no calls, so
 * that between two instructions all state is in the store: locals and temporaries in the emulated frame.
 */
import type { Int64 } from '../base/int64.ts';
import type { FunctionSymbol, Variable } from '../language/program.ts';
import type { SourceRange } from '../language/source.ts';
import type { FunctionType } from '../language/types.ts';

/** Machine types of values. 64-bit values are held in their signed reading whatever the name says. */
export type Scalar = 'i8' | 'u8' | 'i16' | 'u16' | 'i32' | 'u32' | 'i64' | 'u64' | 'f32' | 'f64';

export const scalarSize = {
  i8: 1,
  u8: 1,
  i16: 2,
  u16: 2,
  i32: 4,
  u32: 4,
  i64: 8,
  u64: 8,
  f32: 4,
  f64: 8,
} as const satisfies Record<Scalar, 1 | 2 | 4 | 8>;

export const isFloat = (scalar: Scalar): boolean => scalar === 'f32' || scalar === 'f64';
export const isSignedScalar = (scalar: Scalar): boolean => scalar.startsWith('i');

/** What the linker gives an address to. */
export type LinkSymbol =
  | { readonly kind: 'variable'; readonly variable: Variable }
  | { readonly kind: 'function'; readonly function: FunctionSymbol }
  | { readonly kind: 'string'; readonly bytes: Uint8Array };

/** A bit-field within the unit that the scalar names. */
export interface Bits {
  readonly first: number;
  readonly width: number;
}

/** Gives symbols their addresses. */
export type Resolve = (symbol: LinkSymbol) => number;

export type Operator = '+' | '-' | '*' | '/' | '%' | '&' | '|' | '^' | '<<' | '>>';
export type Comparison = '<' | '>' | '<=' | '>=' | '==' | '!=';

/**
 * An expression without calls. Addresses are values of type `u64`.
 *
 * Undefined behaviour goes on as the processor has it, and is reported by `Context.undefinedBehaviour`: a result of `+`,
 * `-`, `*` or `negate` (also of `update`) on `i32` or `i64` that does not fit, a shift count that is negative or no less
 * than the bits of the type, an index that `bound` refuses, and a computed address (neither `frame` nor `symbol`) that
 * lies on the thread's stack below its live frames. Nothing is reported while an operand was never written.
 */
export type Value =
  | { readonly op: 'constant'; readonly scalar: Scalar; readonly value: Int64 }
  /** The address `offset` bytes from the frame pointer. */
  | { readonly op: 'frame'; readonly offset: number }
  | { readonly op: 'symbol'; readonly symbol: LinkSymbol; readonly addend: number }
  | {
      readonly op: 'load';
      readonly scalar: Scalar;
      readonly address: Value;
      readonly bits: Bits | undefined;
    }
  /** Answers the stored value. */
  | {
      readonly op: 'store';
      readonly scalar: Scalar;
      readonly address: Value;
      readonly value: Value;
      readonly bits: Bits | undefined;
      /** Outside of the frame, of what may be the address of a local. */
      readonly leaks?: boolean;
    }
  /** `target = (scalar)((computation)target operator operand)`; answers the old or the new value. */
  | {
      readonly op: 'update';
      readonly scalar: Scalar;
      readonly address: Value;
      readonly bits: Bits | undefined;
      readonly operator: Operator;
      readonly operand: Value;
      readonly computation: Scalar;
      /** The target is a `_Bool`: the result is compared with zero. */
      readonly bool: boolean;
      readonly result: 'old' | 'new';
    }
  /** Moves bytes with their written marks; answers the destination. */
  | {
      readonly op: 'copy';
      readonly destination: Value;
      readonly source: Value;
      readonly size: number;
    }
  /** Writes literal bytes and then zeros up to `size`; answers the destination. */
  | {
      readonly op: 'fill';
      readonly destination: Value;
      readonly bytes: Uint8Array;
      readonly size: number;
    }
  /** The bytes count as never written from now on: a local comes to life again. Answers the address. */
  | {
      readonly op: 'forget';
      readonly address: Value;
      readonly size: number;
      /** The bytes hold bit-fields, so that some may be written in part. */
      readonly bitFields?: boolean;
    }
  | {
      readonly op: 'negate' | 'complement' | 'not';
      readonly scalar: Scalar;
      readonly operand: Value;
    }
  | {
      readonly op: 'binary';
      readonly operator: Operator;
      readonly scalar: Scalar;
      readonly left: Value;
      readonly right: Value;
    }
  | {
      readonly op: 'compare';
      readonly operator: Comparison;
      readonly scalar: Scalar;
      readonly left: Value;
      readonly right: Value;
    }
  | { readonly op: 'convert'; readonly from: Scalar; readonly to: Scalar; readonly operand: Value }
  /** Answers the index (64 bits), which must be from 0 to `last`. */
  | { readonly op: 'bound'; readonly index: Value; readonly last: number }
  | { readonly op: 'and' | 'or'; readonly left: Value; readonly right: Value }
  | {
      readonly op: 'conditional';
      readonly condition: Value;
      readonly whenTrue: Value;
      readonly whenFalse: Value;
    }
  | { readonly op: 'sequence'; readonly first: Value; readonly next: Value };

export type Argument =
  | { readonly kind: 'scalar'; readonly scalar: Scalar; readonly value: Value }
  /** 1, 2, 4 or 8 bytes travel in the slot; others as the address of a copy. */
  | { readonly kind: 'record'; readonly address: Value; readonly size: number };

/** Where a call leaves its result: in the caller's frame. */
export type ResultPlace =
  | { readonly kind: 'scalar'; readonly offset: number; readonly scalar: Scalar }
  | { readonly kind: 'record'; readonly offset: number; readonly size: number };

export type Operation =
  | { readonly op: 'evaluate'; readonly value: Value }
  /** Goes to `target` when the condition's truth is `when`. */
  | {
      readonly op: 'branch';
      readonly condition: Value;
      readonly when: boolean;
      readonly target: number;
    }
  | { readonly op: 'jump'; readonly target: number }
  | {
      readonly op: 'switch';
      readonly value: Value;
      readonly cases: readonly { readonly value: Int64; readonly target: number }[];
      readonly otherwise: number;
    }
  | {
      readonly op: 'call';
      /** A function symbol, or the value of a function pointer. */
      readonly callee: Value;
      readonly arguments: readonly Argument[];
      readonly result: ResultPlace | undefined;
      readonly type: FunctionType;
    }
  | {
      readonly op: 'return';
      readonly value: Argument | undefined;
      /** The result may be the address of a local; so may be what stores have left elsewhere. */
      readonly watch?: 'result' | 'stores';
    }
  /** The only instruction of a native routine. */
  | { readonly op: 'native'; readonly routine: string }
  /** The end of a filter expression of an exception region. */
  | { readonly op: 'filterEnd'; readonly value: Value }
  /** Runs a finally block and goes on behind this instruction. */
  | { readonly op: 'finallyCall'; readonly region: number; readonly abnormal: boolean }
  | { readonly op: 'finallyEnd'; readonly region: number }
  /** `__debugbreak()`. */
  | { readonly op: 'breakpoint' };

export type Instruction = Operation & {
  readonly range: SourceRange;
  /** Whether a step may stop here. */
  readonly statement: boolean;
};

/**
 * A `__try`: instructions `start` to `end` (exclusive) are its body. Regions are static, as in the unwind
 * tables of x64; inner ones stand before outer ones.
 */
export interface Region {
  readonly kind: 'except' | 'finally';
  readonly start: number;
  readonly end: number;
  /** First and behind the last instruction of the filter; equal for a finally. */
  readonly filter: number;
  readonly filterEnd: number;
  readonly handler: number;
  /** Frame offset of the region's slot, laid out by `exceptSlot` or `finallySlot`. */
  readonly slot: number;
}

/** Of an except region: the code, and the address of EXCEPTION_POINTERS while the filter runs. */
export const exceptSlot = { code: 0, pointers: 8, size: 16 } as const;
/** Of a finally region: how it was entered and where it goes on. */
export const finallySlot = {
  abnormal: 0,
  /** Instruction index in the function to go on at, or -1 while unwinding. */
  continuation: 8,
  targetFrame: 16,
  targetRegion: 24,
  size: 32,
} as const;

/** Places in the header of a frame, from the frame pointer upwards. */
export const frameHeader = {
  returnAddress: 0,
  callerFrame: 8,
  callerStack: 16,
  /** What a native gave to `again`. */
  progress: 24,
  /** 1: called from user mode; return switches back. */
  boundary: 32,
  /** The caller's innermost exception dispatch, where the stack changes. */
  callerDispatch: 40,
  size: 48,
} as const;

/** Offset from the frame pointer of an argument slot. */
export const argumentOffset = (slot: number): number => frameHeader.size + slot * 8;

export interface VariablePlace {
  readonly variable: Variable;
  /** Offset from the frame pointer. */
  readonly offset: number;
  /** The slot holds the address of the object (records that do not fit it). */
  readonly indirect: boolean;
}

export interface FunctionCode {
  readonly symbol: FunctionSymbol;
  readonly instructions: readonly Instruction[];
  readonly regions: readonly Region[];
  /** Bytes of locals and temporaries below the frame pointer, a multiple of 16. */
  readonly frameSize: number;
  /** Ranges of the frame whose bytes bit-fields may write in part. */
  readonly bitFields: readonly { readonly offset: number; readonly size: number }[];
  readonly variables: readonly VariablePlace[];
  /** Whether slot 0 is the address that a record result goes to. */
  readonly hiddenResult: boolean;
}
