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

  test('bit-fields of one byte are told apart, also in copies, and unnamed bits count for the whole', () => {
    expect(
      violations(`
        struct F { unsigned char a : 3; unsigned char b : 3; unsigned char : 2; };
        union U { struct F f; unsigned char whole; };
        static struct F pass(struct F f) { return f; }
        int main(void) {
          union U u; struct F g, h; int never;
          u.f.a = 5;
          if (u.f.a == 5) emit(1);
          g = u.f;
          h = pass(g);
          g = h;
          if (g.a == 5) emit(2);
          if (h.b) emit(3);
          if (h.b) emit(4);
          if (g.b) emit(5);
          u.f.b = 1;
          if (u.f.b && u.f.a == 5) emit(6);
          u.f.a = never;
          if (u.f.b) emit(7);
          if (u.f.a) emit(8);
          u.f.a = 1;
          if (u.whole) emit(9);
          return 0;
        }
      `),
    ).toEqual([
      'h.b (declared at test.c:7) was never written, but a branch depends on it.',
      'g.b (declared at test.c:7) was never written, but a branch depends on it.',
      'u.f.a (declared at test.c:7) was never written, but a branch depends on it.',
      'u.f (declared at test.c:7) was never written, but a branch depends on it.',
    ]);
  });

  test('a field that crosses bytes, one beside another as an argument, and whole stores', () => {
    expect(
      violations(`
        struct F { unsigned a : 12; unsigned b : 12; unsigned c : 8; };
        int main(void) {
          struct F f; struct F z = { 0 };
          f.a = 0xfff;
          emit(f.a);
          emit(f.b);
          *(unsigned *)&f = 0;
          emit(f.b); emit(f.c);
          z.a = 1;
          emit(z.b); emit(z.c);
          return 0;
        }
      `),
    ).toEqual(['f.b (declared at test.c:5) was never written, but it is passed to emit (Value).']);
  });

  test('bits are never written again in a fresh call, a further pass and another frame', () => {
    expect(
      violations(`
        struct F { unsigned char a : 1; unsigned char b : 1; };
        static void set(void) { struct F f; f.a = 1; if (f.a) emit(1); }
        static void use(void) { struct F g; if (g.a) emit(2); }
        int main(void) {
          int i;
          set(); use();
          for (i = 0; i < 2; i++) {
            struct F h;
            if (i == 0) h.b = 1;
            if (h.b) emit(3);
          }
          return 0;
        }
      `),
    ).toEqual([
      'g.a (declared at test.c:5) was never written, but a branch depends on it.',
      'h.b (declared at test.c:10) was never written, but a branch depends on it.',
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
