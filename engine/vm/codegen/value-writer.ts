/**
 * Writes values of the intermediate form as JavaScript. What is written knows only the frequent case: translations
 * that are cached or plain, aligned accesses, bytes that were written, numbers that a double holds. Everything else
 * leaves the code before the instruction has had an effect, and the interpreter executes it from its start.
 *
 * Effects are therefore collected and written last (`commit`). Values of up to 4 bytes are 32-bit integers, `u32` by
 * its bits; values of 8 bytes are either a double below 2^53 or two words.
 */
import { PAGE_SIZE } from '../../base/addresses.ts';
import { high32, type Int64, low32 } from '../../base/int64.ts';
import {
  type Comparison,
  isFloat,
  isSignedScalar,
  type Operator,
  type Resolve,
  type Scalar,
  scalarSize,
  type Value,
} from '../ir.ts';
import type { FrameSlots, Slot } from './slots.ts';

/** For measurements: what is not looked at, whether loaded bytes were written or rules of C. */
export type Omission = 'marks' | 'rules';

/** The instruction has to be left to the interpreter. */
export class CannotWrite extends Error {}

/** A value of 8 bytes: in a double, or in two words. */
export type Wide =
  | { readonly rep: 'd'; readonly d: string }
  | { readonly rep: 'p'; readonly lo: string; readonly hi: string };

/** A store that may have gone to the stack: its address, and the name that says whether it did. */
export interface Reached {
  readonly address: string;
  readonly isOnStack: string;
}

/** Placeholder for forgetting the pages that were read: a page that is written may take the place of one. */
export const FORGET_READS = '/*forget reads*/';

/** A place in memory that was found to be accessible. */
interface Place {
  readonly view: string;
  /** Place of the first byte in the view. */
  readonly offset: string;
  /** Place of the written marks in the view, and the bit of the first byte in them. */
  readonly mark: string;
  readonly shift: string;
  /** The address, and whether it lies on the stack, where a store may reach what the function keeps of its frame. */
  readonly reached: Reached | undefined;
}

const masks = { 1: 1, 2: 3, 4: 15, 8: 255 } as const;
const isAtom = (text: string): boolean => /^(?:[A-Za-z_]\w*|\d+|\(-\d+\))$/.test(text);
const literal = (value: number): string => (value < 0 ? `(${value})` : String(value));

/** The machine type of a value. */
export function scalarOfValue(value: Value): Scalar {
  switch (value.op) {
    case 'constant':
    case 'load':
    case 'store':
    case 'update':
    case 'negate':
    case 'complement':
    case 'binary':
      return value.scalar;
    case 'frame':
    case 'symbol':
    case 'copy':
    case 'fill':
    case 'forget':
      return 'u64';
    case 'compare':
    case 'not':
    case 'and':
    case 'or':
      return 'i32';
    case 'convert':
      return value.to;
    case 'bound':
      return 'i64';
    case 'conditional':
      return scalarOfValue(value.whenTrue);
    case 'sequence':
      return scalarOfValue(value.next);
  }
}

const isWide = (scalar: Scalar): boolean => scalar === 'i64' || scalar === 'u64';

/** Whether a value is read the same way by both types; a small constant is by all. */
function agrees(value: Value, scalar: Scalar): boolean {
  const own = scalarOfValue(value);
  if (own === scalar || (isWide(own) && isWide(scalar))) return true;
  return (
    value.op === 'constant' &&
    typeof value.value === 'number' &&
    value.value >= 0 &&
    value.value < 0x80 &&
    !isFloat(own) &&
    !isFloat(scalar)
  );
}

export class ValueWriter {
  lines: string[] = [];
  private names = 0;
  /** New values of slots that are not written yet. */
  private readonly pending = new Map<Slot, string | Wide>();
  private commits: string[][] = [];
  /** Addresses of stores that may have reached the frame. */
  private reached: Reached[] = [];
  /** What each kept page is kept for. */
  readonly caches: string[] = [];
  private hasStored = false;
  private conditional = 0;
  /** How to leave before this instruction. */
  exit = '';

  constructor(
    private readonly slots: FrameSlots,
    private readonly resolve: Resolve,
    /** Slots that are kept in variables, with the form of those of 8 bytes. */
    private readonly kept: ReadonlyMap<Slot, 'd' | 'p'>,
    /** Slots whose bytes are known to be marked as written. */
    private readonly marked: ReadonlySet<Slot>,
    /** Prefer two words wherever a value comes from memory. */
    private readonly words: boolean,
    private readonly omits: Omission | undefined,
  ) {}

  /** Whether a store of this instruction may have reached the frame. */
  get hasReached(): boolean {
    return this.reached.length > 0;
  }

  /** Begins an instruction. */
  begin(exit: string): void {
    this.lines = [];
    this.pending.clear();
    this.commits = [];
    this.reached = [];
    this.hasStored = false;
    this.conditional = 0;
    this.exit = exit;
  }

  /** Writes the effects. Answers addresses of stores after which the frame has to be looked at. */
  commit(): readonly Reached[] {
    for (const lines of this.commits) this.lines.push(...lines);
    return this.reached;
  }

  /** Computes for effects alone. */
  effect(value: Value): void {
    switch (value.op) {
      case 'store':
        this.store(value);
        return;
      case 'update':
        this.update(value, false);
        return;
      case 'sequence':
        this.effect(value.first);
        this.effect(value.next);
        return;
      case 'constant':
      case 'frame':
      case 'symbol':
        return;
      case 'forget':
        this.forget(value);
        return;
      default:
        if (isWide(scalarOfValue(value))) this.wide(value);
        else this.narrow(value);
    }
  }

  /** Clears written marks in the frame. */
  private forget({ address, size, bitFields }: Extract<Value, { op: 'forget' }>): void {
    if (address.op !== 'frame' || size > 64 || bitFields === true) throw new CannotWrite();
    const { offset } = address;
    for (let first = Math.floor(offset / 8) * 8; first < offset + size; first += 8) {
      const from = Math.max(offset - first, 0);
      const to = Math.min(offset + size - first, 8);
      const kept = 0xff & ~(((1 << (to - from)) - 1) << from);
      const mark = `fm ${signed(first >> 3)}`;
      const marks = kept === 0 ? '0' : `v.getUint8(${mark}) & ${kept}`;
      this.commits.push([`v.setUint8(${mark}, ${marks});`]);
    }
    this.hasStored = true;
  }

