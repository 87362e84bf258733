/**
 * Threads as drivers know them: objects that can be waited for, handles, processors, priorities. The object is a
 * DISPATCHER_HEADER and otherwise opaque, as KTHREAD is.
 */
import { virtual } from '../../base/addresses.ts';
import { type Int64, int64 } from '../../base/int64.ts';
import type { Table } from '../../base/store.ts';
import type { NativeCall, NativeTable } from '../../vm/natives.ts';
import type { ThreadState } from '../../vm/system.ts';
import { APC_LEVEL, DISPATCH_LEVEL, type KernelContext, PASSIVE_LEVEL } from '../context.ts';
import type { Files } from '../io/files.ts';
import type { Dispatcher } from '../ke/dispatcher.ts';
import { status } from '../status.ts';
import { checkHighestIrql } from '../verifier/irql-rules.ts';
import { type Processes, SYSTEM_PROCESS } from './processes.ts';

/** Type of a thread's object and of its handles, as `object-types.c` has it. */
export const THREAD_TYPE = 0x101;
/** DISPATCHER_HEADER.Type of a thread. */
const THREAD_OBJECT = 6;
const THREAD_ALL_ACCESS = 0x1f_ffff;
const THREAD_BYTES = 0x500;
const THREAD_TAG = 0x65726854; // 'Thre'
const HIGHEST_PRIORITY = 31;

export class Threads {
  /** Objects by thread, and threads by object; made when first asked for. */
  private readonly objects: Table<number, number>;
  private readonly ids: Table<number, number>;

  constructor(
    private readonly kernel: KernelContext,
    private readonly parts: {
      readonly processes: Processes;
      readonly files: Files;
      readonly dispatcher: Dispatcher;
    },
  ) {
    const { store, host } = kernel;
    this.objects = store.table(`${host.name}.threadObjects`);
    this.ids = store.table(`${host.name}.threadIds`);
  }

  natives(): NativeTable {
    return {
      KeGetCurrentThread: (call) => this.objectOf(call.thread),
      PsGetCurrentThreadId: (call) => 4 * call.thread,
      PsGetThreadId: (call) => 4 * (this.threadOf(call.number(0)) ?? 0),
      PsGetThreadProcess: (call) => {
        const thread = this.threadOf(call.number(0));
        const process = thread === undefined ? 0 : (this.kernel.vm.thread(thread)?.process ?? 0);
        return this.kernel.processObject(process);
      },
      PsLookupThreadByThreadId: (call) => this.lookup(call),
      PsCreateSystemThread: (call) => this.create(call),
      PsTerminateSystemThread: (call) => this.terminate(call),
      KeSetSystemAffinityThread: (call) => {
        checkHighestIrql(this.kernel, call, DISPATCH_LEVEL, 'nf-wdm-kesetsystemaffinitythread');
        this.bind(call, call.integer(0));
        return undefined;
      },
      KeSetSystemAffinityThreadEx: (call) => {
        checkHighestIrql(this.kernel, call, DISPATCH_LEVEL, 'nf-wdm-kesetsystemaffinitythreadex');
        const before = this.kernel.vm.affinityOf(call.thread);
        this.bind(call, call.integer(0));
        return before === undefined ? 0 : int64(before);
      },
      KeRevertToUserAffinityThread: (call) => {
        checkHighestIrql(this.kernel, call, APC_LEVEL, 'nf-wdm-kereverttouseraffinitythread');
        this.kernel.vm.setAffinity(call.thread, undefined);
        return undefined;
      },
      KeRevertToUserAffinityThreadEx: (call) => {
        checkHighestIrql(
          this.kernel,
          call,
          DISPATCH_LEVEL,
          'nf-wdm-kereverttouseraffinitythreadex',
        );
        const affinity = call.integer(0);
        if (affinity === 0) this.kernel.vm.setAffinity(call.thread, undefined);
        else this.bind(call, affinity);
        return undefined;
      },
      KeSetPriorityThread: (call) => this.setPriority(call),
      KeQueryPriorityThread: (call) =>
        this.kernel.vm.priorityOf(this.threadOf(call.number(0)) ?? 0),
    };
  }

