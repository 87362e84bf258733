import { describe, expect, test } from 'vitest';
import { run } from './support.ts';

/** Statements of `main`; answers the emitted values. */
const emitted = (body: string, before = ''): string[] =>
  run(`${before}\nint main(void) {\n${body}\nreturn 0;\n}`).slice(0, -1);

describe('arithmetic', () => {
  test('wraps, divides and shifts as C on x64 does', () => {
    expect(
      emitted(`
        int big = 0x7fffffff; unsigned u = 0; long long q = 1;
        emit(big + 1); emit(u - 1); emit(-7 / 2); emit(-7 % 2); emit(7u / 2u);
        emit(-8 >> 1); emit(0x80000000u >> 31); emit(q << 40); emit((unsigned char)300);
        emit((signed char)200); emit((short)0x18000); emit(~0ull); emit((q << 62) * 2 / 2);
        emit(0xffffffffffffffffull / 3); emit((long long)1e18 + 1); emit(5 == 5); emit(-1 < 1u);
      `),
    ).toEqual([
      '-2147483648',
      '4294967295',
      '-3',
      '-1',
      '3',
      '-4',
      '1',
      '1099511627776',
      '44',
      '-56',
      '-32768',
      '-1',
      '-4611686018427387904',
      '6148914691236517205',
      '1000000000000000001',
      '1',
      '0',
    ]);
  });

  test('keeps floating values', () => {
    expect(
      emitted(`
        double d = 1.5; float f = 0.1f;
        d = d * 3 + f; emit((int)(d * 1000)); emit((long long)-2.9); emit(d > 4.5);
        emit((unsigned)3e9);
      `),
    ).toEqual(['4600', '-2', '1', '3000000000']);
  });

  test('keeps bit-fields apart', () => {
    expect(
      emitted(
        `
        struct S s = {0};
        s.a = 5; s.b = -1; s.c = 0x1ff; s.b++; s.a += 9;
        emit(s.a); emit(s.b); emit(s.c); emit(sizeof(s));
      `,
        'struct S { unsigned a : 3; int b : 2; unsigned c : 9; };',
      ),
    ).toEqual(['6', '0', '511', '4']);
  });
});

describe('control flow', () => {
  test('loops, switches, gotos and short circuits', () => {
    expect(
      emitted(
        `
        int i, sum = 0;
        for (i = 0; i < 10; i++) { if (i == 3) continue; if (i == 8) break; sum += i; }
        emit(sum);
        while (sum > 20) sum -= 7;
        emit(sum);
        do { sum++; } while (sum % 5 != 0);
        emit(sum);
        switch (sum) { case 19: emit(-1); case 20: emit(20); case 21: emit(21); break; default: emit(0); }
        if (sum < 0 && touch(1) || touch(0) || touch(2)) emit(touch(3) ? 33 : 34);
        emit(touch(0) && touch(9));
        goto out;
        emit(-5);
        out: emit((touch(4), 44));
      `,
        'static int touch(int v) { emit(1000 + v); return v; }',
      ),
    ).toEqual([
      '25',
      '18',
      '20',
      '20',
      '21',
      '1000',
      '1002',
      '1003',
      '33',
      '1000',
      '0',
      '1004',
      '44',
    ]);
  });

  test('calls through pointers, recursion and variadic lists', () => {
    expect(
      run(`
        #include <stdarg.h>
        typedef int (*OPERATION)(int, int);
        static int add(int a, int b) { return a + b; }
        static int mul(int a, int b) { return a * b; }
        static OPERATION Table[] = { add, mul };
        static int fact(int n) { return n < 2 ? 1 : n * fact(n - 1); }
        static long long total(int count, ...) {
          va_list ap; long long sum = 0; int i;
          va_start(ap, count);
          for (i = 0; i < count; i++) sum += va_arg(ap, int);
          sum += va_arg(ap, long long);
          va_end(ap);
          return sum;
        }
        int main(void) {
          OPERATION op = Table[1];
          emit(Table[0](3, 4)); emit(op(3, 4)); emit((*op)(fact(5), add(1, 1)));
          emit(total(3, 1, 2, 3, 10000000000LL));
          return fact(10);
        }
      `),
    ).toEqual(['7', '12', '240', '10000000006', 'main returned 3628800']);
  });
});

describe('objects', () => {
  test('records travel by value', () => {
    expect(
      run(`
        typedef struct { int a; char name[20]; long long z; } BIG;
        typedef struct { short x, y; } SMALL;
        static BIG make(int a) { BIG b = { a, "hello", a * 10 }; return b; }
        static BIG change(BIG b) { b.a++; b.z = b.name[1]; return b; }
        static SMALL swap(SMALL s) { SMALL r; r.x = s.y; r.y = s.x; return r; }
        static LARGE_INTEGER twice(LARGE_INTEGER v) { v.QuadPart *= 2; return v; }
        int main(void) {
          BIG one = make(4), two; SMALL s = { 1, 2 }; LARGE_INTEGER l;
          two = change(one);
          emit(one.a); emit(one.z); emit(two.a); emit(two.z);
          emit(swap(s).x); emit(make(9).z); text(change(make(1)).name);
          l.QuadPart = 0x123456789; emitPair(twice(l), 5);
          return two.a == 5 ? swap(swap(s)).x : 0;
        }
      `),
    ).toEqual(['4', '40', '5', '101', '2', '90', 'hello', '9773436690/5', 'main returned 1']);
  });

  test('static data has its initialisers and relocations', () => {
    expect(
      run(
        `
        static int values[5] = { 1, [3] = 4 };
        static const char *names[] = { "ab", "cd" };
        static int *middle = &values[3];
        static struct { int a; const char *n; unsigned f : 4; } rec = { 7, "rec", 9 };
        extern int shared; int later(void);
        static int counter(void) { static int n = 10; return n++; }
        int main(void) {
          int local[4] = { 1, 2 };
          char text1[] = "xyz";
          emit(*middle + values[1]); text(names[1]); emit(rec.f); text(rec.n);
          counter(); emit(counter()); emit(shared + later());
          emit(local[1] + local[3]); emit(sizeof text1 + text1[2]);
          emit(middle - values); emit((char *)middle - (char *)values);
          return 0;
        }
      `,
        'int shared = 30; int later(void) { return shared++; }',
      ).slice(0, -1),
    ).toEqual(['4', 'cd', '9', 'rec', '11', '61', '2', '126', '3', '12']);
  });

  test('pointers step through arrays', () => {
    expect(
      emitted(`
        int a[4] = { 1, 2, 3, 4 }; int *p = a, *q; char *c = (char *)a; long long k = 0;
        *p++ = 10; *p += 5; q = p + 2; emit(*q); emit(q[-1]); emit(a[1]); emit(q - a);
        c[4] = 1; emit(a[1]); p = a; while (p < a + 4) k += *p++; emit(k);
        emit(*&a[2]); emit((&a[3])[-3]); p = &a[3]; emit(*p--); emit(*--p);
      `),
    ).toEqual(['4', '3', '7', '3', '1', '18', '3', '10', '4', '1']);
  });
});

describe('natives', () => {
  test('work in slices and get variadic arguments', () => {
    expect(emitted('emit(countdown(2)); formatted("a % b % c", 5, 6LL); text("end");')).toEqual([
      'step 0',
      'step 1',
      'step 2',
      '2',
      'a 5 b 6 c',
      'end',
    ]);
  });
});
