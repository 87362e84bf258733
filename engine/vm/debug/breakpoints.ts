/**
 * Breakpoints on lines, routines and classes of calls. Hit counts live in the store and log messages are
 * reports, so both belong to history: replaying a stretch counts and prints exactly what it did before.
 */
import type { Table } from '../../base/store.ts';
import { codeFlags, type Module, type Routine } from '../module.ts';
import type { VirtualMachine } from '../virtual-machine.ts';
import type { EvaluationScope, Evaluator } from './evaluation.ts';
import type { LineTable } from './line-table.ts';
import { routinePattern } from './names.ts';
import type {
  BoundBreakpoint,
  FunctionBreakpoint,
  LineBreakpoint,
  StopReason,
} from './requests.ts';

/** A tick in the Breakpoints view: calls of these routines by anything but the kernel itself. */
export interface CallClassBreakpoint {
  readonly id: string;
  readonly routines: ReadonlySet<string>;
  readonly condition?: string;
}

export interface BreakpointSettings {
  readonly lines: readonly LineBreakpoint[];
  readonly functions: readonly FunctionBreakpoint[];
  readonly classes: readonly CallClassBreakpoint[];
}

export interface Hit {
  readonly id: string;
  readonly reason: Extract<StopReason, 'breakpoint' | 'functionBreakpoint' | 'callClass'>;
  /** For a call class: the routine called. */
  readonly routine: string;
}

/** What one breakpoint does at each of its places. */
interface Armed {
  readonly id: string;
  readonly reason: Hit['reason'];
  readonly condition: string | undefined;
  readonly accepts: ((count: number) => boolean) | undefined;
  readonly logMessage: string | undefined;
}

export type HitCounts = Table<string, number>;

/** One state of all breakpoints. A change makes a new table; replays use the one in force at the time. */
export class BreakpointTable {
  readonly bound: readonly BoundBreakpoint[];
  /** Whether replaying with it changes the store: hit counts or log messages. */
  readonly hasEffects: boolean;
  /** Breakpoints that count their hits. */
  readonly counting: ReadonlySet<string>;
  private readonly places = new Map<Module, Map<number, Armed[]>>();

  constructor(
    private readonly machine: VirtualMachine,
    private readonly evaluator: Evaluator,
    lines: LineTable,
    private readonly counts: HitCounts,
    readonly settings: BreakpointSettings,
  ) {
    const bound: BoundBreakpoint[] = [];
    for (const breakpoint of settings.lines) bound.push(this.bindLine(breakpoint, lines));
    for (const breakpoint of settings.functions) bound.push(this.bindFunction(breakpoint));
    for (const breakpoint of settings.classes) bound.push(this.bindClass(breakpoint));
    this.bound = bound;
    const counting = [...settings.lines, ...settings.functions].filter((one) =>
      isSet(one.hitCondition),
    );
    this.counting = new Set(counting.map(({ id }) => id));
    this.hasEffects = counting.length > 0 || settings.lines.some((one) => isSet(one.logMessage));
  }

  /** Sets the flag of every place that is armed. */
  mark(): void {
    this.machine.rearmed();
    for (const [module, places] of this.places) {
      for (const index of places.keys()) {
        module.flags[index] = (module.flags[index] ?? 0) | codeFlags.breakpoint;
      }
    }
  }

  /** The running thread has come to an armed place: counts, logs, and answers what stops. */
  arrive(): readonly Hit[] {
    const { store } = this.machine;
    return this.judge((id) => {
      const count = (store.get(this.counts, id) ?? 0) + 1;
      store.set(this.counts, id, count);
      return count;
    }, true);
  }

  /**
   * As `arrive`, for a time at which another table was in force and has counted: nothing is logged or stored.
   * Breakpoints that the other did not have are counted in `tally`.
   */
  wouldHit(inForce: BreakpointTable, tally: Map<string, number>): readonly Hit[] {
    const { store } = this.machine;
    return this.judge((id) => {
      if (inForce.counting.has(id)) return store.get(this.counts, id) ?? 0;
      const count = (tally.get(id) ?? 0) + 1;
      tally.set(id, count);
      return count;
    }, false);
  }

