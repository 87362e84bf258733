/** What the libraries of a process ask of the kernel and of the processor without waiting. */
import { virtual } from '../../base/addresses.ts';
import { high32, type Int64, int64, low32 } from '../../base/int64.ts';
import type { Table } from '../../base/store.ts';
import { type NativeCall, type NativeTable, RaiseException } from '../../vm/natives.ts';
import type { KernelContext } from '../context.ts';
import type { Files } from '../io/files.ts';
import type { Dispatcher } from '../ke/dispatcher.ts';
import { sectionRoutines } from '../mm/section-routines.ts';
import type { DebugOutput } from '../rtl/debug-print.ts';
import { status } from '../status.ts';
import type { Processes } from './processes.ts';

/** A thread that a process made, or its first one. Plain data. */
interface UserThread {
  readonly object: number;
  readonly exitCode: number | undefined;
}

const EXCEPTION_NONCONTINUABLE = 1;
const STILL_ACTIVE = 259;
const THREAD_TYPE = 0x101;
const THREAD_TAG = 0x72685455; // 'UThr'
/** 100 ns units of a millisecond. */
const MILLISECOND = 10_000;
const TEXT_LIMIT = 4096;

export class UserServices {
  private readonly lastErrors: Table<number, number>;
  private readonly threads: Table<number, UserThread>;

  constructor(
    private readonly kernel: KernelContext,
    private readonly parts: {
      readonly processes: Processes;
      readonly files: Files;
      readonly dispatcher: Dispatcher;
      readonly debugOutput: DebugOutput;
    },
  ) {
    this.lastErrors = kernel.store.table(`${kernel.host.name}.lastErrors`);
    this.threads = kernel.store.table(`${kernel.host.name}.userThreads`);
  }

  natives(): NativeTable {
    const { clock } = this.kernel;
    const ticks = (): number => Math.floor(clock.look() / MILLISECOND);
    return {
      GetLastError: (call) => this.kernel.store.get(this.lastErrors, call.thread) ?? 0,
      SetLastError: (call) => {
        this.kernel.store.set(this.lastErrors, call.thread, call.number(0) >>> 0);
        return undefined;
      },
      RaiseException: (call) => {
        throw new RaiseException(
          call.number(0) >>> 0,
          this.exceptionArguments(call),
          (call.number(1) & EXCEPTION_NONCONTINUABLE) !== 0,
        );
      },
      GetCurrentProcessId: (call) => call.process,
      GetCurrentThreadId: (call) => 4 * call.thread,
      GetTickCount: () => ticks() % 0x1_0000_0000,
      GetTickCount64: () => ticks(),
      QueryPerformanceCounter: (call) => {
        call.memory.write64(call.number(0), clock.look());
        return 1;
      },
      QueryPerformanceFrequency: (call) => {
        call.memory.write64(call.number(0), 10_000_000);
        return 1;
      },
      GetSystemTimeAsFileTime: (call) => {
        clock.look();
        const time = int64(clock.systemTime);
        call.memory.write(call.number(0), 4, low32(time));
        call.memory.write(call.number(0) + 4, 4, high32(time) >>> 0);
        return undefined;
      },
      OutputDebugStringA: (call) => {
        const text = call.memory.readString(call.number(0), TEXT_LIMIT, 'lpOutputString');
        this.parts.debugOutput.write(call, call.caller.module, text);
        return undefined;
      },
      OutputDebugStringW: (call) => {
        const text = call.memory.readWideString(call.number(0), TEXT_LIMIT, 'lpOutputString');
        this.parts.debugOutput.write(call, call.caller.module, text);
        return undefined;
      },
      IsDebuggerPresent: () => 1,
      DebugBreak: () => {
        throw new RaiseException(status.STATUS_BREAKPOINT);
      },
      ...sectionRoutines(this.kernel, this.parts.files),
      NtCreateUserThread: (call) => this.createThread(call),
      NtTerminateThread: (call) => {
        this.kernel.vm.endThread(call.thread);
        this.threadOver(call.thread, Number(call.integer(1)) >>> 0);
        return 0;
      },
      NtQueryThreadExitCode: (call) => {
        const object = this.parts.files.objectBehind(call.process, call.number(0));
        const found = [...this.kernel.store.all(this.threads).values()].find(
          (thread) => thread.object === object,
        );
        if (found === undefined) return status.STATUS_INVALID_HANDLE | 0;
        call.memory.write(call.number(1), 4, found.exitCode ?? STILL_ACTIVE);
        return 0;
      },
    };
  }

  /** A thread of a process has ended: whoever waits for it goes on. */
  threadOver(thread: number, exitCode: number): void {
    const record = this.kernel.store.get(this.threads, thread);
    this.parts.processes.releaseStack(thread);
    if (record === undefined) return;
    this.kernel.store.set(this.threads, thread, { ...record, exitCode });
    this.parts.dispatcher.signal(record.object);
  }

  private exceptionArguments(call: NativeCall): readonly Int64[] {
    const count = Math.min(call.number(2), 15);
    const list = call.number(3);
    if (list === 0) return [];
    return Array.from({ length: count }, (_, index) =>
      call.memory.read64(list + 8 * index, `lpArguments[${index}]`),
    );
  }

  // ---- Threads -------------------------------------------------------------------------------------

  /** NtCreateUserThread(*Handle, Start, Routine, Parameter, *ThreadId). */
  private createThread(call: NativeCall): number {
    const { kernel, parts } = this;
    const { layouts } = kernel;
    const object = kernel.memory.allocateSystemPool({
      bytes: layouts.size('KEVENT'),
      paged: false,
      executable: false,
      tag: THREAD_TAG,
      zeroed: true,
    });
    if (object === undefined) return status.STATUS_INSUFFICIENT_RESOURCES | 0;
    const thread = parts.processes.startUserThread(call.process, {
      entry: virtual(call.number(1)),
      arguments: [call.number(2), call.number(3)],
    });
    if (thread === undefined) {
      kernel.memory.freeSystemPool(object);
      return status.STATUS_INSUFFICIENT_RESOURCES | 0;
    }
    kernel.store.set(this.threads, thread, { object, exitCode: undefined });
    parts.files.enter(object, THREAD_TYPE);
    const handle = parts.files.openHandle(object, call.process, 0x1f_ffff, call.site);
    call.memory.write64(call.number(0), handle);
    call.memory.write(call.number(4), 4, 4 * thread);
    return 0;
  }
}
