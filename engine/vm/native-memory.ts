/** The memory that a native routine sees: the running thread's, with never-written bytes reported. */
import type { Int64 } from '../base/int64.ts';
import { Fault, type MemoryAccess } from './access.ts';
import type { Door } from './door.ts';

/** Reports that a range was read although its byte at `address` was never written. */
export type ReportUnwritten = (address: number, size: number, what: string | undefined) => void;

const STRING_LIMIT = 0x1_0000;

/** Every read judges the bytes that it took, and nothing else; moving bytes judges none (`copy`). */
export class NativeMemory implements MemoryAccess {
  constructor(
    private readonly door: Door,
    private readonly report: ReportUnwritten,
    /** Looks at every address that the routine uses. */
    private readonly checkPointer: (address: Int64) => void = () => {},
    /** Looks at every range. */
    private readonly checkRange: (
      address: Int64,
      length: number,
      done: 'read' | 'written',
    ) => void = () => {},
  ) {}

  readUnsigned(address: Int64, size: 1 | 2 | 4, what?: string): number {
    this.checkPointer(address);
    const { door } = this;
    door.taint = 0;
    const value =
      size === 1
        ? door.readU8(address)
        : size === 2
          ? door.readU16(address)
          : door.readU32(address);
    this.judge(what);
    return value;
  }

  readSigned(address: Int64, size: 1 | 2 | 4, what?: string): number {
    const value = this.readUnsigned(address, size, what);
    const shift = 32 - size * 8;
    return (value << shift) >> shift;
  }

  read64(address: Int64, what?: string): Int64 {
    this.checkPointer(address);
    this.door.taint = 0;
    const value = this.door.readI64(address);
    this.judge(what);
    return value;
  }

  readNumber(address: Int64, what?: string): number {
    const value = this.read64(address, what);
    if (typeof value === 'number') return value;
    throw new Fault('nonCanonical', 'read', value, 8);
  }

  readBytes(address: Int64, length: number, what?: string): Uint8Array {
    this.checkPointer(address);
    const bytes = this.door.readBytes(address, length);
    this.checkRange(address, length, 'read');
    if (length > 0) {
      const unwritten = this.door.firstUnwritten(address, length);
      if (unwritten !== undefined && !this.door.guard?.read(Number(address), length)) {
        this.report(unwritten, Number(address) + length - unwritten, what);
      }
    }
    return bytes;
  }

  readString(address: Int64, limit = STRING_LIMIT, what?: string): string {
    return this.text(address, 1, limit, what);
  }

  readWideString(address: Int64, limit = STRING_LIMIT, what?: string): string {
    return this.text(address, 2, limit, what);
  }

  write(address: Int64, size: 1 | 2 | 4, value: number): void {
    this.checkPointer(address);
    if (size === 1) this.door.write8(address, value);
    else if (size === 2) this.door.write16(address, value);
    else this.door.write32(address, value);
  }

  write64(address: Int64, value: Int64): void {
    this.checkPointer(address);
    this.door.write64(address, value);
  }

  writeBytes(address: Int64, bytes: Uint8Array): void {
    this.checkPointer(address);
    this.checkRange(address, bytes.length, 'written');
    this.door.writeBytes(address, bytes);
  }

  copy(destination: Int64, source: Int64, length: number): void {
    this.checkPointer(destination);
    this.checkPointer(source);
    this.checkRange(source, length, 'read');
    this.checkRange(destination, length, 'written');
    this.door.copy(destination, source, length);
  }

  fill(destination: Int64, length: number, byte: number): void {
    this.checkPointer(destination);
    this.checkRange(destination, length, 'written');
    this.door.fill(destination, length, byte);
  }

  forget(address: Int64, length: number): void {
    this.door.forget(address, length);
  }

  probe(address: Int64, length: number, access: 'read' | 'write'): void {
    this.door.probe(address, length, access);
  }

  /** Reports one never-written byte of a string at most. */
  private text(address: Int64, unit: 1 | 2, limit: number, what: string | undefined): string {
    this.checkPointer(address);
    const { door } = this;
    door.taint = 0;
    let text = '';
    while (text.length < limit) {
      const at = plus(address, text.length * unit);
      const code = unit === 1 ? door.readU8(at) : door.readU16(at);
      if (code === 0) break;
      text += String.fromCharCode(code);
    }
    const isWritten = door.taint === 0;
    this.judge(what);
    // Where never-written bytes end a string means nothing.
    if (isWritten) this.checkRange(address, Math.min(text.length + 1, limit) * unit, 'read');
    return text;
  }

  /** Reports what the reads since the last reset met, once. */
  private judge(what: string | undefined): void {
    const { taint, taintSize } = this.door;
    if (taint === 0) return;
    this.door.taint = 0;
    this.report(taint, taintSize, what);
  }
}

/** A non-canonical address stays what it is, so that the access faults. */
const plus = (address: Int64, offset: number): Int64 =>
  typeof address === 'number' ? address + offset : address;