  /** The object of a thread. */
  objectOf(thread: number): number {
    const { store, memory, layouts, system } = this.kernel;
    const known = store.get(this.objects, thread);
    if (known !== undefined) return known;
    const address = memory.allocateSystemPool({
      bytes: THREAD_BYTES,
      paged: false,
      executable: false,
      tag: THREAD_TAG,
      zeroed: true,
    });
    if (address === undefined) return 0;
    system.write(address, 1, THREAD_OBJECT);
    const list = address + layouts.offset('DISPATCHER_HEADER', 'WaitListHead');
    system.write64(list, list);
    system.write64(list + 8, list);
    store.set(this.objects, thread, address);
    store.set(this.ids, address, thread);
    return address;
  }

  /** The thread whose object lies at an address. */
  threadOf(object: number): number | undefined {
    return this.kernel.store.get(this.ids, object);
  }

  /** A thread has ended: whoever waits for its object goes on. */
  threadOver(thread: ThreadState): void {
    const object = this.kernel.store.get(this.objects, thread.id);
    if (object !== undefined) this.parts.dispatcher.signal(object);
  }

  /** PsCreateSystemThread(*ThreadHandle, Access, Attributes, ProcessHandle, *ClientId, Routine, Context). */
  private create(call: NativeCall): number {
    const { kernel, parts } = this;
    checkHighestIrql(kernel, call, PASSIVE_LEVEL, 'nf-wdm-pscreatesystemthread');
    if (kernel.injectFault(call, 'allocation')) return status.STATUS_INSUFFICIENT_RESOURCES | 0;
    const thread = parts.processes.startSystemThread({
      name: 'System',
      process: 0,
      entry: virtual(call.number(5)),
      arguments: [call.number(6)],
      purpose: 'system',
    });
    if (thread === undefined) return status.STATUS_INSUFFICIENT_RESOURCES | 0;
    const object = this.objectOf(thread);
    // One reference for the handle, one for the thread as long as it exists.
    parts.files.enter(object, THREAD_TYPE);
    const site = kernel.vm.siteOf(call.thread, true) ?? call.site;
    call.memory.write64(call.number(0), parts.files.openHandle(object, 0, THREAD_ALL_ACCESS, site));
    const client = call.number(4);
    if (client !== 0) {
      call.memory.write64(client, SYSTEM_PROCESS);
      call.memory.write64(client + 8, 4 * thread);
    }
    return 0;
  }

  private terminate(call: NativeCall): number {
    const { vm } = this.kernel;
    const state = vm.thread(call.thread);
    if (state?.purpose !== 'system') return status.STATUS_INVALID_PARAMETER | 0;
    vm.endThread(call.thread);
    this.parts.dispatcher.threadOver(call.thread);
    this.threadOver(state);
    this.parts.processes.releaseStack(call.thread);
    return 0;
  }

  private lookup(call: NativeCall): number {
    const thread = this.kernel.vm.thread(call.number(0) / 4);
    if (thread === undefined || thread.host !== this.kernel.host.index) {
      return status.STATUS_INVALID_PARAMETER | 0;
    }
    call.memory.write64(call.number(1), this.objectOf(thread.id));
    return 0;
  }

  private bind(call: NativeCall, mask: Int64): void {
    const all = (1n << BigInt(this.kernel.host.machine.processors)) - 1n;
    const affinity = BigInt.asUintN(64, BigInt(mask)) & all;
    if (affinity === 0n) {
      call.violation(
        'affinity',
        `${call.routine} is given 0x${BigInt.asUintN(64, BigInt(mask)).toString(16)}, which names no processor of this machine.`,
        'nf-wdm-kesetsystemaffinitythreadex',
      );
      return;
    }
    this.kernel.vm.setAffinity(call.thread, affinity);
  }

  private setPriority(call: NativeCall): number {
    checkHighestIrql(this.kernel, call, PASSIVE_LEVEL, 'nf-wdm-kesetprioritythread');
    const thread = this.threadOf(call.number(0)) ?? call.thread;
    const { vm } = this.kernel;
    const before = vm.priorityOf(thread);
    vm.setPriority(thread, Math.min(Math.max(call.number(1), 1), HIGHEST_PRIORITY));
    return before;
  }
}
