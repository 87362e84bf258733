import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TemporaryWorkspace {
  readonly folder: string;
  remove(): void;
}

/** A copy of a folder that a test may write to. */
export function temporaryWorkspace(source: string): TemporaryWorkspace {
  const folder = mkdtempSync(join(tmpdir(), 'dms-workspace-'));
  cpSync(source, folder, { recursive: true });
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
