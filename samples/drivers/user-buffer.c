/*++

Module Name:

    user-buffer.c

Abstract:

    A driver that works on a buffer of the calling process in place. The buffer arrives with a
    METHOD_NEITHER control code, as a plain user-mode address: the driver builds an MDL over it, locks
    the pages inside __try, maps them into system space and sums the bytes. This is how a driver has to
    do it when it keeps the buffer beyond the request, and each step can fail.

Environment:

    Kernel mode only.

--*/

#include <ntddk.h>
#include "user-buffer.h"

#define NT_DEVICE_NAME  L"\\Device\\UserBuffer"
#define DOS_DEVICE_NAME L"\\DosDevices\\UserBuffer"

DRIVER_INITIALIZE DriverEntry;

_Dispatch_type_(IRP_MJ_CREATE)
_Dispatch_type_(IRP_MJ_CLOSE)
DRIVER_DISPATCH UserBufferCreateClose;

_Dispatch_type_(IRP_MJ_DEVICE_CONTROL)
DRIVER_DISPATCH UserBufferDeviceControl;

DRIVER_UNLOAD UserBufferUnload;

#ifdef ALLOC_PRAGMA
#pragma alloc_text(INIT, DriverEntry)
#pragma alloc_text(PAGE, UserBufferCreateClose)
#pragma alloc_text(PAGE, UserBufferDeviceControl)
#pragma alloc_text(PAGE, UserBufferUnload)
#endif

NTSTATUS
DriverEntry(
    _In_ PDRIVER_OBJECT  DriverObject,
    _In_ PUNICODE_STRING RegistryPath
    )
{
    UNICODE_STRING ntDeviceName;
    UNICODE_STRING dosDeviceName;
    PDEVICE_OBJECT deviceObject = NULL;
    NTSTATUS       status;

    UNREFERENCED_PARAMETER(RegistryPath);

    RtlInitUnicodeString(&ntDeviceName, NT_DEVICE_NAME);
    status = IoCreateDevice(
        DriverObject,
        0,
        &ntDeviceName,
        FILE_DEVICE_UNKNOWN,
        FILE_DEVICE_SECURE_OPEN,
        FALSE,
        &deviceObject
        );
    if (!NT_SUCCESS(status)) {
        KdPrint(("UserBuffer: no device object, %x\n", status));
        return status;
    }

    DriverObject->MajorFunction[IRP_MJ_CREATE] = UserBufferCreateClose;
    DriverObject->MajorFunction[IRP_MJ_CLOSE] = UserBufferCreateClose;
    DriverObject->MajorFunction[IRP_MJ_DEVICE_CONTROL] = UserBufferDeviceControl;
    DriverObject->DriverUnload = UserBufferUnload;

    RtlInitUnicodeString(&dosDeviceName, DOS_DEVICE_NAME);
    status = IoCreateSymbolicLink(&dosDeviceName, &ntDeviceName);
    if (!NT_SUCCESS(status)) {
        KdPrint(("UserBuffer: no symbolic link, %x\n", status));
        IoDeleteDevice(deviceObject);
    }
    return status;
}

NTSTATUS
UserBufferCreateClose(
    PDEVICE_OBJECT DeviceObject,
    PIRP           Irp
    )
{
    UNREFERENCED_PARAMETER(DeviceObject);
    PAGED_CODE();

    Irp->IoStatus.Status = STATUS_SUCCESS;
    Irp->IoStatus.Information = 0;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    return STATUS_SUCCESS;
}

VOID
UserBufferUnload(
    _In_ PDRIVER_OBJECT DriverObject
    )
{
    UNICODE_STRING dosDeviceName;

    PAGED_CODE();

    RtlInitUnicodeString(&dosDeviceName, DOS_DEVICE_NAME);
    IoDeleteSymbolicLink(&dosDeviceName);
    if (DriverObject->DeviceObject != NULL) {
        IoDeleteDevice(DriverObject->DeviceObject);
    }
}

NTSTATUS
UserBufferDeviceControl(
    PDEVICE_OBJECT DeviceObject,
    PIRP           Irp
    )
{
    PIO_STACK_LOCATION irpSp = IoGetCurrentIrpStackLocation(Irp);
    ULONG              inputLength = irpSp->Parameters.DeviceIoControl.InputBufferLength;
    ULONG              outputLength = irpSp->Parameters.DeviceIoControl.OutputBufferLength;
    PVOID              input = irpSp->Parameters.DeviceIoControl.Type3InputBuffer;
    PVOID              output = Irp->UserBuffer;
    PMDL               mdl = NULL;
    PUCHAR             bytes;
    ULONG              sum = 0;
    ULONG              index;
    NTSTATUS           status = STATUS_SUCCESS;

    UNREFERENCED_PARAMETER(DeviceObject);
    PAGED_CODE();

    Irp->IoStatus.Information = 0;

    if (irpSp->Parameters.DeviceIoControl.IoControlCode != IOCTL_USER_BUFFER_SUM) {
        status = STATUS_INVALID_DEVICE_REQUEST;
        goto End;
    }
    if (inputLength == 0 || outputLength < sizeof(ULONG)) {
        status = STATUS_INVALID_PARAMETER;
        goto End;
    }

    mdl = IoAllocateMdl(input, inputLength, FALSE, FALSE, NULL);
    if (mdl == NULL) {
        status = STATUS_INSUFFICIENT_RESOURCES;
        goto End;
    }

    //
    // The address comes from the caller and may be anything: an exception is the only answer that
    // MmProbeAndLockPages has for a bad one.
    //
    __try {
        MmProbeAndLockPages(mdl, UserMode, IoReadAccess);
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        status = GetExceptionCode();
        KdPrint(("UserBuffer: cannot lock %p, %x\n", input, status));
        IoFreeMdl(mdl);
        mdl = NULL;
        goto End;
    }

    bytes = (PUCHAR)MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority);
    if (bytes == NULL) {
        status = STATUS_INSUFFICIENT_RESOURCES;
        goto End;
    }
    for (index = 0; index < inputLength; index++) {
        sum += bytes[index];
    }

    __try {
        ProbeForWrite(output, sizeof(ULONG), sizeof(ULONG));
        *(PULONG)output = sum;
        Irp->IoStatus.Information = sizeof(ULONG);
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        status = GetExceptionCode();
    }

End:
    if (mdl != NULL) {
        MmUnlockPages(mdl);
        IoFreeMdl(mdl);
    }
    Irp->IoStatus.Status = status;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    return status;
}
