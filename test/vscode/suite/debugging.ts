import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import * as vscode from 'vscode';
import { equal, eventually, ok } from './assert.ts';
import type { HostTest } from './runner.ts';

/** What the adapter tells while a session runs. */
class Watched implements vscode.DebugAdapterTracker {
  readonly events: Dap.Event[] = [];

  onDidSendMessage(message: Dap.ProtocolMessage): void {
    if (message.type === 'event') this.events.push(message as Dap.Event);
  }

  named(name: string): Dap.Event[] {
    return this.events.filter(({ event }) => event === name);
  }

  output(): string {
    return this.named('output')
      .map(({ body }) => (body as Dap.OutputEvent['body']).output)
      .join('');
  }
}

async function scenarioFile(name: string): Promise<vscode.TextDocument> {
  const [file] = await vscode.workspace.findFiles(name);
  ok(file, `${name} in the workspace`);
  return vscode.workspace.openTextDocument(file);
}

/** Starts what F5 would start, with nothing but what the active editor says. */
async function pressF5(noDebug = false): Promise<Watched> {
  const watched = new Watched();
  const tracking = vscode.debug.registerDebugAdapterTrackerFactory('dms', {
    createDebugAdapterTracker: () => watched,
  });
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  const started = await vscode.debug.startDebugging(folder, {
    type: 'dms',
    request: 'launch',
    name: '',
    ...(noDebug ? { noDebug } : {}),
  });
  ok(started, 'a session that starts');
  tracking.dispose();
  return watched;
}

async function ended(watched: Watched): Promise<void> {
  await eventually(
    'the end of the session',
    () => watched.named('terminated').length + (vscode.debug.activeDebugSession ? 0 : 1),
    (count) => count === 2,
  );
}

export const debuggingTests: readonly HostTest[] = [
  {
    name: 'Run and Debug stand above every scenario',
    async run() {
      const document = await scenarioFile('nolowmem.dms');
      const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
        'vscode.executeCodeLensProvider',
        document.uri,
        100,
      );
      const lines = lenses.map(({ range }) => document.lineAt(range.start.line).text);
      equal(lines.length, 4);
      ok(
        lines.every((line) => line.startsWith('scenario "')),
        'lenses on scenario lines only',
      );
      equal(
        lenses.map(({ command }) => command?.command),
        ['dms.runScenario', 'dms.debugScenario', 'dms.runScenario', 'dms.debugScenario'],
      );
    },
  },
  {
    name: 'F5 without a launch.json runs the scenario at the cursor',
    async run() {
      const document = await scenarioFile('nolowmem.dms');
      const name = 'pool memory is out of the NIC';
      const position = document.positionAt(document.getText().indexOf(name));
      await vscode.window.showTextDocument(document, {
        selection: new vscode.Range(position, position),
      });
      const watched = await pressF5();
      await ended(watched);
      ok(watched.output().includes('pool page at'), 'the output of the second scenario');
      equal(
        watched.named('exited').map(({ body }) => body),
        [{ exitCode: 0 }],
      );
    },
  },
  {
    name: 'F5 in a driver runs a scenario that uses it',
    async run() {
      const program = (await scenarioFile('common-buffer.dms')).uri;
      const scenario = 'a common buffer from a zeroed DEVICE_DESCRIPTION';
      // The last one debugged wins among those that use the file.
      await vscode.commands.executeCommand('dms.runScenario', program, scenario);
      await eventually(
        'the end of the session',
        () => vscode.debug.activeDebugSession,
        (session) => session === undefined,
      );
      await vscode.window.showTextDocument(await scenarioFile('drivers/common-buffer.c'));
      const watched = await pressF5(true);
      await ended(watched);
      ok(watched.output().includes('common buffer'), 'the output of the driver');
    },
  },
  {
    name: 'a breakpoint in a driver stops the scenario, and everything can be looked at',
    async run() {
      const driver = await scenarioFile('drivers/common-buffer.c');
      const line = driver.positionAt(driver.getText().indexOf('if (CommonBuffer == NULL)')).line;
      const breakpoint = new vscode.SourceBreakpoint(
        new vscode.Location(driver.uri, new vscode.Position(line, 0)),
      );
      vscode.debug.addBreakpoints([breakpoint]);
      const document = await scenarioFile('common-buffer.dms');
      const position = document.positionAt(document.getText().indexOf('scenario '));
      await vscode.window.showTextDocument(document, {
        selection: new vscode.Range(position, position),
      });
      const watched = await pressF5();
      await eventually(
        'the stop',
        () => watched.named('stopped').length,
        (count) => count > 0,
      );
      const session = vscode.debug.activeDebugSession;
      ok(session, 'an active session');
      const [stopped] = watched.named('stopped');
      ok(stopped, 'a stop');
      const { threadId } = stopped.body as { threadId: number };
      const stack = (await session.customRequest('stackTrace', {
        threadId,
      })) as Dap.StackTraceResponse['body'];
      equal(stack.stackFrames[0]?.line, line + 1);
      const { rows } = (await session.customRequest('dms/view', { view: 'dmaAdapters' })) as {
        rows: { kind: string }[];
      };
      equal(
        rows.map(({ kind }) => kind),
        ['adapter'],
      );
      const header = await vscode.workspace.openTextDocument(
        vscode.Uri.parse('dms:/include/wdm.h'),
      );
      ok(header.getText().includes('IoGetDmaAdapter'), 'the text of a built-in header');
      await session.customRequest('continue', { threadId });
      await ended(watched);
      vscode.debug.removeBreakpoints([breakpoint]);
    },
  },
];
