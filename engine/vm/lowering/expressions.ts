/**
 * Lowers checked expressions to values without calls. Calls, and whatever only runs on a condition that
 * holds a call, become instructions before the value that needs them; C leaves the order of operands open.
 */
import type { Int64 } from '../../base/int64.ts';
import type { Expression, Initializer, Variable } from '../../language/program.ts';
import { type CType, type FunctionType, isInteger, sizeOf } from '../../language/types.ts';
import {
  type Argument,
  argumentOffset,
  type Bits,
  exceptSlot,
  finallySlot,
  type LinkSymbol,
  type Operation,
  type ResultPlace,
  type Scalar,
  scalarSize,
  type Value,
} from '../ir.ts';
import type { Label } from './function-builder.ts';
import { fitsRegister, isBool, scalarOf } from './scalars.ts';

/** What lowering an expression may ask for; a debugger's evaluation offers less of it than a function does. */
export interface ExpressionTarget {
  emit(operation: Operation): void;
  label(): Label;
  place(label: Label): void;
  /** Frame offset of room for `size` bytes that lasts as long as the statement. */
  temporary(size: number): number;
  placeOf(variable: Variable): { readonly offset: number; readonly indirect: boolean };
  symbolAddress(symbol: LinkSymbol, addend?: number): Value;
  /** Parameter slots of the function, for `va_start`. */
  readonly parameterSlots: number;
  /** Slots of the innermost filter or handler, and of the innermost finally block. */
  readonly exceptionSlot: number | undefined;
  readonly finallySlot: number | undefined;
}

/** A construct that the present target does not offer. */
export class CannotLower extends Error {}

/** An lvalue: where it is and how it is read. */
interface Place {
  readonly address: Value;
  readonly scalar: Scalar;
  readonly bits: Bits | undefined;
}

const zero: Value = { op: 'constant', scalar: 'i32', value: 0 };

const constant = (scalar: Scalar, value: Int64): Value => ({ op: 'constant', scalar, value });

/** `address + offset`, folded where it can be. */
export function offsetBy(address: Value, offset: number): Value {
  if (offset === 0) return address;
  if (address.op === 'frame') return { op: 'frame', offset: address.offset + offset };
  if (address.op === 'symbol') return { ...address, addend: address.addend + offset };
  return {
    op: 'binary',
    operator: '+',
    scalar: 'u64',
    left: address,
    right: constant('i64', offset),
  };
}

/**
 * One object for each function (or watch expression). Every method answers a value without calls; what has to run
 * before it was emitted on the way.
 */
export class ExpressionLowering {
  private readonly callsIn = new Map<Expression, boolean>();

  constructor(private readonly target: ExpressionTarget) {}

