import { expect, test } from 'vitest';
import { standingAt } from '../support/debuggee.ts';

test('names of the frame complete the word before the cursor', async () => {
  const session = await standingAt('#SMALL');
  const { targets } = await session.client.request('completions', {
    frameId: (await session.top()).id,
    text: 'index + to',
    column: 11,
  });
  expect(targets).toContainEqual(expect.objectContaining({ label: 'total', start: 8, length: 2 }));
});
