/**
 * The rules of the WDK's documentation for DMA, one row each: the chapter of the routines' reference, the rule in own
 * words, what a driver does, and what it sees.
 */
import { BLOCK32, HIGH, LOWER, RAISE, SG32, SG64, V3, WINDOWS } from './support.ts';

export interface DmaRule {
  readonly chapter: string;
  readonly rule: string;
  /** Statements of the driver, with an adapter; `SEE` prints a number in hexadecimal. */
  readonly code: string;
  readonly sees: readonly string[];
  readonly description: string;
  readonly machine: string;
  readonly nic: string;
  readonly verified: boolean;
  readonly more: string;
  readonly violations: readonly string[];
  /** Code and the parameters that the rule names; undefined stands for any. */
  readonly bugCheck: readonly (number | undefined)[] | undefined;
}

type Options = Partial<
  Pick<DmaRule, 'description' | 'machine' | 'nic' | 'verified' | 'more' | 'violations'>
>;

const row = (
  chapter: string,
  rule: string,
  code: string,
  sees: readonly string[],
  options: Options = {},
): DmaRule => ({
  chapter,
  rule,
  code,
  sees,
  description: SG32,
  machine: '',
  nic: 'address_bits 64; scatter_gather;',
  verified: false,
  more: '',
  violations: [],
  bugCheck: undefined,
  ...options,
});

/** A breach that stops the system, by a verified driver. */
const stop = (
  chapter: string,
  rule: string,
  code: string,
  bugCheck: readonly (number | undefined)[],
  options: Options = {},
): DmaRule => ({ ...row(chapter, rule, code, [], { verified: true, ...options }), bugCheck });

const BYTES = (count: string): string =>
  `PMDL mdl = Pool(${count}); PUCHAR memory = MmGetMdlVirtualAddress(mdl); ULONG length = ${count}; PHYSICAL_ADDRESS logical; UNREFERENCED_PARAMETER(logical); UNREFERENCED_PARAMETER(length); UNREFERENCED_PARAMETER(memory);`;
const CHANNEL = (count: string): string =>
  `${RAISE} Ops->AllocateAdapterChannel(Adapter, Pdo, ${count}, Control, NULL);`;
const MAP = (write: string): string =>
  `logical = Ops->MapTransfer(Adapter, mdl, Base, memory, &length, ${write});`;
const FLUSH = (write: string): string =>
  `Ops->FlushAdapterBuffers(Adapter, mdl, Base, memory, length, ${write})`;
const FREE = (count: string): string =>
  `Ops->FreeMapRegisters(Adapter, Base, ${count}); ${LOWER} FreePool(mdl);`;
const GET = (length: string, write: string): string =>
  `Ops->GetScatterGatherList(Adapter, Pdo, mdl, memory, ${length}, ListControl, NULL, ${write})`;
const COMMON = 'PHYSICAL_ADDRESS logical; PUCHAR buffer;';
const PUT_COMMON = (length: string): string =>
  `Ops->FreeCommonBuffer(Adapter, ${length}, logical, buffer, TRUE);`;
const REACH = { machine: HIGH };
const FEW = { machine: `${HIGH} map_registers 8;` };
const MODERN = { machine: WINDOWS, description: V3 };
const CONTEXTS =
  'static UCHAR Transfer[DMA_TRANSFER_CONTEXT_SIZE_V1], Other[DMA_TRANSFER_CONTEXT_SIZE_V1]; static ULONG64 Storage[64];';
const V = { ...MODERN, more: CONTEXTS };
const INIT = 'Ops->InitializeDmaTransferContext(Adapter, Transfer);';
const PAGES = (offset: string, bytes: string, count: number, list: string): string =>
  `static const PFN_NUMBER pages[] = {${list}}; PMDL mdl = Describe(${offset}, ${bytes}, ${count}, pages); PUCHAR memory = MmGetMdlVirtualAddress(mdl); UNREFERENCED_PARAMETER(memory);`;
const LINE = `description.Version = DEVICE_DESCRIPTION_VERSION3; description.Master = FALSE; description.InterfaceType = Internal;
  description.DmaRequestLine = 9; description.DmaWidth = Width8Bits;`;
const ISA = `description.Version = DEVICE_DESCRIPTION_VERSION1; description.Master = FALSE; description.InterfaceType = Isa;
  description.DmaChannel = 2; description.DmaWidth = Width8Bits; description.MaximumLength = 8192;`;
const EX = (count: string, flags: string, routine: string, base: string): string =>
  `Ops->AllocateAdapterChannelEx(Adapter, Pdo, Transfer, ${count}, ${flags}, ${routine}, NULL, ${base})`;
const MAP_EX = (offset: string, bytes: string): string =>
  `Ops->MapTransferEx(Adapter, mdl, base, ${offset}, 0, &length, TRUE, (PSCATTER_GATHER_LIST)Storage, ${bytes}, NULL, NULL)`;
const FLUSH_EX = (offset: string): string =>
  `Ops->FlushAdapterBuffersEx(Adapter, mdl, base, ${offset}, length, TRUE)`;
const E6 = 0xe6;
const any = undefined;

