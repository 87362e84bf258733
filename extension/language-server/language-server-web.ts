/** The language server in a web worker: it has no disk and asks the client for files. */
import {
  BrowserMessageReader,
  BrowserMessageWriter,
  createConnection,
} from 'vscode-languageserver/browser';
import { pathOf } from './addresses.ts';
import { startServer } from './server.ts';
import { isReadable } from './workspace.ts';

const scope = self as unknown as DedicatedWorkerGlobalScope;
const connection = createConnection(
  new BrowserMessageReader(scope),
  new BrowserMessageWriter(scope),
);

startServer(connection, {
  files: {
    async read(path, within) {
      if (!isReadable(path, within)) return undefined;
      const text = await connection.sendRequest<string | null>('dms/readFile', { path });
      return text ?? undefined;
    },
    async scenarios() {
      const uris = await connection.sendRequest<readonly string[]>('dms/scenarioFiles', {});
      return uris.map(pathOf);
    },
  },
  later(task, milliseconds) {
    const timer = setTimeout(task, milliseconds);
    return () => clearTimeout(timer);
  },
});
