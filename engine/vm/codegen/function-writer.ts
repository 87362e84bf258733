/**
 * Writes one routine, from one of its instructions on, as a JavaScript function. The function runs until it leaves
 * (`k.leave`) before an instruction that is not for it, or returns to the generated function that called it.
 *
 * Names in the written code: `k` the shared state; `v`, `ps`, `pm`, `po`, `pp` the view that the frame's page lies in,
 * where it and the marks begin there, the frame pointer's offset in the page, the page's address; `fo`, `fm` the places
 * of the frame pointer and of its written marks in the view, `pb` what makes an address of a place; `n`, `s` instructions
 * and statements since the code was entered; `q1` a kept slot, `l1`, `h1` the words of one.
 */
import {
  argumentOffset,
  type FunctionCode,
  frameHeader,
  type Instruction,
  isFloat,
  type Scalar,
  scalarSize,
  type Value,
} from '../ir.ts';
import { scalarOf } from '../lowering/scalars.ts';
import { codeFlags, type Routine } from '../module.ts';
import { FrameSlots, operandsOf, type Slot, successors, valuesOf } from './slots.ts';
import { structureFrom } from './structure.ts';
import {
  CannotWrite,
  FORGET_READS,
  getter,
  type Omission,
  reread,
  scalarOfValue,
  setMarks,
  signed,
  ValueWriter,
  type Wide,
} from './value-writer.ts';

export interface WrittenFunction {
  readonly source: string;
  /** Routines that it calls directly: parameter `c0`, `c1` ... of the factory. */
  readonly callees: readonly Routine[];
  /** Instructions that may run between two looks at the budget. */
  readonly longest: number;
  /** Bytes of the frame from the frame pointer upwards that the code may touch. */
  readonly above: number;
}

export interface WriteOptions {
  /** Whether a breakpoint is armed at an instruction of the routine. */
  readonly isArmed: (index: number) => boolean;
  /** Whether a slot's bytes are written at this moment, where the code is entered for the first time. */
  readonly isWritten: (slot: Slot) => boolean;
  /** The routine in the same module that a direct call goes to. */
  readonly calleeOf: (callee: Value) => Routine | undefined;
  /** Keep 64-bit values as two words. */
  readonly words: boolean;
  readonly omits: Omission | undefined;
}

/** Placeholder for forgetting kept pages: something else ran, and mappings may have changed. */
const FORGET_ALL = '/*forget all*/';

/** Bytes that a frame may have: it has to lie in one page. */
const LARGEST_FRAME = 3072;
const LARGEST_FUNCTION = 3000;

/** The written code, or undefined for what generated code is not made for. */
export function writeFunction(
  routine: Routine,
  entry: number,
  options: WriteOptions,
): WrittenFunction | undefined {
  const { code } = routine;
  if (code === undefined || code.instructions.length > LARGEST_FUNCTION) return undefined;
  if (code.frameSize > LARGEST_FRAME || options.isArmed(entry)) return undefined;
  return new FunctionWriter(routine, code, entry, options).write();
}

class FunctionWriter {
  private readonly slots: FrameSlots;
  /** Whether addresses of locals are taken. */
  private readonly escapes: boolean;
  private readonly kept = new Map<Slot, 'd' | 'p'>();
  private readonly marked: ReadonlySet<Slot>;
  private readonly values: ValueWriter;
  private readonly lines: string[] = [];
  private readonly callees: Routine[] = [];
  private readonly flags: Uint8Array;
  /** Instructions and statements that are executed but not yet added to `n` and `s`. */
  private ticks = 0;
  private statements = 0;
  private above: number;
  /** Behind the last instruction that is written. */
  private end = 0;

