import { expect, test } from 'vitest';
import { standingAt } from '../support/debuggee.ts';

test('a value is copied as it is shown', async () => {
  const session = await standingAt('#SMALL');
  const shown = await session.variable('Locals', 'total');
  const copied = await session.evaluate(shown.evaluateName ?? '', 'clipboard');
  expect(copied.result).toBe(shown.value);
});
