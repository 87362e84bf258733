/** What processes print: the C library's standard output, line by line into the run's output. */
import type { Host } from '../../machine/host.ts';
import type { NativeCall, NativeTable } from '../../vm/natives.ts';
import type { VmServices } from '../../vm/system.ts';
import type { DebugOutput } from '../rtl/debug-print.ts';
import { parseFloating } from '../rtl/floating-text.ts';
import { type FormatArguments, formatText } from '../rtl/format.ts';
import { listArguments, readFormat, variadicArguments } from '../rtl/format-arguments.ts';

/** What is written there belongs to nobody. */
const OUTSIDE = 'it lies outside of every block of the heap';

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
export function heapNatives(kernel: { readonly host: Host; readonly vm: VmServices }): NativeTable {
  const host = (): number => kernel.host.index;
  const place = (call: NativeCall): string => {
    const site = kernel.vm.siteOf(call.thread, true);
    return site === undefined ? '' : ` at ${nameOf(site.file)}:${site.line}`;
  };
  return {
    _dms_heap_grown: (call) => {
      const [address, size] = [call.number(0), call.number(1)];
      kernel.vm.guard(host(), call.process, address, size, 'heap_overrun', OUTSIDE);
      call.memory.forget(call.integer(0), call.number(1));
    },
    _dms_heap_allocated: (call) => {
      const [address, size, room] = [call.number(0), call.number(1), call.number(2)];
      const what = `a block of ${size} bytes, allocated${place(call)}`;
      const { vm } = kernel;
      vm.unguard(host(), call.process, address, size);
      vm.noteBlock(host(), call.process, address, room, what);
      const behind = `it lies behind ${what}`;
      vm.guard(host(), call.process, address + size, room - size, 'heap_overrun', behind);
    },
    _dms_heap_freed: (call) => {
      const [address, size] = [call.number(0), call.number(1)];
      const what = `a block that was freed${place(call)}`;
      kernel.vm.noteBlock(host(), call.process, address, size, what);
      const inside = `it lies in ${what}`;
      kernel.vm.guard(host(), call.process, address, size, 'use_after_free', inside);
      call.memory.forget(address, size);
    },
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
}

/** A file's name without its folder. */
const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
