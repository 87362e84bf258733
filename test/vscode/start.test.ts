// `npm start`: opens VS Code for whoever has just cloned the repository.
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from './support/eventually.ts';
import { type OpenPage, openAddress } from './support/open-page.ts';
import { Workbench } from './support/workbench.ts';

const folder = mkdtempSync(join(tmpdir(), 'dms-start-'));

/** A program that writes down what it was called with. */
function recorder(name: string): { path: string; read(): string | undefined } {
  const path = join(folder, name);
  const record = join(folder, `${name}.txt`);
  writeFileSync(
    path,
    `#!/bin/sh\nprintf '%s\\n' "$@" > '${record}.part'\nmv '${record}.part' '${record}'\n`,
  );
  chmodSync(path, 0o755);
  return {
    path,
    read() {
      try {
        return readFileSync(record, 'utf8');
      } catch {
        return undefined;
      }
    },
  };
}

function start(parameters: readonly string[], environment: NodeJS.ProcessEnv): ChildProcess {
  return spawn(process.execPath, ['scripts/start.mts', ...parameters], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  });
}

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(process.platform === 'win32')('npm start', () => {
  test('takes the VS Code of the desktop where there is one', async () => {
    const code = recorder('code');
    const child = start([], { PATH: folder + delimiter + process.env['PATH'] });
    const ended = new Promise((done) => child.once('exit', done));
    expect(await ended).toBe(0);
    expect(code.read()).toBe(
      `--extensionDevelopmentPath=${process.cwd()}\n${join(process.cwd(), 'samples')}\n`,
    );
  });

  test('runs the samples in the terminal when asked to', async () => {
    const child = start(['--headless'], {});
    let output = '';
    child.stdout?.on('data', (text: Buffer) => {
      output += text.toString();
    });
    const code = await new Promise((done) => child.once('close', done));
    expect(output).toContain('contiguous memory below 4 GB is there for those who ask');
    expect(code).toBe(0);
  });

  describe('with the server build', () => {
    const browser = recorder('browser');
    let child: ChildProcess;
    let output = '';
    let address: string;
    let opened: OpenPage | undefined;

    beforeAll(async () => {
      child = start(['--server'], { BROWSER: browser.path });
      child.stdout?.on('data', (text: Buffer) => {
        output += text.toString();
      });
      address = await eventually('the address', async () => /http:\S+/.exec(output)?.[0], 60_000);
    });

    afterAll(async () => {
      await opened?.close();
      child.kill();
    });

    test('says what it does, prints the address and opens it', async () => {
      expect(output).toMatch(/Building the extension[\s\S]*Starting VS Code[\s\S]*Ctrl\+C/);
      expect(await eventually('a browser', async () => browser.read())).toBe(`${address}\n`);
    });

    test('listens on the loopback interface and asks for a token', async () => {
      const { hostname, origin, searchParams } = new URL(address);
      expect(hostname).toBe('127.0.0.1');
      expect(searchParams.get('tkn')).toMatch(/^[0-9a-f]{32}$/);
      expect((await fetch(origin)).status).toBe(403);
    });

    test('shows a sample in the language of scenarios', async () => {
      opened = await openAddress(address);
      const workbench = new Workbench(opened.page);
      await workbench.ready();
      await workbench.editor.waitForFile('nolowmem.dms');
      await workbench.editor.waitForLanguage('Driver Memory Scenario');
      await workbench.screenshot('start');
    });

    test('ends when it is interrupted', async () => {
      const ended = new Promise((done) => child.once('exit', done));
      child.kill('SIGINT');
      expect(await ended).toBe(0);
      await expect(fetch(address)).rejects.toThrow();
    });
  });
});
