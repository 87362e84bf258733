/** The adapter alone, for any editor: on standard streams, or on a port of the loopback interface. */
import { readFile, realpath, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import type { FileProvider } from './files.ts';
import { frameMessage, MessageReader } from './message-framing.ts';
import { AdapterSession } from './session.ts';

/** Sources are text that people write; anything larger is a mistake. */
const maximumFileBytes = 16 * 1024 * 1024;

export interface DebugAdapterOptions {
  /** Listens there on the loopback interface, 0 for any free port; standard streams when absent. */
  readonly port?: number;
  /** Told the port that is listened on. */
  readonly listening?: (port: number) => void;
}

/** Serves until the client hangs up; with a port, client after client until the process is ended. */
export async function runDebugAdapter(options: DebugAdapterOptions): Promise<void> {
  if (options.port === undefined) {
    await serve(process.stdin, (bytes) => process.stdout.write(bytes));
    return;
  }
  const server = createServer((socket) => {
    socket.setNoDelay(true); // small messages would wait 40 ms for their acknowledgement
    socket.on('error', () => socket.destroy());
    void serve(socket, (bytes) => socket.write(bytes)).finally(() => socket.end());
  });
  await new Promise<void>((closed, failed) => {
    server.on('error', failed);
    server.on('close', closed);
    server.listen(options.port, '127.0.0.1', () => {
      const address = server.address();
      if (address !== null && typeof address === 'object') options.listening?.(address.port);
    });
  });
}

/** One client; resolves when its stream ends, or when it sent something that is not the protocol. */
function serve(input: NodeJS.ReadableStream, write: (bytes: Uint8Array) => void): Promise<void> {
  const files = new FilesBeside();
  const session = new AdapterSession({
    files,
    host: { now: () => performance.now(), schedule: (callback) => setImmediate(callback) },
    builtinSources: 'references',
    send: (message) => write(frameMessage(message)),
  });
  const reader = new MessageReader();
  return new Promise((done) => {
    const end = () => {
      session.dispose();
      done();
    };
    input.on('data', (bytes: Uint8Array) => {
      try {
        for (const message of reader.push(bytes)) {
          files.learn(message);
          session.receive(message);
        }
      } catch {
        end();
      }
    });
    input.on('end', end);
    input.on('close', end);
    input.on('error', end);
  });
}

/**
 * A scenario reads the files beside it: those in its own folder, and, when it lies below the folder that the adapter
 * was started in, those there.
 */
class FilesBeside implements FileProvider {
  private program: string | undefined;

  /**
   * Learns from `launch` and `restart` which folder is meant, and makes a relative program absolute, as the paths of
   * the client's breakpoints are.
   */
  learn(message: Dap.ProtocolMessage): void {
    const { command, arguments: given } = message as Dap.Request;
    if (command !== 'launch' && command !== 'restart') return;
    const launch = command === 'launch' ? given : given?.arguments;
    if (typeof launch?.program !== 'string' || launch.program === '') return;
    this.program = resolve(launch.program);
    launch.program = this.program;
  }

  async read(path: string): Promise<string | undefined> {
    if (this.program === undefined) return undefined;
    try {
      const real = await realpath(path);
      const folder = await realpath(dirname(this.program));
      const started = await realpath(process.cwd());
      const root = inside(folder, started) ? started : folder;
      if (!inside(real, root)) return undefined;
      const { size } = await stat(real);
      return size > maximumFileBytes ? undefined : await readFile(real, 'utf8');
    } catch {
      return undefined;
    }
  }
}

function inside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return !isAbsolute(way) && way.split(/[\\/]/)[0] !== '..';
}
