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
    d.debugger.setEvents(new Set(['violation', 'bugCheck']));
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
    const address = d.machine
      .modulesOf(0)
      .find((one) => one.name === 'Driver')
      ?.variablesByName.get('total');
    const reference = `va:host0:0:0x${BigInt.asUintN(64, BigInt(address ?? 0)).toString(16)}`;
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
    d.debugger.setEvents(new Set(['status']));
    expect(d.go('continue')).toMatchObject({ reason: 'status', details: { id: '0xC0000017' } });
    expect(d.go('continue')).toMatchObject({ reason: 'status', details: { id: '0xC0000001' } });
    expect(d.go('continue')).toMatchObject({ kind: 'ended' });
  });
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
