/** Finding and reading files for the command line. */
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { SourceReader } from '../../engine/index.ts';
import { UsageError } from './usage.ts';

const skippedFolders = new Set(['node_modules', '.git', 'dist', 'out']);

/**
 * The files that the arguments name, in a stable order: a file as it is, a folder with every `.dms` below it.
 * Throws `UsageError` for a path that does not exist or holds no scenario.
 */
export function scenarioFiles(paths: readonly string[]): readonly string[] {
  if (paths.length === 0) throw new UsageError('no file or folder given');
  const found = new Set<string>();
  for (const path of paths) {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) throw new UsageError(`${path}: no such file or folder`);
    if (!stats.isDirectory()) {
      found.add(enginePath(path));
      continue;
    }
    const inside = [...scenariosBelow(path)];
    if (inside.length === 0) throw new UsageError(`${path}: no .dms file in this folder`);
    for (const file of inside) found.add(enginePath(file));
  }
  return [...found];
}

function* scenariosBelow(folder: string): Generator<string> {
  const entries = readdirSync(folder, { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!skippedFolders.has(entry.name)) yield* scenariosBelow(path);
    } else if (entry.name.endsWith('.dms')) {
      yield path;
    }
  }
}

/** The engine's paths use `/` on every system. */
function enginePath(path: string): string {
  return sep === '/' ? path : path.replaceAll(sep, '/');
}

/**
 * Reads files of the workspace, which is the working folder and the folder of the scenario; nothing else on
 * the machine, whatever a scenario includes.
 */
export function workspaceReader(scenario: string): SourceReader {
  const roots = [process.cwd(), dirname(resolve(scenario))].map((root) => realpathSync(root));
  return {
    read(path) {
      try {
        const real = realpathSync(resolve(path));
        if (!roots.some((root) => contains(root, real))) return undefined;
        return readFileSync(real, 'utf8');
      } catch {
        return undefined;
      }
    },
  };
}

function contains(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== '' && !way.startsWith('..') && !isAbsolute(way);
}
