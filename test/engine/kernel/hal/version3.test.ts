import { describe, expect, it } from 'vitest';
import { failuresOf, violationsOf } from '../life/support.ts';
import { type DmaOptions, HIGH, LOWER, printed, RAISE, runDma, V3, WINDOWS } from './support.ts';

const CONTEXT = `static UCHAR Transfer[DMA_TRANSFER_CONTEXT_SIZE_V1], Other[DMA_TRANSFER_CONTEXT_SIZE_V1];
static ULONG64 Storage[64];`;
const run = (statements: string, options: DmaOptions = {}, description = V3) =>
  runDma(
    description,
    statements,
    {
      nic: 'address_bits 64; scatter_gather;',
      ...options,
      machine: `${WINDOWS} ${options.machine ?? ''}`,
    },
    CONTEXT,
  );
const INITIALISE = 'Ops->InitializeDmaTransferContext(Adapter, Transfer);';

describe('GetDmaAdapterInfo', () => {
  it('tells what the adapter can do', () => {
    const found = run(
      `DMA_ADAPTER_INFO info;
      RtlZeroMemory(&info, sizeof(info));
      info.Version = DMA_ADAPTER_INFO_VERSION1;
      DbgPrint("%x\\n", Ops->GetDmaAdapterInfo(Adapter, &info));
      DbgPrint("%u %u %u %u %u\\n", info.V1.ReadDmaCounterAvailable, info.V1.ScatterGatherLimit, info.V1.DmaAddressWidth, info.V1.Flags, info.V1.MinimumTransferUnit);
      DbgPrint("%u\\n", (ULONG)((PUCHAR)&info.V1 - (PUCHAR)&info));
      info.Version = 7;
      DbgPrint("%x\\n", Ops->GetDmaAdapterInfo(Adapter, &info));`,
    );
    expect(printed(found)).toEqual(['0', '0 17 32 0 1', '4', 'c00000bb']);
  });
});

describe('GetDmaTransferInfo', () => {
  const info = (arguments_: string, version = '1'): readonly string[] =>
    printed(
      run(
        `static const PFN_NUMBER one[] = {0x5000}, two[] = {0x5001, 0x5002, 0x7000};
        PMDL mdl = Describe(0x800, 0x800, 1, one);
        DMA_TRANSFER_INFO info;
        mdl->Next = Describe(0, 0x3000, 3, two);
        RtlZeroMemory(&info, sizeof(info));
        info.Version = ${version};
        DbgPrint("%x\\n", Ops->GetDmaTransferInfo(Adapter, mdl, ${arguments_}, TRUE, &info));
        DbgPrint("%u %u %x %u\\n", info.V2.MapRegisterCount, info.V2.ScatterGatherElementCount, info.V2.ScatterGatherListSize, info.V2.LogicalPageCount);
        Forget(mdl->Next); mdl->Next = NULL; Forget(mdl);`,
      ),
    );

  it.each([
    { range: '0, 0x3800', answer: '4 3 98 0' },
    { range: '0x400, 0x800', answer: '2 2 80 0' },
    { range: '0x800, 0x2000', answer: '2 1 68 0' },
    { range: '0x1000, 0x1000', answer: '2 1 68 0' },
  ])('counts registers and elements of $range', ({ range, answer }) => {
    expect(info(range)).toEqual(['0', answer]);
  });

  it('counts pages in version 2, and knows no other', () => {
    expect(info('0, 0x3800', '2')).toEqual(['0', '4 3 98 4']);
    expect(info('0, 0x3800', '3')[0]).toBe('c00000bb');
  });

  it('refuses nothing and what the chain does not have', () => {
    expect(info('0, 0')[0]).toBe('c000000d');
    expect(info('0x3800, 1')[0]).toBe('c000000d');
    expect(info('0x3000, 0x801')[0]).toBe('c000000d');
  });
});

