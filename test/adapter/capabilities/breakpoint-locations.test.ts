import { expect, test } from 'vitest';
import { buffers, lineOf, standingAt } from '../support/debuggee.ts';

test('the places of a range are lines with statements', async () => {
  const { client } = await standingAt('#FIRST');
  const line = lineOf(buffers, '#SMALL');
  const { breakpoints } = await client.request('breakpointLocations', {
    source: { path: buffers },
    line,
    endLine: line + 1,
  });
  expect(new Set(breakpoints.map((place) => place.line))).toEqual(new Set([line, line + 1]));
});

test('a line without a statement has none', async () => {
  const { client } = await standingAt('#FIRST');
  const { breakpoints } = await client.request('breakpointLocations', {
    source: { path: buffers },
    line: 1,
  });
  expect(breakpoints).toEqual([]);
});
