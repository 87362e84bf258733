/** Threads, frames, scopes and variables of a stopped run, as the debugger's front ends show them. */
import { byteOffset, frameOf, PAGE_SIZE, physical, virtual } from '../base/addresses.ts';
import { hex, type Int64 } from '../base/int64.ts';
import { statusName } from '../kernel/status.ts';
import type { Variable } from '../language/program.ts';
import { positionAt, type SourceRange } from '../language/source.ts';
import { type CType, findMember, type Member, sizeOf, typeName } from '../language/types.ts';
import type {
  ByteRange,
  Evaluation,
  FrameInfo,
  MemoryBlock,
  ScopeInfo,
  ThreadInfo,
  VariableInfo,
} from '../session-types.ts';
import { type EvaluationScope, type Evaluator, visibleVariables } from '../vm/debug/evaluation.ts';
import { formatValue } from '../vm/debug/format-value.ts';
import { parseReference, virtualReference } from '../vm/debug/memory-reference.ts';
import {
  asAddress,
  type DebugStorage,
  EvaluationError,
  loadScalar,
  type TypedValue,
} from '../vm/debug/typed-value.ts';
import type { Frame } from '../vm/frames.ts';
import { codeFlags } from '../vm/module.ts';
import type { Site } from '../vm/reports.ts';
import type { ThreadState } from '../vm/system.ts';
import type { VirtualMachine } from '../vm/virtual-machine.ts';

/** Where a frame is: enough to find it again and to evaluate in it. */
interface FramePlace {
  readonly id: number;
  readonly thread: number;
  readonly host: number;
  readonly process: number;
  readonly frame: Frame;
}

/** Something with children. */
interface Node {
  readonly place: FramePlace;
  readonly children: (start: number, count: number) => readonly VariableInfo[];
  /** C text that denotes a child of this name. */
  readonly childExpression: (name: string) => string | undefined;
}

/** Elements of arrays and long lists that are answered when no count is given. */
const PAGE = 1000;

export class Inspection {
  /** Numbers of frames and nodes by path: the same path keeps its number after every step. */
  private readonly numbers = new Map<string, number>();
  private readonly frames = new Map<number, FramePlace>();
  private readonly nodes = new Map<number, Node>();
  private wrote = false;

  constructor(
    private readonly vm: VirtualMachine,
    private readonly evaluator: Evaluator,
  ) {}

  // ---- Threads and frames ----------------------------------------------------------------------------

  threads(): readonly ThreadInfo[] {
    return this.vm.hosts.flatMap((host) =>
      this.vm
        .threads(host)
        .filter(({ state }) => state !== 'ended')
        .map((thread) => ({ id: thread.id, name: this.threadName(host, thread) })),
    );
  }

  /** `alpha: client, processor 1 (waits for the mutex at ..)`; the processor where there are several. */
  private threadName(host: number, thread: ThreadState): string {
    const { name, state, waitingFor, processor, level } = thread;
    const isPlaced = level !== 'device' && this.vm.processorCount(host) > 1;
    const place = isPlaced ? `, processor ${processor}` : '';
    const wait = state === 'blocked' ? ` (waits for ${waitingFor ?? 'something'})` : '';
    return `${this.vm.hostName(host)}: ${name}${place}${wait}`;
  }

  stack(
    thread: number,
    start: number,
    count: number,
  ): { readonly frames: readonly FrameInfo[]; readonly total: number } {
    const rows: FrameInfo[] = [];
    const state = this.vm.thread(thread);
    if (state === undefined) return { frames: [], total: 0 };
    let depth = 0;
    for (const frame of this.vm.frames(thread)) {
      const place = this.placeOf(thread, state.host, state.process, frame, depth++);
      rows.push(this.frameInfo(place));
      if (frame.boundary) rows.push(boundaryRow(this.number(`boundary/${thread}/${depth}`)));
    }
    const end = count === 0 ? rows.length : start + count;
    return { frames: rows.slice(start, end), total: rows.length };
  }

  private placeOf(
    thread: number,
    host: number,
    process: number,
    frame: Frame,
    depth: number,
  ): FramePlace {
    const name = `${frame.module?.name ?? ''}!${frame.routine?.name ?? ''}`;
    const id = this.number(`frame/${thread}/${name}/${frame.fp}/${depth}`);
    const place = { id, thread, host, process, frame };
    this.frames.set(id, place);
    return place;
  }

