/**
 * What only an emulator can know of memory: bytes that were never written, pointers into frames that have ended, ranges
 * that nobody may use, objects that a routine overruns. Each is reported with the place that uses it and the variable or
 * allocation that it concerns.
 */
import { hex, type Int64 } from '../base/int64.ts';
import type { Store } from '../base/store.ts';
import { violationPage } from '../language/violations.ts';
import { Fault } from './access.ts';
import { Danglings } from './danglings.ts';
import type { Guard, TaintedField } from './door.ts';
import type { Frame, FrameWalker } from './frames.ts';
import { type GuardRule, Guards } from './guards.ts';
import { frameHeader } from './ir.ts';
import type { Module } from './module.ts';
import type { NativeCall } from './natives.ts';
import {
  type Origin,
  objectInFrame,
  objectInModule,
  originInFrame,
  originInModule,
  overrunOf,
  type PlacedObject,
  type UnwrittenByte,
  unwrittenLoad,
} from './origins.ts';
import type { PeekDoor } from './peek-door.ts';
import type { Processor } from './processor.ts';
import type { Reports, Site } from './reports.ts';
import { markField, reportDangling, type UndefinedRule } from './values.ts';

const UNINITIALIZED = 'uninitialized_memory';
const DANGLING = 'dangling_pointer';

/** The code that runs, as far as findings look at it. */
export interface RunningCode {
  readonly processor: Processor;
  readonly reports: Reports;
  /** The native that runs. */
  readonly nativeName: string;
  /** Over the running thread's stack. */
  readonly walker: FrameWalker;
  hostName(host: number): string;
  frames(thread: number): Iterable<Frame>;
  moduleAt(host: number, address: number): Module | undefined;
  peekDoor(host: number, process: number): PeekDoor;
  siteOf(thread: number): Site | undefined;
  /** A reader of 8 bytes that answers undefined instead of faulting. */
  readWord(host: number, process: number): (address: number) => number | undefined;
  /** Which module called the running native. */
  callerOf(): NativeCall['caller'];
}

/** What the kernel knows of its allocations. */
export interface AllocationNames {
  /** Names the allocation that an address belongs to. */
  readonly describeOrigin?:
    | ((host: number, process: number, address: number) => Origin | undefined)
    | undefined;
  /** Names the freed block that an address lies in. */
  readonly describeFreed?:
    | ((host: number, process: number, address: number) => string | undefined)
    | undefined;
}

export class MemoryFindings {
  private readonly guards: readonly Guards[];
  private readonly danglings: readonly Danglings[];

  constructor(
    store: Store,
    hosts: readonly number[],
    private readonly machine: RunningCode,
    private readonly names: AllocationNames,
  ) {
    this.guards = hosts.map((host) => new Guards(store, host));
    this.danglings = hosts.map((host) => new Danglings(store, host));
  }

  // ---- Ranges that nobody may use ----------------------------------------------------------------------

  guard(
    host: number,
    process: number,
    address: number,
    length: number,
    rule: GuardRule,
    text?: string,
  ): void {
    this.guards[host]?.add(process, address, length, rule, text);
  }

  noteBlock(host: number, process: number, address: number, length: number, text: string): void {
    this.guards[host]?.note(process, address, length, text);
  }

  unguard(host: number, process: number, address: number, length: number): void {
    this.guards[host]?.remove(process, address, length);
  }

  /** Reports what the scenario's own code does to ranges that nobody may use. */
  guardOf(host: number, process: number): Guard {
    const space = (address: number): number => (address < 0 ? 0 : process);
    const report = (address: number, size: number, done: 'read' | 'written'): boolean => {
      const found = this.guards[host]?.find(space(address), address, size);
      if (found === undefined || !this.isOwnCode()) return false;
      const text = found.text ?? this.names.describeFreed?.(host, space(address), address);
      if (text === undefined) return false;
      this.reportUndefined(
        found.rule,
        `${size === 1 ? 'A byte is' : `${size} bytes are`} ${done} at ${hex(address, 16)}: ${text}.`,
      );
      return true;
    };
    return {
      covers: (address) => this.guards[host]?.covers(space(address), address) ?? false,
      written: (address, size) => {
        report(address, size, 'written');
      },
      read: (address, size) => report(address, size, 'read'),
    };
  }