  /** Conditions are judged before counts: a hit is an arrival at which the condition holds. */
  private judge(countOf: (id: string) => number, isInForce: boolean): readonly Hit[] {
    const { processor } = this.machine;
    const armed = this.places.get(processor.module)?.get(processor.index);
    if (armed === undefined) return [];
    const scope = this.scope();
    const hits: Hit[] = [];
    for (const one of armed) {
      if (one.reason === 'callClass' && !this.isCalledFromOutside()) continue;
      if (one.condition !== undefined && !this.holds(one.condition, scope)) continue;
      if (one.accepts !== undefined) {
        if (!one.accepts(countOf(one.id))) continue;
      }
      if (one.logMessage === undefined) {
        hits.push({ id: one.id, reason: one.reason, routine: scope.routine?.name ?? '' });
      } else if (isInForce) {
        this.log(one.logMessage, scope);
      }
    }
    return hits;
  }

  /** The running thread's innermost frame. */
  private scope(): EvaluationScope {
    const { processor } = this.machine;
    const { module, index, fp, host, process } = processor;
    return { host, process, module, routine: module.routineAt(index), index, fp };
  }

  /** An error in a condition stops: better once too often than never. */
  private holds(condition: string, scope: EvaluationScope): boolean {
    const outcome = this.evaluator.evaluate(condition, scope);
    return !outcome.ok || outcome.result.value !== 0;
  }

  /** Adds the message to the output; `{expression}` is replaced by its value. */
  private log(message: string, scope: EvaluationScope): void {
    const text = message.replaceAll(/\{([^{}]*)\}/g, (_, expression: string) => {
      const outcome = this.evaluator.evaluate(expression, scope);
      if (!outcome.ok) return `<${outcome.message}>`;
      const { type, value } = outcome.result;
      return type.kind === 'pointer'
        ? `0x${BigInt.asUintN(64, BigInt(value)).toString(16)}`
        : String(value);
    });
    const { processor, reports } = this.machine;
    const frame = this.machine.frames(processor.thread).next().value;
    reports.add('output', {
      host: this.machine.hostName(processor.host),
      source: 'logpoint',
      text,
      site: frame === undefined ? undefined : this.machine.siteOfFrame(frame),
    });
  }

  /** The kernel's own calls are not what a class of calls is about. */
  private isCalledFromOutside(): boolean {
    const [, caller] = this.machine.frames(this.machine.processor.thread);
    return caller?.module?.name !== 'ntoskrnl';
  }

  /** Arms every function that the line lies in, in every module built from the file. */
  private bindLine(breakpoint: LineBreakpoint, lines: LineTable): BoundBreakpoint {
    const { id, file, line, column } = breakpoint;
    const places = lines.bind(file, line, column);
    const [first] = places;
    if (first === undefined) {
      const message =
        lines.statements(file).length === 0
          ? 'No module of this scenario is built from this file.'
          : 'There is no code at or behind this line.';
      return { id, verified: false, message };
    }
    const problem =
      hitConditionProblem(breakpoint.hitCondition) ??
      this.conditionProblem(breakpoint.condition, first.module, first.index);
    if (problem !== undefined) {
      return { id, verified: false, message: problem, file, line: first.line };
    }
    const armed: Armed = {
      id,
      reason: 'breakpoint',
      condition: filled(breakpoint.condition),
      accepts: hitCondition(breakpoint.hitCondition),
      logMessage: filled(breakpoint.logMessage),
    };
    for (const place of places) this.arm(place.module, place.index, armed);
    return { id, verified: true, file, line: first.line, column: first.column };
  }

  /** `name`, with `*` and `?`, or `module!name`. */
  private bindFunction(breakpoint: FunctionBreakpoint): BoundBreakpoint {
    const { id, name } = breakpoint;
    const problem = hitConditionProblem(breakpoint.hitCondition);
    if (problem !== undefined) return { id, verified: false, message: problem };
    const armed: Armed = {
      id,
      reason: 'functionBreakpoint',
      condition: filled(breakpoint.condition),
      accepts: hitCondition(breakpoint.hitCondition),
      logMessage: undefined,
    };
    const outcome = this.armRoutines(armed, routinePattern(name));
    if (outcome.armed > 0) return { id, verified: true };
    return { id, verified: false, message: outcome.problem ?? `No routine is called ${name}.` };
  }

