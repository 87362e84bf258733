// Compares random C programs with gcc: `node scripts/compare-c.mts [--count N] [--seed N]`.
import { parseArgs } from 'node:util';
import { runNode } from './process.mts';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1000000' },
  },
});
process.env['C_PROGRAMS'] = values.count;
process.env['C_SEED'] = values.seed;
process.exit(
  await runNode(
    'node_modules/vitest/vitest.mjs',
    'run',
    'test/conformance/c/random-programs.test.ts',
  ),
);
