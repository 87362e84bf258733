// Brings the packages of the server host on first use. They are large and of no use to whoever
// only builds or runs unit tests, so they are no dependencies of the project itself.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

export type Progress = (message: string) => void;

/** Extensions that come with the server and would only cost time: they need services or tools of their own. */
const unneeded = [
  'copilot',
  'debug-auto-launch',
  'emmet',
  'extension-editing',
  'git',
  'git-base',
  'github',
  'github-authentication',
  'merge-conflict',
  'microsoft-authentication',
  'npm',
  'tunnel-forwarding',
];

export interface ServerInstallation {
  /** The script that starts VS Code's server. */
  readonly main: string;
}

/** Installs the server build of VS Code and, inside it, the packages that it needs. */
export async function installServer(progress: Progress): Promise<ServerInstallation> {
  const folder = join(here, 'server');
  const dependencies = join(folder, 'dependencies');
  const server = join(folder, 'node_modules/code-server/lib/vscode');
  const stamp = stampOf(folder, dependencies);
  if (!isInstalled(folder, stamp)) {
    progress('Installing the server build of VS Code (about 350 MB, once)...');
    await npmCi(folder);
    progress('Installing what it needs at run time...');
    await npmCi(dependencies);
    rmSync(join(server, 'node_modules'), { recursive: true, force: true });
    renameSync(join(dependencies, 'node_modules'), join(server, 'node_modules'));
    for (const extension of unneeded) {
      rmSync(join(server, 'extensions', extension), { recursive: true, force: true });
    }
    markInstalled(folder, stamp);
  }
  return { main: join(server, 'out/server-main.js') };
}

/** The path of a Chromium: `CHROME_PATH`, or the one that comes from the registry (Linux x64). */
export async function installBrowser(progress: Progress): Promise<string> {
  const own = process.env['CHROME_PATH'];
  if (own) {
    return own;
  }
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error('Set CHROME_PATH to a Chrome or Chromium: none is packaged for this system.');
  }
  const folder = join(here, 'browser');
  const stamp = stampOf(folder);
  if (!isInstalled(folder, stamp)) {
    progress('Installing a browser (about 70 MB, once)...');
    await npmCi(folder);
    markInstalled(folder, stamp);
  }
  const load = createRequire(join(folder, 'package.json'));
  const { default: chromium } = (await import(load.resolve('@sparticuz/chromium'))) as {
    default: { executablePath(): Promise<string> };
  };
  return chromium.executablePath();
}

function stampOf(...folders: string[]): string {
  const hash = createHash('sha256');
  for (const folder of folders) {
    hash.update(readFileSync(join(folder, 'package-lock.json')));
  }
  return hash.digest('hex');
}

function stampFile(folder: string): string {
  return join(folder, 'node_modules/.installed');
}

function isInstalled(folder: string, stamp: string): boolean {
  return existsSync(stampFile(folder)) && readFileSync(stampFile(folder), 'utf8') === stamp;
}

function markInstalled(folder: string, stamp: string): void {
  writeFileSync(stampFile(folder), stamp);
}

/** Installs exactly what the lock file names and runs no script of any package. */
function npmCi(folder: string): Promise<void> {
  const windows = process.platform === 'win32';
  return new Promise((done, fail) => {
    const npm = spawn(windows ? 'npm.cmd' : 'npm', ['ci', '--ignore-scripts', '--loglevel=error'], {
      cwd: folder,
      shell: windows,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [npm.stdout, npm.stderr]) {
      stream.on('data', (text: Buffer) => {
        output += text.toString();
      });
    }
    npm.on('error', fail);
    npm.on('close', (code) => {
      if (code === 0) {
        done();
      } else {
        fail(new Error(`npm ci in ${folder} ended with ${code}:\n${output}`));
      }
    });
  });
}
