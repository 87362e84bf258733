/**
 * Runs the checked program: threads over the emulated memory of all hosts, one instruction at a time,
 * deterministically. All state is in the store; `run` works for as many instructions as it is given.
 */
import {
  addressOf,
  byteOffset,
  frameOf,
  type PhysicalAddress,
  physical,
  type VirtualAddress,
  virtual,
} from '../base/addresses.ts';
import { type Int64, truncate } from '../base/int64.ts';
import type { Snapshot, Store } from '../base/store.ts';
import { positionAt } from '../language/source.ts';
import { type FunctionType, isScalar } from '../language/types.ts';
import type { PhysicalMemory } from '../machine/physical-memory.ts';
import { Fault, type Peek } from './access.ts';
import { GeneratedCode, type Generation } from './codegen/generated-code.ts';
import { type AccessWatch, Door, type RegisterDoor } from './door.ts';
import { Exceptions } from './exceptions.ts';
import { type Frame, FrameWalker } from './frames.ts';
import type { GuardRule } from './guards.ts';
import { prepareSteps } from './interpreter.ts';
import { frameHeader, isFloat, isSignedScalar, scalarSize } from './ir.ts';
import { KERNEL_MODULE, linkHost } from './lowering/linking.ts';
import { scalarOf } from './lowering/scalars.ts';
import { type AllocationNames, MemoryFindings, type RunningCode } from './memory-findings.ts';
import { codeFlags, Module, type Routine } from './module.ts';
import { type CallSurroundings, isAgain, RunningCall } from './native-calls.ts';
import { NativeMemory } from './native-memory.ts';
import { BugCheck, type ExceptionRecord, type NativeCall, RaiseException } from './natives.ts';
import { MemoryPeek, PeekDoor } from './peek-door.ts';
import { Processor } from './processor.ts';
import {
  type RegisterAccess,
  RegisterAccesses,
  RegisterLoad,
  RegisterTouched,
} from './register-accesses.ts';
import type { Reports, Site } from './reports.ts';
import { type Choice, type Occasion, Scheduler } from './scheduler.ts';
import type {
  ModuleDeclaration,
  ModuleImage,
  System,
  ThreadOptions,
  ThreadState,
  VmServices,
} from './system.ts';
import { DEFAULT_PRIORITY, type Mode, stateOf, type ThreadRecord, ThreadTable } from './threads.ts';

export interface MachineOptions extends AllocationNames {
  readonly store: Store;
  /** One for each host. */
  readonly systems: readonly System[];
  readonly modules: readonly ModuleDeclaration[];
  readonly reports: Reports;
  readonly seed: number;
  /** Which routines run as generated JavaScript, where the host allows it; default: hot ones. */
  readonly generatedCode?: Generation;
}

/** Watches execution; both methods answer whether to stop. What they write to the store is history. */
export interface Observer {
  /** Code flags at which `arrived` is called. */
  readonly mask: number;
  /** The running thread is about to execute an instruction with one of the flags. */
  arrived(): boolean;
  /** Call `happened` after every native routine, too. */
  readonly watchesNatives: boolean;
  /** Something was reported, a thread blocked, ended or stopped its host. */
  happened(): boolean;
}

export type RunOutcome = 'budget' | 'stopped' | 'ended';

export const noObserver: Observer = {
  mask: 0,
  watchesNatives: false,
  arrived: () => false,
  happened: () => false,
};

const DISPATCH_LEVEL = 2;
/** Asked for by `yieldCell`: a thread of higher priority comes first, outside of built-in code. */
const OUTRUN = 3;
/** Instructions of built-in code at a time when its slice is over. */
const OVERRUN = 4;

export class VirtualMachine implements VmServices {
  readonly store: Store;
  readonly reports: Reports;
  readonly processor: Processor;
  /** Replaced by the debugger and by replays. */
  observer: Observer = noObserver;
  /**
   * Asked after work of unknown length, a native routine or generating code: true ends `run` before its budget is
   * used up. Where a run is cut has no effect on what it does.
   */
  isOver: (() => boolean) | undefined;

  private readonly systems = new Map<number, System>();
  private readonly modules = new Map<number, readonly Module[]>();
  private readonly threadTable: ThreadTable;
  private readonly exceptions: Exceptions;
  private readonly generated: GeneratedCode;
  private readonly doors = new Map<string, Door>();
  private readonly peeks = new Map<string, PeekDoor>();
  private readonly findings: MemoryFindings;
  private readonly endedCell: number;
  /** Before the next instruction of the running thread: 1: who comes first is looked up; 2: others get a turn. */
  private readonly yieldCell: number;
  /** When a thread of higher priority became able to run. */
  private readonly outrunCell: number;
  private readonly scheduler: Scheduler;
  private readonly registers: RegisterAccesses;
  /** The load that the instruction just executed by itself waits for. */
  private awaited: RegisterAccess | undefined;
  /** The thread that had the last turn. */
  private readonly lastCell: number;
  private readonly nativeMemories = new Map<Door, NativeMemory>();
  private readonly surroundings = this.makeSurroundings();
  /** The moment before which `execute` goes on. */
  private until = 0;
  /** The native that runs; means nothing between two instructions. */
  private nativeName = '';
  private watch: ((host: number, process: number) => AccessWatch) | undefined;

