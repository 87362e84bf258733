/* A driver that gets the adapter of its NIC and hands it to Misuse. */
#include "entry.h"

#define OPERATIONS (Adapter->DmaOperations)

/* For routines that want the device object of the caller. */
static PDEVICE_OBJECT Device;

static VOID Misuse(PDMA_ADAPTER Adapter, ULONG MapRegisters);

static NTSTATUS AddDevice(PDRIVER_OBJECT DriverObject, PDEVICE_OBJECT PhysicalDeviceObject)
{
    DEVICE_DESCRIPTION description;
    ULONG mapRegisters = 0;
    PDMA_ADAPTER adapter;

    UNREFERENCED_PARAMETER(DriverObject);
    Device = PhysicalDeviceObject;
    RtlZeroMemory(&description, sizeof(description));
    description.Version = DEVICE_DESCRIPTION_VERSION;
    description.Master = TRUE;
    description.ScatterGather = TRUE;
    description.Dma32BitAddresses = TRUE;
    description.InterfaceType = PCIBus;
    description.MaximumLength = 64 * 1024;

    adapter = IoGetDmaAdapter(PhysicalDeviceObject, &description, &mapRegisters);
    if (adapter == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    Misuse(adapter, mapRegisters);
    return STATUS_SUCCESS;
}

ENTRY
{
    UNREFERENCED_PARAMETER(RegistryPath);
    DriverObject->DriverExtension->AddDevice = AddDevice;
    DriverObject->DriverUnload = Unload;
    return STATUS_SUCCESS;
}
