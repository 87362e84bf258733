import { describe, expect, it } from 'vitest';
import { preprocessed, spelt } from './preprocessor-support.ts';

describe('macro replacement', () => {
  it('rescans, and leaves alone the name of a macro inside its own expansion', () => {
    expect(
      spelt(`
        #define x 3
        #define f(a) f(x * (a))
        #undef x
        #define x 2
        #define g f
        #define z z[0]
        #define h g(~
        #define m(a) a(w)
        #define w 0,1
        #define t(a) a
        #define p() int
        #define q(x) x
        #define r(x,y) x ## y
        #define str(x) # x
        f(y+1) + f(f(z)) % t(t(g)(0) + t)(1);
        g(x+(3,4)-w) | h 5) & m
            (f)^m(m);
        p() i[q()] = { q(1), r(2,3), r(4,), r(,5), r(,) };
        char c[2][6] = { str(hello), str() };`),
    ).toEqual([
      'f(2 * (y+1)) + f(2 * (f(2 * (z[0])))) % f(2 * (0)) + t(1);',
      'f(2 * (2+(3,4)-0,1)) | f(2 * (~ 5)) & f(2 * (0,1))^m(0,1);',
      'int i[] = { 1, 23, 4, 5, };',
      'char c[2][6] = { "hello", "" };',
    ]);
  });

  it('stringizes spelling, escapes inside literals and joins tokens before rescanning', () => {
    expect(
      spelt(`
        #define str(s) # s
        #define xstr(s) str(s)
        #define debug(s, t) printf("x" # s "= %d, x" # t "= %s", \\
                       x ## s, x ## t)
        #define INCFILE(n) vers ## n
        #define glue(a, b) a ## b
        #define xglue(a, b) glue(a, b)
        #define HIGHLOW "hello"
        #define LOW LOW ", world"
        debug(1, 2);
        fputs(str(strncmp("abc\\0d", "abc", '\\4') // this goes away
              == 0) str(: @\\n), s);
        xstr(INCFILE(2).h)
        glue(HIGH, LOW);
        xglue(HIGH, LOW)`),
    ).toEqual([
      'printf("x" "1" "= %d, x" "2" "= %s", x1, x2);',
      `fputs("strncmp(\\"abc\\\\0d\\", \\"abc\\", '\\\\4') == 0" ": @\\n", s);`,
      '"vers2.h"',
      '"hello";',
      '"hello" ", world"',
    ]);
  });

  it('treats an empty argument as nothing to join', () => {
    expect(
      spelt(`
        #define t(x,y,z) x ## y ## z
        int j[] = { t(1,2,3), t(,4,5), t(6,,7), t(8,9,), t(10,,), t(,11,), t(,,12), t(,,) };`),
    ).toEqual(['int j[] = { 123, 45, 67, 89, 10, 11, 12, };']);
  });

  it('makes ## by joining # and #, which is then no operator', () => {
    expect(
      spelt(`
        #define hash_hash # ## #
        #define mkstr(a) # a
        #define in_between(a) mkstr(a)
        #define join(c, d) in_between(c hash_hash d)
        char p[] = join(x, y);`),
    ).toEqual(['char p[] = "x ## y";']);
  });

  it('passes variable arguments, and their spelling', () => {
    expect(
      spelt(`
        #define debug(...) fprintf(stderr, __VA_ARGS__)
        #define showlist(...) puts(#__VA_ARGS__)
        #define report(test, ...) ((test)?puts(#test): printf(__VA_ARGS__))
        debug("Flag");
        debug("X = %d\\n", x);
        showlist(The first, second, and third items.);
        report(x>y, "x is %d but y is %d", x, y);`),
    ).toEqual([
      'fprintf(stderr, "Flag");',
      'fprintf(stderr, "X = %d\\n", x);',
      'puts("The first, second, and third items.");',
      '((x>y)?puts("x>y"): printf("x is %d but y is %d", x, y));',
    ]);
  });

  it('drops the comma before empty variable arguments, as the Microsoft compiler does', () => {
    expect(
      spelt(`
        #define LOG(format, ...) DbgPrint("proxy: " format, __VA_ARGS__)
        #define TRACE(format, ...) DbgPrint(format, ##__VA_ARGS__)
        LOG("start");
        LOG("%d of %d", 1, 2);
        TRACE("start");
        TRACE("%d", 1);`),
    ).toEqual([
      'DbgPrint("proxy: " "start");',
      'DbgPrint("proxy: " "%d of %d", 1, 2);',
      'DbgPrint("start");',
      'DbgPrint("%d",1);',
    ]);
  });

  it('expands the double parentheses of debug print macros', () => {
    expect(
      spelt(`
        #define DBG_PRINT(_x_) DbgPrint("drv: "); DbgPrint _x_;
        DBG_PRINT(("irp %p\\n", Irp))`),
    ).toEqual(['DbgPrint("drv: "); DbgPrint ("irp %p\\n", Irp);']);
  });

  it('takes arguments over several lines, with conditionals among them', () => {
    expect(
      spelt(`
        #define ADD(a, b) ((a) + (b))
        int sum = ADD(1,
        #if 1
            2
        #else
            3
        #endif
        );`),
    ).toEqual(['int sum = ((1) + (2));']);
  });

  it('knows the place of a use, and counts', () => {
    expect(
      spelt('#define HERE __LINE__\n\nHERE __LINE__\n__FILE__ __COUNTER__ __COUNTER__', {
        path: 'drivers/a.c',
      }),
    ).toEqual(['3 3', '"a.c" 0 1']);
  });

  it('counts lines as #line says', () => {
    expect(spelt('#line 100 "gen.c"\n__LINE__ __FILE__')).toEqual(['100 "gen.c"']);
  });

  it('joins lines before anything else', () => {
    expect(spelt('#de\\\nfine LO\\\nNG 1 + \\\n 2\nLONG na\\\r\nme "a\\\nb"')).toEqual([
      '1 + 2 name "ab"',
    ]);
  });

  it('reads a comment as a space, also one that spans lines of a directive', () => {
    expect(spelt('#define TWO /* one\n more */ 2\nTWO a/**/b')).toEqual(['2 a b']);
  });

  it('reads digraphs', () => {
    expect(spelt('%:define A 1\nint a<:2:> = <% A %>;')).toEqual(['int a[2] = { 1 };']);
  });
});

