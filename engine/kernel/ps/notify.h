/* Who hears of processes. */
#pragma once

/** Calls the routines that drivers registered; the status that one of them gave the creation. */
NTSTATUS PspCallProcessRoutines(_In_ HANDLE ProcessId, _In_ BOOLEAN Create);
/** First routine of the system thread that announces a process before it starts. */
NTSTATUS PspAnnounceProcess(_In_ HANDLE ProcessId);
/** The object of a process, by its identifier. */
PEPROCESS PspProcessOf(_In_ HANDLE ProcessId);
/** Fills in the path of a process's image; answers its characters. */
ULONG PspImageName(_In_ HANDLE ProcessId, _Out_ PWCH Buffer, _In_ ULONG Characters);
/** How many routines are registered now. */
VOID PspNoteRoutines(_In_ ULONG Count);