  /** Whether the scenario's own code runs, or a routine that it called. */
  private isOwnCode(): boolean {
    const { module, index } = this.machine.processor;
    if (module.declaration.own) return true;
    return module.instructions[index]?.op === 'native' && this.machine.callerOf().own;
  }

  // ---- Pointers, uses, never-written bytes ----------------------------------------------------------------

  /** A routine was given a pointer into a frame that has ended. */
  checkPointer(address: Int64): void {
    const { processor } = this.machine;
    if (address >= processor.fp || address < processor.lowestStack) return;
    reportDangling(processor, address);
  }

  /** A routine that own code called uses a range that reaches over the end of a variable. */
  checkRange(address: Int64, length: number, done: 'read' | 'written'): void {
    if (typeof address !== 'number' || !this.machine.callerOf().own) return;
    const found = this.objectAt(address);
    const text = found && overrunOf(found, address, length);
    if (text === undefined) return;
    this.reportUndefined(
      'array_bounds',
      `${this.machine.nativeName}: ${length} bytes are ${done} at ${hex(address, 16)}, but ${text}.`,
    );
  }

  /** The variable of the running thread's frames, or of a module, that an address lies in. */
  private objectAt(address: number): PlacedObject | undefined {
    const { processor } = this.machine;
    if (address < processor.fp || address >= processor.stackBase) {
      const module = this.machine.moduleAt(processor.host, address);
      return module && objectInModule(module, address);
    }
    const read = this.machine.readWord(processor.host, processor.process);
    for (const frame of this.machine.frames(processor.thread)) {
      const found = objectInFrame(frame, address, read);
      if (found !== undefined || frame.fp > address) return found;
    }
    return undefined;
  }

  /** What the interpreter found while it computed a condition or an address. */
  reportTainted(use: 'branch' | 'address'): void {
    const { door } = this.machine.processor;
    const { taint, taintSize, taintField } = door;
    const field = taintField?.at === taint ? taintField : undefined;
    door.taint = 0;
    door.taintField = undefined;
    const text = use === 'branch' ? 'a branch depends on it' : 'it is used as an address';
    this.reportUnwritten(taint, taintSize, text, undefined, field?.bit, field);
  }

  /** Reports undefined behaviour, once for each place in the code. */
  reportUndefined(rule: UndefinedRule, message: string): void {
    const { processor } = this.machine;
    const host = this.machine.hostName(processor.host);
    const isNative = processor.module.instructions[processor.index]?.op === 'native';
    const place = isNative
      ? processor.door.readI64(processor.fp + frameHeader.returnAddress)
      : processor.pc;
    const origin = hex(place);
    // A loop may come by very often.
    if (this.machine.reports.hasViolation(host, rule, origin)) return;
    this.machine.reports.addViolation(
      {
        host,
        rule,
        message,
        page: violationPage(rule),
        site: this.machine.siteOf(processor.thread),
      },
      origin,
    );
    processor.attention = true;
  }

  /** The address of a local may be stored outside of its frame. */
  pointerLeaked(place: Int64): void {
    const { processor } = this.machine;
    if (!processor.module.declaration.own) return;
    const frame = this.machine.walker.frame(processor.registers);
    this.danglings[processor.host]?.stored(this.stackProcess(), frame, place);
  }

  /** A function that may have given the address of a local away returns. */
  functionLeft(result: Int64 | undefined): boolean {
    const { processor } = this.machine;
    if (!processor.module.declaration.own) return false;
    const frame = this.machine.walker.frame(processor.registers);
    const found = this.danglings[processor.host];
    return found?.left(this.stackProcess(), frame, processor.door, result) ?? false;
  }

