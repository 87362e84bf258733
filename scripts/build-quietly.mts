import { spawnSync } from 'node:child_process';

/** Builds without a word unless the build fails, which ends this process. */
export function buildQuietly(): void {
  const build = spawnSync(process.execPath, ['scripts/build.mts'], { encoding: 'utf8' });
  if (build.status !== 0) {
    process.stderr.write(build.stdout + build.stderr);
    process.exit(2);
  }
}
