/** Raising exceptions and bug checks, probing user buffers. */
import { PAGE_SIZE } from '../../base/addresses.ts';
import { hex } from '../../base/int64.ts';
import { BugCheck, type NativeCall, type NativeTable, RaiseException } from '../../vm/natives.ts';
import { bugCheckName } from '../bug-check-codes.ts';
import type { KernelContext } from '../context.ts';
import { status } from '../status.ts';

/** MmUserProbeAddress on x64: the first address that no probe accepts. */
const USER_PROBE_ADDRESS = 0x7fff_ffff_0000;
/** Pages that one slice of a probe for writing touches. */
const PROBE_SLICE = 256;

export function exceptionNatives(kernel: KernelContext): NativeTable {
  return {
    KeBugCheckEx: (call) => {
      throw bugCheckOf(call, [call.integer(1), call.integer(2), call.integer(3), call.integer(4)]);
    },
    KeBugCheck: (call) => {
      throw bugCheckOf(call, [0, 0, 0, 0]);
    },
    __fastfail: (call) => {
      const code = call.number(0) >>> 0;
      throw new BugCheck(
        0x139,
        [code, 0, 0, 0],
        code === 3
          ? `${call.caller.module} changed a LIST_ENTRY whose neighbours do not point back at it: it was removed or inserted twice, or its memory was reused`
          : `${call.caller.module} found its own data damaged (fast fail code ${code})`,
        'bug-check-0x139--kernel-security-check-failure',
      );
    },
    ExRaiseStatus: (call) => {
      throw new RaiseException(call.number(0) >>> 0);
    },
    RtlRaiseStatus: (call) => {
      throw new RaiseException(call.number(0) >>> 0);
    },
    ExRaiseAccessViolation: () => {
      throw new RaiseException(status.STATUS_ACCESS_VIOLATION);
    },
    ExRaiseDatatypeMisalignment: () => {
      throw new RaiseException(status.STATUS_DATATYPE_MISALIGNMENT);
    },
    DbgBreakPoint: () => {
      throw new RaiseException(status.STATUS_BREAKPOINT, [], false);
    },
    DbgBreakPointWithStatus: () => {
      throw new RaiseException(status.STATUS_BREAKPOINT, [], false);
    },
    ProbeForRead: (call) => {
      checkUserRange(call);
      return undefined;
    },
    ProbeForWrite: (call) => {
      if (call.progress === 0) checkUserRange(call);
      return probePages(call);
    },
    MmIsAddressValid: (call) => {
      const address = call.number(0);
      const space = address < 0 ? kernel.host.system : kernel.userSpace(call.process);
      return space?.frameAt(address) === undefined ? 0 : 1;
    },
  };
}

function bugCheckOf(call: NativeCall, parameters: BugCheck['parameters']): BugCheck {
  const code = call.number(0) >>> 0;
  return new BugCheck(
    code,
    parameters,
    `${call.caller.module} called ${call.routine} with ${bugCheckName(code)}.`,
    'nf-ntddk-kebugcheckex',
  );
}

/** Length 0 is never looked at, as the documentation of both routines says. */
function checkUserRange(call: NativeCall): void {
  const address = call.number(0);
  const length = call.number(1);
  const alignment = call.number(2);
  if (length === 0) return;
  if (address % alignment !== 0) throw new RaiseException(status.STATUS_DATATYPE_MISALIGNMENT);
  if (address < 0 || address + length > USER_PROBE_ADDRESS) {
    throw new RaiseException(status.STATUS_ACCESS_VIOLATION, [
      call.routine === 'ProbeForWrite' ? 1 : 0,
      address,
    ]);
  }
}

/** Touches every page of the range for writing, some pages at a time. */
function probePages(call: NativeCall) {
  const address = call.number(0);
  const length = call.number(1);
  if (length === 0) return undefined;
  const first = Math.floor(address / PAGE_SIZE);
  const pages = Math.floor((address + length - 1) / PAGE_SIZE) - first + 1;
  const end = Math.min(pages, call.progress + PROBE_SLICE);
  for (let page = call.progress; page < end; page++) {
    call.memory.probe(Math.max(address, (first + page) * PAGE_SIZE), 1, 'write');
  }
  return end < pages ? call.again(end) : undefined;
}

/** The text of an exception for messages: `0xC0000005 at 0x..`. */
export function describeException(code: number, address: number): string {
  return `${hex(code, 8)} at ${hex(address, 16)}`;
}
