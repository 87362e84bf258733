// Memory that a program must not touch, or that it never wrote: what is reported, and with which origin.
import { describe, expect, test } from 'vitest';
import { runDriver, runProcess } from './engine-run.ts';

/** Violations of a process, without addresses, interpreted and as generated code. */
function ofProcess(body: string, before = ''): readonly string[] {
  const source = `#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n${before}\nint main(void) {\n${body}\nreturn 0; }\n`;
  const [plain = [], fast] = (['never', 'always'] as const).map((generatedCode) =>
    runProcess(source, {}, { generatedCode }).violations.map((text) =>
      text.replace(/0x[0-9A-F]+/, 'ADDRESS'),
    ),
  );
  expect(fast).toEqual(plain);
  return plain;
}

function ofDriver(body: string): readonly string[] {
  const source = `#include <ntddk.h>
static VOID Unload(PDRIVER_OBJECT Driver) { UNREFERENCED_PARAMETER(Driver); }
NTSTATUS DriverEntry(PDRIVER_OBJECT Driver, PUNICODE_STRING Path)
{ UNREFERENCED_PARAMETER(Path); Driver->DriverUnload = Unload; {
${body}
} return STATUS_SUCCESS; }
`;
  return runDriver(source).violations.map((text) => text.replace(/0x[0-9A-F]+/, 'ADDRESS'));
}

describe('the heap of a process', () => {
  test('a write to a freed block, by the program and by a routine that it calls', () => {
    expect(
      ofProcess(
        'int *p = malloc(40);\np[0] = 1; free(p);\np[3] = 3;\nmemset(p, 0, 8);\np = malloc(24); p[0] = 2; free(p);',
      ),
    ).toEqual([
      'use_after_free: 4 bytes are written at ADDRESS: it lies in a block that was freed at main.c:7. (8)',
      'use_after_free: 8 bytes are written at ADDRESS: it lies in a block that was freed at main.c:7. (9)',
    ]);
  });

  test('a write behind a block, byte for byte, and none into one that grew', () => {
    expect(
      ofProcess(
        'char *p = malloc(5);\nint i;\nfor (i = 0; i <= 5; i++) p[i] = 1;\np = realloc(p, 12); for (i = 0; i < 12; i++) p[i] = 2;\np[-1] = 0;\nfree(p);',
      ),
    ).toEqual([
      'heap_overrun: A byte is written at ADDRESS: it lies behind a block of 5 bytes, allocated at main.c:6. (8)',
    ]);
  });

  test('a read of a freed block, by the program, by a copy and by a routine', () => {
    expect(
      ofProcess(
        'S *p = malloc(sizeof(S)), s; char t[8];\np->x = 1; p->c = 0; free(p);\ns.x = p->x;\ns = *p;\nmemcpy(t, p, 8);\nputs(&p->c);\np = malloc(sizeof(S)); p->x = 2; s = *p; free(p);',
        'typedef struct { int x; char c; } S;',
      ),
    ).toEqual([
      'use_after_free: 4 bytes are read at ADDRESS: it lies in a block that was freed at main.c:7. (8)',
      'use_after_free: 8 bytes are read at ADDRESS: it lies in a block that was freed at main.c:7. (9)',
      'use_after_free: 8 bytes are read at ADDRESS: it lies in a block that was freed at main.c:7. (10)',
      'use_after_free: A byte is read at ADDRESS: it lies in a block that was freed at main.c:7. (11)',
    ]);
  });

  test('a read behind a block', () => {
    expect(ofProcess('char *p = malloc(5), c;\nmemset(p, 0, 5);\nc = p[5]; free(p);')).toEqual([
      'heap_overrun: A byte is read at ADDRESS: it lies behind a block of 5 bytes, allocated at main.c:6. (8)',
    ]);
  });

  test('fresh bytes count as never written, and name their block', () => {
    expect(ofProcess('int *p = malloc(8);\nif (p[1]) puts("fresh");\np[0] = 1;\nfree(p);')).toEqual(
      [
        'uninitialized_memory: a block of 8 bytes, allocated at main.c:6 was never written, but a branch depends on it. (7)',
      ],
    );
  });

  test('many blocks are used without a word', () => {
    expect(
      ofProcess(
        'char *p[20]; int i, n; for (n = 0; n < 5; n++) { for (i = 0; i < 20; i++) { p[i] = malloc(i * 13 + 1); memset(p[i], i, i * 13 + 1); } for (i = 0; i < 20; i += 2) free(p[i]); for (i = 0; i < 20; i += 2) p[i] = calloc(3, i + 1); for (i = 0; i < 20; i++) { p[i][0]++; free(p[i]); } }',
      ),
    ).toEqual([]);
  });
});

