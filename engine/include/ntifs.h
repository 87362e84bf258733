/* Kernel routines for file systems and others that handle processes, beyond those of ntddk.h. */
#ifndef _NTIFS_
#define _NTIFS_

#ifdef _DMS_USER_MODE
#error ntifs.h is a kernel header; a process includes windows.h
#endif

#include <ntddk.h>

/** Saved address space of KeStackAttachProcess. */
typedef struct _KAPC_STATE {
    LIST_ENTRY        ApcListHead[2];
    struct _KPROCESS *Process;
    union {
        UCHAR InProgressFlags;
        struct {
            BOOLEAN KernelApcInProgress : 1;
            BOOLEAN SpecialApcInProgress : 1;
        };
    };
    BOOLEAN KernelApcPending;
    union {
        BOOLEAN UserApcPendingAll;
        struct {
            BOOLEAN SpecialUserApcPending : 1;
            BOOLEAN UserApcPending : 1;
        };
    };
} KAPC_STATE, *PKAPC_STATE, *PRKAPC_STATE;

/** As RtlInitUnicodeString, but fails for a string that is too long.
 * @since Windows XP */
NTSYSAPI NTSTATUS NTAPI RtlInitUnicodeStringEx(PUNICODE_STRING DestinationString, PCWSTR SourceString);
/** Process that a request came from.
 * @irql <= DISPATCH_LEVEL
 * @since Windows XP */
NTKERNELAPI PEPROCESS NTAPI IoGetRequestorProcess(PIRP Irp);
/** A queue of entries that threads wait for, the last one to wait first. */
typedef struct _KQUEUE {
    DISPATCHER_HEADER Header;
    LIST_ENTRY        EntryListHead;
    volatile ULONG    CurrentCount;
    ULONG             MaximumCount;
    LIST_ENTRY        ThreadListHead;
} KQUEUE, *PKQUEUE, *PRKQUEUE;

/** Prepares a queue; Count is how many threads may work on its entries at once, 0 one for each processor.
 * @irql = PASSIVE_LEVEL
 * @page nf-ntifs-keinitializequeue */
NTKERNELAPI VOID NTAPI KeInitializeQueue(PRKQUEUE Queue, ULONG Count);
/** Adds an entry at the end; returns how many there were.
 * @irql <= DISPATCH_LEVEL
 * @page nf-ntifs-keinsertqueue */
NTKERNELAPI LONG NTAPI KeInsertQueue(PRKQUEUE Queue, PLIST_ENTRY Entry);
/** Adds an entry at the head; returns how many there were.
 * @irql <= DISPATCH_LEVEL
 * @page nf-ntifs-keinsertheadqueue */
NTKERNELAPI LONG NTAPI KeInsertHeadQueue(PRKQUEUE Queue, PLIST_ENTRY Entry);
/** Takes the first entry, and waits for one; STATUS_TIMEOUT as a pointer when the time is over.
 * @irql <= APC_LEVEL
 * @page nf-ntifs-keremovequeue */
NTKERNELAPI PLIST_ENTRY NTAPI KeRemoveQueue(PRKQUEUE Queue, KPROCESSOR_MODE WaitMode, PLARGE_INTEGER Timeout);
/** How many entries a queue has.
 * @irql <= DISPATCH_LEVEL
 * @page nf-ntifs-kereadstatequeue */
NTKERNELAPI LONG NTAPI KeReadStateQueue(PRKQUEUE Queue);
/** Empties a queue; returns the first of its entries, which are linked to one another, or NULL.
 * @irql <= APC_LEVEL
 * @page nf-ntifs-kerundownqueue */
NTKERNELAPI PLIST_ENTRY NTAPI KeRundownQueue(PRKQUEUE Queue);

/** Runs a routine at DISPATCH_LEVEL on every processor at once, and waits until each has called KeSignalCallDpcDone.
 * @irql <= APC_LEVEL */
NTKERNELAPI VOID NTAPI KeGenericCallDpc(PKDEFERRED_ROUTINE Routine, PVOID Context);
/** The routine of KeGenericCallDpc is done on this processor: its first argument of the system's.
 * @irql = DISPATCH_LEVEL */
