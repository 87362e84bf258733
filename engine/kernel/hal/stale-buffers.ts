/**
 * Buffers whose new contents lie in map registers: the device has written there, and no flush has copied the bytes yet.
 * A driver that reads them has what was there before; only where transfers are copied does that show.
 */
import { frame, PAGE_SIZE } from '../../base/addresses.ts';
import { forgetBits, markWritten } from '../../machine/physical-memory.ts';
import type { KernelContext } from '../context.ts';
import { mdlFlags } from '../mm/mdl.ts';

/** A part of a transfer from the device. */
export interface BouncedPiece {
  readonly physical: number;
  readonly length: number;
  readonly va: number;
  /** The MDL that it belongs to, and where it lies in the buffer of that one. */
  readonly mdl: number;
  readonly inMdl: number;
  readonly process: number;
}

const RULE = 'dma_stale_buffer';
const TEXT =
  'the device has put them into a map register, and FlushAdapterBuffers (or PutScatterGatherList) has not copied them to the buffer yet';
const HAS_ADDRESS = mdlFlags.MDL_MAPPED_TO_SYSTEM_VA | mdlFlags.MDL_SOURCE_IS_NONPAGED_POOL;

export class StaleBuffers {
  constructor(private readonly kernel: KernelContext) {}

  /** The device wrote `length` bytes from `offset` on into the registers of a piece. */
  mark(piece: BouncedPiece, offset: number, length: number): void {
    const { memory, index } = this.kernel.host;
    for (const { page, at, part } of pagesOf(piece.physical + offset, length)) {
      forgetBits(memory.writePage(page), at, part);
    }
    for (const { process, start } of this.places(piece)) {
      this.kernel.vm.guard(index, process, start + offset, length, RULE, TEXT);
    }
    this.kernel.store.invalidate();
  }

  /** The transfer has ended, with its bytes copied or not. */
  clear(piece: BouncedPiece): void {
    const { memory, index } = this.kernel.host;
    for (const { page, at, part } of pagesOf(piece.physical, piece.length)) {
      markWritten(memory.writePage(page).written, at, part);
    }
    for (const { process, start } of this.places(piece)) {
      this.kernel.vm.unguard(index, process, start, piece.length);
    }
  }

  /** Addresses at which the driver sees a piece: its own, and where its MDL is mapped now. */
  private places(
    piece: BouncedPiece,
  ): readonly { readonly process: number; readonly start: number }[] {
    const { layouts, system } = this.kernel;
    const found = [{ process: piece.va < 0 ? 0 : piece.process, start: piece.va }];
    if (this.kernel.host.system.find(piece.mdl) === undefined) return found;
    const flags = layouts.read(system, piece.mdl, 'MDL', 'MdlFlags');
    if ((flags & HAS_ADDRESS) === 0) return found;
    const start = layouts.read(system, piece.mdl, 'MDL', 'MappedSystemVa') + piece.inMdl;
    return start === piece.va ? found : [...found, { process: 0, start }];
  }
}

function* pagesOf(start: number, length: number) {
  for (let done = 0; done < length; ) {
    const at = (start + done) % PAGE_SIZE;
    const part = Math.min(PAGE_SIZE - at, length - done);
    yield { page: frame(Math.floor((start + done) / PAGE_SIZE)), at, part };
    done += part;
  }
}
