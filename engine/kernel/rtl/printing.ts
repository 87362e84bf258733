/** The sprintf family; ntstrsafe.h builds its routines on it. */
import type { NativeCall, NativeTable } from '../../vm/natives.ts';
import { type FormatArguments, formatText } from './format.ts';
import { listArguments, readFormat, variadicArguments } from './format-arguments.ts';

type From = 'variadic' | 'list';

interface Shape {
  readonly wide: boolean;
  readonly from: From;
  /** Position of the format; the buffer is first, and a size second unless the format is. */
  readonly format: number;
}

function textOf(call: NativeCall, shape: Shape): string {
  const values: FormatArguments =
    shape.from === 'variadic'
      ? variadicArguments(call)
      : listArguments(call, call.number(shape.format + 1));
  return formatText(readFormat(call, call.number(shape.format), shape.wide), values, {
    floating: call.mode === 'user',
    wide: shape.wide,
  });
}

/** Writes characters from `address` on. */
export function writeText(call: NativeCall, address: number, text: string, wide: boolean): void {
  const unit = wide ? 2 : 1;
  const bytes = new Uint8Array(text.length * unit);
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    bytes[index * unit] = code & 0xff;
    if (wide) bytes[index * unit + 1] = code >> 8;
  }
  if (bytes.length > 0) call.memory.writeBytes(address, bytes);
}

/** sprintf: no limit. */
function unlimited(call: NativeCall, shape: Shape): number {
  const text = textOf(call, shape);
  writeText(call, call.number(0), `${text}\0`, shape.wide);
  return text.length;
}

/** _snprintf: no terminator when the text fills the buffer, -1 when it does not fit. */
function limited(call: NativeCall, shape: Shape): number {
  const text = textOf(call, shape);
  const size = call.number(1);
  if (text.length < size) {
    writeText(call, call.number(0), `${text}\0`, shape.wide);
    return text.length;
  }
  writeText(call, call.number(0), text.slice(0, size), shape.wide);
  return text.length === size ? size : -1;
}

/** snprintf of the C standard: always terminated, answers the length that it would have. */
function standard(call: NativeCall, shape: Shape): number {
  const text = textOf(call, shape);
  const size = call.number(1);
  if (size > 0) writeText(call, call.number(0), `${text.slice(0, size - 1)}\0`, shape.wide);
  return text.length;
}

/** The length that a text would have. */
const length = (call: NativeCall, one: Shape): number => textOf(call, one).length;

const shape = (wide: boolean, from: From, format: number): Shape => ({ wide, from, format });

export const printingNatives: NativeTable = {
  sprintf: (call) => unlimited(call, shape(false, 'variadic', 1)),
  vsprintf: (call) => unlimited(call, shape(false, 'list', 1)),
  _snprintf: (call) => limited(call, shape(false, 'variadic', 2)),
  _vsnprintf: (call) => limited(call, shape(false, 'list', 2)),
  _snwprintf: (call) => limited(call, shape(true, 'variadic', 2)),
  _vsnwprintf: (call) => limited(call, shape(true, 'list', 2)),
  _scprintf: (call) => length(call, shape(false, 'variadic', 0)),
  _vscprintf: (call) => length(call, shape(false, 'list', 0)),
  snprintf: (call) => standard(call, shape(false, 'variadic', 2)),
  vsnprintf: (call) => standard(call, shape(false, 'list', 2)),
};
