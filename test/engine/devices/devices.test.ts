// Devices in C: what a driver sees of their registers, what they do to memory, and how both sides are debugged.
import { describe, expect, test } from 'vitest';
import type { Session } from '../../../engine/index.ts';
import { finish, goTo, resume, stackOf, textSession } from '../session/sample-session.ts';

/** A driver that maps the registers of its device, runs some statements at start and releases all at removal. */
function driver(atStart: string, further = ''): string {
  return `driver D for Card {
#include <ntddk.h>
static volatile ULONG *Registers;
static ULONG RegisterBytes;
static PDMA_ADAPTER Adapter;
static PUCHAR Buffer;
static PHYSICAL_ADDRESS Logical;
${further}
static NTSTATUS Start(PDEVICE_OBJECT Lower, PIO_STACK_LOCATION Stack) {
  PCM_PARTIAL_RESOURCE_LIST list = &Stack->Parameters.StartDevice.AllocatedResourcesTranslated->List[0].PartialResourceList;
  DEVICE_DESCRIPTION description;
  ULONG registers;
  RegisterBytes = list->PartialDescriptors[0].u.Memory.Length;
  Registers = MmMapIoSpace(list->PartialDescriptors[0].u.Memory.Start, RegisterBytes, MmNonCached);
  RtlZeroMemory(&description, sizeof(description));
  description.Version = DEVICE_DESCRIPTION_VERSION;
  description.Master = TRUE;
  description.Dma32BitAddresses = TRUE;
  description.InterfaceType = PCIBus;
  description.MaximumLength = PAGE_SIZE;
  Adapter = IoGetDmaAdapter(Lower, &description, &registers);
  Buffer = Adapter->DmaOperations->AllocateCommonBuffer(Adapter, PAGE_SIZE, &Logical, TRUE);
  RtlZeroMemory(Buffer, PAGE_SIZE);
  ${atStart}
  return STATUS_SUCCESS;
}
static NTSTATUS Pnp(PDEVICE_OBJECT Device, PIRP Irp) {
  PDEVICE_OBJECT lower = *(PDEVICE_OBJECT *)Device->DeviceExtension;
  PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(Irp);
  UCHAR minor = stack->MinorFunction;
  NTSTATUS status;
  Irp->IoStatus.Status = STATUS_SUCCESS;
  if (minor == IRP_MN_START_DEVICE) Irp->IoStatus.Status = Start(lower, stack);
  if (minor == IRP_MN_REMOVE_DEVICE) {
    Adapter->DmaOperations->FreeCommonBuffer(Adapter, PAGE_SIZE, Logical, Buffer, TRUE);
    Adapter->DmaOperations->PutDmaAdapter(Adapter);
    MmUnmapIoSpace((PVOID)Registers, RegisterBytes);
  }
  IoSkipCurrentIrpStackLocation(Irp);
  status = IoCallDriver(lower, Irp);
  if (minor == IRP_MN_REMOVE_DEVICE) { IoDetachDevice(lower); IoDeleteDevice(Device); }
  return status;
}
static NTSTATUS Add(PDRIVER_OBJECT Driver, PDEVICE_OBJECT Physical) {
  PDEVICE_OBJECT device;
  NTSTATUS status = IoCreateDevice(Driver, sizeof(PDEVICE_OBJECT), NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &device);
  if (!NT_SUCCESS(status)) return status;
  *(PDEVICE_OBJECT *)device->DeviceExtension = IoAttachDeviceToDeviceStack(device, Physical);
  device->Flags &= ~DO_DEVICE_INITIALIZING;
  return STATUS_SUCCESS;
}
static VOID Unload(PDRIVER_OBJECT Driver) { }
NTSTATUS DriverEntry(PDRIVER_OBJECT Driver, PUNICODE_STRING Path) {
  Driver->MajorFunction[IRP_MJ_PNP] = Pnp;
  Driver->DriverExtension->AddDevice = Add;
  Driver->DriverUnload = Unload;
  return STATUS_SUCCESS;
} }`;
}

/** A card that counts its accesses and does what is written to its registers. */
const card = `device Card with { bar 0 4K; address_bits 32; } {
#include <dmsdevice.h>
static ULONG Value;
static ULONG Accesses;
static UCHAR Data[64];
ULONG64 RegisterRead(ULONG Bar, ULONG Offset, ULONG Size) {
  Accesses++;
  if (Offset == 0) return Accesses;
  return Offset * 0x10000 + Size;
}
VOID RegisterWrite(ULONG Bar, ULONG Offset, ULONG Size, ULONG64 Value64) {
  Value = (ULONG)Value64;
  DbgPrint("wrote %x at %x, %u bytes\\n", Value, Offset, Size);
  if (Offset == 0x100) DbgPrint("read %u\\n", DeviceRead(Value64, Data, sizeof(Data)));
  if (Offset == 0x104) DbgPrint("stored %u\\n", DeviceWrite(Value64, Data, sizeof(Data)));
}
}`;