  // ---- Conditions ------------------------------------------------------------------------------------

  /** A JavaScript condition. */
  condition(value: Value): string {
    switch (value.op) {
      case 'compare':
        return this.compare(value.operator, value.scalar, value.left, value.right);
      case 'not':
        return `!(${this.condition(value.operand)})`;
      case 'and':
      case 'or': {
        const left = this.condition(value.left);
        let right = '';
        const lines = this.within(() => {
          right = this.condition(value.right);
        });
        if (lines.length === 0) return `(${left} ${value.op === 'and' ? '&&' : '||'} ${right})`;
        const result = this.name();
        this.lines.push(`let ${result} = ${left};`);
        this.lines.push(`if (${value.op === 'and' ? '' : '!'}${result}) {`);
        this.lines.push(...lines, `${result} = ${right};`, '}');
        return result;
      }
      default: {
        const scalar = scalarOfValue(value);
        if (isFloat(scalar)) throw new CannotWrite();
        if (!isWide(scalar)) return `${this.narrow(value)} !== 0`;
        const wide = this.wide(value);
        return wide.rep === 'd' ? `${wide.d} !== 0` : `(${wide.lo} | ${wide.hi}) !== 0`;
      }
    }
  }

  private compare(operator: Comparison, scalar: Scalar, left: Value, right: Value): string {
    if (isFloat(scalar) || !agrees(left, scalar) || !agrees(right, scalar)) throw new CannotWrite();
    const js = operator === '==' ? '===' : operator === '!=' ? '!==' : operator;
    const isEquality = operator === '==' || operator === '!=';
    if (!isWide(scalar)) {
      const a = this.narrow(left);
      const b = this.narrow(right);
      return scalar === 'u32' && !isEquality
        ? `(${a} >>> 0) ${js} (${b} >>> 0)`
        : `${a} ${js} ${b}`;
    }
    if (this.form(left) === 'p' || this.form(right) === 'p') {
      if (isEquality && right.op === 'constant' && right.value === 0) {
        const { lo, hi } = this.words64(this.wide(left));
        return `(${lo} | ${hi}) ${js} 0`;
      }
      const a = this.words64(this.wide(left));
      const b = this.words64(this.wide(right));
      if (isEquality) {
        const same = `(${a.lo} === ${b.lo} && ${a.hi} === ${b.hi})`;
        return operator === '==' ? same : `!${same}`;
      }
      const high = (text: string): string => (scalar === 'u64' ? `(${text} >>> 0)` : text);
      const strict = operator.slice(0, 1);
      return `(${high(a.hi)} ${strict} ${high(b.hi)} || ${a.hi} === ${b.hi} && (${a.lo} >>> 0) ${operator} (${b.lo} >>> 0))`;
    }
    const a = this.number(this.wide(left));
    const b = this.number(this.wide(right));
    if (isEquality || scalar === 'i64') return `${a} ${js} ${b}`;
    // In the signed reading, negative ones are the largest.
    const x = this.atom(a);
    const y = this.atom(b);
    const isBelow = operator === '<' || operator === '<=';
    return `((${x} < 0) === (${y} < 0) ? ${x} ${js} ${y} : ${isBelow ? y : x} < 0)`;
  }

  // ---- Up to 4 bytes ---------------------------------------------------------------------------------

  /** A value of 1, 2 or 4 bytes as an integer expression. */
  narrow(value: Value): string {
    const scalar = scalarOfValue(value);
    if (isFloat(scalar) || isWide(scalar)) throw new CannotWrite();
    switch (value.op) {
      case 'constant':
        return literal(Number(value.value) | 0);
      case 'load': {
        if (value.bits !== undefined) throw new CannotWrite();
        const slot = this.keptSlot(value.address, scalar);
        if (slot !== undefined) return reread(this.slotText(slot), slot.scalar, scalar);
        return this.load(this.place(value.address, scalarSize[scalar], 'r'), scalar);
      }
      case 'store':
        return this.store(value) as string;
      case 'update':
        return this.update(value, true) as string;
      case 'compare':
      case 'not':
      case 'and':
      case 'or':
        return `(${this.condition(value)} ? 1 : 0)`;
      case 'negate':
        if (!agrees(value.operand, scalar) || scalarSize[scalar] !== 4) throw new CannotWrite();
        return this.compute('-', scalar, '0', this.narrow(value.operand));
      case 'complement':
        if (!agrees(value.operand, scalar) || scalarSize[scalar] !== 4) throw new CannotWrite();
        return `(~${this.narrow(value.operand)})`;
      case 'binary':
        return this.arithmetic(value.operator, scalar, value.left, value.right);
      case 'convert': {
        if (!agrees(value.operand, value.from) || isFloat(value.from)) throw new CannotWrite();
        const bits = isWide(value.from)
          ? this.low(this.wide(value.operand))
          : this.narrow(value.operand);
        return scalarSize[scalar] === 4 ? bits : cut(bits, scalar);
      }
      case 'conditional': {
        if (!agrees(value.whenFalse, scalar)) throw new CannotWrite();
        return this.choose(value, (arm) => this.narrow(arm));
      }
      case 'sequence':
        this.effect(value.first);
        return this.narrow(value.next);
      default:
        throw new CannotWrite();
    }
  }

  private arithmetic(operator: Operator, scalar: Scalar, left: Value, right: Value): string {
    const isShift = operator === '<<' || operator === '>>';
    if (!agrees(left, scalar) || !(isShift || agrees(right, scalar))) throw new CannotWrite();
    const a = this.narrow(left);
    const b =
      isShift && isWide(scalarOfValue(right))
        ? this.atom(this.number(this.wide(right)))
        : this.narrow(right);
    return this.compute(operator, scalar, a, b);
  }

