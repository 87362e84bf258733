/** What the checked tree says: types, conversions, folding, initialisers, names. */
import { describe, expect, test } from 'vitest';
import { checkExpression } from '../../../engine/language/check.ts';
import { Diagnostics } from '../../../engine/language/diagnostics.ts';
import { preprocess } from '../../../engine/language/preprocess.ts';
import type { Expression, FunctionSymbol, Statement } from '../../../engine/language/program.ts';
import type { Token } from '../../../engine/language/tokens.ts';
import { typeName } from '../../../engine/language/types.ts';
import { compile, findings, place } from './check-support.ts';

/** A node as `kind:type(children)`; constants as `value:type`. */
function show(node: Expression): string {
  const type = typeName(node.type);
  switch (node.kind) {
    case 'integer':
    case 'floating':
      return `${node.value}:${type}`;
    case 'variable':
      return node.variable.name;
    case 'function':
      return node.function.name;
    case 'string':
      return 'string';
    case 'dereference':
      return `*${show(node.operand)}`;
    case 'addressOf':
      return `&${show(node.operand)}`;
    case 'convert':
      return `(${type})${show(node.operand)}`;
    case 'member':
      return `${show(node.object)}.${node.member.name}@${node.member.offset}`;
    case 'negate':
    case 'complement':
    case 'not':
      return `${node.kind}:${type}(${show(node.operand)})`;
    case 'binary':
    case 'compare':
      return `(${show(node.left)} ${node.operator} ${show(node.right)}):${type}`;
    case 'and':
    case 'or':
    case 'comma':
      return `${node.kind}(${show(node.left)}, ${show(node.right)})`;
    case 'pointerAdd':
      return `(${show(node.pointer)} + ${node.scale} * ${show(node.index)}):${type}`;
    case 'pointerDifference':
      return `((${show(node.left)} - ${show(node.right)}) / ${node.scale}):${type}`;
    case 'conditional':
      return `(${show(node.condition)} ? ${show(node.whenTrue)} : ${show(node.whenFalse)}):${type}`;
    case 'assign':
      return `${show(node.target)} = ${show(node.value)}`;
    case 'compoundAssign':
      return `${show(node.target)} ${node.operator}= ${show(node.value)} in ${typeName(node.computation)}`;
    case 'pointerAssign':
      return `${show(node.target)} += ${node.scale} * ${show(node.index)}`;
    case 'increment':
      return `${node.prefix ? 'pre' : 'post'} ${show(node.target)} by ${node.step}`;
    case 'call':
      return `${show(node.callee)}(${node.arguments.map(show).join(', ')}):${type}`;
    default:
      return node.kind;
  }
}

function functionNamed(text: string, name: string): FunctionSymbol {
  const found = compile(text).unit.functions.find((symbol) => symbol.name === name);
  if (found === undefined) throw new Error(`no function ${name}`);
  return found;
}

const declarations = `
typedef unsigned short wchar_t;
typedef unsigned long ULONG;
typedef long NTSTATUS;
typedef void *PVOID;
typedef struct { ULONG first; struct { char low; short high; }; struct { int x[4]; } inner; ULONG flags : 3, mode : 5; } RECORD;
extern char c; extern signed char sc; extern unsigned char uc; extern short s; extern unsigned short us;
extern int i; extern unsigned u; extern long l; extern ULONG ul; extern long long ll;
extern unsigned long long ull; extern float f; extern double d; extern _Bool b; extern wchar_t w;
extern char *text; extern int *ip; extern const int *cip; extern PVOID p; extern RECORD r; extern RECORD *rp;
extern int a[4]; extern int m[2][3]; extern enum color { red, green } e;
int one(int x); void none(void); int many(const char *format, ...); extern int (*fp)(int x);
`;

/** The expression as checked. */
function expression(text: string): string {
  const { unit, diagnostics } = compile(`${declarations}void test(void) { ${text}; }`);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) return errors.map(({ message }) => message).join('; ');
  const body = unit.functions.find(({ name }) => name === 'test')?.body;
  const statement: Statement | undefined = body?.block.statements[0];
  return statement?.kind === 'expression' ? show(statement.expression) : 'no expression';
}

