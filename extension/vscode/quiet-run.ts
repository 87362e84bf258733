/** Runs a scenario in all of its variants without a debug session on the screen, for the Testing view. */
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import type * as vscode from 'vscode';
import type { TestBody } from '../adapter/protocol.ts';
import { WorkerAdapter } from './adapter-factory.ts';
import type { ChosenScenario } from './choose-scenario.ts';
import { debugType } from './configuration-provider.ts';
import type { Platform } from './platform.ts';

export type QuietResult =
  | { readonly kind: 'result'; readonly variants: TestBody['variants'] }
  /** The scenario did not start: a file that does not compile, or one that is not there. */
  | { readonly kind: 'error'; readonly message: string }
  | { readonly kind: 'cancelled' };

/** `output` gets what the scenario prints, with its place. */
export function runQuietly(
  context: vscode.ExtensionContext,
  platform: Platform,
  chosen: ChosenScenario,
  output: (body: Dap.OutputEvent['body']) => void,
  cancellation: vscode.CancellationToken,
): Promise<QuietResult> {
  return new Promise((resolve) => {
    const adapter = new WorkerAdapter(context, platform);
    const finish = (outcome: QuietResult) => {
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
      if (type !== 'response' || response.command !== 'dms/test') return;
      finish(
        response.success
          ? { kind: 'result', variants: (response.body as TestBody).variants }
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
    send(2, 'dms/test', chosen);
  });
}
