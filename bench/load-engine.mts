// Bundles the engine's public entry, or some of its parts, and loads it, so that a benchmark measures the present source.
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as esbuild from 'esbuild';
import type * as Engine from '../engine/index.ts';

export async function loadEngine(): Promise<typeof Engine> {
  return (await loadBundle('engine/index.ts', 'engine')) as typeof Engine;
}

/** What a source file exports; `name` is that of the bundle. */
export async function loadBundle(entry: string, name: string): Promise<unknown> {
  return import(pathToFileURL(await bundle(entry, name)).href);
}

/** Makes one script of a source file and what it imports, and answers its path. */
export async function bundle(entry: string, name: string): Promise<string> {
  mkdirSync('dist/bench', { recursive: true });
  const outfile = resolve(`dist/bench/${name}.mjs`);
  await esbuild.build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    loader: { '.h': 'text', '.c': 'text' },
    external: ['node:*'],
    logLevel: 'warning',
  });
  return outfile;
}
