/** UNICODE_STRING and ANSI_STRING: initialising, copying, comparing, converting. */
import type { NativeCall, NativeResult, NativeTable } from '../../vm/natives.ts';
import type { KernelContext } from '../context.ts';
import { status } from '../status.ts';
import { compareUnits, downcase, upcase } from './characters.ts';
import { readCounted } from './format-arguments.ts';
import { guidBytes, guidText } from './guids.ts';

const MAXIMUM_LENGTH = 2;
const BUFFER = 8;
/** Longest text that a counted string takes. */
const LIMIT = 0x1_0000;

interface Counted {
  readonly length: number;
  readonly maximum: number;
  readonly buffer: number;
}

function read(call: NativeCall, address: number, name: string): Counted {
  return {
    length: call.memory.readUnsigned(address, 2, `${name}->Length`),
    maximum: call.memory.readUnsigned(address + MAXIMUM_LENGTH, 2, `${name}->MaximumLength`),
    buffer: call.memory.readNumber(address + BUFFER, `${name}->Buffer`),
  };
}

function write(call: NativeCall, address: number, value: Counted): void {
  call.memory.write(address, 2, value.length);
  call.memory.write(address + MAXIMUM_LENGTH, 2, value.maximum);
  call.memory.write64(address + BUFFER, value.buffer);
}

/** RtlInit..String: wraps a terminated string; too long a one is cut silently. */
function initialize(call: NativeCall, wide: boolean): undefined {
  const [address, source] = [call.number(0), call.number(1)];
  const unit = wide ? 2 : 1;
  if (source === 0) {
    write(call, address, { length: 0, maximum: 0, buffer: 0 });
    return undefined;
  }
  const characters = wide
    ? call.memory.readWideString(source, LIMIT, 'SourceString').length
    : call.memory.readString(source, LIMIT, 'SourceString').length;
  const length = Math.min(characters * unit, 0xffff - unit - (wide ? 1 : 0));
  write(call, address, { length, maximum: length + unit, buffer: source });
  return undefined;
}

function initializeChecked(call: NativeCall): number {
  const source = call.number(1);
  const characters =
    source === 0 ? 0 : call.memory.readWideString(source, LIMIT, 'SourceString').length;
  if (characters * 2 > 0xfffc) return signed(status.STATUS_NAME_TOO_LONG);
  initialize(call, true);
  return 0;
}

/** RtlCopy..String: as much as fits, and a terminator when there is room. */
function copyString(call: NativeCall, unit: 1 | 2): undefined {
  const [address, source] = [call.number(0), call.number(1)];
  const destination = read(call, address, 'DestinationString');
  if (source === 0) {
    call.memory.write(address, 2, 0);
    return undefined;
  }
  const from = read(call, source, 'SourceString');
  const length = Math.min(from.length, destination.maximum);
  call.memory.copy(destination.buffer, from.buffer, length);
  call.memory.write(address, 2, length);
  if (length + unit <= destination.maximum) {
    call.memory.write(destination.buffer + length, unit, 0);
  }
  return undefined;
}

function appendBytes(
  call: NativeCall,
  address: number,
  buffer: number,
  bytes: number,
  unit: 1 | 2,
): number {
  const destination = read(call, address, 'Destination');
  if (destination.length + bytes > destination.maximum) {
    return signed(status.STATUS_BUFFER_TOO_SMALL);
  }
  call.memory.copy(destination.buffer + destination.length, buffer, bytes);
  const length = destination.length + bytes;
  call.memory.write(address, 2, length);
  if (length + unit <= destination.maximum) {
    call.memory.write(destination.buffer + length, unit, 0);
  }
  return 0;
}

function signed(code: number): number {
  return code | 0;
}

function compareStrings(call: NativeCall, wide: boolean): number {
  return compareUnits(
    readCounted(call, call.number(0), wide),
    readCounted(call, call.number(1), wide),
    call.boolean(2),
  );
}

function isPrefix(call: NativeCall, wide: boolean): NativeResult {
  const prefix = readCounted(call, call.number(0), wide);
  const text = readCounted(call, call.number(1), wide);
  if (prefix.length > text.length) return 0;
  return compareUnits(prefix, text.slice(0, prefix.length), call.boolean(2)) === 0 ? 1 : 0;
}

/** Puts text into a counted string's own buffer, or one from pool, as the converting routines do. */
function store(
  kernel: KernelContext,
  call: NativeCall,
  address: number,
  text: string,
  target: { readonly wide: boolean; readonly allocate: boolean },
): number {
  const unit = target.wide ? 2 : 1;
  const length = text.length * unit;
  if (length + unit > 0xffff) return signed(status.STATUS_INVALID_PARAMETER_2);
  let { maximum, buffer } = target.allocate
    ? { maximum: length + unit, buffer: 0 }
    : read(call, address, 'DestinationString');
  if (target.allocate) {
    const block = kernel.memory.allocateSystemPool({
      bytes: maximum,
      paged: true,
      executable: false,
      tag: STRING_TAG,
      zeroed: false,
    });
    if (block === undefined) return signed(status.STATUS_NO_MEMORY);
    buffer = block;
  } else if (maximum < length + (target.wide ? 0 : unit)) {
    return signed(status.STATUS_BUFFER_OVERFLOW);
  }
  const bytes = new Uint8Array(Math.min(length + unit, maximum));
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    bytes[index * unit] = code & 0xff;
    if (unit === 2) bytes[index * unit + 1] = code >> 8;
  }
  call.memory.writeBytes(buffer, bytes);
  maximum = target.allocate ? length + unit : maximum;
  write(call, address, { length, maximum, buffer });
  return 0;
}

