// What package.json contributes must hold together, and point at files that are there.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { bundles } from '../../scripts/bundles.mts';

interface Manifest {
  readonly main: string;
  readonly browser: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies?: object;
  readonly activationEvents: readonly string[];
  readonly contributes: {
    readonly languages: readonly { readonly configuration: string }[];
    readonly grammars: readonly { readonly path: string }[];
    readonly snippets: readonly { readonly path: string }[];
    readonly breakpoints: readonly { readonly language: string }[];
    readonly commands: readonly { readonly command: string }[];
    readonly menus: Readonly<Record<string, readonly { readonly command?: string }[]>>;
    readonly views: Readonly<Record<string, readonly { readonly id: string }[]>>;
    readonly viewsWelcome: readonly { readonly view: string }[];
    readonly configuration: { readonly properties: Readonly<Record<string, object>> };
  };
}

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;
const { contributes } = manifest;

describe('package.json', () => {
  test('names only files that exist or are built', () => {
    const written = [
      ...contributes.languages.map(({ configuration }) => configuration),
      ...contributes.grammars.map(({ path }) => path),
      ...contributes.snippets.map(({ path }) => path),
    ];
    expect(written.filter((path) => !existsSync(path))).toEqual([]);
    const outputs = new Set(bundles.map(({ output }) => output));
    const built = [manifest.main, manifest.browser, ...Object.values(manifest.bin)];
    expect(
      built.map((path) => path.replace(/^\.\//, '')).filter((path) => !outputs.has(path)),
    ).toEqual([]);
  });

  test('menus name only contributed commands', () => {
    const commands = new Set(contributes.commands.map(({ command }) => command));
    const named = Object.values(contributes.menus).flatMap((items) =>
      items.flatMap(({ command }) => (command === undefined ? [] : [command])),
    );
    expect(named.filter((command) => command.startsWith('dms.') && !commands.has(command))).toEqual(
      [],
    );
  });

  test('every view says something while it is empty', () => {
    const views = Object.values(contributes.views).flatMap((list) => list.map(({ id }) => id));
    const welcomed = new Set(contributes.viewsWelcome.map(({ view }) => view));
    expect(views.filter((view) => !welcomed.has(view))).toEqual([]);
  });

  test('breakpoints may be set in scenarios, C and headers', () => {
    expect(contributes.breakpoints.map(({ language }) => language)).toEqual(['dms', 'c', 'cpp']);
  });

  test('starts nothing at start-up and runs nothing at installation', () => {
    expect(manifest.activationEvents).not.toContain('*');
    expect(manifest.activationEvents).not.toContain('onStartupFinished');
    const hooks = Object.keys(manifest.scripts).filter((name) => /install|prepare/.test(name));
    expect(hooks).toEqual([]);
  });

  test('everything is bundled, so there are no run-time dependencies', () => {
    expect(manifest.dependencies).toBeUndefined();
  });

  test('settings stay few and are all documented', () => {
    const settings = Object.entries(contributes.configuration.properties);
    expect(settings.length).toBeLessThanOrEqual(20);
    for (const [name, schema] of settings) {
      expect(name).toMatch(/^dms\./);
      expect(Object.keys(schema)).toEqual(
        expect.arrayContaining(['default', 'markdownDescription', 'scope']),
      );
    }
  });
});

describe('lock files', () => {
  const locks = [
    'package-lock.json',
    'test/vscode/host/browser/package-lock.json',
    'test/vscode/host/server/package-lock.json',
    'test/vscode/host/server/dependencies/package-lock.json',
  ];

  test.each(locks)('%s holds checksums and no address', (lock) => {
    const text = readFileSync(lock, 'utf8');
    expect(text).toContain('"integrity"');
    expect(text).not.toContain('"resolved"');
  });
});
