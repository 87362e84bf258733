// The guide to the code names files: each of them is there.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const guide = readFileSync('docs/guide.md', 'utf8');

/** Paths from the repository's root that stand in backticks. */
const named = [
  ...new Set(
    [...guide.matchAll(/`((?:engine|extension|test|docs|scripts|samples)\/[^`\s]*)`/g)].map(
      ([, path = '']) => path,
    ),
  ),
];

test('the guide names files', () => {
  expect(named.length).toBeGreaterThan(50);
});

test.each(named)('%s', (path) => {
  expect(/[*{]/.test(path) ? globSync(path).length > 0 : existsSync(path)).toBe(true);
});

test('relative links lead to documents', () => {
  for (const [, link = ''] of guide.matchAll(/\]\(([\w-]+\.md)\)/g)) {
    expect(existsSync(`docs/${link}`), link).toBe(true);
  }
});