  /** An operator on two integer expressions. */
  private compute(operator: Operator, scalar: Scalar, a: string, b: string): string {
    const isSigned = isSignedScalar(scalar);
    switch (operator) {
      case '+':
      case '-':
        return scalar === 'i32'
          ? this.fitting(`${a} ${operator} ${b}`)
          : cut(`${a} ${operator} ${b}`, scalar);
      case '*':
        return scalar === 'i32'
          ? this.fitting(`${a} * ${b} + 0`)
          : cut(`Math.imul(${a}, ${b})`, scalar);
      case '&':
      case '|':
      case '^':
        return cut(`${a} ${operator} ${b}`, scalar);
      case '<<':
        return cut(`${a} << ${this.counting(b, 32)}`, scalar);
      case '>>':
        return cut(`${a} ${isSigned ? '>>' : '>>>'} ${this.counting(b, 32)}`, scalar);
      case '/':
      case '%': {
        const x = this.atom(a);
        const y = this.atom(b);
        if (!/^[1-9]\d*$/.test(y)) {
          this.lines.push(
            isSigned
              ? `if (${y} === 0 || ${y} === -1 && ${x} === -2147483648) ${this.exit}`
              : `if (${y} === 0) ${this.exit}`,
          );
        }
        return isSigned
          ? cut(`${x} ${operator} ${y}`, scalar)
          : cut(`(${x} >>> 0) ${operator} (${y} >>> 0)`, scalar);
      }
    }
  }

  /** A sum, difference or product of type `i32`; one that does not fit is undefined, and reported elsewhere. */
  private fitting(exact: string): string {
    const result = this.bind(exact);
    if (this.omits === 'rules') return `(${result} | 0)`;
    this.lines.push(`if (${result} !== (${result} | 0)) ${this.exit}`);
    return result;
  }

  /** A shift count; one that C leaves undefined is reported elsewhere. */
  private counting(count: string, bits: 32 | 64): string {
    if (/^\d+$/.test(count) && Number(count) < bits) return count;
    if (this.omits === 'rules') return count;
    const by = this.atom(count);
    this.lines.push(`if (!(${by} >= 0 && ${by} < ${bits})) ${this.exit}`);
    return by;
  }

  // ---- 8 bytes ---------------------------------------------------------------------------------------

  /** Which form a value of 8 bytes has by nature: words where bits matter, else a double. */
  form(value: Value): 'd' | 'p' {
    switch (value.op) {
      case 'constant':
        return typeof value.value === 'number' ? 'd' : 'p';
      case 'load':
      case 'update':
      case 'store': {
        const slot = this.keptSlot(value.address, value.scalar);
        if (slot !== undefined) return this.kept.get(slot) ?? 'd';
        if (value.op === 'store') return this.form(value.value);
        return this.words ? 'p' : 'd';
      }
      case 'binary':
        switch (value.operator) {
          case '+':
          case '-':
            return this.form(value.left) === 'p' || this.form(value.right) === 'p' ? 'p' : 'd';
          case '*':
            return value.right.op === 'constant' &&
              typeof value.right.value === 'number' &&
              Math.abs(value.right.value) < 0x1_0000
              ? this.form(value.left)
              : 'p';
          case '/':
          case '%':
            return this.form(value.left) === 'p' || this.form(value.right) === 'p' ? 'p' : 'd';
          default:
            return 'p';
        }
      case 'negate':
        return this.form(value.operand);
      case 'complement':
        return 'p';
      case 'convert':
        return isWide(value.from) ? this.form(value.operand) : 'd';
      case 'conditional':
        return this.form(value.whenTrue) === 'p' || this.form(value.whenFalse) === 'p' ? 'p' : 'd';
      case 'sequence':
        return this.form(value.next);
      default:
        return 'd';
    }
  }

  /** A value of 8 bytes in the form that is natural for it. */
  wide(value: Value): Wide {
    const scalar = scalarOfValue(value);
    if (!isWide(scalar)) {
      // A small constant among 64-bit operands.
      if (value.op === 'constant') return { rep: 'd', d: literal(Number(value.value)) };
      throw new CannotWrite();
    }
    switch (value.op) {
      case 'constant':
        return wideConstant(value.value);
      case 'frame':
        return { rep: 'd', d: `(pb + (fo ${signed(value.offset)}))` };
      case 'symbol':
        return { rep: 'd', d: literal(this.resolve(value.symbol) + value.addend) };
      case 'load': {
        if (value.bits !== undefined) throw new CannotWrite();
        const slot = this.keptSlot(value.address, scalar);
        if (slot !== undefined) return this.slotWide(slot);
        return this.loadWide(this.place(value.address, 8, 'r'), this.words ? 'p' : 'd');
      }
      case 'store':
        return this.store(value) as Wide;
      case 'update':
        return this.update(value, true) as Wide;
      case 'negate':
        if (!agrees(value.operand, scalar)) throw new CannotWrite();
        return this.computeWide('-', scalar, { rep: 'd', d: '0' }, this.wide(value.operand));
      case 'complement': {
        if (!agrees(value.operand, scalar)) throw new CannotWrite();
        const { lo, hi } = this.words64(this.wide(value.operand));
        return { rep: 'p', lo: `(~${lo})`, hi: `(~${hi})` };
      }
      case 'binary': {
        const { operator, left, right } = value;
        if (!agrees(left, scalar)) throw new CannotWrite();
        if (operator === '<<' || operator === '>>') {
          const a = this.words64(this.wide(left));
          return this.shift(operator, isSignedScalar(scalar), a, this.count(right));
        }
        if (!agrees(right, scalar)) throw new CannotWrite();
        const a = this.wide(left);
        const b = this.wide(right);
        return this.computeWide(
          operator,
          scalar,
          a,
          b,
          this.form(value),
          magnitude(value) < 2 ** 53,
        );
      }
      case 'bound': {
        const index = this.atom(this.number(this.wide(value.index)));
        if (this.omits !== 'rules') {
          this.lines.push(`if (!(${index} >= 0 && ${index} <= ${value.last})) ${this.exit}`);
        }
        return { rep: 'd', d: index };
      }
      case 'convert': {
        const { from, operand } = value;
        if (isFloat(from) || !agrees(operand, from)) throw new CannotWrite();
        if (isWide(from)) return this.wide(operand);
        const bits = this.narrow(operand);
        return { rep: 'd', d: from === 'u32' ? `(${bits} >>> 0)` : bits };
      }
      case 'conditional': {
        if (!agrees(value.whenFalse, scalar)) throw new CannotWrite();
        if (this.form(value) === 'd') {
          const d = this.choose(value, (arm) => this.number(this.wide(arm)));
          return { rep: 'd', d };
        }
        const hi = this.name();
        this.lines.push(`let ${hi} = 0;`);
        const lo = this.choose(value, (arm) => {
          const words = this.words64(this.wide(arm));
          this.lines.push(`${hi} = ${words.hi};`);
          return words.lo;
        });
        return { rep: 'p', lo, hi };
      }
      case 'sequence':
        this.effect(value.first);
        return this.wide(value.next);
      default:
        throw new CannotWrite();
    }
  }

