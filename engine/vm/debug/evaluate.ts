/**
 * Evaluates a checked C expression against a stopped program. A tree walk over the tooling's door: it
 * faults nothing, hits no breakpoint, and changes memory only where the storage has a write door.
 */
import { virtual } from '../../base/addresses.ts';
import {
  add64,
  and64,
  compare64,
  divide64,
  type Int64,
  int64,
  low32,
  multiply64,
  not64,
  or64,
  remainder64,
  shiftLeft64,
  shiftRight64,
  subtract64,
  truncate,
  xor64,
} from '../../base/int64.ts';
import type { BinaryOperator, ComparisonOperator, Expression } from '../../language/program.ts';
import { type CType, isInteger, isSigned, sizeOf } from '../../language/types.ts';
import {
  asAddress,
  type DebugStorage,
  EvaluationError,
  loadScalar,
  storeScalar,
  type TypedValue,
} from './typed-value.ts';

/** The value (or storage) that an expression denotes. Throws `EvaluationError` with a message for the user. */
export function evaluateExpression(expression: Expression, storage: DebugStorage): TypedValue {
  const evaluate = (inner: Expression): TypedValue => evaluateExpression(inner, storage);
  const scalar = (inner: Expression): Int64 => loadScalar(evaluate(inner), storage).value;
  const value = (result: Int64): TypedValue => ({
    type: expression.type,
    location: { kind: 'value', value: result },
  });

  switch (expression.kind) {
    case 'integer':
    case 'floating':
      return value(expression.value);
    case 'variable': {
      const address = storage.variableAddress(expression.variable);
      if (address === undefined) {
        throw new EvaluationError(`${expression.variable.name} has no storage in this frame`);
      }
      return { type: expression.type, location: { kind: 'memory', address } };
    }
    case 'function': {
      const address = storage.functionAddress(expression.function);
      if (address === undefined) {
        throw new EvaluationError(`${expression.function.name} is not loaded`);
      }
      return { type: expression.type, location: { kind: 'memory', address } };
    }
    case 'dereference':
      return {
        type: expression.type,
        location: { kind: 'memory', address: asAddress(scalar(expression.operand)) },
      };
    case 'member': {
      const object = evaluate(expression.object);
      if (object.location.kind !== 'memory') {
        throw new EvaluationError('the member of a value that is not in memory cannot be shown');
      }
      const { member } = expression;
      const address = virtual(object.location.address + member.offset);
      return {
        type: expression.type,
        location:
          member.bits === undefined
            ? { kind: 'memory', address }
            : { kind: 'memory', address, bits: member.bits },
      };
    }
    case 'addressOf': {
      const operand = evaluate(expression.operand);
      if (operand.location.kind !== 'memory') {
        throw new EvaluationError('the operand of & is not in memory');
      }
      return value(operand.location.address);
    }
    case 'convert': {
      const operand = evaluate(expression.operand);
      if (operand.type.kind === 'array' || operand.type.kind === 'function') {
        if (operand.location.kind !== 'memory') throw new EvaluationError('not in memory');
        return value(operand.location.address);
      }
      if (expression.type.kind === 'void' || expression.type.kind === 'record') {
        return { ...operand, type: expression.type };
      }
      return value(convert(loadScalar(operand, storage).value, operand.type, expression.type));
    }
    case 'negate':
      return value(
        expression.type.kind === 'floating'
          ? -Number(scalar(expression.operand))
          : wrapTo(subtract64(0, scalar(expression.operand)), expression.type),
      );
    case 'complement':
      return value(wrapTo(not64(scalar(expression.operand)), expression.type));
    case 'not':
      return value(isTrue(scalar(expression.operand)) ? 0 : 1);
    case 'binary':
      return value(
        compute(
          expression.operator,
          scalar(expression.left),
          scalar(expression.right),
          expression.type,
        ),
      );
    case 'compare':
      return value(
        compare(
          expression.operator,
          scalar(expression.left),
          scalar(expression.right),
          expression.left.type,
        ),
      );
    case 'pointerAdd':
      return value(
        add64(scalar(expression.pointer), multiply64(scalar(expression.index), expression.scale)),
      );
    case 'pointerDifference':
      return value(
        divide64(
          subtract64(scalar(expression.left), scalar(expression.right)),
          expression.scale,
          true,
        ),
      );
    case 'and':
      return value(isTrue(scalar(expression.left)) && isTrue(scalar(expression.right)) ? 1 : 0);
    case 'or':
      return value(isTrue(scalar(expression.left)) || isTrue(scalar(expression.right)) ? 1 : 0);
    case 'conditional':
      return evaluate(
        isTrue(scalar(expression.condition)) ? expression.whenTrue : expression.whenFalse,
      );
    case 'comma':
      evaluate(expression.left);
      return evaluate(expression.right);
    case 'assign':
      return assign(expression.target, expression.value, storage);
    case 'compoundAssign': {
      const target = evaluate(expression.target);
      const { computation } = expression;
      const old = convert(loadScalar(target, storage).value, target.type, computation);
      const result = compute(expression.operator, old, scalar(expression.value), computation);
      storeScalar(target, convert(result, computation, target.type), storage);
      return target;
    }
    case 'pointerAssign': {
      const target = evaluate(expression.target);
      const moved = add64(
        loadScalar(target, storage).value,
        multiply64(scalar(expression.index), expression.scale),
      );
      storeScalar(target, moved, storage);
      return target;
    }
    case 'increment': {
      const target = evaluate(expression.target);
      const old = loadScalar(target, storage).value;
      const stepped =
        target.type.kind === 'floating'
          ? Number(old) + expression.step
          : wrapTo(add64(old, expression.step), target.type);
      storeScalar(target, stepped, storage);
      return value(expression.prefix ? stepped : old);
    }
    case 'call':
      throw new EvaluationError('an expression of the debugger cannot call a routine');
    case 'string':
    case 'compoundLiteral':
      throw new EvaluationError('a literal that needs storage cannot be used here');
    case 'vaStart':
    case 'vaArg':
    case 'exceptionCode':
    case 'exceptionInformation':
    case 'abnormalTermination':
      throw new EvaluationError('this works only in running code');
    case 'error':
      throw new EvaluationError('the expression has an error');
  }
}