describe('integer constants have the types of the Microsoft compiler', () => {
  test.each([
    ['1', '1:int'],
    ['2147483647', '2147483647:int'],
    ['2147483648', '2147483648:unsigned long'],
    ['4294967296', '4294967296:long long'],
    ['0x7fffffff', '2147483647:int'],
    ['0x80000000', '2147483648:unsigned int'],
    ['0xFFFFFFFF', '4294967295:unsigned int'],
    ['0x100000000', '4294967296:long long'],
    ['0xFFFFFFFFFFFFFFFF', '-1:unsigned long long'],
    ['1L', '1:long'],
    ['0xFFFFFFFFL', '4294967295:unsigned long'],
    ['1U', '1:unsigned int'],
    ['1UL', '1:unsigned long'],
    ['1LU', '1:unsigned long'],
    ['1LL', '1:long long'],
    ['1ULL', '1:unsigned long long'],
    ['1i64', '1:long long'],
    ['0xffffffffffffffffI64', '-1:long long'],
    ['1ui64', '1:unsigned long long'],
    ['010', '8:int'],
    ["'a'", '97:int'],
    ["'\\xff'", '-1:int'],
    ["'abcd'", '1633837924:int'],
    ["L'a'", '97:wchar_t'],
    ['1.5', '1.5:double'],
    ['1.5f', '1.5:float'],
  ])('%s', (text, shown) => {
    expect(expression(`(void)(${text})`)).toBe(`(void)${shown}`);
  });
});

describe('constant expressions are folded as the target computes them', () => {
  test.each([
    ['1 + 2 * 3', '7:int'],
    ['~0', '-1:int'],
    ['~(4096 - 1)', '-4096:int'],
    ['~((ULONG)4096 - 1)', '4294963200:ULONG'],
    ['(long long)~(4096 - 1)', '-4096:long long'],
    ['(unsigned long long)~((ULONG)4096 - 1)', '4294963200:unsigned long long'],
    ['0xFFFFFFFF + 1', '0:unsigned int'],
    ['-1 < 0u', '0:int'],
    ['-1 < 0', '1:int'],
    ['-1L < 1u', '0:int'],
    ['-1LL < 1u', '1:int'],
    ['-7 / 2', '-3:int'],
    ['-7 % 2', '-1:int'],
    ['0xFFFFFFFFFFFFFFFFull / 10', '1844674407370955161:unsigned long long'],
    ['-1LL >> 1', '-1:long long'],
    ['0xFFFFFFFFFFFFFFFFull >> 60', '15:unsigned long long'],
    ['1 << 31', '-2147483648:int'],
    ['1ull << 63', '-9223372036854775808:unsigned long long'],
    ['(unsigned char)0x1FF', '255:unsigned char'],
    ['(char)0x80', '-128:char'],
    ['(_Bool)0x100', '1:_Bool'],
    ['(int)3.9', '3:int'],
    ['1 ? 2 : 3u', '2:unsigned int'],
    ['0 && i', '0:int'],
    ['1 || i', '1:int'],
    ['!0', '1:int'],
    ['sizeof(long)', '4:size_t'],
    ['sizeof(void *)', '8:size_t'],
    ['sizeof L"abc"', '8:size_t'],
    ['sizeof m', '24:size_t'],
    ['sizeof m[0]', '12:size_t'],
    ['sizeof r.inner', '16:size_t'],
    ['sizeof(RECORD)', '28:size_t'],
    ['(int)(long long)&(((RECORD *)0)->inner.x[2])', '16:int'],
    ['(ULONG)(unsigned long long)&((RECORD *)0)->high', '6:ULONG'],
    ['green', '1:int'],
    ['(4096 - 48 - 32) / sizeof(long)', '1004:size_t'],
  ])('%s', (text, shown) => {
    expect(expression(`(void)(${text})`)).toBe(`(void)${shown}`);
  });
});