  constructor(options: MachineOptions) {
    const { store, reports } = options;
    this.store = store;
    this.reports = reports;
    this.findings = new MemoryFindings(
      store,
      options.systems.map(({ host }) => host.index),
      this.makeRunningCode(),
      options,
    );
    this.threadTable = new ThreadTable(store);
    this.endedCell = store.cell();
    this.yieldCell = store.cell();
    this.outrunCell = store.cell();
    this.lastCell = store.cell();
    this.registers = new RegisterAccesses(store);
    this.scheduler = new Scheduler(store, this.threadTable, this.systems, options.seed);
    for (const system of options.systems) {
      const host = system.host.index;
      this.systems.set(host, system);
      const declarations = options.modules.filter((one) => one.host === host);
      this.modules.set(host, linkHost(host, declarations, system.natives));
    }
    const first = options.systems[0];
    if (first === undefined) throw new RangeError('a machine needs a host');
    this.processor = new Processor(
      store,
      {
        door: (host, process, mode) => this.doorOf(host, process, mode),
        routineAtEntry: (host, address) => this.routineAtEntry(host, address),
        moduleAt: (host, address) => this.moduleAt(host, address),
        reportTainted: (use) => this.findings.reportTainted(use),
        reportUndefined: (rule, message) => this.findings.reportUndefined(rule, message),
        leaked: (place) => this.findings.pointerLeaked(place),
        leaves: (result) => this.findings.functionLeft(result),
        threadReturned: (result) => this.finishThread(result, undefined),
      },
      emptyModule(first.host.index),
      this.doorOf(first.host.index, 0, 'kernel'),
    );
    this.exceptions = new Exceptions(this.processor, {
      walker: this.walkerOf(undefined),
      unhandled: (record) => this.unhandled(record),
      stackExhausted: (record) => this.stackExhausted(record),
    });
    this.generated = new GeneratedCode(
      this.processor,
      (host, address) => this.routineAtEntry(host, address),
      options.generatedCode ?? 'hot',
      () => this.endIfOver(),
    );
    for (const modules of this.modules.values()) {
      for (const module of modules) {
        prepareSteps(module, {
          exceptions: this.exceptions,
          generated: this.generated,
          routineAtEntry: (host, address) => this.routineAtEntry(host, address),
          callNative: (routine, index) => this.callNative(routine, index),
        });
      }
    }
    this.processor.save();
  }

  // ---- Running ---------------------------------------------------------------------------------------

  /** Moments passed: instructions executed and threads switched since the start of the run. */
  get tick(): number {
    return this.processor.tick;
  }

  /** Statements begun since the start of the run. */
  get statements(): number {
    return this.processor.statements;
  }

  /** No thread can run any more and no host wants to go on. */
  get ended(): boolean {
    return this.store.cells[this.endedCell] === 1;
  }

  /** Executes up to `budget` instructions, until the observer stops it or all has ended. */
  run(budget: number): RunOutcome {
    const { processor } = this;
    let left = budget;
    let outcome: RunOutcome = 'budget';
    while (left > 0) {
      if (this.ended) {
        outcome = 'ended';
        break;
      }
      const occasion = this.occasion();
      if (occasion !== undefined) {
        const { tick } = processor;
        const stops = this.schedule(occasion);
        left -= processor.tick - tick;
        if (this.isOver?.() === true) left = 0;
        if (stops) {
          outcome = 'stopped';
          break;
        }
        continue;
      }
      const done = this.registers.isArmed(processor.thread)
        ? this.executeByItself()
        : this.execute(Math.min(left, this.untilSlice));
      left -= Math.abs(done);
      if (this.until <= processor.tick && this.isOver?.() === true) left = 0;
      if (done < 0 || (processor.attention && this.attend())) {
        outcome = 'stopped';
        break;
      }
    }
    if (outcome === 'budget' && this.ended) outcome = 'ended';
    processor.save();
    return outcome;
  }

  /** A state to return to by `restore`. */
  snapshot(): Snapshot {
    this.processor.save();
    return this.store.snapshot();
  }

  restore(snapshot: Snapshot): void {
    this.store.restore(snapshot);
    this.processor.load((id) => this.threadTable.get(id));
  }

  /** Of the whole state: equal states, equal hashes. */
  hash(): string {
    this.processor.save();
    return this.store.hash();
  }

  /** Breakpoint flags in the code have changed. */
  rearmed(): void {
    this.generated.rearmed();
  }

  /** Watches pages for data breakpoints, by host and process; undefined watches nothing. */
  watchAccesses(watch: ((host: number, process: number) => AccessWatch) | undefined): void {
    this.watch = watch;
    for (const [key, door] of this.doors) {
      const [host, process] = key.split('/').map(Number);
      door.watch = watch?.(host ?? 0, process ?? 0);
      door.flush();
    }
  }

  // ---- VmServices ------------------------------------------------------------------------------------

