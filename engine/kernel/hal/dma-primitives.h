/* What the DMA routines in C are built on; drivers do not see it. */
#pragma once

/** Channel and registers, or a list, that a request has got, and the routine that is to run. */
typedef struct _HALP_GRANT {
    PDMA_ADAPTER         DmaAdapter;
    PDEVICE_OBJECT       DeviceObject;
    PVOID                Routine;
    PVOID                Context;
    PVOID                MapRegisterBase;
    PSCATTER_GATHER_LIST List;
} HALP_GRANT, *PHALP_GRANT;

/** STATUS_SUCCESS with the grant, STATUS_PENDING when the request was queued, or why it fails. */
NTSTATUS HalpRequestChannel(PDMA_ADAPTER DmaAdapter, PDEVICE_OBJECT DeviceObject, ULONG NumberOfMapRegisters, PVOID Routine, PVOID Context, PHALP_GRANT Grant);
/** As HalpRequestChannel, for a scatter/gather list; with Buffer in the caller's memory. */
NTSTATUS HalpRequestList(PDMA_ADAPTER DmaAdapter, PDEVICE_OBJECT DeviceObject, PMDL Mdl, PVOID CurrentVa, ULONG Length, PVOID Routine, PVOID Context, BOOLEAN WriteToDevice, PVOID Buffer, ULONG BufferLength, PHALP_GRANT Grant);
/** The next queued request that can be served. */
BOOLEAN HalpNextGrant(PHALP_GRANT Grant);
/** Releases what AdapterControl does not keep. */
VOID HalpFinishControl(PDMA_ADAPTER DmaAdapter, PVOID MapRegisterBase, IO_ALLOCATION_ACTION Action);
VOID HalpFreeChannel(PDMA_ADAPTER DmaAdapter);
VOID HalpFreeRegisters(PDMA_ADAPTER DmaAdapter, PVOID MapRegisterBase, ULONG NumberOfMapRegisters);
VOID HalpPutList(PDMA_ADAPTER DmaAdapter, PSCATTER_GATHER_LIST ScatterGather, BOOLEAN WriteToDevice);
