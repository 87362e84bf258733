/* Queues of requests: device queues with StartIo, cancel-safe queues, the timer of a device. */
#include <ntddk.h>
#include "io-primitives.h"

/* ---- Device queues --------------------------------------------------------------------------------- */

#define DEVICE_QUEUE_OBJECT 20

VOID
KeInitializeDeviceQueue(_Out_ PKDEVICE_QUEUE DeviceQueue)
{
    DeviceQueue->Type = DEVICE_QUEUE_OBJECT;
    DeviceQueue->Size = sizeof(KDEVICE_QUEUE);
    InitializeListHead(&DeviceQueue->DeviceListHead);
    KeInitializeSpinLock(&DeviceQueue->Lock);
    DeviceQueue->Reserved = 0;
    DeviceQueue->Hint = 0;
}

/* The entry before which one with a key belongs: behind those of the same key. */
static PLIST_ENTRY
KiFindKey(_In_ PKDEVICE_QUEUE DeviceQueue, _In_ ULONG SortKey)
{
    PLIST_ENTRY next;

    for (next = DeviceQueue->DeviceListHead.Flink; next != &DeviceQueue->DeviceListHead; next = next->Flink) {
        if (CONTAINING_RECORD(next, KDEVICE_QUEUE_ENTRY, DeviceListEntry)->SortKey > SortKey) {
            break;
        }
    }
    return next;
}

static BOOLEAN
KiInsertDeviceQueue(_Inout_ PKDEVICE_QUEUE DeviceQueue, _Inout_ PKDEVICE_QUEUE_ENTRY Entry, _In_opt_ PULONG SortKey)
{
    KeAcquireSpinLockAtDpcLevel(&DeviceQueue->Lock);
    Entry->Inserted = DeviceQueue->Busy;
    if (SortKey != NULL) {
        Entry->SortKey = *SortKey;
    }
    if (DeviceQueue->Busy) {
        InsertTailList(SortKey == NULL ? &DeviceQueue->DeviceListHead : KiFindKey(DeviceQueue, *SortKey),
                       &Entry->DeviceListEntry);
    }
    DeviceQueue->Busy = TRUE;
    KeReleaseSpinLockFromDpcLevel(&DeviceQueue->Lock);
    return Entry->Inserted;
}

BOOLEAN
KeInsertDeviceQueue(_Inout_ PKDEVICE_QUEUE DeviceQueue, _Inout_ PKDEVICE_QUEUE_ENTRY DeviceQueueEntry)
{
    return KiInsertDeviceQueue(DeviceQueue, DeviceQueueEntry, NULL);
}

BOOLEAN
KeInsertByKeyDeviceQueue(
    _Inout_ PKDEVICE_QUEUE DeviceQueue,
    _Inout_ PKDEVICE_QUEUE_ENTRY DeviceQueueEntry,
    _In_ ULONG SortKey)
{
    return KiInsertDeviceQueue(DeviceQueue, DeviceQueueEntry, &SortKey);
}

static PKDEVICE_QUEUE_ENTRY
KiRemoveDeviceQueue(_Inout_ PKDEVICE_QUEUE DeviceQueue, _In_opt_ PULONG SortKey)
{
    PKDEVICE_QUEUE_ENTRY entry = NULL;
    PLIST_ENTRY next;

    KeAcquireSpinLockAtDpcLevel(&DeviceQueue->Lock);
    if (IsListEmpty(&DeviceQueue->DeviceListHead)) {
        DeviceQueue->Busy = FALSE;
    } else {
        next = DeviceQueue->DeviceListHead.Flink;
        if (SortKey != NULL && *SortKey != 0) {
            /* The first at or behind the key; behind the last one the search begins anew. */
            next = KiFindKey(DeviceQueue, *SortKey - 1);
            if (next == &DeviceQueue->DeviceListHead) {
                next = next->Flink;
            }
        }
        RemoveEntryList(next);
        entry = CONTAINING_RECORD(next, KDEVICE_QUEUE_ENTRY, DeviceListEntry);
        entry->Inserted = FALSE;
    }
    KeReleaseSpinLockFromDpcLevel(&DeviceQueue->Lock);
    return entry;
}

PKDEVICE_QUEUE_ENTRY
KeRemoveDeviceQueue(_Inout_ PKDEVICE_QUEUE DeviceQueue)
{
    return KiRemoveDeviceQueue(DeviceQueue, NULL);
}

PKDEVICE_QUEUE_ENTRY
KeRemoveByKeyDeviceQueue(_Inout_ PKDEVICE_QUEUE DeviceQueue, _In_ ULONG SortKey)
{
    return KiRemoveDeviceQueue(DeviceQueue, &SortKey);
}

