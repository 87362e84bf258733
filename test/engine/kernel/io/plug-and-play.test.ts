import { describe, expect, it } from 'vitest';
import { failuresOf, runText } from '../life/support.ts';

/** A function driver for the card with a device `\\.\Card`; `refuse` is the status of its query requests. */
const driver = (refuse = 'STATUS_SUCCESS'): string => `
#include <ntddk.h>
static UNICODE_STRING Name = RTL_CONSTANT_STRING(L"\\\\Device\\\\Card");
static UNICODE_STRING Link = RTL_CONSTANT_STRING(L"\\\\DosDevices\\\\Card");
static PDEVICE_OBJECT Device, Lower;
static PULONG Registers;
static PHYSICAL_ADDRESS Start; static ULONG Length;
static BOOLEAN Isr(PKINTERRUPT I, PVOID Context) { UNREFERENCED_PARAMETER(I); UNREFERENCED_PARAMETER(Context); return FALSE; }
static PKINTERRUPT Interrupt;
static VOID Describe(const char *What, PCM_RESOURCE_LIST List)
{
    PCM_PARTIAL_RESOURCE_LIST list = &List->List[0].PartialResourceList;
    ULONG i;
    for (i = 0; i < list->Count; i++) {
        PCM_PARTIAL_RESOURCE_DESCRIPTOR one = &list->PartialDescriptors[i];
        if (one->Type == CmResourceTypeMemory) {
            DbgPrint("%s memory %x\\n", What, one->u.Memory.Length);
            Start = one->u.Memory.Start; Length = one->u.Memory.Length;
        } else if (one->Type == CmResourceTypeInterrupt) {
            DbgPrint("%s interrupt, level %u, vector %u\\n", What, one->u.Interrupt.Level, one->u.Interrupt.Vector);
        }
    }
}
static VOID StopHardware(VOID)
{
    if (Interrupt != NULL) IoDisconnectInterrupt(Interrupt);
    Interrupt = NULL;
    if (Registers != NULL) MmUnmapIoSpace(Registers, Length);
    Registers = NULL;
}
static NTSTATUS Pnp(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(Irp);
    IO_CONNECT_INTERRUPT_PARAMETERS parameters;
    NTSTATUS status;
    UNREFERENCED_PARAMETER(DeviceObject);
    DbgPrint("minor %x\\n", stack->MinorFunction);
    switch (stack->MinorFunction) {
    case IRP_MN_START_DEVICE:
        Describe("raw", stack->Parameters.StartDevice.AllocatedResources);
        Describe("translated", stack->Parameters.StartDevice.AllocatedResourcesTranslated);
        IoForwardIrpSynchronously(Lower, Irp);
        Registers = MmMapIoSpace(Start, Length, MmNonCached);
        RtlZeroMemory(&parameters, sizeof(parameters));
        parameters.Version = CONNECT_LINE_BASED;
        parameters.LineBased.PhysicalDeviceObject = Lower;
        parameters.LineBased.InterruptObject = &Interrupt;
        parameters.LineBased.ServiceRoutine = Isr;
        status = IoConnectInterruptEx(&parameters);
        DbgPrint("register %x, interrupt %x\\n", READ_REGISTER_ULONG(Registers), status);
        Irp->IoStatus.Status = status;
        IoCompleteRequest(Irp, IO_NO_INCREMENT);
        return status;
    case IRP_MN_QUERY_STOP_DEVICE:
    case IRP_MN_QUERY_REMOVE_DEVICE:
        status = ${refuse};
        Irp->IoStatus.Status = status;
        if (!NT_SUCCESS(status)) { IoCompleteRequest(Irp, IO_NO_INCREMENT); return status; }
        break;
    case IRP_MN_SURPRISE_REMOVAL:
        DbgPrint("register %x\\n", READ_REGISTER_ULONG(Registers));
        StopHardware();
        Irp->IoStatus.Status = STATUS_SUCCESS;
        break;
    case IRP_MN_STOP_DEVICE:
        StopHardware();
        Irp->IoStatus.Status = STATUS_SUCCESS;
        break;
    case IRP_MN_REMOVE_DEVICE:
        StopHardware();
        IoSkipCurrentIrpStackLocation(Irp);
        status = IoCallDriver(Lower, Irp);
        IoDetachDevice(Lower);
        IoDeleteSymbolicLink(&Link);
        IoDeleteDevice(Device);
        return status;
    }
    IoSkipCurrentIrpStackLocation(Irp);
    return IoCallDriver(Lower, Irp);
}
static NTSTATUS Succeed(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    DbgPrint("major %x\\n", IoGetCurrentIrpStackLocation(Irp)->MajorFunction);
    Irp->IoStatus.Status = STATUS_SUCCESS;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    return STATUS_SUCCESS;
}
static NTSTATUS AddDevice(PDRIVER_OBJECT DriverObject, PDEVICE_OBJECT Pdo)
{
    NTSTATUS status = IoCreateDevice(DriverObject, 0, &Name, FILE_DEVICE_UNKNOWN, 0, FALSE, &Device);
    if (!NT_SUCCESS(status)) return status;
    Lower = IoAttachDeviceToDeviceStack(Device, Pdo);
    Device->Flags &= ~DO_DEVICE_INITIALIZING;
    return IoCreateSymbolicLink(&Link, &Name);
}
static VOID Unload(PDRIVER_OBJECT DriverObject) { UNREFERENCED_PARAMETER(DriverObject); DbgPrint("unload\\n"); }
NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(RegistryPath);
    DriverObject->DriverUnload = Unload;
    DriverObject->DriverExtension->AddDevice = AddDevice;
    DriverObject->MajorFunction[IRP_MJ_PNP] = Pnp;
    DriverObject->MajorFunction[IRP_MJ_CREATE] = Succeed;
    DriverObject->MajorFunction[IRP_MJ_CLEANUP] = Succeed;
    DriverObject->MajorFunction[IRP_MJ_CLOSE] = Succeed;
    return STATUS_SUCCESS;
}`;

