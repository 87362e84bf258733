import { describe, expect, it } from 'vitest';
import { entry, failuresOf, runDriver, runText } from '../life/support.ts';

const clean = (found: ReturnType<typeof runDriver>) => {
  expect(found.reports.list('bugCheck')).toEqual([]);
  expect(found.reports.list('violation')).toEqual([]);
  expect(found.reports.list('leak')).toEqual([]);
  return found.output;
};

describe('a callback object', () => {
  const routines = `
static VOID First(PVOID Context, PVOID One, PVOID Two) { DbgPrint("%s %u %u\\n", (const char *)Context, (ULONG)(ULONG_PTR)One, (ULONG)(ULONG_PTR)Two); }
static PVOID Registration;
static VOID Once(PVOID Context, PVOID One, PVOID Two) { UNREFERENCED_PARAMETER(One); UNREFERENCED_PARAMETER(Two); DbgPrint("once %s\\n", (const char *)Context); }`;

  it('calls its routines in the order of registration, until they are taken back', () => {
    const found = runDriver(
      entry(
        `UNICODE_STRING name = RTL_CONSTANT_STRING(L"\\\\Callback\\\\Own"); OBJECT_ATTRIBUTES attributes; PCALLBACK_OBJECT object, again; PVOID a, b;
    InitializeObjectAttributes(&attributes, &name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    DbgPrint("%x\\n", ExCreateCallback(&object, &attributes, FALSE, TRUE));
    DbgPrint("%x", ExCreateCallback(&object, &attributes, TRUE, TRUE)); DbgPrint(" %x", ExCreateCallback(&again, &attributes, FALSE, FALSE)); DbgPrint(" %u\\n", object == again);
    a = ExRegisterCallback(object, First, "a"); b = ExRegisterCallback(again, Once, "b");
    ExNotifyCallback(object, (PVOID)1, (PVOID)2);
    ExUnregisterCallback(a); ExNotifyCallback(object, (PVOID)3, (PVOID)4); ExUnregisterCallback(b);
    ExNotifyCallback(object, NULL, NULL);
    ObDereferenceObject(object); ObDereferenceObject(again);
    DbgPrint("%x\\n", ExCreateCallback(&object, &attributes, FALSE, TRUE));`,
        routines,
      ),
    );
    expect(clean(found)).toEqual(['c0000034', '0 0 1', 'a 1 2', 'once b', 'once b', 'c0000034']);
  });

  it('takes one routine alone when it was made so, and runs them at DISPATCH_LEVEL too', () => {
    const found = runDriver(
      entry(
        `OBJECT_ATTRIBUTES attributes; PCALLBACK_OBJECT object; PVOID a; KIRQL irql;
    InitializeObjectAttributes(&attributes, NULL, 0, NULL, NULL);
    ExCreateCallback(&object, &attributes, TRUE, FALSE);
    a = ExRegisterCallback(object, First, "a"); DbgPrint("%u\\n", ExRegisterCallback(object, First, "b") == NULL);
    KeRaiseIrql(DISPATCH_LEVEL, &irql); ExNotifyCallback(object, (PVOID)5, (PVOID)6); KeLowerIrql(irql);
    ExUnregisterCallback(a); ObDereferenceObject(object);`,
        routines,
      ),
    );
    expect(clean(found)).toEqual(['1', 'a 5 6']);
  });
});

