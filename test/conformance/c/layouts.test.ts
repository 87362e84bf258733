// Layouts of LLP64 and of bit-fields: what the engine lays out, mingw-w64's gcc confirms by static assertions and by the
// bytes of initialised objects.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type CType, compileScenarioFile } from '../../../engine/index.ts';
import { Choices } from './generator/choices.ts';

const compiler = 'x86_64-w64-mingw32-gcc';
const hasCompiler = spawnSync(compiler, ['--version']).status === 0;

/** What is left out here is listed in `skips.ts`. */
const scalars = [
  'char',
  'signed char',
  'unsigned char',
  'short',
  'unsigned short',
  'int',
  'unsigned',
  'long',
  'unsigned long',
  'long long',
  'unsigned __int64',
  'wchar_t',
  'float',
  'double',
  'void *',
  'enum e',
  'size_t',
];
const bitTypes: readonly (readonly [string, number])[] = [
  ['unsigned char', 8],
  ['signed char', 8],
  ['unsigned short', 16],
  ['short', 16],
  ['int', 32],
  ['unsigned', 32],
  ['long', 32],
  ['unsigned long', 32],
  ['unsigned __int64', 64],
  ['long long', 64],
];

/** Text of a number of record definitions, each of which may use the earlier ones. */
function definitions(seed: number, count: number): string {
  const choices = new Choices(seed);
  const members = (depth: number, prefix: string, known: number, fields = true): string => {
    let text = '';
    for (let index = 0; index < choices.between(1, 7); index++) {
      const name = `${prefix}${index}`;
      text += choices.weighted<string>(
        [6, () => `${choices.of(scalars)} ${name};`],
        [2, () => `${choices.of(scalars)} ${name}[${choices.between(1, 5)}];`],
        [
          fields ? 8 : 0,
          () => {
            const [type, bits] = choices.of(bitTypes);
            if (choices.chance(8)) return `${type} : 0;`;
            const width = choices.between(1, choices.chance(70) ? Math.min(bits, 9) : bits);
            return choices.chance(10) ? `${type} : ${width};` : `${type} ${name} : ${width};`;
          },
        ],
        [
          known > 0 ? 2 : 0,
          () => `struct s${choices.below(known)} ${name}${choices.chance(30) ? '[2]' : ''};`,
        ],
        [
          depth > 0 ? 2 : 0,
          () => {
            const kind = choices.of(['struct', 'union']);
            const inner = members(depth - 1, `${name}_`, known, kind === 'struct');
            return `${kind} { ${inner} } ${choices.chance(50) ? '' : name};`;
          },
        ],
        [1, () => `struct s0 *${name};`],
      );
    }
    // A record has a member with a name.
    return `${text} char ${prefix}last;`;
  };
  let text = 'enum e { e_low = -1, e_high = 5 };\n';
  for (let index = 0; index < count; index++) {
    // Packed records come first, so that none holds an aligned one.
    const pack = index < count / 2 && choices.chance(35) ? choices.of([1, 2, 4, 8, 16]) : 0;
    if (pack > 0) text += `#pragma pack(push, ${pack})\n`;
    const align =
      index >= count / 2 && choices.chance(20)
        ? `__declspec(align(${choices.of([2, 8, 16])})) `
        : '';
    text += `struct ${align}s${index} { ${members(2, 'm', index)} };\n`;
    if (pack > 0) text += '#pragma pack(pop)\n';
  }
  return text;
}

interface Field {
  readonly name: string;
  /** Bits from the start of the record. */
  readonly first: number;
  readonly width: number;
}

interface Facts {
  readonly tag: string;
  readonly size: number;
  readonly offsets: readonly (readonly [string, number])[];
  readonly fields: readonly Field[];
}

/** Every named member with its place, through those without a name. */
function factsOf(tag: string, type: CType): Facts {
  const offsets: [string, number][] = [];
  const fields: Field[] = [];
  const visit = (record: CType, base: number, path: string): void => {
    if (record.kind !== 'record') return;
    for (const { name, type: inner, offset, bits } of record.definition.members ?? []) {
      const at = base + offset;
      if (name === undefined) visit(inner, at, path);
      else if (bits !== undefined) {
        fields.push({ name: path + name, first: at * 8 + bits.first, width: bits.width });
      } else {
        offsets.push([path + name, at]);
        if (inner.kind === 'record' && inner.definition.tag === undefined) {
          visit(inner, at, `${path}${name}.`);
        }
      }
    }
  };
  visit(type, 0, '');
  const size = type.kind === 'record' ? type.definition.size : 0;
  return { tag, size, offsets, fields };
}

