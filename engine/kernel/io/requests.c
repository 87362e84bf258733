/* Requests that drivers make: reads and writes for other drivers, parts of a request, extensions of a driver. */
#include <ntddk.h>
#include "io-primitives.h"

/* A read or write of a driver; other major functions have no buffer. */
static PIRP
IopBuildRequest(
    _In_ ULONG MajorFunction,
    _In_ PDEVICE_OBJECT DeviceObject,
    _In_opt_ PVOID Buffer,
    _In_ ULONG Length,
    _In_opt_ PLARGE_INTEGER StartingOffset,
    _In_opt_ PKEVENT Event,
    _In_opt_ PIO_STATUS_BLOCK IoStatusBlock)
{
    PIO_STACK_LOCATION stack;
    NTSTATUS status = STATUS_SUCCESS;
    PIRP irp = IopAllocateRequest(NULL, DeviceObject, (UCHAR)MajorFunction, KernelMode);

    if (irp == NULL) {
        return NULL;
    }
    irp->UserEvent = Event;
    irp->UserIosb = IoStatusBlock;
    if (MajorFunction != IRP_MJ_READ && MajorFunction != IRP_MJ_WRITE) {
        return irp;
    }
    stack = IoGetNextIrpStackLocation(irp);
    stack->Parameters.Read.Length = Length;
    if (StartingOffset != NULL) {
        stack->Parameters.Read.ByteOffset = *StartingOffset;
    }
    __try {
        IopPrepareTransfer(DeviceObject, irp, (BOOLEAN)(MajorFunction == IRP_MJ_READ), Buffer, Length, KernelMode);
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        status = GetExceptionCode();
    }
    if (!NT_SUCCESS(status)) {
        IopAbandonRequest(irp);
        ViBadRequestBuffer(DeviceObject, MajorFunction, status, FALSE);
        return NULL;
    }
    return irp;
}

/* Completed, it writes the status block, sets the event and is freed. */
PIRP
IoBuildSynchronousFsdRequest(
    _In_ ULONG MajorFunction,
    _In_ PDEVICE_OBJECT DeviceObject,
    _In_opt_ PVOID Buffer,
    _In_ ULONG Length,
    _In_opt_ PLARGE_INTEGER StartingOffset,
    _In_ PKEVENT Event,
    _Out_ PIO_STATUS_BLOCK IoStatusBlock)
{
    PIRP irp = IopBuildRequest(MajorFunction, DeviceObject, Buffer, Length, StartingOffset, Event, IoStatusBlock);

    if (irp != NULL) {
        ViTieToThread(irp);
    }
    return irp;
}

/* The caller sets a completion routine that frees it. */
PIRP
IoBuildAsynchronousFsdRequest(
    _In_ ULONG MajorFunction,
    _In_ PDEVICE_OBJECT DeviceObject,
    _In_opt_ PVOID Buffer,
    _In_ ULONG Length,
    _In_opt_ PLARGE_INTEGER StartingOffset,
    _In_opt_ PIO_STATUS_BLOCK IoStatusBlock)
{
    return IopBuildRequest(MajorFunction, DeviceObject, Buffer, Length, StartingOffset, NULL, IoStatusBlock);
}

/* The caller has set IrpCount of the whole; completing the last part completes it. */
PIRP
IoMakeAssociatedIrp(_In_ PIRP Irp, _In_ CCHAR StackSize)
{
    PIRP part = IoAllocateIrp(StackSize, FALSE);

    if (part != NULL) {
        part->Flags |= IRP_ASSOCIATED_IRP;
        part->AssociatedIrp.MasterIrp = Irp;
        part->Tail.Overlay.Thread = Irp->Tail.Overlay.Thread;
        part->RequestorMode = KernelMode;
    }
    return part;
}

NTSTATUS
IoAttachDevice(_In_ PDEVICE_OBJECT SourceDevice, _In_ PUNICODE_STRING TargetDevice, _Out_ PDEVICE_OBJECT *AttachedDevice)
{
    PDEVICE_OBJECT target;
    ULONG offset;
    NTSTATUS status = IopLookupDevice(TargetDevice, &target, &offset);

    if (!NT_SUCCESS(status)) {
        return status;
    }
    /* The place is written before requests can come. */
    *AttachedDevice = IoAttachDeviceToDeviceStack(SourceDevice, target);
    return *AttachedDevice == NULL ? STATUS_NO_SUCH_DEVICE : STATUS_SUCCESS;
}

/* ---- Extensions of a driver object ----------------------------------------------------------------- */

#define EXTENSION_TAG 'txED'

typedef struct _IOP_CLIENT_EXTENSION {
    struct _IOP_CLIENT_EXTENSION *Next;
    PDRIVER_OBJECT DriverObject;
    PVOID Identification;
    PVOID Padding;
} IOP_CLIENT_EXTENSION, *PIOP_CLIENT_EXTENSION;

static PIOP_CLIENT_EXTENSION IopClientExtensions;

