/** Chapter 1: the machine's memory, boot options, and what the contiguous allocators share. */
import { any, type Rule, seen, shows, stops, unseen } from './rules.ts';

const TWO_RANGES = 'memory 0 .. 640K, 1M .. 64M;';
const NOLOWMEM = 'memory 0 .. 640K, 1M .. 3G, 4G .. 8G; nolowmem; windows "Server 2003";';
const TWO_NODES = 'memory 1M .. 65M; nodes 2; processors 2;';
/** Sixteen free pages at 0x1F0000, and eight at 0x300000. */
const EXACT =
  'memory 0 .. 640K, 1M .. 64M; free_memory 0x1F0000 .. 0x200000, 0x300000 .. 0x308000;';

/** A block of so many bytes between bounds, with a boundary: whether there is one, and where. */
const block = (bytes: string, low: string, high: string, boundary: string): string => `
  { PVOID block = MmAllocateContiguousMemorySpecifyCache(${bytes}, At(${low}), At(${high}), At(${boundary}), MmCached);
    SEE(block != NULL);
    if (block != NULL) { SEE(Behind(block)); MmFreeContiguousMemory(block); } }`;

export const physicalMemory: readonly Rule[] = [
  shows(
    '1',
    'virtual and physical addresses are different spaces',
    `PUCHAR block = ExAllocatePool2(POOL_FLAG_NON_PAGED, PAGE_SIZE, TAG);
     SEE(Behind(block) != (ULONG64)block); SEE(Behind(block + 5) - Behind(block));
     ExFreePool(block);`,
    [1, 5],
  ),
  shows(
    '1',
    'the ranges are a nonpaged array that the caller frees, ended by zeroes; sizes are in bytes',
    `PPHYSICAL_MEMORY_RANGE ranges = MmGetPhysicalMemoryRanges();
     int i;
     for (i = 0; i < 3; i++) { SEE(ranges[i].BaseAddress.QuadPart); SEE(ranges[i].NumberOfBytes.QuadPart); }
     ExFreePool(ranges);`,
    [0, 0xa0000, 0x100000, 0x3f00000, 0, 0],
    { machine: TWO_RANGES },
  ),
  shows(
    '1',
    'the array of ranges is a leak when nobody frees it',
    'MmGetPhysicalMemoryRanges();',
    [],
    { leaks: ['pool'] },
  ),
  stops(
    '1',
    'the ranges are asked for at PASSIVE_LEVEL',
    'Raise(APC_LEVEL); MmGetPhysicalMemoryRanges();',
    [0xc4, any, any, any, any],
    { verifier: 'on' },
  ),
  shows(
    '1',
    'the Ex2 variant of all memory gives bytes as well',
    `PPHYSICAL_MEMORY_RANGE ranges = MmGetPhysicalMemoryRangesEx2(NULL, 0);
     SEE(ranges[1].NumberOfBytes.QuadPart);
     ExFreePool(ranges);`,
    [0x3f00000],
    { machine: TWO_RANGES },
  ),
  stops(
    '1',
    'memory that is not in the page frame database cannot be locked',
    `PVOID registers = MmMapIoSpace(At(0xFEC00000), PAGE_SIZE, MmNonCached);
     PMDL mdl = IoAllocateMdl(registers, PAGE_SIZE, FALSE, FALSE, NULL);
     SEE(mdl);
     MmProbeAndLockPages(mdl, KernelMode, IoReadAccess);`,
    [0xc4, 0x6f, seen(0), 0xfec00, 0x3fff],
    { verifier: 'on', machine: TWO_RANGES },
  ),
  unseen('1', 'memory may be added to a running system', 'the memory of a machine does not change'),
  shows(
    '1',
    'pages of MmAllocatePagesForMdl have no address until they are mapped',
    `PMDL mdl = MmAllocatePagesForMdl(At(0), At(MAXULONG64), At(0), PAGE_SIZE);
     SEE(mdl->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA); SEE(MmGetMdlVirtualAddress(mdl));
     SEE(MmGetVirtualForPhysical(At(MmGetMdlPfnArray(mdl)[0] * PAGE_SIZE)));
     MmFreePagesFromMdl(mdl); ExFreePool(mdl);`,
    [0, 0, 0],
  ),
  unseen('1', 'devices of 32 bits are served by copies', 'a matter of adapters: the tests of DMA'),
  shows(
    '1',
    'half of a physical address is the address of something else',
    `PVOID block = MmAllocateContiguousMemorySpecifyCache(PAGE_SIZE, At(4 * G), At(MAXULONG64), At(0), MmCached);
     SEE(Behind(block) >= 4 * G); SEE((ULONG)Behind(block) == Behind(block));
     MmFreeContiguousMemory(block);`,
    [1, 0],
  ),
  shows(
    '1',
    'Mm64BitPhysicalAddress says whether addresses need 64 bits',
    'SEE(Mm64BitPhysicalAddress);',
    [1],
  ),
  unseen('1', 'an adapter may grant fewer map registers', 'a matter of adapters: the tests of DMA'),

  // Boot options.
  shows(
    '1.1',
    'with nolowmem pool and user pages come from above 4 GB',
    `PVOID block = ExAllocatePoolWithTag(NonPagedPool, PAGE_SIZE, TAG);
     SEE(Behind(block) >= 4 * G); SEE(Behind(Buffer) >= 4 * G);
     ExFreePool(block);`,
    [1, 1],
    { machine: NOLOWMEM, inProcess: true },
  ),
  shows(
    '1.1',
    'a request whose highest address lies below 4 GB is served from below',
    block('PAGE_SIZE', '0', '0xFFFFFFFF', '0'),
    [1, any],
    { machine: NOLOWMEM },
  ),
  shows(
    '1.1',
    'with nolowmem a higher bound never gives low memory',
    `PVOID block = MmAllocateContiguousMemory(PAGE_SIZE, At(0x100000000));
     SEE(block != NULL && Behind(block) >= 4 * G);
     MmFreeContiguousMemory(block);`,
    [1],
    { machine: NOLOWMEM },
  ),
  shows(
    '1.1',
    'with nolowmem a bound below 4 GB gives low memory only',
    `PVOID block = MmAllocateContiguousMemory(PAGE_SIZE, At(0xFFFFFFFF));
     SEE(Behind(block) < 4 * G);
     MmFreeContiguousMemory(block);`,
    [1],
    { machine: NOLOWMEM },
  ),
  shows(
    '1.1',
    'with nolowmem pages for an MDL keep to their side of the line',
    `PMDL high = MmAllocatePagesForMdl(At(0), At(4 * G), At(0), 2 * PAGE_SIZE);
     PMDL low = MmAllocatePagesForMdl(At(0), At(4 * G - 1), At(0), PAGE_SIZE);
     SEE(MmGetMdlByteCount(high)); SEE(MmGetMdlPfnArray(high)[0]);
     SEE(MmGetMdlPfnArray(low)[0] < 0x100000);
     MmFreePagesFromMdl(high); ExFreePool(high); MmFreePagesFromMdl(low); ExFreePool(low);`,
    [0x1000, 0x100000, 1],
    { machine: NOLOWMEM },
  ),
  unseen('1.1', 'truncatememory and removememory', '`memory` of a machine says what there is'),
  unseen('1.1', 'pae', 'x64 has no such option'),
  unseen('1.1', 'nx AlwaysOff', 'execution is always forbidden where the protection forbids it'),
  stops(
    '1.1',
    'asking for memory below 4 GB is found by the option for it',
    'MmAllocateContiguousMemory(0x2000, At(0xFFFFFFFF));',
    [0xc4, 0x141, 0xffffffff, 0x2000, 0],
    { verifier: 'low_memory_requests' },
  ),

  // Bounds, boundaries, nodes.
  shows(
    '1.2',
    'the highest address is inclusive',
    `${block('0x1000', '0', '0x300FFF', '0')} ${block('0x1000', '0x300000', '0x300FFE', '0')}`,
    [1, 0x300000, 1, 0x300000],
    { machine: EXACT },
  ),
  shows(
    '1.2',
    'no requirement is MAXULONG64',
    block('0x8000', '0x200000', 'MAXULONG64', '0'),
    [1, 0x300000],
    { machine: EXACT },
  ),
  shows(
    '1.2',
    'the lowest address is inclusive',
    `${block('0x1000', '0x307000', '0x307FFF', '0')} ${block('0x2000', '0x307000', '0xFFFFFF', '0')}`,
    [1, 0x307000, 0],
    { machine: EXACT },
  ),
  shows(
    '1.2',
    'bounds count in pages: the lowest is rounded up, the highest down',
    `${block('0x8000', '0x300001', '0xFFFFFF', '0')} ${block('0x7000', '0x300001', '0xFFFFFF', '0')}
     ${block('0x1000', '0', '0x1F0000', '0')} ${block('0x1000', '0x400000', '0x3FFFFF', '0')}`,
    [0, 1, 0x301000, 1, 0x1f0000, 0],
    { machine: EXACT },
  ),
  shows(
    '1.2',
    'no multiple of the boundary lies inside a block',
    `${block('0x4000', '0', '0x1FFFFF', '0x8000')} ${block('0x8000', '0', '0x1FFFFF', '0x8000')}
     ${block('0x8000', '0x1F0000', '0x1FEFFF', '0x8000')}`,
    [1, 0x1fc000, 1, 0x1f8000, 1, 0x1f0000],
    { machine: EXACT },
  ),
  shows(
    '1.2',
    'a block that ends at a multiple does not cross it',
    block('0x10000', '0', '0xFFFFFF', '0x10000'),
    [1, 0x1f0000],
    { machine: EXACT },
  ),
  shows(
    '1.2',
    'a block longer than the boundary does not exist',
    block('0x9000', '0', '0xFFFFFF', '0x8000'),
    [0],
    { machine: EXACT, says: ['cannot avoid the multiples of its boundary'] },
  ),
  shows(
    '1.2',
    'a boundary of less than a page cannot be kept',
    block('0x1000', '0', '0xFFFFFF', '0x800'),
    [0],
    { machine: EXACT, says: ['not a multiple of the page size'] },
  ),
  shows(
    '1.2',
    'the boundary is no alignment',
    block('0x1000', '0', '0x2FFFFF', '0x10000'),
    [1, 0x1ff000],
    { machine: EXACT },
  ),
  shows(
    '1.2',
    'every block starts a page and is of whole pages',
    `PUCHAR block = MmAllocateContiguousMemory(1, At(MAXULONG64));
     SEE(BYTE_OFFSET(block)); SEE(MmIsAddressValid(block + 0xFFF));
     MmFreeContiguousMemory(block);`,
    [0, 1],
  ),
  shows(
    '1.2',
    'a preferred node is the only one, and any node is told by a bit',
    `PVOID here = MmAllocateContiguousMemorySpecifyCacheNode(PAGE_SIZE, At(0), At(MAXULONG64), At(0), MmCached, 1);
     PVOID any = MmAllocateContiguousMemorySpecifyCacheNode(PAGE_SIZE, At(0), At(MAXULONG64), At(0), MmCached, MM_ANY_NODE_OK);
     PVOID none = MmAllocateContiguousMemorySpecifyCacheNode(PAGE_SIZE, At(0), At(32 * M - 1), At(0), MmCached, 1);
     SEE(Behind(here) >= 33 * M); SEE(any != NULL); SEE(none);
     MmFreeContiguousMemory(here); MmFreeContiguousMemory(any);`,
    [1, 1, 0],
    { machine: TWO_NODES, says: ['on node 1'] },
  ),
  shows(
    '1.2',
    'on a machine of one node any number is that node',
    `PVOID block = MmAllocateContiguousMemorySpecifyCacheNode(PAGE_SIZE, At(0), At(MAXULONG64), At(0), MmCached, 3);
     SEE(block != NULL);
     MmFreeContiguousMemory(block);`,
    [1],
  ),
  shows(
    '1.2',
    'pool comes from the node of the processor first',
    `int processor;
     for (processor = 0; processor < 2; processor++) {
         PVOID block;
         KeSetSystemAffinityThread((KAFFINITY)1 << processor);
         block = ExAllocatePoolWithTag(NonPagedPoolNx, 4 * PAGE_SIZE, TAG);
         SEE(Behind(block) >= 33 * M);
         ExFreePool(block);
     }
     KeRevertToUserAffinityThread();`,
    [0, 1],
    { machine: TWO_NODES },
  ),
  shows(
    '1.2',
    'pages for an MDL come from other nodes when the ideal one has none left',
    `PMDL mdl = MmAllocateNodePagesForMdlEx(At(0), At(32 * M - 1), At(0), PAGE_SIZE, MmCached, 1, 0);
     PMDL local = MmAllocateNodePagesForMdlEx(At(0), At(32 * M - 1), At(0), PAGE_SIZE, MmCached, 1, MM_ALLOCATE_FROM_LOCAL_NODE_ONLY);
     SEE(MmGetMdlByteCount(mdl)); SEE(local);
     MmFreePagesFromMdl(mdl); ExFreePool(mdl);`,
    [0x1000, 0],
    { machine: TWO_NODES },
  ),
  unseen('1.2', 'contiguous memory becomes scarce', 'advice: `free_memory fragmented` shows it'),
  unseen(
    '1.2',
    'a search at DISPATCH_LEVEL may be shorter',
    'the search is the same at every IRQL',
  ),
];
