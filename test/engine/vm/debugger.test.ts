import { describe, expect, test } from 'vitest';
import type { BreakpointSettings } from '../../../engine/vm/debug/breakpoints.ts';
import { debug, machineFor } from './support.ts';

const settings = (some: Partial<BreakpointSettings>): BreakpointSettings => ({
  lines: [],
  functions: [],
  classes: [],
  ...some,
});

const PROGRAM = `
static int total;
static int add(int a, int b)
{
    int sum = a + b;
    total += sum;
    return sum;
}
int main(void)
{
    int i;
    for (i = 0; i < 4; i++) {
        add(i, 10);
        emit(total);
    }
    total = add(1, 2) + add(3, 4);
    return total;
}
`;
// The prelude takes line 1, so that the text's first empty line is line 2.

describe('breakpoints', () => {
  test('a line stops at its statement, each time', () => {
    const d = debug(machineFor(PROGRAM));
    const [bound] = d.debugger.setBreakpoints(
      settings({ lines: [{ id: 'a', file: 'test.c', line: 14 }] }),
    );
    expect(bound).toMatchObject({ verified: true, line: 14 });
    for (let pass = 0; pass < 4; pass++) {
      expect(d.go('continue')).toMatchObject({ reason: 'breakpoint', breakpoints: ['a'] });
      expect(d.place()).toBe('main:14');
    }
    expect(d.go('continue')).toMatchObject({ kind: 'ended' });
  });

  test('a line without code moves to the next statement of its function', () => {
    const d = debug(machineFor(PROGRAM));
    expect(
      d.debugger.setBreakpoints(
        settings({
          lines: [
            { id: 'a', file: 'test.c', line: 5 },
            { id: 'b', file: 'test.c', line: 400 },
            { id: 'c', file: 'other.c', line: 1 },
          ],
        }),
      ),
    ).toMatchObject([
      { verified: true, line: 6 },
      { verified: false, message: 'There is no code at or behind this line.' },
      { verified: false, message: 'No module of this scenario is built from this file.' },
    ]);
  });

  test('conditions, hit counts and log messages', () => {
    const d = debug(machineFor(PROGRAM));
    d.debugger.setBreakpoints(
      settings({
        lines: [
          { id: 'condition', file: 'test.c', line: 8, condition: 'a == 2 && sum > 11' },
          { id: 'count', file: 'test.c', line: 15, hitCondition: '4' },
          { id: 'log', file: 'test.c', line: 7, logMessage: 'sum is {sum}, a*2 {a * 2}' },
        ],
      }),
    );
    expect(d.go('continue')).toMatchObject({ breakpoints: ['condition'] });
    expect(d.output()).toContain('sum is 11, a*2 2');
    expect(d.go('continue')).toMatchObject({ breakpoints: ['count'] });
    expect(d.output().filter((line) => line.startsWith('sum'))).toHaveLength(4);
    expect(d.go('reverseContinue')).toMatchObject({ breakpoints: ['condition'] });
    expect(d.output().filter((line) => line.startsWith('sum'))).toHaveLength(3);
    expect(d.go('continue')).toMatchObject({ breakpoints: ['count'] });
    expect(d.output().filter((line) => line.startsWith('sum'))).toHaveLength(4);
  });

  test('routines by pattern, natives too, with conditions on their parameters', () => {
    const d = debug(machineFor(PROGRAM));
    const bound = d.debugger.setBreakpoints(
      settings({
        functions: [
          { id: 'add', name: 'Driver!a?d', condition: 'b == 2' },
          { id: 'none', name: 'nothing*' },
        ],
        classes: [{ id: 'emitting', routines: new Set(['emit']), condition: 'Value > 30' }],
      }),
    );
    expect(bound).toMatchObject([{ verified: true }, { verified: false }, { verified: true }]);
    expect(d.go('continue')).toMatchObject({ reason: 'callClass', description: 'Call of emit' });
    expect(d.place()).toBe('native emit');
    expect(d.output()).toEqual(['10', '21']);
    d.go('continue');
    expect(d.go('continue')).toMatchObject({ reason: 'functionBreakpoint', breakpoints: ['add'] });
    expect(d.place()).toBe('add:6');
  });

  test('events stop with their details', () => {
    const d = debug(machineFor('int main(void) { int x; if (x) emit(1); stop(0xE6); return 0; }'));
    d.debugger.setEvents([{ filter: 'violation' }, { filter: 'bugCheck' }]);
    expect(d.go('continue')).toMatchObject({
      reason: 'violation',
      details: { id: 'uninitialized_memory' },
    });
    expect(d.go('continue')).toMatchObject({ reason: 'bugCheck', details: { id: '0xE6' } });
    expect(d.go('reverseContinue')).toMatchObject({ reason: 'violation' });
    expect(d.go('continue')).toMatchObject({ reason: 'bugCheck' });
    expect(d.go('continue')).toMatchObject({ kind: 'ended' });
  });

  test('touched bytes stop', () => {
    const d = debug(machineFor(PROGRAM));
    const reference = d.reference('total');
    d.debugger.setDataBreakpoints([{ id: 'w', reference, bytes: 4, access: 'write' }]);
    expect(d.go('continue')).toMatchObject({ reason: 'dataBreakpoint', breakpoints: ['w'] });
    expect(d.place()).toBe('add:8');
    expect(d.go('continue')).toMatchObject({ reason: 'dataBreakpoint' });
    expect(d.go('reverseContinue')).toMatchObject({ reason: 'dataBreakpoint' });
    expect(d.go('reverseContinue')).toMatchObject({ reason: 'start' });
  });

  test('failing status values of own calls stop', () => {
    const d = debug(
      machineFor(
        'static NTSTATUS bad(int n) { return n ? STATUS_NO_MEMORY : 0; }\nint main(void) { bad(0); bad(1); if (failing() < 0) return 1; return 0; }',
      ),
    );
    d.debugger.setEvents([{ filter: 'status' }]);
    expect(d.go('continue')).toMatchObject({ reason: 'status', details: { id: '0xC0000017' } });
    expect(d.go('continue')).toMatchObject({ reason: 'status', details: { id: '0xC0000001' } });
    expect(d.go('continue')).toMatchObject({ kind: 'ended' });
  });
});