  private computeWide(
    operator: Operator,
    scalar: Scalar,
    left: Wide,
    right: Wide,
    form: 'd' | 'p' = left.rep === 'p' || right.rep === 'p' ? 'p' : 'd',
    isExact = false,
  ): Wide {
    if (form === 'd') {
      const a = this.number(left);
      const b = this.number(right);
      switch (operator) {
        case '+':
        case '-':
        case '*': {
          const result = this.bind(`${a} ${operator} ${b}${operator === '*' ? ' + 0' : ''}`);
          if (!isExact) {
            this.lines.push(
              `if (!(${result} <= 9007199254740991 && ${result} >= -9007199254740991)) { k.overflow = true; ${this.exit} }`,
            );
          }
          return { rep: 'd', d: result };
        }
        case '/':
        case '%': {
          const x = this.atom(a);
          const y = this.atom(b);
          const guards: string[] = [];
          if (!/^[1-9]\d*$/.test(y)) guards.push(`${y} === 0`);
          if (scalar === 'u64') {
            guards.push(`${x} < 0`);
            if (!/^[1-9]\d*$/.test(y)) guards.push(`${y} < 0`);
          }
          if (guards.length > 0) this.lines.push(`if (${guards.join(' || ')}) ${this.exit}`);
          return {
            rep: 'd',
            d: this.bind(operator === '/' ? `Math.trunc(${x} / ${y}) + 0` : `${x} % ${y} + 0`),
          };
        }
        default:
          break;
      }
    }
    const a = this.words64(left);
    const b = this.words64(right);
    switch (operator) {
      case '&':
      case '|':
      case '^':
        return {
          rep: 'p',
          lo: `(${a.lo} ${operator} ${b.lo})`,
          hi: `(${a.hi} ${operator} ${b.hi})`,
        };
      case '+': {
        const lo = this.bind(`${a.lo} + ${b.lo} | 0`);
        const carry = `((${lo} >>> 0) < (${a.lo} >>> 0) ? 1 : 0)`;
        const hi = this.bind(`${a.hi} + ${b.hi} + ${carry} | 0`);
        if (scalar === 'i64') {
          this.lines.push(`if (((${a.hi} ^ ${hi}) & (${b.hi} ^ ${hi})) < 0) ${this.exit}`);
        }
        return { rep: 'p', lo, hi };
      }
      case '-': {
        const borrow = `((${a.lo} >>> 0) < (${b.lo} >>> 0) ? 1 : 0)`;
        const hi = this.bind(`${a.hi} - ${b.hi} - ${borrow} | 0`);
        if (scalar === 'i64') {
          this.lines.push(`if (((${a.hi} ^ ${b.hi}) & (${a.hi} ^ ${hi})) < 0) ${this.exit}`);
        }
        return { rep: 'p', lo: `(${a.lo} - ${b.lo} | 0)`, hi };
      }
      case '*':
        if (scalar === 'i64') {
          // Close to the limit the interpreter decides.
          const about = this.bind(
            `(${a.hi} * 4294967296 + (${a.lo} >>> 0)) * (${b.hi} * 4294967296 + (${b.lo} >>> 0))`,
          );
          this.lines.push(`if (!(${about} < 9.2e18 && ${about} > -9.2e18)) ${this.exit}`);
        }
        return {
          rep: 'p',
          lo: `Math.imul(${a.lo}, ${b.lo})`,
          hi: `(U(${a.lo}, ${b.lo}) + Math.imul(${a.lo}, ${b.hi}) + Math.imul(${a.hi}, ${b.lo}) | 0)`,
        };
      case '/':
      case '%': {
        const isSigned = scalar === 'i64';
        this.lines.push(
          `if (!k.divide(${a.lo}, ${a.hi}, ${b.lo}, ${b.hi}, ${isSigned}, ${operator === '%'})) ${this.exit}`,
        );
        return { rep: 'p', lo: this.bind('k.words[0]'), hi: this.bind('k.words[1]') };
      }
      default:
        throw new CannotWrite();
    }
  }

  /** A shift count, not yet masked. */
  private count(right: Value): string {
    const scalar = scalarOfValue(right);
    if (isFloat(scalar)) throw new CannotWrite();
    return isWide(scalar) ? this.atom(this.number(this.wide(right))) : this.narrow(right);
  }

  private shift(
    operator: '<<' | '>>',
    isSigned: boolean,
    { lo, hi }: { readonly lo: string; readonly hi: string },
    count: string,
  ): Wide {
    const fill = isSigned ? `${hi} >> 31` : '0';
    if (/^\d+$/.test(count)) {
      const by = Number(count) & 63;
      if (by === 0) return { rep: 'p', lo, hi };
      if (operator === '<<') {
        return by < 32
          ? { rep: 'p', lo: `(${lo} << ${by})`, hi: `(${hi} << ${by} | ${lo} >>> ${32 - by})` }
          : { rep: 'p', lo: '0', hi: `(${lo} << ${by - 32})` };
      }
      const right = isSigned ? '>>' : '>>>';
      return by < 32
        ? {
            rep: 'p',
            lo: `(${lo} >>> ${by} | ${hi} << ${32 - by})`,
            hi: `(${hi} ${right} ${by} | 0)`,
          }
        : { rep: 'p', lo: `(${hi} ${right} ${by - 32} | 0)`, hi: `(${fill})` };
    }
    const by = this.counting(count, 64);
    // A shift by 32 less a count of 0 takes two steps: JavaScript masks counts as well.
    if (operator === '<<') {
      const low = this.bind(`${lo} << ${by}`);
      const high = this.bind(`${hi} << ${by} | ${lo} >>> 1 >>> (31 - (${by} & 31))`);
      return {
        rep: 'p',
        lo: `((${by} & 32) === 0 ? ${low} : 0)`,
        hi: `((${by} & 32) === 0 ? ${high} : ${low})`,
      };
    }
    const high = this.bind(`${hi} ${isSigned ? '>>' : '>>>'} ${by} | 0`);
    const low = this.bind(`${lo} >>> ${by} | ${hi} << 1 << (31 - (${by} & 31))`);
    return {
      rep: 'p',
      lo: `((${by} & 32) === 0 ? ${low} : ${high})`,
      hi: `((${by} & 32) === 0 ? ${high} : ${fill})`,
    };
  }

