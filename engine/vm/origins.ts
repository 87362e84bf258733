/** Names the object that a never-written byte belongs to: a variable of a live frame, or static data. */
import type { Variable } from '../language/program.ts';
import { positionAt } from '../language/source.ts';
import { type CType, sizeOf } from '../language/types.ts';
import { Fault } from './access.ts';
import type { Frame } from './frames.ts';
import { type Resolve, scalarSize, type Value } from './ir.ts';
import type { Module } from './module.ts';
import { type Context, compileValue, unwrittenField } from './values.ts';

export interface Origin {
  /** `description.Version (declared at driver.c:12)`. */
  readonly text: string;
  /** Equal for the same object of the program, whatever its address. */
  readonly key: string;
}

/** A variable and where it lies. */
export interface PlacedObject {
  readonly variable: Variable;
  readonly start: number;
}

/** The variable of a frame that covers an address. */
export function objectInFrame(
  { routine, fp }: Frame,
  address: number,
  readWord: (address: number) => number | undefined,
): PlacedObject | undefined {
  for (const { variable, offset, indirect } of routine?.code?.variables ?? []) {
    const start = indirect ? readWord(fp + offset) : fp + offset;
    if (start === undefined) continue;
    if (address >= start && address < start + Math.max(sizeOf(variable.type), 1)) {
      return { variable, start };
    }
  }
  return undefined;
}

/** The static variable of a module that covers an address. */
export function objectInModule(module: Module, address: number): PlacedObject | undefined {
  if (!module.contains(address)) return undefined;
  for (const { variable, address: start } of module.variables) {
    if (address >= start && address < start + sizeOf(variable.type)) return { variable, start };
  }
  return undefined;
}

/** What a range that begins in an object and ends behind it does to it; undefined when it ends inside. */
export function overrunOf(
  { variable, start }: PlacedObject,
  address: number,
  length: number,
): string | undefined {
  const size = Math.max(sizeOf(variable.type), 1);
  const room = start + size - address;
  if (length <= room) return undefined;
  const from = address === start ? '' : ` from byte ${address - start} on`;
  return `${describeObject(variable)} has ${room} bytes${from}, and what lies behind it is another object`;
}

/** The variable of a frame that covers a bit of a byte. `readWord` follows records passed by address. */
export function originInFrame(
  frame: Frame,
  address: number,
  readWord: (address: number) => number | undefined,
  bit?: number,
): Origin | undefined {
  const { routine, fp } = frame;
  if (routine?.code === undefined) return undefined;
  const found = objectInFrame(frame, address, readWord);
  if (found !== undefined) return describeVariable(found.variable, address - found.start, bit);
  if (address >= fp - routine.code.frameSize && address < fp) {
    const place = `${frame.module?.name ?? ''}!${routine.name}`;
    return { text: `a value that ${routine.name} computed from others`, key: `temporary ${place}` };
  }
  return undefined;
}

/** The static variable of a module that covers a bit of a byte. */
export function originInModule(module: Module, address: number, bit?: number): Origin | undefined {
  const found = objectInModule(module, address);
  return found && describeVariable(found.variable, address - found.start, bit);
}

/** A byte that was never written, or one bit of it that a bit-field needs. */
export interface UnwrittenByte {
  readonly at: number;
  readonly bit?: number;
}

/** The first never-written byte that a value loads, as its operands stand now. */
export function unwrittenLoad(
  value: Value,
  resolve: Resolve,
  context: Context,
): UnwrittenByte | undefined {
  const within = (...operands: readonly Value[]): UnwrittenByte | undefined => {
    for (const operand of operands) {
      const found = unwrittenLoad(operand, resolve, context);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  switch (value.op) {
    case 'load': {
      const inner = within(value.address);
      if (inner !== undefined) return inner;
      const { door } = context;
      try {
        const address = Number(compileValue(value.address, resolve)(context));
        if (value.bits !== undefined) return unwrittenField(door, address, value.bits);
        const at = door.firstUnwritten(address, scalarSize[value.scalar]);
        return at === undefined ? undefined : { at };
      } catch (error) {
        if (error instanceof Fault) return undefined;
        throw error;
      } finally {
        door.taint = 0;
      }
    }
    case 'binary':
    case 'compare':
    case 'and':
    case 'or':
      return within(value.left, value.right);
    case 'negate':
    case 'complement':
    case 'not':
    case 'convert':
      return within(value.operand);
    case 'bound':
      return within(value.index);
    case 'conditional':
      return within(value.condition, value.whenTrue, value.whenFalse);
    case 'sequence':
      return within(value.next);
    default:
      // Assignments inside an argument have changed what they read.
      return undefined;
  }
}

/** `.Version`, `[3].Length`: the path from an object to a bit of the byte at an offset inside it. */
export function memberPath(type: CType, offset: number, bit = 0): string {
  if (type.kind === 'array') {
    const size = sizeOf(type.element);
    if (size === 0) return '';
    const index = Math.floor(offset / size);
    return `[${index}]${memberPath(type.element, offset - index * size, bit)}`;
  }
  if (type.kind !== 'record') return '';
  for (const member of type.definition.members ?? []) {
    const inside = offset - member.offset;
    if (inside < 0 || inside >= Math.max(sizeOf(member.type), 1)) continue;
    if (member.bits !== undefined) {
      const place = inside * 8 + bit - member.bits.first;
      if (place < 0 || place >= member.bits.width) continue;
    }
    const rest = memberPath(member.type, inside, bit);
    return member.name === undefined ? rest : `.${member.name}${rest}`;
  }
  return '';
}

/** `description (declared at driver.c:12)`, with a member path behind the name. */
export function describeObject(variable: Variable, path = ''): string {
  const { file, start } = variable.range;
  const { line } = positionAt(file, start);
  const name = file.path.slice(file.path.lastIndexOf('/') + 1);
  return `${variable.name}${path} (declared at ${name}:${line})`;
}

/** The member path makes `description` into `description.Version`. */
function describeVariable(variable: Variable, offset: number, bit: number | undefined): Origin {
  const path = memberPath(variable.type, offset, bit);
  const { file, start } = variable.range;
  return {
    text: describeObject(variable, path),
    key: `${file.path}:${start}:${variable.name}${path}`,
  };
}
