/**
 * Follows what a function allocates along every path: checked or not, locked, released, forgotten. The
 * rules read the events; a function with too many paths yields none rather than wrong ones.
 */
import type { Expression, FunctionSymbol } from '../../language/program.ts';
import { operandsOf } from '../../language/traverse.ts';
import { type FlowGraph, type FlowNode, flowGraph } from './graph.ts';
import { type Place, placeOf } from './places.ts';
import {
  type Allocator,
  allocators,
  constantOf,
  type Releaser,
  releasers,
  routineOf,
  unconverted,
} from './routines.ts';

type Call = Extract<Expression, { kind: 'call' }>;

/** Something that a call in this function gave out. */
export interface Resource {
  readonly call: Call;
  readonly routine: string;
  readonly allocator: Allocator;
}

export type OwnershipEvent =
  /** Dereferenced (or handed to a routine that does) while it may be NULL. */
  | { readonly kind: 'unchecked'; readonly resource: Resource; readonly use: Expression }
  | {
      readonly kind: 'released';
      readonly resource: Resource;
      readonly call: Call;
      readonly routine: string;
      readonly releaser: Releaser;
    }
  | { readonly kind: 'releasedTwice'; readonly resource: Resource; readonly call: Call }
  | { readonly kind: 'usedAfterRelease'; readonly resource: Resource; readonly use: Expression }
  | { readonly kind: 'mdlFreedWhileLocked'; readonly resource: Resource; readonly call: Call }
  | {
      readonly kind: 'adapterPutWithCommonBuffer';
      readonly resource: Resource;
      readonly call: Call;
    }
  /** Control leaves the function and nothing refers to it any more. */
  | { readonly kind: 'lost'; readonly resource: Resource }
  /** Stored where other functions find it. */
  | { readonly kind: 'stored'; readonly resource: Resource; readonly place: Place }
  /** Released from a place that other functions store into. */
  | {
      readonly kind: 'releasedFromStore';
      readonly place: Place;
      readonly call: Call;
      readonly routine: string;
      readonly releaser: Releaser;
    };

type Status = 'maybeNull' | 'held' | 'released';

interface Held {
  readonly status: Status;
  readonly locked: boolean;
  readonly escaped: boolean;
}

/** What a place is known to hold: a resource by number, or an integer constant (0 for NULL). */
type Known = { readonly resource: number } | { readonly constant: number };

interface State {
  readonly resources: ReadonlyMap<number, Held>;
  readonly places: ReadonlyMap<string, Known>;
}

const STEP_LIMIT = 20_000;

/** Routines that dereference an argument; handing them NULL is a fault. */
const dereferencing = new Set([
  'memset',
  'memcpy',
  'memmove',
  'RtlZeroMemory',
  'RtlCopyMemory',
  'RtlMoveMemory',
  'RtlFillMemory',
  'MmBuildMdlForNonPagedPool',
  'MmProbeAndLockPages',
  'MmUnlockPages',
  'MmMapLockedPagesSpecifyCache',
  'IoBuildPartialMdl',
]);

export function followOwnership(symbol: FunctionSymbol): readonly OwnershipEvent[] {
  if (symbol.body === undefined) return [];
  return new Follower(flowGraph(symbol.body)).run();
}

class Follower {
  private readonly events: OwnershipEvent[] = [];
  private readonly reported = new Set<string>();
  private readonly resources: Resource[] = [];
  private readonly numbers = new Map<Call, number>();
  private held = new Map<number, Held>();
  private places = new Map<string, Known>();

  constructor(private readonly graph: FlowGraph) {}

  run(): readonly OwnershipEvent[] {
    const seen = new Map<FlowNode, Set<string>>();
    const work: [FlowNode, State][] = [
      [this.graph.entry, { resources: new Map(), places: new Map() }],
    ];
    let steps = 0;
    for (let item = work.pop(); item !== undefined; item = work.pop()) {
      const [node, state] = item;
      const key = keyOf(state);
      let states = seen.get(node);
      if (states === undefined) {
        states = new Set();
        seen.set(node, states);
      }
      if (states.has(key)) continue;
      states.add(key);
      if (++steps > STEP_LIMIT) return [];
      if (node.handler !== undefined) work.push([node.handler, state]);
      for (const [next, after] of this.step(node, state)) work.push([next, after]);
    }
    return this.events;
  }

