// One step as an editor sees it: the request, the stopped event, the stack, the scopes and the variables of
// the first scope. Baseline of the same run: an adapter that does nothing and answers at once.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { percentile, table } from '../statistics.mts';
import { Client } from './client.mts';

const WARM_UP = 20;
const STEPS = 500;

interface Figures {
  readonly median: number;
  readonly p95: number;
}

/** Times steps of one kind on a stopped session. */
async function steps(client: Client, command: 'next' | 'stepBack'): Promise<Figures> {
  const times: number[] = [];
  for (let step = 0; step < WARM_UP + STEPS; step++) {
    const start = performance.now();
    const stopped = client.event('stopped');
    await client.request(command, { threadId: 1 });
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
    await client.request('variables', { variablesReference: scopes[0]?.variablesReference });
    if (step >= WARM_UP) times.push(performance.now() - start);
  }
  return { median: percentile(times, 50), p95: percentile(times, 95) };
}

execFileSync(process.execPath, ['scripts/build.mts'], { stdio: 'inherit' });
const folder = mkdtempSync(join(tmpdir(), 'dms-bench-'));
copyFileSync('bench/interpreter/loop.c', join(folder, 'loop.c'));
const program = join(folder, 'bench.dms');
writeFileSync(program, 'scenario "bench" { process bench "loop.c"; }\n');

const floor = new Client(process.execPath, ['bench/stepping/null-adapter.mts']);
await floor.request('initialize', { adapterID: 'null' });
const floorForward = await steps(floor, 'next');
floor.end();

const client = new Client(process.execPath, ['dist/dms.js', 'debug-adapter']);
await client.request('initialize', {
  adapterID: 'dms',
  linesStartAt1: true,
  columnsStartAt1: true,
});
const initialized = client.event('initialized');
const launched = client.request('launch', { program });
await initialized;
await client.request('setBreakpoints', {
  source: { path: join(folder, 'loop.c') },
  breakpoints: [{ line: 20, condition: 'i == 100000' }],
});
await client.request('configurationDone');
await launched;
await client.event('stopped');
await client.request('setBreakpoints', {
  source: { path: join(folder, 'loop.c') },
  breakpoints: [],
});
const forward = await steps(client, 'next');
const backward = await steps(client, 'stepBack');
client.end();
rmSync(folder, { recursive: true });

const row = (name: string, { median, p95 }: Figures): string[] => [
  name,
  median.toFixed(2),
  p95.toFixed(2),
  (median / floorForward.median).toFixed(1),
];
process.stdout.write(
  `Step round trip over DAP, ${STEPS} steps, ms; behind 400,000 statements of history.\n\n`,
);
process.stdout.write(
  `${table([
    ['', 'median', '95th percentile', 'times the null adapter'],
    row('null adapter', floorForward),
    row('step over', forward),
    row('step back', backward),
  ])}\n`,
);
