/** Chapter 8: pools, what is found of their misuse, lookaside lists. */
import { any, type Rule, seen, shows, status, stops } from './rules.ts';

const VERIFIED = { verifier: 'on' } as const;
/** Driver Verifier without special pool. */
const TRACKED = { verifier: 'pool_tracking, force_irql' } as const;
const SPECIAL = { verifier: 'special_pool' } as const;
const IN_PROCESS = { inProcess: true } as const;
const TAG = 0x69646454;
const TINY = 'memory 0 .. 640K, 1M .. 64M; free_memory 0x200000 .. 0x204000;';
const NEW = (type: string, bytes: string): string =>
  `ExAllocatePoolWithTag(${type}, ${bytes}, TAG)`;
const NEW2 = (flags: string, bytes = '64', tag = 'TAG'): string =>
  `ExAllocatePool2(${flags}, ${bytes}, ${tag})`;
const BLOCK = `PUCHAR block = ${NEW('NonPagedPoolNx', '64')};`;
const FREE = 'ExFreePool(block);';
/** Whether there is a block, which is freed. */
const SEE_FREE = (call: string): string =>
  `{ PVOID one = ${call}; SEE(one != NULL); if (one != NULL) ExFreePool(one); }`;
/** Executable pool, and the class of flags that make ExAllocatePool3 choose a node. */
const EXTENDED = (type: string, value: string, optional = '0'): string => `
  POOL_EXTENDED_PARAMETER extended; RtlZeroMemory(&extended, sizeof(extended)); extended.Type = ${type}; extended.Optional = ${optional}; extended.Reserved2 = ${value};`;

