/*++

Module Name:

    descriptor-ring.c

Abstract:

    The Plug and Play half of a bus-master driver: a function device object in the NIC's stack that, when
    the device starts, gets a DMA adapter and keeps a ring of descriptors in a common buffer. Each
    descriptor points at a receive buffer by its logical address.

Environment:

    Kernel mode only.

--*/

#include <wdm.h>

#define RING_ENTRIES      64
#define RECEIVE_BYTES     PAGE_SIZE
#define DESCRIPTOR_OWNED  0x80000000        // the device may write

#include <pshpack1.h>
typedef struct _RECEIVE_DESCRIPTOR {
    ULONGLONG BufferAddress;
    USHORT    BufferLength;
    USHORT    Reserved;
    ULONG     Status;
} RECEIVE_DESCRIPTOR, *PRECEIVE_DESCRIPTOR;
#include <poppack.h>

C_ASSERT(sizeof(RECEIVE_DESCRIPTOR) == 16);

typedef struct _RECEIVE_BUFFER {
    PVOID            VirtualAddress;
    PHYSICAL_ADDRESS LogicalAddress;
} RECEIVE_BUFFER;

typedef struct _DEVICE_EXTENSION {
    PDEVICE_OBJECT      Self;
    PDEVICE_OBJECT      PhysicalDeviceObject;
    PDEVICE_OBJECT      NextLowerDriver;
    PDMA_ADAPTER        DmaAdapter;
    ULONG               MapRegisters;
    PRECEIVE_DESCRIPTOR Ring;
    PHYSICAL_ADDRESS    RingLogical;
    RECEIVE_BUFFER      Buffers[RING_ENTRIES];
    ULONG               BufferCount;
} DEVICE_EXTENSION, *PDEVICE_EXTENSION;

DRIVER_INITIALIZE DriverEntry;
DRIVER_ADD_DEVICE RingAddDevice;
DRIVER_UNLOAD     RingUnload;
__drv_dispatchType(IRP_MJ_PNP)
DRIVER_DISPATCH   RingDispatchPnp;
IO_COMPLETION_ROUTINE RingStartCompletion;

#ifdef ALLOC_PRAGMA
#pragma alloc_text (INIT, DriverEntry)
#pragma alloc_text (PAGE, RingAddDevice)
#pragma alloc_text (PAGE, RingDispatchPnp)
#pragma alloc_text (PAGE, RingUnload)
#endif

static VOID
RingFree(
    _Inout_ PDEVICE_EXTENSION Extension
    )
{
    PDMA_ADAPTER adapter = Extension->DmaAdapter;

    if (adapter == NULL) {
        return;
    }
    while (Extension->BufferCount != 0) {
        RECEIVE_BUFFER *buffer = &Extension->Buffers[--Extension->BufferCount];

        (*adapter->DmaOperations->FreeCommonBuffer)(
            adapter, RECEIVE_BYTES, buffer->LogicalAddress, buffer->VirtualAddress, TRUE);
    }
    if (Extension->Ring != NULL) {
        (*adapter->DmaOperations->FreeCommonBuffer)(
            adapter, RING_ENTRIES * sizeof(RECEIVE_DESCRIPTOR), Extension->RingLogical,
            Extension->Ring, TRUE);
        Extension->Ring = NULL;
    }
    (*adapter->DmaOperations->PutDmaAdapter)(adapter);
    Extension->DmaAdapter = NULL;
}

