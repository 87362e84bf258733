/**
 * The three address spaces of the emulated machine as distinct types. Mixing them up is the bug class that
 * this product teaches, so the compiler refuses it here.
 */
import { hex } from './int64.ts';

declare const space: unique symbol;

/** An address of system memory or of a device's registers, in bytes; below 2^52. */
export type PhysicalAddress = number & { readonly [space]: 'physical' };
/** A canonical x64 virtual address in its signed reading: kernel addresses are negative. */
export type VirtualAddress = number & { readonly [space]: 'virtual' };
/** An address as a device sees it on its bus (a DMA logical address), in bytes. */
export type LogicalAddress = number & { readonly [space]: 'logical' };
/** A page frame number: a physical address divided by PAGE_SIZE. */
export type PageFrame = number & { readonly [space]: 'frame' };

export const PAGE_SIZE = 0x1000;
export const PAGE_SHIFT = 12;

export const physical = (value: number): PhysicalAddress => value as PhysicalAddress;
export const virtual = (value: number): VirtualAddress => value as VirtualAddress;
export const logical = (value: number): LogicalAddress => value as LogicalAddress;
export const frame = (value: number): PageFrame => value as PageFrame;

export const frameOf = (address: PhysicalAddress): PageFrame =>
  Math.floor(address / PAGE_SIZE) as PageFrame;
export const addressOf = (page: PageFrame): PhysicalAddress =>
  (page * PAGE_SIZE) as PhysicalAddress;

/** The low 12 bits. Works on negative (kernel) addresses as well. */
export const byteOffset = (address: number): number => address & (PAGE_SIZE - 1);
/** The address with its low 12 bits cleared. */
export const pageAlign = <A extends number>(address: A): A => (address - byteOffset(address)) as A;
export const bytesToPages = (bytes: number): number => Math.ceil(bytes / PAGE_SIZE);
/** Pages touched by `bytes` bytes from `address` on (ADDRESS_AND_SIZE_TO_SPAN_PAGES). */
export const spanPages = (address: number, bytes: number): number =>
  Math.floor((byteOffset(address) + bytes + PAGE_SIZE - 1) / PAGE_SIZE);

/** Whether a signed reading is a canonical x64 address: bits 63 to 47 all equal. */
export const isCanonical = (value: number): boolean =>
  value >= -0x8000_0000_0000 && value < 0x8000_0000_0000;

/** `0xFFFFF80012345000`: sixteen digits, as WinDbg prints a pointer. */
export const formatVirtual = (address: VirtualAddress): string => hex(address, 16);
/** `0x2F41000`: as few digits as it takes. */
export const formatPhysical = (address: PhysicalAddress | LogicalAddress): string => hex(address);