  /** The value of an expression; the address for arrays, functions and records. */
  value(expression: Expression): Value {
    switch (expression.kind) {
      case 'integer':
        return constant(scalarOf(expression.type), expression.value);
      case 'floating':
        return constant(scalarOf(expression.type), expression.value);
      case 'string':
      case 'variable':
      case 'dereference':
      case 'compoundLiteral':
      case 'vaArg':
      case 'member':
        return this.read(expression);
      case 'function':
        return this.target.symbolAddress({ kind: 'function', function: expression.function });
      case 'addressOf':
        // `&a[n]` may be one behind the last element.
        return expression.operand.kind === 'dereference'
          ? this.value(expression.operand.operand)
          : this.address(expression.operand);
      case 'convert':
        return this.convert(expression.operand, expression.type);
      case 'negate':
      case 'complement':
        return {
          op: expression.kind,
          scalar: scalarOf(expression.type),
          operand: this.value(expression.operand),
        };
      case 'not':
        return {
          op: 'not',
          scalar: scalarOf(expression.operand.type),
          operand: this.value(expression.operand),
        };
      case 'binary': {
        const left = this.value(expression.left);
        return {
          op: 'binary',
          operator: expression.operator,
          scalar: scalarOf(expression.type),
          left,
          right: this.value(expression.right),
        };
      }
      case 'compare': {
        const left = this.value(expression.left);
        return {
          op: 'compare',
          operator: expression.operator,
          scalar: scalarOf(expression.left.type),
          left,
          right: this.value(expression.right),
        };
      }
      case 'pointerAdd':
        return this.pointerAdd(expression, 0);
      case 'pointerDifference': {
        const left = this.value(expression.left);
        const difference: Value = {
          op: 'binary',
          operator: '-',
          scalar: 'u64',
          left,
          right: this.value(expression.right),
        };
        return expression.scale === 1
          ? difference
          : {
              op: 'binary',
              operator: '/',
              scalar: 'i64',
              left: difference,
              right: constant('i64', expression.scale),
            };
      }
      case 'and':
      case 'or':
        return this.logical(expression);
      case 'conditional':
        return this.conditional(expression);
      case 'comma': {
        if (this.hasCalls(expression.right)) {
          this.discard(expression.left);
          return this.value(expression.right);
        }
        const first = this.value(expression.left);
        return { op: 'sequence', first, next: this.value(expression.right) };
      }
      case 'assign':
        return this.assign(expression.target, expression.value);
      // As with assignments, calls on the right come before the target is looked at.
      case 'compoundAssign': {
        const operand = this.value(expression.value);
        const place = this.place(expression.target);
        return {
          op: 'update',
          ...place,
          operator: expression.operator,
          operand,
          computation: scalarOf(expression.computation),
          bool: isBool(expression.target.type),
          result: 'new',
        };
      }
      case 'pointerAssign': {
        const operand = scale(this.value(expression.index), expression.scale);
        return {
          op: 'update',
          ...this.place(expression.target),
          operator: '+',
          operand,
          computation: 'u64',
          bool: false,
          result: 'new',
        };
      }
      case 'increment': {
        const place = this.place(expression.target);
        const computation: Scalar = scalarSize[place.scalar] < 4 ? 'i32' : place.scalar;
        return {
          op: 'update',
          ...place,
          operator: '+',
          operand: constant(computation, expression.step),
          computation,
          bool: isBool(expression.target.type),
          result: expression.prefix ? 'new' : 'old',
        };
      }
      case 'call':
        return this.call(expression, true);
      case 'vaStart':
        return {
          op: 'store',
          scalar: 'u64',
          address: this.value(expression.list),
          value: { op: 'frame', offset: argumentOffset(this.target.parameterSlots) },
          bits: undefined,
        };
      case 'exceptionCode':
        return this.slot(this.target.exceptionSlot, exceptSlot.code, scalarOf(expression.type));
      case 'exceptionInformation':
        return this.slot(this.target.exceptionSlot, exceptSlot.pointers, 'u64');
      case 'abnormalTermination':
        return this.slot(this.target.finallySlot, finallySlot.abnormal, 'i32');
      case 'error':
        return zero;
    }
  }

  /** Evaluates for effects alone. */
  discard(expression: Expression): void {
    switch (expression.kind) {
      case 'comma':
        this.discard(expression.left);
        this.discard(expression.right);
        return;
      case 'convert':
        if (expression.type.kind === 'void') {
          this.discard(expression.operand);
          return;
        }
        break;
      case 'call':
        this.call(expression, false);
        return;
      case 'conditional':
        if (this.hasCalls(expression.whenTrue) || this.hasCalls(expression.whenFalse)) {
          const otherwise = this.target.label();
          const end = this.target.label();
          this.branch(expression.condition, false, otherwise);
          this.discard(expression.whenTrue);
          this.target.emit({ op: 'jump', target: end.number });
          this.target.place(otherwise);
          this.discard(expression.whenFalse);
          this.target.place(end);
          return;
        }
        break;
      case 'and':
      case 'or':
        if (this.hasCalls(expression.right)) {
          const end = this.target.label();
          this.branch(expression.left, expression.kind === 'or', end);
          this.discard(expression.right);
          this.target.place(end);
          return;
        }
        break;
      default:
        break;
    }
    this.target.emit({ op: 'evaluate', value: this.value(expression) });
  }

  /** Goes to `label` when the truth of the expression is `when`; else goes on. */
  branch(condition: Expression, when: boolean, label: Label): void {
    switch (condition.kind) {
      case 'not':
        this.branch(condition.operand, !when, label);
        return;
      case 'integer':
        if ((condition.value !== 0) === when) {
          this.target.emit({ op: 'jump', target: label.number });
        }
        return;
      case 'and':
      case 'or': {
        if (!this.hasCalls(condition)) break;
        if ((condition.kind === 'or') === when) {
          this.branch(condition.left, when, label);
          this.branch(condition.right, when, label);
        } else {
          const skip = this.target.label();
          this.branch(condition.left, !when, skip);
          this.branch(condition.right, when, label);
          this.target.place(skip);
        }
        return;
      }
      default:
        break;
    }
    const value = this.value(condition);
    this.target.emit({ op: 'branch', condition: value, when, target: label.number });
  }

