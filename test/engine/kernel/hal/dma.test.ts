import { describe, expect, it } from 'vitest';
import { adapterRows } from '../../../../engine/kernel/hal/adapter-view.ts';
import {
  bugCheckOf,
  failuresOf,
  type Run,
  type RunOptions,
  runDriver,
  violationsOf,
} from '../life/support.ts';

/** A driver that prepares `description`, gets `adapter` and runs statements in AddDevice. */
const driver = (description: string, statements: string, more = ''): string => `
static PDMA_ADAPTER Adapter;
static ULONG Registers;
${more}
static NTSTATUS Add(PDRIVER_OBJECT DriverObject, PDEVICE_OBJECT Pdo)
{
    DEVICE_DESCRIPTION description;
    PHYSICAL_ADDRESS logical;
    PVOID buffer;
    KIRQL irql;

    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(buffer); UNREFERENCED_PARAMETER(logical); UNREFERENCED_PARAMETER(irql);
    RtlZeroMemory(&description, sizeof(description));
    description.Version = DEVICE_DESCRIPTION_VERSION;
    description.Master = TRUE;
    description.InterfaceType = PCIBus;
    description.MaximumLength = 64 * 1024;
    ${description}
    Adapter = IoGetDmaAdapter(Pdo, &description, &Registers);
    if (Adapter == NULL) { DbgPrint("no adapter\\n"); return STATUS_SUCCESS; }
    ${statements}
    return STATUS_SUCCESS;
}
static VOID Unload(PDRIVER_OBJECT DriverObject) { UNREFERENCED_PARAMETER(DriverObject); }
NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(RegistryPath);
    DriverObject->DriverExtension->AddDevice = Add;
    DriverObject->DriverUnload = Unload;
    return STATUS_SUCCESS;
}`;

type Options = RunOptions & { machine?: string; nic?: string; with?: string };
const run = (description: string, statements: string, options: Options = {}, more = ''): Run =>
  runDriver(driver(description, statements, more), options);

const SG32 = 'description.ScatterGather = TRUE; description.Dma32BitAddresses = TRUE;';
const PUT = 'Adapter->DmaOperations->PutDmaAdapter(Adapter);';
const ALLOCATE =
  'buffer = Adapter->DmaOperations->AllocateCommonBuffer(Adapter, 5000, &logical, TRUE);';
const FREE = 'Adapter->DmaOperations->FreeCommonBuffer(Adapter, 5000, logical, buffer, TRUE);';

