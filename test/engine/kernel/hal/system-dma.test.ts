import { describe, expect, it } from 'vitest';
import { failuresOf, runText, violationsOf } from '../life/support.ts';
import { type DmaOptions, dmaDriver, LOWER, printed, RAISE, runDma, WINDOWS } from './support.ts';

const ISA = `description.Version = DEVICE_DESCRIPTION_VERSION1; description.Master = FALSE; description.InterfaceType = Isa;
  description.DmaChannel = 2; description.DmaWidth = Width8Bits; description.DmaSpeed = Compatible; description.MaximumLength = 8192;`;
const isa = (statements: string, more = '', options: DmaOptions = {}) =>
  runDma(
    `${ISA} ${more}`,
    `PMDL mdl = Pool(4096);
    PUCHAR memory = MmGetMdlVirtualAddress(mdl);
    ULONG length = 1000;
    UNREFERENCED_PARAMETER(length);
    ${RAISE}
    Action = KeepObject;
    Ops->AllocateAdapterChannel(Adapter, Pdo, 2, Control, NULL);
    ${statements}
    Ops->FreeAdapterChannel(Adapter);
    ${LOWER}
    FreePool(mdl);`,
    options,
  );
const MAP = (write: string): string =>
  `Ops->MapTransfer(Adapter, mdl, Base, memory, &length, ${write});`;
const FLUSH = (write: string): string =>
  `Ops->FlushAdapterBuffers(Adapter, mdl, Base, memory, length, ${write});`;
const POLL = 'while (Ops->ReadDmaCounter(Adapter) != 0) ;';