describe('places of tokens', () => {
  const text = '#define TWICE(x) ((x) + (x))\nint a = TWICE(count);';

  it('gives a token of a replacement the place of the use, and its spelling in the definition', () => {
    const { tokens } = preprocessed(text);
    const plus = tokens.find((token) => token.text === '+');
    expect(text.slice(plus?.range.start, plus?.range.end)).toBe('TWICE(count)');
    expect(plus?.spelling.start).toBe(text.indexOf('+'));
    expect(plus?.macro?.name).toBe('TWICE');
  });

  it('leaves an argument where it stands', () => {
    const { tokens } = preprocessed(text);
    const uses = tokens.filter((token) => token.text === 'count');
    expect(uses).toHaveLength(2);
    for (const use of uses) {
      expect(use.range.start).toBe(text.indexOf('count'));
      expect(use.macro).toBeUndefined();
    }
  });

  it('names macros from the outermost to the innermost', () => {
    const nested = '#define INNER 1\n#define OUTER INNER\nint a = OUTER;';
    const one = preprocessed(nested).tokens.find((token) => token.text === '1');
    expect(one?.macro?.name).toBe('INNER');
    expect(one?.macro?.outer?.name).toBe('OUTER');
    expect(one?.macro?.outer?.outer).toBeUndefined();
    expect(nested.slice(one?.range.start, one?.range.end)).toBe('OUTER');
    expect(one?.range.start).toBe(nested.lastIndexOf('OUTER'));
  });

  it('lists definitions and uses of macros with their places', () => {
    const source = '#define A 1\n#ifdef A\nint a = A;\n#endif\n#undef A';
    const { macroReferences } = preprocessed(source);
    expect(macroReferences.map(({ range, use }) => [range.start, use])).toEqual([
      [8, 'definition'],
      [19, 'read'],
      [source.indexOf('A;'), 'read'],
      [source.lastIndexOf('A'), 'read'],
    ]);
  });

  it('keeps the file offsets of a block, behind the preprocessor lines of the file', () => {
    const file = '#define LENGTH 4\nscenario { driver X { int a = LENGTH; } }';
    const start = file.indexOf('int');
    const { tokens } = preprocessed(file, {
      range: { start, end: file.indexOf(' } }') },
      prelude: [[0, 16]],
    });
    expect(tokens.map((token) => token.text)).toEqual(['int', 'a', '=', '4', ';', '']);
    expect(tokens[0]?.range.start).toBe(start);
    expect(tokens.at(-1)?.kind).toBe('end');
  });
});