  private step(node: FlowNode, state: State): readonly [FlowNode, State][] {
    this.held = new Map(state.resources);
    this.places = new Map(state.places);
    const { action } = node;
    switch (action.kind) {
      case 'evaluate':
        this.evaluate(action.expression);
        break;
      case 'declare':
        this.places.delete(variableKey(action.variable));
        break;
      case 'initialize': {
        const value = this.evaluate(action.value);
        this.bind(variableKey(action.variable), value);
        break;
      }
      case 'return': {
        if (action.value !== undefined) this.escape(this.evaluate(action.value));
        break;
      }
      case 'branch':
        return this.branch(node, action.condition);
      case 'join':
        if (node === this.graph.exit) this.leave();
        break;
    }
    const after: State = { resources: this.held, places: this.places };
    return node.next.map((next) => [next, after]);
  }

  private leave(): void {
    for (const [number, held] of this.held) {
      const resource = this.resources[number];
      if (resource !== undefined && held.status !== 'released' && !held.escaped) {
        this.report('lost', number, { kind: 'lost', resource });
      }
    }
  }

  /** Takes both ways of a test, or the one that is left when the outcome is known. */
  private branch(node: FlowNode, condition: Expression): readonly [FlowNode, State][] {
    const outcome = this.test(condition);
    const [whenTrue, whenFalse] = node.next;
    const before: State = { resources: this.held, places: this.places };
    const result: [FlowNode, State][] = [];
    if (whenTrue !== undefined && outcome.value !== false) {
      result.push([whenTrue, refine(before, outcome.subject, outcome.nullWhenTrue === true)]);
    }
    if (whenFalse !== undefined && outcome.value !== true) {
      result.push([whenFalse, refine(before, outcome.subject, outcome.nullWhenTrue === false)]);
    }
    return result;
  }

  /** Evaluates a condition: its outcome where constants decide it, and which pointer it tests for NULL. */
  private test(condition: Expression): {
    value: boolean | undefined;
    subject: string | undefined;
    nullWhenTrue: boolean | undefined;
  } {
    const inner = unconverted(condition);
    if (inner.kind === 'compare') {
      const right = constantOf(inner.right);
      const left = unconverted(inner.left);
      const known = this.evaluate(inner.left);
      this.evaluate(inner.right);
      const place = left.kind === 'assign' ? placeOf(left.target) : placeOf(left);
      const constant = known !== undefined && 'constant' in known ? known.constant : undefined;
      if (constant !== undefined && typeof right === 'number') {
        const value = compareConstants(inner.operator, constant, right);
        return { value, subject: undefined, nullWhenTrue: undefined };
      }
      if (
        right === 0 &&
        place !== undefined &&
        (inner.operator === '==' || inner.operator === '!=')
      ) {
        return { value: undefined, subject: place.key, nullWhenTrue: inner.operator === '==' };
      }
      return { value: undefined, subject: undefined, nullWhenTrue: undefined };
    }
    const known = this.evaluate(condition);
    if (known !== undefined && 'constant' in known) {
      return { value: known.constant !== 0, subject: undefined, nullWhenTrue: undefined };
    }
    const place = inner.kind === 'assign' ? placeOf(inner.target) : placeOf(inner);
    return { value: undefined, subject: place?.key, nullWhenTrue: place && false };
  }

  /** Walks an expression; answers what is known of its value. */
  private evaluate(expression: Expression): Known | undefined {
    switch (expression.kind) {
      case 'integer':
        return typeof expression.value === 'number' ? { constant: expression.value } : undefined;
      case 'convert':
        return this.evaluate(expression.operand);
      case 'variable':
        return this.places.get(placeOf(expression)?.key ?? '');
      case 'assign': {
        this.touchOperands(expression.target);
        const value = this.evaluate(expression.value);
        const place = placeOf(expression.target);
        if (place !== undefined) {
          this.bind(place.key, value);
          if (place.escapes) this.store(value, place);
        } else {
          this.escape(value);
        }
        return value;
      }
      case 'member':
      case 'dereference': {
        this.touch(expression);
        const place = placeOf(expression);
        return place && this.places.get(place.key);
      }
      case 'compoundAssign':
      case 'increment':
      case 'pointerAssign': {
        for (const operand of operandsOf(expression)) this.evaluate(operand);
        const place = placeOf(expression.target);
        if (place !== undefined && expression.kind !== 'pointerAssign')
          this.places.delete(place.key);
        return undefined;
      }
      case 'call':
        return this.call(expression);
      case 'and':
      case 'or':
      case 'conditional': {
        // Both sides may or may not run: what they do to a resource is not followed.
        const condition =
          expression.kind === 'conditional' ? expression.condition : expression.left;
        this.evaluate(condition);
        return undefined;
      }
      case 'comma':
        this.evaluate(expression.left);
        return this.evaluate(expression.right);
      default:
        for (const operand of operandsOf(expression)) this.evaluate(operand);
        return undefined;
    }
  }

