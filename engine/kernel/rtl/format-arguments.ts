/** The arguments of a formatting routine: its variadic ones, or those behind a `va_list`. */
import type { Int64 } from '../../base/int64.ts';
import { unsigned64 } from '../../base/int64.ts';
import type { NativeCall } from '../../vm/natives.ts';
import type { FormatArguments } from './format.ts';

/** Longest text that one conversion takes from memory. */
const TEXT_LIMIT = 0x1_0000;

/** The values behind the named parameters of the call. */
export function variadicArguments(call: NativeCall): FormatArguments {
  let position = 0;
  return fromSlots(call, () => call.variadic(position++));
}

/** The values that a `va_list` points at. */
export function listArguments(call: NativeCall, list: number): FormatArguments {
  let position = 0;
  return fromSlots(call, () => call.memory.read64(list + 8 * position++, 'a variadic argument'));
}

function fromSlots(call: NativeCall, next: () => Int64): FormatArguments {
  const { memory } = call;
  return {
    integer: next,
    floating: () => {
      const view = new DataView(new ArrayBuffer(8));
      view.setBigUint64(0, unsigned64(next()));
      return view.getFloat64(0);
    },
    narrow: (address, limit) =>
      memory.readString(address, limit ?? TEXT_LIMIT, `a string that ${call.routine} prints`),
    wide: (address, limit) =>
      memory.readWideString(address, limit ?? TEXT_LIMIT, `a string that ${call.routine} prints`),
    counted: (address, wide) => readCounted(call, address, wide),
  };
}

/** The text of an ANSI_STRING or UNICODE_STRING: Length bytes, whatever they hold. */
export function readCounted(call: NativeCall, address: number, wide: boolean): string {
  const { memory } = call;
  const length = memory.readUnsigned(address, 2, 'String->Length');
  const buffer = memory.readNumber(address + 8, 'String->Buffer');
  if (length === 0 || buffer === 0) return '';
  const bytes = memory.readBytes(buffer, length, 'String->Buffer[]');
  let text = '';
  for (let index = 0; index + (wide ? 1 : 0) < bytes.length; index += wide ? 2 : 1) {
    const low = bytes[index] ?? 0;
    text += String.fromCharCode(wide ? low | ((bytes[index + 1] ?? 0) << 8) : low);
  }
  return text;
}

/** The format string itself. */
export function readFormat(call: NativeCall, address: number, wide: boolean): string {
  return wide
    ? call.memory.readWideString(address, TEXT_LIMIT, 'Format')
    : call.memory.readString(address, TEXT_LIMIT, 'Format');
}
