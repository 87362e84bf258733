/* First routines of the threads that run deferred work. */
#pragma once

/** Takes a DPC out of its queue: from now on it may be queued again. */
VOID KiDequeueDpc(_In_ PRKDPC Dpc);

VOID KiRunDpc(_In_ PRKDPC Dpc);
VOID IopRunWorkItem(_In_ PDEVICE_OBJECT DeviceObject, _In_ PIO_WORKITEM_ROUTINE Routine, _In_opt_ PVOID Context);
