// Bundles the engine's public entry and loads it, so that a benchmark measures the present source.
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as esbuild from 'esbuild';
import type * as Engine from '../engine/index.ts';

export async function loadEngine(): Promise<typeof Engine> {
  mkdirSync('dist/bench', { recursive: true });
  const outfile = resolve('dist/bench/engine.mjs');
  await esbuild.build({
    entryPoints: ['engine/index.ts'],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    loader: { '.h': 'text', '.c': 'text' },
    logLevel: 'warning',
  });
  return (await import(pathToFileURL(outfile).href)) as typeof Engine;
}
