/* Executive resources: locks for many readers or one writer. State lies in ERESOURCE; waiters wait on its events. */
#include <ntddk.h>
#include "wait-primitives.h"

#define RESOURCE_TAG 'cseR'
/* Shared owners that a resource has room for at first. */
#define FIRST_OWNERS 4

static BOOLEAN
ExpIsExclusive(_In_ PERESOURCE Resource)
{
    return (BOOLEAN)((Resource->Flag & ResourceOwnedExclusive) != 0);
}

/* Releasing the last hold wakes everybody: whoever comes first takes it, the others wait again. */
static VOID
ExpWakeWaiters(_In_ PERESOURCE Resource)
{
    KeSetEvent((PKEVENT)Resource->ExclusiveWaiters, IO_NO_INCREMENT, FALSE);
}

static VOID
ExpWait(_In_ PERESOURCE Resource)
{
    KiNoteWait(KiResource, Resource);
    KeClearEvent((PKEVENT)Resource->ExclusiveWaiters);
    KeWaitForSingleObject(Resource->ExclusiveWaiters, WrResource, KernelMode, FALSE, NULL);
}

NTSTATUS
ExInitializeResourceLite(_Out_ PERESOURCE Resource)
{
    PKEVENT event = (PKEVENT)ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*event), RESOURCE_TAG);

    if (event == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    ExpNoteResource(Resource, TRUE);
    KeInitializeEvent(event, NotificationEvent, FALSE);
    RtlZeroMemory(Resource, sizeof(*Resource));
    InitializeListHead(&Resource->SystemResourcesList);
    KeInitializeSpinLock(&Resource->SpinLock);
    Resource->ExclusiveWaiters = event;
    KiForgetHolders(Resource);
    return STATUS_SUCCESS;
}

NTSTATUS
ExDeleteResourceLite(_Inout_ PERESOURCE Resource)
{
    ExpNoteResource(Resource, FALSE);
    if (Resource->OwnerTable != NULL) {
        ExFreePool(Resource->OwnerTable);
        Resource->OwnerTable = NULL;
    }
    ExFreePool(Resource->ExclusiveWaiters);
    Resource->ExclusiveWaiters = NULL;
    KiForgetHolders(Resource);
    return STATUS_SUCCESS;
}

/* The entry of a shared owner, or a free one for a new owner; NULL when there is no memory. Entry 0 keeps the size. */
static POWNER_ENTRY
ExpFindOwner(_Inout_ PERESOURCE Resource, _In_ ERESOURCE_THREAD Thread, _In_ BOOLEAN Make)
{
    POWNER_ENTRY table = Resource->OwnerTable;
    ULONG size = table == NULL ? 0 : table[0].TableSize;
    POWNER_ENTRY free = NULL;
    POWNER_ENTRY larger;
    ULONG index;

    for (index = 1; index < size; index++) {
        if (table[index].OwnerThread == Thread && table[index].OwnerCount != 0) {
            return &table[index];
        }
        if (table[index].OwnerCount == 0 && free == NULL) {
            free = &table[index];
        }
    }
    if (!Make || free != NULL) {
        return Make ? free : NULL;
    }
    larger = (POWNER_ENTRY)ExAllocatePoolWithTag(NonPagedPoolNx, (size + FIRST_OWNERS) * sizeof(OWNER_ENTRY), RESOURCE_TAG);
    if (larger == NULL) {
        return NULL;
    }
    RtlZeroMemory(larger, (size + FIRST_OWNERS) * sizeof(OWNER_ENTRY));
    if (table != NULL) {
        RtlCopyMemory(larger, table, size * sizeof(OWNER_ENTRY));
        ExFreePool(table);
    }
    larger[0].TableSize = size + FIRST_OWNERS;
    Resource->OwnerTable = larger;
    return &larger[size == 0 ? 1 : size];
}

