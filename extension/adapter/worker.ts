/** The adapter behind a message port, the same in a worker thread and in a web worker. */
import type { FileProvider } from './files.ts';
import { AdapterSession } from './session.ts';
import type { FromWorker, ToWorker } from './worker-protocol.ts';

export interface WorkerPort {
  post(message: FromWorker): void;
  /** Runs the callback after messages that wait already. */
  schedule(callback: () => void): void;
}

/** Starts a session behind the port; the returned function takes what arrives there. */
export function serveWorker(port: WorkerPort): (message: ToWorker) => void {
  let momentLink: string | undefined;
  const files = new RequestedFiles((message) => port.post(message));
  const session = new AdapterSession({
    files,
    host: { now: () => performance.now(), schedule: (callback) => port.schedule(callback) },
    builtinSources: 'documents',
    momentLink: () => momentLink,
    send: (message) => port.post({ kind: 'dap', message }),
  });
  return (message) => {
    switch (message.kind) {
      case 'dap':
        session.receive(message.message);
        break;
      case 'client':
        momentLink = message.momentLink;
        break;
      case 'file':
        files.answer(message.request, message.text);
        break;
    }
  };
}

/** Files by way of the extension host, which knows the workspace and its file systems. */
class RequestedFiles implements FileProvider {
  private lastRequest = 0;
  private readonly pending = new Map<number, (text: string | undefined) => void>();

  constructor(private readonly post: (message: FromWorker) => void) {}

  read(path: string): Promise<string | undefined> {
    const request = ++this.lastRequest;
    return new Promise((resolve) => {
      this.pending.set(request, resolve);
      this.post({ kind: 'readFile', request, path });
    });
  }

  answer(request: number, text: string | undefined): void {
    this.pending.get(request)?.(text);
    this.pending.delete(request);
  }
}
