/*++

Module Name:

    dma-engine.c

Abstract:

    A bus-master driver with all its halves: Plug and Play, read and write requests by scatter/gather lists and a ring
    of descriptors, an interrupt service routine and its DPC.

Environment:

    Kernel mode only.

--*/

#include <wdm.h>
#include "dma-engine.h"

#define RING_ENTRIES        32
#define MAXIMUM_TRANSFER    (16 * PAGE_SIZE)


typedef struct _DEVICE_EXTENSION {
    PDEVICE_OBJECT       Self;
    PDEVICE_OBJECT       NextLowerDriver;
    UNICODE_STRING       LinkName;
    PUCHAR               Registers;
    ULONG                RegisterBytes;
    PKINTERRUPT          Interrupt;
    PDMA_ADAPTER         DmaAdapter;
    ULONG                MapRegisters;
    PENGINE_DESCRIPTOR   Ring;
    PHYSICAL_ADDRESS     RingLogical;
    ULONG                Tail;

    // Protected by the interrupt's spin lock.
    ULONG                InterruptStatus;

    // Of the request that StartIo is working on.
    PSCATTER_GATHER_LIST ScatterGather;
    BOOLEAN              WriteToDevice;
} DEVICE_EXTENSION, *PDEVICE_EXTENSION;

DRIVER_INITIALIZE DriverEntry;
DRIVER_ADD_DEVICE EngineAddDevice;
DRIVER_UNLOAD     EngineUnload;
DRIVER_STARTIO    EngineStartIo;
DRIVER_LIST_CONTROL EngineProgramDma;
KSERVICE_ROUTINE  EngineInterruptService;
IO_DPC_ROUTINE    EngineDpcForIsr;
__drv_dispatchType(IRP_MJ_CREATE) __drv_dispatchType(IRP_MJ_CLOSE)
DRIVER_DISPATCH   EngineDispatchCreateClose;
__drv_dispatchType(IRP_MJ_READ) __drv_dispatchType(IRP_MJ_WRITE)
DRIVER_DISPATCH   EngineDispatchReadWrite;
__drv_dispatchType(IRP_MJ_PNP)
DRIVER_DISPATCH   EngineDispatchPnp;

#ifdef ALLOC_PRAGMA
#pragma alloc_text(INIT, DriverEntry)
#pragma alloc_text(PAGE, EngineAddDevice)
#pragma alloc_text(PAGE, EngineUnload)
#pragma alloc_text(PAGE, EngineDispatchPnp)
#endif

#define ReadRegister(Extension, Offset) \
    READ_REGISTER_ULONG((PULONG)((Extension)->Registers + (Offset)))
#define WriteRegister(Extension, Offset, Value) \
    WRITE_REGISTER_ULONG((PULONG)((Extension)->Registers + (Offset)), (Value))

NTSTATUS
DriverEntry(
    _In_ PDRIVER_OBJECT DriverObject,
    _In_ PUNICODE_STRING RegistryPath
    )
{
    UNREFERENCED_PARAMETER(RegistryPath);

    DriverObject->MajorFunction[IRP_MJ_CREATE] = EngineDispatchCreateClose;
    DriverObject->MajorFunction[IRP_MJ_CLOSE] = EngineDispatchCreateClose;
    DriverObject->MajorFunction[IRP_MJ_READ] = EngineDispatchReadWrite;
    DriverObject->MajorFunction[IRP_MJ_WRITE] = EngineDispatchReadWrite;
    DriverObject->MajorFunction[IRP_MJ_PNP] = EngineDispatchPnp;
    DriverObject->DriverExtension->AddDevice = EngineAddDevice;
    DriverObject->DriverStartIo = EngineStartIo;
    DriverObject->DriverUnload = EngineUnload;
    return STATUS_SUCCESS;
}

VOID
EngineUnload(
    _In_ PDRIVER_OBJECT DriverObject
    )
{
    UNREFERENCED_PARAMETER(DriverObject);
    PAGED_CODE();
}

