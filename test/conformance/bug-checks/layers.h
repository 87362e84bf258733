/* A driver with one device, named like the driver, that gives all its requests to Upper; it may lie above others. */
#include "entry.h"

#define CONTROL CTL_CODE(FILE_DEVICE_UNKNOWN, 0x800, METHOD_BUFFERED, FILE_ANY_ACCESS)
#define CONTROL_NEITHER CTL_CODE(FILE_DEVICE_UNKNOWN, 0x801, METHOD_NEITHER, FILE_ANY_ACCESS)

/* The driver's device, and the one that it is attached to. */
static PDEVICE_OBJECT Top;
static PDEVICE_OBJECT Below;

static NTSTATUS Upper(PDEVICE_OBJECT DeviceObject, PIRP Irp);

/* A request for Upper, or the top of the stack; nobody above wants to hear of its end. */
static PIRP MakeRequest(UCHAR MajorFunction)
{
    PIRP irp = IoAllocateIrp(Top->StackSize, FALSE);

    IoGetNextIrpStackLocation(irp)->MajorFunction = MajorFunction;
    return irp;
}

static NTSTATUS Complete(PIRP Irp, NTSTATUS Status)
{
    Irp->IoStatus.Status = Status;
    Irp->IoStatus.Information = 0;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    return Status;
}

/* Keeps the driver that made a request from losing it. */
static NTSTATUS Keep(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    UNREFERENCED_PARAMETER(Irp);
    UNREFERENCED_PARAMETER(Context);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static NTSTATUS AttachAbove(PCWSTR Name)
{
    UNICODE_STRING name;

    RtlInitUnicodeString(&name, Name);
    return IoAttachDevice(Top, &name, &Below);
}

static VOID Remove(PDRIVER_OBJECT DriverObject)
{
    if (DriverObject->DeviceObject != NULL) {
        IoDeleteDevice(DriverObject->DeviceObject);
    }
}

static NTSTATUS Misuse(VOID);

ENTRY
{
    WCHAR buffer[64];
    UNICODE_STRING name;
    NTSTATUS status;
    ULONG major;

    UNREFERENCED_PARAMETER(RegistryPath);
    /* \Driver\NAME and \Device\NAME. */
    name = DriverObject->DriverName;
    RtlCopyMemory(buffer, name.Buffer, name.Length);
    RtlCopyMemory(buffer, L"\\Device", 7 * sizeof(WCHAR));
    name.Buffer = buffer;
    status = IoCreateDevice(DriverObject, 0, &name, FILE_DEVICE_UNKNOWN, 0, FALSE, &Top);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    for (major = 0; major <= IRP_MJ_MAXIMUM_FUNCTION; major++) {
        DriverObject->MajorFunction[major] = Upper;
    }
    DriverObject->DriverUnload = Remove;
    Top->Flags &= ~DO_DEVICE_INITIALIZING;
    return Misuse();
}