describe('AllocateAdapterChannelEx', () => {
  const allocate = (flags: string, routine: string, base: string) =>
    run(
      `PVOID base = (PVOID)1;
      NTSTATUS status;
      ${INITIALISE}
      UNREFERENCED_PARAMETER(base);
      ${RAISE}
      Action = DeallocateObject;
      status = Ops->AllocateAdapterChannelEx(Adapter, Pdo, Transfer, 2, ${flags}, ${routine}, NULL, ${base});
      DbgPrint("%x, %u calls, %u\\n", status, Calls, base != (PVOID)1);
      if (NT_SUCCESS(status) && Calls == 0) Ops->FreeAdapterObject(Adapter, DeallocateObject);
      ${LOWER}`,
    );

  it.each([
    { flags: '0', routine: 'Control', base: 'NULL', answer: '0, 1 calls, 0' },
    { flags: '0', routine: 'Control', base: '&base', answer: 'c000000d, 0 calls, 0' },
    { flags: '0', routine: 'NULL', base: '&base', answer: 'c000000d, 0 calls, 0' },
    { flags: '0', routine: 'NULL', base: 'NULL', answer: 'c000000d, 0 calls, 0' },
    {
      flags: 'DMA_SYNCHRONOUS_CALLBACK',
      routine: 'NULL',
      base: 'NULL',
      answer: 'c000000d, 0 calls, 0',
    },
    {
      flags: 'DMA_SYNCHRONOUS_CALLBACK',
      routine: 'Control',
      base: 'NULL',
      answer: '0, 1 calls, 0',
    },
    {
      flags: 'DMA_SYNCHRONOUS_CALLBACK',
      routine: 'Control',
      base: '&base',
      answer: '0, 1 calls, 1',
    },
    { flags: 'DMA_SYNCHRONOUS_CALLBACK', routine: 'NULL', base: '&base', answer: '0, 0 calls, 1' },
  ])('with flags $flags, $routine and $base', ({ flags, routine, base, answer }) => {
    const found = allocate(flags, routine, base);
    expect(printed(found)).toEqual([answer]);
    expect(violationsOf(found)).toEqual([]);
    expect(found.reports.list('leak')).toEqual([]);
  });

  const held = (steps: string) =>
    run(
      `${INITIALISE} Ops->InitializeDmaTransferContext(Adapter, Other);
      ${RAISE}
      Action = KeepObject;
      Ops->AllocateAdapterChannelEx(Adapter, Pdo, Transfer, 1, 0, Control, NULL, NULL);
      Action = DeallocateObject;
      ${steps}
      ${LOWER}`,
    );

  it('waits for the channel, unless it is synchronous', () => {
    const found = held(
      `DbgPrint("%x\\n", Ops->AllocateAdapterChannelEx(Adapter, Pdo, Other, 1, DMA_SYNCHRONOUS_CALLBACK, Control, NULL, NULL));
      DbgPrint("%x\\n", Ops->AllocateAdapterChannelEx(Adapter, Pdo, Other, 1, 0, Control, NULL, NULL));
      DbgPrint("%u\\n", Calls);
      Ops->FreeAdapterObject(Adapter, DeallocateObject);
      DbgPrint("%u\\n", Calls);`,
    );
    expect(printed(found)).toEqual(['c000009a', '0', '1', '2']);
    expect(violationsOf(found)).toEqual([]);
  });

  it('is taken back while it waits, and not once it is granted', () => {
    const found = held(
      `Ops->AllocateAdapterChannelEx(Adapter, Pdo, Other, 1, 0, Control, NULL, NULL);
      DbgPrint("%u %u\\n", Ops->CancelAdapterChannel(Adapter, Pdo, Other), Ops->CancelAdapterChannel(Adapter, Pdo, Transfer));
      Ops->FreeAdapterObject(Adapter, DeallocateObject);
      DbgPrint("%u\\n", Calls);`,
    );
    expect(printed(found)).toEqual(['1 0', '1']);
  });

  it('is cancelled in advance', () => {
    const found = held(
      `DbgPrint("%u\\n", Ops->CancelAdapterChannel(Adapter, Pdo, Other));
      DbgPrint("%x\\n", Ops->AllocateAdapterChannelEx(Adapter, Pdo, Other, 1, 0, Control, NULL, NULL));
      Ops->FreeAdapterObject(Adapter, DeallocateObject);
      DbgPrint("%u\\n", Calls);`,
    );
    expect(printed(found)).toEqual(['1', 'c0000120', '1']);
  });

  it('refuses more registers than were granted', () => {
    expect(
      printed(
        run(`${INITIALISE} ${RAISE}
        DbgPrint("%x\\n", Ops->AllocateAdapterChannelEx(Adapter, Pdo, Transfer, Registers + 1, 0, Control, NULL, NULL));
        ${LOWER}`),
      ),
    ).toEqual(['c000009a']);
  });

  it.each([
    { what: 'was not prepared', steps: '' },
    { what: 'is in use', steps: `${INITIALISE} ALLOCATE` },
    {
      what: 'was used',
      steps: `${INITIALISE} ALLOCATE Ops->FreeAdapterObject(Adapter, DeallocateObject);`,
    },
  ])('reports a context that $what', ({ steps }) => {
    const call =
      'Ops->AllocateAdapterChannelEx(Adapter, Pdo, Transfer, 1, 0, Control, NULL, NULL);';
    const found = run(`${RAISE} Action = KeepObject; RtlZeroMemory(Transfer, sizeof(Transfer));
      ${steps.replace('ALLOCATE', call)} ${call} ${LOWER}`);
    expect(violationsOf(found)).toContain('dma_context');
  });
});