BOOLEAN
KeRemoveEntryDeviceQueue(_Inout_ PKDEVICE_QUEUE DeviceQueue, _Inout_ PKDEVICE_QUEUE_ENTRY DeviceQueueEntry)
{
    BOOLEAN was;

    KeAcquireSpinLockAtDpcLevel(&DeviceQueue->Lock);
    was = DeviceQueueEntry->Inserted;
    if (was) {
        DeviceQueueEntry->Inserted = FALSE;
        RemoveEntryList(&DeviceQueueEntry->DeviceListEntry);
    }
    KeReleaseSpinLockFromDpcLevel(&DeviceQueue->Lock);
    return was;
}

/* ---- StartIo --------------------------------------------------------------------------------------- */

VOID
IoStartPacket(
    _In_ PDEVICE_OBJECT DeviceObject,
    _In_ PIRP Irp,
    _In_opt_ PULONG Key,
    _In_opt_ PDRIVER_CANCEL CancelFunction)
{
    KIRQL irql = KfRaiseIrql(DISPATCH_LEVEL);
    KIRQL cancelIrql;
    BOOLEAN queued;

    if (CancelFunction != NULL) {
        IoAcquireCancelSpinLock(&cancelIrql);
        IoSetCancelRoutine(Irp, CancelFunction);
    }
    queued = KiInsertDeviceQueue(&DeviceObject->DeviceQueue, &Irp->Tail.Overlay.DeviceQueueEntry, Key);
    if (queued) {
        if (CancelFunction != NULL) {
            if (Irp->Cancel && IoSetCancelRoutine(Irp, NULL) != NULL) {
                /* Cancelled before it was queued: its routine is called as IoCancelIrp would. */
                Irp->CancelIrql = cancelIrql;
                CancelFunction(DeviceObject, Irp);
            } else {
                IoReleaseCancelSpinLock(cancelIrql);
            }
        }
    } else {
        DeviceObject->CurrentIrp = Irp;
        if (CancelFunction != NULL) {
            IoReleaseCancelSpinLock(cancelIrql);
        }
        DeviceObject->DriverObject->DriverStartIo(DeviceObject, Irp);
    }
    KeLowerIrql(irql);
}

static VOID
IopStartNext(_In_ PDEVICE_OBJECT DeviceObject, _In_ BOOLEAN Cancelable, _In_opt_ PULONG Key)
{
    PKDEVICE_QUEUE_ENTRY entry;
    KIRQL irql;
    PIRP irp;

    if (Cancelable) {
        IoAcquireCancelSpinLock(&irql);
    }
    DeviceObject->CurrentIrp = NULL;
    entry = KiRemoveDeviceQueue(&DeviceObject->DeviceQueue, Key);
    irp = entry == NULL ? NULL : CONTAINING_RECORD(entry, IRP, Tail.Overlay.DeviceQueueEntry);
    DeviceObject->CurrentIrp = irp;
    if (Cancelable) {
        IoReleaseCancelSpinLock(irql);
    }
    if (irp != NULL) {
        DeviceObject->DriverObject->DriverStartIo(DeviceObject, irp);
    }
}

VOID
IoStartNextPacket(_In_ PDEVICE_OBJECT DeviceObject, _In_ BOOLEAN Cancelable)
{
    IopStartNext(DeviceObject, Cancelable, NULL);
}

VOID
IoStartNextPacketByKey(_In_ PDEVICE_OBJECT DeviceObject, _In_ BOOLEAN Cancelable, _In_ ULONG Key)
{
    IopStartNext(DeviceObject, Cancelable, &Key);
}

/* ---- Cancel-safe queues ---------------------------------------------------------------------------- */

#define IO_TYPE_CSQ_IRP_CONTEXT 1
#define IO_TYPE_CSQ             2

NTSTATUS
IoCsqInitialize(
    _Out_ PIO_CSQ Csq,
    _In_ PIO_CSQ_INSERT_IRP CsqInsertIrp,
    _In_ PIO_CSQ_REMOVE_IRP CsqRemoveIrp,
    _In_ PIO_CSQ_PEEK_NEXT_IRP CsqPeekNextIrp,
    _In_ PIO_CSQ_ACQUIRE_LOCK CsqAcquireLock,
    _In_ PIO_CSQ_RELEASE_LOCK CsqReleaseLock,
    _In_ PIO_CSQ_COMPLETE_CANCELED_IRP CsqCompleteCanceledIrp)
{
    Csq->Type = IO_TYPE_CSQ;
    Csq->CsqInsertIrp = CsqInsertIrp;
    Csq->CsqRemoveIrp = CsqRemoveIrp;
    Csq->CsqPeekNextIrp = CsqPeekNextIrp;
    Csq->CsqAcquireLock = CsqAcquireLock;
    Csq->CsqReleaseLock = CsqReleaseLock;
    Csq->CsqCompleteCanceledIrp = CsqCompleteCanceledIrp;
    Csq->ReservePointer = NULL;
    return STATUS_SUCCESS;
}

