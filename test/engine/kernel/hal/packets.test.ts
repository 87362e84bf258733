import { describe, expect, it } from 'vitest';
import { failuresOf, violationsOf } from '../life/support.ts';
import { BLOCK32, HIGH, LOWER, printed, RAISE, runDma, SG32, SG64 } from './support.ts';

/** A view of the memory behind a logical address, as a device has it without an IOMMU. */
const DEVICE = `
static UCHAR Look(PHYSICAL_ADDRESS Logical) { PUCHAR at = MmMapIoSpace(Logical, 1, MmCached); UCHAR value = *at; MmUnmapIoSpace(at, 1); return value; }
static VOID Put(PHYSICAL_ADDRESS Logical, UCHAR Value) { PUCHAR at = MmMapIoSpace(Logical, 1, MmCached); *at = Value; MmUnmapIoSpace(at, 1); }`;
const ALLOCATE = (registers: string): string =>
  `DbgPrint("%x\\n", Ops->AllocateAdapterChannel(Adapter, Pdo, ${registers}, Control, NULL));`;
const REGISTERS = `${HIGH} map_registers 64;`;

describe('bytes move through map registers', () => {
  const transfer = (write: string, steps: string) =>
    runDma(
      SG32,
      `PMDL mdl = Pool(100);
      PUCHAR memory = MmGetMdlVirtualAddress(mdl);
      PHYSICAL_ADDRESS logical;
      ULONG length = 100;
      ${RAISE}
      Ops->AllocateAdapterChannel(Adapter, Pdo, 1, Control, NULL);
      logical = Ops->MapTransfer(Adapter, mdl, Base, memory, &length, ${write});
      ${steps}
      Ops->FlushAdapterBuffers(Adapter, mdl, Base, memory, length, ${write});
      DbgPrint("flushed %x\\n", memory[0]);
      Ops->FreeMapRegisters(Adapter, Base, 1);
      ${LOWER}
      FreePool(mdl);`,
      { machine: REGISTERS },
      DEVICE,
    );

  it('to the device when the transfer is mapped, and not later', () => {
    const found = transfer(
      'TRUE',
      'DbgPrint("%x\\n", Look(logical)); memory[0] = 0x22; DbgPrint("%x\\n", Look(logical)); Put(logical, 0x33);',
    );
    expect(printed(found)).toEqual(['11', '11', 'flushed 22']);
    expect(violationsOf(found)).toEqual(['dma_lost_update']);
  });

  it('from the device when it is flushed, and not before', () => {
    const found = transfer('FALSE', 'Put(logical, 0x33); DbgPrint("%x\\n", memory[0]);');
    expect(printed(found)).toEqual(['11', 'flushed 33']);
  });

  it('at the same offset in the page, within reach', () => {
    const found = transfer(
      'TRUE',
      'DbgPrint("%u %u\\n", (logical.LowPart & 0xFFF) == ((ULONG)(ULONG_PTR)memory & 0xFFF), logical.HighPart);',
    );
    expect(printed(found)).toEqual(['1 0', 'flushed 11']);
    expect(violationsOf(found)).toEqual([]);
    expect(found.reports.list('leak')).toEqual([]);
  });
});

describe('MapTransfer', () => {
  const map = (
    description: string,
    pages: string,
    options: { readonly count?: number; readonly machine?: string } = {},
  ) => {
    const { count = 4, machine = '' } = options;
    return runDma(
      description,
      `static const PFN_NUMBER pages[] = {${pages}};
      PMDL mdl = Describe(0x200, 0x3000, 4, pages);
      PUCHAR va = MmGetMdlVirtualAddress(mdl);
      ULONG left = 0x3000, length;
      PHYSICAL_ADDRESS logical;
      ${RAISE}
      ${ALLOCATE(`${count}`)}
      while (left > 0) {
          length = left;
          logical = Ops->MapTransfer(Adapter, mdl, Base, va, &length, TRUE);
          DbgPrint("%I64x+%x\\n", logical.QuadPart, length);
          va += length;
          left -= length;
      }
      Ops->FlushAdapterBuffers(Adapter, mdl, Base, MmGetMdlVirtualAddress(mdl), 0x3000, TRUE);
      Ops->FreeMapRegisters(Adapter, Base, ${count});
      ${LOWER}
      Forget(mdl);`,
      {
        machine: `memory 0 .. 640K, 1M .. 3G, 4G .. 20G; ${machine}`,
        nic: 'address_bits 64; scatter_gather;',
      },
    );
  };

  it('gives a device with scatter/gather one adjacent piece after the other', () => {
    const found = map(SG64, '0x5000, 0x5001, 0x6000, 0x7000');
    expect(printed(found)).toEqual(['0', '5000200+1e00', '6000000+1000', '7000000+200']);
    expect(violationsOf(found)).toEqual([]);
  });

  it('gives it page after page where the machine does not merge', () => {
    expect(
      printed(map(SG64, '0x5000, 0x5001, 0x6000, 0x7000', { machine: 'merge_pages off;' })),
    ).toEqual(['0', '5000200+e00', '5001000+1000', '6000000+1000', '7000000+200']);
  });

  it('gives the others all at once, and leaves the length as it is', () => {
    const found = map('description.Dma64BitAddresses = TRUE;', '0x5000, 0x5001, 0x6000, 0x7000');
    expect(printed(found)).toHaveLength(2);
    expect(printed(found)[1]).toMatch(/200\+3000$/);
  });

  it('answers less when the registers of the block end', () => {
    // Pages above 4 GB for a device of 32 bits, one register for each call.
    const found = runDma(
      SG32,
      `static const PFN_NUMBER pages[] = {0x140000, 0x140001};
      PMDL mdl = Describe(0, 0x2000, 2, pages);
      ULONG length = 0x2000;
      ${RAISE}
      ${ALLOCATE('1')}
      Ops->MapTransfer(Adapter, mdl, Base, MmGetMdlVirtualAddress(mdl), &length, TRUE);
      DbgPrint("%x\\n", length);
      Ops->FlushAdapterBuffers(Adapter, mdl, Base, MmGetMdlVirtualAddress(mdl), length, TRUE);
      Ops->FreeMapRegisters(Adapter, Base, 1);
      ${LOWER}
      Forget(mdl);`,
      { machine: REGISTERS },
    );
    expect(printed(found)).toEqual(['0', '1000']);
    expect(violationsOf(found)).toEqual([]);
  });
});