  constructor(
    private readonly routine: Routine,
    private readonly code: FunctionCode,
    private readonly entry: number,
    private readonly options: WriteOptions,
  ) {
    this.slots = new FrameSlots(code);
    this.escapes = hasEscape(code);
    this.flags = routine.module.flags;
    const needed = this.slots.liveAt(entry);
    for (const slot of this.slots.byOffset.values()) {
      if (needed.includes(slot) && !options.isWritten(slot)) continue;
      this.kept.set(slot, options.words && slot.size === 8 ? 'p' : 'd');
    }
    this.marked = new Set(needed.filter((slot) => this.kept.has(slot)));
    this.values = new ValueWriter(
      this.slots,
      routine.module.resolve,
      this.kept,
      this.marked,
      options.words,
      options.omits,
    );
    this.chooseForms();
    this.above = frameHeader.size;
    for (const { offset, size } of this.slots.byOffset.values()) {
      this.above = Math.max(this.above, offset + size);
    }
  }

  write(): WrittenFunction | undefined {
    const { code, entry } = this;
    const structure = structureFrom(code.instructions, entry);
    if (structure === undefined) return undefined;
    const { intervals, reachable, end } = structure;
    this.end = end;
    const open: { kind: 'block' | 'loop'; start: number; end: number }[] = [];
    let next = 0;
    for (let index = entry; index <= end; index++) {
      const closes = open.at(-1)?.end === index;
      const opens = intervals[next]?.start === index;
      if (closes || opens) this.flush();
      while (open.at(-1)?.end === index) {
        const interval = open.pop();
        this.lines.push(interval?.kind === 'loop' ? 'break; }' : '}');
      }
      while (intervals[next]?.start === index) {
        const interval = intervals[next++];
        if (interval === undefined) break;
        open.push(interval);
        const label = `${interval.kind === 'loop' ? 'L' : 'B'}${interval.kind === 'loop' ? interval.start : interval.end}`;
        this.lines.push(interval.kind === 'loop' ? `${label}: for (;;) {` : `${label}: {`);
      }
      const instruction = code.instructions[index];
      if (index === end || instruction === undefined || !reachable.has(index)) continue;
      if (this.options.isArmed(index)) {
        this.lines.push(this.leaving(index));
        this.ticks = 0;
        this.statements = 0;
        continue;
      }
      this.instruction(instruction, index);
    }
    this.lines.push(this.leaving(Math.min(end, code.instructions.length - 1)));
    return {
      source: this.wrap(),
      callees: this.callees,
      longest: code.instructions.length + 2,
      above: this.above,
    };
  }

  // ---- The function around it ------------------------------------------------------------------------

  private wrap(): string {
    const { routine, code, entry } = this;
    const declarations = [...this.kept].map(([{ bit, size }, form]) =>
      size === 8 && form === 'p' ? `let l${bit} = 0, h${bit} = 0;` : `let q${bit} = 0;`,
    );
    const leave = `return k.leave(${routine.first + entry}, n, s, pb + fo, ${code.frameSize});`;
    const { caches } = this.values;
    const forget = (onlyReads: boolean): string =>
      caches
        .map((key, cache) =>
          onlyReads && key.startsWith('w') ? '' : `${forgotten(key, cache, ';')};`,
        )
        .join(' ');
    return [
      `return function ${name(routine.name)}(v, ps, pm, po, pp) {`,
      'let n = k.n, s = k.s;',
      'const rw = k.readWords, rv = k.readViews, ww = k.writeWords, wv = k.writeViews, M = k.mask;',
      'const fo = ps + po, pb = pp - ps, fm = pm + (fo >> 3);',
      `const L = k.limit - ${code.instructions.length + 2};`,
      `const top = k.top, bottom = k.stackLimit, low = pb + fo - ${code.frameSize};`,
      'const bl = bottom | 0, bh = Math.floor(bottom / 4294967296) | 0, sb = top - bottom, ll = low | 0;',
      'const fl = (pp | 0) + po | 0, fh = Math.floor(pp / 4294967296) | 0;',
      ...declarations,
      ...caches.map(
        (key, cache) =>
          `let ${forgotten(key, cache, ',')}, w${cache} = v, o${cache} = 0, m${cache} = 0;`,
      ),
      ...this.reloads(this.slots.liveAt(entry), leave),
      ...this.lines,
      '};',
    ]
      .join('\n')
      .replaceAll(FORGET_READS, forget(true))
      .replaceAll(FORGET_ALL, forget(false));
  }