  /** The address of an lvalue, or of a record value. */
  address(expression: Expression): Value {
    switch (expression.kind) {
      case 'variable': {
        const { variable } = expression;
        if (variable.storage === 'static') {
          return this.target.symbolAddress({ kind: 'variable', variable });
        }
        const place = this.target.placeOf(variable);
        const slot: Value = { op: 'frame', offset: place.offset };
        return place.indirect
          ? { op: 'load', scalar: 'u64', address: slot, bits: undefined }
          : slot;
      }
      case 'string':
        return this.target.symbolAddress({ kind: 'string', bytes: expression.bytes });
      case 'function':
        return this.target.symbolAddress({ kind: 'function', function: expression.function });
      case 'dereference':
        return expression.operand.kind === 'pointerAdd'
          ? this.pointerAdd(expression.operand, 1)
          : this.value(expression.operand);
      case 'member':
        return offsetBy(this.address(expression.object), expression.member.offset);
      case 'compoundLiteral': {
        const { variable } = expression;
        if (variable.storage === 'static') {
          return this.target.symbolAddress({ kind: 'variable', variable });
        }
        const address: Value = { op: 'frame', offset: this.target.placeOf(variable).offset };
        this.initialize(address, variable.type, expression.initializer);
        return address;
      }
      case 'vaArg': {
        const slot: Value = {
          op: 'update',
          scalar: 'u64',
          address: this.value(expression.list),
          bits: undefined,
          operator: '+',
          operand: constant('i64', 8),
          computation: 'u64',
          bool: false,
          result: 'old',
        };
        return expression.type.kind === 'record' && !fitsRegister(expression.type)
          ? { op: 'load', scalar: 'u64', address: slot, bits: undefined }
          : slot;
      }
      case 'convert':
        return this.address(expression.operand);
      default:
        // Records that are values: calls, assignments, conditionals, commas all answer an address.
        return this.value(expression);
    }
  }

  /** Emits instructions that give an object its first value. */
  initialize(address: Value, type: CType, initializer: Initializer): void {
    switch (initializer.kind) {
      case 'value':
        this.target.emit({
          op: 'evaluate',
          value: this.storeTo(
            { address, scalar: scalarOf(type), bits: undefined },
            type,
            initializer.value,
          ),
        });
        return;
      case 'bytes':
        this.target.emit({
          op: 'evaluate',
          value: {
            op: 'fill',
            destination: address,
            bytes: initializer.bytes,
            size: Math.max(sizeOf(type), type.kind === 'array' ? 0 : initializer.bytes.length),
          },
        });
        return;
      case 'list':
        this.target.emit({
          op: 'evaluate',
          value: {
            op: 'fill',
            destination: address,
            bytes: new Uint8Array(0),
            size: sizeOf(type),
          },
        });
        this.initializeItems(address, initializer);
    }
  }

  /** Whether lowering the expression emits instructions of its own. */
  hasCalls(expression: Expression): boolean {
    let found = this.callsIn.get(expression);
    if (found === undefined) {
      found = this.findCalls(expression);
      this.callsIn.set(expression, found);
    }
    return found;
  }

  /** Members and elements that the list names, in its order; the rest is zero by then. */
  private initializeItems(address: Value, list: Extract<Initializer, { kind: 'list' }>): void {
    for (const item of list.items) {
      const place = offsetBy(address, item.offset);
      if (item.initializer.kind === 'list') {
        // The whole object is zero already.
        this.initializeItems(place, item.initializer);
      } else if (item.initializer.kind === 'value') {
        this.target.emit({
          op: 'evaluate',
          value: this.storeTo(
            { address: place, scalar: scalarOf(item.type), bits: item.bits },
            item.type,
            item.initializer.value,
          ),
        });
      } else {
        this.initialize(place, item.type, item.initializer);
      }
    }
  }

  /** A compound literal counts: its object is initialised by instructions of its own. */
  private findCalls(expression: Expression): boolean {
    switch (expression.kind) {
      case 'call':
      case 'compoundLiteral':
        return true;
      case 'dereference':
      case 'addressOf':
      case 'convert':
      case 'negate':
      case 'complement':
      case 'not':
        return this.hasCalls(expression.operand);
      case 'member':
        return this.hasCalls(expression.object);
      case 'binary':
      case 'compare':
      case 'pointerDifference':
      case 'and':
      case 'or':
      case 'comma':
        return this.hasCalls(expression.left) || this.hasCalls(expression.right);
      case 'pointerAdd':
        return this.hasCalls(expression.pointer) || this.hasCalls(expression.index);
      case 'conditional':
        return (
          this.hasCalls(expression.condition) ||
          this.hasCalls(expression.whenTrue) ||
          this.hasCalls(expression.whenFalse)
        );
      case 'assign':
      case 'compoundAssign':
        return this.hasCalls(expression.target) || this.hasCalls(expression.value);
      case 'pointerAssign':
        return this.hasCalls(expression.target) || this.hasCalls(expression.index);
      case 'increment':
        return this.hasCalls(expression.target);
      case 'vaStart':
      case 'vaArg':
        return this.hasCalls(expression.list);
      default:
        return false;
    }
  }

