/** Structures and constants of the headers, laid out and valued by our front end, against reference tables. */
import { expect, test } from 'vitest';
import type { Unit } from '../../../engine/language/program.ts';
import type { CType, RecordDefinition } from '../../../engine/language/types.ts';
import { alignmentOf, sizeOf } from '../../../engine/language/types.ts';
import { compile, place } from '../language/check-support.ts';
import constants from './constants.json' with { type: 'json' };
import layouts from './layouts-x64.json' with { type: 'json' };

interface ReferenceMember {
  readonly name: string | null;
  readonly offset: number;
  readonly size: number;
  readonly bitOffset?: number;
  readonly bitSize?: number;
  readonly members?: readonly ReferenceMember[];
}

interface ReferenceStructure {
  readonly size: number;
  readonly align: number;
  readonly members: readonly ReferenceMember[];
}

const structures = layouts.structs as unknown as Readonly<Record<string, ReferenceStructure>>;

const includes = ['ntifs.h', 'wdmguid.h', 'bugcodes.h', 'ntstatus.h']
  .map((name) => `#include <${name}>\n`)
  .join('');
const { unit, diagnostics } = compile(includes);

test('the headers compile without a finding', () => {
  expect(diagnostics.map(({ message, range }) => `${place(range)}: ${message}`)).toEqual([]);
});

function typeOf(name: string, { typedefs, tags }: Unit): CType | undefined {
  return typedefs.get(name)?.type ?? tags.get(`_${name}`) ?? tags.get(name);
}

/** Where a member lies, in bytes and bits from the start of the outermost structure. */
function placed(offset: number, size: number, bits?: { first: number; width: number }): string {
  return bits === undefined
    ? `offset ${offset}, size ${size}`
    : `bit ${offset * 8 + bits.first}, width ${bits.width}`;
}

/** The table knows where a bit-field begins only for members of the outermost structure. */
const withoutPosition = (text: string | undefined): string | undefined =>
  text?.replace(/^bit \d+, /, '');

function declaredMembers(
  definition: RecordDefinition,
  prefix: string,
  base: number,
  found: Map<string, string>,
): Map<string, string> {
  for (const { name, type, offset, bits } of definition.members ?? []) {
    const path = name === undefined ? prefix : `${prefix}.${name}`;
    if (name !== undefined) found.set(path, placed(base + offset, sizeOf(type), bits));
    if (type.kind === 'record') declaredMembers(type.definition, path, base + offset, found);
  }
  return found;
}

function referenceMembers(
  members: readonly ReferenceMember[],
  prefix: string,
  found: Map<string, string>,
  isNested: boolean,
): Map<string, string> {
  for (const { name, offset, size, bitOffset, bitSize, members: inner } of members) {
    const path = name === null ? prefix : `${prefix}.${name}`;
    if (name !== null) {
      const bits =
        bitOffset === undefined || bitSize === undefined
          ? undefined
          : { first: bitOffset - offset * 8, width: bitSize };
      const text = placed(offset, size, bits);
      found.set(path, isNested ? (withoutPosition(text) ?? '') : text);
    }
    if (inner !== undefined) referenceMembers(inner, path, found, true);
  }
  return found;
}

test('structures have the size, alignment and member offsets of Windows on x64', () => {
  const differences: string[] = [];
  let comparedStructures = 0;
  let comparedMembers = 0;
  for (const [name, reference] of Object.entries(structures)) {
    const type = typeOf(name, unit);
    if (type?.kind !== 'record' || type.definition.members === undefined) continue;
    comparedStructures++;
    if (sizeOf(type) !== reference.size) {
      differences.push(`sizeof(${name}) is ${sizeOf(type)}, not ${reference.size}`);
    }
    if (alignmentOf(type) !== reference.align) {
      differences.push(`${name} is aligned to ${alignmentOf(type)}, not ${reference.align}`);
    }
    const declared = declaredMembers(type.definition, name, 0, new Map());
    const wanted = referenceMembers(reference.members, name, new Map(), false);
    for (const [path, expected] of wanted) {
      const actual = declared.get(path);
      // Members of reserved parts differ from one edition of the headers to the next.
      if (actual === undefined || (path.endsWith('.Reserved') && actual.startsWith('bit')))
        continue;
      comparedMembers++;
      if (actual !== expected && withoutPosition(actual) !== expected)
        differences.push(`${path}: ${actual}, not ${expected}`);
    }
  }
  expect(differences).toEqual([]);
  expect(comparedStructures).toBeGreaterThanOrEqual(55);
  expect(comparedMembers).toBeGreaterThanOrEqual(600);
});

/** Values of macros and enumerators as unsigned 64 bits; those that the headers do not define are left out. */
function valuesOf(names: readonly string[]): ReadonlyMap<string, bigint> {
  const defined = names.filter(
    (name) =>
      unit.enumerators.has(name) ||
      (unit.macros.has(name) && unit.macros.get(name)?.parameters === undefined),
  );
  // A static variable for each: its initialiser is folded.
  const { unit: valued } = compile(
    includes + defined.map((name) => `unsigned __int64 value_${name} = (${name});\n`).join(''),
  );
  const values = new Map<string, bigint>();
  for (const { name, initializer } of valued.variables) {
    if (initializer?.kind !== 'value' || initializer.value.kind !== 'integer') continue;
    values.set(name.replace(/^value_/, ''), BigInt.asUintN(64, BigInt(initializer.value.value)));
  }
  return values;
}

type Table = Readonly<Record<string, number | string>>;

test('constants and enumerators have their values', () => {
  const tables: Table[] = [
    ...Object.values(constants.macros as Record<string, Table>),
    ...Object.values(constants.enums as Record<string, Table>),
    ...Object.values(constants.docs as unknown as Record<string, { values: Table }>).map(
      ({ values }) => values,
    ),
  ];
  // The tables disagree on two bug checks: the headers have to have one of the values.
  const expected = new Map<string, Set<bigint>>();
  for (const [name, value] of tables.flatMap((table) => Object.entries(table))) {
    const wanted = expected.get(name) ?? new Set();
    expected.set(name, wanted.add(BigInt.asUintN(64, BigInt(value))));
  }
  const values = valuesOf([...expected.keys()]);
  const differences: string[] = [];
  for (const [name, actual] of values) {
    const wanted = [...(expected.get(name) ?? [])];
    const isRight = wanted.some((value) => {
      // Tables give signed and unsigned readings of 32 bits; more decide where the constant is wider.
      const bits = value > 0xffff_ffffn && value < 0xffff_ffff_0000_0000n ? 64 : 32;
      return BigInt.asUintN(bits, actual) === BigInt.asUintN(bits, value);
    });
    if (!isRight) {
      differences.push(`${name} is 0x${actual.toString(16)}, not 0x${wanted[0]?.toString(16)}`);
    }
  }
  expect(differences).toEqual([]);
  expect(values.size).toBeGreaterThanOrEqual(1900);
});
