/* Callback objects: routines that hear of what a component, or another driver, announces. */
#include <ntddk.h>
#include "callbacks.h"
#include "io-primitives.h"

#define CALLBACK_TAG 'lbaC'
#define CALLBACK_SIGNATURE 'llaC'

struct _CALLBACK_OBJECT {
    ULONG Signature;
    BOOLEAN AllowMultipleCallbacks;
    KSPIN_LOCK Lock;
    LIST_ENTRY Registrations;
    LIST_ENTRY Named;
    UNICODE_STRING Name;
};

typedef struct _EXP_REGISTRATION {
    LIST_ENTRY Link;
    PCALLBACK_OBJECT Object;
    PCALLBACK_FUNCTION Function;
    PVOID Context;
    ULONG Busy;
    BOOLEAN Removed;
    KEVENT Idle;
} EXP_REGISTRATION, *PEXP_REGISTRATION;

static LIST_ENTRY ExpNamedCallbacks = { &ExpNamedCallbacks, &ExpNamedCallbacks };

static PCALLBACK_OBJECT
ExpFindCallback(_In_ PCUNICODE_STRING Name)
{
    PLIST_ENTRY link;

    for (link = ExpNamedCallbacks.Flink; link != &ExpNamedCallbacks; link = link->Flink) {
        PCALLBACK_OBJECT object = CONTAINING_RECORD(link, struct _CALLBACK_OBJECT, Named);

        if (RtlEqualUnicodeString(&object->Name, Name, TRUE)) {
            return object;
        }
    }
    return NULL;
}

/* A new object with one reference; its name lies behind it. */
static PCALLBACK_OBJECT
ExpAllocateCallback(_In_opt_ PCUNICODE_STRING Name, _In_ BOOLEAN AllowMultipleCallbacks)
{
    USHORT bytes = Name == NULL ? 0 : Name->Length;
    PCALLBACK_OBJECT object =
        (PCALLBACK_OBJECT)ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(struct _CALLBACK_OBJECT) + bytes, CALLBACK_TAG);

    if (object == NULL) {
        return NULL;
    }
    object->Signature = CALLBACK_SIGNATURE;
    object->AllowMultipleCallbacks = AllowMultipleCallbacks;
    KeInitializeSpinLock(&object->Lock);
    InitializeListHead(&object->Registrations);
    InitializeListHead(&object->Named);
    object->Name.Buffer = (PWCH)(object + 1);
    object->Name.Length = bytes;
    object->Name.MaximumLength = bytes;
    if (Name != NULL) {
        RtlCopyMemory(object->Name.Buffer, Name->Buffer, bytes);
        InsertTailList(&ExpNamedCallbacks, &object->Named);
    }
    ObpEnterObject(object, IO_TYPE_CALLBACK);
    return object;
}

NTSTATUS
ExCreateCallback(
    _Out_ PCALLBACK_OBJECT *CallbackObject,
    _In_ POBJECT_ATTRIBUTES ObjectAttributes,
    _In_ BOOLEAN Create,
    _In_ BOOLEAN AllowMultipleCallbacks)
{
    PUNICODE_STRING name = ObjectAttributes->ObjectName;
    PCALLBACK_OBJECT object = name == NULL ? NULL : ExpFindCallback(name);

    if (object != NULL) {
        ObReferenceObject(object);
        *CallbackObject = object;
        return STATUS_SUCCESS;
    }
    if (!Create) {
        return name == NULL ? STATUS_UNSUCCESSFUL : STATUS_OBJECT_NAME_NOT_FOUND;
    }
    object = ExpAllocateCallback(name, AllowMultipleCallbacks);
    if (object == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    if ((ObjectAttributes->Attributes & OBJ_PERMANENT) != 0) {
        ObReferenceObject(object);
    }
    *CallbackObject = object;
    return STATUS_SUCCESS;
}

VOID
ExpDeleteCallback(_In_ PVOID Object)
{
    PCALLBACK_OBJECT object = (PCALLBACK_OBJECT)Object;

    RemoveEntryList(&object->Named);
    object->Signature = 0;
    ExFreePool(object);
}

PVOID
ExRegisterCallback(
    _In_ PCALLBACK_OBJECT CallbackObject,
    _In_ PCALLBACK_FUNCTION CallbackFunction,
    _In_opt_ PVOID CallbackContext)
{
    PEXP_REGISTRATION registration;
    BOOLEAN taken = FALSE;
    KIRQL irql;

    registration = (PEXP_REGISTRATION)ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*registration), CALLBACK_TAG);
    if (registration == NULL) {
        return NULL;
    }
    registration->Object = CallbackObject;
    registration->Function = CallbackFunction;
    registration->Context = CallbackContext;
    registration->Busy = 0;
    registration->Removed = FALSE;
    KeInitializeEvent(&registration->Idle, NotificationEvent, FALSE);
    KeAcquireSpinLock(&CallbackObject->Lock, &irql);
    if (CallbackObject->AllowMultipleCallbacks || IsListEmpty(&CallbackObject->Registrations)) {
        InsertTailList(&CallbackObject->Registrations, &registration->Link);
        taken = TRUE;
    }
    KeReleaseSpinLock(&CallbackObject->Lock, irql);
    if (!taken) {
        ExFreePool(registration);
        return NULL;
    }
    ObReferenceObject(CallbackObject);
    return registration;
}

/* A routine that is running is waited for: its driver may unload afterwards. */
VOID
ExUnregisterCallback(_Inout_ PVOID CallbackRegistration)
{
    PEXP_REGISTRATION registration = (PEXP_REGISTRATION)CallbackRegistration;
    PCALLBACK_OBJECT object = registration->Object;
    BOOLEAN busy;
    KIRQL irql;

    KeAcquireSpinLock(&object->Lock, &irql);
    registration->Removed = TRUE;
    busy = (BOOLEAN)(registration->Busy != 0);
    if (!busy) {
        RemoveEntryList(&registration->Link);
    }
    KeReleaseSpinLock(&object->Lock, irql);
    if (busy) {
        KeWaitForSingleObject(&registration->Idle, Executive, KernelMode, FALSE, NULL);
    }
    ExFreePool(registration);
    ObDereferenceObject(object);
}

/* In the order of registration, each without the lock, so that it may do what it likes. */
VOID
ExNotifyCallback(_In_ PVOID CallbackObject, _In_opt_ PVOID Argument1, _In_opt_ PVOID Argument2)
{
    PCALLBACK_OBJECT object = (PCALLBACK_OBJECT)CallbackObject;
    PLIST_ENTRY link;
    KIRQL irql;

    KeAcquireSpinLock(&object->Lock, &irql);
    link = object->Registrations.Flink;
    while (link != &object->Registrations) {
        PEXP_REGISTRATION registration = CONTAINING_RECORD(link, EXP_REGISTRATION, Link);

        if (registration->Removed) {
            link = link->Flink;
            continue;
        }
        registration->Busy++;
        KeReleaseSpinLock(&object->Lock, irql);
        registration->Function(registration->Context, Argument1, Argument2);
        KeAcquireSpinLock(&object->Lock, &irql);
        link = link->Flink;
        if (--registration->Busy == 0 && registration->Removed) {
            RemoveEntryList(&registration->Link);
            KeSetEvent(&registration->Idle, IO_NO_INCREMENT, FALSE);
        }
    }
    KeReleaseSpinLock(&object->Lock, irql);
}