  /**
   * An lvalue's value. Arrays and functions are their address (the checker has made the decay explicit), and records
   * are handed around by address, too.
   */
  private read(expression: Expression): Value {
    const { type } = expression;
    if (type.kind === 'array' || type.kind === 'record' || type.kind === 'function') {
      return this.address(expression);
    }
    if (type.kind === 'void') return zero;
    return { op: 'load', ...this.place(expression) };
  }

  /** The lvalue behind an expression that is read or assigned. */
  private place(expression: Expression): Place {
    const bits = expression.kind === 'member' ? expression.member.bits : undefined;
    return { address: this.address(expression), scalar: scalarOf(expression.type), bits };
  }

  /** Only representation changes are left here: the checker has decided which conversions there are. */
  private convert(operand: Expression, type: CType): Value {
    const from = operand.type;
    if (from.kind === 'array' || from.kind === 'function') return this.address(operand);
    if (type.kind === 'void') {
      if (operand.kind === 'call') {
        this.call(operand, false);
        return zero;
      }
      return this.value(operand);
    }
    if (from.kind === 'record') return this.address(operand);
    const value = this.value(operand);
    const source = scalarOf(from);
    if (isBool(type)) {
      return isBool(from)
        ? value
        : {
            op: 'compare',
            operator: '!=',
            scalar: source,
            left: value,
            right: constant(source, 0),
          };
    }
    const to = scalarOf(type);
    if (source === to) return value;
    if (value.op === 'constant' && isInteger(from) && to === 'u64' && value.value === 0) {
      return constant('u64', 0);
    }
    return { op: 'convert', from: source, to, operand: value };
  }

  /** An index of an array that is known by its length is checked; `margin` 1 keeps it off the end. */
  private pointerAdd(
    expression: Extract<Expression, { kind: 'pointerAdd' }>,
    margin: 0 | 1,
  ): Value {
    const pointer = this.value(expression.pointer);
    const index = this.value(expression.index);
    const { scale: factor } = expression;
    const length = factor > 0 ? checkedLength(expression.pointer) : undefined;
    if (length === undefined) return this.addScaled(pointer, index, factor);
    const last = length - margin;
    if (index.op === 'constant' && index.value >= 0 && index.value <= last) {
      return this.addScaled(pointer, index, factor);
    }
    return this.addScaled(pointer, { op: 'bound', index, last }, factor);
  }

  /** `pointer + index * factor`; a constant index folds into the address. */
  private addScaled(pointer: Value, index: Value, factor: number): Value {
    if (index.op === 'constant' && typeof index.value === 'number') {
      const offset = index.value * factor;
      if (Math.abs(offset) < 2 ** 40) return offsetBy(pointer, offset);
    }
    return {
      op: 'binary',
      operator: '+',
      scalar: 'u64',
      left: pointer,
      right: scale(index, factor),
    };
  }

  /** `&&` and `||` as a value. With a call on the right the result goes through a temporary and a branch. */
  private logical(expression: Extract<Expression, { kind: 'and' | 'or' }>): Value {
    if (!this.hasCalls(expression.right)) {
      const left = this.value(expression.left);
      return { op: expression.kind, left, right: this.value(expression.right) };
    }
    const result: Value = { op: 'frame', offset: this.target.temporary(4) };
    const end = this.target.label();
    const store = (value: Value): void =>
      this.target.emit({
        op: 'evaluate',
        value: { op: 'store', scalar: 'i32', address: result, value, bits: undefined },
      });
    const skipped = expression.kind === 'or';
    store(constant('i32', skipped ? 1 : 0));
    this.branch(expression.left, skipped, end);
    this.branch(expression.right, skipped, end);
    store(constant('i32', skipped ? 0 : 1));
    this.target.place(end);
    return { op: 'load', scalar: 'i32', address: result, bits: undefined };
  }

