/** What the parts of one host's kernel outside the memory manager share beyond `KernelServices`. */
import type { VirtualAddress } from '../base/addresses.ts';
import type { HostDeclaration } from '../language/scenario.ts';
import type { AddressSpace } from '../machine/address-space.ts';
import type { NicConfiguration } from '../machine/host.ts';
import type { BugCheck } from '../vm/natives.ts';
import type { Clock } from './clock.ts';
import type { Layouts } from './layouts.ts';
import type { MemoryManager } from './mm/memory-manager.ts';
import type { KernelServices } from './services.ts';
import type { SystemMemory } from './system-memory.ts';

/** An object of the kernel that a driver keeps in memory of its own. */
export interface LiveObject {
  readonly kind: 'timer' | 'look-aside list' | 'resource';
  readonly address: number;
}

export interface KernelContext extends KernelServices {
  readonly declaration: HostDeclaration;
  readonly memory: MemoryManager;
  readonly clock: Clock;
  /** Available once the session is built. */
  readonly layouts: Layouts;
  /** For objects that the kernel makes while no thread runs. */
  readonly system: SystemMemory;
  userSpace(process: number): AddressSpace | undefined;
  /** A timer that is set, or a list in use, inside a range of system memory. */
  objectWithin(start: number, bytes: number): LiveObject | undefined;
  /** The address of a process's object (EPROCESS, opaque); 0 is the system process. */
  processObject(process: number): VirtualAddress;
  /** The module whose code holds an address; undefined for data and unmapped addresses. */
  moduleAt(address: number): string | undefined;
  /** Stops the host outside of any native call (a process that ended badly, an unload that leaked). */
  stopWith(bugCheck: BugCheck): void;
  /** Whether a driver is verified with all of `flags`. */
  verifiedModule(module: string, flags: number): boolean;
  /** The NIC that a physical device object stands for. */
  nicOf(physicalDeviceObject: number): NicConfiguration | undefined;
}

export const PASSIVE_LEVEL = 0;
export const APC_LEVEL = 1;
export const DISPATCH_LEVEL = 2;
export const HIGH_LEVEL = 15;

export const irqlNames: readonly string[] = [
  'PASSIVE_LEVEL',
  'APC_LEVEL',
  'DISPATCH_LEVEL',
  ...Array.from({ length: 9 }, (_, index) => `device level ${index + 3}`),
  'device level 12',
  'CLOCK_LEVEL',
  'IPI_LEVEL',
  'HIGH_LEVEL',
];

/** `DISPATCH_LEVEL (2)`. */
export function irqlName(irql: number): string {
  return `${irqlNames[irql] ?? 'IRQL'} (${irql})`;
}
