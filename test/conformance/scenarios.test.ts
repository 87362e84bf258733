// Whole scenario files, each about one subject: all that they expect holds.
import { expect, test } from 'vitest';
import { dms } from '../command-line/support/command.ts';

test.each([['exceptions.dms'], ['low-resources.dms']])(
  '%s',
  async (file) => {
    const { out, err, code } = await dms(['run', `test/conformance/${file}`]);
    expect(err).toBe('');
    expect(out).not.toMatch(/FAIL|ERROR/);
    expect(code).toBe(0);
  },
  240_000,
);
