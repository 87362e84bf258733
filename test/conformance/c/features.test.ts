// C as drivers use it, by the Microsoft compiler's rules on x64: one test for each feature, run in a driver.
import { describe, expect, test } from 'vitest';
import { type Files, runDriver, runProcess } from './engine-run.ts';

/** A driver whose DriverEntry runs the statements; answers the lines that it prints. */
function printed(body: string, before = '', files: Files = {}, settings = ''): readonly string[] {
  const { output, violations, bugChecks, failures } = runDriver(
    `#include <ntddk.h>
static VOID Unload(PDRIVER_OBJECT Driver) { UNREFERENCED_PARAMETER(Driver); }
${before}
DRIVER_INITIALIZE DriverEntry;
NTSTATUS DriverEntry(PDRIVER_OBJECT Driver, PUNICODE_STRING Path)
{
    UNREFERENCED_PARAMETER(Path);
    Driver->DriverUnload = Unload;
    { ${body} }
    return STATUS_SUCCESS;
}
`,
    files,
    settings,
  );
  return [...output, ...violations, ...bugChecks, ...failures];
}

/** The values of expressions, as 64-bit integers. */
const values = (expressions: readonly string[], before = '', first = ''): readonly number[] =>
  printed(
    `${first}${expressions.map((one) => `DbgPrint("%I64d\\n", (__int64)(${one}));`).join(' ')}`,
    before,
  ).map(Number);

describe('types', () => {
  test('sizes are those of LLP64', () => {
    expect(
      values(
        [
          'char',
          'short',
          'int',
          'long',
          'long long',
          '__int64',
          'void *',
          'wchar_t',
          'size_t',
          'float',
          'double',
          'long double',
          '_Bool',
          'enum E',
          'BOOLEAN',
          'ULONG_PTR',
          'LARGE_INTEGER',
          '__int8',
          '__int16',
          '__int32',
        ].map((type) => `sizeof(${type})`),
        'enum E { A = -1 };',
      ),
    ).toEqual([1, 2, 4, 4, 8, 8, 8, 2, 8, 4, 8, 8, 1, 4, 1, 8, 8, 1, 2, 4]);
  });

  test('bit-fields share a unit only with neighbours of the same size', () => {
    expect(
      values(
        [
          'sizeof(struct A)',
          'sizeof(struct B)',
          'sizeof(struct C)',
          'sizeof(struct D)',
          'sizeof(struct E)',
          'sizeof(struct F)',
        ],
        `struct A { unsigned a : 3; unsigned b : 29; };
         struct B { unsigned a : 3; unsigned b : 30; };
         struct C { unsigned char a : 4; unsigned short b : 4; unsigned c : 4; };
         struct D { unsigned a : 4; unsigned : 0; unsigned b : 4; };
         struct E { char c; unsigned a : 4; };
         struct F { unsigned __int64 a : 33; unsigned __int64 b : 31; unsigned char c : 1; };`,
      ),
    ).toEqual([4, 8, 8, 8, 8, 16]);
  });

  test('bit-fields take their values low bit first, signed ones with their sign', () => {
    expect(
      values(
        ['u.Whole', 'u.A', 'u.B', 'u.C', 'u.D', 'u.B++ + u.B', 'u.C', '(u.A = 9)'],
        'static union { struct { ULONG A : 3; LONG B : 5; ULONG C : 16; LONG D : 8; }; ULONG Whole; } u;',
        'u.A = 5; u.B = -3; u.C = 0x1ABCD; u.D = -128;',
      ),
    ).toEqual(
      [0x80abcded | 0, 5, -3, 0xabcd, -128, -5, 0xabcd, 1].map((one, at) =>
        at === 0 ? 0x80abcded : one,
      ),
    );
  });

  test('#pragma pack and the headers that set it', () => {
    expect(
      values(
        ['sizeof(A)', 'sizeof(B)', 'FIELD_OFFSET(B, c)', 'sizeof(C)', 'sizeof(D)', 'sizeof(E)'],
        `#pragma pack(push, 1)
         typedef struct { char a; int b; short c; } A;
         #pragma pack(2)
         typedef struct { char a; int b; __int64 c; } B;
         #pragma pack(pop)
         typedef struct { char a; int b; } C;
         #include <pshpack4.h>
         typedef struct { char a; __int64 b; } D;
         #include <poppack.h>
         typedef struct { char a; __int64 b; } E;`,
      ),
    ).toEqual([7, 14, 6, 8, 12, 16]);
  });

  test('__declspec(align) and _Alignas decide size and place', () => {
    expect(
      values(
        ['sizeof(A)', '(ULONG_PTR)&a % 16', 'FIELD_OFFSET(B, a)', '__alignof(A)'],
        'typedef struct __declspec(align(16)) { int x; } A; typedef struct { char c; A a; } B; static A a;',
      ),
    ).toEqual([16, 0, 16, 16]);
  });

  test('nameless members, nested ones and unions of them', () => {
    expect(
      values(
        ['x.Low', 'x.u.High', 'x.Inner.Deep', 'FIELD_OFFSET(X, Tail)', 'l.LowPart', 'l.u.HighPart'],
        `typedef struct { union { struct { ULONG Low; LONG High; }; struct { ULONG Low2; LONG High; } u; LONGLONG Quad; };
           struct { union { int Deep; char Bytes[4]; }; } Inner; char Tail[1]; } X; static X x; static LARGE_INTEGER l;`,
        'x.Quad = 0x200000001; x.Inner.Bytes[0] = 7; l.QuadPart = -1;',
      ),
    ).toEqual([1, 2, 7, 12, 0xffffffff, -1]);
  });

  test('flexible arrays, arrays of one and FIELD_OFFSET with an index', () => {
    expect(
      values(
        [
          'sizeof(struct A)',
          'sizeof(struct B)',
          'FIELD_OFFSET(struct B, v[n])',
          'sizeof(struct Z)',
        ],
        'struct A { int n; int v[]; }; struct B { int n; int v[ANYSIZE_ARRAY]; }; struct Z { int n; int v[0]; };',
        'int n = 5;',
      ),
    ).toEqual([4, 8, 24, 4]);
  });
});