describe('IoGetDmaAdapter', () => {
  it('answers a table of the size of its version, always an adapter of version 1', () => {
    const show = `DbgPrint("%u %x\\n", Adapter->Version, Adapter->DmaOperations->Size); ${PUT}`;
    const machine = 'windows "Windows 8";';
    expect(run('', show).output).toEqual(['1 68']);
    expect(run('description.Version = 0;', show).output).toEqual(['1 68']);
    expect(run('description.Version = 2;', show).output).toEqual(['1 80']);
    const three = 'description.Version = 3; description.DmaAddressWidth = 32;';
    expect(run(three, show, { machine }).output).toEqual(['1 e8']);
    expect(run(three, show, { machine: 'windows "Windows 11";' }).output).toEqual(['1 140']);
  });

  it('refuses a version that Windows does not have, and says so', () => {
    const found = run('description.Version = 3;', PUT);
    expect(found.output).toEqual([
      expect.stringContaining('which exists from Windows 8 on'),
      'no adapter',
    ]);
    expect(run('description.Version = 9;', PUT).output).toContain('no adapter');
    const verified = run('description.Version = 9;', PUT, { with: 'verifier on;' });
    expect(bugCheckOf(verified)).toMatchObject({ code: 0xe6 });
    expect(bugCheckOf(verified).parameters[0]).toBe(0x25n);
  });

  it('takes the reach from the right fields', () => {
    const bits = (description: string, machine = ''): number | undefined =>
      run(description, PUT, { machine }).kernels[0]?.adapters.all.first()?.[1].bits;
    expect(bits('')).toBe(24);
    expect(bits('description.ScatterGather = TRUE;')).toBe(32);
    expect(bits('description.Dma32BitAddresses = TRUE;')).toBe(32);
    expect(bits('description.Dma32BitAddresses = description.Dma64BitAddresses = TRUE;')).toBe(64);
    expect(
      bits('description.Version = 3; description.DmaAddressWidth = 30;', 'windows "Windows 10";'),
    ).toBe(30);
  });

  it('grants what the transfers of the device need, or what the machine has', () => {
    const registers = (description: string, machine: string): string | undefined =>
      run(description, `DbgPrint("%u\\n", Registers); ${PUT}`, { machine }).output[0];
    const large = 'memory 0 .. 640K, 1M .. 3G, 4G .. 20G;';
    expect(registers(SG32, 'memory 0 .. 640K, 1M .. 64M;')).toBe('17');
    expect(registers(SG32, `${large} map_registers 6;`)).toBe('6');
    expect(
      registers(
        'description.ScatterGather = description.Dma64BitAddresses = TRUE;',
        `${large} map_registers 6;`,
      ),
    ).toBe('17');
    expect(registers('', `${large} map_registers 6;`)).toBe('6');
  });

  it('reads of a description only what its version uses', () => {
    const body = driver(SG32, PUT).replace('RtlZeroMemory(&description, sizeof(description));', '');
    const fields = (version: string): string[] =>
      runDriver(body.replace('DEVICE_DESCRIPTION_VERSION', version), {
        machine: 'windows "Windows 10";',
      })
        .reports.list('violation')
        .flatMap(({ message }) => /DeviceDescription->(\w+)/.exec(message)?.[1] ?? []);
    expect(fields('1')).toEqual([
      'AutoInitialize',
      'IgnoreCount',
      'Dma64BitAddresses',
      'DmaChannel',
      'DmaWidth',
      'DmaSpeed',
    ]);
    expect(fields('0')).not.toContain('IgnoreCount');
    expect(fields('2')).toContain('DemandMode');
    expect(fields('3')).toEqual([
      'AutoInitialize',
      'IgnoreCount',
      'DmaChannel',
      'DmaWidth',
      'DmaAddressWidth',
      'DmaRequestLine',
      'DeviceAddress',
    ]);
  });
});

