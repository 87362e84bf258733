// Generated code is the interpreter made fast: the same moments, the same memory, the same reports.
import { describe, expect, test } from 'vitest';
import type { Generation } from '../../../engine/vm/codegen/generated-code.ts';
import { compileC, type Machine, machineOf } from './support.ts';

const BUSY = `
static int seen[64];
static int mix(int n) {
  int local[8]; int i, sum = 0;
  for (i = 0; i < 8; i++) { local[i] = n * (i + 3); sum ^= local[i] << (i & 3); }
  __try { if (n % 5 == 0) raise(0xE0000000 | n); seen[n & 63] = sum; }
  __except (GetExceptionCode() == (0xE0000000 | n)) { seen[n & 63]--; }
  return sum;
}
int main(void) { int n; for (n = 0; n < 600; n++) { mix(n); if (n % 50 == 0) emit(seen[n & 63]); } return 0; }
int other(void) { int i; for (i = 0; i < 40; i++) { seen[i] += i; waitFor("turn"); } return 0; }
int waker(void) { int i; for (i = 0; i < 400; i++) { wakeThread(2); countdown(2); } return 0; }
`;

function machine(source: string, generation: Generation, routines = ['main']): Machine {
  return machineOf(
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
    routines.map((routine) => ({ module: 'Driver', routine })),
    generation,
  );
}

/** Runs a program both ways in pieces of a length and compares the whole state after each. */
function compare(source: string, routines = ['main'], piece = 5_000): Machine {
  const plain = machine(source, 'never', routines);
  const fast = machine(source, 'always', routines);
  for (let pieces = 1, ended = false; !ended; pieces++) {
    ended = plain.machine.run(piece) === 'ended';
    expect(fast.machine.run(piece) === 'ended').toBe(ended);
    expect(fast.machine.tick).toBe(plain.machine.tick);
    expect(fast.machine.statements).toBe(plain.machine.statements);
    // A hash takes as long as a thousand instructions.
    if (ended || pieces % Math.ceil(3_000 / piece) === 0) {
      expect(fast.machine.hash(), `at ${plain.machine.tick}`).toBe(plain.machine.hash());
    }
  }
  expect(fast.machine.ended).toBe(true);
  expect(fast.output()).toEqual(plain.output());
  expect(fast.reports.list('violation')).toEqual(plain.reports.list('violation'));
  return fast;
}

describe('generated code', () => {
  test('exceptions, threads and natives, cut anywhere', () => {
    for (const piece of [7, 101, 5_000]) compare(BUSY, ['main', 'other', 'waker'], piece);
  });
});
