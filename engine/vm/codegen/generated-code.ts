/**
 * Runs hot routines as generated JavaScript. The interpreter defines what they mean: generated code keeps the frame as
 * the interpreter would have it at every instruction, counts the same moments, and hands over before anything that it
 * does not know. Nothing here is state of the machine.
 */
import { byteOffset, PAGE_SIZE } from '../../base/addresses.ts';
import { divide64, fromWords, high32, type Int64, low32, remainder64 } from '../../base/int64.ts';
import type { Place } from '../../base/store.ts';
import type { Door } from '../door.ts';
import { type FunctionCode, frameHeader, type Value } from '../ir.ts';
import { codeFlags, type Module, type Routine } from '../module.ts';
import type { Processor } from '../processor.ts';
import { writeFunction } from './function-writer.ts';
import { successors } from './slots.ts';
import type { Omission } from './value-writer.ts';

/** Runs from an entry on: where the frame's page lies, the frame pointer's offset in it, the page's address. */
type Run = (view: DataView, start: number, marks: number, offset: number, page: number) => number;

/** An instruction at which generated code can be entered: the first one of a routine, or the top of a loop. */
export interface EntryPoint {
  readonly routine: Routine;
  readonly code: FunctionCode;
  /** In the module. */
  readonly index: number;
  run: Run | undefined;
  /** Times that the interpreter came by since there was code, or since code was given up. */
  heat: number;
  /** Times that code was left before its first instruction. */
  idle: number;
  /** How often code was written for it. */
  attempts: number;
  /** Places in the routine at which breakpoints were armed by then. */
  armed: string;
  longest: number;
  above: number;
  /** Stays that are to be short: what the host makes of the code meanwhile serves from the next entry on. */
  cold: number;
}

/**
 * `always` is for tests: code is written for whatever is executed a second time. `withoutMarks` and `withoutRules` are
 * for measuring what it costs to look for never-written bytes and for undefined behaviour.
 */
export type Generation = 'hot' | 'always' | 'never' | 'withoutMarks' | 'withoutRules';

/** What finds routines for calls. */
export type FindRoutine = (host: number, address: number) => Routine | undefined;

const HOT = 64;
const MOST_IDLE = 64;
const MOST_ATTEMPTS = 6;
/** Values too large for a double after which a routine is written anew, with two words for each. */
const MOST_OVERFLOWS = 16;
const DEEPEST = 200;
/** Instructions of a stay in new code, and how many such stays there are. */
const SHORT_STAY = 2_000;
const SHORT_STAYS = 250;

/**
 * The public fields and methods from `n` to `divide` are what generated code uses; their names are part of its text.
 */
export class GeneratedCode {
  /** Instructions and statements since the code was entered. */
  n = 0;
  s = 0;
  /** How many generated functions have called one another. */
  depth = 0;
  /** The header of one of their frames may have changed. */
  broken = false;
  /** The code is on its way out. */
  left = false;
  overflow = false;
  /** Instructions that may be executed since the code was entered. */
  limit = 0;
  /** The end of the stack, and how far down it may grow. */
  top = 0;
  stackLimit = 0;
  readViews: (DataView | undefined)[] = [];
  readWords = new Int32Array(0);
  writeViews: (DataView | undefined)[] = [];
  writeWords = new Int32Array(0);
  /** Where the page begins whose view was asked for last, and where its view has written marks. */
  start = 0;
  marks = 0;
  mask = 0;
  /** A result of 8 bytes, low word first. */
  readonly words = new Int32Array(2);
  /** Frame pointers of the functions that generated code has called. */
  readonly frames = new Float64Array(DEEPEST + 1);

  private readonly points = new Map<Module, Map<number, EntryPoint>>();
  private readonly overflows = new Map<Routine, number>();
  private readonly isPossible: boolean;
  private readonly hot: number;
  private readonly omits: Omission | undefined;
  private isAllowed = false;
  private isInside = false;
  private isArmingNew = false;
  private end = 0;
  private door: Door;
  /** Where the code was left. */
  private next = 0;
  /** The moment at which it was entered. */
  private tick = 0;
  private statements = 0;

  constructor(
    private readonly processor: Processor,
    private readonly routineAtEntry: FindRoutine,
    generation: Generation,
    /** Called when code was written, which takes long. */
    private readonly wrote: () => void = () => undefined,
  ) {
    this.door = processor.door;
    this.isPossible = generation !== 'never' && canGenerate();
    this.hot = generation === 'always' ? 1 : HOT;
    if (generation === 'withoutMarks') this.omits = 'marks';
    if (generation === 'withoutRules') this.omits = 'rules';
  }

