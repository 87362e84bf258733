/**
 * The breakpoints that the client asked for. They outlive the engine's session, so that a restart, or a client that
 * sends them before `launch`, loses none. Ids are never reused; an unchanged breakpoint keeps its own.
 */
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import type {
  BoundBreakpoint,
  DataBreakpoint,
  ExceptionFilter,
  FunctionBreakpoint,
  LineBreakpoint,
  Session,
} from '../../engine/index.ts';

/** Why a breakpoint shows grey before the scenario is loaded. */
const pendingMessage = 'The scenario is not loaded yet.';

/** Turns the engine's answer into the client's, in the client's line base and paths. */
export type Describe = (bound: BoundBreakpoint, id: number) => Dap.Breakpoint;

interface Stored<T> {
  readonly key: string;
  readonly id: number;
  readonly wanted: T;
}

export class BreakpointStore {
  private lastId = 0;
  private readonly lines = new Map<string, readonly Stored<LineBreakpoint>[]>();
  private functions: readonly Stored<FunctionBreakpoint>[] = [];
  private data: readonly Stored<DataBreakpoint>[] = [];
  private filters: readonly ExceptionFilter[] = [];
  /** `breakOn` of the launch configuration. */
  private launchFunctions: readonly FunctionBreakpoint[] = [];

  setLines(file: string, wanted: readonly Omit<LineBreakpoint, 'id' | 'file'>[]): void {
    const before = this.lines.get(file) ?? [];
    this.lines.set(
      file,
      this.number(wanted, before, (breakpoint, id) => ({ ...breakpoint, file, id })),
    );
  }

  setFunctions(wanted: readonly Omit<FunctionBreakpoint, 'id'>[]): void {
    this.functions = this.number(wanted, this.functions, (breakpoint, id) => ({
      ...breakpoint,
      id,
    }));
  }

  setData(wanted: readonly Omit<DataBreakpoint, 'id'>[]): void {
    this.data = this.number(wanted, this.data, (breakpoint, id) => ({ ...breakpoint, id }));
  }

  setFilters(filters: readonly ExceptionFilter[]): void {
    this.filters = filters;
  }

  setLaunchFunctions(names: readonly string[]): void {
    this.launchFunctions = names.map((name) => ({ id: `launch:${name}`, name }));
  }

  bindLines(file: string, session: Session | undefined, describe: Describe): Dap.Breakpoint[] {
    const stored = this.lines.get(file) ?? [];
    return describeAll(stored, session?.setLineBreakpoints(file, stored.map(wantedOf)), describe);
  }

  bindFunctions(session: Session | undefined, describe: Describe): Dap.Breakpoint[] {
    const wanted = [...this.functions.map(wantedOf), ...this.launchFunctions];
    return describeAll(this.functions, session?.setFunctionBreakpoints(wanted), describe);
  }

  bindData(session: Session | undefined, describe: Describe): Dap.Breakpoint[] {
    return describeAll(this.data, session?.setDataBreakpoints(this.data.map(wantedOf)), describe);
  }

  /** Filters have no ids on the wire; one that was not accepted says why. */
  bindFilters(session: Session | undefined): Dap.Breakpoint[] {
    const bound = session?.setExceptionFilters(this.filters);
    return this.filters.map((_, index) => {
      const answer = bound?.[index];
      if (answer === undefined) return { verified: session !== undefined };
      return {
        verified: answer.verified,
        ...(answer.message === undefined ? {} : { message: answer.message }),
      };
    });
  }

  /** Gives all of them to a new session; the answers that the client has not seen. */
  bindAll(session: Session, describe: Describe): Dap.Breakpoint[] {
    this.bindFilters(session);
    return [
      ...[...this.lines.keys()].flatMap((file) => this.bindLines(file, session, describe)),
      ...this.bindFunctions(session, describe),
      ...this.bindData(session, describe),
    ];
  }

  /** The number on the wire of an engine id; undefined for those that the client does not know. */
  numberOf(engineId: string): number | undefined {
    return /^\d+$/.test(engineId) ? Number(engineId) : undefined;
  }

  private number<Wanted, Full extends Wanted>(
    wanted: readonly Wanted[],
    before: readonly Stored<Full>[],
    complete: (breakpoint: Wanted, id: string) => Full,
  ): Stored<Full>[] {
    const known = new Map(before.map((stored) => [stored.key, stored.id]));
    return wanted.map((breakpoint) => {
      const key = JSON.stringify(breakpoint);
      const kept = known.get(key);
      known.delete(key); // two equal ones are two
      const id = kept ?? ++this.lastId;
      return { key, id, wanted: complete(breakpoint, String(id)) };
    });
  }
}

function wantedOf<T>(stored: Stored<T>): T {
  return stored.wanted;
}

function describeAll<T>(
  stored: readonly Stored<T>[],
  bound: readonly BoundBreakpoint[] | undefined,
  describe: Describe,
): Dap.Breakpoint[] {
  const answers = new Map(bound?.map((answer) => [answer.id, answer]));
  return stored.map(({ id }) => {
    const fallback = { id: String(id), verified: false, message: pendingMessage };
    return describe(answers.get(String(id)) ?? fallback, id);
  });
}
