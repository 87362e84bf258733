/**
 * Facts about frames as runs: adjacent frames of equal value share one record, so that a fact about a
 * gigabyte costs as much as one about a page.
 */
import type { PageFrame } from '../base/addresses.ts';
import type { OrderedMap } from '../base/ordered-map.ts';

/** `count` frames from the record's key on, all with the same value. */
export interface FrameRecord<V> {
  readonly count: number;
  readonly value: V;
}

export type FrameMap<V, M = undefined> = OrderedMap<number, FrameRecord<V>, M>;

/** The record that covers a frame, with the frame it starts at. */
export function recordAt<V, M>(
  map: FrameMap<V, M>,
  frame: number,
): readonly [number, FrameRecord<V>] | undefined {
  const entry = map.atOrBelow(frame);
  return entry !== undefined && frame < entry[0] + entry[1].count ? entry : undefined;
}

/**
 * The map with every frame of a range changed. `change` gets the old value (undefined where there is none)
 * and answers the new one (undefined: none); it runs once for each stretch of equal values. Neighbours that
 * become equal by `same` are joined.
 */
export function changeRange<V, M>(
  map: FrameMap<V, M>,
  first: PageFrame | number,
  count: number,
  change: (value: V | undefined) => V | undefined,
  same: (left: V, right: V) => boolean,
): FrameMap<V, M> {
  const end = first + count;
  const pieces: { start: number; count: number; value: V }[] = [];
  const add = (start: number, stop: number, value: V | undefined): void => {
    if (stop <= start || value === undefined) return;
    const last = pieces.at(-1);
    if (last !== undefined && last.start + last.count === start && same(last.value, value)) {
      last.count += stop - start;
    } else {
      pieces.push({ start, count: stop - start, value });
    }
  };

  // The left neighbour is taken in, so that it can be joined.
  const before = map.atOrBelow(first - 1);
  const from =
    before !== undefined && before[0] + before[1].count >= first ? before[0] : Number(first);
  const old = [...takeWhile(map.entries(from), end)];
  let position: number = first;
  for (const [start, record] of old) {
    const stop = start + record.count;
    add(start, Math.min(stop, first), record.value);
    const inside = Math.max(start, first);
    if (position < inside) add(position, Math.min(inside, end), change(undefined));
    if (inside < Math.min(stop, end)) add(inside, Math.min(stop, end), change(record.value));
    position = Math.max(position, Math.min(stop, end));
    if (stop > end || start >= end) {
      if (position < end) add(position, end, change(undefined));
      position = end;
      add(Math.max(start, end), stop, record.value);
    }
  }
  if (position < end) add(position, end, change(undefined));
  return replaceRecords(map, old, pieces);
}

/** Puts pieces in the place of records. Neighbours that were only looked at stay as they are. */
function replaceRecords<V, M>(
  map: FrameMap<V, M>,
  old: readonly (readonly [number, FrameRecord<V>])[],
  pieces: readonly { readonly start: number; readonly count: number; readonly value: V }[],
): FrameMap<V, M> {
  let result = map;
  let index = 0;
  for (const [start] of old) {
    while ((pieces[index]?.start ?? Number.POSITIVE_INFINITY) < start) index++;
    if (pieces[index]?.start !== start) result = result.delete(start);
  }
  index = 0;
  for (const { start, count, value } of pieces) {
    while ((old[index]?.[0] ?? Number.POSITIVE_INFINITY) < start) index++;
    const before = old[index]?.[0] === start ? old[index]?.[1] : undefined;
    if (before === undefined || before.count !== count || before.value !== value) {
      result = result.set(start, { count, value });
    }
  }
  return result;
}

/** Entries that start at or before `end` (the right neighbour is taken in, so that it can be joined). */
function* takeWhile<V>(
  entries: Iterable<readonly [number, FrameRecord<V>]>,
  end: number,
): Generator<readonly [number, FrameRecord<V>]> {
  for (const entry of entries) {
    if (entry[0] > end) return;
    yield entry;
  }
}

/** Stretches of a range, in order, each with its value or undefined. */
export function* stretches<V, M>(
  map: FrameMap<V, M>,
  first: number,
  count: number,
): Generator<{ readonly start: number; readonly count: number; readonly value: V | undefined }> {
  const end = first + count;
  let position = first;
  const from = recordAt(map, first)?.[0] ?? first;
  for (const [start, record] of map.entries(from)) {
    if (start >= end) break;
    const inside = Math.max(start, first);
    if (position < inside) {
      yield { start: position, count: inside - position, value: undefined };
    }
    const stop = Math.min(start + record.count, end);
    yield { start: inside, count: stop - inside, value: record.value };
    position = stop;
  }
  if (position < end) yield { start: position, count: end - position, value: undefined };
}
