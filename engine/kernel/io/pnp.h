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

/* The built-in bus driver, below every device of the machine. */
NTSTATUS PciDispatchPnp(_In_ PDEVICE_OBJECT DeviceObject, _Inout_ PIRP Irp);
NTSTATUS PciDispatchPower(_In_ PDEVICE_OBJECT DeviceObject, _Inout_ PIRP Irp);
