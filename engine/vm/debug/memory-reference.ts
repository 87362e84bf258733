/** Memory references on the wire: `phys:HOST:0x..` and `va:HOST:PID:0x..` (PID 0 is the system). */
import { hex, type Int64, int64 } from '../../base/int64.ts';

export interface MemoryReference {
  readonly space: 'physical' | 'virtual';
  readonly host: string;
  /** 0 for the system, and for physical references. */
  readonly process: number;
  /** Virtual addresses in the signed reading. */
  readonly address: number;
}

/** Reads a reference; undefined when it is none. */
export function parseReference(text: string): MemoryReference | undefined {
  const physical = /^phys:([^:]+):(0x[0-9a-f]+|\d+)$/i.exec(text);
  if (physical !== null) {
    const address = Number(physical[2]);
    return Number.isSafeInteger(address)
      ? { space: 'physical', host: physical[1] ?? '', process: 0, address }
      : undefined;
  }
  const match = /^va:([^:]+):(\d+):(0x[0-9a-f]+|\d+)$/i.exec(text);
  if (match === null) return undefined;
  const address = int64(BigInt(match[3] ?? '0'));
  if (typeof address !== 'number') return undefined;
  return { space: 'virtual', host: match[1] ?? '', process: Number(match[2]), address };
}

/** Kernel addresses mean the same in every process, so they are given in the system's. */
export function virtualReference(host: string, process: number, address: Int64): string {
  return `va:${host}:${address < 0 ? 0 : process}:${hex(address)}`;
}
