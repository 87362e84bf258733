/**
 * The registers of the running thread and what calls and returns do to them. Between two instructions they
 * can be saved to cells of the store, where they belong.
 */
import {
  byteOffset,
  isCanonical,
  PAGE_SIZE,
  type VirtualAddress,
  virtual,
} from '../base/addresses.ts';
import { fromWords, type Int64, truncate } from '../base/int64.ts';
import type { Store } from '../base/store.ts';
import { Fault } from './access.ts';
import type { Door } from './door.ts';
import { argumentOffset, frameHeader, type ResultPlace, type Scalar, scalarSize } from './ir.ts';
import { isSystemService } from './lowering/linking.ts';
import type { Module, Routine } from './module.ts';
import type { Mode, Registers, ThreadRecord } from './threads.ts';
import { type Context, type Evaluate, storer, type UndefinedRule } from './values.ts';

/** An argument of a call, compiled. */
export interface CompiledArgument {
  /** Bytes of a record, or 0 for a scalar. */
  readonly size: number;
  /** The value, or the address of a record. */
  readonly evaluate: Evaluate;
  readonly scalar: Scalar;
  /** An integer, which travels in a slot as it is. */
  readonly isInteger: boolean;
}

/** What the processor asks of the machine around it. */
export interface Environment {
  door(host: number, process: number, mode: Mode): Door;
  /** The routine that begins at an address. */
  routineAtEntry(host: number, address: number): Routine | undefined;
  moduleAt(host: number, address: number): Module | undefined;
  reportTainted(use: 'branch' | 'address'): void;
  reportUndefined(rule: UndefinedRule, message: string): void;
  /** The address of a local may have been stored at a place outside of the frame. */
  leaked(place: Int64): void;
  /** The function returns; answers whether the result is the address of one of its locals. */
  leaves(result: Int64 | undefined): boolean;
  /** The first routine of the running thread returned. */
  threadReturned(result: Int64): void;
}

/** Bytes of locals up to which forgetting them in a loop is the fastest. */
const SMALL_FRAME = 512;

/** User code keeps this many bytes of its stack for dispatching the overflow. */
const USER_STACK_RESERVE = 0x2000;

/**
 * Calls follow the x64 calling convention as far as a program can see it: slots of 8 bytes for arguments, with
 * room for at least four; large records by the address of a copy.
 */
export class Processor implements Context {
  fp = 0;
  sp = 0;
  /** Where the frame lies; undefined where accesses have to be checked. */
  frame: DataView | undefined;
  fo = 0;
  frameStart = 0;
  frameMarks = 0;
  dispatch = 0;
  mode: Mode = 'kernel';
  module: Module;
  /** The instruction that runs, or is next. */
  index = 0;
  thread = 0;
  host = 0;
  process = 0;
  door: Door;
  tick = 0;
  statements = 0;
  /** Set when something beside plain execution happened: a native ran, a report was made, a thread blocked. */
  attention = false;
  /** The running native asked to block for this reason. */
  blocking: string | undefined;

  /** The moment and the value of the last return, for the debugger. */
  returnedAt = -1;
  returned: Int64 = 0;

  private limit = 0;
  private kernelStack = { limit: 0, base: 0 };
  private userStack = { limit: 0, base: 0 };
  private readonly values: Int64[] = [];
  private readonly taints: boolean[] = [];
  private readonly cells: {
    readonly pc: number;
    readonly fp: number;
    readonly sp: number;
    readonly mode: number;
    readonly dispatch: number;
    readonly thread: number;
    readonly tick: number;
    readonly statements: number;
  };

  constructor(
    private readonly store: Store,
    private readonly environment: Environment,
    /** A module without code, for when no thread runs. */
    private readonly nowhere: Module,
    door: Door,
  ) {
    this.module = nowhere;
    this.door = door;
    this.cells = {
      pc: store.cell(),
      fp: store.cell(),
      sp: store.cell(),
      mode: store.cell(),
      dispatch: store.cell(),
      thread: store.cell(),
      tick: store.cell(),
      statements: store.cell(),
    };
  }

  get pc(): VirtualAddress {
    return this.module.addressAt(this.index);
  }

