// `dms language-server --stdio`, as an editor starts it.
import { spawn } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { expect, inject, onTestFinished, test } from 'vitest';
import {
  createProtocolConnection,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';
import { driverWith, folderWith } from './support/command.ts';

interface Server {
  readonly connection: ProtocolConnection;
  readonly ended: Promise<number | null>;
}

async function server(folder: string): Promise<Server> {
  const child = spawn(process.execPath, [inject('dmsCommand'), 'language-server', '--stdio'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((done) => child.once('exit', done));
  const connection = createProtocolConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  connection.listen();
  onTestFinished(() => {
    connection.dispose();
    child.kill();
  });
  await connection.sendRequest('initialize', {
    processId: process.pid,
    rootUri: null,
    capabilities: {},
    workspaceFolders: [{ uri: pathToFileURL(folder).href, name: 'test' }],
  });
  await connection.sendNotification('initialized', {});
  return { connection, ended };
}

test('files on the disk are read, and problems found in them', async () => {
  const folder = folderWith({
    'a.dms': 'scenario "a" { driver "src/a.c"; }\n',
    'src/a.c': driverWith('    return Missing;'),
  });
  const { connection, ended } = await server(folder);
  const found = new Promise<PublishDiagnosticsParams>((done) => {
    connection.onNotification('textDocument/publishDiagnostics', (parameters) => {
      const published = parameters as PublishDiagnosticsParams;
      if (published.uri.endsWith('/src/a.c')) done(published);
    });
  });
  await connection.sendNotification('textDocument/didOpen', {
    textDocument: {
      uri: pathToFileURL(`${folder}/a.dms`).href,
      languageId: 'dms',
      version: 1,
      text: 'scenario "a" { driver "src/a.c"; }\n',
    },
  });
  expect((await found).diagnostics).toMatchObject([{ code: 'undeclared-name' }]);
  await connection.sendRequest('shutdown');
  await connection.sendNotification('exit');
  expect(await ended).toBe(0);
});

test('a file outside of the workspace is not read', async () => {
  const secret = folderWith({ 'secret.c': driverWith('') });
  const folder = folderWith({});
  const { connection } = await server(folder);
  const found = new Promise<PublishDiagnosticsParams>((done) => {
    connection.onNotification('textDocument/publishDiagnostics', (parameters) =>
      done(parameters as PublishDiagnosticsParams),
    );
  });
  const name = secret.slice(secret.lastIndexOf('/') + 1);
  await connection.sendNotification('textDocument/didOpen', {
    textDocument: {
      uri: pathToFileURL(`${folder}/a.dms`).href,
      languageId: 'dms',
      version: 1,
      text: `scenario "a" { driver "../${name}/secret.c"; }\n`,
    },
  });
  expect((await found).diagnostics).toMatchObject([{ code: 'unknown-file' }]);
});
