/** Ways through time that VS Code has no buttons for: steps, moments, and calls behind what the user points at. */
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import * as vscode from 'vscode';
import type { MomentBody, Requests } from '../adapter/protocol.ts';
import { referenceAt } from './memory-document.ts';
import type { Sessions } from './sessions.ts';
import { isMore, type TreeRow } from './views/row-tree.ts';

type MemoryQuestion = Extract<
  Requests['dms/runBackTo'][0],
  { memoryReference?: string | undefined }
>;

/** What VS Code gives to a command in the menu of a variable. */
interface VariableContext {
  readonly container: { readonly variablesReference?: number };
  readonly variable: Dap.Variable;
}

/** Calls that are listed at once. */
const listedCalls = 500;

export function registerTimeTravel(sessions: Sessions): vscode.Disposable {
  const register = vscode.commands.registerCommand;
  const step = (name: 'dms/stepBackIn' | 'dms/stepBackOut') => async () => {
    const threadId = sessions.state?.threadId;
    await sessions.attempt(name, threadId === undefined ? {} : { threadId });
  };
  const runBack = (question: MemoryQuestion['question'], prompt: string) => (given: unknown) =>
    runBackTo(sessions, question, prompt, given);
  return vscode.Disposable.from(
    register('dms.stepBackInto', step('dms/stepBackIn')),
    register('dms.stepBackOut', step('dms/stepBackOut')),
    register('dms.goToStart', () => sessions.attempt('dms/goTo', { tick: 'start' })),
    register('dms.goToEnd', () => sessions.attempt('dms/goTo', { tick: 'end' })),
    register('dms.goToLatest', () => goToLatest(sessions)),
    register('dms.runBackToWrite', runBack('wrote', vscode.l10n.t('Who wrote this last?'))),
    register('dms.runBackToAllocation', runBack('allocated', vscode.l10n.t('Who allocated this?'))),
    register('dms.runBackToFree', runBack('freed', vscode.l10n.t('Who freed this?'))),
    register('dms.runBackToLock', runBack('locked', vscode.l10n.t('Who locked this?'))),
    register('dms.showCalls', () => showCalls(sessions)),
  );
}

async function goToLatest(sessions: Sessions): Promise<void> {
  const position = await sessions.attempt('dms/position', {});
  if (position !== undefined) await sessions.attempt('dms/goTo', { tick: position.frontier });
}

async function runBackTo(
  sessions: Sessions,
  question: MemoryQuestion['question'],
  prompt: string,
  given: unknown,
): Promise<void> {
  const frameId = vscode.debug.activeStackItem;
  const target = targetOf(given) ?? (await askForTarget(prompt));
  if (target === undefined) return;
  const frame = frameId instanceof vscode.DebugStackFrame ? { frameId: frameId.frameId } : {};
  await searching(sessions, () =>
    sessions.attempt('dms/runBackTo', { question, ...frame, ...target }),
  );
}

/** What a menu was opened on: a row of a tree, a variable, a byte of a dump, or an expression in an editor. */
function targetOf(given: unknown): Partial<MemoryQuestion> | undefined {
  if (isRow(given)) {
    const { memoryReference, bytes } = given;
    return { memoryReference, ...(bytes === undefined ? {} : { bytes }) };
  }
  if (isVariable(given)) {
    const { variable, container } = given;
    return variable.evaluateName === undefined
      ? { name: variable.name, variablesReference: container.variablesReference }
      : { expression: variable.evaluateName };
  }
  const editor = vscode.window.activeTextEditor;
  if (!(given instanceof vscode.Uri) || editor === undefined) return undefined;
  const { document, selection } = editor;
  const memoryReference = referenceAt(document, selection.active);
  if (memoryReference !== undefined) return { memoryReference, bytes: 1 };
  const range = selection.isEmpty
    ? document.getWordRangeAtPosition(selection.active)
    : new vscode.Range(selection.start, selection.end);
  return range === undefined ? undefined : { expression: document.getText(range) };
}

async function askForTarget(prompt: string): Promise<Partial<MemoryQuestion> | undefined> {
  const expression = await vscode.window.showInputBox({
    prompt,
    placeHolder: vscode.l10n.t('A variable, an expression or an address'),
  });
  return expression === undefined || expression.trim() === '' ? undefined : { expression };
}

/** The calls of a routine to choose from: the chosen one is gone to. */
async function showCalls(sessions: Sessions): Promise<void> {
  const name = await vscode.window.showInputBox({
    prompt: vscode.l10n.t('Calls of which routine?'),
    placeHolder: vscode.l10n.t('AllocateCommonBuffer, Mm*, Proxy!*'),
  });
  if (name === undefined || name.trim() === '') return;
  const answer = await searching(sessions, () =>
    sessions.attempt('dms/ask', { question: 'calls', name: name.trim(), limit: listedCalls }),
  );
  if (answer === undefined) return;
  const { moments, message } = answer;
  if (moments.length === 0) {
    void vscode.window.showInformationMessage(message);
    return;
  }
  const picked = await vscode.window.showQuickPick(moments.map(momentItem), {
    placeHolder: vscode.l10n.t('Call to go to'),
    matchOnDescription: true,
  });
  if (picked !== undefined) await sessions.attempt('dms/goTo', { tick: picked.tick });
}

function momentItem({ tick, text, source, line }: MomentBody): vscode.QuickPickItem & {
  readonly tick: number;
} {
  return {
    label: text,
    ...(source?.name === undefined ? {} : { description: `${source.name}:${line}` }),
    tick,
  };
}

/** Shows that a search goes on, and ends it when the user does not want to wait. */
function searching<T>(sessions: Sessions, search: () => Promise<T>): Thenable<T> {
  return vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t('Searching the past'),
      cancellable: true,
    },
    (_progress, token) => {
      token.onCancellationRequested(() => {
        void sessions.current?.customRequest('pause', { threadId: sessions.state?.threadId ?? 0 });
      });
      return search();
    },
  );
}

function isRow(given: unknown): given is Exclude<TreeRow, { kind: 'more' }> & {
  readonly memoryReference: string;
} {
  const row = given as TreeRow | undefined;
  return (
    typeof row === 'object' &&
    row !== null &&
    'memoryReference' in row &&
    !isMore(row) &&
    row.memoryReference !== undefined
  );
}

function isVariable(given: unknown): given is VariableContext {
  return typeof given === 'object' && given !== null && 'variable' in given && 'container' in given;
}