  /** Lines that fetch slots from the frame; they leave when bytes are not written. */
  private reloads(slots: readonly Slot[], leave: string): string[] {
    const lines: string[] = [];
    for (const slot of slots) {
      const form = this.kept.get(slot);
      if (form === undefined) continue;
      const { bit, size, offset, scalar } = slot;
      const place = `fo ${signed(offset)}`;
      const mark = `fm ${signed(offset >> 3)}`;
      if (size === 8) {
        const low = form === 'p' ? `l${bit}` : `x${bit}`;
        const high = form === 'p' ? `h${bit}` : `y${bit}`;
        if (form !== 'p') lines.push('{', `let ${low} = 0, ${high} = 0;`);
        lines.push(
          `${low} = v.getInt32(${place}, true);`,
          `${high} = v.getInt32(fo ${signed(offset + 4)}, true);`,
          `if (v.getUint8(${mark}) !== 255) ${leave}`,
        );
        if (form !== 'p') {
          lines.push(
            `if ((${high} + 2097151 >>> 0) >= 4194303) { k.overflow = true; ${leave} }`,
            `q${bit} = ${high} * 4294967296 + (${low} >>> 0);`,
            '}',
          );
        }
      } else {
        const mask = ((1 << size) - 1) << (offset & 7);
        lines.push(
          `q${bit} = v.${getter(scalar)}(${place}, true);`,
          `if ((v.getUint8(${mark}) & ${mask}) !== ${mask}) ${leave}`,
        );
      }
    }
    return lines;
  }

  // ---- Instructions ----------------------------------------------------------------------------------

  private leaving(index: number): string {
    const n = this.ticks === 0 ? 'n' : `n + ${this.ticks}`;
    const s = this.statements === 0 ? 's' : `s + ${this.statements}`;
    return `return k.leave(${this.routine.first + index}, ${n}, ${s}, pb + fo, ${this.code.frameSize});`;
  }

  /** The instruction is done. */
  private count(index: number): void {
    this.ticks++;
    this.statements += (this.flags[this.routine.first + index] ?? 0) & codeFlags.statement;
  }

  private flush(): void {
    if (this.ticks > 0) this.lines.push(`n += ${this.ticks};`);
    if (this.statements > 0) this.lines.push(`s += ${this.statements};`);
    this.ticks = 0;
    this.statements = 0;
  }

  private instruction(instruction: Instruction, index: number): void {
    const { values, lines } = this;
    values.begin(this.leaving(index));
    try {
      switch (instruction.op) {
        case 'evaluate':
          values.effect(instruction.value);
          this.finish(instruction, index, false);
          return;
        case 'branch': {
          const condition = values.bind(values.condition(instruction.condition));
          if (values.hasReached) throw new CannotWrite();
          this.finish(instruction, index, true);
          // Both ways may lead to the next instruction.
          if (instruction.target === index + 1) return;
          lines.push(`if (${instruction.when ? '' : '!'}${condition}) {`);
          this.goTo(instruction.target, index);
          lines.push('}');
          return;
        }
        case 'jump':
          this.count(index);
          this.flush();
          this.goTo(instruction.target, index);
          return;
        case 'switch':
          this.switch(instruction, index);
          return;
        case 'return':
          this.return(instruction, index);
          return;
        case 'call':
          this.call(instruction, index);
          return;
        default:
          lines.push(this.leaving(index));
          this.ticks = 0;
          this.statements = 0;
          return;
      }
    } catch (error) {
      if (!(error instanceof CannotWrite)) throw error;
      this.leaveToInterpreter(instruction, index);
    }
  }

