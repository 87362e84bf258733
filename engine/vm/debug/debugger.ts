/**
 * Pursues what a front end asks for: run, step, go back, in slices, and says why it stopped. Everything that
 * a run writes (hit counts, log messages) is in the store; this object holds wishes, not state of the machine.
 */
import { BYTES_PER_PAGE, History } from '../history.ts';
import { codeFlags, type Module, type Routine } from '../module.ts';
import { Pace } from '../pace.ts';
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
import {
  type EventBreakpoint,
  EventConditions,
  type EventFilter,
  plain,
  type Reason,
  Watcher,
} from './events.ts';
import { LineTable } from './line-table.ts';
import type {
  BoundBreakpoint,
  DataBreakpoint,
  Progress,
  Query,
  ResumeKind,
  Stop,
} from './requests.ts';
import { search } from './searches.ts';
import {
  BackwardProbe,
  type BackwardStep,
  endsStep,
  type ForwardStep,
  originOf,
  type StepOrigin,
} from './stepping.ts';

export interface DebuggerOptions {
  /** Keep snapshots, so that there is a way back. */
  readonly history: boolean;
  /** Statements after which the program is stopped. */
  readonly maxStatements: number;
  /** Bytes of emulated memory after which it is stopped. */
  readonly memoryBudget: number;
  /** `STATUS_NO_MEMORY` for an NTSTATUS. */
  readonly statusName?: (status: number) => string | undefined;
}

interface TableInForce {
  /** Arrivals behind this moment are judged by it. */
  readonly from: number;
  readonly table: BreakpointTable;
}

/** Bytes that the way back may cost beyond the machine's own. */
const HISTORY_BUDGET = 2 ** 28;

/** Ticks that a step back looks at closely; it pays to mark what matters before it goes on. */
const FAR = 20_000;

/** Ticks from the start on that are looked at before it is asked whether own code has begun. */
const SEARCHED_AT_ONCE = 10_000;

const noBreakpoints: BreakpointSettings = { lines: [], functions: [], classes: [] };

