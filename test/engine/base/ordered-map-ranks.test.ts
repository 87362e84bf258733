import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Measure, OrderedMap } from '../../../engine/base/ordered-map.ts';

/** Counts the odd values. */
const odd: Measure<number, number, number> = {
  of: (_key, value) => value & 1,
  join: (left, right) => left + right,
};

const entries = fc.uniqueArray(fc.tuple(fc.integer(), fc.nat()), {
  selector: ([key]) => key,
  maxLength: 60,
});

describe('ranks in an ordered map', () => {
  it('find the entry with so many before it', () => {
    fc.assert(
      fc.property(entries, (pairs) => {
        let map = OrderedMap.empty<number, number>();
        for (const [key, value] of pairs) map = map.set(key, value);
        const sorted = [...map.entries()];
        for (let index = 0; index <= sorted.length; index++) {
          expect(map.at(index)).toEqual(sorted[index]);
        }
      }),
    );
  });

  it('find the n-th of the entries that a measure counts', () => {
    fc.assert(
      fc.property(entries, (pairs) => {
        let map = OrderedMap.empty(odd);
        for (const [key, value] of pairs) map = map.set(key, value);
        const counted = [...map.entries()].filter(([, value]) => (value & 1) === 1);
        for (let index = 0; index <= counted.length; index++) {
          expect(map.nth((count) => count, index)).toEqual(counted[index]);
        }
      }),
    );
  });
});
