/**
 * Pursues what a front end asks for: run, step, go back, in slices, and says why it stopped. Everything that
 * a run writes (hit counts, log messages) is in the store; this object holds wishes, not state of the machine.
 */
import { hex, type Int64 } from '../../base/int64.ts';
import { BYTES_PER_PAGE, History } from '../history.ts';
import { codeFlags } from '../module.ts';
import { Pace } from '../pace.ts';
import type { ReportTypes } from '../reports.ts';
import { noObserver, type Observer, type VirtualMachine } from '../virtual-machine.ts';
import {
  type BreakpointSettings,
  BreakpointTable,
  clearMarks,
  type Hit,
  type HitCounts,
} from './breakpoints.ts';
import { DataWatch } from './data-watch.ts';
import { Evaluator } from './evaluation.ts';
import { LineTable } from './line-table.ts';
import type {
  BoundBreakpoint,
  DataBreakpoint,
  Progress,
  ResumeKind,
  Stop,
  StopDetails,
  StopReason,
} from './requests.ts';
import {
  BackwardProbe,
  endsStep,
  type ForwardStep,
  originOf,
  type StepOrigin,
} from './stepping.ts';

/** Happenings that stop the program when they are asked for. */
export type EventFilter = 'bugCheck' | 'violation' | 'assertion' | 'status';

export interface DebuggerOptions {
  /** Keep snapshots, so that there is a way back. */
  readonly history: boolean;
  /** Statements after which the program is stopped. */
  readonly maxStatements: number;
  /** Bytes of emulated memory after which it is stopped. */
  readonly memoryBudget: number;
}

/** Why a moment is worth a stop. */
interface Reason {
  readonly reason: StopReason;
  readonly description: string;
  readonly details: StopDetails | undefined;
  readonly breakpoints: readonly string[];
}

interface TableInForce {
  /** Arrivals behind this moment are judged by it. */
  readonly from: number;
  readonly table: BreakpointTable;
}

/** Bytes that the way back may cost beyond the machine's own. */
const HISTORY_BUDGET = 2 ** 28;

const noBreakpoints: BreakpointSettings = { lines: [], functions: [], classes: [] };

export class Debugger {
  readonly history: History;
  readonly evaluator: Evaluator;
  readonly lines: LineTable;
  private readonly counts: HitCounts;
  private table: BreakpointTable;
  private tables: TableInForce[];
  private events: ReadonlySet<EventFilter> = new Set();
  private data: DataWatch;
  private task: Generator<undefined, Progress> | undefined;
  private pausing = false;
  private readonly pace = new Pace();

  /** To be made once the hosts are booted and before anything runs. */
  constructor(
    private readonly machine: VirtualMachine,
    private readonly options: DebuggerOptions,
  ) {
    this.history = new History(
      machine,
      options.history,
      Math.min(HISTORY_BUDGET, options.memoryBudget / 2),
      this.pace,
    );
    this.evaluator = new Evaluator(machine);
    this.lines = new LineTable(machine);
    this.counts = machine.store.table('vm.hitCounts');
    this.table = this.makeTable(noBreakpoints);
    this.tables = [{ from: -1, table: this.table }];
    this.data = new DataWatch(machine, []);
    this.history.begin();
  }

  // ---- Wishes ----------------------------------------------------------------------------------------

  /** Replaces all breakpoints; hit counts of those that stay go on. */
  setBreakpoints(settings: BreakpointSettings): readonly BoundBreakpoint[] {
    this.table = this.makeTable(settings);
    this.mark();
    return this.table.bound;
  }

  setDataBreakpoints(breakpoints: readonly DataBreakpoint[]): readonly BoundBreakpoint[] {
    this.data = new DataWatch(this.machine, breakpoints);
    return this.data.bound;
  }

  setEvents(events: ReadonlySet<EventFilter>): void {
    this.events = events;
  }

  /** Sets the goal that `work` pursues. */
  resume(kind: ResumeKind, thread = this.machine.current): void {
    this.pausing = false;
    switch (kind) {
      case 'continue':
        this.task = this.forwards(undefined, this.originFor(thread));
        return;
      case 'stepIn':
      case 'stepOver':
      case 'stepOut':
        this.task = this.forwards(kind, this.originFor(thread));
        return;
      case 'stepBack':
      case 'stepBackIn':
      case 'stepBackOut':
        this.task = this.stepBackwards(new BackwardProbe(kind, this.originFor(thread)));
        return;
      case 'reverseContinue':
        this.task = this.runBackwards();
    }
  }

  goTo(tick: number): void {
    this.pausing = false;
    this.task = this.travel(tick, plain('goto', `Went to moment ${tick}`));
  }

