/** Failed assertions: a failure of the scenario at which a debugger stops; the run goes on behind it. */
import type { NativeCall, NativeTable } from '../../vm/natives.ts';
import type { KernelContext } from '../context.ts';
import { status } from '../status.ts';

const TEXT_LIMIT = 1024;

function report(kernel: KernelContext, call: NativeCall, text: string): void {
  kernel.reports.add('failure', {
    host: kernel.host.name,
    kind: 'assertion',
    subject: call.caller.module,
    status: status.STATUS_ASSERTION_FAILURE,
    message: `Assertion failed in ${call.caller.module}: ${text}`,
    site: call.site,
  });
}

function readText(call: NativeCall, address: number, what: string): string {
  return address === 0 ? '' : call.memory.readString(address, TEXT_LIMIT, what);
}

export function assertionNatives(kernel: KernelContext): NativeTable {
  return {
    // What ASSERT, NT_ASSERT and PAGED_CODE expand to: kind, expression, file, line.
    _dms_assertion_failed: (call) => {
      const kind = readText(call, call.number(0), 'the kind of the assertion');
      const expression = readText(call, call.number(1), 'the text of the assertion');
      report(
        kernel,
        call,
        `${kind}(${kind === 'PAGED_CODE' ? '' : expression})${kind === 'PAGED_CODE' ? `: ${expression}` : ''}`,
      );
      return undefined;
    },
    RtlAssert: (call) => {
      const expression = readText(call, call.number(0), 'FailedAssertion');
      const message = readText(call, call.number(3), 'Message');
      report(kernel, call, message === '' ? expression : `${message}: ${expression}`);
      return undefined;
    },
  };
}
