/* What the kernel's own C uses to wait; drivers do not see it. */
#pragma once
#include <ntifs.h>

/** Satisfies a wait at once or blocks the thread; the result comes from KiEndWait. */
VOID KiBeginWait(_In_ ULONG Count, _In_ PVOID Object[], _In_ BOOLEAN WaitAll, _In_opt_ PLARGE_INTEGER Timeout);
/** The rules of Driver Verifier for a wait in user mode, during which the kernel stack may be paged out. */
VOID ViCheckUserWait(_In_ ULONG Count, _In_ PVOID Object[]);
/** Blocks the thread for a while. */
VOID KiBeginDelay(_In_ PLARGE_INTEGER Interval);
/** The first entry of a queue that the wait of this thread was for. */
PLIST_ENTRY KiTakeQueue(_In_ PRKQUEUE Queue);
/** What an event of the kernel's own stands for. */
typedef enum _KI_WAIT_KIND {
    KiFastMutex,
    KiGuardedMutex,
    KiResource,
    KiRemoveLock,
    KiRundown,
    KiQueue
} KI_WAIT_KIND;
/** The next wait of this thread is for an object of this kind; for wait chains. */
VOID KiNoteWait(_In_ KI_WAIT_KIND Kind, _In_ PVOID Object);
/** This thread has acquired (1) or released (-1) an object; for wait chains. */
VOID KiNoteHolder(_In_ PVOID Object, _In_ LONG Change);
/** A resource is new, or deleted: the rules of Driver Verifier. */
VOID ExpNoteResource(_In_ PERESOURCE Resource, _In_ BOOLEAN IsNew);
/** The rules of Driver Verifier for fast mutexes and resources, by the code of the breach. */
VOID KiVerifyMutex(_In_ PVOID Mutex, _In_ ULONG Code);
/** Deadlock detection of Driver Verifier: a guarded mutex is about to be acquired, or released. */
VOID ViGuardedMutex(_In_ PKGUARDED_MUTEX Mutex, _In_ BOOLEAN Acquire);
/** An object is new or gone. */
VOID KiForgetHolders(_In_ PVOID Object);
/** How the wait of this thread ended. */
NTSTATUS KiEndWait(VOID);
