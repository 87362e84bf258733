/** Bytes as lines of address, hexadecimal and text. */
import type { ByteRange } from '../../engine/index.ts';

const bytesPerLine = 16;

/** What stands for a byte that cannot be read, and for one that was never written: its value is chance. */
const unreadableCell = '??';
const neverWrittenCell = '--';

export interface DumpedBytes {
  /** Address of the first byte. */
  readonly address: bigint;
  readonly bytes: Uint8Array;
  /** How many bytes behind them cannot be read. */
  readonly unreadable: number;
  /** Offsets of bytes that nobody ever wrote. */
  readonly neverWritten?: readonly ByteRange[];
}

/** Whole lines of 16; bytes that cannot be read show as `??`, never-written ones as `--`. */
export function hexDump({ address, bytes, unreadable, neverWritten = [] }: DumpedBytes): string {
  const total = bytes.length + unreadable;
  const chance = new Uint8Array(total);
  for (const { offset, length } of neverWritten) chance.fill(1, offset, offset + length);
  const lines: string[] = [];
  for (let start = 0; start < total; start += bytesPerLine) {
    const cells: string[] = [];
    let text = '';
    for (let at = start; at < start + bytesPerLine; at++) {
      if (at >= total) {
        cells.push('  ');
        continue;
      }
      const byte = bytes[at];
      if (byte === undefined) {
        cells.push(unreadableCell);
        text += '?';
      } else if (chance[at] === 1) {
        cells.push(neverWrittenCell);
        text += '.';
      } else {
        cells.push(byte.toString(16).toUpperCase().padStart(2, '0'));
        text += printable(byte);
      }
    }
    const left = cells.slice(0, 8).join(' ');
    const right = cells.slice(8).join(' ');
    lines.push(`${hexAddress(address + BigInt(start))}  ${left}  ${right}  ${text}`);
  }
  return lines.join('\n');
}

/** The address of the byte that a column of a dump's line shows; undefined for a line without an address. */
export function addressAt(line: string, column: number): bigint | undefined {
  const match = /^([0-9A-F]{8})`([0-9A-F]{8}) {2}/.exec(line);
  if (match === null) return undefined;
  const first = match[0].length;
  const half = bytesPerLine / 2;
  // Three characters a byte; one more between the halves; the text repeats the bytes behind both.
  const behind = column - first;
  const text = behind - bytesPerLine * 3 - 2;
  const left = Math.floor(behind / 3);
  const byte = text >= 0 ? text : left < half ? left : Math.max(Math.floor((behind - 1) / 3), half);
  return BigInt(`0x${match[1]}${match[2]}`) + BigInt(Math.min(Math.max(byte, 0), bytesPerLine - 1));
}

/** What the marks in a dump mean; empty for one without marks. */
export function dumpLegend({ unreadable, neverWritten = [] }: DumpedBytes): string {
  return [
    ...(neverWritten.length === 0 ? [] : [`${neverWrittenCell} never written`]),
    ...(unreadable === 0 ? [] : [`${unreadableCell} not readable`]),
  ].join(', ');
}

function printable(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.';
}

function hexAddress(address: bigint): string {
  const digits = address.toString(16).toUpperCase().padStart(16, '0');
  return `${digits.slice(0, 8)}\`${digits.slice(8)}`;
}
