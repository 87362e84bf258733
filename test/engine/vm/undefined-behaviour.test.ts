// What C leaves undefined is reported with its place; the run goes on as the processor does.
import { describe, expect, test } from 'vitest';
import { compileC, machineOf } from './support.ts';

interface Outcome {
  readonly violations: readonly string[];
  readonly output: readonly string[];
}

/** Runs `main`, by the interpreter and by generated code, which must agree. */
function outcomeOf(source: string): Outcome {
  const [plain, fast] = (['never', 'always'] as const).map((generation) => {
    const { machine, reports, output } = machineOf(
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
      [{ module: 'Driver', routine: 'main' }],
      generation,
    );
    if (machine.run(1_000_000) !== 'ended') throw new Error('did not end');
    return {
      violations: reports
        .list('violation')
        .map(({ rule, site, message }) => `${rule} ${site?.line}: ${message}`),
      output: output().slice(0, -1),
    };
  });
  expect(fast).toEqual(plain);
  return plain ?? { violations: [], output: [] };
}

/** The rules and lines of violations, without their texts. */
const rulesOf = (source: string): string[] =>
  outcomeOf(source).violations.map((text) => text.slice(0, text.indexOf(':')));

describe('arithmetic', () => {
  test('a signed sum, difference, product or negative that does not fit', () => {
    const { violations, output } = outcomeOf(`
      int main(void) {
        int x = 0x7fffffff; int y = -2147483647 - 1; long long q = 0x7fffffffffffffffLL;
        emit(x + 1); emit(y - 1); emit(x * 2); emit(-y);
        q = q + x; emit(q); x++; x -= 5; emit(x);
        return 0;
      }
    `);
    expect(output).toEqual([
      '-2147483648',
      '2147483647',
      '-2',
      '-2147483648',
      '-9223372034707292162',
      '2147483643',
    ]);
    expect(violations).toEqual([
      'signed_overflow 5: 2147483647 + 1 does not fit a signed integer of 32 bits; it became -2147483648.',
      'signed_overflow 5: -2147483648 - 1 does not fit a signed integer of 32 bits; it became 2147483647.',
      'signed_overflow 5: 2147483647 * 2 does not fit a signed integer of 32 bits; it became -2.',
      'signed_overflow 5: -(-2147483648) does not fit a signed integer of 32 bits; it became -2147483648.',
      'signed_overflow 6: 9223372036854775807 + 2147483647 does not fit a signed integer of 64 bits; it became -9223372034707292162.',
      'signed_overflow 6: 2147483647 + 1 does not fit a signed integer of 32 bits; it became -2147483648.',
      'signed_overflow 6: -2147483648 - 5 does not fit a signed integer of 32 bits; it became 2147483643.',
    ]);
  });

  test('wide products are exact, at the edge too', () => {
    expect(
      rulesOf(`
        int main(void) {
          long long a = 3037000499LL, b = 3037000500LL, c = -4294967296LL, d = 2147483648LL; int i;
          for (i = 0; i < 3; i++) { emit(a * a); emit(c * d); }
          emit(b * b);
          return 0;
        }
      `),
    ).toEqual(['signed_overflow 6']);
  });

  test('unsigned arithmetic, narrow types and pointers wrap as they should', () => {
    expect(
      rulesOf(`
        static char memory[8];
        int main(void) {
          unsigned u = 0; unsigned long long q = 0; signed char c = 127; short s = -32768; char *p = memory;
          u--; q--; c++; s--; u *= 3; q += 5; p += 4; p -= 4; emit(&memory[7] - p); emit(u >> 31);
          emit(-u); emit((int)(u * 4u)); emit((short)(s * s));
          return 0;
        }
      `),
    ).toEqual([]);
  });

  test('a shift by a negative count or by all bits', () => {
    const { violations, output } = outcomeOf(`
      int main(void) {
        int n; unsigned long long wide = 1;
        for (n = 31; n < 34; n++) emit(1u << n);
        n = 64; emit(wide << n); n = -1; emit(wide << n); wide <<= 64;
        emit(1 << 31);
        return 0;
      }
    `);
    expect(output).toEqual(['2147483648', '1', '2', '1', '-9223372036854775808', '-2147483648']);
    expect(violations).toEqual([
      'shift_count 5: A value of 32 bits is shifted by 32; the processor takes the count modulo 32.',
      'shift_count 6: A value of 64 bits is shifted by 64; the processor takes the count modulo 64.',
      'shift_count 6: A value of 64 bits is shifted by -1; the processor takes the count modulo 64.',
      'shift_count 6: A value of 64 bits is shifted by 64; the processor takes the count modulo 64.',
    ]);
  });

  test('a value that was never written is reported as that, not as what it leads to', () => {
    expect(
      rulesOf('int main(void) { int x; x = x * 1000000 + 7; emit(1 << (x & 31)); return 0; }'),
    ).toEqual(['uninitialized_memory 2']);
  });
});