describe('FreeAdapterObject', () => {
  it.each([
    { action: 'DeallocateObject', left: '0 0' },
    { action: 'DeallocateObjectKeepRegisters', left: '0 1' },
    { action: 'KeepObject', left: '1 1' },
  ])('with $action', ({ action, left }) => {
    const found = run(
      `PVOID base;
      ${INITIALISE} ${RAISE}
      Ops->AllocateAdapterChannelEx(Adapter, Pdo, Transfer, 1, DMA_SYNCHRONOUS_CALLBACK, NULL, NULL, &base);
      Ops->FreeAdapterObject(Adapter, ${action});
      ${LOWER}
      Adapter = NULL;`,
    );
    const adapter = found.kernels[0]?.adapters.all.first()?.[1];
    expect(`${adapter?.channel ? 1 : 0} ${adapter?.registersHeld}`).toBe(left);
  });
});

describe('MapTransferEx', () => {
  const map = (
    steps: string,
    options: {
      readonly machine?: string;
      readonly count?: number;
      readonly description?: string;
    } = {},
  ) =>
    run(
      `static const PFN_NUMBER one[] = {0x5000}, two[] = {0x5001, 0x5002, 0x7000};
      PMDL mdl = Describe(0x800, 0x800, 1, one);
      PVOID base;
      ULONG length = 0x3800;
      PSCATTER_GATHER_LIST list = (PSCATTER_GATHER_LIST)Storage;
      mdl->Next = Describe(0, 0x3000, 3, two);
      ${INITIALISE} ${RAISE}
      Ops->AllocateAdapterChannelEx(Adapter, Pdo, Transfer, ${options.count ?? 4}, DMA_SYNCHRONOUS_CALLBACK, NULL, NULL, &base);
      ${steps}
      Ops->FreeAdapterObject(Adapter, DeallocateObject);
      ${LOWER}
      Forget(mdl->Next); mdl->Next = NULL; Forget(mdl);`,
      options.machine === undefined ? {} : { machine: options.machine },
      options.description ?? V3,
    );
  const MAP = (offset: string, bytes = 'sizeof(Storage)', rest = 'NULL, NULL'): string =>
    `DbgPrint("%x %x\\n", Ops->MapTransferEx(Adapter, mdl, base, ${offset}, 0, &length, TRUE, list, ${bytes}, ${rest}), length);`;
  const FLUSH = (offset: string): string =>
    `DbgPrint("%x\\n", Ops->FlushAdapterBuffersEx(Adapter, mdl, base, ${offset}, length, TRUE));`;

  it('writes the pieces of a chain in its order', () => {
    const found = map(`${MAP('0')} ShowList(list); ${FLUSH('0')}`);
    expect(printed(found)).toEqual(['0 3800', '5000800+800', '5001000+2000', '7000000+1000', '0']);
    expect(violationsOf(found)).toEqual([]);
    expect(found.reports.list('leak')).toEqual([]);
  });

  it('maps as much as the list has room for, and goes on from there', () => {
    // 0x10 and 0x40 bytes without elements, 0x18 for each.
    const found = map(
      `${MAP('0', '0x50 + 2 * 0x18')} ${FLUSH('0')}
      { ULONG done = length; length = 0x3800 - done; ${MAP('done', '0x50 + 2 * 0x18')} ShowList(list); ${FLUSH('done')} }`,
    );
    expect(printed(found)).toEqual(['0 2800', '0', '0 1000', '7000000+1000', '0']);
    expect(violationsOf(found)).toEqual([]);
  });

  it('maps as much as there are registers', () => {
    const found = run(
      `static const PFN_NUMBER pages[] = {0x140000, 0x140001, 0x140002};
      PMDL mdl = Describe(0x200, 0x2e00, 3, pages);
      PVOID base;
      ULONG length = 0x2e00;
      PSCATTER_GATHER_LIST list = (PSCATTER_GATHER_LIST)Storage;
      ${INITIALISE} ${RAISE}
      Ops->AllocateAdapterChannelEx(Adapter, Pdo, Transfer, 2, DMA_SYNCHRONOUS_CALLBACK, NULL, NULL, &base);
      ${MAP('0')} DbgPrint("%u\\n", list->NumberOfElements); ${FLUSH('0')}
      Ops->FreeAdapterObject(Adapter, DeallocateObject);
      ${LOWER}
      Forget(mdl);`,
      { machine: HIGH },
    );
    expect(printed(found)).toEqual(['0 1e00', '1', '0']);
  });

  it('gives a device without scatter/gather one element', () => {
    const found = map(
      `${MAP('0')} DbgPrint("%u %x\\n", list->NumberOfElements, list->Elements[0].Length); ${FLUSH('0')}`,
      {
        description: V3.replace('description.ScatterGather = TRUE;', ''),
      },
    );
    expect(printed(found)).toEqual(['0 3800', '1 3800', '0']);
    expect(violationsOf(found)).toEqual([]);
  });

  it.each([
    {
      what: 'no list',
      call: 'Ops->MapTransferEx(Adapter, mdl, base, 0, 0, &length, TRUE, NULL, 0, NULL, NULL)',
      answer: 'c000000d',
    },
    {
      what: 'an offset in the device',
      call: 'Ops->MapTransferEx(Adapter, mdl, base, 0, 8, &length, TRUE, list, 0x200, NULL, NULL)',
      answer: 'c000000d',
    },
    {
      what: 'a completion routine',
      call: 'Ops->MapTransferEx(Adapter, mdl, base, 0, 0, &length, TRUE, list, 0x200, Done, NULL)',
      answer: 'c000000d',
    },
    {
      what: 'room for no element',
      call: 'Ops->MapTransferEx(Adapter, mdl, base, 0, 0, &length, TRUE, list, 0x50, NULL, NULL)',
      answer: 'c0000023',
    },
    {
      what: 'more than the chain has',
      call: 'Ops->MapTransferEx(Adapter, mdl, base, 1, 0, &length, TRUE, list, 0x200, NULL, NULL)',
      answer: 'c000000d',
    },
  ])('refuses $what', ({ call, answer }) => {
    const found = runDma(
      V3,
      `static const PFN_NUMBER one[] = {0x5000};
      PMDL mdl = Describe(0, 0x1000, 1, one);
      PVOID base;
      ULONG length = 0x1000;
      PSCATTER_GATHER_LIST list = (PSCATTER_GATHER_LIST)Storage;
      UNREFERENCED_PARAMETER(list);
      ${INITIALISE} ${RAISE}
      Ops->AllocateAdapterChannelEx(Adapter, Pdo, Transfer, 1, DMA_SYNCHRONOUS_CALLBACK, NULL, NULL, &base);
      DbgPrint("%x\\n", ${call});
      Ops->FreeAdapterObject(Adapter, DeallocateObject);
      ${LOWER}
      Forget(mdl);`,
      { machine: WINDOWS, nic: 'address_bits 64; scatter_gather;' },
      `${CONTEXT}
      static VOID Done(PDMA_ADAPTER DmaAdapter, PDEVICE_OBJECT DeviceObject, PVOID CompletionContext, DMA_COMPLETION_STATUS Status)
      { UNREFERENCED_PARAMETER(DmaAdapter); UNREFERENCED_PARAMETER(DeviceObject); UNREFERENCED_PARAMETER(CompletionContext); UNREFERENCED_PARAMETER(Status); }`,
    );
    expect(printed(found)).toEqual([answer]);
  });

  it('wants the transfer before flushed', () => {
    const found = map(`length = 0x800; ${MAP('0')} length = 0x800; ${MAP('0x800')}
      length = 0x1000; ${FLUSH('0')}`);
    expect(violationsOf(found)).toEqual(['dma_transfer']);
  });
});

