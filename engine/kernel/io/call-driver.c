/* IRPs on their way down and back up the stack of drivers. */
#include <ntddk.h>
#include "io-primitives.h"

NTSTATUS FASTCALL
IofCallDriver(_In_ PDEVICE_OBJECT DeviceObject, _In_ PIRP Irp)
{
    PIO_STACK_LOCATION stack;
    BOOLEAN forced;
    ULONG regions;
    NTSTATUS status;
    KIRQL irql;

    ViBeforeCallDriver(DeviceObject, Irp);
    IopNoteCallDriver(DeviceObject, Irp);

    Irp->CurrentLocation--;
    if (Irp->CurrentLocation <= 0) {
        KeBugCheckEx(NO_MORE_IRP_STACK_LOCATIONS, (ULONG_PTR)Irp, 0, 0, 0);
    }
    stack = IoGetNextIrpStackLocation(Irp);
    Irp->Tail.Overlay.CurrentStackLocation = stack;
    stack->DeviceObject = DeviceObject;

    forced = ViForcesPending(Irp, stack);
    regions = KiRegionDepth();
    irql = KeGetCurrentIrql();
    status = DeviceObject->DriverObject->MajorFunction[stack->MajorFunction](DeviceObject, Irp);
    ViAfterDispatch(DeviceObject, stack, irql, regions);
    if (forced && status != STATUS_PENDING) {
        /* The caller hears of the end as if the driver below had taken its time. */
        return STATUS_PENDING;
    }
    IopNoteDispatchReturn(DeviceObject, Irp, irql, status, stack);
    return status;
}

NTSTATUS
PoCallDriver(_In_ PDEVICE_OBJECT DeviceObject, _Inout_ PIRP Irp)
{
    return IofCallDriver(DeviceObject, Irp);
}

/* Whether the completion routine of a stack location wants to hear of this outcome. */
static BOOLEAN
IopWantsCompletion(_In_ PIRP Irp, _In_ PIO_STACK_LOCATION Stack)
{
    if (Stack->CompletionRoutine == NULL) {
        return FALSE;
    }
    if (Irp->Cancel && (Stack->Control & SL_INVOKE_ON_CANCEL) != 0) {
        return TRUE;
    }
    if (NT_SUCCESS(Irp->IoStatus.Status)) {
        return (BOOLEAN)((Stack->Control & SL_INVOKE_ON_SUCCESS) != 0);
    }
    return (BOOLEAN)((Stack->Control & SL_INVOKE_ON_ERROR) != 0);
}

/* Pages of a direct transfer go before anybody hears of the end: that needs no particular process. */
static VOID
IopReleaseMdls(_In_ PIRP Irp)
{
    PMDL mdl;
    PMDL next;

    for (mdl = Irp->MdlAddress; mdl != NULL; mdl = mdl->Next) {
        if ((mdl->MdlFlags & MDL_PAGES_LOCKED) != 0) {
            MmUnlockPages(mdl);
        }
    }
    for (mdl = Irp->MdlAddress; mdl != NULL; mdl = next) {
        next = mdl->Next;
        IoFreeMdl(mdl);
    }
    Irp->MdlAddress = NULL;
}

/* Whether its maker went on while the request was on its way: the request has references of its own then. */
static BOOLEAN
IopIsAsynchronous(_In_ PIRP Irp)
{
    return (BOOLEAN)(Irp->Tail.Overlay.OriginalFileObject != NULL && !IopIsAwaited(Irp));
}

/* Gives back what a request that is gone referred to; signals whoever waits for it. */
static VOID
IopReleaseReferences(_In_ PFILE_OBJECT FileObject, _In_opt_ PKEVENT Event, _In_ BOOLEAN Tell)
{
    if (Tell) {
        KeSetEvent(&FileObject->Event, IO_NO_INCREMENT, FALSE);
        if (Event != NULL) {
            KeSetEvent(Event, IO_NO_INCREMENT, FALSE);
        }
    }
    if (Event != NULL) {
        ObDereferenceObject(Event);
    }
    ObDereferenceObject(FileObject);
}

/* An IRP whose way up goes on in a system thread. */
typedef struct _IOP_LATE_COMPLETION {
    WORK_QUEUE_ITEM Item;
    PIRP Irp;
    CCHAR PriorityBoost;
} IOP_LATE_COMPLETION, *PIOP_LATE_COMPLETION;

#define LATE_COMPLETION_TAG 'etaL'

static VOID IopUnwindRequest(_In_ PIRP Irp, _In_ CCHAR PriorityBoost);

static VOID
IopCompleteLate(_In_ PVOID Context)
{
    PIOP_LATE_COMPLETION late = (PIOP_LATE_COMPLETION)Context;
    PIRP irp = late->Irp;
    CCHAR boost = late->PriorityBoost;

    ExFreePool(late);
    IopUnwindRequest(irp, boost);
}

