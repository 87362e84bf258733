// The list of what is not compared may only get shorter.
import { expect, test } from 'vitest';
import { skips } from './skips.ts';

test('eight things are skipped, each with a reason', () => {
  expect(skips.length).toBeLessThanOrEqual(8);
  expect(new Set(skips.map(({ name }) => name)).size).toBe(skips.length);
  expect(skips.filter(({ reason }) => reason.length < 10)).toEqual([]);
});
