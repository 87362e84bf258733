/* Deferred routines and work items: each runs on a system thread of its own, as soon as the processor is free. */
#include <ntddk.h>
#include "dpc.h"

VOID
KiRunDpc(_In_ PRKDPC Dpc, _In_opt_ PVOID SystemArgument1, _In_opt_ PVOID SystemArgument2)
{
    KIRQL irql = KfRaiseIrql(DISPATCH_LEVEL);

    Dpc->DeferredRoutine(Dpc, Dpc->DeferredContext, SystemArgument1, SystemArgument2);
    KeLowerIrql(irql);
}

VOID
IopRunWorkItem(_In_ PDEVICE_OBJECT DeviceObject, _In_ PIO_WORKITEM_ROUTINE Routine, _In_opt_ PVOID Context)
{
    Routine(DeviceObject, Context);
    ObDereferenceObject(DeviceObject);
}
