/* Plug and Play notification: drivers hear of interfaces that come and go, and of what happens to a device. */
#include <ntddk.h>
#include "io-primitives.h"
#include "pnp.h"

#define NOTIFICATION_TAG 'NpnP'

/* Those of wdmguid.h; the kernel has definitions of its own. */
#define EVENT_GUID(Name, First) \
    static const GUID Name = { First, 0x46f0, 0x11d0, { 0xb0, 0x8f, 0x00, 0x60, 0x97, 0x13, 0x05, 0x3f } }
EVENT_GUID(GUID_DEVICE_INTERFACE_ARRIVAL, 0xcb3a4004);
EVENT_GUID(GUID_DEVICE_INTERFACE_REMOVAL, 0xcb3a4005);
EVENT_GUID(GUID_TARGET_DEVICE_QUERY_REMOVE, 0xcb3a4006);
EVENT_GUID(GUID_TARGET_DEVICE_REMOVE_CANCELLED, 0xcb3a4007);
EVENT_GUID(GUID_TARGET_DEVICE_REMOVE_COMPLETE, 0xcb3a4008);

typedef struct _IOP_NOTIFICATION {
    LIST_ENTRY Link;
    IO_NOTIFICATION_EVENT_CATEGORY Category;
    GUID InterfaceClass;
    /* Not referenced: a driver that lets its file go lets the device go. */
    PFILE_OBJECT FileObject;
    PDEVICE_OBJECT PhysicalDeviceObject;
    PDRIVER_OBJECT DriverObject;
    PDRIVER_NOTIFICATION_CALLBACK_ROUTINE Routine;
    PVOID Context;
    ULONG Busy;
    BOOLEAN Removed;
} IOP_NOTIFICATION, *PIOP_NOTIFICATION;

static LIST_ENTRY IopNotifications = { &IopNotifications, &IopNotifications };

/* Calls a routine and frees the entry if it was removed meanwhile; the next entry is valid afterwards. */
static PLIST_ENTRY
IopCallNotification(_In_ PIOP_NOTIFICATION Entry, _In_ PVOID Structure, _Out_ PNTSTATUS Status)
{
    PLIST_ENTRY next;

    Entry->Busy++;
    *Status = Entry->Routine(Structure, Entry->Context);
    next = Entry->Link.Flink;
    if (--Entry->Busy == 0 && Entry->Removed) {
        RemoveEntryList(&Entry->Link);
        ExFreePool(Entry);
    }
    return next;
}

NTSTATUS
IoRegisterPlugPlayNotification(
    _In_ IO_NOTIFICATION_EVENT_CATEGORY EventCategory,
    _In_ ULONG EventCategoryFlags,
    _In_opt_ PVOID EventCategoryData,
    _In_ PDRIVER_OBJECT DriverObject,
    _In_ PDRIVER_NOTIFICATION_CALLBACK_ROUTINE CallbackRoutine,
    _In_opt_ PVOID Context,
    _Outptr_ PVOID *NotificationEntry)
{
    PIOP_NOTIFICATION entry;

    if (EventCategory != EventCategoryHardwareProfileChange && EventCategoryData == NULL) {
        return STATUS_INVALID_PARAMETER;
    }
    entry = (PIOP_NOTIFICATION)ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*entry), NOTIFICATION_TAG);
    if (entry == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    RtlZeroMemory(entry, sizeof(*entry));
    entry->Category = EventCategory;
    entry->DriverObject = DriverObject;
    entry->Routine = CallbackRoutine;
    entry->Context = Context;
    if (EventCategory == EventCategoryDeviceInterfaceChange) {
        entry->InterfaceClass = *(const GUID *)EventCategoryData;
        IopNoteListeners(1);
    } else if (EventCategory == EventCategoryTargetDeviceChange) {
        entry->FileObject = (PFILE_OBJECT)EventCategoryData;
        entry->PhysicalDeviceObject = IopBottomOf(entry->FileObject->DeviceObject);
    }
    InsertTailList(&IopNotifications, &entry->Link);
    *NotificationEntry = entry;
    if (EventCategory == EventCategoryDeviceInterfaceChange &&
        (EventCategoryFlags & PNPNOTIFY_DEVICE_INTERFACE_INCLUDE_EXISTING_INTERFACES) != 0) {
        IopReportInterfaces(entry, (const GUID *)EventCategoryData);
    }
    return STATUS_SUCCESS;
}

