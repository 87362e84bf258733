/**
 * The processor's door to memory: translation, access checks, effects. Native routines and generated code go
 * through it; tooling uses `Peek` instead and cannot get hold of this one by accident.
 */
import type { VirtualAddress } from '../base/addresses.ts';
import type { Int64 } from '../base/int64.ts';

/** Thrown by a `MemoryAccess`, caught by the vm, judged by the kernel (bug check or exception). */
export class Fault extends Error {
  constructor(
    readonly kind:
      | 'notPresent' // nothing mapped there, or freed, or a guard page
      | 'protection' // mapped, but not for this access or mode
      | 'nonCanonical',
    readonly access: 'read' | 'write' | 'execute',
    readonly address: Int64,
    readonly size: number,
  ) {
    super(`${access} of ${size} bytes faults`);
  }
}

/** What a report calls a range that was to be read: `DeviceDescription->Version`. */
export type Described = string;

/**
 * Reads and writes in the mode and address space of the running thread. Addresses are in the signed reading;
 * every method throws `Fault`.
 *
 * A plain read checks that the bytes were written: reading never-written ones is the violation
 * `uninitialized_memory`, reported once for each origin and named by `what`. Use `copy` to move bytes
 * without judging them.
 */
export interface MemoryAccess {
  /** 1, 2 or 4 bytes. */
  readUnsigned(address: Int64, size: 1 | 2 | 4, what?: Described): number;
  readSigned(address: Int64, size: 1 | 2 | 4, what?: Described): number;
  read64(address: Int64, what?: Described): Int64;
  /** A pointer or SIZE_T that has to be usable as a number (canonical, or below 2^53). */
  readNumber(address: Int64, what?: Described): number;
  readBytes(address: Int64, length: number, what?: Described): Uint8Array;
  /** 8-bit characters up to a terminator, at most `limit`. */
  readString(address: Int64, limit?: number, what?: Described): string;
  /** 16-bit characters up to a terminator, at most `limit`. */
  readWideString(address: Int64, limit?: number, what?: Described): string;
  /** 1, 2 or 4 bytes. */
  write(address: Int64, size: 1 | 2 | 4, value: number): void;
  write64(address: Int64, value: Int64): void;
  writeBytes(address: Int64, bytes: Uint8Array): void;
  /** Moves bytes with their written marks; ranges may overlap (memmove). */
  copy(destination: Int64, source: Int64, length: number): void;
  fill(destination: Int64, length: number, byte: number): void;
  /** Contents stay, but the bytes count as never written: a fresh or freed block inside a page. */
  forget(address: Int64, length: number): void;
  /** Faults as a read or write of the range would, without doing it. */
  probe(address: Int64, length: number, access: 'read' | 'write'): void;
}

/** The tooling's door: no faults, no effects, no checks. Undefined where nothing is mapped. */
export interface Peek {
  readUnsigned(address: VirtualAddress, size: 1 | 2 | 4): number | undefined;
  read64(address: VirtualAddress): Int64 | undefined;
  /** Runs of readable and unreadable bytes that together cover the range. */
  read(address: VirtualAddress, length: number): readonly PeekRun[];
  /** Whether every byte of the range was ever written; undefined where unmapped. */
  isWritten(address: VirtualAddress, length: number): boolean | undefined;
  /** The same for the bits of a bit-field in the unit at an address; not every door knows bits. */
  isFieldWritten?(
    address: VirtualAddress,
    bits: { readonly first: number; readonly width: number },
  ): boolean | undefined;
}

export type PeekRun =
  | { readonly start: VirtualAddress; readonly bytes: Uint8Array }
  | {
      readonly start: VirtualAddress;
      readonly length: number;
      readonly why: 'unmapped' | 'freed' | 'guard';
    };
