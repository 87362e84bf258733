/**
 * The kernel's door to its own objects while no thread of the scenario runs: at boot, when a thread has
 * ended, when an image is loaded. Writes go straight to the frames behind system space (or a process's
 * space) and count as written.
 */
import { byteOffset, PAGE_SIZE, type PageFrame, physical } from '../base/addresses.ts';
import { high32, type Int64, int64, low32 } from '../base/int64.ts';
import type { AddressSpace } from '../machine/address-space.ts';
import type { Host } from '../machine/host.ts';

export class SystemMemory {
  constructor(
    private readonly host: Host,
    private readonly space: AddressSpace = host.system,
  ) {}

  /** The same door into another address space. */
  of(space: AddressSpace): SystemMemory {
    return new SystemMemory(this.host, space);
  }

  /** Bytes where the range is mapped; undefined when any part is not. */
  read(address: number, length: number): Uint8Array | undefined {
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const part = Math.min(PAGE_SIZE - byteOffset(address + done), length - done);
      const frame = this.space.contentFrameAt(address + done);
      if (frame === undefined) return undefined;
      bytes.set(this.host.memory.peek(this.physicalOf(frame, address + done), part), done);
      done += part;
    }
    return bytes;
  }

  writeBytes(address: number, bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) {
      const part = Math.min(PAGE_SIZE - byteOffset(address + done), bytes.length - done);
      const frame = this.space.contentFrameAt(address + done);
      if (frame === undefined)
        throw new RangeError(`the kernel writes to unmapped ${address + done}`);
      this.host.memory.poke(
        this.physicalOf(frame, address + done),
        bytes.subarray(done, done + part),
      );
      done += part;
    }
  }

  /** 1, 2 or 4 bytes; 0 where nothing is mapped. */
  readUnsigned(address: Int64, size: 1 | 2 | 4): number {
    const bytes = this.read(Number(address), size);
    if (bytes === undefined) return 0;
    let value = 0;
    for (let index = size - 1; index >= 0; index--) value = value * 256 + (bytes[index] ?? 0);
    return value;
  }

  /** A pointer; 0 where nothing is mapped. */
  readNumber(address: Int64): number {
    const low = this.readUnsigned(address, 4);
    const high = this.readUnsigned(Number(address) + 4, 4) | 0;
    return Number(int64(high * 0x1_0000_0000 + low));
  }

  write(address: Int64, size: 1 | 2 | 4, value: number): void {
    const bytes = new Uint8Array(size);
    for (let index = 0; index < size; index++) bytes[index] = (value >>> (8 * index)) & 0xff;
    this.writeBytes(Number(address), bytes);
  }

  write64(address: Int64, value: Int64): void {
    const bytes = new Uint8Array(8);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, low32(value), true);
    view.setInt32(4, high32(value), true);
    this.writeBytes(Number(address), bytes);
  }

  fill(address: number, length: number, byte: number): void {
    this.writeBytes(address, new Uint8Array(length).fill(byte));
  }

  private physicalOf(frame: PageFrame, address: number) {
    return physical(frame * PAGE_SIZE + byteOffset(address));
  }
}
