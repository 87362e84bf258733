/**
 * DbgPrint and its kin. Output becomes reports line by line; what a module printed behind its last line end
 * waits in the store for the rest.
 */
import type { Table } from '../../base/store.ts';
import type { NativeCall, NativeTable } from '../../vm/natives.ts';
import { irqlName, type KernelContext, PASSIVE_LEVEL } from '../context.ts';
import { status } from '../status.ts';
import { type FormatArguments, formatText } from './format.ts';
import { listArguments, readFormat, variadicArguments } from './format-arguments.ts';

/** One call prints at most this many bytes. */
const LONGEST = 512;

interface Partial {
  readonly text: string;
  readonly source: string;
}

export class DebugOutput {
  private readonly partial: Table<string, Partial>;

  constructor(private readonly kernel: KernelContext) {
    this.partial = kernel.store.table(`${kernel.host.name}.debugOutput`);
  }

  natives(): NativeTable {
    return {
      DbgPrint: (call) => this.print(call, call.number(0), variadicArguments(call)),
      DbgPrintEx: (call) => this.print(call, call.number(2), variadicArguments(call)),
      vDbgPrintEx: (call) => this.print(call, call.number(2), listArguments(call, call.number(3))),
      vDbgPrintExWithPrefix: (call) => {
        const prefix = call.memory.readString(call.number(0), LONGEST, 'Prefix');
        return this.print(call, call.number(3), listArguments(call, call.number(4)), prefix);
      },
    };
  }

  /** Adds text to a source's output; complete lines are reported. */
  write(call: NativeCall, source: string, text: string): void {
    const { store, reports, host } = this.kernel;
    const before = store.get(this.partial, source)?.text ?? '';
    const lines = (before + text).split('\n');
    const rest = lines.pop() ?? '';
    for (const line of lines) {
      reports.add('output', {
        host: host.name,
        source,
        text: line.replace(/\r$/, ''),
        site: call.site,
      });
    }
    if (rest === '') store.delete(this.partial, source);
    else store.set(this.partial, source, { text: rest, source });
  }

  /** Reports what waits for a line end: its source has ended. */
  flush(source?: string): void {
    const { store, reports, host } = this.kernel;
    for (const [key, { text }] of store.all(this.partial).entries()) {
      if (source !== undefined && key !== source) continue;
      store.delete(this.partial, key);
      reports.add('output', { host: host.name, source: key, text, site: undefined });
    }
  }

  private print(call: NativeCall, format: number, values: FormatArguments, prefix = ''): number {
    const { host } = this.kernel;
    const text = formatText(readFormat(call, format, false), values, {
      floating: false,
      wide: false,
      onUnicode: (conversion) => {
        if (host.irql === PASSIVE_LEVEL) return;
        call.violation(
          'wrong_irql',
          `${call.routine} converts Unicode (${conversion}) at ${irqlName(host.irql)}: the tables for it are pageable, so it may do that only at PASSIVE_LEVEL.`,
          'nf-wdm-dbgprint',
        );
      },
    });
    this.write(call, call.caller.module, (prefix + text).slice(0, LONGEST));
    return status.STATUS_SUCCESS;
  }
}
