/**
 * Critical and guarded regions, registers of devices, the version of Windows. There are no APCs on this machine: a
 * region has to be left as often as it is entered, and tells which APCs it would keep away.
 */

import type { Table } from '../../base/store.ts';
import type { Native, NativeCall, NativeTable } from '../../vm/natives.ts';
import { APC_LEVEL, irqlName, type KernelContext } from '../context.ts';
import { reportIrql, verifierViolation } from '../verifier/irql-rules.ts';

/** Build numbers by release. */
const builds: Readonly<Record<string, readonly [number, number, number]>> = {
  'Windows 2000': [5, 0, 2195],
  'Windows XP': [5, 1, 2600],
  'Server 2003': [5, 2, 3790],
  Vista: [6, 0, 6002],
  'Windows 7': [6, 1, 7601],
  'Windows 8': [6, 2, 9200],
  'Windows 8.1': [6, 3, 9600],
  'Windows 10': [10, 0, 19045],
  'Windows 11': [10, 0, 22631],
};

/** Bytes of a cache line. */
const CACHE_LINE = 64;

export class Regions {
  private readonly critical: Table<number, number>;
  private readonly guarded: Table<number, number>;

  constructor(
    private readonly kernel: KernelContext,
    /** A mutex keeps normal APCs away as a critical region does. */
    private readonly ownsMutex: (thread: number) => boolean,
  ) {
    this.critical = kernel.store.table(`${kernel.host.name}.criticalRegions`);
    this.guarded = kernel.store.table(`${kernel.host.name}.guardedRegions`);
  }

  natives(): NativeTable {
    const read =
      (size: 1 | 2 | 4): Native =>
      (call) =>
        call.memory.readUnsigned(call.number(0), size, 'the register');
    const write =
      (size: 1 | 2 | 4): Native =>
      (call) => {
        call.memory.write(call.number(0), size, call.number(1));
        return undefined;
      };
    return {
      KeEnterCriticalRegion: (call) => this.enter(call, this.critical),
      KeLeaveCriticalRegion: (call) => this.leave(call, this.critical),
      KeEnterGuardedRegion: (call) => this.enter(call, this.guarded),
      KeLeaveGuardedRegion: (call) => this.leave(call, this.guarded),
      KeAreApcsDisabled: (call) => (this.depth(call) > 0 || this.ownsMutex(call.thread) ? 1 : 0),
      KeAreAllApcsDisabled: (call) =>
        this.in(this.guarded, call.thread) > 0 || this.kernel.host.irql >= APC_LEVEL ? 1 : 0,
      READ_REGISTER_UCHAR: read(1),
      READ_REGISTER_USHORT: read(2),
      READ_REGISTER_ULONG: read(4),
      WRITE_REGISTER_UCHAR: write(1),
      WRITE_REGISTER_USHORT: write(2),
      WRITE_REGISTER_ULONG: write(4),
      RtlGetVersion: (call) => {
        const { layouts, host } = this.kernel;
        const [major, minor, build] = builds[host.machine.windows] ?? [10, 0, 22631];
        const set = (member: string, value: number): void =>
          layouts.write(call.memory, call.number(0), 'RTL_OSVERSIONINFOW', member, value);
        set('dwMajorVersion', major);
        set('dwMinorVersion', minor);
        set('dwBuildNumber', build);
        set('dwPlatformId', 2);
        return 0;
      },
      PsGetVersion: (call) => {
        const [major, minor, build] = builds[this.kernel.host.machine.windows] ?? [10, 0, 22631];
        [major, minor, build].forEach((value, index) => {
          if (call.number(index) !== 0) call.memory.write(call.number(index), 4, value);
        });
        if (call.number(3) !== 0) call.memory.write(call.number(3), 2, 0);
        return 0;
      },
      KeQueryActiveGroupCount: () => 1,
      KeGetRecommendedSharedDataAlignment: () => CACHE_LINE,
      RtlIsNtDdiVersionAvailable: (call) => (this.isAvailable(call.number(0)) ? 1 : 0),
      RtlIsServicePackVersionInstalled: (call) => (this.isAvailable(call.number(0)) ? 1 : 0),
      KiVerifyMutex: (call) => this.verifyMutex(call),
      KiRegionDepth: (call) => this.depth(call),
    };
  }

  /**
   * KiVerifyMutex(Mutex, Code): the rules of Driver Verifier for fast mutexes, by the code of the breach: 0x33
   * and 0x34 for acquiring and releasing, 0x39 and 0x3A for the routines that leave the IRQL alone.
   */
  private verifyMutex(call: NativeCall): undefined {
    const { irql } = this.kernel.host;
    const [mutex, code] = [call.number(0), call.number(1)];
    const depth = this.depth(call);
    const isRight =
      code === 0x33
        ? irql <= APC_LEVEL
        : code === 0x34
          ? irql === APC_LEVEL
          : irql === APC_LEVEL || (irql < APC_LEVEL && depth > 0);
    if (isRight) return undefined;
    const text = `${call.site.function} is called at ${irqlName(irql)}: ${
      code === 0x33
        ? 'it may be called at APC_LEVEL or below.'
        : code === 0x34
          ? 'the mutex was acquired at APC_LEVEL, and is released there.'
          : 'it is for callers at APC_LEVEL, or in a critical region.'
    }`;
    reportIrql(
      this.kernel,
      call,
      text,
      'nf-wdm-exacquirefastmutex',
      code === 0x33 ? [code, irql, mutex, 0] : [code, irql, depth, mutex],
    );
    return undefined;
  }

  /** NTDDI_ numbers: major and minor version in the highest bytes; every machine has its last service pack. */
  private isAvailable(version: number): boolean {
    const [major, minor] = builds[this.kernel.host.machine.windows] ?? [10, 0];
    return Math.floor(version / 0x1_0000) <= major * 0x100 + minor;
  }

  /** How many regions a thread is in. */
  depthOf(thread: number): number {
    return this.in(this.critical, thread) + this.in(this.guarded, thread);
  }

  private in(kind: Table<number, number>, thread: number): number {
    return this.kernel.store.get(kind, thread) ?? 0;
  }

  private depth(call: NativeCall): number {
    return this.depthOf(call.thread);
  }

  private enter(call: NativeCall, kind: Table<number, number>): undefined {
    this.kernel.store.set(kind, call.thread, this.in(kind, call.thread) + 1);
    return undefined;
  }

  private leave(call: NativeCall, kind: Table<number, number>): undefined {
    const depth = this.in(kind, call.thread);
    if (depth === 0) {
      const text = `${call.routine} is called by a thread that has not entered a region.`;
      if (this.kernel.verifier(call).flags !== 0) throw verifierViolation([0x3e, 0, 0, 0], text);
      call.violation('critical_region', text, 'nf-ntddk-keleavecriticalregion');
      return undefined;
    }
    this.kernel.store.set(kind, call.thread, depth - 1);
    return undefined;
  }
}
