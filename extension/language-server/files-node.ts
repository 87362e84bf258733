/** The workspace on disk. */
import { readdir, readFile, realpath } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import type { WorkspaceFiles } from './workspace.ts';

const skippedFolders = new Set(['node_modules', '.git', 'dist', 'out']);

/** Reads below the workspace folders only; they are known once the client has said them. */
export class DiskFiles implements WorkspaceFiles {
  private roots: readonly string[] = [];

  setRoots(roots: readonly string[]): void {
    this.roots = roots;
  }

  async read(path: string): Promise<string | undefined> {
    try {
      const real = await realpath(path);
      if (this.roots.length > 0 && !(await this.isInside(real))) return undefined;
      return await readFile(real, 'utf8');
    } catch {
      return undefined;
    }
  }

  async scenarios(): Promise<readonly string[]> {
    const found: string[] = [];
    for (const root of this.roots) await this.collect(root, found);
    return found;
  }

  private async isInside(path: string): Promise<boolean> {
    for (const root of this.roots) {
      const way = relative(await realpath(root), path);
      if (way !== '' && !way.startsWith('..') && !isAbsolute(way)) return true;
    }
    return false;
  }

  private async collect(folder: string, found: string[]): Promise<void> {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (!skippedFolders.has(entry.name)) await this.collect(path, found);
      } else if (entry.name.endsWith('.dms')) {
        found.push(path.replaceAll('\\', '/'));
      }
    }
  }
}