static NTSTATUS
RingAllocate(
    _Inout_ PDEVICE_EXTENSION Extension
    )
{
    DEVICE_DESCRIPTION deviceDescription;
    PDMA_ADAPTER       adapter;
    ULONG              i;

    RtlZeroMemory(&deviceDescription, sizeof(DEVICE_DESCRIPTION));
    deviceDescription.Version = DEVICE_DESCRIPTION_VERSION2;
    deviceDescription.Master = TRUE;
    deviceDescription.ScatterGather = TRUE;
    deviceDescription.Dma32BitAddresses = TRUE;
    deviceDescription.InterfaceType = PCIBus;
    deviceDescription.MaximumLength = RING_ENTRIES * RECEIVE_BYTES;

    adapter = IoGetDmaAdapter(Extension->PhysicalDeviceObject, &deviceDescription, &Extension->MapRegisters);
    if (adapter == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    Extension->DmaAdapter = adapter;

    Extension->Ring = (PRECEIVE_DESCRIPTOR)(*adapter->DmaOperations->AllocateCommonBuffer)(
        adapter, RING_ENTRIES * sizeof(RECEIVE_DESCRIPTOR), &Extension->RingLogical, TRUE);
    if (Extension->Ring == NULL) {
        RingFree(Extension);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    RtlZeroMemory(Extension->Ring, RING_ENTRIES * sizeof(RECEIVE_DESCRIPTOR));

    for (i = 0; i < RING_ENTRIES; i++) {
        RECEIVE_BUFFER *buffer = &Extension->Buffers[i];

        buffer->VirtualAddress = (*adapter->DmaOperations->AllocateCommonBuffer)(
            adapter, RECEIVE_BYTES, &buffer->LogicalAddress, TRUE);
        if (buffer->VirtualAddress == NULL) {
            RingFree(Extension);
            return STATUS_INSUFFICIENT_RESOURCES;
        }
        Extension->BufferCount++;

        Extension->Ring[i].BufferAddress = buffer->LogicalAddress.QuadPart;
        Extension->Ring[i].BufferLength = (USHORT)RECEIVE_BYTES;
        Extension->Ring[i].Status = DESCRIPTOR_OWNED;
    }
    DbgPrint("descriptor-ring: ring at logical %I64x, first buffer at %I64x\n",
             Extension->RingLogical.QuadPart, Extension->Ring[0].BufferAddress);
    return STATUS_SUCCESS;
}

NTSTATUS
RingStartCompletion(
    _In_     PDEVICE_OBJECT DeviceObject,
    _In_     PIRP           Irp,
    _In_opt_ PVOID          Context
    )
{
    UNREFERENCED_PARAMETER(DeviceObject);

    if (Irp->PendingReturned) {
        KeSetEvent((PKEVENT)Context, IO_NO_INCREMENT, FALSE);
    }
    return STATUS_MORE_PROCESSING_REQUIRED;
}

NTSTATUS
RingDispatchPnp(
    _In_    PDEVICE_OBJECT DeviceObject,
    _Inout_ PIRP           Irp
    )
{
    PDEVICE_EXTENSION  extension = (PDEVICE_EXTENSION)DeviceObject->DeviceExtension;
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(Irp);
    PDEVICE_OBJECT     nextLower = extension->NextLowerDriver;
    KEVENT             event;
    NTSTATUS           status;

    PAGED_CODE();

    switch (stack->MinorFunction) {

    case IRP_MN_START_DEVICE:
        KeInitializeEvent(&event, NotificationEvent, FALSE);
        IoCopyCurrentIrpStackLocationToNext(Irp);
        IoSetCompletionRoutine(Irp, RingStartCompletion, &event, TRUE, TRUE, TRUE);
        status = IoCallDriver(nextLower, Irp);
        if (status == STATUS_PENDING) {
            KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, NULL);
            status = Irp->IoStatus.Status;
        }
        if (NT_SUCCESS(status)) {
            status = RingAllocate(extension);
        }
        Irp->IoStatus.Status = status;
        IoCompleteRequest(Irp, IO_NO_INCREMENT);
        break;

    case IRP_MN_REMOVE_DEVICE:
        RingFree(extension);
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
RingAddDevice(
    _In_ PDRIVER_OBJECT DriverObject,
    _In_ PDEVICE_OBJECT PhysicalDeviceObject
    )
{
    PDEVICE_OBJECT    deviceObject = NULL;
    PDEVICE_EXTENSION extension;
    NTSTATUS          status;

    PAGED_CODE();

    status = IoCreateDevice(
        DriverObject, sizeof(DEVICE_EXTENSION), NULL, FILE_DEVICE_NETWORK, 0, FALSE, &deviceObject);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    extension = (PDEVICE_EXTENSION)deviceObject->DeviceExtension;
    extension->Self = deviceObject;
    extension->PhysicalDeviceObject = PhysicalDeviceObject;
    extension->NextLowerDriver = IoAttachDeviceToDeviceStack(deviceObject, PhysicalDeviceObject);
    if (extension->NextLowerDriver == NULL) {
        IoDeleteDevice(deviceObject);
        return STATUS_NO_SUCH_DEVICE;
    }
    deviceObject->Flags |= DO_DIRECT_IO;
    deviceObject->Flags &= ~DO_DEVICE_INITIALIZING;
    return STATUS_SUCCESS;
}

VOID
RingUnload(
    _In_ PDRIVER_OBJECT DriverObject
    )
{
    PAGED_CODE();
    UNREFERENCED_PARAMETER(DriverObject);
}

NTSTATUS
DriverEntry(
    _In_ PDRIVER_OBJECT  DriverObject,
    _In_ PUNICODE_STRING RegistryPath
    )
{
    UNREFERENCED_PARAMETER(RegistryPath);

    DriverObject->MajorFunction[IRP_MJ_PNP] = RingDispatchPnp;
    DriverObject->DriverExtension->AddDevice = RingAddDevice;
    DriverObject->DriverUnload = RingUnload;
    return STATUS_SUCCESS;
}
