/** MmAllocateNonCachedMemory and MmFreeNonCachedMemory: whole pages, usually not contiguous. */

import { bytesToPages, type VirtualAddress, virtual } from '../../base/addresses.ts';
import { anyFrames } from '../../machine/frames.ts';
import type { NativeCall, NativeTable } from '../../vm/natives.ts';
import { APC_LEVEL } from '../context.ts';
import { checkHighestIrql } from '../verifier/irql-rules.ts';
import {
  addressText,
  failsByInjection,
  type MemoryRoutines,
  recordHolding,
  refuse,
  sizeArgument,
} from './calls.ts';
import { checkNotLocked, checkNotMapped } from './contiguous-memory.ts';
import { bytesText } from './describe.ts';

const ALLOCATE_PAGE = 'nf-ntddk-mmallocatenoncachedmemory';
const FREE_PAGE = 'nf-ntddk-mmfreenoncachedmemory';
/** Rule IrqlMmApcLte of DDI compliance checking. */
const IRQL_RULE = [0x20019, 0, 0, 0] as const;

/** The routines' table. */
export function nonCachedMemoryRoutines(context: MemoryRoutines): NativeTable {
  return {
    MmAllocateNonCachedMemory: (call) => allocate(context, call),
    MmFreeNonCachedMemory: (call) => free(context, call),
  };
}

/** Whole pages from anywhere: nobody promises that they are adjacent. */
function allocate(context: MemoryRoutines, call: NativeCall): VirtualAddress | 0 {
  const { kernel, memory } = context;
  const bytes = sizeArgument(call, 0);
  checkHighestIrql(kernel, call, APC_LEVEL, ALLOCATE_PAGE, IRQL_RULE);
  if (failsByInjection(context, call)) return 0;
  if (bytes === 0) {
    return refuse(context, call, { explanation: '0 bytes were asked for', page: ALLOCATE_PAGE });
  }
  const pages = bytesToPages(bytes);
  const answer = memory.allocateFrames({
    pages,
    ...anyFrames,
    owner: 'noncached memory',
  });
  if (!answer.granted) return refuse(context, call, answer);
  const address = memory.mapSystem({
    use: 'nonCachedMemory',
    runs: answer.runs,
    protection: 'executeReadWrite',
    cache: 'nonCached',
    pageable: false,
    allocation: undefined,
  });
  if (address === undefined) {
    memory.freeFrames(answer.runs);
    return refuse(context, call, {
      explanation: `no ${pages} pages of system address space are left`,
      page: ALLOCATE_PAGE,
    });
  }
  const id = recordHolding(context, call, 'noncached memory', address, bytes, {
    cache: 'nonCached',
    pages,
  });
  memory.attribute(address, id, 'noncached memory');
  return address;
}

/** What Windows makes of a wrong address here is not documented: it is reported, and nothing is freed. */
function free(context: MemoryRoutines, call: NativeCall): undefined {
  const { kernel, memory } = context;
  const address = call.number(0);
  const bytes = sizeArgument(call, 1);
  checkHighestIrql(kernel, call, APC_LEVEL, FREE_PAGE, IRQL_RULE);
  const holding = kernel.ledger.find('noncached memory', address);
  if (holding === undefined) {
    call.violation(
      'invalid_free',
      `${call.routine} is given ${addressText(context, call, address)}, which is not a live block of noncached memory. Nothing is freed.`,
      FREE_PAGE,
    );
    return;
  }
  if (holding.bytes !== bytes) {
    call.violation(
      'free_mismatch',
      `${call.routine} is given ${bytesText(bytes)} for ${addressText(context, call, address)}.`,
      FREE_PAGE,
    );
  }
  const mapping = memory.host.system.mappings.get(address);
  for (const run of mapping?.runs ?? []) checkNotLocked(context, call, run);
  checkNotMapped(context, call, mapping);
  memory.unmapSystem(virtual(address));
  memory.freeFrames(mapping?.runs ?? []);
  kernel.ledger.release(holding.id, call.site);
}