describe('conditionals', () => {
  const taken = (condition: string): boolean =>
    spelt(`#if ${condition}\nyes\n#else\nno\n#endif`)[0] === 'yes';

  it.each([
    ['1 + 2 * 3 == 7', true],
    ['(1 ? 2 : 3) == 2', true],
    ['0xFFFFFFFFFFFFFFFF > 0', true],
    ['-1 > 0u', true],
    ['-1 > 0', false],
    ['(2 - 3) / 2 == 0', true],
    ['-7 / 2 == -3', true],
    ['-7 % 3 == -1', true],
    ['1 << 40 == 0x10000000000', true],
    ['-8 >> 1 == -4', true],
    ['~0 == -1', true],
    ['!defined(NEVER)', true],
    ['defined DBG && DBG', true],
    ['undefined_name', false],
    ["'a' == 97", true],
    ["'abcd' == 0x61626364", true],
    ['0 && 1 / 0', false],
    ['1 || 1 / 0', true],
    ['10I64 == 10 && 10ui64 == 10', true],
    ['0x1E+1 == 31', true],
    ['077 == 63', true],
  ])('%s is %s', (condition, expected) => {
    expect(taken(condition)).toBe(expected);
  });

  it('takes one branch of many, and no directive of the others', () => {
    expect(
      spelt(`
        #define LEVEL 2
        #if LEVEL == 1
        #error one
        #elif LEVEL == 2
        two
        # if 0
        #  else
        inner
        # endif
        #elif LEVEL == 2 /* taken already */
        again
        #else
        #include "nothing.h"
        don't
        #endif`),
    ).toEqual(['two', 'inner']);
  });

  it('does not evaluate what it does not need', () => {
    const { diagnostics } = preprocessed(
      '#if 1\n#elif 1 / 0\n#endif\n#if 0\n#if (\n#endif\n#endif',
    );
    expect(diagnostics).toEqual([]);
  });

  it('asks about a macro without replacing it, also from inside a macro', () => {
    expect(
      spelt(
        '#define EMPTY\n#define HAS defined(EMPTY) && defined EMPTY\n#if defined(EMPTY) && HAS\nyes\n#endif',
      ),
    ).toEqual(['yes']);
  });
});

describe('predefined macros', () => {
  it('are those of a debug x64 build', () => {
    expect(
      spelt(
        '#if DBG && _WIN64 && defined(_AMD64_) && _M_AMD64 && _M_X64 && _MSC_VER > 1900 && !defined(UNICODE)\nyes\n#endif\nNTDDI_VERSION',
      )[0],
    ).toBe('yes');
  });

  it('tell kernel code from a process', () => {
    const text =
      '#if defined(_DMS_KERNEL_MODE) && _KERNEL_MODE\nkernel\n#endif\n#ifdef _DMS_USER_MODE\nuser\n#endif';
    expect(spelt(text)).toEqual(['kernel']);
    expect(spelt(text, { mode: 'user' })).toEqual(['user']);
  });

  it('are joined by the definitions of the driver', () => {
    expect(
      spelt('COUNT EMPTY NAME', {
        definitions: [
          { name: 'COUNT', value: '2 + 1' },
          { name: 'EMPTY', value: '' },
          { name: 'NAME', value: '"x"' },
        ],
      }),
    ).toEqual(['2 + 1 "x"']);
  });
});

