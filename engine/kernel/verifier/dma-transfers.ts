/**
 * Rules of DMA verification for packets and scatter/gather lists: what MapTransfer, FlushAdapterBuffers and
 * FreeMapRegisters must not be asked. Each breach is a bug check 0xE6 for a verified driver; without Driver
 * Verifier nothing tells the driver, so that only the emulator reports it.
 */
import { PAGE_SIZE, spanPages } from '../../base/addresses.ts';
import { hex } from '../../base/int64.ts';

/** Parameters of 0xE6, and what was done. */
export interface DmaBreach {
  readonly parameters: readonly [number, number, number, number];
  readonly text: string;
}

/** A range of a buffer, and the MDL that is to describe it. */
export interface DmaRange {
  readonly va: number;
  readonly length: number;
  readonly mdl: { readonly address: number; readonly start: number; readonly length: number };
  /** Bytes of the MDL, and of those chained to it, from `va` on. */
  readonly available: number;
  /** Whether another MDL is chained to it. */
  readonly chained: boolean;
}

/** Map registers as far as the rules look at them. */
export interface DmaRegisters {
  readonly base: number;
  /** Something was mapped with them, now or before. */
  readonly everMapped: boolean;
  readonly pieces: readonly { readonly va: number; readonly length: number }[];
}

const rangeText = (va: number, length: number): string => `${length} bytes at ${hex(va, 16)}`;

/** 1F and 24: a range that its MDL does not have. */
export function judgeRange(range: DmaRange, routine: string): DmaBreach | undefined {
  const { va, length, mdl, available } = range;
  const before = va < mdl.start;
  if (before || va >= mdl.start + mdl.length) {
    return {
      parameters: [0x1f, before ? 1 : 2, va, mdl.address],
      text: `${routine} is given the address ${hex(va, 16)}, which lies ${before ? 'before' : 'behind'} the buffer of its MDL (${rangeText(mdl.start, mdl.length)}). It has to come from MmGetMdlVirtualAddress.`,
    };
  }
  if (length <= available) return undefined;
  const crosses = !range.chained && spanPages(va, length) > spanPages(va, available);
  return {
    parameters: crosses ? [0x1f, 3, mdl.address, length] : [0x24, length - available, 0, 0],
    text: `${routine} is asked for ${rangeText(va, length)}; the MDL has only ${available} bytes from there on.`,
  };
}

/** 1D: a range of which a part is mapped with the same registers already. */
export function judgeMapping(
  registers: DmaRegisters,
  va: number,
  length: number,
): DmaBreach | undefined {
  const mapped = registers.pieces.find(
    (piece) => piece.va < va + length && va < piece.va + piece.length,
  );
  return (
    mapped && {
      parameters: [0x1d, va, va + length, mapped.va],
      text: `MapTransfer maps ${rangeText(va, length)}, of which ${rangeText(mapped.va, mapped.length)} are mapped already: FlushAdapterBuffers ends the earlier use.`,
    }
  );
}

/** 00, 16, 1B and 20: a flush of what is not mapped. */
export function judgeFlush(
  registers: DmaRegisters | undefined,
  base: number,
  range: DmaRange,
): DmaBreach | undefined {
  const { va, length, mdl, available } = range;
  const whole = rangeText(va, length);
  if (registers?.everMapped !== true) {
    return {
      parameters: [0x20, base, va, mdl.address],
      text: `FlushAdapterBuffers is called for ${whole}, which no MapTransfer has mapped.`,
    };
  }
  if (va < mdl.start || available <= 0) {
    return {
      parameters: [0x1b, va, mdl.address, 0],
      text: `FlushAdapterBuffers is called for ${whole}, which are not in the MDL given with it (${rangeText(mdl.start, mdl.length)}).`,
    };
  }
  const mapped = registers.pieces
    .filter((piece) => piece.va >= va && piece.va < va + length)
    .reduce((sum, piece) => sum + piece.length, 0);
  if (mapped === 0) {
    return {
      parameters: [0x16, base, 0, 0],
      text: `FlushAdapterBuffers is called for ${whole}, which no MapTransfer has mapped since they were flushed last.`,
    };
  }
  if (mapped >= length) return undefined;
  return {
    parameters: [0x00, 1, Math.max(available - mapped, 0), length - mapped],
    text: `FlushAdapterBuffers is called for ${whole}; only ${mapped} bytes from there on are mapped.`,
  };
}

/** 10: registers given back while they still map. */
export function judgeRelease(registers: DmaRegisters): DmaBreach | undefined {
  const mapped = registers.pieces.reduce(
    (sum, piece) => sum + spanPages(piece.va, piece.length),
    0,
  );
  if (mapped === 0) return undefined;
  const bytes = registers.pieces.reduce((sum, piece) => sum + piece.length, 0);
  return {
    parameters: [0x10, mapped, 0, 0],
    text: `FreeMapRegisters is called while ${bytes} bytes are still mapped: each MapTransfer needs its FlushAdapterBuffers first.`,
  };
}

/** 0D: the channel given back while registers of it still map. */
export function judgeChannelRelease(registers: DmaRegisters, count: number): DmaBreach | undefined {
  const bytes = registers.pieces.reduce((sum, piece) => sum + piece.length, 0);
  if (bytes === 0) return undefined;
  return {
    parameters: [0x0d, bytes, count * PAGE_SIZE, 0],
    text: `FreeAdapterChannel is called while ${bytes} bytes are still mapped: each MapTransfer needs its FlushAdapterBuffers first.`,
  };
}
