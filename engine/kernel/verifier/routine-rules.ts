/**
 * Rules of Driver Verifier that come before a routine does anything: objects in pageable memory, critical
 * regions, and rules of DDI compliance for routines that have no rule of their own. As Driver Verifier replaces
 * a driver's imports, they hold for calls that the driver makes itself.
 */
import type { Int64 } from '../../base/int64.ts';
import { hex } from '../../base/int64.ts';
import type { Native, NativeCall, NativeTable } from '../../vm/natives.ts';
import {
  APC_LEVEL,
  DISPATCH_LEVEL,
  irqlName,
  type KernelContext,
  PASSIVE_LEVEL,
} from '../context.ts';
import { verifierFlags } from '../services.ts';
import { reportIrql, verifierViolation } from './irql-rules.ts';

const USER_LIMIT = 0x8000_0000_0000;
/** Below lie null pointers with an offset, which fault by themselves. */
const FIRST_USER_ADDRESS = 0x1_0000;

export const isUserAddress = (address: number): boolean =>
  address >= FIRST_USER_ADDRESS && address < USER_LIMIT;

/** Looks at a call before its routine does. */
type Rule = (call: NativeCall) => void;

/** A rule of DDI compliance about the highest IRQL, and the routines that it is for here. */
interface Compliance {
  readonly code: number;
  readonly name: string;
  readonly highest: number;
  readonly routines: readonly string[];
}

const compliance: readonly Compliance[] = [
  {
    code: 0x20011,
    name: 'IrqlKeDispatchLte',
    highest: DISPATCH_LEVEL,
    routines: [
      'KeResetEvent',
      'KeClearEvent',
      'KeSetTimer',
      'KeSetTimerEx',
      'KeCancelTimer',
      'KeInitializeTimer',
      'KeInitializeTimerEx',
      'KeReleaseMutex',
      'KeReleaseSemaphore',
      'KeRaiseIrqlToDpcLevel',
    ],
  },
  {
    code: 0x20019,
    name: 'IrqlMmApcLte',
    highest: APC_LEVEL,
    routines: [
      'MmAllocateNonCachedMemory',
      'MmFreeNonCachedMemory',
      'MmLockPagableDataSection',
      'MmLockPagableSectionByHandle',
      'MmSecureVirtualMemory',
      'MmUnsecureVirtualMemory',
    ],
  },
  {
    code: 0x2001a,
    name: 'IrqlMmDispatch',
    highest: DISPATCH_LEVEL,
    routines: ['MmFreeContiguousMemory'],
  },
  {
    code: 0x20022,
    name: 'IrqlIoDispatch',
    highest: DISPATCH_LEVEL,
    routines: [
      'IoAllocateMdl',
      'IoBuildPartialMdl',
      'IoFreeMdl',
      'IoAllocateIrp',
      'IoAllocateWorkItem',
      'IoQueueWorkItem',
    ],
  },
  {
    code: 0x20025,
    name: 'IrqlKeMore',
    highest: PASSIVE_LEVEL,
    routines: ['KeFlushQueuedDpcs', 'KeQueryPriorityThread', 'KeSetPriorityThread'],
  },
  {
    code: 0x20023,
    name: 'IrqlIoRtlZwPassive',
    highest: PASSIVE_LEVEL,
    routines: [
      'RtlAnsiStringToUnicodeString',
      'RtlUnicodeStringToAnsiString',
      'IoCreateSymbolicLink',
      'IoDeleteSymbolicLink',
    ],
  },
];

/** Routines that prepare an object of the kernel at the address of their first argument. */
const initializers: readonly string[] = [
  'KeInitializeEvent',
  'KeInitializeMutex',
  'KeInitializeSemaphore',
  'KeInitializeSpinLock',
  'KeInitializeTimer',
  'KeInitializeTimerEx',
];

/** Routines that take an object of the kernel at the address of their first argument, with its type. */
const objectRoutines: ReadonlyMap<string, string> = new Map([
  ['KeInitializeEvent', 'KEVENT'],
  ['KeSetEvent', 'KEVENT'],
  ['KeResetEvent', 'KEVENT'],
  ['KeClearEvent', 'KEVENT'],
  ['KeInitializeMutex', 'KMUTEX'],
  ['KeReleaseMutex', 'KMUTEX'],
  ['KeInitializeSemaphore', 'KSEMAPHORE'],
  ['KeReleaseSemaphore', 'KSEMAPHORE'],
  ['KeInitializeTimer', 'KTIMER'],
  ['KeInitializeTimerEx', 'KTIMER'],
  ['KeSetTimer', 'KTIMER'],
  ['KeSetTimerEx', 'KTIMER'],
  ['KeInitializeDpc', 'KDPC'],
  ['KeInsertQueueDpc', 'KDPC'],
]);

