// The bundle for the web: no disk, no Node; the client is asked for every file.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import * as esbuild from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundles, esbuildOptions } from '../../scripts/bundles.mts';

const folder = mkdtempSync(join(tmpdir(), 'dms-web-'));
const output = join(folder, 'server.js');

beforeAll(async () => {
  const bundle = bundles.find(({ output }) => output.endsWith('language-server-web.js'));
  if (bundle === undefined) throw new Error('No bundle is the language server for the web.');
  await esbuild.build(esbuildOptions({ ...bundle, output }));
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a web worker has for messages, over the port of a Node worker; nothing else of Node is left. */
const webWorker = (script: string): string => `
const { parentPort } = require('node:worker_threads');
const text = require('node:fs').readFileSync(${JSON.stringify(script)}, 'utf8');
globalThis.self = globalThis;
self.postMessage = (message) => parentPort.postMessage(message);
self.addEventListener = (type, listener) => {
  if (type === 'message') parentPort.on('message', (data) => listener({ data }));
};
Object.defineProperty(self, 'onmessage', {
  set(listener) { parentPort.on('message', (data) => listener({ data })); },
});
delete globalThis.process;
delete globalThis.Buffer;
(0, eval)(text);`;

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: {
    readonly path?: string;
    readonly uri?: string;
    readonly diagnostics?: readonly { readonly code: string }[];
  };
}

test('files come from the client, and only those of the workspace are asked for', async () => {
  const worker = new Worker(webWorker(output), { eval: true });
  const asked: string[] = [];
  const found = new Map<string, readonly string[]>();
  const send = (message: object): void => worker.postMessage({ jsonrpc: '2.0', ...message });
  const done = new Promise<void>((finished, failed) => {
    worker.on('error', failed);
    worker.on('message', ({ id, method, params }: Message) => {
      if (method === 'dms/readFile') {
        asked.push(params?.path ?? '');
        send({ id, result: params?.path?.endsWith('/a b.c') ? 'int x = Missing;' : null });
      } else if (method === 'dms/scenarioFiles') {
        send({ id, result: ['vscode-vfs://host/w/a.dms'] });
      } else if (method === 'textDocument/publishDiagnostics') {
        found.set(params?.uri ?? '', params?.diagnostics?.map(({ code }) => code) ?? []);
        if (found.size === 2) finished();
      } else if (id === 1) {
        send({ method: 'initialized', params: {} });
        send({
          method: 'textDocument/didOpen',
          params: {
            textDocument: {
              uri: 'vscode-vfs://host/w/a.dms',
              languageId: 'dms',
              version: 1,
              text: 'scenario "a" { driver "a b.c", "../secret.c"; }',
            },
          },
        });
      }
    });
  });
  send({
    id: 1,
    method: 'initialize',
    params: {
      processId: null,
      rootUri: null,
      capabilities: {},
      workspaceFolders: [{ uri: 'vscode-vfs://host/w', name: 'w' }],
    },
  });
  await done;
  await worker.terminate();
  expect(asked).toEqual(['vscode-vfs://host/w/a b.c']);
  expect(found).toEqual(
    new Map([
      ['vscode-vfs://host/w/a.dms', ['unknown-file']],
      ['vscode-vfs://host/w/a%20b.c', ['undeclared-name']],
    ]),
  );
}, 30_000);
