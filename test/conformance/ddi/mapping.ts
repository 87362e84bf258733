/** Chapters 6, 7 and 14: mappings of MDLs, reserved mappings, physical addresses, I/O space, caches. */
import { FREE_POOL_MDL, LOCK, MAP, POOL_MDL } from './mdl.ts';
import { any, mdl, type Rule, seen, shows, status, stops, unseen } from './rules.ts';

const VERIFIED = { verifier: 'on' } as const;
const IN_PROCESS = { inProcess: true } as const;
const NEW = (start: string, length: string): string =>
  `IoAllocateMdl(${start}, ${length}, FALSE, FALSE, NULL)`;
/** A mapping with a mode, an address and a priority. */
const MAP_AS = (
  mode: string,
  at = 'NULL',
  priority = 'NormalPagePriority',
  bugCheck = 'FALSE',
): string =>
  `MmMapLockedPagesSpecifyCache(mdl, ${mode}, MmCached, ${at}, ${bugCheck}, ${priority})`;
const USER = `PMDL mdl = ${NEW('Buffer + 0x10', '0x1010')}; MmProbeAndLockPages(mdl, UserMode, IoWriteAccess);`;
const FREE_USER = 'MmUnlockPages(mdl); IoFreeMdl(mdl);';
const PAGES = 'PMDL mdl = MmAllocatePagesForMdl(At(0), At(MAXULONG64), At(0), 2 * PAGE_SIZE);';
const FREE_PAGES = 'MmFreePagesFromMdl(mdl); ExFreePool(mdl);';
const RESERVED = `PUCHAR base = MmAllocateMappingAddress(3 * PAGE_SIZE, TAG); ${POOL_MDL} ${LOCK}`;
const FILL = '(PUCHAR)MmMapLockedPagesWithReservedMapping(base, TAG, mdl, MmCached)';
const FREE_RESERVED = `MmUnlockPages(mdl); MmFreeMappingAddress(base, TAG); ${FREE_POOL_MDL}`;
const REGISTERS = 'At(0xFEC00000)';

