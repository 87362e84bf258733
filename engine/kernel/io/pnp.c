/* Drivers and devices come and go: DriverEntry, AddDevice, start, remove, unload. */
#include <ntddk.h>
#include "io-primitives.h"
#include "pnp.h"

NTSTATUS
IopInitializeDriver(_In_ PDRIVER_OBJECT DriverObject, _In_ PUNICODE_STRING RegistryPath)
{
    NTSTATUS status = DriverObject->DriverInit(DriverObject, RegistryPath);

    if (!NT_SUCCESS(status)) {
        IopFreeDriverExtensions(DriverObject);
    }
    return status;
}

VOID
IopUnloadDriver(_In_ PDRIVER_OBJECT DriverObject)
{
    DriverObject->DriverUnload(DriverObject);
    IopFreeDriverExtensions(DriverObject);
}

NTSTATUS
PipCallDriverAddDevice(_In_ PDRIVER_OBJECT DriverObject, _In_ PDEVICE_OBJECT PhysicalDeviceObject)
{
    NTSTATUS status = DriverObject->DriverExtension->AddDevice(DriverObject, PhysicalDeviceObject);

    if (NT_SUCCESS(status)) {
        ViAfterAddDevice(PhysicalDeviceObject);
    }
    return status;
}

/* Sends a Plug and Play request to the top of a device's stack and waits for its end. */
static NTSTATUS
PipSynchronousCall(
    _In_ PDEVICE_OBJECT PhysicalDeviceObject,
    _In_ UCHAR MinorFunction,
    _In_opt_ PCM_RESOURCE_LIST Raw,
    _In_opt_ PCM_RESOURCE_LIST Translated)
{
    PDEVICE_OBJECT top = IoGetAttachedDeviceReference(PhysicalDeviceObject);
    PIO_STACK_LOCATION stack;
    IO_STATUS_BLOCK statusBlock;
    NTSTATUS status;
    PIRP irp;

    irp = IoAllocateIrp(top->StackSize, FALSE);
    if (irp == NULL) {
        ObDereferenceObject(top);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    irp->RequestorMode = KernelMode;
    irp->IoStatus.Status = STATUS_NOT_SUPPORTED;
    stack = IoGetNextIrpStackLocation(irp);
    stack->MajorFunction = IRP_MJ_PNP;
    stack->MinorFunction = MinorFunction;
    if (MinorFunction == IRP_MN_START_DEVICE) {
        stack->Parameters.StartDevice.AllocatedResources = Raw;
        stack->Parameters.StartDevice.AllocatedResourcesTranslated = Translated;
    }
    status = IopCallDriverAndWait(top, irp, &statusBlock);
    ObDereferenceObject(top);
    return status;
}

NTSTATUS
PipStartDevice(
    _In_ PDEVICE_OBJECT PhysicalDeviceObject,
    _In_ PCM_RESOURCE_LIST Raw,
    _In_ PCM_RESOURCE_LIST Translated)
{
    return PipSynchronousCall(PhysicalDeviceObject, IRP_MN_START_DEVICE, Raw, Translated);
}

NTSTATUS
PipRemoveDevice(_In_ PDEVICE_OBJECT PhysicalDeviceObject)
{
    return PipSynchronousCall(PhysicalDeviceObject, IRP_MN_REMOVE_DEVICE, NULL, NULL);
}

/* The device is gone. Its drivers hear of it, and are removed when nobody uses them any more. */
NTSTATUS
PipSurpriseRemoveDevice(_In_ PDEVICE_OBJECT PhysicalDeviceObject)
{
    KEVENT event;

    PipSynchronousCall(PhysicalDeviceObject, IRP_MN_SURPRISE_REMOVAL, NULL, NULL);
    PipNotifyRemoval(PhysicalDeviceObject, PIP_REMOVE_COMPLETE);
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    IopNotifyWhenUnused(PhysicalDeviceObject, &event);
    KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, NULL);
    PipSynchronousCall(PhysicalDeviceObject, IRP_MN_REMOVE_DEVICE, NULL, NULL);
    return STATUS_SUCCESS;
}

