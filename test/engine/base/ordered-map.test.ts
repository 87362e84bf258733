import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OrderedMap } from '../../../engine/base/ordered-map.ts';

/** Measures the sum and the greatest value of a subtree. */
const measure = {
  of: (_: number, value: number) => ({ sum: value, most: value }),
  join: (a: { sum: number; most: number }, b: { sum: number; most: number }) => ({
    sum: a.sum + b.sum,
    most: Math.max(a.most, b.most),
  }),
};

const key = fc.integer({ min: 0, max: 60 });
const edit = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), key, value: fc.nat(100) }),
  fc.record({ kind: fc.constant('delete' as const), key, value: fc.constant(0) }),
);

function build(edits: readonly { kind: 'set' | 'delete'; key: number; value: number }[]) {
  let map = OrderedMap.empty<number, number, { sum: number; most: number }>(measure);
  const plain = new Map<number, number>();
  const versions: [typeof map, [number, number][]][] = [];
  for (const one of edits) {
    if (one.kind === 'set') {
      map = map.set(one.key, one.value);
      plain.set(one.key, one.value);
    } else {
      map = map.delete(one.key);
      plain.delete(one.key);
    }
    versions.push([map, [...plain].sort((a, b) => a[0] - b[0])]);
  }
  return { map, sorted: [...plain].sort((a, b) => a[0] - b[0]), versions };
}

describe('OrderedMap agrees with a sorted list', () => {
  test('in every version it ever had', () => {
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 150 }), (edits) => {
        for (const [map, sorted] of build(edits).versions) {
          expect([...map.entries()]).toEqual(sorted);
          expect(map.size).toBe(sorted.length);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('when a stretch of keys is taken out, and when it goes on from there', () => {
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 150 }), key, key, edit, (edits, from, to, more) => {
        const { map, sorted } = build(edits);
        const cut = map.deleteBetween(from, to);
        const left = sorted.filter(([k]) => k < from || k >= to);
        expect([...cut.entries()]).toEqual(left);
        expect(cut.size).toBe(left.length);
        expect(cut.total?.sum ?? 0).toBe(left.reduce((sum, [, value]) => sum + value, 0));
        expect([...map.entries()]).toEqual(sorted);
        const rest = left.filter(([k]) => k !== more.key);
        const next = more.kind === 'set' ? cut.set(more.key, more.value) : cut.delete(more.key);
        if (more.kind === 'set') rest.push([more.key, more.value]);
        expect([...next.entries()]).toEqual(rest.sort((a, b) => a[0] - b[0]));
      }),
      { numRuns: 200 },
    );
  });

  test('in look-ups by neighbourhood', () => {
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 80 }), key, (edits, at) => {
        const { map, sorted } = build(edits);
        expect(map.get(at)).toBe(sorted.find(([k]) => k === at)?.[1]);
        expect(map.has(at)).toBe(sorted.some(([k]) => k === at));
        expect(map.atOrBelow(at)).toEqual(sorted.findLast(([k]) => k <= at));
        expect(map.atOrAbove(at)).toEqual(sorted.find(([k]) => k >= at));
        expect([...map.entries(at)]).toEqual(sorted.filter(([k]) => k >= at));
        expect(map.first()).toEqual(sorted.at(0));
        expect(map.last()).toEqual(sorted.at(-1));
      }),
    );
  });

  test('in measures and in searches that use them', () => {
    fc.assert(
      fc.property(
        fc.array(edit, { maxLength: 80 }),
        key,
        key,
        fc.nat(100),
        (edits, from, to, least) => {
          const { map, sorted } = build(edits);
          const inside = sorted.filter(([k]) => k >= from && k < to);
          const sum = inside.reduce((total, [, v]) => total + v, 0);
          expect(map.measureBetween(from, to)?.sum ?? 0).toBe(sum);
          const holds = (m: { most: number }): boolean => m.most >= least;
          const fits = (_: number, v: number): boolean => v >= least;
          expect(map.findFirst(holds, fits, from)).toEqual(
            sorted.find(([k, v]) => k >= from && v >= least),
          );
          expect(map.findLast(holds, fits, from)).toEqual(
            sorted.findLast(([k, v]) => k <= from && v >= least),
          );
        },
      ),
    );
  });

  test('stays shallow under sorted insertion', () => {
    let map = OrderedMap.empty<number, number>();
    for (let index = 0; index < 20_000; index++) map = map.set(index, index);
    for (let index = 0; index < 19_990; index++) map = map.delete(index);
    expect([...map.keys()]).toEqual(Array.from({ length: 10 }, (_, index) => 19_990 + index));
  });
});