function cardSession(
  atStart: string,
  options: { machine?: string; further?: string } = {},
): Session {
  const machine = options.machine === undefined ? '' : `machine ${options.machine};`;
  return textSession(`scenario "card" { ${machine} ${card} ${driver(atStart, options.further)} }`);
}

const linesOf = (session: Session): readonly string[] =>
  session.result().output.map(({ text }) => text);

describe('registers', () => {
  test('are read by the device and not by memory', () => {
    const session = cardSession(`
      DbgPrint("%u\\n", Registers[0]);
      DbgPrint("%u\\n", READ_REGISTER_ULONG((PULONG)Registers));
      DbgPrint("both in one: %u\\n", Registers[0] * 100 + Registers[0]);
      DbgPrint("byte %x, word %x\\n", ((volatile UCHAR *)Registers)[8], ((volatile USHORT *)Registers)[2]);`);
    finish(session);
    expect(linesOf(session)).toEqual(['1', '2', 'both in one: 304', 'byte 1, word 2']);
    expect(session.result().outcome).toBe('passed');
  });

  test('hand over what is written before the next statement', () => {
    const session = cardSession(`
      Registers[4] = 0x11;
      DbgPrint("next\\n");
      ((volatile UCHAR *)Registers)[3] = 0x22;
      WRITE_REGISTER_USHORT((PUSHORT)Registers + 5, 0x3333);
      Registers[1] |= 1;`);
    finish(session);
    expect(linesOf(session)).toEqual([
      'wrote 11 at 10, 4 bytes',
      'next',
      'wrote 22 at 3, 1 bytes',
      'wrote 3333 at A, 2 bytes'.toLowerCase(),
      'wrote 40005 at 4, 4 bytes',
    ]);
  });

  test('are read once for each turn of a loop that polls, however long it runs', () => {
    const session = cardSession(`
      ULONG turns = 0;
      while (Registers[0] < 3000) turns++;
      DbgPrint("%u turns\\n", turns);`);
    finish(session);
    expect(linesOf(session)).toEqual(['2999 turns']);
    expect(session.threads().length).toBeLessThan(10);
  });

  test('of the built-in NIC are those of its header', () => {
    const session = textSession(
      `nic Card { } scenario "x" { nic Card; ${driver('DbgPrint("%.4s\\n", (PCHAR)&(ULONG){ Registers[SAN_NIC_ID / 4] });', '#include <sannic.h>')} }`,
    );
    finish(session);
    expect(linesOf(session)).toEqual(['SAN1']);
  });
});

