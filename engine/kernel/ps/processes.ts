/** Processes and threads of one host: identities, stacks, start and end. Their objects are opaque. */
import { PAGE_SIZE, type VirtualAddress, virtual } from '../../base/addresses.ts';
import { hex } from '../../base/int64.ts';
import type { Table } from '../../base/store.ts';
import type { ProcessDeclaration } from '../../language/scenario.ts';
import type { AddressSpace } from '../../machine/address-space.ts';
import { anyFrames, type FrameRunGrant } from '../../machine/frames.ts';
import type { NativeCall, NativeTable } from '../../vm/natives.ts';
import type { ThreadLevel } from '../../vm/system.ts';
import { APC_LEVEL, type KernelContext } from '../context.ts';
import { readCounted } from '../rtl/format-arguments.ts';
import { status } from '../status.ts';
import { checkHighestIrql } from '../verifier/irql-rules.ts';
import { hasRoutine, mapImage, unmapImage } from './images.ts';

/** Purpose of threads that bring results of requests to a process; they outlive it. */
export const FINISH = 'finish';
/** The System process's identifier. */
export const SYSTEM_PROCESS = 4;

/** The identifier of a host's process by its position in the declaration; the vm's process number too. */
export const processIdOf = (index: number): number => SYSTEM_PROCESS + 4 * (index + 1);

/** A declared process with its number and address space. */
export interface ProcessEntry {
  readonly id: number;
  readonly declaration: ProcessDeclaration;
  readonly space: AddressSpace;
}

/** A kernel stack. Plain data. */
interface Stack {
  readonly start: number;
  readonly runs: readonly FrameRunGrant[];
  /** The thread that runs on it; 0: free. */
  readonly thread: number;
}

const KERNEL_STACK_PAGES = 6;
const USER_STACK_PAGES = 256;
const SMALL_USER_STACK_PAGES = 16;
const OBJECT_BYTES = 0x500;
const PROCESS_TAG = 0x636f7250; // 'Proc'

export class Processes {
  private readonly stacks: Table<number, Stack>;
  /** Addresses of EPROCESS objects, made when first asked for. */
  private readonly objects: Table<string, number>;
  private readonly madeCell: number;
  /** How many routines hear of processes. */
  private readonly announcedCell: number;

  constructor(
    private readonly kernel: KernelContext,
    readonly entries: readonly ProcessEntry[],
  ) {
    this.stacks = kernel.store.table(`${kernel.host.name}.kernelStacks`);
    this.objects = kernel.store.table(`${kernel.host.name}.processObjects`);
    this.madeCell = kernel.store.cell();
    this.announcedCell = kernel.store.cell();
  }

  /** Whether a driver wants to hear of processes. */
  get areAnnounced(): boolean {
    return (this.kernel.store.cells[this.announcedCell] ?? 0) > 0;
  }

  /** KeStackAttachProcess(Process, ApcState): keeps in ApcState where the thread was. */
  private attach(call: NativeCall): undefined {
    checkHighestIrql(this.kernel, call, APC_LEVEL, 'nf-ntifs-kestackattachprocess');
    const [object, state] = [call.number(0), call.number(1)];
    const process = this.kernel.memory.processBehind(object);
    if (process === undefined) {
      call.violation(
        'wrong_object',
        `KeStackAttachProcess is given ${hex(object, 16)}, which is no process.`,
        'nf-ntifs-kestackattachprocess',
      );
      return undefined;
    }
    const { layouts, vm } = this.kernel;
    call.memory.fill(state, layouts.size('KAPC_STATE'), 0);
    layouts.write(call.memory, state, 'KAPC_STATE', 'Process', this.processObject(vm.process));
    vm.attach(process);
    return undefined;
  }

