/** Chapter 5: MDLs made, locked, built, divided; pages without a buffer. */
import { FREE_POOL_MDL, LOCK, MAP, POOL_MDL } from './mdl.ts';
import { any, type Rule, seen, shows, status, stops, unseen } from './rules.ts';

const VERIFIED = { verifier: 'on' } as const;
const NODES = 'memory 1M .. 65M; nodes 2; processors 2;';
/** Six free pages, in two runs. */
const SIX = 'memory 0 .. 640K, 1M .. 64M; free_memory 0x200000 .. 0x204000, 0x300000 .. 0x302000;';
/** Sixteen free pages that begin a page before a multiple of 16 KB, and four apart. */
const CHUNKS =
  'memory 0 .. 640K, 1M .. 64M; free_memory 0x203000 .. 0x213000, 0x303000 .. 0x307000;';
const NEW = (start: string, length: string): string =>
  `IoAllocateMdl(${start}, ${length}, FALSE, FALSE, NULL)`;
const USER = `PMDL mdl = ${NEW('Buffer', '2 * PAGE_SIZE')};`;
const IN_PROCESS = { inProcess: true } as const;
/** Pages for an MDL: bytes, and the flags of the Ex variant. */
const PAGES = (bytes: string, flags = '0', skip = '0', low = '0', high = 'MAXULONG64'): string =>
  `MmAllocatePagesForMdlEx(At(${low}), At(${high}), At(${skip}), ${bytes}, MmCached, ${flags})`;
const COUNT =
  'SEE(mdl == NULL ? 0 : MmGetMdlByteCount(mdl)); if (mdl != NULL) { MmFreePagesFromMdl(mdl); ExFreePool(mdl); }';
/** A block of pool, its locked MDL, and one that is to take a part. */
const PART = `${POOL_MDL} PMDL part = ${NEW('block', 'PAGE_SIZE')}; ${LOCK}`;
const FREE_PART = `IoFreeMdl(part); MmUnlockPages(mdl); ${FREE_POOL_MDL}`;
const IO_LIST = `MM_PHYSICAL_ADDRESS_LIST list[2]; PMDL mdl = NULL; list[0].PhysicalAddress = At(0xFEC00000); list[0].NumberOfBytes = PAGE_SIZE;
  list[1].PhysicalAddress = At(0xFED00000); list[1].NumberOfBytes = 2 * PAGE_SIZE;`;

