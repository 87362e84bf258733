/** Line, function, exception and data breakpoints. */
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import type { BoundBreakpoint, ExceptionFilter, Session } from '../../../engine/index.ts';
import { exceptionFilter } from '../capabilities.ts';
import type { AdapterContext } from '../context.ts';
import { addressPattern, parseDataId, resolveReference, toDataId } from '../memory-references.ts';
import { expressionOf, sizeOf } from '../memory-targets.ts';
import type { Handlers } from '../protocol.ts';

type Names =
  | 'setBreakpoints'
  | 'setFunctionBreakpoints'
  | 'setExceptionBreakpoints'
  | 'dataBreakpointInfo'
  | 'setDataBreakpoints'
  | 'breakpointLocations';

const noDataBreakpoint = (description: string): Dap.DataBreakpointInfoResponse['body'] => ({
  dataId: null,
  description,
});

export const breakpointRequests = {
  setBreakpoints(context, { source, breakpoints, lines, sourceModified }) {
    const file = context.enginePath(source);
    const wanted: readonly Dap.SourceBreakpoint[] =
      breakpoints ?? (lines ?? []).map((line) => ({ line }));
    context.breakpoints.setLines(
      file,
      wanted.map(({ line, column, ...rest }) => ({
        line: context.engineLine(line),
        ...(column === undefined ? {} : { column: context.engineColumn(column) }),
        ...texts(rest),
      })),
    );
    const session = bindable(context);
    if (sourceModified === true && session !== undefined) context.modifiedFiles.add(file);
    const message = unbindable(context, session, file);
    if (message !== undefined) {
      const bound = context.breakpoints.bindLines(file, undefined, describe(context));
      return { breakpoints: bound.map((breakpoint) => ({ ...breakpoint, message })) };
    }
    return { breakpoints: context.breakpoints.bindLines(file, session, describe(context)) };
  },

  setFunctionBreakpoints(context, { breakpoints }) {
    context.breakpoints.setFunctions(
      breakpoints.map(({ name, ...rest }) => ({ name: name.trim(), ...texts(rest) })),
    );
    return {
      breakpoints: context.breakpoints.bindFunctions(bindable(context), describe(context)),
    };
  },

  /** Answers in the order of `filters`, then `filterOptions`, as the protocol wants. */
  setExceptionBreakpoints(context, { filters, filterOptions }) {
    const wanted = [
      ...filters.map((filterId) => ({ filterId, condition: undefined })),
      ...(filterOptions ?? []),
    ];
    const known: ExceptionFilter[] = [];
    for (const { filterId, condition } of wanted) {
      const filter = exceptionFilter(filterId, condition);
      if (filter !== undefined) known.push(filter);
    }
    context.breakpoints.setFilters(known);
    const answers = context.breakpoints.bindFilters(bindable(context));
    return {
      breakpoints: wanted.map(({ filterId }): Dap.Breakpoint => {
        const index = known.findIndex(({ filter }) => filter === filterId);
        const answer = answers[index];
        return answer ?? { verified: false, message: `There is no filter "${filterId}".` };
      }),
    };
  },

  /**
   * A variable, an expression, or an address with a length. The id carries the address itself, so that it holds for
   * the whole session.
   */
  dataBreakpointInfo(context, { variablesReference, name, frameId, bytes, asAddress }) {
    const session = context.stoppedSession;
    const frame = context.frame(frameId)?.engineId;
    if (asAddress === true || addressPattern.test(name)) {
      const reference = resolveReference(context, name, frame);
      if (reference === undefined) return noDataBreakpoint(`${name} is not an address.`);
      return described(reference, bytes ?? 1, `${name}, ${bytes ?? 1} bytes`);
    }
    const expression = expressionOf(context, variablesReference, name);
    if (expression === undefined) return noDataBreakpoint(`${name} is not in memory.`);
    const address = session.evaluate(`&(${expression})`, frame, false);
    if (!address.ok) return noDataBreakpoint(address.message);
    const reference = address.variable.memoryReference;
    if (reference === undefined) return noDataBreakpoint(`${name} is not in memory.`);
    const length = bytes ?? sizeOf(session, expression, frame);
    if (length === undefined) return noDataBreakpoint(`The size of ${name} is not known.`);
    return described(reference, length, `${expression}, ${length} bytes`);
  },

  setDataBreakpoints(context, { breakpoints }) {
    const wanted = breakpoints.map(({ dataId, accessType }) => {
      const { reference, bytes } = parseDataId(dataId);
      return { reference, bytes, access: accessType ?? 'write' };
    });
    context.breakpoints.setData(wanted);
    return { breakpoints: context.breakpoints.bindData(bindable(context), describe(context)) };
  },

  breakpointLocations(context, { source, line, endLine }) {
    const from = context.engineLine(line);
    const to = endLine === undefined ? from : context.engineLine(endLine);
    const found = context.session.breakpointLocations(context.enginePath(source), from, to);
    return {
      breakpoints: found.map((place) => ({
        line: context.line(place.line),
        column: context.column(place.column),
      })),
    };
  },
} satisfies Handlers<AdapterContext, Names>;

/** The session to bind in: none before the launch, and none in a run without debugging. */
function bindable(context: AdapterContext): Session | undefined {
  return context.launch?.noDebug === true ? undefined : context.run?.session;
}

/** Why no line of a file can be bound now. */
function unbindable(
  context: AdapterContext,
  session: Session | undefined,
  file: string,
): string | undefined {
  if (context.modifiedFiles.has(file)) {
    return 'The file was changed since the scenario started. Restart to run the new text.';
  }
  if (session === undefined || session.sources.some(({ path }) => path === file)) return undefined;
  return 'The scenario that runs does not use this file.';
}

function describe(context: AdapterContext) {
  return (bound: BoundBreakpoint, id: number) => context.breakpoint(bound, id);
}

interface Texts {
  condition?: string;
  hitCondition?: string;
  logMessage?: string;
}

/** Clients send empty texts for what the user left open; an empty condition must not disable a breakpoint. */
function texts(given: Texts): Texts {
  const entries = [
    ['condition', given.condition],
    ['hitCondition', given.hitCondition],
    ['logMessage', given.logMessage],
  ] as const;
  return Object.fromEntries(entries.filter(([, text]) => text !== undefined && text.trim() !== ''));
}

function described(
  reference: string,
  bytes: number,
  description: string,
): Dap.DataBreakpointInfoResponse['body'] {
  return {
    dataId: toDataId(reference, bytes),
    description,
    accessTypes: ['read', 'write', 'readWrite'],
    canPersist: false,
  };
}
