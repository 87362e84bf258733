/**
 * The border between the vm and the operating system on top of it: what the vm offers to the kernel, and
 * what it asks of it. The vm never imports the kernel.
 */
import type { PhysicalAddress, VirtualAddress } from '../base/addresses.ts';
import type { Int64 } from '../base/int64.ts';
import type { Unit } from '../language/program.ts';
import type { AddressSpace } from '../machine/address-space.ts';
import type { Host } from '../machine/host.ts';
import type { Fault, Peek } from './access.ts';
import type { GuardRule } from './guards.ts';
import type { BugCheck, ExceptionRecord, NativeTable } from './natives.ts';
import type { RegisterAccess } from './register-accesses.ts';
import type { Site } from './reports.ts';

/** A linked image: a driver, a process, the kernel's own C, a user-mode library. */
export interface ModuleDeclaration {
  /** `Proxy`, `ntoskrnl`, `client`, `mswsock`. */
  readonly name: string;
  readonly host: number;
  /** 0: system space; else the process whose space it is mapped in. */
  readonly process: number;
  readonly mode: 'kernel' | 'user';
  readonly units: readonly Unit[];
  /** One of the scenario's own drivers or processes (not a built-in component). */
  readonly own: boolean;
  /** Modules whose external functions satisfy names that this one does not define, in order. */
  readonly imports: readonly string[];
  /** The only native routines that it may use; undefined: those of its mode. */
  readonly routines?: ReadonlySet<string>;
}

/** A module with addresses. Everything is laid out when the session is built; contents appear on `mapImage`. */
export interface ModuleImage {
  readonly declaration: ModuleDeclaration;
  readonly base: VirtualAddress;
  /** Bytes, whole pages. */
  readonly size: number;
  readonly sections: readonly {
    readonly name: '.text' | '.rdata' | '.data' | 'PAGE' | 'INIT';
    readonly start: VirtualAddress;
    readonly size: number;
    /** First contents of data sections. */
    readonly bytes: Uint8Array | undefined;
    readonly pageable: boolean;
    readonly writable: boolean;
  }[];
  /** Names that nothing defines: the module does not load. */
  readonly unresolved: readonly { readonly name: string; readonly site: Site }[];
}

export interface ThreadOptions {
  readonly host: number;
  readonly process: number;
  readonly mode: 'kernel' | 'user';
  /** Shown in the call stack view: `System`, `client`. */
  readonly name: string;
  /** Code address of the first routine, and its arguments. */
  readonly entry: VirtualAddress;
  readonly arguments: readonly Int64[];
  /** Stack ranges that the kernel mapped: [limit, base). A user thread has both. */
  readonly kernelStack: { readonly limit: VirtualAddress; readonly base: VirtualAddress };
  readonly userStack?: { readonly limit: VirtualAddress; readonly base: VirtualAddress };
  /** Returned to `System.threadEnded`. Plain data. */
  readonly purpose: string;
  /** What it stands for on its processor; an interrupt or DPC borrows it until it ends. */
  readonly level?: ThreadLevel;
  /** Where it runs first (an interrupt or DPC: where it runs), by number from 0 on. */
  readonly processor?: number;
  /** IRQL that it begins at. */
  readonly irql?: number;
  /** Goes before those of its level that wait already. */
  readonly urgent?: boolean;
  /** A tick: it is not taken before, unless nothing else can run. */
  readonly notBefore?: number;
}

/**
 * Interrupts and DPCs are threads of their own that take a processor away from whatever has a lower IRQL there
 * and keep it until they end, so that stacks and steps of what they interrupt stay as they are. A device's code
 * runs on no processor: it comes before all of them and ends before they go on.
 */
export type ThreadLevel = 'thread' | 'dpc' | 'interrupt' | 'device';

export interface ThreadState {
  readonly id: number;
  readonly host: number;
  readonly process: number;
  readonly name: string;
  readonly purpose: string;
  readonly state: 'runnable' | 'blocked' | 'ended';
  /** What it waits for, for the wait chain. */
  readonly waitingFor: string | undefined;
  readonly level: ThreadLevel;
  /** Where it runs, or ran last. */
  readonly processor: number;
}

