/* A driver with one device that gives its reads to Read. */
#include "entry.h"

static PDEVICE_OBJECT Device;

static NTSTATUS Read(PDEVICE_OBJECT DeviceObject, PIRP Irp);

static VOID Cancel(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    IoReleaseCancelSpinLock(Irp->CancelIrql);
}

/* An IRP for Read; nobody above wants to hear of its end. */
static PIRP MakeRead(VOID)
{
    PIRP irp = IoAllocateIrp(Device->StackSize, FALSE);

    IoGetNextIrpStackLocation(irp)->MajorFunction = IRP_MJ_READ;
    return irp;
}

static NTSTATUS Complete(PIRP Irp, NTSTATUS Status)
{
    Irp->IoStatus.Status = Status;
    Irp->IoStatus.Information = 0;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    return Status;
}

static NTSTATUS Misuse(VOID);

ENTRY
{
    NTSTATUS status = IoCreateDevice(DriverObject, 0, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &Device);

    UNREFERENCED_PARAMETER(RegistryPath);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    DriverObject->MajorFunction[IRP_MJ_READ] = Read;
    DriverObject->DriverUnload = Unload;
    return Misuse();
}