describe('a common buffer', () => {
  it('lies within reach, contiguous, and is free again', () => {
    const found = run(
      SG32,
      `${ALLOCATE} DbgPrint("%I64x %u\\n", logical.QuadPart, MmGetPhysicalAddress((PCHAR)buffer + 4999).QuadPart == logical.QuadPart + 4999); ${FREE} ${PUT}`,
    );
    const [address, follows] = found.output[0]?.split(' ') ?? [];
    expect(Number.parseInt(address ?? '', 16)).toBeLessThan(2 ** 32);
    expect(follows).toBe('1');
    expect(failuresOf(found)).toEqual([]);
    expect(violationsOf(found)).toEqual([]);
    expect(found.reports.list('leak')).toEqual([]);
  });

  it('below 16 MB is for devices of 24 bits', () => {
    const found = run('', `${ALLOCATE} DbgPrint("%I64x\\n", logical.QuadPart); ${FREE} ${PUT}`);
    expect(Number.parseInt(found.output[0] ?? '', 16)).toBeLessThan(2 ** 24);
  });

  it('refused says what was asked and what there was', () => {
    const found = run(SG32, `${ALLOCATE} DbgPrint("%p\\n", buffer); ${PUT}`, {
      machine:
        'memory 0 .. 640K, 1M .. 64M; free_memory 0x100000 .. 0x101000, 0x200000 .. 0x201000;',
    });
    expect(found.output[0]).toMatch(
      /^AllocateCommonBuffer returns NULL: the adapter reaches 0xFFFFFFFF .*2 contiguous pages.*longest free run there is 1 page/,
    );
    expect(found.output[1]).toBe('0000000000000000');
  });

  it('beyond what the device has is a violation', () => {
    const found = run(
      'description.ScatterGather = description.Dma64BitAddresses = TRUE;',
      `${ALLOCATE} ${FREE} ${PUT}`,
      { machine: 'memory 0 .. 640K, 1M .. 3G, 4G .. 20G; nolowmem;' },
    );
    expect(violationsOf(found)).toEqual(['dma_reach']);
  });

  it('has logical addresses of its own behind an IOMMU', () => {
    const found = run(
      SG32,
      `${ALLOCATE} DbgPrint("%u\\n", MmGetPhysicalAddress(buffer).QuadPart == logical.QuadPart); ${FREE} ${PUT}`,
      {
        machine: 'iommu;',
      },
    );
    expect(found.output).toEqual(['0']);
    expect(violationsOf(found)).toEqual([]);
  });

  it('left behind is a leak that names its call, and stops a verified driver', () => {
    const found = run(SG32, `${ALLOCATE} ${PUT}`);
    expect(violationsOf(found)).toEqual(['dma_adapter_in_use']);
    expect(found.reports.list('leak')).toEqual([
      expect.objectContaining({
        kind: 'common buffer',
        bytes: 5000,
        message: expect.stringContaining('AllocateCommonBuffer'),
      }),
    ]);
    const verified = bugCheckOf(run(SG32, `${ALLOCATE} ${PUT}`, { with: 'verifier on;' }));
    expect([verified.code, verified.parameters[0], verified.parameters[2]]).toEqual([0xe6, 7n, 1n]);
  });

  it('is not freed twice, with other values, or after its adapter', () => {
    expect(violationsOf(run(SG32, `${ALLOCATE} ${FREE} ${FREE} ${PUT}`))).toEqual([
      'common_buffer_free',
    ]);
    const twice = bugCheckOf(
      run(SG32, `${ALLOCATE} ${FREE} ${FREE} ${PUT}`, { with: 'verifier on;' }),
    );
    expect([twice.code, twice.parameters[0]]).toEqual([0xe6, 3n]);
    expect(violationsOf(run(SG32, `${ALLOCATE} ${FREE.replace('5000', '4096')} ${PUT}`))).toEqual([
      'common_buffer_mismatch',
    ]);
    const late = run(SG32, `${ALLOCATE} ${FREE} ${PUT} ${ALLOCATE}`, { with: 'verifier on;' });
    expect(bugCheckOf(late).parameters[0]).toBe(0x18n);
  });

  it('written behind its end is found when it is freed', () => {
    const overrun = `${ALLOCATE} ((PUCHAR)buffer)[5000] = 1; ${FREE} ${PUT}`;
    expect(violationsOf(run(SG32, overrun))).toEqual(['common_buffer_overrun']);
    const verified = bugCheckOf(run(SG32, overrun, { with: 'verifier on;' }));
    expect([verified.code, ...verified.parameters.slice(0, 3)]).toEqual([0xe6, 0xfn, 2n, 5000n]);
    const before = `${ALLOCATE} ((PUCHAR)buffer)[-100] = 1; ${FREE} ${PUT}`;
    expect(bugCheckOf(run(SG32, before, { with: 'verifier on;' })).parameters.slice(0, 2)).toEqual([
      0xfn,
      4n,
    ]);
  });

  it('belongs to PASSIVE_LEVEL', () => {
    const raised = `KeRaiseIrql(DISPATCH_LEVEL, &irql); ${ALLOCATE} KeLowerIrql(irql); ${FREE} ${PUT}`;
    expect(violationsOf(run(SG32, raised))).toEqual(['wrong_irql']);
    const verified = bugCheckOf(run(SG32, raised, { with: 'verifier on;' }));
    expect(verified.parameters).toEqual([0x13n, 1n, 0n, 2n]);
  });
});

