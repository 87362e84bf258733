/*++

Module Name:

    map-registers.c

Abstract:

    Packet-based bus-master DMA: when the device starts, a buffer is filled by it, in as many transfers as there are
    map registers for. Each transfer takes the adapter's channel, maps, programs the device, flushes, and gives the
    map registers back.

Environment:

    Kernel mode only.

--*/

#include <wdm.h>

#define BUFFER_BYTES    (8 * PAGE_SIZE)
#define BUFFER_TAG      'gRaM'

#define REGISTER_ADDRESS_LOW    0x00
#define REGISTER_ADDRESS_HIGH   0x04
#define REGISTER_LENGTH         0x08
#define REGISTER_FILL           0x0C

typedef struct _DEVICE_EXTENSION {
    PDEVICE_OBJECT PhysicalDeviceObject;
    PDEVICE_OBJECT NextLowerDriver;
    PUCHAR         Registers;
    ULONG          RegisterBytes;
    PDMA_ADAPTER   DmaAdapter;
    ULONG          MapRegisters;

    // Of the transfer that is under way.
    PMDL           Mdl;
    PUCHAR         CurrentVa;
    ULONG          Length;
    PVOID          MapRegisterBase;
    KEVENT         Mapped;
} DEVICE_EXTENSION, *PDEVICE_EXTENSION;

DRIVER_INITIALIZE DriverEntry;
DRIVER_ADD_DEVICE FillAddDevice;
DRIVER_UNLOAD     FillUnload;
DRIVER_CONTROL    FillAdapterControl;
__drv_dispatchType(IRP_MJ_PNP)
DRIVER_DISPATCH   FillDispatchPnp;

#define WriteRegister(Extension, Offset, Value) \
    WRITE_REGISTER_ULONG((PULONG)((Extension)->Registers + (Offset)), (Value))

//
// The channel and the map registers are there: the device gets its address and does its work.
//
IO_ALLOCATION_ACTION
FillAdapterControl(
    _In_ PDEVICE_OBJECT DeviceObject,
    _In_ PIRP           Irp,
    _In_ PVOID          MapRegisterBase,
    _In_ PVOID          Context
    )
{
    PDEVICE_EXTENSION extension = (PDEVICE_EXTENSION)Context;
    PHYSICAL_ADDRESS  logical;

    UNREFERENCED_PARAMETER(DeviceObject);
    UNREFERENCED_PARAMETER(Irp);

    extension->MapRegisterBase = MapRegisterBase;
    logical = (*extension->DmaAdapter->DmaOperations->MapTransfer)(
        extension->DmaAdapter, extension->Mdl, MapRegisterBase, extension->CurrentVa, &extension->Length, FALSE);

    WriteRegister(extension, REGISTER_ADDRESS_LOW, logical.LowPart);
    WriteRegister(extension, REGISTER_ADDRESS_HIGH, logical.HighPart);
    WriteRegister(extension, REGISTER_LENGTH, extension->Length);
    WriteRegister(extension, REGISTER_FILL, 0x5A);

    KeSetEvent(&extension->Mapped, IO_NO_INCREMENT, FALSE);
    return DeallocateObjectKeepRegisters;
}

static NTSTATUS
FillTransfer(
    _In_ PDEVICE_OBJECT DeviceObject,
    _In_ PUCHAR         Address,
    _In_ ULONG          Length
    )
{
    PDEVICE_EXTENSION extension = (PDEVICE_EXTENSION)DeviceObject->DeviceExtension;
    PDMA_OPERATIONS   operations = extension->DmaAdapter->DmaOperations;
    ULONG             registers = ADDRESS_AND_SIZE_TO_SPAN_PAGES(Address, Length);
    NTSTATUS          status;
    KIRQL             irql;

    extension->CurrentVa = Address;
    extension->Length = Length;
    KeInitializeEvent(&extension->Mapped, NotificationEvent, FALSE);

    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    status = (*operations->AllocateAdapterChannel)(
        extension->DmaAdapter, DeviceObject, registers, FillAdapterControl, extension);
    KeLowerIrql(irql);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    KeWaitForSingleObject(&extension->Mapped, Executive, KernelMode, FALSE, NULL);

#if FLUSH
    (*operations->FlushAdapterBuffers)(
        extension->DmaAdapter, extension->Mdl, extension->MapRegisterBase, extension->CurrentVa, extension->Length, FALSE);
#endif
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    (*operations->FreeMapRegisters)(extension->DmaAdapter, extension->MapRegisterBase, registers);
    KeLowerIrql(irql);
    return STATUS_SUCCESS;
}

