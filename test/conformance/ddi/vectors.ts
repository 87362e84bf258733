/** Chapter 22: numbers that follow from the rules. */
import { type Rule, shows, stops } from './rules.ts';

const HOLES = 'memory 0 .. 640K, 1M .. 64M; free_memory 0x1F000 .. 0x21000, 0x30000 .. 0x40000;';
const LOW = 'memory 0 .. 640K, 1M .. 64M; free_memory 0xF00000 .. 0x1100000;';
const NOLOWMEM = 'memory 0 .. 640K, 1M .. 3G, 4G .. 9G; nolowmem; windows "Server 2003";';
/** Bytes below a bound with a boundary: where they lie, or 0. */
const place = (bytes: string, high: string, boundary: string): string =>
  `{ PVOID one = MmAllocateContiguousMemorySpecifyCache(${bytes}, At(0), At(${high}), At(${boundary}), MmCached); SEE(one == NULL ? 0 : Behind(one)); if (one != NULL) MmFreeContiguousMemory(one); }`;
/** An adapter of a bus master. */
const ADAPTER = (version: string, maximum: string, more = ''): string => `
  DEVICE_DESCRIPTION description; ULONG registers = 0; PDMA_ADAPTER adapter; RtlZeroMemory(&description, sizeof(description));
  description.Version = ${version}; description.Master = TRUE; description.ScatterGather = TRUE; description.Dma32BitAddresses = TRUE;
  description.InterfaceType = PCIBus; description.MaximumLength = ${maximum}; ${more}
  adapter = IoGetDmaAdapter(NULL, &description, &registers);`;
const PUT = 'adapter->DmaOperations->PutDmaAdapter(adapter);';
const SIZE_OF_TABLE = (version: string): string =>
  `${ADAPTER(version, '0x10000', version === '3' ? 'description.DmaAddressWidth = 32;' : '')} SEE(adapter->DmaOperations->Size); ${PUT}`;

const span = (address: string, size: string, pages: number): Rule =>
  shows(
    '22',
    `ADDRESS_AND_SIZE_TO_SPAN_PAGES(${address}, ${size})`,
    `SEE(ADDRESS_AND_SIZE_TO_SPAN_PAGES((PVOID)${address}, ${size}));`,
    [pages],
  );

