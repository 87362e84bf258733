/*
 * The reference proxy driver of a SAN service provider.
 *
 * It registers memory for the NIC: a request names a range of the calling process, the driver locks the
 * pages and enters their addresses into a translation table that the NIC reads. A NIC with 32 address bits
 * can read that table only below 4 GB, also on a machine that gives out nothing there by itself
 * (NOLOWMEM), so the driver takes its own memory in the two ways that are documented for this case:
 * MmAllocateContiguousMemorySpecifyCache for the table, AllocateCommonBuffer for the command queue. The registers
 * and commands of the NIC are those of <sannic.h>.
 */
#include <ntddk.h>
#include <sannic.h>
#include "sanproxy.h"

#define PROXY_TAG               'xPnS'
#define TRANSLATION_TABLE_BYTES (64 * 1024)
#define TRANSLATION_ENTRIES     (TRANSLATION_TABLE_BYTES / sizeof(ULONGLONG))
#define COMMAND_QUEUE_BYTES     PAGE_SIZE
#define COMMAND_COUNT           (COMMAND_QUEUE_BYTES / sizeof(SAN_NIC_COMMAND))
#define MAXIMUM_TRANSFER        (1024 * 1024)

typedef struct _REGISTRATION {
    LIST_ENTRY   Link;
    PFILE_OBJECT Owner;
    PMDL         Mdl;
    ULONG        Key;
    ULONG        FirstEntry;
    ULONG        PageCount;
} REGISTRATION, *PREGISTRATION;

typedef struct _PROXY_EXTENSION {
    PDEVICE_OBJECT   PhysicalDeviceObject;
    PDEVICE_OBJECT   LowerDevice;
    BOOLEAN          Linked;

    PDMA_ADAPTER     Adapter;
    ULONG            MapRegisters;

    PUCHAR           Registers;
    ULONG            RegisterBytes;

    PSAN_NIC_COMMAND CommandQueue;
    PHYSICAL_ADDRESS CommandQueueLogical;
    ULONG            NextCommand;

    PULONGLONG       TranslationTable;
    PHYSICAL_ADDRESS TranslationTablePhysical;

    KSPIN_LOCK       Lock;              /* guards what follows */
    LIST_ENTRY       Registrations;
    ULONG            NextKey;
} PROXY_EXTENSION, *PPROXY_EXTENSION;

DRIVER_INITIALIZE DriverEntry;
DRIVER_ADD_DEVICE ProxyAddDevice;
DRIVER_UNLOAD     ProxyUnload;
DRIVER_DISPATCH   ProxyCreate;
DRIVER_DISPATCH   ProxyCleanup;
DRIVER_DISPATCH   ProxyClose;
DRIVER_DISPATCH   ProxyDeviceControl;
DRIVER_DISPATCH   ProxyPnp;

IO_COMPLETION_ROUTINE ProxySignalCompletion;

static UNICODE_STRING DeviceName = RTL_CONSTANT_STRING(L"\\Device\\SanProxy");
static UNICODE_STRING LinkName = RTL_CONSTANT_STRING(L"\\DosDevices\\SanProxy");

/* ---- The NIC's tables ------------------------------------------------------------------------------ */

/* Finds PageCount free entries in a row; answers the first one's index, or TRANSLATION_ENTRIES. */
static ULONG
ProxyFindEntries(_In_ PPROXY_EXTENSION Extension, _In_ ULONG PageCount)
{
    ULONG index;
    ULONG run = 0;

    for (index = 0; index < TRANSLATION_ENTRIES; index++) {
        run = Extension->TranslationTable[index] == 0 ? run + 1 : 0;
        if (run == PageCount) {
            return index + 1 - PageCount;
        }
    }
    return TRANSLATION_ENTRIES;
}

static VOID
ProxyWriteRegister(_In_ PPROXY_EXTENSION Extension, _In_ ULONG Offset, _In_ ULONG Value)
{
    WRITE_REGISTER_ULONG((PULONG)(Extension->Registers + Offset), Value);
}

