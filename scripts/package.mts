// Writes driver-memory-scenarios-VERSION.vsix, or the file named by `--output`.
import { parseArgs } from 'node:util';
import { createVSIX } from '@vscode/vsce';
import { runNode } from './process.mts';

const { values: options } = parseArgs({ options: { output: { type: 'string' } } });
if ((await runNode('scripts/build.mts', '--minify')) !== 0) {
  process.exit(1);
}
await createVSIX({
  dependencies: false,
  allowMissingRepository: true,
  // The documents that the README links to are in the package; there is no public address to rewrite them to.
  rewriteRelativeLinks: false,
  ...(options.output ? { packagePath: options.output } : {}),
});
