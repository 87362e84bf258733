/** The workspace on disk. */
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import type { WorkspaceFiles } from './workspace.ts';

const skippedFolders = new Set(['node_modules', '.git', 'dist', 'out']);
/** Sources are text that people write; anything larger is a mistake. */
const MAXIMUM_BYTES = 16 * 1024 * 1024;

/** Reads below the given folders only, links followed. */
export const diskFiles: WorkspaceFiles = {
  async read(path, within) {
    try {
      const real = await realpath(path);
      if (!(await isBelowOne(real, within))) return undefined;
      const { size } = await stat(real);
      return size > MAXIMUM_BYTES ? undefined : await readFile(real, 'utf8');
    } catch {
      return undefined; // not there, which the compiler reports at the place that names it
    }
  },
  async scenarios(folders) {
    const found: string[] = [];
    for (const folder of folders) await collect(folder, found);
    return found;
  },
};

async function isBelowOne(path: string, folders: readonly string[]): Promise<boolean> {
  for (const folder of folders) {
    const real = await realpath(folder).catch(() => undefined);
    const way = real === undefined ? '' : relative(real, path);
    if (way !== '' && !way.startsWith('..') && !isAbsolute(way)) return true;
  }
  return false;
}

async function collect(folder: string, found: string[]): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!skippedFolders.has(entry.name)) await collect(path, found);
    } else if (entry.name.endsWith('.dms')) {
      found.push(path.replaceAll('\\', '/'));
    }
  }
}