/* Hands one command to the NIC and waits until it is done; the lock is held. */
static NTSTATUS
ProxyPostCommand(
    _In_ PPROXY_EXTENSION Extension,
    _In_ ULONG Opcode,
    _In_ PREGISTRATION Registration,
    _In_ ULONG Access)
{
    volatile SAN_NIC_COMMAND *command = &Extension->CommandQueue[Extension->NextCommand];

    command->Key = Registration->Key;
    command->TableEntry = Extension->TranslationTablePhysical.QuadPart +
                          Registration->FirstEntry * sizeof(ULONGLONG);
    command->PageCount = Registration->PageCount;
    command->ByteOffset = MmGetMdlByteOffset(Registration->Mdl);
    command->Length = MmGetMdlByteCount(Registration->Mdl);
    command->Access = Access;
    command->Status = SAN_NIC_PENDING;
    command->Opcode = Opcode;
    Extension->NextCommand = (Extension->NextCommand + 1) % COMMAND_COUNT;
    KeMemoryBarrier();
    ProxyWriteRegister(Extension, SAN_NIC_DOORBELL, Extension->NextCommand);
    while (READ_REGISTER_ULONG((PULONG)(Extension->Registers + SAN_NIC_HEAD)) != Extension->NextCommand) {
        KeStallExecutionProcessor(1);
    }
    return command->Status == SAN_NIC_SUCCESS ? STATUS_SUCCESS : STATUS_IO_DEVICE_ERROR;
}

/* ---- Registering and releasing --------------------------------------------------------------------- */

