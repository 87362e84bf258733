/**
 * How much of a run makes one piece of work. Front ends give time in slices and want them kept: the clock is asked
 * between two pieces only, so a piece has to be short on a cold engine as on a warm one. Where a run is cut has no
 * effect on what it does.
 */

/** Instructions of the first piece, before anything is known of the machine that this runs on. */
const FIRST = 1;
const SMALLEST = 1;
const LARGEST = 100_000;
/** Milliseconds that a piece should take, at least and at most. */
const SHORT = 0.5;
const LONG = 2;

export class Pace {
  private instructions = FIRST;

  /** Instructions to execute before the clock is asked again. */
  get piece(): number {
    return this.instructions;
  }

  /** What the last piece took. Grows slowly, since code is slow when it runs for the first time; shrinks at once. */
  took(milliseconds: number): void {
    if (milliseconds > LONG) {
      const fitting = Math.floor((this.instructions * LONG) / milliseconds);
      this.instructions = Math.max(SMALLEST, Math.min(fitting, this.instructions >> 1));
    } else if (milliseconds < SHORT) {
      this.instructions = Math.min(LARGEST, this.instructions * 2);
    }
  }
}
