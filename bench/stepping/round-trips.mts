// Steps and runs over the Debug Adapter Protocol, beside an adapter that does nothing and answers at once.
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { percentile } from '../statistics.mts';
import { Client } from './client.mts';

const WARM_UP = 20;
const STEPS = 500;
/** Statements of one iteration of the program's loop. */
const STATEMENTS_PER_ITERATION = 5;

interface Figures {
  readonly median: number;
  readonly p95: number;
}

type Step = 'next' | 'stepBack' | 'dms/stepBackIn';

/** Times one request that resumes, up to the variables of the first scope. */
async function roundTrip(client: Client, command: string, given: object): Promise<number> {
  const start = performance.now();
  const stopped = client.event('stopped');
  await client.request(command, given);
  const { body } = await stopped;
  const threadId = body?.['threadId'];
  const { stackFrames } = (await client.request('stackTrace', {
    threadId,
    startFrame: 0,
    levels: 20,
  })) as { stackFrames: { id: number }[] };
  const { scopes } = (await client.request('scopes', { frameId: stackFrames[0]?.id })) as {
    scopes: { variablesReference: number }[];
  };
  const [scope] = scopes;
  if (scope !== undefined) {
    await client.request('variables', { variablesReference: scope.variablesReference });
  }
  return performance.now() - start;
}

async function steps(client: Client, command: Step): Promise<Figures> {
  const times: number[] = [];
  for (let step = 0; step < WARM_UP + STEPS; step++) {
    const time = await roundTrip(client, command, { threadId: 1 });
    if (step >= WARM_UP) times.push(time);
  }
  return { median: percentile(times, 50), p95: percentile(times, 95) };
}

/** A session that stands behind so many statements, without breakpoints. */
async function standing(folder: string, statements: number): Promise<Client> {
  const client = new Client(process.execPath, ['dist/dms.js', 'debug-adapter']);
  const source = { path: join(folder, 'loop.c') };
  await client.request('initialize', {
    adapterID: 'dms',
    linesStartAt1: true,
    columnsStartAt1: true,
  });
  const initialized = client.event('initialized');
  const launched = client.request('launch', { program: join(folder, 'bench.dms') });
  await initialized;
  const iteration = Math.ceil(statements / STATEMENTS_PER_ITERATION);
  const condition = `i == ${iteration}`;
  await client.request('setBreakpoints', { source, breakpoints: [{ line: 20, condition }] });
  await client.request('configurationDone');
  await launched;
  await client.event('stopped');
  await client.request('setBreakpoints', { source, breakpoints: [] });
  return client;
}

export async function roundTripRows(statements: number): Promise<string[][]> {
  const folder = mkdtempSync(join(tmpdir(), 'dms-bench-'));
  copyFileSync('bench/interpreter/loop.c', join(folder, 'loop.c'));
  writeFileSync(
    join(folder, 'bench.dms'),
    `scenario "bench" { process bench with { define N ${statements}; } "loop.c"; }\n`,
  );

  const floor = new Client(process.execPath, ['bench/stepping/null-adapter.mts']);
  await floor.request('initialize', { adapterID: 'null' });
  const nothing = await steps(floor, 'next');
  floor.end();

  const client = await standing(folder, statements);
  const position = (await client.request('dms/position')) as { statements: number };
  if (position.statements < statements) {
    throw new Error(`the program stands behind ${position.statements} statements only`);
  }
  const forward = await steps(client, 'next');
  const backward = await steps(client, 'stepBack');
  const backInto = await steps(client, 'dms/stepBackIn');
  const toStart = await roundTrip(client, 'reverseContinue', { threadId: 1 });
  // A moment in the middle of what was run back over: no snapshot is near any more.
  const jump = await roundTrip(client, 'dms/goTo', { tick: Math.floor(statements / 2) });
  client.end();
  rmSync(folder, { recursive: true });

  const times = (ratio: number): string => ratio.toFixed(1);
  const row = (name: string, { median, p95 }: Figures): string[] => [
    name,
    median.toFixed(2),
    p95.toFixed(2),
    times(median / nothing.median),
    times(median / forward.median),
  ];
  const once = (name: string, time: number): string[] => [name, time.toFixed(0), '', '', ''];
  return [
    ['', 'median', '95th percentile', 'times the null adapter', 'times a step forward'],
    row('null adapter', nothing),
    row('step over', forward),
    row('step back', backward),
    row('step back into', backInto),
    once('reverse continue over all of it', toStart),
    once('a jump into its middle', jump),
  ];
}
