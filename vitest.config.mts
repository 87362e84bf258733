import { defineConfig } from 'vitest/config';
import { textModules } from './test/support/text-modules.mts';

export default defineConfig({
  plugins: [textModules()],
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/vscode/**', '**/node_modules/**'],
    globalSetup: ['test/support/built-command.mts'],
    pool: 'threads',
    maxWorkers: 2,
    testTimeout: 60_000,
    reporters: ['default', 'json'],
    outputFile: { json: 'test-results/vitest.json' },
  },
});