  /** Writes the effects of an instruction, looks after the frame and counts it. */
  private finish(instruction: Instruction, index: number, isFlushed: boolean): void {
    const reached = this.values.commit();
    this.lines.push(...this.values.lines);
    this.count(index);
    if (isFlushed) this.flush();
    if (reached.length === 0) return;
    if (!this.escapes) {
      // No pointer of the function's own making leads to its frame.
      for (const { address, isOnStack } of reached) {
        this.lines.push(`if (${isOnStack}) { k.reached(${address}); ${this.leaving(index + 1)} }`);
      }
      return;
    }
    const needed = new Set<Slot>();
    for (const next of successors(instruction, index)) {
      for (const slot of this.slots.liveAt(next)) needed.add(slot);
    }
    for (const { address, isOnStack } of reached) {
      this.lines.push(
        `if (${isOnStack}) {`,
        `k.reached(${address});`,
        ...this.reloads([...needed], this.leaving(index + 1)),
        '}',
      );
    }
  }

  /** One instruction by the interpreter, in between. */
  private leaveToInterpreter(instruction: Instruction, index: number): void {
    if (instruction.op === 'call') {
      this.foreignCall(index);
      return;
    }
    if (instruction.op !== 'evaluate') {
      this.lines.push(this.leaving(index));
      this.ticks = 0;
      this.statements = 0;
      return;
    }
    this.flush();
    const { frameSize } = this.code;
    this.lines.push(
      `if (!k.interpret(${this.routine.first + index}, n, s, pb + fo, ${frameSize})) return 0;`,
    );
    this.lines.push(FORGET_ALL);
    this.count(index);
    this.flush();
    this.lines.push(...this.reloads(this.slots.liveAt(index + 1), this.leaving(index + 1)));
  }

  /** Backwards only within the budget. Before the entry there is no code: the interpreter finds its way. */
  private goTo(target: number, from: number): void {
    const { lines, routine, code } = this;
    if (target > from && target < this.end) {
      lines.push(`break B${target};`);
      return;
    }
    const leave = `return k.leave(${routine.first + target}, n, s, pb + fo, ${code.frameSize});`;
    if (target < this.entry || target > from) lines.push(leave);
    else lines.push(`if (n > L) ${leave}`, `continue L${target};`);
  }

  private switch(instruction: Extract<Instruction, { op: 'switch' }>, index: number): void {
    const { values, lines } = this;
    const scalar = scalarOfValue(instruction.value);
    let selector: string;
    if (scalar === 'i64' || scalar === 'u64') {
      selector = values.bind(values.number(values.wide(instruction.value)));
    } else {
      const bits = values.narrow(instruction.value);
      selector = values.bind(scalar === 'u32' ? `${bits} >>> 0` : bits);
    }
    if (values.hasReached || instruction.cases.some((one) => typeof one.value !== 'number')) {
      throw new CannotWrite();
    }
    this.finish(instruction, index, true);
    lines.push(`switch (${selector}) {`);
    for (const one of instruction.cases) {
      lines.push(`case ${String(one.value)}:`);
      this.goTo(one.target, index);
    }
    lines.push('default:');
    this.goTo(instruction.otherwise, index);
    lines.push('}');
  }

  /** Back to the generated function that called. The outermost one leaves, and so does one with a changed header. */
  private return(instruction: Extract<Instruction, { op: 'return' }>, index: number): void {
    const { values, lines } = this;
    const { value, watch } = instruction;
    if (watch === 'stores') throw new CannotWrite();
    const result = this.routine.symbol?.type.result;
    const isVoid = result?.kind === 'void';
    if (result === undefined || result.kind === 'record' || (value === undefined && !isVoid)) {
      throw new CannotWrite();
    }
    lines.push(`if (k.depth === 0 || k.broken) ${this.leaving(index)}`);
    let returned = '0';
    if (value !== undefined) {
      if (value.kind !== 'scalar' || value.scalar !== scalarOf(result)) throw new CannotWrite();
      if (isFloat(value.scalar)) throw new CannotWrite();
      if (value.scalar === 'i64' || value.scalar === 'u64') {
        const { lo, hi } = values.words64(values.wide(value.value));
        values.lines.push(`k.words[0] = ${lo}; k.words[1] = ${hi};`);
        if (watch === 'result') {
          // An address near the frame: the interpreter looks whether it is one of a local.
          const near = `k.words[1] === fh && (fl + ${this.above} - k.words[0] >>> 0) <= ${this.above + this.code.frameSize}`;
          values.lines.push(`if (${near}) ${this.leaving(index)}`);
        }
      } else {
        returned = values.bind(values.narrow(value.value));
      }
    }
    this.finish(instruction, index, true);
    lines.push(`k.n = n; k.s = s; return ${returned};`);
  }

