/**
 * The way back: snapshots of the store and deterministic replay in between. A state is named by its tick;
 * the state at a tick is the same however it was reached.
 *
 * Snapshots are dense around the present and thin out with the distance from it, so that a step back replays
 * little anywhere in a long run while their number grows with the logarithm of its length.
 */
import type { PageFrame } from '../base/addresses.ts';
import type { Page, Snapshot } from '../base/store.ts';
import type { Pace } from './pace.ts';
import type { Observer, RunOutcome, VirtualMachine } from './virtual-machine.ts';

interface Milestone {
  readonly tick: number;
  readonly snapshot: Snapshot;
  /** Taken after a user's edit: replay from before would not show it. */
  readonly pinned: boolean;
}

/** A stretch between two neighbouring snapshots, or up to the present or a wanted moment. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** Ticks between snapshots while the program runs, at least. */
export const SNAPSHOT_INTERVAL = 100_000;
/** Milliseconds between snapshots, so that replaying the way from one to the next takes no longer. */
const SHORTEST = 5;
const LONGEST = 600;
/** After a snapshot each page that the program writes is copied: milliseconds for each, and their share in a run. */
const COPY = 0.012;
const RUN_PER_COPY = 6;
/** What is left of the best speed after each piece that is slower. */
const FORGETTING = 0.97;
/** Ticks in a millisecond where there is no clock. */
const USUAL_SPEED = 20_000;
/** The last stretch of a long replay has snapshots at this distance from its end, four times as far, and so on. */
const NEAR = 1_500;
const FARTHER = 4;
/** Gaps between snapshots may grow to this part of their distance from the present. */
const DISTANCE_PER_GAP = 32;
/** What a page with its marks, view and object costs, and a node of a table with its record. */
export const BYTES_PER_PAGE = 5_400;
const BYTES_PER_NODE = 120;
/** Of what they may hold, the part that is left when some have to be given up. */
const ROOM = 0.75;
/** Snapshots after which what they hold is counted anew. */
const COUNT_EVERY = 64;

export class History {
  private milestones: Milestone[] = [];
  private reached = 0;
  /** Milliseconds of running since the last snapshot. */
  private spent = 0;
  /** Ticks in a millisecond, and up to which moment they were counted. */
  private speed = 0;
  private timed = 0;
  /** Pages that were copied between the last two snapshots of a run. */
  private copies = 0;
  /** `copiedPages` of the store when the last snapshot was taken or restored. */
  private copiedBefore = 0;
  private changedBefore = 0;
  /** What snapshots held when it was counted last; pages copied and snapshots taken since. */
  private counted = { bytes: 0, copied: 0, taken: 0 };

  /** Without `recorded` nothing is kept and there is no way back. */
  constructor(
    private readonly machine: VirtualMachine,
    private readonly recorded: boolean,
    /** Bytes that only snapshots hold may become this many; then the least useful are given up. */
    private readonly budget: number,
    private readonly pace: Pace,
  ) {}

  /** The last moment that was ever reached (and not dropped by an edit before it). */
  get frontier(): number {
    return Math.max(this.reached, this.machine.tick);
  }

  /** Keeps the present moment as the first one. */
  begin(): void {
    this.milestones = [];
    this.look();
    this.take(false);
  }

  /** How far to run until the next snapshot is due. */
  get untilSnapshot(): number {
    const { tick } = this.machine;
    const last = this.before(tick + 1);
    const left = (last?.tick ?? tick) + SNAPSHOT_INTERVAL - tick;
    return this.recorded && left > 0 ? left : SNAPSHOT_INTERVAL;
  }

  /**
   * What the last piece of work took. Where snapshots lie has no effect on what a run does. On a busy machine the
   * clock runs on while others work: the best speed of late tells how much of it was ours.
   */
  took(milliseconds: number): void {
    const ticks = this.machine.tick - this.timed;
    this.timed = this.machine.tick;
    if (ticks <= 0 || milliseconds <= 0) return;
    this.speed = Math.max(ticks / milliseconds, this.speed * FORGETTING);
    this.spent += ticks / this.speed;
  }

