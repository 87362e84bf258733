// The built adapter over real streams and sockets, driven by a client that was not written here.
import { spawn } from 'node:child_process';
import { chmodSync, existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { DebugClient } from '@vscode/debugadapter-testsupport';
import * as esbuild from 'esbuild';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { bundles, esbuildOptions } from '../../scripts/bundles.mts';
import { buffers, commonBuffer, commonBufferDriver, lineOf, lineWith } from './support/debuggee.ts';

const command = resolve('dist/dms.js');

beforeAll(async () => {
  const bundle = bundles.find(({ executable }) => executable);
  if (bundle === undefined || existsSync(command)) return;
  await esbuild.build(esbuildOptions(bundle));
  chmodSync(command, 0o755);
}, 60_000);

/** A client with the adapter as its child process, on standard streams. */
async function onStreams(): Promise<DebugClient> {
  // The client starts `RUNTIME EXECUTABLE`.
  const client = new DebugClient(command, 'debug-adapter', 'dms');
  return ready(client, () => client.start());
}

/** A client of an adapter that listens on a port. */
async function onPort(port: number): Promise<DebugClient> {
  const client = new DebugClient('', '', 'dms');
  return ready(client, () => client.start(port));
}

async function ready(client: DebugClient, start: () => Promise<void>): Promise<DebugClient> {
  await start();
  client.defaultTimeout = 15_000;
  onTestFinished(() => client.stop());
  return client;
}

/** Starts an adapter on a free port. */
async function listening(): Promise<number> {
  const child = spawn(process.execPath, [command, 'debug-adapter', '--port', '0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => {
    child.kill();
  });
  return new Promise((done, fail) => {
    let text = '';
    const read = (bytes: Buffer) => {
      text += bytes.toString();
      const port = /:(\d+)/.exec(text)?.[1];
      if (port !== undefined) done(Number(port));
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', (code) => fail(new Error(`The adapter ended with ${code}: ${text}`)));
  });
}

const transports = [
  { name: 'standard streams', connect: onStreams },
  { name: 'a port', connect: async () => onPort(await listening()) },
];

describe.each(transports)('the debug adapter alone, on $name', ({ connect }) => {
  test('runs a scenario to its end', async () => {
    const client = await connect();
    await Promise.all([
      client.configurationSequence(),
      client.launch({ program: buffers }),
      client.assertOutput('stdout', 'total 45 of 16'),
      client.waitForEvent('terminated'),
    ]);
  });

  test('stops at a breakpoint, steps and shows variables', async () => {
    const client = await connect();
    const line = lineOf(buffers, '#SMALL');
    await client.hitBreakpoint({ program: buffers }, { path: buffers, line });
    const { body } = await client.threadsRequest();
    const threadId = body.threads[0]?.id ?? 0;
    await Promise.all([
      client.nextRequest({ threadId }),
      client.assertStoppedLocation('step', { path: buffers, line: line + 1 }),
    ]);
    await Promise.all([
      client.stepBackRequest({ threadId }),
      client.assertStoppedLocation('step', { path: buffers, line }),
    ]);
    const stack = await client.stackTraceRequest({ threadId });
    const frameId = stack.body.stackFrames[0]?.id ?? 0;
    const value = await client.evaluateRequest({ expression: 'total', frameId, context: 'watch' });
    expect(value.body.result).toMatch(/^45\b/);
  });

  test('stops in a driver beside the scenario', async () => {
    const client = await connect();
    const line = lineWith(commonBufferDriver, 'CommonBuffer = Adapter');
    await client.hitBreakpoint({ program: commonBuffer }, { path: commonBufferDriver, line });
    await Promise.all([client.continueRequest({ threadId: 1 }), client.waitForEvent('terminated')]);
  });

  test('ends when the client does', async () => {
    const client = await connect();
    await client.initializeRequest();
    await client.disconnectRequest();
  });
});