/** What the vm offers to kernel and session. */
export interface VmServices {
  /** Module images of a host, as linked. */
  images(host: number): readonly ModuleImage[];
  image(host: number, module: string): ModuleImage | undefined;
  /** Code address of a routine or data address of a variable that a module defines or imports. */
  addressOf(host: number, module: string, name: string): VirtualAddress | undefined;
  /** Code address of a native routine on a host, for tables of function pointers. */
  nativeAddress(host: number, routine: string): VirtualAddress;
  /** The routine (and module) whose code holds an address. */
  routineAt(
    host: number,
    address: Int64,
  ): { readonly module: string; readonly name: string } | undefined;
  createThread(options: ThreadOptions): number;
  thread(id: number): ThreadState | undefined;
  threads(host: number): readonly ThreadState[];
  /** The running thread. */
  readonly current: number;
  /**
   * From now on the scenario's own code may not write to a range: a freed block, or a gap of a heap. Without a text the
   * machine is asked what was freed there. Process 0 is the system.
   */
  guard(
    host: number,
    process: number,
    address: number,
    length: number,
    rule: GuardRule,
    text?: string,
  ): void;
  /** Says what a block of a process's heap is, for reports about never-written bytes of it. */
  noteBlock(host: number, process: number, address: number, length: number, text: string): void;
  unguard(host: number, process: number, address: number, length: number): void;
  /** Blocks the running thread until `wake`; takes effect when the running native returns. */
  block(waitingFor: string): void;
  wake(thread: number): void;
  /**
   * The running thread's IRQL has fallen, or an interrupt or DPC waits for a processor: whoever comes first now
   * takes over when the running native returns.
   */
  reschedule(): void;
  /** The running thread lets others have a turn when the running native returns. */
  yield(): void;
  /** Binds a thread to processors (a bit for each; undefined: any) from its next turn on. */
  setAffinity(thread: number, affinity: bigint | undefined): void;
  /** The process whose memory the running thread sees. */
  readonly process: number;
  /** The running thread sees the memory of a process (0: of none) when the running native returns. */
  attach(process: number): void;
  /** Below DISPATCH_LEVEL threads of higher priority run first. */
  setPriority(thread: number, priority: number): void;
  priorityOf(thread: number): number;
  /** Where the stack of a thread ends now: what lies below belongs to calls that are over. */
  stackPointerOf(thread: number): number | undefined;
  /** The IRQL that a thread has, or goes on at. */
  irqlOf(thread: number): number;
  affinityOf(thread: number): bigint | undefined;
  /** Whether the schedule differs from the plain one (by a seed other than 1). */
  readonly varied: boolean;
  /** Moments passed. */
  readonly tick: number;
  /** A device read or wrote physical memory: data breakpoints learn of it. The range lies in one page. */
  touchedByDevice(
    host: number,
    address: PhysicalAddress,
    size: number,
    access: 'read' | 'write',
  ): void;
  /** Ends a thread without unwinding (process death). */
  endThread(thread: number): void;
  /** The innermost place with source on a thread's stack; with `own` one of the scenario's own modules. */
  siteOf(thread: number, own?: boolean): Site | undefined;
  peek(host: number, process: number): Peek;
}

/** What the vm asks of one host's operating system. */
export interface System {
  readonly host: Host;
  readonly natives: NativeTable;
  /** The user address space of a process (undefined for 0). */
  userSpace(process: number): AddressSpace | undefined;
  /** What a fault of the running thread means: an exception to dispatch, or a bug check. */
  fault(fault: Fault, thread: ThreadState, pc: VirtualAddress): ExceptionRecord | BugCheck;
  /** No handler took it: a bug check in kernel mode; undefined ends the process (user mode). */
  unhandledException(
    exception: ExceptionRecord,
    thread: ThreadState,
    mode: 'kernel' | 'user',
  ): BugCheck | undefined;
  /** The first routine of a thread returned (result as an integer), or the process was ended by an exception. */
  threadEnded(thread: ThreadState, result: Int64, exception: ExceptionRecord | undefined): void;
  /** A bug check happened: report it and stop the host. */
  bugCheck(bugCheck: BugCheck, thread: ThreadState | undefined): void;
  /**
   * The running thread touched a register of a device: the thread that runs the device's code for it, or undefined
   * when nothing answers (reads are all ones then).
   */
  registerAccess?(access: RegisterAccess, thread: ThreadState): number | undefined;
  /** Time passes while code runs: so many units of 100 ns. */
  elapse?(units: number): void;
  /** No thread of any host is runnable; may start the next phase. Answers whether there is more to run. */
  idle(): boolean;
}
