/* Look-aside lists. Their callbacks are the driver's, so that all of it is C. */
#include <ntddk.h>
#include "lookaside-primitives.h"

#define LIST(Lookaside) ((PGENERAL_LOOKASIDE_POOL)(Lookaside))

/* Lists of the older kind: callbacks get no list. */

static PVOID
ExpAllocate(_Inout_ PGENERAL_LOOKASIDE_POOL Lookaside)
{
    PVOID entry = ExpTakeLookasideEntry(Lookaside);

    if (entry != NULL) {
        return entry;
    }
    if (Lookaside->Allocate == ExAllocatePoolWithTag) {
        return ExpAllocateLookasideEntry(Lookaside->Type, Lookaside->Size, Lookaside->Tag);
    }
    return Lookaside->Allocate(Lookaside->Type, Lookaside->Size, Lookaside->Tag);
}

static VOID
ExpRelease(_In_ PGENERAL_LOOKASIDE_POOL Lookaside, _In_ PVOID Entry)
{
    if (Lookaside->Free == ExFreePool) {
        ExpFreeLookasideEntry(Entry);
    } else {
        Lookaside->Free(Entry);
    }
}

static VOID
ExpDelete(_Inout_ PGENERAL_LOOKASIDE_POOL Lookaside)
{
    PVOID entry;

    while ((entry = ExpDrainLookasideEntry(Lookaside)) != NULL) {
        ExpRelease(Lookaside, entry);
    }
    ExpForgetLookaside(Lookaside);
}

VOID
ExInitializeNPagedLookasideList(
    _Out_ PNPAGED_LOOKASIDE_LIST Lookaside,
    _In_opt_ PALLOCATE_FUNCTION Allocate,
    _In_opt_ PFREE_FUNCTION Free,
    _In_ ULONG Flags,
    _In_ SIZE_T Size,
    _In_ ULONG Tag,
    _In_ USHORT Depth)
{
    UNREFERENCED_PARAMETER(Depth);
    ExpInitializeLookaside(LIST(Lookaside), Allocate != NULL ? Allocate : ExAllocatePoolWithTag,
                           Free != NULL ? Free : ExFreePool, (POOL_TYPE)(NonPagedPool | Flags), Size, Tag);
}

VOID
ExDeleteNPagedLookasideList(_Inout_ PNPAGED_LOOKASIDE_LIST Lookaside)
{
    ExpDelete(LIST(Lookaside));
}

PVOID
ExAllocateFromNPagedLookasideList(_Inout_ PNPAGED_LOOKASIDE_LIST Lookaside)
{
    return ExpAllocate(LIST(Lookaside));
}

VOID
ExFreeToNPagedLookasideList(_Inout_ PNPAGED_LOOKASIDE_LIST Lookaside, _In_ PVOID Entry)
{
    if (!ExpKeepLookasideEntry(LIST(Lookaside), Entry)) {
        ExpRelease(LIST(Lookaside), Entry);
    }
}

VOID
ExInitializePagedLookasideList(
    _Out_ PPAGED_LOOKASIDE_LIST Lookaside,
    _In_opt_ PALLOCATE_FUNCTION Allocate,
    _In_opt_ PFREE_FUNCTION Free,
    _In_ ULONG Flags,
    _In_ SIZE_T Size,
    _In_ ULONG Tag,
    _In_ USHORT Depth)
{
    UNREFERENCED_PARAMETER(Depth);
    ExpInitializeLookaside(LIST(Lookaside), Allocate != NULL ? Allocate : ExAllocatePoolWithTag,
                           Free != NULL ? Free : ExFreePool, (POOL_TYPE)(PagedPool | Flags), Size, Tag);
}

VOID
ExDeletePagedLookasideList(_Inout_ PPAGED_LOOKASIDE_LIST Lookaside)
{
    ExpDelete(LIST(Lookaside));
}

PVOID
ExAllocateFromPagedLookasideList(_Inout_ PPAGED_LOOKASIDE_LIST Lookaside)
{
    return ExpAllocate(LIST(Lookaside));
}

