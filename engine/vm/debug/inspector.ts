/** The stopped program as front ends show it: threads, frames, scopes, variables, memory. */
import { virtual } from '../../base/addresses.ts';
import { hex } from '../../base/int64.ts';
import type { Unit, Variable } from '../../language/program.ts';
import { positionAt, type SourceRange } from '../../language/source.ts';
import { type Member, sizeOf, typeName } from '../../language/types.ts';
import type {
  Evaluation,
  FrameInfo,
  MemoryBlock,
  ScopeInfo,
  ThreadInfo,
  VariableInfo,
} from '../../session-types.ts';
import { Fault } from '../access.ts';
import type { Frame } from '../frames.ts';
import type { Site } from '../reports.ts';
import type { VirtualMachine } from '../virtual-machine.ts';
import { type EvaluationScope, type Evaluator, visibleVariables } from './evaluation.ts';
import { behindPointer, Formatter, type Place } from './formatting.ts';
import { parseReference, virtualReference } from './memory-reference.ts';

/** The name of the frame that stands for the change from user to kernel mode. */
export const BOUNDARY_NAME = '[User/Kernel Boundary]';

/** What a handle stands for. */
type Node =
  | { readonly kind: 'scope'; readonly scope: ScopeInfo['name']; readonly frame: number }
  | {
      readonly kind: 'object';
      readonly place: Place;
      readonly expression: string | undefined;
      readonly frame: number | undefined;
    };

interface FrameKey {
  readonly thread: number;
  readonly fp: number;
  readonly mode: string;
  readonly inFilter: boolean;
}

/** A variable before it is shown. */
interface Child {
  readonly name: string;
  readonly place: Place;
  readonly expression: string | undefined;
  readonly declaration: Site | undefined;
}

export class Inspector {
  private readonly formatter: Formatter;
  /** Handles by parent and name: the same variable has the same handle after every step. */
  private readonly handles = new Map<string, number>();
  private readonly nodes = new Map<number, Node>();
  private readonly frameKeys = new Map<number, FrameKey>();

  /** `edited` is told when a user's write changed the machine. */
  constructor(
    private readonly machine: VirtualMachine,
    private readonly evaluator: Evaluator,
    private readonly edited: () => void,
  ) {
    this.formatter = new Formatter(machine);
  }

  threads(): readonly ThreadInfo[] {
    const list: ThreadInfo[] = [];
    for (const host of this.machine.hosts) {
      for (const { id, name, state } of this.machine.threads(host)) {
        if (state !== 'ended') list.push({ id, name: `${this.machine.hostName(host)}: ${name}` });
      }
    }
    return list;
  }

  stack(
    thread: number,
    start: number,
    count: number,
  ): { readonly frames: readonly FrameInfo[]; readonly total: number } {
    const frames: FrameInfo[] = [];
    for (const frame of this.machine.frames(thread)) {
      frames.push(this.frameInfo(thread, frame));
      if (frame.boundary) frames.push(this.boundaryInfo(thread, frame));
    }
    const end = count > 0 ? start + count : undefined;
    return { frames: frames.slice(start, end), total: frames.length };
  }

  scopes(frame: number): readonly ScopeInfo[] {
    const found = this.frameOf(frame);
    if (found?.routine === undefined) return [];
    const names: ScopeInfo['name'][] = [];
    if (this.result(found, frame) !== undefined) names.push('Result');
    names.push('Arguments');
    if (found.routine.code !== undefined) names.push('Locals', 'Globals');
    return names.map((name) => ({
      name,
      handle: this.handle(`frame ${frame}`, name, { kind: 'scope', scope: name, frame }),
      expensive: name === 'Globals',
    }));
  }

  variables(handle: number, start = 0, count = 0): readonly VariableInfo[] {
    const node = this.nodes.get(handle);
    if (node === undefined) return [];
    return this.children(node, start, count).map((child) =>
      this.variableInfo(child, `${handle}`, node.frame),
    );
  }

  /** A C expression in a frame (of the running thread's module without one). */
  evaluate(expression: string, frame: number | undefined, mayWrite: boolean): Evaluation {
    const scope = this.scopeFor(frame);
    if (scope === undefined) return { ok: false, message: 'Nothing runs yet.' };
    const outcome = this.evaluator.evaluate(expression, scope, mayWrite);
    if (!outcome.ok) return outcome;
    const compilation = this.evaluator.compile(expression, scope);
    if (compilation.ok && compilation.compiled.assigns) this.edited();
    const { type, value, address, bits } = outcome.result;
    const isAggregate = type.kind === 'record' || type.kind === 'array';
    const place: Place = {
      type,
      host: scope.host,
      process: scope.process,
      address: address ?? (isAggregate && typeof value === 'number' ? value : undefined),
      bits,
      value,
    };
    const child = { name: expression, place, expression, declaration: undefined };
    return { ok: true, variable: this.variableInfo(child, `evaluate ${frame ?? 0}`, frame) };
  }

