/** Adapter and engine in a web worker, beside VS Code's web-worker extension host. */
import { serveWorker } from './worker.ts';
import type { ToWorker } from './worker-protocol.ts';

declare const self: DedicatedWorkerGlobalScope;

// Timers of a worker wait 4 ms once they nest; a message to oneself does not.
const channel = new MessageChannel();
const callbacks: (() => void)[] = [];
channel.port1.onmessage = () => callbacks.shift()?.();

const receive = serveWorker({
  post: (message) => self.postMessage(message),
  schedule(callback) {
    callbacks.push(callback);
    channel.port2.postMessage(undefined);
  },
});
self.onmessage = (event: MessageEvent<ToWorker>) => receive(event.data);