describe('a channel of the DMA controller', () => {
  it('moves bytes while its counter falls, and gives them back with the flush', () => {
    const found = isa(`${MAP('FALSE')}
      DbgPrint("%u %x\\n", Ops->ReadDmaCounter(Adapter) < 1000, memory[0]);
      ${POLL}
      DbgPrint("%u %x %x\\n", length, memory[0], memory[999]);
      ${FLUSH('FALSE')}
      DbgPrint("%x %x %x\\n", memory[0], memory[999], memory[1000]);`);
    expect(printed(found)).toEqual(['1 11', '1000 11 11', 'ff ff 11']);
    // Whoever looks before the flush sees what was there before.
    expect(new Set(violationsOf(found))).toEqual(new Set(['dma_stale_buffer']));
    expect(failuresOf(found)).toEqual([]);
    expect(found.reports.list('leak')).toEqual([]);
  });

  it('is stopped by the flush: what it has not moved does not come back', () => {
    const stopped = `while (Ops->ReadDmaCounter(Adapter) > 900) ; ${FLUSH('FALSE')}
      DbgPrint("%x %x\\n", memory[0], memory[999]);`;
    expect(printed(isa(`${MAP('FALSE')} ${stopped}`))).toEqual(['ff 11']);
    // A counter that cannot be relied on shortens nothing: the register's own bytes come back.
    const found = isa(`${MAP('FALSE')} ${stopped}`, 'description.IgnoreCount = TRUE;');
    expect(printed(found)[0]).toMatch(/^ff (?!11)/);
  });

  it('starts again by itself with AutoInitialize', () => {
    const found = isa(
      `${MAP('TRUE')}
      { ULONG before = 1000, rounds = 0, now;
        while (rounds < 2) { now = Ops->ReadDmaCounter(Adapter); if (now > before) rounds++; before = now; } }
      DbgPrint("twice around\\n");
      ${FLUSH('TRUE')}`,
      'description.AutoInitialize = TRUE;',
    );
    expect(printed(found)).toEqual(['twice around']);
  });

  it('uses a common buffer itself: what it moves is there without a flush', () => {
    const found = runDma(
      ISA,
      `PHYSICAL_ADDRESS logical;
      ULONG length = 4096;
      PUCHAR buffer = Ops->AllocateCommonBuffer(Adapter, 4096, &logical, TRUE);
      PMDL mdl = IoAllocateMdl(buffer, 4096, FALSE, FALSE, NULL);
      MmBuildMdlForNonPagedPool(mdl);
      RtlZeroMemory(buffer, 4096);
      DbgPrint("%u\\n", logical.QuadPart + 4096 <= 0x1000000);
      ${RAISE}
      Action = KeepObject;
      Ops->AllocateAdapterChannel(Adapter, Pdo, 1, Control, NULL);
      Ops->MapTransfer(Adapter, mdl, Base, buffer, &length, FALSE);
      while (Ops->ReadDmaCounter(Adapter) > 4000) ;
      DbgPrint("%x %x\\n", buffer[0], buffer[4095]);
      Ops->FlushAdapterBuffers(Adapter, mdl, Base, buffer, length, FALSE);
      Ops->FreeAdapterChannel(Adapter);
      ${LOWER}
      IoFreeMdl(mdl);
      Ops->FreeCommonBuffer(Adapter, 4096, logical, buffer, TRUE);`,
    );
    expect(printed(found)).toEqual(['1', 'ff 0']);
    expect(violationsOf(found)).toEqual([]);
    expect(found.reports.list('leak')).toEqual([]);
  });

  it('reaches 16 MB and crosses no 64 KB line', () => {
    const found = runDma(
      `${ISA} description.MaximumLength = 32768;`,
      `PMDL mdl = Pool(32768);
      PHYSICAL_ADDRESS logical;
      ULONG length = 32768;
      ${RAISE}
      Action = KeepObject;
      Ops->AllocateAdapterChannel(Adapter, Pdo, Registers, Control, NULL);
      logical = Ops->MapTransfer(Adapter, mdl, Base, MmGetMdlVirtualAddress(mdl), &length, TRUE);
      DbgPrint("%u %u %u\\n", length, logical.QuadPart + length <= 0x1000000, (logical.LowPart ^ (logical.LowPart + length - 1)) < 0x10000);
      Ops->FlushAdapterBuffers(Adapter, mdl, Base, MmGetMdlVirtualAddress(mdl), length, TRUE);
      Ops->FreeAdapterChannel(Adapter);
      ${LOWER} FreePool(mdl);`,
    );
    expect(printed(found)).toEqual(['32768 1 1']);
  });

  it.each([
    { channel: 2, width: 'Width8Bits', ok: true },
    { channel: 5, width: 'Width16Bits', ok: true },
    { channel: 4, width: 'Width16Bits', ok: false },
    { channel: 8, width: 'Width8Bits', ok: false },
    { channel: 2, width: 'Width16Bits', ok: false },
    { channel: 6, width: 'Width8Bits', ok: false },
  ])('$channel with $width: $ok', ({ channel, width, ok }) => {
    const found = runDma(
      `${ISA} description.DmaChannel = ${channel}; description.DmaWidth = ${width};`,
      'DbgPrint("there\\n");',
    );
    expect(printed(found)).toEqual([ok ? 'there' : 'no adapter']);
  });

  it('is none of a bus master', () => {
    const found = runDma('', 'DbgPrint("%u\\n", Ops->ReadDmaCounter(Adapter));');
    expect(printed(found)).toEqual(['0']);
    expect(violationsOf(found)).toEqual(['dma_channel']);
  });
});

