// Opens VS Code with the extension and the samples: the desktop's where `code` is on the PATH, else
// its server build, which comes from the package registry and shows in a browser.
//
//   --headless   runs the samples in the terminal instead
//   --server     takes the server build even where there is a desktop
//   --port N     the server's port; the system chooses one otherwise
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { installServer } from '../test/vscode/host/install.mts';
import { remoteUri, type Server, startServer } from '../test/vscode/host/server.mts';
import { openInBrowser } from './browser.mts';
import { ensureBuilt } from './ensure-built.mts';
import { findOnPath } from './find-on-path.mts';
import { run, runNode } from './process.mts';

const { values: options } = parseArgs({
  options: {
    headless: { type: 'boolean', default: false },
    server: { type: 'boolean', default: false },
    port: { type: 'string', default: '0' },
  },
});

const root = resolve('.');
const samples = resolve('samples');

console.log('Building the extension...');
ensureBuilt();
const desktop = options.server ? undefined : findOnPath('code');
if (options.headless) {
  process.exitCode = await runNode('dist/dms.js', 'run', 'samples');
} else if (desktop) {
  console.log('Opening VS Code...');
  process.exitCode = await run(desktop, [`--extensionDevelopmentPath=${root}`, samples]);
} else {
  await serve();
}

async function serve(): Promise<void> {
  const installation = await installServer((message) => console.log(message));
  console.log('Starting VS Code...');
  const server = await startServer(installation, { port: Number(options.port) });
  const address = server.address(samples, [
    ['extensionDevelopmentPath', remoteUri(root)],
    ['openFile', remoteUri(`${samples}/nolowmem.dms`)],
  ]);
  console.log(`\nVS Code is open at\n\n  ${address}\n\nPress Ctrl+C to end it.`);
  openInBrowser(address);
  await untilEnded(server);
}

async function untilEnded(server: Server): Promise<void> {
  const interrupted = new Promise<void>((done) => {
    process.once('SIGINT', done);
    process.once('SIGTERM', done);
  });
  await Promise.race([interrupted, server.ended]);
  await server.stop();
}
