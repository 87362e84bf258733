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

/* An event object: what drivers and waits see comes first. */
typedef struct _KI_EVENT {
    KEVENT Event;
    LIST_ENTRY Named;
    UNICODE_STRING Name;
} KI_EVENT, *PKI_EVENT;

static LIST_ENTRY KiNamedEvents = { &KiNamedEvents, &KiNamedEvents };

VOID
KiDeleteEvent(_In_ PVOID Object)
{
    RemoveEntryList(&((PKI_EVENT)Object)->Named);
    ExFreePool(Object);
}

static PKI_EVENT
KiFindEvent(_In_ PCUNICODE_STRING Name)
{
    PLIST_ENTRY link;

    for (link = KiNamedEvents.Flink; link != &KiNamedEvents; link = link->Flink) {
        PKI_EVENT event = CONTAINING_RECORD(link, KI_EVENT, Named);

        if (RtlEqualUnicodeString(&event->Name, Name, TRUE)) {
            return event;
        }
    }
    return NULL;
}

static PKI_EVENT
KiAllocateEvent(_In_opt_ PCUNICODE_STRING Name, _In_ EVENT_TYPE Type, _In_ BOOLEAN State)
{
    USHORT bytes = Name == NULL ? 0 : Name->Length;
    PKI_EVENT event = (PKI_EVENT)ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(KI_EVENT) + bytes, EVENT_TAG);

    if (event == NULL) {
        return NULL;
    }
    KeInitializeEvent(&event->Event, Type, State);
    InitializeListHead(&event->Named);
    event->Name.Length = bytes;
    event->Name.MaximumLength = bytes;
    event->Name.Buffer = (PWCH)(event + 1);
    if (Name != NULL) {
        RtlCopyMemory(event->Name.Buffer, Name->Buffer, bytes);
        InsertTailList(&KiNamedEvents, &event->Named);
    }
    ObpEnterObject(event, IO_TYPE_EVENT_PAIR);
    return event;
}

/* Makes an event or, by a name that is taken, opens it; the handle is the only reference that it gives. */
static NTSTATUS
KiCreateEvent(
    _Out_ PHANDLE EventHandle,
    _In_ ACCESS_MASK DesiredAccess,
    _In_opt_ POBJECT_ATTRIBUTES ObjectAttributes,
    _In_ EVENT_TYPE EventType,
    _In_ BOOLEAN InitialState,
    _In_ BOOLEAN OpenOnly)
{
    PUNICODE_STRING name = ObjectAttributes == NULL ? NULL : ObjectAttributes->ObjectName;
    ULONG attributes = ObjectAttributes == NULL ? 0 : ObjectAttributes->Attributes;
    PKI_EVENT event = name == NULL ? NULL : KiFindEvent(name);
    BOOLEAN existed = (BOOLEAN)(event != NULL);
    HANDLE handle;
    NTSTATUS status;

    if (existed) {
        if (!OpenOnly && (attributes & OBJ_OPENIF) == 0) {
            return STATUS_OBJECT_NAME_COLLISION;
        }
        ObReferenceObject(event);
    } else if (OpenOnly) {
        return STATUS_OBJECT_NAME_NOT_FOUND;
    } else {
        event = KiAllocateEvent(name, EventType, InitialState);
        if (event == NULL) {
            return STATUS_INSUFFICIENT_RESOURCES;
        }
    }
    status = ObpCreateHandle(event, DesiredAccess, attributes, &handle);
    __try {
        *EventHandle = handle;
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        status = GetExceptionCode();
        NtClose(handle);
    }
    return NT_SUCCESS(status) && existed && !OpenOnly ? STATUS_OBJECT_NAME_EXISTS : status;
}

NTSTATUS
NtCreateEvent(
    _Out_ PHANDLE EventHandle,
    _In_ ACCESS_MASK DesiredAccess,
    _In_opt_ POBJECT_ATTRIBUTES ObjectAttributes,
    _In_ EVENT_TYPE EventType,
    _In_ BOOLEAN InitialState)
{
    __try {
        return KiCreateEvent(EventHandle, DesiredAccess, ObjectAttributes, EventType, InitialState, FALSE);
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        return GetExceptionCode();
    }
}

NTSTATUS
NtOpenEvent(_Out_ PHANDLE EventHandle, _In_ ACCESS_MASK DesiredAccess, _In_ POBJECT_ATTRIBUTES ObjectAttributes)
{
    __try {
        return KiCreateEvent(EventHandle, DesiredAccess, ObjectAttributes, NotificationEvent, FALSE, TRUE);
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        return GetExceptionCode();
    }
}

NTSTATUS
ZwCreateEvent(
    _Out_ PHANDLE EventHandle,
    _In_ ACCESS_MASK DesiredAccess,
    _In_opt_ POBJECT_ATTRIBUTES ObjectAttributes,
    _In_ EVENT_TYPE EventType,
    _In_ BOOLEAN InitialState)
{
    return KiCreateEvent(EventHandle, DesiredAccess, ObjectAttributes, EventType, InitialState, FALSE);
}

NTSTATUS
ZwSetEvent(_In_ HANDLE EventHandle, _Out_opt_ PLONG PreviousState)
{
    return NtSetEvent(EventHandle, PreviousState);
}

/* A named event that drivers and processes share; the handle keeps it. */
static PKEVENT
KiCreateNamedEvent(_In_ PUNICODE_STRING EventName, _Out_ PHANDLE EventHandle, _In_ EVENT_TYPE Type)
{
    OBJECT_ATTRIBUTES attributes;
    PKEVENT event = NULL;

    InitializeObjectAttributes(&attributes, EventName, OBJ_OPENIF, NULL, NULL);
    if (!NT_SUCCESS(KiCreateEvent(EventHandle, EVENT_ALL_ACCESS, &attributes, Type, TRUE, FALSE))) {
        return NULL;
    }
    if (NT_SUCCESS(ObReferenceObjectByHandle(*EventHandle, 0, *ExEventObjectType, KernelMode, (PVOID *)&event, NULL))) {
        ObDereferenceObject(event);
    }
    return event;
}

PKEVENT
IoCreateNotificationEvent(_In_ PUNICODE_STRING EventName, _Out_ PHANDLE EventHandle)
{
    return KiCreateNamedEvent(EventName, EventHandle, NotificationEvent);
}

PKEVENT
IoCreateSynchronizationEvent(_In_ PUNICODE_STRING EventName, _Out_ PHANDLE EventHandle)
{
    return KiCreateNamedEvent(EventName, EventHandle, SynchronizationEvent);
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