describe('waiting', () => {
  it('splits a request of 12 registers into 3 where 5 were granted', () => {
    const found = runDma(
      SG32,
      `PMDL mdl = Pool(12 * PAGE_SIZE);
      PUCHAR va = MmGetMdlVirtualAddress(mdl);
      ULONG left = 12 * PAGE_SIZE, operations = 0;
      DbgPrint("%u %u\\n", Registers, ADDRESS_AND_SIZE_TO_SPAN_PAGES(va, left));
      ${RAISE}
      while (left > 0) {
          ULONG length = left < Registers * PAGE_SIZE ? left : Registers * PAGE_SIZE;
          Ops->GetScatterGatherList(Adapter, Pdo, mdl, va, length, ListControl, NULL, TRUE);
          Ops->PutScatterGatherList(Adapter, List, TRUE);
          va += length; left -= length; operations++;
      }
      ${LOWER}
      DbgPrint("%u\\n", operations);
      FreePool(mdl);`,
      { machine: `${HIGH} map_registers 5;` },
    );
    expect(printed(found)).toEqual(['5 12', '3']);
  });

  it('ends when registers come back, for as many as they suffice for, in the order of asking', () => {
    const found = runDma(
      SG32,
      `PMDL mdl = Pool(3 * PAGE_SIZE);
      PUCHAR va = MmGetMdlVirtualAddress(mdl);
      PSCATTER_GATHER_LIST first;
      ULONG round;
      ${RAISE}
      Ops->GetScatterGatherList(Adapter, Pdo, mdl, va, 3 * PAGE_SIZE, ListControl, NULL, TRUE);
      first = List;
      for (round = 0; round < 3; round++)
          DbgPrint("%x\\n", Ops->GetScatterGatherList(Adapter, Pdo, mdl, va, (round + 1) * PAGE_SIZE, ListControl, NULL, TRUE));
      DbgPrint("%u served\\n", Calls);
      Ops->PutScatterGatherList(Adapter, first, TRUE);
      DbgPrint("%u served\\n", Calls);
      { PSCATTER_GATHER_LIST other = List; Ops->PutScatterGatherList(Adapter, other, TRUE); }
      DbgPrint("%u served\\n", Calls);
      ${LOWER}`,
      { machine: `${HIGH} map_registers 4;` },
    );
    // 3 of 4 are taken, then 1 more goes at once; 2 and 3 wait until the 3 come back: only the 2 find room.
    expect(printed(found)).toEqual(['0', '0', '0', '2 served', '3 served', '4 served']);
  });

  it('holds nobody up who needs no registers, or another adapter', () => {
    const found = runDma(
      SG64,
      `PMDL mdl = Pool(PAGE_SIZE);
      PDMA_ADAPTER other;
      ULONG registers;
      description.Dma64BitAddresses = FALSE;
      description.Dma32BitAddresses = TRUE;
      other = IoGetDmaAdapter(Pdo, &description, &registers);
      ${RAISE}
      other->DmaOperations->AllocateAdapterChannel(other, Pdo, 1, Control, NULL);
      other->DmaOperations->GetScatterGatherList(other, Pdo, mdl, MmGetMdlVirtualAddress(mdl), PAGE_SIZE, ListControl, NULL, TRUE);
      DbgPrint("%u\\n", Calls);
      Ops->GetScatterGatherList(Adapter, Pdo, mdl, MmGetMdlVirtualAddress(mdl), PAGE_SIZE, ListControl, NULL, TRUE);
      DbgPrint("%u\\n", Calls);
      Ops->PutScatterGatherList(Adapter, List, TRUE);
      other->DmaOperations->FreeMapRegisters(other, Base, 1);
      DbgPrint("%u\\n", Calls);
      other->DmaOperations->PutScatterGatherList(other, List, TRUE);
      ${LOWER}
      other->DmaOperations->PutDmaAdapter(other);
      FreePool(mdl);`,
      { machine: `${HIGH} map_registers 1;`, nic: 'address_bits 64; scatter_gather;' },
    );
    expect(printed(found)).toEqual(['1', '2', '3']);
    expect(violationsOf(found)).toEqual([]);
    expect(found.reports.list('leak')).toEqual([]);
  });

  it('serves any number of requests whose routine gives everything back at once', () => {
    const found = runDma(
      SG32,
      `PMDL mdl = Pool(PAGE_SIZE);
      ULONG round;
      Global = mdl;
      ${RAISE}
      Ops->AllocateAdapterChannel(Adapter, Pdo, 1, Control, NULL);
      for (round = 0; round < 200; round++)
          Ops->GetScatterGatherList(Adapter, Pdo, mdl, MmGetMdlVirtualAddress(mdl), 100, PutAtOnce, NULL, TRUE);
      DbgPrint("%u\\n", Calls);
      Ops->FreeMapRegisters(Adapter, Base, 1);
      DbgPrint("%u\\n", Calls);
      ${LOWER}
      FreePool(mdl);`,
      { machine: `${HIGH} map_registers 1;` },
      `static PMDL Global;
      static VOID PutAtOnce(PDEVICE_OBJECT DeviceObject, PIRP Irp, PSCATTER_GATHER_LIST ScatterGather, PVOID Context)
      {
          UNREFERENCED_PARAMETER(DeviceObject); UNREFERENCED_PARAMETER(Irp); UNREFERENCED_PARAMETER(Context);
          Calls++;
          Ops->PutScatterGatherList(Adapter, ScatterGather, TRUE);
      }`,
    );
    expect(printed(found)).toEqual(['1', '201']);
    expect(failuresOf(found)).toEqual([]);
  });

  it('does not stand behind an adapter that was released', () => {
    const found = runDma(
      SG32,
      `PDMA_ADAPTER other;
      ULONG registers;
      PVOID held;
      other = IoGetDmaAdapter(Pdo, &description, &registers);
      ${RAISE}
      Ops->AllocateAdapterChannel(Adapter, Pdo, 2, Control, NULL);
      held = Base;
      other->DmaOperations->AllocateAdapterChannel(other, Pdo, 3, Control, NULL);
      other->DmaOperations->PutDmaAdapter(other);
      Ops->AllocateAdapterChannel(Adapter, Pdo, 1, Control, NULL);
      DbgPrint("%u\\n", Calls);
      Ops->FreeMapRegisters(Adapter, Base, 1);
      Ops->FreeMapRegisters(Adapter, held, 2);
      DbgPrint("%u\\n", Calls);
      ${LOWER}`,
      { machine: `${HIGH} map_registers 4;` },
    );
    expect(printed(found)).toEqual(['2', '2']);
  });

  it('has room for one request of a device object', () => {
    const found = runDma(
      SG32,
      `${RAISE}
      Action = KeepObject;
      ${ALLOCATE('1')} ${ALLOCATE('1')} ${ALLOCATE('1')}
      Action = DeallocateObject;
      Ops->FreeAdapterChannel(Adapter);
      ${LOWER}`,
    );
    expect(violationsOf(found)).toEqual(['dma_request_queued']);
  });

  it('frees with the channel what belongs to it, and not what was kept', () => {
    const found = runDma(
      BLOCK32,
      `PVOID kept;
      ${RAISE}
      ${ALLOCATE('1')}
      kept = Base;
      Action = KeepObject;
      ${ALLOCATE('2')}
      Ops->FreeAdapterChannel(Adapter);
      Ops->FreeMapRegisters(Adapter, kept, 1);
      ${LOWER}`,
    );
    expect(violationsOf(found)).toEqual([]);
    expect(found.reports.list('leak')).toEqual([]);
  });
});

describe('injected faults', () => {
  it.each([
    {
      point: 'AllocateAdapterChannel',
      call: 'Ops->AllocateAdapterChannel(Adapter, Pdo, 1, Control, NULL)',
    },
    {
      point: 'GetScatterGatherList',
      call: 'Ops->GetScatterGatherList(Adapter, Pdo, mdl, MmGetMdlVirtualAddress(mdl), 100, ListControl, NULL, TRUE)',
    },
  ])('make $point fail', ({ point, call }) => {
    const found = runDma(
      SG32,
      `PMDL mdl = Pool(100);
      ${RAISE} Action = DeallocateObject;
      DbgPrint("%x\\n", ${call});
      DbgPrint("%u\\n", Calls);
      ${LOWER} FreePool(mdl);`,
      { faults: [{ point, ordinal: 1 }] },
    );
    expect(printed(found)).toEqual(['c000009a', '0']);
  });
});
