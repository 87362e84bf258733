// Starts the server build of VS Code on the loopback interface.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServerInstallation } from './install.mts';

/** What a quiet workbench has switched off. */
const settings = {
  'chat.disableAIFeatures': true,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'git.enabled': false,
  'security.workspace.trust.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'update.showReleaseNotes': false,
  'window.restoreWindows': 'none',
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
};

export interface ServerOptions {
  /** 0 lets the system choose. */
  readonly port?: number;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** A .vsix to install before the server starts. */
  readonly extension?: string;
}

export type Payload = readonly (readonly [name: string, value: string])[];

export interface Endpoint {
  readonly origin: string;
  readonly token: string;
}

export interface Server extends Endpoint {
  address(folder: string, payload?: Payload): string;
  /** Resolves when the server ends by itself. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/** A file of this machine as the workbench names it. */
export function remoteUri(path: string): string {
  return `vscode-remote://remote${encodeURI(path)}`;
}

/** The address that opens a folder; `payload` names are VS Code's, such as `extensionDevelopmentPath`. */
export function workbenchAddress(
  endpoint: Endpoint,
  folder: string,
  payload: Payload = [],
): string {
  const query = new URLSearchParams({ tkn: endpoint.token, folder });
  query.set('payload', JSON.stringify([['skipWelcome', 'true'], ...payload]));
  return `${endpoint.origin}/?${query}`;
}

interface State {
  readonly root: string;
  readonly arguments: readonly string[];
}

function createState(extra: Readonly<Record<string, unknown>>): State {
  const root = mkdtempSync(join(tmpdir(), 'dms-vscode-'));
  const text = JSON.stringify({ ...settings, ...extra });
  for (const folder of ['user/User', 'server/data/Machine']) {
    mkdirSync(join(root, folder), { recursive: true });
    writeFileSync(join(root, folder, 'settings.json'), text);
  }
  const extensions = join(root, 'extensions');
  mkdirSync(extensions);
  return {
    root,
    arguments: [
      '--accept-server-license-terms',
      '--disable-telemetry',
      '--server-data-dir',
      join(root, 'server'),
      '--user-data-dir',
      join(root, 'user'),
      '--extensions-dir',
      extensions,
    ],
  };
}

/** Vitest and npm leave variables behind that the server must not inherit. */
function environment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(
    ([name]) => !/^(VITEST|NODE_OPTIONS|npm_|VSCODE_)/.test(name),
  );
  return Object.fromEntries(entries);
}

export async function startServer(
  installation: ServerInstallation,
  options: ServerOptions = {},
): Promise<Server> {
  const state = createState(options.settings ?? {});
  if (options.extension) {
    await installExtension(installation, state, options.extension);
  }
  const token = randomBytes(16).toString('hex');
  const child = spawn(
    process.execPath,
    [
      installation.main,
      ...state.arguments,
      '--host',
      '127.0.0.1',
      '--port',
      String(options.port ?? 0),
      '--connection-token',
      token,
      // Without it a built VS Code ignores the address's payload.
      '--enable-smoke-test-driver',
      '--disable-workspace-trust',
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], env: environment() },
  );
  const abandon = (): boolean => child.kill();
  process.once('exit', abandon);
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  const port = await listeningPort(child);
  const origin = `http://127.0.0.1:${port}`;
  return {
    origin,
    token,
    ended,
    address: (folder, payload) => workbenchAddress({ origin, token }, folder, payload),
    async stop() {
      process.off('exit', abandon);
      child.kill();
      await ended;
      rmSync(state.root, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}

function installExtension(
  installation: ServerInstallation,
  state: State,
  extension: string,
): Promise<void> {
  const child = spawn(
    process.execPath,
    [installation.main, ...state.arguments, '--install-extension', extension],
    { stdio: ['ignore', 'pipe', 'pipe'], env: environment() },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text: Buffer) => {
      output += text.toString();
    });
  }
  return new Promise((done, fail) => {
    child.once('error', fail);
    child.once('close', (code) => {
      if (code === 0 && output.includes('was successfully installed')) {
        done();
      } else {
        fail(new Error(`${extension} was not installed (${code}):\n${output}`));
      }
    });
  });
}

function listeningPort(child: ChildProcess): Promise<number> {
  return new Promise((done, fail) => {
    let output = '';
    const read = (text: Buffer): void => {
      output += text.toString();
      const port = /Extension host agent listening on (\d+)/.exec(output)?.[1];
      if (port) {
        done(Number(port));
      }
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('error', fail);
    child.once('exit', (code) =>
      fail(new Error(`VS Code's server ended with ${code} before it listened:\n${output}`)),
    );
  });
}