describe('a request line of version 3', () => {
  /** The device's data register is a ULONG in memory that the test allocates. */
  const line = (steps: string, write: string) =>
    runDma(
      `PHYSICAL_ADDRESS highest;
      highest.QuadPart = 0xFFFFFFFF;
      Data = MmAllocateContiguousMemory(PAGE_SIZE, highest);
      RtlZeroMemory(Data, PAGE_SIZE);
      description.Version = DEVICE_DESCRIPTION_VERSION3; description.Master = FALSE; description.InterfaceType = Internal;
      description.DmaRequestLine = 9; description.DmaWidth = Width32Bits;
      description.DeviceAddress = MmGetPhysicalAddress(Data);`,
      `PMDL mdl = Pool(4096);
      PUCHAR memory = MmGetMdlVirtualAddress(mdl);
      PVOID base;
      ULONG length = 1024;
      Ops->InitializeDmaTransferContext(Adapter, Transfer);
      KeInitializeEvent(&Ended, NotificationEvent, FALSE);
      ${RAISE}
      Ops->AllocateAdapterChannelEx(Adapter, Pdo, Transfer, 2, DMA_SYNCHRONOUS_CALLBACK, NULL, NULL, &base);
      Data[0] = 0x44332211;
      DbgPrint("%x\\n", Ops->MapTransferEx(Adapter, mdl, base, 0, 0, &length, ${write}, NULL, 0, Completed, &Ended));
      ${steps}
      DbgPrint("%x\\n", Ops->FlushAdapterBuffersEx(Adapter, mdl, base, 0, length, ${write}));
      DbgPrint("%x %x %x\\n", memory[0], memory[1023], memory[1024]);
      Ops->FreeAdapterObject(Adapter, DeallocateObject);
      if (irql < DISPATCH_LEVEL) KeLowerIrql(irql);
      FreePool(mdl);
      MmFreeContiguousMemory(Data);`,
      { machine: WINDOWS },
      `static UCHAR Transfer[DMA_TRANSFER_CONTEXT_SIZE_V1];
      static PULONG Data;
      static KEVENT Ended;
      static VOID Completed(PDMA_ADAPTER DmaAdapter, PDEVICE_OBJECT DeviceObject, PVOID CompletionContext, DMA_COMPLETION_STATUS Status)
      {
          DbgPrint("completed %u at IRQL %u for %u\\n", Status, KeGetCurrentIrql(), DmaAdapter == Adapter && DeviceObject == Device);
          KeSetEvent((PRKEVENT)CompletionContext, 0, FALSE);
      }`,
    );
  const WAIT = `${LOWER} KeWaitForSingleObject(&Ended, Executive, KernelMode, FALSE, NULL); ${RAISE}`;

  it('fills memory from the data register, and calls when it is done', () => {
    const found = line(WAIT, 'FALSE');
    expect(printed(found)).toEqual(['0', 'completed 0 at IRQL 2 for 1', '0', '11 44 11']);
    expect(violationsOf(found)).toEqual([]);
    expect(failuresOf(found)).toEqual([]);
  });

  it('leaves the last unit in the data register', () => {
    const found = line(`${WAIT} DbgPrint("%x\\n", Data[0]);`, 'TRUE');
    expect(printed(found)).toEqual([
      '0',
      'completed 0 at IRQL 2 for 1',
      '11111111',
      '0',
      '11 11 11',
    ]);
  });

  it('is cancelled, and still calls', () => {
    const found = line(
      `DbgPrint("%x\\n", Ops->CancelMappedTransfer(Adapter, Transfer)); ${WAIT}`,
      'FALSE',
    );
    expect(printed(found).slice(0, 3)).toEqual(['0', '0', 'completed 3 at IRQL 2 for 1']);
    expect(violationsOf(found)).toEqual([]);
  });

  it('wants a flush after the end or a cancellation', () => {
    expect(violationsOf(line('', 'FALSE'))).toEqual(['dma_transfer']);
  });

  it('says what it can do', () => {
    const found = runDma(
      'description.Version = DEVICE_DESCRIPTION_VERSION3; description.Master = FALSE; description.InterfaceType = Internal; description.DmaWidth = Width32Bits;',
      `DMA_ADAPTER_INFO info;
      RtlZeroMemory(&info, sizeof(info));
      info.Version = 1;
      Ops->GetDmaAdapterInfo(Adapter, &info);
      DbgPrint("%u %u %u\\n", info.V1.ReadDmaCounterAvailable, info.V1.DmaAddressWidth, info.V1.MinimumTransferUnit);
      DbgPrint("%x\\n", Ops->ConfigureAdapterChannel(Adapter, 7, NULL));`,
      { machine: WINDOWS },
    );
    expect(printed(found)).toEqual(['1 32 4', 'c0000002']);
  });

  it('has functions of its controller: the time of a unit, and how far it has come', () => {
    const found = line(
      `{ ULONG pace = 0, position = 1, before;
        DbgPrint("%x\\n", Ops->ConfigureAdapterChannel(Adapter, 1, &pace));
        Ops->CancelMappedTransfer(Adapter, Transfer);
        ${WAIT}
        Ops->FlushAdapterBuffersEx(Adapter, mdl, base, 0, length, FALSE);
        pace = 1000000;
        DbgPrint("%x\\n", Ops->ConfigureAdapterChannel(Adapter, 1, &pace));
        Ops->MapTransferEx(Adapter, mdl, base, 0, 0, &length, FALSE, NULL, 0, NULL, NULL);
        before = Ops->ReadDmaCounter(Adapter);
        Ops->ConfigureAdapterChannel(Adapter, 2, &position);
        DbgPrint("%u left, %u moved\\n", before, position);
        Ops->CancelMappedTransfer(Adapter, Transfer); }`,
      'FALSE',
    );
    expect(printed(found).slice(1, 5)).toEqual([
      'c000000d',
      'completed 3 at IRQL 2 for 1',
      '0',
      '1024 left, 0 moved',
    ]);
  });

  it('is what a bus master has not', () => {
    const found = runDma(
      'description.Version = DEVICE_DESCRIPTION_VERSION3; description.DmaAddressWidth = 32;',
      'ULONG pace = 1; DbgPrint("%x\\n", Ops->ConfigureAdapterChannel(Adapter, 1, &pace));',
      { machine: WINDOWS },
    );
    expect(printed(found)).toEqual(['c0000002']);
  });
});

