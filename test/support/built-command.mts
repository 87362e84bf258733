/** Builds the `dms` command once for all tests that run it, into a folder of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as esbuild from 'esbuild';
import type { TestProject } from 'vitest/node';
import { bundles, esbuildOptions } from '../../scripts/bundles.mts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of the built `dms.js`. */
    readonly dmsCommand: string;
  }
}

export async function setup(project: TestProject): Promise<() => void> {
  const bundle = bundles.find(({ executable }) => executable);
  if (bundle === undefined) throw new Error('No bundle is the command.');
  const folder = mkdtempSync(join(tmpdir(), 'dms-command-'));
  const output = join(folder, 'dms.js');
  await esbuild.build(esbuildOptions({ ...bundle, output }));
  project.provide('dmsCommand', output);
  return () => rmSync(folder, { recursive: true, force: true });
}