describe('GetScatterGatherListEx and BuildScatterGatherListEx', () => {
  const get = (flags: string, routine: string, out: string, steps = '') =>
    run(
      `PMDL mdl = Pool(5000);
      PSCATTER_GATHER_LIST list = NULL;
      NTSTATUS status;
      UNREFERENCED_PARAMETER(list);
      ${INITIALISE} Ops->InitializeDmaTransferContext(Adapter, Other);
      ${RAISE}
      ${steps}
      status = Ops->GetScatterGatherListEx(Adapter, Pdo, Transfer, mdl, 100, 4000, ${flags}, ${routine}, NULL, TRUE, NULL, NULL, ${out});
      DbgPrint("%x, %u calls, %u\\n", status, Calls, list != NULL && (List == NULL || list == List));
      if (list == NULL) list = List;
      if (NT_SUCCESS(status) && ${routine} == NULL) Ops->FreeAdapterObject(Adapter, DeallocateObjectKeepRegisters);
      if (list != NULL) Ops->PutScatterGatherList(Adapter, list, TRUE);
      ${LOWER}
      FreePool(mdl);`,
    );

  it.each([
    { flags: '0', routine: 'ListControl', out: 'NULL', answer: '0, 1 calls, 0' },
    { flags: '0', routine: 'NULL', out: '&list', answer: 'c000000d, 0 calls, 0' },
    {
      flags: 'DMA_SYNCHRONOUS_CALLBACK',
      routine: 'NULL',
      out: 'NULL',
      answer: 'c000000d, 0 calls, 0',
    },
    { flags: 'DMA_SYNCHRONOUS_CALLBACK', routine: 'NULL', out: '&list', answer: '0, 0 calls, 1' },
    {
      flags: 'DMA_SYNCHRONOUS_CALLBACK',
      routine: 'ListControl',
      out: '&list',
      answer: '0, 1 calls, 1',
    },
  ])('with flags $flags, $routine and $out', ({ flags, routine, out, answer }) => {
    const found = get(flags, routine, out);
    expect(printed(found)).toEqual([answer]);
    expect(violationsOf(found)).toEqual([]);
    expect(failuresOf(found)).toEqual([]);
    expect(found.reports.list('leak')).toEqual([]);
  });

  it('fail at once when they may not wait', () => {
    const hold = `Action = KeepObject;
      Ops->AllocateAdapterChannelEx(Adapter, Pdo, Other, 1, 0, Control, NULL, NULL); Calls = 0;`;
    expect(printed(get('DMA_SYNCHRONOUS_CALLBACK', 'ListControl', '&list', hold))).toEqual([
      'c000009a, 0 calls, 0',
    ]);
  });

  it('do not copy when they must not', () => {
    const list = (machine: string) =>
      printed(
        run(
          `PMDL mdl = Pool(5000);
          ${INITIALISE} ${RAISE}
          DbgPrint("%x\\n", Ops->GetScatterGatherListEx(Adapter, Pdo, Transfer, mdl, 0, 5000, DMA_FAIL_ON_BOUNCE, ListControl, NULL, TRUE, NULL, NULL, NULL));
          if (List != NULL) Ops->PutScatterGatherList(Adapter, List, TRUE);
          ${LOWER} FreePool(mdl);`,
          { machine },
        ),
      );
    expect(list(HIGH)).toEqual(['c000009a']);
    expect(list('memory 0 .. 640K, 1M .. 64M;')).toEqual(['0']);
  });

  it('use the storage of the caller', () => {
    const build = (bytes: string) =>
      run(
        `PMDL mdl = Pool(4096);
        DMA_TRANSFER_INFO info;
        PSCATTER_GATHER_LIST list;
        RtlZeroMemory(&info, sizeof(info));
        info.Version = 1;
        Ops->GetDmaTransferInfo(Adapter, mdl, 0, 4096, TRUE, &info);
        ${INITIALISE} ${RAISE}
        DbgPrint("%x", Ops->BuildScatterGatherListEx(Adapter, Pdo, Transfer, mdl, 0, 4096, 0, ListControl, NULL, TRUE, Storage, ${bytes}, NULL, NULL, &list));
        DbgPrint(" %u %u\\n", list == (PVOID)Storage, List == (PVOID)Storage);
        if (List != NULL) Ops->PutScatterGatherList(Adapter, List, TRUE);
        ${LOWER}
        FreePool(mdl);`,
      );
    const fits = build('info.V1.ScatterGatherListSize');
    expect(printed(fits)).toEqual(['0 1 1']);
    expect(fits.reports.list('leak')).toEqual([]);
    expect(printed(build('info.V1.ScatterGatherListSize - 1')).at(-1)).toMatch(/^c0000023/);
  });

  it('call at DISPATCH_LEVEL, with the request of the device object, wherever they are called', () => {
    const found = runDma(
      V3,
      `PMDL mdl = Pool(100);
      PIRP irp = IoAllocateIrp(1, FALSE);
      ${INITIALISE}
      Pdo->CurrentIrp = irp;
      Ops->GetScatterGatherListEx(Adapter, Pdo, Transfer, mdl, 0, 100, 0, Show, irp, TRUE, NULL, NULL, NULL);
      DbgPrint("%u\\n", KeGetCurrentIrql());
      Pdo->CurrentIrp = NULL;
      ${RAISE} Ops->PutScatterGatherList(Adapter, List, TRUE); ${LOWER}
      IoFreeIrp(irp); FreePool(mdl);`,
      { machine: WINDOWS },
      `${CONTEXT}
      static VOID Show(PDEVICE_OBJECT DeviceObject, PIRP Irp, PSCATTER_GATHER_LIST ScatterGather, PVOID Context)
      {
          List = ScatterGather;
          DbgPrint("%u %u %u\\n", KeGetCurrentIrql(), DeviceObject == Device, Irp == (PIRP)Context);
      }`,
    );
    expect(printed(found)).toEqual(['2 1 1', '0']);
  });

  it('zero the registers when they are told to', () => {
    const found = run(
      `PMDL mdl = Pool(100);
      PUCHAR copy;
      ${INITIALISE} ${RAISE}
      Ops->GetScatterGatherListEx(Adapter, Pdo, Transfer, mdl, 0, 100, DMA_ZERO_BUFFERS, ListControl, NULL, FALSE, NULL, NULL, NULL);
      copy = MmMapIoSpace(List->Elements[0].Address, 100, MmCached);
      DbgPrint("%x %x\\n", copy[0], copy[99]);
      MmUnmapIoSpace(copy, 100);
      Ops->PutScatterGatherList(Adapter, List, FALSE);
      DbgPrint("%x\\n", ((PUCHAR)MmGetMdlVirtualAddress(mdl))[0]);
      ${LOWER} FreePool(mdl);`,
      { machine: HIGH },
    );
    expect(printed(found)).toEqual(['0 0', '0']);
    expect(violationsOf(found)).toEqual([]);
  });
});
