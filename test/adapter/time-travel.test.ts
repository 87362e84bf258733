// Ways through time that the protocol has no words for.
import { describe, expect, test } from 'vitest';
import type { AdapterClient } from './support/client.ts';
import { RefusedError } from './support/client.ts';
import { buffers, lineOf, newClient, Standing, standing, standingAt } from './support/debuggee.ts';

/** Asks to go somewhere and waits until the scenario stands there. */
async function run(
  client: AdapterClient,
  command: 'dms/runBackTo' | 'dms/goTo',
  given: Parameters<typeof client.request<typeof command>>[1],
): Promise<Standing> {
  await client.request(command, given);
  await client.event('continued');
  return new Standing(client, await client.event('stopped'));
}

describe('running back', () => {
  test('to the last write of a variable of the Variables view', async () => {
    const session = await standingAt('#SMALL');
    const { client } = session;
    const { scopes } = await client.request('scopes', { frameId: (await session.top()).id });
    const locals = scopes.find(({ name }) => name === 'Locals')?.variablesReference ?? 0;
    const back = await run(client, 'dms/runBackTo', {
      question: 'wrote',
      variablesReference: locals,
      name: 'total',
    });
    expect(await back.line()).toBe(lineOf(buffers, '#LOOP'));
    expect((await back.evaluate('total')).result).toMatch(/^36\b/);
    expect((await client.request('dms/position', {})).inThePast).toBe(true);
  });

  test('to the calls that allocated and freed what a pointer points to', async () => {
    const session = await standingAt('#END');
    const frameId = (await session.top()).id;
    const { client } = session;
    const [freed] = (
      await client.request('dms/ask', { question: 'freed', expression: 'large', frameId })
    ).moments;
    expect(freed).toMatchObject({
      text: expect.stringContaining("131072 bytes of nonpaged pool 'Larg' freed"),
      line: lineOf(buffers, '#FREE'),
    });
    const back = await run(client, 'dms/runBackTo', {
      question: 'freed',
      expression: 'large',
      frameId,
    });
    expect(await back.line()).toBe(lineOf(buffers, '#FREE'));
    const before = await run(client, 'dms/runBackTo', {
      question: 'allocated',
      expression: 'large',
      frameId: (await back.top()).id,
    });
    expect(await before.line()).toBe(lineOf(buffers, '#LARGE'));
  });

  test('to what nothing did is refused with the reason', async () => {
    const session = await standingAt('#END');
    const frameId = (await session.top()).id;
    const asked = session.client.request('dms/runBackTo', {
      question: 'locked',
      expression: 'small',
      frameId,
    });
    await expect(asked).rejects.toThrow(/No call .* locked/);
    const unknown = session.client.request('dms/runBackTo', {
      question: 'wrote',
      expression: 'nobody',
      frameId,
    });
    await expect(unknown).rejects.toThrow(RefusedError);
    expect(await session.line()).toBe(lineOf(buffers, '#END'));
  });

  test('to the calls of a routine, which can also be gone to one by one', async () => {
    const session = await standingAt('#SMALL');
    const { client } = session;
    const { moments, more } = await client.request('dms/ask', {
      question: 'calls',
      name: 'Add',
      limit: 3,
    });
    expect(more).toBe(true);
    expect(moments.map(({ text }) => text)).toEqual([
      'Buffers!DriverEntry: Add(left=21 (0x15), right=7)',
      'Buffers!DriverEntry: Add(left=28 (0x1C), right=8)',
      'Buffers!DriverEntry: Add(left=36 (0x24), right=9)',
    ]);
    expect(moments[0]).toMatchObject({ line: lineOf(buffers, '#LOOP') });
    const there = await run(client, 'dms/goTo', { tick: moments[1]?.tick ?? 0 });
    expect((await there.top()).name).toBe('Buffers!Add');
    const back = await run(client, 'dms/runBackTo', { question: 'calls', name: 'Add' });
    expect((await back.evaluate('right')).result).toMatch(/^7\b/);
  });
});

describe('the ends of the run', () => {
  test('can be gone to, and the last statement is still there to look at', async () => {
    const session = await standingAt('#LARGE');
    const { client } = session;
    const end = await run(client, 'dms/goTo', { tick: 'end' });
    expect(end.stopped.description).toContain('last statement');
    expect(client.console('stdout')).toContain('total 45');
    const start = await run(client, 'dms/goTo', { tick: 'start' });
    expect(start.stopped.reason).toBe('entry');
    const forth = await start.resume('continue');
    expect(await forth.line()).toBe(lineOf(buffers, '#LARGE'));
    expect(client.console('stdout').match(/total 45/g)).toHaveLength(1);
  });
});

describe('conditions on failures', () => {
  test('stop only where they hold', async () => {
    const session = await standing({
      launch: { scenario: 'a failed assertion' },
      filters: [{ filterId: 'assertion', condition: 'function == "DriverEntry" && line > 10' }],
    });
    expect(session.stopped.reason).toBe('exception');
    expect(await session.line()).toBe(lineOf(buffers, '#ASSERT'));
  });

  test('that mean nothing say why', async () => {
    const session = await standingAt('#FIRST');
    const { breakpoints } = await session.client.request('setExceptionBreakpoints', {
      filters: [],
      filterOptions: [
        { filterId: 'bugCheck', condition: 'code == 0xE6 && parameter1 == 0x1' },
        { filterId: 'violation', condition: 'no_such_word == 1' },
      ],
    });
    expect(breakpoints).toMatchObject([
      { verified: true },
      { verified: false, message: expect.stringContaining('no_such_word') },
    ]);
  });
});

describe('"pastEdits": "refuse"', () => {
  test('leaves the future alone, and the present can be edited', async () => {
    const session = await standing({
      launch: { pastEdits: 'refuse' },
      breakpoints: [{ mark: '#SMALL' }],
    });
    const { client } = session;
    await session.evaluate('total = 44', 'repl');
    const back = await session.resume('stepBack');
    const before = await client.request('dms/position', {});
    await expect(back.evaluate('total = 3', 'repl')).rejects.toThrow(/pastEdits/);
    const set = client.request('setExpression', {
      expression: 'total',
      value: '3',
      frameId: (await back.top()).id,
    });
    await expect(set).rejects.toThrow(/pastEdits/);
    expect((await back.evaluate('total + 1', 'repl')).result).not.toBe('');
    expect(await client.request('dms/position', {})).toEqual(before);
  });

  test('or anything else than "warn" is not a setting', async () => {
    const client = newClient();
    const launch = { program: buffers, pastEdits: 'ask' } as never;
    await expect(client.start(launch)).rejects.toThrow(/"warn" or "refuse"/);
  });
});

test('bytes that nobody wrote are told apart from those that are', async () => {
  const session = await standingAt('#CHECK');
  const { memoryReference = '' } = await session.evaluate('small');
  const ranges = async (count: number) =>
    (await session.client.request('dms/neverWritten', { memoryReference, count })).ranges;
  expect(await ranges(0x100)).toEqual([{ offset: 0, length: 0x100 }]);
  await session.evaluate('*(ULONG *)small = 5', 'repl');
  expect(await ranges(8)).toEqual([{ offset: 4, length: 4 }]);
});