  guard(
    host: number,
    process: number,
    address: number,
    length: number,
    rule: GuardRule,
    text?: string,
  ): void {
    this.findings.guard(host, process, address, length, rule, text);
  }

  noteBlock(host: number, process: number, address: number, length: number, text: string): void {
    this.findings.noteBlock(host, process, address, length, text);
  }

  unguard(host: number, process: number, address: number, length: number): void {
    this.findings.unguard(host, process, address, length);
  }

  get current(): number {
    return this.processor.thread;
  }

  images(host: number): readonly ModuleImage[] {
    return this.modulesOf(host).map((module) => module.image);
  }

  image(host: number, module: string): ModuleImage | undefined {
    return this.moduleNamed(host, module)?.image;
  }

  addressOf(host: number, module: string, name: string): VirtualAddress | undefined {
    const found = this.moduleNamed(host, module);
    if (found === undefined) return undefined;
    const candidates = [
      found,
      ...found.declaration.imports.map((one) => this.moduleNamed(host, one)),
    ];
    if (found.declaration.mode === 'kernel') candidates.push(this.moduleNamed(host, KERNEL_MODULE));
    for (const candidate of candidates) {
      const routine = candidate?.routinesByName.get(name);
      if (routine !== undefined) return routine.module.addressAt(routine.first);
      const address = candidate?.variablesByName.get(name);
      if (address !== undefined) return virtual(address);
    }
    return undefined;
  }

  nativeAddress(host: number, routine: string): VirtualAddress {
    const found = this.moduleNamed(host, KERNEL_MODULE)?.routinesByName.get(routine);
    if (found === undefined) throw new RangeError(`there is no routine ${routine}`);
    return found.module.addressAt(found.first);
  }

  routineAt(
    host: number,
    address: Int64,
  ): { readonly module: string; readonly name: string } | undefined {
    if (typeof address !== 'number') return undefined;
    const module = this.moduleAt(host, address);
    const routine = module?.routineAt(module.indexOf(address));
    return module && routine && { module: module.name, name: routine.name };
  }

  createThread(options: ThreadOptions): number {
    const stack = options.mode === 'user' ? options.userStack : options.kernelStack;
    if (stack === undefined) throw new RangeError('a user thread needs a user stack');
    const routine = this.routineAtEntry(options.host, options.entry);
    const registers = this.processor.firstFrame(
      this.doorOf(options.host, options.process, options.mode),
      routine,
      options.entry,
      options.arguments,
      stack.base,
      options.mode,
    );
    const id = this.threadTable.add(options, registers);
    if (options.level === 'device') {
      const asked = this.store.cells[this.yieldCell];
      if (asked === 0 || asked === OUTRUN) this.store.cells[this.yieldCell] = 1;
      this.processor.attention = true;
    } else if (options.level !== undefined && options.level !== 'thread') {
      this.scheduler.expect(options.notBefore ?? this.tick);
      this.processor.attention = true;
      this.reschedule();
    } else {
      this.joined();
    }
    return id;
  }

  thread(id: number): ThreadState | undefined {
    const record = this.threadTable.get(id);
    return record && stateOf(record);
  }

  threads(host: number): readonly ThreadState[] {
    return this.threadTable.ofHost(host).map(stateOf);
  }

  block(waitingFor: string): void {
    this.processor.blocking = waitingFor;
    this.processor.attention = true;
  }

  wake(thread: number): void {
    if (thread === this.processor.thread) this.processor.blocking = undefined;
    if (this.threadTable.get(thread)?.state === 'blocked') {
      this.threadTable.update(thread, { state: 'runnable', waitingFor: undefined });
      this.joined();
    }
  }

  /** Another thread can run from now on, which may shorten the slice that is being executed. */
  private joined(): void {
    this.scheduler.joined(this.tick);
    this.processor.attention = true;
    this.preempt();
  }

  /** A thread of higher priority may be able to run: it takes over once the running one is in no built-in code. */
  private preempt(): void {
    const { processor, store } = this;
    const running = this.threadTable.get(processor.thread);
    if (running === undefined || running.state === 'ended') return;
    if (store.cells[this.yieldCell] !== 0) return;
    const { irql } = this.systemOf(running.host).host;
    if (!this.scheduler.isOutrun(running, irql, this.tick)) return;
    store.cells[this.yieldCell] = OUTRUN;
    store.cells[this.outrunCell] = this.tick;
    processor.attention = true;
  }

  reschedule(): void {
    const { processor, store } = this;
    const running = this.threadTable.get(processor.thread);
    if (running === undefined || running.state === 'ended') return;
    const { irql } = this.systemOf(running.host).host;
    if (!this.scheduler.outranks(running, irql, this.tick)) {
      this.preempt();
      return;
    }
    const asked = store.cells[this.yieldCell];
    if (asked === 0 || asked === OUTRUN) store.cells[this.yieldCell] = 1;
    processor.attention = true;
  }

  yield(): void {
    if (!this.scheduler.hasOthers(this.processor.thread)) return;
    this.store.cells[this.yieldCell] = 2;
    this.processor.attention = true;
  }