  get registers(): Registers {
    const { pc, fp, sp, mode, dispatch } = this;
    return { pc, fp, sp, mode, dispatch };
  }

  /** Writes everything to the store; call whenever execution pauses. */
  save(): void {
    const { cells } = this.store;
    cells[this.cells.pc] = this.pc;
    cells[this.cells.fp] = this.fp;
    cells[this.cells.sp] = this.sp;
    cells[this.cells.mode] = this.mode === 'user' ? 1 : 0;
    cells[this.cells.dispatch] = this.dispatch;
    cells[this.cells.thread] = this.thread;
    cells[this.cells.tick] = this.tick;
    cells[this.cells.statements] = this.statements;
  }

  /** Reads everything back, after the store went to another state. */
  load(find: (thread: number) => ThreadRecord | undefined): void {
    const { cells } = this.store;
    const at = (cell: number): number => cells[cell] ?? 0;
    this.tick = at(this.cells.tick);
    this.statements = at(this.cells.statements);
    this.attention = false;
    this.blocking = undefined;
    const thread = find(at(this.cells.thread));
    this.switchTo(thread, {
      pc: at(this.cells.pc),
      fp: at(this.cells.fp),
      sp: at(this.cells.sp),
      mode: at(this.cells.mode) === 1 ? 'user' : 'kernel',
      dispatch: at(this.cells.dispatch),
    });
  }

  /** Makes a thread the running one, or none. */
  switchTo(thread: ThreadRecord | undefined, registers = thread?.registers): void {
    this.thread = thread?.id ?? 0;
    this.host = thread?.host ?? this.host;
    this.process = thread?.attached ?? thread?.process ?? 0;
    this.kernelStack = thread?.kernelStack ?? { limit: 0, base: 0 };
    this.userStack = thread?.userStack ?? { limit: 0, base: 0 };
    if (thread === undefined || registers === undefined) {
      this.goTo({ pc: 0, fp: 0, sp: 0, mode: 'kernel', dispatch: 0 });
    } else {
      this.goTo(registers);
    }
  }

  /** The running thread sees the memory of another process. */
  enter(process: number): void {
    this.process = process;
    this.setMode(this.mode);
    this.findFrame();
  }

  /** Continues at other registers of the same thread. */
  goTo(registers: Registers): void {
    this.setMode(registers.mode);
    this.fp = registers.fp;
    this.sp = registers.sp;
    this.dispatch = registers.dispatch;
    this.module = this.environment.moduleAt(this.host, registers.pc) ?? this.nowhere;
    this.index = this.module.indexOf(registers.pc);
    this.findFrame();
  }

  /** Looks up the page of the frame; to be called when the frame is another one or its page may be. */
  findFrame(): void {
    const { fp } = this;
    const place = fp === 0 || (fp & 15) !== 0 ? undefined : this.door.framePlace(fp);
    this.frame = place?.view;
    this.frameStart = place?.start ?? 0;
    this.frameMarks = place === undefined ? 0 : place.marks + place.start / 8;
    this.fo = byteOffset(fp);
  }

  /** The end of the present stack. */
  get stackBase(): number {
    return this.mode === 'kernel' ? this.kernelStack.base : this.userStack.base;
  }

  /** How far down calls may go on the present stack. */
  get lowestStack(): number {
    return this.stackLimit;
  }

  /** Room on the present stack for a record of an exception; undefined when there is none. */
  reserve(size: number): number | undefined {
    const address = Math.floor((this.sp - size) / 16) * 16;
    const { limit } = this.mode === 'kernel' ? this.kernelStack : this.userStack;
    return address >= limit ? address : undefined;
  }

  tainted(use: 'branch' | 'address'): void {
    this.environment.reportTainted(use);
  }

  undefinedBehaviour(rule: UndefinedRule, message: string): void {
    this.environment.reportUndefined(rule, message);
  }

  leaked(place: Int64): void {
    this.environment.leaked(place);
  }

  /** Whether the result of the running function, which returns now, is the address of one of its locals. */
  leaves(result: Int64 | undefined): boolean {
    return this.environment.leaves(result);
  }