export const mdlRoutineRules: readonly Rule[] = [
  shows(
    '5',
    'an MDL is made, locked, used and given back in this order',
    `${POOL_MDL} ${LOCK} SEE(${MAP} != NULL); MmUnlockPages(mdl); ${FREE_POOL_MDL}`,
    [1],
    VERIFIED,
  ),

  shows(
    '5.1',
    'IoAllocateMdl may be called at DISPATCH_LEVEL',
    `KIRQL old = Raise(DISPATCH_LEVEL); PMDL mdl = ${NEW('(PVOID)0x1000', '16')}; IoFreeMdl(mdl); KeLowerIrql(old);`,
    [],
    VERIFIED,
  ),
  shows(
    '5.1',
    'up to 4 GB less a page since Windows 7',
    `PMDL mdl = ${NEW('(PVOID)0', '0xFFFFF000')}; SEE(MmGetMdlByteCount(mdl)); IoFreeMdl(mdl); SEE(${NEW('(PVOID)0', '0xFFFFF001')});`,
    [0xfffff000, 0],
  ),
  shows(
    '5.1',
    'up to 2 GB less a page on Vista and Server 2008',
    `PMDL mdl = ${NEW('(PVOID)0', '0x7FFFF000')}; SEE(MmGetMdlByteCount(mdl)); IoFreeMdl(mdl); SEE(${NEW('(PVOID)0', '0x7FFFF001')});`,
    [0x7ffff000, 0],
    { machine: 'windows "Vista";' },
  ),
  shows(
    '5.1',
    'up to what 65535 bytes describe on Server 2003',
    `PMDL mdl = ${NEW('(PVOID)0', '8185 * PAGE_SIZE')}; SEE(MmGetMdlByteCount(mdl)); IoFreeMdl(mdl); SEE(${NEW('(PVOID)0', '8186 * PAGE_SIZE')});`,
    [8185 * 4096, 0],
    { machine: 'windows "Server 2003";', says: ['bytes at most on this Windows'] },
  ),
  shows(
    '5.1',
    'with an IRP the MDL is its first one, or the last of its chain',
    `PIRP irp = IoAllocateIrp(1, FALSE); PMDL a = IoAllocateMdl((PVOID)0x1000, 8, FALSE, FALSE, irp); PMDL b = IoAllocateMdl((PVOID)0x1000, 8, TRUE, FALSE, irp);
     PMDL c = IoAllocateMdl((PVOID)0x1000, 8, TRUE, FALSE, irp);
     SEE(irp->MdlAddress == a && a->Next == b && b->Next == c && c->Next == NULL);
     irp->MdlAddress = NULL; IoFreeMdl(a); IoFreeMdl(b); IoFreeMdl(c); IoFreeIrp(irp);`,
    [1],
  ),
  shows(
    '5.1',
    'a secondary buffer needs an IRP',
    'PMDL mdl = IoAllocateMdl((PVOID)0x1000, 8, TRUE, FALSE, NULL); IoFreeMdl(mdl);',
    [],
    { violations: ['mdl_parameters'] },
  ),
  shows(
    '5.1',
    'no bytes at the start of a page are no pages',
    `PMDL mdl = ${NEW('(PVOID)0x1000', '0')}; SEE(mdl->Size); IoFreeMdl(mdl);`,
    [0x30],
  ),
  unseen('5.1', 'ChargeQuota is FALSE', 'nobody is charged for MDLs'),

  shows(
    '5.2',
    'IoFreeMdl frees one MDL, not the chain',
    `PMDL second = ${NEW('(PVOID)0x1000', '8')}; PMDL first = ${NEW('(PVOID)0x1000', '8')}; first->Next = second; IoFreeMdl(first); SEE(MmGetMdlByteCount(second)); IoFreeMdl(second);`,
    [8],
  ),
  shows(
    '5.2',
    'the mapping of a partial MDL goes with it',
    `${PART} IoBuildPartialMdl(mdl, part, block, 100); { PVOID at = MmGetSystemAddressForMdlSafe(part, NormalPagePriority); SEE(MmIsAddressValid(at)); IoFreeMdl(part); SEE(MmIsAddressValid(at)); } MmUnlockPages(mdl); ${FREE_POOL_MDL}`,
    [1, 0],
  ),
  shows('5.2', 'locked pages stay locked', `${POOL_MDL} ${LOCK} IoFreeMdl(mdl);`, [], {
    leaks: ['pool', 'locked pages'],
  }),
  stops(
    '5.2',
    'pages that are still mapped',
    `${POOL_MDL} ${LOCK} ${MAP}; SEE(mdl); SEE(mdl->MdlFlags); IoFreeMdl(mdl);`,
    [0xc4, 0xb8, seen(0), seen(1), 0],
    { ...VERIFIED, choice: 'IoFreeMdl' },
  ),
  stops(
    '5.2',
    'an MDL is freed once',
    `PMDL mdl = ${NEW('(PVOID)0x1000', '8')}; SEE(mdl); IoFreeMdl(mdl); IoFreeMdl(mdl);`,
    [0xc2, 7, 0, any, seen(0)],
  ),

  shows(
    '5.3',
    'page numbers are those of the buffer, and the flags say locked',
    `${POOL_MDL} ${LOCK} SEE(MmGetMdlPfnArray(mdl)[1] == Behind(block + PAGE_SIZE) >> PAGE_SHIFT); SEE(mdl->MdlFlags & (MDL_PAGES_LOCKED | MDL_WRITE_OPERATION)); MmUnlockPages(mdl); ${FREE_POOL_MDL}`,
    [1, 0x82],
  ),
  shows(
    '5.3',
    'pages that are away come in',
    `${USER} MmProbeAndLockPages(mdl, UserMode, IoReadAccess); SEE(MmGetMdlPfnArray(mdl)[1] == Behind(Buffer + PAGE_SIZE) >> PAGE_SHIFT); MmUnlockPages(mdl); IoFreeMdl(mdl); SEE(Behind(Buffer + PAGE_SIZE));`,
    [1, 0],
    { ...IN_PROCESS, machine: 'trim;' },
  ),
  shows(
    '5.3',
    'a failure is an exception, and nothing stays locked',
    `PMDL mdl = ${NEW('Buffer + 3 * PAGE_SIZE', 'PAGE_SIZE')}; SEE_RAISED(MmProbeAndLockPages(mdl, UserMode, IoWriteAccess)) SEE(mdl->MdlFlags & MDL_PAGES_LOCKED); IoFreeMdl(mdl);`,
    [status.ACCESS_VIOLATION, 0],
    { ...IN_PROCESS, says: ['the page may not be written'] },
  ),
  shows(
    '5.3',
    'a read-only page can be locked for reading',
    `PMDL mdl = ${NEW('Buffer + 3 * PAGE_SIZE', 'PAGE_SIZE')}; SEE_RAISED(MmProbeAndLockPages(mdl, UserMode, IoReadAccess)) MmUnlockPages(mdl); IoFreeMdl(mdl);`,
    [0],
    IN_PROCESS,
  ),
  shows(
    '5.3',
    'IoModifyAccess asks for writing too',
    `PMDL mdl = ${NEW('Buffer + 3 * PAGE_SIZE', 'PAGE_SIZE')}; SEE_RAISED(MmProbeAndLockPages(mdl, UserMode, IoModifyAccess)) IoFreeMdl(mdl);`,
    [status.ACCESS_VIOLATION],
    IN_PROCESS,
  ),
  shows(
    '5.3',
    'nothing there is an access violation',
    `PMDL mdl = ${NEW('(PVOID)0x10000', '16')}; SEE_RAISED(MmProbeAndLockPages(mdl, UserMode, IoReadAccess)) IoFreeMdl(mdl);`,
    [status.ACCESS_VIOLATION],
    IN_PROCESS,
  ),
  shows(
    '5.3',
    'UserMode does not lock system memory',
    `${POOL_MDL} SEE_RAISED(MmProbeAndLockPages(mdl, UserMode, IoReadAccess)) ${FREE_POOL_MDL}`,
    [status.ACCESS_VIOLATION],
  ),
  stops(
    '5.3',
    'an exception that nobody takes stops the system',
    `PMDL mdl = ${NEW('(PVOID)0x10000', '16')}; MmProbeAndLockPages(mdl, KernelMode, IoReadAccess);`,
    [0x7e, status.ACCESS_VIOLATION, any, any, any],
  ),
  shows(
    '5.3',
    'a page may be locked by several MDLs and is free when the last one unlocks',
    `${USER} PMDL other = ${NEW('Buffer', 'PAGE_SIZE')}; MmProbeAndLockPages(mdl, UserMode, IoReadAccess); MmProbeAndLockPages(other, UserMode, IoReadAccess);
     MmUnlockPages(mdl); SEE(Behind(Buffer) != 0); SEE(Behind(Buffer + PAGE_SIZE) != 0); MmUnlockPages(other); SEE(Behind(Buffer) != 0); IoFreeMdl(mdl); IoFreeMdl(other);`,
    [1, 0, 0],
    { ...IN_PROCESS, machine: 'trim;' },
  ),
  shows(
    '5.3',
    'nonpaged memory may be locked at DISPATCH_LEVEL',
    `KIRQL old; ${POOL_MDL} old = Raise(DISPATCH_LEVEL); ${LOCK} MmUnlockPages(mdl); KeLowerIrql(old); ${FREE_POOL_MDL}`,
    [],
    VERIFIED,
  ),
  stops(
    '5.3',
    'pageable memory may not',
    `PUCHAR block = ExAllocatePool2(POOL_FLAG_PAGED, PAGE_SIZE, TAG); PMDL mdl = ${NEW('block', 'PAGE_SIZE')}; SEE(block); Raise(DISPATCH_LEVEL); MmProbeAndLockPages(mdl, KernelMode, IoReadAccess);`,
    [0xa, seen(0), 2, 0, any],
  ),
  stops(
    '5.3',
    'nothing is locked above DISPATCH_LEVEL',
    `${POOL_MDL} SEE(mdl); Raise(DISPATCH_LEVEL + 1); ${LOCK}`,
    [0xc4, 0x70, 3, seen(0), 0],
    VERIFIED,
  ),
  shows(
    '5.3',
    'without Driver Verifier a second lock of one MDL is never taken off',
    `${POOL_MDL} ${LOCK} ${LOCK} MmUnlockPages(mdl); IoFreeMdl(mdl);`,
    [],
    { violations: ['mdl_state'], leaks: ['pool', 'locked pages'] },
  ),
  unseen(
    '5.3',
    'the highest driver locks, in the context of the process',
    'an order of layers, not of a routine: the scenarios of I/O',
  ),
  unseen('5.3', 'a paging read with a wrong MDL', 'drivers see no paging reads'),
  shows(
    '5.3',
    'a buffer on the kernel stack is locked',
    `UCHAR local[64]; PMDL mdl = ${NEW('local', '64')}; SEE_RAISED(MmProbeAndLockPages(mdl, KernelMode, IoWriteAccess)) MmUnlockPages(mdl); IoFreeMdl(mdl);`,
    [0],
  ),

  shows(
    '5.4',
    'unlocking takes the system mapping away first',
    `${POOL_MDL} ${LOCK} { PVOID at = ${MAP}; MmUnlockPages(mdl); SEE(MmIsAddressValid(at)); SEE(mdl->MdlFlags & 3); } ${FREE_POOL_MDL}`,
    [0, 0],
  ),
  shows(
    '5.4',
    'MmUnlockPages may be called at DISPATCH_LEVEL',
    `KIRQL old; ${POOL_MDL} ${LOCK} ${MAP}; old = Raise(DISPATCH_LEVEL); MmUnlockPages(mdl); KeLowerIrql(old); ${FREE_POOL_MDL}`,
    [],
    VERIFIED,
  ),
  stops(
    '5.4',
    'MmUnlockPages may not be called above',
    `${POOL_MDL} ${LOCK} SEE(mdl); Raise(DISPATCH_LEVEL + 1); MmUnlockPages(mdl);`,
    [0xc4, 0x78, 3, seen(0), 0],
    VERIFIED,
  ),
  stops(
    '5.4',
    'a page that was never locked',
    `${POOL_MDL} MmBuildMdlForNonPagedPool(mdl); SEE(MmGetMdlPfnArray(mdl)[0]); mdl->MdlFlags &= ~MDL_SOURCE_IS_NONPAGED_POOL; MmUnlockPages(mdl);`,
    [0x4e, 7, seen(0), 0, 0],
  ),
  stops(
    '5.4',
    'one unlock too many of user pages',
    `${USER} MmProbeAndLockPages(mdl, UserMode, IoReadAccess); MmUnlockPages(mdl); SEE(mdl); MmUnlockPages(mdl);`,
    [0x76, 1, seen(0), 0, 0],
    IN_PROCESS,
  ),
  stops(
    '5.4',
    'pages that are locked when their process ends',
    `${USER} MmProbeAndLockPages(mdl, UserMode, IoReadAccess); SEE(PsGetCurrentProcess());`,
    [0x76, 0, seen(0), 2, 0],
    IN_PROCESS,
  ),
  stops(
    '5.4',
    'the same with pool tracking',
    `${USER} MmProbeAndLockPages(mdl, UserMode, IoReadAccess); SEE(mdl);`,
    [0xcb, any, 0, seen(0), 2],
    { ...IN_PROCESS, verifier: 'on' },
  ),

  shows(
    '5.5',
    'nonpaged pool and contiguous memory, at DISPATCH_LEVEL too',
    `PUCHAR block = MmAllocateContiguousMemory(PAGE_SIZE, At(MAXULONG64)); PMDL mdl = ${NEW('block', 'PAGE_SIZE')}; KIRQL old = Raise(DISPATCH_LEVEL); MmBuildMdlForNonPagedPool(mdl); KeLowerIrql(old); SEE(MmGetMdlPfnArray(mdl)[0] == Behind(block) >> PAGE_SHIFT); IoFreeMdl(mdl); MmFreeContiguousMemory(block);`,
    [1],
    VERIFIED,
  ),
  shows(
    '5.5',
    'the system address is the buffer’s own',
    `${POOL_MDL} MmBuildMdlForNonPagedPool(mdl); SEE(MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority) == block); ${FREE_POOL_MDL}`,
    [1],
  ),
  shows(
    '5.5',
    'a user mapping is allowed',
    `${POOL_MDL} PUCHAR at; MmBuildMdlForNonPagedPool(mdl); block[0] = 9; at = MmMapLockedPagesSpecifyCache(mdl, UserMode, MmCached, NULL, FALSE, NormalPagePriority); SEE(at[0]); SEE((LONG_PTR)at > 0); MmUnmapLockedPages(at, mdl); ${FREE_POOL_MDL}`,
    [9, 1],
    IN_PROCESS,
  ),
  stops(
    '5.5',
    'paged pool',
    `PUCHAR block = ExAllocatePool2(POOL_FLAG_PAGED, PAGE_SIZE, TAG); PMDL mdl = ${NEW('block', 'PAGE_SIZE')}; SEE(mdl); SEE(mdl->MdlFlags); MmBuildMdlForNonPagedPool(mdl);`,
    [0xc4, 0x7f, 0, seen(0), seen(1)],
    VERIFIED,
  ),
  stops(
    '5.5',
    'a kernel stack',
    `UCHAR local[64]; PMDL mdl = ${NEW('local', '64')}; SEE(mdl); SEE(local); MmBuildMdlForNonPagedPool(mdl);`,
    [0xc4, 0x140, 0, seen(0), seen(1)],
    VERIFIED,
  ),
  shows(
    '5.5',
    'without Driver Verifier nobody says that the memory is pageable',
    `PUCHAR block = ExAllocatePool2(POOL_FLAG_PAGED, PAGE_SIZE, TAG); PMDL mdl = ${NEW('block', 'PAGE_SIZE')}; MmBuildMdlForNonPagedPool(mdl); IoFreeMdl(mdl); ExFreePool(block);`,
    [],
    { violations: ['pageable_mdl'] },
  ),
  stops(
    '5.5',
    'nothing there',
    `PMDL mdl = ${NEW('(PVOID)0xFFFF900000000000', 'PAGE_SIZE')}; SEE(mdl); MmBuildMdlForNonPagedPool(mdl);`,
    [0x1a, 0x1240, seen(0), 0xffff900000000000n, 0],
  ),

  shows(
    '5.6',
    'pages are zeroed, locked, without an address; StartVa and ByteOffset are 0',
    `PMDL mdl = MmAllocatePagesForMdl(At(0), At(MAXULONG64), At(0), 3 * PAGE_SIZE); PUCHAR at; SEE(mdl->StartVa); SEE(mdl->ByteOffset); SEE(mdl->MdlFlags & 7); at = ${MAP}; SEE(at[0x2FFF]); ${COUNT}`,
    [0, 0, 2, 0, 0x3000],
  ),
  shows(
    '5.6',
    'pages come from the range',
    `PMDL mdl = ${PAGES('2 * PAGE_SIZE', '0', '0', '0x300000', '0x301FFF')}; SEE(MmGetMdlPfnArray(mdl)[0] >= 0x300 && MmGetMdlPfnArray(mdl)[1] <= 0x301); ${COUNT}`,
    [1, 0x2000],
    { machine: SIX },
  ),
  shows(
    '5.6',
    'SkipBytes moves the range on with each attempt',
    `PMDL mdl = ${PAGES('6 * PAGE_SIZE', '0', '0x100000', '0x200000', '0x203FFF')}; ${COUNT}`,
    [0x6000],
    { machine: SIX },
  ),
  shows(
    '5.6',
    'without SkipBytes there is one range',
    `PMDL mdl = ${PAGES('6 * PAGE_SIZE', '0', '0', '0x200000', '0x203FFF')}; ${COUNT}`,
    [0x4000],
    { machine: SIX },
  ),
  shows(
    '5.6',
    'fewer bytes than asked are a success',
    `PMDL mdl = MmAllocatePagesForMdl(At(0), At(MAXULONG64), At(0), 100 * PAGE_SIZE); ${COUNT}`,
    [0x6000],
    { machine: SIX, says: ['MmAllocatePagesForMdl answers an MDL for 6 of 100 pages'] },
  ),
  shows(
    '5.6',
    'nothing at all is NULL',
    `PMDL mdl = ${PAGES('PAGE_SIZE', '0', '0', '0x400000', '0x4FFFFF')}; ${COUNT}`,
    [0],
    { machine: SIX, says: ['no page is free there'] },
  ),
  shows(
    '5.6',
    'pages are normally not contiguous',
    `PMDL mdl = ${PAGES('2 * PAGE_SIZE')}; SEE(MmGetMdlPfnArray(mdl)[1] == MmGetMdlPfnArray(mdl)[0] + 1); ${COUNT}`,
    [0, 0x2000],
  ),
  shows(
    '5.6',
    'one call describes 4 GB less a page at most',
    `PMDL mdl = ${PAGES('0x100000000')}; ${COUNT}`,
    [0xfffff000],
  ),
  shows(
    '5.6',
    'MM_DONT_ZERO_ALLOCATION: nobody wrote the pages',
    `PMDL mdl = ${PAGES('PAGE_SIZE', 'MM_DONT_ZERO_ALLOCATION')}; PUCHAR at = ${MAP}; if (at[3] == 1) { SEE(1); } ${COUNT}`,
    [0x1000],
    { violations: ['uninitialized_memory'] },
  ),
  shows(
    '5.6',
    'MM_ALLOCATE_FROM_LOCAL_NODE_ONLY: no other node',
    'PMDL mdl = MmAllocateNodePagesForMdlEx(At(0), At(MAXULONG64), At(0), 48 * M, MmCached, 1, MM_ALLOCATE_FROM_LOCAL_NODE_ONLY); SEE(MmGetMdlByteCount(mdl) <= 32 * M); SEE(MmGetMdlByteCount(mdl) > 16 * M); MmFreePagesFromMdl(mdl); ExFreePool(mdl);',
    [1, 1],
    { machine: NODES },
  ),
  shows(
    '5.6',
    'MM_ALLOCATE_FULLY_REQUIRED: all or NULL',
    `PMDL mdl = ${PAGES('100 * PAGE_SIZE', 'MM_ALLOCATE_FULLY_REQUIRED')}; ${COUNT}`,
    [0],
    { machine: SIX },
  ),
  shows(
    '5.6',
    'MM_ALLOCATE_NO_WAIT is known',
    `PMDL mdl = ${PAGES('PAGE_SIZE', 'MM_ALLOCATE_NO_WAIT')}; ${COUNT}`,
    [0x1000],
  ),
  shows(
    '5.6',
    'MM_ALLOCATE_PREFER_CONTIGUOUS: contiguous where that is possible',
    `PMDL mdl = ${PAGES('4 * PAGE_SIZE', 'MM_ALLOCATE_PREFER_CONTIGUOUS')}; SEE(MmGetMdlPfnArray(mdl)[3] - MmGetMdlPfnArray(mdl)[0]); ${COUNT}`,
    [3, 0x4000],
  ),
  shows(
    '5.6',
    'MM_ALLOCATE_REQUIRE_CONTIGUOUS_CHUNKS without SkipBytes: one block or NULL',
    `PMDL mdl = ${PAGES('4 * PAGE_SIZE', 'MM_ALLOCATE_REQUIRE_CONTIGUOUS_CHUNKS')}; SEE(MmGetMdlPfnArray(mdl)[0]); ${COUNT} mdl = ${PAGES('5 * PAGE_SIZE', 'MM_ALLOCATE_REQUIRE_CONTIGUOUS_CHUNKS')}; ${COUNT}`,
    [0x200, 0x4000, 0],
    { machine: SIX },
  ),
  shows(
    '5.6',
    'chunks of SkipBytes are aligned to it, and there may be fewer',
    `PMDL mdl = ${PAGES('0x14000', 'MM_ALLOCATE_REQUIRE_CONTIGUOUS_CHUNKS', '0x4000')}; int page; int wrong = 0; for (page = 0; page < 12; page++) wrong += (MmGetMdlPfnArray(mdl)[page] & 3) != (PFN_NUMBER)(page & 3); SEE(wrong); ${COUNT}`,
    [0, 0xc000],
    { machine: CHUNKS },
  ),
  shows(
    '5.6',
    'SkipBytes of chunks is a power of two, and the amount a multiple of it',
    `PMDL mdl = ${PAGES('0x6000', 'MM_ALLOCATE_REQUIRE_CONTIGUOUS_CHUNKS', '0x3000')}; ${COUNT} mdl = ${PAGES('0x5000', 'MM_ALLOCATE_REQUIRE_CONTIGUOUS_CHUNKS', '0x4000')}; ${COUNT}`,
    [0, 0],
  ),
  shows(
    '5.6',
    'MM_ALLOCATE_FAST_LARGE_PAGES needs chunks of large pages',
    `PMDL mdl = ${PAGES('0x200000', 'MM_ALLOCATE_FAST_LARGE_PAGES | MM_ALLOCATE_REQUIRE_CONTIGUOUS_CHUNKS', '0x200000')}; ${COUNT} mdl = ${PAGES('0x200000', 'MM_ALLOCATE_FAST_LARGE_PAGES', '0x200000')}; ${COUNT} mdl = ${PAGES('0x2000', 'MM_ALLOCATE_FAST_LARGE_PAGES | MM_ALLOCATE_REQUIRE_CONTIGUOUS_CHUNKS', '0x1000')}; ${COUNT}`,
    [0x200000, 0, 0],
  ),
  shows(
    '5.6',
    'MM_ALLOCATE_AND_HOT_REMOVE goes without MM_ALLOCATE_FULLY_REQUIRED',
    `PMDL mdl = ${PAGES('PAGE_SIZE', 'MM_ALLOCATE_AND_HOT_REMOVE | MM_ALLOCATE_FULLY_REQUIRED')}; ${COUNT}`,
    [0],
  ),
  shows(
    '5.6',
    'MM_ALLOCATE flags have their documented values',
    'SEE(MM_DONT_ZERO_ALLOCATION); SEE(MM_ALLOCATE_FROM_LOCAL_NODE_ONLY); SEE(MM_ALLOCATE_FULLY_REQUIRED); SEE(MM_ALLOCATE_NO_WAIT); SEE(MM_ALLOCATE_PREFER_CONTIGUOUS); SEE(MM_ALLOCATE_REQUIRE_CONTIGUOUS_CHUNKS); SEE(MM_ALLOCATE_FAST_LARGE_PAGES); SEE(MM_ALLOCATE_AND_HOT_REMOVE);',
    [1, 2, 4, 8, 16, 32, 64, 256],
  ),
  shows(
    '5.6',
    'pages are given back with MmFreePagesFromMdl and ExFreePool',
    `PMDL mdl = ${PAGES('PAGE_SIZE')}; MmFreePagesFromMdl(mdl);`,
    [],
    { leaks: ['pool'] },
  ),
  stops(
    '5.6',
    'DISPATCH_LEVEL is against the compliance rule',
    `Raise(DISPATCH_LEVEL); ${PAGES('PAGE_SIZE')};`,
    [0xc4, 0x20019, any, any, any],
    { ...VERIFIED, choice: 'MmAllocatePagesForMdl, MmFreePagesFromMdl' },
  ),
  shows(
    '5.6',
    'DISPATCH_LEVEL is taken without Driver Verifier',
    `KIRQL old = Raise(DISPATCH_LEVEL); PMDL mdl = ${PAGES('PAGE_SIZE')}; ${COUNT} KeLowerIrql(old);`,
    [0x1000],
  ),
  stops(
    '5.6',
    'above DISPATCH_LEVEL it is a mistake of its own',
    `Raise(DISPATCH_LEVEL + 1); ${PAGES('PAGE_SIZE')};`,
    [0xc4, 0x7e, 3, 2, 0],
    VERIFIED,
  ),

  shows(
    '5.7',
    'MmFreePagesFromMdl leaves the MDL, with no pages locked',
    `PMDL mdl = ${PAGES('PAGE_SIZE')}; MmFreePagesFromMdl(mdl); SEE(mdl->MdlFlags & MDL_PAGES_LOCKED); ExFreePool(mdl);`,
    [0],
  ),
  shows(
    '5.7',
    'a system mapping goes too, since Windows 7',
    `PMDL mdl = ${PAGES('PAGE_SIZE')}; PVOID at = ${MAP}; MmFreePagesFromMdl(mdl); SEE(MmIsAddressValid(at)); ExFreePool(mdl);`,
    [0],
  ),
  shows(
    '5.7',
    'before Windows 7 the mapping has to be taken away first',
    'PMDL mdl = MmAllocatePagesForMdl(At(0), At(MAXULONG64), At(0), PAGE_SIZE); MmMapLockedPagesSpecifyCache(mdl, KernelMode, MmCached, NULL, FALSE, NormalPagePriority); MmFreePagesFromMdl(mdl); ExFreePool(mdl);',
    [],
    { machine: 'windows "Server 2003";', violations: ['mdl_state'] },
  ),
  shows(
    '5.7',
    'an MDL of MmProbeAndLockPages is not for it',
    `${POOL_MDL} ${LOCK} MmFreePagesFromMdl(mdl);`,
    [],
    { violations: ['free_mismatch'], leaks: ['pool', 'MDL', 'locked pages'] },
  ),
  stops(
    '5.7',
    'a page that another MDL has locked',
    `PMDL mdl = ${PAGES('PAGE_SIZE')}; PUCHAR at = ${MAP}; PMDL other = ${NEW('at', 'PAGE_SIZE')}; MmProbeAndLockPages(other, KernelMode, IoReadAccess); MmUnmapLockedPages(at, mdl); SEE(MmGetMdlPfnArray(mdl)[0]); MmFreePagesFromMdl(mdl);`,
    [0x4e, 0x9a, seen(0), any, any],
  ),

  shows(
    '5.8',
    'the part has the page numbers of its range, in the source’s addresses',
    `${PART} IoBuildPartialMdl(mdl, part, block + PAGE_SIZE + 5, 100); SEE(MmGetMdlPfnArray(part)[0] == MmGetMdlPfnArray(mdl)[1]); SEE((PUCHAR)MmGetMdlVirtualAddress(part) - block); SEE(MmGetMdlByteCount(part)); ${FREE_PART}`,
    [1, 0x1005, 100],
  ),
  shows(
    '5.8',
    'no length is all of the rest',
    `${PART} IoBuildPartialMdl(mdl, part, block + PAGE_SIZE + 16, 0); SEE(MmGetMdlByteCount(part)); ${FREE_PART}`,
    [0xff0],
  ),
  shows(
    '5.8',
    'the part shares the mapping of its source, if that has one',
    `${PART} IoBuildPartialMdl(mdl, part, block, 100); SEE(part->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA); { PUCHAR at = ${MAP}; IoBuildPartialMdl(mdl, part, block + 64, 100); SEE((PUCHAR)MmGetSystemAddressForMdlSafe(part, NormalPagePriority) - at); } ${FREE_PART}`,
    [0, 64],
  ),
  shows(
    '5.8',
    'a source of nonpaged pool will do',
    `${POOL_MDL} PMDL part = ${NEW('block', 'PAGE_SIZE')}; MmBuildMdlForNonPagedPool(mdl); IoBuildPartialMdl(mdl, part, block + PAGE_SIZE, 10); SEE(MmGetSystemAddressForMdlSafe(part, NormalPagePriority) == block + PAGE_SIZE); IoFreeMdl(part); ${FREE_POOL_MDL}`,
    [1],
  ),
  shows(
    '5.8',
    'a source that is neither locked nor built gives numbers that mean nothing',
    `${POOL_MDL} PMDL part = ${NEW('block', 'PAGE_SIZE')}; IoBuildPartialMdl(mdl, part, block, 10); IoFreeMdl(part); ${FREE_POOL_MDL}`,
    [],
    { violations: ['mdl_state'] },
  ),
  shows(
    '5.8',
    'the address of a part of a user buffer is the user’s',
    `${USER} PMDL part = ${NEW('Buffer', '16')}; MmProbeAndLockPages(mdl, UserMode, IoReadAccess); IoBuildPartialMdl(mdl, part, Buffer + 8, 16); SEE((PUCHAR)MmGetMdlVirtualAddress(part) - Buffer); IoFreeMdl(part); MmUnlockPages(mdl); IoFreeMdl(mdl);`,
    [8],
    IN_PROCESS,
  ),
  stops(
    '5.8',
    'a range outside of the source',
    `${PART} SEE(mdl); SEE(part); SEE(block + PAGE_SIZE); IoBuildPartialMdl(mdl, part, block + PAGE_SIZE, PAGE_SIZE + 1);`,
    [0x12e, seen(0), seen(1), seen(2), 0x1001],
  ),
  stops(
    '5.8',
    'a target without room',
    `${POOL_MDL} PMDL part = ${NEW('block', 'PAGE_SIZE')}; ${LOCK} IoBuildPartialMdl(mdl, part, block, 2 * PAGE_SIZE);`,
    [0x40, 0, 0, 0, 0],
  ),

  shows(
    '5.9',
    'the start moves on, the length shrinks',
    `${POOL_MDL} ${LOCK} SEE_STATUS(MmAdvanceMdl(mdl, 0x1010)); SEE(MmGetMdlByteCount(mdl)); SEE(MmGetMdlByteOffset(mdl)); SEE((PUCHAR)MmGetMdlVirtualAddress(mdl) - block); SEE(MmGetMdlPfnArray(mdl)[0] == Behind(block + PAGE_SIZE) >> PAGE_SHIFT); MmUnlockPages(mdl); ${FREE_POOL_MDL}`,
    [0, 0xff0, 0x10, 0x1010, 1],
  ),
  shows(
    '5.9',
    'pages that are passed are unlocked at once',
    `${USER} MmProbeAndLockPages(mdl, UserMode, IoReadAccess); MmAdvanceMdl(mdl, PAGE_SIZE); { PMDL again = ${NEW('Buffer', 'PAGE_SIZE')}; MmProbeAndLockPages(again, UserMode, IoReadAccess); MmUnlockPages(again); IoFreeMdl(again); } SEE(Behind(Buffer) != 0); SEE(Behind(Buffer + PAGE_SIZE) != 0); MmUnlockPages(mdl); IoFreeMdl(mdl);`,
    [0, 1],
    { ...IN_PROCESS, machine: 'trim;' },
  ),
  shows(
    '5.9',
    'a mapping moves on with it',
    `${POOL_MDL} ${LOCK} { PUCHAR at = ${MAP}; MmAdvanceMdl(mdl, PAGE_SIZE); SEE((PUCHAR)MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority) - at); SEE(MmIsAddressValid(at)); } MmUnlockPages(mdl); ${FREE_POOL_MDL}`,
    [0x1000, 0],
  ),
  shows(
    '5.9',
    'past the end is STATUS_INVALID_PARAMETER_2',
    `${POOL_MDL} ${LOCK} SEE_STATUS(MmAdvanceMdl(mdl, 0x2001)); SEE(MmGetMdlByteCount(mdl)); MmUnlockPages(mdl); ${FREE_POOL_MDL}`,
    [status.INVALID_PARAMETER_2, 0x2000],
  ),

  shows(
    '5.10',
    'ranges of registers need not be adjacent',
    `${IO_LIST} SEE_STATUS(MmAllocateMdlForIoSpace(list, 2, &mdl)); SEE(MmGetMdlByteCount(mdl)); SEE(MmGetMdlPfnArray(mdl)[0]); SEE(MmGetMdlPfnArray(mdl)[2]); IoFreeMdl(mdl);`,
    [0, 0x3000, 0xfec00, 0xfed01],
  ),
  shows(
    '5.10',
    'bases and sizes are of whole pages',
    `${IO_LIST} list[0].PhysicalAddress = At(0xFEC00010); SEE_STATUS(MmAllocateMdlForIoSpace(list, 1, &mdl)); list[0].PhysicalAddress = At(0xFEC00000); list[0].NumberOfBytes = 100; SEE_STATUS(MmAllocateMdlForIoSpace(list, 1, &mdl));`,
    [status.INVALID_PARAMETER_1, status.INVALID_PARAMETER_1],
  ),
  shows(
    '5.10',
    'memory is no I/O space',
    `${IO_LIST} list[1].PhysicalAddress = At(0x200000); SEE_STATUS(MmAllocateMdlForIoSpace(list, 2, &mdl));`,
    [status.INVALID_PARAMETER_1],
  ),
  shows(
    '5.10',
    'all ranges have less than 4 GB',
    `${IO_LIST} list[0].PhysicalAddress = At(0x10000000000); list[0].NumberOfBytes = 0xFFFFF000; SEE_STATUS(MmAllocateMdlForIoSpace(list, 2, &mdl));`,
    [status.INVALID_PARAMETER_1],
  ),
  shows(
    '5.10',
    'MmAllocateMdlForIoSpace may be called at DISPATCH_LEVEL',
    `KIRQL old; ${IO_LIST} old = Raise(DISPATCH_LEVEL); SEE_STATUS(MmAllocateMdlForIoSpace(list, 2, &mdl)); IoFreeMdl(mdl); KeLowerIrql(old);`,
    [0],
    VERIFIED,
  ),
];