describe('a bus master', () => {
  test('moves the bytes of a common buffer', () => {
    const session = cardSession(`
      Buffer[0] = 0x5a; Buffer[63] = 0xa5;
      Registers[0x40] = Logical.LowPart;
      Registers[0x41] = Logical.LowPart + 0x800;
      DbgPrint("%x %x\\n", Buffer[0x800], Buffer[0x83f]);`);
    finish(session);
    expect(linesOf(session).filter((line) => !line.startsWith('wrote'))).toEqual([
      'read 1',
      'stored 1',
      '5a a5',
    ]);
    expect(session.result().violations).toEqual([]);
  });

  test('hits what lies at a wrong address, and the report says whom', () => {
    const session = cardSession(
      `Victim = ExAllocatePoolWithTag(NonPagedPoolNx, 0x2000, 'mitV');
       RtlFillMemory(Victim, 0x2000, 0xee);
       Wrong = MmGetPhysicalAddress(Victim);
       Buffer[0] = 0x5a;
       Registers[0x40] = Logical.LowPart;
       Registers[0x41] = Wrong.LowPart;
       DbgPrint("victim %x\\n", Victim[0]);
       ExFreePool(Victim);`,
      { machine: 'Small', further: 'static PUCHAR Victim; static PHYSICAL_ADDRESS Wrong;' },
    );
    finish(session);
    const [violation] = session.result().violations;
    expect(violation?.rule).toBe('device_access');
    const rows = session.view({ view: 'physicalMemory', parent: 'local/strays' });
    expect(rows.map(({ description }) => description)).toEqual([
      expect.stringMatching(/^overwritten by Card, 64 bytes: 8192 bytes of nonpaged pool 'Vtim'/),
    ]);
    expect(violation?.message).toMatch(
      /^Card overwrites 64 bytes at 0x[0-9A-F]+, which no common buffer or transfer of its driver covers: it hits 8192 bytes of nonpaged pool 'Vtim'/,
    );
  });

  test('may use contiguous memory of its driver by its physical address', () => {
    const session = cardSession(
      `PHYSICAL_ADDRESS low = { 0 }, high, none = { 0 };
       high.QuadPart = 0xFFFFFFFF;
       Other = MmAllocateContiguousMemorySpecifyCache(PAGE_SIZE, low, high, none, MmCached);
       RtlFillMemory(Other, PAGE_SIZE, 0x77);
       Registers[0x40] = MmGetPhysicalAddress(Other).LowPart;
       MmFreeContiguousMemorySpecifyCache(Other, PAGE_SIZE, MmCached);
       Registers[0x40] = Logical.LowPart;`,
      { further: 'static PUCHAR Other;' },
    );
    finish(session);
    expect(session.result().violations).toEqual([]);
  });

  test('does not reach memory that the IOMMU has not translated', () => {
    const session = cardSession(
      'Registers[0x41] = Logical.LowPart + 0x100000; Registers[0x41] = Logical.LowPart;',
      { machine: 'Laptop' },
    );
    finish(session);
    expect(linesOf(session).filter((line) => !line.startsWith('wrote'))).toEqual([
      'stored 0',
      'stored 1',
    ]);
    expect(session.result().violations.map(({ message }) => message)).toEqual([
      expect.stringContaining('the IOMMU has no translation for it'),
    ]);
  });

  test('tells of bytes that it reads although nobody wrote them', () => {
    const session = cardSession(
      `Other = Adapter->DmaOperations->AllocateCommonBuffer(Adapter, PAGE_SIZE, &OtherLogical, TRUE);
       Registers[0x40] = OtherLogical.LowPart;
       Adapter->DmaOperations->FreeCommonBuffer(Adapter, PAGE_SIZE, OtherLogical, Other, TRUE);`,
      { further: 'static PUCHAR Other; static PHYSICAL_ADDRESS OtherLogical;' },
    );
    finish(session);
    const [violation] = session.result().violations;
    expect(violation?.rule).toBe('uninitialized_memory');
    expect(violation?.message).toContain('4096 bytes of common buffer');
  });
});

describe('the built-in NIC', () => {
  const further = `#include <sannic.h>
static PUCHAR From, To;
static ULONG Posted;
static ULONG Post(ULONG Opcode, ULONG Key, ULONG TableEntry, ULONG Access, ULONG TargetKey) {
  volatile SAN_NIC_COMMAND *command = (SAN_NIC_COMMAND *)Buffer + Posted++;
  command->Opcode = Opcode; command->Status = SAN_NIC_PENDING; command->Key = Key; command->Access = Access;
  command->TableEntry = TableEntry; command->PageCount = 1; command->ByteOffset = 0x100;
  command->Length = 0x80; command->TargetKey = TargetKey; command->Offset = 0; command->TargetOffset = 0;
  command->Reserved = 0;
  Registers[SAN_NIC_DOORBELL / 4] = Posted;
  return command->Status;
}
static PUCHAR Page(ULONG Entry) {
  PHYSICAL_ADDRESS low = { 0 }, high, none = { 0 };
  PUCHAR page;
  high.QuadPart = 0xFFFFFFFF;
  page = MmAllocateContiguousMemorySpecifyCache(PAGE_SIZE, low, high, none, MmCached);
  *(PULONGLONG)(Buffer + 0x800 + 8 * Entry) = MmGetPhysicalAddress(page).QuadPart;
  RtlFillMemory(page, PAGE_SIZE, 0x10 + Entry);
  return page;
}`;
  const atStart = `
      From = Page(0);
      To = Page(1);
      Registers[SAN_NIC_RING_LOW / 4] = Logical.LowPart;
      Registers[SAN_NIC_RING_COUNT / 4] = 16;
      Registers[SAN_NIC_CONTROL / 4] = SAN_NIC_CONTROL_RUN;
      DbgPrint("registered %u %u\\n",
               Post(SAN_NIC_REGISTER, 7, Logical.LowPart + 0x800, SAN_NIC_ACCESS_READ, 0),
               Post(SAN_NIC_REGISTER, 8, Logical.LowPart + 0x808, SAN_NIC_ACCESS_READ | SAN_NIC_ACCESS_WRITE, 0));
      DbgPrint("regions %u\\n", Registers[SAN_NIC_REGIONS / 4]);
      DbgPrint("copied %u\\n", Post(SAN_NIC_COPY, 7, 0, 0, 8));
      DbgPrint("%x %x %x\\n", To[0xff], To[0x100], To[0x180]);
      DbgPrint("forbidden %u\\n", Post(SAN_NIC_COPY, 8, 0, 0, 7));
      DbgPrint("released %u\\n", Post(SAN_NIC_DEREGISTER, 7, 0, 0, 0));
      DbgPrint("gone %u\\n", Post(SAN_NIC_COPY, 7, 0, 0, 8));
      MmFreeContiguousMemorySpecifyCache(From, PAGE_SIZE, MmCached);
      MmFreeContiguousMemorySpecifyCache(To, PAGE_SIZE, MmCached);`;

  test('copies between registered regions as their access allows', () => {
    const session = textSession(
      `nic Card { address_bits 32; } scenario "x" { nic Card; ${driver(atStart, further)} }`,
    );
    finish(session);
    expect(linesOf(session)).toEqual([
      'registered 1 1',
      'regions 2',
      'copied 1',
      '11 10 11',
      'forbidden 5',
      'released 1',
      'gone 3',
    ]);
    expect(session.result().violations).toEqual([]);
  });
});