NTSTATUS
EngineAddDevice(
    _In_ PDRIVER_OBJECT DriverObject,
    _In_ PDEVICE_OBJECT PhysicalDeviceObject
    )
{
    UNICODE_STRING deviceName = RTL_CONSTANT_STRING(L"\\Device\\DmaEngine");
    PDEVICE_EXTENSION extension;
    PDEVICE_OBJECT deviceObject;
    NTSTATUS status;

    PAGED_CODE();

    status = IoCreateDevice(DriverObject, sizeof(DEVICE_EXTENSION), &deviceName, FILE_DEVICE_UNKNOWN,
                            FILE_DEVICE_SECURE_OPEN, FALSE, &deviceObject);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    extension = (PDEVICE_EXTENSION)deviceObject->DeviceExtension;
    RtlZeroMemory(extension, sizeof(*extension));
    extension->Self = deviceObject;
    RtlInitUnicodeString(&extension->LinkName, L"\\DosDevices\\DmaEngine");
    status = IoCreateSymbolicLink(&extension->LinkName, &deviceName);
    if (!NT_SUCCESS(status)) {
        IoDeleteDevice(deviceObject);
        return status;
    }
    extension->NextLowerDriver = IoAttachDeviceToDeviceStack(deviceObject, PhysicalDeviceObject);
    if (extension->NextLowerDriver == NULL) {
        IoDeleteSymbolicLink(&extension->LinkName);
        IoDeleteDevice(deviceObject);
        return STATUS_NO_SUCH_DEVICE;
    }
    IoInitializeDpcRequest(deviceObject, EngineDpcForIsr);
    deviceObject->Flags |= DO_DIRECT_IO;
    deviceObject->Flags &= ~DO_DEVICE_INITIALIZING;
    return STATUS_SUCCESS;
}

//
// Resources
//

static VOID
EngineReleaseResources(
    _Inout_ PDEVICE_EXTENSION Extension
    )
{
    if (Extension->Registers != NULL) {
        WriteRegister(Extension, ENGINE_CONTROL, 0);
    }
    if (Extension->Interrupt != NULL) {
        IoDisconnectInterrupt(Extension->Interrupt);
        Extension->Interrupt = NULL;
    }
    if (Extension->DmaAdapter != NULL) {
        if (Extension->Ring != NULL) {
            Extension->DmaAdapter->DmaOperations->FreeCommonBuffer(
                Extension->DmaAdapter, RING_ENTRIES * sizeof(ENGINE_DESCRIPTOR), Extension->RingLogical,
                Extension->Ring, TRUE);
            Extension->Ring = NULL;
        }
        Extension->DmaAdapter->DmaOperations->PutDmaAdapter(Extension->DmaAdapter);
        Extension->DmaAdapter = NULL;
    }
    if (Extension->Registers != NULL) {
        MmUnmapIoSpace(Extension->Registers, Extension->RegisterBytes);
        Extension->Registers = NULL;
    }
}