describe('literals', () => {
  test('multi-character constants, suffixes of the Microsoft compiler, escapes', () => {
    expect(
      values([
        "'abcd'",
        "'ab'",
        '0xffffffffffffffffI64',
        '-1I64',
        '10ui64',
        '0x80000000',
        '2147483648',
        '4294967296',
        "'\\xff'",
        "L'\\x1234'",
        "'\\101'",
      ]),
    ).toEqual([0x61626364, 0x6162, -1, -1, 10, 0x80000000, 2147483648, 4294967296, -1, 0x1234, 65]);
  });

  test('wide literals have two bytes for a character; adjacent ones are one', () => {
    expect(
      values(
        ['sizeof(L"abc")', 'sizeof("a" "bc")', 'L"x" L"y"[1]', 'sizeof(__FUNCTION__)', 'w.Length'],
        '',
        'UNICODE_STRING w = RTL_CONSTANT_STRING(L"Width");',
      ).slice(0, 5),
    ).toEqual([8, 4, 121, 12, 10]);
  });

  test('a pool tag lies in memory backwards', () => {
    expect(printed(`ULONG tag = 'kcaB'; DbgPrint("%.4s\\n", (char *)&tag);`)).toEqual(['Back']);
  });
});

describe('conversions', () => {
  test('~(PAGE_SIZE - 1) keeps the high half of an address, an unsigned mask cuts it', () => {
    expect(
      values(
        [
          '(a & ~(PAGE_SIZE - 1)) == 0xFFFF800012345000',
          'a & ~((ULONG)PAGE_SIZE - 1)',
          '(LONGLONG)0xFFFFFFFF',
          '(LONGLONG)~0',
          '(BOOLEAN)0x100',
          '(ULONG)a',
          'NT_SUCCESS(0xC0000001)',
        ],
        '',
        'ULONG_PTR a = 0xFFFF800012345678;',
      ),
    ).toEqual([1, 0x12345000, 0xffffffff, -1, 0, 0x12345678, 0]);
  });

  test('long and int have the same size but are converted as C says', () => {
    expect(
      values([
        '-1L < 1UL',
        '(long)0x80000000 < 0',
        '-1 < 1u',
        '(unsigned long)-1 == 0xFFFFFFFF',
        '1 ? -1 : 0ul',
      ]),
    ).toEqual([0, 1, 0, 1, 0xffffffff]);
  });
});

