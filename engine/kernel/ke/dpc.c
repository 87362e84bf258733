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
