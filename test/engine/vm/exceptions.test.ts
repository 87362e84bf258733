import { describe, expect, test } from 'vitest';
import { machineFor, run } from './support.ts';

describe('__try', () => {
  test('filters choose the handler before finally blocks run', () => {
    expect(
      run(`
        static int filter(unsigned long code, int answer) { emit(100 + answer); return code == 0xE0000001 ? answer : 0; }
        static void inner(void) {
          __try { __try { raise(0xE0000001); emit(-1); } __finally { emit(AbnormalTermination() ? 1 : 0); } }
          __except (filter(GetExceptionCode(), 0)) { emit(-2); }
        }
        int main(void) {
          __try { inner(); emit(-3); }
          __except (filter(GetExceptionCode(), 1)) { emit(GetExceptionCode() == 0xE0000001); }
          emit(9);
          return 0;
        }
      `),
    ).toEqual(['100', '101', '1', '1', '9', 'main returned 0']);
  });

  test('finally blocks run on every way out', () => {
    expect(
      run(`
        static int way(int how) {
          int i;
          for (i = 0; i < 3; i++) {
            __try {
              __try {
                if (how == 0) return 50;
                if (how == 1) break;
                if (how == 2) continue;
                if (how == 3) goto out;
                if (how == 4) __leave;
                emit(1000);
              } __finally { emit(10 * how + AbnormalTermination()); }
              emit(2000);
            } __finally { emit(7); }
          }
          return i;
        out:
          return 60;
        }
        int main(void) { int how; for (how = 0; how < 6; how++) emit(way(how)); return 0; }
      `).slice(0, -1),
    ).toEqual([
      '1',
      '7',
      '50',
      '11',
      '7',
      '0',
      '21',
      '7',
      '21',
      '7',
      '21',
      '7',
      '3',
      '31',
      '7',
      '60',
      '40',
      '2000',
      '7',
      '40',
      '2000',
      '7',
      '40',
      '2000',
      '7',
      '3',
      '1000',
      '50',
      '2000',
      '7',
      '1000',
      '50',
      '2000',
      '7',
      '1000',
      '50',
      '2000',
      '7',
      '3',
    ]);
  });

  test('division by zero, breakpoints and bad user addresses are exceptions', () => {
    expect(
      run(`
        static int divide(int a, int b) {
          __try { return a / b; } __except (EXCEPTION_EXECUTE_HANDLER) { emit(GetExceptionCode()); }
          return -1;
        }
        int main(void) {
          emit(divide(6, 3)); emit(divide(1, 0));
          __try { __debugbreak(); } __except (1) { emit(GetExceptionCode()); }
          __try { *(int *)0x10 = 1; } __except (GetExceptionCode() == STATUS_ACCESS_VIOLATION ? 1 : 0) { emit(5); }
          return 0;
        }
      `).slice(0, -1),
    ).toEqual(['2', String(0xc0000094), '-1', String(0x80000003), '5']);
  });

  test('a filter sees the record and may continue execution', () => {
    expect(
      run(`
        static int look(EXCEPTION_POINTERS *info, int *fix) {
          emit(info->ExceptionRecord->ExceptionCode == STATUS_INTEGER_DIVIDE_BY_ZERO);
          emit(info->ExceptionRecord->ExceptionAddress != 0 && info->ContextRecord != 0);
          *fix = 4;
          return EXCEPTION_CONTINUE_EXECUTION;
        }
        int main(void) {
          int by = 0, result = 0;
          __try { result = 20 / by; emit(result); }
          __except (look(GetExceptionInformation(), &by)) { emit(-1); }
          return result;
        }
      `),
    ).toEqual(['1', '1', '5', 'main returned 5']);
  });

  test('exceptions in filters, handlers and finally blocks find outer handlers', () => {
    expect(
      run(`
        static int bad(void) { static int times; if (times++ == 0) raise(0xE0000002); return 0; }
        static void deep(int n) {
          if (n == 0) raise(0xE0000001);
          __try { deep(n - 1); } __finally { emit(n); }
        }
        int main(void) {
          __try { __try { deep(2); } __except (bad()) { emit(-1); } }
          __except (GetExceptionCode() == 0xE0000002) { emit(22); }
          __try { __try { raise(0xE0000003); } __except (1) { raise(0xE0000004); } }
          __except (1) { emit(GetExceptionCode() & 0xf); }
          __try { __try { raise(0xE0000005); } __finally { raise(0xE0000006); } }
          __except (1) { emit(GetExceptionCode() & 0xf); }
          return 0;
        }
      `).slice(0, -1),
    ).toEqual(['1', '2', '22', '4', '6']);
  });

  test('a return in a finally block ends the unwind', () => {
    expect(
      run(`
        static int stubborn(void) { __try { raise(0xE0000001); } __finally { return 3; } }
        int main(void) { __try { emit(stubborn()); } __except (1) { emit(-1); } return 0; }
      `),
    ).toEqual(['3', 'main returned 0']);
  });

  test('what nobody takes stops the host', () => {
    expect(
      run('int main(void) { __try { raise(0xE0000009); } __except (0) { } return 0; }'),
    ).toEqual(['bug check 0x7e']);
    expect(run('int main(void) { stop(0xE6); return 0; }')).toEqual(['bug check 0xe6']);
  });
});

describe('hostile programs', () => {
  test('endless recursion meets the end of the stack', () => {
    expect(run('int main(void) { char big[64]; big[0] = 1; return main() + big[0]; }')).toEqual([
      'bug check 0x50',
    ]);
  });

  test('a filter that always faults ends there too', () => {
    expect(
      run(`
        static int bad(void) { raise(1); return 0; }
        int main(void) { __try { raise(2); } __except (bad()) { } return 0; }
      `),
    ).toEqual(['bug check 0x50']);
  });

  test('wild jumps and overwritten frames end in a bug check', () => {
    expect(run('int main(void) { ((void (*)(void))0xFFFFF00000000000)(); return 0; }')).toEqual([
      'bug check 0x50',
    ]);
    expect(
      run(`
        static void smash(void) { long long here[2]; int i; for (i = 0; i < 8; i++) here[i] = 0x4141414141414141; }
        int main(void) { smash(); return 0; }
      `),
    ).toHaveLength(1);
  });

  test('an endless loop leaves the caller in control', () => {
    const { machine } = machineFor('int main(void) { for (;;) { } }');
    expect(machine.run(10_000)).toBe('budget');
    expect(machine.tick).toBe(10_000);
  });

  test('data that no image can hold keeps the module from loading', () => {
    const { machine } = machineFor('char big[0x70000000]; int main(void) { return big[5]; }');
    expect(machine.image(0, 'Driver')?.unresolved).toMatchObject([
      { name: expect.stringMatching(/^big \(of 1879048192 bytes/) },
      { name: 'big' },
    ]);
  });
});