VOID
ExFreeToPagedLookasideList(_Inout_ PPAGED_LOOKASIDE_LIST Lookaside, _In_ PVOID Entry)
{
    if (!ExpKeepLookasideEntry(LIST(Lookaside), Entry)) {
        ExpRelease(LIST(Lookaside), Entry);
    }
}

/* LOOKASIDE_LIST_EX: any pool, and callbacks that get the list. */

static PVOID
ExpAllocateEx(_In_ POOL_TYPE PoolType, _In_ SIZE_T NumberOfBytes, _In_ ULONG Tag, _Inout_ PLOOKASIDE_LIST_EX Lookaside)
{
    UNREFERENCED_PARAMETER(Lookaside);
    return ExpAllocateLookasideEntry(PoolType, NumberOfBytes, Tag);
}

static VOID
ExpFreeEx(_In_ PVOID Buffer, _Inout_ PLOOKASIDE_LIST_EX Lookaside)
{
    UNREFERENCED_PARAMETER(Lookaside);
    ExpFreeLookasideEntry(Buffer);
}

NTSTATUS
ExInitializeLookasideListEx(
    _Out_ PLOOKASIDE_LIST_EX Lookaside,
    _In_opt_ PALLOCATE_FUNCTION_EX Allocate,
    _In_opt_ PFREE_FUNCTION_EX Free,
    _In_ POOL_TYPE PoolType,
    _In_ ULONG Flags,
    _In_ SIZE_T Size,
    _In_ ULONG Tag,
    _In_ USHORT Depth)
{
    ULONG type = (ULONG)PoolType;

    UNREFERENCED_PARAMETER(Depth);
    if (type != NonPagedPool && type != PagedPool && type != NonPagedPoolNx &&
        type != NonPagedPoolCacheAligned && type != PagedPoolCacheAligned && type != NonPagedPoolNxCacheAligned) {
        return STATUS_INVALID_PARAMETER_4;
    }
    switch (Flags) {
    case 0:
        break;
    case EX_LOOKASIDE_LIST_EX_FLAGS_RAISE_ON_FAIL:
        type |= POOL_RAISE_IF_ALLOCATION_FAILURE;
        break;
    case EX_LOOKASIDE_LIST_EX_FLAGS_FAIL_NO_RAISE:
        if (Allocate == NULL) {
            return STATUS_INVALID_PARAMETER_5;
        }
        type |= POOL_QUOTA_FAIL_INSTEAD_OF_RAISE;
        break;
    default:
        return STATUS_INVALID_PARAMETER_5;
    }
    ExpInitializeLookaside(LIST(Lookaside), Allocate != NULL ? Allocate : ExpAllocateEx,
                           Free != NULL ? Free : ExpFreeEx, (POOL_TYPE)type, Size, Tag);
    return STATUS_SUCCESS;
}

VOID
ExFlushLookasideListEx(_Inout_ PLOOKASIDE_LIST_EX Lookaside)
{
    PVOID entry;

    while ((entry = ExpDrainLookasideEntry(LIST(Lookaside))) != NULL) {
        Lookaside->L.FreeEx(entry, Lookaside);
    }
}

VOID
ExDeleteLookasideListEx(_Inout_ PLOOKASIDE_LIST_EX Lookaside)
{
    ExFlushLookasideListEx(Lookaside);
    ExpForgetLookaside(LIST(Lookaside));
}

PVOID
ExAllocateFromLookasideListEx(_Inout_ PLOOKASIDE_LIST_EX Lookaside)
{
    PVOID entry = ExpTakeLookasideEntry(LIST(Lookaside));

    if (entry != NULL) {
        return entry;
    }
    return Lookaside->L.AllocateEx(Lookaside->L.Type, Lookaside->L.Size, Lookaside->L.Tag, Lookaside);
}

VOID
ExFreeToLookasideListEx(_Inout_ PLOOKASIDE_LIST_EX Lookaside, _In_ PVOID Entry)
{
    if (!ExpKeepLookasideEntry(LIST(Lookaside), Entry)) {
        Lookaside->L.FreeEx(Entry, Lookaside);
    }
}