  /** A member or dereference reads through a pointer: it must be there. */
  private touch(expression: Expression): void {
    if (expression.kind === 'dereference') {
      this.use(this.evaluate(expression.operand), expression);
    } else {
      this.touchOperands(expression);
    }
  }

  private touchOperands(expression: Expression): void {
    if (expression.kind === 'variable') return;
    if (expression.kind === 'dereference') {
      this.touch(expression);
      return;
    }
    for (const operand of operandsOf(expression)) this.evaluate(operand);
  }

  private use(known: Known | undefined, use: Expression): void {
    if (known === undefined || !('resource' in known)) return;
    const resource = this.resources[known.resource];
    const held = this.held.get(known.resource);
    if (resource === undefined || held === undefined) return;
    if (held.status === 'maybeNull') {
      this.report('unchecked', known.resource, { kind: 'unchecked', resource, use });
      this.held.set(known.resource, { ...held, status: 'held' });
    } else if (held.status === 'released') {
      this.report('usedAfterRelease', known.resource, { kind: 'usedAfterRelease', resource, use });
    }
  }

  private call(call: Call): Known | undefined {
    const routine = routineOf(call);
    if (call.callee.kind !== 'function') this.evaluate(call.callee);
    const values = call.arguments.map((argument) => this.evaluate(argument));
    if (routine === undefined) {
      for (const value of values) this.escape(value);
      return undefined;
    }
    const releaser = releasers.get(routine);
    const subject = releaser && call.arguments[releaser.subject];
    if (releaser !== undefined && subject !== undefined) {
      this.release(call, routine, releaser, subject, values[releaser.subject]);
      return undefined;
    }
    if (routine === 'MmProbeAndLockPages') this.lock(values[0], true);
    if (routine === 'MmUnlockPages') this.lock(values[0], false);
    if (dereferencing.has(routine)) {
      values.forEach((value, index) => {
        const argument = call.arguments[index];
        if (argument !== undefined) this.use(value, argument);
      });
    }
    const hasBody = call.callee.kind === 'function' && call.callee.function.body !== undefined;
    if (hasBody || call.callee.kind !== 'function') {
      call.arguments.forEach((argument, index) => {
        this.escape(values[index]);
        this.forget(argument);
      });
    } else {
      for (const argument of call.arguments) this.forget(argument);
    }

    const allocator = allocators.get(routine);
    if (allocator === undefined) return undefined;
    let number = this.numbers.get(call);
    if (number === undefined) {
      number = this.resources.length;
      this.numbers.set(call, number);
      this.resources.push({ call, routine, allocator });
    }
    this.held.set(number, { status: 'maybeNull', locked: false, escaped: false });
    return { resource: number };
  }

  /** What a call may have written through a pointer to it is no longer known. */
  private forget(argument: Expression): void {
    const inner = unconverted(argument);
    if (inner.kind !== 'addressOf') return;
    const place = placeOf(inner.operand);
    if (place !== undefined) {
      const known = this.places.get(place.key);
      if (known !== undefined && 'resource' in known) this.escape(known);
      this.places.delete(place.key);
      // `&packet->Link` in a list keeps the packet reachable.
      for (const [key, value] of this.places) {
        if (key.includes(variableKey(place.root)) && 'resource' in value) this.escape(value);
      }
    }
  }

