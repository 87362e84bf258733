import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../../engine/base/random.ts';
import type { ResumeKind } from '../../../engine/session-types.ts';
import type { VirtualMachine } from '../../../engine/vm/virtual-machine.ts';
import { compileC, debug, type Machine, machineFor, machineOf } from './support.ts';

const BUSY = `
static int seen[64];
static int mix(int n) {
  int local[8]; int i, sum = 0;
  for (i = 0; i < 8; i++) { local[i] = n * (i + 3); sum ^= local[i] << (i & 3); }
  __try { if (n % 5 == 0) raise(0xE0000000 | n); seen[n & 63] = sum; }
  __except (GetExceptionCode() == (0xE0000000 | n)) { seen[n & 63]--; }
  return sum;
}
int main(void) { int n; for (n = 0; n < 6000; n++) { mix(n); if (n % 50 == 0) emit(seen[n & 63]); } return 0; }
int other(void) { int i; for (i = 0; i < 40; i++) { seen[i] += i; waitFor("turn"); } return 0; }
int waker(void) { int i; for (i = 0; i < 4000; i++) { wakeThread(2); countdown(2); } return 0; }
`;

const threads = (source: string): Machine =>
  machineOf(
    [
      {
        name: 'Driver',
        host: 0,
        process: 0,
        mode: 'kernel',
        units: [compileC(`#include "test.h"\n${source}`)],
        own: true,
        imports: [],
      },
    ],
    ['main', 'other', 'waker'].map((routine) => ({ module: 'Driver', routine })),
  );

const busy = () => threads(BUSY);

/** A budget counts pieces of natives as more than one instruction. */
function runTo(machine: VirtualMachine, tick: number): void {
  while (machine.tick < tick) machine.run(tick - machine.tick);
}

describe('random walks', () => {
  // The same with fewer rounds, so that a fresh run can be stopped at each of its moments.
  const short = () => threads(BUSY.replace('6000', '90').replace('40', '6').replace('4000', '9'));
  const kinds = [
    'stepIn',
    'stepOver',
    'stepOut',
    'stepBack',
    'stepBackIn',
    'stepBackOut',
    'continue',
    'reverseContinue',
  ] as const satisfies readonly ResumeKind[];

  test('10,000 of them end in the state of a fresh run at the same moment', () => {
    const { machine } = debug(short());
    const states = [machine.hash()];
    do {
      machine.run(1);
      states[machine.tick] = machine.hash();
    } while (!machine.ended);
    const end = machine.tick;
    expect(end).toBeGreaterThan(4_000);
    expect(new Set(states).size).toBe(states.length);

    let d = debug(short());
    let walks = 0;
    const visited = new Set<number>();
    const walk = fc.property(
      fc.integer({ min: 0, max: end - 1 }),
      fc.array(fc.constantFrom(...kinds), { minLength: 1, maxLength: 5 }),
      (start, steps) => {
        // A history of its own now and then: snapshots lie where the walks led.
        if (walks++ % 500 === 0) {
          d = debug(short());
          d.debugger.setBreakpoints({
            lines: [{ id: 'a', file: 'test.c', line: 8 }],
            functions: [{ id: 'b', name: 'waitFor' }],
            classes: [],
          });
        }
        d.goTo(start);
        for (const kind of steps) if (d.go(kind).kind !== 'stop') break;
        visited.add(d.machine.tick);
        expect(d.machine.hash()).toBe(states[d.machine.tick]);
      },
    );
    fc.assert(walk, { numRuns: 10_000, seed: 20_031 });
    expect(visited.size).toBeGreaterThan(1_000);
  }, 300_000);
});

