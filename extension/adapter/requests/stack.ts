/** Threads, call stack, scopes, and the details of a stop by failure. */
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import {
  type FrameInfo,
  type ScopeInfo,
  type Site,
  webPageAddress,
} from '../../../engine/index.ts';
import type { AdapterContext } from '../context.ts';
import { quietError } from '../errors.ts';
import { baseName } from '../paths.ts';
import type { Handlers } from '../protocol.ts';

type Names = 'threads' | 'stackTrace' | 'scopes' | 'exceptionInfo';

/** How many frames a client gets that names no number. */
const defaultLevels = 200;

const scopeHints: Readonly<Record<ScopeInfo['name'], string | undefined>> = {
  Arguments: 'arguments',
  Locals: 'locals',
  Globals: undefined,
  Result: 'returnValue',
};

/** While machines boot nobody runs; a client without a thread could neither show the session nor pause it. */
const noThread: Dap.Thread = { id: 1, name: 'no thread runs' };

export const stackRequests = {
  threads(context) {
    const { run } = context;
    const threads = run?.session.threads() ?? [];
    if (threads.length === 0 && run !== undefined && run.state !== 'over') {
      return { threads: [noThread] };
    }
    return { threads: threads.map(({ id, name }) => ({ id, name })) };
  },

  stackTrace(context, { threadId, startFrame, levels }) {
    const start = startFrame ?? 0;
    const count = levels === undefined || levels === 0 ? defaultLevels : levels;
    const { frames, total } = context.stoppedSession.stack(threadId, start, count);
    return {
      stackFrames: frames.map((frame, index) => {
        // Counted from the outermost frame, a caller keeps its number while its callees come and go.
        const depth = total - start - index;
        return stackFrame(context, `${threadId}/${depth}/${frame.module}!${frame.function}`, frame);
      }),
      totalFrames: total,
    };
  },

  scopes(context, { frameId }) {
    const session = context.stoppedSession;
    const found = context.frames.resolve(frameId);
    if (found === undefined) throw quietError('This frame belongs to an earlier stop.');
    return {
      scopes: session.scopes(found.target.engineId).map((scope): Dap.Scope => {
        const hint = scopeHints[scope.name];
        return {
          name: scope.name,
          expensive: scope.expensive,
          variablesReference: context.variables.assign(`${found.path}/${scope.name}`, {
            engineHandle: scope.handle,
            named: undefined,
            indexed: 0,
          }),
          ...(hint === undefined ? {} : { presentationHint: hint }),
        };
      }),
    };
  },

  exceptionInfo(context) {
    const stop = context.run?.stop;
    if (stop?.details === undefined) {
      throw quietError('The scenario did not stop by a failure.');
    }
    const { id, message, page, site } = stop.details;
    const address = page === undefined ? undefined : (webPageAddress(page) ?? productPage(page));
    return {
      exceptionId: id,
      description: address === undefined ? message : `${message}\nSee ${address}`,
      breakMode: 'always',
      details: {
        message,
        typeName: id,
        ...(site === undefined ? {} : { stackTrace: siteText(site) }),
      },
    };
  },
} satisfies Handlers<AdapterContext, Names>;

/** A page of this product by its name; other names are for people who know the documentation. */
const productPage = (page: string): string | undefined =>
  page.startsWith('docs/') ? page : undefined;

/** `at proxy!AddDevice (proxy.c:32:5)`, which clients turn into a link. */
function siteText({ module, function: name, file, line, column }: Site): string {
  return `at ${module}!${name} (${baseName(file)}:${line}:${column})`;
}

function stackFrame(context: AdapterContext, path: string, frame: FrameInfo): Dap.StackFrame {
  const id = context.frames.assign(path, { engineId: frame.id, frame });
  const name = `${frame.module}!${frame.function}`;
  if (frame.kind === 'boundary') {
    return { id, name: frame.function, line: 0, column: 0, presentationHint: 'label' };
  }
  const source = context.source(frame.file);
  return {
    id,
    name,
    // A client looks for the first frame with code to show: a leaf routine has only a prototype, its caller has.
    source: frame.kind === 'native' ? { ...source, presentationHint: 'deemphasize' } : source,
    line: context.line(frame.line),
    column: context.column(frame.column),
    endLine: context.line(frame.endLine),
    endColumn: context.column(frame.endColumn),
    instructionPointerReference: frame.instructionPointer,
    moduleId: frame.module,
    presentationHint: frame.kind === 'native' ? 'subtle' : 'normal',
  };
}