  /** The routine that a function pointer names; throws the fault of jumping there. */
  target(address: Int64): Routine {
    if (typeof address !== 'number' || !isCanonical(address)) {
      throw new Fault('nonCanonical', 'execute', address, 4);
    }
    const routine = this.environment.routineAtEntry(this.host, address);
    if (routine === undefined) {
      this.door.execute(address);
      // Mapped and executable, but no routine begins there.
      throw new Fault('protection', 'execute', address, 4);
    }
    return routine;
  }

  /** Pushes the frame of a routine, goes to its first instruction and answers its index. */
  call(routine: Routine, list: readonly CompiledArgument[], returnIndex: number): number {
    const { door, values, taints } = this;
    let copies = 0;
    for (let index = 0; index < list.length; index++) {
      const argument = list[index];
      if (argument === undefined) continue;
      door.taint = 0;
      values[index] = argument.evaluate(this);
      taints[index] = door.taint !== 0;
      if (argument.size > 8 || (argument.size & (argument.size - 1)) !== 0) {
        copies += Math.ceil(argument.size / 16) * 16;
      }
    }
    door.taint = 0;

    const { module } = routine;
    let isBoundary = false;
    if (module !== this.module || routine.pageable) isBoundary = this.checkTarget(routine);
    const to = isBoundary ? this.environment.door(this.host, this.process, 'kernel') : door;
    const top = isBoundary ? this.kernelStack.base : this.sp;
    const limit = isBoundary ? this.kernelStack.limit : this.stackLimit;
    const slots = Math.max(list.length, 4);
    const frameSize = routine.code?.frameSize ?? 0;
    const fp = placeFrame(top, frameHeader.size + slots * 8 + copies, frameSize);
    const sp = fp - frameSize;
    if (sp < limit) throw this.overflow(isBoundary ? 'kernel' : this.mode);

    this.writeHeader(to, fp, this.module.addressAt(returnIndex), isBoundary);
    const place = to.framePlace(fp);
    const view = place?.view;
    const start = place?.start ?? 0;
    const marks = place === undefined ? 0 : place.marks + place.start / 8;
    const offset = byteOffset(fp);
    // Above and below the frame pointer, in the page that the header lies in.
    const isOnePage = offset >= frameSize && offset + (top - fp) <= PAGE_SIZE;
    let copy = fp + argumentOffset(slots);
    for (let index = 0; index < list.length; index++) {
      const argument = list[index];
      if (argument === undefined) continue;
      const slot = fp + argumentOffset(index);
      const value = values[index] ?? 0;
      const { size } = argument;
      if (
        view !== undefined &&
        isOnePage &&
        typeof value === 'number' &&
        argument.isInteger &&
        taints[index] === false
      ) {
        const at = offset + argumentOffset(index);
        view.setInt32(start + at, value, true);
        view.setInt32(start + at + 4, Math.floor(value / 0x1_0000_0000), true);
        view.setUint8(marks + (at >> 3), 0xff);
      } else if (size === 0) {
        if (argument.scalar === 'f32') to.writeF32(slot, value as number);
        else if (argument.scalar === 'f64') to.writeF64(slot, value as number);
        else to.write64(slot, value);
        if (taints[index] === true) to.forget(slot, scalarSize[argument.scalar]);
      } else if (size <= 8 && (size & (size - 1)) === 0) {
        to.write64(slot, 0);
        moveAcross(door, value, to, slot, size);
      } else {
        moveAcross(door, value, to, copy, size);
        to.write64(slot, copy);
        copy += Math.ceil(size / 16) * 16;
      }
    }
    if (view !== undefined && isOnePage && frameSize < SMALL_FRAME) {
      for (let at = (offset - frameSize) >> 3; at < offset >> 3; at += 2) {
        view.setInt16(marks + at, 0);
      }
    } else if (frameSize > 0) {
      to.revive(sp, frameSize);
    }
    const bitFields = routine.code?.bitFields;
    if (bitFields !== undefined && bitFields.length > 0) {
      for (const range of bitFields) to.forgetPartly(fp + range.offset, range.size);
    }

    if (isBoundary) {
      this.setMode('kernel');
      this.dispatch = 0;
    }
    this.fp = fp;
    this.sp = sp;
    this.frame = view;
    this.fo = offset;
    this.frameStart = start;
    this.frameMarks = marks;
    this.module = module;
    return routine.first;
  }

