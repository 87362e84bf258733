/** Runs a scenario in all of its variants without a debug session on the screen, for the Testing view. */
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import type * as vscode from 'vscode';
import type { TestBody, VariantsBody } from '../adapter/protocol.ts';
import { WorkerAdapter } from './adapter-factory.ts';
import type { ChosenScenario } from './choose-scenario.ts';
import { debugType } from './configuration-provider.ts';
import type { Platform } from './platform.ts';

export type QuietResult =
  | { readonly kind: 'result'; readonly variants: TestBody['variants'] }
  /** The scenario did not start: a file that does not compile, or one that is not there. */
  | { readonly kind: 'error'; readonly message: string }
  | { readonly kind: 'cancelled' };

export interface QuietRun {
  readonly context: vscode.ExtensionContext;
  readonly platform: Platform;
  readonly chosen: ChosenScenario;
  /** Gets what the scenario prints, with its place. */
  readonly output: (body: Dap.OutputEvent['body']) => void;
  readonly cancellation: vscode.CancellationToken;
}

export async function runQuietly(run: QuietRun): Promise<QuietResult> {
  const answer = await answerOf('dms/test', run);
  return answer.kind === 'body'
    ? { kind: 'result', variants: (answer.body as TestBody).variants }
    : answer;
}

/** The variants of a scenario; undefined where it does not start, which debugging it will explain. */
export async function variantsOf(run: QuietRun): Promise<VariantsBody['variants'] | undefined> {
  const answer = await answerOf('dms/variants', run);
  return answer.kind === 'body' ? (answer.body as VariantsBody).variants : undefined;
}

type QuietAnswer =
  | { readonly kind: 'body'; readonly body: unknown }
  | Exclude<QuietResult, { kind: 'result' }>;

/** One request to a worker of its own. */
function answerOf(
  request: 'dms/test' | 'dms/variants',
  { context, platform, chosen, output, cancellation }: QuietRun,
): Promise<QuietAnswer> {
  return new Promise((resolve) => {
    const adapter = new WorkerAdapter(context, platform);
    const finish = (outcome: QuietAnswer) => {
      cancelling.dispose();
      adapter.dispose();
      resolve(outcome);
    };
    const cancelling = cancellation.onCancellationRequested(() => finish({ kind: 'cancelled' }));
    adapter.onDidSendMessage((message) => {
      const { type, event, body } = message as Dap.Event;
      const response = message as Dap.Response;
      if (type === 'event' && event === 'output') output(body as Dap.OutputEvent['body']);
      // The worker died, which nothing else ends.
      if (type === 'event' && event === 'terminated') finish({ kind: 'cancelled' });
      if (type !== 'response' || response.command !== request) return;
      finish(
        response.success
          ? { kind: 'body', body: response.body }
          : { kind: 'error', message: response.message ?? '' },
      );
    });
    const send = (seq: number, command: string, argumentsOf: object) => {
      adapter.handleMessage({
        type: 'request',
        seq,
        command,
        arguments: argumentsOf,
      } as Dap.Request);
    };
    send(1, 'initialize', { adapterID: debugType });
    send(2, request, chosen);
  });
}