describe('the debugger', () => {
  test('stops in the device, whose caller waits, and goes back exactly', () => {
    const session = cardSession('Registers[4] = 0x11; DbgPrint("%u\\n", Registers[0]);');
    session.setFunctionBreakpoints([{ id: 'read', name: 'RegisterRead' }]);
    const stop = resume(session, 'continue');
    expect(stop && stackOf(session, stop)).toEqual(['RegisterRead']);
    const threads = session.threads();
    expect(threads.find(({ id }) => id === stop?.thread)?.name).toContain('Card');
    const { tick } = session.position;
    const hash = session.hash();
    finish(session);
    goTo(session, tick);
    expect(session.hash()).toBe(hash);
    const fresh = cardSession('Registers[4] = 0x11; DbgPrint("%u\\n", Registers[0]);');
    goTo(fresh, tick);
    expect(fresh.hash()).toBe(hash);
  });

  test('steps over an access without leaving the driver', () => {
    const session = cardSession('Registers[4] = 0x11;\n  DbgPrint("here\\n");');
    session.setFunctionBreakpoints([{ id: 'start', name: 'Start' }]);
    let stop = resume(session, 'continue');
    const thread = stop?.thread;
    session.setFunctionBreakpoints([]);
    for (let steps = 0; steps < 40 && stop !== undefined; steps++) {
      expect(stop.thread).toBe(thread);
      if (linesOf(session).includes('wrote 11 at 10, 4 bytes')) break;
      stop = resume(session, 'stepOver');
    }
    expect(linesOf(session)).toEqual(['wrote 11 at 10, 4 bytes']);
  });

  test('stops where the device touches a watched physical byte', () => {
    const session = cardSession(`
      Registers[0x40] = Logical.LowPart;
      DbgPrint("done\\n");`);
    session.setFunctionBreakpoints([{ id: 'access', name: 'RegisterWrite' }]);
    const first = resume(session, 'continue');
    session.setFunctionBreakpoints([]);
    const [frame] = session.stack(first?.thread ?? 0, 0, 1).frames;
    const shown = session.evaluate('(PVOID)Value64', frame?.id, false);
    const value = shown.ok ? shown.variable.value : '';
    const address = Number(/0x[0-9A-F]+/i.exec(value)?.[0]);
    session.setDataBreakpoints([
      {
        id: 'byte',
        reference: `phys:local:0x${(address + 8).toString(16)}`,
        bytes: 4,
        access: 'read',
      },
    ]);
    const stop = resume(session, 'continue');
    expect(stop?.reason).toBe('dataBreakpoint');
    expect(stop && stackOf(session, stop)).toEqual(['RegisterWrite']);
  });
});

describe('a device that fails', () => {
  test('answers nothing any more, and the scenario says why', () => {
    const session = textSession(`scenario "x" {
      device Card with { bar 0 4K; } {
#include <dmsdevice.h>
        ULONG64 RegisterRead(ULONG Bar, ULONG Offset, ULONG Size) { return *(ULONG *)(ULONG_PTR)Offset; }
        VOID RegisterWrite(ULONG Bar, ULONG Offset, ULONG Size, ULONG64 Value) { }
      }
      ${driver('DbgPrint("%x\\n", Registers[2]);')} }`);
    finish(session);
    expect(linesOf(session)).toEqual(['ffffffff']);
    expect(session.result().failures.map(({ message }) => message)).toEqual([
      'Device Card stops working: its code was ended by STATUS_ACCESS_VIOLATION (a read of 0x0000000000000008)',
    ]);
  });
});
