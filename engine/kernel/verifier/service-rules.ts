/**
 * Rules of Driver Verifier for system services that a driver calls as Zw..: from kernel mode nothing is probed, so what
 * a process could have passed in must not get there, and files want PASSIVE_LEVEL.
 */
import { virtual } from '../../base/addresses.ts';
import { hex } from '../../base/int64.ts';
import type { NativeCall, NativeTable } from '../../vm/natives.ts';
import { irqlName, type KernelContext, PASSIVE_LEVEL } from '../context.ts';
import { ioViolation } from '../io/irps.ts';
import { verifierFlags } from '../services.ts';
import { verifierViolation } from './irql-rules.ts';
import { breakCompliance, isUserAddress } from './routine-rules.ts';

const ATTRIBUTES = 'OBJECT_ATTRIBUTES';

export function serviceRules(kernel: KernelContext): NativeTable {
  return { ViCheckService: (call) => check(kernel, call) };
}

/** ViCheckService(First, Second, ObjectAttributes, IsFile). */
function check(kernel: KernelContext, call: NativeCall): undefined {
  const site = kernel.vm.siteOf(call.thread, true);
  if (site === undefined) return undefined;
  const routine = call.site.function;
  if (call.boolean(3)) checkIrql(kernel, call, routine);
  if (!kernel.verified(call, verifierFlags.securityChecks)) return undefined;
  const caller = kernel.vm.addressOf(kernel.host.index, site.module, site.function) ?? 0;
  const attributes = call.number(2);
  const wrong = [call.number(0), call.number(1), attributes].find(isUserAddress);
  if (wrong !== undefined) {
    throw verifierViolation(
      [0xe3, caller, wrong, 0],
      `${site.module} calls ${routine} with the user address ${hex(wrong, 16)}: Zw routines trust their caller, and a process can change or free what lies there.`,
    );
  }
  if (attributes === 0) return undefined;
  const name = kernel.layouts.read(call.memory, attributes, ATTRIBUTES, 'ObjectName');
  const why = name === 0 ? undefined : malformed(kernel, call, name);
  if (why === undefined) return undefined;
  throw verifierViolation(
    [0xe4, caller, name, 0],
    `${site.module} calls ${routine} with a UNICODE_STRING at ${hex(name, 16)} that is malformed: ${why}.`,
  );
}

/** File I/O is for PASSIVE_LEVEL: 0xC9/24A, or rule IrqlNtifsApcPassive where I/O verification does not look. */
function checkIrql(kernel: KernelContext, call: NativeCall, routine: string): void {
  const { irql } = kernel.host;
  if (irql === PASSIVE_LEVEL) return;
  const site = kernel.vm.siteOf(call.thread, true);
  const caller =
    site === undefined
      ? 0
      : (kernel.vm.addressOf(kernel.host.index, site.module, site.function) ?? 0);
  const text = `${routine} is called at ${irqlName(irql)}; file I/O is for PASSIVE_LEVEL.`;
  if (kernel.verified(call, verifierFlags.io) || kernel.verified(call, verifierFlags.enhancedIo)) {
    throw ioViolation([0x24a, caller, 0, 0], text);
  }
  if (!kernel.verified(call, verifierFlags.ddiCompliance)) return;
  breakCompliance(kernel, { code: 0x20024, name: 'IrqlNtifsApcPassive' }, text);
}

function malformed(kernel: KernelContext, call: NativeCall, name: number): string | undefined {
  const read = (member: string): number =>
    kernel.layouts.read(call.memory, name, 'UNICODE_STRING', member);
  const [length, maximum, buffer] = [read('Length'), read('MaximumLength'), read('Buffer')];
  if (length % 2 !== 0) return `Length is ${length}, half a character too much`;
  if (maximum % 2 !== 0) return `MaximumLength is ${maximum}, half a character too much`;
  if (length > maximum) return `Length is ${length}, MaximumLength ${maximum}`;
  if (length === 0) return undefined;
  if (buffer === 0) return 'Buffer is NULL';
  return call.peek.readUnsigned(virtual(buffer), 1) === undefined
    ? `nothing is at its Buffer (${hex(buffer, 16)})`
    : undefined;
}