PVOID
IoGetDriverObjectExtension(_In_ PDRIVER_OBJECT DriverObject, _In_ PVOID ClientIdentificationAddress)
{
    PIOP_CLIENT_EXTENSION extension;

    for (extension = IopClientExtensions; extension != NULL; extension = extension->Next) {
        if (extension->DriverObject == DriverObject && extension->Identification == ClientIdentificationAddress) {
            return extension + 1;
        }
    }
    return NULL;
}

NTSTATUS
IoAllocateDriverObjectExtension(
    _In_ PDRIVER_OBJECT DriverObject,
    _In_ PVOID ClientIdentificationAddress,
    _In_ ULONG DriverObjectExtensionSize,
    _Out_ PVOID *DriverObjectExtension)
{
    PIOP_CLIENT_EXTENSION extension;

    *DriverObjectExtension = NULL;
    if (IoGetDriverObjectExtension(DriverObject, ClientIdentificationAddress) != NULL) {
        return STATUS_OBJECT_NAME_COLLISION;
    }
    extension = (PIOP_CLIENT_EXTENSION)ExAllocatePoolWithTag(
        NonPagedPoolNx, sizeof(*extension) + DriverObjectExtensionSize, EXTENSION_TAG);
    if (extension == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    RtlZeroMemory(extension, sizeof(*extension) + DriverObjectExtensionSize);
    extension->DriverObject = DriverObject;
    extension->Identification = ClientIdentificationAddress;
    extension->Next = IopClientExtensions;
    IopClientExtensions = extension;
    *DriverObjectExtension = extension + 1;
    return STATUS_SUCCESS;
}

VOID
IopFreeDriverExtensions(_In_ PDRIVER_OBJECT DriverObject)
{
    PIOP_CLIENT_EXTENSION *link = &IopClientExtensions;
    PIOP_CLIENT_EXTENSION extension;

    while ((extension = *link) != NULL) {
        if (extension->DriverObject == DriverObject) {
            *link = extension->Next;
            ExFreePool(extension);
        } else {
            link = &extension->Next;
        }
    }
}

/* ---- Power ----------------------------------------------------------------------------------------- */

typedef struct _IOP_POWER_REQUEST {
    PREQUEST_POWER_COMPLETE Routine;
    PVOID Context;
    PDEVICE_OBJECT DeviceObject;
    PDEVICE_OBJECT Top;
    POWER_STATE State;
    UCHAR MinorFunction;
} IOP_POWER_REQUEST, *PIOP_POWER_REQUEST;

static NTSTATUS
IopPowerRequestDone(_In_ PDEVICE_OBJECT DeviceObject, _In_ PIRP Irp, _In_ PVOID Context)
{
    PIOP_POWER_REQUEST request = (PIOP_POWER_REQUEST)Context;

    UNREFERENCED_PARAMETER(DeviceObject);
    if (request->Routine != NULL) {
        request->Routine(request->DeviceObject, request->MinorFunction, request->State, request->Context, &Irp->IoStatus);
    }
    ObDereferenceObject(request->Top);
    ExFreePool(request);
    IoFreeIrp(Irp);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

/* The request goes to the top of the stack, at whose bottom the device is. */
NTSTATUS
PoRequestPowerIrp(
    _In_ PDEVICE_OBJECT DeviceObject,
    _In_ UCHAR MinorFunction,
    _In_ POWER_STATE PowerState,
    _In_opt_ PREQUEST_POWER_COMPLETE CompletionFunction,
    _In_opt_ PVOID Context,
    _Out_opt_ PIRP *Irp)
{
    PIOP_POWER_REQUEST request;
    PIO_STACK_LOCATION stack;
    PDEVICE_OBJECT top;
    PIRP irp;

    if (MinorFunction != IRP_MN_SET_POWER && MinorFunction != IRP_MN_QUERY_POWER && MinorFunction != IRP_MN_WAIT_WAKE) {
        return STATUS_INVALID_PARAMETER_2;
    }
    request = (PIOP_POWER_REQUEST)ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*request), EXTENSION_TAG);
    if (request == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    top = IoGetAttachedDeviceReference(DeviceObject);
    irp = IoAllocateIrp(top->StackSize, FALSE);
    if (irp == NULL) {
        ObDereferenceObject(top);
        ExFreePool(request);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    request->Routine = CompletionFunction;
    request->Context = Context;
    request->DeviceObject = DeviceObject;
    request->Top = top;
    request->State = PowerState;
    request->MinorFunction = MinorFunction;
    irp->RequestorMode = KernelMode;
    irp->IoStatus.Status = STATUS_NOT_SUPPORTED;
    stack = IoGetNextIrpStackLocation(irp);
    stack->MajorFunction = IRP_MJ_POWER;
    stack->MinorFunction = MinorFunction;
    if (MinorFunction == IRP_MN_WAIT_WAKE) {
        stack->Parameters.WaitWake.PowerState = PowerState.SystemState;
    } else {
        stack->Parameters.Power.Type = DevicePowerState;
        stack->Parameters.Power.State = PowerState;
    }
    IoSetCompletionRoutine(irp, IopPowerRequestDone, request, TRUE, TRUE, TRUE);
    if (Irp != NULL) {
        *Irp = irp;
    }
    PoCallDriver(top, irp);
    return STATUS_PENDING;
}
