/** The Testing view: every scenario of the workspace, run quietly or debugged. */
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import * as vscode from 'vscode';
import type { RunOutcome, TestBody, VariantsBody } from '../adapter/protocol.ts';
import type { ChosenScenario } from './choose-scenario.ts';
import { configurationFor } from './configuration-provider.ts';
import type { Platform } from './platform.ts';
import { type QuietResult, runQuietly, variantsOf } from './quiet-run.ts';
import { type ScenarioFile, scanFile, scanWorkspace } from './scenario-index.ts';
import { scanScenarios } from './scenario-scan.ts';
import { programOf, uriOf } from './uris.ts';

/** As many scenarios as run side by side, each in a worker. */
const parallelRuns = 2;

export class ScenarioTests implements vscode.Disposable {
  private readonly controller = vscode.tests.createTestController(
    'dms.scenarios',
    vscode.l10n.t('Driver Memory Scenarios'),
  );
  private readonly disposables: vscode.Disposable[] = [this.controller];
  /** The variants of each test that failed when it ran last, by name. */
  private readonly failed = new Map<string, ReadonlySet<string>>();

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly platform: Platform,
  ) {
    const { Run, Debug } = vscode.TestRunProfileKind;
    this.controller.createRunProfile(
      vscode.l10n.t('Run'),
      Run,
      (request, token) => this.run(request, token, (test, run) => this.runQuiet(test, run, token)),
      true,
    );
    this.controller.createRunProfile(
      vscode.l10n.t('Debug'),
      Debug,
      (request, token) => this.run(request, token, (test, run) => this.debug(test, run, token), 1),
      true,
    );
    this.controller.resolveHandler = () => this.discover();
    this.controller.refreshHandler = () => this.discover();
    const watcher = vscode.workspace.createFileSystemWatcher('**/*.dms');
    this.disposables.push(
      watcher,
      watcher.onDidCreate((uri) => this.rescan(uri)),
      watcher.onDidChange((uri) => this.rescan(uri)),
      watcher.onDidDelete((uri) => this.controller.items.delete(uri.toString())),
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.changed(document)),
      vscode.workspace.onDidOpenTextDocument((document) => this.changed(document)),
    );
    void this.discover();
  }

  /** Finds all scenarios again; resolves when the view is up to date. */
  async discover(): Promise<void> {
    const files = await scanWorkspace();
    const found = new Set(files.map(({ uri }) => uri.toString()));
    for (const [id] of this.controller.items) {
      if (!found.has(id)) this.controller.items.delete(id);
    }
    for (const file of files) this.show(file);
  }

  dispose(): void {
    for (const disposable of this.disposables) disposable.dispose();
  }

  private changed(document: vscode.TextDocument): void {
    if (document.languageId !== 'dms' || document.uri.scheme === 'git') return;
    if (vscode.workspace.getWorkspaceFolder(document.uri) === undefined) return;
    this.show({ uri: document.uri, scenarios: scanScenarios(document.getText()) }, document);
  }

  private async rescan(uri: vscode.Uri): Promise<void> {
    this.show(await scanFile(uri));
  }

  private show({ uri, scenarios }: ScenarioFile, open?: vscode.TextDocument): void {
    const id = uri.toString();
    if (scenarios.length === 0) {
      this.controller.items.delete(id);
      return;
    }
    const label = vscode.workspace.asRelativePath(uri);
    const file = this.controller.items.get(id) ?? this.controller.createTestItem(id, label, uri);
    this.controller.items.add(file);
    const document =
      open ?? vscode.workspace.textDocuments.find((other) => other.uri.toString() === id);
    file.children.replace(
      scenarios.map(({ name, start }, index) => {
        const item = this.controller.createTestItem(`${id}#${name}`, name, uri);
        // The order in the file is the order that people know.
        item.sortText = String(index).padStart(6, '0');
        const position = document?.positionAt(start);
        if (position !== undefined) item.range = new vscode.Range(position, position);
        return item;
      }),
    );
    if (document === undefined) void this.locate(uri, file);
  }

  /** Gives the items of a file that is not open their places, so that a click goes there. */
  private async locate(uri: vscode.Uri, file: vscode.TestItem): Promise<void> {
    const document = await vscode.workspace.openTextDocument(uri);
    for (const { name, start } of scanScenarios(document.getText())) {
      const item = file.children.get(`${uri.toString()}#${name}`);
      const position = document.positionAt(start);
      if (item !== undefined) item.range = new vscode.Range(position, position);
    }
  }

  private async run(
    request: vscode.TestRunRequest,
    token: vscode.CancellationToken,
    work: (test: vscode.TestItem, run: vscode.TestRun) => Promise<void>,
    atOnce = parallelRuns,
  ): Promise<void> {
    const run = this.controller.createTestRun(request);
    const waiting = this.wanted(request);
    for (const test of waiting) run.enqueued(test);
    const worker = async () => {
      for (let test = waiting.shift(); test !== undefined; test = waiting.shift()) {
        if (token.isCancellationRequested) run.skipped(test);
        else await work(test, run);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    run.end();
  }

  private wanted(request: vscode.TestRunRequest): vscode.TestItem[] {
    const excluded = new Set(request.exclude);
    const roots = request.include ?? [...this.controller.items].map(([, item]) => item);
    return roots
      .flatMap((item) =>
        item.children.size === 0 ? [item] : [...item.children].map(([, child]) => child),
      )
      .filter((item) => !excluded.has(item));
  }

  private async runQuiet(
    test: vscode.TestItem,
    run: vscode.TestRun,
    token: vscode.CancellationToken,
  ): Promise<void> {
    run.started(test);
    const start = Date.now();
    const { context, platform } = this;
    const outcome = await runQuietly({
      context,
      platform,
      chosen: chosenOf(test),
      output: (body) => appendOutput(run, test, body),
      cancellation: token,
    });
    if (outcome.kind === 'result') {
      const failed = outcome.variants.filter((one) => one.outcome !== 'passed');
      this.failed.set(test.id, new Set(failed.map(({ name }) => name)));
    }
    report(run, test, outcome, Date.now() - start);
  }

  /**
   * Which variant to debug: undefined where there is only one, `none` when the user gave up. Those that failed in
   * the last run come first, and a single one of them needs no question.
   */
  private async chooseVariant(
    test: vscode.TestItem,
    token: vscode.CancellationToken,
  ): Promise<VariantsBody['variants'][number] | undefined | 'none'> {
    const { context, platform } = this;
    const variants = await variantsOf({
      context,
      platform,
      chosen: chosenOf(test),
      output: () => {},
      cancellation: token,
    });
    if (variants === undefined || variants.length < 2) return undefined;
    const failed = this.failed.get(test.id) ?? new Set<string>();
    const [first, ...others] = variants.filter(({ name }) => failed.has(name));
    if (first !== undefined && others.length === 0) return first;
    const items = variants.map((chosen): VariantItem => {
      const isFailed = failed.has(chosen.name);
      return {
        label: chosen.name,
        ...(isFailed ? { description: vscode.l10n.t('failed') } : {}),
        chosen,
      };
    });
    items.sort((one, other) => rank(one) - rank(other));
    const picked = await vscode.window.showQuickPick(items, {
      placeHolder: vscode.l10n.t('Variant of "{0}" to debug', test.label),
    });
    return picked?.chosen ?? 'none';
  }

  /** Debugs in an ordinary session; the result is what its adapter says at the end. */
  private async debug(
    test: vscode.TestItem,
    run: vscode.TestRun,
    token: vscode.CancellationToken,
  ): Promise<void> {
    run.started(test);
    const start = Date.now();
    const variant = await this.chooseVariant(test, token);
    if (variant === 'none') {
      run.skipped(test);
      return;
    }
    const { uri } = test;
    const folder = uri === undefined ? undefined : vscode.workspace.getWorkspaceFolder(uri);
    let result: RunOutcome | undefined;
    const mark = `${test.id}@${start}`;
    const isOurs = (session: vscode.DebugSession) => session.configuration['testRun'] === mark;
    const listening: vscode.Disposable[] = [];
    const ended = new Promise<void>((resolve) => {
      listening.push(
        vscode.debug.onDidReceiveDebugSessionCustomEvent(({ session, event, body }) => {
          if (isOurs(session) && event === 'dms/result') result = body as RunOutcome;
        }),
        vscode.debug.onDidTerminateDebugSession((session) => {
          if (isOurs(session)) resolve();
        }),
        token.onCancellationRequested(() => resolve()),
      );
    });
    const configuration = {
      ...configurationFor(chosenOf(test)),
      ...(variant === undefined ? {} : { variant: variant.variant }),
      testRun: mark,
    };
    const started = await vscode.debug.startDebugging(folder, configuration);
    if (started) await ended;
    for (const disposable of listening) disposable.dispose();
    const message = vscode.l10n.t('The session did not start.');
    const outcome: QuietResult =
      result !== undefined
        ? {
            kind: 'result',
            variants: [{ name: variant?.name ?? '', variant: variant?.variant ?? {}, ...result }],
          }
        : started
          ? { kind: 'cancelled' }
          : { kind: 'error', message };
    report(run, test, outcome, Date.now() - start);
  }
}

interface VariantItem extends vscode.QuickPickItem {
  readonly chosen: VariantsBody['variants'][number];
}

function chosenOf(test: vscode.TestItem): ChosenScenario {
  const { uri } = test;
  return { program: uri === undefined ? '' : programOf(uri), scenario: test.label };
}

const rank = (item: VariantItem): number => (item.description === undefined ? 1 : 0);

function appendOutput(
  run: vscode.TestRun,
  test: vscode.TestItem,
  body: Dap.OutputEvent['body'],
): void {
  const { source, line, column } = body;
  const location =
    source?.path === undefined || line === undefined
      ? undefined
      : new vscode.Location(
          uriOf(source.path),
          new vscode.Position(line - 1, Math.max((column ?? 1) - 1, 0)),
        );
  // The view's terminal wants both characters at a line's end.
  run.appendOutput(body.output.replace(/\r?\n/g, '\r\n'), location, test);
}

function report(
  run: vscode.TestRun,
  test: vscode.TestItem,
  outcome: QuietResult,
  milliseconds: number,
): void {
  switch (outcome.kind) {
    case 'cancelled':
      run.skipped(test);
      break;
    case 'error':
      run.errored(test, messageAt(test, outcome.message), milliseconds);
      break;
    case 'result':
      reportResult(run, test, outcome.variants, milliseconds);
      break;
  }
}

/** A scenario passes when it holds in every variant; a message says in which one it does not. */
function reportResult(
  run: vscode.TestRun,
  test: vscode.TestItem,
  variants: TestBody['variants'],
  milliseconds: number,
): void {
  const failed = variants.filter(({ outcome }) => outcome !== 'passed');
  if (failed.length === 0) {
    run.passed(test, milliseconds);
    return;
  }
  const messages = failed.flatMap(({ name, failures }) =>
    failures.map(({ message, place }) => {
      const shown = messageAt(test, name === '' ? message : `${name}: ${message}`);
      if (place !== undefined) {
        shown.location = new vscode.Location(
          uriOf(place.path),
          new vscode.Position(place.line - 1, place.column - 1),
        );
      }
      return shown;
    }),
  );
  run.failed(test, messages, milliseconds);
}

function messageAt(test: vscode.TestItem, text: string): vscode.TestMessage {
  const message = new vscode.TestMessage(text);
  if (test.uri !== undefined && test.range !== undefined) {
    message.location = new vscode.Location(test.uri, test.range);
  }
  return message;
}