function assign(target: Expression, source: Expression, storage: DebugStorage): TypedValue {
  const place = evaluateExpression(target, storage);
  const from = evaluateExpression(source, storage);
  if (place.type.kind !== 'record') {
    storeScalar(place, loadScalar(from, storage).value, storage);
    return place;
  }
  if (storage.write === undefined) {
    throw new EvaluationError('an expression that is only looked at may not assign');
  }
  if (place.location.kind !== 'memory' || from.location.kind !== 'memory') {
    throw new EvaluationError('both sides of a structure assignment must be in memory');
  }
  const size = sizeOf(place.type);
  const [run] = storage.peek.read(from.location.address, size);
  if (run === undefined || !('bytes' in run) || run.bytes.length < size) {
    throw new EvaluationError('the structure on the right cannot be read');
  }
  storage.write(place.location.address, run.bytes);
  return place;
}

/** Whether a scalar is not zero. */
export const isTrue = (value: Int64): boolean => value !== 0 && value !== 0n;

/** Wraps an integer into a type's range. */
function wrapTo(value: Int64, type: CType): Int64 {
  return isInteger(type) ? truncate(value, sizeOf(type), isSigned(type)) : int64(value);
}

function convert(value: Int64, from: CType, to: CType): Int64 {
  if (to.kind === 'floating') {
    const number =
      from.kind === 'integer' && from.size === 8 && !from.signed
        ? Number(BigInt.asUintN(64, BigInt(value)))
        : Number(value);
    return to.size === 4 ? Math.fround(number) : number;
  }
  const integer =
    from.kind === 'floating' && typeof value === 'number'
      ? Number.isFinite(value)
        ? int64(BigInt(Math.trunc(value)))
        : 0
      : value;
  if (to.kind === 'integer' && to.integer === 'bool') return isTrue(value) ? 1 : 0;
  return wrapTo(integer, to);
}

function compute(operator: BinaryOperator, left: Int64, right: Int64, type: CType): Int64 {
  if (type.kind === 'floating') return computeFloating(operator, Number(left), Number(right));
  const signed = isInteger(type) && isSigned(type);
  switch (operator) {
    case '+':
      return wrapTo(add64(left, right), type);
    case '-':
      return wrapTo(subtract64(left, right), type);
    case '*':
      return wrapTo(multiply64(left, right), type);
    case '/':
    case '%':
      if (!isTrue(right)) throw new EvaluationError('division by zero');
      return wrapTo(
        operator === '/' ? divide64(left, right, signed) : remainder64(left, right, signed),
        type,
      );
    case '&':
      return wrapTo(and64(left, right), type);
    case '|':
      return wrapTo(or64(left, right), type);
    case '^':
      return wrapTo(xor64(left, right), type);
    case '<<':
      return wrapTo(shiftLeft64(left, low32(right) & (sizeOf(type) * 8 - 1)), type);
    case '>>':
      return wrapTo(shiftRight64(left, low32(right) & (sizeOf(type) * 8 - 1), signed), type);
  }
}

function computeFloating(operator: BinaryOperator, left: number, right: number): number {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return left / right;
    default:
      throw new EvaluationError(`${operator} needs integers`);
  }
}

function compare(operator: ComparisonOperator, left: Int64, right: Int64, type: CType): number {
  const order =
    type.kind === 'floating'
      ? Number(left) < Number(right)
        ? -1
        : Number(left) > Number(right)
          ? 1
          : Number(left) === Number(right)
            ? 0
            : Number.NaN
      : compare64(left, right, isInteger(type) && isSigned(type));
  switch (operator) {
    case '<':
      return order < 0 ? 1 : 0;
    case '>':
      return order > 0 ? 1 : 0;
    case '<=':
      return order <= 0 ? 1 : 0;
    case '>=':
      return order >= 0 ? 1 : 0;
    case '==':
      return order === 0 ? 1 : 0;
    case '!=':
      return order === 0 ? 0 : 1;
  }
}
