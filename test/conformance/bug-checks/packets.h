/* What the scenarios of packet and scatter/gather DMA share. */
#include "dma.h"

static PVOID RegisterBase;
static IO_ALLOCATION_ACTION Action = KeepObject;
static PSCATTER_GATHER_LIST List;

static IO_ALLOCATION_ACTION AdapterControl(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID MapRegisterBase, PVOID Context)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    UNREFERENCED_PARAMETER(Irp);
    UNREFERENCED_PARAMETER(Context);
    RegisterBase = MapRegisterBase;
    return Action;
}

static VOID ListControl(PDEVICE_OBJECT DeviceObject, PIRP Irp, PSCATTER_GATHER_LIST ScatterGather, PVOID Context)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    UNREFERENCED_PARAMETER(Irp);
    UNREFERENCED_PARAMETER(Context);
    List = ScatterGather;
}

/* An MDL over nonpaged pool of its own. */
static PMDL MakeMdl(ULONG Bytes)
{
    PUCHAR block = ExAllocatePoolWithTag(NonPagedPool, Bytes, TAG);
    PMDL mdl = IoAllocateMdl(block, Bytes, FALSE, FALSE, NULL);

    RtlZeroMemory(block, Bytes);
    MmBuildMdlForNonPagedPool(mdl);
    return mdl;
}

/* Raises to DISPATCH_LEVEL, where most of these routines have to be called, and takes the channel. */
static NTSTATUS TakeChannel(PDMA_ADAPTER Adapter, ULONG MapRegisters)
{
    KIRQL old;

    KeRaiseIrql(DISPATCH_LEVEL, &old);
    return OPERATIONS->AllocateAdapterChannel(Adapter, Device, MapRegisters, AdapterControl, NULL);
}

static VOID TakeList(PDMA_ADAPTER Adapter, PMDL Mdl, PVOID Address, ULONG Bytes)
{
    KIRQL old;

    KeRaiseIrql(DISPATCH_LEVEL, &old);
    OPERATIONS->GetScatterGatherList(Adapter, Device, Mdl, Address, Bytes, ListControl, NULL, TRUE);
    KeLowerIrql(old);
}