const model: readonly DmaRule[] = [
  row(
    '9',
    'a map register covers a page; pages of MaximumLength and one more are granted',
    'SEE(Registers);',
    ['11'],
  ),
  row('9', 'fewer may be granted', 'SEE(Registers <= 8);', ['1'], FEW),
  row(
    '9',
    'a page beyond the reach is seen through a register within it, at its offset',
    `${BYTES('100')} ${CHANNEL('1')} ${MAP('TRUE')} SEE(logical.HighPart); SEE((logical.LowPart ^ (ULONG)(ULONG_PTR)memory) & 0xFFF); ${FLUSH('TRUE')}; ${FREE('1')}`,
    ['0', '0'],
    REACH,
  ),
  row(
    '9',
    'with 64 address bits the device gets the memory itself',
    `${BYTES('100')} ${CHANNEL('1')} ${MAP('TRUE')} SEE(logical.QuadPart == MmGetPhysicalAddress(memory).QuadPart); ${FLUSH('TRUE')}; ${FREE('1')}`,
    ['1'],
    { ...REACH, description: SG64 },
  ),
  row(
    '9',
    '64 address bits override 32',
    `${BYTES('100')} ${CHANNEL('1')} ${MAP('TRUE')} SEE(logical.QuadPart == MmGetPhysicalAddress(memory).QuadPart); ${FLUSH('TRUE')}; ${FREE('1')}`,
    ['1'],
    { ...REACH, description: `${SG32} description.Dma64BitAddresses = TRUE;` },
  ),
  row(
    '9',
    'without either a device reaches 24 bits',
    `${COMMON} buffer = Ops->AllocateCommonBuffer(Adapter, PAGE_SIZE, &logical, TRUE); SEE(logical.QuadPart < 0x1000000); ${PUT_COMMON('PAGE_SIZE')}`,
    ['1'],
    { description: '' },
  ),
  row(
    '9',
    'PCI with scatter/gather means 32 bits',
    `${COMMON} buffer = Ops->AllocateCommonBuffer(Adapter, PAGE_SIZE, &logical, TRUE); SEE(logical.QuadPart >= 0x1000000); SEE(logical.HighPart); ${PUT_COMMON('PAGE_SIZE')}`,
    ['1', '0'],
    { ...REACH, description: 'description.ScatterGather = TRUE;' },
  ),
  row(
    '9',
    'version 3 reaches what DmaAddressWidth says',
    `${COMMON} buffer = Ops->AllocateCommonBuffer(Adapter, PAGE_SIZE, &logical, TRUE); SEE(logical.QuadPart < 0x10000000); ${PUT_COMMON('PAGE_SIZE')}`,
    ['1'],
    { machine: WINDOWS, description: `${V3} description.DmaAddressWidth = 28;` },
  ),
  row(
    '9',
    'logical addresses are not physical ones behind an IOMMU',
    `${COMMON} buffer = Ops->AllocateCommonBuffer(Adapter, PAGE_SIZE, &logical, TRUE); SEE(logical.QuadPart == MmGetPhysicalAddress(buffer).QuadPart); ${PUT_COMMON('PAGE_SIZE')}`,
    ['0'],
    { machine: 'iommu;' },
  ),
  row('9', 'GetDmaAlignment is what the machine needs', 'SEE(Ops->GetDmaAlignment(Adapter));', [
    '1',
  ]),
  row(
    '9',
    'nothing is merged over a 4 GB line',
    `${PAGES('0', '0x2000', 2, '0xFFFFF, 0x100000')} ${RAISE} ${GET('0x2000', 'TRUE')}; SEE(List->NumberOfElements); Ops->PutScatterGatherList(Adapter, List, TRUE); ${LOWER} Forget(mdl);`,
    ['2'],
    { description: SG64 },
  ),
  row(
    '9',
    'adjacent pages are merged',
    `${PAGES('0', '0x2000', 2, '0x5000, 0x5001')} ${RAISE} ${GET('0x2000', 'TRUE')}; SEE(List->NumberOfElements); Ops->PutScatterGatherList(Adapter, List, TRUE); ${LOWER} Forget(mdl);`,
    ['1'],
  ),
  row(
    '9',
    'a machine may give each page an element',
    `${PAGES('0', '0x2000', 2, '0x5000, 0x5001')} ${RAISE} ${GET('0x2000', 'TRUE')}; SEE(List->NumberOfElements); Ops->PutScatterGatherList(Adapter, List, TRUE); ${LOWER} Forget(mdl);`,
    ['2'],
    { machine: 'merge_pages off;' },
  ),
  row(
    '9',
    'one list after the other may be outstanding',
    `${BYTES('100')} PSCATTER_GATHER_LIST first; ${RAISE} SEE(${GET('100', 'TRUE')}); first = List; SEE(${GET('100', 'TRUE')}); SEE(first != List); Ops->PutScatterGatherList(Adapter, first, TRUE); Ops->PutScatterGatherList(Adapter, List, TRUE); ${LOWER} FreePool(mdl);`,
    ['0', '0', '1'],
  ),
  row(
    '9.1',
    'KeepObject keeps the channel: a request of another device object waits until it is freed',
    `Action = KeepObject; ${CHANNEL('1')} SEE(Ops->AllocateAdapterChannel(Adapter, Device, 1, Control, NULL)); SEE(Calls); Ops->FreeAdapterChannel(Adapter); SEE(Calls); Ops->FreeAdapterChannel(Adapter); ${LOWER}`,
    ['0', '1', '2'],
  ),
  row(
    '9.1',
    'DeallocateObject frees everything at once',
    `Action = DeallocateObject; ${CHANNEL('1')} Ops->AllocateAdapterChannel(Adapter, Pdo, 1, Control, NULL); SEE(Calls); ${LOWER}`,
    ['2'],
  ),
  row(
    '9.1',
    'DeallocateObjectKeepRegisters frees the channel alone',
    `PVOID first; ${CHANNEL('1')} first = Base; Ops->AllocateAdapterChannel(Adapter, Pdo, 1, Control, NULL); SEE(Calls); SEE(first != Base); Ops->FreeMapRegisters(Adapter, first, 1); Ops->FreeMapRegisters(Adapter, Base, 1); ${LOWER}`,
    ['2', '1'],
  ),
  row(
    '9.2',
    'AdapterControl runs at DISPATCH_LEVEL with the CurrentIrp of the device object',
    `Pdo->CurrentIrp = (PIRP)0x1230; ${RAISE} Ops->AllocateAdapterChannel(Adapter, Pdo, 1, Look, (PVOID)77); ${LOWER}`,
    ['2', '1230', '4d'],
    {
      more: 'static IO_ALLOCATION_ACTION Look(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID MapRegisterBase, PVOID Context) { UNREFERENCED_PARAMETER(MapRegisterBase); UNREFERENCED_PARAMETER(DeviceObject); SEE(KeGetCurrentIrql()); SEE((ULONG_PTR)Irp); SEE((ULONG_PTR)Context); return DeallocateObject; }',
    },
  ),
  row(
    '9.2',
    'AdapterListControl runs at DISPATCH_LEVEL',
    `${BYTES('100')} ${RAISE} Ops->GetScatterGatherList(Adapter, Pdo, mdl, memory, 100, Look, (PVOID)77, TRUE); Ops->PutScatterGatherList(Adapter, List, TRUE); ${LOWER} FreePool(mdl);`,
    ['2', '4d'],
    {
      more: 'static VOID Look(PDEVICE_OBJECT DeviceObject, PIRP Irp, PSCATTER_GATHER_LIST ScatterGather, PVOID Context) { UNREFERENCED_PARAMETER(Irp); UNREFERENCED_PARAMETER(DeviceObject); List = ScatterGather; SEE(KeGetCurrentIrql()); SEE((ULONG_PTR)Context); }',
    },
  ),
];

