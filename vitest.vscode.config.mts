// What runs against a real VS Code: one server, one browser, one test file at a time.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/vscode/**/*.test.ts'],
    globalSetup: ['test/vscode/host/global-setup.mts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    teardownTimeout: 30_000,
    // A workbench may take its time on a busy machine; nothing here is about how long it takes.
    expect: { poll: { timeout: 30_000, interval: 100 } },
    reporters: ['default', 'json'],
    outputFile: { json: 'test-results/vscode.json' },
  },
});