NTSTATUS
IoCsqInitializeEx(
    _Out_ PIO_CSQ Csq,
    _In_ PIO_CSQ_INSERT_IRP_EX CsqInsertIrp,
    _In_ PIO_CSQ_REMOVE_IRP CsqRemoveIrp,
    _In_ PIO_CSQ_PEEK_NEXT_IRP CsqPeekNextIrp,
    _In_ PIO_CSQ_ACQUIRE_LOCK CsqAcquireLock,
    _In_ PIO_CSQ_RELEASE_LOCK CsqReleaseLock,
    _In_ PIO_CSQ_COMPLETE_CANCELED_IRP CsqCompleteCanceledIrp)
{
    IoCsqInitialize(Csq, (PIO_CSQ_INSERT_IRP)CsqInsertIrp, CsqRemoveIrp, CsqPeekNextIrp, CsqAcquireLock,
                    CsqReleaseLock, CsqCompleteCanceledIrp);
    Csq->Type = IO_TYPE_CSQ_EX;
    return STATUS_SUCCESS;
}

/* DriverContext[3] of a queued request is its queue, or the context that it was inserted with. */
static PIO_CSQ
IopCsqOf(_In_ PIRP Irp, _Out_ PIO_CSQ_IRP_CONTEXT *Context)
{
    PULONG type = (PULONG)Irp->Tail.Overlay.DriverContext[3];

    *Context = NULL;
    if (*type == IO_TYPE_CSQ || *type == IO_TYPE_CSQ_EX) {
        return (PIO_CSQ)type;
    }
    *Context = (PIO_CSQ_IRP_CONTEXT)type;
    return (*Context)->Csq;
}

static VOID
IopCsqForget(_Inout_ PIRP Irp)
{
    PIO_CSQ_IRP_CONTEXT context;

    IopCsqOf(Irp, &context);
    if (context != NULL) {
        context->Irp = NULL;
    }
    Irp->Tail.Overlay.DriverContext[3] = NULL;
}

static VOID
IopCsqCancel(_In_ PDEVICE_OBJECT DeviceObject, _In_ PIRP Irp)
{
    PIO_CSQ_IRP_CONTEXT context;
    PIO_CSQ csq;
    KIRQL irql;

    UNREFERENCED_PARAMETER(DeviceObject);
    IoReleaseCancelSpinLock(Irp->CancelIrql);
    csq = IopCsqOf(Irp, &context);
    csq->CsqAcquireLock(csq, &irql);
    csq->CsqRemoveIrp(csq, Irp);
    IopCsqForget(Irp);
    csq->CsqReleaseLock(csq, irql);
    csq->CsqCompleteCanceledIrp(csq, Irp);
}

NTSTATUS
IoCsqInsertIrpEx(
    _Inout_ PIO_CSQ Csq,
    _Inout_ PIRP Irp,
    _Out_opt_ PIO_CSQ_IRP_CONTEXT Context,
    _In_opt_ PVOID InsertContext)
{
    KIRQL irql;
    NTSTATUS status = STATUS_SUCCESS;

    Csq->CsqAcquireLock(Csq, &irql);
    if (Context != NULL) {
        Context->Type = IO_TYPE_CSQ_IRP_CONTEXT;
        Context->Irp = Irp;
        Context->Csq = Csq;
        Irp->Tail.Overlay.DriverContext[3] = Context;
    } else {
        Irp->Tail.Overlay.DriverContext[3] = Csq;
    }
    IoMarkIrpPending(Irp);
    if (Csq->Type == IO_TYPE_CSQ_EX) {
        status = ((PIO_CSQ_INSERT_IRP_EX)Csq->CsqInsertIrp)(Csq, Irp, InsertContext);
    } else {
        Csq->CsqInsertIrp(Csq, Irp);
    }
    if (!NT_SUCCESS(status)) {
        /* Refused: it stays pending, and whoever asked completes it. */
        IopCsqForget(Irp);
        Csq->CsqReleaseLock(Csq, irql);
        return status;
    }
    IoSetCancelRoutine(Irp, IopCsqCancel);
    if (Irp->Cancel && IoSetCancelRoutine(Irp, NULL) != NULL) {
        /* It was cancelled before it had a routine: nobody else completes it. */
        Csq->CsqRemoveIrp(Csq, Irp);
        IopCsqForget(Irp);
        Csq->CsqReleaseLock(Csq, irql);
        Csq->CsqCompleteCanceledIrp(Csq, Irp);
        return status;
    }
    Csq->CsqReleaseLock(Csq, irql);
    return status;
}

