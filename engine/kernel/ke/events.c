/* Events and waits of processes, by handle. */
#include <ntddk.h>
#include "io-primitives.h"
#include "nt-services.h"

#define EVENT_TAG 'evEK'

/* The dispatcher object behind a handle, with a reference. */
static NTSTATUS
KiReferenceWaitable(_In_ HANDLE Handle, _Out_ PVOID *Object, _Out_ PVOID *Waitable)
{
    NTSTATUS status = ObReferenceObjectByHandle(Handle, 0, NULL, KernelMode, Object, NULL);

    if (NT_SUCCESS(status)) {
        *Waitable = *Object;
        if (ObpTypeOf(*Object) == IO_TYPE_FILE) {
            *Waitable = &((PFILE_OBJECT)*Object)->Event;
        }
    }
    return status;
}

/* A time limit that the caller passes by address, which may be any. */
static PLARGE_INTEGER
KiCaptureTimeout(_In_opt_ PLARGE_INTEGER Timeout, _Out_ PLARGE_INTEGER Captured)
{
    if (Timeout == NULL) {
        return NULL;
    }
    *Captured = *Timeout;
    return Captured;
}

NTSTATUS
NtCreateEvent(
    _Out_ PHANDLE EventHandle,
    _In_ ACCESS_MASK DesiredAccess,
    _In_opt_ POBJECT_ATTRIBUTES ObjectAttributes,
    _In_ EVENT_TYPE EventType,
    _In_ BOOLEAN InitialState)
{
    PKEVENT event = (PKEVENT)ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(KEVENT), EVENT_TAG);
    HANDLE handle;
    NTSTATUS status;

    UNREFERENCED_PARAMETER(ObjectAttributes);
    if (event == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    KeInitializeEvent(event, EventType, InitialState);
    ObpEnterObject(event, IO_TYPE_EVENT_PAIR);
    status = ObpCreateHandle(event, DesiredAccess, 0, &handle);
    __try {
        *EventHandle = handle;
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        status = GetExceptionCode();
        NtClose(handle);
    }
    return status;
}

NTSTATUS
NtSetEvent(_In_ HANDLE EventHandle, _Out_opt_ PLONG PreviousState)
{
    PKEVENT event;
    LONG previous;
    NTSTATUS status;

    status = ObReferenceObjectByHandle(EventHandle, 0, *ExEventObjectType, KernelMode, (PVOID *)&event, NULL);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    previous = KeSetEvent(event, EVENT_INCREMENT, FALSE);
    ObDereferenceObject(event);
    if (PreviousState != NULL) {
        __try {
            *PreviousState = previous;
        } __except (EXCEPTION_EXECUTE_HANDLER) {
            status = GetExceptionCode();
        }
    }
    return status;
}

NTSTATUS
NtResetEvent(_In_ HANDLE EventHandle, _Out_opt_ PLONG PreviousState)
{
    PKEVENT event;
    NTSTATUS status;

    UNREFERENCED_PARAMETER(PreviousState);
    status = ObReferenceObjectByHandle(EventHandle, 0, *ExEventObjectType, KernelMode, (PVOID *)&event, NULL);
    if (NT_SUCCESS(status)) {
        KeResetEvent(event);
        ObDereferenceObject(event);
    }
    return status;
}

NTSTATUS
NtWaitForSingleObject(_In_ HANDLE Handle, _In_ BOOLEAN Alertable, _In_opt_ PLARGE_INTEGER Timeout)
{
    LARGE_INTEGER limit;
    PLARGE_INTEGER timeout = NULL;
    PVOID waitable;
    PVOID object;
    NTSTATUS status = STATUS_SUCCESS;

    __try {
        timeout = KiCaptureTimeout(Timeout, &limit);
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        status = GetExceptionCode();
    }
    if (!NT_SUCCESS(status)) {
        return status;
    }
    status = KiReferenceWaitable(Handle, &object, &waitable);
    if (NT_SUCCESS(status)) {
        status = KeWaitForSingleObject(waitable, UserRequest, UserMode, Alertable, timeout);
        ObDereferenceObject(object);
    }
    return status;
}

NTSTATUS
NtWaitForMultipleObjects(
    _In_ ULONG Count,
    _In_ HANDLE Handles[],
    _In_ WAIT_TYPE WaitType,
    _In_ BOOLEAN Alertable,
    _In_opt_ PLARGE_INTEGER Timeout)
{
    PVOID objects[MAXIMUM_WAIT_OBJECTS];
    PVOID waitables[MAXIMUM_WAIT_OBJECTS];
    KWAIT_BLOCK blocks[MAXIMUM_WAIT_OBJECTS];
    LARGE_INTEGER limit;
    PLARGE_INTEGER timeout = NULL;
    ULONG count = 0;
    NTSTATUS status = STATUS_SUCCESS;

    if (Count == 0 || Count > MAXIMUM_WAIT_OBJECTS) {
        return STATUS_INVALID_PARAMETER;
    }
    __try {
        timeout = KiCaptureTimeout(Timeout, &limit);
        for (count = 0; count < Count; count++) {
            status = KiReferenceWaitable(Handles[count], &objects[count], &waitables[count]);
            if (!NT_SUCCESS(status)) {
                break;
            }
        }
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        status = GetExceptionCode();
    }
    if (NT_SUCCESS(status)) {
        status = KeWaitForMultipleObjects(count, waitables, WaitType, UserRequest, UserMode, Alertable, timeout, blocks);
    }
    while (count > 0) {
        count--;
        ObDereferenceObject(objects[count]);
    }
    return status;
}

NTSTATUS
NtDelayExecution(_In_ BOOLEAN Alertable, _In_ PLARGE_INTEGER DelayInterval)
{
    LARGE_INTEGER interval;

    __try {
        interval = *DelayInterval;
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        return GetExceptionCode();
    }
    return KeDelayExecutionThread(UserMode, Alertable, &interval);
}

NTSTATUS
ZwWaitForSingleObject(_In_ HANDLE Handle, _In_ BOOLEAN Alertable, _In_opt_ PLARGE_INTEGER Timeout)
{
    return NtWaitForSingleObject(Handle, Alertable, Timeout);
}