/** What the engine makes of the definitions. */
function laidOut(text: string): readonly Facts[] {
  const files: Readonly<Record<string, string>> = {
    'main.c': `#include <stddef.h>\n${text}\nint main(void) { return 0; }\n`,
    'main.dms': 'scenario "layouts" { process p "main.c"; }\n',
  };
  const program = compileScenarioFile('main.dms', { read: (path) => files[path] });
  const errors = program.diagnostics.filter(({ severity }) => severity === 'error');
  expect(errors.map(({ message }) => message)).toEqual([]);
  const [unit] =
    program.scenarios[0]?.hosts[0]?.processes.find(({ name }) => name === 'p')?.units ?? [];
  return [...(unit?.tags ?? [])]
    .filter(([tag]) => /^s\d+$/.test(tag))
    .map(([tag, type]) => factsOf(tag, type));
}

/** The bytes of a record of which one field has all bits set. */
function expectedBytes({ size }: Facts, { first, width }: Field): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(Math.max(size, 1) / 16) * 16);
  for (let bit = first; bit < first + width; bit++) {
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (1 << (bit & 7));
  }
  return bytes;
}

/** Compiles for Windows; answers the objects in the section `.fields`, or what the compiler says. */
function confirm(text: string, facts: readonly Facts[]): Uint8Array | string {
  const folder = mkdtempSync(join(tmpdir(), 'dms-layouts-'));
  try {
    const asserts = facts.flatMap(({ tag, size, offsets }) => [
      `_Static_assert(sizeof(struct ${tag}) == ${size}, "size of ${tag}");`,
      ...offsets.map(
        ([name, offset]) =>
          `_Static_assert(offsetof(struct ${tag}, ${name}) == ${offset}, "${tag}.${name}");`,
      ),
    ]);
    const objects = facts.flatMap(({ tag, fields }) =>
      fields.map(
        ({ name }, index) =>
          `struct ${tag} o_${tag}_${index} __attribute__((section(".fields"), aligned(16))) = { .${name} = -1 };`,
      ),
    );
    const source = join(folder, 'layouts.c');
    // gcc spells the attribute in another way.
    const portable = text.replaceAll('align(', 'aligned(');
    const all = [portable, ...asserts, ...objects].join('\n');
    writeFileSync(source, `#include <stddef.h>\n${all}\n`);
    const result = spawnSync(
      compiler,
      ['-w', '-std=gnu11', '-fno-toplevel-reorder', '-c', source, '-o', join(folder, 'out.o')],
      { encoding: 'utf8' },
    );
    if (result.status !== 0) return result.stderr;
    execFileSync('x86_64-w64-mingw32-objcopy', [
      '-O',
      'binary',
      '-j',
      '.fields',
      join(folder, 'out.o'),
      join(folder, 'out.bin'),
    ]);
    return readFileSync(join(folder, 'out.bin'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('layouts', () => {
  test('there are records of every kind among the generated ones', () => {
    const facts = laidOut(definitions(1, 60));
    expect(facts).toHaveLength(60);
    expect(facts.flatMap(({ fields }) => fields).length).toBeGreaterThan(50);
    expect(facts.flatMap(({ offsets }) => offsets).length).toBeGreaterThan(150);
  });

  test.skipIf(!hasCompiler)(
    `300 records of each of 4 seeds have the layout of ${compiler}`,
    () => {
      for (let seed = 1; seed <= 4; seed++) {
        const text = definitions(seed, 300);
        const facts = laidOut(text);
        const bytes = confirm(text, facts);
        expect(typeof bytes === 'string' ? bytes.slice(0, 2000) : '').toBe('');
        if (typeof bytes === 'string') return;
        let at = 0;
        for (const record of facts) {
          for (const field of record.fields) {
            const expected = expectedBytes(record, field);
            expect(
              [...bytes.subarray(at, at + record.size)],
              `${record.tag}.${field.name} of seed ${seed}`,
            ).toEqual([...expected.subarray(0, record.size)]);
            at += expected.length;
          }
        }
      }
    },
    120_000,
  );
});
