// Runs the suites and ends with their sum. Without a name: `unit` and `vscode`.
//
//   unit     Vitest, on this machine's Node
//   vscode   inside the server build of VS Code, in both of its extension hosts
//   desktop  the same suite inside desktop VS Code, which is downloaded
import { mkdirSync, rmSync } from 'node:fs';
import { runNode } from './process.mts';
import { type Count, countOf, sum } from './results.mts';

const vitest = 'node_modules/vitest/vitest.mjs';

interface Suite {
  readonly results: string;
  /** What must have been built beside the bundles. */
  readonly needsPackage?: boolean;
  readonly command: readonly string[];
}

const suites: Readonly<Record<string, Suite>> = {
  unit: { results: 'test-results/vitest.json', command: [vitest, 'run'] },
  vscode: {
    results: 'test-results/vscode.json',
    needsPackage: true,
    command: [vitest, 'run', '--config', 'vitest.vscode.config.mts'],
  },
  desktop: {
    results: 'test-results/desktop.json',
    command: ['test/vscode/host/desktop.mts'],
  },
};

const names = process.argv.length > 2 ? process.argv.slice(2) : ['unit', 'vscode'];
const wanted = names.map((name) => {
  const suite = suites[name];
  if (!suite) {
    console.error(`No suite is called '${name}'; there are ${Object.keys(suites).join(', ')}.`);
    process.exit(2);
  }
  return { name, ...suite };
});

rmSync('test-results', { recursive: true, force: true });
const counts: Count[] = [];
if (!(await build())) {
  console.error('The build failed, so no suite ran.');
  counts.push({ passed: 0, failed: 1 });
} else {
  for (const { name, results, command } of wanted) {
    const count = countOf(results, await runNode(...command));
    console.log(`${name}: ${count.passed} passed, ${count.failed} failed\n`);
    counts.push(count);
  }
}

const { passed, failed } = sum(counts);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);

/** The package is built first, since it takes `dist/` for itself. */
async function build(): Promise<boolean> {
  if (wanted.some(({ needsPackage }) => needsPackage)) {
    mkdirSync('test-results');
    const packed = await runNode('scripts/package.mts', '--output', 'test-results/extension.vsix');
    if (packed !== 0) {
      return false;
    }
  }
  return (await runNode('scripts/build.mts', '--tests')) === 0;
}
