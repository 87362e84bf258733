import { spawnSync } from 'node:child_process';
import { existsSync, globSync, statSync } from 'node:fs';
import { bundles } from './bundles.mts';

/** Builds the bundles if a source is newer; silent unless the build fails, which ends this process. */
export function ensureBuilt(): void {
  if (!isStale()) {
    return;
  }
  const build = spawnSync(process.execPath, ['scripts/build.mts'], { encoding: 'utf8' });
  if (build.status !== 0) {
    process.stderr.write(build.stdout + build.stderr);
    process.exit(2);
  }
}

function isStale(): boolean {
  if (bundles.some(({ output }) => !existsSync(output))) {
    return true;
  }
  const oldest = Math.min(...bundles.map(({ output }) => changed(output)));
  const sources = globSync([
    'engine/**/*.{ts,c,h}',
    'extension/**/*.ts',
    'scripts/*.mts',
    'package-lock.json',
  ]);
  return sources.some((source) => changed(source) > oldest);
}

function changed(file: string): number {
  return statSync(file).mtimeMs;
}