describe('scatter/gather lists', () => {
  const CALLBACK = `static VOID List(PDEVICE_OBJECT DeviceObject, PIRP Irp, PSCATTER_GATHER_LIST ScatterGather, PVOID Context)
{
    ULONG i;
    UNREFERENCED_PARAMETER(DeviceObject); UNREFERENCED_PARAMETER(Irp);
    for (i = 0; i < ScatterGather->NumberOfElements; i++)
        DbgPrint("%I64x %u\\n", ScatterGather->Elements[i].Address.QuadPart, ScatterGather->Elements[i].Length);
    *(PSCATTER_GATHER_LIST *)Context = ScatterGather;
}`;
  const useList = (bytes: string, between: string, write = 'TRUE'): string => `
    PSCATTER_GATHER_LIST list = NULL;
    PMDL mdl = IoAllocateMdl(memory, ${bytes}, FALSE, FALSE, NULL);
    NTSTATUS status;
    MmBuildMdlForNonPagedPool(mdl);
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    status = Adapter->DmaOperations->GetScatterGatherList(Adapter, Pdo, mdl, MmGetMdlVirtualAddress(mdl), ${bytes}, List, &list, ${write});
    DbgPrint("status %x\\n", status);
    ${between}
    if (list != NULL) Adapter->DmaOperations->PutScatterGatherList(Adapter, list, ${write});
    KeLowerIrql(irql);
    IoFreeMdl(mdl);`;
  const withMemory = (bytes: string, inner: string): string =>
    `PUCHAR memory = ExAllocatePoolWithTag(NonPagedPool, ${bytes}, 'tseT');
    RtlFillMemory(memory, ${bytes}, 0x11);
    { ${inner} }
    DbgPrint("first byte %x\\n", memory[0]);
    ExFreePoolWithTag(memory, 'tseT'); ${PUT}`;

  it('give reachable memory as it is', () => {
    const found = run(
      SG32,
      withMemory('10000', useList('10000', '')),
      { machine: 'memory 0 .. 640K, 1M .. 64M;' },
      CALLBACK,
    );
    const sizes = found.output.slice(0, -2).map((line) => Number(line.split(' ')[1]));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(10000);
    expect(found.output.slice(-2)).toEqual(['status 0', 'first byte 11']);
    expect(failuresOf(found)).toEqual([]);
    expect(violationsOf(found)).toEqual([]);
    expect(found.reports.list('leak')).toEqual([]);
  });

  it('stand in for memory out of reach, and bring back what the device wrote', () => {
    const machine = 'memory 0 .. 640K, 1M .. 3G, 4G .. 20G; nolowmem; map_registers 64;';
    // The device is played by a mapping of the registers' page.
    const device = `{ PUCHAR page = MmMapIoSpace(list->Elements[0].Address, list->Elements[0].Length, MmCached);
        if (page != NULL) { DbgPrint("device sees %x\\n", page[0]); page[0] = 0x77; } }`;
    const found = run(
      SG32,
      withMemory('100', useList('100', device, 'FALSE')),
      { machine },
      CALLBACK,
    );
    const [address = ''] = found.output[0]?.split(' ') ?? [];
    expect(Number.parseInt(address, 16)).toBeLessThan(2 ** 32);
    expect(found.output.at(-1)).toBe('first byte 77');
  });

  it('are one element for a device without scatter/gather', () => {
    const found = run(
      'description.Dma32BitAddresses = TRUE;',
      withMemory('10000', useList('10000', '')),
      {},
      CALLBACK,
    );
    expect(found.output.filter((line) => / 10000$/.test(line))).toHaveLength(1);
    expect(violationsOf(found)).toEqual([]);
  });

  it('need no more registers than were granted', () => {
    const machine = 'memory 0 .. 640K, 1M .. 3G, 4G .. 20G; nolowmem; map_registers 2;';
    const body = withMemory('20000', useList('20000', ''));
    const found = run(SG32, body, { machine }, CALLBACK);
    expect(found.output).toContain('status c000009a');
    const verified = bugCheckOf(run(SG32, body, { machine, with: 'verifier on;' }, CALLBACK));
    expect([verified.code, ...verified.parameters.slice(0, 3)]).toEqual([0xe6, 0xcn, 5n, 2n]);
  });

  it('run at DISPATCH_LEVEL', () => {
    const body = withMemory(
      '100',
      useList('100', '').replace('KeRaiseIrql(DISPATCH_LEVEL, &irql);', 'irql = 0;'),
    );
    expect(violationsOf(run(SG32, body, {}, CALLBACK))).toContain('wrong_irql');
  });

  it('refuse memory that may move', () => {
    const body = withMemory(
      '100',
      useList('100', '').replace('MmBuildMdlForNonPagedPool(mdl);', ''),
    );
    expect(violationsOf(run(SG32, body, {}, CALLBACK))).toContain('dma_transfer');
    const verified = bugCheckOf(run(SG32, body, { with: 'verifier on;' }, CALLBACK));
    expect(verified.parameters[0]).toBe(0xen);
  });
});