const structures: readonly DmaRule[] = [
  row(
    '10.1',
    'the adapter says version 1 whatever the description says',
    'SEE(Adapter->Version);',
    ['1'],
    MODERN,
  ),
  row('10.1', 'a version that Windows does not have is refused with NULL', 'SEE(1);', [], {
    description: 'description.Version = 3;',
    machine: 'windows "Windows 7";',
  }),
  stop('10.1', 'a version that nobody has is 0xE6/25', 'SEE(1);', [E6, 0x25], {
    description: 'description.Version = 9;',
  }),
  stop('10.1', 'IoGetDmaAdapter is for PASSIVE_LEVEL', 'SEE(1);', [E6, 0x13, 1, 0, 2], {
    description: 'KeRaiseIrql(DISPATCH_LEVEL, &irql);',
  }),
  ...[
    [0, 0x68],
    [1, 0x68],
    [2, 0x80],
    [3, 0x140],
  ].map(([version = 0, size = 0]) =>
    row(
      '10.2',
      `version ${version} gets a table of 0x${size.toString(16)} bytes`,
      'SEE(Ops->Size);',
      [size.toString(16)],
      {
        machine: WINDOWS,
        description: `${SG32} description.Version = ${version}; description.DmaAddressWidth = 32;`,
      },
    ),
  ),
  row('10.2', 'IgnoreCount of version 0 is not looked at', 'SEE(Adapter != NULL);', ['1'], {
    description: `${SG32} description.Version = 0; description.IgnoreCount = 7;`,
  }),
  row(
    '10.3',
    'the visible adapter has 16 bytes',
    'SEE(Adapter->Size); SEE(FIELD_OFFSET(DMA_ADAPTER, DmaOperations));',
    ['10', '8'],
  ),
  row(
    '10.4',
    'the routines lie where the reference has them',
    'SEE(FIELD_OFFSET(DMA_OPERATIONS, MapTransfer)); SEE(FIELD_OFFSET(DMA_OPERATIONS, BuildMdlFromScatterGatherList)); SEE(FIELD_OFFSET(DMA_OPERATIONS, CancelMappedTransfer)); SEE(FIELD_OFFSET(DMA_OPERATIONS, CreateCommonBufferFromMdl));',
    ['40', '78', 'e0', '138'],
  ),
  ...[
    ['Windows 8', 0xe8],
    ['Windows 11', 0x140],
  ].map(([windows = '', size = 0]) =>
    row('10.4', `${windows} has its own members`, 'SEE(Ops->Size);', [size.toString(16)], {
      machine: `windows "${windows}";`,
      description: V3,
    }),
  ),
  row(
    '10.5',
    'list and element have their sizes',
    'SEE(FIELD_OFFSET(SCATTER_GATHER_LIST, Elements)); SEE(sizeof(SCATTER_GATHER_ELEMENT)); SEE(FIELD_OFFSET(SCATTER_GATHER_ELEMENT, Length));',
    ['10', '18', '8'],
  ),
  row(
    '10.5',
    'a device without scatter/gather gets one element',
    `${PAGES('0', '0x2000', 2, '0x5000, 0x7000')} ${RAISE} ${GET('0x2000', 'TRUE')}; SEE(List->NumberOfElements); SEE(List->Elements[0].Length); Ops->PutScatterGatherList(Adapter, List, TRUE); ${LOWER} Forget(mdl);`,
    ['1', '2000'],
    { description: BLOCK32 },
  ),
  row(
    '10.6',
    'GetDmaAdapterInfo fills version 1',
    'DMA_ADAPTER_INFO info; info.Version = 1; SEE(Ops->GetDmaAdapterInfo(Adapter, &info)); SEE(info.V1.DmaAddressWidth); SEE(info.V1.Flags); SEE(FIELD_OFFSET(DMA_ADAPTER_INFO, V1));',
    ['0', '20', '0', '4'],
    MODERN,
  ),
  row(
    '10.6',
    'the size of a list has room for the system',
    `${BYTES('100')} DMA_TRANSFER_INFO info; info.Version = 1; SEE(Ops->GetDmaTransferInfo(Adapter, mdl, 0, 100, TRUE, &info)); SEE(info.V1.ScatterGatherElementCount); SEE(info.V1.ScatterGatherListSize > 0x10 + 0x18); FreePool(mdl);`,
    ['0', '1', '1'],
    MODERN,
  ),
  row(
    '10.6',
    'a transfer context has 128 bytes',
    'SEE(DMA_TRANSFER_CONTEXT_SIZE_V1);',
    ['80'],
    MODERN,
  ),
];