  /** Makes the next `work` stop. */
  pause(): void {
    this.pausing = true;
  }

  /** A user changed memory: the future that was known is dropped. */
  edited(): void {
    this.history.edited();
    this.data.reset();
  }

  /** Works for about `milliseconds` by the clock, or until something happens. */
  work(milliseconds: number, now: () => number): Progress {
    let time = now();
    const end = time + milliseconds;
    const { task } = this;
    if (task === undefined) {
      if (!this.pausing) return this.machine.ended ? { kind: 'ended' } : { kind: 'running' };
      this.pausing = false;
      return this.stop(plain('pause', 'Paused'));
    }
    do {
      if (this.pausing) {
        this.pausing = false;
        this.task = undefined;
        // Lets a replay put the observer back.
        task.return({ kind: 'running' });
        return this.stop(plain('pause', 'Paused'));
      }
      const step = task.next();
      if (step.done === true) {
        this.task = undefined;
        return step.value;
      }
      const then = time;
      time = now();
      this.pace.took(time - then);
    } while (time < end);
    return { kind: 'running' };
  }

  // ---- Forwards --------------------------------------------------------------------------------------

  /** Runs until a breakpoint, an event or the end of the step; the observer decides, the loop cuts into slices. */
  private *forwards(
    step: ForwardStep | undefined,
    origin: StepOrigin,
  ): Generator<undefined, Progress> {
    const { machine, history } = this;
    this.putInForce();
    const watcher = new Watcher(this.machine, this.events, this.data);
    let reason: Reason | undefined;
    const observer: Observer = {
      mask: this.forwardMask(step),
      watchesNatives: this.watchesNatives,
      arrived: () => {
        const flags = machine.processor.module.flags[machine.processor.index] ?? 0;
        if ((flags & codeFlags.breakpoint) !== 0) {
          reason = describeHits(this.table.arrive());
        }
        reason ??= watcher.failingStatus(flags);
        if (reason === undefined && step !== undefined && this.endsHere(step, origin, flags)) {
          reason = plain('step', 'Step');
        }
        return reason !== undefined;
      },
      happened: () => {
        reason = watcher.happened();
        return reason !== undefined;
      },
    };
    for (;;) {
      machine.observer = observer;
      const outcome = machine.run(Math.min(this.pace.piece, history.untilSnapshot));
      history.advanced();
      if (outcome === 'stopped' && reason !== undefined) return this.stop(reason);
      if (outcome === 'ended') return { kind: 'ended' };
      const limit = this.limitReached();
      if (limit !== undefined) return this.stop(limit);
      yield;
    }
  }

  /** Natives report assertions, and change watched bytes, without anyone else noticing. */
  private get watchesNatives(): boolean {
    return this.events.size > 0 || this.data.isActive;
  }

  /** At which places the observer has to look: as few as the goal allows. */
  private forwardMask(step: ForwardStep | undefined): number {
    let mask: number = codeFlags.breakpoint;
    if (step !== undefined) mask |= codeFlags.statement | codeFlags.returnSite;
    if (this.events.has('status')) mask |= codeFlags.returnSite;
    return mask;
  }

  /** Whether the step is over where the running thread is now. */
  private endsHere(step: ForwardStep, origin: StepOrigin, flags: number): boolean {
    const state = this.machine.thread(origin.thread)?.state;
    const isOver = state === undefined || state === 'ended';
    return endsStep(step, origin, isOver, this.machine.processor, flags);
  }

  /** The statement limit and the memory budget pause the run; the user may inspect what it came to. */
  private limitReached(): Reason | undefined {
    const { machine, options } = this;
    if (machine.statements >= options.maxStatements) {
      return plain('budget', `The limit of ${options.maxStatements} statements is reached`);
    }
    if (machine.store.pageCount * BYTES_PER_PAGE >= options.memoryBudget) {
      const megabytes = Math.round(options.memoryBudget / 2 ** 20);
      return plain('budget', `The emulated memory in use exceeds the budget of ${megabytes} MiB`);
    }
    return undefined;
  }

  // ---- Backwards -------------------------------------------------------------------------------------

  /** Goes to a moment and stops there. */
  private *travel(tick: number, reason: Reason): Generator<undefined, Progress> {
    yield* this.history.goTo(Math.max(tick, 0), this.replaying());
    this.data.reset();
    return this.stop(reason);
  }

  /** Finds the moment in a replay, then goes to it. */
  private *stepBackwards(probe: BackwardProbe): Generator<undefined, Progress> {
    const { machine } = this;
    const target = yield* this.searchBack(
      codeFlags.statement | codeFlags.returnSite,
      (flags) => probe.arrived(machine.processor, flags, machine.tick),
      () => {},
      () => probe.finish(),
    );
    return target === undefined
      ? yield* this.toStart()
      : yield* this.travel(target, plain('step', 'Step back'));
  }

