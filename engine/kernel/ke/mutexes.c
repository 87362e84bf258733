/* Fast mutexes, guarded mutexes, remove locks: built on events. */
#include <ntddk.h>
#include "wait-primitives.h"

/* Count is 1 while nobody owns the mutex. */
static VOID
KiAcquireFastMutex(_Inout_ PFAST_MUTEX FastMutex, _In_ KI_WAIT_KIND Kind)
{
    while (FastMutex->Count != 1) {
        FastMutex->Contention++;
        KiNoteWait(Kind, FastMutex);
        KeWaitForSingleObject(&FastMutex->Event, WrFastMutex, KernelMode, FALSE, NULL);
    }
    FastMutex->Count = 0;
    FastMutex->Owner = KeGetCurrentThread();
    KiNoteHolder(FastMutex, 1);
}

static VOID
KiReleaseFastMutex(_Inout_ PFAST_MUTEX FastMutex)
{
    FastMutex->Owner = NULL;
    FastMutex->Count = 1;
    KiNoteHolder(FastMutex, -1);
    KeSetEvent(&FastMutex->Event, IO_NO_INCREMENT, FALSE);
}

VOID FASTCALL
ExAcquireFastMutexUnsafe(_Inout_ PFAST_MUTEX FastMutex)
{
    KiVerifyMutex(FastMutex, 0x39);
    KiAcquireFastMutex(FastMutex, KiFastMutex);
}

VOID FASTCALL
ExReleaseFastMutexUnsafe(_Inout_ PFAST_MUTEX FastMutex)
{
    KiVerifyMutex(FastMutex, 0x3A);
    KiReleaseFastMutex(FastMutex);
}

VOID FASTCALL
ExAcquireFastMutex(_Inout_ PFAST_MUTEX FastMutex)
{
    KIRQL irql;

    KiVerifyMutex(FastMutex, 0x33);
    irql = KfRaiseIrql(APC_LEVEL);
    KiAcquireFastMutex(FastMutex, KiFastMutex);
    FastMutex->OldIrql = irql;
}

VOID FASTCALL
ExReleaseFastMutex(_Inout_ PFAST_MUTEX FastMutex)
{
    KIRQL irql = (KIRQL)FastMutex->OldIrql;

    KiVerifyMutex(FastMutex, 0x34);
    KiReleaseFastMutex(FastMutex);
    KeLowerIrql(irql);
}

BOOLEAN FASTCALL
ExTryToAcquireFastMutex(_Inout_ PFAST_MUTEX FastMutex)
{
    if (FastMutex->Count != 1) {
        return FALSE;
    }
    ExAcquireFastMutex(FastMutex);
    return TRUE;
}

VOID FASTCALL
KeInitializeGuardedMutex(_Out_ PKGUARDED_MUTEX Mutex)
{
    ExInitializeFastMutex(Mutex);
}

VOID FASTCALL
KeAcquireGuardedMutex(_Inout_ PKGUARDED_MUTEX Mutex)
{
    ViGuardedMutex(Mutex, TRUE);
    KeEnterGuardedRegion();
    KiAcquireFastMutex(Mutex, KiGuardedMutex);
}

VOID FASTCALL
KeReleaseGuardedMutex(_Inout_ PKGUARDED_MUTEX Mutex)
{
    ViGuardedMutex(Mutex, FALSE);
    KiReleaseFastMutex(Mutex);
    KeLeaveGuardedRegion();
}

BOOLEAN FASTCALL
KeTryToAcquireGuardedMutex(_Inout_ PKGUARDED_MUTEX Mutex)
{
    if (Mutex->Count != 1) {
        return FALSE;
    }
    KeAcquireGuardedMutex(Mutex);
    return TRUE;
}

/* ---- Queued spin locks ----------------------------------------------------------------------------- */

VOID FASTCALL
KeAcquireInStackQueuedSpinLock(_Inout_ PKSPIN_LOCK SpinLock, _Out_ PKLOCK_QUEUE_HANDLE LockHandle)
{
    LockHandle->LockQueue.Next = NULL;
    LockHandle->LockQueue.Lock = SpinLock;
    LockHandle->OldIrql = KeAcquireSpinLockRaiseToDpc(SpinLock);
}