  setAffinity(thread: number, affinity: bigint | undefined): void {
    this.threadTable.update(thread, { affinity });
    if (thread !== this.processor.thread) return;
    // It moves at once, even if nobody else could run.
    this.store.cells[this.yieldCell] = 2;
    this.processor.attention = true;
  }

  get process(): number {
    return this.processor.process;
  }

  attach(process: number): void {
    const { thread } = this.processor;
    const own = this.threadTable.get(thread)?.process;
    this.threadTable.update(thread, { attached: process === own ? undefined : process });
    this.processor.enter(process);
    this.processor.attention = true;
  }

  setPriority(thread: number, priority: number): void {
    this.threadTable.update(thread, { priority });
    this.preempt();
  }

  priorityOf(thread: number): number {
    return this.threadTable.get(thread)?.priority ?? DEFAULT_PRIORITY;
  }

  affinityOf(thread: number): bigint | undefined {
    return this.threadTable.get(thread)?.affinity;
  }

  stackPointerOf(thread: number): number | undefined {
    if (thread === this.processor.thread) return this.processor.registers.sp;
    return this.threadTable.get(thread)?.registers.sp;
  }

  irqlOf(thread: number): number {
    const record = this.threadTable.get(thread);
    if (record === undefined || thread !== this.processor.thread) return record?.irql ?? 0;
    return this.systemOf(record.host).host.irql;
  }

  get varied(): boolean {
    return this.scheduler.varied;
  }

  touchedByDevice(
    host: number,
    address: PhysicalAddress,
    size: number,
    access: 'read' | 'write',
  ): void {
    const watch = this.watch?.(host, 0);
    const page = frameOf(address);
    // Only physical ranges: a virtual one is the processor's business, and its bytes are compared anyway.
    if (watch?.covers(Number.NaN, page)) {
      watch.touched(byteOffset(address), page, size, access);
    }
  }

  endThread(thread: number): void {
    this.threadTable.update(thread, { state: 'ended', waitingFor: undefined });
    this.processor.attention = true;
  }

  siteOf(thread: number, own = false): Site | undefined {
    for (const frame of this.frames(thread)) {
      if (own && frame.module?.declaration.own !== true) continue;
      const site = this.siteOfFrame(frame);
      if (site !== undefined) return site;
    }
    return undefined;
  }

  peek(host: number, process: number): Peek {
    return new MemoryPeek(this.peekDoor(host, process));
  }

  // ---- For the debugger ------------------------------------------------------------------------------

  get hosts(): readonly number[] {
    return [...this.systems.keys()];
  }

  hostName(host: number): string {
    return this.systems.get(host)?.host.name ?? '';
  }

  processorCount(host: number): number {
    return this.systemOf(host).host.machine.processors;
  }

  modulesOf(host: number): readonly Module[] {
    return this.modules.get(host) ?? [];
  }

  moduleAt(host: number, address: number): Module | undefined {
    return this.modulesOf(host).find((module) => module.contains(address));
  }

  /** Frames of a thread, innermost first. */
  *frames(thread: number): Generator<Frame> {
    const record = this.threadTable.get(thread);
    if (record === undefined || record.state === 'ended') return;
    const registers =
      thread === this.processor.thread ? this.processor.registers : record.registers;
    const walker = this.walkerOf(record);
    let frame: Frame | undefined = walker.frame(registers);
    while (frame !== undefined) {
      yield frame;
      frame = walker.caller(frame);
    }
  }

  /** Tooling's memory of a process; with `mayWrite` for a user's edits. */
  peekDoor(host: number, process: number, mayWrite = false): PeekDoor {
    const key = `${host}/${process}/${mayWrite}`;
    let door = this.peeks.get(key);
    if (door === undefined) {
      const system = this.systemOf(host);
      door = new PeekDoor(
        this.store,
        system.host.memory,
        system.host.system,
        process === 0 ? undefined : system.userSpace(process),
        mayWrite,
      );
      this.peeks.set(key, door);
    }
    return door;
  }

  /** Bytes as tooling sees them; undefined where a virtual range is not mapped. */
  peekBytes(
    isPhysical: boolean,
    host: number,
    process: number,
    address: number,
    length: number,
  ): Uint8Array | undefined {
    if (isPhysical) return this.systemOf(host).host.memory.peek(physical(address), length);
    try {
      return this.peekDoor(host, process).readBytes(address, length);
    } catch (error) {
      if (error instanceof Fault) return undefined;
      throw error;
    }
  }

  /** A host's memory, for tooling that reads and edits it. */
  physicalMemory(host: number): PhysicalMemory {
    return this.systemOf(host).host.memory;
  }

  /** The physical address behind an address of a process (0: system); undefined where nothing is mapped. */
  translate(host: number, process: number, address: number): PhysicalAddress | undefined {
    const system = this.systemOf(host);
    const space = address < 0 ? system.host.system : system.userSpace(process);
    const page = space?.frameAt(address);
    return page === undefined ? undefined : physical(addressOf(page) + byteOffset(address));
  }