  /** To the latest earlier moment that a forward run would have stopped at. */
  private *runBackwards(): Generator<undefined, Progress> {
    const { machine } = this;
    let found: { tick: number; reason: Reason } | undefined;
    let watcher = new Watcher(machine, this.events, this.data);
    const note = (reason: Reason | undefined): void => {
      if (reason !== undefined) found = { tick: machine.tick, reason };
    };
    const target = yield* this.searchBack(
      codeFlags.breakpoint | (this.events.has('status') ? codeFlags.returnSite : 0),
      (flags, hits) => note(describeHits(hits) ?? watcher.failingStatus(flags)),
      () => note(watcher.happened()),
      () => {
        watcher = new Watcher(machine, this.events, this.data);
        return found?.tick;
      },
      () => {
        watcher = new Watcher(machine, this.events, this.data);
      },
    );
    return target === undefined || found === undefined
      ? yield* this.toStart()
      : yield* this.travel(target, found.reason);
  }

  /**
   * Replays stretch after stretch, the latest first, until one gives an answer. Moments before the present
   * one count, the present one does not.
   */
  private *searchBack(
    mask: number,
    arrived: (flags: number, hits: readonly Hit[]) => void,
    happened: () => void,
    finish: () => number | undefined,
    begin: () => void = () => {},
  ): Generator<undefined, number | undefined> {
    const { machine, history } = this;
    // Arrivals at moments up to `last` are wanted; a kept moment does not arrive again when restored.
    let last = machine.tick - 1;
    for (;;) {
      const start = history.latestBefore(last);
      if (start === undefined || !history.restoreBefore(last)) return undefined;
      this.data.reset();
      begin();
      yield* history.replay(last, this.replaying(mask, arrived, happened));
      const found = finish();
      if (found !== undefined) return found;
      last = start;
    }
  }

  /** The first statement of the run: before it there is nothing to show. */
  private *toStart(): Generator<undefined, Progress> {
    const { machine, history } = this;
    yield* history.goTo(0, this.replaying());
    let isThere = false;
    const observer = this.replaying(codeFlags.statement, (flags) => {
      isThere = (flags & codeFlags.statement) !== 0;
    });
    machine.observer = {
      ...observer,
      arrived: () => {
        observer.arrived();
        return isThere;
      },
    };
    while (machine.run(this.pace.piece) === 'budget') yield;
    this.data.reset();
    return this.stop(plain('start', 'The beginning of the run'));
  }

  /** Watches a replay: repeats hit counts and log messages, and tells a search what it passes. */
  private replaying(
    mask = 0,
    arrived: (flags: number, hits: readonly Hit[]) => void = () => {},
    happened: () => void = () => {},
  ): Observer {
    const { machine } = this;
    const hasEffects = this.tables.some(({ table }) => table.hasEffects);
    return {
      mask: mask | (hasEffects ? codeFlags.breakpoint : 0),
      watchesNatives: this.watchesNatives,
      arrived: () => {
        const flags = machine.processor.module.flags[machine.processor.index] ?? 0;
        let hits: readonly Hit[] = [];
        if ((flags & codeFlags.breakpoint) !== 0) {
          const table = this.tableAt(machine.tick);
          hits = table.arrive();
          if (table !== this.table) hits = this.table.wouldHit();
        }
        if ((flags & mask) !== 0) arrived(flags, hits);
        return false;
      },
      happened: () => {
        happened();
        return false;
      },
    };
  }

  // ---- Breakpoint tables in time ---------------------------------------------------------------------

  private makeTable(settings: BreakpointSettings): BreakpointTable {
    return new BreakpointTable(this.machine, this.evaluator, this.lines, this.counts, settings);
  }

  /** From the present moment on, the present breakpoints count and log. */
  private putInForce(): void {
    const { tick } = this.machine;
    const kept = this.tables.filter((one) => one.from < tick || one.from === -1);
    const dropped = this.tables.length - kept.length;
    const last = kept.at(-1)?.table;
    if (last === this.table && dropped === 0) return;
    const touched = [...this.tables.slice(kept.length).map((one) => one.table), this.table];
    const hasEffects = touched.some((table) => table.hasEffects) || last?.hasEffects === true;
    if (last !== this.table) kept.push({ from: tick, table: this.table });
    this.tables = kept;
    if (hasEffects) this.history.forgetAhead();
    this.mark();
  }