describe('packets', () => {
  const CONTROL = `static PVOID Base;
static IO_ALLOCATION_ACTION Control(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID MapRegisterBase, PVOID Context)
{
    UNREFERENCED_PARAMETER(DeviceObject); UNREFERENCED_PARAMETER(Irp);
    Base = MapRegisterBase;
    DbgPrint("granted at IRQL %u\\n", KeGetCurrentIrql());
    return (IO_ALLOCATION_ACTION)(ULONG_PTR)Context;
}`;
  const packet = (inner: string): string => `
    PUCHAR memory = ExAllocatePoolWithTag(NonPagedPool, 5000, 'tseT');
    PMDL mdl = IoAllocateMdl(memory, 5000, FALSE, FALSE, NULL);
    ULONG length = 5000;
    RtlZeroMemory(memory, 5000);
    MmBuildMdlForNonPagedPool(mdl);
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    DbgPrint("%x\\n", Adapter->DmaOperations->AllocateAdapterChannel(Adapter, Pdo, 2, Control, (PVOID)DeallocateObjectKeepRegisters));
    ${inner}
    KeLowerIrql(irql);
    IoFreeMdl(mdl);
    ExFreePoolWithTag(memory, 'tseT'); ${PUT}`;
  const MAP =
    'logical = Adapter->DmaOperations->MapTransfer(Adapter, mdl, Base, MmGetMdlVirtualAddress(mdl), &length, TRUE);';
  const FLUSH =
    'Adapter->DmaOperations->FlushAdapterBuffers(Adapter, mdl, Base, MmGetMdlVirtualAddress(mdl), length, TRUE);';
  const FREE_REGISTERS = 'Adapter->DmaOperations->FreeMapRegisters(Adapter, Base, 2);';

  it('go through channel, map, flush and free', () => {
    const found = run(
      SG32,
      packet(
        `${MAP} DbgPrint("%u\\n", length); DbgPrint("%u\\n", ${FLUSH.slice(0, -1)}); ${FREE_REGISTERS}`,
      ),
      {},
      CONTROL,
    );
    expect(found.output.slice(0, 2)).toEqual(['granted at IRQL 2', '0']);
    expect(found.output.at(-1)).toBe('1');
    expect(violationsOf(found)).toEqual([]);
    expect(found.reports.list('leak')).toEqual([]);
  });

  it('that are not flushed are reported', () => {
    const body = packet(`${MAP} ${FREE_REGISTERS}`);
    expect(violationsOf(run(SG32, body, {}, CONTROL))).toEqual(['dma_not_flushed']);
    expect(bugCheckOf(run(SG32, body, { with: 'verifier on;' }, CONTROL)).parameters[0]).toBe(
      0x10n,
    );
  });

  it('that keep their registers leak them', () => {
    const found = run(SG32, packet(''), {}, CONTROL);
    expect(found.reports.list('leak')).toEqual([
      expect.objectContaining({
        kind: 'map registers',
        site: expect.objectContaining({ function: 'Add' }),
      }),
    ]);
  });

  it('wait for the channel in their order', () => {
    const found = run(
      SG32,
      `KeRaiseIrql(DISPATCH_LEVEL, &irql);
    Adapter->DmaOperations->AllocateAdapterChannel(Adapter, Pdo, 1, Control, (PVOID)KeepObject);
    DbgPrint("%x queued\\n", Adapter->DmaOperations->AllocateAdapterChannel(Adapter, Pdo, 1, Control, (PVOID)DeallocateObject));
    Adapter->DmaOperations->FreeAdapterChannel(Adapter);
    KeLowerIrql(irql); ${PUT}`,
      {},
      CONTROL,
    );
    expect(found.output).toEqual(['granted at IRQL 2', '0 queued', 'granted at IRQL 2']);
    expect(violationsOf(found)).toEqual([]);
  });
});