const version1: readonly DmaRule[] = [
  stop('11', 'a NULL adapter is 0xE6/19', 'Ops->ReadDmaCounter(NULL);', [E6, 0x19]),
  stop(
    '11',
    'an adapter that was put is 0xE6/18',
    'PDMA_ADAPTER old = Adapter; PDMA_OPERATIONS ops = Ops; ops->PutDmaAdapter(old); ops->ReadDmaCounter(old);',
    [E6, 0x18],
  ),
  stop(
    '11',
    'above the highest IRQL is 0xE6/13 with 2',
    'KeRaiseIrql(DISPATCH_LEVEL + 1, &irql); Ops->ReadDmaCounter(Adapter);',
    [E6, 0x13, 2, 2, 3],
  ),
  stop(
    '11.1',
    'put with a common buffer left',
    `${COMMON} buffer = Ops->AllocateCommonBuffer(Adapter, PAGE_SIZE, &logical, TRUE); Ops->PutDmaAdapter(Adapter);`,
    [E6, 0x07, any, 1, 0],
  ),
  stop(
    '11.1',
    'put with its channel held',
    `Action = KeepObject; ${CHANNEL('1')} Ops->PutDmaAdapter(Adapter);`,
    [E6, 0x08, any, 1, 0],
  ),
  stop('11.1', 'put with map registers left', `${CHANNEL('2')} Ops->PutDmaAdapter(Adapter);`, [
    E6,
    0x09,
    any,
    2,
    0,
  ]),
  stop(
    '11.1',
    'put with a list left',
    `${BYTES('100')} ${RAISE} ${GET('100', 'TRUE')}; Ops->PutDmaAdapter(Adapter);`,
    [E6, 0x0a, any, 1, 0],
  ),
  row(
    '11.2',
    'a base address and a logical one, page by page',
    `${COMMON} buffer = Ops->AllocateCommonBuffer(Adapter, 100, &logical, FALSE); SEE((ULONG_PTR)buffer & 0xFFF); SEE(logical.LowPart & 0xFFF); ${PUT_COMMON('100')}`,
    ['0', '0'],
    { violations: ['common_buffer_mismatch'] },
  ),
  row(
    '11.2',
    'no more pages than registers were granted: nobody else finds it',
    `${COMMON} buffer = Ops->AllocateCommonBuffer(Adapter, 9 * PAGE_SIZE, &logical, TRUE); SEE(buffer != NULL); ${PUT_COMMON('9 * PAGE_SIZE')}`,
    ['1'],
    { ...FEW, violations: ['dma_map_registers'] },
  ),
  stop(
    '11.2',
    'written behind the end is 0xE6/0F with 2',
    `${COMMON} buffer = Ops->AllocateCommonBuffer(Adapter, 100, &logical, TRUE); buffer[100] = 1; ${PUT_COMMON('100')}`,
    [E6, 0x0f, 2],
  ),
  stop(
    '11.2',
    'written before the start is 0xE6/0F with 1',
    `${COMMON} buffer = Ops->AllocateCommonBuffer(Adapter, 100, &logical, TRUE); buffer[-1] = 1; ${PUT_COMMON('100')}`,
    [E6, 0x0f, 1],
  ),
  row(
    '11.3',
    'all values as at the allocation',
    `${COMMON} buffer = Ops->AllocateCommonBuffer(Adapter, 100, &logical, TRUE); ${PUT_COMMON('50')}`,
    [],
    { violations: ['common_buffer_mismatch'] },
  ),
  stop(
    '11.3',
    'freed more often than allocated',
    `${COMMON} buffer = Ops->AllocateCommonBuffer(Adapter, 100, &logical, TRUE); ${PUT_COMMON('100')} ${PUT_COMMON('100')}`,
    [E6, 0x03, 1],
  ),
  row(
    '11.4',
    'success, and the routine has run',
    `Action = DeallocateObject; ${RAISE} SEE(Ops->AllocateAdapterChannel(Adapter, Pdo, 2, Control, NULL)); SEE(Calls); ${LOWER}`,
    ['0', '1'],
  ),
  row(
    '11.4',
    'more registers than granted: refused, and the routine does not run',
    `${RAISE} SEE((ULONG)Ops->AllocateAdapterChannel(Adapter, Pdo, Registers + 1, Control, NULL)); SEE(Calls); ${LOWER}`,
    ['c000009a', '0'],
  ),
  row(
    '11.4',
    'without registers a request waits, and is served when they come back',
    `PVOID first; ${CHANNEL('8')} first = Base; SEE(Ops->AllocateAdapterChannel(Adapter, Pdo, 1, Control, NULL)); SEE(Calls); Ops->FreeMapRegisters(Adapter, first, 8); SEE(Calls); Ops->FreeMapRegisters(Adapter, Base, 1); ${LOWER}`,
    ['0', '1', '2'],
    FEW,
  ),
  stop(
    '11.4',
    'a second channel',
    `Action = KeepObject; ${CHANNEL('1')} Ops->AllocateAdapterChannel(Adapter, Pdo, 1, Control, NULL);`,
    [E6, 0x0b, 1],
  ),
  stop('11.4', 'too many registers at once', `${CHANNEL('Registers + 1')}`, [E6, 0x0c, 0x12, 0x11]),
  stop(
    '11.4',
    'too many registers in all',
    `${CHANNEL('Registers')} Ops->AllocateAdapterChannel(Adapter, Pdo, 1, Control, NULL);`,
    [E6, 0x15, 0x12, 0x11],
  ),
  row(
    '11.5',
    'a device with scatter/gather gets one piece after the other',
    `${PAGES('0x200', '0x1800', 2, '0x5000, 0x7000')} ULONG length = 0x1800; ${CHANNEL('2')} SEE(Ops->MapTransfer(Adapter, mdl, Base, memory, &length, TRUE).QuadPart); SEE(length); Ops->FlushAdapterBuffers(Adapter, mdl, Base, memory, length, TRUE); Ops->FreeMapRegisters(Adapter, Base, 2); ${LOWER} Forget(mdl);`,
    ['5000200', 'e00'],
  ),
  row(
    '11.5',
    'others get the whole length',
    `${PAGES('0x200', '0x1800', 2, '0x5000, 0x7000')} ULONG length = 0x1800; ${CHANNEL('2')} Ops->MapTransfer(Adapter, mdl, Base, memory, &length, TRUE); SEE(length); Ops->FlushAdapterBuffers(Adapter, mdl, Base, memory, length, TRUE); Ops->FreeMapRegisters(Adapter, Base, 2); ${LOWER} Forget(mdl);`,
    ['1800'],
    { description: BLOCK32 },
  ),
  stop(
    '11.5',
    'pages that are not locked',
    `PMDL mdl = IoAllocateMdl(ExAllocatePoolWithTag(PagedPool, 100, 'tseT'), 100, FALSE, FALSE, NULL); ULONG length = 100; ${CHANNEL('1')} Ops->MapTransfer(Adapter, mdl, Base, MmGetMdlVirtualAddress(mdl), &length, TRUE);`,
    [E6, 0x0e],
  ),
  stop(
    '11.5',
    'an address before the MDL',
    `${BYTES('100')} ${CHANNEL('1')} memory--; ${MAP('TRUE')}`,
    [E6, 0x1f, 1],
  ),
  stop(
    '11.5',
    'an address behind the MDL',
    `${BYTES('100')} ${CHANNEL('1')} memory += 100; ${MAP('TRUE')}`,
    [E6, 0x1f, 2],
  ),
  stop(
    '11.5',
    'longer than the MDL, over a page',
    `${BYTES('100')} ${CHANNEL('3')} length = 3 * PAGE_SIZE; ${MAP('TRUE')}`,
    [E6, 0x1f, 3],
  ),
  stop(
    '11.5',
    'longer than the MDL, in its page',
    `${PAGES('0', '100', 1, '0x5000')} ULONG length = 120; ${CHANNEL('1')} Ops->MapTransfer(Adapter, mdl, Base, memory, &length, TRUE);`,
    [E6, 0x24, 20],
  ),
  stop('11.5', 'mapped already', `${BYTES('100')} ${CHANNEL('2')} ${MAP('TRUE')} ${MAP('TRUE')}`, [
    E6,
    0x1d,
  ]),
  stop('11.5', 'zero bytes', `${BYTES('100')} ${CHANNEL('1')} length = 0; ${MAP('TRUE')}`, [
    E6,
    0x21,
  ]),
  stop('11.5', 'no registers left', `${BYTES('100')} ${CHANNEL('1')} Base = NULL; ${MAP('TRUE')}`, [
    E6,
    0x00,
    2,
  ]),
  row(
    '11.6',
    'copies what the device wrote, and answers TRUE',
    `${BYTES('100')} ${CHANNEL('1')} ${MAP('FALSE')} Put(logical, 0x33); SEE(memory[0]); SEE(${FLUSH('FALSE')}); SEE(memory[0]); ${FREE('1')}`,
    ['11', '1', '33'],
    {
      ...REACH,
      more: 'static VOID Put(PHYSICAL_ADDRESS Logical, UCHAR Value) { PUCHAR at = MmMapIoSpace(Logical, 1, MmCached); *at = Value; MmUnmapIoSpace(at, 1); }',
    },
  ),
  row(
    '11.6',
    'ends each mapping: the range may be mapped again',
    `${BYTES('100')} ${CHANNEL('1')} ${MAP('TRUE')} ${FLUSH('TRUE')}; ${MAP('TRUE')} SEE(length); ${FLUSH('TRUE')}; ${FREE('1')}`,
    ['64'],
    { verified: true },
  ),
  stop('11.6', 'nothing was mapped', `${BYTES('100')} ${CHANNEL('1')} ${FLUSH('TRUE')};`, [
    E6,
    0x20,
  ]),
  stop(
    '11.6',
    'flushed twice',
    `${BYTES('100')} ${CHANNEL('1')} ${MAP('TRUE')} ${FLUSH('TRUE')}; ${FLUSH('TRUE')};`,
    [E6, 0x16],
  ),
  stop(
    '11.6',
    'more bytes than were mapped',
    `${BYTES('100')} ${CHANNEL('1')} length = 50; ${MAP('TRUE')} length = 100; ${FLUSH('TRUE')};`,
    [E6, 0x00, 1, 50, 50],
  ),
  stop(
    '11.6',
    'an address outside of the MDL',
    `${BYTES('100')} ${CHANNEL('1')} ${MAP('TRUE')} memory -= 8; ${FLUSH('TRUE')};`,
    [E6, 0x1b],
  ),
  stop(
    '11.6',
    'missing before the channel goes',
    `${BYTES('100')} Action = KeepObject; ${CHANNEL('1')} ${MAP('TRUE')} Ops->FreeAdapterChannel(Adapter);`,
    [E6, 0x0d, 100],
  ),
  row(
    '11.7',
    'frees channel and registers',
    `Action = KeepObject; ${CHANNEL('1')} Ops->FreeAdapterChannel(Adapter); Ops->AllocateAdapterChannel(Adapter, Pdo, 1, Control, NULL); SEE(Calls); Ops->FreeAdapterChannel(Adapter); ${LOWER}`,
    ['2'],
    { verified: true },
  ),
  stop('11.7', 'nobody holds the channel', `${RAISE} Ops->FreeAdapterChannel(Adapter);`, [
    E6,
    0x04,
    1,
  ]),
  stop('11.7', 'below DISPATCH_LEVEL', 'Ops->FreeAdapterChannel(Adapter);', [E6, 0x13, 1, 2, 0]),
  stop(
    '11.8',
    'another number than was allocated',
    `${CHANNEL('2')} Ops->FreeMapRegisters(Adapter, Base, 1);`,
    [E6, 0x05],
  ),
  stop(
    '11.8',
    'freed twice',
    `${CHANNEL('2')} Ops->FreeMapRegisters(Adapter, Base, 2); Ops->FreeMapRegisters(Adapter, Base, 2);`,
    [E6, 0x05],
  ),
  stop(
    '11.8',
    'they still map',
    `${BYTES('100')} ${CHANNEL('1')} ${MAP('TRUE')} Ops->FreeMapRegisters(Adapter, Base, 1);`,
    [E6, 0x10, 1],
  ),
  stop('11.9', 'GetDmaAlignment is for PASSIVE_LEVEL', `${RAISE} Ops->GetDmaAlignment(Adapter);`, [
    E6,
    0x13,
    1,
    0,
    2,
  ]),
  row(
    '11.10',
    'the counter of a channel falls to 0',
    `${BYTES('100')} Action = KeepObject; ${CHANNEL('1')} ${MAP('TRUE')} SEE(Ops->ReadDmaCounter(Adapter) <= 100); while (Ops->ReadDmaCounter(Adapter) != 0) ; SEE(Ops->ReadDmaCounter(Adapter)); ${FLUSH('TRUE')}; Ops->FreeAdapterChannel(Adapter); ${LOWER} FreePool(mdl);`,
    ['1', '0'],
    { description: ISA },
  ),
  row('11.10', 'a bus master has no counter', 'SEE(Ops->ReadDmaCounter(Adapter));', ['0'], {
    violations: ['dma_channel'],
  }),
  row(
    '11.11',
    'maps, calls the routine and keeps the registers',
    `${BYTES('100')} ${RAISE} SEE(${GET('100', 'TRUE')}); SEE(Calls); SEE(List->Elements[0].Length); Ops->PutScatterGatherList(Adapter, List, TRUE); ${LOWER} FreePool(mdl);`,
    ['0', '1', '64'],
    { verified: true },
  ),
  row(
    '11.11',
    'more registers than granted',
    `${BYTES('0x20000')} ${RAISE} SEE((ULONG)${GET('0x20000', 'TRUE')}); SEE(Calls); ${LOWER} FreePool(mdl);`,
    ['c000009a', '0'],
  ),
  row(
    '11.11',
    'longer than the buffer',
    `${BYTES('100')} ${RAISE} SEE((ULONG)${GET('101', 'TRUE')}); ${LOWER} FreePool(mdl);`,
    ['c0000023'],
    { violations: ['dma_transfer'] },
  ),
  row(
    '11.11',
    'takes a chain of MDLs',
    `${PAGES('0', '0x1000', 1, '0x5000')} static const PFN_NUMBER second[] = {0x7000}; mdl->Next = Describe(0, 0x800, 1, second); ${RAISE} SEE(${GET('0x1800', 'TRUE')}); SEE(List->NumberOfElements); SEE(List->Elements[1].Address.QuadPart); Ops->PutScatterGatherList(Adapter, List, TRUE); ${LOWER} Forget(mdl->Next); mdl->Next = NULL; Forget(mdl);`,
    ['0', '2', '7000000'],
  ),
  stop('11.11', 'below DISPATCH_LEVEL', `${BYTES('100')} ${GET('100', 'TRUE')};`, [
    E6,
    0x13,
    1,
    2,
    0,
  ]),
  row(
    '11.12',
    'the direction has to be that of the list',
    `${BYTES('100')} ${RAISE} ${GET('100', 'TRUE')}; Ops->PutScatterGatherList(Adapter, List, FALSE); ${LOWER} FreePool(mdl);`,
    [],
    { violations: ['dma_direction'] },
  ),
  stop(
    '11.12',
    'put twice',
    `${BYTES('100')} ${RAISE} ${GET('100', 'TRUE')}; Ops->PutScatterGatherList(Adapter, List, TRUE); Ops->PutScatterGatherList(Adapter, List, TRUE);`,
    [E6, 0x06, 1, 2],
  ),
  row(
    '11.13',
    'the size of the list and the registers',
    `${PAGES('0x800', '0x1000', 2, '0x5000, 0x7000')} ULONG size, count; SEE(Ops->CalculateScatterGatherList(Adapter, mdl, memory, 0x1000, &size, &count)); SEE(size); SEE(count); Forget(mdl);`,
    ['0', '40', '2'],
  ),
  row(
    '11.13',
    'without an MDL the worst case',
    'ULONG size, count; SEE(Ops->CalculateScatterGatherList(Adapter, NULL, (PVOID)0x800, 0x1000, &size, &count)); SEE(size); SEE(count);',
    ['0', '40', '2'],
  ),
  row(
    '11.13',
    'the last parameter is optional, at any IRQL',
    'ULONG size; KeRaiseIrql(HIGH_LEVEL, &irql); SEE(Ops->CalculateScatterGatherList(Adapter, NULL, NULL, 10, &size, NULL)); KeLowerIrql(irql);',
    ['0'],
    { verified: true },
  ),
  row(
    '11.13',
    'too long for the buffer, or for the registers',
    `${BYTES('100')} ULONG size; SEE((ULONG)Ops->CalculateScatterGatherList(Adapter, mdl, memory, 101, &size, NULL)); SEE((ULONG)Ops->CalculateScatterGatherList(Adapter, NULL, NULL, 0x20000, &size, NULL)); FreePool(mdl);`,
    ['c0000023', 'c000009a'],
  ),
  row(
    '11.14',
    'uses the buffer of the caller, which stays its own',
    `${BYTES('100')} ${RAISE} SEE(Ops->BuildScatterGatherList(Adapter, Pdo, mdl, memory, 100, ListControl, NULL, TRUE, Storage, sizeof(Storage))); SEE(List == (PVOID)Storage); Ops->PutScatterGatherList(Adapter, List, TRUE); ${LOWER} FreePool(mdl);`,
    ['0', '1'],
    { more: CONTEXTS, machine: WINDOWS },
  ),
  row(
    '11.14',
    'a buffer that is too small',
    `${BYTES('100')} ${RAISE} SEE((ULONG)Ops->BuildScatterGatherList(Adapter, Pdo, mdl, memory, 100, ListControl, NULL, TRUE, Storage, 0x10)); ${LOWER} FreePool(mdl);`,
    ['c0000023'],
    { more: CONTEXTS, machine: WINDOWS },
  ),
  row(
    '11.15',
    'the MDL itself where nothing is copied, once',
    `${BYTES('100')} PMDL target = NULL; ${RAISE} ${GET('100', 'TRUE')}; SEE((ULONG)Ops->BuildMdlFromScatterGatherList(Adapter, List, NULL, &target)); SEE(Ops->BuildMdlFromScatterGatherList(Adapter, List, mdl, &target)); SEE(target == mdl); SEE((ULONG)Ops->BuildMdlFromScatterGatherList(Adapter, List, mdl, &target)); Ops->PutScatterGatherList(Adapter, List, TRUE); ${LOWER} FreePool(mdl);`,
    ['c000000d', '0', '1', 'c0000073'],
    { description: SG64 },
  ),
  row(
    '11.15',
    'another MDL where the buffer is copied',
    `${BYTES('100')} PMDL target = NULL; ${RAISE} ${GET('100', 'TRUE')}; SEE(Ops->BuildMdlFromScatterGatherList(Adapter, List, mdl, &target)); SEE(target == mdl); SEE(MmGetMdlPfnArray(target)[0] == (ULONG64)List->Elements[0].Address.QuadPart >> PAGE_SHIFT); Ops->PutScatterGatherList(Adapter, List, TRUE); ${LOWER} FreePool(mdl);`,
    ['0', '0', '1'],
    REACH,
  ),
];

