/* What the DMA routines in C are built on; drivers do not see it. */
#pragma once

/** A request for channel, map registers or a scatter/gather list, and what it was granted. */
typedef struct _HALP_REQUEST {
    PDMA_ADAPTER         DmaAdapter;
    PDEVICE_OBJECT       DeviceObject;
    PVOID                DmaTransferContext;
    PMDL                 Mdl;
    ULONGLONG            Offset;
    ULONG                Length;
    ULONG                NumberOfMapRegisters;
    ULONG                Flags;
    BOOLEAN              List;
    BOOLEAN              Extended;
    BOOLEAN              WriteToDevice;
    PVOID                CurrentVa;
    PVOID                Routine;
    PVOID                Context;
    PVOID                Buffer;
    ULONG                BufferLength;
    PVOID                MapRegisterBase;
    PSCATTER_GATHER_LIST ScatterGather;
} HALP_REQUEST, *PHALP_REQUEST;

/** STATUS_SUCCESS with what was granted, STATUS_PENDING when the request was queued, or why it fails. */
NTSTATUS HalpRequest(PDMA_ADAPTER DmaAdapter, PHALP_REQUEST Request);
/** FALSE while somebody serves the queue already. */
BOOLEAN HalpBeginServing(VOID);
/** The next queued request that can be served; FALSE ends the serving. */
BOOLEAN HalpNextGrant(PHALP_REQUEST Request);
/** Maps the buffer of a request and writes its list. */
VOID HalpBuildList(PDMA_ADAPTER DmaAdapter, PHALP_REQUEST Request);
/** Releases what AdapterControl does not keep. */
VOID HalpFinishControl(PDMA_ADAPTER DmaAdapter, PVOID MapRegisterBase, IO_ALLOCATION_ACTION Action);
VOID HalpFreeChannel(PDMA_ADAPTER DmaAdapter);
VOID HalpFreeObject(PDMA_ADAPTER DmaAdapter, IO_ALLOCATION_ACTION Action);
VOID HalpFreeRegisters(PDMA_ADAPTER DmaAdapter, PVOID MapRegisterBase, ULONG NumberOfMapRegisters);
VOID HalpPutList(PDMA_ADAPTER DmaAdapter, PSCATTER_GATHER_LIST ScatterGather, BOOLEAN WriteToDevice);
/** Takes a request back that waits; FALSE when it was granted. */
BOOLEAN HalpCancelRequest(PDMA_ADAPTER DmaAdapter, PDEVICE_OBJECT DeviceObject, PVOID DmaTransferContext);
/** Runs a driver's completion routine of system DMA, as a DPC runs. */
VOID HalpRunCompletion(PDMA_COMPLETION_ROUTINE Routine, PDMA_ADAPTER DmaAdapter, PDEVICE_OBJECT DeviceObject, PVOID CompletionContext, DMA_COMPLETION_STATUS Status);
