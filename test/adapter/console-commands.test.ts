import { describe, expect, test } from 'vitest';
import {
  buffers,
  commonBuffer,
  lineOf,
  newClient,
  Standing,
  standing,
  standingAt,
  startSession,
} from './support/debuggee.ts';

test('!dma lists adapters as the side bar does', async () => {
  const session = await standing({
    program: commonBuffer,
    functions: [{ name: 'AllocateCommonBuffer' }],
  });
  const { rows } = await session.client.request('dms/view', { view: 'dmaAdapters' });
  const { result } = await session.evaluate('!dma', 'repl');
  expect(rows.length).toBeGreaterThan(0);
  for (const { label } of rows) expect(result).toContain(label);
});

test('help, and a command that is none, list those that are', async () => {
  const session = await standingAt('#FIRST');
  for (const command of ['help', '!nothing']) {
    const { result } = await session.evaluate(command, 'repl');
    for (const name of [
      '!dma',
      '!mdl',
      '!memusage',
      'who wrote',
      'when allocated',
      'calls of',
      'go to',
    ]) {
      expect(result).toContain(name);
    }
  }
});

test('a negation is still an expression', async () => {
  const session = await standingAt('#SMALL');
  expect((await session.evaluate('!(total == 45)', 'repl')).result).toMatch(/^0\b/);
});

describe('questions about the past', () => {
  test('are answered with moments, and the console goes to one', async () => {
    const session = await standingAt('#END');
    const { client } = session;
    const wrote = (await session.evaluate('who wrote total', 'repl')).result;
    expect(wrote).toMatch(
      /^Buffers!DriverEntry wrote 0x2D, before 0x24 at buffers\.dms:\d+ {2}\[go to \d+\]$/,
    );
    const freed = (await session.evaluate('when freed large', 'repl')).result;
    expect(freed).toContain("pool 'Larg' freed");
    const calls = (await session.evaluate('calls of Ex*Pool*', 'repl')).result.split('\n');
    expect(calls.map((line) => /: (\w+)\(/.exec(line)?.[1])).toEqual([
      'ExAllocatePoolWithTag',
      'ExAllocatePoolWithTag',
      'ExFreePoolWithTag',
      'ExFreePoolWithTag',
    ]);
    const tick = /\[go to (\d+)\]/.exec(freed)?.[1];
    await session.evaluate(`go to ${tick}`, 'repl');
    const there = new Standing(client, await client.event('stopped'));
    expect(await there.line()).toBe(lineOf(buffers, '#FREE'));
    expect((await there.evaluate('when freed large', 'repl')).result).toContain('No call');
  });

  test('come as links to a client that follows them', async () => {
    const client = newClient({ momentLink: 'dms-test://moment/' });
    const { client: started } = await startSession({ client, breakpoints: [{ mark: '#END' }] });
    const session = new Standing(started, await started.event('stopped'));
    const { result } = await session.evaluate('calls of Add', 'repl');
    expect(result).toMatch(/^10 moments/);
    const links = client
      .seen('output')
      .filter(({ output }) => output.includes('dms-test://moment/'));
    expect(links).toHaveLength(10);
    expect(links[0]).toMatchObject({ line: lineOf(buffers, '#LOOP') });
  });

  test('that are incomplete show how they are asked', async () => {
    const session = await standingAt('#FIRST');
    await expect(session.evaluate('who wrote', 'repl')).rejects.toThrow(/who wrote ADDRESS/);
    await expect(session.evaluate('go to nowhere', 'repl')).rejects.toThrow(/go to MOMENT/);
    const { targets } = await session.client.request('completions', { text: 'who', column: 4 });
    expect(targets.map(({ label }) => label)).toContain('who wrote');
  });
});

test('a dump marks bytes that were never written', async () => {
  const session = await standingAt('#CHECK');
  await session.evaluate('*(ULONG *)small = 0x41424344', 'repl');
  const { result } = await session.evaluate('dump small, 8', 'repl');
  expect(result).toMatch(/^FFFF\w{4}`\w{8} {2}44 43 42 41 -- -- -- --/);
  expect(result).toContain('DCBA....');
  expect(result).toContain('-- never written');
});