  /** Assigns a variable by the rules of C and answers it as it is then. */
  setVariable(handle: number, name: string, value: string): Evaluation {
    const node = this.nodes.get(handle);
    if (node === undefined) return { ok: false, message: 'The variable is no longer there.' };
    const find = (): Child | undefined =>
      this.children(node, 0, 0).find((one) => one.name === name);
    const child = find();
    if (child?.expression === undefined) return { ok: false, message: `${name} cannot be set.` };
    const written = this.evaluate(`${child.expression} = ${value}`, node.frame, true);
    if (!written.ok) return written;
    const after = find() ?? child;
    return { ok: true, variable: this.variableInfo(after, `${handle}`, node.frame) };
  }

  readMemory(reference: string, offset: number, count: number): MemoryBlock | undefined {
    const place = parseReference(reference);
    const host = this.hostNamed(place?.host);
    if (place === undefined || host === undefined || count < 0) return undefined;
    const start = place.address + offset;
    const address = hex(start);
    if (place.space === 'physical') {
      const bytes = this.machine.peekBytes(true, host, 0, Math.max(start, 0), count);
      return { address, bytes: bytes ?? new Uint8Array(0), unreadable: 0 };
    }
    const parts: Uint8Array[] = [];
    let length = 0;
    for (const run of this.machine.peek(host, place.process).read(virtual(start), count)) {
      if (!('bytes' in run)) break;
      parts.push(run.bytes);
      length += run.bytes.length;
    }
    const bytes = new Uint8Array(length);
    let at = 0;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return { address, bytes, unreadable: count - length };
  }

  /** Bytes written. */
  writeMemory(reference: string, offset: number, bytes: Uint8Array): number {
    const place = parseReference(reference);
    const host = this.hostNamed(place?.host);
    if (place === undefined || host === undefined) return 0;
    const start = place.address + offset;
    if (place.space === 'physical') {
      this.machine.pokePhysical(host, start, bytes);
      this.edited();
      return bytes.length;
    }
    const door = this.machine.peekDoor(host, place.process, true);
    let written = 0;
    for (; written < bytes.length; written++) {
      try {
        door.writeBytes(start + written, bytes.subarray(written, written + 1));
      } catch (error) {
        if (error instanceof Fault) break;
        throw error;
      }
    }
    if (written > 0) this.edited();
    return written;
  }

  // ---- Frames ----------------------------------------------------------------------------------------

  private frameInfo(thread: number, frame: Frame): FrameInfo {
    const { module, routine } = frame;
    const instruction = module?.instructions[frame.index];
    const isNative = routine !== undefined && routine.code === undefined;
    const range = isNative ? routine.symbol?.range : instruction?.range;
    return {
      id: this.frameId(thread, frame),
      function: routine?.name ?? hex(frame.pc, 16),
      module: module?.name ?? '',
      kind: isNative ? 'native' : 'source',
      ...placeOf(range),
      origin: range?.file.origin ?? 'builtin',
      instructionPointer: hex(module?.addressAt(frame.index) ?? frame.pc, 16),
    };
  }

  private boundaryInfo(thread: number, frame: Frame): FrameInfo {
    return {
      id: this.handle(`frame ${this.frameId(thread, frame)}`, 'boundary', undefined),
      function: BOUNDARY_NAME,
      module: '',
      kind: 'boundary',
      ...placeOf(undefined),
      origin: 'builtin',
      instructionPointer: '0x0',
    };
  }

  private frameId(thread: number, frame: Frame): number {
    const inFilter = frame.filter !== undefined;
    const id = this.handle(`thread ${thread}`, `${frame.mode} ${frame.fp} ${inFilter}`, undefined);
    this.frameKeys.set(id, { thread, fp: frame.fp, mode: frame.mode, inFilter });
    return id;
  }

  private frameOf(id: number): Frame | undefined {
    const key = this.frameKeys.get(id);
    if (key === undefined) return undefined;
    for (const frame of this.machine.frames(key.thread)) {
      const inFilter = frame.filter !== undefined;
      if (frame.fp === key.fp && frame.mode === key.mode && inFilter === key.inFilter) {
        return frame;
      }
    }
    return undefined;
  }

  private scopeFor(frame: number | undefined): EvaluationScope | undefined {
    const thread =
      frame === undefined ? this.machine.current : (this.frameKeys.get(frame)?.thread ?? 0);
    const found =
      frame === undefined ? this.machine.frames(thread).next().value : this.frameOf(frame);
    const state = this.machine.thread(thread);
    if (found === undefined || state === undefined) return undefined;
    return this.evaluator.scopeOf(found, state.host, state.process);
  }