describe('includes', () => {
  const files = {
    'a.h': '#ifndef A_H\n#define A_H\nint a;\n#endif\n',
    'once.h': '#pragma once\nint once;\n',
    'b.h': '#include "a.h"\n#include <a.h>\nint b;\n',
    'loop.h': '#include "loop.h"\n',
    'value.h': 'VALUE\n',
  };

  it('are read once when guarded or marked', () => {
    expect(
      spelt('#include "b.h"\n#include "a.h"\n#include "once.h"\n#include "once.h"\nint c;', {
        files,
      }),
    ).toEqual(['int a;', 'int b;', 'int once;', 'int c;']);
  });

  it('see the macros of the includer each time', () => {
    expect(
      spelt(
        '#define VALUE 1\n#include "value.h"\n#undef VALUE\n#define VALUE 2\n#include "value.h"',
        {
          files,
        },
      ),
    ).toEqual(['1', '2']);
  });

  it('may be named by a macro', () => {
    expect(spelt('#define NAME <a.h>\n#include NAME', { files })).toEqual(['int a;']);
    expect(spelt('#define NAME "a.h"\n#include NAME', { files })).toEqual(['int a;']);
  });

  it('take the built-in headers whatever the case of their name', () => {
    const { tokens, diagnostics, files: read } = preprocessed('#include <PSHPACK1.H>\nint a;');
    expect(diagnostics).toEqual([]);
    expect(tokens[0]).toMatchObject({ kind: 'pragma', text: 'pack(push, 1)' });
    expect(read.map(({ path }) => path)).toEqual(['a.c', 'dms:/include/pshpack1.h']);
  });

  it('report a file that includes itself for ever', () => {
    const { diagnostics } = preprocessed('#include "loop.h"', { files });
    expect(diagnostics.map(({ code }) => code)).toEqual(['include-depth']);
  });
});

describe('pragmas', () => {
  it('reach the parser when they mean something to it', () => {
    const { tokens } = preprocessed(
      '#define N 4\n#pragma pack(push, N)\n#pragma warning(disable: 4127)\n#pragma alloc_text(PAGE, AddDevice)\n#pragma prefast(suppress: 1, "it\'s")\nint a; __pragma(pack(pop)) _Pragma("pack(1)") __pragma(warning(push)) int b;',
    );
    expect(tokens.map(({ kind, text }) => `${kind} ${text}`)).toEqual([
      'pragma pack(push, 4)',
      'pragma alloc_text(PAGE, AddDevice)',
      'identifier int',
      'identifier a',
      'punctuator ;',
      'pragma pack(pop)',
      'pragma pack(1)',
      'identifier int',
      'identifier b',
      'punctuator ;',
      'end ',
    ]);
  });
});

describe('literals', () => {
  it('keep their spelling and kind', () => {
    const { tokens } = preprocessed(
      `10 0x1FULL 1I64 1.5e-3f 'dcba' L'x' L"wide" u8"a" "q\\"uote" .5 1e5`,
    );
    expect(tokens.map(({ kind, text }) => `${kind} ${text}`)).toEqual([
      'integer 10',
      'integer 0x1FULL',
      'integer 1I64',
      'floating 1.5e-3f',
      "character 'dcba'",
      "character L'x'",
      'string L"wide"',
      'string u8"a"',
      'string "q\\"uote"',
      'floating .5',
      'floating 1e5',
      'end ',
    ]);
  });
});