describe('functions', () => {
  test('calling conventions, inlining and declspecs are taken', () => {
    expect(
      printed(
        'DbgPrint("%d %d %d %d\\n", a(1), b(2), c(3), Sum(3, 1, 2, 3));',
        `static int __cdecl a(int v) { return v; } int __stdcall b(int v); FORCEINLINE int b2(int v) { return v * 2; }
         static __inline int __fastcall c(int v) { return b2(v); } int NTAPI b(int v) { return v + 1; }
         __declspec(noinline) static int Sum(int n, ...) { va_list list; int sum = 0; va_start(list, n); while (n--) sum += va_arg(list, int); va_end(list); return sum; }
         __declspec(noreturn) VOID Never(VOID); extern __declspec(dllimport) int Unused;
         static __declspec(selectany) int Chosen = 4;`,
      ),
    ).toEqual(['1 3 6 6']);
  });

  test('annotations of both kinds and role types are read over', () => {
    expect(
      printed(
        'PVOID p = &local; ULONG n; DbgPrint("%d %d\\n", Fill(p, 4, &n), n);',
        `static int local; IO_COMPLETION_ROUTINE Done; KDEFERRED_ROUTINE Deferred; EVT_X *Unused;
         _IRQL_requires_max_(DISPATCH_LEVEL) _Must_inspect_result_ _Success_(return == 0)
         static NTSTATUS Fill(_In_reads_bytes_(Size) PVOID Buffer, IN ULONG Size, _Out_ OPTIONAL PULONG Written)
         { __analysis_assume(Size > 0); _Analysis_assume_(Buffer != NULL); *Written = Size; return STATUS_SUCCESS; }
         _Use_decl_annotations_ NTSTATUS Done(PDEVICE_OBJECT d, PIRP i, PVOID c) { UNREFERENCED_PARAMETER(d); UNREFERENCED_PARAMETER(i); UNREFERENCED_PARAMETER(c); return 0; }
         #pragma alloc_text(PAGE, Paged)
         static int Paged(void) { PAGED_CODE(); return 1; }`.replace(
          'EVT_X *Unused;',
          'VOID Paged2(VOID);',
        ),
      ),
    ).toEqual(['0 4']);
  });

  test('function pointers are called in three spellings and cast', () => {
    expect(
      printed(
        'OPS *p = &Ops; FN f = *Ops.Run; DbgPrint("%d %d %d %d\\n", p->Run(1), (*p->Run)(2), f(3), ((int (*)(int))(PVOID)Twice)(4));',
        'typedef int FNTYPE(int); typedef FNTYPE *FN; static FNTYPE Twice; typedef struct { FN Run; } OPS; static int Twice(int v) { return v * 2; } static const OPS Ops = { Twice };',
      ),
    ).toEqual(['2 4 6 8']);
  });
});