describe('conditions on happenings', () => {
  const FAILS = `
static NTSTATUS bad(int n) { return n == 1 ? STATUS_NO_MEMORY : n == 2 ? STATUS_UNSUCCESSFUL : 0; }
int main(void) { int n, x; for (n = 0; n < 4; n++) bad(n); if (x) emit(1); stop(0xE6); return 0; }
`;
  const first = (events: Parameters<ReturnType<typeof debug>['debugger']['setEvents']>[0]) => {
    const d = debug(machineFor(FAILS));
    expect(d.debugger.setEvents(events).every(({ verified }) => verified)).toBe(true);
    const progress = d.go('continue');
    return progress.kind === 'stop' ? progress.details?.id : progress.kind;
  };

  test.each([
    ['status == 0xC0000001', '0xC0000001'],
    ['status == STATUS_UNSUCCESSFUL', '0xC0000001'],
    ['0xC0000001', '0xC0000001'],
    ['routine == "bad" && function == "main"', '0xC0000017'],
    ['routine != "bad"', 'ended'],
  ])('a status where %s', (condition, id) => {
    expect(first([{ filter: 'status', condition }])).toBe(id);
  });

  test.each([
    ['uninitialized_*, mdl_state', 'uninitialized_memory'],
    ['rule == "uninitialized_memory"', 'uninitialized_memory'],
    ['mdl_state', 'ended'],
  ])('a violation where %s', (condition, id) => {
    expect(first([{ filter: 'violation', condition }])).toBe(id);
  });

  test.each([
    ['code == 0xE6 && parameter1 == 0', '0xE6'],
    ['0xC4, 0xE6', '0xE6'],
    ['code == 0xC4 || parameter1 != 0', 'ended'],
  ])('a bug check where %s', (condition, id) => {
    expect(first([{ filter: 'bugCheck', condition }])).toBe(id);
  });

  test('hold backwards, too', () => {
    const d = debug(machineFor(FAILS));
    d.go('continue');
    d.debugger.setEvents([{ filter: 'status', condition: 'status == STATUS_NO_MEMORY' }]);
    expect(d.go('reverseContinue')).toMatchObject({ details: { id: '0xC0000017' } });
    expect(d.go('reverseContinue')).toMatchObject({ reason: 'start' });
  });

  test('that mean nothing say why and stop nothing', () => {
    const d = debug(machineFor(FAILS));
    const bound = d.debugger.setEvents([
      { filter: 'bugCheck', condition: 'colour == 3' },
      { filter: 'status', condition: 'status = 1' },
    ]);
    expect(bound).toMatchObject([
      { id: 'bugCheck', verified: false, message: expect.stringContaining('colour') },
      { id: 'status', verified: false },
    ]);
    expect(d.go('continue')).toMatchObject({ kind: 'ended' });
  });
});