  // ---- Forms -----------------------------------------------------------------------------------------

  /** A double; leaves when the value is none that it holds exactly. */
  number(wide: Wide): string {
    if (wide.rep === 'd') return wide.d;
    const hi = this.atom(wide.hi);
    this.lines.push(`if ((${hi} + 2097151 >>> 0) >= 4194303) { k.overflow = true; ${this.exit} }`);
    return this.bind(`${hi} * 4294967296 + (${wide.lo} >>> 0)`);
  }

  /** Two words, each of them a name or a literal. */
  words64(wide: Wide): { readonly lo: string; readonly hi: string } {
    if (wide.rep === 'p') return { lo: this.atom(wide.lo), hi: this.atom(wide.hi) };
    if (/^\(?-?\d+\)?$/.test(wide.d)) {
      const value = Number(wide.d.replaceAll(/[()]/g, ''));
      return { lo: literal(low32(value) | 0), hi: literal(high32(value)) };
    }
    const d = this.atom(wide.d);
    return { lo: this.bind(`${d} | 0`), hi: this.bind(`Math.floor(${d} / 4294967296) | 0`) };
  }

  private low(wide: Wide): string {
    return wide.rep === 'p' ? wide.lo : `(${wide.d} | 0)`;
  }

  // ---- Memory ----------------------------------------------------------------------------------------

  private keptSlot(address: Value, scalar: Scalar): Slot | undefined {
    const slot = this.slots.at(address, scalar);
    return slot !== undefined && this.kept.has(slot) ? slot : undefined;
  }

  /** A store through a pointer may have reached the slot. */
  private slotText(slot: Slot): string {
    if (this.reached.length > 0) throw new CannotWrite();
    const pending = this.pending.get(slot);
    return typeof pending === 'string' ? pending : `q${slot.bit}`;
  }

  private slotWide(slot: Slot): Wide {
    if (this.reached.length > 0) throw new CannotWrite();
    const pending = this.pending.get(slot);
    if (pending !== undefined && typeof pending !== 'string') return pending;
    return this.kept.get(slot) === 'p'
      ? { rep: 'p', lo: `l${slot.bit}`, hi: `h${slot.bit}` }
      : { rep: 'd', d: `q${slot.bit}` };
  }

  /** An address as a double. */
  address(value: Value): string {
    if (!isWide(scalarOfValue(value))) throw new CannotWrite();
    return this.number(this.wide(value));
  }

  /** Finds the page of an access, or leaves. */
  private place(address: Value, size: 1 | 2 | 4 | 8, access: 'r' | 'w'): Place {
    if (address.op === 'frame') {
      const { offset } = address;
      if (offset % size !== 0) throw new CannotWrite();
      return {
        view: 'v',
        offset: `fo ${signed(offset)}`,
        mark: `fm ${signed(offset >> 3)}`,
        shift: literal(offset & 7),
        reached: undefined,
      };
    }
    const words = this.wordsInImage(address) ?? this.wordsOfAddress(address);
    if (words !== undefined) return this.placeOfWords(address, words, size, access);
    const a = this.atom(this.sum(address));
    const inImage = isInImage(address);
    let isOnStack = '';
    if (!inImage) {
      // Below the live frames it is reported elsewhere; new values of slots are not in the frame yet.
      const unknown = this.pending.size > 0 ? '' : ` if (${a} < low)`;
      if (access === 'w') {
        isOnStack = this.name();
        this.lines.push(`let ${isOnStack} = false;`);
      }
      const mark = access === 'w' && unknown !== '' ? ` ${isOnStack} = true;` : '';
      this.lines.push(`if (${a} < top && ${a} >= bottom) {${unknown} ${this.exit}${mark} }`);
    }
    const cache = this.cacheFor(address, access);
    const distance = this.name();
    const fetch = this.name();
    this.lines.push(
      `let ${distance} = ${a} - b${cache};`,
      `if (!(${distance} >= 0 && ${distance} < ${PAGE_SIZE})) {`,
      `${distance} = ${a} & ${PAGE_SIZE - 1};`,
      `const ${fetch} = (${a} >>> 12 & M) << 2;`,
      `if (${access}w[${fetch}] === (${a} - ${distance} | 0) && ${access}w[${fetch} + 1] === (Math.floor(${a} / 4294967296) | 0) && ${a} < 9007199254740992 && ${a} > -9007199254740992) {`,
      ...this.found(cache, access, fetch),
      '} else {',
      `const found = k.${access === 'r' ? 'toRead' : 'toWrite'}(${a}, ${size});`,
      `if (found === undefined) ${this.exit}`,
      ...(access === 'w' ? [FORGET_READS] : []),
      `w${cache} = found; o${cache} = k.start; m${cache} = k.marks;`,
      '}',
      `b${cache} = ${a} - ${distance};`,
      '}',
    );
    return this.inPage(cache, this.bind(`${distance} | 0`), size, a, isOnStack);
  }

  /** Lines that take a page out of the door's tables. */
  private found(cache: number, access: 'r' | 'w', fetch: string): string[] {
    return [
      `w${cache} = ${access}v[${fetch} >> 2];`,
      `o${cache} = ${access}w[${fetch} + 2]; m${cache} = ${access}w[${fetch} + 3];`,
    ];
  }

  private inPage(
    cache: number,
    inPage: string,
    size: number,
    address: string,
    isOnStack: string,
  ): Place {
    if (size > 1) this.lines.push(`if ((${inPage} & ${size - 1}) !== 0) ${this.exit}`);
    const offset = this.bind(`o${cache} + ${inPage}`);
    return {
      view: `w${cache}`,
      offset,
      mark: this.bind(`m${cache} + (${offset} >>> 3)`),
      shift: `(${offset} & 7)`,
      reached: isOnStack === '' ? undefined : { address, isOnStack },
    };
  }

