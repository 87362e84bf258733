/** The state of one debug session that request handlers share, and how engine values look on the wire. */
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import type {
  BoundBreakpoint,
  FrameInfo,
  Session,
  Site,
  VariableInfo,
} from '../../engine/index.ts';
import { BreakpointStore } from './breakpoint-store.ts';
import { quietError } from './errors.ts';
import type { FileProvider } from './files.ts';
import { Handles } from './handles.ts';
import { baseName, samePath, toClientPath, toEnginePath } from './paths.ts';
import type { EventName, Events, LaunchArguments } from './protocol.ts';
import type { Host, ScenarioRun } from './scenario-run.ts';

export interface ContextOptions {
  readonly files: FileProvider;
  readonly host: Host;
  /**
   * How built-in headers and components reach the client: `documents` for a client that opens `dms:` paths itself,
   * `references` for one that asks by the `source` request.
   */
  readonly builtinSources: 'documents' | 'references';
  /** What makes a link of a moment's number, for clients that follow such links. */
  momentLink?(): string | undefined;
}

/** What the client said in `initialize`; the defaults are the protocol's. */
export interface ClientSupport {
  readonly lineBase: 0 | 1;
  readonly columnBase: 0 | 1;
  readonly invalidatedEvent: boolean;
  readonly memoryEvent: boolean;
}

export interface FrameTarget {
  readonly engineId: number;
  readonly frame: FrameInfo;
}

/** What a variables reference stands for: the engine's handle and what is known of its children. */
export interface VariablesTarget {
  readonly engineHandle: number;
  readonly named: number | undefined;
  readonly indexed: number;
}

export class AdapterContext {
  readonly breakpoints = new BreakpointStore();
  readonly frames = new Handles<FrameTarget>();
  readonly variables = new Handles<VariablesTarget>();
  client: ClientSupport = {
    lineBase: 1,
    columnBase: 1,
    invalidatedEvent: false,
    memoryEvent: false,
  };
  /** The configuration in force; a restart may bring a new one. */
  launch: LaunchArguments | undefined;
  run: ScenarioRun | undefined;
  /** `configurationDone` has come: the run may begin. */
  configured = false;
  /** `terminated` is sent once for each run. */
  terminatedSent = false;
  /** Grows with each stop and each edit of memory; see `dms/state`. */
  stopNumber = 0;
  knownThreads: ReadonlySet<number> = new Set();
  /** Files that were saved since they were compiled: their lines are no longer those that run. */
  readonly modifiedFiles = new Set<string>();
  /** Whether the scenario has more than one host: only then lines name theirs. */
  severalHosts = false;
  /** Numbers of built-in files for clients that open them by reference. */
  private readonly sourceReferences = new Map<string, number>();

  constructor(
    readonly options: ContextOptions,
    readonly emit: <Name extends EventName>(name: Name, body: Events[Name]) => void,
  ) {}

  /** The engine's session, running or not. */
  get session(): Session {
    if (this.run === undefined) throw quietError('No scenario is loaded.');
    return this.run.session;
  }

  /** The engine's session, for requests that only make sense while the scenario stands. */
  get stoppedSession(): Session {
    if (this.run?.state === 'running') {
      throw quietError('The scenario is running. Pause it to look at its state.');
    }
    return this.session;
  }

  frame(id: number | undefined): FrameTarget | undefined {
    if (id === undefined) return undefined;
    const found = this.frames.resolve(id);
    if (found === undefined) throw quietError('This frame belongs to an earlier stop.');
    return found.target;
  }

  /** Forgets what frame and variable numbers stand for, since the program moves on. */
  retireHandles(): void {
    this.frames.retire();
    this.variables.retire();
  }

  line(engineLine: number): number {
    return engineLine - 1 + this.client.lineBase;
  }

  column(engineColumn: number): number {
    return engineColumn - 1 + this.client.columnBase;
  }

  engineLine(line: number): number {
    return line + 1 - this.client.lineBase;
  }

  engineColumn(column: number): number {
    return column + 1 - this.client.columnBase;
  }

  /** The engine's spelling of the client's source: that of the loaded file where it is one. */
  enginePath(source: Dap.Source): string {
    const reference = source.sourceReference ?? 0;
    if (reference > 0) {
      for (const [path, number] of this.sourceReferences) {
        if (number === reference) return path;
      }
    }
    const path = toEnginePath(source.path ?? '');
    const loaded = this.run?.session.sources.find((file) => samePath(file.path, path));
    return loaded?.path ?? path;
  }

  source(path: string): Dap.Source {
    const name = baseName(path);
    if (!path.startsWith('dms:')) return { name, path: toClientPath(path) };
    const shown = { name, path, origin: 'built-in, read-only' };
    if (this.options.builtinSources === 'documents') return shown;
    let reference = this.sourceReferences.get(path);
    if (reference === undefined) {
      reference = this.sourceReferences.size + 1;
      this.sourceReferences.set(path, reference);
    }
    return { ...shown, sourceReference: reference };
  }

  /** `source`, `line` and `column` of an output event or a location. */
  place(
    site: Pick<Site, 'file' | 'line' | 'column'> | undefined,
  ): { source: Dap.Source; line: number; column: number } | Record<string, never> {
    if (site === undefined) return {};
    return {
      source: this.source(site.file),
      line: this.line(site.line),
      column: this.column(site.column),
    };
  }

  breakpoint(bound: BoundBreakpoint, id: number): Dap.Breakpoint {
    return {
      id,
      verified: bound.verified,
      ...(bound.message === undefined ? {} : { message: bound.message }),
      ...(bound.verified ? {} : { reason: this.run === undefined ? 'pending' : 'failed' }),
      ...(bound.file === undefined ? {} : { source: this.source(bound.file) }),
      ...(bound.line === undefined ? {} : { line: this.line(bound.line) }),
      ...(bound.column === undefined ? {} : { column: this.column(bound.column) }),
    };
  }

  /** The number for a variable's children, 0 when it has none. */
  variablesReference(path: string, variable: VariableInfo): number {
    if (variable.handle === 0) return 0;
    return this.variables.assign(path, {
      engineHandle: variable.handle,
      named: variable.named,
      indexed: variable.indexed,
    });
  }

  /** Tells views that state has changed without a stop of the program, or with one. */
  emitState(threadId: number | undefined): void {
    const { tick, frontier } = this.session.position;
    this.stopNumber++;
    this.emit('dms/state', {
      stop: this.stopNumber,
      tick,
      inThePast: tick < frontier,
      threadId,
    });
  }

  /** `alpha: ` before a line, or nothing where the scenario has one host. */
  atHost(name: string): string {
    return this.severalHosts ? `${name}: ` : '';
  }

  /** ` on alpha` within a line, or nothing where the scenario has one host. */
  onHost(name: string): string {
    return this.severalHosts ? ` on ${name}` : '';
  }

  output(category: NonNullable<Dap.OutputEvent['body']['category']>, text: string): void {
    this.emit('output', { category, output: `${text}\n` });
  }
}