  /** The process that the running stack belongs to. */
  private stackProcess(): number {
    return this.machine.processor.fp < 0 ? 0 : this.machine.processor.process;
  }

  /** Reports a use of never-written bytes, once for each origin; from then on they count as written. */
  reportUnwritten(
    address: number,
    size: number,
    use: string,
    what: string | undefined,
    bit?: number,
    field?: TaintedField,
  ): void {
    const { processor } = this.machine;
    const origin = this.originOf(address, bit ?? this.unwrittenBit(address));
    const named = what === undefined ? '' : ` (${what})`;
    const local = this.danglings[processor.host]?.pointedTo(
      this.stackProcess(),
      this.machine.peekDoor(processor.host, processor.process),
      address,
    );
    const rule = local === undefined ? UNINITIALIZED : DANGLING;
    const state = local === undefined ? 'was never written' : `points to ${local}`;
    this.machine.reports.addViolation(
      {
        host: this.machine.hostName(processor.host),
        rule,
        message: `${origin.text} ${state}, but ${use}${named}.`,
        page: violationPage(rule),
        site: this.machine.siteOf(processor.thread),
      },
      local === undefined ? origin.key : `${local} ${origin.key}`,
    );
    processor.attention = true;
    try {
      if (field === undefined) processor.door.accept(address, size);
      else markField(processor.door, field.unit, field.bits, true);
    } catch (error) {
      // Read-only memory keeps its marks.
      if (!(error instanceof Fault)) throw error;
    }
  }

  /** The never-written object that the caller's argument in a slot was computed from. */
  unwrittenSource(slot: number): UnwrittenByte | undefined {
    const [, caller] = this.machine.frames(this.machine.processor.thread);
    const call = caller?.module?.instructions[caller.index];
    const argument = call?.op === 'call' ? call.arguments[slot] : undefined;
    if (caller?.module === undefined || argument?.kind !== 'scalar') return undefined;
    const door = this.machine.peekDoor(this.machine.processor.host, this.machine.processor.process);
    return unwrittenLoad(argument.value, caller.module.resolve, {
      fp: caller.fp,
      door,
      sp: 0,
      lowestStack: 0,
      tainted: () => {},
      undefinedBehaviour: () => {},
    });
  }

  /** The lowest bit of a byte that was never written; 0 where all were or nothing is mapped. */
  private unwrittenBit(address: number): number {
    const { host, process } = this.machine.processor;
    try {
      const [bits = 0] = this.machine.peekDoor(host, process).writtenBits(address, 1);
      return bits === 0xff ? 0 : 31 - Math.clz32(~bits & -~bits);
    } catch (error) {
      if (error instanceof Fault) return 0;
      throw error;
    }
  }

  /** The variable, static object or allocation that a bit belongs to. */
  private originOf(address: number, bit: number): Origin {
    const { processor } = this.machine;
    const { host, process } = processor;
    const read = this.machine.readWord(host, process);
    for (const frame of this.machine.frames(processor.thread)) {
      const origin = originInFrame(frame, address, read, bit);
      if (origin !== undefined) return origin;
    }
    const module = this.machine.moduleAt(host, address);
    const origin =
      (module && originInModule(module, address, bit)) ??
      this.describeBlock(host, process, address) ??
      this.names.describeOrigin?.(host, process, address);
    const site = this.machine.siteOf(processor.thread);
    return (
      origin ?? {
        text: 'memory',
        key: `address ${site?.file}:${site?.line}:${site?.column}`,
      }
    );
  }

  /** A block of a process's heap. */
  private describeBlock(host: number, process: number, address: number): Origin | undefined {
    const text = address < 0 ? undefined : this.guards[host]?.noted(process, address);
    return text === undefined ? undefined : { text, key: `heap ${text}` };
  }
}
