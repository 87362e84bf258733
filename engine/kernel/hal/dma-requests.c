/* DMA routines that call the driver back: when channel and map registers are there, at once or later. */
#include <ntddk.h>
#include "dma-primitives.h"
#include "dma-routines.h"

/* Runs a driver's AdapterControl, or hands it its scatter/gather list, at DISPATCH_LEVEL. */
static VOID
HalpRun(_In_ PHALP_REQUEST Request)
{
    PDEVICE_OBJECT device = Request->DeviceObject;
    IO_ALLOCATION_ACTION action;
    KIRQL irql = KeGetCurrentIrql();

    if (irql < DISPATCH_LEVEL) {
        KfRaiseIrql(DISPATCH_LEVEL);
    }
    if (Request->List) {
        ((PDRIVER_LIST_CONTROL)Request->Routine)(device, device->CurrentIrp, Request->ScatterGather, Request->Context);
    } else {
        action = ((PDRIVER_CONTROL)Request->Routine)(device, device->CurrentIrp, Request->MapRegisterBase,
                                                     Request->Context);
        HalpFinishControl(Request->DmaAdapter, Request->MapRegisterBase, action);
    }
    if (irql < DISPATCH_LEVEL) {
        KeLowerIrql(irql);
    }
}

/*
 * Something was given back: whoever waits first may go on. A routine that gives something back itself does not
 * start another round: the one that runs sees to it.
 */
static VOID
HalpServeQueue(VOID)
{
    HALP_REQUEST request;

    if (!HalpBeginServing()) {
        return;
    }
    while (HalpNextGrant(&request)) {
        if (request.List) {
            HalpBuildList(request.DmaAdapter, &request);
        }
        HalpRun(&request);
    }
}

/* A queued request is a success as well: the routine runs later. Without a routine the caller has it now. */
static NTSTATUS
HalpSubmit(_In_ PHALP_REQUEST Request)
{
    NTSTATUS status = HalpRequest(Request->DmaAdapter, Request);

    if (status == STATUS_PENDING) {
        return STATUS_SUCCESS;
    }
    if (NT_SUCCESS(status)) {
        if (Request->List) {
            HalpBuildList(Request->DmaAdapter, Request);
        }
        if (Request->Routine != NULL) {
            HalpRun(Request);
        }
        HalpServeQueue();
    }
    return status;
}

NTSTATUS
AllocateAdapterChannel(
    PDMA_ADAPTER DmaAdapter,
    PDEVICE_OBJECT DeviceObject,
    ULONG NumberOfMapRegisters,
    PDRIVER_CONTROL ExecutionRoutine,
    PVOID Context)
{
    HALP_REQUEST request = {0};

    request.DmaAdapter = DmaAdapter;
    request.DeviceObject = DeviceObject;
    request.NumberOfMapRegisters = NumberOfMapRegisters;
    request.Routine = (PVOID)ExecutionRoutine;
    request.Context = Context;
    return HalpSubmit(&request);
}

NTSTATUS
AllocateAdapterChannelEx(
    PDMA_ADAPTER DmaAdapter,
    PDEVICE_OBJECT DeviceObject,
    PVOID DmaTransferContext,
    ULONG NumberOfMapRegisters,
    ULONG Flags,
    PDRIVER_CONTROL ExecutionRoutine,
    PVOID ExecutionContext,
    PVOID *MapRegisterBase)
{
    HALP_REQUEST request = {0};
    BOOLEAN synchronous = (Flags & DMA_SYNCHRONOUS_CALLBACK) != 0;
    NTSTATUS status;

    /* Who does not wait for the routine has to be given the registers, and nobody else can be. */
    if ((MapRegisterBase != NULL && !synchronous) || (ExecutionRoutine == NULL && MapRegisterBase == NULL)) {
        return STATUS_INVALID_PARAMETER;
    }
    request.DmaAdapter = DmaAdapter;
    request.DeviceObject = DeviceObject;
    request.DmaTransferContext = DmaTransferContext;
    request.NumberOfMapRegisters = NumberOfMapRegisters;
    request.Flags = Flags;
    request.Extended = TRUE;
    request.Routine = (PVOID)ExecutionRoutine;
    request.Context = ExecutionContext;
    status = HalpSubmit(&request);
    if (NT_SUCCESS(status) && MapRegisterBase != NULL) {
        *MapRegisterBase = request.MapRegisterBase;
    }
    return status;
}

BOOLEAN
CancelAdapterChannel(PDMA_ADAPTER DmaAdapter, PDEVICE_OBJECT DeviceObject, PVOID DmaTransferContext)
{
    BOOLEAN cancelled = HalpCancelRequest(DmaAdapter, DeviceObject, DmaTransferContext);

    HalpServeQueue();
    return cancelled;
}

VOID
FreeAdapterChannel(PDMA_ADAPTER DmaAdapter)
{
    HalpFreeChannel(DmaAdapter);
    HalpServeQueue();
}

VOID
FreeAdapterObject(PDMA_ADAPTER DmaAdapter, IO_ALLOCATION_ACTION AllocationAction)
{
    HalpFreeObject(DmaAdapter, AllocationAction);
    HalpServeQueue();
}

VOID
FreeMapRegisters(PDMA_ADAPTER DmaAdapter, PVOID MapRegisterBase, ULONG NumberOfMapRegisters)
{
    HalpFreeRegisters(DmaAdapter, MapRegisterBase, NumberOfMapRegisters);
    HalpServeQueue();
}

