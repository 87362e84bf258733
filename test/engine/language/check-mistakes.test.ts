import { describe, expect, test } from 'vitest';
import { compile, findings, place } from './check-support.ts';

/** Wraps statements in a driver's function; they begin in line 4. */
const inFunction = (statements: string): string => `#include <ntddk.h>
NTSTATUS f(PDEVICE_OBJECT device, ULONG count)
{
${statements}
    return device == NULL || count == 0 ? STATUS_UNSUCCESSFUL : STATUS_SUCCESS;
}
`;

/** What is found in a function with these statements. */
const inside = (statements: string): string[] => findings(inFunction(statements));

describe('the mistakes that people make, each found once, at its place', () => {
  test('missing semicolon', () => {
    expect(inside('    count = 1\n    count = 2;')).toEqual([
      "error missing-semicolon 4:14-14: Expected ';' after the expression, found 'count'",
    ]);
  });

  test('missing semicolon after a declaration', () => {
    expect(inside('    ULONG a = 1\n    ULONG b = 2;\n    count = a + b;')).toEqual([
      "error missing-semicolon 4:16-16: Expected ';' after the declaration, found 'ULONG'",
    ]);
  });

  test('missing semicolon before a brace', () => {
    expect(inside('    if (count) { count = 1 }')).toEqual([
      "error missing-semicolon 4:27-27: Expected ';' after the expression, found '}'",
    ]);
  });

  test('missing semicolon after return, struct member and struct', () => {
    expect(findings('struct s { int a }\nint f(void) { return 1 }\n')).toEqual([
      "error missing-semicolon 1:17-17: Expected ';' after the member, found '}'",
      "error missing-semicolon 1:19-19: Expected ';' after the definition, found 'int'",
      "error missing-semicolon 2:23-23: Expected ';' after 'return', found '}'",
    ]);
  });

  test('undeclared name, with the name that was meant', () => {
    expect(inside('    cuont = 1;')).toEqual([
      "error undeclared-name 4:5-10: 'cuont' is not declared; did you mean 'count'?",
    ]);
  });

  test('undeclared name, used often', () => {
    expect(inside('    foo = 1;\n    foo = foo + 1;\n    if (foo) { foo = 2; }')).toEqual([
      "error undeclared-name 4:5-8: 'foo' is not declared",
    ]);
  });

  test('constant in another case', () => {
    expect(inside('    return STATUS_SUCESS;')).toEqual([
      "error undeclared-name 4:12-25: 'STATUS_SUCESS' is not declared; did you mean 'STATUS_SUCCESS'?",
    ]);
  });

  test('call of a function that is not declared', () => {
    expect(inside('    count = IoAllocatMdl(NULL, 0, FALSE, FALSE, NULL)->ByteCount;')).toEqual([
      "error implicit-declaration 4:13-25: 'IoAllocatMdl' is called but not declared; did you mean 'IoAllocateMdl'?",
    ]);
  });

  test('unknown type', () => {
    expect(inside('    ULNG a = 1;\n    ULNG *b = &a;\n    a = *b + count;')).toEqual([
      "error unknown-type 4:5-9: Unknown type name 'ULNG'; did you mean 'ULONG'?",
    ]);
  });

  test('tag used as a type name', () => {
    expect(findings('struct point { int x; };\npoint p;\n')).toEqual([
      "error unknown-type 2:1-6: Unknown type name 'point': 'point' is a tag, write 'struct point'",
    ]);
  });

  test('too few arguments', () => {
    expect(inside('    IoFreeMdl();')).toEqual([
      "error argument-count 4:15-16: 'IoFreeMdl' takes 1 argument, 0 given: missing Mdl",
    ]);
  });

  test('too many arguments', () => {
    expect(inside('    IoFreeMdl(NULL, 1, 2);')).toEqual([
      "error argument-count 4:21-25: 'IoFreeMdl' takes 1 argument, 3 given",
    ]);
  });

  test('argument of another type', () => {
    expect(inside('    IoFreeMdl(device);')).toEqual([
      "warning incompatible-pointer 4:15-21: Argument 1 ('Mdl') of 'IoFreeMdl' needs PMDL, found PDEVICE_OBJECT",
    ]);
    expect(inside('    IoFreeMdl(count);')).toEqual([
      "error pointer-from-integer 4:15-20: Argument 1 ('Mdl') of 'IoFreeMdl' needs the pointer PMDL, found the integer ULONG",
    ]);
  });

  test('integer where a structure is needed', () => {
    expect(inside('    MmAllocateContiguousMemory(count, 0);')).toEqual([
      "error wrong-type 4:39-40: Argument 2 ('HighestAcceptableAddress') of 'MmAllocateContiguousMemory' needs PHYSICAL_ADDRESS, found int",
    ]);
  });

  test('missing return', () => {
    expect(findings('int f(int a)\n{\n    a = 1;\n}\n')).toEqual([
      "error missing-return 4:1-2: 'f' returns int, but has no 'return'",
    ]);
    expect(findings('int f(int a)\n{\n    if (a) return 1;\n}\n')).toEqual([
      "warning missing-return 4:1-2: 'f' returns int, but its end can be reached without 'return'",
    ]);
  });

  test('assignment in a condition', () => {
    expect(inside('    if (count = 1) { count = 2; }')).toEqual([
      "warning assignment-in-condition 4:9-18: The condition of 'if' is an assignment ('='); a comparison is written '=='; put a meant assignment in parentheses",
    ]);
    expect(inside('    while ((count = count - 1)) { }')).toEqual([]);
  });

  test('comparison where an assignment was meant', () => {
    expect(inside('    count == 1;')).toEqual([
      "warning unused-result 4:5-15: The result of '==' is not used; an assignment is written '='",
    ]);
  });

  test('use before declaration', () => {
    const text = 'int f(void) { return g() + limit; }\nint g(void) { return 1; }\nint limit;\n';
    expect(findings(text)).toEqual([
      "error use-before-declaration 1:22-23: 'g' is used before its declaration",
      "error use-before-declaration 1:28-33: 'limit' is used before its declaration",
    ]);
    const [first] = compile(text).diagnostics;
    expect(first?.related?.map(({ range }) => place(range))).toEqual(['2:5-6']);
  });

  test('missing closing brace', () => {
    const text =
      'void f(int a)\n{\n    if (a) {\n        a = 1;\n}\n\nint g(void)\n{\n    return 1;\n}\n';
    expect(findings(text)).toEqual([
      "error unbalanced-brace 7:5-6: Expected '}' before the definition of 'g': 'f' is not closed",
    ]);
    expect(
      compile(text).unit.functions.map(({ name, body }) => [name, body !== undefined]),
    ).toEqual([
      ['f', true],
      ['g', true],
    ]);
  });

  test('missing closing brace at the end of the file', () => {
    const text = 'void f(void)\n{\n    ;\n';
    expect(findings(text)).toEqual([
      "error unbalanced-brace 4:1-1: Expected '}', found the end of the file",
    ]);
    expect(compile(text).diagnostics[0]?.related).toMatchObject([
      { message: "to match the '{' here", range: { start: 13, end: 14 } },
    ]);
  });

  test('surplus closing brace', () => {
    expect(
      findings(
        'int f(int a)\n{\n    if (a)\n        a = 2;\n    }\n    return a;\n}\nint g(void) { return 1; }\n',
      ),
    ).toEqual([
      "error expected-declaration 6:5-11: Expected a declaration, found 'return'; a '}' before it may be one too many",
    ]);
  });

  test('unbalanced parenthesis', () => {
    const text = inFunction('    if ((count + 1 == 2 {\n        count = 2;\n    }');
    expect(findings(text)).toEqual([
      "error unbalanced-parenthesis 4:25-26: Expected ')', found '{'",
    ]);
    expect(compile(text).diagnostics[0]?.related?.map(({ range }) => place(range))).toEqual([
      '4:9-10',
    ]);
  });

  test('unknown header', () => {
    const [finding, ...rest] = findings('#include <ntdk.h>\nNTSTATUS f(PVOID p) { return 0; }\n');
    expect(finding).toContain('ntddk.h');
    expect(rest).toEqual([]);
  });

  test('integer and pointer without a cast', () => {
    expect(inside('    PVOID p = count;\n    count = p;')).toEqual([
      "error pointer-from-integer 4:15-20: The initialiser of 'p' needs the pointer PVOID, found the integer ULONG",
      'error integer-from-pointer 5:13-14: The assignment needs the integer ULONG, found the pointer PVOID',
    ]);
  });

  test('const object changed', () => {
    expect(inside('    const ULONG limit = 3;\n    limit = count;')).toEqual([
      "error const-violation 5:5-10: '=' cannot change 'limit': its type is const ULONG",
    ]);
  });

  test('const lost behind a pointer', () => {
    expect(inside('    PCSTR text = "x";\n    PSTR other = text;\n    count = *other;')).toEqual([
      "warning const-lost 5:18-22: The initialiser of 'other' needs PSTR, found PCSTR: what it points at is const",
    ]);
  });

  test('unknown member, with the one that was meant', () => {
    expect(inside('    count = device->Flag;')).toEqual([
      "error unknown-member 4:21-25: 'struct _DEVICE_OBJECT' has no member 'Flag'; did you mean 'Flags'?",
    ]);
  });

  test("'.' on a pointer and '->' on a structure, with the fix", () => {
    const text = inFunction(
      '    PHYSICAL_ADDRESS a;\n    a->QuadPart = 0;\n    count = device.Flags + a.LowPart;',
    );
    expect(findings(text)).toEqual([
      "error arrow-on-record 5:6-8: '->' needs a pointer, but this is a PHYSICAL_ADDRESS itself: use '.'",
      "error dot-on-pointer 6:19-20: '.' needs a structure or union, but this is the pointer PDEVICE_OBJECT: use '->'",
    ]);
    expect(compile(text).diagnostics.map(({ fix }) => fix?.edits[0]?.text)).toEqual(['.', '->']);
  });

  test('value of a function that has none', () => {
    expect(inside('    count = IoFreeMdl(NULL);')).toEqual([
      'error void-value 4:13-28: The assignment needs a value, found none (void)',
    ]);
  });

  test('duplicate case and default', () => {
    expect(
      inside(
        '    switch (count) {\n    case 1: break;\n    case 1: break;\n    default: break;\n    default: break;\n    }',
      ),
    ).toEqual([
      'error duplicate-case 6:10-11: The case 1 is there twice',
      "error duplicate-case 8:5-12: 'default' is there twice",
    ]);
  });

  test('duplicate definitions', () => {
    expect(inside('    ULONG a = 1;\n    ULONG a = 2;\n    count = a;')).toEqual([
      "error redefinition 5:11-12: 'a' is defined twice",
    ]);
    expect(findings('int f(void) { return 1; }\nint f(void) { return 2; }\n')).toEqual([
      "error redefinition 2:5-6: 'f' is defined twice",
    ]);
    expect(findings('struct s { int a; };\nstruct s { int b; };\n')).toEqual([
      "error redefinition 2:8-9: 'struct s' is defined twice",
    ]);
    expect(findings('struct s { int a; char a; };\n')).toEqual([
      "error redefinition 1:24-25: 'a' is defined twice",
    ]);
  });

  test('labels: missing, and twice', () => {
    expect(inside('    goto ent;\nend:\n    count = 1;\nend:\n    count = 2;')).toEqual([
      "error undefined-label 4:10-13: There is no label 'ent' in 'f'; did you mean 'end'?",
      "error redefinition 7:1-4: The label 'end' is defined twice",
    ]);
  });

  test('break and continue outside of a loop', () => {
    expect(inside('    break;\n    continue;')).toEqual([
      "error stray-jump 4:5-10: 'break' outside of a loop or switch",
      "error stray-jump 5:5-13: 'continue' outside of a loop",
    ]);
  });

  test('not constant where a constant is needed', () => {
    expect(inside('    switch (count) { case count: break; }')).toEqual([
      "error not-constant 4:27-32: The value of a 'case' must be an integer constant",
    ]);
    expect(findings('int n;\nint m = n;\n')).toEqual([
      "error not-constant 2:9-10: The initialiser of 'm' must be constant: it has static storage",
    ]);
  });

  test('declared again with another type', () => {
    expect(findings('int f(int a);\nchar *f(int a);\n')).toEqual([
      "error conflicting-types 2:7-8: 'f' is declared as char *f(int a), but before as int f(int a)",
    ]);
    expect(findings('extern int x;\nextern char x;\n')).toEqual([
      "error conflicting-types 2:13-14: 'x' is declared as char x, but before as int x",
    ]);
  });

  test('incomplete types', () => {
    expect(findings('struct s;\nstruct s a;\nint f(struct s *p) { return p->x; }\n')).toEqual([
      "error incomplete-type 2:10-11: 'a' has the type struct s, which is declared but not defined here",
      "error incomplete-type 3:32-33: 'x' cannot be reached: struct s is declared but not defined here",
    ]);
  });

  test('index on what is no array, call of what is no function', () => {
    expect(inside('    count = count[1];\n    count = count(1);')).toEqual([
      "error not-an-array 4:13-18: '[ ]' needs an array or a pointer, found ULONG",
      "error not-a-function 5:13-18: 'count' is no function: its type is ULONG",
    ]);
  });

  test('missing type', () => {
    expect(findings('static limit = 3;\nf(int a)\n{\n}\n')).toEqual([
      "error missing-type 1:8-13: The declaration of 'limit' has no type",
      "error missing-type 2:1-2: The declaration of 'f' has no type",
    ]);
  });

  test('division by zero, shift too far', () => {
    expect(inside('    count = count / 0;\n    count = count << 32;\n    count = 1 % 0;')).toEqual([
      'warning division-by-zero 4:21-22: Division by zero',
      "warning shift-count 5:22-24: 'ULONG' has 32 bits: a shift by 32 is undefined",
      'error division-by-zero 6:17-18: Division by zero',
    ]);
  });

  test('unsigned below zero', () => {
    expect(inside('    if (count < 0) { count = 1; }')).toEqual([
      "warning comparison-always 4:9-18: Always false: 'ULONG' is unsigned and never below 0",
    ]);
  });

  test('local used before it has a value', () => {
    expect(inside('    ULONG a;\n    ULONG b;\n    b = a + count;\n    count = b;')).toEqual([
      "warning uninitialized-local 6:9-10: 'a' is used before it has a value",
    ]);
    expect(
      inside(
        '    ULONG a;\n    PMDL mdl;\n    ULONG i;\n    for (i = 0; i < count; i++) {\n        if (i > 0) { count += a; }\n        a = i;\n    }\n    if (count) { mdl = NULL; } else { mdl = NULL; }\n    IoFreeMdl(mdl);',
      ),
    ).toEqual([]);
  });

  test('statement before the first case', () => {
    expect(inside('    switch (count) { count = 1; case 1: break; }')).toEqual([
      "warning switch-unreachable 4:22-32: This stands before the first 'case' and is never reached",
    ]);
  });

  test('semicolon after if', () => {
    expect(inside('    if (count == 1); { count = 2; }')).toEqual([
      "warning empty-body 4:20-21: This ';' is the whole body of the 'if'",
    ]);
  });

  test('else without if', () => {
    expect(inside('    if (count) count = 1; count = 2; else count = 3;')).toEqual([
      "error stray-else 4:38-42: 'else' without 'if': a ';' too many, or braces missing, before it",
    ]);
  });

  test('return with and without a value', () => {
    expect(findings('void f(void) { return 1; }\nint g(void) { return; }\n')).toEqual([
      "error unexpected-return-value 1:23-24: 'f' returns nothing (void), found a value of int",
      "error missing-return-value 2:15-21: 'g' returns int: 'return' needs a value",
    ]);
  });

  test('format and arguments', () => {
    expect(
      inside(
        '    PHYSICAL_ADDRESS a = { 0 };\n    DbgPrint("%d\\n", a.QuadPart);\n    DbgPrint("%s %d\\n", "x");\n    DbgPrint("%p\\n", device, count);\n    DbgPrint("%I64x %wZ %p %s %lu %ws\\n", a.QuadPart, &device->DriverObject->DriverName, device, "x", count, L"y");\n    DbgPrint("%x\\n", device);\n    DbgPrint("%wZ\\n", L"x");',
      ),
    ).toEqual([
      "warning format-argument 5:22-32: '%d' needs a 32-bit integer, found LONGLONG",
      "warning format-missing 6:14-23: '%d' has no argument: the format asks for more than the 1 given",
      'warning format-extra 7:30-35: The format of DbgPrint has no conversion for this argument',
      "warning format-argument 9:22-28: '%x' needs a 32-bit integer, found PDEVICE_OBJECT",
      "warning format-argument 10:23-27: '%wZ' needs a pointer to a UNICODE_STRING or ANSI_STRING, found wchar_t *",
    ]);
  });

  test('pointer cut to 32 bits', () => {
    expect(inside('    count = (ULONG)device;\n    count = (ULONG)(ULONG_PTR)device;')).toEqual([
      'warning pointer-truncated 4:13-26: The cast to ULONG keeps 32 of the 64 bits of PDEVICE_OBJECT; ULONG_PTR keeps all',
    ]);
  });

  test('constant that does not fit', () => {
    expect(inside('    UCHAR a = 256;\n    count = a;')).toEqual([
      "warning constant-truncated 4:15-18: The initialiser of 'a' needs UCHAR: 256 does not fit in 1 byte",
    ]);
  });

  test('assignment to what cannot change', () => {
    expect(inside('    count + 1 = 2;\n    5 = count;')).toEqual([
      "error not-assignable 4:5-14: '=' needs an object to change, found a value of ULONG",
      "error not-assignable 5:5-6: '=' needs an object to change, found a constant",
    ]);
  });

  test('more initialisers than there is room for', () => {
    expect(findings('int a[2] = { 1, 2, 3 };\nchar s[2] = "abc";\nchar t[3] = "abc";\n')).toEqual([
      'error excess-initializers 1:20-21: More values than int[2] takes',
      'error excess-initializers 2:13-18: The string has 3 characters, the array room for 2',
    ]);
  });
});