describe('a driver that wants to hear of processes', () => {
  const process = '#include <stdio.h>\nint main(void) { printf("running\\n"); return 0; }';
  const listening = (create: string): string => `
static VOID Plain(HANDLE Parent, HANDLE Id, BOOLEAN Create) { DbgPrint("%u of %u %s, now in %u\\n", (ULONG)(ULONG_PTR)Id, (ULONG)(ULONG_PTR)Parent, Create ? "begins" : "ends", (ULONG)(ULONG_PTR)PsGetCurrentProcessId()); }
static VOID Full(PEPROCESS Process, HANDLE Id, PPS_CREATE_NOTIFY_INFO Info)
{
    if (Info == NULL) { DbgPrint("%u ends, %u\\n", (ULONG)(ULONG_PTR)Id, Process == PsGetCurrentProcess()); return; }
    DbgPrint("%wZ %u\\n", Info->ImageFileName, PsGetProcessId(Process) == Id); ${create}
}
static VOID Unload(PDRIVER_OBJECT DriverObject)
{
    UNREFERENCED_PARAMETER(DriverObject);
    PsSetCreateProcessNotifyRoutine(Plain, TRUE); PsSetCreateProcessNotifyRoutineEx(Full, TRUE);
}
NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(RegistryPath);
    DriverObject->DriverUnload = Unload;
    DbgPrint("%x", PsSetCreateProcessNotifyRoutine(Plain, FALSE)); DbgPrint(" %x", PsSetCreateProcessNotifyRoutine(Plain, FALSE)); DbgPrint(" %x\\n", PsSetCreateProcessNotifyRoutineEx(Full, TRUE));
    return PsSetCreateProcessNotifyRoutineEx(Full, FALSE);
}`;

  it('is called before the first instruction and, in the process, at its end', () => {
    const found = runDriver(listening(''), { process, machine: 'windows "Windows 10";' });
    expect(clean(found)).toEqual([
      '0 c000000d c000007a',
      '8 of 4 begins, now in 4',
      '\\??\\C:\\client.exe 1',
      'running',
      '8 of 4 ends, now in 8',
      '8 ends, 1',
    ]);
    expect(failuresOf(found)).toEqual([]);
  });

  it('may refuse it', () => {
    const found = runDriver(listening('Info->CreationStatus = STATUS_ACCESS_DENIED;'), {
      process,
      machine: 'windows "Windows 10";',
    });
    expect(found.output).not.toContain('running');
    expect(failuresOf(found)).toEqual([
      'Process client did not start: a driver refused it with STATUS_ACCESS_DENIED',
    ]);
  });
});