  /**
   * Pops the frame and hands the result to the caller: a value, or the record at an address in the
   * callee's memory. Answers the index to go on at.
   */
  return(value: Int64, tainted: boolean, recordAt: Int64 | undefined): number {
    const { door } = this;
    const address = this.headerWord(frameHeader.returnAddress);
    const callerFrame = Number(this.headerWord(frameHeader.callerFrame));
    const callerStack = Number(this.headerWord(frameHeader.callerStack));
    const isBoundary = this.mode === 'kernel' && this.headerWord(frameHeader.boundary) === 1;
    door.taint = 0;
    this.returnedAt = this.tick;
    this.returned = value;
    if (address === 0 && callerFrame === 0) {
      this.environment.threadReturned(value);
      return this.index;
    }
    let { module } = this;
    if (typeof address !== 'number' || !module.contains(address)) {
      module = this.returnTarget(address, isBoundary);
    }
    const index = module.indexOf(address as number);
    const call = module.instructions[index - 1];
    if (call?.op !== 'call') throw new Fault('protection', 'execute', address, 4);
    if (isBoundary) {
      this.dispatch = Number(this.headerWord(frameHeader.callerDispatch));
      this.setMode('user');
    }
    this.fp = callerFrame;
    this.sp = callerStack;
    this.module = module;
    this.findFrame();
    if (call.result !== undefined) this.deliver(call.result, value, tainted, recordAt, door);
    return index;
  }

  /** Prepares the first frame of a new thread and answers its registers. */
  firstFrame(
    door: Door,
    routine: Routine | undefined,
    entry: VirtualAddress,
    list: readonly Int64[],
    stackBase: number,
    mode: Mode,
  ): Registers {
    const slots = Math.max(list.length, 4);
    const frameSize = routine?.code?.frameSize ?? 0;
    const fp = placeFrame(stackBase, frameHeader.size + slots * 8 + 64, frameSize);
    for (let offset = 0; offset < frameHeader.size; offset += 8) door.write64(fp + offset, 0);
    list.forEach((value, index) => {
      door.write64(fp + argumentOffset(index), value);
    });
    if (frameSize > 0) door.forget(fp - frameSize, frameSize);
    return { pc: entry, fp, sp: fp - frameSize, mode, dispatch: 0 };
  }

  /** The frame's header, in one piece where it lies in one page. */
  private writeHeader(to: Door, fp: number, returnAddress: number, isBoundary: boolean): void {
    const page = to.span(fp, frameHeader.size);
    if (page === undefined) {
      to.write64(fp + frameHeader.returnAddress, returnAddress);
      to.write64(fp + frameHeader.callerFrame, this.fp);
      to.write64(fp + frameHeader.callerStack, this.sp);
      to.write64(fp + frameHeader.progress, 0);
      to.write64(fp + frameHeader.boundary, isBoundary ? 1 : 0);
      to.write64(fp + frameHeader.callerDispatch, this.dispatch);
      return;
    }
    const { view } = page;
    const offset = page.start + byteOffset(fp);
    putNumber(view, offset + frameHeader.returnAddress, returnAddress);
    putNumber(view, offset + frameHeader.callerFrame, this.fp);
    putNumber(view, offset + frameHeader.callerStack, this.sp);
    putNumber(view, offset + frameHeader.progress, 0);
    putNumber(view, offset + frameHeader.boundary, isBoundary ? 1 : 0);
    putNumber(view, offset + frameHeader.callerDispatch, this.dispatch);
    const mark = page.marks + offset / 8;
    view.setInt32(mark, -1);
    view.setInt16(mark + 4, -1);
  }

  private headerWord(offset: number): Int64 {
    const { frame, fo } = this;
    if (frame === undefined || fo > PAGE_SIZE - frameHeader.size) {
      return this.door.readI64(this.fp + offset);
    }
    const at = this.frameStart + fo + offset;
    return fromWords(frame.getInt32(at + 4, true), frame.getUint32(at, true));
  }