  /** The words of an address that has them by nature: a pointer kept so or loaded here, perhaps beside a constant. */
  private wordsOfAddress(value: Value): { readonly lo: string; readonly hi: string } | undefined {
    if (value.op === 'load' && isWide(value.scalar) && value.bits === undefined) {
      const slot = this.keptSlot(value.address, value.scalar);
      if (slot !== undefined) {
        return this.kept.get(slot) === 'p' ? this.words64(this.slotWide(slot)) : undefined;
      }
      return this.words64(this.loadWide(this.place(value.address, 8, 'r'), 'p'));
    }
    if (value.op !== 'binary' || value.operator !== '+' || value.scalar !== 'u64') return undefined;
    const { left, right } = value;
    if (right.op !== 'constant' || typeof right.value !== 'number') return undefined;
    if (right.value < 0 || right.value >= 2 ** 31 || !agrees(left, 'u64')) return undefined;
    if (!agrees(right, 'u64')) return undefined;
    const base = this.wordsOfAddress(left);
    if (base === undefined || right.value === 0) return base;
    const lo = this.bind(`${base.lo} + ${right.value} | 0`);
    const hi = this.bind(`${base.hi} + ((${lo} >>> 0) < ${right.value} ? 1 : 0) | 0`);
    return { lo, hi };
  }

  /** The words of an address in an object of the image, all of which has the same high word. */
  private wordsInImage(address: Value): { readonly lo: string; readonly hi: string } | undefined {
    if (!isInImage(address)) return undefined;
    const indices: Value[] = [];
    let base = address;
    let reach = 0;
    while (base.op === 'binary') {
      if (base.scalar !== 'u64' || !agrees(base.left, 'u64') || !agrees(base.right, 'u64')) {
        return undefined;
      }
      if (base.right.op === 'constant' && base.right.value < 0) return undefined;
      indices.push(base.right);
      reach += magnitude(base.right);
      base = base.left;
    }
    if (base.op !== 'symbol') return undefined;
    const start = this.resolve(base.symbol) + base.addend;
    if (high32(start) !== high32(Math.min(start + reach, 2 ** 53))) return undefined;
    let lo = literal(low32(start) | 0);
    for (const index of indices.reverse()) lo = `(${lo} + ${this.number(this.wide(index))} | 0)`;
    return { lo: this.atom(lo), hi: literal(high32(start)) };
  }

  /** As `place` for an address in two words, of which no double is made. */
  private placeOfWords(
    address: Value,
    { lo, hi }: { readonly lo: string; readonly hi: string },
    size: 1 | 2 | 4 | 8,
    access: 'r' | 'w',
  ): Place {
    const inImage = isInImage(address);
    let isOnStack = '';
    if (!inImage) {
      const unknown = this.pending.size > 0 ? '' : ` if ((${lo} >>> 0) < (ll >>> 0))`;
      if (access === 'w') {
        isOnStack = this.name();
        this.lines.push(`let ${isOnStack} = false;`);
      }
      const mark = access === 'w' && unknown !== '' ? ` ${isOnStack} = true;` : '';
      this.lines.push(
        `if (${hi} === bh && (${lo} - bl >>> 0) < sb) {${unknown} ${this.exit}${mark} }`,
      );
    }
    const cache = this.cacheFor(address, access, ' words');
    const page = this.bind(`${lo} & -${PAGE_SIZE}`);
    const fetch = this.name();
    this.lines.push(
      inImage
        ? `if (${page} !== b${cache}) {`
        : `if (${page} !== b${cache} || ${hi} !== g${cache}) {`,
      `const ${fetch} = (${lo} >>> 12 & M) << 2;`,
      `if (${access}w[${fetch}] === ${page} && ${access}w[${fetch} + 1] === ${hi}) {`,
      ...this.found(cache, access, fetch),
      '} else {',
      `const found = k.${access === 'r' ? 'wordsToRead' : 'wordsToWrite'}(${lo}, ${hi}, ${size});`,
      `if (found === undefined) ${this.exit}`,
      ...(access === 'w' ? [FORGET_READS] : []),
      `w${cache} = found; o${cache} = k.start; m${cache} = k.marks;`,
      '}',
      `b${cache} = ${page}; g${cache} = ${hi};`,
      '}',
    );
    const inPage = this.bind(`${lo} & ${PAGE_SIZE - 1}`);
    return this.inPage(cache, inPage, size, `${hi} * 4294967296 + (${lo} >>> 0)`, isOnStack);
  }

  /** An address as a double. A sum need not be exact where it is no address any more. */
  private sum(value: Value): string {
    if (value.op !== 'binary' || value.operator !== '+' || !isWide(value.scalar)) {
      return this.address(value);
    }
    if (!agrees(value.left, value.scalar) || !agrees(value.right, value.scalar)) {
      throw new CannotWrite();
    }
    if (value.scalar !== 'u64' || this.form(value) === 'p') return this.address(value);
    return `(${this.sum(value.left)} + ${this.number(this.wide(value.right))})`;
  }

  /** The page that was last accessed through a pointer or in an object: most often it is the next as well. */
  private cacheFor(address: Value, access: 'r' | 'w', words = ''): number {
    const key = `${access} ${this.baseOf(address)}${words}`;
    let cache = this.caches.indexOf(key);
    if (cache < 0) cache = this.caches.push(key) - 1;
    return cache;
  }

  private baseOf(address: Value): string {
    switch (address.op) {
      case 'symbol':
        return `symbol ${this.resolve(address.symbol)}`;
      case 'load':
        return address.address.op === 'frame' ? `slot ${address.address.offset}` : 'pointer';
      case 'binary':
        return this.baseOf(address.left);
      case 'update':
        return address.address.op === 'frame' ? `slot ${address.address.offset}` : 'pointer';
      default:
        return 'pointer';
    }
  }

  private checkMarks(place: Place, size: 1 | 2 | 4 | 8): void {
    // What an earlier store of the instruction writes is not there yet.
    if (this.hasStored) throw new CannotWrite();
    if (this.omits === 'marks') return;
    const { view, mark, shift } = place;
    const mask = masks[size];
    this.lines.push(
      size === 8
        ? `if (${view}.getUint8(${mark}) !== 255) ${this.exit}`
        : `if ((${view}.getUint8(${mark}) >> ${shift} & ${mask}) !== ${mask}) ${this.exit}`,
    );
  }