const version3: readonly DmaRule[] = [
  row(
    '12',
    'GetDmaAdapterInfo knows its versions',
    'DMA_ADAPTER_INFO info; info.Version = 2; SEE((ULONG)Ops->GetDmaAdapterInfo(Adapter, &info));',
    ['c00000bb'],
    MODERN,
  ),
  row(
    '12',
    'GetDmaTransferInfo wants bytes of the chain',
    `${BYTES('100')} DMA_TRANSFER_INFO info; info.Version = 1; SEE((ULONG)Ops->GetDmaTransferInfo(Adapter, mdl, 100, 1, TRUE, &info)); SEE((ULONG)Ops->GetDmaTransferInfo(Adapter, mdl, 0, 0, TRUE, &info)); FreePool(mdl);`,
    ['c000000d', 'c000000d'],
    { ...MODERN, violations: ['dma_transfer'] },
  ),
  row(
    '12',
    'a context is for one request',
    `PVOID base; ${INIT} ${RAISE} SEE(${EX('1', 'DMA_SYNCHRONOUS_CALLBACK', 'NULL', '&base')}); SEE((ULONG)${EX('1', 'DMA_SYNCHRONOUS_CALLBACK', 'NULL', '&base')}); Ops->FreeAdapterObject(Adapter, DeallocateObject); ${LOWER}`,
    ['0', 'c000000d'],
    { ...V, violations: ['dma_context'] },
  ),
  row(
    '12',
    'AllocateCommonBufferEx keeps to the highest logical address',
    `${COMMON} PHYSICAL_ADDRESS highest; highest.QuadPart = 0xFFFFFF; buffer = Ops->AllocateCommonBufferEx(Adapter, &highest, PAGE_SIZE, &logical, TRUE, 0); SEE(logical.QuadPart + PAGE_SIZE - 1 <= 0xFFFFFF); ${PUT_COMMON('PAGE_SIZE')}`,
    ['1'],
    MODERN,
  ),
  row(
    '12',
    'ConfigureAdapterChannel is for system DMA',
    'ULONG pace = 1; SEE((ULONG)Ops->ConfigureAdapterChannel(Adapter, 1, &pace));',
    ['c0000002'],
    MODERN,
  ),
  row(
    '12',
    'ConfigureAdapterChannel has the functions of the controller',
    'ULONG pace = 5; SEE((ULONG)Ops->ConfigureAdapterChannel(Adapter, 1, &pace)); SEE((ULONG)Ops->ConfigureAdapterChannel(Adapter, 9, &pace));',
    ['0', 'c0000002'],
    { machine: WINDOWS, description: LINE },
  ),
  row(
    '12',
    'CancelAdapterChannel before the request cancels it',
    `${INIT} ${RAISE} SEE(Ops->CancelAdapterChannel(Adapter, Pdo, Transfer)); SEE((ULONG)${EX('1', '0', 'Control', 'NULL')}); SEE(Calls); ${LOWER}`,
    ['1', 'c0000120', '0'],
    V,
  ),
  row(
    '12',
    'CancelAdapterChannel after the grant is too late',
    `${INIT} ${RAISE} ${EX('1', '0', 'Control', 'NULL')}; SEE(Ops->CancelAdapterChannel(Adapter, Pdo, Transfer)); Ops->FreeMapRegisters(Adapter, Base, 1); ${LOWER}`,
    ['0'],
    V,
  ),
  row(
    '12',
    'FreeAdapterObject with KeepObject changes nothing',
    `PVOID base; ${INIT} ${RAISE} ${EX('1', 'DMA_SYNCHRONOUS_CALLBACK', 'NULL', '&base')}; Ops->FreeAdapterObject(Adapter, KeepObject); Ops->FreeAdapterObject(Adapter, DeallocateObject); ${LOWER}`,
    [],
    { ...V, verified: true },
  ),
  row(
    '12',
    'FreeAdapterObject may leave the registers',
    `PVOID base; ${INIT} ${RAISE} ${EX('1', 'DMA_SYNCHRONOUS_CALLBACK', 'NULL', '&base')}; Ops->FreeAdapterObject(Adapter, DeallocateObjectKeepRegisters); Ops->FreeMapRegisters(Adapter, base, 1); ${LOWER}`,
    [],
    { ...V, verified: true },
  ),
  row(
    '12',
    'CancelMappedTransfer is for system DMA',
    `${INIT} SEE((ULONG)Ops->CancelMappedTransfer(Adapter, Transfer));`,
    ['c000000d'],
    V,
  ),
  stop(
    '12',
    'FlushAdapterBuffersEx while the controller works is 0xE6/23',
    `${BYTES('4096')} PVOID base; ${INIT} ${RAISE} ${EX('2', 'DMA_SYNCHRONOUS_CALLBACK', 'NULL', '&base')}; Ops->MapTransferEx(Adapter, mdl, base, 0, 0, &length, FALSE, NULL, 0, NULL, NULL); Ops->FlushAdapterBuffersEx(Adapter, mdl, base, 0, length, FALSE);`,
    [E6, 0x23, 0, 0, 9],
    { ...V, description: LINE },
  ),
  ...[
    ['0', 'Control', 'NULL', '0', '1'],
    ['0', 'Control', '&base', 'c000000d', '0'],
    ['0', 'NULL', 'NULL', 'c000000d', '0'],
    ['DMA_SYNCHRONOUS_CALLBACK', 'Control', 'NULL', '0', '1'],
    ['DMA_SYNCHRONOUS_CALLBACK', 'NULL', '&base', '0', '0'],
  ].map(([flags = '', routine = '', base = '', result = '', calls = '']) =>
    row(
      '12.1',
      `flags ${flags}, routine ${routine}, MapRegisterBase ${base}`,
      `PVOID base = NULL; NTSTATUS status; UNREFERENCED_PARAMETER(base); ${INIT} ${RAISE} Action = DeallocateObject; status = ${EX('1', flags, routine, base)}; SEE((ULONG)status); SEE(Calls); if (NT_SUCCESS(status) && Calls == 0) Ops->FreeAdapterObject(Adapter, DeallocateObject); ${LOWER}`,
      [result, calls],
      V,
    ),
  ),
  row(
    '12.1',
    'with DMA_SYNCHRONOUS_CALLBACK it never waits',
    `PVOID base, second; ${INIT} Ops->InitializeDmaTransferContext(Adapter, Other); ${RAISE} ${EX('8', 'DMA_SYNCHRONOUS_CALLBACK', 'NULL', '&base')}; SEE((ULONG)Ops->AllocateAdapterChannelEx(Adapter, Pdo, Other, 1, DMA_SYNCHRONOUS_CALLBACK, NULL, NULL, &second)); Ops->FreeAdapterObject(Adapter, DeallocateObject); ${LOWER}`,
    ['c000009a'],
    { ...V, machine: `${WINDOWS} ${FEW.machine}` },
  ),
  row(
    '12.2',
    'one element for each piece, in the order of the chain',
    `${PAGES('0x800', '0x1000', 2, '0x5000, 0x7000')} ULONG length = 0x1000; PVOID base; PSCATTER_GATHER_LIST list = (PSCATTER_GATHER_LIST)Storage; ${INIT} ${RAISE} ${EX('2', 'DMA_SYNCHRONOUS_CALLBACK', 'NULL', '&base')}; SEE(${MAP_EX('0', 'sizeof(Storage)')}); SEE(list->NumberOfElements); SEE(list->Elements[0].Address.QuadPart); SEE(list->Elements[1].Length); SEE(${FLUSH_EX('0')}); Ops->FreeAdapterObject(Adapter, DeallocateObject); ${LOWER} Forget(mdl);`,
    ['0', '2', '5000800', '800', '0'],
    V,
  ),
  row(
    '12.2',
    'as much as the list has room for; the rest follows',
    `${PAGES('0x800', '0x1000', 2, '0x5000, 0x7000')} ULONG length = 0x1000; PVOID base; ${INIT} ${RAISE} ${EX('2', 'DMA_SYNCHRONOUS_CALLBACK', 'NULL', '&base')}; SEE(${MAP_EX('0', '0x68')}); SEE(length); ${FLUSH_EX('0')}; length = 0x800; SEE(${MAP_EX('0x800', '0x68')}); SEE(length); ${FLUSH_EX('0x800')}; Ops->FreeAdapterObject(Adapter, DeallocateObject); ${LOWER} Forget(mdl);`,
    ['0', '800', '0', '800'],
    V,
  ),
  row(
    '12.2',
    'a bus master needs a list, no DeviceOffset and no completion routine',
    `${BYTES('100')} PVOID base; ${INIT} ${RAISE} ${EX('1', 'DMA_SYNCHRONOUS_CALLBACK', 'NULL', '&base')}; SEE((ULONG)Ops->MapTransferEx(Adapter, mdl, base, 0, 0, &length, TRUE, NULL, 0, NULL, NULL)); SEE((ULONG)Ops->MapTransferEx(Adapter, mdl, base, 0, 4, &length, TRUE, (PSCATTER_GATHER_LIST)Storage, sizeof(Storage), NULL, NULL)); Ops->FreeAdapterObject(Adapter, DeallocateObject); ${LOWER} FreePool(mdl);`,
    ['c000000d', 'c000000d'],
    V,
  ),
  row(
    '12.2',
    'room for less than one element',
    `${BYTES('100')} PVOID base; ${INIT} ${RAISE} ${EX('1', 'DMA_SYNCHRONOUS_CALLBACK', 'NULL', '&base')}; SEE((ULONG)${MAP_EX('0', '0x20')}); Ops->FreeAdapterObject(Adapter, DeallocateObject); ${LOWER} FreePool(mdl);`,
    ['c0000023'],
    V,
  ),
  stop(
    '12.2',
    'mapped again before the flush',
    `${BYTES('100')} PVOID base; ${INIT} ${RAISE} ${EX('2', 'DMA_SYNCHRONOUS_CALLBACK', 'NULL', '&base')}; ${MAP_EX('0', 'sizeof(Storage)')}; ${MAP_EX('0', 'sizeof(Storage)')};`,
    [E6, 0x0d, 100],
    V,
  ),
  row(
    '12.3',
    'handed over at once where nobody is called',
    `${BYTES('100')} PSCATTER_GATHER_LIST list = NULL; ${INIT} ${RAISE} SEE(Ops->GetScatterGatherListEx(Adapter, Pdo, Transfer, mdl, 0, 100, DMA_SYNCHRONOUS_CALLBACK, NULL, NULL, TRUE, NULL, NULL, &list)); SEE(list->NumberOfElements); Ops->PutScatterGatherList(Adapter, list, TRUE); Ops->FreeAdapterObject(Adapter, DeallocateObjectKeepRegisters); ${LOWER} FreePool(mdl);`,
    ['0', '1'],
    V,
  ),
  row(
    '12.3',
    'without the flag there has to be a routine',
    `${BYTES('100')} PSCATTER_GATHER_LIST list = NULL; ${INIT} ${RAISE} SEE((ULONG)Ops->GetScatterGatherListEx(Adapter, Pdo, Transfer, mdl, 0, 100, 0, NULL, NULL, TRUE, NULL, NULL, &list)); ${LOWER} FreePool(mdl);`,
    ['c000000d'],
    V,
  ),
  row(
    '12.3',
    'BuildScatterGatherListEx answers the buffer of the caller',
    `${BYTES('100')} PSCATTER_GATHER_LIST list = NULL; ${INIT} ${RAISE} SEE(Ops->BuildScatterGatherListEx(Adapter, Pdo, Transfer, mdl, 0, 100, 0, ListControl, NULL, TRUE, Storage, sizeof(Storage), NULL, NULL, &list)); SEE(List == (PVOID)Storage); Ops->PutScatterGatherList(Adapter, List, TRUE); ${LOWER} FreePool(mdl);`,
    ['0', '1'],
    V,
  ),
  row(
    '12.3',
    'BuildScatterGatherListEx with too small a buffer',
    `${BYTES('100')} PSCATTER_GATHER_LIST list = NULL; ${INIT} ${RAISE} SEE((ULONG)Ops->BuildScatterGatherListEx(Adapter, Pdo, Transfer, mdl, 0, 100, 0, ListControl, NULL, TRUE, Storage, 0x20, NULL, NULL, &list)); ${LOWER} FreePool(mdl);`,
    ['c0000023'],
    V,
  ),
];