  /** After a stretch forwards: keeps a snapshot when one is due. */
  advanced(): void {
    const { tick } = this.machine;
    this.reached = Math.max(this.reached, tick);
    if (!this.recorded) return;
    const last = this.before(tick + 1);
    if (last === undefined || tick - last.tick < SNAPSHOT_INTERVAL) return;
    const spent = this.spent > 0 ? this.spent : (tick - last.tick) / USUAL_SPEED;
    // What the program has written to it will mostly write to again, and then it is copied.
    const { store } = this.machine;
    const cost = (store.changedPages - this.changedBefore) * COPY * RUN_PER_COPY;
    if (spent < Math.min(Math.max(cost, SHORTEST), LONGEST)) return;
    this.copies = store.copiedPages - this.copiedBefore;
    this.take(false);
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

  /** Keeps the present moment although replay from before would not lead to it. */
  pin(): void {
    this.forgetAhead();
    this.take(true);
  }

  /** The latest kept moment before `tick`. */
  latestBefore(tick: number): number | undefined {
    return this.before(tick)?.tick;
  }

  /** All kept moments up to `tick`, in order. */
  momentsUpTo(tick: number): readonly number[] {
    return this.milestones.slice(0, this.indexOf(tick + 1)).map((one) => one.tick);
  }

  /** The page that a frame of the store had at the latest kept moment before `tick`. */
  pageBefore(tick: number, frame: PageFrame): Page | undefined {
    return this.before(tick)?.snapshot.pages.get(frame);
  }

  /** Whether the user changed something at the latest kept moment before `tick`. */
  editedBefore(tick: number): boolean {
    return this.before(tick)?.pinned ?? false;
  }

  /**
   * Goes to a moment, backwards or forwards, in pieces. Yields between pieces; answers false when there is
   * no way to it.
   */
  *goTo(tick: number, observer: Observer): Generator<undefined, boolean> {
    const { machine } = this;
    if (tick < machine.tick && !this.restoreBefore(tick + 1)) return false;
    const nearer = this.before(tick + 1);
    // A replay that came to an edited moment came to what was there before the edit.
    const isOld = nearer?.pinned === true && nearer.tick === machine.tick;
    if (nearer !== undefined && (isOld || nearer.tick > machine.tick))
      this.restore(nearer.snapshot);
    const outcome = yield* this.approach(tick, observer);
    return outcome !== 'ended' || machine.tick === tick;
  }

  /** Restores the latest kept moment before `tick`; false when there is none. */
  restoreBefore(tick: number): boolean {
    const milestone = this.before(tick);
    if (milestone === undefined) return false;
    this.restore(milestone.snapshot);
    return true;
  }

  /** Replaces the present state; the frontier stays. */
  restore(snapshot: Snapshot): void {
    this.reached = this.frontier;
    this.machine.restore(snapshot);
    this.look();
    this.spent = 0;
    this.timed = this.machine.tick;
  }

  /** Replays up to a moment and keeps snapshots on the last part of the way, for the next steps back. */
  private *approach(tick: number, observer: Observer): Generator<undefined, RunOutcome> {
    yield* this.prepare(tick, observer);
    return yield* this.replay(tick, observer);
  }

  /** Whether replaying up to a moment would take longer than keeping snapshots on the way is worth. */
  isFarBehind(tick: number): boolean {
    const start = this.latestBefore(tick);
    return this.recorded && start !== undefined && tick - start > 2 * NEAR;
  }

  /** Sees to it that there are snapshots near before a moment; comes to the last of them. */
  *prepare(tick: number, observer: Observer): Generator<undefined, void> {
    const { machine } = this;
    if (!this.recorded || tick - machine.tick <= 2 * NEAR) return;
    let distance = NEAR;
    while (distance * FARTHER < tick - machine.tick) distance *= FARTHER;
    for (; distance >= NEAR; distance /= FARTHER) {
      if ((yield* this.replay(tick - distance, observer)) === 'ended') return;
      this.take(false);
    }
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
    return this.milestones[this.indexOf(tick) - 1];
  }

  /** How many milestones lie before a moment. */
  private indexOf(tick: number): number {
    let low = 0;
    let high = this.milestones.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.milestones[middle]?.tick ?? 0) < tick) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private take(pinned: boolean): void {
    if (!this.recorded) return;
    const { tick, store } = this.machine;
    const index = this.indexOf(tick);
    const isKnown = this.milestones[index]?.tick === tick;
    if (isKnown && !pinned) return;
    const milestone = { tick, snapshot: this.machine.snapshot(), pinned };
    this.milestones.splice(index, isKnown ? 1 : 0, milestone);
    this.counted.copied += store.copiedPages - this.copiedBefore;
    this.counted.taken++;
    this.look();
    this.spent = 0;
    this.thin();
    this.keepBudget();
  }