  /** KeUnstackDetachProcess(ApcState). */
  private detach(call: NativeCall): undefined {
    checkHighestIrql(this.kernel, call, APC_LEVEL, 'nf-ntifs-keunstackdetachprocess');
    const { layouts, memory, vm } = this.kernel;
    const state = call.number(0);
    const object = layouts.read(call.memory, state, 'KAPC_STATE', 'Process', 'ApcState->Process');
    const process = memory.processBehind(object);
    if (process !== undefined) {
      vm.attach(process);
      return undefined;
    }
    call.violation(
      'wrong_object',
      'KeUnstackDetachProcess is given a state that KeStackAttachProcess did not fill in.',
      'nf-ntifs-keunstackdetachprocess',
    );
    return undefined;
  }

  find(id: number): ProcessEntry | undefined {
    return this.entries.find((entry) => entry.id === id);
  }

  named(name: string): ProcessEntry | undefined {
    return this.entries.find((entry) => entry.declaration.name === name);
  }

  natives(): NativeTable {
    const currentProcess = (process: number): VirtualAddress => this.processObject(process);
    return {
      IoGetCurrentProcess: (call) => currentProcess(call.process),
      PsGetCurrentProcessId: (call) => {
        // Of the process that the thread belongs to, wherever it is attached.
        const process = this.kernel.vm.thread(call.thread)?.process ?? 0;
        return process === 0 ? SYSTEM_PROCESS : process;
      },
      KeStackAttachProcess: (call) => this.attach(call),
      KeUnstackDetachProcess: (call) => this.detach(call),
      PspNoteRoutines: (call) => {
        this.kernel.store.cells[this.announcedCell] = call.number(0);
        return undefined;
      },
      PspProcessOf: (call) => this.processObject(call.number(0)),
      PspImageName: (call) => {
        const name = `\\??\\C:\\${this.find(call.number(0))?.declaration.name ?? 'System'}.exe`;
        const text = name.slice(0, call.number(2));
        for (let index = 0; index < text.length; index++) {
          call.memory.write(call.number(1) + 2 * index, 2, text.charCodeAt(index));
        }
        return text.length;
      },
      IoGetInitialStack: (call) => this.kernelStackOf(call.thread).base,
      IoGetStackLimits: (call) => {
        const { limit, base } = this.kernelStackOf(call.thread);
        call.memory.write64(call.number(0), limit);
        call.memory.write64(call.number(1), base);
        return undefined;
      },
      IoIs32bitProcess: () => 0,
      // Processes live as long as the run: their objects have no count of references.
      PsLookupProcessByProcessId: (call) => {
        const id = call.number(0);
        if (id !== SYSTEM_PROCESS && this.find(id) === undefined) {
          return status.STATUS_INVALID_CID | 0;
        }
        call.memory.write64(call.number(1), this.processObject(id === SYSTEM_PROCESS ? 0 : id));
        return 0;
      },
      MmGetSystemRoutineAddress: (call) => {
        const { kernel } = this;
        const name = readCounted(call, call.number(0), true);
        const image = kernel.vm.image(kernel.host.index, 'ntoskrnl');
        if (image === undefined || !hasRoutine(kernel, image, name)) return 0;
        return kernel.vm.addressOf(kernel.host.index, 'ntoskrnl', name) ?? 0;
      },
      PsGetProcessId: (call) => {
        const address = call.number(0);
        const entry = this.entries.find(({ id }) => this.processObject(id) === address);
        return entry?.id ?? SYSTEM_PROCESS;
      },
    };
  }

  /** The object of a process; made when it is asked for first. */
  processObject(process: number): VirtualAddress {
    return virtual(this.objectOf(`process:${process}`, PROCESS_TAG));
  }

  /** Starts a kernel-mode thread; undefined when there is no memory for its stack. */
  startSystemThread(options: {
    readonly name: string;
    readonly process: number;
    readonly entry: VirtualAddress;
    readonly arguments: readonly number[];
    readonly purpose: string;
    readonly level?: ThreadLevel;
    readonly processor?: number;
    readonly irql?: number;
    readonly urgent?: boolean;
    readonly notBefore?: number;
  }): number | undefined {
    const stack = this.takeStack();
    if (stack === undefined) return undefined;
    const thread = this.kernel.vm.createThread({
      host: this.kernel.host.index,
      mode: 'kernel',
      processor: this.idealProcessor(),
      ...options,
      kernelStack: boundsOf(stack.start, KERNEL_STACK_PAGES),
    });
    this.kernel.store.set(this.stacks, stack.start, { ...stack, thread });
    return thread;
  }