static NTSTATUS
ProxyRegisterMemory(
    _In_ PPROXY_EXTENSION Extension,
    _In_ PFILE_OBJECT FileObject,
    _In_ PSAN_REGISTER_MEMORY Request,
    _Out_ PSAN_REGISTERED_MEMORY Reply)
{
    PVOID address = (PVOID)(ULONG_PTR)Request->VirtualAddress;
    PREGISTRATION registration;
    PPFN_NUMBER pages;
    NTSTATUS status = STATUS_SUCCESS;
    KIRQL irql;
    ULONG index;

    if (Request->Length == 0 ||
        Request->VirtualAddress + Request->Length < Request->VirtualAddress) {
        return STATUS_INVALID_PARAMETER;
    }
    if (Request->Access == 0 ||
        (Request->Access & ~(ULONG)(SAN_ACCESS_READ | SAN_ACCESS_WRITE)) != 0) {
        return STATUS_INVALID_PARAMETER;
    }

    registration = (PREGISTRATION)ExAllocatePoolWithTag(NonPagedPool, sizeof(REGISTRATION), PROXY_TAG);
    if (registration == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    RtlZeroMemory(registration, sizeof(REGISTRATION));
    registration->Owner = FileObject;

    registration->Mdl = IoAllocateMdl(address, Request->Length, FALSE, FALSE, NULL);
    if (registration->Mdl == NULL) {
        ExFreePoolWithTag(registration, PROXY_TAG);
        return STATUS_INSUFFICIENT_RESOURCES;
    }

    __try {
        MmProbeAndLockPages(registration->Mdl, UserMode,
                            (Request->Access & SAN_ACCESS_WRITE) != 0 ? IoModifyAccess : IoReadAccess);
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        status = GetExceptionCode();
    }
    if (!NT_SUCCESS(status)) {
        IoFreeMdl(registration->Mdl);
        ExFreePoolWithTag(registration, PROXY_TAG);
        return status;
    }

    registration->PageCount = ADDRESS_AND_SIZE_TO_SPAN_PAGES(address, Request->Length);
    pages = MmGetMdlPfnArray(registration->Mdl);

    KeAcquireSpinLock(&Extension->Lock, &irql);
    registration->FirstEntry = ProxyFindEntries(Extension, registration->PageCount);
    if (registration->FirstEntry == TRANSLATION_ENTRIES) {
        KeReleaseSpinLock(&Extension->Lock, irql);
        MmUnlockPages(registration->Mdl);
        IoFreeMdl(registration->Mdl);
        ExFreePoolWithTag(registration, PROXY_TAG);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    for (index = 0; index < registration->PageCount; index++) {
        Extension->TranslationTable[registration->FirstEntry + index] =
            (ULONGLONG)pages[index] << PAGE_SHIFT;
    }
    registration->Key = ++Extension->NextKey;
    status = ProxyPostCommand(Extension, SAN_NIC_REGISTER, registration, Request->Access);
    if (NT_SUCCESS(status)) {
        InsertTailList(&Extension->Registrations, &registration->Link);
    } else {
        RtlZeroMemory(&Extension->TranslationTable[registration->FirstEntry],
                      registration->PageCount * sizeof(ULONGLONG));
    }
    KeReleaseSpinLock(&Extension->Lock, irql);
    if (!NT_SUCCESS(status)) {
        MmUnlockPages(registration->Mdl);
        IoFreeMdl(registration->Mdl);
        ExFreePoolWithTag(registration, PROXY_TAG);
        return status;
    }

    Reply->Key = registration->Key;
    Reply->PageCount = registration->PageCount;
    return STATUS_SUCCESS;
}

/* Undoes ProxyRegisterMemory; the registration is off the list already. */
static VOID
ProxyReleaseRegistration(_In_ PPROXY_EXTENSION Extension, _In_ PREGISTRATION Registration)
{
    KIRQL irql;
    ULONG index;

    /* The NIC must have let go before the pages are unlocked. */
    KeAcquireSpinLock(&Extension->Lock, &irql);
    ProxyPostCommand(Extension, SAN_NIC_DEREGISTER, Registration, 0);
    for (index = 0; index < Registration->PageCount; index++) {
        Extension->TranslationTable[Registration->FirstEntry + index] = 0;
    }
    KeReleaseSpinLock(&Extension->Lock, irql);

    MmUnlockPages(Registration->Mdl);
    IoFreeMdl(Registration->Mdl);
    ExFreePoolWithTag(Registration, PROXY_TAG);
}

/* Takes a registration of this file object off the list: the one with Key, or with Key 0 the first. */
static PREGISTRATION
ProxyRemoveRegistration(_In_ PPROXY_EXTENSION Extension, _In_ PFILE_OBJECT Owner, _In_ ULONG Key)
{
    PREGISTRATION found = NULL;
    PLIST_ENTRY entry;
    KIRQL irql;

    KeAcquireSpinLock(&Extension->Lock, &irql);
    for (entry = Extension->Registrations.Flink; entry != &Extension->Registrations; entry = entry->Flink) {
        PREGISTRATION registration = CONTAINING_RECORD(entry, REGISTRATION, Link);

        if (registration->Owner == Owner && (Key == 0 || registration->Key == Key)) {
            RemoveEntryList(entry);
            found = registration;
            break;
        }
    }
    KeReleaseSpinLock(&Extension->Lock, irql);
    return found;
}

/* ---- Dispatch routines ----------------------------------------------------------------------------- */

static NTSTATUS
ProxyComplete(_In_ PIRP Irp, _In_ NTSTATUS Status, _In_ ULONG_PTR Information)
{
    Irp->IoStatus.Status = Status;
    Irp->IoStatus.Information = Information;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    return Status;
}

NTSTATUS
ProxyCreate(_In_ PDEVICE_OBJECT DeviceObject, _Inout_ PIRP Irp)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    return ProxyComplete(Irp, STATUS_SUCCESS, 0);
}

NTSTATUS
ProxyClose(_In_ PDEVICE_OBJECT DeviceObject, _Inout_ PIRP Irp)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    return ProxyComplete(Irp, STATUS_SUCCESS, 0);
}

/* The last handle is gone, at the latest when the process ends: nothing of it may stay locked. */
NTSTATUS
ProxyCleanup(_In_ PDEVICE_OBJECT DeviceObject, _Inout_ PIRP Irp)
{
    PPROXY_EXTENSION extension = (PPROXY_EXTENSION)DeviceObject->DeviceExtension;
    PFILE_OBJECT owner = IoGetCurrentIrpStackLocation(Irp)->FileObject;
    PREGISTRATION registration;

    while ((registration = ProxyRemoveRegistration(extension, owner, 0)) != NULL) {
        ProxyReleaseRegistration(extension, registration);
    }
    return ProxyComplete(Irp, STATUS_SUCCESS, 0);
}

