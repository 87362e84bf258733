/** What processes print: the C library's standard output, line by line into the run's output. */
import type { NativeCall, NativeTable } from '../../vm/natives.ts';
import type { DebugOutput } from '../rtl/debug-print.ts';
import { parseFloating } from '../rtl/floating-text.ts';
import { type FormatArguments, formatText } from '../rtl/format.ts';
import { listArguments, readFormat, variadicArguments } from '../rtl/format-arguments.ts';

/** Longest text that puts takes. */
const LONGEST = 0x10_0000;

export function consoleNatives(output: DebugOutput): NativeTable {
  const print = (call: NativeCall, values: FormatArguments, wide = false): number => {
    const text = formatText(readFormat(call, call.number(0), wide), values, {
      floating: true,
      wide,
    });
    output.write(call, call.caller.module, text);
    return text.length;
  };
  return {
    printf: (call) => print(call, variadicArguments(call)),
    vprintf: (call) => print(call, listArguments(call, call.number(1))),
    wprintf: (call) => print(call, variadicArguments(call), true),
    vwprintf: (call) => print(call, listArguments(call, call.number(1)), true),
    puts: (call) => {
      const text = call.memory.readString(call.number(0), LONGEST, 'str');
      output.write(call, call.caller.module, `${text}\n`);
      return 0;
    },
    putchar: (call) => {
      const code = call.number(0) & 0xff;
      output.write(call, call.caller.module, String.fromCharCode(code));
      return code;
    },
  };
}

/** What the C library's heap, written in C, needs beyond C. */
export const heapNatives: NativeTable = {
  _dms_forget: (call) => {
    call.memory.forget(call.integer(0), call.number(1));
  },
  _dms_text_to_double: (call) =>
    parseFloating(call.memory.readString(call.number(0), call.number(1), 'a number')),
  _dms_heap_misuse: (call) => {
    call.violation(
      'heap',
      call.boolean(1)
        ? 'free() was given a block that was freed already'
        : 'free() or realloc() was given a pointer that malloc() did not answer',
    );
  },
};
