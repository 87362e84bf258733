/** A host with its memory manager and a caller for its native routines, without a vm. */

import { type VirtualAddress, virtual } from '../../../../engine/base/addresses.ts';
import { type Int64, low32 } from '../../../../engine/base/int64.ts';
import { Store } from '../../../../engine/base/store.ts';
import { poolRoutines } from '../../../../engine/kernel/ex/pool-routines.ts';
import { StrayAccesses } from '../../../../engine/kernel/hal/stray-accesses.ts';
import { Ledger } from '../../../../engine/kernel/ledger.ts';
import type { MemoryRoutines } from '../../../../engine/kernel/mm/calls.ts';
import { MemoryManager } from '../../../../engine/kernel/mm/memory-manager.ts';
import { memoryRoutines } from '../../../../engine/kernel/mm/routines.ts';
import { isAtLeast } from '../../../../engine/kernel/windows-versions.ts';
import type { AddressSpace } from '../../../../engine/machine/address-space.ts';
import { Host, type MachineConfiguration } from '../../../../engine/machine/host.ts';
import { firstUnwritten } from '../../../../engine/machine/physical-memory.ts';
import type { MemoryAccess, Peek, PeekRun } from '../../../../engine/vm/access.ts';
import { Door } from '../../../../engine/vm/door.ts';
import { BugCheck, type NativeCall, RaiseException } from '../../../../engine/vm/natives.ts';

const M = 1024 * 1024;

export const defaultMachine: MachineConfiguration = {
  memory: [
    { start: 0, end: 640 * 1024 },
    { start: M, end: 64 * M },
  ],
  nolowmem: false,
  freeMemory: { kind: 'all' },
  mapRegisters: 64,
  iommu: false,
  mergePages: true,
  nodes: 1,
  processors: 1,
  windows: 'Windows 11',
};

/** What a scenario might do in a driver: calls by name, memory by address. */
export class Rig {
  readonly store = new Store((frame, bytes) => bytes.fill(0x5a ^ (frame & 0xff)));
  readonly host: Host;
  readonly ledger: Ledger;
  readonly memory: MemoryManager;
  readonly strays: StrayAccesses;
  readonly user: AddressSpace;
  readonly context: MemoryRoutines;
  readonly violations: { rule: string; message: string }[] = [];
  readonly explanations: string[] = [];
  /** The page behind each explanation. */
  readonly explanationPages: (string | undefined)[] = [];
  readonly driver: MemoryAccess;
  readonly process: MemoryAccess;
  verifierFlags = 0;
  lowMemoryRequests = false;
  /** Fault points that fail from now on. */
  readonly failing = new Set<string>();
  /** Line of the next call. */
  line = 1;
  private readonly natives;
  /** The tooling's door. */
  readonly tooling: Peek;

  constructor(changes: Partial<MachineConfiguration> = {}) {
    const machine = { ...defaultMachine, ...changes };
    this.strays = new StrayAccesses(this.store, 'alpha');
    this.host = new Host(this.store, 0, 'alpha', machine, []);
    this.user = this.host.userSpace('client');
    this.ledger = new Ledger(this.store, 'alpha');
    const userSpace = (process: number): AddressSpace | undefined =>
      process === 1 ? this.user : undefined;
    this.memory = new MemoryManager({
      store: this.store,
      host: this.host,
      ledger: this.ledger,
      userSpace,
      processes: () => [1],
      processObject: (process) => virtual(-0x2000_0000_0000 + process * 0x1000),
    });
    this.context = {
      memory: this.memory,
      kernel: {
        host: this.host,
        ledger: this.ledger,
        userSpace,
        verifier: () => ({
          flags: this.verifierFlags,
          lowMemoryRequests: this.lowMemoryRequests,
        }),
        verified: (_call, flags) => (this.verifierFlags & flags) === flags,
        injectFault: (call, point) => this.failing.has(point) || this.failing.has(call.routine),
        explain: (_call, text, page) => {
          this.explanations.push(text);
          this.explanationPages.push(page);
        },
        atLeast: (version) => isAtLeast(machine.windows, version),
        objectWithin: () => undefined,
      },
    };
    this.natives = { ...memoryRoutines(this.context), ...poolRoutines(this.context) };
    this.driver = this.access('kernel');
    this.process = this.access('user');
    this.tooling = this.peek();
  }

  /** Calls a native routine as driver `Proxy` in process 1 (the client) or 0 (the system). */
  call(routine: string, ...values: readonly Int64[]): Int64 {
    return this.callIn(1, routine, ...values);
  }

  callIn(process: number, routine: string, ...values: readonly Int64[]): Int64 {
    const native = this.natives[routine];
    if (native === undefined) throw new Error(`no ${routine}`);
    let result = native(this.nativeCall(process, routine, values, 0));
    while (typeof result === 'object') {
      result = native(this.nativeCall(process, routine, values, result.again));
    }
    return result ?? 0;
  }

