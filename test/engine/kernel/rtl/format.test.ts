import { describe, expect, it } from 'vitest';
import type { Int64 } from '../../../../engine/base/int64.ts';
import {
  type FormatArguments,
  type FormatOptions,
  formatText,
} from '../../../../engine/kernel/rtl/format.ts';

const strings: Readonly<Record<number, string>> = { 16: 'narrow', 32: 'wide', 48: 'counted' };

/** Arguments in order; texts are chosen by address. */
function values(list: readonly (Int64 | number)[]): FormatArguments {
  let next = 0;
  const text = (address: number, limit: number | undefined): string =>
    (strings[address] ?? '').slice(0, limit);
  return {
    integer: () => list[next++] ?? 0,
    floating: () => Number(list[next++]),
    narrow: text,
    wide: text,
    counted: (address, wide) => `${wide ? 'unicode' : 'ansi'} ${strings[address]}`,
  };
}

const kernel: FormatOptions = { floating: false, wide: false };
const print = (format: string, ...list: Int64[]): string =>
  formatText(format, values(list), kernel);
const printUser = (format: string, ...list: number[]): string =>
  formatText(format, values(list), { floating: true, wide: false });

describe('integers', () => {
  it.each([
    ['%d', [-5], '-5'],
    ['%i', [0xffffffff], '-1'],
    ['%u', [-1], '4294967295'],
    ['%x', [-1], 'ffffffff'],
    ['%X', [0xbeef], 'BEEF'],
    ['%o', [8], '10'],
    ['%hd', [0x18000], '-32768'],
    ['%hx', [0x12345], '2345'],
    ['%ld', [0x1_0000_0001], '1'],
    ['%lld', [-(2 ** 40)], '-1099511627776'],
    ['%I64d', [-1], '-1'],
    ['%I64u', [-1], '18446744073709551615'],
    ['%I64x', [0x1234_5678_9abc], '123456789abc'],
    ['%I64X', [-1], 'FFFFFFFFFFFFFFFF'],
    ['%I32d', [0x1_ffff_ffff], '-1'],
    ['%Ix', [0x1_0000_0000], '100000000'],
    ['%Iu', [2 ** 33], '8589934592'],
  ] satisfies [string, Int64[], string][])('%s prints as the kernel does', (format, list, text) => {
    expect(print(format, ...list)).toBe(text);
  });

  it.each([
    ['%5d|', [42], '   42|'],
    ['%-5d|', [42], '42   |'],
    ['%05d|', [-42], '-0042|'],
    ['%+d', [42], '+42'],
    ['% d', [42], ' 42'],
    ['%.4d', [42], '0042'],
    ['%08.4d|', [42], '    0042|'],
    ['%#x', [0x1f], '0x1f'],
    ['%#x', [0], '0'],
    ['%#010x', [0x1f], '0x0000001f'],
    ['%#o', [8], '010'],
    ['%.0d|', [0], '|'],
    ['%*d|', [6, 42], '    42|'],
    ['%-*d|', [6, 42], '42    |'],
    ['%*d|', [-6, 42], '42    |'],
    ['%.*d', [3, 7], '007'],
  ] satisfies [string, Int64[], string][])(
    '%s follows flags, width, precision',
    (format, list, text) => {
      expect(print(format, ...list)).toBe(text);
    },
  );

  it('prints pointers with sixteen digits', () => {
    expect(print('%p', -0x8000_0000_0000)).toBe('FFFF800000000000');
    expect(print('%p', 0)).toBe('0000000000000000');
  });
});

describe('texts', () => {
  it('takes each kind of string', () => {
    expect(print('%s %S %ls %ws %hs', 16, 32, 32, 32, 16)).toBe('narrow wide wide wide narrow');
    expect(print('%wZ and %Z', 48, 48)).toBe('unicode counted and ansi counted');
  });

  it('cuts by precision, fills by width, and knows NULL', () => {
    expect(print('%.3s|%8s|%-8s|', 16, 16, 16)).toBe('nar|  narrow|narrow  |');
    expect(print('%s %wZ', 0, 0)).toBe('(null) (null)');
  });

  it('prints characters', () => {
    expect(print('%c%C%lc', 0x41, 0x3a9, 0x3a9)).toBe('AΩΩ');
  });

  it('swaps widths in a wide format', () => {
    const seen: string[] = [];
    formatText('%s%S', values([32, 16]), {
      floating: false,
      wide: true,
      onUnicode: (conversion) => seen.push(conversion),
    });
    expect(seen).toEqual(['%s']);
  });
});

describe('what is no conversion', () => {
  it('stands as written and takes no argument', () => {
    expect(print('100%% %!STATUS! %d', 7)).toBe('100% %!STATUS! 7');
    expect(print('%f %d', 7)).toBe('%f 7');
    expect(print('50%')).toBe('50%');
  });
});

describe('floating values of processes', () => {
  it.each([
    ['%f', [1.5], '1.500000'],
    ['%.2f', [-0.005], '-0.01'],
    ['%8.1f|', [2.25], '     2.2|'],
    ['%e', [12345.678], '1.234568e+04'],
    ['%E', [0.00012], '1.200000E-04'],
    ['%g', [0.0001], '0.0001'],
    ['%g', [1e-5], '1e-05'],
    ['%g', [1234567], '1.23457e+06'],
    ['%G', [1e300], '1E+300'],
    ['%f', [Number.POSITIVE_INFINITY], 'inf'],
  ] satisfies [string, number[], string][])('%s', (format, list, text) => {
    // 2.25 rounds half away from zero in the C library of Windows; JavaScript's toFixed agrees here.
    expect(printUser(format, ...list)).toBe(text);
  });
});