  /** Entries of a routine, by instruction index in the module. */
  entriesOf(routine: Routine): ReadonlyMap<number, EntryPoint> {
    const found = new Map<number, EntryPoint>();
    const { code } = routine;
    if (!this.isPossible || code === undefined) return found;
    const tops = new Set([0]);
    code.instructions.forEach((instruction, index) => {
      for (const target of successors(instruction, index)) if (target <= index) tops.add(target);
    });
    for (const top of tops) {
      const index = routine.first + top;
      found.set(index, this.pointAt(routine, code, index));
    }
    return found;
  }

  /** Execution goes on up to a moment, under an observer that looks at some places. */
  begin(end: number, mask: number): void {
    this.end = end;
    // Whoever looks at every statement gets the interpreter.
    this.isAllowed = (mask & ~codeFlags.breakpoint) === 0;
    if (this.isArmingNew) this.disarm();
  }

  /** Execution does not go on behind the present instruction. */
  finish(): void {
    this.end = 0;
    this.limit = 0;
  }

  /** Breakpoints were armed or disarmed. */
  rearmed(): void {
    this.isArmingNew = true;
  }

  /** Runs the code of an entry. Answers the instruction to go on at, or -1 when nothing was executed. */
  enter(point: EntryPoint): number {
    // A step that the code itself takes may be an entry too: a loop whose first instruction is a call.
    if (!this.isAllowed || this.isInside) return -1;
    const { processor } = this;
    const { run, code } = point;
    if (run === undefined) {
      if (++point.heat >= this.hot) {
        this.write(point);
        this.wrote();
      }
      return -1;
    }
    if (point.idle > MOST_IDLE) return -1;
    const { fp } = processor;
    const offset = byteOffset(fp);
    const room = this.end - processor.tick;
    if (
      room < point.longest ||
      processor.dispatch !== 0 ||
      processor.sp !== fp - code.frameSize ||
      offset < code.frameSize ||
      offset + point.above > PAGE_SIZE ||
      high32(processor.stackBase) !== high32(processor.lowestStack)
    ) {
      return -1;
    }
    const view = this.frameView(fp);
    if (view === undefined) return -1;
    this.tick = processor.tick;
    this.statements = processor.statements;
    this.n = 0;
    this.s = 0;
    this.depth = 0;
    this.broken = false;
    this.left = false;
    this.limit = point.cold > 0 ? Math.min(room, point.longest + SHORT_STAY) : room;
    if (point.cold > 0) point.cold--;
    this.top = processor.stackBase;
    this.stackLimit = processor.lowestStack;
    this.isInside = true;
    try {
      run(view, this.start, this.marks, offset, fp - offset);
      processor.findFrame();
    } finally {
      this.isInside = false;
    }
    if (this.overflow) this.overflowed();
    if (this.n === 0) {
      point.idle++;
      // The interpreter enters a short routine only to leave it; generated callers do not.
      if (point.idle > MOST_IDLE && point.index !== point.routine.first) this.giveUp(point);
      return -1;
    }
    point.idle = 0;
    // The loop that called counts the instruction at the entry itself.
    const isStatement = (point.routine.module.flags[point.index] ?? 0) & codeFlags.statement;
    processor.tick = this.tick + this.n - 1;
    processor.statements = this.statements + this.s - isStatement;
    return this.next;
  }

  // ---- Called by generated code ----------------------------------------------------------------------

  /** Leaves before an instruction; all that was executed is in the frame. */
  leave(index: number, n: number, s: number, fp: number, frameSize: number): number {
    const { processor } = this;
    this.n = n;
    this.s = s;
    this.next = index;
    processor.fp = fp;
    processor.sp = fp - frameSize;
    this.left = true;
    return 0;
  }

  toRead(address: number, size: number): DataView | undefined {
    return this.viewOf(this.door.placeToRead(address, size));
  }

  toWrite(address: number, size: number): DataView | undefined {
    return this.viewOf(this.door.placeToWrite(address, size));
  }

  /** As `toRead` and `toWrite` for an address in two words. */
  wordsToRead(low: number, high: number, size: number): DataView | undefined {
    return this.toRead(high * 0x1_0000_0000 + (low >>> 0), size);
  }

  wordsToWrite(low: number, high: number, size: number): DataView | undefined {
    return this.toWrite(high * 0x1_0000_0000 + (low >>> 0), size);
  }

  private viewOf(place: Place | undefined): DataView | undefined {
    // The door's tables may be other ones by now, and larger.
    if (place === undefined || this.door.readWords !== this.readWords) return undefined;
    this.start = place.start;
    this.marks = place.marks;
    return place.view;
  }

  /** A store went into the frames of generated functions: their headers may be other ones now. */
  reached(address: number): void {
    for (let index = 0; index < this.depth; index++) {
      const fp = this.frames[index] ?? 0;
      if (address + 8 > fp && address < fp + frameHeader.size) this.broken = true;
    }
  }