  /** The same for an address or another number. */
  number(routine: string, ...values: readonly Int64[]): number {
    return Number(this.call(routine, ...values));
  }

  /** The bug check that a call ends in. */
  bugCheck(routine: string, ...values: readonly Int64[]): BugCheck {
    try {
      this.call(routine, ...values);
    } catch (error) {
      if (error instanceof BugCheck) return error;
      throw error;
    }
    throw new Error(`${routine} returned`);
  }

  /** The exception that a call raises. */
  exception(routine: string, ...values: readonly Int64[]): RaiseException {
    try {
      this.call(routine, ...values);
    } catch (error) {
      if (error instanceof RaiseException) return error;
      throw error;
    }
    throw new Error(`${routine} returned`);
  }

  /** Names of the routines that the memory manager has. */
  get routines(): readonly string[] {
    return Object.keys(this.natives);
  }

  get rules(): string[] {
    return this.violations.map((violation) => violation.rule);
  }

  /** Free pages of the whole machine. */
  get free(): number {
    return this.memory.frames.summary(0, this.memory.frames.highest).free;
  }

  private nativeCall(
    process: number,
    routine: string,
    values: readonly Int64[],
    progress: number,
  ): NativeCall {
    const value = (index: number): Int64 => {
      const found = values[index];
      if (found === undefined) throw new Error(`${routine} has no argument ${index}`);
      return found;
    };
    const site = {
      file: 'drivers/proxy.c',
      line: this.line,
      column: 1,
      function: 'DriverEntry',
      module: 'Proxy',
      tick: 0,
    };
    return {
      routine,
      site,
      caller: { module: 'Proxy', own: true, driver: undefined },
      thread: 1,
      process,
      mode: 'kernel',
      memory: this.driver,
      peek: this.tooling,
      integer: value,
      number: (index) => {
        const integer = value(index);
        return typeof integer === 'number' ? integer : Number.POSITIVE_INFINITY;
      },
      boolean: (index) => (low32(value(index)) & 0xff) !== 0,
      floating: (index) => Number(value(index)),
      variadic: value,
      progress,
      again: (next) => ({ again: next }),
      violation: (rule, message) => {
        this.violations.push({ rule, message });
      },
    };
  }

  private access(mode: 'kernel' | 'user'): MemoryAccess {
    const door = new Door(this.store, this.host.memory, this.host.system, this.user, mode);
    const judged = <T>(value: T, what: string | undefined): T => {
      if (door.taint !== 0) {
        this.violations.push({ rule: 'uninitialized_memory', message: what ?? '' });
        door.taint = 0;
      }
      return value;
    };
    return {
      readUnsigned: (address, size, what) =>
        judged(
          size === 1
            ? door.readU8(address)
            : size === 2
              ? door.readU16(address)
              : door.readU32(address),
          what,
        ),
      readSigned: (address, size, what) =>
        judged(
          size === 1
            ? door.readI8(address)
            : size === 2
              ? door.readI16(address)
              : door.readI32(address),
          what,
        ),
      read64: (address, what) => judged(door.readI64(address), what),
      readNumber: (address, what) => judged(Number(door.readI64(address)), what),
      readBytes: (address, length) => door.readBytes(address, length),
      readString: () => {
        throw new Error('not needed here');
      },
      readWideString: () => {
        throw new Error('not needed here');
      },
      write: (address, size, number) => {
        if (size === 1) door.write8(address, number);
        else if (size === 2) door.write16(address, number);
        else door.write32(address, number);
      },
      write64: (address, number) => door.write64(address, number),
      writeBytes: (address, bytes) => door.writeBytes(address, bytes),
      copy: (destination, source, length) => door.copy(destination, source, length),
      fill: (destination, length, byte) => door.fill(destination, length, byte),
      forget: (address, length) => door.forget(address, length),
      probe: (address, length, access) => door.probe(address, length, access),
    };
  }

  private peek(): Peek {
    const { host } = this;
    const bytes = (address: VirtualAddress, length: number): Uint8Array | undefined => {
      const physical = this.memory.physicalOf(address);
      return physical === undefined ? undefined : host.memory.peek(physical, length);
    };
    return {
      readUnsigned: (address, size) => {
        const found = bytes(address, size);
        return found?.reduceRight((value, byte) => value * 256 + byte, 0);
      },
      read64: (address) => {
        const found = bytes(address, 8);
        return found && Number(new DataView(found.buffer).getBigInt64(0, true));
      },
      read: (address, length): readonly PeekRun[] => {
        const found = bytes(address, length);
        return found === undefined
          ? [{ start: address, length, why: 'unmapped' }]
          : [{ start: address, bytes: found }];
      },
      isWritten: (address, length) => {
        const frame = host.system.frameAt(address);
        if (frame === undefined) return undefined;
        const page = host.memory.peekPage(frame);
        return page !== undefined && firstUnwritten(page.written, address & 0xfff, length) < 0;
      },
    };
  }
}
