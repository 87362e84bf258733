/** Written marks of system addresses: what the memory manager knows of bytes without reading them. */
import { byteOffset, PAGE_SIZE, type PageFrame } from '../../base/addresses.ts';
import type { AddressSpace } from '../../machine/address-space.ts';
import type { Host } from '../../machine/host.ts';
import { forgetBits } from '../../machine/physical-memory.ts';

interface Part {
  readonly frame: PageFrame;
  readonly offset: number;
  readonly length: number;
  /** Address of the part's first byte. */
  readonly address: number;
}

/** The parts of a range that lie in present pages. */
function* parts(space: AddressSpace, address: number, length: number): Generator<Part> {
  for (let done = 0; done < length; ) {
    const offset = byteOffset(address + done);
    const part = Math.min(PAGE_SIZE - offset, length - done);
    const frame = space.contentFrameAt(address + done);
    if (frame !== undefined) yield { frame, offset, length: part, address: address + done };
    done += part;
  }
}

/** Makes bytes count as never written, as when a block is freed or handed out anew. */
export function forgetWritten(host: Host, address: number, length: number): void {
  for (const part of parts(host.system, address, length)) {
    if (host.memory.peekPage(part.frame) === undefined) continue;
    forgetBits(host.memory.writePage(part.frame), part.offset, part.length);
  }
}

/** The first address of a range whose byte was written; undefined when none was. */
export function firstWritten(host: Host, address: number, length: number): number | undefined {
  for (const part of parts(host.system, address, length)) {
    const written = host.memory.peekPage(part.frame)?.written;
    if (written === undefined) continue;
    for (let index = 0; index < part.length; index++) {
      const at = part.offset + index;
      if (((written[at >> 3] ?? 0) & (1 << (at & 7))) !== 0) return part.address + index;
    }
  }
  return undefined;
}

/** Bytes of a range, up to and with the last one, that were written. */
export function writtenExtent(host: Host, address: number, length: number): number {
  let extent = 0;
  let from = address;
  for (;;) {
    const at = firstWritten(host, from, address + length - from);
    if (at === undefined) return extent;
    extent = at + 1 - address;
    from = at + 1;
  }
}
