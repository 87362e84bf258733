/* Deferred routines and work items: each runs on a thread of its own, a DPC at DISPATCH_LEVEL on its processor. */
#include <ntddk.h>
#include "dpc.h"

VOID
KiRunDpc(_In_ PRKDPC Dpc)
{
    PKDEFERRED_ROUTINE routine = Dpc->DeferredRoutine;
    PVOID context = Dpc->DeferredContext;
    PVOID argument1 = Dpc->SystemArgument1;
    PVOID argument2 = Dpc->SystemArgument2;

    KiDequeueDpc(Dpc);
    routine(Dpc, context, argument1, argument2);
}

VOID
IopRunWorkItem(_In_ PDEVICE_OBJECT DeviceObject, _In_ PIO_WORKITEM_ROUTINE Routine, _In_opt_ PVOID Context)
{
    Routine(DeviceObject, Context);
    ObDereferenceObject(DeviceObject);
}

/* A device or driver object; only devices are counted. */
VOID
IopRunWorkItemEx(
    _In_ PVOID IoObject,
    _In_ PIO_WORKITEM_ROUTINE_EX Routine,
    _In_opt_ PVOID Context,
    _In_ PIO_WORKITEM WorkItem)
{
    Routine(IoObject, Context, WorkItem);
    ObDereferenceObject(IoObject);
}

/* The item belongs to its routine from the call on, which may free it. */
VOID
ExpRunWorkItem(_In_ PWORK_QUEUE_ITEM WorkItem)
{
    PWORKER_THREAD_ROUTINE routine = WorkItem->WorkerRoutine;
    PVOID parameter = WorkItem->Parameter;

    WorkItem->List.Flink = NULL;
    routine(parameter);
}
