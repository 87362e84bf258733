// Runs the `dms` command of this checkout, built first when a source is newer than the bundle.

import { spawn } from 'node:child_process';
import { existsSync, globSync, statSync } from 'node:fs';
import { buildQuietly } from './build-quietly.mts';

const command = 'dist/dms.js';
if (isStale(command)) {
  buildQuietly();
}
const child = spawn(process.execPath, [command, ...process.argv.slice(2)], { stdio: 'inherit' });
child.once('exit', (code) => {
  process.exitCode = code ?? 1;
});

function isStale(bundle: string): boolean {
  if (!existsSync(bundle)) {
    return true;
  }
  const built = statSync(bundle).mtimeMs;
  const sources = globSync(['engine/**/*.{ts,c,h}', 'extension/**/*.ts', 'package-lock.json']);
  return sources.some((source) => statSync(source).mtimeMs > built);
}