export const mappingRules: readonly Rule[] = [
  shows(
    '6',
    'the same bytes under two addresses',
    `${POOL_MDL} ${LOCK} { PUCHAR at = ${MAP}; block[5] = 42; SEE(at[5]); at[5] = 43; SEE(block[5]); } MmUnlockPages(mdl); ${FREE_POOL_MDL}`,
    [42, 43],
    VERIFIED,
  ),

  shows(
    '6.1',
    'kernel mappings may be made at DISPATCH_LEVEL',
    `KIRQL old; ${POOL_MDL} ${LOCK} old = Raise(DISPATCH_LEVEL); SEE(${MAP} != NULL); KeLowerIrql(old); MmUnlockPages(mdl); ${FREE_POOL_MDL}`,
    [1],
    VERIFIED,
  ),
  stops(
    '6.1',
    'kernel mappings may not be made above',
    `${POOL_MDL} ${LOCK} SEE(mdl); Raise(DISPATCH_LEVEL + 1); ${MAP};`,
    [0xc4, 0x76, 3, seen(0), 0],
    VERIFIED,
  ),
  stops(
    '6.1',
    'user mappings are for APC_LEVEL at most',
    `${USER} SEE(mdl); Raise(DISPATCH_LEVEL); ${MAP_AS('UserMode')};`,
    [0xc4, 0x77, 2, seen(0), 1],
    { ...IN_PROCESS, ...VERIFIED },
  ),
  shows(
    '6.1',
    'the address has the byte offset of the MDL',
    `${USER} SEE(BYTE_OFFSET(${MAP})); ${FREE_USER}`,
    [0x10],
    IN_PROCESS,
  ),
  shows(
    '6.1',
    'a kernel mapping that fails is NULL',
    `${POOL_MDL} ${LOCK} mdl->ByteCount = 0; SEE(${MAP}); mdl->ByteCount = 2 * PAGE_SIZE; MmUnlockPages(mdl); ${FREE_POOL_MDL}`,
    [0],
    { says: ['MmMapLockedPagesSpecifyCache returns NULL'] },
  ),
  stops(
    '6.1',
    'or a bug check, where the driver asked for one',
    `${POOL_MDL} ${LOCK} mdl->ByteCount = 0; ${MAP_AS('KernelMode', 'NULL', 'NormalPagePriority', 'TRUE')};`,
    [0x3f, 0, 0, 0, 0],
  ),
  shows(
    '6.1',
    'a user mapping that fails is an exception',
    `${USER} SEE_RAISED(${MAP_AS('UserMode', '(PVOID)((ULONG_PTR)Buffer & ~0xFFFULL)')}) ${FREE_USER}`,
    [status.CONFLICTING_ADDRESSES],
    IN_PROCESS,
  ),
  shows(
    '6.1',
    'a user mapping lies where it is wanted, rounded down',
    `${USER} { PUCHAR at = ${MAP_AS('UserMode', '(PVOID)0x30000123')}; SEE(at); MmUnmapLockedPages(at, mdl); } ${FREE_USER}`,
    [0x30000010],
    IN_PROCESS,
  ),
  shows(
    '6.1',
    'a system mapping takes no wish for an address',
    `${POOL_MDL} ${LOCK} SEE(${MAP_AS('KernelMode', '(PVOID)0x30000000')} == (PVOID)0x30000000); MmUnlockPages(mdl); ${FREE_POOL_MDL}`,
    [0],
  ),
  stops(
    '6.1',
    'BugCheckOnFailure is for nobody',
    `${POOL_MDL} ${LOCK} SEE(mdl); SEE(mdl->MdlFlags); ${MAP_AS('KernelMode', 'NULL', 'NormalPagePriority', 'TRUE')};`,
    [0xc4, 0x82, seen(0), seen(1), 0],
    VERIFIED,
  ),
  shows(
    '6.1',
    'priorities and their flags have their documented values',
    'SEE(LowPagePriority); SEE(NormalPagePriority); SEE(HighPagePriority); SEE((ULONG)MdlMappingNoWrite); SEE((ULONG)MdlMappingNoExecute);',
    [0, 16, 32, 0x80000000, 0x40000000],
  ),
  stops(
    '6.1',
    'a mapping that nobody may write',
    `${POOL_MDL} ${LOCK} { PUCHAR at = ${MAP_AS('KernelMode', 'NULL', 'NormalPagePriority | MdlMappingNoWrite')}; SEE(at); at[0] = 1; }`,
    [0xbe, seen(0), any, any, any],
  ),
  stops(
    '6.1',
    'a mapping that nobody may execute',
    `${POOL_MDL} ${LOCK} { PVOID at = ${MAP_AS('KernelMode', 'NULL', 'NormalPagePriority | MdlMappingNoExecute')}; SEE(at); ((VOID (*)(VOID))at)(); }`,
    [0xfc, seen(0), any, any, any],
  ),
  stops(
    '6.1',
    'an executable mapping is found by the option for it',
    `${POOL_MDL} ${LOCK} ${MAP_AS('KernelMode')};`,
    [0xc4, 0x2002, any, 16, 0],
    { verifier: 'code_integrity' },
  ),
  stops(
    '6.1',
    'one system mapping for each MDL',
    `${POOL_MDL} ${LOCK} ${MAP}; SEE(mdl); SEE(mdl->MdlFlags); ${MAP};`,
    [0xc4, 0xb2, seen(0), seen(1), mdl.MAPPED],
    VERIFIED,
  ),
  shows(
    '6.1',
    'user mappings may be several',
    `${USER} { PUCHAR a = ${MAP_AS('UserMode')}; PUCHAR b = ${MAP_AS('UserMode')}; a[0] = 3; SEE(b[0]); SEE(a != b); MmUnmapLockedPages(a, mdl); MmUnmapLockedPages(b, mdl); } ${FREE_USER}`,
    [3, 1],
    IN_PROCESS,
  ),
  stops(
    '6.1',
    'pages of an MDL that nobody locked',
    `${POOL_MDL} ${LOCK} MmUnlockPages(mdl); SEE(MmGetMdlPfnArray(mdl)[0]); mdl->MdlFlags |= MDL_PAGES_LOCKED; mdl = mdl; ExFreePool(block); ${MAP};`,
    [0x1a, 0x1233, seen(0), any, any],
    { violations: [] },
  ),
  stops(
    '6.1',
    'an MDL whose numbers are no memory',
    `${POOL_MDL} ${LOCK} MmGetMdlPfnArray(mdl)[1] = 0x7FFFFFFFFF; SEE(mdl); SEE(MmGetMdlPfnArray(mdl) + 1); ${MAP};`,
    [0x1a, 0x1236, seen(0), seen(1), 0x7fffffffff],
  ),
  shows(
    '6.1',
    'pool in user space is not freed while it is mapped',
    `${POOL_MDL} PUCHAR at; MmBuildMdlForNonPagedPool(mdl); at = ${MAP_AS('UserMode')}; IoFreeMdl(mdl); ExFreePool(block); SEE(at != NULL);`,
    [1],
    { ...IN_PROCESS, violations: ['freed_while_mapped'], leaks: ['mapping'] },
  ),

  shows(
    '6.2',
    'MmMapLockedPages maps',
    `${POOL_MDL} ${LOCK} SEE(MmMapLockedPages(mdl, KernelMode) != NULL); MmUnlockPages(mdl); ${FREE_POOL_MDL}`,
    [1],
  ),
  stops(
    '6.2',
    'a kernel mapping that fails stops the system',
    `${POOL_MDL} ${LOCK} mdl->ByteCount = 0; MmMapLockedPages(mdl, KernelMode);`,
    [0x3f, 0, 0, 0, 0],
  ),
  stops(
    '6.2',
    'its use is a mistake in itself',
    `${POOL_MDL} ${LOCK} SEE(mdl); SEE(mdl->MdlFlags); MmMapLockedPages(mdl, KernelMode);`,
    [0xc4, 0x81, seen(0), seen(1), 0],
    VERIFIED,
  ),
  stops(
    '6.2',
    'above DISPATCH_LEVEL',
    `${POOL_MDL} ${LOCK} SEE(mdl); Raise(DISPATCH_LEVEL + 1); MmMapLockedPages(mdl, KernelMode);`,
    [0xc4, 0x74, 3, seen(0), 0],
    VERIFIED,
  ),
  stops(
    '6.2',
    'into user space above APC_LEVEL',
    `${USER} SEE(mdl); Raise(DISPATCH_LEVEL); MmMapLockedPages(mdl, UserMode);`,
    [0xc4, 0x75, 2, seen(0), 1],
    { ...IN_PROCESS, ...VERIFIED },
  ),

  shows(
    '6.3',
    'the address has the offset of the buffer in its page',
    `${USER} SEE(BYTE_OFFSET(MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority))); ${FREE_USER}`,
    [0x10],
    IN_PROCESS,
  ),
  shows(
    '6.3',
    'after MmProbeAndLockPages MmUnlockPages takes the mapping away',
    `${POOL_MDL} ${LOCK} { PVOID at = MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority); MmUnlockPages(mdl); SEE(MmIsAddressValid(at)); } ${FREE_POOL_MDL}`,
    [0],
  ),
  shows(
    '6.3',
    'after MmBuildMdlForNonPagedPool there is nothing to take away',
    `${POOL_MDL} MmBuildMdlForNonPagedPool(mdl); SEE(MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority) == block); ${FREE_POOL_MDL}`,
    [1],
  ),
  shows(
    '6.3',
    'after IoBuildPartialMdl MmPrepareMdlForReuse takes it away',
    `${POOL_MDL} PMDL part = ${NEW('block', 'PAGE_SIZE')}; ${LOCK} IoBuildPartialMdl(mdl, part, block, 8); { PVOID at = MmGetSystemAddressForMdlSafe(part, NormalPagePriority); MmPrepareMdlForReuse(part); SEE(MmIsAddressValid(at)); } IoFreeMdl(part); MmUnlockPages(mdl); ${FREE_POOL_MDL}`,
    [0],
  ),
  shows(
    '6.3',
    'after MmAllocatePagesForMdl MmUnmapLockedPages takes it away',
    `${PAGES} PVOID at = MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority); MmUnmapLockedPages(at, mdl); SEE(MmIsAddressValid(at)); SEE(mdl->MdlFlags & 1); ${FREE_PAGES}`,
    [0, 0],
  ),
  stops(
    '6.3',
    'of NULL it faults',
    'MmGetSystemAddressForMdlSafe(NULL, NormalPagePriority);',
    [0x7e, status.ACCESS_VIOLATION, any, any, any],
    { choice: 'MmGetSystemAddressForMdlSafe of NULL' },
  ),

  shows(
    '6.4',
    'system mappings go at DISPATCH_LEVEL',
    `KIRQL old; ${POOL_MDL} ${LOCK} { PVOID at = ${MAP}; old = Raise(DISPATCH_LEVEL); MmUnmapLockedPages(at, mdl); KeLowerIrql(old); SEE(mdl->MdlFlags & 1); } MmUnlockPages(mdl); ${FREE_POOL_MDL}`,
    [0],
    VERIFIED,
  ),
  stops(
    '6.4',
    'not above',
    `${POOL_MDL} ${LOCK} { PVOID at = ${MAP}; SEE(at); SEE(mdl); Raise(DISPATCH_LEVEL + 1); MmUnmapLockedPages(at, mdl); }`,
    [0xc4, 0x79, 3, seen(0), seen(1)],
    VERIFIED,
  ),
  stops(
    '6.4',
    'user mappings go at APC_LEVEL at most',
    `${USER} { PVOID at = ${MAP_AS('UserMode')}; SEE(at); SEE(mdl); Raise(DISPATCH_LEVEL); MmUnmapLockedPages(at, mdl); }`,
    [0xc4, 0x7a, 2, seen(0), seen(1)],
    { ...IN_PROCESS, ...VERIFIED },
  ),
  stops(
    '6.4',
    'an MDL that is not mapped',
    `${POOL_MDL} ${LOCK} SEE(mdl); SEE(mdl->MdlFlags); MmUnmapLockedPages(block, mdl);`,
    [0xc4, 0xb6, seen(0), seen(1), any],
    VERIFIED,
  ),
  stops(
    '6.4',
    'a wrong user address',
    `${USER} { PUCHAR at = ${MAP_AS('UserMode')}; SEE(mdl); SEE(mdl->MdlFlags); SEE(at + PAGE_SIZE); MmUnmapLockedPages(at + PAGE_SIZE, mdl); }`,
    [0xc4, 0xb9, any, any, any],
    { ...IN_PROCESS, ...VERIFIED },
  ),
  stops(
    '6.4',
    'a mapping that went already',
    `${POOL_MDL} ${LOCK} { PVOID at = ${MAP}; SEE(mdl); SEE(at); MmUnmapLockedPages(at, mdl); MmUnmapLockedPages(at, mdl); }`,
    [0xda, 6, seen(0), seen(1), 0],
  ),

  shows(
    '6.5',
    'reserved address space faults until something is mapped',
    'PUCHAR base = MmAllocateMappingAddress(PAGE_SIZE, TAG); SEE(MmIsAddressValid(base)); MmFreeMappingAddress(base, TAG);',
    [0],
  ),
  stops('6.5', 'no pages', 'MmAllocateMappingAddress(0, TAG);', [0xda, 0x100, 0, 0x69646454, 0]),
  shows(
    '6.5',
    'the answer has the byte offset, MappedSystemVa has not',
    `PUCHAR base = MmAllocateMappingAddress(3 * PAGE_SIZE, TAG); PUCHAR block = ExAllocatePool2(POOL_FLAG_NON_PAGED, PAGE_SIZE, TAG); PMDL mdl = ${NEW('block + 0x20', '16')}; ${LOCK} SEE(${FILL} - base); SEE((PUCHAR)mdl->MappedSystemVa - base); MmUnmapReservedMapping(base, TAG, mdl); ${FREE_RESERVED}`,
    [0x20, 0],
  ),
  shows(
    '6.5',
    'an MDL that is larger, or not locked, is NULL',
    `PUCHAR base = MmAllocateMappingAddress(PAGE_SIZE, TAG); ${POOL_MDL} SEE(${FILL}); ${LOCK} SEE(${FILL}); ${FREE_RESERVED}`,
    [0, 0],
    { says: ['the MDL is not locked', '1 page is reserved'] },
  ),
  stops(
    '6.5',
    'mapping with another tag',
    `${RESERVED} SEE(base); MmMapLockedPagesWithReservedMapping(base, 'rhtO', mdl, MmCached);`,
    [0xda, 0x104, seen(0), 0x7268744f, 0x69646454],
  ),
  stops(
    '6.5',
    'mapping where nothing is reserved',
    `${RESERVED} SEE(base + PAGE_SIZE); MmMapLockedPagesWithReservedMapping(base + PAGE_SIZE, TAG, mdl, MmCached);`,
    [0xda, 0x105, seen(0), 0x69646454, 0],
  ),
  stops('6.5', 'mapping twice', `${RESERVED} ${FILL}; SEE(base); SEE(base + PAGE_SIZE); ${FILL};`, [
    0xda,
    0x107,
    seen(0),
    seen(0),
    seen(1),
  ]),
  stops(
    '6.5',
    'unmapping with another tag',
    `${RESERVED} ${FILL}; SEE(base); MmUnmapReservedMapping(base, 'rhtO', mdl);`,
    [0xda, 0x108, seen(0), 0x7268744f, 0x69646454],
  ),
  stops(
    '6.5',
    'unmapping what is empty',
    `${RESERVED} SEE(base); MmUnmapReservedMapping(base, TAG, mdl);`,
    [0xda, 0x109, seen(0), 0x69646454, 0],
  ),
  stops(
    '6.5',
    'unmapping more than is mapped',
    `${RESERVED} ${FILL}; SEE(base); mdl->ByteCount = 3 * PAGE_SIZE; MmUnmapReservedMapping(base, TAG, mdl);`,
    [0xda, 0x10a, seen(0), 2, 3],
  ),
  unseen('6.5', 'unmapping pages that are not mapped', 'what is mapped there has no holes'),
  stops(
    '6.5',
    'unmapping a part',
    `${RESERVED} ${FILL}; SEE(base); mdl->ByteCount = PAGE_SIZE; MmUnmapReservedMapping(base, TAG, mdl);`,
    [0xda, 0x10c, seen(0), 0x69646454, 1],
  ),
  stops(
    '6.5',
    'giving mapped address space back',
    `${RESERVED} ${FILL}; SEE(base); MmFreeMappingAddress(base, TAG);`,
    [0xda, 0x103, seen(0), 0x69646454, 2],
  ),
  stops(
    '6.5',
    'giving it back with another tag',
    `${RESERVED} SEE(base); MmFreeMappingAddress(base, 'rhtO');`,
    [0xda, 0x101, seen(0), 0x7268744f, 0x69646454],
  ),
  stops('6.5', 'giving nothing back', `${RESERVED} SEE(block); MmFreeMappingAddress(block, TAG);`, [
    0xda,
    0x102,
    seen(0),
    0x69646454,
    0,
  ]),
  shows(
    '6.5',
    'mapping and unmapping may be done at DISPATCH_LEVEL',
    `KIRQL old; ${RESERVED} old = Raise(DISPATCH_LEVEL); SEE(${FILL} == base); MmUnmapReservedMapping(base, TAG, mdl); KeLowerIrql(old); SEE(mdl->MdlFlags & 1); ${FREE_RESERVED}`,
    [1, 0],
    VERIFIED,
  ),

  shows(
    '6.6',
    'the protection of a mapping changes',
    `${POOL_MDL} ${LOCK} { volatile UCHAR *at = ${MAP}; SEE_STATUS(MmProtectMdlSystemAddress(mdl, PAGE_READONLY)); SEE(at[0]); SEE_STATUS(MmProtectMdlSystemAddress(mdl, PAGE_READWRITE)); at[0] = 5; SEE(block[0]); } MmUnlockPages(mdl); ${FREE_POOL_MDL}`,
    [0, 0, 0, 5],
  ),
  stops(
    '6.6',
    'a write to what is read-only now',
    `${POOL_MDL} ${LOCK} { PUCHAR at = ${MAP}; MmProtectMdlSystemAddress(mdl, PAGE_READONLY); SEE(at); at[0] = 1; }`,
    [0xbe, seen(0), any, any, any],
  ),
  shows(
    '6.6',
    'six protections, and no other',
    `static const ULONG all[] = { 1, 2, 4, 0x10, 0x20, 0x40, 0, 3, 8, 0x80, 0x200 }; int one; ${POOL_MDL} ${LOCK} ${MAP}; for (one = 0; one < 11; one++) SEE_STATUS(MmProtectMdlSystemAddress(mdl, all[one])); MmUnlockPages(mdl); ${FREE_POOL_MDL}`,
    [0, 0, 0, 0, 0, 0, ...Array<number>(5).fill(status.INVALID_PAGE_PROTECTION)],
  ),
  shows(
    '6.6',
    'without a mapping it is STATUS_NOT_MAPPED_VIEW',
    `${POOL_MDL} ${LOCK} SEE_STATUS(MmProtectMdlSystemAddress(mdl, PAGE_READONLY)); MmUnlockPages(mdl); ${FREE_POOL_MDL}`,
    [status.NOT_MAPPED_VIEW],
  ),
  stops(
    '6.6',
    'a mapping that is not there',
    `${POOL_MDL} ${LOCK} { PVOID at = ${MAP}; SEE(mdl); SEE(at); MmUnmapLockedPages(at, mdl); mdl->MdlFlags |= MDL_MAPPED_TO_SYSTEM_VA; MmProtectMdlSystemAddress(mdl, PAGE_READONLY); }`,
    [0x1a, 0x1235, seen(0), seen(1), 0],
  ),
  stops(
    '6.6',
    'executable memory is found by the option for it',
    `${POOL_MDL} ${LOCK} ${MAP}; MmProtectMdlSystemAddress(mdl, PAGE_EXECUTE_READ);`,
    [0xc4, 0x2001, any, 0x20, 0],
    { verifier: 'code_integrity' },
  ),
];