describe('one mistake is one finding, whatever stands around it', () => {
  test.each([
    ['int f(int a) { if a == 1 return 2; return 3; }', 'syntax'],
    ['int f(int a) { if (a == 1 return 2; return 3; }', 'unbalanced-parenthesis'],
    ['int f(int a) { for (a = 0, a < 3, a++) ; return 3; }', 'missing-semicolon'],
    ['int f(int a) { a = ; return 3; }', 'syntax'],
    ['int f(int a) { f(1,; return 3; }', 'syntax'],
    ['int f(int a) { int b = 1 int c = 2; return b; }', 'missing-semicolon'],
    ['int f(int a) {\n    char *s = "abc;\n    return a;\n}', 'unterminated-string'],
    ['int f( { }', 'syntax'],
    ['int f(int a { return a; }', 'unbalanced-parenthesis'],
    ['struct S { int a; } int x;', 'two-types'],
    ['struct S { int a;\nint f(void) { return 1; }', 'unbalanced-brace'],
    ['typedef struct { int a;  NAME, *PNAME;\nint f(PNAME p) { return p->a; }', 'unbalanced-brace'],
    [
      'UNKNOWN f(UNKNOWN a) { UNKNOWN b = a; return b + sizeof(UNKNOWN) + (UNKNOWN)a; }',
      'unknown-type',
    ],
    ['_Annotation_\nint f(int a) { return a; }', 'unknown-type'],
    ['int f(void) { return g(h(1), 2)->x.y[3]; }', 'implicit-declaration implicit-declaration'],
    ['#define F(x) x\nint f(int a) { return F(a; }', 'unterminated-macro-call'],
    ['int f(int a) { return a.b.c + a->d; }', 'not-a-record not-a-record'],
    ['} } }', 'unbalanced-brace'],
    ['foo(); bar(); int f(void) { return 1; }', 'expected-declaration'],
  ])('%s', (text, codes) => {
    const errors = compile(text).diagnostics.filter(({ severity }) => severity === 'error');
    expect(errors.map(({ code }) => code).join(' ')).toBe(codes);
  });
});