describe('questions about the past', () => {
  const WRITES = `
static int value;
static int other;
static void put(int n) { value = n; }
int main(void)
{
    int i;
    put(5);
    for (i = 0; i < 100000; i++) other += i;
    emit(value);
    return 0;
}
`;

  test('who wrote bytes last, however long ago', () => {
    const d = debug(machineFor(WRITES));
    d.go('continue');
    const { tick } = d.machine;
    const hash = d.machine.hash();
    const { moments } = d.search({ kind: 'lastWrite', reference: d.reference('value'), bytes: 4 });
    expect(moments).toMatchObject([
      { text: 'Driver!put wrote 0x5, before 0x0', site: { function: 'put', line: 5 } },
    ]);
    expect(d.machine.tick).toBe(tick);
    expect(d.machine.hash()).toBe(hash);
    d.goTo(moments[0]?.tick ?? 0);
    expect(d.place()).toBe('put:5');
    const before = d.search({ kind: 'lastWrite', reference: d.reference('value'), bytes: 4 });
    expect(before).toMatchObject({ moments: [], message: expect.stringContaining('beginning') });
  });

  test('a write by hand says so', () => {
    const d = debug(machineFor(WRITES));
    d.debugger.setBreakpoints(settings({ lines: [{ id: 'a', file: 'test.c', line: 11 }] }));
    d.go('continue');
    const query = { kind: 'lastWrite', reference: d.reference('other'), bytes: 4 } as const;
    expect(d.search(query).moments).toMatchObject([
      { text: 'Driver!main wrote 0x2A052EB0, before 0x2A03A811' },
    ]);
    const driver = d.machine.modulesOf(0).find((one) => one.name === 'Driver');
    d.machine.peekDoor(0, 0, true).write32(driver?.variablesByName.get('other') ?? 0, 7);
    d.debugger.edited();
    const { tick } = d.machine;
    d.go('continue');
    expect(d.search(query).moments).toMatchObject([
      { tick, text: expect.stringContaining('by hand') },
    ]);
  });

  test('calls of a routine with their arguments, the latest ones', () => {
    const d = debug(machineFor(PROGRAM));
    d.go('continue');
    const all = d.search({ kind: 'calls', name: 'add', limit: 10 });
    expect(all.more).toBe(false);
    expect(all.moments.map(({ text }) => text)).toEqual([
      'Driver!main: add(a=0, b=10)',
      'Driver!main: add(a=1, b=10)',
      'Driver!main: add(a=2, b=10)',
      'Driver!main: add(a=3, b=10)',
      'Driver!main: add(a=1, b=2)',
      'Driver!main: add(a=3, b=4)',
    ]);
    const some = d.search({ kind: 'calls', name: 'Driver!a*', limit: 2 });
    expect(some).toEqual({ ...all, moments: all.moments.slice(-2), more: true });
    d.goTo(all.moments[2]?.tick ?? 0);
    expect(d.place()).toBe('add:6');
    // What lies ahead is known, too.
    expect(d.search({ kind: 'calls', name: 'add', limit: 10 })).toEqual(all);
    expect(d.search({ kind: 'calls', name: 'ad', limit: 10 }).message).toContain('No routine');
  });

  test('breakpoints are as they were after a question', () => {
    const d = debug(machineFor(PROGRAM));
    d.debugger.setBreakpoints(settings({ lines: [{ id: 'a', file: 'test.c', line: 14 }] }));
    d.debugger.setDataBreakpoints([
      { id: 'w', reference: d.reference('total'), bytes: 4, access: 'write' },
    ]);
    d.go('continue');
    d.search({ kind: 'calls', name: 'add', limit: 10 });
    d.search({ kind: 'lastWrite', reference: d.reference('total'), bytes: 4 });
    expect(d.go('continue')).toMatchObject({ breakpoints: ['w'] });
    expect(d.go('continue')).toMatchObject({ breakpoints: ['a'] });
  });

  test('a pause ends a question where the program stood', () => {
    const d = debug(machineFor(WRITES));
    d.go('continue');
    const { tick } = d.machine;
    d.debugger.search({ kind: 'calls', name: 'put', limit: 1000 });
    d.debugger.work(0, () => 0);
    d.debugger.pause();
    expect(d.debugger.work(0, () => 0)).toMatchObject({ kind: 'stop', reason: 'pause', tick });
  });
});