export const poolRules: readonly Rule[] = [
  shows(
    '8',
    'pool is allocated, used and freed',
    `${BLOCK} block[63] = 1; SEE(block[63]); ${FREE}`,
    [1],
    VERIFIED,
  ),

  shows(
    '8.1',
    'ExAllocatePoolWithTag does not zero',
    `${BLOCK} if (block[5] == 1) { SEE(1); } ${FREE}`,
    [],
    { violations: ['uninitialized_memory'] },
  ),
  shows(
    '8.1',
    'ExAllocatePoolWithTag is NULL when there is no memory',
    `SEE(${NEW('NonPagedPoolNx', '64 * M')});`,
    [0],
    { machine: TINY, says: ["no room for 67108864 bytes of nonpaged pool 'Tddi'"] },
  ),
  shows(
    '8.1',
    'or raises, where that is asked for',
    `SEE_RAISED(${NEW('(POOL_TYPE)(NonPagedPoolNx | POOL_RAISE_IF_ALLOCATION_FAILURE)', '64 * M')})`,
    [status.INSUFFICIENT_RESOURCES],
    { machine: TINY },
  ),
  shows(
    '8.1',
    'POOL_COLD_ALLOCATION is a hint',
    SEE_FREE(NEW('(POOL_TYPE)(PagedPool | POOL_COLD_ALLOCATION)', '64')),
    [1],
  ),
  shows(
    '8.1',
    'ExAllocatePool has no tag of its own',
    `PULONG block = ExAllocatePool(NonPagedPoolNx, 64); SEE(block[-3]); ${FREE}`,
    [0x656e6f4e],
  ),
  shows(
    '8.1',
    'ExAllocatePool2 zeroes',
    `PUCHAR block = ${NEW2('POOL_FLAG_NON_PAGED')}; SEE(block[0] + block[63]); ${FREE}`,
    [0],
  ),
  shows(
    '8.1',
    'unless POOL_FLAG_UNINITIALIZED is given',
    `PUCHAR block = ${NEW2('POOL_FLAG_NON_PAGED | POOL_FLAG_UNINITIALIZED')}; if (block[5] == 1) { SEE(1); } ${FREE}`,
    [],
    { violations: ['uninitialized_memory'] },
  ),
  shows(
    '8.1',
    'ExAllocatePool2 is NULL without a tag or with wrong flags',
    `SEE(${NEW2('POOL_FLAG_NON_PAGED', '64', '0')}); SEE(${NEW2('POOL_FLAG_NON_PAGED | 0x10')});`,
    [0, 0],
    { violations: ['pool_parameters', 'pool_parameters'], says: ['the pool tag is 0'] },
  ),
  shows(
    '8.1',
    'POOL_FLAG_RAISE_ON_FAILURE raises',
    `SEE_RAISED(${NEW2('POOL_FLAG_NON_PAGED | POOL_FLAG_RAISE_ON_FAILURE', '64 * M')})`,
    [status.INSUFFICIENT_RESOURCES],
    { machine: TINY },
  ),
  shows(
    '8.1',
    'ExAllocatePool3 takes a memory node',
    `${EXTENDED('PoolExtendedParameterNumaNode', '1')} { PVOID block = ExAllocatePool3(POOL_FLAG_NON_PAGED, 2 * PAGE_SIZE, TAG, &extended, 1); SEE(Behind(block) >= 33 * M); ${FREE} }`,
    [1],
    { machine: 'memory 1M .. 65M; nodes 2; processors 2;' },
  ),
  shows(
    '8.1',
    'with MM_ANY_NODE_OK the node is a preference',
    `${EXTENDED('PoolExtendedParameterNumaNode', 'MM_ANY_NODE_OK | 1')} { PVOID block = ExAllocatePool3(POOL_FLAG_NON_PAGED, 2 * PAGE_SIZE, TAG, &extended, 1); SEE(Behind(block) >= 33 * M); ${FREE} block = ExAllocatePool3(POOL_FLAG_NON_PAGED, 40 * M, TAG, &extended, 1); SEE(block != NULL); ${FREE} }`,
    [1, 1],
    { machine: 'memory 1M .. 65M; nodes 2; processors 2;' },
  ),
  shows(
    '8.1',
    'a node is for nonpaged pool',
    `${EXTENDED('PoolExtendedParameterNumaNode', '0')} SEE(ExAllocatePool3(POOL_FLAG_PAGED, 64, TAG, &extended, 1));`,
    [0],
    { violations: ['pool_parameters'] },
  ),
  shows(
    '8.1',
    'an unknown parameter is NULL, unless it is optional',
    `${EXTENDED('99', '0')} SEE(ExAllocatePool3(POOL_FLAG_NON_PAGED, 64, TAG, &extended, 1)); extended.Optional = 1; ${SEE_FREE('ExAllocatePool3(POOL_FLAG_NON_PAGED, 64, TAG, &extended, 1)')}`,
    [0, 1],
    { violations: ['pool_parameters'] },
  ),
  shows(
    '8.1',
    'ExFreePool frees blocks of all of them',
    `ExFreePool(ExAllocatePool(PagedPool, 8)); ExFreePool(${NEW2('POOL_FLAG_PAGED')}); ExFreePool(ExAllocatePool3(POOL_FLAG_NON_PAGED, 64, TAG, NULL, 0)); ExFreePool(ExAllocatePoolZero(NonPagedPoolNx, 64, TAG)); ExFreePool(ExAllocatePoolUninitialized(NonPagedPoolNx, 64, TAG));`,
    [],
  ),
  shows(
    '8.1',
    'ExFreePoolWithTag takes the tag of the block',
    `${BLOCK} ExFreePoolWithTag(block, TAG);`,
    [],
  ),
  stops('8.1', 'another tag', `${BLOCK} SEE(block); ExFreePoolWithTag(block, 'rhtO');`, [
    0xc2,
    0x0a,
    seen(0),
    TAG,
    0x7268744f,
  ]),
  shows(
    '8.1',
    'quota is charged to the process, and given back',
    'PVOID block; SEE_RAISED(block = ExAllocatePoolWithQuotaTag(NonPagedPoolNx, 64, TAG)) ExFreePool(block);',
    [0],
    IN_PROCESS,
  ),
  shows(
    '8.1',
    'a quota that is exceeded raises, or is NULL where that is asked for',
    `SEE_RAISED(ExAllocatePoolWithQuotaTag(PagedPool, 33 * M, TAG)) SEE(ExAllocatePoolWithQuotaTag((POOL_TYPE)(PagedPool | POOL_QUOTA_FAIL_INSTEAD_OF_RAISE), 33 * M, TAG)); SEE(${NEW2('POOL_FLAG_PAGED | POOL_FLAG_USE_QUOTA', '33 * M')}); { PVOID block = ${NEW('PagedPool', '33 * M')}; SEE(block != NULL); ${FREE} }`,
    [0xc0000044, 0, 0, 1],
    { ...IN_PROCESS, machine: 'memory 0 .. 640K, 1M .. 64M;', says: ['quota'] },
  ),

  shows(
    '8.1',
    'a freed block frees its quota',
    `int times; int failed = 0;
     for (times = 0; times < 4; times++) { PVOID block = ExAllocatePoolWithQuotaTag((POOL_TYPE)(PagedPool | POOL_QUOTA_FAIL_INSTEAD_OF_RAISE), 20 * M, TAG); if (block == NULL) failed++; else ExFreePool(block); }
     SEE(failed);
     { PVOID block = ExAllocatePoolWithQuotaTag(PagedPool, 20 * M, TAG);
       SEE(ExAllocatePoolWithQuotaTag((POOL_TYPE)(PagedPool | POOL_QUOTA_FAIL_INSTEAD_OF_RAISE), 20 * M, TAG)); ExFreePool(block); }`,
    [0, 0],
    { ...IN_PROCESS, machine: 'memory 0 .. 640K, 1M .. 64M;' },
  ),
  shows(
    '8.1',
    'the system itself is not charged',
    'PVOID block; SEE_RAISED(block = ExAllocatePoolWithQuotaTag(PagedPool, 33 * M, TAG)) ExFreePool(block);',
    [0],
    { machine: 'memory 0 .. 640K, 1M .. 64M;' },
  ),
  stops(
    '8.1',
    'quota is not charged from a DPC',
    'KeInitializeDpc(&Dpc, Deferred, NULL); KeInsertQueueDpc(&Dpc, NULL, NULL); KeFlushQueuedDpcs();',
    [0xc4, 0x10b, 0, 0, 0],
    {
      ...VERIFIED,
      declarations:
        'static KDPC Dpc;\nstatic VOID Deferred(PKDPC One, PVOID Context, PVOID A, PVOID B) { UNREFERENCED_PARAMETER(One); UNREFERENCED_PARAMETER(Context); UNREFERENCED_PARAMETER(A); UNREFERENCED_PARAMETER(B); ExAllocatePoolWithQuotaTag(NonPagedPoolNx, 64, TAG); }\n',
    },
  ),
  shows(
    '8.2',
    'nonpaged pool at DISPATCH_LEVEL',
    `KIRQL old = Raise(DISPATCH_LEVEL); ${BLOCK} ${FREE} KeLowerIrql(old);`,
    [],
    VERIFIED,
  ),
  shows(
    '8.2',
    'paged pool at APC_LEVEL',
    `KIRQL old = Raise(APC_LEVEL); PVOID block = ${NEW('PagedPool', '64')}; ${FREE} KeLowerIrql(old);`,
    [],
    VERIFIED,
  ),
  shows(
    '8.2',
    'a page or more begins at a page',
    `PVOID block = ${NEW('NonPagedPoolNx', 'PAGE_SIZE')}; SEE(BYTE_OFFSET(block)); ${FREE} block = ${NEW('PagedPool', '5000')}; SEE(BYTE_OFFSET(block)); ${FREE}`,
    [0, 0],
  ),
  shows(
    '8.2',
    'less than a page crosses no page, and begins at a multiple of 16',
    `int one; int wrong = 0; PUCHAR blocks[40]; for (one = 0; one < 40; one++) { blocks[one] = ${NEW('NonPagedPoolNx', '100 + 97 * one')}; wrong += BYTE_OFFSET(blocks[one]) + 100 + 97 * one > PAGE_SIZE; wrong += ((ULONG_PTR)blocks[one] & 15) != 0; } SEE(wrong); for (one = 0; one < 40; one++) ExFreePool(blocks[one]);`,
    [0],
  ),
  shows(
    '8.2',
    'bytes behind a block are somebody else’s',
    `${BLOCK} PUCHAR other = ${NEW('NonPagedPoolNx', '64')}; block[64 - 1] = 1; ${FREE} ExFreePool(other);`,
    [],
  ),
  shows(
    '8.2',
    'a header of 16 bytes stands before a small block',
    `PULONG block = ${NEW('NonPagedPoolNx', '64')}; SEE(((PUCHAR)block)[-14]); SEE(block[-3]); ${FREE}`,
    [5, TAG],
  ),
  shows(
    '8.2',
    'pages of pool are normally not contiguous',
    `PUCHAR block = ${NEW('NonPagedPoolNx', '2 * PAGE_SIZE')}; SEE(Behind(block + PAGE_SIZE) == Behind(block) + PAGE_SIZE); ${FREE}`,
    [0],
  ),
  shows(
    '8.2',
    'the first character of a tag is its highest byte',
    `ULONG tag = 'Fred'; SEE(tag); SEE(((PUCHAR)&tag)[0]); SEE(((PUCHAR)&tag)[3]);`,
    [0x46726564, 0x64, 0x46],
  ),
  stops(
    '8.2',
    'no bytes, with Driver Verifier',
    `${NEW('NonPagedPoolNx', '0')};`,
    [0xc4, 0, 0, 512, 0],
    VERIFIED,
  ),
  stops('8.2', 'no bytes, without', `${NEW('NonPagedPoolNx', '0')};`, [0xc2, 0, 0, 512, TAG]),
  shows(
    '8.2',
    'the node of the processor comes first',
    `KeSetSystemAffinityThread(2); { PVOID block = ${NEW('NonPagedPoolNx', '2 * PAGE_SIZE')}; SEE(Behind(block) >= 33 * M); ${FREE} block = ${NEW('NonPagedPoolNx', '40 * M')}; SEE(block != NULL); ${FREE} } KeRevertToUserAffinityThread();`,
    [1, 1],
    { machine: 'memory 1M .. 65M; nodes 2; processors 2;' },
  ),

  shows(
    '8.3',
    'the types have their documented values',
    'SEE(NonPagedPool); SEE(NonPagedPoolExecute); SEE(PagedPool); SEE(NonPagedPoolMustSucceed); SEE(DontUseThisType); SEE(NonPagedPoolCacheAligned); SEE(PagedPoolCacheAligned); SEE(NonPagedPoolCacheAlignedMustS); SEE(MaxPoolType); SEE(NonPagedPoolNx); SEE(NonPagedPoolNxCacheAligned); SEE(NonPagedPoolSessionNx);',
    [0, 0, 1, 2, 3, 4, 5, 6, 7, 512, 516, 544],
  ),
  stops(
    '8.3',
    'must-succeed pool is for the start of the system',
    `${NEW('NonPagedPoolMustSucceed', '64')};`,
    [0xc2, 0x9a, 2, 64, TAG],
  ),
  stops(
    '8.3',
    'NonPagedPoolNx cannot be executed',
    `${BLOCK} SEE(block); ((VOID (*)(VOID))block)();`,
    [0xfc, seen(0), any, any, any],
  ),
  stops(
    '8.3',
    'executable pool is found by the option for it',
    `${NEW('NonPagedPool', '64')};`,
    [0xc4, 0x2000, any, 0, TAG],
    { verifier: 'code_integrity' },
  ),
  shows(
    '8.3',
    'a cache-aligned block begins at a cache line',
    `PVOID block = ${NEW('NonPagedPoolNxCacheAligned', '100')}; SEE((ULONG_PTR)block & 63); ${FREE}`,
    [0],
  ),

  shows(
    '8.4',
    'the flags have their documented values',
    'SEE(POOL_FLAG_USE_QUOTA); SEE(POOL_FLAG_UNINITIALIZED); SEE(POOL_FLAG_SESSION); SEE(POOL_FLAG_CACHE_ALIGNED); SEE(POOL_FLAG_RAISE_ON_FAILURE); SEE(POOL_FLAG_NON_PAGED); SEE(POOL_FLAG_NON_PAGED_EXECUTE); SEE(POOL_FLAG_PAGED); SEE(POOL_FLAG_SPECIAL_POOL);',
    [1, 2, 4, 8, 0x20, 0x40, 0x80, 0x100, 0x100000000],
  ),
  shows(
    '8.4',
    'an unknown required flag fails',
    `SEE(${NEW2('POOL_FLAG_NON_PAGED | 0x200')});`,
    [0],
    { violations: ['pool_parameters'] },
  ),
  shows(
    '8.4',
    'an unknown optional flag is nothing',
    SEE_FREE(NEW2('POOL_FLAG_NON_PAGED | 0x4000000000000000')),
    [1],
  ),
  shows(
    '8.4',
    'no pool, or two, fail',
    `SEE(${NEW2('POOL_FLAG_UNINITIALIZED')}); SEE(${NEW2('POOL_FLAG_PAGED | POOL_FLAG_NON_PAGED')});`,
    [0, 0],
    { violations: ['pool_parameters', 'pool_parameters'] },
  ),
  shows(
    '8.4',
    'POOL_FLAG_CACHE_ALIGNED',
    `PVOID block = ${NEW2('POOL_FLAG_NON_PAGED | POOL_FLAG_CACHE_ALIGNED', '100')}; SEE((ULONG_PTR)block & 63); ${FREE}`,
    [0],
  ),
  stops(
    '8.4',
    'POOL_FLAG_SPECIAL_POOL: a page of its own',
    `PUCHAR block = ${NEW2('POOL_FLAG_NON_PAGED | POOL_FLAG_SPECIAL_POOL')}; SEE(block + 64); block[64] = 1;`,
    [0xd6, seen(0), 1, any, any],
  ),

  stops(
    '8.5',
    'allocating at a wrong IRQL',
    `Raise(DISPATCH_LEVEL); ${NEW('PagedPool', '64')};`,
    [0xc2, 8, 2, 1, 64],
  ),
  stops(
    '8.5',
    'allocating paged pool at a wrong IRQL, with Driver Verifier',
    `Raise(DISPATCH_LEVEL); ${NEW('PagedPool', '64')};`,
    [0xc4, 1, 2, 1, 64],
    TRACKED,
  ),
  stops(
    '8.5',
    'allocating nonpaged pool at a wrong IRQL, with Driver Verifier',
    `Raise(DISPATCH_LEVEL + 1); ${NEW('NonPagedPoolNx', '64')};`,
    [0xc4, 2, 3, 512, 64],
    TRACKED,
  ),
  stops(
    '8.5',
    'freeing at a wrong IRQL',
    `PVOID block = ${NEW('PagedPool', '64')}; SEE(block); Raise(DISPATCH_LEVEL); ${FREE}`,
    [0xc2, 9, 2, 1, seen(0)],
  ),
  stops(
    '8.5',
    'freeing paged pool at a wrong IRQL, with Driver Verifier',
    `PVOID block = ${NEW('PagedPool', '64')}; SEE(block); Raise(DISPATCH_LEVEL); ${FREE}`,
    [0xc4, 0x11, 2, 1, seen(0)],
    TRACKED,
  ),
  stops(
    '8.5',
    'freeing nonpaged pool at a wrong IRQL, with Driver Verifier',
    `${BLOCK} SEE(block); Raise(DISPATCH_LEVEL + 1); ${FREE}`,
    [0xc4, 0x12, 3, 0, seen(0)],
    TRACKED,
  ),
  stops('8.5', 'freeing twice', `${BLOCK} SEE(block); ${FREE} ${FREE}`, [0xc2, 7, 0, any, seen(0)]),
  stops(
    '8.5',
    'freeing twice, with Driver Verifier',
    `${BLOCK} SEE(block - 16); ${FREE} ${FREE}`,
    [0xc4, 0x13, 0, seen(0), any],
    TRACKED,
  ),
  stops(
    '8.5',
    'freeing a user address',
    'SEE(Buffer); ExFreePool(Buffer);',
    [0xc2, 0x40, seen(0), 0xffff800000000000n, 0],
    IN_PROCESS,
  ),
  stops(
    '8.5',
    'freeing what was never allocated',
    'UCHAR local[64]; SEE(local + 16); ExFreePool(local + 16);',
    [0xc2, 0x43, seen(0), 0, 0],
  ),
  stops(
    '8.5',
    'freeing what was never allocated, with Driver Verifier',
    'UCHAR local[64]; SEE(local + 16); ExFreePool(local + 16);',
    [0xc4, 0x10, seen(0), 0, 0],
    TRACKED,
  ),
  stops(
    '8.5',
    'freeing an address inside a block',
    `${BLOCK} SEE(block + 16); ExFreePool(block + 16);`,
    [0xc2, 0x99, seen(0), 0, 0],
  ),
  stops(
    '8.5',
    'freeing an address inside pages of paged pool',
    `PUCHAR block = ${NEW('PagedPool', '2 * PAGE_SIZE')}; ExFreePool(block + PAGE_SIZE);`,
    [0xc2, 0x41286, 0, 0, 1],
  ),
  stops(
    '8.5',
    'freeing an address inside a block, with Driver Verifier',
    `${BLOCK} SEE(block + 16); SEE(block); ExFreePool(block + 16);`,
    [0xc4, 0x13e, seen(0), seen(1), 0],
    TRACKED,
  ),
  stops(
    '8.5',
    'a header that was written over',
    `${BLOCK} SEE(block - 16); SEE(block + 64); block[-14] = 0; ${FREE}`,
    [0x19, 0x20, seen(0), any, 0],
  ),
  stops(
    '8.5',
    'a header that was written over, with Driver Verifier',
    `${BLOCK} SEE(block); SEE(block - 16); block[-14] = 0; ${FREE}`,
    [0xc4, 0x53, seen(0), seen(1), 0],
    TRACKED,
  ),
  shows(
    '8.5',
    'an overrun within the unit is silent',
    `PUCHAR block = ${NEW('NonPagedPoolNx', '60')}; block[61] = 1; ${FREE}`,
    [],
    { violations: ['pool_overrun'] },
  ),
  stops(
    '8.5',
    'an overrun of special pool',
    `${BLOCK} SEE(block + 64); block[64] = 1;`,
    [0xd6, seen(0), 1, any, any],
    SPECIAL,
  ),
  stops(
    '8.5',
    'an underrun of special pool',
    `${BLOCK} SEE(block); SEE(block - 1); block[-1] = 0; ${FREE}`,
    [0xc1, seen(0), seen(1), 0, 0x23],
    SPECIAL,
  ),
  stops(
    '8.5',
    'use of special pool that was freed',
    `${BLOCK} ${FREE} SEE(block); block[0] = 1;`,
    [0xd5, seen(0), 1, any, any],
    SPECIAL,
  ),
  shows('8.5', 'use after free is silent without', `${BLOCK} ${FREE} block[0] = 1;`, [], {
    violations: ['use_after_free'],
  }),
  stops(
    '8.5',
    'one bit',
    `PUCHAR block = ${NEW('NonPagedPoolNx', '60')}; SEE(block); SEE(block - 1); block[-1] ^= 1; ${FREE}`,
    [0xc1, seen(0), seen(1), 0, 0x32],
    SPECIAL,
  ),
  stops('8.5', 'a tag of 0', 'ExAllocatePoolWithTag(NonPagedPoolNx, 64, 0);', [
    0xc2,
    0x9b,
    512,
    64,
    any,
  ]),
  stops('8.5', "the tag 'BIG'", "ExAllocatePoolWithTag(NonPagedPoolNx, 64, 'GIB');", [
    0xc2,
    0x9c,
    512,
    64,
    any,
  ]),
  stops(
    '8.5',
    'a tag without letter or digit',
    "ExAllocatePoolWithTag(NonPagedPoolNx, 64, '----');",
    [0xc2, 0x9d, 0x2d2d2d2d, 512, any],
  ),
  shows('8.5', 'a leak at unload is silent', BLOCK, [], { leaks: ['pool'] }),
  stops('8.5', 'a leak at unload, with pool tracking', BLOCK, [0xc4, 0x62, any, any, 1], TRACKED),
  stops(
    '8.5',
    'pool that holds a lookaside list',
    `PVOID block = ${NEW('NonPagedPoolNx', 'sizeof(NPAGED_LOOKASIDE_LIST)')}; SEE(block); ExInitializeNPagedLookasideList(block, NULL, NULL, 0, 64, TAG, 0); ${FREE}`,
    [0xc4, 0xcc, seen(0), seen(0), any],
    { verifier: 'on', declarations: '' },
  ),
  stops(
    '8.5',
    'pool that holds an active timer',
    `PKTIMER block = ${NEW('NonPagedPoolNx', 'sizeof(KTIMER)')}; LARGE_INTEGER due; due.QuadPart = -100000000; SEE(block); KeInitializeTimer(block); KeSetTimer(block, due, NULL); ${FREE}`,
    [0xc4, 0x15, seen(0), 0, seen(0)],
    VERIFIED,
  ),
  stops(
    '8.5',
    'pool that holds a resource',
    `PERESOURCE block = ${NEW('NonPagedPoolNx', 'sizeof(ERESOURCE)')}; SEE(block); ExInitializeResourceLite(block); ${FREE}`,
    [0xc4, 0xd2, seen(0), seen(0), any],
    VERIFIED,
  ),
  stops(
    '8.5',
    'an IRP is no block for ExFreePool',
    'PIRP irp = IoAllocateIrp(1, FALSE); SEE(irp); ExFreePool(irp);',
    [0xc4, 0x105, seen(0), 0, 0],
    VERIFIED,
  ),

  shows(
    '8.6',
    'a block of special pool ends with its page',
    `${BLOCK} SEE(BYTE_OFFSET(block) + 64); ${FREE}`,
    [0x1000],
    SPECIAL,
  ),
  shows(
    '8.6',
    'the page before and the page behind are not there',
    `${BLOCK} SEE(MmIsAddressValid(block + 64)); SEE(MmIsAddressValid((PUCHAR)PAGE_ALIGN(block) - 1)); ${FREE}`,
    [0, 0],
    SPECIAL,
  ),
  stops(
    '8.6',
    'the slack of 16 bytes is looked at when the block is freed',
    `PUCHAR block = ${NEW('NonPagedPoolNx', '60')}; SEE(block); SEE(block + 61); block[61] = 0; ${FREE}`,
    [0xc1, seen(0), seen(1), 0, 0x24],
    SPECIAL,
  ),
  shows(
    '8.6',
    'a page or more is served as ever',
    `PUCHAR block = ${NEW('NonPagedPoolNx', 'PAGE_SIZE')}; SEE(BYTE_OFFSET(block)); ${FREE}`,
    [0],
    SPECIAL,
  ),
  stops(
    '8.6',
    'at the start of the page an underrun is found at once',
    'PUCHAR block = ExAllocatePoolWithTagPriority(NonPagedPoolNx, 64, TAG, NormalPoolPrioritySpecialPoolUnderrun); SEE(BYTE_OFFSET(block)); SEE(block - 1); block[-1] = 0;',
    [0xd6, seen(1), 1, any, any],
  ),

  shows(
    '8.7',
    'entries are reused from the front, and go back to the pool with the list',
    `NPAGED_LOOKASIDE_LIST *list = ${NEW('NonPagedPoolNx', 'sizeof(*list)')}; PVOID a, b; ExInitializeNPagedLookasideList(list, NULL, NULL, 0, 64, TAG, 0); a = ExAllocateFromNPagedLookasideList(list); b = ExAllocateFromNPagedLookasideList(list); ExFreeToNPagedLookasideList(list, a); ExFreeToNPagedLookasideList(list, b); SEE(ExAllocateFromNPagedLookasideList(list) == b); SEE(ExAllocateFromNPagedLookasideList(list) == a); ExFreeToNPagedLookasideList(list, a); ExFreeToNPagedLookasideList(list, b); ExDeleteNPagedLookasideList(list); ExFreePool(list);`,
    [1, 1],
    VERIFIED,
  ),
  shows(
    '8.7',
    'nothing is allocated before the first request',
    'ExInitializeNPagedLookasideList(&List, NULL, NULL, 0, 64, TAG, 0); SEE(ExQueryDepthSList(&List.L.ListHead)); ExDeleteNPagedLookasideList(&List);',
    [0],
    { declarations: 'static NPAGED_LOOKASIDE_LIST List;\n' },
  ),
  shows(
    '8.7',
    'the list is at a multiple of 16, and its blocks hold a list entry',
    'SEE(_Alignof(NPAGED_LOOKASIDE_LIST) >= 16); SEE(LOOKASIDE_MINIMUM_BLOCK_SIZE);',
    [1, 8],
  ),
  shows(
    '8.7',
    'callbacks of the driver are called',
    'PVOID entry; ExInitializeNPagedLookasideList(&List, Give, Take, 0, 64, TAG, 0); entry = ExAllocateFromNPagedLookasideList(&List); ExFreeToNPagedLookasideList(&List, entry); ExDeleteNPagedLookasideList(&List); SEE(Calls);',
    [0x11],
    {
      declarations:
        'static NPAGED_LOOKASIDE_LIST List; static int Calls;\nstatic PVOID Give(POOL_TYPE Type, SIZE_T Bytes, ULONG Tag) { Calls += 1; return ExAllocatePoolWithTag(Type == NonPagedPool ? NonPagedPoolNx : Type, Bytes, Tag); }\nstatic VOID Take(PVOID Entry) { Calls += 0x10; ExFreePool(Entry); }\n',
    },
  ),
  shows(
    '8.7',
    'entries come at DISPATCH_LEVEL from nonpaged lists',
    'KIRQL old; PVOID entry; ExInitializeNPagedLookasideList(&List, NULL, NULL, POOL_NX_ALLOCATION, 64, TAG, 0); old = Raise(DISPATCH_LEVEL); entry = ExAllocateFromNPagedLookasideList(&List); SEE(entry != NULL); ExFreeToNPagedLookasideList(&List, entry); ExDeleteNPagedLookasideList(&List); KeLowerIrql(old);',
    [1],
    { ...VERIFIED, declarations: 'static NPAGED_LOOKASIDE_LIST List;\n' },
  ),
  shows(
    '8.7',
    'paged lists do the same',
    'PVOID entry; ExInitializePagedLookasideList(&List, NULL, NULL, 0, 64, TAG, 0); entry = ExAllocateFromPagedLookasideList(&List); ExFreeToPagedLookasideList(&List, entry); SEE(ExAllocateFromPagedLookasideList(&List) == entry); ExFreeToPagedLookasideList(&List, entry); ExDeletePagedLookasideList(&List);',
    [1],
    { ...VERIFIED, declarations: 'static PAGED_LOOKASIDE_LIST List;\n' },
  ),
  shows(
    '8.7',
    'an entry is not cleared',
    'PUCHAR entry; ExInitializeNPagedLookasideList(&List, NULL, NULL, 0, 64, TAG, 0); entry = ExAllocateFromNPagedLookasideList(&List); entry[40] = 7; ExFreeToNPagedLookasideList(&List, entry); entry = ExAllocateFromNPagedLookasideList(&List); SEE(entry[40]); ExFreeToNPagedLookasideList(&List, entry); ExDeleteNPagedLookasideList(&List);',
    [7],
    { declarations: 'static NPAGED_LOOKASIDE_LIST List;\n', violations: ['uninitialized_memory'] },
  ),
  shows(
    '8.7',
    'no memory is NULL, or an exception where that is asked for',
    'ExInitializeNPagedLookasideList(&List, NULL, NULL, 0, 64 * M, TAG, 0); SEE(ExAllocateFromNPagedLookasideList(&List)); ExDeleteNPagedLookasideList(&List); ExInitializeNPagedLookasideList(&List, NULL, NULL, POOL_RAISE_IF_ALLOCATION_FAILURE, 64 * M, TAG, 0); SEE_RAISED(ExAllocateFromNPagedLookasideList(&List)) ExDeleteNPagedLookasideList(&List);',
    [0, status.INSUFFICIENT_RESOURCES],
    { machine: TINY, declarations: 'static NPAGED_LOOKASIDE_LIST List;\n' },
  ),
  shows(
    '8.7',
    'Ex: pool type and flags are looked at',
    'SEE_STATUS(ExInitializeLookasideListEx(&List, NULL, NULL, (POOL_TYPE)3, 0, 64, TAG, 0)); SEE_STATUS(ExInitializeLookasideListEx(&List, NULL, NULL, NonPagedPoolNx, 3, 64, TAG, 0)); SEE_STATUS(ExInitializeLookasideListEx(&List, NULL, NULL, NonPagedPoolNx, EX_LOOKASIDE_LIST_EX_FLAGS_FAIL_NO_RAISE, 64, TAG, 0)); SEE_STATUS(ExInitializeLookasideListEx(&List, NULL, NULL, NonPagedPoolNx, EX_LOOKASIDE_LIST_EX_FLAGS_RAISE_ON_FAIL, 64, TAG, 0)); ExDeleteLookasideListEx(&List);',
    [status.INVALID_PARAMETER_4, status.INVALID_PARAMETER_5, status.INVALID_PARAMETER_5, 0],
    { declarations: 'static LOOKASIDE_LIST_EX List;\n' },
  ),
  shows(
    '8.7',
    'a list that is not deleted keeps its entries',
    'ExInitializeNPagedLookasideList(&List, NULL, NULL, 0, 64, TAG, 0); ExFreeToNPagedLookasideList(&List, ExAllocateFromNPagedLookasideList(&List));',
    [],
    { leaks: ['pool'], declarations: 'static NPAGED_LOOKASIDE_LIST List;\n' },
  ),
  stops(
    '8.7',
    'a list is initialised once',
    'SEE(&List); ExInitializeNPagedLookasideList(&List, NULL, NULL, 0, 64, TAG, 0); ExInitializeNPagedLookasideList(&List, NULL, NULL, 0, 64, TAG, 0);',
    [0xc4, 0xca, seen(0), any, any],
    { ...VERIFIED, declarations: 'static NPAGED_LOOKASIDE_LIST List;\n' },
  ),
  stops(
    '8.7',
    'only an initialised list is deleted',
    'SEE(&List); ExDeleteNPagedLookasideList(&List);',
    [0xc4, 0xcb, seen(0), any, any],
    { ...VERIFIED, declarations: 'static NPAGED_LOOKASIDE_LIST List;\n' },
  ),
  stops(
    '8.7',
    'a block is not too small for a list entry',
    'SEE(&List); ExInitializeNPagedLookasideList(&List, NULL, NULL, 0, 4, TAG, 0);',
    [0xc4, 0xcd, any, any, any],
    { ...VERIFIED, declarations: 'static NPAGED_LOOKASIDE_LIST List;\n' },
  ),
];
