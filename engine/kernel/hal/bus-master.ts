/**
 * What a device does to memory as a bus master: logical addresses alone, cut off at the bits that it drives,
 * translated by the IOMMU where there is one. Nothing protects memory from it otherwise.
 */
import {
  byteOffset,
  formatPhysical,
  frame,
  PAGE_SIZE,
  type PageFrame,
  physical,
} from '../../base/addresses.ts';
import { hex, unsigned64 } from '../../base/int64.ts';
import type { NicConfiguration } from '../../machine/host.ts';
import { firstUnwritten, markWritten } from '../../machine/physical-memory.ts';
import type { NativeCall, NativeResult } from '../../vm/natives.ts';
import type { KernelContext } from '../context.ts';
import { bytesText } from '../mm/describe.ts';
import type { Adapters } from './adapters.ts';
import type { CommonBuffers } from './common-buffers.ts';
import type { DmaDomains } from './dma-domains.ts';
import type { MapRegisters } from './map-registers.ts';
import type { StrayAccesses } from './stray-accesses.ts';

/** Bytes that a transfer moves before others have a turn. */
const SLICE = 0x1_0000;
/** Owners of frames that stay where they are until the driver frees them. */
const resident = new Set(['contiguous memory', 'noncached memory', 'pages for MDL']);

interface Parts {
  readonly adapters: Adapters;
  readonly commonBuffers: CommonBuffers;
  readonly mapRegisters: MapRegisters;
  readonly domains: DmaDomains;
  readonly strayAccesses: StrayAccesses;
}

/** One piece of a transfer within one page. */
interface Piece {
  readonly logical: number;
  readonly length: number;
  /** Offset in the device's buffer. */
  readonly done: number;
  /** The device drives fewer bits than the address has. */
  readonly cut: boolean;
}

export class BusMaster {
  constructor(
    private readonly kernel: KernelContext,
    private readonly parts: Parts,
  ) {}

  /** DeviceRead and DeviceWrite; entered again with the bytes done so far while a transfer is long. */
  transfer(call: NativeCall, device: NicConfiguration, access: 'read' | 'write'): NativeResult {
    const written = unsigned64(call.integer(0));
    const reach = 1n << BigInt(device.addressBits);
    const start = BigInt(written) % reach;
    const buffer = call.number(1);
    const length = call.number(2) >>> 0;
    // Progress counts from 1 (0 is the first entry) and is negative once a part was not answered.
    const { progress } = call;
    let done = Math.max(Math.abs(progress) - 1, 0);
    let complete = progress >= 0;
    const end = Math.min(done + SLICE, length);
    while (done < end) {
      const logical = Number(start) + done;
      const part = Math.min(PAGE_SIZE - byteOffset(logical), end - done);
      const piece = { logical, length: part, done, cut: start !== written };
      if (!this.move(call, device, access, buffer, piece)) complete = false;
      done += part;
    }
    if (done < length) return call.again(complete ? done + 1 : -(done + 1));
    return complete ? 1 : 0;
  }

  /** Answers whether anything was there. */
  private move(
    call: NativeCall,
    device: NicConfiguration,
    access: 'read' | 'write',
    buffer: number,
    piece: Piece,
  ): boolean {
    const { kernel } = this;
    const target = buffer + piece.done;
    const address = this.addressOf(device, piece.logical, access);
    const page = frame(Math.floor((address ?? -1) / PAGE_SIZE));
    if (address === undefined || !kernel.memory.frames.isMemory(page)) {
      this.reportUnanswered(call, device, access, piece, address);
      if (access === 'read') call.memory.fill(target, piece.length, 0xff);
      return false;
    }
    const isGiven = this.judge(call, device, access, piece, address, page);
    const offset = byteOffset(address);
    if (access === 'read') {
      const from = kernel.host.memory.readPage(page);
      const unwritten = firstUnwritten(from.written, offset, piece.length);
      if (isGiven && unwritten >= 0) this.reportUnwritten(call, device, page, unwritten);
      call.memory.writeBytes(target, from.bytes.subarray(offset, offset + piece.length));
    } else {
      const bytes = call.memory.readBytes(target, piece.length, 'Buffer');
      const to = kernel.host.memory.writePage(page);
      to.bytes.set(bytes, offset);
      markWritten(to.written, offset, piece.length);
      this.parts.mapRegisters.noteDeviceWrite(piece.logical, piece.length);
    }
    kernel.vm.touchedByDevice(kernel.host.index, physical(address), piece.length, access);
    return true;
  }

  /** Where an access goes; undefined where the IOMMU refuses it, which DMA verification makes 0xE6/26. */
  private addressOf(
    device: NicConfiguration,
    logical: number,
    access: 'read' | 'write',
  ): number | undefined {
    const { domains } = this.parts;
    if (logical >= 2 ** 52) return undefined;
    const target = domains.translate(device.name, logical, access === 'write');
    if (target.kind === 'memory') return target.physical;
    if (domains.isVerified(device.name)) throw target.bugCheck;
    return undefined;
  }