describe('structured exceptions', () => {
  const raising =
    'static VOID Raise(NTSTATUS s) { ExRaiseStatus(s); } static LONG Filter(NTSTATUS s, NTSTATUS wanted) { DbgPrint("filter\\n"); return s == wanted ? EXCEPTION_EXECUTE_HANDLER : EXCEPTION_CONTINUE_SEARCH; }';

  test('filters decide, inner handlers first, and unwinding runs finally blocks', () => {
    expect(
      printed(
        `__try { __try { __try { Raise(STATUS_INVALID_PARAMETER); } __finally { DbgPrint("inner %d\\n", AbnormalTermination()); } }
          __except (Filter(GetExceptionCode(), STATUS_NO_MEMORY)) { DbgPrint("wrong\\n"); } }
         __except (Filter(GetExceptionCode(), STATUS_INVALID_PARAMETER)) { DbgPrint("outer %08X\\n", GetExceptionCode()); }`,
        raising,
      ),
    ).toEqual(['filter', 'filter', 'inner 1', 'outer C000000D']);
  });

  test('return, goto, break, continue and __leave run the finally blocks on their way', () => {
    expect(
      printed(
        `int i; DbgPrint("%d\\n", Leave(1)); DbgPrint("%d\\n", Leave(2)); DbgPrint("%d\\n", Leave(3));
         for (i = 0; i < 3; i++) { __try { if (i == 0) continue; if (i == 1) break; } __finally { DbgPrint("pass %d\\n", i); } }`,
        `static int Leave(int how) { int r = 0; __try { __try { if (how == 1) return 10; if (how == 2) __leave; if (how == 3) goto out; } __finally { r += 5; DbgPrint("f%d\\n", AbnormalTermination()); } r += 100; }
           __finally { DbgPrint("g%d\\n", AbnormalTermination()); } return r; out: return r + 1000; }`,
      ),
    ).toEqual(['f1', 'g1', '10', 'f0', 'g0', '105', 'f1', 'g1', '1005', 'pass 0', 'pass 1']);
  });

  test('the lower-case words of ntddk.h', () => {
    expect(
      printed(
        `try { try { ExRaiseStatus(STATUS_UNSUCCESSFUL); } finally { DbgPrint("finally\\n"); } } except (EXCEPTION_EXECUTE_HANDLER) { DbgPrint("%08X\\n", GetExceptionCode()); }
         try { leave; } finally { DbgPrint("left\\n"); }`,
        '#define try __try\n#define except __except\n#define finally __finally\n#define leave __leave',
      ),
    ).toEqual(['finally', 'C0000001', 'left']);
  });

  test('an exception in a called function, in a loop, in a switch, in a conditional expression', () => {
    expect(
      printed(
        `int i, caught = 0; for (i = 0; i < 4; i++) { __try { switch (i) { case 0: Deep(3); break; case 1: i += Deep(0) ? 0 : Deep(1); break; default: caught += 10; } } __except (EXCEPTION_EXECUTE_HANDLER) { caught++; } }
         DbgPrint("%d\\n", caught);`,
        'static int Deep(int n) { if (n == 0) ExRaiseAccessViolation(); return Deep(n - 1) + 1; }',
      ),
    ).toEqual(['22']);
  });

  test('EXCEPTION_CONTINUE_EXECUTION and the record', () => {
    expect(
      printed(
        `ULONG v = 1; __try { ExRaiseStatus(0xE0000042); DbgPrint("went on\\n"); } __except (v = GetExceptionInformation()->ExceptionRecord->ExceptionCode, EXCEPTION_EXECUTE_HANDLER) { DbgPrint("%08X\\n", v); }
         __try { int *p = (int *)(ULONG_PTR)0x10; __try { *p = 1; } __finally { v = 2; } } __except (GetExceptionCode() == STATUS_ACCESS_VIOLATION) { DbgPrint("%d\\n", v); }`,
      ).slice(0, 1),
    ).toEqual(['E0000042']);
  });
});

