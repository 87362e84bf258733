/** Chapter 4: what an MDL looks like, its flags, its states and its macros. */
import { any, mdl, type Rule, seen, shows, stops, unseen } from './rules.ts';

/** Two pages of nonpaged pool in \`block\`, and an MDL for them that is not built yet. */
export const POOL_MDL = `PUCHAR block = ExAllocatePool2(POOL_FLAG_NON_PAGED, 2 * PAGE_SIZE, TAG);
  PMDL mdl = IoAllocateMdl(block, 2 * PAGE_SIZE, FALSE, FALSE, NULL);`;
export const FREE_POOL_MDL = 'IoFreeMdl(mdl); ExFreePool(block);';
export const LOCK = 'MmProbeAndLockPages(mdl, KernelMode, IoWriteAccess);';
export const MAP =
  'MmMapLockedPagesSpecifyCache(mdl, KernelMode, MmCached, NULL, FALSE, NormalPagePriority | MdlMappingNoExecute)';
const FLAGS = 'SEE(mdl->MdlFlags & ~MDL_ALLOCATED_FIXED_SIZE);';
/** A locked MDL over `block`, and a partial one of its second page. */
const PARTIAL = `PMDL part = IoAllocateMdl(block + PAGE_SIZE, PAGE_SIZE, FALSE, FALSE, NULL);
  ${LOCK} IoBuildPartialMdl(mdl, part, block + PAGE_SIZE, 100);`;
const PAGES = 'PMDL mdl = MmAllocatePagesForMdl(At(0), At(MAXULONG64), At(0), 2 * PAGE_SIZE);';
const VERIFIED = { verifier: 'on' } as const;