test('a pause ends running back where the program stood', () => {
  const source = `
static int sum;
int main(void) { int i; for (i = 0; i < 60000; i++) sum += i; emit(sum); return 0; }
`;
  const d = debug(machineFor(source));
  d.debugger.setBreakpoints(settings({ functions: [{ id: 'f', name: 'emit' }] }));
  d.go('continue');
  const { tick } = d.machine;
  const hash = d.machine.hash();
  d.debugger.resume('reverseContinue');
  expect(d.debugger.work(0, () => 0)).toMatchObject({ kind: 'running' });
  expect(d.machine.tick).toBeLessThan(tick);
  d.debugger.pause();
  expect(d.debugger.work(0, () => 0)).toMatchObject({ reason: 'pause', tick, inThePast: false });
  expect(d.machine.hash()).toBe(hash);
  expect(d.go('continue')).toMatchObject({ kind: 'ended' });
});

test('hits before a breakpoint was set are counted from the beginning of the run', () => {
  const lines = [{ id: 'n', file: 'test.c', line: 14, hitCondition: '== 3' }];
  const straight = debug(machineFor(PROGRAM));
  straight.debugger.setBreakpoints(settings({ lines }));
  const { tick } = straight.go('continue') as { tick: number };
  const hash = straight.machine.hash();

  const d = debug(machineFor(PROGRAM));
  d.go('continue');
  d.debugger.setBreakpoints(settings({ lines }));
  expect(d.go('reverseContinue')).toMatchObject({ reason: 'breakpoint', tick });
  // Going on from there the count goes on: the fourth hit does not stop, as in a straight run.
  expect(d.go('continue')).toMatchObject({ kind: 'ended' });
  expect(d.go('reverseContinue')).toMatchObject({ reason: 'breakpoint', tick });
  expect(d.machine.hash()).toBe(hash);
  expect(d.go('reverseContinue')).toMatchObject({ reason: 'start' });
});

test('whatever stops forwards stops backwards, at the same moments', () => {
  const source = `
static int watched, mirrored[2000];
static NTSTATUS bad(int n) { return n % 7 == 3 ? STATUS_NO_MEMORY : 0; }
static int twice(int n) { int unset; if (n == 5 && unset) watched = 1; return 2 * n; }
int main(void)
{
    int n, sum = 0;
    for (n = 0; n < 20; n++) {
        sum += twice(n);
        if (n % 6 == 0) watched += n;
        if (n % 9 == 4) mirrored[n] = n;
        bad(n);
        emit(sum);
    }
    stop(0xE6);
    return 0;
}
`;
  const d = debug(machineFor(source));
  d.debugger.setBreakpoints(
    settings({
      lines: [
        { id: 'line', file: 'test.c', line: 10, condition: 'n == 2 || n == 13' },
        { id: 'count', file: 'test.c', line: 13, hitCondition: '% 8' },
      ],
      functions: [{ id: 'function', name: 'twi*', condition: 'n > 16' }],
      classes: [{ id: 'class', routines: new Set(['emit']), condition: 'Value > 300' }],
    }),
  );
  d.debugger.setEvents([
    { filter: 'violation' },
    { filter: 'status', condition: '0xC0000017' },
    { filter: 'bugCheck', condition: 'code == 0xE6' },
  ]);
  const mirrored = d.machine.translate(
    0,
    0,
    Number(BigInt.asIntN(64, BigInt(d.reference('mirrored').slice(11)))) + 4 * 13,
  );
  d.debugger.setDataBreakpoints([
    { id: 'virtual', reference: d.reference('watched'), bytes: 4, access: 'write' },
    {
      id: 'physical',
      reference: `phys:host0:0x${mirrored?.toString(16)}`,
      bytes: 4,
      access: 'write',
    },
  ]);
  const stops: { tick: number; reason: string; breakpoints: readonly string[] }[] = [];
  const pursue = (kind: 'continue' | 'reverseContinue'): typeof stops => {
    const found: typeof stops = [];
    for (;;) {
      const progress = d.go(kind);
      if (progress.kind !== 'stop' || progress.reason === 'start') return found;
      const { tick, reason, breakpoints } = progress;
      found.push({ tick, reason, breakpoints });
    }
  };
  stops.push(...pursue('continue'));
  expect(new Set(stops.map(({ reason }) => reason))).toEqual(
    new Set([
      'breakpoint',
      'functionBreakpoint',
      'callClass',
      'dataBreakpoint',
      'violation',
      'status',
      'bugCheck',
    ]),
  );
  const ids = new Set(stops.flatMap(({ breakpoints }) => breakpoints));
  expect(ids).toEqual(new Set(['line', 'count', 'function', 'class', 'virtual', 'physical']));
  expect(pursue('reverseContinue')).toEqual(stops.toReversed());
  expect(pursue('continue')).toEqual(stops);
});

