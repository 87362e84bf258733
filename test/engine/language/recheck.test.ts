import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CompileCache, compileScenarioFile } from '../../../engine/index.ts';
import { described } from './described-program.ts';

const repository = join(import.meta.dirname, '../../..');

/** A file that a program is made of, and the program's own file. */
interface Sample {
  readonly root: string;
  readonly path: string;
}

const files = new Map<string, string>();
for (const folder of ['samples', 'test/engine/language/fixtures']) {
  for (const name of readdirSync(join(repository, folder), { recursive: true, encoding: 'utf8' })) {
    if (!/\.(dms|c|h)$/.test(name)) continue;
    const path = join(folder, name);
    files.set(path, readFileSync(join(repository, path), 'utf8'));
  }
}
files.set('everything.c', readFileSync(join(import.meta.dirname, 'programs/everything.c'), 'utf8'));
files.set(
  'channels.c',
  `#include <ntddk.h>\n${[1, 2, 3]
    .map((index) =>
      readFileSync(join(repository, 'bench/compile/channel.c'), 'utf8').replaceAll('@', `${index}`),
    )
    .join('')}`,
);

const compile = (path: string, texts: ReadonlyMap<string, string>, cache?: CompileCache) =>
  compileScenarioFile(path, { read: (wanted) => texts.get(wanted) }, cache);

/** What each file of the samples is checked with. */
const samples: readonly Sample[] = [...files.keys()].flatMap((root) => {
  if (root.endsWith('.h')) return [];
  const reached = compile(root, files).files.filter(({ origin }) => origin === 'user');
  return reached.filter(({ path }) => /\.[ch]$/.test(path)).map(({ path }) => ({ root, path }));
});

/** What people type, sound or not. */
const insertions: readonly string[] = [
  ' ',
  '\n',
  ';',
  '{',
  '}',
  '(',
  ')',
  '"',
  '/* ',
  '*/',
  '// ',
  'x',
  '0',
  ' Status = 0;',
  '\n    ULONG Fresh = 5;\n    Fresh++;\n',
  ' static int Kept = 3; Kept += 1;',
  ' struct { int a, b; } Pair = { 1, 2 }; Pair.a = Pair.b;',
  ' { typedef struct _LOCAL { int One; } LOCAL; LOCAL L; L.One = 2; }',
  ' Nowhere(1);',
  ' Unknown_t Thing;',
  ' return;',
  ' goto Away;',
  ' Away: ;',
  ' NT_ASSERT(1);',
  ' if (1) ',
  ' DbgPrint("%d %s", 1);',
  ' extern int Elsewhere; Elsewhere = 1;',
  ' int Local(int a); Local(1);',
  ' PAGED_CODE();',
  ' while (TRUE) { break; }',
  '\n#define ONE 1\n',
  '\n#if 0\n',
  '\n#endif\n',
  '\n#undef TRUE\n',
  '\\\n',
];

const edit = fc.record({
  /** Part of the text at which it stands. */
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  removed: fc.oneof(fc.constant(0), fc.nat(12), fc.nat(80)),
  inserted: fc.oneof(
    { weight: 1, arbitrary: fc.constant('') },
    { weight: 4, arbitrary: fc.constantFrom(...insertions) },
  ),
});

const edited = (
  text: string,
  { at, removed, inserted }: { at: number; removed: number; inserted: string },
) => {
  const start = Math.floor(at * text.length);
  return text.slice(0, start) + inserted + text.slice(start + removed);
};

/** Whether symbols outlive an edit: only those of a unit that was not checked as a whole do. */
function isKept(text: string, change: (text: string) => string): boolean {
  const cache = new CompileCache();
  const path = 'driver.c';
  const functions = (source: string) => {
    const program = compile(path, new Map([[path, source]]), cache);
    const [unit] = program.scenarios[0]?.hosts[0]?.drivers[0]?.units ?? [];
    return unit?.functions.find(({ name }) => name === 'DriverEntry');
  };
  const before = functions(text);
  expect(before).toBeDefined();
  return before === functions(change(text));
}

describe('a unit is checked again after an edit', () => {
  const driver = `#include <ntddk.h>
#define LIMIT 10
typedef struct _STATE { ULONG Count; } STATE, *PSTATE;
static ULONG Add(PSTATE State, ULONG More)
{
    ULONG Sum = State->Count + More;
    return Sum < LIMIT ? Sum : LIMIT;
}
static ULONG Double(PSTATE State) { return Add(State, State->Count); }
NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    STATE State = { 1 };
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    return Double(&State) == 2 ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}
`;

  test.each([
    ['a statement', 'ULONG Sum', 'State->Count++; ULONG Sum', true],
    ['a line', '    return Sum', '\n    return Sum', true],
    ['a mistake', 'return Sum', 'return Summ', true],
    ['an unfinished expression', 'return Sum <', 'State-> return Sum <', true],
    [
      'a static variable of a function',
      'return Add',
      'static int Calls; Calls++; return Add',
      true,
    ],
    ['a comment', 'return Sum', '/* why */ return Sum', true],
    ['a name of the file scope', 'Double(PSTATE State)', 'Double(PSTATE Stat)', false],
    ['a member', 'ULONG Count;', 'ULONG Count, More;', false],
    ['a macro', 'LIMIT 10', 'LIMIT 11', false],
    ['a directive in a function', 'return Sum', '\n#if 1\n#endif\nreturn Sum', false],
    ['a brace too many', 'return Sum', '} return Sum', false],
    ['a brace too few', 'return Sum', '{ return Sum', false],
    ['a comment that goes on', 'return Sum', '/* return Sum', false],
    ['a declaration that reaches out', 'ULONG Sum', 'extern int Other; ULONG Sum', false],
  ])('%s: only what it touches', (_, before, after, kept) => {
    expect(isKept(driver, (text) => text.replace(before, after))).toBe(kept);
  });

  test.each(samples)('$path of $root: random edits leave what a fresh check finds', (sample) => {
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 6 }), (edits) => {
        const texts = new Map(files);
        const cache = new CompileCache();
        compile(sample.root, texts, cache);
        for (const change of edits) {
          const before = texts.get(sample.path) ?? '';
          const after = edited(before, change);
          texts.set(sample.path, after);
          expect(described(compile(sample.root, texts, cache))).toEqual(
            described(compile(sample.root, texts)),
          );
          // A mistake that the rest of the text suffers from is taken back, so that edits stay apart.
          if (change.at > 0.5) texts.set(sample.path, before);
        }
      }),
      { numRuns: Number(process.env['RECHECK_RUNS'] ?? 3) },
    );
  });
});
