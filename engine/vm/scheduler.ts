/**
 * Who runs next, on which processor, and for how long. Processors are interleaved, never truly parallel: one
 * thread executes at a time, so that a run is the same each time and can go back.
 *
 * With seed 1 a thread runs until it blocks, ends or spins; then the next one by number follows. A long run
 * without any of these ends a quantum, so that a loop that waits for another thread comes to an end. Every other
 * seed cuts the run at places of its own, also in the middle of a statement, and chooses among all threads that
 * could run. An interrupt or DPC comes before whatever has a lower IRQL on its processor, with any seed, and so does a
 * thread of higher priority before the others below DISPATCH_LEVEL.
 */
import { hash32 } from '../base/random.ts';
import type { Store } from '../base/store.ts';
import type { System } from './system.ts';
import type { ThreadRecord, ThreadTable } from './threads.ts';

/** The seed of the plain schedule. */
export const PLAIN_SEED = 1;
const DISPATCH_LEVEL = 2;
/** Instructions that one thread may run while others could, and the time that passes meanwhile (a clock tick). */
const QUANTUM = 500_000;
const QUANTUM_TIME = 156_250;
/**
 * Instructions of a slice with another seed are at most one of these. Some seeds cut often, to get between two
 * neighbouring instructions, others seldom, so that one thread gets far while the rest stand still.
 */
const SLICES = [
  [2, 8, 32, 128],
  [4, 16, 64, 512],
  [16, 128, 1024, 8192],
] as const;
/** A thread alone needs no cut, and with company gets one within so many instructions. */
const ALONE = 2_000;
const COMPANY = 64;
/** Stream of random numbers. */
const SCHEDULE = 0x5c4ed;

/** Why a thread is chosen now. */
export type Occasion =
  /** The slice is over. */
  | 'slice'
  /** The running thread goes on unless somebody comes first on its processor. */
  | 'level'
  /** A thread of higher priority comes first. */
  | 'outrun'
  /** The running thread lets others go first. */
  | 'turn'
  /** The running thread cannot go on. */
  | 'stopped';

/** A thread and the processor that it would have. */
export interface Choice {
  readonly thread: ThreadRecord;
  readonly processor: number;
}

export class Scheduler {
  private readonly endCell: number;
  private readonly decisionCell: number;
  readonly varied: boolean;

  constructor(
    private readonly store: Store,
    private readonly threads: ThreadTable,
    private readonly systems: ReadonlyMap<number, System>,
    private readonly seed: number,
  ) {
    this.endCell = store.cell();
    this.decisionCell = store.cell();
    this.varied = seed !== PLAIN_SEED;
  }

  /** The moment at which others may have a turn. */
  get sliceEnd(): number {
    return this.store.cells[this.endCell] ?? 0;
  }

  /** Begins a new slice at a moment; called whenever one is over and when another thread takes over. */
  beginSlice(tick: number, thread: number): void {
    let length = QUANTUM;
    if (this.varied) {
      const random = this.random();
      const lengths = SLICES[hash32(this.seed, SCHEDULE) % SLICES.length] ?? SLICES[0];
      const longest = this.hasOthers(thread) ? (lengths[random & 3] ?? 1) : ALONE;
      length = 1 + ((random >>> 2) % longest);
    }
    this.store.cells[this.endCell] = tick + length;
  }

  /** Another thread can run from now on. */
  joined(tick: number): void {
    if (this.varied) this.expect(tick + 1 + (this.random() % COMPANY));
  }

  /** An interrupt or DPC may be taken from a moment on: a varied slice does not reach beyond. */
  expect(tick: number): void {
    const { cells } = this.store;
    if (this.varied && tick < this.sliceEnd) cells[this.endCell] = tick;
  }

  /** Whether another thread could run. */
  hasOthers(thread: number): boolean {
    for (const other of this.threads.running()) {
      if (other.id !== thread && other.state === 'runnable') return true;
    }
    return false;
  }

