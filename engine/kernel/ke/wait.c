/* Waiting. What can block is here, in C over primitives that never do themselves. */
#include <ntddk.h>
#include "wait-primitives.h"

NTSTATUS
KeWaitForSingleObject(
    _In_ PVOID Object,
    _In_ KWAIT_REASON WaitReason,
    _In_ KPROCESSOR_MODE WaitMode,
    _In_ BOOLEAN Alertable,
    _In_opt_ PLARGE_INTEGER Timeout)
{
    UNREFERENCED_PARAMETER(WaitReason);
    UNREFERENCED_PARAMETER(Alertable);

    if (WaitMode == UserMode) {
        ViCheckUserWait(1, &Object);
    }
    KiBeginWait(1, &Object, FALSE, Timeout);
    return KiEndWait();
}

NTSTATUS
KeWaitForMultipleObjects(
    _In_ ULONG Count,
    _In_ PVOID Object[],
    _In_ WAIT_TYPE WaitType,
    _In_ KWAIT_REASON WaitReason,
    _In_ KPROCESSOR_MODE WaitMode,
    _In_ BOOLEAN Alertable,
    _In_opt_ PLARGE_INTEGER Timeout,
    _In_opt_ PKWAIT_BLOCK WaitBlockArray)
{
    UNREFERENCED_PARAMETER(WaitReason);
    UNREFERENCED_PARAMETER(Alertable);

    if (WaitMode == UserMode) {
        ViCheckUserWait(Count, Object);
    }
    if (Count > MAXIMUM_WAIT_OBJECTS || (WaitBlockArray == NULL && Count > THREAD_WAIT_OBJECTS)) {
        KeBugCheckEx(MAXIMUM_WAIT_OBJECTS_EXCEEDED, 0, 0, 0, 0);
    }
    KiBeginWait(Count, Object, (BOOLEAN)(WaitType == WaitAll), Timeout);
    return KiEndWait();
}

NTSTATUS
KeDelayExecutionThread(
    _In_ KPROCESSOR_MODE WaitMode,
    _In_ BOOLEAN Alertable,
    _In_ PLARGE_INTEGER Interval)
{
    UNREFERENCED_PARAMETER(WaitMode);
    UNREFERENCED_PARAMETER(Alertable);

    KiBeginDelay(Interval);
    return KiEndWait();
}
