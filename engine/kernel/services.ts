/** What the parts of one host's kernel know of each other. Built once for each host by `kernel.ts`. */
import type { PhysicalAddress, VirtualAddress } from '../base/addresses.ts';
import type { Store } from '../base/store.ts';
import type { AddressSpace, CacheType, MappingUse, Protection } from '../machine/address-space.ts';
import type {
  FrameGrant,
  FrameRefusal,
  FrameRequest,
  FrameRunGrant,
  Frames,
} from '../machine/frames.ts';
import type { Host } from '../machine/host.ts';
import type { NativeCall } from '../vm/natives.ts';
import type { Reports } from '../vm/reports.ts';
import type { VmServices } from '../vm/system.ts';
import type { Ledger } from './ledger.ts';

export interface SystemMapping {
  readonly use: MappingUse;
  readonly runs: readonly FrameRunGrant[];
  readonly protection: Protection;
  readonly cache: CacheType;
  readonly pageable: boolean;
  readonly allocation: number | undefined;
  readonly region?: VirtualAddress;
}

export interface PoolRequest {
  readonly bytes: number;
  readonly paged: boolean;
  readonly executable: boolean;
  /** Four characters as the ULONG that a driver passes. */
  readonly tag: number;
  readonly zeroed: boolean;
}

/** The memory manager's services to the rest of the kernel. */
export interface MemoryServices {
  /** Ownership, locks and caching behaviour of every frame. */
  readonly frames: Frames;
  allocateFrames(request: FrameRequest): FrameGrant | FrameRefusal;
  freeFrames(runs: readonly FrameRunGrant[]): void;
  /** Maps frames in system space and answers the address; undefined when address space is short. */
  mapSystem(mapping: SystemMapping): VirtualAddress | undefined;
  unmapSystem(start: VirtualAddress): void;
  /** Pool for the kernel's own objects (IRPs, device objects): not a driver's holding. */
  allocateSystemPool(request: PoolRequest): VirtualAddress | undefined;
  freeSystemPool(address: VirtualAddress): void;
  /** The physical address behind a system address. */
  physicalOf(address: number, space?: AddressSpace): PhysicalAddress | undefined;
  /** Maps fresh zeroed memory in a process; undefined when there is none. */
  allocateUser(
    space: AddressSpace,
    pages: number,
    use: MappingUse,
    protection: Protection,
  ): VirtualAddress | undefined;
  freeUser(space: AddressSpace, start: VirtualAddress): void;
  /** Pages that a process still has locked (for 0x76 at its end). */
  lockedPages(process: number): number;
}

/** Driver Verifier for one driver. */
export interface VerifierSettings {
  /** Bits as in `verifier /flags`. 0: not verified. */
  readonly flags: number;
  readonly lowMemoryRequests: boolean;
}

export const verifierFlags = {
  specialPool: 0x1,
  forceIrqlChecking: 0x2,
  lowResources: 0x4,
  poolTracking: 0x8,
  io: 0x10,
  deadlockDetection: 0x20,
  enhancedIo: 0x40,
  dma: 0x80,
  securityChecks: 0x100,
  miscellaneous: 0x800,
  forcePendingIo: 0x200,
  irpLogging: 0x400,
  invariantMdlStack: 0x2000,
  invariantMdlDriver: 0x4000,
  ddiCompliance: 0x20000,
  systematicLowResources: 0x40000,
  ddiComplianceAdditional: 0x80000,
  codeIntegrity: 0x200_0000,
} as const;

/** `verifier on`: the standard set of the documentation. */
export const standardVerifier = 0x209bb;

/** One host's kernel as its parts see it. */
export interface KernelServices {
  readonly store: Store;
  readonly host: Host;
  readonly reports: Reports;
  readonly ledger: Ledger;
  readonly memory: MemoryServices;
  /** Available once the session is built. */
  readonly vm: VmServices;
  readonly seed: number;
  /** The verifier settings that apply to the caller of a routine. */
  verifier(call: NativeCall): VerifierSettings;
  /** Whether the caller is verified with all of `flags`. */
  verified(call: NativeCall, flags: number): boolean;
  /**
   * Counts a call of a fault point (`allocation` and the routine's own name) by one of the scenario's own
   * drivers; answers whether this one is to fail.
   */
  injectFault(call: NativeCall, point: 'allocation' | 'lock' | 'mapping'): boolean;
  /** Writes a line to the output as a note of the emulator (`source` is the module), such as a refusal's explanation. */
  explain(call: NativeCall, text: string, page?: string): void;
  /** Whether the machine's Windows is at least this (`Vista`, `Windows 8`). */
  atLeast(version: string): boolean;
}