NTSTATUS
ProxyDeviceControl(_In_ PDEVICE_OBJECT DeviceObject, _Inout_ PIRP Irp)
{
    PPROXY_EXTENSION extension = (PPROXY_EXTENSION)DeviceObject->DeviceExtension;
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(Irp);
    PVOID buffer = Irp->AssociatedIrp.SystemBuffer;
    ULONG inputLength = stack->Parameters.DeviceIoControl.InputBufferLength;
    ULONG outputLength = stack->Parameters.DeviceIoControl.OutputBufferLength;
    SAN_REGISTERED_MEMORY reply;
    PREGISTRATION registration;
    NTSTATUS status;

    switch (stack->Parameters.DeviceIoControl.IoControlCode) {
    case IOCTL_SAN_REGISTER_MEMORY:
        if (inputLength < sizeof(SAN_REGISTER_MEMORY) || outputLength < sizeof(SAN_REGISTERED_MEMORY)) {
            return ProxyComplete(Irp, STATUS_BUFFER_TOO_SMALL, 0);
        }
        RtlZeroMemory(&reply, sizeof(reply));
        status = ProxyRegisterMemory(extension, stack->FileObject, (PSAN_REGISTER_MEMORY)buffer, &reply);
        if (!NT_SUCCESS(status)) {
            return ProxyComplete(Irp, status, 0);
        }
        RtlCopyMemory(buffer, &reply, sizeof(reply));
        return ProxyComplete(Irp, STATUS_SUCCESS, sizeof(reply));

    case IOCTL_SAN_DEREGISTER_MEMORY:
        if (inputLength < sizeof(SAN_DEREGISTER_MEMORY)) {
            return ProxyComplete(Irp, STATUS_BUFFER_TOO_SMALL, 0);
        }
        if (((PSAN_DEREGISTER_MEMORY)buffer)->Key == 0) {
            return ProxyComplete(Irp, STATUS_INVALID_PARAMETER, 0);
        }
        registration = ProxyRemoveRegistration(extension, stack->FileObject,
                                               ((PSAN_DEREGISTER_MEMORY)buffer)->Key);
        if (registration == NULL) {
            return ProxyComplete(Irp, STATUS_INVALID_PARAMETER, 0);
        }
        ProxyReleaseRegistration(extension, registration);
        return ProxyComplete(Irp, STATUS_SUCCESS, 0);

    default:
        return ProxyComplete(Irp, STATUS_INVALID_DEVICE_REQUEST, 0);
    }
}

/* ---- Plug and Play --------------------------------------------------------------------------------- */

NTSTATUS
ProxySignalCompletion(_In_ PDEVICE_OBJECT DeviceObject, _In_ PIRP Irp, _In_opt_ PVOID Context)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    UNREFERENCED_PARAMETER(Irp);
    KeSetEvent((PKEVENT)Context, IO_NO_INCREMENT, FALSE);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

static NTSTATUS
ProxyForwardAndWait(_In_ PDEVICE_OBJECT LowerDevice, _In_ PIRP Irp)
{
    KEVENT event;
    NTSTATUS status;

    KeInitializeEvent(&event, NotificationEvent, FALSE);
    IoCopyCurrentIrpStackLocationToNext(Irp);
    IoSetCompletionRoutine(Irp, ProxySignalCompletion, &event, TRUE, TRUE, TRUE);
    status = IoCallDriver(LowerDevice, Irp);
    if (status == STATUS_PENDING) {
        KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, NULL);
    }
    return Irp->IoStatus.Status;
}

static VOID
ProxyReleaseHardware(_In_ PPROXY_EXTENSION Extension)
{
    if (Extension->Registers != NULL) {
        ProxyWriteRegister(Extension, SAN_NIC_CONTROL, 0);
        MmUnmapIoSpace(Extension->Registers, Extension->RegisterBytes);
        Extension->Registers = NULL;
    }
    if (Extension->CommandQueue != NULL) {
        Extension->Adapter->DmaOperations->FreeCommonBuffer(
            Extension->Adapter, COMMAND_QUEUE_BYTES, Extension->CommandQueueLogical,
            Extension->CommandQueue, TRUE);
        Extension->CommandQueue = NULL;
    }
    if (Extension->Adapter != NULL) {
        Extension->Adapter->DmaOperations->PutDmaAdapter(Extension->Adapter);
        Extension->Adapter = NULL;
    }
    if (Extension->TranslationTable != NULL) {
        MmFreeContiguousMemorySpecifyCache(Extension->TranslationTable, TRANSLATION_TABLE_BYTES, MmCached);
        Extension->TranslationTable = NULL;
    }
}

