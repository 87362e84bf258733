/** Hover, Watch, the Debug Console, setting by expression, and completion of names. */
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import { commandWords, consoleCommand } from '../console-commands.ts';
import type { AdapterContext } from '../context.ts';
import { quietError, userError } from '../errors.ts';
import type { Handlers } from '../protocol.ts';
import { changed, isPastLocked, pastIsLocked, warnIfInThePast } from '../state-changes.ts';
import { wireValue } from './variables.ts';

type Names = 'evaluate' | 'setExpression' | 'completions';

/** An assignment, increment or call: what may change state. */
const mayChangeState = /(^|[^=!<>])=(?!=)|<<=|>>=|\+\+|--|\(/;

export const evaluateRequests = {
  /** Only the Debug Console may change the emulated state; everything else peeks. */
  async evaluate(context, { expression, frameId, context: where }, call) {
    const session = context.stoppedSession;
    const frame = context.frame(frameId)?.engineId;
    const isConsole = where === 'repl';
    const answer = isConsole ? await consoleCommand(context, expression, frameId, call) : undefined;
    if (answer !== undefined) return { result: answer, variablesReference: 0 };
    const mayWrite = isConsole && !isPastLocked(context);
    const past = mayWrite ? warnIfInThePast(context) : undefined;
    const before = session.position.frontier;
    const result = session.evaluate(expression, frame, mayWrite);
    if (!result.ok) {
      const isLocked = isConsole && !mayWrite && mayChangeState.test(expression);
      throw quietError(isLocked ? pastIsLocked : result.message);
    }
    if (mayWrite && mayChangeState.test(expression)) {
      if (session.position.frontier < before) past?.();
      changed(context, result.variable.memoryReference);
    }
    const { value, ...rest } = wireValue(
      context,
      `=${frameId ?? 0}/${expression}`,
      result.variable,
    );
    return { result: value, ...rest };
  },

  setExpression(context, { expression, value, frameId }) {
    const session = context.stoppedSession;
    const frame = context.frame(frameId)?.engineId;
    const past = warnIfInThePast(context);
    const assigned = session.evaluate(`${expression} = (${value})`, frame, true);
    if (!assigned.ok) throw userError(assigned.message);
    past();
    const result = session.evaluate(expression, frame, false);
    if (!result.ok) throw userError(result.message);
    changed(context, result.variable.memoryReference);
    return wireValue(context, `=${frameId ?? 0}/${expression}`, result.variable);
  },

  /** Commands of the console, and names of the frame's variables that begin with the word before the cursor. */
  completions(context, { frameId, text, column }) {
    const frame = context.frame(frameId)?.engineId;
    const before = text.slice(0, context.engineColumn(column) - 1);
    const word = /[A-Za-z_]\w*$/.exec(before)?.[0] ?? '';
    const session = context.stoppedSession;
    const targets = new Map<string, Dap.CompletionItem>();
    for (const label of commandWords(before)) {
      targets.set(label, { label, type: 'keyword', start: 0, length: before.length });
    }
    if (word === '' || frame === undefined) return { targets: [...targets.values()] };
    for (const scope of session.scopes(frame)) {
      for (const { name, type } of session.variables(scope.handle)) {
        if (!name.toLowerCase().startsWith(word.toLowerCase()) || targets.has(name)) continue;
        targets.set(name, {
          label: name,
          detail: type,
          type: 'variable',
          start: before.length - word.length,
          length: word.length,
        });
      }
    }
    return { targets: [...targets.values()] };
  },
} satisfies Handlers<AdapterContext, Names>;
