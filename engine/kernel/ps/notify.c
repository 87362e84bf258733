/* Routines of drivers that hear of processes: called in the order of registration. */
#include <ntddk.h>
#include "notify.h"

#define MAXIMUM_ROUTINES 64
#define LONGEST_IMAGE 128
#define SYSTEM_PROCESS ((HANDLE)4)

typedef struct _PSP_ROUTINE {
    PVOID Routine;
    BOOLEAN Extended;
} PSP_ROUTINE;

static PSP_ROUTINE PspRoutines[MAXIMUM_ROUTINES];
static ULONG PspRoutineCount;

/* Takes a routine in or out; the table tells whether it is there. */
static NTSTATUS
PspSetRoutine(_In_ PVOID Routine, _In_ BOOLEAN Extended, _In_ BOOLEAN Remove)
{
    ULONG index;

    for (index = 0; index < PspRoutineCount; index++) {
        if (PspRoutines[index].Routine == Routine && PspRoutines[index].Extended == Extended) {
            break;
        }
    }
    if (Remove) {
        if (index == PspRoutineCount) {
            return STATUS_PROCEDURE_NOT_FOUND;
        }
        PspRoutineCount--;
        for (; index < PspRoutineCount; index++) {
            PspRoutines[index] = PspRoutines[index + 1];
        }
    } else {
        if (index != PspRoutineCount || PspRoutineCount == MAXIMUM_ROUTINES) {
            return STATUS_INVALID_PARAMETER;
        }
        PspRoutines[index].Routine = Routine;
        PspRoutines[index].Extended = Extended;
        PspRoutineCount++;
    }
    PspNoteRoutines(PspRoutineCount);
    return STATUS_SUCCESS;
}

NTSTATUS
PsSetCreateProcessNotifyRoutine(_In_ PCREATE_PROCESS_NOTIFY_ROUTINE NotifyRoutine, _In_ BOOLEAN Remove)
{
    return PspSetRoutine((PVOID)NotifyRoutine, FALSE, Remove);
}

NTSTATUS
PsSetCreateProcessNotifyRoutineEx(_In_ PCREATE_PROCESS_NOTIFY_ROUTINE_EX NotifyRoutine, _In_ BOOLEAN Remove)
{
    return PspSetRoutine((PVOID)NotifyRoutine, TRUE, Remove);
}

NTSTATUS
PspCallProcessRoutines(_In_ HANDLE ProcessId, _In_ BOOLEAN Create)
{
    WCHAR image[LONGEST_IMAGE];
    PS_CREATE_NOTIFY_INFO information;
    UNICODE_STRING name;
    ULONG index;

    RtlZeroMemory(&information, sizeof(information));
    information.Size = sizeof(information);
    information.ParentProcessId = SYSTEM_PROCESS;
    information.CreatingThreadId.UniqueProcess = SYSTEM_PROCESS;
    information.CreatingThreadId.UniqueThread = PsGetCurrentThreadId();
    information.CreationStatus = STATUS_SUCCESS;
    if (Create && PspRoutineCount != 0) {
        name.Length = (USHORT)(PspImageName(ProcessId, image, LONGEST_IMAGE) * sizeof(WCHAR));
        name.MaximumLength = sizeof(image);
        name.Buffer = image;
        information.ImageFileName = &name;
        information.CommandLine = &name;
        information.FileOpenNameAvailable = 1;
    }
    for (index = 0; index < PspRoutineCount; index++) {
        if (PspRoutines[index].Extended) {
            ((PCREATE_PROCESS_NOTIFY_ROUTINE_EX)PspRoutines[index].Routine)(PspProcessOf(ProcessId), ProcessId,
                                                                          Create ? &information : NULL);
        } else {
            ((PCREATE_PROCESS_NOTIFY_ROUTINE)PspRoutines[index].Routine)(SYSTEM_PROCESS, ProcessId, Create);
        }
    }
    return information.CreationStatus;
}

NTSTATUS
PspAnnounceProcess(_In_ HANDLE ProcessId)
{
    return PspCallProcessRoutines(ProcessId, TRUE);
}
