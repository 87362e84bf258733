/* How the loader and the Plug and Play manager call drivers; each runs on a system thread of its own. */
#pragma once

NTSTATUS IopInitializeDriver(_In_ PDRIVER_OBJECT DriverObject, _In_ PUNICODE_STRING RegistryPath);
NTSTATUS PipCallDriverAddDevice(_In_ PDRIVER_OBJECT DriverObject, _In_ PDEVICE_OBJECT PhysicalDeviceObject);
NTSTATUS PipStartDevice(_In_ PDEVICE_OBJECT PhysicalDeviceObject, _In_ PCM_RESOURCE_LIST Raw, _In_ PCM_RESOURCE_LIST Translated);
NTSTATUS PipSurpriseRemoveDevice(_In_ PDEVICE_OBJECT PhysicalDeviceObject);
NTSTATUS PipQueryRemoveDevice(_In_ PDEVICE_OBJECT PhysicalDeviceObject);
NTSTATUS PipRebalanceDevice(_In_ PDEVICE_OBJECT PhysicalDeviceObject, _In_ PCM_RESOURCE_LIST Raw, _In_ PCM_RESOURCE_LIST Translated);
/** Sets the event once nobody has a file of the device's stack open; at once if nobody has. */
VOID IopNotifyWhenUnused(_In_ PDEVICE_OBJECT PhysicalDeviceObject, _In_ PKEVENT Event);
NTSTATUS PipRemoveDevice(_In_ PDEVICE_OBJECT PhysicalDeviceObject);
VOID IopUnloadDriver(_In_ PDRIVER_OBJECT DriverObject);
/** Frees what IoAllocateDriverObjectExtension gave a driver. */
VOID IopFreeDriverExtensions(_In_ PDRIVER_OBJECT DriverObject);
/** Closes what handles the current process has left. */
VOID ObKillProcess(VOID);

/** The physical device object of a stack, by any device of it. */
PDEVICE_OBJECT IopBottomOf(_In_ PDEVICE_OBJECT DeviceObject);
/** Gives a stopped device other ranges for its registers; its resource lists say which. */
VOID PipReassignResources(_In_ PDEVICE_OBJECT PhysicalDeviceObject);
/** What a notification of a device is about. */
#define PIP_QUERY_REMOVE     0
#define PIP_REMOVE_CANCELLED 1
#define PIP_REMOVE_COMPLETE  2
/** Tells whoever registered for a device what becomes of it; a refusal of the query is answered. */
NTSTATUS PipNotifyRemoval(_In_ PDEVICE_OBJECT PhysicalDeviceObject, _In_ ULONG Stage);
/** An interface that was switched on or off; made by the device properties, freed by who reports it. */
typedef struct _IOP_INTERFACE_EVENT {
    /** The only registration to tell; NULL: all of them. */
    PVOID   Only;
    GUID    InterfaceClass;
    BOOLEAN Arrival;
    USHORT  NameBytes;
    WCHAR   Name[1];
} IOP_INTERFACE_EVENT, *PIOP_INTERFACE_EVENT;
/** First routine of the system thread that reports an interface. */
VOID PipReportInterface(_In_ PVOID Event);
/** One more registration hears of interfaces, or one less. */
VOID IopNoteListeners(_In_ LONG Change);
/** Has the interfaces of a class that are on reported to one registration. */
VOID IopReportInterfaces(_In_ PVOID Only, _In_ const GUID *InterfaceClass);

/* The built-in bus driver, below every device of the machine. */
NTSTATUS PciDispatchPnp(_In_ PDEVICE_OBJECT DeviceObject, _Inout_ PIRP Irp);
NTSTATUS PciDispatchPower(_In_ PDEVICE_OBJECT DeviceObject, _Inout_ PIRP Irp);