VOID
IoCsqInsertIrp(_Inout_ PIO_CSQ Csq, _Inout_ PIRP Irp, _Out_opt_ PIO_CSQ_IRP_CONTEXT Context)
{
    IoCsqInsertIrpEx(Csq, Irp, Context, NULL);
}

PIRP
IoCsqRemoveNextIrp(_Inout_ PIO_CSQ Csq, _In_opt_ PVOID PeekContext)
{
    PIRP irp = NULL;
    KIRQL irql;

    Csq->CsqAcquireLock(Csq, &irql);
    while ((irp = Csq->CsqPeekNextIrp(Csq, irp, PeekContext)) != NULL) {
        /* Without a routine it is being cancelled, and completed there. */
        if (IoSetCancelRoutine(irp, NULL) != NULL) {
            Csq->CsqRemoveIrp(Csq, irp);
            IopCsqForget(irp);
            break;
        }
    }
    Csq->CsqReleaseLock(Csq, irql);
    return irp;
}

PIRP
IoCsqRemoveIrp(_Inout_ PIO_CSQ Csq, _Inout_ PIO_CSQ_IRP_CONTEXT Context)
{
    PIRP irp;
    KIRQL irql;

    Csq->CsqAcquireLock(Csq, &irql);
    irp = Context->Irp;
    if (irp != NULL) {
        if (IoSetCancelRoutine(irp, NULL) == NULL) {
            irp = NULL;
        } else {
            Csq->CsqRemoveIrp(Csq, irp);
            IopCsqForget(irp);
        }
    }
    Csq->CsqReleaseLock(Csq, irql);
    return irp;
}

/* ---- The timer of a device ------------------------------------------------------------------------- */

#define IO_TIMER_TAG 'miTI'
#define ONE_SECOND   1000

typedef struct _IO_TIMER_RECORD {
    CSHORT Type;
    BOOLEAN Running;
    PIO_TIMER_ROUTINE Routine;
    PVOID Context;
    PDEVICE_OBJECT DeviceObject;
    KTIMER Timer;
    KDPC Dpc;
} IO_TIMER_RECORD, *PIO_TIMER_RECORD;

static VOID
IopTimerDpc(_In_ PKDPC Dpc, _In_opt_ PVOID Context, _In_opt_ PVOID Argument1, _In_opt_ PVOID Argument2)
{
    PIO_TIMER_RECORD timer = (PIO_TIMER_RECORD)Context;

    UNREFERENCED_PARAMETER(Dpc);
    UNREFERENCED_PARAMETER(Argument1);
    UNREFERENCED_PARAMETER(Argument2);
    if (timer->Running) {
        timer->Routine(timer->DeviceObject, timer->Context);
    }
}

NTSTATUS
IoInitializeTimer(_In_ PDEVICE_OBJECT DeviceObject, _In_ PIO_TIMER_ROUTINE TimerRoutine, _In_opt_ PVOID Context)
{
    PIO_TIMER_RECORD timer = (PIO_TIMER_RECORD)DeviceObject->Timer;

    if (timer == NULL) {
        timer = (PIO_TIMER_RECORD)ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*timer), IO_TIMER_TAG);
        if (timer == NULL) {
            return STATUS_INSUFFICIENT_RESOURCES;
        }
        RtlZeroMemory(timer, sizeof(*timer));
        KeInitializeTimer(&timer->Timer);
        KeInitializeDpc(&timer->Dpc, IopTimerDpc, timer);
        timer->DeviceObject = DeviceObject;
        DeviceObject->Timer = (PIO_TIMER)timer;
    } else {
        ViTimerAgain(DeviceObject);
    }
    timer->Routine = TimerRoutine;
    timer->Context = Context;
    return STATUS_SUCCESS;
}

VOID
IoStartTimer(_In_ PDEVICE_OBJECT DeviceObject)
{
    PIO_TIMER_RECORD timer = (PIO_TIMER_RECORD)DeviceObject->Timer;
    LARGE_INTEGER due;

    due.QuadPart = -10000LL * ONE_SECOND;
    timer->Running = TRUE;
    KeSetTimerEx(&timer->Timer, due, ONE_SECOND, &timer->Dpc);
}

VOID
IoStopTimer(_In_ PDEVICE_OBJECT DeviceObject)
{
    PIO_TIMER_RECORD timer = (PIO_TIMER_RECORD)DeviceObject->Timer;

    timer->Running = FALSE;
    KeCancelTimer(&timer->Timer);
}