  /** `?:` as a value; branches when an arm holds a call, so that only one arm's calls happen. */
  private conditional(expression: Extract<Expression, { kind: 'conditional' }>): Value {
    const { type } = expression;
    if (!this.hasCalls(expression.whenTrue) && !this.hasCalls(expression.whenFalse)) {
      const condition = this.value(expression.condition);
      return {
        op: 'conditional',
        condition,
        whenTrue: this.value(expression.whenTrue),
        whenFalse: this.value(expression.whenFalse),
      };
    }
    if (type.kind === 'void') {
      this.discard(expression);
      return zero;
    }
    const size = type.kind === 'record' ? sizeOf(type) : 8;
    const result: Value = { op: 'frame', offset: this.target.temporary(size) };
    const place: Place = { address: result, scalar: scalarOf(type), bits: undefined };
    const otherwise = this.target.label();
    const end = this.target.label();
    this.branch(expression.condition, false, otherwise);
    this.target.emit({ op: 'evaluate', value: this.storeTo(place, type, expression.whenTrue) });
    this.target.emit({ op: 'jump', target: end.number });
    this.target.place(otherwise);
    this.target.emit({ op: 'evaluate', value: this.storeTo(place, type, expression.whenFalse) });
    this.target.place(end);
    return type.kind === 'record' ? result : { op: 'load', ...place };
  }

  private assign(target: Expression, value: Expression): Value {
    // The calls of the value run first, so that nothing of the target's address is kept across them.
    if (target.type.kind === 'record') {
      const source = this.address(value);
      return {
        op: 'copy',
        destination: this.address(target),
        source,
        size: sizeOf(target.type),
      };
    }
    const source = this.value(value);
    return { op: 'store', ...this.place(target), value: source };
  }

  /** The assignment of an initialiser. */
  private storeTo(place: Place, type: CType, value: Expression): Value {
    if (type.kind === 'record') {
      return {
        op: 'copy',
        destination: place.address,
        source: this.address(value),
        size: sizeOf(type),
      };
    }
    return { op: 'store', ...place, value: this.value(value) };
  }

  private call(expression: Extract<Expression, { kind: 'call' }>, wanted: boolean): Value {
    const type = calledType(expression.callee.type);
    const result = expression.type;
    const list: Argument[] = [];
    let place: ResultPlace | undefined;
    if (result.kind === 'record') {
      const size = sizeOf(result);
      const offset = this.target.temporary(size);
      if (fitsRegister(result)) {
        place = { kind: 'record', offset, size };
      } else {
        list.push({ kind: 'scalar', scalar: 'u64', value: { op: 'frame', offset } });
      }
      this.emitCall(expression, list, place, type);
      return { op: 'frame', offset };
    }
    if (result.kind === 'void') {
      this.emitCall(expression, list, undefined, type);
      return zero;
    }
    const scalar = scalarOf(result);
    const offset = this.target.temporary(8);
    place = { kind: 'scalar', offset, scalar };
    this.emitCall(expression, list, place, type);
    return wanted
      ? { op: 'load', scalar, address: { op: 'frame', offset }, bits: undefined }
      : zero;
  }

  private emitCall(
    expression: Extract<Expression, { kind: 'call' }>,
    list: Argument[],
    result: ResultPlace | undefined,
    type: FunctionType,
  ): void {
    const callee = this.value(expression.callee);
    for (const argument of expression.arguments) {
      list.push(
        argument.type.kind === 'record'
          ? { kind: 'record', address: this.address(argument), size: sizeOf(argument.type) }
          : { kind: 'scalar', scalar: scalarOf(argument.type), value: this.value(argument) },
      );
    }
    this.target.emit({ op: 'call', callee, arguments: list, result, type });
  }

  /** What a filter, handler or finally block knows about its exception, out of its region's slot. */
  private slot(base: number | undefined, offset: number, scalar: Scalar): Value {
    if (base === undefined) return zero;
    return {
      op: 'load',
      scalar,
      address: { op: 'frame', offset: base + offset },
      bits: undefined,
    };
  }
}

/** An index in bytes. */
function scale(index: Value, factor: number): Value {
  if (factor === 1) return index;
  return {
    op: 'binary',
    operator: '*',
    scalar: 'u64',
    left: index,
    right: constant('i64', factor),
  };
}

/**
 * The length of the array that a pointer is the first element of, where the expression names the array. Members of at
 * most one element may stand for an array of any length at the end of their structure.
 */
function checkedLength(pointer: Expression): number | undefined {
  if (pointer.kind !== 'convert') return undefined;
  const { operand } = pointer;
  if (operand.type.kind !== 'array' || operand.kind === 'string') return undefined;
  const { length } = operand.type;
  return length === undefined || (length <= 1 && operand.kind === 'member') ? undefined : length;
}

/** The function type behind a designator or a pointer. */
function calledType(type: CType): FunctionType {
  const target = type.kind === 'pointer' ? type.target : type;
  if (target.kind !== 'function') throw new CannotLower('a call of what is not a function');
  return target;
}