NTSTATUS
IoUnregisterPlugPlayNotification(_In_ PVOID NotificationEntry)
{
    PIOP_NOTIFICATION entry = (PIOP_NOTIFICATION)NotificationEntry;

    if (entry->Category == EventCategoryDeviceInterfaceChange) {
        IopNoteListeners(-1);
    }
    entry->Removed = TRUE;
    if (entry->Busy == 0) {
        RemoveEntryList(&entry->Link);
        ExFreePool(entry);
    }
    return STATUS_SUCCESS;
}

/* Not from the routine itself, which would wait for its own end. */
NTSTATUS
IoUnregisterPlugPlayNotificationEx(_In_ PVOID NotificationEntry)
{
    PIOP_NOTIFICATION entry = (PIOP_NOTIFICATION)NotificationEntry;
    LARGE_INTEGER moment;

    moment.QuadPart = -10000;
    while (entry->Busy != 0) {
        KeDelayExecutionThread(KernelMode, FALSE, &moment);
    }
    return IoUnregisterPlugPlayNotification(NotificationEntry);
}

/* ---- Interfaces ------------------------------------------------------------------------------------ */

VOID
PipReportInterface(_In_ PVOID Event)
{
    PIOP_INTERFACE_EVENT event = (PIOP_INTERFACE_EVENT)Event;
    DEVICE_INTERFACE_CHANGE_NOTIFICATION notification;
    UNICODE_STRING name;
    PLIST_ENTRY link;
    NTSTATUS status;

    name.Length = event->NameBytes;
    name.MaximumLength = event->NameBytes;
    name.Buffer = event->Name;
    notification.Version = 1;
    notification.Size = sizeof(notification);
    notification.Event = event->Arrival ? GUID_DEVICE_INTERFACE_ARRIVAL : GUID_DEVICE_INTERFACE_REMOVAL;
    notification.InterfaceClassGuid = event->InterfaceClass;
    notification.SymbolicLinkName = &name;
    link = IopNotifications.Flink;
    while (link != &IopNotifications) {
        PIOP_NOTIFICATION entry = CONTAINING_RECORD(link, IOP_NOTIFICATION, Link);

        link = link->Flink;
        if (!entry->Removed && entry->Category == EventCategoryDeviceInterfaceChange &&
            (event->Only == NULL || event->Only == entry) &&
            RtlEqualMemory(&entry->InterfaceClass, &event->InterfaceClass, sizeof(GUID))) {
            link = IopCallNotification(entry, &notification, &status);
        }
    }
    ExFreePool(event);
}

/* ---- Devices --------------------------------------------------------------------------------------- */

/* Calls whoever registered for a device; stops at the first that refuses where a refusal counts. */
static NTSTATUS
IopNotifyTarget(_In_ PDEVICE_OBJECT PhysicalDeviceObject, _In_ PTARGET_DEVICE_REMOVAL_NOTIFICATION Structure, _In_ BOOLEAN MayRefuse)
{
    PLIST_ENTRY link = IopNotifications.Flink;
    NTSTATUS status = STATUS_SUCCESS;

    while (link != &IopNotifications) {
        PIOP_NOTIFICATION entry = CONTAINING_RECORD(link, IOP_NOTIFICATION, Link);

        link = link->Flink;
        if (!entry->Removed && entry->Category == EventCategoryTargetDeviceChange &&
            entry->PhysicalDeviceObject == PhysicalDeviceObject) {
            Structure->FileObject = entry->FileObject;
            link = IopCallNotification(entry, Structure, &status);
            if (MayRefuse && !NT_SUCCESS(status)) {
                return status;
            }
        }
    }
    return STATUS_SUCCESS;
}

