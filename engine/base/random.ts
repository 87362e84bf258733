/** Seeded random numbers: a hash of (seed, stream, index), so that no generator state has to be kept. */

/** A well-mixed unsigned 32-bit value for the given words (murmur3's finaliser over each). */
export function hash32(...words: readonly number[]): number {
  let h = 0x9e3779b9;
  for (const word of words) {
    let k = Math.imul(word | 0, 0xcc9e2d51);
    k = (k << 15) | (k >>> 17);
    h ^= Math.imul(k, 0x1b873593);
    h = (h << 13) | (h >>> 19);
    h = (Math.imul(h, 5) + 0xe6546b64) | 0;
  }
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** A sequence of numbers for code that builds something once (a free list, say) and keeps none of it. */
export class SeededRandom {
  private index = 0;

  constructor(
    private readonly seed: number,
    private readonly stream = 0,
  ) {}

  /** An integer from 0 to `bound` - 1; the bound is below 2^53. */
  below(bound: number): number {
    const high = hash32(this.seed, this.stream, this.index++) & 0x1fffff;
    const low = hash32(this.seed, this.stream, this.index++);
    return Math.floor(((high * 0x1_0000_0000 + low) / 2 ** 53) * bound);
  }
}
