/** Runs a scenario to its end without a debug session on the screen, for the Testing view. */
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import * as vscode from 'vscode';
import type { ResultBody } from '../adapter/protocol.ts';
import { WorkerAdapter } from './adapter-factory.ts';
import type { ChosenScenario } from './choose-scenario.ts';
import { configurationFor, debugType } from './configuration-provider.ts';
import type { Platform } from './platform.ts';

export type QuietResult =
  | { readonly kind: 'result'; readonly result: ResultBody }
  /** The scenario did not start: a file that does not compile, or one that is not there. */
  | { readonly kind: 'error'; readonly message: string }
  | { readonly kind: 'cancelled' };

/** `output` gets each line that the scenario prints, with its place. */
export function runQuietly(
  context: vscode.ExtensionContext,
  platform: Platform,
  chosen: ChosenScenario,
  output: (body: Dap.OutputEvent['body']) => void,
  cancellation: vscode.CancellationToken,
): Promise<QuietResult> {
  return new Promise((resolve) => {
    const adapter = new WorkerAdapter(context, platform);
    let seq = 0;
    const send = (command: string, argumentsOf: object) => {
      seq++;
      adapter.handleMessage({
        type: 'request',
        seq,
        command,
        arguments: argumentsOf,
      } as Dap.Request);
    };
    let result: ResultBody | undefined;
    const finish = (outcome: QuietResult) => {
      cancelling.dispose();
      adapter.dispose();
      resolve(outcome);
    };
    const cancelling = cancellation.onCancellationRequested(() => finish({ kind: 'cancelled' }));
    adapter.onDidSendMessage((message) => {
      const event = message as Dap.Event;
      const response = message as Dap.Response;
      if (event.type === 'event') {
        if (event.event === 'initialized') send('configurationDone', {});
        if (event.event === 'output') output(event.body as Dap.OutputEvent['body']);
        if (event.event === 'dms/result') result = event.body as ResultBody;
        if (event.event === 'terminated') {
          const message = vscode.l10n.t('The run ended without a result.');
          finish(result === undefined ? { kind: 'error', message } : { kind: 'result', result });
        }
      } else if (response.command === 'launch' && !response.success) {
        finish({ kind: 'error', message: response.message ?? '' });
      }
    });
    send('initialize', { adapterID: debugType });
    send('launch', configurationFor(chosen, true));
  });
}