  /** Stores what a call answered in the caller's frame, in the caller's mode. */
  private deliver(
    place: ResultPlace,
    value: Int64,
    tainted: boolean,
    recordAt: Int64 | undefined,
    from: Door,
  ): void {
    const address = this.fp + place.offset;
    if (place.kind === 'scalar') {
      if (!tainted && (place.scalar === 'i32' || place.scalar === 'u32')) {
        this.door.write32(address, value as number);
        return;
      }
      storer(place.scalar, undefined)(this.door, address, value);
      if (tainted) this.door.forget(address, scalarSize[place.scalar]);
    } else if (recordAt !== undefined) {
      moveAcross(from, recordAt, this.door, address, place.size);
    } else {
      // A native answers small records as an integer.
      const bytes = new Uint8Array(8);
      new DataView(bytes.buffer).setBigInt64(0, BigInt(truncate(value, 8, true)), true);
      this.door.writeBytes(address, bytes.subarray(0, place.size));
      if (tainted) this.door.forget(address, place.size);
    }
  }

  /** While an exception is dispatched, the reserve may be used. */
  private get stackLimit(): number {
    return this.dispatch !== 0 && this.mode === 'user' ? this.userStack.limit : this.limit;
  }

  private setMode(mode: Mode): void {
    this.mode = mode;
    this.limit =
      mode === 'kernel' ? this.kernelStack.limit : this.userStack.limit + USER_STACK_RESERVE;
    this.door = this.environment.door(this.host, this.process, mode);
  }

  /** Whether the call goes through the system service dispatcher; throws where no call may go. */
  private checkTarget(routine: Routine): boolean {
    const { declaration } = routine.module;
    const address = routine.module.addressAt(routine.first);
    if (this.mode === 'user' && declaration.mode === 'kernel') {
      if (!isSystemService(routine.name)) throw new Fault('protection', 'execute', address, 4);
      this.environment.door(this.host, this.process, 'kernel').execute(address);
      return true;
    }
    if (declaration.process !== 0 && declaration.process !== this.process) {
      throw new Fault('notPresent', 'execute', address, 4);
    }
    if (this.mode === 'kernel' && declaration.mode === 'user') {
      throw new Fault('protection', 'execute', address, 4);
    }
    this.door.execute(address);
    return false;
  }

  /** The module to return to when it is another one; a smashed return address faults here. */
  private returnTarget(address: Int64, isBoundary: boolean): Module {
    const module =
      typeof address === 'number' ? this.environment.moduleAt(this.host, address) : undefined;
    const mode = isBoundary ? 'user' : this.mode;
    if (module === undefined || module.declaration.mode !== mode) {
      throw new Fault(
        typeof address === 'number' ? 'notPresent' : 'nonCanonical',
        'execute',
        address,
        4,
      );
    }
    this.environment.door(this.host, this.process, mode).execute(address);
    return module;
  }

  /** The fault of touching the guard page below the stack. */
  private overflow(mode: Mode): Fault {
    const { limit } = mode === 'kernel' ? this.kernelStack : this.userStack;
    return new Fault('notPresent', 'write', virtual(limit - 8), 8);
  }
}

/**
 * The frame pointer of a frame below `top`, with `above` bytes over it and `below` under it. A frame that fits into a
 * page lies in one.
 */
function placeFrame(top: number, above: number, below: number): number {
  const fp = Math.floor((top - above) / 16) * 16;
  const rest = byteOffset(top - 1) + 1;
  const size = top - fp + below;
  return size <= rest || size > PAGE_SIZE ? fp : fp - rest;
}

/** Stores a safe integer as 8 bytes. */
function putNumber(view: DataView, offset: number, value: number): void {
  view.setInt32(offset, value, true);
  view.setInt32(offset + 4, Math.floor(value / 0x1_0000_0000), true);
}

/** Moves bytes with their marks, between two modes where it has to. */
function moveAcross(from: Door, source: Int64, to: Door, destination: number, size: number): void {
  if (from === to) {
    from.copy(destination, source, size);
    return;
  }
  const bytes = from.readBytes(source, size);
  const written = from.writtenBits(source, size);
  to.writeBytes(destination, bytes);
  if (written.some((bits) => bits !== 0xff)) to.setWrittenBits(destination, written);
}