const run = (event: string, refuse?: string) =>
  runText(`device Card with { bar 0 4K; interrupt; } {
#include <dmsdevice.h>
ULONG64 RegisterRead(ULONG Bar, ULONG Offset, ULONG Size) { return 0x1234 + Bar + Offset + 0 * Size; }
VOID RegisterWrite(ULONG Bar, ULONG Offset, ULONG Size, ULONG64 Value) { Bar += Offset + Size + (ULONG)Value; }
}
scenario "test" {
  device Card;
  driver CardDriver for Card { ${driver(refuse)} }
  ${event}
  process client {
#include <windows.h>
#include <stdio.h>
int main(void)
{
    HANDLE file = CreateFileA("\\\\\\\\.\\\\Card", GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL);
    if (file == INVALID_HANDLE_VALUE) return 1000 + GetLastError();
    Sleep(10);
    printf("client closes\\n");
    CloseHandle(file);
    Sleep(10);
    file = CreateFileA("\\\\\\\\.\\\\Card", GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL);
    printf("%s\\n", file == INVALID_HANDLE_VALUE ? "gone" : "still there");
    if (file != INVALID_HANDLE_VALUE) CloseHandle(file);
    return 0;
}
  }
}`);

const started = [
  'minor 0',
  'raw memory 1000',
  'raw interrupt, level 16, vector 16',
  'translated memory 1000',
  'translated interrupt, level 6, vector 97',
  'register 1234, interrupt 0',
];
const opened = ['major 0'];
const closed = ['major 12', 'major 2'];

describe('Plug and Play', () => {
  it('surprise removal leaves the driver until the last handle is closed', () => {
    const found = run('event surprise_removal Card after 5 ms;');
    expect(failuresOf(found)).toEqual([]);
    expect(found.output).toEqual([
      ...started,
      ...opened,
      'minor 17',
      'register ffffffff',
      'client closes',
      ...closed,
      'minor 2',
      'gone',
      'unload',
    ]);
    expect(found.reports.list('leak')).toEqual([]);
  });

  it('a rebalance stops the device and starts it again', () => {
    const found = run('event rebalance Card after 5 ms;');
    expect(failuresOf(found)).toEqual([]);
    expect(found.output).toEqual([
      ...started,
      ...opened,
      'minor 5',
      'minor 4',
      ...started,
      'client closes',
      ...closed,
      ...opened,
      'still there',
      ...closed,
      'minor 2',
      'unload',
    ]);
  });

  it('a driver that refuses keeps its device', () => {
    const found = run('event removal Card after 5 ms;', 'STATUS_UNSUCCESSFUL');
    expect(failuresOf(found)).toEqual([]);
    expect(found.output.slice(started.length, started.length + 4)).toEqual([
      ...opened,
      'minor 1',
      'minor 3',
      'The device Card could not be removed: its driver answered STATUS_UNSUCCESSFUL.',
    ]);
    expect(found.output).toContain('still there');
  });

  it('an event without a time happens first, one behind the processes happens all the same', () => {
    const first = run('event rebalance Card;');
    expect(first.output.indexOf('minor 5')).toBeLessThan(first.output.indexOf('client closes'));
    const last = run('event rebalance Card after 1 s;');
    expect(last.output.indexOf('minor 5')).toBeGreaterThan(last.output.indexOf('still there'));
    expect(failuresOf(last)).toEqual([]);
  });

  it('an event names a device of the host and a time', () => {
    expect(() => run('event surprise_removal Cart after 5 ms;')).toThrow('Cart');
    expect(() => run('event surprise_removal Card after 5 hours;')).toThrow("Expected 'us'");
    expect(() => run('event explosion Card;')).toThrow('surprise_removal, removal, rebalance');
  });
});