describe('pool', () => {
  test('a write to a freed block names both calls', () => {
    expect(
      ofDriver(
        "PULONG p = ExAllocatePoolWithTag(NonPagedPoolNx, 64, 'abcd');\np[0] = 1; ExFreePoolWithTag(p, 'abcd');\np[2] = 5;",
      ),
    ).toEqual([
      "use_after_free: 4 bytes are written at ADDRESS: byte 8 of 64 bytes of nonpaged pool 'dcba', allocated by main at main.c:5, freed at main.c:6. (7)",
    ]);
  });

  test('a read of a freed block names both calls', () => {
    expect(
      ofDriver(
        "PULONG p = ExAllocatePoolWithTag(NonPagedPoolNx, 64, 'abcd'); ULONG x[2];\np[0] = 1; ExFreePoolWithTag(p, 'abcd');\nx[0] = p[0];\nRtlCopyMemory(x, p, 8);",
      ),
    ).toEqual([
      "use_after_free: 4 bytes are read at ADDRESS: 64 bytes of nonpaged pool 'dcba', allocated by main at main.c:5, freed at main.c:6. (7)",
      "use_after_free: 8 bytes are read at ADDRESS: 64 bytes of nonpaged pool 'dcba', allocated by main at main.c:5, freed at main.c:6. (8)",
    ]);
  });

  test('memory that was freed and given out again is fine', () => {
    expect(
      ofDriver(
        "ULONG i; for (i = 0; i < 50; i++) { PUCHAR p = ExAllocatePoolWithTag(NonPagedPoolNx, 16 + i * 8, 'abcd'), q = ExAllocatePoolWithTag(NonPagedPoolNx, 32, 'abcd'); RtlFillMemory(p, 16 + i * 8, 1); q[31] = 2; ExFreePoolWithTag(p, 'abcd'); ExFreePoolWithTag(q, 'abcd'); }",
      ),
    ).toEqual([]);
  });
});

describe('variables', () => {
  test('a routine that reads or writes behind one, in a frame and in static memory', () => {
    expect(
      ofProcess(
        'char a[8], b[4]; int n = 5; S s;\nstrcpy(b, "ab"); strcpy(a, "1234567");\nstrcpy(b, "abcd");\nmemset(&s.tail, 0, 8);\nmemcpy(Global, a, 8);\nset(&n);\nmemset(&s, 0, sizeof s); b[0] = b[1] = b[2] = b[3] = 1;\nputs(b);',
        'typedef struct { int head; char tail[4]; int last; } S;\nstatic char Global[6], Next[8];\nstatic void set(void *p) { memset(p, 0, 8); }',
      ).filter((text) => text.startsWith('array_bounds')),
    ).toEqual([
      'array_bounds: strcpy: 5 bytes are written at ADDRESS, but b (declared at main.c:8) has 4 bytes, and what lies behind it is another object. (10)',
      'array_bounds: memcpy: 8 bytes are written at ADDRESS, but Global (declared at main.c:5) has 6 bytes, and what lies behind it is another object. (12)',
      'array_bounds: memset: 8 bytes are written at ADDRESS, but n (declared at main.c:8) has 4 bytes, and what lies behind it is another object. (6)',
      'array_bounds: puts: 5 bytes are read at ADDRESS, but b (declared at main.c:8) has 4 bytes, and what lies behind it is another object. (15)',
    ]);
  });
});

describe('pointers', () => {
  test('a routine is given a pointer to a local of a function that returned', () => {
    expect(
      ofProcess(
        'char *text = name();\nputs(text);',
        'static char *name(void) { char local[64]; char *p = local; strcpy(local, "abc"); return p; }',
      )[0],
    ).toBe(
      'dangling_pointer: text (declared at main.c:6) points to local (declared at main.c:4) of name, which has returned, but it is passed to puts (String). (7)',
    );
  });

  test('a wild pointer is an access violation, or the bug check that Windows makes of it', () => {
    const wild = runProcess('int main(void) { *(int *)0x123450 = 1; return 0; }\n');
    expect(wild.failures[0]).toContain('STATUS_ACCESS_VIOLATION');
    const driver = runDriver(
      '#include <ntddk.h>\nNTSTATUS DriverEntry(PDRIVER_OBJECT d, PUNICODE_STRING p) { UNREFERENCED_PARAMETER(d); UNREFERENCED_PARAMETER(p); *(volatile ULONG *)0xFFFFA00000000000 = 1; return 0; }\n',
    );
    expect(driver.bugChecks).toEqual(['0x50']);
  });

  test('misaligned accesses work, as on the processor', () => {
    expect(
      ofProcess(
        'char b[32] = { 0 }; long long *q = (long long *)(b + 3); *q = 0x1122334455667788; if (*q != 0x1122334455667788 || b[3] != (char)0x88 || *(short *)(b + 9) != 0x1122) puts("wrong"), exit(1);',
      ),
    ).toEqual([]);
  });
});

describe('never-written bytes', () => {
  test('go through assignments of structures, arguments by value, memcpy and unions', () => {
    expect(
      ofProcess(
        'S a, b; U u; a.x = 1;\nb = a; f(b);\nmemcpy(&u, &b, sizeof(int) * 2);\nif (u.v[1]) puts("u");',
        'typedef struct { int x, y, z; } S; typedef union { int v[3]; S s; } U; static void f(S s) { if (s.y) puts("s"); }',
      ),
    ).toEqual([
      'uninitialized_memory: s.y (declared at main.c:4) was never written, but a branch depends on it. (4)',
      'uninitialized_memory: u.v[1] (declared at main.c:6) was never written, but a branch depends on it. (9)',
    ]);
  });

  test('go bit by bit through memcpy and the heap, and a freed block has none', () => {
    expect(
      ofProcess(
        'F *p = malloc(sizeof *p), f;\np->a = 1; memcpy(&f, p, sizeof f);\nif (f.a) puts("a");\nif (f.b) puts("b");\nfree(p); p = malloc(sizeof *p);\nif (p->a) puts("again"); free(p);',
        'typedef struct { unsigned char a : 2, b : 2, c : 4; } F;',
      ),
    ).toEqual([
      'uninitialized_memory: f.b (declared at main.c:6) was never written, but a branch depends on it. (9)',
      'uninitialized_memory: a block of 1 bytes, allocated at main.c:10 was never written, but a branch depends on it. (11)',
    ]);
  });
});
