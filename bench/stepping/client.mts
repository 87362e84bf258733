// The smallest client that can time a debug adapter on standard streams.
import { type ChildProcess, spawn } from 'node:child_process';

interface Message {
  readonly type: string;
  readonly event?: string;
  readonly request_seq?: number;
  readonly success?: boolean;
  readonly message?: string;
  readonly body?: Readonly<Record<string, unknown>>;
}

export class Client {
  private readonly process: ChildProcess;
  private readonly waiting = new Map<number, (message: Message) => void>();
  private readonly events: Message[] = [];
  private onEvent: (() => void) | undefined;
  private buffer = Buffer.alloc(0);
  private seq = 0;

  constructor(command: string, args: readonly string[]) {
    this.process = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.process.stdout?.on('data', (bytes: Buffer) => this.receive(bytes));
  }

  async request(command: string, args: object = {}): Promise<Readonly<Record<string, unknown>>> {
    const message = await this.send(command, args);
    if (message.success !== true) throw new Error(`${command}: ${message.message ?? 'failed'}`);
    return message.body ?? {};
  }

  /** Sends without looking at the answer's success. */
  send(command: string, args: object = {}): Promise<Message> {
    const seq = ++this.seq;
    const text = JSON.stringify({ seq, type: 'request', command, arguments: args });
    const answer = new Promise<Message>((done) => {
      this.waiting.set(seq, done);
    });
    this.process.stdin?.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
    return answer;
  }

  /** Waits for the next event of a name; events that came before are passed over in order. */
  async event(name: string): Promise<Message> {
    for (;;) {
      const index = this.events.findIndex(({ event }) => event === name);
      if (index >= 0) {
        const [found] = this.events.splice(0, index + 1).slice(-1);
        if (found !== undefined) return found;
      }
      await new Promise<void>((done) => {
        this.onEvent = done;
      });
    }
  }

  end(): void {
    this.process.stdin?.end();
    this.process.kill();
  }

  private receive(bytes: Buffer): void {
    this.buffer = Buffer.concat([this.buffer, bytes]);
    for (;;) {
      const head = this.buffer.indexOf('\r\n\r\n');
      if (head < 0) return;
      const length = Number(
        /Content-Length: (\d+)/i.exec(this.buffer.toString('latin1', 0, head))?.[1],
      );
      if (this.buffer.length < head + 4 + length) return;
      const text = this.buffer.toString('utf8', head + 4, head + 4 + length);
      this.buffer = this.buffer.subarray(head + 4 + length);
      this.dispatch(JSON.parse(text) as Message);
    }
  }

  private dispatch(message: Message): void {
    if (message.type === 'response' && message.request_seq !== undefined) {
      this.waiting.get(message.request_seq)?.(message);
      this.waiting.delete(message.request_seq);
    } else if (message.type === 'event') {
      this.events.push(message);
      this.onEvent?.();
    }
  }
}