describe('intrinsics and macros', () => {
  test('interlocked operations answer as documented', () => {
    expect(
      values(
        [
          'InterlockedIncrement(&v)',
          'InterlockedExchange(&v, 10)',
          'InterlockedExchangeAdd(&v, 5)',
          'InterlockedCompareExchange(&v, 1, 15)',
          'InterlockedOr(&v, 6)',
          'InterlockedAnd(&v, 3)',
          'InterlockedXor(&v, 1)',
          'v',
          'InterlockedIncrement64(&q)',
          'InterlockedCompareExchange64(&q, 9, 6)',
          'q',
          'InterlockedExchangePointer(&p, NULL) == &v',
        ],
        'static LONG v = 1; static LONG64 q = 5; static PVOID p = &v;',
      ),
    ).toEqual([2, 2, 10, 15, 1, 7, 3, 2, 6, 6, 9, 1]);
  });

  test('bits, rotations and byte orders', () => {
    expect(
      values(
        [
          '_BitScanForward(&i, 0x50)',
          'i',
          '_BitScanReverse(&i, 0x50)',
          'i',
          '_rotl(0x80000001, 4)',
          '_rotr(1, 1)',
          '_byteswap_ulong(0x12345678)',
          'RtlUlongByteSwap(0x12345678)',
          '_BitScanForward64(&i, 0x100000000)',
          'i',
          '__popcnt(0xFF)',
        ],
        '',
        'ULONG i = 0;',
      ),
    ).toEqual([1, 4, 1, 6, 24, 0x80000000, 0x78563412, 0x78563412, 1, 32, 8]);
  });

  test('lists, CONTAINING_RECORD, offsetof, C_ASSERT, RTL_NUMBER_OF, ROUND_TO_PAGES', () => {
    expect(
      printed(
        `LIST_ENTRY head; ITEM items[3]; PLIST_ENTRY e; ULONG i; InitializeListHead(&head);
         for (i = 0; i < RTL_NUMBER_OF(items); i++) { items[i].Value = (int)i; if (i & 1) InsertHeadList(&head, &items[i].Link); else InsertTailList(&head, &items[i].Link); }
         for (e = head.Flink; e != &head; e = e->Flink) DbgPrint("%d\\n", CONTAINING_RECORD(e, ITEM, Link)->Value);
         RemoveEntryList(&items[0].Link); e = RemoveHeadList(&head); DbgPrint("%d %d %d\\n", CONTAINING_RECORD(e, ITEM, Link)->Value, IsListEmpty(&head), (int)ROUND_TO_PAGES(1));`,
        'typedef struct { int Value; LIST_ENTRY Link; } ITEM; C_ASSERT(sizeof(LIST_ENTRY) == 16); C_ASSERT(FIELD_OFFSET(ITEM, Link) == 8); _Static_assert(offsetof(ITEM, Link) == 8, "place"); static_assert(1, "one");',
      ),
    ).toEqual(['1', '0', '2', '1 0 4096']);
  });

  test('volatile objects are read and written each time', () => {
    expect(
      values(
        ['Port + Port', '(Port = 3, Port++)', 'Port', '*(volatile LONG *)&Port'],
        'static volatile LONG Port = 2;',
      ),
    ).toEqual([4, 3, 4, 4]);
  });

  test("the kernel's part of the C library", () => {
    expect(
      printed(
        `CHAR a[16]; WCHAR w[16]; int n; NTSTATUS s;
         n = _snprintf(a, sizeof(a), "%s-%04x", "ab", 0x1f); DbgPrint("%d %s\\n", n, a);
         n = _snprintf(a, 3, "abcdef"); DbgPrint("%d %.3s\\n", n, a);
         s = RtlStringCbPrintfA(a, 5, "%d", 1234567); DbgPrint("%08X %s\\n", s, a);
         s = RtlStringCchCatA(a, 16, "xyz"); DbgPrint("%08X %s\\n", s, a);
         DbgPrint("%d %d %d\\n", _stricmp("ABC", "abc"), (int)strlen("four"), memcmp("a", "b", 1) < 0);
         RtlStringCbCopyW(w, sizeof(w), L"wide"); DbgPrint("%S %d %wc\\n", w, (int)wcslen(w), w[0]);
         RtlFillMemory(a, 4, 'z'); a[4] = 0; RtlMoveMemory(a + 1, a, 2); DbgPrint("%s %d\\n", a, (int)RtlCompareMemory("abcd", "abxx", 4));
         RtlZeroMemory(a, sizeof(a)); RtlCopyMemory(a, "copied", 6); DbgPrint("%s %s %s\\n", a, strstr(a, "pie"), strrchr(a, 'i'));`,
        '#include <ntstrsafe.h>',
      ),
    ).toEqual([
      '7 ab-001f',
      '-1 abc',
      '80000005 1234',
      '00000000 1234xyz',
      '0 4 1',
      'wide 4 w',
      'zzzz 2',
      'copied pied ied',
    ]);
  });
});

describe('a driver of several files', () => {
  const files: Files = {
    'inc/shared.h':
      '#pragma once\n#ifndef LIMIT\n#error LIMIT comes from the scenario\n#endif\ntypedef struct _SHARED { int Count; } SHARED;\nextern SHARED Shared;\nint Next(void);\nFORCEINLINE int Twice(int v) { return v * 2; }\nstatic int Private(void) { return LIMIT; }\n',
    'second.c':
      '#include <ntddk.h>\n#include "shared.h"\nSHARED Shared = { 7 };\nstatic int Hidden = 100;\nint Next(void) { return ++Hidden + Twice(Shared.Count) + Private(); }\n',
  };

  test('linkage, headers of its own, definitions and include folders', () => {
    expect(
      printed(
        'Shared.Count++; DbgPrint("%d %d %s\\n", Next(), Hidden, NAME);',
        '#include "shared.h"\nstatic int Hidden = 1;',
        files,
        'define LIMIT 1000; define NAME "driver"; include "inc";',
      ),
    ).toEqual(['1117 1 driver']);
  });

  test('each file has its own static objects', () => {
    expect(
      printed(
        'DbgPrint("%d\\n", Next()); DbgPrint("%d %d\\n", Next(), Hidden);',
        '#include "shared.h"\nstatic int Hidden = 1;',
        files,
        'define LIMIT 1000; include "inc";',
      ),
    ).toEqual(['1115', '1116 1']);
  });
});

