/* Locks the caller's buffer and takes the lock off TIMES_UNLOCKED times. */
#include <ntddk.h>
#include "lock-user.h"

static UNICODE_STRING Link = RTL_CONSTANT_STRING(L"\\DosDevices\\LockUser");
static PDEVICE_OBJECT Device;

static NTSTATUS Complete(PIRP Irp, NTSTATUS Status)
{
    Irp->IoStatus.Status = Status;
    Irp->IoStatus.Information = 0;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    return Status;
}

static NTSTATUS Succeed(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    return Complete(Irp, STATUS_SUCCESS);
}

static NTSTATUS Control(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PIO_STACK_LOCATION location = IoGetCurrentIrpStackLocation(Irp);
    PMDL mdl;
    int times;

    UNREFERENCED_PARAMETER(DeviceObject);
#ifdef RAISES
    ExRaiseStatus(STATUS_INVALID_PARAMETER);
#endif
    mdl = IoAllocateMdl(location->Parameters.DeviceIoControl.Type3InputBuffer,
                        location->Parameters.DeviceIoControl.InputBufferLength, FALSE, FALSE, NULL);
    if (mdl == NULL) {
        return Complete(Irp, STATUS_INSUFFICIENT_RESOURCES);
    }
    __try {
        MmProbeAndLockPages(mdl, UserMode, IoReadAccess);
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        IoFreeMdl(mdl);
        return Complete(Irp, GetExceptionCode());
    }
    for (times = 0; times < TIMES_UNLOCKED; times++) {
        MmUnlockPages(mdl);
    }
    if (TIMES_UNLOCKED > 0) {
        IoFreeMdl(mdl);
    }
    return Complete(Irp, STATUS_SUCCESS);
}

static VOID Unload(PDRIVER_OBJECT DriverObject)
{
    UNREFERENCED_PARAMETER(DriverObject);
    IoDeleteSymbolicLink(&Link);
    IoDeleteDevice(Device);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNICODE_STRING name = RTL_CONSTANT_STRING(L"\\Device\\LockUser");
    NTSTATUS status;

    UNREFERENCED_PARAMETER(RegistryPath);
    status = IoCreateDevice(DriverObject, 0, &name, FILE_DEVICE_UNKNOWN, 0, FALSE, &Device);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    status = IoCreateSymbolicLink(&Link, &name);
    if (!NT_SUCCESS(status)) {
        IoDeleteDevice(Device);
        return status;
    }
    DriverObject->MajorFunction[IRP_MJ_CREATE] = Succeed;
    DriverObject->MajorFunction[IRP_MJ_CLOSE] = Succeed;
    DriverObject->MajorFunction[IRP_MJ_CLEANUP] = Succeed;
    DriverObject->MajorFunction[IRP_MJ_DEVICE_CONTROL] = Control;
    DriverObject->DriverUnload = Unload;
    return STATUS_SUCCESS;
}
