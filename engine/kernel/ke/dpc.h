/* First routines of the threads that run deferred work. */
#pragma once

/** Takes a DPC out of its queue: from now on it may be queued again. */
VOID KiDequeueDpc(_In_ PRKDPC Dpc);

/** Keeps the processor until so many have come here; TRUE for the last of them. */
LOGICAL KiMeet(_Inout_ PLONG Arrived, _In_ LONG Count);

VOID KiRunDpc(_In_ PRKDPC Dpc);
VOID ExpRunWorkItem(_In_ PWORK_QUEUE_ITEM WorkItem);
VOID IopRunWorkItemEx(_In_ PVOID IoObject, _In_ PIO_WORKITEM_ROUTINE_EX Routine, _In_opt_ PVOID Context, _In_ PIO_WORKITEM WorkItem);
VOID IopRunWorkItem(_In_ PDEVICE_OBJECT DeviceObject, _In_ PIO_WORKITEM_ROUTINE Routine, _In_opt_ PVOID Context);
