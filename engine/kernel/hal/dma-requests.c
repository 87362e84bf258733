/* DMA routines that call the driver back: when channel and map registers are there, at once or later. */
#include <ntddk.h>
#include "dma-primitives.h"
#include "dma-routines.h"

/* Runs a driver's AdapterControl, or hands it its scatter/gather list. */
static VOID
HalpRun(_In_ PHALP_GRANT Grant)
{
    PDEVICE_OBJECT device = Grant->DeviceObject;
    IO_ALLOCATION_ACTION action;

    if (Grant->List != NULL) {
        ((PDRIVER_LIST_CONTROL)Grant->Routine)(device, device->CurrentIrp, Grant->List, Grant->Context);
        return;
    }
    action = ((PDRIVER_CONTROL)Grant->Routine)(device, device->CurrentIrp, Grant->MapRegisterBase, Grant->Context);
    HalpFinishControl(Grant->DmaAdapter, Grant->MapRegisterBase, action);
}

/* Something was given back: whoever waits first may go on. */
static VOID
HalpServeQueue(VOID)
{
    HALP_GRANT grant;

    while (HalpNextGrant(&grant)) {
        HalpRun(&grant);
    }
}

/* A queued request is a success as well: the routine runs later. */
static NTSTATUS
HalpRunIfGranted(_In_ NTSTATUS Status, _In_ PHALP_GRANT Grant)
{
    if (Status == STATUS_PENDING) {
        return STATUS_SUCCESS;
    }
    if (NT_SUCCESS(Status)) {
        HalpRun(Grant);
        HalpServeQueue();
    }
    return Status;
}

NTSTATUS
AllocateAdapterChannel(
    PDMA_ADAPTER DmaAdapter,
    PDEVICE_OBJECT DeviceObject,
    ULONG NumberOfMapRegisters,
    PDRIVER_CONTROL ExecutionRoutine,
    PVOID Context)
{
    HALP_GRANT grant;

    return HalpRunIfGranted(HalpRequestChannel(DmaAdapter, DeviceObject, NumberOfMapRegisters,
                                               (PVOID)ExecutionRoutine, Context, &grant),
                            &grant);
}

VOID
FreeAdapterChannel(PDMA_ADAPTER DmaAdapter)
{
    HalpFreeChannel(DmaAdapter);
    HalpServeQueue();
}

VOID
FreeMapRegisters(PDMA_ADAPTER DmaAdapter, PVOID MapRegisterBase, ULONG NumberOfMapRegisters)
{
    HalpFreeRegisters(DmaAdapter, MapRegisterBase, NumberOfMapRegisters);
    HalpServeQueue();
}

NTSTATUS
GetScatterGatherList(
    PDMA_ADAPTER DmaAdapter,
    PDEVICE_OBJECT DeviceObject,
    PMDL Mdl,
    PVOID CurrentVa,
    ULONG Length,
    PDRIVER_LIST_CONTROL ExecutionRoutine,
    PVOID Context,
    BOOLEAN WriteToDevice)
{
    HALP_GRANT grant;

    return HalpRunIfGranted(HalpRequestList(DmaAdapter, DeviceObject, Mdl, CurrentVa, Length,
                                            (PVOID)ExecutionRoutine, Context, WriteToDevice, NULL, 0, &grant),
                            &grant);
}

NTSTATUS
BuildScatterGatherList(
    PDMA_ADAPTER DmaAdapter,
    PDEVICE_OBJECT DeviceObject,
    PMDL Mdl,
    PVOID CurrentVa,
    ULONG Length,
    PDRIVER_LIST_CONTROL ExecutionRoutine,
    PVOID Context,
    BOOLEAN WriteToDevice,
    PVOID ScatterGatherBuffer,
    ULONG ScatterGatherLength)
{
    HALP_GRANT grant;

    return HalpRunIfGranted(HalpRequestList(DmaAdapter, DeviceObject, Mdl, CurrentVa, Length,
                                            (PVOID)ExecutionRoutine, Context, WriteToDevice,
                                            ScatterGatherBuffer, ScatterGatherLength, &grant),
                            &grant);
}

VOID
PutScatterGatherList(PDMA_ADAPTER DmaAdapter, PSCATTER_GATHER_LIST ScatterGather, BOOLEAN WriteToDevice)
{
    HalpPutList(DmaAdapter, ScatterGather, WriteToDevice);
    HalpServeQueue();
}
