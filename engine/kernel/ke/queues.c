/* Queues of entries that threads wait for, and calls on every processor. */
#include <ntddk.h>
#include <ntifs.h>
#include "dpc.h"
#include "wait-primitives.h"

PLIST_ENTRY
KeRemoveQueue(_Inout_ PRKQUEUE Queue, _In_ KPROCESSOR_MODE WaitMode, _In_opt_ PLARGE_INTEGER Timeout)
{
    PVOID object = Queue;
    NTSTATUS status;

    if (WaitMode == UserMode) {
        ViCheckUserWait(1, &object);
    }
    KiBeginWait(1, &object, FALSE, Timeout);
    status = KiEndWait();
    if (status != STATUS_SUCCESS) {
        return (PLIST_ENTRY)(ULONG_PTR)status;
    }
    return KiTakeQueue(Queue);
}

/* One call of KeGenericCallDpc. */
typedef struct _KI_CALL {
    volatile LONG Running;  /* processors whose routine is not done */
    LONG          Count;    /* processors */
    LONG          Arrived;  /* at the barrier */
    KEVENT        Done;
    KDPC          Dpcs[1];  /* one for each processor */
} KI_CALL, *PKI_CALL;

VOID
KeGenericCallDpc(_In_ PKDEFERRED_ROUTINE Routine, _In_opt_ PVOID Context)
{
    LONG count = (LONG)KeQueryActiveProcessorCount(NULL);
    LONG index;
    PKI_CALL call = ExAllocatePoolWithTag(
        NonPagedPoolNx, FIELD_OFFSET(KI_CALL, Dpcs) + count * sizeof(KDPC), 'llaC');

    if (call == NULL) {
        KeBugCheckEx(MEMORY_MANAGEMENT, 0, 0, 0, 0);
    }
    call->Running = count;
    call->Count = count;
    call->Arrived = 0;
    KeInitializeEvent(&call->Done, NotificationEvent, FALSE);
    for (index = 0; index < count; index++) {
        KeInitializeDpc(&call->Dpcs[index], Routine, Context);
        KeSetTargetProcessorDpc(&call->Dpcs[index], (CCHAR)index);
        KeSetImportanceDpc(&call->Dpcs[index], HighImportance);
        KeInsertQueueDpc(&call->Dpcs[index], call, call);
    }
    KeWaitForSingleObject(&call->Done, Executive, KernelMode, FALSE, NULL);
    ExFreePoolWithTag(call, 'llaC');
}

VOID
KeSignalCallDpcDone(_In_ PVOID SystemArgument1)
{
    PKI_CALL call = SystemArgument1;

    if (InterlockedDecrement(&call->Running) == 0) {
        KeSetEvent(&call->Done, IO_NO_INCREMENT, FALSE);
    }
}

LOGICAL
KeSignalCallDpcSynchronize(_In_ PVOID SystemArgument2)
{
    PKI_CALL call = SystemArgument2;

    return KiMeet(&call->Arrived, call->Count);
}