  /** Maps a process's images and starts its first thread; a text that says why not otherwise. */
  start(entry: ProcessEntry, purpose: string): string | number {
    const { kernel } = this;
    const { space, declaration, id } = entry;
    const images = this.imagesOf(id);
    for (const image of images) {
      const [missing] = image.unresolved;
      if (missing !== undefined) {
        return `${image.declaration.name} uses ${missing.name}, which no module defines`;
      }
      if (!mapImage(kernel, image, space)) return 'there is no memory for its image';
    }
    const main =
      kernel.vm.addressOf(kernel.host.index, declaration.name, 'main') ??
      kernel.vm.addressOf(kernel.host.index, declaration.name, 'wmain');
    if (main === undefined) return 'it defines neither main nor wmain';
    const stack = this.userStack(space);
    const kernelStack = this.takeStack();
    const block = kernel.memory.allocateUser(space, 1, 'userMemory', 'readWrite');
    if (stack === undefined || kernelStack === undefined || block === undefined) {
      return 'there is no memory for its stacks';
    }
    const thread = kernel.vm.createThread({
      host: kernel.host.index,
      process: id,
      mode: 'user',
      name: declaration.name,
      ...this.firstRoutine(declaration.name, main, block, space),
      kernelStack: boundsOf(kernelStack.start, KERNEL_STACK_PAGES),
      userStack: stack,
      purpose,
      processor: this.idealProcessor(),
    });
    kernel.store.set(this.stacks, kernelStack.start, { ...kernelStack, thread });
    return thread;
  }

  /** Starts a further thread of a process; undefined when there is no memory for its stacks. */
  startUserThread(
    process: number,
    options: { readonly entry: VirtualAddress; readonly arguments: readonly number[] },
  ): number | undefined {
    const { kernel } = this;
    const entry = this.find(process);
    const userStack = entry && this.userStack(entry.space);
    const kernelStack = this.takeStack();
    if (entry === undefined || userStack === undefined || kernelStack === undefined) {
      return undefined;
    }
    const thread = kernel.vm.createThread({
      host: kernel.host.index,
      process,
      mode: 'user',
      name: entry.declaration.name,
      ...options,
      kernelStack: boundsOf(kernelStack.start, KERNEL_STACK_PAGES),
      userStack,
      processor: this.idealProcessor(),
      purpose: `thread:${entry.declaration.name}`,
    });
    kernel.store.set(this.stacks, kernelStack.start, { ...kernelStack, thread });
    return thread;
  }

  /** Ends every thread of a process but one; results that are on their way still find their end. */
  endThreads(process: number, except: number): void {
    for (const thread of this.kernel.vm.threads(this.kernel.host.index)) {
      if (thread.process !== process || thread.id === except || thread.state === 'ended') continue;
      if (thread.purpose === FINISH) continue;
      this.kernel.vm.endThread(thread.id);
      this.releaseStack(thread.id);
    }
  }

  /** Frees the user memory of a process that has ended. */
  releaseSpace(entry: ProcessEntry): void {
    const { kernel } = this;
    for (const thread of kernel.vm.threads(kernel.host.index)) {
      if (thread.process === entry.id) this.releaseStack(thread.id);
    }
    for (const image of this.imagesOf(entry.id)) unmapImage(kernel, image, entry.space);
    for (const mapping of [...entry.space.mappings.values()]) {
      // Mappings of an MDL's pages belong to whoever made them.
      if (mapping.use === 'mdl') kernel.memory.unmapUser(entry.space, mapping.start);
      else kernel.memory.freeUser(entry.space, mapping.start);
    }
  }

