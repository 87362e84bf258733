/** What processes print: the C library's standard output, line by line into the run's output. */
import type { NativeCall, NativeTable } from '../../vm/natives.ts';
import type { DebugOutput } from '../rtl/debug-print.ts';
import { type FormatArguments, formatText } from '../rtl/format.ts';
import { listArguments, readFormat, variadicArguments } from '../rtl/format-arguments.ts';

/** Longest text that puts takes. */
const LONGEST = 0x10_0000;

export function consoleNatives(output: DebugOutput): NativeTable {
  const print = (call: NativeCall, format: number, values: FormatArguments): number => {
    const text = formatText(readFormat(call, format, false), values, {
      floating: true,
      wide: false,
    });
    output.write(call, call.caller.module, text);
    return text.length;
  };
  return {
    printf: (call) => print(call, call.number(0), variadicArguments(call)),
    vprintf: (call) => print(call, call.number(0), listArguments(call, call.number(1))),
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
  _dms_heap_misuse: (call) => {
    call.violation(
      'heap',
      call.boolean(1)
        ? 'free() was given a block that was freed already'
        : 'free() or realloc() was given a pointer that malloc() did not answer',
    );
  },
};