BOOLEAN
ExAcquireResourceExclusiveLite(_Inout_ PERESOURCE Resource, _In_ BOOLEAN Wait)
{
    ERESOURCE_THREAD thread = (ERESOURCE_THREAD)KeGetCurrentThread();

    KiVerifyMutex(Resource, 0x37);
    while (Resource->ActiveEntries != 0) {
        if (ExpIsExclusive(Resource) && Resource->OwnerEntry.OwnerThread == thread) {
            Resource->OwnerEntry.OwnerCount++;
            return TRUE;
        }
        if (!Wait) {
            return FALSE;
        }
        Resource->ContentionCount++;
        Resource->NumberOfExclusiveWaiters++;
        ExpWait(Resource);
        Resource->NumberOfExclusiveWaiters--;
    }
    Resource->ActiveEntries = 1;
    Resource->ActiveCount = 1;
    Resource->Flag |= ResourceOwnedExclusive;
    Resource->OwnerEntry.OwnerThread = thread;
    Resource->OwnerEntry.OwnerCount = 1;
    KiNoteHolder(Resource, 1);
    return TRUE;
}

/* `PassWaiters`: a new reader goes in before writers that wait already. */
static BOOLEAN
ExpAcquireShared(_Inout_ PERESOURCE Resource, _In_ BOOLEAN Wait, _In_ BOOLEAN PassWaiters)
{
    ERESOURCE_THREAD thread = (ERESOURCE_THREAD)KeGetCurrentThread();
    POWNER_ENTRY owner;

    for (;;) {
        if (ExpIsExclusive(Resource)) {
            if (Resource->OwnerEntry.OwnerThread == thread) {
                Resource->OwnerEntry.OwnerCount++;
                return TRUE;
            }
        } else {
            owner = ExpFindOwner(Resource, thread, FALSE);
            if (owner != NULL) {
                owner->OwnerCount++;
                return TRUE;
            }
            if (PassWaiters || Resource->NumberOfExclusiveWaiters == 0) {
                owner = ExpFindOwner(Resource, thread, TRUE);
                if (owner == NULL) {
                    return FALSE;
                }
                owner->OwnerThread = thread;
                owner->OwnerCount = 1;
                Resource->ActiveEntries++;
                Resource->ActiveCount = 1;
                KiNoteHolder(Resource, 1);
                return TRUE;
            }
        }
        if (!Wait) {
            return FALSE;
        }
        Resource->ContentionCount++;
        Resource->NumberOfSharedWaiters++;
        ExpWait(Resource);
        Resource->NumberOfSharedWaiters--;
    }
}

BOOLEAN
ExAcquireResourceSharedLite(_Inout_ PERESOURCE Resource, _In_ BOOLEAN Wait)
{
    KiVerifyMutex(Resource, 0x37);
    return ExpAcquireShared(Resource, Wait, FALSE);
}

static VOID
ExpReleased(_Inout_ PERESOURCE Resource)
{
    KiNoteHolder(Resource, -1);
    if (--Resource->ActiveEntries == 0) {
        Resource->ActiveCount = 0;
    }
    if (Resource->NumberOfExclusiveWaiters + Resource->NumberOfSharedWaiters != 0) {
        ExpWakeWaiters(Resource);
    }
}

VOID FASTCALL
ExReleaseResourceLite(_Inout_ PERESOURCE Resource)
{
    ERESOURCE_THREAD thread = (ERESOURCE_THREAD)KeGetCurrentThread();
    POWNER_ENTRY owner;

    KiVerifyMutex(Resource, 0x38);
    if (ExpIsExclusive(Resource) && Resource->OwnerEntry.OwnerThread == thread) {
        if (--Resource->OwnerEntry.OwnerCount == 0) {
            Resource->OwnerEntry.OwnerThread = 0;
            Resource->Flag &= (USHORT)~ResourceOwnedExclusive;
            ExpReleased(Resource);
        }
        return;
    }
    owner = ExpFindOwner(Resource, thread, FALSE);
    if (owner == NULL) {
        KeBugCheckEx(RESOURCE_NOT_OWNED, (ULONG_PTR)Resource, (ULONG_PTR)thread, (ULONG_PTR)Resource->OwnerTable, 2);
    }
    if (--owner->OwnerCount == 0) {
        owner->OwnerThread = 0;
        ExpReleased(Resource);
    }
}

