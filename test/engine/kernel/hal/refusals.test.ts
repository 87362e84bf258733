import { describe, expect, it } from 'vitest';
import { HIGH, LOWER, RAISE, runDma, SG32, V3, WINDOWS } from './support.ts';

/** What the emulator says about a call that it refuses: figures of what was asked and what there was, and the page. */
const cases: readonly {
  readonly what: string;
  readonly description?: string;
  readonly machine?: string;
  readonly statements: string;
  readonly says: readonly (string | RegExp)[];
}[] = [
  {
    what: 'more map registers than were granted',
    machine: `${HIGH} map_registers 4;`,
    statements: `${RAISE} Ops->AllocateAdapterChannel(Adapter, Pdo, 5, Control, NULL); ${LOWER}`,
    says: [
      'asks for 5 map registers; IoGetDmaAdapter granted 4',
      '[nc-wdm-pallocate_adapter_channel]',
    ],
  },
  {
    what: 'a list of more registers than were granted',
    machine: `${HIGH} map_registers 4;`,
    statements: `PMDL mdl = Pool(5 * PAGE_SIZE); ${RAISE}
      Ops->GetScatterGatherList(Adapter, Pdo, mdl, MmGetMdlVirtualAddress(mdl), 5 * PAGE_SIZE, ListControl, NULL, TRUE);
      ${LOWER} FreePool(mdl);`,
    says: ['GetScatterGatherList asks for 5 map registers; IoGetDmaAdapter granted 4'],
  },
  {
    what: 'registers that are in use',
    description: V3,
    machine: `${WINDOWS} ${HIGH} map_registers 4;`,
    statements: `static UCHAR one[DMA_TRANSFER_CONTEXT_SIZE_V1], two[DMA_TRANSFER_CONTEXT_SIZE_V1];
      Ops->InitializeDmaTransferContext(Adapter, one); Ops->InitializeDmaTransferContext(Adapter, two);
      ${RAISE}
      Ops->AllocateAdapterChannelEx(Adapter, Pdo, one, 3, 0, Control, NULL, NULL);
      Ops->AllocateAdapterChannelEx(Adapter, Pdo, two, 2, DMA_SYNCHRONOUS_CALLBACK, Control, NULL, NULL);
      Ops->FreeMapRegisters(Adapter, Base, 3);
      ${LOWER}`,
    says: ['2 map registers are asked for, and 3 of 4 are in use', 'DMA_SYNCHRONOUS_CALLBACK'],
  },
  {
    what: 'memory within reach that is used up',
    machine: 'memory 0 .. 640K, 1M .. 3G, 4G .. 6G; free_memory 4G .. 6G; map_registers 4;',
    statements: `highest.QuadPart = 0xFFFFFFFF;
      DbgPrint("%p\\n", Ops->AllocateCommonBuffer(Adapter, 100, &highest, TRUE));`,
    says: [
      'the adapter reaches 0xFFFFFFFF (a PCI bus master with scatter/gather has 32 bits)',
      /1 page.*at or below 0xFFFFFFFF/,
    ],
  },
  {
    what: 'storage that is too small for a list',
    statements: `static const PFN_NUMBER pages[] = {0x5000, 0x7000};
      PMDL mdl = Describe(0, 0x2000, 2, pages);
      static ULONG64 storage[8];
      ${RAISE}
      Ops->BuildScatterGatherList(Adapter, Pdo, mdl, MmGetMdlVirtualAddress(mdl), 0x2000, ListControl, NULL, TRUE, storage, 0x3f);
      ${LOWER} Forget(mdl);`,
    says: ['a list of 2 elements takes 64 bytes, and the buffer has 63'],
  },
  {
    what: 'a channel that the DMA controller does not have',
    description: 'description.Master = FALSE; description.DmaChannel = 4;',
    statements: '',
    says: [
      'the DMA controller has the channels 0 to 3 and 5 to 7, DmaChannel is 4',
      '[ns-wdm-_device_description]',
    ],
  },
  {
    what: 'logical addresses that are used up',
    description: V3,
    machine: `${WINDOWS} iommu;`,
    statements: `PHYSICAL_ADDRESS low, high, logical;
      low.QuadPart = 0x100000; high.QuadPart = 0x101000;
      Ops->AllocateCommonBufferWithBounds(Adapter, &low, &high, 2 * PAGE_SIZE, 0, NULL, MM_ANY_NODE_OK, &logical);`,
    says: [
      'no 2 pages of logical addresses from 0x100000 to 0x100FFF are free',
      '[nc-wdm-pallocate_common_buffer_with_bounds]',
    ],
  },
];

describe('a refusal says why', () => {
  it.each(cases)('$what', ({ description = SG32, machine = '', statements, says }) => {
    const found = runDma(
      description,
      `PHYSICAL_ADDRESS highest = {0}; UNREFERENCED_PARAMETER(highest);
      { ${statements} }`,
      { machine, nic: 'address_bits 64; scatter_gather;' },
    );
    const text = found.output.join('\n');
    for (const part of says) {
      if (typeof part === 'string') expect(text).toContain(part);
      else expect(text).toMatch(part);
    }
  });
});