  // ---- Variables -------------------------------------------------------------------------------------

  private children(node: Node, start: number, count: number): readonly Child[] {
    if (node.kind === 'object') return this.parts(node.place, node.expression, start, count);
    const list = this.inScope(node.scope, node.frame);
    return count > 0 ? list.slice(start, start + count) : list.slice(start);
  }

  private inScope(scope: ScopeInfo['name'], frame: number): readonly Child[] {
    const found = this.frameOf(frame);
    const where = this.scopeFor(frame);
    if (found?.routine === undefined || where === undefined) return [];
    const { host, process, module } = where;
    const child = (variable: Variable, address: number): Child => ({
      name: variable.name,
      place: { type: variable.type, host, process, address, bits: undefined, value: undefined },
      expression: variable.name,
      declaration: siteOf(variable.range, found.routine?.name ?? '', module.name),
    });
    if (scope === 'Result') {
      const result = this.result(found, frame);
      return result === undefined ? [] : [result];
    }
    if (scope === 'Globals') {
      const { units } = module.declaration;
      const own = units.find(
        (unit) => found.routine?.symbol && unit.functions.includes(found.routine.symbol),
      );
      const variables = (own?.variables ?? []).filter((one) => one.owner === undefined);
      return variables.flatMap((variable) => {
        const address = module.addresses.get(variable);
        return address === undefined || !variable.defined ? [] : [child(variable, address)];
      });
    }
    const door = this.machine.peekDoor(host, process);
    const shown = new Map<string, Child>();
    for (const { variable, offset, indirect } of visibleVariables(found.routine, found.index)) {
      if ((variable.storage === 'parameter') !== (scope === 'Arguments')) continue;
      let address = found.fp + offset;
      if (indirect) {
        try {
          address = Number(door.readI64(address));
        } catch (error) {
          if (!(error instanceof Fault)) throw error;
        }
      }
      // An inner block's variable hides the outer one of its name.
      shown.set(variable.name, child(variable, address));
    }
    if (scope === 'Locals') {
      for (const { variable, address } of module.variables) {
        if (variable.owner !== undefined && variable.owner === found.routine.symbol) {
          shown.set(variable.name, child(variable, address));
        }
      }
    }
    return [...shown.values()];
  }

  /** What the call returned that the innermost frame just came back from. */
  private result(found: Frame, frame: number): Child | undefined {
    const { processor } = this.machine;
    const isInnermost =
      this.frameKeys.get(frame)?.thread === processor.thread && found.fp === processor.fp;
    if (!isInnermost || processor.returnedAt !== processor.tick - 1) return undefined;
    const call = found.module?.instructions[found.index - 1];
    if (call?.op !== 'call' || call.result === undefined) return undefined;
    const name =
      call.callee.op === 'symbol' && call.callee.symbol.kind === 'function'
        ? `${call.callee.symbol.function.name} returned`
        : 'returned';
    return {
      name,
      place: {
        type: call.type.result,
        host: processor.host,
        process: processor.process,
        address: found.fp + call.result.offset,
        bits: undefined,
        value: undefined,
      },
      expression: undefined,
      declaration: undefined,
    };
  }

  /** Members, elements, or what a pointer points at. */
  private parts(
    place: Place,
    expression: string | undefined,
    start: number,
    count: number,
  ): readonly Child[] {
    const { type, address } = place;
    if (type.kind === 'pointer') {
      const value = this.formatter.read(place)?.value;
      if (typeof value !== 'number') return [];
      const behind = behindPointer(place, type.target, value);
      if (type.target.kind === 'record') {
        const inner = expression === undefined ? undefined : `(*${wrapped(expression)})`;
        return this.parts(behind, inner, start, count).map((child) => ({
          ...child,
          expression: arrow(expression, child) ?? child.expression,
        }));
      }
      const inner = expression === undefined ? undefined : `*${wrapped(expression)}`;
      return [{ name: inner ?? '*', place: behind, expression: inner, declaration: undefined }];
    }
    if (address === undefined) return [];
    if (type.kind === 'array') {
      const size = sizeOf(type.element);
      const length = type.length ?? 0;
      const end = count > 0 ? Math.min(start + count, length) : length;
      return Array.from({ length: Math.max(end - start, 0) }, (_, index): Child => {
        const number = start + index;
        return {
          name: `[${number}]`,
          place: {
            ...place,
            type: type.element,
            address: address + number * size,
            bits: undefined,
          },
          expression: expression === undefined ? undefined : `${wrapped(expression)}[${number}]`,
          declaration: undefined,
        };
      });
    }
    if (type.kind !== 'record') return [];
    const list = membersOf(type.definition.members ?? [], 0).map(
      ({ member, offset }): Child => ({
        name: member.name ?? '',
        place: { ...place, type: member.type, address: address + offset, bits: member.bits },
        expression: expression === undefined ? undefined : `${wrapped(expression)}.${member.name}`,
        declaration: siteOf(member.range, '', ''),
      }),
    );
    return count > 0 ? list.slice(start, start + count) : list.slice(start);
  }