describe('the view of adapters', () => {
  it('shows description, reach, registers and buffers of what is live', () => {
    const found = run(SG32, `${ALLOCATE}`);
    const hosts = found.kernels.map((kernel) => ({
      ...kernel.dma,
      name: kernel.host.name,
      ledger: kernel.ledger,
    }));
    const [adapter] = adapterRows(hosts, {});
    expect(adapter).toMatchObject({
      kind: 'adapter',
      label: 'SanNic, adapter 1',
      description: expect.stringContaining('32 bits, 17 map registers, 1 common buffer'),
    });
    const parts = adapterRows(hosts, { parent: adapter?.id ?? '' });
    expect(parts.map(({ kind }) => kind)).toEqual([
      'description',
      'reach',
      'mapRegisters',
      'commonBuffer',
    ]);
    const fields = adapterRows(hosts, { parent: parts[0]?.id ?? '' });
    expect(fields.find(({ label }) => label === 'InterfaceType')?.description).toBe('PCIBus (5)');
    expect(fields.some(({ label }) => label === 'DmaPort')).toBe(false);
    expect(adapterRows(hosts, { start: 1 })).toEqual([]);
  });

  it('shows who has the channel, who waits, and what the DMA controller does', () => {
    const found = run(
      'description.Master = FALSE; description.InterfaceType = Isa; description.DmaChannel = 1; description.MaximumLength = 4096;',
      `PUCHAR memory = ExAllocatePoolWithTag(NonPagedPool, 100, 'tseT');
      PMDL mdl = IoAllocateMdl(memory, 100, FALSE, FALSE, NULL);
      ULONG length = 100;
      RtlZeroMemory(memory, 100);
      MmBuildMdlForNonPagedPool(mdl);
      KeRaiseIrql(DISPATCH_LEVEL, &irql);
      Adapter->DmaOperations->AllocateAdapterChannel(Adapter, Pdo, 1, Keep, NULL);
      Adapter->DmaOperations->AllocateAdapterChannel(Adapter, Pdo, 1, Keep, NULL);
      Adapter->DmaOperations->MapTransfer(Adapter, mdl, Base, memory, &length, TRUE);
      KeLowerIrql(irql);`,
      {},
      `static PVOID Base;
      static IO_ALLOCATION_ACTION Keep(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID MapRegisterBase, PVOID Context)
      {
          UNREFERENCED_PARAMETER(DeviceObject); UNREFERENCED_PARAMETER(Irp); UNREFERENCED_PARAMETER(Context);
          Base = MapRegisterBase;
          return KeepObject;
      }`,
    );
    const hosts = found.kernels.map((kernel) => ({
      ...kernel.dma,
      name: kernel.host.name,
      ledger: kernel.ledger,
    }));
    const rows = adapterRows(hosts, { parent: adapterRows(hosts, {})[0]?.id ?? '' });
    const shown = (kind: string) => rows.find((row) => row.kind === kind)?.description;
    expect(shown('channel')).toMatch(
      /^channel 1 \w+: \d+ of 100 bytes at 0x[0-9A-F]+ to the device$/,
    );
    expect(shown('waitingRequest')).toBe('waits for the channel');
  });

  it('shows nothing of an adapter that was put', () => {
    const found = run(SG32, PUT);
    const hosts = found.kernels.map((kernel) => ({
      ...kernel.dma,
      name: kernel.host.name,
      ledger: kernel.ledger,
    }));
    expect(adapterRows(hosts, {})).toEqual([]);
  });
});