/* A list of the older kind: the buffer is given by an address in its MDL. */
static NTSTATUS
HalpSubmitRange(_In_ PHALP_REQUEST Request, PVOID CurrentVa, ULONG Length, BOOLEAN WriteToDevice)
{
    Request->CurrentVa = CurrentVa;
    Request->Length = Length;
    Request->WriteToDevice = WriteToDevice;
    Request->List = TRUE;
    return HalpSubmit(Request);
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
    HALP_REQUEST request = {0};

    request.DmaAdapter = DmaAdapter;
    request.DeviceObject = DeviceObject;
    request.Mdl = Mdl;
    request.Routine = (PVOID)ExecutionRoutine;
    request.Context = Context;
    return HalpSubmitRange(&request, CurrentVa, Length, WriteToDevice);
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
    HALP_REQUEST request = {0};

    request.DmaAdapter = DmaAdapter;
    request.DeviceObject = DeviceObject;
    request.Mdl = Mdl;
    request.Routine = (PVOID)ExecutionRoutine;
    request.Context = Context;
    request.Buffer = ScatterGatherBuffer;
    request.BufferLength = ScatterGatherLength;
    return HalpSubmitRange(&request, CurrentVa, Length, WriteToDevice);
}

/* What GetScatterGatherListEx and BuildScatterGatherListEx have in common. */
static NTSTATUS
HalpSubmitList(_In_ PHALP_REQUEST Request, _Out_opt_ PSCATTER_GATHER_LIST *ScatterGatherList)
{
    BOOLEAN synchronous = (Request->Flags & DMA_SYNCHRONOUS_CALLBACK) != 0;
    NTSTATUS status;

    if (Request->Routine == NULL && (!synchronous || ScatterGatherList == NULL)) {
        return STATUS_INVALID_PARAMETER;
    }
    Request->List = TRUE;
    Request->Extended = TRUE;
    if (ScatterGatherList != NULL) {
        *ScatterGatherList = (PSCATTER_GATHER_LIST)Request->Buffer;
    }
    status = HalpSubmit(Request);
    if (NT_SUCCESS(status) && synchronous && ScatterGatherList != NULL) {
        *ScatterGatherList = Request->ScatterGather;
    }
    return status;
}

NTSTATUS
GetScatterGatherListEx(
    PDMA_ADAPTER DmaAdapter,
    PDEVICE_OBJECT DeviceObject,
    PVOID DmaTransferContext,
    PMDL Mdl,
    ULONGLONG Offset,
    ULONG Length,
    ULONG Flags,
    PDRIVER_LIST_CONTROL ExecutionRoutine,
    PVOID Context,
    BOOLEAN WriteToDevice,
    PDMA_COMPLETION_ROUTINE DmaCompletionRoutine,
    PVOID CompletionContext,
    PSCATTER_GATHER_LIST *ScatterGatherList)
{
    HALP_REQUEST request = {0};

    /* Both are for the system's DMA controller, which takes no lists of this kind. */
    UNREFERENCED_PARAMETER(CompletionContext);
    if (DmaCompletionRoutine != NULL) {
        return STATUS_INVALID_PARAMETER;
    }
    request.DmaAdapter = DmaAdapter;
    request.DeviceObject = DeviceObject;
    request.DmaTransferContext = DmaTransferContext;
    request.Mdl = Mdl;
    request.Offset = Offset;
    request.Length = Length;
    request.Flags = Flags;
    request.Routine = (PVOID)ExecutionRoutine;
    request.Context = Context;
    request.WriteToDevice = WriteToDevice;
    return HalpSubmitList(&request, ScatterGatherList);
}

NTSTATUS
BuildScatterGatherListEx(
    PDMA_ADAPTER DmaAdapter,
    PDEVICE_OBJECT DeviceObject,
    PVOID DmaTransferContext,
    PMDL Mdl,
    ULONGLONG Offset,
    ULONG Length,
    ULONG Flags,
    PDRIVER_LIST_CONTROL ExecutionRoutine,
    PVOID Context,
    BOOLEAN WriteToDevice,
    PVOID ScatterGatherBuffer,
    ULONG ScatterGatherLength,
    PDMA_COMPLETION_ROUTINE DmaCompletionRoutine,
    PVOID CompletionContext,
    PSCATTER_GATHER_LIST *ScatterGatherList)
{
    HALP_REQUEST request = {0};

    UNREFERENCED_PARAMETER(CompletionContext);
    if (DmaCompletionRoutine != NULL || ScatterGatherBuffer == NULL) {
        return STATUS_INVALID_PARAMETER;
    }
    request.DmaAdapter = DmaAdapter;
    request.DeviceObject = DeviceObject;
    request.DmaTransferContext = DmaTransferContext;
    request.Mdl = Mdl;
    request.Offset = Offset;
    request.Length = Length;
    request.Flags = Flags;
    request.Routine = (PVOID)ExecutionRoutine;
    request.Context = Context;
    request.WriteToDevice = WriteToDevice;
    request.Buffer = ScatterGatherBuffer;
    request.BufferLength = ScatterGatherLength;
    return HalpSubmitList(&request, ScatterGatherList);
}

VOID
PutScatterGatherList(PDMA_ADAPTER DmaAdapter, PSCATTER_GATHER_LIST ScatterGather, BOOLEAN WriteToDevice)
{
    HalpPutList(DmaAdapter, ScatterGather, WriteToDevice);
    HalpServeQueue();
}

VOID
HalpRunCompletion(
    PDMA_COMPLETION_ROUTINE Routine,
    PDMA_ADAPTER DmaAdapter,
    PDEVICE_OBJECT DeviceObject,
    PVOID CompletionContext,
    DMA_COMPLETION_STATUS Status)
{
    Routine(DmaAdapter, DeviceObject, CompletionContext, Status);
}