const VECTOR = `PHYSICAL_ADDRESS low, high, logical; PDMA_COMMON_BUFFER_VECTOR vector = NULL; PVOID buffer; low.QuadPart = 0; high.QuadPart = 0xFFFFFFFF; UNREFERENCED_PARAMETER(buffer); UNREFERENCED_PARAMETER(logical);
  SEE((ULONG)Ops->AllocateCommonBufferVector(Adapter, low, high, MmCached, 0, 0, 2, 5000, &vector));`;
const later: readonly DmaRule[] = [
  row(
    '13',
    'AllocateDomainCommonBuffer takes cached and not cached memory',
    `${COMMON} MEMORY_CACHING_TYPE type = MmWriteCombined; SEE((ULONG)Ops->AllocateDomainCommonBuffer(Adapter, Ops->GetDmaDomain(Adapter), NULL, PAGE_SIZE, 0, &type, 0, &logical, (PVOID *)&buffer)); type = MmCached; SEE((ULONG)Ops->AllocateDomainCommonBuffer(Adapter, Ops->GetDmaDomain(Adapter), NULL, PAGE_SIZE, 0, &type, 0, &logical, (PVOID *)&buffer)); ${PUT_COMMON('PAGE_SIZE')}`,
    ['c000000d', '0'],
    { ...MODERN, machine: `${WINDOWS} iommu;` },
  ),
  row(
    '13',
    'FlushDmaBuffer flushes an MDL',
    `${BYTES('100')} SEE(Ops->FlushDmaBuffer(Adapter, mdl, TRUE)); FreePool(mdl);`,
    ['0'],
    MODERN,
  ),
  row(
    '13',
    'a device joins a domain, and does not leave its own',
    'HANDLE own = Ops->GetDmaDomain(Adapter); SEE(own != NULL); SEE(Ops->JoinDmaDomain(Adapter, own)); SEE(Ops->GetDmaDomain(Adapter) == own); SEE((ULONG)Ops->LeaveDmaDomain(Adapter));',
    ['1', '0', '1', 'c0000184'],
    { ...MODERN, machine: `${WINDOWS} iommu;` },
  ),
  row(
    '13',
    'AllocateCommonBufferWithBounds: at or above the lowest, below the highest',
    `${COMMON} PHYSICAL_ADDRESS low, high; low.QuadPart = 0x1000000; high.QuadPart = 0x2000000; buffer = Ops->AllocateCommonBufferWithBounds(Adapter, &low, &high, PAGE_SIZE, 0, NULL, 0, &logical); SEE(logical.QuadPart >= low.QuadPart && logical.QuadPart + PAGE_SIZE <= high.QuadPart); ${PUT_COMMON('PAGE_SIZE')}`,
    ['1'],
    { ...MODERN, machine: `${WINDOWS} memory 0 .. 640K, 1M .. 64M;` },
  ),
  row(
    '13',
    'a vector has buffers by their index',
    `${VECTOR} Ops->GetCommonBufferFromVectorByIndex(Adapter, vector, 1, &buffer, &logical); SEE(logical.QuadPart == MmGetPhysicalAddress(buffer).QuadPart); Ops->FreeCommonBufferFromVector(Adapter, vector, 0); Ops->FreeCommonBufferFromVector(Adapter, vector, 1); Ops->FreeCommonBufferVector(Adapter, vector);`,
    ['0', '1'],
    MODERN,
  ),
  ...[
    ['at a wrong IRQL', `${RAISE} Ops->FreeCommonBufferVector(Adapter, vector);`, 1],
    ['not empty', 'Ops->FreeCommonBufferVector(Adapter, vector);', 2],
    ['an index out of bounds', 'Ops->FreeCommonBufferFromVector(Adapter, vector, 2);', 3],
    [
      'an index that was freed',
      'Ops->FreeCommonBufferFromVector(Adapter, vector, 0); Ops->FreeCommonBufferFromVector(Adapter, vector, 0);',
      4,
    ],
  ].map(([what = '', code = '', number = 0]) =>
    stop(
      '13',
      `a vector misused, ${what}: 0x1DC/${number}`,
      `${VECTOR} ${code}`,
      [0x1dc, Number(number)],
      MODERN,
    ),
  ),
  row(
    '13',
    'a buffer of an MDL has whole pages',
    `${BYTES('100')} SEE((ULONG)Ops->CreateCommonBufferFromMdl(Adapter, mdl, NULL, 0, &logical)); FreePool(mdl);`,
    ['c000000d'],
    MODERN,
  ),
];

export const dmaRules: readonly DmaRule[] = [
  ...model,
  ...structures,
  ...version1,
  ...version3,
  ...later,
];

/** Chapters of the reference, and how many rules each states. */
export const dmaChapters: Readonly<Record<string, number>> = {
  '9': 12,
  '9.1': 3,
  '9.2': 2,
  '10.1': 4,
  '10.2': 5,
  '10.3': 1,
  '10.4': 3,
  '10.5': 2,
  '10.6': 3,
  '11': 3,
  '11.1': 4,
  '11.2': 4,
  '11.3': 2,
  '11.4': 6,
  '11.5': 10,
  '11.6': 7,
  '11.7': 3,
  '11.8': 3,
  '11.9': 1,
  '11.10': 2,
  '11.11': 5,
  '11.12': 2,
  '11.13': 4,
  '11.14': 2,
  '11.15': 2,
  '12': 12,
  '12.1': 6,
  '12.2': 5,
  '12.3': 4,
  '13': 10,
};