/* The first range of registers that the bus gave to the NIC. */
static BOOLEAN
ProxyMapRegisters(_In_ PPROXY_EXTENSION Extension, _In_opt_ PCM_RESOURCE_LIST Resources)
{
    PCM_PARTIAL_RESOURCE_LIST list;
    ULONG index;

    if (Resources == NULL) {
        return FALSE;
    }
    list = &Resources->List[0].PartialResourceList;
    for (index = 0; index < list->Count; index++) {
        PCM_PARTIAL_RESOURCE_DESCRIPTOR descriptor = &list->PartialDescriptors[index];

        if (descriptor->Type == CmResourceTypeMemory) {
            Extension->RegisterBytes = descriptor->u.Memory.Length;
            Extension->Registers = (PUCHAR)MmMapIoSpace(descriptor->u.Memory.Start,
                                                        descriptor->u.Memory.Length, MmNonCached);
            break;
        }
    }
    return Extension->Registers != NULL;
}

static NTSTATUS
ProxyStartHardware(_In_ PPROXY_EXTENSION Extension, _In_opt_ PCM_RESOURCE_LIST Resources)
{
    DEVICE_DESCRIPTION description;
    PHYSICAL_ADDRESS lowest;
    PHYSICAL_ADDRESS highest;
    PHYSICAL_ADDRESS boundary;

    /* The first way to low memory: ask the memory manager for it by address. */
    lowest.QuadPart = 0;
    highest.QuadPart = 0xFFFFFFFF;
    boundary.QuadPart = 0;
    Extension->TranslationTable = (PULONGLONG)MmAllocateContiguousMemorySpecifyCache(
        TRANSLATION_TABLE_BYTES, lowest, highest, boundary, MmCached);
    if (Extension->TranslationTable == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    RtlZeroMemory(Extension->TranslationTable, TRANSLATION_TABLE_BYTES);
    Extension->TranslationTablePhysical = MmGetPhysicalAddress(Extension->TranslationTable);

    /* The second: a common buffer of an adapter that says how far the device reaches. */
    RtlZeroMemory(&description, sizeof(description));
    description.Version = DEVICE_DESCRIPTION_VERSION;
    description.Master = TRUE;
    description.ScatterGather = TRUE;
    description.Dma32BitAddresses = TRUE;
    description.InterfaceType = PCIBus;
    description.MaximumLength = MAXIMUM_TRANSFER;
    Extension->Adapter = IoGetDmaAdapter(Extension->PhysicalDeviceObject, &description,
                                         &Extension->MapRegisters);
    if (Extension->Adapter == NULL) {
        ProxyReleaseHardware(Extension);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    Extension->CommandQueue = (PSAN_NIC_COMMAND)Extension->Adapter->DmaOperations->AllocateCommonBuffer(
        Extension->Adapter, COMMAND_QUEUE_BYTES, &Extension->CommandQueueLogical, TRUE);
    if (Extension->CommandQueue == NULL) {
        ProxyReleaseHardware(Extension);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    RtlZeroMemory(Extension->CommandQueue, COMMAND_QUEUE_BYTES);

    if (!ProxyMapRegisters(Extension, Resources)) {
        ProxyReleaseHardware(Extension);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    ProxyWriteRegister(Extension, SAN_NIC_RING_LOW, Extension->CommandQueueLogical.LowPart);
    ProxyWriteRegister(Extension, SAN_NIC_RING_HIGH, (ULONG)Extension->CommandQueueLogical.HighPart);
    ProxyWriteRegister(Extension, SAN_NIC_RING_COUNT, COMMAND_COUNT);
    ProxyWriteRegister(Extension, SAN_NIC_CONTROL, SAN_NIC_CONTROL_RUN);
    return STATUS_SUCCESS;
}

NTSTATUS
ProxyPnp(_In_ PDEVICE_OBJECT DeviceObject, _Inout_ PIRP Irp)
{
    PPROXY_EXTENSION extension = (PPROXY_EXTENSION)DeviceObject->DeviceExtension;
    PDEVICE_OBJECT lowerDevice = extension->LowerDevice;
    NTSTATUS status;

    switch (IoGetCurrentIrpStackLocation(Irp)->MinorFunction) {
    case IRP_MN_START_DEVICE:
        status = ProxyForwardAndWait(lowerDevice, Irp);
        if (NT_SUCCESS(status)) {
            status = ProxyStartHardware(
                extension,
                IoGetCurrentIrpStackLocation(Irp)->Parameters.StartDevice.AllocatedResourcesTranslated);
        }
        return ProxyComplete(Irp, status, 0);

    case IRP_MN_REMOVE_DEVICE:
        ProxyReleaseHardware(extension);
        Irp->IoStatus.Status = STATUS_SUCCESS;
        IoSkipCurrentIrpStackLocation(Irp);
        status = IoCallDriver(lowerDevice, Irp);
        if (extension->Linked) {
            IoDeleteSymbolicLink(&LinkName);
        }
        IoDetachDevice(lowerDevice);
        IoDeleteDevice(DeviceObject);
        return status;

    default:
        IoSkipCurrentIrpStackLocation(Irp);
        return IoCallDriver(lowerDevice, Irp);
    }
}

NTSTATUS
ProxyAddDevice(_In_ PDRIVER_OBJECT DriverObject, _In_ PDEVICE_OBJECT PhysicalDeviceObject)
{
    PDEVICE_OBJECT deviceObject;
    PPROXY_EXTENSION extension;
    NTSTATUS status;

    PAGED_CODE();

    status = IoCreateDevice(DriverObject, sizeof(PROXY_EXTENSION), &DeviceName, SAN_PROXY_DEVICE_TYPE,
                            0, FALSE, &deviceObject);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    extension = (PPROXY_EXTENSION)deviceObject->DeviceExtension;
    extension->PhysicalDeviceObject = PhysicalDeviceObject;
    KeInitializeSpinLock(&extension->Lock);
    InitializeListHead(&extension->Registrations);

    extension->LowerDevice = IoAttachDeviceToDeviceStack(deviceObject, PhysicalDeviceObject);
    if (extension->LowerDevice == NULL) {
        IoDeleteDevice(deviceObject);
        return STATUS_DEVICE_NOT_CONNECTED;
    }
    status = IoCreateSymbolicLink(&LinkName, &DeviceName);
    if (!NT_SUCCESS(status)) {
        IoDetachDevice(extension->LowerDevice);
        IoDeleteDevice(deviceObject);
        return status;
    }
    extension->Linked = TRUE;

    deviceObject->Flags |= DO_DIRECT_IO;
    deviceObject->Flags &= ~DO_DEVICE_INITIALIZING;
    return STATUS_SUCCESS;
}

VOID
ProxyUnload(_In_ PDRIVER_OBJECT DriverObject)
{
    UNREFERENCED_PARAMETER(DriverObject);
}

NTSTATUS
DriverEntry(_In_ PDRIVER_OBJECT DriverObject, _In_ PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(RegistryPath);

    DriverObject->MajorFunction[IRP_MJ_CREATE] = ProxyCreate;
    DriverObject->MajorFunction[IRP_MJ_CLEANUP] = ProxyCleanup;
    DriverObject->MajorFunction[IRP_MJ_CLOSE] = ProxyClose;
    DriverObject->MajorFunction[IRP_MJ_DEVICE_CONTROL] = ProxyDeviceControl;
    DriverObject->MajorFunction[IRP_MJ_PNP] = ProxyPnp;
    DriverObject->DriverExtension->AddDevice = ProxyAddDevice;
    DriverObject->DriverUnload = ProxyUnload;
    return STATUS_SUCCESS;
}