export const physicalAddressRules: readonly Rule[] = [
  shows(
    '7',
    'a physical address is no pointer and no logical address',
    'PVOID block = ExAllocatePool2(POOL_FLAG_NON_PAGED, 64, TAG); SEE(sizeof(PHYSICAL_ADDRESS)); SEE(Behind(block) >> 52); ExFreePool(block);',
    [8, 0],
  ),
  shows(
    '7.1',
    'the address of valid nonpaged memory at any IRQL',
    'PVOID block = ExAllocatePool2(POOL_FLAG_NON_PAGED, 64, TAG); ULONG64 low = Behind(block); KIRQL old = Raise(HIGH_LEVEL); SEE(Behind(block) == low); KeLowerIrql(old); ExFreePool(block);',
    [1],
    VERIFIED,
  ),
  shows(
    '7.1',
    'the offset in the page is kept',
    'PUCHAR block = ExAllocatePool2(POOL_FLAG_NON_PAGED, PAGE_SIZE, TAG); SEE(BYTE_OFFSET(Behind(block + 0x123))); ExFreePool(block);',
    [0x123],
  ),
  shows(
    '7.1',
    'nothing mapped is 0',
    'SEE(Behind((PVOID)0x10000)); SEE(Behind((PVOID)0xFFFF900000000000));',
    [0, 0],
    { says: ['nothing is mapped at'] },
  ),

  shows(
    '7.2',
    'registers are mapped, at DISPATCH_LEVEL too',
    `KIRQL old = Raise(DISPATCH_LEVEL); PVOID at = MmMapIoSpace(${REGISTERS}, PAGE_SIZE, MmNonCached); SEE(Behind(at)); MmUnmapIoSpace(at, PAGE_SIZE); KeLowerIrql(old);`,
    [0xfec00000],
    { ...VERIFIED, choice: 'MmUnmapIoSpace' },
  ),
  shows('7.2', 'no bytes are NULL', `SEE(MmMapIoSpace(${REGISTERS}, 0, MmNonCached));`, [0], {
    says: ['0 bytes were asked for'],
  }),
  shows(
    '7.2',
    'the offset of the base is kept',
    'PVOID at = MmMapIoSpace(At(0xFEC00123), 8, MmNonCached); SEE(BYTE_OFFSET(at)); SEE(Behind(at)); MmUnmapIoSpace(at, 8);',
    [0x123, 0xfec00123],
  ),
  shows(
    '7.2',
    'Ex: one protection, with at most one cache type',
    `static const ULONG all[] = { 2, 4, 0x10, 0x20, 0x40, 0x204, 0x404, 1, 0x604, 6, 0 }; int one;
     for (one = 0; one < 11; one++) { PVOID at = MmMapIoSpaceEx(${REGISTERS}, PAGE_SIZE, all[one]); SEE(at != NULL); if (at != NULL) MmUnmapIoSpace(at, PAGE_SIZE); }`,
    [1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0],
  ),
  stops(
    '7.2',
    'a read-only mapping of registers',
    `PUCHAR at = MmMapIoSpaceEx(${REGISTERS}, PAGE_SIZE, PAGE_READONLY | PAGE_NOCACHE); SEE(at); at[0] = 1;`,
    [0xbe, seen(0), any, any, any],
  ),
  shows(
    '7.2',
    'memory that an MDL has locked may be mapped',
    `${USER} { PUCHAR at = MmMapIoSpace(At(Behind(Buffer)), PAGE_SIZE, MmCached); SEE(at[0]); MmUnmapIoSpace(at, PAGE_SIZE); } ${FREE_USER}`,
    [1],
    { ...IN_PROCESS, ...VERIFIED },
  ),
  stops(
    '7.2',
    'memory that nobody locked',
    'MmMapIoSpace(At(0x3000000), 2 * PAGE_SIZE, MmCached);',
    [0xc4, 0x83, 0x3000000, 0x2000, 0x3000],
    { ...VERIFIED, machine: 'memory 0 .. 640K, 1M .. 64M;' },
  ),
  shows(
    '7.2',
    'without Driver Verifier nobody says so',
    'PVOID at = MmMapIoSpace(At(0x3000000), PAGE_SIZE, MmCached); MmUnmapIoSpace(at, PAGE_SIZE);',
    [],
    { violations: ['io_space_of_memory'], machine: 'memory 0 .. 640K, 1M .. 64M;' },
  ),
  stops(
    '7.2',
    'mapping above DISPATCH_LEVEL',
    `Raise(DISPATCH_LEVEL + 1); MmMapIoSpace(${REGISTERS}, PAGE_SIZE, MmNonCached);`,
    [0xc4, 0x73, 3, 0xfec00000, 0x1000],
    VERIFIED,
  ),
  stops(
    '7.2',
    'unmapping above DISPATCH_LEVEL',
    `PVOID at = MmMapIoSpace(${REGISTERS}, PAGE_SIZE, MmNonCached); SEE(at); Raise(DISPATCH_LEVEL + 1); MmUnmapIoSpace(at, PAGE_SIZE);`,
    [0xc4, 0x7b, 3, seen(0), 0x1000],
    VERIFIED,
  ),
  stops(
    '7.2',
    'unmapping what is not mapped',
    'PVOID block = ExAllocatePool2(POOL_FLAG_NON_PAGED, PAGE_SIZE, TAG); SEE(block); MmUnmapIoSpace(block, PAGE_SIZE);',
    [0xda, 0x400, seen(0), 1, 0],
  ),
  shows(
    '7.2',
    'another size than that of the mapping',
    `PVOID at = MmMapIoSpace(${REGISTERS}, PAGE_SIZE, MmNonCached); MmUnmapIoSpace(at, 2 * PAGE_SIZE);`,
    [],
    { violations: ['free_mismatch'] },
  ),
  shows(
    '7.2',
    'a mapping that is not taken away is a leak',
    `MmMapIoSpace(${REGISTERS}, PAGE_SIZE, MmNonCached);`,
    [],
    { leaks: ['I/O space mapping'] },
  ),
];

