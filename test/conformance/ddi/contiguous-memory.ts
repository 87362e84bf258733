/** Chapters 2 and 3: cache types; contiguous and noncached memory. */
import { any, type Rule, seen, shows, status, stops, unseen } from './rules.ts';

/** Sixteen free pages at 0x1F0000. */
const EXACT = 'memory 0 .. 640K, 1M .. 64M; free_memory 0x1F0000 .. 0x200000;';
const TWO_NODES = 'memory 1M .. 65M; nodes 2; processors 2;';

/** One page that has no caching behaviour yet. */
const PAGE_FOR_MDL = 'PMDL mdl = MmAllocatePagesForMdl(At(0), At(MAXULONG64), At(0), PAGE_SIZE);';
const FREE_PAGES = 'MmFreePagesFromMdl(mdl); ExFreePool(mdl);';
/** Maps the MDL in `mdl`; then its page once more. */
const MAP = (cache: string): string =>
  `MmMapLockedPagesSpecifyCache(mdl, KernelMode, ${cache}, NULL, FALSE, NormalPagePriority);`;
const MAP_AGAIN = (cache: string): string =>
  `{ PVOID again = MmMapIoSpace(At(MmGetMdlPfnArray(mdl)[0] << PAGE_SHIFT), PAGE_SIZE, ${cache}); SEE(again != NULL); MmUnmapIoSpace(again, PAGE_SIZE); }`;

export const cacheTypes: readonly Rule[] = [
  shows(
    '2',
    'drivers may ask for three types',
    `int type;
     for (type = 0; type < 6; type++) {
         PVOID block = MmAllocateContiguousMemorySpecifyCache(PAGE_SIZE, At(0), At(MAXULONG64), At(0), (MEMORY_CACHING_TYPE)type);
         SEE(block != NULL);
         if (block != NULL) MmFreeContiguousMemory(block);
     }`,
    [1, 1, 1, 0, 0, 0],
    { says: ['cache type 3 is not one that drivers may ask for'] },
  ),
  shows(
    '2',
    'the types have their documented values',
    'SEE(MmNonCached); SEE(MmCached); SEE(MmWriteCombined); SEE(MmMaximumCacheType); SEE(MmNotMapped == -1);',
    [0, 1, 2, 6, 1],
  ),
  shows(
    '2',
    'a page has one caching behaviour at a time',
    `PVOID block = MmAllocateContiguousMemorySpecifyCache(PAGE_SIZE, At(0), At(MAXULONG64), At(0), MmCached);
     PVOID again = MmMapIoSpace(At(Behind(block)), PAGE_SIZE, MmNonCached);
     MmUnmapIoSpace(again, PAGE_SIZE);
     MmFreeContiguousMemory(block);`,
    [],
    { violations: ['cache_conflict'] },
  ),
  shows(
    '2',
    'pages without a type get the one of their first mapping',
    `${PAGE_FOR_MDL} ${MAP('MmNonCached')} ${MAP_AGAIN('MmNonCached')} ${FREE_PAGES}`,
    [1],
    { choice: 'Cache type of pages from MmAllocatePagesForMdl' },
  ),
  shows(
    '2',
    'that type is kept: another one beside it is reported',
    `${PAGE_FOR_MDL} ${MAP('MmNonCached')} ${MAP_AGAIN('MmCached')} ${FREE_PAGES}`,
    [1],
    { violations: ['cache_conflict'] },
  ),
  shows(
    '2',
    'a type that a page has wins silently over the one asked for',
    `PVOID block = ExAllocatePool2(POOL_FLAG_NON_PAGED, PAGE_SIZE, TAG);
     PMDL mdl = IoAllocateMdl(block, PAGE_SIZE, FALSE, FALSE, NULL);
     MmProbeAndLockPages(mdl, KernelMode, IoReadAccess);
     SEE(${MAP('MmNonCached').slice(0, -1)} != NULL); ${MAP_AGAIN('MmCached')}
     MmUnlockPages(mdl); IoFreeMdl(mdl); ExFreePool(block);`,
    [1, 1],
  ),
  shows(
    '2',
    'MmGetSystemAddressForMdlSafe asks for MmCached',
    `${PAGE_FOR_MDL} MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority); ${MAP_AGAIN('MmNonCached')} ${FREE_PAGES}`,
    [1],
    { violations: ['cache_conflict'] },
  ),
  shows(
    '2',
    'the type of the first mapping stays until the page is freed',
    `PVOID at;
     ${PAGE_FOR_MDL}
     at = ${MAP('MmNonCached')} MmUnmapLockedPages(at, mdl);
     at = ${MAP('MmCached')} ${MAP_AGAIN('MmNonCached')} MmUnmapLockedPages(at, mdl);
     ${FREE_PAGES}`,
    [1],
  ),
  unseen('2', 'older systems refused another type', 'the type of the page wins on every Windows'),
  stops(
    '2',
    'memory that is asked for without execution cannot be executed',
    `PVOID block = MmAllocateContiguousNodeMemory(PAGE_SIZE, At(0), At(MAXULONG64), At(0), PAGE_READWRITE, MM_ANY_NODE_OK);
     SEE(block);
     ((VOID (*)(VOID))block)();`,
    [0xfc, seen(0), any, any, any],
  ),
  unseen(
    '2',
    'no interlocked operations on noncached memory',
    'emulated processors do them anywhere',
  ),
  unseen('2', 'uncached memory of ARM', 'the machines are x64'),
];