  siteOfFrame(frame: Frame, tick = this.processor.tick): Site | undefined {
    const { module, routine } = frame;
    const instruction = module?.instructions[frame.index];
    if (module === undefined || instruction === undefined || routine?.code === undefined) {
      return undefined;
    }
    const { file, start } = instruction.range;
    const { line, column } = positionAt(file, start);
    return {
      file: file.path,
      line,
      column,
      function: routine.name,
      module: module.name,
      tick,
    };
  }

  // ---- Execution -------------------------------------------------------------------------------------

  /** Runs until something needs attention. Answers how many instructions ran, negative when stopped. */
  private execute(limit: number): number {
    const { processor, observer } = this;
    const { mask } = observer;
    let { module } = processor;
    let { steps, flags } = module;
    let { index } = processor;
    const begin = processor.tick;
    this.until = begin + limit;
    this.generated.begin(this.until, mask);
    processor.findFrame();
    try {
      while (processor.tick < this.until) {
        const step = steps[index];
        processor.index = index;
        if (step === undefined) throw new Fault('notPresent', 'execute', processor.pc, 4);
        const next = step(processor);
        processor.tick++;
        processor.statements += (flags[index] ?? 0) & codeFlags.statement;
        index = next;
        if (processor.module !== module) {
          module = processor.module;
          ({ steps, flags } = module);
        }
        if (processor.attention) break;
        if (((flags[index] ?? 0) & mask) !== 0) {
          processor.index = index;
          if (observer.arrived()) return begin - processor.tick;
        }
      }
      processor.index = index;
    } catch (error) {
      processor.tick++;
      const isRetried = error instanceof RegisterTouched || error instanceof RegisterLoad;
      if (!isRetried) {
        const at = processor.module.flags[processor.index] ?? 0;
        processor.statements += at & codeFlags.statement;
      }
      processor.door.taint = 0;
      processor.attention = true;
      this.recover(error);
    }
    return processor.tick - begin;
  }

  /** After work of unknown length: lets the instruction that did it be the last one, when time is over. */
  private endIfOver(): void {
    if (this.isOver?.() !== true) return;
    this.until = 0;
    this.generated.finish();
  }

  /** Executes the one instruction that touches registers of a device. */
  private executeByItself(): number {
    const { registers } = this;
    const { thread } = this.processor;
    registers.begin(thread);
    const done = this.execute(1);
    const { awaited } = this;
    this.awaited = undefined;
    registers.end(thread, awaited !== undefined);
    const access = awaited ?? registers.nextWrite(thread);
    if (access !== undefined) this.enterDevice(thread, access);
    return done;
  }

  /** Lets the device's code answer an access, and the thread wait for it; nothing answers for some devices. */
  private enterDevice(thread: number, first: RegisterAccess): void {
    const record = this.threadTable.get(thread);
    if (record === undefined) return;
    let access: RegisterAccess | undefined = first;
    while (access !== undefined) {
      const worker = this.systemOf(record.host).registerAccess?.(access, stateOf(record));
      if (worker !== undefined) {
        this.registers.called(worker, thread);
        const waitingFor = `${access.device} to answer its register`;
        this.threadTable.update(thread, { state: 'blocked', waitingFor });
        this.processor.attention = true;
        return;
      }
      access = this.registers.answer(thread, -1) ? undefined : this.registers.nextWrite(thread);
    }
  }

  /** A device's code has returned to the bus. */
  private deviceReturned(worker: number, value: Int64): void {
    const thread = this.registers.returned(worker);
    if (thread === undefined) return;
    if (this.threadTable.get(thread)?.state === 'blocked') {
      this.threadTable.update(thread, { state: 'runnable', waitingFor: undefined });
    }
    if (this.registers.answer(thread, value)) return;
    const next = this.registers.nextWrite(thread);
    if (next !== undefined) this.enterDevice(thread, next);
  }

  /** After an instruction that did more than compute. Answers whether the observer stops. */
  private attend(): boolean {
    const { processor } = this;
    processor.attention = false;
    const { blocking } = processor;
    processor.blocking = undefined;
    if (blocking !== undefined && this.threadTable.get(processor.thread)?.state === 'runnable') {
      this.threadTable.update(processor.thread, { state: 'blocked', waitingFor: blocking });
    }
    const stops = this.observer.happened();
    const asked = this.store.cells[this.yieldCell];
    const goesOn =
      this.threadTable.isRunnable(processor.thread) && (asked === 0 || asked === OUTRUN);
    return (goesOn && this.arrive()) || stops;
  }

  /** Tells the observer where the running thread is. A call that is entered again does not arrive anew. */
  private arrive(): boolean {
    const { processor, observer } = this;
    if (processor.thread === 0) return false;
    const flags = processor.module.flags[processor.index] ?? 0;
    if ((flags & observer.mask) === 0) return false;
    const isNative = processor.module.instructions[processor.index]?.op === 'native';
    if (isNative && processor.door.readI64(processor.fp + frameHeader.progress) !== 0) return false;
    return observer.arrived();
  }