  private frameInfo({ id, frame }: FramePlace): FrameInfo {
    const { module, routine, index } = frame;
    const isNative = routine?.code === undefined;
    const range = isNative ? routine?.symbol?.range : module?.instructions[index]?.range;
    const shown = range === undefined || range.file.path === '' ? undefined : range;
    return {
      id,
      function: routine?.name ?? hex(frame.pc, 16),
      module: module?.name ?? '',
      kind: isNative ? 'native' : 'source',
      ...placeOfRange(shown),
      origin: shown?.file.origin ?? 'builtin',
      instructionPointer: hex(frame.pc, 16),
    };
  }

  // ---- Scopes and variables --------------------------------------------------------------------------

  scopes(frame: number): readonly ScopeInfo[] {
    const place = this.frames.get(frame);
    if (place === undefined) return [];
    const { routine, module } = place.frame;
    if (routine === undefined || module === undefined) return [];
    const visible = visibleVariables(routine, place.frame.index);
    const parameters = visible.filter(({ variable }) => variable.storage === 'parameter');
    const locals = visible.filter(({ variable }) => variable.storage !== 'parameter');
    const statics = module.variables.filter(
      ({ variable }) => variable.owner === routine.symbol && routine.symbol !== undefined,
    );
    const globals = module.variables.filter(
      ({ variable }) => variable.owner === undefined && variable.name !== '',
    );
    const scopes: ScopeInfo[] = [];
    const add = (
      name: ScopeInfo['name'],
      list: () => readonly VariableInfo[],
      expensive = false,
    ): void => {
      const handle = this.node(`scope/${place.id}/${name}`, {
        place,
        children: (start, count) => list().slice(start, start + count),
        childExpression: (child) => child,
      });
      scopes.push({ name, handle, expensive });
    };
    const inFrame = (entries: typeof visible): readonly VariableInfo[] =>
      entries.map(({ variable, offset, indirect }) => {
        const at = place.frame.fp + offset;
        const address = indirect ? this.pointerAt(place, at) : at;
        return this.variableInfo(place, variable, address);
      });
    if (parameters.length > 0 || routine.code === undefined) {
      add('Arguments', () => inFrame(parameters));
    }
    if (routine.code !== undefined) {
      add('Locals', () => [
        ...inFrame(locals),
        ...statics.map(({ variable, address }) => this.variableInfo(place, variable, address)),
      ]);
    }
    const result = this.lastResult(place);
    if (result !== undefined) add('Result', () => [result]);
    if (globals.length > 0) {
      add('Globals', () =>
        globals.map(({ variable, address }) => this.variableInfo(place, variable, address)),
      );
    }
    return scopes;
  }

  /** What the call just before this moment answered, in the frame that made it. */
  private lastResult(place: FramePlace): VariableInfo | undefined {
    const { processor } = this.vm;
    const { frame } = place;
    if (place.thread !== this.vm.current || frame.fp !== processor.fp) return undefined;
    if (processor.returnedAt < 0 || processor.returnedAt !== processor.tick - 1) return undefined;
    const { module, index } = processor;
    if (((module.flags[index] ?? 0) & codeFlags.returnSite) === 0) return undefined;
    const call = module.instructions[index - 1];
    if (call?.op !== 'call' || call.type.result.kind === 'void') return undefined;
    const typed: TypedValue = {
      type: call.type.result,
      location: { kind: 'value', value: processor.returned },
    };
    return this.describe(place, 'result', typed, { name: 'returned value', expression: undefined });
  }

  variables(handle: number, start = 0, count = PAGE): readonly VariableInfo[] {
    const node = this.nodes.get(handle);
    if (node === undefined) return [];
    return node.children(start, count === 0 ? PAGE : count);
  }

  private variableInfo(
    place: FramePlace,
    variable: Variable,
    address: number | undefined,
  ): VariableInfo {
    const declaration = siteOf(variable.range);
    if (address === undefined) {
      return { ...unreadable(variable.name, variable.type), declaration };
    }
    const typed: TypedValue = {
      type: variable.type,
      location: { kind: 'memory', address: virtual(address) },
    };
    return {
      ...this.describe(place, `${place.id}/${variable.name}@${variable.range.start}`, typed, {
        name: variable.name,
        expression: variable.name,
      }),
      declaration,
    };
  }