  /** Time passes with what runs; asked at the end of a slice. Due timers may make threads runnable. */
  elapse(): void {
    const [system] = this.systems.values();
    system?.elapse?.(this.varied ? 1 + (this.random() % 64) : QUANTUM_TIME);
  }

  /** Whether somebody comes before the running thread on its processor. */
  outranks(running: ThreadRecord, irql: number, tick: number): boolean {
    for (const thread of this.threads.running()) {
      if (
        thread.host === running.host &&
        thread.processor === running.processor &&
        isWaiting(thread) &&
        thread.notBefore <= tick &&
        thread.irql > Math.max(irql, 1)
      ) {
        return true;
      }
    }
    return false;
  }

  /** Whether threads of higher priority want every processor that the running one may have. */
  isOutrun(running: ThreadRecord, irql: number, tick: number): boolean {
    if (irql >= DISPATCH_LEVEL || running.level !== 'thread') return false;
    const others: ThreadRecord[] = [];
    let isBelow = false;
    for (const thread of this.threads.running()) {
      if (thread.host !== running.host || thread.id === running.id) continue;
      others.push(thread);
      isBelow ||= thread.priority > running.priority && thread.state === 'runnable';
    }
    if (!isBelow) return false;
    const choices: Choice[] = [];
    const processors = this.systems.get(running.host)?.host.machine.processors ?? 1;
    addChoices(choices, [...others, { ...running, irql }], processors, tick, true, 0);
    return !choices.some(({ thread }) => thread.id === running.id);
  }

  /** The next thread after one whose registers are kept; undefined when none can run. */
  next(last: ThreadRecord | undefined, occasion: Occasion, tick: number): Choice | undefined {
    const device = this.device();
    if (device !== undefined) return { thread: device, processor: device.processor };
    // Whoever lets others go first waits for one of them, whatever its priority.
    const byPriority = occasion !== 'turn';
    // What an interrupt or DPC has interrupted may stand in built-in code, and goes on at first.
    const kept = occasion === 'stopped' && last !== undefined ? last.interrupted : 0;
    let choices = this.choices(tick, byPriority, kept);
    // An interrupt that is still on its way comes before doing nothing.
    if (choices.length === 0) choices = this.choices(Number.POSITIVE_INFINITY, byPriority, kept);
    if (choices.length < 2) return choices[0];
    if (occasion === 'outrun') {
      return choices.reduce((best, one) =>
        one.thread.priority > best.thread.priority ? one : best,
      );
    }
    const own = choices.find((one) => one.thread.id === last?.id);
    if (last !== undefined) {
      const first = choices.find(
        ({ thread, processor }) =>
          thread.host === last.host &&
          processor === last.processor &&
          thread.level !== 'thread' &&
          !thread.begun,
      );
      if (first !== undefined) return first;
      if (occasion === 'level' && own !== undefined) return own;
      if (!this.varied && occasion === 'stopped' && last.interrupted !== 0) {
        const below = choices.find((one) => one.thread.id === last.interrupted);
        if (below !== undefined) return below;
      }
    }
    if (this.varied) return choices[this.random() % choices.length];
    const id = last === undefined || last.state === 'ended' ? 0 : last.id;
    return choices.find((one) => one.thread.id > id) ?? choices[0];
  }

  /** The first thread that runs a device's code: one after the other, before every processor. */
  private device(): ThreadRecord | undefined {
    for (const thread of this.threads.running()) {
      if (thread.level === 'device' && thread.state === 'runnable') return thread;
    }
    return undefined;
  }

  /** Every thread that could run now, by number. */
  private choices(tick: number, byPriority: boolean, kept: number): Choice[] {
    const byHost = new Map<number, ThreadRecord[]>();
    for (const thread of this.threads.running()) {
      const list = byHost.get(thread.host);
      if (list === undefined) byHost.set(thread.host, [thread]);
      else list.push(thread);
    }
    const choices: Choice[] = [];
    for (const [host, threads] of byHost) {
      const processors = this.systems.get(host)?.host.machine.processors ?? 1;
      addChoices(choices, threads, processors, tick, byPriority, kept);
    }
    return choices.sort((one, other) => one.thread.id - other.thread.id);
  }