  /** Why another thread may take over before the next instruction; undefined: it may not. */
  private occasion(): Occasion | undefined {
    const { processor } = this;
    if (!this.threadTable.isRunnable(processor.thread)) return 'stopped';
    const asked = this.store.cells[this.yieldCell];
    if (asked === OUTRUN) {
      // At once, or where built-in code has come to its end.
      const isMoment =
        processor.tick % OVERRUN === 0 ||
        processor.tick <= (this.store.cells[this.outrunCell] ?? 0) + 1;
      if (isMoment && processor.module.declaration.own) return 'outrun';
    } else if (asked !== 0) {
      return asked === 1 ? 'level' : 'turn';
    }
    const { sliceEnd } = this.scheduler;
    // Asked at moments that do not depend on how a run is cut.
    const isOver =
      processor.tick === sliceEnd || (processor.tick > sliceEnd && processor.tick % OVERRUN === 0);
    // Built-in C is written for threads that change only where it waits.
    return isOver && processor.module.declaration.own ? 'slice' : undefined;
  }

  /** Instructions to the end of the slice; a few at a time while built-in code overruns it. */
  private get untilSlice(): number {
    const isOutrun = this.store.cells[this.yieldCell] === OUTRUN;
    const left = isOutrun ? 0 : this.scheduler.sliceEnd - this.processor.tick;
    return left > 0 ? left : OVERRUN - (this.processor.tick % OVERRUN);
  }

  /**
   * Gives the turn to whoever comes next; takes a moment of its own unless a slice is over and the same thread goes
   * on. Answers whether the observer stops.
   */
  private schedule(occasion: Occasion): boolean {
    const { processor, scheduler } = this;
    this.store.cells[this.yieldCell] = 0;
    this.parkCurrent(occasion === 'slice' || occasion === 'outrun');
    if (occasion === 'slice') {
      scheduler.elapse();
      scheduler.beginSlice(processor.tick, processor.thread);
    }
    let choice = scheduler.next(this.lastThread(), occasion, processor.tick);
    if (choice === undefined) {
      let goesOn = false;
      for (const [host, system] of this.systems) {
        system.host.irql = 0;
        if (!this.threadTable.isStopped(host) && system.idle()) goesOn = true;
      }
      choice = scheduler.next(this.lastThread(), occasion, processor.tick);
      if (choice === undefined && !goesOn) this.store.cells[this.endedCell] = 1;
    }
    const isSame = choice?.thread.id === processor.thread;
    if (occasion === 'slice' && isSame) return false;
    const hasArrived = choice?.thread.arrived === true;
    if (choice !== undefined) this.resume(choice, isSame);
    processor.tick++;
    processor.attention = false;
    processor.blocking = undefined;
    if (choice !== undefined) this.preempt();
    return !hasArrived && this.arrive();
  }

  /** Puts a thread on a processor. */
  private resume({ thread, processor: place }: Choice, isSame: boolean): void {
    const { host } = this.systemOf(thread.host);
    const last = this.lastThread();
    const isAbove = !thread.begun && last?.host === thread.host && last.processor === place;
    const below = last?.state === 'ended' ? last.interrupted : (last?.id ?? 0);
    this.threadTable.update(thread.id, {
      processor: place,
      begun: true,
      arrived: false,
      ...(isAbove ? { interrupted: below } : {}),
    });
    host.processor = place;
    host.irql = thread.irql;
    if (last?.level === 'device' && last.state === 'ended') {
      // A loop that polls a register would leave a record each time.
      this.store.cells[this.lastCell] = last.interrupted;
      this.threadTable.remove(last.id);
    }
    if (isSame) return;
    this.processor.switchTo(thread);
    this.scheduler.beginSlice(this.tick, thread.id);
  }

  /** The thread that had the last turn, also when it has ended since. */
  private lastThread(): ThreadRecord | undefined {
    return this.threadTable.get(this.store.cells[this.lastCell] ?? 0);
  }

  /** Keeps the registers of a thread that goes on later. */
  private parkCurrent(arrived: boolean): void {
    const { processor } = this;
    if (processor.thread !== 0) this.store.cells[this.lastCell] = processor.thread;
    if (this.threadTable.get(processor.thread)?.state === 'ended') {
      processor.switchTo(undefined);
    } else if (processor.thread !== 0) {
      this.threadTable.update(processor.thread, {
        registers: processor.registers,
        irql: this.systemOf(processor.host).host.irql,
        arrived,
      });
    }
  }

  /** Turns what an instruction threw into an exception of the thread or a bug check. */
  private recover(error: unknown): void {
    const { processor } = this;
    const byNative = processor.module.instructions[processor.index]?.op === 'native';
    try {
      if (error instanceof RegisterTouched) {
        this.registers.arm(processor.thread);
      } else if (error instanceof RegisterLoad) {
        this.awaited = error.access;
      } else if (error instanceof BugCheck) {
        this.bugCheck(error);
      } else if (error instanceof RaiseException) {
        const { code, parameters } = error;
        const noncontinuable = error.noncontinuable ?? (byNative && processor.mode === 'kernel');
        this.exceptions.raise(
          { code: code >>> 0, address: processor.pc, parameters, noncontinuable },
          byNative,
        );
      } else if (error instanceof Fault) {
        const judged = this.judge(error);
        if (judged instanceof BugCheck) this.bugCheck(judged);
        else this.exceptions.raise(judged, false);
      } else {
        throw error;
      }
    } catch (second) {
      // The stack itself cannot be written: nothing is left to dispatch on.
      if (!(second instanceof Fault)) throw second;
      const judged = this.judge(second);
      if (judged instanceof BugCheck) this.bugCheck(judged);
      else this.unhandled(judged);
    }
  }

