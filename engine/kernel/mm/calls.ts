/** What the memory manager's native routines share: arguments, records, refusals, bug checks. */
import { formatPhysical, physical, type VirtualAddress } from '../../base/addresses.ts';
import { hex, type Int64, unsigned64 } from '../../base/int64.ts';
import type { CacheType } from '../../machine/address-space.ts';
import type { FrameRefusal } from '../../machine/frames.ts';
import { BugCheck, type NativeCall } from '../../vm/natives.ts';
import type { VmServices } from '../../vm/system.ts';
import { bugCheckCodes } from '../bug-check-codes.ts';
import type { KernelContext } from '../context.ts';
import type { Holding, HoldingKind } from '../ledger.ts';
import { verifierFlags } from '../services.ts';
import type { MemoryManager } from './memory-manager.ts';

/** What these routines need of a kernel. */
export type MemoryKernel = Pick<
  KernelContext,
  | 'host'
  | 'ledger'
  | 'verifier'
  | 'verified'
  | 'injectFault'
  | 'explain'
  | 'atLeast'
  | 'userSpace'
  | 'objectWithin'
> & { readonly vm?: Pick<VmServices, 'guard' | 'unguard' | 'thread'> };

/** What a family of routines works on. */
export interface MemoryRoutines {
  readonly kernel: MemoryKernel;
  readonly memory: MemoryManager;
}

/** MM_ANY_NODE_OK. */
export const ANY_NODE = 0x8000_0000;

/** An address or size read as unsigned; beyond 2^53 only its magnitude is right. */
export function unsignedNumber(value: Int64): number {
  return typeof value === 'number' && value >= 0 ? value : Number(unsigned64(value));
}

/** A PHYSICAL_ADDRESS or SIZE_T argument. */
export const unsignedArgument = (call: NativeCall, index: number): number =>
  unsignedNumber(call.integer(index));

/** A SIZE_T argument that stays an integer; larger ones than any memory are cut. */
export const sizeArgument = (call: NativeCall, index: number): number =>
  Math.min(unsignedArgument(call, index), Number.MAX_SAFE_INTEGER);

const cacheTypes: readonly (CacheType | undefined)[] = ['nonCached', 'cached', 'writeCombined'];

/** MEMORY_CACHING_TYPE; undefined for the values that are not for drivers. */
export const cacheTypeOf = (value: number): CacheType | undefined => cacheTypes[value];

/** The WDK's name of a caching type. */
export function cacheName(cache: CacheType): string {
  switch (cache) {
    case 'cached':
      return 'MmCached';
    case 'nonCached':
      return 'MmNonCached';
    case 'writeCombined':
      return 'MmWriteCombined';
  }
}

/** A node requirement: undefined is any. */
export const nodeOf = (value: number): number | undefined =>
  (value & ANY_NODE) !== 0 ? undefined : value;

/** Records what a call obtained. */
export function recordHolding(
  context: MemoryRoutines,
  call: NativeCall,
  kind: HoldingKind,
  address: VirtualAddress,
  bytes: number,
  details: Holding['details'],
): number {
  const { kernel, memory } = context;
  const id = kernel.ledger.add({
    kind,
    address,
    bytes,
    module: call.caller.module,
    own: call.caller.own,
    routine: call.routine,
    site: call.site,
    details,
  });
  if (standsForMdl(context, kind, address)) memory.mdls.add(id, address);
  else if (kind === 'mapping') memory.mdls.addMapping(Number(details['mdl']), id);
  return id;
}

/** Records that what a call obtained was given back. */
export function releaseHolding(context: MemoryRoutines, call: NativeCall, holding: Holding): void {
  const { kernel, memory } = context;
  kernel.ledger.release(holding.id, call.site);
  if (holding.kind === 'mapping') {
    memory.mdls.removeMapping(Number(holding.details['mdl']), holding.id);
  } else {
    memory.mdls.remove(holding.id);
  }
}

/** A lock stands for an MDL that the driver laid out in memory of its own. */
function standsForMdl(context: MemoryRoutines, kind: HoldingKind, address: number): boolean {
  if (kind !== 'locked pages') return kind === 'MDL' || kind === 'pages for MDL';
  return context.kernel.ledger.find('MDL', address) === undefined;
}

/** Tells the user why a routine answers NULL, and answers it. */
export function refuse(
  context: MemoryRoutines,
  call: NativeCall,
  refusal: Pick<FrameRefusal, 'explanation' | 'page'> & { readonly rule?: FrameRefusal['rule'] },
): 0 {
  // That there is not enough is no rule of placement.
  const page =
    refusal.rule === 'amount' ? `${headerOf(call)}-${call.routine.toLowerCase()}` : refusal.page;
  context.kernel.explain(call, `${call.routine} returns NULL: ${refusal.explanation}.`, page);
  return 0;
}

/** Who lets a call fail. */
export const injectionText = (context: MemoryRoutines, call: NativeCall): string =>
  (context.kernel.verifier(call).flags &
    (verifierFlags.lowResources | verifierFlags.systematicLowResources)) !==
  0
    ? 'Driver Verifier simulates low resources here'
    : 'the scenario injects a fault here';

/** The part of a page's name that tells the header. */
const headerOf = (call: NativeCall): string =>
  call.routine.endsWith('NonCachedMemory') ? 'nf-ntddk' : 'nf-wdm';

/** Counts an allocation; true when the scenario or Driver Verifier lets it fail, which is explained. */
export function failsByInjection(
  context: MemoryRoutines,
  call: NativeCall,
  point: 'allocation' | 'lock' | 'mapping' = 'allocation',
): boolean {
  if (!context.kernel.injectFault(call, point)) return false;
  context.kernel.explain(call, `${call.routine} fails because ${injectionText(context, call)}.`);
  return true;
}

/** Whether any check of Driver Verifier is on for the caller: its automatic checks then apply. */
export const isVerified = (context: MemoryRoutines, call: NativeCall): boolean =>
  context.kernel.verifier(call).flags !== 0;

/** Verifier's own option against explicit requests for memory below 4 GiB (0xC4/141). */
export function checkLowRequest(
  context: MemoryRoutines,
  call: NativeCall,
  highest: number,
  bytes: number,
): void {
  if (highest >= 0x1_0000_0000 || !context.kernel.verifier(call).lowMemoryRequests) return;
  throw verifierBugCheck(
    [0x141, highest, bytes, 0],
    `${call.routine} is asked for memory at or below ${formatPhysical(physical(highest))}: ` +
      'an explicit request for physical memory under 4 GB.',
  );
}

/** Bug check 0xC4 with its parameters. */
export function verifierBugCheck(
  parameters: readonly [Int64, Int64, Int64, Int64],
  explanation: string,
): BugCheck {
  return new BugCheck(
    bugCheckCodes.DRIVER_VERIFIER_DETECTED_VIOLATION,
    parameters,
    explanation,
    'bug-check-0xc4--driver-verifier-detected-violation',
  );
}

/** What lies at an address, for explanations: `0xFFFF..., which is 48 bytes of nonpaged pool ...`. */
export function addressText(context: MemoryRoutines, call: NativeCall, address: number): string {
  const what = context.memory.describeAddress(call.process, address);
  return what === undefined ? hex(address, 16) : `${hex(address, 16)} (${what})`;
}
