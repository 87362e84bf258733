/**
 * Sequenced lists (SLIST_HEADER as x64 has it): depth and sequence in the first word, the first entry in the
 * second one, whose low bit says that the header is of that kind. Interlocked, so that one native each will do.
 */
import { hex, type Int64, unsigned64 } from '../../base/int64.ts';
import type { MemoryAccess } from '../../vm/access.ts';
import { type NativeCall, type NativeTable, RaiseException } from '../../vm/natives.ts';
import { DISPATCH_LEVEL, type KernelContext } from '../context.ts';
import { status } from '../status.ts';
import { checkHighestIrql } from '../verifier/irql-rules.ts';

/** Heads and entries begin at multiples of this. */
const SLIST_ALIGNMENT = 16;
const HEADER_TYPE = 1;
const DEPTH_BITS = 16n;
const DEPTH_MASK = 0xffffn;
const SEQUENCE_MASK = (1n << 48n) - 1n;

const INITIALIZE_PAGE = 'nf-wdm-initializeslisthead';
const PUSH_PAGE = 'nf-wdm-exinterlockedpushentryslist';
const POP_PAGE = 'nf-wdm-exinterlockedpopentryslist';

/** An empty list. */
export function initializeSList(memory: MemoryAccess, head: number): void {
  memory.write64(head, 0);
  memory.write64(head + 8, 0);
}

/** Entries on a list. */
export function depthOf(memory: MemoryAccess, head: number): number {
  return memory.readUnsigned(head, 2, 'ListHead->Depth');
}

/** The first entry; 0 when the list is empty. */
export function firstOf(memory: MemoryAccess, head: number): number {
  const region = memory.readNumber(head + 8, 'ListHead->NextEntry');
  return region - (((region % SLIST_ALIGNMENT) + SLIST_ALIGNMENT) % SLIST_ALIGNMENT);
}

/** Puts an entry at the front; answers the one that was first before. */
export function pushEntry(memory: MemoryAccess, head: number, entry: number): number {
  const first = firstOf(memory, head);
  memory.write64(entry, first);
  change(memory, head, entry, 1n);
  return first;
}

/** Takes the first entry off; 0 when there is none. */
export function popEntry(memory: MemoryAccess, head: number): number {
  const first = firstOf(memory, head);
  if (first !== 0) change(memory, head, memory.readNumber(first, 'ListEntry->Next'), -1n);
  return first;
}

function change(memory: MemoryAccess, head: number, first: number, difference: bigint): void {
  const word = unsigned64(memory.read64(head, 'ListHead->Alignment'));
  const depth = ((word & DEPTH_MASK) + difference) & DEPTH_MASK;
  const sequence = ((word >> DEPTH_BITS) + (difference > 0n ? 1n : 0n)) & SEQUENCE_MASK;
  memory.write64(head, BigInt.asIntN(64, (sequence << DEPTH_BITS) | depth) satisfies Int64);
  memory.write64(head + 8, first === 0 ? HEADER_TYPE : first + HEADER_TYPE);
}

/** The routines on lists of drivers. */
export function slistNatives(kernel: KernelContext): NativeTable {
  const check = (call: NativeCall, page: string, ...addresses: readonly number[]): void => {
    checkHighestIrql(kernel, call, DISPATCH_LEVEL, page);
    const crooked = addresses.find((address) => address % SLIST_ALIGNMENT !== 0);
    if (crooked === undefined) return;
    kernel.explain(
      call,
      `${call.routine} raises STATUS_DATATYPE_MISALIGNMENT: ${hex(crooked, 16)} is not a multiple of 16, as heads and entries of sequenced lists have to be.`,
      page,
    );
    throw new RaiseException(status.STATUS_DATATYPE_MISALIGNMENT);
  };
  return {
    InitializeSListHead: (call) => {
      check(call, INITIALIZE_PAGE, call.number(0));
      initializeSList(call.memory, call.number(0));
      return undefined;
    },
    ExpInterlockedPushEntrySList: (call) => {
      check(call, PUSH_PAGE, call.number(0), call.number(1));
      return pushEntry(call.memory, call.number(0), call.number(1));
    },
    ExpInterlockedPopEntrySList: (call) => {
      check(call, POP_PAGE, call.number(0));
      return popEntry(call.memory, call.number(0));
    },
    ExpInterlockedFlushSList: (call) => {
      check(call, 'nf-wdm-exinterlockedflushslist', call.number(0));
      const head = call.number(0);
      const first = firstOf(call.memory, head);
      const depth = BigInt(depthOf(call.memory, head));
      if (first !== 0) change(call.memory, head, 0, -depth);
      return first;
    },
    ExQueryDepthSList: (call) => depthOf(call.memory, call.number(0)),
  };
}