describe('conversions are explicit', () => {
  test.each([
    ['i = c + uc', 'i = ((int)c + (int)uc):int'],
    ['i = i + l', 'i = (int)((long)i + l):long'],
    ['ul = u + l', 'ul = ((unsigned long)u + (unsigned long)l):unsigned long'],
    ['ll = ul + ll', 'll = ((long long)ul + ll):long long'],
    ['ull = ull + i', 'ull = (ull + (unsigned long long)i):unsigned long long'],
    ['d = f + i', 'd = (double)(f + (float)i):float'],
    ['b = i', 'b = (_Bool)i'],
    ['e = i', 'e = i'],
    ['w = 1', 'w = 1:wchar_t'],
    ['ll = i << ll', 'll = (long long)(i << ll):int'],
    ['i = -c', 'i = negate:int((int)c)'],
    ['ull = ~ul', 'ull = (unsigned long long)complement:ULONG(ul)'],
    ['c += i', 'c += i in int'],
    ['us <<= ll', 'us <<= ll in int'],
    ['ul *= f', 'ul *= f in float'],
    ['i = !p', 'i = not:int(p)'],
    ['i = u < i', 'i = (u < (unsigned int)i):int'],
    ['i = e == green', 'i = (e == 1:int):int'],
    ['i = r.flags + 1', 'i = ((int)r.flags@24 + 1:int):int'],
    ['i = i ? c : ul', 'i = (int)(i ? (ULONG)c : ul):ULONG'],
    ['i = one(c)', 'i = one((int)c):int'],
    ['many("x", c, f, ll)', 'many((const char *)string, (int)c, (double)f, ll):int'],
    [
      'i = fp(1) + (*fp)(2) + (**fp)(3)',
      'i = ((fp(1:int):int + fp(2:int):int):int + fp(3:int):int):int',
    ],
    ['fp = one', 'fp = (int (*)(int x))one'],
    ['fp = &one', 'fp = &one'],
    ['(&one)(1)', 'one(1:int):int'],
  ])('%s', (text, shown) => {
    const actual = expression(text).replace('(const char *)(char *)string', '(const char *)string');
    expect(actual).toBe(shown);
  });
});

describe('pointer arithmetic is explicit', () => {
  test.each([
    ['ip = ip + 1', 'ip = (ip + 4 * 1:long long):int *'],
    ['ip = 1 + ip', 'ip = (ip + 4 * 1:long long):int *'],
    ['ip = ip - u', 'ip = (ip + -4 * (unsigned long long)u):int *'],
    ['ll = ip - a', 'll = ((ip - (int *)a) / 4):ptrdiff_t'],
    ['ip += i', 'ip += 4 * (long long)i'],
    ['ip -= 2', 'ip += -4 * 2:long long'],
    ['ip++', 'post ip by 4'],
    ['--rp', 'pre rp by -28'],
    ['i = a[2]', 'i = *((int *)a + 4 * 2:long long):int *'],
    ['i = 2[a]', 'i = *((int *)a + 4 * 2:long long):int *'],
    [
      'i = m[1][2]',
      'i = *((int *)*((int (*)[3])m + 12 * 1:long long):int (*)[3] + 4 * 2:long long):int *',
    ],
    ['ip = &a[1]', 'ip = ((int *)a + 4 * 1:long long):int *'],
    ['i = rp->inner.x[0]', 'i = *(int *)*rp.inner@8.x@0'],
    ['i = r.high', 'i = (int)r.high@6'],
    ['i = rp == 0', 'i = (rp == 0:RECORD *):int'],
    ['i = p == rp', 'i = (p == (PVOID)rp):int'],
    ['p = i ? p : 0', 'p = (i ? p : 0:PVOID):PVOID'],
    ['cip = ip', 'cip = (const int *)ip'],
    ['*rp = r', '*rp = r'],
  ])('%s', (text, shown) => {
    expect(expression(text)).toBe(shown);
  });
});