/** A block of one page, cached, from anywhere. */
const BLOCK = 'PUCHAR block = MmAllocateContiguousMemory(PAGE_SIZE, At(MAXULONG64));';
const FREE = 'MmFreeContiguousMemory(block);';
const NODE_MEMORY = (protect: string): string => `
  { PVOID one = MmAllocateContiguousNodeMemory(PAGE_SIZE, At(0), At(MAXULONG64), At(0), ${protect}, MM_ANY_NODE_OK);
    SEE(one != NULL); if (one != NULL) MmFreeContiguousMemory(one); }`;

export const contiguousMemory: readonly Rule[] = [
  shows(
    '3',
    'the answer is an address of system space',
    `${BLOCK} SEE((ULONG_PTR)block >= (ULONG_PTR)MmSystemRangeStart); ${FREE}`,
    [1],
  ),
  shows(
    '3',
    'the block is there at DISPATCH_LEVEL',
    `KIRQL old; ${BLOCK} old = Raise(DISPATCH_LEVEL); block[0] = 7; SEE(block[0]); KeLowerIrql(old); ${FREE}`,
    [7],
  ),
  shows(
    '3',
    'the block is contiguous',
    `PUCHAR block = MmAllocateContiguousMemory(40 * PAGE_SIZE, At(MAXULONG64));
     int page; int gaps = 0;
     for (page = 1; page < 40; page++) gaps += Behind(block + page * PAGE_SIZE) != Behind(block) + page * PAGE_SIZE;
     SEE(gaps); ${FREE}`,
    [0],
  ),
  shows('3', 'the block starts a page', `${BLOCK} SEE(BYTE_OFFSET(block)); ${FREE}`, [0]),
  shows('3', 'the block is not zeroed', `${BLOCK} if (block[17] == 1) { SEE(2); } ${FREE}`, [], {
    violations: ['uninitialized_memory'],
  }),
  shows(
    '3',
    'bytes behind the requested ones are nobody’s',
    `PUCHAR block = MmAllocateContiguousMemory(100, At(MAXULONG64)); block[99] = 1; block[100] = 1; ${FREE}`,
    [],
    { violations: ['contiguous_overrun'] },
  ),
  stops(
    '3',
    'a part of a block cannot be freed',
    `PUCHAR block = MmAllocateContiguousMemory(2 * PAGE_SIZE, At(MAXULONG64));
     SEE(block + PAGE_SIZE);
     MmFreeContiguousMemory(block + PAGE_SIZE);`,
    [0xc2, 0x60, seen(0), 0, 0],
  ),
  shows('3', 'no bytes are no block', 'SEE(MmAllocateContiguousMemory(0, At(MAXULONG64)));', [0], {
    violations: ['zero_bytes'],
    says: ['0 bytes were asked for'],
  }),
  shows('3', 'a block that is not freed is a leak', BLOCK, [], { leaks: ['contiguous memory'] }),

  shows(
    '3.1',
    'MmAllocateContiguousMemory may be called at DISPATCH_LEVEL',
    `KIRQL old = Raise(DISPATCH_LEVEL); ${BLOCK} SEE(block != NULL); ${FREE} KeLowerIrql(old);`,
    [1],
    { verifier: 'on' },
  ),
  shows(
    '3.1',
    'MmAllocateContiguousMemory may not be called above',
    `KIRQL old = Raise(DISPATCH_LEVEL + 1); ${BLOCK} KeLowerIrql(old); ${FREE}`,
    [],
    { violations: ['wrong_irql'] },
  ),
  shows(
    '3.1',
    'the block is cached',
    `PVOID again; ${BLOCK} again = MmMapIoSpace(At(Behind(block)), PAGE_SIZE, MmCached); MmUnmapIoSpace(again, PAGE_SIZE); ${FREE}`,
    [],
  ),
  shows(
    '3.1',
    'there is no lower bound and no boundary',
    `PUCHAR block = MmAllocateContiguousMemory(0x10000, At(0x1FFFFF)); SEE(Behind(block)); ${FREE}`,
    [0x1f0000],
    { machine: EXACT },
  ),

  shows(
    '3.2',
    'range, boundary and cache type are as asked',
    `PVOID block = MmAllocateContiguousMemorySpecifyCache(0x3000, At(0x1F1000), At(0x1FFFFF), At(0x4000), MmWriteCombined);
     PVOID again;
     SEE(Behind(block));
     again = MmMapIoSpace(At(Behind(block)), PAGE_SIZE, MmWriteCombined);
     MmUnmapIoSpace(again, PAGE_SIZE); ${FREE}`,
    [0x1fd000],
    { machine: EXACT },
  ),
  shows(
    '3.2',
    'a refusal says what was asked, what there is and which rule decided',
    'SEE(MmAllocateContiguousMemorySpecifyCache(0x11000, At(0), At(0xFFFFFF), At(0), MmCached));',
    [0],
    {
      machine: EXACT,
      says: [
        '17 contiguous pages at or below 0xFFFFFF were asked for; the longest free run there is 16 pages, at 0x1F0000',
        'nf-wdm-mmallocatecontiguousmemoryspecifycache',
      ],
    },
  ),

  shows(
    '3.3',
    'the node is the last argument, and the only one',
    `ULONG node;
     for (node = 0; node < 3; node++) {
         PVOID block = MmAllocateContiguousMemorySpecifyCacheNode(PAGE_SIZE, At(0), At(MAXULONG64), At(0), MmCached, node);
         SEE(block == NULL ? 9 : Behind(block) >= 33 * M);
         if (block != NULL) ${FREE}
     }`,
    [0, 1, 9],
    { machine: TWO_NODES, says: ['The machine has 2 nodes'] },
  ),
  shows(
    '3.3',
    'MM_ANY_NODE_OK takes any node',
    `PVOID block = MmAllocateContiguousMemorySpecifyCacheNode(PAGE_SIZE, At(0), At(32 * M - 1), At(0), MmCached, MM_ANY_NODE_OK);
     SEE(MM_ANY_NODE_OK); SEE(block != NULL); ${FREE}`,
    [0x80000000, 1],
    { machine: TWO_NODES },
  ),
  shows(
    '3.3',
    'one node serves every number',
    `PVOID block = MmAllocateContiguousMemorySpecifyCacheNode(PAGE_SIZE, At(0), At(MAXULONG64), At(0), MmCached, 5);
     SEE(block != NULL); ${FREE}`,
    [1],
  ),

  shows(
    '3.4',
    'Protect is one of two protections with at most one cache type',
    `${NODE_MEMORY('PAGE_READWRITE')} ${NODE_MEMORY('PAGE_EXECUTE_READWRITE')} ${NODE_MEMORY('PAGE_READWRITE | PAGE_NOCACHE')}
     ${NODE_MEMORY('PAGE_EXECUTE_READWRITE | PAGE_WRITECOMBINE')} ${NODE_MEMORY('PAGE_READONLY')}
     ${NODE_MEMORY('PAGE_READWRITE | PAGE_EXECUTE_READWRITE')} ${NODE_MEMORY('PAGE_READWRITE | PAGE_NOCACHE | PAGE_WRITECOMBINE')} ${NODE_MEMORY('0')}`,
    [1, 1, 1, 1, 0, 0, 0, 0],
    { says: ['protection 0x2 is not PAGE_READWRITE or PAGE_EXECUTE_READWRITE'] },
  ),
  shows(
    '3.4',
    'without PAGE_NOCACHE and PAGE_WRITECOMBINE the block is cached',
    `PVOID block = MmAllocateContiguousNodeMemory(PAGE_SIZE, At(0), At(MAXULONG64), At(0), PAGE_READWRITE, MM_ANY_NODE_OK);
     PVOID again = MmMapIoSpace(At(Behind(block)), PAGE_SIZE, MmCached);
     MmUnmapIoSpace(again, PAGE_SIZE);
     again = MmMapIoSpace(At(Behind(block)), PAGE_SIZE, MmNonCached);
     MmUnmapIoSpace(again, PAGE_SIZE); ${FREE}`,
    [],
    { violations: ['cache_conflict'] },
  ),
  stops(
    '3.4',
    'executable memory is found by the option for it',
    'MmAllocateContiguousNodeMemory(PAGE_SIZE, At(0), At(MAXULONG64), At(0), PAGE_EXECUTE_READWRITE, 0);',
    [0xc4, 0x2001, any, 0x40, 0],
    { verifier: 'code_integrity' },
  ),
  shows(
    '3.4',
    'MmAllocateContiguousNodeMemory does not fall back to another node',
    'SEE(MmAllocateContiguousNodeMemory(PAGE_SIZE, At(0), At(32 * M - 1), At(0), PAGE_READWRITE, 1));',
    [0],
    { machine: TWO_NODES, says: ['Other nodes could have served it'] },
  ),

  shows(
    '3.5',
    'the amount is rounded up and answered, the address comes through a pointer',
    `SIZE_T bytes = 5000; PVOID block = NULL;
     SEE_STATUS(MmAllocateContiguousMemoryEx(&bytes, At(0x1F0000), At(0x1FFFFF), At(0), MM_ANY_NODE_OK, PAGE_READWRITE, NULL, TAG, 0, &block));
     SEE(bytes); SEE(Behind(block)); ${FREE}`,
    [status.SUCCESS, 0x2000, 0x1fe000],
    { machine: EXACT },
  ),
  shows(
    '3.5',
    'no memory is STATUS_INSUFFICIENT_RESOURCES',
    `SIZE_T bytes = 17 * PAGE_SIZE; PVOID block = NULL;
     SEE_STATUS(MmAllocateContiguousMemoryEx(&bytes, At(0), At(MAXULONG64), At(0), MM_ANY_NODE_OK, PAGE_READWRITE, NULL, TAG, 0, &block));
     SEE(block);`,
    [status.INSUFFICIENT_RESOURCES, 0],
    { machine: EXACT },
  ),
  shows(
    '3.5',
    'a wrong protection is STATUS_INVALID_PARAMETER',
    `SIZE_T bytes = PAGE_SIZE; PVOID block = NULL;
     SEE_STATUS(MmAllocateContiguousMemoryEx(&bytes, At(0), At(MAXULONG64), At(0), MM_ANY_NODE_OK, PAGE_NOACCESS, NULL, TAG, 0, &block));`,
    [status.INVALID_PARAMETER],
  ),
  shows(
    '3.5',
    'a search that may not last takes what is at hand',
    `SIZE_T bytes = PAGE_SIZE; PVOID block = NULL; KIRQL old = Raise(DISPATCH_LEVEL);
     SEE_STATUS(MmAllocateContiguousMemoryEx(&bytes, At(0), At(MAXULONG64), At(0), MM_ANY_NODE_OK, PAGE_READWRITE, NULL, TAG, MM_ALLOCATE_CONTIGUOUS_MEMORY_FAST_ONLY, &block));
     KeLowerIrql(old); ${FREE}`,
    [status.SUCCESS],
    { verifier: 'on' },
  ),

  shows(
    '3.6',
    'MmFreeContiguousMemory may be called at DISPATCH_LEVEL',
    `KIRQL old; ${BLOCK} old = Raise(DISPATCH_LEVEL); ${FREE} KeLowerIrql(old);`,
    [],
    { verifier: 'on', choice: 'MmFreeContiguousMemory' },
  ),
  stops(
    '3.6',
    'MmFreeContiguousMemory may not be called above',
    `${BLOCK} Raise(DISPATCH_LEVEL + 1); ${FREE}`,
    [0xc4, 0x2001a, any, any, any],
    { verifier: 'on' },
  ),
  stops(
    '3.6',
    'a pointer that is no block stops the system',
    'PVOID pool = ExAllocatePool2(POOL_FLAG_NON_PAGED, PAGE_SIZE, TAG); SEE(pool); MmFreeContiguousMemory(pool);',
    [0xc2, 0x60, seen(0), 0, 0],
  ),
  stops('3.6', 'a block cannot be freed twice', `${BLOCK} SEE(block); ${FREE} ${FREE}`, [
    0xc2,
    0x60,
    seen(0),
    0,
    0,
  ]),
  stops(
    '3.6',
    'a block that an MDL has locked cannot be freed',
    `${BLOCK} PMDL mdl = IoAllocateMdl(block, PAGE_SIZE, FALSE, FALSE, NULL);
     MmProbeAndLockPages(mdl, KernelMode, IoReadAccess);
     SEE(Behind(block) >> PAGE_SHIFT); ${FREE}`,
    [0x4e, 0x9a, seen(0), 0, 1],
  ),
  shows(
    '3.6',
    'a freed block is not there any more',
    `${BLOCK} ${FREE} SEE(MmIsAddressValid(block));`,
    [0],
  ),

  shows(
    '3.7',
    'MmFreeContiguousMemorySpecifyCache takes the values of the allocation',
    `PVOID block = MmAllocateContiguousMemorySpecifyCache(5000, At(0), At(MAXULONG64), At(0), MmNonCached);
     KIRQL old = Raise(DISPATCH_LEVEL);
     MmFreeContiguousMemorySpecifyCache(block, 5000, MmNonCached); KeLowerIrql(old);`,
    [],
    { verifier: 'on' },
  ),
  shows(
    '3.7',
    'another size or type is a mistake that Windows does not see',
    `PVOID block = MmAllocateContiguousMemorySpecifyCache(5000, At(0), At(MAXULONG64), At(0), MmNonCached);
     PVOID other = MmAllocateContiguousMemorySpecifyCache(5000, At(0), At(MAXULONG64), At(0), MmNonCached);
     MmFreeContiguousMemorySpecifyCache(block, 4096, MmNonCached);
     MmFreeContiguousMemorySpecifyCache(other, 5000, MmCached);`,
    [],
    { violations: ['free_mismatch', 'free_mismatch'] },
  ),

  shows(
    '3.8',
    'noncached memory is of whole pages',
    `PUCHAR block = MmAllocateNonCachedMemory(5000);
     SEE(BYTE_OFFSET(block)); SEE(MmIsAddressValid(block + 0x1FFF)); SEE(MmIsAddressValid(block + 0x2000));
     MmFreeNonCachedMemory(block, 5000);`,
    [0, 1, 0],
  ),
  shows(
    '3.8',
    'noncached memory is usually not contiguous',
    `PUCHAR block = MmAllocateNonCachedMemory(2 * PAGE_SIZE);
     SEE(Behind(block + PAGE_SIZE) == Behind(block) + PAGE_SIZE);
     MmFreeNonCachedMemory(block, 2 * PAGE_SIZE);`,
    [0],
  ),
  shows(
    '3.8',
    'noncached memory is noncached, nonpaged and not initialised',
    `PUCHAR block = MmAllocateNonCachedMemory(PAGE_SIZE);
     PVOID again = MmMapIoSpace(At(Behind(block)), PAGE_SIZE, MmCached);
     MmUnmapIoSpace(again, PAGE_SIZE);
     if (block[0] == 1) { SEE(1); }
     MmFreeNonCachedMemory(block, PAGE_SIZE);`,
    [],
    { violations: ['cache_conflict', 'uninitialized_memory'] },
  ),
  shows('3.8', 'too much is NULL', 'SEE(MmAllocateNonCachedMemory(17 * PAGE_SIZE));', [0], {
    machine: EXACT,
    says: ['17 pages were asked for; 16 pages are free there'],
  }),
  shows(
    '3.8',
    'the size of the free must be the one of the allocation',
    'PVOID block = MmAllocateNonCachedMemory(PAGE_SIZE); MmFreeNonCachedMemory(block, 2 * PAGE_SIZE);',
    [],
    { violations: ['free_mismatch'] },
  ),
  stops(
    '3.8',
    'MmAllocateNonCachedMemory is for APC_LEVEL at most',
    'Raise(DISPATCH_LEVEL); MmAllocateNonCachedMemory(PAGE_SIZE);',
    [0xc4, 0x20019, any, any, any],
    { verifier: 'on' },
  ),
  stops(
    '3.8',
    'MmFreeNonCachedMemory is for APC_LEVEL at most',
    'PVOID block = MmAllocateNonCachedMemory(PAGE_SIZE); Raise(DISPATCH_LEVEL); MmFreeNonCachedMemory(block, PAGE_SIZE);',
    [0xc4, 0x20019, any, any, any],
    { verifier: 'on' },
  ),
];