/** The routines of a table with the rules before them. */
export function withRoutineRules(kernel: KernelContext, table: NativeTable): NativeTable {
  const guarded: Record<string, Native> = { ...table };
  const guard = (routine: string, rule: Rule): void => {
    const native = guarded[routine];
    if (native === undefined) return;
    guarded[routine] = (call) => {
      if (call.caller.own && call.progress === 0) rule(call);
      return native(call);
    };
  };
  for (const rule of compliance) {
    for (const routine of rule.routines)
      guard(routine, (call) => checkCompliance(kernel, call, rule));
  }
  guard('KeSetEvent', (call) => checkWaitOfEvent(kernel, call));
  for (const routine of initializers) guard(routine, (call) => checkResident(kernel, call));
  for (const [routine, type] of objectRoutines) {
    guard(routine, (call) => checkSystemAddress(kernel, call, type));
  }
  const depth = (call: NativeCall): number => Number(table['KiRegionDepth']?.(call) ?? 0);
  guard('KeLeaveGuardedRegion', (call) => {
    if (depth(call) > 0 || !kernel.verified(call, verifierFlags.ddiCompliance)) return;
    breakCompliance(
      kernel,
      { code: 0x4000e, name: 'GuardedRegions' },
      `${call.caller.module} calls KeLeaveGuardedRegion, and has not entered a region.`,
    );
  });
  guard('KeLeaveCriticalRegion', (call) => {
    if (depth(call) > 0 || !kernel.verified(call, verifierFlags.ddiComplianceAdditional)) return;
    breakCompliance(
      kernel,
      { code: 0x40003, name: 'CriticalRegions' },
      `${call.caller.module} calls KeLeaveCriticalRegion, and has not entered a region.`,
    );
  });
  guard('KeEnterCriticalRegion', (call) => checkRegion(kernel, call, 0x11a));
  guard('KeLeaveCriticalRegion', (call) => checkRegion(kernel, call, 0x11b));
  return { ...guarded, ViCheckUserWait: (call) => checkUserWait(kernel, call) };
}

function checkCompliance(kernel: KernelContext, call: NativeCall, rule: Compliance): void {
  const { irql } = kernel.host;
  if (irql <= rule.highest || !kernel.verified(call, verifierFlags.ddiCompliance)) return;
  breakCompliance(
    kernel,
    rule,
    `${call.caller.module} calls ${call.routine} at ${irqlName(irql)}; it may be called at ${irqlName(rule.highest)} or below (rule ${rule.name}).`,
  );
}

/** KeSetEvent that is to be followed by a wait: the dispatcher lock stays taken until then. */
function checkWaitOfEvent(kernel: KernelContext, call: NativeCall): void {
  const { irql } = kernel.host;
  const isWaiting = irql > APC_LEVEL && irql <= DISPATCH_LEVEL && call.boolean(2);
  if (!isWaiting || !kernel.verified(call, verifierFlags.ddiCompliance)) return;
  breakCompliance(
    kernel,
    { code: 0x20016, name: 'IrqlKeSetEvent' },
    `${call.caller.module} calls KeSetEvent with Wait at ${irqlName(irql)}; it may do so at ${irqlName(APC_LEVEL)} or below (rule IrqlKeSetEvent).`,
  );
}

/** 0xC4 with the number of the rule; the second parameter points at a text in system memory. */
export function breakCompliance(
  kernel: KernelContext,
  rule: Pick<Compliance, 'code' | 'name'>,
  text: string,
): never {
  const bytes = Uint8Array.from(`${rule.name}: ${text}\0`, (character) => character.charCodeAt(0));
  const address = kernel.memory.allocateSystemPool({
    bytes: bytes.length,
    paged: false,
    executable: false,
    tag: 0x6c75_5256, // 'VRul'
    zeroed: true,
  });
  if (address !== undefined) kernel.system.writeBytes(address, bytes);
  throw verifierViolation([rule.code, address ?? 0, 0, 0], text);
}

/** Objects that are used at DISPATCH_LEVEL have to lie where they are never paged out. */
function checkResident(kernel: KernelContext, call: NativeCall): void {
  const object = call.number(0);
  const mapping = kernel.host.system.find(object);
  if (mapping?.pageable !== true || !kernel.verified(call, verifierFlags.forceIrqlChecking)) return;
  throw verifierViolation(
    [0xe1, object, 0, 0],
    `${call.caller.module} calls ${call.routine} for an object at ${hex(object, 16)}, in pageable memory: it has to be resident.`,
  );
}

/** A process can free or change what it can reach, while the kernel uses it. */
function checkSystemAddress(kernel: KernelContext, call: NativeCall, type: string): void {
  const object = call.number(0);
  if (!isUserAddress(object) || !kernel.verified(call, verifierFlags.securityChecks)) return;
  throw verifierViolation(
    [0xe0, object, kernel.layouts.size(type), 0],
    `${call.caller.module} calls ${call.routine} for an object at the user address ${hex(object, 16)}; objects of the kernel lie in system memory.`,
  );
}

/** ViCheckUserWait(Count, Objects): the stack may leave memory while a thread waits in user mode. */
function checkUserWait(kernel: KernelContext, call: NativeCall): undefined {
  if (!kernel.verified(call, verifierFlags.miscellaneous)) return undefined;
  for (let index = 0; index < call.number(0); index++) {
    const object = call.memory.readNumber(call.number(1) + 8 * index, 'Object');
    if (kernel.host.system.find(object)?.use !== 'kernelStack') continue;
    throw verifierViolation(
      [0x123, object, 0, 0],
      `A wait in UserMode is for the object at ${hex(object, 16)}, on the kernel stack, which may be paged out meanwhile.`,
    );
  }
  return undefined;
}

function checkRegion(kernel: KernelContext, call: NativeCall, code: 0x11a | 0x11b): void {
  const { irql } = kernel.host;
  if (irql <= APC_LEVEL) return;
  const parameters: readonly [Int64, Int64, Int64, Int64] = [code, irql, 0, 0];
  reportIrql(
    kernel,
    call,
    `${call.routine} may be called at ${irqlName(APC_LEVEL)} or below; ${call.caller.module} called it at ${irqlName(irql)}.`,
    'nf-ntddk-keentercriticalregion',
    parameters,
  );
}
