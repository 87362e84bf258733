/** Bytes as lines of address, hexadecimal and text. */
const bytesPerLine = 16;

export interface DumpedBytes {
  /** Address of the first byte. */
  readonly address: bigint;
  readonly bytes: Uint8Array;
  /** How many bytes behind them cannot be read. */
  readonly unreadable: number;
}

/** Whole lines of 16; bytes that cannot be read show as `??`. */
export function hexDump({ address, bytes, unreadable }: DumpedBytes): string {
  const total = bytes.length + unreadable;
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
      cells.push(byte === undefined ? '??' : byte.toString(16).toUpperCase().padStart(2, '0'));
      text += byte === undefined ? '?' : printable(byte);
    }
    const left = cells.slice(0, 8).join(' ');
    const right = cells.slice(8).join(' ');
    lines.push(`${hexAddress(address + BigInt(start))}  ${left}  ${right}  ${text}`);
  }
  return lines.join('\n');
}

function printable(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.';
}

function hexAddress(address: bigint): string {
  const digits = address.toString(16).toUpperCase().padStart(16, '0');
  return `${digits.slice(0, 8)}\`${digits.slice(8)}`;
}
