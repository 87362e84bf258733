/**
 * The way back: snapshots of the store and deterministic replay in between. A state is named by its tick;
 * the state at a tick is the same however it was reached.
 */
import type { Snapshot } from '../base/store.ts';
import type { Pace } from './pace.ts';
import type { Observer, RunOutcome, VirtualMachine } from './virtual-machine.ts';

interface Milestone {
  readonly tick: number;
  readonly snapshot: Snapshot;
  /** Taken after a user's edit: replay from before would not show it. */
  readonly pinned: boolean;
  /** Pages copied by then: what is copied up to the next snapshot lives on in this one. */
  readonly copied: number;
  /** Pages that it holds in all. */
  readonly pages: number;
}

/** Ticks between snapshots while the program runs; replaying as many takes some 50 ms. */
export const SNAPSHOT_INTERVAL = 100_000;
/** A snapshot this far before the target of a long replay makes the next step back short. */
const NEAR = 5_000;
/** Gaps between old snapshots may grow to this part of their age. */
const AGE_PER_GAP = 32;

export class History {
  private milestones: Milestone[] = [];
  private reached = 0;

  /** Without `recorded` nothing is kept and there is no way back. */
  constructor(
    private readonly machine: VirtualMachine,
    private readonly recorded: boolean,
    /** Pages that only snapshots hold may become this many; then older ones are given up. */
    private readonly budgetPages: number,
    private readonly pace: Pace,
  ) {}

  /** The last moment that was ever reached (and not dropped by an edit before it). */
  get frontier(): number {
    return Math.max(this.reached, this.machine.tick);
  }

  /** Keeps the present moment as the first one. */
  begin(): void {
    this.milestones = [];
    this.take(false);
  }

  /** How far to run until the next snapshot is due. */
  get untilSnapshot(): number {
    const last = this.before(this.machine.tick + 1);
    if (!this.recorded || last === undefined) return SNAPSHOT_INTERVAL;
    return Math.max(last.tick + SNAPSHOT_INTERVAL - this.machine.tick, 1);
  }

  /** After a stretch forwards: keeps a snapshot when one is due. */
  advanced(): void {
    const { tick } = this.machine;
    this.reached = Math.max(this.reached, tick);
    if (!this.recorded) return;
    const last = this.before(tick + 1);
    if (last === undefined || tick - last.tick < SNAPSHOT_INTERVAL) return;
    this.take(false);
    this.thin();
  }

  /** A user changed the present state: what was ahead is no more. */
  edited(): void {
    const { tick } = this.machine;
    this.milestones = this.milestones.filter((one) => one.tick < tick);
    this.reached = tick;
    this.take(true);
  }

  /** Forgets snapshots behind the present, whose hit counts no longer hold; the frontier stays. */
  forgetAhead(): void {
    const { tick } = this.machine;
    this.milestones = this.milestones.filter((one) => one.tick <= tick);
  }

  /** The latest kept moment before `tick`. */
  latestBefore(tick: number): number | undefined {
    return this.before(tick)?.tick;
  }

  /**
   * Goes to a moment, backwards or forwards, in pieces. Yields between pieces; answers false when there is
   * no way to it.
   */
  *goTo(tick: number, observer: Observer): Generator<undefined, boolean> {
    const { machine } = this;
    if (tick < machine.tick && !this.restoreBefore(tick + 1)) return false;
    const nearer = this.before(tick + 1);
    if (nearer !== undefined && nearer.tick > machine.tick) this.restoreBefore(tick + 1);
    if (this.recorded && tick - machine.tick > 4 * NEAR) {
      yield* this.replay(tick - NEAR, observer);
      if (machine.tick === tick - NEAR) this.take(false);
    }
    const outcome = yield* this.replay(tick, observer);
    return outcome !== 'ended' || machine.tick === tick;
  }

  /** Restores the latest kept moment before `tick`; false when there is none. */
  restoreBefore(tick: number): boolean {
    const milestone = this.before(tick);
    if (milestone === undefined) return false;
    this.reached = this.frontier;
    this.machine.restore(milestone.snapshot);
    return true;
  }

  /** Runs up to a moment under an observer that does not stop. */
  *replay(tick: number, observer: Observer): Generator<undefined, RunOutcome> {
    const { machine } = this;
    const outer = machine.observer;
    try {
      while (machine.tick < tick) {
        machine.observer = observer;
        const outcome = machine.run(Math.min(this.pace.piece, tick - machine.tick));
        machine.observer = outer;
        if (outcome === 'ended') return outcome;
        if (machine.tick < tick) yield;
      }
      return 'budget';
    } finally {
      machine.observer = outer;
    }
  }

  private before(tick: number): Milestone | undefined {
    let low = 0;
    let high = this.milestones.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.milestones[middle]?.tick ?? 0) < tick) low = middle + 1;
      else high = middle;
    }
    return this.milestones[low - 1];
  }

  private take(pinned: boolean): void {
    if (!this.recorded) return;
    const { tick } = this.machine;
    const last = this.before(tick + 1);
    if (last?.tick === tick && !pinned) return;
    const others = this.milestones.filter((one) => one.tick !== tick);
    const { copiedPages: copied, pageCount: pages } = this.machine.store;
    others.push({ tick, snapshot: this.machine.snapshot(), pinned, copied, pages });
    this.milestones = others.sort((a, b) => a.tick - b.tick);
  }

  /** Lets gaps grow with age, so that a long run keeps a bounded number of snapshots. */
  private thin(): void {
    const now = this.machine.tick;
    const kept: Milestone[] = [];
    for (let index = 0; index < this.milestones.length; index++) {
      const one = this.milestones[index];
      if (one === undefined) continue;
      const previous = kept.at(-1);
      const next = this.milestones[index + 1];
      const isNeeded =
        previous === undefined ||
        next === undefined ||
        one.pinned ||
        one.tick > now ||
        next.tick - previous.tick > Math.max(SNAPSHOT_INTERVAL, (now - one.tick) / AGE_PER_GAP);
      if (isNeeded) kept.push(one);
    }
    this.milestones = kept;
    while (this.heldPages > this.budgetPages) {
      const fewer = this.milestones.filter(
        (one, index) => index % 2 === 0 || one.pinned || index === this.milestones.length - 1,
      );
      if (fewer.length === this.milestones.length) return;
      this.milestones = fewer;
    }
  }

  /** An estimate, from above, of the pages that only snapshots hold. */
  get heldPages(): number {
    let held = 0;
    this.milestones.forEach((one, index) => {
      const until = this.milestones[index + 1]?.copied ?? this.machine.store.copiedPages;
      held += Math.min(Math.max(until - one.copied, 0), one.pages);
    });
    return held;
  }
}
