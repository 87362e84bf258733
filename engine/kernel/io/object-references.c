/* Handles and references of objects. The last handle of a file means cleanup, the last reference close. */
#include <ntddk.h>
#include "callbacks.h"
#include "io-primitives.h"
#include "nt-services.h"
#include "notify.h"
#include "pnp.h"
#include "registry.h"

LONG_PTR FASTCALL
ObfReferenceObject(_In_ PVOID Object)
{
    return ObpChangeReference(Object, 1);
}

LONG_PTR FASTCALL
ObfDereferenceObject(_In_ PVOID Object)
{
    LONG_PTR count = ObpChangeReference(Object, -1);

    if (count == 0) {
        if (ObpTypeOf(Object) == IO_TYPE_FILE) {
            IopCloseFile((PFILE_OBJECT)Object);
        } else if (ObpTypeOf(Object) == IO_TYPE_SECTION) {
            ObpForgetObject(Object);
            MmDeleteSection(Object);
        } else if (ObpTypeOf(Object) == IO_TYPE_EVENT_PAIR) {
            ObpForgetObject(Object);
            KiDeleteEvent(Object);
        } else if (ObpTypeOf(Object) == IO_TYPE_CALLBACK) {
            ObpForgetObject(Object);
            ExpDeleteCallback(Object);
        } else if (ObpTypeOf(Object) == IO_TYPE_KEY) {
            CmpFreeKey(Object);
            ObpForgetObject(Object);
        }
    }
    return count;
}

VOID
ObDereferenceObjectDeferDelete(_In_ PVOID Object)
{
    ObfDereferenceObject(Object);
}

NTSTATUS
ObReferenceObjectByPointer(
    _In_ PVOID Object,
    _In_ ACCESS_MASK DesiredAccess,
    _In_opt_ POBJECT_TYPE ObjectType,
    _In_ KPROCESSOR_MODE AccessMode)
{
    UNREFERENCED_PARAMETER(DesiredAccess);
    UNREFERENCED_PARAMETER(ObjectType);
    UNREFERENCED_PARAMETER(AccessMode);
    ObpChangeReference(Object, 1);
    return STATUS_SUCCESS;
}

NTSTATUS
NtClose(_In_ HANDLE Handle)
{
    PVOID object;
    BOOLEAN lastHandle;
    NTSTATUS status;

    status = ObpRemoveHandle(Handle, &object, &lastHandle);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    if (lastHandle && ObpTypeOf(object) == IO_TYPE_FILE) {
        IopCleanupFile((PFILE_OBJECT)object);
    }
    ObfDereferenceObject(object);
    return STATUS_SUCCESS;
}

NTSTATUS
ZwClose(_In_ HANDLE Handle)
{
    return NtClose(Handle);
}

VOID
ObKillProcess(VOID)
{
    HANDLE handle;
    PIRP irp = NULL;

    PspCallProcessRoutines(PsGetCurrentProcessId(), FALSE);

    /* Requests that its threads were waiting for are cancelled before the handles go. */
    IopOrphanRequests();
    while ((irp = IopNextPendingRequest(irp)) != NULL) {
        IoCancelIrp(irp);
    }
    while ((handle = ObpFirstHandle()) != NULL) {
        NtClose(handle);
    }
}
