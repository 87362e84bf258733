/**
 * IRQL rules of routines. With Driver Verifier a breach is the bug check that Verifier makes of it; without,
 * Windows may or may not notice, so the emulator reports the violation `wrong_irql` and goes on.
 */
import type { Int64 } from '../../base/int64.ts';
import { BugCheck, type NativeCall } from '../../vm/natives.ts';
import { bugCheckCodes } from '../bug-check-codes.ts';
import { irqlName, type KernelContext } from '../context.ts';
import { verifierFlags } from '../services.ts';

/** What the checks of this file need of a kernel. */
export type IrqlKernel = Pick<KernelContext, 'host' | 'verifier'>;

/** What Verifier reports: the parameters of bug check 0xC4. */
export type VerifierParameters = readonly [Int64, Int64, Int64, Int64];

/**
 * Checks that the current IRQL is at most `highest`; reports otherwise. `parameters` are those of 0xC4 when
 * the routine has a rule of its own, else the general one (0xE5) is used.
 */
export function checkHighestIrql(
  kernel: IrqlKernel,
  call: NativeCall,
  highest: number,
  page: string,
  parameters?: VerifierParameters,
): void {
  const current = kernel.host.irql;
  if (current <= highest) return;
  reportIrql(
    kernel,
    call,
    `${subject(call)} may be called at ${irqlName(highest)} or below; it was called at ${irqlName(current)}${byWhom(call)}.`,
    page,
    parameters ?? [0xe5, current, 0, 0],
  );
}

/** Checks that the current IRQL is exactly `wanted`. */
export function checkExactIrql(
  kernel: IrqlKernel,
  call: NativeCall,
  wanted: number,
  page: string,
  parameters?: VerifierParameters,
): void {
  const current = kernel.host.irql;
  if (current === wanted) return;
  reportIrql(
    kernel,
    call,
    `${subject(call)} must be called at ${irqlName(wanted)}; it was called at ${irqlName(current)}${byWhom(call)}.`,
    page,
    parameters ?? [0xe5, current, 0, 0],
  );
}

/** Primitives behind the kernel's own C have no name that a driver knows. */
const isPrimitive = (call: NativeCall): boolean => call.caller.module === 'ntoskrnl';
const subject = (call: NativeCall): string => (isPrimitive(call) ? 'This routine' : call.routine);
const byWhom = (call: NativeCall): string => (isPrimitive(call) ? '' : ` by ${call.caller.module}`);

/**
 * Reports a breach that the caller has found: the bug check with Driver Verifier, else a violation, after which
 * the routine goes on as Windows does without any check.
 */
export function reportIrql(
  kernel: IrqlKernel,
  call: NativeCall,
  text: string,
  page: string,
  parameters: VerifierParameters,
): void {
  if (kernel.verifier(call).flags !== 0) throw verifierViolation(parameters, text, page);
  call.violation('wrong_irql', text, page);
}

/** Bug check 0xC4 with an explanation. */
export function verifierViolation(
  parameters: VerifierParameters,
  explanation: string,
  page = 'bug-check-0xc4--driver-verifier-detected-violation',
): BugCheck {
  return new BugCheck(
    bugCheckCodes.DRIVER_VERIFIER_DETECTED_VIOLATION,
    parameters,
    explanation,
    page,
  );
}

/** Whether the caller is checked with force IRQL checking. */
export function forcesIrql(kernel: KernelContext, call: NativeCall): boolean {
  return kernel.verified(call, verifierFlags.forceIrqlChecking);
}