  private random(): number {
    const { cells } = this.store;
    const decision = (cells[this.decisionCell] ?? 0) + 1;
    cells[this.decisionCell] = decision;
    return hash32(this.seed, SCHEDULE, decision);
  }
}

/** An interrupt or DPC that its processor has not taken yet. */
const isWaiting = (thread: ThreadRecord): boolean =>
  !thread.begun && thread.level !== 'thread' && thread.state === 'runnable';

/** One host's choices: for each processor what it must run, else one of the threads that may. */
function addChoices(
  choices: Choice[],
  threads: readonly ThreadRecord[],
  processors: number,
  tick: number,
  byPriority: boolean,
  kept: number,
): void {
  const holders = new Map<number, ThreadRecord>();
  const waiting = new Map<number, ThreadRecord>();
  for (const thread of threads) {
    if (thread.irql < DISPATCH_LEVEL) continue;
    const { processor } = thread;
    if (isWaiting(thread)) {
      const other = waiting.get(processor);
      if (thread.notBefore <= tick && (other === undefined || precedes(thread, other))) {
        waiting.set(processor, thread);
      }
    } else if (thread.begun) {
      // Whoever is at DISPATCH_LEVEL or above keeps the processor, spinning or not.
      const other = holders.get(processor);
      if (other === undefined || thread.irql > other.irql) holders.set(processor, thread);
    }
  }
  const taken = new Set<number>();
  for (const [processor, thread] of waiting) {
    if (thread.irql <= (holders.get(processor)?.irql ?? 0)) continue;
    taken.add(processor);
    choices.push({ thread, processor });
  }
  for (const [processor, thread] of holders) {
    if (taken.has(processor)) continue;
    taken.add(processor);
    if (thread.state === 'runnable') choices.push({ thread, processor });
  }
  const ready = threads.filter(
    (thread) => thread.state === 'runnable' && thread.irql < DISPATCH_LEVEL,
  );
  const isUniform = ready.every(({ priority }) => priority === ready[0]?.priority);
  if (!byPriority || isUniform) {
    place(choices, ready, taken, processors);
    return;
  }
  // The threads of a priority take their processors from all below.
  for (const priority of [...new Set(ready.map((thread) => thread.priority))].sort(descending)) {
    const placed = place(
      choices,
      ready.filter((thread) => thread.priority === priority),
      taken,
      processors,
    );
    for (const processor of placed) taken.add(processor);
  }
  const interrupted = ready.find(({ id }) => id === kept);
  if (interrupted === undefined || choices.some(({ thread }) => thread === interrupted)) return;
  choices.push({ thread: interrupted, processor: interrupted.processor });
}

const descending = (one: number, other: number): number => other - one;

/** Adds the threads that find a processor; answers the processors. */
function place(
  choices: Choice[],
  threads: readonly ThreadRecord[],
  taken: ReadonlySet<number>,
  processors: number,
): readonly number[] {
  const places: number[] = [];
  for (const thread of threads) {
    const processor = placeFor(thread, taken, processors);
    if (processor === undefined) continue;
    choices.push({ thread, processor });
    places.push(processor);
  }
  return places;
}

function precedes(one: ThreadRecord, other: ThreadRecord): boolean {
  return one.irql > other.irql || (one.irql === other.irql && one.order < other.order);
}

/** A thread's own processor if it is free, else the lowest free one that it may run on. */
function placeFor(
  thread: ThreadRecord,
  taken: ReadonlySet<number>,
  processors: number,
): number | undefined {
  if (mayRunOn(thread, thread.processor) && !taken.has(thread.processor)) return thread.processor;
  for (let processor = 0; processor < processors; processor++) {
    if (mayRunOn(thread, processor) && !taken.has(processor)) return processor;
  }
  return undefined;
}

function mayRunOn(thread: ThreadRecord, processor: number): boolean {
  return thread.affinity === undefined || ((thread.affinity >> BigInt(processor)) & 1n) === 1n;
}