describe('steps', () => {
  const steps = (d: ReturnType<typeof debug>, kinds: Parameters<typeof d.go>[0][]): string[] =>
    kinds.map((kind) => {
      d.go(kind);
      return d.place();
    });

  test('forwards: in, over, out', () => {
    const d = debug(machineFor(PROGRAM));
    expect(
      steps(d, ['stepIn', 'stepIn', 'stepIn', 'stepIn', 'stepOver', 'stepOut', 'stepOver']),
    ).toEqual(['main:13', 'main:13', 'main:14', 'add:6', 'add:7', 'main:15', 'main:13']);
  });

  test('backwards: over, in, out', () => {
    const d = debug(machineFor(PROGRAM));
    d.debugger.setBreakpoints(settings({ lines: [{ id: 'a', file: 'test.c', line: 18 }] }));
    d.go('continue');
    expect(steps(d, ['stepBack', 'stepBack', 'stepBack', 'stepBack', 'stepBackIn'])).toEqual([
      'main:17',
      'main:13',
      'main:13',
      'main:15',
      'add:8',
    ]);
    expect(steps(d, ['stepBack', 'stepBackOut', 'stepIn'])).toEqual(['add:7', 'main:14', 'add:6']);
  });

  test('back from a call does not enter the call before it in the same statement', () => {
    const d = debug(machineFor(PROGRAM));
    d.debugger.setBreakpoints(
      settings({ functions: [{ id: 'f', name: 'add', condition: 'a == 3 && b == 4' }] }),
    );
    d.go('continue');
    expect(d.place()).toBe('add:6');
    expect(steps(d, ['stepBack'])).toEqual(['main:17']);
  });

  test('back over a long call lands in front of it', () => {
    const source = `
static int sum;
static void work(int n) { int i; for (i = 0; i < n; i++) sum += i; }
int main(void)
{
    sum = 1;
    work(90000);
    emit(sum);
    return 0;
}
`;
    const d = debug(machineFor(source));
    d.debugger.setBreakpoints(settings({ lines: [{ id: 'a', file: 'test.c', line: 9 }] }));
    d.go('continue');
    expect(d.machine.tick).toBeGreaterThan(300_000);
    expect(steps(d, ['stepBack', 'stepBack', 'stepOver', 'stepOver', 'stepBackIn'])).toEqual([
      'main:8',
      'main:7',
      'main:8',
      'main:9',
      'work:4',
    ]);
    expect(steps(d, ['stepBackOut'])).toEqual(['main:8']);
    expect(d.go('continue')).toMatchObject({ breakpoints: ['a'] });
  });

  test('the start and the end of the run can be gone to from anywhere', () => {
    const d = debug(machineFor(PROGRAM));
    d.debugger.setBreakpoints(settings({ lines: [{ id: 'a', file: 'test.c', line: 14 }] }));
    d.go('continue');
    expect(d.go('toEnd')).toMatchObject({ reason: 'end', inThePast: true });
    expect(d.place()).toBe('main:18');
    expect(d.go('toStart')).toMatchObject({ reason: 'start' });
    expect(d.place()).toBe('main:13');
    expect(d.go('toEnd')).toMatchObject({ reason: 'end' });
    expect(d.place()).toBe('main:18');
    expect(d.go('continue')).toMatchObject({ kind: 'ended' });
  });

  test('the beginning is the first statement', () => {
    const d = debug(machineFor(PROGRAM));
    d.go('stepIn');
    d.go('stepOver');
    expect(d.go('reverseContinue')).toMatchObject({ reason: 'start', inThePast: true });
    expect(d.place()).toBe('main:13');
    expect(d.go('stepBack')).toMatchObject({ reason: 'start' });
  });

  test('back from the end of the run goes to its last statement', () => {
    const d = debug(machineFor(PROGRAM));
    expect(d.go('continue')).toMatchObject({ kind: 'ended' });
    d.go('stepBack');
    expect(d.place()).toBe('main:18');
  });
});
