/* What the drivers of these scenarios share. */
#include <ntddk.h>

#define TAG 'kcuB'

#define ENTRY NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)

static VOID Unload(PDRIVER_OBJECT DriverObject)
{
    UNREFERENCED_PARAMETER(DriverObject);
}