  private bindClass(breakpoint: CallClassBreakpoint): BoundBreakpoint {
    const { id, routines } = breakpoint;
    const armed: Armed = {
      id,
      reason: 'callClass',
      condition: filled(breakpoint.condition),
      accepts: undefined,
      logMessage: undefined,
    };
    const { armed: count, problem } = this.armRoutines(armed, ({ name }) => routines.has(name));
    if (count === 0 && problem !== undefined) return { id, verified: false, message: problem };
    return { id, verified: true };
  }

  /**
   * Arms every routine that is accepted and for which the condition means something: a call without the
   * parameter that it asks about does not fulfil it. Answers how many, and what was wrong with another.
   */
  private armRoutines(
    armed: Armed,
    accepts: (routine: Routine) => boolean,
  ): { readonly armed: number; readonly problem: string | undefined } {
    let count = 0;
    let problem: string | undefined;
    for (const host of this.machine.hosts) {
      for (const module of this.machine.modulesOf(host)) {
        for (const routine of module.routines) {
          if (!accepts(routine)) continue;
          const wrong = this.conditionProblem(armed.condition, module, routine.first);
          if (wrong === undefined) {
            this.arm(module, routine.first, armed);
            count++;
          }
          problem ??= wrong;
        }
      }
    }
    return { armed: count, problem };
  }

  /** Why a condition can never be evaluated at a place. */
  private conditionProblem(
    condition: string | undefined,
    module: Module,
    index: number,
  ): string | undefined {
    const text = filled(condition);
    if (text === undefined) return undefined;
    const host = module.declaration.host;
    const scope = { host, process: 0, module, routine: module.routineAt(index), index, fp: 0 };
    const compilation = this.evaluator.compile(text, scope);
    if (!compilation.ok) return `The condition is not C that holds here: ${compilation.message}`;
    return compilation.compiled.assigns ? 'The condition must not assign.' : undefined;
  }

  private arm(module: Module, index: number, armed: Armed): void {
    let places = this.places.get(module);
    if (places === undefined) {
      places = new Map();
      this.places.set(module, places);
    }
    const list = places.get(index);
    if (list === undefined) places.set(index, [armed]);
    else list.push(armed);
  }
}

/** Clears the breakpoint flag everywhere, before tables set it anew. */
export function clearMarks(machine: VirtualMachine): void {
  machine.rearmed();
  for (const host of machine.hosts) {
    for (const { flags } of machine.modulesOf(host)) {
      for (let index = 0; index < flags.length; index++) {
        flags[index] = (flags[index] ?? 0) & ~codeFlags.breakpoint;
      }
    }
  }
}

function hitConditionProblem(text: string | undefined): string | undefined {
  if (!isSet(text) || hitCondition(text) !== undefined) return undefined;
  return `The hit condition "${text}" is not a number, nor one of ==, >, >=, <, <=, % with a number.`;
}

/** `5`, `>= 5`, `% 2`, `== 3`: a bare number means from the n-th hit on. Undefined for none or nonsense. */
export function hitCondition(text: string | undefined): ((count: number) => boolean) | undefined {
  const match = /^\s*(>=|<=|==|=|>|<|%)?\s*(\d+)\s*$/.exec(text ?? '');
  if (match === null) return undefined;
  const number = Number(match[2]);
  switch (match[1]) {
    case '<':
      return (count) => count < number;
    case '<=':
      return (count) => count <= number;
    case '=':
    case '==':
      return (count) => count === number;
    case '>':
      return (count) => count > number;
    case '%':
      return (count) => number !== 0 && count % number === 0;
    default:
      return (count) => count >= number;
  }
}

const isSet = (text: string | undefined): boolean => text !== undefined && text.trim() !== '';
const filled = (text: string | undefined): string | undefined => (isSet(text) ? text : undefined);