  private load(place: Place, scalar: Scalar): string {
    this.checkMarks(place, scalarSize[scalar]);
    return this.bind(`${place.view}.${getter(scalar)}(${place.offset}, true)`);
  }

  private loadWide(place: Place, form: 'd' | 'p'): Wide {
    this.checkMarks(place, 8);
    const lo = this.bind(`${place.view}.getInt32(${place.offset}, true)`);
    const hi = this.bind(`${place.view}.getInt32(${place.offset} + 4, true)`);
    const words: Wide = { rep: 'p', lo, hi };
    return form === 'p' ? words : { rep: 'd', d: this.number(words) };
  }

  /** Collects a store; answers the stored value. */
  private store(value: Extract<Value, { op: 'store' }>): string | Wide {
    const { scalar, address } = value;
    const isPlain = value.bits === undefined && value.leaks !== true;
    if (!isPlain || isFloat(scalar) || !agrees(value.value, scalar)) {
      throw new CannotWrite();
    }
    if (isWide(scalar)) {
      const stored = this.fixed(this.storedWide(value.value, address, scalar));
      this.put(address, scalar, stored);
      return stored;
    }
    const stored = this.atom(this.narrow(value.value));
    this.put(address, scalar, stored);
    return stored;
  }

  /** What is loaded to be stored in words stays in words. */
  private storedWide(value: Value, address: Value, scalar: Scalar): Wide {
    const target = this.keptSlot(address, scalar);
    const inWords = target === undefined || this.kept.get(target) === 'p';
    if (inWords && value.op === 'load' && isWide(value.scalar) && value.bits === undefined) {
      const slot = this.keptSlot(value.address, value.scalar);
      if (slot === undefined) return this.loadWide(this.place(value.address, 8, 'r'), 'p');
    }
    return this.wide(value);
  }

  /** Collects a change of a place; answers the old or the new value. */
  private update(value: Extract<Value, { op: 'update' }>, isWanted: boolean): string | Wide {
    const { scalar, address, computation, operator, operand, bool } = value;
    if (value.bits !== undefined || isFloat(scalar) || isFloat(computation))
      throw new CannotWrite();
    const isShift = operator === '<<' || operator === '>>';
    if (!isShift && !agrees(operand, computation)) throw new CannotWrite();
    const slot = this.keptSlot(address, scalar);
    if (isWide(scalar)) {
      if (!isWide(computation)) throw new CannotWrite();
      const by = isShift ? undefined : this.wide(operand);
      const count = isShift ? this.count(operand) : '';
      const place = slot === undefined ? this.place(address, 8, 'w') : undefined;
      const old =
        place === undefined && slot !== undefined
          ? this.slotWide(slot)
          : this.loadWide(place as Place, this.words ? 'p' : 'd');
      const updated =
        by === undefined
          ? this.shift(
              operator as '<<' | '>>',
              isSignedScalar(computation),
              this.words64(old),
              count,
            )
          : this.computeWide(
              operator,
              computation,
              old,
              by,
              operator === '*' && by.rep === 'd' && !isAtom(by.d) ? 'p' : undefined,
            );
      const stored = this.fixed(updated);
      if (slot !== undefined) this.put(address, scalar, stored);
      else this.putAt(place as Place, scalar, stored);
      return value.result === 'old' && isWanted ? this.fixed(old) : stored;
    }
    const by = isShift
      ? this.count(operand)
      : isWide(computation)
        ? this.fixed(this.wide(operand))
        : this.atom(this.narrow(operand));
    const place = slot === undefined ? this.place(address, scalarSize[scalar], 'w') : undefined;
    const old = this.atom(
      place === undefined && slot !== undefined
        ? reread(this.slotText(slot), slot.scalar, scalar)
        : this.load(place as Place, scalar),
    );
    let updated: string;
    if (isWide(computation)) {
      const widened: Wide = { rep: 'd', d: scalar === 'u32' ? `(${old} >>> 0)` : old };
      const result =
        typeof by === 'string'
          ? this.shift(
              operator as '<<' | '>>',
              isSignedScalar(computation),
              this.words64(widened),
              by,
            )
          : this.computeWide(operator, computation, widened, by);
      if (bool) throw new CannotWrite();
      updated = this.low(result);
    } else {
      updated = this.compute(operator, computation, old, by as string);
    }
    updated = bool ? `(${updated} !== 0 ? 1 : 0)` : cut(updated, scalar);
    const stored = this.bind(updated);
    if (slot !== undefined) this.put(address, scalar, stored);
    else this.putAt(place as Place, scalar, stored);
    return value.result === 'old' ? old : stored;
  }

  /** Collects the store of a value, which is a name or a literal by now. */
  private put(address: Value, scalar: Scalar, stored: string | Wide): void {
    const slot = this.keptSlot(address, scalar);
    if (slot === undefined) {
      this.putAt(this.place(address, scalarSize[scalar], 'w'), scalar, stored);
      return;
    }
    if (this.conditional > 0) throw new CannotWrite();
    if (typeof stored === 'string') {
      this.pending.set(slot, stored);
      this.commits.push(this.keep(slot, reread(stored, scalar, slot.scalar)));
      return;
    }
    const inForm: Wide =
      this.kept.get(slot) === 'p'
        ? { rep: 'p', ...this.words64(stored) }
        : { rep: 'd', d: this.atom(this.number(stored)) };
    this.pending.set(slot, inForm);
    this.commits.push(this.keepWide(slot, inForm, this.words64(stored)));
  }

  private putAt(place: Place, scalar: Scalar, stored: string | Wide): void {
    if (this.conditional > 0) throw new CannotWrite();
    const { view, offset, mark, shift } = place;
    const size = scalarSize[scalar];
    const lines: string[] = [];
    if (typeof stored === 'string') {
      lines.push(
        `${view}.setInt${size * 8}(${offset}, ${stored}, true);`,
        ...setMarks(view, mark, `${masks[size]} << ${shift}`),
      );
    } else {
      const { lo, hi } = this.words64(stored);
      lines.push(
        `${view}.setInt32(${offset}, ${lo}, true);`,
        `${view}.setInt32(${offset} + 4, ${hi}, true);`,
        `${view}.setUint8(${mark}, 255);`,
      );
    }
    this.commits.push(lines);
    this.hasStored = true;
    if (place.reached !== undefined) this.reached.push(place.reached);
  }

