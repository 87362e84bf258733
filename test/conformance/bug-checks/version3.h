/* A driver that gets an adapter of version 3, of a bus master or of a request line, and hands it to Misuse. */
#include "entry.h"

#define OPERATIONS (Adapter->DmaOperations)

static PDEVICE_OBJECT Device;

static VOID Describe(PDEVICE_DESCRIPTION Description);
static VOID Misuse(PDMA_ADAPTER Adapter);

static NTSTATUS AddDevice(PDRIVER_OBJECT DriverObject, PDEVICE_OBJECT PhysicalDeviceObject)
{
    DEVICE_DESCRIPTION description;
    ULONG mapRegisters = 0;
    PDMA_ADAPTER adapter;

    UNREFERENCED_PARAMETER(DriverObject);
    Device = PhysicalDeviceObject;
    RtlZeroMemory(&description, sizeof(description));
    description.Version = DEVICE_DESCRIPTION_VERSION3;
    description.MaximumLength = 64 * 1024;
    Describe(&description);
    adapter = IoGetDmaAdapter(PhysicalDeviceObject, &description, &mapRegisters);
    if (adapter == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    Misuse(adapter);
    return STATUS_SUCCESS;
}

ENTRY
{
    UNREFERENCED_PARAMETER(RegistryPath);
    DriverObject->DriverExtension->AddDevice = AddDevice;
    DriverObject->DriverUnload = Unload;
    return STATUS_SUCCESS;
}
