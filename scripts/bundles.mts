import type { BuildOptions } from 'esbuild';

/** One file under `dist/`, the entry it is built from, and the most it may weigh. */
export interface Bundle {
  readonly entry: string;
  readonly output: string;
  readonly runtime: 'node' | 'web';
  /** Modules that the host provides. */
  readonly external?: readonly string[];
  readonly banner?: string;
  readonly executable?: boolean;
  readonly capKilobytes: number;
}

export const bundles: readonly Bundle[] = [
  {
    entry: 'extension/vscode/extension-node.ts',
    output: 'dist/extension-node.js',
    runtime: 'node',
    external: ['vscode'],
    capKilobytes: 1024,
  },
  {
    entry: 'extension/vscode/extension-web.ts',
    output: 'dist/extension-web.js',
    runtime: 'web',
    external: ['vscode'],
    capKilobytes: 1024,
  },
  {
    entry: 'extension/adapter/worker-node.ts',
    output: 'dist/adapter-worker-node.js',
    runtime: 'node',
    capKilobytes: 3072,
  },
  {
    entry: 'extension/adapter/worker-web.ts',
    output: 'dist/adapter-worker-web.js',
    runtime: 'web',
    capKilobytes: 3072,
  },
  {
    entry: 'extension/language-server/language-server-node.ts',
    output: 'dist/language-server-node.js',
    runtime: 'node',
    capKilobytes: 3072,
  },
  {
    entry: 'extension/language-server/language-server-web.ts',
    output: 'dist/language-server-web.js',
    runtime: 'web',
    capKilobytes: 3072,
  },
  {
    entry: 'extension/command-line/dms-node.ts',
    output: 'dist/dms.js',
    runtime: 'node',
    banner: '#!/usr/bin/env node',
    executable: true,
    capKilobytes: 4096,
  },
];

/** The suite that runs inside VS Code; one file for every host. */
export const hostSuite: Bundle = {
  entry: 'test/vscode/suite/index.ts',
  output: 'dist/test/suite.js',
  runtime: 'web',
  external: ['vscode'],
  capKilobytes: 1024,
};

export function esbuildOptions(bundle: Bundle): BuildOptions {
  return {
    entryPoints: [bundle.entry],
    outfile: bundle.output,
    bundle: true,
    format: bundle.runtime === 'web' && !bundle.external ? 'iife' : 'cjs',
    platform: bundle.runtime === 'node' ? 'node' : 'browser',
    target: bundle.runtime === 'node' ? 'node20' : 'es2023',
    external: [...(bundle.external ?? [])],
    loader: { '.h': 'text', '.c': 'text', '.md': 'text' },
    ...(bundle.banner ? { banner: { js: bundle.banner } } : {}),
    sourcemap: true,
    sourcesContent: false,
    metafile: true,
    logLevel: 'silent',
  };
}