  /** Lines that put a value into a slot of up to 4 bytes, in its variable and in the frame. */
  keep(slot: Slot, value: string): string[] {
    const place = `fo ${signed(slot.offset)}`;
    const lines = [
      `q${slot.bit} = ${value};`,
      `v.setInt${slot.size * 8}(${place}, q${slot.bit}, true);`,
    ];
    if (!this.marked.has(slot)) {
      const mark = `fm ${signed(slot.offset >> 3)}`;
      const mask = masks[slot.size] << (slot.offset & 7);
      lines.push(...setMarks('v', mark, String(mask)));
    }
    return lines;
  }

  /** As `keep` for 8 bytes; the value is given in the slot's form and as words. */
  keepWide(slot: Slot, value: Wide, words: { readonly lo: string; readonly hi: string }): string[] {
    const lines =
      value.rep === 'd'
        ? [`q${slot.bit} = ${value.d};`]
        : [`l${slot.bit} = ${value.lo};`, `h${slot.bit} = ${value.hi};`];
    lines.push(
      `v.setInt32(fo ${signed(slot.offset)}, ${words.lo}, true);`,
      `v.setInt32(fo ${signed(slot.offset + 4)}, ${words.hi}, true);`,
    );
    if (!this.marked.has(slot)) lines.push(`v.setUint8(fm ${signed(slot.offset >> 3)}, 255);`);
    return lines;
  }

  // ---- Text ------------------------------------------------------------------------------------------

  name(): string {
    return `t${this.names++}`;
  }

  bind(expression: string): string {
    const name = this.name();
    this.lines.push(`const ${name} = ${expression};`);
    return name;
  }

  /** A name or literal for an expression. Variables of slots change, so they get a name as well. */
  atom(expression: string): string {
    return isAtom(expression) && !/^[qlh]\d/.test(expression) ? expression : this.bind(expression);
  }

  private fixed(wide: Wide): Wide {
    return wide.rep === 'd'
      ? { rep: 'd', d: this.atom(wide.d) }
      : { rep: 'p', lo: this.atom(wide.lo), hi: this.atom(wide.hi) };
  }

  /** Lines that only run on a condition. */
  private within(write: () => void): string[] {
    const outer = this.lines;
    this.lines = [];
    this.conditional++;
    try {
      write();
      return this.lines;
    } finally {
      this.conditional--;
      this.lines = outer;
    }
  }

  private choose(
    value: Extract<Value, { op: 'conditional' }>,
    write: (arm: Value) => string,
  ): string {
    const condition = this.condition(value.condition);
    const result = this.name();
    const arm = (one: Value): string[] =>
      this.within(() => {
        const text = write(one);
        this.lines.push(`${result} = ${text};`);
      });
    const whenTrue = arm(value.whenTrue);
    const whenFalse = arm(value.whenFalse);
    this.lines.push(`let ${result} = 0;`, `if (${condition}) {`, ...whenTrue, '} else {');
    this.lines.push(...whenFalse, '}');
    return result;
  }
}

/** Sets written marks; most often they are set already. */
export const setMarks = (view: string, mark: string, bits: string): string[] => [
  `if ((${view}.getUint8(${mark}) & (${bits})) !== (${bits})) ${view}.setUint8(${mark}, ${view}.getUint8(${mark}) | ${bits});`,
];

/** Whether an address lies in a module's image for certain: an object, or a bounded index into one. */
function isInImage(address: Value): boolean {
  if (address.op === 'symbol') return true;
  if (address.op !== 'binary' || address.operator !== '+') return false;
  return isInImage(address.left) && isBounded(address.right);
}

function isBounded(index: Value): boolean {
  switch (index.op) {
    case 'constant':
    case 'bound':
      return true;
    case 'binary':
      return index.operator === '*' && isBounded(index.left) && isBounded(index.right);
    default:
      return false;
  }
}

/** The largest magnitude that a value of 8 bytes can have. */
function magnitude(value: Value): number {
  switch (value.op) {
    case 'constant':
      return Math.abs(Number(value.value));
    case 'frame':
    case 'symbol':
      return 2 ** 48;
    case 'bound':
      return Math.max(value.last, 0);
    case 'convert':
      return scalarSize[value.from] < 8 && !isFloat(value.from)
        ? 2 ** 32
        : Number.POSITIVE_INFINITY;
    case 'binary': {
      const left = magnitude(value.left);
      const right = magnitude(value.right);
      if (value.operator === '*') return left * right;
      return value.operator === '+' || value.operator === '-'
        ? left + right
        : Number.POSITIVE_INFINITY;
    }
    default:
      return Number.POSITIVE_INFINITY;
  }
}

/** ` + 8`, ` - 8`. */
export const signed = (offset: number): string => (offset < 0 ? `- ${-offset}` : `+ ${offset}`);

function wideConstant(value: Int64): Wide {
  return typeof value === 'number'
    ? { rep: 'd', d: literal(value) }
    : { rep: 'p', lo: literal(low32(value) | 0), hi: literal(high32(value)) };
}

/** Cuts an integer expression to a type of up to 4 bytes. */
function cut(expression: string, scalar: Scalar): string {
  switch (scalar) {
    case 'u8':
      return `(${expression} & 255)`;
    case 'u16':
      return `(${expression} & 65535)`;
    case 'i8':
      return `((${expression}) << 24 >> 24)`;
    case 'i16':
      return `((${expression}) << 16 >> 16)`;
    default:
      return `(${expression} | 0)`;
  }
}

/** A value of one type read as another of the same size. */
export const reread = (expression: string, from: Scalar, to: Scalar): string =>
  from === to || scalarSize[to] === 4 ? expression : cut(expression, to);

export function getter(scalar: Scalar): string {
  switch (scalar) {
    case 'i8':
      return 'getInt8';
    case 'u8':
      return 'getUint8';
    case 'i16':
      return 'getInt16';
    case 'u16':
      return 'getUint16';
    default:
      return 'getInt32';
  }
}
