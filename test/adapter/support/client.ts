// A client of the adapter over memory. It records the whole traffic and holds every message, its own included,
// against the protocol: each test is a test of the protocol as well.
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import { expect } from 'vitest';
import type {
  EventName,
  Events,
  RequestName,
  Requests,
} from '../../../extension/adapter/protocol.ts';
import { AdapterSession } from '../../../extension/adapter/session.ts';
import { ProtocolSchema } from './dap-schema.ts';

const schema = new ProtocolSchema();

/** What every test may wait for at most. */
const patience = 15_000;

export interface ClientOptions {
  /** Text by path; asked again at each launch and restart. */
  readonly files:
    | Readonly<Record<string, string>>
    | ((path: string) => Promise<string | undefined>);
  readonly initialize?: Partial<Dap.InitializeRequestArguments>;
  readonly momentLink?: string;
}

/** A response that says no. */
export class RefusedError extends Error {
  constructor(readonly response: Dap.ErrorResponse) {
    super(response.message ?? '');
  }

  /** Whether the client shows it to the user by itself. */
  get shown(): boolean {
    return this.response.body.error?.showUser === true;
  }
}

type Answer = { resolve(body: unknown): void; reject(error: Error): void };

export class AdapterClient {
  readonly traffic: Dap.ProtocolMessage[] = [];
  /** What was wrong with messages; a test with any fails at its end. */
  readonly faults: string[] = [];
  /** How often the engine gave way to messages. */
  slices = 0;
  private readonly session: AdapterSession;
  private readonly pending = new Map<number, Answer>();
  private readonly events: Dap.Event[] = [];
  private readonly waiters = new Set<() => void>();
  private seq = 0;

  constructor(private readonly options: ClientOptions) {
    const { files } = options;
    this.session = new AdapterSession({
      files: {
        read: async (path) => (typeof files === 'function' ? files(path) : files[path]),
      },
      host: {
        now: () => performance.now(),
        schedule: (callback) => {
          this.slices++;
          setImmediate(callback);
        },
      },
      builtinSources: 'references',
      momentLink: () => options.momentLink,
      send: (message) => this.receive(structuredClone(message)),
    });
  }

  /** Sends a request; the promise takes the response's body, or a `RefusedError`. */
  request<Name extends RequestName>(
    command: Name,
    given: Requests[Name][0],
  ): Promise<NonNullable<Requests[Name][1]>> {
    return this.send(command, given).body as Promise<NonNullable<Requests[Name][1]>>;
  }

  /** The same with the sequence number, for those who want to cancel it. */
  send(command: string, given: unknown): { readonly seq: number; readonly body: Promise<unknown> } {
    const seq = ++this.seq;
    const message = { seq, type: 'request', command, arguments: given } as Dap.Request;
    this.traffic.push(message);
    if (command !== 'nonsense') this.faults.push(...schema.problems(message));
    const body = new Promise<unknown>((resolve, reject) => {
      this.pending.set(seq, { resolve, reject });
    });
    this.session.receive(structuredClone(message));
    return { seq, body };
  }

  /** The next event of the name that no one has taken yet and that fits. */
  async event<Name extends EventName>(
    name: Name,
    fits: (body: NonNullable<Events[Name]>) => boolean = () => true,
  ): Promise<NonNullable<Events[Name]>> {
    const end = Date.now() + patience;
    for (;;) {
      const index = this.events.findIndex(
        ({ event, body }) => event === name && fits(body as NonNullable<Events[Name]>),
      );
      const [found] = index < 0 ? [] : this.events.splice(index, 1);
      if (found !== undefined) return found.body as NonNullable<Events[Name]>;
      await this.arrival(name, end);
    }
  }

  /** All events of a name so far, taken or not. */
  seen<Name extends EventName>(name: Name): NonNullable<Events[Name]>[] {
    return this.traffic
      .filter((message) => message.type === 'event' && (message as Dap.Event).event === name)
      .map((message) => (message as Dap.Event).body as NonNullable<Events[Name]>);
  }

  /** The text of the Debug Console, of one category or of all. */
  console(category?: string): string {
    return this.seen('output')
      .filter((body) => category === undefined || body.category === category)
      .map(({ output }) => output)
      .join('');
  }

  async initialize(): Promise<Dap.Capabilities> {
    return this.request('initialize', {
      adapterID: 'dms',
      linesStartAt1: true,
      columnsStartAt1: true,
      pathFormat: 'path',
      supportsInvalidatedEvent: true,
      supportsMemoryEvent: true,
      ...this.options.initialize,
    });
  }

  /** Initializes, launches, configures by `configure`, and lets the run begin. */
  async start(
    launch: Requests['launch'][0],
    configure: () => Promise<unknown> = async () => undefined,
  ): Promise<void> {
    await this.initialize();
    const [, launched] = await Promise.allSettled([
      this.event('initialized').then(configure),
      this.request('launch', launch).catch((error: unknown) => {
        this.events.push({ seq: 0, type: 'event', event: 'initialized' });
        this.wake();
        throw error;
      }),
    ]);
    if (launched.status === 'rejected') throw launched.reason;
    await this.request('configurationDone', {});
  }

  /** Ends the session. */
  dispose(): void {
    this.session.dispose();
  }

  private receive(message: Dap.ProtocolMessage): void {
    this.traffic.push(message);
    this.faults.push(...schema.problems(message));
    if (message.type === 'event') {
      this.events.push(message as Dap.Event);
      this.wake();
      return;
    }
    const answer = message as Dap.Response;
    const pending = this.pending.get(answer.request_seq);
    expect(pending, `a second response to ${answer.command}`).toBeDefined();
    this.pending.delete(answer.request_seq);
    if (answer.success) pending?.resolve(answer.body);
    else pending?.reject(new RefusedError(answer as Dap.ErrorResponse));
  }

  private wake(): void {
    for (const waiter of [...this.waiters]) waiter();
  }

  private arrival(name: string, end: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiters.delete(waiter);
        const lately = this.traffic.slice(-5).map((message) => JSON.stringify(message));
        reject(new Error(`No event "${name}" came. The last messages:\n${lately.join('\n')}`));
      }, end - Date.now());
      const waiter = () => {
        clearTimeout(timer);
        this.waiters.delete(waiter);
        resolve();
      };
      this.waiters.add(waiter);
    });
  }
}