  /** A call has just returned this, and the code is left at once. */
  returns(value: Int64): void {
    this.processor.returnedAt = this.tick + this.n - 1;
    this.processor.returned = value;
  }

  /** The result of 8 bytes. */
  wide(): Int64 {
    return fromWords(this.words[1] ?? 0, (this.words[0] ?? 0) >>> 0);
  }

  fill(view: DataView, first: number, count: number, value: number): void {
    for (let index = first; index < first + count; index++) view.setUint8(index, value);
  }

  /** Executes one instruction that goes on behind itself. False when the code has to be left there. */
  interpret(index: number, n: number, s: number, fp: number, frameSize: number): boolean {
    const { processor } = this;
    this.prepare(index, n, s, fp, frameSize);
    processor.module.steps[index]?.(processor);
    const isStatement = (processor.module.flags[index] ?? 0) & codeFlags.statement;
    if (this.depth > 0) this.broken = true;
    if (this.isUnchanged()) return true;
    this.leave(index + 1, n + 1, s + isStatement, fp, frameSize);
    return false;
  }

  /** Executes a call; one of a native routine with all that the routine does. */
  callOut(index: number, n: number, s: number, fp: number, frameSize: number): boolean {
    const { processor } = this;
    const { module } = processor;
    this.prepare(index, n, s, fp, frameSize);
    const entry = module.steps[index]?.(processor) ?? index;
    this.n = n + 1;
    this.s = s + ((module.flags[index] ?? 0) & codeFlags.statement);
    const called = processor.module;
    const isNative = called.instructions[entry]?.op === 'native';
    const isArmed = ((called.flags[entry] ?? 0) & codeFlags.breakpoint) !== 0;
    this.next = entry;
    this.left = true;
    if (!isNative || isArmed || processor.attention || this.limit - this.n < 2) return false;
    processor.index = entry;
    processor.tick = this.tick + this.n;
    processor.statements = this.statements + this.s;
    this.next = called.steps[entry]?.(processor) ?? entry;
    this.n++;
    if (this.depth > 0) this.broken = true;
    if (processor.module !== module || this.next !== index + 1 || processor.fp !== fp) return false;
    if (!this.isUnchanged() || this.limit - this.n < 1) return false;
    this.left = false;
    return true;
  }

  /** Division by way of the exact arithmetic; false where the processor raises an exception. */
  divide(
    lowLeft: number,
    highLeft: number,
    lowRight: number,
    highRight: number,
    isSigned: boolean,
    isRemainder: boolean,
  ): boolean {
    const left = fromWords(highLeft, lowLeft >>> 0);
    const right = fromWords(highRight, lowRight >>> 0);
    if (right === 0 || (isSigned && right === -1)) return false;
    const result = isRemainder
      ? remainder64(left, right, isSigned)
      : divide64(left, right, isSigned);
    this.words[0] = low32(result) | 0;
    this.words[1] = high32(result);
    return true;
  }

  // ---- Entering --------------------------------------------------------------------------------------

  /** Where the frame lies, to read and to write without asking; undefined for what is watched or faults. */
  private frameView(fp: number): DataView | undefined {
    const { door } = this.processor;
    this.door = door;
    door.refresh();
    this.readWords = door.readWords;
    this.readViews = door.readViews;
    this.writeWords = door.writeWords;
    this.writeViews = door.writeViews;
    this.mask = door.mask;
    return this.viewOf(door.framePlace(fp));
  }

  /** The processor as the interpreter has it before an instruction. */
  private prepare(index: number, n: number, s: number, fp: number, frameSize: number): void {
    const { processor } = this;
    processor.fp = fp;
    processor.sp = fp - frameSize;
    processor.findFrame();
    processor.index = index;
    processor.tick = this.tick + n;
    processor.statements = this.statements + s;
  }

  /** Whether nothing happened that generated code does not know of. */
  private isUnchanged(): boolean {
    const { door } = this;
    if (this.processor.attention || this.processor.door !== door) return false;
    door.refresh();
    return door.readWords === this.readWords;
  }

  // ---- Writing ---------------------------------------------------------------------------------------

  private pointAt(routine: Routine, code: FunctionCode, index: number): EntryPoint {
    let points = this.points.get(routine.module);
    if (points === undefined) {
      points = new Map();
      this.points.set(routine.module, points);
    }
    let point = points.get(index);
    if (point === undefined) {
      point = {
        routine,
        code,
        index,
        run: undefined,
        heat: 0,
        idle: 0,
        attempts: 0,
        armed: '',
        longest: 0,
        above: 0,
        cold: SHORT_STAYS,
      };
      points.set(index, point);
    }
    return point;
  }