/* Leaves the rest of a completion to a system thread, for the force pending option; FALSE without memory. */
static BOOLEAN
IopDeferCompletion(_In_ PIRP Irp, _In_ CCHAR PriorityBoost)
{
    PIOP_LATE_COMPLETION late;

    late = (PIOP_LATE_COMPLETION)ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*late), LATE_COMPLETION_TAG);
    if (late == NULL) {
        return FALSE;
    }
    late->Irp = Irp;
    late->PriorityBoost = PriorityBoost;
    ExInitializeWorkItem(&late->Item, IopCompleteLate, late);
    ExQueueWorkItem(&late->Item, DelayedWorkQueue);
    return TRUE;
}

VOID FASTCALL
IofCompleteRequest(_In_ PIRP Irp, _In_ CCHAR PriorityBoost)
{
    ViBeforeComplete(Irp);
    IopNoteCompletion(Irp);
    IopUnwindRequest(Irp, PriorityBoost);
}

/* Goes up the stack from the current location. */
static VOID
IopUnwindRequest(_In_ PIRP Irp, _In_ CCHAR PriorityBoost)
{
    PIO_COMPLETION_ROUTINE routine;
    PIO_STACK_LOCATION stack;
    PDEVICE_OBJECT deviceObject;
    ULONG regions;
    NTSTATUS status;
    BOOLEAN pending;
    KIRQL irql;

    while (Irp->CurrentLocation <= Irp->StackCount) {
        stack = IoGetCurrentIrpStackLocation(Irp);
        if (ViTakeForcedPending(stack)) {
            stack->Control |= SL_PENDING_RETURNED;
            if (IopDeferCompletion(Irp, PriorityBoost)) {
                return;
            }
        }
        ViLeaveLocation(Irp, stack);
        Irp->PendingReturned = (BOOLEAN)(stack->Control & SL_PENDING_RETURNED);
        Irp->CurrentLocation++;
        Irp->Tail.Overlay.CurrentStackLocation++;

        /* The routine belongs to the driver above, which is nobody's for the one that made the IRP. */
        deviceObject = NULL;
        if (Irp->CurrentLocation <= Irp->StackCount) {
            deviceObject = IoGetCurrentIrpStackLocation(Irp)->DeviceObject;
        }
        IopNoteReturnTo(Irp, deviceObject);

        if (IopWantsCompletion(Irp, stack)) {
            routine = stack->CompletionRoutine;
            pending = Irp->PendingReturned;
            regions = KiRegionDepth();
            irql = KeGetCurrentIrql();
            status = routine(deviceObject, Irp, stack->Context);
            ViAfterCompletion(routine, irql, regions);
            if (status == STATUS_MORE_PROCESSING_REQUIRED) {
                return;
            }
            if (pending) {
                ViAfterPendingCompletion(routine, Irp);
            }
        } else if (Irp->PendingReturned && Irp->CurrentLocation <= Irp->StackCount) {
            IoMarkIrpPending(Irp);
        }
    }

    IopMarkCompleted(Irp);
    IopReleaseMdls(Irp);

    if ((Irp->Flags & IRP_ASSOCIATED_IRP) != 0) {
        /* The last part of a split request completes the whole. */
        PIRP master = Irp->AssociatedIrp.MasterIrp;

        IoFreeIrp(Irp);
        if (InterlockedDecrement(&master->AssociatedIrp.IrpCount) == 0) {
            IofCompleteRequest(master, PriorityBoost);
        }
        return;
    }

    if (IopIsAwaited(Irp) && Irp->UserEvent == NULL) {
        /* The thread that waited has ended. The last reference of a file needs an IRQL where one may wait. */
        if (KeGetCurrentIrql() == PASSIVE_LEVEL || !IopQueueFinish(Irp)) {
            IopDiscardRequest(Irp);
        }
    } else if (IopIsInRequestorContext(Irp)) {
        IopFinishRequest(Irp);
    } else if (IopIsAwaited(Irp)) {
        /* The thread that waits finishes the request itself, where its buffers can be seen. */
        KeSetEvent(Irp->UserEvent, IO_NO_INCREMENT, FALSE);
    } else if (!IopQueueFinish(Irp)) {
        IopDiscardRequest(Irp);
    }
}