  /** A value with a handle for its children. `path` is stable across steps. */
  private describe(
    place: FramePlace,
    path: string,
    typed: TypedValue,
    named: { readonly name: string; readonly expression: string | undefined },
  ): VariableInfo {
    const storage = this.storageOf(place);
    const children = this.childrenOf(place, path, typed, named.expression);
    const { location, type } = typed;
    return {
      name: named.name,
      value: formatValue(typed, storage),
      type: typeName(type),
      handle: children?.handle ?? 0,
      named: children?.named ?? 0,
      indexed: children?.indexed ?? 0,
      memoryReference: this.referenceOf(place, typed),
      expression: named.expression,
      lazy: false,
      writable: location.kind === 'memory' && type.kind !== 'record' && type.kind !== 'array',
      undefinedBytes:
        location.kind === 'memory' &&
        sizeOf(type) > 0 &&
        storage.peek.isWritten(location.address, sizeOf(type)) === false,
      declaration: undefined,
    };
  }

  private referenceOf(place: FramePlace, { type, location }: TypedValue): string | undefined {
    const host = this.vm.hostName(place.host);
    if (type.kind === 'pointer') {
      const scalar = this.tryLoad(place, { type, location });
      return typeof scalar === 'number' && scalar !== 0
        ? virtualReference(host, place.process, scalar)
        : undefined;
    }
    return location.kind === 'memory'
      ? virtualReference(host, place.process, location.address)
      : undefined;
  }

  private tryLoad(place: FramePlace, typed: TypedValue): Int64 | undefined {
    try {
      return loadScalar(typed, this.storageOf(place)).value;
    } catch (error) {
      if (error instanceof EvaluationError) return undefined;
      throw error;
    }
  }

  private childrenOf(
    place: FramePlace,
    path: string,
    typed: TypedValue,
    expression: string | undefined,
  ): { readonly handle: number; readonly named: number; readonly indexed: number } | undefined {
    const { type, location } = typed;
    if (type.kind === 'record' && location.kind === 'memory') {
      return this.recordChildren(place, path, type, location.address, expression, '.');
    }
    if (type.kind === 'array' && location.kind === 'memory') {
      return this.arrayChildren(place, path, type, location.address, expression);
    }
    if (type.kind !== 'pointer') return undefined;
    const { target } = type;
    if (target.kind === 'void' || target.kind === 'function' || sizeOf(target) === 0)
      return undefined;
    const value = this.tryLoad(place, typed);
    if (typeof value !== 'number' || value === 0) return undefined;
    const storage = this.storageOf(place);
    if (storage.peek.readUnsigned(virtual(value), 1) === undefined) return undefined;
    if (target.kind === 'record') {
      return this.recordChildren(place, path, target, value, expression, '->');
    }
    const name = expression === undefined ? '*' : `*${expression}`;
    const handle = this.node(path, {
      place,
      children: () => [
        this.describe(
          place,
          `${path}/*`,
          { type: target, location: { kind: 'memory', address: asAddress(value) } },
          { name, expression: expression && `*(${expression})` },
        ),
      ],
      childExpression: () => expression && `*(${expression})`,
    });
    return { handle, named: 1, indexed: 0 };
  }

  private recordChildren(
    place: FramePlace,
    path: string,
    type: Extract<CType, { kind: 'record' }>,
    address: number,
    expression: string | undefined,
    access: '.' | '->',
  ) {
    const members = visibleMembers(type.definition.members ?? [], 0);
    const expressionOf = (name: string): string | undefined =>
      expression &&
      `${needsParentheses(expression) ? `(${expression})` : expression}${access}${name}`;
    const handle = this.node(path, {
      place,
      children: (start, count) =>
        members.slice(start, start + count).map((member) => {
          const name = member.name ?? '';
          const at = virtual(address + member.offset);
          return this.describe(
            place,
            `${path}/${name}`,
            {
              type: member.type,
              location:
                member.bits === undefined
                  ? { kind: 'memory', address: at }
                  : { kind: 'memory', address: at, bits: member.bits },
            },
            { name, expression: expressionOf(name) },
          );
        }),
      childExpression: (name) =>
        findMember(type.definition, name) === undefined ? undefined : expressionOf(name),
    });
    return { handle, named: members.length, indexed: 0 };
  }