export const mdlRules: readonly Rule[] = [
  shows(
    '4',
    'an MDL describes a buffer and is freed by itself',
    `${POOL_MDL} SEE(MmGetMdlByteCount(mdl)); ${FREE_POOL_MDL}`,
    [0x2000],
  ),

  shows(
    '4.1',
    'fields lie where the header has them',
    `SEE(sizeof(MDL)); SEE(FIELD_OFFSET(MDL, Next)); SEE(FIELD_OFFSET(MDL, Size)); SEE(FIELD_OFFSET(MDL, MdlFlags));
     SEE(FIELD_OFFSET(MDL, Process)); SEE(FIELD_OFFSET(MDL, MappedSystemVa)); SEE(FIELD_OFFSET(MDL, StartVa));
     SEE(FIELD_OFFSET(MDL, ByteCount)); SEE(FIELD_OFFSET(MDL, ByteOffset)); SEE(sizeof(((PMDL)0)->Size));`,
    [0x30, 0, 8, 0xa, 0x10, 0x18, 0x20, 0x28, 0x2c, 2],
  ),
  shows(
    '4.1',
    'page numbers follow the structure, eight bytes each',
    `${POOL_MDL} MmBuildMdlForNonPagedPool(mdl);
     SEE((PUCHAR)MmGetMdlPfnArray(mdl) - (PUCHAR)mdl); SEE(sizeof(PFN_NUMBER));
     SEE(MmGetMdlPfnArray(mdl)[0] == Behind(block) >> PAGE_SHIFT); SEE(MmGetMdlPfnArray(mdl)[1] == Behind(block + PAGE_SIZE) >> PAGE_SHIFT);
     ${FREE_POOL_MDL}`,
    [0x30, 8, 1, 1],
    { choice: 'PFN_NUMBER' },
  ),
  shows(
    '4.1',
    'drivers set Next and MdlFlags themselves',
    `${POOL_MDL} PMDL second = IoAllocateMdl(block, 16, FALSE, FALSE, NULL);
     mdl->Next = second; SEE(mdl->Next == second); mdl->MdlFlags |= MDL_MAPPING_CAN_FAIL; mdl->Next = NULL;
     IoFreeMdl(second); ${FREE_POOL_MDL}`,
    [1],
  ),
  shows(
    '4.1',
    'the number of pages follows from address and byte count',
    `${POOL_MDL} PMDL odd = IoAllocateMdl(block + 1, 2 * PAGE_SIZE - 1, FALSE, FALSE, NULL);
     PMDL across = IoAllocateMdl(block + 0xFFF, 2, FALSE, FALSE, NULL);
     SEE(ADDRESS_AND_SIZE_TO_SPAN_PAGES(MmGetMdlVirtualAddress(odd), MmGetMdlByteCount(odd)));
     SEE(ADDRESS_AND_SIZE_TO_SPAN_PAGES(MmGetMdlVirtualAddress(across), MmGetMdlByteCount(across)));
     IoFreeMdl(odd); IoFreeMdl(across); ${FREE_POOL_MDL}`,
    [2, 2],
  ),
  shows(
    '4.1',
    'StartVa is the page, ByteOffset the place in it, and the first number is that page’s',
    `${POOL_MDL} PMDL odd = IoAllocateMdl(block + 0x1234, 8, FALSE, FALSE, NULL);
     MmBuildMdlForNonPagedPool(odd);
     SEE((PUCHAR)odd->StartVa - block); SEE(odd->ByteOffset); SEE(MmGetMdlPfnArray(odd)[0] == Behind(block + PAGE_SIZE) >> PAGE_SHIFT);
     IoFreeMdl(odd); ${FREE_POOL_MDL}`,
    [0x1000, 0x234, 1],
  ),
  shows(
    '4.1',
    'page numbers mean nothing before the MDL is locked or built',
    `${POOL_MDL} if (MmGetMdlPfnArray(mdl)[0] == 5) { SEE(5); } ${FREE_POOL_MDL}`,
    [],
    { violations: ['uninitialized_memory'] },
  ),
  shows(
    '4.1',
    'Next makes a chain that the IRP begins and NULL ends',
    `PIRP irp = IoAllocateIrp(1, FALSE);
     ${POOL_MDL} PMDL first = IoAllocateMdl(block, 16, FALSE, FALSE, irp);
     PMDL second = IoAllocateMdl(block, 16, TRUE, FALSE, irp);
     SEE(irp->MdlAddress == first); SEE(first->Next == second); SEE(second->Next);
     irp->MdlAddress = NULL; IoFreeMdl(first); IoFreeMdl(second); IoFreeIrp(irp); ${FREE_POOL_MDL}`,
    [1, 1, 0],
  ),

  shows(
    '4.2',
    'flags have their documented bits',
    `SEE(MDL_MAPPED_TO_SYSTEM_VA); SEE(MDL_PAGES_LOCKED); SEE(MDL_SOURCE_IS_NONPAGED_POOL); SEE(MDL_ALLOCATED_FIXED_SIZE);
     SEE(MDL_PARTIAL); SEE(MDL_PARTIAL_HAS_BEEN_MAPPED); SEE(MDL_IO_PAGE_READ); SEE(MDL_WRITE_OPERATION); SEE(MDL_IO_SPACE);
     SEE(MDL_NETWORK_HEADER); SEE(MDL_MAPPING_CAN_FAIL);`,
    [1, 2, 4, 8, 0x10, 0x20, 0x40, 0x80, 0x800, 0x1000, 0x2000],
  ),
  shows(
    '4.2',
    'MDL_MAPPED_TO_SYSTEM_VA: a mapping is in MappedSystemVa',
    `${POOL_MDL} ${LOCK} { PVOID at = ${MAP}; SEE(mdl->MdlFlags & 1); SEE(mdl->MappedSystemVa == at); } MmUnlockPages(mdl); ${FREE_POOL_MDL}`,
    [1, 1],
  ),
  shows(
    '4.2',
    'MDL_PAGES_LOCKED: set by locking, cleared by unlocking',
    `${POOL_MDL} ${LOCK} SEE(mdl->MdlFlags & MDL_PAGES_LOCKED); MmUnlockPages(mdl); SEE(mdl->MdlFlags & MDL_PAGES_LOCKED); ${FREE_POOL_MDL}`,
    [2, 0],
  ),
  shows(
    '4.2',
    'MDL_SOURCE_IS_NONPAGED_POOL: MappedSystemVa is the buffer',
    `${POOL_MDL} MmBuildMdlForNonPagedPool(mdl); ${FLAGS} SEE(mdl->MappedSystemVa == block); ${FREE_POOL_MDL}`,
    [mdl.NONPAGED, 1],
  ),
  shows(
    '4.2',
    'MDL_ALLOCATED_FIXED_SIZE: of a short MDL, not of a long one',
    `PMDL small = IoAllocateMdl((PVOID)0x1000, 16, FALSE, FALSE, NULL); PMDL large = IoAllocateMdl((PVOID)0x1000, 0x100000, FALSE, FALSE, NULL);
     SEE(small->MdlFlags); SEE(large->MdlFlags); IoFreeMdl(small); IoFreeMdl(large);`,
    [mdl.FIXED, 0],
  ),
  shows(
    '4.2',
    'MDL_PARTIAL: set by IoBuildPartialMdl',
    `${POOL_MDL} ${PARTIAL} SEE(part->MdlFlags & MDL_PARTIAL); IoFreeMdl(part); MmUnlockPages(mdl); ${FREE_POOL_MDL}`,
    [mdl.PARTIAL],
  ),
  shows(
    '4.2',
    'MDL_PARTIAL_HAS_BEEN_MAPPED: a partial MDL has a mapping of its own until it is prepared for reuse',
    `${POOL_MDL} ${PARTIAL} MmGetSystemAddressForMdlSafe(part, NormalPagePriority); SEE(part->MdlFlags & 0x21);
     MmPrepareMdlForReuse(part); SEE(part->MdlFlags & 0x21); IoFreeMdl(part); MmUnlockPages(mdl); ${FREE_POOL_MDL}`,
    [0x21, 0],
  ),
  unseen('4.2', 'MDL_IO_PAGE_READ', 'drivers see no paging reads'),
  shows(
    '4.2',
    'MDL_WRITE_OPERATION: locked for writing',
    `${POOL_MDL} MmProbeAndLockPages(mdl, KernelMode, IoReadAccess); SEE(mdl->MdlFlags & 0x80); MmUnlockPages(mdl); ${LOCK} SEE(mdl->MdlFlags & 0x80); MmUnlockPages(mdl); ${FREE_POOL_MDL}`,
    [0, 0x80],
  ),
  shows(
    '4.2',
    'MDL_PARENT_MAPPED_SYSTEM_VA: a partial MDL borrows the mapping of its source',
    `${POOL_MDL} PMDL part = IoAllocateMdl(block + PAGE_SIZE, PAGE_SIZE, FALSE, FALSE, NULL); PUCHAR at;
     ${LOCK} at = ${MAP}; IoBuildPartialMdl(mdl, part, block + PAGE_SIZE + 16, 100);
     SEE(part->MdlFlags & MDL_PARENT_MAPPED_SYSTEM_VA); SEE((PUCHAR)MmGetSystemAddressForMdlSafe(part, NormalPagePriority) - at);
     IoFreeMdl(part); MmUnlockPages(mdl); ${FREE_POOL_MDL}`,
    [mdl.PARENT_MAPPED, 0x1010],
  ),
  unseen('4.2', 'MDL_FREE_EXTRA_PTES', 'no mapping has more pages than its MDL'),
  unseen('4.2', 'MDL_DESCRIBES_AWE', 'processes have no AWE pages here'),
  shows(
    '4.2',
    'MDL_IO_SPACE: page numbers of registers',
    `MM_PHYSICAL_ADDRESS_LIST list = { { 0 }, PAGE_SIZE }; PMDL mdl = NULL; list.PhysicalAddress = At(0xFEC00000);
     SEE_STATUS(MmAllocateMdlForIoSpace(&list, 1, &mdl)); SEE(mdl->MdlFlags & MDL_IO_SPACE); IoFreeMdl(mdl);`,
    [0, mdl.IO_SPACE],
  ),
  shows(
    '4.2',
    'MDL_NETWORK_HEADER stays what the driver set',
    `${POOL_MDL} mdl->MdlFlags |= MDL_NETWORK_HEADER; MmBuildMdlForNonPagedPool(mdl); SEE(mdl->MdlFlags & MDL_NETWORK_HEADER); ${FREE_POOL_MDL}`,
    [0x1000],
  ),
  unseen(
    '4.2',
    'MDL_ALLOCATED_MUST_SUCCEED and MDL_INTERNAL',
    'the system sets them, and drivers see none of it',
  ),

  stops(
    '4.3',
    'an MDL that is neither locked nor built is not mapped',
    `${POOL_MDL} SEE(mdl); SEE(mdl->MdlFlags); ${MAP};`,
    [0xc4, 0xb3, seen(0), seen(1), any],
    VERIFIED,
  ),
  stops(
    '4.3',
    'an MDL that is neither locked nor built is not unlocked',
    `${POOL_MDL} SEE(mdl); SEE(mdl->MdlFlags); MmUnlockPages(mdl);`,
    [0xc4, 0x7c, seen(0), seen(1), 0],
    VERIFIED,
  ),
  stops(
    '4.3',
    'a locked MDL is not locked again',
    `${POOL_MDL} ${LOCK} SEE(mdl); SEE(mdl->MdlFlags); ${LOCK}`,
    [0xc4, 0xb0, seen(0), seen(1), mdl.LOCKED],
    VERIFIED,
  ),
  shows(
    '4.3',
    'a locked MDL that is freed leaves its pages locked',
    `${POOL_MDL} ${LOCK} IoFreeMdl(mdl);`,
    [],
    { leaks: ['pool', 'locked pages'] },
  ),
  stops(
    '4.3',
    'a locked and mapped MDL is not mapped into system space again',
    `${POOL_MDL} ${LOCK} ${MAP}; SEE(mdl); SEE(mdl->MdlFlags); ${MAP};`,
    [0xc4, 0xb2, seen(0), seen(1), mdl.MAPPED],
    VERIFIED,
  ),
  stops(
    '4.3',
    'a mapped MDL is not freed',
    `${POOL_MDL} ${LOCK} ${MAP}; SEE(mdl); SEE(mdl->MdlFlags); IoFreeMdl(mdl);`,
    [0xc4, 0xb8, seen(0), seen(1), 0],
    VERIFIED,
  ),
  stops(
    '4.3',
    'an MDL of nonpaged pool is not locked',
    `${POOL_MDL} MmBuildMdlForNonPagedPool(mdl); SEE(mdl); SEE(mdl->MdlFlags); ${LOCK}`,
    [0xc4, 0xb0, seen(0), seen(1), mdl.NONPAGED],
    VERIFIED,
  ),
  stops(
    '4.3',
    'an MDL of nonpaged pool is not unlocked',
    `${POOL_MDL} MmBuildMdlForNonPagedPool(mdl); SEE(mdl); SEE(mdl->MdlFlags); MmUnlockPages(mdl);`,
    [0xc4, 0x7d, seen(0), seen(1), 0],
    VERIFIED,
  ),
  stops(
    '4.3',
    'an MDL of nonpaged pool is not mapped into system space',
    `${POOL_MDL} MmBuildMdlForNonPagedPool(mdl); SEE(mdl); SEE(mdl->MdlFlags); ${MAP};`,
    [0xc4, 0xb2, seen(0), seen(1), mdl.NONPAGED],
    VERIFIED,
  ),
  stops(
    '4.3',
    'an MDL of nonpaged pool has no mapping to take away',
    `${POOL_MDL} MmBuildMdlForNonPagedPool(mdl); SEE(mdl); SEE(mdl->MdlFlags); MmUnmapLockedPages(block, mdl);`,
    [0xc4, 0xb6, seen(0), seen(1), any],
    VERIFIED,
  ),
  stops(
    '4.3',
    'a partial MDL is not locked',
    `${POOL_MDL} ${PARTIAL} SEE(part); SEE(part->MdlFlags); MmProbeAndLockPages(part, KernelMode, IoReadAccess);`,
    [0xc4, 0xb0, seen(0), seen(1), mdl.PARTIAL],
    VERIFIED,
  ),
  stops(
    '4.3',
    'a partial MDL is not unlocked',
    `${POOL_MDL} ${PARTIAL} SEE(part); SEE(part->MdlFlags); MmUnlockPages(part);`,
    [0xc4, 0xb4, seen(0), seen(1), mdl.PARTIAL],
    VERIFIED,
  ),
  stops(
    '4.3',
    'a borrowed mapping is not taken away with the partial MDL',
    `${POOL_MDL} PMDL part = IoAllocateMdl(block, PAGE_SIZE, FALSE, FALSE, NULL); PVOID at;
     ${LOCK} at = ${MAP}; IoBuildPartialMdl(mdl, part, block, 100); SEE(part); SEE(part->MdlFlags); MmUnmapLockedPages(at, part);`,
    [0xc4, 0xb5, seen(0), seen(1), any],
    VERIFIED,
  ),
  shows(
    '4.3',
    'pages for an MDL are mapped, unmapped and freed, and the MDL goes to ExFreePool',
    `${PAGES} PVOID at = ${MAP}; SEE(at != NULL); MmUnmapLockedPages(at, mdl); MmFreePagesFromMdl(mdl); ExFreePool(mdl);`,
    [1],
  ),
  shows('4.3', 'ExFreePool of that MDL alone loses the pages', `${PAGES} ExFreePool(mdl);`, [], {
    leaks: ['pages for MDL'],
  }),
  shows(
    '4.3',
    'an MDL of I/O space is mapped and freed',
    `MM_PHYSICAL_ADDRESS_LIST list = { { 0 }, PAGE_SIZE }; PMDL mdl = NULL; PVOID at; list.PhysicalAddress = At(0xFEC00000);
     MmAllocateMdlForIoSpace(&list, 1, &mdl);
     at = MmMapLockedPagesSpecifyCache(mdl, KernelMode, MmNonCached, NULL, FALSE, NormalPagePriority); SEE(Behind(at)); MmUnmapLockedPages(at, mdl); IoFreeMdl(mdl);`,
    [0xfec00000],
  ),

  shows(
    '4.4',
    'PAGE_ALIGN and BYTE_OFFSET',
    'SEE(PAGE_ALIGN((PVOID)0x12345FFF)); SEE(BYTE_OFFSET((PVOID)0x12345FFF));',
    [0x12345000, 0xfff],
  ),
  shows(
    '4.4',
    'BYTES_TO_PAGES',
    'SEE(BYTES_TO_PAGES(0)); SEE(BYTES_TO_PAGES(1)); SEE(BYTES_TO_PAGES(0x1000)); SEE(BYTES_TO_PAGES(0x1001)); SEE(BYTES_TO_PAGES(0xFFFFFFFF));',
    [0, 1, 1, 2, 0x100000],
  ),
  shows(
    '4.4',
    'ADDRESS_AND_SIZE_TO_SPAN_PAGES',
    'SEE(ADDRESS_AND_SIZE_TO_SPAN_PAGES((PVOID)0x1000, 0)); SEE(ADDRESS_AND_SIZE_TO_SPAN_PAGES((PVOID)0x1001, 0)); SEE(ADDRESS_AND_SIZE_TO_SPAN_PAGES((PVOID)0x1FFF, 2));',
    [0, 1, 2],
  ),
  shows(
    '4.4',
    'MmGetMdlByteCount',
    'PMDL mdl = IoAllocateMdl((PVOID)0x5008, 77, FALSE, FALSE, NULL); SEE(MmGetMdlByteCount(mdl)); IoFreeMdl(mdl);',
    [77],
  ),
  shows(
    '4.4',
    'MmGetMdlByteOffset',
    'PMDL mdl = IoAllocateMdl((PVOID)0x5008, 77, FALSE, FALSE, NULL); SEE(MmGetMdlByteOffset(mdl)); IoFreeMdl(mdl);',
    [8],
  ),
  shows(
    '4.4',
    'MmGetMdlVirtualAddress',
    'PMDL mdl = IoAllocateMdl((PVOID)0x5008, 77, FALSE, FALSE, NULL); SEE(MmGetMdlVirtualAddress(mdl)); IoFreeMdl(mdl);',
    [0x5008],
  ),
  shows(
    '4.4',
    'MmGetMdlVirtualAddress is a user address where the buffer is one',
    `PMDL mdl = IoAllocateMdl(Buffer + 5, 100, FALSE, FALSE, NULL); MmProbeAndLockPages(mdl, UserMode, IoReadAccess);
     SEE(MmGetMdlVirtualAddress(mdl) == Buffer + 5); SEE(MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority) == Buffer + 5); MmUnlockPages(mdl); IoFreeMdl(mdl);`,
    [1, 0],
    { inProcess: true },
  ),
  shows(
    '4.4',
    'MmGetMdlPfnArray',
    'PMDL mdl = IoAllocateMdl((PVOID)0x5008, 77, FALSE, FALSE, NULL); SEE(MmGetMdlPfnArray(mdl) == (PPFN_NUMBER)(mdl + 1)); IoFreeMdl(mdl);',
    [1],
  ),
  shows(
    '4.4',
    'MmInitializeMdl sets six fields and leaves the rest alone',
    `ULONG64 space[9]; PMDL mdl = (PMDL)space; int word;
     for (word = 0; word < 9; word++) space[word] = 0x1111111111111111;
     MmInitializeMdl(mdl, (PVOID)0x12345678, 0x2000);
     SEE(mdl->Next); SEE(mdl->Size); SEE(mdl->MdlFlags); SEE(mdl->StartVa); SEE(mdl->ByteOffset); SEE(mdl->ByteCount);
     SEE(mdl->Process); SEE(mdl->MappedSystemVa); SEE(space[6]);`,
    [
      0,
      0x48,
      0,
      0x12345000,
      0x678,
      0x2000,
      0x1111111111111111n,
      0x1111111111111111n,
      0x1111111111111111n,
    ],
  ),
  shows(
    '4.4',
    'MmSizeOfMdl',
    'SEE(MmSizeOfMdl((PVOID)0x1FFF, 2)); SEE(MmSizeOfMdl((PVOID)0x1000, 0x1000));',
    [0x40, 0x38],
  ),
  shows(
    '4.4',
    'MmPrepareMdlForReuse does nothing for an MDL that is not partial',
    `${POOL_MDL} ${LOCK} { PUCHAR at = ${MAP}; MmPrepareMdlForReuse(mdl); at[0] = 3; SEE(block[0]); SEE(mdl->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA); } MmUnlockPages(mdl); ${FREE_POOL_MDL}`,
    [3, 1],
    { failures: ['Assertion failed: ((mdl)->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA) == 0'] },
  ),
  shows(
    '4.4',
    'MmGetSystemAddressForMdlSafe answers the mapping that there is, or makes one',
    `${POOL_MDL} ${LOCK} { PVOID at = MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority);
     SEE(at != block); SEE(MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority) == at); } MmUnlockPages(mdl); ${FREE_POOL_MDL}`,
    [1, 1],
  ),
  shows(
    '4.4',
    'Size cannot hold the size of a long MDL',
    `PMDL mdl = IoAllocateMdl((PVOID)0x1000, 0x2000 * PAGE_SIZE, FALSE, FALSE, NULL);
     SEE(mdl->Size == (CSHORT)(0x30 + 8 * 0x2000)); SEE(ADDRESS_AND_SIZE_TO_SPAN_PAGES(MmGetMdlVirtualAddress(mdl), MmGetMdlByteCount(mdl))); IoFreeMdl(mdl);`,
    [1, 0x2000],
  ),
];