  // ---- Calls -----------------------------------------------------------------------------------------

  /** The frame is made exactly as `Processor.call` makes it. */
  private call(instruction: Extract<Instruction, { op: 'call' }>, index: number): void {
    const { values, lines, routine } = this;
    const callee = this.options.calleeOf(instruction.callee);
    const { result } = instruction;
    const type = callee?.symbol?.type.result;
    if (callee?.code === undefined || type === undefined) throw new CannotWrite();
    if (result !== undefined && (result.kind !== 'scalar' || scalarOf(type) !== result.scalar)) {
      throw new CannotWrite();
    }
    if (result !== undefined && (type.kind === 'void' || isFloat(result.scalar))) {
      throw new CannotWrite();
    }
    const size = callee.code.frameSize;
    const slots = Math.max(instruction.arguments.length, 4);
    const room = Math.ceil((frameHeader.size + slots * 8) / 16) * 16;
    if (size + room > LARGEST_FRAME) throw new CannotWrite();
    const words: { readonly lo: string; readonly hi: string }[] = [];
    for (const argument of instruction.arguments) {
      if (argument.kind !== 'scalar' || isFloat(argument.scalar)) throw new CannotWrite();
      if (scalarOfValue(argument.value) !== argument.scalar) throw new CannotWrite();
      if (argument.scalar === 'i64' || argument.scalar === 'u64') {
        words.push(values.words64(values.wide(argument.value)));
      } else {
        const lo = values.atom(values.narrow(argument.value));
        const isSigned = argument.scalar.startsWith('i');
        words.push({ lo, hi: isSigned ? `(${lo} >> 31)` : '0' });
      }
    }
    const reached = values.commit();
    if (reached.length > 0 || hasEffects(instruction)) throw new CannotWrite();

    let number = this.callees.indexOf(callee);
    if (number < 0) number = this.callees.push(callee) - 1;
    const returnAddress = routine.module.addressAt(routine.first + index + 1);
    const leave = this.leaving(index);
    const { frameSize } = this.code;
    lines.push(
      '{',
      `const f = c${number}.run;`,
      'if (f === undefined || k.depth >= 200 || n > L) {',
    );
    // Nobody has called it often enough, or nobody may.
    lines.push(leave, '}', ...values.lines);
    lines.push(
      `let nv = v, ns = ps, nk = pm, nq = po - ${frameSize + room}, np = pp;`,
      `if (nq < ${size}) {`,
      `np = pp - 4096; nq = ${4096 - room}; nv = k.toWrite(np, 8); ns = k.start; nk = k.marks;`,
      `if (nv === undefined) ${leave}`,
      '}',
      `if (np + nq - ${size} < k.stackLimit) ${leave}`,
      'const no = ns + nq;',
      `nv.setInt32(no, ${returnAddress | 0}, true);`,
      `nv.setInt32(no + 4, ${Math.floor(returnAddress / 0x1_0000_0000) | 0}, true);`,
      'nv.setInt32(no + 8, fl, true); nv.setInt32(no + 12, fh, true);',
      `nv.setInt32(no + 16, fl - ${frameSize}, true); nv.setInt32(no + 20, fh, true);`,
      'nv.setInt32(no + 24, 0, true); nv.setInt32(no + 28, 0, true);',
      'nv.setInt32(no + 32, 0, true); nv.setInt32(no + 36, 0, true);',
      'nv.setInt32(no + 40, 0, true); nv.setInt32(no + 44, 0, true);',
    );
    words.forEach(({ lo, hi }, position) => {
      const slot = argumentOffset(position);
      lines.push(
        `nv.setInt32(no + ${slot}, ${lo}, true); nv.setInt32(no + ${slot + 4}, ${hi}, true);`,
      );
    });
    lines.push('const nm = nk + (no >> 3);');
    lines.push(...fillMarks('nm', 0, frameHeader.size / 8 + words.length, 255));
    lines.push(...fillMarks('nm', -size / 8, size / 8, 0));
    this.count(index);
    this.flush();
    lines.push(
      'k.n = n; k.s = s; k.frames[k.depth++] = np + nq;',
      'const r = f(nv, ns, nk, nq, np);',
      'if (k.left) return 0;',
      'k.depth--; n = k.n; s = k.s;',
      FORGET_ALL,
    );
    const returned = `k.returns(${returnedText(result?.scalar)});`;
    const back = `{ ${returned} ${this.leaving(index + 1)} }`;
    if (this.options.isArmed(index + 1)) lines.push(returned);
    if (result !== undefined) this.deliver(result.offset, result.scalar, back);
    const delivered = result && this.slots.byOffset.get(result.offset);
    const needed = this.slots.liveAt(index + 1).filter((slot) => slot !== delivered);
    lines.push(`if (n > L) ${back}`, ...this.reloads(needed, back), '}');
  }

