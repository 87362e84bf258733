import { describe, expect, it } from 'vitest';
import { callClassRoutines } from '../../../../engine/kernel/mm/call-classes.ts';
import { mdlLayout } from '../../../../engine/kernel/mm/mdl.ts';
import { Rig } from './support.ts';

const TAG = 0x776f_4c4e;
const OTHER = 0x6161_6161;

/** A locked MDL of two pages, 8 bytes into the first. */
function lockedMdl(rig: Rig): number {
  const buffer = rig.memory.allocateUser(rig.user, 2, 'userMemory', 'readWrite') ?? 0;
  const mdl = rig.number('IoAllocateMdl', buffer + 8, 8000, 0, 0, 0);
  rig.call('MmProbeAndLockPages', mdl, 1, 1);
  return mdl;
}

const reserve = (rig: Rig, bytes: number): number =>
  rig.number('MmAllocateMappingAddress', bytes, TAG);

const map = (rig: Rig, base: number, mdl: number, tag = TAG): number =>
  rig.number('MmMapLockedPagesWithReservedMapping', base, tag, mdl, 1);

describe('a reserved mapping', () => {
  it('can be used again and again, and answers an address with the byte offset', () => {
    const rig = new Rig();
    const base = reserve(rig, 0x4000);
    expect(() => rig.driver.readUnsigned(base, 4)).toThrow('read');
    const mdl = lockedMdl(rig);
    for (let round = 0; round < 2; round++) {
      const address = map(rig, base, mdl);
      expect(address).toBe(base + 8);
      expect(rig.driver.readNumber(mdl + mdlLayout.mappedSystemVa)).toBe(base);
      rig.driver.write(address, 4, round);
      rig.call('MmUnmapReservedMapping', base, TAG, mdl);
      expect(() => rig.driver.readUnsigned(address, 4)).toThrow('read');
    }
    rig.call('MmUnlockPages', mdl);
    rig.call('IoFreeMdl', mdl);
    rig.call('MmFreeMappingAddress', base, TAG);
    expect([...rig.ledger.live()]).toEqual([]);
    expect(rig.violations).toEqual([]);
  });

  it('answers NULL for an MDL that is too large or not locked', () => {
    const rig = new Rig();
    const base = reserve(rig, 4096);
    expect(map(rig, base, lockedMdl(rig))).toBe(0);
    expect(rig.explanations.at(-1)).toContain('2 pages');
    expect(map(rig, base, rig.number('IoAllocateMdl', 0x1000, 8, 0, 0, 0))).toBe(0);
  });

  it('is emptied, not taken away, when the MDL in it is unlocked', () => {
    const rig = new Rig();
    const base = reserve(rig, 0x2000);
    const mdl = lockedMdl(rig);
    map(rig, base, mdl);
    rig.call('MmUnlockPages', mdl);
    expect(map(rig, base, lockedMdl(rig))).toBe(base + 8);
  });

  it('stops the host with 0xDA on misuse', () => {
    const rig = new Rig();
    const code = (routine: string, ...values: number[]): readonly unknown[] => {
      const check = rig.bugCheck(routine, ...values);
      return [check.code, check.parameters[0]];
    };
    const routine = 'MmMapLockedPagesWithReservedMapping';
    expect(code('MmAllocateMappingAddress', 0, TAG)).toEqual([0xda, 0x100]);
    const base = reserve(rig, 0x3000);
    const mdl = lockedMdl(rig);
    expect(code('MmFreeMappingAddress', base, OTHER)).toEqual([0xda, 0x101]);
    expect(code(routine, base, OTHER, mdl, 1)).toEqual([0xda, 0x104]);
    expect(code(routine, base + 4096, TAG, mdl, 1)).toEqual([0xda, 0x105]);
    expect(code('MmUnmapReservedMapping', base, TAG, mdl)).toEqual([0xda, 0x109]);
    map(rig, base, mdl);
    expect(code(routine, base, TAG, mdl, 1)).toEqual([0xda, 0x107]);
    expect(code('MmFreeMappingAddress', base, TAG)).toEqual([0xda, 0x103]);
    rig.driver.write(mdl + mdlLayout.byteCount, 4, 8);
    expect(code('MmUnmapReservedMapping', base, TAG, mdl)).toEqual([0xda, 0x10c]);
  });
});

describe('the classes of calls', () => {
  it('name routines that exist', () => {
    const rig = new Rig();
    const named = Object.values(callClassRoutines).flat();
    expect(named.filter((name) => !rig.routines.includes(name))).toEqual([]);
  });
});
