/** The debug sessions of our type: which one the views follow, and what its adapter told. */
import * as vscode from 'vscode';
import type { Requests, StateBody } from '../adapter/protocol.ts';
import { debugType } from './configuration-provider.ts';

type CustomRequest = Extract<keyof Requests, `dms/${string}`>;

export class Sessions implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly states = new Map<string, StateBody>();
  private readonly disposables: vscode.Disposable[] = [this.changed];
  private followed: vscode.DebugSession | undefined;

  /** The followed session stopped, was edited, ended, or another one is followed now. */
  readonly onDidChange = this.changed.event;

  constructor() {
    this.disposables.push(
      vscode.debug.onDidReceiveDebugSessionCustomEvent(({ session, event, body }) => {
        if (session.type !== debugType || event !== 'dms/state') return;
        this.states.set(session.id, body as StateBody);
        this.followed ??= session;
        if (session.id === this.followed.id) this.changed.fire();
      }),
      vscode.debug.onDidChangeActiveDebugSession((session) => {
        if (session?.type === debugType) this.follow(session);
      }),
      vscode.debug.onDidTerminateDebugSession((session) => {
        this.states.delete(session.id);
        if (session.id === this.followed?.id) this.follow(undefined);
      }),
    );
    const active = vscode.debug.activeDebugSession;
    if (active?.type === debugType) this.followed = active;
  }

  /** The session that the views show. */
  get current(): vscode.DebugSession | undefined {
    return this.followed;
  }

  /** Its last stop; undefined before the first. */
  get state(): StateBody | undefined {
    return this.followed === undefined ? undefined : this.states.get(this.followed.id);
  }

  /** Sends one of our own requests to the followed session. Rejects when there is none. */
  async request<Name extends CustomRequest>(
    name: Name,
    argumentsOf: Requests[Name][0],
  ): Promise<NonNullable<Requests[Name][1]>> {
    if (this.followed === undefined) throw new Error('No scenario is being debugged.');
    return (await this.followed.customRequest(name, argumentsOf)) as NonNullable<Requests[Name][1]>;
  }

  /** As `request`; what goes wrong is shown to the user, and the answer is undefined. */
  async attempt<Name extends CustomRequest>(
    name: Name,
    argumentsOf: Requests[Name][0],
  ): Promise<NonNullable<Requests[Name][1]> | undefined> {
    try {
      return await this.request(name, argumentsOf);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      if (text !== 'cancelled') void vscode.window.showWarningMessage(text);
      return undefined;
    }
  }

  dispose(): void {
    for (const disposable of this.disposables) disposable.dispose();
  }

  private follow(session: vscode.DebugSession | undefined): void {
    if (session?.id === this.followed?.id) return;
    this.followed = session;
    this.changed.fire();
  }
}
