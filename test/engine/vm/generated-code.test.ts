// Generated code is the interpreter made fast: the same moments, the same memory, the same reports.
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Generation } from '../../../engine/vm/codegen/generated-code.ts';
import { compileC, type Debugged, debug, type Machine, machineOf } from './support.ts';

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

/** Declarations, expressions and statements of all kinds, and what they need to be run. */
const EVERYTHING = readFileSync(
  new URL('../language/programs/everything.c', import.meta.url),
  'utf8',
);
const AROUND_EVERYTHING = `
typedef struct node { struct node *next, *previous; int key; } NODE;
NTSTATUS Dispatch(PVOID context, ULONG length);
int elsewhere = 40;
static NODE nodes[40];
static int plus(int a, int b) { return a + b; }
static int times(int a, int b) { return a * b; }
int (*chooser(int which))(int a, int b) { return which ? plus : times; }
void Stop(ULONG code) { raise(0xE0000000 | code); }
int main(void) {
  ULONG length, sum; int i;
  for (length = 0; length < 130; length += 13) {
    for (i = 0; i < (int)(sizeof nodes / 4); i++) ((int *)nodes)[i] = 0;
    nodes[1].next = &nodes[length / 13 + 4]; nodes[1].previous = &nodes[30];
    if (length % 2) nodes[1].next = 0;
    __try { emit(Dispatch(&nodes[1].key, length)); }
    __except (1) { emit(GetExceptionCode()); }
    for (i = 0, sum = 0; i < (int)(sizeof nodes / 4); i++) sum = sum * 31 + ((ULONG *)nodes)[i];
    emit(sum);
  }
  return 0;
}
`;

function machine(
  source: string,
  generation: Generation,
  routines = ['main'],
  others: readonly string[] = [],
): Machine {
  return machineOf(
    [
      {
        name: 'Driver',
        host: 0,
        process: 0,
        mode: 'kernel',
        units: [
          compileC(`#include "test.h"\n${source}`),
          ...others.map((text, index) => compileC(text, `other${index}.c`)),
        ],
        own: true,
        imports: [],
      },
    ],
    routines.map((routine) => ({ module: 'Driver', routine })),
    generation,
  );
}