describe('a device in C that is no bus master', () => {
  /** The card has a FIFO; writing a count to its register makes it ask the controller for so many bytes. */
  const card = (statements: string, description = ISA) =>
    runText(`
      device Card with { bar 0 4K; interface Isa; } {
        #include <dmsdevice.h>
        static UCHAR Fifo[256];
        ULONG64 RegisterRead(ULONG Bar, ULONG Offset, ULONG Size) { return Fifo[Offset]; }
        VOID RegisterWrite(ULONG Bar, ULONG Offset, ULONG Size, ULONG64 Value)
        {
            ULONG i;
            if (Offset == 0) for (i = 0; i < sizeof(Fifo); i++) Fifo[i] = (UCHAR)(i ^ 0x80);
            DbgPrint("moved %u\\n", DeviceDmaRequest(2, Fifo, (ULONG)Value));
        }
      }
      scenario "test" {
        device Card;
        driver Proxy {
          #include <ntddk.h>
          ${dmaDriver(
            description,
            `PMDL mdl = Pool(100);
            PUCHAR memory = MmGetMdlVirtualAddress(mdl);
            PHYSICAL_ADDRESS bar;
            PULONG registers;
            ULONG length = 100;
            bar.QuadPart = 0xE0000000; // the first range of registers on this machine
            registers = MmMapIoSpace(bar, PAGE_SIZE, MmNonCached);
            ${RAISE}
            Action = KeepObject;
            Ops->AllocateAdapterChannel(Adapter, Pdo, 1, Control, NULL);
            ${statements}
            Ops->FreeAdapterChannel(Adapter);
            ${LOWER}
            MmUnmapIoSpace(registers, PAGE_SIZE);
            FreePool(mdl);`,
          )}
        }
      }`);

  it('asks for its bytes, as many as the transfer has', () => {
    const found = card(`WRITE_REGISTER_ULONG(registers, 10);
      ${MAP('FALSE')}
      WRITE_REGISTER_ULONG(registers, 60);
      DbgPrint("%u left\\n", Ops->ReadDmaCounter(Adapter));
      WRITE_REGISTER_ULONG(registers, 60);
      ${FLUSH('FALSE')}
      DbgPrint("%x %x %x %x\\n", memory[0], memory[59], memory[60], memory[99]);`);
    expect(printed(found)).toEqual(['moved 0', 'moved 60', '40 left', 'moved 40', '80 bb 80 a7']);
    expect(violationsOf(found)).toEqual([]);
    expect(failuresOf(found)).toEqual([]);
    expect(found.reports.list('leak')).toEqual([]);
  });

  it('gets what the driver sends', () => {
    const found = card(`memory[1] = 0x42;
      ${MAP('TRUE')}
      WRITE_REGISTER_ULONG(registers + 1, 100);
      ${FLUSH('TRUE')}
      DbgPrint("%x %x\\n", READ_REGISTER_UCHAR((PUCHAR)registers), READ_REGISTER_UCHAR((PUCHAR)registers + 1));`);
    expect(printed(found)).toEqual(['moved 100', '11 42']);
    expect(violationsOf(found)).toEqual([]);
  });
});