describe('a process', () => {
  test('ends by exit or the end of main with its routines, the last one first, and by abort', () => {
    const source = (end: string): string =>
      `#include <stdio.h>\n#include <stdlib.h>\nstatic void one(void) { puts("one"); }\nstatic void two(void) { puts("two"); }\nint main(void) { atexit(one); atexit(two); ${end} }\n`;
    expect(runProcess(source('exit(0);')).output).toEqual(['two', 'one']);
    expect(runProcess(source('return 0;')).output).toEqual(['two', 'one']);
    expect(runProcess(source('')).output).toEqual(['two', 'one']);
    expect(runProcess(source('return 7;')).failures[0]).toContain('7');
    expect(runProcess(source('abort();')).failures[0]).toContain('3');
  });
});

describe('the C library of a process, by Microsoft', () => {
  const run = (body: string): readonly string[] => {
    const { output, violations, failures } = runProcess(
      `#include <windows.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include <strsafe.h>\n#include <process.h>\n#include <tchar.h>\n#include <conio.h>
unsigned __stdcall Worker(void *context) { return *(unsigned *)context + 1; }
int main(void) { ${body} return 0; }`,
    );
    return [...output, ...violations, ...failures];
  };

  test('StringCch.. and StringCb.. cut off what does not fit, and say so', () => {
    expect(
      run(`char text[8]; wchar_t wide[4]; size_t length = 0;
        printf("%08lx ", StringCbCopyA(text, sizeof(text), "0123456789")); printf("%s\\n", text);
        printf("%08lx ", StringCchPrintfA(text, 8, "%d-%s", 42, "abc")); printf("%s\\n", text);
        printf("%08lx ", StringCchCatA(text, 8, "defgh")); printf("%s\\n", text);
        printf("%08lx ", StringCchCopyNA(text, 8, "abcdef", 3)); printf("%s\\n", text);
        printf("%08lx ", StringCbPrintfW(wide, sizeof(wide), L"%ls", L"abcdef")); printf("%ls\\n", wide);
        printf("%08lx ", StringCchLengthA("abc", 3, &length)); printf("%d\\n", (int)length);
        printf("%08lx\\n", StringCchCopyA(text, 0, "x"));`),
    ).toEqual([
      '8007007a 0123456',
      '00000000 42-abc',
      '8007007a 42-abcd',
      '00000000 abc',
      '8007007a abc',
      '80070057 0',
      '80070057',
    ]);
  });

  test('routines with the size of the destination truncate when asked to', () => {
    expect(
      run(`char text[6]; wchar_t wide[8];
        printf("%d ", strcpy_s(text, sizeof(text), "abcde")); printf("%s\\n", text);
        printf("%d ", strncpy_s(text, sizeof(text), "uvwxyz", _TRUNCATE)); printf("%s\\n", text);
        printf("%d ", strncpy_s(text, sizeof(text), "uvwxyz", 2)); printf("%s\\n", text);
        printf("%d ", strcat_s(text, sizeof(text), "abc")); printf("%s\\n", text);
        printf("%d ", sprintf_s(text, sizeof(text), "%d", 12345)); printf("%s\\n", text);
        printf("%d ", swprintf_s(wide, _countof(wide), L"%d", 42)); printf("%ls\\n", wide);
        printf("%d\\n", sscanf_s("abcdef 9", "%3[a-z]%*s", text, (unsigned)sizeof(text)));`),
    ).toEqual(['0 abcde', '80 uvwxy', '0 uv', '0 uvabc', '5 12345', '2 42', '1']);
  });

  test('what does not fit otherwise ends the process', () => {
    const output = run(
      'char text[4]; strcpy_s(text, sizeof(text), "abcd"); printf("not reached\\n");',
    );
    expect(output.join()).toContain('STATUS_INVALID_CRUNTIME_PARAMETER');
    expect(output.join()).not.toContain('not reached');
  });

  test('threads of _beginthreadex end with what their routine returns, and no key is ever pressed', () => {
    expect(
      run(`unsigned seven = 7; DWORD code = 0;
        HANDLE thread = (HANDLE)_beginthreadex(NULL, 0, Worker, &seven, 0, NULL);
        WaitForSingleObject(thread, INFINITE); GetExitCodeThread(thread, &code); CloseHandle(thread);
        _tprintf(_T("%d %d %d\\n"), code, _kbhit(), _getch());`),
    ).toEqual(['8 0 -1']);
  });
});
