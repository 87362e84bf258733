/** A C value as the debugger holds it: a type and where the value is. Reading goes through the tooling's door. */
import { isCanonical, type VirtualAddress, virtual } from '../../base/addresses.ts';
import { hex, type Int64, int64, low32, shiftRight64, truncate } from '../../base/int64.ts';
import { type CType, isSigned, type Member, sizeOf } from '../../language/types.ts';
import type { Peek } from '../access.ts';

export type Location =
  | { readonly kind: 'memory'; readonly address: VirtualAddress; readonly bits?: Member['bits'] }
  | { readonly kind: 'value'; readonly value: Int64 };

export interface TypedValue {
  readonly type: CType;
  readonly location: Location;
}

/** What a stopped program offers to the debugger's expressions and views. */
export interface DebugStorage {
  readonly peek: Peek;
  /** `Proxy!DriverEntry` for a code address. */
  codeName(address: Int64): string | undefined;
  /** `STATUS_NO_MEMORY` for an NTSTATUS. */
  statusName(status: number): string | undefined;
}

/** A value that cannot be read; the message is for the user. */
export class EvaluationError extends Error {}

export interface Scalar {
  readonly value: Int64;
  /** Some byte of it was never written. */
  readonly neverWritten: boolean;
}

/** Reads a scalar; floating values come as numbers. Throws `EvaluationError` where memory is absent. */
export function loadScalar(typed: TypedValue, storage: DebugStorage): Scalar {
  const { type, location } = typed;
  if (location.kind === 'value') return { value: location.value, neverWritten: false };
  const size = sizeOf(type);
  const raw = readInteger(location.address, size, storage);
  const { peek } = storage;
  const isWritten =
    location.bits !== undefined && peek.isFieldWritten !== undefined
      ? peek.isFieldWritten(location.address, location.bits)
      : peek.isWritten(location.address, size);
  const neverWritten = isWritten === false;
  if (type.kind === 'floating') {
    const view = new DataView(new ArrayBuffer(8));
    view.setUint32(0, low32(raw), true);
    view.setUint32(4, low32(shiftRight64(raw, 32, false)), true);
    return {
      value: type.size === 4 ? view.getFloat32(0, true) : view.getFloat64(0, true),
      neverWritten,
    };
  }
  const signed = (type.kind === 'integer' || type.kind === 'enum') && isSigned(type);
  if (location.bits !== undefined) {
    return { value: extractBits(raw, location.bits, signed), neverWritten };
  }
  return { value: truncate(raw, size, signed), neverWritten };
}

function readInteger(address: VirtualAddress, size: number, storage: DebugStorage): Int64 {
  const value =
    size === 8
      ? storage.peek.read64(address)
      : size === 1 || size === 2 || size === 4
        ? storage.peek.readUnsigned(address, size)
        : undefined;
  if (value === undefined) throw new EvaluationError(`${hex(address, 16)} cannot be read`);
  return value;
}

function extractBits(raw: Int64, bits: { first: number; width: number }, signed: boolean): Int64 {
  const value = BigInt(raw) >> BigInt(bits.first);
  return int64(signed ? BigInt.asIntN(bits.width, value) : BigInt.asUintN(bits.width, value));
}

/** The value as an address; throws for one that no memory can have. */
export function asAddress(value: Int64): VirtualAddress {
  if (typeof value !== 'number' || !isCanonical(value)) {
    throw new EvaluationError(`${hex(value, 16)} is not a canonical address`);
  }
  return virtual(value);
}

/** All readable bytes of a range from its start on. */
export function readableBytes(
  address: VirtualAddress,
  length: number,
  storage: DebugStorage,
): Uint8Array {
  const [first] = storage.peek.read(address, length);
  return first !== undefined && 'bytes' in first ? first.bytes : new Uint8Array();
}