NTKERNELAPI VOID NTAPI KeSignalCallDpcDone(PVOID SystemArgument1);
/** Waits until the routine of KeGenericCallDpc is here on every processor; TRUE on one of them.
 * @irql = DISPATCH_LEVEL */
NTKERNELAPI LOGICAL NTAPI KeSignalCallDpcSynchronize(PVOID SystemArgument2);

/** Switches to the address space of a process.
 * @irql <= APC_LEVEL */
NTKERNELAPI VOID NTAPI KeStackAttachProcess(PRKPROCESS PROCESS, PRKAPC_STATE ApcState);
/** Switches back.
 * @irql <= APC_LEVEL */
NTKERNELAPI VOID NTAPI KeUnstackDetachProcess(PRKAPC_STATE ApcState);
/** Process of an identifier, with a reference.
 * @irql <= APC_LEVEL */
NTKERNELAPI NTSTATUS NTAPI PsLookupProcessByProcessId(HANDLE ProcessId, PEPROCESS *Process);
/** Thread of an identifier, with a reference.
 * @irql <= APC_LEVEL */
NTKERNELAPI NTSTATUS NTAPI PsLookupThreadByThreadId(HANDLE ThreadId, PETHREAD *Thread);
/** Opens a handle to an object.
 * @irql <= APC_LEVEL */
NTKERNELAPI NTSTATUS NTAPI ObOpenObjectByPointer(PVOID Object, ULONG HandleAttributes, PACCESS_STATE PassedAccessState, ACCESS_MASK DesiredAccess, POBJECT_TYPE ObjectType, KPROCESSOR_MODE AccessMode, PHANDLE Handle);
/** Creates an event object.
 * @irql = PASSIVE_LEVEL */
NTSYSAPI NTSTATUS NTAPI ZwCreateEvent(PHANDLE EventHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes, EVENT_TYPE EventType, BOOLEAN InitialState);
/** Signals an event.
 * @irql = PASSIVE_LEVEL */
NTSYSAPI NTSTATUS NTAPI ZwSetEvent(HANDLE EventHandle, PLONG PreviousState);
/** Waits for an object by its handle.
 * @irql = PASSIVE_LEVEL */
NTSYSAPI NTSTATUS NTAPI ZwWaitForSingleObject(HANDLE Handle, BOOLEAN Alertable, PLARGE_INTEGER Timeout);
/** Reserves or commits memory of a process.
 * @irql = PASSIVE_LEVEL */
NTSYSAPI NTSTATUS NTAPI ZwAllocateVirtualMemory(HANDLE ProcessHandle, PVOID *BaseAddress, ULONG_PTR ZeroBits, PSIZE_T RegionSize, ULONG AllocationType, ULONG Protect);
/** Releases memory of a process.
 * @irql = PASSIVE_LEVEL */
NTSYSAPI NTSTATUS NTAPI ZwFreeVirtualMemory(HANDLE ProcessHandle, PVOID *BaseAddress, PSIZE_T RegionSize, ULONG FreeType);
/** Duplicates a handle.
 * @irql = PASSIVE_LEVEL */
NTSYSAPI NTSTATUS NTAPI ZwDuplicateObject(HANDLE SourceProcessHandle, HANDLE SourceHandle, HANDLE TargetProcessHandle, PHANDLE TargetHandle, ACCESS_MASK DesiredAccess, ULONG HandleAttributes, ULONG Options);
/** Sends a control code to a file system.
 * @irql = PASSIVE_LEVEL */
NTSYSAPI NTSTATUS NTAPI ZwFsControlFile(HANDLE FileHandle, HANDLE Event, PIO_APC_ROUTINE ApcRoutine, PVOID ApcContext, PIO_STATUS_BLOCK IoStatusBlock, ULONG FsControlCode, PVOID InputBuffer, ULONG InputBufferLength, PVOID OutputBuffer, ULONG OutputBufferLength);
/** Raises an exception with a status.
 * @irql any */
NTSYSAPI DECLSPEC_NORETURN VOID NTAPI RtlRaiseStatus(NTSTATUS Status);
/** Error code of Windows for a status.
 * @irql any */
NTSYSAPI ULONG NTAPI RtlNtStatusToDosError(NTSTATUS Status);

#endif