  private kernelStackOf(thread: number) {
    const stacks = [...this.kernel.store.all(this.stacks).values()];
    return boundsOf(stacks.find((one) => one.thread === thread)?.start ?? 0, KERNEL_STACK_PAGES);
  }

  /** Gives a thread's kernel stack back. */
  releaseStack(thread: number): void {
    for (const [start, stack] of this.kernel.store.all(this.stacks).entries()) {
      if (stack.thread === thread) {
        this.kernel.store.set(this.stacks, start, { ...stack, thread: 0 });
      }
    }
  }

  /** Threads are spread over the processors as they are made. */
  private idealProcessor(): number {
    const { store, host } = this.kernel;
    const made = store.cells[this.madeCell] ?? 0;
    store.cells[this.madeCell] = made + 1;
    return made % host.machine.processors;
  }

  private imagesOf(process: number) {
    return this.kernel.vm
      .images(this.kernel.host.index)
      .filter((image) => image.declaration.process === process);
  }

  private userStack(space: AddressSpace) {
    const { memory } = this.kernel;
    for (const pages of [USER_STACK_PAGES, SMALL_USER_STACK_PAGES]) {
      const start = memory.allocateUser(space, pages, 'userStack', 'readWrite');
      if (start !== undefined) return boundsOf(start, pages);
    }
    return undefined;
  }

  /** The C library's startup code, which calls `main`; without a library `main` itself. */
  private firstRoutine(
    module: string,
    main: VirtualAddress,
    block: VirtualAddress,
    space: AddressSpace,
  ): { readonly entry: VirtualAddress; readonly arguments: readonly number[] } {
    const { vm, host } = this.kernel;
    const name = vm.routineAt(host.index, main)?.name ?? 'main';
    const list = this.writeArguments(space, block, module, main);
    const startup = vm.addressOf(host.index, module, `${name}CRTStartup`);
    return startup === undefined
      ? { entry: main, arguments: [1, list, 0] }
      : { entry: startup, arguments: [main, 1, list] };
  }

  /** argv: two pointers and the name, in 8-bit or (for wmain) 16-bit characters. */
  private writeArguments(
    space: AddressSpace,
    block: VirtualAddress,
    name: string,
    main: VirtualAddress,
  ): number {
    const door = this.kernel.system.of(space);
    const wide = this.kernel.vm.routineAt(this.kernel.host.index, main)?.name === 'wmain';
    const text = block + 0x20;
    door.write64(block, text);
    door.write64(block + 8, 0);
    const unit = wide ? 2 : 1;
    [...`${name}.exe\0`].forEach((character, index) => {
      door.write(text + index * unit, unit, character.charCodeAt(0));
    });
    return block;
  }

  /** A free kernel stack with new contents, or a new one with a guard page below. */
  private takeStack(): Stack | undefined {
    const { kernel } = this;
    for (const stack of kernel.store.all(this.stacks).values()) {
      if (stack.thread !== 0) continue;
      for (const run of stack.runs) kernel.host.memory.discard(run.frame, run.count);
      return stack;
    }
    const answer = kernel.memory.allocateFrames({
      pages: KERNEL_STACK_PAGES,
      ...anyFrames,
      owner: 'kernel stack',
      reserve: true,
    });
    if (!answer.granted) return undefined;
    const start = kernel.memory.mapSystem({
      use: 'kernelStack',
      runs: answer.runs,
      protection: 'readWrite',
      cache: 'cached',
      pageable: false,
      allocation: undefined,
    });
    return start && { start, runs: answer.runs, thread: 0 };
  }

  private objectOf(key: string, tag: number): number {
    const { store, memory } = this.kernel;
    const known = store.get(this.objects, key);
    if (known !== undefined) return known;
    const address = memory.allocateSystemPool({
      bytes: OBJECT_BYTES,
      paged: false,
      executable: false,
      tag,
      zeroed: true,
    });
    store.set(this.objects, key, address ?? 0);
    return address ?? 0;
  }
}

function boundsOf(start: number, pages: number) {
  return { limit: virtual(start), base: virtual(start + pages * PAGE_SIZE) };
}
