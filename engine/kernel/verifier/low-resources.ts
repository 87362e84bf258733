/**
 * Low resources simulation of Driver Verifier: routines that may fail do, either by chance or, systematically,
 * at one place in each run. Windows leaves a system eight minutes before it begins; here it begins with the
 * first call, since a scenario is over long before.
 */
import { hash32 } from '../../base/random.ts';
import type { Store, Table } from '../../base/store.ts';
import type { NativeCall } from '../../vm/natives.ts';
import { verifierFlags } from '../services.ts';

/** Of a hundred calls so many fail: Windows' default. */
const CHANCE_PERCENT = 6;
/** Apart from whatever else the seed decides. */
const STREAM = 0x6c6f77;

/** Routines that are made to fail, with the Windows in which that began. */
const simulated: ReadonlyMap<string, string> = new Map([
  ...[
    'ExAllocatePool',
    'ExAllocatePool2',
    'ExAllocatePool3',
    'ExAllocatePoolWithQuota',
    'ExAllocatePoolWithQuotaTag',
    'ExAllocatePoolWithTag',
    'ExAllocatePoolWithTagPriority',
    'MmGetSystemAddressForMdlSafe',
    'MmMapIoSpace',
    'MmMapIoSpaceEx',
    'MmMapLockedPagesSpecifyCache',
    'MmProbeAndLockPages',
  ].map((routine) => [routine, 'Windows 2000'] as const),
  ...[
    'IoAllocateErrorLogEntry',
    'IoAllocateIrp',
    'IoAllocateIrpEx',
    'IoAllocateMdl',
    'IoAllocateWorkItem',
    'MmAllocateContiguousMemory',
    'MmAllocateContiguousMemorySpecifyCache',
    'MmAllocatePagesForMdl',
    'MmAllocatePagesForMdlEx',
  ].map((routine) => [routine, 'Vista'] as const),
  ['MmAllocateNodePagesForMdlEx', 'Windows 8.1'],
]);

/** What the simulation has seen of one host. */
export class LowResources {
  /** Number of calls so far. */
  private readonly calls: number;
  /** Places that called, numbered by their first call. */
  private readonly places: Table<string, number>;

  constructor(
    private readonly store: Store,
    host: string,
    private readonly seed: number,
    private readonly atLeast: (version: string) => boolean,
  ) {
    this.calls = store.cell();
    this.places = store.table(`${host}.lowResources`);
  }

  /** Whether a call of a driver that is verified with `flags` is to fail. */
  fails(call: NativeCall, flags: number): boolean {
    const since = simulated.get(call.routine);
    if (since === undefined || !this.atLeast(since)) return false;
    return (
      ((flags & verifierFlags.systematicLowResources) !== 0 && this.isTurnOf(call)) ||
      ((flags & verifierFlags.lowResources) !== 0 && this.isUnlucky())
    );
  }

  private isUnlucky(): boolean {
    const count = (this.store.cells[this.calls] ?? 0) + 1;
    this.store.cells[this.calls] = count;
    return hash32(this.seed, STREAM, count) % 100 < CHANCE_PERCENT;
  }

  /** The first call from the place whose number is the seed. */
  private isTurnOf({ routine, site }: NativeCall): boolean {
    const place = `${routine} ${site.file}:${site.line}:${site.column}`;
    if (this.store.get(this.places, place) !== undefined) return false;
    const number = this.store.all(this.places).size + 1;
    this.store.set(this.places, place, number);
    return number === this.seed;
  }
}
