// Sessions that stand where a test wants them, on the fixtures or on the samples that users start from.
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { DebugProtocol as Dap } from '@vscode/debugprotocol';
import { expect, onTestFinished } from 'vitest';
import type { Requests } from '../../../extension/adapter/protocol.ts';
import { AdapterClient, type ClientOptions } from './client.ts';
import { findMarker } from './markers.ts';

/** The driver that most tests debug. */
export const buffers = resolve('test/adapter/fixtures/buffers.dms');

export const commonBuffer = resolve('samples/common-buffer.dms');
export const commonBufferDriver = resolve('samples/drivers/common-buffer.c');

/** The line of a mark in a file on the disk. */
export function lineOf(path: string, mark: string): number {
  return findMarker(readFileSync(path, 'utf8'), mark);
}

/** The line of the first occurrence of a text in a file on the disk. */
export function lineWith(path: string, text: string): number {
  const index = readFileSync(path, 'utf8')
    .split('\n')
    .findIndex((line) => line.includes(text));
  if (index < 0) throw new Error(`${path} has no line with ${text}.`);
  return index + 1;
}

/** A client that reads the disk and is gone when the test is. */
export function newClient(options: Partial<ClientOptions> = {}): AdapterClient {
  const client = new AdapterClient({
    files: (path) => readFile(path, 'utf8').catch(() => undefined),
    ...options,
  });
  onTestFinished(() => {
    client.dispose();
    expect(client.faults).toEqual([]);
  });
  return client;
}

/** A session that stands, and how to look at it. */
export class Standing {
  constructor(
    readonly client: AdapterClient,
    readonly stopped: Dap.StoppedEvent['body'],
  ) {}

  get threadId(): number {
    return this.stopped.threadId ?? 0;
  }

  async stack(): Promise<Dap.StackFrame[]> {
    const { stackFrames } = await this.client.request('stackTrace', { threadId: this.threadId });
    return stackFrames;
  }

  async top(): Promise<Dap.StackFrame> {
    const [frame] = await this.stack();
    if (frame === undefined) throw new Error('There is no frame.');
    return frame;
  }

  async line(): Promise<number> {
    return (await this.top()).line;
  }

  /** The variables of a scope of the top frame. */
  async scope(name: string): Promise<Dap.Variable[]> {
    const frame = await this.top();
    const { scopes } = await this.client.request('scopes', { frameId: frame.id });
    const scope = scopes.find((candidate) => candidate.name === name);
    if (scope === undefined) throw new Error(`There is no scope ${name}.`);
    return this.children(scope.variablesReference);
  }

  async children(variablesReference: number): Promise<Dap.Variable[]> {
    const { variables } = await this.client.request('variables', { variablesReference });
    return variables;
  }

  async variable(scope: string, name: string): Promise<Dap.Variable> {
    const found = (await this.scope(scope)).find((variable) => variable.name === name);
    if (found === undefined) throw new Error(`${scope} has no ${name}.`);
    return found;
  }

  async evaluate(expression: string, context = 'watch'): Promise<Dap.EvaluateResponse['body']> {
    const frame = await this.top();
    return this.client.request('evaluate', { expression, frameId: frame.id, context });
  }

  /** Resumes and waits for the next stop. */
  async resume(
    command: 'continue' | 'next' | 'stepIn' | 'stepOut' | 'stepBack' | 'reverseContinue',
  ): Promise<Standing> {
    await this.client.request(command, { threadId: this.threadId });
    return new Standing(this.client, await this.client.event('stopped'));
  }
}

type LineBreakpoint = Omit<Dap.SourceBreakpoint, 'line'> & { readonly mark: string };

export interface StartOptions {
  readonly program?: string;
  readonly launch?: Omit<Requests['launch'][0], 'program'>;
  /** In the program's file. */
  readonly breakpoints?: readonly LineBreakpoint[];
  readonly functions?: readonly Dap.FunctionBreakpoint[];
  readonly filters?: readonly Dap.ExceptionFilterOptions[];
  readonly client?: AdapterClient;
}

/** Starts a session with these breakpoints; answers the client and what each setting was answered. */
export async function startSession(options: StartOptions): Promise<{
  client: AdapterClient;
  lines: Dap.Breakpoint[];
  functions: Dap.Breakpoint[];
  filters: Dap.Breakpoint[];
}> {
  const program = options.program ?? buffers;
  const client = options.client ?? newClient();
  const answers = {
    lines: [] as Dap.Breakpoint[],
    functions: [] as Dap.Breakpoint[],
    filters: [] as Dap.Breakpoint[],
  };
  await client.start({ program, ...options.launch }, async () => {
    const lines = (options.breakpoints ?? []).map(({ mark, ...rest }) => ({
      line: lineOf(program, mark),
      ...rest,
    }));
    const set = await client.request('setBreakpoints', {
      source: { path: program },
      breakpoints: lines,
    });
    answers.lines = set.breakpoints;
    const functions = await client.request('setFunctionBreakpoints', {
      breakpoints: [...(options.functions ?? [])],
    });
    answers.functions = functions.breakpoints;
    const filters = await client.request('setExceptionBreakpoints', {
      filters: [],
      filterOptions: [...(options.filters ?? [])],
    });
    answers.filters = filters.breakpoints;
  });
  return { client, ...answers };
}

/** Starts a session and waits for its first stop. */
export async function standing(options: StartOptions): Promise<Standing> {
  const { client } = await startSession(options);
  return new Standing(client, await client.event('stopped'));
}

/** Starts a session that stands on the line with a mark. */
export function standingAt(mark: string, options: StartOptions = {}): Promise<Standing> {
  return standing({ ...options, breakpoints: [{ mark }] });
}