  /** Asks the host's system what a fault means. */
  private judge(fault: Fault): ExceptionRecord | BugCheck {
    return this.systemOf(this.processor.host).fault(fault, this.currentState(), this.processor.pc);
  }

  /** The host stops here and now; its threads stay as they are, to be looked at. */
  private bugCheck(bugCheck: BugCheck): void {
    const { host } = this.processor;
    this.processor.attention = true;
    this.systemOf(host).bugCheck(bugCheck, this.currentState());
    this.threadTable.stopHost(host);
  }

  /** No frame took an exception: a bug check, or the end of the process. */
  private unhandled(record: ExceptionRecord): void {
    const { host, mode } = this.processor;
    const answer = this.systemOf(host).unhandledException(record, this.currentState(), mode);
    if (answer !== undefined) this.bugCheck(answer);
    else this.finishThread(record.code, record);
  }

  /** Not even the record of the exception fits: in kernel mode that is a double fault. */
  private stackExhausted(record: ExceptionRecord): void {
    const { processor } = this;
    if (processor.mode === 'user') {
      this.unhandled(record);
      return;
    }
    const thread = this.threadTable.get(processor.thread);
    const guard = virtual((thread?.kernelStack.limit ?? 0) - 8);
    const judged = this.judge(new Fault('notPresent', 'write', guard, 8));
    if (judged instanceof BugCheck) this.bugCheck(judged);
    else this.unhandled(record);
  }

  /** The thread ran to its end, by returning or by an exception. */
  private finishThread(result: Int64, exception: ExceptionRecord | undefined): void {
    const { processor } = this;
    const state = this.currentState();
    this.threadTable.update(processor.thread, { state: 'ended', waitingFor: undefined });
    processor.attention = true;
    this.systemOf(processor.host).threadEnded(state, result, exception);
    if (state.level === 'device') {
      this.deviceReturned(state.id, exception === undefined ? result : -1);
    }
  }

  // ---- Native routines -------------------------------------------------------------------------------

  /** Runs the native whose frame is on top. It either returns, or asks to be entered again with some progress. */
  private callNative(routine: Routine, index: number): number {
    const { processor } = this;
    if (this.observer.watchesNatives) processor.attention = true;
    const native = this.systemOf(processor.host).natives[routine.native ?? ''];
    if (native === undefined) throw new Fault('protection', 'execute', processor.pc, 4);
    const { door, fp } = processor;
    this.nativeName = routine.name;
    const type = routine.symbol?.type ?? this.calledType(fp);
    const call = new RunningCall(
      routine.name,
      processor,
      type,
      this.nativeMemory(door),
      this.surroundings,
    );
    const result = native(call);
    this.endIfOver();
    if (isAgain(result)) {
      door.write64(fp + frameHeader.progress, result.again);
      processor.attention = true;
      if (this.systemOf(processor.host).host.irql < DISPATCH_LEVEL) this.yield();
      return index;
    }
    return processor.return(inResultType(result ?? 0, type), false, undefined);
  }

  /** One object for each door: natives are called often. */
  private nativeMemory(door: Door): NativeMemory {
    let memory = this.nativeMemories.get(door);
    if (memory === undefined) {
      memory = new NativeMemory(
        door,
        (address, size, what) =>
          this.findings.reportUnwritten(address, size, `${this.nativeName} reads it`, what),
        (address) => this.findings.checkPointer(address),
        (address, length, done) => this.findings.checkRange(address, length, done),
      );
      this.nativeMemories.set(door, memory);
    }
    return memory;
  }

  /** What the running native learns when it asks. */
  private makeSurroundings(): CallSurroundings {
    return {
      site: () => this.callerSite(),
      caller: () => this.callerOf(),
      peek: () => this.peek(this.processor.host, this.processor.process),
      unwrittenArgument: (address, size, index, name) => {
        const source = this.findings.unwrittenSource(index) ?? { at: address };
        const use = `it is passed to ${this.nativeName}`;
        this.findings.reportUnwritten(source.at, size, use, name, source.bit);
        this.processor.door.accept(address, size);
      },
      violation: (rule, message, page) => {
        const site = this.callerSite();
        this.processor.attention = true;
        this.reports.addViolation(
          { host: this.hostName(this.processor.host), rule, message, page, site },
          `${site.file}:${site.line}:${site.column}:${message}`,
        );
      },
    };
  }

  /** The type of a routine without a prototype, as its caller sees it. */
  private calledType(fp: number) {
    const { processor } = this;
    const address = processor.door.readI64(fp + frameHeader.returnAddress);
    const module = typeof address === 'number' ? this.moduleAt(processor.host, address) : undefined;
    const call = module?.instructions[module.indexOf(address as number) - 1];
    return call?.op === 'call' ? call.type : undefined;
  }