/** Runs a program both ways in pieces of a length and compares the whole state after each. */
function compare(
  source: string,
  routines = ['main'],
  piece = 5_000,
  others: readonly string[] = [],
): Machine {
  const plain = machine(source, 'never', routines, others);
  const fast = machine(source, 'always', routines, others);
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

describe('generated code does what the interpreter does', () => {
  test('with declarations, expressions and statements of all kinds', () => {
    for (const piece of [13, 5_000]) {
      const { reports, output } = compare(AROUND_EVERYTHING, ['main'], piece, [EVERYTHING]);
      // Nothing to do, the sizes of a NTSTATUS, a NODE and "ab", and the sum of 3 and 4.
      const answers = output().filter((_, index) => index % 2 === 0);
      expect(answers.slice(0, 10)).toEqual(['-1', ...Array(7).fill('31'), '7', '7']);
      expect(reports.list('violation')).toEqual([]);
    }
  });

  test('with exceptions, threads and natives, cut anywhere', () => {
    for (const piece of [7, 101, 5_000]) compare(BUSY, ['main', 'other', 'waker'], piece);
  });

  test('with 64-bit values on both sides of 2^53', () => {
    compare(`
      typedef unsigned long long u64;
      static u64 table[16];
      static long long signed_mix(long long a, long long b) { return a / 7 - b % 5 + (a > b) - (a < -b); }
      static u64 hash(u64 h, u64 v) {
        h ^= v; h *= 0x100000001B3ull; h ^= h >> 29; h = (h << (v & 63)) | (h >> (63 - (v & 63)));
        return h;
      }
      int main(void) {
        u64 h = 0xCBF29CE484222325ull, near = 0x1FFFFFFFFFFFF0ull, sum = 0; long long s = -9; int i;
        for (i = 0; i < 300; i++) {
          h = hash(h, i); table[i & 15] += h; near += 1; sum += table[i & 15] >> 40;
          if (h > near) sum ^= near; if (h % 10 == 3) sum += h / 3;
          s = signed_mix(s + i, (long long)(h >> 8)); sum -= (u64)s;
          table[(i + 3) & 15]--; sum = ~sum; sum = -sum; near = i == 100 ? h : near;
        }
        emit((long long)h); emit((long long)sum); emit(s); emit((long long)near);
        return 0;
      }
    `);
  });

  test('with small types, bit-fields, switches and jumps into loops', () => {
    compare(`
      struct F { unsigned a : 3; int b : 7; unsigned char c; short d; } f[4];
      static signed char bytes[40]; static unsigned short words[20];
      int main(void) {
        int i, n = 0; unsigned char u = 250; short s = 32000; _Bool flag = 0;
        for (i = 0; i < 200; i++) {
          bytes[i % 40] = (signed char)(i * 7); words[i % 20] += bytes[(i + 1) % 40]; u += 3; s -= 321;
          f[i & 3].a = i; f[i & 3].b += i; f[i & 3].c ^= u; f[i & 3].d = s; flag = !flag;
          switch (i % 7) { case 0: n += u; break; case 1: n -= s; case 2: n ^= i; break; case 5: continue; default: n++; }
          n += f[(i + 1) & 3].a + f[i & 3].b * (flag ? 3 : -2) + (u > 100 && s < 0 || i == 3);
        }
        i = 0; goto inside;
        while (i < 50) { n += i; inside: i++; if (n & 1) n++; }
        do { n = (n << 1) ^ (n >> 3); } while (i++ < 90 && n != 12345);
        emit(n); emit(words[3]); emit(f[2].b);
        return 0;
      }
    `);
  });

  test('with recursion over page boundaries and frames larger than a page', () => {
    compare(`
      static int depth(int n, int a, int b) { int local = n * 3; if (n == 0) return a; return depth(n - 1, a + local, b ^ n) + b; }
      static int large(int n) { char buffer[5000]; int i; for (i = 0; i < 5000; i += 97) buffer[i] = (char)(i + n); return buffer[97 * (n % 50)]; }
      static long long fibonacci(int n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }
      int main(void) {
        int i, sum = 0;
        for (i = 0; i < 30; i++) { sum += depth(i * 2, i, 1); sum ^= large(i); }
        emit(sum); emit(fibonacci(13));
        return 0;
      }
    `);
  });

  test('where stores reach other variables, headers and callers', () => {
    const fast = compare(`
      static void poke(int *p, int at, int value) { p[at] = value; }
      static int victim(int n) {
        int buffer[2]; int i, kept = n;
        for (i = 0; i < 6; i++) { poke(buffer, -1 - (i & 3), kept + i); kept++; }
        return kept;
      }
      static int smash(int n) { long long a[1]; int i; for (i = 0; i < n; i++) { (&a[0])[1 + i] = 0x1234; } return i; }
      int main(void) {
        int i, sum = 0, *own = &i;
        for (i = 0; i < 80; i++) { if (sum & 1) *own += 1; sum += i; }
        for (i = 0; i < 20; i++) sum += victim(i);
        emit(sum);
        __try { smash(12); emit(1); } __except (1) { emit(2); }
        return 0;
      }
    `);
    expect(fast.output().length).toBeGreaterThan(0);
  });

  test('with never-written bytes, undefined arithmetic and faults in loops', () => {
    const fast = compare(`
      static int table[8];
      int main(void) {
        int seen[8], i, n = 0, big = 0x7FFFFF00; unsigned char packed[16] = {0};
        for (i = 0; i < 40; i++) {
          if (i & 1) seen[(i >> 1) & 7] = i;
          n += i > 20 ? seen[i & 7] : 0;
          big += 64; n ^= big;
          *(int *)(packed + (i % 12)) = n;
        }
        for (i = 0; i < 40; i++) {
          __try { n += 100 / (i % 4); table[i % 9] = n; *(volatile int *)(long long)(i == 30 ? 16 : (long long)&n) = i; }
          __except (1) { n--; }
        }
        emit(n);
        return 0;
      }
    `);
    expect(fast.reports.count('violation')).toBeGreaterThan(1);
  });
});

describe('generated code under a debugger', () => {
  const COUNT = `
    static int total;
    static int step(int n) { total += n; return total; }
    int main(void) {
      int i;
      for (i = 0; i < 3000; i++) {
        step(i);
      }
      emit(total);
      return 0;
    }
  `;

  /** Moments and hit breakpoints of a run from stop to stop. */
  function stops(generation: Generation, prepare: (d: Debugged) => void): unknown[] {
    const d = debug(machine(COUNT, generation));
    prepare(d);
    const list: unknown[] = [];
    for (let count = 0; count < 12; count++) {
      const progress = d.go('continue');
      list.push(progress, d.machine.tick, d.place());
      if (progress.kind === 'ended') break;
    }
    return [...list, d.machine.hash()];
  }

  test.each<[string, (d: Debugged) => void]>([
    [
      'a line, a condition and a hit count',
      (d) => {
        const lines = [
          { id: 'a', file: 'test.c', line: 3, condition: 'n == 1000 || n == 2000' },
          { id: 'b', file: 'test.c', line: 7, hitCondition: '% 900' },
          { id: 'c', file: 'test.c', line: 9 },
        ];
        d.debugger.setBreakpoints({ lines, functions: [], classes: [] });
      },
    ],
    [
      'a routine',
      (d) => {
        const functions = [{ id: 'f', name: 'step', condition: 'n > 2995' }];
        d.debugger.setBreakpoints({ lines: [], functions, classes: [] });
      },
    ],
    [
      'a watched variable',
      (d) => {
        const module = d.machine.modulesOf(0).find(({ name }) => name === 'Driver');
        const address = module?.variablesByName.get('total') ?? 0;
        const reference = `va:host0:0:0x${BigInt.asUintN(64, BigInt(address)).toString(16)}`;
        d.debugger.setDataBreakpoints([{ id: 'd', reference, bytes: 4, access: 'write' }]);
      },
    ],
  ])('stops at %s as the interpreter does', (_, prepare) => {
    const fast = stops('always', prepare);
    expect(fast).toEqual(stops('never', prepare));
    expect(fast[0]).toMatchObject({ kind: 'stop' });
  });
});

describe('a host that forbids generated code', () => {
  afterEach(() => vi.unstubAllGlobals());

  test('gets the interpreter', () => {
    let asked = 0;
    vi.stubGlobal('Function', function refuse(): never {
      asked++;
      throw new EvalError('unsafe-eval is not allowed');
    });
    const refused = machine(BUSY, 'always');
    while (refused.machine.run(10_000) !== 'ended');
    expect(asked).toBeGreaterThan(0);
    const plain = machine(BUSY, 'never');
    while (plain.machine.run(10_000) !== 'ended');
    expect(refused.machine.hash()).toBe(plain.machine.hash());
  });
});