  /** Nobody answers: an address without memory, or one that the IOMMU does not know. */
  private reportUnanswered(
    call: NativeCall,
    device: NicConfiguration,
    access: 'read' | 'write',
    { logical, length }: Piece,
    address: number | undefined,
  ): void {
    const why =
      address === undefined && this.kernel.host.machine.iommu
        ? 'the IOMMU has no translation for it, so the access faults there'
        : 'there is no memory at that address';
    call.violation(
      'device_access',
      `${device.name} ${access === 'read' ? 'reads' : 'writes'} ${bytesText(length)} at logical address ${hex(logical)}: ${why}.`,
    );
  }

  /** Whether the driver gave the memory to the device; otherwise it belongs to somebody else, which is reported. */
  private judge(
    call: NativeCall,
    device: NicConfiguration,
    access: 'read' | 'write',
    { logical, length, cut }: Piece,
    address: number,
    page: PageFrame,
  ): boolean {
    const given = this.givenTo(device.name, logical, length, access);
    if (given === true || (given === undefined && this.isPinned(device.name, page))) return true;
    const what = this.ownerOf(page, byteOffset(address));
    this.parts.strayAccesses.add({
      device: device.name,
      access,
      address: physical(address),
      length,
      owner: what,
      site: call.site,
    });
    const act = access === 'read' ? 'reads' : 'overwrites';
    const bits = cut
      ? ` (what its ${device.addressBits} address bits leave of a higher address)`
      : '';
    const where = `${bytesText(length)} at ${formatPhysical(physical(address))}${bits}`;
    call.violation(
      'device_access',
      given === false
        ? `${device.name} ${act} ${where}, which its driver gave it for the other direction only: ${what}.`
        : `${device.name} ${act} ${where}, which no common buffer or transfer of its driver covers: it hits ${what}.`,
    );
    return false;
  }

  /** True: all of a range was handed to the device; false: for the other direction; undefined: not at all. */
  private givenTo(
    device: string,
    logical: number,
    length: number,
    access: 'read' | 'write',
  ): boolean | undefined {
    const { adapters, commonBuffers, mapRegisters } = this.parts;
    const end = logical + length;
    const isOwn = (adapter: number): boolean => adapters.all.get(adapter)?.nic === device;
    for (const one of commonBuffers.all.values()) {
      if (!one.live || !isOwn(one.adapter)) continue;
      if (one.logical <= logical && end <= one.logical + one.length) return true;
    }
    const pieces = mapRegisters
      .piecesAt(logical, length)
      .filter(({ adapter }) => isOwn(adapter))
      .map(({ piece }) => piece);
    let covered = logical;
    let rightWay = true;
    for (const piece of pieces) {
      if (piece.logical > covered || piece.logical + piece.length <= covered) continue;
      covered = piece.logical + piece.length;
      if (piece.writeToDevice !== (access === 'read')) rightWay = false;
      if (covered >= end) return rightWay;
    }
    return undefined;
  }

  /**
   * Memory whose physical addresses a driver may hand to its device without a DMA adapter, as NOLOWMEM drivers do:
   * contiguous memory and its like of a driver that is bound to the device, and pages that are locked.
   */
  private isPinned(device: string, page: PageFrame): boolean {
    const { memory, declaration, ledger } = this.kernel;
    if (memory.frames.lockCount(page) > 0) return true;
    const use = memory.frames.useOf(page);
    if (use?.allocation === undefined || !resident.has(use.owner ?? '')) return false;
    const module = ledger.get(use.allocation)?.module;
    return declaration.drivers.some(
      ({ name, devices }) => name === module && devices.includes(device),
    );
  }

  /** Whose memory a frame is, as far as it is known. */
  private ownerOf(page: PageFrame, offset: number): string {
    const { memory, host } = this.kernel;
    for (const mapping of host.system.mappings.values()) {
      const run = mapping.runs.find((one) => page >= one.frame && page < one.frame + one.count);
      if (run === undefined) continue;
      const address = mapping.start + (run.page + page - run.frame) * PAGE_SIZE + offset;
      const text = memory.describeAddress(0, address);
      if (text !== undefined) return text;
    }
    const owner = memory.frames.useOf(page)?.owner;
    return owner === undefined ? 'a free page' : `a page of ${owner}`;
  }

  private reportUnwritten(
    call: NativeCall,
    device: NicConfiguration,
    page: PageFrame,
    offset: number,
  ): void {
    const address = physical(page * PAGE_SIZE + offset);
    call.violation(
      'uninitialized_memory',
      `${device.name} reads ${formatPhysical(address)} in ${this.ownerOf(page, offset)}, which was never written.`,
    );
  }
}
