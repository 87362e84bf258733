// What VS Code loads as `extensionTestsPath`, on the desktop and in both hosts of the server.
import { contributionTests } from './contributions.ts';
import { debuggingTests } from './debugging.ts';
import { runTests } from './runner.ts';

export function run(): Promise<void> {
  return runTests([...contributionTests, ...debuggingTests]);
}
