/* What the kernel's own C uses to wait; drivers do not see it. */
#pragma once

/** Satisfies a wait at once or blocks the thread; the result comes from KiEndWait. */
VOID KiBeginWait(_In_ ULONG Count, _In_ PVOID Object[], _In_ BOOLEAN WaitAll, _In_opt_ PLARGE_INTEGER Timeout);
/** Blocks the thread for a while. */
VOID KiBeginDelay(_In_ PLARGE_INTEGER Interval);
/** How the wait of this thread ended. */
NTSTATUS KiEndWait(VOID);