NTSTATUS
PipNotifyRemoval(_In_ PDEVICE_OBJECT PhysicalDeviceObject, _In_ ULONG Stage)
{
    TARGET_DEVICE_REMOVAL_NOTIFICATION notification;

    notification.Version = 1;
    notification.Size = sizeof(notification);
    switch (Stage) {
    case PIP_QUERY_REMOVE:
        notification.Event = GUID_TARGET_DEVICE_QUERY_REMOVE;
        break;
    case PIP_REMOVE_CANCELLED:
        notification.Event = GUID_TARGET_DEVICE_REMOVE_CANCELLED;
        break;
    default:
        notification.Event = GUID_TARGET_DEVICE_REMOVE_COMPLETE;
    }
    return IopNotifyTarget(PhysicalDeviceObject, &notification, (BOOLEAN)(Stage == PIP_QUERY_REMOVE));
}

/* Events of the system are not a driver's to report. */
static BOOLEAN
IopIsCustomEvent(_In_ PTARGET_DEVICE_CUSTOM_NOTIFICATION Structure)
{
    const GUID *event = &Structure->Event;

    return (BOOLEAN)(Structure->Size >= FIELD_OFFSET(TARGET_DEVICE_CUSTOM_NOTIFICATION, CustomDataBuffer) &&
                     !RtlEqualMemory(event, &GUID_TARGET_DEVICE_QUERY_REMOVE, sizeof(GUID)) &&
                     !RtlEqualMemory(event, &GUID_TARGET_DEVICE_REMOVE_CANCELLED, sizeof(GUID)) &&
                     !RtlEqualMemory(event, &GUID_TARGET_DEVICE_REMOVE_COMPLETE, sizeof(GUID)));
}

NTSTATUS
IoReportTargetDeviceChange(_In_ PDEVICE_OBJECT PhysicalDeviceObject, _In_ PVOID NotificationStructure)
{
    if (!IopIsCustomEvent((PTARGET_DEVICE_CUSTOM_NOTIFICATION)NotificationStructure)) {
        return STATUS_INVALID_DEVICE_REQUEST;
    }
    return IopNotifyTarget(PhysicalDeviceObject, (PTARGET_DEVICE_REMOVAL_NOTIFICATION)NotificationStructure, FALSE);
}

/* A report that a system thread makes. The structure is the system's own copy. */
typedef struct _IOP_LATE_REPORT {
    WORK_QUEUE_ITEM Item;
    PDEVICE_OBJECT PhysicalDeviceObject;
    PDEVICE_CHANGE_COMPLETE_CALLBACK Callback;
    PVOID Context;
} IOP_LATE_REPORT, *PIOP_LATE_REPORT;

static VOID
IopReportLate(_In_ PVOID Context)
{
    PIOP_LATE_REPORT report = (PIOP_LATE_REPORT)Context;

    IopNotifyTarget(report->PhysicalDeviceObject, (PTARGET_DEVICE_REMOVAL_NOTIFICATION)(report + 1), FALSE);
    if (report->Callback != NULL) {
        report->Callback(report->Context);
    }
    ObDereferenceObject(report->PhysicalDeviceObject);
    ExFreePool(report);
}

NTSTATUS
IoReportTargetDeviceChangeAsynchronous(
    _In_ PDEVICE_OBJECT PhysicalDeviceObject,
    _In_ PVOID NotificationStructure,
    _In_opt_ PDEVICE_CHANGE_COMPLETE_CALLBACK Callback,
    _In_opt_ PVOID Context)
{
    PTARGET_DEVICE_CUSTOM_NOTIFICATION structure = (PTARGET_DEVICE_CUSTOM_NOTIFICATION)NotificationStructure;
    PIOP_LATE_REPORT report;

    if (!IopIsCustomEvent(structure)) {
        return STATUS_INVALID_DEVICE_REQUEST;
    }
    report = (PIOP_LATE_REPORT)ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*report) + structure->Size, NOTIFICATION_TAG);
    if (report == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    report->PhysicalDeviceObject = PhysicalDeviceObject;
    report->Callback = Callback;
    report->Context = Context;
    RtlCopyMemory(report + 1, structure, structure->Size);
    ObReferenceObject(PhysicalDeviceObject);
    ExInitializeWorkItem(&report->Item, IopReportLate, report);
    ExQueueWorkItem(&report->Item, DelayedWorkQueue);
    return STATUS_PENDING;
}
