import { describe, expect, test } from 'vitest';
import { addressAt, hexDump } from '../../extension/adapter/hex-dump.ts';

const dump = (address: bigint, bytes: number[], unreadable = 0) =>
  hexDump({ address, bytes: Uint8Array.from(bytes), unreadable }).split('\n');

describe('a dump of memory', () => {
  test('shows the real address, sixteen bytes and their text', () => {
    const bytes = [...'Hello, DMA world'].map((letter) => letter.charCodeAt(0));
    expect(dump(0x1_0000_2000n, bytes)).toEqual([
      '00000001`00002000  48 65 6C 6C 6F 2C 20 44  4D 41 20 77 6F 72 6C 64  Hello, DMA world',
    ]);
  });

  test('marks bytes that cannot be read', () => {
    expect(dump(0x10n, [0x41, 0], 2)).toEqual([
      `00000000\`00000010  41 00 ?? ??${' '.repeat(3 * 4)}  ${' '.repeat(23)}  A.??`,
    ]);
  });

  test('goes on at the next line, up to the last address', () => {
    const lines = dump(
      0xffff_ffff_ffff_fff0n,
      Array.from({ length: 16 }, () => 0x2e),
    );
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^FFFFFFFF`FFFFFFF0 {2}/);
    expect(
      dump(
        0n,
        Array.from({ length: 17 }, () => 0),
      ),
    ).toHaveLength(2);
  });

  test('tells never-written bytes from those that are', () => {
    const bytes = Uint8Array.from([0x41, 0x42, 0x43, 0x44]);
    const neverWritten = [{ offset: 1, length: 2 }];
    const text = hexDump({ address: 0n, bytes, unreadable: 0, neverWritten });
    expect(text).toMatch(/^00000000`00000000 {2}41 -- -- 44 .* A\.\.D$/);
  });

  test('has each byte at its address, in both of its forms', () => {
    const bytes = Array.from({ length: 16 }, (_, index) => 0x61 + index);
    const [line = ''] = dump(0x1230n, bytes);
    bytes.forEach((byte, index) => {
      const address = 0x1230n + BigInt(index);
      const cell = line.indexOf(` ${byte.toString(16).toUpperCase()}`) + 1;
      expect(addressAt(line, cell)).toBe(address);
      expect(addressAt(line, cell + 1)).toBe(address);
      expect(addressAt(line, line.lastIndexOf(String.fromCharCode(byte)))).toBe(address);
    });
    expect(addressAt('phys:alpha:0x1230', 3)).toBeUndefined();
  });

  test('of nothing is empty', () => {
    expect(dump(0x10n, [])).toEqual(['']);
  });
});
