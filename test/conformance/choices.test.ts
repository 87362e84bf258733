// Where the WDK's pages contradict each other, the engine does what docs/emulated-behaviour.md says.
import { expect, test } from 'vitest';
import { dms } from '../command-line/support/command.ts';

test('the choices hold', async () => {
  const { out, err, code } = await dms(['run', 'test/conformance/choices.dms']);
  expect(err).toBe('');
  expect(out).not.toContain('FAIL');
  expect(out).toMatch(/^8 passed, 0 failed$/m);
  expect(code).toBe(0);
}, 60_000);