/** 'Strg' as a ULONG. */
const STRING_TAG = 0x67727453;

/** RtlUnicodeStringToInteger: blanks, sign, prefix 0x 0o 0b, digits. */
function parseInteger(text: string, base: number): number {
  let start = 0;
  while (start < text.length && text.charCodeAt(start) <= 0x20) start++;
  const match = /^([+-]?)(0x|0o|0b)?([0-9A-Za-z]*)/.exec(text.slice(start));
  const prefix = { '0x': 16, '0o': 8, '0b': 2 }[match?.[2] ?? ''];
  const radix = base === 0 ? (prefix ?? 10) : base;
  const digits = base === 0 || prefix === undefined ? (match?.[3] ?? '') : '';
  let value = 0;
  for (const digit of digits) {
    const number = Number.parseInt(digit, 36);
    if (Number.isNaN(number) || number >= radix) break;
    value = (value * radix + number) % 0x1_0000_0000;
  }
  return match?.[1] === '-' ? -value >>> 0 : value;
}

export function countedStringNatives(kernel: KernelContext): NativeTable {
  const free = (call: NativeCall): undefined => {
    const address = call.number(0);
    const { buffer } = read(call, address, 'String');
    if (buffer !== 0) kernel.memory.freeSystemPool(buffer as never);
    write(call, address, { length: 0, maximum: 0, buffer: 0 });
    return undefined;
  };
  return {
    RtlInitUnicodeString: (call) => initialize(call, true),
    RtlInitUnicodeStringEx: initializeChecked,
    RtlInitAnsiString: (call) => initialize(call, false),
    RtlInitString: (call) => initialize(call, false),
    RtlCopyUnicodeString: (call) => copyString(call, 2),
    RtlCopyString: (call) => copyString(call, 1),
    RtlAppendUnicodeStringToString: (call) => {
      const source = read(call, call.number(1), 'Source');
      return appendBytes(call, call.number(0), source.buffer, source.length, 2);
    },
    RtlAppendUnicodeToString: (call) => {
      const source = call.number(1);
      if (source === 0) return 0;
      const text = call.memory.readWideString(source, LIMIT, 'Source');
      return appendBytes(call, call.number(0), source, text.length * 2, 2);
    },
    RtlCompareUnicodeString: (call) => compareStrings(call, true),
    RtlCompareString: (call) => compareStrings(call, false),
    RtlEqualUnicodeString: (call) => (compareStrings(call, true) === 0 ? 1 : 0),
    RtlEqualString: (call) => (compareStrings(call, false) === 0 ? 1 : 0),
    RtlPrefixUnicodeString: (call) => isPrefix(call, true),
    RtlUpcaseUnicodeChar: (call) => upcase(call.number(0)),
    RtlDowncaseUnicodeChar: (call) => downcase(call.number(0)),
    RtlUpperChar: (call) => upcase(call.number(0) & 0xff) & 0xff,
    RtlUnicodeStringToInteger: (call) => {
      const base = call.number(1);
      if (![0, 2, 8, 10, 16].includes(base)) return signed(status.STATUS_INVALID_PARAMETER);
      const value = parseInteger(readCounted(call, call.number(0), true), base);
      call.memory.write(call.number(2), 4, value);
      return 0;
    },
    RtlIntegerToUnicodeString: (call) => {
      const base = call.number(1) === 0 ? 10 : call.number(1);
      if (![2, 8, 10, 16].includes(base)) return signed(status.STATUS_INVALID_PARAMETER);
      const text = (call.number(0) >>> 0).toString(base).toUpperCase();
      return store(kernel, call, call.number(2), text, { wide: true, allocate: false });
    },
    RtlInt64ToUnicodeString: (call) => {
      const base = call.number(1) === 0 ? 10 : call.number(1);
      if (![2, 8, 10, 16].includes(base)) return signed(status.STATUS_INVALID_PARAMETER);
      const text = BigInt.asUintN(64, BigInt(call.integer(0)))
        .toString(base)
        .toUpperCase();
      return store(kernel, call, call.number(2), text, { wide: true, allocate: false });
    },
    RtlxAnsiStringToUnicodeSize: (call) =>
      2 * (read(call, call.number(0), 'AnsiString').length + 1),
    RtlxUnicodeStringToAnsiSize: (call) =>
      read(call, call.number(0), 'UnicodeString').length / 2 + 1,
    RtlStringFromGUID: (call) =>
      store(
        kernel,
        call,
        call.number(1),
        guidText(call.memory.readBytes(call.number(0), 16, 'Guid')).toUpperCase(),
        { wide: true, allocate: true },
      ),
    RtlGUIDFromString: (call) => {
      const bytes = guidBytes(readCounted(call, call.number(0), true));
      if (bytes === undefined) return signed(status.STATUS_INVALID_PARAMETER);
      call.memory.writeBytes(call.number(1), bytes);
      return 0;
    },
    RtlAnsiStringToUnicodeString: (call) =>
      store(kernel, call, call.number(0), readCounted(call, call.number(1), false), {
        wide: true,
        allocate: call.boolean(2),
      }),
    RtlUnicodeStringToAnsiString: (call) =>
      store(kernel, call, call.number(0), readCounted(call, call.number(1), true), {
        wide: false,
        allocate: call.boolean(2),
      }),
    RtlUpcaseUnicodeString: (call) => {
      const units = readCounted(call, call.number(1), true);
      const upper = Array.from(units, (unit) =>
        String.fromCharCode(upcase(unit.charCodeAt(0))),
      ).join('');
      return store(kernel, call, call.number(0), upper, { wide: true, allocate: call.boolean(2) });
    },
    RtlFreeUnicodeString: free,
    RtlFreeAnsiString: free,
  };
}