/** The initialiser of `x` as offset and value pairs. */
function initializer(text: string): string[] {
  const { unit, diagnostics } = compile(`${declarations}${text}`);
  if (diagnostics.length > 0) return diagnostics.map(({ message }) => message);
  const variable = unit.variables.find(({ name }) => name === 'x');
  const initial = variable?.initializer;
  const type = variable === undefined ? '' : typeName(variable.type);
  if (initial === undefined) return [type, 'none'];
  if (initial.kind === 'value') return [type, show(initial.value)];
  if (initial.kind === 'bytes') return [type, initial.bytes.join(' ')];
  return [
    type,
    ...initial.items.map(({ offset, bits, initializer: item }) => {
      const at = bits === undefined ? `${offset}` : `${offset}:${bits.first}+${bits.width}`;
      if (item.kind === 'value') return `${at} ${show(item.value)}`;
      return item.kind === 'bytes' ? `${at} ${item.bytes.join(' ')}` : `${at} list`;
    }),
  ];
}

describe('initialisers are flattened to offsets', () => {
  test.each([
    ['int x = 3;', ['int', '3:int']],
    ['int x[] = { 1, 2 };', ['int[2]', '0 1:int', '4 2:int']],
    ['int x[3] = { [1] = 5, 6 };', ['int[3]', '4 5:int', '8 6:int']],
    ['int x[2][2] = { 1, 2, 3 };', ['int[2][2]', '0 1:int', '4 2:int', '8 3:int']],
    ['int x[2][2] = { { 1 }, { 2 } };', ['int[2][2]', '0 1:int', '8 2:int']],
    ['char x[] = "ab";', ['char[3]', '97 98 0']],
    ['char x[2] = "ab";', ['char[2]', '97 98']],
    ['char x[] = { "ab" };', ['char[3]', '97 98 0']],
    ['wchar_t x[] = L"a\\x41";', ['wchar_t[3]', '97 0 65 0 0 0']],
    ['char x[2][3] = { "ab", "c" };', ['char[2][3]', '0 97 98 0', '3 99 0']],
    ['RECORD x = { 0 };', ['RECORD', '0 0:ULONG']],
    [
      'RECORD x = { 1, { 2, 3 }, { { 4, 5 } }, 6, 7 };',
      [
        'RECORD',
        '0 1:ULONG',
        '4 2:char',
        '6 3:short',
        '8 4:int',
        '12 5:int',
        '24:0+3 6:ULONG',
        '24:3+5 7:ULONG',
      ],
    ],
    [
      'RECORD x = { .inner.x[1] = 3, 4, .high = 2 };',
      ['RECORD', '12 3:int', '16 4:int', '6 2:short'],
    ],
    ['union { int a; char b; } x = { 5 };', ['union <unnamed>', '0 5:int']],
    ['union { int a; char b; } x = { .b = 5 };', ['union <unnamed>', '0 5:char']],
    [
      'struct { char *name; int (*call)(int x); } x[] = { { "a", one }, { 0, &one } };',
      [
        'struct <unnamed>[2]',
        '0 (char *)string',
        '8 (int (*)(int x))one',
        '16 0:char *',
        '24 &one',
      ],
    ],
    ['int *x = &a[1];', ['int *', '((int *)a + 4 * 1:long long):int *']],
    [
      'unsigned long long x = (unsigned long long)&i;',
      ['unsigned long long', '(unsigned long long)&i'],
    ],
    ['RECORD *x = &(RECORD){ 3 };', ['RECORD *', '&compoundLiteral']],
  ])('%s', (text, shown) => {
    expect(initializer(text)).toEqual(shown);
  });

  test('a structure from a call, and the values of a local list', () => {
    const text = `${declarations}RECORD make(void);
void test(int n) { RECORD x[2] = { make(), { n } }; none(); }`;
    const body = functionNamed(text, 'test').body;
    const statement = body?.block.statements[0];
    const [declared] = statement?.kind === 'declaration' ? statement.variables : [];
    const items = declared?.initializer?.kind === 'list' ? declared.initializer.items : [];
    expect(items.map(({ offset }) => offset)).toEqual([0, 28]);
  });
});

