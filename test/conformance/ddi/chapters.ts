/** All tables, by chapter. */
import { cacheTypes, contiguousMemory } from './contiguous-memory.ts';
import { cacheRules, mappingRules, physicalAddressRules } from './mapping.ts';
import { mdlRules } from './mdl.ts';
import { mdlRoutineRules } from './mdl-routines.ts';
import { physicalMemory } from './physical-memory.ts';
import { poolRules } from './pool.ts';
import type { Rule } from './rules.ts';
import { vectors } from './vectors.ts';

export const chapters: readonly { readonly title: string; readonly rules: readonly Rule[] }[] = [
  { title: '1 physical memory', rules: physicalMemory },
  { title: '2 cache types', rules: cacheTypes },
  { title: '3 contiguous and noncached memory', rules: contiguousMemory },
  { title: '4 the MDL', rules: mdlRules },
  { title: '5 creating, locking, building', rules: mdlRoutineRules },
  { title: '6 mapping', rules: mappingRules },
  { title: '7 physical addresses and I/O space', rules: physicalAddressRules },
  { title: '8 pools and lookaside lists', rules: poolRules },
  { title: '14 caches', rules: cacheRules },
  { title: '22 numbers', rules: vectors },
];