  /** Stores what a call answered: `r`, or the two words. */
  private deliver(offset: number, scalar: Scalar, back: string): void {
    const { lines, values } = this;
    const place: Value = { op: 'frame', offset };
    const slot = this.slots.at(place, scalar);
    const isKept = slot !== undefined && this.kept.has(slot);
    if (scalar === 'i64' || scalar === 'u64') {
      lines.push('const rl = k.words[0], rh = k.words[1];');
      const words = { lo: 'rl', hi: 'rh' };
      if (isKept && this.kept.get(slot) === 'p') {
        lines.push(...values.keepWide(slot, { rep: 'p', ...words }, words));
      } else if (isKept) {
        const d: Wide = { rep: 'd', d: 'rh * 4294967296 + (rl >>> 0)' };
        lines.push(...values.keepWide(slot, d, words));
        lines.push(`if ((rh + 2097151 >>> 0) >= 4194303) { k.overflow = true; ${back} }`);
      } else {
        lines.push(
          `v.setInt32(fo ${signed(offset)}, rl, true); v.setInt32(fo ${signed(offset + 4)}, rh, true);`,
          `v.setUint8(fm ${signed(offset >> 3)}, 255);`,
        );
      }
      return;
    }
    if (isKept) {
      lines.push(...values.keep(slot, reread('r', scalar, slot.scalar)));
      return;
    }
    const size = scalarSize[scalar];
    const mark = `fm ${signed(offset >> 3)}`;
    const mask = ((1 << size) - 1) << (offset & 7);
    lines.push(
      `v.setInt${size * 8}(fo ${signed(offset)}, r, true);`,
      ...setMarks('v', mark, String(mask)),
    );
  }

  /** A call by the interpreter; if it was one of a native routine, it has returned by then. */
  private foreignCall(index: number): void {
    this.flush();
    const { frameSize } = this.code;
    this.lines.push(
      `if (!k.callOut(${this.routine.first + index}, n, s, pb + fo, ${frameSize})) return 0;`,
      'n = k.n; s = k.s;',
      FORGET_ALL,
      ...this.reloads(this.slots.liveAt(index + 1), this.leaving(index + 1)),
    );
  }

  /** A pointer that is loaded is kept as it lies in memory. */
  private isFromMemory(value: Value): boolean {
    return value.op === 'load' && this.slots.at(value.address, value.scalar) === undefined;
  }

  /** Offsets of slots whose values are used as addresses as they are, or beside a constant. */
  private pointers(): ReadonlySet<number> {
    const found = new Set<number>();
    const visit = (value: Value): void => {
      if (value.op === 'load' || value.op === 'store' || value.op === 'update') {
        let base = value.address;
        if (base.op === 'binary' && base.right.op === 'constant') base = base.left;
        if (base.op === 'load' && base.address.op === 'frame') found.add(base.address.offset);
      }
      for (const operand of operandsOf(value)) visit(operand);
    };
    for (const instruction of this.code.instructions) {
      for (const value of valuesOf(instruction)) visit(value);
    }
    return found;
  }

