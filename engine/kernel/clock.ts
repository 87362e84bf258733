/**
 * Virtual time in units of 100 ns, shared by all hosts, and the timers that wait for it. Time moves one unit with
 * every look at a clock (so that a loop that polls one ends) and a tick with each quantum of code, and jumps to the
 * next timer when nothing can run.
 */
import type { Store, Table } from '../base/store.ts';

/** 1 January 2024, 00:00 UTC, as system time (100 ns units since 1601). */
const START_OF_RUN = 133_485_408_000_000_000n;

/** What happens at a moment. Plain data. */
export interface Timer {
  readonly due: number;
  readonly host: number;
  /** Chosen by whoever set it: `wait:12`. */
  readonly purpose: string;
}

export class Clock {
  private readonly cell: number;
  private readonly timers: Table<string, Timer>;
  private expire: (timer: Timer) => void = () => {};

  constructor(private readonly store: Store) {
    this.cell = store.cell();
    this.timers = store.table('clock.timers');
  }

  /** Says who hears of timers that come due while code runs. Once, when the session is built. */
  whenDue(expire: (timer: Timer) => void): void {
    this.expire = expire;
  }

  /** Units since the start of the run. */
  get now(): number {
    return this.store.cells[this.cell] ?? 0;
  }

  /** The time that a program sees; looking at it takes one unit. */
  look(): number {
    return this.advance(1);
  }

  /** System time: units since 1601. */
  get systemTime(): bigint {
    return START_OF_RUN + BigInt(this.now);
  }

  /** The moment that a system time names. */
  fromSystemTime(time: bigint): number {
    return Number(time - START_OF_RUN);
  }

  /** Moves time on; what comes due by it happens at once. */
  advance(units: number): number {
    const now = this.now + units;
    this.store.cells[this.cell] = now;
    for (;;) {
      const first = this.store.all(this.timers).first();
      if (first === undefined || first[1].due > now) return now;
      this.store.delete(this.timers, first[0]);
      this.expire(first[1]);
    }
  }

  set(timer: Timer): void {
    this.store.set(this.timers, keyOf(timer), timer);
  }

  cancel(timer: Timer): void {
    this.store.delete(this.timers, keyOf(timer));
  }

  /** Takes the earliest timer off the list and moves time to it. */
  next(): Timer | undefined {
    const first = this.store.all(this.timers).first();
    if (first === undefined) return undefined;
    const [key, timer] = first;
    this.store.delete(this.timers, key);
    if (timer.due > this.now) this.store.cells[this.cell] = timer.due;
    return timer;
  }
}

/** Sorts by moment, then by host and purpose. */
function keyOf(timer: Timer): string {
  return `${timer.due.toString(16).padStart(14, '0')} ${timer.host} ${timer.purpose}`;
}