describe('time travel', () => {
  test('a state reached backwards equals that of a fresh run', () => {
    const d = debug(busy());
    expect(d.go('continue')).toMatchObject({ kind: 'ended' });
    const end = d.machine.tick;
    expect(end).toBeGreaterThan(300_000);
    const random = new SeededRandom(11);
    const visits: { tick: number; hash: string }[] = [];
    for (let count = 0; count < 10; count++) {
      const tick = random.below(end);
      d.goTo(tick);
      expect(d.machine.tick).toBe(tick);
      visits.push({ tick, hash: d.machine.hash() });
    }
    const { machine } = debug(busy());
    for (const { tick, hash } of visits.sort((a, b) => a.tick - b.tick)) {
      runTo(machine, tick);
      expect(machine.hash()).toBe(hash);
    }
  }, 60_000);

  test('random steps to and fro end where straight ones do', () => {
    const d = debug(busy());
    const random = new SeededRandom(5);
    const kinds = [
      'stepIn',
      'stepOver',
      'stepBackIn',
      'stepIn',
      'stepBack',
      'stepOut',
      'stepIn',
    ] as const;
    for (let count = 0; count < 60; count++) d.go(kinds[random.below(kinds.length)] ?? 'stepIn');
    const fresh = debug(busy()).machine;
    runTo(fresh, d.machine.tick);
    expect(d.machine.hash()).toBe(fresh.hash());
  }, 60_000);

  test('hit counts are part of the state', () => {
    const lines = [{ id: 'n', file: 'test.c', line: 7, hitCondition: '>= 700' }];
    const run = () => {
      const d = debug(busy());
      d.debugger.setBreakpoints({ lines, functions: [], classes: [] });
      return d;
    };
    const first = run();
    first.go('continue');
    const { tick } = first.machine;
    const hash = first.machine.hash();
    first.go('continue');
    first.go('continue');
    first.go('reverseContinue');
    first.go('reverseContinue');
    expect(first.machine.tick).toBe(tick);
    expect(first.machine.hash()).toBe(hash);
    expect(first.go('reverseContinue')).toMatchObject({ reason: 'start' });
  }, 60_000);

  test('an edit in the past drops the future and stays', () => {
    const d = debug(
      machineFor('static int x = 1; int main(void) { emit(x); emit(x); emit(x); return 0; }'),
    );
    d.go('stepIn');
    d.go('stepOver');
    const { tick } = d.machine;
    d.go('continue');
    d.goTo(tick);
    const address =
      d.machine
        .modulesOf(0)
        .find((one) => one.name === 'Driver')
        ?.variablesByName.get('x') ?? 0;
    d.machine.peekDoor(0, 0, true).write32(address, 5);
    d.debugger.edited();
    expect(d.debugger.history.frontier).toBe(tick);
    expect(d.go('continue')).toMatchObject({ kind: 'ended' });
    expect(d.output()).toEqual(['1', '5', '5', 'main returned 0']);
    d.goTo(tick);
    expect(d.machine.peek(0, 0).readUnsigned(address as never, 4)).toBe(5);
    d.goTo(tick - 1);
    expect(d.machine.peek(0, 0).readUnsigned(address as never, 4)).toBe(1);
  });

  test('snapshots of a program that writes much stay within the memory budget', () => {
    const source = `
      static char big[128 * 4096];
      int main(void) { int n, i; for (n = 0; n < 5000; n++) for (i = 0; i < 128; i++) { big[i * 4096] = n; emit2(); emit2(); emit2(); } return 0; }
    `.replaceAll('emit2()', 'big[i * 4096 + 1] += big[i * 4096]');
    const d = debug(machineFor(source), { memoryBudget: 2_000 * 5_400 });
    expect(d.go('continue')).toMatchObject({ kind: 'ended' });
    const end = d.machine.tick;
    const rich = debug(machineFor(source));
    rich.go('continue');
    expect(rich.debugger.history.countHeld()).toBeGreaterThan(1_500 * 5_400);
    expect(d.debugger.history.countHeld()).toBeLessThan(1_000 * 5_400);
    d.goTo(end - 10);
    d.goTo(3);
    expect(d.machine.tick).toBe(3);
  }, 60_000);
});