VOID
IopFinishRequest(_In_ PIRP Irp)
{
    PKEVENT event = Irp->UserEvent;
    PIO_STATUS_BLOCK statusBlock = Irp->UserIosb;
    PFILE_OBJECT fileObject = Irp->Tail.Overlay.OriginalFileObject;
    BOOLEAN asynchronous = IopIsAsynchronous(Irp);
    BOOLEAN tell = TRUE;

    if ((Irp->Flags & IRP_BUFFERED_IO) != 0) {
        if ((Irp->Flags & IRP_INPUT_OPERATION) != 0 && !NT_ERROR(Irp->IoStatus.Status) &&
            Irp->IoStatus.Information != 0) {
            __try {
                RtlCopyMemory(Irp->UserBuffer, Irp->AssociatedIrp.SystemBuffer, Irp->IoStatus.Information);
            } __except (EXCEPTION_EXECUTE_HANDLER) {
                Irp->IoStatus.Status = GetExceptionCode();
            }
        }
        if ((Irp->Flags & IRP_DEALLOCATE_BUFFER) != 0) {
            ExFreePool(Irp->AssociatedIrp.SystemBuffer);
        }
    }
    if (asynchronous && NT_ERROR(Irp->IoStatus.Status) && !Irp->PendingReturned) {
        /* Refused at once: the caller has the status, and hears nothing more. */
        tell = FALSE;
    }
    if (statusBlock != NULL && tell) {
        __try {
            /* A process that looks at the status finds the rest there too. */
            statusBlock->Information = Irp->IoStatus.Information;
            statusBlock->Pointer = Irp->IoStatus.Pointer;
        } __except (EXCEPTION_EXECUTE_HANDLER) {
            /* Whoever made the request took the block away: there is nobody to tell. */
        }
    }
    if (asynchronous) {
        fileObject->FinalStatus = Irp->IoStatus.Status;
        IoFreeIrp(Irp);
        IopReleaseReferences(fileObject, event, tell);
        return;
    }
    IoFreeIrp(Irp);
    if (event != NULL) {
        KeSetEvent(event, IO_NO_INCREMENT, FALSE);
    }
}

VOID
IopDiscardRequest(_In_ PIRP Irp)
{
    PFILE_OBJECT fileObject = Irp->Tail.Overlay.OriginalFileObject;
    PKEVENT event = IopIsAsynchronous(Irp) ? Irp->UserEvent : NULL;

    if ((Irp->Flags & IRP_DEALLOCATE_BUFFER) != 0) {
        ExFreePool(Irp->AssociatedIrp.SystemBuffer);
    }
    if (fileObject != NULL && (Irp->Flags & IRP_CLOSE_OPERATION) == 0) {
        IopReleaseReferences(fileObject, event, TRUE);
    }
    IoFreeIrp(Irp);
}

NTSTATUS
IopCallDriverAndWait(_In_ PDEVICE_OBJECT DeviceObject, _In_ PIRP Irp, _Out_ PIO_STATUS_BLOCK IoStatusBlock)
{
    KEVENT event;
    NTSTATUS status;

    KeInitializeEvent(&event, NotificationEvent, FALSE);
    IoStatusBlock->Status = STATUS_PENDING;
    IoStatusBlock->Information = 0;
    Irp->UserEvent = &event;
    Irp->UserIosb = IoStatusBlock;
    IopMarkAwaited(Irp);
    status = IofCallDriver(DeviceObject, Irp);
    if (status == STATUS_PENDING) {
        KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, NULL);
        if (IoStatusBlock->Status == STATUS_PENDING) {
            /* Completed in the context of another process: copying back is left to us. */
            IopFinishRequest(Irp);
        }
        status = IoStatusBlock->Status;
    }
    return status;
}

NTSTATUS
IopInvalidDeviceRequest(_In_ PDEVICE_OBJECT DeviceObject, _Inout_ PIRP Irp)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    Irp->IoStatus.Status = STATUS_INVALID_DEVICE_REQUEST;
    Irp->IoStatus.Information = 0;
    IofCompleteRequest(Irp, IO_NO_INCREMENT);
    return STATUS_INVALID_DEVICE_REQUEST;
}

static NTSTATUS
IopSignalAndKeep(_In_ PDEVICE_OBJECT DeviceObject, _In_ PIRP Irp, _In_ PVOID Context)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    if (Irp->PendingReturned) {
        KeSetEvent((PKEVENT)Context, IO_NO_INCREMENT, FALSE);
    }
    return STATUS_MORE_PROCESSING_REQUIRED;
}

BOOLEAN
IoForwardIrpSynchronously(_In_ PDEVICE_OBJECT DeviceObject, _In_ PIRP Irp)
{
    KEVENT event;

    if (Irp->CurrentLocation <= 1) {
        return FALSE;
    }
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    IoCopyCurrentIrpStackLocationToNext(Irp);
    IoSetCompletionRoutine(Irp, IopSignalAndKeep, &event, TRUE, TRUE, TRUE);
    if (IofCallDriver(DeviceObject, Irp) == STATUS_PENDING) {
        KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, NULL);
    }
    return TRUE;
}
