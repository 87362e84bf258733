/* What look-aside lists in C are built on; drivers do not see it. */
#pragma once

/** Checks the parameters and fills the list; its entries come from pool where Allocate and Free are NULL. */
VOID ExpInitializeLookaside(PGENERAL_LOOKASIDE_POOL Lookaside, PVOID Allocate, PVOID Free, POOL_TYPE PoolType, SIZE_T Size, ULONG Tag);
/** The list is no list any more: what it keeps was drained. */
VOID ExpForgetLookaside(PGENERAL_LOOKASIDE_POOL Lookaside);
/** An entry that the list keeps, or NULL; counts the request. */
PVOID ExpTakeLookasideEntry(PGENERAL_LOOKASIDE_POOL Lookaside);
/** Whether the list keeps the entry; counts the request. */
BOOLEAN ExpKeepLookasideEntry(PGENERAL_LOOKASIDE_POOL Lookaside, PVOID Entry);
/** An entry that the list keeps, without counting. */
PVOID ExpDrainLookasideEntry(PGENERAL_LOOKASIDE_POOL Lookaside);
/** Pool for an entry, as the driver's own. */
PVOID ExpAllocateLookasideEntry(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag);
VOID ExpFreeLookasideEntry(PVOID Entry);