  /** The breakpoints that counted and logged at a moment. */
  private tableAt(tick: number): BreakpointTable {
    return this.tables.findLast((one) => one.from < tick)?.table ?? this.table;
  }

  /** Flags in the code for the present table and for those that a replay needs. */
  private mark(): void {
    clearMarks(this.machine);
    for (const { table } of this.tables) if (table.hasEffects) table.mark();
    this.table.mark();
  }

  // ---- Stops -----------------------------------------------------------------------------------------

  /** The frame that a step starts in: a thread may be stepped that does not run at the moment. */
  private originFor(thread: number): StepOrigin {
    const { machine } = this;
    if (thread === machine.current) return originOf(machine.processor);
    const frame = machine.frames(thread).next().value;
    return { thread, mode: frame?.mode ?? 'kernel', fp: frame?.fp ?? 0 };
  }

  private stop(reason: Reason): Stop {
    const { machine, history } = this;
    machine.observer = noObserver;
    return {
      kind: 'stop',
      thread: machine.current,
      tick: machine.tick,
      inThePast: machine.tick < history.frontier,
      ...reason,
    };
  }
}

/** Compares what was reported since it was made with what the user wants to stop at. */
class Watcher {
  private readonly seen: Record<'bugCheck' | 'violation' | 'failure', number>;

  constructor(
    private readonly machine: VirtualMachine,
    private readonly events: ReadonlySet<EventFilter>,
    private readonly data: DataWatch,
  ) {
    const { reports } = machine;
    this.seen = {
      bugCheck: reports.count('bugCheck'),
      violation: reports.count('violation'),
      failure: reports.count('failure'),
    };
  }

  happened(): Reason | undefined {
    const [bugCheck] = this.fresh('bugCheck');
    const [violation] = this.fresh('violation');
    const assertion = this.fresh('failure').find((one) => one.kind === 'assertion');
    const touched = this.data.take();
    if (bugCheck !== undefined && this.events.has('bugCheck')) {
      const { code, name, explanation, page, site } = bugCheck;
      const id = `${hex(code)} ${name}`.trim();
      return exception('bugCheck', id, explanation, page, site);
    }
    if (violation !== undefined && this.events.has('violation')) {
      const { rule, message, page, site } = violation;
      return exception('violation', rule, message, page, site);
    }
    if (assertion !== undefined && this.events.has('assertion')) {
      const { message, site } = assertion;
      return exception('assertion', 'STATUS_ASSERTION_FAILURE', message, undefined, site);
    }
    if (touched.length > 0) {
      return {
        reason: 'dataBreakpoint',
        description: 'A watched byte was touched',
        details: undefined,
        breakpoints: touched,
      };
    }
    return undefined;
  }

  /** A call by own code just came back with a failing NTSTATUS. */
  failingStatus(flags: number): Reason | undefined {
    if (!this.events.has('status') || (flags & codeFlags.returnSite) === 0) return undefined;
    const { processor } = this.machine;
    const call = processor.module.instructions[processor.index - 1];
    if (call?.op !== 'call' || call.result?.kind !== 'scalar') return undefined;
    if (processor.returnedAt !== processor.tick - 1 || !processor.module.declaration.own) {
      return undefined;
    }
    if (call.type.result.alias !== 'NTSTATUS') return undefined;
    const status: Int64 = processor.returned;
    if (typeof status !== 'number' || status >= 0) return undefined;
    const id = hex(status >>> 0, 8);
    return exception('status', id, `The call failed with NTSTATUS ${id}.`, undefined, undefined);
  }

  private fresh<K extends keyof Watcher['seen']>(kind: K): ReportTypes[K][] {
    const { reports } = this.machine;
    const count = reports.count(kind);
    if (count === this.seen[kind]) return [];
    const list = reports.list(kind, this.seen[kind]);
    this.seen[kind] = count;
    return list;
  }
}

/** A reason without details. */
const plain = (reason: StopReason, description: string): Reason => ({
  reason,
  description,
  details: undefined,
  breakpoints: [],
});

/** A reason that the debugger shows as an exception. */
function exception(
  reason: StopReason,
  id: string,
  message: string,
  page: string | undefined,
  site: StopDetails['site'],
): Reason {
  return { reason, description: id, details: { id, message, page, site }, breakpoints: [] };
}

/** All breakpoints hit at one place are one stop. */
function describeHits(hits: readonly Hit[]): Reason | undefined {
  const [first] = hits;
  if (first === undefined) return undefined;
  const description = first.reason === 'breakpoint' ? 'Breakpoint' : `Call of ${first.routine}`;
  return {
    reason: first.reason,
    description,
    details: undefined,
    breakpoints: hits.map((hit) => hit.id),
  };
}