  private arrayChildren(
    place: FramePlace,
    path: string,
    type: Extract<CType, { kind: 'array' }>,
    address: number,
    expression: string | undefined,
  ) {
    const length = type.length ?? 0;
    const size = sizeOf(type.element);
    const expressionOf = (name: string): string | undefined =>
      expression && `${needsParentheses(expression) ? `(${expression})` : expression}${name}`;
    const handle = this.node(path, {
      place,
      children: (start, count) => {
        const rows: VariableInfo[] = [];
        for (let index = start; index < Math.min(length, start + count); index++) {
          rows.push(
            this.describe(
              place,
              `${path}[${index}]`,
              {
                type: type.element,
                location: { kind: 'memory', address: virtual(address + index * size) },
              },
              { name: `[${index}]`, expression: expressionOf(`[${index}]`) },
            ),
          );
        }
        return rows;
      },
      childExpression: expressionOf,
    });
    return length === 0 ? undefined : { handle, named: 0, indexed: length };
  }

  // ---- Expressions -----------------------------------------------------------------------------------

  /** A C expression in a frame; without one, in the innermost frame of the running thread. */
  evaluate(text: string, frame: number | undefined, mayWrite: boolean): Evaluation {
    const place = this.frameFor(frame);
    const scope = place && this.scopeOf(place);
    if (place === undefined || scope === undefined) {
      return { ok: false, message: 'Nothing runs here that an expression could refer to.' };
    }
    const compilation = this.evaluator.compile(text, scope);
    if (compilation.ok && compilation.compiled.assigns && mayWrite) this.wrote = true;
    const outcome = this.evaluator.evaluate(text, scope, mayWrite);
    if (!outcome.ok) return outcome;
    const { type, value, address, bits, undefinedBytes } = outcome.result;
    const isAggregate = type.kind === 'record' || type.kind === 'array';
    const typed: TypedValue =
      address === undefined
        ? isAggregate && typeof value === 'number'
          ? { type, location: { kind: 'memory', address: virtual(value) } }
          : { type, location: { kind: 'value', value } }
        : {
            type,
            location: {
              kind: 'memory',
              address: virtual(address),
              ...(bits === undefined ? {} : { bits }),
            },
          };
    const variable = this.describe(place, `${place.id}/(${text})`, typed, {
      name: text,
      expression: text,
    });
    return { ok: true, variable: { ...variable, undefinedBytes } };
  }

  /** Assigns to a child of a handle; `value` is a C expression. */
  setVariable(handle: number, name: string, value: string): Evaluation {
    const node = this.nodes.get(handle);
    const target = node?.childExpression(name);
    if (node === undefined || target === undefined) {
      return { ok: false, message: `${name} cannot be changed here.` };
    }
    return this.evaluate(`${target} = (${value})`, node.place.id, true);
  }

  /** Whether an expression assigned since the last call. */
  takeWrites(): boolean {
    const { wrote } = this;
    this.wrote = false;
    return wrote;
  }

  private frameFor(id: number | undefined): FramePlace | undefined {
    if (id !== undefined) return this.frames.get(id);
    const thread = this.vm.current;
    const state = this.vm.thread(thread);
    if (state === undefined) return undefined;
    for (const frame of this.vm.frames(thread)) {
      return this.placeOf(thread, state.host, state.process, frame, 0);
    }
    return undefined;
  }

  private scopeOf({ frame, host, process }: FramePlace): EvaluationScope | undefined {
    return this.evaluator.scopeOf(frame, host, process);
  }

  // ---- Memory ----------------------------------------------------------------------------------------

  /** `count` bytes from `offset` behind a reference on; undefined for what is no reference. */
  readMemory(reference: string, offset: number, count: number): MemoryBlock | undefined {
    const place = parseReference(reference);
    const host = this.vm.hosts.find((one) => this.vm.hostName(one) === place?.host);
    if (place === undefined || host === undefined) return undefined;
    const start = place.address + offset;
    if (place.space === 'physical') {
      const memory = this.vm.physicalMemory(host);
      const bytes = start < 0 ? new Uint8Array() : memory.peek(physical(start), count);
      return { address: hex(start), bytes, unreadable: count - bytes.length };
    }
    const peek = this.vm.peek(host, place.process);
    const [first] = count === 0 ? [] : peek.read(virtual(start), count);
    const bytes = first !== undefined && 'bytes' in first ? first.bytes : new Uint8Array();
    return { address: hex(start, 16), bytes, unreadable: count - bytes.length };
  }

