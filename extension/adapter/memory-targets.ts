/** From what the user points at (a variable, an expression, an address) to a place in memory. */
import type { Session } from '../../engine/index.ts';
import type { AdapterContext } from './context.ts';
import { quietError } from './errors.ts';
import { addressPattern, resolveReference } from './memory-references.ts';

/** One of: a reference; an expression in a frame; a variable by its container and name. */
export interface Target {
  readonly memoryReference?: string | undefined;
  /** C, or an address as it is typed. */
  readonly expression?: string | undefined;
  readonly frameId?: number | undefined;
  readonly variablesReference?: number | undefined;
  readonly name?: string | undefined;
  /** How many bytes; by the type where it is known, else 8. */
  readonly bytes?: number | undefined;
}

export interface Place {
  readonly reference: string;
  readonly bytes: number;
}

const defaultBytes = 8;

/** The storage of a variable or lvalue; what a pointer points to for any other expression. */
export function storageOf(context: AdapterContext, target: Target): Place {
  const bytes = target.bytes;
  const reference = addressIn(context, target);
  if (reference !== undefined) return { reference, bytes: bytes ?? defaultBytes };
  const { session, expression, frame } = expressionIn(context, target);
  const address = session.evaluate(`&(${expression})`, frame, false);
  if (address.ok && address.variable.memoryReference !== undefined) {
    return {
      reference: address.variable.memoryReference,
      bytes: bytes ?? sizeOf(session, expression, frame) ?? defaultBytes,
    };
  }
  return { ...pointee(context, target), ...(bytes === undefined ? {} : { bytes }) };
}

/** What a pointer points to; the storage of anything that is not a pointer. */
export function pointee(context: AdapterContext, target: Target): Place {
  const bytes = target.bytes;
  const reference = addressIn(context, target);
  if (reference !== undefined) return { reference, bytes: bytes ?? defaultBytes };
  const { session, expression, frame } = expressionIn(context, target);
  const value = session.evaluate(expression, frame, false);
  if (!value.ok) throw quietError(value.message);
  const { memoryReference } = value.variable;
  if (memoryReference === undefined) {
    throw quietError(`${expression} is ${value.variable.value}: it denotes no memory.`);
  }
  return {
    reference: memoryReference,
    bytes: bytes ?? sizeOf(session, `*(${expression})`, frame) ?? defaultBytes,
  };
}

function addressIn(context: AdapterContext, target: Target): string | undefined {
  const { memoryReference, expression } = target;
  const text = memoryReference ?? (addressPattern.test(expression ?? '') ? expression : undefined);
  if (text === undefined) return undefined;
  const frame = context.frame(target.frameId)?.engineId;
  const reference = resolveReference(context, text, frame);
  if (reference === undefined) throw quietError(`${text} is not an address of this machine.`);
  return reference;
}

function expressionIn(context: AdapterContext, target: Target) {
  const { variablesReference, name, frameId } = target;
  const expression =
    target.expression ??
    (name === undefined ? undefined : expressionOf(context, variablesReference, name));
  if (expression === undefined || expression.trim() === '') {
    throw quietError(`${name ?? 'That'} is not in memory.`);
  }
  const session = context.stoppedSession;
  return { session, expression, frame: context.frame(frameId)?.engineId };
}

/** The C expression of a variable in a container, or the given text where there is no container. */
export function expressionOf(
  context: AdapterContext,
  variablesReference: number | undefined,
  name: string,
): string | undefined {
  if (variablesReference === undefined) return name;
  const container = context.variables.resolve(variablesReference);
  if (container === undefined) throw quietError('This variable belongs to an earlier stop.');
  const children = context.session.variables(container.target.engineHandle);
  return children.find((child) => child.name === name)?.expression;
}

/** `sizeof` of an expression; undefined where it has none. */
export function sizeOf(
  session: Session,
  expression: string,
  frame: number | undefined,
): number | undefined {
  const size = session.evaluate(`sizeof(${expression})`, frame, false);
  if (!size.ok) return undefined;
  // `16`, or `0x10` and what the engine says beside the number.
  const number = Number(/^(0x[0-9A-Fa-f]+|\d+)/.exec(size.variable.value)?.[0]);
  return Number.isInteger(number) && number > 0 ? number : undefined;
}
