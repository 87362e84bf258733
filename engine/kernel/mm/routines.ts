/** All native routines of the memory manager, by name. */
import type { NativeTable } from '../../vm/natives.ts';
import type { MemoryRoutines } from './calls.ts';
import { contiguousMemoryRoutines } from './contiguous-memory.ts';
import { mdlMappingRoutines } from './mdl-mapping.ts';
import { mdlRoutines } from './mdl-routines.ts';
import { nonCachedMemoryRoutines } from './noncached-memory.ts';
import { pageLockingRoutines } from './page-locking.ts';
import { pageableSectionRoutines } from './pageable-sections.ts';
import { pagesForMdlRoutines } from './pages-for-mdl.ts';
import { physicalMemoryRoutines } from './physical-addresses.ts';
import { reservedMappingRoutines } from './reserved-mappings.ts';
import { userMemoryRoutines } from './user-memory.ts';

export function memoryRoutines(context: MemoryRoutines): NativeTable {
  return {
    ...contiguousMemoryRoutines(context),
    ...nonCachedMemoryRoutines(context),
    ...physicalMemoryRoutines(context),
    ...mdlRoutines(context),
    ...pageLockingRoutines(context),
    ...mdlMappingRoutines(context),
    ...pagesForMdlRoutines(context),
    ...reservedMappingRoutines(context),
    ...pageableSectionRoutines(context),
    ...userMemoryRoutines(context),
  };
}