static NTSTATUS
FillBuffer(
    _In_ PDEVICE_OBJECT DeviceObject
    )
{
    PDEVICE_EXTENSION extension = (PDEVICE_EXTENSION)DeviceObject->DeviceExtension;
    PUCHAR            buffer;
    ULONG             done;
    ULONG             transfers = 0;
    ULONG             missing = 0;
    NTSTATUS          status = STATUS_SUCCESS;

    buffer = (PUCHAR)ExAllocatePoolWithTag(NonPagedPool, BUFFER_BYTES, BUFFER_TAG);
    if (buffer == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    RtlZeroMemory(buffer, BUFFER_BYTES);
    extension->Mdl = IoAllocateMdl(buffer, BUFFER_BYTES, FALSE, FALSE, NULL);
    if (extension->Mdl == NULL) {
        ExFreePoolWithTag(buffer, BUFFER_TAG);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    MmBuildMdlForNonPagedPool(extension->Mdl);

    for (done = 0; done < BUFFER_BYTES && NT_SUCCESS(status); done += extension->Length) {
        ULONG length = BUFFER_BYTES - done;

        if (length > extension->MapRegisters * PAGE_SIZE) {
            length = extension->MapRegisters * PAGE_SIZE;
        }
        status = FillTransfer(DeviceObject, buffer + done, length);
        transfers++;
    }

    for (done = 0; done < BUFFER_BYTES; done++) {
        missing += buffer[done] != 0x5A;
    }
    if (missing == 0) {
        DbgPrint("%u pages in %u transfers, all there\n", BUFFER_BYTES / PAGE_SIZE, transfers);
    } else {
        DbgPrint("%u bytes are missing\n", missing);
    }
    IoFreeMdl(extension->Mdl);
    ExFreePoolWithTag(buffer, BUFFER_TAG);
    return status;
}

static NTSTATUS
FillStart(
    _In_ PDEVICE_OBJECT DeviceObject,
    _In_ PIRP           Irp
    )
{
    PDEVICE_EXTENSION  extension = (PDEVICE_EXTENSION)DeviceObject->DeviceExtension;
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(Irp);
    DEVICE_DESCRIPTION description;
    PCM_PARTIAL_RESOURCE_LIST list;
    ULONG              i;

    list = &stack->Parameters.StartDevice.AllocatedResourcesTranslated->List[0].PartialResourceList;
    for (i = 0; i < list->Count; i++) {
        PCM_PARTIAL_RESOURCE_DESCRIPTOR resource = &list->PartialDescriptors[i];

        if (resource->Type == CmResourceTypeMemory) {
            extension->RegisterBytes = resource->u.Memory.Length;
            extension->Registers = (PUCHAR)MmMapIoSpace(
                resource->u.Memory.Start, resource->u.Memory.Length, MmNonCached);
        }
    }
    if (extension->Registers == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }

    RtlZeroMemory(&description, sizeof(description));
    description.Version = DEVICE_DESCRIPTION_VERSION2;
    description.Master = TRUE;
    description.Dma32BitAddresses = TRUE;
    description.InterfaceType = PCIBus;
    description.MaximumLength = BUFFER_BYTES;
    extension->DmaAdapter = IoGetDmaAdapter(
        extension->PhysicalDeviceObject, &description, &extension->MapRegisters);
    if (extension->DmaAdapter == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    return FillBuffer(DeviceObject);
}

NTSTATUS
FillDispatchPnp(
    _In_    PDEVICE_OBJECT DeviceObject,
    _Inout_ PIRP           Irp
    )
{
    PDEVICE_EXTENSION  extension = (PDEVICE_EXTENSION)DeviceObject->DeviceExtension;
    PDEVICE_OBJECT     nextLower = extension->NextLowerDriver;
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(Irp);
    NTSTATUS           status;

    switch (stack->MinorFunction) {

    case IRP_MN_START_DEVICE:
        if (!IoForwardIrpSynchronously(nextLower, Irp)) {
            status = STATUS_UNSUCCESSFUL;
        } else {
            status = Irp->IoStatus.Status;
        }
        if (NT_SUCCESS(status)) {
            status = FillStart(DeviceObject, Irp);
        }
        Irp->IoStatus.Status = status;
        IoCompleteRequest(Irp, IO_NO_INCREMENT);
        break;

    case IRP_MN_REMOVE_DEVICE:
        if (extension->DmaAdapter != NULL) {
            (*extension->DmaAdapter->DmaOperations->PutDmaAdapter)(extension->DmaAdapter);
        }
        if (extension->Registers != NULL) {
            MmUnmapIoSpace(extension->Registers, extension->RegisterBytes);
        }
        Irp->IoStatus.Status = STATUS_SUCCESS;
        IoSkipCurrentIrpStackLocation(Irp);
        status = IoCallDriver(nextLower, Irp);
        IoDetachDevice(nextLower);
        IoDeleteDevice(DeviceObject);
        break;

    default:
        IoSkipCurrentIrpStackLocation(Irp);
        status = IoCallDriver(nextLower, Irp);
        break;
    }
    return status;
}

NTSTATUS
FillAddDevice(
    _In_ PDRIVER_OBJECT DriverObject,
    _In_ PDEVICE_OBJECT PhysicalDeviceObject
    )
{
    PDEVICE_OBJECT    deviceObject = NULL;
    PDEVICE_EXTENSION extension;
    NTSTATUS          status;

    status = IoCreateDevice(
        DriverObject, sizeof(DEVICE_EXTENSION), NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &deviceObject);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    extension = (PDEVICE_EXTENSION)deviceObject->DeviceExtension;
    extension->PhysicalDeviceObject = PhysicalDeviceObject;
    extension->NextLowerDriver = IoAttachDeviceToDeviceStack(deviceObject, PhysicalDeviceObject);
    if (extension->NextLowerDriver == NULL) {
        IoDeleteDevice(deviceObject);
        return STATUS_NO_SUCH_DEVICE;
    }
    deviceObject->Flags &= ~DO_DEVICE_INITIALIZING;
    return STATUS_SUCCESS;
}

VOID
FillUnload(
    _In_ PDRIVER_OBJECT DriverObject
    )
{
    UNREFERENCED_PARAMETER(DriverObject);
}

NTSTATUS
DriverEntry(
    _In_ PDRIVER_OBJECT  DriverObject,
    _In_ PUNICODE_STRING RegistryPath
    )
{
    UNREFERENCED_PARAMETER(RegistryPath);

    DriverObject->MajorFunction[IRP_MJ_PNP] = FillDispatchPnp;
    DriverObject->DriverExtension->AddDevice = FillAddDevice;
    DriverObject->DriverUnload = FillUnload;
    return STATUS_SUCCESS;
}