  /** Writes and compiles code for what execution is about to do at an entry. */
  private write(point: EntryPoint): void {
    const { routine, index } = point;
    const { module } = routine;
    point.heat = 0;
    if (point.attempts >= MOST_ATTEMPTS) {
      point.heat = Number.NEGATIVE_INFINITY;
      return;
    }
    point.attempts++;
    point.armed = armedIn(routine);
    const { fp, door } = this.processor;
    const written = writeFunction(routine, index - routine.first, {
      isArmed: (at) => ((module.flags[routine.first + at] ?? 0) & codeFlags.breakpoint) !== 0,
      isWritten: ({ offset, size }) => isWritten(door, fp + offset, size),
      calleeOf: (callee) => this.calleeOf(module, callee),
      omits: this.omits,
      words: (this.overflows.get(routine) ?? 0) >= MOST_OVERFLOWS,
    });
    if (written === undefined) {
      point.heat = Number.NEGATIVE_INFINITY;
      return;
    }
    const callees = written.callees.map((callee) =>
      this.pointAt(callee, callee.code ?? point.code, callee.first),
    );
    point.longest = written.longest;
    point.above = written.above;
    try {
      point.cold = SHORT_STAYS;
      point.run = compile(this, callees, written.source);
    } catch (error) {
      // A mistake in the writer: the interpreter does without, and tests hear of it.
      if (this.hot === 1 || !(error instanceof SyntaxError)) throw error;
      point.heat = Number.NEGATIVE_INFINITY;
    }
  }

  /** The routine of a direct call that stays in the module. */
  private calleeOf(module: Module, callee: Value): Routine | undefined {
    if (callee.op !== 'symbol') return undefined;
    const address = module.resolve(callee.symbol) + callee.addend;
    const routine = this.routineAtEntry(module.declaration.host, address);
    // Frames with bit-fields are made by the interpreter.
    const isPlain = routine?.code?.bitFields.length === 0;
    return routine?.module === module && !routine.pageable && isPlain ? routine : undefined;
  }

  /** Another try, later: what was written at the time is not what there is now. */
  private giveUp(point: EntryPoint): void {
    point.run = undefined;
    point.idle = 0;
    point.heat = 0;
  }

  private overflowed(): void {
    this.overflow = false;
    const { module } = this.processor;
    const routine = module.routineAt(this.next);
    if (routine === undefined) return;
    const count = (this.overflows.get(routine) ?? 0) + 1;
    this.overflows.set(routine, count);
    if (count !== MOST_OVERFLOWS) return;
    for (const point of this.points.get(module)?.values() ?? []) {
      if (point.routine === routine) this.giveUp(point);
    }
  }

  /** Gives up code that was written for other breakpoints. */
  private disarm(): void {
    this.isArmingNew = false;
    for (const points of this.points.values()) {
      for (const point of points.values()) {
        if (point.armed === armedIn(point.routine)) continue;
        point.attempts = 0;
        point.heat = 0;
        point.run = undefined;
      }
    }
  }
}

/** The armed instructions of a routine. */
function armedIn({ module, first, count }: Routine): string {
  let armed = '';
  for (let index = first; index < first + count; index++) {
    if (((module.flags[index] ?? 0) & codeFlags.breakpoint) !== 0) armed += `${index} `;
  }
  return armed;
}

/** Some hosts forbid it, by a content security policy. */
function canGenerate(): boolean {
  try {
    return new Function('return 1')() === 1;
  } catch {
    return false;
  }
}

/** The high word of an unsigned product, which JavaScript has no operator for. */
const PRELUDE = `
const U = (a, b) => {
  const al = a & 65535, ah = a >>> 16, bl = b & 65535, bh = b >>> 16;
  const x = Math.imul(al, bh), y = Math.imul(ah, bl);
  const middle = (Math.imul(al, bl) >>> 16) + (x & 65535) + (y & 65535);
  return Math.imul(ah, bh) + (x >>> 16) + (y >>> 16) + (middle >>> 16) | 0;
};
`;

function compile(state: GeneratedCode, callees: readonly EntryPoint[], source: string): Run {
  const names = callees.map((_, index) => `c${index}`);
  const factory = new Function('k', ...names, `"use strict";${PRELUDE}${source}`) as (
    state: GeneratedCode,
    ...points: readonly EntryPoint[]
  ) => Run;
  return factory(state, ...callees);
}

/** Whether all bytes of a place were written, without faulting. */
function isWritten(door: Door, address: number, size: number): boolean {
  return (
    door.placeToRead(address, size) !== undefined &&
    door.firstUnwritten(address, size) === undefined
  );
}
