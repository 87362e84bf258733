/**
 * Debug sessions in VS Code: each has a worker with adapter and engine; the extension host relays messages, reads
 * files for it, and asks the user before the future is dropped.
 */
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import * as vscode from 'vscode';
import type { StateBody } from '../adapter/protocol.ts';
import type { FromWorker } from '../adapter/worker-protocol.ts';
import { momentLink } from './moment-links.ts';
import type { AdapterWorker, Platform } from './platform.ts';
import { uriOf } from './uris.ts';
import { readBeside } from './workspace-files.ts';

/** Requests that change the emulated state; `evaluate` is one when it assigns. */
const editingRequests: ReadonlySet<string> = new Set([
  'setVariable',
  'setExpression',
  'writeMemory',
]);

export class AdapterFactory implements vscode.DebugAdapterDescriptorFactory {
  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly platform: Platform,
  ) {}

  createDebugAdapterDescriptor(): vscode.DebugAdapterDescriptor {
    const adapter = new WorkerAdapter(this.context, this.platform);
    return new vscode.DebugAdapterInlineImplementation(adapter);
  }
}

/** The worker as a debug adapter of this extension host. */
export class WorkerAdapter implements vscode.DebugAdapter {
  private readonly sent = new vscode.EventEmitter<vscode.DebugProtocolMessage>();
  private readonly worker: AdapterWorker;
  private program: vscode.Uri | undefined;
  private inThePast = false;
  readonly onDidSendMessage = this.sent.event;

  constructor(context: vscode.ExtensionContext, platform: Platform) {
    this.worker = platform.startAdapter(context, {
      message: (message) => this.fromWorker(message),
      failed: (reason) => this.workerFailed(reason),
    });
    this.worker.post({ kind: 'client', momentLink: momentLink(context) });
  }

  handleMessage(message: vscode.DebugProtocolMessage): void {
    const request = message as Dap.Request;
    this.learnProgram(request);
    if (this.inThePast && editsState(request)) {
      void this.askBeforeEdit(request);
      return;
    }
    this.worker.post({ kind: 'dap', message: request });
  }

  dispose(): void {
    this.worker.terminate();
    this.sent.dispose();
  }

  private learnProgram(request: Dap.Request): void {
    const launch =
      request.command === 'launch' || request.command === 'dms/test'
        ? request.arguments
        : request.command === 'restart'
          ? request.arguments?.arguments
          : undefined;
    const program: unknown = launch?.program;
    if (typeof program === 'string' && program !== '') this.program = uriOf(program);
  }

  private fromWorker(message: FromWorker): void {
    if (message.kind === 'readFile') {
      void this.answerFile(message.request, message.path);
      return;
    }
    const event = message.message as Dap.Event;
    if (event.type === 'event' && event.event === 'dms/state') {
      this.inThePast = (event.body as StateBody).inThePast;
    }
    this.sent.fire(message.message);
  }

  private async answerFile(request: number, path: string): Promise<void> {
    const text = this.program === undefined ? undefined : await readBeside(this.program, path);
    this.worker.post({ kind: 'file', request, text });
  }

  private async askBeforeEdit(request: Dap.Request): Promise<void> {
    const go = vscode.l10n.t('Change and Drop the Future');
    const answer = await vscode.window.showWarningMessage(
      vscode.l10n.t('The scenario stands in the past. Change its state here?'),
      {
        modal: true,
        detail: vscode.l10n.t(
          'What had happened after this moment is dropped: the scenario goes on from here.',
        ),
      },
      go,
    );
    if (answer === go) {
      this.worker.post({ kind: 'dap', message: request });
      return;
    }
    const text = vscode.l10n.t('Nothing was changed.');
    this.sent.fire({
      type: 'response',
      seq: 0,
      request_seq: request.seq,
      command: request.command,
      success: false,
      message: text,
      body: { error: { id: 1, format: text, showUser: false } },
    } as Dap.Response);
  }

  /** A session whose worker is gone must not stay in VS Code's list. */
  private workerFailed(reason: string): void {
    const output = `${vscode.l10n.t('The debug adapter stopped unexpectedly: {0}', reason)}\n`;
    this.sent.fire({
      type: 'event',
      seq: 0,
      event: 'output',
      body: { category: 'stderr', output },
    } as Dap.OutputEvent);
    this.sent.fire({ type: 'event', seq: 0, event: 'terminated' } as Dap.TerminatedEvent);
  }
}

function editsState(request: Dap.Request): boolean {
  if (editingRequests.has(request.command)) return true;
  if (request.command !== 'evaluate' || request.arguments?.context !== 'repl') return false;
  return /(^|[^=!<>])=(?!=)|<<=|>>=|\+\+|--/.test(String(request.arguments.expression));
}