  // ---- Forms of slots --------------------------------------------------------------------------------

  /** A slot of 8 bytes whose bits matter somewhere is kept as two words. */
  private chooseForms(): void {
    const pointers = this.pointers();
    for (let changed = true; changed; ) {
      changed = false;
      const visit = (value: Value): void => {
        const isPlace = value.op === 'store' || value.op === 'update';
        const slot = isPlace ? this.slots.at(value.address, value.scalar) : undefined;
        if (slot !== undefined && slot.size === 8 && this.kept.get(slot) === 'd') {
          const wide =
            value.op === 'store'
              ? scalarOfValue(value.value) === value.scalar &&
                (this.values.form(value.value) === 'p' ||
                  (pointers.has(slot.offset) && this.isFromMemory(value.value)))
              : value.op === 'update' && isBitwise(value);
          if (wide) {
            this.kept.set(slot, 'p');
            changed = true;
          }
        }
        for (const operand of operandsOf(value)) visit(operand);
      };
      for (const instruction of this.code.instructions) {
        for (const value of valuesOf(instruction)) visit(value);
      }
    }
  }
}

/** A kept page that is none: by its address, or by the words of it. */
const forgotten = (key: string, cache: number, separator: string): string =>
  key.endsWith(' words') ? `b${cache} = 1${separator} g${cache} = 0` : `b${cache} = NaN`;

function isBitwise(value: Extract<Value, { op: 'update' }>): boolean {
  const { operator, operand } = value;
  if (operator === '+' || operator === '-' || operator === '/' || operator === '%') {
    return false;
  }
  if (operator !== '*') return true;
  return !(
    operand.op === 'constant' &&
    typeof operand.value === 'number' &&
    Math.abs(operand.value) < 0x1_0000
  );
}

/** Whether the address of something in the frame is used otherwise than to load from or store to it. */
function hasEscape(code: FunctionCode): boolean {
  const isTaken = (value: Value): boolean => {
    const isPlace = value.op === 'load' || value.op === 'store' || value.op === 'update';
    return operandsOf(value).some((operand) => {
      if (isPlace && operand === value.address && operand.op === 'frame') return false;
      return operand.op === 'frame' || isTaken(operand);
    });
  };
  return code.instructions.some((instruction) =>
    valuesOf(instruction).some((value) => value.op === 'frame' || isTaken(value)),
  );
}

/** Whether computing the operands of a call changes anything. */
function hasEffects(instruction: Instruction): boolean {
  const assigns = (value: Value): boolean =>
    value.op === 'store' ||
    value.op === 'update' ||
    value.op === 'copy' ||
    value.op === 'fill' ||
    value.op === 'forget' ||
    operandsOf(value).some(assigns);
  return valuesOf(instruction).some(assigns);
}

const returnedText = (scalar: string | undefined): string =>
  scalar === undefined
    ? '0'
    : scalar === 'i64' || scalar === 'u64'
      ? 'k.wide()'
      : scalar === 'u32'
        ? 'r >>> 0'
        : 'r';

/** Sets or clears written marks, four at a time. */
function fillMarks(base: string, first: number, count: number, value: 0 | 255): string[] {
  if (count > 64) return [`k.fill(nv, ${base} ${signed(first)}, ${count}, ${value});`];
  const lines: string[] = [];
  const word = value === 0 ? 0 : -1;
  let done = 0;
  for (; done + 4 <= count; done += 4) {
    lines.push(`nv.setInt32(${base} ${signed(first + done)}, ${word});`);
  }
  if (done + 2 <= count) {
    lines.push(`nv.setInt16(${base} ${signed(first + done)}, ${word});`);
    done += 2;
  }
  if (done < count) lines.push(`nv.setInt8(${base} ${signed(first + done)}, ${word});`);
  return lines;
}

/** A C name as the name of the function, for profiles. */
const name = (text: string): string => `c_${text.replaceAll(/\W/g, '_')}`;
