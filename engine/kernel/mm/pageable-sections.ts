/** Pageable sections of drivers: locked into memory and let go again. */
import { pageAlign, type VirtualAddress, virtual } from '../../base/addresses.ts';
import type { Mapping } from '../../machine/address-space.ts';
import { BugCheck, type NativeCall, type NativeTable } from '../../vm/natives.ts';
import { bugCheckCodes } from '../bug-check-codes.ts';
import { APC_LEVEL } from '../context.ts';
import { checkHighestIrql } from '../verifier/irql-rules.ts';
import { addressText, type MemoryRoutines } from './calls.ts';

const LOCK_PAGE = 'nf-wdm-mmlockpagablecodesection';

/** MM_SYSTEMSIZE by the amount of memory. */
const SMALL_PAGES = 0x1000;
const MEDIUM_PAGES = 0x8000;

/** The routines' table. A section's handle is the address of its mapping. */
export function pageableSectionRoutines(context: MemoryRoutines): NativeTable {
  const { memory } = context;
  return {
    MmLockPagableDataSection: (call) => {
      checkHighestIrql(context.kernel, call, APC_LEVEL, LOCK_PAGE);
      const section = sectionAt(context, call, call.number(0), 0x1234);
      lock(context, section);
      return section.start;
    },
    MmLockPagableSectionByHandle: (call) => {
      checkHighestIrql(context.kernel, call, APC_LEVEL, LOCK_PAGE);
      lock(context, sectionAt(context, call, call.number(0), 0x1234));
      return undefined;
    },
    MmUnlockPagableImageSection: (call) => {
      checkHighestIrql(context.kernel, call, APC_LEVEL, 'nf-wdm-mmunlockpagableimagesection');
      const section = sectionAt(context, call, call.number(0), 0x1010);
      const count = memory.sections.count(section.start);
      if (count === 0) throw badSection(context, call, call.number(0), 0x1010);
      memory.sections.set(section.start, count - 1);
      if (count === 1) memory.host.system.put({ ...section, pageable: true });
      return undefined;
    },
    MmPageEntireDriver: (call): VirtualAddress => pageAlign(virtual(call.number(0))),
    MmResetDriverPaging: () => undefined,
    MmQuerySystemSize: () => {
      const { totalPages } = memory.frames;
      return totalPages <= SMALL_PAGES ? 0 : totalPages <= MEDIUM_PAGES ? 1 : 2;
    },
    MmIsDriverVerifying: (call) => (context.kernel.verifier(call).flags === 0 ? 0 : 1),
  };
}

/** Counts a lock; the section stays in memory while it has one. */
function lock(context: MemoryRoutines, section: Mapping): void {
  const { sections, host } = context.memory;
  const count = sections.count(section.start);
  // A section that is not pageable needs no lock, but may be unlocked again as often as it was locked.
  sections.set(section.start, count + 1);
  if (section.pageable) host.system.put({ ...section, pageable: false });
}

/** The section of an image at an address; bug check 0x1A where there is none. */
function sectionAt(
  context: MemoryRoutines,
  call: NativeCall,
  address: number,
  code: number,
): Mapping {
  const mapping = context.memory.host.system.find(address);
  if (mapping?.use !== 'image' || mapping.absent !== undefined) {
    throw badSection(context, call, address, code);
  }
  return mapping;
}

/** Bug check 0x1A for a section that does not exist, or is not locked. */
function badSection(
  context: MemoryRoutines,
  call: NativeCall,
  address: number,
  code: number,
): BugCheck {
  return new BugCheck(
    bugCheckCodes.MEMORY_MANAGEMENT,
    [code, address, 0, 0],
    `${call.caller.module} calls ${call.routine} for ${addressText(context, call, address)}, which is ${
      code === 0x1010 ? 'not a locked section' : 'in no section'
    } of an image.`,
    'bug-check-0x1a--memory-management',
  );
}