describe('layout by the rules of the Microsoft compiler', () => {
  const sizes = (text: string): Record<string, string> => {
    const { unit } = compile(text);
    const found: Record<string, string> = {};
    for (const [name, type] of unit.tags) {
      if (type.kind !== 'record') continue;
      const { members = [], size, alignment } = type.definition;
      const offsets = members.map(({ offset, bits }) =>
        bits === undefined ? `${offset}` : `${offset}:${bits.first}+${bits.width}`,
      );
      found[name] = `${size}/${alignment}: ${offsets.join(' ')}`;
    }
    return found;
  };

  test('members, bit-fields, packing, alignment', () => {
    expect(
      sizes(`
struct plain { char a; short b; char c; double d; char e; };
struct bits { unsigned a : 3; unsigned b : 30; unsigned char c : 2; unsigned char d : 7; };
struct mixed { char a : 4; int b : 4; char c; };
struct ended { int a : 3; int : 0; int b : 3; };
#pragma pack(push, 1)
struct packed { char a; int b; short c : 3; };
#pragma pack(2)
struct two { char a; int b; };
#pragma pack(pop)
struct unpacked { char a; int b; };
struct __declspec(align(32)) wide { int a; };
struct holder { char a; struct wide b; __declspec(align(8)) char c; };
union both { char a[5]; int b; };
struct flexible { short n; int tail[]; };
struct nested { char a; union { int b; char c; }; };
`),
    ).toEqual({
      plain: '24/8: 0 2 4 8 16',
      bits: '12/4: 0:0+3 4:0+30 8:0+2 9:0+7',
      mixed: '12/4: 0:0+4 4:0+4 8',
      ended: '8/4: 0:0+3 4:0+3',
      packed: '7/1: 0 1 5:0+3',
      two: '6/2: 0 2',
      unpacked: '8/4: 0 4',
      wide: '32/32: 0',
      holder: '96/32: 0 32 64',
      both: '8/4: 0 0',
      flexible: '4/4: 0 4',
      nested: '8/4: 0 4',
    });
  });
});

describe('functions and names', () => {
  const driver = `#include <ntddk.h>
DRIVER_INITIALIZE DriverEntry;
static VOID Unload(PDRIVER_OBJECT DriverObject);
#pragma alloc_text(INIT, DriverEntry)
#pragma alloc_text(PAGE, Unload)
/** Loads the driver. */
NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    static ULONG loads;
    ULONG count = 0;
    UNREFERENCED_PARAMETER(RegistryPath);
    for (ULONG i = 0; i < 3; i++) {
        PVOID block = NULL;
        count += i + (block == NULL);
    }
    loads = count;
    DriverObject->DriverUnload = Unload;
    return STATUS_SUCCESS;
}
static VOID Unload(PDRIVER_OBJECT DriverObject) { UNREFERENCED_PARAMETER(DriverObject); }
`;

  test('a driver without a finding, its sections and its documentation', () => {
    expect(findings(driver)).toEqual([]);
    const entry = functionNamed(driver, 'DriverEntry');
    expect(entry).toMatchObject({
      section: 'INIT',
      internal: false,
      documentation: 'Loads the driver.',
    });
    expect(functionNamed(driver, 'Unload')).toMatchObject({ section: 'PAGE', internal: true });
    expect(place(entry.range)).toBe('7:10-21');
  });

  test('variables with storage, type as written, and scope', () => {
    const { unit } = compile(driver);
    const body = functionNamed(driver, 'DriverEntry').body;
    expect(
      body?.locals.map(({ name, type, scope }) => [name, typeName(type), scope && place(scope)]),
    ).toEqual([
      ['count', 'ULONG', '8:1-19:2'],
      ['i', 'ULONG', '12:5-15:6'],
      ['block', 'PVOID', '12:35-15:6'],
    ]);
    expect(body?.parameters.map(({ name, type }) => [name, typeName(type)])).toEqual([
      ['DriverObject', 'PDRIVER_OBJECT'],
      ['RegistryPath', 'PUNICODE_STRING'],
    ]);
    const loads = unit.variables.find(({ name }) => name === 'loads');
    expect(loads).toMatchObject({ storage: 'static', external: false });
    expect(loads?.owner?.name).toBe('DriverEntry');
  });

  test('every use of a name is a reference, in text order', () => {
    const { file, unit } = compile(driver);
    const own = unit.references.filter(({ range }) => range.file === file);
    const starts = own.map(({ range }) => range.start);
    expect(starts).toEqual(starts.toSorted((a, b) => a - b));
    const uses = own
      .filter(({ symbol }) => symbol.kind === 'variable' && symbol.name === 'count')
      .map(({ range, use }) => `${place(range)} ${use}`);
    expect(uses).toEqual(['10:11-16 definition', '14:9-14 write', '16:13-18 read']);
    const unload = own
      .filter(({ symbol }) => symbol.kind === 'function' && symbol.name === 'Unload')
      .map(({ range, use }) => `${place(range)} ${use}`);
    expect(unload).toEqual(['3:13-19 declaration', '17:34-40 address', '20:13-19 definition']);
    const member = own.find(({ symbol }) => symbol.kind === 'member');
    expect(member).toMatchObject({ use: 'write' });
  });

  test('headers give prototypes with documentation', () => {
    const { unit } = compile('#include <ntddk.h>\n');
    const routine = unit.functions.find(({ name }) => name === 'MmAllocateContiguousMemory');
    expect(routine?.documentation).toBeTruthy();
    expect(routine?.type.parameters.map(({ name, type }) => `${typeName(type)} ${name}`)).toEqual([
      'SIZE_T NumberOfBytes',
      'PHYSICAL_ADDRESS HighestAcceptableAddress',
    ]);
    expect(unit.functions.find(({ name }) => name === 'KeBugCheckEx')?.noReturn).toBe(true);
  });
});