static NTSTATUS
EngineGetDmaAdapter(
    _Inout_ PDEVICE_EXTENSION Extension,
    _In_ PDEVICE_OBJECT PhysicalDeviceObject
    )
{
    DEVICE_DESCRIPTION description;

    RtlZeroMemory(&description, sizeof(description));
    description.Version = DEVICE_DESCRIPTION_VERSION;
    description.Master = TRUE;
    description.ScatterGather = TRUE;
    description.Dma32BitAddresses = TRUE;
    description.InterfaceType = PCIBus;
    description.MaximumLength = MAXIMUM_TRANSFER;
    Extension->DmaAdapter = IoGetDmaAdapter(PhysicalDeviceObject, &description, &Extension->MapRegisters);
    if (Extension->DmaAdapter == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    Extension->Ring = (PENGINE_DESCRIPTOR)Extension->DmaAdapter->DmaOperations->AllocateCommonBuffer(
        Extension->DmaAdapter, RING_ENTRIES * sizeof(ENGINE_DESCRIPTOR), &Extension->RingLogical, TRUE);
    if (Extension->Ring == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    RtlZeroMemory(Extension->Ring, RING_ENTRIES * sizeof(ENGINE_DESCRIPTOR));
    return STATUS_SUCCESS;
}

static NTSTATUS
EngineStartDevice(
    _Inout_ PDEVICE_EXTENSION Extension,
    _In_ PIO_STACK_LOCATION Stack
    )
{
    PCM_PARTIAL_RESOURCE_LIST resources;
    NTSTATUS status;
    ULONG index;

    if (Stack->Parameters.StartDevice.AllocatedResourcesTranslated == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    resources = &Stack->Parameters.StartDevice.AllocatedResourcesTranslated->List[0].PartialResourceList;
    for (index = 0; index < resources->Count; index++) {
        PCM_PARTIAL_RESOURCE_DESCRIPTOR resource = &resources->PartialDescriptors[index];

        if (resource->Type != CmResourceTypeMemory || Extension->Registers != NULL) {
            continue;
        }
        Extension->RegisterBytes = resource->u.Memory.Length;
        Extension->Registers = (PUCHAR)MmMapIoSpace(resource->u.Memory.Start, resource->u.Memory.Length,
                                                    MmNonCached);
        if (Extension->Registers == NULL) {
            return STATUS_INSUFFICIENT_RESOURCES;
        }
    }
    if (Extension->Registers == NULL) {
        return STATUS_DEVICE_CONFIGURATION_ERROR;
    }
    status = EngineGetDmaAdapter(Extension, Extension->NextLowerDriver);
    if (!NT_SUCCESS(status)) {
        return status;
    }

    WriteRegister(Extension, ENGINE_RING_LOW, Extension->RingLogical.LowPart);
    WriteRegister(Extension, ENGINE_RING_HIGH, (ULONG)Extension->RingLogical.HighPart);
    WriteRegister(Extension, ENGINE_RING_SIZE, RING_ENTRIES);
    Extension->Tail = 0;
    for (index = 0; index < resources->Count; index++) {
        PCM_PARTIAL_RESOURCE_DESCRIPTOR resource = &resources->PartialDescriptors[index];

        if (resource->Type != CmResourceTypeInterrupt) {
            continue;
        }
        status = IoConnectInterrupt(
            &Extension->Interrupt, EngineInterruptService, Extension, NULL, resource->u.Interrupt.Vector,
            (KIRQL)resource->u.Interrupt.Level, (KIRQL)resource->u.Interrupt.Level,
            (resource->Flags & CM_RESOURCE_INTERRUPT_LATCHED) ? Latched : LevelSensitive,
            (BOOLEAN)(resource->ShareDisposition == CmResourceShareShared),
            resource->u.Interrupt.Affinity, FALSE);
        if (!NT_SUCCESS(status)) {
            return status;
        }
    }
    WriteRegister(Extension, ENGINE_CONTROL, ENGINE_CONTROL_RUN | ENGINE_CONTROL_INTERRUPTS);
    return STATUS_SUCCESS;
}

NTSTATUS
EngineDispatchPnp(
    _In_ PDEVICE_OBJECT DeviceObject,
    _In_ PIRP Irp
    )
{
    PDEVICE_EXTENSION extension = (PDEVICE_EXTENSION)DeviceObject->DeviceExtension;
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(Irp);
    NTSTATUS status;

    PAGED_CODE();

    switch (stack->MinorFunction) {
    case IRP_MN_START_DEVICE:
        // The bus driver goes first.
        status = IoForwardIrpSynchronously(extension->NextLowerDriver, Irp) ? Irp->IoStatus.Status
                                                                            : STATUS_UNSUCCESSFUL;
        if (NT_SUCCESS(status)) {
            status = EngineStartDevice(extension, stack);
            if (!NT_SUCCESS(status)) {
                EngineReleaseResources(extension);
            }
        }
        Irp->IoStatus.Status = status;
        IoCompleteRequest(Irp, IO_NO_INCREMENT);
        return status;

    case IRP_MN_STOP_DEVICE:
    case IRP_MN_SURPRISE_REMOVAL:
        EngineReleaseResources(extension);
        Irp->IoStatus.Status = STATUS_SUCCESS;
        IoSkipCurrentIrpStackLocation(Irp);
        return IoCallDriver(extension->NextLowerDriver, Irp);

    case IRP_MN_REMOVE_DEVICE:
        EngineReleaseResources(extension);
        Irp->IoStatus.Status = STATUS_SUCCESS;
        IoSkipCurrentIrpStackLocation(Irp);
        status = IoCallDriver(extension->NextLowerDriver, Irp);
        IoDetachDevice(extension->NextLowerDriver);
        IoDeleteSymbolicLink(&extension->LinkName);
        IoDeleteDevice(DeviceObject);
        return status;

    case IRP_MN_QUERY_REMOVE_DEVICE:
    case IRP_MN_QUERY_STOP_DEVICE:
    case IRP_MN_CANCEL_REMOVE_DEVICE:
    case IRP_MN_CANCEL_STOP_DEVICE:
        Irp->IoStatus.Status = STATUS_SUCCESS;
        break;
    }
    IoSkipCurrentIrpStackLocation(Irp);
    return IoCallDriver(extension->NextLowerDriver, Irp);
}

//
// Requests
//

NTSTATUS
EngineDispatchCreateClose(
    _In_ PDEVICE_OBJECT DeviceObject,
    _In_ PIRP Irp
    )
{
    UNREFERENCED_PARAMETER(DeviceObject);

    Irp->IoStatus.Status = STATUS_SUCCESS;
    Irp->IoStatus.Information = 0;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    return STATUS_SUCCESS;
}

NTSTATUS
EngineDispatchReadWrite(
    _In_ PDEVICE_OBJECT DeviceObject,
    _In_ PIRP Irp
    )
{
    PDEVICE_EXTENSION extension = (PDEVICE_EXTENSION)DeviceObject->DeviceExtension;
    ULONG length;

    // Read and write have their length at the same place.
    length = IoGetCurrentIrpStackLocation(Irp)->Parameters.Read.Length;
    if (length == 0 || length > MAXIMUM_TRANSFER || extension->DmaAdapter == NULL) {
        NTSTATUS status = length == 0 ? STATUS_SUCCESS : STATUS_INVALID_DEVICE_REQUEST;

        Irp->IoStatus.Status = status;
        Irp->IoStatus.Information = 0;
        IoCompleteRequest(Irp, IO_NO_INCREMENT);
        return status;
    }
    IoMarkIrpPending(Irp);
    IoStartPacket(DeviceObject, Irp, NULL, NULL);
    return STATUS_PENDING;
}

//
// Called at DISPATCH_LEVEL for one request after the other.
//
VOID
EngineStartIo(
    _Inout_ PDEVICE_OBJECT DeviceObject,
    _Inout_ PIRP Irp
    )
{
    PDEVICE_EXTENSION extension = (PDEVICE_EXTENSION)DeviceObject->DeviceExtension;
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(Irp);
    PMDL mdl = Irp->MdlAddress;
    NTSTATUS status;

    extension->WriteToDevice = (BOOLEAN)(stack->MajorFunction == IRP_MJ_WRITE);
    KeFlushIoBuffers(mdl, !extension->WriteToDevice, TRUE);
    status = extension->DmaAdapter->DmaOperations->GetScatterGatherList(
        extension->DmaAdapter, DeviceObject, mdl, MmGetMdlVirtualAddress(mdl), MmGetMdlByteCount(mdl),
        EngineProgramDma, extension, extension->WriteToDevice);
    if (!NT_SUCCESS(status)) {
        Irp->IoStatus.Status = status;
        Irp->IoStatus.Information = 0;
        IoCompleteRequest(Irp, IO_NO_INCREMENT);
        IoStartNextPacket(DeviceObject, FALSE);
    }
}

//
// The map registers are there: one descriptor for each element of the list.
//
VOID
EngineProgramDma(
    _In_ PDEVICE_OBJECT DeviceObject,
    _In_ PIRP Irp,
    _In_ PSCATTER_GATHER_LIST ScatterGather,
    _In_ PVOID Context
    )
{
    PDEVICE_EXTENSION extension = (PDEVICE_EXTENSION)Context;
    ULONG index;

    UNREFERENCED_PARAMETER(DeviceObject);
    UNREFERENCED_PARAMETER(Irp);

    extension->ScatterGather = ScatterGather;
    for (index = 0; index < ScatterGather->NumberOfElements; index++) {
        PENGINE_DESCRIPTOR descriptor = &extension->Ring[extension->Tail];

#ifdef USE_PHYSICAL_ADDRESS
        // The mistake of the second scenario: what the processor sees is not what the device can reach.
        descriptor->Address = (ULONGLONG)MmGetMdlPfnArray(Irp->MdlAddress)[index] << PAGE_SHIFT;
#else
        descriptor->Address = (ULONGLONG)ScatterGather->Elements[index].Address.QuadPart;
#endif
        descriptor->Length = ScatterGather->Elements[index].Length;
        descriptor->Flags = extension->WriteToDevice ? DESCRIPTOR_TO_DEVICE : 0;
        if (index == ScatterGather->NumberOfElements - 1) {
            descriptor->Flags |= DESCRIPTOR_LAST;
        }
        extension->Tail = (extension->Tail + 1) % RING_ENTRIES;
    }
    // WRITE_REGISTER_ULONG has the barrier that the descriptors need.
    WriteRegister(extension, ENGINE_DOORBELL, extension->Tail);
}

BOOLEAN
EngineInterruptService(
    _In_ PKINTERRUPT Interrupt,
    _In_opt_ PVOID Context
    )
{
    PDEVICE_EXTENSION extension = (PDEVICE_EXTENSION)Context;
    ULONG status = ReadRegister(extension, ENGINE_STATUS);

    UNREFERENCED_PARAMETER(Interrupt);

    if (status == 0) {
        return FALSE;
    }
    WriteRegister(extension, ENGINE_STATUS, status);
    extension->InterruptStatus |= status;
    IoRequestDpc(extension->Self, extension->Self->CurrentIrp, extension);
    return TRUE;
}

typedef struct _TAKE_STATUS {
    PDEVICE_EXTENSION Extension;
    ULONG             Status;
} TAKE_STATUS, *PTAKE_STATUS;

static BOOLEAN
EngineTakeStatus(
    _In_ PVOID Context
    )
{
    PTAKE_STATUS take = (PTAKE_STATUS)Context;

    take->Status = take->Extension->InterruptStatus;
    take->Extension->InterruptStatus = 0;
    return TRUE;
}

VOID
EngineDpcForIsr(
    _In_ PKDPC Dpc,
    _In_ PDEVICE_OBJECT DeviceObject,
    _In_ PIRP Irp,
    _In_opt_ PVOID Context
    )
{
    PDEVICE_EXTENSION extension = (PDEVICE_EXTENSION)DeviceObject->DeviceExtension;
    PSCATTER_GATHER_LIST list = extension->ScatterGather;
    TAKE_STATUS take;

    UNREFERENCED_PARAMETER(Dpc);
    UNREFERENCED_PARAMETER(Context);

    take.Extension = extension;
    KeSynchronizeExecution(extension->Interrupt, EngineTakeStatus, &take);
    if (take.Status == 0 || Irp == NULL || list == NULL) {
        return;
    }

    // What the device wrote comes out of the map registers here.
    extension->ScatterGather = NULL;
    extension->DmaAdapter->DmaOperations->PutScatterGatherList(extension->DmaAdapter, list,
                                                               extension->WriteToDevice);
    if (take.Status & ENGINE_STATUS_ERROR) {
        Irp->IoStatus.Status = STATUS_IO_DEVICE_ERROR;
        Irp->IoStatus.Information = 0;
    } else {
        Irp->IoStatus.Status = STATUS_SUCCESS;
        Irp->IoStatus.Information = MmGetMdlByteCount(Irp->MdlAddress);
    }
    IoStartNextPacket(DeviceObject, FALSE);
    IoCompleteRequest(Irp, IO_DISK_INCREMENT);
}
