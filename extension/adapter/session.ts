/** One debug session, whatever carries its messages: takes requests in order, answers each exactly once. */
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import { type Call, Calls } from './cancellation.ts';
import { AdapterContext, type ContextOptions } from './context.ts';
import { failureOf, quietError } from './errors.ts';
import type { EventName, Events, Handler, Handlers, RequestName, Requests } from './protocol.ts';
import { breakpointRequests } from './requests/breakpoints.ts';
import { evaluateRequests } from './requests/evaluate.ts';
import { lifecycleRequests } from './requests/lifecycle.ts';
import { memoryRequests } from './requests/memory.ts';
import { sourceRequests } from './requests/sources.ts';
import { stackRequests } from './requests/stack.ts';
import { steppingRequests } from './requests/stepping.ts';
import { timeTravelRequests } from './requests/time-travel.ts';
import { variableRequests } from './requests/variables.ts';
import { viewRequests } from './requests/views.ts';

export interface SessionOptions extends ContextOptions {
  send(message: Dap.ProtocolMessage): void;
}

/** Every request but `cancel`, which concerns the dispatcher itself. */
export const requestHandlers = {
  ...lifecycleRequests,
  ...breakpointRequests,
  ...steppingRequests,
  ...timeTravelRequests,
  ...stackRequests,
  ...variableRequests,
  ...evaluateRequests,
  ...memoryRequests,
  ...sourceRequests,
  ...viewRequests,
} satisfies Handlers<AdapterContext, Exclude<RequestName, 'cancel'>>;

/** These must not wait behind a request that takes long; the first three exist to cut it short. */
const urgent: ReadonlySet<string> = new Set(['cancel', 'terminate', 'disconnect', 'pause']);

export class AdapterSession {
  private readonly context: AdapterContext;
  private readonly calls = new Calls();
  private seq = 0;
  /** The end of the queue: requests are taken one after the other. */
  private tail: Promise<void> = Promise.resolve();
  /** Requests whose response has not left yet, and the events that wait for it. */
  private unanswered = 0;
  private waiting: { readonly name: EventName; readonly body: Events[EventName] }[] = [];

  constructor(private readonly options: SessionOptions) {
    this.context = new AdapterContext(options, (name, body) => this.emit(name, body));
  }

  /** Takes a message of the client. Never throws: what goes wrong is in the response. */
  receive(message: Dap.ProtocolMessage): void {
    if (message.type !== 'request') return;
    const request = message as Dap.Request;
    const signal = this.calls.begin(request.seq);
    if (urgent.has(request.command)) {
      void this.answer(request, signal);
    } else {
      this.tail = this.tail.then(() => this.answer(request, signal));
    }
  }

  /** The client is gone: no more work and no more messages. */
  dispose(): void {
    this.calls.cancelAll(-1);
    this.context.run?.abandon();
  }

  private async answer(request: Dap.Request, signal: AbortSignal): Promise<void> {
    const followUps: (() => void)[] = [];
    const call: Call = {
      seq: request.seq,
      signal,
      afterResponse: (action) => followUps.push(action),
    };
    this.unanswered++;
    let response: Pick<Dap.Response, 'success' | 'message' | 'body'>;
    try {
      signal.throwIfAborted();
      const body = await this.handle(request, call);
      response = { success: true, ...(body === undefined ? {} : { body }) };
    } catch (error) {
      const { message, body } = failureOf(error);
      response = { success: false, message, body };
    }
    this.calls.end(request.seq);
    this.send({
      type: 'response',
      request_seq: request.seq,
      command: request.command,
      ...response,
    } as Omit<Dap.Response, 'seq'>);
    this.unanswered--;
    if (response.success) {
      this.flush();
      for (const action of followUps) action();
    }
    this.flush();
  }

  private handle(request: Dap.Request, call: Call): unknown {
    const { command } = request;
    const argumentsOf: unknown = request.arguments ?? {};
    if (command === 'cancel') {
      this.cancel(argumentsOf as Requests['cancel'][0]);
      return undefined;
    }
    if (command === 'terminate' || command === 'disconnect') this.calls.cancelAll(request.seq);
    if (!Object.hasOwn(requestHandlers, command)) {
      throw quietError(`This debug adapter does not know the request "${command}".`);
    }
    const name = command as keyof typeof requestHandlers;
    // Each handler takes its own arguments; that they fit is the client's part of the protocol.
    const handler = requestHandlers[name] as Handler<AdapterContext, RequestName>;
    return handler(this.context, argumentsOf as Requests[RequestName][0], call);
  }

  private cancel({ requestId }: Requests['cancel'][0]): void {
    if (requestId !== undefined) this.calls.cancel(requestId);
  }

  /**
   * Output leaves at once, also from a request that will fail. Everything else waits until no response is due: a
   * client must see the response of a step before the stop that it caused.
   */
  private emit<Name extends EventName>(name: Name, body: Events[Name]): void {
    if (name !== 'output' && this.unanswered > 0) {
      this.waiting.push({ name, body });
      return;
    }
    this.sendEvent(name, body);
  }

  private flush(): void {
    while (this.unanswered === 0) {
      const event = this.waiting.shift();
      if (event === undefined) return;
      this.sendEvent(event.name, event.body);
    }
  }

  private sendEvent(name: EventName, body: Events[EventName]): void {
    this.send({
      type: 'event',
      event: name,
      ...(body === undefined ? {} : { body }),
    } as Omit<Dap.Event, 'seq'>);
  }

  private send(message: Omit<Dap.ProtocolMessage, 'seq'>): void {
    this.seq++;
    this.options.send({ seq: this.seq, ...message } as Dap.ProtocolMessage);
  }
}