export const vectors: readonly Rule[] = [
  span('0x1000', '0x1000', 1),
  span('0x1FFF', '2', 2),
  span('0x1001', '0x1000', 2),
  span('0x1000', '0', 0),
  span('0x1001', '0', 1),
  shows('22', 'BYTES_TO_PAGES(0x1001)', 'SEE(BYTES_TO_PAGES(0x1001));', [2]),
  shows('22', 'MmSizeOfMdl(0x1FFF, 2)', 'SEE(MmSizeOfMdl((PVOID)0x1FFF, 2));', [0x40]),
  shows(
    '22',
    'MmInitializeMdl of 0x2000 bytes at 0x12345678',
    'ULONG64 space[9]; PMDL mdl = (PMDL)space; MmInitializeMdl(mdl, (PVOID)0x12345678, 0x2000); SEE(mdl->StartVa); SEE(mdl->ByteOffset); SEE(mdl->ByteCount); SEE(mdl->Size); SEE(mdl->MdlFlags);',
    [0x12345000, 0x678, 0x2000, 0x48, 0],
  ),
  shows(
    '22',
    'a block over 0x20000 crosses a boundary of 0x10000',
    place('0x2000', '0x2FFFF', '0x10000'),
    [0],
    { machine: HOLES, says: ['longer ones are cut by a multiple of the boundary'] },
  ),
  shows('22', '0x30000 .. 0x3FFFF does not', place('0x10000', '0xFFFFF', '0x10000'), [0x30000], {
    machine: HOLES,
  }),
  shows(
    '22',
    '0x11000 bytes never fit a boundary of 0x10000',
    place('0x11000', '0xFFFFFF', '0x10000'),
    [0],
  ),
  shows(
    '22',
    'the last start of two pages below 0x00FFFFFF',
    place('0x2000', '0x00FFFFFF', '0'),
    [0xffe000],
    { machine: LOW },
  ),
  shows(
    '22',
    'nolowmem with a bound of 0xFFFFFFFF',
    `PVOID low = MmAllocateContiguousMemory(PAGE_SIZE, At(0xFFFFFFFF)); PVOID block = ExAllocatePoolWithTag(NonPagedPoolNx, PAGE_SIZE, TAG);
     SEE(Behind(low) < 4 * G); SEE(Behind(block) >= 4 * G); SEE(Behind(Buffer) >= 4 * G); ExFreePool(block); MmFreeContiguousMemory(low);`,
    [1, 1, 1],
    { machine: NOLOWMEM, inProcess: true },
  ),
  shows(
    '22',
    'CTL_CODE of METHOD_OUT_DIRECT',
    'SEE((ULONG)CTL_CODE(0x8000, 0x800, METHOD_OUT_DIRECT, FILE_ANY_ACCESS));',
    [0x80002002],
  ),
  shows(
    '22',
    'CTL_CODE with an access',
    'SEE(CTL_CODE(FILE_DEVICE_UNKNOWN, 0x801, METHOD_BUFFERED, FILE_READ_DATA));',
    [0x226004],
  ),
  shows(
    '22',
    'the method of 0x0022E00B',
    'SEE(METHOD_FROM_CTL_CODE(0x0022E00B)); SEE(METHOD_NEITHER);',
    [3, 3],
  ),
  shows(
    '22',
    "the tag 'Fred'",
    "PUCHAR block = ExAllocatePoolWithTag(NonPagedPoolNx, 64, 'Fred'); ULONG tag = 'Fred'; SEE(tag); SEE(block[-12]); SEE(block[-11]); SEE(block[-10]); SEE(block[-9]); ExFreePool(block);",
    [0x46726564, 0x64, 0x65, 0x72, 0x46],
  ),
  shows(
    '22',
    "the tag 'Fred' is shown as derF",
    "ExAllocatePoolWithTag(NonPagedPoolNx, 64 * M, 'Fred');",
    [],
    { machine: HOLES, says: ["pool 'derF'"] },
  ),
  shows(
    '22',
    'map registers for 0x10000 bytes',
    `${ADAPTER('DEVICE_DESCRIPTION_VERSION', '0x10000')} SEE(registers); ${PUT}`,
    [17],
  ),
  shows(
    '22',
    'twelve registers needed, five granted: three transfers',
    'ULONG needed = 12; ULONG granted = 5; ULONG calls = 0; while (needed > 0) { ULONG part = needed < granted ? needed : granted; needed -= part; calls++; } SEE(calls);',
    [3],
  ),
  shows(
    '22',
    'a list of three elements',
    'SEE(FIELD_OFFSET(SCATTER_GATHER_LIST, Elements) + 3 * sizeof(SCATTER_GATHER_ELEMENT));',
    [0x58],
  ),
  shows('22', 'DMA_OPERATIONS of version 1', SIZE_OF_TABLE('DEVICE_DESCRIPTION_VERSION'), [0x68]),
  shows('22', 'DMA_OPERATIONS of version 2', SIZE_OF_TABLE('DEVICE_DESCRIPTION_VERSION2'), [0x80]),
  shows('22', 'DMA_OPERATIONS of version 3 on Windows 8', SIZE_OF_TABLE('3'), [0xe8], {
    machine: 'windows "Windows 8";',
  }),
  shows('22', 'DMA_OPERATIONS of version 3 on the last Windows 10', SIZE_OF_TABLE('3'), [0x138], {
    machine: 'windows "Windows 10";',
  }),
  shows('22', 'DMA_OPERATIONS of version 3 on the latest Windows', SIZE_OF_TABLE('3'), [0x140]),
  shows(
    '22',
    'a width of 30 bits reaches up to 0x3FFFFFFF',
    `${ADAPTER('3', '0x10000', 'description.DmaAddressWidth = 30; description.Dma32BitAddresses = FALSE;')} PHYSICAL_ADDRESS where; PVOID buffer = adapter->DmaOperations->AllocateCommonBuffer(adapter, PAGE_SIZE, &where, TRUE);
     SEE(where.QuadPart <= 0x3FFFFFFF); adapter->DmaOperations->FreeCommonBuffer(adapter, PAGE_SIZE, where, buffer, TRUE); ${PUT}`,
    [1],
  ),
  stops(
    '22',
    'KeRaiseIrql to APC_LEVEL at DISPATCH_LEVEL',
    'Raise(DISPATCH_LEVEL); Raise(APC_LEVEL);',
    [0xc4, 0x30, 2, 1, 0],
    { verifier: 'on' },
  ),
  shows(
    '22',
    'RemoveHeadList of an empty list',
    'LIST_ENTRY head; InitializeListHead(&head); SEE(RemoveHeadList(&head) == &head);',
    [1],
  ),
  shows('22', 'RtlCompareMemory', 'SEE(RtlCompareMemory("abcd", "abXd", 4));', [2]),
  shows(
    '22',
    'InterlockedIncrement and InterlockedExchangeAdd',
    'LONG value = 41; SEE(InterlockedIncrement(&value)); value = 41; SEE(InterlockedExchangeAdd(&value, 1)); SEE(value);',
    [42, 41, 42],
  ),
];