  private release(
    call: Call,
    routine: string,
    releaser: Releaser,
    subject: Expression,
    known: Known | undefined,
  ): void {
    if (known === undefined || !('resource' in known)) {
      const place = placeOf(subject);
      if (place?.escapes === true) {
        this.report('releasedFromStore', call.range.start, {
          kind: 'releasedFromStore',
          place,
          call,
          routine,
          releaser,
        });
      }
      return;
    }
    const resource = this.resources[known.resource];
    const held = this.held.get(known.resource);
    if (resource === undefined || held === undefined) return;
    if (held.status === 'released') {
      this.report('releasedTwice', call.range.start, { kind: 'releasedTwice', resource, call });
      return;
    }
    this.report('released', call.range.start, {
      kind: 'released',
      resource,
      call,
      routine,
      releaser,
    });
    if (held.locked && releaser.family === 'mdl') {
      this.report('mdlFreedWhileLocked', call.range.start, {
        kind: 'mdlFreedWhileLocked',
        resource,
        call,
      });
    }
    if (releaser.family === 'adapter') this.checkBuffers(call, subject);
    // Pages of MmAllocatePagesForMdl go back first, the MDL itself by ExFreePool afterwards.
    if (resource.allocator.family === 'mdlPages' && releaser.family === 'mdlPages') {
      this.held.set(known.resource, { ...held, escaped: true });
    } else {
      this.held.set(known.resource, { ...held, status: 'released' });
    }
  }

  private checkBuffers(call: Call, adapter: Expression): void {
    const place = placeOf(adapter);
    for (const [number, held] of this.held) {
      const buffer = this.resources[number];
      if (buffer?.allocator.family !== 'commonBuffer' || held.status !== 'held') continue;
      const from = buffer.call.arguments[0];
      if (place !== undefined && from !== undefined && placeOf(from)?.key === place.key) {
        this.report('adapterPutWithCommonBuffer', call.range.start, {
          kind: 'adapterPutWithCommonBuffer',
          resource: buffer,
          call,
        });
      }
    }
  }

  private lock(known: Known | undefined, locked: boolean): void {
    if (known === undefined || !('resource' in known)) return;
    const held = this.held.get(known.resource);
    if (held !== undefined) this.held.set(known.resource, { ...held, locked });
  }

  private bind(key: string, value: Known | undefined): void {
    if (value === undefined) this.places.delete(key);
    else this.places.set(key, value);
  }

  private store(value: Known | undefined, place: Place): void {
    if (value === undefined || !('resource' in value)) return;
    const resource = this.resources[value.resource];
    if (resource === undefined) return;
    this.report(`stored ${place.key}`, value.resource, { kind: 'stored', resource, place });
    this.escape(value);
  }

  private escape(known: Known | undefined): void {
    if (known === undefined || !('resource' in known)) return;
    const held = this.held.get(known.resource);
    if (held !== undefined) this.held.set(known.resource, { ...held, escaped: true });
  }

  private report(kind: string, number: number, event: OwnershipEvent): void {
    const key = `${kind}:${number}`;
    if (this.reported.has(key)) return;
    this.reported.add(key);
    this.events.push(event);
  }
}

function variableKey(variable: Place['root']): string {
  return `${variable.name}@${variable.range.file.path}:${variable.range.start}`;
}

function refine(state: State, subject: string | undefined, isNull: boolean): State {
  if (subject === undefined) return state;
  const known = state.places.get(subject);
  const places = new Map(state.places);
  if (isNull) {
    places.set(subject, { constant: 0 });
    if (known === undefined || !('resource' in known)) return { ...state, places };
    const held = state.resources.get(known.resource);
    const resources = new Map(state.resources);
    // The allocation failed: nothing to release on this path.
    if (held?.status === 'maybeNull') resources.delete(known.resource);
    return { resources, places };
  }
  if (known === undefined || !('resource' in known)) return state;
  const held = state.resources.get(known.resource);
  if (held?.status !== 'maybeNull') return state;
  return {
    resources: new Map(state.resources).set(known.resource, { ...held, status: 'held' }),
    places: state.places,
  };
}

function compareConstants(operator: string, left: number, right: number): boolean {
  switch (operator) {
    case '==':
      return left === right;
    case '!=':
      return left !== right;
    case '<':
      return left < right;
    case '>':
      return left > right;
    case '<=':
      return left <= right;
    default:
      return left >= right;
  }
}

function keyOf(state: State): string {
  const resources = [...state.resources]
    .map(([number, held]) => `${number}${held.status}${held.locked}${held.escaped}`)
    .sort();
  const places = [...state.places]
    .map(([key, known]) =>
      'resource' in known ? `${key}#${known.resource}` : `${key}=${known.constant}`,
    )
    .sort();
  return `${resources.join()}|${places.join()}`;
}