  private variableInfo(child: Child, parent: string, frame: number | undefined): VariableInfo {
    const { name, place, expression } = child;
    const { type } = place;
    const shown = this.formatter.show(place, this.unitsOf(frame));
    const { named, indexed } = this.countParts(place);
    const hasParts = named + indexed > 0;
    const handle = hasParts
      ? this.handle(parent, name, { kind: 'object', place, expression, frame })
      : 0;
    return {
      name,
      value: shown.text,
      type: typeName(type),
      handle,
      named,
      indexed,
      memoryReference: this.referenceOf(place),
      expression,
      lazy: false,
      writable:
        expression !== undefined &&
        place.address !== undefined &&
        type.kind !== 'record' &&
        type.kind !== 'array' &&
        type.kind !== 'function',
      undefinedBytes: shown.undefinedBytes,
      declaration: child.declaration,
    };
  }

  private countParts(place: Place): { named: number; indexed: number } {
    const { type } = place;
    if (type.kind === 'array') return { named: 0, indexed: type.length ?? 0 };
    if (type.kind === 'record') {
      return { named: membersOf(type.definition.members ?? [], 0).length, indexed: 0 };
    }
    if (type.kind !== 'pointer') return { named: 0, indexed: 0 };
    const read = this.formatter.read(place);
    const isUsable =
      read !== undefined && !read.unwritten && typeof read.value === 'number' && read.value !== 0;
    if (!isUsable || sizeOf(type.target) === 0) return { named: 0, indexed: 0 };
    return {
      named:
        type.target.kind === 'record'
          ? membersOf(type.target.definition.members ?? [], 0).length
          : 1,
      indexed: 0,
    };
  }

  /** Of what a pointer points at; of the storage of anything else. */
  private referenceOf(place: Place): string | undefined {
    const host = this.machine.hostName(place.host);
    if (place.type.kind === 'pointer') {
      const read = this.formatter.read(place);
      if (read === undefined || read.unwritten || read.value === 0) return undefined;
      return virtualReference(host, place.process, read.value);
    }
    return place.address === undefined
      ? undefined
      : virtualReference(host, place.process, place.address);
  }

  private unitsOf(frame: number | undefined): readonly Unit[] {
    return this.scopeFor(frame)?.module.declaration.units ?? [];
  }

  private hostNamed(name: string | undefined): number | undefined {
    return this.machine.hosts.find((host) => this.machine.hostName(host) === name);
  }

  private handle(parent: string, name: string, node: Node | undefined): number {
    const key = `${parent}\0${name}`;
    let handle = this.handles.get(key);
    if (handle === undefined) {
      handle = this.handles.size + 1;
      this.handles.set(key, handle);
    }
    if (node !== undefined) this.nodes.set(handle, node);
    return handle;
  }
}

/** Members with those of nameless structures and unions in their place. */
function membersOf(
  members: readonly Member[],
  base: number,
): readonly { readonly member: Member; readonly offset: number }[] {
  return members.flatMap((member) => {
    const offset = base + member.offset;
    if (member.name !== undefined) return [{ member, offset }];
    return member.type.kind === 'record'
      ? membersOf(member.type.definition.members ?? [], offset)
      : [];
  });
}

const wrapped = (expression: string): string =>
  /^[\w.>[\]-]+$/.test(expression) || /^\(.*\)$/.test(expression) ? expression : `(${expression})`;

const arrow = (expression: string | undefined, child: Child): string | undefined =>
  expression === undefined ? undefined : `${wrapped(expression)}->${child.name}`;

function placeOf(range: SourceRange | undefined) {
  if (range === undefined || range.file.path === '') {
    return { file: '', line: 0, column: 0, endLine: 0, endColumn: 0 };
  }
  const start = positionAt(range.file, range.start);
  const end = positionAt(range.file, range.end);
  return {
    file: range.file.path,
    line: start.line,
    column: start.column,
    endLine: end.line,
    endColumn: end.column,
  };
}

function siteOf(range: SourceRange | undefined, name: string, module: string): Site | undefined {
  if (range === undefined || range.file.path === '') return undefined;
  const { line, column } = positionAt(range.file, range.start);
  return { file: range.file.path, line, column, function: name, module, tick: 0 };
}
