// The allowed imports: who may know whom. Values are seen in esbuild's metafile; types, which it
// erases, in the source.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join } from 'node:path';
import * as esbuild from 'esbuild';
import { beforeAll, describe, expect, test } from 'vitest';

/** Each layer and the layers that it may import, itself aside. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  'engine/base': [],
  'engine/include': [],
  'engine/pipeline': [],
  'engine/language': ['engine/base', 'engine/include'],
  'engine/lint': ['engine/language'],
  'engine/machine': ['engine/base'],
  'engine/vm': ['engine/base', 'engine/language', 'engine/machine'],
  'engine/kernel': ['engine/base', 'engine/language', 'engine/machine', 'engine/vm'],
  'engine/winsock': ['engine/base', 'engine/language', 'engine/machine', 'engine/vm'],
  engine: [
    'engine/base',
    'engine/include',
    'engine/pipeline',
    'engine/language',
    'engine/lint',
    'engine/machine',
    'engine/vm',
    'engine/kernel',
    'engine/winsock',
  ],
  'extension/adapter': ['engine'],
  'extension/language-server': ['engine'],
  'extension/command-line': ['engine', 'extension/adapter', 'extension/language-server'],
  'extension/vscode': ['engine', 'extension/adapter', 'extension/language-server'],
};

const publicEntry = 'engine/index.ts';

interface Import {
  readonly from: string;
  /** A path in the repository, or the name of a module. */
  readonly to: string;
}

const sources = globSync(['engine/**/*.ts', 'extension/**/*.ts']).map(slashes).sort();
let imports: Import[];

/** A file that is not there is for the build and the compiler to tell. */
const leaveMissingFiles: esbuild.Plugin = {
  name: 'leave-missing-files',
  setup(build) {
    build.onResolve({ filter: /^\./ }, ({ path, resolveDir }) =>
      existsSync(join(resolveDir, path)) ? undefined : { path, external: true },
    );
  },
};

beforeAll(async () => {
  const built = await esbuild.build({
    stdin: {
      contents: sources.map((source) => `import './${source}';`).join('\n'),
      resolveDir: '.',
    },
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'neutral',
    packages: 'external',
    loader: { '.h': 'text', '.c': 'text', '.md': 'text' },
    logLevel: 'silent',
    plugins: [leaveMissingFiles],
  });
  const values = Object.entries(built.metafile.inputs).flatMap(([from, input]) =>
    input.imports.map(({ path }): Import => ({ from, to: path })),
  );
  imports = [...values, ...sources.flatMap(writtenImports)].filter(
    ({ from }) => from !== '<stdin>',
  );
});

function slashes(path: string): string {
  return path.replaceAll('\\', '/');
}

/** Every import as it is written, those of types included. */
function writtenImports(from: string): Import[] {
  const text = readFileSync(from, 'utf8');
  const found = text.matchAll(/^(?:import\s+|(?:import|export|\})[^'"`;=]*?\bfrom\s+)'([^']+)'/gm);
  return [...found].map(([, specifier = '']) => ({
    from,
    to: specifier.startsWith('.') ? slashes(join(dirname(from), specifier)) : specifier,
  }));
}

function layerOf(path: string): string | undefined {
  const candidates = Object.keys(allowed).filter((layer) => path.startsWith(`${layer}/`));
  return candidates.sort((one, other) => other.length - one.length)[0];
}

function isNode(module: string): boolean {
  return module.startsWith('node:') || builtinModules.includes(module);
}

function shown(list: readonly Import[]): readonly string[] {
  return [...new Set(list.map(({ from, to }) => `${from} -> ${to}`))];
}

describe('imports', () => {
  test('are found', () => {
    expect(imports.length).toBeGreaterThan(10);
    expect(
      imports.some(
        ({ from, to }) => from.startsWith('engine/language') && to.startsWith('engine/base'),
      ),
    ).toBe(true);
  });

  test('every source belongs to a layer', () => {
    expect(sources.filter((source) => layerOf(source) === undefined)).toEqual([]);
  });

  test.each(Object.entries(allowed))('%s imports only what it may', (layer, others) => {
    const wrong = imports.filter(({ from, to }) => {
      const target = layerOf(to);
      return layerOf(from) === layer && target && target !== layer && !others.includes(target);
    });
    expect(shown(wrong)).toEqual([]);
  });

  test('the extension knows only the public entry of the engine', () => {
    const wrong = imports.filter(
      ({ from, to }) =>
        from.startsWith('extension/') && to.startsWith('engine/') && to !== publicEntry,
    );
    expect(shown(wrong)).toEqual([]);
  });

  test('only extension/vscode imports vscode', () => {
    const wrong = imports.filter(
      ({ from, to }) =>
        /^vscode$|^vscode-languageclient/.test(to) && !from.startsWith('extension/vscode/'),
    );
    expect(shown(wrong)).toEqual([]);
  });

  test('only entry files named *-node.ts import Node', () => {
    const wrong = imports.filter(
      ({ from, to }) => (isNode(to) || to.endsWith('/node')) && !from.endsWith('-node.ts'),
    );
    expect(shown(wrong)).toEqual([]);
  });

  test('the engine imports no package', () => {
    const wrong = imports.filter(
      ({ from, to }) => from.startsWith('engine/') && !/^(engine\/|\.)/.test(to),
    );
    expect(shown(wrong)).toEqual([]);
  });
});