BOOLEAN
ExIsResourceAcquiredExclusiveLite(_In_ PERESOURCE Resource)
{
    return (BOOLEAN)(ExpIsExclusive(Resource) &&
                     Resource->OwnerEntry.OwnerThread == (ERESOURCE_THREAD)KeGetCurrentThread());
}

ULONG
ExIsResourceAcquiredSharedLite(_In_ PERESOURCE Resource)
{
    POWNER_ENTRY owner;

    if (ExIsResourceAcquiredExclusiveLite(Resource)) {
        return Resource->OwnerEntry.OwnerCount;
    }
    owner = ExpFindOwner(Resource, (ERESOURCE_THREAD)KeGetCurrentThread(), FALSE);
    return owner == NULL ? 0 : owner->OwnerCount;
}

PVOID
ExEnterCriticalRegionAndAcquireResourceExclusive(_Inout_ PERESOURCE Resource)
{
    KeEnterCriticalRegion();
    ExAcquireResourceExclusiveLite(Resource, TRUE);
    return NULL;
}

PVOID
ExEnterCriticalRegionAndAcquireResourceShared(_Inout_ PERESOURCE Resource)
{
    KeEnterCriticalRegion();
    ExAcquireResourceSharedLite(Resource, TRUE);
    return NULL;
}

VOID FASTCALL
ExReleaseResourceAndLeaveCriticalRegion(_Inout_ PERESOURCE Resource)
{
    ExReleaseResourceLite(Resource);
    KeLeaveCriticalRegion();
}

/* ---- Run-down protection --------------------------------------------------------------------------- */

/* While somebody waits for the end, Ptr is the address of this, with bit 0 set; before, Count is twice the users. */
typedef struct _EXP_RUNDOWN_WAIT {
    ULONG_PTR Users;
    KEVENT Event;
} EXP_RUNDOWN_WAIT, *PEXP_RUNDOWN_WAIT;

#define RUNDOWN_ACTIVE ((ULONG_PTR)1)

VOID FASTCALL
ExInitializeRundownProtection(_Out_ PEX_RUNDOWN_REF RunRef)
{
    RunRef->Count = 0;
    KiForgetHolders(RunRef);
}

BOOLEAN FASTCALL
ExAcquireRundownProtection(_Inout_ PEX_RUNDOWN_REF RunRef)
{
    if ((RunRef->Count & RUNDOWN_ACTIVE) != 0) {
        return FALSE;
    }
    RunRef->Count += 2;
    KiNoteHolder(RunRef, 1);
    return TRUE;
}

VOID FASTCALL
ExReleaseRundownProtection(_Inout_ PEX_RUNDOWN_REF RunRef)
{
    PEXP_RUNDOWN_WAIT wait;

    KiNoteHolder(RunRef, -1);
    if ((RunRef->Count & RUNDOWN_ACTIVE) == 0) {
        RunRef->Count -= 2;
        return;
    }
    wait = (PEXP_RUNDOWN_WAIT)(RunRef->Count & ~RUNDOWN_ACTIVE);
    if (--wait->Users == 0) {
        KeSetEvent(&wait->Event, IO_NO_INCREMENT, FALSE);
    }
}

VOID FASTCALL
ExWaitForRundownProtectionRelease(_Inout_ PEX_RUNDOWN_REF RunRef)
{
    EXP_RUNDOWN_WAIT wait;

    if ((RunRef->Count & RUNDOWN_ACTIVE) != 0) {
        return;
    }
    wait.Users = RunRef->Count / 2;
    KeInitializeEvent(&wait.Event, SynchronizationEvent, FALSE);
    RunRef->Count = (ULONG_PTR)&wait | RUNDOWN_ACTIVE;
    if (wait.Users != 0) {
        KiNoteWait(KiRundown, RunRef);
        KeWaitForSingleObject(&wait.Event, Executive, KernelMode, FALSE, NULL);
    }
    RunRef->Count = RUNDOWN_ACTIVE;
}