/** A function driver of a card, and a driver that listens to it; `query` is what the listener answers. */
const card = (event: string, query = 'STATUS_SUCCESS') =>
  runText(`device Card with { bar 0 4K; } {
#include <dmsdevice.h>
ULONG64 RegisterRead(ULONG Bar, ULONG Offset, ULONG Size) { return Bar + Offset + Size; }
VOID RegisterWrite(ULONG Bar, ULONG Offset, ULONG Size, ULONG64 Value) { Bar += Offset + Size + (ULONG)Value; }
}
scenario "test" {
  device Card;
  driver Listener {
#include <ntddk.h>
#include <initguid.h>
#include <wdmguid.h>
DEFINE_GUID(GUID_CARD, 0x11111111, 0x2222, 0x3333, 1, 2, 3, 4, 5, 6, 7, 8);
static PVOID Interfaces, Target; static PFILE_OBJECT File; static PDEVICE_OBJECT Device;
static PDRIVER_OBJECT Driver;
static NTSTATUS Happened(PVOID Structure, PVOID Context)
{
    PTARGET_DEVICE_CUSTOM_NOTIFICATION one = Structure;
    UNREFERENCED_PARAMETER(Context);
    if (RtlEqualMemory(&one->Event, &GUID_TARGET_DEVICE_QUERY_REMOVE, sizeof(GUID))) { DbgPrint("query remove\\n"); if (NT_SUCCESS(${query})) { ObDereferenceObject(File); File = NULL; } return ${query}; }
    if (RtlEqualMemory(&one->Event, &GUID_TARGET_DEVICE_REMOVE_CANCELLED, sizeof(GUID))) { DbgPrint("cancelled\\n"); return STATUS_SUCCESS; }
    if (RtlEqualMemory(&one->Event, &GUID_TARGET_DEVICE_REMOVE_COMPLETE, sizeof(GUID))) { DbgPrint("complete\\n"); if (File != NULL) ObDereferenceObject(File); File = NULL; return STATUS_SUCCESS; }
    DbgPrint("custom %u, file %u\\n", one->CustomDataBuffer[0], one->FileObject == File);
    return STATUS_SUCCESS;
}
static NTSTATUS Changed(PVOID Structure, PVOID Context)
{
    PDEVICE_INTERFACE_CHANGE_NOTIFICATION one = Structure;
    BOOLEAN arrival = (BOOLEAN)(RtlEqualMemory(&one->Event, &GUID_DEVICE_INTERFACE_ARRIVAL, sizeof(GUID)) != 0);
    DbgPrint("%s %wZ at %u, %u bytes\\n", arrival ? "arrival of" : "removal of", one->SymbolicLinkName, KeGetCurrentIrql(), one->Size);
    UNREFERENCED_PARAMETER(Context);
    if (arrival && File == NULL) {
        DbgPrint("open %x\\n", IoGetDeviceObjectPointer(one->SymbolicLinkName, FILE_READ_DATA, &File, &Device));
        DbgPrint("register %x\\n", IoRegisterPlugPlayNotification(EventCategoryTargetDeviceChange, 0, File, Driver, Happened, NULL, &Target));
    }
    return STATUS_SUCCESS;
}
static VOID Unload(PDRIVER_OBJECT DriverObject)
{
    UNREFERENCED_PARAMETER(DriverObject);
    IoUnregisterPlugPlayNotification(Interfaces);
    if (Target != NULL) IoUnregisterPlugPlayNotificationEx(Target);
    if (File != NULL) ObDereferenceObject(File);
}
NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(RegistryPath);
    Driver = DriverObject;
    DriverObject->DriverUnload = Unload;
    return IoRegisterPlugPlayNotification(EventCategoryDeviceInterfaceChange, PNPNOTIFY_DEVICE_INTERFACE_INCLUDE_EXISTING_INTERFACES, (PVOID)&GUID_CARD, DriverObject, Changed, NULL, &Interfaces);
}
  }
  driver CardDriver for Card {
#include <ntddk.h>
#include <initguid.h>
DEFINE_GUID(GUID_CARD, 0x11111111, 0x2222, 0x3333, 1, 2, 3, 4, 5, 6, 7, 8);
DEFINE_GUID(GUID_OWN, 0x99999999, 0x2222, 0x3333, 1, 2, 3, 4, 5, 6, 7, 8);
static PDEVICE_OBJECT Device, Lower; static UNICODE_STRING Link;
static NTSTATUS Pnp(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(Irp);
    NTSTATUS status;
    UNREFERENCED_PARAMETER(DeviceObject);
    DbgPrint("minor %x\\n", stack->MinorFunction);
    if (stack->MinorFunction == IRP_MN_START_DEVICE) {
        IoForwardIrpSynchronously(Lower, Irp);
        IoSetDeviceInterfaceState(&Link, TRUE);
        Irp->IoStatus.Status = STATUS_SUCCESS; IoCompleteRequest(Irp, IO_NO_INCREMENT); return STATUS_SUCCESS;
    }
    if (stack->MinorFunction == IRP_MN_REMOVE_DEVICE) {
        IoSetDeviceInterfaceState(&Link, FALSE); RtlFreeUnicodeString(&Link);
        IoSkipCurrentIrpStackLocation(Irp); status = IoCallDriver(Lower, Irp); IoDetachDevice(Lower); IoDeleteDevice(Device); return status;
    }
    Irp->IoStatus.Status = STATUS_SUCCESS; IoSkipCurrentIrpStackLocation(Irp); return IoCallDriver(Lower, Irp);
}
static NTSTATUS Succeed(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    TARGET_DEVICE_CUSTOM_NOTIFICATION custom;
    UCHAR major = IoGetCurrentIrpStackLocation(Irp)->MajorFunction;
    UNREFERENCED_PARAMETER(DeviceObject);
    Irp->IoStatus.Status = STATUS_SUCCESS; IoCompleteRequest(Irp, IO_NO_INCREMENT);
    if (major != IRP_MJ_DEVICE_CONTROL) return STATUS_SUCCESS;
    custom.Version = 1; custom.Size = sizeof custom; custom.Event = GUID_OWN; custom.FileObject = NULL; custom.NameBufferOffset = -1; custom.CustomDataBuffer[0] = 7;
    DbgPrint("report %x\\n", IoReportTargetDeviceChange(Lower, &custom));
    custom.Size = 4; DbgPrint("report %x\\n", IoReportTargetDeviceChange(Lower, &custom));
    custom.Size = sizeof custom; custom.CustomDataBuffer[0] = 8; DbgPrint("report %x\\n", IoReportTargetDeviceChangeAsynchronous(Lower, &custom, NULL, NULL));
    return STATUS_SUCCESS;
}
static NTSTATUS AddDevice(PDRIVER_OBJECT DriverObject, PDEVICE_OBJECT Pdo)
{
    UNICODE_STRING name = RTL_CONSTANT_STRING(L"\\\\Device\\\\Card");
    IoCreateDevice(DriverObject, 0, &name, FILE_DEVICE_UNKNOWN, 0, FALSE, &Device);
    Lower = IoAttachDeviceToDeviceStack(Device, Pdo); Device->Flags &= ~DO_DEVICE_INITIALIZING;
    return IoRegisterDeviceInterface(Pdo, &GUID_CARD, NULL, &Link);
}
static VOID Unload(PDRIVER_OBJECT DriverObject) { UNREFERENCED_PARAMETER(DriverObject); }
NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(RegistryPath);
    DriverObject->DriverUnload = Unload; DriverObject->DriverExtension->AddDevice = AddDevice;
    DriverObject->MajorFunction[IRP_MJ_PNP] = Pnp; DriverObject->MajorFunction[IRP_MJ_CREATE] = Succeed; DriverObject->MajorFunction[IRP_MJ_DEVICE_CONTROL] = Succeed;
    DriverObject->MajorFunction[IRP_MJ_CLEANUP] = Succeed; DriverObject->MajorFunction[IRP_MJ_CLOSE] = Succeed;
    return STATUS_SUCCESS;
}
  }
  ${event}
  process client {
#include <windows.h>
int main(void)
{
    DWORD got; HANDLE file = CreateFileA("\\\\\\\\.\\\\PCI#Card#{11111111-2222-3333-0102-030405060708}", GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL);
    if (file == INVALID_HANDLE_VALUE) return 1000 + GetLastError();
    DeviceIoControl(file, 0x80002000, NULL, 0, NULL, 0, &got, NULL);
    Sleep(1); CloseHandle(file); Sleep(20);
    return 0;
}
  }
}`);