describe('expressions of a debugger', () => {
  const text = `#include <ntddk.h>
typedef struct _EXTENSION { ULONG Users; PMDL Mdl; UCHAR Name[8]; } EXTENSION, *PEXTENSION;
static ULONG Total = 5;
NTSTATUS Work(PEXTENSION Extension) { ULONG Total = 1; return Total + Extension->Users; }
`;
  const { unit } = compile(text);
  const work = unit.functions.find(({ name }) => name === 'Work');
  const variables = new Map(
    [...(work?.body?.parameters ?? []), ...(work?.body?.locals ?? [])].map((variable) => [
      variable.name,
      variable,
    ]),
  );

  function watch(source: string): string {
    const diagnostics = new Diagnostics();
    const tokens = tokensOf(source, diagnostics);
    const found = checkExpression({ tokens, unit, variables, diagnostics });
    const [error] = diagnostics.all;
    return error === undefined ? show(found) : `${error.code}: ${error.message}`;
  }

  function tokensOf(source: string, diagnostics: Diagnostics): readonly Token[] {
    return preprocess({
      file: { path: 'watch', text: source, origin: 'user' },
      definitions: [],
      resolveInclude: () => undefined,
      knownHeaders: [],
      mode: 'kernel',
      diagnostics,
    }).tokens;
  }

  test.each([
    ['Extension->Users + 1', '(*Extension.Users@0 + 1:ULONG):ULONG'],
    ['Extension->Name', '*Extension.Name@16'],
    ['*Extension', '*Extension'],
    ['((PDEVICE_OBJECT)0x1000)->Flags', '*4096:PDEVICE_OBJECT.Flags@48'],
    ['sizeof(MDL)', '48:size_t'],
    ['STATUS_WAIT_9', "undeclared-name: 'STATUS_WAIT_9' is not declared"],
    ['MmCached', '1:int'],
    ['Work', '(NTSTATUS (*)(PEXTENSION Extension))Work'],
    ['Extension->Users = 3', '*Extension.Users@0 = 3:ULONG'],
    ['Work(Extension)', 'watch-call: A watch cannot call a routine'],
    ['Extension->', "syntax: Expected a member's name after '->', found the end of the file"],
    ['1 2', "syntax: Expected the end of the expression, found '2'"],
    ['', 'syntax: Expected an expression'],
  ])('%s', (source, shown) => {
    expect(watch(source).replace(/; did you mean.*/, '')).toBe(shown);
  });

  test('locals hide statics, which are seen without them', () => {
    const diagnostics = new Diagnostics();
    const tokens = tokensOf('Total', diagnostics);
    const local = checkExpression({ tokens, unit: [unit], variables, diagnostics });
    const global = checkExpression({ tokens, unit: [unit], variables: new Map(), diagnostics });
    expect(
      [local, global].map((node) => node.kind === 'variable' && node.variable.storage),
    ).toEqual(['automatic', 'static']);
  });
});