  /** Where the running native was called. */
  private callerSite(): Site {
    const { processor } = this;
    let first = true;
    for (const frame of this.frames(processor.thread)) {
      if (!first) {
        // The moment of the call, where its arguments are about to be passed.
        const site = this.siteOfFrame(frame, Math.max(processor.tick - 1, 0));
        if (site !== undefined) return site;
      }
      first = false;
    }
    return { file: '', line: 0, column: 0, function: '', module: '', tick: processor.tick };
  }

  /** Which module called the running native. */
  private callerOf(): NativeCall['caller'] {
    const { processor } = this;
    const address = processor.door.readI64(processor.fp + frameHeader.returnAddress);
    const module = typeof address === 'number' ? this.moduleAt(processor.host, address) : undefined;
    if (module === undefined) return { module: KERNEL_MODULE, own: false, driver: undefined };
    const { name, own, mode } = module.declaration;
    const isDriver = mode === 'kernel' && name !== KERNEL_MODULE;
    return { module: name, own, driver: isDriver ? virtual(Number(address)) : undefined };
  }

  // ---- Look-up ---------------------------------------------------------------------------------------

  private systemOf(host: number): System {
    const system = this.systems.get(host);
    if (system === undefined) throw new RangeError(`there is no host ${host}`);
    return system;
  }

  private moduleNamed(host: number, name: string): Module | undefined {
    return this.modulesOf(host).find((module) => module.name === name);
  }

  /** The routine whose first instruction is at an address. */
  private routineAtEntry(host: number, address: number): Routine | undefined {
    const module = this.moduleAt(host, address);
    if (module === undefined) return undefined;
    const index = module.indexOf(address);
    const routine = module.routineAt(index);
    return routine?.first === index ? routine : undefined;
  }

  /** Doors are kept: their caches survive switches of threads and modes. */
  private doorOf(host: number, process: number, mode: Mode): Door {
    const key = `${host}/${process}/${mode}`;
    let door = this.doors.get(key);
    if (door === undefined) {
      const system = this.systemOf(host);
      const space = process === 0 ? undefined : system.userSpace(process);
      door = new Door(this.store, system.host.memory, system.host.system, space, mode);
      door.watch = this.watch?.(host, process);
      door.registers = this.registerDoor(system);
      door.guard = this.findings.guardOf(host, process);
      this.doors.set(key, door);
    }
    return door;
  }

  private registerDoor({ host }: System): RegisterDoor {
    return this.registers.doorOf(host.registers, () => {
      this.processor.attention = true;
    });
  }

  /** The running thread as the system sees it. */
  private currentState(): ThreadState {
    const record = this.threadTable.get(this.processor.thread);
    if (record === undefined) throw new RangeError('no thread runs');
    return stateOf(record);
  }

  /** A reader of 8 bytes that answers undefined instead of faulting, for walking stacks. */
  private readWord(host: number, process: number): (address: number) => number | undefined {
    return (address) => {
      const door = this.peekDoor(host, process);
      try {
        const value = door.readI64(address);
        return typeof value === 'number' ? value : undefined;
      } catch (error) {
        if (error instanceof Fault) return undefined;
        throw error;
      } finally {
        door.taint = 0;
      }
    };
  }

  /** What findings look at; nothing of it is asked for before the machine is complete. */
  private makeRunningCode(): RunningCode {
    const walker = this.walkerOf(undefined);
    const ofProcessor = (): Processor => this.processor;
    const ofNative = (): string => this.nativeName;
    return {
      get processor() {
        return ofProcessor();
      },
      get nativeName() {
        return ofNative();
      },
      reports: this.reports,
      walker,
      hostName: (host) => this.hostName(host),
      frames: (thread) => this.frames(thread),
      moduleAt: (host, address) => this.moduleAt(host, address),
      peekDoor: (host, process) => this.peekDoor(host, process),
      siteOf: (thread) => this.siteOf(thread),
      readWord: (host, process) => this.readWord(host, process),
      callerOf: () => this.callerOf(),
    };
  }

  /** A walker over a thread's stack; over the running thread's without one. */
  private walkerOf(thread: ThreadRecord | undefined): FrameWalker {
    const host = (): number => thread?.host ?? this.processor.host;
    const process = (): number => thread?.process ?? this.processor.process;
    return new FrameWalker(
      (address) => this.moduleAt(host(), address),
      (address) => this.readWord(host(), process())(address),
    );
  }
}

/** What a native answered in the reading of its prototype: `0xC0000001` is a negative NTSTATUS. */
function inResultType(value: Int64, type: FunctionType | undefined): Int64 {
  if (type === undefined || !isScalar(type.result)) return value;
  const scalar = scalarOf(type.result);
  return isFloat(scalar) ? value : truncate(value, scalarSize[scalar], isSignedScalar(scalar));
}

function emptyModule(host: number): Module {
  return new Module(
    { name: '', host, process: 0, mode: 'kernel', units: [], own: false, imports: [] },
    virtual(0),
    () => 0,
  );
}