describe('a device register as DeviceAddress', () => {
  /** Each access to the data register at offset 8 runs the device: reads count up, writes are printed at the end. */
  const card = (write: string, verifier: string) =>
    runText(`
      device Card with { bar 0 4K; } {
        #include <dmsdevice.h>
        static UCHAR Next, Sum;
        static ULONG Count;
        ULONG64 RegisterRead(ULONG Bar, ULONG Offset, ULONG Size)
        {
            if (Offset == 12) return Sum;
            if (Offset != 8 || Size != 1) return 0xEE;
            return ++Next;
        }
        VOID RegisterWrite(ULONG Bar, ULONG Offset, ULONG Size, ULONG64 Value)
        {
            if (Offset == 8 && Size == 1) { Sum = (UCHAR)(Sum + Value); Count++; }
        }
      }
      scenario "test" {
        machine with { ${WINDOWS} }
        device Card;
        driver Proxy ${verifier} {
          #include <ntddk.h>
          ${dmaDriver(
            `description.Version = DEVICE_DESCRIPTION_VERSION3; description.Master = FALSE; description.InterfaceType = Internal;
            description.DmaRequestLine = 9; description.DmaWidth = Width8Bits; description.DeviceAddress.QuadPart = 0xE0000000;`,
            `PMDL mdl = Pool(4096);
            PUCHAR memory = MmGetMdlVirtualAddress(mdl);
            PHYSICAL_ADDRESS bar;
            PUCHAR registers;
            ULONG length = 200;
            PVOID base;
            Ops->InitializeDmaTransferContext(Adapter, Transfer);
            KeInitializeEvent(&Ended, NotificationEvent, FALSE);
            bar.QuadPart = 0xE0000000;
            registers = MmMapIoSpace(bar, PAGE_SIZE, MmNonCached);
            ${RAISE}
            Ops->AllocateAdapterChannelEx(Adapter, Pdo, Transfer, 2, DMA_SYNCHRONOUS_CALLBACK, NULL, NULL, &base);
            Ops->MapTransferEx(Adapter, mdl, base, 0, 8, &length, ${write}, NULL, 0, Completed, NULL);
            ${LOWER}
            KeWaitForSingleObject(&Ended, Executive, KernelMode, FALSE, NULL);
            ${RAISE}
            Ops->FlushAdapterBuffersEx(Adapter, mdl, base, 0, length, ${write});
            DbgPrint("%u %u %u, %u\\n", memory[0], memory[1], memory[199], READ_REGISTER_UCHAR(registers + 12));
            Ops->FreeAdapterObject(Adapter, DeallocateObject);
            ${LOWER}
            MmUnmapIoSpace(registers, PAGE_SIZE);
            FreePool(mdl);`,
            `static UCHAR Transfer[DMA_TRANSFER_CONTEXT_SIZE_V1];
            static KEVENT Ended;
            static VOID Completed(PDMA_ADAPTER DmaAdapter, PDEVICE_OBJECT DeviceObject, PVOID CompletionContext, DMA_COMPLETION_STATUS Status)
            {
                UNREFERENCED_PARAMETER(DmaAdapter); UNREFERENCED_PARAMETER(DeviceObject); UNREFERENCED_PARAMETER(CompletionContext); UNREFERENCED_PARAMETER(Status);
                KeSetEvent(&Ended, 0, FALSE);
            }`,
          )}
        }
      }`);

  it.each(['', 'with { verifier on; }'])('is read by the device’s own code %s', (verifier) => {
    const found = card('FALSE', verifier);
    expect(printed(found)).toEqual(['1 2 200, 0']);
    expect(failuresOf(found)).toEqual([]);
  });

  it('is written by the device’s own code', () => {
    // 200 times 0x11, in a byte.
    expect(printed(card('TRUE', ''))).toEqual(['17 17 17, 72']);
  });
});