export const cacheRules: readonly Rule[] = [
  shows(
    '14',
    'KeFlushIoBuffers changes nothing on x64',
    `${POOL_MDL} ${LOCK} block[3] = 77; KeFlushIoBuffers(mdl, TRUE, TRUE); KeFlushIoBuffers(mdl, FALSE, FALSE); SEE(block[3]); SEE(mdl->MdlFlags & 3); MmUnlockPages(mdl); ${FREE_POOL_MDL}`,
    [77, 2],
  ),
  shows(
    '14',
    'KeFlushIoBuffers may be called at DISPATCH_LEVEL',
    `KIRQL old; ${POOL_MDL} ${LOCK} old = Raise(DISPATCH_LEVEL); KeFlushIoBuffers(mdl, TRUE, TRUE); KeLowerIrql(old); MmUnlockPages(mdl); ${FREE_POOL_MDL}`,
    [],
    VERIFIED,
  ),
  unseen(
    '14',
    'KeFlushIoBuffers may not be called above',
    'the header of x64 makes nothing of it, so that no routine is called',
  ),
  shows(
    '14',
    'one MDL at a time, not its chain',
    `${POOL_MDL} ${LOCK} mdl->Next = (PMDL)8; KeFlushIoBuffers(mdl, TRUE, TRUE); mdl->Next = NULL; MmUnlockPages(mdl); ${FREE_POOL_MDL}`,
    [],
  ),
  unseen(
    '14',
    'what is lost without it on other processors',
    'caches of x64 are coherent with DMA',
  ),
];