describe('what is not supported yet is said at its place', () => {
  test.each([
    ['int f(int n) { int a[n]; return a[0]; }', '1:22-23', 'An array size that is no constant'],
    ['int f(void) { __asm { int 3 } return 1; }', '1:15-20', 'Inline assembly is'],
    ['int f(int a) { return _Generic(a, int: 1, default: 2); }', '1:23-31', "'_Generic' is"],
    ['class c { int a; };\n', '1:1-6', "C++ ('class') is"],
    ['typeof(1) x;', '1:1-7', "'typeof' is"],
    ['double _Complex z;', '1:8-16', "'_Complex' is"],
    ['int f(a, b) int a; int b; { return 1; }', '1:7-8', 'A parameter list in the style of K&R is'],
    ['int f(int x) { return ({ x; }); }', '1:24-25', 'A statement inside an expression is'],
    ['int f(int b[]) { return setjmp(b); }', '1:25-31', "'setjmp' is"],
  ])('%s', (text, range, what) => {
    const found = compile(text).diagnostics;
    expect(found.map(({ code }) => code)).toEqual(['not-supported']);
    expect(found.map(({ range: at }) => place(at))).toEqual([range]);
    expect(found[0]?.message).toContain(what);
    expect(found[0]?.message).toContain('not supported yet');
  });
});

test('an error in a macro is shown at its use, with a note at the definition', () => {
  const text = '#define TWICE(x) ((x) + undefined_name)\nint f(int a) { return TWICE(a); }\n';
  expect(findings(text)).toEqual([
    "error undeclared-name 2:23-31: 'undefined_name' is not declared",
  ]);
  expect(compile(text).diagnostics[0]?.related).toMatchObject([
    { message: "in the expansion of macro 'TWICE'", range: { start: 8, end: 13 } },
  ]);
});