const begins = [
  'minor 0',
  'arrival of \\??\\PCI#Card#{11111111-2222-3333-0102-030405060708} at 0, 48 bytes',
  'open 0',
  'register 0',
  'custom 7, file 1',
  'report 0',
  'report c0000010',
  'report 103',
  'custom 8, file 1',
];

describe('Plug and Play notification', () => {
  it('tells of interfaces and of what happens to a device, which is asked before it goes', () => {
    const found = card('event removal Card after 10 ms;');
    expect(clean(found)).toEqual([
      ...begins,
      'query remove',
      'minor 1',
      'complete',
      'minor 2',
      'removal of \\??\\PCI#Card#{11111111-2222-3333-0102-030405060708} at 0, 48 bytes',
    ]);
    expect(failuresOf(found)).toEqual([]);
  });

  it('lets whoever has registered refuse the removal', () => {
    const found = card('event removal Card after 10 ms;', 'STATUS_UNSUCCESSFUL');
    expect(found.output.slice(begins.length, begins.length + 2)).toEqual([
      'query remove',
      'cancelled',
    ]);
    expect(found.output.join('\n')).toContain('could not be removed');
  });

  it('tells of a surprise, too', () => {
    const found = card('event surprise_removal Card after 10 ms;');
    expect(clean(found).slice(begins.length, begins.length + 3)).toEqual([
      'minor 17',
      'complete',
      'minor 2',
    ]);
  });
});
