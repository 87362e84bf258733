/** The kernel's tables of constants against the headers that drivers include. */
import { describe, expect, it } from 'vitest';
import { bugCheckCodes, bugCheckName } from '../../../engine/kernel/bug-check-codes.ts';
import { MDL_SIZE, mdlFlags, mdlLayout } from '../../../engine/kernel/mm/mdl.ts';
import { verifierFlags } from '../../../engine/kernel/services.ts';
import { status, statusName } from '../../../engine/kernel/status.ts';
import { findMember, sizeOf } from '../../../engine/language/types.ts';
import { compile } from '../language/check-support.ts';

const includes = ['ntifs.h', 'bugcodes.h', 'ntstatus.h']
  .map((name) => `#include <${name}>\n`)
  .join('');
const { unit } = compile(includes);

/** Values of the names that the headers define, as unsigned 32 bits. */
function valuesOf(names: readonly string[]): ReadonlyMap<string, number> {
  const defined = names.filter((name) => unit.macros.has(name) || unit.enumerators.has(name));
  const { unit: valued } = compile(
    includes + defined.map((name) => `unsigned long value_${name} = (${name});\n`).join(''),
  );
  const values = new Map<string, number>();
  for (const { name, initializer } of valued.variables) {
    if (initializer?.kind !== 'value' || initializer.value.kind !== 'integer') continue;
    values.set(
      name.replace(/^value_/, ''),
      Number(BigInt.asUintN(32, BigInt(initializer.value.value))),
    );
  }
  return values;
}

/** Entries that the headers define otherwise, and how many were compared. */
function compare(table: Readonly<Record<string, number>>): {
  readonly wrong: readonly string[];
  readonly compared: number;
} {
  const values = valuesOf(Object.keys(table));
  const wrong = [...values]
    .filter(([name, value]) => value !== table[name])
    .map(([name, value]) => `${name} is 0x${value.toString(16)} in the headers`);
  return { wrong, compared: values.size };
}

describe('constants of the kernel', () => {
  it('are those of the headers: NTSTATUS values', () => {
    const { wrong, compared } = compare(status);
    expect(wrong).toEqual([]);
    expect(compared).toBe(Object.keys(status).length);
  });

  it('are those of the headers: bug checks', () => {
    // The documentation names 0xD2 so; the headers give that name to a facility code.
    const { BUGCODE_ID_DRIVER: documented, ...codes } = bugCheckCodes;
    expect(documented).toBe(0xd2);
    const { wrong, compared } = compare(codes);
    expect(wrong).toEqual([]);
    expect(compared).toBeGreaterThan(100);
  });

  it('are those of the headers: MDL flags and layout', () => {
    const { wrong, compared } = compare(mdlFlags);
    expect(wrong).toEqual([]);
    expect(compared).toBeGreaterThan(12);
    const type = unit.typedefs.get('MDL')?.type;
    if (type?.kind !== 'record') throw new Error('the headers declare no MDL');
    expect(sizeOf(type)).toBe(MDL_SIZE);
    const offsetOf = (member: string): number | undefined =>
      findMember(type.definition, member)?.offset;
    expect({
      next: offsetOf('Next'),
      size: offsetOf('Size'),
      mdlFlags: offsetOf('MdlFlags'),
      process: offsetOf('Process'),
      mappedSystemVa: offsetOf('MappedSystemVa'),
      startVa: offsetOf('StartVa'),
      byteCount: offsetOf('ByteCount'),
      byteOffset: offsetOf('ByteOffset'),
      pfnArray: sizeOf(type),
    }).toEqual(mdlLayout);
  });

  it('have names', () => {
    expect(statusName(status.STATUS_SUCCESS)).toBe('STATUS_SUCCESS');
    expect(statusName(-1_073_741_670)).toBe('STATUS_INSUFFICIENT_RESOURCES');
    expect(statusName(0xdead_beef)).toBe('0xDEADBEEF');
    expect(bugCheckName(0xc4)).toBe('DRIVER_VERIFIER_DETECTED_VIOLATION');
    expect(bugCheckName(0x00ab_cdef)).toBe('0xABCDEF');
  });

  it('give each option of the verifier a bit of its own', () => {
    const bits = Object.values(verifierFlags);
    expect(bits.reduce((sum, bit) => sum | bit, 0)).toBe(bits.reduce((sum, bit) => sum + bit, 0));
  });
});