/* Who registered for the device is asked first, so that it can close its files. */
NTSTATUS
PipQueryRemoveDevice(_In_ PDEVICE_OBJECT PhysicalDeviceObject)
{
    NTSTATUS status = PipNotifyRemoval(PhysicalDeviceObject, PIP_QUERY_REMOVE);
    BOOLEAN asked = (BOOLEAN)NT_SUCCESS(status);

    if (asked) {
        status = PipSynchronousCall(PhysicalDeviceObject, IRP_MN_QUERY_REMOVE_DEVICE, NULL, NULL);
    }
    if (!NT_SUCCESS(status)) {
        if (asked) {
            PipSynchronousCall(PhysicalDeviceObject, IRP_MN_CANCEL_REMOVE_DEVICE, NULL, NULL);
        }
        PipNotifyRemoval(PhysicalDeviceObject, PIP_REMOVE_CANCELLED);
        return status;
    }
    PipNotifyRemoval(PhysicalDeviceObject, PIP_REMOVE_COMPLETE);
    PipSynchronousCall(PhysicalDeviceObject, IRP_MN_REMOVE_DEVICE, NULL, NULL);
    return STATUS_SUCCESS;
}

NTSTATUS
PipRebalanceDevice(
    _In_ PDEVICE_OBJECT PhysicalDeviceObject,
    _In_ PCM_RESOURCE_LIST Raw,
    _In_ PCM_RESOURCE_LIST Translated)
{
    NTSTATUS status = PipSynchronousCall(PhysicalDeviceObject, IRP_MN_QUERY_STOP_DEVICE, NULL, NULL);

    if (!NT_SUCCESS(status)) {
        PipSynchronousCall(PhysicalDeviceObject, IRP_MN_CANCEL_STOP_DEVICE, NULL, NULL);
        return status;
    }
    PipSynchronousCall(PhysicalDeviceObject, IRP_MN_STOP_DEVICE, NULL, NULL);
    PipReassignResources(PhysicalDeviceObject);
    return PipSynchronousCall(PhysicalDeviceObject, IRP_MN_START_DEVICE, Raw, Translated);
}

/* ---- The bus driver -------------------------------------------------------------------------------- */

static NTSTATUS
PciComplete(_In_ PIRP Irp, _In_ NTSTATUS Status)
{
    Irp->IoStatus.Status = Status;
    IofCompleteRequest(Irp, IO_NO_INCREMENT);
    return Status;
}

NTSTATUS
PciDispatchPnp(_In_ PDEVICE_OBJECT DeviceObject, _Inout_ PIRP Irp)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(Irp);

    UNREFERENCED_PARAMETER(DeviceObject);

    switch (stack->MinorFunction) {
    case IRP_MN_START_DEVICE:
    case IRP_MN_STOP_DEVICE:
    case IRP_MN_QUERY_STOP_DEVICE:
    case IRP_MN_CANCEL_STOP_DEVICE:
    case IRP_MN_QUERY_REMOVE_DEVICE:
    case IRP_MN_CANCEL_REMOVE_DEVICE:
    case IRP_MN_SURPRISE_REMOVAL:
    case IRP_MN_REMOVE_DEVICE:
        return PciComplete(Irp, STATUS_SUCCESS);

    case IRP_MN_QUERY_CAPABILITIES:
        stack->Parameters.DeviceCapabilities.Capabilities->Address = 0;
        return PciComplete(Irp, STATUS_SUCCESS);

    default:
        /* A bus driver leaves the status of what it does not know. */
        return PciComplete(Irp, Irp->IoStatus.Status);
    }
}

NTSTATUS
PciDispatchPower(_In_ PDEVICE_OBJECT DeviceObject, _Inout_ PIRP Irp)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    PoStartNextPowerIrp(Irp);
    return PciComplete(Irp, STATUS_SUCCESS);
}