VOID FASTCALL
KeReleaseInStackQueuedSpinLock(_In_ PKLOCK_QUEUE_HANDLE LockHandle)
{
    KeReleaseSpinLock(LockHandle->LockQueue.Lock, LockHandle->OldIrql);
}

VOID FASTCALL
KeAcquireInStackQueuedSpinLockAtDpcLevel(_Inout_ PKSPIN_LOCK SpinLock, _Out_ PKLOCK_QUEUE_HANDLE LockHandle)
{
    LockHandle->LockQueue.Next = NULL;
    LockHandle->LockQueue.Lock = SpinLock;
    KeAcquireSpinLockAtDpcLevel(SpinLock);
}

VOID FASTCALL
KeReleaseInStackQueuedSpinLockFromDpcLevel(_In_ PKLOCK_QUEUE_HANDLE LockHandle)
{
    KeReleaseSpinLockFromDpcLevel(LockHandle->LockQueue.Lock);
}

/* ---- Remove locks ---------------------------------------------------------------------------------- */

/* IoCount starts at 1: the device itself. */
VOID
IoInitializeRemoveLockEx(
    _Out_ PIO_REMOVE_LOCK Lock,
    _In_ ULONG AllocateTag,
    _In_ ULONG MaxLockedMinutes,
    _In_ ULONG HighWatermark,
    _In_ ULONG RemlockSize)
{
    UNREFERENCED_PARAMETER(AllocateTag);
    UNREFERENCED_PARAMETER(MaxLockedMinutes);
    UNREFERENCED_PARAMETER(HighWatermark);
    UNREFERENCED_PARAMETER(RemlockSize);
    Lock->Common.Removed = FALSE;
    Lock->Common.IoCount = 1;
    KeInitializeEvent(&Lock->Common.RemoveEvent, SynchronizationEvent, FALSE);
    KiForgetHolders(Lock);
}

NTSTATUS
IoAcquireRemoveLockEx(
    _Inout_ PIO_REMOVE_LOCK RemoveLock,
    _In_opt_ PVOID Tag,
    _In_ PCSTR File,
    _In_ ULONG Line,
    _In_ ULONG RemlockSize)
{
    UNREFERENCED_PARAMETER(Tag);
    UNREFERENCED_PARAMETER(File);
    UNREFERENCED_PARAMETER(Line);
    UNREFERENCED_PARAMETER(RemlockSize);
    InterlockedIncrement(&RemoveLock->Common.IoCount);
    if (RemoveLock->Common.Removed) {
        if (InterlockedDecrement(&RemoveLock->Common.IoCount) == 0) {
            KeSetEvent(&RemoveLock->Common.RemoveEvent, IO_NO_INCREMENT, FALSE);
        }
        return STATUS_DELETE_PENDING;
    }
    KiNoteHolder(RemoveLock, 1);
    return STATUS_SUCCESS;
}

VOID
IoReleaseRemoveLockEx(_Inout_ PIO_REMOVE_LOCK RemoveLock, _In_opt_ PVOID Tag, _In_ ULONG RemlockSize)
{
    UNREFERENCED_PARAMETER(Tag);
    UNREFERENCED_PARAMETER(RemlockSize);
    KiNoteHolder(RemoveLock, -1);
    if (InterlockedDecrement(&RemoveLock->Common.IoCount) == 0) {
        KeSetEvent(&RemoveLock->Common.RemoveEvent, IO_NO_INCREMENT, FALSE);
    }
}

VOID
IoReleaseRemoveLockAndWaitEx(_Inout_ PIO_REMOVE_LOCK RemoveLock, _In_opt_ PVOID Tag, _In_ ULONG RemlockSize)
{
    RemoveLock->Common.Removed = TRUE;
    IoReleaseRemoveLockEx(RemoveLock, Tag, RemlockSize);
    if (InterlockedDecrement(&RemoveLock->Common.IoCount) > 0) {
        KiNoteWait(KiRemoveLock, RemoveLock);
        KeWaitForSingleObject(&RemoveLock->Common.RemoveEvent, Executive, KernelMode, FALSE, NULL);
    }
}
