import { describe, expect, it } from 'vitest';
import { runText } from '../life/support.ts';
import { dmaDriver, printed, runDma, V3 } from './support.ts';

/** DMA_OPERATIONS: each member with its offset. */
const members: readonly (readonly [number, string])[] = [
  [0x08, 'PutDmaAdapter'],
  [0x10, 'AllocateCommonBuffer'],
  [0x18, 'FreeCommonBuffer'],
  [0x20, 'AllocateAdapterChannel'],
  [0x28, 'FlushAdapterBuffers'],
  [0x30, 'FreeAdapterChannel'],
  [0x38, 'FreeMapRegisters'],
  [0x40, 'MapTransfer'],
  [0x48, 'GetDmaAlignment'],
  [0x50, 'ReadDmaCounter'],
  [0x58, 'GetScatterGatherList'],
  [0x60, 'PutScatterGatherList'],
  [0x68, 'CalculateScatterGatherList'],
  [0x70, 'BuildScatterGatherList'],
  [0x78, 'BuildMdlFromScatterGatherList'],
  [0x80, 'GetDmaAdapterInfo'],
  [0x88, 'GetDmaTransferInfo'],
  [0x90, 'InitializeDmaTransferContext'],
  [0x98, 'AllocateCommonBufferEx'],
  [0xa0, 'AllocateAdapterChannelEx'],
  [0xa8, 'ConfigureAdapterChannel'],
  [0xb0, 'CancelAdapterChannel'],
  [0xb8, 'MapTransferEx'],
  [0xc0, 'GetScatterGatherListEx'],
  [0xc8, 'BuildScatterGatherListEx'],
  [0xd0, 'FlushAdapterBuffersEx'],
  [0xd8, 'FreeAdapterObject'],
  [0xe0, 'CancelMappedTransfer'],
  [0xe8, 'AllocateDomainCommonBuffer'],
  [0xf0, 'FlushDmaBuffer'],
  [0xf8, 'JoinDmaDomain'],
  [0x100, 'LeaveDmaDomain'],
  [0x108, 'GetDmaDomain'],
  [0x110, 'AllocateCommonBufferWithBounds'],
  [0x118, 'AllocateCommonBufferVector'],
  [0x120, 'GetCommonBufferFromVectorByIndex'],
  [0x128, 'FreeCommonBufferFromVector'],
  [0x130, 'FreeCommonBufferVector'],
  [0x138, 'CreateCommonBufferFromMdl'],
];

describe('DMA_OPERATIONS', () => {
  it('has its members at their offsets, and each leads to its routine', () => {
    const found = runDma(
      V3,
      members
        .map(
          ([, name]) =>
            `DbgPrint("%x %p\\n", FIELD_OFFSET(DMA_OPERATIONS, ${name}), (PVOID)Ops->${name});`,
        )
        .join('\n'),
      { machine: 'windows "Windows 11";' },
    );
    const kernel = found.kernels[0];
    const lines = printed(found).map((line) => {
      const [offset = '', address = ''] = line.split(' ');
      const routine = kernel?.vm.routineAt(0, Number(BigInt.asIntN(64, BigInt(`0x${address}`))));
      return [Number.parseInt(offset, 16), routine?.name];
    });
    expect(lines).toEqual(members);
  });

  it.each([
    { version: 0, windows: 'Windows 7', size: '68' },
    { version: 1, windows: 'Windows 7', size: '68' },
    { version: 2, windows: 'Windows 7', size: '80' },
    { version: 3, windows: 'Windows 8', size: 'e8' },
    // The last Windows 10; its first release ends before AllocateCommonBufferWithBounds, at 0x110.
    { version: 3, windows: 'Windows 10', size: '138' },
    { version: 3, windows: 'Windows 11', size: '140' },
    { version: 2, windows: 'Windows 11', size: '80' },
  ])('of version $version on $windows has 0x$size bytes', ({ version, windows, size }) => {
    const found = runDma(
      `description.Version = ${version}; description.DmaAddressWidth = 32;`,
      'DbgPrint("%u %u %x\\n", Adapter->Version, Adapter->Size, Ops->Size);',
      { machine: `windows "${windows}";` },
    );
    expect(printed(found)).toEqual([`1 16 ${size}`]);
  });
});

describe('a DEVICE_DESCRIPTION', () => {
  /** Fields by the versions that read them. */
  const rows: readonly (readonly [string, readonly number[]])[] = [
    ['Master', [0, 1, 2, 3]],
    ['ScatterGather', [0, 1, 2, 3]],
    ['DemandMode', [2]],
    ['AutoInitialize', [0, 1, 2, 3]],
    ['Dma32BitAddresses', [0, 1, 2]],
    ['IgnoreCount', [1, 2, 3]],
    ['Reserved1', []],
    ['Dma64BitAddresses', [0, 1, 2]],
    ['BusNumber', []],
    ['DmaChannel', [0, 1, 2, 3]],
    ['InterfaceType', [0, 1, 2, 3]],
    ['DmaWidth', [0, 1, 2, 3]],
    ['DmaSpeed', [0, 1, 2]],
    ['MaximumLength', [0, 1, 2, 3]],
    ['DmaPort', []],
    ['DmaAddressWidth', [3]],
    ['DmaControllerInstance', []],
    ['DmaRequestLine', [3]],
    ['DeviceAddress', [3]],
  ];

  it.each([0, 1, 2, 3])('of version %i is read field by field', (version) => {
    // Every field is written but the one in question: whoever reads that one is told so.
    const found = runDma(
      '',
      rows
        .map(
          ([field]) => `{
            DEVICE_DESCRIPTION *fresh = ExAllocatePoolWithTag(NonPagedPool, sizeof(*fresh), 'tseT');
            PUCHAR bytes = (PUCHAR)fresh;
            ULONG at, first = FIELD_OFFSET(DEVICE_DESCRIPTION, ${field}), last = first + sizeof(fresh->${field});
            PDMA_ADAPTER adapter;
            for (at = 0; at < sizeof(*fresh); at++) if (at < first || at >= last) bytes[at] = 0;
            fresh->Version = ${version};
            if (first != FIELD_OFFSET(DEVICE_DESCRIPTION, Master)) fresh->Master = TRUE;
            adapter = IoGetDmaAdapter(Pdo, fresh, &Registers);
            if (adapter != NULL) adapter->DmaOperations->PutDmaAdapter(adapter);
            ExFreePool(fresh);
          }`,
        )
        .join('\n'),
      { machine: 'windows "Windows 11";' },
    );
    const named = found.reports
      .list('violation')
      .flatMap(({ message }) => /DeviceDescription->(\w+)/.exec(message)?.[1] ?? []);
    const read = rows.filter(([, versions]) => versions.includes(version)).map(([field]) => field);
    expect([...new Set(named)]).toEqual(read);
  });

  it.each([
    { bus: 'PCIBus', bits: 32 },
    { bus: 'Isa', bits: 24 },
  ])('that leaves the bus open asks the device: $bus', ({ bus, bits }) => {
    const body = dmaDriver(
      'description.InterfaceType = InterfaceTypeUndefined; description.ScatterGather = TRUE;',
      '',
    );
    const found = runText(
      `nic Card { interface ${bus}; scatter_gather; }
      scenario "test" { nic Card; driver D {
      #include <ntddk.h>
      ${body} } }`,
    );
    expect(found.kernels[0]?.adapters.all.first()?.[1].bits).toBe(bits);
  });
});