  /** What is copied and changed from now on counts for the next snapshot. */
  private look(): void {
    const { copiedPages, changedPages } = this.machine.store;
    this.copiedBefore = copiedPages;
    this.changedBefore = changedPages;
  }

  /** Lets gaps grow with the distance from the present, so that a long run keeps few snapshots. */
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
        next.tick - previous.tick > Math.abs(now - one.tick) / DISTANCE_PER_GAP;
      if (isNeeded) kept.push(one);
    }
    this.milestones = kept;
  }

  /** Gives up snapshots whose neighbours are nearest, seen from the present, until the rest fits. */
  private keepBudget(): void {
    const { counted } = this;
    const atMost = counted.bytes + counted.copied * BYTES_PER_PAGE;
    // Up to the next snapshot the last one comes to hold what is copied meanwhile.
    const room = this.budget - Math.min(this.copies * BYTES_PER_PAGE, this.budget / 2);
    if (atMost <= room && counted.taken < COUNT_EVERY) return;
    let held = this.countHeld();
    // Counting takes a while: make room for more than one.
    while (held > (atMost <= room ? room : room * ROOM)) {
      const fewer = this.withoutLeastUseful();
      if (fewer.length === this.milestones.length) break;
      this.milestones = fewer;
      held = this.countHeld();
    }
    this.counted = { bytes: held, copied: 0, taken: 0 };
  }

  /** A quarter less: never the first, the last or a pinned one. */
  private withoutLeastUseful(): Milestone[] {
    const now = this.machine.tick;
    const all = this.milestones;
    const gaps: { readonly milestone: Milestone; readonly gap: number }[] = [];
    for (let index = 1; index < all.length - 1; index += 2) {
      const [previous, milestone, next] = all.slice(index - 1, index + 2);
      if (previous === undefined || milestone === undefined || next === undefined) continue;
      if (milestone.pinned) continue;
      const distance = Math.abs(now - milestone.tick) + NEAR;
      gaps.push({ milestone, gap: (next.tick - previous.tick) / distance });
    }
    gaps.sort((one, other) => one.gap - other.gap);
    const count = Math.ceil(gaps.length / 2);
    const dropped = new Set(gaps.slice(0, count).map(({ milestone }) => milestone));
    return all.filter((one) => !dropped.has(one));
  }

  /** Bytes that snapshots hold and the present state does not. Takes time for each page of them. */
  countHeld(): number {
    const seen = new Set<object>();
    const pages = new Set<Page>();
    const present = this.machine.store.present();
    present.pages.visitUnseen(seen, (page) => pages.add(page));
    for (const table of present.tables) table.visitUnseen(seen, () => {});
    const inUse = pages.size;
    let nodes = 0;
    for (const { snapshot } of this.milestones) {
      nodes += snapshot.pages.visitUnseen(seen, (page) => pages.add(page));
      for (const table of snapshot.tables) nodes += table.visitUnseen(seen, () => {});
    }
    return (pages.size - inUse) * BYTES_PER_PAGE + nodes * BYTES_PER_NODE;
  }
}