describe('indices', () => {
  test('are kept inside the array that is named, not only inside the object', () => {
    const { violations } = outcomeOf(`
      struct S { int head[4]; int tail[4]; };
      static struct S s; static int matrix[3][4];
      int main(void) {
        int i;
        for (i = 0; i <= 4; i++) s.head[i] = i;
        emit(s.tail[0]);
        i = 5; emit(matrix[0][i]);
        i = -1; emit(matrix[1][i]);
        return 0;
      }
    `);
    expect(violations).toEqual([
      'array_bounds 7: The index 4 is outside the array, whose last element is 3.',
      'array_bounds 9: The index 5 is outside the array, whose last element is 3.',
      'array_bounds 10: The index -1 is outside the array, whose last element is 3.',
    ]);
  });

  test('a constant index is checked as well', () => {
    expect(
      rulesOf('static int a[2]; static int b[9]; int main(void) { emit(b[0]); return a[2]; }'),
    ).toEqual(['array_bounds 2']);
  });

  test('the place behind the last element may be pointed at; arrays at the end of a structure may be longer', () => {
    expect(
      rulesOf(`
        struct LIST { int count; int items[1]; };
        static long long room[8]; static int a[4];
        int main(void) {
          struct LIST *list = (struct LIST *)room; int i, n = 4; int *end = &a[n], *p;
          for (i = 0; i < 8; i++) list->items[i] = i;
          for (p = a; p < end; p++) *p = 3;
          emit(list->items[7]); emit(end - a); emit(*(a + 3)); emit((a + n)[-1]);
          return 0;
        }
      `),
    ).toEqual([]);
  });
});

describe('frames that have ended', () => {
  test('reading and writing through a pointer to a local of a function that returned', () => {
    const { violations } = outcomeOf(`
      static int *leak(void) { int local[4]; int *p = local; local[2] = 7; return p; }
      int main(void) {
        int *p = leak();
        p[2] = 5;
        emit(p[2]);
        return 0;
      }
    `);
    expect(violations.map((text) => text.replace(/0x\w+/, 'ADDRESS'))).toEqual([
      'dangling_pointer 6: p (declared at test.c:5) points to local (declared at test.c:3) of leak, which has returned, but it is used as an address.',
      'dangling_pointer 7: ADDRESS lies in a frame that has ended: the function whose variable it was has returned.',
    ]);
  });

  test('also while another call has the place, by the result and by a global', () => {
    const { violations, output } = outcomeOf(`
      static int *Kept; static struct { int *first; } Holder;
      static int *leak(int n) { int local = n; return &local + (n - n); }
      static void keep(int n) { int mine[2]; int *p = mine; mine[1] = n; Kept = p + 1; Holder.first = &n; }
      static void drop(int n) { int x = n; Kept = &x; emit(*Kept); Kept = 0; }
      static int use(int *p) { int others[4] = { 9, 9, 9, 9 }; return *p + others[0]; }
      int main(void) {
        int *p = leak(3), *q = p;
        use(q);
        keep(5);
        use(Kept);
        use(Holder.first);
        drop(1); drop(2);
        if (Kept) emit(3);
        emit(4);
        return 0;
      }
    `);
    expect(violations).toEqual([
      'dangling_pointer 7: p (declared at test.c:7) points to local (declared at test.c:4) of leak, which has returned, but it is used as an address.',
      'dangling_pointer 7: p (declared at test.c:7) points to mine (declared at test.c:5) of keep, which has returned, but it is used as an address.',
      'dangling_pointer 7: p (declared at test.c:7) points to n (declared at test.c:5) of keep, which has returned, but it is used as an address.',
    ]);
    expect(output).toEqual(['1', '2', '4']);
  });

  test('a routine that is given such a pointer', () => {
    expect(
      outcomeOf(`
        static int *leak(void) { int local = 1; return &local; }
        static void fill(void) { int a = 1, b = 2, c = 3; emit(a + b + c); }
        int main(void) { int *p = leak(); fill(); readInt(p); return 0; }
      `).violations[0],
    ).toBe(
      'dangling_pointer 5: p (declared at test.c:5) points to local (declared at test.c:3) of leak, which has returned, but it is passed to readInt (Address).',
    );
  });

  test('locals of callers, arguments by address and variadic lists are alive', () => {
    expect(
      rulesOf(`
        #include <stdarg.h>
        typedef struct { int v[5]; } BIG;
        static void set(int *p) { *p = 4; }
        static BIG twice(BIG b) { int i; for (i = 0; i < 5; i++) b.v[i] *= 2; return b; }
        static int sum(int n, ...) { va_list ap; int s = 0; va_start(ap, n); while (n-- > 0) s += va_arg(ap, int); va_end(ap); return s; }
        static int down(int *total, int n) { int here = n; if (n > 0) down(&here, n - 1); *total += here; return here; }
        int main(void) {
          int x, total = 0; BIG b = { { 1, 2, 3, 4, 5 } };
          set(&x); b = twice(twice(b)); down(&total, 6);
          __try { raise(0xE0000001); } __except (GetExceptionInformation()->ExceptionRecord->ExceptionCode == 0xE0000001) { x++; }
          emit(x + b.v[4] + sum(3, 1, 2, 3) + total);
          return 0;
        }
      `),
    ).toEqual([]);
  });
});