export class Debugger {
  readonly history: History;
  readonly evaluator: Evaluator;
  readonly lines: LineTable;
  private readonly counts: HitCounts;
  private table: BreakpointTable;
  private tables: TableInForce[];
  private readonly conditions: EventConditions;
  private events: ReadonlyMap<EventFilter, string | undefined> = new Map();
  private dataBreakpoints: readonly DataBreakpoint[] = [];
  private data: DataWatch;
  private task: Generator<undefined, Progress> | undefined;
  private pausing = false;
  /** Hits of present breakpoints at times when they were not in force, while a search counts them. */
  private tally = new Map<string, number>();
  /** Where such a search ended, and what was counted by then. */
  private tallied: { readonly tick: number; readonly counts: Map<string, number> } | undefined;
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
    this.conditions = new EventConditions(machine, this.evaluator);
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
    this.dataBreakpoints = breakpoints;
    this.data = new DataWatch(this.machine, breakpoints);
    return this.data.bound;
  }

  /** Happenings to stop at; one whose condition means nothing is not armed and says why. */
  setEvents(events: readonly EventBreakpoint[]): readonly BoundBreakpoint[] {
    const armed = new Map<EventFilter, string | undefined>();
    const bound = events.map((event): BoundBreakpoint => {
      const { filter, condition } = event;
      const message = this.conditions.problem(event);
      if (message !== undefined) return { id: filter, verified: false, message };
      armed.set(filter, condition);
      return { id: filter, verified: true };
    });
    this.events = armed;
    return bound;
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
        this.task = this.orStay(this.stepBackwards(kind, this.originFor(thread)));
        return;
      case 'reverseContinue':
        this.task = this.orStay(this.runBackwards());
        return;
      case 'toStart':
        this.task = this.orStay(this.toStart());
        return;
      case 'toEnd':
        this.task = this.toEnd();
    }
  }

  goTo(tick: number): void {
    this.pausing = false;
    this.task = this.travel(tick, plain('goto', `Went to moment ${tick}`));
  }

  /** Looks for moments of the past; the next progress but `running` is the answer, and nothing has moved. */
  search(query: Query): void {
    this.pausing = false;
    this.task = this.searching(query);
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
    const { task } = this;
    if (task === undefined) {
      if (!this.pausing) return this.machine.ended ? { kind: 'ended' } : { kind: 'running' };
      this.pausing = false;
      return this.stop(plain('pause', 'Paused'));
    }
    const end = now() + milliseconds;
    this.machine.isOver = () => now() > end;
    try {
      return this.workUntil(end, task, now);
    } finally {
      this.machine.isOver = undefined;
    }
  }

  private workUntil(
    end: number,
    task: Generator<undefined, Progress>,
    now: () => number,
  ): Progress {
    let time = now();
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
      this.history.took(time - then);
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
    const watcher = this.makeWatcher();
    let reason: Reason | undefined;
    const observer: Observer = {
      mask: this.forwardMask(step),
      watchesNatives: this.watchesNatives,
      arrived: () => {
        const flags = machine.processor.module.flags[machine.processor.index] ?? 0;
        if ((flags & codeFlags.breakpoint) !== 0) {
          // A watched byte may have been touched on the way here: one stop for both.
          reason = bothOf(reason, describeHits(this.table.arrive()));
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

  /**
   * Runs on to the end, past everything that would stop, and stands at the last statement.
   */
  private *toEnd(): Generator<undefined, Progress> {
    const { machine, history } = this;
    yield* history.goTo(history.frontier, this.replaying());
    this.putInForce();
    const observer: Observer = {
      mask: this.table.hasEffects ? codeFlags.breakpoint : 0,
      watchesNatives: false,
      arrived: () => {
        this.table.arrive();
        return false;
      },
      happened: () => false,
    };
    for (;;) {
      machine.observer = observer;
      const outcome = machine.run(Math.min(this.pace.piece, history.untilSnapshot));
      history.advanced();
      if (outcome === 'ended') break;
      const limit = this.limitReached();
      if (limit !== undefined) return this.stop(limit);
      yield;
    }
    return yield* this.toLastStatement();
  }

  /** At the end itself no thread is left to look at: the last statement of the scenario's own code is. */
  private *toLastStatement(): Generator<undefined, Progress> {
    const { machine } = this;
    const present = machine.tick;
    let last: number | undefined;
    yield* this.prepareBack();
    const target = yield* this.searchBack(
      () => codeFlags.statement,
      () => {
        if (machine.processor.module.declaration.own) last = machine.tick;
      },
      () => {},
      () => last,
      () => {},
      present,
    );
    const reason = plain('end', 'The last statement of the run');
    return target === undefined ? yield* this.toStart() : yield* this.travel(target, reason);
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

  /** Pursues a goal that searches the past; where it is paused, the program stands where it stood before. */
  private *orStay(task: Generator<undefined, Progress>): Generator<undefined, Progress> {
    const here = this.machine.snapshot();
    let isReached = false;
    try {
      const progress = yield* task;
      isReached = true;
      return progress;
    } finally {
      if (!isReached) {
        this.history.restore(here);
        this.data.reset();
      }
    }
  }

  /** Goes to a moment and stops there. */
  private *travel(tick: number, reason: Reason): Generator<undefined, Progress> {
    yield* this.history.goTo(Math.max(tick, 0), this.replaying());
    if (this.machine.ended) return yield* this.toLastStatement();
    this.data.reset();
    return this.stop(reason);
  }

  /** Finds the moment in a replay, then goes to it. */
  private *stepBackwards(kind: BackwardStep, origin: StepOrigin): Generator<undefined, Progress> {
    const { machine } = this;
    const present = machine.tick;
    const probe = new BackwardProbe(kind, origin);
    const places = codeFlags.statement | codeFlags.returnSite;
    const around = kind === 'stepBackIn' ? [] : this.routinesAround(origin);
    let mask: number = places;
    let target: number | undefined;
    try {
      yield* this.prepareBack();
      target = yield* this.searchBack(
        () => mask,
        (flags) => probe.arrived(machine.processor, flags, machine.tick),
        () => {},
        () => {
          const found = probe.finish();
          const isFar = present - machine.tick > FAR;
          if (found === undefined && isFar && around.length > 0 && mask === places) {
            // A long call lies behind: only statements of the frames around it matter, the rest runs freely.
            mask = codeFlags.breakpoint;
            for (const routine of around) markRoutine(routine, places);
            machine.rearmed();
          }
          return found;
        },
        () => {},
        present,
      );
    } finally {
      if (mask !== places) this.mark();
    }
    return target === undefined
      ? yield* this.toStart()
      : yield* this.travel(target, plain('step', 'Step back'));
  }

  /** To the latest earlier moment that a forward run would have stopped at. */
  private *runBackwards(): Generator<undefined, Progress> {
    const { machine } = this;
    const present = machine.tick;
    const tallies = yield* this.countHits();
    let found: { tick: number; reason: Reason; counts: Map<string, number> } | undefined;
    let watcher = this.makeWatcher();
    const note = (reason: Reason | undefined): void => {
      if (reason === undefined) return;
      const { tick } = machine;
      const both = found?.tick === tick ? (bothOf(found.reason, reason) ?? reason) : reason;
      found = { tick, reason: both, counts: new Map(this.tally) };
    };
    const target = yield* this.searchBack(
      () => codeFlags.breakpoint | (this.events.has('status') ? codeFlags.returnSite : 0),
      (flags, hits) => note(describeHits(hits) ?? watcher.failingStatus(flags)),
      () => note(watcher.happened()),
      () => found?.tick,
      (start) => {
        watcher = this.makeWatcher();
        this.tally = new Map(tallies.get(start));
      },
      present,
    );
    if (target === undefined || found === undefined) return yield* this.toStart();
    this.tallied = found;
    return yield* this.travel(target, found.reason);
  }

  /**
   * Breakpoints that count hits and were not in force from the beginning count from there: what they had
   * counted at each kept moment. Empty where all were in force.
   */
  private *countHits(): Generator<undefined, ReadonlyMap<number, ReadonlyMap<string, number>>> {
    const { machine, history, tables } = this;
    const tallies = new Map<number, ReadonlyMap<string, number>>();
    const isCounted = ({ table }: TableInForce): boolean =>
      [...this.table.counting].every((id) => table.counting.has(id));
    // Behind this moment each of them was in force.
    const first = tables.findLastIndex((one) => !isCounted(one)) + 1;
    if (first === 0) return tallies;
    const until = Math.min(tables[first]?.from ?? machine.tick, machine.tick);
    this.tally = new Map();
    for (const [index, tick] of history.momentsUpTo(until).entries()) {
      if (index === 0) history.restoreBefore(tick + 1);
      else yield* history.replay(tick, this.replaying(codeFlags.breakpoint));
      yield;
      tallies.set(tick, new Map(this.tally));
    }
    return tallies;
  }

  /**
   * Replays stretch after stretch, the latest first, until one gives an answer. Moments before the present
   * one count, the present one does not.
   */
  private *searchBack(
    mask: () => number,
    arrived: (flags: number, hits: readonly Hit[]) => void,
    happened: () => void,
    finish: () => number | undefined,
    begin: (start: number) => void = () => {},
    present = this.machine.tick,
  ): Generator<undefined, number | undefined> {
    const { history } = this;
    // Arrivals at moments up to `last` are wanted; a kept moment does not arrive again when restored.
    let last = present - 1;
    for (;;) {
      const start = history.latestBefore(last);
      if (start === undefined || !history.restoreBefore(last)) return undefined;
      this.data.reset();
      begin(start);
      yield* history.replay(last, this.replaying(mask(), arrived, happened));
      // A stretch may be shorter than a piece of work, and there are many.
      yield;
      const found = finish();
      if (found !== undefined) return found;
      last = start;
    }
  }

  /** Most steps back end near: only the last part of the way is looked at closely, and the next will ask for it, too. */
  private *prepareBack(): Generator<undefined, void> {
    const { machine, history } = this;
    const last = machine.tick - 1;
    if (history.isFarBehind(last) && history.restoreBefore(last)) {
      yield* history.prepare(last, this.replaying());
    }
  }

  /** The routines of the frame that a step starts in and of those outside it; none where they are not known. */
  private routinesAround(origin: StepOrigin): readonly Routine[] {
    const around: Routine[] = [];
    let isAround = false;
    for (const { fp, mode, routine } of this.machine.frames(origin.thread)) {
      isAround ||= fp === origin.fp && mode === origin.mode;
      if (!isAround) continue;
      if (routine === undefined) return [];
      around.push(routine);
    }
    return around;
  }

  /** Answers a question about the past and comes back to where the program stands. */
  private *searching(query: Query): Generator<undefined, Progress> {
    const { machine, history } = this;
    const here = machine.snapshot();
    let isArmed = false;
    try {
      return yield* search(query, {
        machine,
        history,
        statusName: this.statusName,
        replaying: (mask, arrived, happened) => this.replaying(mask, arrived, happened),
        arm: (places) => {
          isArmed = true;
          for (const [module, indexes] of places) {
            for (const index of indexes) markPlace(module, index);
          }
          machine.rearmed();
        },
        watch: (breakpoints) => {
          this.data = new DataWatch(machine, breakpoints);
          return this.data;
        },
      });
    } finally {
      history.restore(here);
      this.data = new DataWatch(machine, this.dataBreakpoints);
      if (isArmed) this.mark();
    }
  }

  /**
   * The first statement of the scenario's own code; that of the boot where the program stands before it, and where
   * there is no own code.
   */
  private *toStart(): Generator<undefined, Progress> {
    const { machine, history } = this;
    const present = machine.tick;
    let first: number | undefined;
    let own: number | undefined;
    const observer = this.replaying(codeFlags.statement, () => {
      first ??= machine.tick;
      if (machine.processor.module.declaration.own) own ??= machine.tick;
    });
    yield* history.goTo(0, this.replaying());
    const until = Math.max(present, 1);
    while (own === undefined && machine.tick < until) {
      const next = Math.min(machine.tick + SEARCHED_AT_ONCE, until);
      if ((yield* history.replay(next, observer)) === 'ended') break;
      yield;
    }
    return yield* this.travel(own ?? first ?? 0, plain('start', 'The beginning of the run'));
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
          if (table !== this.table) hits = this.table.wouldHit(table, this.tally);
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

  private makeWatcher(): Watcher {
    return new Watcher(this.machine, this.events, this.data, this.conditions, this.statusName);
  }

  private get statusName(): (status: number) => string | undefined {
    return this.options.statusName ?? (() => undefined);
  }

  // ---- Breakpoint tables in time ---------------------------------------------------------------------

  private makeTable(settings: BreakpointSettings): BreakpointTable {
    return new BreakpointTable(this.machine, this.evaluator, this.lines, this.counts, settings);
  }

  /** From the present moment on, the present breakpoints count and log. */
  private putInForce(): void {
    const { tick } = this.machine;
    const tallied = this.tallied?.tick === tick ? this.tallied : undefined;
    this.tallied = undefined;
    const kept = this.tables.filter((one) => one.from < tick || one.from === -1);
    const dropped = this.tables.length - kept.length;
    const last = kept.at(-1)?.table;
    if (last === this.table && dropped === 0) return;
    if (tallied !== undefined && tallied.counts.size > 0) {
      // A search counted from the beginning of the run; going on from where it ended, the count goes on.
      for (const [id, count] of tallied.counts) this.machine.store.set(this.counts, id, count);
      this.history.pin();
    }
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

/** Marks the places of a routine that have one of the flags. */
function markRoutine({ module, first, count }: Routine, places: number): void {
  for (let index = first; index < first + count; index++) {
    if (((module.flags[index] ?? 0) & places) !== 0) markPlace(module, index);
  }
}

/** The machine has to be told of new marks. */
function markPlace(module: Module, index: number): void {
  module.flags[index] = (module.flags[index] ?? 0) | codeFlags.breakpoint;
}

/** Two reasons to stop at one moment: the first one is told, breakpoints of both are named. */
function bothOf(first: Reason | undefined, second: Reason | undefined): Reason | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  return { ...first, breakpoints: [...first.breakpoints, ...second.breakpoints] };
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
