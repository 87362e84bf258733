/** Seeded choices. */
import { SeededRandom } from '../../../../engine/base/random.ts';

export class Choices {
  private readonly random: SeededRandom;

  constructor(seed: number) {
    this.random = new SeededRandom(seed, 0xc);
  }

  below(bound: number): number {
    return this.random.below(bound);
  }

  /** From `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + this.random.below(high - low + 1);
  }

  chance(percent: number): boolean {
    return this.random.below(100) < percent;
  }

  of<T>(list: readonly T[]): T {
    const found = list[this.random.below(list.length)];
    if (found === undefined) throw new RangeError('nothing to choose from');
    return found;
  }

  /** One of the makers, by weight. */
  weighted<T>(...makers: readonly (readonly [number, () => T])[]): T {
    let at = this.random.below(makers.reduce((sum, [weight]) => sum + weight, 0));
    for (const [weight, make] of makers) {
      if (at < weight) return make();
      at -= weight;
    }
    throw new RangeError('no weights');
  }
}