describe('the resources of a device', () => {
  const card = `device Card with { bar 0 4K; bar 2 64K; interrupt; address_bits 32; } {
#include <dmsdevice.h>
ULONG64 RegisterRead(ULONG Bar, ULONG Offset, ULONG Size) { return 0x1000 * Bar + Offset + 0 * Size; }
VOID RegisterWrite(ULONG Bar, ULONG Offset, ULONG Size, ULONG64 Value) { Bar += Offset + Size; DeviceInterrupt(0); Value = 0; }
}`;
  const driver = `
#include <ntddk.h>
static PDEVICE_OBJECT Device, Lower;
static PULONG Registers, Old; static PHYSICAL_ADDRESS Start; static ULONG Length, Raised, Starts;
static PKINTERRUPT Interrupt; static PDMA_ADAPTER Adapter;
static BOOLEAN Isr(PKINTERRUPT I, PVOID Context) { UNREFERENCED_PARAMETER(I); UNREFERENCED_PARAMETER(Context); Raised++; return TRUE; }
/* The same entries in both lists: memory where the bus and the processors see it, the interrupt in each one's numbers. */
static VOID Find(PCM_RESOURCE_LIST Raw, PCM_RESOURCE_LIST Translated)
{
    PCM_PARTIAL_RESOURCE_LIST raw = &Raw->List[0].PartialResourceList, list = &Translated->List[0].PartialResourceList;
    PHYSICAL_ADDRESS before = Start;
    ULONG i;
    DbgPrint("%u lists, bus %u, type %u, version %u.%u, %u entries\\n", Translated->Count, Translated->List[0].BusNumber, Translated->List[0].InterfaceType, list->Version, list->Revision, list->Count);
    for (i = 0; i < list->Count; i++) {
        PCM_PARTIAL_RESOURCE_DESCRIPTOR one = &list->PartialDescriptors[i], other = &raw->PartialDescriptors[i];
        if (one->Type == CmResourceTypeMemory) {
            DbgPrint("memory %x, share %u, aligned %u, raw %u\\n", one->u.Memory.Length, one->ShareDisposition,
                     (one->u.Memory.Start.QuadPart & (one->u.Memory.Length - 1)) == 0, other->u.Memory.Start.QuadPart == one->u.Memory.Start.QuadPart);
            if (i == 0) { Start = one->u.Memory.Start; Length = one->u.Memory.Length; }
        } else if (one->Type == CmResourceTypeInterrupt) {
            DbgPrint("interrupt, share %u, flags %u\\n", one->ShareDisposition, one->Flags);
            IoConnectInterrupt(&Interrupt, Isr, NULL, NULL, one->u.Interrupt.Vector, (KIRQL)one->u.Interrupt.Level, (KIRQL)one->u.Interrupt.Level, LevelSensitive, TRUE, one->u.Interrupt.Affinity, FALSE);
        }
    }
    if (Starts++ != 0) DbgPrint("moved %u\\n", before.QuadPart != Start.QuadPart);
}
static VOID Release(VOID)
{
    if (Interrupt != NULL) IoDisconnectInterrupt(Interrupt);
    Interrupt = NULL;
    if (Adapter != NULL) Adapter->DmaOperations->PutDmaAdapter(Adapter);
    Adapter = NULL;
}
static NTSTATUS Pnp(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(Irp);
    DEVICE_DESCRIPTION description; ULONG registers; NTSTATUS status; PHYSICAL_ADDRESS logical; PVOID buffer;
    UNREFERENCED_PARAMETER(DeviceObject);
    switch (stack->MinorFunction) {
    case IRP_MN_START_DEVICE:
        IoForwardIrpSynchronously(Lower, Irp);
        Find(stack->Parameters.StartDevice.AllocatedResources, stack->Parameters.StartDevice.AllocatedResourcesTranslated);
        Registers = MmMapIoSpace(Start, Length, MmNonCached);
        RtlZeroMemory(&description, sizeof(description));
        description.Version = DEVICE_DESCRIPTION_VERSION; description.Master = TRUE; description.ScatterGather = TRUE;
        description.Dma32BitAddresses = TRUE; description.InterfaceType = PCIBus; description.MaximumLength = 0x1000;
        Adapter = IoGetDmaAdapter(Lower, &description, &registers);
        buffer = Adapter->DmaOperations->AllocateCommonBuffer(Adapter, 4096, &logical, TRUE);
        DbgPrint("register %x, registers %u, buffer below 4G %u\\n", READ_REGISTER_ULONG(Registers + 2), registers, logical.HighPart == 0);
        Adapter->DmaOperations->FreeCommonBuffer(Adapter, 4096, logical, buffer, TRUE);
        if (Old != NULL) { DbgPrint("the old place %x\\n", READ_REGISTER_ULONG(Old + 2)); WRITE_REGISTER_ULONG(Old, 1); MmUnmapIoSpace(Old, Length); Old = NULL; }
        DbgPrint("raised %u\\n", Raised);
        Irp->IoStatus.Status = STATUS_SUCCESS;
        IoCompleteRequest(Irp, IO_NO_INCREMENT);
        return STATUS_SUCCESS;
    case IRP_MN_STOP_DEVICE:
        Release(); Old = Registers; Registers = NULL;
        break;
    case IRP_MN_REMOVE_DEVICE:
        Release(); MmUnmapIoSpace(Registers, Length);
        IoSkipCurrentIrpStackLocation(Irp); status = IoCallDriver(Lower, Irp);
        IoDetachDevice(Lower); IoDeleteDevice(Device);
        return status;
    }
    Irp->IoStatus.Status = STATUS_SUCCESS;
    IoSkipCurrentIrpStackLocation(Irp);
    return IoCallDriver(Lower, Irp);
}
static NTSTATUS AddDevice(PDRIVER_OBJECT DriverObject, PDEVICE_OBJECT Pdo)
{
    IoCreateDevice(DriverObject, 0, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &Device);
    Lower = IoAttachDeviceToDeviceStack(Device, Pdo);
    Device->Flags &= ~DO_DEVICE_INITIALIZING;
    return STATUS_SUCCESS;
}
static VOID Unload(PDRIVER_OBJECT DriverObject) { UNREFERENCED_PARAMETER(DriverObject); }
NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(RegistryPath);
    DriverObject->DriverUnload = Unload;
    DriverObject->DriverExtension->AddDevice = AddDevice;
    DriverObject->MajorFunction[IRP_MJ_PNP] = Pnp;
    return STATUS_SUCCESS;
}`;

  it('are found in both lists, and are others after a rebalance: nobody answers at the old place', () => {
    const found = runText(`${card}
scenario "test" {
  device Card;
  driver CardDriver for Card { ${driver} }
  event rebalance Card after 1 ms;
  process client {
#include <windows.h>
int main(void) { Sleep(20); return 0; }
  }
}`);
    const lists = [
      '1 lists, bus 0, type 5, version 1.1, 3 entries',
      'memory 1000, share 1, aligned 1, raw 1',
      'memory 10000, share 1, aligned 1, raw 1',
      'interrupt, share 3, flags 0',
    ];
    const works = 'register 8, registers 2, buffer below 4G 1';
    expect(found.reports.list('bugCheck')).toEqual([]);
    expect(failuresOf(found)).toEqual([]);
    expect(found.output).toEqual([
      ...lists,
      works,
      'raised 0',
      ...lists,
      'moved 1',
      works,
      'the old place ffffffff',
      'raised 0',
    ]);
    expect(found.reports.list('leak')).toEqual([]);
    expect(found.reports.list('violation')).toEqual([]);
  });
});
