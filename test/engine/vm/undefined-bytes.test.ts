import { describe, expect, test } from 'vitest';
import { compileC, machineOf } from './support.ts';

/** Messages of violations that a program causes, interpreted and as generated code. */
function violations(source: string): string[] {
  const [plain = [], fast] = (['never', 'always'] as const).map((generation) => {
    const units = [compileC(`#include "test.h"\n${source}`)];
    const { machine, reports } = machineOf(
      [{ name: 'Driver', host: 0, process: 0, mode: 'kernel', units, own: true, imports: [] }],
      [{ module: 'Driver', routine: 'main' }],
      generation,
    );
    if (machine.run(100_000) !== 'ended') throw new Error('did not end');
    return reports.list('violation').map((one) => one.message);
  });
  expect(fast).toEqual(plain);
  return plain;
}

describe('never-written bytes', () => {
  test('a branch on one is reported once, with the variable', () => {
    expect(
      violations(
        'int main(void) { int x; int i; for (i = 0; i < 3; i++) { if (x) emit(1); x = x; } return 0; }',
      ),
    ).toEqual(['x (declared at test.c:2) was never written, but a branch depends on it.']);
  });

  test('copies carry it along, in whole and by member', () => {
    expect(
      violations(`
        typedef struct { int a; int b; } PAIR;
        static PAIR pass(PAIR p) { return p; }
        int main(void) {
          PAIR one, two, three;
          one.a = 1;
          two = one;
          three = pass(two);
          if (three.a) emit(1);
          if (three.b) emit(2);
          return 0;
        }
      `),
    ).toEqual(['three.b (declared at test.c:6) was never written, but a branch depends on it.']);
  });

  test('arithmetic, arguments and results keep it; judging waits for a use', () => {
    expect(
      violations(`
        static int twice(int v) { return v * 2; }
        int main(void) {
          int x, y, z;
          y = x + 1;
          z = twice(y);
          x = 5;
          if (x) z++;
          return z ? 1 : 0;
        }
      `),
    ).toEqual(['z (declared at test.c:5) was never written, but a branch depends on it.']);
  });

  test('addresses and indices are uses', () => {
    const found = violations(`
      static int table[4];
      int main(void) { int i; __try { return table[i]; } __except (1) { } return 0; }
    `);
    expect(found).toEqual([
      'i (declared at test.c:4) was never written, but it is used as an address.',
    ]);
  });

  test('natives name what they read', () => {
    expect(
      violations(
        'int main(void) { int x; int y; char t[4]; emit(x); readInt(&y); t[0] = 65; text(t); return 0; }',
      ),
    ).toEqual([
      'x (declared at test.c:2) was never written, but it is passed to emit (Value).',
      'y (declared at test.c:2) was never written, but readInt reads it (*Address).',
      't[1] (declared at test.c:2) was never written, but text reads it (Text).',
    ]);
  });

  test('zeroed, filled and static memory is written; bit-fields may be set one by one', () => {
    expect(
      violations(`
        static int quiet;
        struct F { unsigned a : 4; unsigned b : 4; };
        int main(void) {
          struct F f; int zero[3] = {0};
          f.a = 3;
          if (f.a == 3 && zero[2] == 0 && quiet == 0) emit(1);
          return 0;
        }
      `),
    ).toEqual([]);
  });

  test('bit-fields are followed by the bytes that they lie in', () => {
    expect(
      violations(`
        struct F { unsigned a : 8; unsigned b : 8; unsigned c : 16; };
        int main(void) {
          struct F f; struct F g; int never;
          f.a = 3;
          f.c++;
          g = f;
          if (f.a == 3) emit(1);
          if (g.b) emit(2);
          f.b = 1;
          if (f.b) emit(3);
          g.a = never;
          if (g.a) emit(4);
          return 0;
        }
      `),
    ).toEqual([
      'g.b (declared at test.c:5) was never written, but a branch depends on it.',
      'g.a (declared at test.c:5) was never written, but a branch depends on it.',
    ]);
  });

  test('a local of a loop is never written again in each pass', () => {
    expect(
      violations(`
        int main(void) {
          int i, sum = 0;
          for (i = 0; i < 3; i++) {
            int x; int y; char text[20]; struct { int a, b; } s;
            y = i; sum += y;
            if (i == 0) { x = 1; text[5] = 2; s.b = 3; }
            if (x) sum++;
            if (text[5]) sum++;
            if (s.b) sum++;
          }
          emit(sum);
          return 0;
        }
      `),
    ).toEqual([
      'x (declared at test.c:6) was never written, but a branch depends on it.',
      'text[5] (declared at test.c:6) was never written, but a branch depends on it.',
      's.b (declared at test.c:6) was never written, but a branch depends on it.',
    ]);
  });

  test('a jump back over a declaration, too', () => {
    expect(
      violations(`
        int main(void) {
          int pass = 0;
        again: {
            int x;
            if (pass == 0) x = 1;
            if (x) emit(x);
            if (++pass < 2) goto again;
          }
          return 0;
        }
      `),
    ).toEqual(['x (declared at test.c:6) was never written, but a branch depends on it.']);
  });

  test('a fresh call finds its locals unwritten again', () => {
    expect(
      violations(`
        static void set(void) { int a; a = 1; if (a) { } }
        static void use(void) { int b; if (b) { } }
        int main(void) { set(); use(); return 0; }
      `),
    ).toEqual(['b (declared at test.c:4) was never written, but a branch depends on it.']);
  });
});