  /** The bytes of a range that memory holds but nobody ever wrote. */
  neverWritten(reference: string, offset: number, count: number): readonly ByteRange[] {
    const place = parseReference(reference);
    const host = this.vm.hosts.find((one) => this.vm.hostName(one) === place?.host);
    if (place === undefined || host === undefined) return [];
    const memory = this.vm.physicalMemory(host);
    const ranges: { offset: number; length: number }[] = [];
    for (let done = 0; done < count; ) {
      const at = place.address + offset + done;
      const part = Math.min(PAGE_SIZE - byteOffset(at), count - done);
      const there =
        place.space === 'physical' ? physical(at) : this.vm.translate(host, place.process, at);
      if (there !== undefined) {
        const marks = memory.peekPage(frameOf(there))?.written;
        for (let index = 0; index < part; index++) {
          const bit = byteOffset(there) + index;
          if (((marks?.[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0) continue;
          const last = ranges.at(-1);
          if (last !== undefined && last.offset + last.length === offset + done + index) {
            last.length++;
          } else {
            ranges.push({ offset: offset + done + index, length: 1 });
          }
        }
      }
      done += part;
    }
    return ranges;
  }

  /** Writes as a user's edit; answers how many bytes took it. */
  writeMemory(reference: string, offset: number, bytes: Uint8Array): number {
    const place = parseReference(reference);
    const host = this.vm.hosts.find((one) => this.vm.hostName(one) === place?.host);
    if (place === undefined || host === undefined) return 0;
    const start = place.address + offset;
    if (place.space === 'physical') {
      this.vm.physicalMemory(host).poke(physical(start), bytes);
      return bytes.length;
    }
    let written = 0;
    while (written < bytes.length) {
      const at = virtual(start + written);
      const part = Math.min(PAGE_SIZE - byteOffset(at), bytes.length - written);
      const space = this.vm.translate(host, place.process, at);
      if (space === undefined) break;
      this.vm.physicalMemory(host).poke(space, bytes.subarray(written, written + part));
      written += part;
    }
    return written;
  }

  // ---- Helpers ---------------------------------------------------------------------------------------

  private storageOf(place: FramePlace): DebugStorage {
    const { vm } = this;
    return {
      peek: vm.peek(place.host, place.process),
      codeName: (address) => {
        const found = vm.routineAt(place.host, address);
        return found && `${found.module}!${found.name}`;
      },
      statusName: knownStatusName,
    };
  }

  private pointerAt(place: FramePlace, address: number): number | undefined {
    const value = this.vm.peek(place.host, place.process).read64(virtual(address));
    return typeof value === 'number' ? value : undefined;
  }

  private node(path: string, node: Node): number {
    const handle = this.number(`node/${path}`);
    this.nodes.set(handle, node);
    return handle;
  }

  private number(path: string): number {
    let number = this.numbers.get(path);
    if (number === undefined) {
      number = this.numbers.size + 1;
      this.numbers.set(path, number);
    }
    return number;
  }
}

/** The name of an NTSTATUS; undefined for a number that has none. */
export function knownStatusName(status: number): string | undefined {
  const name = statusName(status);
  return name.startsWith('STATUS_') || name.startsWith('DBG_') ? name : undefined;
}

/** Members of nameless members are reached by their own names. */
function visibleMembers(members: readonly Member[], base: number): readonly Member[] {
  return members.flatMap((member) =>
    member.name === undefined && member.type.kind === 'record'
      ? visibleMembers(member.type.definition.members ?? [], base + member.offset)
      : member.name === undefined
        ? []
        : [{ ...member, offset: base + member.offset }],
  );
}

function needsParentheses(expression: string): boolean {
  return !/^[\w.[\]>-]+$/.test(expression) || expression.startsWith('-');
}

function unreadable(name: string, type: CType): VariableInfo {
  return {
    name,
    value: '<not in memory>',
    type: typeName(type),
    handle: 0,
    named: 0,
    indexed: 0,
    memoryReference: undefined,
    expression: name,
    lazy: false,
    writable: false,
    undefinedBytes: false,
    declaration: undefined,
  };
}

function boundaryRow(id: number): FrameInfo {
  return {
    id,
    function: 'user/kernel boundary',
    module: '',
    kind: 'boundary',
    ...placeOfRange(undefined),
    origin: 'builtin',
    instructionPointer: '0x0',
  };
}

function placeOfRange(
  range: SourceRange | undefined,
): Pick<FrameInfo, 'file' | 'line' | 'column' | 'endLine' | 'endColumn'> {
  if (range === undefined) return { file: '', line: 0, column: 0, endLine: 0, endColumn: 0 };
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

function siteOf(range: SourceRange): Site | undefined {
  if (range.file.path === '') return undefined;
  const { line, column } = positionAt(range.file, range.start);
  return { file: range.file.path, line, column, function: '', module: '', tick: 0 };
}
