/* A driver of the Writer (writer.c) that gets an adapter and runs Misuse when the device starts. */
#include "entry.h"

#define OPERATIONS (Adapter->DmaOperations)

static PDMA_ADAPTER Adapter;
static PDEVICE_OBJECT Device;
static PDEVICE_OBJECT Below;
static volatile ULONG64 *Registers;
static PVOID RegisterBase;
static IO_ALLOCATION_ACTION Action = DeallocateObjectKeepRegisters;

static VOID Misuse(VOID);

/* The device writes there; the second store starts it. */
static VOID LetWrite(LONGLONG Address, ULONG Length)
{
    Registers[0] = (ULONG64)Address;
    Registers[1] = Length;
}

static IO_ALLOCATION_ACTION AdapterControl(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID MapRegisterBase, PVOID Context)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    UNREFERENCED_PARAMETER(Irp);
    UNREFERENCED_PARAMETER(Context);
    RegisterBase = MapRegisterBase;
    return Action;
}

/* An MDL over nonpaged pool of its own, which begins in the middle of a page. */
static PMDL MakeMdl(ULONG Bytes)
{
    PUCHAR block = ExAllocatePoolWithTag(NonPagedPool, Bytes + 0x100, TAG);
    PMDL mdl = IoAllocateMdl(block + 0x80, Bytes, FALSE, FALSE, NULL);

    RtlFillMemory(block, Bytes + 0x100, 0x11);
    MmBuildMdlForNonPagedPool(mdl);
    return mdl;
}

static VOID FreeMdl(PMDL Mdl)
{
    PUCHAR block = MmGetMdlVirtualAddress(Mdl);

    IoFreeMdl(Mdl);
    ExFreePoolWithTag(block - 0x80, TAG);
}

static VOID TakeChannel(ULONG MapRegisters)
{
    OPERATIONS->AllocateAdapterChannel(Adapter, Device, MapRegisters, AdapterControl, NULL);
}

static NTSTATUS Start(PIO_STACK_LOCATION Stack)
{
    PCM_PARTIAL_RESOURCE_LIST list = &Stack->Parameters.StartDevice.AllocatedResourcesTranslated->List[0].PartialResourceList;
    DEVICE_DESCRIPTION description;
    ULONG mapRegisters;
    KIRQL old;

    Registers = MmMapIoSpace(list->PartialDescriptors[0].u.Memory.Start, PAGE_SIZE, MmNonCached);
    RtlZeroMemory(&description, sizeof(description));
    description.Version = DEVICE_DESCRIPTION_VERSION;
    description.Master = TRUE;
    description.ScatterGather = TRUE;
    description.Dma64BitAddresses = TRUE;
    description.InterfaceType = PCIBus;
    description.MaximumLength = 64 * 1024;
    Adapter = IoGetDmaAdapter(Below, &description, &mapRegisters);
    KeRaiseIrql(DISPATCH_LEVEL, &old);
    Misuse();
    KeLowerIrql(old);
    return STATUS_SUCCESS;
}

static NTSTATUS Pnp(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(Irp);
    UCHAR minor = stack->MinorFunction;
    NTSTATUS status;

    if (minor == IRP_MN_START_DEVICE) {
        Start(stack);
    } else if (minor == IRP_MN_REMOVE_DEVICE) {
        OPERATIONS->PutDmaAdapter(Adapter);
        MmUnmapIoSpace((PVOID)Registers, PAGE_SIZE);
    }
    IoSkipCurrentIrpStackLocation(Irp);
    status = IoCallDriver(Below, Irp);
    if (minor == IRP_MN_REMOVE_DEVICE) {
        IoDetachDevice(Below);
        IoDeleteDevice(DeviceObject);
    }
    return status;
}

static NTSTATUS AddDevice(PDRIVER_OBJECT DriverObject, PDEVICE_OBJECT PhysicalDeviceObject)
{
    NTSTATUS status = IoCreateDevice(DriverObject, 0, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &Device);

    if (NT_SUCCESS(status)) {
        Below = IoAttachDeviceToDeviceStack(Device, PhysicalDeviceObject);
        Device->Flags &= ~DO_DEVICE_INITIALIZING;
    }
    return status;
}

ENTRY
{
    UNREFERENCED_PARAMETER(RegistryPath);
    DriverObject->DriverExtension->AddDevice = AddDevice;
    DriverObject->MajorFunction[IRP_MJ_PNP] = Pnp;
    DriverObject->DriverUnload = Unload;
    return STATUS_SUCCESS;
}
